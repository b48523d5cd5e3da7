/* SPDX-License-Identifier: EUPL-1.2 */
/* varde serve: runs the hub until told to stop. */
#include "base/log.h"
#include "main/cmd.h"
#include "main/config.h"
#include "main/wire.h"
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

static const char usage[] =
	"usage: varde serve [--config FILE]\n"
	"\n"
	"Runs the hub: MQTT, SIP and HTTPS doors, journal, alarms, console, nightly report.\n"
	"Without --config: $VARDE_CONFIG, else /etc/varde/varde.yaml, else the defaults.\n"
	"SIGTERM or Ctrl-C stops it in order; SIGHUP reads the certificate again.\n";

static void tell(const struct vd_errtext *e)
{
	vd_log(VD_LOG_ERR, "%s%s%s", e->fact, e->detail[0] ? ": " : "", e->detail);
	if (e->hint[0])
		vd_log(VD_LOG_ERR, "hint: %s", e->hint);
}

static int exit_code(int err)
{
	switch (err) {
	case VD_EVERSION:
	case VD_EINVAL:
	case VD_EPARSE: return VD_EXIT_CONFIG;
	case VD_EDENIED: return VD_EXIT_NOPERM;
	case VD_EIO: return VD_EXIT_IO;
	default: return VD_EXIT_FAILED;
	}
}

static int run(const struct vd_config *cfg)
{
	static struct wire w;
	struct vd_errtext e = {0};
	signal(SIGPIPE, SIG_IGN);
	int err = wire_open(&w, cfg, &e);
	if (err) {
		tell(&e);
		wire_stop(&w);
	} else {
		vd_log(VD_LOG_INFO, "console and webhooks: https://%s:%d/", cfg->http.bind,
		       vd_web_port(w.web));
		if (w.mqtt)
			vd_log(VD_LOG_INFO, "MQTT over TLS: %s port %d", cfg->mqtt.bind,
			       vd_mqtt_port(w.mqtt));
		if (w.sip)
			vd_log(VD_LOG_INFO, "SIP: %s port %d, over TLS %d (0 = off)", cfg->sip.bind,
			       vd_sip_port(w.sip), vd_sip_tls_port(w.sip));
		sd_notify(0, "READY=1");
	}
	uv_run(&w.loop, UV_RUN_DEFAULT);
	bool clean = wire_fini(&w);
	if (!clean)
		vd_log(VD_LOG_ERR, "the loop did not close cleanly");
	vd_log(VD_LOG_INFO, "stopped");
	return err ? exit_code(err) : clean ? VD_EXIT_OK : VD_EXIT_SOFTWARE;
}

int vd_cmd_serve(int argc, char **argv)
{
	static const struct option options[] = {{"config", required_argument, NULL, 'c'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *file = NULL;
	int c;
	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		if (c == 'c') {
			file = optarg;
		} else {
			fputs(usage, c == 'h' ? stdout : stderr);
			return c == 'h' ? VD_EXIT_OK : VD_EXIT_USAGE;
		}
	}
	if (optind < argc) {
		fputs(usage, stderr);
		return VD_EXIT_USAGE;
	}
	struct vd_config *cfg;
	struct vd_errtext e = {0};
	vd_log_init(VD_LOG_INFO);
	int err = vd_config_load(file, &cfg, &e);
	if (err) {
		tell(&e);
		return VD_EXIT_CONFIG;
	}
	vd_log_init(cfg->log_level);
	int code = run(cfg);
	vd_config_free(cfg);
	return code;
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "main/wire.h"
#include "adapters/common/table.h"
#include "base/log.h"
#include "io/secret.h"
#include "main/nightly.h"
#include "main/sender.h"
#include "main/wire_sip.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* -- the MQTT door asks --------------------------------------------------------------------- */

static int64_t mqtt_login(void *arg, struct vd_span user, struct vd_span password,
			  const char *cert_sha256)
{
	struct wire *w = arg;
	const struct vd_directory *d = vd_hub_directory(w->hub);
	const struct vd_gateway *by_cert = vd_secret_certificate(d, cert_sha256);
	const struct vd_gateway *g = vd_secret_gateway(d, user, password);
	if (by_cert && (!user.n || vd_span_is(user, by_cert->user)))
		g = by_cert;
	return g ? g->id : VD_EAUTH;
}

static void mqtt_publish(void *arg, int64_t gateway, const struct vd_frame *f,
			 struct vd_exchange *x)
{
	vd_hub_receive(((struct wire *)arg)->hub, gateway, NULL, f, x);
}

static void mqtt_connected(void *arg, int64_t gateway, bool connected)
{
	vd_hub_gateway_connected(((struct wire *)arg)->hub, gateway, connected);
}

static void mqtt_told(void *arg, const char *tag, bool taken)
{
	sender_told(arg, tag, taken);
}

static int open_mqtt(struct wire *w, const char *bind, int port, struct vd_tls *tls,
		     struct vd_mqtt **ret, struct vd_errtext *e)
{
	struct vd_mqtt_host host = {.arg = w,
				    .login = mqtt_login,
				    .publish = mqtt_publish,
				    .connected = mqtt_connected,
				    .told = mqtt_told};
	struct vd_mqtt_config cfg = {.bind = bind,
				     .port = port,
				     .tls = tls,
				     .max_connections = (size_t)w->cfg->mqtt.max_connections,
				     .max_keepalive_s = w->cfg->mqtt.max_keepalive_s,
				     .session_expiry_max_s = w->cfg->mqtt.session_expiry_max_s};
	return vd_mqtt_open(&w->loop, w->rt, &cfg, &host, ret, e);
}

/* -- metrics of the carriers ---------------------------------------------------------------- */

static void door_metrics(struct vd_buf *b, void *arg)
{
	struct wire *w = arg;
	struct vd_mqtt_stats s;
	wire_sip_metrics(w, b);
	if (!w->mqtt)
		return;
	vd_mqtt_stats(w->mqtt, &s);
	vd_buf_printf(b,
		      "# TYPE varde_mqtt_connections gauge\nvarde_mqtt_connections %lld\n"
		      "# TYPE varde_mqtt_publishes_total counter\nvarde_mqtt_publishes_total %lld\n"
		      "# TYPE varde_mqtt_malformed_total counter\nvarde_mqtt_malformed_total %lld\n"
		      "# TYPE varde_mqtt_refused_total counter\nvarde_mqtt_refused_total %lld\n",
		      (long long)s.connections, (long long)s.publishes, (long long)s.malformed,
		      (long long)s.refused);
}

/* -- start ---------------------------------------------------------------------------------- */

static void on_signal(uv_signal_t *sig, int number)
{
	struct wire *w = sig->data;
	struct vd_errtext e = {0};
	if (number != SIGHUP) {
		vd_log(VD_LOG_INFO, "stopping");
		wire_stop(w);
		return;
	}
	if (w->fetch)
		vd_fetch_reload(w->fetch);
	int failed = w->tls ? vd_tls_reload(w->tls, &e) : 0;
	if (w->sip_tls) /* each door on its own: one bad file keeps no other from its new one */
		failed |= vd_tls_reload(w->sip_tls, &e);
	if (failed)
		vd_log(VD_LOG_ERR, "certificate not renewed, the old one stays: %s %s", e.fact,
		       e.detail);
	else
		vd_log(VD_LOG_INFO, "certificate read again");
}

/* The dog is petted by a loop that turns and a store that answers, not by a thread that sleeps. */
static void on_watchdog(uv_timer_t *t)
{
	struct wire *w = t->data;
	struct vd_store_stats s;
	w->store->stats(w->store, &s);
	sd_notify(0, "WATCHDOG=1");
}

static int open_signals(struct wire *w)
{
	static const int numbers[] = {SIGTERM, SIGINT, SIGHUP};
	for (int i = 0; i < 3; i++) {
		if (uv_signal_init(&w->loop, &w->signals[i]))
			return VD_EIO;
		w->signals[i].data = w;
		w->n_signals++;
		if (uv_signal_start(&w->signals[i], on_signal, numbers[i]))
			return VD_EIO;
	}
	uint64_t usec = 0;
	if (sd_watchdog_enabled(0, &usec) > 0 && uv_timer_init(&w->loop, &w->watchdog) == 0) {
		w->watchdog.data = w;
		w->watchdog_open = true;
		uv_timer_start(&w->watchdog, on_watchdog, usec / 3000, usec / 3000);
	}
	return 0;
}

static int open_store(struct wire *w, struct vd_errtext *e)
{
	struct vd_store_config sc = {.path = w->cfg->db_file,
				     .origin = w->cfg->origin,
				     .key_file = w->cfg->key_file,
				     .checkpoint_ms = w->cfg->journal.checkpoint_seconds * 1000ll};
	int r = vd_store_sqlite_open(w->rt, &sc, &w->store, e);
	if (r)
		return r;
	return vd_tables_load(w->cfg->adapters.models, &w->tables, e);
}

static int open_hub(struct wire *w, struct vd_errtext *e)
{
	struct vd_boot boot = {0};
	int r = w->store->boot(w->store, &boot, e);
	if (r)
		return r;
	struct vd_hub_config hc = {.runtime = w->rt,
				   .store = w->store,
				   .tables = w->tables,
				   .origin = w->cfg->origin,
				   .silence_default_ms =
					   w->cfg->alarm.silence_default_minutes * 60000ll,
				   .rate_per_device = w->cfg->limits.device_per_second,
				   .rate_per_gateway = w->cfg->limits.gateway_per_second};
	r = vd_hub_new(&hc, &boot, &w->hub);
	return r ? vd_errtext(e, r, "cannot start the hub", NULL, "%s", vd_strerror(r)) : 0;
}

static int open_doors(struct wire *w, struct vd_errtext *e)
{
	const struct vd_config *c = w->cfg;
	int r = 0;
	if (c->mqtt.enabled) {
		struct vd_tls_config tc = {.cert_file = c->mqtt.cert,
					   .key_file = c->mqtt.key,
					   .client_ca_file = c->mqtt.client_ca};
		r = vd_tls_new(&tc, &w->tls, e);
		if (!r)
			r = open_mqtt(w, c->mqtt.bind, c->mqtt.port, w->tls, &w->mqtt, e);
		if (!r && c->mqtt.plain_port >= 0)
			r = open_mqtt(w, "127.0.0.1", c->mqtt.plain_port, NULL, &w->mqtt_plain, e);
	}
	if (!r && c->sip.enabled)
		r = wire_open_sip(w, e);
	if (r)
		return r;
	struct vd_web_config wc = {.bind = c->http.bind,
				   .port = c->http.port,
				   .cert_file = c->http.cert,
				   .key_file = c->http.key,
				   .console_dir = c->http.console_dir,
				   .report_dir = c->report.dir,
				   .version = VARDE_VERSION,
				   .idle_minutes = c->http.idle_minutes,
				   .hard_hours = c->http.hard_hours,
				   .max_body = (size_t)c->http.max_body};
	r = vd_web_open(&w->loop, w->rt, w->hub, w->store, &wc, &w->web, e);
	if (!r)
		vd_web_metrics_hook(w->web, door_metrics, w);
	return r;
}

/* What other programs on this machine need to find us: ports that were chosen freely. */
static void write_run_file(const struct wire *w)
{
	char path[512], tmp[520];
	snprintf(path, sizeof(path), "%s/run.json", w->cfg->state_dir);
	snprintf(tmp, sizeof(tmp), "%s.new", path);
	FILE *f = fopen(tmp, "w");
	if (!f)
		return;
	fprintf(f, "{\"pid\":%ld,\"https\":%d,\"mqtts\":%d,\"mqtt\":%d,\"sip\":%d,\"sips\":%d}\n",
		(long)getpid(), vd_web_port(w->web), w->mqtt ? vd_mqtt_port(w->mqtt) : 0,
		w->mqtt_plain ? vd_mqtt_port(w->mqtt_plain) : 0, w->sip ? vd_sip_port(w->sip) : 0,
		w->sip ? vd_sip_tls_port(w->sip) : 0);
	fclose(f);
	if (rename(tmp, path))
		vd_log(VD_LOG_WARN, "cannot write %s", path);
}

static int open_state_dir(const struct vd_config *c, struct vd_errtext *e)
{
	if (mkdir(c->state_dir, 0700) && errno != EEXIST)
		return vd_errtext(e, VD_EIO, "cannot make the state folder",
				  "make it, owned by the user varde runs as", "%s: %m",
				  c->state_dir);
	if (!c->self_signed)
		return 0;
	char dir[512];
	snprintf(dir, sizeof(dir), "%s/tls", c->state_dir);
	if (mkdir(dir, 0700) && errno != EEXIST)
		return vd_errtext(e, VD_EIO, "cannot make the certificate folder", NULL, "%s: %m",
				  dir);
	return vd_tls_self_signed(c->tls_cert, c->tls_key, c->origin, e);
}

int wire_open(struct wire *w, const struct vd_config *cfg, struct vd_errtext *e)
{
	memset(w, 0, sizeof(*w));
	w->cfg = cfg;
	if (uv_loop_init(&w->loop))
		return vd_errtext(e, VD_EIO, "cannot make the event loop", NULL, NULL);
	int r = open_state_dir(cfg, e);
	if (!r && vd_runtime_uv_open(&w->loop, &w->rt))
		r = vd_errtext(e, VD_EIO, "cannot open the event loop's timers", NULL, NULL);
	if (!r)
		r = open_store(w, e);
	if (!r)
		r = open_hub(w, e);
	if (!r)
		r = sender_open(w, e);
	if (!r)
		r = open_doors(w, e);
	if (!r && open_signals(w))
		r = vd_errtext(e, VD_EIO, "cannot listen for signals", NULL, NULL);
	if (!r && cfg->report.enabled)
		w->nightly = nightly_open(w->rt, w->store, cfg);
	if (!r)
		write_run_file(w);
	return r;
}

/* -- stop ----------------------------------------------------------------------------------- */

static void advance(struct wire *w);

static void on_closed(void *arg)
{
	struct wire *w = arg;
	w->pending--;
	advance(w);
}

static void on_handle_closed(uv_handle_t *h)
{
	(void)h;
}

static void refuse(struct wire *w)
{
	w->pending = 1; /* held while we start things that may end at once */
	if (w->hub) {
		w->pending++;
		vd_hub_stop(w->hub, on_closed, w);
	}
	if (w->nightly) {
		w->pending++;
		nightly_close(w->nightly, on_closed, w);
	}
	on_closed(w);
}

static void drain(struct wire *w)
{
	w->pending = 1;
	if (w->mqtt && ++w->pending)
		vd_mqtt_close(w->mqtt, on_closed, w);
	if (w->mqtt_plain && ++w->pending)
		vd_mqtt_close(w->mqtt_plain, on_closed, w);
	if (w->sip && ++w->pending)
		vd_sip_close(w->sip, on_closed, w);
	if (w->fetch && ++w->pending)
		vd_fetch_close(w->fetch, on_closed, w);
	w->fetch = NULL;
	if (w->web && ++w->pending)
		vd_web_close(w->web, on_closed, w);
	if (w->store && ++w->pending)
		w->store->close(w->store, on_closed, w);
	on_closed(w);
}

static void close_handles(struct wire *w)
{
	w->pending = 1;
	nightly_free(w->nightly);
	vd_hub_free(w->hub);
	w->nightly = NULL;
	w->hub = NULL;
	if (w->store)
		w->store->free(w->store);
	w->store = NULL;
	for (int i = 0; i < w->n_signals; i++)
		uv_close((uv_handle_t *)&w->signals[i], on_handle_closed);
	if (w->watchdog_open)
		uv_close((uv_handle_t *)&w->watchdog, on_handle_closed);
	if (w->rt && ++w->pending)
		vd_runtime_uv_close(w->rt, on_closed, w);
	on_closed(w);
}

/* One state at a time; each waits for everything it started. */
static void advance(struct wire *w)
{
	if (w->pending)
		return;
	switch (w->state) {
	case WIRE_RUNNING: break;
	case WIRE_REFUSING:
		w->state = WIRE_DRAINING;
		drain(w);
		break;
	case WIRE_DRAINING:
		w->state = WIRE_CLOSING;
		close_handles(w);
		break;
	case WIRE_CLOSING: w->state = WIRE_CLOSED; break;
	case WIRE_CLOSED: break;
	}
}

void wire_stop(struct wire *w)
{
	if (w->state != WIRE_RUNNING)
		return;
	sd_notify(0, "STOPPING=1");
	w->state = WIRE_REFUSING;
	refuse(w);
}

bool wire_fini(struct wire *w)
{
	char path[512];
	vd_web_free(w->web);
	vd_tls_free(w->tls);
	vd_tls_free(w->sip_tls);
	vd_tables_free(w->tables);
	snprintf(path, sizeof(path), "%s/run.json", w->cfg->state_dir);
	unlink(path);
	return uv_loop_close(&w->loop) == 0;
}

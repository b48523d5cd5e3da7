/* SPDX-License-Identifier: EUPL-1.2 */
/* What the values mean on this machine: addresses, ports, files and folders. Blocking. */
#include "main/config_int.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct judge {
	const struct vd_config *c;
	const struct vd_config_lines *l;
	struct vd_config_report *r;
};

static int line_of(const struct judge *j, const char *key)
{
	return vd_config_line(j->l, key);
}

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

static void judge_address(const struct judge *j, const char *key, const char *address)
{
	unsigned char bytes[16];
	if (inet_pton(AF_INET, address, bytes) != 1 && inet_pton(AF_INET6, address, bytes) != 1)
		vd_config_error(j->r, line_of(j, key), key,
				"write one address, such as 127.0.0.1, ::1 or 0.0.0.0",
				"\"%.60s\" is not an address", address);
}

static void judge_readable(const struct judge *j, const char *key, const char *path,
			   const char *hint)
{
	if (path && access(path, R_OK) != 0)
		vd_config_error(j->r, line_of(j, key), key, hint, "%.120s: %s", path,
				strerror(errno));
}

static void judge_key_mode(const struct judge *j, const char *key, const char *path)
{
	struct stat st;
	if (stat(path, &st) == 0 && (st.st_mode & 007) != 0)
		vd_config_warn(j->r, line_of(j, key), key,
			       "chmod 0640 and give it to varde's group",
			       "%.120s can be read by everybody on this machine", path);
}

static void judge_tls(const struct judge *j)
{
	static const char hint[] = "name a PEM file that varde may read";
	const char *const pairs[][4] = {{"tls.cert", j->c->tls_cert, "tls.key", j->c->tls_key},
					{"mqtt.cert", j->c->mqtt.cert, "mqtt.key", j->c->mqtt.key},
					{"http.cert", j->c->http.cert, "http.key", j->c->http.key},
					{"sip.cert", j->c->sip.cert, "sip.key", j->c->sip.key}};
	for (size_t i = 0; i < 4; i++) {
		if (!line_of(j, pairs[i][0]) || !line_of(j, pairs[i][2]))
			continue; /* the common pair, or ours to make */
		judge_readable(j, pairs[i][0], pairs[i][1], hint);
		judge_readable(j, pairs[i][2], pairs[i][3], hint);
		judge_key_mode(j, pairs[i][2], pairs[i][3]);
	}
	judge_readable(j, "mqtt.client_ca", j->c->mqtt.client_ca, hint);
	bool reachable = !is_loopback(j->c->mqtt.bind) || !is_loopback(j->c->http.bind);
	if (j->c->self_signed && reachable)
		vd_config_warn(j->r, 0, "tls.cert",
			       "name a certificate that your gateways and browsers trust",
			       "others can reach this address, and the certificate is one we sign "
			       "ourselves");
}

static void judge_ports(const struct judge *j)
{
	const struct vd_config *c = j->c;
	judge_address(j, "mqtt.bind", c->mqtt.bind);
	judge_address(j, "http.bind", c->http.bind);
	if (c->mqtt.enabled && c->mqtt.port > 0 && c->mqtt.port == c->http.port)
		vd_config_error(j->r, line_of(j, "mqtt.port"), "mqtt.port",
				"give each door a port of its own",
				"%d is the port of the console too", c->mqtt.port);
	if (c->mqtt.plain_port > 0 &&
	    (c->mqtt.plain_port == c->mqtt.port || c->mqtt.plain_port == c->http.port))
		vd_config_error(j->r, line_of(j, "mqtt.plain_port"), "mqtt.plain_port",
				"give each door a port of its own", "%d is taken by another door",
				c->mqtt.plain_port);
	if (c->http.plain && !is_loopback(c->http.bind))
		vd_config_error(j->r, line_of(j, "http.plain"), "http.plain",
				"bind 127.0.0.1 and put a proxy that ends TLS in front",
				"without TLS the console may only listen on loopback");
	if (c->http.plain && line_of(j, "http.cert"))
		vd_config_warn(j->r, line_of(j, "http.cert"), "http.cert",
			       "remove it, or remove http.plain", "not used: http.plain is true");
}

static bool good_realm(const char *s)
{
	return strlen(s) < 60 && !strpbrk(s, "\"\\ \t\r\n");
}

/* An alarm unit's own messages tell when somebody is at home, and its telephone number. */
static void judge_sip(const struct judge *j)
{
	const struct vd_config *c = j->c;
	judge_address(j, "sip.bind", c->sip.bind);
	if (!good_realm(c->sip.realm))
		vd_config_error(j->r, line_of(j, "sip.realm"), "sip.realm",
				"a short word, as the accounts were made with (--realm)",
				"\"%.60s\" cannot be a realm", c->sip.realm);
	if (!c->sip.enabled)
		return;
	if (!c->sip.udp && !c->sip.tcp && !c->sip.tls)
		vd_config_error(j->r, line_of(j, "sip.enabled"), "sip.enabled",
				"switch on sip.udp, sip.tcp or sip.tls",
				"the SIP door has nothing to listen on");
	if (c->sip.tcp && c->sip.tls && c->sip.port > 0 && c->sip.port == c->sip.tls_port)
		vd_config_error(j->r, line_of(j, "sip.tls_port"), "sip.tls_port",
				"give each door a port of its own",
				"%d is the port without TLS too", c->sip.tls_port);
	if ((c->sip.udp || c->sip.tcp) && !is_loopback(c->sip.bind))
		vd_config_warn(
			j->r, line_of(j, "sip.bind"), "sip.bind",
			"fine on a private network (an operator's APN, a VPN); else sip.udp: "
			"false and sip.tcp: false",
			"alarms come in clear over UDP and TCP to an address others can reach");
	bool everywhere = strcmp(c->sip.bind, "0.0.0.0") == 0 || strcmp(c->sip.bind, "::") == 0;
	if (everywhere && !c->sip.name)
		vd_config_warn(j->r, line_of(j, "sip.name"), "sip.name",
			       "write the name or address your units are set up with",
			       "units are not told where this machine is");
}

/* A folder that is there, or that serve can make because its parent is there. */
static void judge_folder(const struct judge *j, const char *key, const char *path)
{
	struct stat st;
	char copy[512];
	if (stat(path, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			vd_config_error(j->r, line_of(j, key), key, "name a folder",
					"%.120s is not a folder", path);
		else if (access(path, W_OK | X_OK) != 0)
			vd_config_warn(j->r, line_of(j, key), key,
				       "fine when varde runs as another user that can",
				       "%.120s: you cannot write there", path);
		return;
	}
	snprintf(copy, sizeof(copy), "%s", path);
	if (stat(dirname(copy), &st) != 0)
		vd_config_error(j->r, line_of(j, key), key, "make the folder, or name another",
				"%.120s: neither it nor its parent is there", path);
}

static void judge_rest(const struct judge *j)
{
	const struct vd_config *c = j->c;
	char index[600];
	if (line_of(j, "state_dir"))
		judge_folder(j, "state_dir", c->state_dir);
	if (line_of(j, "report.dir"))
		judge_folder(j, "report.dir", c->report.dir);
	judge_readable(j, "adapters.models", c->adapters.models,
		       "name a CSV file, or remove the key");
	snprintf(index, sizeof(index), "%s/index.html", c->http.console_dir);
	if (access(index, R_OK) != 0)
		vd_config_warn(j->r, line_of(j, "http.console_dir"), "http.console_dir",
			       "build it: node src/console/build.mjs FOLDER",
			       "%.120s: the console is not there", c->http.console_dir);
	if (!c->origin[0] || strpbrk(c->origin, " \t+\n"))
		vd_config_error(j->r, line_of(j, "origin"), "origin",
				"a name like varde.example.no (C2SP signed notes allow neither)",
				"\"%.60s\" holds a blank or a plus sign", c->origin);
	if (c->http.hard_hours * 60 < c->http.idle_minutes)
		vd_config_error(j->r, line_of(j, "http.idle_minutes"), "http.idle_minutes",
				"make it shorter than http.hard_hours",
				"%d minutes is longer than a session may last at all",
				c->http.idle_minutes);
}

void vd_config_judge(const struct vd_config *c, const struct vd_config_lines *l,
		     struct vd_config_report *r)
{
	struct judge j = {c, l, r};
	judge_ports(&j);
	judge_sip(&j);
	judge_tls(&j);
	judge_rest(&j);
}

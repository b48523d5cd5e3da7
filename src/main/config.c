/* SPDX-License-Identifier: EUPL-1.2 */
#include "main/config.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "main/config_int.h"
#include "model/directory.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATE_DIR   "/var/lib/varde"
#define CONSOLE_DIR "/usr/share/varde/console"
#define ORIGIN      "varde.example"

/* Strings are built in a row; the first failure sticks and is asked for once at the end. */
struct maker {
	bool failed;
	char folder[512]; /* of the configuration file, "" = the current one */
};

static char *dup_str(struct maker *m, const char *s)
{
	char *p = vd_strdup(s);
	if (!p)
		m->failed = true;
	return p;
}

static char *join(struct maker *m, const char *dir, const char *name)
{
	size_t n = strlen(dir) + strlen(name) + 2;
	char *p = vd_malloc(n);
	if (!p)
		m->failed = true;
	else
		snprintf(p, n, "%s%s%s", dir, dir[0] && dir[strlen(dir) - 1] != '/' ? "/" : "",
			 name);
	return p;
}

/* A path of the file; NULL when the key is absent. */
static char *path_of(struct maker *m, const char *written)
{
	if (!written)
		return NULL;
	return written[0] == '/' || !m->folder[0] ? dup_str(m, written)
						  : join(m, m->folder, written);
}

static char *path_or(struct maker *m, const char *written, const char *dir, const char *name)
{
	return written ? path_of(m, written) : join(m, dir ? dir : "", name);
}

static int int_or(const int *written, int otherwise)
{
	return written ? *written : otherwise;
}

/* The build puts the console beside the program; a package puts it under /usr/share. */
static char *find_console(struct maker *m)
{
	char exe[512], beside[600];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n > 0) {
		exe[n] = '\0';
		*strrchr(exe, '/') = '\0';
		snprintf(beside, sizeof(beside), "%s/console/index.html", exe);
		if (access(beside, R_OK) == 0)
			return join(m, exe, "console");
	}
	return dup_str(m, CONSOLE_DIR);
}

static enum vd_log_level log_level(const char *word)
{
	if (word && strcmp(word, "error") == 0)
		return VD_LOG_ERR;
	if (word && strcmp(word, "warning") == 0)
		return VD_LOG_WARN;
	return word && strcmp(word, "debug") == 0 ? VD_LOG_DEBUG : VD_LOG_INFO;
}

/* A door without a certificate of its own uses the common one. */
static void door_tls(struct maker *m, const struct vd_config *c, const char *cert, const char *key,
		     char **ret_cert, char **ret_key)
{
	*ret_cert = cert ? path_of(m, cert) : dup_str(m, c->tls_cert ? c->tls_cert : "");
	*ret_key = key ? path_of(m, key) : dup_str(m, c->tls_key ? c->tls_key : "");
}

static void fill_mqtt(struct maker *m, struct vd_config *c, const struct vd_config_raw *r)
{
	c->mqtt.enabled = r->mqtt.enabled ? *r->mqtt.enabled : true;
	c->mqtt.bind = dup_str(m, r->mqtt.bind ? r->mqtt.bind : "127.0.0.1");
	c->mqtt.port = int_or(r->mqtt.port, VD_MQTT_TLS_PORT);
	c->mqtt.plain_port = int_or(r->mqtt.plain_port, -1);
	door_tls(m, c, r->mqtt.cert, r->mqtt.key, &c->mqtt.cert, &c->mqtt.key);
	c->mqtt.client_ca = path_of(m, r->mqtt.client_ca);
	c->mqtt.max_connections = int_or(r->mqtt.max_connections, VD_MAX_MQTT_CONNS);
	c->mqtt.max_keepalive_s = int_or(r->mqtt.max_keepalive_s, 600);
	c->mqtt.session_expiry_max_s = int_or(r->mqtt.session_expiry_max_s, 86400);
}

static bool bool_or(const bool *written, bool otherwise)
{
	return written ? *written : otherwise;
}

static void fill_sip(struct maker *m, struct vd_config *c, const struct vd_config_raw *r)
{
	c->sip.enabled = bool_or(r->sip.enabled, false);
	c->sip.bind = dup_str(m, r->sip.bind ? r->sip.bind : "127.0.0.1");
	c->sip.udp = bool_or(r->sip.udp, true);
	c->sip.tcp = bool_or(r->sip.tcp, true);
	c->sip.tls = bool_or(r->sip.tls, true);
	c->sip.port = int_or(r->sip.port, VD_SIP_PORT);
	c->sip.tls_port = int_or(r->sip.tls_port, VD_SIPS_PORT);
	door_tls(m, c, r->sip.cert, r->sip.key, &c->sip.cert, &c->sip.key);
	c->sip.realm = dup_str(m, r->sip.realm ? r->sip.realm : VD_SIP_REALM);
	c->sip.name = r->sip.name ? dup_str(m, r->sip.name) : NULL;
	c->sip.max_connections = int_or(r->sip.max_connections, VD_MAX_SIP_CONNS);
}

static void fill_http(struct maker *m, struct vd_config *c, const struct vd_config_raw *r)
{
	c->http.bind = dup_str(m, r->http.bind ? r->http.bind : "127.0.0.1");
	c->http.port = int_or(r->http.port, VD_HTTPS_PORT);
	c->http.plain = r->http.plain && *r->http.plain;
	if (!c->http.plain)
		door_tls(m, c, r->http.cert, r->http.key, &c->http.cert, &c->http.key);
	c->http.console_dir =
		r->http.console_dir ? path_of(m, r->http.console_dir) : find_console(m);
	c->http.idle_minutes = int_or(r->http.idle_minutes, 30);
	c->http.hard_hours = int_or(r->http.hard_hours, 12);
	c->http.max_body = int_or(r->http.max_body, VD_MAX_HTTP_BODY);
}

/* "02:00" -> true; the hour that summer time skips and repeats is the report's to handle. */
static bool clock_time(const char *s, int *ret_hour, int *ret_minute)
{
	static const char shape[] = "00:00";
	for (size_t i = 0; i < sizeof(shape) - 1; i++)
		if (shape[i] == ':' ? s[i] != ':' : s[i] < '0' || s[i] > '9')
			return false;
	int h = (s[0] - '0') * 10 + s[1] - '0', min = (s[3] - '0') * 10 + s[4] - '0';
	if (s[5] || h > 23 || min > 59)
		return false;
	*ret_hour = h;
	*ret_minute = min;
	return true;
}

static void fill_rest(struct maker *m, struct vd_config *c, const struct vd_config_raw *r)
{
	c->report.enabled = r->report.enabled ? *r->report.enabled : true;
	c->report.dir = path_or(m, r->report.dir, c->state_dir, "reports");
	c->report.hour = 2;
	if (r->report.time)
		clock_time(r->report.time, &c->report.hour, &c->report.minute);
	c->journal.checkpoint_seconds = int_or(r->journal.checkpoint_seconds, 60);
	c->alarm.silence_default_minutes = int_or(r->alarm.silence_default_minutes, 0);
	c->limits.device_per_second = int_or(r->limits.device_per_second, 50);
	c->limits.gateway_per_second = int_or(r->limits.gateway_per_second, 20000);
	c->adapters.models = path_of(m, r->adapters.models);
	c->log_level = log_level(r->log);
}

static int make(const char *path, const struct vd_config_raw *r, const char *state_dir,
		struct vd_config **ret)
{
	struct maker m = {.failed = false};
	struct vd_config *c = vd_calloc(1, sizeof(*c));
	if (!c)
		return VD_ENOMEM;
	const char *slash = strrchr(path, '/');
	if (slash)
		snprintf(m.folder, sizeof(m.folder), "%.*s", (int)(slash - path + 1), path);
	c->path = dup_str(&m, path);
	c->state_dir = r->state_dir ? path_of(&m, r->state_dir) : dup_str(&m, state_dir);
	c->origin = dup_str(&m, r->origin ? r->origin : ORIGIN);
	c->db_file = path_or(&m, NULL, c->state_dir, "varde.db");
	c->key_file = path_or(&m, NULL, c->state_dir, "checkpoint.key");
	c->self_signed = !r->tls.cert;
	c->tls_cert = path_or(&m, r->tls.cert, c->state_dir, "tls/cert.pem");
	c->tls_key = path_or(&m, r->tls.key, c->state_dir, "tls/key.pem");
	fill_mqtt(&m, c, r);
	fill_http(&m, c, r);
	fill_sip(&m, c, r);
	fill_rest(&m, c, r);
	if (m.failed) {
		vd_config_free(c);
		return VD_ENOMEM;
	}
	*ret = c;
	return VD_OK;
}

int vd_config_default(const char *state_dir, struct vd_config **ret)
{
	struct vd_config_raw nothing = {0};
	return make("", &nothing, state_dir ? state_dir : STATE_DIR, ret);
}

void vd_config_free(struct vd_config *c)
{
	if (!c)
		return;
	char *strings[] = {c->path,      c->state_dir,      c->origin,           c->db_file,
			   c->key_file,  c->tls_cert,       c->tls_key,          c->mqtt.bind,
			   c->mqtt.cert, c->mqtt.key,       c->mqtt.client_ca,   c->http.bind,
			   c->http.cert, c->http.key,       c->http.console_dir, c->report.dir,
			   c->sip.bind,  c->sip.cert,       c->sip.key,          c->sip.realm,
			   c->sip.name,  c->adapters.models};
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++)
		vd_free(strings[i]);
	vd_free(c);
}

static void add_problem(struct vd_config_report *r, bool warning, int line, const char *key,
			const char *hint, const char *fmt, va_list ap)
{
	*(warning ? &r->warnings : &r->errors) += 1;
	if (r->n == VD_MAX_CONFIG_PROBLEMS)
		return;
	struct vd_config_problem *p = &r->list[r->n++];
	p->line = line;
	p->warning = warning;
	snprintf(p->key, sizeof(p->key), "%s", key);
	snprintf(p->hint, sizeof(p->hint), "%s", hint);
	vsnprintf(p->fact, sizeof(p->fact), fmt, ap);
}

void vd_config_error(struct vd_config_report *r, int line, const char *key, const char *hint,
		     const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_problem(r, false, line, key, hint, fmt, ap);
	va_end(ap);
}

void vd_config_warn(struct vd_config_report *r, int line, const char *key, const char *hint,
		    const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	add_problem(r, true, line, key, hint, fmt, ap);
	va_end(ap);
}

static int read_file(const char *path, struct vd_buf *b, struct vd_errtext *e)
{
	FILE *f = fopen(path, "re");
	if (!f)
		return vd_errtext(e, errno == ENOENT ? VD_ENOTFOUND : VD_EIO,
				  "cannot read the configuration",
				  errno == ENOENT ? "name another file with --config"
						  : "check the file's owner and mode",
				  "%s: %s", path, strerror(errno));
	char chunk[4096];
	size_t n;
	int err = 0;
	while (!err && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		err = vd_buf_add(b, chunk, n);
	bool failed = ferror(f) != 0;
	fclose(f);
	if (failed)
		return vd_errtext(e, VD_EIO, "cannot read the configuration", NULL, "%s", path);
	if (err)
		return vd_errtext(e, err, "the configuration is too long", NULL,
				  "%s: more than %d bytes", path, VD_MAX_CONFIG_BYTES);
	return VD_OK;
}

/* What can be wrong in the text itself although each value has the right type. */
static void judge_text(const struct vd_config_raw *r, const struct vd_config_lines *l,
		       struct vd_config_report *rep)
{
	int h, m;
	if (r->report.time && !clock_time(r->report.time, &h, &m))
		vd_config_error(rep, vd_config_line(l, "report.time"), "report.time",
				"write hours and minutes, in quotes: \"02:00\"",
				"\"%.40s\" is not a time of day", r->report.time);
	if (r->log && log_level(r->log) == VD_LOG_INFO && strcmp(r->log, "info") != 0)
		vd_config_error(rep, vd_config_line(l, "log_level"), "log_level",
				"one of: error warning info debug", "unknown level \"%.40s\"",
				r->log);
	static const char *const doors[] = {"tls", "mqtt", "http", "sip"};
	const char *const pairs[][2] = {{r->tls.cert, r->tls.key},
					{r->mqtt.cert, r->mqtt.key},
					{r->http.cert, r->http.key},
					{r->sip.cert, r->sip.key}};
	for (size_t i = 0; i < 4; i++) {
		if (!pairs[i][0] == !pairs[i][1])
			continue;
		char key[64];
		snprintf(key, sizeof(key), "%s.%s", doors[i], pairs[i][0] ? "cert" : "key");
		vd_config_error(rep, vd_config_line(l, key), key,
				"a certificate and its key come together", "the %s is missing",
				pairs[i][0] ? "key" : "certificate");
	}
}

static int check_text(const char *path, struct vd_span text, struct vd_config_report *report,
		      struct vd_config **ret)
{
	struct vd_config_lines lines = {.n = 0};
	struct vd_config_raw *raw = NULL;
	struct vd_config *c = NULL;
	int err = vd_config_parse(text, report, &lines, &raw);
	if (!err && raw) {
		judge_text(raw, &lines, report);
		err = make(path, raw, STATE_DIR, &c);
	}
	vd_config_raw_free(raw);
	if (c)
		vd_config_judge(c, &lines, report);
	if (err || report->errors) {
		vd_config_free(c);
		c = NULL;
	}
	*ret = c;
	return err;
}

static const char *find_file(const char *path)
{
	if (path)
		return path;
	const char *env = getenv("VARDE_CONFIG");
	if (env && env[0])
		return env;
	return access(VD_CONFIG_PATH, F_OK) == 0 ? VD_CONFIG_PATH : NULL;
}

int vd_config_check(const char *path, struct vd_config_report *report, struct vd_config **ret,
		    struct vd_errtext *e)
{
	const char *file = find_file(path);
	struct vd_buf text;
	*report = (struct vd_config_report){.n = 0};
	*ret = NULL;
	if (!file) {
		int err = vd_config_default(NULL, ret);
		return err ? vd_errtext(e, err, NULL, NULL, NULL) : VD_OK;
	}
	vd_buf_init(&text, VD_MAX_CONFIG_BYTES);
	int err = read_file(file, &text, e);
	if (!err) {
		err = check_text(file, vd_buf_span(&text), report, ret);
		if (err)
			vd_errtext(e, err, NULL, NULL, NULL);
	}
	vd_buf_fini(&text);
	return err;
}

int vd_config_load(const char *path, struct vd_config **ret, struct vd_errtext *e)
{
	struct vd_config *c = NULL;
	struct vd_config_report *report = vd_malloc(sizeof(*report));
	if (!report)
		return vd_errtext(e, VD_ENOMEM, NULL, NULL, NULL);
	int err = vd_config_check(path, report, &c, e);
	for (size_t i = 0; !err && !c && i < report->n; i++) {
		const struct vd_config_problem *p = &report->list[i];
		if (!p->warning)
			err = vd_errtext(e, VD_EINVAL, "the configuration is wrong", p->hint,
					 "%s:%d: %s%s%s", find_file(path), p->line, p->key,
					 p->key[0] ? ": " : "", p->fact);
	}
	vd_free(report);
	if (!err)
		*ret = c;
	return err;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Between config.c (defaults, meaning) and config_file.c (YAML). Owned strings come from libcyaml's
 * loader and go back through vd_config_raw_free(). One thread. */
#pragma once
#include "base/span.h"
#include "main/config.h"

/* The file as written: NULL = the key is absent. */
struct vd_config_raw {
	char *state_dir, *origin, *log;
	struct {
		char *cert, *key;
	} tls;
	struct {
		bool *enabled;
		char *bind, *cert, *key, *client_ca;
		int *port, *plain_port, *max_connections, *max_keepalive_s, *session_expiry_max_s;
	} mqtt;
	struct {
		char *bind, *cert, *key, *console_dir;
		int *port, *idle_minutes, *hard_hours, *max_body;
		bool *plain;
	} http;
	struct {
		bool *enabled, *udp, *tcp, *tls;
		char *bind, *cert, *key, *realm, *name;
		int *port, *tls_port, *max_connections;
	} sip;
	struct {
		bool *enabled;
		char *dir, *time;
	} report;
	struct {
		int *checkpoint_seconds;
	} journal;
	struct {
		int *silence_default_minutes;
	} alarm;
	struct {
		int *device_per_second, *gateway_per_second;
	} limits;
	struct {
		char *models;
	} adapters;
};

/* Where each key of the file stands, so that later checks can name the line. */
struct vd_config_lines {
	struct {
		char key[64];
		int line;
	} at[128]; /* more than there are keys; duplicates are refused */
	size_t n;
};

/* Checks every key and value of the text, adding to *report; fills *ret when there is no error,
 * else *ret is NULL. 0 or VD_ENOMEM. `lines` is filled as far as the text could be read. */
int vd_config_parse(struct vd_span text, struct vd_config_report *report,
		    struct vd_config_lines *lines, struct vd_config_raw **ret);
void vd_config_raw_free(struct vd_config_raw *raw);                   /* NULL allowed */
int vd_config_line(const struct vd_config_lines *l, const char *key); /* 0 = not in the file */

void vd_config_error(struct vd_config_report *r, int line, const char *key, const char *hint,
		     const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void vd_config_warn(struct vd_config_report *r, int line, const char *key, const char *hint,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* Checks what the values mean on this machine (config_check.c). */
void vd_config_judge(const struct vd_config *c, const struct vd_config_lines *l,
		     struct vd_config_report *r);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The configuration file: YAML read once at start, strictly. The struct owns all its strings and is
 * read-only afterwards, so any thread may read it.
 *
 * Relative paths in the file are taken from the file's own folder, so that an installation can be
 * moved as a whole. deploy/config/varde.yaml shows every key with its default. */
#pragma once
#include "base/err.h"
#include "base/log.h"
#include <stdbool.h>
#include <stddef.h>

#define VD_CONFIG_PATH   "/etc/varde/varde.yaml"
#define VD_MQTT_TLS_PORT 8883 /* secure-mqtt, IANA */
#define VD_HTTPS_PORT    8443
#define VD_SIP_PORT      5060 /* sip, IANA */
#define VD_SIPS_PORT     5061 /* sips, IANA */

struct vd_config {
	char *path;      /* file it came from; "" = built-in defaults */
	char *state_dir; /* everything that must survive: database, keys, checkpoints, reports */
	char *origin;    /* this installation's name in signed checkpoints: "varde.example.no" */
	char *db_file;   /* state_dir/varde.db */
	char *key_file;  /* state_dir/checkpoint.key: Ed25519, made by the store when absent */
	/* Certificate for both doors, unless a door names its own. When the file names none these
	 * are state_dir/tls/cert.pem and key.pem, self_signed is true and serve makes them. */
	char *tls_cert, *tls_key;
	bool self_signed;

	struct {
		bool enabled;   /* default true */
		char *bind;     /* one address literal; default 127.0.0.1 */
		int port;       /* TLS; 0 = any free one; default VD_MQTT_TLS_PORT */
		int plain_port; /* plain TCP on 127.0.0.1 for a bridge on this machine; -1 = off
				   (default), 0 = any free one */
		char *cert, *key;
		char *client_ca;          /* NULL = client certificates are not asked for */
		int max_connections;      /* default VD_MAX_MQTT_CONNS */
		int max_keepalive_s;      /* default 600 */
		int session_expiry_max_s; /* default 86400 */
	} mqtt;

	struct {
		char *bind; /* default 127.0.0.1 */
		int port;   /* 0 = any free one; default VD_HTTPS_PORT */
		bool plain; /* no TLS: only on loopback, behind a proxy that ends TLS; default
			       false. cert and key are NULL then */
		char *cert, *key;
		char *console_dir; /* built console; default: console/ beside the program, else
				      /usr/share/varde/console */
		int idle_minutes;  /* default 30 */
		int hard_hours;    /* default 12 */
		int max_body;      /* bytes; default VD_MAX_HTTP_BODY */
	} http;

	struct {
		bool enabled;        /* default false */
		char *bind;          /* one address literal; default 127.0.0.1 */
		bool udp, tcp, tls;  /* default true each */
		int port, tls_port;  /* UDP and TCP; TLS. 0 = any free one; 5060 and 5061 (IANA) */
		char *cert, *key;    /* of TLS */
		char *realm;         /* of the digest; default VD_SIP_REALM */
		char *name;          /* what units call this machine; NULL = bind */
		int max_connections; /* default VD_MAX_SIP_CONNS */
	} sip;

	struct {
		bool enabled;     /* nightly run; default true */
		char *dir;        /* default state_dir/reports */
		int hour, minute; /* Europe/Oslo; default 02:00 */
	} report;

	struct {
		int checkpoint_seconds; /* sign at most this often; default 60 */
	} journal;

	struct {
		/* devices of whose rhythm nothing is known; default 0: by their class */
		int silence_default_minutes;
	} alarm;

	struct {
		int device_per_second;  /* telemetry; default 50 */
		int gateway_per_second; /* telemetry; default 20000 */
	} limits;

	struct {
		char *models; /* an integrator's own vendor tables; NULL = none */
	} adapters;

	enum vd_log_level log_level; /* default VD_LOG_INFO */
};

/* Where a configuration is wrong. `line` 0 = the file as a whole. */
struct vd_config_problem {
	int line;
	bool warning;   /* would start, but is probably not meant */
	char key[64];   /* "mqtt.port"; may be empty */
	char fact[200]; /* "unknown key \"prot\"" */
	char hint[200]; /* "did you mean \"port\"?" */
};
#define VD_MAX_CONFIG_PROBLEMS 64    /* nobody reads further; the rest is counted */
#define VD_MAX_CONFIG_BYTES    65536 /* the full example is 4 KB */

struct vd_config_report {
	struct vd_config_problem list[VD_MAX_CONFIG_PROBLEMS];
	size_t n;      /* in list */
	size_t errors; /* all, also those that found no room */
	size_t warnings;
};

/* Reads `path`; NULL = $VARDE_CONFIG, else VD_CONFIG_PATH when that exists, else the defaults.
 * The first problem is told in *e with its line. 0, VD_ENOTFOUND, VD_EIO, VD_EPARSE, VD_EINVAL,
 * VD_ELIMIT or VD_ENOMEM. Blocks (reads a file): not on the loop. */
int vd_config_load(const char *path, struct vd_config **ret, struct vd_errtext *e);
/* The same, but goes on after a problem and lists them all; 0 also when problems were found (then
 * *ret is NULL when one of them is an error). */
int vd_config_check(const char *path, struct vd_config_report *report, struct vd_config **ret,
		    struct vd_errtext *e);
/* Defaults with everything under state_dir (NULL = /var/lib/varde). 0 or VD_ENOMEM. */
int vd_config_default(const char *state_dir, struct vd_config **ret);
void vd_config_free(struct vd_config *c); /* NULL allowed */

/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests to other systems: a LoRaWAN platform's downlink queue, a vendor's command service.
 * libcurl on the loop; the only files that know it. Loop thread.
 *
 * Where requests go is fixed by who configured the binding: https, or http to this machine itself;
 * certificates are judged, redirects are not followed, no proxy and no environment variable has a
 * say, and no request outlives its time. Nothing of an answer is used but its status.
 *
 * Secrets are files, not columns: what must be sent in clear cannot be kept as a hash, and a
 * directory row is listed, exported and copied into backups. A file of one line, readable by varde
 * alone: systemd's credentials (LoadCredential=), else <state_dir>/secrets/. */
#pragma once
#include "base/err.h"
#include "base/span.h"
#include "port/runtime.h"
#include <uv.h>

struct vd_fetch;

struct vd_fetch_config {
	const char *secrets_dir;     /* NULL or absent = none */
	const char *credentials_dir; /* $CREDENTIALS_DIRECTORY, or NULL; searched first */
	const char *agent;           /* "varde/0.1.0" */
	int connect_ms;              /* 0 = 5 000 */
	int total_ms;                /* from start to the answer's end; 0 = 10 000 */
};

struct vd_fetch_request {   /* all borrowed for the call */
	const char *base;   /* "https://eu1.example.net/api/v3"; no user, query or fragment */
	const char *path;   /* below it, percent-encoded; "" = base itself */
	const char *method; /* NULL = POST */
	const char *secret; /* name of its file; "" = none */
	const char *auth;   /* header for it; NULL = Authorization */
	const char *ca;     /* name of a file with the authorities to trust; "" = the system's */
	const char *content_type; /* NULL = application/json */
	struct vd_span body;
	int64_t left_ms; /* not begun any more when it has waited this long */
};

struct vd_fetch_result {
	int status; /* of the answer, 0 = none */
	bool sent;  /* the request, or part of it, may have reached the other side */
	/* "" with a status; else why not: "unreachable" "tls" "timeout" "stopping" */
	const char *why;
};

/* Reads the secrets: blocks, before the loop runs. 0, VD_ENOMEM or VD_EIO with *e told. */
int vd_fetch_open(uv_loop_t *loop, struct vd_runtime *rt, const struct vd_fetch_config *cfg,
		  struct vd_fetch **ret, struct vd_errtext *e);
/* Reads them again (SIGHUP); what cannot be read is told in the log. */
void vd_fetch_reload(struct vd_fetch *f);
/* 0: done comes later, once, in a later turn. VD_EBUSY (too many wait), VD_ENOMEM, or VD_EINVAL:
 * never like this; *ret_why = "address" (not one requests may go to) or "secret" (no such file). */
int vd_fetch_start(struct vd_fetch *f, const struct vd_fetch_request *r,
		   void (*done)(const struct vd_fetch_result *x, void *arg), void *arg,
		   const char **ret_why);
/* Every request ends (done is called: stopping); on_closed on the loop when all handles are. */
void vd_fetch_close(struct vd_fetch *f, void (*on_closed)(void *arg), void *arg);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Inside fetch: requests and their queue (fetch.c), libcurl on libuv (fetch_uv.c), secrets
 * (fetch_secret.c). Loop thread. */
#pragma once
#include "base/limits.h"
#include "base/list.h"
#include "io/fetch.h"
#include <curl/curl.h>

#define FETCH_HOST         8     /* at a time to one base, so that one dead platform leaves room */
#define FETCH_SECRETS      64    /* files */
#define FETCH_SECRET_BYTES 65536 /* a bundle of authorities is the largest */
#define FETCH_HEAD_BYTES   65536

struct fetch_secret {
	char name[64];
	char *text; /* owned, wiped */
	size_t n;
};

struct fetch_job {
	struct vd_link link; /* fetch.waiting or fetch.active */
	struct vd_fetch *f;
	CURL *easy;
	struct curl_slist *headers;
	char *base; /* owned */
	char *body; /* owned */
	size_t got; /* bytes of the answer */
	int64_t until_mono;
	void (*done)(const struct vd_fetch_result *x, void *arg);
	void *arg;
};

struct fetch_socket {
	struct vd_link link;
	uv_poll_t poll;
	struct vd_fetch *f;
	curl_socket_t fd;
};

struct vd_fetch {
	uv_loop_t *loop;
	struct vd_runtime *rt;
	CURLM *multi;
	struct vd_timer *timer;
	struct vd_link waiting, active, sockets;
	size_t n_waiting, n_active, n_handles;
	struct fetch_secret secrets[FETCH_SECRETS];
	size_t n_secrets;
	char *secrets_dir, *credentials_dir, *agent; /* owned */
	int connect_ms, total_ms;
	bool closing;
	void (*on_closed)(void *arg);
	void *on_closed_arg;
	struct vd_deferred later;
};

/* fetch.c */
void fetch_finish(struct vd_fetch *f, CURL *easy, CURLcode code);
void fetch_pump(struct vd_fetch *f); /* begins what has room */
void fetch_check_closed(struct vd_fetch *f);

/* fetch_uv.c */
int fetch_loop_open(struct vd_fetch *f);
void fetch_loop_close(struct vd_fetch *f);

/* fetch_secret.c */
void fetch_secrets_load(struct vd_fetch *f);
void fetch_secrets_wipe(struct vd_fetch *f);
const struct fetch_secret *fetch_secret(const struct vd_fetch *f, const char *name); /* NULL */

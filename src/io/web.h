/* SPDX-License-Identifier: EUPL-1.2 */
/* The web door: HTTPS and WebSocket on libwebsockets (the only file group that includes it):
 * webhooks in, API and console out, health and metrics. docs/api.md is its contract. Loop only. */
#pragma once
#include "core/hub.h"
#include "port/runtime.h"
#include <uv.h>

struct vd_web;
struct vd_mqtt;

struct vd_web_config {
	const char *bind;                 /* exactly this address */
	int port;                         /* 0 = any free one */
	const char *cert_file, *key_file; /* NULL = plain: refused unless bind is loopback */
	const char *console_dir;          /* built console: index.html, assets */
	const char *report_dir;           /* nightly editions: <date>/<muni>.html ... */
	const char *version; /* program version for /healthz and the console's footer */
	int idle_minutes;    /* session ends after this much idling; 0 = 30 */
	int hard_hours;      /* and after this anyway; 0 = 12 */
	size_t max_body;     /* 0 = VD_MAX_HTTP_BODY */
};

int vd_web_open(uv_loop_t *loop, struct vd_runtime *rt, struct vd_hub *hub, struct vd_store *store,
		const struct vd_web_config *cfg, struct vd_web **ret, struct vd_errtext *e);
int vd_web_port(const struct vd_web *w);
/* Extra lines for /metrics from the other carriers; called while rendering. */
void vd_web_metrics_hook(struct vd_web *w, void (*fn)(struct vd_buf *b, void *arg), void *arg);
/* libwebsockets on a foreign loop dies in two steps: close() while the loop runs, on_closed when it
 * has let go of its handles; free() after uv_run has ended. */
void vd_web_close(struct vd_web *w, void (*on_closed)(void *arg), void *arg);
void vd_web_free(struct vd_web *w);

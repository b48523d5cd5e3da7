/* SPDX-License-Identifier: EUPL-1.2 */
/* The composition root: every part of a running hub, made in order and taken down in order. Loop
 * thread, except open which runs before the loop.
 *
 *   state       what the outside sees                         leaves it when
 *   RUNNING     everything is answered                        SIGTERM, SIGINT, failed start
 *   REFUSING    doors shut, what comes is answered BUSY        all exchanges are answered
 *   DRAINING    answers flushed, writer empties                store and doors are closed
 *   CLOSING     handles close                                 loop is empty
 *   CLOSED      uv_loop_close succeeded
 * A failed start walks the same path from where it got to. */
#pragma once
#include "core/hub.h"
#include "io/fetch.h"
#include "io/mqtt.h"
#include "io/runtime_uv.h"
#include "io/sip.h"
#include "io/tls.h"
#include "io/web.h"
#include "main/config.h"
#include "store/store.h"
#include <uv.h>

enum wire_state { WIRE_RUNNING, WIRE_REFUSING, WIRE_DRAINING, WIRE_CLOSING, WIRE_CLOSED };

struct nightly;

struct wire {
	uv_loop_t loop;
	const struct vd_config *cfg; /* borrowed */
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_tables *tables;
	struct vd_hub *hub;
	struct vd_tls *tls;
	struct vd_mqtt *mqtt, *mqtt_plain;
	struct vd_tls *sip_tls;
	struct vd_sip *sip;
	struct vd_web *web;
	struct vd_fetch *fetch;
	struct nightly *nightly;
	uv_signal_t signals[3]; /* TERM INT HUP */
	uv_timer_t watchdog;
	int n_signals;
	bool watchdog_open, hub_stopped;
	enum wire_state state;
	int pending; /* closes still to come in the present state */
};

/* 0, or VD_E* with *e told; then run wire_stop and uv_run as well. */
int wire_open(struct wire *w, const struct vd_config *cfg, struct vd_errtext *e);
void wire_stop(struct wire *w);
/* After uv_run has returned: frees what is left. true when the loop closed cleanly. */
bool wire_fini(struct wire *w);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The nightly report: at 02:00 Europe/Oslo (or as configured) the edition of the day that ended is
 * built on the store's reader thread; after a start that missed it, at once. Loop thread. */
#pragma once
#include "main/config.h"
#include "port/runtime.h"
#include "port/store.h"

struct nightly;
/* NULL when out of memory. */
struct nightly *nightly_open(struct vd_runtime *rt, struct vd_store *store,
			     const struct vd_config *cfg);
/* Calls on_closed at once when idle, else when the running edition is done. NULL allowed. */
void nightly_close(struct nightly *n, void (*on_closed)(void *arg), void *arg);
void nightly_free(struct nightly *n);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Time, timers, entropy and deferral, so that the whole hub runs on a real loop (io/runtime_uv.c)
 * or a simulated one (sim/runtime_sim.c). Loop thread only, except wake(). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vd_timer; /* owned by the runtime, freed by timer_close */
struct vd_waker;
struct vd_deferred {
	struct vd_deferred *next;
	void (*fn)(void *arg);
	void *arg;
	bool pending;
};

struct vd_runtime {
	void *impl;
	/* Monotonic ms since some start, one value per loop turn. Deadlines in memory use this. */
	int64_t (*mono_ms)(struct vd_runtime *r);
	/* UTC wall ms. May step. Deadlines in the store use this. */
	int64_t (*wall_ms)(struct vd_runtime *r);
	/* Fills n random bytes; never fails (a dead entropy source aborts). */
	void (*entropy)(struct vd_runtime *r, void *p, size_t n);
	/* A timer that is not running; NULL when out of memory. fn runs on the loop. */
	struct vd_timer *(*timer_open)(struct vd_runtime *r, void (*fn)(void *arg), void *arg);
	/* (Re)starts it: fires once, delay_ms from now (0 = next turn). */
	void (*timer_start)(struct vd_timer *t, int64_t delay_ms);
	void (*timer_stop)(struct vd_timer *t);
	void (*timer_close)(struct vd_timer *t); /* stops and frees; NULL allowed; fn never again */
	/* Runs fn(arg) in a later turn of the loop, in order, exactly once. Never fails (a fixed
	 * node is embedded in the caller: struct vd_deferred). Deferring a pending one is a bug. */
	void (*defer)(struct vd_runtime *r, struct vd_deferred *d);
	/* From any thread: have `fn` given at open run on the loop soon. Wakes coalesce. */
	struct vd_waker *(*waker_open)(struct vd_runtime *r, void (*fn)(void *arg), void *arg);
	void (*waker_wake)(struct vd_waker *w);
	void (*waker_close)(struct vd_waker *w); /* loop thread; NULL allowed */
};

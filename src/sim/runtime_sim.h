/* SPDX-License-Identifier: EUPL-1.2 */
/* The runtime on a simulated clock: time passes only when told to, jumping from one due timer to
 * the next, so a year of care runs in seconds and every run of a seed is the same. One thread. */
#pragma once
#include "port/runtime.h"

/* Wall clock starts at wall_ms; entropy comes from `seed`. NULL when out of memory. */
struct vd_runtime *vd_runtime_sim_new(int64_t wall_ms, uint64_t seed);
void vd_runtime_sim_free(struct vd_runtime *r); /* NULL allowed; closes what is left open */
/* Runs deferred calls, wakes and timers that are due now, until none is left. */
void vd_runtime_sim_settle(struct vd_runtime *r);
/* Lets ms pass on both clocks, firing everything due on the way in time order. */
void vd_runtime_sim_advance(struct vd_runtime *r, int64_t ms);
/* The same up to a wall time (not later than now: settle only). */
void vd_runtime_sim_run_until(struct vd_runtime *r, int64_t wall_ms);
/* Somebody sets the wall clock: it jumps by delta_ms, the monotonic clock does not. */
void vd_runtime_sim_step_wall(struct vd_runtime *r, int64_t delta_ms);
/* Turns taken so far; timers open (leak check). */
size_t vd_runtime_sim_open_timers(struct vd_runtime *r);

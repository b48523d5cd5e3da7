/* SPDX-License-Identifier: EUPL-1.2 */
/* How fast alarms were answered: counts and ranks, never an average. Pure, any thread. */
#pragma once
#include <stddef.h>
#include <stdint.h>

struct vd_answer {
	int64_t alarms, answered, within60, within180;
	int64_t median_ms, p90_ms, max_ms; /* of the answered; 0 when none */
};
/* wait_ms[n]: receipt to first acknowledgement, negative = never answered. Sorts it in place. */
struct vd_answer vd_answer_of(int64_t *wait_ms, size_t n);

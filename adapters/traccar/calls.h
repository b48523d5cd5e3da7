/* SPDX-License-Identifier: EUPL-1.2 */
/* One press of a tracker reaches us by two ways: as an event, and as an attribute of the position
 * that is forwarded beside it and perhaps of those that follow. Loop thread. */
#pragma once
#include "port/adapter.h"

#define TRACCAR_CALLS 128 /* newest alarms of one gateway */
/* A position that bears an alarm counts again after this: a new press is heard within a minute. */
#define TRACCAR_AGAIN_MS 60000

struct traccar_calls { /* zeroed; belongs to the adapter's state */
	struct {
		uint64_t what; /* device and word; 0 = free */
		int64_t at_ms;
		bool by_event;
	} last[TRACCAR_CALLS];
	unsigned next;
};

/* Is this alarm a happening of its own? An event always is, unless a position has just told the
 * same one; one in a position is, unless it is what an event told or goes on from the position
 * before. at_ms is the device's time. When the memory has forgotten, an alarm counts twice rather
 * than not at all. */
bool traccar_call_counts(struct traccar_calls *c, struct vd_span identity, struct vd_span word,
			 bool by_event, int64_t at_ms);

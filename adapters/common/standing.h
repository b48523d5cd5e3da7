/* SPDX-License-Identifier: EUPL-1.2 */
/* Trouble told on a topic that has no word for its end: a last will ("gone") where the next
 * ordinary message is the only "here again", a fault where "as usual" is all that follows. What
 * ends it is said while it is remembered, and it is remembered over restarts. Loop thread. */
#pragma once
#include "port/adapter.h"

/* Of one gateway at a time. Should more be in trouble, the oldest is forgotten: its trouble then
 * stands until a person closes it. */
#define VD_STANDING 256

struct vd_standing { /* zeroed; belongs to an adapter's state */
	struct {
		uint64_t who; /* 0 = free */
		bool forgotten;
	} of[VD_STANDING];
	unsigned next;
};

/* The frame's topic told of trouble; asks for the frame back at start. */
void vd_standing_begin(struct vd_standing *s, struct vd_decoded *d, struct vd_span identity);
/* The same topic told that all is as usual. true: there was trouble, say that it is over. Also of
 * the messages after that, for the first may have found the disk full; a state told again is no
 * news. */
bool vd_standing_over(struct vd_standing *s, struct vd_decoded *d, struct vd_span identity);

/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/traccar/calls.h"
#include "base/map.h"

#define SAME_MS 1000

bool traccar_call_counts(struct traccar_calls *c, struct vd_span identity, struct vd_span word,
			 bool by_event, int64_t at_ms)
{
	uint64_t what = vd_hash64(word, vd_hash64(identity, 0)) | 1;
	unsigned i = 0;
	while (i < TRACCAR_CALLS && c->last[i].what != what)
		i++;
	if (i < TRACCAR_CALLS) {
		int64_t since = at_ms - c->last[i].at_ms;
		bool same = since <= SAME_MS && since >= -SAME_MS;
		if (same && c->last[i].by_event != by_event)
			return false;
		if (!by_event && since >= -SAME_MS && since < TRACCAR_AGAIN_MS)
			return false;
	} else {
		i = c->next++ % TRACCAR_CALLS;
	}
	c->last[i].what = what;
	c->last[i].at_ms = at_ms;
	c->last[i].by_event = by_event;
	return true;
}

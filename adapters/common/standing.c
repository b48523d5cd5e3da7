/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/standing.h"
#include "base/map.h"

static unsigned find(const struct vd_standing *s, uint64_t who)
{
	unsigned i = 0;
	while (i < VD_STANDING && s->of[i].who != who)
		i++;
	return i;
}

void vd_standing_begin(struct vd_standing *s, struct vd_decoded *d, struct vd_span identity)
{
	uint64_t who = vd_hash64(identity, 0) | 1;
	unsigned i = find(s, who);
	if (i == VD_STANDING)
		i = s->next++ % VD_STANDING;
	s->of[i].who = who;
	s->of[i].forgotten = false;
	d->remember = true;
}

bool vd_standing_over(struct vd_standing *s, struct vd_decoded *d, struct vd_span identity)
{
	unsigned i = find(s, vd_hash64(identity, 0) | 1);
	if (i == VD_STANDING)
		return false;
	d->forget = !s->of[i].forgotten;
	s->of[i].forgotten = true;
	return true;
}

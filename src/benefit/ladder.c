/* SPDX-License-Identifier: EUPL-1.2 */
/* The realisation ladder: potential, freed, redeployed, taken out of budget. Pure, any thread. */
#include "benefit/benefit.h"

void vd_ladder_add(struct vd_ladder *l, const struct vd_saving *s)
{
	l->potential_min += s->potential_min;
	l->freed_min = vd_range_add(l->freed_min, s->minutes);
}

int vd_ladder_check(const struct vd_ladder *l, struct vd_errtext *e)
{
	const double slack = 1e-6 * (1 + l->potential_min);
	if (l->freed_min.mode > l->potential_min + slack)
		return vd_errtext(e, VD_ECORRUPT, "more time is freed than was possible",
				  "the report is not written", "%.3f of %.3f minutes",
				  l->freed_min.mode, l->potential_min);
	if (l->has_redeployed && l->redeployed_min > l->freed_min.high + slack)
		return vd_errtext(e, VD_ECORRUPT, "more time is redeployed than was freed",
				  "check the decisions entered", "%.3f of %.3f minutes",
				  l->redeployed_min, l->freed_min.high);
	return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Which days a technology is in use. Pure, any thread. */
#include "benefit/benefit.h"

bool vd_benefit_exposed(const struct vd_baseline *b, int64_t day)
{
	return day >= b->start_day && (!b->end_day || day < b->end_day);
}

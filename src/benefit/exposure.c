/* SPDX-License-Identifier: EUPL-1.2 */
/* Which user-days count, and the names of the technologies. Pure, any thread. */
#include "benefit/benefit.h"
#include <string.h>

static const char *const names[VD_TECH_MAX] = {"dispenser", "door", "supervision"};

const char *vd_tech_name(enum vd_tech t)
{
	return names[t];
}

int vd_tech_parse(const char *s)
{
	for (int i = 0; i < VD_TECH_MAX; i++)
		if (strcmp(names[i], s) == 0)
			return i;
	return -1;
}

bool vd_benefit_exposed(const struct vd_baseline *b, int64_t day)
{
	return day >= b->start_day && (!b->end_day || day < b->end_day);
}

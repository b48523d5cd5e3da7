/* SPDX-License-Identifier: EUPL-1.2 */
/* Technologies whose benefit is counted, a range, and the measured baseline of one placement.
 * Plain data, any thread. */
#pragma once
#include <stdint.h>
#include <string.h>

enum vd_tech { VD_TECH_DISPENSER, VD_TECH_DOOR, VD_TECH_SUPERVISION, VD_TECH_MAX };

struct vd_range {
	double low, mode, high;
};

/* The measured local baseline of one placement and technology. */
struct vd_baseline {
	double visits_per_week, remaining_per_week;
	double face_min, travel_min, doc_min, km; /* of one visit */
	int64_t start_day, end_day;               /* in use [start, end); end 0 = still */
};

/* "dispenser" "door" "supervision", as in the baseline table. */
static inline const char *vd_tech_name(enum vd_tech t)
{
	static const char *const names[] = {"dispenser", "door", "supervision"};
	return names[t];
}

static inline int vd_tech_parse(const char *s) /* -1 when unknown */
{
	for (int i = 0; i < VD_TECH_MAX; i++)
		if (strcmp(vd_tech_name((enum vd_tech)i), s) == 0)
			return i;
	return -1;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is on duty, read from the directory's shifts. Pure. */
#pragma once
#include "model/directory.h"

/* Staff on duty in a municipality at a level (1 first, 2 next) at a moment, lowest key first;
 * disabled people are not on duty. Returns how many were written. */
size_t vd_roster_on_duty(const struct vd_directory *d, int muni, int level, int64_t at_ms,
			 int64_t *ret_staff, size_t cap);
/* Everybody who may handle alarms there (care or leader role, scope includes it). */
size_t vd_roster_everyone(const struct vd_directory *d, int muni, int64_t *ret_staff, size_t cap);
/* May this person see this municipality? */
bool vd_staff_sees(const struct vd_staff *s, int muni);

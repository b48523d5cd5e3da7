/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/roster.h"

bool vd_staff_sees(const struct vd_staff *s, int muni)
{
	if (!muni)
		return true;
	for (int i = 0; i < 16 && s->scope[i]; i++)
		if (s->scope[i] == muni)
			return true;
	return false;
}

static size_t add_unique(int64_t *list, size_t n, size_t cap, int64_t staff)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == staff)
			return n;
	if (n < cap)
		list[n++] = staff;
	return n;
}

size_t vd_roster_on_duty(const struct vd_directory *d, int muni, int level, int64_t at_ms,
			 int64_t *ret_staff, size_t cap)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n_shifts; i++) {
		const struct vd_shift *s = &d->shifts[i];
		if (s->muni != muni || s->level != level || at_ms < s->from_ms || at_ms >= s->to_ms)
			continue;
		const struct vd_staff *p = vd_dir_staff(d, s->staff);
		if (p && !p->disabled)
			n = add_unique(ret_staff, n, cap, s->staff);
	}
	return n;
}

size_t vd_roster_everyone(const struct vd_directory *d, int muni, int64_t *ret_staff, size_t cap)
{
	size_t n = 0;
	for (size_t i = 0; i < d->n_staff; i++) {
		const struct vd_staff *p = &d->staff[i];
		if (!p->disabled && (p->roles & (VD_ROLE_CARE | VD_ROLE_LEADER)) &&
		    vd_staff_sees(p, muni))
			n = add_unique(ret_staff, n, cap, p->id);
	}
	return n;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Visits, minutes and kilometres one user-day frees. Pure, any thread. */
#include "benefit/benefit.h"
#include <math.h>

#define SLACK 1e-6 /* sums of doubles; far below a second */

static double visit_min(const struct vd_baseline *b, double travel_share)
{
	return b->face_min + b->doc_min + b->travel_min * travel_share;
}

double vd_benefit_ceiling(const struct vd_baseline *b)
{
	return b->visits_per_week / 7 * visit_min(b, 1);
}

/* The local figure is the most likely one; published shares only widen it, never past the
 * baseline itself. */
static struct vd_range replaced(const struct vd_baseline *b, const struct vd_shares *s)
{
	double base = b->visits_per_week / 7;
	double local = (b->visits_per_week - b->remaining_per_week) / 7;
	return (struct vd_range){fmin(local, base * s->replaced.low), local,
				 fmin(base, fmax(local, base * s->replaced.high))};
}

struct vd_saving vd_benefit_day(const struct vd_baseline *b, const struct vd_shares *s, int64_t day,
				const struct vd_usage *u)
{
	struct vd_saving r = {0};
	r.exposed = vd_benefit_exposed(b, day);
	if (!r.exposed)
		return r;
	struct vd_range v = replaced(b, s);
	r.potential_min = fmax(0, v.mode * visit_min(b, 1));
	r.counted = u->alive && u->used;
	if (!r.counted)
		v = (struct vd_range){0, 0, 0};
	struct vd_range t = s->travel;
	struct vd_range per = {visit_min(b, t.low), visit_min(b, t.mode), visit_min(b, t.high)};
	struct vd_range km = {b->km * t.low, b->km * t.mode, b->km * t.high};
	double made = u->created, cost = made * visit_min(b, 1);
	r.visits = (struct vd_range){v.low - made, v.mode - made, v.high - made};
	r.minutes = vd_range_add(vd_range_mul(v, per), (struct vd_range){-cost, -cost, -cost});
	r.km = vd_range_add(vd_range_mul(v, km),
			    (struct vd_range){-made * b->km, -made * b->km, -made * b->km});
	return r;
}

int vd_benefit_check(const struct vd_baseline *b, const struct vd_saving *s, struct vd_errtext *e)
{
	static const char hint[] =
		"the report is not written; look at the baseline of this placement";
	if (s->minutes.high > vd_benefit_ceiling(b) + SLACK)
		return vd_errtext(e, VD_ECORRUPT, "a user-day frees more than its baseline", hint,
				  "%.3f of %.3f minutes", s->minutes.high, vd_benefit_ceiling(b));
	if (!s->counted && s->minutes.high > SLACK)
		return vd_errtext(e, VD_ECORRUPT, "time is freed on a day without use", hint,
				  "%.3f minutes", s->minutes.high);
	if (s->minutes.low > s->minutes.mode + SLACK || s->minutes.mode > s->minutes.high + SLACK)
		return vd_errtext(e, VD_ECORRUPT, "a range is not in order", hint,
				  "%.3f %.3f %.3f minutes", s->minutes.low, s->minutes.mode,
				  s->minutes.high);
	return 0;
}

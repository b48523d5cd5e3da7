/* SPDX-License-Identifier: EUPL-1.2 */
#include "report/tally.h"
#include "base/clock.h"
#include "base/mem.h"
#include <math.h>
#include <string.h>

static int64_t month_start(int64_t day, int back)
{
	int y, m, d;
	vd_civil_from_days(day, &y, &m, &d);
	int months = y * 12 + (m - 1) - back;
	return vd_days_from_civil(months / 12, months % 12 + 1, 1);
}

int64_t rep_first_day(int64_t day)
{
	return month_start(day, REP_MONTHS - 1);
}

bool rep_care(enum vd_kind k)
{
	char c = vd_kind_class(k);
	return c == 'A' || c == 'S';
}

struct rep_muni *rep_find(struct rep_edition *r, int number)
{
	size_t lo = 0, hi = r->n_muni;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (r->muni[mid].number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < r->n_muni && r->muni[lo].number == number ? &r->muni[lo] : NULL;
}

static void price(const struct rep_edition *r, struct rep_muni *m)
{
	const struct vd_assumption *a = vd_facts_assumption(r->f, m->number, "HOME.hour_price");
	m->has_price = a && a->source[0] && a->grade[0] && a->grade[0] != '-' && a->price_year;
	if (m->has_price)
		m->hour_price = a->value;
}

static int make(const struct vd_facts *f, int64_t day, struct rep_edition **ret)
{
	struct rep_edition *r = vd_calloc(1, sizeof(*r));
	if (!r)
		return VD_ENOMEM;
	r->f = f;
	r->day = day;
	r->first[REP_DAY] = day;
	r->first[REP_MONTH] = month_start(day, 0);
	r->first[REP_YEAR] = rep_first_day(day);
	for (int i = 0; i < REP_MONTHS; i++)
		r->month[i] = month_start(day, REP_MONTHS - 1 - i);
	r->month[REP_MONTHS] = day + 1;
	r->n_muni = f->n_munis;
	r->muni = vd_calloc(f->n_munis + 1, sizeof(*r->muni));
	*ret = r;
	if (!r->muni)
		return VD_ENOMEM;
	for (size_t i = 0; i < f->n_munis; i++) {
		r->muni[i].number = f->munis[i].number;
		r->muni[i].name = f->munis[i].name;
		r->muni[i].nynorsk = f->munis[i].nynorsk;
		price(r, &r->muni[i]);
	}
	r->region.name = "Regionen";
	price(r, &r->region);
	return 0;
}

void rep_free(struct rep_edition *r)
{
	if (!r)
		return;
	for (size_t i = 0; r->muni && i < r->n_muni; i++)
		vd_free(r->muni[i].silent);
	vd_free(r->region.silent);
	vd_free(r->muni);
	vd_free(r);
}

int rep_tally(const struct vd_facts *f, int64_t day, struct rep_edition **ret, struct vd_errtext *e)
{
	struct rep_edition *r = NULL;
	int err = make(f, day, &r);
	if (!err)
		err = rep_tally_alarms(r);
	if (!err)
		err = rep_tally_silent(r);
	if (err)
		vd_errtext(e, err, "not enough memory for the report", "", NULL);
	else
		err = rep_tally_benefit(r, e);
	if (!err)
		err = rep_check(r, e);
	if (!err && rep_tally_hide(r))
		err = vd_errtext(e, VD_ENOMEM, "not enough memory for the report", "", NULL);
	if (err)
		rep_free(r);
	else
		*ret = r;
	return err;
}

/* -- the self-check -------------------------------------------------------------------------- */

static bool near(double a, double b)
{
	return fabs(a - b) <= 1e-6 * (1 + fabs(a) + fabs(b));
}

static bool same(const struct rep_edition *r, int p)
{
	const struct rep_stats *all = &r->region.p[p];
	int64_t alarms = 0, care = 0, days = 0, region_days = 0, escalated = 0, nobody = 0;
	double freed = 0, region_freed = 0;
	for (size_t i = 0; i < r->n_muni; i++) {
		const struct rep_stats *s = &r->muni[i].p[p];
		alarms += s->alarms;
		care += s->answer.alarms;
		escalated += s->escalated;
		nobody += s->nobody;
		for (int t = 0; t < VD_TECH_MAX; t++) {
			days += s->tech[t].counted_days;
			freed += s->tech[t].ladder.freed_min.mode;
		}
	}
	for (int t = 0; t < VD_TECH_MAX; t++) {
		region_days += all->tech[t].counted_days;
		region_freed += all->tech[t].ladder.freed_min.mode;
	}
	return alarms == all->alarms && care == all->answer.alarms && days == region_days &&
	       escalated == all->escalated && nobody == all->nobody && near(freed, region_freed);
}

int rep_check(const struct rep_edition *r, struct vd_errtext *e)
{
	for (int p = 0; p < REP_PERIODS; p++) {
		if (!same(r, p))
			return vd_errtext(
				e, VD_ECORRUPT, "the municipalities do not add up to the region",
				"the report is not written; tell the developers", "period %d", p);
		for (int t = 0; t < VD_TECH_MAX; t++) {
			int err = vd_ladder_check(&r->region.p[p].tech[t].ladder, e);
			if (err)
				return err;
		}
	}
	return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* User-days of every baseline against what the hub saw. One thread. */
#include "report/tally.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

const char *const rep_share_id[VD_TECH_MAX] = {"EMS.replaced_share", "DOOR.replaced_share",
					       "DT.replaced_share"};

void rep_shares(const struct vd_facts *f, int muni, enum vd_tech t, struct vd_shares *ret)
{
	const struct vd_assumption *share = vd_facts_assumption(f, muni, rep_share_id[t]);
	const struct vd_assumption *travel = vd_facts_assumption(f, muni, "TIME.travel_share");
	/* Both are in the built-in library; without them only logical bounds are left. */
	ret->replaced = share ? share->value : (struct vd_range){0, 0, 1};
	ret->travel = travel ? travel->value : (struct vd_range){0, 0, 1};
}

static const struct vd_fact_use *use_of(const struct vd_facts *f, int64_t placement, int64_t day)
{
	size_t lo = 0, hi = f->n_uses;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct vd_fact_use *u = &f->uses[mid];
		if (u->placement < placement || (u->placement == placement && u->day < day))
			lo = mid + 1;
		else
			hi = mid;
	}
	const struct vd_fact_use *u = &f->uses[lo];
	return lo < f->n_uses && u->placement == placement && u->day == day ? u : NULL;
}

static bool concerns(enum vd_tech t, enum vd_kind k)
{
	switch (t) {
	case VD_TECH_DISPENSER:
		return k == VD_KIND_MEDICATION || k == VD_KIND_MEDICATION_SUPPLY ||
		       k == VD_KIND_MEDICATION_DEVICE;
	case VD_TECH_DOOR: return k == VD_KIND_DOOR;
	default: return k == VD_KIND_SUPERVISION;
	}
}

/* One visit a day and technology caused, sorted for look-up. */
struct visit {
	int64_t placement, day;
	enum vd_tech tech;
};

static int by_place(const void *a, const void *b)
{
	const struct visit *x = a, *y = b;
	if (x->placement != y->placement)
		return x->placement < y->placement ? -1 : 1;
	if (x->day != y->day)
		return x->day < y->day ? -1 : 1;
	return (int)x->tech - (int)y->tech;
}

/* Alarms of the technology that somebody went to: those visits are its own doing. */
static int visits_caused(const struct vd_facts *f, struct visit **ret, size_t *ret_n)
{
	struct visit *v = vd_calloc(f->n_alarms + 1, sizeof(*v));
	size_t n = 0;
	if (!v)
		return VD_ENOMEM;
	for (size_t i = 0; i < f->n_alarms; i++) {
		const struct vd_fact_alarm *a = &f->alarms[i];
		for (int t = 0; t < VD_TECH_MAX && a->on_site_ms && a->placement; t++)
			if (concerns(t, a->kind))
				v[n++] = (struct visit){a->placement, vd_oslo_day(a->received_ms),
							t};
	}
	qsort(v, n, sizeof(*v), by_place);
	*ret = v;
	*ret_n = n;
	return 0;
}

static int created(const struct visit *v, size_t n, struct visit key)
{
	size_t lo = 0, hi = n;
	int k = 0;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (by_place(&v[mid], &key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < n && by_place(&v[lo], &key) == 0; lo++)
		k++;
	return k;
}

static struct vd_usage usage(enum vd_tech t, const struct vd_fact_use *u)
{
	struct vd_usage r = {.alive = u && u->any};
	if (u)
		r.used = t == VD_TECH_DISPENSER     ? u->doses > 0
			 : t == VD_TECH_SUPERVISION ? u->supervisions > 0
						    : r.alive; /* a door kept shut is watched too */
	return r;
}

static void add(struct rep_tech *t, enum vd_tech tech, const struct vd_saving *s,
		const struct vd_usage *us, const struct vd_fact_use *u)
{
	t->user_days++;
	t->counted_days += s->counted;
	t->dead_days += !us->alive;
	t->created += us->created;
	if (u) {
		t->events += tech == VD_TECH_DISPENSER     ? u->doses
			     : tech == VD_TECH_SUPERVISION ? u->supervisions
							   : u->doors;
		t->events_night += tech == VD_TECH_DOOR ? u->doors_night : 0;
	}
	t->visits = vd_range_add(t->visits, s->visits);
	t->km = vd_range_add(t->km, s->km);
	vd_ladder_add(&t->ladder, s);
}

static void add_all(struct rep_edition *r, struct rep_muni *m, enum vd_tech tech, int64_t day,
		    const struct vd_saving *s, const struct vd_usage *us,
		    const struct vd_fact_use *u)
{
	for (int p = 0; p < REP_PERIODS; p++)
		if (day >= r->first[p])
			add(&m->p[p].tech[tech], tech, s, us, u);
	for (int i = 0; i < REP_MONTHS; i++)
		if (day >= r->month[i] && day < r->month[i + 1])
			m->month_freed_min[i] += s->minutes.mode;
}

static int one_base(struct rep_edition *r, const struct vd_fact_base *b, const struct visit *v,
		    size_t n_v, struct vd_errtext *e)
{
	struct rep_muni *m = rep_find(r, b->muni);
	struct vd_shares sh;
	if (!m || b->tech >= VD_TECH_MAX)
		return 0;
	rep_shares(r->f, b->muni, b->tech, &sh);
	for (int64_t day = r->first[REP_YEAR]; day <= r->day; day++) {
		if (!vd_benefit_exposed(&b->b, day))
			continue;
		const struct vd_fact_use *u = use_of(r->f, b->placement, day);
		struct vd_usage us = usage(b->tech, u);
		us.created = created(v, n_v, (struct visit){b->placement, day, b->tech});
		struct vd_saving s = vd_benefit_day(&b->b, &sh, day, &us);
		int err = vd_benefit_check(&b->b, &s, e);
		if (err)
			return err;
		add_all(r, m, b->tech, day, &s, &us, u);
		add_all(r, &r->region, b->tech, day, &s, &us, u);
	}
	return 0;
}

struct person {
	int64_t recipient;
	int muni;
	enum vd_tech tech;
};

static int by_person(const void *a, const void *b)
{
	const struct person *x = a, *y = b;
	if (x->muni != y->muni)
		return x->muni < y->muni ? -1 : 1;
	if (x->tech != y->tech)
		return x->tech < y->tech ? -1 : 1;
	return (x->recipient > y->recipient) - (x->recipient < y->recipient);
}

/* Persons, not placements: two doors of one home are one person. Anyone in the whole period
 * counts, so that the hiding is the same for every period. */
static int count_users(struct rep_edition *r)
{
	const struct vd_facts *f = r->f;
	struct person *p = vd_calloc(f->n_bases + 1, sizeof(*p));
	size_t n = 0;
	if (!p)
		return VD_ENOMEM;
	for (size_t i = 0; i < f->n_bases; i++) {
		const struct vd_fact_base *b = &f->bases[i];
		if (b->tech < VD_TECH_MAX && !(b->b.end_day && b->b.end_day <= r->first[REP_YEAR]))
			p[n++] = (struct person){b->recipient, b->muni, b->tech};
	}
	qsort(p, n, sizeof(*p), by_person);
	for (size_t i = 0; i < n; i++) {
		struct rep_muni *m = rep_find(r, p[i].muni);
		if (!m || (i && by_person(&p[i - 1], &p[i]) == 0))
			continue;
		m->users[p[i].tech]++;
		r->region.users[p[i].tech]++;
	}
	vd_free(p);
	return 0;
}

int rep_tally_benefit(struct rep_edition *r, struct vd_errtext *e)
{
	struct visit *v = NULL;
	size_t n = 0;
	int err = visits_caused(r->f, &v, &n);
	if (!err)
		err = count_users(r);
	if (err)
		vd_errtext(e, err, "not enough memory for the report", "", NULL);
	for (size_t i = 0; !err && i < r->f->n_bases; i++)
		err = one_base(r, &r->f->bases[i], v, n, e);
	vd_free(v);
	return err;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Alarms, answers, sources, silence and what must be hidden. One thread. */
#include "report/tally.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define SILENCE_DEFAULT_MS VD_DAY_MS /* the hub's default, docs/alarms.md */

static void count(struct rep_edition *r, struct rep_muni *m, const struct vd_fact_alarm *a)
{
	int64_t day = vd_oslo_day(a->received_ms);
	for (int p = 0; p < REP_PERIODS; p++) {
		struct rep_stats *s = &m->p[p];
		if (day < r->first[p])
			continue;
		s->alarms++;
		s->by_kind[a->kind]++;
		s->escalated += a->level > 1;
	}
	for (int i = 0; i < REP_MONTHS; i++)
		m->month_alarms[i] += day >= r->month[i] && day < r->month[i + 1];
}

static void answers(struct rep_edition *r, struct rep_muni *m, int p, int64_t *wait)
{
	size_t n = 0;
	for (size_t i = 0; i < r->f->n_alarms; i++) {
		const struct vd_fact_alarm *a = &r->f->alarms[i];
		if ((m->number && a->muni != m->number) || !rep_care(a->kind) || a->collapsed ||
		    vd_oslo_day(a->received_ms) < r->first[p])
			continue;
		wait[n++] = a->first_ack_ms ? a->first_ack_ms - a->received_ms : -1;
	}
	m->p[p].answer = vd_answer_of(wait, n);
}

static int by_int(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	return (x > y) - (x < y);
}

static void pressers(struct rep_edition *r, struct rep_muni *m, int p, int64_t *who)
{
	size_t n = 0;
	for (size_t i = 0; i < r->f->n_alarms; i++) {
		const struct vd_fact_alarm *a = &r->f->alarms[i];
		if (a->kind == VD_KIND_SOS && a->recipient && a->repeat_24h >= REP_PRESSES &&
		    a->muni == m->number && vd_oslo_day(a->received_ms) >= r->first[p])
			who[n++] = a->recipient;
	}
	qsort(who, n, sizeof(*who), by_int);
	for (size_t i = 0; i < n; i++)
		if (!i || who[i] != who[i - 1])
			m->p[p].pressers++;
	r->region.p[p].pressers += m->p[p].pressers;
}

static int by_source(const void *a, const void *b)
{
	const struct rep_worst *x = a, *y = b;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->placement > y->placement) - (x->placement < y->placement);
}

static int by_count(const void *a, const void *b)
{
	const struct rep_worst *x = a, *y = b;
	if (x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return by_source(a, b);
}

static void worst(struct rep_edition *r, struct rep_muni *m, struct rep_worst *w)
{
	size_t n = 0, k = 0;
	for (size_t i = 0; i < r->f->n_alarms; i++) {
		const struct vd_fact_alarm *a = &r->f->alarms[i];
		if ((m->number && a->muni != m->number) || (!a->device && !a->placement) ||
		    vd_oslo_day(a->received_ms) < r->first[REP_MONTH])
			continue;
		w[n++] = (struct rep_worst){a->device, a->device ? 0 : a->placement, 1};
	}
	qsort(w, n, sizeof(*w), by_source);
	for (size_t i = 0; i < n; i++) {
		if (k && by_source(&w[k - 1], &w[i]) == 0)
			w[k - 1].n++;
		else
			w[k++] = w[i];
	}
	qsort(w, k, sizeof(*w), by_count);
	m->n_worst = k < REP_WORST ? k : REP_WORST;
	memcpy(m->worst, w, m->n_worst * sizeof(*w));
}

static void one_muni(struct rep_edition *r, struct rep_muni *m, int64_t *tmp, struct rep_worst *w)
{
	for (int p = 0; p < REP_PERIODS; p++) {
		answers(r, m, p, tmp);
		if (m->number)
			pressers(r, m, p, tmp);
	}
	worst(r, m, w);
}

int rep_tally_alarms(struct rep_edition *r)
{
	const struct vd_facts *f = r->f;
	int64_t *tmp = vd_calloc(f->n_alarms + 1, sizeof(*tmp));
	struct rep_worst *w = vd_calloc(f->n_alarms + 1, sizeof(*w));
	bool ok = tmp && w;
	for (size_t i = 0; ok && i < f->n_alarms; i++) {
		struct rep_muni *m = rep_find(r, f->alarms[i].muni);
		if (m)
			count(r, m, &f->alarms[i]);
		count(r, &r->region, &f->alarms[i]);
	}
	for (size_t i = 0; ok && i < f->n_duties; i++) {
		struct rep_muni *m = rep_find(r, f->duties[i].muni);
		for (int p = 0; m && p < REP_PERIODS; p++) {
			if (f->duties[i].day < r->first[p])
				continue;
			m->p[p].nobody += f->duties[i].n;
			r->region.p[p].nobody += f->duties[i].n;
		}
	}
	for (size_t i = 0; ok && i < r->n_muni; i++)
		one_muni(r, &r->muni[i], tmp, w);
	if (ok)
		one_muni(r, &r->region, tmp, w);
	vd_free(tmp);
	vd_free(w);
	return ok ? 0 : VD_ENOMEM;
}

/* -- silence --------------------------------------------------------------------------------- */

static const struct vd_fact_gap *gap_of(const struct vd_facts *f, int64_t device, int64_t day)
{
	size_t lo = 0, hi = f->n_gaps;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct vd_fact_gap *g = &f->gaps[mid];
		if (g->device < device || (g->device == device && g->day < day))
			lo = mid + 1;
		else
			hi = mid;
	}
	const struct vd_fact_gap *g = &f->gaps[lo];
	return lo < f->n_gaps && g->device == device && g->day == day ? g : NULL;
}

/* Hours without contact within the day itself: all of it (23 or 25 hours when the clocks change)
 * when nothing was heard; else the longest silence, when it passed the device's own limit. */
static int64_t silent_ms(const struct rep_edition *r, const struct vd_fact_device *d)
{
	int64_t length = vd_oslo_day_start(r->day + 1) - vd_oslo_day_start(r->day);
	int64_t limit = d->limit_ms ? d->limit_ms : SILENCE_DEFAULT_MS;
	const struct vd_fact_gap *g = gap_of(r->f, d->id, r->day);
	if (!g)
		return length;
	if (g->gap_ms <= limit)
		return 0;
	return g->gap_ms < length ? g->gap_ms : length;
}

static int add_silent(struct rep_muni *m, const struct vd_fact_device *d, int64_t ms)
{
	m->devices++;
	if (!ms)
		return 0;
	void *p = vd_realloc(m->silent, (m->n_silent + 1) * sizeof(*m->silent));
	if (!p)
		return VD_ENOMEM;
	m->silent = p;
	m->silent[m->n_silent++] = (struct rep_silent){d->id, ms};
	m->silent_ms += ms;
	return 0;
}

int rep_tally_silent(struct rep_edition *r)
{
	int err = 0;
	for (size_t i = 0; !err && i < r->f->n_devices; i++) {
		const struct vd_fact_device *d = &r->f->devices[i];
		struct rep_muni *m = rep_find(r, d->muni);
		int64_t ms = silent_ms(r, d);
		err = m ? add_silent(m, d, ms) : 0;
		if (!err)
			err = add_silent(&r->region, d, ms);
	}
	return err;
}

/* -- small numbers --------------------------------------------------------------------------- */

static void hide_tech(struct rep_edition *r, int t, int64_t *people, bool *hide)
{
	for (size_t i = 0; i < r->n_muni; i++)
		people[i] = r->muni[i].users[t];
	r->region.hide[t] = vd_suppress_row(people, r->n_muni, hide);
	for (size_t i = 0; i < r->n_muni; i++)
		r->muni[i].hide[t] = hide[i];
}

/* The sum over technologies would give back the only hidden one. */
static void hide_total(struct rep_muni *m)
{
	int64_t hidden = 0, users = 0;
	int n = 0;
	for (int t = 0; t < VD_TECH_MAX; t++) {
		users += m->users[t];
		hidden += m->hide[t] ? m->users[t] : 0;
		n += m->hide[t] && m->users[t];
	}
	m->hide_total = vd_suppress_one(users) || n == 1 || (n && hidden < VD_SUPPRESS_BELOW);
}

int rep_tally_hide(struct rep_edition *r)
{
	int64_t *people = vd_calloc(r->n_muni + 1, sizeof(*people));
	bool *hide = vd_calloc(r->n_muni + 1, sizeof(*hide));
	bool ok = people && hide;
	for (int t = 0; ok && t < VD_TECH_MAX; t++)
		hide_tech(r, t, people, hide);
	for (int p = 0; ok && p < REP_PERIODS; p++) {
		for (size_t i = 0; i < r->n_muni; i++)
			people[i] = r->muni[i].p[p].pressers;
		r->region.hide_pressers[p] = vd_suppress_row(people, r->n_muni, hide);
		for (size_t i = 0; i < r->n_muni; i++)
			r->muni[i].hide_pressers[p] = hide[i];
	}
	for (size_t i = 0; ok && i < r->n_muni; i++)
		hide_total(&r->muni[i]);
	hide_total(&r->region);
	vd_free(people);
	vd_free(hide);
	return ok ? 0 : VD_ENOMEM;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Freed time, the ladder, the region's table, gaps and assumptions. One thread. */
#include "report/html.h"
#include "base/clock.h"
#include <stdio.h>
#include <string.h>

static void group(struct page *p, const char *name, int columns)
{
	vd_buf_add_cstr(p->b, "</tbody>\n<tbody>\n");
	vd_buf_printf(p->b, "<tr><th scope=\"rowgroup\" class=\"group\" colspan=\"%d\">", columns);
	page_text(p, name);
	vd_buf_add_cstr(p->b, "</th></tr>\n");
}

static void int_row(struct page *p, enum vd_tech t, enum rep_word w, size_t member)
{
	page_row(p, page_word(p, w));
	for (int i = 0; i < REP_PERIODS; i++)
		page_cell_int(p, *(const int64_t *)((const char *)&p->m->p[i].tech[t] + member),
			      p->m->hide[t]);
	page_row_end(p);
}

static void range_row(struct page *p, enum vd_tech t, enum rep_word w, size_t member, double per)
{
	page_row(p, page_word(p, w));
	for (int i = 0; i < REP_PERIODS; i++) {
		struct vd_range v =
			*(const struct vd_range *)((const char *)&p->m->p[i].tech[t] + member);
		v = (struct vd_range){v.low / per, v.mode / per, v.high / per};
		page_cell_range(p, v, per > 1 ? 1 : 0, p->m->hide[t]);
	}
	page_row_end(p);
}

static void door_row(struct page *p)
{
	bool hidden = p->m->hide[VD_TECH_DOOR];
	page_row(p, page_word(p, RW_DOORS));
	for (int i = 0; i < REP_PERIODS; i++) {
		const struct rep_tech *x = &p->m->p[i].tech[VD_TECH_DOOR];
		page_cell(p);
		if (hidden) {
			vd_buf_add_char(p->b, ':');
		} else {
			rep_int(p->b, x->events);
			vd_buf_add_cstr(p->b, " (");
			rep_int(p->b, x->events_night);
			vd_buf_add_cstr(p->b, ")");
		}
		page_cell_end(p);
	}
	page_row_end(p);
}

static void tech_rows(struct page *p, enum vd_tech t)
{
	group(p, page_word(p, rep_tech_word(t)), 1 + REP_PERIODS);
	page_row(p, page_word(p, RW_USERS));
	for (int i = 0; i < REP_PERIODS; i++)
		page_cell_int(p, p->m->users[t], p->m->hide[t]);
	page_row_end(p);
	page_row(p, page_word(p, RW_USER_DAYS));
	for (int i = 0; i < REP_PERIODS; i++)
		page_cell_ratio(p, p->m->p[i].tech[t].counted_days, p->m->p[i].tech[t].user_days,
				p->m->hide[t]);
	page_row_end(p);
	if (t == VD_TECH_DOOR)
		door_row(p);
	else
		int_row(p, t, t == VD_TECH_DISPENSER ? RW_DOSES : RW_SUPERVISIONS,
			offsetof(struct rep_tech, events));
	int_row(p, t, RW_CREATED, offsetof(struct rep_tech, created));
	range_row(p, t, RW_VISITS, offsetof(struct rep_tech, visits), 1);
	range_row(p, t, RW_KM, offsetof(struct rep_tech, km), 1);
	range_row(p, t, RW_HOURS, offsetof(struct rep_tech, ladder.freed_min), 60);
}

static void total_row(struct page *p)
{
	group(p, page_word(p, RW_TOTAL), 1 + REP_PERIODS);
	page_row(p, page_word(p, RW_HOURS));
	for (int i = 0; i < REP_PERIODS; i++)
		page_cell_range(p, rep_hours(rep_total_min(p->m, i)), 1, p->m->hide_total);
	page_row_end(p);
}

static void step_row(struct page *p, enum rep_word w, struct vd_range hours)
{
	page_row(p, page_word(p, w));
	page_cell(p);
	if (p->m->hide_total) {
		vd_buf_add_char(p->b, ':');
	} else {
		rep_range(p->b, hours, 1);
		vd_buf_printf(p->b, " %s", page_word(p, RW_SAY_HOURS));
	}
	page_cell_end(p);
	page_row_end(p);
}

static void ladder(struct page *p)
{
	static const enum rep_word head[] = {RW_STEP, RW_FIGURE, RW_WORDS};
	double potential = 0;
	for (int t = 0; t < VD_TECH_MAX; t++)
		potential += p->m->p[REP_MONTH].tech[t].ladder.potential_min / 60;
	page_table(p, page_word(p, RW_LADDER), head);
	step_row(p, RW_POTENTIAL, (struct vd_range){potential, potential, potential});
	step_row(p, RW_STEP_FREED, rep_hours(rep_total_min(p->m, REP_MONTH)));
	page_row(p, page_word(p, RW_REDEPLOYED));
	page_cell(p);
	vd_buf_add_cstr(p->b, page_word(p, RW_NO_REDEPLOYED));
	page_cell_end(p);
	page_row_end(p);
	page_row(p, page_word(p, RW_BUDGET));
	page_cell(p);
	vd_buf_add_cstr(p->b, page_word(p, RW_NO_DECISION));
	page_cell_end(p);
	page_row_end(p);
	page_table_end(p);
}

/* Rounded to 100 kr: more figures than that would claim what the range does not hold. */
static double rounded(double kr)
{
	double n = kr < 0 ? kr - 50 : kr + 50;
	return (double)((int64_t)(n / 100) * 100);
}

static void value(struct page *p)
{
	enum rep_word missing = rep_value_missing(p->r, p->m);
	vd_buf_add_cstr(p->b, "<p>");
	if (missing != RW_WORDS) {
		vd_buf_printf(p->b, "%s %s.</p>\n", page_word(p, RW_VALUE_MISSING),
			      page_word(p, missing));
		return;
	}
	struct vd_range v = rep_value(p->r, p->m);
	const struct vd_assumption *a =
		vd_facts_assumption(p->r->f, p->m->number, "HOME.hour_price");
	v = (struct vd_range){rounded(v.low), rounded(v.mode), rounded(v.high)};
	vd_buf_printf(p->b, "%s: <strong>", page_word(p, RW_VALUE));
	rep_range(p->b, v, 0);
	vd_buf_printf(p->b, REP_NBSP "kr</strong>. %s ", page_word(p, RW_VALUE_NOTE));
	rep_range(p->b, a->value, 0);
	vd_buf_printf(p->b, REP_NBSP "kr, %s %d, %s ", page_word(p, RW_PRICE_YEAR), a->price_year,
		      page_word(p, RW_GRADE));
	page_text(p, a->grade);
	vd_buf_add_cstr(p->b, ".</p>\n");
}

void page_freed(struct page *p)
{
	page_heading(p, RW_FREED);
	if (!rep_users(p->m)) {
		page_para(p, RW_NO_BASE);
		value(p);
		return;
	}
	page_para(p, RW_FREED_NOTE);
	page_period_table(p, RW_FREED);
	for (int t = 0; t < VD_TECH_MAX; t++)
		if (p->m->users[t])
			tech_rows(p, t);
	total_row(p);
	page_table_end(p);
	page_para(p, RW_SMALL_NOTE);
	ladder(p);
	value(p);
}

static void month_table(struct page *p, bool freed)
{
	static const enum rep_word with[] = {RW_MONTH, RW_ALL_ALARMS, RW_HOURS, RW_WORDS},
				   without[] = {RW_MONTH, RW_ALL_ALARMS, RW_WORDS};
	char name[32];
	page_table(p, page_word(p, RW_MONTHS), freed ? with : without);
	for (int i = 0; i < REP_MONTHS; i++) {
		int y, m, d;
		vd_civil_from_days(p->r->month[i], &y, &m, &d);
		snprintf(name, sizeof(name), "%s %d", rep_month(m, p->nn), y);
		page_row(p, name);
		page_cell_int(p, p->m->month_alarms[i], false);
		if (freed) {
			page_cell(p);
			rep_num(p->b, p->m->month_freed_min[i] / 60, 1);
			page_cell_end(p);
		}
		page_row_end(p);
	}
	page_table_end(p);
}

void page_months(struct page *p)
{
	bool freed = rep_users(p->m) && !p->m->hide_total;
	double v[REP_MONTHS];
	page_heading(p, RW_MONTHS);
	for (int i = 0; i < REP_MONTHS; i++)
		v[i] = (double)p->m->month_alarms[i];
	page_chart(p, page_word(p, RW_ALL_ALARMS), v, 0);
	for (int i = 0; freed && i < REP_MONTHS; i++)
		v[i] = p->m->month_freed_min[i] / 60;
	if (freed)
		page_chart(p, page_word(p, RW_HOURS), v, 1);
	month_table(p, freed);
}

/* -- the region's municipalities ------------------------------------------------------------- */

static void muni_row(struct page *p, const struct rep_muni *m)
{
	const struct vd_answer *a = &m->p[REP_MONTH].answer;
	page_row(p, m->name);
	page_cell_int(p, m->p[REP_MONTH].alarms, false);
	page_cell_ratio(p, a->within60, a->alarms, false);
	page_cell_ratio(p, a->within180, a->alarms, false);
	for (int t = 0; t < VD_TECH_MAX; t++) {
		if (m->users[t] || m->hide[t])
			page_cell_range(p, rep_hours(m->p[REP_MONTH].tech[t].ladder.freed_min), 1,
					m->hide[t]);
		else
			page_cell_none(p);
	}
	page_row_end(p);
}

void page_munis(struct page *p)
{
	static const enum rep_word head[] = {RW_MUNI,        RW_ALL_ALARMS, RW_WITHIN60,
					     RW_WITHIN180,   RW_DISPENSER,  RW_DOOR,
					     RW_SUPERVISION, RW_WORDS};
	page_heading(p, RW_MUNIS);
	vd_buf_printf(p->b, "<p class=\"note\">%s, %s, %s: %s. %s</p>\n",
		      page_word(p, RW_DISPENSER), page_word(p, RW_DOOR),
		      page_word(p, RW_SUPERVISION), page_word(p, RW_HOURS),
		      page_word(p, RW_SMALL_NOTE));
	page_table(p, page_word(p, RW_MUNIS), head);
	for (size_t i = 0; i < p->r->n_muni; i++)
		muni_row(p, &p->r->muni[i]);
	muni_row(p, p->m);
	page_table_end(p);
}

/* -- gaps and assumptions -------------------------------------------------------------------- */

static void gap(struct page *p, int64_t n, enum rep_word w)
{
	if (!n)
		return;
	vd_buf_printf(p->b, "<li>%s: ", page_word(p, w));
	rep_int(p->b, n);
	vd_buf_add_cstr(p->b, "</li>\n");
}

/* Is what one dispenser day frees, face to face, far from what others have published? */
static void published(struct page *p)
{
	const struct vd_assumption *a =
		vd_facts_assumption(p->r->f, p->m->number, "EMS.face_min_user_day");
	const struct vd_fact_base *b = p->r->f->bases;
	double sum = 0;
	int64_t n = 0;
	for (size_t i = 0; i < p->r->f->n_bases; i++) {
		if (b[i].tech != VD_TECH_DISPENSER || (p->m->number && b[i].muni != p->m->number))
			continue;
		sum += (b[i].b.visits_per_week - b[i].b.remaining_per_week) / 7 * b[i].b.face_min;
		n++;
	}
	double mean = n ? sum / (double)n : 0;
	if (!a || !n || p->m->hide[VD_TECH_DISPENSER] ||
	    (mean >= a->value.low && mean <= a->value.high))
		return;
	vd_buf_printf(p->b, "<li>%s ", page_word(p, RW_GAP_PUBLISHED));
	rep_num(p->b, mean, 1);
	vd_buf_add_cstr(p->b, " (");
	rep_num(p->b, a->value.low, 0);
	vd_buf_add_cstr(p->b, REP_DASH);
	rep_num(p->b, a->value.high, 0);
	vd_buf_add_cstr(p->b, ").</li>\n");
}

void page_gaps(struct page *p)
{
	int64_t unplaced = 0, dead = 0;
	bool hidden = p->m->hide_total;
	for (size_t i = 0; i < p->r->f->n_alarms; i++) {
		const struct vd_fact_alarm *a = &p->r->f->alarms[i];
		unplaced += !a->placement && rep_care(a->kind) &&
			    (!p->m->number || a->muni == p->m->number) &&
			    vd_oslo_day(a->received_ms) >= p->r->first[REP_MONTH];
	}
	for (int t = 0; t < VD_TECH_MAX; t++) {
		dead += p->m->p[REP_MONTH].tech[t].dead_days;
		hidden = hidden || (p->m->hide[t] && p->m->users[t]);
	}
	page_heading(p, RW_GAPS);
	vd_buf_add_cstr(p->b, "<ul>\n");
	if (!p->r->n_muni)
		vd_buf_printf(p->b, "<li>%s</li>\n", page_word(p, RW_GAP_NO_MUNI));
	gap(p, unplaced, RW_GAP_UNPLACED);
	gap(p, hidden ? 0 : dead, RW_GAP_DEAD);
	gap(p, (int64_t)p->m->n_silent, RW_GAP_SILENT);
	published(p);
	struct vd_shares shares;
	rep_shares(p->r->f, p->m->number, VD_TECH_DISPENSER, &shares);
	if (shares.travel.mode <= 0)
		vd_buf_printf(p->b, "<li>%s</li>\n", page_word(p, RW_GAP_TRAVEL));
	vd_buf_printf(p->b, "<li>%s</li>\n<li>%s</li>\n</ul>\n", page_word(p, RW_GAP_VISITS),
		      page_word(p, RW_GAP_COST));
}

/* Each web address in the text becomes a link; the rest is escaped text. */
static void source(struct page *p, const char *s)
{
	vd_buf_add_cstr(p->b, "<td class=\"source\">");
	while (*s) {
		char part[512];
		size_t n = strcspn(s, " ");
		bool link = strncmp(s, "https://", 8) == 0 && n < sizeof(part);
		vd_span_copy(part, sizeof(part), vd_span(s, n));
		if (link) {
			vd_buf_add_cstr(p->b, "<a href=\"");
			page_text(p, part);
			vd_buf_add_cstr(p->b, "\" rel=\"noreferrer\">");
		}
		page_text(p, part);
		vd_buf_add_cstr(p->b, link ? "</a>" : "");
		s += n;
		if (*s == ' ') {
			vd_buf_add_char(p->b, ' ');
			s++;
		}
	}
	page_cell_end(p);
}

static void assumption(struct page *p, const struct vd_assumption *a)
{
	const double v[3] = {a->value.low, a->value.mode, a->value.high};
	page_row(p, a->id);
	for (int i = 0; i < 3; i++) {
		page_cell(p);
		rep_plain(p->b, v[i], ',');
		page_cell_end(p);
	}
	page_cell_word(p, strcmp(a->unit, "1") == 0 ? "" : a->unit);
	page_cell(p);
	if (a->price_year)
		vd_buf_printf(p->b, "%d", a->price_year);
	page_cell_end(p);
	page_cell_word(p, a->grade);
	source(p, a->source);
	page_row_end(p);
}

void page_assumptions(struct page *p)
{
	static const enum rep_word head[] = {RW_ID,   RW_LOW,   RW_MODE, RW_HIGH, RW_UNIT,
					     RW_YEAR, RW_GRADE, RW_FROM, RW_WORDS};
	const struct vd_facts *f = p->r->f;
	page_heading(p, RW_ASSUMPTIONS);
	page_para(p, RW_GRADE_NOTE);
	page_table(p, page_word(p, RW_ASSUMPTIONS), head);
	for (size_t i = 0; i < f->n_assumptions; i++)
		if (vd_facts_assumption(f, p->m->number, f->assumptions[i].id) ==
		    &f->assumptions[i])
			assumption(p, &f->assumptions[i]);
	page_table_end(p);
}

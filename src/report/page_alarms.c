/* SPDX-License-Identifier: EUPL-1.2 */
/* The page's first sentence, alarms, answers, worst sources and silence. One thread. */
#include "report/html.h"
#include "base/clock.h"
#include <stdio.h>

#define LISTED_LATE   200 /* of one day; more is in the console's search */
#define LISTED_SILENT 40

/* -- the result ------------------------------------------------------------------------------ */

static void say_freed(struct page *p)
{
	struct vd_range h = rep_hours(rep_total_min(p->m, REP_MONTH));
	if (!rep_users(p->m)) {
		vd_buf_add_cstr(p->b, page_word(p, RW_NO_BASE));
		return;
	}
	if (p->m->hide_total) {
		vd_buf_add_cstr(p->b, page_word(p, RW_SAY_SMALL));
		return;
	}
	vd_buf_printf(p->b, "%s ", page_word(p, RW_SAY_FREED));
	rep_num(p->b, h.mode, 1);
	vd_buf_printf(p->b, " %s (%s ", page_word(p, RW_SAY_HOURS), page_word(p, RW_SAY_BETWEEN));
	rep_num(p->b, h.low, 1);
	vd_buf_printf(p->b, " %s ", page_word(p, RW_SAY_AND));
	rep_num(p->b, h.high, 1);
	vd_buf_add_cstr(p->b, ").");
}

void page_result(struct page *p)
{
	const struct vd_answer *a = &p->m->p[REP_DAY].answer;
	vd_buf_add_cstr(p->b, "<p class=\"result\">");
	say_freed(p);
	vd_buf_add_char(p->b, ' ');
	if (!a->alarms) {
		vd_buf_add_cstr(p->b, page_word(p, RW_SAY_NO_ALARM));
	} else {
		rep_int(p->b, a->alarms);
		vd_buf_printf(p->b, " %s, ",
			      page_word(p, a->alarms == 1 ? RW_ANSWER_ONE : RW_ANSWER_MANY));
		rep_ratio(p->b, a->within60, a->alarms, page_word(p, RW_OF));
		vd_buf_printf(p->b, " %s.", page_word(p, RW_SAY_WITHIN));
	}
	vd_buf_add_cstr(p->b, "</p>\n");
}

/* -- alarms ---------------------------------------------------------------------------------- */

static void by_kind(struct page *p)
{
	page_period_table(p, RW_BY_KIND);
	for (int k = 0; k < VD_KIND_MAX; k++) {
		if (!p->m->p[REP_YEAR].by_kind[k])
			continue;
		page_row(p, rep_kind(k, p->nn));
		for (int i = 0; i < REP_PERIODS; i++)
			page_cell_int(p, p->m->p[i].by_kind[k], false);
		page_row_end(p);
	}
	page_row(p, page_word(p, RW_ALL_ALARMS));
	for (int i = 0; i < REP_PERIODS; i++)
		page_cell_int(p, p->m->p[i].alarms, false);
	page_row_end(p);
	page_table_end(p);
}

static void ratio_row(struct page *p, enum rep_word w, size_t member)
{
	page_row(p, page_word(p, w));
	for (int i = 0; i < REP_PERIODS; i++) {
		const struct vd_answer *a = &p->m->p[i].answer;
		page_cell_ratio(p, *(const int64_t *)((const char *)a + member), a->alarms, false);
	}
	page_row_end(p);
}

static void wait_row(struct page *p, enum rep_word w, size_t member)
{
	page_row(p, page_word(p, w));
	for (int i = 0; i < REP_PERIODS; i++) {
		const struct vd_answer *a = &p->m->p[i].answer;
		page_cell(p);
		if (a->answered)
			rep_wait(p->b, *(const int64_t *)((const char *)a + member));
		else
			vd_buf_add_cstr(p->b, REP_DASH);
		page_cell_end(p);
	}
	page_row_end(p);
}

static void count_row(struct page *p, enum rep_word w, size_t member, bool people)
{
	page_row(p, page_word(p, w));
	for (int i = 0; i < REP_PERIODS; i++)
		page_cell_int(p, *(const int64_t *)((const char *)&p->m->p[i] + member),
			      people && p->m->hide_pressers[i]);
	page_row_end(p);
}

static void answer(struct page *p)
{
	page_heading(p, RW_ANSWER);
	page_para(p, RW_ANSWER_NOTE);
	page_period_table(p, RW_ANSWER);
	count_row(p, RW_CARE_ALARMS, offsetof(struct rep_stats, answer.alarms), false);
	ratio_row(p, RW_WITHIN60, offsetof(struct vd_answer, within60));
	ratio_row(p, RW_WITHIN180, offsetof(struct vd_answer, within180));
	ratio_row(p, RW_ANSWERED, offsetof(struct vd_answer, answered));
	wait_row(p, RW_MEDIAN, offsetof(struct vd_answer, median_ms));
	wait_row(p, RW_P90, offsetof(struct vd_answer, p90_ms));
	wait_row(p, RW_MAX, offsetof(struct vd_answer, max_ms));
	count_row(p, RW_ESCALATED, offsetof(struct rep_stats, escalated), false);
	count_row(p, RW_NOBODY, offsetof(struct rep_stats, nobody), false);
	count_row(p, RW_PRESSERS, offsetof(struct rep_stats, pressers), true);
	page_table_end(p);
}

/* Every alarm that waited long; on a day with few alarms all of them, since a share says little. */
static bool listed(const struct page *p, const struct vd_fact_alarm *a, bool all)
{
	if ((p->m->number && a->muni != p->m->number) || !rep_care(a->kind) || a->collapsed ||
	    vd_oslo_day(a->received_ms) != p->r->day)
		return false;
	return all || !a->first_ack_ms || a->first_ack_ms - a->received_ms > 180000;
}

static void late_row(struct page *p, const struct vd_fact_alarm *a)
{
	char num[16];
	vd_buf_add_cstr(p->b, "<tr><th scope=\"row\">");
	rep_clock(p->b, a->received_ms);
	vd_buf_add_cstr(p->b, "</th>");
	page_cell_word(p, rep_kind(a->kind, p->nn));
	page_cell(p);
	if (a->first_ack_ms)
		rep_wait(p->b, a->first_ack_ms - a->received_ms);
	else
		vd_buf_add_cstr(p->b, page_word(p, RW_NOT_ANSWERED));
	page_cell_end(p);
	if (!p->m->number) {
		const struct rep_muni *m = rep_find((struct rep_edition *)p->r, a->muni);
		snprintf(num, sizeof(num), "%04d", a->muni);
		page_cell_word(p, m ? m->name : num);
	}
	page_row_end(p);
}

static void late(struct page *p)
{
	static const enum rep_word own[] = {RW_TIME, RW_KIND, RW_WAIT, RW_WORDS},
				   all_munis[] = {RW_TIME, RW_KIND, RW_WAIT, RW_MUNI, RW_WORDS};
	int64_t n = p->m->p[REP_DAY].answer.alarms;
	bool all = n > 0 && n < VD_PERCENT_FROM;
	size_t shown = 0;
	for (size_t i = 0; i < p->r->f->n_alarms && shown < LISTED_LATE; i++) {
		const struct vd_fact_alarm *a = &p->r->f->alarms[i];
		if (!listed(p, a, all))
			continue;
		if (!shown++)
			page_table(p, page_word(p, all ? RW_FEW : RW_LATE),
				   p->m->number ? own : all_munis);
		late_row(p, a);
	}
	if (shown)
		page_table_end(p);
	else
		page_para(p, RW_LATE_NONE);
}

void page_alarms(struct page *p)
{
	answer(p);
	late(p);
	page_heading(p, RW_ALARMS);
	by_kind(p);
}

/* -- sources and silence --------------------------------------------------------------------- */

static void worst(struct page *p)
{
	static const enum rep_word head[] = {RW_SOURCE, RW_ALARMS, RW_WORDS};
	char name[64];
	page_heading(p, RW_WORST);
	if (!p->m->n_worst) {
		page_para(p, RW_NONE);
		return;
	}
	page_table(p, page_word(p, RW_WORST), head);
	for (size_t i = 0; i < p->m->n_worst; i++) {
		const struct rep_worst *w = &p->m->worst[i];
		snprintf(name, sizeof(name), "%s %lld",
			 page_word(p, w->device ? RW_DEVICE : RW_PLACE),
			 (long long)(w->device ? w->device : w->placement));
		page_row(p, name);
		page_cell_int(p, w->n, false);
		page_row_end(p);
	}
	page_table_end(p);
}

void page_sources(struct page *p)
{
	static const enum rep_word head[] = {RW_DEVICE, RW_SILENT_H, RW_WORDS};
	char name[64];
	worst(p);
	page_heading(p, RW_SILENT);
	if (!p->m->n_silent) {
		page_para(p, RW_NONE);
		return;
	}
	page_table(p, page_word(p, RW_SILENT), head);
	for (size_t i = 0; i < p->m->n_silent && i < LISTED_SILENT; i++) {
		snprintf(name, sizeof(name), "%s %lld", page_word(p, RW_DEVICE),
			 (long long)p->m->silent[i].device);
		page_row(p, name);
		page_cell(p);
		rep_num(p->b, (double)p->m->silent[i].silent_ms / 3600000, 1);
		page_cell_end(p);
		page_row_end(p);
	}
	page_table_end(p);
	if (p->m->n_silent > LISTED_SILENT)
		vd_buf_printf(p->b, "<p>+ %zu, %s</p>\n", p->m->n_silent - LISTED_SILENT,
			      page_word(p, RW_MORE));
}

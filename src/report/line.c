/* SPDX-License-Identifier: EUPL-1.2 */
#include "report/line.h"

struct sink {
	struct rep_line l;
	rep_line_fn fn;
	void *arg;
};

static void say(struct sink *s, const char *indicator, enum rep_word word, const char *unit,
		double value)
{
	s->l.indicator = indicator;
	s->l.word = word;
	s->l.unit = unit;
	s->l.value = value;
	s->fn(&s->l, s->arg);
	s->l.has_ratio = s->l.has_range = s->l.absent = false;
}

static void say_range(struct sink *s, const char *indicator, enum rep_word word, const char *unit,
		      struct vd_range v)
{
	s->l.has_range = true;
	s->l.low = v.low;
	s->l.high = v.high;
	say(s, indicator, word, unit, v.mode);
}

/* The value is the share in percent; too few for one: absent, numerator and denominator stand. */
static void say_ratio(struct sink *s, const char *indicator, enum rep_word word, int64_t num,
		      int64_t den)
{
	s->l.has_ratio = true;
	s->l.num = num;
	s->l.den = den;
	s->l.absent = den < VD_PERCENT_FROM;
	say(s, indicator, word, "%", den ? 100.0 * (double)num / (double)den : 0);
}

static void wait_line(struct sink *s, const char *id, enum rep_word w, int64_t ms, bool any)
{
	s->l.absent = !any;
	say(s, id, w, "s", (double)ms / 1000);
}

static void alarm_lines(struct sink *s, const struct rep_muni *m, bool nynorsk)
{
	const struct rep_stats *p = &m->p[s->l.period];
	const struct vd_answer *a = &p->answer;
	s->l.source = "alarm";
	say(s, "alarms", RW_ALL_ALARMS, "1", (double)p->alarms);
	for (int k = 0; k < VD_KIND_MAX; k++) {
		if (!p->by_kind[k])
			continue;
		s->l.kind = k ? vd_kind_name(k) : "unknown";
		s->l.kind_word = rep_kind(k, nynorsk);
		say(s, "alarms_of_kind", RW_ALARMS, "1", (double)p->by_kind[k]);
	}
	s->l.kind = s->l.kind_word = "";
	say(s, "care_alarms", RW_CARE_ALARMS, "1", (double)a->alarms);
	say_ratio(s, "answered_within_60s", RW_WITHIN60, a->within60, a->alarms);
	say_ratio(s, "answered_within_180s", RW_WITHIN180, a->within180, a->alarms);
	say_ratio(s, "answered", RW_ANSWERED, a->answered, a->alarms);
	wait_line(s, "answer_median", RW_MEDIAN, a->median_ms, a->answered);
	wait_line(s, "answer_p90", RW_P90, a->p90_ms, a->answered);
	wait_line(s, "answer_max", RW_MAX, a->max_ms, a->answered);
	say(s, "escalated", RW_ESCALATED, "1", (double)p->escalated);
	s->l.source = "rollup_day";
	say(s, "nobody_on_duty", RW_NOBODY, "1", (double)p->nobody);
	s->l.source = "alarm";
	s->l.hidden = m->hide_pressers[s->l.period];
	say(s, "repeat_pressers", RW_PRESSERS, "1", (double)p->pressers);
	s->l.hidden = false;
}

static void tech_lines(struct sink *s, const struct rep_muni *m, enum vd_tech t, bool nynorsk)
{
	static const char *const event_id[VD_TECH_MAX] = {"doses", "door_events", "supervisions"};
	static const enum rep_word event_word[VD_TECH_MAX] = {RW_DOSES, RW_DOORS, RW_SUPERVISIONS};
	const struct rep_tech *x = &m->p[s->l.period].tech[t];
	s->l.kind = vd_tech_name(t);
	s->l.kind_word = rep_word(rep_tech_word(t), nynorsk);
	s->l.hidden = m->hide[t];
	s->l.source = "baseline";
	say(s, "users", RW_USERS, "1", (double)m->users[t]);
	s->l.source = "rollup_day device_day";
	s->l.has_ratio = true;
	s->l.num = x->counted_days;
	s->l.den = x->user_days;
	say(s, "counted_user_days", RW_USER_DAYS, "d", (double)x->counted_days);
	say(s, "dead_user_days", RW_DEAD_DAYS, "d", (double)x->dead_days);
	say(s, event_id[t], event_word[t], "1", (double)x->events);
	if (t == VD_TECH_DOOR)
		say(s, "door_events_night", RW_DOORS, "1", (double)x->events_night);
	s->l.source = "alarm";
	say(s, "visits_created", RW_CREATED, "1", (double)x->created);
	s->l.source = "baseline rollup_day alarm assumption";
	say(s, "potential_hours", RW_POTENTIAL, "h", x->ladder.potential_min / 60);
	say_range(s, "visits_avoided", RW_VISITS, "1", x->visits);
	say_range(s, "km_avoided", RW_KM, "km", x->km);
	say_range(s, "hours_freed", RW_HOURS, "h", rep_hours(x->ladder.freed_min));
	s->l.kind = s->l.kind_word = "";
	s->l.hidden = false;
}

static void period_lines(struct sink *s, const struct rep_edition *r, const struct rep_muni *m,
			 bool nynorsk)
{
	alarm_lines(s, m, nynorsk);
	for (int t = 0; t < VD_TECH_MAX; t++)
		if (m->users[t])
			tech_lines(s, m, t, nynorsk);
	s->l.source = "baseline rollup_day alarm assumption";
	s->l.hidden = m->hide_total;
	s->l.absent = !rep_users(m);
	say_range(s, "hours_freed_total", RW_HOURS, "h", rep_hours(rep_total_min(m, s->l.period)));
	if (s->l.period == REP_MONTH) {
		s->l.absent = rep_value_missing(r, m) != RW_WORDS;
		say_range(s, "capacity_value", RW_VALUE, "kr",
			  s->l.absent ? (struct vd_range){0} : rep_value(r, m));
	}
	s->l.hidden = false;
}

void rep_lines(const struct rep_edition *r, const struct rep_muni *m, bool nynorsk, rep_line_fn fn,
	       void *arg)
{
	struct sink s = {
		.l = {.m = m, .kind = "", .kind_word = "", .source = ""}, .fn = fn, .arg = arg};
	for (int p = 0; p < REP_PERIODS; p++) {
		s.l.period = p;
		period_lines(&s, r, m, nynorsk);
	}
	s.l.period = REP_DAY;
	s.l.source = "device_day";
	say(&s, "silent_devices", RW_SILENT_N, "1", (double)m->n_silent);
	say(&s, "hours_without_contact", RW_SILENT_H, "h", (double)m->silent_ms / 3600000);
}

/* -- the value of capacity ------------------------------------------------------------------- */

int64_t rep_users(const struct rep_muni *m)
{
	int64_t n = 0;
	for (int t = 0; t < VD_TECH_MAX; t++)
		n += m->users[t];
	return n;
}

struct vd_range rep_total_min(const struct rep_muni *m, enum rep_period p)
{
	struct vd_range v = {0};
	for (int t = 0; t < VD_TECH_MAX; t++)
		v = vd_range_add(v, m->p[p].tech[t].ladder.freed_min);
	return v;
}

static bool priced(const struct rep_edition *r, const struct rep_muni *m)
{
	if (m->number)
		return m->has_price;
	for (size_t i = 0; i < r->n_muni; i++)
		if (rep_users(&r->muni[i]) && !r->muni[i].has_price)
			return false;
	return true;
}

enum rep_word rep_value_missing(const struct rep_edition *r, const struct rep_muni *m)
{
	int64_t days = 0;
	for (int t = 0; t < VD_TECH_MAX; t++)
		days += m->p[REP_MONTH].tech[t].counted_days;
	if (!rep_users(m))
		return RW_MISS_BASE;
	if (m->hide_total)
		return RW_MISS_SMALL;
	if (!days)
		return RW_MISS_EVENTS;
	return priced(r, m) ? RW_WORDS : RW_MISS_PRICE;
}

struct vd_range rep_value(const struct rep_edition *r, const struct rep_muni *m)
{
	struct vd_range v = {0};
	if (m->number)
		return vd_benefit_value(rep_total_min(m, REP_MONTH), m->hour_price);
	for (size_t i = 0; i < r->n_muni; i++)
		v = vd_range_add(v, vd_benefit_value(rep_total_min(&r->muni[i], REP_MONTH),
						     r->muni[i].hour_price));
	return v;
}

enum rep_word rep_tech_word(enum vd_tech t)
{
	return t == VD_TECH_DISPENSER ? RW_DISPENSER : t == VD_TECH_DOOR ? RW_DOOR : RW_SUPERVISION;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The figures as CSV: one file for people with a Norwegian spreadsheet, one for machines. */
#include "report/fmt.h"
#include "report/line.h"
#include "base/clock.h"

struct csv {
	struct vd_buf *b;
	const struct rep_edition *r;
	bool nynorsk;
};

static const enum rep_word period_word[REP_PERIODS] = {RW_FOR_DAY, RW_FOR_MONTH, RW_FOR_YEAR};
static const char *const period_id[REP_PERIODS] = {"day", "month_to_date", "13_months"};

static void people_figures(struct csv *c, const struct rep_line *l)
{
	struct vd_buf *b = c->b;
	if (l->hidden) {
		vd_buf_add_cstr(b, ":;;;;");
		return;
	}
	if (!l->absent)
		rep_plain(b, l->value, ',');
	vd_buf_add_char(b, ';');
	if (l->has_range && !l->absent)
		rep_plain(b, l->low, ',');
	vd_buf_add_char(b, ';');
	if (l->has_range && !l->absent)
		rep_plain(b, l->high, ',');
	vd_buf_add_char(b, ';');
	if (l->has_ratio)
		rep_plain(b, (double)l->num, ',');
	vd_buf_add_char(b, ';');
	if (l->has_ratio)
		rep_plain(b, (double)l->den, ',');
}

static void people_line(const struct rep_line *l, void *arg)
{
	struct csv *c = arg;
	rep_field(c->b, l->m->name, ';');
	vd_buf_printf(c->b, ";%s;", rep_word(period_word[l->period], c->nynorsk));
	rep_field(c->b, rep_word(l->word, c->nynorsk), ';');
	vd_buf_add_char(c->b, ';');
	rep_field(c->b, l->kind_word, ';');
	vd_buf_add_char(c->b, ';');
	people_figures(c, l);
	vd_buf_printf(c->b, ";%s\r\n", l->unit[0] == '1' ? "" : l->unit);
}

static void each_muni(struct csv *c, const struct rep_muni *m, rep_line_fn fn)
{
	for (size_t i = 0; !m->number && i < c->r->n_muni; i++)
		rep_lines(c->r, &c->r->muni[i], c->nynorsk, fn, c);
	rep_lines(c->r, m, c->nynorsk, fn, c);
}

int rep_csv_people(const struct rep_edition *r, const struct rep_muni *m, struct vd_buf *b)
{
	static const enum rep_word head[] = {RW_MUNI,        RW_PERIOD, RW_INDICATOR, RW_KIND,
					     RW_VALUE_COL,   RW_LOW,    RW_HIGH,      RW_NUMERATOR,
					     RW_DENOMINATOR, RW_UNIT};
	struct csv c = {b, r, m->nynorsk};
	vd_buf_add_cstr(b, "\xef\xbb\xbf");
	for (size_t i = 0; i < sizeof(head) / sizeof(*head); i++)
		vd_buf_printf(b, "%s%s", i ? ";" : "", rep_word(head[i], m->nynorsk));
	vd_buf_add_cstr(b, "\r\n");
	each_muni(&c, m, people_line);
	return b->err;
}

static void data_number(struct vd_buf *b, bool shown, double v)
{
	vd_buf_add_char(b, ',');
	if (shown)
		rep_plain(b, v, '.');
}

/* A hidden figure is an empty value with unit kept and the kind of absence in `source`. */
static void data_line(const struct rep_line *l, void *arg)
{
	struct csv *c = arg;
	char iso[11];
	bool shown = !l->hidden && !l->absent;
	vd_iso_day_format(c->r->day, iso);
	vd_buf_printf(c->b, "%s,", iso);
	if (l->m->number)
		vd_buf_printf(c->b, "%d", l->m->number);
	else
		vd_buf_add_cstr(c->b, "region");
	vd_buf_printf(c->b, ",%s,%s,%s", period_id[l->period], l->indicator, l->kind);
	data_number(c->b, shown, l->value);
	vd_buf_printf(c->b, ",%s", l->unit);
	data_number(c->b, !l->hidden && l->has_ratio, (double)l->num);
	data_number(c->b, !l->hidden && l->has_ratio, (double)l->den);
	data_number(c->b, shown && l->has_range, l->low);
	data_number(c->b, shown && l->has_range, l->high);
	vd_buf_printf(c->b, ",%s\n", l->hidden ? "suppressed" : l->source);
}

int rep_csv_data(const struct rep_edition *r, const struct rep_muni *m, struct vd_buf *b)
{
	struct csv c = {b, r, m->nynorsk};
	vd_buf_add_cstr(b, "edition,municipality,period,indicator,kind,value,unit,numerator,"
			   "denominator,low,high,source\n");
	each_muni(&c, m, data_line);
	return b->err;
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "report/fmt.h"
#include "base/clock.h"
#include "benefit/suppress.h"
#include <math.h>
#include <string.h>

/* Rounded to whole units of the last decimal, so that no locale's point is ever printed. */
static int64_t scaled(double v, int decimals)
{
	double f = 1;
	for (int i = 0; i < decimals; i++)
		f *= 10;
	return (int64_t)llround(fabs(v) * f);
}

static void grouped(struct vd_buf *b, int64_t v)
{
	if (v >= 1000) {
		grouped(b, v / 1000); /* at most six deep: 19 digits */
		vd_buf_printf(b, REP_NBSP "%03d", (int)(v % 1000));
	} else {
		vd_buf_printf(b, "%d", (int)v);
	}
}

void rep_num(struct vd_buf *b, double v, int decimals)
{
	int64_t n = scaled(v, decimals), f = 1;
	for (int i = 0; i < decimals; i++)
		f *= 10;
	if (v < 0 && n)
		vd_buf_add_cstr(b, REP_MINUS);
	grouped(b, n / f);
	if (decimals)
		vd_buf_printf(b, ",%0*d", decimals, (int)(n % f));
}

void rep_int(struct vd_buf *b, int64_t v)
{
	rep_num(b, (double)v, 0);
}

void rep_range(struct vd_buf *b, struct vd_range r, int decimals)
{
	rep_num(b, r.mode, decimals);
	if (scaled(r.low, decimals) == scaled(r.high, decimals))
		return;
	vd_buf_add_cstr(b, " (");
	rep_num(b, r.low, decimals);
	vd_buf_add_cstr(b, REP_TO);
	rep_num(b, r.high, decimals);
	vd_buf_add_cstr(b, ")");
}

void rep_ratio(struct vd_buf *b, int64_t num, int64_t den, const char *of)
{
	if (!den) {
		vd_buf_add_cstr(b, REP_DASH);
		return;
	}
	bool percent = den >= VD_PERCENT_FROM;
	if (percent) {
		rep_num(b, 100.0 * (double)num / (double)den, 1);
		vd_buf_add_cstr(b, REP_NBSP "% (");
	}
	rep_int(b, num);
	vd_buf_printf(b, REP_NBSP "%s" REP_NBSP, of);
	rep_int(b, den);
	vd_buf_add_cstr(b, percent ? ")" : "");
}

void rep_wait(struct vd_buf *b, int64_t ms)
{
	int64_t s = (ms + 500) / 1000;
	if (s >= 3600)
		vd_buf_printf(b, "%d" REP_NBSP "t %d" REP_NBSP "min", (int)(s / 3600),
			      (int)(s / 60 % 60));
	else if (s >= 60)
		vd_buf_printf(b, "%d" REP_NBSP "min %d" REP_NBSP "s", (int)(s / 60), (int)(s % 60));
	else
		vd_buf_printf(b, "%d" REP_NBSP "s", (int)s);
}

void rep_date(struct vd_buf *b, int64_t day)
{
	int y, m, d;
	vd_civil_from_days(day, &y, &m, &d);
	vd_buf_printf(b, "%02d.%02d.%d", d, m, y);
}

void rep_clock(struct vd_buf *b, int64_t ms)
{
	struct vd_civil c;
	vd_civil_oslo(ms, &c);
	vd_buf_printf(b, "kl." REP_NBSP "%02d.%02d", c.hour, c.minute);
}

void rep_esc(struct vd_buf *b, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '&': vd_buf_add_cstr(b, "&amp;"); break;
		case '<': vd_buf_add_cstr(b, "&lt;"); break;
		case '>': vd_buf_add_cstr(b, "&gt;"); break;
		case '"': vd_buf_add_cstr(b, "&quot;"); break;
		case '\'': vd_buf_add_cstr(b, "&#39;"); break;
		default: vd_buf_add_char(b, *s);
		}
	}
}

void rep_field(struct vd_buf *b, const char *s, char sep)
{
	char special[] = {sep, '"', '\n', '\r', 0};
	bool formula = *s && strchr("=+-@\t", *s) && s[1];
	if (!formula && !strpbrk(s, special)) {
		vd_buf_add_cstr(b, s);
		return;
	}
	vd_buf_add_cstr(b, formula ? "\"'" : "\"");
	for (; *s; s++) {
		if (*s == '"')
			vd_buf_add_char(b, '"');
		vd_buf_add_char(b, *s);
	}
	vd_buf_add_char(b, '"');
}

void rep_plain(struct vd_buf *b, double v, char point)
{
	int64_t n = scaled(v, 3);
	bool people = point == ',';
	if (v < 0 && n)
		vd_buf_add_cstr(b, people ? REP_MINUS : "-");
	vd_buf_printf(b, "%lld", (long long)(n / 1000));
	int f = (int)(n % 1000);
	if (!f)
		return;
	char t[4] = {(char)('0' + f / 100), (char)('0' + f / 10 % 10), (char)('0' + f % 10), 0};
	for (int i = 2; t[i] == '0'; i--)
		t[i] = 0;
	vd_buf_printf(b, "%c%s", point, t);
}

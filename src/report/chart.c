/* SPDX-License-Identifier: EUPL-1.2 */
/* A column chart of 13 months as SVG: presentation attributes only, so that the strictest content
 * policy lets it through; the same figures stand in the table beside it. One thread. */
#include "report/html.h"
#include "base/clock.h"
#include <math.h>

#define WIDTH  650
#define HEIGHT 190
#define TOP    24 /* room for the figure above the tallest column */
#define BOTTOM 26 /* room for the months */
#define STEP   (WIDTH / REP_MONTHS)
#define BLUE   "#0072B2" /* Okabe-Ito, 5.2:1 on white */
#define GREEN  "#009E73" /* the month that is not over */

static void column(struct page *p, int i, double v, double top, double span, double plot,
		   int decimals)
{
	double zero = TOP + top / span * plot;
	double h = fabs(v) / span * plot;
	double y = v < 0 ? zero : zero - h;
	int year, month, day;
	vd_civil_from_days(p->r->month[i], &year, &month, &day);
	vd_buf_printf(p->b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n",
		      i * STEP + 8, (int)lround(y), STEP - 16, (int)lround(h),
		      i == REP_MONTHS - 1 ? GREEN : BLUE);
	vd_buf_printf(p->b,
		      "<text x=\"%d\" y=\"%d\" font-size=\"13\" text-anchor=\"middle\" "
		      "fill=\"#1a1a1a\">",
		      i * STEP + STEP / 2, (int)lround(v < 0 ? y + h + 14 : y - 6));
	rep_num(p->b, v, v == 0 ? 0 : decimals);
	vd_buf_printf(p->b,
		      "</text>\n<text x=\"%d\" y=\"%d\" font-size=\"13\" text-anchor=\"middle\" "
		      "fill=\"#1a1a1a\">%s</text>\n",
		      i * STEP + STEP / 2, HEIGHT - 8, rep_month(month, p->nn));
}

void page_chart(struct page *p, const char *title, const double *v, int decimals)
{
	double top = 0, low = 0;
	for (int i = 0; i < REP_MONTHS; i++) {
		top = fmax(top, v[i]);
		low = fmin(low, v[i]);
	}
	if (top - low <= 0)
		top = 1; /* nothing at all: an empty axis at the bottom */
	double span = top - low;
	double plot = HEIGHT - TOP - BOTTOM - (low < 0 ? 16 : 0);
	vd_buf_printf(
		p->b,
		"<h3>%s</h3>\n<div class=\"box\" role=\"region\" tabindex=\"0\" "
		"aria-label=\"%s\">\n"
		"<svg viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"sans-serif\">\n<title>",
		title, title, WIDTH, HEIGHT);
	page_text(p, title);
	vd_buf_add_cstr(p->b, "</title>\n");
	for (int i = 0; i < REP_MONTHS; i++)
		column(p, i, v[i], top, span, plot, decimals);
	int zero = (int)lround(TOP + top / span * plot);
	vd_buf_printf(p->b,
		      "<line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
		      "stroke=\"#1a1a1a\"/>\n</svg>\n</div>\n",
		      zero, WIDTH, zero);
}

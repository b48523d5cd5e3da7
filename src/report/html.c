/* SPDX-License-Identifier: EUPL-1.2 */
#include "report/html.h"
#include "base/clock.h"
#include <stdio.h>

const char *page_word(const struct page *p, enum rep_word w)
{
	return rep_word(w, p->nn);
}

void page_text(struct page *p, const char *s)
{
	rep_esc(p->b, s);
}

void page_heading(struct page *p, enum rep_word w)
{
	p->heading = page_word(p, w);
	vd_buf_printf(p->b, "<h2>%s</h2>\n", p->heading);
}

void page_para(struct page *p, enum rep_word w)
{
	vd_buf_printf(p->b, "<p class=\"note\">%s</p>\n", page_word(p, w));
}

static bool text_column(enum rep_word w)
{
	return w == RW_KIND || w == RW_MUNI || w == RW_UNIT || w == RW_GRADE || w == RW_FROM;
}

void page_table(struct page *p, const char *caption, const enum rep_word *head)
{
	vd_buf_add_cstr(p->b, "<div class=\"box\" role=\"region\" tabindex=\"0\" aria-label=\"");
	page_text(p, caption);
	/* Under a heading of the same words the caption is for screen readers alone. */
	vd_buf_printf(p->b, "\">\n<table>\n<caption%s>",
		      p->heading == caption ? " class=\"unseen\"" : "");
	page_text(p, caption);
	vd_buf_add_cstr(p->b, "</caption>\n<thead><tr>");
	for (; *head != RW_WORDS; head++)
		vd_buf_printf(p->b, "<th scope=\"col\"%s>%s</th>",
			      text_column(*head) ? " class=\"text\"" : "", page_word(p, *head));
	vd_buf_add_cstr(p->b, "</tr></thead>\n<tbody>\n");
}

void page_table_end(struct page *p)
{
	vd_buf_add_cstr(p->b, "</tbody>\n</table>\n</div>\n");
}

void page_row(struct page *p, const char *head)
{
	vd_buf_add_cstr(p->b, "<tr><th scope=\"row\">");
	page_text(p, head);
	vd_buf_add_cstr(p->b, "</th>");
}

void page_row_end(struct page *p)
{
	vd_buf_add_cstr(p->b, "</tr>\n");
}

void page_cell(struct page *p)
{
	vd_buf_add_cstr(p->b, "<td>");
}

void page_cell_end(struct page *p)
{
	vd_buf_add_cstr(p->b, "</td>");
}

void page_cell_int(struct page *p, int64_t v, bool hidden)
{
	page_cell(p);
	if (hidden)
		vd_buf_add_char(p->b, ':');
	else
		rep_int(p->b, v);
	page_cell_end(p);
}

void page_cell_range(struct page *p, struct vd_range v, int decimals, bool hidden)
{
	page_cell(p);
	if (hidden)
		vd_buf_add_char(p->b, ':');
	else
		rep_range(p->b, v, decimals);
	page_cell_end(p);
}

void page_cell_ratio(struct page *p, int64_t num, int64_t den, bool hidden)
{
	page_cell(p);
	if (hidden)
		vd_buf_add_char(p->b, ':');
	else
		rep_ratio(p->b, num, den, page_word(p, RW_OF));
	page_cell_end(p);
}

void page_cell_none(struct page *p)
{
	vd_buf_add_cstr(p->b, "<td>" REP_DASH "</td>");
}

void page_cell_word(struct page *p, const char *s)
{
	vd_buf_add_cstr(p->b, "<td class=\"text\">");
	page_text(p, s);
	page_cell_end(p);
}

void page_period_table(struct page *p, enum rep_word caption)
{
	static const enum rep_word head[] = {RW_INDICATOR, RW_FOR_DAY, RW_FOR_MONTH, RW_FOR_YEAR,
					     RW_WORDS};
	page_table(p, page_word(p, caption), head);
}

/* -- the page -------------------------------------------------------------------------------- */

static void head(struct page *p)
{
	vd_buf_printf(p->b,
		      "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'\">\n"
		      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		      "<link rel=\"stylesheet\" href=\"report.css\">\n<title>",
		      p->nn ? "nn" : "nb");
	page_text(p, p->m->name);
	vd_buf_printf(p->b, " %s ", REP_DASH);
	rep_date(p->b, p->r->day);
	vd_buf_printf(p->b, "</title>\n</head>\n<body>\n<main>\n<h1>%s: ", page_word(p, RW_TITLE));
	page_text(p, p->m->name);
	vd_buf_add_cstr(p->b, ", ");
	rep_date(p->b, p->r->day);
	vd_buf_add_cstr(p->b, "</h1>\n");
}

static void foot(struct page *p)
{
	char name[16] = "region";
	if (p->m->number)
		snprintf(name, sizeof(name), "%04d", p->m->number);
	vd_buf_printf(p->b,
		      "<footer>\n<p>%s <a href=\"%s.csv\">%s.csv</a>, "
		      "<a href=\"%s-data.csv\">%s-data.csv</a></p>\n",
		      page_word(p, RW_FILES), name, name, name, name);
	vd_buf_printf(p->b, "<p>%s: <code>%s</code></p>\n</footer>\n</main>\n</body>\n</html>\n",
		      page_word(p, RW_HASH), p->r->f->hash);
}

int rep_html(const struct rep_edition *r, const struct rep_muni *m, struct vd_buf *b)
{
	struct page p = {b, r, m, m->nynorsk};
	head(&p);
	page_result(&p);
	page_alarms(&p);
	page_freed(&p);
	if (!m->number)
		page_munis(&p);
	page_months(&p);
	page_sources(&p);
	page_gaps(&p);
	page_assumptions(&p);
	foot(&p);
	return b->err;
}

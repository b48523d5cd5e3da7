/* SPDX-License-Identifier: EUPL-1.2 */
/* Pieces of a report page: accessible tables and charts without style or script. One thread. */
#pragma once
#include "report/fmt.h"
#include "report/line.h"

struct page {
	struct vd_buf *b;
	const struct rep_edition *r;
	const struct rep_muni *m;
	bool nn;
	const char *heading; /* newest */
};
const char *page_word(const struct page *p, enum rep_word w);
void page_text(struct page *p, const char *s); /* escaped */
void page_heading(struct page *p, enum rep_word w);
void page_para(struct page *p, enum rep_word w);
/* A table in its own scrolling box; head words until RW_WORDS. */
void page_table(struct page *p, const char *caption, const enum rep_word *head);
void page_table_end(struct page *p);
void page_row(struct page *p, const char *head); /* opens a row with its header cell */
void page_row_end(struct page *p);
void page_cell(struct page *p);     /* opens a figure cell, */
void page_cell_end(struct page *p); /* and closes it */
void page_cell_int(struct page *p, int64_t v, bool hidden);
void page_cell_range(struct page *p, struct vd_range v, int decimals, bool hidden);
void page_cell_ratio(struct page *p, int64_t num, int64_t den, bool hidden);
void page_cell_none(struct page *p); /* a dash: nothing there */
void page_cell_word(struct page *p, const char *s);
void page_period_table(struct page *p, enum rep_word caption);
/* Columns of v[REP_MONTHS], negative bars hang below; each labelled with its figure. */
void page_chart(struct page *p, const char *title, const double *v, int decimals);

/* Sections, in the order of the page. */
void page_result(struct page *p);
void page_alarms(struct page *p);
void page_sources(struct page *p);
void page_freed(struct page *p);
void page_months(struct page *p);
void page_munis(struct page *p);
void page_gaps(struct page *p);
void page_assumptions(struct page *p);

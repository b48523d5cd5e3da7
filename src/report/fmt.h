/* SPDX-License-Identifier: EUPL-1.2 */
/* Figures and text as a Norwegian reader expects them, independent of the process's locale: hard
 * space for thousands, decimal comma, U+2212 as minus. Appends to a buffer; any thread. */
#pragma once
#include "base/buf.h"
#include "benefit/benefit.h"

#define REP_NBSP  "\xc2\xa0"
#define REP_MINUS "\xe2\x88\x92"
#define REP_DASH  "\xe2\x80\x93"
#define REP_TO    REP_DASH "\xe2\x81\xa0" /* no line break after it */

void rep_num(struct vd_buf *b, double v, int decimals);
void rep_int(struct vd_buf *b, int64_t v);
/* "12,3 (8,1–14,0)"; one figure alone when there is no width to show. */
void rep_range(struct vd_buf *b, struct vd_range r, int decimals);
/* "95,0 % (38 av 40)", or "3 av 4" below the least denominator; a dash for none. */
void rep_ratio(struct vd_buf *b, int64_t num, int64_t den, const char *of);
void rep_wait(struct vd_buf *b, int64_t ms);   /* "1 min 20 s" */
void rep_date(struct vd_buf *b, int64_t day);  /* "23.11.2026" */
void rep_clock(struct vd_buf *b, int64_t ms);  /* "kl. 09.05" Oslo */
void rep_esc(struct vd_buf *b, const char *s); /* into HTML text or an attribute */
/* A field of a CSV file: quoted when needed, and never read as a formula by a spreadsheet. */
void rep_field(struct vd_buf *b, const char *s, char sep);
/* Plain "1234.5" for machines; people's CSV with ','. */
void rep_plain(struct vd_buf *b, double v, char point);

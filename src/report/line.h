/* SPDX-License-Identifier: EUPL-1.2 */
/* Every figure of an edition as one line; both CSV files are made of these. One thread. */
#pragma once
#include "report/tally.h"
#include "report/words.h"

struct rep_line {
	const struct rep_muni *m;
	enum rep_period period;
	const char *indicator; /* stable id, "answered_within_60s" */
	enum rep_word word;
	const char *kind; /* alarm kind, technology, source id, or "" */
	const char *kind_word;
	const char *unit;
	bool hidden, absent; /* small numbers; nothing to compute from */
	bool has_ratio, has_range;
	double value, low, high;
	int64_t num, den;
	const char *source;
};
typedef void (*rep_line_fn)(const struct rep_line *l, void *arg);
void rep_lines(const struct rep_edition *r, const struct rep_muni *m, bool nynorsk, rep_line_fn fn,
	       void *arg);

struct vd_buf;
/* With a header line; people's starts with a byte order mark. */
int rep_csv_people(const struct rep_edition *r, const struct rep_muni *m, struct vd_buf *b);
int rep_csv_data(const struct rep_edition *r, const struct rep_muni *m, struct vd_buf *b);
int rep_html(const struct rep_edition *r, const struct rep_muni *m, struct vd_buf *b);
extern const char rep_css[];

/* What stands between this municipality and a kroner figure, RW_WORDS = nothing. */
enum rep_word rep_value_missing(const struct rep_edition *r, const struct rep_muni *m);
/* Value of the capacity freed this month; the region's is the sum of its municipalities'. */
struct vd_range rep_value(const struct rep_edition *r, const struct rep_muni *m);
struct vd_range rep_total_min(const struct rep_muni *m, enum rep_period p);
int64_t rep_users(const struct rep_muni *m);
enum rep_word rep_tech_word(enum vd_tech t);
static inline struct vd_range rep_hours(struct vd_range min)
{
	return (struct vd_range){min.low / 60, min.mode / 60, min.high / 60};
}

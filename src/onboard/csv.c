/* SPDX-License-Identifier: EUPL-1.2 */
/* The reader is a state machine over single bytes; only the first line is held back, because it
 * decides the separator. */
#include "onboard/csv.h"

enum { START, PLAIN, QUOTED, QUOTE_IN_QUOTED, SKIP };

void vd_csv_init(struct vd_csv *c, int (*on_row)(const struct vd_csv_row *row, void *arg),
		 void *arg)
{
	*c = (struct vd_csv){.on_row = on_row, .arg = arg};
	vd_buf_init(&c->line, VD_MAX_CSV_RECORD);
	vd_buf_init(&c->text, VD_MAX_CSV_RECORD);
}

void vd_csv_fini(struct vd_csv *c)
{
	vd_buf_fini(&c->line);
	vd_buf_fini(&c->text);
}

/* -- rows ------------------------------------------------------------------------------------- */

static void end_field(struct vd_csv *c)
{
	if (c->n == VD_MAX_CSV_FIELDS) {
		if (!c->problem)
			c->problem = VD_CSV_FIELDS;
		return;
	}
	c->ends[c->n++] = c->text.n;
}

static void check_text(struct vd_csv *c, const struct vd_span *fields)
{
	for (size_t i = 0; i < c->n && !c->problem; i++)
		if (!vd_span_utf8(fields[i]))
			c->problem = VD_CSV_UTF8;
}

static void clear_row(struct vd_csv *c)
{
	vd_buf_clear(&c->text);
	c->n = c->bytes = 0;
	c->problem = VD_CSV_FINE;
	c->state = START;
	c->any = false;
}

static int end_row(struct vd_csv *c)
{
	struct vd_span fields[VD_MAX_CSV_FIELDS];
	size_t from = 0;
	int r = 0;
	c->rows++;
	if (!c->any) { /* an empty row counts, and means nothing */
		clear_row(c);
		return 0;
	}
	if (c->rows > VD_MAX_CSV_ROWS + 1)
		return VD_ELIMIT;
	if (c->state == QUOTED && !c->problem)
		c->problem = VD_CSV_QUOTE;
	end_field(c);
	for (size_t i = 0; i < c->n; i++) {
		fields[i] = vd_span(c->text.p ? c->text.p + from : "", c->ends[i] - from);
		from = c->ends[i];
	}
	check_text(c, fields);
	struct vd_csv_row row = {c->rows, c->problem, fields, c->n};
	r = c->on_row(&row, c->arg);
	clear_row(c);
	return r;
}

static int keep(struct vd_csv *c, char ch)
{
	return c->state == SKIP ? 0 : vd_buf_add_char(&c->text, ch);
}

/* One byte that is neither end of line outside quotes nor read by the quoting. */
static int plain(struct vd_csv *c, char ch)
{
	if (c->state == QUOTE_IN_QUOTED) { /* "abc"d */
		if (!c->problem)
			c->problem = VD_CSV_QUOTE;
	}
	c->state = PLAIN;
	return keep(c, ch);
}

static int outside(struct vd_csv *c, char ch)
{
	if (ch == c->sep) {
		end_field(c);
		c->state = START;
		return 0;
	}
	if (ch == '"' && c->state == START) {
		c->state = QUOTED;
		return 0;
	}
	if (ch == '"' && c->state == QUOTE_IN_QUOTED) {
		c->state = QUOTED;
		return keep(c, ch);
	}
	return plain(c, ch);
}

static int byte(struct vd_csv *c, char ch)
{
	bool lf_of_crlf = ch == '\n' && c->was_cr;
	c->was_cr = ch == '\r' && c->state != QUOTED;
	if (lf_of_crlf && c->state != QUOTED)
		return 0;
	if ((ch == '\n' || ch == '\r') && c->state != QUOTED)
		return end_row(c);
	c->any = true;
	if (c->state == SKIP)
		return 0;
	if (++c->bytes > VD_MAX_CSV_RECORD) {
		c->problem = VD_CSV_LONG;
		c->state = SKIP;
		return 0;
	}
	if (c->state != QUOTED)
		return outside(c, ch);
	if (ch == '"') {
		c->state = QUOTE_IN_QUOTED;
		return 0;
	}
	return keep(c, ch);
}

/* -- the first line --------------------------------------------------------------------------- */

static bool excel_sep(struct vd_span s, char *ret)
{
	if (s.n != 5 || !vd_span_starts(s, VD_SPAN_LIT("sep=")))
		return false;
	*ret = s.p[4];
	return s.p[4] == ';' || s.p[4] == ',' || s.p[4] == '\t';
}

/* The first line is whole: the separator is known, and the line goes through the machine. */
static int first_line(struct vd_csv *c, const char *end, size_t end_n)
{
	struct vd_span s = vd_buf_span(&c->line);
	int r = 0;
	if (vd_span_starts(s, VD_SPAN_LIT("\xef\xbb\xbf")))
		s = vd_span_skip(s, 3);
	if (vd_span_starts(s, VD_SPAN_LIT("\xff\xfe")) ||
	    vd_span_starts(s, VD_SPAN_LIT("\xfe\xff")))
		return VD_EPARSE;
	if (excel_sep(s, &c->sep)) {
		c->rows++;
		c->was_cr = end_n && *end == '\r';
		return 0;
	}
	c->sep = s.n && memchr(s.p, ';', s.n) ? ';' : ',';
	for (size_t i = 0; !r && i < s.n; i++)
		r = byte(c, s.p[i]);
	for (size_t i = 0; !r && i < end_n; i++)
		r = byte(c, end[i]);
	return r;
}

static int hold_back(struct vd_csv *c, const char **p, const char *end)
{
	const char *q = *p;
	while (q < end && *q != '\n' && *q != '\r')
		q++;
	int r = vd_buf_add(&c->line, *p, (size_t)(q - *p));
	*p = q;
	if (r)
		return r == VD_ELIMIT ? VD_EPARSE : r; /* a first line of 16 KiB is no header */
	if (q == end)
		return 0;
	*p = q + 1;
	return first_line(c, q, 1);
}

int vd_csv_feed(struct vd_csv *c, const char *p, size_t n)
{
	const char *end = n ? p + n : p;
	while (!c->err && p < end)
		c->err = c->sep ? byte(c, *p++) : hold_back(c, &p, end);
	return c->err;
}

int vd_csv_end(struct vd_csv *c)
{
	if (!c->err && !c->sep)
		c->err = first_line(c, "", 0);
	if (!c->err && c->any)
		c->err = end_row(c);
	return c->err;
}

/* -- writing ---------------------------------------------------------------------------------- */

static void add_latin1(struct vd_buf *b, struct vd_span s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		if (ch == '"')
			(void)vd_buf_add_cstr(b, "\"\"");
		else if (ch >= 0x80)
			(void)vd_buf_printf(b, "%c%c", 0xC0 | ch >> 6, 0x80 | (ch & 0x3F));
		else
			(void)vd_buf_add_char(b, (char)(ch ? ch : ' '));
	}
}

static bool needs_quotes(struct vd_span s, char sep)
{
	if (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' '))
		return true;
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == sep || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r')
			return true;
	return false;
}

void vd_csv_write(struct vd_buf *b, struct vd_span field, char sep, bool first)
{
	bool utf8 = vd_span_utf8(field), quote = needs_quotes(field, sep) || !utf8;
	if (!first)
		(void)vd_buf_add_char(b, sep);
	if (quote)
		(void)vd_buf_add_char(b, '"');
	if (!utf8) {
		add_latin1(b, field);
	} else {
		for (size_t i = 0; i < field.n; i++) {
			if (field.p[i] == '"')
				(void)vd_buf_add_char(b, '"');
			(void)vd_buf_add_char(b, field.p[i]);
		}
	}
	if (quote)
		(void)vd_buf_add_char(b, '"');
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The happy way: the first row names the columns, each further row is checked field by field and
 * applied. The first fault of a row is its reason; nothing of that row is applied. */
#include "onboard/import.h"
#include "onboard/identity.h"
#include <stdio.h>

struct check { /* one row under way */
	struct vd_import *im;
	struct vd_span value[VD_COL_COUNT];
	struct vd_import_row row;
	char reason[400];
};

/* -- reasons ---------------------------------------------------------------------------------- */

static int reason(struct check *k, enum vd_import_column c, enum vd_text text, const char *a,
		  const char *b)
{
	char shown[64];
	/* Long values are cut: the column and the row number find them. */
	if (!vd_span_copy(shown, sizeof(shown) - 4, k->value[c]))
		memcpy(shown + strlen(shown), "…", sizeof("…"));
	vd_text(k->reason, sizeof(k->reason), k->im->lang, text,
		VD_ARGS(vd_text_raw(k->im->lang, vd_import_column_text(c)), shown, a, b));
	return VD_EINVAL;
}

static int count_reason(struct check *k, enum vd_import_column c, enum vd_text text, size_t have,
			size_t want)
{
	char a[24], b[24];
	snprintf(a, sizeof(a), "%zu", have);
	snprintf(b, sizeof(b), "%zu", want);
	return reason(k, c, text, a, b);
}

static int missing(struct check *k, enum vd_import_column c)
{
	k->value[c] = vd_span_cstr(vd_text_raw(k->im->lang, vd_import_column_head(c)));
	return reason(k, c, VD_T_ROW_MISSING, "", "");
}

/* -- fields ----------------------------------------------------------------------------------- */

static int take_text(struct check *k, enum vd_import_column c, char *dst, size_t cap)
{
	struct vd_span v = k->value[c];
	if (!vd_identity_printable(v))
		return reason(k, c, VD_T_ROW_CONTROL, "", "");
	if (v.n >= cap)
		return count_reason(k, c, VD_T_ROW_LONG, vd_identity_chars(v), cap - 1);
	(void)vd_span_copy(dst, cap, v);
	return 0;
}

static int take_number(struct check *k, enum vd_import_column c, int64_t min, int64_t max,
		       int64_t *ret)
{
	char a[24], b[24];
	if (!k->value[c].n || !vd_import_number(k->value[c], min, max, ret))
		return 0;
	snprintf(a, sizeof(a), "%lld", (long long)min);
	snprintf(b, sizeof(b), "%lld", (long long)max);
	return reason(k, c, VD_T_ROW_NUMBER, a, b);
}

static int take_yes_no(struct check *k, enum vd_import_column c, int *ret)
{
	if (!k->value[c].n)
		return 0;
	int v = vd_import_yes_no(k->value[c]);
	if (v < 0)
		return reason(k, c, VD_T_ROW_YESNO, "", "");
	*ret = v;
	return 0;
}

static int take_gateway(struct check *k)
{
	if (!k->value[VD_COL_GATEWAY].n)
		k->value[VD_COL_GATEWAY] = vd_span_cstr(k->im->gateway);
	if (!k->value[VD_COL_GATEWAY].n)
		return missing(k, VD_COL_GATEWAY);
	return take_text(k, VD_COL_GATEWAY, k->row.gateway, sizeof(k->row.gateway));
}

static int take_family(struct check *k)
{
	if (!k->value[VD_COL_FAMILY].n)
		k->value[VD_COL_FAMILY] = vd_span_cstr(k->im->family);
	struct vd_span v = k->value[VD_COL_FAMILY];
	if (!v.n)
		return missing(k, VD_COL_FAMILY);
	if (v.n >= sizeof(k->row.family) || !k->im->known_family(v, k->im->arg))
		return reason(k, VD_COL_FAMILY, VD_T_ROW_FAMILY, k->im->families, "");
	(void)vd_span_copy(k->row.family, sizeof(k->row.family), v);
	return 0;
}

static int take_identity(struct check *k)
{
	struct vd_identity_fault f;
	struct vd_span v = k->value[VD_COL_IDENTITY];
	if (!v.n && !k->value[VD_COL_SERIAL].n)
		return missing(k, VD_COL_IDENTITY);
	if (!v.n)
		return 0; /* the serial number has to find it */
	if (!vd_identity_normal(vd_span_cstr(k->row.family), v, k->row.identity,
				sizeof(k->row.identity), &f))
		return 0;
	switch (f.what) {
	case VD_IDENTITY_LENGTH:
		return count_reason(k, VD_COL_IDENTITY, VD_T_ROW_LENGTH, f.have, f.want);
	case VD_IDENTITY_TOO_LONG:
		return count_reason(k, VD_COL_IDENTITY, VD_T_ROW_LONG, f.have, f.want);
	case VD_IDENTITY_HEX: return reason(k, VD_COL_IDENTITY, VD_T_ROW_HEX, "", "");
	case VD_IDENTITY_CONTROL: break;
	}
	return reason(k, VD_COL_IDENTITY, VD_T_ROW_CONTROL, "", "");
}

static int take_serial(struct check *k)
{
	size_t have = vd_identity_chars(k->value[VD_COL_SERIAL]);
	size_t want = (size_t)k->im->serial_length;
	if (have && want && have != want)
		return count_reason(k, VD_COL_SERIAL, VD_T_ROW_LENGTH, have, want);
	return take_text(k, VD_COL_SERIAL, k->row.serial, sizeof(k->row.serial));
}

static int take_muni(struct check *k)
{
	char mine[16];
	int64_t muni = 0;
	int r = take_number(k, VD_COL_MUNI, 1, 9999, &muni);
	if (r || !muni || !k->im->muni || muni == k->im->muni)
		return r;
	snprintf(mine, sizeof(mine), "%d", k->im->muni);
	return reason(k, VD_COL_MUNI, VD_T_ROW_MUNI, mine, "");
}

static int take_also(struct check *k)
{
	char most[12];
	struct vd_import_row *row = &k->row;
	if (!k->value[VD_COL_ALSO].n)
		return 0;
	row->also_told = true;
	if (!vd_import_also(k->value[VD_COL_ALSO], row->also))
		return 0;
	snprintf(most, sizeof(most), "%d", VD_MAX_ALSO);
	return reason(k, VD_COL_ALSO, VD_T_ROW_ALSO, most, "");
}

static int take_placement(struct check *k)
{
	struct vd_import_row *row = &k->row;
	int r = take_number(k, VD_COL_RECIPIENT, 1, INT64_C(999999999999), &row->recipient);
	if (!r)
		r = take_also(k);
	if (!r)
		r = take_text(k, VD_COL_ROOM, row->room, sizeof(row->room));
	if (!r && !vd_identity_printable(k->value[VD_COL_PURPOSE]))
		r = reason(k, VD_COL_PURPOSE, VD_T_ROW_CONTROL, "", "");
	if (!r && vd_import_purpose(k->value[VD_COL_PURPOSE], row->purpose, sizeof(row->purpose)))
		r = count_reason(k, VD_COL_PURPOSE, VD_T_ROW_LONG,
				 vd_identity_chars(k->value[VD_COL_PURPOSE]),
				 sizeof(row->purpose) - 1);
	if (!r)
		r = take_yes_no(k, VD_COL_ALARM_ON_OPEN, &row->alarm_on_open);
	if (!r && k->value[VD_COL_NIGHT].n &&
	    vd_import_night(k->value[VD_COL_NIGHT], &row->night_from_min, &row->night_to_min))
		r = reason(k, VD_COL_NIGHT, VD_T_ROW_NIGHT, "", "");
	/* Rules of a placement without a person to place it with would be dropped in silence. */
	if (!r && !row->recipient &&
	    (*row->room || *row->purpose || row->also_told || row->alarm_on_open == 1 ||
	     row->night_from_min != VD_UNSTATED))
		r = missing(k, VD_COL_RECIPIENT);
	return r;
}

static int check_row(struct check *k)
{
	struct vd_import_row *row = &k->row;
	int64_t minutes = VD_UNSTATED;
	int r = take_muni(k);
	if (!r)
		r = take_gateway(k);
	if (!r)
		r = take_family(k);
	if (!r)
		r = take_serial(k);
	if (!r)
		r = take_identity(k);
	if (!r)
		r = take_text(k, VD_COL_NAME, row->name, sizeof(row->name));
	if (!r)
		r = take_text(k, VD_COL_VENDOR, row->vendor, sizeof(row->vendor));
	if (!r)
		r = take_text(k, VD_COL_MODEL, row->model, sizeof(row->model));
	if (!r)
		r = take_yes_no(k, VD_COL_ALARM_BUTTON, &row->alarm_button);
	if (!r)
		r = take_number(k, VD_COL_SUPERVISE, 0, VD_IMPORT_MAX_SUPERVISE_MIN, &minutes);
	if (!r)
		row->supervise_ms = minutes < 0 ? VD_UNSTATED : minutes * 60000;
	return r ? r : take_placement(k);
}

/* -- rows ------------------------------------------------------------------------------------- */

static int csv_reason(struct check *k, const struct vd_csv_row *in)
{
	char a[24], b[24];
	enum vd_text text = VD_T_ROW_FIELDS;
	snprintf(a, sizeof(a), "%zu", in->n);
	snprintf(b, sizeof(b), "%zu", k->im->n_columns);
	switch (in->problem) {
	case VD_CSV_FINE: break;
	case VD_CSV_FIELDS: break;
	case VD_CSV_QUOTE: text = VD_T_ROW_QUOTE; break;
	case VD_CSV_UTF8: text = VD_T_ROW_UTF8; break;
	case VD_CSV_LONG:
		text = VD_T_ROW_TOO_LONG;
		snprintf(a, sizeof(a), "%d", VD_MAX_CSV_RECORD);
		break;
	}
	vd_text(k->reason, sizeof(k->reason), k->im->lang, text, VD_ARGS(a, b));
	return VD_EINVAL;
}

static bool blank(const struct vd_csv_row *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (vd_span_trim(in->fields[i]).n)
			return false;
	return in->problem == VD_CSV_FINE;
}

/* More fields than the header is a fault unless they are empty; fewer is a spreadsheet's habit of
 * leaving empty cells at the end out. */
static bool fits(const struct vd_import *im, const struct vd_csv_row *in)
{
	for (size_t i = im->n_columns; i < in->n; i++)
		if (vd_span_trim(in->fields[i]).n)
			return false;
	return true;
}

static void spread(struct check *k, const struct vd_csv_row *in)
{
	for (size_t i = 0; i < in->n && i < k->im->n_columns; i++)
		if (k->im->column[i] != VD_COL_UNKNOWN)
			k->value[k->im->column[i]] = vd_span_trim(in->fields[i]);
}

static void tally(struct vd_import *im, int change)
{
	im->rows++;
	if (change < 0)
		im->failed++;
	else if (change & VD_CH_NEW)
		im->added++;
	else if (change)
		im->changed++;
	else
		im->unchanged++;
}

static int data_row(struct vd_import *im, const struct vd_csv_row *in)
{
	struct check k = {.im = im};
	bool stop = false;
	k.row = (struct vd_import_row){.number = in->number,
				       .alarm_button = VD_UNSTATED,
				       .alarm_on_open = VD_UNSTATED,
				       .night_from_min = VD_UNSTATED,
				       .night_to_min = VD_UNSTATED,
				       .supervise_ms = VD_UNSTATED};
	if (blank(in))
		return 0;
	spread(&k, in);
	bool readable = !in->problem && fits(im, in);
	int r = readable ? check_row(&k) : csv_reason(&k, in);
	bool checked = !r;
	if (checked)
		r = im->apply(&k.row, k.reason, sizeof(k.reason), &stop, im->arg);
	if (stop) {
		im->stopped_at = in->number;
		(void)vd_span_copy(im->problem, sizeof(im->problem), vd_span_cstr(k.reason));
		return r < 0 ? r : VD_EBUSY;
	}
	tally(im, r);
	struct vd_import_result res = {
		in->number, r, checked ? &k.row : NULL, r < 0 ? k.reason : "", in->fields, in->n};
	if (im->on_result)
		im->on_result(&res, im->arg);
	return 0;
}

/* -- the header ------------------------------------------------------------------------------- */

static int problem(struct vd_import *im, enum vd_text text, const char *a, const char *b)
{
	vd_text(im->problem, sizeof(im->problem), im->lang, text, VD_ARGS(a, b));
	return VD_EPARSE;
}

static void notice(struct vd_import *im, struct vd_span column)
{
	char name[80], text[300];
	(void)vd_span_copy(name, sizeof(name), column);
	vd_text(text, sizeof(text), im->lang, VD_T_IMP_NOTICE_COLUMN, VD_ARGS(name));
	if (im->on_notice)
		im->on_notice(text, im->arg);
}

static int no_header(struct vd_import *im)
{
	char example[120];
	snprintf(example, sizeof(example), "%s;%s;%s;%s", vd_text_raw(im->lang, VD_T_HEAD_GATEWAY),
		 vd_text_raw(im->lang, VD_T_HEAD_FAMILY), vd_text_raw(im->lang, VD_T_HEAD_IDENTITY),
		 vd_text_raw(im->lang, VD_T_HEAD_SERIAL));
	return problem(im, VD_T_IMP_NO_HEADER, example, "");
}

static int check_header(struct vd_import *im, unsigned seen)
{
	const char *gateway = vd_text_raw(im->lang, VD_T_HEAD_GATEWAY);
	const char *family = vd_text_raw(im->lang, VD_T_HEAD_FAMILY);
	if (!(seen & ~(1u << VD_COL_REASON)))
		return no_header(im);
	if (!(seen & 1u << VD_COL_GATEWAY) && !*im->gateway)
		return problem(im, VD_T_IMP_NO_COLUMN, gateway, "--gateway");
	if (!(seen & 1u << VD_COL_FAMILY) && !*im->family)
		return problem(im, VD_T_IMP_NO_COLUMN, family, "--family");
	if (!(seen & (1u << VD_COL_IDENTITY | 1u << VD_COL_SERIAL)))
		return problem(im, VD_T_IMP_NO_KEY, vd_text_raw(im->lang, VD_T_HEAD_IDENTITY),
			       vd_text_raw(im->lang, VD_T_HEAD_SERIAL));
	return 0;
}

static int header(struct vd_import *im, const struct vd_csv_row *in)
{
	unsigned seen = 0;
	if (in->problem) {
		struct check k = {.im = im};
		(void)csv_reason(&k, in);
		return problem(im, VD_T_IMP_HEADER_BAD, k.reason, "");
	}
	im->headed = true;
	im->n_columns = in->n;
	for (size_t i = 0; i < in->n; i++) {
		enum vd_import_column c = vd_import_column_of(in->fields[i]);
		im->column[i] = c;
		if (c == VD_COL_UNKNOWN)
			continue;
		if (seen & 1u << c)
			return problem(im, VD_T_IMP_TWICE,
				       vd_text_raw(im->lang, vd_import_column_head(c)), "");
		if (c == VD_COL_REASON)
			im->reason_at = (int)i;
		seen |= 1u << c;
	}
	int r = check_header(im, seen);
	for (size_t i = 0; !r && i < in->n; i++)
		if (im->column[i] == VD_COL_UNKNOWN && vd_span_trim(in->fields[i]).n)
			notice(im, vd_span_trim(in->fields[i]));
	if (!r && im->on_header)
		im->on_header(in->fields, in->n, im->arg);
	return r;
}

static int on_row(const struct vd_csv_row *row, void *arg)
{
	struct vd_import *im = arg;
	return im->headed ? data_row(im, row) : header(im, row);
}

/* -- the whole -------------------------------------------------------------------------------- */

static int done(struct vd_import *im, int r)
{
	char n[24];
	if (!r || im->problem[0])
		return r;
	if (r == VD_ENOMEM) {
		(void)problem(im, VD_T_NO_MEMORY, "", "");
	} else if (r == VD_ELIMIT) {
		snprintf(n, sizeof(n), "%d", VD_MAX_CSV_ROWS);
		(void)problem(im, VD_T_IMP_TOO_MANY, n, "");
	} else {
		(void)problem(im, VD_T_IMP_NOT_TEXT, "", "");
	}
	return r;
}

void vd_import_begin(struct vd_import *im)
{
	im->reason_at = -1;
	vd_csv_init(&im->csv, on_row, im);
}

int vd_import_feed(struct vd_import *im, const char *p, size_t n)
{
	return done(im, vd_csv_feed(&im->csv, p, n));
}

int vd_import_end(struct vd_import *im)
{
	int r = vd_csv_end(&im->csv);
	if (!r && !im->headed)
		r = no_header(im);
	return done(im, r);
}

void vd_import_fini(struct vd_import *im)
{
	vd_csv_fini(&im->csv);
}

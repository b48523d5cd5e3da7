/* SPDX-License-Identifier: EUPL-1.2 */
/* varde device import: a file in, what came of each row out. Each row is its own transaction, so a
 * run that is cut short is finished by running it again. */
#include "onboard/apply.h"
#include "onboard/failed.h"
#include "onboard/verbs.h"
#include <errno.h>
#include <sys/stat.h>

#define UNMARKED_TOLD 10 /* named; the list shows them all */

struct run {
	struct vd_cli *c;
	struct vd_import im;
	struct vd_failed failed;
	json_t *results; /* with --json */
	bool no_memory;
	size_t unmarked; /* placed buttons that are no alarm buttons */
	char unmarked_names[UNMARKED_TOLD * 100];
};

static bool known_family(struct vd_span family, void *arg)
{
	struct run *u = arg;
	return u->c->known_family(family);
}

static int apply(const struct vd_import_row *row, char *reason, size_t cap, bool *ret_stop,
		 void *arg)
{
	struct run *u = arg;
	return vd_apply_row(&u->c->w, u->c->lang, row, 0, reason, cap, ret_stop, NULL);
}

static void on_header(const struct vd_span *fields, size_t n, void *arg)
{
	struct run *u = arg;
	if (u->failed.f)
		vd_failed_header(&u->failed, &u->im, fields, n);
}

static void on_notice(const char *text, void *arg)
{
	struct run *u = arg;
	fprintf(u->c->err, "%s\n", text);
}

static const char *outcome(int change)
{
	return change < 0           ? "refused"
	       : change & VD_CH_NEW ? "new"
	       : change             ? "changed"
				    : "unchanged";
}

static void add_json(struct run *u, const struct vd_import_result *r)
{
	json_t *o =
		json_pack("{s:I,s:s}", "row", (json_int_t)r->number, "outcome", outcome(r->change));
	int e = !o;
	if (o && r->row) {
		e |= json_object_set_new(o, "identity", json_string(r->row->identity));
		e |= json_object_set_new(o, "serial", json_string(r->row->serial));
	}
	if (o && r->change < 0)
		e |= json_object_set_new(o, "reason", json_string(r->reason));
	if (e || json_array_append(u->results, o))
		u->no_memory = true;
	json_decref(o);
}

static void say_row(struct run *u, const struct vd_import_result *r)
{
	char number[24], what[400], at[80] = "", recipient[24];
	enum vd_lang lang = u->c->lang;
	snprintf(number, sizeof(number), "%zu", r->number);
	if (r->change < 0) {
		vd_cli_say(u->c, u->c->err, VD_T_ROW, VD_ARGS(number, r->reason));
		return;
	}
	if (!r->change)
		return;
	const struct vd_import_row *row = r->row;
	vd_text(what, sizeof(what), lang, r->change & VD_CH_NEW ? VD_T_IMP_NEW : VD_T_IMP_CHANGED,
		VD_ARGS(*row->identity ? row->identity : row->serial, row->gateway));
	if (row->recipient) {
		snprintf(recipient, sizeof(recipient), "%lld", (long long)row->recipient);
		vd_text(at, sizeof(at), lang, VD_T_IMP_AT, VD_ARGS(recipient));
	}
	size_t n = strlen(what);
	(void)vd_span_copy(what + n, sizeof(what) - n, vd_span_cstr(at));
	vd_cli_say(u->c, u->c->out, VD_T_ROW, VD_ARGS(number, what));
}

static void on_result(const struct vd_import_result *r, void *arg)
{
	struct run *u = arg;
	if (r->change < 0 && u->failed.f)
		vd_failed_row(&u->failed, r);
	if (u->results)
		add_json(u, r);
	if (!u->results || r->change < 0)
		say_row(u, r);
}

/* 0, or the import's error, or VD_EIO with errno for the file itself. */
static int feed(struct vd_import *im, FILE *f)
{
	char chunk[8192];
	size_t n;
	int r = 0;
	while (!r && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		r = vd_import_feed(im, chunk, n);
	if (!r && ferror(f))
		return VD_EIO;
	return r ? r : vd_import_end(im);
}

/* Placed buttons whose press calls nobody: a file without the column looks complete, and is not. */
static bool on_unmarked(const struct vd_dir_row *row, void *arg)
{
	struct run *u = arg;
	if (!row->placement || !vd_verb_unmarked(row->features, row->purpose, row->alarm_button))
		return true;
	if (u->unmarked++ < UNMARKED_TOLD) {
		size_t at = strlen(u->unmarked_names);
		snprintf(u->unmarked_names + at, sizeof(u->unmarked_names) - at, "%s%s",
			 at ? ", " : "", *row->serial ? row->serial : row->identity);
	}
	return true;
}

static void find_unmarked(struct run *u)
{
	struct vd_dir_filter f = {VD_DIR_REGISTERED, (int)u->c->muni, 0, false};
	if (!u->im.added && !u->im.changed && !u->im.unchanged)
		return;
	if (vd_dirf_devices(&u->c->w, &f, on_unmarked, u))
		u->unmarked = 0; /* the import itself stands */
}

static void say_unmarked(struct run *u)
{
	char n[24], names[sizeof(u->unmarked_names) + 8];
	if (!u->unmarked)
		return;
	snprintf(n, sizeof(n), "%zu", u->unmarked);
	snprintf(names, sizeof(names), "%s%s", u->unmarked_names,
		 u->unmarked > UNMARKED_TOLD ? ", …" : "");
	vd_cli_say(u->c, u->c->err, VD_T_IMP_BUTTONS,
		   VD_ARGS(n, names,
			   vd_text_raw(u->c->lang, vd_import_column_head(VD_COL_ALARM_BUTTON))));
}

static int summary(struct run *u, int r, bool dry)
{
	const struct vd_import *im = &u->im;
	char n[5][24];
	const size_t counts[] = {im->rows, im->added, im->unchanged, im->changed, im->failed};
	enum vd_text text = im->changed && im->failed ? VD_T_IMP_SUM_BOTH
			    : im->changed             ? VD_T_IMP_SUM_CHANGED
			    : im->failed              ? VD_T_IMP_SUM_FAILED
						      : VD_T_IMP_SUM;
	for (int i = 0; i < 5; i++)
		snprintf(n[i], sizeof(n[i]), "%zu", counts[i]);
	if (!u->results) {
		vd_cli_say(u->c, u->c->out, text, VD_ARGS(n[0], n[1], n[2], n[3], n[4]));
		if (dry)
			vd_cli_say(u->c, u->c->out, VD_T_IMP_DRY, NULL);
		say_unmarked(u);
		return 0;
	}
	json_t *doc = json_pack(
		"{s:I,s:I,s:I,s:I,s:I,s:I,s:b,s:b,s:O}", "rows", (json_int_t)im->rows, "new",
		(json_int_t)im->added, "changed", (json_int_t)im->changed, "unchanged",
		(json_int_t)im->unchanged, "refused", (json_int_t)im->failed, "unmarked_buttons",
		(json_int_t)u->unmarked, "dry_run", dry, "complete", r == 0, "results", u->results);
	if (u->no_memory) {
		json_decref(doc);
		doc = NULL;
	}
	return vd_verb_print_json(u->c, doc);
}

/* What the end of the import means for the exit code; tells what is wrong. */
static int conclude(struct run *u, int r)
{
	char row[24];
	struct vd_import *im = &u->im;
	if (!r)
		return im->failed ? VD_CLI_REFUSED : 0;
	fprintf(u->c->err, "%s\n", im->problem);
	if (im->stopped_at) {
		snprintf(row, sizeof(row), "%zu", im->stopped_at);
		vd_cli_say(u->c, u->c->err, VD_T_IMP_STOPPED, VD_ARGS(row));
	}
	switch (r) {
	case VD_EPARSE:
	case VD_ELIMIT: return EX_DATAERR;
	case VD_EBUSY: return EX_UNAVAILABLE;
	case VD_EIO: return EX_IOERR;
	}
	return EX_SOFTWARE;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;
	return !stat(a, &x) && !stat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int open_failed(struct run *u, const char *in, const char *out)
{
	if (!out)
		return 0;
	if (same_file(in, out))
		return vd_cli_usage(u->c, VD_T_FILE_SAME, "", "", "");
	if (vd_failed_open(&u->failed, out))
		return 0;
	vd_cli_say(u->c, u->c->err, VD_T_FILE_WRITE, VD_ARGS(out, strerror(u->failed.err)));
	return EX_IOERR;
}

static int close_failed(struct run *u, const char *out, int exit)
{
	bool keep = u->im.headed && u->failed.f;
	if (!vd_failed_close(&u->failed, keep)) {
		vd_cli_say(u->c, u->c->err, VD_T_FILE_WRITE, VD_ARGS(out, strerror(u->failed.err)));
		return EX_IOERR;
	}
	if (keep && u->im.failed)
		vd_cli_say(u->c, u->c->err, VD_T_IMP_FAILED_FILE, VD_ARGS(out));
	return exit;
}

static int run_import(struct run *u, FILE *in, const char *path, const char *out, bool dry)
{
	vd_import_begin(&u->im);
	int r = feed(&u->im, in);
	if (r == VD_EIO && !u->im.problem[0])
		vd_text(u->im.problem, sizeof(u->im.problem), u->c->lang, VD_T_FILE_READ,
			VD_ARGS(path, strerror(errno)));
	int exit = 0;
	if (u->im.headed && (r != VD_EPARSE || u->im.rows)) {
		find_unmarked(u);
		exit = summary(u, r, dry);
	}
	int end = conclude(u, r);
	vd_import_fini(&u->im);
	return close_failed(u, out, end ? end : exit);
}

int vd_verb_device_import(struct vd_cli *c, int argc, char **argv)
{
	static const char *const words[] = {"FILE.csv", NULL};
	const char *path, *failed = NULL, *gateway = "", *family = "";
	bool dry = false;
	int64_t serial_length = 0;
	int exit;
	const struct vd_opt opts[] = {{"--dry-run", VD_OPT_FLAG, &dry},
				      {"--failed", VD_OPT_TEXT, &failed},
				      {"--gateway", VD_OPT_TEXT, &gateway},
				      {"--family", VD_OPT_TEXT, &family},
				      {"--serial-length", VD_OPT_NUMBER, &serial_length, 1, 63}};
	if (vd_cli_parse(c, argc, argv, opts, sizeof(opts) / sizeof(opts[0]), words, &path, &exit) <
	    0)
		return exit;
	FILE *in = strcmp(path, "-") ? fopen(path, "re") : c->in;
	if (!in) {
		vd_cli_say(c, c->err, VD_T_FILE_OPEN, VD_ARGS(path, strerror(errno)));
		return EX_NOINPUT;
	}
	struct run u = {.c = c,
			.im = {.lang = c->lang,
			       .gateway = gateway,
			       .family = family,
			       .serial_length = (int)serial_length,
			       .families = c->families,
			       .known_family = known_family,
			       .apply = apply,
			       .on_header = on_header,
			       .on_notice = on_notice,
			       .on_result = on_result}};
	u.im.arg = &u;
	if (!(exit = vd_cli_open(c, dry ? VD_DB_READ : VD_DB_WRITE)) && dry) {
		int r = vd_dirw_shadow(&c->w);
		exit = r ? vd_cli_failed(c, r) : 0;
	}
	u.im.muni = (int)c->muni;
	u.results = c->json && !exit ? json_array() : NULL;
	if (!exit && !(exit = open_failed(&u, path, failed)))
		exit = run_import(&u, in, path, failed, dry);
	json_decref(u.results);
	if (in != c->in)
		fclose(in);
	return exit;
}

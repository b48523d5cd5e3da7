/* SPDX-License-Identifier: EUPL-1.2 */
/* Small things several commands need: a line from a file, JSON and tables out. */
#include "onboard/verbs.h"
#include <errno.h>

/* Two bytes of lookahead tell "one line" from "more": a password file with two lines is a mistake.
 */
static bool only_line(FILE *f, char *dst, size_t cap, size_t *ret_n)
{
	size_t n = fread(dst, 1, cap, f);
	*ret_n = n;
	if (n == cap)
		return false;
	if (n && dst[n - 1] == '\n')
		n--;
	if (n && dst[n - 1] == '\r')
		n--;
	dst[n] = '\0';
	return !memchr(dst, '\n', n) && vd_span_utf8(vd_span(dst, n));
}

int vd_verb_read_line(struct vd_cli *c, const char *path, char *dst, size_t cap)
{
	size_t n;
	bool own = strcmp(path, "-") != 0;
	FILE *f = own ? fopen(path, "re") : c->in;
	if (!f) {
		vd_cli_say(c, c->err, VD_T_FILE_OPEN, VD_ARGS(path, strerror(errno)));
		return EX_NOINPUT;
	}
	bool ok = only_line(f, dst, cap, &n);
	bool failed = ferror(f) != 0;
	if (own)
		fclose(f);
	if (failed) {
		vd_cli_say(c, c->err, VD_T_FILE_READ, VD_ARGS(path, strerror(errno)));
		return EX_IOERR;
	}
	if (ok)
		return 0;
	vd_cli_say(c, c->err, VD_T_PW_TEXT, NULL);
	return EX_DATAERR;
}

int vd_verb_print_json(struct vd_cli *c, json_t *take_doc)
{
	int e = !take_doc || json_dumpf(take_doc, c->out, JSON_COMPACT) ||
		fputc('\n', c->out) == EOF;
	if (e)
		vd_cli_say(c, c->err, take_doc ? VD_T_FILE_WRITE : VD_T_NO_MEMORY,
			   VD_ARGS("stdout", strerror(errno)));
	int exit = !e ? 0 : take_doc ? EX_IOERR : EX_SOFTWARE;
	json_decref(take_doc);
	return exit;
}

int vd_verb_print_table(struct vd_cli *c, struct vd_table *t)
{
	if (!t->cells.err && t->n_rows <= 1) {
		vd_buf_fini(&t->cells);
		fprintf(c->out, "%s\n", vd_text_raw(c->lang, VD_T_LIST_EMPTY));
		return 0;
	}
	if (!vd_table_print(t, c->out))
		return 0;
	vd_cli_say(c, c->err, VD_T_NO_MEMORY, NULL);
	return EX_SOFTWARE;
}

void vd_verb_head(struct vd_cli *c, struct vd_table *t, const enum vd_text *heads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vd_table_add(t, vd_text_raw(c->lang, heads[i]));
}

int vd_verb_family(struct vd_cli *c, const char *family)
{
	if (c->known_family(vd_span_cstr(family)))
		return 0;
	return vd_cli_usage(c, VD_T_USE_BAD, "--family", family, c->families);
}

bool vd_verb_can(const char *features, const char *kind)
{
	struct vd_span rest = vd_span_cstr(features), one;
	while (vd_span_next(&rest, ' ', &one))
		if (vd_span_is(one, kind))
			return true;
	return false;
}

bool vd_verb_unmarked(const char *features, const char *purpose, bool alarm_button)
{
	return !alarm_button && !vd_verb_can(features, "sos") &&
	       (vd_verb_can(features, "button") || !strcmp(purpose, "sos"));
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What devices send and nobody understood: told to the installer with the rows that would cure it.
 * Only names and kinds of values are kept, so nothing here is personal. */
#include "base/clock.h"
#include "onboard/verbs.h"
#include "port/adapter.h"

#define N(a)     (sizeof(a) / sizeof((a)[0]))
#define ROWS_MAX 2 /* true and false */
#define COLUMNS  "platform,vendor,model,firmware,key,value,kind,state,unit,scale,zone,flags"

struct rows {
	char text[ROWS_MAX][320];
	size_t n; /* 0 = no row can read it */
};

/* A cell of a table cannot hold a comma; then any will do. */
static const char *cell(const char *name)
{
	return *name && !strpbrk(name, ",\r\n") ? name : "*";
}

/* A name that was cut, or that is a remark of ours in brackets, is no key of a row. */
static bool is_key(const char *key)
{
	return *key && *key != '(' && *key != '#' && !strpbrk(key, ",\"\r\n") &&
	       strlen(key) < sizeof(((struct vd_unknown *)0)->key) - 1;
}

static void add_row(struct rows *r, const char *platform, const struct vd_unknown_of *of,
		    const char *key, const char *rest)
{
	snprintf(r->text[r->n], sizeof(r->text[0]), "%s,%s,%s,*,%s,%s", platform, cell(of->vendor),
		 cell(of->model), key, rest);
	r->n++;
}

/* The words in capitals are for the installer to replace: as they stand the row is refused. */
static void make_rows(struct vd_cli *c, const struct vd_unknown_of *of,
		      const struct vd_dir_unknown *u, struct rows *r)
{
	const char *platform = c->platform ? c->platform(vd_span_cstr(of->family)) : NULL;
	r->n = 0;
	if (!platform || !is_key(u->key) || !strcmp(u->type, "object") || !strcmp(u->type, "list"))
		return;
	if (!strcmp(u->type, "bool")) {
		add_row(r, platform, of, u->key, "true,KIND,STATE,,,,");
		add_row(r, platform, of, u->key, "false,KIND,STATE,,,,");
	} else if (!strcmp(u->type, "number")) {
		add_row(r, platform, of, u->key, "num,KIND,,UNIT,1,,");
	} else {
		add_row(r, platform, of, u->key, "WORD,KIND,STATE,,,,");
	}
}

static const char *type_word(enum vd_lang lang, const char *type)
{
	static const struct {
		const char *type;
		enum vd_text text;
	} words[] = {{"bool", VD_T_TYPE_BOOL},
		     {"number", VD_T_TYPE_NUMBER},
		     {"text", VD_T_TYPE_TEXT},
		     {"object", VD_T_TYPE_OBJECT},
		     {"list", VD_T_TYPE_LIST}};
	for (size_t i = 0; i < N(words); i++)
		if (!strcmp(type, words[i].type))
			return vd_text_raw(lang, words[i].text);
	return "";
}

/* -- for people ------------------------------------------------------------------------------- */

struct told {
	struct vd_cli *c;
	const struct vd_unknown_of *of;
	struct vd_table fields, rows;
	size_t n, n_rows;
};

static bool on_field(const struct vd_dir_unknown *u, void *arg)
{
	struct told *t = arg;
	struct rows r;
	char day[16];
	t->n++;
	vd_table_addf(&t->fields, "  %s",
		      *u->key ? u->key : vd_text_raw(t->c->lang, VD_T_UNKNOWN_OTHERS));
	vd_table_add(&t->fields, type_word(t->c->lang, u->type));
	vd_table_addf(&t->fields, "%lld", (long long)u->times);
	vd_text_day(vd_oslo_day_start(u->first_day), day);
	vd_table_add(&t->fields, day);
	vd_text_day(vd_oslo_day_start(u->last_day), day);
	vd_table_add(&t->fields, day);
	make_rows(t->c, t->of, u, &r);
	for (size_t i = 0; i < r.n; i++)
		vd_table_add(&t->rows, r.text[i]);
	t->n_rows += r.n;
	if (!r.n && *u->key)
		vd_cli_say(t->c, t->c->err, VD_T_UNKNOWN_NO_ROW, VD_ARGS(u->key));
	return true;
}

int vd_verb_unknown(struct vd_cli *c, const struct vd_unknown_of *of)
{
	static const enum vd_text heads[] = {VD_T_H_FIELD, VD_T_H_VALUE, VD_T_H_TIMES, VD_T_H_SINCE,
					     VD_T_H_LAST};
	struct told t = {.c = c, .of = of};
	vd_table_init(&t.fields, N(heads));
	vd_table_init(&t.rows, 1);
	vd_table_addf(&t.fields, "  %s", vd_text_raw(c->lang, heads[0]));
	vd_verb_head(c, &t.fields, heads + 1, N(heads) - 1);
	vd_table_add(&t.rows, COLUMNS);
	int r = vd_dirf_unknown(&c->w, of->device, on_field, &t);
	int exit = r ? vd_cli_failed(c, r) : 0;
	if (!exit && t.n) {
		fprintf(c->out, "\n%s:\n", vd_text_raw(c->lang, VD_T_UNKNOWN_TITLE));
		exit = vd_table_print(&t.fields, c->out) ? EX_SOFTWARE : 0;
	}
	if (!exit && t.n_rows) {
		fputc('\n', c->out);
		vd_cli_say(c, c->out, VD_T_UNKNOWN_WHAT, NULL);
		fputc('\n', c->out);
		exit = vd_table_print(&t.rows, c->out) ? EX_SOFTWARE : 0;
	}
	vd_buf_fini(&t.fields.cells);
	vd_buf_fini(&t.rows.cells);
	return exit;
}

/* -- for machines ----------------------------------------------------------------------------- */

struct listed {
	struct vd_cli *c;
	const struct vd_unknown_of *of;
	json_t *all;
	bool failed;
};

static json_t *day_json(int day)
{
	char iso[25];
	vd_iso_format(vd_oslo_day_start(day) + VD_HOUR_MS * 12, iso);
	return json_stringn(iso, 10);
}

static bool on_listed(const struct vd_dir_unknown *u, void *arg)
{
	struct listed *l = arg;
	struct rows r;
	json_t *rows = json_array();
	make_rows(l->c, l->of, u, &r);
	for (size_t i = 0; i < r.n; i++)
		l->failed |= json_array_append_new(rows, json_string(r.text[i])) != 0;
	json_t *o = json_pack("{s:s,s:s,s:I,s:o,s:o,s:o}", "key", u->key, "type", u->type, "times",
			      (json_int_t)u->times, "first_day", day_json(u->first_day), "last_day",
			      day_json(u->last_day), "rows", rows);
	l->failed |= !o || json_array_append_new(l->all, o);
	return !l->failed;
}

json_t *vd_verb_unknown_json(struct vd_cli *c, const struct vd_unknown_of *of)
{
	struct listed l = {c, of, json_array(), false};
	if (l.all && !vd_dirf_unknown(&c->w, of->device, on_listed, &l) && !l.failed)
		return l.all;
	json_decref(l.all);
	return NULL;
}

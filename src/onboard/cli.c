/* SPDX-License-Identifier: EUPL-1.2 */
#include "onboard/cli.h"
#include "base/clock.h"
#include "onboard/import.h"
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* -- saying ----------------------------------------------------------------------------------- */

void vd_cli_say(struct vd_cli *c, FILE *to, enum vd_text id, const char *const args[])
{
	char text[1200];
	vd_text(text, sizeof(text), c->lang, id, args);
	for (char *p = text; *p; p++) /* what we repeat may come from a device or a file */
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = '?';
	fprintf(to, "%s\n", text);
}

int vd_cli_usage(struct vd_cli *c, enum vd_text id, const char *a, const char *b, const char *hint)
{
	vd_cli_say(c, c->err, id, VD_ARGS(a, b, hint));
	return EX_USAGE;
}

static int exit_code(int code)
{
	switch (code) {
	case VD_EBUSY: return EX_UNAVAILABLE;
	case VD_EIO: return EX_IOERR;
	case VD_EDENIED: return EX_NOPERM;
	case VD_ENOMEM:
	case VD_ECORRUPT:
	case VD_EVERSION: return EX_SOFTWARE;
	}
	return VD_CLI_REFUSED;
}

int vd_cli_failed(struct vd_cli *c, int code)
{
	char text[900];
	vd_text_failure(text, sizeof(text), c->lang, code, &c->w);
	fprintf(c->err, "%s\n", text);
	return exit_code(code);
}

int vd_cli_finish(struct vd_cli *c)
{
	if (!fflush(c->out) && !ferror(c->out))
		return 0;
	vd_cli_say(c, c->err, VD_T_FILE_WRITE, VD_ARGS("stdout", strerror(errno)));
	return EX_IOERR;
}

/* -- options ---------------------------------------------------------------------------------- */

static int bad_value(struct vd_cli *c, const char *name, const char *value, const char *want)
{
	return vd_cli_usage(c, VD_T_USE_BAD, name, value, want);
}

static int set_number(struct vd_cli *c, const struct vd_opt *o, const char *value)
{
	char want[48];
	if (!vd_import_number(vd_span_cstr(value), o->min, o->max, o->to))
		return 0;
	snprintf(want, sizeof(want), "%lld–%lld", (long long)o->min, (long long)o->max);
	return bad_value(c, o->name, value, want);
}

static int set_munis(struct vd_cli *c, const struct vd_opt *o, const char *value)
{
	struct vd_span rest = vd_span_cstr(value), one;
	int *to = o->to, n = 0;
	int64_t v;
	while (vd_span_next(&rest, ',', &one)) {
		if (vd_import_number(vd_span_trim(one), 1, 9999, &v))
			return bad_value(c, o->name, value, "3434,3435");
		if (n == 15)
			return vd_cli_usage(c, VD_T_ST_SCOPE_FULL, "", "", "");
		to[n++] = (int)v;
	}
	to[n] = 0;
	return 0;
}

static int set_option(struct vd_cli *c, const struct vd_opt *o, const char *value)
{
	int *night = o->to;
	switch (o->type) {
	case VD_OPT_FLAG: *(bool *)o->to = true; return 0;
	case VD_OPT_TEXT: *(const char **)o->to = value; return 0;
	case VD_OPT_NUMBER: return set_number(c, o, value);
	case VD_OPT_MUNIS: return set_munis(c, o, value);
	case VD_OPT_NIGHT: break;
	}
	if (vd_import_night(vd_span_cstr(value), &night[0], &night[1]))
		return bad_value(c, o->name, value, "22:00-07:00");
	return 0;
}

static const struct vd_opt *find_option(const struct vd_opt *opts, size_t n, struct vd_span name)
{
	for (size_t i = 0; i < n; i++)
		if (vd_span_is(name, opts[i].name))
			return &opts[i];
	return NULL;
}

struct parse {
	struct vd_cli *c;
	const struct vd_opt *opts, *common;
	size_t n_opts, n_common;
	unsigned long seen; /* bits of opts */
};

/* One option at argv[*i]; takes the next argument when it needs it. */
static int take_option(struct parse *p, int argc, char **argv, int *i)
{
	struct vd_span rest = vd_span_cstr(argv[*i]), name;
	(void)vd_span_next(&rest, '=', &name);
	const char *value = rest.p;
	const struct vd_opt *o = find_option(p->opts, p->n_opts, name);
	if (o)
		p->seen |= 1ul << (o - p->opts);
	else
		o = find_option(p->common, p->n_common, name);
	if (!o || (o->type == VD_OPT_FLAG && value))
		return vd_cli_usage(p->c, VD_T_USE_OPTION, argv[*i], p->c->name, "");
	if (o->type != VD_OPT_FLAG && !value) {
		if (*i + 1 >= argc)
			return vd_cli_usage(p->c, VD_T_USE_VALUE, o->name, "", "");
		value = argv[++*i];
	}
	return set_option(p->c, o, value);
}

static int check_required(struct parse *p, const char *const wanted[], int have)
{
	for (size_t i = 0; i < p->n_opts; i++)
		if (p->opts[i].required && !(p->seen & 1ul << i))
			return vd_cli_usage(p->c, VD_T_USE_MISSING, p->opts[i].name, p->c->name,
					    "");
	if (wanted[have])
		return vd_cli_usage(p->c, VD_T_USE_MISSING, wanted[have], p->c->name, "");
	return 0;
}

int vd_cli_parse(struct vd_cli *c, int argc, char **argv, const struct vd_opt *opts, size_t n_opts,
		 const char *const words_wanted[], const char **ret_words, int *ret_exit)
{
	const char *lang = NULL; /* read before the verb was found */
	const struct vd_opt common[] = {{"--db", VD_OPT_TEXT, &c->db_path},
					{"--lang", VD_OPT_TEXT, &lang},
					{"--json", VD_OPT_FLAG, &c->json},
					{"--staff", VD_OPT_TEXT, &c->staff},
					{"--municipality", VD_OPT_NUMBER, &c->muni, 1, 9999}};
	struct parse p = {c, opts, common, n_opts, sizeof(common) / sizeof(common[0]), 0};
	int n = 0;
	bool only_words = false;
	for (int i = 1; i < argc; i++) {
		*ret_exit = 0;
		if (!only_words && !strcmp(argv[i], "--"))
			only_words = true;
		else if (!only_words && argv[i][0] == '-' && argv[i][1])
			*ret_exit = take_option(&p, argc, argv, &i);
		else if (!words_wanted[n])
			*ret_exit = vd_cli_usage(c, VD_T_USE_EXTRA, argv[i], c->name, "");
		else
			ret_words[n++] = argv[i];
		if (*ret_exit)
			return VD_CLI_DONE;
	}
	*ret_exit = check_required(&p, words_wanted, n);
	return *ret_exit ? VD_CLI_DONE : n;
}

/* -- verbs ------------------------------------------------------------------------------------ */

static void help_verb(struct vd_cli *c, FILE *to, const char *program, const struct vd_verb *v)
{
	fprintf(to, "  %s %s%s%s %s\n        %s\n", program, v->noun ? v->noun : "",
		v->noun ? " " : "", v->name, v->synopsis, vd_text_raw(c->lang, v->what));
}

static int help(struct vd_cli *c, FILE *to, const char *program, const struct vd_verb *verbs,
		size_t n)
{
	fprintf(to, "%s\n", vd_text_raw(c->lang, VD_T_USE_HEAD));
	for (size_t i = 0; i < n; i++)
		help_verb(c, to, program, &verbs[i]);
	fprintf(to, "\n%s", vd_text_raw(c->lang, VD_T_USE_COMMON));
	return vd_cli_finish(c);
}

static bool is_help(const char *s)
{
	return !strcmp(s, "--help") || !strcmp(s, "-h");
}

/* --lang counts for every message, so it is looked for first. */
static int find_language(struct vd_cli *c, int argc, char **argv)
{
	const char *given = NULL, *env = getenv("VARDE_LANG");
	if (!env || !vd_lang_parse(env, &c->lang)) {
		c->lang = VD_LANG_NB;
		(void)vd_lang_parse(getenv("LANG"), &c->lang);
	}
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!strncmp(argv[i], "--lang=", 7))
			given = argv[i] + 7;
		else if (!strcmp(argv[i], "--lang") && i + 1 < argc)
			given = argv[i + 1];
	}
	if (given && !vd_lang_parse(given, &c->lang))
		return bad_value(c, "--lang", given, "nb, nn, en");
	return 0;
}

static void find_who(struct vd_cli *c)
{
	struct timespec ts;
	const char *sudo = getenv("SUDO_USER");
	const struct passwd *pw = getpwuid(getuid());
	snprintf(c->by, sizeof(c->by), "%s", sudo && *sudo ? sudo : pw ? pw->pw_name : "?");
	if (!c->now_ms && !clock_gettime(CLOCK_REALTIME, &ts))
		c->now_ms = ts.tv_sec * 1000ll + ts.tv_nsec / 1000000;
	const char *db = getenv("VARDE_DB");
	c->db_path = db && *db ? db : VD_CLI_DB;
}

static const struct vd_verb *find_verb(const struct vd_verb *verbs, size_t n, int argc, char **argv,
				       int *ret_words)
{
	for (size_t i = 0; i < n; i++) {
		const struct vd_verb *v = &verbs[i];
		*ret_words = v->noun ? 2 : 1;
		if (!v->noun && !strcmp(argv[1], v->name))
			return v;
		if (v->noun && argc > 2 && !strcmp(argv[1], v->noun) && !strcmp(argv[2], v->name))
			return v;
	}
	return NULL;
}

int vd_cli_run(struct vd_cli *c, const char *program, const struct vd_verb *verbs, size_t n,
	       int argc, char **argv)
{
	char name[80];
	int words = 1;
	find_who(c);
	c->name = program;
	int r = find_language(c, argc, argv);
	if (r)
		return r;
	if (argc < 2) {
		(void)help(c, c->err, program, verbs, n);
		return EX_USAGE;
	}
	if (is_help(argv[1]))
		return help(c, c->out, program, verbs, n);
	const struct vd_verb *v = find_verb(verbs, n, argc, argv, &words);
	if (!v && argc > 2 && is_help(argv[argc - 1]))
		return help(c, c->out, program, verbs, n);
	if (!v)
		return vd_cli_usage(c, VD_T_USE_VERB, argv[1], program, "");
	for (int i = words + 1; i < argc && strcmp(argv[i], "--"); i++)
		if (is_help(argv[i]))
			return help(c, c->out, program, v, 1);
	snprintf(name, sizeof(name), "%s %s%s%s", program, v->noun ? v->noun : "",
		 v->noun ? " " : "", v->name);
	c->name = name;
	r = v->run(c, argc - words, argv + words);
	vd_cli_close(c);
	int out = vd_cli_finish(c);
	return r ? r : out;
}

/* -- the database ----------------------------------------------------------------------------- */

static int find_staff(struct vd_cli *c)
{
	struct vd_dir_who who = {0};
	if (!c->staff)
		return 0;
	int r = vd_dirf_staff(&c->w, c->staff, &who);
	if (r)
		return vd_cli_failed(c, r);
	c->w.staff = who.id;
	snprintf(c->by, sizeof(c->by), "%s", c->staff);
	return 0;
}

int vd_cli_open(struct vd_cli *c, enum vd_db_mode mode)
{
	struct vd_db *db = NULL;
	c->scope = (struct vd_scope){.all = !c->muni, .munis = {(int)c->muni}};
	c->w = (struct vd_dirw){.scope = &c->scope, .now_ms = c->now_ms, .by = c->by};
	if (mode != VD_DB_CREATE && access(c->db_path, F_OK)) {
		vd_cli_say(c, c->err, VD_T_STORE_NOTFOUND, VD_ARGS(c->db_path));
		return EX_NOINPUT;
	}
	int r = vd_db_open(c->db_path, mode, &db, &c->w.err);
	if (r)
		return vd_cli_failed(c, r);
	c->w.db = db;
	return find_staff(c);
}

void vd_cli_close(struct vd_cli *c)
{
	vd_db_close(c->w.db);
	c->w.db = NULL;
}

/* -- a device by its code --------------------------------------------------------------------- */

static bool add_candidate(const struct vd_dir_row *row, void *arg)
{
	struct vd_table *t = arg;
	vd_table_addf(t, "  id:%lld", (long long)row->id);
	vd_table_add(t, row->serial);
	vd_table_add(t, row->identity);
	vd_table_add(t, row->gateway_user);
	vd_table_add(t, row->muni_name);
	return true;
}

int vd_cli_device(struct vd_cli *c, const char *code, int64_t *ret_id)
{
	int64_t candidates[VD_FIND_CANDIDATES];
	size_t n;
	int r = vd_dirf_resolve(&c->w, code, ret_id, candidates, &n);
	if (!r)
		return 0;
	struct vd_table t;
	int exit = vd_cli_failed(c, r);
	vd_table_init(&t, 5);
	for (size_t i = 0; i < n; i++) {
		struct vd_dir_filter f = {VD_DIR_ALL, .device = candidates[i]};
		(void)vd_dirf_devices(&c->w, &f, add_candidate, &t);
	}
	(void)vd_table_print(&t, c->err);
	return exit;
}

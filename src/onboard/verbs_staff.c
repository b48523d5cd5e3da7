/* SPDX-License-Identifier: EUPL-1.2 */
/* varde staff add, list, scope, password, disable, enable, shift. A password never stands on the
 * command line, where every user of the machine could read it. */
#include "onboard/identity.h"
#include "onboard/password_sync.h"
#include "onboard/verbs.h"
#include "base/clock.h"
#include "base/limits.h"
#include <openssl/crypto.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const no_words[] = {NULL};
static const char *const one_user[] = {"USER", NULL};

/* -- passwords -------------------------------------------------------------------------------- */

/* At a terminal the typed password is not echoed. */
static int ask(struct vd_cli *c, const char *path, char *dst, size_t cap)
{
	struct termios was, quiet;
	bool tty = !strcmp(path, "-") && c->in == stdin && isatty(STDIN_FILENO) &&
		   !tcgetattr(STDIN_FILENO, &was);
	if (!tty)
		return vd_verb_read_line(c, path, dst, cap);
	fputs(vd_text_raw(c->lang, VD_T_PW_ASK), c->err);
	fflush(c->err);
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	bool ok = fgets(dst, (int)cap, stdin) != NULL;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	fputc('\n', c->err);
	if (!ok) {
		vd_cli_say(c, c->err, VD_T_PW_TEXT, NULL);
		return EX_DATAERR;
	}
	dst[strcspn(dst, "\r\n")] = '\0';
	return 0;
}

static int refuse_password(struct vd_cli *c, enum vd_text why, size_t have, size_t want)
{
	char a[24], b[24];
	snprintf(a, sizeof(a), "%zu", have);
	snprintf(b, sizeof(b), "%zu", want);
	vd_cli_say(c, c->err, why, VD_ARGS(a, b));
	return EX_DATAERR;
}

static int encode(struct vd_cli *c, const char *password, char ret[VD_PASSWORD_ENCODED])
{
	struct vd_span p = vd_span_cstr(password);
	size_t chars = vd_identity_chars(p);
	if (!vd_identity_printable(p))
		return refuse_password(c, VD_T_PW_TEXT, 0, 0);
	if (chars < VD_PASSWORD_MIN_CHARS)
		return refuse_password(c, VD_T_PW_SHORT, chars, VD_PASSWORD_MIN_CHARS);
	if (p.n > VD_MAX_PASSWORD_BYTES)
		return refuse_password(c, VD_T_PW_LONG, VD_MAX_PASSWORD_BYTES, 0);
	int r = vd_password_encode(p, ret);
	if (!r)
		return 0;
	vd_cli_say(c, c->err, VD_T_PW_FAILED, VD_ARGS(vd_strerror(r)));
	return EX_UNAVAILABLE;
}

static int read_password(struct vd_cli *c, const char *path, char ret[VD_PASSWORD_ENCODED])
{
	char password[VD_MAX_PASSWORD_BYTES + 4];
	int exit = ask(c, path, password, sizeof(password));
	if (!exit)
		exit = encode(c, password, ret);
	OPENSSL_cleanse(password, sizeof(password));
	return exit;
}

/* -- add -------------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	unsigned role;
} roles[] = {{"care", VD_ROLE_CARE},
	     {"leader", VD_ROLE_LEADER},
	     {"technician", VD_ROLE_TECHNICIAN},
	     {"controller", VD_ROLE_CONTROLLER},
	     {"admin", VD_ROLE_ADMIN}};

static int parse_roles(struct vd_cli *c, const char *text, unsigned *ret)
{
	struct vd_span rest = vd_span_cstr(text), one;
	*ret = 0;
	while (vd_span_next(&rest, ',', &one)) {
		unsigned role = 0;
		for (size_t i = 0; i < N(roles); i++)
			if (vd_span_is(vd_span_trim(one), roles[i].name))
				role = roles[i].role;
		if (!role)
			return vd_cli_usage(c, VD_T_USE_BAD, "--roles", text,
					    "care,leader,technician,controller,admin");
		*ret |= role;
	}
	return 0;
}

static void roles_text(unsigned bits, char *dst, size_t cap)
{
	size_t at = 0;
	dst[0] = '\0';
	for (size_t i = 0; i < N(roles) && at < cap; i++)
		if (bits & roles[i].role)
			at += (size_t)snprintf(dst + at, cap - at, "%s%s", at ? "," : "",
					       roles[i].name);
}

struct add {
	struct vd_dirw_staff in;
	int64_t id;
};

static int do_add(struct vd_dirw *w, void *arg)
{
	struct add *a = arg;
	return vd_dirw_staff(w, &a->in, &a->id);
}

static int check_staff(struct vd_cli *c, const struct vd_dirw_staff *s)
{
	enum vd_lang lang;
	if (!s->muni)
		return vd_cli_usage(c, VD_T_USE_MISSING, "--municipality", c->name, "");
	if (!*s->user || strlen(s->user) > 60 || !vd_identity_printable(vd_span_cstr(s->user)) ||
	    strpbrk(s->user, " :/"))
		return vd_cli_usage(c, VD_T_USE_BAD, "--user", s->user, "a-z 0-9 . _ -");
	if (!*s->name || strlen(s->name) > 120 || !vd_identity_printable(vd_span_cstr(s->name)))
		return vd_cli_usage(c, VD_T_USE_BAD, "--name", s->name, "UTF-8");
	if (strlen(s->phone) > 40 || !vd_identity_printable(vd_span_cstr(s->phone)))
		return vd_cli_usage(c, VD_T_USE_BAD, "--phone", s->phone, "+47 00 00 00 00");
	if (strlen(s->language) != 2 || !vd_lang_parse(s->language, &lang) ||
	    strcmp(s->language, vd_lang_name(lang)))
		return vd_cli_usage(c, VD_T_USE_BAD, "--language", s->language, "nb, nn, en");
	return 0;
}

static int add(struct vd_cli *c, int argc, char **argv)
{
	struct add a = {.in = {0, "", "", "", "nb", 0, "", {0}}};
	const char *role_text = "care", *password = NULL;
	char encoded[VD_PASSWORD_ENCODED] = "", number[24];
	int exit;
	const struct vd_opt opts[] = {{"--user", VD_OPT_TEXT, &a.in.user, .required = true},
				      {"--name", VD_OPT_TEXT, &a.in.name, .required = true},
				      {"--phone", VD_OPT_TEXT, &a.in.phone},
				      {"--language", VD_OPT_TEXT, &a.in.language},
				      {"--roles", VD_OPT_TEXT, &role_text},
				      {"--scope", VD_OPT_MUNIS, a.in.scope},
				      {"--password-file", VD_OPT_TEXT, &password}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), no_words, NULL, &exit) < 0)
		return exit;
	a.in.muni = (int)c->muni;
	if ((exit = check_staff(c, &a.in)) || (exit = parse_roles(c, role_text, &a.in.roles)) ||
	    (password && (exit = read_password(c, password, encoded))))
		return exit;
	a.in.password = encoded;
	c->muni = 0; /* the employer, not a limit on what may be given access to */
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_add, &a);
	if (r < 0)
		return vd_cli_failed(c, r);
	snprintf(number, sizeof(number), "%lld", (long long)a.id);
	vd_cli_say(c, c->out, VD_T_ST_ADDED, VD_ARGS(a.in.user, number));
	if (!password)
		vd_cli_say(c, c->err, VD_T_ST_NO_PASSWORD, VD_ARGS(a.in.user));
	return 0;
}

/* -- scope, password, disable ----------------------------------------------------------------- */

struct scope_change {
	const char *user;
	int set[16], add[16], remove[16];
	bool is_set, any;
	int full; /* too many */
	struct vd_dir_who who;
};

static bool has(const int *munis, int muni)
{
	for (size_t i = 0; i < 16 && munis[i]; i++)
		if (munis[i] == muni)
			return true;
	return false;
}

static void include(int *munis, int muni, int *ret_full)
{
	size_t n = 0;
	if (has(munis, muni))
		return;
	while (n < 15 && munis[n])
		n++;
	if (n == 15)
		*ret_full = 1;
	else
		munis[n] = muni;
}

/* Read and written in one transaction, so that two at once do not undo each other. */
static int do_scope(struct vd_dirw *w, void *arg)
{
	struct scope_change *s = arg;
	int want[16] = {0};
	int r = vd_dirf_staff(w, s->user, &s->who);
	if (r || !s->any)
		return r;
	include(want, s->who.muni, &s->full); /* the employer stays */
	const int *from = s->is_set ? s->set : s->who.scope;
	for (size_t i = 0; i < 16 && from[i]; i++)
		if (!has(s->remove, from[i]))
			include(want, from[i], &s->full);
	for (size_t i = 0; i < 16 && s->add[i]; i++)
		include(want, s->add[i], &s->full);
	if (s->full)
		return VD_ELIMIT;
	r = vd_dirw_staff_scope(w, s->user, want);
	return r < 0 ? r : vd_dirf_staff(w, s->user, &s->who) ? VD_EIO : r;
}

static int scope(struct vd_cli *c, int argc, char **argv)
{
	struct scope_change s = {0};
	char list[160] = "";
	size_t at = 0;
	int exit;
	const struct vd_opt opts[] = {{"--set", VD_OPT_MUNIS, s.set},
				      {"--add", VD_OPT_MUNIS, s.add},
				      {"--remove", VD_OPT_MUNIS, s.remove}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), one_user, &s.user, &exit) < 0)
		return exit;
	s.is_set = s.set[0];
	s.any = s.set[0] || s.add[0] || s.remove[0];
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_scope, &s);
	if (r < 0 && s.full)
		return vd_cli_usage(c, VD_T_ST_SCOPE_FULL, "", "", "");
	if (r < 0)
		return vd_cli_failed(c, r);
	for (size_t i = 0; i < 16 && s.who.scope[i] && at < sizeof(list); i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%d", at ? ", " : "",
				       s.who.scope[i]);
	vd_cli_say(c, c->out, VD_T_ST_SCOPE, VD_ARGS(s.user, list));
	return 0;
}

struct account {
	const char *user, *encoded;
	bool disabled;
};

static int do_password(struct vd_dirw *w, void *arg)
{
	struct account *a = arg;
	return vd_dirw_staff_password(w, a->user, a->encoded);
}

static int password_verb(struct vd_cli *c, int argc, char **argv)
{
	const char *path = "-";
	char encoded[VD_PASSWORD_ENCODED];
	struct account a = {.encoded = encoded};
	struct vd_dir_who who;
	int exit;
	const struct vd_opt opts[] = {{"--password-file", VD_OPT_TEXT, &path}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), one_user, &a.user, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirf_staff(&c->w, a.user, &who); /* before anybody types for nothing */
	if (r)
		return vd_cli_failed(c, r);
	if ((exit = read_password(c, path, encoded)))
		return exit;
	r = vd_dirw_tx(&c->w, do_password, &a);
	if (r < 0)
		return vd_cli_failed(c, r);
	vd_cli_say(c, c->out, VD_T_ST_PASSWORD, VD_ARGS(a.user));
	return 0;
}

static int do_disable(struct vd_dirw *w, void *arg)
{
	struct account *a = arg;
	return vd_dirw_staff_disable(w, a->user, a->disabled);
}

static int set_disabled(struct vd_cli *c, int argc, char **argv, bool disabled)
{
	struct account a = {.disabled = disabled};
	int exit;
	if (vd_cli_parse(c, argc, argv, NULL, 0, one_user, &a.user, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_disable, &a);
	if (r < 0)
		return vd_cli_failed(c, r);
	vd_cli_say(c, c->out, disabled ? VD_T_ST_DISABLED : VD_T_ST_ENABLED, VD_ARGS(a.user));
	return 0;
}

static int disable(struct vd_cli *c, int argc, char **argv)
{
	return set_disabled(c, argc, argv, true);
}

static int enable(struct vd_cli *c, int argc, char **argv)
{
	return set_disabled(c, argc, argv, false);
}

/* -- lists ------------------------------------------------------------------------------------ */

struct listing {
	struct vd_cli *c;
	struct vd_table t;
	json_t *doc;
	size_t n;
	bool failed;
};

static json_int_t number_of(const char *s)
{
	return (json_int_t)strtoll(s, NULL, 10);
}

static bool on_staff(const char *const *col, int n, void *arg)
{
	struct listing *l = arg;
	char role_text[80];
	bool has_password = *col[7] == '1', disabled = *col[8] == '1';
	roles_text((unsigned)number_of(col[6]), role_text, sizeof(role_text));
	l->n++;
	if (l->doc) {
		json_t *o = json_pack("{s:I,s:I,s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:s}", "id",
				      number_of(col[0]), "municipality", number_of(col[1]), "user",
				      col[2], "name", col[3], "phone", col[4], "language", col[5],
				      "roles", role_text, "password", has_password, "disabled",
				      disabled, "scope", col[9]);
		l->failed |= !o || json_array_append_new(l->doc, o);
		return !l->failed;
	}
	enum vd_text state = disabled ? VD_T_BLOCKED : has_password ? VD_T_OPEN : VD_T_NO_PASSWORD;
	vd_table_add(&l->t, col[2]);
	vd_table_add(&l->t, col[3]);
	vd_table_add(&l->t, col[1]);
	vd_table_add(&l->t, role_text);
	vd_table_add(&l->t, col[9]);
	vd_table_add(&l->t, col[4]);
	vd_table_add(&l->t, vd_text_raw(l->c->lang, state));
	return true;
}

static bool on_shift(const char *const *col, int n, void *arg)
{
	struct listing *l = arg;
	int64_t from = number_of(col[5]), to = number_of(col[6]);
	char a[25], b[25];
	if (l->n++ >= VD_MAX_LISTED_SHIFTS)
		return false;
	if (l->doc) {
		vd_iso_format(from, a);
		vd_iso_format(to, b);
		json_t *o = json_pack("{s:I,s:I,s:s,s:s,s:I,s:s,s:s}", "id", number_of(col[0]),
				      "municipality", number_of(col[1]), "user", col[2], "name",
				      col[3], "level", number_of(col[4]), "from", a, "to", b);
		l->failed |= !o || json_array_append_new(l->doc, o);
		return !l->failed;
	}
	vd_text_time(from, a);
	vd_text_time(to, b);
	vd_table_add(&l->t, a);
	vd_table_add(&l->t, b);
	vd_table_add(&l->t, col[1]);
	vd_table_add(&l->t, col[4]);
	vd_table_add(&l->t, col[2]);
	vd_table_add(&l->t, col[3]);
	return true;
}

struct list_spec {
	enum vd_dir_list what;
	vd_dir_list_fn fn;
	const char *name, *look;
	const enum vd_text *heads;
	size_t n_heads;
};

static int run_list(struct vd_cli *c, int argc, char **argv, const struct list_spec *s)
{
	struct listing l = {.c = c};
	struct vd_dirw_look look = {(int)c->muni, 0};
	int exit;
	if (vd_cli_parse(c, argc, argv, NULL, 0, no_words, NULL, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	look.muni = (int)c->muni;
	l.doc = c->json ? json_array() : NULL;
	vd_table_init(&l.t, s->n_heads);
	vd_verb_head(c, &l.t, s->heads, s->n_heads);
	int r = vd_dirf_list(&c->w, s->what, (int)c->muni, s->fn, &l);
	if (!r && l.failed)
		r = VD_ENOMEM;
	if (!r)
		r = vd_dirw_looked(&c->w, s->look, &look, l.n ? 1 : 0);
	if (r)
		exit = vd_cli_failed(c, r);
	else if (l.doc)
		exit = vd_verb_print_json(c, json_pack("{s:O}", s->name, l.doc));
	else
		exit = vd_verb_print_table(c, &l.t);
	vd_buf_fini(&l.t.cells);
	json_decref(l.doc);
	return exit;
}

static int list(struct vd_cli *c, int argc, char **argv)
{
	static const enum vd_text heads[] = {VD_T_H_USER,   VD_T_H_NAME,  VD_T_H_MUNI,
					     VD_T_H_ROLES,  VD_T_H_SCOPE, VD_T_H_PHONE,
					     VD_T_H_SIGN_IN};
	static const struct list_spec spec = {VD_LIST_STAFF,    on_staff, "staff",
					      "cli.staff.list", heads,    N(heads)};
	return run_list(c, argc, argv, &spec);
}

static int shift_list(struct vd_cli *c, int argc, char **argv)
{
	static const enum vd_text heads[] = {VD_T_H_FROM,  VD_T_H_TO,   VD_T_H_MUNI,
					     VD_T_H_LEVEL, VD_T_H_USER, VD_T_H_NAME};
	static const struct list_spec spec = {VD_LIST_SHIFTS,   on_shift, "shifts",
					      "cli.shift.list", heads,    N(heads)};
	return run_list(c, argc, argv, &spec);
}

/* -- shifts ----------------------------------------------------------------------------------- */

/* "2026-11-24T07:00" is Norwegian time, as rosters are; with a zone it is what it says. */
static int parse_time(struct vd_cli *c, const char *option, const char *text, int64_t *ret)
{
	char whole[40];
	bool zoned = false;
	int64_t ms;
	struct vd_civil t;
	size_t n = strlen(text);
	snprintf(whole, sizeof(whole), "%s%s", text, n == 16 ? ":00" : "");
	if (n > 35 || vd_iso_parse(vd_span_cstr(whole), &ms, &zoned))
		return vd_cli_usage(c, VD_T_USE_BAD, option, text, "2026-11-24T07:00");
	vd_civil_utc(ms, &t);
	*ret = zoned ? ms : vd_oslo_to_utc(t.year, t.month, t.day, t.hour, t.minute);
	return 0;
}

struct shift {
	const char *user;
	int muni;
	int64_t level, from_ms, to_ms, id;
};

static int do_shift(struct vd_dirw *w, void *arg)
{
	struct shift *s = arg;
	return vd_dirw_shift(w, s->user, s->muni, (int)s->level, s->from_ms, s->to_ms, &s->id);
}

static int shift_add(struct vd_cli *c, int argc, char **argv)
{
	struct shift s = {.user = "", .level = 1};
	const char *from = "", *to = "";
	char number[24], a[24], b[24];
	int exit;
	const struct vd_opt opts[] = {{"--user", VD_OPT_TEXT, &s.user, .required = true},
				      {"--from", VD_OPT_TEXT, &from, .required = true},
				      {"--to", VD_OPT_TEXT, &to, .required = true},
				      {"--level", VD_OPT_NUMBER, &s.level, 1, 2}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), no_words, NULL, &exit) < 0)
		return exit;
	s.muni = (int)c->muni;
	if (!s.muni)
		return vd_cli_usage(c, VD_T_USE_MISSING, "--municipality", c->name, "");
	if ((exit = parse_time(c, "--from", from, &s.from_ms)) ||
	    (exit = parse_time(c, "--to", to, &s.to_ms)))
		return exit;
	c->muni = 0; /* who is on duty there may be employed next door */
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_shift, &s);
	if (r < 0)
		return vd_cli_failed(c, r);
	snprintf(number, sizeof(number), "%lld", (long long)s.id);
	vd_text_time(s.from_ms, a);
	vd_text_time(s.to_ms, b);
	vd_cli_say(c, c->out, r ? VD_T_SHIFT_ADDED : VD_T_SHIFT_SAME,
		   VD_ARGS(number, s.user, a, b));
	return 0;
}

const struct vd_verb vd_staff_verbs[] = {
	{NULL, "add",
	 "--user U --name N --municipality N [--roles care,leader,technician,controller,admin]\n"
	 "        [--scope 3434,3435] [--phone P] [--language nb|nn|en] [--password-file FILE|-]",
	 VD_T_HELP_ST_ADD, add},
	{NULL, "list", "", VD_T_HELP_ST_LIST, list},
	{NULL, "scope", "USER [--set N,N] [--add N,N] [--remove N,N]", VD_T_HELP_ST_SCOPE, scope},
	{NULL, "password", "USER [--password-file FILE|-]", VD_T_HELP_ST_PASSWORD, password_verb},
	{NULL, "disable", "USER", VD_T_HELP_ST_DISABLE, disable},
	{NULL, "enable", "USER", VD_T_HELP_ST_ENABLE, enable},
	{"shift", "add",
	 "--user U --municipality N --from 2026-11-24T07:00 --to 2026-11-24T15:00 [--level 1|2]",
	 VD_T_HELP_SHIFT_ADD, shift_add},
	{"shift", "list", "", VD_T_HELP_SHIFT_LIST, shift_list},
	{"gateway", "add",
	 "--user U --name N --municipality N [--family F --prefix P] [--config JSON]\n"
	 "        [--cert-sha256 HEX] [--sip [--sip-sha256] [--realm R]]",
	 VD_T_HELP_GW_ADD, vd_verb_gateway_add},
	{"gateway", "list", "", VD_T_HELP_GW_LIST, vd_verb_gateway_list},
	{"gateway", "bind", "USER --family F [--prefix P] [--config JSON]", VD_T_HELP_GW_BIND,
	 vd_verb_gateway_bind},
	{"gateway", "secret", "USER [--sip [--sip-sha256] [--realm R]]", VD_T_HELP_GW_SECRET,
	 vd_verb_gateway_secret},
	{"gateway", "revoke", "USER", VD_T_HELP_GW_REVOKE, vd_verb_gateway_revoke},
	{"municipality", "add", "--number N --name NAME [--language nb|nn]", VD_T_HELP_MUNI_ADD,
	 vd_verb_municipality_add},
	{"municipality", "set",
	 "NUMBER [--escalate-first S] [--escalate-all S] [--ack-timeout MIN] [--remind MIN]\n"
	 "        [--repeat-hours H] [--test-days D]",
	 VD_T_HELP_MUNI_SET, vd_verb_municipality_set},
	{"municipality", "list", "", VD_T_HELP_MUNI_LIST, vd_verb_municipality_list},
	{"recipient", "add",
	 "--name N --municipality N [--address A] [--floor F] [--key-note K] [--phone P]\n"
	 "        [--national-id-file FILE|-]",
	 VD_T_HELP_REC_ADD, vd_verb_recipient_add},
	{"recipient", "list", "", VD_T_HELP_REC_LIST, vd_verb_recipient_list},
};
const size_t vd_staff_verbs_n = N(vd_staff_verbs);

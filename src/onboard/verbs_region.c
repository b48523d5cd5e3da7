/* SPDX-License-Identifier: EUPL-1.2 */
/* varde staff gateway, municipality and recipient. A secret is printed once and never stored. */
#include "onboard/gateway_secret.h"
#include "onboard/identity.h"
#include "onboard/import.h"
#include "onboard/verbs.h"
#include "base/mem.h"
#include <openssl/crypto.h>
#include <stdlib.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

static const char *const no_words[] = {NULL};
static const char *const one_user[] = {"USER", NULL};

/* A user name is typed into gateways and sign-in forms: letters, digits and . _ - */
static bool good_user(const char *s)
{
	size_t n = strlen(s);
	if (!n || n > 60)
		return false;
	for (; *s; s++)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      (*s >= '0' && *s <= '9') || *s == '.' || *s == '_' || *s == '-'))
			return false;
	return true;
}

static bool good_text(const char *s, size_t max)
{
	return strlen(s) <= max && vd_identity_printable(vd_span_cstr(s));
}

/* -- gateways --------------------------------------------------------------------------------- */

struct gateway {
	const char *user, *name, *cert, *family, *prefix, *config;
	int muni;
	uint8_t sha256[32];
	const char *realm; /* of the SIP door */
	bool sip, sip_sha256;
	char secret[VD_GATEWAY_SECRET_CHARS + 1];
};

/* The SIP door knows a secret by another hash, so both change together or not at all. */
static int do_sip(struct vd_dirw *w, struct gateway *g)
{
	uint8_t md5[16], sha256[32];
	if (!g->sip)
		return 0;
	if (vd_gateway_secret_ha1(g->user, g->realm, g->secret, md5, sha256))
		return VD_EIO;
	return vd_dirw_sip_account(w, g->user, g->realm, md5, g->sip_sha256 ? sha256 : NULL);
}

static int do_add(struct vd_dirw *w, void *arg)
{
	struct gateway *g = arg;
	int64_t id;
	int a = vd_dirw_gateway(w, g->muni, g->user, g->name, g->sha256, g->cert, &id);
	if (a >= 0 && g->sip) {
		int s = do_sip(w, g);
		a = s < 0 ? s : a | s;
	}
	if (a < 0 || !*g->family)
		return a;
	int b = vd_dirw_binding(w, g->user, g->family, g->prefix, g->config);
	return b < 0 ? b : a | b;
}

static int do_bind(struct vd_dirw *w, void *arg)
{
	struct gateway *g = arg;
	return vd_dirw_binding(w, g->user, g->family, g->prefix, g->config);
}

static int do_secret(struct vd_dirw *w, void *arg)
{
	struct gateway *g = arg;
	char realm[64] = "";
	bool sha256 = false;
	int had = vd_dirw_sip_account_get(w, g->user, realm, &sha256);
	if (had < 0)
		return had;
	if (had && !*g->realm)
		g->realm = realm;
	if (had || g->sip) {
		g->sip = true;
		g->sip_sha256 |= sha256;
		if (!*g->realm)
			g->realm = VD_SIP_REALM;
		if (vd_gateway_secret_shorten(g->secret, g->sha256))
			return VD_EIO;
	}
	int r = vd_dirw_gateway_secret(w, g->user, g->sha256);
	int s = r < 0 ? r : do_sip(w, g);
	g->realm = ""; /* ours was on the stack */
	return s < 0 ? s : r | s;
}

static int do_revoke(struct vd_dirw *w, void *arg)
{
	struct gateway *g = arg;
	return vd_dirw_gateway_revoke(w, g->user);
}

static bool good_cert(const char *s)
{
	return !*s || (strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64);
}

static int check_binding(struct vd_cli *c, const struct gateway *g)
{
	json_error_t e;
	int exit = vd_verb_family(c, g->family);
	if (exit)
		return exit;
	if (!good_text(g->prefix, 200) || strchr(g->prefix, '#') || strchr(g->prefix, '+'))
		return vd_cli_usage(c, VD_T_USE_BAD, "--prefix", g->prefix, "zigbee2mqtt");
	json_t *config = *g->config ? json_loads(g->config, JSON_REJECT_DUPLICATES, &e) : NULL;
	bool object = json_is_object(config);
	json_decref(config);
	if (*g->config && !object)
		return vd_cli_usage(c, VD_T_USE_BAD, "--config", g->config, "{…} (JSON)");
	/* A hub would pass over the binding, and with it every call for help. */
	if (c->config_fits && !c->config_fits(vd_span_cstr(g->family), vd_span_cstr(g->config)))
		return vd_cli_usage(c, VD_T_GW_CONFIG, g->family, g->config, "");
	return 0;
}

/* The secret alone on stdout, so that it can be piped to where it belongs. */
static void show_secret(struct vd_cli *c, char secret[VD_GATEWAY_SECRET_CHARS + 1])
{
	vd_cli_say(c, c->err, VD_T_GW_SECRET_ONCE, NULL);
	fprintf(c->out, "%s\n", secret);
	OPENSSL_cleanse(secret, VD_GATEWAY_SECRET_CHARS);
}

/* --sip-sha256 and --realm mean --sip too. */
static int check_sip(struct vd_cli *c, struct gateway *g)
{
	g->sip |= g->sip_sha256 || *g->realm;
	if (*g->realm && !good_user(g->realm))
		return vd_cli_usage(c, VD_T_USE_BAD, "--realm", g->realm, "a-z 0-9 . _ -");
	return 0;
}

static int no_entropy(struct vd_cli *c)
{
	vd_cli_say(c, c->err, VD_T_GW_NO_ENTROPY, NULL);
	return EX_UNAVAILABLE;
}

int vd_verb_gateway_add(struct vd_cli *c, int argc, char **argv)
{
	struct gateway g = {"", "", "", "", "", "", .realm = ""};
	int exit;
	const struct vd_opt opts[] = {{"--user", VD_OPT_TEXT, &g.user, .required = true},
				      {"--name", VD_OPT_TEXT, &g.name, .required = true},
				      {"--family", VD_OPT_TEXT, &g.family},
				      {"--prefix", VD_OPT_TEXT, &g.prefix},
				      {"--config", VD_OPT_TEXT, &g.config},
				      {"--cert-sha256", VD_OPT_TEXT, &g.cert},
				      {"--sip", VD_OPT_FLAG, &g.sip},
				      {"--sip-sha256", VD_OPT_FLAG, &g.sip_sha256},
				      {"--realm", VD_OPT_TEXT, &g.realm}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), no_words, NULL, &exit) < 0)
		return exit;
	g.muni = (int)c->muni;
	if (!g.muni)
		return vd_cli_usage(c, VD_T_USE_MISSING, "--municipality", c->name, "");
	if (!good_user(g.user))
		return vd_cli_usage(c, VD_T_USE_BAD, "--user", g.user, "a-z 0-9 . _ -");
	if (!good_text(g.name, 90))
		return vd_cli_usage(c, VD_T_USE_BAD, "--name", g.name, "UTF-8");
	if (!good_cert(g.cert))
		return vd_cli_usage(c, VD_T_USE_BAD, "--cert-sha256", g.cert, "64 × 0-9 a-f");
	if (!*g.family && (*g.prefix || *g.config))
		return vd_cli_usage(c, VD_T_USE_MISSING, "--family", c->name, "");
	if ((*g.family && (exit = check_binding(c, &g))) || (exit = check_sip(c, &g)) ||
	    (exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	if (!*g.realm)
		g.realm = VD_SIP_REALM;
	if (vd_gateway_secret_make(g.secret, g.sha256) ||
	    (g.sip && vd_gateway_secret_shorten(g.secret, g.sha256)))
		return no_entropy(c);
	int r = vd_dirw_tx(&c->w, do_add, &g);
	if (r < 0)
		return vd_cli_failed(c, r);
	vd_cli_say(c, c->err, VD_T_GW_ADDED, VD_ARGS(g.user));
	if (*g.family)
		vd_cli_say(c, c->err, VD_T_GW_BOUND, VD_ARGS(g.user, g.family, g.prefix));
	show_secret(c, g.secret);
	return 0;
}

int vd_verb_gateway_bind(struct vd_cli *c, int argc, char **argv)
{
	struct gateway g = {"", "", "", "", "", "", .realm = ""};
	int exit;
	const struct vd_opt opts[] = {{"--family", VD_OPT_TEXT, &g.family, .required = true},
				      {"--prefix", VD_OPT_TEXT, &g.prefix},
				      {"--config", VD_OPT_TEXT, &g.config}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), one_user, &g.user, &exit) < 0)
		return exit;
	if ((exit = check_binding(c, &g)) || (exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_bind, &g);
	if (r < 0)
		return vd_cli_failed(c, r);
	vd_cli_say(c, c->out, VD_T_GW_BOUND, VD_ARGS(g.user, g.family, g.prefix));
	return 0;
}

int vd_verb_gateway_secret(struct vd_cli *c, int argc, char **argv)
{
	struct gateway g = {.realm = ""};
	int exit;
	const struct vd_opt opts[] = {{"--sip", VD_OPT_FLAG, &g.sip},
				      {"--sip-sha256", VD_OPT_FLAG, &g.sip_sha256},
				      {"--realm", VD_OPT_TEXT, &g.realm}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), one_user, &g.user, &exit) < 0)
		return exit;
	if ((exit = check_sip(c, &g)) || (exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	if (vd_gateway_secret_make(g.secret, g.sha256))
		return no_entropy(c);
	int r = vd_dirw_tx(&c->w, do_secret, &g);
	if (r < 0)
		return vd_cli_failed(c, r);
	show_secret(c, g.secret);
	return 0;
}

int vd_verb_gateway_revoke(struct vd_cli *c, int argc, char **argv)
{
	struct gateway g = {0};
	int exit;
	if (vd_cli_parse(c, argc, argv, NULL, 0, one_user, &g.user, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_revoke, &g);
	if (r < 0)
		return vd_cli_failed(c, r);
	vd_cli_say(c, c->out, r ? VD_T_GW_REVOKED : VD_T_GW_REVOKED_SAME, VD_ARGS(g.user));
	return 0;
}

/* -- lists ------------------------------------------------------------------------------------ */

struct listing {
	struct vd_cli *c;
	struct vd_table t;
	json_t *doc, *bindings; /* gateways: user -> array or text */
	struct vd_dirw_look *looks;
	size_t n_looks;
	bool failed;
};

/* Runs one list into l->t or l->doc, and prints it under `name`. */
static int run_list(struct listing *l, enum vd_dir_list what, vd_dir_list_fn fn, const char *name,
		    const enum vd_text *heads, size_t n_heads)
{
	struct vd_cli *c = l->c;
	l->doc = c->json ? json_array() : NULL;
	vd_table_init(&l->t, n_heads);
	vd_verb_head(c, &l->t, heads, n_heads);
	int r = vd_dirf_list(&c->w, what, (int)c->muni, fn, l);
	if (!r && l->failed)
		r = VD_ENOMEM;
	if (!r)
		r = vd_dirw_looked(&c->w, "cli.recipient.list", l->looks, l->n_looks);
	int exit = 0;
	if (r)
		exit = vd_cli_failed(c, r);
	else if (l->doc)
		exit = vd_verb_print_json(c, json_pack("{s:O}", name, l->doc));
	else
		exit = vd_verb_print_table(c, &l->t);
	vd_buf_fini(&l->t.cells);
	json_decref(l->doc);
	vd_free(l->looks);
	return exit;
}

static json_int_t number(const char *s)
{
	return (json_int_t)strtoll(s, NULL, 10);
}

static bool append(struct listing *l, json_t *take_o)
{
	l->failed |= !take_o || json_array_append_new(l->doc, take_o);
	return !l->failed;
}

static bool on_binding(const char *const *col, int n, void *arg)
{
	struct listing *l = arg;
	json_t *a = json_object_get(l->bindings, col[0]);
	if (!a) {
		l->failed |= json_object_set_new(l->bindings, col[0], json_array()) != 0;
		a = json_object_get(l->bindings, col[0]);
	}
	l->failed |= json_array_append_new(a, json_pack("{s:s,s:s,s:s}", "family", col[1], "prefix",
							col[2], "config", col[3])) != 0;
	return !l->failed;
}

static bool on_gateway(const char *const *col, int n, void *arg)
{
	struct listing *l = arg;
	bool revoked = *col[4] == '1';
	json_t *b = json_object_get(l->bindings, col[2]);
	if (l->doc) {
		json_t *o = json_pack("{s:I,s:I,s:s,s:s,s:b,s:s,s:I,s:b}", "id", number(col[0]),
				      "municipality", number(col[1]), "user", col[2], "name",
				      col[3], "revoked", revoked, "cert_sha256", col[5], "devices",
				      number(col[6]), "sip", *col[7] == '1');
		l->failed |= json_object_set_new(o, "bindings", b ? json_incref(b) : json_array());
		return append(l, o);
	}
	char families[240] = "";
	size_t at = 0, i;
	json_t *one;
	json_array_foreach(b, i, one)
	{
		const char *f = json_string_value(json_object_get(one, "family"));
		const char *p = json_string_value(json_object_get(one, "prefix"));
		if (at < sizeof(families))
			at += (size_t)snprintf(families + at, sizeof(families) - at, "%s%s%s%s",
					       at ? ", " : "", f, *p ? ":" : "", p);
	}
	vd_table_add(&l->t, col[2]);
	vd_table_add(&l->t, col[1]);
	vd_table_add(&l->t, col[3]);
	vd_table_add(&l->t,
		     vd_text_raw(l->c->lang, revoked ? VD_T_GW_STATE_REVOKED : VD_T_GW_STATE_OPEN));
	vd_table_add(&l->t, families);
	vd_table_add(&l->t, col[6]);
	return true;
}

static int plain_list(struct vd_cli *c, int argc, char **argv, enum vd_db_mode mode)
{
	int exit;
	if (vd_cli_parse(c, argc, argv, NULL, 0, no_words, NULL, &exit) < 0)
		return exit;
	return vd_cli_open(c, mode);
}

int vd_verb_gateway_list(struct vd_cli *c, int argc, char **argv)
{
	static const enum vd_text heads[] = {VD_T_H_USER,  VD_T_H_MUNI,     VD_T_H_NAME,
					     VD_T_H_STATE, VD_T_H_BINDINGS, VD_T_H_DEVICES};
	struct listing l = {.c = c};
	int exit = plain_list(c, argc, argv, VD_DB_READ);
	if (exit)
		return exit;
	l.bindings = json_object();
	int r = vd_dirf_list(&c->w, VD_LIST_BINDINGS, (int)c->muni, on_binding, &l);
	exit = r ? vd_cli_failed(c, r)
		 : run_list(&l, VD_LIST_GATEWAYS, on_gateway, "gateways", heads, N(heads));
	json_decref(l.bindings);
	return exit;
}

/* -- municipalities --------------------------------------------------------------------------- */

struct municipality {
	int64_t number;
	const char *name, *language;
};

static int do_municipality(struct vd_dirw *w, void *arg)
{
	struct municipality *m = arg;
	return vd_dirw_municipality(w, (int)m->number, m->name, m->language);
}

int vd_verb_municipality_add(struct vd_cli *c, int argc, char **argv)
{
	struct municipality m = {0, "", "nb"};
	char number_text[16];
	int exit;
	const struct vd_opt opts[] = {{"--number", VD_OPT_NUMBER, &m.number, 1, 9999, true},
				      {"--name", VD_OPT_TEXT, &m.name, .required = true},
				      {"--language", VD_OPT_TEXT, &m.language}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), no_words, NULL, &exit) < 0)
		return exit;
	if (strcmp(m.language, "nb") && strcmp(m.language, "nn"))
		return vd_cli_usage(c, VD_T_USE_BAD, "--language", m.language, "nb, nn");
	if (!*m.name || !good_text(m.name, 60))
		return vd_cli_usage(c, VD_T_USE_BAD, "--name", m.name, "UTF-8");
	/* The first thing anybody does on a new machine, so it may make the database. */
	if ((exit = vd_cli_open(c, VD_DB_CREATE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_municipality, &m);
	if (r < 0)
		return vd_cli_failed(c, r);
	snprintf(number_text, sizeof(number_text), "%d", (int)m.number);
	vd_cli_say(c, c->out, VD_T_MUNI_ADDED, VD_ARGS(number_text, m.name));
	return 0;
}

struct times {
	int64_t number;
	struct vd_dirw_times t;
};

static int do_times(struct vd_dirw *w, void *arg)
{
	struct times *s = arg;
	return vd_dirw_municipality_times(w, (int)s->number, &s->t);
}

static int64_t scaled(int64_t v, int64_t unit_ms)
{
	return v < 0 ? VD_UNSTATED : v * unit_ms;
}

/* Ceilings keep a mistyped unit from silencing a municipality: no alarm waits over ten minutes for
 * the next receiver. */
int vd_verb_municipality_set(struct vd_cli *c, int argc, char **argv)
{
	static const char *const one_number[] = {"NUMBER", NULL};
	const char *word;
	int64_t first = -1, all = -1, ack = -1, remind = -1, repeat = -1, test = -1;
	struct times s;
	int exit;
	const struct vd_opt opts[] = {{"--escalate-first", VD_OPT_NUMBER, &first, 10, 600},
				      {"--escalate-all", VD_OPT_NUMBER, &all, 10, 600},
				      {"--ack-timeout", VD_OPT_NUMBER, &ack, 1, 60},
				      {"--remind", VD_OPT_NUMBER, &remind, 5, 240},
				      {"--repeat-hours", VD_OPT_NUMBER, &repeat, 1, 168},
				      {"--test-days", VD_OPT_NUMBER, &test, 0, 365}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), one_number, &word, &exit) < 0)
		return exit;
	if (vd_import_number(vd_span_cstr(word), 1, 9999, &s.number))
		return vd_cli_usage(c, VD_T_USE_BAD, "NUMBER", word, "3434");
	s.t = (struct vd_dirw_times){scaled(first, 1000),     scaled(all, 1000),
				     scaled(ack, 60000),      scaled(remind, 60000),
				     scaled(repeat, 3600000), scaled(test, 1)};
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_times, &s);
	if (r < 0)
		return vd_cli_failed(c, r);
	vd_cli_say(c, c->out, r ? VD_T_MUNI_SET : VD_T_MUNI_SAME, VD_ARGS(word));
	return 0;
}

static bool on_municipality(const char *const *col, int n, void *arg)
{
	struct listing *l = arg;
	if (l->doc)
		return append(
			l, json_pack("{s:I,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "number",
				     number(col[0]), "name", col[1], "language", col[2], "gateways",
				     number(col[3]), "recipients", number(col[4]), "devices",
				     number(col[5]), "escalate_first_s", number(col[6]) / 1000,
				     "escalate_all_s", number(col[7]) / 1000, "ack_timeout_min",
				     number(col[8]) / 60000, "remind_min", number(col[9]) / 60000,
				     "repeat_hours", number(col[10]) / 3600000, "test_days",
				     number(col[11])));
	for (int i = 0; i < 6; i++)
		vd_table_add(&l->t, col[i]);
	return true;
}

int vd_verb_municipality_list(struct vd_cli *c, int argc, char **argv)
{
	static const enum vd_text heads[] = {VD_T_H_ID,       VD_T_H_NAME,       VD_T_H_LANGUAGE,
					     VD_T_H_GATEWAYS, VD_T_H_RECIPIENTS, VD_T_H_DEVICES};
	struct listing l = {.c = c};
	int exit = plain_list(c, argc, argv, VD_DB_READ);
	return exit ? exit
		    : run_list(&l, VD_LIST_MUNICIPALITIES, on_municipality, "municipalities", heads,
			       N(heads));
}

/* -- recipients ------------------------------------------------------------------------------- */

struct recipient {
	struct vd_dirw_recipient in;
	int64_t id;
};

static int do_recipient(struct vd_dirw *w, void *arg)
{
	struct recipient *j = arg;
	return vd_dirw_recipient(w, &j->in, &j->id);
}

static int check_recipient(struct vd_cli *c, const struct vd_dirw_recipient *r)
{
	const struct {
		const char *option, *value;
	} f[] = {{"--name", r->name},
		 {"--address", r->address},
		 {"--floor", r->floor},
		 {"--key-note", r->key_note},
		 {"--phone", r->phone}};
	if (!r->muni)
		return vd_cli_usage(c, VD_T_USE_MISSING, "--municipality", c->name, "");
	for (size_t i = 0; i < N(f); i++)
		if (!good_text(f[i].value, 300))
			return vd_cli_usage(c, VD_T_USE_BAD, f[i].option, f[i].value, "UTF-8");
	if (!*r->name)
		return vd_cli_usage(c, VD_T_USE_MISSING, "--name", c->name, "");
	return 0;
}

int vd_verb_recipient_add(struct vd_cli *c, int argc, char **argv)
{
	struct recipient j = {.in = {0, "", "", "", "", "", ""}};
	struct vd_dirw_recipient *r = &j.in;
	const char *national = NULL;
	char number_text[24], national_id[32] = "";
	int exit;
	const struct vd_opt opts[] = {{"--name", VD_OPT_TEXT, &r->name, .required = true},
				      {"--address", VD_OPT_TEXT, &r->address},
				      {"--floor", VD_OPT_TEXT, &r->floor},
				      {"--key-note", VD_OPT_TEXT, &r->key_note},
				      {"--phone", VD_OPT_TEXT, &r->phone},
				      {"--national-id-file", VD_OPT_TEXT, &national}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), no_words, NULL, &exit) < 0)
		return exit;
	r->muni = (int)c->muni;
	if ((exit = check_recipient(c, r)))
		return exit;
	if (national && (exit = vd_verb_read_line(c, national, national_id, sizeof(national_id))))
		return exit;
	if (*national_id && (strlen(national_id) != 11 || strspn(national_id, "0123456789") != 11))
		return vd_cli_usage(c, VD_T_USE_BAD, "--national-id-file", "…", "11 × 0-9");
	r->national_id = national_id;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int e = vd_dirw_tx(&c->w, do_recipient, &j);
	OPENSSL_cleanse(national_id, sizeof(national_id));
	if (e < 0)
		return vd_cli_failed(c, e);
	snprintf(number_text, sizeof(number_text), "%lld", (long long)j.id);
	vd_cli_say(c, c->out, VD_T_REC_ADDED, VD_ARGS(number_text));
	return 0;
}

static bool on_recipient(const char *const *col, int n, void *arg)
{
	struct listing *l = arg;
	if (!(l->n_looks & (l->n_looks + 1))) { /* full at 0, 1, 3, 7 ... */
		size_t cap = (l->n_looks + 1) * 2;
		struct vd_dirw_look *more = vd_realloc(l->looks, cap * sizeof(*more));
		if (!more)
			return !(l->failed = true);
		l->looks = more;
	}
	l->looks[l->n_looks++] = (struct vd_dirw_look){(int)number(col[1]), number(col[0])};
	bool ended = strcmp(col[7], "0") != 0;
	if (l->doc)
		return append(l, json_pack("{s:I,s:I,s:s,s:s,s:s,s:s,s:I,s:b}", "id",
					   number(col[0]), "municipality", number(col[1]), "name",
					   col[2], "address", col[3], "floor", col[4], "phone",
					   col[5], "devices", number(col[6]), "ended", ended));
	if (ended)
		return true;
	vd_table_add(&l->t, col[0]);
	vd_table_add(&l->t, col[1]);
	vd_table_add(&l->t, col[2]);
	vd_table_add(&l->t, col[3]);
	vd_table_add(&l->t, col[5]);
	vd_table_add(&l->t, col[6]);
	return true;
}

int vd_verb_recipient_list(struct vd_cli *c, int argc, char **argv)
{
	static const enum vd_text heads[] = {VD_T_H_ID,      VD_T_H_MUNI,  VD_T_H_NAME,
					     VD_T_H_ADDRESS, VD_T_H_PHONE, VD_T_H_DEVICES};
	struct listing l = {.c = c};
	int exit = plain_list(c, argc, argv, VD_DB_WRITE);
	return exit ? exit
		    : run_list(&l, VD_LIST_RECIPIENTS, on_recipient, "recipients", heads, N(heads));
}

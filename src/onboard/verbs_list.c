/* SPDX-License-Identifier: EUPL-1.2 */
/* varde device list and show. Names of recipients are personal: the look is in the access log,
 * durable, before the first of them is printed; when it cannot be, nothing is shown. */
#include "onboard/verbs.h"
#include "base/clock.h"
#include "base/mem.h"
#include "onboard/import.h"
#include <math.h>

#define N(a) (sizeof(a) / sizeof((a)[0]))

/* -- collecting ------------------------------------------------------------------------------- */

struct listing {
	struct vd_cli *c;
	enum vd_dir_which which;
	struct vd_table t;
	json_t *doc;                  /* array, with --json */
	struct vd_unknown_of unknown; /* of the one shown */
	bool any_unknown;
	struct vd_dirw_look *looks;
	size_t n_looks, cap_looks;
	bool failed;
};

static bool add_look(struct listing *l, int muni, int64_t recipient)
{
	for (size_t i = l->n_looks; i-- > 0 && i + 64 > l->n_looks;)
		if (l->looks[i].recipient == recipient)
			return true;
	if (l->n_looks == l->cap_looks) {
		size_t cap = l->cap_looks ? l->cap_looks * 2 : 64;
		struct vd_dirw_look *more = vd_realloc(l->looks, cap * sizeof(*more));
		if (!more)
			return false;
		l->looks = more;
		l->cap_looks = cap;
	}
	l->looks[l->n_looks++] = (struct vd_dirw_look){muni, recipient};
	return true;
}

/* Who lives there too, one at a time; begins zeroed. */
struct other {
	bool begun;
	struct vd_span ids, names;
	int64_t id;
	struct vd_span name;
};
static bool next_other(struct other *o, const struct vd_dir_row *row)
{
	struct vd_span id;
	if (!o->begun) {
		o->begun = true;
		o->ids = vd_span_cstr(row->also);
		o->names = vd_span_cstr(row->also_names);
	}
	if (!o->ids.n || !vd_span_next(&o->ids, ' ', &id))
		return false;
	o->name = vd_span("", 0);
	(void)vd_span_next(&o->names, VD_DIR_BETWEEN, &o->name);
	return vd_import_number(id, 1, INT64_MAX, &o->id) == 0;
}

/* One row in the log per person, not per device. A person's devices mostly hang on one gateway and
 * so come close together; a second row for the same look does no harm. */
static bool note_look(struct listing *l, const struct vd_dir_row *row)
{
	struct other o = {.id = 0};
	if (!row->recipient)
		return true;
	bool ok = add_look(l, row->muni, row->recipient);
	while (ok && next_other(&o, row))
		ok = add_look(l, row->muni, o.id);
	return ok;
}

/* "12 Kari Lie + 13 Ola Lie" */
static void write_people(const struct vd_dir_row *row, char *dst, size_t cap)
{
	struct other o = {.id = 0};
	size_t n = (size_t)snprintf(dst, cap, "%lld %s", (long long)row->recipient,
				    row->recipient_name);
	while (n < cap && next_other(&o, row))
		n += (size_t)snprintf(dst + n, cap - n, " + %lld %.*s", (long long)o.id,
				      (int)o.name.n, o.name.p);
}

static const char *state_word(enum vd_lang lang, const struct vd_dir_row *row)
{
	if (row->on_test)
		return vd_text_raw(lang, VD_T_LIFE_TEST);
	if (row->silent)
		return vd_text_raw(lang, VD_T_LIFE_SILENT);
	return vd_text_lifecycle(lang, row->lifecycle);
}

static void add_time(struct vd_cli *c, struct vd_table *t, int64_t ms)
{
	char text[24];
	vd_text_time(ms, text);
	vd_table_add(t, ms ? text : vd_text_raw(c->lang, VD_T_NEVER));
}

static const enum vd_text waiting_heads[] = {VD_T_H_ID,       VD_T_H_MUNI,     VD_T_H_GATEWAY,
					     VD_T_H_FAMILY,   VD_T_H_IDENTITY, VD_T_H_MODEL,
					     VD_T_H_FEATURES, VD_T_H_UNKNOWN,  VD_T_H_FIRST_HEARD};
static const enum vd_text heads[] = {
	VD_T_H_ID,     VD_T_H_MUNI,    VD_T_H_GATEWAY, VD_T_H_IDENTITY, VD_T_H_SERIAL,
	VD_T_H_MODEL,  VD_T_H_STATE,   VD_T_H_HEARD,   VD_T_H_RHYTHM,   VD_T_H_LIMIT,
	VD_T_H_BUTTON, VD_T_H_UNKNOWN, VD_T_H_PLACE,   VD_T_H_RECIPIENT};

/* "yes", or that a press calls nobody; "" when there is nothing to press. */
static const char *button_word(enum vd_lang lang, const struct vd_dir_row *row)
{
	if (row->alarm_button)
		return vd_text_raw(lang, VD_T_YES);
	return vd_verb_unmarked(row->features, row->purpose, false)
		       ? vd_text_raw(lang, VD_T_BUTTON_UNMARKED)
		       : "";
}

static void add_unknown(struct listing *l, const struct vd_dir_row *row)
{
	if (row->unknown_fields)
		vd_table_addf(&l->t, "%lld", (long long)row->unknown_fields);
	else
		vd_table_add(&l->t, "");
	l->any_unknown |= row->unknown_fields > 0;
}

/* "45 min", "3 h", "2 d", with a half where it matters; 0 = "". */
static const char *span_text(enum vd_lang lang, int64_t ms, char buf[24])
{
	const struct {
		int64_t unit;
		const char *name;
	} units[] = {{VD_DAY_MS, "d"},
		     {VD_HOUR_MS, lang == VD_LANG_EN ? "h" : "t"},
		     {VD_MINUTE_MS, "min"}};
	size_t i = ms >= 2 * VD_DAY_MS ? 0 : ms >= 2 * VD_HOUR_MS ? 1 : 2;
	int64_t halves = (2 * ms + units[i].unit / 2) / units[i].unit;
	buf[0] = '\0';
	if (ms > 0)
		snprintf(buf, 24, i < 2 && halves % 2 ? "%lld.5 %s" : "%lld %s",
			 (long long)(halves / 2), units[i].name);
	return buf;
}

static void add_span(struct vd_cli *c, struct vd_table *t, int64_t ms)
{
	char text[24];
	vd_table_add(t, span_text(c->lang, ms, text));
}

static void add_waiting(struct listing *l, const struct vd_dir_row *row)
{
	vd_table_addf(&l->t, "%lld", (long long)row->id);
	vd_table_add(&l->t, row->muni_name);
	vd_table_add(&l->t, row->gateway_user);
	vd_table_add(&l->t, row->family);
	vd_table_add(&l->t, row->identity);
	vd_table_add(&l->t, row->model);
	vd_table_add(&l->t, row->features);
	add_unknown(l, row);
	add_time(l->c, &l->t, row->first_heard);
}

static void add_device(struct listing *l, const struct vd_dir_row *row)
{
	vd_table_addf(&l->t, "%lld", (long long)row->id);
	vd_table_add(&l->t, row->muni_name);
	vd_table_add(&l->t, row->gateway_user);
	vd_table_add(&l->t, row->identity);
	vd_table_add(&l->t, row->serial);
	vd_table_add(&l->t, row->model);
	vd_table_add(&l->t, state_word(l->c->lang, row));
	add_time(l->c, &l->t, row->last_heard);
	add_span(l->c, &l->t, row->interval_ms);
	add_span(l->c, &l->t, row->limit_ms);
	vd_table_add(&l->t, button_word(l->c->lang, row));
	add_unknown(l, row);
	vd_table_addf(&l->t, "%s%s%s", row->room, *row->room && *row->purpose ? ", " : "",
		      row->purpose);
	char people[700] = "";
	if (row->recipient)
		write_people(row, people, sizeof(people));
	vd_table_add(&l->t, people);
}

/* -- JSON, with the names of docs/api.md ------------------------------------------------------ */

static json_t *time_or_null(int64_t ms)
{
	char iso[25];
	vd_iso_format(ms, iso);
	return ms ? json_string(iso) : json_null();
}

static json_t *real_or_null(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *features(const char *s)
{
	json_t *a = json_array();
	struct vd_span rest = vd_span_cstr(s), one;
	while (*s && vd_span_next(&rest, ' ', &one))
		if (one.n && json_array_append_new(a, json_stringn(one.p, one.n)))
			break;
	return a;
}

static json_t *person_json(int64_t id, struct vd_span name)
{
	return json_pack("{s:I,s:s%}", "id", (json_int_t)id, "name", name.p, name.n);
}

/* Everybody the device is for; the first is `recipient`. */
static json_t *residents_json(const struct vd_dir_row *row)
{
	json_t *a = json_array();
	struct other o = {.id = 0};
	if (!row->recipient)
		return a;
	int e = json_array_append_new(
		a, person_json(row->recipient, vd_span_cstr(row->recipient_name)));
	while (!e && next_other(&o, row))
		e = json_array_append_new(a, person_json(o.id, o.name));
	if (!e)
		return a;
	json_decref(a);
	return NULL;
}

/* Members that are objects or null. */
static int set_links(json_t *o, const struct vd_dir_row *row)
{
	int e = json_object_set_new(
		o, "municipality",
		json_pack("{s:i,s:s}", "number", row->muni, "name", row->muni_name));
	e |= json_object_set_new(o, "gateway",
				 json_pack("{s:I,s:s,s:s}", "id", (json_int_t)row->gateway, "user",
					   row->gateway_user, "name", row->gateway_name));
	e |= json_object_set_new(o, "recipient",
				 row->recipient
					 ? json_pack("{s:I,s:s}", "id", (json_int_t)row->recipient,
						     "name", row->recipient_name)
					 : json_null());
	e |= json_object_set_new(o, "residents", residents_json(row));
	e |= json_object_set_new(
		o, "place",
		row->placement
			? json_pack("{s:I,s:s,s:s,s:b,s:i,s:i}", "id", (json_int_t)row->placement,
				    "room", row->room, "purpose", row->purpose, "alarm_on_open",
				    row->alarm_on_open, "night_from_min", row->night_from_min,
				    "night_to_min", row->night_to_min)
			: json_null());
	return e;
}

static json_t *device_json(const struct vd_dir_row *row)
{
	json_t *o = json_pack(
		"{s:I,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:b,s:I,s:I,s:I}", "id",
		(json_int_t)row->id, "family", row->family, "identity", row->identity, "name",
		row->name, "vendor", row->vendor, "model", row->model, "serial", row->serial,
		"lifecycle", row->lifecycle, "silent", row->silent, "on_test", row->on_test,
		"alarm_button", row->alarm_button, "unsupported", row->unsupported, "supervise_min",
		(json_int_t)(row->supervise_ms / 60000), "unknown_keys",
		(json_int_t)row->unknown_keys, "unknown_fields", (json_int_t)row->unknown_fields);
	if (!o)
		return NULL;
	int e = set_links(o, row);
	e |= json_object_set_new(o, "features", features(row->features));
	e |= json_object_set_new(o, "first_heard", time_or_null(row->first_heard));
	e |= json_object_set_new(o, "last_heard", time_or_null(row->last_heard));
	e |= json_object_set_new(o, "test_until", time_or_null(row->on_test ? row->test_until : 0));
	e |= json_object_set_new(o, "heard_every_s", json_integer(row->interval_ms / 1000));
	e |= json_object_set_new(o, "silent_after_s", json_integer(row->limit_ms / 1000));
	e |= json_object_set_new(o, "limit_from",
				 row->limit_ms ? json_string(vd_limit_basis_name(row->basis))
					       : json_null());
	e |= json_object_set_new(o, "tested", time_or_null(row->tested));
	e |= json_object_set_new(o, "battery", real_or_null(row->battery));
	e |= json_object_set_new(o, "link", real_or_null(row->link));
	if (e) {
		json_decref(o);
		return NULL;
	}
	return o;
}

/* -- list ------------------------------------------------------------------------------------- */

static bool on_row(const struct vd_dir_row *row, void *arg)
{
	struct listing *l = arg;
	if (!note_look(l, row)) {
		l->failed = true;
	} else if (l->doc) {
		json_t *o = device_json(row);
		l->failed = !o || json_array_append_new(l->doc, o);
	} else if (l->which == VD_DIR_WAITING) {
		add_waiting(l, row);
	} else {
		add_device(l, row);
	}
	return !l->failed;
}

/* Collected, then logged, then shown. */
static int show(struct listing *l)
{
	struct vd_cli *c = l->c;
	int r = vd_dirw_looked(&c->w, "cli.device.list", l->looks, l->n_looks);
	if (r)
		return vd_cli_failed(c, r);
	if (l->doc) {
		json_t *doc = json_pack("{s:O}", "devices", l->doc);
		return vd_verb_print_json(c, doc);
	}
	if (l->which == VD_DIR_WAITING && l->t.n_rows > 1)
		vd_cli_say(c, c->err, VD_T_LIST_WAITING_HINT, NULL);
	if (l->any_unknown)
		vd_cli_say(c, c->err, VD_T_LIST_UNKNOWN_HINT, NULL);
	return vd_verb_print_table(c, &l->t);
}

int vd_verb_device_list(struct vd_cli *c, int argc, char **argv)
{
	static const char *const words[] = {NULL};
	bool waiting = false, silent = false, all = false;
	const struct vd_opt opts[] = {{"--waiting", VD_OPT_FLAG, &waiting},
				      {"--silent", VD_OPT_FLAG, &silent},
				      {"--all", VD_OPT_FLAG, &all}};
	int exit;
	if (vd_cli_parse(c, argc, argv, opts, N(opts), words, NULL, &exit) < 0)
		return exit;
	if (waiting + silent + all > 1)
		return vd_cli_usage(c, VD_T_USE_EXTRA, silent ? "--silent" : "--all", c->name, "");
	struct listing l = {.c = c,
			    .which = waiting  ? VD_DIR_WAITING
				     : silent ? VD_DIR_SILENT
				     : all    ? VD_DIR_ALL
					      : VD_DIR_REGISTERED};
	struct vd_dir_filter f = {l.which, (int)c->muni, 0, true};
	if ((exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	l.doc = c->json ? json_array() : NULL;
	size_t n = waiting ? N(waiting_heads) : N(heads);
	vd_table_init(&l.t, n);
	vd_verb_head(c, &l.t, waiting ? waiting_heads : heads, n);
	int r = vd_dirf_devices(&c->w, &f, on_row, &l);
	if (!r && l.failed)
		r = VD_ENOMEM;
	exit = r ? vd_cli_failed(c, r) : show(&l);
	vd_buf_fini(&l.t.cells);
	vd_free(l.looks);
	json_decref(l.doc);
	return exit;
}

/* -- show ------------------------------------------------------------------------------------- */

static void line(struct listing *l, enum vd_text head, const char *value)
{
	if (!*value)
		return;
	vd_table_addf(&l->t, "%s:", vd_text_raw(l->c->lang, head));
	vd_table_add(&l->t, value);
}

static void line_number(struct listing *l, enum vd_text head, double v, const char *unit)
{
	char text[40];
	if (!isfinite(v))
		return;
	snprintf(text, sizeof(text), "%.0f%s", v, unit);
	line(l, head, text);
}

static void line_time(struct listing *l, enum vd_text head, int64_t ms)
{
	char text[24];
	vd_text_time(ms, text);
	line(l, head, ms ? text : vd_text_raw(l->c->lang, VD_T_NEVER));
}

static void lines_place(struct listing *l, const struct vd_dir_row *row)
{
	char text[300];
	struct other o = {.id = 0};
	if (!row->placement)
		return;
	snprintf(text, sizeof(text), "%lld %s", (long long)row->recipient, row->recipient_name);
	line(l, VD_T_H_RECIPIENT, text);
	while (next_other(&o, row)) {
		snprintf(text, sizeof(text), "%lld %.*s", (long long)o.id, (int)o.name.n, o.name.p);
		line(l, VD_T_H_ALSO, text);
	}
	snprintf(text, sizeof(text), "%s%s%s", row->room, *row->room && *row->purpose ? ", " : "",
		 row->purpose);
	line(l, VD_T_H_PLACE, text);
	if (!row->alarm_on_open)
		return;
	snprintf(text, sizeof(text), "%02d:%02d-%02d:%02d", row->night_from_min / 60,
		 row->night_from_min % 60, row->night_to_min / 60, row->night_to_min % 60);
	line(l, VD_T_H_OPEN,
	     row->night_from_min == row->night_to_min ? vd_text_raw(l->c->lang, VD_T_ALWAYS)
						      : text);
}

static void keep_names(struct listing *l, const struct vd_dir_row *row)
{
	l->unknown.device = row->id;
	(void)vd_span_copy(l->unknown.family, sizeof(l->unknown.family), vd_span_cstr(row->family));
	(void)vd_span_copy(l->unknown.vendor, sizeof(l->unknown.vendor), vd_span_cstr(row->vendor));
	(void)vd_span_copy(l->unknown.model, sizeof(l->unknown.model), vd_span_cstr(row->model));
}

/* How often it is heard, and when its silence is told. */
static void lines_watch(struct listing *l, const struct vd_dir_row *row)
{
	static const enum vd_text why[] = {[VD_LIMIT_CLASS] = VD_T_LIMIT_CLASS,
					   [VD_LIMIT_LEARNED] = VD_T_LIMIT_LEARNED,
					   [VD_LIMIT_STATED] = VD_T_LIMIT_STATED,
					   [VD_LIMIT_INSTALLER] = VD_T_LIMIT_INSTALLER};
	char span[24], text[160];
	if (row->interval_ms)
		line(l, VD_T_H_RHYTHM, span_text(l->c->lang, row->interval_ms, span));
	if (!row->limit_ms)
		return;
	snprintf(text, sizeof(text), "%s (%s)", span_text(l->c->lang, row->limit_ms, span),
		 vd_text_raw(l->c->lang, why[row->basis]));
	line(l, VD_T_H_LIMIT, text);
	line_time(l, VD_T_H_TESTED, row->tested);
}

static bool on_shown(const struct vd_dir_row *row, void *arg)
{
	struct listing *l = arg;
	char text[140];
	l->failed = !note_look(l, row);
	keep_names(l, row);
	if (l->doc) {
		json_t *o = device_json(row);
		l->failed |= !o || json_object_update_new(l->doc, o);
		return false;
	}
	snprintf(text, sizeof(text), "%lld", (long long)row->id);
	line(l, VD_T_H_ID, text);
	snprintf(text, sizeof(text), "%d %s", row->muni, row->muni_name);
	line(l, VD_T_H_MUNI, text);
	line(l, VD_T_H_GATEWAY, row->gateway_user);
	line(l, VD_T_H_FAMILY, row->family);
	line(l, VD_T_H_IDENTITY, row->identity);
	line(l, VD_T_H_SERIAL, row->serial);
	line(l, VD_T_H_NAME, row->name);
	snprintf(text, sizeof(text), "%s %s", row->vendor, row->model);
	line(l, VD_T_H_MODEL, *row->vendor ? text : row->model);
	line(l, VD_T_H_FEATURES, row->features);
	line(l, VD_T_H_STATE, state_word(l->c->lang, row));
	lines_place(l, row);
	line(l, VD_T_H_BUTTON, button_word(l->c->lang, row));
	if (row->supervise_ms)
		line_number(l, VD_T_H_SUPERVISE, (double)row->supervise_ms / 60000, "");
	lines_watch(l, row);
	line_time(l, VD_T_H_HEARD, row->last_heard);
	line_number(l, VD_T_H_BATTERY, row->battery, " %");
	line_number(l, VD_T_H_LINK, row->link, "");
	if (row->unknown_fields)
		line_number(l, VD_T_H_UNKNOWN, (double)row->unknown_fields, "");
	return false;
}

static const char *history_word(enum vd_lang lang, const char *what)
{
	static const struct {
		const char *what;
		enum vd_text text;
	} words[] = {{"registered", VD_T_HIST_REGISTERED},
		     {"changed", VD_T_HIST_CHANGED},
		     {"rules", VD_T_HIST_RULES},
		     {"placed", VD_T_HIST_PLACED},
		     {"moved", VD_T_HIST_MOVED},
		     {"swapped_in", VD_T_HIST_SWAPPED_IN},
		     {"swapped_out", VD_T_HIST_SWAPPED_OUT},
		     {"returned", VD_T_HIST_RETURNED},
		     {"test", VD_T_HIST_TEST},
		     {"test_ended", VD_T_HIST_TEST_ENDED}};
	for (size_t i = 0; i < N(words); i++)
		if (!strcmp(what, words[i].what))
			return vd_text_raw(lang, words[i].text);
	return what;
}

static bool on_history(const struct vd_dir_history *h, void *arg)
{
	struct listing *l = arg;
	char at[24];
	if (l->doc) {
		json_t *o =
			json_pack("{s:s,s:I,s:I,s:I,s:s}", "what", h->what, "placement",
				  (json_int_t)h->placement, "other_device", (json_int_t)h->other,
				  "staff", (json_int_t)h->staff, "note", h->note);
		l->failed = !o || json_object_set_new(o, "at", time_or_null(h->at_ms)) ||
			    json_array_append(json_object_get(l->doc, "history"), o);
		json_decref(o);
		return !l->failed;
	}
	vd_text_time(h->at_ms, at);
	vd_table_add(&l->t, at);
	vd_table_addf(&l->t, "%s%s%s  %s", history_word(l->c->lang, h->what), h->other ? " ↔ " : "",
		      *h->other_serial ? h->other_serial : h->other_identity, h->note);
	return true;
}

static int collect_one(struct listing *l, int64_t id)
{
	struct vd_dir_filter f = {VD_DIR_ALL, 0, id, true};
	struct vd_cli *c = l->c;
	int r = vd_dirf_devices(&c->w, &f, on_shown, l);
	if (!r && l->doc)
		l->failed |= json_object_set_new(l->doc, "history", json_array()) != 0;
	else if (!r)
		line(l, VD_T_H_HISTORY, " ");
	if (!r && !l->failed)
		r = vd_dirf_history(&c->w, id, on_history, l);
	if (!r && l->failed)
		r = VD_ENOMEM;
	return r ? r : vd_dirw_looked(&c->w, "cli.device.show", l->looks, l->n_looks);
}

int vd_verb_device_show(struct vd_cli *c, int argc, char **argv)
{
	static const char *const words[] = {"DEVICE", NULL};
	const char *word;
	int64_t id;
	int exit;
	if (vd_cli_parse(c, argc, argv, NULL, 0, words, &word, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)) || (exit = vd_cli_device(c, word, &id)))
		return exit;
	struct listing l = {.c = c, .doc = c->json ? json_object() : NULL};
	vd_table_init(&l.t, 2);
	int r = collect_one(&l, id);
	if (r)
		exit = vd_cli_failed(c, r);
	else if (l.doc)
		exit = json_object_set_new(l.doc, "unknown", vd_verb_unknown_json(c, &l.unknown))
			       ? vd_cli_failed(c, VD_ENOMEM)
			       : vd_verb_print_json(c, json_incref(l.doc));
	else
		exit = vd_table_print(&l.t, c->out) ? EX_SOFTWARE : vd_verb_unknown(c, &l.unknown);
	vd_buf_fini(&l.t.cells);
	vd_free(l.looks);
	json_decref(l.doc);
	return exit;
}

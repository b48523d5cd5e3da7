/* SPDX-License-Identifier: EUPL-1.2 */
/* varde device add, place, swap, return, test. */
#include "onboard/apply.h"
#include "onboard/identity.h"
#include "onboard/verbs.h"

#define N(a)         (sizeof(a) / sizeof((a)[0]))
#define TEST_DEFAULT 15   /* minutes: long enough to walk to the bathroom and press there too */
#define TEST_MAX     1440 /* a forgotten test ends within a day, as monitoring stations do */

static const char *const no_words[] = {NULL};
static const char *const one_device[] = {"DEVICE", NULL};

/* -- one row back, for what we tell ----------------------------------------------------------- */

struct told {
	struct vd_dir_row row;
	char identity[200], serial[120], gateway[120], model[120], muni_name[100], room[120],
		purpose[60], features[200], also[VD_MAX_ALSO * 15];
	bool found;
};

static bool keep_row(const struct vd_dir_row *row, void *arg)
{
	struct told *t = arg;
	const struct {
		const char *from;
		char *to;
		size_t cap;
	} f[] = {{row->identity, t->identity, sizeof(t->identity)},
		 {row->serial, t->serial, sizeof(t->serial)},
		 {row->gateway_user, t->gateway, sizeof(t->gateway)},
		 {row->model, t->model, sizeof(t->model)},
		 {row->muni_name, t->muni_name, sizeof(t->muni_name)},
		 {row->room, t->room, sizeof(t->room)},
		 {row->purpose, t->purpose, sizeof(t->purpose)},
		 {row->features, t->features, sizeof(t->features)},
		 {row->also, t->also, sizeof(t->also)}};
	for (size_t i = 0; i < N(f); i++)
		(void)vd_span_copy(f[i].to, f[i].cap, vd_span_cstr(f[i].from));
	t->row = *row; /* its strings are gone when we return: only numbers are used */
	t->found = true;
	return false;
}

static int read_back(struct vd_cli *c, int64_t id, struct told *ret)
{
	struct vd_dir_filter f = {VD_DIR_ALL, .device = id};
	*ret = (struct told){0};
	int r = vd_dirf_devices(&c->w, &f, keep_row, ret);
	return r ? vd_cli_failed(c, r) : 0;
}

static void say_device(struct vd_cli *c, enum vd_text id, int64_t device, const struct told *t)
{
	char number[24];
	snprintf(number, sizeof(number), "%lld", (long long)device);
	vd_cli_say(c, c->out, id, VD_ARGS(number, t->identity, t->gateway));
}

/* Some buttons sold for emergencies tell only that they were pressed: a person has to say that this
 * press is a call. */
static void say_button(struct vd_cli *c, const struct told *t, const char *number,
		       const char *recipient)
{
	if (vd_verb_unmarked(t->features, t->purpose, t->row.alarm_button))
		vd_cli_say(c, c->err, VD_T_DEV_BUTTON,
			   VD_ARGS(number, recipient, *t->room ? t->room : "…",
				   *t->purpose ? t->purpose : "sos"));
}

/* What the technician has to know next: where it stands, whether it calls when it is pressed, and
 * whether it has been heard. */
static void say_placed(struct vd_cli *c, const struct told *t)
{
	char number[24], recipient[24 + VD_MAX_ALSO * 15], place[240], until[24];
	if (!t->row.placement)
		return;
	snprintf(number, sizeof(number), "%lld", (long long)t->row.id);
	size_t n =
		(size_t)snprintf(recipient, sizeof(recipient), "%lld", (long long)t->row.recipient);
	struct vd_span rest = vd_span_cstr(t->also), one;
	while (*t->also && n < sizeof(recipient) && vd_span_next(&rest, ' ', &one))
		n += (size_t)snprintf(recipient + n, sizeof(recipient) - n, ", %.*s", (int)one.n,
				      one.p);
	snprintf(place, sizeof(place), "%s%s%s", t->room, *t->room && *t->purpose ? ", " : "",
		 t->purpose);
	vd_cli_say(c, c->out, VD_T_DEV_PLACED, VD_ARGS(number, recipient, place));
	if (t->row.on_test) {
		vd_text_time(t->row.test_until, until);
		vd_cli_say(c, c->out, VD_T_DEV_TEST, VD_ARGS(number, until));
	}
	say_button(c, t, number, recipient);
	if (!t->row.last_heard)
		vd_cli_say(c, c->err, VD_T_DEV_NEVER_HEARD, VD_ARGS(number));
}

/* -- add -------------------------------------------------------------------------------------- */

struct add {
	const char *gateway, *family, *identity, *name, *vendor, *model, *serial, *room, *purpose,
		*also;
	int64_t recipient, supervise_min, test_min;
	int night[2];
	bool alarm_button, alarm_on_open;
};

/* 0, or the exit code after telling. */
static int read_also(struct vd_cli *c, const char *text, int64_t ret[VD_MAX_ALSO + 1])
{
	return *text && vd_import_also(vd_span_cstr(text), ret)
		       ? vd_cli_usage(c, VD_T_USE_BAD, "--also", text, "13,14")
		       : 0;
}

/* The same checks a row of a file gets, by making one. */
static int to_row(struct vd_cli *c, const struct add *a, struct vd_import_row *row)
{
	struct vd_identity_fault f;
	*row = (struct vd_import_row){
		.recipient = a->recipient,
		.alarm_button = a->alarm_button ? 1 : VD_UNSTATED,
		.alarm_on_open = a->alarm_on_open ? 1 : VD_UNSTATED,
		.night_from_min = a->night[0],
		.night_to_min = a->night[1],
		.supervise_ms = a->supervise_min < 0 ? VD_UNSTATED : a->supervise_min * 60000};
	const struct {
		const char *option, *from;
		char *to;
		size_t cap;
	} f_text[] = {{"--gateway", a->gateway, row->gateway, sizeof(row->gateway)},
		      {"--family", a->family, row->family, sizeof(row->family)},
		      {"--name", a->name, row->name, sizeof(row->name)},
		      {"--vendor", a->vendor, row->vendor, sizeof(row->vendor)},
		      {"--model", a->model, row->model, sizeof(row->model)},
		      {"--serial", a->serial, row->serial, sizeof(row->serial)},
		      {"--room", a->room, row->room, sizeof(row->room)}};
	for (size_t i = 0; i < N(f_text); i++) {
		struct vd_span s = vd_span_trim(vd_span_cstr(f_text[i].from));
		if (!vd_identity_printable(s) || !vd_span_copy(f_text[i].to, f_text[i].cap, s))
			return vd_cli_usage(c, VD_T_USE_BAD, f_text[i].option, f_text[i].from,
					    "UTF-8");
	}
	if (!vd_identity_printable(vd_span_cstr(a->purpose)) ||
	    vd_import_purpose(vd_span_cstr(a->purpose), row->purpose, sizeof(row->purpose)))
		return vd_cli_usage(c, VD_T_USE_BAD, "--purpose", a->purpose, "fall, door, sos");
	if (*a->identity &&
	    vd_identity_normal(vd_span_cstr(row->family), vd_span_trim(vd_span_cstr(a->identity)),
			       row->identity, sizeof(row->identity), &f)) {
		char want[24];
		snprintf(want, sizeof(want), "%zu × 0-9 A-F", f.want > 16 ? 16 : f.want);
		return vd_cli_usage(c, VD_T_USE_BAD, "--identity", a->identity, want);
	}
	row->also_told = *a->also;
	return read_also(c, a->also, row->also);
}

static int add(struct vd_cli *c, int argc, char **argv)
{
	struct add a = {.gateway = "",
			.family = "",
			.identity = "",
			.name = "",
			.vendor = "",
			.model = "",
			.serial = "",
			.room = "",
			.purpose = "",
			.also = "",
			.supervise_min = VD_UNSTATED,
			.night = {VD_UNSTATED, VD_UNSTATED}};
	const struct vd_opt opts[] = {
		{"--gateway", VD_OPT_TEXT, &a.gateway, .required = true},
		{"--family", VD_OPT_TEXT, &a.family, .required = true},
		{"--identity", VD_OPT_TEXT, &a.identity, .required = true},
		{"--name", VD_OPT_TEXT, &a.name},
		{"--vendor", VD_OPT_TEXT, &a.vendor},
		{"--model", VD_OPT_TEXT, &a.model},
		{"--serial", VD_OPT_TEXT, &a.serial},
		{"--recipient", VD_OPT_NUMBER, &a.recipient, 1, INT64_C(999999999999)},
		{"--also", VD_OPT_TEXT, &a.also},
		{"--room", VD_OPT_TEXT, &a.room},
		{"--purpose", VD_OPT_TEXT, &a.purpose},
		{"--alarm-button", VD_OPT_FLAG, &a.alarm_button},
		{"--alarm-on-open", VD_OPT_FLAG, &a.alarm_on_open},
		{"--night", VD_OPT_NIGHT, a.night},
		{"--supervise", VD_OPT_NUMBER, &a.supervise_min, 0, VD_IMPORT_MAX_SUPERVISE_MIN},
		{"--test-minutes", VD_OPT_NUMBER, &a.test_min, 0, TEST_MAX}};
	struct vd_import_row row;
	char why[900];
	bool stop = false;
	int64_t id = 0;
	struct told t;
	int exit;
	if (vd_cli_parse(c, argc, argv, opts, N(opts), no_words, NULL, &exit) < 0)
		return exit;
	if (!a.recipient &&
	    (*a.room || *a.purpose || *a.also || a.alarm_on_open || a.night[0] >= 0))
		return vd_cli_usage(c, VD_T_USE_MISSING, "--recipient", c->name, "");
	if (!*vd_span_trim(vd_span_cstr(a.identity)).p)
		return vd_cli_usage(c, VD_T_USE_MISSING, "--identity", c->name, "");
	if ((exit = vd_verb_family(c, a.family)) || (exit = to_row(c, &a, &row)) ||
	    (exit = vd_cli_open(c, VD_DB_WRITE)))
		return exit;
	int r = vd_apply_row(&c->w, c->lang, &row, a.test_min * 60000, why, sizeof(why), &stop,
			     &id);
	if (r < 0)
		return vd_cli_failed(c, r);
	if ((exit = read_back(c, id, &t)))
		return exit;
	say_device(c,
		   r & VD_CH_NEW ? VD_T_DEV_ADDED
		   : r           ? VD_T_DEV_UPDATED
				 : VD_T_DEV_SAME,
		   id, &t);
	say_placed(c, &t);
	return 0;
}

/* -- place ------------------------------------------------------------------------------------ */

struct place {
	int64_t device;
	struct vd_dirw_place p;
};

static int do_place(struct vd_dirw *w, void *arg)
{
	struct place *j = arg;
	return vd_dirw_place(w, j->device, &j->p);
}

static int place(struct vd_cli *c, int argc, char **argv)
{
	const char *word, *room = "", *purpose = "", *also = "";
	int64_t recipient = 0, supervise = VD_UNSTATED, test = 0, others[VD_MAX_ALSO + 1];
	int night[2] = {VD_UNSTATED, VD_UNSTATED}, exit;
	bool button = false, on_open = false;
	char purpose_word[40];
	struct told t;
	const struct vd_opt opts[] = {
		{"--recipient", VD_OPT_NUMBER, &recipient, 1, INT64_C(999999999999), true},
		{"--also", VD_OPT_TEXT, &also},
		{"--room", VD_OPT_TEXT, &room, .required = true},
		{"--purpose", VD_OPT_TEXT, &purpose, .required = true},
		{"--alarm-button", VD_OPT_FLAG, &button},
		{"--alarm-on-open", VD_OPT_FLAG, &on_open},
		{"--night", VD_OPT_NIGHT, night},
		{"--supervise", VD_OPT_NUMBER, &supervise, 0, VD_IMPORT_MAX_SUPERVISE_MIN},
		{"--test-minutes", VD_OPT_NUMBER, &test, 0, TEST_MAX}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), one_device, &word, &exit) < 0)
		return exit;
	if (!vd_identity_printable(vd_span_cstr(room)) || strlen(room) > 60)
		return vd_cli_usage(c, VD_T_USE_BAD, "--room", room, "UTF-8");
	if (!vd_identity_printable(vd_span_cstr(purpose)) ||
	    vd_import_purpose(vd_span_cstr(purpose), purpose_word, sizeof(purpose_word)))
		return vd_cli_usage(c, VD_T_USE_BAD, "--purpose", purpose, "fall, door, sos");
	if ((exit = read_also(c, also, others)))
		return exit;
	struct place j = {.p = {recipient, room, purpose_word, on_open ? 1 : VD_UNSTATED, night[0],
				night[1], button ? 1 : VD_UNSTATED,
				supervise < 0 ? VD_UNSTATED : supervise * 60000, test * 60000,
				*also ? others : NULL}};
	if ((exit = vd_cli_open(c, VD_DB_WRITE)) || (exit = vd_cli_device(c, word, &j.device)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_place, &j);
	if (r < 0)
		return vd_cli_failed(c, r);
	if ((exit = read_back(c, j.device, &t)))
		return exit;
	say_placed(c, &t);
	return 0;
}

/* -- swap ------------------------------------------------------------------------------------- */

struct pair {
	int64_t old, fresh;
};

static int do_swap(struct vd_dirw *w, void *arg)
{
	struct pair *p = arg;
	return vd_dirw_swap(w, p->old, p->fresh);
}

/* Old and new side by side, so that a wrong label is seen while both lie on the table. */
static void show_pair(struct vd_cli *c, const struct told *o, const struct told *n)
{
	static const enum vd_text heads[] = {VD_T_H_ID, VD_T_H_SERIAL, VD_T_H_IDENTITY,
					     VD_T_H_MODEL};
	struct vd_table t;
	vd_table_init(&t, N(heads) + 1);
	vd_table_add(&t, "");
	vd_verb_head(c, &t, heads, N(heads));
	const struct told *both[] = {o, n};
	for (int i = 0; i < 2; i++) {
		vd_table_add(&t, vd_text_raw(c->lang, i ? VD_T_SWAP_IN : VD_T_SWAP_OUT));
		vd_table_addf(&t, "%lld", (long long)both[i]->row.id);
		vd_table_add(&t, both[i]->serial);
		vd_table_add(&t, both[i]->identity);
		vd_table_add(&t, both[i]->model);
	}
	(void)vd_table_print(&t, c->out);
}

static int swap(struct vd_cli *c, int argc, char **argv)
{
	static const char *const two[] = {"OLD", "NEW", NULL};
	const char *words[2];
	char number[24], recipient[24];
	struct pair p;
	struct told o, n;
	int exit;
	if (vd_cli_parse(c, argc, argv, NULL, 0, two, words, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)) || (exit = vd_cli_device(c, words[0], &p.old)) ||
	    (exit = vd_cli_device(c, words[1], &p.fresh)) || (exit = read_back(c, p.old, &o)) ||
	    (exit = read_back(c, p.fresh, &n)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_swap, &p);
	if (r < 0)
		return vd_cli_failed(c, r);
	show_pair(c, &o, &n);
	snprintf(number, sizeof(number), "%lld", (long long)p.fresh);
	vd_cli_say(c, c->out, VD_T_SWAP_DONE, VD_ARGS(n.serial[0] ? n.serial : n.identity, number));
	if ((exit = read_back(c, p.fresh, &n))) /* as it is placed now */
		return exit;
	snprintf(recipient, sizeof(recipient), "%lld", (long long)n.row.recipient);
	say_button(c, &n, number, recipient);
	return 0;
}

/* -- return ----------------------------------------------------------------------------------- */

static int do_return(struct vd_dirw *w, void *arg)
{
	return vd_dirw_return(w, *(int64_t *)arg);
}

static void receipt_line(struct vd_table *t, struct vd_cli *c, enum vd_text head, const char *value)
{
	if (!*value)
		return;
	vd_table_addf(t, "%s:", vd_text_raw(c->lang, head));
	vd_table_add(t, value);
}

/* For the recipient's file: says what was unlinked and when, and not from whom. */
static void receipt(struct vd_cli *c, const struct told *was)
{
	struct vd_table t;
	char number[24], muni[140], at[24], by[200];
	snprintf(number, sizeof(number), "%lld", (long long)was->row.id);
	snprintf(muni, sizeof(muni), "%d %s", was->row.muni, was->muni_name);
	snprintf(by, sizeof(by), "%s", c->by);
	vd_text_time(c->now_ms, at);
	fprintf(c->out, "%s\n", vd_text_raw(c->lang, VD_T_RET_TITLE));
	vd_table_init(&t, 2);
	receipt_line(&t, c, VD_T_RET_DEVICE, number);
	receipt_line(&t, c, VD_T_RET_SERIAL, was->serial);
	receipt_line(&t, c, VD_T_RET_IDENTITY, was->identity);
	receipt_line(&t, c, VD_T_RET_MUNI, muni);
	receipt_line(&t, c, VD_T_RET_AT, at);
	receipt_line(&t, c, VD_T_RET_BY, by);
	(void)vd_table_print(&t, c->out);
	vd_cli_say(c, c->out, was->row.placement ? VD_T_RET_UNLINKED : VD_T_RET_NO_LINK, NULL);
}

static int give_back(struct vd_cli *c, int argc, char **argv)
{
	const char *word;
	char number[24];
	int64_t id;
	struct told was;
	int exit;
	if (vd_cli_parse(c, argc, argv, NULL, 0, one_device, &word, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)) || (exit = vd_cli_device(c, word, &id)) ||
	    (exit = read_back(c, id, &was)))
		return exit;
	int r = vd_dirw_tx(&c->w, do_return, &id);
	if (r < 0)
		return vd_cli_failed(c, r);
	if (r) {
		receipt(c, &was);
	} else {
		snprintf(number, sizeof(number), "%lld", (long long)id);
		vd_cli_say(c, c->out, VD_T_RET_ALREADY, VD_ARGS(number));
	}
	return 0;
}

/* -- test ------------------------------------------------------------------------------------- */

struct trial {
	int64_t device, test_ms;
};

static int do_test(struct vd_dirw *w, void *arg)
{
	struct trial *t = arg;
	return vd_dirw_test(w, t->device, t->test_ms);
}

static int test(struct vd_cli *c, int argc, char **argv)
{
	const char *word;
	char number[24], until[24];
	int64_t minutes = TEST_DEFAULT;
	struct trial t;
	int exit;
	const struct vd_opt opts[] = {{"--minutes", VD_OPT_NUMBER, &minutes, 0, TEST_MAX}};
	if (vd_cli_parse(c, argc, argv, opts, N(opts), one_device, &word, &exit) < 0)
		return exit;
	if ((exit = vd_cli_open(c, VD_DB_WRITE)) || (exit = vd_cli_device(c, word, &t.device)))
		return exit;
	t.test_ms = minutes * 60000;
	int r = vd_dirw_tx(&c->w, do_test, &t);
	if (r < 0)
		return vd_cli_failed(c, r);
	snprintf(number, sizeof(number), "%lld", (long long)t.device);
	vd_text_time(c->now_ms + t.test_ms, until);
	vd_cli_say(c, c->out, minutes ? VD_T_DEV_TEST : VD_T_DEV_TEST_ENDED,
		   VD_ARGS(number, until));
	return 0;
}

const struct vd_verb vd_device_verbs[] = {
	{NULL, "add",
	 "--gateway USER --family F --identity ID [--name N] [--vendor V] [--model M] [--serial "
	 "S]\n"
	 "        [--recipient ID [--also ID,...] --room R --purpose P] [--alarm-button]\n"
	 "        [--supervise MIN]\n"
	 "        [--alarm-on-open] [--night 22:00-07:00] [--test-minutes MIN]",
	 VD_T_HELP_DEV_ADD, add},
	{NULL, "import",
	 "FILE.csv [--dry-run] [--failed OUT.csv] [--gateway USER] [--family F]\n"
	 "        [--serial-length N]",
	 VD_T_HELP_DEV_IMPORT, vd_verb_device_import},
	{NULL, "place",
	 "DEVICE --recipient ID [--also ID,...] --room R --purpose P [--alarm-button]\n"
	 "        [--supervise MIN]\n"
	 "        [--alarm-on-open] [--night 22:00-07:00] [--test-minutes MIN]",
	 VD_T_HELP_DEV_PLACE, place},
	{NULL, "swap", "OLD NEW", VD_T_HELP_DEV_SWAP, swap},
	{NULL, "return", "DEVICE", VD_T_HELP_DEV_RETURN, give_back},
	{NULL, "list", "[--waiting | --silent | --all]", VD_T_HELP_DEV_LIST, vd_verb_device_list},
	{NULL, "test", "DEVICE [--minutes 15]", VD_T_HELP_DEV_TEST, test},
	{NULL, "show", "DEVICE", VD_T_HELP_DEV_SHOW, vd_verb_device_show},
	{NULL, "command", "DEVICE VERB [--minutes 1..1440] [--wait 20]", VD_T_HELP_DEV_COMMAND,
	 vd_verb_device_command},
};
const size_t vd_device_verbs_n = N(vd_device_verbs);

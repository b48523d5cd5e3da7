/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands over the API (docs/api.md): asking for one, looking at them, and what an alarm's page
 * offers. Who may is the hub's to say; here words become a wish, and the answer words again. */
#include "io/web_int.h"
#include "base/mem.h"
#include "store/reader.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LIST_MAX 50 /* of one device or alarm */

/* -- as JSON -------------------------------------------------------------------------------- */

static void time_or_null(struct vd_jw *j, const char *key, int64_t ms)
{
	if (ms) {
		vd_jw_kv_time(j, key, ms);
		return;
	}
	vd_jw_key(j, key);
	vd_jw_null(j);
}

void web_command_write(struct vd_web *w, struct vd_jw *j, const struct vd_command *c,
		       const char *reason)
{
	const struct vd_device *d = vd_dir_device(vd_hub_directory(w->hub), c->device);
	vd_jw_obj(j);
	vd_jw_kv_str(j, "id", c->id);
	vd_jw_kv_int(j, "municipality", c->muni);
	vd_jw_key(j, "device");
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", c->device);
	vd_jw_key(j, "name");
	vd_jw_cstr(j, d ? (d->name[0] ? d->name : d->identity) : "?");
	vd_jw_end_obj(j);
	vd_jw_kv_str(j, "verb", vd_verb_name(c->verb));
	if (c->minutes)
		vd_jw_kv_int(j, "minutes", c->minutes);
	vd_jw_kv_str(j, "alarm", c->alarm);
	web_person(w, j, "staff", c->staff);
	vd_jw_kv_str(j, "state", vd_command_state_name(c->state));
	vd_jw_kv_str(j, "result", c->result);
	vd_jw_kv_int(j, "attempts", c->attempts);
	vd_jw_kv_time(j, "asked_at", c->created_ms);
	vd_jw_kv_time(j, "expires_at", c->expires_ms);
	time_or_null(j, "sent_at", c->sent_ms);
	time_or_null(j, "ended_at", c->ended_ms);
	vd_jw_kv_str(j, "reason", reason);
	vd_jw_end_obj(j);
}

static void write_verbs(struct vd_jw *j, unsigned set)
{
	vd_jw_key(j, "verbs");
	vd_jw_arr(j);
	for (int v = VD_CMD_NONE + 1; v < VD_CMD_MAX; v++)
		if (set & VD_CMD_BIT(v))
			vd_jw_cstr(j, vd_verb_name((enum vd_command_verb)v));
	vd_jw_end_arr(j);
}

static void write_device(struct vd_web *w, struct vd_jw *j, const struct vd_device *d, unsigned set)
{
	const struct vd_placement *p =
		d->placement ? vd_dir_placement(vd_hub_directory(w->hub), d->placement) : NULL;
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", d->id);
	vd_jw_key(j, "name");
	vd_jw_cstr(j, d->name[0] ? d->name : d->identity);
	vd_jw_key(j, "room");
	vd_jw_cstr(j, p ? p->room : "");
	write_verbs(j, set);
	vd_jw_end_obj(j);
}

/* The alarm's own device first, then what else of this home takes commands: the fall detector
 * calls, the lock opens. */
static void write_home(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff)
{
	const struct vd_directory *dir = vd_hub_directory(w->hub);
	const struct vd_device *own = a->device ? vd_dir_device(dir, a->device) : NULL;
	unsigned set = own ? vd_hub_verbs(w->hub, own->id, staff) : 0;
	vd_jw_key(j, "devices");
	vd_jw_arr(j);
	if (set)
		write_device(w, j, own, set);
	for (size_t i = 0; a->recipient && i < dir->n_devices; i++) {
		const struct vd_device *d = &dir->devices[i];
		if (d == own || !vd_dir_same_home(dir, a->recipient, a->placement, d->placement))
			continue;
		set = vd_hub_verbs(w->hub, d->id, staff);
		if (set)
			write_device(w, j, d, set);
	}
	vd_jw_end_arr(j);
}

/* -- read from the store -------------------------------------------------------------------- */

static bool keep(const struct vd_command *c, const char *reason, void *arg)
{
	struct web_commands *l = arg;
	if (l->n == LIST_MAX)
		return false;
	if (!l->rows)
		l->rows = vd_calloc(LIST_MAX, sizeof(*l->rows));
	if (!l->rows)
		return false;
	l->rows[l->n].c = *c;
	l->rows[l->n++].reason = reason && reason[0] ? vd_strdup(reason) : NULL;
	return true;
}

int web_commands_read(struct vd_reader *r, const struct vd_scope *scope,
		      const struct vd_command_filter *f, struct web_commands *ret)
{
	return vd_reader_commands(r, scope, f, keep, ret);
}

void web_commands_free(struct web_commands *l)
{
	for (size_t i = 0; i < l->n; i++)
		vd_free(l->rows[i].reason);
	vd_free(l->rows);
	*l = (struct web_commands){0};
}

static void write_list(struct vd_web *w, struct vd_jw *j, const struct web_commands *l, bool person)
{
	vd_jw_key(j, "list");
	vd_jw_arr(j);
	for (size_t i = 0; i < l->n; i++)
		web_command_write(w, j, &l->rows[i].c, person ? l->rows[i].reason : NULL);
	vd_jw_end_arr(j);
}

void web_commands_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff,
			const struct web_commands *l, bool person)
{
	vd_jw_key(j, "commands");
	vd_jw_obj(j);
	write_home(w, j, a, staff);
	write_list(w, j, l, person);
	vd_jw_end_obj(j);
}

/* -- asking --------------------------------------------------------------------------------- */

static void problem(struct web_request *q, int err)
{
	switch (err) {
	case VD_EDENIED:
		web_problem(q, 403, "denied",
			    "Your role does not include this. A door opens for who is on duty and "
			    "has an alarm of that home, or is a leader.");
		break;
	case VD_EINVAL:
		web_problem(q, 400, "parse",
			    "This device does not take that, or something is missing: a reason for "
			    "unlock, 1 to 1440 minutes for interval, an alarm of the same home.");
		break;
	case VD_ELIMIT:
		q->retry_after_s = 60;
		web_problem(q, 429, "limit", "Too many commands; wait a minute.");
		break;
	default: web_problem_err(q, err);
	}
}

static void on_asked(int err, const struct vd_command *c, void *arg)
{
	struct web_request *q = arg;
	if (err) {
		problem(q, err);
	} else {
		struct vd_jw j;
		vd_jw_init(&j, &q->out);
		web_command_write(q->web, &j, c, NULL);
		snprintf(q->location, sizeof(q->location), "/api/v1/commands/%s", c->id);
		web_json(q, 202);
	}
	web_answer(q);
}

static const char *member(json_t *b, const char *key)
{
	const char *s = json_string_value(json_object_get(b, key));
	return s ? s : "";
}

static void ask(struct web_request *q, int64_t device)
{
	json_t *b = json_loadb(q->body.p ? q->body.p : "", q->body.n, JSON_REJECT_DUPLICATES, NULL);
	const json_int_t minutes = json_integer_value(json_object_get(b, "minutes"));
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	const struct vd_wish w = {
		.device = device,
		.staff = q->session->staff,
		.verb = vd_verb_parse(vd_span_cstr(member(b, "verb"))),
		.minutes = minutes > 0 && minutes <= VD_CMD_MINUTES_MAX ? (int)minutes : 0,
		.reason = member(b, "reason"),
		.alarm = member(b, "alarm"),
		.key = member(b, "key")};
	if (!w.verb)
		web_problem(q, 400, "parse", "verb must be a word of docs/api.md.");
	else if (!w.key[0] || (w.alarm[0] && !vd_id_valid(vd_span_cstr(w.alarm))))
		web_problem(q, 400, "parse",
			    "key is new text for every wish (1 to 64 bytes), alarm an alarm's id.");
	else if (strlen(w.reason) > VD_MAX_NOTE_BYTES)
		web_problem(q, 413, "limit", "The reason is longer than 2000 bytes.");
	else {
		int err = vd_hub_command(q->web->hub, &scope, &w, on_asked, q);
		q->pending = !err;
		if (err)
			problem(q, err);
	}
	json_decref(b);
}

/* -- looking -------------------------------------------------------------------------------- */

struct look_job {
	struct web_request *q;
	struct vd_scope scope;
	uint8_t session_key[32];
	char id[VD_ID_LEN + 1];
	int64_t device;
	struct web_commands list;
};

static int read_job(struct vd_reader *r, void *arg)
{
	struct look_job *x = arg;
	const struct vd_command_filter f = {.id = x->id, .device = x->device, .limit = LIST_MAX};
	return web_commands_read(r, &x->scope, &f, &x->list);
}

/* The words people gave tell about a person. */
static bool person(struct vd_web *w, struct web_session *s, const struct web_commands *l)
{
	const struct vd_staff *p = vd_dir_staff(vd_hub_directory(w->hub), s->staff);
	if (!p || !(p->roles & (VD_ROLE_CARE | VD_ROLE_LEADER | VD_ROLE_ADMIN)))
		return false;
	for (size_t i = 0; i < l->n; i++)
		if (l->rows[i].reason)
			web_looked(w, s, l->rows[i].c.muni, l->rows[i].c.recipient, "command.list",
				   l->rows[i].c.id);
	return true;
}

static void write_found(struct look_job *x, struct web_session *s)
{
	struct web_request *q = x->q;
	struct vd_jw j;
	bool may = person(q->web, s, &x->list);
	vd_jw_init(&j, &q->out);
	if (x->id[0]) {
		web_command_write(q->web, &j, &x->list.rows[0].c,
				  may ? x->list.rows[0].reason : NULL);
	} else {
		vd_jw_obj(&j);
		write_verbs(&j, vd_hub_verbs(q->web->hub, x->device, s->staff));
		write_list(q->web, &j, &x->list, may);
		vd_jw_end_obj(&j);
	}
	web_json(q, 200);
}

static void on_read(int err, void *arg)
{
	struct look_job *x = arg;
	struct web_request *q = x->q;
	struct web_session *s = web_session_by_key(q->web, x->session_key);
	if (!err && x->id[0] && !x->list.n)
		err = VD_ENOTFOUND;
	if (err || !s)
		web_problem_err(q, err ? err : VD_EDENIED);
	else
		write_found(x, s);
	web_commands_free(&x->list);
	vd_free(x);
	web_answer(q);
}

static void look(struct web_request *q, int64_t device, struct vd_span id)
{
	struct look_job *x = vd_calloc(1, sizeof(*x));
	if (!x) {
		web_problem_err(q, VD_EBUSY);
		return;
	}
	x->q = q;
	x->device = device;
	x->scope = web_scope(q->web, q->session->staff);
	memcpy(x->session_key, q->session->key, sizeof(x->session_key));
	vd_span_copy(x->id, sizeof(x->id), id);
	if (q->web->store->read(q->web->store, read_job, x, on_read, x) == 0) {
		q->pending = true;
		return;
	}
	vd_free(x);
	web_problem_err(q, VD_EBUSY);
}

/* One that is waiting is newest in memory; it has no reason to show to who only follows it. */
static void one(struct web_request *q, struct vd_span id)
{
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	const struct vd_command *c = vd_hub_command_find(q->web->hub, &scope, id);
	struct vd_jw j;
	if (!vd_id_valid(id)) {
		web_problem_err(q, VD_ENOTFOUND);
	} else if (c && !c->ended_ms) {
		vd_jw_init(&j, &q->out);
		web_command_write(q->web, &j, c, NULL);
		web_json(q, 200);
	} else {
		look(q, 0, id);
	}
}

/* -- routing -------------------------------------------------------------------------------- */

void web_commands_route(struct web_request *q, struct vd_span rest, bool change)
{
	if (change)
		web_problem_err(q, VD_ENOTFOUND);
	else
		one(q, rest);
}

static int64_t whole(struct vd_span s)
{
	char text[20], *end;
	if (!s.n || s.p[0] < '0' || s.p[0] > '9' || !vd_span_copy(text, sizeof(text), s))
		return 0;
	errno = 0;
	long long n = strtoll(text, &end, 10);
	return *end || errno ? 0 : n;
}

void web_device_commands_route(struct web_request *q, struct vd_span rest, bool change)
{
	struct vd_span number;
	(void)vd_span_next(&rest, '/', &number);
	int64_t device = rest.p && vd_span_is(rest, "commands") ? whole(number) : 0;
	const struct vd_device *d =
		device ? vd_dir_device(vd_hub_directory(q->web->hub), device) : NULL;
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	if (change && device)
		ask(q, device);
	else if (d && vd_scope_sees(&scope, d->muni))
		look(q, device, vd_span("", 0));
	else
		web_problem_err(q, VD_ENOTFOUND);
}

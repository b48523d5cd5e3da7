/* SPDX-License-Identifier: EUPL-1.2 */
/* /api/v1/...: reading lists and taking steps, within the session's scope. */
#include "io/web_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include "store/reader.h"
#include <math.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#define MINUTES_MAX 1000000000ll /* more is no duration; the hub's own limit is far below */

/* -- alarms --------------------------------------------------------------------------------- */

struct list {
	struct web_request *q;
	struct vd_jw j;
	int64_t staff;
};

static bool list_alarm(const struct vd_alarm *a, void *arg)
{
	struct list *l = arg;
	web_alarm_write(l->q->web, &l->j, a, l->staff);
	if (l->q->session)
		web_alarm_looked(l->q->web, l->q->session, a, "alarm.live");
	return !l->j.b->err;
}

static void alarms_open(struct web_request *q)
{
	struct vd_hub *h = q->web->hub;
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	struct list l = {.q = q, .staff = q->session->staff};
	vd_jw_init(&l.j, &q->out);
	vd_jw_obj(&l.j);
	vd_jw_kv_str(&l.j, "epoch", vd_hub_epoch(h));
	vd_jw_kv_int(&l.j, "seq", vd_hub_seq(h));
	vd_jw_key(&l.j, "alarms");
	vd_jw_arr(&l.j);
	vd_hub_alarms(h, &scope, list_alarm, &l);
	vd_jw_end_arr(&l.j);
	vd_jw_end_obj(&l.j);
	web_json(q, 200);
}

/* A job of the reader thread: rows are copied there, written as JSON on the loop. */
struct read {
	struct web_request *q;
	struct vd_scope scope;
	uint8_t session_key[32];
	struct vd_alarm_filter filter;
	char alarm[VD_ID_LEN + 1];
	struct vd_alarm *alarms;
	struct vd_alarm_step *steps;
	size_t n, cap;
	struct web_commands commands;
};

static void *room(void *list, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return list;
	*cap = *cap ? *cap * 2 : 32;
	return vd_realloc(list, *cap * size);
}

static bool keep_alarm(const struct vd_alarm *a, void *arg)
{
	struct read *r = arg;
	struct vd_alarm *list = room(r->alarms, r->n, &r->cap, sizeof(*list));
	if (!list)
		return false;
	r->alarms = list;
	list[r->n++] = *a;
	return true;
}

static bool keep_step(const struct vd_alarm_step *s, void *arg)
{
	struct read *r = arg;
	struct vd_alarm_step *list = room(r->steps, r->n, &r->cap, sizeof(*list));
	if (!list)
		return false;
	r->steps = list;
	list[r->n++] = *s;
	return r->n < 2000;
}

static int read_history(struct vd_reader *reader, void *arg)
{
	struct read *r = arg;
	return vd_reader_alarms(reader, &r->scope, &r->filter, keep_alarm, r);
}

static void read_free(struct read *r)
{
	vd_free(r->alarms);
	vd_free(r->steps);
	web_commands_free(&r->commands);
	vd_free(r);
}

static void on_history(int err, void *arg)
{
	struct read *r = arg;
	struct web_request *q = r->q;
	struct web_session *s = web_session_by_key(q->web, r->session_key);
	struct list l = {.q = q, .staff = r->scope.staff};
	q->session = s;
	if (err || !s) {
		web_problem_err(q, err ? err : VD_EDENIED);
	} else {
		vd_jw_init(&l.j, &q->out);
		vd_jw_obj(&l.j);
		vd_jw_key(&l.j, "alarms");
		vd_jw_arr(&l.j);
		for (size_t i = 0; i < r->n; i++)
			list_alarm(&r->alarms[i], &l);
		vd_jw_end_arr(&l.j);
		vd_jw_end_obj(&l.j);
		web_json(q, 200);
	}
	read_free(r);
	web_answer(q);
}

static struct read *read_new(struct web_request *q)
{
	struct read *r = vd_calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	r->q = q;
	r->scope = web_scope(q->web, q->session->staff);
	memcpy(r->session_key, q->session->key, sizeof(r->session_key));
	return r;
}

static void start_read(struct web_request *q, struct read *r, vd_read_fn fn, vd_read_done done)
{
	if (r && q->web->store->read(q->web->store, fn, r, done, r) == 0) {
		q->pending = true;
		return;
	}
	if (r)
		read_free(r);
	web_problem_err(q, VD_EBUSY);
}

static int64_t time_query(struct web_request *q, const char *name)
{
	char text[40];
	int64_t ms;
	return web_query(q, name, text, sizeof(text)) &&
			       vd_iso_parse(vd_span_cstr(text), &ms, NULL) == 0
		       ? ms
		       : 0;
}

static void alarms_closed(struct web_request *q)
{
	struct read *r = read_new(q);
	char limit[12];
	if (r) {
		r->filter.closed_only = true;
		r->filter.from_ms = time_query(q, "from");
		r->filter.to_ms = time_query(q, "to");
		if (web_query(q, "limit", limit, sizeof(limit)))
			r->filter.limit = (int)strtol(limit, NULL, 10);
	}
	start_read(q, r, read_history, on_history);
}

static int read_detail(struct vd_reader *reader, void *arg)
{
	struct read *r = arg;
	const struct vd_command_filter f = {.alarm = r->alarm};
	int err = vd_reader_steps(reader, &r->scope, r->alarm, keep_step, r);
	return err ? err : web_commands_read(reader, &r->scope, &f, &r->commands);
}

static void on_detail(int err, void *arg)
{
	struct read *r = arg;
	struct web_request *q = r->q;
	struct web_session *s = web_session_by_key(q->web, r->session_key);
	const struct vd_alarm *a = vd_hub_alarm(q->web->hub, &r->scope, vd_span_cstr(r->alarm));
	if (!a || !s || (err && err != VD_ENOTFOUND)) {
		web_problem_err(q, err ? err : VD_ENOTFOUND);
	} else {
		struct vd_jw j;
		bool person = web_sees_person(q->web, a, r->scope.staff);
		web_alarm_looked(q->web, s, a, "alarm.detail");
		vd_jw_init(&j, &q->out);
		vd_jw_obj(&j);
		web_alarm_members(q->web, &j, a, r->scope.staff);
		vd_jw_key(&j, "steps");
		vd_jw_arr(&j);
		for (size_t i = 0; i < r->n; i++)
			web_step_write(q->web, &j, &r->steps[i], person);
		vd_jw_end_arr(&j);
		web_commands_write(q->web, &j, a, r->scope.staff, &r->commands, person);
		web_affected_write(q->web, &j, a, s);
		vd_jw_end_obj(&j);
		web_json(q, 200);
	}
	read_free(r);
	web_answer(q);
}

static void alarm_detail(struct web_request *q, struct vd_span id)
{
	struct read *r = vd_id_valid(id) ? read_new(q) : NULL;
	if (!vd_id_valid(id)) {
		web_problem_err(q, VD_ENOTFOUND);
		return;
	}
	if (r)
		vd_span_copy(r->alarm, sizeof(r->alarm), id);
	start_read(q, r, read_detail, on_detail);
}

/* -- steps ---------------------------------------------------------------------------------- */

struct acting {
	struct web_request *q;
	int64_t staff;
	uint8_t session_key[32];
};

static void on_acted(int err, const struct vd_alarm *now, void *arg)
{
	struct acting *t = arg;
	struct web_request *q = t->q;
	if (err) {
		web_problem_err(q, err);
	} else {
		struct vd_jw j;
		vd_jw_init(&j, &q->out);
		web_alarm_write(q->web, &j, now, t->staff);
		web_json(q, 200);
	}
	vd_free(t);
	web_answer(q);
}

/* 409 carries the alarm as it is now, so that the page can show who was first. */
static void conflict(struct web_request *q, int err, const char *id)
{
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	const struct vd_alarm *a = vd_hub_alarm(q->web->hub, &scope, vd_span_cstr(id));
	web_problem_err(q, err);
	if (!a || (err != VD_ESTATE && err != VD_ECONFLICT))
		return;
	struct vd_jw j;
	q->out.n--; /* the closing brace */
	vd_jw_init(&j, &q->out);
	j.comma = true;
	vd_jw_key(&j, "alarm");
	web_alarm_write(q->web, &j, a, q->session->staff);
	web_alarm_looked(q->web, q->session, a, "alarm.live");
	vd_buf_add_char(&q->out, '}');
}

static bool read_action(json_t *b, struct vd_action *a)
{
	const char *step = json_string_value(json_object_get(b, "step"));
	const char *out = json_string_value(json_object_get(b, "outcome"));
	json_t *version = json_object_get(b, "version");
	int s = step ? web_step_parse(vd_span_cstr(step)) : -1;
	int o = out ? vd_outcome_parse(vd_span_cstr(out)) : VD_OUT_NONE;
	if (s < 0 || o < 0)
		return false;
	a->step = (enum vd_step)s;
	a->outcome = (enum vd_outcome)o;
	a->note = json_string_value(json_object_get(b, "note"));
	a->target = json_integer_value(json_object_get(b, "target"));
	a->version = json_is_integer(version) ? json_integer_value(version) : -1;
	json_int_t minutes = json_integer_value(json_object_get(b, "shelve_minutes"));
	a->shelve_ms = minutes > -MINUTES_MAX && minutes < MINUTES_MAX ? minutes * 60000 : -1;
	return true;
}

static void alarm_step(struct web_request *q, struct vd_span id)
{
	json_t *b = json_loadb(q->body.p ? q->body.p : "", q->body.n, 0, NULL);
	struct vd_action a = {.staff = q->session->staff};
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	struct acting *t = vd_calloc(1, sizeof(*t));
	vd_span_copy(a.alarm, sizeof(a.alarm), id);
	if (!t) {
		web_problem_err(q, VD_EBUSY);
	} else if (!b || !read_action(b, &a)) {
		web_problem(q, 400, "parse", "step (and outcome) must be words of docs/api.md.");
	} else {
		*t = (struct acting){.q = q, .staff = q->session->staff};
		int err = vd_hub_act(q->web->hub, &scope, &a, on_acted, t);
		if (!err) {
			q->pending = true;
			t = NULL;
		} else {
			conflict(q, err, a.alarm);
		}
	}
	vd_free(t);
	json_decref(b);
}

/* -- devices, staff, status ----------------------------------------------------------------- */

static void text(struct vd_jw *j, const char *key, const char *s)
{
	vd_jw_key(j, key);
	vd_jw_cstr(j, s ? s : "");
}

static void write_device(struct web_request *q, struct vd_jw *j, const struct vd_device *v,
			 const struct vd_device_health *h)
{
	const struct vd_directory *d = vd_hub_directory(q->web->hub);
	const struct vd_placement *p = v->placement ? vd_dir_placement(d, v->placement) : NULL;
	const struct vd_staff *who = vd_dir_staff(d, q->session->staff);
	const unsigned may = VD_ROLE_CARE | VD_ROLE_LEADER | VD_ROLE_TECHNICIAN | VD_ROLE_ADMIN;
	const struct vd_recipient *r[1 + VD_MAX_ALSO];
	size_t n =
		p && who && (who->roles & may) ? web_residents(q->web, p->recipient, p->id, r) : 0;
	const struct vd_gateway *g = vd_dir_gateway(d, v->gateway);
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", v->id);
	vd_jw_kv_int(j, "municipality", v->muni);
	text(j, "gateway", g ? g->name : "");
	text(j, "family", v->family);
	text(j, "identity", v->identity);
	text(j, "name", v->name);
	text(j, "vendor", v->vendor);
	text(j, "model", v->model);
	text(j, "serial", v->serial);
	text(j, "lifecycle", vd_lifecycle_name(v->lifecycle));
	text(j, "features", v->features);
	text(j, "recipient", n ? r[0]->name : "");
	vd_jw_key(j, "residents");
	vd_jw_arr(j);
	for (size_t i = 0; i < n; i++)
		vd_jw_cstr(j, r[i]->name);
	vd_jw_end_arr(j);
	text(j, "place", p ? p->room : "");
	vd_jw_key(j, "last_heard");
	if (h->last_heard_ms) {
		char iso[25];
		vd_iso_format(h->last_heard_ms, iso);
		vd_jw_cstr(j, iso);
	} else {
		vd_jw_null(j);
	}
	vd_jw_key(j, "battery");
	vd_jw_num(j, h->battery);
	vd_jw_key(j, "link");
	vd_jw_num(j, h->link);
	vd_jw_kv_bool(j, "silent", h->silent);
	vd_jw_kv_bool(j, "on_test", h->on_test);
	vd_jw_kv_int(j, "unknown_keys", h->unknown_keys);
	web_watch_write(j, h);
	vd_jw_end_obj(j);
	for (size_t i = 0; i < n; i++)
		web_looked(q->web, q->session, v->muni, r[i]->id, "device.list", "");
}

static void devices(struct web_request *q)
{
	const struct vd_directory *d = vd_hub_directory(q->web->hub);
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	char filter[16] = "all";
	struct vd_jw j;
	(void)web_query(q, "filter", filter, sizeof(filter));
	vd_jw_init(&j, &q->out);
	vd_jw_obj(&j);
	vd_jw_key(&j, "devices");
	vd_jw_arr(&j);
	for (size_t i = 0; i < d->n_devices; i++) {
		const struct vd_device *v = &d->devices[i];
		struct vd_device_health h = {.battery = NAN, .link = NAN};
		if (!vd_scope_sees(&scope, v->muni))
			continue;
		(void)vd_hub_device_health(q->web->hub, v->id, &h);
		if (strcmp(filter, "silent") == 0 && !h.silent)
			continue;
		if (strcmp(filter, "waiting") == 0 && v->lifecycle != VD_LIFE_HEARD)
			continue;
		write_device(q, &j, v, &h);
	}
	vd_jw_end_arr(&j);
	vd_jw_end_obj(&j);
	web_json(q, 200);
}

static bool on_duty(const struct vd_directory *d, int64_t staff, int64_t now)
{
	for (size_t i = 0; i < d->n_shifts; i++)
		if (d->shifts[i].staff == staff && now >= d->shifts[i].from_ms &&
		    now < d->shifts[i].to_ms)
			return true;
	return false;
}

/* Colleagues: those who share a municipality with the asker. */
static void staff(struct web_request *q)
{
	const struct vd_directory *d = vd_hub_directory(q->web->hub);
	struct vd_scope scope = web_scope(q->web, q->session->staff);
	int64_t now = q->web->rt->wall_ms(q->web->rt);
	struct vd_jw j;
	vd_jw_init(&j, &q->out);
	vd_jw_obj(&j);
	vd_jw_key(&j, "staff");
	vd_jw_arr(&j);
	for (size_t i = 0; i < d->n_staff; i++) {
		const struct vd_staff *p = &d->staff[i];
		bool shared = false;
		for (int k = 0; k < 16 && p->scope[k]; k++)
			shared |= vd_scope_sees(&scope, p->scope[k]);
		if (!shared || p->disabled || !(p->roles & (VD_ROLE_CARE | VD_ROLE_LEADER)))
			continue;
		vd_jw_obj(&j);
		vd_jw_kv_int(&j, "id", p->id);
		text(&j, "name", p->name);
		vd_jw_kv_int(&j, "municipality", p->muni);
		vd_jw_kv_bool(&j, "on_duty", on_duty(d, p->id, now));
		vd_jw_end_obj(&j);
	}
	vd_jw_end_arr(&j);
	vd_jw_end_obj(&j);
	web_json(q, 200);
}

static void status(struct web_request *q)
{
	struct vd_jw j;
	vd_jw_init(&j, &q->out);
	web_status_write(q->web, &j, q->session->staff);
	web_json(q, 200);
}

/* -- routing -------------------------------------------------------------------------------- */

/* Signed in, not idle; changes also with the page's token and from this page. */
static bool enter(struct web_request *q, bool change)
{
	bool locked = false;
	const char *slashes = strstr(q->origin, "//");
	/* A locked console goes on reading; the live list must not go blank in the night. */
	q->session = change ? web_session_use(q->web, q->cookie, &locked)
			    : web_session_of(q->web, q->cookie);
	if (!q->session)
		web_problem(q, 401, locked ? "locked" : "auth", "Sign in.");
	else if (change &&
		 (strlen(q->csrf) != 43 || CRYPTO_memcmp(q->csrf, q->session->csrf, 43) != 0))
		web_problem(q, 403, "denied", "The page is out of date; load it again.");
	else if (change && q->origin[0] && (!slashes || strcmp(slashes + 2, q->host) != 0))
		web_problem(q, 403, "denied", "This request comes from another page.");
	else
		return true;
	return false;
}

static void alarms(struct web_request *q, struct vd_span rest, bool change)
{
	struct vd_span id, tail;
	char closed[4];
	if (!rest.n && !change) {
		if (web_query(q, "closed", closed, sizeof(closed)))
			alarms_closed(q);
		else
			alarms_open(q);
		return;
	}
	rest = vd_span_skip(rest, 1);
	(void)vd_span_next(&rest, '/', &id);
	tail = rest.p ? rest : vd_span("", 0);
	if (!change && !tail.n)
		alarm_detail(q, id);
	else if (change && vd_span_is(tail, "steps") && vd_id_valid(id))
		alarm_step(q, id);
	else
		web_problem_err(q, VD_ENOTFOUND);
}

void web_api(struct web_request *q, struct vd_span path)
{
	bool get = strcmp(q->method, "GET") == 0, post = strcmp(q->method, "POST") == 0;
	if (!get && !post) {
		web_problem(q, 405, "state", "GET or POST.");
		return;
	}
	if (!enter(q, post))
		return;
	if (vd_span_is(path, "alarms") || vd_span_starts(path, VD_SPAN_LIT("alarms/")))
		alarms(q, vd_span_skip(path, 6), post);
	else if (vd_span_starts(path, VD_SPAN_LIT("devices/")))
		web_device_commands_route(q, vd_span_skip(path, 8), post);
	else if (vd_span_starts(path, VD_SPAN_LIT("commands/")))
		web_commands_route(q, vd_span_skip(path, 9), post);
	else if (get && vd_span_is(path, "status"))
		status(q);
	else if (get && vd_span_is(path, "devices"))
		devices(q);
	else if (get && vd_span_is(path, "staff"))
		staff(q);
	else if (get && vd_span_is(path, "reports"))
		web_reports_list(q);
	else
		web_problem_err(q, VD_ENOTFOUND);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Alarms, steps and status as docs/api.md shows them. */
#include "io/web_int.h"
#include "base/mem.h"
#include <math.h>

static const struct {
	enum vd_step step;
	const char *word;
} requests[] = {{VD_STEP_ACKNOWLEDGED, "acknowledge"},
		{VD_STEP_EN_ROUTE, "en_route"},
		{VD_STEP_ON_SITE, "on_site"},
		{VD_STEP_RELEASED, "release"},
		{VD_STEP_TRANSFERRED, "transfer"},
		{VD_STEP_RECEIVED, "receive"},
		{VD_STEP_NOTE, "note"},
		{VD_STEP_CALL, "call"},
		{VD_STEP_SHELVED, "shelve"},
		{VD_STEP_UNSHELVED, "unshelve"},
		{VD_STEP_CLOSED, "close"},
		{VD_STEP_REOPENED, "reopen"}};

const char *web_step_request(enum vd_step s)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (requests[i].step == s)
			return requests[i].word;
	return NULL;
}

int web_step_parse(struct vd_span s)
{
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
		if (vd_span_is(s, requests[i].word))
			return (int)requests[i].step;
	return -1;
}

static void time_or_null(struct vd_jw *j, const char *key, int64_t ms)
{
	if (ms) {
		vd_jw_kv_time(j, key, ms);
		return;
	}
	vd_jw_key(j, key);
	vd_jw_null(j);
}

static void str_or_null(struct vd_jw *j, const char *key, const char *s)
{
	vd_jw_key(j, key);
	if (s && *s)
		vd_jw_cstr(j, s);
	else
		vd_jw_null(j);
}

static void str(struct vd_jw *j, const char *key, const char *s)
{
	vd_jw_key(j, key);
	vd_jw_cstr(j, s ? s : "");
}

void web_person(struct vd_web *w, struct vd_jw *j, const char *key, int64_t staff)
{
	const struct vd_staff *p = vd_dir_staff(vd_hub_directory(w->hub), staff);
	if (key)
		vd_jw_key(j, key);
	if (!staff) {
		vd_jw_null(j);
		return;
	}
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", staff);
	str(j, "name", p ? p->name : "?");
	vd_jw_end_obj(j);
}

static void municipality(struct vd_web *w, struct vd_jw *j, int number)
{
	const struct vd_municipality *m = vd_dir_muni(vd_hub_directory(w->hub), number);
	vd_jw_key(j, "municipality");
	vd_jw_obj(j);
	vd_jw_kv_int(j, "number", number);
	str(j, "name", m ? m->name : "");
	vd_jw_end_obj(j);
}

static void person(struct vd_jw *j, const struct vd_recipient *r)
{
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", r->id);
	str(j, "name", r->name);
	str(j, "address", r->address);
	str(j, "floor", r->floor);
	str(j, "key_note", r->key_note);
	str(j, "phone", r->phone);
	vd_jw_end_obj(j);
}

size_t web_residents(struct vd_web *w, int64_t recipient, int64_t placement,
		     const struct vd_recipient *ret[1 + VD_MAX_ALSO])
{
	const struct vd_directory *d = vd_hub_directory(w->hub);
	const struct vd_placement *p = placement ? vd_dir_placement(d, placement) : NULL;
	size_t n = 0;
	if (!recipient)
		return 0;
	ret[0] = vd_dir_recipient(d, recipient);
	n += ret[0] != NULL;
	for (int i = 0; p && i < VD_MAX_ALSO && p->also[i]; i++) {
		ret[n] = p->also[i] == recipient ? NULL : vd_dir_recipient(d, p->also[i]);
		n += ret[n] != NULL;
	}
	return n;
}

/* recipient: the one the alarm counts for; residents: all whom the unit is for, that one first.
 * 0: nobody, or not for this reader. */
static void people(struct vd_web *w, struct vd_jw *j, int64_t recipient, int64_t placement)
{
	const struct vd_recipient *r[1 + VD_MAX_ALSO];
	size_t n = web_residents(w, recipient, placement, r);
	vd_jw_key(j, "recipient");
	if (n && r[0]->id == recipient)
		person(j, r[0]);
	else
		vd_jw_null(j);
	vd_jw_key(j, "residents");
	vd_jw_arr(j);
	for (size_t i = 0; i < n; i++)
		person(j, r[i]);
	vd_jw_end_arr(j);
}

static void place(struct vd_web *w, struct vd_jw *j, int64_t id)
{
	const struct vd_placement *p = vd_dir_placement(vd_hub_directory(w->hub), id);
	vd_jw_key(j, "place");
	if (!id || !p) {
		vd_jw_null(j);
		return;
	}
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", p->id);
	str(j, "room", p->room);
	str(j, "purpose", p->purpose);
	vd_jw_end_obj(j);
}

/* How often it is heard, when its silence is told, and what is wrong with it. */
void web_watch_write(struct vd_jw *j, const struct vd_device_health *h)
{
	vd_jw_kv_int(j, "heard_every_s", h->interval_ms / 1000);
	vd_jw_kv_int(j, "silent_after_s", h->limit_ms / 1000);
	vd_jw_kv_str(j, "limit_from", h->limit_ms ? vd_limit_basis_name(h->basis) : "");
	time_or_null(j, "tested", h->tested_ms);
	vd_jw_key(j, "troubles");
	vd_jw_arr(j);
	for (int t = 0; t < VD_TROUBLE_MAX; t++)
		if (h->troubles & 1u << t)
			vd_jw_cstr(j, vd_trouble_name((enum vd_trouble)t));
	vd_jw_end_arr(j);
}

static void device(struct vd_web *w, struct vd_jw *j, int64_t id)
{
	const struct vd_device *d = vd_dir_device(vd_hub_directory(w->hub), id);
	struct vd_device_health h = {.battery = NAN};
	vd_jw_key(j, "device");
	if (!id) {
		vd_jw_null(j);
		return;
	}
	(void)vd_hub_device_health(w->hub, id, &h);
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", id);
	str(j, "name", d ? (d->name[0] ? d->name : d->identity) : "?");
	str(j, "model", d ? d->model : "");
	vd_jw_key(j, "battery");
	vd_jw_num(j, h.battery);
	time_or_null(j, "last_heard", h.last_heard_ms);
	vd_jw_kv_bool(j, "on_test", h.on_test);
	web_watch_write(j, &h);
	vd_jw_end_obj(j);
}

static void gateway(struct vd_web *w, struct vd_jw *j, int64_t id)
{
	const struct vd_gateway *g = vd_dir_gateway(vd_hub_directory(w->hub), id);
	vd_jw_key(j, "gateway");
	if (!id || !g) {
		vd_jw_null(j);
		return;
	}
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", id);
	str(j, "name", g->name);
	vd_jw_end_obj(j);
}

static void receivers(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a)
{
	int64_t who[16];
	size_t n = a->handling == VD_H_CLOSED ? 0 : vd_hub_receivers(w->hub, a, who, 16);
	vd_jw_key(j, "receivers");
	vd_jw_arr(j);
	for (size_t i = 0; i < n; i++) {
		const struct vd_staff *p = vd_dir_staff(vd_hub_directory(w->hub), who[i]);
		vd_jw_obj(j);
		vd_jw_kv_int(j, "id", who[i]);
		str(j, "name", p ? p->name : "?");
		str(j, "phone", p ? p->phone : "");
		vd_jw_end_obj(j);
	}
	vd_jw_end_arr(j);
}

static void flags(struct vd_jw *j, unsigned set)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{VD_F_FOUND, "found"},
		     {VD_F_LATE, "late"},
		     {VD_F_CLOCK, "clock"},
		     {VD_F_SUSPECT, "suspect"}};
	vd_jw_key(j, "flags");
	vd_jw_arr(j);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (set & names[i].bit)
			vd_jw_cstr(j, names[i].name);
	vd_jw_end_arr(j);
}

static void allowed(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff)
{
	unsigned set = vd_hub_allowed(w->hub, a, staff);
	vd_jw_key(j, "allowed");
	vd_jw_arr(j);
	for (int s = 0; s < VD_STEP_MAX; s++)
		if (set & 1u << s)
			vd_jw_cstr(j, web_step_request((enum vd_step)s));
	vd_jw_end_arr(j);
}

static void times(struct vd_jw *j, const struct vd_alarm *a)
{
	vd_jw_kv_time(j, "raised_at", a->raised_at_ms);
	vd_jw_kv_time(j, "received_at", a->received_at_ms);
	vd_jw_kv_time(j, "last_at", a->last_at_ms);
	time_or_null(j, "returned_at", a->returned_at_ms);
	time_or_null(j, "acked_at", a->acked_at_ms);
	time_or_null(j, "on_site_at", a->on_site_at_ms);
	time_or_null(j, "closed_at", a->closed_at_ms);
	time_or_null(j, "handled_at", a->handled_at_ms);
	time_or_null(j, "deadline", a->deadline_ms);
	time_or_null(j, "shelved_until", a->shelved_until_ms);
}

bool web_sees_person(struct vd_web *w, const struct vd_alarm *a, int64_t staff)
{
	const struct vd_staff *p = vd_dir_staff(vd_hub_directory(w->hub), staff);
	if (!p)
		return false;
	if (p->roles & (VD_ROLE_CARE | VD_ROLE_LEADER | VD_ROLE_ADMIN))
		return true;
	return (p->roles & VD_ROLE_TECHNICIAN) &&
	       (vd_kind_class(a->kind) == 'T' || a->handling == VD_H_TEST);
}

void web_alarm_looked(struct vd_web *w, struct web_session *s, const struct vd_alarm *a,
		      const char *what)
{
	const struct vd_recipient *r[1 + VD_MAX_ALSO];
	size_t n = web_sees_person(w, a, s->staff) ? web_residents(w, a->recipient, a->placement, r)
						   : 0;
	for (size_t i = 0; i < n; i++)
		web_looked(w, s, a->muni, r[i]->id, what, a->id);
}

void web_alarm_members(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff)
{
	vd_jw_kv_str(j, "id", a->id);
	municipality(w, j, a->muni);
	vd_jw_kv_str(j, "kind", vd_kind_name(a->kind));
	str(j, "state", a->state);
	vd_jw_kv_int(j, "priority", a->priority);
	vd_jw_kv_str(j, "condition", vd_condition_name(a->condition));
	vd_jw_kv_str(j, "handling", vd_handling_name(a->handling));
	str_or_null(j, "parent", a->parent);
	times(j, a);
	web_person(w, j, "owner", a->owner);
	web_person(w, j, "target", a->target);
	vd_jw_kv_int(j, "count", a->count);
	vd_jw_kv_int(j, "repeat_24h", a->repeat_24h);
	vd_jw_kv_int(j, "level", a->level);
	vd_jw_kv_int(j, "realerts", a->realerts);
	str_or_null(j, "outcome", vd_outcome_name(a->outcome));
	flags(j, a->flags);
	vd_jw_kv_int(j, "version", a->version);
	bool seen = web_sees_person(w, a, staff);
	people(w, j, seen ? a->recipient : 0, seen ? a->placement : 0);
	place(w, j, a->placement);
	device(w, j, a->device);
	gateway(w, j, a->gateway);
	receivers(w, j, a);
	vd_jw_kv_int(j, "members",
		     a->kind == VD_KIND_GATEWAY_STORM || a->kind == VD_KIND_NETWORK_OUTAGE
			     ? a->count
			     : 0);
	allowed(w, j, a, staff);
}

/* -- who is affected ------------------------------------------------------------------------ */

static void affected_person(struct vd_web *w, struct vd_jw *j, const struct vd_affected *r)
{
	const struct vd_device *d = vd_dir_device(vd_hub_directory(w->hub), r->device);
	vd_jw_obj(j);
	people(w, j, r->recipient, r->placement);
	place(w, j, r->placement);
	str(j, "device", d ? (d->name[0] ? d->name : d->identity) : "");
	vd_jw_kv_int(j, "devices", r->devices);
	vd_jw_kv_bool(j, "calls", r->calls);
	vd_jw_kv_bool(j, "only_way", r->only_way);
	vd_jw_kv_bool(j, "back", r->back);
	vd_jw_end_obj(j);
}

static void affected_counts(struct vd_jw *j, const struct vd_affected *list, size_t n)
{
	int64_t people = 0, only_way = 0, missing = 0;
	for (size_t i = 0; i < n; i++) {
		people += list[i].recipient != 0;
		only_way += list[i].only_way;
		missing += !list[i].back;
	}
	vd_jw_kv_int(j, "total", (int64_t)n);
	vd_jw_kv_int(j, "persons", people);
	vd_jw_kv_int(j, "only_way", only_way);
	vd_jw_kv_int(j, "missing", missing);
}

/* Each look at each of a home's people is logged. */
static void affected_looked(struct vd_web *w, struct web_session *s, const struct vd_alarm *a,
			    const struct vd_affected *r)
{
	const struct vd_recipient *who[1 + VD_MAX_ALSO];
	size_t n = web_residents(w, r->recipient, r->placement, who);
	for (size_t i = 0; i < n; i++)
		web_looked(w, s, a->muni, who[i]->id, "alarm.affected", a->id);
}

void web_affected_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a,
			struct web_session *s)
{
	struct vd_affected *list;
	size_t n;
	bool names = web_sees_person(w, a, s->staff);
	if (!vd_alarm_affects(a))
		return;
	vd_jw_key(j, "affected");
	if (vd_hub_affected(w->hub, a, &list, &n)) {
		vd_jw_null(j);
		return;
	}
	vd_jw_obj(j);
	affected_counts(j, list, n);
	vd_jw_key(j, "list");
	vd_jw_arr(j);
	for (size_t i = 0; names && i < n && i < VD_MAX_AFFECTED_SHOWN; i++) {
		affected_person(w, j, &list[i]);
		affected_looked(w, s, a, &list[i]);
	}
	vd_jw_end_arr(j);
	vd_jw_end_obj(j);
	vd_free(list);
}

void web_alarm_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm *a, int64_t staff)
{
	vd_jw_obj(j);
	web_alarm_members(w, j, a, staff);
	vd_jw_end_obj(j);
}

void web_step_write(struct vd_web *w, struct vd_jw *j, const struct vd_alarm_step *s, bool person)
{
	vd_jw_obj(j);
	vd_jw_kv_int(j, "n", s->n);
	vd_jw_kv_str(j, "step", vd_step_name(s->step));
	vd_jw_kv_time(j, "at", s->at_ms);
	web_person(w, j, "staff", s->staff);
	web_person(w, j, "target", s->target);
	vd_jw_kv_int(j, "level", s->level);
	str_or_null(j, "outcome", vd_outcome_name(s->outcome));
	if (s->step == VD_STEP_COMMAND)
		vd_jw_kv_str(j, "command", s->event);
	str(j, "note", person ? s->note : ""); /* free text tells about the person */
	vd_jw_end_obj(j);
}

/* With the number: when the hub is out of reach, people ring each other. */
static void on_duty(struct vd_web *w, struct vd_jw *j, const char *key, int64_t staff)
{
	const struct vd_staff *p = vd_dir_staff(vd_hub_directory(w->hub), staff);
	vd_jw_key(j, key);
	if (!p) {
		vd_jw_null(j);
		return;
	}
	vd_jw_obj(j);
	vd_jw_kv_int(j, "id", staff);
	str(j, "name", p->name);
	str(j, "phone", p->phone);
	vd_jw_end_obj(j);
}

void web_status_write(struct vd_web *w, struct vd_jw *j, int64_t staff)
{
	static const char *const health[] = {"ok", "full", "error"};
	struct vd_scope scope = web_scope(w, staff);
	struct vd_status s;
	vd_hub_status(w->hub, &scope, &s);
	vd_jw_obj(j);
	vd_jw_kv_int(j, "open", s.open);
	vd_jw_kv_int(j, "unacknowledged", s.unacknowledged);
	vd_jw_kv_int(j, "shelved", s.shelved);
	vd_jw_kv_int(j, "on_test", s.on_test);
	vd_jw_kv_int(j, "silent_devices", s.silent_devices);
	vd_jw_kv_int(j, "waiting_devices", s.waiting_devices);
	vd_jw_kv_str(j, "storage", health[s.storage]);
	vd_jw_key(j, "duty");
	vd_jw_arr(j);
	for (size_t i = 0; i < s.n_duty; i++) {
		vd_jw_obj(j);
		vd_jw_kv_int(j, "municipality", s.duty[i].muni);
		on_duty(w, j, "first", s.duty[i].first);
		on_duty(w, j, "next", s.duty[i].next);
		vd_jw_end_obj(j);
	}
	vd_jw_end_arr(j);
	vd_jw_end_obj(j);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Runs scenario files: the whole hub on a simulated clock and an in-memory store, driven by lines a
 * care professional can read. tests/scenario/README.md is the language. Prints TAP. */
#include "adapters/common/table.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/hub.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>

#define WORDS 24

struct scene {
	struct world w;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_hub *hub;
	const char *file;
	int line, failures;
	bool started;
	int64_t start_ms;
	/* the newest answer to a device and to a person */
	int answer, act_result;
	int pending;
	bool rushing; /* messages of one breath: nothing is worked off between them */
};

struct words {
	char *w[WORDS];
	int n;
};

static void fail(struct scene *s, const char *what, const char *detail)
{
	printf("#   %s:%d: %s%s%s\n", s->file, s->line, what, detail ? ": " : "",
	       detail ? detail : "");
	s->failures++;
}

/* -- names ---------------------------------------------------------------------------------- */

static struct vd_gateway *gateway(struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->w.n_gateways; i++)
		if (strcmp(s->w.gateways[i].name, name) == 0)
			return &s->w.gateways[i];
	return NULL;
}

/* The binding a gateway was made with. */
static const struct vd_binding *binding(struct scene *s, const struct vd_gateway *g)
{
	for (size_t i = 0; i < s->w.n_bindings; i++)
		if (s->w.bindings[i].gateway == g->id)
			return &s->w.bindings[i];
	return NULL;
}

static struct vd_recipient *recipient(struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->w.n_recipients; i++)
		if (strcmp(s->w.recipients[i].name, name) == 0)
			return &s->w.recipients[i];
	return NULL;
}

static struct vd_staff *person(struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->w.n_staff; i++)
		if (strcmp(s->w.staff[i].name, name) == 0)
			return &s->w.staff[i];
	return NULL;
}

static struct vd_device *device(struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->w.n_devices; i++)
		if (strcmp(s->w.devices[i].name, name) == 0)
			return &s->w.devices[i];
	return NULL;
}

static int municipality(struct scene *s, const char *name)
{
	for (size_t i = 0; i < s->w.n_munis; i++)
		if (strcmp(s->w.munis[i].name, name) == 0)
			return s->w.munis[i].number;
	return (int)strtol(name, NULL, 10);
}

/* "60 s", "5 min", "2 h", "3 d" at words i, i+1. */
static int64_t duration(const struct words *x, int i)
{
	if (i + 1 >= x->n)
		return -1;
	double v = strtod(x->w[i], NULL);
	const char *u = x->w[i + 1];
	double unit = strcmp(u, "ms") == 0    ? 1
		      : strcmp(u, "s") == 0   ? 1000
		      : strcmp(u, "min") == 0 ? 60000
		      : strcmp(u, "h") == 0   ? 3600000
		      : strcmp(u, "d") == 0   ? 86400000
					      : -1;
	return unit < 0 ? INT64_MIN : (int64_t)(v * unit);
}

/* -- the hub -------------------------------------------------------------------------------- */

static struct vd_tables *tables; /* the built-in ones, for every scenario of the run */

static void boot(struct scene *s)
{
	struct vd_boot b = {0};
	struct vd_errtext e = {0};
	vd_store_memory_set_directory(s->store, world_directory(&s->w));
	VD_REQUIRE(s->store->boot(s->store, &b, &e) == 0);
	struct vd_hub_config cfg = {
		.runtime = s->rt, .store = s->store, .tables = tables, .origin = "scenario"};
	VD_REQUIRE(vd_hub_new(&cfg, &b, &s->hub) == 0);
	vd_runtime_sim_settle(s->rt);
}

static void start(struct scene *s)
{
	if (s->started)
		return;
	s->started = true;
	if (!s->start_ms)
		s->start_ms = vd_oslo_to_utc(2026, 3, 3, 12, 0);
	s->rt = vd_runtime_sim_new(s->start_ms, 1);
	VD_REQUIRE(s->rt && vd_store_memory_open(s->rt, &s->store) == 0);
	boot(s);
}

static void on_flag(void *arg)
{
	*(bool *)arg = true;
}

/* kill -9: memory is gone, what was committed stays, the clocks go on. */
static void crash(struct scene *s)
{
	vd_store_memory_crash(s->store);
	vd_hub_free(s->hub);
	boot(s);
}

static void stop(struct scene *s)
{
	bool drained = false;
	vd_hub_stop(s->hub, on_flag, &drained);
	vd_runtime_sim_advance(s->rt, 1000);
	if (!drained)
		fail(s, "the hub did not drain", NULL);
	vd_hub_free(s->hub);
	s->hub = NULL;
}

static void finish(struct scene *s)
{
	bool closed = false;
	if (!s->started)
		return;
	stop(s);
	s->store->close(s->store, on_flag, &closed);
	vd_runtime_sim_advance(s->rt, 1000);
	if (!closed)
		fail(s, "the store did not close", NULL);
	s->store->free(s->store);
	if (vd_runtime_sim_open_timers(s->rt))
		fail(s, "timers were left open", NULL);
	vd_runtime_sim_free(s->rt);
}

struct exchange {
	struct vd_exchange x;
	struct scene *s;
};

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	struct exchange *e = VD_CONTAINER(x, struct exchange, x);
	(void)why;
	e->s->answer = (int)o;
	e->s->pending--;
	vd_free(e);
}

static bool speaks_sip(struct scene *s, const struct vd_gateway *g)
{
	return strcmp(binding(s, g)->family, "scaip") == 0;
}

static void publish(struct scene *s, struct vd_gateway *g, const char *topic, const char *body,
		    bool retained)
{
	struct exchange *e = vd_calloc(1, sizeof(*e));
	VD_REQUIRE(e);
	e->s = s;
	e->x.on_outcome = on_outcome;
	s->answer = -1;
	s->pending++;
	bool sip = speaks_sip(s, g);
	struct vd_frame f = {.carrier = sip ? VD_CARRIER_SIP : VD_CARRIER_MQTT,
			     .topic = vd_span_cstr(topic),
			     .body = vd_span_cstr(body),
			     .retained = retained,
			     .received_at_ms = s->rt->wall_ms(s->rt)};
	vd_hub_receive(s->hub, g->id, sip ? "scaip" : NULL, &f, &e->x);
	if (!s->rushing)
		vd_runtime_sim_settle(s->rt);
}

static void says(struct scene *s, const char *name, const char *body, bool retained)
{
	struct vd_device *d = device(s, name);
	if (!d) {
		fail(s, "no such device", name);
		return;
	}
	char topic[200];
	struct vd_gateway *g = &s->w.gateways[d->gateway - 1];
	if (speaks_sip(s, g)) /* the unit's own address */
		snprintf(topic, sizeof(topic), "%s@%s", d->identity, binding(s, g)->prefix);
	else
		snprintf(topic, sizeof(topic), "%s/%s", binding(s, g)->prefix, d->identity);
	publish(s, g, topic, body, retained);
}

/* -- alarms --------------------------------------------------------------------------------- */

struct search {
	struct scene *s;
	enum vd_kind kind;
	const char *who; /* recipient, device, gateway or municipality; NULL = any */
	bool closed;
	struct vd_alarm found;
	int n;
};

static bool concerns(struct scene *s, const struct vd_alarm *a, const char *who)
{
	struct vd_recipient *r = recipient(s, who);
	struct vd_device *d = device(s, who);
	struct vd_gateway *g = gateway(s, who);
	if (r)
		return a->recipient == r->id;
	if (d)
		return a->device == d->id;
	if (g)
		return a->gateway == g->id && !a->device;
	return a->muni == municipality(s, who);
}

static bool on_alarm(const struct vd_alarm *a, void *arg)
{
	struct search *q = arg;
	if (a->kind != q->kind || (a->handling == VD_H_CLOSED) != q->closed)
		return true;
	if (q->who && !concerns(q->s, a, q->who))
		return true;
	if (q->n++ == 0)
		q->found = *a;
	return true;
}

static struct search find(struct scene *s, const char *kind, const char *who, bool closed)
{
	struct vd_scope all = {.all = true};
	struct search q = {
		.s = s, .kind = vd_kind_parse(vd_span_cstr(kind)), .who = who, .closed = closed};
	if (q.kind == VD_KIND_NONE)
		fail(s, "no such kind", kind);
	vd_hub_alarms(s->hub, &all, on_alarm, &q);
	return q;
}

/* One "name=value" of an expectation; the value found is written for the failure line. */
static bool field_is(struct scene *s, const struct vd_alarm *a, const char *field, char *got,
		     size_t cap)
{
	const char *eq = strchr(field, '=');
	VD_REQUIRE(eq);
	struct vd_span name = vd_span(field, (size_t)(eq - field));
	struct vd_staff *owner = a->owner ? &s->w.staff[a->owner - 1] : NULL;
	if (vd_span_is(name, "handling"))
		snprintf(got, cap, "%s", vd_handling_name(a->handling));
	else if (vd_span_is(name, "condition"))
		snprintf(got, cap, "%s", vd_condition_name(a->condition));
	else if (vd_span_is(name, "priority"))
		snprintf(got, cap, "%d", a->priority);
	else if (vd_span_is(name, "level"))
		snprintf(got, cap, "%d", a->level);
	else if (vd_span_is(name, "count"))
		snprintf(got, cap, "%d", a->count);
	else if (vd_span_is(name, "repeat"))
		snprintf(got, cap, "%d", a->repeat_24h);
	else if (vd_span_is(name, "realerts"))
		snprintf(got, cap, "%d", a->realerts);
	else if (vd_span_is(name, "state"))
		snprintf(got, cap, "%s", a->state);
	else if (vd_span_is(name, "owner"))
		snprintf(got, cap, "%s", owner ? owner->name : "nobody");
	else if (vd_span_is(name, "outcome"))
		snprintf(got, cap, "%s", vd_outcome_name(a->outcome));
	else if (vd_span_is(name, "found"))
		snprintf(got, cap, "%s", a->flags & VD_F_FOUND ? "yes" : "no");
	else if (vd_span_is(name, "steps"))
		snprintf(got, cap, "%lld", (long long)a->version);
	else if (vd_span_is(name, "collapsed"))
		snprintf(got, cap, "%s", a->parent[0] ? "yes" : "no");
	else
		snprintf(got, cap, "(no such field)");
	return strcmp(got, eq + 1) == 0;
}

/* expect alarm KIND of WHO field=value ... */
static void expect_alarm(struct scene *s, const struct words *x, bool closed)
{
	const char *who = x->n > 4 && strcmp(x->w[3], "of") == 0 ? x->w[4] : NULL;
	struct search q = find(s, x->w[2], who, closed);
	if (!q.n) {
		fail(s, closed ? "no closed alarm" : "no open alarm", x->w[2]);
		return;
	}
	for (int i = who ? 5 : 3; i < x->n; i++) {
		char got[64], text[160];
		if (field_is(s, &q.found, x->w[i], got, sizeof(got)))
			continue;
		snprintf(text, sizeof(text), "expected %s, found %s", x->w[i], got);
		fail(s, "alarm", text);
	}
}

static void expect_receivers(struct scene *s, const struct words *x)
{
	struct search q = find(s, x->w[2], x->w[4], false);
	int64_t list[32];
	size_t n = q.n ? vd_hub_receivers(s->hub, &q.found, list, 32) : 0;
	if (n != (size_t)(x->n - 5))
		fail(s, "receivers", "another number of people");
	for (int i = 5; i < x->n; i++) {
		struct vd_staff *p = person(s, x->w[i]);
		bool in = false;
		for (size_t k = 0; p && k < n; k++)
			in |= list[k] == p->id;
		if (!in)
			fail(s, "is not among the receivers", x->w[i]);
	}
}

static void expect_number(struct scene *s, const char *what, long got, const char *want)
{
	char text[80];
	if (strtol(want, NULL, 10) == got)
		return;
	snprintf(text, sizeof(text), "expected %s, found %ld", want, got);
	fail(s, what, text);
}

static void expect_status(struct scene *s, const struct words *x)
{
	struct vd_scope all = {.all = true};
	struct vd_status st;
	vd_hub_status(s->hub, &all, &st);
	const char *what = x->w[1];
	long got = strcmp(what, "open") == 0             ? st.open
		   : strcmp(what, "unacknowledged") == 0 ? st.unacknowledged
		   : strcmp(what, "shelved") == 0        ? st.shelved
		   : strcmp(what, "silent") == 0         ? st.silent_devices
		   : strcmp(what, "waiting") == 0        ? st.waiting_devices
		   : strcmp(what, "journaled") == 0      ? (long)vd_store_memory_events(s->store)
							 : -1;
	expect_number(s, what, got, x->w[2]);
}

/* expect watch DEVICE basis=learned class=sensor limit=165 interval=55 (minutes) */
static void expect_watch(struct scene *s, const struct words *x)
{
	struct vd_device *d = device(s, x->w[2]);
	struct vd_device_health w = {.watch_class = ""};
	if (!d || !vd_hub_device_health(s->hub, d->id, &w)) {
		fail(s, "no such device", x->w[2]);
		return;
	}
	for (int i = 3; i < x->n; i++) {
		char got[64], text[160];
		const char *what = x->w[i];
		if (strncmp(what, "limit=", 6) == 0)
			snprintf(got, sizeof(got), "limit=%lld", (long long)(w.limit_ms / 60000));
		else if (strncmp(what, "interval=", 9) == 0)
			snprintf(got, sizeof(got), "interval=%lld",
				 (long long)(w.interval_ms / 60000));
		else if (strncmp(what, "basis=", 6) == 0)
			snprintf(got, sizeof(got), "basis=%s", vd_limit_basis_name(w.basis));
		else
			snprintf(got, sizeof(got), "class=%s", w.watch_class);
		if (strcmp(got, what) == 0)
			continue;
		snprintf(text, sizeof(text), "expected %s, found %s", what, got);
		fail(s, "watch", text);
	}
}

/* expect affected KIND of WHO kari! olav line-back: those named, in this order; "!" for no other
 * way to call for help, "-back" when heard again */
static void expect_affected(struct scene *s, const struct words *x)
{
	struct search q = find(s, x->w[2], x->w[4], false);
	struct vd_affected *list = NULL;
	size_t n = 0;
	VD_REQUIRE(!q.n || vd_hub_affected(s->hub, &q.found, &list, &n) == 0);
	if (n != (size_t)(x->n - 5))
		fail(s, "affected", "another number of people");
	for (size_t i = 0; i < n && (int)i + 5 < x->n; i++) {
		char got[96];
		const struct vd_affected *r = &list[i];
		snprintf(got, sizeof(got), "%s%s%s",
			 r->recipient ? s->w.recipients[r->recipient - 1].name : "nobody",
			 r->only_way ? "!" : "", r->back ? "-back" : "");
		if (strcmp(got, x->w[i + 5]) != 0)
			fail(s, "affected, in this place", got);
	}
	vd_free(list);
}

static void expect_answer(struct scene *s, const struct words *x)
{
	static const char *const names[] = {"stored", "duplicate", "refused", "busy"};
	const char *got = s->answer < 0 ? "none" : names[s->answer];
	if (strcmp(got, x->w[2]) != 0)
		fail(s, "answer to the device", got);
}

static void expect(struct scene *s, const struct words *x)
{
	const char *k = x->n > 1 ? x->w[1] : "";
	if (strcmp(k, "alarm") == 0 && x->n > 2)
		expect_alarm(s, x, false);
	else if (strcmp(k, "closed") == 0 && x->n > 2)
		expect_alarm(s, x, true);
	else if (strcmp(k, "no") == 0 && x->n > 3) {
		struct search q = find(s, x->w[3], x->n > 5 ? x->w[5] : NULL, false);
		if (q.n)
			fail(s, "an alarm is open that should not be", x->w[3]);
	} else if (strcmp(k, "receivers") == 0 && x->n > 4)
		expect_receivers(s, x);
	else if (strcmp(k, "watch") == 0 && x->n > 3)
		expect_watch(s, x);
	else if (strcmp(k, "affected") == 0 && x->n > 4)
		expect_affected(s, x);
	else if (strcmp(k, "answer") == 0 && x->n > 2)
		expect_answer(s, x);
	else if (x->n == 3)
		expect_status(s, x);
	else
		fail(s, "cannot read this expectation", k);
}

/* -- people --------------------------------------------------------------------------------- */

static void on_acted(int err, const struct vd_alarm *now, void *arg)
{
	struct scene *s = arg;
	(void)now;
	s->act_result = err;
}

static const struct {
	const char *word;
	enum vd_step step;
} verbs[] = {{"acknowledges", VD_STEP_ACKNOWLEDGED},
	     {"goes", VD_STEP_EN_ROUTE},
	     {"arrives", VD_STEP_ON_SITE},
	     {"releases", VD_STEP_RELEASED},
	     {"transfers", VD_STEP_TRANSFERRED},
	     {"receives", VD_STEP_RECEIVED},
	     {"notes", VD_STEP_NOTE},
	     {"calls", VD_STEP_CALL},
	     {"shelves", VD_STEP_SHELVED},
	     {"unshelves", VD_STEP_UNSHELVED},
	     {"closes", VD_STEP_CLOSED},
	     {"reopens", VD_STEP_REOPENED}};

static bool verb(const char *word, enum vd_step *ret)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].word, word) == 0) {
			*ret = verbs[i].step;
			return true;
		}
	return false;
}

/* NAME VERB KIND of WHO [as OUTCOME] [to NAME] [for N UNIT] [note TEXT] [refused|busy] */
static void act(struct scene *s, const struct words *x, enum vd_step step)
{
	struct vd_staff *p = person(s, x->w[0]);
	if (!p || x->n < 5) {
		fail(s, "who does what to which alarm?", x->w[0]);
		return;
	}
	struct search q = find(s, x->w[2], x->w[4], step == VD_STEP_REOPENED);
	if (!q.n)
		q = find(s, x->w[2], x->w[4], true);
	struct vd_action a = {.step = step, .staff = p->id, .version = -1};
	memcpy(a.alarm, q.found.id, sizeof(a.alarm));
	int want = 0;
	for (int i = 5; i < x->n; i++) {
		if (strcmp(x->w[i], "refused") == 0)
			want = 1;
		else if (strcmp(x->w[i], "busy") == 0)
			want = VD_EBUSY;
		else if (strcmp(x->w[i], "as") == 0 && i + 1 < x->n)
			a.outcome = (enum vd_outcome)vd_outcome_parse(vd_span_cstr(x->w[++i]));
		else if (strcmp(x->w[i], "to") == 0 && i + 1 < x->n)
			a.target = person(s, x->w[i + 1]) ? person(s, x->w[i + 1])->id : 0, i++;
		else if (strcmp(x->w[i], "note") == 0 && i + 1 < x->n)
			a.note = x->w[++i];
		else if (strcmp(x->w[i], "for") == 0)
			a.shelve_ms = duration(x, i + 1), i += 2;
		else
			fail(s, "what does this mean here?", x->w[i]);
	}
	struct vd_scope scope = {.staff = p->id};
	memcpy(scope.munis, p->scope, sizeof(scope.munis));
	s->act_result = 99;
	int err = vd_hub_act(s->hub, &scope, &a, on_acted, s);
	vd_runtime_sim_settle(s->rt);
	int got = err ? err : s->act_result;
	if (want == 1 ? (got == 0 || got == VD_EBUSY) : got != want)
		fail(s, "result of the step", vd_strerror(got == 99 ? VD_EBUSY : got));
}

/* -- the setting ---------------------------------------------------------------------------- */

static void set_device(struct scene *s, const struct words *x, const char *name)
{
	struct vd_gateway *g = x->n > 3 ? gateway(s, x->w[3]) : NULL;
	if (!g) {
		fail(s, "device NAME on GATEWAY", name);
		return;
	}
	struct vd_recipient *r = NULL;
	const char *room = "";
	for (int i = 4; i + 1 < x->n; i++) {
		if (strcmp(x->w[i], "for") == 0)
			r = recipient(s, x->w[i + 1]);
		if (strcmp(x->w[i], "room") == 0)
			room = x->w[i + 1];
	}
	struct vd_device *d = world_device(&s->w, g, binding(s, g)->family, name, r, room);
	struct vd_placement *p = world_placement(&s->w, d);
	for (int i = 4; i < x->n; i++) {
		if (strcmp(x->w[i], "silence") == 0)
			d->supervise_ms = duration(x, i + 1);
		if (strcmp(x->w[i], "alarm-button") == 0)
			d->alarm_button = true;
		if ((strcmp(x->w[i], "night-door") == 0 || strcmp(x->w[i], "night-bed") == 0) &&
		    p) {
			p->alarm_on_open = true;
			p->night_from_min = 22 * 60;
			p->night_to_min = 7 * 60;
		}
		if (strcmp(x->w[i], "also") == 0 && i + 1 < x->n && p)
			p->also[0] = (r = recipient(s, x->w[i + 1])) ? r->id : 0;
		if (strcmp(x->w[i], "test") == 0)
			d->test_until_ms = s->start_ms + duration(x, i + 1);
	}
}

static void set_duty(struct scene *s, const struct words *x)
{
	struct vd_staff *p = x->n > 5 ? person(s, x->w[2]) : NULL;
	if (!p) {
		fail(s, "on duty NAME first|next in MUNICIPALITY", NULL);
		return;
	}
	if (!s->start_ms)
		fail(s, "say first when the story begins: at YYYY-MM-DD HH:MM", NULL);
	int64_t from = s->start_ms - VD_DAY_MS, to = s->start_ms + 400 * VD_DAY_MS;
	if (x->n > 8 && strcmp(x->w[6], "for") == 0)
		to = s->start_ms + duration(x, 7);
	world_shift(&s->w, p, municipality(s, x->w[5]), strcmp(x->w[3], "first") == 0 ? 1 : 2, from,
		    to);
}

static bool setting(struct scene *s, const struct words *x)
{
	const char *k = x->w[0];
	if (strcmp(k, "at") == 0 && x->n == 3) {
		int y, mo, d, h, mi;
		if (sscanf(x->w[1], "%d-%d-%d", &y, &mo, &d) != 3 ||
		    sscanf(x->w[2], "%d:%d", &h, &mi) != 2)
			fail(s, "at YYYY-MM-DD HH:MM", NULL);
		else
			s->start_ms = vd_oslo_to_utc(y, mo, d, h, mi);
	} else if (strcmp(k, "municipality") == 0 && x->n == 3) {
		world_muni(&s->w, (int)strtol(x->w[1], NULL, 10), x->w[2]);
	} else if (strcmp(k, "recipient") == 0 && x->n == 4) {
		world_recipient(&s->w, municipality(s, x->w[3]), x->w[1]);
	} else if (strcmp(k, "nurse") == 0 && x->n == 4) {
		world_staff(&s->w, municipality(s, x->w[3]), x->w[1], VD_ROLE_CARE);
	} else if (strcmp(k, "leader") == 0 && x->n == 4) {
		world_staff(&s->w, municipality(s, x->w[3]), x->w[1],
			    VD_ROLE_CARE | VD_ROLE_LEADER);
	} else if (strcmp(k, "gateway") == 0 && x->n == 6) {
		world_gateway(&s->w, municipality(s, x->w[3]), x->w[1], x->w[5], x->w[5]);
	} else if (strcmp(k, "binding") == 0 && x->n == 6 && gateway(s, x->w[5])) {
		world_binding(&s->w, gateway(s, x->w[5]), x->w[3], x->w[1]);
	} else if (strcmp(k, "on") == 0 && x->n > 1 && strcmp(x->w[1], "duty") == 0) {
		set_duty(s, x);
	} else if (strcmp(k, "device") == 0 && x->n > 3) {
		set_device(s, x, x->w[1]);
	} else if (strcmp(k, "devices") == 0 && x->n > 4) { /* devices 40 lamp on gw ... */
		struct words y = *x;
		for (int i = 1; i + 1 < x->n; i++)
			y.w[i] = x->w[i + 1];
		y.n--;
		for (long i = 1; i <= strtol(x->w[1], NULL, 10); i++) {
			char name[64];
			snprintf(name, sizeof(name), "%s%ld", x->w[2], i);
			set_device(s, &y, world_str(&s->w, name));
		}
	} else {
		return false;
	}
	return true;
}

/* -- what happens --------------------------------------------------------------------------- */

static void each_says(struct scene *s, const struct words *x)
{
	long n = strtol(x->w[1], NULL, 10);
	s->rushing = strcmp(x->w[0], "rush") == 0;
	for (long i = 1; i <= n; i++) {
		char name[64];
		snprintf(name, sizeof(name), "%s%ld", x->w[2], i);
		says(s, name, x->w[4], false);
	}
	s->rushing = false;
}

/* NAME speaks every 55 min for 8 d {...}: its rhythm, hour after hour. */
static void speaks(struct scene *s, const struct words *x)
{
	int64_t every = duration(x, 3), left = duration(x, 6);
	while (every > 0 && left >= every) {
		says(s, x->w[0], x->w[8], false);
		vd_runtime_sim_advance(s->rt, every);
		left -= every;
	}
}

/* each 5 dor speak every 55 min for 8 d {...}: all of them */
static void all_speak(struct scene *s, const struct words *x)
{
	int64_t every = duration(x, 5), left = duration(x, 8);
	while (every > 0 && left >= every) {
		for (long i = 1; i <= strtol(x->w[1], NULL, 10); i++) {
			char name[64];
			snprintf(name, sizeof(name), "%s%ld", x->w[2], i);
			says(s, name, x->w[10], false);
		}
		vd_runtime_sim_advance(s->rt, every);
		left -= every;
	}
}

/* GATEWAY counts DEVICE from 100 by 2 times 60: varde's own events with the device's frame counter,
 * a minute apart. */
static void counts(struct scene *s, const struct words *x)
{
	long seq = strtol(x->w[4], NULL, 10), by = strtol(x->w[6], NULL, 10);
	char topic[80], body[160];
	struct vd_gateway *g = gateway(s, x->w[0]);
	snprintf(topic, sizeof(topic), "%s/events", binding(s, g)->prefix);
	for (long n = strtol(x->w[8], NULL, 10); n > 0; n--, seq += by) {
		snprintf(body, sizeof(body),
			 "{\"device\":\"%s\",\"kind\":\"door\",\"state\":\"%s\",\"seq\":%ld}",
			 x->w[2], n % 2 ? "open" : "closed", seq);
		publish(s, g, topic, body, false);
		vd_runtime_sim_advance(s->rt, 60000);
	}
}

/* each 15 dor flap 40 times: doors that open and shut, all of them, a second apart */
static void flap(struct scene *s, const struct words *x)
{
	long n = strtol(x->w[1], NULL, 10), times = strtol(x->w[4], NULL, 10);
	for (long k = 0; k < times; k++) {
		for (long i = 1; i <= n; i++) {
			char name[64];
			snprintf(name, sizeof(name), "%s%ld", x->w[2], i);
			says(s, name, k % 2 ? "{\"contact\":true}" : "{\"contact\":false}", false);
		}
		vd_runtime_sim_advance(s->rt, 1000);
	}
}

/* The same device, many times in one breath. */
static void floods(struct scene *s, const struct words *x)
{
	s->rushing = true;
	for (long i = strtol(x->w[2], NULL, 10); i > 0; i--)
		says(s, x->w[0], x->w[4], false);
	s->rushing = false;
}

/* What an installer or a roster keeper does while the hub runs. */
static bool changes(struct scene *s, const struct words *x)
{
	struct vd_device *d = device(s, x->w[0]);
	struct vd_staff *p = person(s, x->w[0]);
	const char *k = x->n > 1 ? x->w[1] : "";
	if (d && strcmp(k, "returns") == 0) { /* taken down and back to stock */
		d->placement = 0;
		d->lifecycle = VD_LIFE_RETURNED;
		d->test_until_ms = 0;
	} else if (d && strcmp(k, "replaces") == 0 && x->n == 3 && device(s, x->w[2])) {
		struct vd_device *old = device(s, x->w[2]);
		d->placement = old->placement;
		d->lifecycle = VD_LIFE_IN_USE;
		old->placement = 0;
		old->lifecycle = VD_LIFE_OUT_OF_SERVICE;
	} else if (d && strcmp(k, "ends-test") == 0) {
		d->test_until_ms = 0;
	} else if (p && (strcmp(k, "opens-console") == 0 || strcmp(k, "closes-console") == 0)) {
		vd_hub_console(s->hub, p->id, k[0] == 'o' ? 1 : -1);
		return true;
	} else if (p && strcmp(k, "leaves") == 0) { /* no longer works here */
		p->scope[0] = 0;
	} else if (gateway(s, x->w[0]) && strcmp(k, "blocked") == 0) {
		gateway(s, x->w[0])->disabled = true;
	} else {
		return false;
	}
	vd_store_memory_set_directory(s->store, world_directory(&s->w));
	vd_hub_directory_poll(s->hub);
	return true;
}

static void disk(struct scene *s, const char *how)
{
	struct vd_store_memory_faults *f = vd_store_memory_faults(s->store);
	f->full = strcmp(how, "full") == 0;
	f->error = strcmp(how, "broken") == 0;
	f->delay_ms = strcmp(how, "slow") == 0 ? 500 : 0;
}

static void happens(struct scene *s, const struct words *x)
{
	enum vd_step step;
	const char *k = x->w[0], *k1 = x->n > 1 ? x->w[1] : "";
	start(s);
	if (strcmp(k, "passes") == 0 && duration(x, 1) >= 0)
		vd_runtime_sim_advance(s->rt, duration(x, 1));
	else if (strcmp(k, "clock") == 0 && x->n == 4)
		vd_runtime_sim_step_wall(s->rt, duration(x, 2));
	else if (strcmp(k, "disk") == 0)
		disk(s, k1);
	else if (strcmp(k, "crash") == 0)
		crash(s);
	else if (strcmp(k, "restart") == 0) {
		stop(s);
		if (x->n == 4)
			vd_runtime_sim_advance(s->rt, duration(x, 2));
		boot(s);
	} else if ((strcmp(k, "each") == 0 || strcmp(k, "rush") == 0) && x->n == 5)
		each_says(s, x);
	else if (strcmp(k, "each") == 0 && x->n == 11 && strcmp(x->w[3], "speak") == 0)
		all_speak(s, x);
	else if (strcmp(k, "each") == 0 && x->n == 6 && strcmp(x->w[3], "flap") == 0)
		flap(s, x);
	else if (strcmp(k1, "floods") == 0 && x->n == 5)
		floods(s, x);
	else if (strcmp(k1, "speaks") == 0 && x->n == 9)
		speaks(s, x);
	else if (strcmp(k1, "counts") == 0 && x->n == 9 && gateway(s, k))
		counts(s, x);
	else if (strcmp(k1, "says") == 0 && x->n == 3)
		says(s, k, x->w[2], false);
	else if (strcmp(k1, "repeats") == 0 && x->n == 3) /* with the retain flag */
		says(s, k, x->w[2], true);
	else if (strcmp(k1, "publishes") == 0 && x->n == 4 && gateway(s, k))
		publish(s, gateway(s, k), x->w[2], x->w[3], false);
	else if (strcmp(k1, "republishes") == 0 && x->n == 4 && gateway(s, k))
		publish(s, gateway(s, k), x->w[2], x->w[3], true); /* with the retain flag */
	else if (strcmp(k1, "connects") == 0 && gateway(s, k))
		vd_hub_gateway_connected(s->hub, gateway(s, k)->id, true);
	else if (strcmp(k1, "disconnects") == 0 && gateway(s, k))
		vd_hub_gateway_connected(s->hub, gateway(s, k)->id, false);
	else if (strcmp(k, "expect") == 0)
		expect(s, x);
	else if (verb(k1, &step))
		act(s, x, step);
	else if (!changes(s, x))
		fail(s, "cannot read this line", k);
	vd_runtime_sim_settle(s->rt);
}

/* Splits a line into words; "..." and {...} are one word each. */
static bool split(char *line, struct words *x)
{
	x->n = 0;
	for (char *p = line; *p;) {
		while (*p == ' ' || *p == '\t' || *p == '\n')
			*p++ = '\0';
		if (!*p || *p == '#')
			break;
		if (x->n == WORDS)
			return false;
		if (*p == '"') {
			x->w[x->n++] = ++p;
			while (*p && *p != '"')
				p++;
			if (*p)
				*p++ = '\0';
		} else if (*p == '{' || *p == '[') { /* JSON up to the end of the line */
			x->w[x->n++] = p;
			p += strcspn(p, "\n");
		} else {
			x->w[x->n++] = p;
			p += strcspn(p, " \t\n");
		}
	}
	return true;
}

static bool run(const char *path)
{
	static struct scene s;
	FILE *f = fopen(path, "r");
	char line[1024], title[160] = "";
	memset(&s, 0, sizeof(s));
	world_init(&s.w);
	s.file = path;
	VD_REQUIRE(f);
	while (fgets(line, sizeof(line), f)) {
		struct words x;
		s.line++;
		if (strncmp(line, "title ", 6) == 0) {
			snprintf(title, sizeof(title), "%.*s", (int)strcspn(line + 6, "\n"),
				 line + 6);
			continue;
		}
		if (!split(line, &x))
			fail(&s, "too many words", NULL);
		else if (x.n && (s.started || !setting(&s, &x)))
			happens(&s, &x);
	}
	fclose(f);
	if (!s.started)
		fail(&s, "nothing happens in this scenario", NULL);
	finish(&s);
	world_fini(&s.w);
	printf("%s - %s\n", s.failures ? "not ok" : "ok", title[0] ? title : path);
	return s.failures == 0;
}

int main(int argc, char **argv)
{
	struct vd_errtext e = {0};
	bool good = true;
	VD_REQUIRE(vd_tables_load(NULL, &tables, &e) == 0);
	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++)
		good &= run(argv[i]);
	vd_tables_free(tables);
	return good && argc > 1 ? 0 : 1;
}

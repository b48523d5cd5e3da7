/* SPDX-License-Identifier: EUPL-1.2 */
/* Stage 8: what an event does to the alarms. From the event and the live alarms alone, so that a
 * replay after a crash decides the same: an alarm bears the id of the event that opened it and
 * remembers the newest event that touched it, and events up to that one are passed over.
 *
 *   raise -> open alarm with the same (device, kind)?  yes: repeat (counter, priority, re-alert)
 *                                                      no: new alarm; storm? join the storm alarm
 *   clear -> condition returned; not latched and acknowledged: closed by the hub
 */
#include "core/hub_int.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

/* -- lives ---------------------------------------------------------------------------------- */

static uint64_t key_of(const struct vd_alarm *a)
{
	char buf[96];
	int n = snprintf(buf, sizeof(buf), "%d/%lld/%lld/%d", a->muni,
			 (long long)(a->device ? 0 : a->gateway), (long long)a->device,
			 (int)a->kind);
	return vd_hash64(vd_span(buf, (size_t)n), 0);
}

const struct live *hub_stands(struct vd_hub *h, int muni, int64_t gateway, int64_t device,
			      enum vd_kind kind)
{
	struct vd_alarm probe = {.muni = muni, .gateway = gateway, .device = device, .kind = kind};
	return vd_map_get_u64(&h->live_by_key, key_of(&probe));
}

static struct person *person_of(struct vd_map *m, int64_t id)
{
	struct person *p = vd_map_get_u64(m, (uint64_t)id);
	if (p)
		return p;
	p = vd_calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->id = id;
	vd_list_init(&p->lives);
	if (vd_map_put_u64(m, (uint64_t)id, p)) {
		vd_free(p);
		return NULL;
	}
	return p;
}

void hub_live_index(struct vd_hub *h, struct live *l)
{
	if (l->a.handling == VD_H_CLOSED)
		return;
	uint64_t k = key_of(&l->a);
	vd_map_remove_u64(&h->live_by_key, k); /* a reopened one may meet a younger: newest wins */
	(void)vd_map_put_u64(&h->live_by_key, k, l);
}

void hub_live_unindex(struct vd_hub *h, struct live *l)
{
	uint64_t k = key_of(&l->a);
	if (vd_map_get_u64(&h->live_by_key, k) == l)
		vd_map_remove_u64(&h->live_by_key, k);
}

struct live *hub_live(struct vd_hub *h, struct vd_span id)
{
	return vd_map_get(&h->live_by_id, id);
}

/* The one closed longest ago makes room; the store has it. */
static bool drop_oldest_closed(struct vd_hub *h)
{
	struct live *oldest = NULL;
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		if (l->a.handling == VD_H_CLOSED && !l->dirty && !l->inflight && !l->acting &&
		    hub_live(h, vd_span_cstr(l->a.id)) == l &&
		    (!oldest || l->a.closed_at_ms < oldest->a.closed_at_ms))
			oldest = l;
	}
	if (oldest) /* freed by the next sweep: somebody may be walking the list */
		vd_map_remove(&h->live_by_id, vd_span(oldest->a.id, VD_ID_LEN));
	return oldest;
}

/* The last places are for calls for help: trouble with machines never takes them. */
static bool room_for(struct vd_hub *h, const struct vd_alarm *a)
{
	bool care = vd_kind_class(a->kind) != 'T' || a->kind == VD_KIND_DUTY_NOBODY ||
		    a->kind == VD_KIND_HUB_STORAGE || a->kind == VD_KIND_GATEWAY_STORM ||
		    a->kind == VD_KIND_NETWORK_OUTAGE;
	size_t max = care ? VD_MAX_OPEN_ALARMS * 2 : VD_MAX_OPEN_ALARMS + VD_MAX_OPEN_ALARMS / 2;
	while (h->live_by_id.n >= max)
		if (!drop_oldest_closed(h))
			return false;
	return true;
}

struct live *hub_live_add(struct vd_hub *h, const struct vd_alarm *a)
{
	if (!room_for(h, a))
		return NULL;
	struct live *l = vd_calloc(1, sizeof(*l));
	if (!l)
		return NULL;
	l->a = *a;
	l->h = h;
	l->steps_tail = &l->steps;
	vd_list_init(&l->link);
	vd_list_init(&l->of_person);
	vd_list_init(&l->of_device);
	vd_list_init(&l->dirty_link);
	if (vd_map_put(&h->live_by_id, vd_span(l->a.id, VD_ID_LEN), l)) {
		vd_free(l);
		return NULL;
	}
	vd_list_push_back(&h->lives, &l->link);
	struct person *p = a->recipient ? person_of(&h->persons, a->recipient) : NULL;
	if (p)
		vd_list_push_back(&p->lives, &l->of_person);
	p = a->device ? person_of(&h->callers, a->device) : NULL;
	if (p)
		vd_list_push_back(&p->lives, &l->of_device);
	hub_live_index(h, l);
	if (a->handling != VD_H_CLOSED)
		h->n_open++;
	return l;
}

void hub_live_free(struct vd_hub *h, struct live *l)
{
	hub_live_unindex(h, l);
	vd_map_remove(&h->live_by_id, vd_span(l->a.id, VD_ID_LEN));
	vd_list_remove(&l->link);
	vd_list_remove(&l->of_person);
	vd_list_remove(&l->of_device);
	vd_list_remove(&l->dirty_link);
	struct person *c = vd_map_get_u64(&h->callers, (uint64_t)l->a.device);
	if (c && vd_list_empty(&c->lives)) {
		vd_map_remove_u64(&h->callers, (uint64_t)c->id);
		vd_free(c);
	}
	h->rt->timer_close(l->timer);
	while (l->steps) {
		struct unsaved_step *s = l->steps;
		l->steps = s->next;
		vd_free(s);
	}
	vd_free(l->own_event);
	vd_free(l);
}

void hub_changed(struct vd_hub *h, struct live *l, enum vd_step step, int64_t staff, int64_t target,
		 const char *event)
{
	struct vd_alarm_step s = {.n = ++l->a.version,
				  .muni = l->a.muni,
				  .step = step,
				  .at_ms = h->rt->wall_ms(h->rt),
				  .staff = staff,
				  .target = target,
				  .level = step == VD_STEP_ESCALATED ? l->a.level : 0,
				  .outcome = step == VD_STEP_CLOSED ? l->a.outcome : VD_OUT_NONE};
	memcpy(s.alarm, l->a.id, sizeof(s.alarm));
	snprintf(s.event, sizeof(s.event), "%s", event ? event : "");
	hub_step_add(h, l, &s);
	hub_feed(h, &l->a, &s);
	hub_mark_dirty(h, l);
}

/* -- what escalates ------------------------------------------------------------------------- */

/* Care alarms and what silences care: the rest is shown, not chased. */
bool hub_escalates(const struct vd_alarm *a)
{
	if (a->parent[0])
		return false;
	switch (a->kind) {
	case VD_KIND_BRIDGE_CONNECTIVITY:
	case VD_KIND_GATEWAY_STORM:
	case VD_KIND_NETWORK_OUTAGE:
	case VD_KIND_DUTY_NOBODY:
	case VD_KIND_HUB_STORAGE: return true;
	case VD_KIND_DEVICE_CONNECTIVITY: return a->priority >= 30;
	case VD_KIND_LOCK: return true;
	default: return vd_kind_class(a->kind) != 'T';
	}
}

static int raise_priority(int p)
{
	return p < 40 ? p + 10 : 40;
}

/* The same person's alarms of this kind within the municipality's window, this one included. */
static int count_repeats(struct vd_hub *h, const struct vd_alarm *a)
{
	const struct vd_municipality *m = vd_dir_muni(h->dir, a->muni);
	int64_t window = m && m->repeat_window_ms ? m->repeat_window_ms : VD_DAY_MS;
	struct person *p =
		a->recipient ? vd_map_get_u64(&h->persons, (uint64_t)a->recipient) : NULL;
	int n = 1;
	if (!p)
		return n;
	VD_LIST_EACH(it, &p->lives)
	{
		const struct vd_alarm *b = &VD_CONTAINER(it, struct live, of_person)->a;
		if (b->kind == a->kind && strcmp(b->id, a->id) != 0 &&
		    a->received_at_ms - b->last_at_ms < window)
			n += b->count;
	}
	return n;
}

/* -- storms --------------------------------------------------------------------------------- */

/* What only a person may close never disappears into a crowd: every such home keeps its own row.
 * Nor does what a rule made an alarm for one person's sake (a watched door, a wanderer, out of bed)
 * or a stove left on. */
static bool may_collapse(enum vd_kind k)
{
	if (vd_kind_class(k) == 'S' && k != VD_KIND_LOCK)
		return false;
	switch (k) {
	case VD_KIND_STOVE:
	case VD_KIND_GATEWAY_STORM:
	case VD_KIND_NETWORK_OUTAGE:
	case VD_KIND_DEVICE_TEST:
	case VD_KIND_BRIDGE_CONNECTIVITY:
	case VD_KIND_DUTY_NOBODY:
	case VD_KIND_HUB_STORAGE:
	case VD_KIND_HUB_CLOCK: return false;
	default: return !vd_kind_latched(k);
	}
}

static struct live *open_storm(struct vd_hub *h, const struct vd_alarm *a)
{
	struct vd_alarm probe = {
		.muni = a->muni, .gateway = a->gateway, .kind = VD_KIND_GATEWAY_STORM};
	return vd_map_get_u64(&h->live_by_key, key_of(&probe));
}

/* A storm takes in what comes while it blows. What comes long after, when somebody has it and has
 * perhaps forgotten it, stands on its own. */
static struct live *storm_for(struct vd_hub *h, const struct vd_alarm *a)
{
	struct live *storm = open_storm(h, a);
	if (!storm)
		return NULL;
	int64_t since = a->received_at_ms - storm->a.last_at_ms;
	return since >= 0 && since < HUB_STORM_LAST_MS ? storm : NULL;
}

static bool storm_begins(struct vd_hub *h, const struct vd_alarm *a)
{
	struct hub_gateway *g = a->gateway ? hub_gateway(h, a->gateway) : NULL;
	if (!g)
		return false;
	int64_t now = h->rt->mono_ms(h->rt);
	int64_t oldest = g->raised[g->raised_at % HUB_STORM_N];
	g->raised[g->raised_at % HUB_STORM_N] = now;
	g->raised_at++;
	return now - oldest < HUB_STORM_MS;
}

static void join_storm(struct vd_hub *h, struct live *storm, struct live *l)
{
	memcpy(l->a.parent, storm->a.id, sizeof(l->a.parent));
	storm->a.count++;
	storm->a.last_at_ms = l->a.received_at_ms;
	if (storm->a.priority < l->a.priority)
		storm->a.priority = l->a.priority;
	if (vd_kind_class(l->a.kind) != 'T')
		hub_repeated(h, storm);
	hub_changed(h, storm, VD_STEP_MERGED, 0, 0, l->a.cause_event);
}

void hub_fold(struct vd_hub *h, struct live *under, struct live *l)
{
	memcpy(l->a.parent, under->a.id, sizeof(l->a.parent));
	hub_changed(h, under, VD_STEP_MERGED, 0, 0, l->a.cause_event);
	hub_enter(h, l, l->a.handling);
	hub_changed(h, l, VD_STEP_MERGED, 0, 0, NULL);
}

void hub_unfold(struct vd_hub *h, struct live *l)
{
	l->a.parent[0] = '\0';
	hub_enter(h, l, l->a.handling);
	hub_changed(h, l, VD_STEP_MERGED, 0, 0, NULL);
}

/* Silence that somebody closed with the outage it was part of, or that the outage's end left
 * behind, is told again in its own time, with all that never had an alarm of their own. */
void hub_storm_release(struct vd_hub *h, const struct vd_alarm *storm)
{
	bool outage = storm->kind == VD_KIND_NETWORK_OUTAGE;
	if (!outage && storm->kind != VD_KIND_GATEWAY_STORM)
		return;
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		if (l->a.handling == VD_H_CLOSED || strcmp(l->a.parent, storm->id) != 0)
			continue;
		l->a.parent[0] = '\0';
		if (l->a.condition == VD_COND_RETURNED && !vd_kind_latched(l->a.kind))
			hub_close_by_hub(h, l, VD_OUT_RETURNED);
		else if (outage && !l->acting &&
			 (l->a.handling == VD_H_NEW || l->a.handling == VD_H_SHELVED))
			hub_close_by_hub(h, l, VD_OUT_TECHNICAL);
		else
			hub_unfold(h, l);
	}
}

/* -- raising -------------------------------------------------------------------------------- */

static int base_priority(const struct vd_event *e)
{
	return e->severity < 20 ? 20 : e->severity;
}

static void fill_alarm(struct vd_hub *h, const struct vd_event *e, struct vd_alarm *a)
{
	const struct vd_placement *p = e->placement ? vd_dir_placement(h->dir, e->placement) : NULL;
	*a = (struct vd_alarm){.muni = e->muni,
			       .gateway = e->gateway,
			       .device = e->device,
			       .placement = e->placement,
			       .recipient = p ? p->recipient : 0,
			       .kind = e->kind,
			       .priority = base_priority(e),
			       .condition = VD_COND_ACTIVE,
			       .handling = VD_H_NEW,
			       .raised_at_ms = e->t_ms,
			       .received_at_ms = e->t_recv_ms,
			       .last_at_ms = e->t_recv_ms,
			       .handled_at_ms = e->t_recv_ms,
			       .count = e->kind == VD_KIND_GATEWAY_STORM ? 0 : 1,
			       .level = 1,
			       .flags = e->flags};
	memcpy(a->id, e->id, sizeof(a->id));
	memcpy(a->state, e->state, sizeof(a->state));
	memcpy(a->cause_event, e->id, sizeof(a->cause_event));
	a->repeat_24h = count_repeats(h, a);
	if (a->repeat_24h > 1 && vd_kind_class(a->kind) != 'T')
		a->priority = raise_priority(a->priority);
}

static bool on_test(const struct vd_hub *h, const struct vd_event *e)
{
	const struct vd_device *d = e->device ? vd_dir_device(h->dir, e->device) : NULL;
	return d && d->test_until_ms > e->t_recv_ms;
}

/* The hub's own event travels with the alarm it opens; one that opens nothing is stored alone. */
static void keep_own(struct live *l, const struct vd_event *e)
{
	if (l->own_event)
		return;
	l->own_event = vd_malloc(sizeof(*e));
	if (l->own_event)
		*l->own_event = *e;
}

/* Opens the storm alarm and gathers those that led to it and that nobody has taken yet. */
static void start_storm(struct vd_hub *h, const struct vd_alarm *a)
{
	hub_own_event(h, a->muni, a->gateway, NULL, VD_KIND_GATEWAY_STORM, "", "on", "");
	struct live *storm = open_storm(h, a);
	if (!storm)
		return;
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		if (l->a.gateway != a->gateway || l->a.handling != VD_H_NEW || l->a.parent[0] ||
		    !may_collapse(l->a.kind) ||
		    a->received_at_ms - l->a.received_at_ms > HUB_STORM_MS)
			continue;
		join_storm(h, storm, l);
		hub_enter(h, l, VD_H_NEW);
		hub_changed(h, l, VD_STEP_MERGED, 0, 0, NULL);
	}
}

/* What the hub has found out itself counts towards no storm: ten quiet troubles must not gather a
 * call for help under them. */
bool hub_by_hub(const struct vd_event *e)
{
	return e->t_src == VD_T_HUB && strstr(e->attrs, "\"by\":\"hub\"");
}

static struct live *raise_new(struct vd_hub *h, const struct vd_event *e)
{
	struct vd_alarm a;
	if (hub_live(h, vd_span_cstr(e->id)))
		return NULL; /* replayed: it has been, and is closed */
	fill_alarm(h, e, &a);
	if (on_test(h, e))
		a.handling = VD_H_TEST;
	bool collapses = may_collapse(e->kind) && a.handling != VD_H_TEST && !hub_by_hub(e) &&
			 !hub_outage_waits(h, e);
	if (collapses && storm_begins(h, &a) && !open_storm(h, &a))
		start_storm(h, &a);
	struct live *l = hub_live_add(h, &a);
	if (!l) { /* the journal has it; the cursor stays, so that the next start tries again */
		h->overfull = true;
		return NULL;
	}
	h->stats.raised++;
	h->stats.by_kind_raised[e->kind]++;
	struct live *storm = collapses ? storm_for(h, &a) : NULL;
	if (storm)
		join_storm(h, storm, l);
	hub_enter(h, l, l->a.handling);
	hub_changed(h, l, VD_STEP_RAISED, 0, 0, e->id);
	hub_raised_check_duty(h, l);
	return l;
}

/* Again, of one that is folded under another: while the storm blows, whoever has the storm hears
 * it. After that, and once its device or gateway was back from an outage, it is a matter of its
 * own. */
static void repeat_folded(struct vd_hub *h, struct live *l, const struct vd_event *e, bool was_back,
			  bool care)
{
	struct live *under = l->a.parent[0] ? hub_live(h, vd_span_cstr(l->a.parent)) : NULL;
	if (!under)
		return;
	int64_t since = e->t_recv_ms - under->a.last_at_ms;
	bool outage = under->a.kind == VD_KIND_NETWORK_OUTAGE;
	if (outage ? was_back : since < 0 || since >= HUB_STORM_LAST_MS) {
		hub_unfold(h, l);
	} else if (!outage && care) {
		if (under->a.priority < l->a.priority)
			under->a.priority = l->a.priority;
		hub_repeated(h, under);
		hub_changed(h, under, VD_STEP_MERGED, 0, 0, e->id);
	}
}

/* Rule "repetition is never hidden": a repeat touches counter, priority and last-seen, sounds again
 * for whoever owns it, and starts the owner's clock anew towards everybody. */
static void repeat(struct vd_hub *h, struct live *l, const struct vd_event *e)
{
	struct vd_alarm *a = &l->a;
	bool care = vd_kind_class(a->kind) != 'T' || a->kind == VD_KIND_NETWORK_OUTAGE;
	a->count++;
	a->repeat_24h++;
	a->last_at_ms = e->t_recv_ms;
	memcpy(a->state, e->state, sizeof(a->state));
	memcpy(a->cause_event, e->id, sizeof(a->cause_event));
	bool was_returned = a->condition == VD_COND_RETURNED;
	a->condition = VD_COND_ACTIVE;
	a->returned_at_ms = 0;
	if (care || base_priority(e) > a->priority)
		a->priority = care ? raise_priority(a->priority) : base_priority(e);
	repeat_folded(h, l, e, was_returned, care);
	if (care)
		hub_repeated(h, l);
	hub_changed(h, l, was_returned && !care ? VD_STEP_REACTIVATED : VD_STEP_REPEATED, 0, 0,
		    e->id);
}

static struct live *stands(struct vd_hub *h, const struct vd_event *e)
{
	struct vd_alarm probe = {
		.muni = e->muni, .gateway = e->gateway, .device = e->device, .kind = e->kind};
	return vd_map_get_u64(&h->live_by_key, key_of(&probe));
}

/* More about what is known: a line in its history, for those who look. */
static void update(struct vd_hub *h, struct live *l, const struct vd_event *e)
{
	memcpy(l->a.state, e->state, sizeof(l->a.state));
	memcpy(l->a.cause_event, e->id, sizeof(l->a.cause_event));
	hub_changed(h, l, VD_STEP_UPDATED, 0, 0, e->id);
}

/* What neither raises nor clears, of an alarm that stands: a fall told as cancelled, for one. */
static void join(struct vd_hub *h, const struct vd_event *e)
{
	struct live *l = e->flags & VD_F_UPDATE ? stands(h, e) : NULL;
	if (l && strcmp(l->a.cause_event, e->id) < 0)
		update(h, l, e);
}

bool hub_said(struct vd_hub *h, const struct vd_event *e, const char *text)
{
	struct live *l = stands(h, e);
	if (!l || strcmp(l->a.cause_event, e->id) != 0)
		return false;
	struct vd_alarm_step *s = vd_calloc(1, sizeof(*s));
	if (!s)
		return false;
	s->n = ++l->a.version;
	s->muni = l->a.muni;
	s->step = VD_STEP_NOTE;
	s->at_ms = h->rt->wall_ms(h->rt);
	memcpy(s->alarm, l->a.id, sizeof(s->alarm));
	memcpy(s->event, e->id, sizeof(s->event));
	(void)vd_span_copy(s->note, sizeof(s->note), vd_span_cstr(text));
	(void)hub_step_add(h, l, s);
	hub_feed(h, &l->a, s);
	hub_mark_dirty(h, l);
	vd_free(s);
	return true;
}

static struct live *raise(struct vd_hub *h, const struct vd_event *e)
{
	struct live *l = stands(h, e);
	if (!l)
		return raise_new(h, e);
	if (strcmp(l->a.cause_event, e->id) >= 0)
		return l; /* replayed: it has been counted */
	if ((e->flags & VD_F_UPDATE) && l->a.condition == VD_COND_ACTIVE) {
		update(h, l, e);
		return l;
	}
	repeat(h, l, e);
	return l;
}

/* A device with several sensors of a kind: dry in the bathroom is not dry in the cellar. */
static bool still_elsewhere(struct vd_hub *h, const struct vd_event *e)
{
	struct hub_device *d =
		e->device ? vd_map_get_u64(&h->device_by_id, (uint64_t)e->device) : NULL;
	for (unsigned i = 0; d && i < d->state.n; i++) {
		const struct vd_cell *c = &d->state.cells[i];
		if (c->kind != e->kind || strcmp(c->zone, e->zone) == 0)
			continue;
		if (vd_state_active(c->kind, c->state) ||
		    (c->kind == VD_KIND_DOOR && strcmp(c->state, "open") == 0) ||
		    ((c->kind == VD_KIND_BED || c->kind == VD_KIND_CHAIR) &&
		     strcmp(c->state, "out") == 0))
			return true;
	}
	return false;
}

static void clear(struct vd_hub *h, const struct vd_event *e)
{
	struct live *l = stands(h, e);
	if (!l || l->a.condition == VD_COND_RETURNED || strcmp(l->a.cause_event, e->id) >= 0)
		return;
	if (still_elsewhere(h, e))
		return;
	l->a.condition = VD_COND_RETURNED;
	l->a.returned_at_ms = e->t_recv_ms;
	memcpy(l->a.cause_event, e->id, sizeof(l->a.cause_event));
	bool acked = l->a.handling != VD_H_NEW && l->a.handling != VD_H_SHELVED;
	hub_changed(h, l, VD_STEP_RETURNED, 0, 0, e->id);
	/* A reminder that has been followed needs nobody to say so. */
	bool settled = acked || l->a.kind == VD_KIND_DEVICE_TEST;
	if (!vd_kind_latched(l->a.kind) && settled && !l->acting)
		hub_close_by_hub(h, l, VD_OUT_RETURNED);
}

/* -- rules ---------------------------------------------------------------------------------- */

static bool in_hours(const struct vd_placement *p, int64_t t_ms)
{
	struct vd_civil c;
	vd_civil_oslo(t_ms, &c);
	int now = c.hour * 60 + c.minute;
	if (p->night_from_min == p->night_to_min)
		return true;
	if (p->night_from_min < p->night_to_min)
		return now >= p->night_from_min && now < p->night_to_min;
	return now >= p->night_from_min || now < p->night_to_min;
}

/* What a placement watches: a door that opens, somebody who leaves the bed or chair, in its hours.
 * Closed again, or back again, returns it. Found so at a start counts: late, never lost. */
static enum vd_verdict watched(struct vd_hub *h, struct vd_event *e)
{
	const struct vd_placement *p = e->placement ? vd_dir_placement(h->dir, e->placement) : NULL;
	const bool door = e->kind == VD_KIND_DOOR;
	if (!p || !p->alarm_on_open || (e->flags & (VD_F_REPLAY | VD_F_SIMULATED | VD_F_TEST)))
		return VD_V_NONE;
	if (strcmp(e->state, door ? "closed" : "in") == 0)
		return VD_V_CLEAR;
	if (strcmp(e->state, door ? "open" : "out") != 0 || !in_hours(p, e->t_ms))
		return VD_V_NONE;
	e->severity = 30;
	if (e->flags & VD_F_RETAINED)
		e->flags |= VD_F_FOUND;
	return VD_V_RAISE;
}

/* Part of an outage that has an alarm: journaled, raises nothing. Told by the event itself, so that
 * a replay decides the same. */
static bool in_outage(const struct vd_event *e)
{
	return e->t_src == VD_T_HUB && strstr(e->attrs, "\"outage\":") &&
	       vd_state_active(e->kind, e->state);
}

static enum vd_verdict verdict(struct vd_hub *h, struct vd_event *e)
{
	if (e->flags & VD_F_ALERT) /* whatever the placement says about doors and beds */
		return vd_verdict(e);
	switch (e->kind) {
	case VD_KIND_DEVICE_CONNECTIVITY:
	case VD_KIND_BRIDGE_CONNECTIVITY: return in_outage(e) ? VD_V_NONE : vd_verdict(e);
	case VD_KIND_DOOR:
	case VD_KIND_BED:
	case VD_KIND_CHAIR: return watched(h, e);
	default: return vd_verdict(e);
	}
}

/* Devices in store or not yet placed have no one behind them: their troubles wait in the list. A
 * call for help counts wherever it comes from. */
static bool in_service(const struct vd_hub *h, const struct vd_event *e)
{
	if (!e->device)
		return true;
	const struct vd_device *d = vd_dir_device(h->dir, e->device);
	return d && (d->lifecycle == VD_LIFE_IN_USE || d->lifecycle == VD_LIFE_TEST);
}

void hub_assess(struct vd_hub *h, const struct vd_event *event, bool own)
{
	struct vd_event e = *event;
	enum vd_verdict v = verdict(h, &e);
	struct live *l = NULL;
	switch (v) {
	case VD_V_RAISE: l = raise(h, &e); break;
	case VD_V_TECHNICAL:
		if (in_service(h, &e))
			l = raise(h, &e);
		if (l)
			hub_outage_word(h, &e, l);
		break;
	case VD_V_CLEAR: clear(h, &e); break;
	case VD_V_NONE: join(h, &e); break;
	}
	if (!own)
		return;
	if (l && l->own_event == NULL && strcmp(l->a.cause_event, e.id) == 0) {
		keep_own(l, &e);
		hub_mark_dirty(h, l);
		return;
	}
	hub_store_event(h, &e); /* not stored: the next sweep looks at the condition again */
}

void hub_own_event_at(struct vd_hub *h, int muni, int64_t gateway, const struct hub_device *d,
		      enum vd_kind kind, const char *zone, const char *state, const char *attrs,
		      int64_t t_ms)
{
	struct vd_event e;
	vd_event_init(&e);
	e.t_recv_ms = h->rt->wall_ms(h->rt);
	e.t_ms = t_ms > 0 && t_ms < e.t_recv_ms ? t_ms : e.t_recv_ms;
	hub_id(h, e.t_recv_ms, e.id);
	e.muni = muni;
	e.gateway = gateway;
	e.kind = kind;
	e.severity = vd_state_active(kind, state) ? vd_kind_severity(kind) : 0;
	e.t_src = VD_T_HUB;
	if (kind == VD_KIND_DEVICE_CLOCK)
		e.flags |= VD_F_ATTENTION;
	if (d) {
		e.device = d->id;
		e.placement = d->dir ? d->dir->placement : 0;
	}
	snprintf(e.zone, sizeof(e.zone), "%s", zone);
	snprintf(e.state, sizeof(e.state), "%s", state);
	snprintf(e.attrs, sizeof(e.attrs), "%s", attrs);
	hub_feed_event(h, &e);
	hub_assess(h, &e, true);
}

void hub_own_event(struct vd_hub *h, int muni, int64_t gateway, const struct hub_device *d,
		   enum vd_kind kind, const char *zone, const char *state, const char *attrs)
{
	hub_own_event_at(h, muni, gateway, d, kind, zone, state, attrs, 0);
}

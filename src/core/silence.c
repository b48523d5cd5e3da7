/* SPDX-License-Identifier: EUPL-1.2 */
/* Watching over silence: every device in use has a limit, drawn from its own rhythm within the
 * bounds of its class, from the interval it promises, or from what the installer said. By the
 * monotonic clock, so that a stepped wall clock neither wakes nor silences anybody.
 *
 * A wheel holds the devices by when they are to be looked at: hearing one costs nothing but a note
 * of the time; when its turn comes and it has been heard meanwhile it is put further on. So the
 * cost follows the number of limits that pass, not the number of devices.
 *
 * After a start nobody is called silent before the hub has itself listened for a while: the silence
 * was ours. Devices whose gateway or bridge is away are not told one by one; and when it is back
 * they have as long as they always have. */
#include "core/hub_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

#define START_GRACE_MS  (15 * VD_MINUTE_MS)
#define COVERED_LOOK_MS VD_MINUTE_MS

int hub_muni_of_gateway(const struct vd_hub *h, int64_t gateway)
{
	const struct vd_gateway *g = vd_dir_gateway(h->dir, gateway);
	return g ? g->muni : -1;
}

/* A device whose municipality nobody knows is nobody's to see: nothing is said about it. */
void hub_device_link(struct vd_hub *h, struct hub_device *d, const char *state, const char *attrs)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	if (muni >= 0)
		hub_own_event(h, muni, d->gateway, d, VD_KIND_DEVICE_CONNECTIVITY, "", state,
			      attrs);
}

bool hub_in_use(const struct hub_device *d)
{
	return d->dir && (d->dir->lifecycle == VD_LIFE_IN_USE || d->dir->lifecycle == VD_LIFE_TEST);
}

bool hub_tell_again(struct vd_hub *h, int muni, int64_t gateway, int64_t device, enum vd_kind kind,
		    int64_t told_mono)
{
	return h->rt->mono_ms(h->rt) - told_mono >= HUB_TELL_AGAIN_MS &&
	       !hub_stands(h, muni, gateway, device, kind);
}

int64_t hub_told_before(const struct vd_hub *h, int64_t told_wall)
{
	const int64_t most = HUB_TELL_AGAIN_MS - START_GRACE_MS;
	int64_t ago = h->wall_started - told_wall;
	return h->started_mono - (ago < 0 ? 0 : ago > most ? most : ago);
}

/* -- class and limit ------------------------------------------------------------------------ */

static const char *class_named(const struct hub_device *d)
{
	const struct vd_adapter *a =
		d->binding ? d->binding->adapter : vd_adapter_find(vd_span_cstr(d->family));
	return a ? a->watch : NULL;
}

/* What its class hangs on beside what it has been heard to say: a directory changes often, and
 * mostly for somebody else. */
static uint64_t judged_by(const struct hub_device *d)
{
	return vd_hash64(vd_span_cstr(d->dir->features),
			 (uint64_t)d->dir->alarm_button << 1 | (d->binding != NULL));
}

static void judge_class(struct hub_device *d)
{
	struct vd_watch_hints hints = {.named = class_named(d),
				       .alarm_button = d->dir->alarm_button};
	vd_watch_hint_features(&hints, d->dir->features);
	for (unsigned i = 0; i < d->state.n; i++) {
		const struct vd_cell *c = &d->state.cells[i];
		vd_watch_hint_kind(&hints, c->kind);
		hints.mains |= c->kind == VD_KIND_DEVICE_POWER && strcmp(c->state, "mains") == 0;
	}
	d->watch->class = vd_watch_class(&hints);
	d->watch->calls = vd_watch_calls(&hints);
	d->watch->judged_cells = d->state.n;
	d->watch->judged_by = judged_by(d);
}

static void draw_limit(const struct vd_hub *h, struct hub_device *d)
{
	struct hub_watch *w = d->watch;
	enum vd_limit_basis before = w->limit.basis;
	w->limit = vd_limit_of(w->class, &w->rhythm, d->dir->supervise_ms, w->stated_ms,
			       h->cfg.silence_default_ms);
	w->save |= w->limit.basis != before;
}

/* Without memory for more than that: the widest a class allows until something is known. */
int64_t hub_limit(const struct vd_hub *h, const struct hub_device *d)
{
	if (d->watch)
		return d->watch->limit.limit_ms;
	if (d->dir && d->dir->supervise_ms)
		return d->dir->supervise_ms;
	return h->cfg.silence_default_ms ? h->cfg.silence_default_ms : VD_DAY_MS;
}

/* -- the wheel ------------------------------------------------------------------------------ */

void hub_wheel_init(struct vd_hub *h)
{
	for (int i = 0; i < HUB_WHEEL; i++)
		vd_list_init(&h->wheel[i]);
	vd_list_init(&h->unseen);
	h->wheel_at = h->rt->mono_ms(h->rt) / HUB_SWEEP_MS - 1;
}

static void look_in(struct vd_hub *h, struct hub_device *d, int64_t delay_ms)
{
	if (delay_ms > HUB_LOOK_MS)
		delay_ms = HUB_LOOK_MS;
	d->due_mono = h->rt->mono_ms(h->rt) + (delay_ms > 0 ? delay_ms : 0);
	int64_t slot = d->due_mono / HUB_SWEEP_MS;
	if (slot <= h->wheel_at)
		slot = h->wheel_at + 1;
	vd_list_remove(&d->due);
	vd_list_push_back(&h->wheel[slot % HUB_WHEEL], &d->due);
}

/* Ms since then; from before the start (-1) as far as this hub can know. */
static int64_t since(struct vd_hub *h, const struct hub_device *d, int64_t then_mono)
{
	int64_t mono = h->rt->mono_ms(h->rt), up = mono - h->started_mono;
	if (then_mono >= 0)
		return mono - then_mono;
	/* One that has never spoken is missed from when it was put up. */
	int64_t last = d->heard_wall ? d->heard_wall : d->watch ? d->watch->since_wall : 0;
	int64_t before = last ? h->wall_started - last : 0;
	return (before > 0 ? before : 0) + up;
}

/* How long its gateway and its bridge have been away since our start, in all. */
static int64_t away(const struct vd_hub *h, const struct hub_device *d)
{
	const struct hub_gateway *g = vd_map_get_u64(&h->gateways, (uint64_t)d->gateway);
	return (g ? g->away_ms : 0) + (d->binding ? d->binding->away_ms : 0);
}

/* Ms in which the device could have been heard since it was, or since our start. */
static int64_t listened(struct vd_hub *h, const struct hub_device *d)
{
	int64_t from = d->heard_mono >= 0 ? d->heard_mono : h->started_mono;
	int64_t gone = away(h, d) - d->heard_away;
	return h->rt->mono_ms(h->rt) - from - (gone > 0 ? gone : 0);
}

/* Ms since the device was heard, or could be again. A gateway that restarts every night excuses
 * nobody for ever: twice the limit of listening is the end of it. */
static int64_t silence_of(struct vd_hub *h, const struct hub_device *d)
{
	const struct hub_gateway *g = vd_map_get_u64(&h->gateways, (uint64_t)d->gateway);
	int64_t then = d->heard_mono;
	if (g && g->back_mono > then)
		then = g->back_mono;
	if (d->binding && d->binding->back_mono > then)
		then = d->binding->back_mono;
	if (d->watch && d->watch->excused_mono > then)
		then = d->watch->excused_mono;
	int64_t excused = since(h, d, then), spent = listened(h, d) - hub_limit(h, d);
	return excused > spent ? excused : spent;
}

void hub_watch_device(struct vd_hub *h, struct hub_device *d)
{
	if (!d->watch && (d->watch = vd_calloc(1, sizeof(*d->watch)))) {
		d->watch->excused_mono = -1;
		d->watch->since_wall = h->rt->wall_ms(h->rt);
		d->watch->saved_mono = h->rt->mono_ms(h->rt);
		d->watch->save = true;
		vd_trouble_init(&d->watch->trouble);
		hub_unseen(h, d);
	}
	if (d->watch) {
		if (!d->watch->class || d->watch->judged_cells != d->state.n ||
		    d->watch->judged_by != judged_by(d))
			judge_class(d);
		draw_limit(h, d);
	}
	if (vd_list_empty(&d->due) || d->due_mono > h->rt->mono_ms(h->rt) + hub_limit(h, d))
		look_in(h, d, 0);
}

void hub_watch_end(struct hub_device *d)
{
	for (unsigned i = 0; d->watch && i < d->state.n; i++)
		if (hub_made_cell(&d->state.cells[i]))
			d->state.cells[i].state[0] = '\0';
	vd_list_remove(&d->due);
	vd_list_remove(&d->unseen);
	vd_free(d->watch);
	d->watch = NULL;
}

/* -- a sign of life ------------------------------------------------------------------------- */

bool hub_was_away(const struct vd_hub *h, const struct hub_device *d)
{
	const struct hub_gateway *g = vd_map_get_u64(&h->gateways, (uint64_t)d->gateway);
	return d->heard_mono < 0 || (g && g->back_mono > d->heard_mono) ||
	       (d->binding && d->binding->back_mono > d->heard_mono) ||
	       (d->watch && d->watch->excused_mono > d->heard_mono);
}

/* A gap in which it could not have been heard teaches nothing. */
static void learn(struct vd_hub *h, struct hub_device *d, int64_t mono)
{
	struct hub_watch *w = d->watch;
	int64_t gap = mono - d->heard_mono;
	if (!d->dir || hub_was_away(h, d))
		return;
	vd_rhythm_add(&w->rhythm, gap, w->limit.limit_ms);
	w->learned = true;
	if (gap < VD_MINUTE_MS)
		return;
	if (w->judged_cells != d->state.n)
		judge_class(d);
	draw_limit(h, d);
}

/* A heartbeat that tells how often it will come ("s", "min" or "h"): a promise. */
void hub_stated(struct vd_hub *h, struct hub_device *d, const struct vd_reading *r)
{
	double unit = strcmp(r->unit, "min") == 0 ? VD_MINUTE_MS
		      : strcmp(r->unit, "h") == 0 ? VD_HOUR_MS
		      : strcmp(r->unit, "s") == 0 ? VD_SECOND_MS
						  : 0;
	double ms = r->value * unit;
	if (r->kind != VD_KIND_DEVICE_HEARTBEAT || !r->has_value || !d->watch || !d->dir ||
	    !(ms >= VD_SECOND_MS && ms <= 32.0 * VD_DAY_MS) || d->watch->stated_ms == (int64_t)ms)
		return;
	d->watch->stated_ms = (int64_t)ms;
	d->watch->save = true;
	draw_limit(h, d);
}

static void back(struct vd_hub *h, struct hub_device *d, bool word)
{
	d->silent = false;
	h->counts_stale = true;
	if (d->watch)
		vd_trouble_flip(&d->watch->trouble, h->rt->mono_ms(h->rt));
	if (!word)
		hub_device_link(h, d, "online", "\"by\":\"hub\"");
	hub_outage_back(h, d);
}

void hub_heard(struct vd_hub *h, struct hub_device *d, bool word)
{
	int64_t mono = h->rt->mono_ms(h->rt), wall = h->rt->wall_ms(h->rt);
	if (d->heard_wall && wall - d->heard_wall > d->gap_ms)
		d->gap_ms = wall - d->heard_wall;
	if (d->watch)
		learn(h, d, mono);
	d->heard_mono = mono;
	d->heard_wall = wall;
	d->heartbeats++;
	hub_unseen(h, d);
	if (d->watch && !vd_list_empty(&d->due) && d->due_mono > mono + d->watch->limit.limit_ms)
		look_in(h, d, d->watch->limit.limit_ms); /* the limit has become shorter */
	if (d->binding && d->binding->down)
		hub_bridge_word(h, d->binding, true);
	d->heard_away = away(h, d);
	if (d->silent)
		back(h, d, word);
}

/* -- silence -------------------------------------------------------------------------------- */

bool hub_covered(struct vd_hub *h, const struct hub_device *d)
{
	const struct hub_gateway *g = vd_map_get_u64(&h->gateways, (uint64_t)d->gateway);
	const struct vd_gateway *row = vd_dir_gateway(h->dir, d->gateway);
	if (g && g->offline && row && !row->disabled) /* a blocked one is not told again itself */
		return true;
	return d->binding && d->binding->down &&
	       hub_stands(h, hub_muni_of_gateway(h, d->gateway), d->gateway, 0,
			  VD_KIND_BRIDGE_CONNECTIVITY);
}

static void fell(struct vd_hub *h, struct hub_device *d)
{
	char attrs[80];
	d->silent = h->counts_stale = true;
	h->wheel_told++;
	d->told_mono = h->rt->mono_ms(h->rt);
	snprintf(attrs, sizeof(attrs), "\"by\":\"hub\",\"silent_s\":%lld",
		 (long long)(since(h, d, d->heard_mono) / 1000));
	if (hub_outage_takes(h, d, attrs))
		return;
	hub_device_link(h, d, "offline", attrs);
	hub_outage_fell(h, d);
}

/* A silence that is known: told again when nobody has it any more. */
static int64_t look_at_silent(struct vd_hub *h, struct hub_device *d)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	int64_t left = d->told_mono + HUB_TELL_AGAIN_MS - h->rt->mono_ms(h->rt);
	if (left > 0)
		return left;
	hub_outage_left_behind(h, muni, d->gateway, d->id, VD_KIND_DEVICE_CONNECTIVITY);
	if (!hub_tell_again(h, muni, d->gateway, d->id, VD_KIND_DEVICE_CONNECTIVITY, d->told_mono))
		return VD_HOUR_MS;
	fell(h, d);
	return HUB_LOOK_MS;
}

/* After a start the hub listens first. When it has itself been away, for as long as the device
 * usually lets one wait: its silence was ours. */
static int64_t grace_of(const struct vd_hub *h, const struct hub_device *d, int64_t limit)
{
	int64_t wait = d->watch && h->was_away ? d->watch->limit.interval_ms * 3 / 2 : 0;
	if (wait < START_GRACE_MS)
		wait = START_GRACE_MS;
	return wait < limit ? wait : limit;
}

/* Judges one device; returns when to look again. */
static int64_t look_at(struct vd_hub *h, struct hub_device *d)
{
	int64_t up = h->rt->mono_ms(h->rt) - h->started_mono;
	int64_t limit = hub_limit(h, d), left = limit - silence_of(h, d);
	int64_t grace = grace_of(h, d, limit);
	if (hub_covered(h, d))
		return COVERED_LOOK_MS;
	if (d->silent)
		return look_at_silent(h, d);
	if (left > 0)
		return left;
	if (d->heard_mono < 0 && up < grace)
		return grace - up;
	fell(h, d);
	return HUB_LOOK_MS;
}

static void look(struct vd_hub *h, struct hub_device *d)
{
	int64_t early = d->due_mono - h->rt->mono_ms(h->rt);
	if (!hub_in_use(d))
		return;
	look_in(h, d, early > 0 ? early : look_at(h, d));
	if (d->watch)
		hub_trouble_judge(h, d);
	hub_test_due(h, d);
}

/* False: too many had to be told for one turn of the loop, and some are left in the slot. */
static bool turn(struct vd_hub *h, struct vd_link *slot)
{
	struct vd_link now, *l;
	vd_list_init(&now);
	while ((l = vd_list_pop(slot)))
		vd_list_push_back(&now, l);
	while (h->wheel_told < HUB_TELL_TURN && (l = vd_list_pop(&now)))
		look(h, VD_CONTAINER(l, struct hub_device, due));
	bool done = vd_list_empty(&now);
	while ((l = vd_list_pop(&now)))
		vd_list_push_back(slot, l);
	return done;
}

void hub_sweep_devices(struct vd_hub *h)
{
	int64_t to = h->rt->mono_ms(h->rt) / HUB_SWEEP_MS;
	if (to - h->wheel_at > HUB_WHEEL) /* the machine slept: each slot once */
		h->wheel_at = to - HUB_WHEEL;
	h->wheel_told = 0;
	h->wheel_behind = false;
	while (h->wheel_at < to && !h->wheel_behind) {
		h->wheel_at++;
		h->wheel_behind = !turn(h, &h->wheel[h->wheel_at % HUB_WHEEL]);
	}
	if (h->wheel_behind)
		h->wheel_at--;
	hub_outage_told(h);
}

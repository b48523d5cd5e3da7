/* SPDX-License-Identifier: EUPL-1.2 */
/* Watching over silence: devices, gateways, the disk and the clock. A sweep every half minute looks
 * at everything by the monotonic clock, so a stepped wall clock neither wakes nor silences anybody.
 *
 * After a start nobody is called silent before the hub has itself listened for a while: the silence
 * was ours. Devices behind a gateway that is away are not told one by one; the gateway is. */
#include "core/hub_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>

#define START_GRACE_MS (15 * VD_MINUTE_MS)

/* What the hub itself says about a gateway's connection has a zone of its own, so that the bridge's
 * word about itself is kept apart, and so that a start knows which gateways used to connect. */
#define LINK_ZONE "link"

static int muni_of_gateway(struct vd_hub *h, int64_t gateway)
{
	const struct vd_gateway *g = vd_dir_gateway(h->dir, gateway);
	return g ? g->muni : -1;
}

/* A device whose municipality nobody knows is nobody's to see: nothing is said about it. */
static void device_link(struct vd_hub *h, struct hub_device *d, const char *state,
			const char *attrs)
{
	int muni = muni_of_gateway(h, d->gateway);
	if (muni >= 0)
		hub_own_event(h, muni, d->gateway, d, VD_KIND_DEVICE_CONNECTIVITY, "", state,
			      attrs);
}

static void back(struct vd_hub *h, struct hub_device *d)
{
	d->silent = false;
	device_link(h, d, "online", "\"by\":\"hub\"");
}

void hub_heard(struct vd_hub *h, struct hub_device *d)
{
	int64_t mono = h->rt->mono_ms(h->rt), wall = h->rt->wall_ms(h->rt);
	if (d->heard_wall && wall - d->heard_wall > d->gap_ms)
		d->gap_ms = wall - d->heard_wall;
	d->heard_mono = mono;
	d->heard_wall = wall;
	d->heartbeats++;
	d->seen_dirty = true;
	if (d->silent)
		back(h, d);
}

/* -- last heard goes to the store, one row a device ------------------------------------------ */

static bool seen_op(struct vd_batch *b, struct hub_device *d)
{
	struct vd_op *op = vd_batch_op(b, VD_OP_SEEN);
	if (!op)
		return false;
	op->u.seen.device = d->id;
	op->u.seen.at_ms = d->heard_wall;
	op->u.seen.battery = d->battery;
	op->u.seen.link = d->link_quality;
	op->u.seen.heartbeats = d->heartbeats;
	op->u.seen.gap_ms = d->gap_ms;
	d->heartbeats = 0;
	d->gap_ms = 0;
	d->seen_dirty = false;
	return true;
}

static void on_seen(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	(void)b;
	(void)err; /* last-heard is flushed again with the next sign of life */
	(void)first_seq;
	(void)arg;
}

static void send_seen(struct vd_hub *h, struct vd_batch *b)
{
	b->done = on_seen;
	if (h->store->submit(h->store, b))
		vd_batch_free(b);
}

void hub_seen_flush(struct vd_hub *h, bool all)
{
	struct vd_batch *b = NULL;
	(void)all;
	h->seen_flush_mono = h->rt->mono_ms(h->rt);
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (!d->seen_dirty || !d->identity[0])
			continue;
		if (!b)
			b = vd_batch_new();
		if (!b || !seen_op(b, d))
			break;
		if (b->n == VD_MAX_BATCH_OPS) {
			send_seen(h, b);
			b = NULL;
		}
	}
	if (b && b->n)
		send_seen(h, b);
	else
		vd_batch_free(b);
}

/* -- silence -------------------------------------------------------------------------------- */

static int64_t limit_of(const struct vd_hub *h, const struct hub_device *d)
{
	if (d->dir->supervise_ms)
		return d->dir->supervise_ms;
	return h->cfg.silence_default_ms ? h->cfg.silence_default_ms : HUB_SILENCE_MS;
}

/* Ms since the device was heard, as far as this hub can know. */
static int64_t silence_of(struct vd_hub *h, const struct hub_device *d)
{
	int64_t mono = h->rt->mono_ms(h->rt), up = mono - h->started_mono;
	if (d->heard_mono >= 0)
		return mono - d->heard_mono;
	int64_t before = d->heard_wall ? h->wall_started - d->heard_wall : 0;
	return (before > 0 ? before : 0) + up;
}

static bool in_use(const struct hub_device *d)
{
	return d->dir && (d->dir->lifecycle == VD_LIFE_IN_USE || d->dir->lifecycle == VD_LIFE_TEST);
}

/* Somebody closed the alarm and the silence goes on: a day later it is told again. */
static bool again(struct vd_hub *h, int muni, int64_t gateway, int64_t device, enum vd_kind kind,
		  int64_t told_mono)
{
	return h->rt->mono_ms(h->rt) - told_mono >= HUB_TELL_AGAIN_MS &&
	       !hub_stands(h, muni, gateway, device, kind);
}

static void sweep_device(struct vd_hub *h, struct hub_device *d)
{
	int64_t up = h->rt->mono_ms(h->rt) - h->started_mono;
	if (!in_use(d)) { /* judged anew when it is put up again */
		d->silent = false;
		return;
	}
	if (d->silent && !again(h, muni_of_gateway(h, d->gateway), d->gateway, d->id,
				VD_KIND_DEVICE_CONNECTIVITY, d->told_mono))
		return;
	int64_t limit = limit_of(h, d);
	int64_t grace = limit < START_GRACE_MS ? limit : START_GRACE_MS;
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	if ((g && g->offline) || silence_of(h, d) < limit || (d->heard_mono < 0 && up < grace))
		return;
	d->silent = true;
	d->told_mono = h->rt->mono_ms(h->rt);
	char attrs[64];
	snprintf(attrs, sizeof(attrs), "\"by\":\"hub\",\"silent_s\":%lld",
		 (long long)(silence_of(h, d) / 1000));
	device_link(h, d, "offline", attrs);
}

/* -- gateways ------------------------------------------------------------------------------- */

static void gateway_state(struct vd_hub *h, struct hub_gateway *g, bool offline)
{
	size_t behind = 0;
	VD_LIST_EACH(it, &h->devices)
	{
		const struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		behind += d->gateway == g->id && in_use(d);
	}
	g->offline = offline;
	g->told_mono = h->rt->mono_ms(h->rt);
	int muni = muni_of_gateway(h, g->id);
	char attrs[64];
	snprintf(attrs, sizeof(attrs), "\"by\":\"hub\",\"devices\":%zu", behind);
	if (muni >= 0)
		hub_own_event(h, muni, g->id, NULL, VD_KIND_BRIDGE_CONNECTIVITY, LINK_ZONE,
			      offline ? "offline" : "online", attrs);
}

void vd_hub_gateway_connected(struct vd_hub *h, int64_t gateway, bool connected)
{
	struct hub_gateway *g = hub_gateway(h, gateway);
	if (!g)
		return;
	int64_t now = h->rt->mono_ms(h->rt);
	bool first = !g->ever;
	g->ever = true;
	g->connections += connected ? 1 : -1;
	if (g->connections < 0)
		g->connections = 0;
	if (connected) {
		if (g->connections == 1)
			g->connected_mono = now;
		g->lost_mono = -1;
		if (g->offline || first) /* first: a start after this one will expect it */
			gateway_state(h, g, false);
	} else if (g->connections == 0) {
		g->connected_mono = -1;
		g->lost_mono = now;
	}
}

static void sweep_gateways(struct vd_hub *h)
{
	int64_t now = h->rt->mono_ms(h->rt);
	size_t it = 0;
	for (struct hub_gateway *g; (g = vd_map_each(&h->gateways, &it));) {
		const struct vd_gateway *row = vd_dir_gateway(h->dir, g->id);
		if (!g->ever || g->lost_mono < 0 || !row || row->disabled)
			continue;
		if (now - g->lost_mono >= HUB_GATEWAY_LOST_MS &&
		    (!g->offline ||
		     again(h, row->muni, g->id, 0, VD_KIND_BRIDGE_CONNECTIVITY, g->told_mono)))
			gateway_state(h, g, true);
	}
}

/* A gateway that has connected before is expected back after a start, in its own time. */
static void restore_gateways(struct vd_hub *h, const struct vd_boot *boot)
{
	for (size_t i = 0; i < boot->n_cells; i++) {
		const struct vd_state_cell *c = &boot->cells[i];
		struct hub_gateway *g = !c->device && c->kind == VD_KIND_BRIDGE_CONNECTIVITY &&
							strcmp(c->zone, LINK_ZONE) == 0
						? hub_gateway(h, c->gateway)
						: NULL;
		if (!g)
			continue;
		g->ever = true;
		g->offline = strcmp(c->state, "offline") == 0;
		g->lost_mono = h->started_mono + HUB_GATEWAY_START_MS - HUB_GATEWAY_LOST_MS;
		g->told_mono = h->started_mono;
	}
}

void hub_supervise_restore(struct vd_hub *h, const struct vd_boot *boot)
{
	int64_t back_ms = boot->wall_ms_last - h->wall_started;
	char attrs[64];
	restore_gateways(h, boot);
	VD_LIST_EACH(it, &h->lives)
	{
		const struct vd_alarm *a = &VD_CONTAINER(it, struct live, link)->a;
		h->storage_bad |= a->kind == VD_KIND_HUB_STORAGE && a->handling != VD_H_CLOSED &&
				  a->condition == VD_COND_ACTIVE;
	}
	if (back_ms < HUB_CLOCK_JUMP_MS)
		return;
	snprintf(attrs, sizeof(attrs), "\"jump_s\":%lld", (long long)(-back_ms / 1000));
	hub_own_event(h, 0, 0, NULL, VD_KIND_HUB_CLOCK, "", "on", attrs);
}

/* -- the machine itself --------------------------------------------------------------------- */

/* The disk refuses: everybody must know, even if that alarm itself cannot be stored yet. */
void hub_check_storage(struct vd_hub *h)
{
	struct vd_store_stats s;
	h->store->stats(h->store, &s);
	bool bad = s.health != VD_STORE_OK || h->overfull;
	if (bad == h->storage_bad)
		return;
	h->storage_bad = bad;
	hub_own_event(h, 0, 0, NULL, VD_KIND_HUB_STORAGE, "", bad ? "on" : "off",
		      s.health == VD_STORE_FULL ? "\"why\":\"full\""
		      : h->overfull             ? "\"why\":\"too_many_alarms\""
						: "");
}

static void check_clock(struct vd_hub *h)
{
	int64_t mono = h->rt->mono_ms(h->rt), wall = h->rt->wall_ms(h->rt);
	int64_t jump = (wall - h->wall_seen) - (mono - h->mono_seen);
	h->wall_seen = wall;
	h->mono_seen = mono;
	if (jump < HUB_CLOCK_JUMP_MS && jump > -HUB_CLOCK_JUMP_MS)
		return;
	char attrs[64];
	snprintf(attrs, sizeof(attrs), "\"jump_s\":%lld", (long long)(jump / 1000));
	hub_own_event(h, 0, 0, NULL, VD_KIND_HUB_CLOCK, "", "on", attrs);
}

static void forget_closed(struct vd_hub *h)
{
	int64_t now = h->rt->wall_ms(h->rt);
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		if (l->a.handling == VD_H_CLOSED && !l->dirty && !l->inflight && !l->acting &&
		    (now - l->a.closed_at_ms > HUB_KEEP_CLOSED_MS ||
		     hub_live(h, vd_span_cstr(l->a.id)) != l))
			hub_live_free(h, l);
	}
}

/* A duty alarm ends when somebody is on duty again. */
static void sweep_duty(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		int64_t who[2];
		if (l->a.kind == VD_KIND_DUTY_NOBODY && l->a.handling != VD_H_CLOSED &&
		    l->a.condition == VD_COND_ACTIVE && l->a.muni &&
		    vd_roster_on_duty(h->dir, l->a.muni, 1, h->rt->wall_ms(h->rt), who, 2))
			hub_own_event(h, l->a.muni, 0, NULL, VD_KIND_DUTY_NOBODY, "", "off", "");
	}
}

/* An alarm waits and no screen shows it: those who have one are told, whatever municipality is
 * theirs. It says no more than that. */
static void sweep_consoles(struct vd_hub *h)
{
	int blind = 0;
	VD_LIST_EACH(it, &h->lives)
	{
		const struct vd_alarm *a = &VD_CONTAINER(it, struct live, link)->a;
		if (a->muni && a->handling == VD_H_NEW && a->level >= 2 && hub_escalates(a) &&
		    hub_unwatched(h, a->muni))
			blind = a->muni;
	}
	const struct live *told = hub_stands(h, 0, 0, 0, VD_KIND_DUTY_NOBODY);
	bool stands = told && told->a.condition == VD_COND_ACTIVE;
	char attrs[64];
	snprintf(attrs, sizeof(attrs), "\"why\":\"no_console\",\"municipality\":%d", blind);
	if (stands != (blind != 0))
		hub_own_event(h, 0, 0, NULL, VD_KIND_DUTY_NOBODY, "", blind ? "on" : "off",
			      blind ? attrs : "");
}

/* Alarms whose time has come by something else than their own timer: a test ended by hand, an owner
 * who may no longer act, a timer there was no memory for. */
static void sweep_alarms(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->lives)
	hub_recheck(h, VD_CONTAINER(it, struct live, link));
}

void hub_sweep(struct vd_hub *h)
{
	check_clock(h);
	sweep_gateways(h);
	VD_LIST_EACH(it, &h->devices)
	sweep_device(h, VD_CONTAINER(it, struct hub_device, link));
	sweep_duty(h);
	sweep_consoles(h);
	sweep_alarms(h);
	forget_closed(h);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What trouble.c sees becomes technical alarms: each told once when it begins and once when it is
 * over, at most a few a device and day, never in a storm, never in the way of a call for help. */
#include "core/hub_int.h"
#include "base/clock.h"
#include <math.h>
#include <stdio.h>

/* So that the next start, and an alarm with several of them, know which stand. */
static void keep_cell(struct hub_device *d, enum vd_trouble x, bool on, int64_t wall)
{
	struct vd_cell c = {.kind = vd_trouble_kind(x), .t_ms = wall};
	snprintf(c.zone, sizeof(c.zone), "%s", vd_trouble_name(x));
	snprintf(c.state, sizeof(c.state), "%s",
		 on                 ? vd_trouble_state_word(x)
		 : x == VD_TR_CLOCK ? "ok"
				    : "off");
	(void)vd_devstate_restore(&d->state, &c); /* full: the alarm stands all the same */
}

#define CROWD_ZONE "devices"

static void crowd_event(struct vd_hub *h, struct hub_gateway *g, const char *state)
{
	int muni = hub_muni_of_gateway(h, g->id);
	if (muni >= 0)
		hub_own_event(h, muni, g->id, NULL, VD_KIND_DEVICE_FAULT, CROWD_ZONE, state,
			      "\"by\":\"hub\",\"what\":\"devices\"");
}

void hub_troubles_crowd(struct vd_hub *h, struct hub_gateway *g)
{
	if (!g->crowd || h->rt->mono_ms(h->rt) - g->crowd_mono < VD_HOUR_MS)
		return;
	g->crowd = false;
	crowd_event(h, g, "off");
}

/* Many devices of one gateway at once have one cause: it is told as the gateway's, and the list
 * stays one that people can read. */
static bool gateway_room(struct vd_hub *h, const struct hub_device *d, enum vd_trouble x)
{
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	int64_t mono = h->rt->mono_ms(h->rt);
	if (!g)
		return false;
	int64_t *oldest = &g->troubles_mono[g->troubles_at % HUB_TROUBLES_GATEWAY];
	if (g->troubles_at < HUB_TROUBLES_GATEWAY || mono - *oldest >= VD_HOUR_MS) {
		*oldest = mono;
		g->troubles_at++;
		return true;
	}
	g->crowd_mono = mono;
	if (!g->crowd)
		crowd_event(h, g,
			    vd_trouble_kind(x) == VD_KIND_DEVICE_FAULT ? vd_trouble_state_word(x)
								       : "on");
	g->crowd = true;
	return false;
}

static bool has_room(struct vd_hub *h, const struct hub_device *d, enum vd_trouble x)
{
	struct hub_watch *w = d->watch;
	int64_t mono = h->rt->mono_ms(h->rt);
	int64_t *oldest = &w->told_mono[w->told_at % HUB_TROUBLES_DAY];
	if ((w->told_at >= HUB_TROUBLES_DAY && mono - *oldest < VD_DAY_MS) ||
	    !gateway_room(h, d, x))
		return false;
	*oldest = mono;
	w->told_at++;
	return true;
}

static void tell(struct vd_hub *h, struct hub_device *d, enum vd_trouble x, bool on)
{
	char attrs[64];
	int muni = hub_muni_of_gateway(h, d->gateway);
	snprintf(attrs, sizeof(attrs), "\"by\":\"hub\",\"code\":\"%s\"", vd_trouble_name(x));
	keep_cell(d, x, on, h->rt->wall_ms(h->rt));
	d->watch->trouble.standing ^= 1u << x;
	d->watch->save = true;
	hub_unseen(h, d);
	if (muni >= 0)
		hub_own_event(h, muni, d->gateway, d, vd_trouble_kind(x), vd_trouble_name(x),
			      on                 ? vd_trouble_state_word(x)
			      : x == VD_TR_CLOCK ? "ok"
						 : "off",
			      attrs);
}

void hub_trouble_judge(struct vd_hub *h, struct hub_device *d)
{
	struct vd_trouble_state *t = &d->watch->trouble;
	const struct vd_cell *b = vd_devstate_find(&d->state, VD_KIND_DEVICE_BATTERY, "");
	int64_t mono = h->rt->mono_ms(h->rt);
	unsigned now = vd_trouble_now(t, mono, h->rt->wall_ms(h->rt), d->battery, b ? b->t_ms : 0);
	for (int x = 0; x < VD_TROUBLE_MAX; x++) {
		bool on = now >> x & 1;
		if (on == (t->standing >> x & 1))
			continue;
		if (!on ||
		    has_room(h, d,
			     (enum vd_trouble)x)) /* else when there is: it is looked at again */
			tell(h, d, (enum vd_trouble)x, on);
	}
}

/* Placed, put up or tested within the day. */
static bool visited(const struct vd_hub *h, const struct hub_device *d)
{
	int64_t since = h->rt->wall_ms(h->rt) - VD_DAY_MS;
	return d->dir->test_until_ms > since || d->watch->since_wall > since ||
	       d->watch->tested_wall > since;
}

unsigned hub_trouble_reading(struct vd_hub *h, struct hub_device *d, const struct vd_reading *r,
			     const struct vd_judged *j, double battery_before)
{
	if (!d->watch || !d->dir ||
	    (r->flags & (VD_F_REPLAY | VD_F_SIMULATED | VD_F_TEST | VD_F_RETAINED)))
		return 0;
	struct vd_trouble_in in = {.r = r,
				   .news = j->change == VD_NEW,
				   .bad_clock = j->event.flags & VD_F_CLOCK,
				   .recharged = d->watch->class->recharged,
				   .visited = visited(h, d),
				   .broken = hub_was_away(h, d),
				   .battery = battery_before,
				   .mono = h->rt->mono_ms(h->rt),
				   .wall = j->event.t_recv_ms};
	in.day = vd_oslo_day(in.wall);
	return vd_trouble_reading(&d->watch->trouble, &in);
}

void hub_troubles_restore(struct hub_device *d, int64_t mono)
{
	unsigned standing = 0;
	for (int x = 0; x < VD_TROUBLE_MAX; x++) {
		const struct vd_cell *c =
			vd_devstate_find(&d->state, vd_trouble_kind((enum vd_trouble)x),
					 vd_trouble_name((enum vd_trouble)x));
		standing |= (c && vd_state_active(c->kind, c->state) ? 1u : 0u) << x;
	}
	vd_trouble_restore(&d->watch->trouble, standing, mono);
}

bool hub_made_cell(const struct vd_cell *c)
{
	for (int x = 0; x < VD_TROUBLE_MAX; x++)
		if (c->kind == vd_trouble_kind((enum vd_trouble)x) &&
		    strcmp(c->zone, vd_trouble_name((enum vd_trouble)x)) == 0)
			return true;
	return c->kind == VD_KIND_DEVICE_TEST;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Gateways and bridges: a connection that went and does not come back is an alarm, one for all the
 * devices behind it. What the hub itself says about a connection has a zone of its own, so that the
 * bridge's word about itself is kept apart, and so that a start knows which used to connect. */
#include "core/hub_int.h"
#include "base/clock.h"
#include <stdio.h>

#define LINK_ZONE "link"

static void gateway_event(struct vd_hub *h, struct hub_gateway *g, const char *state,
			  const char *more)
{
	int muni = hub_muni_of_gateway(h, g->id);
	char attrs[120];
	g->told_mono = h->rt->mono_ms(h->rt);
	snprintf(attrs, sizeof(attrs), "\"by\":\"hub\",\"devices\":%zu%s", g->fallen.in_use, more);
	if (muni >= 0)
		hub_own_event(h, muni, g->id, NULL, VD_KIND_BRIDGE_CONNECTIVITY, LINK_ZONE, state,
			      attrs);
}

void hub_gateway_tell(struct vd_hub *h, struct hub_gateway *g, const char *more)
{
	gateway_event(h, g, "offline", more);
}

/* Comes and goes, each time too short to be missed. */
static void flap(struct vd_hub *h, struct hub_gateway *g, float more)
{
	int64_t now = h->rt->mono_ms(h->rt);
	int muni = hub_muni_of_gateway(h, g->id);
	g->flips -= (float)(now - g->flips_mono) / (float)VD_HOUR_MS * 3;
	g->flips_mono = now;
	g->flips = (g->flips < 0 ? 0 : g->flips) + more;
	if (g->flips > 2 * HUB_FLIPS)
		g->flips = 2 * HUB_FLIPS;
	bool on = g->flips >= (g->flapping ? 1.0f : HUB_FLIPS);
	if (on == g->flapping || muni < 0)
		return;
	g->flapping = on;
	hub_own_event(h, muni, g->id, NULL, VD_KIND_DEVICE_FAULT, "flapping",
		      on ? "flapping" : "off", "\"by\":\"hub\",\"code\":\"flapping\"");
}

static void lost(struct vd_hub *h, struct hub_gateway *g)
{
	g->offline = true;
	if (hub_outage_takes_gateway(h, g))
		return;
	gateway_event(h, g, "offline", "");
	hub_outage_gateway_lost(h, g);
}

static void found(struct vd_hub *h, struct hub_gateway *g, int64_t lost_mono)
{
	bool was = g->offline;
	g->offline = false;
	if (was) {
		g->back_mono = h->rt->mono_ms(h->rt);
		g->away_ms += g->back_mono > lost_mono ? g->back_mono - lost_mono : 0;
	}
	gateway_event(h, g, "online", "");
	if (was)
		hub_outage_gateway_back(h, g);
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
		int64_t lost_mono = g->lost_mono;
		if (g->connections == 1)
			g->connected_mono = now;
		g->lost_mono = -1;
		if (g->offline || first) /* first: a start after this one will expect it */
			found(h, g, lost_mono);
	} else if (g->connections == 0) {
		g->connected_mono = -1;
		g->lost_mono = now;
		flap(h, g, 1);
	}
}

/* One that stays away is told again when nobody has it any more. */
static void sweep(struct vd_hub *h, struct hub_gateway *g, const struct vd_gateway *row)
{
	int64_t now = h->rt->mono_ms(h->rt);
	if (now - g->lost_mono < HUB_GATEWAY_LOST_MS)
		return;
	if (g->offline && now - g->told_mono >= HUB_TELL_AGAIN_MS)
		hub_outage_left_behind(h, row->muni, g->id, 0, VD_KIND_BRIDGE_CONNECTIVITY);
	if (!g->offline ||
	    hub_tell_again(h, row->muni, g->id, 0, VD_KIND_BRIDGE_CONNECTIVITY, g->told_mono))
		lost(h, g);
}

void hub_sweep_gateways(struct vd_hub *h)
{
	size_t it = 0;
	for (struct hub_gateway *g; (g = vd_map_each(&h->gateways, &it));) {
		const struct vd_gateway *row = vd_dir_gateway(h->dir, g->id);
		if (g->flapping)
			flap(h, g, 0);
		hub_troubles_crowd(h, g);
		if (g->ever && g->lost_mono >= 0 && row && !row->disabled)
			sweep(h, g, row);
	}
}

void hub_bridge_word(struct vd_hub *h, struct hub_binding *b, bool online)
{
	int64_t now = h->rt->mono_ms(h->rt);
	if (!online && !b->down)
		b->down_mono = now;
	if (online && b->down) {
		b->back_mono = now;
		b->away_ms += now - b->down_mono;
	}
	b->down = !online;
}

/* A gateway that has connected before is expected back after a start, in its own time. A bridge
 * that had said that it is offline is believed until it, or a device of it, says otherwise. */
void hub_gateways_restore(struct vd_hub *h, const struct vd_boot *boot)
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
		g->told_mono = hub_told_before(h, c->t_ms);
	}
	for (size_t i = 0; i < boot->n_cells; i++) {
		const struct vd_state_cell *c = &boot->cells[i];
		struct hub_gateway *g = !c->device && c->kind == VD_KIND_DEVICE_FAULT &&
							vd_state_active(c->kind, c->state)
						? hub_gateway(h, c->gateway)
						: NULL;
		if (!g)
			continue;
		g->flapping |= strcmp(c->zone, "flapping") == 0;
		g->crowd |= strcmp(c->zone, "flapping") != 0;
		g->crowd_mono = h->started_mono;
		g->flips = HUB_FLIPS;
		g->flips_mono = h->started_mono;
	}
	VD_LIST_EACH(it, &h->bindings)
	{
		struct hub_binding *b = VD_CONTAINER(it, struct hub_binding, link);
		const struct hub_gateway *g = hub_gateway(h, b->gateway);
		const struct live *l = hub_stands(h, hub_muni_of_gateway(h, b->gateway), b->gateway,
						  0, VD_KIND_BRIDGE_CONNECTIVITY);
		b->down = l && l->a.condition == VD_COND_ACTIVE && g && !g->offline;
		b->down_mono = h->started_mono;
	}
}

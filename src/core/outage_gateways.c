/* SPDX-License-Identifier: EUPL-1.2 */
/* Outages of gateways: several of a municipality that lose their connection within minutes. Like
 * those of devices (outage.c), and over when half of the gateways are back. */
#include "core/outage.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

static bool lost_with(const struct hub_gateway *a, const struct hub_gateway *b)
{
	int64_t apart = a->lost_mono - b->lost_mono;
	return a->lost_mono >= 0 && b->lost_mono >= 0 && apart < HUB_GATEWAYS_MS &&
	       apart > -HUB_GATEWAYS_MS;
}

bool hub_outage_takes_gateway(struct vd_hub *h, struct hub_gateway *g)
{
	int muni = hub_muni_of_gateway(h, g->id);
	struct hub_muni *m = hub_muni(h, muni);
	struct live *outage = outage_blowing(h, muni, 0);
	char more[64];
	if (!m || !outage || !m->gateways)
		return false;
	if (g->lost_mono > m->lost_mono + HUB_GATEWAYS_MS)
		return false;
	snprintf(more, sizeof(more), ",\"outage\":\"%s\"", outage->a.id);
	hub_gateway_tell(h, g, more);
	m->gateways += g->outage != outage_mark(&outage->a); /* or told again after a day */
	g->outage = outage_mark(&outage->a);
	outage->a.count = (int)m->gateways;
	hub_changed(h, outage, VD_STEP_MERGED, 0, 0, NULL);
	return true;
}

struct census {
	size_t connecting, lost;
};

static struct census count_lost(struct vd_hub *h, int muni, const struct hub_gateway *g)
{
	struct census c = {0};
	size_t it = 0;
	for (struct hub_gateway *o; (o = vd_map_each(&h->gateways, &it));) {
		if (!o->ever || hub_muni_of_gateway(h, o->id) != muni)
			continue;
		c.connecting++;
		c.lost += lost_with(o, g);
	}
	return c;
}

static void gather_gateways(struct vd_hub *h, struct hub_muni *m, struct live *outage,
			    const struct hub_gateway *g)
{
	size_t it = 0;
	for (struct hub_gateway *o; (o = vd_map_each(&h->gateways, &it));) {
		if (!o->offline || hub_muni_of_gateway(h, o->id) != outage->a.muni ||
		    !lost_with(o, g))
			continue;
		const struct live *own =
			hub_stands(h, outage->a.muni, o->id, 0, VD_KIND_BRIDGE_CONNECTIVITY);
		struct live *l = own ? hub_live(h, vd_span_cstr(own->a.id)) : NULL;
		o->outage = outage_mark(&outage->a);
		m->gateways++;
		if (l && l->a.handling == VD_H_NEW && !l->a.parent[0])
			hub_fold(h, outage, l);
	}
	outage->a.count = (int)m->gateways;
}

/* All of them, when there are two; else three, or two in a hundred. */
void hub_outage_gateway_lost(struct vd_hub *h, struct hub_gateway *g)
{
	int muni = hub_muni_of_gateway(h, g->id);
	struct hub_muni *m = hub_muni(h, muni);
	struct census c = count_lost(h, muni, g);
	int64_t now_wall = h->rt->wall_ms(h->rt);
	if (!m || c.lost < 2 ||
	    (c.lost < outage_needed(c.connecting, 3) && c.lost < c.connecting) ||
	    outage_standing(h, muni, 0))
		return;
	m->lost_mono = m->fallen.from_mono = g->lost_mono;
	m->fallen.from_wall = now_wall - (h->rt->mono_ms(h->rt) - g->lost_mono);
	m->gateways = 0;
	hub_own_event_at(h, muni, 0, NULL, VD_KIND_NETWORK_OUTAGE, "", "on",
			 "\"by\":\"hub\",\"what\":\"gateways\"", m->fallen.from_wall);
	struct live *outage = outage_blowing(h, muni, 0);
	if (outage)
		gather_gateways(h, m, outage, g);
}

static size_t still_lost(struct vd_hub *h, const struct live *outage)
{
	size_t n = 0, it = 0;
	for (struct hub_gateway *o; (o = vd_map_each(&h->gateways, &it));)
		n += o->offline && o->outage == outage_mark(&outage->a);
	return n;
}

/* Half of them are back: the others are told one by one when they do not come soon. */
void outage_end_gateways(struct vd_hub *h, struct live *outage)
{
	struct hub_muni *m = hub_muni(h, outage->a.muni);
	size_t gone = still_lost(h, outage), it = 0;
	char attrs[120];
	if (outage->a.gateway || !m || !m->gateways || gone * 2 > m->gateways)
		return;
	for (struct hub_gateway *o; (o = vd_map_each(&h->gateways, &it));)
		if (o->offline && o->outage == outage_mark(&outage->a))
			o->told_mono =
				h->rt->mono_ms(h->rt) + HUB_GATEWAY_START_MS - HUB_TELL_AGAIN_MS;
	snprintf(attrs, sizeof(attrs),
		 "\"by\":\"hub\",\"away_s\":%lld,\"gateways\":%zu,\"missing\":%zu",
		 (long long)((h->rt->wall_ms(h->rt) - m->fallen.from_wall) / 1000), m->gateways,
		 gone);
	m->gateways = 0;
	hub_own_event(h, outage->a.muni, 0, NULL, VD_KIND_NETWORK_OUTAGE, "", "off", attrs);
}

void hub_outage_gateway_back(struct vd_hub *h, struct hub_gateway *g)
{
	struct live *outage = outage_blowing(h, hub_muni_of_gateway(h, g->id), 0);
	if (outage && g->outage == outage_mark(&outage->a))
		outage_end_gateways(h, outage);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What outages stand, who is in them, and what is left of that after a start. */
#include "core/outage.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

struct hub_muni *hub_muni(struct vd_hub *h, int number)
{
	struct hub_muni *m = vd_map_get_u64(&h->munis, (uint64_t)number);
	if (m || number <= 0)
		return m;
	m = vd_calloc(1, sizeof(*m));
	if (m && vd_map_put_u64(&h->munis, (uint64_t)number, m)) {
		vd_free(m);
		return NULL;
	}
	return m;
}

uint64_t outage_mark(const struct vd_alarm *a)
{
	return vd_hash64(vd_span(a->id, VD_ID_LEN), 0);
}

/* The open outage of a gateway's devices, or (gateway 0) of a municipality; NULL. */
struct live *outage_standing(struct vd_hub *h, int muni, int64_t gateway)
{
	const struct live *l = hub_stands(h, muni, gateway, 0, VD_KIND_NETWORK_OUTAGE);
	return l ? hub_live(h, vd_span_cstr(l->a.id)) : NULL;
}

struct live *outage_blowing(struct vd_hub *h, int muni, int64_t gateway)
{
	struct live *l = outage_standing(h, muni, gateway);
	return l && l->a.condition == VD_COND_ACTIVE ? l : NULL;
}

struct hub_fallen *outage_fallen(struct vd_hub *h, const struct vd_alarm *a)
{
	struct hub_gateway *g = a->gateway ? hub_gateway(h, a->gateway) : NULL;
	struct hub_muni *m = hub_muni(h, a->muni);
	return g ? &g->fallen : m ? &m->fallen : NULL;
}

size_t outage_needed(size_t in_use, size_t least)
{
	size_t n = in_use / 50;
	return n < least ? least : n > HUB_FALLEN ? HUB_FALLEN : n;
}

/* By the monotonic clock; of what was heard before this start the wall clock must do. */
bool outage_heard_since(const struct hub_fallen *f, const struct hub_device *d)
{
	return d->heard_mono >= 0 ? d->heard_mono > f->from_mono + HUB_BEFORE_MS
				  : d->heard_wall > f->from_wall + HUB_BEFORE_MS;
}

void outage_join(struct hub_fallen *f, struct live *outage, struct hub_device *d)
{
	uint64_t mark = outage_mark(&outage->a);
	if (!d->watch || (d->watch->member && d->watch->outage == mark))
		return;
	d->watch->outage = mark;
	d->watch->member = true;
	f->gone++;
	if (f->gone > (size_t)outage->a.count)
		outage->a.count = (int)f->gone;
}

void hub_outage_told(struct vd_hub *h)
{
	if (!h->outage_grew)
		return;
	h->outage_grew = false;
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		struct hub_fallen *f =
			l->a.kind == VD_KIND_NETWORK_OUTAGE && l->a.handling != VD_H_CLOSED
				? outage_fallen(h, &l->a)
				: NULL;
		if (!f || f->told == f->gone)
			continue;
		f->told = f->gone;
		hub_changed(h, l, VD_STEP_MERGED, 0, 0, NULL);
	}
}

/* Has any of this gateway and family been heard since? Then what is merely quiet is not part of it.
 */
static bool family_lives(struct vd_hub *h, const struct hub_fallen *f,
			 const struct hub_device *like)
{
	VD_LIST_EACH(it, &h->devices)
	{
		const struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (d->gateway == like->gateway && d->identity[0] && outage_heard_since(f, d) &&
		    strcmp(d->family, like->family) == 0)
			return true;
	}
	return false;
}

#define KNOWN 64 /* families of gateways judged already; more are judged again */
struct known {
	uint64_t key[KNOWN];
	bool lives[KNOWN];
};

static bool lives(struct vd_hub *h, struct known *k, const struct hub_fallen *f,
		  const struct hub_device *d)
{
	uint64_t key = vd_hash64(vd_span_cstr(d->family), (uint64_t)d->gateway) | 1;
	unsigned i = (unsigned)(key >> 8) % KNOWN;
	if (k->key[i] != key) {
		k->key[i] = key;
		k->lives[i] = family_lives(h, f, d);
	}
	return k->lives[i];
}

/* Who is not missed yet, being quiet by nature, but is behind what is gone: shown with the others,
 * because it may be a person's only way to call. */
void outage_mark_quiet(struct vd_hub *h, const struct hub_fallen *f, const struct live *outage)
{
	struct known k = {0};
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (outage->a.gateway && d->gateway == outage->a.gateway && d->watch &&
		    !d->silent && !outage_heard_since(f, d) && !lives(h, &k, f, d))
			d->watch->outage = outage_mark(&outage->a);
	}
}

/* Members may be taken down, or heard while nobody counted: an outage without any is over. */
static void end_empty(struct vd_hub *h, struct live *l)
{
	struct hub_fallen *f = outage_fallen(h, &l->a);
	const struct hub_muni *m = hub_muni(h, l->a.muni);
	if (!f || (!l->a.gateway && m && m->gateways))
		return;
	VD_LIST_EACH(it, &h->devices)
	{
		const struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (d->silent && d->watch && d->watch->outage == outage_mark(&l->a))
			return;
	}
	outage_over(h, f, l);
}

void hub_outage_sweep(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		if (l->a.kind != VD_KIND_NETWORK_OUTAGE || l->a.handling == VD_H_CLOSED ||
		    l->a.condition != VD_COND_ACTIVE)
			continue;
		end_empty(h, l);
		outage_end_gateways(h, l);
	}
}

bool hub_outage_heard(struct vd_hub *h, const struct vd_alarm *outage, const struct hub_device *d)
{
	const struct hub_fallen *f = outage_fallen(h, outage);
	return f && outage_heard_since(f, d);
}

/* Silent, and without an alarm that stands on its own. */
static void restore_devices(struct vd_hub *h, struct hub_fallen *f, struct live *outage)
{
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (!d->watch || !d->silent ||
		    hub_muni_of_gateway(h, d->gateway) != outage->a.muni ||
		    (outage->a.gateway && d->gateway != outage->a.gateway))
			continue;
		const struct live *own = hub_stands(h, outage->a.muni, d->gateway, d->id,
						    VD_KIND_DEVICE_CONNECTIVITY);
		if (own && strcmp(own->a.parent, outage->a.id) != 0)
			continue;
		d->watch->outage = outage_mark(&outage->a);
		d->watch->member = true;
		f->gone++;
	}
}

static void restore_gateways(struct vd_hub *h, struct hub_muni *m, struct live *outage)
{
	size_t it = 0;
	for (struct hub_gateway *g; (g = vd_map_each(&h->gateways, &it));) {
		if (!g->offline || hub_muni_of_gateway(h, g->id) != outage->a.muni)
			continue;
		g->outage = outage_mark(&outage->a);
		m->gateways++;
	}
	m->lost_mono = h->started_mono + HUB_GATEWAY_START_MS;
}

void hub_outage_restore(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		struct hub_muni *m = hub_muni(h, l->a.muni);
		struct hub_fallen *f = outage_fallen(h, &l->a);
		if (l->a.kind != VD_KIND_NETWORK_OUTAGE || l->a.handling == VD_H_CLOSED ||
		    l->a.condition != VD_COND_ACTIVE || !m || !f)
			continue;
		f->from_mono = INT64_MIN / 2;
		f->from_wall = l->a.raised_at_ms;
		if (!l->a.gateway)
			restore_gateways(h, m, l);
		restore_devices(h, f, l);
		f->told = f->gone;
		outage_mark_quiet(h, f, l);
	}
}

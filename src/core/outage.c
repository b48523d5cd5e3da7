/* SPDX-License-Identifier: EUPL-1.2 */
/* One alarm for what has one cause. When several devices of a gateway, or of several gateways of a
 * municipality, fall silent within an hour, or several gateways lose their connection within
 * minutes, that is one outage: an alarm that names who is affected (affected.c). The alarms that
 * led to it are folded under it; who falls silent later and was not heard since it began is
 * journaled as part of it and raises nothing. When half of them are back it is over, told once; the
 * others have their own limit from then on, and stand on their own after that.
 *
 * How many make an outage: two in a hundred of the devices in use there, at least 3 of a gateway or
 * 5 of a municipality, at most 10. So the storm's ten in a minute are never reached first. */
#include "core/outage.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

static void remember(struct hub_fallen *f, const struct hub_device *d, int64_t now)
{
	unsigned i = f->at++ % HUB_FALLEN;
	f->at_mono[i] = now;
	f->device[i] = d;
}

static bool later(const struct hub_device *a, const struct hub_device *b)
{
	return !b || a->heard_mono > b->heard_mono ||
	       (a->heard_mono < 0 && b->heard_mono < 0 && a->heard_wall > b->heard_wall);
}

/* Enough of them within the hour, each once, and still silent? Then the one of them that was heard
 * last: it began there. */
static const struct hub_device *begun(const struct hub_fallen *f, size_t need, int64_t now,
				      bool several)
{
	const struct hub_device *seen[HUB_FALLEN], *last = NULL;
	bool mixed = false;
	size_t n = 0;
	for (size_t k = 1; k <= HUB_FALLEN && k <= f->at; k++) {
		size_t i = (f->at - k) % HUB_FALLEN, twice = 0;
		const struct hub_device *d = f->device[i];
		if (now - f->at_mono[i] >= HUB_OUTAGE_MS)
			break;
		while (twice < n && seen[twice] != d)
			twice++;
		if (twice < n || !d->silent)
			continue;
		seen[n++] = d;
		mixed |= d->gateway != seen[0]->gateway;
		if (later(d, last))
			last = d;
	}
	return n >= need && (mixed || !several) ? last : NULL;
}

/* Those that have fallen within the hour are its members; their alarms, when nobody has taken them
 * yet, are gathered under it. */
static void gather(struct vd_hub *h, struct hub_fallen *f, struct live *outage)
{
	const struct vd_alarm *o = &outage->a;
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (!d->silent || !d->watch || (o->gateway && d->gateway != o->gateway) ||
		    hub_muni_of_gateway(h, d->gateway) != o->muni ||
		    h->rt->mono_ms(h->rt) - d->told_mono >= HUB_OUTAGE_MS)
			continue;
		const struct live *own =
			hub_stands(h, o->muni, d->gateway, d->id, VD_KIND_DEVICE_CONNECTIVITY);
		struct live *l = own ? hub_live(h, vd_span_cstr(own->a.id)) : NULL;
		outage_join(f, outage, d);
		if (l && l->a.handling == VD_H_NEW && l->a.condition == VD_COND_ACTIVE &&
		    !l->a.parent[0])
			hub_fold(h, outage, l);
	}
}

static void declare(struct vd_hub *h, struct hub_fallen *f, int muni, int64_t gateway,
		    const struct hub_device *began)
{
	bool more = outage_blowing(h, muni, gateway);
	hub_own_event_at(h, muni, gateway, NULL, VD_KIND_NETWORK_OUTAGE, "", "on",
			 "\"by\":\"hub\",\"what\":\"devices\"", began->heard_wall);
	struct live *outage = outage_blowing(h, muni, gateway);
	if (!outage)
		return;
	f->from_mono = began->heard_mono < 0 ? INT64_MIN / 2 : began->heard_mono;
	f->from_wall = began->heard_wall;
	f->at = 0; /* the next ones are others */
	if (!more)
		f->gone = f->back = f->told = 0;
	outage->a.count = (int)f->gone;
	gather(h, f, outage);
	f->told = f->gone;
	outage_mark_quiet(h, f, outage);
}

void hub_outage_fell(struct vd_hub *h, struct hub_device *d)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	struct hub_muni *m = hub_muni(h, muni);
	int64_t now = h->rt->mono_ms(h->rt);
	const struct hub_device *began;
	if (!g || muni < 0)
		return;
	remember(&g->fallen, d, now);
	began = begun(&g->fallen, outage_needed(g->fallen.in_use, 3), now, false);
	if (began) {
		declare(h, &g->fallen, muni, g->id, began);
		return;
	}
	if (!m)
		return;
	remember(&m->fallen, d, now);
	began = begun(&m->fallen, outage_needed(m->fallen.in_use, 5), now, true);
	if (!began)
		return;
	m->gateways = 0;
	declare(h, &m->fallen, muni, 0, began);
}

static bool takes(struct vd_hub *h, struct hub_fallen *f, struct live *outage, struct hub_device *d,
		  const char *attrs)
{
	char more[160];
	if (!outage || outage_heard_since(f, d))
		return false;
	snprintf(more, sizeof(more), "%s,\"outage\":\"%s\"", attrs, outage->a.id);
	hub_device_link(h, d, "offline", more);
	outage_join(f, outage, d);
	h->outage_grew = true;
	return true;
}

bool hub_outage_takes(struct vd_hub *h, struct hub_device *d, const char *attrs)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	struct hub_muni *m = hub_muni(h, muni);
	return (g && takes(h, &g->fallen, outage_blowing(h, muni, g->id), d, attrs)) ||
	       (m && !m->gateways && takes(h, &m->fallen, outage_blowing(h, muni, 0), d, attrs));
}

/* Those not heard yet have as long as they always have, counted from now. */
static void excuse(struct vd_hub *h, struct live *outage)
{
	int64_t now = h->rt->mono_ms(h->rt);
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (!d->watch || d->watch->outage != outage_mark(&outage->a) || !d->silent)
			continue;
		d->watch->member = false;
		d->watch->excused_mono = now;
		d->told_mono = now + hub_limit(h, d) - HUB_TELL_AGAIN_MS;
		hub_watch_device(h, d);
	}
}

void outage_over(struct vd_hub *h, struct hub_fallen *f, struct live *outage)
{
	char attrs[120];
	const struct vd_alarm *a = &outage->a;
	snprintf(attrs, sizeof(attrs),
		 "\"by\":\"hub\",\"away_s\":%lld,\"devices\":%zu,"
		 "\"missing\":%zu",
		 (long long)((h->rt->wall_ms(h->rt) - f->from_wall) / 1000), f->gone,
		 f->gone - f->back);
	excuse(h, outage);
	hub_own_event(h, a->muni, a->gateway, NULL, VD_KIND_NETWORK_OUTAGE, "", "off", attrs);
}

static void counted_back(struct vd_hub *h, struct hub_fallen *f, struct live *outage,
			 struct hub_device *d)
{
	if (!outage || !d->watch || !d->watch->member ||
	    d->watch->outage != outage_mark(&outage->a))
		return;
	d->watch->member = false;
	if (f->back < f->gone)
		f->back++;
	if (f->back * 2 >= f->gone)
		outage_over(h, f, outage);
}

void hub_outage_back(struct vd_hub *h, struct hub_device *d)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	struct hub_muni *m = hub_muni(h, muni);
	if (g)
		counted_back(h, &g->fallen, outage_blowing(h, muni, g->id), d);
	if (m)
		counted_back(h, &m->fallen, outage_blowing(h, muni, 0), d);
}

void hub_outage_left_behind(struct vd_hub *h, int muni, int64_t gateway, int64_t device,
			    enum vd_kind kind)
{
	const struct live *c = hub_stands(h, muni, gateway, device, kind);
	struct live *l = c && c->a.parent[0] ? hub_live(h, vd_span_cstr(c->a.id)) : NULL;
	const struct live *under = l ? hub_live(h, vd_span_cstr(l->a.parent)) : NULL;
	if (l && under && under->a.kind == VD_KIND_NETWORK_OUTAGE &&
	    under->a.condition == VD_COND_RETURNED)
		hub_unfold(h, l);
}

static struct hub_device *said_offline(struct vd_hub *h, const struct vd_event *e)
{
	return e->kind == VD_KIND_DEVICE_CONNECTIVITY && e->device && !hub_by_hub(e)
		       ? vd_map_get_u64(&h->device_by_id, (uint64_t)e->device)
		       : NULL;
}

/* The outage a device is part of, and its members. */
static struct live *outage_of(struct vd_hub *h, const struct hub_device *d, struct hub_fallen **ret)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	struct hub_muni *m = hub_muni(h, muni);
	struct live *l = g ? outage_blowing(h, muni, g->id) : NULL;
	*ret = g ? &g->fallen : NULL;
	if ((!l || outage_heard_since(*ret, d)) && m && !m->gateways) {
		l = outage_blowing(h, muni, 0);
		*ret = &m->fallen;
	}
	return l && *ret && !outage_heard_since(*ret, d) ? l : NULL;
}

bool hub_outage_waits(struct vd_hub *h, const struct vd_event *e)
{
	struct hub_fallen *f;
	const struct hub_device *d = said_offline(h, e);
	return d && outage_of(h, d, &f);
}

void hub_outage_word(struct vd_hub *h, const struct vd_event *e, struct live *l)
{
	struct hub_fallen *f;
	struct hub_device *d = said_offline(h, e);
	if (!d || d->silent || !hub_in_use(d))
		return;
	d->silent = h->counts_stale = true;
	d->told_mono = h->rt->mono_ms(h->rt);
	if (!h->running)
		return;
	struct live *outage = outage_of(h, d, &f);
	if (!outage) {
		hub_outage_fell(h, d);
		return;
	}
	outage_join(f, outage, d);
	h->outage_grew = true;
	if (l->a.handling == VD_H_NEW && !l->a.parent[0])
		hub_fold(h, outage, l);
}

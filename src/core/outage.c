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
#include "core/hub_int.h"
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

static uint64_t mark_of(const struct vd_alarm *a)
{
	return vd_hash64(vd_span(a->id, VD_ID_LEN), 0);
}

/* The open outage of a gateway's devices, or (gateway 0) of a municipality; NULL. */
static struct live *standing(struct vd_hub *h, int muni, int64_t gateway)
{
	const struct live *l = hub_stands(h, muni, gateway, 0, VD_KIND_NETWORK_OUTAGE);
	return l ? hub_live(h, vd_span_cstr(l->a.id)) : NULL;
}

static struct live *blowing(struct vd_hub *h, int muni, int64_t gateway)
{
	struct live *l = standing(h, muni, gateway);
	return l && l->a.condition == VD_COND_ACTIVE ? l : NULL;
}

static size_t needed(size_t in_use, size_t least)
{
	size_t n = in_use / 50;
	return n < least ? least : n > HUB_FALLEN ? HUB_FALLEN : n;
}

/* -- devices -------------------------------------------------------------------------------- */

/* By the monotonic clock; of what was heard before this start the wall clock must do. */
static bool heard_since(const struct hub_fallen *f, const struct hub_device *d)
{
	return d->heard_mono >= 0 ? d->heard_mono > f->from_mono + HUB_BEFORE_MS
				  : d->heard_wall > f->from_wall + HUB_BEFORE_MS;
}

static void join(struct hub_fallen *f, struct live *outage, struct hub_device *d)
{
	uint64_t mark = mark_of(&outage->a);
	if (!d->watch || (d->watch->missing && d->watch->outage == mark))
		return; /* told again after a day: it is one */
	d->watch->outage = mark;
	d->watch->missing = true;
	f->gone++;
	if (f->gone > (size_t)outage->a.count)
		outage->a.count = (int)f->gone;
}

static bool takes(struct vd_hub *h, struct hub_fallen *f, struct live *outage, struct hub_device *d,
		  const char *attrs)
{
	char more[160];
	if (!outage || heard_since(f, d))
		return false;
	snprintf(more, sizeof(more), "%s,\"outage\":\"%s\"", attrs, outage->a.id);
	hub_device_link(h, d, "offline", more);
	join(f, outage, d);
	h->outage_grew = true;
	return true;
}

static struct hub_fallen *fallen_of(struct vd_hub *h, const struct vd_alarm *a)
{
	struct hub_gateway *g = a->gateway ? hub_gateway(h, a->gateway) : NULL;
	struct hub_muni *m = hub_muni(h, a->muni);
	return g ? &g->fallen : m ? &m->fallen : NULL;
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
				? fallen_of(h, &l->a)
				: NULL;
		if (!f || f->told == f->gone)
			continue;
		f->told = f->gone;
		hub_changed(h, l, VD_STEP_MERGED, 0, 0, NULL);
	}
}

bool hub_outage_takes(struct vd_hub *h, struct hub_device *d, const char *attrs)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	struct hub_muni *m = hub_muni(h, muni);
	return (g && takes(h, &g->fallen, blowing(h, muni, g->id), d, attrs)) ||
	       (m && !m->gateways && takes(h, &m->fallen, blowing(h, muni, 0), d, attrs));
}

static void remember(struct hub_fallen *f, const struct hub_device *d, int64_t now)
{
	unsigned i = f->at++ % HUB_FALLEN;
	f->at_mono[i] = now;
	f->heard_mono[i] = d->heard_mono;
	f->heard_wall[i] = d->heard_wall;
	f->gateway[i] = d->gateway;
}

/* Enough of them within the hour? Then which of those was heard last: it began there. */
static bool begun(const struct hub_fallen *f, size_t need, int64_t now, bool several, size_t *ret_i)
{
	bool mixed = false;
	if (f->at < need)
		return false;
	*ret_i = (f->at - 1) % HUB_FALLEN;
	for (size_t k = 1; k <= need; k++) {
		size_t i = (f->at - k) % HUB_FALLEN;
		if (now - f->at_mono[i] >= HUB_OUTAGE_MS)
			return false;
		mixed |= f->gateway[i] != f->gateway[(f->at - 1) % HUB_FALLEN];
		if (f->heard_mono[i] > f->heard_mono[*ret_i] ||
		    (f->heard_mono[i] < 0 && f->heard_mono[*ret_i] < 0 &&
		     f->heard_wall[i] > f->heard_wall[*ret_i]))
			*ret_i = i;
	}
	return mixed || !several;
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
		join(f, outage, d);
		if (l && l->a.handling == VD_H_NEW && l->a.condition == VD_COND_ACTIVE &&
		    !l->a.parent[0])
			hub_fold(h, outage, l);
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
		if (d->gateway == like->gateway && d->identity[0] && heard_since(f, d) &&
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
static void mark_quiet(struct vd_hub *h, const struct hub_fallen *f, const struct live *outage)
{
	struct known k = {0};
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (outage->a.gateway && d->gateway == outage->a.gateway && d->watch &&
		    !d->silent && !heard_since(f, d) && !lives(h, &k, f, d)) {
			d->watch->outage = mark_of(&outage->a);
			d->watch->missing = false;
		}
	}
}

static void declare(struct vd_hub *h, struct hub_fallen *f, int muni, int64_t gateway, size_t began)
{
	bool more = blowing(h, muni, gateway);
	hub_own_event_at(h, muni, gateway, NULL, VD_KIND_NETWORK_OUTAGE, "", "on",
			 "\"by\":\"hub\",\"what\":\"devices\"", f->heard_wall[began]);
	struct live *outage = blowing(h, muni, gateway);
	if (!outage)
		return;
	f->from_mono = f->heard_mono[began] < 0 ? INT64_MIN / 2 : f->heard_mono[began];
	f->from_wall = f->heard_wall[began];
	f->at = 0; /* the next ones are others */
	if (!more)
		f->gone = f->back = f->told = 0;
	outage->a.count = (int)f->gone;
	gather(h, f, outage);
	f->told = f->gone;
	mark_quiet(h, f, outage);
}

void hub_outage_fell(struct vd_hub *h, struct hub_device *d)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	struct hub_muni *m = hub_muni(h, muni);
	int64_t now = h->rt->mono_ms(h->rt);
	size_t began;
	if (!g || muni < 0)
		return;
	remember(&g->fallen, d, now);
	if (begun(&g->fallen, needed(g->fallen.in_use, 3), now, false, &began)) {
		declare(h, &g->fallen, muni, g->id, began);
		return;
	}
	if (!m)
		return;
	remember(&m->fallen, d, now);
	if (!begun(&m->fallen, needed(m->fallen.in_use, 5), now, true, &began))
		return;
	m->gateways = 0;
	declare(h, &m->fallen, muni, 0, began);
}

/* -- told by a bridge ----------------------------------------------------------------------- */

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
	struct live *l = g ? blowing(h, muni, g->id) : NULL;
	*ret = g ? &g->fallen : NULL;
	if ((!l || heard_since(*ret, d)) && m && !m->gateways) {
		l = blowing(h, muni, 0);
		*ret = &m->fallen;
	}
	return l && *ret && !heard_since(*ret, d) ? l : NULL;
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
	join(f, outage, d);
	h->outage_grew = true;
	if (l->a.handling == VD_H_NEW && !l->a.parent[0])
		hub_fold(h, outage, l);
}

/* Those not heard yet have as long as they always have, counted from now. */
static void excuse(struct vd_hub *h, struct live *outage)
{
	int64_t now = h->rt->mono_ms(h->rt);
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (!d->watch || d->watch->outage != mark_of(&outage->a) || !d->silent)
			continue;
		d->watch->excused_mono = now;
		d->told_mono = now + hub_limit(h, d) - HUB_TELL_AGAIN_MS;
		hub_watch_device(h, d);
	}
}

static void over(struct vd_hub *h, struct hub_fallen *f, struct live *outage)
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
	if (!outage || !d->watch || d->watch->outage != mark_of(&outage->a) || !d->watch->missing)
		return;
	d->watch->missing = false;
	if (f->back < f->gone)
		f->back++;
	if (f->back * 2 >= f->gone)
		over(h, f, outage);
}

void hub_outage_back(struct vd_hub *h, struct hub_device *d)
{
	int muni = hub_muni_of_gateway(h, d->gateway);
	struct hub_gateway *g = hub_gateway(h, d->gateway);
	struct hub_muni *m = hub_muni(h, muni);
	if (g)
		counted_back(h, &g->fallen, blowing(h, muni, g->id), d);
	if (m)
		counted_back(h, &m->fallen, blowing(h, muni, 0), d);
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

/* -- gateways ------------------------------------------------------------------------------- */

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
	struct live *outage = blowing(h, muni, 0);
	char more[64];
	if (!m || !outage || !m->gateways)
		return false;
	if (g->lost_mono > m->lost_mono + HUB_GATEWAYS_MS)
		return false;
	snprintf(more, sizeof(more), ",\"outage\":\"%s\"", outage->a.id);
	hub_gateway_tell(h, g, more);
	m->gateways += g->outage != mark_of(&outage->a); /* or told again after a day */
	g->outage = mark_of(&outage->a);
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
		o->outage = mark_of(&outage->a);
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
	if (!m || c.lost < 2 || (c.lost < needed(c.connecting, 3) && c.lost < c.connecting) ||
	    standing(h, muni, 0))
		return;
	m->lost_mono = m->fallen.from_mono = g->lost_mono;
	m->fallen.from_wall = now_wall - (h->rt->mono_ms(h->rt) - g->lost_mono);
	m->gateways = 0;
	hub_own_event_at(h, muni, 0, NULL, VD_KIND_NETWORK_OUTAGE, "", "on",
			 "\"by\":\"hub\",\"what\":\"gateways\"", m->fallen.from_wall);
	struct live *outage = blowing(h, muni, 0);
	if (outage)
		gather_gateways(h, m, outage, g);
}

static size_t still_lost(struct vd_hub *h, const struct live *outage)
{
	size_t n = 0, it = 0;
	for (struct hub_gateway *o; (o = vd_map_each(&h->gateways, &it));)
		n += o->offline && o->outage == mark_of(&outage->a);
	return n;
}

/* Half of them are back: the others are told one by one when they do not come soon. */
void hub_outage_gateway_back(struct vd_hub *h, struct hub_gateway *g)
{
	int muni = hub_muni_of_gateway(h, g->id);
	struct hub_muni *m = hub_muni(h, muni);
	struct live *outage = blowing(h, muni, 0);
	if (!m || !outage || g->outage != mark_of(&outage->a))
		return;
	size_t gone = still_lost(h, outage), it = 0;
	char attrs[120];
	if (gone * 2 > m->gateways)
		return;
	for (struct hub_gateway *o; (o = vd_map_each(&h->gateways, &it));)
		if (o->offline && o->outage == mark_of(&outage->a))
			o->told_mono =
				h->rt->mono_ms(h->rt) + HUB_GATEWAY_START_MS - HUB_TELL_AGAIN_MS;
	snprintf(attrs, sizeof(attrs),
		 "\"by\":\"hub\",\"away_s\":%lld,\"gateways\":%zu,\"missing\":%zu",
		 (long long)((h->rt->wall_ms(h->rt) - m->fallen.from_wall) / 1000), m->gateways,
		 gone);
	m->gateways = 0;
	hub_own_event(h, muni, 0, NULL, VD_KIND_NETWORK_OUTAGE, "", "off", attrs);
}

bool hub_outage_heard(struct vd_hub *h, const struct vd_alarm *outage, const struct hub_device *d)
{
	const struct hub_fallen *f = fallen_of(h, outage);
	return f && heard_since(f, d);
}

/* -- after a start -------------------------------------------------------------------------- */

static void restore_devices(struct vd_hub *h, struct hub_fallen *f, struct live *outage)
{
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (!d->watch || !d->silent ||
		    hub_muni_of_gateway(h, d->gateway) != outage->a.muni ||
		    (outage->a.gateway && d->gateway != outage->a.gateway) || heard_since(f, d))
			continue;
		d->watch->outage = mark_of(&outage->a);
		d->watch->missing = true;
		f->gone++;
	}
}

static void restore_gateways(struct vd_hub *h, struct hub_muni *m, struct live *outage)
{
	size_t it = 0;
	for (struct hub_gateway *g; (g = vd_map_each(&h->gateways, &it));) {
		if (!g->offline || hub_muni_of_gateway(h, g->id) != outage->a.muni)
			continue;
		g->outage = mark_of(&outage->a);
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
		struct hub_fallen *f = fallen_of(h, &l->a);
		if (l->a.kind != VD_KIND_NETWORK_OUTAGE || l->a.handling == VD_H_CLOSED ||
		    l->a.condition != VD_COND_ACTIVE || !m || !f)
			continue;
		f->from_mono = INT64_MIN / 2;
		f->from_wall = l->a.raised_at_ms;
		if (!l->a.gateway)
			restore_gateways(h, m, l);
		restore_devices(h, f, l);
		f->told = f->gone;
		mark_quiet(h, f, l);
	}
}

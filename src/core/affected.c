/* SPDX-License-Identifier: EUPL-1.2 */
/* Who is affected when a gateway, a bridge or a network is gone: the persons whose devices are
 * behind it, those first who have no other way to call for help. Worked out when somebody looks,
 * from the directory and what has been heard, so that it is true at that moment. */
#include "core/hub_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdlib.h>

struct search {
	struct vd_hub *h;
	const struct vd_alarm *a;
	uint64_t mark;
	bool whole_gateway;
	struct vd_map by_person; /* recipient -> index + 1, as a pointer's value */
	struct vd_affected *list;
	size_t n, cap;
};

/* All whom it is for, at least one: 0 when it is placed with nobody. */
static size_t people_of(const struct vd_hub *h, const struct hub_device *d,
			int64_t ret[1 + VD_MAX_ALSO])
{
	const struct vd_placement *p =
		d->dir->placement ? vd_dir_placement(h->dir, d->dir->placement) : NULL;
	size_t n = 1;
	ret[0] = p ? p->recipient : 0;
	for (int i = 0; p && i < VD_MAX_ALSO && p->also[i]; i++)
		if (p->also[i] != ret[0])
			ret[n++] = p->also[i];
	return n;
}

/* One bridge of several on a gateway: those it speaks for. */
static bool behind_bridge(const struct search *s, const struct hub_device *d)
{
	const struct hub_binding *b = d->binding;
	return b && (s->a->condition == VD_COND_ACTIVE ? b->down : b->back_mono >= 0);
}

/* Is it the gateway's connection that is (or was last) gone, or one of its bridges'? */
static bool gateway_itself(struct vd_hub *h, const struct vd_alarm *a)
{
	const struct hub_gateway *g = vd_map_get_u64(&h->gateways, (uint64_t)a->gateway);
	bool down = false;
	int64_t back = -1;
	if (!g || g->offline)
		return true;
	VD_LIST_EACH(it, &g->bindings)
	{
		const struct hub_binding *b = VD_CONTAINER(it, struct hub_binding, of_gateway);
		down |= b->down;
		back = b->back_mono > back ? b->back_mono : back;
	}
	return a->condition == VD_COND_ACTIVE ? !down : g->back_mono >= back;
}

static bool behind(const struct search *s, const struct hub_device *d)
{
	const struct vd_alarm *a = s->a;
	const struct hub_gateway *g = vd_map_get_u64(&s->h->gateways, (uint64_t)d->gateway);
	if (a->kind == VD_KIND_BRIDGE_CONNECTIVITY)
		return d->gateway == a->gateway && (s->whole_gateway || behind_bridge(s, d));
	return (d->watch && d->watch->outage == s->mark) || (g && g->outage == s->mark);
}

/* Can it be heard at all, as far as anybody knows? */
static bool cut_off(struct vd_hub *h, const struct hub_device *d)
{
	const struct vd_gateway *row = vd_dir_gateway(h->dir, d->gateway);
	return d->silent || hub_covered(h, d) || !row || row->disabled;
}

static bool is_back(const struct search *s, const struct hub_device *d)
{
	const struct hub_gateway *g = vd_map_get_u64(&s->h->gateways, (uint64_t)d->gateway);
	int64_t since = g ? g->back_mono : -1;
	if (cut_off(s->h, d))
		return false;
	if (d->binding && d->binding->back_mono > since)
		since = d->binding->back_mono;
	if (s->a->kind == VD_KIND_BRIDGE_CONNECTIVITY || !s->a->gateway)
		return d->heard_mono >= 0 && d->heard_mono >= since;
	return hub_outage_heard(s->h, s->a, d);
}

static struct vd_affected *row_of(struct search *s, int64_t recipient)
{
	size_t at = recipient ? (size_t)vd_map_get_u64(&s->by_person, (uint64_t)recipient) : 0;
	if (at)
		return &s->list[at - 1];
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 32;
		struct vd_affected *more = vd_realloc(s->list, cap * sizeof(*more));
		if (!more)
			return NULL;
		s->list = more;
		s->cap = cap;
	}
	struct vd_affected *r = &s->list[s->n++];
	*r = (struct vd_affected){.recipient = recipient, .back = true};
	if (recipient)
		(void)vd_map_put_u64(&s->by_person, (uint64_t)recipient, (void *)s->n);
	return r;
}

static bool calls(const struct hub_device *d)
{
	return d->watch && d->watch->calls;
}

/* The device that stands for the person is one to call with, when there is one. */
static bool add_for(struct search *s, const struct hub_device *d, int64_t recipient)
{
	struct vd_affected *r = row_of(s, recipient);
	if (!r)
		return false;
	if (!r->device || (calls(d) && !r->calls)) {
		r->device = d->id;
		r->placement = d->dir->placement;
	}
	r->calls |= calls(d);
	r->only_way |= calls(d);
	r->devices++;
	r->back &= is_back(s, d);
	return true;
}

static bool add(struct search *s, const struct hub_device *d)
{
	int64_t who[1 + VD_MAX_ALSO];
	size_t n = people_of(s->h, d, who);
	bool good = true;
	for (size_t i = 0; good && i < n; i++)
		good = add_for(s, d, who[i]);
	return good;
}

/* Something else to call with that is heard as it should be. */
static void other_ways(struct search *s)
{
	VD_LIST_EACH(it, &s->h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (!hub_in_use(d) || !calls(d) || !d->heard_wall || cut_off(s->h, d) ||
		    (behind(s, d) && !is_back(s, d)))
			continue;
		int64_t who[1 + VD_MAX_ALSO];
		size_t n = behind(s, d) ? 0 : people_of(s->h, d, who);
		for (size_t i = 0; i < n; i++) {
			size_t at = (size_t)vd_map_get_u64(&s->by_person, (uint64_t)who[i]);
			if (at)
				s->list[at - 1].only_way = false;
		}
	}
}

static int by_dependence(const void *pa, const void *pb)
{
	const struct vd_affected *a = pa, *b = pb;
	if (a->only_way != b->only_way)
		return a->only_way ? -1 : 1;
	if (a->calls != b->calls)
		return a->calls ? -1 : 1;
	if (!a->recipient != !b->recipient)
		return a->recipient ? -1 : 1;
	if (a->back != b->back)
		return a->back ? 1 : -1;
	return a->recipient < b->recipient ? -1 : a->recipient > b->recipient;
}

bool vd_alarm_affects(const struct vd_alarm *a)
{
	return a->kind == VD_KIND_NETWORK_OUTAGE ||
	       (a->kind == VD_KIND_BRIDGE_CONNECTIVITY && !a->device);
}

int vd_hub_affected(struct vd_hub *h, const struct vd_alarm *a, struct vd_affected **ret,
		    size_t *ret_n)
{
	struct search s = {.h = h, .a = a, .mark = vd_hash64(vd_span(a->id, VD_ID_LEN), 0)};
	*ret = NULL;
	*ret_n = 0;
	if (!vd_alarm_affects(a))
		return 0;
	s.whole_gateway = gateway_itself(h, a);
	vd_map_init(&s.by_person, VD_MAX_DEVICES, s.mark);
	bool good = true;
	VD_LIST_EACH(it, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(it, struct hub_device, link);
		if (good && hub_in_use(d) && behind(&s, d))
			good = add(&s, d);
	}
	if (good)
		other_ways(&s);
	vd_map_fini(&s.by_person);
	if (!good) {
		vd_free(s.list);
		return VD_ENOMEM;
	}
	if (s.n)
		qsort(s.list, s.n, sizeof(*s.list), by_dependence);
	*ret = s.list;
	*ret_n = s.n;
	return 0;
}

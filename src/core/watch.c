/* SPDX-License-Identifier: EUPL-1.2 */
/* What the hub shows: the feed of changes, lists, status, counts. */
#include "core/hub_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>

struct console_count {
	int64_t staff;
	int n;
};

void hub_feed(struct vd_hub *h, const struct vd_alarm *a, const struct vd_alarm_step *s)
{
	struct vd_change *c = &h->ring[++h->seq % VD_FEED_RING];
	c->seq = h->seq;
	c->alarm = *a;
	c->step = *s;
	c->step.note[0] = '\0';
	VD_LIST_EACH(it, &h->watchers)
	{
		struct vd_watcher *w = VD_CONTAINER(it, struct vd_watcher, link);
		if (w->on_change)
			w->on_change(w, c);
	}
}

void hub_feed_command(struct vd_hub *h, const struct vd_command *c)
{
	VD_LIST_EACH(it, &h->watchers)
	{
		struct vd_watcher *w = VD_CONTAINER(it, struct vd_watcher, link);
		if (w->on_command)
			w->on_command(w, c);
	}
}

void hub_feed_event(struct vd_hub *h, const struct vd_event *e)
{
	hub_commands_saw(h, e);
	VD_LIST_EACH(it, &h->watchers)
	{
		struct vd_watcher *w = VD_CONTAINER(it, struct vd_watcher, link);
		if (w->on_event)
			w->on_event(w, e);
	}
}

void vd_hub_watch(struct vd_hub *h, struct vd_watcher *w)
{
	vd_list_push_back(&h->watchers, &w->link);
}

void vd_hub_unwatch(struct vd_hub *h, struct vd_watcher *w)
{
	(void)h;
	vd_list_remove(&w->link);
}

const char *vd_hub_epoch(const struct vd_hub *h)
{
	return h->epoch;
}

int64_t vd_hub_seq(const struct vd_hub *h)
{
	return h->seq;
}

int vd_hub_catch_up(struct vd_hub *h, int64_t seq, void (*fn)(const struct vd_change *c, void *arg),
		    void *arg)
{
	if (seq < 0 || seq > h->seq || h->seq - seq >= VD_FEED_RING)
		return VD_ENOTFOUND;
	for (int64_t i = seq + 1; i <= h->seq; i++)
		fn(&h->ring[i % VD_FEED_RING], arg);
	return 0;
}

static int by_urgency(const void *pa, const void *pb)
{
	const struct vd_alarm *a = *(const struct vd_alarm *const *)pa;
	const struct vd_alarm *b = *(const struct vd_alarm *const *)pb;
	bool ca = a->handling == VD_H_CLOSED, cb = b->handling == VD_H_CLOSED;
	if (ca != cb)
		return ca ? 1 : -1;
	if (a->priority != b->priority)
		return b->priority - a->priority;
	return a->received_at_ms < b->received_at_ms ? -1 : a->received_at_ms > b->received_at_ms;
}

/* Not those that made room for others: the store has them. */
static bool listed(struct vd_hub *h, const struct vd_scope *scope, const struct live *l)
{
	const struct vd_alarm *a = &l->a;
	if (!vd_scope_sees(scope, a->muni))
		return false;
	if (a->handling != VD_H_CLOSED)
		return true;
	return h->rt->wall_ms(h->rt) - a->closed_at_ms <= VD_HOUR_MS &&
	       hub_live(h, vd_span_cstr(a->id)) == l;
}

void vd_hub_alarms(struct vd_hub *h, const struct vd_scope *scope,
		   bool (*fn)(const struct vd_alarm *a, void *arg), void *arg)
{
	size_t n = 0;
	const struct vd_alarm **list = vd_malloc((h->live_by_id.n + 1) * sizeof(*list));
	VD_LIST_EACH(it, &h->lives)
	{
		const struct live *l = VD_CONTAINER(it, struct live, link);
		if (!listed(h, scope, l))
			continue;
		if (list)
			list[n++] = &l->a;
		else if (!fn(&l->a, arg)) /* without memory in no order, but never an empty list */
			return;
	}
	if (!list)
		return;
	qsort(list, n, sizeof(*list), by_urgency);
	for (size_t i = 0; i < n; i++)
		if (!fn(list[i], arg))
			break;
	vd_free(list);
}

const struct vd_alarm *vd_hub_alarm(struct vd_hub *h, const struct vd_scope *scope,
				    struct vd_span id)
{
	struct live *l = hub_live(h, id);
	return l && vd_scope_sees(scope, l->a.muni) ? &l->a : NULL;
}

size_t vd_hub_receivers(struct vd_hub *h, const struct vd_alarm *a, int64_t *ret, size_t cap)
{
	int64_t now = h->rt->wall_ms(h->rt);
	if (a->level >= 3)
		return vd_roster_everyone(h->dir, a->muni, ret, cap);
	size_t n = vd_roster_on_duty(h->dir, a->muni, 1, now, ret, cap);
	if (a->level >= 2)
		n += vd_roster_on_duty(h->dir, a->muni, 2, now, ret + n, cap - n);
	return n;
}

bool vd_hub_device_health(struct vd_hub *h, int64_t device, struct vd_device_health *ret)
{
	struct hub_device *d = vd_map_get_u64(&h->device_by_id, (uint64_t)device);
	if (!d)
		return false;
	*ret = (struct vd_device_health){.last_heard_ms = d->heard_wall,
					 .battery = d->battery,
					 .link = d->link_quality,
					 .silent = d->silent,
					 .on_test = d->dir &&
						    d->dir->test_until_ms > h->rt->wall_ms(h->rt),
					 .unknown_keys = d->unknown_keys,
					 .watch_class = ""};
	if (!d->watch)
		return true;
	ret->limit_ms = d->watch->limit.limit_ms;
	ret->interval_ms = d->watch->limit.interval_ms;
	ret->basis = d->watch->limit.basis;
	ret->watch_class = d->watch->class->name;
	ret->calls = d->watch->calls;
	ret->tested_ms = d->watch->tested_wall;
	ret->troubles = d->watch->trouble.standing;
	return true;
}

static void count_alarms(struct vd_hub *h, const struct vd_scope *scope, struct vd_status *ret)
{
	VD_LIST_EACH(it, &h->lives)
	{
		const struct vd_alarm *a = &VD_CONTAINER(it, struct live, link)->a;
		if (a->handling == VD_H_CLOSED || !vd_scope_sees(scope, a->muni))
			continue;
		ret->open++;
		ret->unacknowledged += a->handling == VD_H_NEW && !a->parent[0];
		ret->shelved += a->handling == VD_H_SHELVED;
	}
}

/* Counted for all at once, not for every console that asks. */
static void recount(struct vd_hub *h)
{
	int64_t now = h->rt->wall_ms(h->rt), mono = h->rt->mono_ms(h->rt);
	size_t it = 0;
	if (!h->counts_stale && mono - h->counted_mono < HUB_COUNT_MS)
		return;
	h->counts_stale = false;
	h->counted_mono = mono;
	for (struct hub_muni *m; (m = vd_map_each(&h->munis, &it));)
		m->silent = m->on_test = m->waiting = 0;
	VD_LIST_EACH(at, &h->devices)
	{
		const struct hub_device *d = VD_CONTAINER(at, struct hub_device, link);
		struct hub_muni *m = d->dir ? hub_muni(h, d->dir->muni) : NULL;
		if (!m)
			continue;
		m->silent += d->silent;
		m->on_test += d->dir->test_until_ms > now;
		m->waiting += d->dir->lifecycle == VD_LIFE_HEARD;
	}
}

static void count_devices(struct vd_hub *h, const struct vd_scope *scope, struct vd_status *ret)
{
	recount(h);
	for (size_t i = 0; i < h->dir->n_munis; i++) {
		const struct hub_muni *m =
			vd_scope_sees(scope, h->dir->munis[i].number)
				? vd_map_get_u64(&h->munis, (uint64_t)h->dir->munis[i].number)
				: NULL;
		ret->silent_devices += m ? m->silent : 0;
		ret->on_test += m ? m->on_test : 0;
		ret->waiting_devices += m ? m->waiting : 0;
	}
}

void vd_hub_status(struct vd_hub *h, const struct vd_scope *scope, struct vd_status *ret)
{
	struct vd_store_stats s;
	int64_t now = h->rt->wall_ms(h->rt);
	*ret = (struct vd_status){0};
	h->store->stats(h->store, &s);
	ret->storage = s.health;
	count_alarms(h, scope, ret);
	count_devices(h, scope, ret);
	for (size_t i = 0; i < h->dir->n_munis && ret->n_duty < 16; i++) {
		int muni = h->dir->munis[i].number;
		if (!vd_scope_sees(scope, muni))
			continue;
		int64_t first = 0, next = 0;
		(void)vd_roster_on_duty(h->dir, muni, 1, now, &first, 1);
		(void)vd_roster_on_duty(h->dir, muni, 2, now, &next, 1);
		ret->duty[ret->n_duty].muni = muni;
		ret->duty[ret->n_duty].first = first;
		ret->duty[ret->n_duty++].next = next;
	}
}

struct watched_muni {
	int64_t at_mono; /* a console that shows it came or went then */
};

static void saw(struct vd_hub *h, const struct vd_staff *s)
{
	for (int i = 0; s && i < 16 && s->scope[i]; i++) {
		struct watched_muni *m = vd_map_get_u64(&h->watched, (uint64_t)s->scope[i]);
		if (!m) {
			m = vd_calloc(1, sizeof(*m));
			if (m && vd_map_put_u64(&h->watched, (uint64_t)s->scope[i], m)) {
				vd_free(m);
				m = NULL;
			}
		}
		if (m)
			m->at_mono = h->rt->mono_ms(h->rt);
	}
}

bool hub_unwatched(struct vd_hub *h, int muni)
{
	const struct watched_muni *m = vd_map_get_u64(&h->watched, (uint64_t)muni);
	size_t it = 0;
	if (!m || h->rt->mono_ms(h->rt) - m->at_mono < HUB_CONSOLE_LOST_MS)
		return false;
	for (const struct console_count *c; (c = vd_map_each(&h->consoles, &it));) {
		const struct vd_staff *s = c->n > 0 ? vd_dir_staff(h->dir, c->staff) : NULL;
		if (s && vd_staff_sees(s, muni))
			return false;
	}
	return true;
}

void vd_hub_console(struct vd_hub *h, int64_t staff, int delta)
{
	struct console_count *c = vd_map_get_u64(&h->consoles, (uint64_t)staff);
	if (!c && delta > 0) {
		c = vd_calloc(1, sizeof(*c));
		if (!c)
			return;
		c->staff = staff;
		if (vd_map_put_u64(&h->consoles, (uint64_t)staff, c)) {
			vd_free(c);
			return;
		}
	}
	if (c)
		c->n += delta;
	saw(h, vd_dir_staff(h->dir, staff));
}

void vd_hub_stats(struct vd_hub *h, struct vd_hub_stats *ret)
{
	*ret = h->stats;
	ret->open_alarms = (int64_t)h->n_open;
	ret->inflight = (int64_t)h->n_inflight;
	VD_LIST_EACH(it, &h->devices)
	ret->silent_devices += VD_CONTAINER(it, struct hub_device, link)->silent;
}

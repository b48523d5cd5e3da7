/* SPDX-License-Identifier: EUPL-1.2 */
/* What was heard of devices goes to the store: last heard once a minute, what is learned of a
 * rhythm once an hour. What a crash takes with it is learned again. */
#include "core/hub_int.h"
#include "base/mem.h"
#include <stdio.h>

void hub_unseen(struct vd_hub *h, struct hub_device *d)
{
	if (d->identity[0] && vd_list_empty(&d->unseen))
		vd_list_push_back(&h->unseen, &d->unseen);
}

static bool add_seen(struct vd_batch *b, struct hub_device *d)
{
	struct vd_op *op = d->heartbeats ? vd_batch_op(b, VD_OP_SEEN) : NULL;
	if (!op)
		return !d->heartbeats;
	op->u.seen.device = d->id;
	op->u.seen.at_ms = d->heard_wall;
	op->u.seen.battery = d->battery;
	op->u.seen.link = d->link_quality;
	op->u.seen.heartbeats = d->heartbeats;
	op->u.seen.gap_ms = d->gap_ms;
	d->heartbeats = 0;
	d->gap_ms = 0;
	return true;
}

static void fill_watch(struct vd_hub *h, const struct hub_device *d, struct vd_op_watch *ret)
{
	const struct hub_watch *w = d->watch;
	*ret = (struct vd_op_watch){.device = d->id,
				    .at_ms = h->rt->wall_ms(h->rt),
				    .basis = w->limit.basis,
				    .limit_ms = w->limit.limit_ms,
				    .interval_ms = w->limit.interval_ms,
				    .stated_ms = w->stated_ms,
				    .since_ms = w->since_wall,
				    .tested_ms = w->tested_wall,
				    .reminded_ms = w->reminded_wall,
				    .troubles = w->trouble.standing};
	snprintf(ret->class, sizeof(ret->class), "%s", w->class->name);
	vd_rhythm_write(&w->rhythm, ret->learned);
	vd_trouble_write(&w->trouble, ret->shape);
}

static bool add_watch(struct vd_hub *h, struct vd_batch *b, struct hub_device *d, bool all)
{
	struct hub_watch *w = d->watch;
	struct vd_op_watch row;
	int64_t now = h->rt->mono_ms(h->rt);
	if (!w || !(w->save || (w->learned && (all || now - w->saved_mono >= HUB_SAVE_MS))))
		return true;
	fill_watch(h, d, &row);
	if (vd_batch_watch(b, &row))
		return false;
	w->save = w->learned = false;
	w->saved_mono = now;
	return true;
}

static void on_seen(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	struct vd_hub *h = arg;
	(void)first_seq;
	if (!err)
		return; /* last heard is flushed again with the next sign of life; the rest now */
	for (size_t i = 0; i < b->n; i++) {
		struct hub_device *d = b->ops[i].type == VD_OP_WATCH
					       ? vd_map_get_u64(&h->device_by_id,
								(uint64_t)b->ops[i].u.watch->device)
					       : NULL;
		if (d && d->watch) {
			d->watch->save = true;
			hub_unseen(h, d);
		}
	}
}

static void send(struct vd_hub *h, struct vd_batch *b)
{
	b->done = on_seen;
	b->arg = h;
	if (b->n && h->store->submit(h->store, b) == 0)
		return;
	on_seen(b, VD_EBUSY, 0, h);
	vd_batch_free(b);
}

void hub_seen_flush(struct vd_hub *h, bool all)
{
	struct vd_batch *b = NULL;
	h->seen_flush_mono = h->rt->mono_ms(h->rt);
	struct vd_link now, *l;
	vd_list_init(&now);
	while ((l = vd_list_pop(&h->unseen)))
		vd_list_push_back(&now, l);
	while ((l = vd_list_pop(&now))) {
		struct hub_device *d = VD_CONTAINER(l, struct hub_device, unseen);
		if (!b)
			b = vd_batch_new();
		if (!b || !add_seen(b, d) || !add_watch(h, b, d, all)) {
			hub_unseen(h, d);
			break;
		}
		if (b->n + 2 > VD_MAX_BATCH_OPS) {
			send(h, b);
			b = NULL;
		}
	}
	while ((l = vd_list_pop(&now))) /* no memory: with the next flush */
		vd_list_push_back(&h->unseen, l);
	if (b)
		send(h, b);
}

#define AWAY_MS (15 * VD_MINUTE_MS)

/* When anything was heard last before this start. */
static int64_t newest(const struct vd_boot *boot)
{
	int64_t at = boot->wall_ms_last;
	for (size_t i = 0; i < boot->n_seen; i++)
		at = boot->seen[i].at_ms > at ? boot->seen[i].at_ms : at;
	return at;
}

void hub_watches_restore(struct vd_hub *h, const struct vd_boot *boot)
{
	h->was_away = h->wall_started - newest(boot) >= AWAY_MS;
	for (size_t i = 0; i < boot->n_watches; i++) {
		const struct vd_op_watch *row = &boot->watches[i];
		struct hub_device *d = vd_map_get_u64(&h->device_by_id, (uint64_t)row->device);
		if (!d || !d->watch)
			continue;
		struct hub_watch *w = d->watch;
		vd_rhythm_read(&w->rhythm, vd_span_cstr(row->learned));
		w->stated_ms = row->stated_ms;
		w->since_wall = row->since_ms;
		w->tested_wall = row->tested_ms;
		w->reminded_wall = row->reminded_ms;
		w->limit.basis = row->basis;
		vd_trouble_read(&w->trouble, vd_span_cstr(row->shape));
		w->save = false;
	}
	VD_LIST_EACH(l, &h->devices)
	{
		struct hub_device *d = VD_CONTAINER(l, struct hub_device, link);
		if (!d->watch)
			continue;
		hub_troubles_restore(d, h->started_mono);
		hub_watch_device(h, d);
	}
}

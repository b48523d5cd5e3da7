/* SPDX-License-Identifier: EUPL-1.2 */
/* From memory to the store. A live alarm that changed is dirty; at the end of the turn everything
 * dirty goes into as few batches as possible, each with the journal cursor when nothing dirty is
 * left outside it. A batch that fails leaves its alarms dirty with their steps; the tick tries
 * again, so nothing is forgotten while the disk is full: it is only not yet durable, and nobody was
 * told that it was. */
#include "core/hub_int.h"
#include "base/mem.h"

struct flush_item {
	struct live *l;
	struct unsaved_step *steps; /* taken from the live, given back on failure */
	size_t n_steps;             /* how many of the live's are in this batch */
	bool own;                   /* carried the live's own event */
};

struct flush {
	struct vd_hub *h;
	void (*done)(struct vd_hub *h, struct live *l, int err, void *arg);
	void *arg;
	int64_t cursor; /* in this batch, 0 = none */
	size_t n;
	struct flush_item items[];
};

#define ITEMS_MAX                                                                                  \
	40 /* alarms a batch: each takes a row and about two steps of VD_MAX_BATCH_OPS             \
	    */

/* VD_ENOMEM: the alarm row still tells the state, this line of its history is lost. A person's step
 * is not taken then. */
int hub_step_add(struct vd_hub *h, struct live *l, const struct vd_alarm_step *s)
{
	struct unsaved_step *u = vd_malloc(sizeof(*u));
	(void)h;
	if (!u)
		return VD_ENOMEM;
	u->next = NULL;
	u->step = *s;
	*l->steps_tail = u;
	l->steps_tail = &u->next;
	return 0;
}

/* Takes back the newest step if it is number n (an action that could not be stored). */
void hub_step_drop_last(struct live *l, int64_t n)
{
	struct unsaved_step **p = &l->steps;
	while (*p && (*p)->step.n != n)
		p = &(*p)->next;
	if (!*p)
		return;
	struct unsaved_step *u = *p;
	*p = u->next;
	if (!*p)
		l->steps_tail = p;
	vd_free(u);
}

void hub_mark_dirty(struct vd_hub *h, struct live *l)
{
	if (!l->dirty) {
		l->dirty = true;
		vd_list_push_back(&h->dirty, &l->dirty_link);
	}
	if (!h->flush.pending && !h->stopping)
		h->rt->defer(h->rt, &h->flush);
}

/* Without a turn of its own: a full disk is tried again by the tick. */
void hub_mark_dirty_later(struct vd_hub *h, struct live *l)
{
	if (l->dirty)
		return;
	l->dirty = true;
	vd_list_push_back(&h->dirty, &l->dirty_link);
}

static void steps_free(struct unsaved_step *s)
{
	while (s) {
		struct unsaved_step *next = s->next;
		vd_free(s);
		s = next;
	}
}

/* Back in front of what came since. */
static void steps_give_back(struct live *l, struct unsaved_step *s)
{
	if (!s)
		return;
	struct unsaved_step *last = s;
	while (last->next)
		last = last->next;
	last->next = l->steps;
	if (!l->steps)
		l->steps_tail = &last->next;
	l->steps = s;
}

static void item_settle(struct flush *f, struct flush_item *it, int err)
{
	struct live *l = it->l;
	l->inflight--;
	if (!err) {
		steps_free(it->steps);
		if (it->own) {
			vd_free(l->own_event);
			l->own_event = NULL;
			l->own_sent = false;
		}
		return;
	}
	if (it->own)
		l->own_sent = false;
	steps_give_back(l, it->steps);
	hub_mark_dirty_later(f->h, l);
}

void hub_cursor_past(struct vd_hub *h, const struct vd_batch *b, int64_t first_seq)
{
	int64_t n = 0;
	for (size_t i = 0; i < b->n; i++)
		n += b->ops[i].type == VD_OP_EVENT;
	if (n && first_seq + n - 1 > h->cursor)
		h->cursor = first_seq + n - 1;
}

static void on_flushed(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	struct flush *f = arg;
	f->h->n_flushing--;
	if (!err)
		hub_cursor_past(f->h, b, first_seq);
	for (size_t i = 0; i < f->n; i++)
		item_settle(f, &f->items[i], err);
	if (!err && f->cursor > f->h->cursor_saved)
		f->h->cursor_saved = f->cursor;
	if (f->done)
		f->done(f->h, f->items[0].l, err, f->arg);
	if (err)
		hub_check_storage(f->h);
	vd_free(f);
}

/* At most `room` ops; steps that do not fit go with a later batch. */
static int add_item(struct flush *f, struct vd_batch *b, struct live *l, size_t room)
{
	bool own = l->own_event && !l->own_sent;
	size_t n = 0;
	if (own && vd_batch_event(b, l->own_event))
		return VD_ENOMEM;
	if (vd_batch_alarm(b, &l->a))
		return VD_ENOMEM;
	for (struct unsaved_step *s = l->steps; s && n + 2 < room; s = s->next, n++)
		if (vd_batch_step(b, &s->step))
			return VD_ENOMEM;
	f->items[f->n++] = (struct flush_item){.l = l, .own = own, .n_steps = n};
	return 0;
}

/* The first n steps, cut off from the rest. */
static struct unsaved_step *steps_take(struct live *l, size_t n)
{
	struct unsaved_step *first = n ? l->steps : NULL, **p = &l->steps;
	while (n-- && *p)
		p = &(*p)->next;
	struct unsaved_step *rest = *p;
	*p = NULL;
	l->steps = rest;
	if (!rest)
		l->steps_tail = &l->steps;
	return first;
}

/* The batch is on its way: the items own the steps now. */
static void take_items(struct flush *f)
{
	for (size_t i = 0; i < f->n; i++) {
		struct flush_item *it = &f->items[i];
		it->steps = steps_take(it->l, it->n_steps);
		it->l->inflight++;
		it->l->own_sent |= it->own;
		it->l->dirty = false;
		vd_list_remove(&it->l->dirty_link);
		if (!it->l->steps)
			continue;
		it->l->dirty = true; /* the rest of its steps: in the next batch */
		vd_list_push_back(&f->h->dirty, &it->l->dirty_link);
	}
	f->h->n_flushing++;
}

static size_t steps_of(const struct live *l)
{
	size_t n = 2; /* the alarm row and perhaps its event */
	for (const struct unsaved_step *s = l->steps; s; s = s->next)
		n++;
	return n;
}

static void add_cursor(struct vd_hub *h, struct flush *f, struct vd_batch *b, size_t n_dirty)
{
	/* Not past a batch that may still fail: its alarms would then be in memory only. */
	bool whole = f->n == n_dirty && !h->n_flushing && !h->overfull;
	for (size_t i = 0; i < f->n && whole; i++)
		whole = steps_of(f->items[i].l) - 2 == f->items[i].n_steps;
	struct vd_op *op =
		whole && h->cursor > h->cursor_saved ? vd_batch_op(b, VD_OP_CURSOR) : NULL;
	if (op)
		f->cursor = op->u.cursor.seq = h->cursor;
}

static int submit(struct vd_hub *h, struct flush *f, struct vd_batch *b)
{
	b->alarm_lane = true;
	b->done = on_flushed;
	b->arg = f;
	int err = h->store->submit(h->store, b);
	if (!err)
		take_items(f);
	return err;
}

static size_t count_dirty(const struct vd_hub *h)
{
	size_t n = 0;
	VD_LIST_EACH(it, &h->dirty)
	n++;
	return n;
}

/* One batch of the dirty; false when nothing could be sent. */
static bool flush_some(struct vd_hub *h)
{
	struct flush *f = vd_calloc(1, sizeof(*f) + ITEMS_MAX * sizeof(f->items[0]));
	struct vd_batch *b = vd_batch_new();
	int err = f && b ? 0 : VD_ENOMEM;
	size_t room = VD_MAX_BATCH_OPS - 1;
	if (f)
		f->h = h;
	for (struct vd_link *it = h->dirty.next; !err && it != &h->dirty && f->n < ITEMS_MAX;
	     it = it->next) {
		struct live *l = VD_CONTAINER(it, struct live, dirty_link);
		size_t need = steps_of(l);
		if (need > room && f->n)
			break;
		err = add_item(f, b, l, room);
		room -= need < room ? need : room;
	}
	if (!err && f->n) {
		add_cursor(h, f, b, count_dirty(h));
		err = submit(h, f, b);
		if (!err)
			return true;
	}
	vd_batch_free(b);
	vd_free(f);
	return false;
}

void hub_flush(struct vd_hub *h)
{
	while (!vd_list_empty(&h->dirty) && flush_some(h))
		;
}

int hub_flush_one(struct vd_hub *h, struct live *l,
		  void (*done)(struct vd_hub *h, struct live *l, int err, void *arg), void *arg)
{
	struct flush *f = vd_calloc(1, sizeof(*f) + sizeof(f->items[0]));
	struct vd_batch *b = vd_batch_new();
	int err = f && b ? add_item(f, b, l, VD_MAX_BATCH_OPS) : VD_ENOMEM;
	if (!err && f->items[0].n_steps + 2 < steps_of(l))
		err = VD_EBUSY; /* what is waiting goes first */
	if (!err) {
		f->h = h;
		f->done = done;
		f->arg = arg;
		err = submit(h, f, b);
		if (!err)
			return 0;
	}
	vd_batch_free(b);
	vd_free(f);
	return err == VD_ENOMEM ? VD_ENOMEM : VD_EBUSY;
}

static void on_nobody_waits(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	if (err)
		hub_check_storage(arg);
	else
		hub_cursor_past(arg, b, first_seq);
}

static void send_alone(struct vd_hub *h, struct vd_batch *b)
{
	b->done = on_nobody_waits;
	b->arg = h;
	if (h->store->submit(h->store, b))
		vd_batch_free(b);
}

void hub_store_event(struct vd_hub *h, const struct vd_event *e)
{
	struct vd_batch *b = vd_batch_new();
	if (b && vd_batch_event(b, e) == 0)
		send_alone(h, b);
	else
		vd_batch_free(b);
}

void hub_store_cursor(struct vd_hub *h)
{
	if (h->cursor == h->cursor_saved || !vd_list_empty(&h->dirty) || h->n_flushing ||
	    h->overfull)
		return;
	struct vd_batch *b = vd_batch_new();
	struct vd_op *op = b ? vd_batch_op(b, VD_OP_CURSOR) : NULL;
	if (!op) {
		vd_batch_free(b);
		return;
	}
	op->u.cursor.seq = h->cursor;
	h->cursor_saved = h->cursor; /* lost or failed: a few rows are assessed again, harmlessly */
	send_alone(h, b);
}

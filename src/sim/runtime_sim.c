/* SPDX-License-Identifier: EUPL-1.2 */
/* Timers live in a binary heap ordered by (due, start order), so equal deadlines fire in the order
 * they were set, as on the real loop. */
#include "sim/runtime_sim.h"
#include "base/check.h"
#include "base/mem.h"
#include <string.h>

struct sim;
struct vd_timer {
	struct sim *s;
	void (*fn)(void *arg);
	void *arg;
	int64_t due;
	uint64_t order;
	size_t at; /* heap place + 1, 0 = not running */
};
struct vd_waker {
	struct sim *s;
	struct vd_waker *next;
	void (*fn)(void *arg);
	void *arg;
	bool woken;
};
struct sim {
	struct vd_runtime port;
	int64_t mono, wall_offset;
	uint64_t rng, order;
	struct vd_timer **heap;
	size_t n, cap, open;
	struct vd_deferred *first, **last;
	struct vd_waker *wakers;
};

static struct sim *self(struct vd_runtime *r)
{
	return r->impl;
}

static bool before(const struct vd_timer *a, const struct vd_timer *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void place(struct sim *s, size_t i, struct vd_timer *t)
{
	s->heap[i] = t;
	t->at = i + 1;
}

static void sift(struct sim *s, size_t i)
{
	struct vd_timer *t = s->heap[i];
	while (i && before(t, s->heap[(i - 1) / 2])) {
		place(s, i, s->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	for (;;) {
		size_t c = 2 * i + 1;
		if (c >= s->n)
			break;
		if (c + 1 < s->n && before(s->heap[c + 1], s->heap[c]))
			c++;
		if (!before(s->heap[c], t))
			break;
		place(s, i, s->heap[c]);
		i = c;
	}
	place(s, i, t);
}

static int64_t mono_ms(struct vd_runtime *r)
{
	return self(r)->mono;
}

static int64_t wall_ms(struct vd_runtime *r)
{
	return self(r)->mono + self(r)->wall_offset;
}

static void entropy(struct vd_runtime *r, void *p, size_t n)
{
	unsigned char *b = p;
	struct sim *s = self(r);
	for (size_t i = 0; i < n; i++) {
		s->rng ^= s->rng << 13;
		s->rng ^= s->rng >> 7;
		s->rng ^= s->rng << 17;
		b[i] = (unsigned char)(s->rng >> 32);
	}
}

static struct vd_timer *timer_open(struct vd_runtime *r, void (*fn)(void *arg), void *arg)
{
	struct sim *s = self(r);
	struct vd_timer *t = vd_calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	if (s->open == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 16;
		struct vd_timer **heap = vd_realloc(s->heap, cap * sizeof(struct vd_timer *));
		if (!heap) {
			vd_free(t);
			return NULL;
		}
		s->heap = heap;
		s->cap = cap;
	}
	s->open++;
	t->s = s;
	t->fn = fn;
	t->arg = arg;
	return t;
}

static void timer_stop(struct vd_timer *t)
{
	struct sim *s = t->s;
	if (!t->at)
		return;
	size_t i = t->at - 1;
	t->at = 0;
	s->n--;
	if (i < s->n) {
		place(s, i, s->heap[s->n]);
		sift(s, i);
	}
}

static void timer_start(struct vd_timer *t, int64_t delay_ms)
{
	struct sim *s = t->s;
	timer_stop(t);
	t->due = s->mono + (delay_ms < 0 ? 0 : delay_ms);
	t->order = s->order++;
	place(s, s->n, t);
	s->n++;
	sift(s, s->n - 1);
}

static void timer_close(struct vd_timer *t)
{
	if (!t)
		return;
	timer_stop(t);
	t->s->open--;
	vd_free(t);
}

static void defer(struct vd_runtime *r, struct vd_deferred *d)
{
	struct sim *s = self(r);
	VD_REQUIRE(!d->pending);
	d->pending = true;
	d->next = NULL;
	*s->last = d;
	s->last = &d->next;
}

static struct vd_waker *waker_open(struct vd_runtime *r, void (*fn)(void *arg), void *arg)
{
	struct sim *s = self(r);
	struct vd_waker *w = vd_calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	*w = (struct vd_waker){.s = s, .next = s->wakers, .fn = fn, .arg = arg};
	s->wakers = w;
	return w;
}

static void waker_wake(struct vd_waker *w)
{
	w->woken = true;
}

static void waker_close(struct vd_waker *w)
{
	if (!w)
		return;
	struct vd_waker **p = &w->s->wakers;
	while (*p != w)
		p = &(*p)->next;
	*p = w->next;
	vd_free(w);
}

struct vd_runtime *vd_runtime_sim_new(int64_t wall, uint64_t seed)
{
	struct sim *s = vd_calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->wall_offset = wall;
	s->rng = seed * 0x9e3779b97f4a7c15ull + 1;
	s->last = &s->first;
	s->port = (struct vd_runtime){.impl = s,
				      .mono_ms = mono_ms,
				      .wall_ms = wall_ms,
				      .entropy = entropy,
				      .timer_open = timer_open,
				      .timer_start = timer_start,
				      .timer_stop = timer_stop,
				      .timer_close = timer_close,
				      .defer = defer,
				      .waker_open = waker_open,
				      .waker_wake = waker_wake,
				      .waker_close = waker_close};
	return &s->port;
}

void vd_runtime_sim_free(struct vd_runtime *r)
{
	if (!r)
		return;
	struct sim *s = self(r);
	while (s->wakers)
		waker_close(s->wakers);
	vd_free(s->heap);
	vd_free(s);
}

/* One turn: what was deferred before it began, then woken wakers. */
static bool turn(struct sim *s)
{
	bool did = false;
	struct vd_deferred *d = s->first;
	s->first = NULL;
	s->last = &s->first;
	while (d) {
		struct vd_deferred *next = d->next;
		d->pending = false;
		d->fn(d->arg);
		d = next;
		did = true;
	}
	for (struct vd_waker *w = s->wakers, *next; w; w = next) {
		next = w->next;
		if (!w->woken)
			continue;
		w->woken = false;
		did = true;
		w->fn(w->arg);
	}
	return did;
}

void vd_runtime_sim_settle(struct vd_runtime *r)
{
	struct sim *s = self(r);
	for (;;) {
		if (turn(s))
			continue;
		if (!s->n || s->heap[0]->due > s->mono)
			return;
		struct vd_timer *t = s->heap[0];
		timer_stop(t);
		t->fn(t->arg);
	}
}

void vd_runtime_sim_advance(struct vd_runtime *r, int64_t ms)
{
	struct sim *s = self(r);
	int64_t end = s->mono + ms;
	vd_runtime_sim_settle(r);
	while (s->n && s->heap[0]->due <= end) {
		if (s->heap[0]->due > s->mono)
			s->mono = s->heap[0]->due;
		vd_runtime_sim_settle(r);
	}
	s->mono = end;
	vd_runtime_sim_settle(r);
}

void vd_runtime_sim_run_until(struct vd_runtime *r, int64_t wall)
{
	int64_t left = wall - wall_ms(r);
	vd_runtime_sim_advance(r, left > 0 ? left : 0);
}

void vd_runtime_sim_step_wall(struct vd_runtime *r, int64_t delta_ms)
{
	self(r)->wall_offset += delta_ms;
}

size_t vd_runtime_sim_open_timers(struct vd_runtime *r)
{
	return self(r)->open;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Deferred calls are run by a check handle, that is after the poll of the same loop turn: what an
 * I/O callback defers costs no extra epoll_wait. Only what is still waiting when the loop is about
 * to poll (deferred by a timer, by another deferred call, before uv_run) makes that poll return at
 * once, through an idle handle that is started while the queue holds something. */
#include "io/runtime_uv.h"
#include "base/check.h"
#include "base/err.h"
#include "base/mem.h"
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* One getrandom serves about a hundred ids. */
#define POOL_BYTES 1024

struct run {
	struct vd_runtime port;
	uv_loop_t *loop;
	uv_idle_t idle;
	uv_check_t check;
	struct vd_deferred *first, **last;
	uint64_t wall_turn; /* uv_now() for which `wall` was read */
	int64_t wall;
	unsigned char pool[POOL_BYTES];
	size_t pool_left;
	int handles; /* of idle and check, not closed yet */
	bool closing;
	void (*on_closed)(void *arg);
	void *closed_arg;
};

struct vd_timer {
	uv_timer_t uv; /* first: a handle is its timer */
	struct run *r;
	void (*fn)(void *arg);
	void *arg;
	struct vd_deferred soon; /* carries a delay of 0: libuv would fire it in the same pass */
	bool armed_soon;
	bool closed, freed_by_soon;
};

struct vd_waker {
	uv_async_t uv; /* first */
	void (*fn)(void *arg);
	void *arg;
};

static struct run *self(struct vd_runtime *r)
{
	return r->impl;
}

static int64_t mono_ms(struct vd_runtime *r)
{
	return (int64_t)uv_now(self(r)->loop);
}

static int64_t wall_ms(struct vd_runtime *port)
{
	struct run *r = self(port);
	uint64_t turn = uv_now(r->loop);
	if (turn != r->wall_turn || !r->wall) {
		struct timespec ts;
		VD_REQUIRE(clock_gettime(CLOCK_REALTIME, &ts) == 0);
		r->wall = (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
		r->wall_turn = turn;
	}
	return r->wall;
}

static void fill(unsigned char *p, size_t n)
{
	while (n) {
		ssize_t got = getrandom(p, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		VD_REQUIRE(got > 0);
		p += got;
		n -= (size_t)got;
	}
}

static void entropy(struct vd_runtime *port, void *p, size_t n)
{
	struct run *r = self(port);
	if (n > POOL_BYTES / 4) {
		fill(p, n);
		return;
	}
	if (r->pool_left < n) {
		fill(r->pool, POOL_BYTES);
		r->pool_left = POOL_BYTES;
	}
	r->pool_left -= n;
	memcpy(p, r->pool + r->pool_left, n);
	memset(r->pool + r->pool_left, 0, n); /* nobody reads it twice */
}

/* -- deferred calls ------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *h)
{
	struct run *r = h->data;
	if (--r->handles)
		return;
	void (*done)(void *arg) = r->on_closed;
	void *arg = r->closed_arg;
	vd_free(r);
	if (done)
		done(arg);
}

static void close_handles(struct run *r)
{
	uv_close((uv_handle_t *)&r->idle, on_handle_closed);
	uv_close((uv_handle_t *)&r->check, on_handle_closed);
}

static void on_idle(uv_idle_t *h)
{
	(void)h; /* being active is its whole purpose */
}

/* Runs what was there when it began; what these defer waits for the next turn. */
static void on_check(uv_check_t *h)
{
	struct run *r = h->data;
	struct vd_deferred *d = r->first;
	r->first = NULL;
	r->last = &r->first;
	while (d) {
		struct vd_deferred *next = d->next;
		d->pending = false;
		d->fn(d->arg); /* may free d */
		d = next;
	}
	if (r->first)
		return;
	uv_idle_stop(&r->idle);
	uv_check_stop(&r->check);
	if (r->closing)
		close_handles(r);
}

static void defer(struct vd_runtime *port, struct vd_deferred *d)
{
	struct run *r = self(port);
	VD_REQUIRE(!d->pending);
	d->pending = true;
	d->next = NULL;
	if (!r->first && !uv_is_active((uv_handle_t *)&r->check)) {
		uv_idle_start(&r->idle, on_idle);
		uv_check_start(&r->check, on_check);
	}
	*r->last = d;
	r->last = &d->next;
}

/* -- timers --------------------------------------------------------------------------------- */

static void on_timer(uv_timer_t *h)
{
	struct vd_timer *t = (struct vd_timer *)h;
	t->fn(t->arg);
}

static void on_timer_closed(uv_handle_t *h)
{
	struct vd_timer *t = (struct vd_timer *)h;
	if (t->soon.pending)
		t->freed_by_soon = true;
	else
		vd_free(t);
}

static void on_soon(void *arg)
{
	struct vd_timer *t = arg;
	if (t->freed_by_soon) {
		vd_free(t);
	} else if (t->armed_soon) {
		t->armed_soon = false;
		t->fn(t->arg);
	}
}

static struct vd_timer *timer_open(struct vd_runtime *port, void (*fn)(void *arg), void *arg)
{
	struct vd_timer *t = vd_calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->r = self(port);
	t->fn = fn;
	t->arg = arg;
	t->soon = (struct vd_deferred){.fn = on_soon, .arg = t};
	VD_REQUIRE(uv_timer_init(t->r->loop, &t->uv) == 0);
	return t;
}

static void timer_stop(struct vd_timer *t)
{
	t->armed_soon = false;
	uv_timer_stop(&t->uv);
}

static void timer_start(struct vd_timer *t, int64_t delay_ms)
{
	VD_REQUIRE(!t->closed);
	timer_stop(t);
	if (delay_ms > 0) {
		uv_timer_start(&t->uv, on_timer, (uint64_t)delay_ms, 0);
		return;
	}
	t->armed_soon = true;
	if (!t->soon.pending)
		defer(&t->r->port, &t->soon);
}

static void timer_close(struct vd_timer *t)
{
	if (!t)
		return;
	VD_REQUIRE(!t->closed);
	timer_stop(t);
	t->closed = true;
	uv_close((uv_handle_t *)&t->uv, on_timer_closed);
}

/* -- wakers --------------------------------------------------------------------------------- */

static void on_async(uv_async_t *h)
{
	struct vd_waker *w = (struct vd_waker *)h;
	w->fn(w->arg);
}

static struct vd_waker *waker_open(struct vd_runtime *port, void (*fn)(void *arg), void *arg)
{
	struct vd_waker *w = vd_calloc(1, sizeof(*w));
	if (!w)
		return NULL;
	w->fn = fn;
	w->arg = arg;
	if (uv_async_init(self(port)->loop, &w->uv, on_async)) {
		vd_free(w);
		return NULL;
	}
	return w;
}

static void waker_wake(struct vd_waker *w)
{
	uv_async_send(&w->uv);
}

static void on_waker_closed(uv_handle_t *h)
{
	vd_free(h);
}

static void waker_close(struct vd_waker *w)
{
	if (w)
		uv_close((uv_handle_t *)&w->uv, on_waker_closed);
}

/* -- open and close ------------------------------------------------------------------------- */

int vd_runtime_uv_open(uv_loop_t *loop, struct vd_runtime **ret)
{
	struct run *r = vd_calloc(1, sizeof(*r));
	if (!r)
		return VD_ENOMEM;
	r->loop = loop;
	r->last = &r->first;
	r->handles = 2;
	VD_REQUIRE(uv_idle_init(loop, &r->idle) == 0 && uv_check_init(loop, &r->check) == 0);
	r->idle.data = r->check.data = r;
	r->port = (struct vd_runtime){.impl = r,
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
	*ret = &r->port;
	return 0;
}

/* What is deferred already still runs: its owners count on "exactly once". */
void vd_runtime_uv_close(struct vd_runtime *port, void (*on_closed)(void *arg), void *arg)
{
	struct run *r = self(port);
	VD_REQUIRE(!r->closing);
	r->closing = true;
	r->on_closed = on_closed;
	r->closed_arg = arg;
	if (!r->first && !uv_is_active((uv_handle_t *)&r->check))
		close_handles(r);
}

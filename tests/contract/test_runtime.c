/* SPDX-License-Identifier: EUPL-1.2 */
/* What every runtime promises, asked of both: the one on libuv and the simulated one. */
#include "vdtest.h"
#include "io/runtime_uv.h"
#include "sim/runtime_sim.h"
#include <pthread.h>
#include <string.h>

struct ground {
	bool simulated;
	uv_loop_t loop;
	struct vd_runtime *rt;
	bool closed;
};

static int open_uv(void **state)
{
	struct ground *g = test_calloc(1, sizeof(*g));
	assert_int_equal(uv_loop_init(&g->loop), 0);
	assert_int_equal(vd_runtime_uv_open(&g->loop, &g->rt), 0);
	*state = g;
	return 0;
}

static void on_closed(void *arg)
{
	((struct ground *)arg)->closed = true;
}

static int close_uv(void **state)
{
	struct ground *g = *state;
	vd_runtime_uv_close(g->rt, on_closed, g);
	if (g->closed)
		return -1; /* must come in a later turn */
	uv_run(&g->loop, UV_RUN_DEFAULT);
	int busy = uv_loop_close(&g->loop);
	bool closed = g->closed;
	test_free(g);
	return busy || !closed ? -1 : 0;
}

static int open_sim(void **state)
{
	struct ground *g = test_calloc(1, sizeof(*g));
	g->simulated = true;
	g->rt = vd_runtime_sim_new(1767225600000, 1);
	*state = g;
	return g->rt ? 0 : -1;
}

static int close_sim(void **state)
{
	struct ground *g = *state;
	size_t open = vd_runtime_sim_open_timers(g->rt);
	vd_runtime_sim_free(g->rt);
	test_free(g);
	return open ? -1 : 0;
}

/* Lets the runtime run until nothing more can happen by itself, or the flag is up. */
static void run_until(struct ground *g, const bool *flag)
{
	for (int i = 0; i < 1000 && !*flag; i++)
		if (g->simulated)
			vd_runtime_sim_advance(g->rt, 1);
		else
			uv_run(&g->loop, UV_RUN_ONCE);
	assert_true(*flag);
}

/* -- a diary of what ran ------------------------------------------------------------------------
 */

struct diary {
	struct vd_runtime *rt;
	char text[64];
	bool done;
};

struct note {
	struct diary *d;
	char c;
	struct vd_deferred node;
	struct vd_timer *timer;
};

static void write_note(void *arg)
{
	struct note *n = arg;
	size_t len = strlen(n->d->text);
	n->d->text[len] = n->c;
	n->d->text[len + 1] = '\0';
	n->d->done = n->c == '.';
}

static void note_init(struct note *n, struct diary *d, char c)
{
	*n = (struct note){.d = d, .c = c};
	n->node = (struct vd_deferred){.fn = write_note, .arg = n};
}

/* -- clocks ---------------------------------------------------------------------------------------
 */

static void test_clocks(void **state)
{
	struct ground *g = *state;
	int64_t mono = g->rt->mono_ms(g->rt), wall = g->rt->wall_ms(g->rt);
	assert_true(wall > 1735689600000); /* after 2025-01-01 */
	assert_int_equal(g->rt->mono_ms(g->rt), mono);
	assert_int_equal(g->rt->wall_ms(g->rt), wall); /* one value per turn */
	struct diary d = {.rt = g->rt};
	struct note end;
	note_init(&end, &d, '.');
	struct vd_timer *t = g->rt->timer_open(g->rt, write_note, &end);
	g->rt->timer_start(t, 5);
	run_until(g, &d.done);
	assert_true(g->rt->mono_ms(g->rt) >= mono + 5);
	assert_true(g->rt->wall_ms(g->rt) >= wall + 4);
	g->rt->timer_close(t);
}

static void test_entropy(void **state)
{
	struct ground *g = *state;
	unsigned char a[32], b[32], big[5000] = {0};
	g->rt->entropy(g->rt, a, sizeof(a));
	g->rt->entropy(g->rt, b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	g->rt->entropy(g->rt, big, sizeof(big));
	unsigned seen[256] = {0};
	for (size_t i = 0; i < sizeof(big); i++)
		seen[big[i]]++;
	for (int i = 0; i < 256; i++)
		assert_true(seen[i] > 0 && seen[i] < 200);
	for (int i = 0; i < 1000; i++) { /* over the edge of any pool, no two ids alike */
		g->rt->entropy(g->rt, b, 10);
		assert_memory_not_equal(a, b, 10);
		memcpy(a, b, 10);
	}
}

/* -- defer
 * -------------------------------------------------------------------------------------------- */

static void test_defer_runs_later_in_order(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note n[4];
	for (int i = 0; i < 4; i++) {
		note_init(&n[i], &d, "abc."[i]);
		g->rt->defer(g->rt, &n[i].node);
		assert_true(n[i].node.pending);
	}
	assert_string_equal(d.text, "");
	run_until(g, &d.done);
	assert_string_equal(d.text, "abc.");
	assert_false(n[0].node.pending);
}

static void defer_again(void *arg)
{
	struct note *n = arg;
	write_note(n);
	n->node.fn = write_note; /* the node may be used again at once */
	n->c = '.';
	n->d->rt->defer(n->d->rt, &n->node);
}

static void test_deferred_may_defer(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note a, b;
	note_init(&a, &d, 'a');
	note_init(&b, &d, 'b');
	a.node.fn = defer_again;
	g->rt->defer(g->rt, &a.node);
	g->rt->defer(g->rt, &b.node);
	run_until(g, &d.done);
	assert_string_equal(d.text, "ab.");
}

static void free_note(void *arg)
{
	struct note *n = arg;
	write_note(n);
	test_free(n);
}

static void test_deferred_may_free_its_node(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note *n = test_malloc(sizeof(*n)), end;
	note_init(n, &d, 'a');
	note_init(&end, &d, '.');
	n->node.fn = free_note;
	g->rt->defer(g->rt, &n->node);
	g->rt->defer(g->rt, &end.node);
	run_until(g, &d.done);
	assert_string_equal(d.text, "a.");
}

/* -- timers
 * ---------------------------------------------------------------------------------------------- */

static void open_timer(struct ground *g, struct note *n, struct diary *d, char c)
{
	note_init(n, d, c);
	n->timer = g->rt->timer_open(g->rt, write_note, n);
	assert_non_null(n->timer);
}

static void test_timers_fire_once_in_order_of_time(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note n[5];
	static const int delay[] = {9, 3, 6, 3, 12};
	for (int i = 0; i < 5; i++) {
		open_timer(g, &n[i], &d, "cabx."[i]);
		g->rt->timer_start(n[i].timer, delay[i]);
	}
	g->rt->timer_stop(n[3].timer);
	g->rt->timer_stop(n[3].timer); /* harmless */
	run_until(g, &d.done);
	assert_string_equal(d.text, "abc.");
	for (int i = 0; i < 5; i++)
		g->rt->timer_close(n[i].timer);
	g->rt->timer_close(NULL);
}

static void test_equal_deadlines_fire_as_started(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note n[3];
	for (int i = 0; i < 3; i++) {
		open_timer(g, &n[i], &d, "ab."[i]);
		g->rt->timer_start(n[i].timer, 4);
	}
	run_until(g, &d.done);
	assert_string_equal(d.text, "ab.");
	for (int i = 0; i < 3; i++)
		g->rt->timer_close(n[i].timer);
}

static void test_start_again_replaces(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note a, end;
	open_timer(g, &a, &d, 'a');
	open_timer(g, &end, &d, '.');
	g->rt->timer_start(a.timer, 2);
	g->rt->timer_start(a.timer, 7);
	g->rt->timer_start(end.timer, 4);
	run_until(g, &d.done);
	assert_string_equal(d.text, ".");
	d.done = false;
	a.c = '.';
	run_until(g, &d.done);
	assert_string_equal(d.text, "..");
	g->rt->timer_close(a.timer);
	g->rt->timer_close(end.timer);
}

/* A delay of 0 is the next turn, not this one, and cannot starve the rest of the loop. */
static void rearm_at_once(void *arg)
{
	struct note *n = arg;
	write_note(n);
	if (strlen(n->d->text) >= 5)
		n->d->done = true;
	else
		n->d->rt->timer_start(n->timer, 0);
}

static void test_zero_delay(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note n;
	note_init(&n, &d, 'x');
	n.timer = g->rt->timer_open(g->rt, rearm_at_once, &n);
	g->rt->timer_start(n.timer, 0);
	assert_string_equal(d.text, "");
	run_until(g, &d.done);
	assert_string_equal(d.text, "xxxxx");
	g->rt->timer_start(n.timer, 0); /* stopped and closed while due: never again */
	g->rt->timer_stop(n.timer);
	struct diary e = {.rt = g->rt};
	struct note end;
	open_timer(g, &end, &e, '.');
	g->rt->timer_start(end.timer, 3);
	run_until(g, &e.done);
	assert_string_equal(d.text, "xxxxx");
	g->rt->timer_start(n.timer, 0);
	g->rt->timer_close(n.timer);
	g->rt->timer_start(end.timer, 0);
	e.done = false;
	run_until(g, &e.done);
	assert_string_equal(d.text, "xxxxx");
	g->rt->timer_close(end.timer);
}

static void close_self(void *arg)
{
	struct note *n = arg;
	write_note(n);
	n->d->rt->timer_close(n->timer);
}

static void test_timer_may_close_itself(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note n;
	note_init(&n, &d, '.');
	n.timer = g->rt->timer_open(g->rt, close_self, &n);
	g->rt->timer_start(n.timer, 1);
	run_until(g, &d.done);
}

/* What a timer defers runs before a later timer. */
static void defer_from_timer(void *arg)
{
	struct note *n = arg;
	n->d->rt->defer(n->d->rt, &n->node);
}

static void test_defer_from_a_timer(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note a, end;
	note_init(&a, &d, 'a');
	a.timer = g->rt->timer_open(g->rt, defer_from_timer, &a);
	open_timer(g, &end, &d, '.');
	g->rt->timer_start(a.timer, 2);
	g->rt->timer_start(end.timer, 8);
	run_until(g, &d.done);
	assert_string_equal(d.text, "a.");
	g->rt->timer_close(a.timer);
	g->rt->timer_close(end.timer);
}

/* -- wakers
 * ------------------------------------------------------------------------------------------------
 */

struct woken {
	struct vd_waker *w;
	int n;
	bool done;
};

static void on_wake(void *arg)
{
	struct woken *w = arg;
	w->n++;
	w->done = true;
}

static void test_wakes_coalesce(void **state)
{
	struct ground *g = *state;
	struct woken w = {0};
	w.w = g->rt->waker_open(g->rt, on_wake, &w);
	assert_non_null(w.w);
	for (int i = 0; i < 10; i++)
		g->rt->waker_wake(w.w);
	assert_int_equal(w.n, 0);
	run_until(g, &w.done);
	assert_int_equal(w.n, 1);
	w.done = false;
	g->rt->waker_wake(w.w);
	run_until(g, &w.done);
	assert_int_equal(w.n, 2);
	g->rt->waker_close(w.w);
	g->rt->waker_close(NULL);
}

/* -- only on a real loop
 * ---------------------------------------------------------------------------------- */

struct thread_wake {
	struct vd_runtime *rt;
	struct woken w;
};

static void *thread_main(void *arg)
{
	struct thread_wake *t = arg;
	t->rt->waker_wake(t->w.w);
	return NULL;
}

static void test_wake_from_another_thread(void **state)
{
	struct ground *g = *state;
	struct thread_wake t = {.rt = g->rt};
	pthread_t th;
	t.w.w = g->rt->waker_open(g->rt, on_wake, &t.w);
	assert_int_equal(pthread_create(&th, NULL, thread_main, &t), 0);
	run_until(g, &t.w.done);
	pthread_join(th, NULL);
	g->rt->waker_close(t.w.w);
}

/* Closing waits for what is deferred: its owners count on being called. */
static void test_deferred_before_close_still_runs(void **state)
{
	struct ground *g = *state;
	static struct diary d;
	static struct note n;
	d = (struct diary){.rt = g->rt};
	note_init(&n, &d, '.');
	g->rt->defer(g->rt, &n.node);
	vd_runtime_uv_close(g->rt, on_closed, g);
	uv_run(&g->loop, UV_RUN_DEFAULT);
	assert_true(g->closed && d.done);
	assert_int_equal(vd_runtime_uv_open(&g->loop, &g->rt), 0); /* for the teardown */
	g->closed = false;
}

/* Nothing deferred, no timer: the loop sleeps and ends. */
static void test_an_idle_runtime_keeps_no_loop_alive(void **state)
{
	struct ground *g = *state;
	struct diary d = {.rt = g->rt};
	struct note n;
	note_init(&n, &d, '.');
	g->rt->defer(g->rt, &n.node);
	assert_int_equal(uv_run(&g->loop, UV_RUN_DEFAULT), 0);
	assert_true(d.done);
}

#define BOTH(f)                                                                                    \
	cmocka_unit_test_setup_teardown(f, open_uv, close_uv),                                     \
		cmocka_unit_test_setup_teardown(f, open_sim, close_sim)
#define REAL(f) cmocka_unit_test_setup_teardown(f, open_uv, close_uv)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(test_clocks),
		BOTH(test_entropy),
		BOTH(test_defer_runs_later_in_order),
		BOTH(test_deferred_may_defer),
		BOTH(test_deferred_may_free_its_node),
		BOTH(test_timers_fire_once_in_order_of_time),
		BOTH(test_equal_deadlines_fire_as_started),
		BOTH(test_start_again_replaces),
		BOTH(test_zero_delay),
		BOTH(test_timer_may_close_itself),
		BOTH(test_defer_from_a_timer),
		BOTH(test_wakes_coalesce),
		REAL(test_wake_from_another_thread),
		REAL(test_deferred_before_close_still_runs),
		REAL(test_an_idle_runtime_keeps_no_loop_alive),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Whatever allocation fails while somebody calls for help: if the sender was told "stored", the
 * alarm stands, at the latest after the next start; if a person was told "done", it is done. */
#include "vdtest.h"
#include "../../harness/world.h"
#include "base/mem.h"
#include "core/hub.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>

#define NOW 1772500000000ll

struct box {
	struct world w;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_hub *hub;
	struct vd_gateway *gateway;
	struct vd_staff *anne;
	int answer, acted;
	struct vd_exchange x;
};

static void boot(struct box *b)
{
	struct vd_boot boot = {0};
	struct vd_errtext e = {0};
	struct vd_hub_config cfg = {.runtime = b->rt, .store = b->store, .origin = "test"};
	vd_store_memory_set_directory(b->store, world_directory(&b->w));
	assert_int_equal(b->store->boot(b->store, &boot, &e), 0);
	assert_int_equal(vd_hub_new(&cfg, &boot, &b->hub), 0);
	vd_runtime_sim_settle(b->rt);
}

static int begin(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	world_init(&b->w);
	world_muni(&b->w, 3434, "Lom");
	b->gateway = world_gateway(&b->w, 3434, "app", "varde", "varde");
	b->anne = world_staff(&b->w, 3434, "anne", VD_ROLE_CARE);
	world_shift(&b->w, b->anne, 3434, 1, NOW - VD_MAX_SHELVE_MS, NOW + 100 * VD_MAX_SHELVE_MS);
	world_device(&b->w, b->gateway, "varde", "knapp", world_recipient(&b->w, 3434, "kari"),
		     "stue");
	b->rt = vd_runtime_sim_new(NOW, 1);
	assert_int_equal(vd_store_memory_open(b->rt, &b->store), 0);
	boot(b);
	*state = b;
	return 0;
}

static void on_flag(void *arg)
{
	*(bool *)arg = true;
}

static int end(void **state)
{
	struct box *b = *state;
	bool drained = false, closed = false;
	vd_hub_stop(b->hub, on_flag, &drained);
	vd_runtime_sim_advance(b->rt, 1000);
	assert_true(drained);
	b->store->close(b->store, on_flag, &closed);
	vd_runtime_sim_advance(b->rt, 1000);
	assert_true(closed);
	vd_hub_free(b->hub);
	b->store->free(b->store);
	vd_runtime_sim_free(b->rt);
	world_fini(&b->w);
	free(b);
	return 0;
}

static void crash(struct box *b)
{
	vd_store_memory_crash(b->store);
	vd_hub_free(b->hub);
	boot(b);
}

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	struct box *b = VD_CONTAINER(x, struct box, x);
	(void)why;
	b->answer = (int)o;
}

static void says(struct box *b, const char *body)
{
	b->x = (struct vd_exchange){.on_outcome = on_outcome};
	b->answer = -1;
	struct vd_frame f = {.carrier = VD_CARRIER_MQTT,
			     .topic = VD_SPAN_LIT("varde/events"),
			     .body = vd_span_cstr(body),
			     .received_at_ms = b->rt->wall_ms(b->rt)};
	vd_hub_receive(b->hub, b->gateway->id, NULL, &f, &b->x);
	vd_runtime_sim_settle(b->rt);
}

struct found {
	int n;
	struct vd_alarm newest;
};

static bool on_alarm(const struct vd_alarm *a, void *arg)
{
	struct found *f = arg;
	if (a->kind != VD_KIND_SOS || a->handling == VD_H_CLOSED)
		return true;
	if (!f->n++ || a->received_at_ms > f->newest.received_at_ms)
		f->newest = *a;
	return true;
}

static struct found open_sos(struct box *b)
{
	struct vd_scope all = {.all = true};
	struct found f = {0};
	vd_hub_alarms(b->hub, &all, on_alarm, &f);
	return f;
}

static void told_stored_means_the_alarm_stands(void **state)
{
	struct box *b = *state;
	int stored = 0, calls = 0;
	for (long k = 0; k < 60; k++) {
		vd_mem_fault(k, 1);
		says(b, "{\"device\":\"knapp\",\"kind\":\"sos\",\"state\":\"on\"}");
		vd_mem_fault(-1, 0);
		assert_in_range(b->answer, VD_STORED, VD_BUSY);
		stored += b->answer == VD_STORED;
		vd_runtime_sim_advance(b->rt, 2000);
		crash(b);
		struct found f = open_sos(b);
		assert_true(f.n == (stored ? 1 : f.n));
		calls = f.n ? f.newest.count : 0;
		assert_true(calls >= stored); /* none that was told as stored is missing */
	}
	assert_true(stored > 20);
}

static void on_acted(int err, const struct vd_alarm *now, void *arg)
{
	(void)now;
	((struct box *)arg)->acted = err;
}

static int act(struct box *b, enum vd_step step, long fault)
{
	struct vd_action a = {.step = step, .staff = b->anne->id, .version = -1};
	struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
	struct found f = open_sos(b);
	memcpy(a.alarm, f.newest.id, sizeof(a.alarm));
	b->acted = 99;
	vd_mem_fault(fault, 1);
	int err = vd_hub_act(b->hub, &scope, &a, on_acted, b);
	vd_runtime_sim_settle(b->rt);
	vd_mem_fault(-1, 0);
	return err ? err : b->acted;
}

static void told_done_means_done_with_its_step(void **state)
{
	struct box *b = *state;
	const struct vd_alarm_step *first = NULL;
	size_t taken = 0;
	says(b, "{\"device\":\"knapp\",\"kind\":\"sos\",\"state\":\"on\"}");
	for (long k = 0; k < 40; k++) {
		int r = act(b, VD_STEP_ACKNOWLEDGED, k);
		vd_runtime_sim_advance(b->rt, 2000);
		crash(b);
		struct found f = open_sos(b);
		assert_int_equal(f.n, 1);
		assert_int_equal(f.newest.handling, r ? VD_H_NEW : VD_H_ACKNOWLEDGED);
		taken += r == 0;
		if (r)
			continue;
		assert_int_equal(act(b, VD_STEP_RELEASED, -1), 0);
	}
	assert_true(taken > 10);
	size_t n = vd_store_memory_steps(b->store, open_sos(b).newest.id, &first);
	assert_true(n >= 2 * taken + 1); /* every step is in its history */
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(told_stored_means_the_alarm_stands),
		T(told_done_means_done_with_its_step),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

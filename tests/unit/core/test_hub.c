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
	int answer, acted, rounds;
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

static void no_memory_is_no_empty_list(void **state)
{
	struct box *b = *state;
	says(b, "{\"device\":\"knapp\",\"kind\":\"sos\",\"state\":\"on\"}");
	vd_mem_fault(0, 0);
	struct found f = open_sos(b);
	vd_mem_fault(-1, 0);
	assert_int_equal(f.n, 1);
}

/* -- a year of anything ----------------------------------------------------------------------- */

static uint64_t dice;

static unsigned roll(unsigned n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 33) % n;
}

static bool is_owned(const struct vd_alarm *a)
{
	return a->handling == VD_H_ACKNOWLEDGED || a->handling == VD_H_EN_ROUTE ||
	       a->handling == VD_H_ON_SITE || a->handling == VD_H_TRANSFERRED;
}

#define SEEN_MAX 64
struct seen {
	struct vd_alarm a[SEEN_MAX];
	size_t n;
};

static bool on_any(const struct vd_alarm *a, void *arg)
{
	struct seen *s = arg;
	if (a->handling == VD_H_CLOSED)
		return true;
	assert_in_range(a->priority, 20, 40);
	assert_in_range(a->level, 1, 3);
	assert_true(a->count >= (a->kind == VD_KIND_GATEWAY_STORM ? 0 : 1));
	assert_int_equal(a->owner != 0, is_owned(a));
	if (a->kind == VD_KIND_SOS || is_owned(a)) /* somebody will be asked, or asked again */
		assert_true(a->deadline_ms > 0);
	assert_true(s->n < SEEN_MAX);
	s->a[s->n++] = *a;
	return true;
}

static void look(struct box *b, struct seen *s)
{
	struct vd_scope all = {.all = true};
	s->n = 0;
	vd_hub_alarms(b->hub, &all, on_any, s);
}

static void say_anything(struct box *b)
{
	static const char *const words[] = {
		"\"kind\":\"sos\",\"state\":\"on\"",
		"\"kind\":\"sos\",\"state\":\"off\"",
		"\"kind\":\"water_leak\",\"state\":\"on\"",
		"\"kind\":\"water_leak\",\"state\":\"off\"",
		"\"kind\":\"smoke\",\"state\":\"muted\"",
		"\"kind\":\"device.fault\",\"state\":\"on\"",
		"\"kind\":\"device.fault\",\"state\":\"off\"",
		"\"kind\":\"bed\",\"state\":\"out\"",
	};
	char body[160];
	unsigned i = roll(sizeof(words) / sizeof(words[0]));
	snprintf(body, sizeof(body), "{\"device\":\"%s\",%s}", roll(3) ? "knapp" : "fremmed",
		 words[i]);
	says(b, body);
	if (i == 0 && b->answer == VD_STORED)
		assert_true(open_sos(b).n > 0);
}

static void do_anything(struct box *b)
{
	struct seen s;
	look(b, &s);
	if (!s.n)
		return;
	const struct vd_alarm *a = &s.a[roll((unsigned)s.n)];
	struct vd_staff *p = &b->w.staff[roll(3)];
	struct vd_action act = {.step = (enum vd_step)roll(VD_STEP_MAX),
				.staff = p->id,
				.target = 1 + roll(3),
				.outcome = VD_OUT_HELPED,
				.note = roll(2) ? "Ringte" : NULL,
				.version = -1,
				.shelve_ms = 3600000};
	struct vd_scope scope = {.munis = {p->muni}, .staff = p->id};
	memcpy(act.alarm, a->id, sizeof(act.alarm));
	b->acted = 99;
	int err = vd_hub_act(b->hub, &scope, &act, on_acted, b);
	vd_runtime_sim_settle(b->rt);
	assert_true(err || b->acted != 99); /* told exactly once, also when the disk is full */
	if (p->muni != 3434 && a->muni == 3434)
		assert_int_equal(err, VD_ENOTFOUND);
}

static void same_after_a_crash(struct box *b)
{
	struct seen before, after;
	vd_store_memory_faults(b->store)->full = false;
	vd_runtime_sim_advance(b->rt, 40000);
	look(b, &before);
	crash(b);
	look(b, &after);
	assert_true(after.n >= before.n);
	for (size_t i = 0; i < before.n; i++) {
		const struct vd_alarm *x = &before.a[i], *y = NULL;
		for (size_t k = 0; k < after.n; k++)
			if (strcmp(after.a[k].id, x->id) == 0)
				y = &after.a[k];
		assert_non_null(y);
		/* the start itself may find the list empty and the clock behind, again */
		if (x->kind == VD_KIND_DUTY_NOBODY || x->kind == VD_KIND_HUB_CLOCK)
			continue;
		assert_int_equal(y->count, x->count);
		assert_int_equal(y->condition, x->condition);
		/* a clock that jumped ahead has made it due: late, never lost */
		if (x->deadline_ms && x->deadline_ms <= b->rt->wall_ms(b->rt))
			continue;
		assert_int_equal(y->handling, x->handling);
		assert_int_equal(y->owner, x->owner);
		assert_int_equal(y->repeat_24h, x->repeat_24h);
		assert_int_equal(y->version, x->version);
	}
}

static void live_a_little(struct box *b)
{
	switch (roll(12)) {
	case 0: same_after_a_crash(b); break;
	case 1: vd_runtime_sim_step_wall(b->rt, ((int64_t)roll(41) - 20) * 1800000); break;
	case 2: vd_store_memory_faults(b->store)->full = roll(2); break;
	case 3:
	case 4: vd_runtime_sim_advance(b->rt, (int64_t)roll(40) * 30000); break;
	case 5:
	case 6:
	case 7: say_anything(b); break;
	default: do_anything(b); break;
	}
	struct seen s;
	look(b, &s);
}

static void whatever_happens_nobody_is_forgotten(void **state)
{
	struct box *b = *state;
	world_staff(&b->w, 3434, "line", VD_ROLE_CARE | VD_ROLE_LEADER);
	world_muni(&b->w, 3432, "Lesja");
	world_staff(&b->w, 3432, "nils", VD_ROLE_CARE | VD_ROLE_LEADER);
	crash(b);
	const char *seed = getenv("VARDE_SEED"); /* another life than the usual one */
	dice = 88172645463325252ull ^ (seed ? strtoull(seed, NULL, 10) : 0);
	for (; b->rounds < 6000; b->rounds++)
		live_a_little(b);
	same_after_a_crash(b);
}

static void publishes(struct box *b, const char *topic, const char *body)
{
	b->x = (struct vd_exchange){.on_outcome = on_outcome};
	b->answer = -1;
	struct vd_frame f = {.carrier = VD_CARRIER_MQTT,
			     .topic = vd_span_cstr(topic),
			     .body = vd_span_cstr(body),
			     .received_at_ms = b->rt->wall_ms(b->rt)};
	vd_hub_receive(b->hub, b->gateway->id, NULL, &f, &b->x);
	vd_runtime_sim_advance(b->rt, 1000);
	assert_int_equal(b->answer, VD_STORED);
}

/* A bridge tells its long list of devices again with each change. What one gateway may have kept is
 * counted by what is kept, not by what was ever told, or a rename is lost with the next start. */
static void a_list_told_often_is_still_remembered(void **state)
{
	struct box *b = *state;
	world_binding(&b->w, b->gateway, "zigbee2mqtt", "z");
	struct vd_device *d =
		world_device(&b->w, b->gateway, "zigbee2mqtt", "0x00158d0000000001", NULL, "stue");
	crash(b);
	static char body[200000];
	for (int k = 0; k < 30; k++) {
		memset(body, 'x', sizeof(body) - 1);
		int n = snprintf(body, 300,
				 "[{\"ieee_address\":\"0x00158d0000000001\",\"friendly_name\":"
				 "\"navn-%d\",\"type\":\"EndDevice\",\"supported\":true,"
				 "\"definition\":null,\"description\":\"",
				 k);
		body[n] = 'x';
		memcpy(body + sizeof(body) - 4, "\"}]", 4);
		publishes(b, "z/bridge/devices", body);
	}
	crash(b);
	struct vd_device_health health = {0};
	publishes(b, "z/navn-29", "{\"contact\":true}");
	assert_true(vd_hub_device_health(b->hub, d->id, &health));
	assert_true(health.last_heard_ms > 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(told_stored_means_the_alarm_stands),
		T(told_done_means_done_with_its_step),
		T(no_memory_is_no_empty_list),
		T(whatever_happens_nobody_is_forgotten),
		T(a_list_told_often_is_still_remembered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

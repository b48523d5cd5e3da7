/* SPDX-License-Identifier: EUPL-1.2 */
/* Anything that can happen to three gateways and their devices, in any order, with crashes, clocks
 * that jump and memory that runs out: whoever is silent is told of by an alarm of its own, by one
 * of an outage or a gateway, or has been within the day; and when all is well again nothing stands.
 */
#include "vdtest.h"
#include "../../harness/world.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/hub.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>

#define NOW      1772500000000ll
#define GATEWAYS 3
#define EACH     8
#define STEPS    600

struct box {
	struct world w;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_hub *hub;
	struct vd_staff *anne;
	bool connected[GATEWAYS];
	struct vd_exchange x[GATEWAYS * EACH];
	bool asked[GATEWAYS * EACH];
};

static uint64_t dice, playing;

static unsigned roll(unsigned n)
{
	dice ^= dice << 13;
	dice ^= dice >> 7;
	dice ^= dice << 17;
	return (unsigned)(dice >> 33) % n;
}

static void boot(struct box *b)
{
	struct vd_boot boot = {0};
	struct vd_errtext e = {0};
	struct vd_hub_config cfg = {.runtime = b->rt, .store = b->store, .origin = "test"};
	vd_store_memory_set_directory(b->store, world_directory(&b->w));
	assert_int_equal(b->store->boot(b->store, &boot, &e), 0);
	assert_int_equal(vd_hub_new(&cfg, &boot, &b->hub), 0);
	vd_runtime_sim_settle(b->rt);
	for (int g = 0; g < GATEWAYS; g++)
		if (b->connected[g])
			vd_hub_gateway_connected(b->hub, g + 1, true);
}

static int begin(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	static const char *const gateways[] = {"a", "b", "c"};
	world_init(&b->w);
	world_muni(&b->w, 3434, "Lom");
	b->anne = world_staff(&b->w, 3434, "anne", VD_ROLE_CARE);
	world_shift(&b->w, b->anne, 3434, 1, NOW - VD_DAY_MS, NOW + 4000 * VD_DAY_MS);
	for (int g = 0; g < GATEWAYS; g++) {
		struct vd_gateway *gw = world_gateway(&b->w, 3434, gateways[g], "varde", "varde");
		for (int i = 0; i < EACH; i++) {
			char name[16];
			snprintf(name, sizeof(name), "%s%d", gateways[g], i);
			struct vd_recipient *r =
				i % 2 ? world_recipient(&b->w, 3434, name) : &b->w.recipients[0];
			if (!b->w.n_recipients)
				r = world_recipient(&b->w, 3434, name);
			struct vd_device *d =
				world_device(&b->w, gw, "varde", world_str(&b->w, name), r, "stue");
			d->supervise_ms = (i % 4) * 40 * VD_MINUTE_MS; /* and some by their class */
			d->alarm_button = i % 3 == 0;
		}
	}
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
	b->store->close(b->store, on_flag, &closed);
	vd_runtime_sim_advance(b->rt, 1000);
	assert_true(drained && closed);
	vd_hub_free(b->hub);
	b->store->free(b->store);
	vd_runtime_sim_free(b->rt);
	world_fini(&b->w);
	free(b);
	return 0;
}

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	(void)x;
	(void)o;
	(void)why;
}

static void says(struct box *b, unsigned i, const char *kind, const char *state)
{
	char body[160];
	int g = (int)(i / EACH);
	snprintf(body, sizeof(body),
		 "{\"device\":\"%s\",\"kind\":\"%s\",\"state\":\"%s\",\"seq\":%u}",
		 b->w.devices[i].identity, kind, state, roll(300));
	b->x[i] = (struct vd_exchange){.on_outcome = on_outcome};
	struct vd_frame f = {.carrier = VD_CARRIER_MQTT,
			     .topic = VD_SPAN_LIT("varde/events"),
			     .body = vd_span_cstr(body),
			     .received_at_ms = b->rt->wall_ms(b->rt)};
	vd_hub_receive(b->hub, g + 1, NULL, &f, &b->x[i]);
	vd_runtime_sim_settle(b->rt);
}

static void link_goes(struct box *b, int g, bool on)
{
	if (b->connected[g] == on)
		return;
	b->connected[g] = on;
	vd_hub_gateway_connected(b->hub, g + 1, on);
}

static void on_acted(int err, const struct vd_alarm *now, void *arg)
{
	(void)err;
	(void)now;
	(void)arg;
}

struct all {
	struct vd_alarm a[400];
	size_t n;
};

static bool on_alarm(const struct vd_alarm *a, void *arg)
{
	struct all *s = arg;
	if (a->handling != VD_H_CLOSED && s->n < 400)
		s->a[s->n++] = *a;
	return true;
}

static void look(struct box *b, struct all *s)
{
	struct vd_scope everything = {.all = true};
	s->n = 0;
	vd_hub_alarms(b->hub, &everything, on_alarm, s);
}

static void act(struct box *b, const struct vd_alarm *a, enum vd_step step)
{
	struct vd_action x = {.step = step,
			      .staff = b->anne->id,
			      .version = -1,
			      .outcome = step == VD_STEP_CLOSED ? VD_OUT_TECHNICAL : VD_OUT_NONE,
			      .note = "sett på",
			      .shelve_ms = VD_HOUR_MS};
	struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
	memcpy(x.alarm, a->id, sizeof(x.alarm));
	(void)vd_hub_act(b->hub, &scope, &x, on_acted, b);
	vd_runtime_sim_settle(b->rt);
}

static void somebody_acts(struct box *b)
{
	static struct all s;
	static const enum vd_step steps[] = {VD_STEP_ACKNOWLEDGED, VD_STEP_ACKNOWLEDGED,
					     VD_STEP_CLOSED, VD_STEP_SHELVED};
	look(b, &s);
	if (s.n)
		act(b, &s.a[roll((unsigned)s.n)], steps[roll(4)]);
}

/* Everybody a list of affected names is in the directory, and nobody twice. */
static void lists_hold(struct box *b)
{
	static struct all s;
	look(b, &s);
	for (size_t i = 0; i < s.n; i++) {
		struct vd_affected *list;
		size_t n;
		assert_int_equal(vd_hub_affected(b->hub, &s.a[i], &list, &n), 0);
		assert_true(n <= b->w.n_recipients);
		for (size_t k = 0; k < n; k++) {
			assert_in_range(list[k].recipient, 1, b->w.n_recipients);
			assert_true(!list[k].only_way || list[k].calls);
			assert_true(!k || list[k].only_way <= list[k - 1].only_way);
			for (size_t m = 0; m < k; m++)
				assert_int_not_equal(list[m].recipient, list[k].recipient);
		}
		assert_true(vd_alarm_affects(&s.a[i]) || !n);
		vd_free(list);
	}
}

static void anything(struct box *b)
{
	static const char *const kinds[] = {"door", "door", "sos", "water_leak",
					    "device.connectivity"};
	static const char *const states[][2] = {{"open", "closed"},
						{"open", "closed"},
						{"on", "off"},
						{"on", "off"},
						{"offline", "online"}};
	unsigned i = roll(GATEWAYS * EACH), k = roll(5);
	switch (roll(14)) {
	case 0:
	case 1: link_goes(b, (int)roll(GATEWAYS), true); break;
	case 2: link_goes(b, (int)roll(GATEWAYS), false); break;
	case 3: somebody_acts(b); break;
	case 4: vd_runtime_sim_advance(b->rt, (int64_t)roll(4 * 3600) * 1000); break;
	case 5: lists_hold(b); break;
	case 6:
		if (roll(8) == 0)
			vd_runtime_sim_step_wall(b->rt, ((int64_t)roll(48) - 24) * VD_HOUR_MS);
		break;
	case 7:
		if (roll(6))
			break;
		vd_store_memory_crash(b->store);
		vd_hub_free(b->hub);
		boot(b);
		break;
	case 8: vd_mem_fault(roll(40), 1); /* fall through */
	default:
		if (b->connected[i / EACH])
			says(b, i, kinds[k], states[k][roll(2)]);
		vd_mem_fault(-1, 0);
	}
	vd_runtime_sim_advance(b->rt, (int64_t)roll(600) * 1000);
}

static bool about_contact(const struct vd_alarm *a)
{
	return a->kind == VD_KIND_DEVICE_CONNECTIVITY || a->kind == VD_KIND_BRIDGE_CONNECTIVITY ||
	       a->kind == VD_KIND_NETWORK_OUTAGE;
}

static void all_is_well(struct box *b)
{
	static struct all s;
	for (int round = 0; round < 12; round++) {
		for (int g = 0; g < GATEWAYS; g++)
			link_goes(b, g, true);
		for (unsigned i = 0; i < GATEWAYS * EACH; i++) {
			says(b, i, "device.connectivity", "online");
			says(b, i, "door", round % 2 ? "open" : "closed");
		}
		vd_runtime_sim_advance(b->rt, 15 * VD_MINUTE_MS);
		look(b, &s);
		for (size_t i = 0; i < s.n; i++)
			if (about_contact(&s.a[i]))
				act(b, &s.a[i], VD_STEP_ACKNOWLEDGED);
	}
	look(b, &s);
	for (size_t i = 0; i < s.n; i++)
		if (about_contact(&s.a[i]))
			fail_msg("seed %llu: %s of gateway %lld device %lld still stands: %s %s",
				 (unsigned long long)playing, vd_kind_name(s.a[i].kind),
				 (long long)s.a[i].gateway, (long long)s.a[i].device,
				 vd_handling_name(s.a[i].handling),
				 vd_condition_name(s.a[i].condition));
	struct vd_hub_stats stats;
	vd_hub_stats(b->hub, &stats);
	assert_int_equal(stats.silent_devices, 0);
}

/* All are gone for two days, and nobody does anything: somebody is told of each. */
static void nobody_is_forgotten(struct box *b)
{
	static struct all s;
	bool wide[GATEWAYS] = {false}, whole = false;
	for (int i = 0; i < 2 * 48 + 8; i++) {
		vd_runtime_sim_advance(b->rt, 30 * VD_MINUTE_MS);
		look(b, &s);
	}
	for (size_t i = 0; i < s.n; i++) {
		if (s.a[i].condition != VD_COND_ACTIVE)
			continue;
		if (about_contact(&s.a[i]) && !s.a[i].device && s.a[i].gateway)
			wide[s.a[i].gateway - 1] = true;
		whole |= about_contact(&s.a[i]) && !s.a[i].gateway;
	}
	for (unsigned k = 0; k < GATEWAYS * EACH; k++) {
		bool told = whole || wide[k / EACH];
		for (size_t i = 0; i < s.n && !told; i++)
			told = s.a[i].device == b->w.devices[k].id &&
			       s.a[i].kind == VD_KIND_DEVICE_CONNECTIVITY &&
			       s.a[i].condition == VD_COND_ACTIVE;
		if (!told)
			fail_msg("seed %llu: nobody is told that %s is gone",
				 (unsigned long long)playing, b->w.devices[k].identity);
	}
}

/* VARDE_SEEDS=100 plays a hundred of them. */
static uint64_t seeds(void)
{
	const char *n = getenv("VARDE_SEEDS");
	return n ? strtoull(n, NULL, 10) : 12;
}

static void whatever_happens(void **state)
{
	for (uint64_t seed = 1; seed <= seeds(); seed++) {
		assert_int_equal(begin(state), 0);
		dice = seed * 0x9e3779b97f4a7c15ull;
		playing = seed;
		for (int i = 0; i < STEPS; i++)
			anything(*state);
		all_is_well(*state);
		nobody_is_forgotten(*state);
		all_is_well(*state);
		end(state);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_happens),
	};
	return cmocka_run_group_tests_name("outage", tests, NULL, NULL);
}

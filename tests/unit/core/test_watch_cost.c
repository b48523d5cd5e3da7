/* SPDX-License-Identifier: EUPL-1.2 */
/* What watching over 20 000 devices costs the loop: processor time of the whole hub on a simulated
 * clock, an hour at a time, first with nobody speaking and then with everybody speaking every five
 * minutes (their messages decoded, judged and answered, too). The promise is under one per cent of
 * a core; the test holds the hub to it with sanitizers on, where it costs several times as much.
 * docs/supervision.md has the figures of the release build. */
#include "vdtest.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/hub.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NOW      1772500000000ll
#define DEVICES  20000
#define GATEWAYS 50

struct box {
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_hub *hub;
	int stored;
	char names[DEVICES][16];
};

static void *array(size_t n, size_t size)
{
	void *p = vd_calloc(n, size);
	assert_non_null(p);
	return p;
}

static struct vd_directory *region(struct box *b)
{
	struct vd_directory *d = array(1, sizeof(*d));
	d->version = 1;
	d->munis = array(d->n_munis = 1, sizeof(*d->munis));
	d->munis[0] = (struct vd_municipality){
		.number = 3434, .name = "Lom", .language = "nb", .test_days = 30};
	d->gateways = array(d->n_gateways = GATEWAYS, sizeof(*d->gateways));
	d->bindings = array(d->n_bindings = GATEWAYS, sizeof(*d->bindings));
	for (int i = 0; i < GATEWAYS; i++) {
		d->gateways[i] = (struct vd_gateway){.id = i + 1,
						     .muni = 3434,
						     .name = "g",
						     .user = b->names[i],
						     .cert_sha256 = ""};
		d->bindings[i] = (struct vd_binding){.id = i + 1,
						     .gateway = i + 1,
						     .family = "varde",
						     .prefix = "varde",
						     .config = ""};
	}
	d->devices = array(d->n_devices = DEVICES, sizeof(*d->devices));
	for (int i = 0; i < DEVICES; i++) {
		snprintf(b->names[i], sizeof(b->names[i]), "d%d", i);
		d->devices[i] = (struct vd_device){.id = i + 1,
						   .gateway = i % GATEWAYS + 1,
						   .muni = 3434,
						   .family = "varde",
						   .identity = b->names[i],
						   .name = "",
						   .vendor = "",
						   .model = "",
						   .serial = "",
						   .features = i % 10 ? "door" : "sos",
						   .lifecycle = VD_LIFE_IN_USE};
	}
	assert_int_equal(vd_directory_index(d), 0);
	return d;
}

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	(void)why;
	assert_int_equal(o, VD_STORED);
	free(x);
}

static void says(struct box *b, int i)
{
	char body[96];
	struct vd_exchange *x = calloc(1, sizeof(*x));
	snprintf(body, sizeof(body), "{\"device\":\"d%d\",\"kind\":\"device.heartbeat\"}", i);
	struct vd_frame f = {.carrier = VD_CARRIER_MQTT,
			     .topic = VD_SPAN_LIT("varde/events"),
			     .body = vd_span_cstr(body),
			     .received_at_ms = b->rt->wall_ms(b->rt)};
	x->on_outcome = on_outcome;
	vd_hub_receive(b->hub, i % GATEWAYS + 1, NULL, &f, x);
}

/* Spread over five minutes, as real ones are. */
static void everybody_speaks(struct box *b)
{
	for (int i = 0; i < DEVICES; i++) {
		says(b, i);
		if (i % 67 == 66)
			vd_runtime_sim_advance(b->rt, VD_SECOND_MS);
	}
	vd_runtime_sim_settle(b->rt);
}

static double cpu_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct open {
	int outages, others;
};

static bool on_alarm(const struct vd_alarm *a, void *arg)
{
	struct open *o = arg;
	o->outages += a->kind == VD_KIND_NETWORK_OUTAGE;
	o->others += a->kind == VD_KIND_DEVICE_CONNECTIVITY && !a->parent[0];
	return true;
}

/* The network of a whole region dies: one alarm, and no turn of the loop that takes long. */
static void all_fall_silent(struct box *b)
{
	struct vd_scope all = {.all = true};
	struct open o = {0};
	double longest = 0;
	vd_runtime_sim_advance(b->rt, 24 * VD_HOUR_MS + 50 * VD_MINUTE_MS);
	for (int i = 0; i < 2 * 3600 * 50; i++) {
		double t0 = cpu_s();
		vd_runtime_sim_advance(b->rt, 20);
		double t = cpu_s() - t0;
		longest = t > longest ? t : longest;
	}
	vd_hub_alarms(b->hub, &all, on_alarm, &o);
	struct vd_hub_stats s;
	vd_hub_stats(b->hub, &s);
	printf("# all of them silent at once: longest 20 ms of the loop took %.1f ms\n",
	       longest * 1000);
	assert_true(s.silent_devices >= DEVICES * 9 / 10); /* the buttons have two days */
	assert_int_equal(o.outages, 1);
	assert_int_equal(o.others, 0);
	assert_true(longest < 0.2);
}

static void twenty_thousand_devices_cost_less_than_one_per_cent(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	struct vd_boot boot = {0};
	struct vd_errtext e = {0};
	(void)state;
	b->rt = vd_runtime_sim_new(NOW, 1);
	assert_int_equal(vd_store_memory_open(b->rt, &b->store), 0);
	vd_store_memory_set_directory(b->store, region(b));
	assert_int_equal(b->store->boot(b->store, &boot, &e), 0);
	struct vd_hub_config cfg = {.runtime = b->rt, .store = b->store, .origin = "test"};
	assert_int_equal(vd_hub_new(&cfg, &boot, &b->hub), 0);
	everybody_speaks(b);
	/* quiet hours: every device is looked at, nobody's time is up */
	double t0 = cpu_s();
	vd_runtime_sim_advance(b->rt, 12 * VD_HOUR_MS);
	double quiet = (cpu_s() - t0) / (12 * 3600);
	/* the store of this test looks for a device's row from the front; what it costs is its own
	 * affair and no part of the loop, so two rounds are enough */
	t0 = cpu_s();
	everybody_speaks(b);
	double busy = (cpu_s() - t0) / 300;
	printf("# 20 000 watched devices: %.5f %% of a core when quiet, %.4f %% when all speak "
	       "every five minutes\n",
	       100 * quiet, 100 * busy);
	assert_true(quiet < 0.002);
	assert_true(busy < 0.05);
	struct vd_hub_stats s;
	vd_hub_stats(b->hub, &s);
	assert_int_equal(s.silent_devices, 0);
	all_fall_silent(b);
	vd_hub_free(b->hub);
	b->store->free(b->store);
	vd_runtime_sim_free(b->rt);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(twenty_thousand_devices_cost_less_than_one_per_cent),
	};
	return cmocka_run_group_tests_name("watch_cost", tests, NULL, NULL);
}

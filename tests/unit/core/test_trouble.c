/* SPDX-License-Identifier: EUPL-1.2 */
/* When a technical trouble begins and when it is over, each at its own mark. */
#include "vdtest.h"
#include "base/clock.h"
#include "core/trouble.h"
#include <math.h>
#include <stdio.h>

#define NOW 1772500000000ll
#define DAY 20500

static struct vd_trouble_state t;
static int64_t mono, wall;
static double battery;

static int fresh(void **state)
{
	(void)state;
	vd_trouble_init(&t);
	mono = VD_DAY_MS;
	wall = NOW;
	battery = NAN;
	return 0;
}

static void pass(int64_t ms)
{
	mono += ms;
	wall += ms;
}

static struct vd_trouble_in in_of(const struct vd_reading *r)
{
	return (struct vd_trouble_in){.r = r,
				      .battery = battery,
				      .mono = mono,
				      .wall = wall,
				      .day = DAY + (wall - NOW) / VD_DAY_MS};
}

/* What stands after the hub has told it. */
static bool on(enum vd_trouble x)
{
	t.standing = vd_trouble_now(&t, mono, wall, battery, 0);
	return t.standing >> x & 1;
}

static unsigned frame(int64_t seq)
{
	struct vd_reading r = {.kind = VD_KIND_MEASURE_TEMPERATURE, .has_value = true, .seq = seq};
	struct vd_trouble_in in = in_of(&r);
	return vd_trouble_reading(&t, &in);
}

static void tells(enum vd_kind kind, const char *state, double value, unsigned flags, bool news)
{
	struct vd_reading r = {.kind = kind,
			       .value = value,
			       .has_value = !isnan(value),
			       .flags = flags,
			       .seq = -1};
	snprintf(r.state, sizeof(r.state), "%s", state);
	struct vd_trouble_in in = in_of(&r);
	in.news = news;
	(void)vd_trouble_reading(&t, &in);
	if (kind == VD_KIND_DEVICE_BATTERY && value >= 0 && value <= 100)
		battery = value;
}

static void frames_are_counted_with_their_quirks(void **state)
{
	(void)state;
	assert_int_equal(frame(10), 0);
	assert_int_equal(frame(10), 0); /* several readings of one message */
	assert_int_equal(frame(11), 0);
	assert_int_equal(frame(14), 2);
	assert_int_equal(frame(13), 0); /* only late */
	assert_int_equal(frame(15), 0);
	t.seq = 65534; /* a counter of sixteen bits */
	assert_int_equal(frame(1), 2);
	assert_int_equal(frame(0), 0); /* begun anew */
	assert_int_equal(frame(1), 0);
	assert_false(on(VD_TR_RESTARTS));
	assert_int_equal(frame(INT64_MAX), 0); /* nonsense moves no count */
	assert_int_equal(frame(2), 0);
	assert_true(t.expected < 100);
}

static void a_weak_link_begins_at_a_quarter_and_ends_at_a_tenth(void **state)
{
	int64_t seq = 0;
	(void)state;
	for (int i = 0; i < 100; i++)
		(void)frame(seq += i % 5 ? 1 : 2); /* one in six */
	assert_false(on(VD_TR_FRAMES_LOST));
	for (int i = 0; i < 100; i++)
		(void)frame(seq += 2);
	assert_true(on(VD_TR_FRAMES_LOST));
	for (int i = 0; i < 150; i++)
		(void)frame(seq += i % 5 ? 1 : 2);
	assert_true(on(VD_TR_FRAMES_LOST));
	for (int i = 0; i < 300; i++)
		(void)frame(seq += 1);
	assert_false(on(VD_TR_FRAMES_LOST));
}

static void silence_of_the_way_is_no_lost_frame(void **state)
{
	struct vd_reading r = {.kind = VD_KIND_MEASURE_TEMPERATURE, .has_value = true, .seq = 500};
	struct vd_trouble_in in;
	(void)state;
	(void)frame(100);
	in = in_of(&r);
	in.broken = true; /* the gateway was away meanwhile */
	assert_int_equal(vd_trouble_reading(&t, &in), 0);
	assert_int_equal(frame(501), 0);
}

static void batteries(void **state)
{
	(void)state;
	tells(VD_KIND_DEVICE_BATTERY, "", 50, 0, true);
	pass(VD_DAY_MS);
	tells(VD_KIND_DEVICE_BATTERY, "", 60, 0, true); /* a warm day */
	assert_false(on(VD_TR_BATTERY_ODD));
	tells(VD_KIND_DEVICE_BATTERY, "", 90, 0, true);
	assert_true(on(VD_TR_BATTERY_ODD));
	pass(25 * VD_HOUR_MS);
	assert_false(on(VD_TR_BATTERY_ODD));
	tells(VD_KIND_DEVICE_BATTERY, "", -3, 0, true);
	assert_true(on(VD_TR_BATTERY_ODD));
	pass(25 * VD_HOUR_MS);
	tells(VD_KIND_DEVICE_BATTERY, "", 180, 0, true);
	assert_true(on(VD_TR_BATTERY_ODD));
	pass(25 * VD_HOUR_MS);
	/* slowly down is what batteries do */
	for (int i = 0; i < 20; i++) {
		battery = 90 - i * 4;
		tells(VD_KIND_DEVICE_BATTERY, "", battery, 0, true);
		pass(12 * VD_HOUR_MS);
	}
	assert_int_equal(vd_trouble_now(&t, mono, wall, battery, 0), 0);
	/* the same for half a year, and neither full nor empty */
	assert_true(vd_trouble_now(&t, mono, wall, 60, wall - 181 * VD_DAY_MS) >>
			    VD_TR_BATTERY_ODD &
		    1);
	assert_int_equal(vd_trouble_now(&t, mono, wall, 100, wall - 181 * VD_DAY_MS), 0);
}

static void a_new_battery_is_no_surprise(void **state)
{
	struct vd_reading r = {.kind = VD_KIND_DEVICE_BATTERY, .value = 100, .has_value = true};
	struct vd_trouble_in in;
	(void)state;
	tells(VD_KIND_DEVICE_BATTERY, "", 10, 0, true);
	tells(VD_KIND_DEVICE_JOINED, "joined", NAN, 0, true);
	tells(VD_KIND_DEVICE_BATTERY, "", 100, 0, true);
	assert_false(on(VD_TR_BATTERY_ODD));
	battery = 10;
	pass(2 * VD_HOUR_MS);
	in = in_of(&r);
	in.visited = true;
	(void)vd_trouble_reading(&t, &in);
	in.visited = false;
	in.recharged = true;
	(void)vd_trouble_reading(&t, &in);
	assert_false(on(VD_TR_BATTERY_ODD));
	/* from low to full once is what a change looks like that nobody has written down */
	tells(VD_KIND_DEVICE_BATTERY, "", 100, 0, true);
	assert_false(on(VD_TR_BATTERY_ODD));
	pass(5 * VD_DAY_MS);
	battery = 20;
	tells(VD_KIND_DEVICE_BATTERY, "", 100, 0, true);
	assert_true(on(VD_TR_BATTERY_ODD));
}

/* An ordinary day of a device: two kinds, and a press now and then. */
static void day(bool fall_sensor, bool as_text)
{
	for (int i = 0; i < 5; i++) {
		tells(VD_KIND_MEASURE_TEMPERATURE, "", 20, as_text ? VD_F_SUSPECT : 0, true);
		if (fall_sensor)
			tells(VD_KIND_PRESENCE, "present", NAN, 0, false);
	}
	pass(VD_DAY_MS);
}

static void a_changed_shape(void **state)
{
	(void)state;
	for (int i = 0; i < 9; i++)
		day(true, false);
	/* a rare call is no change of shape */
	tells(VD_KIND_SOS, "on", NAN, VD_F_EDGE, true);
	assert_false(on(VD_TR_CHANGED));
	/* one day without a kind may be chance, the next is a change */
	day(false, false);
	tells(VD_KIND_MEASURE_TEMPERATURE, "", 20, 0, true);
	assert_false(on(VD_TR_CHANGED));
	day(false, false);
	day(false, false);
	assert_true(on(VD_TR_CHANGED));
	/* kept through a restart */
	char text[VD_TROUBLE_TEXT];
	vd_trouble_write(&t, text);
	vd_trouble_init(&t);
	vd_trouble_read(&t, vd_span_cstr(text));
	assert_true(on(VD_TR_CHANGED));
	/* a week later that is what it is like */
	for (int i = 0; i < 8; i++)
		day(false, false);
	assert_false(on(VD_TR_CHANGED));
	for (int i = 0; i < 9; i++)
		day(false, false);
	assert_false(on(VD_TR_CHANGED));
	day(false, true); /* a number has become a text */
	assert_true(on(VD_TR_CHANGED));
}

static void a_new_field(void **state)
{
	(void)state;
	vd_trouble_unknown_key(&t, VD_SPAN_LIT("sw_build"), DAY);
	for (int i = 0; i < 9; i++) {
		vd_trouble_unknown_key(&t, VD_SPAN_LIT("sw_build"), DAY + i);
		day(true, false);
	}
	assert_false(on(VD_TR_CHANGED));
	vd_trouble_unknown_key(&t, VD_SPAN_LIT("fall_state_v2"), DAY + 9);
	assert_true(on(VD_TR_CHANGED));
}

static void clocks(void **state)
{
	(void)state;
	for (int i = 0; i < 12; i++) {
		struct vd_reading r = {.kind = VD_KIND_DOOR, .t_ms = 1, .seq = -1};
		struct vd_trouble_in in = in_of(&r);
		in.bad_clock = true;
		for (int k = 0; k < 6; k++) /* six readings of one message are one wrong time */
			(void)vd_trouble_reading(&t, &in);
		assert_int_equal(on(VD_TR_CLOCK), i >= 4);
		pass(VD_MINUTE_MS);
	}
}

static void nothing_read_from_a_damaged_row_breaks_it(void **state)
{
	static const char *const bad[] = {"", "x", "9999 -4 z", "7 0 1 1 ffffffffffffffffffff 1",
					  "-1 -1 -1 -1 -1 -1 -1 -1 -1 -1"};
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		vd_trouble_init(&t);
		vd_trouble_read(&t, vd_span_cstr(bad[i]));
		assert_in_range(t.days, 0, 7);
		day(true, false);
		day(true, false);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(frames_are_counted_with_their_quirks, fresh),
		cmocka_unit_test_setup(a_weak_link_begins_at_a_quarter_and_ends_at_a_tenth, fresh),
		cmocka_unit_test_setup(silence_of_the_way_is_no_lost_frame, fresh),
		cmocka_unit_test_setup(batteries, fresh),
		cmocka_unit_test_setup(a_new_battery_is_no_surprise, fresh),
		cmocka_unit_test_setup(a_changed_shape, fresh),
		cmocka_unit_test_setup(a_new_field, fresh),
		cmocka_unit_test_setup(clocks, fresh),
		cmocka_unit_test_setup(nothing_read_from_a_damaged_row_breaks_it, fresh),
	};
	return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}

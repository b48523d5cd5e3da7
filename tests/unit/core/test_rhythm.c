/* SPDX-License-Identifier: EUPL-1.2 */
/* What a device's gaps teach, which class it belongs to, and the limits drawn from both. */
#include "vdtest.h"
#include "base/clock.h"
#include "model/rhythm.h"
#include <string.h>

#define CAP VD_DAY_MS

static void speak(struct vd_rhythm *r, int64_t every_ms, int times)
{
	while (times-- > 0)
		vd_rhythm_add(r, every_ms, CAP);
}

static const struct vd_watch_class *named(const char *name)
{
	const struct vd_watch_class *c = vd_watch_class_named(vd_span_cstr(name));
	assert_non_null(c);
	return c;
}

static int64_t limit_min(const char *class, const struct vd_rhythm *r, int64_t stated_min)
{
	return vd_limit_of(named(class), r, 0, stated_min * VD_MINUTE_MS, 0).limit_ms /
	       VD_MINUTE_MS;
}

static void three_missed_intervals_after_a_week(void **state)
{
	struct vd_rhythm r = {0};
	(void)state;
	speak(&r, 55 * VD_MINUTE_MS, 6 * 26);
	assert_int_equal(limit_min("sensor", &r, 0), 1500);
	speak(&r, 55 * VD_MINUTE_MS, 2 * 26);
	assert_int_equal(limit_min("sensor", &r, 0), 165);
	/* jitter across two classes of length is no other rhythm */
	for (int i = 0; i < 500; i++)
		vd_rhythm_add(&r, (50 + i % 20) * VD_MINUTE_MS, CAP);
	assert_in_range(limit_min("sensor", &r, 0), 150, 210);
}

static void a_flood_teaches_no_tiny_limit(void **state)
{
	struct vd_rhythm r = {0};
	(void)state;
	speak(&r, 55 * VD_MINUTE_MS, 8 * 26);
	for (int i = 0; i < 100000; i++)
		vd_rhythm_add(&r, 20, CAP);
	assert_int_equal(limit_min("sensor", &r, 0), 165);
	/* even one that has never done anything else */
	memset(&r, 0, sizeof(r));
	for (int i = 0; i < 8 * 86400; i++)
		vd_rhythm_add(&r, 1000, CAP);
	assert_int_equal(limit_min("sensor", &r, 0), 60);
	assert_int_equal(limit_min("mains", &r, 0), 5);
}

static void what_is_quiet_by_nature_stays_quiet(void **state)
{
	struct vd_rhythm r = {0};
	(void)state;
	for (int day = 0; day < 14; day++) {
		speak(&r, 10 * VD_MINUTE_MS, day % 7 == 6 ? 12 : 90);
		vd_rhythm_add(&r, (day % 7 == 6 ? 22 : 9) * VD_HOUR_MS, CAP);
	}
	assert_true(limit_min("sensor", &r, 0) > 22 * 60);
	assert_true(limit_min("sensor", &r, 0) <= 3000);
}

static void it_grows_slowly_and_never_past_its_class(void **state)
{
	struct vd_rhythm r = {0};
	(void)state;
	speak(&r, 30 * VD_MINUTE_MS, 20 * 48);
	/* one long silence is not its rhythm */
	vd_rhythm_add(&r, 3 * VD_DAY_MS, 90 * VD_MINUTE_MS);
	assert_in_range(limit_min("sensor", &r, 0), 90, 91);
	/* a new battery, another setting: once an hour, day after day */
	for (int i = 0; i < 40 * 24; i++)
		vd_rhythm_add(&r, VD_HOUR_MS, 90 * VD_MINUTE_MS);
	assert_int_equal(limit_min("sensor", &r, 0), 180);
	memset(&r, 0, sizeof(r));
	for (int i = 0; i < 30; i++)
		vd_rhythm_add(&r, 40 * VD_HOUR_MS, 100 * VD_HOUR_MS);
	assert_int_equal(limit_min("sensor", &r, 0), 3000);
	assert_int_equal(limit_min("mains", &r, 0), 720);
}

static void a_promise_wins_and_a_persons_word_over_it(void **state)
{
	struct vd_rhythm r = {0};
	(void)state;
	speak(&r, 55 * VD_MINUTE_MS, 8 * 26);
	assert_int_equal(limit_min("alarm_unit", &r, 1), 3);
	assert_int_equal(limit_min("alarm_unit", &r, 60), 180);
	/* EN 50134's longest, 1440 min: three of them would be three days */
	assert_int_equal(limit_min("alarm_unit", &r, 1440), 2160);
	struct vd_limit l =
		vd_limit_of(named("alarm_unit"), &r, 7 * VD_MINUTE_MS, VD_HOUR_MS, VD_DAY_MS);
	assert_int_equal(l.limit_ms, 7 * VD_MINUTE_MS);
	assert_int_equal(l.basis, VD_LIMIT_INSTALLER);
	memset(&r, 0, sizeof(r));
	l = vd_limit_of(named("sensor"), &r, 0, 0, 5 * VD_HOUR_MS);
	assert_int_equal(l.limit_ms, 5 * VD_HOUR_MS);
	assert_int_equal(l.basis, VD_LIMIT_CLASS);
}

static void it_survives_the_store(void **state)
{
	struct vd_rhythm r = {0}, back;
	char text[VD_LEARNED_BYTES];
	(void)state;
	for (int i = 0; i < VD_RHYTHM_GAPS; i++)
		for (int k = 0; k < 40; k++)
			vd_rhythm_add(&r, VD_MINUTE_MS * (1ll << i / 2) - 1, 60 * VD_DAY_MS);
	vd_rhythm_write(&r, text);
	assert_true(strlen(text) < VD_LEARNED_BYTES - 1);
	vd_rhythm_read(&back, vd_span_cstr(text));
	assert_int_equal(vd_rhythm_trusted(&back), vd_rhythm_trusted(&r));
	assert_in_range(vd_rhythm_interval_ms(&back), vd_rhythm_interval_ms(&r) * 99 / 100,
			vd_rhythm_interval_ms(&r) * 101 / 100);
	/* what a damaged row could hold */
	static const char *const bad[] = {
		"",         " ",      ":",       "99:1:1", "-1:1:1",       "3:nan:5",
		"3:1e30:5", "3:5:-1", "3:5:inf", "3",      "3:x:y 4:2:200"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		vd_rhythm_read(&back, vd_span_cstr(bad[i]));
		assert_true(vd_rhythm_interval_ms(&back) >= 0);
		assert_false(vd_rhythm_trusted(&back));
	}
}

static const char *class_of(const char *adapter, const char *features, bool mains, bool button,
			    enum vd_kind heard)
{
	struct vd_watch_hints h = {.named = adapter, .mains = mains, .alarm_button = button};
	vd_watch_hint_features(&h, features);
	vd_watch_hint_kind(&h, heard);
	return vd_watch_class(&h)->name;
}

static void a_device_is_what_it_reports(void **state)
{
	(void)state;
	assert_string_equal(class_of(NULL, NULL, false, false, VD_KIND_DOOR), "sensor");
	assert_string_equal(class_of(NULL, "door device.battery", false, false, VD_KIND_NONE),
			    "sensor");
	assert_string_equal(class_of("lorawan", "", false, false, VD_KIND_DOOR), "lorawan");
	assert_string_equal(class_of("lorawan", "", false, false, VD_KIND_LOCATION), "wearable");
	assert_string_equal(class_of("alarm_unit", "", true, false, VD_KIND_SOS), "alarm_unit");
	assert_string_equal(class_of(NULL, "", true, false, VD_KIND_FALL), "mains");
	assert_string_equal(class_of(NULL, "button", false, false, VD_KIND_NONE), "button");
	assert_string_equal(class_of(NULL, "", false, true, VD_KIND_NONE), "button");
	assert_string_equal(class_of(NULL, "", false, false, VD_KIND_MEDICATION), "dispenser");
	assert_string_equal(class_of("nonsense", "", false, false, VD_KIND_NONE), "sensor");
	struct vd_watch_hints h = {0};
	vd_watch_hint_features(&h, "door of_the_future ");
	assert_false(vd_watch_calls(&h));
	vd_watch_hint_features(&h, "door sos");
	assert_true(vd_watch_calls(&h));
	/* every bound of every class makes sense */
	static const char *const all[] = {"alarm_unit", "wearable", "dispenser", "mains", "lock",
					  "measuring",  "lorawan",  "button",    "sensor"};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		assert_true(named(all[i])->least_min <= named(all[i])->until_min);
		assert_true(named(all[i])->until_min <= named(all[i])->most_min);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_missed_intervals_after_a_week),
		cmocka_unit_test(a_flood_teaches_no_tiny_limit),
		cmocka_unit_test(what_is_quiet_by_nature_stays_quiet),
		cmocka_unit_test(it_grows_slowly_and_never_past_its_class),
		cmocka_unit_test(a_promise_wins_and_a_persons_word_over_it),
		cmocka_unit_test(it_survives_the_store),
		cmocka_unit_test(a_device_is_what_it_reports),
	};
	return cmocka_run_group_tests_name("rhythm", tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The interpretation rules that live in the judge (docs/vocabulary.md), one test each. */
#include "vdtest.h"
#include "base/clock.h"
#include "core/devstate.h"
#include "model/alarm.h"
#include <stdio.h>

#define NOW 1772500000000ll

static struct vd_devstate dev;

static int fresh(void **state)
{
	(void)state;
	vd_devstate_fini(&dev);
	return 0;
}

static struct vd_judged judge(enum vd_kind kind, const char *word, unsigned flags, bool retained,
			      bool window)
{
	struct vd_frame f = {.received_at_ms = NOW, .retained = retained};
	struct vd_reading r = {.kind = kind, .flags = flags, .seq = -1};
	struct vd_judged j;
	snprintf(r.state, sizeof(r.state), "%s", word);
	assert_int_equal(vd_judge(&dev, &f, &r, window, &j), 0);
	return j;
}

static void expect(struct vd_judged j, enum vd_change_kind c, enum vd_verdict v)
{
	assert_int_equal(j.change, c);
	assert_int_equal(j.verdict, v);
}

static void rule2_retained_happenings_do_not_raise(void **state)
{
	(void)state;
	expect(judge(VD_KIND_SOS, "on", VD_F_EDGE, false, false), VD_NEW, VD_V_RAISE);
	struct vd_judged j = judge(VD_KIND_SOS, "on", VD_F_EDGE, true, true);
	expect(j, VD_SAME, VD_V_NONE);
}

static void rule2_an_active_state_not_known_before_is_found(void **state)
{
	(void)state;
	struct vd_judged j = judge(VD_KIND_SMOKE, "on", 0, true, true);
	expect(j, VD_NEW, VD_V_RAISE);
	assert_true(j.event.flags & VD_F_FOUND);
	expect(judge(VD_KIND_SMOKE, "on", 0, true, true), VD_SAME, VD_V_NONE);
}

static struct vd_judged stage(const char *word, int64_t episode)
{
	struct vd_frame f = {.received_at_ms = NOW};
	struct vd_reading r = {.kind = VD_KIND_FALL, .episode = episode, .seq = -1};
	struct vd_judged j;
	snprintf(r.state, sizeof(r.state), "%s", word);
	assert_int_equal(vd_judge(&dev, &f, &r, false, &j), 0);
	return j;
}

static void stages_of_one_fall_are_one_alarm(void **state)
{
	(void)state;
	expect(stage("detected", 7), VD_NEW, VD_V_RAISE);
	expect(stage("confirmed", 7), VD_NEW, VD_V_RAISE); /* worse than it was */
	struct vd_judged j = stage("calling", 7);
	expect(j, VD_NEW, VD_V_NONE);
	assert_int_equal(vd_verdict(&j.event), VD_V_NONE); /* a replay decides the same */
	expect(stage("ended", 7), VD_NEW, VD_V_NONE);
	expect(stage("confirmed", 8), VD_NEW, VD_V_RAISE); /* the next fall */
	expect(stage("confirmed", 9), VD_NEW, VD_V_RAISE); /* and one whose end was never told */
}

static void a_stage_that_was_not_stored_raises_with_the_next(void **state)
{
	(void)state;
	expect(stage("confirmed", 7), VD_NEW, VD_V_RAISE);
	vd_devstate_forget(&dev, VD_KIND_FALL, "");
	expect(stage("calling", 7), VD_NEW, VD_V_RAISE);
}

static void without_an_episode_every_stage_raises(void **state)
{
	(void)state;
	expect(stage("confirmed", 0), VD_NEW, VD_V_RAISE);
	expect(stage("calling", 0), VD_NEW, VD_V_RAISE);
}

static void rule3_unknown_is_not_off(void **state)
{
	(void)state;
	expect(judge(VD_KIND_WATER_LEAK, "on", 0, false, false), VD_NEW, VD_V_RAISE);
	expect(judge(VD_KIND_WATER_LEAK, "unknown", 0, false, false), VD_NEW, VD_V_NONE);
}

static void rule4_only_changes_make_events_but_every_press_counts(void **state)
{
	(void)state;
	expect(judge(VD_KIND_SMOKE, "on", 0, false, false), VD_NEW, VD_V_RAISE);
	expect(judge(VD_KIND_SMOKE, "on", 0, false, false), VD_SAME, VD_V_NONE);
	expect(judge(VD_KIND_SOS, "on", VD_F_EDGE, false, false), VD_NEW, VD_V_RAISE);
	expect(judge(VD_KIND_SOS, "on", VD_F_EDGE, false, false), VD_NEW, VD_V_RAISE);
	expect(judge(VD_KIND_DEVICE_HEARTBEAT, "", 0, false, false), VD_SAME, VD_V_NONE);
}

static void rule5_latched_kinds_are_closed_by_people(void **state)
{
	(void)state;
	judge(VD_KIND_SMOKE, "on", 0, false, false);
	expect(judge(VD_KIND_SMOKE, "off", 0, false, false), VD_NEW, VD_V_NONE);
	judge(VD_KIND_WATER_LEAK, "on", 0, false, false);
	expect(judge(VD_KIND_WATER_LEAK, "off", 0, false, false), VD_NEW, VD_V_CLEAR);
	expect(judge(VD_KIND_FALL, "ended", 0, false, false), VD_NEW, VD_V_NONE);
}

static void rule6_and_7_history_tests_and_simulations_are_only_recorded(void **state)
{
	(void)state;
	static const unsigned flags[] = {VD_F_REPLAY, VD_F_TEST, VD_F_SIMULATED};
	for (int i = 0; i < 3; i++) {
		expect(judge(VD_KIND_SMOKE, "on", flags[i], false, false), VD_NEW, VD_V_NONE);
		assert_int_equal(dev.n, 0); /* the present state is untouched */
	}
}

static void device_clocks_are_trusted_only_near_receipt(void **state)
{
	(void)state;
	static const struct {
		int64_t off;
		bool trusted;
	} rows[] = {{0, true},
		    {-VD_CLOCK_PAST_MS, true},
		    {-VD_CLOCK_PAST_MS - 1, false},
		    {VD_CLOCK_FUTURE_MS, true},
		    {VD_CLOCK_FUTURE_MS + 1, false}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vd_frame f = {.received_at_ms = NOW};
		struct vd_reading r = {.kind = VD_KIND_SOS,
				       .state = "on",
				       .flags = VD_F_EDGE,
				       .t_ms = NOW + rows[i].off,
				       .t_src = VD_T_DEVICE};
		struct vd_judged j;
		assert_int_equal(vd_judge(&dev, &f, &r, false, &j), 0);
		assert_int_equal(j.event.t_ms, rows[i].trusted ? r.t_ms : NOW);
		assert_int_equal(!!(j.event.flags & VD_F_CLOCK), !rows[i].trusted);
	}
}

static void a_contradicted_battery_is_doubt_not_alarm(void **state)
{
	(void)state;
	struct vd_frame f = {.received_at_ms = NOW};
	struct vd_reading r = {.kind = VD_KIND_DEVICE_BATTERY, .value = 100, .has_value = true};
	struct vd_judged j;
	assert_int_equal(vd_judge(&dev, &f, &r, false, &j), 0);
	j = judge(VD_KIND_DEVICE_BATTERY_LOW, "on", 0, false, false);
	expect(j, VD_NEW, VD_V_NONE);
	assert_true(j.event.flags & VD_F_SUSPECT);
}

static void what_could_not_be_stored_is_news_again(void **state)
{
	(void)state;
	judge(VD_KIND_DOOR, "open", 0, false, false);
	vd_devstate_forget(&dev, VD_KIND_DOOR, "");
	expect(judge(VD_KIND_DOOR, "open", 0, false, false), VD_NEW, VD_V_NONE);
	expect(judge(VD_KIND_DOOR, "open", 0, false, false), VD_SAME, VD_V_NONE);
}

static void a_device_has_a_ceiling_of_states(void **state)
{
	(void)state;
	struct vd_frame f = {.received_at_ms = NOW};
	struct vd_judged j;
	for (int i = 0; i <= VD_MAX_STATES_DEVICE; i++) {
		struct vd_reading r = {.kind = VD_KIND_PRESENCE, .state = "present"};
		snprintf(r.zone, sizeof(r.zone), "%d", i);
		int want = i < VD_MAX_STATES_DEVICE ? 0 : VD_ELIMIT;
		assert_int_equal(vd_judge(&dev, &f, &r, false, &j), want);
	}
}

static void the_handling_table_refuses_what_it_does_not_list(void **state)
{
	(void)state;
	enum vd_handling to = VD_H_MAX;
	assert_true(vd_handling_next(VD_H_NEW, VD_STEP_ACKNOWLEDGED, &to));
	assert_int_equal(to, VD_H_ACKNOWLEDGED);
	assert_false(vd_handling_next(VD_H_NEW, VD_STEP_EN_ROUTE, &to));
	assert_false(vd_handling_next(VD_H_CLOSED, VD_STEP_ACKNOWLEDGED, &to));
	assert_false(vd_handling_next(VD_H_ACKNOWLEDGED, VD_STEP_ACKNOWLEDGED, &to));
	assert_true(vd_handling_next(VD_H_TRANSFERRED, VD_STEP_RECEIVED, &to));
	assert_int_equal(to, VD_H_ACKNOWLEDGED);
	/* every state that is not closed can be left */
	for (int h = 0; h < VD_H_CLOSED; h++)
		assert_true(vd_handling_next((enum vd_handling)h, VD_STEP_CLOSED, &to));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fresh, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(rule2_retained_happenings_do_not_raise),
		T(rule2_an_active_state_not_known_before_is_found),
		T(stages_of_one_fall_are_one_alarm),
		T(a_stage_that_was_not_stored_raises_with_the_next),
		T(without_an_episode_every_stage_raises),
		T(rule3_unknown_is_not_off),
		T(rule4_only_changes_make_events_but_every_press_counts),
		T(rule5_latched_kinds_are_closed_by_people),
		T(rule6_and_7_history_tests_and_simulations_are_only_recorded),
		T(device_clocks_are_trusted_only_near_receipt),
		T(a_contradicted_battery_is_doubt_not_alarm),
		T(what_could_not_be_stored_is_news_again),
		T(a_device_has_a_ceiling_of_states),
		T(the_handling_table_refuses_what_it_does_not_list),
	};
	return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The benefit arithmetic against published figures (sources in docs/report.md), the small numbers
 * rule and the answer ranks. */
#include "benefit/answer.h"
#include "benefit/benefit.h"
#include "benefit/suppress.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct vd_shares certain = {{0, 0, 1}, {0, 1, 1}};
static const struct vd_usage in_use = {.alive = true, .used = true};

static void near(double got, double want, double within)
{
	if (!(fabs(got - want) <= within))
		fail_msg("%.4f is not %.4f +- %.4f", got, want, within);
}

/* Rana: 490 visits a month fewer for 10 users, 17 a day, 2 h 24 min. */
static void rana_dispensers(void **state)
{
	struct vd_baseline b = {.visits_per_week = 60 * 12 / 365.25 * 7,
				.remaining_per_week = 11 * 12 / 365.25 * 7,
				.face_min = 8.5,
				.start_day = 0};
	double minutes = 0, visits = 0;
	for (int user = 0; user < 10; user++) {
		struct vd_saving s = vd_benefit_day(&b, &certain, 5, &in_use);
		assert_int_equal(vd_benefit_check(&b, &s, NULL), 0);
		minutes += s.minutes.mode;
		visits += s.visits.mode;
	}
	near(visits, 16.1, 0.1);
	near(minutes, 144, 8); /* the source rounds to 17 visits a day */
	near(17 * 8.5, 144, 0.6);
	near(minutes / 10 * 365.25 / 60, 88, 6); /* hours a user and year */
}

/* Bergen: call-outs for 12 users from 20.9 to 1.9 a week. */
static void bergen_supervision(void **state)
{
	struct vd_baseline b = {.visits_per_week = 20.9 / 12,
				.remaining_per_week = 1.9 / 12,
				.face_min = 20,
				.travel_min = 10,
				.start_day = 100};
	struct vd_shares share = {{0.3, 0.6, 0.9}, {0, 0.5, 1}};
	struct vd_range visits = {0};
	for (int user = 0; user < 12; user++)
		for (int64_t day = 100; day < 464; day++)
			visits = vd_range_add(visits,
					      vd_benefit_day(&b, &share, day, &in_use).visits);
	near(visits.mode, 988, 0.5);
	near(visits.mode / 12, 82, 0.5);
	near(visits.low, 0.3 * 20.9 * 52, 0.5); /* the lower published bound widens it */
	near(visits.high, visits.mode, 1e-6);   /* 91 % is above the upper one already */
}

/* Røyken: 13,726 km a year for 13 users, 1,056 each. */
static void royken_kilometres(void **state)
{
	struct vd_baseline b = {.visits_per_week = 10,
				.remaining_per_week = 1,
				.face_min = 8,
				.km = 13726.0 / 13 / 365 / (9.0 / 7),
				.start_day = 0};
	double km = 0;
	for (int user = 0; user < 13; user++)
		for (int64_t day = 0; day < 365; day++)
			km += vd_benefit_day(&b, &certain, day, &in_use).km.mode;
	near(km, 13726, 0.5);
	near(km / 13, 1056, 0.5);
}

/* Stavanger's budget: 80 users at 45,000 kr. */
static void stavanger_kroner(void **state)
{
	struct vd_range minutes = {80 * 90 * 60.0, 80 * 90 * 60.0, 80 * 90 * 60.0};
	struct vd_range price = {380, 500, 620};
	struct vd_range kr = vd_benefit_value(minutes, price);
	near(kr.mode, 3600000, 1e-3);
	near(kr.low, 80 * 90 * 380.0, 1e-3);
	near(kr.high, 80 * 90 * 620.0, 1e-3);
}

static void nothing_without_life(void **state)
{
	struct vd_baseline b = {.visits_per_week = 14,
				.remaining_per_week = 1,
				.face_min = 10,
				.travel_min = 6,
				.doc_min = 2,
				.start_day = 50,
				.end_day = 60};
	struct vd_usage dead = {.used = true}, unused = {.alive = true};
	struct vd_saving s = vd_benefit_day(&b, &certain, 55, &dead);
	assert_false(s.counted);
	near(s.minutes.high, 0, 0);
	assert_true(s.potential_min > 33);
	near(vd_benefit_day(&b, &certain, 55, &unused).minutes.mode, 0, 0);
	assert_false(vd_benefit_day(&b, &certain, 49, &in_use).exposed);
	assert_true(vd_benefit_day(&b, &certain, 59, &in_use).exposed);
	assert_false(vd_benefit_day(&b, &certain, 60, &in_use).exposed);
	near(vd_benefit_day(&b, &certain, 60, &in_use).potential_min, 0, 0);
}

static void created_visits_cost(void **state)
{
	struct vd_baseline b = {
		.visits_per_week = 7, .face_min = 10, .travel_min = 6, .doc_min = 2, .km = 4};
	struct vd_shares share = {{0.3, 0.8, 0.9}, {0, 0.5, 1}};
	struct vd_usage one = {.alive = true, .used = true, .created = 1};
	struct vd_usage dead = {.created = 1};
	struct vd_saving s = vd_benefit_day(&b, &share, 1, &one);
	near(s.visits.mode, 0, 1e-9);
	near(s.minutes.mode, 12 + 3 - 18, 1e-9); /* travel half gone, but the call-out drives */
	near(s.minutes.low, 0.3 * 12 - 18, 1e-9);
	near(s.minutes.high, 0, 1e-9);
	near(vd_benefit_day(&b, &share, 1, &dead).minutes.mode, -18, 1e-9);
	assert_int_equal(vd_benefit_check(&b, &s, NULL), 0);
}

static void checks_refuse(void **state)
{
	struct vd_baseline b = {.visits_per_week = 7, .face_min = 10};
	struct vd_errtext e = {0};
	struct vd_saving s = {.minutes = {11, 11, 11}, .counted = true};
	assert_int_equal(vd_benefit_check(&b, &s, &e), VD_ECORRUPT);
	assert_non_null(strstr(e.fact, "more than its baseline"));
	s = (struct vd_saving){.minutes = {0, 1, 1}};
	assert_int_equal(vd_benefit_check(&b, &s, &e), VD_ECORRUPT);
	assert_non_null(strstr(e.fact, "without use"));
	s = (struct vd_saving){.minutes = {3, 2, 4}, .counted = true};
	assert_int_equal(vd_benefit_check(&b, &s, &e), VD_ECORRUPT);
	struct vd_ladder l = {.potential_min = 100, .freed_min = {50, 101, 120}};
	assert_int_equal(vd_ladder_check(&l, &e), VD_ECORRUPT);
	l.freed_min.mode = 99;
	assert_int_equal(vd_ladder_check(&l, &e), 0);
	l.has_redeployed = true;
	l.redeployed_min = 130;
	assert_int_equal(vd_ladder_check(&l, &e), VD_ECORRUPT);
}

/* With the sum and the shown cells known, no hidden cell can be told apart, and what is hidden
 * together is never fewer than five people. Every row of four cells up to 7. */
static void small_numbers(void **state)
{
	bool hide[4];
	for (int i = 0; i < 8 * 8 * 8 * 8; i++) {
		int64_t v[4] = {i & 7, i >> 3 & 7, i >> 6 & 7, i >> 9 & 7}, hidden = 0;
		int n = 0;
		bool sum_hidden = vd_suppress_row(v, 4, hide);
		for (int k = 0; k < 4; k++) {
			assert_true(hide[k] || !vd_suppress_one(v[k]));
			n += hide[k];
			hidden += hide[k] ? v[k] : 0;
		}
		if (!sum_hidden && n) {
			assert_true(n >= 2);
			assert_true(hidden >= VD_SUPPRESS_BELOW);
		}
		if (!n)
			assert_true(v[0] + v[1] + v[2] + v[3] == 0 || !sum_hidden);
	}
	int64_t row[4] = {3, 9, 6, 12};
	assert_false(vd_suppress_row(row, 4, hide));
	assert_true(hide[0] && hide[2] && !hide[1] && !hide[3]);
	int64_t alone[1] = {4};
	assert_true(vd_suppress_row(alone, 1, hide));
	assert_false(vd_suppress_row(NULL, 0, NULL));
}

static void answers(void **state)
{
	int64_t w[10] = {60000, -1, 61000, 1000, 180000, 180001, 2000, 3000, 4000, 5000};
	struct vd_answer a = vd_answer_of(w, 10);
	assert_int_equal(a.alarms, 10);
	assert_int_equal(a.answered, 9);
	assert_int_equal(a.within60, 6);
	assert_int_equal(a.within180, 8);
	assert_int_equal(a.median_ms, 5000);
	assert_int_equal(a.p90_ms, 180001);
	assert_int_equal(a.max_ms, 180001);
	a = vd_answer_of(w, 0);
	assert_int_equal(a.max_ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rana_dispensers),
		cmocka_unit_test(bergen_supervision),
		cmocka_unit_test(royken_kilometres),
		cmocka_unit_test(stavanger_kroner),
		cmocka_unit_test(nothing_without_life),
		cmocka_unit_test(created_visits_cost),
		cmocka_unit_test(checks_refuse),
		cmocka_unit_test(small_numbers),
		cmocka_unit_test(answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

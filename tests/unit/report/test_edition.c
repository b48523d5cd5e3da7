/* SPDX-License-Identifier: EUPL-1.2 */
/* Whole editions of a small region: figures, hiding, bytes, days when the clocks change. */
#include "small_region.h"
#include "base/clock.h"
#include "report/fmt.h"
#include "report/tally.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static const char *const files[] = {"3431.html",   "3431.csv",   "3431-data.csv",   "3433.html",
				    "3433.csv",    "3434.html",  "3434.csv",        "3434-data.csv",
				    "region.html", "region.csv", "region-data.csv", "report.css"};
#define N_FILES (sizeof(files) / sizeof(*files))

static int setup(void **state)
{
	struct region *g = calloc(1, sizeof(*g));
	region_open(g);
	*state = g;
	return 0;
}

static int teardown(void **state)
{
	region_close(*state);
	free(*state);
	return 0;
}

static void built(struct region *g, int64_t day, const char *sub)
{
	struct vd_errtext e = {0};
	if (region_build(g, day, sub, &e))
		fail_msg("%s: %s", e.fact, e.detail);
}

static void has(struct region *g, int64_t day, const char *file, const char *text)
{
	char *p = region_read(g, "a", day, file);
	if (!strstr(p, text))
		fail_msg("%s does not have: %s", file, text);
	free(p);
}

static void has_not(struct region *g, int64_t day, const char *file, const char *text)
{
	char *p = region_read(g, "a", day, file);
	if (strstr(p, text))
		fail_msg("%s has: %s", file, text);
	free(p);
}

static void same_bytes_twice(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 11, 23);
	region_fill(g, day);
	built(g, day, "a");
	built(g, day, "b");
	for (size_t i = 0; i < N_FILES; i++) {
		char *x = region_read(g, "a", day, files[i]),
		     *y = region_read(g, "b", day, files[i]);
		assert_string_equal(x, y);
		free(x);
		free(y);
	}
	built(g, day, "a"); /* over an edition that is there */
	/* A fact more: another hash. */
	char *before = region_read(g, "a", day, "region.html");
	region_exec(g, "UPDATE alarm SET first_ack_at = first_ack_at + 1 WHERE id = 'A%025d'", 7);
	built(g, day, "a");
	char *after = region_read(g, "a", day, "region.html");
	assert_string_not_equal(strstr(before, "<code>"), strstr(after, "<code>"));
	free(before);
	free(after);
}

static void strict_html(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 11, 23);
	region_fill(g, day);
	built(g, day, "a");
	for (size_t i = 0; i < N_FILES; i++) {
		if (!strstr(files[i], ".html"))
			continue;
		has_not(g, day, files[i], "style=");
		has_not(g, day, files[i], "<script");
		has_not(g, day, files[i], "<style");
		has_not(g, day, files[i], " onclick");
		has_not(g, day, files[i], "Oppdikta"); /* nobody's name */
		has(g, day, files[i], "scope=\"row\"");
		has(g, day, files[i], "style-src 'self'");
	}
	has(g, day, "3431.html", "<html lang=\"nb\">");
	has(g, day, "3434.html", "<html lang=\"nn\">");
	has(g, day, "region.html", "<html lang=\"nb\">");
	has(g, day, "3434.html", "Frigjord tid");
	has(g, day, "3431.html", "Frigjort tid");
	has(g, day, "report.css", "@media print");
}

/* Two persons in Skjåk: hidden; the smallest other cell with them, in its own report too. */
static void small_cells_hidden(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 11, 23);
	region_fill(g, day);
	built(g, day, "a");
	has(g, day, "3433.html", "Frigjord tid er skjult");
	has(g, day, "3433-data.csv", ",day,users,dispenser,,1,,,,,suppressed\n");
	has(g, day, "3434-data.csv", ",day,users,dispenser,,1,,,,,suppressed\n");
	has(g, day, "3434-data.csv", ",day,users,supervision,6,1,,,,,baseline\n");
	has(g, day, "3434-data.csv", ",day,hours_freed_total,,,h,,,,,suppressed\n");
	has(g, day, "3431-data.csv", ",day,users,dispenser,7,1,,,,,baseline\n");
	has(g, day, "region-data.csv", ",region,day,users,dispenser,15,1,,,,,baseline\n");
	/* Forty alarms in Dovre, one of them a test. */
	has(g, day, "3431-data.csv", ",13_months,alarms,,39,1,,,,,alarm\n");
	has(g, day, "region-data.csv", "2026-11-23,3433,day,users,dispenser,,1,,,,,suppressed\n");
}

/* 7 users, 6 alive: 6 x 13/7 visits x (8 + 1 + 6 x 0) minutes; 14/7 x 15 is the ceiling. */
static void figures(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 11, 23);
	region_fill(g, day);
	region_exec(g, "DELETE FROM alarm WHERE kind = 'medication'");
	built(g, day, "a");
	has(g, day, "3431-data.csv",
	    ",day,hours_freed,dispenser,1.671,h,,,0.54,2.786,baseline rollup_day alarm assumption");
	has(g, day, "3431-data.csv", ",day,counted_user_days,dispenser,6,d,6,7,,,");
	has(g, day, "3431-data.csv", ",day,doses,dispenser,12,1,");
	has(g, day, "3431-data.csv", ",day,silent_devices,,1,1,");
	has(g, day, "3431-data.csv", ",day,hours_without_contact,,24,h,");
	has(g, day, "3434-data.csv", ",day,nobody_on_duty,,2,1,,,,,rollup_day");
	has(g, day, "3431.csv",
	    "Dovre;Døgnet;Timer frigjort;Medisindispenser;1,671;0,54;2,786;;;h");
	has(g, day, "3431.html", "kr</strong>"); /* events, baseline and a cited price are there */
	has(g, day, "3431.html", "https://www.nurse.no/lonn-og-tariff/ks");
	has(g, day, "3431.html", "Reisetid regnes ikke som frigjort");
	char *csv = region_read(g, "a", day, "3431.csv");
	assert_memory_equal(csv, "\xef\xbb\xbf", 3);
	free(csv);
}

static void no_kroner_without_price(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 11, 23);
	region_fill(g, day);
	region_exec(g, "INSERT INTO assumption VALUES ('HOME.hour_price', 3431, 500, 400, 600,"
		       " 'kr/h', 0, 'D', 'https://example.org/', '', 0)");
	built(g, day, "a");
	has(g, day, "3431.html", "timepris med kilde");
	has_not(g, day, "3431.html", "kr</strong>");
	has(g, day, "region.html", "timepris med kilde");
	region_exec(g, "UPDATE assumption SET low = 700");
	struct vd_errtext e = {0};
	assert_int_equal(region_build(g, day, "b", &e), VD_ECORRUPT);
	assert_non_null(strstr(e.detail, "HOME.hour_price"));
}

static void nothing_stored(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 1, 1);
	built(g, day, "a");
	has(g, day, "region.html", "Ingen kommuner er lagt inn");
	region_exec(g, "INSERT INTO municipality (number, name, language) VALUES (3431, 'D<&\"', "
		       "'nb')");
	built(g, day, "a");
	has(g, day, "3431.html", "Ingen nullpunktsmåling");
	has(g, day, "3431.html", "D&lt;&amp;&quot;");
	has(g, day, "3431.html", "lokal nullpunktsmåling");
}

/* A device silent all day: 23 hours on 29 March 2026, 25 on 25 October; an alarm at 23:30 UTC of
 * the day before belongs to the Oslo day. */
static void clock_changes(void **state)
{
	struct region *g = *state;
	int64_t spring = vd_days_from_civil(2026, 3, 29), autumn = vd_days_from_civil(2026, 10, 25);
	region_fill(g, spring);
	built(g, spring, "a");
	has(g, spring, "3431-data.csv", ",day,hours_without_contact,,23,h,");
	built(g, autumn, "a");
	has(g, autumn, "3431-data.csv", ",day,hours_without_contact,,175,h,"); /* all seven */
	region_exec(g, "DELETE FROM alarm");
	region_exec(g,
		    "INSERT INTO alarm VALUES ('A', 3431, 1, 1, 1, 1, 'sos', 'on', 40, 'active',"
		    " 'closed', '', 0, %lld, 0, 0, 0, %lld, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, '', 0,"
		    " 1, '')",
		    (long long)vd_oslo_day_start(autumn),
		    (long long)vd_oslo_day_start(autumn) + 500);
	built(g, autumn, "a");
	has(g, autumn, "3431-data.csv", ",day,alarms,,1,1,");
	has(g, autumn, "3431.html",
	    "kl.\xc2\xa0"
	    "00.00");
}

/* Silence since the placement ended, and swaps: only life after the newest placing counts. */
static void stopped_and_swapped(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 11, 23);
	region_fill(g, day);
	region_exec(g, "UPDATE placement SET ended_at = %lld WHERE id = 1",
		    (long long)vd_oslo_day_start(day));
	built(g, day, "a");
	has(g, day, "3431-data.csv", ",day,counted_user_days,dispenser,5,d,5,6,,,");
	region_exec(g, "DELETE FROM rollup_day WHERE placement = 110");
	built(g, day, "a");
	has(g, day, "3434-data.csv", ",day,counted_user_days,supervision,5,d,5,6,,,");
	has(g, day, "3434-data.csv", ",day,dead_user_days,supervision,0,d,");
	region_exec(g,
		    "INSERT INTO device_history (device, at, what, placement) VALUES (110, %lld,"
		    " 'placed', 110)",
		    (long long)vd_oslo_day_start(day + 2));
	built(g, day, "a");
	has(g, day, "3434-data.csv", ",day,dead_user_days,supervision,1,d,");
}

/* An edition that fails leaves no region.html behind: the hub would take it for complete. */
static void fails_without_presence(void **state)
{
	struct region *g = *state;
	int64_t day = vd_days_from_civil(2026, 11, 23);
	struct vd_errtext e = {0};
	char path[160];
	region_fill(g, day);
	region_exec(g, "UPDATE baseline SET remaining_per_week = -14 WHERE placement = 1");
	assert_int_equal(region_build(g, day, "a", &e), VD_ECORRUPT);
	snprintf(path, sizeof(path), "%s/a/2026-11-23/region.html", g->dir);
	assert_int_not_equal(access(path, F_OK), 0);
}

static void seeding_keeps_own(void **state)
{
	struct region *g = *state;
	struct vd_errtext e = {0};
	struct vd_facts *f = NULL;
	region_exec(g, "INSERT INTO assumption VALUES ('HOME.hour_price', 0, 611, 600, 622, 'kr/h',"
		       " 2026, 'C', 'https://example.org/', 'me', 1)");
	assert_int_equal(vd_assumptions_seed(g->db, &e), 0);
	assert_int_equal(vd_assumptions_seed(g->db, &e), 0);
	assert_int_equal(vd_facts_load(g->db, 0, 1, &f, &e), 0);
	size_t n = 0;
	while (vd_assumption_library[n].id)
		n++;
	assert_int_equal(f->n_assumptions, n);
	assert_true(vd_facts_assumption(f, 3431, "HOME.hour_price")->value.mode == 611);
	assert_true(vd_facts_assumption(f, 3431, "EMS.replaced_share")->value.low == 0.3);
	assert_string_equal(vd_facts_assumption(f, 0, "EMS.replaced_share")->unit, "1");
	vd_facts_free(f);
}

static void says(const char *want, void (*fn)(struct vd_buf *b))
{
	struct vd_buf b;
	vd_buf_init(&b, 1000);
	fn(&b);
	assert_string_equal(b.p, want);
	vd_buf_fini(&b);
}

static void fmt_numbers(struct vd_buf *b)
{
	rep_num(b, 1234567.849, 1);
	vd_buf_add_char(b, '|');
	rep_num(b, -0.04, 1);
	vd_buf_add_char(b, '|');
	rep_num(b, -12.35, 1);
	vd_buf_add_char(b, '|');
	rep_ratio(b, 38, 40, "av");
	vd_buf_add_char(b, '|');
	rep_ratio(b, 3, 4, "av");
	vd_buf_add_char(b, '|');
	rep_wait(b, 80400);
}

static void fmt_fields(struct vd_buf *b)
{
	rep_field(b, "a;b", ';');
	vd_buf_add_char(b, '|');
	rep_field(b, "=1+1", ';');
	vd_buf_add_char(b, '|');
	rep_plain(b, -1234.5, '.');
	vd_buf_add_char(b, '|');
	rep_plain(b, -1234.5, ',');
}

static void formats(void **state)
{
	says("1\xc2\xa0"
	     "234\xc2\xa0"
	     "567,8|0,0|\xe2\x88\x92"
	     "12,4|95,0\xc2\xa0% (38\xc2\xa0"
	     "av\xc2\xa0"
	     "40)|"
	     "3\xc2\xa0"
	     "av\xc2\xa0"
	     "4|1\xc2\xa0min 20\xc2\xa0s",
	     fmt_numbers);
	says("\"a;b\"|\"'=1+1\"|-1234.5|\xe2\x88\x92"
	     "1234,5",
	     fmt_fields);
}

int main(void)
{
#define EDITION(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		EDITION(same_bytes_twice),        EDITION(strict_html),
		EDITION(small_cells_hidden),      EDITION(figures),
		EDITION(no_kroner_without_price), EDITION(nothing_stored),
		EDITION(clock_changes),           EDITION(stopped_and_swapped),
		EDITION(fails_without_presence),  EDITION(seeding_keeps_own),
		cmocka_unit_test(formats),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Spans, buffers, maps, ids and the calendar. */
#include "vdtest.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include <stdio.h>

static void span_fields_and_utf8(void **state)
{
	(void)state;
	struct vd_span rest = VD_SPAN_LIT("a//b"), f;
	assert_true(vd_span_next(&rest, '/', &f) && vd_span_is(f, "a"));
	assert_true(vd_span_next(&rest, '/', &f) && f.n == 0);
	assert_true(vd_span_next(&rest, '/', &f) && vd_span_is(f, "b"));
	assert_false(vd_span_next(&rest, '/', &f));
	assert_true(vd_span_utf8(VD_SPAN_LIT("blåbær 😀")));
	assert_false(vd_span_utf8(VD_SPAN_LIT("\xC3")));
	assert_false(vd_span_utf8(VD_SPAN_LIT("\xED\xA0\x80"))); /* surrogate */
	assert_false(vd_span_utf8(VD_SPAN_LIT("\xC0\xAF")));     /* overlong */
	assert_false(vd_span_utf8(vd_span("a\0b", 3)));
	char small[5];
	assert_false(vd_span_copy(small, sizeof(small), VD_SPAN_LIT("abcå")));
	assert_string_equal(small, "abc"); /* never half a letter */
}

static void buffer_keeps_its_ceiling(void **state)
{
	(void)state;
	struct vd_buf b;
	vd_buf_init(&b, 10);
	assert_int_equal(vd_buf_add_cstr(&b, "12345678"), 0);
	assert_int_equal(vd_buf_add_cstr(&b, "abc"), VD_ELIMIT);
	assert_int_equal(vd_buf_add_cstr(&b, "x"), VD_ELIMIT); /* sticky */
	assert_int_equal(b.n, 8);
	vd_buf_clear(&b);
	assert_int_equal(vd_buf_printf(&b, "%s-%d", "ab", 7), 0);
	assert_string_equal(b.p, "ab-7");
	vd_buf_consume(&b, 3);
	assert_string_equal(b.p, "7");
	vd_buf_fini(&b);
}

static void map_finds_what_is_there_through_growth_and_removal(void **state)
{
	(void)state;
	static char keys[2000][8];
	struct vd_map m;
	vd_map_init(&m, 2000, 42);
	for (int i = 0; i < 2000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%d", i);
		assert_int_equal(vd_map_put(&m, vd_span_cstr(keys[i]), keys[i]), 0);
	}
	assert_int_equal(vd_map_put(&m, VD_SPAN_LIT("one more"), keys), VD_ELIMIT);
	assert_int_equal(vd_map_put(&m, VD_SPAN_LIT("k5"), keys), VD_EEXIST);
	for (int i = 0; i < 2000; i += 2)
		assert_ptr_equal(vd_map_remove(&m, vd_span_cstr(keys[i])), keys[i]);
	for (int i = 0; i < 2000; i++)
		assert_ptr_equal(vd_map_get(&m, vd_span_cstr(keys[i])), i % 2 ? keys[i] : NULL);
	assert_int_equal(vd_map_put_u64(&m, 5, keys[5]), 0);
	assert_ptr_equal(vd_map_get_u64(&m, 5), keys[5]);
	assert_null(vd_map_get_u64(&m, 6));
	assert_null(vd_map_get(&m, VD_SPAN_LIT("")));
	vd_map_fini(&m);
}

static void ids_sort_by_time_and_never_repeat(void **state)
{
	(void)state;
	struct vd_idgen g = {0};
	uint8_t entropy[10] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE};
	char a[VD_ID_LEN + 1], b[VD_ID_LEN + 1];
	vd_id_make(&g, 1000, entropy, a);
	assert_true(vd_id_valid(vd_span_cstr(a)));
	for (int i = 0; i < 1000; i++) {
		vd_id_make(&g, 1000 - i, entropy, b); /* the clock steps back */
		assert_true(strcmp(a, b) < 0);
		memcpy(a, b, sizeof(a));
	}
	vd_id_make(&g, 2000, entropy, b);
	assert_true(strcmp(a, b) < 0);
	assert_false(vd_id_valid(VD_SPAN_LIT("8ZZZZZZZZZZZZZZZZZZZZZZZZZ")));
}

static void oslo_follows_the_summer_time_rule(void **state)
{
	(void)state;
	static const struct {
		const char *utc;
		int hour, offset;
	} rows[] = {
		{"2026-03-29T00:59:59Z", 1, 60},   {"2026-03-29T01:00:00Z", 3, 120},
		{"2026-10-25T00:59:59Z", 2, 120},  {"2026-10-25T01:00:00Z", 2, 60},
		{"2026-07-01T12:00:00Z", 14, 120}, {"2027-03-28T01:00:00Z", 3, 120},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t ms;
		struct vd_civil c;
		assert_int_equal(vd_iso_parse(vd_span_cstr(rows[i].utc), &ms, NULL), 0);
		vd_civil_oslo(ms, &c);
		assert_int_equal(c.hour, rows[i].hour);
		assert_int_equal(c.offset_min, rows[i].offset);
	}
	/* the long and the short day */
	int64_t d;
	assert_int_equal(vd_iso_day_parse(VD_SPAN_LIT("2026-10-25"), &d), 0);
	assert_int_equal(vd_oslo_day_start(d + 1) - vd_oslo_day_start(d), 25 * VD_HOUR_MS);
	assert_int_equal(vd_iso_day_parse(VD_SPAN_LIT("2026-03-29"), &d), 0);
	assert_int_equal(vd_oslo_day_start(d + 1) - vd_oslo_day_start(d), 23 * VD_HOUR_MS);
	assert_int_equal(vd_oslo_day(vd_oslo_day_start(d)), d);
	assert_int_equal(vd_oslo_day(vd_oslo_day_start(d) - 1), d - 1);
	/* 02:30 does not exist that night: it is 03:30, two and a half hours after midnight */
	assert_int_equal(vd_oslo_to_utc(2026, 3, 29, 2, 30),
			 vd_oslo_day_start(d) + 150 * VD_MINUTE_MS);
}

static void times_are_read_strictly(void **state)
{
	(void)state;
	int64_t a, b;
	bool zoned;
	assert_int_equal(vd_iso_parse(VD_SPAN_LIT("2020-07-16T20:33:17+01:00"), &a, &zoned), 0);
	assert_true(zoned);
	assert_int_equal(vd_iso_parse(VD_SPAN_LIT("2020-07-16 19:33:17.0001Z"), &b, NULL), 0);
	assert_int_equal(a, b);
	assert_int_equal(vd_iso_parse(VD_SPAN_LIT("2019-10-31T18:55:09"), &a, &zoned), 0);
	assert_false(zoned);
	static const char *const bad[] = {"2026-02-29T00:00:00Z",
					  "2026-13-01T00:00:00Z",
					  "2026-01-01T24:00:00Z",
					  "2026-01-01T00:00:00.Z",
					  "2026-01-01T00:00:00+1",
					  "2026-01-01",
					  "",
					  "2026-01-01T00:00:00Zx"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(vd_iso_parse(vd_span_cstr(bad[i]), &a, NULL), VD_EPARSE);
	char text[25];
	vd_iso_format(b, text);
	assert_string_equal(text, "2020-07-16T19:33:17.000Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(span_fields_and_utf8),
		cmocka_unit_test(buffer_keeps_its_ceiling),
		cmocka_unit_test(map_finds_what_is_there_through_growth_and_removal),
		cmocka_unit_test(ids_sort_by_time_and_never_repeat),
		cmocka_unit_test(oslo_follows_the_summer_time_rule),
		cmocka_unit_test(times_are_read_strictly),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}

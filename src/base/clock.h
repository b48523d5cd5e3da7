/* SPDX-License-Identifier: EUPL-1.2 */
/* Calendar arithmetic without the C library's time zone state: UTC and Europe/Oslo (EU summer-time
 * rule: last Sunday of March and October at 01:00 UTC, directive 2000/84/EC). Pure. Any thread. */
#pragma once
#include "base/span.h"
#include <stdint.h>

#define VD_SECOND_MS 1000ll
#define VD_MINUTE_MS 60000ll
#define VD_HOUR_MS   3600000ll
#define VD_DAY_MS    86400000ll

struct vd_civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second, ms;
	int weekday;    /* 0 = Monday */
	int offset_min; /* minutes east of UTC */
};

/* UTC milliseconds since 1970 -> civil time. */
void vd_civil_utc(int64_t ms, struct vd_civil *ret);
void vd_civil_oslo(int64_t ms, struct vd_civil *ret);
/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
int64_t vd_days_from_civil(int year, int month, int day);
void vd_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day);
/* UTC ms of an Oslo wall time. A time skipped in spring is an hour later by the clock (02:30 is
 * 03:30); a time that exists twice in autumn maps to the first. */
int64_t vd_oslo_to_utc(int year, int month, int day, int hour, int minute);
/* Oslo calendar day (days since 1970) that holds this moment; and the first ms of such a day. */
int64_t vd_oslo_day(int64_t ms);
int64_t vd_oslo_day_start(int64_t day);
/* "2026-11-24T10:15:30.123Z" into buf[25] (24 chars + NUL). */
void vd_iso_format(int64_t ms, char buf[25]);
/* "2026-11-24" into buf[11] from a day number. */
void vd_iso_day_format(int64_t day, char buf[11]);
/* RFC 3339 with T or blank, any fraction, Z or +hh:mm or +hhmm; without a zone: as UTC, and
 * *ret_zoned = false. 0 or VD_EPARSE. */
int vd_iso_parse(struct vd_span s, int64_t *ret_ms, bool *ret_zoned);
/* "2026-11-24" -> day number. 0 or VD_EPARSE. */
int vd_iso_day_parse(struct vd_span s, int64_t *ret_day);

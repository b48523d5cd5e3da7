/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/clock.h"
#include "base/err.h"
#include <stdio.h>

/* Howard Hinnant's public-domain era arithmetic (howardhinnant.github.io/date_algorithms.html). */
int64_t vd_days_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + doe - 719468;
}

void vd_civil_from_days(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	*ret_day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_year = (int)(yoe + era * 400 + (*ret_month <= 2));
}

static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;
	return q - (a % b < 0);
}

void vd_civil_utc(int64_t ms, struct vd_civil *ret)
{
	int64_t days = floor_div(ms, VD_DAY_MS);
	int64_t rest = ms - days * VD_DAY_MS;
	*ret = (struct vd_civil){0};
	vd_civil_from_days(days, &ret->year, &ret->month, &ret->day);
	ret->hour = (int)(rest / VD_HOUR_MS);
	ret->minute = (int)(rest / VD_MINUTE_MS % 60);
	ret->second = (int)(rest / 1000 % 60);
	ret->ms = (int)(rest % 1000);
	ret->weekday = (int)(((days + 3) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

/* 01:00 UTC on the last Sunday of the month. */
static int64_t last_sunday_utc(int year, int month)
{
	int64_t d = vd_days_from_civil(year, month, 31); /* March and October have 31 days */
	int weekday = (int)(((d + 3) % 7 + 7) % 7);
	d -= (weekday + 1) % 7;
	return d * VD_DAY_MS + VD_HOUR_MS;
}

static int oslo_offset_min(int64_t ms)
{
	struct vd_civil c;
	vd_civil_utc(ms, &c);
	return ms >= last_sunday_utc(c.year, 3) && ms < last_sunday_utc(c.year, 10) ? 120 : 60;
}

void vd_civil_oslo(int64_t ms, struct vd_civil *ret)
{
	int off = oslo_offset_min(ms);
	vd_civil_utc(ms + off * VD_MINUTE_MS, ret);
	ret->offset_min = off;
}

int64_t vd_oslo_to_utc(int year, int month, int day, int hour, int minute)
{
	int64_t wall = vd_days_from_civil(year, month, day) * VD_DAY_MS + hour * VD_HOUR_MS +
		       minute * VD_MINUTE_MS;
	int64_t summer = wall - 120 * VD_MINUTE_MS, winter = wall - 60 * VD_MINUTE_MS;
	if (oslo_offset_min(summer) == 120)
		return summer;
	if (oslo_offset_min(winter) == 60)
		return winter;
	return winter; /* inside the spring gap: 02:30 is 03:30 */
}

int64_t vd_oslo_day(int64_t ms)
{
	return floor_div(ms + oslo_offset_min(ms) * VD_MINUTE_MS, VD_DAY_MS);
}

int64_t vd_oslo_day_start(int64_t day)
{
	int y, m, d;
	vd_civil_from_days(day, &y, &m, &d);
	return vd_oslo_to_utc(y, m, d, 0, 0);
}

void vd_iso_format(int64_t ms, char buf[25])
{
	struct vd_civil c;
	char big[64];
	vd_civil_utc(ms, &c);
	if (c.year < 0 || c.year > 9999)
		vd_civil_utc(0, &c);
	snprintf(big, sizeof(big), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", c.year, c.month, c.day,
		 c.hour, c.minute, c.second, c.ms);
	memcpy(buf, big, 24);
	buf[24] = '\0';
}

void vd_iso_day_format(int64_t day, char buf[11])
{
	char iso[25];
	vd_iso_format(day * VD_DAY_MS, iso);
	memcpy(buf, iso, 10);
	buf[10] = '\0';
}

static int digits(struct vd_span s, size_t at, size_t n, int *ret)
{
	int v = 0;
	if (at + n > s.n)
		return VD_EPARSE;
	for (size_t i = at; i < at + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return VD_EPARSE;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = v;
	return 0;
}

static int month_days(int year, int month)
{
	static const int n[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return month == 2 && leap ? 29 : n[month - 1];
}

static int parse_date(struct vd_span s, int64_t *ret_day)
{
	int y, m, d;
	if (s.n < 10 || digits(s, 0, 4, &y) || s.p[4] != '-' || digits(s, 5, 2, &m) ||
	    s.p[7] != '-' || digits(s, 8, 2, &d))
		return VD_EPARSE;
	if (m < 1 || m > 12 || d < 1 || d > month_days(y, m))
		return VD_EPARSE;
	*ret_day = vd_days_from_civil(y, m, d);
	return 0;
}

int vd_iso_day_parse(struct vd_span s, int64_t *ret_day)
{
	return s.n == 10 ? parse_date(s, ret_day) : VD_EPARSE;
}

/* The zone at s[at..]: Z, +hh:mm or +hhmm, up to the end. */
static int parse_zone(struct vd_span s, size_t at, int *ret_min, bool *ret_zoned)
{
	int h, m;
	*ret_min = 0;
	*ret_zoned = at < s.n;
	if (at == s.n)
		return 0;
	if ((s.p[at] == 'Z' || s.p[at] == 'z') && at + 1 == s.n)
		return 0;
	if (s.p[at] != '+' && s.p[at] != '-')
		return VD_EPARSE;
	size_t rest = s.n - at;
	size_t mm = rest == 6 && s.p[at + 3] == ':' ? at + 4 : at + 3;
	if ((rest != 6 && rest != 5) || digits(s, at + 1, 2, &h) || digits(s, mm, 2, &m) ||
	    mm + 2 != s.n || h > 23 || m > 59)
		return VD_EPARSE;
	*ret_min = (s.p[at] == '-' ? -1 : 1) * (h * 60 + m);
	return 0;
}

int vd_iso_parse(struct vd_span s, int64_t *ret_ms, bool *ret_zoned)
{
	int64_t day;
	int h, mi, sec, ms = 0, zone;
	bool zoned;
	if (s.n < 19 || parse_date(s, &day) || (s.p[10] != 'T' && s.p[10] != 't' && s.p[10] != ' ') ||
	    digits(s, 11, 2, &h) || s.p[13] != ':' || digits(s, 14, 2, &mi) || s.p[16] != ':' ||
	    digits(s, 17, 2, &sec) || h > 23 || mi > 59 || sec > 60)
		return VD_EPARSE;
	size_t at = 19;
	if (at < s.n && s.p[at] == '.') {
		int scale = 100;
		size_t from = ++at;
		for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9'; at++, scale /= 10)
			ms += (s.p[at] - '0') * scale;
		if (at == from)
			return VD_EPARSE;
	}
	if (parse_zone(s, at, &zone, &zoned))
		return VD_EPARSE;
	*ret_ms = day * VD_DAY_MS + h * VD_HOUR_MS + mi * VD_MINUTE_MS + sec * VD_SECOND_MS + ms -
		  zone * VD_MINUTE_MS;
	if (ret_zoned)
		*ret_zoned = zoned;
	return 0;
}

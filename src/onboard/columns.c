/* SPDX-License-Identifier: EUPL-1.2 */
/* The names people give columns, and the values they write: yes and no, hours, purposes. */
#include "onboard/import.h"
#include "base/check.h"

/* Compared after fold(): lower case, no blanks, '-', '_' or '.'; æ, ø and å may be spelt out. */
static const struct {
	const char *name;
	enum vd_import_column column;
} names[] = {
	{"gateway", VD_COL_GATEWAY},
	{"gatewayuser", VD_COL_GATEWAY},
	{"base", VD_COL_GATEWAY},
	{"basestasjon", VD_COL_GATEWAY},
	{"basestation", VD_COL_GATEWAY},
	{"avsender", VD_COL_GATEWAY},
	{"avsendar", VD_COL_GATEWAY},
	{"sender", VD_COL_GATEWAY},
	{"family", VD_COL_FAMILY},
	{"familie", VD_COL_FAMILY},
	{"platform", VD_COL_FAMILY},
	{"plattform", VD_COL_FAMILY},
	{"identity", VD_COL_IDENTITY},
	{"identitet", VD_COL_IDENTITY},
	{"id", VD_COL_IDENTITY},
	{"eui", VD_COL_IDENTITY},
	{"deveui", VD_COL_IDENTITY},
	{"ieee", VD_COL_IDENTITY},
	{"ieeeaddress", VD_COL_IDENTITY},
	{"ieeeadresse", VD_COL_IDENTITY},
	{"uniqueid", VD_COL_IDENTITY},
	{"name", VD_COL_NAME},
	{"navn", VD_COL_NAME},
	{"namn", VD_COL_NAME},
	{"vendor", VD_COL_VENDOR},
	{"manufacturer", VD_COL_VENDOR},
	{"brand", VD_COL_VENDOR},
	{"leverandør", VD_COL_VENDOR},
	{"leverandor", VD_COL_VENDOR},
	{"produsent", VD_COL_VENDOR},
	{"merke", VD_COL_VENDOR},
	{"model", VD_COL_MODEL},
	{"modell", VD_COL_MODEL},
	{"serial", VD_COL_SERIAL},
	{"serialnumber", VD_COL_SERIAL},
	{"serialno", VD_COL_SERIAL},
	{"serienummer", VD_COL_SERIAL},
	{"serienr", VD_COL_SERIAL},
	{"recipient", VD_COL_RECIPIENT},
	{"recipientid", VD_COL_RECIPIENT},
	{"mottaker", VD_COL_RECIPIENT},
	{"mottakerid", VD_COL_RECIPIENT},
	{"mottakernummer", VD_COL_RECIPIENT},
	{"mottakar", VD_COL_RECIPIENT},
	{"mottakarid", VD_COL_RECIPIENT},
	{"mottakarnummer", VD_COL_RECIPIENT},
	{"also", VD_COL_ALSO},
	{"medbeboer", VD_COL_ALSO},
	{"medbeboere", VD_COL_ALSO},
	{"medbebuar", VD_COL_ALSO},
	{"medbebuarar", VD_COL_ALSO},
	{"room", VD_COL_ROOM},
	{"rom", VD_COL_ROOM},
	{"purpose", VD_COL_PURPOSE},
	{"formål", VD_COL_PURPOSE},
	{"formal", VD_COL_PURPOSE},
	{"føremål", VD_COL_PURPOSE},
	{"foremal", VD_COL_PURPOSE},
	{"alarmbutton", VD_COL_ALARM_BUTTON},
	{"alarmknapp", VD_COL_ALARM_BUTTON},
	{"supervise", VD_COL_SUPERVISE},
	{"supervisemin", VD_COL_SUPERVISE},
	{"superviseminutes", VD_COL_SUPERVISE},
	{"overvåkingmin", VD_COL_SUPERVISE},
	{"overvåking", VD_COL_SUPERVISE},
	{"overvakingmin", VD_COL_SUPERVISE},
	{"overvaking", VD_COL_SUPERVISE},
	{"alarmonopen", VD_COL_ALARM_ON_OPEN},
	{"alarmvedåpning", VD_COL_ALARM_ON_OPEN},
	{"alarmvedopning", VD_COL_ALARM_ON_OPEN},
	{"alarmvedapning", VD_COL_ALARM_ON_OPEN},
	{"night", VD_COL_NIGHT},
	{"natt", VD_COL_NIGHT},
	{"municipality", VD_COL_MUNI},
	{"kommune", VD_COL_MUNI},
	{"kommunenummer", VD_COL_MUNI},
	{"kommunenr", VD_COL_MUNI},
	{"reason", VD_COL_REASON},
	{"årsak", VD_COL_REASON},
	{"arsak", VD_COL_REASON},
};

/* Lower case for ASCII and Æ Ø Å (C3 86, C3 98, C3 85), which is all our words need. */
static size_t fold(struct vd_span s, char *dst, size_t cap, bool squeeze)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n && n + 1 < cap; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (squeeze && (c == ' ' || c == '-' || c == '_' || c == '.'))
			continue;
		if (c >= 'A' && c <= 'Z')
			c = (unsigned char)(c + 32);
		else if (i && (unsigned char)s.p[i - 1] == 0xC3 && c >= 0x80 && c <= 0x9E)
			c = (unsigned char)(c + 32);
		dst[n++] = (char)c;
	}
	dst[n] = '\0';
	return n;
}

enum vd_import_column vd_import_column_of(struct vd_span header)
{
	char folded[64];
	if (header.n >= sizeof(folded))
		return VD_COL_UNKNOWN;
	fold(vd_span_trim(header), folded, sizeof(folded), true);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(folded, names[i].name))
			return names[i].column;
	return VD_COL_UNKNOWN;
}

_Static_assert(VD_T_COL_MUNI - VD_T_COL_GATEWAY == VD_COL_MUNI,
	       "columns and their texts go together");
_Static_assert(VD_T_HEAD_REASON - VD_T_HEAD_GATEWAY == VD_COL_REASON,
	       "columns and their headers too");

enum vd_text vd_import_column_text(enum vd_import_column c)
{
	VD_REQUIRE(c >= 0 && c < VD_COL_REASON);
	return (enum vd_text)(VD_T_COL_GATEWAY + (int)c);
}

enum vd_text vd_import_column_head(enum vd_import_column c)
{
	VD_REQUIRE(c >= 0 && c < VD_COL_COUNT);
	return (enum vd_text)(VD_T_HEAD_GATEWAY + (int)c);
}

int vd_import_yes_no(struct vd_span s)
{
	static const char *const yes[] = {"ja", "j", "yes", "y", "1", "x", "true", "sann"};
	static const char *const no[] = {"nei", "n", "no", "0", "false", "usann"};
	char folded[16];
	if (s.n >= sizeof(folded))
		return -1;
	fold(s, folded, sizeof(folded), false);
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!strcmp(folded, yes[i]))
			return 1;
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (!strcmp(folded, no[i]))
			return 0;
	return -1;
}

int vd_import_number(struct vd_span s, int64_t min, int64_t max, int64_t *ret)
{
	int64_t v = 0;
	if (!s.n || s.n > 18)
		return VD_EPARSE;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return VD_EPARSE;
		v = v * 10 + (s.p[i] - '0');
	}
	if (v < min || v > max)
		return VD_EPARSE;
	*ret = v;
	return 0;
}

/* "7:00", "07:00", "07.00" or "7" */
static int hour_minute(struct vd_span s, int *ret)
{
	int64_t h, m = 0;
	size_t at = 0;
	s = vd_span_trim(s);
	while (at < s.n && s.p[at] != ':' && s.p[at] != '.')
		at++;
	if (vd_import_number(vd_span(s.p, at), 0, 24, &h))
		return VD_EPARSE;
	if (at < s.n && (s.n - at != 3 || vd_import_number(vd_span_skip(s, at + 1), 0, 59, &m)))
		return VD_EPARSE;
	if (h * 60 + m > 1440)
		return VD_EPARSE;
	*ret = (int)((h * 60 + m) % 1440);
	return 0;
}

int vd_import_night(struct vd_span s, int *ret_from, int *ret_to)
{
	struct vd_span from;
	int a, b;
	if (!vd_span_next(&s, '-', &from) || !s.p || hour_minute(from, &a) || hour_minute(s, &b))
		return VD_EPARSE;
	*ret_from = a;
	*ret_to = b;
	return 0;
}

int vd_import_also(struct vd_span s, int64_t ret[VD_MAX_ALSO + 1])
{
	size_t n = 0;
	s = vd_span_trim(s);
	memset(ret, 0, (VD_MAX_ALSO + 1) * sizeof(*ret));
	if (vd_span_is(s, "-"))
		return 0;
	while (s.n) {
		size_t end = 0;
		while (end < s.n && s.p[end] != ',' && s.p[end] != '+' && s.p[end] != ' ')
			end++;
		struct vd_span one = vd_span(s.p, end);
		s = vd_span_skip(s, end + 1);
		if (!one.n)
			continue;
		if (n == VD_MAX_ALSO || vd_import_number(one, 1, INT64_C(999999999999), &ret[n++]))
			return VD_EPARSE;
	}
	return n ? 0 : VD_EPARSE;
}

int vd_import_purpose(struct vd_span s, char *dst, size_t cap)
{
	static const char *const words[][2] = {
		{"dør", "door"},
		{"dor", "door"},
		{"medisin", "medication"},
		{"medisindispenser", "medication"},
		{"alarmknapp", "sos"},
		{"trygghetsalarm", "sos"},
		{"tryggleiksalarm", "sos"},
		{"tilsyn", "supervision"},
		{"digitalt tilsyn", "supervision"},
		{"seng", "bed"},
		{"stol", "chair"},
		{"røyk", "smoke"},
		{"vann", "water_leak"},
		{"vatn", "water_leak"},
		{"komfyr", "stove"},
		{"bevegelse", "motion"},
		{"rørsle", "motion"},
	};
	s = vd_span_trim(s);
	if (s.n >= cap)
		return VD_EINVAL;
	fold(s, dst, cap, false);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(dst, words[i][0]))
			(void)vd_span_copy(dst, cap, vd_span_cstr(words[i][1]));
	return 0;
}

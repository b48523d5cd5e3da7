/* SPDX-License-Identifier: EUPL-1.2 */
/* What is wrong with a document, by the tables and not by the standard's informative schema: that
 * one contradicts them (cid of 16, no minus in geo, one crd ...). */
#include "adapters/scaip/doc.h"
#include <stdio.h>

enum class { DIGITS, ALNUM, ASCII, TEXT, VERSION, TYPE };

static const struct {
	unsigned max;
	enum class class;
	bool must;
} rules[SCAIP_FIELD_MAX] = {
#define X(e, tag, max, class, must) [SCAIP_##e] = {max, class, must},
	SCAIP_FIELDS(X)
#undef X
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_type(struct vd_span s)
{
	return vd_span_is(s, "ME") || vd_span_is(s, "RE") || vd_span_is(s, "IN") ||
	       vd_span_is(s, "PI");
}

static bool is_version(struct vd_span s)
{
	return s.n == 5 && digit(s.p[0]) && digit(s.p[1]) && s.p[2] == '.' && digit(s.p[3]) &&
	       digit(s.p[4]);
}

static bool fits(enum class class, struct vd_span s)
{
	if (class == TEXT)
		return true; /* expat let through characters only */
	if (class == TYPE)
		return is_type(s);
	if (class == VERSION)
		return is_version(s);
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (class == DIGITS  ? !digit(c)
		    : class == ALNUM ? !digit(c) && !letter(c)
				     : c < 32 || c > 126)
			return false;
	}
	return true;
}

static int fault_number(enum scaip_fault f)
{
	switch (f) {
	case SCAIP_FINE: return 0;
	case SCAIP_TOO_MUCH: return 1;
	case SCAIP_TOLD_TWICE: return 3;
	case SCAIP_NO_XML:
	case SCAIP_OTHER_ROOT:
	case SCAIP_DTD: return 2;
	}
	return 2;
}

static int missing(const struct scaip_doc *d, char *why, size_t cap)
{
	if (!d->f[SCAIP_REF].n) {
		snprintf(why, cap, "ref is missing");
		return 10;
	}
	for (int i = 0; i < SCAIP_FIELD_MAX; i++)
		if (rules[i].must && !d->f[i].n) {
			snprintf(why, cap, "%s is missing", scaip_field_tag((enum scaip_field)i));
			return 7;
		}
	return 0;
}

static int too_long(const struct scaip_doc *d, char *why, size_t cap)
{
	for (int i = 0; i < SCAIP_FIELD_MAX; i++)
		if (d->chars[i] > rules[i].max) {
			snprintf(why, cap, "%s is longer than %u characters",
				 scaip_field_tag((enum scaip_field)i), rules[i].max);
			return 1;
		}
	return 0;
}

static int wrong_data(const struct scaip_doc *d, char *why, size_t cap)
{
	for (int i = 0; i < SCAIP_FIELD_MAX; i++) {
		if (d->f[i].n && !fits(rules[i].class, d->f[i])) {
			snprintf(why, cap, "%s holds what it may not",
				 scaip_field_tag((enum scaip_field)i));
			return 3;
		}
		if (d->twice[i]) {
			snprintf(why, cap, "%s is told twice, differently",
				 scaip_field_tag((enum scaip_field)i));
			return 3;
		}
	}
	if (scaip_code(d, SCAIP_SCO) > 3 || scaip_code(d, SCAIP_CHA) > 1) {
		snprintf(why, cap, "%s holds what it may not",
			 scaip_code(d, SCAIP_CHA) > 1 ? "cha" : "sco");
		return 3;
	}
	return 0;
}

int scaip_check(const struct scaip_doc *d, char ret_why[120])
{
	char text[120] = "", *why = ret_why ? ret_why : text;
	int snu = fault_number(d->fault);
	if (snu) {
		snprintf(why, 120, "%s", d->why);
		return snu;
	}
	snu = missing(d, why, 120);
	if (!snu)
		snu = too_long(d, why, 120);
	return snu ? snu : wrong_data(d, why, 120);
}

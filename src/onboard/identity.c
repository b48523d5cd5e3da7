/* SPDX-License-Identifier: EUPL-1.2 */
/* EUI-64 identities come on labels as AA:BB:.., AA-BB-.., with or without 0x, in either case. */
#include "onboard/identity.h"
#include "base/err.h"

#define EUI64_DIGITS 16

/* Families whose identity is an EUI-64, and how their messages write it. */
static const struct {
	const char *family, *prefix;
	bool upper;
} eui64[] = {
	{"zigbee2mqtt", "0x", false}, /* ieee_address */
	{"thethingsstack", "", true}, /* dev_eui */
	{"chirpstack", "", false},    /* devEui */
};

size_t vd_identity_chars(struct vd_span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
	return n;
}

bool vd_identity_printable(struct vd_span s)
{
	if (!vd_span_utf8(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
			return false;
	return true;
}

static int hex_digit(char c, bool upper)
{
	if (c >= '0' && c <= '9')
		return c;
	if (c >= 'a' && c <= 'f')
		return upper ? c - 'a' + 'A' : c;
	if (c >= 'A' && c <= 'F')
		return upper ? c : c - 'A' + 'a';
	return 0;
}

/* Digits into dst, which holds them; their number, or -1 when something else is among them. */
static int take_digits(struct vd_span s, bool upper, char *dst)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ':' || s.p[i] == '-' || s.p[i] == ' ')
			continue;
		int h = hex_digit(s.p[i], upper);
		if (!h)
			return -1;
		if (n < EUI64_DIGITS)
			dst[n] = (char)h;
		n++;
	}
	return (int)n;
}

static int fault(struct vd_identity_fault *ret, int what, size_t have, size_t want)
{
	*ret = (struct vd_identity_fault){.have = have, .want = want};
	ret->what = what;
	return VD_EINVAL;
}

static int normal_eui64(size_t rule, struct vd_span typed, char *dst, size_t cap,
			struct vd_identity_fault *ret_fault)
{
	char digits[EUI64_DIGITS];
	size_t chars = vd_identity_chars(typed);
	struct vd_span s = typed;
	bool prefixed =
		vd_span_starts(s, VD_SPAN_LIT("0x")) || vd_span_starts(s, VD_SPAN_LIT("0X"));
	if (prefixed)
		s = vd_span_skip(s, 2);
	int n = take_digits(s, eui64[rule].upper, digits);
	bool separated = typed.n && memchr(typed.p, ':', typed.n);
	if (n == EUI64_DIGITS) {
		size_t at = strlen(eui64[rule].prefix);
		if (at + EUI64_DIGITS + 1 > cap)
			return fault(ret_fault, VD_IDENTITY_TOO_LONG, chars, cap - 1);
		memcpy(dst, eui64[rule].prefix, at);
		memcpy(dst + at, digits, EUI64_DIGITS);
		dst[at + EUI64_DIGITS] = '\0';
		return 0;
	}
	size_t want = EUI64_DIGITS + (prefixed ? 2 : 0);
	if (n < 0 && (separated || chars == want))
		return fault(ret_fault, VD_IDENTITY_HEX, chars, want);
	return fault(ret_fault, VD_IDENTITY_LENGTH, separated && n >= 0 ? (size_t)n : chars,
		     separated ? EUI64_DIGITS : want);
}

int vd_identity_normal(struct vd_span family, struct vd_span typed, char *dst, size_t cap,
		       struct vd_identity_fault *ret_fault)
{
	if (!vd_identity_printable(typed))
		return fault(ret_fault, VD_IDENTITY_CONTROL, 0, 0);
	for (size_t i = 0; i < sizeof(eui64) / sizeof(eui64[0]); i++)
		if (vd_span_is(family, eui64[i].family))
			return normal_eui64(i, typed, dst, cap, ret_fault);
	if (typed.n >= cap)
		return fault(ret_fault, VD_IDENTITY_TOO_LONG, vd_identity_chars(typed), cap - 1);
	(void)vd_span_copy(dst, cap, typed);
	return 0;
}

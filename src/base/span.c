/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/span.h"

struct vd_span vd_span_trim(struct vd_span a)
{
	while (a.n && (a.p[0] == ' ' || a.p[0] == '\t' || a.p[0] == '\r' || a.p[0] == '\n')) {
		a.p++;
		a.n--;
	}
	while (a.n && (a.p[a.n - 1] == ' ' || a.p[a.n - 1] == '\t' || a.p[a.n - 1] == '\r' ||
		       a.p[a.n - 1] == '\n'))
		a.n--;
	return a;
}

bool vd_span_copy(char *dst, size_t cap, struct vd_span a)
{
	size_t n = a.n;
	bool whole = true;
	if (n >= cap) {
		n = cap - 1;
		while (n && ((unsigned char)a.p[n] & 0xC0) == 0x80)
			n--;
		whole = false;
	}
	if (n)
		memcpy(dst, a.p, n);
	dst[n] = '\0';
	return whole;
}

bool vd_span_next(struct vd_span *rest, char sep, struct vd_span *ret_field)
{
	if (!rest->p)
		return false;
	const char *hit = rest->n ? memchr(rest->p, sep, rest->n) : NULL;
	if (!hit) {
		*ret_field = *rest;
		*rest = (struct vd_span){NULL, 0};
		return true;
	}
	*ret_field = vd_span(rest->p, (size_t)(hit - rest->p));
	*rest = vd_span(hit + 1, rest->n - ret_field->n - 1);
	return true;
}

bool vd_span_utf8(struct vd_span a)
{
	for (size_t i = 0; i < a.n;) {
		unsigned char c = (unsigned char)a.p[i];
		size_t len;
		unsigned min;
		unsigned cp;
		if (c == 0)
			return false;
		if (c < 0x80) {
			i++;
			continue;
		}
		if (c >= 0xC2 && c <= 0xDF) {
			len = 2;
			min = 0x80;
			cp = c & 0x1F;
		} else if (c >= 0xE0 && c <= 0xEF) {
			len = 3;
			min = 0x800;
			cp = c & 0x0F;
		} else if (c >= 0xF0 && c <= 0xF4) {
			len = 4;
			min = 0x10000;
			cp = c & 0x07;
		} else {
			return false;
		}
		if (i + len > a.n)
			return false;
		for (size_t k = 1; k < len; k++) {
			unsigned char d = (unsigned char)a.p[i + k];
			if ((d & 0xC0) != 0x80)
				return false;
			cp = (cp << 6) | (d & 0x3F);
		}
		if (cp < min || cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
			return false;
		i += len;
	}
	return true;
}

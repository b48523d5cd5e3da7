/* SPDX-License-Identifier: EUPL-1.2 */
/* A borrowed run of bytes: never owned, never NUL-terminated, valid as long as its source. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct vd_span {
	const char *p; /* may be NULL when n is 0 */
	size_t n;      /* bytes */
};

#define VD_SPAN_LIT(s) ((struct vd_span){"" s, sizeof(s) - 1})

static inline struct vd_span vd_span(const char *p, size_t n)
{
	return (struct vd_span){p, n};
}
static inline struct vd_span vd_span_cstr(const char *s)
{
	return (struct vd_span){s, s ? strlen(s) : 0};
}
static inline bool vd_span_eq(struct vd_span a, struct vd_span b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}
static inline bool vd_span_is(struct vd_span a, const char *s)
{
	return vd_span_eq(a, vd_span_cstr(s));
}
static inline bool vd_span_starts(struct vd_span a, struct vd_span prefix)
{
	return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}
/* The rest of `a` after `n` bytes (empty when a is shorter). */
static inline struct vd_span vd_span_skip(struct vd_span a, size_t n)
{
	return n >= a.n ? (struct vd_span){a.p + a.n, 0} : (struct vd_span){a.p + n, a.n - n};
}
/* Without leading and trailing blanks, tabs, CR, LF. */
struct vd_span vd_span_trim(struct vd_span a);
/* Copies into dst[cap], always NUL-terminated; returns false when it had to be cut
 * (never inside a UTF-8 sequence). */
bool vd_span_copy(char *dst, size_t cap, struct vd_span a);
/* Cuts the first field off *rest at `sep`; false when *rest was exhausted before the call. */
bool vd_span_next(struct vd_span *rest, char sep, struct vd_span *ret_field);
/* Well-formed UTF-8 without NUL? */
bool vd_span_utf8(struct vd_span a);

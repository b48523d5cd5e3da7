/* SPDX-License-Identifier: EUPL-1.2 */
/* A growable byte buffer that cannot exist without a ceiling. One owner, one thread.
 * Errors are sticky: after the first failure every append is a no-op and vd_buf_err() tells. */
#pragma once
#include "base/err.h"
#include "base/span.h"
#include <stdint.h>

struct vd_buf {
	char *p;    /* owned; NULL until the first append; NUL-terminated after each append */
	size_t n;   /* bytes used */
	size_t cap; /* bytes allocated */
	size_t max; /* ceiling in bytes, from limits.h */
	int err;    /* 0, VD_ENOMEM or VD_ELIMIT */
};

void vd_buf_init(struct vd_buf *b, size_t max);
void vd_buf_fini(struct vd_buf *b);  /* frees; NULL allowed */
void vd_buf_clear(struct vd_buf *b); /* keeps the memory, clears the error */
int vd_buf_add(struct vd_buf *b, const void *p, size_t n);
int vd_buf_add_span(struct vd_buf *b, struct vd_span s);
int vd_buf_add_cstr(struct vd_buf *b, const char *s);
int vd_buf_add_char(struct vd_buf *b, char c);
int vd_buf_printf(struct vd_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Room for n more bytes at the end (not yet counted in b->n), or NULL. */
char *vd_buf_reserve(struct vd_buf *b, size_t n);
/* Drops the first n bytes. */
void vd_buf_consume(struct vd_buf *b, size_t n);
static inline struct vd_span vd_buf_span(const struct vd_buf *b)
{
	return vd_span(b->p, b->n);
}

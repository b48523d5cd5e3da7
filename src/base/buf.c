/* SPDX-License-Identifier: EUPL-1.2 */
#include "base/buf.h"
#include "base/mem.h"
#include <stdarg.h>
#include <stdio.h>

void vd_buf_init(struct vd_buf *b, size_t max)
{
	*b = (struct vd_buf){.max = max};
}

void vd_buf_fini(struct vd_buf *b)
{
	if (!b)
		return;
	vd_free(b->p);
	*b = (struct vd_buf){.max = b->max};
}

void vd_buf_clear(struct vd_buf *b)
{
	b->n = 0;
	b->err = 0;
	if (b->p)
		b->p[0] = '\0';
}

char *vd_buf_reserve(struct vd_buf *b, size_t n)
{
	if (b->err)
		return NULL;
	if (n > b->max || b->n > b->max - n) {
		b->err = VD_ELIMIT;
		return NULL;
	}
	size_t need = b->n + n + 1;
	if (need > b->cap) {
		size_t cap = b->cap ? b->cap : 64;
		while (cap < need)
			cap *= 2;
		if (cap > b->max + 1)
			cap = b->max + 1;
		char *p = vd_realloc(b->p, cap);
		if (!p) {
			b->err = VD_ENOMEM;
			return NULL;
		}
		b->p = p;
		b->cap = cap;
	}
	return b->p + b->n;
}

int vd_buf_add(struct vd_buf *b, const void *p, size_t n)
{
	char *dst = vd_buf_reserve(b, n);
	if (!dst)
		return b->err;
	if (n)
		memcpy(dst, p, n);
	b->n += n;
	b->p[b->n] = '\0';
	return 0;
}

int vd_buf_add_span(struct vd_buf *b, struct vd_span s)
{
	return vd_buf_add(b, s.p, s.n);
}

int vd_buf_add_cstr(struct vd_buf *b, const char *s)
{
	return vd_buf_add(b, s, strlen(s));
}

int vd_buf_add_char(struct vd_buf *b, char c)
{
	return vd_buf_add(b, &c, 1);
}

int vd_buf_printf(struct vd_buf *b, const char *fmt, ...)
{
	char small[512];
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n < 0)
		return VD_EINVAL;
	if ((size_t)n < sizeof(small))
		return vd_buf_add(b, small, (size_t)n);
	char *dst = vd_buf_reserve(b, (size_t)n);
	if (!dst)
		return b->err;
	va_start(ap, fmt);
	vsnprintf(dst, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
	return 0;
}

void vd_buf_consume(struct vd_buf *b, size_t n)
{
	if (n >= b->n) {
		b->n = 0;
	} else {
		memmove(b->p, b->p + n, b->n - n);
		b->n -= n;
	}
	if (b->p)
		b->p[b->n] = '\0';
}

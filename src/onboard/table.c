/* SPDX-License-Identifier: EUPL-1.2 */
/* Aligned columns for people's eyes; machines take --json. */
#include "base/check.h"
#include "onboard/cli.h"
#include "onboard/identity.h"
#include <stdarg.h>

#define TABLE_MAX_BYTES (128u << 20) /* 200 000 devices at 500 bytes */

void vd_table_init(struct vd_table *t, size_t n_cols)
{
	VD_REQUIRE(n_cols && n_cols <= 16);
	*t = (struct vd_table){.n_cols = n_cols};
	vd_buf_init(&t->cells, TABLE_MAX_BYTES);
}

/* C0, DEL and C1 controls could drive the reader's terminal. */
static void tame(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (c < 0x20 || c == 0x7F)
			p[i] = '?';
		if (c == 0xC2 && i + 1 < n && (unsigned char)p[i + 1] < 0xA0)
			p[i] = p[i + 1] = '?';
	}
}

void vd_table_add(struct vd_table *t, const char *cell)
{
	size_t col = t->n_cells % t->n_cols, n = strlen(cell);
	size_t width = vd_identity_chars(vd_span(cell, n));
	size_t at = t->cells.n;
	if (vd_buf_add(&t->cells, cell, n + 1))
		return;
	tame(t->cells.p + at, n);
	if (width > t->width[col])
		t->width[col] = width;
	t->n_cells++;
	if (col + 1 == t->n_cols)
		t->n_rows++;
}

void vd_table_addf(struct vd_table *t, const char *fmt, ...)
{
	char cell[256];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(cell, sizeof(cell), fmt, ap);
	va_end(ap);
	vd_table_add(t, cell);
}

int vd_table_print(struct vd_table *t, FILE *out)
{
	int r = t->cells.err;
	const char *p = t->cells.p;
	for (size_t i = 0; !r && i < t->n_rows * t->n_cols; i++) {
		size_t col = i % t->n_cols, n = strlen(p);
		size_t width = vd_identity_chars(vd_span(p, n));
		bool last = col + 1 == t->n_cols;
		int pad = last ? 0 : (int)(t->width[col] - width) + 2;
		fprintf(out, "%s%*s%s", p, pad, "", last ? "\n" : "");
		p += n + 1;
	}
	vd_buf_fini(&t->cells);
	return r;
}

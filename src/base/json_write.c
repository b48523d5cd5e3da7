/* SPDX-License-Identifier: EUPL-1.2 */
/* Commas, quoting and number forms; everything else is the caller's order of calls. */
#include "base/clock.h"
#include "base/json.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void vd_jw_init(struct vd_jw *w, struct vd_buf *b)
{
	w->b = b;
	w->comma = false;
}

static void item(struct vd_jw *w)
{
	if (w->comma)
		vd_buf_add_char(w->b, ',');
	w->comma = true;
}

static void open_with(struct vd_jw *w, char c)
{
	item(w);
	vd_buf_add_char(w->b, c);
	w->comma = false;
}

static void close_with(struct vd_jw *w, char c)
{
	vd_buf_add_char(w->b, c);
	w->comma = true;
}

void vd_jw_obj(struct vd_jw *w)
{
	open_with(w, '{');
}
void vd_jw_end_obj(struct vd_jw *w)
{
	close_with(w, '}');
}
void vd_jw_arr(struct vd_jw *w)
{
	open_with(w, '[');
}
void vd_jw_end_arr(struct vd_jw *w)
{
	close_with(w, ']');
}

/* Length of the well-formed UTF-8 sequence at p (1..4), 0 when there is none. */
static size_t utf8_len(const char *p, size_t n)
{
	for (size_t len = 1; len <= 4 && len <= n; len++)
		if (vd_span_utf8(vd_span(p, len)))
			return len;
	return 0;
}

static void escape(struct vd_buf *b, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	char u[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
	switch (c) {
	case '"': vd_buf_add(b, "\\\"", 2); break;
	case '\\': vd_buf_add(b, "\\\\", 2); break;
	case '\n': vd_buf_add(b, "\\n", 2); break;
	case '\r': vd_buf_add(b, "\\r", 2); break;
	case '\t': vd_buf_add(b, "\\t", 2); break;
	default: vd_buf_add(b, u, sizeof(u)); break;
	}
}

static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '"' && c != '\\';
}

static void quoted(struct vd_buf *b, struct vd_span s)
{
	vd_buf_add_char(b, '"');
	for (size_t i = 0; i < s.n;) {
		size_t run = i;
		while (run < s.n && plain((unsigned char)s.p[run]))
			run++;
		vd_buf_add(b, s.p + i, run - i);
		i = run;
		if (i == s.n)
			break;
		unsigned char c = (unsigned char)s.p[i];
		size_t len = c >= 0x80 ? utf8_len(s.p + i, s.n - i) : 0;
		if (len)
			vd_buf_add(b, s.p + i, len);
		else if (c >= 0x80)
			vd_buf_add(b, "\xEF\xBF\xBD", 3);
		else
			escape(b, c);
		i += len ? len : 1;
	}
	vd_buf_add_char(b, '"');
}

void vd_jw_key(struct vd_jw *w, const char *key)
{
	item(w);
	quoted(w->b, vd_span_cstr(key));
	vd_buf_add_char(w->b, ':');
	w->comma = false;
}

void vd_jw_str(struct vd_jw *w, struct vd_span s)
{
	item(w);
	quoted(w->b, s);
}

void vd_jw_cstr(struct vd_jw *w, const char *s)
{
	if (s)
		vd_jw_str(w, vd_span_cstr(s));
	else
		vd_jw_null(w);
}

void vd_jw_int(struct vd_jw *w, int64_t v)
{
	char d[24];
	size_t at = sizeof(d);
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	item(w);
	do {
		d[--at] = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		d[--at] = '-';
	vd_buf_add(w->b, d + at, sizeof(d) - at);
}

void vd_jw_num(struct vd_jw *w, double v)
{
	char d[40];
	if (!isfinite(v)) {
		vd_jw_null(w);
		return;
	}
	if (v == floor(v) && fabs(v) < 1e15) {
		vd_jw_int(w, (int64_t)v);
		return;
	}
	for (int precision = 1; precision <= 17; precision++) {
		snprintf(d, sizeof(d), "%.*g", precision, v);
		if (strtod(d, NULL) == v)
			break;
	}
	item(w);
	vd_buf_add_cstr(w->b, d);
}

void vd_jw_bool(struct vd_jw *w, bool v)
{
	item(w);
	vd_buf_add_cstr(w->b, v ? "true" : "false");
}

void vd_jw_null(struct vd_jw *w)
{
	item(w);
	vd_buf_add(w->b, "null", 4);
}

void vd_jw_raw(struct vd_jw *w, struct vd_span json)
{
	item(w);
	vd_buf_add_span(w->b, json);
}

void vd_jw_kv_str(struct vd_jw *w, const char *key, const char *s)
{
	if (!s || !*s)
		return;
	vd_jw_key(w, key);
	vd_jw_cstr(w, s);
}

void vd_jw_kv_int(struct vd_jw *w, const char *key, int64_t v)
{
	vd_jw_key(w, key);
	vd_jw_int(w, v);
}

void vd_jw_kv_num(struct vd_jw *w, const char *key, double v)
{
	vd_jw_key(w, key);
	vd_jw_num(w, v);
}

void vd_jw_kv_bool(struct vd_jw *w, const char *key, bool v)
{
	vd_jw_key(w, key);
	vd_jw_bool(w, v);
}

void vd_jw_kv_time(struct vd_jw *w, const char *key, int64_t ms)
{
	char iso[25];
	vd_iso_format(ms, iso);
	vd_jw_key(w, key);
	vd_jw_cstr(w, iso);
}

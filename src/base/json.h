/* SPDX-License-Identifier: EUPL-1.2 */
/* JSON for the device path: a strict, non-allocating pull reader (RFC 8259: UTF-8 checked, no
 * trailing bytes, no leading zeros, no raw control characters, no lone surrogates, depth capped by
 * VD_MAX_JSON_DEPTH) and a writer into vd_buf. One thread per reader. The API, configuration and
 * exports use jansson instead.
 *
 * A key that stands twice is told twice, in order: what that means is the caller's to say. Of a
 * device's fields each counts, so that no alarm is lost; an envelope is refused (docs/vocabulary.md,
 * rule 12).
 *
 * Reading:
 *	struct vd_json j;
 *	vd_json_init(&j, body);
 *	if (vd_json_enter_object(&j)) ...
 *	while (vd_json_next_key(&j, &key)) {
 *		if (vd_span_is(key, "battery")) { if (vd_json_value(&j, &v)) ... }
 *		else vd_json_skip(&j);
 *	}
 *	if (vd_json_finish(&j)) -> VD_EPARSE
 * An error is sticky: every later call fails, vd_json_finish() reports it.
 */
#pragma once
#include "base/buf.h"
#include "base/limits.h"
#include "base/span.h"
#include <stdint.h>

enum vd_json_type {
	VD_JSON_NONE, VD_JSON_NULL, VD_JSON_FALSE, VD_JSON_TRUE, VD_JSON_NUMBER, VD_JSON_STRING,
	VD_JSON_OBJECT, VD_JSON_ARRAY
};

/* A scalar, or the start of a container. */
struct vd_json_val {
	enum vd_json_type type;
	struct vd_span raw; /* strings: between the quotes, escapes not resolved; numbers: digits;
			     * containers: empty until skipped with vd_json_value_whole() */
	bool escaped;       /* string holds escapes: use vd_json_unescape() */
	double num;         /* numbers only */
};

struct vd_json {
	const char *p, *end, *start;
	int err;     /* 0, VD_EPARSE or VD_ELIMIT (depth) */
	size_t err_at; /* byte offset of the error */
	int depth;
	unsigned char stack[VD_MAX_JSON_DEPTH]; /* '{' or '[' , and whether a member was seen */
};

void vd_json_init(struct vd_json *j, struct vd_span text);
/* Type of the next value without consuming it. */
enum vd_json_type vd_json_peek(struct vd_json *j);
bool vd_json_enter_object(struct vd_json *j);
bool vd_json_enter_array(struct vd_json *j);
/* Next key of the object entered last; false at its end (which is consumed) or on error. The key
 * has no escapes resolved; a key with escapes never equals a plain name. */
bool vd_json_next_key(struct vd_json *j, struct vd_span *ret_key);
/* Is there another element in the array entered last? Consumes the comma or the end. */
bool vd_json_next_elem(struct vd_json *j);
/* Reads a scalar; a container is checked and skipped whole, with *ret.raw spanning its text. */
bool vd_json_value(struct vd_json *j, struct vd_json_val *ret);
bool vd_json_skip(struct vd_json *j);
/* Leaves the innermost container, skipping what is left of it. */
bool vd_json_leave(struct vd_json *j);
/* 0 when the text was one whole value with nothing after it, else VD_EPARSE / VD_ELIMIT. */
int vd_json_finish(struct vd_json *j);
/* Resolves escapes into dst (NUL-terminated, cut at cap). Returns bytes written. */
size_t vd_json_unescape(struct vd_span raw, char *dst, size_t cap);
/* Finds a member by path ("uplink_message.f_cnt") in a valid JSON object text, scanning once.
 * true and *ret filled when found. Convenience for cold paths. */
bool vd_json_find(struct vd_span object_text, const char *path, struct vd_json_val *ret);

/* Writing. Commas and quoting are done here; errors stick in the buffer (vd_buf.err). */
struct vd_jw {
	struct vd_buf *b; /* borrowed */
	bool comma;       /* a comma is due before the next item */
};
void vd_jw_init(struct vd_jw *w, struct vd_buf *b);
void vd_jw_obj(struct vd_jw *w);
void vd_jw_end_obj(struct vd_jw *w);
void vd_jw_arr(struct vd_jw *w);
void vd_jw_end_arr(struct vd_jw *w);
void vd_jw_key(struct vd_jw *w, const char *key);
void vd_jw_str(struct vd_jw *w, struct vd_span s); /* invalid UTF-8 becomes U+FFFD */
void vd_jw_cstr(struct vd_jw *w, const char *s);   /* NULL writes null */
void vd_jw_int(struct vd_jw *w, int64_t v);
void vd_jw_num(struct vd_jw *w, double v); /* shortest form that reads back equal; NaN: null */
void vd_jw_bool(struct vd_jw *w, bool v);
void vd_jw_null(struct vd_jw *w);
void vd_jw_raw(struct vd_jw *w, struct vd_span json); /* trusted JSON text */
/* "key": value in one call. kv_str skips NULL and "" (absent member). */
void vd_jw_kv_str(struct vd_jw *w, const char *key, const char *s);
void vd_jw_kv_int(struct vd_jw *w, const char *key, int64_t v);
void vd_jw_kv_num(struct vd_jw *w, const char *key, double v);
void vd_jw_kv_bool(struct vd_jw *w, const char *key, bool v);
/* ISO 8601 UTC with ms. */
void vd_jw_kv_time(struct vd_jw *w, const char *key, int64_t ms);

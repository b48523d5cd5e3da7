/* SPDX-License-Identifier: EUPL-1.2 */
/* A strict pull reader over borrowed text. No recursion: the containers entered live in j->stack,
 * and whatever is skipped is walked with a depth counter of its own.
 *
 * stack[i] holds '{' or '[' ; SEEN marks that a member or element was read (a comma is due). */
#include "base/json.h"
#include "base/err.h"
#include <endian.h>
#include <stdlib.h>

#define SEEN 0x80

void vd_json_init(struct vd_json *j, struct vd_span text)
{
	if (!text.p)
		text = VD_SPAN_LIT("");
	*j = (struct vd_json){.p = text.p, .start = text.p, .end = text.p + text.n};
}

static bool fail(struct vd_json *j, int err)
{
	if (!j->err) {
		j->err = err;
		j->err_at = (size_t)(j->p - j->start);
	}
	return false;
}

static void blanks(struct vd_json *j)
{
	const char *p = j->p;
	while (p < j->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
		p++;
	j->p = p;
}

/* What a value is, by its first byte; all else is VD_JSON_NONE. */
static const unsigned char types[256] = {
	['{'] = VD_JSON_OBJECT, ['['] = VD_JSON_ARRAY,         ['"'] = VD_JSON_STRING,
	['t'] = VD_JSON_TRUE,   ['f'] = VD_JSON_FALSE,         ['n'] = VD_JSON_NULL,
	['-'] = VD_JSON_NUMBER, ['0' ... '9'] = VD_JSON_NUMBER};

static inline enum vd_json_type peek(struct vd_json *j)
{
	if (j->err)
		return VD_JSON_NONE;
	blanks(j);
	return j->p < j->end ? (enum vd_json_type)types[(unsigned char)*j->p] : VD_JSON_NONE;
}

enum vd_json_type vd_json_peek(struct vd_json *j)
{
	return peek(j);
}

/* -- scalars -------------------------------------------------------------------------------- */

static int hex4(const char *p)
{
	int v = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		int d = c >= '0' && c <= '9'   ? c - '0'
			: c >= 'a' && c <= 'f' ? c - 'a' + 10
			: c >= 'A' && c <= 'F' ? c - 'A' + 10
					       : -1;
		if (d < 0)
			return -1;
		v = v * 16 + d;
	}
	return v;
}

/* At the backslash. Advances past the escape; a lone surrogate is refused. */
static bool skip_escape(struct vd_json *j)
{
	if (j->end - j->p < 2)
		return fail(j, VD_EPARSE);
	char c = j->p[1];
	if (c != 'u') {
		if (!memchr("\"\\/bfnrt", c, 8) || !c)
			return fail(j, VD_EPARSE);
		j->p += 2;
		return true;
	}
	int v = j->end - j->p >= 6 ? hex4(j->p + 2) : -1;
	if (v < 0 || (v >= 0xDC00 && v <= 0xDFFF))
		return fail(j, VD_EPARSE);
	j->p += 6;
	if (v < 0xD800 || v > 0xDBFF)
		return true;
	int low = j->end - j->p >= 6 && j->p[0] == '\\' && j->p[1] == 'u' ? hex4(j->p + 2) : -1;
	if (low < 0xDC00 || low > 0xDFFF)
		return fail(j, VD_EPARSE);
	j->p += 6;
	return true;
}

/* The top bit of every byte of eight that is a control, a quote, a backslash or beyond ASCII. Of
 * bits set by a borrow the byte below has one of its own, so that the lowest one is always true. */
static inline uint64_t odd_ones(const char *p)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
	uint64_t w;
	memcpy(&w, p, sizeof(w));
	w = le64toh(w);
	return ((w - ones * 0x20) | ((w ^ ones * '"') - ones) | ((w ^ ones * '\\') - ones) | w) &
	       tops;
}

/* To the first byte of a string that is not plain, or to the end. */
static inline const char *skip_plain(const char *p, const char *end)
{
	for (; end - p >= 8; p += 8) {
		uint64_t odd = odd_ones(p);
		if (odd)
			return p + __builtin_ctzll(odd) / 8;
	}
	while (p < end && *p >= 0x20 && *p < 0x7F && *p != '"' && *p != '\\')
		p++;
	return p;
}

/* At the opening quote. */
static bool string(struct vd_json *j, struct vd_span *ret, bool *ret_escaped)
{
	const char *from = ++j->p, *p = from;
	bool escaped = false, high = false;
	for (;;) {
		p = skip_plain(p, j->end);
		j->p = p;
		if (p < j->end && *p == '"')
			break;
		if (p < j->end && (unsigned char)*p >= 0x7F) {
			high = true;
			p++;
			continue;
		}
		if (p >= j->end || *p != '\\' || !skip_escape(j))
			return fail(j, VD_EPARSE);
		escaped = true;
		p = j->p;
	}
	struct vd_span s = vd_span(from, (size_t)(p - from));
	if (high && !vd_span_utf8(s))
		return fail(j, VD_EPARSE);
	j->p++;
	*ret = s;
	*ret_escaped = escaped;
	return true;
}

/* A run of digits, added up in *sum. It may wrap: only fifteen of them are believed. */
static const char *digits(const struct vd_json *j, const char *p, uint64_t *sum)
{
	uint64_t v = *sum;
	while (p < j->end && *p >= '0' && *p <= '9')
		v = v * 10 + (uint64_t)(*p++ - '0');
	*sum = v;
	return p;
}

/* Fifteen digits and a power of ten up to 10^15 are both exact in a double, so that their quotient
 * is the nearest one (W. Clinger, How to Read Floating Point Numbers Accurately, 1990). All else
 * takes the C library's way. */
static double number_value(struct vd_span s, uint64_t sum, size_t n_digits, size_t decimals,
			   bool exp)
{
	static const double tens[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
	char buf[64];
	if (n_digits <= 15 && !exp) {
		double v = (double)sum / tens[decimals];
		return s.p[0] == '-' ? -v : v;
	}
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	return strtod(buf, NULL);
}

static bool number(struct vd_json *j, struct vd_span *ret, double *ret_num)
{
	const char *from = j->p, *whole = from + (*from == '-');
	uint64_t sum = 0, ignored = 0;
	const char *p = digits(j, whole, &sum), *q = p;
	size_t n = (size_t)(p - whole), decimals = 0;
	bool exp = false;
	if (!n || (n > 1 && *whole == '0'))
		return fail(j, VD_EPARSE);
	if (p < j->end && *p == '.') {
		p = digits(j, p + 1, &sum);
		decimals = (size_t)(p - q) - 1;
		if (!decimals)
			return fail(j, VD_EPARSE);
	}
	if (p < j->end && (*p == 'e' || *p == 'E')) {
		exp = true;
		p++;
		if (p < j->end && (*p == '+' || *p == '-'))
			p++;
		q = p;
		p = digits(j, p, &ignored);
		if (p == q)
			return fail(j, VD_EPARSE);
	}
	struct vd_span s = vd_span(from, (size_t)(p - from));
	if (s.n >= 64)
		return fail(j, VD_EPARSE); /* nobody measures to sixty digits */
	*ret = s;
	*ret_num = number_value(s, sum, n + decimals, decimals, exp);
	j->p = p;
	return true;
}

static bool word(struct vd_json *j, const char *w, size_t n, struct vd_span *ret)
{
	if ((size_t)(j->end - j->p) < n || memcmp(j->p, w, n) != 0)
		return fail(j, VD_EPARSE);
	*ret = vd_span(j->p, n);
	j->p += n;
	return true;
}

static bool scalar(struct vd_json *j, enum vd_json_type t, struct vd_json_val *ret)
{
	*ret = (struct vd_json_val){.type = t};
	switch (t) {
	case VD_JSON_STRING: return string(j, &ret->raw, &ret->escaped);
	case VD_JSON_NUMBER: return number(j, &ret->raw, &ret->num);
	case VD_JSON_TRUE: return word(j, "true", 4, &ret->raw);
	case VD_JSON_FALSE: return word(j, "false", 5, &ret->raw);
	case VD_JSON_NULL: return word(j, "null", 4, &ret->raw);
	default: return fail(j, VD_EPARSE);
	}
}

/* -- containers ----------------------------------------------------------------------------- */

static bool enter(struct vd_json *j, char open, enum vd_json_type t)
{
	if (peek(j) != t)
		return fail(j, VD_EPARSE);
	if (j->depth >= VD_MAX_JSON_DEPTH)
		return fail(j, VD_ELIMIT);
	j->p++;
	j->stack[j->depth++] = (unsigned char)open;
	return true;
}

bool vd_json_enter_object(struct vd_json *j)
{
	return enter(j, '{', VD_JSON_OBJECT);
}

bool vd_json_enter_array(struct vd_json *j)
{
	return enter(j, '[', VD_JSON_ARRAY);
}

/* Moves to the next member; false at the end of the container (consumed) or on error. */
static inline bool advance(struct vd_json *j, char open, char close)
{
	if (j->err)
		return false;
	if (!j->depth || (j->stack[j->depth - 1] & ~SEEN) != open)
		return fail(j, VD_EPARSE);
	unsigned char *top = &j->stack[j->depth - 1];
	blanks(j);
	if (j->p >= j->end)
		return fail(j, VD_EPARSE);
	if (*j->p == close) {
		j->p++;
		j->depth--;
		return false;
	}
	if (*top & SEEN) {
		if (*j->p != ',')
			return fail(j, VD_EPARSE);
		j->p++;
		blanks(j);
		if (j->p >= j->end || *j->p == close)
			return fail(j, VD_EPARSE);
	}
	*top |= SEEN;
	return true;
}

bool vd_json_next_key(struct vd_json *j, struct vd_span *ret_key)
{
	bool escaped;
	if (!advance(j, '{', '}'))
		return false;
	if (*j->p != '"')
		return fail(j, VD_EPARSE);
	if (!string(j, ret_key, &escaped))
		return false;
	blanks(j);
	if (j->p >= j->end || *j->p != ':')
		return fail(j, VD_EPARSE);
	j->p++;
	return true;
}

bool vd_json_next_elem(struct vd_json *j)
{
	return advance(j, '[', ']');
}

static bool step(struct vd_json *j)
{
	struct vd_span key;
	struct vd_json_val v;
	bool object = (j->stack[j->depth - 1] & ~SEEN) == '{';
	if (object ? !vd_json_next_key(j, &key) : !vd_json_next_elem(j))
		return false;
	enum vd_json_type t = peek(j);
	if (t == VD_JSON_OBJECT)
		return vd_json_enter_object(j);
	if (t == VD_JSON_ARRAY)
		return vd_json_enter_array(j);
	return scalar(j, t, &v);
}

/* Walks until the depth is back at `depth`. */
static bool walk_out(struct vd_json *j, int depth)
{
	while (!j->err && j->depth > depth)
		(void)step(j);
	return !j->err;
}

bool vd_json_value(struct vd_json *j, struct vd_json_val *ret)
{
	enum vd_json_type t = peek(j);
	if (j->err)
		return false;
	if (t != VD_JSON_OBJECT && t != VD_JSON_ARRAY)
		return scalar(j, t, ret);
	const char *from = j->p;
	int depth = j->depth;
	if (!(t == VD_JSON_OBJECT ? vd_json_enter_object(j) : vd_json_enter_array(j)) ||
	    !walk_out(j, depth))
		return false;
	*ret = (struct vd_json_val){.type = t, .raw = vd_span(from, (size_t)(j->p - from))};
	return true;
}

bool vd_json_skip(struct vd_json *j)
{
	struct vd_json_val v;
	return vd_json_value(j, &v);
}

bool vd_json_leave(struct vd_json *j)
{
	if (!j->depth)
		return fail(j, VD_EPARSE);
	return walk_out(j, j->depth - 1);
}

int vd_json_finish(struct vd_json *j)
{
	if (!j->err) {
		blanks(j);
		if (j->depth || j->p != j->end || j->p == j->start)
			fail(j, VD_EPARSE);
	}
	return j->err;
}

/* -- conveniences --------------------------------------------------------------------------- */

static size_t put_utf8(int cp, char *dst)
{
	if (cp < 0x80) {
		dst[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		dst[0] = (char)(0xC0 | cp >> 6);
		dst[1] = (char)(0x80 | (cp & 0x3F));
		return 2;
	}
	if (cp < 0x10000) {
		dst[0] = (char)(0xE0 | cp >> 12);
		dst[1] = (char)(0x80 | (cp >> 6 & 0x3F));
		dst[2] = (char)(0x80 | (cp & 0x3F));
		return 3;
	}
	dst[0] = (char)(0xF0 | cp >> 18);
	dst[1] = (char)(0x80 | (cp >> 12 & 0x3F));
	dst[2] = (char)(0x80 | (cp >> 6 & 0x3F));
	dst[3] = (char)(0x80 | (cp & 0x3F));
	return 4;
}

/* One escape at raw[i]; its bytes into out, their count; *ret_used = bytes of raw it took. */
static size_t resolve(struct vd_span raw, size_t i, char out[4], size_t *ret_used)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	*ret_used = raw.n - i;
	if (raw.n - i < 2)
		return 0;
	char c = raw.p[i + 1];
	if (c != 'u') {
		const char *hit = c ? strchr(from, c) : NULL;
		*ret_used = 2;
		out[0] = hit ? to[hit - from] : c;
		return 1;
	}
	if (raw.n - i < 6)
		return 0;
	int cp = hex4(raw.p + i + 2);
	*ret_used = 6;
	if (cp >= 0xD800 && cp <= 0xDBFF && raw.n - i >= 12) {
		int low = hex4(raw.p + i + 8);
		cp = 0x10000 + ((cp - 0xD800) << 10) + (low - 0xDC00);
		*ret_used = 12;
	}
	return cp > 0 ? put_utf8(cp, out) : 0; /* U+0000 is dropped: our strings end with it */
}

size_t vd_json_unescape(struct vd_span raw, char *dst, size_t cap)
{
	size_t n = 0;
	for (size_t i = 0; i < raw.n;) {
		char out[4] = {raw.p[i]};
		size_t used = 1, len = 1;
		if (raw.p[i] == '\\') {
			len = resolve(raw, i, out, &used);
		} else if ((unsigned char)raw.p[i] >= 0xC0) {
			while (used < 4 && i + used < raw.n &&
			       ((unsigned char)raw.p[i + used] & 0xC0) == 0x80) {
				out[used] = raw.p[i + used];
				used++;
			}
			len = used;
		}
		if (n + len >= cap)
			break;
		memcpy(dst + n, out, len);
		n += len;
		i += used;
	}
	dst[n] = '\0';
	return n;
}

bool vd_json_find(struct vd_span object_text, const char *path, struct vd_json_val *ret)
{
	struct vd_json j;
	struct vd_span rest = vd_span_cstr(path), name, key;
	vd_json_init(&j, object_text);
	while (vd_span_next(&rest, '.', &name)) {
		bool found = false;
		if (!vd_json_enter_object(&j))
			return false;
		while (!found && vd_json_next_key(&j, &key)) {
			found = vd_span_eq(key, name);
			if (!found && !vd_json_skip(&j))
				return false;
		}
		if (!found)
			return false;
	}
	return vd_json_value(&j, ret);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The device path's JSON beside jansson: what one accepts the other accepts, and they agree on what
 * it says. Then the writer, and events there and back. */
#include "vdtest.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/event.h"
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Whole text, read to its end in a copy without a byte to spare. */
static int ours(struct vd_span text)
{
	char *own = vd_malloc(text.n);
	struct vd_json j;
	if (text.n)
		memcpy(own, text.p, text.n);
	vd_json_init(&j, vd_span(own, text.n));
	(void)vd_json_skip(&j);
	int err = vd_json_finish(&j);
	assert_true(err == 0 || err == VD_EPARSE || err == VD_ELIMIT);
	assert_true(j.err_at <= text.n);
	vd_free(own);
	return err;
}

static bool theirs(struct vd_span text)
{
	json_error_t e;
	json_t *v = json_loadb(text.p ? text.p : "", text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
	json_decref(v);
	return v != NULL;
}

static int depth_of(struct vd_span text)
{
	int depth = 0, max = 0;
	bool in = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (in && c == '\\')
			i++;
		else if (c == '"')
			in = !in;
		else if (!in && (c == '{' || c == '['))
			max = ++depth > max ? depth : max;
		else if (!in && (c == '}' || c == ']'))
			depth--;
	}
	return max;
}

/* Numbers of many digits, or with an exponent, where the two have different limits. */
static bool odd_number(struct vd_span text)
{
	size_t run = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool digit = c >= '0' && c <= '9';
		if (run && (c == 'e' || c == 'E'))
			return true;
		run = digit ? run + 1 : 0;
		if (run >= 16)
			return true;
	}
	return false;
}

/* Ours refuses more in two places, both on purpose: nesting over VD_MAX_JSON_DEPTH and numbers of
 * 64 bytes. jansson refuses integers that do not fit 64 bits and reals out of range, which a
 * device's reading need not be refused for. */
static bool comparable(struct vd_span text)
{
	return depth_of(text) <= VD_MAX_JSON_DEPTH && !odd_number(text);
}

static const char *const table[] = {
	"",
	" ",
	"{}",
	"[]",
	"{ }",
	"[ ]",
	"null",
	"true",
	"false",
	"nul",
	"tru",
	"0",
	"-0",
	"-",
	"01",
	"1.",
	".5",
	"1.5",
	"-1.25",
	"+1",
	"1e5",
	"1E-5",
	"1e",
	"1e+",
	"\"\"",
	"\"a\"",
	"\"",
	"\"\\\"",
	"\"\\n\\t\\r\\b\\f\\/\\\\\\\"\"",
	"\"\\x\"",
	"\"\\u00e5\"",
	"\"\\u00\"",
	"\"\\ud83d\\ude00\"",
	"\"\\ud83d\"",
	"\"\\ude00\"",
	"\"\\ud83dx\"",
	"\"\xC3\xA5\"",
	"\"\xC3\"",
	"\"\xED\xA0\x80\"",
	"\"\xC0\x80\"",
	"\"\xF4\x90\x80\x80\"",
	"\"\n\"",
	"\"\t\"",
	"[1,2]",
	"[1,]",
	"[,1]",
	"[1 2]",
	"[1,,2]",
	"{\"a\":1}",
	"{\"a\":1,}",
	"{,}",
	"{\"a\"}",
	"{\"a\":}",
	"{a:1}",
	"{'a':1}",
	"{\"a\":1 \"b\":2}",
	"{\"a\":{\"b\":[{\"c\":null}]}}",
	"{} {}",
	"{}x",
	"[}",
	"{]",
	"[[[]]]",
	"[[[]]",
	"// c\n1",
	"{\"a\":tRue}",
	"\xEF\xBB\xBF{}",
	"\"\\u0041\"",
	"[true,false,null]",
	"{\"\":0}",
	"[\"a\",{\"b\":[]}]",
	"truefalse",
	"1 ",
	"\t[\r\n]\n",
	"NaN",
	"Infinity",
	"[1]]",
};

static void agrees_with_jansson_on_a_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct vd_span s = vd_span_cstr(table[i]);
		if ((ours(s) == 0) != theirs(s))
			fail_msg("%s: ours %d, jansson %d", table[i], ours(s) == 0, theirs(s));
	}
}

static uint64_t rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static const char *const seeds[] = {
	"{\"battery\":100,\"battery_low\":false,\"contact\":false,\"linkquality\":102,\"v\":[1,2.5]"
	"}",
	"{\"a\":{\"b\":[{\"c\":\"x\\u00e5\\ud83d\\ude00\"},null]},\"d\":\"bl\xC3\xA5\"}",
	"[{\"k\":\"\\\"\"},-0.5,[],{},[[[]]],\"\\\\\"]",
};

static void agrees_with_jansson_on_mutations(void **state)
{
	(void)state;
	static const char alphabet[] =
		"{}[]\",:\\/u0123456789.-+ntrfalse \n\t\xC3\xA5\xED\xA0\x80\x01";
	uint64_t x = 20260203;
	long good = 0, bad = 0;
	for (int n = 0; n < 120000; n++) {
		char buf[200];
		const char *seed = seeds[rnd(&x) % 3];
		size_t len = strlen(seed);
		memcpy(buf, seed, len);
		for (uint64_t k = 1 + rnd(&x) % 4; k; k--) {
			size_t at = rnd(&x) % len;
			if (rnd(&x) % 3)
				buf[at] = alphabet[rnd(&x) % (sizeof(alphabet) - 1)];
			else if (len > 2)
				memmove(buf + at, buf + at + 1, --len - at);
		}
		struct vd_span s = vd_span(buf, len);
		bool accepted = ours(s) == 0;
		if (!comparable(s))
			continue;
		if (accepted != theirs(s))
			fail_msg("ours %d: %.*s", accepted, (int)len, buf);
		accepted ? good++ : bad++;
	}
	assert_true(good > 1000 && bad > 10000); /* both sides were looked at */
}

static void cut_texts_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (size_t n = 0; n < strlen(seeds[i]); n++)
			assert_int_not_equal(ours(vd_span(seeds[i], n)), 0);
}

static void depth_has_a_ceiling(void **state)
{
	(void)state;
	char deep[100000];
	memset(deep, '[', sizeof(deep));
	assert_int_equal(ours(vd_span(deep, sizeof(deep))),
			 VD_ELIMIT); /* and no stack is used up */
	memset(deep + VD_MAX_JSON_DEPTH, ']', VD_MAX_JSON_DEPTH);
	assert_int_equal(ours(vd_span(deep, 2 * VD_MAX_JSON_DEPTH)), 0);
	memset(deep + VD_MAX_JSON_DEPTH + 1, ']', VD_MAX_JSON_DEPTH + 1);
	deep[VD_MAX_JSON_DEPTH] = '[';
	assert_int_equal(ours(vd_span(deep, 2 * VD_MAX_JSON_DEPTH + 2)), VD_ELIMIT);
}

static void members_are_read_and_left(void **state)
{
	(void)state;
	struct vd_json j;
	struct vd_json_val v;
	struct vd_span key;
	char text[64];
	vd_json_init(&j,
		     VD_SPAN_LIT("{\"a\":{\"b\":1,\"c\":[2,3]},\"d\":\"x\\u00e5\",\"e\":[7,8]}"));
	assert_true(vd_json_enter_object(&j) && vd_json_next_key(&j, &key));
	assert_true(vd_span_is(key, "a") && vd_json_enter_object(&j));
	assert_true(vd_json_next_key(&j, &key) && vd_json_value(&j, &v) && v.num == 1);
	assert_true(vd_json_leave(&j)); /* c is not looked at */
	assert_true(vd_json_next_key(&j, &key) && vd_span_is(key, "d") && vd_json_value(&j, &v));
	assert_true(v.type == VD_JSON_STRING && v.escaped);
	assert_int_equal(vd_json_unescape(v.raw, text, sizeof(text)), 3);
	assert_string_equal(text, "xå");
	assert_int_equal(vd_json_unescape(v.raw, text, 3), 1); /* no half letter */
	assert_true(vd_json_next_key(&j, &key) && vd_json_value(&j, &v));
	assert_true(v.type == VD_JSON_ARRAY && vd_span_is(v.raw, "[7,8]"));
	assert_false(vd_json_next_key(&j, &key));
	assert_int_equal(vd_json_finish(&j), 0);
}

/* What it means is the caller's to say; here both are told, in order. */
static void a_key_that_stands_twice_is_told_twice(void **state)
{
	(void)state;
	static const double told[] = {1, 2, 3};
	struct vd_json j;
	struct vd_json_val v;
	struct vd_span key;
	size_t n = 0;
	vd_json_init(&j, VD_SPAN_LIT("{\"a\":1,\"a\":2,\"\\u0061\":3}"));
	assert_true(vd_json_enter_object(&j));
	while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v)) {
		assert_true(n < 3 && v.num == told[n]);
		assert_true(vd_span_is(key, "a") == (n < 2)); /* escaped: never a plain name */
		n++;
	}
	assert_int_equal(vd_json_finish(&j), 0);
	assert_int_equal(n, 3);
}

/* Strings of every length, with one odd byte at every place, in memory without a byte to spare. */
static void strings_are_walked_whole(void **state)
{
	(void)state;
	static const struct {
		char c;
		bool fits;
	} odd[] = {{'x', true},     {'\x7F', true}, {'"', false},    {'\\', false}, {'\x1F', false},
		   {'\x00', false}, {' ', true},    {'\xC3', false}, {'!', true}};
	for (size_t n = 1; n < 40; n++)
		for (size_t at = 0; at < n; at++)
			for (size_t k = 0; k < sizeof(odd) / sizeof(odd[0]); k++) {
				char text[42];
				memset(text, 'a', sizeof(text));
				text[0] = text[n + 1] = '"';
				text[at + 1] = odd[k].c;
				assert_int_equal(ours(vd_span(text, n + 2)) == 0, odd[k].fits);
			}
}

/* The short way to a decimal gives the very double the C library gives. */
static void decimals_are_exact(void **state)
{
	(void)state;
	uint64_t x = 99;
	for (int n = 0; n < 200000; n++) {
		char text[40];
		struct vd_json j;
		struct vd_json_val v;
		uint64_t r = rnd(&x);
		snprintf(text, sizeof(text), "%s%llu.%0*llu", n % 3 ? "" : "-",
			 (unsigned long long)(r % 100000000), (int)(1 + r % 9),
			 (unsigned long long)(rnd(&x) % 1000));
		vd_json_init(&j, vd_span_cstr(text));
		assert_true(vd_json_value(&j, &v) && vd_json_finish(&j) == 0);
		if (v.num != strtod(text, NULL))
			fail_msg("%s read as %.17g", text, v.num);
	}
}

static void errors_stick(void **state)
{
	(void)state;
	struct vd_json j;
	struct vd_json_val v;
	struct vd_span key;
	vd_json_init(&j, VD_SPAN_LIT("{\"a\":x,\"b\":1}"));
	assert_true(vd_json_enter_object(&j) && vd_json_next_key(&j, &key));
	assert_false(vd_json_value(&j, &v));
	assert_false(vd_json_next_key(&j, &key));
	assert_false(vd_json_skip(&j));
	assert_int_equal(vd_json_peek(&j), VD_JSON_NONE);
	assert_int_equal(vd_json_finish(&j), VD_EPARSE);
	assert_int_equal(j.err_at, 5);
}

static void paths_find_members(void **state)
{
	(void)state;
	struct vd_json_val v;
	struct vd_span o = VD_SPAN_LIT("{\"u\":{\"f_cnt\":7,\"x\":null},\"ux\":2,\"s\":\"t\"}");
	assert_true(vd_json_find(o, "u.f_cnt", &v) && v.num == 7);
	assert_true(vd_json_find(o, "ux", &v) && v.num == 2);
	assert_true(vd_json_find(o, "u.x", &v) && v.type == VD_JSON_NULL);
	assert_false(vd_json_find(o, "u.y", &v));
	assert_false(vd_json_find(o, "s.t", &v));
	assert_false(vd_json_find(VD_SPAN_LIT("[1]"), "u", &v));
}

/* Numbers written read back as the same double, whatever they are. */
static void numbers_go_there_and_back(void **state)
{
	(void)state;
	uint64_t x = 42;
	for (int n = 0; n < 20000; n++) {
		struct vd_buf b;
		struct vd_jw w;
		struct vd_json j;
		struct vd_json_val v;
		double num;
		uint64_t bits = rnd(&x);
		if (n % 2)
			memcpy(&num, &bits, sizeof(num));
		else
			num = (double)(int64_t)(bits % 2000000) / 100 - 10000;
		vd_buf_init(&b, 100);
		vd_jw_init(&w, &b);
		vd_jw_num(&w, num);
		vd_json_init(&j, vd_buf_span(&b));
		assert_true(vd_json_value(&j, &v) && vd_json_finish(&j) == 0);
		if (isfinite(num))
			assert_true(v.type == VD_JSON_NUMBER && v.num == num);
		else
			assert_int_equal(v.type, VD_JSON_NULL);
		vd_buf_fini(&b);
	}
}

/* Whatever bytes a name holds, what is written is JSON, and jansson reads the same text. */
static void any_bytes_become_json(void **state)
{
	(void)state;
	uint64_t x = 7;
	for (int n = 0; n < 20000; n++) {
		char raw[24];
		size_t len = rnd(&x) % sizeof(raw);
		struct vd_buf b;
		struct vd_jw w;
		json_error_t e;
		for (size_t i = 0; i < len; i++)
			raw[i] = (char)(n % 2 ? rnd(&x) % 128 : rnd(&x));
		vd_buf_init(&b, 1000);
		vd_jw_init(&w, &b);
		vd_jw_str(&w, vd_span(raw, len));
		assert_int_equal(ours(vd_buf_span(&b)), 0);
		json_t *v = json_loadb(b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e);
		assert_non_null(v);
		if (n % 2) {
			assert_int_equal(json_string_length(v), len);
			assert_memory_equal(json_string_value(v), raw, len);
		}
		json_decref(v);
		vd_buf_fini(&b);
	}
}

static void event_of(struct vd_event *e)
{
	vd_event_init(e);
	snprintf(e->id, sizeof(e->id), "01J00000000000000000000000");
	e->muni = 3434;
	e->gateway = 4;
	e->device = INT64_C(9007199254740993); /* more than a double can hold */
	e->kind = VD_KIND_DEVICE_VOLTAGE;
	e->value = 2.985;
	e->has_value = true;
	snprintf(e->unit, sizeof(e->unit), "V");
	e->t_ms = 1770091506123;
	e->t_recv_ms = 1770091507000;
	e->t_src = VD_T_GATEWAY;
	e->seq = 0;
	e->episode = -4;
	snprintf(e->zone, sizeof(e->zone), "st\"ue\\");
	e->flags = VD_F_LATE | VD_F_SUSPECT | VD_F_EDGE;
	snprintf(e->attrs, sizeof(e->attrs), "\"method\":\"keypad\",\"user_slot\":3");
}

static void events_go_there_and_back(void **state)
{
	(void)state;
	struct vd_event e, back;
	struct vd_buf a, b;
	event_of(&e);
	vd_buf_init(&a, 4096);
	vd_buf_init(&b, 4096);
	assert_int_equal(vd_event_json(&e, &a), 0);
	assert_true(theirs(vd_buf_span(&a)));
	assert_int_equal(vd_event_parse(vd_buf_span(&a), &back), 0);
	assert_true(back.device == e.device && back.seq == 0 && back.episode == -4);
	assert_string_equal(back.zone, e.zone);
	assert_string_equal(back.attrs, e.attrs);
	assert_int_equal(back.flags, e.flags);
	assert_int_equal(vd_event_json(&back, &b), 0);
	assert_true(vd_span_eq(vd_buf_span(&a), vd_buf_span(&b))); /* same event, same bytes */
	for (size_t n = 0; n < a.n; n++) {
		struct vd_event untouched = {.muni = 77};
		assert_int_equal(vd_event_parse(vd_span(a.p, n), &untouched), VD_EPARSE);
		assert_int_equal(untouched.muni, 77);
	}
	vd_buf_fini(&a);
	vd_buf_fini(&b);
}

static void every_kind_and_flag_survives(void **state)
{
	(void)state;
	for (int k = 1; k < VD_KIND_MAX; k++) {
		struct vd_event e, back;
		struct vd_buf b;
		event_of(&e);
		e.kind = (enum vd_kind)k;
		e.flags = 1u << (k % 10);
		e.has_value = k % 2;
		vd_buf_init(&b, 4096);
		assert_int_equal(vd_event_json(&e, &b), 0);
		assert_int_equal(vd_event_parse(vd_buf_span(&b), &back), 0);
		assert_int_equal(back.kind, k);
		assert_int_equal(back.flags, e.flags);
		assert_int_equal(back.has_value, e.has_value);
		vd_buf_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_jansson_on_a_table),
		cmocka_unit_test(agrees_with_jansson_on_mutations),
		cmocka_unit_test(cut_texts_are_refused),
		cmocka_unit_test(depth_has_a_ceiling),
		cmocka_unit_test(members_are_read_and_left),
		cmocka_unit_test(a_key_that_stands_twice_is_told_twice),
		cmocka_unit_test(strings_are_walked_whole),
		cmocka_unit_test(decimals_are_exact),
		cmocka_unit_test(errors_stick),
		cmocka_unit_test(paths_find_members),
		cmocka_unit_test(numbers_go_there_and_back),
		cmocka_unit_test(any_bytes_become_json),
		cmocka_unit_test(events_go_there_and_back),
		cmocka_unit_test(every_kind_and_flag_survives),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

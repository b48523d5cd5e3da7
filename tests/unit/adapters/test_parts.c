/* SPDX-License-Identifier: EUPL-1.2 */
/* What families share about topics, nested objects, bare values and told models. */
#include "vdtest.h"
#include "adapters/common/flat.h"
#include "adapters/common/known.h"
#include "adapters/common/topic.h"
#include "base/err.h"
#include "base/mem.h"
#include <stdio.h>

/* -- topics --------------------------------------------------------------------------------- */

static void topics_by_their_parts(void **state)
{
	struct vd_span rest, path = VD_SPAN_LIT("a/b/c");
	(void)state;
	assert_true(vd_topic_under("hus", VD_SPAN_LIT("hus/a/b"), &rest));
	assert_true(vd_span_is(rest, "a/b"));
	assert_true(vd_topic_under("", VD_SPAN_LIT("a/b"), &rest));
	assert_true(vd_span_is(rest, "a/b"));
	assert_false(vd_topic_under("hus", VD_SPAN_LIT("huset/a"), &rest));
	assert_false(vd_topic_under("hus", VD_SPAN_LIT("hus/"), &rest));
	assert_false(vd_topic_under("hus", VD_SPAN_LIT("hus"), &rest));
	assert_true(vd_span_is(vd_topic_last(&path), "c"));
	assert_true(vd_span_is(path, "a/b"));
	assert_true(vd_span_is(vd_topic_first(&path), "a"));
	assert_true(vd_span_is(vd_topic_first(&path), "b"));
	assert_int_equal(path.n, 0);
	assert_int_equal(vd_topic_last(&path).n, 0);
}

static void numbers_of_digits_only(void **state)
{
	(void)state;
	assert_int_equal(vd_digits(VD_SPAN_LIT("113"), 255), 113);
	assert_int_equal(vd_digits(VD_SPAN_LIT("255"), 255), 255);
	assert_int_equal(vd_digits(VD_SPAN_LIT("256"), 255), -1);
	assert_int_equal(vd_digits(VD_SPAN_LIT("99999999999999999999"), 1 << 20), -1);
	assert_int_equal(vd_digits(VD_SPAN_LIT("-1"), 255), -1);
	assert_int_equal(vd_digits(VD_SPAN_LIT("1a"), 255), -1);
	assert_int_equal(vd_digits(VD_SPAN_LIT(""), 255), -1);
}

/* -- objects within objects ----------------------------------------------------------------- */

struct seen {
	char text[512];
	size_t longest;
};

static void leaf(void *arg, struct vd_span path, const struct vd_json_val *v)
{
	struct seen *s = arg;
	size_t n = strlen(s->text);
	s->longest = path.n > s->longest ? path.n : s->longest;
	snprintf(s->text + n, sizeof(s->text) - n, "%.*s=%.*s;", (int)path.n, path.p, (int)v->raw.n,
		 v->raw.n ? v->raw.p : "");
}

static bool enter(void *arg, struct vd_span path)
{
	(void)arg;
	return !vd_span_is(path, "x.cloud");
}

static bool walk(const char *text, const char *name, struct seen *s)
{
	static const struct vd_flat flat = {.enter = enter, .leaf = leaf};
	struct vd_json j;
	*s = (struct seen){0};
	vd_json_init(&j, vd_span_cstr(text));
	return vd_flat_walk(&j, vd_span_cstr(name), &flat, s) && vd_json_finish(&j) == 0;
}

static void objects_become_paths(void **state)
{
	struct seen s;
	(void)state;
	assert_true(
		walk("{\"a\":1,\"b\":{\"c\":{\"d\":true}},\"e\":[\"f\",2,[3]],\"g\":[]}", "x", &s));
	assert_string_equal(s.text, "x.a=1;x.b.c.d=true;x.e=f;x.e=2;x.e=3;x.g=;");
	assert_true(walk("{\"a\":{\"b\":1}}", "", &s));
	assert_string_equal(s.text, "a.b=1;");
	assert_true(walk("{\"cloud\":{\"a\":1},\"b\":2}", "x", &s));
	assert_string_equal(s.text, "x.b=2;");
	assert_false(walk("{\"a\":{\"b\":1}", "", &s));
}

static void long_and_deep_ones_stay_within(void **state)
{
	char text[400], deep[3 * VD_MAX_JSON_DEPTH * 8] = "";
	struct seen s;
	(void)state;
	snprintf(text, sizeof(text), "{\"%0150d\":{\"%0150d\":1}}", 7, 8);
	assert_true(walk(text, "x", &s));
	assert_int_equal(s.longest, VD_FLAT_PATH - 1);
	for (int i = 0; i < 2 * VD_MAX_JSON_DEPTH; i++)
		snprintf(deep + strlen(deep), sizeof(deep) - strlen(deep), "{\"a\":");
	assert_false(walk(deep, "x", &s));
}

/* -- bare values ---------------------------------------------------------------------------- */

static int bare(const char *body, struct vd_json_val *v)
{
	static struct vd_decoded d;
	return vd_bare_value(&d, vd_span_cstr(body), "a value", v);
}

static void values_with_and_without_quotes(void **state)
{
	struct vd_json_val v;
	char longer[VD_BARE_MAX + 20] = "";
	(void)state;
	assert_int_equal(bare(" 21.5\n", &v), 0);
	assert_int_equal(v.type, VD_JSON_NUMBER);
	assert_int_equal(bare("open", &v), 0);
	assert_true(v.type == VD_JSON_STRING && vd_span_is(v.raw, "open"));
	assert_int_equal(bare("\"open\"", &v), 0);
	assert_true(v.type == VD_JSON_STRING && vd_span_is(v.raw, "open"));
	assert_int_equal(bare("21.5 C", &v), 0);
	assert_true(v.type == VD_JSON_STRING && vd_span_is(v.raw, "21.5 C"));
	assert_int_equal(bare("{\"a\":1}", &v), 0);
	assert_int_equal(v.type, VD_JSON_OBJECT);
	assert_int_equal(bare("{\"a\":1", &v), VD_EPARSE);
	assert_int_equal(bare("[1,", &v), VD_EPARSE);
	assert_int_equal(bare("\xff", &v), VD_EPARSE);
	memset(longer, 'x', VD_BARE_MAX + 1);
	assert_int_equal(bare(longer, &v), VD_EPARSE);
}

/* -- told models ---------------------------------------------------------------------------- */

static int tell(struct vd_known *k, const char *who, const char *model)
{
	return vd_known_tell(k, vd_span_cstr(who), VD_SPAN_LIT("Fabrikk"), vd_span_cstr(model),
			     VD_SPAN_LIT("1"));
}

static void models_are_remembered_to_a_ceiling(void **state)
{
	struct vd_known k = {0};
	char who[24];
	(void)state;
	assert_null(vd_known_find(&k, VD_SPAN_LIT("dor")));
	vd_mem_fault(0, 1);
	assert_int_equal(tell(&k, "dor", "A"), VD_ENOMEM);
	vd_mem_fault(-1, 0);
	assert_int_equal(k.n, 0);
	assert_int_equal(tell(&k, "dor", "A"), 1);
	assert_int_equal(tell(&k, "dor", "A"), 0);
	assert_int_equal(tell(&k, "dor", "B"), 1);
	assert_string_equal(vd_known_find(&k, VD_SPAN_LIT("dor"))->model, "B");
	for (int i = 0; i < VD_MAX_HEARD_GATEWAY + 50; i++) {
		snprintf(who, sizeof(who), "node%d", i);
		(void)tell(&k, who, "C");
	}
	assert_int_equal(k.n, VD_MAX_HEARD_GATEWAY);
	assert_string_equal(vd_known_find(&k, VD_SPAN_LIT("dor"))->model, "B");
	assert_null(vd_known_find(&k, vd_span_cstr(who)));
	vd_known_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(topics_by_their_parts),
		cmocka_unit_test(numbers_of_digits_only),
		cmocka_unit_test(objects_become_paths),
		cmocka_unit_test(long_and_deep_ones_stay_within),
		cmocka_unit_test(values_with_and_without_quotes),
		cmocka_unit_test(models_are_remembered_to_a_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

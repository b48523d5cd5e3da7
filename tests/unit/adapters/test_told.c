/* SPDX-License-Identifier: EUPL-1.2 */
/* What the families of clouds and FHIR share: envelopes, numbers, times, forms, pseudonyms; and
 * that the tables reach every state of a medicine dispenser. */
#include "vdtest.h"
#include "runner.h"
#include "adapters/common/pseudonym.h"
#include "adapters/common/told.h"
#include "adapters/common/words.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>

static struct vd_decoded *d;

static struct vd_json_val json(const char *text)
{
	struct vd_json j;
	struct vd_json_val v;
	vd_json_init(&j, vd_span_cstr(text));
	assert_true(vd_json_value(&j, &v));
	return v;
}

static void members_stand_once(void **state)
{
	static const char *const names[] = {"deviceId", "time"};
	struct vd_json_val m[2] = {{0}};
	struct vd_members all = {
		.names = names, .vals = m, .n = 2, .any_case = true, .strict = true};
	(void)state;
	d->unknown_keys = 0;
	assert_int_equal(vd_members_read(d,
					 vd_span_cstr("{\"DeviceId\":\"a\",\"x\":[1],\"time\":3}"),
					 "it", &all),
			 0);
	assert_true(vd_span_is(m[0].raw, "a") && m[1].num == 3);
	assert_int_equal(d->unknown_keys, 1);
	assert_string_equal(d->unknown_key, "x");
	memset(m, 0, sizeof(m));
	assert_int_equal(
		vd_members_read(d, vd_span_cstr("{\"deviceId\":1,\"DEVICEID\":2}"), "it", &all),
		VD_EPARSE);
	assert_non_null(strstr(d->error, "deviceId"));
	memset(m, 0, sizeof(m));
	assert_int_equal(vd_members_read(d, vd_span_cstr("{\"deviceId\":1"), "it", &all),
			 VD_EPARSE);
	all.any_case = all.strict = false;
	memset(m, 0, sizeof(m));
	assert_int_equal(vd_members_read(d, vd_span_cstr("{\"DeviceId\":1}"), "it", &all), 0);
	assert_int_equal(m[0].type, VD_JSON_NONE);
}

static void times_have_a_zone_or_are_none(void **state)
{
	static const struct {
		const char *json;
		int64_t ms;
	} all[] = {{"\"2026-02-03T04:05:06Z\"", 1770091506000},
		   {"\"2026-02-03T05:05:06.5+01:00\"", 1770091506500},
		   {"\"2026-02-03T04:05:06\"", 0},
		   {"\"2026-02-03\"", 0},
		   {"1770091506", 1770091506000},
		   {"1770091506000", 1770091506000},
		   {"\"1770091506\"", 1770091506000},
		   {"0", 0},
		   {"-5", 0},
		   {"1e300", 0},
		   {"\"\"", 0},
		   {"null", 0},
		   {"[1]", 0}};
	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct vd_json_val v = json(all[i].json);
		assert_int_equal(vd_instant_told(&v), all[i].ms);
	}
}

static void numbers_in_texts_are_doubted(void **state)
{
	double n;
	bool suspect;
	(void)state;
	struct vd_json_val v = json("12.5");
	assert_true(vd_number_told(&v, &n, &suspect) && n == 12.5 && !suspect);
	v = json("\"12.5 kg\"");
	assert_true(vd_number_told(&v, &n, &suspect) && n == 12.5 && suspect);
	static const char *const none[] = {"\"kg\"", "\"\"",    "true",   "null",
					   "{}",     "\"nan\"", "\"inf\""};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		v = json(none[i]);
		assert_false(vd_number_told(&v, &n, &suspect));
	}
}

static void attributes_stay_json(void **state)
{
	struct vd_reading r = {.seq = -1};
	char text[VD_MAX_ATTRS_BYTES + 2];
	(void)state;
	vd_attr_text(&r, "code", VD_SPAN_LIT("a\"b\\c\n\xc3\xa5"));
	vd_attr_number(&r, "cell", 4);
	vd_attr_true(&r, "manual");
	vd_attr_text(&r, "empty", vd_span("", 0));
	assert_string_equal(r.attrs, "\"code\":\"a?b?c???\",\"cell\":4,\"manual\":true");
	for (int i = 0; i < 40; i++) /* until there is no room */
		vd_attr_text(&r, "more",
			     VD_SPAN_LIT("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
	snprintf(text, sizeof(text), "{%s}", r.attrs);
	json_t *o = json_loads(text, 0, NULL);
	assert_non_null(o);
	json_decref(o);
}

static void forms_are_resolved(void **state)
{
	struct vd_span rest = vd_span_cstr("&a=1&b=%2B47+%zz%4&c&d="), key, value;
	char text[16];
	(void)state;
	assert_true(vd_form_next(&rest, &key, &value) && vd_span_is(key, "a"));
	assert_true(vd_form_next(&rest, &key, &value) && vd_span_is(key, "b"));
	vd_form_text(value, text, sizeof(text));
	assert_string_equal(text, "+47 %zz%4");
	assert_true(vd_form_next(&rest, &key, &value) && vd_span_is(key, "c") && !value.n);
	assert_true(vd_form_next(&rest, &key, &value) && vd_span_is(key, "d") && !value.n);
	assert_false(vd_form_next(&rest, &key, &value));
	assert_int_equal(vd_form_text(VD_SPAN_LIT("abcdef"), text, 4), 3);
	assert_true(vd_span_is(vd_query(VD_SPAN_LIT("sms?x=1&from=47"), "from"), "47"));
	assert_int_equal(vd_query(VD_SPAN_LIT("from=47"), "from").n, 0);
}

/* The published vectors of SipHash-2-4 (github.com/veorq/SipHash, vectors.h): keys 00..0f, the
 * messages "", 00, 00 01, ... */
static void pseudonyms_are_siphash(void **state)
{
	static const uint64_t expected[] = {0x726fdb47dd0e0e31ull, 0x74f839c593dc67fdull,
					    0x0d6c8009d9a94f5aull, 0x85676696d7fb7e2dull};
	struct vd_pseudonyms p = {.k0 = 0x0706050403020100ull, .k1 = 0x0f0e0d0c0b0a0908ull};
	char bytes[16];
	(void)state;
	for (int i = 0; i < 16; i++)
		bytes[i] = (char)i;
	for (size_t n = 0; n < 4; n++)
		assert_true(vd_pseudonym_hash(&p, vd_span(bytes, n)) == expected[n]);
	assert_true(vd_pseudonym_hash(&p, vd_span(bytes, 15)) == 0xa129ca6149be45e5ull);
}

static void a_salt_makes_other_names(void **state)
{
	struct vd_pseudonyms none, salted, other;
	struct vd_span who = VD_SPAN_LIT("01925012390");
	(void)state;
	assert_int_equal(vd_pseudonyms_init(&none, vd_span("", 0)), 0);
	assert_int_equal(
		vd_pseudonyms_init(&salted, vd_span_cstr("{\"salt\":\"0123456789abcdef\"}")), 0);
	assert_int_equal(
		vd_pseudonyms_init(&other, vd_span_cstr("{\"salt\":\"0123456789abcdeF\"}")), 0);
	assert_int_equal(vd_pseudonyms_init(&other, vd_span_cstr("{\"salt\":\"short\"}")),
			 VD_EINVAL);
	assert_int_equal(vd_pseudonyms_init(&other, vd_span_cstr("{\"salt\":7}")), VD_EINVAL);
	assert_true(vd_pseudonym_hash(&none, who) != vd_pseudonym_hash(&salted, who));
	assert_int_equal(vd_told_ready(d), 0);
	vd_buf_clear(&d->scratch);
	struct vd_span name = vd_pseudonym(d, &salted, "person", who);
	assert_true(vd_span_starts(name, VD_SPAN_LIT("person-")) && name.n == 7 + 16);
	assert_int_equal(vd_pseudonym(d, &salted, "person", vd_span("", 0)).n, 0);
}

static void a_persons_number_is_no_device(void **state)
{
	struct vd_pseudonyms p = {0};
	struct vd_json_val v;
	(void)state;
	assert_int_equal(vd_told_ready(d), 0);
	vd_buf_clear(&d->scratch);
	v = json("\"PP000901\"");
	assert_true(vd_span_is(vd_device_named(d, &p, &v), "PP000901"));
	v = json("4711");
	assert_true(vd_span_is(vd_device_named(d, &p, &v), "4711"));
	v = json("\"01925012390\"");
	assert_true(vd_span_starts(vd_device_named(d, &p, &v), VD_SPAN_LIT("person-")));
	v = json("\"01925012391\""); /* a serial number of eleven digits is one */
	assert_true(vd_span_is(vd_device_named(d, &p, &v), "01925012391"));
	v = json("\"a\\u0000b\"");
	assert_true(vd_span_starts(vd_device_named(d, &p, &v), VD_SPAN_LIT("id-")));
	v = json("null");
	assert_int_equal(vd_device_named(d, &p, &v).n, 0);
	assert_false(vd_national_number(VD_SPAN_LIT("0192501239")));
	assert_false(vd_national_number(VD_SPAN_LIT("0192501239x")));
}

/* The samples tell every state that a dispenser, its supply and its doses can have. */
static void samples_reach_every_state(void **state)
{
	static const enum vd_kind kinds[] = {VD_KIND_MEDICATION, VD_KIND_MEDICATION_SUPPLY,
					     VD_KIND_MEDICATION_DEVICE};
	json_t *lines = runner_samples("medicine"), *line, *event;
	size_t i, k;
	int missing = 0;
	(void)state;
	for (size_t n = 0; n < 3; n++) {
		struct vd_span rest = vd_span_cstr(vd_kind_states(kinds[n])), word;
		while (vd_span_next(&rest, ' ', &word)) {
			bool told = false;
			json_array_foreach(lines, i, line)
			{
				json_t *events =
					json_object_get(json_object_get(line, "expect"), "events");
				json_array_foreach(events, k, event) told |=
					vd_span_is(runner_text(event, "kind"),
						   vd_kind_name(kinds[n])) &&
					vd_span_eq(runner_text(event, "state"), word);
			}
			if (!told)
				print_message("%s %.*s: no sample\n", vd_kind_name(kinds[n]),
					      (int)word.n, word.p);
			missing += !told;
		}
	}
	json_decref(lines);
	assert_int_equal(missing, 0);
}

/* No name, number or word of a person's comes out of a sample that holds them. */
static void nothing_personal_comes_out(void **state)
{
	static const char *const families[] = {"medicine", "fhir", "elock"};
	static const char *const secrets[] = {"01925012390", "99999999",   "Prøve", "Kari",
					      "trøtt",       "example.no", "op1@"};
	struct vd_tables *tables = NULL;
	json_t *line;
	size_t i;
	(void)state;
	assert_int_equal(vd_tables_load(NULL, &tables, NULL), 0);
	for (size_t n = 0; n < 3; n++) {
		struct runner r;
		json_t *lines = runner_samples(families[n]);
		runner_open(&r, families[n], tables);
		json_array_foreach(lines, i, line)
		{
			(void)runner_frame(&r, runner_text(line, "topic"),
					   runner_text(line, "payload"), false);
			for (size_t k = 0; k < r.d->n; k++)
				for (size_t x = 0; x < sizeof(secrets) / sizeof(secrets[0]); x++) {
					struct vd_span id = r.d->readings[k].identity;
					assert_null(strstr(r.d->readings[k].attrs, secrets[x]));
					assert_null(id.n ? memmem(id.p, id.n, secrets[x],
								  strlen(secrets[x]))
							 : NULL);
				}
		}
		runner_close(&r);
		json_decref(lines);
	}
	vd_tables_free(tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_stand_once),
		cmocka_unit_test(times_have_a_zone_or_are_none),
		cmocka_unit_test(numbers_in_texts_are_doubted),
		cmocka_unit_test(attributes_stay_json),
		cmocka_unit_test(forms_are_resolved),
		cmocka_unit_test(pseudonyms_are_siphash),
		cmocka_unit_test(a_salt_makes_other_names),
		cmocka_unit_test(a_persons_number_is_no_device),
		cmocka_unit_test(samples_reach_every_state),
		cmocka_unit_test(nothing_personal_comes_out),
	};
	d = vd_calloc(1, sizeof(*d));
	if (!d)
		return 2;
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	vd_buf_fini(&d->scratch);
	vd_free(d);
	return failed;
}

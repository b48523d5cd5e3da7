/* SPDX-License-Identifier: EUPL-1.2 */
/* The vendor tables: what loads, what is refused and how it is told, which row wins. */
#include "vdtest.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEAD "platform,vendor,model,firmware,key,value,kind,state,unit,scale,zone,flags\n"

static struct vd_decoded *d;

static struct vd_tables *from(const char *csv)
{
	struct vd_tables *t = NULL;
	struct vd_errtext e = {0};
	if (vd_tables_add(&t, vd_span_cstr(csv), "test.csv", &e))
		fail_msg("%s: %s", e.fact, e.detail);
	return t;
}

static enum vd_field read_as(const struct vd_tables *t, const char *vendor, const char *model,
			     const char *key, const char *json)
{
	struct vd_field_of who = {.platform = VD_SPAN_LIT("p"),
				  .vendor = vd_span_cstr(vendor),
				  .model = vd_span_cstr(model),
				  .identity = VD_SPAN_LIT("dev")};
	struct vd_json j;
	struct vd_json_val v;
	d->n = 0;
	vd_json_init(&j, vd_span_cstr(json));
	assert_true(vd_json_value(&j, &v));
	return vd_table_read(t, &who, vd_span_cstr(key), &v, d);
}

static void bad_rows_are_named_with_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *csv, *word;                         /* of the detail */
	} bad[] = {{"p,*,*,*,k,true,smoke,on,,,,\n", "line 1"}, /* no header */
		   {HEAD "p,*,*,*,k,true,smoke,on,,,\n", "line 2"},
		   {HEAD "p,*,*,*,k,true,smoke,on,,,,,\n", "line 2"},
		   {HEAD "\n# words\np,*,*,*,k,true,smok,on,,,,\n", "line 4"},
		   {HEAD "p,*,*,*,,true,smoke,on,,,,\n", "key"},
		   {HEAD ",*,*,*,k,true,smoke,on,,,,\n", "platform"},
		   {HEAD "p,*,*,*,k,,smoke,on,,,,\n", "value"},
		   {HEAD "p,*,*,*,k,true,smoke,on,,,,edgy\n", "flags"},
		   {HEAD "p,*,*,*,k,num,device.voltage,,V,many,,\n", "scale"},
		   {HEAD "p,*,*,*,k,num,device.voltage,,V,1abc,,\n", "scale"},
		   {HEAD "p,*,*,*,k,num,device.voltage,,V,0,,\n", "scale"},
		   {HEAD "p,*,*,*,k,num,device.voltage,,V,1e999,,\n", "scale"},
		   {HEAD "p,*,*,*,k,true,smoke,on,,,a_zone_much_too_long,\n", "zone"},
		   {HEAD "p,*,*,*,k,true,smoke,a_state_that_is_much_too_long,,,,\n", "state"},
		   {HEAD "p,*,*,*,k,num,device.voltage,,a_unit_too_long,1,,\n", "unit"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vd_tables *t = NULL;
		struct vd_errtext e = {0};
		assert_int_equal(vd_tables_add(&t, vd_span_cstr(bad[i].csv), "mine.csv", &e),
				 VD_EPARSE);
		if (!strstr(e.detail, bad[i].word) || !strstr(e.detail, "mine.csv") || !e.hint[0])
			fail_msg("row %zu told as: %s / %s", i, e.detail, e.hint);
		vd_tables_free(t);
	}
}

static void the_first_row_that_fits_wins(void **state)
{
	(void)state;
	struct vd_tables *t = from(HEAD "p,Acme,B1,*,x,1,sos,on,,,,edge\n"
					"p,*,*,*,x,1,button,single,,,,edge\n"
					"q,*,*,*,x,1,smoke,on,,,,\n");
	assert_int_equal(read_as(t, "ACME", "b1", "x", "1"), VD_FIELD_READ);
	assert_int_equal(d->readings[0].kind, VD_KIND_SOS);
	assert_true(d->readings[0].flags & VD_F_EDGE);
	assert_int_equal(read_as(t, "Other", "B1", "x", "1"), VD_FIELD_READ);
	assert_int_equal(d->readings[0].kind, VD_KIND_BUTTON);
	assert_int_equal(read_as(t, "Other", "B1", "x", "2"), VD_FIELD_UNKNOWN);
	assert_int_equal(read_as(t, "Other", "B1", "y", "1"), VD_FIELD_UNKNOWN);
	vd_tables_free(t);
}

static void types_are_looked_at_before_meaning(void **state)
{
	(void)state;
	struct vd_tables *t = from(HEAD "p,*,*,*,pressure,true,chair,in,,,,\n"
					"p,*,*,*,pressure,false,chair,out,,,,\n"
					"p,*,*,*,pressure,num,measure.pressure,,hPa,1,,\n"
					"p,*,*,*,v,num,device.voltage,,V,millivolt,,\n"
					"p,*,*,*,w,non-activated,smoke,off,,,,\n"
					"p,*,*,*,w,activated,smoke,on,,,,\n"
					"p,*,*,*,r_#_o,in,presence,present,,,#,\n"
					"p,*,*,*,junk,*,-,,,,,\n");
	assert_int_equal(read_as(t, "", "", "pressure", "true"), VD_FIELD_READ);
	assert_int_equal(d->readings[0].kind, VD_KIND_CHAIR);
	assert_string_equal(d->readings[0].state, "in");
	assert_false(d->readings[0].has_value);
	assert_int_equal(read_as(t, "", "", "pressure", "1013.5"), VD_FIELD_READ);
	assert_int_equal(d->readings[0].kind, VD_KIND_MEASURE_PRESSURE);
	assert_true(d->readings[0].value == 1013.5 && !(d->readings[0].flags & VD_F_SUSPECT));
	assert_int_equal(read_as(t, "", "", "pressure", "\"1013.5\""), VD_FIELD_READ);
	assert_true(d->readings[0].flags & VD_F_SUSPECT); /* rule 8 */
	assert_int_equal(read_as(t, "", "", "v", "\"2.3(low battery)\""), VD_FIELD_READ);
	assert_true(d->readings[0].value == 2.3 && (d->readings[0].flags & VD_F_SUSPECT));
	assert_int_equal(read_as(t, "", "", "v", "2950"), VD_FIELD_READ);
	assert_true(d->readings[0].value == 2.95);
	assert_int_equal(read_as(t, "", "", "v", "3.1"), VD_FIELD_READ);
	assert_true(d->readings[0].value == 3.1);
	assert_int_equal(read_as(t, "", "", "w", "\"non-activated\""), VD_FIELD_READ); /* rule 9 */
	assert_string_equal(d->readings[0].state, "off");
	assert_int_equal(read_as(t, "", "", "w", "\"activ\""), VD_FIELD_UNKNOWN);
	assert_int_equal(read_as(t, "", "", "r_12_o", "\"in\""), VD_FIELD_READ);
	assert_string_equal(d->readings[0].zone, "12");
	assert_int_equal(read_as(t, "", "", "junk", "{\"a\":[1]}"), VD_FIELD_IGNORED);
	vd_tables_free(t);
}

/* Rule 3: never off. */
static void unknown_is_not_off(void **state)
{
	(void)state;
	static const char *const words[] = {
		"null", "\"\"", "\"unknown\"", "\"unavailable\"", "\"Error\"", "\"None\""};
	struct vd_tables *t = from(HEAD "p,*,*,*,s,true,smoke,on,,,,\np,*,*,*,s,*,smoke,off,,,,\n");
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		assert_int_equal(read_as(t, "", "", "s", words[i]), VD_FIELD_IGNORED);
		assert_int_equal(d->n, 0);
	}
	vd_tables_free(t);
}

static void weak_rows_give_way(void **state)
{
	(void)state;
	struct vd_tables *t = from(HEAD "p,*,*,*,lux,num,measure.illuminance,,lx,1,,\n"
					"p,*,*,*,raw,num,measure.illuminance,,lx,1,,weak\n");
	assert_int_equal(read_as(t, "", "", "raw", "7"), VD_FIELD_READ);
	vd_table_settle(d);
	assert_int_equal(d->n, 1); /* alone it counts */
	assert_int_equal(read_as(t, "", "", "raw", "1500"), VD_FIELD_READ);
	struct vd_field_of who = {.platform = VD_SPAN_LIT("p"), .identity = VD_SPAN_LIT("dev")};
	struct vd_json_val lux = {.type = VD_JSON_NUMBER, .raw = VD_SPAN_LIT("15"), .num = 15};
	assert_int_equal(vd_table_read(t, &who, VD_SPAN_LIT("lux"), &lux, d), VD_FIELD_READ);
	vd_table_settle(d);
	assert_int_equal(d->n, 1);
	assert_true(d->readings[0].value == 15);
	vd_tables_free(t);
}

static void one_word_may_tell_two_things(void **state)
{
	(void)state;
	struct vd_tables *t =
		from(HEAD "p,*,*,*,s,up|bed,fall,none,,,,also\n"
			  "p,*,*,*,s,bed,bed,in,,,,\np,*,*,*,s,down,fall,confirmed,,,,\n");
	assert_int_equal(read_as(t, "", "", "s", "\"bed\""), VD_FIELD_READ);
	assert_int_equal(d->n, 2);
	assert_string_equal(d->readings[0].state, "none");
	assert_string_equal(d->readings[1].state, "in");
	assert_int_equal(read_as(t, "", "", "s", "\"up\""), VD_FIELD_READ);
	assert_int_equal(d->n, 1); /* nothing after it fits: read all the same */
	assert_int_equal(read_as(t, "", "", "s", "\"down\""), VD_FIELD_READ);
	assert_int_equal(d->n, 1);
	vd_tables_free(t);
}

static void a_row_may_name_a_word_that_is_unknown_elsewhere(void **state)
{
	(void)state;
	struct vd_tables *t = from(HEAD "p,*,*,*,b,none,bed,out,,,,\np,*,*,*,b,*,bed,in,,,,\n");
	assert_int_equal(read_as(t, "", "", "b", "\"none\""), VD_FIELD_READ);
	assert_string_equal(d->readings[0].state, "out");
	assert_int_equal(read_as(t, "", "", "b", "\"unknown\""), VD_FIELD_IGNORED);
	vd_tables_free(t);
}

/* In one message, whatever the order; happenings and other zones stand for themselves. */
static void what_is_active_stands(void **state)
{
	(void)state;
	struct vd_tables *t =
		from(HEAD "p,*,*,*,s,true,smoke,on,,,,\np,*,*,*,s,false,smoke,off,,,,\n"
			  "p,*,*,*,z,false,smoke,off,,,loft,\n"
			  "p,*,*,*,e,false,smoke,off,,,,edge\n");
	static const char *const keys[][3] = {{"s", "true", "on"},
					      {"s", "false", NULL},
					      {"z", "false", "off"},
					      {"e", "false", "off"}};
	struct vd_field_of who = {.platform = VD_SPAN_LIT("p"), .identity = VD_SPAN_LIT("dev")};
	for (size_t turn = 0; turn < 2; turn++) {
		d->n = 0;
		for (size_t i = 0; i < 4; i++) {
			size_t k = turn ? 3 - i : i;
			struct vd_json_val v = {.type = keys[k][1][0] == 't' ? VD_JSON_TRUE
									     : VD_JSON_FALSE,
						.raw = vd_span_cstr(keys[k][1])};
			assert_int_equal(vd_table_read(t, &who, vd_span_cstr(keys[k][0]), &v, d),
					 VD_FIELD_READ);
		}
		vd_table_settle(d);
		assert_int_equal(d->n, 3); /* smoke off beside smoke on is gone */
		for (size_t i = 0; i < d->n; i++)
			assert_true(strcmp(d->readings[i].state, "on") == 0 ||
				    d->readings[i].zone[0] || d->readings[i].flags & VD_F_EDGE);
	}
	vd_tables_free(t);
}

static void a_kind_is_told_by_the_values_type(void **state)
{
	(void)state;
	struct vd_tables *t = from(HEAD "p,*,*,*,pressure,true,chair,in,,,,\n"
					"p,*,*,*,pressure,num,measure.pressure,,hPa,1,,\n");
	const struct vd_span p = VD_SPAN_LIT("p"), key = VD_SPAN_LIT("pressure");
	assert_string_equal(vd_table_kind(t, p, key, false), "chair");
	assert_string_equal(vd_table_kind(t, p, key, true), "measure.pressure");
	assert_null(vd_table_kind(t, VD_SPAN_LIT("q"), key, true));
	vd_tables_free(t);
}

static void an_integrators_rows_come_first(void **state)
{
	(void)state;
	char path[] = "/tmp/varde-table-XXXXXX";
	static const char mine[] = HEAD "zigbee2mqtt,*,WXKG11LM,*,action,single,sos,on,,,,edge\n";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, mine, sizeof(mine) - 1) == (ssize_t)sizeof(mine) - 1);
	close(fd);
	struct vd_tables *t = NULL;
	struct vd_errtext e = {0};
	assert_int_equal(vd_tables_load(path, &t, &e), 0);
	struct vd_field_of who = {.platform = VD_SPAN_LIT("zigbee2mqtt"),
				  .model = VD_SPAN_LIT("WXKG11LM")};
	d->n = 0;
	assert_int_equal(vd_table_word(t, &who, VD_SPAN_LIT("action"), VD_SPAN_LIT("single"), d),
			 VD_FIELD_READ);
	assert_int_equal(d->readings[0].kind, VD_KIND_SOS);
	who.model = VD_SPAN_LIT("another");
	d->n = 0;
	assert_int_equal(vd_table_word(t, &who, VD_SPAN_LIT("action"), VD_SPAN_LIT("single"), d),
			 VD_FIELD_UNKNOWN); /* and so a press like any other */
	vd_tables_free(t);
	unlink(path);
	t = NULL;
	assert_int_equal(vd_tables_load("/nowhere/mine.csv", &t, &e), VD_ENOTFOUND);
	assert_true(e.hint[0] && strstr(e.detail, "/nowhere/mine.csv") && !t);
}

static void loading_survives_every_allocation_failure(void **state)
{
	(void)state;
	int failed = 0;
	for (long n = 0; n < 5000; n += n < 60 ? 1 : 37) {
		struct vd_tables *t = NULL;
		vd_mem_fault(n, 1);
		int err = vd_tables_load(NULL, &t, NULL);
		long made = vd_mem_count();
		vd_mem_fault(-1, 0);
		if (err) {
			assert_int_equal(err, VD_ENOMEM);
			assert_null(t);
			failed++;
		}
		vd_tables_free(t);
		if (made <= n)
			break;
	}
	assert_true(failed > 20);
}

static int make(void **state)
{
	(void)state;
	d = vd_calloc(1, sizeof(*d));
	return d ? 0 : -1;
}

static int unmake(void **state)
{
	(void)state;
	vd_free(d);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_rows_are_named_with_their_line),
		cmocka_unit_test(the_first_row_that_fits_wins),
		cmocka_unit_test(types_are_looked_at_before_meaning),
		cmocka_unit_test(unknown_is_not_off),
		cmocka_unit_test(weak_rows_give_way),
		cmocka_unit_test(one_word_may_tell_two_things),
		cmocka_unit_test(a_row_may_name_a_word_that_is_unknown_elsewhere),
		cmocka_unit_test(what_is_active_stands),
		cmocka_unit_test(a_kind_is_told_by_the_values_type),
		cmocka_unit_test(an_integrators_rows_come_first),
		cmocka_unit_test(loading_survives_every_allocation_failure),
	};
	return cmocka_run_group_tests(tests, make, unmake);
}

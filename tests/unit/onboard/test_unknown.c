/* SPDX-License-Identifier: EUPL-1.2 */
/* What an installer is told of a device nobody understands all of, and of a button nobody has said
 * is an alarm: in the three languages, with the rows and the command that would cure it. */
#include "onb.h"
#include <stdlib.h>
#include <string.h>

#define A   "0x00158d0000000001"
#define B   "0x00158d0000000002"
#define ADD "device add --gateway lom-01 --family zigbee2mqtt --identity "

static int setup(void **state)
{
	struct onb *o = calloc(1, sizeof(*o));
	onb_open(o);
	*state = o;
	return 0;
}

static int teardown(void **state)
{
	onb_close(*state);
	free(*state);
	return 0;
}

static void says(const char *text, const char *want)
{
	if (!text || !strstr(text, want))
		fail_msg("«%s» is not in: %s", want, text ? text : "(nothing)");
}

static void does(struct onb *o, const char *sql)
{
	struct vd_db *db;
	struct vd_errtext e = {0};
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	if (vd_db_exec(db, sql, &e))
		fail_msg("%s: %s", sql, e.detail);
	vd_db_close(db);
}

/* As the store counts them: Oslo days 20781 and 20783 are 24 and 26 November 2026. */
static void count(struct onb *o, const char *identity, int day, const char *name, int n)
{
	char sql[400];
	snprintf(sql, sizeof(sql),
		 "INSERT INTO device_count SELECT id, %d, '%s', 3434, %d FROM device WHERE "
		 "identity='%s'",
		 day, name, n, identity);
	does(o, sql);
}

static void unknown_fields(struct onb *o)
{
	onb_ok(o, ADD A " --serial A12-0001 --vendor Eksempel --model X1");
	count(o, A, 20781, "unknown:person_near=bool", 4);
	count(o, A, 20783, "unknown:person_near=bool", 3);
	count(o, A, 20783, "unknown:sound_level=number", 2);
	count(o, A, 20783, "unknown:mode=x=text", 1);
	count(o, A, 20783, "unknown:zones=list", 1);
	count(o, A, 20783, "unknown:old_count", 1);
	count(o, A, 20783, "unknown:=", 5);
	count(o, A, 20783, "too_many_fields", 9);
}

static void a_device_tells_what_nobody_understood(void **state)
{
	struct onb *o = *state;
	unknown_fields(o);
	onb_ok(o, "device list");
	says(o->out, "Ukjente felt");
	says(o->err, "varde device show NUMMER");
	onb_ok(o, "device show A12-0001");
	says(o->out, "Ukjente felt:     6\n");
	says(o->out, "Felt ingen forstår:");
	says(o->out, "person_near");
	says(o->out, "true/false  7       24.11.2026  26.11.2026");
	says(o->out, "sound_level         tall        2 ");
	says(o->out, "(flere, uten navn)");
	says(o->out, "platform,vendor,model,firmware,key,value,kind,state,unit,scale,zone,flags\n");
	says(o->out, "zigbee2mqtt,Eksempel,X1,*,person_near,true,KIND,STATE,,,,\n");
	says(o->out, "zigbee2mqtt,Eksempel,X1,*,person_near,false,KIND,STATE,,,,\n");
	says(o->out, "zigbee2mqtt,Eksempel,X1,*,sound_level,num,KIND,,UNIT,1,,\n");
	says(o->out, "zigbee2mqtt,Eksempel,X1,*,mode=x,WORD,KIND,STATE,,,,\n");
	says(o->out, "zigbee2mqtt,Eksempel,X1,*,old_count,WORD,KIND,STATE,,,,\n");
	says(o->out, "varde decode --models FIL");
	says(o->err, "«zones» kan ikke leses med en rad");
	assert_null(strstr(o->out, "too_many_fields"));
	onb_ok(o, "device show A12-0001 --lang nn");
	says(o->out, "Gonger");
	says(o->out, "tyder utan interesse");
	onb_ok(o, "device show A12-0001 --lang en");
	says(o->out, "Fields nobody understands:");
	says(o->out, "No table says what these fields mean");
}

static void and_tells_it_to_machines(void **state)
{
	struct onb *o = *state;
	unknown_fields(o);
	onb_ok(o, "device show A12-0001 --json");
	json_t *doc = json_loads(o->out, 0, NULL), *all = json_object_get(doc, "unknown");
	assert_int_equal(json_integer_value(json_object_get(doc, "unknown_fields")), 6);
	assert_int_equal(json_array_size(all), 6);
	json_t *first = json_array_get(all, 0), *rows = json_object_get(first, "rows");
	assert_string_equal(json_string_value(json_object_get(first, "key")), "person_near");
	assert_string_equal(json_string_value(json_object_get(first, "type")), "bool");
	assert_int_equal(json_integer_value(json_object_get(first, "times")), 7);
	assert_string_equal(json_string_value(json_object_get(first, "first_day")), "2026-11-24");
	assert_string_equal(json_string_value(json_object_get(first, "last_day")), "2026-11-26");
	assert_int_equal(json_array_size(rows), 2);
	assert_string_equal(json_string_value(json_array_get(rows, 0)),
			    "zigbee2mqtt,Eksempel,X1,*,person_near,true,KIND,STATE,,,,");
	json_decref(doc);
}

/* A family without a table, a name a table cannot hold, and one that was cut. */
static void no_row_is_offered_that_would_not_work(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --vendor Eksempel,_AS --model X1");
	count(o, A, 20783, "unknown:a,b=bool", 1);
	count(o, A, 20783, "unknown:ok=bool", 1);
	count(o, A, 20783, "unknown:(payload not decoded)=", 1);
	count(o, A, 20783, "unknown:a_name_of_forty_seven_bytes_that_had_to_be_cut_=bool", 1);
	onb_ok(o, "device show " A);
	says(o->out, "zigbee2mqtt,*,X1,*,ok,true,KIND,STATE,,,,\n");
	assert_null(strstr(o->out, "a,b,true"));
	assert_null(strstr(o->out, "cut_,true"));
	says(o->err, "«(payload not decoded)»");
	onb_ok(o, "device add --gateway lesja-01 --family varde --identity seng");
	count(o, "seng", 20783, "unknown:ok=bool", 1);
	onb_ok(o, "device show seng");
	says(o->err, "«ok» kan ikke leses med en rad");
	assert_null(strstr(o->out, "KIND"));
}

static void a_button_that_calls_nobody(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001");
	does(o, "UPDATE device SET features='button device.battery'");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Bad --purpose sos");
	says(o->err, "ikke merket som alarmknapp: et vanlig trykk på den varsler ingen");
	says(o->err, "--recipient 1 --room \"Bad\" --purpose sos --alarm-button");
	onb_ok(o, "device list");
	says(o->out, "nei, trykk varsler ingen");
	onb_ok(o, "device show A12-0001 --lang en");
	says(o->out, "no, a press calls nobody");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Bad --purpose sos --alarm-button");
	assert_null(strstr(o->err, "alarmknapp"));
	onb_ok(o, "device list");
	assert_null(strstr(o->out, "varsler ingen"));
}

/* A button in place of what called by itself takes its place over, and calls nobody. */
static void a_button_swapped_in(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001");
	onb_ok(o, ADD B " --serial A12-0002");
	does(o, "UPDATE device SET features='sos' WHERE serial='A12-0001'; UPDATE device SET "
		"features='button' WHERE serial='A12-0002'");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Bad --purpose sos");
	onb_ok(o, "device swap A12-0001 A12-0002");
	says(o->err, "--recipient 1 --room \"Bad\" --purpose sos --alarm-button");
	onb_ok(o, "device place A12-0002 --recipient 1 --room Bad --purpose sos --alarm-button");
	onb_ok(o, "device swap A12-0002 A12-0001");
	assert_null(strstr(o->err, "alarmknapp"));
}

/* What calls by itself needs no mark; neither does what cannot be pressed. */
static void no_hint_where_none_is_due(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001");
	does(o, "UPDATE device SET features='sos button device.battery'");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Bad --purpose sos");
	assert_null(strstr(o->err, "alarmknapp"));
	onb_ok(o, ADD B " --serial A12-0002");
	does(o, "UPDATE device SET features='door device.battery' WHERE serial='A12-0002'");
	onb_ok(o, "device place A12-0002 --recipient 1 --room Gang --purpose door");
	assert_null(strstr(o->err, "alarmknapp"));
	onb_ok(o, ADD "0x00158d0000000003 --recipient 1 --room Bad --purpose sos --lang nn");
	says(o->err, "ikkje merkt som alarmknapp"); /* nobody knows yet what it can report */
}

static void import(struct onb *o, const char *more)
{
	char command[200];
	snprintf(command, sizeof(command), "device import %s %s", o->file, more);
	onb_ok(o, command);
}

static void a_file_without_the_column(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001");
	onb_ok(o, ADD B " --serial A12-0002");
	does(o, "UPDATE device SET features='button device.battery'");
	onb_write_file(o, "gateway;familie;identitet;serienummer;mottaker;rom;formål\n"
			  "lom-01;zigbee2mqtt;" A ";A12-0001;1;Bad;annet\n"
			  "lom-01;zigbee2mqtt;" B ";A12-0002;;;\n");
	import(o, "");
	says(o->err, "varsler ingen: 1 (A12-0001)");
	says(o->err, "«alarmknapp»");
	import(o, "--json");
	says(o->out, "\"unmarked_buttons\":1");
	onb_write_file(o, "gateway;familie;identitet;serienummer;mottaker;rom;formål;alarmknapp\n"
			  "lom-01;zigbee2mqtt;" A ";A12-0001;1;Bad;annet;ja\n");
	import(o, "");
	assert_null(strstr(o->err, "varsler ingen"));
	assert_int_equal(onb_number(o, "SELECT alarm_button FROM device WHERE serial='A12-0001'"),
			 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_device_tells_what_nobody_understood),
		T(and_tells_it_to_machines),
		T(no_row_is_offered_that_would_not_work),
		T(a_button_that_calls_nobody),
		T(a_button_swapped_in),
		T(no_hint_where_none_is_due),
		T(a_file_without_the_column),
	};
	return cmocka_run_group_tests_name("unknown", tests, NULL, NULL);
}

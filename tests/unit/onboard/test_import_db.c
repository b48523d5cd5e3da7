/* SPDX-License-Identifier: EUPL-1.2 */
/* varde device import on a real SQLite file: twice changes nothing, a dry run changes nothing and
 * tells the truth, a bad row harms no other, a cut-short run is finished by the next. */
#include "onb.h"
#include "store/apply.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD "gateway;familie;identitet;serienummer;navn;mottaker;rom;formål;alarmknapp\r\n"

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
	if (!strstr(text, want))
		fail_msg("«%s» is not in: %s", want, text);
}

static int import(struct onb *o, const char *more)
{
	char command[300];
	snprintf(command, sizeof(command), "device import %s %s", o->file, more);
	return onb_run(o, command);
}

/* 50 devices, the first ten placed with recipient 1. */
static void write_fifty(struct onb *o)
{
	char text[8192];
	size_t n = (size_t)snprintf(text, sizeof(text), "\xef\xbb\xbf" HEAD);
	for (int i = 1; i <= 50; i++) {
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      "lom-01;zigbee2mqtt;00158D00000000%02X;A12-%04d;Enhet %d;", i,
				      i, i);
		n += (size_t)snprintf(text + n, sizeof(text) - n,
				      i <= 10 ? "1;Rom %d;dør;nei\r\n" : ";;;\r\n", i);
	}
	onb_write_file(o, text);
}

static void twice_changes_nothing(void **state)
{
	struct onb *o = *state;
	write_fifty(o);
	assert_int_equal(import(o, ""), 0);
	says(o->out, "Rad 2: ny: 0x00158d0000000001 på lom-01, hos mottaker 1\n");
	says(o->out, "Rad 51: ny: 0x00158d0000000032 på lom-01\n");
	says(o->out, "\n50 rader lest: 50 nye, 0 uendret.\n");
	assert_int_equal(onb_device_count(o), 50);
	assert_int_equal(onb_number(o, "SELECT count(*) FROM placement"), 10);
	char *before = onb_dump(o);
	o->now_ms += 60000;
	assert_int_equal(import(o, ""), 0);
	assert_string_equal(o->out, "50 rader lest: 0 nye, 50 uendret.\n");
	assert_string_equal(o->err, "");
	assert_int_equal(import(o, "--lang nn"), 0);
	assert_string_equal(o->out, "50 rader lesne: 0 nye, 50 uendra.\n");
	assert_int_equal(import(o, "--lang en"), 0);
	assert_string_equal(o->out, "50 rows read: 0 new, 50 unchanged.\n");
	char *after = onb_dump(o);
	assert_string_equal(after, before);
	free(before);
	free(after);
}

/* As the hub does when a gateway announces its devices. */
static void announce(struct onb *o, const char *identity, const char *name, const char *model)
{
	struct vd_db *db;
	struct vd_apply *a;
	struct vd_op_heard op = {.muni = 3434, .gateway = 1, .device = 5, .at_ms = o->now_ms};
	int64_t seq;
	snprintf(op.family, sizeof(op.family), "zigbee2mqtt");
	snprintf(op.identity, sizeof(op.identity), "%s", identity);
	snprintf(op.name, sizeof(op.name), "%s", name);
	snprintf(op.model, sizeof(op.model), "%s", model);
	struct vd_batch *b = vd_batch_new();
	assert_int_equal(vd_batch_heard(b, &op), 0);
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	assert_int_equal(vd_apply_open(db, NULL, o->dir, &a, NULL), 0);
	assert_int_equal(vd_db_begin(db, NULL), 0);
	vd_apply_begin(a);
	assert_int_equal(vd_apply_batch(a, b, &seq), 0);
	assert_int_equal(vd_apply_finish(a, false, o->now_ms), 0);
	assert_int_equal(vd_db_commit(db, NULL), 0);
	vd_apply_committed(a);
	vd_apply_close(a);
	vd_db_close(db);
	vd_batch_free(b);
}

static void announcements_do_not_undo_it(void **state)
{
	struct onb *o = *state;
	write_fifty(o);
	announce(o, "0x00158d0000000001", "0x00158d0000000001", "MCCGQ11LM"); /* heard first */
	assert_int_equal(import(o, ""), 0);
	says(o->out, "50 rader lest: 49 nye, 1 endret, 0 uendret.");
	announce(o, "0x00158d0000000001", "0x00158d0000000001", "MCCGQ11LM");
	announce(o, "0x00158d0000000002", "annet navn", "MCCGQ11LM");
	assert_int_equal(import(o, ""), 0);
	assert_string_equal(o->out, "50 rader lest: 0 nye, 50 uendret.\n");
	assert_string_equal(onb_value(o, "SELECT name||' '||model FROM device WHERE serial IN "
					 "('A12-0001','A12-0002') ORDER BY serial"),
			    "Enhet 1 MCCGQ11LM|Enhet 2 MCCGQ11LM");
}

static void a_dry_run_tells_and_changes_nothing(void **state)
{
	struct onb *o = *state;
	onb_ok(o, "device add --gateway lom-01 --family zigbee2mqtt --identity 0x00158d0000000001 "
		  "--serial A12-0001 --recipient 1 --room Gang --purpose sos");
	onb_write_file(o, HEAD "lom-01;zigbee2mqtt;0x00158d0000000001;A12-0001;Ny;;;;\r\n"
			       "lom-01;zigbee2mqtt;0x00158d0000000002;A12-0002;;2;Bad;sos;ja\r\n"
			       /* refused because of the row above, so the trial must remember it */
			       "lom-01;zigbee2mqtt;0x00158d0000000002;A12-0002;;1;Bad;sos;ja\r\n"
			       "lom-01;zigbee2mqtt;0x00158d0000000003;A12-0002;;;;;\r\n"
			       "ukjent;zigbee2mqtt;0x00158d0000000004;;;;;;\r\n");
	char *before = onb_dump(o);
	assert_int_equal(import(o, "--dry-run"), 1);
	char *after = onb_dump(o);
	assert_string_equal(after, before);
	char *dry_out = strdup(o->out), *dry_err = strdup(o->err);
	says(dry_out, "5 rader lest: 1 nye, 1 endret, 0 uendret, 3 avvist.\n"
		      "Prøvekjøring, ingenting er lagret.\n");
	*strstr(dry_out, "Prøve") = '\0';
	/* the real run says the same, word for word */
	assert_int_equal(import(o, ""), 1);
	assert_string_equal(o->out, dry_out);
	assert_string_equal(o->err, dry_err);
	says(o->err, "Rad 4: Enheten står hos en annen mottaker (siden 24.11.2026).");
	says(o->err,
	     "Rad 5: Serienummeret «A12-0002» tilhører allerede enheten «0x00158d0000000002».");
	says(o->err, "Rad 6: Gatewayen «ukjent» finnes ikke.");
	assert_int_equal(onb_device_count(o), 2);
	free(before);
	free(after);
	free(dry_out);
	free(dry_err);
}

static void replace(const char *text, const char *from, const char *to, char *dst, size_t cap)
{
	const char *at = strstr(text, from);
	assert_non_null(at);
	snprintf(dst, cap, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static void a_bad_row_harms_no_other(void **state)
{
	struct onb *o = *state;
	char failed[100], again[200];
	snprintf(failed, sizeof(failed), "%s/failed.csv", o->dir);
	onb_write_file(o, HEAD "lom-01;zigbee2mqtt;0x00158d0000000001;A12-0001;;;;;\r\n"
			       "lom-01;zigbee2mqtt;0x0015;A12-0002;;;;;\r\n"
			       /* the recipient lives in Lesja: neither placed nor added */
			       "lom-01;zigbee2mqtt;0x00158d0000000003;A12-0003;;3;Bad;sos;\r\n"
			       "lom-01;zigbee2mqtt;0x00158d0000000004;A12-0004;;;;;\r\n");
	snprintf(again, sizeof(again), "--failed %s", failed);
	assert_int_equal(import(o, again), 1);
	says(o->err, "Rad 3: identiteten «0x0015» har 6 tegn, skal ha 18.");
	says(o->err, "Rad 4: Enheten er registrert i en annen kommune.");
	says(o->err, "De avviste radene ligger i ");
	assert_string_equal(onb_value(o, "SELECT serial FROM device ORDER BY serial"),
			    "A12-0001|A12-0004");
	/* the file of refused rows, corrected, brings in the rest */
	char text[2000];
	FILE *f = fopen(failed, "r");
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	says(text, ";årsak\r\n");
	says(text, "0x0015;A12-0002;;;;;;identiteten «0x0015» har 6 tegn, skal ha 18.\r\n");
	assert_int_equal(access(failed, R_OK), 0);
	char fixed[2200], both[2400];
	replace(text, "0x0015;", "0x00158d0000000002;", fixed, sizeof(fixed));
	replace(fixed, ";3;Bad", ";2;Bad", both, sizeof(both));
	onb_write_file(o, both);
	assert_int_equal(import(o, ""), 0);
	says(o->out, "2 rader lest: 2 nye, 0 uendret.");
	assert_int_equal(onb_device_count(o), 4);
}

static void other_municipalities_are_refused(void **state)
{
	struct onb *o = *state;
	onb_write_file(o, HEAD "lesja-01;zigbee2mqtt;0x00158d0000000001;;;;;;\r\n");
	assert_int_equal(import(o, "--municipality 3434 --lang nn"), 1);
	says(o->err,
	     "Rad 2: Eininga er registrert i ein annan kommune. Be dei frigi henne, eller ta "
	     "kontakt med Lesja kommune.");
	assert_int_equal(onb_device_count(o), 0);
}

static void files_that_cannot_be_read(void **state)
{
	struct onb *o = *state;
	assert_int_equal(onb_run(o, "device import /tmp/varde-no-such-file.csv"), 66);
	says(o->err, "Kan ikke åpne filen");
	onb_write_file(o, "hei og hå\n");
	assert_int_equal(import(o, ""), 65);
	says(o->err, "Filen har ingen overskriftsrad.");
	onb_write_file(o, HEAD);
	char same[140];
	snprintf(same, sizeof(same), "--failed %s", o->file);
	assert_int_equal(import(o, same), 64);
	says(o->err, "--failed må være en annen fil");
	assert_int_equal(import(o, "--failed /nowhere/x.csv"), 74);
	assert_int_equal(import(o, ""), 0);
	assert_string_equal(o->out, "0 rader lest: 0 nye, 0 uendret.\n");
	/* from standard input */
	o->in = "identity,pris\n0x00158d0000000009,120\n";
	assert_int_equal(onb_run(o, "device import - --gateway lom-01 --family zigbee2mqtt"), 0);
	says(o->err, "Kolonnen «pris» kjenner vi ikke; den er ikke brukt.");
	assert_int_equal(onb_device_count(o), 1);
}

static void a_failing_store_stops_it(void **state)
{
	struct onb *o = *state;
	struct vd_db *db;
	onb_write_file(o, HEAD "lom-01;zigbee2mqtt;0x00158d0000000001;;;;;;\r\n"
			       "lom-01;zigbee2mqtt;0x00158d0000000002;;;;;;\r\n");
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	assert_int_equal(vd_db_exec(db, "ALTER TABLE device_history RENAME TO gone", NULL), 0);
	assert_int_equal(import(o, ""), 74);
	says(o->err, "Kunne ikke bruke databasen.");
	says(o->err, "Stoppet ved rad 2. Les samme fil igjen");
	assert_int_equal(onb_device_count(o), 0); /* the row was undone whole */
	assert_int_equal(vd_db_exec(db, "ALTER TABLE gone RENAME TO device_history", NULL), 0);
	vd_db_close(db);
	assert_int_equal(import(o, ""), 0);
	assert_int_equal(onb_device_count(o), 2);
}

static void as_json(void **state)
{
	struct onb *o = *state;
	onb_write_file(o, HEAD "lom-01;zigbee2mqtt;0x00158d0000000001;A12-0001;;;;;\r\n"
			       "lom-01;zigbee2mqtt;0x0015;;;;;;\r\n");
	assert_int_equal(import(o, "--json --dry-run"), 1);
	json_t *doc = json_loads(o->out, 0, NULL);
	assert_non_null(doc);
	assert_int_equal(json_integer_value(json_object_get(doc, "rows")), 2);
	assert_int_equal(json_integer_value(json_object_get(doc, "new")), 1);
	assert_int_equal(json_integer_value(json_object_get(doc, "refused")), 1);
	assert_true(json_is_true(json_object_get(doc, "dry_run")));
	json_t *second = json_array_get(json_object_get(doc, "results"), 1);
	assert_string_equal(json_string_value(json_object_get(second, "outcome")), "refused");
	assert_string_equal(json_string_value(json_object_get(second, "reason")),
			    "identiteten «0x0015» har 6 tegn, skal ha 18.");
	json_decref(doc);
	assert_int_equal(onb_device_count(o), 0);
}

static void by_serial_alone(void **state)
{
	struct onb *o = *state;
	onb_ok(o, "device add --gateway lom-01 --family zigbee2mqtt --identity 0x00158d0000000001 "
		  "--serial A12-0001");
	onb_write_file(o, "gateway;familie;serienummer;mottaker;rom;formål\n"
			  "lom-01;zigbee2mqtt;A12-0001;1;Gang;fall\n"
			  "lom-01;zigbee2mqtt;A12-0002;1;Stue;fall\n");
	assert_int_equal(import(o, "--serial-length 8"), 1);
	says(o->out, "Rad 2: endret: A12-0001 på lom-01, hos mottaker 1");
	says(o->err,
	     "Rad 3: Identiteten mangler, og serienummeret «A12-0002» er ikke kjent fra før.");
	assert_string_equal(onb_value(o, "SELECT lifecycle||' '||placement FROM device"),
			    "in_use 1");
	assert_int_equal(import(o, "--serial-length 7"), 1);
	says(o->err, "Rad 2: serienummeret «A12-0001» har 8 tegn, skal ha 7.");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(twice_changes_nothing),
		T(announcements_do_not_undo_it),
		T(a_dry_run_tells_and_changes_nothing),
		T(a_bad_row_harms_no_other),
		T(other_municipalities_are_refused),
		T(files_that_cannot_be_read),
		T(a_failing_store_stops_it),
		T(as_json),
		T(by_serial_alone),
	};
	return cmocka_run_group_tests_name("import_db", tests, NULL, NULL);
}

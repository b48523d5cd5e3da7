/* SPDX-License-Identifier: EUPL-1.2 */
/* varde device on a real SQLite file: what each command changes, what it refuses and says, and what
 * it leaves behind in the history. */
#include "onb.h"
#include "base/clock.h"
#include <stdlib.h>
#include <string.h>

#define A       "0x00158d0000000001"
#define B       "0x00158d0000000002"
#define ADD     "device add --gateway lom-01 --family zigbee2mqtt --identity "
#define HIST    "SELECT what FROM device_history h JOIN device d ON d.id=h.device WHERE d.identity="
#define VERSION "SELECT value FROM meta WHERE name='directory_version'"

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

static void a_new_device(void **state)
{
	struct onb *o = *state;
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, ADD
	       "00:15:8D:00:00:00:00:01 --serial A12-0001 --vendor Aqara --model X1 --name Gang");
	says(o->out, A " på lom-01.");
	assert_string_equal(onb_value(o, "SELECT lifecycle FROM device"), "stock");
	assert_string_equal(onb_value(o, HIST "'" A "'"), "registered");
	assert_int_equal(onb_number(o, VERSION), version + 1);
	assert_string_equal(onb_value(o, "SELECT muni||vendor||model||name||serial FROM device"),
			    "3434AqaraX1GangA12-0001");
	/* the same again: nothing, not even the version */
	onb_ok(o, ADD A " --serial A12-0001");
	says(o->out, "er uendret");
	assert_int_equal(onb_number(o, VERSION), version + 1);
	assert_int_equal(onb_device_count(o), 1);
	/* what is told anew is brought up to date, and the history names fields, not values */
	onb_ok(o, ADD A " --name Bad --alarm-button --supervise 60");
	says(o->out, "er oppdatert");
	assert_string_equal(onb_value(o, HIST "'" A "'"), "registered|changed");
	says(onb_value(o, "SELECT note FROM device_history ORDER BY n DESC LIMIT 1"),
	     ": name settings");
	assert_string_equal(onb_value(o, "SELECT supervise_ms||' '||alarm_button FROM device"),
			    "3600000 1");
}

/* The hub makes its keys with the same function. */
static void its_key_is_the_hubs(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A);
	int64_t gateway = onb_number(o, "SELECT id FROM gateway WHERE user='lom-01'");
	assert_int_equal(onb_number(o, "SELECT id FROM device"),
			 vd_device_key(gateway, "zigbee2mqtt", vd_span_cstr(A)));
}

static void a_heard_device_is_taken_over(void **state)
{
	struct onb *o = *state;
	struct vd_db *db;
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	assert_int_equal(
		vd_db_exec(db,
			   "INSERT INTO device (id, gateway, muni, family, identity, model, "
			   "features, lifecycle, first_heard) VALUES (77, 1, 3434, "
			   "'zigbee2mqtt', '" A "', 'MCCGQ11LM', 'door device.tamper', "
			   "'heard', 1795000000000)",
			   NULL),
		0);
	vd_db_close(db);
	onb_ok(o, "device list --waiting");
	says(o->out, "MCCGQ11LM");
	says(o->out, "door device.tamper");
	says(o->err, "Disse har meldt seg");
	onb_ok(o, "device list");
	assert_string_equal(o->out, "Ingen.\n"); /* it is nobody's yet */
	onb_ok(o, ADD A);
	assert_int_equal(onb_number(o, "SELECT id FROM device"), 77);
	assert_string_equal(onb_value(o, "SELECT lifecycle||' '||model FROM device"),
			    "ready MCCGQ11LM");
	onb_ok(o, "device list --waiting");
	assert_string_equal(o->out, "Ingen.\n");
	assert_string_equal(onb_value(o, HIST "'" A "'"), "registered");
}

static void placing(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Gang --purpose dør --alarm-on-open "
		  "--night 22:00-07:00 --supervise 120");
	says(o->out, "står hos mottaker 1: Gang, door.");
	says(o->err, "Vi har ikke hørt fra enheten ennå.");
	assert_string_equal(onb_value(o,
				      "SELECT recipient||' '||muni||' '||room||' '||purpose||' '||"
				      "alarm_on_open||' '||night_from_min||' '||night_to_min "
				      "FROM placement"),
			    "1 3434 Gang door 1 1320 420");
	assert_string_equal(onb_value(o,
				      "SELECT lifecycle||' '||placement||' '||supervise_ms||' '||"
				      "test_until FROM device"),
			    "in_use 1 7200000 0");
	/* again: nothing; other hours: the rules of the same placement; other room: a new one */
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, "device place A12-0001 --recipient 1 --room Gang --purpose door");
	assert_int_equal(onb_number(o, VERSION), version);
	onb_ok(o, "device place A12-0001 --recipient 1 --room Gang --purpose door --night 23-6");
	assert_string_equal(
		onb_value(o, "SELECT night_from_min||' '||alarm_on_open FROM placement"), "1380 1");
	onb_ok(o,
	       "device place A12-0001 --recipient 1 --room Stue --purpose door --test-minutes 15");
	says(o->out, "er på prøve til 24.11.2026 12:15");
	assert_string_equal(onb_value(o, "SELECT id||':'||(ended_at!=0) FROM placement"),
			    "1:1|2:0");
	assert_string_equal(onb_value(o, HIST "'" A "'"), "registered|placed|rules|moved|test");
}

#define ALSO "SELECT placement||':'||recipient FROM placement_recipient ORDER BY 1"

static void a_home_of_two(void **state)
{
	struct onb *o = *state;
	onb_ok(o, "staff recipient add --name Eli_Test --municipality 3434"); /* 4 */
	onb_ok(o, ADD A " --serial A12-0001");
	onb_ok(o, "device place A12-0001 --recipient 1 --also 2 --room Stue --purpose sos");
	says(o->out, "står hos mottaker 1, 2: Stue, sos.");
	assert_string_equal(onb_value(o, ALSO), "1:2");
	/* both are named, and a look at the list is a look at both */
	onb_ok(o, "device list");
	says(o->out, "1 Ola Test + 2 Kari Test");
	assert_string_equal(onb_value(o, "SELECT recipient FROM access_log WHERE "
					 "what='cli.device.list' ORDER BY recipient"),
			    "1|2");
	onb_ok(o, "device show A12-0001 --lang nn");
	says(o->out, "Bur der òg:");
	says(o->out, "2 Kari Test");
	onb_ok(o, "device list --json");
	says(o->out, "\"residents\"");
	says(o->out, "Kari Test");
	onb_ok(o, "staff recipient list --json");
	/* the same again changes nothing; what is not told stays as it is */
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, "device place A12-0001 --recipient 1 --also 2 --room Stue --purpose sos");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Stue --purpose sos");
	assert_int_equal(onb_number(o, VERSION), version);
	/* more, moved along, and fewer; the first is not told twice */
	onb_ok(o, "device place A12-0001 --recipient 1 --also 4,2,1 --room Stue --purpose sos");
	assert_string_equal(onb_value(o, ALSO), "1:2|1:4");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Gang --purpose sos");
	assert_string_equal(onb_value(o, ALSO), "1:2|1:4|2:2|2:4");
	onb_ok(o, "device place A12-0001 --recipient 1 --also 4 --room Gang --purpose sos");
	onb_ok(o, "device place A12-0001 --recipient 1 --also - --room Gang --purpose sos");
	assert_string_equal(onb_value(o, ALSO), "1:2|1:4");
	says(onb_value(o, HIST "'" A "'"), "registered|placed|rules|moved|rules|rules");
}

static void a_home_of_two_that_cannot_be(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001");
	char *before = onb_dump(o);
	static const struct {
		const char *also;
		int exit;
		const char *text;
	} c[] = {{"3", 1, "Enheten er registrert"}, /* lives in another municipality */
		 {"9", 1, "Mottaker 9 finnes ikke"},
		 {"2,9", 1, "Mottaker 9 finnes ikke"},
		 {"x", 64, "«x» passer ikke for --also. Skriv 13,14."},
		 {"0", 64, "passer ikke for --also"},
		 {"2,3,4,5,6", 64, "passer ikke for --also"},
		 {",", 64, "passer ikke for --also"}};
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		char command[160];
		snprintf(command, sizeof(command),
			 "device place A12-0001 --recipient 1 --also %s --room Stue --purpose sos",
			 c[i].also);
		int exit = onb_run(o, command);
		if (!strstr(o->err, c[i].text) || !exit)
			fail_msg("%s: %d %s", c[i].also, exit, o->err);
	}
	assert_int_equal(onb_run(o, ADD B " --also 2"), 64);
	says(o->err, "--recipient mangler.");
	char *after = onb_dump(o);
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void refusals(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001 --recipient 1 --room Gang --purpose sos");
	onb_ok(o, ADD B " --serial A12-0002");
	char *before = onb_dump(o);
	static const struct {
		const char *command;
		int exit;
		const char *text;
	} c[] = {
		{"device place A12-0001 --recipient 2 --room Bad --purpose sos", 1,
		 "Enheten står hos en annen mottaker (siden 24.11.2026). Velg «Bytt» eller "
		 "«Returner» "
		 "først."},
		{"device place A12-0001 --recipient 2 --room Bad --purpose sos --lang nn", 1,
		 "Eininga står hos ein annan mottakar (sidan 24.11.2026). Vel «Byt» eller "
		 "«Returner» "
		 "først."},
		{"device place A12-0002 --recipient 3 --room Bad --purpose sos", 77,
		 "Enheten er registrert i en annen kommune. Be dem frigi den, eller ta kontakt med "
		 "Lom "
		 "kommune."},
		{"device place A12-0002 --recipient 3 --room Bad --purpose sos --lang nn", 77,
		 "Eininga er registrert i ein annan kommune. Be dei frigi henne, eller ta kontakt "
		 "med "
		 "Lom kommune."},
		{"device place A12-0002 --recipient 9 --room Bad --purpose sos", 1,
		 "Mottaker 9 finnes ikke i kommunen."},
		{"device place nokon --recipient 1 --room Bad --purpose sos", 1,
		 "Vi kjenner ikke koden. Sjekk at du skanner merkelappen fra kommunen, ikke den "
		 "fra "
		 "fabrikken."},
		{"device place nokon --recipient 1 --room Bad --purpose sos --lang nn", 1,
		 "Vi kjenner ikkje koden. Sjekk at du skannar merkelappen frå kommunen, ikkje den "
		 "frå "
		 "fabrikken."},
		{"device swap A12-0001 A12-0001", 1, "Gammel og ny enhet er den samme."},
		{"device swap A12-0002 A12-0001", 1, "står ikke hos noen"},
		{"device add --gateway ukjent --family varde --identity x", 1,
		 "Gatewayen «ukjent» finnes ikke."},
		{"device add --gateway lom-01 --family tuya --identity x", 64,
		 "«tuya» passer ikke for --family. Skriv chirpstack, varde, zigbee2mqtt."},
		{"device add --gateway lom-01 --family chirpstack --identity 12", 64,
		 "«12» passer ikke for --identity."},
		{ADD "0x00158d0000000003 --serial A12-0001", 1,
		 "Serienummeret «A12-0001» tilhører allerede enheten «" A "»."},
		{"device add --gateway lesja-01 --family zigbee2mqtt --identity 0x00158d0000000003 "
		 "--serial A12-0001",
		 77, "Enheten er registrert i en annen kommune."},
		/* a technician of Lesja sees nothing of Lom's */
		{"device place A12-0002 --municipality 3432 --recipient 3 --room Bad --purpose sos",
		 77, "Enheten er registrert i en annen kommune."},
		{"device return A12-0001 --municipality 3432", 77,
		 "Enheten er registrert i en annen kommune."},
		{ADD "0x00158d0000000003 --municipality 3432", 77,
		 "Enheten er registrert i en annen kommune."},
		{"device add --gateway lesja-01 --municipality 3432 --family varde --identity x "
		 "--recipient 1 --room Bad --purpose sos",
		 1, "Mottaker 1 finnes ikke i kommunen."},
		{"device list --staff ukjent", 1, "Brukeren «ukjent» finnes ikke."},
		{"device add --gateway lom-01 --family varde --identity x --room Bad", 64,
		 "--recipient mangler."},
		{"device place A12-0002", 64, "--recipient mangler."},
		{"device test A12-0002 --minutes 9999", 64, "«9999» passer ikke for --minutes."},
		{"device list --frukt", 64, "Ukjent valg «--frukt»."},
		{"device frukt", 64, "Ukjent kommando «frukt»."},
		{"device list --db /tmp/varde-no-such-file.db", 66, "Finner ikke databasen"},
	};
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		assert_int_equal(onb_run(o, c[i].command), c[i].exit);
		says(o->err, c[i].text);
		assert_string_equal(o->out, "");
	}
	char *after = onb_dump(o);
	assert_string_equal(after, before);
	free(before);
	free(after);
}

static void swapping_keeps_the_placement(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001 --recipient 1 --room Gang --purpose sos --alarm-button "
			"--supervise 60");
	onb_ok(o, ADD B " --serial A12-0002");
	char place[400];
	snprintf(place, sizeof(place), "%s",
		 onb_value(o, "SELECT id||room||purpose||recipient||"
			      "ended_at FROM placement"));
	o->now_ms += VD_DAY_MS;
	onb_ok(o, "device swap A12-0001 A12-0002");
	says(o->out, "Ut   ");
	says(o->out, "A12-0001");
	says(o->out, "Inn  ");
	says(o->out, "A12-0002 har overtatt plasseringen");
	assert_string_equal(onb_value(o, "SELECT id||room||purpose||recipient||ended_at FROM "
					 "placement"),
			    place);
	assert_string_equal(onb_value(o,
				      "SELECT lifecycle||' '||placement||' '||alarm_button||' '||"
				      "supervise_ms FROM device ORDER BY serial"),
			    "out_of_service 0 0 0|in_use 1 1 3600000");
	/* both histories name the placement and the other device */
	assert_int_equal(onb_number(o, "SELECT count(*) FROM device_history h JOIN device d ON "
				       "d.id=h.other_device WHERE (h.what='swapped_out' AND "
				       "d.serial='A12-0002') OR (h.what='swapped_in' AND "
				       "d.serial='A12-0001') AND h.placement=1"),
			 2);
	/* the one that stands there now is in use since the swap */
	assert_int_equal(onb_run(o, "device place A12-0002 --recipient 2 --room Bad --purpose sos"),
			 1);
	says(o->err, "siden 25.11.2026");
	onb_ok(o, "device show A12-0002");
	says(o->out, "byttet inn ↔ A12-0001");
}

static void return_prints_a_receipt(void **state)
{
	struct onb *o = *state;
	o->in = "et langt passord 1\n";
	onb_ok(o, "staff add --user tone --name Tone_T --municipality 3434 --roles technician "
		  "--password-file -");
	onb_ok(o,
	       ADD A " --serial A12-0001 --name Olas_dør --recipient 1 --room Gang --purpose sos "
		     "--alarm-button --test-minutes 15");
	onb_ok(o, "device return A12-0001 --staff tone");
	assert_string_equal(o->out,
			    "KVITTERING FOR RETUR\n"
			    "Enhet:        890693229808330\n"
			    "Serienummer:  A12-0001\n"
			    "Identitet:    " A "\n"
			    "Kommune:      3434 Lom\n"
			    "Returnert:    24.11.2026 12:00\n"
			    "Av:           tone\n"
			    "Koblingen til mottakeren er slettet. Hendelser følger plasseringen og "
			    "slettes etter kommunens frist.\n");
	assert_string_equal(onb_value(o,
				      "SELECT lifecycle||placement||alarm_button||test_until||name "
				      "FROM device"),
			    "returned000");
	assert_int_equal(onb_number(o, "SELECT ended_at FROM placement"), o->now_ms);
	assert_string_equal(onb_value(o, HIST "'" A "'"), "registered|placed|test|returned");
	assert_int_equal(onb_number(o, "SELECT staff FROM device_history WHERE what='returned'"),
			 1);
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, "device return A12-0001");
	says(o->out, "er returnert fra før.");
	assert_int_equal(onb_number(o, VERSION), version);
	/* added again it is the same record, free for another person */
	onb_ok(o, ADD A " --recipient 2 --room Bad --purpose sos");
	assert_int_equal(onb_device_count(o), 1);
	assert_string_equal(onb_value(o, "SELECT lifecycle||' '||placement FROM device"),
			    "in_use 2");
}

static void naming_a_device(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001");
	onb_ok(o, "device add --gateway lesja-01 --family varde --identity bed --serial 4711");
	onb_ok(o, "device add --gateway lom-01 --family varde --identity 4711 --vendor Annen");
	char id[64];
	snprintf(id, sizeof(id), "device show %s",
		 onb_value(o, "SELECT id FROM device WHERE serial='A12-0001'"));
	static const char *const names[] = {
		"device show A12-0001",
		"device show " A,
		"device show 00-15-8D-00-00-00-00-01",
		"device show a12-0001",
		"device show serial:A12-0001",
		"device show identity:" A,
	};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		onb_ok(o, names[i]);
		says(o->out, A);
	}
	onb_ok(o, id);
	says(o->out, A);
	/* two fit: both are listed, none is chosen */
	assert_int_equal(onb_run(o, "device show 4711"), 1);
	says(o->err, "passer på flere enheter");
	says(o->err, "lesja-01");
	says(o->err, "lom-01");
	says(o->err, "id:");
	onb_ok(o, "device show serial:4711");
	says(o->out, "lesja-01");
	/* within one municipality there is only one */
	onb_ok(o, "device show 4711 --municipality 3434");
	says(o->out, "lom-01");
	assert_int_equal(onb_run(o, "device show A12-0001 --municipality 3432"), 77);
	says(o->err, "ta kontakt med Lom kommune.");
	assert_int_equal(onb_run(o, "device show --"), 64);
}

static void test_mode(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001 --recipient 1 --room Gang --purpose sos");
	onb_ok(o, "device test A12-0001");
	assert_int_equal(onb_number(o, "SELECT test_until FROM device"), o->now_ms + 15 * 60000);
	onb_ok(o, "device list");
	says(o->out, "på prøve");
	o->now_ms += 16 * 60000; /* it ends by itself */
	onb_ok(o, "device list");
	assert_null(strstr(o->out, "på prøve"));
	onb_ok(o, "device test A12-0001 --minutes 30");
	onb_ok(o, "device test A12-0001 --minutes 0");
	says(o->out, "er ikke på prøve");
	assert_int_equal(onb_number(o, "SELECT test_until FROM device"), 0);
}

/* What the hub makes of it is tests/e2e/command's; here what is refused before it is asked. */
static void commands(void **state)
{
	struct onb *o = *state;
	onb_ok(o, ADD A " --serial A12-0001 --recipient 1 --room Gang --purpose sos");
	assert_int_equal(onb_run(o, "device command A12-0001 unlock"), 1);
	says(o->err, "i konsollen, med navn og grunn");
	assert_int_equal(onb_run(o, "device command A12-0001 lock --lang nn"), 1);
	assert_int_equal(onb_run(o, "device command A12-0001 dance"), 64);
	says(o->err, "confirm, cancel, locate, ring, interval");
	assert_int_equal(onb_run(o, "device command A12-0001 interval"), 64);
	assert_int_equal(onb_run(o, "device command A12-0001 interval --minutes 1441"), 64);
	assert_int_equal(onb_run(o, "device command A12-0001 ring --minutes 5"), 64);
	assert_int_equal(onb_run(o, "device command A12-0001 ring --wait 0"), 64);
	assert_int_not_equal(onb_run(o, "device command finnes-ikke ring"), 0);
	assert_int_equal(onb_number(o, "SELECT count(*) FROM command"), 0);
}

/* How it is watched is what the hub has learned, until a person says otherwise. */
static void how_it_is_watched(void **state)
{
	struct onb *o = *state;
	struct vd_db *db;
	onb_ok(o, ADD A " --serial A12-0001 --recipient 1 --room Gang --purpose door");
	onb_ok(o, "device show A12-0001");
	assert_null(strstr(o->out, "Savnes etter"));
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	assert_int_equal(
		vd_db_exec(db,
			   "INSERT INTO device_watch SELECT id, 0, 'sensor', 'learned', 9900000, "
			   "3300000, 0, 0, 1795518000000-86400000, 0, 0, '', '' FROM device; "
			   "INSERT INTO device_seen SELECT id, 1795518000000-10800000, 87, 120 "
			   "FROM device",
			   NULL),
		0);
	vd_db_close(db);
	onb_ok(o, "device show A12-0001");
	says(o->out, "Høres hver:");
	says(o->out, "55 min");
	says(o->out, "3 t (lært av enhetens egen rytme)");
	says(o->out, "Sist prøvd:");
	/* three hours: silent by its own rhythm, though not by the day */
	onb_ok(o, "device list --silent --json");
	json_t *doc = json_loads(o->out, 0, NULL);
	json_t *d = json_array_get(json_object_get(doc, "devices"), 0);
	assert_int_equal(json_integer_value(json_object_get(d, "heard_every_s")), 3300);
	assert_int_equal(json_integer_value(json_object_get(d, "silent_after_s")), 9900);
	assert_string_equal(json_string_value(json_object_get(d, "limit_from")), "learned");
	json_decref(doc);
	onb_ok(o, "device list");
	says(o->out, "55 min");
	onb_ok(o, "device place A12-0001 --recipient 1 --room Gang --purpose door --supervise 300");
	onb_ok(o, "device show A12-0001 --lang nn");
	says(o->out, "5 t (bestemt av montøren)");
	onb_ok(o, "device list --silent --json");
	says(o->out, "\"devices\":[]");
}

static void lists(void **state)
{
	struct onb *o = *state;
	struct vd_db *db;
	onb_ok(o, ADD A " --serial A12-0001 --recipient 1 --room Gang --purpose door");
	onb_ok(o, ADD B " --serial A12-0002 --recipient 1 --room Bad --purpose sos");
	onb_ok(o,
	       "device add --gateway lesja-01 --family varde --identity bed --recipient 3 --room "
	       "Soverom --purpose bed");
	onb_ok(o, "device add --gateway lom-01 --family varde --identity lager");
	assert_int_equal(onb_number(o, "SELECT count(*) FROM access_log"), 0);
	onb_ok(o, "device list");
	says(o->out, "1 Ola Test");
	says(o->out, "3 Per Test");
	assert_string_equal(onb_value(o, "SELECT muni||' '||recipient||' '||what||' '||staff FROM "
					 "access_log ORDER BY recipient"),
			    "3434 1 cli.device.list 0|3432 3 cli.device.list 0");
	onb_ok(o, "device list --municipality 3432");
	assert_null(strstr(o->out, "Ola"));
	assert_int_equal(onb_number(o, "SELECT count(*) FROM access_log WHERE recipient=1"), 1);
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	assert_int_equal(
		vd_db_exec(db,
			   "INSERT INTO device_seen SELECT id, 1795518000000-60000, 87, 120 "
			   "FROM device WHERE serial='A12-0001'; INSERT INTO device_count "
			   "SELECT id, 20000, 'unknown_key', 3434, 4 FROM device WHERE "
			   "serial='A12-0001'",
			   NULL),
		0);
	vd_db_close(db);
	onb_ok(o, "device list --silent --json");
	json_t *doc = json_loads(o->out, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(doc, "devices")), 2); /* B and the bed */
	json_decref(doc);
	onb_ok(o, "device list --all --json --municipality 3434");
	doc = json_loads(o->out, 0, NULL);
	json_t *d = json_array_get(json_object_get(doc, "devices"), 0);
	assert_string_equal(json_string_value(json_object_get(d, "identity")), A);
	assert_string_equal(json_string_value(json_object_get(d, "last_heard")),
			    "2026-11-24T10:59:00.000Z");
	assert_int_equal(json_integer_value(json_object_get(d, "unknown_keys")), 4);
	assert_true(json_number_value(json_object_get(d, "battery")) == 87);
	assert_false(json_is_true(json_object_get(d, "silent")));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(d, "recipient"), "name")),
		"Ola Test");
	assert_string_equal(json_string_value(json_object_get(json_object_get(d, "place"), "room")),
			    "Gang");
	json_decref(doc);
	onb_ok(o, "device show A12-0001 --json");
	doc = json_loads(o->out, 0, NULL);
	assert_int_equal(json_array_size(json_object_get(doc, "history")), 2);
	json_decref(doc);
	assert_int_equal(
		onb_number(o, "SELECT count(*) FROM access_log WHERE what='cli.device.show' AND "
			      "recipient=1"),
		1);
	/* a device on the shelf that has spoken is ready; a state tells as well as a heartbeat */
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	assert_int_equal(
		vd_db_exec(db,
			   "INSERT INTO device_state SELECT id, gateway, 'door', '', 'open', "
			   "NULL, 1795518000000-5000, 0 FROM device WHERE identity='lager'",
			   NULL),
		0);
	vd_db_close(db);
	onb_ok(o, "device list --json");
	says(o->out, "\"lifecycle\":\"ready\"");
	says(o->out, "\"last_heard\":\"2026-11-24T10:59:55.000Z\"");
	/* the shelf has no person: nothing to log */
	int64_t looks = onb_number(o, "SELECT count(*) FROM access_log");
	onb_ok(o, "device show lager");
	assert_int_equal(onb_number(o, "SELECT count(*) FROM access_log"), looks);
}

static void names_cannot_drive_a_terminal(void **state)
{
	struct onb *o = *state;
	struct vd_db *db;
	onb_ok(o, ADD A);
	assert_int_equal(vd_db_open(o->db, VD_DB_WRITE, &db, NULL), 0);
	assert_int_equal(
		vd_db_exec(db, "UPDATE device SET model='x'||char(27)||'[2J'||char(155)", NULL), 0);
	vd_db_close(db);
	onb_ok(o, "device list");
	says(o->out, "x?[2J??");
	assert_null(strchr(o->out, 27));
	onb_ok(o, "device show " A);
	assert_null(strchr(o->out, 27));
}

static void help(void **state)
{
	struct onb *o = *state;
	onb_ok(o, "device --help");
	says(o->out, "varde device swap OLD NEW");
	says(o->out, "69 opptatt");
	onb_ok(o, "device swap --help --lang nn");
	says(o->out, "ei ny eining tek over plasseringa");
	onb_ok(o, "staff shift add --help --lang=en");
	says(o->out, "times are Norwegian time");
	assert_int_equal(onb_run(o, "device --lang en"), 64);
	assert_int_equal(onb_run(o, "device"), 64);
	says(o->err, "varde device swap OLD NEW");
	assert_string_equal(o->out, "");
	assert_int_equal(onb_run(o, "device list --lang klingon"), 64);
	says(o->err, "nb, nn, en");
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_new_device),
		T(its_key_is_the_hubs),
		T(a_heard_device_is_taken_over),
		T(placing),
		T(a_home_of_two),
		T(a_home_of_two_that_cannot_be),
		T(refusals),
		T(swapping_keeps_the_placement),
		T(return_prints_a_receipt),
		T(naming_a_device),
		T(test_mode),
		T(commands),
		T(how_it_is_watched),
		T(lists),
		T(names_cannot_drive_a_terminal),
		T(help),
	};
	return cmocka_run_group_tests_name("device", tests, NULL, NULL);
}

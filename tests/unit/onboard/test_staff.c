/* SPDX-License-Identifier: EUPL-1.2 */
/* varde staff on a real SQLite file: people, access, shifts, gateways and their secrets. */
#include "onb.h"
#include "onboard/gateway_secret.h"
#include <argon2.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

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

static void add_anne(struct onb *o)
{
	o->in = "en frase med tre ord\n";
	onb_ok(o, "staff add --user anne --name Anne_T --municipality 3434 --roles care,technician "
		  "--phone 00000000 --language nn --password-file -");
}

static void a_person(void **state)
{
	struct onb *o = *state;
	int64_t version = onb_number(o, VERSION);
	add_anne(o);
	assert_string_equal(onb_value(o,
				      "SELECT muni||user||name||phone||language||roles||disabled "
				      "FROM staff"),
			    "3434anneAnne T00000000nn50");
	assert_string_equal(onb_value(o, "SELECT muni FROM staff_scope"), "3434");
	assert_int_equal(onb_number(o, VERSION), version + 1);
	const char *encoded = onb_value(o, "SELECT password FROM staff");
	assert_int_equal(strncmp(encoded, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
	assert_int_equal(argon2id_verify(encoded, "en frase med tre ord", 20), ARGON2_OK);
	assert_int_not_equal(argon2id_verify(encoded, "en frase med tre ora", 20), ARGON2_OK);
	assert_int_equal(onb_run(o, "staff add --user anne --name B --municipality 3432"), 1);
	says(o->err, "Brukeren «anne» finnes fra før.");
	onb_ok(o, "staff list");
	says(o->out, "Anne T");
	says(o->out, "care,technician");
	says(onb_value(o, "SELECT what||recipient FROM access_log"), "cli.staff.list0");
	onb_ok(o, "staff list --json");
	json_t *doc = json_loads(o->out, 0, NULL);
	json_t *one = json_array_get(json_object_get(doc, "staff"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "scope")), "3434");
	assert_true(json_is_true(json_object_get(one, "password")));
	json_decref(doc);
	assert_null(strstr(o->out, "argon2"));
}

static void passwords(void **state)
{
	struct onb *o = *state;
	char first[200];
	add_anne(o);
	snprintf(first, sizeof(first), "%s", onb_value(o, "SELECT password FROM staff"));
	o->in = "kort passord\n"; /* 12 characters: just enough */
	onb_ok(o, "staff password anne");
	assert_string_not_equal(onb_value(o, "SELECT password FROM staff"), first);
	snprintf(first, sizeof(first), "%s", onb_value(o, "SELECT password FROM staff"));
	o->in = "for kort æøå\n";
	onb_ok(o, "staff password anne"); /* letters are counted, not bytes */
	o->in = "kort pass\n";
	assert_int_equal(onb_run(o, "staff password anne"), 65);
	says(o->err, "Passordet har 9 tegn, skal ha minst 12.");
	o->in = "to linjer med\npassord i samme fil\n";
	assert_int_equal(onb_run(o, "staff password anne"), 65);
	o->in = "";
	assert_int_equal(onb_run(o, "staff password anne"), 65);
	assert_int_equal(onb_run(o, "staff password ingen"), 1);
	/* never on the command line */
	assert_int_equal(onb_run(o, "staff password anne --password hemmelig"), 64);
	assert_int_equal(onb_run(o, "staff password anne hemmelig"), 64);
	/* from a file */
	onb_write_file(o, "passord fra en fil\n");
	char command[200];
	snprintf(command, sizeof(command), "staff password anne --password-file %s", o->file);
	onb_ok(o, command);
	assert_int_equal(argon2id_verify(onb_value(o, "SELECT password FROM staff"),
					 "passord fra en fil", 18),
			 ARGON2_OK);
}

static void scope(void **state)
{
	struct onb *o = *state;
	add_anne(o);
	onb_ok(o, "staff scope anne --add 3432");
	says(o->out, "3432, 3434.");
	assert_string_equal(onb_value(o, "SELECT muni FROM staff_scope ORDER BY muni"),
			    "3432|3434");
	onb_ok(o, "staff scope anne --set 3432");
	assert_string_equal(onb_value(o, "SELECT muni FROM staff_scope ORDER BY muni"),
			    "3432|3434");
	onb_ok(o, "staff scope anne --remove 3432,3434"); /* the employer stays */
	assert_string_equal(onb_value(o, "SELECT muni FROM staff_scope"), "3434");
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, "staff scope anne");
	says(o->out, "har tilgang til: 3434.");
	assert_int_equal(onb_number(o, VERSION), version);
	assert_int_equal(onb_run(o, "staff scope anne --add 3401"), 1);
	says(o->err, "Kommune 3401 finnes ikke her.");
	assert_string_equal(onb_value(o, "SELECT muni FROM staff_scope"), "3434");
	assert_int_equal(
		onb_run(o, "staff scope anne --add 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16"), 64);
	assert_int_equal(onb_run(o, "staff scope anne --add 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15"),
			 64);
	says(o->err, "høyst 15 kommuner");
}

static void disabling(void **state)
{
	struct onb *o = *state;
	add_anne(o);
	onb_ok(o, "staff disable anne");
	assert_int_equal(onb_number(o, "SELECT disabled FROM staff"), 1);
	assert_int_equal(onb_run(o, "staff shift add --user anne --municipality 3434 --from "
				    "2026-11-24T07:00 --to 2026-11-24T15:00"),
			 1);
	says(o->err, "Brukeren «anne» er sperret.");
	onb_ok(o, "staff enable anne");
	assert_int_equal(onb_number(o, "SELECT disabled FROM staff"), 0);
}

static void shifts(void **state)
{
	struct onb *o = *state;
	add_anne(o);
	onb_ok(o, "staff shift add --user anne --municipality 3434 --from 2026-11-24T22:00 --to "
		  "2026-11-25T07:00");
	assert_string_equal(onb_value(o,
				      "SELECT muni||' '||staff||' '||level||' '||from_t||' '||to_t "
				      "FROM shift"),
			    "3434 1 1 1795554000000 1795586400000");
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, "staff shift add --user anne --municipality 3434 --from 2026-11-24T22:00 --to "
		  "2026-11-25T07:00");
	says(o->out, "Vakten finnes fra før.");
	assert_int_equal(onb_number(o, VERSION), version);
	/* the autumn night is an hour longer in time and the same on the roster */
	onb_ok(o,
	       "staff shift add --user anne --municipality 3434 --level 2 --from 2027-10-30T22:00 "
	       "--to 2027-10-31T07:00");
	assert_int_equal(onb_number(o, "SELECT to_t-from_t FROM shift WHERE level=2"),
			 10 * 3600000);
	onb_ok(o, "staff shift list --lang nn");
	says(o->out, "24.11.2026 22:00  25.11.2026 07:00");
	says(o->out, "30.10.2027 22:00  31.10.2027 07:00");
	assert_int_equal(onb_run(o, "staff shift add --user anne --municipality 3432 --from "
				    "2026-11-24T22:00 --to 2026-11-25T07:00"),
			 77);
	says(o->err, "varde staff scope anne --add 3432");
	assert_int_equal(onb_run(o, "staff shift add --user anne --municipality 3434 --from "
				    "2026-11-25T07:00 --to 2026-11-24T22:00"),
			 1);
	says(o->err, "Vakten må slutte etter at den begynner");
	assert_int_equal(onb_run(o, "staff shift add --user anne --municipality 3434 --from "
				    "2026-11-31T07:00 --to 2026-12-01T22:00"),
			 64);
	o->now_ms += INT64_C(2) * 365 * 86400000; /* over shifts are not listed */
	onb_ok(o, "staff shift list");
	assert_string_equal(o->out, "Ingen.\n");
}

static void sha256_hex(const char *text, size_t n, char hex[65])
{
	unsigned char digest[32];
	unsigned len = 32;
	assert_int_equal(EVP_Digest(text, n, digest, &len, EVP_sha256(), NULL), 1);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02X", digest[i]);
}

static void gateway_secrets(void **state)
{
	struct onb *o = *state;
	char hex[65], again[64];
	assert_int_equal(strlen(o->secret), VD_GATEWAY_SECRET_CHARS);
	sha256_hex(o->secret, VD_GATEWAY_SECRET_CHARS, hex);
	assert_string_equal(
		onb_value(o, "SELECT hex(secret_sha256) FROM gateway WHERE user='lom-01'"), hex);
	char *dump = onb_dump(o);
	assert_null(strstr(dump, o->secret)); /* only its hash is kept */
	free(dump);
	onb_ok(o, "staff gateway secret lom-01");
	says(o->err, "vises bare denne ene gangen");
	snprintf(again, sizeof(again), "%s", o->out);
	assert_string_not_equal(again, o->secret);
	sha256_hex(again, VD_GATEWAY_SECRET_CHARS, hex);
	assert_string_equal(
		onb_value(o, "SELECT hex(secret_sha256) FROM gateway WHERE user='lom-01'"), hex);
	onb_ok(o, "staff gateway revoke lom-01");
	assert_string_equal(onb_value(o, "SELECT disabled||hex(secret_sha256) FROM gateway WHERE "
					 "user='lom-01'"),
			    "10000000000000000000000000000000000000000000000000000000000000000");
	onb_ok(o, "staff gateway list");
	says(o->out, "trukket tilbake");
	assert_int_equal(onb_run(o, "device add --gateway lom-01 --family varde --identity x"), 1);
	says(o->err, "Gatewayen «lom-01» er trukket tilbake.");
	onb_ok(o, "staff gateway secret lom-01");
	onb_ok(o, "device add --gateway lom-01 --family varde --identity x");
}

/* What the SIP door compares with: H(user:realm:secret). */
static void ha1_of(const char *user, const char *realm, const char *secret, const EVP_MD *md,
		   char hex[65])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	char text[200];
	int n = snprintf(text, sizeof(text), "%s:%s:%s", user, realm, secret);
	assert_int_equal(EVP_Digest(text, (size_t)n, digest, &len, md, NULL), 1);
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02X", digest[i]);
}

static void sip_is(struct onb *o, const char *user, const char *realm, bool sha256)
{
	char want[200], md5[65], sha[65] = "", secret[64], sql[200];
	snprintf(secret, sizeof(secret), "%s", o->out);
	secret[strcspn(secret, "\n")] = '\0';
	assert_int_equal(strlen(secret), VD_SIP_SECRET_CHARS); /* units' forms are short */
	ha1_of(user, realm, secret, EVP_md5(), md5);
	if (sha256)
		ha1_of(user, realm, secret, EVP_sha256(), sha);
	snprintf(want, sizeof(want), "%s %s %s", realm, md5, sha);
	snprintf(sql, sizeof(sql),
		 "SELECT realm||' '||hex(ha1_md5)||' '||hex(ha1_sha256) FROM sip_account s JOIN "
		 "gateway g ON g.id=s.gateway WHERE g.user='%s'",
		 user);
	assert_string_equal(onb_value(o, sql), want);
	sha256_hex(secret, VD_SIP_SECRET_CHARS, sha); /* one secret for every door */
	snprintf(sql, sizeof(sql), "SELECT hex(secret_sha256) FROM gateway WHERE user='%s'", user);
	assert_string_equal(onb_value(o, sql), sha);
}

static void sip_accounts(void **state)
{
	struct onb *o = *state;
	onb_ok(o, "staff gateway add --user alarmer --name A --municipality 3434 --family varde "
		  "--sip");
	sip_is(o, "alarmer", "varde", false);
	onb_ok(o, "staff gateway secret alarmer"); /* a new secret is new at this door too */
	sip_is(o, "alarmer", "varde", false);
	onb_ok(o, "staff gateway secret alarmer --sip-sha256 --realm lom.no");
	sip_is(o, "alarmer", "lom.no", true);
	onb_ok(o, "staff gateway secret alarmer");
	sip_is(o, "alarmer", "lom.no", true);
	onb_ok(o, "staff gateway list --json");
	says(o->out, "\"user\":\"alarmer\",\"name\":\"A\",\"revoked\":false,\"cert_sha256\":\"\","
		     "\"devices\":0,\"sip\":true");
	assert_int_equal(onb_number(o, "SELECT count(*) FROM sip_account"), 1);
	onb_ok(o, "staff gateway secret lom-01"); /* who has none gets none by a new secret */
	assert_int_equal(onb_number(o, "SELECT count(*) FROM sip_account"), 1);
	onb_ok(o, "staff gateway secret lom-01 --sip");
	sip_is(o, "lom-01", "varde", false);
	assert_int_equal(onb_run(o, "staff gateway secret lom-01 --realm a\"b"), 64);
	assert_int_equal(onb_run(o, "staff gateway secret nobody --sip"), 1);
	onb_ok(o, "staff gateway revoke alarmer");
	assert_int_equal(onb_number(o, "SELECT count(*) FROM sip_account s JOIN gateway g ON "
				       "g.id=s.gateway WHERE user='alarmer'"),
			 0);
}

static void gateway_bindings(void **state)
{
	struct onb *o = *state;
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, "staff gateway bind lom-01 --family chirpstack --prefix application");
	assert_int_equal(onb_number(o, VERSION), version + 1);
	onb_ok(o, "staff gateway bind lom-01 --family chirpstack --prefix application");
	assert_int_equal(onb_number(o, VERSION), version + 1);
	onb_ok(o, "staff gateway bind lom-01 --family chirpstack --prefix application --config "
		  "{\"a\":1}");
	assert_string_equal(onb_value(o,
				      "SELECT family||':'||prefix||':'||config FROM binding ORDER "
				      "BY family"),
			    "chirpstack:application:{\"a\":1}|zigbee2mqtt:zigbee2mqtt:");
	assert_int_equal(onb_run(o, "staff gateway bind lom-01 --family chirpstack --config [1]"),
			 64);
	assert_int_equal(onb_run(o, "staff gateway bind lom-01 --family tuya"), 64);
	assert_int_equal(onb_run(o, "staff gateway bind lom-01 --family chirpstack --prefix a/#"),
			 64);
	assert_int_equal(onb_run(o, "staff gateway bind lom-01 --municipality 3432 --family varde"),
			 77);
	assert_int_equal(onb_run(o, "staff gateway add --user lom-01 --name X --municipality 3432"),
			 1);
	says(o->err, "Gatewayen «lom-01» finnes fra før.");
	assert_int_equal(onb_run(o, "staff gateway add --user l/m --name X --municipality 3432"),
			 64);
	assert_int_equal(onb_run(o, "staff gateway add --user x --name X --municipality 3432 "
				    "--cert-sha256 abc"),
			 64);
	onb_ok(o, "staff gateway list --json");
	json_t *doc = json_loads(o->out, 0, NULL);
	json_t *lom = json_array_get(json_object_get(doc, "gateways"), 1);
	assert_int_equal(json_array_size(json_object_get(lom, "bindings")), 2);
	json_decref(doc);
}

static void recipients(void **state)
{
	struct onb *o = *state;
	o->in = "01810012345\n"; /* synthetic: month 81 */
	onb_ok(o,
	       "staff recipient add --municipality 3434 --name Ny_Test --address Vegen_1 --floor 2 "
	       "--key-note Kode_på_døra --phone 00000000 --national-id-file -");
	says(o->out, "Mottaker 4 er lagt til.");
	assert_string_equal(onb_value(o,
				      "SELECT name||national_id||address||floor||key_note||phone "
				      "FROM recipient WHERE id=4"),
			    "Ny Test01810012345Vegen 12Kode på døra00000000");
	o->in = "0181001234\n";
	assert_int_equal(onb_run(o, "staff recipient add --municipality 3434 --name X "
				    "--national-id-file -"),
			 64);
	assert_null(strstr(o->err, "0181001234")); /* not repeated to the screen */
	assert_int_equal(onb_number(o, "SELECT count(*) FROM access_log"), 0);
	onb_ok(o, "staff recipient list --municipality 3434");
	says(o->out, "Ny Test");
	assert_null(strstr(o->out, "01810012345"));
	assert_null(strstr(o->out, "Per"));
	assert_string_equal(onb_value(o, "SELECT what||' '||recipient FROM access_log ORDER BY "
					 "recipient"),
			    "cli.recipient.list 1|cli.recipient.list 2|cli.recipient.list 4");
}

static void municipalities(void **state)
{
	struct onb *o = *state;
	assert_int_equal(onb_run(o, "staff municipality add --number 3434 --name Lom"), 1);
	says(o->err, "Kommune 3434 finnes fra før.");
	assert_int_equal(onb_run(o, "staff municipality add --number 3434567 --name Lom"), 64);
	assert_int_equal(onb_run(o, "staff municipality add --number 3433 --name X --language en"),
			 64);
	int64_t version = onb_number(o, VERSION);
	onb_ok(o, "staff municipality set 3434 --escalate-first 90 --ack-timeout 5");
	assert_int_equal(onb_number(o, VERSION), version + 1);
	assert_string_equal(onb_value(o,
				      "SELECT escalate1_ms||' '||escalate2_ms||' '||ack_timeout_ms "
				      "FROM municipality ORDER BY number"),
			    "60000 60000 600000|90000 60000 300000");
	onb_ok(o, "staff municipality set 3434 --escalate-first 90");
	assert_int_equal(onb_number(o, VERSION), version + 1);
	assert_int_equal(onb_run(o, "staff municipality set 3434 --escalate-first 60000"), 64);
	assert_int_equal(onb_run(o, "staff municipality set 3401 --remind 30"), 1);
	assert_int_equal(onb_number(o, "SELECT test_days FROM municipality WHERE number=3434"), 30);
	onb_ok(o, "staff municipality set 3434 --test-days 0");
	assert_int_equal(onb_number(o, "SELECT test_days FROM municipality WHERE number=3434"), 0);
	assert_int_equal(onb_run(o, "staff municipality set 3434 --test-days 400"), 64);
	onb_ok(o, "staff municipality list --json");
	json_t *doc = json_loads(o->out, 0, NULL);
	json_t *lom = json_array_get(json_object_get(doc, "municipalities"), 1);
	assert_string_equal(json_string_value(json_object_get(lom, "name")), "Lom");
	assert_int_equal(json_integer_value(json_object_get(lom, "recipients")), 2);
	json_decref(doc);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(a_person),   T(passwords),       T(scope),        T(disabling),
		T(shifts),     T(gateway_secrets), T(sip_accounts), T(gateway_bindings),
		T(recipients), T(municipalities),
	};
	return cmocka_run_group_tests_name("staff", tests, NULL, NULL);
}

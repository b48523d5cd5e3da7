/* SPDX-License-Identifier: EUPL-1.2 */
/* From CSV to checked rows, on a fake directory: column names, every fault and its words, and that
 * the texts are whole in all three languages. */
#include "vdtest.h"
#include "base/mem.h"
#include "onboard/failed.h"
#include "onboard/identity.h"
#include "onboard/import.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake {
	struct vd_import im;
	struct vd_import_row last;
	int answer; /* what apply says */
	bool stop;
	char notices[400], reasons[2000];
	int applied;
	struct vd_failed *failed;
};

static bool known_family(struct vd_span family, void *arg)
{
	return vd_span_is(family, "zigbee2mqtt") || vd_span_is(family, "chirpstack") ||
	       vd_span_is(family, "varde");
}

static int apply(const struct vd_import_row *row, char *reason, size_t cap, bool *ret_stop,
		 void *arg)
{
	struct fake *f = arg;
	f->last = *row;
	f->applied++;
	if (f->answer < 0)
		snprintf(reason, cap, "no %d", f->answer);
	*ret_stop = f->stop;
	return f->answer;
}

static void on_notice(const char *text, void *arg)
{
	struct fake *f = arg;
	size_t n = strlen(f->notices);
	snprintf(f->notices + n, sizeof(f->notices) - n, "%s", text);
}

static void on_header(const struct vd_span *fields, size_t n, void *arg)
{
	struct fake *f = arg;
	if (f->failed)
		vd_failed_header(f->failed, &f->im, fields, n);
}

static void on_result(const struct vd_import_result *r, void *arg)
{
	struct fake *f = arg;
	size_t n = strlen(f->reasons);
	if (r->change < 0)
		snprintf(f->reasons + n, sizeof(f->reasons) - n, "%zu: %s|", r->number, r->reason);
	if (r->change < 0 && f->failed)
		vd_failed_row(f->failed, r);
}

static void prepare(struct fake *f, enum vd_lang lang)
{
	*f = (struct fake){.answer = VD_CH_NEW};
	f->im.lang = lang;
	f->im.gateway = f->im.family = "";
	f->im.families = "chirpstack, varde, zigbee2mqtt";
	f->im.known_family = known_family;
	f->im.apply = apply;
	f->im.on_notice = on_notice;
	f->im.on_header = on_header;
	f->im.on_result = on_result;
	f->im.arg = f;
}

static int run(struct fake *f, const char *csv)
{
	vd_import_begin(&f->im);
	int r = vd_import_feed(&f->im, csv, strlen(csv));
	if (!r)
		r = vd_import_end(&f->im);
	vd_import_fini(&f->im);
	return r;
}

#define HEAD                                                                                       \
	"gateway;familie;identitet;navn;leverand\xc3\xb8r;modell;serienummer;mottaker;rom;"        \
	"form\xc3\xa5l;"                                                                           \
	"alarmknapp;overv\xc3\xa5king_min;alarm_ved_\xc3\xa5pning;natt;kommune\n"

static void a_whole_row(void **state)
{
	struct fake f;
	prepare(&f, VD_LANG_NB);
	assert_int_equal(run(&f, HEAD
			     "lom-01;zigbee2mqtt;00:15:8D:00:01:02:03:04;D\xc3\xb8r;Aqara;"
			     "MCCGQ11LM;A12-0001;12;Gang;D\xc3\x98R;ja;90;1;22:00-07:00;3434\n"),
			 0);
	assert_string_equal(f.reasons, "");
	assert_string_equal(f.notices, "");
	assert_int_equal(f.im.rows, 1);
	assert_int_equal(f.im.added, 1);
	const struct vd_import_row *r = &f.last;
	assert_int_equal(r->number, 2);
	assert_string_equal(r->gateway, "lom-01");
	assert_string_equal(r->family, "zigbee2mqtt");
	assert_string_equal(r->identity, "0x00158d0001020304");
	assert_string_equal(r->name, "D\xc3\xb8r");
	assert_string_equal(r->vendor, "Aqara");
	assert_string_equal(r->model, "MCCGQ11LM");
	assert_string_equal(r->serial, "A12-0001");
	assert_int_equal(r->recipient, 12);
	assert_string_equal(r->room, "Gang");
	assert_string_equal(r->purpose, "door");
	assert_int_equal(r->alarm_button, 1);
	assert_int_equal(r->alarm_on_open, 1);
	assert_int_equal(r->supervise_ms, 90 * 60000);
	assert_int_equal(r->night_from_min, 22 * 60);
	assert_int_equal(r->night_to_min, 7 * 60);
}

static void who_lives_there_too(void **state)
{
	static const struct {
		const char *cell;
		int64_t want[VD_MAX_ALSO + 1];
	} good[] = {{"13", {13}},
		    {"13,14", {13, 14}},
		    {" 13 + 14 ", {13, 14}},
		    {"13 14 15 16", {13, 14, 15, 16}},
		    {"-", {0}}};
	static const char *const bad[] = {"13;", "x", "13,x", "0", "-1", "1,2,3,4,5", "1.5"};
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct fake f;
		char csv[200];
		prepare(&f, VD_LANG_NB);
		snprintf(csv, sizeof(csv),
			 "gateway;family;identity;mottaker;medbeboer;rom;formål\n"
			 "lom-01;varde;x;12;%s;Stue;sos\n",
			 good[i].cell);
		assert_int_equal(run(&f, csv), 0);
		assert_string_equal(f.reasons, "");
		assert_true(f.last.also_told);
		assert_memory_equal(f.last.also, good[i].want, sizeof(good[i].want));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct fake f;
		char csv[200];
		prepare(&f, VD_LANG_NN);
		snprintf(csv, sizeof(csv),
			 "gateway;family;identity;mottakar;medbebuar;rom;føremål\n"
			 "lom-01;varde;x;12;\"%s\";Stue;sos\n",
			 bad[i]);
		assert_int_equal(run(&f, csv), 0);
		assert_int_equal(f.im.failed, 1);
		if (!strstr(f.reasons, "opptil 4 mottakarnummer"))
			fail_msg("%s: %s", bad[i], f.reasons);
	}
}

static void what_is_not_said_is_unstated(void **state)
{
	struct fake f;
	prepare(&f, VD_LANG_NB);
	assert_int_equal(run(&f, "gateway;family;identity\nlom-01;varde;bed-7\n"), 0);
	assert_int_equal(f.im.added, 1);
	assert_int_equal(f.last.alarm_button, VD_UNSTATED);
	assert_int_equal(f.last.alarm_on_open, VD_UNSTATED);
	assert_int_equal(f.last.supervise_ms, VD_UNSTATED);
	assert_int_equal(f.last.night_from_min, VD_UNSTATED);
	assert_int_equal(f.last.recipient, 0);
	assert_string_equal(f.last.serial, "");
}

static void names_of_columns(void **state)
{
	static const struct {
		const char *name;
		enum vd_import_column want;
	} c[] = {
		{"Gateway", VD_COL_GATEWAY},
		{"BASESTASJON", VD_COL_GATEWAY},
		{"avsendar", VD_COL_GATEWAY},
		{"Familie", VD_COL_FAMILY},
		{"Dev EUI", VD_COL_IDENTITY},
		{"dev_eui", VD_COL_IDENTITY},
		{"ieee-address", VD_COL_IDENTITY},
		{"Namn", VD_COL_NAME},
		{"LEVERAND\xc3\x98R", VD_COL_VENDOR},
		{"Serienr.", VD_COL_SERIAL},
		{"Serial number", VD_COL_SERIAL},
		{"Mottakar", VD_COL_RECIPIENT},
		{"mottaker-id", VD_COL_RECIPIENT},
		{"Medbebuarar", VD_COL_ALSO},
		{"also", VD_COL_ALSO},
		{" rom ", VD_COL_ROOM},
		{"F\xc3\x98REM\xc3\x85L", VD_COL_PURPOSE},
		{"formal", VD_COL_PURPOSE},
		{"alarm button", VD_COL_ALARM_BUTTON},
		{"supervise_min", VD_COL_SUPERVISE},
		{"overvaking_min", VD_COL_SUPERVISE},
		{"Alarm ved opning", VD_COL_ALARM_ON_OPEN},
		{"Natt", VD_COL_NIGHT},
		{"Kommunenr", VD_COL_MUNI},
		{"\xc3\x85rsak", VD_COL_REASON},
		{"reason", VD_COL_REASON},
		{"", VD_COL_UNKNOWN},
		{"gatewayx", VD_COL_UNKNOWN},
		{"pris", VD_COL_UNKNOWN},
	};
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		assert_int_equal(vd_import_column_of(vd_span_cstr(c[i].name)), c[i].want);
	/* what we call a column in an error is a name we know, in each language */
	for (int lang = 0; lang < 3; lang++)
		for (int col = 0; col < VD_COL_COUNT; col++)
			assert_int_equal(
				vd_import_column_of(vd_span_cstr(vd_text_raw(
					(enum vd_lang)lang,
					vd_import_column_head((enum vd_import_column)col)))),
				col);
}

/* One row under HEAD with a fault, and the words for it in the three languages. */
static void row_fault(const char *row, const char *nb, const char *nn, const char *en)
{
	const char *want[] = {nb, nn, en};
	for (int lang = 0; lang < 3; lang++) {
		struct fake f;
		char csv[1200], reason[600];
		prepare(&f, (enum vd_lang)lang);
		f.im.muni = 3434;
		f.im.serial_length = 8;
		snprintf(csv, sizeof(csv),
			 HEAD "%s\n"
			      "lom-01;varde;next-row;;;;;;;;;;;;\n",
			 row);
		assert_int_equal(run(&f, csv), 0);
		snprintf(reason, sizeof(reason), "2: %s|", want[lang]);
		assert_string_equal(f.reasons, reason);
		assert_int_equal(f.applied, 1); /* the next row, and only that */
		assert_int_equal(f.im.failed, 1);
		assert_int_equal(f.im.added, 1);
	}
}

static void faults_of_rows(void **state)
{
	row_fault("lom-01;zigbee2mqtt;0x00158d0001020304;;;;A12-00;;;;;;;;",
		  "serienummeret «A12-00» har 6 tegn, skal ha 8.",
		  "serienummeret «A12-00» har 6 teikn, skal ha 8.",
		  "the serial number \"A12-00\" has 6 characters, should have 8.");
	row_fault("lom-01;chirpstack;A12-00;;;;;;;;;;;;",
		  "identiteten «A12-00» har 6 tegn, skal ha 16.",
		  "identiteten «A12-00» har 6 teikn, skal ha 16.",
		  "the identity \"A12-00\" has 6 characters, should have 16.");
	row_fault("lom-01;chirpstack;70B3D57ED005ABCG;;;;;;;;;;;;",
		  "identiteten «70B3D57ED005ABCG» skal bare ha sifrene 0–9 og bokstavene A–F.",
		  "identiteten «70B3D57ED005ABCG» skal berre ha sifra 0–9 og bokstavane A–F.",
		  "the identity \"70B3D57ED005ABCG\" should have the digits 0–9 and the letters "
		  "A–F only.");
	row_fault(";varde;x;;;;;;;;;;;;", "gatewayen mangler. Fyll ut kolonnen «gateway».",
		  "gatewayen manglar. Fyll ut kolonnen «gateway».",
		  "the gateway is missing. Fill in the column \"gateway\".");
	row_fault("lom-01;;x;;;;;;;;;;;;", "familien mangler. Fyll ut kolonnen «familie».",
		  "familien manglar. Fyll ut kolonnen «familie».",
		  "the family is missing. Fill in the column \"family\".");
	row_fault("lom-01;varde;;Stue;;;;;;;;;;;",
		  "identiteten mangler. Fyll ut kolonnen «identitet».",
		  "identiteten manglar. Fyll ut kolonnen «identitet».",
		  "the identity is missing. Fill in the column \"identity\".");
	row_fault(
		"lom-01;tuya;x;;;;;;;;;;;;",
		"familien «tuya» finnes ikke. Bruk en av: chirpstack, varde, zigbee2mqtt.",
		"familien «tuya» finst ikkje. Bruk ein av: chirpstack, varde, zigbee2mqtt.",
		"the family \"tuya\" does not exist. Use one of: chirpstack, varde, zigbee2mqtt.");
	row_fault("lom-01;varde;x;;;;;tolv;;;;;;;",
		  "mottakeren «tolv» er ikke et tall mellom 1 og 999999999999.",
		  "mottakaren «tolv» er ikkje eit tal mellom 1 og 999999999999.",
		  "the recipient \"tolv\" is not a number between 1 and 999999999999.");
	row_fault("lom-01;varde;x;;;;;;;;kanskje;;;;",
		  "alarmknappen «kanskje» skal være ja eller nei.",
		  "alarmknappen «kanskje» skal vere ja eller nei.",
		  "the alarm button \"kanskje\" should be yes or no.");
	row_fault("lom-01;varde;x;;;;;;;;;en time;;;",
		  "overvåkingstiden «en time» er ikke et tall mellom 0 og 44640.",
		  "overvakingstida «en time» er ikkje eit tal mellom 0 og 44640.",
		  "the supervision time \"en time\" is not a number between 0 and 44640.");
	row_fault("lom-01;varde;x;;;;;12;;;;;;22-25;",
		  "natten «22-25» skal skrives som 22:00-07:00.",
		  "natta «22-25» skal skrivast som 22:00-07:00.",
		  "the night \"22-25\" should be written as 22:00-07:00.");
	row_fault("lom-01;varde;x;;;;;;Stue;;;;;;",
		  "mottakeren mangler. Fyll ut kolonnen «mottaker».",
		  "mottakaren manglar. Fyll ut kolonnen «mottakar».",
		  "the recipient is missing. Fill in the column \"recipient\".");
	row_fault("lom-01;varde;x;;;;;;;;;;;;3435",
		  "kommunen «3435» er ikke den du arbeider for (3434).",
		  "kommunen «3435» er ikkje den du arbeider for (3434).",
		  "the municipality \"3435\" is not the one you work for (3434).");
	row_fault("lom-01;varde;x;\"St\tue\";;;;;;;;;;;",
		  "navnet «St\tue» har usynlige tegn. Skriv feltet på nytt.",
		  "namnet «St\tue» har usynlege teikn. Skriv feltet på nytt.",
		  "the name \"St\tue\" has invisible characters. Type the field again.");
	row_fault("lom-01;varde;x;;;;;;;;;;;;3434;for mye",
		  "raden har 16 felt, overskriften har 15. Sjekk skilletegn og anførselstegn.",
		  "rada har 16 felt, overskrifta har 15. Sjekk skiljeteikn og hermeteikn.",
		  "the row has 16 fields, the header has 15. Check separators and quotes.");
	row_fault(
		"lom-01;varde;\"x\"y;;;;;;;;;;;;",
		"et anførselstegn mangler eller står feil. Rett det; radene under kan ha blitt "
		"lest "
		"som en del av denne.",
		"eit hermeteikn manglar eller står feil. Rett det; radene under kan ha vorte lesne "
		"som ein del av denne.",
		"a quote is missing or misplaced. Correct it; the rows below may have been read as "
		"part of this one.");
	row_fault("lom-01;varde;x;r\xf8yk;;;;;;;;;;;",
		  "teksten er ikke UTF-8. Lagre som «CSV UTF-8» i regnearket.",
		  "teksten er ikkje UTF-8. Lagre som «CSV UTF-8» i reknearket.",
		  "the text is not UTF-8. Save as \"CSV UTF-8\" in the spreadsheet.");
}

static void long_values(void **state)
{
	struct fake f;
	char csv[1200], name[300];
	prepare(&f, VD_LANG_NB);
	memset(name, 'n', sizeof(name));
	name[200] = '\0';
	snprintf(csv, sizeof(csv), "gateway;family;identity;name\nlom-01;varde;x;%s\n", name);
	assert_int_equal(run(&f, csv), 0);
	assert_non_null(strstr(f.reasons, "navnet «nnnn"));
	assert_non_null(strstr(f.reasons, "n…» har 200 tegn, kan ha høyst 95."));
	assert_true(strlen(f.reasons) < 200);
	/* a column's whole width fits */
	name[95] = '\0';
	prepare(&f, VD_LANG_NB);
	snprintf(csv, sizeof(csv), "gateway;family;identity;name\nlom-01;varde;x;%s\n", name);
	assert_int_equal(run(&f, csv), 0);
	assert_string_equal(f.reasons, "");
	assert_string_equal(f.last.name, name);
}

static void faults_of_files(void **state)
{
	static const struct {
		const char *csv, *problem;
	} c[] = {
		{"",
		 "Filen har ingen overskriftsrad. Første rad skal ha kolonnenavnene, for eksempel: "
		 "gateway;familie;identitet;serienummer"},
		{"lom-01;zigbee2mqtt;0x00158d0001020304\n",
		 "Filen har ingen overskriftsrad. Første rad "
		 "skal ha kolonnenavnene, for eksempel: "
		 "gateway;familie;identitet;serienummer"},
		{"family;identity\nvarde;x\n",
		 "Kolonnen «gateway» mangler i overskriften. Legg den til, eller oppgi --gateway."},
		{"gateway;identity\nlom-01;x\n",
		 "Kolonnen «familie» mangler i overskriften. Legg den til, eller oppgi --family."},
		{"gateway;family;name\nlom-01;varde;x\n",
		 "Overskriften må ha kolonnen «identitet» eller «serienummer»."},
		{"gateway;family;identity;dev eui\n",
		 "Kolonnen «identitet» står to ganger i overskriften."},
		{"gateway;family;\"identity\"x\n",
		 "Overskriftsraden kan ikke leses: et anførselstegn mangler eller står feil. Rett "
		 "det; "
		 "radene under kan ha blitt lest som en del av denne."},
		{"\xff\xfeg",
		 "Filen er ikke en CSV-fil i UTF-8. Lagre som «CSV UTF-8» i regnearket."},
	};
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		struct fake f;
		prepare(&f, VD_LANG_NB);
		assert_int_equal(run(&f, c[i].csv), VD_EPARSE);
		assert_string_equal(f.im.problem, c[i].problem);
		assert_int_equal(f.applied, 0);
	}
}

static void defaults_replace_columns(void **state)
{
	struct fake f;
	prepare(&f, VD_LANG_NN);
	f.im.gateway = "lom-01";
	f.im.family = "chirpstack";
	assert_int_equal(run(&f, "identitet;pris\n70-B3-D5-7E-D0-05-AB-CD;120\n"), 0);
	assert_string_equal(f.last.gateway, "lom-01");
	assert_string_equal(f.last.family, "chirpstack");
	assert_string_equal(f.last.identity, "70b3d57ed005abcd");
	assert_string_equal(f.notices, "Kolonnen «pris» kjenner vi ikkje; han er ikkje brukt.");
}

static void counting(void **state)
{
	struct fake f;
	prepare(&f, VD_LANG_NB);
	f.answer = 0;
	assert_int_equal(run(&f, "gateway,family,identity\ng,varde,a\n,,\n\ng,varde,b\n"), 0);
	assert_int_equal(f.im.rows, 2); /* empty rows are none */
	assert_int_equal(f.im.unchanged, 2);
	assert_int_equal(f.last.number, 5); /* but a spreadsheet numbers them */
	prepare(&f, VD_LANG_NB);
	f.answer = VD_CH_FIELDS | VD_CH_PLACED;
	assert_int_equal(run(&f, "gateway;family;identity\ng;varde;a\n"), 0);
	assert_int_equal(f.im.changed, 1);
	prepare(&f, VD_LANG_NB);
	f.answer = VD_ESTATE;
	assert_int_equal(run(&f, "gateway;family;identity\ng;varde;a\ng;varde;b\n"), 0);
	assert_int_equal(f.im.failed, 2);
	assert_string_equal(f.reasons, "2: no -11|3: no -11|");
}

static void a_failing_store_stops_it(void **state)
{
	struct fake f;
	prepare(&f, VD_LANG_NB);
	f.answer = VD_EBUSY;
	f.stop = true;
	assert_int_equal(run(&f, "gateway;family;identity\ng;varde;a\ng;varde;b\n"), VD_EBUSY);
	assert_int_equal(f.applied, 1);
	assert_int_equal(f.im.stopped_at, 2);
	assert_int_equal(f.im.rows, 0);
	assert_string_equal(f.im.problem, "no -4");
}

static void too_many_rows_says_so(void **state)
{
	struct fake f;
	int r = 0;
	prepare(&f, VD_LANG_NB);
	f.im.on_result = NULL;
	vd_import_begin(&f.im);
	r = vd_import_feed(&f.im, "gateway;family;identity\n", 24);
	for (int i = 0; !r && i <= VD_MAX_CSV_ROWS; i++)
		r = vd_import_feed(&f.im, "g;varde;a\n", 10);
	vd_import_fini(&f.im);
	assert_int_equal(r, VD_ELIMIT);
	assert_int_equal(f.im.rows, VD_MAX_CSV_ROWS);
	assert_non_null(strstr(f.im.problem, "mer enn 10000 rader"));
}

static void memory_runs_out(void **state)
{
	struct fake f;
	for (long i = 0;; i++) {
		prepare(&f, VD_LANG_NB);
		vd_mem_fault(i, 0);
		int r = run(&f,
			    HEAD "lom-01;zigbee2mqtt;0x00158d0001020304;;;;A12-00;12;;;;;;;;\n");
		long n = vd_mem_count();
		vd_mem_fault(-1, 0);
		assert_true(r == 0 || r == VD_ENOMEM);
		if (!r && n <= i)
			break;
		assert_true(i < 1000);
	}
	assert_int_equal(f.applied, 1);
}

/* -- the file of refused rows ----------------------------------------------------------------- */

static void slurp(const char *path, char *dst, size_t cap)
{
	FILE *fp = fopen(path, "r");
	assert_non_null(fp);
	dst[fread(dst, 1, cap - 1, fp)] = '\0';
	fclose(fp);
}

static void refused_rows_come_back(void **state)
{
	char dir[] = "/tmp/varde-import-XXXXXX", path[64], text[2000];
	struct fake f;
	struct vd_failed out;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/failed.csv", dir);
	prepare(&f, VD_LANG_NB);
	f.failed = &out;
	assert_true(vd_failed_open(&out, path));
	assert_int_equal(run(&f, "gateway;family;identity;pris;name\r\n"
				 "lom-01;chirpstack;A12-00;\"1;5\";r\xf8yk\r\n"
				 "lom-01;varde;x;;\r\n"
				 "lom-01;chirpstack;B;2;\r\n"),
			 0);
	assert_true(vd_failed_close(&out, true));
	slurp(path, text, sizeof(text));
	assert_string_equal(text,
			    "\xef\xbb\xbfgateway;family;identity;pris;name;årsak\r\n"
			    "lom-01;chirpstack;A12-00;\"1;5\";\"r\xc3\xb8yk\";"
			    "teksten er ikke UTF-8. Lagre som «CSV UTF-8» i regnearket.\r\n"
			    "lom-01;chirpstack;B;2;;identiteten «B» har 1 tegn, skal ha 16.\r\n");
	/* read again, it is told anew: one reason column, not two, and now the text is UTF-8 */
	prepare(&f, VD_LANG_EN);
	f.failed = &out;
	assert_true(vd_failed_open(&out, path));
	assert_int_equal(run(&f, text), 0);
	assert_int_equal(f.im.failed, 2);
	assert_true(vd_failed_close(&out, true));
	slurp(path, text, sizeof(text));
	assert_string_equal(
		text, "\xef\xbb\xbfgateway;family;identity;pris;name;reason\r\n"
		      "lom-01;chirpstack;A12-00;\"1;5\";r\xc3\xb8yk;\"the identity \"\"A12-00\"\" "
		      "has 6 characters, should have 16.\"\r\n"
		      "lom-01;chirpstack;B;2;;\"the identity \"\"B\"\" has 1 characters, should "
		      "have 16.\"\r\n");
	/* thrown away, the old one stays */
	assert_true(vd_failed_open(&out, path));
	assert_true(vd_failed_close(&out, false));
	assert_int_equal(access(path, F_OK), 0);
	unlink(path);
	assert_int_equal(rmdir(dir), 0); /* nothing left beside it */
}

/* -- identities and texts --------------------------------------------------------------------- */

static void identities(void **state)
{
	static const struct {
		const char *family, *typed, *want;
	} c[] = {
		{"zigbee2mqtt", "0x00158d0001020304", "0x00158d0001020304"},
		{"zigbee2mqtt", "00158D0001020304", "0x00158d0001020304"},
		{"thethingsstack", "70b3d57ed005abcd", "70B3D57ED005ABCD"},
		{"chirpstack", "70:B3:D5:7E:D0:05:AB:CD", "70b3d57ed005abcd"},
		{"varde", "Bed 7/left", "Bed 7/left"},
	};
	struct vd_identity_fault fault;
	char dst[96];
	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		assert_int_equal(vd_identity_normal(vd_span_cstr(c[i].family),
						    vd_span_cstr(c[i].typed), dst, sizeof(dst),
						    &fault),
				 0);
		assert_string_equal(dst, c[i].want);
	}
	assert_int_equal(vd_identity_normal(vd_span_cstr("varde"), vd_span_cstr("a\x1b[2J"), dst,
					    sizeof(dst), &fault),
			 VD_EINVAL);
	assert_int_equal(fault.what, VD_IDENTITY_CONTROL);
}

static unsigned placeholders(const char *s)
{
	unsigned bits = 0;
	for (; *s; s++)
		if (s[0] == '{' && s[1] >= '0' && s[1] <= '9' && s[2] == '}')
			bits |= 1u << (s[1] - '0');
	return bits;
}

static void texts_are_whole(void **state)
{
	for (int id = 0; id < VD_T_COUNT; id++) {
		const char *nb = vd_texts[id][VD_LANG_NB];
		for (int lang = 0; lang < 3; lang++) {
			const char *s = vd_texts[id][lang];
			assert_non_null(s);
			assert_true(*s);
			assert_true(vd_span_utf8(vd_span_cstr(s)));
			assert_int_equal(placeholders(s), placeholders(nb));
		}
		/* words that give bokmål away in a nynorsk text */
		static const char *const bokmal[] = {" ikke",     "enhet",  "Enhet",
						     " mottaker", " hvem",  " noe ",
						     " en annen", "finnes", " fra "};
		for (size_t i = 0; i < sizeof(bokmal) / sizeof(bokmal[0]); i++)
			if (strstr(vd_texts[id][VD_LANG_NN], bokmal[i]))
				fail_msg("nn text %d: «%s»", id, vd_texts[id][VD_LANG_NN]);
	}
}

static void texts_fill_in(void **state)
{
	char dst[200];
	vd_text(dst, sizeof(dst), VD_LANG_NB, VD_T_IMP_SUM, VD_ARGS("50", "0", "50"));
	assert_string_equal(dst, "50 rader lest: 0 nye, 50 uendret.");
	vd_text(dst, sizeof(dst), VD_LANG_NN, VD_T_IMP_SUM, VD_ARGS("50", "0", "50"));
	assert_string_equal(dst, "50 rader lesne: 0 nye, 50 uendra.");
	vd_text(dst, 10, VD_LANG_NB, VD_T_IMP_SUM, VD_ARGS("50", "0", "50"));
	assert_string_equal(dst, "50 rader ");
	vd_text(dst, sizeof(dst), VD_LANG_NB, VD_T_IMP_SUM, NULL);
	assert_string_equal(dst, " rader lest:  nye,  uendret.");
	struct vd_refusal why = {VD_REF_IN_USE, "", "", 1773270000000}; /* 12 March 2026 in Oslo */
	vd_text_refusal(dst, sizeof(dst), VD_LANG_NB, &why);
	assert_string_equal(dst,
			    "Enheten står hos en annen mottaker (siden 12.03.2026). Velg «Bytt» "
			    "eller «Returner» først.");
}

static void values(void **state)
{
	int a, b;
	int64_t v;
	char word[40];
	assert_int_equal(vd_import_yes_no(VD_SPAN_LIT("JA")), 1);
	assert_int_equal(vd_import_yes_no(VD_SPAN_LIT("nei")), 0);
	assert_int_equal(vd_import_yes_no(VD_SPAN_LIT("2")), -1);
	assert_int_equal(vd_import_night(VD_SPAN_LIT("22-7"), &a, &b), 0);
	assert_int_equal(a, 1320);
	assert_int_equal(b, 420);
	assert_int_equal(vd_import_night(VD_SPAN_LIT("22.30 - 06:15"), &a, &b), 0);
	assert_int_equal(a, 1350);
	assert_int_equal(b, 375);
	assert_int_equal(vd_import_night(VD_SPAN_LIT("00:00-24:00"), &a, &b), 0);
	assert_int_equal(a, b); /* always */
	assert_int_equal(vd_import_night(VD_SPAN_LIT("22:00"), &a, &b), VD_EPARSE);
	assert_int_equal(vd_import_night(VD_SPAN_LIT("22:60-7"), &a, &b), VD_EPARSE);
	assert_int_equal(vd_import_night(VD_SPAN_LIT("24:30-7"), &a, &b), VD_EPARSE);
	assert_int_equal(vd_import_night(VD_SPAN_LIT("22:00-07:00-08:00"), &a, &b), VD_EPARSE);
	assert_int_equal(vd_import_number(VD_SPAN_LIT("007"), 0, 9, &v), 0);
	assert_int_equal(v, 7);
	assert_int_equal(vd_import_number(VD_SPAN_LIT("-1"), 0, 9, &v), VD_EPARSE);
	assert_int_equal(vd_import_number(VD_SPAN_LIT("99999999999999999999"), 0, 9, &v),
			 VD_EPARSE);
	assert_int_equal(vd_import_purpose(VD_SPAN_LIT(" R\xc3\x98YK "), word, sizeof(word)), 0);
	assert_string_equal(word, "smoke");
	assert_int_equal(vd_import_purpose(VD_SPAN_LIT("Egendefinert"), word, sizeof(word)), 0);
	assert_string_equal(word, "egendefinert");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_row),
		cmocka_unit_test(what_is_not_said_is_unstated),
		cmocka_unit_test(who_lives_there_too),
		cmocka_unit_test(names_of_columns),
		cmocka_unit_test(faults_of_rows),
		cmocka_unit_test(long_values),
		cmocka_unit_test(faults_of_files),
		cmocka_unit_test(defaults_replace_columns),
		cmocka_unit_test(counting),
		cmocka_unit_test(a_failing_store_stops_it),
		cmocka_unit_test(too_many_rows_says_so),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(refused_rows_come_back),
		cmocka_unit_test(identities),
		cmocka_unit_test(texts_are_whole),
		cmocka_unit_test(texts_fill_in),
		cmocka_unit_test(values),
	};
	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}

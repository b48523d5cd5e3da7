/* SPDX-License-Identifier: EUPL-1.2 */
/* Models by name: which of two rows wins, who makes what, and that the lists made from the device
 * package are whole: a model that stops being understood is noticed here. */
#include "vdtest.h"
#include "adapters/common/table.h"
#include "adapters/common/words.h"
#include "base/mem.h"
#include "port/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define HEAD  "platform,vendor,model,firmware,key,value,kind,state,unit,scale,zone,flags\n"
#define KNOWN "platform,vendor,model,kinds\n"

static struct vd_decoded *d;

static void add(struct vd_tables **t, const char *csv)
{
	struct vd_errtext e = {0};
	if (vd_tables_add(t, vd_span_cstr(csv), "test.csv", &e))
		fail_msg("%s: %s", e.fact, e.detail);
}

/* The state its word is read as; NULL = nobody knows. */
static const char *state_of(const struct vd_tables *t, const char *vendor, const char *model,
			    const char *word)
{
	struct vd_field_of who = {.platform = VD_SPAN_LIT("p"),
				  .vendor = vd_span_cstr(vendor),
				  .model = vd_span_cstr(model)};
	static char by_name[24];
	d->n = 0;
	enum vd_field f = vd_table_word(t, &who, VD_SPAN_LIT("k"), vd_span_cstr(word), d);
	snprintf(by_name, sizeof(by_name), "%s", f == VD_FIELD_READ ? d->readings[0].state : "");
	/* looked up beforehand it is the same */
	who.of = vd_table_model(t, who.platform, who.model);
	d->n = 0;
	assert_int_equal(vd_table_word(t, &who, VD_SPAN_LIT("k"), vd_span_cstr(word), d), f);
	if (f == VD_FIELD_READ)
		assert_string_equal(d->readings[0].state, by_name);
	return f == VD_FIELD_UNKNOWN ? NULL : by_name;
}

/* Whichever chain a row is in, the file read first wins, and within a file the first row. */
static void order_holds_between_a_models_rows_and_everybodys(void **state)
{
	(void)state;
	struct vd_tables *t = NULL;
	add(&t, HEAD "p,*,*,*,k,mine,bed,in,,,,\n" /* an integrator's row of every model */
		     "p,Acme,B1,*,k,first,bed,edge,,,,\n");
	add(&t, HEAD "p,Acme,B1,*,k,mine,bed,out,,,,\np,Acme,B1,*,k,own,bed,out,,,,\n"
		     "p,Acme,b1,*,k,*,bed,sit_up,,,,\n");
	add(&t, HEAD "p,*,*,*,k,first,bed,restless,,,,\np,*,*,*,k,own,bed,in,,,,\n");
	assert_string_equal(state_of(t, "Acme", "B1", "mine"), "in");
	assert_string_equal(state_of(t, "acme", "b1", "first"), "edge");
	assert_string_equal(state_of(t, "Acme", "B1", "own"), "out");
	assert_string_equal(state_of(t, "Acme", "B1", "anything"), "sit_up");
	assert_string_equal(state_of(t, "Other", "B1", "own"), "in");
	assert_string_equal(state_of(t, "Acme", "B2", "first"), "restless");
	assert_null(state_of(t, "Other", "B1", "anything"));
	assert_null(state_of(t, "Acme", "", "anything"));
	vd_tables_free(t);
}

static void a_maker_is_found_when_there_is_but_one(void **state)
{
	(void)state;
	struct vd_tables *t = NULL;
	const struct vd_span p = VD_SPAN_LIT("p");
	add(&t, KNOWN "p,Acme,B1,bed device.battery\np,Acme,C1,door\np,Other,c1,sos button\n"
		      "p,*,E1,smoke\n");
	const struct vd_model *m =
		vd_models_maker(vd_table_model(t, p, VD_SPAN_LIT("b1")), vd_span("", 0));
	assert_true(m && vd_span_is(m->vendor, "Acme") &&
		    vd_span_is(m->kinds, "bed device.battery"));
	const struct vd_models_name *two = vd_table_model(t, p, VD_SPAN_LIT("C1"));
	assert_null(vd_models_maker(two, vd_span("", 0)));
	assert_null(vd_models_maker(two, VD_SPAN_LIT("Third")));
	assert_true(vd_span_is(vd_models_maker(two, VD_SPAN_LIT("other"))->kinds, "sos button"));
	assert_non_null(vd_models_maker(vd_table_model(t, p, VD_SPAN_LIT("E1")),
					VD_SPAN_LIT("Whoever, Ltd.")));
	assert_null(vd_table_model(t, VD_SPAN_LIT("q"), VD_SPAN_LIT("B1")));
	assert_null(vd_table_model(t, p, vd_span("", 0)));
	assert_null(vd_models_maker(NULL, VD_SPAN_LIT("Acme")));
	vd_tables_free(t);
}

static void bad_lists_are_named_with_their_line(void **state)
{
	(void)state;
	static const struct {
		const char *csv, *word;
	} bad[] = {{KNOWN "p,Acme,B1\n", "four columns"},
		   {KNOWN "p,Acme,B1,bed,\n", "four columns"},
		   {KNOWN "p,Acme,B1,\n", "kinds"},
		   {KNOWN "p,Acme,B1,bed  door\n", "kinds"},
		   {KNOWN "p,Acme,B1,bedd\n", "kinds"},
		   {KNOWN "p,Acme,*,bed\n", "model"},
		   {KNOWN "p,,B1,bed\n", "vendor"},
		   {"platform,vendor,model\n", "names the columns"}};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vd_tables *t = NULL;
		struct vd_errtext e = {0};
		assert_int_equal(vd_tables_add(&t, vd_span_cstr(bad[i].csv), "mine.csv", &e),
				 VD_EPARSE);
		if (!strstr(e.detail, bad[i].word) || !strstr(e.detail, "line "))
			fail_msg("list %zu told as: %s", i, e.detail);
		vd_tables_free(t);
	}
}

/* -- the committed lists -------------------------------------------------------------------- */

static char *read_map(const char *name)
{
	const char *root = getenv("VARDE_ROOT");
	char path[512];
	snprintf(path, sizeof(path), "%s/schema/maps/%s", root ? root : ".", name);
	FILE *f = fopen(path, "re");
	if (!f)
		fail_msg("cannot open %s", path);
	char *text = calloc(1, 4u << 20);
	assert_true(fread(text, 1, (4u << 20) - 1, f) > 1000);
	fclose(f);
	return text;
}

static size_t cells_of(struct vd_span line, struct vd_span cell[12])
{
	size_t n = 0;
	while (n < 12 && vd_span_next(&line, ',', &cell[n]))
		n++;
	return line.p ? 99 : n;
}

static bool has_kind(struct vd_span kinds, const char *kind)
{
	struct vd_span word;
	while (vd_span_next(&kinds, ' ', &word))
		if (vd_span_is(word, kind))
			return true;
	return false;
}

/* What zigbee-herdsman-converters 26.112.0 has, white labels included. More is welcome, fewer is a
 * field that is no longer understood. */
static const struct {
	const char *kind;
	int at_least;
} counted[] = {{"door", 186},
	       {"motion", 262},
	       {"presence", 91},
	       {"fall", 3},
	       {"water_leak", 103},
	       {"smoke", 69},
	       {"co", 24},
	       {"gas", 35},
	       {"heat", 3},
	       {"sos", 31},
	       {"stove", 3},
	       {"lock", 55},
	       {"input", 32},
	       {"button", 744},
	       {"bed", 3},
	       {"chair", 1},
	       {"device.tamper", 337},
	       {"device.battery", 1438},
	       {"device.battery_low", 632},
	       {"vital.respiratory_rate", 1}};

static void every_known_model_can_report_something(void **state)
{
	(void)state;
	char *text = read_map("zigbee2mqtt-known.csv"), last[300] = "";
	int counts[sizeof(counted) / sizeof(counted[0])] = {0}, n = 0;
	struct vd_span rest = vd_span_cstr(text), line, cell[12];
	assert_non_null(strstr(text, "zigbee-herdsman-converters 26.112.0"));
	while (vd_span_next(&rest, '\n', &line)) {
		if (!line.n || line.p[0] == '#' || vd_span_starts(line, VD_SPAN_LIT("platform,")))
			continue;
		assert_int_equal(cells_of(line, cell), 4);
		assert_true(cell[3].n < sizeof(((struct vd_op_heard *)0)->features));
		char now[300];
		assert_true(vd_span_copy(now, sizeof(now), line));
		assert_true(strcmp(last, now) < 0); /* in order, so that a new version is a diff */
		memcpy(last, now, sizeof(now));
		for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
			counts[i] += has_kind(cell[3], counted[i].kind);
		n++;
	}
	assert_true(n >= 2100);
	for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (counts[i] < counted[i].at_least)
			fail_msg("%s: only %d models of %d", counted[i].kind, counts[i],
				 counted[i].at_least);
	free(text);
}

/* What one value of a row's key means to a table, as a text. */
static void meaning(const struct vd_tables *t, const struct vd_span cell[12], struct vd_span value,
		    char ret[160])
{
	struct vd_field_of who = {.platform = cell[0], .vendor = cell[1], .model = cell[2]};
	struct vd_json_val v = {.type = vd_span_is(value, "true")    ? VD_JSON_TRUE
					: vd_span_is(value, "false") ? VD_JSON_FALSE
					: vd_span_is(value, "num")   ? VD_JSON_NUMBER
								     : VD_JSON_STRING,
				.raw = value,
				.num = 100};
	d->n = 0;
	enum vd_field f = vd_table_read(t, &who, cell[4], &v, d);
	const struct vd_reading *r = &d->readings[0];
	if (f == VD_FIELD_READ)
		snprintf(ret, 160, "%s %s %s %g %s %x", vd_kind_name(r->kind), r->state, r->zone,
			 r->has_value ? r->value : 0, r->unit, r->flags);
	else
		snprintf(ret, 160, "%s", f == VD_FIELD_IGNORED ? "-" : "?");
}

/* Of the words of a row at least one means something else than without it. */
static bool is_needed(const struct vd_tables *all, const struct vd_tables *generic,
		      const struct vd_span cell[12])
{
	char with[160], without[160];
	struct vd_span words = cell[5], word;
	while (vd_span_next(&words, '|', &word)) {
		meaning(all, cell, word, with);
		meaning(generic, cell, word, without);
		if (strcmp(with, without) != 0)
			return true;
	}
	return false;
}

/* A row of a model says something else than everybody's, and is reached: nothing of the same model
 * and key that takes anything stands before it. The model is known, unless all its rows are of no
 * interest. */
static void every_row_of_a_model_is_needed_and_reached(void **state)
{
	(void)state;
	char *text = read_map("zigbee2mqtt-models.csv"), *plain = read_map("zigbee2mqtt.csv");
	struct vd_tables *all = NULL, *generic = NULL;
	struct vd_span rest = vd_span_cstr(text), line, cell[12], before[12] = {{0}};
	int n = 0;
	assert_int_equal(vd_tables_load(NULL, &all, NULL), 0);
	add(&generic, plain);
	while (vd_span_next(&rest, '\n', &line)) {
		if (!line.n || line.p[0] == '#' || cells_of(line, cell) != 12 ||
		    vd_span_is(cell[2], "*") || vd_span_is(cell[2], "model"))
			continue;
		bool same = vd_span_eq(before[1], cell[1]) && vd_span_eq(before[2], cell[2]) &&
			    vd_span_eq(before[4], cell[4]);
		assert_false(same && vd_span_is(before[5], "*"));
		memcpy(before, cell, sizeof(before));
		const struct vd_models_name *name = vd_table_model(all, cell[0], cell[2]);
		assert_non_null(name);
		if (!vd_span_is(cell[6], "-"))
			assert_non_null(vd_models_maker(name, cell[1]));
		assert_true(vd_span_is(cell[6], "-") ||
			    vd_kind_takes(vd_kind_parse(cell[6]), cell[7]));
		if (!is_needed(all, generic, cell))
			fail_msg("says what everybody's rows say: %.*s", (int)line.n, line.p);
		n++;
	}
	assert_true(n >= 170);
	vd_tables_free(all);
	vd_tables_free(generic);
	free(text);
	free(plain);
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
		cmocka_unit_test(order_holds_between_a_models_rows_and_everybodys),
		cmocka_unit_test(a_maker_is_found_when_there_is_but_one),
		cmocka_unit_test(bad_lists_are_named_with_their_line),
		cmocka_unit_test(every_known_model_can_report_something),
		cmocka_unit_test(every_row_of_a_model_is_needed_and_reached),
	};
	return cmocka_run_group_tests_name("models", tests, make, unmake);
}

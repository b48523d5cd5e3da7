/* SPDX-License-Identifier: EUPL-1.2 */
/* What samples cannot show: what trackers, radars and wearables remember over restarts and busy
 * disks, what their bindings say, which messages are the same one, and what is never read. */
#include "vdtest.h"
#include "adapters/common/place.h"
#include "adapters/common/standing.h"
#include "adapters/common/table.h"
#include "base/clock.h"
#include "base/mem.h"
#include "core/devstate.h"
#include <stdio.h>

#define NOW 1772517600000ll /* 2026-03-03T06:00:00Z */

static struct vd_tables *tables;
static const struct vd_adapter *adapter;
static void *state;
static struct vd_decoded *d;
static struct vd_devstate device;
static enum vd_verdict verdict;

static void closes(void)
{
	if (state && adapter->fini)
		adapter->fini(state);
	vd_free(state);
	state = NULL;
}

static int speaks(const char *family, const char *prefix, const char *config)
{
	closes();
	adapter = vd_adapter_find(vd_span_cstr(family));
	assert_non_null(adapter);
	state = vd_calloc(1, adapter->state_size);
	return adapter->init(state, vd_span_cstr(prefix), vd_span_cstr(config), tables);
}

static void opens(const char *family, const char *prefix, const char *config)
{
	assert_int_equal(speaks(family, prefix, config), 0);
}

static int clean(void **unused)
{
	(void)unused;
	vd_devstate_fini(&device);
	closes();
	return 0;
}

/* Decodes and judges as of `at_ms`, all of it as one device's. */
static void hears(const char *topic, const char *body, int64_t at_ms, bool recall)
{
	static const int rank[] = {
		[VD_V_NONE] = 0, [VD_V_CLEAR] = 1, [VD_V_TECHNICAL] = 2, [VD_V_RAISE] = 3};
	struct vd_frame f = {.topic = vd_span_cstr(topic),
			     .body = vd_span_cstr(body),
			     .retained = recall,
			     .recall = recall,
			     .received_at_ms = at_ms};
	d->n = d->n_heard = 0;
	d->remember = d->forget = false;
	d->dedup = 0;
	d->unknown_keys = 0;
	d->unknown_key[0] = d->error[0] = '\0';
	vd_buf_clear(&d->scratch);
	verdict = VD_V_NONE;
	if (adapter->decode(state, &f, d))
		fail_msg("%s", d->error);
	for (size_t i = 0; i < d->n && !recall; i++) {
		struct vd_judged j;
		assert_int_equal(vd_judge(&device, &f, &d->readings[i], false, &j), 0);
		if (rank[j.verdict] > rank[verdict])
			verdict = j.verdict;
	}
}

static const struct vd_reading *told(enum vd_kind kind)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->readings[i].kind == kind)
			return &d->readings[i];
	return NULL;
}

/* -- Traccar -------------------------------------------------------------------------------- */

static char text[2048];

static const char *event(const char *type, int id, const char *alarm, int64_t fix_ms,
			 int64_t server_ms)
{
	char when[25], fix[25];
	vd_iso_format(server_ms, when);
	vd_iso_format(fix_ms, fix);
	snprintf(text, sizeof(text),
		 "{\"event\":{\"id\":%d,\"type\":\"%s\",\"eventTime\":\"%s\",\"geofenceId\":3,"
		 "\"attributes\":{\"alarm\":%s}},\"position\":{\"fixTime\":\"%s\","
		 "\"deviceTime\":\"%s\",\"serverTime\":\"%s\",\"valid\":true,\"latitude\":61.8,"
		 "\"longitude\":8.5,\"attributes\":{}},\"device\":{\"uniqueId\":\"17\"},"
		 "\"geofence\":{\"name\":\"Hjemme\"}}",
		 id, type, when, alarm, fix, when, when);
	return text;
}

static void the_same_event_is_one_and_a_new_database_is_another(void **unused)
{
	(void)unused;
	opens("traccar", "", "");
	hears("", event("alarm", 5, "\"sos\"", NOW, NOW), NOW, false);
	uint64_t first = d->dedup;
	assert_true(first != 0);
	hears("", text, NOW + 900, false);
	assert_true(d->dedup == first);
	hears("", event("alarm", 5, "\"sos\"", NOW + 60000, NOW + 60000), NOW + 60000, false);
	assert_true(d->dedup && d->dedup != first);
	hears("", event("alarm", 5, "\"fallDown\"", NOW, NOW), NOW, false);
	assert_true(d->dedup && d->dedup != first);
}

static void a_press_that_met_a_full_disk_raises_when_told_again(void **unused)
{
	(void)unused;
	opens("traccar", "", "");
	hears("", event("alarm", 5, "\"sos\"", NOW, NOW), NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	vd_devstate_forget(&device, VD_KIND_SOS, ""); /* what the hub does when it answers BUSY */
	hears("",
	      "{\"position\":{\"deviceTime\":\"2026-03-03T06:00:00Z\",\"valid\":false,"
	      "\"attributes\":{\"alarm\":\"sos\"}},\"device\":{\"uniqueId\":\"17\"}}",
	      NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
}

static void a_press_without_a_time_counts_by_when_it_came(void **unused)
{
	static const char *const press = "{\"position\":{\"attributes\":{\"alarm\":\"sos\"}},"
					 "\"device\":{\"uniqueId\":\"17\"}}";
	(void)unused;
	opens("traccar", "", "");
	hears("", press, NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	hears("", press, NOW + 30000, false);
	assert_int_equal(verdict, VD_V_NONE);
	hears("", press, NOW + 61000, false);
	assert_int_equal(verdict, VD_V_RAISE);
}

static void a_fix_that_was_held_back_on_the_way_is_old_too(void **unused)
{
	(void)unused;
	opens("traccar", "", "");
	hears("", event("geofenceExit", 6, "null", NOW, NOW), NOW + 59 * VD_MINUTE_MS, false);
	assert_int_equal(verdict, VD_V_RAISE); /* marked late by the hub, and raised */
	hears("", event("geofenceExit", 7, "null", NOW, NOW), NOW + 61 * VD_MINUTE_MS, false);
	assert_int_equal(verdict, VD_V_NONE);
	assert_true(told(VD_KIND_GEOFENCE)->flags & VD_F_REPLAY);
	assert_true(told(VD_KIND_LOCATION)->flags & VD_F_REPLAY);
}

static void a_binding_says_how_old_a_fix_may_be(void **unused)
{
	static const char *const bad[] = {"{\"old_fix_min\":0}",
					  "{\"old_fix_min\":1441}",
					  "{\"old_fix_min\":\"30\"}",
					  "{\"minutes\":30}",
					  "[]",
					  "{\"old_fix_min\":30} x",
					  "{"};
	(void)unused;
	opens("traccar", "", "{\"old_fix_min\": 30}");
	hears("", event("geofenceExit", 6, "null", NOW - 29 * VD_MINUTE_MS, NOW), NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	hears("", event("geofenceExit", 7, "null", NOW - 31 * VD_MINUTE_MS, NOW), NOW, false);
	assert_int_equal(verdict, VD_V_NONE);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(speaks("traccar", "", bad[i]), VD_EINVAL);
		assert_int_equal(speaks("owntracks", "", bad[i]), VD_EINVAL);
	}
}

static void an_exit_is_owed_until_it_is_stored(void **unused)
{
	(void)unused;
	opens("traccar", "", "");
	hears("", event("geofenceExit", 6, "null", NOW - 3 * VD_HOUR_MS, NOW), NOW, false);
	assert_int_equal(verdict, VD_V_NONE);
	hears("", event("deviceMoving", 7, "null", NOW, NOW), NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	assert_string_equal(told(VD_KIND_GEOFENCE)->zone, "Hjemme");
	vd_devstate_forget(&device, VD_KIND_GEOFENCE, "Hjemme"); /* BUSY */
	hears("", text, NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	hears("", event("deviceMoving", 8, "null", NOW, NOW), NOW, false);
	assert_int_equal(verdict, VD_V_NONE);
}

static void more_late_exits_than_are_kept_harm_nobody(void **unused)
{
	struct vd_exits x = {0};
	struct vd_reading like = {.t_ms = NOW, .seq = -1};
	struct vd_spot s = {0};
	char name[16];
	(void)unused;
	for (int i = 0; i < VD_EXITS + 10; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		vd_exit_was_late(&x, vd_span_cstr(name), "Hjemme", 0);
		vd_exit_was_late(&x, vd_span_cstr(name), "Hjemme", 0); /* once each */
	}
	for (int i = 0; i < VD_EXITS + 10; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		d->n = 0;
		vd_exits_tell(&x, d, vd_span_cstr(name), &like, &s);
		assert_int_equal(d->n, i >= 10);
	}
}

static void names_and_numbers_of_people_are_never_read(void **unused)
{
	static const char *const secret[] = {"Storgata", "91234567", "Kari", "fører-1", "aa:bb"};
	(void)unused;
	opens("traccar", "", "");
	hears("",
	      "{\"event\":{\"id\":1,\"type\":\"alarm\",\"eventTime\":\"2026-03-03T06:00:00Z\","
	      "\"attributes\":{\"alarm\":\"sos\",\"message\":\"ring 91234567\"}},"
	      "\"position\":{\"valid\":true,\"latitude\":61.8,\"longitude\":8.5,"
	      "\"address\":\"Storgata 1\",\"network\":{\"wifi\":\"aa:bb\"},"
	      "\"attributes\":{\"driverUniqueId\":\"fører-1\",\"phone\":\"91234567\"}},"
	      "\"device\":{\"uniqueId\":\"17\",\"name\":\"klokke\",\"phone\":\"91234567\","
	      "\"contact\":\"Kari\"}}",
	      NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	assert_int_equal(d->unknown_keys, 0);
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < sizeof(secret) / sizeof(secret[0]); k++)
			assert_null(strstr(d->readings[i].attrs, secret[k]));
}

static void a_blood_pressure_that_is_none_is_not_told(void **unused)
{
	static const char *const bad[] = {
		"[],\"pressureLow\":[]",          "\"128\",\"pressureLow\":\"\"",
		"\"  1\",\"pressureLow\":\"  \"", "1e9,\"pressureLow\":79",
		"79,\"pressureLow\":128",         "null,\"pressureLow\":null"};
	char body[200];
	(void)unused;
	opens("traccar", "", "");
	for (size_t i = 0; i <= sizeof(bad) / sizeof(bad[0]); i++) {
		bool good = i == sizeof(bad) / sizeof(bad[0]);
		snprintf(body, sizeof(body),
			 "{\"device\":{\"uniqueId\":\"17\"},\"position\":{\"attributes\":"
			 "{\"pressureHigh\":%s}}}",
			 good ? "128,\"pressureLow\":\"79\"" : bad[i]);
		char *exact = vd_memdup_str(body, strlen(body)); /* a read past it is seen */
		hears("", exact, NOW, false);
		assert_int_equal(told(VD_KIND_VITAL_BLOOD_PRESSURE) != NULL, good);
		vd_free(exact);
	}
	assert_string_equal(told(VD_KIND_VITAL_BLOOD_PRESSURE)->attrs, "\"value\":\"128/79\"");
}

static void what_nobody_knows_is_counted(void **unused)
{
	(void)unused;
	opens("traccar", "", "");
	hears("",
	      "{\"position\":{\"attributes\":{\"mystery\":1,\"batteryLevel\":5}},"
	      "\"device\":{\"uniqueId\":\"17\"},\"extra\":[]}",
	      NOW, false);
	assert_int_equal(d->unknown_keys, 2);
	assert_string_equal(d->unknown_key, "extra");
	hears("", event("alarm", 3, "\"sideButton\"", NOW, NOW), NOW, false);
	assert_int_equal(d->unknown_keys, 1);
	assert_string_equal(d->unknown_key, "sideButton");
}

/* -- last wills ----------------------------------------------------------------------------- */

#define PHONE    "owntracks/anna/tlf"
#define LWT      "{\"_type\":\"lwt\",\"tst\":1772000000}"
#define LOCATION "{\"_type\":\"location\",\"tst\":1772517600,\"lat\":61.8,\"lon\":8.5}"

static void a_will_is_remembered_over_a_restart(void **unused)
{
	(void)unused;
	opens("owntracks", "", "");
	hears(PHONE, LWT, NOW, false);
	assert_int_equal(verdict, VD_V_TECHNICAL);
	assert_true(d->remember && !d->forget);
	opens("owntracks", "", ""); /* a new process, the device's states restored by the hub */
	hears(PHONE, LWT, NOW, true);
	hears(PHONE, LOCATION, NOW + 1000, false);
	assert_int_equal(verdict, VD_V_CLEAR);
	assert_true(d->forget && !d->remember);
	hears(PHONE, LOCATION, NOW + 2000, false);
	assert_string_equal(told(VD_KIND_DEVICE_CONNECTIVITY)->state, "online"); /* no news */
	assert_int_equal(verdict, VD_V_NONE);
	assert_false(d->forget);
	hears(PHONE, LWT, NOW + 3000, false);
	assert_int_equal(verdict, VD_V_TECHNICAL);
	assert_true(d->remember);
}

static void who_was_never_gone_is_not_said_to_be_back(void **unused)
{
	(void)unused;
	opens("owntracks", "", "");
	hears(PHONE, LOCATION, NOW, false);
	assert_null(told(VD_KIND_DEVICE_CONNECTIVITY));
	assert_false(d->forget);
}

static void more_wills_than_are_kept_forget_the_oldest(void **unused)
{
	struct vd_standing s = {0};
	char name[16];
	(void)unused;
	for (int i = 0; i < VD_STANDING + 5; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		vd_standing_begin(&s, d, vd_span_cstr(name));
	}
	assert_false(vd_standing_over(&s, d, VD_SPAN_LIT("d4")));
	assert_true(vd_standing_over(&s, d, VD_SPAN_LIT("d5")));
	snprintf(name, sizeof(name), "d%d", VD_STANDING + 4);
	assert_true(vd_standing_over(&s, d, vd_span_cstr(name)));
}

static void the_app_reads_a_list_from_the_answer(void **unused)
{
	struct vd_frame f = {.carrier = VD_CARRIER_HTTP};
	struct vd_answer a = {.outcome = VD_STORED};
	struct vd_buf b;
	const char *type = NULL;
	(void)unused;
	opens("owntracks", "", "");
	vd_buf_init(&b, 64);
	assert_int_equal(adapter->reply(state, &f, &a, &b, &type), 0);
	assert_string_equal(b.p, "[]");
	assert_string_equal(type, "application/json");
	vd_buf_clear(&b);
	a.outcome = VD_BUSY;
	assert_int_equal(adapter->reply(state, &f, &a, &b, &type), 0);
	assert_int_equal(b.n, 0);
	vd_buf_fini(&b);
}

/* -- radars --------------------------------------------------------------------------------- */

#define FALL(status, update)                                                                       \
	"{\"type\":5,\"payload\":{\"status\":\"" status "\",\"timestamp\":1772517600000,"          \
	"\"statusUpdateTimestamp\":" update "}}"

static void one_stage_of_one_fall_is_one_message(void **unused)
{
	(void)unused;
	opens("vayyar", "", "");
	hears("/devices/r1/events", FALL("fall_confirmed", "1"), NOW, false);
	uint64_t first = d->dedup;
	assert_true(first != 0);
	hears("/devices/r1/events", FALL("fall_confirmed", "1"), NOW, false);
	assert_true(d->dedup == first);
	hears("/devices/r1/events", FALL("calling", "1"), NOW, false);
	assert_true(d->dedup && d->dedup != first);
}

static void a_prefix_may_have_a_slash_before_it_or_not(void **unused)
{
	static const char *const pairs[][2] = {{"", "/devices/r1/events"},
					       {"", "devices/r1/events"},
					       {"/devices", "devices/r1/events"},
					       {"care/radar", "care/radar/r1/events"}};
	(void)unused;
	for (size_t i = 0; i < 4; i++) {
		opens("vayyar", pairs[i][0], "");
		hears(pairs[i][1], FALL("fall_confirmed", "1"), NOW, false);
		assert_non_null(told(VD_KIND_FALL));
		assert_true(vd_span_is(told(VD_KIND_FALL)->identity, "r1"));
	}
	opens("vayyar", "care/radar", "");
	hears("care/radarx/r1/events", FALL("fall_confirmed", "1"), NOW, false);
	assert_int_equal(d->n, 0);
}

static void a_blind_radar_is_remembered_over_a_restart(void **unused)
{
	(void)unused;
	opens("vayyar", "", "");
	hears("/devices/r1/state", "{\"status\":\"error\"}", NOW, false);
	assert_int_equal(verdict, VD_V_TECHNICAL);
	assert_true(d->remember);
	opens("vayyar", "", "");
	hears("/devices/r1/state", "{\"status\":\"error\"}", NOW, true);
	hears("/devices/r1/state", "{\"status\":\"monitoring\"}", NOW, false);
	assert_int_equal(verdict, VD_V_CLEAR);
	assert_true(d->forget);
}

static void a_module_is_read_as_its_binding_says(void **unused)
{
	(void)unused;
	opens("mmwave", "home", "{\"topic\":\"{device}/radar/{key}\",\"vendor\":\"DFRobot\"}");
	hears("home/bad/radar/fall_status", "1", NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	assert_true(vd_span_is(told(VD_KIND_FALL)->identity, "bad"));
	hears("home/bad/radar/motion", "1", NOW, false); /* still, by this vendor's rows */
	assert_string_equal(told(VD_KIND_MOTION)->state, "clear");
	hears("home/bad/radar/motion/x", "1", NOW, false);
	assert_int_equal(d->n, 0);
	hears("home/bad/lamp/fall_status", "1", NOW, false);
	assert_int_equal(d->n, 0);
	opens("mmwave", "", "{\"device\":\"room_id\",\"time\":\"when\"}");
	hears("any/topic", "{\"room_id\":\"B-204\",\"status\":2,\"when\":1772517600}", NOW, false);
	assert_true(vd_span_is(told(VD_KIND_FALL)->identity, "B-204"));
	assert_true(told(VD_KIND_FALL)->t_ms == NOW);
	hears("any/topic", "{\"room_id\":204,\"status\":2,\"ts\":1772517600}", NOW, false);
	assert_true(vd_span_is(told(VD_KIND_FALL)->identity, "204"));
	assert_int_equal(told(VD_KIND_FALL)->t_ms, 0);
}

static void a_module_s_binding_that_makes_no_sense_is_refused(void **unused)
{
	static const char *const bad[] = {"[]",
					  "{\"topic\":\"+/{key}\"}",
					  "{\"device\":1}",
					  "{\"device\":\"\"}",
					  "{\"devcie\":\"room_id\"}",
					  "{\"device\":\"a\"",
					  "{\"device\":\"\\u0061\"}"};
	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(speaks("mmwave", "", bad[i]), VD_EINVAL);
	opens("mmwave", "", " {} ");
}

static void a_fall_counts_also_when_many_fields_stand_before_it(void **unused)
{
	char body[1024] = "{";
	(void)unused;
	opens("mmwave", "", "");
	for (int i = 0; i < 40; i++)
		snprintf(body + strlen(body), sizeof(body) - strlen(body), "\"lux\":%d,", i);
	snprintf(body + strlen(body), sizeof(body) - strlen(body), "\"status\":2}");
	hears("r", body, NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
	hears("r", body, NOW, false);
	assert_int_equal(verdict, VD_V_NONE);
	hears("r", "{\"status\":0}", NOW, false);
	hears("r", body, NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
}

static void a_fall_that_met_a_full_disk_raises_when_told_again(void **unused)
{
	(void)unused;
	opens("mmwave", "", "");
	hears("r", "{\"status\":2}", NOW, false);
	vd_devstate_forget(&device, VD_KIND_FALL, "");
	hears("r", "{\"status\":2}", NOW, false);
	assert_int_equal(verdict, VD_V_RAISE);
}

/* -- zones ---------------------------------------------------------------------------------- */

static void long_names_of_zones_stay_apart(void **unused)
{
	char a[VD_ZONE_BYTES], b[VD_ZONE_BYTES];
	(void)unused;
	vd_zone_name(VD_SPAN_LIT("Omsorgsboligene A"), a);
	vd_zone_name(VD_SPAN_LIT("Omsorgsboligene B"), b);
	assert_string_not_equal(a, b);
	vd_zone_name(VD_SPAN_LIT(" Hjemme "), a);
	assert_string_equal(a, "Hjemme");
	vd_zone_name(VD_SPAN_LIT("Sm\\u00e5tun"), a);
	assert_string_equal(a, "Småtun");
	vd_zone_name(VD_SPAN_LIT("ÆÆÆÆÆÆÆÆÆÆÆÆ"), a);
	assert_true(vd_span_utf8(vd_span_cstr(a)));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, clean, clean)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_same_event_is_one_and_a_new_database_is_another),
		T(a_press_that_met_a_full_disk_raises_when_told_again),
		T(a_press_without_a_time_counts_by_when_it_came),
		T(a_fix_that_was_held_back_on_the_way_is_old_too),
		T(a_binding_says_how_old_a_fix_may_be),
		T(an_exit_is_owed_until_it_is_stored),
		T(more_late_exits_than_are_kept_harm_nobody),
		T(names_and_numbers_of_people_are_never_read),
		T(a_blood_pressure_that_is_none_is_not_told),
		T(what_nobody_knows_is_counted),
		T(a_will_is_remembered_over_a_restart),
		T(who_was_never_gone_is_not_said_to_be_back),
		T(more_wills_than_are_kept_forget_the_oldest),
		T(the_app_reads_a_list_from_the_answer),
		T(one_stage_of_one_fall_is_one_message),
		T(a_prefix_may_have_a_slash_before_it_or_not),
		T(a_blind_radar_is_remembered_over_a_restart),
		T(a_module_is_read_as_its_binding_says),
		T(a_module_s_binding_that_makes_no_sense_is_refused),
		T(a_fall_counts_also_when_many_fields_stand_before_it),
		T(a_fall_that_met_a_full_disk_raises_when_told_again),
		T(long_names_of_zones_stay_apart),
	};
	struct vd_errtext e = {0};
	if (vd_tables_load(NULL, &tables, &e))
		return 1;
	d = vd_calloc(1, sizeof(*d));
	if (!d)
		return 1;
	vd_buf_init(&d->scratch, VD_MAX_FRAME_BYTES);
	int failed = cmocka_run_group_tests_name("families' state", tests, NULL, NULL);
	vd_buf_fini(&d->scratch);
	vd_free(d);
	vd_tables_free(tables);
	return failed;
}

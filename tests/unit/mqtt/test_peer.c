/* SPDX-License-Identifier: EUPL-1.2 */
/* One connection's promises: nothing is acknowledged before it is stored, in the order it came,
 * once; what cannot be stored now is asked for again; and a broken packet ends only its own
 * connection. */
#include "bench.h"

static const struct say_connect v4 = {.version = 4}, v5 = {.version = 5};

/* -- nothing before STORED ----------------------------------------------------------------------
 */

static void test_puback_waits_for_stored(void **state)
{
	for (int version = 4; version <= 5; version++) {
		struct table t;
		struct client c;
		table_open(&t);
		client_join(&t, &c, version == 4 ? &v4 : &v5);
		client_publish(&c, "z/door", "open", 1, 7, false);
		assert_int_equal(t.host->n, 1);
		assert_string_equal(t.host->frames[0].topic, "z/door");
		assert_string_equal(t.host->frames[0].body, "open");
		assert_int_equal(t.host->frames[0].gateway, 1);
		table_pass(&t, &c, 5000);
		client_hears(&c, ""); /* however long the disk takes */
		fake_answer(t.host, 0, VD_STORED);
		client_hears(&c, "40 02 0007");
		client_drop(&c);
		table_close(&t);
	}
}

static void test_duplicate_is_acknowledged(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v5);
	client_publish(&c, "a", "x", 1, 1, false);
	fake_answer(t.host, 0, VD_DUPLICATE);
	client_hears(&c, "40 02 0001");
	client_drop(&c);
	table_close(&t);
}

static void test_qos0_is_never_answered(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v5);
	for (int o = VD_STORED; o <= VD_BUSY; o++) {
		client_publish(&c, "a", "x", 0, 0, false);
		fake_answer(t.host, (size_t)o, (enum vd_outcome_code)o);
		client_hears(&c, "");
	}
	assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
	client_drop(&c);
	table_close(&t);
}

/* [MQTT-4.6.0-2], [MQTT-4.6.0-3] */
static void test_acks_leave_in_order_of_arrival(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v4);
	client_publish(&c, "a", "1", 1, 1, false);
	client_publish(&c, "a", "2", 2, 2, false);
	client_publish(&c, "a", "3", 1, 3, false);
	fake_answer(t.host, 2, VD_STORED);
	fake_answer(t.host, 1, VD_STORED);
	client_hears(&c, "");
	fake_answer(t.host, 0, VD_STORED);
	client_hears(&c, "40 02 0001 50 02 0002 40 02 0003");
	client_drop(&c);
	table_close(&t);
}

/* -- QoS 2 --------------------------------------------------------------------------------------
 */

static void test_qos2_stores_once(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v4);
	client_publish(&c, "a", "x", 2, 9, false);
	client_hears(&c, "");
	client_publish(&c, "a", "x", 2, 9, true); /* impatient: still on its way to the disk */
	assert_int_equal(t.host->n, 1);
	fake_answer(t.host, 0, VD_STORED);
	client_hears(&c, "50 02 0009");
	client_publish(&c, "a", "x", 2, 9, true); /* PUBREC lost: again, but not to the hub */
	client_hears(&c, "50 02 0009");
	assert_int_equal(t.host->n, 1);
	say_hex(&c.say, "62 02 0009 62 02 0009");
	client_send(&c);
	client_hears(&c, "70 02 0009 70 02 0009");
	client_publish(&c, "a", "y", 2, 9, false); /* released: the id is free again */
	assert_int_equal(t.host->n, 2);
	client_drop(&c);
	table_close(&t);
}

static void test_qos2_over_a_reconnect(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = {.version = 5, .dirty = true, .props_hex = "11 00000064"};
	table_open(&t);
	assert_false(client_join(&t, &c, &how));
	client_publish(&c, "a", "x", 2, 9, false);
	client_publish(&c, "a", "y", 2, 10, false);
	fake_answer(t.host, 0, VD_STORED);
	client_hears(&c, "50 02 0009");
	client_drop(&c);
	fake_answer(t.host, 1, VD_STORED); /* nobody is there to be told */
	assert_true(client_join(&t, &c, &how));
	client_publish(&c, "a", "x", 2, 9, true);
	client_publish(&c, "a", "y", 2, 10, true);
	client_hears(&c, "50 02 0009 50 02 000A");
	assert_int_equal(t.host->n, 2);
	say_hex(&c.say, "62 02 0009 62 02 000A 62 02 000B");
	client_send(&c);
	client_hears(&c, "70 02 0009 70 02 000A 70 03 000B 92"); /* the last was never there */
	client_drop(&c);
	table_close(&t);
}

/* -- refusals and a full hub ----------------------------------------------------------------------
 */

static void test_refused_5_says_why(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v5);
	client_publish(&c, "a", "x", 1, 1, false);
	client_publish(&c, "a", "x", 2, 2, false);
	fake_answer_all(t.host, VD_REFUSED);
	client_hears(&c, "40 09 0001 99 05 1F 0002 6E6F 50 09 0002 99 05 1F 0002 6E6F");
	client_publish(&c, "a", "x", 2, 2, false); /* PUBREC with a refusal ended that exchange */
	assert_int_equal(t.host->n, 3);
	client_drop(&c);
	table_close(&t);
}

static void test_refused_5_without_problem_information(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = {.version = 5, .props_hex = "17 00"};
	table_open(&t);
	client_join(&t, &c, &how);
	client_publish(&c, "a", "x", 1, 1, false);
	fake_answer_all(t.host, VD_REFUSED);
	client_hears(&c, "40 03 0001 99"); /* [MQTT-3.1.2-29] */
	client_drop(&c);
	table_close(&t);
}

static void test_refused_311_is_acknowledged(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v4);
	client_publish(&c, "a", "x", 1, 1, false);
	client_publish(&c, "a", "x", 2, 2, false);
	fake_answer_all(t.host, VD_REFUSED);
	client_hears(&c, "40 02 0001 50 02 0002");
	say_hex(&c.say, "62 02 0002");
	client_send(&c);
	client_hears(&c, "70 02 0002");
	client_drop(&c);
	table_close(&t);
}

static void test_busy_asks_again(void **state)
{
	for (int version = 4; version <= 5; version++) {
		struct table t;
		struct client c;
		table_open(&t);
		client_join(&t, &c, version == 4 ? &v4 : &v5);
		client_publish(&c, "a", "1", 1, 1, false);
		client_publish(&c, "a", "2", 1, 2, false);
		client_publish(&c, "a", "3", 1, 3, false);
		fake_answer(t.host, 1, VD_BUSY);
		client_publish(&c, "a", "4", 1, 4, false); /* not read any more */
		assert_int_equal(t.host->n, 3);
		fake_answer(t.host, 2, VD_STORED);
		assert_int_equal(c.peer.state, MQTT_PEER_DRAINING);
		client_hears(&c, "");
		fake_answer(t.host, 0, VD_STORED);
		assert_int_equal(c.peer.state, MQTT_PEER_ENDED);
		client_hears(&c, version == 4 ? "40 02 0001 40 02 0003"
					      : "40 02 0001 40 02 0003 E0 01 97");
		client_drop(&c);
		table_close(&t);
	}
}

static void test_dropped_while_draining(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v4);
	client_publish(&c, "a", "1", 1, 1, false);
	client_publish(&c, "a", "2", 1, 2, false);
	fake_answer(t.host, 0, VD_BUSY);
	table_pass(&t, &c, 100000); /* its clock does not spin meanwhile */
	assert_true(c.peer.deadline_mono > t.rt->mono_ms(t.rt));
	client_drop(&c);
	fake_answer(t.host, 1, VD_STORED);
	table_close(&t);
}

/* -- coming back ----------------------------------------------------------------------------------
 */

static void test_repeat_after_reconnect(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = {.version = 4, .dirty = true};
	table_open(&t);
	client_join(&t, &c, &how);
	client_publish(&c, "a", "stored meanwhile", 1, 1, false);
	client_publish(&c, "a", "stored later", 1, 2, false);
	client_publish(&c, "a", "not stored", 1, 3, false);
	client_publish(&c, "a", "never repeated", 1, 4, false);
	client_drop(&c);
	fake_answer(t.host, 0, VD_STORED);
	fake_answer(t.host, 2, VD_BUSY);
	fake_answer(t.host, 3, VD_STORED);
	assert_true(client_join(&t, &c, &how));
	client_publish(&c, "a", "stored meanwhile", 1, 1, true);
	client_hears(&c, "40 02 0001");
	client_publish(&c, "a", "stored later", 1, 2, true);
	client_publish(&c, "a", "not stored", 1, 3, true);
	assert_int_equal(t.host->n, 5); /* only the one that met a full hub went in again */
	assert_true(t.host->frames[4].dup);
	fake_answer(t.host, 4, VD_STORED);
	client_hears(&c, "");
	fake_answer(t.host, 1, VD_STORED);
	client_hears(&c, "40 02 0002 40 02 0003");
	/* The id of an old message without DUP is a new message, even with the same text: a second
	 * press is never taken for the first. */
	client_publish(&c, "a", "never repeated", 1, 4, false);
	assert_int_equal(t.host->n, 6);
	fake_answer(t.host, 5, VD_STORED);
	client_hears(&c, "40 02 0004");
	client_drop(&c);
	table_close(&t);
}

static void test_clean_session_forgets(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v4);
	client_publish(&c, "a", "x", 1, 1, false);
	client_drop(&c);
	fake_answer_all(t.host, VD_STORED);
	assert_false(client_join(&t, &c, &v4));
	client_publish(&c, "a", "x", 1, 1, true);
	assert_int_equal(t.host->n, 2); /* at least once: the hub recognises it */
	client_drop(&c);
	table_close(&t);
}

static void test_records_left_behind_have_a_ceiling(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = {.version = 4, .dirty = true};
	table_open(&t);
	for (unsigned round = 0; round < 5; round++) {
		client_join(&t, &c, &how);
		for (unsigned i = 0; i < 64; i++)
			client_publish(&c, "a", "x", 1, 1 + round * 64 + i, false);
		struct mqtt_session *s = c.peer.session;
		client_drop(&c);
		assert_true(s->n_limbo <= 2 * VD_MAX_MQTT_INFLIGHT);
	}
	fake_answer_all(t.host, VD_STORED);
	table_close(&t);
}

/* -- limits
 * ----------------------------------------------------------------------------------------- */

static void test_receive_maximum_5(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v5);
	for (unsigned i = 1; i <= 64; i++)
		client_publish(&c, "a", "x", 1, i, false);
	assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
	client_publish(&c, "a", "x", 1, 65, false);
	client_hears(&c, "E0 01 93"); /* [MQTT-3.3.4-9] */
	assert_int_equal(t.host->n, 64);
	client_drop(&c);
	table_close(&t);
}

/* QoS 2 counts until PUBCOMP. */
static void test_receive_maximum_counts_qos2_to_the_end(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v5);
	for (unsigned i = 1; i <= 64; i++)
		client_publish(&c, "a", "x", 2, i, false);
	fake_answer_all(t.host, VD_STORED);
	vd_buf_clear(&c.peer.out);
	say_hex(&c.say, "62 02 0001");
	client_publish(&c, "a", "x", 1, 100, false);
	assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
	client_publish(&c, "a", "x", 1, 101, false);
	client_hears(&c, "70 02 0001 E0 01 93");
	client_drop(&c);
	table_close(&t);
}

/* 3.1.1 knows no ceiling, so we stop reading instead, and go on when there is room. */
static void test_flood_is_left_in_the_socket(void **state)
{
	for (int qos = 0; qos <= 1; qos++) {
		struct table t;
		struct client c;
		table_open(&t);
		client_join(&t, &c, &v4);
		for (unsigned i = 1; i <= 100; i++)
			say_publish(&c.say, 4, "a", "x", qos, qos ? i : 0, false);
		client_send(&c);
		assert_int_equal(t.host->n, 64);
		assert_true(mqtt_peer_paused(&c.peer));
		for (int i = 0; i < 10; i++)
			fake_answer(t.host, (size_t)i, VD_STORED);
		client_send(&c);
		assert_int_equal(t.host->n, 74);
		/* The client cannot help it: its silence does not count. */
		table_pass(&t, &c, 2000000);
		assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
		client_drop(&c);
		table_close(&t);
	}
}

static void test_flood_of_bytes(void **state)
{
	struct table t;
	struct client c;
	static char big[100001];
	table_open(&t);
	client_join(&t, &c, &v4);
	memset(big, 'x', sizeof(big) - 1);
	for (unsigned i = 1; i <= 20; i++)
		say_publish(&c.say, 4, "a", big, 1, i, false);
	client_send(&c);
	assert_int_equal(t.host->n, 11); /* the one that goes over 1 MiB is the last */
	assert_int_equal(t.host->frames[0].body_n, 100000);
	client_drop(&c);
	table_close(&t);
}

static void test_packets_per_turn(void **state)
{
	struct table t;
	struct client c;
	struct vd_buf b;
	size_t used = 0;
	table_open(&t);
	client_join(&t, &c, &v4);
	vd_buf_init(&b, 4096);
	for (int i = 0; i < 10; i++)
		say_hex(&b, "C0 00");
	assert_int_equal(mqtt_peer_input(&c.peer, vd_buf_span(&b), 4, &used), MQTT_NEED_TURN);
	assert_int_equal(used, 8);
	client_hears(&c, "D000 D000 D000 D000");
	vd_buf_fini(&b);
	client_drop(&c);
	table_close(&t);
}

/* A client that does not read its answers is not read from, and is cut by its keep-alive. */
static void test_deaf_client(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = {.version = 4, .keep_alive = 60};
	table_open(&t);
	client_join(&t, &c, &how);
	for (int i = 0; i < 100000; i++)
		vd_buf_add(&c.say, "\xC0\x00", 2);
	client_send(&c);
	assert_true(c.peer.out.n <= VD_MAX_MQTT_OUT / 4 + 2);
	assert_true(c.say.n > 100000);
	table_pass(&t, &c, 90000);
	assert_int_equal(c.peer.state, MQTT_PEER_ENDED);
	client_drop(&c);
	table_close(&t);
}

static void test_too_large(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v5);
	say_hex(&c.say, "30 FF FF FF 7F"); /* nothing of it is waited for */
	client_send(&c);
	client_hears(&c, "E0 01 95");
	client_drop(&c);
	client_open(&t, &c);
	say_hex(&c.say, "10 FF FF 7F");
	assert_false(client_send(&c)); /* before the version is known: closed */
	client_hears(&c, "");
	client_drop(&c);
	table_close(&t);
}

/* -- order and form
 * ---------------------------------------------------------------------------------- */

static void test_one_byte_at_a_time(void **state)
{
	struct table t;
	struct client c;
	struct vd_buf all;
	table_open(&t);
	client_open(&t, &c);
	vd_buf_init(&all, 4096);
	say_connect(&all, &v4);
	say_publish(&all, 4, "a/b", "hello", 1, 1, false);
	say_hex(&all, "C0 00");
	for (size_t i = 0; i < all.n; i++) {
		vd_buf_add_char(&c.say, all.p[i]);
		assert_true(client_send(&c));
	}
	assert_int_equal(t.host->n, 1);
	client_hears(&c, "20 02 00 00 D0 00");
	vd_buf_fini(&all);
	client_drop(&c);
	table_close(&t);
}

static void test_order_of_packets(void **state)
{
	static const struct {
		const char *name, *hex, *hears;
		bool first; /* sent instead of CONNECT */
		int version;
	} rows[] = {
		{"3.1.0-1 PUBLISH before CONNECT", "30 04 0001 61 00", "", true, 0},
		{"3.1.0-1 PINGREQ before CONNECT", "C0 00", "", true, 0},
		{"HTTP at the wrong door", "47 45 54 20 2F", "", true, 0},
		{"TLS at the plain door", "16 03 01 02 00", "", true, 0},
		{"broken 5.0 CONNECT is told", "10 0D 0004 4D515454 05 03 003C 00 0000",
		 "20 03 00 81 00", true, 5},
		{"broken 3.1.1 CONNECT is not", "10 0D 0004 4D515454 04 03 003C 0001 61", "", true,
		 4},
		{"3.1.2-2 level 3", "10 0D 0004 4D515454 03 02 003C 0001 61", "20 02 00 01", true,
		 4},
		{"3.1.2-2 level 6", "10 0D 0004 4D515454 06 02 003C 0001 61", "20 03 00 84 00",
		 true, 5},
		{"authentication method", "10 11 0004 4D515454 05 02 003C 04 15000161 0000",
		 "20 03 00 8C 00", true, 5},
		{"3.1.0-2 second CONNECT", "10 0D 0004 4D515454 05 02 003C 00 0000", "E0 01 82",
		 false, 5},
		{"3.1.0-2 second CONNECT, 3.1.1", "10 0D 0004 4D515454 04 02 003C 0001 61", "",
		 false, 4},
		{"malformed", "82 07 0001 00 0001 61 40", "E0 01 81", false, 5},
		{"malformed, 3.1.1", "82 06 0001 0001 61 40", "", false, 4},
		{"packet id in use", "32 05 0001 61 0001 32 05 0001 62 0001", "", false, 4},
		{"packet id in use, 5.0", "32 06 0001 61 0001 00 32 06 0001 62 0001 00", "E0 01 82",
		 false, 5},
		{"AUTH", "F0 00", "E0 01 82", false, 5},
		{"topic alias", "30 07 0001 61 03 230001", "E0 01 94", false, 5},
		{"3.14.2.2.2 expiry after a session without", "E0 07 00 05 1100000005", "E0 01 82",
		 false, 5},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct table t;
		struct client c, other;
		struct say_connect how = {.id = "other"};
		table_open(&t);
		client_join(&t, &other, &how);
		if (rows[i].first)
			client_open(&t, &c);
		else
			client_join(&t, &c, rows[i].version == 5 ? &v5 : &v4);
		say_hex(&c.say, rows[i].hex);
		if (client_send(&c))
			fail_msg("%s: still connected", rows[i].name);
		print_message("%s\n", rows[i].name);
		client_hears(&c, rows[i].hears);
		assert_int_equal(other.peer.state, MQTT_PEER_LIVE); /* that connection only */
		client_drop(&c);
		client_drop(&other);
		table_close(&t);
	}
}

static void test_properties_reach_the_host(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &v5);
	say_hex(&c.say, "31 0C 0001 61 07 03 0004 6A736F6E 7B 31 08 0001 61 00 7B 7D 20 20");
	client_send(&c);
	assert_int_equal(t.host->n, 2);
	assert_string_equal(t.host->frames[0].content_type, "json");
	assert_true(t.host->frames[0].retained);
	assert_string_equal(t.host->frames[1].body, "{}  ");
	client_drop(&c);
	table_close(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_puback_waits_for_stored),
		cmocka_unit_test(test_duplicate_is_acknowledged),
		cmocka_unit_test(test_qos0_is_never_answered),
		cmocka_unit_test(test_acks_leave_in_order_of_arrival),
		cmocka_unit_test(test_qos2_stores_once),
		cmocka_unit_test(test_qos2_over_a_reconnect),
		cmocka_unit_test(test_refused_5_says_why),
		cmocka_unit_test(test_refused_5_without_problem_information),
		cmocka_unit_test(test_refused_311_is_acknowledged),
		cmocka_unit_test(test_busy_asks_again),
		cmocka_unit_test(test_dropped_while_draining),
		cmocka_unit_test(test_repeat_after_reconnect),
		cmocka_unit_test(test_clean_session_forgets),
		cmocka_unit_test(test_records_left_behind_have_a_ceiling),
		cmocka_unit_test(test_receive_maximum_5),
		cmocka_unit_test(test_receive_maximum_counts_qos2_to_the_end),
		cmocka_unit_test(test_flood_is_left_in_the_socket),
		cmocka_unit_test(test_flood_of_bytes),
		cmocka_unit_test(test_packets_per_turn),
		cmocka_unit_test(test_deaf_client),
		cmocka_unit_test(test_too_large),
		cmocka_unit_test(test_one_byte_at_a_time),
		cmocka_unit_test(test_order_of_packets),
		cmocka_unit_test(test_properties_reach_the_host),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

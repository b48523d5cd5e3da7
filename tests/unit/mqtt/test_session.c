/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may come in, what is remembered of them, their wills, and the commands that wait for them. */
#include "bench.h"
#include "base/mem.h"

/* -- signing in ---------------------------------------------------------------------------------
 */

static void refused(const struct say_connect *how, const char *hears)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_open(&t, &c);
	say_connect(&c.say, how);
	assert_false(client_send(&c));
	client_hears(&c, hears);
	assert_int_equal(t.core.stats.refused, 1);
	client_drop(&c);
	table_close(&t);
}

static void test_wrong_credentials(void **state)
{
	refused(&(struct say_connect){.version = 4, .password = "wrong"}, "20 02 00 04");
	refused(&(struct say_connect){.version = 5, .password = "wrong"}, "20 03 00 86 00");
	refused(&(struct say_connect){.version = 5, .user = "gwx"}, "20 03 00 86 00");
	refused(&(struct say_connect){.version = 4, .no_user = true}, "20 02 00 04");
}

static void test_client_ids(void **state)
{
	static char longest[VD_MAX_MQTT_CLIENT_ID + 2];
	memset(longest, 'i', sizeof(longest) - 1);
	refused(&(struct say_connect){.version = 5, .id = longest}, "20 03 00 85 00");
	refused(&(struct say_connect){.version = 4, .id = longest}, "20 02 00 02");
	/* 3.1.1 [MQTT-3.1.3-8] */
	refused(&(struct say_connect){.version = 4, .id = "", .dirty = true}, "20 02 00 02");
	longest[VD_MAX_MQTT_CLIENT_ID] = '\0';
	struct table t;
	struct client c, d;
	table_open(&t);
	client_join(&t, &c, &(struct say_connect){.id = longest});
	client_join(&t, &d, &(struct say_connect){.id = ""});
	client_drop(&c);
	client_drop(&d);
	table_close(&t);
}

static void test_assigned_client_id(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_open(&t, &c);
	say_connect(&c.say, &(struct say_connect){.version = 5, .id = ""});
	assert_true(client_send(&c));
	char *p = memmem(c.peer.out.p, c.peer.out.n, "\x12\x00\x1Evarde-", 9); /* [MQTT-3.2.2-16] */
	assert_non_null(p);
	client_drop(&c);
	table_close(&t);
}

static void test_what_connack_grants(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_open(&t, &c);
	say_connect(&c.say, &(struct say_connect){
				    .version = 5, .keep_alive = 10, .props_hex = "11 00000010"});
	client_send(&c);
	client_hears(&c, "20 0F 00 00 0C 21 0040 27 00040600 29 00 2A 00");
	client_drop(&c);
	client_open(&t, &c); /* wishes beyond our limits are cut, and it is said */
	say_connect(&c.say, &(struct say_connect){.version = 5, .props_hex = "11 FFFFFFFF"});
	client_send(&c);
	client_hears(&c, "20 17 00 00 14 11 00000E10 21 0040 27 00040600 13 0258 29 00 2A 00");
	client_drop(&c);
	table_close(&t);
}

static void test_certificate_signs_in(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_open(&t, &c);
	c.version = 4;
	c.peer.cert = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
	say_connect(&c.say, &(struct say_connect){.no_user = true});
	assert_true(client_send(&c));
	client_hears(&c, "20 02 00 00");
	client_publish(&c, "a", "x", 0, 0, false);
	assert_int_equal(t.host->frames[0].gateway, 5);
	client_drop(&c);
	table_close(&t);
}

static int64_t refusal_takes(struct table *t, uint64_t address)
{
	struct client c;
	client_open(t, &c);
	c.peer.address = address;
	say_connect(&c.say, &(struct say_connect){.password = "guess"});
	client_send(&c);
	int64_t start = t->rt->mono_ms(t->rt);
	while (c.peer.state == MQTT_PEER_REFUSING) {
		assert_true(mqtt_peer_paused(&c.peer));
		client_hears(&c, "");
		vd_runtime_sim_advance(t->rt, c.peer.deadline_mono - t->rt->mono_ms(t->rt));
		mqtt_peer_tick(&c.peer);
	}
	client_hears(&c, "20 02 00 04");
	client_drop(&c);
	return t->rt->mono_ms(t->rt) - start;
}

static void test_guessing_gets_slower(void **state)
{
	static const int64_t want[] = {0, 500, 1000, 2000, 4000, 8000, 8000};
	struct table t;
	struct client c;
	table_open(&t);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		assert_int_equal(refusal_takes(&t, 77), want[i]);
	assert_int_equal(refusal_takes(&t, 78), 0); /* another address */
	client_open(&t, &c);
	c.peer.address = 77;
	say_connect(&c.say, &(struct say_connect){0});
	client_send(&c); /* the right password does not wait for others' mistakes */
	client_hears(&c, "20 02 00 00");
	client_drop(&c);
	vd_runtime_sim_advance(t.rt, 61000);
	assert_int_equal(refusal_takes(&t, 77), 0);
	table_close(&t);
}

static void test_no_connect(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_open(&t, &c);
	say_hex(&c.say, "10 0D 0004"); /* it starts, and stops */
	client_send(&c);
	table_pass(&t, &c, 9999);
	assert_int_equal(c.peer.state, MQTT_PEER_NEW);
	table_pass(&t, &c, 1);
	assert_int_equal(c.peer.state, MQTT_PEER_ENDED);
	client_hears(&c, "");
	client_drop(&c);
	table_close(&t);
}

/* -- keep-alive -----------------------------------------------------------------------------------
 */

static void test_keep_alive(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &(struct say_connect){.version = 5, .keep_alive = 60});
	table_pass(&t, &c, 89999);
	assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
	say_hex(&c.say, "C0 00");
	client_send(&c);
	client_hears(&c, "D0 00"); /* [MQTT-3.12.4-1] */
	table_pass(&t, &c, 89999);
	assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
	table_pass(&t, &c, 1); /* one and a half times [MQTT-3.1.2-22] */
	client_hears(&c, "E0 01 8D");
	client_drop(&c);
	table_close(&t);
}

static void test_keep_alive_has_a_ceiling(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &(struct say_connect){.version = 4, .keep_alive = 0});
	table_pass(&t, &c, 899999);
	assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
	table_pass(&t, &c, 1);
	assert_int_equal(c.peer.state, MQTT_PEER_ENDED);
	client_drop(&c);
	table_close(&t);
}

/* -- sessions
 * --------------------------------------------------------------------------------------- */

static void test_sessions_last_as_long_as_they_may(void **state)
{
	static const struct {
		struct say_connect how;
		int64_t away_ms;
		bool present;
	} rows[] = {
		{{.version = 4, .dirty = true}, 3599999, true}, /* our ceiling */
		{{.version = 4, .dirty = true}, 3600000, false},
		{{.version = 4}, 0, false},                /* clean */
		{{.version = 5, .dirty = true}, 0, false}, /* no expiry asked for: 0 */
		{{.version = 5, .dirty = true, .props_hex = "11 0000000A"}, 9999, true},
		{{.version = 5, .dirty = true, .props_hex = "11 0000000A"}, 10000, false},
		{{.version = 5, .dirty = true, .props_hex = "11 FFFFFFFF"}, 3600000, false},
		{{.version = 5, .props_hex = "11 0000000A"}, 0, false}, /* clean start: a new one */
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct table t;
		struct client c;
		table_open(&t);
		assert_false(client_join(&t, &c, &rows[i].how));
		client_drop(&c);
		table_pass(&t, NULL, rows[i].away_ms);
		if (client_join(&t, &c, &rows[i].how) != rows[i].present)
			fail_msg("row %zu", i);
		client_drop(&c);
		table_close(&t);
	}
}

static void test_disconnect_may_change_the_expiry(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = {.version = 5, .dirty = true, .props_hex = "11 0000000A"};
	table_open(&t);
	client_join(&t, &c, &how);
	say_hex(&c.say, "E0 07 00 05 11 00000000");
	assert_false(client_send(&c));
	client_drop(&c);
	assert_false(client_join(&t, &c, &how));
	say_hex(&c.say, "E0 07 00 05 11 000000FF");
	client_send(&c);
	client_drop(&c);
	table_pass(&t, NULL, 200000);
	assert_true(client_join(&t, &c, &how));
	client_drop(&c);
	table_close(&t);
}

static void test_take_over(void **state)
{
	struct table t;
	struct client old, new;
	struct say_connect how = {.version = 5, .dirty = true, .props_hex = "11 0000000A"};
	table_open(&t);
	client_join(&t, &old, &how);
	client_publish(&old, "a", "x", 1, 1, false);
	assert_true(client_join(&t, &new, &how));
	assert_int_equal(t.host->connected[1], 1);
	client_hears(&old, "E0 01 8E"); /* [MQTT-3.1.4-3] */
	client_publish(&new, "a", "x", 1, 1, true);
	fake_answer(t.host, 0, VD_STORED);
	client_hears(&new, "40 02 0001");
	assert_int_equal(t.host->n, 1);
	client_drop(&old);
	client_drop(&new);
	table_close(&t);
}

/* A client id belongs to its gateway: nobody can throw out another by using its id. */
static void test_client_ids_of_two_gateways(void **state)
{
	struct table t;
	struct client a, b;
	table_open(&t);
	client_join(&t, &a, &(struct say_connect){.id = "same", .user = "gw1"});
	client_join(&t, &b, &(struct say_connect){.id = "same", .user = "gw2"});
	assert_int_equal(a.peer.state, MQTT_PEER_LIVE);
	assert_int_equal(t.host->connected[1], 1);
	assert_int_equal(t.host->connected[2], 1);
	client_drop(&a);
	client_drop(&b);
	table_close(&t);
}

static void test_kept_sessions_of_one_gateway_have_a_ceiling(void **state)
{
	struct table t;
	struct client c;
	char id[16];
	table_open(&t);
	for (int i = 0; i < VD_MAX_MQTT_OFFLINE + 3; i++) {
		snprintf(id, sizeof(id), "id%d", i);
		client_join(&t, &c, &(struct say_connect){.id = id, .dirty = true});
		client_drop(&c);
		table_pass(&t, NULL, 1000);
	}
	assert_int_equal(t.core.sessions.n, VD_MAX_MQTT_OFFLINE);
	assert_false(client_join(&t, &c, &(struct say_connect){.id = "id2", .dirty = true}));
	client_drop(&c);
	assert_true(client_join(&t, &c, &(struct say_connect){.id = "id5", .dirty = true}));
	client_drop(&c);
	table_close(&t);
}

/* One credential cannot take every connection; whoever takes over its own may. */
static void test_connections_of_one_gateway_have_a_ceiling(void **state)
{
	struct table t;
	struct client *all = vd_calloc(MQTT_MAX_GATEWAY_CONNS, sizeof(*all)), c;
	char id[16];
	table_open(&t);
	for (int i = 0; i < MQTT_MAX_GATEWAY_CONNS; i++) {
		snprintf(id, sizeof(id), "id%d", i);
		client_join(&t, &all[i], &(struct say_connect){.version = 5, .id = id});
	}
	client_open(&t, &c);
	say_connect(&c.say, &(struct say_connect){.version = 5, .id = "more"});
	assert_false(client_send(&c));
	client_hears(&c, "20 03 00 97 00");
	client_drop(&c);
	client_open(&t, &c);
	say_connect(&c.say, &(struct say_connect){.id = "more"});
	assert_false(client_send(&c));
	client_hears(&c, "20 02 00 03");
	client_drop(&c);
	client_join(&t, &c, &(struct say_connect){.user = "gw2", .id = "more"});
	client_drop(&c);
	client_join(&t, &c, &(struct say_connect){.id = "id7"});
	assert_int_equal(all[7].peer.state, MQTT_PEER_ENDED);
	client_drop(&c);
	client_join(&t, &c, &(struct say_connect){.id = "more"});
	client_drop(&c);
	for (int i = 0; i < MQTT_MAX_GATEWAY_CONNS; i++)
		client_drop(&all[i]);
	table_close(&t);
	vd_free(all);
}

/* -- wills
 * ------------------------------------------------------------------------------------------- */

static const struct say_connect with_will = {.version = 5,
					     .will_topic = "z/state",
					     .will = "offline",
					     .will_qos = 1,
					     .will_props_hex = "03 0004 74657874"};

static void test_will_after_a_break(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &with_will);
	client_drop(&c);
	assert_int_equal(t.host->n, 1);
	assert_string_equal(t.host->frames[0].topic, "z/state");
	assert_string_equal(t.host->frames[0].body, "offline");
	assert_string_equal(t.host->frames[0].content_type, "text");
	assert_int_equal(t.host->frames[0].gateway, 1);
	table_close(&t);
}

static void test_will_and_disconnect(void **state)
{
	static const struct {
		const char *hex;
		size_t wills;
	} rows[] = {{"E0 00", 0}, {"E0 01 00", 0}, {"E0 01 04", 1}, {"E0 01 80", 1}, {"F0 00", 1}};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct table t;
		struct client c;
		table_open(&t);
		client_join(&t, &c, &with_will);
		say_hex(&c.say, rows[i].hex);
		assert_false(client_send(&c));
		client_drop(&c);
		assert_int_equal(t.host->n, rows[i].wills);
		table_close(&t);
	}
}

static void test_will_after_silence(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = with_will;
	how.version = 4;
	how.keep_alive = 10;
	table_open(&t);
	client_join(&t, &c, &how);
	table_pass(&t, &c, 15000);
	assert_int_equal(t.host->n, 1);
	client_drop(&c);
	table_close(&t);
}

static void test_delayed_will(void **state)
{
	struct table t;
	struct client c;
	struct say_connect how = with_will;
	how.dirty = true;
	how.props_hex = "11 00000064";
	how.will_props_hex = "18 0000001E";
	table_open(&t);
	client_join(&t, &c, &how);
	client_drop(&c);
	table_pass(&t, NULL, 29000);
	assert_true(client_join(&t, &c, &how)); /* back in time [MQTT-3.1.3-9] */
	table_pass(&t, &c, 60000);
	assert_int_equal(t.host->n, 0);
	client_drop(&c);
	table_pass(&t, NULL, 29999);
	assert_int_equal(t.host->n, 0);
	table_pass(&t, NULL, 1);
	assert_int_equal(t.host->n, 1);
	/* not later than the session's end */
	how.props_hex = "11 00000005";
	client_join(&t, &c, &how);
	client_drop(&c);
	table_pass(&t, NULL, 5000);
	assert_int_equal(t.host->n, 2);
	/* a clean start ends the session, and the will with it goes out */
	how.props_hex = "11 00000064";
	client_join(&t, &c, &how);
	client_drop(&c);
	how.dirty = false;
	client_join(&t, &c, &how);
	assert_int_equal(t.host->n, 3);
	client_drop(&c);
	table_close(&t);
}

static void test_no_will_when_we_stop(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c, &with_will);
	mqtt_peer_end(&c.peer, MQTT_SHUTTING_DOWN);
	client_hears(&c, "E0 01 8B");
	client_drop(&c);
	assert_int_equal(t.host->n, 0);
	table_close(&t);
}

/* -- subscriptions and commands
 * -------------------------------------------------------------------------- */

static void subscribe(struct client *c, const char *filter, unsigned options)
{
	size_t n = strlen(filter);
	vd_buf_add_char(&c->say, (char)0x82);
	vd_buf_add_char(&c->say, (char)(5 + n + (c->version == 5)));
	vd_buf_add(&c->say, "\x00\x01", 2);
	if (c->version == 5)
		vd_buf_add_char(&c->say, 0);
	vd_buf_add_char(&c->say, 0);
	vd_buf_add_char(&c->say, (char)n);
	vd_buf_add_cstr(&c->say, filter);
	vd_buf_add_char(&c->say, (char)options);
	client_send(c);
}

static void test_who_may_subscribe_to_what(void **state)
{
	static const struct {
		const char *filter;
		unsigned code;
	} rows[] = {
		{"varde/command/gw1/#", 1},
		{"varde/command/gw1", 1},
		{"varde/command/gw2/#", 0x87},
		{"varde/command/+/x", 0x87},
		{"varde/command/#", 0x87},
		{"zigbee2mqtt/#", 1},
		{"homeassistant/status", 1},
		{"#", 1},
		{"$SYS/#", 0x87},
		{"$share/g/zigbee2mqtt/#", 0x9E},
		{"varde/command/gw11/#", 0x87},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int version = 4; version <= 5; version++) {
			struct table t;
			struct client c;
			char want[32];
			table_open(&t);
			client_join(&t, &c, &(struct say_connect){.version = version});
			subscribe(&c, rows[i].filter, 1);
			unsigned code = rows[i].code;
			if (version == 4)
				snprintf(want, sizeof(want), "90 03 0001 %02X",
					 code > 2 ? 0x80 : code);
			else
				snprintf(want, sizeof(want), "90 04 0001 00 %02X", code);
			print_message("%s\n", rows[i].filter);
			client_hears(&c, want);
			assert_int_equal(c.peer.state, MQTT_PEER_LIVE);
			client_drop(&c);
			table_close(&t);
		}
}

static void test_filters_have_a_ceiling(void **state)
{
	struct table t;
	struct client c;
	char f[16];
	table_open(&t);
	client_join(&t, &c, &(struct say_connect){.version = 5});
	for (int i = 0; i < VD_MAX_MQTT_SUBS; i++) {
		snprintf(f, sizeof(f), "t/%d", i);
		subscribe(&c, f, 0);
	}
	vd_buf_clear(&c.peer.out);
	subscribe(&c, "one/more", 0);
	client_hears(&c, "90 04 0001 00 97");
	subscribe(&c, "t/5", 1); /* replaces [MQTT-3.8.4-3] */
	client_hears(&c, "90 04 0001 00 01");
	say_hex(&c.say, "A2 0E 0002 00 0003 742F35 0004 6E6F6E65");
	client_send(&c);
	client_hears(&c, "B0 05 0002 00 00 11");
	subscribe(&c, "one/more", 0);
	client_hears(&c, "90 04 0001 00 00");
	client_drop(&c);
	table_close(&t);
}

static int command(struct client *c, const char *topic, const char *body)
{
	return mqtt_session_command(c->peer.session, vd_span_cstr(topic), vd_span_cstr(body));
}

static void test_commands(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c,
		    &(struct say_connect){
			    .version = 5, .dirty = true, .props_hex = "11 00000064 21 0001"});
	assert_int_equal(command(&c, "z/set", "on"), VD_ENOTFOUND);
	subscribe(&c, "z/+", 2);
	client_hears(&c, "90 04 0001 00 02");
	assert_int_equal(command(&c, "z/set", "on"), 0);
	client_hears(&c, "32 0C 0005 7A2F736574 0001 00 6F6E");
	assert_int_equal(command(&c, "z/set", "off"), 0); /* receive maximum 1: it waits */
	client_hears(&c, "");
	say_hex(&c.say, "40 02 0001");
	client_send(&c);
	client_hears(&c, "32 0D 0005 7A2F736574 0002 00 6F6666");
	/* nothing a client publishes comes back, nor to anybody else */
	client_publish(&c, "z/set", "mine", 0, 0, false);
	fake_answer_all(t.host, VD_STORED);
	client_hears(&c, "");
	struct mqtt_session *s = c.peer.session;
	client_drop(&c);
	assert_int_equal(mqtt_session_command(s, VD_SPAN_LIT("z/set"), VD_SPAN_LIT("x")), 0);
	assert_true(client_join(
		&t, &c,
		&(struct say_connect){.version = 5, .dirty = true, .props_hex = "11 00000064"}));
	/* unacknowledged: again, marked; then what came meanwhile [MQTT-4.4.0-1] */
	client_hears(&c, "3A 0D 0005 7A2F736574 0002 00 6F6666 32 0B 0005 7A2F736574 0003 00 78");
	say_hex(&c.say, "40 02 0002 40 02 0003 40 02 0003 50 02 0009 70 02 0009");
	client_send(&c);
	client_hears(&c, "62 03 0009 92");
	assert_int_equal(c.peer.session->n_queue, 0);
	client_drop(&c);
	table_close(&t);
}

static void test_commands_have_a_ceiling(void **state)
{
	struct table t;
	struct client c;
	static char big[70000];
	table_open(&t);
	client_join(&t, &c,
		    &(struct say_connect){
			    .version = 5, .dirty = true, .props_hex = "11 00000064 27 00000020"});
	subscribe(&c, "q1", 1);
	subscribe(&c, "q0", 0);
	vd_buf_clear(&c.peer.out);
	memset(big, 'x', sizeof(big) - 1);
	/* larger than the client takes: dropped, as the standard says [MQTT-3.1.2-25] */
	assert_int_equal(command(&c, "q1", big), 0);
	client_hears(&c, "");
	assert_int_equal(command(&c, "q0", "hi"), 0);
	client_hears(&c, "30 07 0002 7130 00 6869");
	struct mqtt_session *s = c.peer.session;
	client_drop(&c);
	assert_int_equal(mqtt_session_command(s, VD_SPAN_LIT("q0"), VD_SPAN_LIT("x")),
			 VD_ENOTFOUND); /* QoS 0 does not wait */
	struct vd_span b = vd_span(big, 69999);
	assert_int_equal(mqtt_session_command(s, VD_SPAN_LIT("q1"), b), 0);
	assert_int_equal(mqtt_session_command(s, VD_SPAN_LIT("q1"), b), VD_EBUSY);
	for (int i = 1; i < VD_MAX_MQTT_COMMANDS; i++)
		assert_int_equal(mqtt_session_command(s, VD_SPAN_LIT("q1"), VD_SPAN_LIT("x")), 0);
	assert_int_equal(mqtt_session_command(s, VD_SPAN_LIT("q1"), VD_SPAN_LIT("x")), VD_EBUSY);
	table_close(&t);
}

static int order(struct client *c, const char *topic, const char *body, const char *tag)
{
	return mqtt_session_order(c->peer.session, vd_span_cstr(topic), vd_span_cstr(body), tag,
				  60000);
}

static void test_an_order_goes_out_once_and_is_told(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c,
		    &(struct say_connect){
			    .version = 5, .dirty = true, .props_hex = "11 00000064 21 0001"});
	assert_int_equal(order(&c, "z/set", "on", "A"), VD_ENOTFOUND); /* nobody has asked for it */
	subscribe(&c, "z/+", 1);
	subscribe(&c, "q0", 0);
	vd_buf_clear(&c.peer.out);
	assert_int_equal(order(&c, "z/set", "on", "A"), 0);
	client_hears(&c, "32 11 0005 7A2F736574 0001 05 02 0000003C 6F6E"); /* within 60 s */
	assert_string_equal(t.host->told, "");
	say_hex(&c.say, "40 02 0001");
	client_send(&c);
	assert_string_equal(t.host->told, "A");
	assert_int_equal(order(&c, "z/set", "on", "N"), 0);
	client_hears(&c, "32 11 0005 7A2F736574 0002 05 02 0000003C 6F6E");
	say_hex(&c.say, "40 04 0002 87 00");
	client_send(&c);
	assert_string_equal(t.host->told, "N no");
	assert_int_equal(order(&c, "q0", "on", "B"), 1); /* nobody will acknowledge */
	client_hears(&c, "30 0C 0002 7130 05 02 0000003C 6F6E");
	/* on its way when the connection breaks: it does not go to the next one */
	assert_int_equal(order(&c, "z/set", "on", "C"), 0);
	client_hears(&c, "32 11 0005 7A2F736574 0003 05 02 0000003C 6F6E");
	assert_int_equal(order(&c, "z/set", "on", "D"), 0); /* receive maximum: has not left */
	struct mqtt_session *s = c.peer.session;
	client_drop(&c);
	assert_int_equal(s->n_queue, 0);
	assert_int_equal(s->queue_bytes, 0);
	assert_int_equal(mqtt_session_order(s, VD_SPAN_LIT("z/set"), VD_SPAN_LIT("x"), "E", 60000),
			 VD_ENOTFOUND); /* a kept session is nobody */
	assert_true(client_join(
		&t, &c,
		&(struct say_connect){.version = 5, .dirty = true, .props_hex = "11 00000064"}));
	client_hears(&c, "");
	assert_string_equal(t.host->told, "N no");
	client_drop(&c);
	table_close(&t);
}

static void test_an_order_that_waited_too_long_is_not_sent(void **state)
{
	struct table t;
	struct client c;
	table_open(&t);
	client_join(&t, &c,
		    &(struct say_connect){.version = 5, .keep_alive = 600, .props_hex = "21 0001"});
	subscribe(&c, "z/+", 1);
	vd_buf_clear(&c.peer.out);
	assert_int_equal(order(&c, "z/set", "1", "A"), 0);
	assert_int_equal(order(&c, "z/set", "2", "B"), 0); /* waits for room */
	vd_buf_clear(&c.peer.out);
	table_pass(&t, &c, 61000);
	say_hex(&c.say, "40 02 0001");
	client_send(&c);
	client_hears(&c, "");
	assert_int_equal(c.peer.session->n_queue, 0);
	client_drop(&c);
	table_close(&t);
}

/* -- out of memory at every allocation
 * ------------------------------------------------------------------- */

static void one_story(long fail_at)
{
	struct table t;
	struct client c;
	struct say_connect how = with_will;
	how.dirty = true;
	how.props_hex = "11 0000000A";
	table_open(&t);
	client_open(&t, &c);
	c.version = 5;
	struct vd_buf say[3];
	for (int i = 0; i < 3; i++)
		vd_buf_init(&say[i], 1000);
	say_connect(&say[0], &how);
	say_hex(&say[1], "82 09 0001 00 0003 7A2F23 01");
	say_publish(&say[2], 5, "a", "1", 1, 1, false);
	say_publish(&say[2], 5, "a", "2", 2, 2, false);
	say_publish(&say[2], 5, "a", "3", 0, 0, false);
	vd_mem_fault(fail_at, 1);
	for (int i = 0; i < 3; i++) {
		size_t used;
		mqtt_peer_input(&c.peer, vd_buf_span(&say[i]), 64, &used);
		if (i == 1 && c.peer.session)
			command(&c, "z/set", "on");
	}
	bool live = c.peer.state == MQTT_PEER_LIVE;
	size_t got = t.host->n;
	for (size_t i = 0; i < got; i++)
		if (t.host->frames[i].x)
			fake_answer(t.host, i, VD_REFUSED);
	mqtt_peer_lost(&c.peer);
	vd_mem_fault(-1, 0);
	assert_true(!live || got >= 2); /* QoS 1 and 2 are stored or the client is told */
	for (int i = 0; i < 3; i++)
		vd_buf_fini(&say[i]);
	client_drop(&c);
	table_pass(&t, NULL, 60000);
	table_close(&t);
}

static void test_out_of_memory(void **state)
{
	for (long i = 0; i < 40; i++)
		one_story(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrong_credentials),
		cmocka_unit_test(test_client_ids),
		cmocka_unit_test(test_assigned_client_id),
		cmocka_unit_test(test_what_connack_grants),
		cmocka_unit_test(test_certificate_signs_in),
		cmocka_unit_test(test_guessing_gets_slower),
		cmocka_unit_test(test_no_connect),
		cmocka_unit_test(test_keep_alive),
		cmocka_unit_test(test_keep_alive_has_a_ceiling),
		cmocka_unit_test(test_sessions_last_as_long_as_they_may),
		cmocka_unit_test(test_disconnect_may_change_the_expiry),
		cmocka_unit_test(test_take_over),
		cmocka_unit_test(test_client_ids_of_two_gateways),
		cmocka_unit_test(test_kept_sessions_of_one_gateway_have_a_ceiling),
		cmocka_unit_test(test_connections_of_one_gateway_have_a_ceiling),
		cmocka_unit_test(test_will_after_a_break),
		cmocka_unit_test(test_will_and_disconnect),
		cmocka_unit_test(test_will_after_silence),
		cmocka_unit_test(test_delayed_will),
		cmocka_unit_test(test_no_will_when_we_stop),
		cmocka_unit_test(test_who_may_subscribe_to_what),
		cmocka_unit_test(test_filters_have_a_ceiling),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_commands_have_a_ceiling),
		cmocka_unit_test(test_an_order_goes_out_once_and_is_told),
		cmocka_unit_test(test_an_order_that_waited_too_long_is_not_sent),
		cmocka_unit_test(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The door over real sockets: what arrives, what leaves and when, that nobody is starved, and that
 * closing leaves nothing open whatever state a connection is in. */
#include "net.h"
#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct vd_mqtt_config usual = {.bind = "127.0.0.1"};
static const struct say_connect v4 = {.version = 4}, v5 = {.version = 5};
static struct vd_buf say;

static int make_say(void **state)
{
	vd_buf_init(&say, 1 << 22);
	return 0;
}

static int free_say(void **state)
{
	vd_buf_fini(&say);
	return 0;
}

/* -- where it listens -----------------------------------------------------------------------------
 */

static int try_open(struct house *h, const char *bind, int port, struct vd_errtext *e)
{
	struct vd_mqtt *m = NULL;
	struct vd_mqtt_host host = fake_host(h->host);
	struct vd_mqtt_config cfg = {.bind = bind, .port = port};
	return vd_mqtt_open(&h->loop, h->rt, &cfg, &host, &m, e);
}

static void test_where_it_may_listen(void **state)
{
	struct house h;
	struct vd_errtext e;
	house_open(&h, &usual);
	assert_int_equal(try_open(&h, "0.0.0.0", 0, &e), VD_EINVAL); /* plain, open to the world */
	assert_int_equal(try_open(&h, "::", 0, &e), VD_EINVAL);
	assert_int_equal(try_open(&h, "localhost", 0, &e), VD_EINVAL); /* a name */
	assert_int_equal(try_open(&h, "127.0.0.1", 70000, &e), VD_EINVAL);
	assert_int_equal(try_open(&h, "127.0.0.1", vd_mqtt_port(h.door), &e), VD_EIO);
	assert_non_null(strstr(e.detail, "127.0.0.1"));
	house_settle(&h);
	house_close(&h);
}

static void test_listens_on_exactly_that_address(void **state)
{
	struct house h;
	struct sockaddr_storage ss;
	int n = sizeof(ss);
	house_open(&h, &(struct vd_mqtt_config){.bind = "127.0.0.1"});
	assert_int_equal(uv_tcp_getsockname(&h.door->listener, (struct sockaddr *)&ss, &n), 0);
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohl(in->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_int_equal(ntohs(in->sin_port), vd_mqtt_port(h.door));
	house_close(&h);
}

static void test_ipv6_loopback(void **state)
{
	struct house h;
	struct vd_errtext e;
	house_open(&h, &usual);
	struct vd_mqtt *m = NULL;
	struct vd_mqtt_host host = fake_host(h.host);
	struct vd_mqtt_config cfg = {.bind = "::1"};
	int err = vd_mqtt_open(&h.loop, h.rt, &cfg, &host, &m, &e);
	if (err) {
		house_close(&h);
		skip(); /* no IPv6 here */
	}
	assert_true(vd_mqtt_port(m) > 0);
	vd_mqtt_close(m, NULL, NULL);
	house_close(&h);
}

/* -- the promise
 * ------------------------------------------------------------------------------------ */

static void test_no_puback_before_stored(void **state)
{
	struct house h;
	struct guest g;
	house_open(&h, &usual);
	guest_join(&h, &g, &v5);
	for (unsigned i = 1; i <= 50; i++)
		say_publish(&say, 5, "z/door", "open", 1, i, false);
	guest_say(&g, &say);
	guest_hears(&g, "");
	assert_int_equal(h.host->n, 50);
	fake_answer(h.host, 0, VD_STORED);
	guest_hears(&g, "40 02 0001");
	fake_answer(h.host, 2, VD_STORED);
	guest_hears(&g, "");
	fake_answer(h.host, 1, VD_STORED);
	guest_hears(&g, "40 02 0002 40 02 0003");
	struct vd_mqtt_stats s;
	vd_mqtt_stats(h.door, &s);
	assert_int_equal(s.connections, 1);
	assert_int_equal(s.publishes, 50);
	assert_int_equal(s.packets_in, 51);
	guest_close(&g);
	house_close(&h);
}

static void test_busy_and_back_again(void **state)
{
	struct house h;
	struct guest g;
	struct say_connect how = {.version = 5, .dirty = true, .props_hex = "11 00000064"};
	house_open(&h, &usual);
	guest_join(&h, &g, &how);
	say_publish(&say, 5, "a", "1", 1, 1, false);
	say_publish(&say, 5, "a", "2", 1, 2, false);
	guest_say(&g, &say);
	house_settle(&h);
	fake_answer(h.host, 0, VD_BUSY);
	fake_answer(h.host, 1, VD_STORED);
	guest_hears(&g, "40 02 0002 E0 01 97"); /* read before the connection closes */
	assert_true(guest_gone(&g));
	guest_close(&g);
	guest_join(&h, &g, &how);
	say_publish(&say, 5, "a", "1", 1, 1, true);
	guest_say(&g, &say);
	house_settle(&h);
	fake_answer_all(h.host, VD_STORED);
	guest_hears(&g, "40 02 0001");
	guest_close(&g);
	house_close(&h);
}

static void test_largest_message(void **state)
{
	struct house h;
	struct guest g;
	static char body[VD_MAX_FRAME_BYTES + 1];
	house_open(&h, &usual);
	guest_join(&h, &g, &v4);
	memset(body, 'x', VD_MAX_FRAME_BYTES);
	for (unsigned i = 1; i <= 6; i++)
		say_publish(&say, 4, "zigbee2mqtt/bridge/devices", body, 1, i, false);
	guest_say(&g, &say);
	house_settle(&h);
	assert_int_equal(h.host->n, 4); /* then a MiB waits for the disk: the rest stays outside */
	assert_int_equal(h.host->frames[3].body_n, VD_MAX_FRAME_BYTES);
	fake_answer_all(h.host, VD_STORED);
	guest_hears(&g, "40020001 40020002 40020003 40020004");
	assert_int_equal(h.host->n, 6);
	fake_answer_all(h.host, VD_STORED);
	guest_hears(&g, "40020005 40020006");
	guest_close(&g);
	house_close(&h);
}

/* -- fairness
 * ---------------------------------------------------------------------------------------- */

/* One client floods; another's message comes through within the turns it would need alone. */
static void test_a_flood_starves_nobody(void **state)
{
	struct house h;
	struct guest flood, other;
	house_open_real(&h, &usual);
	guest_join(&h, &flood, &(struct say_connect){.id = "flood"});
	guest_join(&h, &other, &(struct say_connect){.id = "other", .user = "gw2"});
	for (int i = 0; i < 20000; i++)
		vd_buf_add(&say, "\xC0\x00", 2);
	guest_say(&flood, &say);
	say_publish(&say, 4, "alarm", "on", 1, 1, false);
	guest_say(&other, &say);
	int64_t before = h.door->core.stats.packets_in;
	int turns = 0;
	while (!h.host->n) {
		assert_true(++turns < 4);
		house_turn(&h);
	}
	assert_string_equal(h.host->frames[0].topic, "alarm");
	int64_t handled = h.door->core.stats.packets_in - before - 1;
	assert_true(handled <= turns * 2 * VD_MAX_MQTT_PACKETS_TURN);
	for (int i = 0; i < 400; i++)
		house_turn(&h);
	/* and the flood is served in the end */
	assert_int_equal(h.door->core.stats.packets_in - before, 20001);
	guest_close(&flood);
	guest_close(&other);
	house_close(&h);
}

/* A flood of stored messages is left in the socket while the disk is slow, and none is lost. */
static void test_back_pressure(void **state)
{
	struct house h;
	struct guest g;
	unsigned said = 400;
	house_open(&h, &usual);
	guest_join(&h, &g, &v4);
	for (unsigned i = 1; i <= said; i++)
		say_publish(&say, 4, "a", "x", 1, i, false);
	guest_say(&g, &say);
	for (int round = 1; h.host->n < said; round++) {
		house_settle(&h);
		assert_true(h.host->n <= (size_t)round * VD_MAX_MQTT_INFLIGHT);
		assert_true(fake_waiting(h.host) <= VD_MAX_MQTT_INFLIGHT);
		fake_answer_all(h.host, VD_STORED);
		assert_true(round < 20);
	}
	house_settle(&h);
	assert_int_equal(h.host->n, said);
	struct vd_buf want;
	vd_buf_init(&want, 1 << 16);
	for (unsigned i = 1; i <= said; i++)
		vd_buf_printf(&want, "4002%04X", i);
	guest_hears(&g, want.p);
	vd_buf_fini(&want);
	guest_close(&g);
	house_close(&h);
}

/* A client that asks and never reads is cut by its keep-alive, its memory bounded. */
static void test_a_deaf_client(void **state)
{
	struct house h;
	struct guest g;
	house_open(&h, &usual);
	guest_join(&h, &g, &(struct say_connect){.keep_alive = 10});
	struct mqtt_conn *c = VD_CONTAINER(h.door->conns.next, struct mqtt_conn, all);
	int small = 4096;
	setsockopt(g.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	uv_send_buffer_size((uv_handle_t *)&c->tcp, &small);
	for (int i = 0; i < 200; i++) { /* as much as the sockets between us take */
		char pings[8192];
		for (size_t k = 0; k < sizeof(pings); k += 2)
			memcpy(pings + k, "\xC0\x00", 2);
		if (send(g.fd, pings, sizeof(pings), MSG_NOSIGNAL) < 0)
			house_settle(&h);
	}
	house_settle(&h);
	assert_true(c->writing);
	assert_true(c->peer.out.n + c->pending.n + c->waiting.n <= VD_MAX_MQTT_OUT);
	vd_runtime_sim_advance(h.rt, 16000);
	house_settle(&h);
	assert_int_equal(c->peer.state, MQTT_PEER_ENDED);
	vd_runtime_sim_advance(h.rt, 1000); /* it will not read the goodbye either */
	house_settle(&h);
	struct vd_mqtt_stats s;
	vd_mqtt_stats(h.door, &s);
	assert_int_equal(s.connections, 0);
	guest_close(&g);
	house_close(&h);
}

/* -- who may stay
 * -------------------------------------------------------------------------------------- */

static void test_connection_ceiling(void **state)
{
	struct house h;
	struct guest g[3];
	house_open(&h, &(struct vd_mqtt_config){.bind = "127.0.0.1", .max_connections = 2});
	guest_join(&h, &g[0], &(struct say_connect){.id = "a"});
	guest_join(&h, &g[1], &(struct say_connect){.id = "b"});
	guest_open(&h, &g[2]);
	assert_true(guest_gone(&g[2]));
	assert_false(guest_gone(&g[0]));
	guest_close(&g[1]);
	house_settle(&h);
	guest_close(&g[2]);
	guest_join(&h, &g[2], &(struct say_connect){.id = "c"});
	guest_close(&g[0]);
	guest_close(&g[2]);
	house_close(&h);
}

/* Sockets that connect and say nothing cannot keep the others out. */
static void test_silent_crowd(void **state)
{
	static struct guest crowd[VD_MAX_MQTT_PREAUTH];
	struct house h;
	struct guest g;
	struct rlimit l;
	getrlimit(RLIMIT_NOFILE, &l);
	l.rlim_cur = l.rlim_max < 4096 ? l.rlim_max : 4096;
	setrlimit(RLIMIT_NOFILE, &l);
	if (l.rlim_cur < 2 * VD_MAX_MQTT_PREAUTH + 100)
		skip();
	house_open(&h, &usual);
	for (size_t i = 0; i < VD_MAX_MQTT_PREAUTH; i++) {
		guest_open(&h, &crowd[i]);
		if (i % 64 == 0)
			house_settle(&h);
	}
	house_settle(&h);
	assert_int_equal(h.door->n_preauth, VD_MAX_MQTT_PREAUTH);
	guest_open(&h, &g);
	say_connect(&say, &v4);
	guest_say(&g, &say);
	guest_hears(&g, "");
	vd_runtime_sim_advance(h.rt, 2000);
	guest_hears(&g, "20 02 00 00");
	assert_true(guest_gone(&crowd[0]));
	assert_false(guest_gone(&crowd[1]));
	vd_runtime_sim_advance(h.rt, 8000); /* CONNECT never came */
	assert_true(guest_gone(&crowd[VD_MAX_MQTT_PREAUTH - 1]));
	assert_int_equal(h.door->n_conns, 1);
	for (size_t i = 0; i < VD_MAX_MQTT_PREAUTH; i++)
		guest_close(&crowd[i]);
	guest_close(&g);
	house_close(&h);
}

static void test_kick(void **state)
{
	struct house h;
	struct guest g, other, away;
	struct say_connect kept = {.id = "kept", .dirty = true};
	house_open(&h, &usual);
	guest_join(&h, &away, &kept);
	guest_close(&away);
	guest_join(&h, &g, &v5);
	guest_join(&h, &other, &(struct say_connect){.user = "gw2"});
	house_settle(&h);
	vd_mqtt_kick(h.door, 1);
	vd_mqtt_kick(h.door, 77);
	guest_hears(&g, "E0 01 98");
	assert_true(guest_gone(&g));
	assert_false(guest_gone(&other));
	guest_open(&h, &away);
	say_connect(&say, &kept);
	guest_say(&away, &say);
	guest_hears(&away, "20 02 00 00"); /* its session is gone too */
	guest_close(&g);
	guest_close(&other);
	guest_close(&away);
	house_close(&h);
}

static void test_command(void **state)
{
	struct house h;
	struct guest g, other;
	house_open(&h, &usual);
	assert_int_equal(vd_mqtt_command(h.door, 1, "z/set", vd_span("on", 2)), VD_ENOTFOUND);
	guest_join(&h, &g, &v4);
	guest_join(&h, &other, &(struct say_connect){.user = "gw2"});
	say_hex(&say, "82 06 0001 0001 23 00");
	guest_say(&g, &say);
	guest_hears(&g, "90 03 0001 00");
	say_hex(&say, "82 06 0001 0001 23 00");
	guest_say(&other, &say);
	guest_hears(&other, "90 03 0001 00");
	assert_int_equal(vd_mqtt_command(h.door, 1, "z/set", vd_span("on", 2)), 0);
	guest_hears(&g, "30 09 0005 7A2F736574 6F6E");
	guest_hears(&other, ""); /* not even with "#" */
	assert_int_equal(vd_mqtt_command(h.door, 1, "z/+", vd_span("on", 2)), VD_EINVAL);
	assert_int_equal(vd_mqtt_command(h.door, 9, "z/set", vd_span("on", 2)), VD_ENOTFOUND);
	guest_close(&g);
	guest_close(&other);
	house_close(&h);
}

/* -- closing
 * ------------------------------------------------------------------------------------------- */

static void on_closed(void *arg)
{
	((struct house *)arg)->closed = true;
}

static void test_closing_with_everything_going_on(void **state)
{
	struct house h;
	struct guest silent, half, live5, live4, waiting, draining, paused, leaving, kept;
	house_open(&h, &usual);
	guest_open(&h, &silent);
	guest_open(&h, &half);
	say_hex(&say, "10 0D 0004");
	guest_say(&half, &say);
	guest_join(&h, &live5, &(struct say_connect){.version = 5, .id = "live5"});
	guest_join(&h, &live4, &(struct say_connect){.id = "live4", .will_topic = "w"});
	guest_join(
		&h, &waiting,
		&(struct say_connect){
			.version = 5, .id = "waiting", .dirty = true, .props_hex = "11 00000064"});
	guest_join(&h, &draining, &(struct say_connect){.version = 5, .id = "draining"});
	guest_join(&h, &paused, &(struct say_connect){.id = "paused"});
	guest_join(&h, &leaving, &(struct say_connect){.version = 5, .id = "leaving"});
	guest_join(&h, &kept, &(struct say_connect){.id = "kept", .dirty = true});
	say_publish(&say, 5, "a", "w", 1, 1, false);
	guest_say(&waiting, &say);
	house_settle(&h);
	say_publish(&say, 5, "a", "d", 1, 1, false);
	say_publish(&say, 5, "a", "d", 1, 2, false);
	guest_say(&draining, &say);
	house_settle(&h);
	fake_answer(h.host, 1, VD_BUSY);
	for (unsigned i = 1; i <= 70; i++)
		say_publish(&say, 4, "a", "p", 1, i, false);
	guest_say(&paused, &say);
	say_hex(&say, "C1 00"); /* lingers after its mistake */
	guest_say(&leaving, &say);
	guest_close(&kept);
	house_settle(&h);
	vd_mqtt_close(h.door, on_closed, &h);
	h.door = NULL;
	assert_false(h.closed);
	guest_hears(&live5, "E0 01 8B");
	guest_hears(&waiting, "E0 01 8B");
	guest_hears(&draining, "E0 01 8B");
	guest_hears(&live4, "");
	guest_hears(&leaving, "E0 01 81");
	assert_true(guest_gone(&silent));
	size_t frames = h.host->n;
	struct guest *all[] = {&silent,  &half,     &live5,  &live4,
			       &waiting, &draining, &paused, &leaving};
	for (size_t i = 0; i < 8; i++)
		guest_close(all[i]);
	house_close(&h);
	assert_int_equal(frames, 67); /* 1 + 2 + 64: no will among them */
}

/* Answers that come after the door has gone free themselves (house_close gives them). */
static void test_closing_at_once(void **state)
{
	struct house h;
	struct guest g;
	house_open(&h, &usual);
	guest_join(&h, &g, &v5);
	say_publish(&say, 5, "a", "x", 2, 1, false);
	say_publish(&say, 5, "a", "x", 0, 0, false);
	guest_say(&g, &say);
	house_settle(&h);
	assert_int_equal(fake_waiting(h.host), 2);
	house_close(&h);
	guest_close(&g);
}

static void test_answered_is_flushed_when_closing(void **state)
{
	struct house h;
	struct guest g;
	house_open(&h, &usual);
	guest_join(&h, &g, &v5);
	say_publish(&say, 5, "a", "x", 1, 1, false);
	guest_say(&g, &say);
	house_settle(&h);
	fake_answer(h.host, 0, VD_STORED);
	vd_mqtt_close(h.door, on_closed, &h);
	h.door = NULL;
	guest_hears(&g, "40 02 0001 E0 01 8B");
	guest_close(&g);
	house_close(&h);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_say, free_say)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_where_it_may_listen),
		T(test_listens_on_exactly_that_address),
		T(test_ipv6_loopback),
		T(test_no_puback_before_stored),
		T(test_busy_and_back_again),
		T(test_largest_message),
		T(test_a_flood_starves_nobody),
		T(test_back_pressure),
		T(test_a_deaf_client),
		T(test_connection_ceiling),
		T(test_silent_crowd),
		T(test_kick),
		T(test_command),
		T(test_closing_with_everything_going_on),
		T(test_closing_at_once),
		T(test_answered_is_flushed_when_closing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

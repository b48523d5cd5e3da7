/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench.h"
#include "base/mem.h"

void table_open(struct table *t)
{
	struct vd_mqtt_config cfg = {.session_expiry_max_s = 3600, .max_keepalive_s = 600};
	t->rt = vd_runtime_sim_new(1767225600000, 7);
	t->host = vd_calloc(1, sizeof(*t->host));
	struct vd_mqtt_host host = fake_host(t->host);
	assert_int_equal(mqtt_core_init(&t->core, t->rt, &cfg, &host), 0);
}

void table_close(struct table *t)
{
	mqtt_core_fini(&t->core);
	fake_answer_all(t->host, VD_STORED); /* orphans free themselves */
	vd_runtime_sim_settle(t->rt);
	assert_int_equal(vd_runtime_sim_open_timers(t->rt), 0);
	for (int i = 0; i < 16; i++)
		assert_int_equal(t->host->connected[i], 0);
	vd_runtime_sim_free(t->rt);
	vd_free(t->host);
}

static void on_wake(struct mqtt_peer *p)
{
	(void)p;
}

void client_open(struct table *t, struct client *c)
{
	mqtt_peer_init(&c->peer, &t->core, on_wake, 1);
	vd_buf_init(&c->say, 1 << 21);
}

bool client_send(struct client *c)
{
	enum mqtt_progress p;
	do {
		size_t used = 0;
		p = mqtt_peer_input(&c->peer, vd_buf_span(&c->say), 64, &used);
		vd_buf_consume(&c->say, used);
	} while (p == MQTT_NEED_TURN);
	return c->peer.state != MQTT_PEER_ENDED;
}

bool client_join(struct table *t, struct client *c, const struct say_connect *how)
{
	client_open(t, c);
	c->version = how->version ? how->version : 4;
	say_connect(&c->say, how);
	assert_true(client_send(c));
	assert_int_equal(c->peer.state, MQTT_PEER_LIVE);
	assert_true(c->peer.out.n >= 4);
	assert_int_equal((unsigned char)c->peer.out.p[0], 0x20);
	assert_int_equal(c->peer.out.p[3], 0);
	bool present = c->peer.out.p[2];
	vd_buf_consume(&c->peer.out, 2 + (unsigned char)c->peer.out.p[1]);
	return present;
}

void client_publish(struct client *c, const char *topic, const char *body, int qos, unsigned id,
		    bool dup)
{
	say_publish(&c->say, c->version, topic, body, qos, id, dup);
	client_send(c);
}

void client_hears(struct client *c, const char *hex)
{
	expect_hex(&c->peer.out, hex);
	if (c->peer.state != MQTT_PEER_ENDED)
		mqtt_peer_sent(&c->peer);
}

void client_drop(struct client *c)
{
	mqtt_peer_lost(&c->peer);
	mqtt_peer_fini(&c->peer);
	vd_buf_fini(&c->say);
}

void table_pass(struct table *t, struct client *c, int64_t ms)
{
	vd_runtime_sim_advance(t->rt, ms);
	if (c)
		mqtt_peer_tick(&c->peer);
}

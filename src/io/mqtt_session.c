/* SPDX-License-Identifier: EUPL-1.2 */
/* Sessions, kept in memory: after a restart a client is told "no session present". Client ids
 * belong to their gateway, so that one gateway cannot take over another's session. */
#include "base/check.h"
#include "base/mem.h"
#include "io/mqtt_int.h"

/* Records a client may leave behind on lost connections; older ones are given up, and a message
 * sent again is then the hub's to recognise. */
#define LIMBO_MAX (2 * VD_MAX_MQTT_INFLIGHT)

int mqtt_core_init(struct mqtt_core *c, struct vd_runtime *rt, const struct vd_mqtt_config *cfg,
		   const struct vd_mqtt_host *host)
{
	uint64_t seeds[2];
	*c = (struct mqtt_core){.rt = rt, .host = *host};
	c->max_inflight = cfg->max_inflight > 0 ? cfg->max_inflight : VD_MAX_MQTT_INFLIGHT;
	if (c->max_inflight > VD_MAX_MQTT_INFLIGHT)
		c->max_inflight = VD_MAX_MQTT_INFLIGHT;
	c->max_keepalive_s = cfg->max_keepalive_s > 0 ? cfg->max_keepalive_s : 600;
	if (c->max_keepalive_s > 65535)
		c->max_keepalive_s = 65535;
	c->connect_timeout_ms = cfg->connect_timeout_ms > 0 ? cfg->connect_timeout_ms : 10000;
	c->session_expiry_max_s =
		cfg->session_expiry_max_s > 0 ? (uint32_t)cfg->session_expiry_max_s : 86400;
	rt->entropy(rt, seeds, sizeof(seeds));
	vd_map_init(&c->sessions, VD_MAX_MQTT_SESSIONS, seeds[0]);
	vd_map_init(&c->gateways, VD_MAX_GATEWAYS, seeds[1]);
	vd_list_init(&c->orphans);
	return 0;
}

/* -- gateways ------------------------------------------------------------------------------- */

static struct mqtt_gateway *gateway_get(struct mqtt_core *c, int64_t id)
{
	struct mqtt_gateway *g = vd_map_get_u64(&c->gateways, (uint64_t)id);
	if (g)
		return g;
	g = vd_calloc(1, sizeof(*g));
	if (!g)
		return NULL;
	g->id = id;
	vd_list_init(&g->sessions);
	if (vd_map_put_u64(&c->gateways, (uint64_t)id, g)) {
		vd_free(g);
		return NULL;
	}
	return g;
}

bool mqtt_gateway_full(const struct mqtt_core *c, int64_t id)
{
	const struct mqtt_gateway *g = vd_map_get_u64(&c->gateways, (uint64_t)id);
	return g && g->n_sessions - g->n_offline >= MQTT_MAX_GATEWAY_CONNS;
}

static void gateway_drop_empty(struct mqtt_core *c, struct mqtt_gateway *g)
{
	if (g->n_sessions)
		return;
	vd_map_remove_u64(&c->gateways, (uint64_t)g->id);
	vd_free(g);
}

/* -- sessions ------------------------------------------------------------------------------- */

struct key {
	size_t n;
	char bytes[8 + VD_MAX_MQTT_CLIENT_ID];
};

static void make_key(struct key *k, int64_t gateway, struct vd_span id)
{
	VD_REQUIRE(id.n <= VD_MAX_MQTT_CLIENT_ID);
	memcpy(k->bytes, &gateway, 8);
	memcpy(k->bytes + 8, id.p, id.n);
	k->n = 8 + id.n;
}

struct mqtt_session *mqtt_session_find(struct mqtt_core *c, int64_t gateway, struct vd_span id)
{
	struct key k;
	make_key(&k, gateway, id);
	return vd_map_get(&c->sessions, vd_span(k.bytes, k.n));
}

int mqtt_session_new(struct mqtt_core *c, int64_t gateway, struct vd_span id,
		     struct mqtt_session **ret)
{
	struct key k;
	make_key(&k, gateway, id);
	struct mqtt_gateway *g = gateway_get(c, gateway);
	if (!g)
		return VD_ENOMEM;
	struct mqtt_session *s = vd_calloc(1, sizeof(*s) + k.n);
	if (!s) {
		gateway_drop_empty(c, g);
		return VD_ENOMEM;
	}
	s->core = c;
	s->gw = g;
	s->key_n = k.n;
	memcpy(s->key, k.bytes, k.n);
	int err = vd_map_put(&c->sessions, vd_span(s->key, s->key_n), s);
	if (err) {
		vd_free(s);
		gateway_drop_empty(c, g);
		return err;
	}
	vd_list_init(&s->limbo);
	vd_list_init(&s->subs);
	vd_list_init(&s->queue);
	vd_list_push_back(&g->sessions, &s->in_gateway);
	g->n_sessions++;
	*ret = s;
	return 0;
}

static void free_session(struct mqtt_session *s)
{
	struct mqtt_core *c = s->core;
	struct vd_link *l;
	while ((l = vd_list_pop(&s->limbo)))
		mqtt_pub_orphan(c, VD_CONTAINER(l, struct mqtt_pub, link));
	while ((l = vd_list_pop(&s->subs)))
		vd_free(VD_CONTAINER(l, struct mqtt_sub, link));
	while ((l = vd_list_pop(&s->queue)))
		vd_free(VD_CONTAINER(l, struct mqtt_out, link));
	c->rt->timer_close(s->will_timer);
	c->rt->timer_close(s->expiry_timer);
	vd_map_remove(&c->sessions, vd_span(s->key, s->key_n));
	vd_list_remove(&s->in_gateway);
	s->gw->n_sessions--;
	gateway_drop_empty(c, s->gw);
	vd_free(s->received);
	vd_free(s->will);
	vd_free(s);
}

void mqtt_core_fini(struct mqtt_core *c)
{
	struct mqtt_session *s;
	while (c->sessions.n)
		for (size_t it = 0; (s = vd_map_each(&c->sessions, &it)); it--) {
			VD_REQUIRE(!s->peer);
			free_session(s); /* another entry may move into its slot */
		}
	while (vd_list_pop(&c->orphans))
		; /* self-linked now: each frees itself when the hub answers */
	vd_map_fini(&c->sessions);
	vd_map_fini(&c->gateways);
}

/* -- wills ---------------------------------------------------------------------------------- */

int mqtt_session_will(struct mqtt_session *s, const struct mqtt_will *w)
{
	struct mqtt_stored_will *n = NULL;
	if (w) {
		n = vd_malloc(sizeof(*n) + w->topic.n + w->payload.n + w->content_type.n);
		if (!n)
			return VD_ENOMEM;
		n->w = *w;
		char *p = n->bytes;
		struct vd_span *parts[] = {&n->w.topic, &n->w.payload, &n->w.content_type};
		for (int i = 0; i < 3; i++) {
			if (parts[i]->n)
				memcpy(p, parts[i]->p, parts[i]->n);
			parts[i]->p = p;
			p += parts[i]->n;
		}
	}
	vd_free(s->will);
	s->will = n;
	return 0;
}

static void send_will(struct mqtt_session *s)
{
	struct mqtt_stored_will *w = s->will;
	if (!w)
		return;
	s->will = NULL;
	mqtt_will_publish(s->core, s->gw->id, &w->w);
	vd_free(w);
}

static void on_will_due(void *arg)
{
	send_will(arg);
}

static bool delay_will(struct mqtt_session *s, uint32_t delay_s)
{
	struct vd_runtime *rt = s->core->rt;
	if (!delay_s)
		return false;
	if (!s->will_timer)
		s->will_timer = rt->timer_open(rt, on_will_due, s);
	if (s->will_timer)
		rt->timer_start(s->will_timer, delay_s * 1000ll);
	return s->will_timer;
}

/* -- coming and going ------------------------------------------------------------------------- */

void mqtt_session_end(struct mqtt_session *s)
{
	VD_REQUIRE(!s->peer);
	send_will(s);
	if (s->expiry_timer)
		s->gw->n_offline--;
	free_session(s);
}

static void on_expired(void *arg)
{
	mqtt_session_end(arg);
}

/* The longest gone makes room: it is the first in its gateway's list that nobody is connected to.
 */
static void evict(struct mqtt_gateway *g)
{
	VD_LIST_EACH(l, &g->sessions)
	{
		struct mqtt_session *s = VD_CONTAINER(l, struct mqtt_session, in_gateway);
		if (s->expiry_timer) {
			mqtt_session_end(s);
			return;
		}
	}
}

void mqtt_session_detach(struct mqtt_session *s, bool with_will)
{
	struct vd_runtime *rt = s->core->rt;
	mqtt_session_drop_orders(s);
	s->peer = NULL;
	if (!with_will)
		mqtt_session_will(s, NULL);
	if (s->will) { /* the earlier of delay and the session's end (3.1.3.2.2) */
		uint32_t delay =
			s->will->w.delay_s < s->expiry_s ? s->will->w.delay_s : s->expiry_s;
		if (!delay_will(s, delay))
			send_will(s);
	}
	if (s->expiry_s)
		s->expiry_timer = rt->timer_open(rt, on_expired, s);
	if (!s->expiry_timer) {
		mqtt_session_end(s);
		return;
	}
	rt->timer_start(s->expiry_timer, s->expiry_s * 1000ll);
	vd_list_remove(&s->in_gateway);
	if (s->gw->n_offline >= VD_MAX_MQTT_OFFLINE)
		evict(s->gw);
	vd_list_push_back(&s->gw->sessions, &s->in_gateway);
	s->gw->n_offline++;
}

void mqtt_session_resume(struct mqtt_session *s, struct mqtt_peer *p)
{
	struct vd_runtime *rt = s->core->rt;
	if (s->expiry_timer) {
		rt->timer_close(s->expiry_timer);
		s->expiry_timer = NULL;
		s->gw->n_offline--;
	}
	rt->timer_close(s->will_timer);
	s->will_timer = NULL;
	mqtt_session_will(s, NULL);
	VD_LIST_EACH(l, &s->queue)
	{ /* what was sent before goes again, marked [MQTT-4.4.0-1] */
		struct mqtt_out *o = VD_CONTAINER(l, struct mqtt_out, link);
		o->again |= o->sent;
		o->sent = false;
	}
	s->peer = p;
}

/* -- QoS 2, and pubs left behind -------------------------------------------------------------- */

bool mqtt_session_receive_room(struct mqtt_session *s)
{
	if (!s->received)
		s->received = vd_calloc(65536 / 64, sizeof(uint64_t));
	return s->received;
}

bool mqtt_session_received(const struct mqtt_session *s, uint16_t id)
{
	return s->received && s->received[id / 64] >> (id % 64) & 1;
}

void mqtt_session_set_received(struct mqtt_session *s, uint16_t id, bool on)
{
	VD_REQUIRE(s->received);
	uint64_t bit = 1ull << (id % 64);
	if (on)
		s->received[id / 64] |= bit;
	else
		s->received[id / 64] &= ~bit;
}

struct mqtt_pub *mqtt_session_limbo(struct mqtt_session *s, uint16_t id)
{
	VD_LIST_EACH(l, &s->limbo)
	{
		struct mqtt_pub *u = VD_CONTAINER(l, struct mqtt_pub, link);
		if (u->id == id)
			return u;
	}
	return NULL;
}

static void drop_limbo(struct mqtt_session *s, struct mqtt_pub *u)
{
	s->n_limbo--;
	mqtt_pub_orphan(s->core, u);
}

void mqtt_session_keep(struct mqtt_session *s, struct mqtt_pub *u)
{
	vd_list_remove(&u->link);
	u->peer = NULL;
	u->session = s;
	if (s->n_limbo >= LIMBO_MAX)
		drop_limbo(s, VD_CONTAINER(s->limbo.next, struct mqtt_pub, link));
	vd_list_push_back(&s->limbo, &u->link);
	s->n_limbo++;
	if (u->answered)
		mqtt_session_answered(s, u);
}

/* Stored while nobody was connected: at QoS 2 the id is remembered as received, at QoS 1 the pub
 * waits to answer the client's repetition. What was not stored is forgotten: the repetition is new.
 */
void mqtt_session_answered(struct mqtt_session *s, struct mqtt_pub *u)
{
	bool stored = u->outcome == VD_STORED || u->outcome == VD_DUPLICATE;
	if (stored && u->qos == 2)
		mqtt_session_set_received(s, u->id, true);
	if (u->outcome == VD_BUSY || (stored && u->qos == 2))
		drop_limbo(s, u);
}

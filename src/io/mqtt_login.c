/* SPDX-License-Identifier: EUPL-1.2 */
/* CONNECT: who is it, which session, what is granted. A wrong password is answered later the more
 * often that address was wrong lately; right ones are never made to wait for others' mistakes. */
#include "base/check.h"
#include "io/mqtt_int.h"
#include <stdio.h>

#define FAIL_STEP_MS   500
#define FAIL_MAX_MS    8000
#define FAIL_FORGET_MS 60000

void mqtt_peer_refuse(struct mqtt_peer *p, unsigned char reason)
{
	struct mqtt_connack a = {.reason = reason, .keep_alive_s = -1};
	p->core->stats.refused++;
	mqtt_put_connack(&p->out, p->version, &a);
	p->state = MQTT_PEER_ENDED;
	p->wake(p);
}

/* How long this failure's answer waits: 0, 500, 1 000, ... 8 000 ms. */
static int64_t failure_delay(struct mqtt_core *c, uint64_t address)
{
	int64_t now = c->rt->mono_ms(c->rt), delay = 0;
	size_t slot = address % MQTT_GUARD_SLOTS;
	if (now - c->guard[slot].last_mono > FAIL_FORGET_MS)
		c->guard[slot].fails = 0;
	c->guard[slot].last_mono = now;
	if (c->guard[slot].fails)
		delay = FAIL_STEP_MS << (c->guard[slot].fails - 1);
	if (delay < FAIL_MAX_MS)
		c->guard[slot].fails++;
	return delay < FAIL_MAX_MS ? delay : FAIL_MAX_MS;
}

static void refuse_login(struct mqtt_peer *p)
{
	int64_t delay = failure_delay(p->core, p->address);
	p->refusal = MQTT_BAD_LOGIN;
	p->deadline_mono = p->core->rt->mono_ms(p->core->rt) + delay;
	p->state = MQTT_PEER_REFUSING;
	mqtt_peer_tick(p);
	if (p->state == MQTT_PEER_REFUSING)
		p->wake(p); /* its clock has changed */
}

/* -- the session ------------------------------------------------------------------------------ */

static struct vd_span client_id(struct mqtt_peer *p, const struct mqtt_connect *c, char made[32])
{
	uint64_t r[2];
	if (c->client_id.n)
		return c->client_id;
	p->core->rt->entropy(p->core->rt, r, sizeof(r));
	snprintf(made, 32, "varde-%016llx%08x", (unsigned long long)r[0], (unsigned)r[1]);
	return vd_span_cstr(made);
}

/* The session of this client id: taken over, taken up or new. 0, VD_ELIMIT or VD_ENOMEM. */
static int find_session(struct mqtt_peer *p, const struct mqtt_connect *c, struct vd_span id,
			struct mqtt_session **ret, bool *ret_present)
{
	struct mqtt_session *s = mqtt_session_find(p->core, p->gateway, id);
	if (s && s->peer) {
		mqtt_peer_end(s->peer, MQTT_TAKEN_OVER); /* [MQTT-3.1.4-3]; may end the session */
		s = mqtt_session_find(p->core, p->gateway, id);
	}
	if (mqtt_gateway_full(p->core, p->gateway))
		return VD_ELIMIT;
	if (s && c->clean_start) {
		mqtt_session_end(s); /* [MQTT-3.1.2-4] */
		s = NULL;
	}
	*ret_present = s;
	if (!s) {
		int err = mqtt_session_new(p->core, p->gateway, id, &s);
		if (err)
			return err;
	}
	mqtt_session_resume(s, p);
	*ret = s;
	return 0;
}

static void grant(struct mqtt_peer *p, const struct mqtt_connect *c)
{
	struct mqtt_core *core = p->core;
	p->keep_alive_s = c->keep_alive_s && c->keep_alive_s < core->max_keepalive_s
				  ? c->keep_alive_s
				  : core->max_keepalive_s;
	p->deadline_mono = p->heard_mono + p->keep_alive_s * 1500ll;
	p->problem_info = c->problem_info;
	p->max_packet = c->max_packet;
	p->send_max = c->receive_max < VD_MAX_MQTT_COMMANDS ? c->receive_max : VD_MAX_MQTT_COMMANDS;
	p->session->expiry_s = c->session_expiry_s < core->session_expiry_max_s
				       ? c->session_expiry_s
				       : core->session_expiry_max_s;
}

static void welcome(struct mqtt_peer *p, const struct mqtt_connect *c, bool present,
		    struct vd_span id)
{
	struct mqtt_connack a = {.session_present = present,
				 .keep_alive_s =
					 p->keep_alive_s == c->keep_alive_s ? -1 : p->keep_alive_s,
				 .receive_max = p->core->max_inflight,
				 .max_packet = VD_MAX_MQTT_PACKET,
				 .session_expiry_s = p->session->expiry_s,
				 .say_expiry = p->session->expiry_s != c->session_expiry_s,
				 .assigned_id = c->client_id.n ? vd_span("", 0) : id};
	mqtt_put_connack(&p->out, p->version, &a);
}

static void sign_in(struct mqtt_peer *p, const struct mqtt_connect *c)
{
	struct mqtt_core *core = p->core;
	char made[32];
	struct vd_span id = client_id(p, c, made);
	struct mqtt_session *s = NULL;
	bool present = false;
	int err = find_session(p, c, id, &s, &present);
	if (err) {
		mqtt_peer_refuse(p, err == VD_ELIMIT ? MQTT_QUOTA : MQTT_UNAVAILABLE);
		return;
	}
	p->session = s;
	grant(p, c);
	if (c->has_will && mqtt_session_will(s, &c->will)) {
		p->session = NULL;
		s->expiry_s = present ? s->expiry_s : 0;
		mqtt_session_detach(s, false);
		mqtt_peer_refuse(p, MQTT_UNAVAILABLE);
		return;
	}
	p->state = MQTT_PEER_LIVE;
	welcome(p, c, present, id);
	core->host.connected(core->host.arg, p->gateway, true);
	mqtt_session_pump(s);
	p->wake(p);
}

void mqtt_peer_connect(struct mqtt_peer *p, const struct mqtt_connect *c)
{
	struct mqtt_core *core = p->core;
	struct vd_span none = vd_span("", 0);
	p->version = c->version;
	if (c->version != MQTT_V4 && c->version != MQTT_V5) {
		p->version = c->version < MQTT_V4 ? MQTT_V4 : MQTT_V5;
		mqtt_peer_refuse(p, MQTT_BAD_VERSION); /* [MQTT-3.1.2-2] */
		return;
	}
	if (c->has_auth_method) {
		mqtt_peer_refuse(p, MQTT_BAD_AUTH_METHOD);
		return;
	}
	/* 3.1.1 [MQTT-3.1.3-8]: an empty client id cannot have a lasting session. */
	if (c->client_id.n > VD_MAX_MQTT_CLIENT_ID ||
	    (!c->client_id.n && c->version == MQTT_V4 && !c->clean_start)) {
		mqtt_peer_refuse(p, MQTT_BAD_CLIENT_ID);
		return;
	}
	int64_t gateway = core->host.login(core->host.arg, c->has_user ? c->user : none,
					   c->has_password ? c->password : none, p->cert);
	if (gateway <= 0) {
		refuse_login(p);
		return;
	}
	p->gateway = gateway;
	if (!c->has_user || !vd_span_copy(p->user, sizeof(p->user), c->user))
		p->user[0] = '\0';
	sign_in(p, c);
}

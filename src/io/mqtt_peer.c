/* SPDX-License-Identifier: EUPL-1.2 */
/* One connection's protocol.
 *
 * Happy path
 *   - CONNECT (mqtt_login.c) signs in and takes up a session
 *   - a PUBLISH becomes a pub, goes to the hub at once (its bytes are only borrowed), and waits in
 *     the fifo; when the hub says STORED or DUPLICATE, PUBACK or PUBREC go out in order of arrival
 * What can go wrong
 *   - the hub is BUSY: nothing is said about that message; no further packet is read; what was
 *     stored beside it is acknowledged, then DISCONNECT 0x97 (3.1.1: just the close), so that the
 *     client sends the rest again when it comes back
 *   - REFUSED: 5.0 gets 0x99 and the reason. 3.1.1 knows no refusal: the message is acknowledged,
 *     because it can never be accepted (the hub keeps an unreadable one in its quarantine) and
 *     would otherwise stand before all others of that client for ever
 *   - the connection breaks: pubs wait in the session's limbo for the client's repetition
 *   - a packet breaks the standard: DISCONNECT with its reason code, this connection only */
#include "base/check.h"
#include "base/mem.h"
#include "io/mqtt_int.h"

#define OUT_PAUSE (VD_MAX_MQTT_OUT / 4)

void mqtt_peer_init(struct mqtt_peer *p, struct mqtt_core *c, void (*wake)(struct mqtt_peer *p),
		    uint64_t address)
{
	int64_t now = c->rt->mono_ms(c->rt);
	*p = (struct mqtt_peer){.core = c,
				.wake = wake,
				.address = address,
				.cert = "",
				.heard_mono = now,
				.deadline_mono = now + c->connect_timeout_ms};
	vd_buf_init(&p->out, VD_MAX_MQTT_OUT);
	vd_list_init(&p->fifo);
	vd_list_init(&p->loose);
}

void mqtt_peer_fini(struct mqtt_peer *p)
{
	VD_REQUIRE(p->state == MQTT_PEER_ENDED && !p->session);
	vd_buf_fini(&p->out);
}

bool mqtt_peer_paused(const struct mqtt_peer *p)
{
	int max = p->core->max_inflight;
	if (p->state == MQTT_PEER_DRAINING || p->state == MQTT_PEER_REFUSING)
		return true;
	/* With 5.0 the client knows the ceiling of its QoS 1 and 2: one more is its error. */
	return (p->version != MQTT_V5 && p->n_fifo >= max) || p->n_loose >= max ||
	       p->bytes >= VD_MAX_MQTT_INFLIGHT_BYTES || p->out.n >= OUT_PAUSE;
}

/* -- the end ---------------------------------------------------------------------------------- */

static void leave_pubs(struct mqtt_peer *p)
{
	struct mqtt_session *s = p->session;
	struct vd_link *l;
	while (!vd_list_empty(&p->fifo)) {
		struct mqtt_pub *u = VD_CONTAINER(p->fifo.next, struct mqtt_pub, link);
		if (s && s->expiry_s)
			mqtt_session_keep(s, u);
		else
			mqtt_pub_orphan(p->core, u);
	}
	while ((l = vd_list_pop(&p->loose)))
		mqtt_pub_orphan(p->core, VD_CONTAINER(l, struct mqtt_pub, link));
	p->n_fifo = p->n_loose = 0;
	p->bytes = 0;
}

static void leave(struct mqtt_peer *p, bool with_will)
{
	struct mqtt_core *c = p->core;
	struct mqtt_session *s = p->session;
	p->state = MQTT_PEER_ENDED;
	if (s) {
		leave_pubs(p);
		p->session = NULL;
		mqtt_session_detach(s, with_will);
		c->host.connected(c->host.arg, p->gateway, false);
	}
	p->wake(p);
}

void mqtt_peer_lost(struct mqtt_peer *p)
{
	if (p->state != MQTT_PEER_ENDED)
		leave(p, true);
}

void mqtt_peer_end(struct mqtt_peer *p, unsigned char reason)
{
	if (p->state == MQTT_PEER_ENDED)
		return;
	if (p->session && p->version == MQTT_V5)
		mqtt_put_disconnect(&p->out, reason);
	leave(p, reason != MQTT_SHUTTING_DOWN);
}

static void break_off(struct mqtt_peer *p, unsigned char reason)
{
	p->core->stats.malformed++;
	if (p->state == MQTT_PEER_NEW && p->version == MQTT_V5)
		mqtt_peer_refuse(p, reason); /* an unreadable CONNECT is told so (3.1.4) */
	else
		mqtt_peer_end(p, reason);
}

/* -- answers of the hub ----------------------------------------------------------------------- */

static void settle(struct mqtt_peer *p)
{
	if (p->outstanding > 0)
		p->outstanding--;
}

static void acknowledge(struct mqtt_peer *p, struct mqtt_pub *u)
{
	bool refused = u->outcome == VD_REFUSED && p->version == MQTT_V5;
	enum mqtt_type type = u->qos == 2 ? MQTT_PUBREC : MQTT_PUBACK;
	struct vd_span why = p->problem_info ? vd_span_cstr(u->why) : vd_span("", 0);
	mqtt_put_ack(&p->out, p->version, type, u->id, refused ? MQTT_BAD_PAYLOAD : MQTT_OK, why,
		     p->max_packet);
	if (u->qos == 2 && !refused)
		mqtt_session_set_received(p->session, u->id, true); /* until PUBREL */
	else
		settle(p);
}

/* Sends what may be sent: answers leave in the order of the questions. */
static void answer_head(struct mqtt_peer *p)
{
	while (!vd_list_empty(&p->fifo)) {
		struct mqtt_pub *u = VD_CONTAINER(p->fifo.next, struct mqtt_pub, link);
		if (!u->answered)
			return;
		p->n_fifo--;
		if (u->outcome == VD_BUSY)
			p->state = MQTT_PEER_DRAINING;
		else
			acknowledge(p, u);
		mqtt_pub_free(u);
	}
	if (p->state == MQTT_PEER_DRAINING)
		mqtt_peer_end(p, MQTT_QUOTA);
}

void mqtt_peer_answered(struct mqtt_peer *p, struct mqtt_pub *u, const char *why)
{
	size_t before = p->out.n;
	p->bytes -= u->bytes;
	if (u->outcome == VD_REFUSED && why)
		u->why = vd_memdup_str(why, strlen(why) < 200 ? strlen(why) : 200);
	if (u->qos) {
		if (u->outcome == VD_BUSY)
			p->state = MQTT_PEER_DRAINING; /* stop reading at once, not when its turn
							  comes */
		answer_head(p);
	} else {
		p->n_loose--;
		mqtt_pub_free(u);
	}
	if (p->out.n != before || !mqtt_peer_paused(p))
		p->wake(p);
}

/* -- PUBLISH and its kin ------------------------------------------------------------------------
 */

static void queue_pub(struct mqtt_peer *p, struct mqtt_pub *u)
{
	u->peer = p;
	u->session = NULL;
	if (u->qos) {
		vd_list_push_back(&p->fifo, &u->link);
		p->n_fifo++;
	} else {
		vd_list_push_back(&p->loose, &u->link);
		p->n_loose++;
	}
}

static struct mqtt_pub *in_fifo(struct mqtt_peer *p, uint16_t id)
{
	VD_LIST_EACH(l, &p->fifo)
	{
		struct mqtt_pub *u = VD_CONTAINER(l, struct mqtt_pub, link);
		if (u->id == id)
			return u;
	}
	return NULL;
}

/* A repetition of what an earlier connection sent takes that pub over; without DUP the client has
 * started afresh and the id means a new message. true: nothing is left to do. */
static bool take_from_limbo(struct mqtt_peer *p, const struct mqtt_publish *m)
{
	struct mqtt_pub *u = mqtt_session_limbo(p->session, m->id);
	if (!u)
		return false;
	p->session->n_limbo--;
	if (!m->dup || u->qos != m->qos) {
		mqtt_pub_orphan(p->core, u);
		return false;
	}
	vd_list_remove(&u->link);
	queue_pub(p, u);
	if (u->answered)
		answer_head(p);
	else
		p->bytes += u->bytes;
	return true;
}

static void busy(struct mqtt_peer *p)
{
	p->state = MQTT_PEER_DRAINING;
	answer_head(p);
}

/* QoS 2 and stored already: PUBREC again, nothing goes to the hub [MQTT-4.3.3-10]. */
static void receive_again(struct mqtt_peer *p, const struct mqtt_publish *m)
{
	struct mqtt_pub *u = mqtt_pub_new();
	if (!u) {
		busy(p);
		return;
	}
	u->id = m->id;
	u->qos = 2;
	u->answered = true;
	u->outcome = VD_DUPLICATE;
	queue_pub(p, u);
	answer_head(p);
}

static void to_hub(struct mqtt_peer *p, const struct mqtt_publish *m)
{
	struct mqtt_core *c = p->core;
	struct mqtt_pub *u = mqtt_pub_new();
	if (!u || (m->qos == 2 && !mqtt_session_receive_room(p->session))) {
		if (u)
			mqtt_pub_free(u);
		if (m->qos)
			busy(p);
		return;
	}
	u->id = m->id;
	u->qos = (unsigned char)m->qos;
	u->bytes = (uint32_t)(m->topic.n + m->payload.n);
	p->bytes += u->bytes;
	queue_pub(p, u);
	struct vd_frame f = {.carrier = VD_CARRIER_MQTT,
			     .topic = m->topic,
			     .body = m->payload,
			     .content_type = m->content_type,
			     .retained = m->retain,
			     .dup = m->dup,
			     .received_at_ms = c->rt->wall_ms(c->rt)};
	c->host.publish(c->host.arg, p->gateway, &f, &u->x);
}

static void on_publish(struct mqtt_peer *p, const struct mqtt_publish *m)
{
	p->core->stats.publishes++;
	if (m->qos) {
		const struct mqtt_pub *known = in_fifo(p, m->id);
		if (known && m->dup && known->qos == m->qos)
			return; /* its answer is on the way */
		if (known) {
			break_off(p, MQTT_PROTOCOL); /* [MQTT-2.2.1-3]: the id is in use */
			return;
		}
		if (p->version == MQTT_V5 && p->outstanding >= p->core->max_inflight) {
			break_off(p, MQTT_RECEIVE_MAXIMUM); /* [MQTT-3.3.4-9] */
			return;
		}
		p->outstanding++;
		if (m->qos == 2 && mqtt_session_received(p->session, m->id)) {
			receive_again(p, m);
			return;
		}
		if (take_from_limbo(p, m))
			return;
	}
	to_hub(p, m);
}

static void on_pubrel(struct mqtt_peer *p, const struct mqtt_ack *a)
{
	bool known = mqtt_session_received(p->session, a->id);
	if (known) {
		mqtt_session_set_received(p->session, a->id, false);
		settle(p);
	}
	mqtt_put_ack(&p->out, p->version, MQTT_PUBCOMP, a->id, known ? MQTT_OK : MQTT_ID_NOT_FOUND,
		     vd_span("", 0), p->max_packet);
}

static void on_client_ack(struct mqtt_peer *p, enum mqtt_type type, const struct mqtt_ack *a)
{
	if (type == MQTT_PUBACK) {
		mqtt_session_acked(p->session, a->id, a->reason < 0x80);
		mqtt_session_pump(p->session);
	} else if (type == MQTT_PUBREC) { /* we never send QoS 2: release it, so that it forgets */
		mqtt_put_ack(&p->out, p->version, MQTT_PUBREL, a->id, MQTT_ID_NOT_FOUND,
			     vd_span("", 0), p->max_packet);
	}
}

/* -- SUBSCRIBE and UNSUBSCRIBE ------------------------------------------------------------------
 */

/* varde/command/<user>/...: whose commands are they? */
static bool others_commands(const struct mqtt_peer *p, struct vd_span filter)
{
	struct vd_span prefix = VD_SPAN_LIT("varde/command/"), user;
	if (!vd_span_starts(filter, prefix) || !p->user[0])
		return false;
	struct vd_span rest = vd_span_skip(filter, prefix.n);
	return !vd_span_next(&rest, '/', &user) || !vd_span_is(user, p->user);
}

static unsigned char subscribe(struct mqtt_peer *p, struct vd_span filter, unsigned options)
{
	if (vd_span_starts(filter, VD_SPAN_LIT("$share/")))
		return MQTT_NO_SHARED;
	if (filter.p[0] == '$' || others_commands(p, filter))
		return MQTT_NOT_AUTHORIZED;
	return mqtt_session_subscribe(p->session, filter, (int)(options & 3));
}

static void on_filters(struct mqtt_peer *p, struct mqtt_filters *f)
{
	struct vd_buf codes;
	struct vd_span filter;
	unsigned char options;
	vd_buf_init(&codes, VD_MAX_MQTT_CONTROL);
	while (mqtt_next_filter(f, &filter, &options)) {
		unsigned char r = f->with_options ? subscribe(p, filter, options)
						  : mqtt_session_unsubscribe(p->session, filter);
		if (r >= 0x80 && p->version != MQTT_V5)
			r = 0x80; /* the only failure 3.1.1 knows */
		vd_buf_add_char(&codes, (char)r);
	}
	if (codes.err)
		mqtt_peer_end(p, MQTT_UNSPECIFIED);
	else if (f->with_options)
		mqtt_put_suback(&p->out, p->version, f->id, vd_buf_span(&codes));
	else
		mqtt_put_unsuback(&p->out, p->version, f->id, vd_buf_span(&codes));
	vd_buf_fini(&codes);
}

/* -- DISCONNECT, and the dispatch -----------------------------------------------------------------
 */

static void on_disconnect(struct mqtt_peer *p, const struct mqtt_disconnect *d)
{
	struct mqtt_session *s = p->session;
	if (d->has_expiry) {
		if (!s->expiry_s && d->session_expiry_s) {
			break_off(p, MQTT_PROTOCOL); /* 3.14.2.2.2 */
			return;
		}
		s->expiry_s = d->session_expiry_s < p->core->session_expiry_max_s
				      ? d->session_expiry_s
				      : p->core->session_expiry_max_s;
	}
	leave(p, d->reason != MQTT_OK); /* [MQTT-3.14.4-3] */
}

static void handle(struct mqtt_peer *p, struct mqtt_packet *k)
{
	switch (k->type) {
	case MQTT_CONNECT: break_off(p, MQTT_PROTOCOL); break; /* a second one [MQTT-3.1.0-2] */
	case MQTT_PUBLISH: on_publish(p, &k->publish); break;
	case MQTT_PUBREL: on_pubrel(p, &k->ack); break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBCOMP: on_client_ack(p, k->type, &k->ack); break;
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE: on_filters(p, &k->filters); break;
	case MQTT_PINGREQ: mqtt_put_pingresp(&p->out); break;
	case MQTT_DISCONNECT: on_disconnect(p, &k->disconnect); break;
	default: VD_UNREACHABLE("a packet the codec lets through");
	}
}

/* One packet from the front of `in`. -1: incomplete. */
static int step(struct mqtt_peer *p, struct vd_span in, size_t *ret_used)
{
	struct mqtt_head h;
	struct mqtt_packet k;
	bool fresh = p->state == MQTT_PEER_NEW;
	size_t max_publish = fresh ? VD_MAX_MQTT_CONTROL : VD_MAX_MQTT_PACKET;
	int err = mqtt_read_head(in, max_publish, VD_MAX_MQTT_CONTROL, &h);
	if (err < 0 || (!err && in.n < h.size && (!fresh || h.type == MQTT_CONNECT)))
		return -1;
	if (!err && fresh && h.type != MQTT_CONNECT)
		err = MQTT_PROTOCOL; /* [MQTT-3.1.0-1] */
	if (!err) {
		/* Enough to know in which language a broken CONNECT is refused. */
		if (fresh && h.start + 6 < h.size && (unsigned char)in.p[h.start + 6] == MQTT_V5)
			p->version = MQTT_V5;
		err = mqtt_read_packet(vd_span(in.p, h.size), &h, p->version, &k);
	}
	if (err) {
		break_off(p, (unsigned char)err);
		return 0;
	}
	p->core->stats.packets_in++;
	p->heard_mono = p->core->rt->mono_ms(p->core->rt);
	*ret_used = h.size;
	if (fresh)
		mqtt_peer_connect(p, &k.connect);
	else
		handle(p, &k);
	return 0;
}

enum mqtt_progress mqtt_peer_input(struct mqtt_peer *p, struct vd_span in, int packets,
				   size_t *ret_used)
{
	size_t at = 0;
	enum mqtt_progress end = MQTT_NEED_BYTES;
	size_t before = p->out.n;
	for (;; packets--) {
		*ret_used = at;
		if (p->state == MQTT_PEER_ENDED)
			return MQTT_FINISHED;
		if (at == in.n)
			break;
		end = mqtt_peer_paused(p) ? MQTT_NEED_ROOM
		      : packets > 0       ? MQTT_NEED_BYTES
					  : MQTT_NEED_TURN;
		size_t used = 0;
		if (end || step(p, vd_span(in.p + at, in.n - at), &used) < 0)
			break;
		at += used;
	}
	if (p->out.err) { /* the client does not read what it asks for */
		mqtt_peer_lost(p);
		return MQTT_FINISHED;
	}
	if (p->out.n != before)
		p->wake(p);
	return end;
}

void mqtt_peer_sent(struct mqtt_peer *p)
{
	if (p->session)
		mqtt_session_pump(p->session);
}

void mqtt_peer_tick(struct mqtt_peer *p)
{
	int64_t now = p->core->rt->mono_ms(p->core->rt);
	if (p->state == MQTT_PEER_REFUSING && now >= p->deadline_mono) {
		mqtt_peer_refuse(p, p->refusal);
	} else if (p->state == MQTT_PEER_NEW && now >= p->deadline_mono) {
		p->core->stats.refused++;
		leave(p, false);
	} else if (p->state == MQTT_PEER_LIVE) {
		/* While we do not read for want of room at the hub, silence is our doing. */
		if (mqtt_peer_paused(p) && p->out.n < OUT_PAUSE)
			p->heard_mono = now;
		p->deadline_mono = p->heard_mono + p->keep_alive_s * 1500ll; /* [MQTT-3.1.2-22] */
		if (now >= p->deadline_mono)
			mqtt_peer_end(p, MQTT_KEEPALIVE_TIMEOUT);
	} else if (p->state == MQTT_PEER_DRAINING) {
		p->deadline_mono = now + 1000; /* the hub answers everything */
	}
}

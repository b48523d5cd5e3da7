/* SPDX-License-Identifier: EUPL-1.2 */
/* Subscriptions and the commands they receive. A client may subscribe to what it likes outside
 * "$..." and other gateways' command topics; it receives what the hub sends to its gateway and
 * nothing else, so a bridge's "#" is harmless. Commands go out at QoS 1 where the client asked for
 * 1 or 2, and wait for it while its session lives.
 *
 * Orders are commands whose sender keeps the account (core/command_send.c): they go to who is
 * connected now, never wait for a later connection and never go out twice. */
#include "base/mem.h"
#include "io/mqtt_int.h"
#include <stdio.h>

static struct mqtt_sub *find_sub(struct mqtt_session *s, struct vd_span filter)
{
	VD_LIST_EACH(l, &s->subs)
	{
		struct mqtt_sub *u = VD_CONTAINER(l, struct mqtt_sub, link);
		if (vd_span_eq(vd_span(u->filter, u->n), filter))
			return u;
	}
	return NULL;
}

unsigned char mqtt_session_subscribe(struct mqtt_session *s, struct vd_span filter, int qos)
{
	struct mqtt_sub *u = find_sub(s, filter);
	if (!u) {
		if (s->n_subs >= VD_MAX_MQTT_SUBS || filter.n > VD_MAX_TOPIC_BYTES)
			return MQTT_QUOTA;
		u = vd_malloc(sizeof(*u) + filter.n);
		if (!u)
			return MQTT_UNSPECIFIED;
		u->n = filter.n;
		memcpy(u->filter, filter.p, filter.n);
		vd_list_push_back(&s->subs, &u->link);
		s->n_subs++;
	}
	u->qos = (unsigned char)qos;
	return u->qos;
}

unsigned char mqtt_session_unsubscribe(struct mqtt_session *s, struct vd_span filter)
{
	struct mqtt_sub *u = find_sub(s, filter);
	if (!u)
		return MQTT_NO_SUBSCRIPTION;
	vd_list_remove(&u->link);
	s->n_subs--;
	vd_free(u);
	return MQTT_OK;
}

/* The highest QoS among the matching filters [MQTT-3.3.4-2]; -1 when none matches. */
static int wanted_qos(struct mqtt_session *s, struct vd_span topic)
{
	int qos = -1;
	VD_LIST_EACH(l, &s->subs)
	{
		struct mqtt_sub *u = VD_CONTAINER(l, struct mqtt_sub, link);
		if (u->qos > qos && mqtt_matches(vd_span(u->filter, u->n), topic))
			qos = u->qos;
	}
	return qos > 1 ? 1 : qos;
}

static void drop(struct mqtt_session *s, struct mqtt_out *o)
{
	vd_list_remove(&o->link);
	s->n_queue--;
	s->queue_bytes -= o->topic_n + o->payload_n;
	vd_free(o);
}

static int enqueue(struct mqtt_session *s, int qos, struct vd_span topic, struct vd_span payload,
		   struct mqtt_out **ret)
{
	size_t n = topic.n + payload.n;
	if (s->n_queue >= VD_MAX_MQTT_COMMANDS || n > VD_MAX_MQTT_COMMAND_BYTES - s->queue_bytes)
		return VD_EBUSY;
	struct mqtt_out *o = vd_malloc(sizeof(*o) + n);
	if (!o)
		return VD_ENOMEM;
	*o = (struct mqtt_out){
		.qos = (unsigned char)qos, .topic_n = topic.n, .payload_n = payload.n};
	memcpy(o->bytes, topic.p, topic.n);
	if (payload.n)
		memcpy(o->bytes + topic.n, payload.p, payload.n);
	vd_list_push_back(&s->queue, &o->link);
	s->n_queue++;
	s->queue_bytes += n;
	*ret = o;
	return 0;
}

int mqtt_session_command(struct mqtt_session *s, struct vd_span topic, struct vd_span payload)
{
	struct mqtt_out *o;
	int qos = wanted_qos(s, topic);
	if (qos < 0 || (qos == 0 && !s->peer))
		return VD_ENOTFOUND;
	int err = enqueue(s, qos, topic, payload, &o);
	if (!err)
		mqtt_session_pump(s);
	return err;
}

int mqtt_session_order(struct mqtt_session *s, struct vd_span topic, struct vd_span payload,
		       const char *tag, int64_t ttl_ms)
{
	struct mqtt_peer *p = s->peer;
	struct mqtt_out *o;
	int qos = wanted_qos(s, topic);
	if (qos < 0 || !p || p->state != MQTT_PEER_LIVE)
		return VD_ENOTFOUND;
	if (p->max_packet &&
	    mqtt_publish_size(p->version, topic.n, payload.n, qos) + MQTT_EXPIRY_BYTES >
		    p->max_packet)
		return VD_ENOTFOUND; /* certainly not to this one */
	int err = enqueue(s, qos, topic, payload, &o);
	if (err)
		return err;
	snprintf(o->tag, sizeof(o->tag), "%s", tag);
	o->until_mono = s->core->rt->mono_ms(s->core->rt) + ttl_ms;
	mqtt_session_pump(s);
	return qos ? 0 : 1;
}

void mqtt_session_drop_orders(struct mqtt_session *s)
{
	VD_LIST_EACH(l, &s->queue)
	{
		struct mqtt_out *o = VD_CONTAINER(l, struct mqtt_out, link);
		if (o->tag[0])
			drop(s, o);
	}
}

static bool id_in_use(struct mqtt_session *s, uint16_t id)
{
	VD_LIST_EACH(l, &s->queue)
	{
		if (VD_CONTAINER(l, struct mqtt_out, link)->id == id)
			return true;
	}
	return false;
}

static uint16_t next_id(struct mqtt_session *s)
{
	do {
		s->last_id++;
	} while (!s->last_id || id_in_use(s, s->last_id));
	return s->last_id;
}

/* At least one: 0 would be none by the standard. */
static uint32_t seconds_left(const struct mqtt_session *s, const struct mqtt_out *o)
{
	int64_t ms = o->until_mono - s->core->rt->mono_ms(s->core->rt);
	return ms > 1000 ? (uint32_t)((ms + 999) / 1000) : 1;
}

/* false: larger than the client takes; it is dropped as if it had been sent [MQTT-3.1.2-25]. */
static bool send_one(struct mqtt_session *s, struct mqtt_out *o)
{
	struct mqtt_peer *p = s->peer;
	size_t size = mqtt_publish_size(p->version, o->topic_n, o->payload_n, o->qos);
	if (p->max_packet && size > p->max_packet)
		return false;
	if (o->qos && !o->id)
		o->id = next_id(s);
	if (o->tag[0])
		mqtt_put_order(&p->out, p->version, vd_span(o->bytes, o->topic_n),
			       vd_span(o->bytes + o->topic_n, o->payload_n), o->qos, o->id,
			       seconds_left(s, o));
	else
		mqtt_put_publish(&p->out, p->version, vd_span(o->bytes, o->topic_n),
				 vd_span(o->bytes + o->topic_n, o->payload_n), o->qos, o->id,
				 o->again);
	o->sent = true;
	return true;
}

void mqtt_session_pump(struct mqtt_session *s)
{
	struct mqtt_peer *p = s->peer;
	bool sent = false;
	if (!p || p->state != MQTT_PEER_LIVE)
		return;
	VD_LIST_EACH(l, &s->queue)
	{
		struct mqtt_out *o = VD_CONTAINER(l, struct mqtt_out, link);
		if (o->sent)
			continue;
		if (o->tag[0] && s->core->rt->mono_ms(s->core->rt) >= o->until_mono) {
			drop(s, o); /* waited too long for room; its sender has given it up */
			continue;
		}
		if (p->out.n > VD_MAX_MQTT_OUT / 4 || (o->qos && p->n_sent >= p->send_max))
			break;
		bool fits = send_one(s, o);
		sent |= fits;
		if (fits && o->qos)
			p->n_sent++;
		else
			drop(s, o);
	}
	if (sent)
		p->wake(p);
}

bool mqtt_session_acked(struct mqtt_session *s, uint16_t id, bool taken)
{
	VD_LIST_EACH(l, &s->queue)
	{
		struct mqtt_out *o = VD_CONTAINER(l, struct mqtt_out, link);
		if (o->id != id || !o->sent)
			continue;
		char tag[sizeof(o->tag)];
		memcpy(tag, o->tag, sizeof(tag));
		drop(s, o);
		if (s->peer && s->peer->n_sent > 0)
			s->peer->n_sent--;
		if (tag[0] && s->core->host.told)
			s->core->host.told(s->core->host.arg, tag, taken);
		return true;
	}
	return false;
}

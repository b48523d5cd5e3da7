/* SPDX-License-Identifier: EUPL-1.2 */
/* Reading a client's packets. "Malformed" is what cannot be parsed, "protocol error" what can but
 * may not be said here (5.0 section 4.13). */
#include "io/mqtt_wire.h"

/* -- fixed header --------------------------------------------------------------------------- */

/* Bits every type but PUBLISH must carry (5.0 table 2-2). */
static int check_flags(unsigned type, unsigned flags)
{
	switch (type) {
	case MQTT_PUBLISH: {
		unsigned qos = flags >> 1 & 3;
		if (qos == 3)
			return MQTT_MALFORMED;                     /* [MQTT-3.3.1-4] */
		return qos == 0 && flags & 8 ? MQTT_MALFORMED : 0; /* [MQTT-3.3.1-2] */
	}
	case MQTT_PUBREL:
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE: return flags == 2 ? 0 : MQTT_MALFORMED;
	case MQTT_CONNECT:
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBCOMP:
	case MQTT_PINGREQ:
	case MQTT_DISCONNECT:
	case MQTT_AUTH: return flags == 0 ? 0 : MQTT_MALFORMED;
	case 0: return MQTT_MALFORMED;
	default: return MQTT_PROTOCOL; /* a packet only servers send */
	}
}

int mqtt_read_head(struct vd_span in, size_t max_publish, size_t max_other, struct mqtt_head *ret)
{
	const unsigned char *p = (const unsigned char *)in.p;
	if (!in.n)
		return -1;
	int err = check_flags(p[0] >> 4, p[0] & 15u);
	if (err)
		return err;
	size_t body = 0;
	for (size_t i = 1; i <= 4; i++) {
		if (i >= in.n)
			return -1;
		body |= (size_t)(p[i] & 0x7F) << (7 * (i - 1));
		if (p[i] & 0x80)
			continue;
		struct mqtt_head h = {.type = p[0] >> 4,
				      .flags = p[0] & 15u,
				      .size = 1 + i + body,
				      .start = 1 + i,
				      .minimal = i == 1 || p[i] != 0};
		if (h.size > (h.type == MQTT_PUBLISH ? max_publish : max_other))
			return MQTT_TOO_LARGE;
		*ret = h;
		return 0;
	}
	return MQTT_MALFORMED; /* a fifth length byte */
}

/* -- CONNECT -------------------------------------------------------------------------------- */

static void need(struct mqtt_in *in, bool ok, int reason)
{
	if (!in->err && !ok)
		mqtt_in_fail(in, reason);
}

static void connect_flags(struct mqtt_in *in, unsigned flags, struct mqtt_connect *c)
{
	c->clean_start = flags & 2;
	c->has_will = flags & 4;
	c->will.qos = (int)(flags >> 3 & 3);
	c->will.retain = flags & 0x20;
	c->has_password = flags & 0x40;
	c->has_user = flags & 0x80;
	need(in, !(flags & 1), MQTT_MALFORMED);                   /* [MQTT-3.1.2-3] */
	need(in, c->has_will || !(flags & 0x38), MQTT_MALFORMED); /* [MQTT-3.1.2-11, -13] */
	need(in, c->will.qos != 3, MQTT_MALFORMED);               /* [MQTT-3.1.2-12] */
	need(in, c->version == MQTT_V5 || c->has_user || !c->has_password, /* 3.1.1 */
	     MQTT_MALFORMED);                                              /* [MQTT-3.1.2-22] */
}

static void connect_props(struct mqtt_in *in, struct mqtt_connect *c)
{
	struct mqtt_props p;
	mqtt_in_props(in, MQTT_IN(MQTT_CONNECT), &p);
	need(in, p.has_auth_method || !p.has_auth_data, MQTT_PROTOCOL); /* 3.1.2.11.10 */
	c->session_expiry_s = p.session_expiry_s;
	c->receive_max = p.receive_max;
	c->max_packet = p.max_packet;
	c->has_auth_method = p.has_auth_method;
	c->problem_info = !p.no_problem_info;
}

static void connect_will(struct mqtt_in *in, struct mqtt_connect *c)
{
	if (c->version == MQTT_V5) {
		struct mqtt_props p;
		mqtt_in_props(in, MQTT_IN_WILL, &p);
		c->will.delay_s = p.will_delay_s;
		c->will.content_type = p.content_type;
	}
	c->will.topic = mqtt_in_string(in);
	need(in, mqtt_topic_valid(c->will.topic), MQTT_MALFORMED);
	c->will.payload = mqtt_in_binary(in);
}

static void read_connect(struct mqtt_in *in, struct mqtt_connect *c)
{
	*c = (struct mqtt_connect){.receive_max = 65535};
	struct vd_span name = mqtt_in_string(in);
	unsigned level = mqtt_in_u8(in);
	/* MQIsdp is 3.1; its level is refused with the answer its clients understand. */
	need(in, vd_span_is(name, "MQTT") || (vd_span_is(name, "MQIsdp") && level == 3),
	     MQTT_BAD_VERSION);
	c->version = level == 0x84 ? MQTT_V4 : (int)level;
	if (c->version != MQTT_V4 && c->version != MQTT_V5) {
		in->p = in->end;
		return;
	}
	connect_flags(in, mqtt_in_u8(in), c);
	c->keep_alive_s = (uint16_t)mqtt_in_u16(in);
	if (c->version == MQTT_V5)
		connect_props(in, c);
	else
		c->session_expiry_s = c->clean_start ? 0 : MQTT_FOREVER;
	c->client_id = mqtt_in_string(in);
	if (c->has_will)
		connect_will(in, c);
	if (c->has_user)
		c->user = mqtt_in_string(in);
	if (c->has_password)
		c->password = mqtt_in_binary(in);
}

/* -- the others ----------------------------------------------------------------------------- */

static void read_publish(struct mqtt_in *in, unsigned flags, int version, struct mqtt_publish *p)
{
	*p = (struct mqtt_publish){.qos = (int)(flags >> 1 & 3),
				   .retain = flags & 1,
				   .dup = flags & 8,
				   .content_type = vd_span("", 0)};
	p->topic = mqtt_in_string(in);
	if (p->qos) {
		p->id = (uint16_t)mqtt_in_u16(in);
		need(in, p->id != 0, MQTT_PROTOCOL); /* [MQTT-2.2.1-3] */
	}
	if (version == MQTT_V5) {
		struct mqtt_props props;
		mqtt_in_props(in, MQTT_IN(MQTT_PUBLISH), &props);
		need(in, !props.has_topic_alias,
		     MQTT_BAD_ALIAS); /* we offer none: any is too high */
		need(in, !props.has_subscription_id, MQTT_PROTOCOL); /* [MQTT-3.3.4-6] */
		need(in, p->topic.n > 0, MQTT_PROTOCOL);             /* 3.3.2.1 */
		p->content_type = props.content_type;
	}
	need(in, mqtt_topic_valid(p->topic), MQTT_MALFORMED);
	p->payload = vd_span((const char *)in->p, (size_t)(in->end - in->p));
	in->p = in->end;
}

/* Codes a client may put in its acknowledgements (5.0 sections 3.4.2.1 to 3.7.2.1). */
static bool ack_reason_valid(enum mqtt_type type, unsigned r)
{
	if (type == MQTT_PUBREL || type == MQTT_PUBCOMP)
		return r == 0 || r == 0x92;
	return r == 0 || r == 0x10 || r == 0x80 || r == 0x83 || r == 0x87 || r == 0x90 ||
	       r == 0x91 || r == 0x97 || r == 0x99;
}

static void read_ack(struct mqtt_in *in, enum mqtt_type type, int version, struct mqtt_ack *a)
{
	*a = (struct mqtt_ack){.id = (uint16_t)mqtt_in_u16(in)};
	need(in, a->id != 0, MQTT_PROTOCOL);
	if (version != MQTT_V5 || in->p == in->end)
		return;
	a->reason = (unsigned char)mqtt_in_u8(in);
	need(in, ack_reason_valid(type, a->reason), MQTT_MALFORMED);
	if (in->p < in->end) {
		struct mqtt_props p;
		mqtt_in_props(in, MQTT_IN(type), &p);
	}
}

static bool is_shared(struct vd_span filter)
{
	return vd_span_starts(filter, VD_SPAN_LIT("$share/"));
}

static void check_options(struct mqtt_in *in, unsigned o, int version, struct vd_span filter)
{
	if (version != MQTT_V5) {
		need(in, o <= 2, MQTT_MALFORMED); /* 3.1.1 [MQTT-3-8.3-4] */
		return;
	}
	need(in, !(o & 0xC0), MQTT_MALFORMED);                  /* [MQTT-3.8.3-5] */
	need(in, (o & 3) != 3, MQTT_PROTOCOL);                  /* 3.8.3.1 */
	need(in, (o >> 4 & 3) != 3, MQTT_PROTOCOL);             /* 3.8.3.1 */
	need(in, !(o & 4 && is_shared(filter)), MQTT_PROTOCOL); /* [MQTT-3.8.3-4] */
}

static void read_filters(struct mqtt_in *in, enum mqtt_type type, int version,
			 struct mqtt_filters *f)
{
	*f = (struct mqtt_filters){.with_options = type == MQTT_SUBSCRIBE};
	f->id = (uint16_t)mqtt_in_u16(in);
	need(in, f->id != 0, MQTT_PROTOCOL);
	if (version == MQTT_V5) {
		struct mqtt_props p;
		mqtt_in_props(in, MQTT_IN(type), &p);
		need(in, !p.has_subscription_id, MQTT_NO_SUBSCRIPTION_ID);
	}
	f->rest = vd_span((const char *)in->p, (size_t)(in->end - in->p));
	while (in->p < in->end && !in->err) {
		struct vd_span filter = mqtt_in_string(in);
		need(in, mqtt_filter_valid(filter), MQTT_MALFORMED);
		if (f->with_options)
			check_options(in, mqtt_in_u8(in), version, filter);
		f->n++;
	}
	need(in, f->n > 0, MQTT_PROTOCOL); /* [MQTT-3.8.3-2], [MQTT-3.10.3-2] */
}

bool mqtt_next_filter(struct mqtt_filters *f, struct vd_span *ret_filter,
		      unsigned char *ret_options)
{
	struct mqtt_in in = {(const unsigned char *)f->rest.p,
			     (const unsigned char *)f->rest.p + f->rest.n, 0};
	if (in.p == in.end)
		return false;
	struct vd_span filter = mqtt_in_binary(&in);
	unsigned options = f->with_options ? mqtt_in_u8(&in) : 0;
	if (in.err)
		return false;
	*ret_filter = filter;
	*ret_options = (unsigned char)options;
	f->rest = vd_span((const char *)in.p, (size_t)(in.end - in.p));
	return true;
}

/* Codes a client may end with (5.0 table 3-10). */
static bool disconnect_reason_valid(unsigned r)
{
	return r == 0 || r == 4 || (r >= 0x80 && r <= 0x83) || r == 0x90 ||
	       (r >= 0x93 && r <= 0x99);
}

static void read_disconnect(struct mqtt_in *in, int version, struct mqtt_disconnect *d)
{
	*d = (struct mqtt_disconnect){0};
	if (version != MQTT_V5 || in->p == in->end)
		return;
	d->reason = (unsigned char)mqtt_in_u8(in);
	need(in, disconnect_reason_valid(d->reason), MQTT_MALFORMED);
	if (in->p == in->end)
		return;
	struct mqtt_props p;
	mqtt_in_props(in, MQTT_IN(MQTT_DISCONNECT), &p);
	d->has_expiry = p.has_session_expiry;
	d->session_expiry_s = p.session_expiry_s;
}

int mqtt_read_packet(struct vd_span packet, const struct mqtt_head *head, int version,
		     struct mqtt_packet *ret)
{
	struct mqtt_in in = {(const unsigned char *)packet.p + head->start,
			     (const unsigned char *)packet.p + packet.n, 0};
	struct mqtt_packet k = {.type = head->type};
	switch (head->type) {
	case MQTT_CONNECT:
		read_connect(&in, &k.connect);
		if (!in.err)
			version = k.connect.version;
		break;
	case MQTT_PUBLISH: read_publish(&in, head->flags, version, &k.publish); break;
	case MQTT_PUBACK:
	case MQTT_PUBREC:
	case MQTT_PUBREL:
	case MQTT_PUBCOMP: read_ack(&in, head->type, version, &k.ack); break;
	case MQTT_SUBSCRIBE:
	case MQTT_UNSUBSCRIBE: read_filters(&in, head->type, version, &k.filters); break;
	case MQTT_PINGREQ: break;
	case MQTT_DISCONNECT: read_disconnect(&in, version, &k.disconnect); break;
	default: in.err = MQTT_PROTOCOL; /* AUTH without an authentication method [MQTT-4.12.0-6] */
	}
	if (version == MQTT_V5 && !head->minimal)
		need(&in, false, MQTT_MALFORMED); /* [MQTT-1.5.5-1] */
	if (in.err)
		return in.err;
	if (in.p != in.end)
		return MQTT_MALFORMED; /* bytes nobody owns */
	*ret = k;
	return 0;
}

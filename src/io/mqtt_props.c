/* SPDX-License-Identifier: EUPL-1.2 */
/* The primitives of a packet and the property table (5.0 section 2.2.2.2, table 2-4). */
#include "io/mqtt_wire.h"

void mqtt_in_fail(struct mqtt_in *in, int reason)
{
	if (!in->err)
		in->err = reason;
	in->p = in->end;
}

static bool have(struct mqtt_in *in, size_t n)
{
	if (!in->err && (size_t)(in->end - in->p) >= n)
		return true;
	mqtt_in_fail(in, MQTT_MALFORMED);
	return false;
}

unsigned mqtt_in_u8(struct mqtt_in *in)
{
	return have(in, 1) ? *in->p++ : 0;
}

unsigned mqtt_in_u16(struct mqtt_in *in)
{
	if (!have(in, 2))
		return 0;
	unsigned v = (unsigned)in->p[0] << 8 | in->p[1];
	in->p += 2;
	return v;
}

uint32_t mqtt_in_u32(struct mqtt_in *in)
{
	uint32_t high = mqtt_in_u16(in);
	return high << 16 | mqtt_in_u16(in);
}

uint32_t mqtt_in_varint(struct mqtt_in *in)
{
	uint32_t v = 0;
	for (int shift = 0; shift < 28; shift += 7) {
		unsigned b = mqtt_in_u8(in);
		v |= (uint32_t)(b & 0x7F) << shift;
		if (b & 0x80)
			continue;
		if (b == 0 && shift > 0)
			break; /* a longer form than needed */
		return v;
	}
	mqtt_in_fail(in, MQTT_MALFORMED);
	return 0;
}

struct vd_span mqtt_in_binary(struct mqtt_in *in)
{
	size_t n = mqtt_in_u16(in);
	if (!have(in, n))
		return vd_span("", 0);
	struct vd_span s = vd_span((const char *)in->p, n);
	in->p += n;
	return s;
}

struct vd_span mqtt_in_string(struct mqtt_in *in)
{
	struct vd_span s = mqtt_in_binary(in);
	if (vd_span_utf8(s))
		return s;
	mqtt_in_fail(in, MQTT_MALFORMED);
	return vd_span("", 0);
}

/* -- properties ----------------------------------------------------------------------------- */

enum shape { NONE, BYTE, TWO, FOUR, VARINT, TEXT, BINARY, PAIR };

#define ACKS                                                                                       \
	(MQTT_IN(MQTT_PUBACK) | MQTT_IN(MQTT_PUBREC) | MQTT_IN(MQTT_PUBREL) | MQTT_IN(MQTT_PUBCOMP))
#define MESSAGE (MQTT_IN(MQTT_PUBLISH) | MQTT_IN_WILL)

/* Only what a client may send: an identifier that belongs to a server's packet alone (CONNACK) is
 * "not valid for its packet type", a malformed packet. */
static const struct {
	unsigned char shape;
	unsigned where;
} table[0x2B] = {
	[0x01] = {BYTE, MESSAGE},   /* payload format indicator */
	[0x02] = {FOUR, MESSAGE},   /* message expiry interval */
	[0x03] = {TEXT, MESSAGE},   /* content type */
	[0x08] = {TEXT, MESSAGE},   /* response topic */
	[0x09] = {BINARY, MESSAGE}, /* correlation data */
	[0x0B] = {VARINT, MQTT_IN(MQTT_PUBLISH) | MQTT_IN(MQTT_SUBSCRIBE)}, /* subscription id */
	[0x11] = {FOUR, MQTT_IN(MQTT_CONNECT) | MQTT_IN(MQTT_DISCONNECT)},  /* session expiry */
	[0x15] = {TEXT, MQTT_IN(MQTT_CONNECT) | MQTT_IN(MQTT_AUTH)},        /* auth method */
	[0x16] = {BINARY, MQTT_IN(MQTT_CONNECT) | MQTT_IN(MQTT_AUTH)},      /* auth data */
	[0x17] = {BYTE, MQTT_IN(MQTT_CONNECT)},    /* problem information */
	[0x18] = {FOUR, MQTT_IN_WILL},             /* will delay */
	[0x19] = {BYTE, MQTT_IN(MQTT_CONNECT)},    /* response information */
	[0x1C] = {TEXT, MQTT_IN(MQTT_DISCONNECT)}, /* server reference */
	[0x1F] = {TEXT, ACKS | MQTT_IN(MQTT_DISCONNECT) | MQTT_IN(MQTT_AUTH)}, /* reason string */
	[0x21] = {TWO, MQTT_IN(MQTT_CONNECT)},                                 /* receive maximum */
	[0x22] = {TWO, MQTT_IN(MQTT_CONNECT)},                                 /* alias maximum */
	[0x23] = {TWO, MQTT_IN(MQTT_PUBLISH)},                                 /* topic alias */
	[0x26] = {PAIR, ~0u},                   /* user property, any packet, any number */
	[0x27] = {FOUR, MQTT_IN(MQTT_CONNECT)}, /* maximum packet size */
};

struct value {
	uint32_t number;
	struct vd_span bytes;
};

static struct value read_value(struct mqtt_in *in, enum shape shape)
{
	struct value v = {0};
	switch (shape) {
	case NONE: break;
	case BYTE: v.number = mqtt_in_u8(in); break;
	case TWO: v.number = mqtt_in_u16(in); break;
	case FOUR: v.number = mqtt_in_u32(in); break;
	case VARINT: v.number = mqtt_in_varint(in); break;
	case TEXT: v.bytes = mqtt_in_string(in); break;
	case BINARY: v.bytes = mqtt_in_binary(in); break;
	case PAIR:
		mqtt_in_string(in);
		v.bytes = mqtt_in_string(in);
		break;
	}
	return v;
}

static void need(struct mqtt_in *in, bool ok, int reason)
{
	if (!in->err && !ok)
		mqtt_in_fail(in, reason);
}

/* Values the standard forbids, and those we keep. */
static void take(struct mqtt_in *in, unsigned id, struct value v, struct mqtt_props *p)
{
	switch (id) {
	case 0x01: need(in, v.number <= 1, MQTT_PROTOCOL); break;
	case 0x03: p->content_type = v.bytes; break;
	case 0x08: need(in, mqtt_topic_valid(v.bytes), MQTT_PROTOCOL); break; /* [MQTT-3.3.2-14] */
	case 0x0B:
		need(in, v.number != 0, MQTT_PROTOCOL);
		p->has_subscription_id = true;
		break;
	case 0x11:
		p->session_expiry_s = v.number;
		p->has_session_expiry = true;
		break;
	case 0x15: p->has_auth_method = true; break;
	case 0x16: p->has_auth_data = true; break;
	case 0x17:
		need(in, v.number <= 1, MQTT_PROTOCOL);
		p->no_problem_info = v.number == 0;
		break;
	case 0x18: p->will_delay_s = v.number; break;
	case 0x19: need(in, v.number <= 1, MQTT_PROTOCOL); break;
	case 0x21:
		need(in, v.number != 0, MQTT_PROTOCOL);
		p->receive_max = (uint16_t)v.number;
		break;
	case 0x23:
		p->topic_alias = (uint16_t)v.number;
		p->has_topic_alias = true;
		break;
	case 0x27:
		need(in, v.number != 0, MQTT_PROTOCOL);
		p->max_packet = v.number;
		break;
	}
}

void mqtt_in_props(struct mqtt_in *in, unsigned where, struct mqtt_props *ret)
{
	*ret = (struct mqtt_props){.receive_max = 65535, .content_type = vd_span("", 0)};
	size_t n = mqtt_in_varint(in);
	if (!have(in, n))
		return;
	struct mqtt_in props = {in->p, in->p + n, 0};
	uint64_t seen = 0;
	while (props.p < props.end && !props.err) {
		uint32_t id = mqtt_in_varint(&props);
		if (id >= sizeof(table) / sizeof(table[0]) || !(table[id].where & where)) {
			mqtt_in_fail(&props, MQTT_MALFORMED);
			break;
		}
		struct value v = read_value(&props, table[id].shape);
		if (seen & 1ull << id && id != 0x26)
			mqtt_in_fail(&props, MQTT_PROTOCOL); /* twice */
		seen |= 1ull << id;
		take(&props, id, v, ret);
	}
	if (props.err)
		mqtt_in_fail(in, props.err);
	else
		in->p += n;
}

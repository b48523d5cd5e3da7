/* SPDX-License-Identifier: EUPL-1.2 */
/* Writing a server's packets. Sizes are small by construction: texts and topics are capped before.
 */
#include "io/mqtt_codec.h"

static void put_u8(struct vd_buf *b, unsigned v)
{
	vd_buf_add_char(b, (char)v);
}

static void put_u16(struct vd_buf *b, unsigned v)
{
	char two[2] = {(char)(v >> 8), (char)v};
	vd_buf_add(b, two, 2);
}

static void put_u32(struct vd_buf *b, uint32_t v)
{
	put_u16(b, v >> 16);
	put_u16(b, v & 0xFFFF);
}

static void put_string(struct vd_buf *b, struct vd_span s)
{
	put_u16(b, (unsigned)s.n);
	vd_buf_add_span(b, s);
}

static size_t varint_size(size_t v)
{
	return v < 128 ? 1 : v < 16384 ? 2 : v < 2097152 ? 3 : 4;
}

static void put_varint(struct vd_buf *b, size_t v)
{
	do {
		put_u8(b, (unsigned)(v & 0x7F) | (v > 0x7F ? 0x80u : 0));
		v >>= 7;
	} while (v);
}

static void put_head(struct vd_buf *b, enum mqtt_type type, unsigned flags, size_t size)
{
	put_u8(b, (unsigned)type << 4 | flags);
	put_varint(b, size);
}

/* 5.0 codes as the six return codes of 3.1.1 (its table 3.1). */
static unsigned return_code(unsigned reason)
{
	switch (reason) {
	case MQTT_OK: return 0;
	case MQTT_BAD_VERSION: return 1;
	case MQTT_BAD_CLIENT_ID: return 2;
	case MQTT_BAD_LOGIN: return 4;
	case MQTT_NOT_AUTHORIZED:
	case MQTT_BAD_AUTH_METHOD: return 5;
	default: return 3; /* server unavailable */
	}
}

static void connack_props(struct vd_buf *b, const struct mqtt_connack *c)
{
	if (c->reason)
		return;
	if (c->say_expiry) {
		put_u8(b, 0x11);
		put_u32(b, c->session_expiry_s);
	}
	put_u8(b, 0x21);
	put_u16(b, (unsigned)c->receive_max);
	put_u8(b, 0x27);
	put_u32(b, c->max_packet);
	if (c->assigned_id.n) {
		put_u8(b, 0x12);
		put_string(b, c->assigned_id);
	}
	if (c->keep_alive_s >= 0) {
		put_u8(b, 0x13);
		put_u16(b, (unsigned)c->keep_alive_s);
	}
	put_u8(b, 0x29); /* subscription identifiers: no */
	put_u8(b, 0);
	put_u8(b, 0x2A); /* shared subscriptions: no */
	put_u8(b, 0);
}

void mqtt_put_connack(struct vd_buf *b, int version, const struct mqtt_connack *c)
{
	bool present = c->session_present && !c->reason;
	if (version != MQTT_V5) {
		put_head(b, MQTT_CONNACK, 0, 2);
		put_u8(b, present);
		put_u8(b, return_code(c->reason));
		return;
	}
	struct vd_buf props;
	vd_buf_init(&props, 512);
	connack_props(&props, c);
	put_head(b, MQTT_CONNACK, 0, 2 + varint_size(props.n) + props.n);
	put_u8(b, present);
	put_u8(b, c->reason);
	put_varint(b, props.n);
	vd_buf_add_span(b, vd_buf_span(&props));
	if (props.err)
		b->err = props.err;
	vd_buf_fini(&props);
}

void mqtt_put_ack(struct vd_buf *b, int version, enum mqtt_type type, uint16_t id,
		  unsigned char reason, struct vd_span why, uint32_t max)
{
	unsigned flags = type == MQTT_PUBREL ? 2 : 0;
	if (version != MQTT_V5 || !reason) {
		put_head(b, type, flags, 2);
		put_u16(b, id);
		return;
	}
	size_t props = why.n ? 3 + why.n : 0;
	size_t size = 3 + (props ? varint_size(props) + props : 0);
	if (props && max && 1 + varint_size(size) + size > max) {
		props = 0;
		size = 3;
	}
	put_head(b, type, flags, size);
	put_u16(b, id);
	put_u8(b, reason);
	if (!props)
		return;
	put_varint(b, props);
	put_u8(b, 0x1F);
	put_string(b, why);
}

void mqtt_put_suback(struct vd_buf *b, int version, uint16_t id, struct vd_span codes)
{
	bool v5 = version == MQTT_V5;
	put_head(b, MQTT_SUBACK, 0, 2 + (v5 ? 1u : 0u) + codes.n);
	put_u16(b, id);
	if (v5)
		put_u8(b, 0);
	vd_buf_add_span(b, codes);
}

void mqtt_put_unsuback(struct vd_buf *b, int version, uint16_t id, struct vd_span codes)
{
	bool v5 = version == MQTT_V5;
	put_head(b, MQTT_UNSUBACK, 0, v5 ? 3 + codes.n : 2);
	put_u16(b, id);
	if (!v5)
		return;
	put_u8(b, 0);
	vd_buf_add_span(b, codes);
}

static size_t publish_body(int version, size_t topic_n, size_t payload_n, int qos)
{
	return 2 + topic_n + (qos ? 2u : 0u) + (version == MQTT_V5 ? 1u : 0u) + payload_n;
}

size_t mqtt_publish_size(int version, size_t topic_n, size_t payload_n, int qos)
{
	size_t body = publish_body(version, topic_n, payload_n, qos);
	return 1 + varint_size(body) + body;
}

void mqtt_put_order(struct vd_buf *b, int version, struct vd_span topic, struct vd_span payload,
		    int qos, uint16_t id, uint32_t expiry_s)
{
	bool expires = version == MQTT_V5 && expiry_s;
	put_head(b, MQTT_PUBLISH, (unsigned)qos << 1,
		 publish_body(version, topic.n, payload.n, qos) +
			 (expires ? MQTT_EXPIRY_BYTES : 0));
	put_string(b, topic);
	if (qos)
		put_u16(b, id);
	if (version == MQTT_V5)
		put_u8(b, expires ? MQTT_EXPIRY_BYTES : 0);
	if (expires) {
		put_u8(b, 0x02); /* Message Expiry Interval (3.3.2.3.3) */
		put_u32(b, expiry_s);
	}
	vd_buf_add_span(b, payload);
}

void mqtt_put_publish(struct vd_buf *b, int version, struct vd_span topic, struct vd_span payload,
		      int qos, uint16_t id, bool dup)
{
	put_head(b, MQTT_PUBLISH, (unsigned)qos << 1 | (dup ? 8u : 0u),
		 publish_body(version, topic.n, payload.n, qos));
	put_string(b, topic);
	if (qos)
		put_u16(b, id);
	if (version == MQTT_V5)
		put_u8(b, 0);
	vd_buf_add_span(b, payload);
}

void mqtt_put_pingresp(struct vd_buf *b)
{
	put_head(b, MQTT_PINGRESP, 0, 0);
}

void mqtt_put_disconnect(struct vd_buf *b, unsigned char reason)
{
	put_head(b, MQTT_DISCONNECT, 0, 1);
	put_u8(b, reason);
}

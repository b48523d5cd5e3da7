/* SPDX-License-Identifier: EUPL-1.2 */
/* MQTT 3.1.1 and 5.0 on the wire: bytes to packets and back, with every check the standards ask of
 * a server and the 5.0 reason code of each failure. Pure: no clock, no I/O, no allocation (except
 * the output buffer's). Spans point into the packet. Any thread.
 *
 * Source of the rules: OASIS MQTT 3.1.1 (2014-10-29) and 5.0 (2019-03-07),
 * docs.oasis-open.org/mqtt; [MQTT-x.y.z-n] names a statement of 5.0 unless 3.1.1 is said. */
#pragma once
#include "base/buf.h"
#include <stdbool.h>
#include <stdint.h>

enum mqtt_type {
	MQTT_CONNECT = 1,
	MQTT_CONNACK,
	MQTT_PUBLISH,
	MQTT_PUBACK,
	MQTT_PUBREC,
	MQTT_PUBREL,
	MQTT_PUBCOMP,
	MQTT_SUBSCRIBE,
	MQTT_SUBACK,
	MQTT_UNSUBSCRIBE,
	MQTT_UNSUBACK,
	MQTT_PINGREQ,
	MQTT_PINGRESP,
	MQTT_DISCONNECT,
	MQTT_AUTH
};

/* Reason codes (5.0 section 2.4) that this server says or understands. */
enum mqtt_reason {
	MQTT_OK = 0x00,
	MQTT_NO_SUBSCRIPTION = 0x11,
	MQTT_UNSPECIFIED = 0x80,
	MQTT_MALFORMED = 0x81,
	MQTT_PROTOCOL = 0x82,
	MQTT_BAD_VERSION = 0x84,
	MQTT_BAD_CLIENT_ID = 0x85,
	MQTT_BAD_LOGIN = 0x86,
	MQTT_NOT_AUTHORIZED = 0x87,
	MQTT_UNAVAILABLE = 0x88,
	MQTT_SHUTTING_DOWN = 0x8B,
	MQTT_BAD_AUTH_METHOD = 0x8C,
	MQTT_KEEPALIVE_TIMEOUT = 0x8D,
	MQTT_TAKEN_OVER = 0x8E,
	MQTT_ID_NOT_FOUND = 0x92,
	MQTT_RECEIVE_MAXIMUM = 0x93,
	MQTT_BAD_ALIAS = 0x94,
	MQTT_TOO_LARGE = 0x95,
	MQTT_QUOTA = 0x97,
	MQTT_ADMINISTRATIVE = 0x98,
	MQTT_BAD_PAYLOAD = 0x99,
	MQTT_NO_SHARED = 0x9E,
	MQTT_NO_SUBSCRIPTION_ID = 0xA1
};

#define MQTT_V4      4 /* 3.1.1; Mosquitto's bridges say 0x84 for it */
#define MQTT_V5      5
#define MQTT_FOREVER 0xFFFFFFFFu /* session expiry: never */

struct mqtt_will {
	struct vd_span topic, payload, content_type;
	int qos;
	bool retain;
	uint32_t delay_s;
};

struct mqtt_connect {
	struct vd_span client_id, user, password;
	struct mqtt_will will;
	int version; /* MQTT_V4, MQTT_V5; another: the level asked for, nothing else is filled */
	uint16_t keep_alive_s, receive_max;
	uint32_t session_expiry_s, max_packet; /* 0 max_packet = no limit */
	bool clean_start, has_will, has_user, has_password, has_auth_method;
	bool problem_info; /* may we send reason strings? */
};

struct mqtt_publish {
	struct vd_span topic, payload, content_type;
	uint16_t id; /* 0 at QoS 0 */
	int qos;
	bool retain, dup;
};

/* PUBACK, PUBREC, PUBREL, PUBCOMP. */
struct mqtt_ack {
	uint16_t id;
	unsigned char reason;
};

/* SUBSCRIBE, UNSUBSCRIBE: checked whole; read the filters with mqtt_next_filter. */
struct mqtt_filters {
	struct vd_span rest;
	size_t n;
	uint16_t id;
	bool with_options;
};

struct mqtt_disconnect {
	unsigned char reason;
	bool has_expiry;
	uint32_t session_expiry_s;
};

struct mqtt_packet {
	enum mqtt_type type;
	union {
		struct mqtt_connect connect;
		struct mqtt_publish publish;
		struct mqtt_ack ack;
		struct mqtt_filters filters;
		struct mqtt_disconnect disconnect;
	};
};

/* What the first bytes of a packet say. */
struct mqtt_head {
	enum mqtt_type type;
	unsigned char flags;
	size_t size;  /* the whole packet, header included */
	size_t start; /* of what follows the fixed header */
	bool minimal; /* the length was written in as few bytes as possible */
};

/* Reads a fixed header. 0: *ret filled (the packet itself may still be on its way); -1: more bytes
 * are needed; otherwise the reason code. A server's packets are refused, and what is longer than
 * max_publish (PUBLISH) or max_other, before any of it is stored. */
int mqtt_read_head(struct vd_span in, size_t max_publish, size_t max_other, struct mqtt_head *ret);
/* Reads one whole packet (`packet` is exactly head->size bytes). `version` is that of the
 * connection, 0 before CONNECT. 0 or the reason code. */
int mqtt_read_packet(struct vd_span packet, const struct mqtt_head *head, int version,
		     struct mqtt_packet *ret);
/* Next filter and its options byte; false at the end. */
bool mqtt_next_filter(struct mqtt_filters *f, struct vd_span *ret_filter,
		      unsigned char *ret_options);

/* Topic name without wildcards, at least one character [MQTT-3.3.2-2], [MQTT-4.7.3-1]. */
bool mqtt_topic_valid(struct vd_span topic);
/* Wildcards only where they may stand [MQTT-4.7.1-1], [MQTT-4.7.1-2]. */
bool mqtt_filter_valid(struct vd_span filter);
/* Does the topic match? Wildcards at the front do not match "$..." [MQTT-4.7.2-1]. */
bool mqtt_matches(struct vd_span filter, struct vd_span topic);

/* -- a server's packets: appended to b; errors stick in b->err ------------------------------- */

struct mqtt_connack {
	bool session_present;
	unsigned char reason; /* 5.0 code; translated for 3.1.1 */
	int keep_alive_s;     /* -1 = as the client wished */
	int receive_max;
	uint32_t max_packet, session_expiry_s;
	bool say_expiry;
	struct vd_span assigned_id; /* empty = the client's own */
};
void mqtt_put_connack(struct vd_buf *b, int version, const struct mqtt_connack *c);
/* `why` empty = none; `max` is the client's maximum packet size (0 = none): a text that does not
 * fit is left out [MQTT-3.4.2-2]. */
void mqtt_put_ack(struct vd_buf *b, int version, enum mqtt_type type, uint16_t id,
		  unsigned char reason, struct vd_span why, uint32_t max);
void mqtt_put_suback(struct vd_buf *b, int version, uint16_t id, struct vd_span codes);
void mqtt_put_unsuback(struct vd_buf *b, int version, uint16_t id, struct vd_span codes);
void mqtt_put_publish(struct vd_buf *b, int version, struct vd_span topic, struct vd_span payload,
		      int qos, uint16_t id, bool dup);
/* The same for what nobody may carry out later than `expiry_s` from now: 5.0 says so, 3.1.1 cannot.
 * 0 = no limit. */
void mqtt_put_order(struct vd_buf *b, int version, struct vd_span topic, struct vd_span payload,
		    int qos, uint16_t id, uint32_t expiry_s);
#define MQTT_EXPIRY_BYTES 5u /* more than mqtt_publish_size, at most */
/* Bytes mqtt_put_publish would append. */
size_t mqtt_publish_size(int version, size_t topic_n, size_t payload_n, int qos);
void mqtt_put_pingresp(struct vd_buf *b);
void mqtt_put_disconnect(struct vd_buf *b, unsigned char reason); /* 5.0 only */

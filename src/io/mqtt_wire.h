/* SPDX-License-Identifier: EUPL-1.2 */
/* A reading position inside one MQTT packet, and the properties of 5.0: for the codec's files only.
 * The first failure sticks as a reason code; later reads yield zeros. */
#pragma once
#include "io/mqtt_codec.h"

struct mqtt_in {
	const unsigned char *p, *end;
	int err; /* 0 or enum mqtt_reason */
};

unsigned mqtt_in_u8(struct mqtt_in *in);
unsigned mqtt_in_u16(struct mqtt_in *in);
uint32_t mqtt_in_u32(struct mqtt_in *in);
uint32_t mqtt_in_varint(struct mqtt_in *in); /* shortest form only [MQTT-1.5.5-1] */
struct vd_span mqtt_in_binary(struct mqtt_in *in);
struct vd_span mqtt_in_string(struct mqtt_in *in); /* UTF-8 without U+0000 [MQTT-1.5.4-1..2] */
void mqtt_in_fail(struct mqtt_in *in, int reason); /* keeps an earlier failure */

/* Who may carry a property: a packet type's bit, or the will's. */
#define MQTT_IN(type) (1u << (type))
#define MQTT_IN_WILL  (1u << 16)

/* Properties a server has use for; what was absent keeps the standard's default. */
struct mqtt_props {
	uint32_t session_expiry_s, max_packet, will_delay_s;
	uint16_t receive_max, topic_alias;
	struct vd_span content_type;
	bool has_session_expiry, has_topic_alias, has_auth_method, has_auth_data;
	bool has_subscription_id, no_problem_info;
};

/* Reads a property length and the properties of one packet (MQTT_IN(type) or MQTT_IN_WILL). */
void mqtt_in_props(struct mqtt_in *in, unsigned where, struct mqtt_props *ret);

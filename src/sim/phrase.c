/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/phrase.h"
#include "base/clock.h"
#include <string.h>

#define M VD_CARRIER_MQTT
#define H VD_CARRIER_HTTP

/* Zigbee2MQTT repeats what it knows of a device in every message. */
#define Z(fields) "{" fields ",\"battery\":{battery},\"linkquality\":118}"
#define Z_TOPIC   "zigbee2mqtt/{id}"

#define OWN(kind, state)                                                                           \
	"{\"device\":\"{id}\",\"kind\":\"" kind "\",\"state\":\"" state "\",\"id\":\"{id}-{n}\"}"
#define OWN_TOPIC "varde/{id}"

#define TTS(fields)                                                                                \
	"{\"end_device_ids\":{\"device_id\":\"eui-{id}\",\"dev_eui\":\"{id}\","                    \
	"\"dev_addr\":\"260B0D0D\"},\"received_at\":\"{t}\",\"uplink_message\":{\"f_cnt\":{n},"    \
	"\"f_port\":85,\"frm_payload\":\"AAAA\",\"decoded_payload\":{" fields "},"                 \
	"\"rx_metadata\":[{\"rssi\":-92}],\"version_ids\":{\"brand_id\":\"{vendor}\","             \
	"\"model_id\":\"{model}\"}}}"

#define CHIRP(fields)                                                                              \
	"{\"deduplicationId\":\"{id}-{n}\",\"time\":\"{t}\",\"deviceInfo\":{\"devEui\":\"{id}\","  \
	"\"deviceProfileName\":\"{vendor} {model}\"},\"devAddr\":\"010d0d0d\",\"fCnt\":{n},"       \
	"\"fPort\":85,\"data\":\"AAAA\",\"object\":{" fields "},\"rxInfo\":[{\"rssi\":-88}]}"

static const struct phrase phrases[] = {
	{"zigbee2mqtt", D_BUTTON, M, Z_TOPIC, Z("\"action\":null"), Z("\"action\":null"),
	 .call = Z("\"action\":\"emergency\"")},
	{"zigbee2mqtt", D_DOOR, M, Z_TOPIC, Z("\"contact\":false"), Z("\"contact\":true")},
	{"zigbee2mqtt", D_FALL, M, Z_TOPIC, Z("\"fall_status\":\"normal\",\"occupancy\":true"),
	 Z("\"fall_status\":\"normal\",\"occupancy\":false"),
	 .call = Z("\"fall_status\":\"fall_alarm\",\"occupancy\":true")},
	{"zigbee2mqtt", D_SMOKE, M, Z_TOPIC, Z("\"smoke\":true"), Z("\"smoke\":false")},
	{"varde", D_BED, M, OWN_TOPIC, OWN("bed", "in"), OWN("bed", "out"),
	 .call = OWN("bed", "out"), .idle = OWN("bed", "in")},
	{"varde", D_DISPENSER, M, OWN_TOPIC, OWN("medication", "dispensed"),
	 OWN("medication", "taken"), .call = OWN("medication", "not_taken")},
	{"varde", D_CAMERA, M, OWN_TOPIC, OWN("supervision", "started"),
	 OWN("supervision", "ended"), .idle = OWN("supervision", "planned")},
	{"thethingsstack", D_DOOR, H, "/up", TTS("\"door\":\"open\""), TTS("\"door\":\"close\"")},
	{"chirpstack", D_LEAK, H, "?event=up", CHIRP("\"leakage_status\":\"leak\""),
	 CHIRP("\"leakage_status\":\"normal\"")},
	{"homeassistant", D_MOTION, M, "homeassistant/binary_sensor/{id}/state", "ON", "OFF",
	 .announce_topic = "homeassistant/binary_sensor/{id}/config",
	 .announce = "{\"name\":\"{name}\",\"device_class\":\"motion\",\"unique_id\":\"{id}\","
		     "\"state_topic\":\"homeassistant/binary_sensor/{id}/state\"}"},
};

const struct phrase *phrase_find(const char *family, enum role_of_device role)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(phrases[0]); i++)
		if (phrases[i].role == role && strcmp(phrases[i].family, family) == 0)
			return &phrases[i];
	return NULL;
}

const char *phrase_words(const struct phrase *p, enum phrase_what what)
{
	const char *words = NULL;
	switch (what) {
	case SAY_ON: words = p->on; break;
	case SAY_OFF: words = p->off; break;
	case SAY_CALL: words = p->call ? p->call : p->on; break;
	case SAY_IDLE: words = p->idle ? p->idle : p->off; break;
	case SAY_ANNOUNCE: words = p->announce; break;
	}
	return words ? words : "";
}

static bool fill_one(struct vd_span name, const struct phrase_of *o, struct vd_buf *b)
{
	const struct region_device *d = o->device;
	char time_text[25];
	vd_iso_format(o->now_ms, time_text);
	if (vd_span_is(name, "id"))
		vd_buf_add_cstr(b, d->identity);
	else if (vd_span_is(name, "name"))
		vd_buf_add_cstr(b, d->name);
	else if (vd_span_is(name, "vendor"))
		vd_buf_add_cstr(b, d->vendor);
	else if (vd_span_is(name, "model"))
		vd_buf_add_cstr(b, d->model);
	else if (vd_span_is(name, "n"))
		vd_buf_printf(b, "%ld", o->n);
	else if (vd_span_is(name, "battery"))
		vd_buf_printf(b, "%d", o->battery);
	else if (vd_span_is(name, "t"))
		vd_buf_add_cstr(b, time_text);
	else if (vd_span_is(name, "s"))
		vd_buf_printf(b, "%lld", (long long)(o->now_ms / 1000));
	else if (vd_span_is(name, "ms"))
		vd_buf_printf(b, "%lld", (long long)o->now_ms);
	else
		return false;
	return true;
}

void phrase_fill(const char *text, const struct phrase_of *o, struct vd_buf *ret)
{
	for (const char *p = text; *p;) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		if (end && fill_one(vd_span(p + 1, (size_t)(end - p - 1)), o, ret)) {
			p = end + 1;
			continue;
		}
		vd_buf_add_char(ret, *p++);
	}
}

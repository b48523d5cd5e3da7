/* SPDX-License-Identifier: EUPL-1.2 */
/* Netlia, a LoRaWAN and NB-IoT service: one event a webhook, in the PascalCase of its first
 * protocol and the camelCase of later ones. github.com/Netlia/documentation. Loop thread. */
#include "adapters/common/pseudonym.h"
#include "adapters/common/told.h"
#include "base/err.h"
#include "base/map.h"

struct netlia {
	const struct vd_tables *tables;
	struct vd_pseudonyms people;
};

enum {
	DEVICE,
	PHYSICAL,
	TYPE,
	ID,
	AT,
	EVENT,
	VERSION,
	DATA,
	TEMPERATURE,
	HUMIDITY,
	BATTERY,
	COUNT,
	SINCE,
	ENTITY,
	DEVICES,
	N
};

/* Letter case apart; those after HUMIDITY tell nothing of a person or device. */
static const char *const names[N] = {"deviceId",
				     "physicalDeviceId",
				     "deviceType",
				     "eventId",
				     "eventTime",
				     "eventType",
				     "protocolVersion",
				     "data",
				     "temperature",
				     "humidity",
				     "batteryStatus",
				     "eventCount",
				     "secondsSinceLastEvent",
				     "entity",
				     "devices"};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct netlia *s = state;
	(void)prefix;
	s->tables = tables;
	return vd_pseudonyms_init(&s->people, config);
}

static int wrong(struct vd_decoded *d, const char *what)
{
	snprintf(d->error, sizeof(d->error), "%s", what);
	return VD_EINVAL;
}

/* What the event means to this type of device. Of a type nobody knows the start of something is a
 * press: it may be a call for help, and a placement may say so. */
static void read_event(const struct netlia *s, const struct vd_field_of *who, struct vd_span event,
		       struct vd_decoded *d)
{
	enum vd_field f = vd_table_word(s->tables, who, VD_SPAN_LIT("event"), event, d);
	if (f == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, event);
	if (f == VD_FIELD_READ)
		(void)vd_table_word(s->tables, who, VD_SPAN_LIT("event.also"), event, d);
}

static void read_value(const struct netlia *s, const struct vd_field_of *who, const char *key,
		       const struct vd_json_val *v, struct vd_decoded *d)
{
	if (v->type != VD_JSON_NONE &&
	    vd_table_read(s->tables, who, vd_span_cstr(key), v, d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, vd_span_cstr(key));
}

/* The members of the message, and of "data" where the second protocol keeps its own. */
static int read_members(struct vd_span body, struct vd_json_val m[N], struct vd_decoded *d)
{
	struct vd_json_val inner[N] = {{0}};
	struct vd_members members = {
		.names = names, .vals = m, .n = N, .any_case = true, .strict = true};
	int err = vd_members_read(d, body, "a Netlia event", &members);
	if (err || m[DATA].type != VD_JSON_OBJECT)
		return err;
	members.vals = inner;
	err = vd_members_read(d, m[DATA].raw, "data of a Netlia event", &members);
	for (size_t i = 0; i < N; i++)
		if (m[i].type == VD_JSON_NONE)
			m[i] = inner[i];
	return err;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	const struct netlia *s = state;
	struct vd_json_val m[N] = {{0}};
	int err = vd_told_ready(d);
	if (!err)
		err = read_members(f->body, m, d);
	if (err)
		return err;
	if (m[EVENT].type != VD_JSON_STRING || !m[EVENT].raw.n)
		return wrong(d, "EventType is missing: this is no Netlia event");
	/* deviceId became a UUID one day; physicalDeviceId holds what it was before. */
	struct vd_span device = vd_device_named(d, &s->people, &m[PHYSICAL]);
	if (!device.n)
		device = vd_device_named(d, &s->people, &m[DEVICE]);
	if (!device.n && m[DEVICES].type == VD_JSON_NONE && m[ENTITY].type == VD_JSON_NONE)
		return wrong(d, "DeviceId is missing");
	struct vd_reading like = {.t_ms = vd_instant_told(&m[AT]), .t_src = VD_T_BRIDGE, .seq = -1};
	struct vd_span type = m[TYPE].type == VD_JSON_STRING ? m[TYPE].raw : vd_span("", 0);
	struct vd_field_of who = {.platform = VD_SPAN_LIT("netlia"),
				  .vendor = VD_SPAN_LIT("Netlia"),
				  .model = type,
				  .identity = device,
				  .like = &like};
	d->alive = d->dedup_device = device;
	if (m[ID].raw.n) /* the documentation gives one EventId to several examples */
		d->dedup = vd_hash64(m[ID].raw, vd_hash64(m[EVENT].raw, 0)) | 1;
	if (!device.n) /* about rooms and buildings */
		return 0;
	read_event(s, &who, m[EVENT].raw, d);
	read_value(s, &who, "temperature", &m[TEMPERATURE], d);
	read_value(s, &who, "humidity", &m[HUMIDITY], d);
	read_value(s, &who, "batteryStatus", &m[BATTERY], d);
	struct vd_heard *w = vd_told_heard(d, device);
	if (w) {
		w->vendor = VD_SPAN_LIT("Netlia");
		w->model = type;
	}
	vd_told_features(d);
	return 0;
}

const struct vd_adapter vd_adapter_netlia = {
	.family = "netlia",
	.title = "Netlia",
	.state_size = sizeof(struct netlia),
	.init = init,
	.decode = decode,
};

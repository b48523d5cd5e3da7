/* SPDX-License-Identifier: EUPL-1.2 */
/* The Things Stack v3: uplinks, joins and location over MQTT or webhook, the same JSON both ways.
 * Facts: github.com/TheThingsIndustries/lorawan-stack-docs data-formats (Apache-2.0). Loop thread.
 */
#include "adapters/common/lorawan.h"
#include "base/err.h"

struct tts {
	const struct vd_tables *tables;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	(void)prefix;
	(void)config;
	((struct tts *)state)->tables = tables;
	return 0;
}

struct message {
	struct vd_uplink up;
	struct vd_span normalized; /* normalized_payload: preferred over the device's own fields */
	int64_t received_ms;
	struct vd_span eui, location;
	bool is_uplink, is_join;
};

static void read_ids(struct vd_json *j, struct message *m)
{
	struct vd_span key;
	struct vd_json_val v;
	if (!vd_json_enter_object(j))
		return;
	while (vd_json_next_key(j, &key) && vd_json_value(j, &v)) {
		if (vd_span_is(key, "dev_eui"))
			vd_uplink_once(&m->up, &m->eui, v.raw);
		else if (vd_span_is(key, "device_id"))
			m->up.name = v;
		else if (vd_span_is(key, "dev_addr"))
			m->up.dev_addr = v.raw;
	}
}

/* The first gateway's word: strength and, when it has a clock, time of reception. */
static void read_rx(struct vd_span array, struct message *m)
{
	struct vd_json j;
	struct vd_json_val v, x;
	vd_json_init(&j, array);
	if (!vd_json_enter_array(&j) || !vd_json_next_elem(&j) || !vd_json_value(&j, &v) ||
	    v.type != VD_JSON_OBJECT)
		return;
	if (vd_json_find(v.raw, "rssi", &x) && x.type == VD_JSON_NUMBER) {
		m->up.rssi = x.num;
		m->up.has_rssi = true;
	}
}

static void read_versions(struct vd_span object, struct message *m)
{
	struct vd_json_val v;
	if (vd_json_find(object, "brand_id", &v))
		m->up.vendor = v.raw;
	if (vd_json_find(object, "model_id", &v))
		m->up.model = v.raw;
	if (vd_json_find(object, "firmware_version", &v))
		m->up.firmware = v.raw;
}

static void read_uplink(struct vd_json *j, struct message *m)
{
	struct vd_span key;
	struct vd_json_val v;
	m->up.twice |= m->is_uplink;
	m->is_uplink = true;
	if (!vd_json_enter_object(j))
		return;
	while (vd_json_next_key(j, &key) && vd_json_value(j, &v)) {
		if (vd_span_is(key, "f_cnt"))
			(void)vd_whole(&v, 0, VD_WHOLE_MAX, &m->up.f_cnt);
		else if (vd_span_is(key, "frm_payload"))
			m->up.payload = v.raw;
		else if (vd_span_is(key, "decoded_payload") && v.type == VD_JSON_OBJECT)
			vd_uplink_once(&m->up, &m->up.object, v.raw);
		else if (vd_span_is(key, "normalized_payload") && v.type == VD_JSON_ARRAY)
			vd_uplink_once(&m->up, &m->normalized, v.raw);
		else if (vd_span_is(key, "rx_metadata") && v.type == VD_JSON_ARRAY)
			read_rx(v.raw, m);
		else if (vd_span_is(key, "version_ids") && v.type == VD_JSON_OBJECT)
			read_versions(v.raw, m);
		else if (vd_span_is(key, "received_at"))
			m->up.t_ms = vd_time_of(&v);
	}
}

static int read_message(struct vd_span body, struct message *m, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "an uplink message");
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (vd_span_is(key, "end_device_ids"))
			read_ids(&j, m);
		else if (vd_span_is(key, "uplink_message"))
			read_uplink(&j, m);
		else if (vd_json_value(&j, &v)) {
			if (vd_span_is(key, "received_at"))
				m->received_ms = vd_time_of(&v);
			else if (vd_span_is(key, "join_accept"))
				m->is_join = true;
			else if (vd_span_is(key, "simulated"))
				m->up.simulated = v.type == VD_JSON_TRUE;
			else if (vd_span_is(key, "location_solved") && v.type == VD_JSON_OBJECT)
				m->location = v.raw;
		}
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "an uplink message");
	if (m->up.twice)
		return snprintf(d->error, sizeof(d->error),
				"dev_eui, uplink_message or a payload is told twice"),
		       VD_EPARSE;
	m->up.dev_eui = m->eui.n ? m->eui : m->up.name.raw;
	return 0;
}

/* normalized_payload[]: battery is volts there; action.contactState, action.motion.detected,
 * water.leak, air.temperature in degrees Celsius. */
static int read_normalized(const struct tts *s, struct message *m, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_json_val e, v;
	struct vd_field_of who = {.platform = VD_SPAN_LIT("lorawan"), .identity = m->up.dev_eui};
	struct vd_reading like = {.t_ms = m->up.t_ms,
				  .t_src = VD_T_GATEWAY,
				  .seq = m->up.f_cnt,
				  .flags = m->up.simulated ? VD_F_SIMULATED : 0};
	static const struct {
		const char *path, *key;
	} fields[] = {{"action.contactState", "contactState"},
		      {"action.motion.detected", "motion"},
		      {"water.leak", "water_leak"},
		      {"air.temperature", "temperature"},
		      {"air.relativeHumidity", "humidity"},
		      {"battery", "BAT_V"}};
	who.like = &like;
	vd_json_init(&j, m->normalized);
	if (!vd_json_enter_array(&j))
		return VD_EPARSE;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &e)) {
		for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
			if (e.type == VD_JSON_OBJECT && vd_json_find(e.raw, fields[i].path, &v))
				(void)vd_table_read(s->tables, &who, vd_span_cstr(fields[i].key),
						    &v, d);
		if (e.type == VD_JSON_OBJECT && vd_json_find(e.raw, "position", &v) &&
		    v.type == VD_JSON_OBJECT)
			vd_uplink_location(&m->up, v.raw, &like, d);
	}
	return vd_json_finish(&j);
}

/* Of the device's own fields (from `from` on) those give way that the normalised payload tells. */
static void drop_told(struct vd_decoded *d, size_t from)
{
	size_t keep = from;
	for (size_t i = from; i < d->n; i++) {
		bool told = false;
		for (size_t k = 0; k < from; k++)
			told |= d->readings[k].kind == d->readings[i].kind;
		if (!told || (d->readings[i].flags & VD_F_REPLAY))
			d->readings[keep++] = d->readings[i];
	}
	d->n = keep;
}

static int decode_uplink(const struct tts *s, struct message *m, struct vd_decoded *d)
{
	if (!m->up.dev_eui.n) {
		snprintf(d->error, sizeof(d->error), "end_device_ids.dev_eui is missing");
		return VD_EINVAL;
	}
	if (!m->up.t_ms)
		m->up.t_ms = m->received_ms;
	if (!m->normalized.n)
		return vd_uplink_read(s->tables, &m->up, d);
	/* The normalised words go first; falls, buttons, smoke and beds it has no words for. */
	int err = read_normalized(s, m, d);
	size_t from = d->n;
	if (!err && m->up.object.n)
		err = vd_uplink_read(s->tables, &m->up, d);
	d->alive = m->up.dev_eui;
	vd_uplink_dedup(&m->up, d);
	if (!err) {
		drop_told(d, from);
		d->n_heard = 0; /* now that all it tells is known */
		vd_uplink_heard(&m->up, d);
	}
	return err;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct message m = {.up = {.f_cnt = 0}};
	int err = read_message(f->body, &m, d);
	if (err)
		return err;
	if (m.is_uplink)
		return decode_uplink(state, &m, d);
	if (!m.up.dev_eui.n)
		return 0;
	if (m.is_join) {
		struct vd_reading *r =
			vd_reading_add(d, m.up.dev_eui, VD_KIND_DEVICE_JOINED, "join");
		r->t_ms = m.received_ms;
		r->t_src = VD_T_BRIDGE;
		r->flags |= VD_F_EDGE;
		vd_uplink_heard(&m.up, d);
	} else if (m.location.n) {
		struct vd_reading like = {.t_ms = m.received_ms, .t_src = VD_T_BRIDGE, .seq = -1};
		struct vd_json_val where;
		if (vd_json_find(m.location, "location", &where) && where.type == VD_JSON_OBJECT)
			vd_uplink_location(&m.up, where.raw, &like, d);
	}
	return 0; /* downlink events, service data: nothing about people or devices */
}

const struct vd_adapter vd_adapter_thethingsstack = {
	.family = "thethingsstack",
	.title = "The Things Stack v3",
	.state_size = sizeof(struct tts),
	.init = init,
	.watch = "lorawan",
	.decode = decode,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* The Things Stack v3: uplinks, joins and location over MQTT or webhook, the same JSON both ways.
 * Facts: github.com/TheThingsIndustries/lorawan-stack-docs data-formats (Apache-2.0). Loop thread.
 */
#include "adapters/common/lorawan.h"
#include "adapters/common/lorawan_down.h"
#include "base/err.h"
#include "base/mem.h"
#include <ctype.h>

struct tts {
	const struct vd_tables *tables;
	char *config; /* owned; NULL = none */
	struct vd_lora_peers peers;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct tts *s = state;
	(void)prefix;
	s->tables = tables;
	return vd_down_keep(&s->config, config);
}

static int configure(void *state, struct vd_span config)
{
	return vd_down_keep_new(&((struct tts *)state)->config, config);
}

static void fini(void *state)
{
	struct tts *s = state;
	vd_lora_peers_free(&s->peers);
	vd_free(s->config);
}

struct message {
	struct vd_uplink up;
	struct vd_span normalized; /* normalized_payload: preferred over the device's own fields */
	int64_t received_ms;
	struct vd_span eui, location, application;
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
		else if (vd_span_is(key, "application_ids") && v.type == VD_JSON_OBJECT) {
			struct vd_json_val id;
			if (vd_json_find(v.raw, "application_id", &id))
				m->application = id.raw;
		}
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

/* v3/{application}@{tenant}/devices/...: how the application is called over MQTT. */
static struct vd_span topic_application(const struct vd_frame *f)
{
	struct vd_span rest = f->topic, part = vd_span("", 0);
	if (f->carrier != VD_CARRIER_MQTT || !vd_span_next(&rest, '/', &part) ||
	    !vd_span_next(&rest, '/', &part))
		return vd_span("", 0);
	return part;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct message m = {.up = {.f_cnt = 0}};
	struct tts *s = state;
	int err = read_message(f->body, &m, d);
	if (err)
		return err;
	if (m.is_uplink) {
		err = decode_uplink(s, &m, d);
		if (!err && m.eui.n && m.up.name.type == VD_JSON_STRING)
			vd_lora_learn(&s->peers, m.eui, m.up.name.raw, m.application,
				      topic_application(f));
		return err;
	}
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

/* -- downlinks: thethingsindustries.com/docs, "MQTT server" and the Application Server's API ----
 */

static unsigned commands(const void *state, const struct vd_target *who)
{
	return vd_lora_verbs(((const struct tts *)state)->config, who);
}

/* The console calls a device "eui-" and its DevEUI unless somebody chose otherwise; one without a
 * DevEUI is known by its name. */
static void device_of(const struct vd_lora_peer *p, struct vd_span eui, char ret[64])
{
	if (p || !vd_lora_is_eui(eui)) {
		vd_span_copy(ret, 64, p ? vd_span_cstr(p->device) : eui);
		return;
	}
	snprintf(ret, 64, "eui-%.*s", (int)(eui.n < 32 ? eui.n : 32), eui.p);
	for (char *c = ret; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

static int over_http(const struct tts *s, const struct vd_lora_peer *p, const char *device,
		     struct vd_downlink *ret)
{
	struct vd_span app = vd_down_text(s->config, "application");
	if (!app.n && p)
		app = vd_span_cstr(p->application);
	if (!app.n)
		return VD_ESTATE; /* its next uplink tells, or the configuration */
	ret->carrier = VD_CARRIER_HTTP;
	int err = vd_down_topic(ret, "as/applications/");
	if (!err)
		err = vd_down_segment(ret, app);
	if (!err)
		err = vd_down_topic(ret, "/devices/");
	if (!err)
		err = vd_down_segment(ret, vd_span_cstr(device));
	return err ? err : vd_down_topic(ret, "/down/push");
}

static int command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	const struct tts *s = state;
	const struct vd_lora_peer *p = vd_lora_peer(&s->peers, who->identity);
	char data[80], device[64];
	int port, err = vd_lora_render(s->config, who, c, &port, data, sizeof(data));
	if (err)
		return err;
	device_of(p, who->identity, device);
	vd_buf_printf(
		&ret->body,
		"{\"downlinks\":[{\"f_port\":%d,\"frm_payload\":\"%s\",\"priority\":\"NORMAL\"}]}",
		port, data);
	if (vd_down_http(s->config))
		return over_http(s, p, device, ret);
	if (!p || !p->topic[0])
		return VD_ESTATE;
	return vd_down_topic(ret, "v3/%s/devices/%s/down/push", p->topic, device);
}

const struct vd_adapter vd_adapter_thethingsstack = {
	.family = "thethingsstack",
	.title = "The Things Stack v3",
	.state_size = sizeof(struct tts),
	.init = init,
	.fini = fini,
	.configure = configure,
	.watch = "lorawan",
	.decode = decode,
	.commands = commands,
	.command = command,
};

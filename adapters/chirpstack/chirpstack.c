/* SPDX-License-Identifier: EUPL-1.2 */
/* ChirpStack v4: up, join, status and log events as JSON, over MQTT
 * (application/+/device/+/event/X) or the HTTP integration (?event=X). Facts:
 * github.com/chirpstack/chirpstack-docs. Loop thread. */
#include "adapters/common/lorawan.h"
#include "adapters/common/lorawan_down.h"
#include "base/err.h"
#include "base/mem.h"

struct chirpstack {
	const struct vd_tables *tables;
	char prefix[64];
	char *config; /* owned; NULL = none */
	struct vd_lora_peers peers;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct chirpstack *s = state;
	vd_span_copy(s->prefix, sizeof(s->prefix), prefix.n ? prefix : VD_SPAN_LIT("application"));
	s->tables = tables;
	return vd_down_keep(&s->config, config);
}

static int configure(void *state, struct vd_span config)
{
	return vd_down_keep_new(&((struct chirpstack *)state)->config, config);
}

static void fini(void *state)
{
	struct chirpstack *s = state;
	vd_lora_peers_free(&s->peers);
	vd_free(s->config);
}

struct message {
	struct vd_uplink up;
	struct vd_json_val margin, battery, level, code;
	struct vd_span location, application;
};

static void read_info(struct vd_json *j, struct message *m)
{
	struct vd_span key;
	struct vd_json_val v;
	if (!vd_json_enter_object(j))
		return;
	while (vd_json_next_key(j, &key) && vd_json_value(j, &v)) {
		if (vd_span_is(key, "devEui"))
			vd_uplink_once(&m->up, &m->up.dev_eui, v.raw);
		else if (vd_span_is(key, "deviceName"))
			m->up.name = v;
		else if (vd_span_is(key, "deviceProfileName"))
			m->up.model = v.raw;
		else if (vd_span_is(key, "applicationId"))
			m->application = v.raw;
	}
}

static void read_rx(struct vd_span array, struct message *m)
{
	struct vd_json j;
	struct vd_json_val v, x;
	vd_json_init(&j, array);
	if (vd_json_enter_array(&j) && vd_json_next_elem(&j) && vd_json_value(&j, &v) &&
	    v.type == VD_JSON_OBJECT && vd_json_find(v.raw, "rssi", &x) &&
	    x.type == VD_JSON_NUMBER) {
		m->up.rssi = x.num;
		m->up.has_rssi = true;
	}
}

static void read_field(struct message *m, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "devAddr"))
		m->up.dev_addr = v->raw;
	else if (vd_span_is(key, "fCnt"))
		(void)vd_whole(v, 0, VD_WHOLE_MAX, &m->up.f_cnt);
	else if (vd_span_is(key, "data"))
		m->up.payload = v->raw;
	else if (vd_span_is(key, "object") && v->type == VD_JSON_OBJECT)
		vd_uplink_once(&m->up, &m->up.object, v->raw);
	else if (vd_span_is(key, "location") && v->type == VD_JSON_OBJECT)
		m->location = v->raw;
	else if (vd_span_is(key, "rxInfo") && v->type == VD_JSON_ARRAY)
		read_rx(v->raw, m);
	else if (vd_span_is(key, "time"))
		m->up.t_ms = vd_time_of(v);
	else if (vd_span_is(key, "margin"))
		m->margin = *v;
	else if (vd_span_is(key, "batteryLevel"))
		m->battery = *v;
	else if (vd_span_is(key, "level"))
		m->level = *v;
	else if (vd_span_is(key, "code"))
		m->code = *v;
}

static int read_message(struct vd_span body, struct message *m, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "an event object");
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (vd_span_is(key, "deviceInfo"))
			read_info(&j, m);
		else if (vd_json_value(&j, &v))
			read_field(m, key, &v);
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "an event object");
	if (m->up.twice)
		return snprintf(d->error, sizeof(d->error), "devEui or object is told twice"),
		       VD_EPARSE;
	if (m->up.dev_eui.n)
		return 0;
	snprintf(d->error, sizeof(d->error), "deviceInfo.devEui is missing");
	return VD_EINVAL;
}

static struct vd_span event_of(struct vd_span topic)
{
	static const char query[] = "event=";
	for (size_t i = 0; i + sizeof(query) - 1 <= topic.n; i++) {
		if (memcmp(topic.p + i, query, sizeof(query) - 1) != 0)
			continue;
		struct vd_span rest = vd_span_skip(topic, i + sizeof(query) - 1), word;
		return vd_span_next(&rest, '&', &word) ? word : rest;
	}
	size_t at = topic.n;
	while (at && topic.p[at - 1] != '/')
		at--;
	return vd_span_skip(topic, at);
}

static void decode_status(const struct message *m, struct vd_decoded *d)
{
	d->alive = m->up.dev_eui;
	if (m->battery.type == VD_JSON_NUMBER)
		vd_reading_value(d, m->up.dev_eui, VD_KIND_DEVICE_BATTERY, m->battery.num, "%");
	if (m->margin.type == VD_JSON_NUMBER)
		vd_reading_value(d, m->up.dev_eui, VD_KIND_DEVICE_LINK, m->margin.num, "dB");
}

/* UPLINK_MIC and OTAA: the device's keys are wrong, so it will stay silent until somebody comes. */
static void decode_log(const struct message *m, struct vd_decoded *d)
{
	bool keys = vd_span_is(m->code.raw, "UPLINK_MIC") || vd_span_is(m->code.raw, "OTAA");
	if (!vd_span_is(m->level.raw, "ERROR") || !keys)
		return;
	struct vd_reading *r =
		vd_reading_add(d, m->up.dev_eui, VD_KIND_DEVICE_ONBOARDING, "failed");
	r->flags |= VD_F_ATTENTION | VD_F_EDGE;
	snprintf(r->attrs, sizeof(r->attrs), "\"code\":\"%.*s\"", (int)m->code.raw.n,
		 m->code.raw.p);
}

/* Solved by the network from an earlier uplink: where, not that the device is alive. */
static void decode_location(const struct message *m, struct vd_decoded *d)
{
	struct vd_reading like = {.t_ms = m->up.t_ms, .t_src = VD_T_BRIDGE, .seq = -1};
	vd_uplink_location(&m->up, m->location, &like, d);
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct chirpstack *s = state;
	struct message m = {.up = {.f_cnt = 0}};
	struct vd_span event = event_of(f->topic);
	if (!vd_span_is(event, "up") && !vd_span_is(event, "join") &&
	    !vd_span_is(event, "status") && !vd_span_is(event, "log") &&
	    !vd_span_is(event, "location"))
		return 0;
	int err = read_message(f->body, &m, d);
	if (err)
		return err;
	if (vd_span_is(event, "up")) {
		if (vd_uplink_read(s->tables, &m.up, d))
			return vd_bad_json(d, &(struct vd_json){0}, "an object");
		vd_lora_learn(&s->peers, m.up.dev_eui, vd_span("", 0), m.application,
			      vd_span("", 0));
		return 0;
	}
	if (vd_span_is(event, "status"))
		decode_status(&m, d);
	else if (vd_span_is(event, "log"))
		decode_log(&m, d);
	else if (vd_span_is(event, "location"))
		decode_location(&m, d);
	else
		vd_reading_add(d, m.up.dev_eui, VD_KIND_DEVICE_JOINED, "join")->flags |= VD_F_EDGE;
	vd_uplink_heard(&m.up, d);
	return 0;
}

/* -- downlinks: chirpstack.io docs, integrations/mqtt "Downlink" and the REST API's device queue --
 */

static unsigned commands(const void *state, const struct vd_target *who)
{
	return vd_lora_verbs(((const struct chirpstack *)state)->config, who);
}

static int over_http(const struct vd_target *who, int port, const char *data,
		     struct vd_downlink *ret)
{
	ret->carrier = VD_CARRIER_HTTP;
	ret->auth = "Grpc-Metadata-Authorization";
	vd_buf_printf(&ret->body,
		      "{\"queueItem\":{\"confirmed\":false,\"fPort\":%d,\"data\":\"%s\"}}", port,
		      data);
	int err = vd_down_topic(ret, "api/devices/");
	if (!err)
		err = vd_down_segment(ret, who->identity);
	return err ? err : vd_down_topic(ret, "/queue");
}

static int command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	const struct chirpstack *s = state;
	const struct vd_lora_peer *p = vd_lora_peer(&s->peers, who->identity);
	struct vd_span app = vd_down_text(s->config, "application");
	char data[80];
	int port, err = vd_lora_render(s->config, who, c, &port, data, sizeof(data));
	if (err || !vd_lora_is_eui(who->identity)) /* it goes into JSON as it is */
		return err ? err : VD_EINVAL;
	if (vd_down_http(s->config))
		return over_http(who, port, data, ret);
	if (!app.n && p)
		app = vd_span_cstr(p->application);
	if (!app.n)
		return VD_ESTATE; /* its next uplink tells, or the configuration */
	vd_buf_printf(&ret->body,
		      "{\"devEui\":\"%.*s\",\"confirmed\":false,\"fPort\":%d,\"data\":\"%s\"}",
		      (int)who->identity.n, who->identity.p, port, data);
	return vd_down_topic(ret, "%s/%.*s/device/%.*s/command/down", s->prefix, (int)app.n, app.p,
			     (int)who->identity.n, who->identity.p);
}

const struct vd_adapter vd_adapter_chirpstack = {
	.family = "chirpstack",
	.title = "ChirpStack v4",
	.state_size = sizeof(struct chirpstack),
	.init = init,
	.fini = fini,
	.configure = configure,
	.watch = "lorawan",
	.decode = decode,
	.commands = commands,
	.command = command,
};

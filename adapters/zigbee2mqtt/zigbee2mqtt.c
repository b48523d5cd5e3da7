/* SPDX-License-Identifier: EUPL-1.2 */
/* Zigbee2MQTT over MQTT: state messages, availability, bridge topics. Devices are known by their
 * IEEE address; friendly names change, so the map from bridge/devices is remembered and renewed.
 * Facts: zigbee2mqtt.io docs/guide/usage/mqtt_topics_and_messages.md. Loop thread. */
#include "adapters/zigbee2mqtt/devices.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "base/err.h"

struct z2m {
	char prefix[64];
	const struct vd_tables *tables;
	struct z2m_devices devices;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct z2m *z = state;
	(void)config;
	vd_span_copy(z->prefix, sizeof(z->prefix), prefix.n ? prefix : VD_SPAN_LIT("zigbee2mqtt"));
	z->tables = tables;
	return 0;
}

static void fini(void *state)
{
	z2m_devices_free(&((struct z2m *)state)->devices);
}

/* The device behind a friendly name; the name itself until bridge/devices has told. */
static struct vd_span identity_of(const struct z2m *z, struct vd_span name)
{
	const struct z2m_device *d = z2m_devices_find(&z->devices, name);
	return d ? vd_span_cstr(d->ieee) : name;
}

/* -- bridge/... ----------------------------------------------------------------------------- */

static int bridge_state(struct vd_decoded *d, struct vd_span body)
{
	struct vd_json_val v = {0};
	struct vd_span word = vd_span_trim(body);
	if (word.n && word.p[0] == '{' && vd_json_find(word, "state", &v))
		word = v.raw;
	if (vd_span_is(word, "online") || vd_span_is(word, "offline"))
		vd_reading_add(d, vd_span("", 0), VD_KIND_BRIDGE_CONNECTIVITY,
			       vd_span_is(word, "online") ? "online" : "offline");
	else if (word.n)
		return snprintf(d->error, sizeof(d->error),
				"bridge/state is online or offline, not this"),
		       VD_EPARSE;
	return 0;
}

struct bridge_event {
	struct vd_json_val type, ieee, name, status;
};

static bool read_bridge_event(struct vd_span body, struct bridge_event *e)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return false;
	while (vd_json_next_key(&j, &key)) {
		if (vd_span_is(key, "type") && vd_json_value(&j, &e->type))
			continue;
		if (!vd_span_is(key, "data") || vd_json_peek(&j) != VD_JSON_OBJECT) {
			vd_json_skip(&j);
			continue;
		}
		vd_json_enter_object(&j);
		while (vd_json_next_key(&j, &key)) {
			struct vd_json_val v;
			if (!vd_json_value(&j, &v))
				break;
			if (vd_span_is(key, "ieee_address"))
				e->ieee = v;
			else if (vd_span_is(key, "friendly_name"))
				e->name = v;
			else if (vd_span_is(key, "status"))
				e->status = v;
		}
	}
	return vd_json_finish(&j) == 0;
}

static int bridge_event(struct vd_decoded *d, struct vd_span body)
{
	struct bridge_event e = {0};
	if (!read_bridge_event(body, &e))
		return snprintf(d->error, sizeof(d->error), "bridge/event is not a JSON object"),
		       VD_EPARSE;
	struct vd_span who = e.ieee.raw.n ? e.ieee.raw : e.name.raw;
	if (!who.n)
		return 0;
	if (vd_span_is(e.type.raw, "device_announce"))
		vd_reading_add(d, who, VD_KIND_DEVICE_JOINED, "announce")->flags |= VD_F_EDGE;
	else if (vd_span_is(e.type.raw, "device_joined"))
		vd_reading_add(d, who, VD_KIND_DEVICE_JOINED, "joined")->flags |= VD_F_EDGE;
	else if (vd_span_is(e.type.raw, "device_leave"))
		vd_reading_add(d, who, VD_KIND_DEVICE_LEFT, "left")->flags |= VD_F_EDGE;
	else if (vd_span_is(e.type.raw, "device_interview") && e.status.raw.n < 20) {
		char word[24];
		vd_span_copy(word, sizeof(word), e.status.raw);
		vd_reading_add(d, who, VD_KIND_DEVICE_ONBOARDING, word)->flags |= VD_F_EDGE;
	}
	return 0;
}

static int bridge(struct z2m *z, const struct vd_frame *f, struct vd_span rest,
		  struct vd_decoded *d)
{
	if (vd_span_is(rest, "state"))
		return bridge_state(d, f->body);
	if (vd_span_is(rest, "event"))
		return bridge_event(d, f->body);
	if (vd_span_is(rest, "devices")) {
		int err = z2m_devices_read(&z->devices, z->tables, f->body, d);
		d->remember = !err;
		return err;
	}
	return 0; /* info, logging, groups, health, requests: nothing about people or devices */
}

/* -- availability --------------------------------------------------------------------------- */

static int availability(const struct z2m *z, const struct vd_frame *f, struct vd_span name,
			struct vd_decoded *d)
{
	struct vd_span word = vd_span_trim(f->body);
	struct vd_json_val v;
	if (!word.n)
		return 0; /* clears a retained value after a rename */
	if (word.p[0] == '{' && vd_json_find(word, "state", &v))
		word = v.raw;
	bool online = vd_span_is(word, "online");
	if (!online && !vd_span_is(word, "offline"))
		return snprintf(d->error, sizeof(d->error),
				"availability is online or offline, not this"),
		       VD_EPARSE;
	vd_reading_add(d, identity_of(z, name), VD_KIND_DEVICE_CONNECTIVITY,
		       online ? "online" : "offline");
	return 0;
}

/* -- state ---------------------------------------------------------------------------------- */

struct lock_detail {
	struct vd_json_val source, user;
};

/* last_seen is ISO 8601 or epoch ms, when switched on. */
static int64_t last_seen(const struct vd_json_val *v)
{
	int64_t ms;
	return vd_whole(v, 1000000000000ll, VD_TIME_MAX_MS, &ms) ? ms : vd_time_of(v);
}

static void add_lock_detail(struct vd_decoded *d, const struct lock_detail *l)
{
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		struct vd_buf b;
		struct vd_jw w;
		if (r->kind != VD_KIND_LOCK || !(r->flags & VD_F_EDGE))
			continue;
		vd_buf_init(&b, sizeof(r->attrs) - 1);
		vd_jw_init(&w, &b);
		if (l->source.type == VD_JSON_STRING && l->source.raw.n && l->source.raw.n < 32) {
			vd_jw_key(&w, "method");
			vd_jw_str(&w, l->source.raw);
			w.comma = true;
		}
		int64_t slot;
		if (vd_whole(&l->user, 0, 65535, &slot))
			vd_jw_kv_int(&w, "user_slot", slot);
		if (!b.err && b.n)
			vd_span_copy(r->attrs, sizeof(r->attrs), vd_buf_span(&b));
		vd_buf_fini(&b);
	}
}

static int device_state(struct z2m *z, const struct vd_frame *f, struct vd_span name,
			struct vd_decoded *d)
{
	const struct z2m_device *dev = z2m_devices_find(&z->devices, name);
	struct vd_json j;
	struct vd_span key;
	struct lock_detail lock = {0};
	int64_t seen = 0;
	struct vd_field_of who = {.platform = "zigbee2mqtt",
				  .vendor = vd_span_cstr(dev ? dev->vendor : ""),
				  .model = vd_span_cstr(dev ? dev->model : ""),
				  .identity = identity_of(z, name)};
	d->alive = who.identity;
	if (!vd_span_trim(f->body).n)
		return 0;
	vd_json_init(&j, vd_span_trim(f->body));
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "an object of properties");
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			break;
		if (vd_span_is(key, "last_seen"))
			seen = last_seen(&v);
		else if (vd_span_is(key, "action_source_name"))
			lock.source = v;
		else if (vd_span_is(key, "action_user"))
			lock.user = v;
		else if (vd_table_read(z->tables, &who, key, &v, d) == VD_FIELD_UNKNOWN)
			vd_unknown_field(d, key);
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "an object of properties");
	vd_table_settle(d);
	add_lock_detail(d, &lock);
	for (size_t i = 0; seen && i < d->n; i++) {
		d->readings[i].t_ms = seen;
		d->readings[i].t_src = VD_T_BRIDGE;
	}
	return 0;
}

/* -- topics --------------------------------------------------------------------------------- */

static bool ends(struct vd_span s, const char *tail, struct vd_span *ret_head)
{
	size_t n = strlen(tail);
	if (s.n <= n || memcmp(s.p + s.n - n, tail, n) != 0)
		return false;
	*ret_head = vd_span(s.p, s.n - n);
	return true;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct z2m *z = state;
	size_t n = strlen(z->prefix);
	struct vd_span rest = vd_span_skip(f->topic, n + 1), name;
	if (f->topic.n <= n || f->topic.p[n] != '/' || !rest.n)
		return 0;
	if (vd_span_starts(rest, VD_SPAN_LIT("bridge/")))
		return bridge(z, f, vd_span_skip(rest, 7), d);
	if (ends(rest, "/availability", &name))
		return availability(z, f, name, d);
	if (ends(rest, "/set", &name) || ends(rest, "/get", &name))
		return 0;
	return device_state(z, f, rest, d);
}

const struct vd_adapter vd_adapter_zigbee2mqtt = {
	.family = "zigbee2mqtt",
	.title = "Zigbee2MQTT",
	.state_size = sizeof(struct z2m),
	.init = init,
	.fini = fini,
	.decode = decode,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Zigbee2MQTT over MQTT: state messages, availability, bridge topics. Devices are known by their
 * IEEE address; friendly names change, so the map from bridge/devices is remembered and renewed.
 * Facts: zigbee2mqtt.io docs/guide/usage/mqtt_topics_and_messages.md. Loop thread. */
#include "adapters/common/press.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "adapters/zigbee2mqtt/bridge.h"
#include "adapters/zigbee2mqtt/devices.h"
#include "base/err.h"

#define ATTRIBUTE_MAX 255 /* bytes of a value that has a topic of its own */

struct z2m {
	char prefix[64];
	const struct vd_tables *tables;
	struct z2m_devices devices;
	struct vd_presses presses;
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

/* -- the bridge and who is there ------------------------------------------------------------ */

static int bridge_state(struct vd_decoded *d, struct vd_span body)
{
	struct vd_span word;
	int err = z2m_online(d, body, "bridge/state", &word);
	if (!err && word.n)
		vd_reading_add(d, vd_span("", 0), VD_KIND_BRIDGE_CONNECTIVITY,
			       vd_span_is(word, "online") ? "online" : "offline");
	return err;
}

static int bridge(struct z2m *z, const struct vd_frame *f, struct vd_span rest,
		  struct vd_decoded *d)
{
	if (vd_span_is(rest, "state"))
		return bridge_state(d, f->body);
	if (vd_span_is(rest, "event"))
		return z2m_bridge_event(d, f->body);
	if (vd_span_is(rest, "devices")) {
		int err = z2m_devices_read(&z->devices, z->tables, f->body, d);
		d->remember = !err;
		return err;
	}
	return 0; /* info, logging, groups, health, requests: nothing about people or devices */
}

static int availability(const struct z2m *z, const struct vd_frame *f, struct vd_span name,
			struct vd_decoded *d)
{
	struct vd_span word;
	int err = z2m_online(d, f->body, "availability", &word);
	if (!err && word.n)
		vd_reading_add(d, identity_of(z, name), VD_KIND_DEVICE_CONNECTIVITY,
			       vd_span_is(word, "online") ? "online" : "offline");
	return err;
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

static struct vd_field_of field_of(const struct z2m *z, struct vd_span name)
{
	struct vd_field_of who = {.platform = VD_SPAN_LIT("zigbee2mqtt"), .identity = name};
	const struct z2m_device *dev = z2m_devices_find(&z->devices, name);
	if (dev) {
		who.identity = vd_span_cstr(dev->ieee);
		who.vendor = vd_span_cstr(dev->vendor);
		who.model = vd_span_cstr(dev->model);
		who.of = dev->of;
	}
	return who;
}

/* A press by the table's words; a word it does not know is a press all the same, for the button may
 * be placed as an alarm. The same press told on another topic is not a second one. */
static void action(struct z2m *z, const struct vd_frame *f, const struct vd_field_of *who,
		   const struct vd_json_val *v, struct vd_decoded *d)
{
	size_t n = d->n;
	enum vd_field read = vd_table_read(z->tables, who, VD_SPAN_LIT("action"), v, d);
	if (read == VD_FIELD_IGNORED)
		return;
	if (v->type == VD_JSON_OBJECT || v->type == VD_JSON_ARRAY) {
		vd_unknown_told(d, VD_SPAN_LIT("action"), v);
		return;
	}
	if (read == VD_FIELD_UNKNOWN)
		vd_press_add(d, who->identity, v->raw);
	if (d->n > n && !f->retained && !f->recall &&
	    vd_press_echo(&z->presses, who->identity, v->raw, f->topic, f->received_at_ms))
		d->n = n;
}

#define ACTIONS 4 /* told in one message: honest ones tell one */

struct told { /* of one message, beside its readings */
	struct vd_span name;
	struct vd_json_val actions[ACTIONS], click;
	size_t n_actions;
	struct vd_span ieee; /* device.ieeeAddr */
	struct lock_detail lock;
	int64_t seen;
};

static void field(struct z2m *z, const struct vd_field_of *who, struct vd_span key,
		  const struct vd_json_val *v, struct told *t, struct vd_decoded *d)
{
	if (vd_span_is(key, "last_seen"))
		t->seen = last_seen(v);
	else if (vd_span_is(key, "action") && t->n_actions < ACTIONS)
		t->actions[t->n_actions++] = *v;
	else if (vd_span_is(key, "click"))
		t->click = *v;
	else if (vd_span_is(key, "action_source_name"))
		t->lock.source = *v;
	else if (vd_span_is(key, "action_user"))
		t->lock.user = *v;
	else if (vd_span_is(key, "device") && v->type == VD_JSON_OBJECT) {
		struct vd_json_val own;
		if (vd_json_find(v->raw, "ieeeAddr", &own) && z2m_is_ieee(&own))
			t->ieee = own.raw;
	} else if (vd_table_read(z->tables, who, key, v, d) == VD_FIELD_UNKNOWN)
		vd_unknown_told(d, key, v);
}

/* Of a device bridge/devices has not told of yet the message itself may name the model, not who
 * makes it: enough when only one maker has a model of that name. Read first, so that the model's
 * rows hold wherever in the message it stands. */
static void told_model(const struct z2m *z, struct vd_span body, struct vd_field_of *who)
{
	struct vd_json j;
	struct vd_json_val v, model;
	struct vd_span key;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return;
	while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v)) {
		if (!vd_span_is(key, "device") || v.type != VD_JSON_OBJECT ||
		    !vd_json_find(v.raw, "model", &model) || model.type != VD_JSON_STRING)
			continue;
		who->model = model.raw;
		who->of = vd_table_model(z->tables, who->platform, model.raw);
		const struct vd_model *m = vd_models_maker(who->of, who->vendor);
		if (m)
			who->vendor = m->vendor;
	}
}

/* It goes on the waiting list with what is known of its model. */
static void hear(const struct vd_field_of *who, struct vd_span name, struct vd_decoded *d)
{
	const struct vd_model *m = vd_models_maker(who->of, who->vendor);
	if (!who->model.n || d->n_heard == VD_MAX_HEARD_GATEWAY)
		return;
	d->heard[d->n_heard++] = (struct vd_heard){
		.identity = who->identity,
		.name = name,
		.vendor = m && !vd_span_is(m->vendor, "*") ? m->vendor : vd_span("", 0),
		.model = who->model,
		.serial = who->identity,
		.features = m ? m->kinds : vd_span("", 0)};
}

/* What only the whole message tells. A device nobody has named yet may have told its address. */
static void conclude(struct z2m *z, const struct vd_frame *f, struct vd_field_of *who,
		     struct told *t, struct vd_decoded *d)
{
	if (t->ieee.n && who->identity.p == t->name.p) {
		for (size_t i = 0; i < d->n; i++)
			d->readings[i].identity = t->ieee;
		who->identity = t->ieee;
	}
	if (!t->n_actions && t->click.type) /* before 2.0 some buttons had only this */
		t->actions[t->n_actions++] = t->click;
	for (size_t i = 0; i < t->n_actions; i++)
		action(z, f, who, &t->actions[i], d);
	vd_table_settle(d);
	add_lock_detail(d, &t->lock);
	for (size_t i = 0; t->seen && i < d->n; i++) {
		d->readings[i].t_ms = t->seen;
		d->readings[i].t_src = VD_T_BRIDGE;
	}
}

static int device_state(struct z2m *z, const struct vd_frame *f, struct vd_span name,
			struct vd_decoded *d)
{
	struct vd_span body = vd_span_trim(f->body), key;
	struct vd_field_of who = field_of(z, name);
	struct vd_json j;
	struct told t = {.name = name};
	if (!body.n)
		return 0; /* clears a retained topic */
	bool stranger = who.identity.p == name.p;
	if (stranger)
		told_model(z, body, &who);
	d->alive = who.identity;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "an object of properties");
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			break;
		field(z, &who, key, &v, &t, d);
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "an object of properties");
	conclude(z, f, &who, &t, d);
	d->alive = who.identity;
	if (stranger && t.ieee.n)
		hear(&who, name, d);
	return 0;
}

/* <name>/<property> with a bare value (advanced.output: attribute, and the action topic that Home
 * Assistant's triggers listen to). */
static int attribute(struct z2m *z, const struct vd_frame *f, struct vd_span name,
		     struct vd_span key, struct vd_decoded *d)
{
	struct vd_span text = vd_span_trim(f->body);
	struct vd_field_of who = field_of(z, name);
	struct told t = {.name = name};
	struct vd_json_val v;
	struct vd_json j;
	vd_json_init(&j, text);
	if (!vd_json_value(&j, &v) || vd_json_finish(&j)) /* a word needs no quotes there */
		v = (struct vd_json_val){.type = VD_JSON_STRING, .raw = text};
	if (v.raw.n > ATTRIBUTE_MAX || !vd_span_utf8(v.raw))
		return snprintf(d->error, sizeof(d->error),
				"the value of a property's own topic is no short text"),
		       VD_EPARSE;
	field(z, &who, key, &v, &t, d);
	conclude(z, f, &who, &t, d);
	if (who.identity.p != name.p || d->n) /* a device's name, or it spoke of something known */
		d->alive = who.identity;
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

/* A property's own topic: not the name of a device, and what it holds is no object. */
static bool is_attribute(const struct z2m *z, const struct vd_frame *f, struct vd_span rest,
			 struct vd_span *ret_name, struct vd_span *ret_key)
{
	struct vd_span body = vd_span_trim(f->body);
	size_t at = rest.n;
	while (at && rest.p[at - 1] != '/')
		at--;
	if (at < 2 || (body.n && body.p[0] == '{') || z2m_devices_find(&z->devices, rest))
		return false;
	*ret_name = vd_span(rest.p, at - 1);
	*ret_key = vd_span_skip(rest, at);
	return ret_key->n && (body.n || z2m_devices_find(&z->devices, *ret_name));
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct z2m *z = state;
	size_t n = strlen(z->prefix);
	struct vd_span rest = vd_span_skip(f->topic, n + 1), name, key, command;
	if (f->topic.n <= n || f->topic.p[n] != '/' || !rest.n)
		return 0;
	if (vd_span_starts(rest, VD_SPAN_LIT("bridge/")))
		return bridge(z, f, vd_span_skip(rest, 7), d);
	if (ends(rest, "/availability", &name))
		return availability(z, f, name, d);
	if (ends(rest, "/set", &name) || ends(rest, "/get", &name))
		return 0;
	if (!is_attribute(z, f, rest, &name, &key))
		return device_state(z, f, rest, d);
	if (ends(name, "/set", &command) || ends(name, "/get", &command))
		return 0;
	return attribute(z, f, name, key, d);
}

static unsigned commands(const void *state, const struct vd_target *who)
{
	return z2m_commands(&((const struct z2m *)state)->devices, who);
}

static int command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	const struct z2m *z = state;
	return z2m_command(&z->devices, z->prefix, who, c, ret);
}

const struct vd_adapter vd_adapter_zigbee2mqtt = {
	.family = "zigbee2mqtt",
	.title = "Zigbee2MQTT",
	.state_size = sizeof(struct z2m),
	.init = init,
	.fini = fini,
	.decode = decode,
	.commands = commands,
	.command = command,
};

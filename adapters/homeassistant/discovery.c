/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts: home-assistant.io mqtt (discovery, abbreviations, availability), event.mqtt,
 * device_trigger.mqtt. */
#include "adapters/homeassistant/discovery.h"
#include "adapters/common/reading.h"

/* Discovery's abbreviated keys. */
static struct vd_span long_key(struct vd_span k)
{
	static const char *const pairs[][2] = {{"stat_t", "state_topic"},
					       {"t", "topic"},
					       {"avty_t", "availability_topic"},
					       {"avty", "availability"},
					       {"avty_mode", "availability_mode"},
					       {"avty_tpl", "availability_template"},
					       {"pl_avail", "payload_available"},
					       {"pl_not_avail", "payload_not_available"},
					       {"dev_cla", "device_class"},
					       {"val_tpl", "value_template"},
					       {"uniq_id", "unique_id"},
					       {"pl", "payload"},
					       {"pl_on", "payload_on"},
					       {"pl_off", "payload_off"},
					       {"cmd_t", "command_topic"},
					       {"cmd_tpl", "command_template"},
					       {"pl_lock", "payload_lock"},
					       {"pl_unlk", "payload_unlock"},
					       {"pl_prs", "payload_press"},
					       {"off_dly", "off_delay"},
					       {"frc_upd", "force_update"},
					       {"stype", "subtype"},
					       {"p", "platform"},
					       {"cmps", "components"},
					       {"dev", "device"},
					       {"ids", "identifiers"},
					       {"mf", "manufacturer"},
					       {"mdl", "model"}};
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (vd_span_is(k, pairs[i][0]))
			return vd_span_cstr(pairs[i][1]);
	return k;
}

static void copy(char *dst, size_t cap, const struct vd_json_val *v)
{
	if (v->escaped)
		vd_json_unescape(v->raw, dst, cap);
	else
		vd_span_copy(dst, cap, v->raw);
}

/* "~/state" with the base topic in place of the tilde, at either end. */
static void expand(char *topic, size_t cap, const char *base)
{
	char out[320];
	size_t n = strlen(topic);
	if (!base[0] || !n)
		return;
	if (topic[0] == '~')
		snprintf(out, sizeof(out), "%s%s", base, topic + 1);
	else if (topic[n - 1] == '~')
		snprintf(out, sizeof(out), "%.*s%s", (int)(n - 1), topic, base);
	else
		return;
	vd_span_copy(topic, cap, vd_span_cstr(out));
}

/* -- templates ------------------------------------------------------------------------------ */

static size_t name_length(struct vd_span t)
{
	size_t n = 0;
	while (n < t.n && (t.p[n] == '_' || (t.p[n] >= '0' && t.p[n] <= '9') ||
			   (t.p[n] >= 'a' && t.p[n] <= 'z') || (t.p[n] >= 'A' && t.p[n] <= 'Z')))
		n++;
	return n;
}

/* One step of value_json: .name or ['name']; its name, or "" when it is none. */
static struct vd_span step(struct vd_span *t)
{
	struct vd_span name = vd_span("", 0);
	if (t->n && t->p[0] == '.') {
		*t = vd_span_skip(*t, 1);
		name = vd_span(t->p, name_length(*t));
		*t = vd_span_skip(*t, name.n);
	} else if (t->n > 4 && (t->p[1] == '"' || t->p[1] == '\'')) {
		struct vd_span in = vd_span_skip(*t, 2);
		size_t n = name_length(in);
		if (n + 1 < in.n && in.p[n] == t->p[1] && in.p[n + 1] == ']')
			name = vd_span(in.p, n);
		*t = vd_span_skip(in, n + 2);
	}
	return name;
}

/* "| float(0)": filters that leave a plain value what it is. Letter case is not compared anyway. */
static bool harmless_filters(struct vd_span t)
{
	static const char *const names[] = {"float", "int",   "string",  "trim",       "round",
					    "lower", "upper", "default", "is_defined", "bool"};
	while ((t = vd_span_trim(t)).n) {
		bool known = false;
		if (t.p[0] != '|')
			return false;
		t = vd_span_trim(vd_span_skip(t, 1));
		struct vd_span name = vd_span(t.p, name_length(t));
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			known |= vd_span_is(name, names[i]);
		t = vd_span_trim(vd_span_skip(t, name.n));
		if (known && t.n && t.p[0] == '(') {
			const char *end = memchr(t.p, ')', t.n);
			known = end && !memchr(t.p + 1, '(', (size_t)(end - t.p) - 1);
			t = end ? vd_span_skip(t, (size_t)(end - t.p) + 1) : t;
		}
		if (!known)
			return false;
	}
	return true;
}

/* "{{ value_json.a['b'] | float }}" -> "a.b", "{{ value }}" -> ""; all else is opaque. */
static void read_template(struct ha_value *ret, const struct vd_json_val *v)
{
	char text[256];
	size_t at = 0;
	*ret = (struct ha_value){.opaque = true};
	copy(text, sizeof(text), v);
	struct vd_span t = vd_span_trim(vd_span_cstr(text)), name;
	if (v->type != VD_JSON_STRING || v->raw.n >= sizeof(text))
		return;
	if (!t.n) {
		ret->opaque = false;
		return;
	}
	if (t.n < 4 || memcmp(t.p, "{{", 2) != 0 || memcmp(t.p + t.n - 2, "}}", 2) != 0)
		return;
	t = vd_span_trim(vd_span(t.p + 2, t.n - 4));
	bool json = vd_span_starts(t, VD_SPAN_LIT("value_json"));
	if (!vd_span_starts(t, VD_SPAN_LIT("value")))
		return;
	t = vd_span_skip(t, json ? 10 : 5);
	while (json && t.n && (t.p[0] == '.' || t.p[0] == '[')) {
		name = step(&t);
		if (!name.n || at + name.n + 2 > sizeof(ret->path))
			return;
		at += (size_t)snprintf(ret->path + at, sizeof(ret->path) - at, "%s%.*s",
				       at ? "." : "", (int)name.n, name.p);
	}
	ret->opaque = !harmless_filters(t);
}

/* -- members -------------------------------------------------------------------------------- */

static void read_device(struct ha_entity *e, struct vd_span object)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	vd_json_init(&j, object);
	if (!vd_json_enter_object(&j))
		return;
	while (vd_json_next_key(&j, &key)) {
		key = long_key(key);
		if (vd_span_is(key, "identifiers") && vd_json_peek(&j) == VD_JSON_ARRAY) {
			(void)vd_json_enter_array(&j);
			for (bool first = true; vd_json_next_elem(&j) && vd_json_value(&j, &v);
			     first = false)
				if (first)
					copy(e->device, sizeof(e->device), &v);
			continue;
		}
		if (!vd_json_value(&j, &v))
			return;
		if (vd_span_is(key, "identifiers"))
			copy(e->device, sizeof(e->device), &v);
		else if (vd_span_is(key, "name"))
			copy(e->device_name, sizeof(e->device_name), &v);
		else if (vd_span_is(key, "manufacturer"))
			copy(e->vendor, sizeof(e->vendor), &v);
		else if (vd_span_is(key, "model"))
			copy(e->model, sizeof(e->model), &v);
	}
}

static void start_available(struct ha_available *a)
{
	*a = (struct ha_available){.yes = "online", .no = "offline"};
}

static bool read_payloads(struct ha_available *a, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "payload_available"))
		copy(a->yes, sizeof(a->yes), v);
	else if (vd_span_is(key, "payload_not_available"))
		copy(a->no, sizeof(a->no), v);
	else
		return false;
	return true;
}

/* The list form: [{"topic":...,"value_template":...}, ...]. */
static void read_availability(struct ha_entity *e, struct vd_span array)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, array);
	e->n_available = 0;
	if (!vd_json_enter_array(&j))
		return;
	while (vd_json_next_elem(&j)) {
		struct ha_available a;
		struct vd_json_val v;
		start_available(&a);
		if (!vd_json_enter_object(&j))
			return;
		while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v)) {
			key = long_key(key);
			if (vd_span_is(key, "topic"))
				copy(a.topic, sizeof(a.topic), &v);
			else if (vd_span_is(key, "value_template"))
				read_template(&a.value, &v);
			else
				(void)read_payloads(&a, key, &v);
		}
		if (a.topic[0] && e->n_available < HA_AVAILABLE_MAX)
			e->available[e->n_available++] = a;
	}
}

#define FIELD(member)                                                                              \
	{                                                                                          \
#member, offsetof(struct ha_entity, member),                                       \
			sizeof(((struct ha_entity *)0)->member)                                    \
	}

/* Members that are copied as they are. */
static bool read_text(struct ha_entity *e, struct vd_span key, const struct vd_json_val *v)
{
	static const struct {
		const char *key;
		size_t at, cap;
	} texts[] = {
		FIELD(state_topic),
		FIELD(subtype),
		FIELD(payload_on),
		FIELD(payload_off),
		FIELD(command_topic),
		FIELD(payload_lock),
		FIELD(payload_unlock),
		FIELD(payload_press),
		{"topic", offsetof(struct ha_entity, state_topic), sizeof(e->state_topic)},
		{"device_class", offsetof(struct ha_entity, class), sizeof(e->class)},
		{"type", offsetof(struct ha_entity, class), sizeof(e->class)},
		{"payload", offsetof(struct ha_entity, payload_on), sizeof(e->payload_on)},
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (vd_span_is(key, texts[i].key)) {
			copy((char *)e + texts[i].at, texts[i].cap, v);
			return true;
		}
	return false;
}

static void read_member(struct ha_config *c, struct ha_entity *e, struct vd_span key,
			const struct vd_json_val *v)
{
	if (vd_span_is(key, "device") && v->type == VD_JSON_OBJECT)
		read_device(e, v->raw);
	else if (vd_span_is(key, "availability") && v->type == VD_JSON_ARRAY)
		read_availability(e, v->raw);
	else if (vd_span_is(key, "components") && v->type == VD_JSON_OBJECT)
		c->components = v->raw;
	else if (v->type == VD_JSON_OBJECT || v->type == VD_JSON_ARRAY || v->type == VD_JSON_NULL)
		return;
	else if (vd_span_is(key, "~"))
		copy(c->base, sizeof(c->base), v);
	else if (vd_span_is(key, "unique_id"))
		copy(c->unique, sizeof(c->unique), v);
	else if (vd_span_is(key, "availability_topic"))
		copy(c->own.topic, sizeof(c->own.topic), v);
	else if (vd_span_is(key, "availability_template"))
		read_template(&c->own.value, v);
	else if (vd_span_is(key, "availability_mode"))
		e->mode = vd_span_is(v->raw, "all")   ? HA_ALL
			  : vd_span_is(v->raw, "any") ? HA_ANY
						      : HA_LATEST;
	else if (vd_span_is(key, "value_template"))
		read_template(&e->value, v);
	else if (vd_span_is(key, "command_template") || vd_span_is(key, "code_format"))
		e->needs_code = true;
	else if (vd_span_is(key, "off_delay"))
		e->momentary |= v->type == VD_JSON_NUMBER;
	else if (vd_span_is(key, "force_update"))
		e->momentary |= v->type == VD_JSON_TRUE;
	else if (vd_span_is(key, "platform") && !e->component[0])
		copy(e->component, sizeof(e->component), v); /* one part of a device */
	else if (!read_payloads(&c->own, key, v))
		(void)read_text(e, key, v);
}

void ha_config_read(struct ha_config *c, struct ha_entity *e, struct vd_span object)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	if (!c->own.yes[0])
		start_available(&c->own);
	vd_json_init(&j, object);
	if (!vd_json_enter_object(&j))
		return;
	while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v))
		read_member(c, e, long_key(key), &v);
}

void ha_config_finish(struct ha_config *c, struct ha_entity *e, struct vd_span object_id)
{
	if (c->own.topic[0] && e->n_available < HA_AVAILABLE_MAX)
		e->available[e->n_available++] = c->own;
	expand(e->state_topic, sizeof(e->state_topic), c->base);
	expand(e->command_topic, sizeof(e->command_topic), c->base);
	for (unsigned i = 0; i < e->n_available; i++)
		expand(e->available[i].topic, sizeof(e->available[i].topic), c->base);
	if (!e->device[0])
		vd_span_copy(e->device, sizeof(e->device),
			     c->unique[0] ? vd_span_cstr(c->unique) : object_id);
}

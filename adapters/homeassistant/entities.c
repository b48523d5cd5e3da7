/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/homeassistant/entities.h"
#include "adapters/common/reading.h"
#include "base/err.h"
#include "base/mem.h"

void ha_entities_free(struct ha_entities *e)
{
	vd_free(e->list);
	*e = (struct ha_entities){0};
}

const struct ha_entity *ha_entities_by_config(const struct ha_entities *e, struct vd_span topic)
{
	for (size_t i = 0; i < e->n; i++)
		if (vd_span_is(topic, e->list[i].config_topic))
			return &e->list[i];
	return NULL;
}

void ha_entities_remove(struct ha_entities *e, struct vd_span topic)
{
	for (size_t i = 0; i < e->n; i++)
		if (vd_span_is(topic, e->list[i].config_topic)) {
			e->list[i] = e->list[--e->n];
			return;
		}
}

/* Discovery's abbreviated keys (home-assistant.io mqtt, "Using abbreviations"). */
static struct vd_span long_key(struct vd_span k)
{
	static const char *const pairs[][2] = {{"stat_t", "state_topic"},
					       {"avty_t", "availability_topic"},
					       {"avty", "availability"},
					       {"dev_cla", "device_class"},
					       {"val_tpl", "value_template"},
					       {"uniq_id", "unique_id"},
					       {"pl_on", "payload_on"},
					       {"pl_off", "payload_off"},
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
	char out[256];
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

/* "{{ value_json.smoke }}" -> "smoke"; anything else is not understood and leaves "". */
static void template_path(char *dst, size_t cap, struct vd_span t)
{
	static const char head[] = "value_json.";
	t = vd_span_trim(t);
	if (t.n < 4 || memcmp(t.p, "{{", 2) != 0 || memcmp(t.p + t.n - 2, "}}", 2) != 0)
		return;
	t = vd_span_trim(vd_span(t.p + 2, t.n - 4));
	if (!vd_span_starts(t, VD_SPAN_LIT("value_json.")))
		return;
	t = vd_span_skip(t, sizeof(head) - 1);
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] == '|' || t.p[i] == ' ' || t.p[i] == '(')
			return;
	vd_span_copy(dst, cap, t);
}

static void read_device(struct vd_json *j, struct ha_entity *e)
{
	struct vd_span key;
	struct vd_json_val v;
	if (!vd_json_enter_object(j))
		return;
	while (vd_json_next_key(j, &key)) {
		key = long_key(key);
		if (vd_span_is(key, "identifiers") && vd_json_peek(j) == VD_JSON_ARRAY) {
			(void)vd_json_enter_array(j);
			for (bool first = true; vd_json_next_elem(j) && vd_json_value(j, &v);
			     first = false)
				if (first)
					copy(e->device, sizeof(e->device), &v);
			continue;
		}
		if (!vd_json_value(j, &v))
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

static void read_field(struct ha_entity *e, struct vd_span key, const struct vd_json_val *v,
		       char *base, size_t base_cap, char *unique, size_t unique_cap)
{
	if (vd_span_is(key, "~"))
		copy(base, base_cap, v);
	else if (vd_span_is(key, "state_topic"))
		copy(e->state_topic, sizeof(e->state_topic), v);
	else if (vd_span_is(key, "availability_topic"))
		copy(e->availability_topic, sizeof(e->availability_topic), v);
	else if (vd_span_is(key, "device_class"))
		copy(e->class, sizeof(e->class), v);
	else if (vd_span_is(key, "value_template"))
		template_path(e->path, sizeof(e->path), v->raw);
	else if (vd_span_is(key, "unique_id"))
		copy(unique, unique_cap, v);
	else if (vd_span_is(key, "payload_on"))
		copy(e->payload_on, sizeof(e->payload_on), v);
	else if (vd_span_is(key, "payload_off"))
		copy(e->payload_off, sizeof(e->payload_off), v);
}

static int read_config(struct ha_entity *e, struct vd_span object, struct vd_span body,
		       struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	char base[160] = "", unique[96] = "";
	snprintf(e->payload_on, sizeof(e->payload_on), "ON");
	snprintf(e->payload_off, sizeof(e->payload_off), "OFF");
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "a discovery object");
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		key = long_key(key);
		if (vd_span_is(key, "device") && vd_json_peek(&j) == VD_JSON_OBJECT)
			read_device(&j, e);
		else if (vd_json_value(&j, &v))
			read_field(e, key, &v, base, sizeof(base), unique, sizeof(unique));
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "a discovery object");
	expand(e->state_topic, sizeof(e->state_topic), base);
	expand(e->availability_topic, sizeof(e->availability_topic), base);
	if (!e->device[0])
		vd_span_copy(e->device, sizeof(e->device),
			     unique[0] ? vd_span_cstr(unique) : object);
	return 0;
}

int ha_entities_read(struct ha_entities *e, struct vd_span topic, struct vd_span component,
		     struct vd_span object, struct vd_span body, struct vd_decoded *d,
		     const struct ha_entity **ret)
{
	struct ha_entity fresh = {0};
	if (!vd_span_copy(fresh.config_topic, sizeof(fresh.config_topic), topic))
		return snprintf(d->error, sizeof(d->error), "the discovery topic is too long"),
		       VD_EINVAL;
	vd_span_copy(fresh.component, sizeof(fresh.component), component);
	int err = read_config(&fresh, object, body, d);
	if (err)
		return err;
	struct ha_entity *slot = (struct ha_entity *)ha_entities_by_config(e, topic);
	if (!slot && e->n == HA_ENTITIES_MAX)
		return VD_ELIMIT;
	if (!slot && e->n == e->cap) {
		size_t cap = e->cap ? e->cap * 2 : 8;
		struct ha_entity *list = vd_realloc(e->list, cap * sizeof(*list));
		if (!list)
			return VD_ENOMEM;
		e->list = list;
		e->cap = cap;
	}
	if (!slot)
		slot = &e->list[e->n++];
	*slot = fresh;
	*ret = slot;
	return 0;
}

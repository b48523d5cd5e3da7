/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/zigbee2mqtt/devices.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"

void z2m_devices_free(struct z2m_devices *d)
{
	vd_map_fini(&d->by_name);
	vd_free(d->list);
	*d = (struct z2m_devices){0};
}

const struct z2m_device *z2m_devices_find(const struct z2m_devices *d, struct vd_span name)
{
	return d->n ? vd_map_get(&d->by_name, name) : NULL;
}

bool z2m_is_ieee(const struct vd_json_val *v)
{
	if (v->type != VD_JSON_STRING || v->raw.n != 18 || memcmp(v->raw.p, "0x", 2) != 0)
		return false;
	for (size_t i = 2; i < v->raw.n; i++)
		if (!memchr("0123456789abcdefABCDEF", v->raw.p[i], 22))
			return false;
	return true;
}

struct one { /* a device while it is being read */
	struct vd_span ieee, name, type, vendor, model;
	const struct vd_models_name *of;
	bool supported, coordinator, defined;
	unsigned takes;
	char features[160];
};

static void add_kind(struct one *o, const char *kind)
{
	size_t have = strlen(o->features);
	char padded[170], word[48];
	if (!kind || have + strlen(kind) + 2 > sizeof(o->features))
		return;
	snprintf(padded, sizeof(padded), " %s ", o->features);
	snprintf(word, sizeof(word), " %s ", kind);
	if (strstr(padded, word))
		return;
	snprintf(o->features + have, sizeof(o->features) - have, "%s%s", have ? " " : "", kind);
}

static struct vd_field_of field_of(const struct one *o)
{
	return (struct vd_field_of){.platform = VD_SPAN_LIT("zigbee2mqtt"),
				    .vendor = o->vendor,
				    .model = o->model,
				    .of = o->of};
}

/* An action's kind depends on its values: a button that can say "emergency" is a call button, and a
 * word no row knows is a press. */
static void action_values(struct vd_span values, struct one *o, const struct vd_tables *tables,
			  struct vd_decoded *scratch)
{
	struct vd_field_of who = field_of(o);
	struct vd_json j;
	struct vd_json_val v;
	vd_json_init(&j, values);
	if (!vd_json_enter_array(&j))
		return;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		size_t n = scratch->n;
		if (v.type != VD_JSON_STRING)
			continue;
		enum vd_field f =
			vd_table_word(tables, &who, VD_SPAN_LIT("action"), v.raw, scratch);
		if (f == VD_FIELD_READ && scratch->n > n)
			add_kind(o, vd_kind_name(scratch->readings[n].kind));
		else if (f == VD_FIELD_UNKNOWN)
			add_kind(o, vd_kind_name(VD_KIND_BUTTON));
		scratch->n = n;
	}
}

/* One entry of exposes; specific ones (lock, switch) carry their properties in features[], one
 * level deep. */
static unsigned expose(struct vd_json *j, struct one *o, const struct vd_tables *tables,
		       struct vd_decoded *scratch, bool inner)
{
	struct vd_span key, property = vd_span("", 0), type = property, values = property;
	unsigned parts = 0; /* what its features would be, were it a lock: told before its type */
	int access = 0;
	bool on_true = false;
	if (!vd_json_enter_object(j))
		return 0;
	while (vd_json_next_key(j, &key)) {
		struct vd_json_val v;
		if (!inner && vd_span_is(key, "features") && vd_json_peek(j) == VD_JSON_ARRAY) {
			vd_json_enter_array(j);
			while (vd_json_next_elem(j))
				parts |= expose(j, o, tables, scratch, true);
		} else if (vd_json_value(j, &v)) {
			if (vd_span_is(key, "property"))
				property = v.raw;
			else if (vd_span_is(key, "type"))
				type = v.raw;
			else if (vd_span_is(key, "values") && v.type == VD_JSON_ARRAY)
				values = v.raw;
			else if (vd_span_is(key, "access") && v.type == VD_JSON_NUMBER)
				access = v.num >= 0 && v.num <= 7 ? (int)v.num : 0;
			else if (vd_span_is(key, "value_on"))
				on_true = v.type == VD_JSON_TRUE;
		}
	}
	if (!inner)
		o->takes |= vd_span_is(type, "lock")
				    ? parts
				    : z2m_takes_of(type, property, access, on_true, false);
	if (j->err || !property.n)
		return 0;
	if (vd_span_is(property, "action"))
		action_values(values, o, tables, scratch);
	else {
		struct vd_field_of who = field_of(o);
		add_kind(o, vd_table_kind_of(tables, &who, property, vd_span_is(type, "numeric")));
	}
	return z2m_takes_of(type, property, access, on_true, true);
}

/* The list of known models puts first what matters first; what a bridge newer than the list exposes
 * besides comes after. */
static void known_kinds(struct one *o)
{
	const struct vd_model *m = vd_models_maker(o->of, o->vendor);
	struct vd_span rest = m ? m->kinds : vd_span(NULL, 0), word;
	while (m && vd_span_next(&rest, ' ', &word))
		add_kind(o, vd_kind_name(vd_kind_parse(word)));
}

/* Who made it is read before what it exposes, whatever the order: its rows decide what that means.
 */
static void definition(struct vd_json *j, struct one *o, const struct vd_tables *tables,
		       struct vd_decoded *scratch)
{
	struct vd_json_val whole, v;
	struct vd_json exposes;
	if (!vd_json_value(j, &whole) || whole.type != VD_JSON_OBJECT)
		return;
	o->defined = true;
	if (vd_json_find(whole.raw, "model", &v))
		o->model = vd_keep(scratch, &v);
	if (vd_json_find(whole.raw, "vendor", &v))
		o->vendor = vd_keep(scratch, &v);
	o->of = vd_table_model(tables, VD_SPAN_LIT("zigbee2mqtt"), o->model);
	known_kinds(o);
	if (!vd_json_find(whole.raw, "exposes", &v) || v.type != VD_JSON_ARRAY)
		return;
	vd_json_init(&exposes, v.raw);
	vd_json_enter_array(&exposes);
	while (vd_json_next_elem(&exposes))
		(void)expose(&exposes, o, tables, scratch, false);
}

static void read_one(struct vd_json *j, struct one *o, const struct vd_tables *tables,
		     struct vd_decoded *scratch)
{
	struct vd_span key;
	*o = (struct one){0};
	if (!vd_json_enter_object(j))
		return;
	while (vd_json_next_key(j, &key)) {
		struct vd_json_val v;
		if (vd_span_is(key, "definition")) {
			definition(j, o, tables, scratch);
			continue;
		}
		if (!vd_json_value(j, &v))
			break;
		if (vd_span_is(key, "ieee_address"))
			o->ieee = v.raw;
		else if (vd_span_is(key, "friendly_name"))
			o->name = vd_keep(scratch, &v);
		else if (vd_span_is(key, "type"))
			o->coordinator = vd_span_is(v.raw, "Coordinator");
		else if (vd_span_is(key, "supported"))
			o->supported = v.type == VD_JSON_TRUE;
	}
}

static void hear(struct vd_decoded *ret, const struct one *o)
{
	if (ret->n_heard == VD_MAX_HEARD_GATEWAY)
		return;
	size_t n = strlen(o->features);
	struct vd_span features = vd_span("", 0);
	if (ret->scratch.n + n < ret->scratch.cap) {
		char *p = ret->scratch.p + ret->scratch.n;
		memcpy(p, o->features, n);
		ret->scratch.n += n;
		features = vd_span(p, n);
	}
	ret->heard[ret->n_heard++] = (struct vd_heard){.identity = o->ieee,
						       .name = o->name,
						       .vendor = o->vendor,
						       .model = o->model,
						       .serial = o->ieee,
						       .features = features,
						       .unsupported = !o->supported || !o->defined};
}

static int keep(struct z2m_devices *fresh, size_t *cap, const struct one *o)
{
	if (fresh->n == *cap) {
		size_t more = *cap ? *cap * 2 : 16;
		if (fresh->n >= VD_MAX_HEARD_GATEWAY)
			return 0;
		struct z2m_device *list = vd_realloc(fresh->list, more * sizeof(*list));
		if (!list)
			return VD_ENOMEM;
		fresh->list = list;
		*cap = more;
	}
	struct z2m_device *d = &fresh->list[fresh->n++];
	vd_span_copy(d->name, sizeof(d->name), o->name);
	vd_span_copy(d->ieee, sizeof(d->ieee), o->ieee);
	vd_span_copy(d->vendor, sizeof(d->vendor), o->vendor);
	vd_span_copy(d->model, sizeof(d->model), o->model);
	d->of = o->of;
	d->takes = o->takes;
	return 0;
}

static int index_names(struct z2m_devices *d)
{
	vd_map_init(&d->by_name, VD_MAX_HEARD_GATEWAY, 0);
	for (size_t i = 0; i < d->n; i++) {
		int err = vd_map_put(&d->by_name, vd_span_cstr(d->list[i].name), &d->list[i]);
		if (err && err != VD_EEXIST) /* two of one name: the first stands */
			return err;
	}
	return 0;
}

int z2m_devices_read(struct z2m_devices *d, const struct vd_tables *tables, struct vd_span body,
		     struct vd_decoded *ret)
{
	struct z2m_devices fresh = {0};
	struct vd_json j;
	struct one o;
	size_t cap = 0;
	int err = vd_scratch_ready(ret, body.n < 4096 ? body.n + 4096 : body.n);
	vd_json_init(&j, body);
	if (!err && !vd_json_enter_array(&j))
		err = vd_bad_json(ret, &j, "an array of devices");
	while (!err && vd_json_next_elem(&j)) {
		read_one(&j, &o, tables, ret);
		if (j.err || o.coordinator || !o.ieee.n)
			continue;
		err = keep(&fresh, &cap, &o);
		hear(ret, &o);
	}
	if (!err && vd_json_finish(&j))
		err = vd_bad_json(ret, &j, "an array of devices");
	ret->n = 0; /* action values were tried out on it */
	if (!err)
		err = index_names(&fresh);
	if (err) {
		z2m_devices_free(&fresh);
		ret->n_heard = 0;
		return err;
	}
	z2m_devices_free(d);
	*d = fresh;
	return 0;
}

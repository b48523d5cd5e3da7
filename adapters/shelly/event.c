/* SPDX-License-Identifier: EUPL-1.2 */
/* Happenings: presses of inputs and of Bluetooth buttons, and what the maker's own script tells of
 * Bluetooth sensors. Facts: shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Input and
 * BTHome; github.com/ALLTERCO/shelly-script-examples, ble/ble-shelly-blu.shelly.js. */
#include "adapters/shelly/shelly.h"
#include "adapters/common/flat.h"
#include "adapters/common/topic.h"

struct event {
	struct vd_json_val component, name, ts;
	struct vd_span data;
};

static void read_event(struct vd_span object, struct event *e)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	vd_json_init(&j, object);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key)) {
		if (!vd_json_value(&j, &v))
			return;
		if (vd_span_is(key, "component"))
			e->component = v;
		else if (vd_span_is(key, "event"))
			e->name = v;
		else if (vd_span_is(key, "ts"))
			e->ts = v;
		else if (vd_span_is(key, "data") && v.type == VD_JSON_OBJECT)
			e->data = v.raw;
	}
}

/* "input:2" -> "input", "2". */
static struct vd_span kind_of(struct vd_span component, struct vd_span *ret_id)
{
	const char *colon = component.n ? memchr(component.p, ':', component.n) : NULL;
	*ret_id = vd_span("", 0);
	if (!colon)
		return component;
	struct vd_span kind = vd_span(component.p, (size_t)(colon - component.p));
	*ret_id = vd_span_skip(component, kind.n + 1);
	return kind;
}

/* -- Bluetooth sensors through the maker's script ------------------------------------------- */

struct blu {
	struct shelly *s;
	const struct vd_frame *f;
	struct vd_field_of who;
	struct vd_decoded *d;
};

static void blu_leaf(void *arg, struct vd_span path, const struct vd_json_val *v)
{
	struct blu *b = arg;
	size_t n = b->d->n;
	bool button = vd_span_is(path, "blu.button");
	enum vd_field read = vd_table_read(b->s->tables, &b->who, path, v, b->d);
	if (read == VD_FIELD_UNKNOWN && button && v->type == VD_JSON_NUMBER)
		(void)vd_press_add(b->d, b->who.identity, v->raw);
	else if (read == VD_FIELD_UNKNOWN)
		vd_unknown_field(b->d, path);
	/* Two devices near by hear the same press. */
	if (button && b->d->n > n &&
	    vd_press_echo(&b->s->presses, b->who.identity, v->raw, b->f->topic,
			  b->f->received_at_ms))
		b->d->n = n;
}

/* {"address":"aa:bb:..","battery":100,"motion":1,"button":1,...}: the sensor is its address. */
static void blu(struct shelly *s, const struct vd_frame *f, const struct event *e,
		struct vd_decoded *d)
{
	static const struct vd_flat flat = {.leaf = blu_leaf};
	struct blu b = {.s = s, .f = f, .who = {.platform = VD_SPAN_LIT("shelly")}, .d = d};
	struct vd_json_val address;
	struct vd_json j;
	if (!vd_json_find(e->data, "address", &address) || address.type != VD_JSON_STRING ||
	    address.escaped || !address.raw.n) {
		vd_unknown_field(d, VD_SPAN_LIT("shelly-blu without address"));
		return;
	}
	b.who.identity = address.raw;
	vd_json_init(&j, e->data);
	(void)vd_flat_walk(&j, VD_SPAN_LIT("blu"), &flat, &b);
}

/* -- presses -------------------------------------------------------------------------------- */

static bool presses(struct vd_span kind)
{
	return vd_span_is(kind, "input") || vd_span_starts(kind, VD_SPAN_LIT("bthome"));
}

/* By the table's words, first of this kind of component, then of all; what an input says in other
 * words is a press. */
static void plain(struct shelly *s, struct vd_span who, const struct event *e, struct vd_decoded *d)
{
	char key[48];
	struct vd_span id, kind = kind_of(e->component.raw, &id);
	struct vd_field_of of = shelly_field_of(s, who);
	if (vd_span_starts(kind, VD_SPAN_LIT("bthome")) && id.n)
		of.identity = shelly_beyond(d, who, e->component.raw);
	size_t n = d->n;
	snprintf(key, sizeof(key), "event.%.*s", (int)(kind.n < 32 ? kind.n : 32), kind.p);
	enum vd_field read = vd_table_read(s->tables, &of, vd_span_cstr(key), &e->name, d);
	if (read == VD_FIELD_UNKNOWN)
		read = vd_table_read(s->tables, &of, VD_SPAN_LIT("event"), &e->name, d);
	if (read == VD_FIELD_UNKNOWN && presses(kind) && e->name.type == VD_JSON_STRING)
		(void)vd_press_add(d, of.identity, e->name.raw);
	else if (read == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, vd_span_cstr(key));
	for (size_t i = n; i < d->n; i++)
		if (vd_span_is(kind, "input") && !vd_span_is(id, "0"))
			vd_span_copy(d->readings[i].zone, sizeof(d->readings[i].zone), id);
}

void shelly_event(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		  struct vd_span event, double ts, struct vd_decoded *d)
{
	struct event e = {0};
	size_t n = d->n;
	read_event(event, &e);
	if (vd_span_is(e.name.raw, "shelly-blu") && e.data.n)
		blu(s, f, &e, d);
	else if (e.component.type == VD_JSON_STRING && e.name.type != VD_JSON_NONE)
		plain(s, who, &e, d);
	int64_t t_ms = shelly_time(e.ts.type == VD_JSON_NUMBER ? e.ts.num : ts);
	for (size_t i = n; t_ms && i < d->n; i++) {
		d->readings[i].t_ms = t_ms;
		d->readings[i].t_src = VD_T_DEVICE;
	}
}

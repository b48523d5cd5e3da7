/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/homeassistant/states.h"
#include <strings.h>

static bool is_a(const struct ha_entity *e, const char *component)
{
	return strcmp(e->component, component) == 0;
}

static struct vd_field_of field_of(const struct ha_entity *e)
{
	return (struct vd_field_of){.platform = VD_SPAN_LIT("homeassistant"),
				    .vendor = vd_span_cstr(e->vendor),
				    .model = vd_span_cstr(e->model),
				    .identity = vd_span_cstr(e->device)};
}

/* The value out of the payload: by template, else the payload itself. */
static bool value_of(const struct ha_value *t, struct vd_span body, struct vd_json_val *ret)
{
	struct vd_span text = vd_span_trim(body);
	if (t->opaque)
		return false;
	if (t->path[0])
		return vd_json_find(text, t->path, ret);
	*ret = (struct vd_json_val){.type = VD_JSON_STRING, .raw = text};
	return text.n > 0 && text.n < 256;
}

/* -- presses -------------------------------------------------------------------------------- */

/* Does the device tell this press in this message already, by another of its entities? */
static bool told(const struct vd_decoded *d, const struct ha_entity *e, const struct vd_reading *r)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct vd_reading *x = &d->readings[i];
		if (x != r && x->kind == r->kind && vd_span_is(x->identity, e->device) &&
		    strcmp(x->state, r->state) == 0)
			return true;
	}
	return false;
}

/* Which of a press's names says most: one that tells it apart from a single one, else the first. */
static struct vd_span telling(const struct vd_span words[3])
{
	struct vd_span first = vd_span("", 0);
	for (size_t i = 0; i < 3; i++)
		if (words[i].n && strcmp(vd_press_state(words[i]), "single") != 0)
			return words[i];
	for (size_t i = 3; i-- > 0;)
		first = words[i].n ? words[i] : first;
	return first;
}

/* A press: by the table's words, else by what its words say. `more` are further names of it. */
static void press(struct ha *h, const struct ha_entity *e, const struct vd_frame *f,
		  struct vd_span word, const char *const more[2], struct vd_decoded *d)
{
	const struct vd_span words[3] = {word, vd_span_cstr(more[0]), vd_span_cstr(more[1])};
	struct vd_field_of who = field_of(e);
	enum vd_field read = VD_FIELD_UNKNOWN;
	size_t n = d->n;
	for (size_t i = 0; i < 3 && read == VD_FIELD_UNKNOWN; i++)
		if (words[i].n)
			read = vd_table_word(h->tables, &who, VD_SPAN_LIT("press"), words[i], d);
	if (read == VD_FIELD_UNKNOWN)
		vd_press_add(d, who.identity, telling(words));
	if (d->n == n)
		return;
	if (told(d, e, &d->readings[n]) ||
	    (!f->retained && !f->recall &&
	     vd_press_echo(&h->presses, who.identity, word.n ? word : words[1], f->topic,
			   f->received_at_ms)))
		d->n = n;
}

static bool same_text(struct vd_span a, const char *b)
{
	return a.n == strlen(b) && (a.n == 0 || strncasecmp(a.p, b, a.n) == 0);
}

static void trigger(struct ha *h, const struct ha_entity *e, const struct vd_frame *f,
		    struct vd_decoded *d)
{
	const char *const names[2] = {e->class, e->subtype};
	struct vd_json_val v;
	if (e->value.opaque)
		vd_unknown_field(d, VD_SPAN_LIT("value_template"));
	if (!value_of(&e->value, f->body, &v) || vd_unknown_value(&v))
		return;
	if (!e->payload_on[0] || same_text(v.raw, e->payload_on))
		press(h, e, f, v.raw.n < 48 ? v.raw : vd_span("", 0), names, d);
}

/* An event entity's word: by its template, else its event_type, else what bridges call it. */
static void event(struct ha *h, const struct ha_entity *e, const struct vd_frame *f,
		  struct vd_decoded *d)
{
	static const char *const names[] = {"event_type", "action", "event"};
	static const char *const no_more[2] = {"", ""};
	struct vd_field_of who = field_of(e);
	struct vd_span body = vd_span_trim(f->body);
	struct vd_json_val v = {0};
	char key[64];
	bool found = value_of(&e->value, body, &v);
	if (!found || (v.raw.n && v.raw.p[0] == '{')) {
		struct vd_span in = found ? v.raw : body;
		found = false;
		for (size_t i = 0; i < 3 && !found; i++)
			found = vd_json_find(in, names[i], &v) && v.type == VD_JSON_STRING;
	}
	if (!found || vd_unknown_value(&v)) {
		if (!found && body.n)
			vd_unknown_field(d, VD_SPAN_LIT("event_type"));
		return;
	}
	snprintf(key, sizeof(key), "event.%s", e->class);
	if (vd_table_word(h->tables, &who, vd_span_cstr(key), v.raw, d) == VD_FIELD_UNKNOWN)
		press(h, e, f, v.raw, no_more, d);
}

static bool pressed(const struct vd_decoded *d, const struct ha_entity *e)
{
	for (size_t i = 0; i < d->n; i++)
		if ((d->readings[i].kind == VD_KIND_BUTTON || d->readings[i].kind == VD_KIND_SOS) &&
		    vd_span_is(d->readings[i].identity, e->device))
			return true;
	return false;
}

void ha_unmatched_trigger(struct ha *h, const struct vd_frame *f, struct vd_decoded *d)
{
	static const char *const no_more[2] = {"", ""};
	const struct ha_entity *one = NULL;
	struct vd_json_val v = {.type = VD_JSON_STRING, .raw = vd_span_trim(f->body)};
	for (size_t i = 0; i < h->entities.n; i++) {
		const struct ha_entity *e = &h->entities.list[i];
		if (!is_a(e, "device_automation") || !vd_span_is(f->topic, e->state_topic))
			continue;
		if (one && strcmp(one->device, e->device) != 0)
			return; /* shared by several: whose press it is nobody can tell */
		one = e;
	}
	if (!one || pressed(d, one) || vd_unknown_value(&v))
		return;
	if (one->value.path[0] && !vd_json_find(v.raw, one->value.path, &v))
		return;
	if (!vd_unknown_value(&v) && v.raw.n < 48 && v.raw.p[0] != '{')
		press(h, one, f, v.raw, no_more, d);
}

/* -- states --------------------------------------------------------------------------------- */

static void binary(const struct ha *h, const struct ha_entity *e, const struct vd_json_val *v,
		   struct vd_decoded *d)
{
	struct vd_field_of who = field_of(e);
	size_t n = d->n;
	char key[64];
	bool on = same_text(v->raw, e->payload_on[0] ? e->payload_on : "ON");
	bool off = same_text(v->raw, e->payload_off[0] ? e->payload_off : "OFF");
	snprintf(key, sizeof(key), "%s.%s", e->component, e->class);
	if (!on && !off) {
		if (!vd_unknown_value(v))
			vd_unknown_field(d, vd_span_cstr(key));
		return;
	}
	if (vd_table_word(h->tables, &who, vd_span_cstr(key),
			  on ? VD_SPAN_LIT("on") : VD_SPAN_LIT("off"), d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, vd_span_cstr(key));
	if (d->n > n && on && e->momentary)
		d->readings[n].flags |= VD_F_EDGE; /* it never says off: every on counts */
}

/* Zigbee2MQTT's older form of a press: a sensor that reads value_json.action. */
static bool reads_action(const struct ha_entity *e)
{
	return is_a(e, "sensor") && !e->class[0] &&
	       (strcmp(e->value.path, "action") == 0 || strcmp(e->value.path, "click") == 0);
}

void ha_state(struct ha *h, const struct ha_entity *e, const struct vd_frame *f,
	      struct vd_decoded *d)
{
	static const char *const no_more[2] = {"", ""};
	struct vd_json_val v = {0};
	struct vd_field_of who = field_of(e);
	char key[64];
	d->alive = who.identity;
	if (is_a(e, "device_automation")) {
		trigger(h, e, f, d);
		return;
	}
	if (is_a(e, "event")) {
		event(h, e, f, d);
		return;
	}
	if (!value_of(&e->value, f->body, &v)) {
		if (e->value.opaque)
			vd_unknown_field(d, VD_SPAN_LIT("value_template"));
		return;
	}
	snprintf(key, sizeof(key), "%s.%s", e->component, e->class);
	if (is_a(e, "binary_sensor"))
		binary(h, e, &v, d);
	else if (reads_action(e)) {
		if (!vd_unknown_value(&v))
			press(h, e, f, v.raw, no_more, d);
	} else if (vd_table_read(h->tables, &who, vd_span_cstr(key), &v, d) == VD_FIELD_UNKNOWN)
		vd_unknown_told(d, vd_span_cstr(key), &v);
}

/* -- availability --------------------------------------------------------------------------- */

int ha_available_topic(const struct ha_entity *e, struct vd_span topic)
{
	for (unsigned i = 0; i < e->n_available; i++)
		if (vd_span_is(topic, e->available[i].topic))
			return (int)i;
	return -1;
}

bool ha_is_the_bridges(const struct ha *h, const struct ha_entity *e, struct vd_span topic)
{
	for (size_t i = 0; i < h->entities.n; i++)
		if (strcmp(h->entities.list[i].device, e->device) != 0 &&
		    ha_available_topic(&h->entities.list[i], topic) >= 0)
			return true;
	return false;
}

static bool is_online(const struct ha_entity *e, bool last)
{
	unsigned all = (1u << e->n_available) - 1;
	return e->mode == HA_ALL ? !e->down : e->mode == HA_ANY ? e->down != all : last;
}

void ha_availability(struct ha_entity *e, unsigned topic, bool bridge, const struct vd_frame *f,
		     struct vd_decoded *d)
{
	const struct ha_available *a = &e->available[topic];
	struct vd_span body = vd_span_trim(f->body), who = vd_span_cstr(e->device);
	struct vd_json_val v = {0}, inner;
	if (!body.n || !value_of(&a->value, body, &v))
		return;
	/* Bridges that say {"state":"online"} without a template: nothing else it could mean. */
	if (v.raw.n && v.raw.p[0] == '{' && vd_json_find(v.raw, "state", &inner))
		v = inner;
	bool yes = same_text(v.raw, a->yes);
	if (!yes && !same_text(v.raw, a->no))
		return;
	e->down = yes ? e->down & ~(1u << topic) : e->down | 1u << topic;
	struct vd_reading *r =
		vd_reading_add(d, bridge ? vd_span("", 0) : who,
			       bridge ? VD_KIND_BRIDGE_CONNECTIVITY : VD_KIND_DEVICE_CONNECTIVITY,
			       (bridge ? yes : is_online(e, yes)) ? "online" : "offline");
	for (size_t i = 0; r && i + 1 < d->n; i++)
		if (d->readings[i].kind == r->kind &&
		    vd_span_eq(d->readings[i].identity, r->identity)) {
			d->n--; /* told for another entity of it */
			return;
		}
}

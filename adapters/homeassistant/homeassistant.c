/* SPDX-License-Identifier: EUPL-1.2 */
/* Home Assistant MQTT discovery: retained config messages say which topic carries which entity's
 * state and how to read it; the configs are remembered. Facts: home-assistant.io mqtt,
 * binary_sensor.mqtt. Of templates only {{ value_json.a.b }} is understood: that is what bridges
 * send. Loop thread. */
#include "adapters/homeassistant/entities.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "base/err.h"

struct ha {
	char prefix[64];
	const struct vd_tables *tables;
	struct ha_entities entities;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct ha *h = state;
	(void)config;
	vd_span_copy(h->prefix, sizeof(h->prefix),
		     prefix.n ? prefix : VD_SPAN_LIT("homeassistant"));
	h->tables = tables;
	return 0;
}

static void fini(void *state)
{
	ha_entities_free(&((struct ha *)state)->entities);
}

/* <prefix>/<component>/[<node>/]<object>/config */
static bool config_topic(const struct ha *h, struct vd_span topic, struct vd_span *ret_component,
			 struct vd_span *ret_object)
{
	size_t n = strlen(h->prefix);
	struct vd_span rest = vd_span_skip(topic, n + 1), part, last = vd_span("", 0),
		       before = last;
	if (topic.n <= n || !vd_span_starts(topic, vd_span_cstr(h->prefix)) || topic.p[n] != '/' ||
	    !vd_span_next(&rest, '/', ret_component))
		return false;
	while (vd_span_next(&rest, '/', &part)) {
		before = last;
		last = part;
	}
	*ret_object = before;
	return vd_span_is(last, "config") && before.n;
}

/* What the installer reads: the device class, or the component when there is none. */
static void discovered(struct vd_decoded *d, const struct ha_entity *e)
{
	struct vd_reading *r =
		vd_reading_add(d, vd_span_cstr(e->device), VD_KIND_DEVICE_ONBOARDING, "discovered");
	const char *feature = e->class[0] ? e->class : e->component;
	r->flags |= VD_F_EDGE;
	/* The class is a peer's text: into the journal's JSON only as one of its plain words. */
	if (strspn(feature, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(feature))
		snprintf(r->attrs, sizeof(r->attrs), "\"feature\":\"%s\"", feature);
	d->heard[d->n_heard++] = (struct vd_heard){.identity = vd_span_cstr(e->device),
						   .name = vd_span_cstr(e->device_name),
						   .vendor = vd_span_cstr(e->vendor),
						   .model = vd_span_cstr(e->model)};
}

static int config(struct ha *h, const struct vd_frame *f, struct vd_span component,
		  struct vd_span object, struct vd_decoded *d)
{
	if (!vd_span_trim(f->body).n) {
		const struct ha_entity *e = ha_entities_by_config(&h->entities, f->topic);
		struct vd_span who = object;
		if (e) {
			if (vd_scratch_ready(d, 128))
				return VD_ENOMEM;
			vd_buf_add_cstr(&d->scratch, e->device);
			who = vd_span(d->scratch.p, strlen(e->device));
			ha_entities_remove(&h->entities, f->topic);
		}
		vd_reading_add(d, who, VD_KIND_DEVICE_LEFT, "removed")->flags |= VD_F_EDGE;
		d->forget = true;
		return 0;
	}
	const struct ha_entity *e;
	int err = ha_entities_read(&h->entities, f->topic, component, object, f->body, d, &e);
	if (err)
		return err;
	d->remember = true;
	discovered(d, e);
	return 0;
}

/* The entity's value out of the payload: by template, else the payload itself. */
static bool value_of(const struct ha_entity *e, struct vd_span body, struct vd_json_val *ret)
{
	struct vd_span text = vd_span_trim(body);
	if (e->path[0])
		return vd_json_find(text, e->path, ret);
	*ret = (struct vd_json_val){.type = VD_JSON_STRING, .raw = text};
	return text.n > 0 && text.n < 64;
}

static void read_binary(const struct ha *h, const struct ha_entity *e, struct vd_field_of *who,
			struct vd_json_val v, struct vd_decoded *d)
{
	char key[64];
	bool on = vd_span_is(v.raw, e->payload_on), off = vd_span_is(v.raw, e->payload_off);
	snprintf(key, sizeof(key), "%s.%s", e->component, e->class);
	if (on || off)
		(void)vd_table_word(h->tables, who, vd_span_cstr(key),
				    on ? VD_SPAN_LIT("on") : VD_SPAN_LIT("off"), d);
}

static void read_state(const struct ha *h, const struct ha_entity *e, const struct vd_frame *f,
		       struct vd_decoded *d)
{
	struct vd_json_val v = {0};
	struct vd_field_of who = {.platform = "homeassistant",
				  .vendor = vd_span_cstr(e->vendor),
				  .model = vd_span_cstr(e->model),
				  .identity = vd_span_cstr(e->device)};
	char key[64];
	d->alive = who.identity;
	if (!value_of(e, f->body, &v))
		return;
	snprintf(key, sizeof(key), "%s.%s", e->component, e->class);
	if (strcmp(e->component, "binary_sensor") == 0)
		read_binary(h, e, &who, v, d);
	else if (vd_table_read(h->tables, &who, vd_span_cstr(key), &v, d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, vd_span_cstr(key));
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct ha *h = state;
	struct vd_span component, object;
	if (config_topic(h, f->topic, &component, &object))
		return config(h, f, component, object, d);
	for (size_t i = 0; i < h->entities.n; i++) {
		const struct ha_entity *e = &h->entities.list[i];
		if (vd_span_is(f->topic, e->state_topic))
			read_state(h, e, f, d);
		else if (vd_span_is(f->topic, e->availability_topic) && vd_span_trim(f->body).n) {
			bool online = vd_span_is(vd_span_trim(f->body), "online");
			if (online || vd_span_is(vd_span_trim(f->body), "offline"))
				vd_reading_add(d, vd_span_cstr(e->device),
					       VD_KIND_DEVICE_CONNECTIVITY,
					       online ? "online" : "offline");
		}
		if (d->n >= VD_MAX_EVENTS_FRAME - 1)
			break;
	}
	vd_table_settle(d);
	return 0;
}

const struct vd_adapter vd_adapter_homeassistant = {
	.family = "homeassistant",
	.title = "Home Assistant MQTT discovery",
	.state_size = sizeof(struct ha),
	.init = init,
	.fini = fini,
	.decode = decode,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Home Assistant MQTT discovery: retained config messages say which topic carries which entity's
 * state and how to read it; the configs are remembered. Facts: home-assistant.io mqtt,
 * binary_sensor.mqtt, event.mqtt, device_trigger.mqtt. Loop thread. */
#include "adapters/homeassistant/states.h"
#include "base/err.h"

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
	if (!r)
		return;
	r->flags |= VD_F_EDGE;
	/* The class is a peer's text: into the journal's JSON only as one of its plain words. */
	if (strspn(feature, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(feature))
		snprintf(r->attrs, sizeof(r->attrs), "\"feature\":\"%s\"", feature);
	if (d->n_heard)
		return; /* parts of one device */
	d->heard[d->n_heard++] = (struct vd_heard){.identity = vd_span_cstr(e->device),
						   .name = vd_span_cstr(e->device_name),
						   .vendor = vd_span_cstr(e->vendor),
						   .model = vd_span_cstr(e->model)};
}

static int removed(struct ha *h, const struct vd_frame *f, struct vd_span object,
		   struct vd_decoded *d)
{
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

static int config(struct ha *h, const struct vd_frame *f, struct vd_span component,
		  struct vd_span object, struct vd_decoded *d)
{
	size_t n = 0;
	if (!vd_span_trim(f->body).n)
		return removed(h, f, object, d);
	int err = ha_entities_read(&h->entities, f->topic, component, object, f->body, d, &n);
	if (err)
		return err;
	d->remember = true;
	for (size_t i = h->entities.n - n; i < h->entities.n; i++)
		discovered(d, &h->entities.list[i]);
	return 0;
}

/* Half an object is refused on every topic somebody has announced. */
static int whole(const struct vd_frame *f, struct vd_decoded *d)
{
	struct vd_span body = vd_span_trim(f->body);
	struct vd_json j;
	vd_json_init(&j, body);
	if (!body.n || body.p[0] != '{' || (vd_json_skip(&j) && vd_json_finish(&j) == 0))
		return 0;
	return vd_bad_json(d, &j, "the state's object");
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct ha *h = state;
	struct vd_span component, object;
	if (config_topic(h, f->topic, &component, &object))
		return config(h, f, component, object, d);
	bool looked = false, asked = false, bridge = false;
	for (size_t i = 0; i < h->entities.n && d->n < VD_MAX_EVENTS_FRAME - 1; i++) {
		struct ha_entity *e = &h->entities.list[i];
		bool own = vd_span_is(f->topic, e->state_topic);
		int topic = ha_available_topic(e, f->topic);
		if (!own && topic < 0)
			continue;
		int err = looked ? 0 : whole(f, d);
		if (err)
			return err;
		looked = true;
		if (own)
			ha_state(h, e, f, d);
		if (topic < 0)
			continue;
		if (!asked)
			bridge = ha_is_the_bridges(h, e, f->topic);
		asked = true;
		ha_availability(e, (unsigned)topic, bridge, f, d);
	}
	ha_unmatched_trigger(h, f, d);
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
	.commands = ha_commands,
	.command = ha_command,
};

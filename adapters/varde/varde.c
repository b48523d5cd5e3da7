/* SPDX-License-Identifier: EUPL-1.2 */
/* varde's own JSON event (schema/event-in.schema.json): what an integrator sends whose platform has
 * no adapter. One object or an array of them, over MQTT or webhook. Loop thread. */
#include "adapters/common/downlink.h"
#include "adapters/common/reading.h"
#include "adapters/common/words.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"

struct own {
	char *config; /* owned; NULL = none */
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	(void)prefix;
	(void)tables;
	return vd_down_keep(&((struct own *)state)->config, config);
}

static int configure(void *state, struct vd_span config)
{
	return vd_down_keep_new(&((struct own *)state)->config, config);
}

static void fini(void *state)
{
	vd_free(((struct own *)state)->config);
}

struct one {
	struct vd_span device, id;
	struct vd_reading r;
	bool has_kind, has_state, has_place;
};

static int wrong(struct vd_decoded *d, const char *what)
{
	snprintf(d->error, sizeof(d->error), "%s", what);
	return VD_EINVAL;
}

static int copy_word(struct vd_decoded *d, char *dst, size_t cap, const struct vd_json_val *v,
		     const char *what)
{
	if (v->type != VD_JSON_STRING || v->raw.n >= cap || v->escaped)
		return wrong(d, what);
	vd_span_copy(dst, cap, v->raw);
	return 0;
}

static int take_flags(struct one *o, struct vd_span key, const struct vd_json_val *v)
{
	static const struct {
		const char *name;
		unsigned bit;
	} flags[] = {{"test", VD_F_TEST},
		     {"simulated", VD_F_SIMULATED},
		     {"replay", VD_F_REPLAY},
		     {"alert", VD_F_ALERT | VD_F_EDGE}};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (vd_span_is(key, flags[i].name)) {
			o->r.flags |= v->type == VD_JSON_TRUE ? flags[i].bit : 0;
			return 1;
		}
	return 0;
}

/* Times: RFC 3339 with a zone, or UTC milliseconds. */
static int take_time(struct vd_decoded *d, struct one *o, const struct vd_json_val *v)
{
	if (!vd_whole(v, 1, VD_TIME_MAX_MS, &o->r.t_ms))
		o->r.t_ms = vd_time_of(v);
	o->r.t_src = VD_T_DEVICE;
	return o->r.t_ms > 0 ? 0
			     : wrong(d, "time is RFC 3339 (2026-03-01T05:12:08Z) or milliseconds");
}

static int take(struct vd_decoded *d, struct one *o, struct vd_span key,
		const struct vd_json_val *v)
{
	if (vd_span_is(key, "device")) {
		if (o->device.n)
			return wrong(d, "device is told twice");
		o->device = vd_keep(d, v);
		return o->device.n && o->device.n < 96
			       ? 0
			       : wrong(d, "device is a name of 1 to 95 bytes");
	}
	if (vd_span_is(key, "id")) {
		o->id = v->raw;
		return v->type == VD_JSON_STRING && v->raw.n && v->raw.n <= 128
			       ? 0
			       : wrong(d, "id is a string of 1 to 128 bytes, new for every event");
	}
	if (vd_span_is(key, "kind")) {
		if (o->has_kind)
			return wrong(d, "kind is told twice");
		o->r.kind = vd_kind_parse(v->raw);
		o->has_kind = o->r.kind != VD_KIND_NONE;
		return o->has_kind ? 0 : wrong(d, "kind is not one of docs/vocabulary.md");
	}
	if (vd_span_is(key, "state")) {
		if (o->has_state)
			return wrong(d, "state is told twice");
		o->has_state = true;
		return copy_word(d, o->r.state, sizeof(o->r.state), v,
				 "state is a word of the kind");
	}
	if (vd_span_is(key, "value")) {
		o->r.value = v->num;
		o->r.has_value = true;
		return v->type == VD_JSON_NUMBER ? 0 : wrong(d, "value is a number");
	}
	if (vd_span_is(key, "unit"))
		return copy_word(d, o->r.unit, sizeof(o->r.unit), v,
				 "unit is UCUM, at most 11 bytes");
	if (vd_span_is(key, "zone"))
		return copy_word(d, o->r.zone, sizeof(o->r.zone), v, "zone is at most 15 bytes");
	if (vd_span_is(key, "time"))
		return take_time(d, o, v);
	if (vd_span_is(key, "seq"))
		return vd_whole(v, 0, VD_WHOLE_MAX, &o->r.seq) ? 0
							       : wrong(d, "seq is a whole number");
	if (vd_span_is(key, "episode"))
		return vd_whole(v, 0, VD_WHOLE_MAX, &o->r.episode)
			       ? 0
			       : wrong(d, "episode is a whole number");
	if (vd_span_is(key, "attrs") && v->type == VD_JSON_OBJECT) {
		struct vd_json_val place;
		o->has_place =
			vd_json_find(v->raw, "lat", &place) && vd_json_find(v->raw, "lon", &place);
		return vd_span_copy(o->r.attrs, sizeof(o->r.attrs),
				    vd_span(v->raw.p + 1, v->raw.n - 2))
			       ? 0
			       : wrong(d, "attrs is at most 255 bytes");
	}
	if (!take_flags(o, key, v))
		vd_unknown_field(d, key);
	return 0;
}

/* Happenings rather than states: every one counts. */
static bool is_happening(const struct vd_reading *r)
{
	return r->kind == VD_KIND_SOS || r->kind == VD_KIND_BUTTON ||
	       r->kind == VD_KIND_MEDICATION || r->kind == VD_KIND_SUPERVISION ||
	       r->kind == VD_KIND_LOCATION;
}

/* A kind that says something by itself: alive, restarted, and where, by its attributes. */
static bool says_enough(const struct one *o)
{
	return o->has_state || o->r.has_value || o->r.kind == VD_KIND_DEVICE_HEARTBEAT ||
	       o->r.kind == VD_KIND_DEVICE_RESTART ||
	       (o->r.kind == VD_KIND_LOCATION && o->has_place);
}

static int read_one(struct vd_json *j, struct vd_decoded *d, uint64_t *key_hash, bool *all_have_ids)
{
	struct one o = {.r = {.seq = -1}};
	struct vd_span key;
	int err = 0;
	if (!vd_json_enter_object(j))
		return vd_bad_json(d, j, "an event object");
	while (!err && vd_json_next_key(j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(j, &v))
			break;
		err = take(d, &o, key, &v);
	}
	if (err || j->err)
		return err ? err : vd_bad_json(d, j, "an event object");
	if (!o.device.n || !o.has_kind || !says_enough(&o))
		return wrong(d, "device, kind and a state or value are needed");
	if (!vd_kind_takes(o.r.kind, vd_span_cstr(o.r.state)))
		return wrong(d, "this kind has no such state, or only the hub makes it: "
				"docs/vocabulary.md");
	if (d->n == VD_MAX_EVENTS_FRAME)
		return wrong(d, "at most 64 events in one message");
	o.r.identity = o.device;
	if (is_happening(&o.r))
		o.r.flags |= VD_F_EDGE;
	d->readings[d->n++] = o.r;
	d->alive = o.device;
	*all_have_ids &= o.id.n > 0;
	*key_hash = vd_hash64(o.id, *key_hash + vd_hash64(o.device, 0)) | 1;
	return 0;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct vd_json j;
	uint64_t key = 0;
	bool all_have_ids = true; /* one event without an id: the message may be a new one */
	(void)state;
	int err = vd_scratch_ready(d, f->body.n);
	if (err)
		return err;
	vd_json_init(&j, f->body);
	if (vd_json_peek(&j) == VD_JSON_ARRAY) {
		(void)vd_json_enter_array(&j);
		while (!err && vd_json_next_elem(&j))
			err = read_one(&j, d, &key, &all_have_ids);
	} else {
		err = read_one(&j, d, &key, &all_have_ids);
	}
	if (!err && vd_json_finish(&j))
		err = vd_bad_json(d, &j, "an event object or an array of them");
	if (err) {
		d->n = 0;
		return err;
	}
	d->dedup = all_have_ids ? key : 0;
	return 0;
}

/* -- commands: schema/command.schema.json --------------------------------------------------- */

static unsigned commands(const void *state, const struct vd_target *who)
{
	return vd_down_verbs(((const struct own *)state)->config, who->identity);
}

/* Never who asked or why: that is nobody's business outside. */
static int command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	const struct own *o = state;
	struct vd_jw w;
	if (!(commands(state, who) & VD_CMD_BIT(c->verb)))
		return VD_EINVAL;
	vd_jw_init(&w, &ret->body);
	vd_jw_obj(&w);
	vd_jw_kv_str(&w, "id", c->id);
	vd_jw_key(&w, "device");
	vd_jw_str(&w, who->identity);
	vd_jw_kv_str(&w, "command", vd_verb_name(c->verb));
	if (c->verb == VD_CMD_INTERVAL)
		vd_jw_kv_int(&w, "minutes", c->minutes);
	vd_jw_kv_time(&w, "asked", c->created_ms);
	vd_jw_kv_time(&w, "expires", c->expires_ms);
	vd_jw_end_obj(&w);
	if (vd_down_http(o->config)) {
		ret->carrier = VD_CARRIER_HTTP; /* the configured address itself */
		return 0;
	}
	return vd_down_topic(ret, "varde/command/%.*s", (int)who->gateway.n, who->gateway.p);
}

const struct vd_adapter vd_adapter_varde = {
	.family = "varde",
	.title = "varde's own JSON events",
	.state_size = sizeof(struct own),
	.init = init,
	.fini = fini,
	.configure = configure,
	.decode = decode,
	.commands = commands,
	.command = command,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Shelly devices over MQTT, both generations: each speaks for itself. Facts:
 * shelly-api-docs.shelly.cloud/gen1 (MQTT of each device) and /gen2 (MQTT, Notifications). A device
 * is its topic. Loop thread. */
#include "adapters/shelly/shelly.h"
#include "adapters/common/flat.h"
#include "adapters/common/topic.h"
#include "base/err.h"
#include "base/map.h"

#define AGAIN_MS (10 * 60000ll) /* a busy hub is asked again well within it */

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct shelly *s = state;
	(void)config;
	vd_span_copy(s->prefix, sizeof(s->prefix), prefix);
	s->tables = tables;
	return 0;
}

/* -- devices -------------------------------------------------------------------------------- */

struct vd_span shelly_model(struct vd_span identity)
{
	struct vd_span name = vd_topic_last(&identity);
	const char *cut = name.n ? memchr(name.p, '-', name.n) : NULL;
	bool theirs = cut && vd_span_starts(name, VD_SPAN_LIT("shelly"));
	return theirs ? vd_span(name.p, (size_t)(cut - name.p)) : vd_span("", 0);
}

struct shelly_device *shelly_device(struct shelly *s, struct vd_span identity)
{
	uint64_t key = vd_hash64(identity, 0) | 1;
	for (size_t i = 0; i < SHELLY_DEVICES; i++)
		if (s->devices[i].key == key)
			return &s->devices[i];
	struct shelly_device *fresh = &s->devices[s->next_device++ % SHELLY_DEVICES];
	*fresh = (struct shelly_device){.key = key};
	vd_span_copy(fresh->model, sizeof(fresh->model), shelly_model(identity));
	return fresh;
}

struct vd_field_of shelly_field_of(struct shelly *s, struct vd_span identity)
{
	return (struct vd_field_of){.platform = VD_SPAN_LIT("shelly"),
				    .vendor = VD_SPAN_LIT("Shelly"),
				    .model = vd_span_cstr(shelly_device(s, identity)->model),
				    .identity = identity};
}

static int online(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		  struct vd_decoded *d)
{
	struct vd_span body = vd_span_trim(f->body);
	struct vd_field_of of = shelly_field_of(s, who);
	struct vd_json_val v;
	if (!body.n)
		return 0;
	int err = vd_bare_value(d, body, "online", &v);
	if (err)
		return err;
	if (v.type != VD_JSON_TRUE && v.type != VD_JSON_FALSE)
		return snprintf(d->error, sizeof(d->error), "online is true or false, not this"),
		       VD_EPARSE;
	bool away = v.type == VD_JSON_FALSE;
	if (away && shelly_device(s, who)->sleeps)
		(void)vd_reading_add(d, who, VD_KIND_DEVICE_CONNECTIVITY, "asleep");
	else if (vd_table_read(s->tables, &of, VD_SPAN_LIT("online"), &v, d) == VD_FIELD_UNKNOWN)
		(void)vd_reading_add(d, who, VD_KIND_DEVICE_CONNECTIVITY,
				     away ? "offline" : "online");
	return 0;
}

/* {"id","model","mac","fw_ver",...}, on the device's topic or on one for all. */
static int announce(const struct vd_frame *f, struct vd_span who, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v, id = {0}, mac = {0};
	if (!vd_span_trim(f->body).n)
		return 0;
	vd_json_init(&j, f->body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "an announcement");
	while (vd_json_next_key(&j, &key)) {
		if (!vd_json_value(&j, &v) || v.type != VD_JSON_STRING || v.escaped)
			continue;
		if (vd_span_is(key, "id"))
			id = v;
		else if (vd_span_is(key, "mac"))
			mac = v;
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "an announcement");
	struct vd_span name = id.raw.n ? id.raw : who;
	if (!who.n)
		who = id.raw;
	if (!who.n)
		return 0;
	d->heard[d->n_heard++] = (struct vd_heard){.identity = who,
						   .name = name,
						   .vendor = VD_SPAN_LIT("Shelly"),
						   .model = shelly_model(name),
						   .serial = mac.raw};
	return 0;
}

/* -- first generation ----------------------------------------------------------------------- */

struct walk {
	struct shelly *s;
	struct vd_field_of who;
	struct vd_decoded *d;
	bool counts; /* unknown fields are told */
	int64_t t_ms;
};

static void leaf(void *arg, struct vd_span path, const struct vd_json_val *v)
{
	struct walk *w = arg;
	if (vd_span_is(path, "status.timestamp") && v->type == VD_JSON_NUMBER)
		w->t_ms = shelly_time(v->num);
	else if (vd_table_read(w->s->tables, &w->who, path, v, w->d) == VD_FIELD_UNKNOWN &&
		 w->counts)
		vd_unknown_field(w->d, path);
}

static void stamp(struct vd_decoded *d, size_t from, int64_t t_ms)
{
	for (size_t i = from; t_ms && i < d->n; i++) {
		d->readings[i].t_ms = t_ms;
		d->readings[i].t_src = VD_T_DEVICE;
	}
}

/* <id>/status of a motion sensor or a valve; <id>/info, of which only what the table names. */
static int gen1_object(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		       struct vd_span name, struct vd_decoded *d)
{
	static const struct vd_flat flat = {.leaf = leaf};
	struct walk w = {.s = s,
			 .who = shelly_field_of(s, who),
			 .d = d,
			 .counts = vd_span_is(name, "status")};
	struct vd_json j;
	if (!vd_span_trim(f->body).n)
		return 0;
	vd_json_init(&j, f->body);
	if (vd_json_peek(&j) != VD_JSON_OBJECT || !vd_flat_walk(&j, name, &flat, &w) ||
	    vd_json_finish(&j))
		return vd_bad_json(d, &j, "an object of states");
	stamp(d, 0, w.t_ms);
	vd_table_settle(d);
	d->alive = who;
	return 0;
}

/* A press counts once, however often it is told: battery buttons retain their last one and tell it
 * at every connection. The counter says which is which; it begins again when the device restarts,
 * so a smaller one is new too. What is told again soon may be sent again because the hub was busy:
 * then the hub knows by the key whether it has the press. */
enum press { PRESS_OLD, PRESS_AGAIN, PRESS_NEW, PRESS_FIRST };

static enum press judge_press(struct shelly *s, const struct vd_frame *f, int64_t count,
			      int64_t *ret_since_ms)
{
	uint64_t topic = vd_hash64(f->topic, 0) | 1;
	int64_t now = f->received_at_ms;
	size_t i = 0;
	while (i < SHELLY_COUNTERS && s->counters[i].topic != topic)
		i++;
	bool known = i < SHELLY_COUNTERS;
	bool same = known && s->counters[i].count == count;
	int64_t ago = same ? now - s->counters[i].since_ms : 0;
	if (same && ago == 0)
		return *ret_since_ms = now, s->counters[i].first ? PRESS_FIRST : PRESS_NEW;
	if (same && (f->retained || f->dup)) {
		*ret_since_ms = s->counters[i].since_ms;
		return ago > 0 && ago < AGAIN_MS && !s->counters[i].recalled ? PRESS_AGAIN
									     : PRESS_OLD;
	}
	if (!known)
		i = s->next_counter++ % SHELLY_COUNTERS;
	s->counters[i].topic = topic;
	s->counters[i].count = count;
	s->counters[i].since_ms = *ret_since_ms = now;
	s->counters[i].recalled = f->recall;
	s->counters[i].first = !known;
	return known ? PRESS_NEW : PRESS_FIRST;
}

static void pressed(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		    const struct vd_json_val *event, struct vd_decoded *d)
{
	struct vd_field_of of = shelly_field_of(s, who);
	if (vd_table_read(s->tables, &of, VD_SPAN_LIT("press"), event, d) == VD_FIELD_UNKNOWN)
		(void)vd_press_add(d, who, event->raw);
	if (d->n) /* so that the older topic does not tell it again */
		(void)vd_press_echo(&s->presses, who, vd_span_cstr(d->readings[0].state), f->topic,
				    f->received_at_ms);
}

static int input_event(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		       struct vd_span channel, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v, event = {0};
	int64_t count = -1;
	d->alive = who;
	if (!vd_span_trim(f->body).n)
		return 0;
	vd_json_init(&j, f->body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "an input's event");
	while (vd_json_next_key(&j, &key)) {
		if (!vd_json_value(&j, &v))
			break;
		if (vd_span_is(key, "event"))
			event = v;
		else if (vd_span_is(key, "event_cnt"))
			(void)vd_whole(&v, 0, VD_WHOLE_MAX, &count);
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "an input's event");
	if (vd_unknown_value(&event) || event.type != VD_JSON_STRING)
		return 0; /* {"event":"","event_cnt":0} after a start */
	int64_t since_ms = 0;
	enum press p = count < 0 ? PRESS_NEW : judge_press(s, f, count, &since_ms);
	if (p == PRESS_OLD || f->recall)
		return 0;
	d->remember = count >= 0;
	pressed(s, f, who, &event, d);
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		r->seq = count;
		if (!vd_span_is(channel, "0"))
			vd_span_copy(r->zone, sizeof(r->zone), channel);
		if (f->retained && since_ms && p != PRESS_FIRST) { /* news all the same */
			r->t_ms = f->received_at_ms;
			r->t_src = VD_T_HUB;
		}
	}
	if (since_ms) {
		d->dedup_device = who;
		d->dedup = vd_hash64(event.raw,
				     vd_hash64(f->topic, (uint64_t)count) ^ (uint64_t)since_ms) |
			   1;
	}
	return 0;
}

/* longpush/0: the older form of a press, told beside the other by most. */
static int longpush(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		    struct vd_span channel, struct vd_decoded *d)
{
	struct vd_span word = vd_span_trim(f->body);
	const char *state = vd_span_is(word, "1") ? "hold" : "single";
	d->alive = who;
	if ((!vd_span_is(word, "1") && !vd_span_is(word, "0")) ||
	    vd_press_echo(&s->presses, who, vd_span_cstr(state), f->topic, f->received_at_ms))
		return 0;
	struct vd_reading *r =
		vd_press_add(d, who, state[0] == 'h' ? VD_SPAN_LIT("long") : VD_SPAN_LIT("short"));
	if (r && !vd_span_is(channel, "0"))
		vd_span_copy(r->zone, sizeof(r->zone), channel);
	return 0;
}

static int gen1_value(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		      struct vd_span key, struct vd_decoded *d)
{
	struct vd_field_of of = shelly_field_of(s, who);
	struct vd_json_val v;
	if (!vd_span_trim(f->body).n)
		return 0;
	int err = vd_bare_value(d, f->body, "a value", &v);
	if (err)
		return err;
	if (vd_table_read(s->tables, &of, key, &v, d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, key);
	d->alive = who;
	return 0;
}

/* -- topics --------------------------------------------------------------------------------- */

/* Where the device's name ends: at the first of these parts. */
static bool is_marker(struct vd_span part)
{
	static const char *const markers[] = {"online",
					      "announce",
					      "info",
					      "status",
					      "events",
					      "rpc",
					      "command",
					      "sensor",
					      "input",
					      "input_event",
					      "longpush",
					      "relay",
					      "roller",
					      "light",
					      "color",
					      "white",
					      "emeter",
					      "ext_switch",
					      "settings",
					      "debug",
					      "ext_humidity",
					      "ext_temperature",
					      "ext_temperatures",
					      "ext_humidities",
					      "temperature",
					      "temperature_f",
					      "temperature_status",
					      "overtemperature",
					      "voltage",
					      "thermostat",
					      "valve",
					      "adc",
					      "self_test"};
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++)
		if (vd_span_is(part, markers[i]))
			return true;
	return false;
}

/* "stue/shellyht-1/sensor/battery" -> "stue/shellyht-1", "sensor/battery". */
static bool split(const struct shelly *s, struct vd_span rest, struct vd_span *ret_who,
		  struct vd_span *ret_what)
{
	struct vd_span left = rest;
	while (left.n) {
		struct vd_span at = left, part = vd_topic_first(&left);
		if (!is_marker(part))
			continue;
		size_t n = (size_t)(at.p - rest.p);
		*ret_what = at;
		*ret_who = n ? vd_span(rest.p, n - 1) : vd_span_cstr(s->prefix);
		return true;
	}
	return false;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct shelly *s = state;
	struct vd_span rest, who, what, more;
	if (!vd_topic_under(s->prefix, f->topic, &rest))
		return 0;
	if (vd_span_starts(rest, VD_SPAN_LIT("shellies/")))
		rest = vd_span_skip(rest, 9);
	if (!split(s, rest, &who, &what))
		return 0; /* not a topic of theirs */
	if (vd_span_is(what, "announce"))
		return announce(f, who, d);
	more = what;
	struct vd_span head = vd_topic_first(&more);
	if (!who.n || vd_span_is(head, "command") || vd_span_is(head, "rpc"))
		return 0; /* what others say to it */
	if (vd_span_is(what, "online"))
		return online(s, f, who, d);
	bool rpc = vd_span_is(what, "events/rpc");
	if (rpc || (vd_span_is(head, "status") && more.n)) {
		int err = rpc ? shelly_rpc(s, f, who, d) : shelly_component(s, f, who, more, d);
		size_t n = (size_t)(what.p - f->topic.p);
		if (!err && n)
			d->remember = shelly_learn(s, who, vd_span(f->topic.p, n - 1));
		return err;
	}
	if (vd_span_is(what, "status") || vd_span_is(what, "info"))
		return gen1_object(s, f, who, what, d);
	if (vd_span_is(head, "input_event"))
		return input_event(s, f, who, more, d);
	if (vd_span_is(head, "longpush"))
		return longpush(s, f, who, more, d);
	return gen1_value(s, f, who, what, d);
}

const struct vd_adapter vd_adapter_shelly = {
	.family = "shelly",
	.title = "Shelly",
	.state_size = sizeof(struct shelly),
	.init = init,
	.decode = decode,
	.commands = shelly_commands,
	.command = shelly_command,
};

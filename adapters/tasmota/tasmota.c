/* SPDX-License-Identifier: EUPL-1.2 */
/* Tasmota over MQTT: last wills, sensors, presses, Zigbee bridges. Facts: tasmota.github.io/docs,
 * MQTT, Buttons-and-Switches, Zigbee (github.com/tasmota/docs). A device is its topic, a Zigbee
 * device its bridge's topic and its name. Loop thread. */
#include "adapters/tasmota/tasmota.h"
#include "adapters/common/flat.h"
#include "adapters/common/topic.h"
#include "base/clock.h"
#include "base/err.h"

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct tasmota *t = state;
	(void)config;
	vd_span_copy(t->prefix, sizeof(t->prefix), prefix);
	t->tables = tables;
	return 0;
}

static void fini(void *state)
{
	vd_known_fini(&((struct tasmota *)state)->known);
}

/* -- topics --------------------------------------------------------------------------------- */

struct topic {
	struct vd_span path; /* the device: all but prefix, tele or stat, and the last part */
	struct vd_span last;
	bool told; /* tele: at times; stat: at once, as the answer to something */
};

static bool is_class(struct vd_span part)
{
	return vd_span_is(part, "tele") || vd_span_is(part, "stat");
}

/* A prefix that is itself tele or stat is no part of a name. */
static struct vd_span without_prefix(const struct tasmota *t, struct vd_span topic)
{
	struct vd_span prefix = vd_span_cstr(t->prefix), rest;
	if (is_class(vd_topic_last(&prefix)))
		return topic;
	return vd_topic_under(t->prefix, topic, &rest) ? rest : vd_span("", 0);
}

/* %prefix%/%topic%/X, and the orders a full topic may have besides: %topic%/%prefix%/X,
 * house/%prefix%/%topic%/X. */
static bool split(const struct tasmota *t, struct vd_span whole, struct vd_decoded *d,
		  struct topic *ret)
{
	struct vd_span rest = without_prefix(t, whole), left = rest;
	ret->last = vd_topic_last(&rest);
	left = rest;
	while (left.n) {
		struct vd_span at = left, part = vd_topic_first(&left);
		if (!is_class(part))
			continue;
		size_t n = (size_t)(at.p - rest.p);
		ret->told = vd_span_is(part, "tele");
		ret->path = tasmota_join(d, vd_span(rest.p, n ? n - 1 : 0), left);
		return ret->path.n && ret->last.n;
	}
	return false;
}

/* -- a message of the device itself --------------------------------------------------------- */

struct message {
	struct tasmota *t;
	const struct topic *topic;
	struct vd_field_of who;
	struct vd_decoded *d;
	bool fahrenheit, counts;
	int64_t t_ms;
	int err;
};

static bool starts(struct vd_span s, const char *head)
{
	return vd_span_starts(s, vd_span_cstr(head));
}

/* A word of a button or a wired switch that no row knows is a press. */
static bool is_action(struct vd_span path)
{
	static const char tail[] = ".Action";
	size_t n = sizeof(tail) - 1;
	return path.n > n && memcmp(path.p + path.n - n, tail, n) == 0 &&
	       (starts(path, "Button") || starts(path, "Switch"));
}

static void press(struct message *m, struct vd_span path, struct vd_span word)
{
	struct vd_reading *r = vd_press_add(m->d, m->who.identity, word);
	size_t at = 6; /* Button, Switch */
	while (r && at < path.n && path.p[at] >= '0' && path.p[at] <= '9')
		at++;
	if (r && at > 6)
		vd_span_copy(r->zone, sizeof(r->zone), vd_span(path.p + 6, at - 6));
}

/* By the sensor's own row, else by what it measures; several sensors of one device are told apart
 * by their names. */
static void leaf(void *arg, struct vd_span path, const struct vd_json_val *v)
{
	struct message *m = arg;
	const char *dot = path.n ? memchr(path.p, '.', path.n) : NULL;
	char key[VD_FLAT_PATH + 8];
	size_t n = m->d->n;
	enum vd_field f = vd_table_read(m->t->tables, &m->who, path, v, m->d);
	if (f == VD_FIELD_UNKNOWN && is_action(path) && v->type == VD_JSON_STRING && v->raw.n) {
		press(m, path, v->raw);
		return;
	}
	if (f == VD_FIELD_UNKNOWN && dot) {
		struct vd_span name = vd_span(path.p, (size_t)(dot - path.p));
		struct vd_span what = vd_span_skip(path, name.n + 1);
		snprintf(key, sizeof(key), "sensor.%.*s", (int)what.n, what.p);
		f = vd_table_read(m->t->tables, &m->who, vd_span_cstr(key), v, m->d);
		for (size_t i = n; i < m->d->n; i++)
			if (!m->d->readings[i].zone[0])
				vd_span_copy(m->d->readings[i].zone, sizeof(m->d->readings[i].zone),
					     name);
	}
	if (f == VD_FIELD_UNKNOWN && m->counts)
		vd_unknown_field(m->d, path);
}

static bool enter(void *arg, struct vd_span path)
{
	struct message *m = arg;
	struct vd_span word = VD_SPAN_LIT("object");
	return vd_table_word(m->t->tables, &m->who, path, word, m->d) != VD_FIELD_IGNORED;
}

/* Local time without a zone is no time: whose local is it? */
static void time_told(struct message *m, const struct vd_json_val *v)
{
	bool zoned = false;
	int64_t ms;
	if (v->type == VD_JSON_STRING && vd_iso_parse(v->raw, &ms, &zoned) == 0 && zoned)
		m->t_ms = ms;
}

static void member(struct message *m, struct vd_json *j, struct vd_span key)
{
	static const struct vd_flat flat = {.enter = enter, .leaf = leaf};
	struct vd_json_val v;
	bool zigbee = starts(key, "Zb");
	if (!zigbee && !vd_span_is(key, "Time") && !vd_span_is(key, "TempUnit")) {
		(void)vd_flat_walk(j, key, &flat, m);
		return;
	}
	if (!vd_json_value(j, &v))
		return;
	if (vd_span_is(key, "Time"))
		time_told(m, &v);
	else if (vd_span_is(key, "TempUnit"))
		m->fahrenheit = vd_span_is(v.raw, "F");
	else if (vd_span_is(key, "ZbReceived") && v.type == VD_JSON_OBJECT)
		zb_received(m->t, m->topic->path, v.raw, m->d);
	else if (vd_span_is(key, "ZbState") && v.type == VD_JSON_OBJECT)
		zb_state(m->topic->path, v.raw, m->d);
	else if (starts(key, "ZbInfo") || starts(key, "ZbStatus"))
		m->err = m->err ? m->err : zb_info(m->t, m->topic->path, &v, m->d);
}

/* Whole first: half an object is never half read. */
static int whole(const struct vd_frame *f, struct vd_decoded *d, const char *what)
{
	struct vd_json j;
	vd_json_init(&j, f->body);
	return vd_json_peek(&j) == VD_JSON_OBJECT && vd_json_skip(&j) && !vd_json_finish(&j)
		       ? 0
		       : vd_bad_json(d, &j, what);
}

static int object(struct tasmota *t, const struct vd_frame *f, const struct topic *topic,
		  struct vd_decoded *d)
{
	struct message m = {.t = t,
			    .topic = topic,
			    .d = d,
			    .counts = topic->told,
			    .who = {.platform = VD_SPAN_LIT("tasmota"), .identity = topic->path}};
	struct vd_json j;
	struct vd_span key;
	int err = whole(f, d, "an object of states");
	if (err)
		return err;
	vd_json_init(&j, f->body);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key))
		member(&m, &j, key);
	if (m.err)
		return m.err;
	for (size_t i = 0; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		if (m.t_ms) {
			r->t_ms = m.t_ms;
			r->t_src = VD_T_DEVICE;
		}
		if (m.fahrenheit && r->kind == VD_KIND_MEASURE_TEMPERATURE &&
		    vd_span_eq(r->identity, topic->path))
			r->value = (r->value - 32) * 5 / 9;
	}
	vd_table_settle(d);
	if (!d->alive.n)
		d->alive = topic->path;
	return 0;
}

/* -- the rest ------------------------------------------------------------------------------- */

static int last_will(const struct vd_frame *f, const struct topic *topic, struct vd_decoded *d)
{
	struct vd_span word = vd_span_trim(f->body);
	bool up = vd_same_text(word, "Online");
	if (!word.n)
		return 0;
	if (!up && !vd_same_text(word, "Offline"))
		return snprintf(d->error, sizeof(d->error), "LWT is Online or Offline, not this"),
		       VD_EPARSE;
	(void)vd_reading_add(d, topic->path, VD_KIND_DEVICE_CONNECTIVITY,
			     up ? "online" : "offline");
	return 0;
}

/* BUTTON1, SWITCH2: {"ACTION":"SINGLE"}; older ones only so. */
static int action(struct tasmota *t, const struct vd_frame *f, const struct topic *topic,
		  struct vd_decoded *d)
{
	struct message m = {.t = t,
			    .topic = topic,
			    .d = d,
			    .counts = true,
			    .who = {.platform = VD_SPAN_LIT("tasmota"), .identity = topic->path}};
	struct vd_json_val v = {.type = VD_JSON_STRING};
	char key[24];
	int n = vd_digits(vd_span_skip(topic->last, 6), 99);
	int err = vd_word_of(d, f->body, "ACTION", "a button's action", &v.raw);
	if (err)
		return err;
	if (v.raw.n > VD_BARE_MAX || !vd_span_utf8(v.raw))
		return snprintf(d->error, sizeof(d->error), "a button's action is no short text"),
		       VD_EPARSE;
	snprintf(key, sizeof(key), "%s%d.Action", topic->last.p[0] == 'B' ? "Button" : "Switch",
		 n < 0 ? 1 : n);
	if (v.raw.n)
		leaf(&m, vd_span_cstr(key), &v);
	d->alive = topic->path;
	return 0;
}

/* tasmota/discovery/<mac>/config, retained: who is there. */
static int discovery(const struct vd_frame *f, struct vd_decoded *d)
{
	struct vd_json_val name = {0}, model = {0}, topic = {0}, mac = {0};
	if (!vd_span_trim(f->body).n)
		return 0;
	int err = whole(f, d, "a discovery object");
	if (err)
		return err;
	if (!vd_json_find(f->body, "t", &topic) || topic.type != VD_JSON_STRING || topic.escaped ||
	    !topic.raw.n)
		return 0;
	(void)vd_json_find(f->body, "dn", &name);
	(void)vd_json_find(f->body, "md", &model);
	(void)vd_json_find(f->body, "mac", &mac);
	d->heard[d->n_heard++] = (struct vd_heard){.identity = topic.raw,
						   .name = vd_keep(d, &name),
						   .vendor = VD_SPAN_LIT("Tasmota"),
						   .model = vd_keep(d, &model),
						   .serial = vd_keep(d, &mac)};
	return 0;
}

static bool is_discovery(struct vd_span topic)
{
	struct vd_span last = vd_topic_last(&topic);
	(void)vd_topic_last(&topic); /* the MAC */
	struct vd_span word = vd_topic_last(&topic);
	return vd_span_is(last, "config") && vd_span_is(word, "discovery");
}

static int restarted(const struct vd_frame *f, const struct topic *topic, struct vd_decoded *d)
{
	int err = whole(f, d, "an information object");
	struct vd_reading *r =
		err ? NULL : vd_reading_add(d, topic->path, VD_KIND_DEVICE_RESTART, "");
	if (r)
		r->flags |= VD_F_EDGE;
	return err;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct tasmota *t = state;
	struct topic topic = {0};
	/* Names joined and escapes resolved; what would not fit has no name. */
	if (vd_scratch_ready(d, vd_scratch_for(2 * f->body.n + 4 * f->topic.n)))
		return VD_ENOMEM;
	if (is_discovery(f->topic))
		return discovery(f, d);
	if (!split(t, f->topic, d, &topic))
		return 0;
	if (vd_span_is(topic.last, "LWT"))
		return last_will(f, &topic, d);
	if (!vd_span_trim(f->body).n)
		return 0;
	if (vd_span_is(topic.last, "INFO3"))
		return restarted(f, &topic, d);
	if (starts(topic.last, "BUTTON") || starts(topic.last, "SWITCH"))
		return action(t, f, &topic, d);
	if (vd_span_is(topic.last, "ZbReceived")) {
		int err = whole(f, d, "an object of Zigbee devices");
		if (!err)
			zb_received(t, topic.path, f->body, d);
		vd_table_settle(d);
		return err;
	}
	if (vd_span_is(topic.last, "SENSOR") || vd_span_is(topic.last, "STATE") ||
	    vd_span_is(topic.last, "RESULT"))
		return object(t, f, &topic, d);
	return 0; /* POWER, STATUS..., INFO1, what rules publish */
}

const struct vd_adapter vd_adapter_tasmota = {
	.family = "tasmota",
	.title = "Tasmota",
	.state_size = sizeof(struct tasmota),
	.init = init,
	.fini = fini,
	.decode = decode,
};

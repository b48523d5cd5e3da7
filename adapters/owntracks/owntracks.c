/* SPDX-License-Identifier: EUPL-1.2 */
/* OwnTracks: a telephone as a tracker, over MQTT (<base>/<user>/<device>[/event]) or HTTP. Facts:
 * owntracks.org/booklet/tech/json, owntracks.org/booklet/tech/http. Loop thread. */
#include "adapters/common/downlink.h"
#include "adapters/common/place.h"
#include "adapters/common/standing.h"
#include "adapters/common/table.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"

#define WHAT     "an OwnTracks message"
#define IDENTITY 95 /* bytes, as the hub keeps them */

struct owntracks {
	char prefix[208]; /* as the command line allows */
	const struct vd_tables *tables;
	int64_t old_ms;
	struct vd_exits exits;
	struct vd_standing gone; /* by their last wills */
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct owntracks *o = state;
	vd_span_copy(o->prefix, sizeof(o->prefix), prefix.n ? prefix : VD_SPAN_LIT("owntracks"));
	o->tables = tables;
	return vd_old_fix_config(config, &o->old_ms);
}

struct message {
	struct vd_span type, event;
	struct vd_json_val lat, lon, acc, desc, topic, tid, inside;
	int64_t tst_ms, made_ms; /* of the fix; of the message */
	bool twice;
};

/* Who spoke, and what for how long. */
struct reading_of {
	struct owntracks *o;
	const struct vd_frame *f;
	const struct message *m;
	struct vd_field_of who;
	struct vd_reading like;
	bool old;
	struct vd_decoded *d;
};

static int wrong(struct vd_decoded *d, const char *why)
{
	snprintf(d->error, sizeof(d->error), "%s", why);
	return VD_EINVAL;
}

/* -- reading the message -------------------------------------------------------------------- */

static int64_t seconds(const struct vd_json_val *v)
{
	int64_t s;
	return vd_whole(v, 1, VD_TIME_MAX_MS / 1000, &s) ? s * 1000 : 0;
}

static void envelope(struct message *m, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "_type") && v->type == VD_JSON_STRING) {
		m->twice |= m->type.n > 0;
		m->type = v->raw;
	} else if (vd_span_is(key, "topic") && v->type == VD_JSON_STRING) {
		m->twice |= m->topic.raw.n > 0;
		m->topic = *v;
	} else if (vd_span_is(key, "tid"))
		m->tid = *v;
	else if (vd_span_is(key, "tst"))
		m->tst_ms = seconds(v);
	else if (vd_span_is(key, "created_at"))
		m->made_ms = seconds(v);
	else if (vd_span_is(key, "lat"))
		m->lat = *v;
	else if (vd_span_is(key, "lon"))
		m->lon = *v;
	else if (vd_span_is(key, "acc"))
		m->acc = *v;
	else if (vd_span_is(key, "desc") && v->type == VD_JSON_STRING)
		m->desc = *v;
	else if (vd_span_is(key, "event") && v->type == VD_JSON_STRING)
		m->event = v->raw;
	else if (vd_span_is(key, "inregions") && v->type == VD_JSON_ARRAY)
		m->inside = *v;
}

static int read_message(struct vd_span body, struct message *m, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, WHAT);
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (vd_json_value(&j, &v))
			envelope(m, key, &v);
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, WHAT);
	if (m->twice)
		return wrong(d, "_type or topic is told twice");
	if (!m->type.n)
		return wrong(d, "_type is missing: is this OwnTracks?");
	if (vd_span_is(m->type, "encrypted"))
		return wrong(d,
			     "the message is encrypted: take away the encryption key in the app, "
			     "TLS protects the way here");
	return 0;
}

/* -- whose message -------------------------------------------------------------------------- */

/* <base>/<user>/<device> and perhaps what it is about. */
static struct vd_span of_topic(const struct owntracks *o, struct vd_span topic)
{
	size_t n = strlen(o->prefix), level = 0, i = 0;
	if (vd_span_starts(topic, vd_span(o->prefix, n)) && topic.n > n && topic.p[n] == '/')
		topic = vd_span_skip(topic, n + 1);
	while (i < topic.n && (topic.p[i] != '/' || ++level < 2))
		i++;
	return vd_span(topic.p, i);
}

static struct vd_span query(struct vd_span topic, const char *key)
{
	struct vd_span rest = topic, pair, name;
	while (rest.n && rest.p[0] != '?')
		rest = vd_span_skip(rest, 1);
	rest = vd_span_skip(rest, 1);
	while (vd_span_next(&rest, '&', &pair))
		if (vd_span_next(&pair, '=', &name) && vd_span_is(name, key) && pair.n)
			return pair;
	return vd_span("", 0);
}

/* Over HTTP: the topic the app would have used, the ?u=&d= the Recorder knows too, or the two
 * letters of the tracker. */
static struct vd_span over_http(const struct owntracks *o, const struct vd_frame *f,
				const struct message *m, struct vd_decoded *d)
{
	struct vd_span user = query(f->topic, "u"), device = query(f->topic, "d");
	if (m->topic.raw.n)
		return of_topic(o, vd_keep(d, &m->topic));
	if (!user.n || !device.n)
		return m->tid.type == VD_JSON_STRING ? vd_keep(d, &m->tid) : vd_span("", 0);
	size_t from = d->scratch.n;
	vd_buf_add_span(&d->scratch, user);
	vd_buf_add_char(&d->scratch, '/');
	vd_buf_add_span(&d->scratch, device);
	return vd_span(d->scratch.p + from, d->scratch.n - from);
}

/* -- what it says --------------------------------------------------------------------------- */

static bool is_envelope(struct vd_span key)
{
	static const char *const keys[] = {"_type", "topic", "tid",  "tst",   "created_at", "lat",
					   "lon",   "acc",   "desc", "event", "inregions"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (vd_span_is(key, keys[i]))
			return true;
	return false;
}

static void fields(struct reading_of *r)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, r->f->body);
	if (!vd_json_enter_object(&j))
		return;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			return;
		if (!is_envelope(key) &&
		    vd_table_read(r->o->tables, &r->who, key, &v, r->d) == VD_FIELD_UNKNOWN)
			vd_unknown_field(r->d, key);
	}
}

/* The regions a telephone says it is in: it owes no exit from them. */
static void inside(struct reading_of *r)
{
	struct vd_json j;
	struct vd_json_val v;
	char zone[VD_ZONE_BYTES];
	vd_json_init(&j, r->m->inside.raw);
	if (!r->m->inside.raw.n || !vd_json_enter_array(&j))
		return;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		vd_zone_name(v.type == VD_JSON_STRING ? v.raw : vd_span("", 0), zone);
		vd_exit_is_settled(&r->o->exits, r->who.identity, zone, 0);
	}
}

/* By an old fix leaving is recorded, and owed until a fresh one comes. */
static void transition(struct reading_of *r, const struct vd_spot *s)
{
	size_t n = r->d->n;
	if (vd_table_word(r->o->tables, &r->who, VD_SPAN_LIT("event"), r->m->event, r->d) ==
	    VD_FIELD_UNKNOWN)
		vd_unknown_field(r->d, r->m->event);
	for (; n < r->d->n; n++) {
		struct vd_reading *x = &r->d->readings[n];
		if (x->kind != VD_KIND_GEOFENCE)
			continue;
		vd_zone_name(r->m->desc.raw, x->zone);
		vd_spot_attrs(s, x);
		bool exit = strcmp(x->state, "exit") == 0;
		if (r->old)
			x->flags |= VD_F_LATE;
		if (r->old && exit)
			vd_exit_was_late(&r->o->exits, r->who.identity, x->zone, 0);
		else
			vd_exit_is_settled(&r->o->exits, r->who.identity, x->zone, 0);
	}
}

static void location(struct reading_of *r, const struct vd_spot *s)
{
	if (!r->f->retained && vd_standing_over(&r->o->gone, r->d, r->who.identity))
		vd_reading_add(r->d, r->who.identity, VD_KIND_DEVICE_CONNECTIVITY, "online");
	if (!r->old && !r->f->retained && s->known) {
		inside(r);
		vd_exits_tell(&r->o->exits, r->d, r->who.identity, &r->like, s);
	}
	(void)vd_spot_add(r->d, r->who.identity, s, &r->like);
	fields(r);
}

/* tst of a will is when the app connected, not when it was lost: no time is better than that. */
static void last_will(struct reading_of *r)
{
	vd_reading_add(r->d, r->who.identity, VD_KIND_DEVICE_CONNECTIVITY, "offline");
	vd_standing_begin(&r->o->gone, r->d, r->who.identity);
}

static bool of_no_interest(struct vd_span type)
{
	static const char *const types[] = {"waypoint", "waypoints",     "card",    "cmd",
					    "steps",    "configuration", "request", "beacon",
					    "dump",     "status"};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (vd_span_is(type, types[i]))
			return true;
	return false;
}

static void understand(struct reading_of *r)
{
	const struct message *m = r->m;
	struct vd_spot s = vd_spot_of(&m->lat, &m->lon, &m->acc);
	bool place = vd_span_is(m->type, "location");
	r->d->alive = r->who.identity;
	if (place || vd_span_is(m->type, "transition")) {
		if (m->event.n) /* old apps tell of a crossing within the location */
			transition(r, &s);
		if (place)
			location(r, &s);
		if (m->tst_ms) { /* the same bytes are the same message */
			r->d->dedup = vd_hash64(r->f->body, 0) | 1;
			r->d->dedup_device = r->who.identity;
		}
	} else if (vd_span_is(m->type, "lwt")) {
		last_will(r);
	} else if (!of_no_interest(m->type)) {
		vd_unknown_field(r->d, m->type);
	}
	vd_table_settle(r->d);
}

/* What a broker or a person tells the telephone, not what it tells us. */
static bool not_from_it(struct vd_span topic, const struct message *m)
{
	return vd_span_is(m->type, "cmd") || vd_span_is(m->type, "card") ||
	       (topic.n > 4 && memcmp(topic.p + topic.n - 4, "/cmd", 4) == 0);
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct message m = {0};
	struct reading_of r = {.o = state, .f = f, .m = &m, .d = d};
	if (!vd_span_trim(f->body).n)
		return 0; /* clears a retained topic */
	int err = read_message(f->body, &m, d);
	if (!err)
		err = vd_scratch_ready(d, m.topic.raw.n + m.tid.raw.n + f->topic.n + 8);
	if (err || not_from_it(f->topic, &m))
		return err;
	r.who = (struct vd_field_of){.platform = VD_SPAN_LIT("owntracks"),
				     .identity = f->carrier == VD_CARRIER_HTTP
							 ? over_http(r.o, f, &m, d)
							 : of_topic(r.o, f->topic)};
	if (!r.who.identity.n || r.who.identity.n > IDENTITY)
		return wrong(d, "whose telephone is it? Add ?u=<user>&d=<device> to the address in "
				"the app");
	r.old = vd_fix_is_old(m.tst_ms, f->received_at_ms, r.o->old_ms) ||
		vd_fix_is_old(m.tst_ms, m.made_ms, r.o->old_ms);
	r.like = (struct vd_reading){.t_ms = m.tst_ms,
				     .t_src = VD_T_DEVICE,
				     .flags = r.old ? VD_F_REPLAY : 0,
				     .seq = -1};
	r.who.like = &r.like;
	understand(&r);
	return 0;
}

/* The app reads a list of messages for it from the answer. There are none. */
static int reply(void *state, const struct vd_frame *f, const struct vd_answer *a,
		 struct vd_buf *ret_body, const char **ret_content_type)
{
	(void)state;
	if (f->carrier != VD_CARRIER_HTTP ||
	    (a->outcome != VD_STORED && a->outcome != VD_DUPLICATE))
		return 0;
	*ret_content_type = "application/json";
	return vd_buf_add_cstr(ret_body, "[]");
}

/* -- commands ------------------------------------------------------------------------------- */

/* The app listens on <base>/<user>/<device>/cmd, over MQTT only. One that was only ever told by
 * its two letters has no such topic. */
static bool listens(struct vd_span identity)
{
	const char *slash = identity.n ? memchr(identity.p, '/', identity.n) : NULL;
	if (!slash || slash == identity.p || slash == identity.p + identity.n - 1)
		return false;
	for (const char *p = identity.p; p < identity.p + identity.n; p++)
		if (*p == '+' || *p == '#' || (*p == '/' && p != slash))
			return false;
	return true;
}

static unsigned commands(const void *state, const struct vd_target *who)
{
	(void)state;
	return listens(who->identity) ? VD_CMD_BIT(VD_CMD_LOCATE) : 0;
}

static int command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	const struct owntracks *o = state;
	if (c->verb != VD_CMD_LOCATE || !listens(who->identity))
		return VD_EINVAL;
	vd_buf_add_cstr(&ret->body, "{\"_type\":\"cmd\",\"action\":\"reportLocation\"}");
	return vd_down_topic(ret, "%s/%.*s/cmd", o->prefix, (int)who->identity.n, who->identity.p);
}

const struct vd_adapter vd_adapter_owntracks = {
	.family = "owntracks",
	.title = "OwnTracks (telephones)",
	.watch = "wearable",
	.state_size = sizeof(struct owntracks),
	.init = init,
	.decode = decode,
	.reply = reply,
	.commands = commands,
	.command = command,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* Carelink-like wearables over MQTT: <device>/status, <device>/fall/detected and so on. Facts:
 * github.com/jms-calado/MQTT-Specs (field tables only). Loop thread. */
#include "adapters/common/place.h"
#include "adapters/common/standing.h"
#include "adapters/common/table.h"
#include "base/err.h"
#include "base/map.h"

#define WHAT "a wearable's message"

struct carelink {
	char prefix[208]; /* as the command line allows */
	const struct vd_tables *tables;
	struct vd_standing gone; /* by their last wills */
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct carelink *c = state;
	(void)config;
	vd_span_copy(c->prefix, sizeof(c->prefix), prefix);
	c->tables = tables;
	return 0;
}

enum about { STATUS, FALL_DETECTED, FALL_ANSWER, WANDER_DETECTED, WANDER_ANSWER, OTHER };

/* What a device publishes; all else below its name is told to it. */
static enum about about_of(struct vd_span tail)
{
	static const char *const names[] = {
		[STATUS] = "status",
		[FALL_DETECTED] = "fall/detected",
		[FALL_ANSWER] = "fall/confirmation",
		[WANDER_DETECTED] = "wandering/detected",
		[WANDER_ANSWER] = "wandering/confirmation",
	};
	for (int i = 0; i < OTHER; i++)
		if (vd_span_is(tail, names[i]))
			return (enum about)i;
	return OTHER;
}

struct message {
	struct carelink *c;
	struct vd_field_of who;
	enum about about;
	int64_t t_ms;
	struct vd_json_val time, status, location;
	struct vd_decoded *d;
};

/* -- reading -------------------------------------------------------------------------------- */

static void sensors(struct message *m, struct vd_span object)
{
	struct vd_json j;
	struct vd_span key;
	char name[48];
	vd_json_init(&j, object);
	if (!vd_json_enter_object(&j))
		return;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			return;
		snprintf(name, sizeof(name), "sensor.%.*s", (int)(key.n < 40 ? key.n : 40), key.p);
		if (vd_table_read(m->c->tables, &m->who, vd_span_cstr(name), &v, m->d) ==
		    VD_FIELD_UNKNOWN)
			vd_unknown_field(m->d, vd_span_cstr(name));
	}
}

static void field(struct message *m, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "timestamp"))
		m->time = *v;
	else if (vd_span_is(key, "status"))
		m->status = *v;
	else if (vd_span_is(key, "location") && v->type == VD_JSON_OBJECT)
		m->location = *v;
	else if (vd_span_is(key, "sensor") && v->type == VD_JSON_OBJECT)
		sensors(m, v->raw);
	else if (vd_table_read(m->c->tables, &m->who, key, v, m->d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(m->d, key);
}

static int read_body(struct message *m, struct vd_span body)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(m->d, &j, WHAT);
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (vd_json_value(&j, &v))
			field(m, key, &v);
	}
	if (vd_json_finish(&j))
		return vd_bad_json(m->d, &j, WHAT);
	m->t_ms = vd_time_of(&m->time);
	return 0;
}

/* -- where ---------------------------------------------------------------------------------- */

/* Of several points without times the last one is the newest, if any is: said to be in doubt. */
static bool last_point(struct vd_span points, struct vd_json_val ret[2])
{
	struct vd_json j, p;
	struct vd_json_val v, one = {0};
	vd_json_init(&j, points);
	if (!vd_json_enter_array(&j))
		return false;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v))
		one = v;
	vd_json_init(&p, one.raw);
	return one.type == VD_JSON_ARRAY && vd_json_enter_array(&p) && vd_json_next_elem(&p) &&
	       vd_json_value(&p, &ret[0]) && vd_json_next_elem(&p) && vd_json_value(&p, &ret[1]);
}

static void place(struct message *m, struct vd_spot *ret_s)
{
	struct vd_json_val lat = {0}, lon = {0}, points = {0}, point[2] = {{0}}, none = {0};
	struct vd_reading like = {.t_ms = m->t_ms, .t_src = VD_T_DEVICE, .seq = -1};
	(void)vd_json_find(m->location.raw, "lat", &lat);
	(void)vd_json_find(m->location.raw, "lon", &lon);
	if (lat.type == VD_JSON_NONE && vd_json_find(m->location.raw, "coordinates", &points) &&
	    points.type == VD_JSON_ARRAY && last_point(points.raw, point)) {
		lon = point[0];
		lat = point[1];
		like.flags = VD_F_SUSPECT;
	}
	*ret_s = vd_spot_of(&lat, &lon, &none);
	if (m->about != FALL_ANSWER && m->about != WANDER_ANSWER) /* theirs is in the answer */
		(void)vd_spot_add(m->d, m->who.identity, ret_s, &like);
}

/* -- what happened -------------------------------------------------------------------------- */

/* Rule 1: what a device tells of one moment under one topic is one message. */
static void dedup(struct message *m)
{
	if (!m->t_ms || m->about == STATUS)
		return;
	uint64_t h = vd_hash64(m->time.raw, (uint64_t)m->about);
	m->d->dedup = vd_hash64(m->status.raw, h) | 1;
	m->d->dedup_device = m->who.identity;
}

static struct vd_reading *happening(struct message *m, enum vd_kind kind, const char *state)
{
	struct vd_reading *r = vd_reading_add(m->d, m->who.identity, kind, state);
	if (!r)
		return NULL;
	r->t_ms = m->t_ms;
	r->t_src = VD_T_DEVICE;
	if (vd_state_active(kind, state)) /* the next one counts, though nothing ended this */
		r->flags |= VD_F_EDGE;
	return r;
}

/* The wearer's or a carer's answer. "No" is a note: who wanders may well say that all is fine. */
static void answer(struct message *m, enum vd_kind kind, const char *yes, const char *no)
{
	if (m->status.type != VD_JSON_TRUE && m->status.type != VD_JSON_FALSE) {
		vd_unknown_field(m->d, VD_SPAN_LIT("status"));
		return;
	}
	bool said = m->status.type == VD_JSON_TRUE;
	struct vd_reading *r = happening(m, kind, said ? yes : no);
	if (r)
		snprintf(r->attrs, sizeof(r->attrs), "\"answer\":\"%s\"", said ? "yes" : "no");
}

static void understand(struct message *m, const struct vd_frame *f)
{
	struct vd_spot s = {0};
	size_t n = m->d->n;
	if (m->location.type)
		place(m, &s);
	size_t told = m->d->n;
	switch (m->about) {
	case FALL_DETECTED: happening(m, VD_KIND_FALL, "detected"); break;
	case FALL_ANSWER: answer(m, VD_KIND_FALL, "confirmed", "cancelled"); break;
	case WANDER_DETECTED: happening(m, VD_KIND_GEOFENCE, "exit"); break;
	case WANDER_ANSWER: answer(m, VD_KIND_GEOFENCE, "exit", "unknown"); break;
	case STATUS:
		if (!f->retained && vd_standing_over(&m->c->gone, m->d, m->who.identity))
			vd_reading_add(m->d, m->who.identity, VD_KIND_DEVICE_CONNECTIVITY,
				       "online");
		break;
	case OTHER: break;
	}
	if (m->d->n > told && m->about != STATUS)
		vd_spot_attrs(&s, &m->d->readings[told]);
	for (size_t i = 0; i < n; i++) { /* what the sensors told, at the message's time */
		m->d->readings[i].t_ms = m->t_ms;
		m->d->readings[i].t_src = VD_T_DEVICE;
	}
	vd_table_settle(m->d);
	dedup(m);
}

/* A last will is plain text on the topic of JSON. */
static bool is_will(struct vd_span body)
{
	return vd_span_starts(body, VD_SPAN_LIT("LW:")) || vd_span_starts(body, VD_SPAN_LIT("LW "));
}

/* No object: the topic alone says it. A fall is told to whoever can help, whatever lies in it. */
static int without_object(struct message *m, const struct vd_frame *f, struct vd_span body)
{
	struct vd_json j;
	struct vd_reading *r = NULL;
	if (m->about == STATUS && is_will(body)) {
		vd_reading_add(m->d, m->who.identity, VD_KIND_DEVICE_CONNECTIVITY, "offline");
		vd_standing_begin(&m->c->gone, m->d, m->who.identity);
		return 0;
	}
	if (!body.n && (f->retained || m->about == STATUS))
		return 0; /* clears a retained topic */
	if (m->about == FALL_DETECTED)
		r = happening(m, VD_KIND_FALL, "detected");
	else if (m->about == WANDER_DETECTED)
		r = happening(m, VD_KIND_GEOFENCE, "exit");
	if (r) {
		r->flags |= VD_F_SUSPECT;
		return 0;
	}
	vd_json_init(&j, body);
	(void)vd_json_enter_object(&j);
	return vd_bad_json(m->d, &j, WHAT);
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct message m = {.c = state, .d = d};
	size_t n = strlen(m.c->prefix);
	struct vd_span rest = n ? vd_span_skip(f->topic, n + 1) : f->topic, device;
	struct vd_span body = vd_span_trim(f->body);
	if (n && (f->topic.n <= n || f->topic.p[n] != '/'))
		return 0;
	if (!vd_span_next(&rest, '/', &device) || !device.n)
		return 0;
	m.about = about_of(rest);
	if (m.about == OTHER)
		return 0;
	m.who = (struct vd_field_of){.platform = VD_SPAN_LIT("carelink"), .identity = device};
	d->alive = device;
	if (!body.n || body.p[0] != '{')
		return without_object(&m, f, body);
	int err = read_body(&m, body);
	if (!err)
		understand(&m, f);
	return err;
}

const struct vd_adapter vd_adapter_carelink = {
	.family = "carelink",
	.title = "Carelink-like wearables",
	.watch = "wearable",
	.state_size = sizeof(struct carelink),
	.init = init,
	.decode = decode,
};

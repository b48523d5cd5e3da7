/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts: the three payload types of zwave-js-ui docs/usage/setup.md; happenings ("stateless") as
 * docs/guide/mqtt.md, Node notifications; the registry of notifications in zwave-js,
 * packages/core/src/registries/Notifications.ts (github.com/zwave-js/zwave-js, MIT). */
#include "adapters/zwavejsui/value.h"
#include "adapters/common/flat.h"
#include "adapters/common/press.h"
#include "base/err.h"
#include "base/map.h"
#include <stdio.h>

#define PART_MAX       72 /* of a property; the longest of a notification has 59 */
#define KEY_MAX        (2 * PART_MAX + 16)
#define HELD_MS        1500 /* a key held down is told five times a second, or once a minute */
#define CLASS_SCENE    91
#define CLASS_KEYPAD   111
#define CLASS_NOTICE   113
#define CLASS_SCENE_V1 43

struct payload {
	struct vd_json_val value, unit;
	struct vd_span params; /* of a happening: the object its value is */
	int64_t time;
	struct vd_json_val class, endpoint, property, key, node; /* of a whole value */
	bool twice;
};

static void member(struct payload *p, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "value")) {
		p->twice |= p->value.type != VD_JSON_NONE;
		p->value = *v;
	} else if (vd_span_is(key, "time") || vd_span_is(key, "lastUpdate"))
		(void)vd_whole(v, 1000000000000ll, VD_TIME_MAX_MS, &p->time);
	else if (vd_span_is(key, "unit"))
		p->unit = *v;
	else if (vd_span_is(key, "commandClass"))
		p->class = *v;
	else if (vd_span_is(key, "endpoint"))
		p->endpoint = *v;
	else if (vd_span_is(key, "property"))
		p->property = *v;
	else if (vd_span_is(key, "propertyKey"))
		p->key = *v;
	else if (vd_span_is(key, "nodeId"))
		p->node = *v;
}

/* An object: time and value, or a whole value, or the bare parameters of a happening. */
static int read_object(struct vd_span body, struct payload *p, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, body);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (vd_json_value(&j, &v))
			member(p, key, &v);
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "a value's object");
	if (p->twice)
		return snprintf(d->error, sizeof(d->error),
				"a value's object tells \"value\" twice: which one is it?"),
		       VD_EPARSE;
	if (p->value.type == VD_JSON_NONE && !p->time)
		p->params = body;
	if (p->value.type == VD_JSON_OBJECT)
		p->params = p->value.raw;
	return 0;
}

static int read_payload(struct vd_span body, struct payload *p, struct vd_decoded *d)
{
	if (!body.n)
		return 0;
	if (body.p[0] == '{')
		return read_object(body, p, d);
	return vd_bare_value(d, body, "the value", &p->value);
}

/* A whole value knows best which it is. */
static void told_by_payload(const struct payload *p, struct zw_value *v)
{
	int64_t n;
	if (!vd_whole(&p->class, 32, 255, &n) || !p->property.raw.n)
		return;
	v->class = (int)n;
	v->endpoint = vd_whole(&p->endpoint, 0, 127, &n) ? (int)n : 0;
	v->property = p->property.raw;
	bool has = p->key.type == VD_JSON_STRING || p->key.type == VD_JSON_NUMBER;
	v->key = has ? p->key.raw : vd_span("", 0);
	if (!v->node.n && p->node.type == VD_JSON_NUMBER)
		v->node = p->node.raw;
}

/* -- which row ------------------------------------------------------------------------------ */

static bool is_plain(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '_' || c == '-';
}

/* As topics have it (sanitizeTopic in api/lib/utils.ts): blanks are underscores, a slash is a
 * hyphen; of all else only letters, digits and the letters of Latin-1 are left. */
static void plain(char *dst, size_t cap, struct vd_span s)
{
	size_t n = 0;
	for (size_t i = 0; i < s.n && n + 2 < cap; i++) {
		char c = s.p[i] == ' ' ? '_' : s.p[i] == '/' ? '-' : s.p[i];
		if (is_plain((unsigned char)c)) {
			dst[n++] = c;
		} else if (c == '\xc3' && i + 1 < s.n) {
			dst[n++] = c;
			dst[n++] = s.p[++i];
		}
	}
	dst[n] = '\0';
}

struct keys {
	char class[8], property[PART_MAX + 8], whole[KEY_MAX + 8];
	bool happening; /* the row of a happening has the value "event" */
};

static void name_keys(const struct zw_value *v, struct keys *k)
{
	char property[PART_MAX], key[PART_MAX];
	plain(property, sizeof(property), v->property);
	plain(key, sizeof(key), v->key);
	snprintf(k->class, sizeof(k->class), "%d", v->class);
	snprintf(k->property, sizeof(k->property), "%d/%s", v->class, property);
	/* Whose button, and how a keypad sends what was typed: not part of what happened. */
	bool alone = !key[0] || v->class == CLASS_SCENE || v->class == CLASS_KEYPAD;
	snprintf(k->whole, sizeof(k->whole), "%s%s%s", k->property, alone ? "" : "/",
		 alone ? "" : key);
	k->happening = v->class == CLASS_NOTICE || v->class == CLASS_KEYPAD;
}

static enum vd_field look_up(const struct zw *z, const struct vd_field_of *who,
			     const struct keys *k, const struct vd_json_val *v,
			     struct vd_decoded *d)
{
	enum vd_field f = VD_FIELD_UNKNOWN;
	struct vd_span event = VD_SPAN_LIT("event");
	if (k->happening)
		f = vd_table_word(z->tables, who, vd_span_cstr(k->whole), event, d);
	if (f == VD_FIELD_UNKNOWN && v->type != VD_JSON_NONE)
		f = vd_table_read(z->tables, who, vd_span_cstr(k->whole), v, d);
	if (f == VD_FIELD_UNKNOWN && k->happening)
		f = vd_table_word(z->tables, who, vd_span_cstr(k->property), event, d);
	if (f == VD_FIELD_UNKNOWN)
		f = vd_table_word(z->tables, who, vd_span_cstr(k->class), VD_SPAN_LIT("any"), d);
	return f;
}

/* -- what it means besides ------------------------------------------------------------------ */

/* How a lock was worked, and by which slot; never a code. */
static void lock_detail(struct vd_reading *r, const struct zw_value *v, const struct payload *p)
{
	static const struct {
		const char *starts, *method;
	} ways[] = {{"Keypad", "keypad"}, {"Manual", "manual"}, {"RF", "rf"},
		    {"Auto", "auto"},     {"Lock_op", "code"},  {"Unlock_op", "code"}};
	struct vd_json_val slot = {0};
	char key[PART_MAX], method[32] = "";
	int64_t n;
	plain(key, sizeof(key), v->key);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strncmp(key, ways[i].starts, strlen(ways[i].starts)) == 0)
			snprintf(method, sizeof(method), "\"method\":\"%s\"", ways[i].method);
	if (!p->params.n || (!vd_json_find(p->params, "userId", &slot) &&
			     !vd_json_find(p->params, "user ID", &slot)))
		slot.type = VD_JSON_NONE;
	if (vd_whole(&slot, 0, 65535, &n))
		snprintf(r->attrs, sizeof(r->attrs), "%s%s\"user_slot\":%d", method,
			 method[0] ? "," : "", (int)n);
	else
		snprintf(r->attrs, sizeof(r->attrs), "%s", method);
}

/* Was this key told to be held a moment ago? Then it is the same hold that goes on. */
static bool still_held(struct zw *z, const struct vd_reading *r, int64_t now)
{
	uint64_t what = vd_hash64(vd_span_cstr(r->zone), vd_hash64(r->identity, 0)) | 1;
	bool hold = r->kind == VD_KIND_BUTTON && strcmp(r->state, "hold") == 0;
	size_t i = 0;
	while (i < ZW_HELD && z->held[i].what != what)
		i++;
	if (!hold) {
		if (i < ZW_HELD)
			z->held[i].what = 0;
		return false;
	}
	bool known = i < ZW_HELD;
	i = known ? i : z->next_held++ % ZW_HELD;
	if (known && now == z->held[i].at_ms) /* the same message once more */
		return z->held[i].goes_on;
	bool same = known && now > z->held[i].at_ms && now - z->held[i].at_ms <= HELD_MS;
	z->held[i].what = what;
	z->held[i].at_ms = now;
	z->held[i].goes_on = same;
	return same;
}

/* false: what was read is in a unit that cannot be used. */
static bool right_unit(struct vd_reading *r, struct vd_span unit)
{
	bool fahrenheit = vd_span_is(unit, "\302\260F") || vd_span_is(unit, "F");
	if (r->kind == VD_KIND_MEASURE_TEMPERATURE && fahrenheit)
		r->value = (r->value - 32) * 5 / 9;
	if (r->kind == VD_KIND_VITAL_BODY_WEIGHT && vd_span_is(unit, "lb"))
		r->value *= 0.45359237;
	return !(r->kind == VD_KIND_MEASURE_ILLUMINANCE && vd_span_is(unit, "%"));
}

static void finish(struct zw *z, const struct vd_frame *f, const struct zw_value *v,
		   const struct payload *p, size_t from, struct vd_decoded *d)
{
	for (size_t i = from; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		if (v->class == CLASS_SCENE)
			vd_span_copy(r->zone, sizeof(r->zone), v->key);
		else if (!r->zone[0] && v->endpoint > 0)
			snprintf(r->zone, sizeof(r->zone), "%d", v->endpoint);
		if (r->kind == VD_KIND_LOCK && v->class == CLASS_NOTICE && v->key.n)
			lock_detail(r, v, p);
		bool drop = !right_unit(r, p->unit.raw) ||
			    (v->class == CLASS_SCENE && !f->retained && !f->dup && !f->recall &&
			     still_held(z, r, f->received_at_ms));
		if (drop) {
			d->n = i;
			return;
		}
	}
}

/* A scene's press in a word nobody knows is a press. */
static bool is_press(const struct zw_value *v, const struct vd_json_val *val)
{
	bool scene = v->class == CLASS_SCENE && vd_span_is(v->property, "scene");
	return (scene || v->class == CLASS_SCENE_V1) &&
	       (val->type == VD_JSON_NUMBER || val->type == VD_JSON_STRING) &&
	       !vd_unknown_value(val);
}

int zw_value(struct zw *z, const struct vd_frame *f, struct zw_value *v, struct vd_decoded *d)
{
	struct vd_span body = vd_span_trim(f->body);
	struct payload p = {0};
	struct keys k;
	size_t n = d->n;
	if (!body.n && f->retained)
		return 0; /* clears a retained topic */
	int err = read_payload(body, &p, d);
	if (err)
		return err;
	told_by_payload(&p, v);
	if (v->class < 0 || !v->node.n) {
		vd_unknown_field(d, f->topic);
		return 0;
	}
	const struct vd_known_device *known = vd_known_find(&z->known, v->node);
	struct vd_reading like = {.seq = -1, .t_ms = p.time, .t_src = VD_T_BRIDGE};
	struct vd_field_of who = {.platform = VD_SPAN_LIT("zwavejsui"),
				  .vendor = vd_span_cstr(known ? known->vendor : ""),
				  .model = vd_span_cstr(known ? known->model : ""),
				  .firmware = vd_span_cstr(known ? known->firmware : ""),
				  .identity = v->node,
				  .like = &like};
	d->alive = v->node;
	name_keys(v, &k);
	enum vd_field read = look_up(z, &who, &k, &p.value, d);
	if (read == VD_FIELD_UNKNOWN && is_press(v, &p.value)) {
		struct vd_reading *r = vd_press_add(d, v->node, p.value.raw);
		if (r) {
			r->t_ms = p.time;
			r->t_src = VD_T_BRIDGE;
		}
	} else if (read == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, vd_span_cstr(k.whole));
	finish(z, f, v, &p, n, d);
	return 0;
}

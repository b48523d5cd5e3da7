/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/told.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"
#include <math.h>
#include <stdlib.h>
#include <strings.h>

#define SCRATCH     16384 /* 64 readings with an identity of 95 bytes, and some names */
#define ROOM        512   /* of it: the names of one resource, and of a device's features */
#define FEATURES    160   /* bytes of kinds' names of one device */
#define ATTR_TEXT   40
#define SECONDS_MAX 100000000000.0 /* above, a number since 1970 is milliseconds */

int vd_told_ready(struct vd_decoded *d)
{
	return vd_scratch_ready(d, SCRATCH);
}

bool vd_told_room(const struct vd_decoded *d)
{
	return d->scratch.n + ROOM <= d->scratch.cap;
}

static size_t member_of(const struct vd_members *m, struct vd_span key)
{
	for (size_t i = 0; i < m->n; i++) {
		size_t n = strlen(m->names[i]);
		if (key.n == n && (m->any_case ? strncasecmp(key.p, m->names[i], n) == 0
					       : memcmp(key.p, m->names[i], n) == 0))
			return i;
	}
	return m->n;
}

int vd_members_read(struct vd_decoded *d, struct vd_span object, const char *what,
		    const struct vd_members *m)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, object);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, what);
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		size_t i = member_of(m, key);
		if (!vd_json_value(&j, &v))
			break;
		if (i == m->n) {
			if (m->strict)
				vd_unknown_field(d, key);
			continue;
		}
		if (m->vals[i].type != VD_JSON_NONE) {
			snprintf(d->error, sizeof(d->error), "%s: \"%s\" is told twice", what,
				 m->names[i]);
			return VD_EPARSE;
		}
		m->vals[i] = v;
	}
	return vd_json_finish(&j) ? vd_bad_json(d, &j, what) : 0;
}

bool vd_number_told(const struct vd_json_val *v, double *ret, bool *ret_suspect)
{
	char text[32], *end;
	*ret_suspect = v->type == VD_JSON_STRING;
	if (v->type == VD_JSON_NUMBER) {
		*ret = v->num;
		return isfinite(v->num);
	}
	if (v->type != VD_JSON_STRING || !v->raw.n || v->raw.n >= sizeof(text))
		return false;
	vd_span_copy(text, sizeof(text), v->raw);
	if ((text[0] < '0' || text[0] > '9') && text[0] != '-')
		return false;
	*ret = strtod(text, &end);
	return end != text && isfinite(*ret);
}

bool vd_digits_value(struct vd_span s, struct vd_json_val *ret)
{
	double n = 0;
	if (!s.n || s.n > 15)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		n = n * 10 + (s.p[i] - '0');
	}
	*ret = (struct vd_json_val){.type = VD_JSON_NUMBER, .raw = s, .num = n};
	return true;
}

int64_t vd_instant_told(const struct vd_json_val *v)
{
	struct vd_json_val number = *v;
	int64_t ms;
	bool zoned = true;
	if (v->type == VD_JSON_STRING && !vd_digits_value(v->raw, &number))
		return vd_iso_parse(v->raw, &ms, &zoned) == 0 && zoned && ms > 0 ? ms : 0;
	if (number.type != VD_JSON_NUMBER || !(number.num >= 1))
		return 0;
	if (number.num < SECONDS_MAX)
		number.num *= 1000;
	return number.num <= (double)VD_TIME_MAX_MS ? (int64_t)number.num : 0;
}

/* -- attributes ----------------------------------------------------------------------------- */

/* The first of a name stands. */
static void attr_add(struct vd_reading *r, const char *name, const char *json)
{
	size_t n = strlen(r->attrs);
	char key[32];
	snprintf(key, sizeof(key), "\"%s\":", name);
	if (!strstr(r->attrs, key) && n + strlen(key) + strlen(json) + 2 <= sizeof(r->attrs))
		snprintf(r->attrs + n, sizeof(r->attrs) - n, "%s%s%s", n ? "," : "", key, json);
}

void vd_attr_text(struct vd_reading *r, const char *name, struct vd_span text)
{
	char json[ATTR_TEXT + 3];
	size_t n = 0;
	if (!text.n)
		return;
	json[n++] = '"';
	for (size_t i = 0; i < text.n && i < ATTR_TEXT; i++) {
		char c = text.p[i];
		json[n++] = (char)(c < ' ' || c > '~' || c == '"' || c == '\\' ? '?' : c);
	}
	json[n++] = '"';
	json[n] = '\0';
	attr_add(r, name, json);
}

void vd_attr_number(struct vd_reading *r, const char *name, double v)
{
	char json[32];
	snprintf(json, sizeof(json), "%.10g", v);
	if (isfinite(v))
		attr_add(r, name, json);
}

void vd_attr_true(struct vd_reading *r, const char *name)
{
	attr_add(r, name, "true");
}

/* -- forms ---------------------------------------------------------------------------------- */

bool vd_form_next(struct vd_span *rest, struct vd_span *ret_key, struct vd_span *ret_value)
{
	struct vd_span pair;
	while (rest->n && vd_span_next(rest, '&', &pair)) {
		if (!pair.n)
			continue;
		(void)vd_span_next(&pair, '=', ret_key);
		*ret_value = pair.p ? pair : vd_span("", 0);
		return true;
	}
	return false;
}

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

size_t vd_form_text(struct vd_span value, char *dst, size_t cap)
{
	size_t n = 0;
	for (size_t i = 0; i < value.n && n + 1 < cap; i++) {
		char c = value.p[i];
		if (c == '+') {
			c = ' ';
		} else if (c == '%' && i + 2 < value.n && hex(value.p[i + 1]) >= 0 &&
			   hex(value.p[i + 2]) >= 0) {
			c = (char)(hex(value.p[i + 1]) * 16 + hex(value.p[i + 2]));
			i += 2;
		}
		dst[n++] = c;
	}
	dst[n] = '\0';
	return n;
}

struct vd_span vd_query(struct vd_span topic, const char *name)
{
	struct vd_span key, value;
	size_t i = 0;
	while (i < topic.n && topic.p[i] != '?')
		i++;
	struct vd_span rest = vd_span_skip(topic, i + 1);
	while (vd_form_next(&rest, &key, &value))
		if (vd_span_is(key, name))
			return value;
	return vd_span("", 0);
}

/* -- the message as a whole ----------------------------------------------------------------- */

struct vd_heard *vd_told_heard(struct vd_decoded *d, struct vd_span identity)
{
	if (d->n_heard == VD_MAX_HEARD_GATEWAY || !identity.n)
		return NULL;
	struct vd_heard *w = &d->heard[d->n_heard++];
	*w = (struct vd_heard){.identity = identity};
	return w;
}

/* Space-separated, each once. */
static void features_of(struct vd_decoded *d, struct vd_heard *w)
{
	bool seen[VD_KIND_MAX] = {false};
	size_t from = d->scratch.n;
	for (size_t i = 0; i < d->n; i++) {
		enum vd_kind k = d->readings[i].kind;
		const char *name = vd_kind_name(k);
		size_t n = strlen(name);
		if (seen[k] || !vd_span_eq(d->readings[i].identity, w->identity) ||
		    d->scratch.n - from + n + 2 > FEATURES)
			continue;
		seen[k] = true;
		if (d->scratch.n > from)
			d->scratch.p[d->scratch.n++] = ' ';
		memcpy(d->scratch.p + d->scratch.n, name, n);
		d->scratch.n += n;
	}
	w->features = vd_span(d->scratch.p + from, d->scratch.n - from);
}

void vd_told_features(struct vd_decoded *d)
{
	for (size_t i = 0; i < d->n_heard && d->scratch.n + FEATURES <= d->scratch.cap; i++)
		features_of(d, &d->heard[i]);
}

void vd_told_key(struct vd_decoded *d, uint64_t key)
{
	d->dedup = vd_hash64(vd_span((const char *)&key, sizeof(key)), d->dedup) | 1;
}

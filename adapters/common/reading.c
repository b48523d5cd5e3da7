/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/reading.h"
#include "base/clock.h"
#include "base/err.h"

struct vd_reading *vd_reading_add(struct vd_decoded *d, struct vd_span identity, enum vd_kind kind,
				  const char *state)
{
	if (d->n == VD_MAX_EVENTS_FRAME)
		return NULL;
	struct vd_reading *r = &d->readings[d->n++];
	*r = (struct vd_reading){.identity = identity, .kind = kind, .seq = -1};
	snprintf(r->state, sizeof(r->state), "%s", state);
	return r;
}

struct vd_reading *vd_reading_value(struct vd_decoded *d, struct vd_span identity,
				    enum vd_kind kind, double value, const char *unit)
{
	struct vd_reading *r = vd_reading_add(d, identity, kind, "");
	if (!r)
		return NULL;
	r->value = value;
	r->has_value = true;
	snprintf(r->unit, sizeof(r->unit), "%s", unit);
	return r;
}

int vd_scratch_ready(struct vd_decoded *d, size_t n)
{
	if (!d->scratch.max)
		vd_buf_init(&d->scratch, VD_MAX_FRAME_BYTES);
	return vd_buf_reserve(&d->scratch, n) ? 0 : d->scratch.err;
}

/* The buffer was given room for the whole frame before the first call, so it never moves. */
struct vd_span vd_keep(struct vd_decoded *d, const struct vd_json_val *v)
{
	if (v->type != VD_JSON_STRING)
		return vd_span("", 0);
	if (!v->escaped)
		return v->raw;
	if (d->scratch.n + v->raw.n + 1 > d->scratch.cap)
		return vd_span("", 0);
	char *dst = d->scratch.p + d->scratch.n;
	size_t n = vd_json_unescape(v->raw, dst, v->raw.n + 1);
	d->scratch.n += n + 1;
	return vd_span(dst, n);
}

int vd_bad_json(struct vd_decoded *d, const struct vd_json *j, const char *what)
{
	snprintf(d->error, sizeof(d->error), "%s expected as JSON; it stops being that at byte %zu",
		 what, j->err_at);
	return VD_EPARSE;
}

int vd_word_of(struct vd_decoded *d, struct vd_span body, const char *member, const char *what,
	       struct vd_span *ret)
{
	struct vd_json j;
	struct vd_span key, word = vd_span("", 0);
	bool told = false;
	body = vd_span_trim(body);
	if (!body.n || body.p[0] != '{') {
		*ret = body;
		return 0;
	}
	vd_json_init(&j, body);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v) || !vd_span_is(key, member))
			continue;
		if (told)
			return snprintf(d->error, sizeof(d->error), "%s: \"%s\" is told twice",
					what, member),
			       VD_EPARSE;
		told = true;
		word = v.type == VD_JSON_STRING ? v.raw : word;
	}
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, what);
	*ret = word;
	return 0;
}

int64_t vd_time_of(const struct vd_json_val *v)
{
	int64_t ms;
	return v->type == VD_JSON_STRING && vd_iso_parse(v->raw, &ms, NULL) == 0 ? ms : 0;
}

bool vd_whole(const struct vd_json_val *v, int64_t min, int64_t max, int64_t *ret)
{
	if (v->type != VD_JSON_NUMBER || !(v->num >= (double)min && v->num <= (double)max))
		return false;
	*ret = (int64_t)v->num;
	return true;
}

static const char *type_word(const struct vd_json_val *v)
{
	switch (v ? v->type : VD_JSON_NULL) {
	case VD_JSON_TRUE:
	case VD_JSON_FALSE: return "bool";
	case VD_JSON_NUMBER: return "number";
	case VD_JSON_STRING: return "text";
	case VD_JSON_OBJECT: return "object";
	case VD_JSON_ARRAY: return "list";
	default: return "";
	}
}

void vd_unknown_told(struct vd_decoded *d, struct vd_span key, const struct vd_json_val *v)
{
	unsigned n = d->unknown_keys++;
	if (!n)
		vd_span_copy(d->unknown_key, sizeof(d->unknown_key), key);
	if (n >= VD_MAX_UNKNOWN_FRAME)
		return;
	vd_span_copy(d->unknown[n].key, sizeof(d->unknown[n].key), key);
	snprintf(d->unknown[n].type, sizeof(d->unknown[n].type), "%s", type_word(v));
}

void vd_unknown_field(struct vd_decoded *d, struct vd_span key)
{
	vd_unknown_told(d, key, NULL);
}

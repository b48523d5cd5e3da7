/* SPDX-License-Identifier: EUPL-1.2 */
/* The journal's row body. Members come in one fixed order and absent ones are left out, so the same
 * event always gives the same bytes: the Merkle leaf is made of them (schema/event.schema.json). */
#include "base/json.h"
#include "model/event.h"

static const struct {
	unsigned bit;
	const char *name;
} flags[] = {
	{VD_F_REPLAY, "replay"},       {VD_F_RETAINED, "retained"},   {VD_F_LATE, "late"},
	{VD_F_TEST, "test"},           {VD_F_SIMULATED, "simulated"}, {VD_F_SUSPECT, "suspect"},
	{VD_F_CLOCK, "clock"},         {VD_F_EDGE, "edge"},           {VD_F_FOUND, "found"},
	{VD_F_ATTENTION, "attention"}, {VD_F_UPDATE, "update"}};

static void keys(struct vd_jw *w, const struct vd_event *e)
{
	vd_jw_kv_int(w, "muni", e->muni);
	if (e->gateway)
		vd_jw_kv_int(w, "gateway", e->gateway);
	if (e->device)
		vd_jw_kv_int(w, "device", e->device);
	if (e->placement)
		vd_jw_kv_int(w, "placement", e->placement);
}

static void meaning(struct vd_jw *w, const struct vd_event *e)
{
	vd_jw_kv_str(w, "kind", vd_kind_name(e->kind));
	vd_jw_kv_str(w, "state", e->state);
	if (e->has_value)
		vd_jw_kv_num(w, "value", e->value);
	vd_jw_kv_str(w, "unit", e->unit);
	vd_jw_kv_int(w, "severity", e->severity);
}

static void times(struct vd_jw *w, const struct vd_event *e)
{
	vd_jw_kv_int(w, "t", e->t_ms);
	vd_jw_kv_str(w, "t_src", vd_tsrc_name(e->t_src));
	vd_jw_kv_int(w, "t_recv", e->t_recv_ms);
	if (e->seq >= 0)
		vd_jw_kv_int(w, "seq", e->seq);
	if (e->episode)
		vd_jw_kv_int(w, "episode", e->episode);
	vd_jw_kv_str(w, "zone", e->zone);
}

static void marks(struct vd_jw *w, const struct vd_event *e)
{
	if (!e->flags)
		return;
	vd_jw_key(w, "flags");
	vd_jw_arr(w);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (e->flags & flags[i].bit)
			vd_jw_cstr(w, flags[i].name);
	vd_jw_end_arr(w);
}

int vd_event_json(const struct vd_event *e, struct vd_buf *b)
{
	struct vd_jw w;
	vd_jw_init(&w, b);
	vd_jw_obj(&w);
	vd_jw_kv_int(&w, "v", VD_EVENT_VERSION);
	vd_jw_kv_str(&w, "id", e->id);
	keys(&w, e);
	meaning(&w, e);
	times(&w, e);
	marks(&w, e);
	if (e->attrs[0]) {
		vd_jw_key(&w, "attrs");
		vd_jw_obj(&w);
		vd_jw_raw(&w, vd_span_cstr(e->attrs));
		vd_jw_end_obj(&w);
	}
	vd_jw_end_obj(&w);
	return b->err;
}

/* -- reading back --------------------------------------------------------------------------- */

static int64_t integer(const struct vd_json_val *v)
{
	int64_t n = 0;
	bool neg = v->raw.n && v->raw.p[0] == '-';
	for (size_t i = neg; i < v->raw.n && v->raw.p[i] >= '0' && v->raw.p[i] <= '9'; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, v->raw.p[i] - '0', &n))
			return neg ? INT64_MIN : INT64_MAX; /* nothing we wrote */
	return neg ? -n : n;
}

static bool read_number(struct vd_event *e, struct vd_span k, const struct vd_json_val *v)
{
	const struct {
		const char *name;
		int64_t *to;
	} big[] = {{"gateway", &e->gateway},     {"device", &e->device},
		   {"placement", &e->placement}, {"t", &e->t_ms},
		   {"t_recv", &e->t_recv_ms},    {"seq", &e->seq},
		   {"episode", &e->episode}};
	for (size_t i = 0; i < sizeof(big) / sizeof(big[0]); i++)
		if (vd_span_is(k, big[i].name)) {
			*big[i].to = integer(v);
			return true;
		}
	if (vd_span_is(k, "muni"))
		e->muni = v->num >= 0 && v->num <= 9999 ? (int)v->num : 0;
	else if (vd_span_is(k, "severity"))
		e->severity = v->num >= 0 && v->num <= 40 ? (int)v->num : 0;
	else if (vd_span_is(k, "value"))
		e->value = v->num, e->has_value = true;
	else if (vd_span_is(k, "v"))
		return v->num == VD_EVENT_VERSION;
	return true;
}

static bool read_string(struct vd_event *e, struct vd_span k, const struct vd_json_val *v)
{
	if (vd_span_is(k, "id"))
		return vd_span_copy(e->id, sizeof(e->id), v->raw);
	if (vd_span_is(k, "kind")) {
		e->kind = vd_kind_parse(v->raw);
		return e->kind != VD_KIND_NONE;
	}
	if (vd_span_is(k, "state"))
		return vd_json_unescape(v->raw, e->state, sizeof(e->state)), true;
	if (vd_span_is(k, "unit"))
		return vd_json_unescape(v->raw, e->unit, sizeof(e->unit)), true;
	if (vd_span_is(k, "zone"))
		return vd_json_unescape(v->raw, e->zone, sizeof(e->zone)), true;
	if (vd_span_is(k, "t_src"))
		for (int s = VD_T_HUB; s <= VD_T_BRIDGE; s++)
			if (vd_span_is(v->raw, vd_tsrc_name((enum vd_tsrc)s)))
				e->t_src = (enum vd_tsrc)s;
	return true;
}

static bool read_flags(struct vd_event *e, struct vd_json *j)
{
	struct vd_json_val v;
	if (!vd_json_enter_array(j))
		return false;
	while (vd_json_next_elem(j) && vd_json_value(j, &v))
		for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
			if (vd_span_is(v.raw, flags[i].name))
				e->flags |= flags[i].bit;
	return !j->err;
}

static bool read_member(struct vd_event *e, struct vd_json *j, struct vd_span k)
{
	struct vd_json_val v;
	if (vd_span_is(k, "flags"))
		return read_flags(e, j);
	if (!vd_json_value(j, &v))
		return false;
	if (vd_span_is(k, "attrs") && v.type == VD_JSON_OBJECT)
		return vd_span_copy(e->attrs, sizeof(e->attrs), vd_span(v.raw.p + 1, v.raw.n - 2));
	if (v.type == VD_JSON_NUMBER)
		return read_number(e, k, &v);
	return v.type != VD_JSON_STRING || read_string(e, k, &v);
}

int vd_event_parse(struct vd_span json, struct vd_event *ret)
{
	struct vd_event e;
	struct vd_json j;
	struct vd_span k;
	bool good = true;
	vd_event_init(&e);
	vd_json_init(&j, json);
	good = vd_json_enter_object(&j);
	while (good && vd_json_next_key(&j, &k))
		good = read_member(&e, &j, k);
	if (!good || vd_json_finish(&j) || e.kind == VD_KIND_NONE || !e.id[0])
		return VD_EPARSE;
	*ret = e;
	return 0;
}

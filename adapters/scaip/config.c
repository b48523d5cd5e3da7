/* SPDX-License-Identifier: EUPL-1.2 */
/* The text is kept and a unit's own words are looked up in it: a message a minute from each unit
 * does not need an index. */
#include "adapters/scaip/config.h"
#include "adapters/common/reading.h"
#include "base/mem.h"

static bool take_bool(const struct vd_json_val *v, bool *ret)
{
	*ret = v->type == VD_JSON_TRUE;
	return v->type == VD_JSON_TRUE || v->type == VD_JSON_FALSE;
}

static bool take_int(const struct vd_json_val *v, int64_t max, int *ret)
{
	int64_t n = 0;
	bool ok = vd_whole(v, 0, max, &n) && v->num == (double)n;
	*ret = (int)n;
	return ok;
}

/* One of two words. */
static bool take_word(const struct vd_json_val *v, const char *no, const char *yes, bool *ret)
{
	*ret = vd_span_is(v->raw, yes);
	return v->type == VD_JSON_STRING && (*ret || vd_span_is(v->raw, no));
}

/* Goes into an XML text as it stands: no control characters, no escapes. */
static bool take_call(const struct vd_json_val *v, struct vd_span *ret)
{
	*ret = v->raw;
	if (v->type != VD_JSON_STRING || v->escaped || v->raw.n > 250)
		return false;
	for (size_t i = 0; i < v->raw.n; i++)
		if (v->raw.p[i] <= ' ' || v->raw.p[i] > '~')
			return false;
	return !v->raw.n || vd_span_is(v->raw, "duty") ||
	       (v->raw.n > 4 && (vd_span_starts(v->raw, VD_SPAN_LIT("sip:")) ||
				 vd_span_starts(v->raw, VD_SPAN_LIT("tel:"))));
}

static bool take_brand(const struct vd_json_val *v, struct vd_span *ret)
{
	*ret = v->raw;
	return v->type == VD_JSON_STRING && !v->escaped && v->raw.n < 64;
}

static bool take(struct scaip_options *o, struct vd_span key, const struct vd_json_val *v)
{
	bool in_200;
	if (vd_span_is(key, "hold"))
		return take_bool(v, &o->hold);
	if (vd_span_is(key, "mrs")) /* the carrier's matter */
		return take_word(v, "message", "in_200", &in_200);
	if (vd_span_is(key, "call"))
		return take_call(v, &o->call);
	if (vd_span_is(key, "media"))
		return take_int(v, 3, &o->media);
	if (vd_span_is(key, "heartbeat_min"))
		return take_int(v, 1440, &o->heartbeat_min);
	if (vd_span_is(key, "from"))
		return take_word(v, "warn", "strict", &o->strict_from);
	if (vd_span_is(key, "brand"))
		return take_brand(v, &o->brand);
	return false;
}

/* Members over what is in *o already; `ret_units` (NULL: not allowed here) gets that object. */
static int read_options(struct vd_span json, struct scaip_options *o, struct vd_span *ret_units)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, json);
	if (!vd_json_enter_object(&j))
		return VD_EINVAL;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			break;
		if (ret_units && vd_span_is(key, "units") && v.type == VD_JSON_OBJECT)
			*ret_units = v.raw;
		else if (!take(o, key, &v))
			return VD_EINVAL;
	}
	return vd_json_finish(&j) ? VD_EINVAL : 0;
}

/* The options of one unit over *o; with a cid that no key can be, all are only checked. */
static int read_units(struct vd_span units, struct vd_span cid, bool all, struct scaip_options *o)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, units);
	if (!vd_json_enter_object(&j))
		return VD_EINVAL;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v) || v.type != VD_JSON_OBJECT)
			return VD_EINVAL;
		if (all || vd_span_eq(key, cid)) {
			int err = read_options(v.raw, o, NULL);
			if (err)
				return err;
		}
	}
	return vd_json_finish(&j) ? VD_EINVAL : 0;
}

int scaip_config_init(struct scaip_config *c, struct vd_span json)
{
	*c = (struct scaip_config){.all = {.media = 1, .heartbeat_min = 60}};
	json = vd_span_trim(json);
	if (!json.n)
		return 0;
	if (json.n > SCAIP_MAX_CONFIG)
		return VD_EINVAL;
	c->text = vd_memdup_str(json.p, json.n);
	if (!c->text)
		return VD_ENOMEM;
	int err = read_options(vd_span(c->text, json.n), &c->all, &c->units);
	struct scaip_options unused = c->all;
	return !err && c->units.n ? read_units(c->units, vd_span("", 0), true, &unused) : err;
}

void scaip_config_fini(struct scaip_config *c)
{
	vd_free(c->text);
	c->text = NULL;
}

void scaip_options_of(const struct scaip_config *c, struct vd_span cid, struct scaip_options *ret)
{
	*ret = c->all;
	if (c->units.n && cid.n)
		(void)read_units(c->units, cid, false, ret);
}

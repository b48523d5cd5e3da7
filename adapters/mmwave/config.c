/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/mmwave/config.h"
#include "base/err.h"
#include "base/json.h"

static bool has_level(const char *pattern, const char *level)
{
	struct vd_span rest = vd_span_cstr(pattern), one;
	while (vd_span_next(&rest, '/', &one))
		if (vd_span_is(one, level))
			return true;
	return false;
}

int mmwave_config_read(struct vd_span json, struct mmwave_config *ret)
{
	struct vd_json j;
	struct vd_span key;
	*ret = (struct mmwave_config){0};
	const struct {
		const char *name;
		char *dst;
		size_t cap;
	} members[] = {{"device", ret->device, sizeof(ret->device)},
		       {"time", ret->time, sizeof(ret->time)},
		       {"topic", ret->topic, sizeof(ret->topic)},
		       {"vendor", ret->vendor, sizeof(ret->vendor)},
		       {"model", ret->model, sizeof(ret->model)},
		       {"firmware", ret->firmware, sizeof(ret->firmware)}};
	json = vd_span_trim(json);
	if (!json.n)
		return 0;
	vd_json_init(&j, json);
	if (!vd_json_enter_object(&j))
		return VD_EINVAL;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		size_t i = 0;
		while (i < sizeof(members) / sizeof(members[0]) &&
		       !vd_span_is(key, members[i].name))
			i++;
		if (!vd_json_value(&j, &v) || i == sizeof(members) / sizeof(members[0]) ||
		    v.type != VD_JSON_STRING || v.escaped || !v.raw.n ||
		    !vd_span_copy(members[i].dst, members[i].cap, v.raw))
			return VD_EINVAL;
	}
	if (vd_json_finish(&j) || (ret->topic[0] && !has_level(ret->topic, "{device}")))
		return VD_EINVAL;
	return 0;
}

static bool by_pattern(const char *pattern, struct vd_span topic, struct vd_span *ret_device,
		       struct vd_span *ret_key)
{
	struct vd_span want = vd_span_cstr(pattern), have = topic, w, h;
	while (vd_span_next(&want, '/', &w)) {
		if (!vd_span_next(&have, '/', &h) || !h.n)
			return false;
		if (vd_span_is(w, "{device}"))
			*ret_device = h;
		else if (vd_span_is(w, "{key}"))
			*ret_key = h;
		else if (!vd_span_is(w, "+") && !vd_span_eq(w, h))
			return false;
	}
	return !have.p || !have.n;
}

bool mmwave_topic(const struct mmwave_config *c, struct vd_span topic, bool bare,
		  struct vd_span *ret_device, struct vd_span *ret_key)
{
	*ret_device = topic;
	*ret_key = vd_span("", 0);
	if (c->topic[0])
		return by_pattern(c->topic, topic, ret_device, ret_key);
	size_t at = topic.n;
	while (bare && at && topic.p[at - 1] != '/')
		at--;
	if (bare && at > 1) {
		*ret_device = vd_span(topic.p, at - 1);
		*ret_key = vd_span_skip(topic, at);
	}
	return ret_device->n > 0;
}

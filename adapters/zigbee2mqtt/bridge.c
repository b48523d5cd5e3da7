/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/zigbee2mqtt/bridge.h"
#include "adapters/common/reading.h"
#include "adapters/common/words.h"
#include "base/err.h"

int z2m_online(struct vd_decoded *d, struct vd_span body, const char *what, struct vd_span *ret)
{
	int err = vd_word_of(d, body, "state", what, ret);
	if (err || vd_span_is(*ret, "online") || vd_span_is(*ret, "offline"))
		return err;
	if (!ret->n && !vd_span_trim(body).n)
		return 0;
	snprintf(d->error, sizeof(d->error), "%s is online or offline, not this", what);
	return VD_EPARSE;
}

struct bridge_event {
	struct vd_json_val type, ieee, name, status;
};

static bool read_bridge_event(struct vd_span body, struct bridge_event *e)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return false;
	while (vd_json_next_key(&j, &key)) {
		if (vd_span_is(key, "type") && vd_json_value(&j, &e->type))
			continue;
		if (!vd_span_is(key, "data") || vd_json_peek(&j) != VD_JSON_OBJECT) {
			vd_json_skip(&j);
			continue;
		}
		vd_json_enter_object(&j);
		while (vd_json_next_key(&j, &key)) {
			struct vd_json_val v;
			if (!vd_json_value(&j, &v))
				break;
			if (vd_span_is(key, "ieee_address"))
				e->ieee = v;
			else if (vd_span_is(key, "friendly_name"))
				e->name = v;
			else if (vd_span_is(key, "status"))
				e->status = v;
		}
	}
	return vd_json_finish(&j) == 0;
}

int z2m_bridge_event(struct vd_decoded *d, struct vd_span body)
{
	struct bridge_event e = {0};
	if (!read_bridge_event(body, &e))
		return snprintf(d->error, sizeof(d->error), "bridge/event is not a JSON object"),
		       VD_EPARSE;
	struct vd_span who = e.ieee.raw.n ? e.ieee.raw : e.name.raw;
	if (!who.n)
		return 0;
	if (vd_span_is(e.type.raw, "device_announce"))
		vd_reading_add(d, who, VD_KIND_DEVICE_JOINED, "announce")->flags |= VD_F_EDGE;
	else if (vd_span_is(e.type.raw, "device_joined"))
		vd_reading_add(d, who, VD_KIND_DEVICE_JOINED, "joined")->flags |= VD_F_EDGE;
	else if (vd_span_is(e.type.raw, "device_leave"))
		vd_reading_add(d, who, VD_KIND_DEVICE_LEFT, "left")->flags |= VD_F_EDGE;
	else if (vd_span_is(e.type.raw, "device_interview") &&
		 vd_kind_takes(VD_KIND_DEVICE_ONBOARDING, e.status.raw)) {
		char word[24];
		vd_span_copy(word, sizeof(word), e.status.raw);
		vd_reading_add(d, who, VD_KIND_DEVICE_ONBOARDING, word)->flags |= VD_F_EDGE;
	}
	return 0;
}

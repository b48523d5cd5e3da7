/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/lorawan.h"
#include "adapters/common/place.h"
#include "base/err.h"
#include "base/map.h"

#define FEATURES_MAX 160 /* bytes of kinds' names of one device */

/* Milesight radars: {"alarm_id":4660,"alarm_type":"fall","alarm_status":"alarm_triggered"}. The id
 * links what follows to the fall; "ignored" and "deactivated" end the device's episode, never ours.
 */
static void device_alarm(const struct vd_uplink *u, struct vd_span text,
			 const struct vd_reading *like, struct vd_decoded *ret)
{
	struct vd_json_val id = {0}, type = {0}, status = {0};
	if (!vd_json_find(text, "alarm_type", &type) || !vd_span_is(type.raw, "fall") ||
	    !vd_json_find(text, "alarm_status", &status))
		return;
	(void)vd_json_find(text, "alarm_id", &id);
	bool begins = vd_span_is(status.raw, "alarm_triggered");
	struct vd_reading *r =
		vd_reading_add(ret, u->dev_eui, VD_KIND_FALL, begins ? "confirmed" : "ended");
	if (!r)
		return;
	(void)vd_whole(&id, 0, VD_WHOLE_MAX, &r->episode);
	r->t_ms = like->t_ms;
	r->t_src = like->t_src;
	r->seq = like->seq;
	r->flags |= like->flags;
}

static void device_alarms(const struct vd_uplink *u, struct vd_span array,
			  const struct vd_reading *like, struct vd_decoded *ret)
{
	struct vd_json j;
	struct vd_json_val v;
	vd_json_init(&j, array);
	if (!vd_json_enter_array(&j))
		return;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v))
		if (v.type == VD_JSON_OBJECT)
			device_alarm(u, v.raw, like, ret);
}

/* Rule 6: history is recorded, with its own time. Only what happened, not what was measured. */
static void history(const struct vd_tables *t, const struct vd_uplink *u, struct vd_span array,
		    const struct vd_reading *like, struct vd_decoded *ret)
{
	struct vd_json j;
	struct vd_json_val v, at;
	vd_json_init(&j, array);
	if (!vd_json_enter_array(&j))
		return;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		struct vd_reading old = *like;
		size_t from = ret->n;
		if (v.type != VD_JSON_OBJECT)
			continue;
		int64_t s;
		old.t_ms = 0;
		if (vd_json_find(v.raw, "timestamp", &at) &&
		    vd_whole(&at, 1, VD_TIME_MAX_MS / 1000, &s))
			old.t_ms = s * 1000;
		old.t_src = VD_T_DEVICE;
		old.flags |= VD_F_REPLAY;
		(void)vd_uplink_object(t, u, v.raw, &old, ret);
		for (size_t i = from; i < ret->n;)
			if (vd_kind_class(ret->readings[i].kind) == 'M')
				ret->readings[i] = ret->readings[--ret->n];
			else
				i++;
	}
}

int vd_uplink_object(const struct vd_tables *t, const struct vd_uplink *u, struct vd_span object,
		     const struct vd_reading *like, struct vd_decoded *ret)
{
	struct vd_field_of who = {.platform = VD_SPAN_LIT("lorawan"),
				  .vendor = u->vendor,
				  .model = u->model,
				  .firmware = u->firmware,
				  .identity = u->dev_eui,
				  .like = like};
	struct vd_json_val lat = {0}, lon = {0}, accuracy = {0};
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, object);
	if (!vd_json_enter_object(&j))
		return VD_EPARSE;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			break;
		if (vd_span_is(key, "latitude"))
			lat = v;
		else if (vd_span_is(key, "longitude"))
			lon = v;
		else if (vd_span_is(key, "accuracy"))
			accuracy = v;
		else if (vd_span_is(key, "history") && v.type == VD_JSON_ARRAY) {
			if (!(like->flags & VD_F_REPLAY)) /* history holds no history */
				history(t, u, v.raw, like, ret);
		} else if (vd_span_is(key, "events") && v.type == VD_JSON_ARRAY)
			device_alarms(u, v.raw, like, ret);
		else if (vd_table_read(t, &who, key, &v, ret) == VD_FIELD_UNKNOWN)
			vd_unknown_told(ret, key, &v);
	}
	vd_uplink_place(u, &lat, &lon, &accuracy, like, ret);
	return vd_json_finish(&j);
}

void vd_uplink_place(const struct vd_uplink *u, const struct vd_json_val *lat,
		     const struct vd_json_val *lon, const struct vd_json_val *accuracy_m,
		     const struct vd_reading *like, struct vd_decoded *ret)
{
	struct vd_spot s = vd_spot_of(lat, lon, accuracy_m);
	(void)vd_spot_add(ret, u->dev_eui, &s, like);
}

void vd_uplink_location(const struct vd_uplink *u, struct vd_span object,
			const struct vd_reading *like, struct vd_decoded *ret)
{
	struct vd_json_val lat = {0}, lon = {0}, accuracy = {0};
	(void)vd_json_find(object, "latitude", &lat);
	(void)vd_json_find(object, "longitude", &lon);
	(void)vd_json_find(object, "accuracy", &accuracy);
	vd_uplink_place(u, &lat, &lon, &accuracy, like, ret);
}

void vd_uplink_heard(const struct vd_uplink *u, struct vd_decoded *ret)
{
	bool seen[VD_KIND_MAX] = {false};
	if (!u->dev_eui.n || ret->n_heard == VD_MAX_HEARD_GATEWAY)
		return;
	struct vd_heard *w = &ret->heard[ret->n_heard++];
	*w = (struct vd_heard){.identity = u->dev_eui,
			       .vendor = u->vendor,
			       .model = u->model,
			       .serial = u->dev_eui,
			       .unsupported = u->payload.n && !u->object.n};
	if (vd_scratch_ready(ret, u->name.raw.n + FEATURES_MAX))
		return; /* without a name then; heard again next time */
	w->name = vd_keep(ret, &u->name);
	size_t from = ret->scratch.n;
	for (size_t i = 0; i < ret->n; i++) {
		enum vd_kind k = ret->readings[i].kind;
		const char *name = vd_kind_name(k);
		if (seen[k] || ret->scratch.n - from + strlen(name) + 2 > FEATURES_MAX)
			continue;
		seen[k] = true;
		if (ret->scratch.n > from)
			vd_buf_add_char(&ret->scratch, ' ');
		vd_buf_add_cstr(&ret->scratch, name);
	}
	w->features = vd_span(ret->scratch.p + from, ret->scratch.n - from);
}

void vd_uplink_dedup(const struct vd_uplink *u, struct vd_decoded *ret)
{
	char text[96];
	int n = snprintf(text, sizeof(text), "%.*s/%lld/%016llx", (int)u->dev_addr.n,
			 u->dev_addr.n ? u->dev_addr.p : "", (long long)u->f_cnt,
			 (unsigned long long)vd_hash64(u->payload, 0));
	if ((size_t)n >= sizeof(text)) /* what was written, not what would have been */
		n = (int)sizeof(text) - 1;
	ret->dedup = vd_hash64(vd_span(text, (size_t)n), vd_hash64(u->dev_addr, 0)) | 1;
	ret->dedup_device = u->dev_eui;
}

int vd_uplink_read(const struct vd_tables *t, const struct vd_uplink *u, struct vd_decoded *ret)
{
	struct vd_reading like = {.t_ms = u->t_ms,
				  .t_src = VD_T_GATEWAY,
				  .seq = u->f_cnt,
				  .flags = u->simulated ? VD_F_SIMULATED : 0};
	ret->alive = u->dev_eui;
	vd_uplink_dedup(u, ret);
	int err = u->object.n ? vd_uplink_object(t, u, u->object, &like, ret) : 0;
	if (err)
		return err;
	vd_table_settle(ret);
	if (!u->object.n) { /* alive, but nobody could read what it said */
		struct vd_reading *r =
			vd_reading_add(ret, u->dev_eui, VD_KIND_DEVICE_HEARTBEAT, "");
		if (r)
			r->seq = u->f_cnt;
		if (u->payload.n)
			vd_unknown_field(ret, VD_SPAN_LIT("(payload not decoded)"));
	}
	if (u->has_rssi && !u->simulated)
		vd_reading_value(ret, u->dev_eui, VD_KIND_DEVICE_LINK, u->rssi, "dBm");
	vd_uplink_heard(u, ret);
	return 0;
}

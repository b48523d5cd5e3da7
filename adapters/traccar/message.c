/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/traccar/message.h"
#include "base/err.h"

#define WHAT "what Traccar forwards"

static void number(const struct vd_json_val *v, int64_t *ret)
{
	(void)vd_whole(v, 0, VD_WHOLE_MAX, ret);
}

static void in_event(struct traccar_message *m, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "type") && v->type == VD_JSON_STRING)
		m->event.type = v->raw;
	else if (vd_span_is(key, "id"))
		number(v, &m->event.id);
	else if (vd_span_is(key, "geofenceId"))
		number(v, &m->event.geofence);
	else if (vd_span_is(key, "eventTime") ||
		 (vd_span_is(key, "serverTime") && !m->event.t_ms)) /* before version 4.13 */
		m->event.t_ms = vd_time_of(v);
	else if (vd_span_is(key, "attributes") && v->type == VD_JSON_OBJECT)
		(void)vd_json_find(v->raw, "alarm", &m->event.alarm);
}

static void in_position(struct traccar_message *m, struct vd_span key, const struct vd_json_val *v)
{
	struct traccar_position *p = &m->at;
	if (vd_span_is(key, "fixTime"))
		p->fix_ms = vd_time_of(v);
	else if (vd_span_is(key, "deviceTime"))
		p->device_ms = vd_time_of(v);
	else if (vd_span_is(key, "serverTime"))
		p->server_ms = vd_time_of(v);
	else if (vd_span_is(key, "valid"))
		p->valid = v->type == VD_JSON_TRUE;
	else if (vd_span_is(key, "outdated"))
		p->outdated = v->type == VD_JSON_TRUE;
	else if (vd_span_is(key, "latitude"))
		p->lat = *v;
	else if (vd_span_is(key, "longitude"))
		p->lon = *v;
	else if (vd_span_is(key, "accuracy"))
		p->accuracy = *v;
	else if (vd_span_is(key, "speed"))
		p->speed = *v;
	else if (vd_span_is(key, "protocol") && v->type == VD_JSON_STRING)
		p->protocol = v->raw;
	else if (vd_span_is(key, "id"))
		number(v, &p->id);
	else if (vd_span_is(key, "geofenceIds") && v->type == VD_JSON_ARRAY)
		p->zones = v->raw;
	else if (vd_span_is(key, "attributes") && v->type == VD_JSON_OBJECT) {
		struct vd_json_val archive = {0};
		p->attributes = v->raw;
		(void)vd_json_find(v->raw, "alarm", &p->alarm);
		p->archive =
			vd_json_find(v->raw, "archive", &archive) && archive.type == VD_JSON_TRUE;
	}
}

static void in_device(struct traccar_message *m, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "uniqueId") && v->type == VD_JSON_STRING) {
		if (m->unique_id.type)
			m->twice = "device.uniqueId";
		m->unique_id = *v;
	} else if (vd_span_is(key, "id"))
		number(v, &m->device);
	else if (vd_span_is(key, "name"))
		m->name = *v;
	else if (vd_span_is(key, "model"))
		m->model = *v;
}

static void in_geofence(struct traccar_message *m, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "name") && v->type == VD_JSON_STRING)
		m->geofence = *v;
}

static const struct part {
	const char *name;
	void (*field)(struct traccar_message *m, struct vd_span key, const struct vd_json_val *v);
} parts[] = {{"event", in_event},
	     {"position", in_position},
	     {"device", in_device},
	     {"geofence", in_geofence},
	     {"maintenance", NULL}};

static void read_part(struct vd_json *j, const struct part *part, struct traccar_message *m)
{
	struct vd_json_val v;
	struct vd_span key;
	bool *told = part->field == in_event      ? &m->event.told
		     : part->field == in_position ? &m->at.told
						  : NULL;
	if (!part->field || vd_json_peek(j) != VD_JSON_OBJECT) { /* null: none this time */
		(void)vd_json_value(j, &v);
		return;
	}
	if (told && *told)
		m->twice = part->name;
	if (told)
		*told = true;
	(void)vd_json_enter_object(j);
	while (vd_json_next_key(j, &key) && vd_json_value(j, &v))
		part->field(m, key, &v);
}

static void read_member(struct vd_json *j, struct vd_span key, struct traccar_message *m,
			struct vd_decoded *d)
{
	struct vd_json_val v;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (vd_span_is(key, parts[i].name)) {
			read_part(j, &parts[i], m);
			return;
		}
	if (vd_json_value(j, &v))
		vd_unknown_field(d, key);
}

static int wrong(struct vd_decoded *d, const char *what, const char *why)
{
	snprintf(d->error, sizeof(d->error), "%s%s", what, why);
	return VD_EINVAL;
}

int traccar_message_read(struct vd_span body, struct traccar_message *ret, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	*ret = (struct traccar_message){0};
	if (!vd_span_trim(body).n)
		return wrong(d, "an empty message: ",
			     "set forward.type and event.forward.type to json or mqtt");
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, WHAT);
	while (vd_json_next_key(&j, &key))
		read_member(&j, key, ret, d);
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, WHAT);
	if (ret->twice)
		return wrong(d, ret->twice, " is told twice");
	if (!ret->unique_id.raw.n || ret->unique_id.raw.n > 95)
		return wrong(d, "device.uniqueId is missing or longer than 95 bytes: ",
			     "whose message is it?");
	if (!ret->event.told && !ret->at.told)
		return wrong(d, "neither event nor position", " in the message");
	return 0;
}

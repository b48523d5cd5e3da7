/* SPDX-License-Identifier: EUPL-1.2 */
/* Tuya pill boxes, as Tuya's message queue tells them once decrypted: status reports (protocol 4),
 * device events (20) and their successors (1000, 1001). developer.tuya.com, "Message Types". */
#include "adapters/medicine/medicine_int.h"
#include "base/map.h"

enum {
	T_DATA,
	T_DEVICE,
	T_PRODUCT,
	T_STATUS,
	T_CODE,
	T_BIZ,
	T_TS,
	T_PRODUCT_ID,
	T_PROPERTIES,
	T_TIME,
	T_N
};

static const char *const tuya_names[T_N] = {"dataId",     "devId",   "productKey", "status",
					    "bizCode",    "bizData", "ts",         "productId",
					    "properties", "time"};

/* One data point: {"code":..,"value":..,"t":..} or {"code":..,"value":..,"time":..}. */
static int read_point(const struct vd_fhir *h, struct vd_span object, struct vd_reading like,
		      struct vd_span product, struct vd_json_val *cell, struct vd_decoded *d)
{
	enum { CODE, VALUE, T, TIME, N };
	static const char *const names[N] = {"code", "value", "t", "time"};
	struct vd_json_val m[N] = {{0}};
	int err = vd_members_read(d, object, "a Tuya data point",
				  &(struct vd_members){.names = names, .vals = m, .n = N});
	if (err)
		return err;
	if (m[CODE].type != VD_JSON_STRING)
		return medicine_wrong(d, "a Tuya data point needs its code");
	int64_t ms = vd_instant_told(m[T].type ? &m[T] : &m[TIME]);
	like.t_ms = ms ? ms : like.t_ms;
	if (vd_span_is(m[CODE].raw, "cell_number")) {
		*cell = m[VALUE];
		return 0;
	}
	size_t from = d->n;
	struct vd_field_of who = {.platform = VD_SPAN_LIT("tuya"),
				  .model = product,
				  .identity = like.identity,
				  .like = &like};
	if (vd_table_read(h->tables, &who, m[CODE].raw, &m[VALUE], d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(d, m[CODE].raw);
	for (size_t i = from; i < d->n; i++) /* how many doses are left, beside what that means */
		if (d->readings[i].kind == VD_KIND_MEDICATION_SUPPLY &&
		    m[VALUE].type == VD_JSON_NUMBER) {
			d->readings[i].value = m[VALUE].num;
			d->readings[i].has_value = true;
		}
	return 0;
}

static int read_points(const struct vd_fhir *h, struct vd_span list, const struct vd_reading *like,
		       struct vd_span product, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_json_val v, cell = {0};
	size_t from = d->n;
	int err = 0;
	vd_json_init(&j, list);
	(void)vd_json_enter_array(&j);
	while (!err && vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		if (v.type != VD_JSON_OBJECT)
			err = medicine_wrong(d, "a Tuya data point is an object");
		else if (d->n == VD_MAX_EVENTS_FRAME)
			err = medicine_wrong(d, "more than 64 data points in one message");
		else
			err = read_point(h, v.raw, *like, product, &cell, d);
	}
	for (size_t i = from; i < d->n; i++)
		if (d->readings[i].kind == VD_KIND_MEDICATION && cell.type == VD_JSON_NUMBER)
			vd_attr_number(&d->readings[i], "cell", cell.num);
	return err;
}

int medicine_tuya(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d)
{
	struct vd_json_val m[T_N] = {{0}}, b[T_N] = {{0}};
	struct vd_members members = {.names = tuya_names, .vals = m, .n = T_N};
	int err = vd_members_read(d, object, "a Tuya message", &members);
	members.vals = b;
	if (!err && m[T_BIZ].type == VD_JSON_OBJECT)
		err = vd_members_read(d, m[T_BIZ].raw, "bizData of a Tuya message", &members);
	if (err)
		return err;
	struct vd_reading like = {.t_src = VD_T_BRIDGE, .seq = -1};
	like.identity =
		vd_device_named(d, &h->people, m[T_DEVICE].type ? &m[T_DEVICE] : &b[T_DEVICE]);
	if (!like.identity.n)
		return medicine_wrong(d, "a Tuya message needs devId");
	like.t_ms = vd_instant_told(m[T_TS].type ? &m[T_TS] : &b[T_TIME]);
	struct vd_span product = m[T_PRODUCT].type ? m[T_PRODUCT].raw : b[T_PRODUCT_ID].raw;
	const struct vd_json_val *id = m[T_DATA].type ? &m[T_DATA] : &b[T_DATA];
	d->alive = d->dedup_device = like.identity;
	if (id->type == VD_JSON_STRING && id->raw.n)
		vd_told_key(d, vd_hash64(id->raw, 0));
	const struct vd_json_val *points = m[T_STATUS].type == VD_JSON_ARRAY ? &m[T_STATUS]
					   : b[T_PROPERTIES].type == VD_JSON_ARRAY
						   ? &b[T_PROPERTIES]
						   : &b[T_STATUS];
	if (points->type == VD_JSON_ARRAY)
		err = read_points(h, points->raw, &like, product, d);
	else if (m[T_CODE].type == VD_JSON_STRING)
		(void)medicine_field(h, d, "tuya", vd_span("", 0), &like, VD_SPAN_LIT("bizCode"),
				     &m[T_CODE]);
	else
		vd_unknown_field(d, VD_SPAN_LIT("a Tuya message without status"));
	struct vd_heard *w = err ? NULL : vd_told_heard(d, like.identity);
	if (w) {
		w->vendor = VD_SPAN_LIT("Tuya");
		w->model = product;
	}
	return err;
}

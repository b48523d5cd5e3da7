/* SPDX-License-Identifier: EUPL-1.2 */
/* Gillie, Tenovi and Impilo: one happening a message, its word looked up in the table. */
#include "adapters/medicine/medicine_int.h"
#include "base/map.h"

static struct vd_span text_of(const struct vd_json_val *v)
{
	return v->type == VD_JSON_STRING || v->type == VD_JSON_NUMBER ? v->raw : vd_span("", 0);
}

/* The value a row is looked up with: the message's own, else a word no row names. */
static struct vd_json_val told_value(const struct vd_json_val *v)
{
	double n;
	bool suspect;
	if (v->type == VD_JSON_NUMBER || vd_number_told(v, &n, &suspect))
		return *v;
	return (struct vd_json_val){.type = VD_JSON_STRING, .raw = VD_SPAN_LIT("told")};
}

/* The halves of a blood pressure, where a row says by its zone which one a value is. */
static void pair(struct vd_decoded *d, size_t from, const struct vd_json_val *other)
{
	for (size_t i = from; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		double n;
		bool suspect;
		if (r->kind != VD_KIND_VITAL_BLOOD_PRESSURE || !r->has_value)
			continue;
		vd_attr_number(r, r->zone[0] ? r->zone : "systolic", r->value);
		if (other && vd_number_told(other, &n, &suspect))
			vd_attr_number(r, "diastolic", n);
		r->has_value = false;
		r->value = 0;
		r->zone[0] = '\0';
	}
}

/* -- Gillie: apidoc.gillie.ai --------------------------------------------------------------- */

/* person_id is a national number where it is used, and so may external ids be. One device a person
 * and brand, as Gillie has it. */
static struct vd_span gillie_identity(const struct vd_fhir *h, struct vd_decoded *d,
				      struct vd_span person, struct vd_span brand)
{
	char who[160];
	int n = snprintf(who, sizeof(who), "%.*s/%.*s", (int)(person.n < 75 ? person.n : 75),
			 person.n ? person.p : "", (int)(brand.n < 75 ? brand.n : 75),
			 brand.n ? brand.p : "");
	return person.n && n > 0 ? vd_pseudonym(d, &h->people, "person", vd_span(who, (size_t)n))
				 : vd_span("", 0);
}

int medicine_gillie(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d)
{
	enum { WHAT, PERSON, EXTERNAL, DEVICE, BRAND, TRANSACTION, AT, VALUE, TEXT, N };
	static const char *const names[N] = {"measurement", "person_id",   "customer_external_id",
					     "device_id",   "device_type", "transaction_id",
					     "at",          "value",       "string_value"};
	struct vd_json_val m[N] = {{0}};
	int err = vd_members_read(
		d, object, "a Gillie datapoint",
		&(struct vd_members){.names = names, .vals = m, .n = N, .strict = true});
	if (err)
		return err;
	struct vd_span brand = text_of(&m[BRAND]);
	struct vd_reading like = {.t_src = VD_T_BRIDGE, .seq = -1};
	like.identity =
		m[DEVICE].type ? vd_device_named(d, &h->people, &m[DEVICE]) : vd_span("", 0);
	if (!like.identity.n)
		like.identity = gillie_identity(
			h, d, text_of(m[PERSON].type ? &m[PERSON] : &m[EXTERNAL]), brand);
	if (m[WHAT].type != VD_JSON_STRING || !like.identity.n)
		return medicine_wrong(d, "a Gillie datapoint needs measurement and person_id, "
					 "device_id or customer_external_id");
	like.t_ms = vd_instant_told(&m[AT]);
	d->alive = d->dedup_device = like.identity;
	if (text_of(&m[TRANSACTION]).n)
		vd_told_key(d, vd_hash64(text_of(&m[TRANSACTION]), 0));
	size_t from = d->n;
	struct vd_json_val value = told_value(&m[VALUE]);
	(void)medicine_field(h, d, "gillie", brand, &like, m[WHAT].raw, &value);
	pair(d, from, NULL);
	struct vd_heard *w = vd_told_heard(d, like.identity);
	if (w)
		w->vendor = m[BRAND].type == VD_JSON_STRING && !m[BRAND].escaped ? brand
										 : vd_span("", 0);
	return 0;
}

/* -- Tenovi: docs.tenovi.com/hwi-api/webhooks/measurement-webhooks -------------------------- */

int medicine_tenovi(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d)
{
	enum {
		METRIC,
		NAME,
		DEVICE,
		PATIENT,
		HARDWARE,
		SENSOR,
		ONE,
		TWO,
		AT,
		GUESSED,
		CREATED,
		OFFSET,
		PARAMS,
		PHONE,
		N
	};
	static const char *const names[N] = {
		"metric",        "device_name",         "hwi_device_id", "patient_id",
		"hardware_uuid", "sensor_code",         "value_1",       "value_2",
		"timestamp",     "estimated_timestamp", "created",       "timezone_offset",
		"filter_params", "patient_phone_number"};
	struct vd_json_val m[N] = {{0}};
	int err = vd_members_read(
		d, object, "a Tenovi measurement",
		&(struct vd_members){.names = names, .vals = m, .n = N, .strict = true});
	if (err)
		return err;
	struct vd_reading like = {.t_src = VD_T_DEVICE,
				  .seq = -1,
				  .identity = vd_device_named(d, &h->people, &m[DEVICE])};
	if (m[METRIC].type != VD_JSON_STRING || !like.identity.n)
		return medicine_wrong(d, "a Tenovi measurement needs metric and hwi_device_id");
	if (m[GUESSED].type != VD_JSON_TRUE) /* a time its gateway guessed is none */
		like.t_ms = vd_instant_told(&m[AT]);
	d->alive = d->dedup_device = like.identity;
	if (m[AT].raw.n)
		vd_told_key(d, vd_hash64(m[AT].raw, vd_hash64(m[METRIC].raw, 0)) ^
				       vd_hash64(m[ONE].raw, vd_hash64(m[TWO].raw, 1)));
	size_t from = d->n;
	struct vd_json_val value = told_value(&m[ONE]);
	(void)medicine_field(h, d, "tenovi", VD_SPAN_LIT("Tenovi"), &like, m[METRIC].raw, &value);
	for (size_t i = from; i < d->n; i++) {
		enum vd_kind k = d->readings[i].kind;
		if (k != VD_KIND_MEDICATION && k != VD_KIND_MEDICATION_SUPPLY)
			continue;
		d->readings[i].flags &= ~(unsigned)VD_F_SUSPECT;
		vd_attr_text(&d->readings[i], "compartment", text_of(&m[ONE]));
		vd_attr_text(&d->readings[i], "half", text_of(&m[TWO]));
	}
	pair(d, from, &m[TWO]);
	struct vd_heard *w = vd_told_heard(d, like.identity);
	if (w) {
		w->vendor = VD_SPAN_LIT("Tenovi");
		w->model = m[NAME].type == VD_JSON_STRING && !m[NAME].escaped ? m[NAME].raw
									      : vd_span("", 0);
	}
	return 0;
}

/* -- Impilo: docs.impiloplatform.com -------------------------------------------------------- */

/* Either the reading itself, or a webhook {"id":..,"type":..,"payload":{..}} around it. The patient
 * in it is never read. */
int medicine_impilo(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d)
{
	enum { ID, TYPE, PAYLOAD, AT, EVENT, DEVICE, DEVICE_ID, DEVICE_NAME, MANUAL, BATTERY, N };
	static const char *const names[N] = {
		"id",     "type",     "payload",          "readingTimestamp", "eventType",
		"device", "deviceId", "deviceIdentifier", "manual",           "batteryPercentage"};
	struct vd_json_val m[N] = {{0}}, inner[N] = {{0}}, id = {0};
	struct vd_members members = {.names = names, .vals = m, .n = N};
	int err = vd_members_read(d, object, "an Impilo message", &members);
	members.vals = inner;
	if (!err && m[PAYLOAD].type == VD_JSON_OBJECT)
		err = vd_members_read(d, m[PAYLOAD].raw, "an Impilo payload", &members);
	if (err)
		return err;
	const struct vd_json_val *x = m[PAYLOAD].type == VD_JSON_OBJECT ? inner : m;
	if (x[DEVICE].type != VD_JSON_OBJECT || !vd_json_find(x[DEVICE].raw, "id", &id))
		id = x[DEVICE_NAME].type ? x[DEVICE_NAME] : x[DEVICE_ID];
	struct vd_reading like = {
		.t_src = VD_T_DEVICE, .seq = -1, .identity = vd_device_named(d, &h->people, &id)};
	if (!like.identity.n)
		return medicine_wrong(d, "an Impilo message needs its device");
	like.t_ms = vd_instant_told(&x[AT]);
	d->alive = d->dedup_device = like.identity;
	if (m[ID].raw.n)
		vd_told_key(d, vd_hash64(m[ID].raw, 0));
	struct vd_json_val told = {.type = VD_JSON_STRING, .raw = VD_SPAN_LIT("told")};
	size_t from = d->n;
	if (x[BATTERY].type)
		(void)medicine_field(h, d, "impilo", vd_span("", 0), &like,
				     VD_SPAN_LIT("batteryPercentage"), &x[BATTERY]);
	struct vd_span word = text_of(x[EVENT].type ? &x[EVENT] : &m[TYPE]);
	if (word.n)
		(void)medicine_field(h, d, "impilo", vd_span("", 0), &like, word, &told);
	for (size_t i = from; x[MANUAL].type == VD_JSON_TRUE && i < d->n; i++)
		vd_attr_true(&d->readings[i], "manual");
	return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Observation: what was measured, in whose unit, or why it could not be. */
#include "adapters/common/fhir_int.h"

/* Units are UCUM. Weight in grams (VKP), pounds, Fahrenheit and kilopascal become the vocabulary's;
 * all else is kept as told, glucose in mg/dL too. */
static void set_unit(struct vd_reading *r, struct vd_span unit)
{
	static const struct {
		const char *from, *to;
		double scale, offset;
	} units[] = {{"g", "kg", 0.001, 0},
		     {"[lb_av]", "kg", 0.45359237, 0},
		     {"[degF]", "Cel", 5.0 / 9, -160.0 / 9},
		     {"kPa", "mm[Hg]", 7.50061683, 0},
		     {"mmol/l", "mmol/L", 1, 0},
		     {"mg/dl", "mg/dL", 1, 0},
		     {"mmHg", "mm[Hg]", 1, 0},
		     {"{beat}/min", "/min", 1, 0},
		     {"{beats}/min", "/min", 1, 0},
		     {"bpm", "/min", 1, 0},
		     {"{breath}/min", "/min", 1, 0},
		     {"{breaths}/min", "/min", 1, 0},
		     {"{score}", "", 1, 0}};
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (vd_span_is(unit, units[i].from)) {
			r->value = r->value * units[i].scale + units[i].offset;
			snprintf(r->unit, sizeof(r->unit), "%s", units[i].to);
			return;
		}
	if (!unit.n)
		r->flags |= VD_F_SUSPECT; /* the row's unit stands, nobody told it */
	else if (!vd_span_copy(r->unit, sizeof(r->unit), unit))
		r->unit[0] = '\0';
}

static bool set_quantity(struct vd_reading *r, const struct vd_json_val *quantity)
{
	struct vd_json_val v = {0}, unit = {0};
	bool suspect;
	if (quantity->type != VD_JSON_OBJECT || !vd_json_find(quantity->raw, "value", &v) ||
	    !vd_number_told(&v, &r->value, &suspect))
		return false;
	r->has_value = true;
	r->flags |= suspect ? VD_F_SUSPECT : 0;
	if (!vd_json_find(quantity->raw, "code", &unit) || !unit.raw.n)
		(void)vd_json_find(quantity->raw, "unit", &unit);
	set_unit(r, unit.type == VD_JSON_STRING && !unit.escaped ? unit.raw : vd_span("", 0));
	if (vd_json_find(quantity->raw, "comparator", &v) && v.type == VD_JSON_STRING)
		vd_attr_text(r, "comparator", v.raw);
	return true;
}

/* The first code of a CodeableConcept, or of a list of them. */
static struct vd_span first_code(const struct vd_json_val *c)
{
	struct vd_json_val v = *c, e;
	struct vd_json j;
	for (int i = 0; i < 2; i++) {
		if (v.type == VD_JSON_OBJECT && !vd_json_find(v.raw, "coding", &v))
			return vd_span("", 0);
		if (v.type != VD_JSON_ARRAY)
			return vd_span("", 0);
		vd_json_init(&j, v.raw);
		if (!vd_json_enter_array(&j) || !vd_json_next_elem(&j) || !vd_json_value(&j, &e) ||
		    e.type != VD_JSON_OBJECT)
			return vd_span("", 0);
		if (vd_json_find(e.raw, "code", &v) && v.type == VD_JSON_STRING)
			return v.raw;
		v = e;
	}
	return vd_span("", 0);
}

/* What was measured, or why it could not be. false: neither is told. */
static bool set_value(struct vd_reading *r, const struct vd_json_val *quantity,
		      const struct vd_json_val *absent)
{
	bool told = set_quantity(r, quantity);
	if (absent->type == VD_JSON_OBJECT) {
		if (r->kind == VD_KIND_VITAL_SPO2_QUALITY)
			snprintf(r->state, sizeof(r->state), "absent");
		else if (r->kind == VD_KIND_DEVICE_CLOCK)
			snprintf(r->state, sizeof(r->state), "fault");
		vd_attr_text(r, "absent", first_code(absent));
		if (!told)
			r->unit[0] = '\0';
		return true;
	}
	return told || r->state[0];
}

enum {
	O_STATUS,
	O_CODE,
	O_SUBJECT,
	O_DEVICE,
	O_AT,
	O_INSTANT,
	O_PERIOD,
	O_ISSUED,
	O_QUANTITY,
	O_ABSENT,
	O_INTERPRETATION,
	O_COMPONENT,
	O_IDENTIFIER,
	O_CONTAINED,
	O_N
};

static const char *const observation_names[O_N] = {"status",
						   "code",
						   "subject",
						   "device",
						   "effectiveDateTime",
						   "effectiveInstant",
						   "effectivePeriod",
						   "issued",
						   "valueQuantity",
						   "dataAbsentReason",
						   "interpretation",
						   "component",
						   "identifier",
						   "contained"};

/* Readings a concept begins keep their value when they have one, and go when they have none. */
static void measured(struct fhir_walk *w, const struct vd_reading *like,
		     const struct vd_json_val *code, const struct vd_json_val *quantity,
		     const struct vd_json_val *absent, bool panel)
{
	struct vd_span told = vd_span("", 0);
	size_t from = w->d->n;
	enum vd_field f = fhir_concept(w, like, code, &told);
	if (f == VD_FIELD_UNKNOWN)
		fhir_unknown(w, "code", told);
	for (size_t i = from; i < w->d->n;) {
		struct vd_reading *r = &w->d->readings[i];
		bool whole = panel && r->kind == VD_KIND_VITAL_BLOOD_PRESSURE && !r->zone[0];
		if (set_value(r, quantity, absent) || whole) {
			i++;
			continue;
		}
		fhir_unknown(w, "value of", told);
		*r = w->d->readings[--w->d->n];
	}
}

static void components(struct fhir_walk *w, const struct vd_reading *like,
		       const struct vd_json_val *list)
{
	struct vd_json j;
	struct vd_json_val v;
	if (list->type != VD_JSON_ARRAY)
		return;
	vd_json_init(&j, list->raw);
	(void)vd_json_enter_array(&j);
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		struct vd_json_val code = {0}, quantity = {0}, absent = {0};
		if (v.type != VD_JSON_OBJECT)
			continue;
		(void)vd_json_find(v.raw, "code", &code);
		(void)vd_json_find(v.raw, "valueQuantity", &quantity);
		(void)vd_json_find(v.raw, "dataAbsentReason", &absent);
		measured(w, like, &code, &quantity, &absent, false);
	}
}

/* Systolic, diastolic and mean are one measurement: a pair has no one value, so it is told in
 * attributes. The zones are the tables' way to say which is which. */
static void join_pressure(struct fhir_walk *w, size_t from)
{
	struct vd_reading *all = NULL;
	size_t keep = from;
	for (size_t i = from; i < w->d->n; i++) {
		struct vd_reading *r = &w->d->readings[i];
		if (r->kind != VD_KIND_VITAL_BLOOD_PRESSURE) {
			w->d->readings[keep++] = *r;
			continue;
		}
		struct vd_reading part = *r;
		if (!all) {
			all = &w->d->readings[keep++];
			*all = part;
			all->zone[0] = all->attrs[0] = '\0';
			all->has_value = false;
			all->value = 0;
		}
		all->flags |= part.flags & VD_F_SUSPECT;
		if (part.zone[0] && part.has_value)
			vd_attr_number(all, part.zone, part.value);
		else if (!all->attrs[0]) /* why there is none */
			memcpy(all->attrs, part.attrs, sizeof(all->attrs));
		if (part.unit[0])
			memcpy(all->unit, part.unit, sizeof(all->unit));
	}
	w->d->n = keep;
	if (all && !all->attrs[0]) { /* neither a part nor a reason */
		*all = w->d->readings[--w->d->n];
		fhir_unknown(w, "value of", VD_SPAN_LIT("blood pressure"));
	}
}

static bool in_alarm(const struct vd_json_val *interpretation)
{
	return vd_span_is(first_code(interpretation), "in-alarm");
}

int fhir_observation(struct fhir_walk *w, struct vd_span resource)
{
	struct vd_json_val m[O_N] = {{0}};
	int err = vd_members_read(
		w->d, resource, "an Observation",
		&(struct vd_members){.names = observation_names, .vals = m, .n = O_N});
	if (err || fhir_withdrawn(&m[O_STATUS]))
		return err;
	fhir_note_contained(w, &m[O_CONTAINED]);
	struct vd_reading like = {
		.t_src = VD_T_GATEWAY, .seq = -1, .flags = w->history ? VD_F_REPLAY : 0};
	/* A gateway writes about its device: the subject is the device then (clocks). */
	if (fhir_is_device(w, &m[O_SUBJECT]))
		like.identity = fhir_device_of(w, &m[O_SUBJECT]);
	if (!like.identity.n)
		like.identity = fhir_device_of(w, &m[O_DEVICE]);
	if (!like.identity.n)
		like.identity = fhir_person_of(w, &m[O_SUBJECT]);
	like.t_ms = fhir_instant(m[O_AT].type ? &m[O_AT] : &m[O_INSTANT], &m[O_PERIOD]);
	if (!like.t_ms)
		like.t_ms = vd_instant_told(&m[O_ISSUED]);
	size_t from = w->d->n;
	w->d->alive = like.identity;
	fhir_key(w, &m[O_IDENTIFIER], &like, resource);
	bool panel = m[O_COMPONENT].type == VD_JSON_ARRAY;
	measured(w, &like, &m[O_CODE], &m[O_QUANTITY], &m[O_ABSENT], panel);
	components(w, &like, &m[O_COMPONENT]);
	join_pressure(w, from);
	for (size_t i = from; i < w->d->n && in_alarm(&m[O_INTERPRETATION]); i++)
		vd_attr_true(&w->d->readings[i], "device_alarm");
	return 0;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* DetectedIssue, MedicationDispense and MedicationAdministration: what happened. */
#include "adapters/common/fhir_int.h"

/* An alert is a happening: no message says that it is over, so every one counts. One in a code
 * nobody knows is still an alert: a technician must look what it was. */
static int issue(struct fhir_walk *w, struct vd_span resource)
{
	enum { STATUS, CODE, PATIENT, AUTHOR, AT, PERIOD, IDENTIFIER, CONTAINED, N };
	static const char *const names[N] = {
		"status",           "code",       "patient",  "author", "identifiedDateTime",
		"identifiedPeriod", "identifier", "contained"};
	struct vd_json_val m[N] = {{0}};
	struct vd_span told = vd_span("", 0);
	int err = vd_members_read(w->d, resource, "a DetectedIssue",
				  &(struct vd_members){.names = names, .vals = m, .n = N});
	if (err || fhir_withdrawn(&m[STATUS]))
		return err;
	fhir_note_contained(w, &m[CONTAINED]);
	struct vd_reading like = {.t_src = VD_T_BRIDGE,
				  .seq = -1,
				  .flags = VD_F_EDGE | (w->history ? VD_F_REPLAY : 0)};
	like.identity = fhir_device_of(w, &m[AUTHOR]);
	if (!like.identity.n)
		like.identity = fhir_person_of(w, &m[PATIENT]);
	like.t_ms = fhir_instant(&m[AT], &m[PERIOD]);
	size_t from = w->d->n;
	w->d->alive = like.identity;
	if (fhir_concept(w, &like, &m[CODE], &told) == VD_FIELD_UNKNOWN) {
		struct vd_reading *r =
			vd_reading_add(w->d, like.identity, VD_KIND_DEVICE_FAULT, "uncertain");
		fhir_unknown(w, "alert", told);
		w->full |= !r;
		if (r) {
			r->t_ms = like.t_ms;
			r->t_src = like.t_src;
			r->flags = like.flags;
		}
	}
	for (size_t i = from; i < w->d->n; i++)
		vd_attr_text(&w->d->readings[i], "code", told);
	fhir_key(w, &m[IDENTIFIER], &like, told);
	return 0;
}

/* -- medicine ------------------------------------------------------------------------------- */

/* The dispenser among the performers: the others are people. */
static struct vd_span performing_device(struct fhir_walk *w, const struct vd_json_val *list)
{
	struct vd_json j;
	struct vd_json_val v, actor;
	struct vd_span found = vd_span("", 0);
	if (list->type != VD_JSON_ARRAY)
		return found;
	vd_json_init(&j, list->raw);
	(void)vd_json_enter_array(&j);
	while (!found.n && vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		if (v.type != VD_JSON_OBJECT)
			continue;
		bool nested = vd_json_find(v.raw, "actor", &actor);
		found = fhir_device_of(w, nested ? &actor : &v);
	}
	return found;
}

enum {
	M_STATUS,
	M_CATEGORY,
	M_SUBJECT,
	M_PERFORMER,
	M_AT,
	M_PREPARED,
	M_EFFECTIVE,
	M_PERIOD,
	M_DEVICE,
	M_IDENTIFIER,
	M_CONTAINED,
	M_N
};

static const char *const medicine_names[M_N] = {
	"status",         "category",     "subject",           "performer",
	"whenHandedOver", "whenPrepared", "effectiveDateTime", "effectivePeriod",
	"device",         "identifier",   "contained"};

/* category is one CodeableConcept in R4, a list of them in R5. */
static enum vd_field category(struct fhir_walk *w, const struct vd_reading *like,
			      const struct vd_json_val *c, struct vd_span *ret_code)
{
	struct vd_json j;
	struct vd_json_val v;
	enum vd_field best = VD_FIELD_UNKNOWN;
	if (c->type != VD_JSON_ARRAY)
		return fhir_concept(w, like, c, ret_code);
	vd_json_init(&j, c->raw);
	(void)vd_json_enter_array(&j);
	while (best != VD_FIELD_READ && vd_json_next_elem(&j) && vd_json_value(&j, &v))
		best = fhir_concept(w, like, &v, ret_code);
	return best;
}

/* The status comes first: only what is completed was dispensed in the way its category says. */
static void dispensed(struct fhir_walk *w, const struct vd_reading *like,
		      const struct vd_json_val *m, struct vd_span *ret_code)
{
	if (fhir_word(w, like, "dispense-status", m[M_STATUS].raw) == VD_FIELD_READ)
		return;
	enum vd_field f = category(w, like, &m[M_CATEGORY], ret_code);
	if (f != VD_FIELD_UNKNOWN)
		return;
	/* A list of another version may mean the opposite by a number: never taken for a dose. */
	bool told = m[M_CATEGORY].type != VD_JSON_NONE;
	if (told)
		fhir_unknown(w, "category", *ret_code);
	struct vd_span status = m[M_STATUS].raw.n ? m[M_STATUS].raw : VD_SPAN_LIT("unknown");
	f = told ? fhir_word(w, like, "dispense-other", VD_SPAN_LIT("told"))
		 : fhir_word(w, like, "dispense-plain", status);
	if (f == VD_FIELD_UNKNOWN)
		fhir_unknown(w, "status", status);
}

static int medicine(struct fhir_walk *w, struct vd_span resource, bool given)
{
	struct vd_json_val m[M_N] = {{0}};
	struct vd_span told = vd_span("", 0);
	int err = vd_members_read(
		w->d, resource, given ? "a MedicationAdministration" : "a MedicationDispense",
		&(struct vd_members){.names = medicine_names, .vals = m, .n = M_N});
	if (err || vd_span_is(m[M_STATUS].raw, "entered-in-error"))
		return err;
	fhir_note_contained(w, &m[M_CONTAINED]);
	struct vd_reading like = {.t_src = VD_T_BRIDGE,
				  .seq = -1,
				  .flags = VD_F_EDGE | (w->history ? VD_F_REPLAY : 0)};
	like.identity = performing_device(w, &m[M_DEVICE]);
	if (!like.identity.n)
		like.identity = performing_device(w, &m[M_PERFORMER]);
	if (!like.identity.n)
		like.identity = fhir_person_of(w, &m[M_SUBJECT]);
	like.t_ms = given ? fhir_instant(&m[M_EFFECTIVE],
					 m[M_PERIOD].type ? &m[M_PERIOD] : &m[M_EFFECTIVE])
			  : fhir_instant(m[M_AT].type ? &m[M_AT] : &m[M_PREPARED], &m[M_PERIOD]);
	size_t from = w->d->n;
	w->d->alive = like.identity;
	if (!given)
		dispensed(w, &like, m, &told);
	else if (fhir_word(w, &like, "administration-status", m[M_STATUS].raw) == VD_FIELD_UNKNOWN)
		fhir_unknown(w, "status", m[M_STATUS].raw);
	for (size_t i = from; i < w->d->n; i++)
		vd_attr_text(&w->d->readings[i], "code", told);
	fhir_key(w, &m[M_IDENTIFIER], &like, told.n ? told : m[M_STATUS].raw);
	return 0;
}

/* -- any of them ---------------------------------------------------------------------------- */

/* Resources that say who, where and why around the others. */
static bool is_known(struct vd_span type)
{
	static const char *const types[] = {"Patient",      "Person",           "RelatedPerson",
					    "Practitioner", "PractitionerRole", "Organization",
					    "Location",     "MessageHeader",    "Composition",
					    "Encounter",    "DeviceMetric",     "Medication",
					    "Provenance",   "CarePlan",         "MedicationRequest",
					    "CareTeam",     "EpisodeOfCare",    "OperationOutcome"};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (vd_span_is(type, types[i]))
			return true;
	return false;
}

static int read_resource(struct fhir_walk *w, struct vd_span type, struct vd_span resource)
{
	if (vd_span_is(type, "Observation"))
		return fhir_observation(w, resource);
	if (vd_span_is(type, "DetectedIssue"))
		return issue(w, resource);
	if (vd_span_is(type, "MedicationDispense"))
		return medicine(w, resource, false);
	if (vd_span_is(type, "MedicationAdministration"))
		return medicine(w, resource, true);
	if (vd_span_is(type, "Device"))
		fhir_device_heard(w, resource);
	else if (!is_known(type))
		fhir_unknown(w, "resource", type);
	return 0;
}

int fhir_resource(struct fhir_walk *w, struct vd_span type, struct vd_span resource)
{
	size_t known = w->n_known;
	if (!vd_told_room(w->d)) {
		w->full = true; /* a name without room would make it somebody else's */
		return 0;
	}
	int err = read_resource(w, type, resource);
	w->n_known = known; /* what it contained is known to it alone */
	return err;
}

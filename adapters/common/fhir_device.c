/* SPDX-License-Identifier: EUPL-1.2 */
/* Whose word a resource is: devices, references to them, persons by pseudonym only. */
#include "adapters/common/fhir_int.h"

/* Persons and organisations in Norway's registers (oid.nhn.no): never a device's identifier. */
static bool is_persons(const struct vd_json_val *system)
{
	return vd_span_starts(system->raw, VD_SPAN_LIT("urn:oid:2.16.578.1.12.4.1.")) ||
	       vd_span_starts(system->raw, VD_SPAN_LIT("http://ehelse.no/fhir/identifiertypes/"));
}

static struct vd_span person_named(struct fhir_walk *w, const struct vd_json_val *v)
{
	return v->type == VD_JSON_STRING
		       ? vd_pseudonym(w->d, &w->h->people, "person", vd_span_trim(v->raw))
		       : vd_span("", 0);
}

/* An Identifier's value, unless it is a person's or empty. */
static struct vd_span identifier_of(struct fhir_walk *w, struct vd_span identifier)
{
	struct vd_json_val system = {0}, value;
	(void)vd_json_find(identifier, "system", &system);
	if (is_persons(&system) || !vd_json_find(identifier, "value", &value) ||
	    memchr(value.raw.p, '@', value.raw.n)) /* whoever is signed in */
		return vd_span("", 0);
	return vd_device_named(w->d, &w->h->people, &value);
}

/* The first of a list of Identifiers that says something. */
static struct vd_span first_identifier(struct fhir_walk *w, struct vd_span resource, bool person)
{
	struct vd_json_val list, v, value;
	struct vd_json j;
	struct vd_span found = vd_span("", 0);
	if (!vd_json_find(resource, "identifier", &list) || list.type != VD_JSON_ARRAY)
		return found;
	vd_json_init(&j, list.raw);
	(void)vd_json_enter_array(&j);
	while (!found.n && vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		if (v.type != VD_JSON_OBJECT)
			continue;
		if (!person)
			found = identifier_of(w, v.raw);
		else if (vd_json_find(v.raw, "value", &value))
			found = person_named(w, &value);
	}
	return found;
}

/* Its identifier; else the serial number; else the id. */
static struct vd_span identity_of(struct fhir_walk *w, struct vd_span resource)
{
	struct vd_json_val v;
	struct vd_span found = first_identifier(w, resource, false);
	if (!found.n && vd_json_find(resource, "serialNumber", &v))
		found = vd_device_named(w->d, &w->h->people, &v);
	if (!found.n && vd_json_find(resource, "id", &v))
		found = vd_device_named(w->d, &w->h->people, &v);
	return found;
}

struct vd_span fhir_type_of(struct vd_span resource)
{
	struct vd_json_val v;
	return vd_json_find(resource, "resourceType", &v) && v.type == VD_JSON_STRING
		       ? v.raw
		       : vd_span("", 0);
}

void fhir_note(struct fhir_walk *w, struct vd_span type, struct vd_span url,
	       struct vd_span resource)
{
	bool person = vd_span_is(type, "Patient");
	struct vd_json_val id = {0};
	if (w->n_known == FHIR_KNOWN || (!person && !vd_span_is(type, "Device")))
		return; /* references beyond fall back to their own text */
	(void)vd_json_find(resource, "id", &id);
	w->known[w->n_known++] =
		(struct fhir_known){.url = url,
				    .id = id.raw,
				    .person = person,
				    .inside = vd_span_is(url, "#"),
				    .identity = person ? first_identifier(w, resource, true)
						       : identity_of(w, resource)};
}

void fhir_note_contained(struct fhir_walk *w, const struct vd_json_val *contained)
{
	struct vd_json j;
	struct vd_json_val v;
	if (contained->type != VD_JSON_ARRAY)
		return;
	vd_json_init(&j, contained->raw);
	(void)vd_json_enter_array(&j);
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v))
		if (v.type == VD_JSON_OBJECT)
			fhir_note(w, fhir_type_of(v.raw), VD_SPAN_LIT("#"), v.raw);
}

static struct vd_span first_name(struct vd_span resource)
{
	struct vd_json_val list, v, name;
	struct vd_json j;
	if (!vd_json_find(resource, "deviceName", &list) || list.type != VD_JSON_ARRAY)
		return vd_span("", 0);
	vd_json_init(&j, list.raw);
	if (vd_json_enter_array(&j) && vd_json_next_elem(&j) && vd_json_value(&j, &v) &&
	    v.type == VD_JSON_OBJECT && vd_json_find(v.raw, "name", &name) &&
	    name.type == VD_JSON_STRING && !name.escaped)
		return name.raw;
	return vd_span("", 0);
}

static struct vd_span plain(struct vd_span resource, const char *member)
{
	struct vd_json_val v;
	return vd_json_find(resource, member, &v) && v.type == VD_JSON_STRING && !v.escaped
		       ? v.raw
		       : vd_span("", 0);
}

void fhir_device_heard(struct fhir_walk *w, struct vd_span resource)
{
	struct vd_heard *h = vd_told_heard(w->d, identity_of(w, resource));
	if (!h)
		return;
	h->name = first_name(resource);
	h->vendor = plain(resource, "manufacturer");
	h->model = plain(resource, "modelNumber");
	h->serial = plain(resource, "serialNumber");
}

/* "Device/x", "https://server/fhir/Device/x/_history/2" -> "x". */
static struct vd_span id_in(struct vd_span reference, struct vd_span type)
{
	struct vd_span id;
	for (size_t i = reference.n; i-- > 0;) {
		struct vd_span rest = vd_span_skip(reference, i);
		if ((i && reference.p[i - 1] != '/') || !vd_span_starts(rest, type))
			continue;
		rest = vd_span_skip(rest, type.n);
		return vd_span_next(&rest, '/', &id) ? id : vd_span("", 0);
	}
	return vd_span("", 0);
}

#define DEVICE  VD_SPAN_LIT("Device/")
#define PATIENT VD_SPAN_LIT("Patient/")

/* The last noted first: "#id" is of the resource being read, not of the one before. */
static const struct fhir_known *noted(const struct fhir_walk *w, struct vd_span reference,
				      bool person)
{
	bool inside = reference.n && reference.p[0] == '#';
	struct vd_span id =
		inside ? vd_span_skip(reference, 1) : id_in(reference, person ? PATIENT : DEVICE);
	for (size_t i = w->n_known; i-- > 0;) {
		const struct fhir_known *k = &w->known[i];
		if (k->person == person && k->inside == inside &&
		    ((k->url.n && vd_span_eq(k->url, reference)) ||
		     (id.n && vd_span_eq(k->id, id))))
			return k;
	}
	return NULL;
}

static struct vd_span text_of(const struct vd_json_val *reference, const char *member)
{
	struct vd_json_val v;
	return reference->type == VD_JSON_OBJECT && vd_json_find(reference->raw, member, &v) &&
			       v.type == VD_JSON_STRING
		       ? v.raw
		       : vd_span("", 0);
}

bool fhir_is_device(const struct fhir_walk *w, const struct vd_json_val *reference)
{
	struct vd_span ref = text_of(reference, "reference");
	return vd_span_is(text_of(reference, "type"), "Device") || id_in(ref, DEVICE).n ||
	       (ref.n && noted(w, ref, false));
}

/* People and organisations stand among performers and authors too. */
static bool is_somebody(struct vd_span ref, struct vd_span type)
{
	static const char *const who[] = {"Practitioner",  "PractitionerRole", "Patient",
					  "RelatedPerson", "Organization",     "CareTeam"};
	char prefix[24];
	for (size_t i = 0; i < sizeof(who) / sizeof(who[0]); i++) {
		snprintf(prefix, sizeof(prefix), "%s/", who[i]);
		if (vd_span_is(type, who[i]) || id_in(ref, vd_span_cstr(prefix)).n)
			return true;
	}
	return false;
}

struct vd_span fhir_device_of(struct fhir_walk *w, const struct vd_json_val *reference)
{
	struct vd_json_val v;
	struct vd_span ref = text_of(reference, "reference");
	if (reference->type != VD_JSON_OBJECT || is_somebody(ref, text_of(reference, "type")))
		return vd_span("", 0);
	const struct fhir_known *known = ref.n ? noted(w, ref, false) : NULL;
	if (known && known->identity.n)
		return known->identity;
	if (vd_json_find(reference->raw, "identifier", &v) && v.type == VD_JSON_OBJECT) {
		struct vd_span told = identifier_of(w, v.raw);
		if (told.n)
			return told;
	}
	/* urn:uuid and #id mean nothing outside their message */
	struct vd_json_val id = {.type = VD_JSON_STRING, .raw = id_in(ref, DEVICE)};
	return vd_device_named(w->d, &w->h->people, &id);
}

struct vd_span fhir_person_of(struct fhir_walk *w, const struct vd_json_val *reference)
{
	struct vd_json_val v;
	struct vd_span ref = text_of(reference, "reference");
	const struct fhir_known *known = ref.n ? noted(w, ref, true) : NULL;
	if (known && known->identity.n)
		return known->identity;
	if (reference->type == VD_JSON_OBJECT &&
	    vd_json_find(reference->raw, "identifier.value", &v)) {
		struct vd_span told = person_named(w, &v);
		if (told.n)
			return told;
	}
	v = (struct vd_json_val){.type = VD_JSON_STRING, .raw = id_in(ref, PATIENT)};
	return person_named(w, &v);
}

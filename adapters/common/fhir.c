/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/fhir_int.h"
#include "base/err.h"

static int wrong(struct vd_decoded *d, const char *what)
{
	snprintf(d->error, sizeof(d->error), "%s", what);
	return VD_EINVAL;
}

/* The next entry's fullUrl and resource; false at the end of the list. */
static bool next_entry(struct vd_json *j, struct vd_span *ret_url, struct vd_json_val *ret)
{
	struct vd_json_val e, v;
	while (vd_json_next_elem(j) && vd_json_value(j, &e)) {
		if (e.type != VD_JSON_OBJECT || !vd_json_find(e.raw, "resource", ret) ||
		    ret->type != VD_JSON_OBJECT)
			continue;
		*ret_url = vd_json_find(e.raw, "fullUrl", &v) && v.type == VD_JSON_STRING
				   ? v.raw
				   : vd_span("", 0);
		return true;
	}
	return false;
}

/* Who is who first: a resource may point to one that comes after it. */
static int read_bundle(struct fhir_walk *w, const struct vd_json_val *type,
		       const struct vd_json_val *entries)
{
	struct vd_json j;
	struct vd_json_val r;
	struct vd_span url;
	int err = 0;
	w->history = vd_span_is(type->raw, "history") || vd_span_is(type->raw, "searchset");
	if (entries->type != VD_JSON_ARRAY)
		return 0;
	vd_json_init(&j, entries->raw);
	(void)vd_json_enter_array(&j);
	while (next_entry(&j, &url, &r))
		fhir_note(w, fhir_type_of(r.raw), url, r.raw);
	vd_json_init(&j, entries->raw);
	(void)vd_json_enter_array(&j);
	while (!err && next_entry(&j, &url, &r))
		err = fhir_resource(w, fhir_type_of(r.raw), r.raw);
	return err;
}

int vd_fhir_read(const struct vd_fhir *h, struct vd_span body, struct vd_decoded *d)
{
	static const char *const names[] = {"resourceType", "type", "entry"};
	struct vd_json_val m[3] = {{0}};
	struct fhir_walk w = {.h = h, .d = d};
	body = vd_span_trim(body);
	if (body.n && body.p[0] == '<')
		return wrong(d, "FHIR is read as JSON: send application/fhir+json, not XML");
	int err = vd_members_read(d, body, "a FHIR resource",
				  &(struct vd_members){.names = names, .vals = m, .n = 3});
	if (err)
		return err;
	if (m[0].type != VD_JSON_STRING)
		return wrong(d, "resourceType is missing: this is no FHIR resource");
	if (vd_span_is(m[0].raw, "Bundle"))
		err = read_bundle(&w, &m[1], &m[2]);
	else
		err = fhir_resource(&w, m[0].raw, body);
	if (!err && w.full)
		err = wrong(d, "more than 64 readings, or too many devices, in one message: send "
			       "smaller Bundles");
	if (err) {
		d->n = d->n_heard = 0;
		return err;
	}
	vd_told_features(d);
	d->dedup = w.keyless ? 0 : w.key;
	d->dedup_device = d->alive;
	return 0;
}

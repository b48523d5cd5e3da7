/* SPDX-License-Identifier: EUPL-1.2 */
/* Codes, through the tables; times; what makes a resource known again. */
#include "adapters/common/fhir_int.h"
#include "base/map.h"

#define KEY_BYTES  64
#define CODE_BYTES 32

/* The short name of a code system, as the tables know it. The version stays: VKP's code 2 was "not
 * dispensed" in v06 and is "dispensed for a journey" in v090. */
static void short_name(struct vd_span system, char ret[KEY_BYTES])
{
	size_t at = system.n;
	if (vd_span_is(system, "urn:iso:std:iso:11073:10101")) {
		snprintf(ret, KEY_BYTES, "mdc");
		return;
	}
	if (vd_span_is(system, "http://loinc.org")) {
		snprintf(ret, KEY_BYTES, "loinc");
		return;
	}
	while (at && system.p[at - 1] != '/' && system.p[at - 1] != ':')
		at--;
	vd_span_copy(ret, KEY_BYTES, system.n ? vd_span_skip(system, at) : VD_SPAN_LIT("code"));
}

/* "1.24" that no row knows is read as "1": the lists are ordered, a new code is a kind of its head.
 */
static bool shorten(struct vd_span *code)
{
	while (code->n && code->p[code->n - 1] != '.')
		code->n--;
	if (code->n)
		code->n--;
	return code->n > 0;
}

enum vd_field fhir_word(struct fhir_walk *w, const struct vd_reading *like, const char *key,
			struct vd_span code)
{
	struct vd_field_of who = {
		.platform = VD_SPAN_LIT("fhir"), .identity = like->identity, .like = like};
	size_t before = w->d->n;
	if (w->d->n == VD_MAX_EVENTS_FRAME) {
		w->full = true;
		return VD_FIELD_IGNORED;
	}
	enum vd_field f = vd_table_word(w->h->tables, &who, vd_span_cstr(key), code, w->d);
	if (w->d->n > before) { /* the cell is a code: digits in it are no measurement */
		struct vd_reading *r = &w->d->readings[before];
		r->has_value = false;
		r->value = 0;
		r->flags = (r->flags & ~(unsigned)VD_F_SUSPECT) | (like->flags & VD_F_SUSPECT);
	}
	/* "unknown" as a code is a code nobody knows, not a value that is not known */
	struct vd_json_val v = {.type = VD_JSON_STRING, .raw = code};
	return f == VD_FIELD_IGNORED && vd_unknown_value(&v) ? VD_FIELD_UNKNOWN : f;
}

/* What a code says besides, by a row under "<system>.also": a state, no happening of its own. */
static void also(struct fhir_walk *w, const struct vd_reading *like, const char *key,
		 struct vd_span code)
{
	char name[KEY_BYTES + 8];
	struct vd_reading state = *like;
	state.flags &= ~(unsigned)VD_F_EDGE;
	snprintf(name, sizeof(name), "%s.also", key);
	(void)fhir_word(w, &state, name, code);
}

/* What one Coding says. */
static enum vd_field coding(struct fhir_walk *w, const struct vd_reading *like, struct vd_span c,
			    struct vd_span *ret_code)
{
	char key[KEY_BYTES];
	struct vd_json_val system = {0}, code = {0};
	(void)vd_json_find(c, "system", &system);
	if (!vd_json_find(c, "code", &code) || code.type != VD_JSON_STRING || !code.raw.n)
		return VD_FIELD_UNKNOWN;
	short_name(system.raw, key);
	*ret_code = code.raw;
	struct vd_span sought = code.raw;
	enum vd_field f = fhir_word(w, like, key, sought);
	bool ordered = vd_span_starts(vd_span_cstr(key), VD_SPAN_LIT("vkp-")) &&
		       sought.n < CODE_BYTES; /* nobody makes us look up a long one part by part */
	while (f == VD_FIELD_UNKNOWN && ordered && shorten(&sought))
		f = fhir_word(w, like, key, sought);
	if (f == VD_FIELD_READ)
		also(w, like, key, sought);
	return f;
}

/* A CodeableConcept: the first of its codings that a row reads. */
enum vd_field fhir_concept(struct fhir_walk *w, const struct vd_reading *like,
			   const struct vd_json_val *c, struct vd_span *ret_code)
{
	struct vd_json_val list, v;
	struct vd_json j;
	enum vd_field best = VD_FIELD_UNKNOWN;
	if (c->type != VD_JSON_OBJECT || !vd_json_find(c->raw, "coding", &list) ||
	    list.type != VD_JSON_ARRAY)
		return best;
	vd_json_init(&j, list.raw);
	(void)vd_json_enter_array(&j);
	while (best != VD_FIELD_READ && vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
		enum vd_field f = v.type == VD_JSON_OBJECT ? coding(w, like, v.raw, ret_code)
							   : VD_FIELD_UNKNOWN;
		best = f > best ? f : best;
	}
	return best;
}

void fhir_unknown(struct fhir_walk *w, const char *what, struct vd_span code)
{
	char name[48], plain[CODE_BYTES];
	vd_span_copy(plain, sizeof(plain), code);
	int n = snprintf(name, sizeof(name), "%s %s", what, plain);
	vd_unknown_field(w->d, vd_span(name, n < 0 ? 0 : strlen(name)));
}

int64_t fhir_instant(const struct vd_json_val *point, const struct vd_json_val *period)
{
	struct vd_json_val v;
	int64_t ms = vd_instant_told(point);
	if (!ms && period->type == VD_JSON_OBJECT) {
		if (vd_json_find(period->raw, "end", &v))
			ms = vd_instant_told(&v);
		if (!ms && vd_json_find(period->raw, "start", &v))
			ms = vd_instant_told(&v);
	}
	return ms;
}

/* The first Identifier's system and value as they stand; "" when it has no value. */
static struct vd_span identifier_in(const struct vd_json_val *identifier)
{
	struct vd_json_val v = *identifier, value;
	struct vd_json j;
	if (v.type == VD_JSON_ARRAY) {
		vd_json_init(&j, identifier->raw);
		if (!vd_json_enter_array(&j) || !vd_json_next_elem(&j) || !vd_json_value(&j, &v))
			return vd_span("", 0);
	}
	return v.type == VD_JSON_OBJECT && vd_json_find(v.raw, "value", &value) && value.raw.n
		       ? v.raw
		       : vd_span("", 0);
}

/* Its business identifier and time; without one who, what and when. An id of the sender's own
 * server is no key: some give every resource the same. */
void fhir_key(struct fhir_walk *w, const struct vd_json_val *identifier,
	      const struct vd_reading *like, struct vd_span what)
{
	struct vd_span own = identifier_in(identifier);
	uint64_t key =
		vd_hash64(own.n ? own : what, (uint64_t)like->t_ms) ^ vd_hash64(like->identity, 1);
	w->keyless |= !own.n && !like->t_ms;
	w->key = vd_hash64(vd_span((const char *)&key, sizeof(key)), w->key) | 1;
}

bool fhir_withdrawn(const struct vd_json_val *status)
{
	return vd_span_is(status->raw, "entered-in-error") || vd_span_is(status->raw, "cancelled");
}

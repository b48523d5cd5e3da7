/* SPDX-License-Identifier: EUPL-1.2 */
/* What the parts of the FHIR reader share. */
#pragma once
#include "adapters/common/fhir.h"

#define FHIR_KNOWN 32 /* devices and persons of one Bundle; a home gateway sends a handful */

struct fhir_known {
	struct vd_span url, id, identity; /* fullUrl of its entry, its id, what we call it */
	bool person, inside;              /* inside: contained in a resource */
};

struct fhir_walk {
	const struct vd_fhir *h;
	struct vd_decoded *d;
	struct fhir_known known[FHIR_KNOWN];
	size_t n_known;
	bool history; /* an answer out of an archive: recorded only */
	bool keyless; /* a resource without a key: the message may be a new one */
	bool full;    /* a reading found no room */
	uint64_t key; /* of the resources so far */
};

/* fhir_device.c */
/* Notes a Device or Patient, so that references to it can be followed; others are passed over. */
void fhir_note(struct fhir_walk *w, struct vd_span type, struct vd_span url,
	       struct vd_span resource);
/* And those a resource contains. */
void fhir_note_contained(struct fhir_walk *w, const struct vd_json_val *contained);
/* Puts a Device on the waiting list. */
void fhir_device_heard(struct fhir_walk *w, struct vd_span resource);
/* Does a Reference say that it points to a Device? */
bool fhir_is_device(const struct fhir_walk *w, const struct vd_json_val *reference);
/* The device a Reference points to, followed through the Bundle; "" when it is no device's. */
struct vd_span fhir_device_of(struct fhir_walk *w, const struct vd_json_val *reference);
/* A pseudonym of whom a Reference to a Patient names. */
struct vd_span fhir_person_of(struct fhir_walk *w, const struct vd_json_val *reference);
struct vd_span fhir_type_of(struct vd_span resource);

/* fhir_code.c */
/* A word of the tables: appends what the row says, like `like`, without a value. */
enum vd_field fhir_word(struct fhir_walk *w, const struct vd_reading *like, const char *key,
			struct vd_span code);
/* A CodeableConcept: the first of its codings that a row reads; *ret_code is the last one seen. */
enum vd_field fhir_concept(struct fhir_walk *w, const struct vd_reading *like,
			   const struct vd_json_val *c, struct vd_span *ret_code);
void fhir_unknown(struct fhir_walk *w, const char *what, struct vd_span code);
/* A dateTime, else the end of a Period, else its start; 0 = none with a zone. */
int64_t fhir_instant(const struct vd_json_val *point, const struct vd_json_val *period);
/* Mixes a resource into the message's key (rule 1). */
void fhir_key(struct fhir_walk *w, const struct vd_json_val *identifier,
	      const struct vd_reading *like, struct vd_span what);
bool fhir_withdrawn(const struct vd_json_val *status);

/* fhir_observe.c, fhir_event.c: one resource. 0, or VD_EPARSE with d->error. */
int fhir_observation(struct fhir_walk *w, struct vd_span resource);
int fhir_resource(struct fhir_walk *w, struct vd_span type, struct vd_span resource);

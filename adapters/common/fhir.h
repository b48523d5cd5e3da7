/* SPDX-License-Identifier: EUPL-1.2 */
/* HL7 FHIR R4 resources as JSON, for every family that receives them: Observation (personal-health
 * devices, build.fhir.org/ig/HL7/phd), DetectedIssue and MedicationDispense (Velferdsteknologisk
 * knutepunkt, github.com/HL7Norway/Velferdsteknologi), MedicationAdministration, Device, and
 * Bundles of them. What a code means is in the tables, platform "fhir": the key is the code
 * system's short name (fhir_code.c), the value the code. Loop thread; pure. */
#pragma once
#include "adapters/common/pseudonym.h"
#include "adapters/common/told.h"

struct vd_fhir {
	const struct vd_tables *tables;
	struct vd_pseudonyms people;
};

/* One resource or a Bundle. 0; VD_EPARSE (no whole JSON object); VD_EINVAL (no FHIR, or more than
 * fits in one message), with d->error. Call vd_told_ready first. */
int vd_fhir_read(const struct vd_fhir *h, struct vd_span body, struct vd_decoded *d);

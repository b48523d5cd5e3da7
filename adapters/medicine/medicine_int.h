/* SPDX-License-Identifier: EUPL-1.2 */
/* What the forms of the medicine family share. */
#pragma once
#include "adapters/common/fhir.h"

/* A reading through the table of a platform: key and value as the row has them; what no row knows
 * is counted. `like` carries identity, time and flags. */
enum vd_field medicine_field(const struct vd_fhir *h, struct vd_decoded *d, const char *platform,
			     struct vd_span vendor, const struct vd_reading *like,
			     struct vd_span key, const struct vd_json_val *value);
int medicine_wrong(struct vd_decoded *d, const char *what); /* VD_EINVAL with d->error */

/* One message each. 0 or VD_E* with d->error. */
int medicine_gillie(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d);
int medicine_tenovi(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d);
int medicine_impilo(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d);
int medicine_tuya(const struct vd_fhir *h, struct vd_span object, struct vd_decoded *d);
int medicine_sms(const struct vd_fhir *h, struct vd_span text, struct vd_span sender,
		 struct vd_decoded *d);

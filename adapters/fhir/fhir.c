/* SPDX-License-Identifier: EUPL-1.2 */
/* HL7 FHIR over HTTP: what personal-health gateways and welfare-technology systems POST. The reader
 * is shared (adapters/common/fhir.h). Loop thread. */
#include "adapters/common/fhir.h"

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct vd_fhir *h = state;
	(void)prefix;
	h->tables = tables;
	return vd_pseudonyms_init(&h->people, config);
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	int err = vd_told_ready(d);
	return err ? err : vd_fhir_read(state, f->body, d);
}

const struct vd_adapter vd_adapter_fhir = {
	.family = "fhir",
	.title = "HL7 FHIR R4",
	.state_size = sizeof(struct vd_fhir),
	.init = init,
	.decode = decode,
};

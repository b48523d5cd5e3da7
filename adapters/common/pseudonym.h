/* SPDX-License-Identifier: EUPL-1.2 */
/* Names for devices whose platform names only a person: a keyed hash (SipHash-2-4, Aumasson and
 * Bernstein 2012), never the number itself. The key comes from the binding's configuration, so that
 * who has the journal cannot try all national numbers. Pure. Loop thread. */
#pragma once
#include "base/json.h"
#include "port/adapter.h"

struct vd_pseudonyms {
	uint64_t k0, k1;
};

/* From a binding's configuration: {"salt":"..."} of 16 to 128 bytes; "" = none. Change it, and
 * every such device is a new one. 0 or VD_EINVAL. */
int vd_pseudonyms_init(struct vd_pseudonyms *p, struct vd_span config);
uint64_t vd_pseudonym_hash(const struct vd_pseudonyms *p, struct vd_span who);
/* "<prefix>-<16 hex digits>" in d->scratch; "" when `who` is "" or scratch is full. */
struct vd_span vd_pseudonym(struct vd_decoded *d, const struct vd_pseudonyms *p, const char *prefix,
			    struct vd_span who);
/* Eleven digits with the check digits of a Norwegian national, D or synthetic number: whatever a
 * field is called, such a value names a person. */
bool vd_national_number(struct vd_span s);
/* A device's own identity as the platform told it, or a pseudonym of it when it is a person's
 * number or longer than identities are. Digits of a JSON number count as text. */
struct vd_span vd_device_named(struct vd_decoded *d, const struct vd_pseudonyms *p,
			       const struct vd_json_val *v);

/* SPDX-License-Identifier: EUPL-1.2 */
/* How a device's identity is written: as typed or scanned by a person, into the one form its
 * platform's messages carry. Pure, any thread. */
#pragma once
#include "base/span.h"

struct vd_identity_fault {
	enum {
		VD_IDENTITY_LENGTH,
		VD_IDENTITY_HEX,
		VD_IDENTITY_TOO_LONG,
		VD_IDENTITY_CONTROL
	} what;
	size_t have, want; /* characters; LENGTH and TOO_LONG */
};

/* 0 with the normal form in dst, or VD_EINVAL with *ret_fault. A family without a rule of its own
 * takes any text without control characters, as it stands. */
int vd_identity_normal(struct vd_span family, struct vd_span typed, char *dst, size_t cap,
		       struct vd_identity_fault *ret_fault);
/* Characters, not bytes, of UTF-8 text. */
size_t vd_identity_chars(struct vd_span s);
bool vd_identity_printable(struct vd_span s);

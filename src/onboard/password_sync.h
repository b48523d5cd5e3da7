/* SPDX-License-Identifier: EUPL-1.2 */
/* Hashing a password where waiting is allowed: command-line tools. The hub hashes off its loop. */
#pragma once
#include "base/span.h"

#define VD_PASSWORD_MIN_CHARS 12  /* a phrase of three words has more */
#define VD_PASSWORD_ENCODED   128 /* room for argon2id's text form */

/* argon2id, m=19456 KiB, t=2, p=1 (OWASP Password Storage Cheat Sheet), 16 random bytes of salt, in
 * the usual text form. Takes about 40 ms. 0, VD_EIO (no entropy) or VD_ENOMEM. */
int vd_password_encode(struct vd_span password, char ret_encoded[VD_PASSWORD_ENCODED]);

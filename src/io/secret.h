/* SPDX-License-Identifier: EUPL-1.2 */
/* Proving who a gateway is: its secret is 256 random bits, so one SHA-256 is enough and is compared
 * in constant time. Loop thread (about a microsecond). */
#pragma once
#include "model/directory.h"

/* The gateway that this user and password belong to; NULL when unknown, wrong or disabled. The time
 * taken does not depend on which of these it is. */
const struct vd_gateway *vd_secret_gateway(const struct vd_directory *d, struct vd_span user,
					   struct vd_span password);
/* The gateway registered with this client certificate (64 hex digits); NULL when none. */
const struct vd_gateway *vd_secret_certificate(const struct vd_directory *d, const char *sha256);

/* SPDX-License-Identifier: EUPL-1.2 */
/* A gateway's secret: made here, shown once, stored only as its SHA-256. */
#pragma once
#include <stdint.h>

#define VD_GATEWAY_SECRET_CHARS 43 /* 256 bits in base64url without padding */

/* The text is what the gateway presents as its password, and what is hashed. 0 or VD_EIO. */
int vd_gateway_secret_make(char ret_text[VD_GATEWAY_SECRET_CHARS + 1], uint8_t ret_sha256[32]);

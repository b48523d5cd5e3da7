/* SPDX-License-Identifier: EUPL-1.2 */
/* A gateway's secret: made here, shown once, stored only as its SHA-256. */
#pragma once
#include <stdint.h>

#define VD_GATEWAY_SECRET_CHARS 43 /* 256 bits in base64url without padding */

/* Alarm units' forms often take no more than 32 characters, and are filled in by hand: 144 bits. */
#define VD_SIP_SECRET_CHARS 24

/* The text is what the gateway presents as its password, and what is hashed. 0 or VD_EIO. */
int vd_gateway_secret_make(char ret_text[VD_GATEWAY_SECRET_CHARS + 1], uint8_t ret_sha256[32]);
/* Cuts it to what an alarm unit can hold. 0 or VD_EIO. */
int vd_gateway_secret_shorten(char text[VD_GATEWAY_SECRET_CHARS + 1], uint8_t ret_sha256[32]);
/* H(user:realm:secret) of RFC 7616 3.4.2, in MD5 and SHA-256. 0 or VD_EIO. */
int vd_gateway_secret_ha1(const char *user, const char *realm, const char *secret,
			  uint8_t ret_md5[16], uint8_t ret_sha256[32]);

/* SPDX-License-Identifier: EUPL-1.2 */
#include "onboard/gateway_secret.h"
#include "base/err.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/types.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

int vd_gateway_secret_make(char ret_text[VD_GATEWAY_SECRET_CHARS + 1], uint8_t ret_sha256[32])
{
	uint8_t raw[33] = {0}; /* the last is padding: 43 * 6 = 258 bits */
	unsigned n = 32;
	if (getrandom(raw, 32, 0) != 32)
		return VD_EIO;
	for (unsigned i = 0; i < VD_GATEWAY_SECRET_CHARS; i++) {
		unsigned bit = i * 6, at = bit / 8, shift = bit % 8;
		unsigned two = (unsigned)raw[at] << 8 | (at + 1 < sizeof(raw) ? raw[at + 1] : 0);
		ret_text[i] = alphabet[two >> (10 - shift) & 63];
	}
	ret_text[VD_GATEWAY_SECRET_CHARS] = '\0';
	OPENSSL_cleanse(raw, sizeof(raw));
	return EVP_Digest(ret_text, VD_GATEWAY_SECRET_CHARS, ret_sha256, &n, EVP_sha256(), NULL)
		       ? 0
		       : VD_EIO;
}

int vd_gateway_secret_shorten(char text[VD_GATEWAY_SECRET_CHARS + 1], uint8_t ret_sha256[32])
{
	unsigned n = 32;
	OPENSSL_cleanse(text + VD_SIP_SECRET_CHARS, VD_GATEWAY_SECRET_CHARS - VD_SIP_SECRET_CHARS);
	return EVP_Digest(text, VD_SIP_SECRET_CHARS, ret_sha256, &n, EVP_sha256(), NULL) ? 0
											 : VD_EIO;
}

int vd_gateway_secret_ha1(const char *user, const char *realm, const char *secret,
			  uint8_t ret_md5[16], uint8_t ret_sha256[32])
{
	char text[300];
	unsigned n = 0;
	int len = snprintf(text, sizeof(text), "%s:%s:%s", user, realm, secret);
	bool ok = len > 0 && (size_t)len < sizeof(text) &&
		  EVP_Digest(text, (size_t)len, ret_md5, &n, EVP_md5(), NULL) && n == 16 &&
		  EVP_Digest(text, (size_t)len, ret_sha256, &n, EVP_sha256(), NULL) && n == 32;
	OPENSSL_cleanse(text, sizeof(text));
	return ok ? 0 : VD_EIO;
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "io/secret.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>

const struct vd_gateway *vd_secret_gateway(const struct vd_directory *d, struct vd_span user,
					   struct vd_span password)
{
	static const struct vd_gateway nobody = {.disabled = true};
	const struct vd_gateway *g = vd_dir_gateway_user(d, user);
	unsigned char hash[32];
	unsigned n = 0;
	if (!g)
		g = &nobody;
	if (!EVP_Digest(password.n ? password.p : "", password.n, hash, &n, EVP_sha256(), NULL) ||
	    n != sizeof(hash))
		return NULL;
	bool same = CRYPTO_memcmp(hash, g->secret_sha256, sizeof(hash)) == 0;
	return same && !g->disabled ? g : NULL;
}

const struct vd_gateway *vd_secret_certificate(const struct vd_directory *d, const char *sha256)
{
	if (!sha256 || strlen(sha256) != 64)
		return NULL;
	for (size_t i = 0; i < d->n_gateways; i++)
		if (!d->gateways[i].disabled && strcmp(d->gateways[i].cert_sha256, sha256) == 0)
			return &d->gateways[i];
	return NULL;
}

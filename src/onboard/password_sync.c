/* SPDX-License-Identifier: EUPL-1.2 */
#include "onboard/password_sync.h"
#include "base/err.h"
#include <argon2.h>
#include <stdint.h>
#include <sys/random.h>

#define MEMORY_KIB 19456
#define PASSES     2
#define LANES      1

int vd_password_encode(struct vd_span password, char ret_encoded[VD_PASSWORD_ENCODED])
{
	uint8_t salt[16];
	if (getrandom(salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		return VD_EIO;
	int rc = argon2id_hash_encoded(PASSES, MEMORY_KIB, LANES, password.p, password.n, salt,
				       sizeof(salt), 32, ret_encoded, VD_PASSWORD_ENCODED);
	return rc == ARGON2_OK ? 0 : VD_ENOMEM;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Asks our own web door a question, as a browser on this machine would; `varde doctor` uses it. The
 * certificate is not judged here, it is told. Blocking, at most timeout_ms a step: never on the
 * loop. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

struct vd_probe {
	int status;           /* HTTP status; 0 = no answer that could be read */
	char body[512];       /* its first bytes, NUL-terminated */
	char cert_sha256[65]; /* of the certificate served, hex; "" without TLS */
	int took_ms;
};

/* GET path. `address` is an address literal; 0.0.0.0 and :: are asked on loopback. 0, VD_EINVAL,
 * VD_ENOTFOUND (nobody listens), VD_EIO (no answer in time, TLS failed) or VD_EPARSE. */
int vd_probe_get(const char *address, int port, bool tls, const char *path, int timeout_ms,
		 struct vd_probe *ret, struct vd_errtext *e);

/* SPDX-License-Identifier: EUPL-1.2 */
/* TLS over memory BIOs for the carriers on libuv streams; the only file with OpenSSL's TLS (the web
 * door uses libwebsockets' own). TLS 1.2 floor, 1.3 preferred, no client renegotiation, session
 * tickets on (resumption), handshakes admitted in slices. Loop thread only. */
#pragma once
#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>

struct vd_tls;      /* certificate and settings, shared by connections */
struct vd_tls_conn; /* one connection */

struct vd_tls_config {
	const char *cert_file, *key_file; /* PEM; the key may also be a systemd credential path */
	const char *client_ca_file;       /* NULL = no client certificates asked for */
};
int vd_tls_new(const struct vd_tls_config *cfg, struct vd_tls **ret, struct vd_errtext *e);
/* Reads certificate and key again (SIGHUP); the old ones stay on error. */
int vd_tls_reload(struct vd_tls *t, struct vd_errtext *e);
void vd_tls_free(struct vd_tls *t);
/* Makes a self-signed P-256 certificate for `name` (plus localhost, 127.0.0.1, ::1) when cert_file
 * does not exist: quickstart and tests. Key file mode 0600. */
int vd_tls_self_signed(const char *cert_file, const char *key_file, const char *name,
		       struct vd_errtext *e);

int vd_tls_accept(struct vd_tls *t, struct vd_tls_conn **ret);
void vd_tls_conn_free(struct vd_tls_conn *c);
/* Feeds bytes from the network; appends decrypted bytes to `plain` and bytes to send to `out`.
 * 0, VD_EPARSE (protocol error: close after sending `out`), VD_ELIMIT, VD_ESTATE (the peer has
 * ended the session properly). */
int vd_tls_read(struct vd_tls_conn *c, struct vd_span net, struct vd_buf *plain,
		struct vd_buf *out);
int vd_tls_write(struct vd_tls_conn *c, struct vd_span plain, struct vd_buf *out);
/* Appends close_notify, so that the peer knows nothing was cut off. */
void vd_tls_shutdown(struct vd_tls_conn *c, struct vd_buf *out);
bool vd_tls_ready(const struct vd_tls_conn *c); /* handshake done */
/* SHA-256 of the verified client certificate as 64 hex digits, "" when none. */
const char *vd_tls_peer(const struct vd_tls_conn *c);

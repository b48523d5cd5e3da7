/* SPDX-License-Identifier: EUPL-1.2 */
/* The whole door on a real loop and real loopback sockets, with the host under the test's hand and
 * time simulated; and clients, with and without TLS, in the same thread. */
#pragma once
#include "fake.h"
#include "io/mqtt_conn.h"
#include "io/runtime_uv.h"
#include "io/tls.h"
#include "sim/runtime_sim.h"
#include <openssl/ssl.h>

struct house {
	uv_loop_t loop;
	struct vd_runtime *rt;
	struct fake *host;
	struct vd_tls *tls;
	struct vd_mqtt *door;
	bool closed, real, rt_closed;
	char dir[64]; /* certificates; "" = none made */
};

struct guest {
	struct house *h;
	int fd;
	SSL *ssl;
	struct vd_buf in;
	bool eof;
};

void house_open(struct house *h, const struct vd_mqtt_config *cfg);
/* On the real runtime: turns are really turns, time passes by itself. */
void house_open_real(struct house *h, const struct vd_mqtt_config *cfg);
/* With TLS: a self-signed certificate, and client certificates of an authority when asked. */
void house_open_tls(struct house *h, bool client_certs);
void house_open_tls_real(struct house *h);
/* Closes the door (if the test has not) and checks that nothing at all is left. */
void house_close(struct house *h);
/* One turn of the loop. */
void house_turn(struct house *h);
void house_settle(struct house *h); /* turns until nothing happens any more */
const char *house_file(struct house *h, const char *name); /* static buffer */

void guest_open(struct house *h, struct guest *g);
/* TLS on top: `cert` NULL or the base name of a certificate in the house's folder; `resume` NULL or
 * an earlier session. false: the handshake failed. */
bool guest_tls(struct guest *g, const char *cert, SSL_SESSION *resume);
void guest_say(struct guest *g, struct vd_buf *b); /* and empties it */
/* Everything that has arrived, exactly. */
void guest_hears(struct guest *g, const char *hex);
bool guest_gone(struct guest *g); /* has the door closed it? */
void guest_close(struct guest *g);
void guest_join(struct house *h, struct guest *g, const struct say_connect *how);

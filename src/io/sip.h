/* SPDX-License-Identifier: EUPL-1.2 */
/* The SIP door for alarm units (SCAIP: SS 91100, CLC/TS 50134-9): UDP, TCP and TLS; REGISTER with
 * digest, MESSAGE, OPTIONS; no media. It carries bytes and knows nothing of what a document means:
 * a MESSAGE becomes a frame for the hub, and what the family answers goes back as a MESSAGE of its
 * own. A 200 and an answer leave only when the hub's outcome is known. Loop thread only.
 * docs/sip.md tells senders what they can rely on.
 *
 * It knows the hub through struct vd_sip_host only, so that it can be tested and fuzzed alone. */
#pragma once
#include "core/hub.h"
#include "port/runtime.h"
#include <uv.h>

struct vd_sip;
struct vd_tls; /* io/tls.h */

/* What proves that somebody knows a gateway's secret: H(user:realm:secret), RFC 7616 3.4.2. */
struct vd_sip_account {
	int64_t gateway;
	bool has_sha256;
	uint8_t ha1_md5[16], ha1_sha256[32];
};

struct vd_sip_host {
	void *arg;
	/* The account of a user name in a realm; false: none, blocked, or not for SIP. */
	bool (*account)(void *arg, struct vd_span user, const char *realm,
			struct vd_sip_account *ret);
	/* The same by its gateway, to see whether it still is what it was. */
	bool (*account_of)(void *arg, int64_t gateway, const char *realm,
			   struct vd_sip_account *ret);
	/* One document. x as in vd_hub_receive. */
	void (*receive)(void *arg, int64_t gateway, const struct vd_frame *f,
			struct vd_exchange *x);
	/* What to tell its sender; as vd_hub_reply. */
	int (*reply)(void *arg, int64_t gateway, const struct vd_frame *f, enum vd_outcome_code o,
		     const char *why, struct vd_buf *ret_body, const char **ret_content_type);
	/* The configuration of the gateway's binding: a JSON object, "" = defaults, NULL = none.
	 * Borrowed until the next turn. *ret_version differs when it may have changed. */
	const char *(*config)(void *arg, int64_t gateway, int64_t *ret_version);
};

struct vd_sip_config {
	const char *bind;       /* "127.0.0.1" or "::1"; exactly this address, nothing else */
	bool udp, tcp;          /* without TLS */
	int port;               /* of both; 0 = any free one, see vd_sip_port() */
	struct vd_tls *tls;     /* NULL = no TLS */
	int tls_port;           /* 0 = any free one */
	const char *realm;      /* of the digest */
	const char *name;       /* the name or address units reach us by; NULL = `bind` */
	size_t max_connections; /* 0 = VD_MAX_SIP_CONNS */
};

int vd_sip_open(uv_loop_t *loop, struct vd_runtime *rt, const struct vd_sip_config *cfg,
		const struct vd_sip_host *host, struct vd_sip **ret, struct vd_errtext *e);
int vd_sip_port(const struct vd_sip *s);     /* of UDP and TCP; 0 = neither is open */
int vd_sip_tls_port(const struct vd_sip *s); /* 0 = not open */

struct vd_sip_stats {
	int64_t messages, registrations, auth_failures, challenged, malformed, over_rate, refused;
	int64_t repeats;              /* requests answered from memory */
	int64_t mrs_sent, mrs_failed; /* answers delivered; given up on */
	int64_t bytes_in, bytes_out;
	int64_t servers, clients, bindings, connections; /* now */
};
void vd_sip_stats(const struct vd_sip *s, struct vd_sip_stats *ret);
/* Stops listening at once; what still waits for the hub is answered to nobody; on_closed on the
 * loop when every handle is closed; then s is freed. */
void vd_sip_close(struct vd_sip *s, void (*on_closed)(void *arg), void *arg);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The MQTT door: an ingest endpoint for MQTT 3.1.1 and 5.0, not a broker. QoS 0/1/2, persistent
 * sessions, will, keep-alive, server-side limits. PUBACK and PUBREC leave only after the hub said
 * STORED or DUPLICATE; BUSY ends the connection (5.0: DISCONNECT 0x97 quota exceeded), so that the
 * client sends again; REFUSED is 0x99 with the reason (5.0) or, since 3.1.1 has no refusal, an
 * ordinary acknowledgement: the hub keeps what nobody could read. Loop thread only. docs/mqtt.md
 * tells senders what they can rely on.
 *
 * It knows the hub through struct vd_mqtt_host only, so that it can be tested and fuzzed alone. */
#pragma once
#include "core/hub.h"
#include "port/runtime.h"
#include <uv.h>

struct vd_mqtt;
struct vd_tls; /* io/tls.h */

struct vd_mqtt_host {
	void *arg;
	/* Who is this? user/password or client certificate fingerprint (hex, "" = none). Gateway
	 * key > 0, or VD_EAUTH. Constant time in the secret. */
	int64_t (*login)(void *arg, struct vd_span user, struct vd_span password,
			 const char *cert_sha256);
	/* One PUBLISH (or will). x as in vd_hub_receive. */
	void (*publish)(void *arg, int64_t gateway, const struct vd_frame *f,
			struct vd_exchange *x);
	void (*connected)(void *arg, int64_t gateway, bool connected);
	/* A client has acknowledged the order with this tag, or (5.0) said no to it; NULL = nobody
	 * wants to know. */
	void (*told)(void *arg, const char *tag, bool taken);
};

struct vd_mqtt_config {
	const char *bind;         /* "127.0.0.1" or "::1"; exactly this address, nothing else */
	int port;                 /* 0 = any free one, see vd_mqtt_port() */
	struct vd_tls *tls;       /* NULL = plain TCP: refused unless bind is loopback */
	size_t max_connections;   /* 0 = VD_MAX_MQTT_CONNS */
	int max_inflight;         /* receive maximum offered to clients; 0 = VD_MAX_MQTT_INFLIGHT */
	int connect_timeout_ms;   /* TCP accept to CONNECT; 0 = 10 000 */
	int max_keepalive_s;      /* longer wishes (and 0) are cut to this; 0 = 600 */
	int session_expiry_max_s; /* persistent sessions are kept this long; 0 = 86400 */
};

int vd_mqtt_open(uv_loop_t *loop, struct vd_runtime *rt, const struct vd_mqtt_config *cfg,
		 const struct vd_mqtt_host *host, struct vd_mqtt **ret, struct vd_errtext *e);
int vd_mqtt_port(const struct vd_mqtt *m);
/* Sends a command to a gateway's own topics, if it has subscribed; at QoS 1 it waits for a client
 * whose session is kept. 0, VD_ENOTFOUND (nobody subscribed), VD_EBUSY (too many waiting),
 * VD_EINVAL (no topic) or VD_ENOMEM. */
int vd_mqtt_command(struct vd_mqtt *m, int64_t gateway, const char *topic, struct vd_span payload);
/* The same for what must not be late and not happen twice: only to clients that are connected now,
 * never again after a broken connection; not sent at all when it has waited `ttl_ms` for room. 5.0
 * clients are told the time that is left (Message Expiry Interval). `tag`, at most VD_ID_LEN bytes,
 * comes back in host.told, perhaps more than once and perhaps never. 0; 1 (gone out at QoS 0 only:
 * nobody will acknowledge); VD_ENOTFOUND: nobody subscribed is connected, or as above. */
int vd_mqtt_order(struct vd_mqtt *m, int64_t gateway, const char *topic, struct vd_span payload,
		  const char *tag, int64_t ttl_ms);
/* Ends a gateway's sessions, connected or kept (credential revoked). */
void vd_mqtt_kick(struct vd_mqtt *m, int64_t gateway);
struct vd_mqtt_stats {
	int64_t connections, accepted, refused, packets_in, publishes, malformed, bytes_in,
		bytes_out;
};
void vd_mqtt_stats(const struct vd_mqtt *m, struct vd_mqtt_stats *ret);
/* Stops listening at once; answered exchanges are flushed, clients get DISCONNECT 0x8B (5.0);
 * on_closed on the loop when every handle is closed; then m is freed. */
void vd_mqtt_close(struct vd_mqtt *m, void (*on_closed)(void *arg), void *arg);

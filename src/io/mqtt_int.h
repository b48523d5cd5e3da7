/* SPDX-License-Identifier: EUPL-1.2 */
/* The inside of the MQTT door, shared by its files. Three layers:
 *
 *	mqtt.c, mqtt_conn.c   sockets, TLS, fairness       (libuv)
 *	mqtt_peer.c           one connection's protocol    (bytes in, bytes out; no socket)
 *	mqtt_session.c        what outlives a connection   (sessions, wills, commands)
 *
 * A *peer* is one connected client; a *session* is what the server remembers of a client id of a
 * gateway; a *pub* is one PUBLISH on its way through the hub. Loop thread only. */
#pragma once
#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "io/mqtt.h"
#include "io/mqtt_codec.h"

struct mqtt_peer;
struct mqtt_session;

#define MQTT_GUARD_SLOTS 256
/* Connections of one gateway, of VD_MAX_MQTT_CONNS: homes where every device signs in by itself
 * have tens. More are refused, so that one credential cannot keep the other gateways out. */
#define MQTT_MAX_GATEWAY_CONNS 500

struct mqtt_core {
	struct vd_runtime *rt;
	struct vd_mqtt_host host;
	int max_inflight, max_keepalive_s, connect_timeout_ms;
	uint32_t session_expiry_max_s;
	struct vd_map sessions; /* gateway + client id -> struct mqtt_session */
	struct vd_map gateways; /* key -> struct mqtt_gateway */
	struct vd_link orphans; /* pubs at the hub whose answer nobody waits for */
	struct vd_mqtt_stats stats;
	struct { /* failed sign-ins by address; collisions only make somebody wait longer */
		int64_t last_mono;
		int fails;
	} guard[MQTT_GUARD_SLOTS];
};

struct mqtt_gateway {
	int64_t id;
	struct vd_link sessions;
	size_t n_sessions, n_offline;
};

/* One PUBLISH. In exactly one list: its peer's (fifo or loose), its session's limbo, or the
 * orphans. Freed when answered and of no further use. */
struct mqtt_pub {
	struct vd_exchange x;
	struct vd_link link;
	struct mqtt_peer *peer;       /* NULL: connection gone */
	struct mqtt_session *session; /* in limbo: whose; else NULL */
	char *why;                    /* owned; reason of a refusal */
	uint32_t bytes;
	uint16_t id;
	unsigned char qos;
	bool answered;
	enum vd_outcome_code outcome;
};

/* -- what outlives a connection: mqtt_session.c ------------------------------------------------ */

struct mqtt_sub {
	struct vd_link link;
	unsigned char qos;
	size_t n;
	char filter[];
};

struct mqtt_out { /* a command for the client */
	struct vd_link link;
	uint16_t id; /* 0 until sent at QoS 1 */
	unsigned char qos;
	bool sent;  /* on this connection */
	bool again; /* on an earlier one */
	/* An order: its sender waits for the acknowledgement, it ends with the connection it was
	 * given to, and is never sent again by us. "" = a plain command. */
	char tag[VD_ID_LEN + 1];
	int64_t until_mono; /* an order not sent by then is not sent */
	size_t topic_n, payload_n;
	char bytes[]; /* topic, then payload */
};

struct mqtt_stored_will {
	struct mqtt_will w; /* spans point into bytes[] */
	char bytes[];
};

struct mqtt_session {
	struct mqtt_core *core;
	struct mqtt_gateway *gw;
	struct vd_link in_gateway; /* offline ones oldest first */
	struct mqtt_peer *peer;    /* NULL: offline */
	uint32_t expiry_s;         /* 0: ends with its connection */
	uint64_t *received;   /* QoS 2 ids stored and not released: 65 536 bits, made at need */
	struct vd_link limbo; /* pubs whose connection went before their answer */
	size_t n_limbo;
	struct vd_link subs;
	size_t n_subs;
	struct vd_link queue; /* commands, oldest first */
	size_t n_queue, queue_bytes;
	uint16_t last_id;
	struct mqtt_stored_will *will;
	struct vd_timer *will_timer, *expiry_timer;
	size_t key_n;
	char key[]; /* 8 bytes of gateway, client id */
};

int mqtt_core_init(struct mqtt_core *c, struct vd_runtime *rt, const struct vd_mqtt_config *cfg,
		   const struct vd_mqtt_host *host);
/* Every session ends without its will; what is still at the hub frees itself. Peers must be gone.
 */
void mqtt_core_fini(struct mqtt_core *c);

struct mqtt_session *mqtt_session_find(struct mqtt_core *c, int64_t gateway, struct vd_span id);
/* 0, VD_ELIMIT or VD_ENOMEM. */
int mqtt_session_new(struct mqtt_core *c, int64_t gateway, struct vd_span id,
		     struct mqtt_session **ret);
/* As many connections as one gateway may have. */
bool mqtt_gateway_full(const struct mqtt_core *c, int64_t gateway);
/* Its connection has gone. Publishes the will now, later or not at all, then keeps or ends the
 * session: s may be gone afterwards. */
void mqtt_session_detach(struct mqtt_session *s, bool with_will);
/* A connection takes it up again: timers off, will forgotten [MQTT-3.1.3-9]. */
void mqtt_session_resume(struct mqtt_session *s, struct mqtt_peer *p);
void mqtt_session_end(struct mqtt_session *s); /* a waiting will goes out */
/* Replaces the stored will; NULL = none. 0 or VD_ENOMEM. */
int mqtt_session_will(struct mqtt_session *s, const struct mqtt_will *w);

bool mqtt_session_received(const struct mqtt_session *s, uint16_t id);
bool mqtt_session_receive_room(struct mqtt_session *s); /* false: out of memory */
void mqtt_session_set_received(struct mqtt_session *s, uint16_t id, bool on);
/* The pub left by an earlier connection under this id; NULL. */
struct mqtt_pub *mqtt_session_limbo(struct mqtt_session *s, uint16_t id);
/* Keeps a pub whose connection has gone. */
void mqtt_session_keep(struct mqtt_session *s, struct mqtt_pub *u);
/* Nobody waits for it any more. */
void mqtt_pub_orphan(struct mqtt_core *c, struct mqtt_pub *u);

/* Ready-made SUBACK / UNSUBACK codes. */
unsigned char mqtt_session_subscribe(struct mqtt_session *s, struct vd_span filter, int qos);
unsigned char mqtt_session_unsubscribe(struct mqtt_session *s, struct vd_span filter);
/* 0, VD_ENOTFOUND (not subscribed), VD_EBUSY (too many waiting) or VD_ENOMEM. */
int mqtt_session_command(struct mqtt_session *s, struct vd_span topic, struct vd_span payload);
/* An order, for a client that is connected: 0 (the acknowledgement is told), 1 (sent at QoS 0:
 * nobody will acknowledge), VD_ENOTFOUND, VD_EBUSY or VD_ENOMEM. */
int mqtt_session_order(struct mqtt_session *s, struct vd_span topic, struct vd_span payload,
		       const char *tag, int64_t ttl_ms);
/* Its connection has gone: what it was ordered is not repeated to another. */
void mqtt_session_drop_orders(struct mqtt_session *s);
/* Sends what the client has room for. */
void mqtt_session_pump(struct mqtt_session *s);
/* false: no such command. `taken`: its reason code is no refusal. */
bool mqtt_session_acked(struct mqtt_session *s, uint16_t id, bool taken);

/* -- publishing: mqtt_pub.c ------------------------------------------------------------------- */

/* NULL when out of memory; in no list yet. */
struct mqtt_pub *mqtt_pub_new(void);
void mqtt_pub_free(struct mqtt_pub *u);
void mqtt_will_publish(struct mqtt_core *c, int64_t gateway, const struct mqtt_will *w);

/* -- one connection's protocol: mqtt_peer.c ---------------------------------------------------- */

enum mqtt_peer_state {
	MQTT_PEER_NEW,      /* before CONNECT */
	MQTT_PEER_REFUSING, /* wrong credentials: the answer is held back until the deadline */
	MQTT_PEER_LIVE,
	MQTT_PEER_DRAINING, /* the hub was busy: what is stored is still acknowledged, then the end
			     */
	MQTT_PEER_ENDED     /* send `out`, then close */
};

struct mqtt_peer {
	struct mqtt_core *core;
	/* There is something in `out`, input may go on, or the state is ENDED. Never destroys the
	 * peer under its caller. */
	void (*wake)(struct mqtt_peer *p);
	enum mqtt_peer_state state;
	struct mqtt_session *session;
	int64_t gateway;
	char user[64];    /* as signed in with; "" = by certificate */
	const char *cert; /* 64 hex digits or "" */
	uint64_t address; /* hash of where it comes from */
	struct vd_buf out;
	struct vd_link fifo;  /* QoS 1 and 2 in order of arrival [MQTT-4.6.0-2..3] */
	struct vd_link loose; /* QoS 0 at the hub */
	int n_fifo, n_loose;
	int outstanding; /* QoS 1 and 2 the client has no final answer for (5.0) */
	size_t bytes;    /* of topics and payloads at the hub */
	int version;
	int keep_alive_s;
	int64_t deadline_mono, heard_mono;
	unsigned char refusal;
	int send_max, n_sent; /* commands in flight to the client */
	uint32_t max_packet;  /* the client's; 0 = no limit */
	bool problem_info;    /* may we send reason strings? */
};

enum mqtt_progress {
	MQTT_NEED_BYTES, /* all whole packets are done */
	MQTT_NEED_TURN,  /* the budget is used up: go on in a later turn */
	MQTT_NEED_ROOM,  /* paused until wake() */
	MQTT_FINISHED    /* ended */
};

void mqtt_peer_init(struct mqtt_peer *p, struct mqtt_core *c, void (*wake)(struct mqtt_peer *p),
		    uint64_t address);
void mqtt_peer_fini(struct mqtt_peer *p); /* ended; frees `out` */
/* Handles at most `packets` whole packets from the front of `in`. */
enum mqtt_progress mqtt_peer_input(struct mqtt_peer *p, struct vd_span in, int packets,
				   size_t *ret_used);
bool mqtt_peer_paused(const struct mqtt_peer *p);
void mqtt_peer_sent(struct mqtt_peer *p); /* `out` was emptied */
/* The deadline may have come. */
void mqtt_peer_tick(struct mqtt_peer *p);
/* We end it: DISCONNECT with the reason (5.0), the will is published unless we are stopping. */
void mqtt_peer_end(struct mqtt_peer *p, unsigned char reason);
void mqtt_peer_lost(struct mqtt_peer *p); /* the connection broke */
/* The hub has answered. */
void mqtt_peer_answered(struct mqtt_peer *p, struct mqtt_pub *u, const char *why);
void mqtt_session_answered(struct mqtt_session *s, struct mqtt_pub *u);

/* CONNECT, in a file of its own: mqtt_login.c. */
void mqtt_peer_connect(struct mqtt_peer *p, const struct mqtt_connect *c);
void mqtt_peer_refuse(struct mqtt_peer *p, unsigned char reason);

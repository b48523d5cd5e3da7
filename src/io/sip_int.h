/* SPDX-License-Identifier: EUPL-1.2 */
/* The inside of the SIP door, shared by its files. Three layers:
 *
 *	sip.c conn                  sockets, TLS, fairness (libuv)
 *	sip_frame msg write body    bytes to messages and back (libosipparser2)
 *	sip_core and the rest       transactions, digest, registrar, what a MESSAGE becomes
 *
 * The last two know no socket: struct sip_net sends, the runtime tells the time. A *flow* is the
 * way something came and an answer goes back; a *server* is one request being answered (RFC 3261
 * 17.2.2), a *client* one MESSAGE of ours being delivered (17.1.2); a *unit* is an alarm unit of an
 * account, known by the user part of its address. Loop thread only. */
#pragma once
#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "io/sip.h"
#include <osipparser2/osip_parser.h>

#define SIP_T1_MS       500ll   /* RFC 3261 17.1.1.1 */
#define SIP_T2_MS       4000ll  /* likewise */
#define SIP_TIMER_F_MS  32000ll /* 64 * T1: a request nobody answers; J is as long */
#define SIP_PORT        5060
#define SIP_TLS_PORT    5061
#define SIP_MIN_EXPIRES 60   /* seconds; a wish below is lengthened */
#define SIP_MAX_EXPIRES 3600 /* and above is cut to this */
#define SIP_NONCE_CHARS 56
#define SIP_TAG_CHARS   16
#define SIP_URI_MAX     600 /* bytes of an address we keep */
#define SIP_USER_MAX    64  /* bytes of a unit's or account's name; a cid has 32 digits at most */

/* -- where ------------------------------------------------------------------------------------- */

enum sip_transport { SIP_UDP, SIP_TCP, SIP_TLS };

struct sip_addr {
	unsigned char ip[16]; /* IPv4: the first four */
	uint16_t port;
	bool v6;
};
bool sip_addr_same_host(const struct sip_addr *a, const struct sip_addr *b);
bool sip_addr_same(const struct sip_addr *a, const struct sip_addr *b);
/* "192.0.2.7" or "2001:db8::7", without brackets. */
void sip_addr_text(const struct sip_addr *a, char ret[48]);
/* An address written out (brackets allowed), never a name: nothing here asks a name server. */
bool sip_addr_parse(const char *host, int port, struct sip_addr *ret);

struct sip_flow {
	enum sip_transport transport;
	struct sip_addr peer;
	uint64_t conn; /* number of the connection; 0 = UDP */
};

struct sip_net {
	void *arg;
	/* Sends one message whole. 0; VD_ENOTFOUND: the connection is gone; VD_ELIMIT, VD_ENOMEM,
	 * VD_EIO: it could not be. */
	int (*send)(void *arg, const struct sip_flow *to, struct vd_span bytes);
	bool (*alive)(void *arg, uint64_t conn);
	/* A TCP connection to a unit, usable at once: what is sent waits until it stands. */
	int (*connect)(void *arg, const struct sip_addr *to, uint64_t *ret_conn);
};

/* -- one message: sip_frame.c, sip_msg.c, sip_write.c ----------------------------------------- */

enum sip_cut_kind {
	SIP_CUT_MORE,    /* stream: not whole yet */
	SIP_CUT_NOTHING, /* line ends between messages; `used` says how many bytes */
	SIP_CUT_PING,    /* a double one, to be answered with one (RFC 5626 4.4.1) */
	SIP_CUT_MESSAGE
};
struct sip_cut {             /* spans point into the input */
	struct vd_span head; /* start line to the empty line, both included */
	struct vd_span body;
	size_t used;
	int status;      /* 0, or how its sender is to be refused */
	const char *why; /* reason phrase then; static */
	bool lost;       /* stream: where the next message begins cannot be known */
};
/* The next message of a stream. */
enum sip_cut_kind sip_cut_stream(struct vd_span in, struct sip_cut *ret);
/* A datagram holds one message (RFC 3261 18.3) or a keep-alive. */
enum sip_cut_kind sip_cut_datagram(struct vd_span in, struct sip_cut *ret);

struct sip_msg {
	osip_message_t *o;   /* owned */
	struct vd_span body; /* borrowed from the cut */
	struct sip_flow flow;
	struct sip_flow back; /* where answers go (RFC 3261 18.2.2, RFC 3581) */
	const char *branch;   /* of the topmost Via, "" when it has none */
	const char *method;   /* of a response: of its CSeq */
	bool rport;  /* wants answers at the port it sends from: says so, or a NAT is between */
	bool broken; /* only who sent it could be read: to be refused aloud */
};
/* 0, VD_EPARSE or VD_ENOMEM. */
int sip_msg_parse(const struct sip_cut *cut, const struct sip_flow *from, struct sip_msg *ret);
void sip_msg_fini(struct sip_msg *m);
/* First header of this name that the parser has no field for; NULL. Lower case. */
const char *sip_msg_header(const struct sip_msg *m, const char *name);
/* A whole number of a header or parameter, without sign: -1 when it is none; cut at `max`. */
int64_t sip_number(const char *s, int64_t max);
/* An address of ours or a unit's: sip: or sips:, with a user that is printable and short. */
bool sip_uri_usable(const osip_uri_t *u);
const char *sip_param(const osip_list_t *params, const char *name); /* NULL: absent; "" no value */

void sip_parser_start(void); /* once; may be called again */

struct sip_answer {
	int status;
	const char *reason; /* NULL = the usual one */
	const char *extra;  /* further header lines with their line ends, or NULL */
	const char *content_type;
	struct vd_span body;
};
/* The response to a request. 0, or the buffer's error. */
int sip_write_answer(struct vd_buf *b, const struct sip_msg *m, const char *tag,
		     const struct sip_answer *a);
/* An address as it stands in a header, in <>. 0, VD_EPARSE (could not be written safely),
 * VD_ENOMEM. */
int sip_write_uri(struct vd_buf *b, const osip_uri_t *u);

/* -- the body: sip_body.c --------------------------------------------------------------------- */

/* Appends the body as it was before encoding: "" or identity, deflate (with zlib's head or without)
 * and gzip. 0, VD_EINVAL (an encoding we do not know), VD_EPARSE (broken), VD_ELIMIT (larger than
 * `ret` may get) or VD_ENOMEM. */
int sip_body_decode(struct vd_span encoding, struct vd_span body, struct vd_buf *ret);

/* -- who sends how much: sip_guard.c ---------------------------------------------------------- */

struct sip_source {
	uint64_t who; /* 0 = free */
	double tokens;
	int64_t at_mono, failed_mono, known_mono;
	int fails;
};

/* -- the whole -------------------------------------------------------------------------------- */

struct sip_nonce { /* a challenge that has been answered rightly */
	uint64_t id;
	int64_t made_s, nc;
};

struct sip_core {
	struct vd_runtime *rt;
	struct vd_sip_host host;
	struct sip_net net;
	char realm[64], via_host[80];
	int via_port[3];          /* by transport */
	unsigned char secret[32]; /* of nonces, tags and keys; new at each start */
	struct vd_sip_stats stats;
	size_t max_servers, max_clients, max_bindings, max_stored; /* limits.h; tests have less */
	bool closing;
	/* requests being answered, and those answered on UDP for as long as they may come again */
	struct vd_map servers;
	struct vd_link trying, completed; /* completed: oldest first */
	size_t stored;                    /* bytes */
	struct vd_timer *reaper;
	/* our own */
	struct vd_map clients, client_units;
	struct vd_link client_list; /* oldest first */
	int64_t told_mono, untold;  /* log lines about units that do not answer: one a minute */
	/* where units can be reached */
	struct vd_map aors, accounts;
	struct vd_link aor_list;
	struct vd_timer *sweeper;
	/* digest */
	struct vd_map nonces;
	struct sip_nonce *nonce_ring;
	size_t nonce_at;
	int64_t nonce_horizon_s; /* of nonces made before, nothing is known any more */
	struct sip_source *sources;
	struct vd_link late; /* refusals held back, first due first */
	size_t n_late;
	struct vd_timer *late_timer;
};

int sip_core_init(struct sip_core *c, struct vd_runtime *rt, const struct vd_sip_config *cfg,
		  const struct vd_sip_host *host, const struct sip_net *net);
/* Nothing is sent any more; requests still at the hub free themselves when it answers. */
void sip_core_fini(struct sip_core *c);
int64_t sip_now(const struct sip_core *c);

void sip_core_datagram(struct sip_core *c, const struct sip_addr *from, struct vd_span bytes);
struct sip_stream { /* bytes of one connection, in messages */
	struct sip_core *core;
	struct sip_flow flow;
	bool known;      /* somebody has signed in on it */
	int64_t account; /* the gateway whose unit registered on it last; 0 = none */
};
/* One message; st NULL: a datagram. */
void sip_core_message(struct sip_core *c, const struct sip_flow *from, const struct sip_cut *cut,
		      struct sip_stream *st);
/* n bytes of a keyed digest over parts: what nobody else can make up. */
void sip_core_seal(const struct sip_core *c, const char *what, const struct vd_span *parts,
		   size_t n, unsigned char ret[32]);
/* Answers without remembering: for what needs no memory to be answered the same again. */
void sip_core_answer(struct sip_core *c, const struct sip_msg *m, const struct sip_answer *a);
void sip_core_tag(const struct sip_core *c, const struct sip_msg *m, char ret[SIP_TAG_CHARS + 1]);
extern const char sip_allow[]; /* header line */

enum sip_progress { SIP_NEED_BYTES, SIP_NEED_TURN, SIP_FINISHED };
/* Handles at most `messages` whole messages from the front of `in`. */
enum sip_progress sip_stream_input(struct sip_stream *s, struct vd_span in, int messages,
				   size_t *ret_used);

/* -- sip_guard.c ------------------------------------------------------------------------------ */

/* May this address be heard now? */
bool sip_guard_take(struct sip_core *c, const struct sip_addr *a);
void sip_guard_known(struct sip_core *c, const struct sip_addr *a); /* it has signed in */
/* Counts a wrong sign-in; how long its answer waits, -1 = too many to be answered. */
int64_t sip_guard_failed(struct sip_core *c, const struct sip_addr *a);
/* Answers 403 after the delay; the same request meanwhile is not another try. */
void sip_guard_refuse(struct sip_core *c, const struct sip_msg *m, int64_t delay_ms);
bool sip_guard_waits(struct sip_core *c, const struct sip_msg *m);
void sip_guard_fini(struct sip_core *c);

/* -- sip_digest.c ----------------------------------------------------------------------------- */

enum sip_auth { SIP_AUTH_NONE, SIP_AUTH_OK, SIP_AUTH_STALE, SIP_AUTH_WRONG };
/* With OK, STALE: *ret_account is whose. */
enum sip_auth sip_digest_check(struct sip_core *c, const struct sip_msg *m,
			       struct vd_sip_account *ret_account);
void sip_digest_challenge(struct sip_core *c, const struct sip_msg *m, bool stale);
uint64_t sip_digest_proof(const struct vd_sip_account *a); /* differs after a new secret */

/* -- sip_server.c ----------------------------------------------------------------------------- */

struct sip_server {
	struct vd_exchange x; /* first: the hub's answer finds us */
	struct vd_link link;
	struct sip_core *core; /* NULL: the door has gone */
	unsigned char key[16];
	struct sip_msg m; /* until answered */
	int64_t gateway;
	/* a document on its way: */
	bool in_200;
	char *topic, *content_type;
	struct vd_buf body;
	int64_t received_at_ms;
	/* answered: */
	char *answer;
	size_t answer_n;
	int64_t done_mono;
};
void sip_server_key(const struct sip_core *c, const struct sip_msg *m, unsigned char ret[16]);
struct sip_server *sip_server_find(struct sip_core *c, const struct sip_msg *m); /* NULL */
/* Sends again what was answered; nothing while it still is at the hub. */
void sip_server_again(struct sip_server *s, const struct sip_msg *m);
/* Takes over the message. 0, VD_ELIMIT or VD_ENOMEM: then *m stays the caller's. */
int sip_server_new(struct sip_core *c, struct sip_msg *m, int64_t gateway, struct sip_server **ret);
/* Sends the answer; the request stays for sip_server_end. */
void sip_server_say(struct sip_server *s, const struct sip_answer *a);
/* Keeps what was said as long as the request may come again; s may be gone afterwards. */
void sip_server_end(struct sip_server *s);
/* Both. */
void sip_server_answer(struct sip_server *s, const struct sip_answer *a);
void sip_server_free(struct sip_server *s); /* out of every table */

/* -- sip_registrar.c -------------------------------------------------------------------------- */

struct sip_binding {
	struct vd_link link;     /* sip_aor.bindings, newest first */
	char *uri;               /* as it said */
	struct sip_flow contact; /* address of the URI; conn 0 */
	bool reachable;          /* the URI names an address, and a transport we can open */
	struct sip_flow flow;
	uint64_t proof;
	int64_t ends_mono;
};
struct sip_aor {
	struct vd_link link, bindings;
	size_t n;
	struct sip_account_use *account;
	size_t key_n;
	char key[]; /* 8 bytes of gateway, user */
};
struct sip_account_use { /* of one gateway */
	int64_t gateway;
	size_t bindings;
	int64_t config_version;
	void *config; /* json_t of the binding, NULL = none or unusable */
};
struct sip_account_use *sip_account_use(struct sip_core *c, int64_t gateway); /* NULL: no memory */
/* Answers a REGISTER. */
void sip_registrar(struct sip_server *s, const struct vd_sip_account *a);
/* The unit's newest binding that has not ended, NULL = none. */
struct sip_binding *sip_binding_of(struct sip_core *c, int64_t gateway, const char *user);
/* Has this unit of the connection's account registered on it, with a secret that still holds? */
bool sip_binding_on(struct sip_core *c, const struct sip_stream *st, const char *user);
void sip_registrar_fini(struct sip_core *c);

/* -- sip_alarm.c ------------------------------------------------------------------------------ */

/* Hands a MESSAGE to the hub. */
void sip_alarm(struct sip_server *s);

/* -- sip_client.c ----------------------------------------------------------------------------- */

#define SIP_TARGETS 3
struct sip_deliver { /* borrowed for the call */
	int64_t gateway;
	const char *user;      /* the unit */
	const char *from, *to; /* addresses with <> */
	struct { /* ways to it, best first; the next is tried when one is silent for four seconds */
		struct sip_flow flow; /* TCP without conn: to be opened */
		const char *uri;      /* request URI, without <> */
	} target[SIP_TARGETS];
	size_t n;
	const char *content_type; /* static */
	struct vd_span body;
};
/* Begins a delivery; it goes on by itself. 0, VD_ELIMIT, VD_EINVAL (no way) or VD_ENOMEM. */
int sip_client_send(struct sip_core *c, const struct sip_deliver *d);
void sip_client_answered(struct sip_core *c, const struct sip_msg *m);
void sip_client_fini(struct sip_core *c);

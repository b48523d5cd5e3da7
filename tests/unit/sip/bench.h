/* SPDX-License-Identifier: EUPL-1.2 */
/* The SIP door on a table: what comes in is text, what goes out is kept, the hub answers when the
 * test says so, time passes when it is told to. Units 7001.. belong to the account "lom" (a group
 * account, gateway 1), and "7100" is an account of its own (gateway 2, with SHA-256). */
#pragma once
#include "vdtest.h"
#include "io/sip_int.h"
#include "sim/runtime_sim.h"

#define BENCH_SENT   256
#define BENCH_FRAMES 128
#define SECRET       "korrekt-hest-batteri"

struct bench_sent {
	struct sip_flow to;
	int64_t at_mono;
	char *text;
	size_t n;
};
struct bench_frame {
	int64_t gateway;
	char topic[128], type[64], body[256];
	size_t body_n;
	struct vd_exchange *x; /* NULL: answered */
};

struct bench {
	struct vd_runtime *rt;
	struct sip_core core;
	struct bench_sent sent[BENCH_SENT];
	size_t n_sent, seen; /* seen: what the test has looked at */
	struct bench_frame frames[BENCH_FRAMES];
	size_t n_frames;
	bool alive[16];              /* connections by number */
	uint64_t connected;          /* number of the last one the door opened, 0 = none */
	struct sip_addr where;       /* and to where */
	const char *secret, *config; /* of both accounts; config NULL = no binding */
	int64_t version;
	const char *mrs; /* what the family answers; NULL = it has nothing */
	bool blocked;    /* the accounts are gone */
	bool conn_refused;
	char why[160]; /* told to the family last */
	int replies;
};

void bench_open(struct bench *b);
/* Everything still at the hub is answered; nothing may be left. */
void bench_close(struct bench *b);
void bench_pass(struct bench *b, int64_t ms);
/* Answers the i-th frame. */
void bench_outcome(struct bench *b, size_t i, enum vd_outcome_code o);

/* How a request looks; zero = the usual. */
struct say {
	const char *method;      /* "MESSAGE" */
	const char *unit;        /* From user: "7001" */
	const char *branch, *id; /* a new one each time */
	int cseq;                /* 1 */
	const char *extra;       /* header lines */
	const char *body, *type; /* MESSAGE: a small document; "" = none at all */
	size_t body_n;           /* when the body holds NUL */
	bool no_rport, no_length;
	int via_port;   /* 5062 */
	const char *to; /* To user: "arc"; REGISTER: the unit */
	/* who signs in; NULL user = nobody */
	const char *user, *secret, *nonce, *algorithm; /* NULL algorithm = absent */
	bool no_qop;
	int nc; /* 1 */
};
/* The request as text; heap, to be freed with vd_free. */
char *bench_text(struct bench *b, const struct say *s, size_t *ret_n);
/* From 192.0.2.1:port over UDP. */
void bench_hear(struct bench *b, int port, const struct say *s);
void bench_raw(struct bench *b, int port, const char *text, size_t n);
/* The same, signed in: the challenge is fetched first and not counted as seen. */
void bench_signed(struct bench *b, int port, const struct say *s);
/* The same over a connection: what arrives in a stream. */
struct sip_stream bench_stream(struct bench *b, uint64_t conn);
void bench_stream_hear(struct bench *b, struct sip_stream *st, const struct say *s);

/* The next packet not looked at yet; NULL = none. */
const struct bench_sent *bench_next(struct bench *b);
/* It is a response with this status. Returns its text. */
const char *bench_status(struct bench *b, int status);
void bench_silent(struct bench *b); /* nothing (more) was sent */
/* The nonce of the 401 in text; static buffer. */
const char *bench_nonce(const char *text);
/* The response to a request of ours. */
void bench_reply(struct bench *b, const char *request, int status);

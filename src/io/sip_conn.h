/* SPDX-License-Identifier: EUPL-1.2 */
/* The door and its connections on libuv: for sip.c and sip_conn.c only. Loop thread.
 *
 * Fairness: at a time one connection gets at most VD_MAX_SIP_TURN messages, libuv reads at most 32
 * datagrams, and TLS handshakes get VD_MAX_TLS_TURN steps a turn, all connections together. */
#pragma once
#include "io/sip_int.h"
#include "io/tls.h"

#define SIP_READ_BYTES 65536 /* what any socket reads into; no datagram is larger */

struct sip_listener {
	uv_tcp_t tcp; /* first: a handle is its listener */
	struct vd_sip *s;
	bool tls, open, held; /* held: a connection waits in it for memory */
};

struct vd_sip {
	struct sip_core core;
	uv_loop_t *loop;
	struct vd_tls *tls;
	uv_udp_t udp;
	struct sip_listener plain, secure;
	bool udp_open, v6;
	struct vd_link conns, preauth; /* preauth: nobody has signed in, oldest first */
	struct vd_link ready, steps;   /* have input left; wait for a TLS slice */
	struct vd_map by_number;
	uint64_t last_number;
	size_t n_conns, n_preauth, max_conns;
	struct vd_deferred later;
	struct vd_timer *sweeper;
	char *chunk;                     /* SIP_READ_BYTES */
	struct vd_buf plain_bytes, wire; /* scratch: decrypted, encrypted */
	int handles;                     /* not closed yet, without connections */
	int port, tls_port;
	bool closing;
	void (*on_closed)(void *arg);
	void *closed_arg;
};

struct sip_conn {
	uv_tcp_t tcp; /* first: a handle is its connection */
	struct vd_sip *s;
	struct sip_stream st;
	struct vd_tls_conn *tls;
	struct vd_buf in;  /* start of a message, or messages for another turn */
	struct vd_buf net; /* TLS bytes waiting for a slice */
	struct vd_link all, preauth, ready, step;
	int64_t since_mono, heard_mono, partial_mono; /* partial: -1 = nothing begun */
	uv_write_t write;
	uv_connect_t connect;
	struct vd_buf pending, waiting; /* being written; to be written after it */
	bool writing, reading, connecting, ours, closing; /* ours: opened by us */
};

void sip_conn_accept(struct sip_listener *l);
void sip_conn_close(struct sip_conn *c); /* at once */
int sip_conn_open(struct vd_sip *s, const struct sip_addr *to, uint64_t *ret);
/* 0, or the connection is closed. */
int sip_conn_send(struct sip_conn *c, struct vd_span bytes);
/* Goes on with what was left for this turn. */
void sip_conns_continue(struct vd_sip *s);
/* Ends those that have been silent or half-spoken for too long. */
void sip_conns_sweep(struct vd_sip *s);
void sip_check_closed(struct vd_sip *s);
bool sip_from_sockaddr(const struct sockaddr *sa, struct sip_addr *ret);
void sip_to_sockaddr(const struct vd_sip *s, const struct sip_addr *a,
		     struct sockaddr_storage *ret);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The door and its connections on libuv: for mqtt.c and mqtt_conn.c only. Loop thread.
 *
 * Fairness: at a time, one client gets at most VD_MAX_MQTT_READ bytes and VD_MAX_MQTT_PACKETS_TURN
 * packets, twice in a loop turn (when its socket is read and when what was left goes on); TLS
 * handshakes get VD_MAX_TLS_TURN steps of it, all clients together. Everything a turn makes due for
 * one client goes out in one write, in the prepare phase of the next. */
#pragma once
#include "io/mqtt_int.h"
#include "io/tls.h"

struct vd_mqtt {
	struct mqtt_core core;
	uv_loop_t *loop;
	struct vd_tls *tls;
	uv_tcp_t listener;
	uv_prepare_t prepare;
	struct vd_link conns;
	struct vd_link preauth; /* not signed in yet, oldest first */
	struct vd_link dirty;   /* have something to send, or may go on */
	struct vd_link ready;   /* have input left for another turn */
	struct vd_link steps;   /* wait for a TLS slice */
	size_t n_conns, n_preauth, max_conns;
	int steps_taken; /* in this turn */
	struct vd_deferred later;
	struct vd_timer *accept_timer;
	bool held; /* a connection waits in the listener */
	uint64_t seed;
	char *chunk;               /* VD_MAX_MQTT_READ bytes: what any socket reads into */
	struct vd_buf plain, wire; /* scratch: decrypted, encrypted */
	int handles;               /* listener and prepare, not closed yet */
	int port;
	bool closing, prepare_closing;
	void (*on_closed)(void *arg);
	void *closed_arg;
};

struct mqtt_conn {
	uv_tcp_t tcp; /* first: a handle is its connection */
	struct vd_mqtt *m;
	struct mqtt_peer peer;
	struct vd_tls_conn *tls;
	struct vd_buf in;  /* start of a packet, or packets for another turn */
	struct vd_buf net; /* TLS bytes waiting for a slice */
	struct vd_link all, preauth, dirty, ready, step;
	struct vd_timer *timer;
	int64_t timer_due, since_mono;
	uv_write_t write;
	uv_shutdown_t shutdown;
	struct vd_buf pending, waiting; /* being written; to be written after it */
	bool writing, reading;
	bool last_call; /* ended, but the socket takes no more: closed soon whatever happens */
	bool lingering, closing;
};

/* Takes the connection that waits in the listener. */
void mqtt_conn_accept(struct vd_mqtt *m);
void mqtt_conn_close(struct mqtt_conn *c); /* at once */
/* Sends and resumes what became due; called before the loop polls. */
void mqtt_conns_flush(struct vd_mqtt *m);
/* Goes on with what was left for this turn. */
void mqtt_conns_continue(struct vd_mqtt *m);
/* A connection has signed in or gone: mqtt.c. */
void mqtt_room(struct vd_mqtt *m);
void mqtt_check_closed(struct vd_mqtt *m);

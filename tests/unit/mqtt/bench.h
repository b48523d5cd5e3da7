/* SPDX-License-Identifier: EUPL-1.2 */
/* Peers on a table: the protocol without sockets, on a simulated clock. */
#pragma once
#include "fake.h"
#include "sim/runtime_sim.h"

struct table {
	struct vd_runtime *rt;
	struct mqtt_core core;
	struct fake *host;
};

struct client {
	struct mqtt_peer peer;
	struct vd_buf say; /* bytes on their way to the peer */
	int version;
};

void table_open(struct table *t);
/* Clients must have ended; everything still at the host is answered; nothing may be left. */
void table_close(struct table *t);

void client_open(struct table *t, struct client *c);
/* Hands over everything said; false: the peer has ended. */
bool client_send(struct client *c);
/* Opens, sends CONNECT and checks that CONNACK says welcome. Returns "session present". */
bool client_join(struct table *t, struct client *c, const struct say_connect *how);
void client_publish(struct client *c, const char *topic, const char *body, int qos, unsigned id,
		    bool dup);
/* What the peer has written, exactly; then forgotten. */
void client_hears(struct client *c, const char *hex);
void client_drop(struct client *c); /* the connection breaks, or the ended peer is put away */
/* Time passes; the peer's deadlines are met. */
void table_pass(struct table *t, struct client *c, int64_t ms);

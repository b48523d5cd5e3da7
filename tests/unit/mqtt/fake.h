/* SPDX-License-Identifier: EUPL-1.2 */
/* A host that stores what the test tells it to, when the test tells it to; and a client's packets.
 */
#pragma once
#include "vdtest.h"
#include "io/mqtt_int.h"

#define FAKE_FRAMES 512

struct fake_frame {
	int64_t gateway;
	char topic[160], body[160], content_type[32];
	size_t body_n;
	bool retained, dup;
	struct vd_exchange *x; /* NULL: answered */
};

struct fake {
	struct fake_frame frames[FAKE_FRAMES];
	size_t n;
	int connected[16]; /* by gateway */
	int logins;
	char cert[65]; /* of the last sign-in */
	char told[32]; /* the newest order that was acknowledged */
};

/* Users gw1..gw9 with password "secret" are gateways 1..9; any certificate without a user is
 * gateway 5. */
struct vd_mqtt_host fake_host(struct fake *f);
/* Answers the i-th frame. */
void fake_answer(struct fake *f, size_t i, enum vd_outcome_code o);
/* Answers all that wait, in order. */
void fake_answer_all(struct fake *f, enum vd_outcome_code o);
size_t fake_waiting(const struct fake *f);

struct say_connect {
	int version;                      /* 0 = 4 */
	const char *id, *user, *password; /* NULL user = "gw1", NULL password = "secret" */
	bool dirty;                       /* clean start 0 */
	int keep_alive, will_qos;
	const char *will_topic, *will;
	bool will_retain, no_user;
	const char *props_hex, *will_props_hex; /* 5.0 */
};

void say_connect(struct vd_buf *b, const struct say_connect *c);
void say_publish(struct vd_buf *b, int version, const char *topic, const char *body, int qos,
		 unsigned id, bool dup);
void say_hex(struct vd_buf *b, const char *hex);
/* b holds exactly these bytes; then empties it. */
void expect_hex(struct vd_buf *b, const char *hex);

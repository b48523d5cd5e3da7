/* SPDX-License-Identifier: EUPL-1.2 */
/* A Z-Wave value: which it is by its topic or payload, and what it means. Loop thread. */
#pragma once
#include "adapters/common/known.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"

#define ZW_HELD  16  /* keys held down at a time, of one network */
#define ZW_TAKES 768 /* 232 nodes of a network, three values each */

/* How a topic names a value: numbers first, wherever they stand, for a node may be called "lock".
 * Then names with their endpoint, then names as they were before endpoints were told of every
 * node. */
enum zw_form { ZW_NUMBERED, ZW_NAMED, ZW_NAMED_ALONE };

/* A value of a node that commands set (command.c). */
struct zw_takes {
	uint64_t node; /* hash of its topic */
	unsigned char what, form, endpoint;
	bool several; /* told of more endpoints; `endpoint` is the lowest */
};

struct zw { /* the adapter's state */
	char prefix[64];
	const struct vd_tables *tables;
	struct vd_known known; /* nodes, from nodeinfo */
	struct {
		uint64_t what;
		int64_t at_ms;
		bool goes_on;
	} held[ZW_HELD];
	unsigned next_held;
	struct zw_takes takes[ZW_TAKES];
	size_t n_takes;
};

struct zw_value {
	struct vd_span node; /* as its topic has it: location and name, or number */
	int class;           /* command class; -1 = the topic does not tell */
	int endpoint;
	enum zw_form form;
	struct vd_span property, key; /* key may be empty */
};

/* Both forms, after the prefix:
 *	[location/]node/113/0/Smoke_Alarm/Sensor_status
 *	[location/]node/notification/[endpoint_0/]Smoke_Alarm/Sensor_status
 * false: it is no value's topic. */
bool zw_value_topic(struct vd_span rest, struct zw_value *ret);
/* A message on it. `v` may be without class when the topic is of the bridge owner's own making:
 * then a payload that holds the whole value tells. 0 or VD_EPARSE. */
int zw_value(struct zw *z, const struct vd_frame *f, struct zw_value *v, struct vd_decoded *d);

/* A value was told by its topic: true = it can be set, and that is news; keep the message. */
bool zw_learn(struct zw *z, const struct zw_value *v);
/* The node says Asleep or Awake, which those never do that can be reached at any time: true = news.
 * It is offered no lock. */
bool zw_learn_sleep(struct zw *z, struct vd_span node);
/* The node was taken away: what has its number next is something else. */
void zw_unlearn(struct zw *z, struct vd_span node);
unsigned zw_commands(const void *state, const struct vd_target *who);
int zw_command(const void *state, const struct vd_target *who, const struct vd_command *c,
	       struct vd_downlink *ret);

/* SPDX-License-Identifier: EUPL-1.2 */
/* What both generations of Shelly devices share. Loop thread. */
#pragma once
#include "adapters/common/press.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"

#define SHELLY_DEVICES  256 /* behind one gateway; the oldest are forgotten first */
#define SHELLY_COUNTERS 256 /* inputs that count their presses, likewise */
#define SHELLY_PREFIX   160 /* bytes of a device's topics before what they are about */

/* What a device has said that later messages are read beside. */
struct shelly_device {
	uint64_t key;
	char model[24];
	bool sleeps;                /* promises to wake up now and then: away is not lost */
	bool unset;                 /* its clock was not set */
	bool external;              /* had power from outside */
	uint64_t fault;             /* which component told an error */
	int smoke;                  /* its smoke component's number + 1; 0 = none was told */
	char prefix[SHELLY_PREFIX]; /* with `smoke`: the whole of its topic prefix, "" = too long */
};

struct shelly { /* the adapter's state */
	char prefix[64];
	const struct vd_tables *tables;
	struct vd_presses presses;
	struct shelly_device devices[SHELLY_DEVICES];
	unsigned next_device;
	struct {
		uint64_t topic;
		int64_t count, since_ms; /* since we know this count */
		bool first, recalled;    /* nothing was known before; known from before a start */
	} counters[SHELLY_COUNTERS];
	unsigned next_counter;
};

/* Never NULL. */
struct shelly_device *shelly_device(struct shelly *s, struct vd_span identity);
struct vd_field_of shelly_field_of(struct shelly *s, struct vd_span identity);
/* "shellyplussmoke-aabbccddeeff" -> "shellyplussmoke", "" when it is no such name. */
struct vd_span shelly_model(struct vd_span identity);

/* <prefix>/events/rpc and <prefix>/status/<component>. 0 or VD_EPARSE. */
int shelly_rpc(struct shelly *s, const struct vd_frame *f, struct vd_span who,
	       struct vd_decoded *d);
int shelly_component(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		     struct vd_span component, struct vd_decoded *d);
/* What is to be known of a device for commands, after a message of it was read: true = news, keep
 * the message. `prefix` is its topic before what the message is about. */
bool shelly_learn(struct shelly *s, struct vd_span who, struct vd_span prefix);
unsigned shelly_commands(const void *state, const struct vd_target *who);
int shelly_command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret);
/* Of one NotifyEvent; `ts` is the notification's own. */
void shelly_event(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		  struct vd_span event, double ts, struct vd_decoded *d);
/* Seconds since 1970 -> ms, 0 when it is no such time (seconds since the device's start). */
int64_t shelly_time(double ts);
/* "<who>/<component>" in d->scratch: a device that the Shelly only passes on. "" without room. */
struct vd_span shelly_beyond(struct vd_decoded *d, struct vd_span who, struct vd_span component);

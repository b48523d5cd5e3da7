/* SPDX-License-Identifier: EUPL-1.2 */
/* What is technically wrong with a device, seen from its own messages: a link or a state that
 * flickers, a clock that lies, a battery that does what no battery does, frames that never came, a
 * counter that starts over, messages that have changed their shape. Pure; bounded memory; a few
 * additions a reading. Each begins and ends at different marks, so that none flickers itself. Loop
 * thread. */
#pragma once
#include "base/span.h"
#include "model/event.h"
#include "port/adapter.h"

enum vd_trouble {
	VD_TR_FLAPPING,     /* comes and goes, or its state does */
	VD_TR_BATTERY_ODD,  /* up without a visit, outside 0-100, or the same for half a year */
	VD_TR_BATTERY_FAST, /* falls faster than a sound battery can */
	VD_TR_FRAMES_LOST,  /* every fourth message or more does not arrive */
	VD_TR_RESTARTS,     /* its counter starts over again and again */
	VD_TR_CHANGED,      /* its messages hold something else than they used to */
	VD_TR_CLOCK,        /* its clock is far off */
	VD_TROUBLE_MAX
};
/* "flapping" "battery_odd" ...: also the state word of the event and the key of its advice. */
const char *vd_trouble_name(enum vd_trouble t);
/* The kind it is told as: device.fault, or device.clock. */
enum vd_kind vd_trouble_kind(enum vd_trouble t);
/* And the state word beside it. */
const char *vd_trouble_state_word(enum vd_trouble t);

#define VD_TROUBLE_TEXT 160 /* a shape as text */

struct vd_trouble_state {  /* zero-initialised, then vd_trouble_init */
	unsigned standing; /* bit set: told and not over */
	/* buckets that leak: so many within about this time */
	float flips, toggles, resets;
	int64_t flips_mono, toggles_mono, resets_mono;
	int64_t clock_wall; /* the message whose time was judged last */
	unsigned bad_clock, good_clock;
	float battery_ref; /* a day ago, or when first told */
	int64_t battery_ref_wall;
	int64_t renewed_wall;          /* a new one, as it seemed; 0 = not */
	int64_t odd_until, fast_until; /* mono; 0 = not */
	int64_t fresh_until;           /* joined or restarted: a new battery is no surprise */
	int64_t seq;
	float expected, lost;
	uint64_t today[2], always[2], ever[2]; /* shape: bits of what its messages hold */
	int64_t day;
	int days, days_missing;
	int64_t changed_day; /* 0 = not */
};

struct vd_trouble_in {
	const struct vd_reading *r;
	bool news;      /* its state is another than before */
	bool bad_clock; /* the time it told was not used */
	bool recharged; /* its battery goes up by nature */
	bool visited;   /* somebody has been there within a day: placed, moved, tested */
	bool broken;    /* it could not be heard for a while: no frame is missed */
	double battery; /* as it was before; NaN unknown */
	int64_t mono, wall, day;
};

void vd_trouble_init(struct vd_trouble_state *t);
/* One live reading of the device itself. Returns frames found lost before this one. */
unsigned vd_trouble_reading(struct vd_trouble_state *t, const struct vd_trouble_in *in);
/* A field nobody could read. */
void vd_trouble_unknown_key(struct vd_trouble_state *t, struct vd_span name, int64_t day);
/* Its link was gone and is back. */
void vd_trouble_flip(struct vd_trouble_state *t, int64_t mono);
/* What is wrong now: bit set. battery_since_wall: when the battery last told another value; 0
 * unknown. */
unsigned vd_trouble_now(struct vd_trouble_state *t, int64_t mono, int64_t wall, double battery,
			int64_t battery_since_wall);
/* After a start: those that stood. What was counted is forgotten, so each is half way to its end.
 */
void vd_trouble_restore(struct vd_trouble_state *t, unsigned standing, int64_t mono);
/* The shape, for the store: buf[VD_TROUBLE_TEXT]. */
void vd_trouble_write(const struct vd_trouble_state *t, char *buf);
void vd_trouble_read(struct vd_trouble_state *t, struct vd_span text);

/* SPDX-License-Identifier: EUPL-1.2 */
/* What a device last said, and what a new reading means beside it: change detection (rule 4),
 * retained and start-up judgement (rule 2), clock judgement, and the verdict for the alarm stage.
 * Pure; used by the hub and by `varde decode --corpus`. Caller's thread. */
#pragma once
#include "model/event.h"
#include "port/adapter.h"

#define VD_ALERT_SEVERITY 30 /* of what its sender calls an alarm, at least: serious */

struct vd_cell { /* newest state of one (kind, zone) */
	enum vd_kind kind;
	char zone[16], state[24];
	double value;
	bool has_value;
	int64_t t_ms, episode;
	bool stale; /* its event could not be stored: the next reading counts as new */
};

struct vd_devstate {           /* zero-initialised; one per device */
	struct vd_cell *cells; /* owned, grows up to VD_MAX_STATES_DEVICE */
	unsigned n, cap;
};
void vd_devstate_fini(struct vd_devstate *d);
struct vd_cell *vd_devstate_find(struct vd_devstate *d, enum vd_kind kind, const char *zone);

enum vd_change_kind {
	VD_SAME, /* nothing new: updates last-heard only */
	VD_NEW,  /* an event to journal */
	VD_MINOR /* a new value that is kept in memory only (device.link, device.voltage) */
};

enum vd_verdict {
	VD_V_NONE,      /* no alarm */
	VD_V_RAISE,     /* a care alarm begins or repeats */
	VD_V_TECHNICAL, /* a technical alarm begins */
	VD_V_CLEAR      /* an active condition has returned */
};

struct vd_judged {
	enum vd_change_kind change;
	enum vd_verdict verdict;
	struct vd_event event; /* filled except id, muni, gateway, device, placement */
};

/* What an event asks of the alarm stage, from the event alone, so that a replay decides the same.
 * CLEAR only says "this state ends an active one"; whether one is open the alarm stage knows. */
enum vd_verdict vd_verdict(const struct vd_event *e);

/* Its event was not stored: whatever comes next is news. */
void vd_devstate_forget(struct vd_devstate *d, enum vd_kind kind, const char *zone);
/* Puts a cell back at start. 0, VD_ENOMEM or VD_ELIMIT. */
int vd_devstate_restore(struct vd_devstate *d, const struct vd_cell *c);

/* Judges one reading against the device's state and updates it. `in_start_window`: the bridge came
 * online less than 5 quiet seconds ago, or the message carries the retain flag of a connection that
 * is younger than a minute: states may be republications. In it a retained happening (VD_F_EDGE) is
 * not counted again, everything else that is active and was not known raises as "found at start".
 * ret->verdict is NONE unless the change is VD_NEW; CLEAR only when the state before was active. A
 * stage of the same episode that is no worse than the last one is state too, not news.
 * received_at_ms is the hub's wall clock. 0 or VD_ENOMEM /
 * VD_ELIMIT (too many cells). */
int vd_judge(struct vd_devstate *d, const struct vd_frame *f, const struct vd_reading *r,
	     bool in_start_window, struct vd_judged *ret);

/* Device time is trusted within -24 h .. +2 min of receipt (vocabulary, clock rule). */
#define VD_CLOCK_PAST_MS   (24 * 3600000ll)
#define VD_CLOCK_FUTURE_MS (2 * 60000ll)
/* A last_seen older than this at receipt marks the event late. */
#define VD_LATE_MS (10 * 60000ll)

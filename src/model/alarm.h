/* SPDX-License-Identifier: EUPL-1.2 */
/* One alarm: two independent axes, condition and handling, never merged. The handling axis is a
 * state table. Plain data; the hub's loop owns the live ones.
 *
 * Words: ISA-18.2/IEC 62682 and OPC UA Part 9 (reference.opcfoundation.org/Core/Part9). Steps are
 * those of the Norwegian follow-up record (VKP/JFT composition events). */
#pragma once
#include "model/event.h"

enum vd_condition { VD_COND_ACTIVE, VD_COND_RETURNED };

enum vd_handling {
	VD_H_NEW,          /* nobody has it; escalation runs */
	VD_H_ACKNOWLEDGED, /* has an owner; ack timeout runs */
	VD_H_EN_ROUTE,     /* owner is on the way */
	VD_H_ON_SITE,      /* owner is with the person */
	VD_H_TRANSFERRED,  /* handed to somebody who has not received it yet; still owned */
	VD_H_SHELVED,      /* hidden for a limited time, counted on every screen */
	VD_H_TEST,         /* on test: visible, no escalation, expires by itself */
	VD_H_CLOSED,       /* closed with an outcome (or by the hub when returned and acked) */
	VD_H_MAX
};

/* What is recorded, in the order things happen. VKP composition event code in parentheses. */
enum vd_step {
	VD_STEP_RAISED,       /* reported (0) */
	VD_STEP_REPEATED,     /* the same again: counter up, priority up */
	VD_STEP_RETURNED,     /* the condition went away; the alarm stays */
	VD_STEP_REACTIVATED,  /* the condition came back */
	VD_STEP_ACKNOWLEDGED, /* acknowledged, being handled (3, 1) */
	VD_STEP_ACK_TIMEOUT,  /* owner did nothing in time: new again */
	VD_STEP_RELEASED,     /* owner gave it back: new again */
	VD_STEP_EN_ROUTE,     /* dispatched and accepted (4, 5) */
	VD_STEP_ON_SITE,      /* arrived */
	VD_STEP_TRANSFERRED,  /* offered to `target` */
	VD_STEP_RECEIVED,     /* target took it */
	VD_STEP_NOTE,         /* free text, kept apart from the journal */
	VD_STEP_CALL,         /* spoke with the person (8) */
	VD_STEP_ESCALATED,    /* next receiver, level in `level` */
	VD_STEP_SHELVED,
	VD_STEP_UNSHELVED,
	VD_STEP_CLOSED, /* with outcome: cause (6), measure (7), action (9) */
	VD_STEP_REOPENED,
	VD_STEP_MERGED,  /* joined a storm alarm, or a storm alarm counted one more */
	VD_STEP_UPDATED, /* more about it: a new state or place; does not sound again */
	VD_STEP_COMMAND, /* a command to a device of this home: asked by `staff`, or ended (0) */
	VD_STEP_MAX
};

/* Outcomes a person chooses when closing; words in the catalogue as outcome.<name>. */
enum vd_outcome {
	VD_OUT_NONE,
	VD_OUT_HELPED,
	VD_OUT_FALSE_ALARM,
	VD_OUT_TEST,
	VD_OUT_TECHNICAL,
	VD_OUT_HOSPITAL,
	VD_OUT_EMERGENCY,
	VD_OUT_NO_ACTION,
	VD_OUT_OTHER,
	VD_OUT_RETURNED, /* hub */
	VD_OUT_MAX
};

struct vd_alarm {
	char id[VD_ID_LEN + 1]; /* = id of the event that opened it: replay makes the same alarm */
	int muni;
	int64_t gateway, device, placement, recipient; /* hub keys, 0 = none */
	enum vd_kind kind;
	char state[24]; /* newest state word */
	int priority;   /* 20 30 40: severity, raised by repetition and escalation */
	enum vd_condition condition;
	enum vd_handling handling;
	char parent[VD_ID_LEN + 1]; /* storm alarm this one is collapsed into, or "" */
	int64_t raised_at_ms;       /* time of the happening */
	int64_t received_at_ms;     /* hub's receipt: response times count from here */
	int64_t last_at_ms;         /* newest repetition */
	int64_t returned_at_ms, acked_at_ms, first_ack_at_ms, on_site_at_ms,
		closed_at_ms;  /* 0 = not */
	int64_t owner, target; /* staff keys, 0 = none */
	int64_t handled_at_ms; /* when the handling state was entered */
	int64_t deadline_ms;   /* wall time of the next timeout of this state, 0 = none */
	int64_t shelved_until_ms;
	int count;      /* times raised while open, 1 = once; storm: members */
	int repeat_24h; /* raises by the same recipient and kind in 24 h, this one included */
	int level;      /* escalation level reached: 1 first, 2 next, 3 everyone */
	int realerts;   /* times it has sounded again */
	enum vd_outcome outcome;
	unsigned flags;                  /* VD_F_* of the opening event */
	int64_t version;                 /* +1 per step: optimistic lock for staff actions */
	char cause_event[VD_ID_LEN + 1]; /* newest event that touched it */
};

struct vd_alarm_step {
	char alarm[VD_ID_LEN + 1];
	int64_t n; /* 1.. within the alarm (= alarm.version after the step) */
	int muni;
	enum vd_step step;
	int64_t at_ms;
	int64_t staff;  /* who, 0 = the hub */
	int64_t target; /* whom, for transfers; 0 = none */
	int level;      /* escalation level, else 0 */
	enum vd_outcome outcome;
	char event[VD_ID_LEN + 1];        /* the event behind it, or "" */
	char note[VD_MAX_NOTE_BYTES + 1]; /* personal data: stored in its own table; usually "" */
};

const char *vd_condition_name(enum vd_condition c); /* "active" "returned" */
const char *vd_handling_name(enum vd_handling h);   /* "new" "acknowledged" "en_route" ... */
const char *vd_step_name(enum vd_step s);           /* "raised" ... */
const char *vd_outcome_name(enum vd_outcome o);     /* "" "helped" "false_alarm" ... */
/* Parsers give -1 when unknown. */
int vd_handling_parse(struct vd_span s);
int vd_step_parse(struct vd_span s);
int vd_outcome_parse(struct vd_span s);
/* The handling table: may a step be taken in this state, and where does it lead? false = refused.
 */
bool vd_handling_next(enum vd_handling from, enum vd_step step, enum vd_handling *ret_to);

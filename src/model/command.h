/* SPDX-License-Identifier: EUPL-1.2 */
/* A command: what a person asks of a device (docs/commands.md). Its way is a state table; its id is
 * that of the journal's event that says it was asked. Plain data without pointers: copied freely,
 * any thread. The reason a person gives is free text about somebody: it travels beside, never in
 * here. */
#pragma once
#include "base/id.h"
#include "base/limits.h"
#include "base/span.h"
#include <stdint.h>

enum vd_command_verb {
	VD_CMD_NONE,
	VD_CMD_CONFIRM,  /* tell who called that help is coming */
	VD_CMD_CANCEL,   /* silence the unit, end the call on it */
	VD_CMD_LOCATE,   /* make it show itself: blink, beep, tell its place */
	VD_CMD_RING,     /* make it sound, to find it or to call for attention */
	VD_CMD_INTERVAL, /* how often it tells that it lives; minutes */
	VD_CMD_UNLOCK,
	VD_CMD_LOCK,
	VD_CMD_MAX
};
#define VD_CMD_BIT(v) (1u << (v)) /* verbs as a set */

/* EN 50134 lets a unit be supervised every 1 to 1440 minutes. */
#define VD_CMD_MINUTES_MIN 1
#define VD_CMD_MINUTES_MAX 1440

enum vd_command_state {
	VD_CS_ASKED,    /* written down by a tool, the hub has not taken it yet */
	VD_CS_QUEUED,   /* durable; not sent, or to be sent again */
	VD_CS_SENT,     /* given to the gateway or platform, which has not answered */
	VD_CS_ACCEPTED, /* PUBACK or 2xx: the gateway or platform has it */
	VD_CS_DONE,     /* the device itself told that it is so */
	VD_CS_FAILED,   /* will not happen, or nobody can tell whether it did: result says */
	VD_CS_EXPIRED,  /* its time ran out before it could be sent */
	VD_CS_MAX
};

struct vd_command {
	char id[VD_ID_LEN + 1];
	int muni;
	int64_t gateway, device, placement, recipient; /* hub keys, 0 = none */
	enum vd_command_verb verb;
	int minutes;               /* INTERVAL, else 0 */
	int64_t staff;             /* who, 0 = the machine's command line */
	char alarm[VD_ID_LEN + 1]; /* the alarm it was asked in, or "" */
	char key[65]; /* the asker's own: the same key is the same command; "" = none */
	int64_t created_ms, expires_ms, sent_ms, ended_ms; /* wall; 0 = not */
	enum vd_command_state state;
	int attempts;
	char result[32]; /* a word of docs/commands.md, "" = nothing to add */
};

const char *vd_verb_name(enum vd_command_verb v);     /* "confirm" ...; "" for NONE */
enum vd_command_verb vd_verb_parse(struct vd_span s); /* VD_CMD_NONE when unknown */
const char *vd_command_state_name(enum vd_command_state s);
int vd_command_state_parse(struct vd_span s); /* -1 when unknown */
/* How long a command may wait: a door that opens when nobody stands before it any more is worse
 * than one that stays shut; a new interval may wait for its gateway. ms. */
int64_t vd_verb_life_ms(enum vd_command_verb v);
/* Sent at most once, whatever happens: only its own device can say afterwards whether it did. */
bool vd_verb_once(enum vd_command_verb v);
/* The state table: may a command go from one to the other? */
bool vd_command_next(enum vd_command_state from, enum vd_command_state to);

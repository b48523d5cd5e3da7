/* SPDX-License-Identifier: EUPL-1.2 */
/* How often a device lets itself be heard, and when its silence has lasted too long. Pure: used by
 * the hub and by tools. Any thread, one caller per struct.
 *
 * A *gap* is the time between two signs of life. Gaps are weighed by their length: what counts is
 * the silence one finds the device in at any moment, so that a hundred messages in one breath weigh
 * less than one quiet night. The *interval* is the gap that nine of ten moments lie within. */
#pragma once
#include "model/event.h"

#define VD_RHYTHM_GAPS   32  /* classes of length, half an octave each: one minute to a month */
#define VD_LEARNED_BYTES 720 /* a rhythm as text, all classes filled */

struct vd_rhythm {                      /* zero-initialised */
	float n[VD_RHYTHM_GAPS];        /* gaps in each class */
	float length_s[VD_RHYTHM_GAPS]; /* and their lengths together, seconds */
};

/* Takes one gap in, at most cap_ms of it: a silence that was an alarm may stretch the limit, but
 * slowly. What is older than about forty days fades. */
void vd_rhythm_add(struct vd_rhythm *r, int64_t gap_ms, int64_t cap_ms);
/* A whole week and six gaps: homes and day centres live by the week. */
bool vd_rhythm_trusted(const struct vd_rhythm *r);
int64_t vd_rhythm_interval_ms(const struct vd_rhythm *r); /* 0 = nothing known */
/* The longest gap that has come at least twice; 0 = none. */
int64_t vd_rhythm_usual_ms(const struct vd_rhythm *r);
/* As text, for the store: buf[VD_LEARNED_BYTES]. Reading takes what it understands. */
void vd_rhythm_write(const struct vd_rhythm *r, char *buf);
void vd_rhythm_read(struct vd_rhythm *r, struct vd_span text);

/* -- classes -------------------------------------------------------------------------------- */

/* What is known of a device when its class is looked for. */
struct vd_watch_hints {
	const char *named; /* what its adapter says all its devices are; NULL = does not say */
	uint64_t kinds[2]; /* bit set of enum vd_kind: heard from it, or said to be reported */
	bool mains;        /* has said that it runs on mains */
	bool alarm_button;
};
void vd_watch_hint_kind(struct vd_watch_hints *h, enum vd_kind k);
/* Space-separated, unknown words passed over; NULL allowed. */
void vd_watch_hint_features(struct vd_watch_hints *h, const char *features);

/* Bounds of a class of devices: docs/supervision.md has the table with its reasons. */
struct vd_watch_class {
	const char *name; /* "alarm_unit" ... */
	int least_min;    /* no limit is shorter: a flood must not teach a tiny one */
	int until_min;    /* limit as long as nothing is known of the device's own rhythm */
	int most_min;     /* no learned limit is longer */
	bool recharged;   /* its battery goes up without a visit */
};
/* The first class that fits; static data, never NULL. */
const struct vd_watch_class *vd_watch_class(const struct vd_watch_hints *h);
/* NULL when there is none of that name. */
const struct vd_watch_class *vd_watch_class_named(struct vd_span name);
/* Can a person call for help with it? */
bool vd_watch_calls(const struct vd_watch_hints *h);

/* -- limits --------------------------------------------------------------------------------- */

enum vd_limit_basis {
	VD_LIMIT_CLASS,    /* nothing better known */
	VD_LIMIT_LEARNED,  /* from its own rhythm */
	VD_LIMIT_STATED,   /* from the interval it promises */
	VD_LIMIT_INSTALLER /* a person's word */
};
const char *vd_limit_basis_name(enum vd_limit_basis b); /* "class" "learned" "stated" "installer" */
enum vd_limit_basis vd_limit_basis_parse(struct vd_span s); /* unknown: VD_LIMIT_CLASS */

struct vd_limit {
	int64_t limit_ms;    /* silent after this */
	int64_t interval_ms; /* heard about this often; 0 = not known */
	enum vd_limit_basis basis;
};
/* until_ms replaces the class's own limit for devices nothing is known of; 0 = keep it.
 * supervise_ms and stated_ms: 0 = none. */
struct vd_limit vd_limit_of(const struct vd_watch_class *c, const struct vd_rhythm *r,
			    int64_t supervise_ms, int64_t stated_ms, int64_t until_ms);

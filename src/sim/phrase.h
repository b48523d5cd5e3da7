/* SPDX-License-Identifier: EUPL-1.2 */
/* What the demo's devices say, in their platforms' own words: one table for the lived history and
 * for the clients that keep a demo alive. A file for each group of families: phrase_home.c what
 * hangs on walls, phrase_body.c what is worn or carried, phrase_care.c medicine, measurements, beds
 * and locks. Placeholders in topics and bodies: {id} {name} {vendor} {model} identity and what it
 * is; {tail} the identity after its
 * last slash; {number} the device's own in the region; {n} a counter of its own; {uuid} new each
 * time; {t} {s} {ms} the time (RFC 3339, seconds, milliseconds); {battery} per cent; {lat} {lon}
 * where; {v} a measured value, {w} three fifths of it. Plain data. */
#pragma once
#include "base/buf.h"
#include "port/adapter.h"
#include "sim/region.h"

enum phrase_what {
	SAY_IDLE, /* alive; as OFF when nothing else is told */
	SAY_ON,
	SAY_OFF,
	SAY_CALL,     /* what it is there for has happened; as ON */
	SAY_CALM,     /* and is over; as OFF */
	SAY_ANNOUNCE, /* MQTT: said first, retained */
	SAY_COUNT
};

struct phrase_line {
	const char *body;  /* "" = it never says this; NULL = as another line, see above */
	const char *topic; /* NULL = as the phrase's */
};

struct phrase {
	const char *family;
	enum role_of_device role;
	const char *model; /* where a family holds several platforms; NULL = every */
	enum vd_carrier carrier;
	const char *topic;        /* HTTP: the path after /hook/<family>; SIP: the From address */
	const char *content_type; /* HTTP: NULL = application/json */
	struct phrase_line say[SAY_COUNT];
	int from, to; /* what {v} may be */
};

/* One file's part of the table. */
struct phrase_group {
	const struct phrase *p;
	size_t n;
};
extern const struct phrase_group phrase_home, phrase_body, phrase_care;

struct phrase_of { /* what is put in for the placeholders */
	const struct region_device *device;
	int64_t now_ms;
	long n;
	int battery;
};

/* NULL when nobody has written what such a device says. */
const struct phrase *phrase_find(const struct region_device *d);
/* The words as they stand in the table; body "" for none, topic never NULL with a body. */
struct phrase_line phrase_words(const struct phrase *p, enum phrase_what what);
/* Does it have words of its own for this, not another line's? */
bool phrase_own(const struct phrase *p, enum phrase_what what);
/* Appends a text with its placeholders filled. */
void phrase_fill(const char *text, const struct phrase *p, const struct phrase_of *o,
		 struct vd_buf *ret);

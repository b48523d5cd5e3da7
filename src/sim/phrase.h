/* SPDX-License-Identifier: EUPL-1.2 */
/* What the demo's devices say, in their platforms' own words: one table for the lived history and
 * for the clients that keep a demo alive. Placeholders in topics and bodies: {id} {name} {vendor}
 * {model} identity and what it is; {n} a counter of its own; {t} {s} {ms} the time (RFC 3339,
 * seconds, milliseconds); {battery} per cent. Plain data. */
#pragma once
#include "base/buf.h"
#include "port/adapter.h"
#include "sim/region.h"

struct phrase {
	const char *family;
	enum role_of_device role;
	enum vd_carrier carrier;
	const char *topic;                  /* HTTP: the path after /hook/<family> */
	const char *on, *off, *call, *idle; /* call, idle: NULL = as on, off */
	/* MQTT: said first, retained; NULL = nothing. */
	const char *announce_topic, *announce;
};

enum phrase_what { SAY_IDLE, SAY_ON, SAY_OFF, SAY_CALL, SAY_ANNOUNCE };

struct phrase_of { /* what is put in for the placeholders */
	const struct region_device *device;
	int64_t now_ms;
	long n;
	int battery;
};

/* NULL when this family has no such device. */
const struct phrase *phrase_find(const char *family, enum role_of_device role);
/* The words as they stand in the table, "" for none. */
const char *phrase_words(const struct phrase *p, enum phrase_what what);
/* Appends a text with its placeholders filled. */
void phrase_fill(const char *text, const struct phrase_of *o, struct vd_buf *ret);

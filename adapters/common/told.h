/* SPDX-License-Identifier: EUPL-1.2 */
/* What clouds tell in webhooks: envelopes whose members stand once, numbers and times in several
 * forms, attributes of a reading, form-encoded bodies. Loop thread; pure; nothing here allocates
 * but vd_told_ready. */
#pragma once
#include "adapters/common/reading.h"
#include "adapters/common/table.h"

/* Scratch for the identities and names of one frame. 0, VD_ENOMEM or VD_ELIMIT. */
int vd_told_ready(struct vd_decoded *d);

/* Is there still room for the names of one more part of a message? Without it a pseudonym would be
 * "". */
bool vd_told_room(const struct vd_decoded *d);

/* An envelope: which members it may have and where their values go. */
struct vd_members {
	const char *const *names; /* n of them */
	struct vd_json_val *vals; /* n, zeroed by the caller; type NONE = not told */
	size_t n;
	bool any_case; /* DeviceId is deviceId */
	bool strict;   /* other members are counted as unknown fields */
};
/* Reads an object to its end. Members beyond the names are skipped. 0; VD_EPARSE with d->error when
 * it is no whole object, or tells one of the names twice (rule 12 of the vocabulary). */
int vd_members_read(struct vd_decoded *d, struct vd_span object, const char *what,
		    const struct vd_members *m);

/* A number, also one that is a text ("80", then *ret_suspect is true). */
bool vd_number_told(const struct vd_json_val *v, double *ret, bool *ret_suspect);
/* An instant in UTC ms: RFC 3339 with its zone, or seconds or milliseconds since 1970, as a number
 * or as digits; 0 when it is none. A wall time without a zone is no instant. */
int64_t vd_instant_told(const struct vd_json_val *v);
/* The digits of a text as a JSON number, for the table; false when it is no whole number. */
bool vd_digits_value(struct vd_span s, struct vd_json_val *ret);

/* Appends "name":value to a reading's attributes; left out when there is no room. What a peer wrote
 * is cut to 40 bytes of plain ASCII: attributes go into the journal as JSON. */
void vd_attr_text(struct vd_reading *r, const char *name, struct vd_span text);
void vd_attr_number(struct vd_reading *r, const char *name, double v);
void vd_attr_true(struct vd_reading *r, const char *name);

/* One "key=value" of a form-encoded body or query; false at the end. */
bool vd_form_next(struct vd_span *rest, struct vd_span *ret_key, struct vd_span *ret_value);
/* The value with %XX and + resolved, into dst (NUL-terminated, cut at cap). Bytes written. */
size_t vd_form_text(struct vd_span value, char *dst, size_t cap);
/* The value of a name in the query of a webhook's address ("x/y?from=..."); "" when not there. */
struct vd_span vd_query(struct vd_span topic, const char *name);

/* A device for the waiting list; NULL at the ceiling. */
struct vd_heard *vd_told_heard(struct vd_decoded *d, struct vd_span identity);
/* The kinds each device heard of told in this message, for the waiting list. When all is read. */
void vd_told_features(struct vd_decoded *d);
/* Mixes another key into the message's own (rule 1): order matters, never 0. */
void vd_told_key(struct vd_decoded *d, uint64_t key);

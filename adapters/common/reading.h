/* SPDX-License-Identifier: EUPL-1.2 */
/* Small helpers every adapter shares. Loop thread; nothing here allocates or keeps anything. */
#pragma once
#include "base/json.h"
#include "port/adapter.h"
#include <stdio.h>

/* Appends a reading (zeroed, seq -1); NULL at the ceiling. */
struct vd_reading *vd_reading_add(struct vd_decoded *d, struct vd_span identity, enum vd_kind kind,
				  const char *state);
struct vd_reading *vd_reading_value(struct vd_decoded *d, struct vd_span identity,
				    enum vd_kind kind, double value, const char *unit);
/* Copies a string into d->scratch with escapes resolved; stable until the next decode. */
struct vd_span vd_keep(struct vd_decoded *d, const struct vd_json_val *v);
/* VD_EPARSE with d->error told: what kind of text was expected and where it stopped. */
int vd_bad_json(struct vd_decoded *d, const struct vd_json *j, const char *what);
/* The bare word a body is, or the string `member` of the JSON object it is: read to its end, so
 * that half an object is refused, as is one that tells the member twice. *ret is "" when it has
 * none. VD_EPARSE with d->error, which names `what`. */
int vd_word_of(struct vd_decoded *d, struct vd_span body, const char *member, const char *what,
	       struct vd_span *ret);
/* A JSON string that is an RFC 3339 time -> ms; 0 when it is not one. */
int64_t vd_time_of(const struct vd_json_val *v);
/* A JSON number within [min, max], its fraction dropped; false for anything else. */
bool vd_whole(const struct vd_json_val *v, int64_t min, int64_t max, int64_t *ret);
#define VD_TIME_MAX_MS 253402300799999ll /* the end of year 9999 */
#define VD_WHOLE_MAX   (1ll << 53)       /* what a double holds exactly */
/* Counts a field nobody can read, for the installer; with its value only the value's type is kept.
 */
void vd_unknown_field(struct vd_decoded *d, struct vd_span key);
void vd_unknown_told(struct vd_decoded *d, struct vd_span key, const struct vd_json_val *v);
/* Scratch holds n more bytes without moving? Call before spans into it are taken. */
int vd_scratch_ready(struct vd_decoded *d, size_t n);
/* So much of it for n bytes of a frame: a little more, and never more than it may hold. */
static inline size_t vd_scratch_for(size_t n)
{
	return n < VD_MAX_FRAME_BYTES / 2 ? n + 1024 : VD_MAX_FRAME_BYTES / 2;
}

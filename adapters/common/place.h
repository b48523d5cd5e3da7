/* SPDX-License-Identifier: EUPL-1.2 */
/* Where somebody is, whatever platform tells it: coordinates that can be believed, names of zones,
 * and leaving a zone that is told long afterwards. Pure but for the memory of late exits. Loop
 * thread. */
#pragma once
#include "adapters/common/reading.h"

struct vd_spot {
	double lat, lon;   /* degrees, WGS 84 */
	double accuracy_m; /* 0 = not told */
	bool known;
};

/* From JSON numbers. Known, unless they are none, out of range, or 0,0 as receivers without a fix
 * say. An accuracy that cannot be is left out. */
struct vd_spot vd_spot_of(const struct vd_json_val *lat, const struct vd_json_val *lon,
			  const struct vd_json_val *accuracy_m);
/* Appends a location with the time, seq and flags of `like`: every place counts, for it has no
 * state to compare. NULL when the spot is not known, or at the ceiling. */
struct vd_reading *vd_spot_add(struct vd_decoded *d, struct vd_span identity,
			       const struct vd_spot *s, const struct vd_reading *like);
/* Puts the spot into a reading's attributes, beside what is there; nothing when it is not known. */
void vd_spot_attrs(const struct vd_spot *s, struct vd_reading *r);

#define VD_ZONE_BYTES sizeof(((struct vd_reading *)0)->zone)

/* A zone's own name, escapes resolved. One that is too long is cut, and a mark made of all of it
 * put behind, so that two long names that begin alike stay two zones. */
void vd_zone_name(struct vd_span name, char ret_zone[VD_ZONE_BYTES]);

/* -- leaving, told late --------------------------------------------------------------------- */

/* A fix older than this when its platform or we got it tells where somebody was. A tracker that
 * sends every quarter of an hour and finds no network for two turns is younger. */
#define VD_OLD_FIX_MS      (60 * 60000ll)
#define VD_OLD_FIX_MIN_MAX (24 * 60) /* minutes a binding may ask for */
/* Devices of one gateway that left a zone by an old fix and have not been heard of since. */
#define VD_EXITS 128

/* Who left a zone by an old fix: recorded, not raised, for they may be home again. The next fresh
 * fix tells, unless an entry came before it. Zeroed; belongs to an adapter's state; gone with a
 * restart of the hub. */
struct vd_exits {
	struct {
		uint64_t who; /* 0 = free */
		int64_t id;   /* of the zone on its platform, 0 = none */
		char zone[VD_ZONE_BYTES];
		bool told;
	} left[VD_EXITS];
	unsigned next;
};

/* Old enough to be only recorded? A time more than a day from now is no age, it is a wrong clock,
 * and a wrong clock silences nobody. */
bool vd_fix_is_old(int64_t fix_ms, int64_t now_ms, int64_t limit_ms);
void vd_exit_was_late(struct vd_exits *x, struct vd_span identity, const char *zone, int64_t id);
/* Entered, found inside, or left by a fresh fix: nothing is owed. By its name, or by its id when
 * that is not 0. */
void vd_exit_is_settled(struct vd_exits *x, struct vd_span identity, const char *zone, int64_t id);
/* A fresh fix came: says every exit still owed, as of this fix. It is kept until the zone is
 * entered, and only the first counts as a happening, so that a message told again after "busy"
 * raises and a repetition does not. */
void vd_exits_tell(struct vd_exits *x, struct vd_decoded *d, struct vd_span identity,
		   const struct vd_reading *like, const struct vd_spot *s);
/* The binding's {"old_fix_min": 1..1440}, in ms; VD_OLD_FIX_MS without one. VD_EINVAL when it is no
 * such number or something else stands there but "downlink" and "commands", which are not its. */
int vd_old_fix_config(struct vd_span config, int64_t *ret_ms);

/* SPDX-License-Identifier: EUPL-1.2 */
/* What The Things Stack and ChirpStack share: an uplink's decoded object read through the table. */
#pragma once
#include "adapters/common/reading.h"
#include "adapters/common/table.h"

struct vd_uplink {
	struct vd_span dev_eui, dev_addr, vendor, model, firmware;
	struct vd_json_val name; /* what its owner calls it */
	int64_t f_cnt;           /* absent = 0: envelopes leave zeros out */
	int64_t t_ms;            /* network's time of reception, 0 = none */
	struct vd_span object;   /* decoded payload as JSON, empty = none */
	struct vd_span payload;  /* raw bytes as sent, for the dedup key */
	double rssi;
	bool has_rssi, simulated;
	bool twice; /* a member that can be only one was told again: whose word is it? */
};

/* Readings of the object (and of its history[]), the link, the dedup key (rule 1). 0 or VD_EPARSE.
 */
int vd_uplink_read(const struct vd_tables *t, const struct vd_uplink *u, struct vd_decoded *ret);
/* Only the fields of one JSON object. */
int vd_uplink_object(const struct vd_tables *t, const struct vd_uplink *u, struct vd_span object,
		     const struct vd_reading *like, struct vd_decoded *ret);
/* The device for the waiting list, with the kinds it told in this message. */
void vd_uplink_heard(const struct vd_uplink *u, struct vd_decoded *ret);
/* A place in degrees, unless it is none: out of range, or 0,0 as receivers without a fix say. */
void vd_uplink_place(const struct vd_uplink *u, const struct vd_json_val *lat,
		     const struct vd_json_val *lon, const struct vd_json_val *accuracy_m,
		     const struct vd_reading *like, struct vd_decoded *ret);
/* The same for an object with latitude, longitude and perhaps accuracy in metres. */
void vd_uplink_location(const struct vd_uplink *u, struct vd_span object,
			const struct vd_reading *like, struct vd_decoded *ret);
/* Keeps a member that can be only one. */
static inline void vd_uplink_once(struct vd_uplink *u, struct vd_span *slot, struct vd_span v)
{
	u->twice |= slot->n > 0;
	*slot = v;
}
void vd_uplink_dedup(const struct vd_uplink *u, struct vd_decoded *ret);

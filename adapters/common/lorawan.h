/* SPDX-License-Identifier: EUPL-1.2 */
/* What The Things Stack and ChirpStack share: an uplink's decoded object read through the table. */
#pragma once
#include "adapters/common/reading.h"
#include "adapters/common/table.h"

struct vd_uplink {
	struct vd_span dev_eui, dev_addr, vendor, model, firmware;
	int64_t f_cnt;          /* absent = 0: envelopes leave zeros out */
	int64_t t_ms;           /* network's time of reception, 0 = none */
	struct vd_span object;  /* decoded payload as JSON, empty = none */
	struct vd_span payload; /* raw bytes as sent, for the dedup key */
	double rssi;
	bool has_rssi, simulated;
};

/* Readings of the object (and of its history[]), the link, the dedup key (rule 1). 0 or VD_EPARSE.
 */
int vd_uplink_read(const struct vd_tables *t, const struct vd_uplink *u, struct vd_decoded *ret);
/* Only the fields of one JSON object. */
int vd_uplink_object(const struct vd_tables *t, const struct vd_uplink *u, struct vd_span object,
		     const struct vd_reading *like, struct vd_decoded *ret);
void vd_uplink_dedup(const struct vd_uplink *u, struct vd_decoded *ret);

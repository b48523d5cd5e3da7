/* SPDX-License-Identifier: EUPL-1.2 */
/* Tasmota's state, and what its Zigbee bridges tell. Loop thread. */
#pragma once
#include "adapters/common/known.h"
#include "adapters/common/press.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"

struct tasmota {
	char prefix[64];
	const struct vd_tables *tables;
	struct vd_known known; /* Zigbee devices, from ZbInfo and ModelId */
};

/* The object under ZbReceived, in any of its three shapes: of devices by address, by name, or of
 * one device's attributes where the topic says which. `path` is the topic between tele and SENSOR.
 * The text was read whole already. */
void zb_received(struct tasmota *t, struct vd_span path, struct vd_span object,
		 struct vd_decoded *d);
/* ZbInfo, ZbStatus2, ZbStatus3: who is there. 0 or VD_ENOMEM. */
int zb_info(struct tasmota *t, struct vd_span path, const struct vd_json_val *v,
	    struct vd_decoded *d);
/* ZbState: somebody came onto the network. */
void zb_state(struct vd_span path, struct vd_span object, struct vd_decoded *d);

/* "a/b" in d->scratch; one of them alone when the other is empty. "" without room. */
struct vd_span tasmota_join(struct vd_decoded *d, struct vd_span a, struct vd_span b);

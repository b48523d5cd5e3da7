/* SPDX-License-Identifier: EUPL-1.2 */
/* What Traccar forwards, taken apart: {"event","position","device","geofence","maintenance"} of its
 * event forwarding, {"position","device"} of its position forwarding. Loop thread. */
#pragma once
#include "adapters/common/place.h"

struct traccar_position {
	bool told, valid, outdated, archive;
	int64_t id, fix_ms, device_ms, server_ms; /* 0 = not told */
	struct vd_json_val lat, lon, accuracy, speed, alarm;
	struct vd_span protocol, attributes,
		zones; /* attributes: {...}; zones: [ids] the fix lies in */
};

struct traccar_message {
	struct vd_json_val unique_id, name, model; /* of the device */
	int64_t device;                            /* Traccar's own number of it; 0 = not told */
	struct vd_json_val geofence;               /* its name */
	struct {
		bool told;
		struct vd_span type;
		struct vd_json_val alarm;
		int64_t id, t_ms, geofence;
	} event;
	struct traccar_position at;
	const char *twice; /* a part that can be only one was told again */
};

/* 0, or VD_EPARSE / VD_EINVAL with d->error. Spans point into the body. */
int traccar_message_read(struct vd_span body, struct traccar_message *ret, struct vd_decoded *d);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The members of one discovery object into an entity. Pure; texts too long are cut. */
#pragma once
#include "adapters/homeassistant/entities.h"

struct ha_config {                 /* of one object, until it is read */
	char base[160];            /* "~" */
	char unique[96];           /* unique_id */
	struct ha_available own;   /* availability_topic and the payloads beside it */
	struct vd_span components; /* of a device with several, as text */
};

/* The text must be a whole JSON object. */
void ha_config_read(struct ha_config *c, struct ha_entity *e, struct vd_span object);
/* When all is read: topics made whole, the device's name found. */
void ha_config_finish(struct ha_config *c, struct ha_entity *e, struct vd_span object_id);

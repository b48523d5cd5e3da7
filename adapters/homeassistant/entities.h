/* SPDX-License-Identifier: EUPL-1.2 */
/* Entities a gateway has announced, by their config topic. Owned by the adapter's state. */
#pragma once
#include "port/adapter.h"

#define HA_ENTITIES_MAX 2000 /* a large home has a few hundred */

struct ha_entity {
	char config_topic[160], state_topic[160], availability_topic[160];
	char component[24], class[32], device[96], device_name[64], vendor[48], model[64];
	char path[64]; /* of value_json, "" = the payload itself */
	char payload_on[24], payload_off[24];
};
struct ha_entities {
	struct ha_entity *list; /* owned */
	size_t n, cap;
};

void ha_entities_free(struct ha_entities *e);
const struct ha_entity *ha_entities_by_config(const struct ha_entities *e, struct vd_span topic);
void ha_entities_remove(struct ha_entities *e, struct vd_span topic);
/* Reads a config message; adds or replaces the entity. On error nothing has changed. */
int ha_entities_read(struct ha_entities *e, struct vd_span topic, struct vd_span component,
		     struct vd_span object, struct vd_span body, struct vd_decoded *d,
		     const struct ha_entity **ret);

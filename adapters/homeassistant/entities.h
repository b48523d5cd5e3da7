/* SPDX-License-Identifier: EUPL-1.2 */
/* Entities a gateway has announced, by their config topic. Owned by the adapter's state. */
#pragma once
#include "port/adapter.h"

#define HA_ENTITIES_MAX 2000 /* a large home has a few hundred */
#define HA_AVAILABLE_MAX                                                                           \
	3 /* topics of one entity; bridges name two: their own and the device's                    \
	   */

struct ha_value {      /* how a value is taken out of a payload */
	char path[64]; /* of value_json, "" = the payload itself */
	bool opaque;   /* by a template that is not understood: not at all */
};
struct ha_available {
	char topic[160], yes[24], no[24];
	struct ha_value value;
};
enum ha_mode { HA_LATEST, HA_ALL, HA_ANY }; /* availability_mode */

struct ha_entity {
	char config_topic[160], state_topic[160], command_topic[160];
	char component[24];
	char class[32];   /* device_class; of a device_automation its type */
	char subtype[32]; /* of a device_automation */
	char device[96], device_name[64], vendor[48], model[64];
	struct ha_value value;
	/* "" = as Home Assistant has it: ON, OFF; of a device_automation the first one is its
	 * payload,
	 * "" = any. */
	char payload_on[48], payload_off[48];
	char payload_lock[32], payload_unlock[32], payload_press[32]; /* "" = LOCK, UNLOCK, PRESS */
	bool needs_code; /* a command without a code, or not by a template, does nothing */
	bool momentary;  /* never says off: off_delay or force_update */
	struct ha_available available[HA_AVAILABLE_MAX];
	unsigned n_available, down; /* down: one bit a topic */
	enum ha_mode mode;
};
struct ha_entities {
	struct ha_entity *list; /* owned */
	size_t n, cap;
};

void ha_entities_free(struct ha_entities *e);
/* The first one with this config topic, or NULL. */
const struct ha_entity *ha_entities_by_config(const struct ha_entities *e, struct vd_span topic);
void ha_entities_remove(struct ha_entities *e, struct vd_span topic);
/* Reads a config message, of one entity or of a device with several; what the topic announced
 * before is replaced. *ret_n of them, at the end of the list. On error nothing has changed:
 * VD_EPARSE or VD_EINVAL with d->error, VD_ELIMIT, VD_ENOMEM. */
int ha_entities_read(struct ha_entities *e, struct vd_span topic, struct vd_span component,
		     struct vd_span object, struct vd_span body, struct vd_decoded *d,
		     size_t *ret_n);

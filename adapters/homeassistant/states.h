/* SPDX-License-Identifier: EUPL-1.2 */
/* What a message on a topic means for an entity that has announced it. Loop thread. */
#pragma once
#include "adapters/common/press.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "adapters/homeassistant/entities.h"

struct ha { /* the adapter's state */
	char prefix[64];
	const struct vd_tables *tables;
	struct ha_entities entities;
	struct vd_presses presses;
};

/* A message on the entity's state topic (of a device_automation: the trigger's). */
void ha_state(struct ha *h, const struct ha_entity *e, const struct vd_frame *f,
	      struct vd_decoded *d);
/* Which of its availability topics this is, or -1. */
int ha_available_topic(const struct ha_entity *e, struct vd_span topic);
/* A topic that several devices name tells of what they hang on: the bridge. */
bool ha_is_the_bridges(const struct ha *h, const struct ha_entity *e, struct vd_span topic);
void ha_availability(struct ha_entity *e, unsigned topic, bool bridge, const struct vd_frame *f,
		     struct vd_decoded *d);
/* After all entities were asked: a trigger's topic said a word none of its triggers has. A press
 * nobody announced is a press all the same. */
void ha_unmatched_trigger(struct ha *h, const struct vd_frame *f, struct vd_decoded *d);
/* command.c; as in struct vd_adapter. */
unsigned ha_commands(const void *state, const struct vd_target *who);
int ha_command(const void *state, const struct vd_target *who, const struct vd_command *c,
	       struct vd_downlink *ret);

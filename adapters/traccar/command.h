/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands to trackers, through Traccar's API. Loop thread. */
#pragma once
#include "port/adapter.h"

#define TRACCAR_PEERS 512 /* trackers of one server; the oldest are forgotten first */

struct traccar_peers { /* zeroed; belongs to the adapter's state */
	struct {
		uint64_t key; /* of its uniqueId; 0 = free */
		int64_t id;   /* Traccar's own number */
		char protocol[24];
	} list[TRACCAR_PEERS];
	unsigned next;
};

/* A message told Traccar's number of a tracker and, with a position, its protocol ("" = not). */
void traccar_learn(struct traccar_peers *p, struct vd_span identity, int64_t id,
		   struct vd_span protocol);
/* As vd_adapter's commands and command; `config` is the binding's, NULL = none. */
unsigned traccar_verbs(const struct traccar_peers *p, const char *config,
		       const struct vd_target *who);
int traccar_render(const struct traccar_peers *p, const char *config, const struct vd_target *who,
		   const struct vd_command *c, struct vd_downlink *ret);

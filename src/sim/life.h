/* SPDX-License-Identifier: EUPL-1.2 */
/* What happens in the region day by day: each device's messages in its platform's own form, and
 * what the staff does about alarms. Deterministic for a seed. Runs a hub on the simulated runtime.
 */
#pragma once
#include "core/hub.h"
#include "sim/region.h"

struct life;

struct life_config {
	struct vd_runtime *rt; /* simulated */
	struct vd_hub *hub;
	struct region *region; /* its devices count what they tell */
	uint64_t seed;
	int64_t from_day, to_day; /* Oslo days, to_day not included */
	void (*progress)(int done, int days);
};

/* Lives through the days. 0 or VD_ENOMEM. *ret_messages: how many were sent. */
int life_run(const struct life_config *cfg, int64_t *ret_messages);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Between the files of varde simulate. Blocking; one thread. */
#pragma once
#include "base/json.h"
#include "onboard/password_sync.h"
#include "sim/region.h"
#include "store/db.h"

struct demo {
	struct vd_db *db;
	struct region region;
	struct vd_buf credentials;
	struct vd_jw j;
	int64_t from_day, to_day;
	char password[VD_PASSWORD_ENCODED];
	int64_t staff[64];
	int n_staff;
	int64_t night[2], day[REGION_MUNIS][2], leader[REGION_MUNIS];
	struct vd_errtext e;
};

/* simulate_homes.c: 0 or VD_E* with d->e told. */
int simulate_gateways(struct demo *d); /* also into the file of sign-ins */
int simulate_homes(struct demo *d);
/* Into that file, once the history is lived: who speaks through which gateway, in which words, and
 * how far each has come. */
void simulate_tell_devices(struct demo *d);

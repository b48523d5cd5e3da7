/* SPDX-License-Identifier: EUPL-1.2 */
/* A copy of the database while it is in use. Blocking; a tool's thread. */
#pragma once
#include "store/db.h"

/* Copies into `to` (must not exist), then opens and checks the copy. */
int vd_backup(struct vd_db *db, const char *to, struct vd_errtext *e);

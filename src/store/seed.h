/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows of an invented region, for varde simulate. Blocking; a tool's thread. */
#pragma once
#include "store/db.h"
#include <stdint.h>

/* One statement with sqlite3_mprintf's escapes (%Q quotes); the new row's key in *ret_id (NULL ok).
 */
int vd_seed(struct vd_db *db, int64_t *ret_id, struct vd_errtext *e, const char *fmt, ...);
/* Is anybody there already? */
int vd_seed_empty(struct vd_db *db, bool *ret_empty, struct vd_errtext *e);
/* SHA-256 of a gateway's secret as 64 hex digits, for the row. */
void vd_seed_secret(const char *secret, char ret_hex[65]);

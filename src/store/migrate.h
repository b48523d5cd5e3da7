/* SPDX-License-Identifier: EUPL-1.2 */
/* The schema's steps, embedded from schema/sql. PRAGMA user_version holds the newest applied. */
#pragma once
#include "store/db.h"

struct vd_migration {
	int number;
	const char *name, *sql;
};
extern const struct vd_migration vd_migrations[]; /* ends with number 0 */

/* Applies what is missing, each step in a transaction. VD_EVERSION when the file is newer. */
int vd_migrate(struct vd_db *db, struct vd_errtext *e);

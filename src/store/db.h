/* SPDX-License-Identifier: EUPL-1.2 */
/* One SQLite connection with our pragmas; only src/store includes sqlite3.h. A connection belongs
 * to one thread at a time, never to the loop. */
#pragma once
#include "base/err.h"
#include <sqlite3.h>
#include <stdbool.h>

enum vd_db_mode {
	VD_DB_CREATE, /* read-write, created and migrated when needed: serve, tools that write */
	VD_DB_WRITE,  /* read-write, must exist with the current schema version */
	VD_DB_READ    /* read-only */
};
struct vd_db {
	sqlite3 *h;
	char path[512];
};
/* WAL, synchronous=FULL, foreign_keys, busy_timeout 5 s. VD_EVERSION when the file's schema is
 * newer than the program (names both numbers). */
int vd_db_open(const char *path, enum vd_db_mode mode, struct vd_db **ret, struct vd_errtext *e);
void vd_db_close(struct vd_db *db); /* NULL allowed */
int vd_db_exec(struct vd_db *db, const char *sql, struct vd_errtext *e);
/* Prepares; NULL on failure with *e filled. Finalize with sqlite3_finalize. */
sqlite3_stmt *vd_db_prepare(struct vd_db *db, const char *sql, struct vd_errtext *e);
/* Maps a SQLite result to VD_E* (FULL and IOERR -> VD_EBUSY or VD_EIO). */
int vd_db_err(int sqlite_rc);
/* BEGIN IMMEDIATE; COMMIT; ROLLBACK. */
int vd_db_begin(struct vd_db *db, struct vd_errtext *e);
int vd_db_commit(struct vd_db *db, struct vd_errtext *e);
void vd_db_rollback(struct vd_db *db);
/* In the same transaction as a change to the directory tables. */
int vd_db_bump_directory(struct vd_db *db, struct vd_errtext *e);
/* Highest migration built in. */
int vd_db_schema_version(void);

/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/db.h"
#include "base/mem.h"
#include "store/migrate.h"
#include <stdio.h>
#include <sys/stat.h>

int vd_db_err(int rc)
{
	switch (rc & 0xFF) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE: return 0;
	case SQLITE_FULL:
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return VD_EBUSY;
	case SQLITE_NOMEM: return VD_ENOMEM;
	case SQLITE_CONSTRAINT: return VD_EEXIST;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return VD_ECORRUPT;
	case SQLITE_PERM:
	case SQLITE_READONLY:
	case SQLITE_AUTH: return VD_EDENIED;
	case SQLITE_CANTOPEN: return VD_ENOTFOUND;
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
	case SQLITE_MISMATCH:
	case SQLITE_TOOBIG: return VD_EINVAL;
	default: return VD_EIO;
	}
}

static int told(struct vd_db *db, struct vd_errtext *e, const char *fact)
{
	int rc = sqlite3_extended_errcode(db->h);
	int err = vd_db_err(rc);
	const char *hint =
		err == VD_EBUSY      ? "another program holds the database, or the disk is full"
		: err == VD_ECORRUPT ? "restore the newest backup beside it; do not delete it"
				     : NULL;
	return vd_errtext(e, err ? err : VD_EIO, fact, hint, "%s: %s", db->path,
			  sqlite3_errmsg(db->h));
}

int vd_db_exec(struct vd_db *db, const char *sql, struct vd_errtext *e)
{
	return sqlite3_exec(db->h, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : told(db, e, "the database refused a statement");
}

sqlite3_stmt *vd_db_prepare(struct vd_db *db, const char *sql, struct vd_errtext *e)
{
	sqlite3_stmt *st = NULL;
	if (sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, NULL) != SQLITE_OK)
		(void)told(db, e, "the database does not know a statement");
	return st;
}

int vd_db_begin(struct vd_db *db, struct vd_errtext *e)
{
	return vd_db_exec(db, "BEGIN IMMEDIATE", e);
}

int vd_db_commit(struct vd_db *db, struct vd_errtext *e)
{
	return vd_db_exec(db, "COMMIT", e);
}

void vd_db_rollback(struct vd_db *db)
{
	if (!sqlite3_get_autocommit(db->h))
		sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
}

int vd_db_bump_directory(struct vd_db *db, struct vd_errtext *e)
{
	return vd_db_exec(db,
			  "UPDATE meta SET value = CAST(value AS INTEGER) + 1"
			  " WHERE name = 'directory_version'",
			  e);
}

int vd_db_schema_version(void)
{
	int n = 0;
	while (vd_migrations[n].number)
		n++;
	return n;
}

static int file_version(struct vd_db *db, int *ret, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(db, "PRAGMA user_version", e);
	if (!st)
		return VD_EIO;
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*ret = sqlite3_column_int(st, 0);
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : told(db, e, "cannot read the database");
}

static int newer(struct vd_db *db, int version, struct vd_errtext *e)
{
	return vd_errtext(e, VD_EVERSION, "the database was made by a newer varde",
			  "install that version again, or restore a backup from before it",
			  "%s has schema %d, this program knows up to %d", db->path, version,
			  vd_db_schema_version());
}

static int apply(struct vd_db *db, const struct vd_migration *m, struct vd_errtext *e)
{
	char pragma[64];
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %d", m->number);
	int r = vd_db_begin(db, e);
	if (!r)
		r = vd_db_exec(db, m->sql, e);
	if (!r)
		r = vd_db_exec(db, pragma, e);
	if (!r)
		r = vd_db_commit(db, e);
	if (r)
		vd_db_rollback(db);
	return r;
}

int vd_migrate(struct vd_db *db, struct vd_errtext *e)
{
	int version = 0;
	int r = file_version(db, &version, e);
	if (!r && version > vd_db_schema_version())
		return newer(db, version, e);
	for (int i = version; !r && vd_migrations[i].number; i++)
		r = apply(db, &vd_migrations[i], e);
	return r;
}

static int settle_version(struct vd_db *db, enum vd_db_mode mode, struct vd_errtext *e)
{
	int version = 0;
	if (mode == VD_DB_CREATE)
		return vd_migrate(db, e);
	int r = file_version(db, &version, e);
	if (!r && version > vd_db_schema_version())
		return newer(db, version, e);
	if (!r && version < vd_db_schema_version())
		return vd_errtext(e, VD_EVERSION, "the database is older than this program",
				  "start varde serve once: it brings the database up to date",
				  "%s has schema %d, this program needs %d", db->path, version,
				  vd_db_schema_version());
	return r;
}

int vd_db_open(const char *path, enum vd_db_mode mode, struct vd_db **ret, struct vd_errtext *e)
{
	int flags = SQLITE_OPEN_NOMUTEX |
		    (mode == VD_DB_READ    ? SQLITE_OPEN_READONLY
		     : mode == VD_DB_WRITE ? SQLITE_OPEN_READWRITE
					   : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	struct vd_db *db = vd_calloc(1, sizeof(*db));
	if (!db)
		return VD_ENOMEM;
	snprintf(db->path, sizeof(db->path), "%s", path);
	mode_t was = umask(077); /* personal data: the file is its owner's only */
	int rc = sqlite3_open_v2(path, &db->h, flags, NULL);
	umask(was);
	int r = 0;
	if (rc != SQLITE_OK)
		r = vd_errtext(e, vd_db_err(rc), "cannot open the database",
			       "check the path and that this user may read and write it", "%s: %s",
			       path, db->h ? sqlite3_errmsg(db->h) : "out of memory");
	if (!r) {
		sqlite3_extended_result_codes(db->h, 1);
		sqlite3_busy_timeout(db->h, 5000);
		r = vd_db_exec(db,
			       mode == VD_DB_READ
				       ? "PRAGMA foreign_keys = ON; PRAGMA query_only = ON"
				       : "PRAGMA journal_mode = WAL;"
					 "PRAGMA synchronous = FULL;"
					 "PRAGMA foreign_keys = ON",
			       e);
	}
	if (!r)
		r = settle_version(db, mode, e);
	if (r) {
		vd_db_close(db);
		return r;
	}
	*ret = db;
	return 0;
}

void vd_db_close(struct vd_db *db)
{
	if (!db)
		return;
	sqlite3_close_v2(db->h);
	vd_free(db);
}

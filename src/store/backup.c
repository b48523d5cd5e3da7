/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/backup.h"
#include <sys/stat.h>
#include <unistd.h>

static int check(const char *path, struct vd_errtext *e)
{
	struct vd_db *copy;
	int r = vd_db_open(path, VD_DB_READ, &copy, e);
	if (r)
		return r;
	sqlite3_stmt *st = vd_db_prepare(copy, "PRAGMA quick_check(1)", e);
	bool good = st && sqlite3_step(st) == SQLITE_ROW &&
		    sqlite3_stricmp((const char *)sqlite3_column_text(st, 0), "ok") == 0;
	sqlite3_finalize(st);
	vd_db_close(copy);
	return good ? 0
		    : vd_errtext(e, VD_ECORRUPT, "the copy is not whole",
				 "try again; run varde verify", "%s", path);
}

int vd_backup(struct vd_db *db, const char *to, struct vd_errtext *e)
{
	sqlite3 *out = NULL;
	if (access(to, F_OK) == 0)
		return vd_errtext(e, VD_EEXIST, "the backup file is there already",
				  "name a new file: an old backup is never written over", "%s", to);
	mode_t was = umask(077);
	int rc = sqlite3_open(to, &out);
	umask(was);
	sqlite3_backup *b =
		rc == SQLITE_OK ? sqlite3_backup_init(out, "main", db->h, "main") : NULL;
	if (b) {
		/* In one step: between steps the hub writes, and each write would start the copy
		 * anew. It goes on writing to its log meanwhile. */
		do {
			rc = sqlite3_backup_step(b, -1);
			if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
				sqlite3_sleep(20);
		} while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
		rc = sqlite3_backup_finish(b);
	}
	int r = b && rc == SQLITE_OK ? 0
				     : vd_errtext(e, VD_EIO, "the backup could not be written",
						  "is there room, and may this user write there?",
						  "%s: %s", to, out ? sqlite3_errmsg(out) : "");
	sqlite3_close(out);
	return r ? r : check(to, e);
}

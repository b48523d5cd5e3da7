/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/seed.h"
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int vd_seed(struct vd_db *db, int64_t *ret_id, struct vd_errtext *e, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	char *sql = sqlite3_vmprintf(fmt, ap);
	va_end(ap);
	int r = sql ? vd_db_exec(db, sql, e) : VD_ENOMEM;
	sqlite3_free(sql);
	if (!r && ret_id)
		*ret_id = sqlite3_last_insert_rowid(db->h);
	return r;
}

int vd_seed_empty(struct vd_db *db, bool *ret_empty, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(db, "SELECT count(*) FROM municipality", e);
	int rc = st ? sqlite3_step(st) : SQLITE_ERROR;
	if (rc == SQLITE_ROW)
		*ret_empty = sqlite3_column_int(st, 0) == 0;
	sqlite3_finalize(st);
	return rc == SQLITE_ROW ? 0 : VD_EIO;
}

void vd_seed_secret(const char *secret, char ret_hex[65])
{
	unsigned char h[32];
	EVP_Digest(secret, strlen(secret), h, NULL, EVP_sha256(), NULL);
	for (int i = 0; i < 32; i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", h[i]);
}

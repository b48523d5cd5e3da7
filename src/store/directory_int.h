/* SPDX-License-Identifier: EUPL-1.2 */
/* Shared by the files that read and change the directory: statements in one call. Private. */
#pragma once
#include "store/directory_write.h"

/* Prepares and binds. types: 'i' int64_t, 't' const char * (NULL binds ""), 'b' const void * and
 * int. 0 with a statement to finalize, or the failure with w->err filled. */
int vd_dsql(struct vd_dirw *w, sqlite3_stmt **ret, const char *sql, const char *types, ...);
/* The same, run to its end. A broken constraint is VD_EEXIST. */
int vd_dsql_run(struct vd_dirw *w, const char *sql, const char *types, ...);
/* First column of the first row; VD_ENOTFOUND without one. */
int vd_dsql_int(struct vd_dirw *w, int64_t *ret, const char *sql, const char *types, ...);
/* First column of the first row as text, cut at cap. VD_ENOTFOUND without one. */
int vd_dsql_text(struct vd_dirw *w, char *dst, size_t cap, const char *sql, const char *types, ...);
/* VD_ENOTFOUND at the end, 0 with a row, or the failure. */
int vd_dsql_step(struct vd_dirw *w, sqlite3_stmt *st);
const char *vd_dsql_col(sqlite3_stmt *st, int col); /* never NULL */
/* Fills w->why and returns code. */
int vd_dirw_refuse(struct vd_dirw *w, int code, enum vd_refuse what, const char *a, const char *b);
int vd_dirw_refuse_other(struct vd_dirw *w, int muni);
/* Row of device_history; `extra` joins the note. */
int vd_dirw_history(struct vd_dirw *w, int64_t device, const char *what, int64_t placement,
		    int64_t other, const char *extra);

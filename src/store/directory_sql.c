/* SPDX-License-Identifier: EUPL-1.2 */
/* Statements, transactions, refusals and the shadow tables of a trial. Any one thread. */
#include "store/directory_int.h"
#include "base/buf.h"
#include "base/check.h"
#include <stdarg.h>
#include <stdio.h>

static int bind_all(sqlite3_stmt *st, const char *types, va_list ap)
{
	int rc = SQLITE_OK;
	for (int i = 1; *types && rc == SQLITE_OK; types++, i++) {
		if (*types == 'i') {
			rc = sqlite3_bind_int64(st, i, va_arg(ap, int64_t));
		} else if (*types == 't') {
			const char *s = va_arg(ap, const char *);
			rc = sqlite3_bind_text(st, i, s ? s : "", -1, SQLITE_TRANSIENT);
		} else {
			VD_REQUIRE(*types == 'b');
			const void *p = va_arg(ap, const void *);
			int n = va_arg(ap, int);
			rc = sqlite3_bind_blob(st, i, p, n, SQLITE_TRANSIENT);
		}
	}
	return rc;
}

static int failed(struct vd_dirw *w, int rc, const char *fact)
{
	int code = vd_db_err(rc);
	if (code == VD_ENOTFOUND) /* a file that cannot be opened is not a row that is not there */
		code = VD_EIO;
	return vd_errtext(&w->err, code, fact, NULL, "%s: %s", w->db->path,
			  sqlite3_errmsg(w->db->h));
}

static int open_stmt(struct vd_dirw *w, sqlite3_stmt **ret, const char *sql, const char *types,
		     va_list ap)
{
	sqlite3_stmt *st = vd_db_prepare(w->db, sql, &w->err);
	if (!st)
		return w->err.code ? w->err.code : VD_EIO;
	int rc = bind_all(st, types, ap);
	if (rc != SQLITE_OK) {
		int r = failed(w, rc, "cannot bind a value");
		sqlite3_finalize(st);
		return r;
	}
	*ret = st;
	return 0;
}

int vd_dsql(struct vd_dirw *w, sqlite3_stmt **ret, const char *sql, const char *types, ...)
{
	va_list ap;
	va_start(ap, types);
	int r = open_stmt(w, ret, sql, types, ap);
	va_end(ap);
	return r;
}

int vd_dsql_step(struct vd_dirw *w, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		return 0;
	if (rc == SQLITE_DONE)
		return VD_ENOTFOUND;
	return failed(w, rc, "cannot use the directory");
}

int vd_dsql_run(struct vd_dirw *w, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	va_start(ap, types);
	int r = open_stmt(w, &st, sql, types, ap);
	va_end(ap);
	if (r)
		return r;
	do
		r = vd_dsql_step(w, st);
	while (!r);
	sqlite3_finalize(st);
	return r == VD_ENOTFOUND ? 0 : r;
}

int vd_dsql_int(struct vd_dirw *w, int64_t *ret, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	va_start(ap, types);
	int r = open_stmt(w, &st, sql, types, ap);
	va_end(ap);
	if (r)
		return r;
	r = vd_dsql_step(w, st);
	if (!r)
		*ret = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	return r;
}

int vd_dsql_text(struct vd_dirw *w, char *dst, size_t cap, const char *sql, const char *types, ...)
{
	sqlite3_stmt *st;
	va_list ap;
	va_start(ap, types);
	int r = open_stmt(w, &st, sql, types, ap);
	va_end(ap);
	if (r)
		return r;
	r = vd_dsql_step(w, st);
	if (!r)
		(void)vd_span_copy(dst, cap, vd_span_cstr(vd_dsql_col(st, 0)));
	sqlite3_finalize(st);
	return r;
}

const char *vd_dsql_col(sqlite3_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st, col);
	return s ? s : "";
}

/* -- refusals ------------------------------------------------------------------------------- */

int vd_dirw_refuse(struct vd_dirw *w, int code, enum vd_refuse what, const char *a, const char *b)
{
	w->why = (struct vd_refusal){.what = what};
	(void)vd_span_copy(w->why.a, sizeof(w->why.a), vd_span_cstr(a ? a : ""));
	(void)vd_span_copy(w->why.b, sizeof(w->why.b), vd_span_cstr(b ? b : ""));
	return code;
}

/* Names the municipality to ask, which is no personal data. */
int vd_dirw_refuse_other(struct vd_dirw *w, int muni)
{
	char name[100] = "";
	int r = vd_dsql_text(w, name, sizeof(name), "SELECT name FROM municipality WHERE number=?",
			     "i", (int64_t)muni);
	if (r && r != VD_ENOTFOUND)
		return r;
	return vd_dirw_refuse(w, VD_EDENIED, VD_REF_OTHER_MUNI, name, NULL);
}

int vd_dirw_history(struct vd_dirw *w, int64_t device, const char *what, int64_t placement,
		    int64_t other, const char *extra)
{
	char note[300];
	const char *by = w->by ? w->by : "";
	snprintf(note, sizeof(note), "%s%s%s", by, *by && extra && *extra ? ": " : "",
		 extra ? extra : "");
	return vd_dsql_run(w,
			   "INSERT INTO device_history (device, at, what, placement, other_device, "
			   "staff, note) VALUES (?,?,?,?,?,?,?)",
			   "iitiiit", device, w->now_ms, what, placement, other, w->staff, note);
}

/* -- transactions --------------------------------------------------------------------------- */

static int begin(struct vd_dirw *w)
{
	return w->dry ? vd_db_exec(w->db, "SAVEPOINT trial", &w->err) : vd_db_begin(w->db, &w->err);
}

static void undo(struct vd_dirw *w)
{
	if (w->dry)
		(void)vd_db_exec(w->db, "ROLLBACK TO trial; RELEASE trial", NULL);
	else
		vd_db_rollback(w->db);
}

static int commit(struct vd_dirw *w)
{
	if (w->dry)
		return vd_db_exec(w->db, "RELEASE trial", &w->err);
	int r = vd_db_bump_directory(w->db, &w->err);
	return r ? r : vd_db_commit(w->db, &w->err);
}

int vd_dirw_tx(struct vd_dirw *w, vd_dirw_fn fn, void *arg)
{
	w->why = (struct vd_refusal){0};
	w->err = (struct vd_errtext){0};
	int r = begin(w);
	if (r)
		return r;
	int change = fn(w, arg);
	if (change <= 0) {
		undo(w);
		return change;
	}
	r = commit(w);
	if (r) {
		undo(w);
		return r;
	}
	return change;
}

/* -- the trial ------------------------------------------------------------------------------ */

/* Parents first, so that the copies' references hold. */
static const char *const shadowed[] = {"meta",           "municipality",       "gateway",
				       "recipient",      "placement",          "device",
				       "device_history", "placement_recipient"};

static int shadow_table(struct vd_dirw *w, const char *name)
{
	char sql[4096];
	struct vd_buf b;
	int r = vd_dsql_text(w, sql, sizeof(sql),
			     "SELECT sql FROM main.sqlite_schema WHERE type='table' AND name=?",
			     "t", name);
	if (r == VD_ENOTFOUND)
		return vd_errtext(&w->err, VD_ECORRUPT, "a table is missing", NULL, "%s", name);
	if (r)
		return r;
	const char *body = strchr(sql, '(');
	VD_REQUIRE(body);
	vd_buf_init(&b, 8192);
	(void)vd_buf_printf(&b,
			    "CREATE TEMP TABLE %s %s; INSERT INTO temp.%s SELECT * FROM main.%s",
			    name, body, name, name);
	r = b.err ? vd_errtext(&w->err, b.err, NULL, NULL, "%s", name)
		  : vd_db_exec(w->db, b.p, &w->err);
	vd_buf_fini(&b);
	return r;
}

int vd_dirw_shadow(struct vd_dirw *w)
{
	int r = vd_db_exec(w->db, "PRAGMA temp_store=MEMORY; PRAGMA query_only=0", &w->err);
	for (size_t i = 0; !r && i < sizeof(shadowed) / sizeof(shadowed[0]); i++)
		r = shadow_table(w, shadowed[i]);
	if (!r)
		r = vd_db_exec(w->db, "CREATE INDEX temp.trial_serial ON device (serial)", &w->err);
	if (!r)
		w->dry = true;
	return r;
}

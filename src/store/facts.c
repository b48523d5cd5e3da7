/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/facts_int.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include <stdio.h>
#include <string.h>

static int grow(struct facts_read *r, void **list, size_t n, size_t item)
{
	if (n < r->cap)
		return 0;
	if (n >= VD_MAX_REPORT_ROWS)
		return vd_errtext(r->e, VD_ELIMIT, "the report has too many rows of one sort",
				  "build it for an earlier day, or ask the developers", "%zu rows",
				  n);
	size_t cap = r->cap ? 2 * r->cap : 64;
	void *p = vd_realloc(*list, cap * item);
	if (!p)
		return vd_errtext(r->e, VD_ENOMEM, "not enough memory for the report", "", NULL);
	*list = p;
	r->cap = cap;
	return 0;
}

/* The statement's number and every column as text: the same facts give the same hash. */
static void hash_row(struct facts_read *r, sqlite3_stmt *s)
{
	for (int i = 0; i < sqlite3_column_count(s); i++) {
		const char *t = (const char *)sqlite3_column_text(s, i);
		EVP_DigestUpdate(r->md, t ? t : "", t ? strlen(t) : 0);
		EVP_DigestUpdate(r->md, "\t", 1);
	}
	EVP_DigestUpdate(r->md, "\n", 1);
}

static void bind(const struct vd_facts *f, sqlite3_stmt *s)
{
	int64_t v[4] = {f->from_day, f->to_day, vd_oslo_day_start(f->from_day),
			vd_oslo_day_start(f->to_day)};
	for (int i = 0; i < 4 && i < sqlite3_bind_parameter_count(s); i++)
		sqlite3_bind_int64(s, i + 1, v[i]);
}

int facts_list(struct facts_read *r, const char *sql, void **list, size_t *n, size_t item,
	       facts_row_fn fn)
{
	int err = 0, rc;
	sqlite3_stmt *s = vd_db_prepare(r->db, sql, r->e);
	if (!s)
		return VD_EIO;
	bind(r->f, s);
	EVP_DigestUpdate(r->md, "\f", 1);
	r->cap = 0;
	while (!err && (rc = sqlite3_step(s)) == SQLITE_ROW) {
		err = grow(r, list, *n, item);
		if (err)
			break;
		hash_row(r, s);
		void *p = (char *)*list + *n * item;
		memset(p, 0, item);
		fn(r, s, p);
		++*n;
	}
	if (!err && rc != SQLITE_DONE)
		err = vd_errtext(r->e, vd_db_err(rc), "the report's facts could not be read", "",
				 "%s", sqlite3_errmsg(r->db->h));
	sqlite3_finalize(s);
	return err;
}

void vd_facts_free(struct vd_facts *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_assumptions; i++) {
		if (f->assumptions[i].library)
			continue;
		vd_free((char *)f->assumptions[i].id);
		vd_free((char *)f->assumptions[i].unit);
		vd_free((char *)f->assumptions[i].grade);
		vd_free((char *)f->assumptions[i].source);
	}
#define X(name, type) vd_free(f->name);
	VD_FACTS_LISTS(X)
#undef X
	vd_free(f);
}

const struct vd_assumption *vd_facts_assumption(const struct vd_facts *f, int muni, const char *id)
{
	const struct vd_assumption *all = NULL;
	for (size_t i = 0; i < f->n_assumptions; i++) {
		const struct vd_assumption *a = &f->assumptions[i];
		if (strcmp(a->id, id) != 0)
			continue;
		if (a->muni == muni)
			return a;
		if (!a->muni)
			all = a;
	}
	return all;
}

int vd_assumptions_seed(struct vd_db *db, struct vd_errtext *e)
{
	int rc = SQLITE_DONE, err = vd_db_begin(db, e);
	if (err)
		return err;
	sqlite3_stmt *s = vd_db_prepare(db,
					"INSERT OR IGNORE INTO assumption (id, muni, value, low,"
					" high, unit, price_year, grade, source, changed_by)"
					" VALUES (?,0,?,?,?,?,?,?,?,'library')",
					e);
	for (const struct vd_assumption *a = vd_assumption_library; s && a->id; a++) {
		sqlite3_bind_text(s, 1, a->id, -1, SQLITE_STATIC);
		sqlite3_bind_double(s, 2, a->value.mode);
		sqlite3_bind_double(s, 3, a->value.low);
		sqlite3_bind_double(s, 4, a->value.high);
		sqlite3_bind_text(s, 5, a->unit, -1, SQLITE_STATIC);
		sqlite3_bind_int(s, 6, a->price_year);
		sqlite3_bind_text(s, 7, a->grade, -1, SQLITE_STATIC);
		sqlite3_bind_text(s, 8, a->source, -1, SQLITE_STATIC);
		rc = sqlite3_step(s);
		sqlite3_reset(s);
		if (rc != SQLITE_DONE)
			break;
	}
	sqlite3_finalize(s);
	if (s && rc == SQLITE_DONE)
		return vd_db_commit(db, e);
	vd_db_rollback(db);
	return s ? vd_errtext(e, vd_db_err(rc), "the assumptions could not be stored", "", "%s",
			      sqlite3_errmsg(db->h))
		 : VD_EIO;
}

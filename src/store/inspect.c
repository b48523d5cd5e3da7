/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/inspect.h"
#include "store/db.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS 86400000ll

static int64_t mono_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

/* First row of a statement with up to two whole numbers bound; false when there is none. */
static bool numbers(struct vd_db *db, const char *sql, int64_t a, int64_t b, int64_t *ret, int n)
{
	sqlite3_stmt *s = vd_db_prepare(db, sql, NULL);
	bool found = false;
	if (!s)
		return false;
	if (sqlite3_bind_parameter_count(s) > 0)
		sqlite3_bind_int64(s, 1, a);
	if (sqlite3_bind_parameter_count(s) > 1)
		sqlite3_bind_int64(s, 2, b);
	if (sqlite3_step(s) == SQLITE_ROW) {
		found = true;
		for (int i = 0; i < n; i++)
			ret[i] = sqlite3_column_int64(s, i);
	}
	sqlite3_finalize(s);
	return found;
}

static void look_at_journal(struct vd_db *db, struct vd_inspect *r)
{
	int64_t v[2] = {0};
	if (numbers(db, "PRAGMA user_version", 0, 0, v, 1))
		r->schema = (int)v[0];
	if (numbers(db,
		    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()", 0,
		    0, v, 1))
		r->bytes = v[0];
	/* seq has no gaps, so its greatest value is the count; count(*) would read it all. */
	if (numbers(db, "SELECT coalesce(max(seq), 0) FROM journal", 0, 0, v, 1))
		r->journal_rows = v[0];
	if (numbers(db, "SELECT coalesce(max(t_recv), 0) FROM journal", 0, 0, v, 1))
		r->newest_ms = v[0];
	if (numbers(db, "SELECT coalesce(max(at), 0) FROM checkpoint", 0, 0, v, 1))
		r->checkpoint_ms = v[0];
	if (numbers(db,
		    "SELECT count(*), coalesce(min(j.t_recv), 0) FROM "
		    "(SELECT muni, idx, t_recv FROM journal ORDER BY seq DESC LIMIT 10000) j "
		    "LEFT JOIN (SELECT muni, max(size) AS size FROM checkpoint GROUP BY muni) c "
		    "ON c.muni = j.muni WHERE j.idx >= coalesce(c.size, 0)",
		    0, 0, v, 2)) {
		r->unsigned_rows = v[0];
		r->unsigned_since_ms = v[1];
	}
	if (numbers(db, "SELECT count(*) FROM quarantine", 0, 0, v, 1))
		r->quarantined = v[0];
}

static void look_at_devices(struct vd_db *db, int64_t now_ms, int64_t silence_ms,
			    struct vd_inspect *r)
{
	int64_t v[2] = {0};
	if (numbers(db,
		    "SELECT count(*), coalesce(sum(coalesce(s.at, d.first_heard) < ?1 - "
		    "CASE WHEN d.supervise_ms > 0 THEN d.supervise_ms "
		    "ELSE coalesce(w.limit_ms, ?2) END), 0) "
		    "FROM device d LEFT JOIN device_seen s ON s.device = d.id "
		    "LEFT JOIN device_watch w ON w.device = d.id "
		    "WHERE d.lifecycle = 'in_use'",
		    now_ms, silence_ms, v, 2)) {
		r->in_use = v[0];
		r->silent = v[1];
	}
	if (numbers(db, "SELECT count(*) FROM device WHERE lifecycle = 'heard'", 0, 0, v, 1))
		r->waiting = v[0];
}

static void look_at_sip(struct vd_db *db, struct vd_inspect *r)
{
	int64_t v[1] = {0};
	if (numbers(db, "SELECT count(*) FROM sip_account", 0, 0, v, 1))
		r->sip_accounts = v[0];
	if (numbers(db,
		    "SELECT count(DISTINCT g.id) FROM binding b JOIN gateway g ON g.id = b.gateway "
		    "LEFT JOIN sip_account s ON s.gateway = g.id WHERE b.family = 'scaip' AND NOT "
		    "g.disabled AND s.gateway IS NULL",
		    0, 0, v, 1))
		r->sip_without = v[0];
	sqlite3_stmt *s = vd_db_prepare(
		db,
		"SELECT coalesce(group_concat(realm, ', '), '') FROM (SELECT DISTINCT realm FROM "
		"sip_account ORDER BY realm)",
		NULL);
	if (s && sqlite3_step(s) == SQLITE_ROW)
		snprintf(r->sip_realms, sizeof(r->sip_realms), "%s",
			 (const char *)sqlite3_column_text(s, 0));
	sqlite3_finalize(s);
}

static void add_gap(struct vd_inspect *r, int muni, const char *name, int64_t from, int64_t to)
{
	if (r->n_gaps == VD_MAX_DUTY_GAPS) {
		r->gaps_more++;
		return;
	}
	r->gaps[r->n_gaps].muni = muni;
	r->gaps[r->n_gaps].from_ms = from;
	r->gaps[r->n_gaps].to_ms = to;
	snprintf(r->gaps[r->n_gaps].name, sizeof(r->gaps[0].name), "%s", name ? name : "");
	r->n_gaps++;
}

/* The first stretch of [now, now + 24 h) that no shift covers. Shifts come sorted by start. */
static void gap_of(struct vd_db *db, int muni, const char *name, int64_t now_ms,
		   struct vd_inspect *r)
{
	int64_t covered = now_ms, end = now_ms + DAY_MS;
	sqlite3_stmt *s =
		vd_db_prepare(db,
			      "SELECT from_t, to_t FROM shift JOIN staff ON staff.id = "
			      "shift.staff WHERE shift.muni = ?1 AND to_t > ?2 AND from_t < ?3 "
			      "AND NOT staff.disabled ORDER BY from_t",
			      NULL);
	if (!s)
		return;
	sqlite3_bind_int(s, 1, muni);
	sqlite3_bind_int64(s, 2, now_ms);
	sqlite3_bind_int64(s, 3, end);
	int64_t next = end;
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (sqlite3_column_int64(s, 0) > covered) {
			next = sqlite3_column_int64(s, 0);
			break;
		}
		if (sqlite3_column_int64(s, 1) > covered)
			covered = sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	if (covered < end)
		add_gap(r, muni, name, covered, next);
}

static void look_at_duty(struct vd_db *db, int64_t now_ms, struct vd_inspect *r)
{
	sqlite3_stmt *s = vd_db_prepare(db,
					"SELECT number, name FROM municipality WHERE number IN "
					"(SELECT muni FROM device WHERE lifecycle = 'in_use') "
					"ORDER BY number",
					NULL);
	while (s && sqlite3_step(s) == SQLITE_ROW)
		gap_of(db, sqlite3_column_int(s, 0), (const char *)sqlite3_column_text(s, 1),
		       now_ms, r);
	sqlite3_finalize(s);
}

static int out_of_time(void *arg)
{
	return mono_ms() > *(const int64_t *)arg;
}

static void check_integrity(struct vd_db *db, int64_t check_ms, struct vd_inspect *r)
{
	int64_t until = mono_ms() + check_ms;
	sqlite3_stmt *s = vd_db_prepare(db, "PRAGMA quick_check(1)", NULL);
	if (!s)
		return;
	if (check_ms > 0)
		sqlite3_progress_handler(db->h, 10000, out_of_time, &until);
	int rc = sqlite3_step(s);
	const char *word = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
	if (word && strcmp(word, "ok") != 0)
		snprintf(r->damage, sizeof(r->damage), "%s", word);
	else if (!word && rc != SQLITE_INTERRUPT)
		snprintf(r->damage, sizeof(r->damage), "%s", sqlite3_errmsg(db->h));
	r->whole = rc != SQLITE_INTERRUPT;
	sqlite3_finalize(s);
	sqlite3_progress_handler(db->h, 0, NULL, NULL);
}

int vd_store_inspect(const char *path, int64_t now_ms, int64_t silence_ms, int64_t check_ms,
		     struct vd_inspect *ret, struct vd_errtext *e)
{
	struct vd_db *db = NULL;
	struct vd_inspect r = {0};
	int err = vd_db_open(path, VD_DB_READ, &db, e);
	if (err)
		return err;
	look_at_journal(db, &r);
	look_at_sip(db, &r);
	look_at_devices(db, now_ms, silence_ms, &r);
	look_at_duty(db, now_ms, &r);
	check_integrity(db, check_ms, &r);
	vd_db_close(db);
	*ret = r;
	return VD_OK;
}

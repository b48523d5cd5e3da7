/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/reader.h"
#include "base/buf.h"
#include "store/boot.h"
#include <stdio.h>

/* " AND muni IN (…)" for a scope; empty for one that sees all. */
static void scope_sql(struct vd_buf *b, const struct vd_scope *s, const char *column)
{
	if (s->all)
		return;
	vd_buf_printf(b, " AND %s IN (0", column);
	for (int i = 0; i < 16 && s->munis[i]; i++)
		vd_buf_printf(b, ",%d", s->munis[i]);
	vd_buf_add_char(b, ')');
}

static int limit_of(int wanted)
{
	return wanted <= 0 ? 100 : wanted > 1000 ? 1000 : wanted;
}

static sqlite3_stmt *prepare(struct vd_reader *r, struct vd_buf *sql)
{
	struct vd_errtext e;
	sqlite3_stmt *st = sql->err ? NULL : vd_db_prepare(r->db, sql->p, &e);
	vd_buf_fini(sql);
	return st;
}

static int ended(sqlite3_stmt *st, int rc)
{
	sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : vd_db_err(rc);
}

static bool wanted(const struct vd_event *e, const struct vd_event_filter *f)
{
	return (!f->device || e->device == f->device) && (!f->kind || e->kind == f->kind);
}

/* The journal has an index on time only: device and kind are picked out of the rows in the span. */
int vd_reader_events(struct vd_reader *r, const struct vd_scope *s, const struct vd_event_filter *f,
		     vd_event_fn fn, void *arg)
{
	struct vd_buf sql;
	vd_buf_init(&sql, 4096);
	vd_buf_printf(&sql, "SELECT seq, body FROM journal WHERE seq > %lld",
		      (long long)f->after_seq);
	if (f->muni)
		vd_buf_printf(&sql, " AND muni = %d", f->muni);
	if (f->from_ms)
		vd_buf_printf(&sql, " AND t_recv >= %lld", (long long)f->from_ms);
	if (f->to_ms)
		vd_buf_printf(&sql, " AND t_recv < %lld", (long long)f->to_ms);
	scope_sql(&sql, s, "muni");
	vd_buf_printf(&sql, " ORDER BY seq %s", f->newest_first ? "DESC" : "ASC");
	sqlite3_stmt *st = prepare(r, &sql);
	int rc = st ? SQLITE_ROW : SQLITE_ERROR, left = limit_of(f->limit);
	while (st && left > 0 && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct vd_event e;
		struct vd_span body = vd_span((const char *)sqlite3_column_text(st, 1),
					      (size_t)sqlite3_column_bytes(st, 1));
		if (vd_event_parse(body, &e) || !wanted(&e, f))
			continue;
		left--;
		if (!fn(sqlite3_column_int64(st, 0), &e, arg))
			break;
	}
	return ended(st, rc);
}

int vd_reader_alarms(struct vd_reader *r, const struct vd_scope *s, const struct vd_alarm_filter *f,
		     bool (*fn)(const struct vd_alarm *a, void *arg), void *arg)
{
	struct vd_buf sql;
	vd_buf_init(&sql, 4096);
	vd_buf_printf(&sql, "SELECT * FROM alarm WHERE 1");
	if (f->open_only)
		vd_buf_printf(&sql, " AND handling != 'closed'");
	if (f->closed_only)
		vd_buf_printf(&sql, " AND handling = 'closed'");
	if (f->muni)
		vd_buf_printf(&sql, " AND muni = %d", f->muni);
	if (f->recipient)
		vd_buf_printf(&sql, " AND recipient = %lld", (long long)f->recipient);
	if (f->device)
		vd_buf_printf(&sql, " AND device = %lld", (long long)f->device);
	if (f->from_ms)
		vd_buf_printf(&sql, " AND received_at >= %lld", (long long)f->from_ms);
	if (f->to_ms)
		vd_buf_printf(&sql, " AND received_at < %lld", (long long)f->to_ms);
	scope_sql(&sql, s, "muni");
	vd_buf_printf(&sql, " ORDER BY received_at DESC LIMIT %d", limit_of(f->limit));
	sqlite3_stmt *st = prepare(r, &sql);
	int rc = SQLITE_ERROR;
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct vd_alarm a;
		vd_alarm_from_row(st, &a);
		if (!fn(&a, arg))
			break;
	}
	return ended(st, rc);
}

static bool alarm_in_scope(struct vd_reader *r, const struct vd_scope *s, const char *alarm)
{
	struct vd_errtext e;
	sqlite3_stmt *st = vd_db_prepare(r->db, "SELECT muni FROM alarm WHERE id = ?", &e);
	if (!st)
		return false;
	sqlite3_bind_text(st, 1, alarm, -1, SQLITE_STATIC);
	bool in = sqlite3_step(st) == SQLITE_ROW && vd_scope_sees(s, sqlite3_column_int(st, 0));
	sqlite3_finalize(st);
	return in;
}

static void step_from_row(sqlite3_stmt *st, struct vd_alarm_step *x)
{
	int step = vd_step_parse(vd_span_cstr((const char *)sqlite3_column_text(st, 2)));
	int out = vd_outcome_parse(vd_span_cstr((const char *)sqlite3_column_text(st, 7)));
	const char *note = (const char *)sqlite3_column_text(st, 9);
	*x = (struct vd_alarm_step){.n = sqlite3_column_int64(st, 0),
				    .muni = sqlite3_column_int(st, 1),
				    .step = step < 0 ? VD_STEP_NOTE : (enum vd_step)step,
				    .at_ms = sqlite3_column_int64(st, 3),
				    .staff = sqlite3_column_int64(st, 4),
				    .target = sqlite3_column_int64(st, 5),
				    .level = sqlite3_column_int(st, 6),
				    .outcome = out < 0 ? VD_OUT_OTHER : (enum vd_outcome)out};
	vd_span_copy(x->event, sizeof(x->event),
		     vd_span_cstr((const char *)sqlite3_column_text(st, 8)));
	vd_span_copy(x->note, sizeof(x->note), vd_span_cstr(note ? note : ""));
}

int vd_reader_steps(struct vd_reader *r, const struct vd_scope *s, const char *alarm,
		    bool (*fn)(const struct vd_alarm_step *st, void *arg), void *arg)
{
	struct vd_errtext e;
	if (!alarm_in_scope(r, s, alarm))
		return VD_ENOTFOUND;
	sqlite3_stmt *st = vd_db_prepare(
		r->db,
		"SELECT s.n, s.muni, s.step, s.at, s.staff, s.target, s.level, s.outcome, s.event,"
		" coalesce(t.note, '') FROM alarm_step s LEFT JOIN alarm_note t"
		" ON t.alarm = s.alarm AND t.n = s.n WHERE s.alarm = ? ORDER BY s.n",
		&e);
	int rc = SQLITE_ERROR;
	if (st)
		sqlite3_bind_text(st, 1, alarm, -1, SQLITE_STATIC);
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct vd_alarm_step x;
		step_from_row(st, &x);
		vd_span_copy(x.alarm, sizeof(x.alarm), vd_span_cstr(alarm));
		if (!fn(&x, arg))
			break;
	}
	return ended(st, rc);
}

int vd_reader_commands(struct vd_reader *r, const struct vd_scope *s,
		       const struct vd_command_filter *f,
		       bool (*fn)(const struct vd_command *c, const char *reason, void *arg),
		       void *arg)
{
	struct vd_buf sql;
	vd_buf_init(&sql, 4096);
	vd_buf_printf(&sql, "SELECT c.*, coalesce(n.note, '') FROM command c LEFT JOIN command_note"
			    " n ON n.command = c.id WHERE c.state != 'asked'");
	if (f->alarm && *f->alarm)
		vd_buf_printf(&sql, " AND c.alarm = ?1 AND c.alarm != ''");
	if (f->id && *f->id)
		vd_buf_printf(&sql, " AND c.id = ?2");
	if (f->device)
		vd_buf_printf(&sql, " AND c.device = %lld", (long long)f->device);
	scope_sql(&sql, s, "c.muni");
	vd_buf_printf(&sql, " ORDER BY c.created_at DESC, c.id DESC LIMIT %d", limit_of(f->limit));
	sqlite3_stmt *st = prepare(r, &sql);
	int rc = SQLITE_ERROR;
	if (st) {
		(void)sqlite3_bind_text(st, 1, f->alarm, -1, SQLITE_STATIC); /* where asked for */
		(void)sqlite3_bind_text(st, 2, f->id, -1, SQLITE_STATIC);
	}
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct vd_command c;
		vd_command_from_row(st, &c);
		if (!fn(&c, (const char *)sqlite3_column_text(st, 18), arg))
			break;
	}
	return ended(st, rc);
}

int vd_reader_access(struct vd_reader *r, const struct vd_scope *s, int64_t recipient,
		     int64_t from_ms, int64_t to_ms,
		     bool (*fn)(const struct vd_access_row *a, void *arg), void *arg)
{
	struct vd_buf sql;
	vd_buf_init(&sql, 4096);
	vd_buf_printf(&sql,
		      "SELECT at, staff, recipient, muni, what, alarm FROM access_log WHERE 1");
	if (recipient)
		vd_buf_printf(&sql, " AND recipient = %lld", (long long)recipient);
	if (from_ms)
		vd_buf_printf(&sql, " AND at >= %lld", (long long)from_ms);
	if (to_ms)
		vd_buf_printf(&sql, " AND at < %lld", (long long)to_ms);
	scope_sql(&sql, s, "muni");
	vd_buf_printf(&sql, " ORDER BY n LIMIT 10000");
	sqlite3_stmt *st = prepare(r, &sql);
	int rc = SQLITE_ERROR;
	while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		struct vd_access_row a = {.at_ms = sqlite3_column_int64(st, 0),
					  .staff = sqlite3_column_int64(st, 1),
					  .recipient = sqlite3_column_int64(st, 2),
					  .muni = sqlite3_column_int(st, 3),
					  .what = (const char *)sqlite3_column_text(st, 4),
					  .alarm = (const char *)sqlite3_column_text(st, 5)};
		if (!fn(&a, arg))
			break;
	}
	return ended(st, rc);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Everything the hub needs at start, read in one go before the threads run. */
#include "store/boot.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/mem.h"
#include <math.h>

/* Room for one more element; NULL when out of memory. */
static void *grow(void *list, size_t n, size_t size)
{
	if (n & (n - 1) && n)
		return list; /* between powers of two there is room */
	return vd_realloc(list, (n ? n * 2 : 1) * size);
}

#define PUSH(list, n)                                                                              \
	({                                                                                         \
		void *grown = grow((list), (n), sizeof(*(list)));                                  \
		if (grown)                                                                         \
			(list) = grown;                                                            \
		grown ? &(list)[(n)++] : NULL;                                                     \
	})

static void copy(char *dst, size_t cap, sqlite3_stmt *st, int col)
{
	const char *s = (const char *)sqlite3_column_text(st, col);
	vd_span_copy(dst, cap, vd_span_cstr(s ? s : ""));
}

static struct vd_span span(sqlite3_stmt *st, int col)
{
	return vd_span_cstr((const char *)sqlite3_column_text(st, col));
}

void vd_alarm_from_row(sqlite3_stmt *st, struct vd_alarm *a)
{
	int64_t *const head[] = {&a->gateway, &a->device, &a->placement, &a->recipient};
	int64_t *const times[] = {&a->raised_at_ms,    &a->received_at_ms, &a->last_at_ms,
				  &a->returned_at_ms,  &a->acked_at_ms,    &a->first_ack_at_ms,
				  &a->on_site_at_ms,   &a->closed_at_ms,   &a->owner,
				  &a->target,          &a->handled_at_ms,  &a->deadline_ms,
				  &a->shelved_until_ms};
	int *const small[] = {&a->count, &a->repeat_24h, &a->level, &a->realerts};
	int c = 0;
	*a = (struct vd_alarm){0};
	copy(a->id, sizeof(a->id), st, c++);
	a->muni = sqlite3_column_int(st, c++);
	for (size_t i = 0; i < 4; i++)
		*head[i] = sqlite3_column_int64(st, c++);
	a->kind = vd_kind_parse(span(st, c++));
	copy(a->state, sizeof(a->state), st, c++);
	a->priority = sqlite3_column_int(st, c++);
	a->condition = vd_span_is(span(st, c++), "active") ? VD_COND_ACTIVE : VD_COND_RETURNED;
	int h = vd_handling_parse(span(st, c++));
	a->handling = h < 0 ? VD_H_NEW : (enum vd_handling)h;
	copy(a->parent, sizeof(a->parent), st, c++);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		*times[i] = sqlite3_column_int64(st, c++);
	for (size_t i = 0; i < 4; i++)
		*small[i] = sqlite3_column_int(st, c++);
	int o = vd_outcome_parse(span(st, c++));
	a->outcome = o < 0 ? VD_OUT_OTHER : (enum vd_outcome)o;
	a->flags = (unsigned)sqlite3_column_int64(st, c++);
	a->version = sqlite3_column_int64(st, c++);
	copy(a->cause_event, sizeof(a->cause_event), st, c++);
}

/* A read that stopped before its end would be alarms forgotten in silence: the start fails. */
static int ended(sqlite3_stmt *st, int r, struct vd_db *db, struct vd_errtext *e)
{
	int rc = sqlite3_finalize(st);
	if (r || rc == SQLITE_OK)
		return r;
	return vd_errtext(e, vd_db_err(rc) ? vd_db_err(rc) : VD_EIO,
			  "the database cannot be read to its end",
			  "restore the newest backup beside it; do not delete it", "%s: %s",
			  db->path, sqlite3_errmsg(db->h));
}

static int load_alarms(struct vd_db *db, struct vd_boot *b, int64_t now_ms, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(db,
					 "SELECT * FROM alarm WHERE handling != 'closed'"
					 " UNION ALL SELECT * FROM alarm WHERE handling = 'closed'"
					 " AND closed_at > ? ORDER BY received_at",
					 e);
	if (!st)
		return VD_EIO;
	sqlite3_bind_int64(st, 1, now_ms - VD_DAY_MS);
	int r = 0;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		struct vd_alarm *a = PUSH(b->alarms, b->n_alarms);
		if (a)
			vd_alarm_from_row(st, a);
		else
			r = VD_ENOMEM;
	}
	return ended(st, r, db, e);
}

static int load_cells(struct vd_db *db, struct vd_boot *b, struct vd_errtext *e)
{
	sqlite3_stmt *st =
		vd_db_prepare(db,
			      "SELECT device, gateway, kind, zone, state, value, t, episode"
			      " FROM device_state",
			      e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		struct vd_state_cell *c = PUSH(b->cells, b->n_cells);
		if (!c) {
			r = VD_ENOMEM;
			break;
		}
		*c = (struct vd_state_cell){.device = sqlite3_column_int64(st, 0),
					    .gateway = sqlite3_column_int64(st, 1),
					    .kind = vd_kind_parse(span(st, 2)),
					    .has_value = sqlite3_column_type(st, 5) != SQLITE_NULL,
					    .value = sqlite3_column_double(st, 5),
					    .t_ms = sqlite3_column_int64(st, 6),
					    .episode = sqlite3_column_int64(st, 7)};
		copy(c->zone, sizeof(c->zone), st, 3);
		copy(c->state, sizeof(c->state), st, 4);
	}
	return ended(st, r, db, e);
}

static int load_seen(struct vd_db *db, struct vd_boot *b, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(db, "SELECT device, at FROM device_seen", e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		struct vd_seen *s = PUSH(b->seen, b->n_seen);
		if (s)
			*s = (struct vd_seen){sqlite3_column_int64(st, 0),
					      sqlite3_column_int64(st, 1)};
		else
			r = VD_ENOMEM;
	}
	return ended(st, r, db, e);
}

static int load_watches(struct vd_db *db, struct vd_boot *b, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(
		db,
		"SELECT device, at, limit_ms, interval_ms, stated_ms, since, tested, reminded,"
		" class, basis, troubles, learned, shape FROM device_watch",
		e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		struct vd_op_watch *w = PUSH(b->watches, b->n_watches);
		if (!w) {
			r = VD_ENOMEM;
			break;
		}
		*w = (struct vd_op_watch){0};
		int64_t *const numbers[] = {&w->device,      &w->at_ms,      &w->limit_ms,
					    &w->interval_ms, &w->stated_ms,  &w->since_ms,
					    &w->tested_ms,   &w->reminded_ms};
		for (int i = 0; i < 8; i++)
			*numbers[i] = sqlite3_column_int64(st, i);
		copy(w->class, sizeof(w->class), st, 8);
		w->basis = vd_limit_basis_parse(span(st, 9));
		w->troubles = (unsigned)sqlite3_column_int64(st, 10);
		copy(w->learned, sizeof(w->learned), st, 11);
		copy(w->shape, sizeof(w->shape), st, 12);
	}
	return ended(st, r, db, e);
}

static int load_dedup(struct vd_db *db, struct vd_boot *b, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(db,
					 "SELECT gateway, device, key, at FROM (SELECT * FROM dedup"
					 " ORDER BY at DESC LIMIT 200000) ORDER BY at",
					 e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		typeof(b->dedup) d = PUSH(b->dedup, b->n_dedup);
		if (!d) {
			r = VD_ENOMEM;
			break;
		}
		d->gateway = sqlite3_column_int64(st, 0);
		d->device = sqlite3_column_int64(st, 1);
		d->key = (uint64_t)sqlite3_column_int64(st, 2);
		d->at_ms = sqlite3_column_int64(st, 3);
	}
	return ended(st, r, db, e);
}

static int load_remembered(struct vd_db *db, struct vd_boot *b, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(
		db, "SELECT binding, topic, body FROM adapter_memory ORDER BY binding, at", e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		typeof(b->remembered) m = PUSH(b->remembered, b->n_remembered);
		if (!m) {
			r = VD_ENOMEM;
			break;
		}
		m->binding = sqlite3_column_int64(st, 0);
		m->topic = vd_strdup((const char *)sqlite3_column_text(st, 1));
		m->body_n = (size_t)sqlite3_column_bytes(st, 2);
		m->body = vd_memdup_str(sqlite3_column_blob(st, 2), m->body_n);
		if (!m->topic || !m->body)
			r = VD_ENOMEM;
	}
	return ended(st, r, db, e);
}

static int push_event(struct vd_boot *b, int64_t seq, struct vd_span body)
{
	struct vd_event ev;
	if (vd_event_parse(body, &ev))
		return 0; /* verify tells; the hub goes on with what it can read */
	int64_t *s = grow(b->event_seq, b->n_events, sizeof(*s));
	if (!s)
		return VD_ENOMEM;
	b->event_seq = s;
	s[b->n_events] = seq;
	struct vd_event *p = PUSH(b->events, b->n_events);
	if (!p)
		return VD_ENOMEM;
	*p = ev;
	return 0;
}

static int load_unassessed(struct vd_db *db, struct vd_boot *b, struct vd_errtext *e)
{
	sqlite3_stmt *st =
		vd_db_prepare(db,
			      "SELECT j.seq, j.body, c.seq FROM cursor c LEFT JOIN journal j"
			      " ON j.seq > c.seq ORDER BY j.seq",
			      e);
	int r = st ? 0 : VD_EIO;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		b->cursor = sqlite3_column_int64(st, 2);
		if (sqlite3_column_type(st, 0) != SQLITE_NULL)
			r = push_event(b, sqlite3_column_int64(st, 0), span(st, 1));
	}
	return ended(st, r, db, e);
}

static int load_wall(struct vd_db *db, struct vd_boot *b, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(db,
					 "SELECT coalesce((SELECT t_recv FROM journal"
					 " ORDER BY seq DESC LIMIT 1), 0)",
					 e);
	int r = st && sqlite3_step(st) == SQLITE_ROW ? 0 : VD_EIO;
	if (!r)
		b->wall_ms_last = sqlite3_column_int64(st, 0);
	return ended(st, r, db, e);
}

void vd_command_from_row(sqlite3_stmt *st, struct vd_command *c)
{
	int64_t *const head[] = {&c->gateway, &c->device, &c->placement, &c->recipient};
	int64_t *const times[] = {&c->created_ms, &c->expires_ms, &c->sent_ms, &c->ended_ms};
	int i = 0;
	*c = (struct vd_command){0};
	copy(c->id, sizeof(c->id), st, i++);
	c->muni = sqlite3_column_int(st, i++);
	for (size_t k = 0; k < 4; k++)
		*head[k] = sqlite3_column_int64(st, i++);
	c->verb = vd_verb_parse(span(st, i++));
	c->minutes = sqlite3_column_int(st, i++);
	c->staff = sqlite3_column_int64(st, i++);
	copy(c->alarm, sizeof(c->alarm), st, i++);
	copy(c->key, sizeof(c->key), st, i++);
	for (size_t k = 0; k < 4; k++)
		*times[k] = sqlite3_column_int64(st, i++);
	int s = vd_command_state_parse(span(st, i++));
	c->state = s < 0 ? VD_CS_FAILED : (enum vd_command_state)s;
	c->attempts = sqlite3_column_int(st, i++);
	copy(c->result, sizeof(c->result), st, i++);
}

/* The newest ones, should there be more than the hub remembers; the oldest have long run out. */
static int load_commands(struct vd_db *db, struct vd_boot *b, int64_t now_ms, struct vd_errtext *e)
{
	sqlite3_stmt *st = vd_db_prepare(db,
					 "SELECT * FROM command WHERE (ended_at = 0 OR"
					 " created_at > ?) AND state != 'asked'"
					 " ORDER BY ended_at != 0, created_at DESC LIMIT ?",
					 e);
	if (!st)
		return VD_EIO;
	sqlite3_bind_int64(st, 1, now_ms - VD_HOUR_MS);
	sqlite3_bind_int64(st, 2, VD_MAX_COMMANDS);
	int r = 0;
	while (!r && sqlite3_step(st) == SQLITE_ROW) {
		struct vd_command *c = PUSH(b->commands, b->n_commands);
		if (c)
			vd_command_from_row(st, c);
		else
			r = VD_ENOMEM;
	}
	return ended(st, r, db, e);
}

int vd_boot_read(struct vd_db *db, int64_t now_ms, struct vd_boot *ret, struct vd_errtext *e)
{
	struct vd_reader reader = {.db = db, .now_ms = now_ms};
	*ret = (struct vd_boot){0};
	int r = vd_reader_directory(&reader, &ret->directory);
	if (r)
		(void)vd_errtext(e, r, "cannot read the directory", NULL, "%s: %s", db->path,
				 sqlite3_errmsg(db->h));
	if (!r)
		r = load_alarms(db, ret, now_ms, e);
	if (!r)
		r = load_cells(db, ret, e);
	if (!r)
		r = load_seen(db, ret, e);
	if (!r)
		r = load_watches(db, ret, e);
	if (!r)
		r = load_dedup(db, ret, e);
	if (!r)
		r = load_remembered(db, ret, e);
	if (!r)
		r = load_unassessed(db, ret, e);
	if (!r)
		r = load_commands(db, ret, now_ms, e);
	if (!r)
		r = load_wall(db, ret, e);
	if (r)
		vd_boot_free(ret);
	return r;
}

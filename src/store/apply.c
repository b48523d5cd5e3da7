/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/apply.h"
#include "store/apply_int.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>

static const char *const sql[ST_MAX] = {
	[ST_JOURNAL] =
		"INSERT INTO journal (seq, t_recv, muni, idx, body, leaf) VALUES (?,?,?,?,?,?)",
	[ST_STATE] =
		"INSERT INTO device_state (device, gateway, kind, zone, state, value, t, episode)"
		" VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET state = excluded.state,"
		" value = excluded.value, t = excluded.t, episode = excluded.episode",
	[ST_ROLLUP] =
		"INSERT INTO rollup_day (muni, day, placement, device, kind, state, n, first_t,"
		" last_t, night_n) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
		" n = n + excluded.n, first_t = min(first_t, excluded.first_t),"
		" last_t = max(last_t, excluded.last_t), night_n = night_n + excluded.night_n",
	[ST_DEDUP] = "INSERT INTO dedup (gateway, device, key, at) VALUES (?1,?2,?3,?4)"
		     " ON CONFLICT DO UPDATE SET at=excluded.at"
		     " WHERE ?5 > 0 AND abs(excluded.at - at) >= ?5",
	[ST_DEDUP_PRUNE] = "DELETE FROM dedup WHERE at < ?",
	[ST_ALARM] = "INSERT OR REPLACE INTO alarm VALUES "
		     "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_STEP] = "INSERT OR REPLACE INTO alarm_step VALUES (?,?,?,?,?,?,?,?,?,?)",
	[ST_NOTE] = "INSERT OR REPLACE INTO alarm_note VALUES (?,?,?,?)",
	[ST_CURSOR] = "UPDATE cursor SET seq = max(seq, ?)",
	[ST_REMEMBER] = "INSERT OR REPLACE INTO adapter_memory (binding, topic, gateway, body, at)"
			" VALUES (?,?,?,?,?)",
	[ST_FORGET] = "DELETE FROM adapter_memory WHERE binding = ? AND topic = ?",
	[ST_QUARANTINE] = "INSERT INTO quarantine (gateway, at, why, body) VALUES (?,?,?,?)",
	[ST_QUARANTINE_PRUNE] = "DELETE FROM quarantine WHERE n <= ?",
	/* What a person wrote about a registered device stands; the platform fills in the rest. */
	[ST_HEARD] =
		"INSERT INTO device (id, gateway, muni, family, identity, name, vendor, model,"
		" serial, features, unsupported, first_heard) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"
		" ON CONFLICT (gateway, family, identity) DO UPDATE SET"
		" name = CASE WHEN excluded.name != '' AND (name = '' OR lifecycle = 'heard')"
		" THEN excluded.name ELSE name END,"
		" vendor = CASE WHEN excluded.vendor != '' AND (vendor = '' OR lifecycle = 'heard')"
		" THEN excluded.vendor ELSE vendor END,"
		" model = CASE WHEN excluded.model != '' AND (model = '' OR lifecycle = 'heard')"
		" THEN excluded.model ELSE model END,"
		" serial = CASE WHEN serial = '' THEN excluded.serial ELSE serial END,"
		" features = CASE WHEN excluded.features != '' THEN excluded.features"
		" ELSE features END, unsupported = excluded.unsupported",
	/* The newest word, not the highest: a clock that was ahead must not hide silence. */
	[ST_SEEN] = "INSERT INTO device_seen (device, at, battery, link) VALUES (?,?,?,?)"
		    " ON CONFLICT DO UPDATE SET at = excluded.at,"
		    " battery = coalesce(excluded.battery, battery),"
		    " link = coalesce(excluded.link, link)",
	[ST_DAY] = "INSERT INTO device_day (device, day, heartbeats, gap_ms) VALUES (?,?,?,?)"
		   " ON CONFLICT DO UPDATE SET heartbeats = heartbeats + excluded.heartbeats,"
		   " gap_ms = max(gap_ms, excluded.gap_ms)",
	[ST_ACCESS] = "INSERT INTO access_log (at, muni, staff, recipient, what, alarm)"
		      " VALUES (?,?,?,?,?,?)",
	/* Past the ceiling a name no counter has yet is counted with all the others. */
	[ST_COUNT] = "INSERT INTO device_count (device, day, name, muni, n) SELECT ?1, ?2, CASE"
		     " WHEN EXISTS (SELECT 1 FROM device_count WHERE device=?1 AND day=?2 AND"
		     " name=?3) OR (SELECT count(*) FROM device_count WHERE device=?1 AND day=?2)"
		     " < ?6 THEN ?3 ELSE 'unknown:=' END, ?4, ?5 WHERE true"
		     " ON CONFLICT DO UPDATE SET n = n + excluded.n",
	[ST_COMMAND] = "INSERT OR REPLACE INTO command VALUES"
		       " (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_COMMAND_STEP] = "INSERT OR REPLACE INTO command_step VALUES (?,?,?,?,?)",
	[ST_COMMAND_NOTE] = "INSERT OR REPLACE INTO command_note VALUES (?,?,?)",
	[ST_WATCH] = "INSERT OR REPLACE INTO device_watch (device, at, class, basis, limit_ms,"
		     " interval_ms, stated_ms, since, tested, reminded, troubles, learned, shape)"
		     " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",
	[ST_CHECKPOINT] = "INSERT OR REPLACE INTO checkpoint (muni, size, root, at, note)"
			  " VALUES (?,?,?,?,?)",
	[ST_FRONTIER] = "INSERT OR REPLACE INTO meta (name, value) VALUES (?,?)",
};

/* -- binding -------------------------------------------------------------------------------- */

static void text(sqlite3_stmt *st, int i, const char *s)
{
	sqlite3_bind_text(st, i, s, -1, SQLITE_STATIC);
}

static void integer(sqlite3_stmt *st, int i, int64_t v)
{
	sqlite3_bind_int64(st, i, v);
}

static void real_or_null(sqlite3_stmt *st, int i, double v)
{
	if (isnan(v) || v < -1e9)
		sqlite3_bind_null(st, i);
	else
		sqlite3_bind_double(st, i, v);
}

/* A broken constraint makes its batch unusable (VD_EINVAL). VD_EEXIST is op_dedup's word alone: it
 * tells a sender that the message is stored. */
int apply_run(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);
	sqlite3_reset(st);
	if (rc == SQLITE_DONE || rc == SQLITE_ROW)
		return 0;
	int err = vd_db_err(rc);
	return err == VD_EEXIST ? VD_EINVAL : err;
}

/* -- the gathered rows ---------------------------------------------------------------------- */

static int put_state(struct vd_apply *a, const struct vd_event *e)
{
	sqlite3_stmt *st = a->st[ST_STATE];
	integer(st, 1, e->device);
	integer(st, 2, e->gateway);
	text(st, 3, vd_kind_name(e->kind));
	text(st, 4, e->zone);
	text(st, 5, e->state);
	real_or_null(st, 6, e->has_value ? e->value : NAN);
	integer(st, 7, e->t_ms);
	integer(st, 8, e->episode);
	return apply_run(st);
}

static int put_rollup(struct vd_apply *a, const struct gathered_rollup *r)
{
	sqlite3_stmt *st = a->st[ST_ROLLUP];
	integer(st, 1, r->muni);
	integer(st, 2, r->day);
	integer(st, 3, r->placement);
	integer(st, 4, r->device);
	text(st, 5, vd_kind_name(r->kind));
	text(st, 6, r->state);
	integer(st, 7, r->n);
	integer(st, 8, r->first_ms);
	integer(st, 9, r->last_ms);
	integer(st, 10, r->night);
	return apply_run(st);
}

/* Which events the day's roll-up counts: what a report asks for, nothing that only was recorded. */
static bool counts(const struct vd_event *e)
{
	if (e->flags & (VD_F_REPLAY | VD_F_SIMULATED | VD_F_TEST))
		return false;
	switch (vd_kind_class(e->kind)) {
	case 'A':
	case 'S': return true;
	case 'T':
		return e->kind == VD_KIND_DEVICE_CONNECTIVITY ||
		       e->kind == VD_KIND_BRIDGE_CONNECTIVITY ||
		       e->kind == VD_KIND_DEVICE_BATTERY_LOW || e->kind == VD_KIND_DUTY_NOBODY ||
		       e->kind == VD_KIND_MEDICATION_SUPPLY || e->kind == VD_KIND_MEDICATION_DEVICE;
	default: return false;
	}
}

static uint64_t rollup_hash(const struct gathered_rollup *r)
{
	uint64_t h = vd_hash64(vd_span_cstr(r->state), (uint64_t)r->kind);
	h ^= (uint64_t)r->device * 0x9e3779b97f4a7c15ull;
	h ^= (uint64_t)r->placement * 0xc2b2ae3d27d4eb4full;
	return (h ^ (uint64_t)r->day * 0x165667b19e3779f9ull ^ (uint64_t)r->muni << 40) | 1;
}

static bool same_rollup(const struct gathered_rollup *x, const struct gathered_rollup *y)
{
	return x->muni == y->muni && x->day == y->day && x->placement == y->placement &&
	       x->device == y->device && x->kind == y->kind && strcmp(x->state, y->state) == 0;
}

static int gather_rollup(struct vd_apply *a, const struct vd_event *e)
{
	struct vd_civil c;
	vd_civil_oslo(e->t_ms, &c);
	bool night = c.hour >= 22 || c.hour < 7;
	struct gathered_rollup r = {.muni = e->muni,
				    .day = vd_oslo_day(e->t_ms),
				    .placement = e->placement,
				    .device = e->device,
				    .kind = e->kind,
				    .n = 1,
				    .night = night,
				    .first_ms = e->t_ms,
				    .last_ms = e->t_ms};
	memcpy(r.state, e->state, sizeof(r.state));
	size_t i = rollup_hash(&r) % GATHER_SLOTS;
	while (a->rollup[i].n && !same_rollup(&a->rollup[i], &r))
		i = (i + 1) % GATHER_SLOTS;
	struct gathered_rollup *g = &a->rollup[i];
	if (!g->n) {
		if (a->n_rollup >= GATHER_MAX)
			return put_rollup(a, &r);
		*g = r;
		a->rollup_used[a->n_rollup++] = (uint32_t)i;
		return 0;
	}
	g->n++;
	g->night += night;
	if (r.first_ms < g->first_ms)
		g->first_ms = r.first_ms;
	if (r.last_ms > g->last_ms)
		g->last_ms = r.last_ms;
	return 0;
}

static bool same_cell(const struct vd_event *x, const struct vd_event *y)
{
	return x->device == y->device && x->gateway == y->gateway && x->kind == y->kind &&
	       strcmp(x->zone, y->zone) == 0;
}

/* Events stay in their batches until the commit is over, so pointers to them are enough. */
static int gather_state(struct vd_apply *a, const struct vd_event *e)
{
	if (e->flags & (VD_F_REPLAY | VD_F_SIMULATED | VD_F_TEST))
		return 0;
	uint64_t h = vd_hash64(vd_span_cstr(e->zone),
			       (uint64_t)e->device * 0x9e3779b97f4a7c15ull ^ (uint64_t)e->kind);
	size_t i = h % GATHER_SLOTS;
	while (a->state[i] && !same_cell(a->state[i], e))
		i = (i + 1) % GATHER_SLOTS;
	if (!a->state[i]) {
		if (a->n_state >= GATHER_MAX)
			return put_state(a, e);
		a->state_used[a->n_state++] = (uint32_t)i;
	}
	a->state[i] = e;
	return 0;
}

static void forget_gathered(struct vd_apply *a)
{
	for (size_t i = 0; i < a->n_state; i++)
		a->state[a->state_used[i]] = NULL;
	for (size_t i = 0; i < a->n_rollup; i++)
		a->rollup[a->rollup_used[i]].n = 0;
	a->n_state = a->n_rollup = 0;
}

/* -- ops ------------------------------------------------------------------------------------ */

struct log_state *apply_log(struct vd_apply *a, int muni)
{
	for (size_t i = 0; i < a->n_logs; i++)
		if (a->logs[i].muni == muni)
			return &a->logs[i];
	if (a->n_logs == APPLY_MAX_LOGS)
		return NULL;
	struct log_state *l = &a->logs[a->n_logs++];
	memset(l, 0, sizeof(*l));
	l->muni = muni;
	return l;
}

static int op_event(struct vd_apply *a, const struct vd_event *e)
{
	struct log_state *l = apply_log(a, e->muni);
	uint8_t leaf[VD_HASH_BYTES];
	if (!l)
		return VD_ELIMIT;
	vd_buf_clear(&a->body);
	int err = vd_event_json(e, &a->body);
	if (err)
		return err;
	vd_merkle_leaf(e->muni, l->tree.size, a->body.p, a->body.n, leaf);
	sqlite3_stmt *st = a->st[ST_JOURNAL];
	integer(st, 1, a->next_seq);
	integer(st, 2, e->t_recv_ms);
	integer(st, 3, e->muni);
	integer(st, 4, (int64_t)l->tree.size);
	sqlite3_bind_text(st, 5, a->body.p, (int)a->body.n, SQLITE_STATIC);
	sqlite3_bind_blob(st, 6, leaf, sizeof(leaf), SQLITE_STATIC);
	err = apply_run(st);
	if (err) /* a row there already: somebody else writes here. Not the sender's fault. */
		return (sqlite3_errcode(a->db->h) & 0xFF) == SQLITE_CONSTRAINT ? VD_EIO : err;
	a->next_seq++;
	vd_merkle_append(&l->tree, leaf);
	err = gather_state(a, e);
	return err || !counts(e) ? err : gather_rollup(a, e);
}

static int op_dedup(struct vd_apply *a, const struct vd_op *op)
{
	sqlite3_stmt *st = a->st[ST_DEDUP];
	integer(st, 1, op->u.dedup.gateway);
	integer(st, 2, op->u.dedup.device);
	integer(st, 3, (int64_t)op->u.dedup.key);
	integer(st, 4, op->u.dedup.at_ms);
	integer(st, 5, op->u.dedup.renew_ms);
	int err = apply_run(st);
	if (err)
		return err;
	a->dedup_at_ms = op->u.dedup.at_ms;
	return sqlite3_changes(a->db->h) ? 0 : VD_EEXIST;
}

static int op_alarm(struct vd_apply *a, const struct vd_alarm *x)
{
	sqlite3_stmt *st = a->st[ST_ALARM];
	const int64_t head[] = {x->muni, x->gateway, x->device, x->placement, x->recipient};
	const int64_t times[] = {x->raised_at_ms,
				 x->received_at_ms,
				 x->last_at_ms,
				 x->returned_at_ms,
				 x->acked_at_ms,
				 x->first_ack_at_ms,
				 x->on_site_at_ms,
				 x->closed_at_ms,
				 x->owner,
				 x->target,
				 x->handled_at_ms,
				 x->deadline_ms,
				 x->shelved_until_ms,
				 x->count,
				 x->repeat_24h,
				 x->level,
				 x->realerts};
	int i = 1;
	text(st, i++, x->id);
	for (size_t k = 0; k < sizeof(head) / sizeof(head[0]); k++)
		integer(st, i++, head[k]);
	text(st, i++, vd_kind_name(x->kind));
	text(st, i++, x->state);
	integer(st, i++, x->priority);
	text(st, i++, vd_condition_name(x->condition));
	text(st, i++, vd_handling_name(x->handling));
	text(st, i++, x->parent);
	for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
		integer(st, i++, times[k]);
	text(st, i++, vd_outcome_name(x->outcome));
	integer(st, i++, x->flags);
	integer(st, i++, x->version);
	text(st, i++, x->cause_event);
	return apply_run(st);
}

static int op_step(struct vd_apply *a, const struct vd_alarm_step *s)
{
	sqlite3_stmt *st = a->st[ST_STEP];
	text(st, 1, s->alarm);
	integer(st, 2, s->n);
	integer(st, 3, s->muni);
	text(st, 4, vd_step_name(s->step));
	integer(st, 5, s->at_ms);
	integer(st, 6, s->staff);
	integer(st, 7, s->target);
	integer(st, 8, s->level);
	text(st, 9, vd_outcome_name(s->outcome));
	text(st, 10, s->event);
	int err = apply_run(st);
	if (err || !s->note[0])
		return err;
	st = a->st[ST_NOTE];
	text(st, 1, s->alarm);
	integer(st, 2, s->n);
	integer(st, 3, s->muni);
	text(st, 4, s->note);
	return apply_run(st);
}

static int op_remember(struct vd_apply *a, const struct vd_op *op)
{
	bool forget = op->u.frame.blob_n == 0;
	sqlite3_stmt *st = a->st[forget ? ST_FORGET : ST_REMEMBER];
	integer(st, 1, op->u.frame.binding);
	text(st, 2, op->u.frame.text);
	if (!forget) {
		integer(st, 3, op->u.frame.gateway);
		sqlite3_bind_blob(st, 4, op->u.frame.blob, (int)op->u.frame.blob_n, SQLITE_STATIC);
		integer(st, 5, op->u.frame.at_ms);
	}
	return apply_run(st);
}

static int op_quarantine(struct vd_apply *a, const struct vd_op *op)
{
	sqlite3_stmt *st = a->st[ST_QUARANTINE];
	integer(st, 1, op->u.frame.gateway);
	integer(st, 2, op->u.frame.at_ms);
	text(st, 3, op->u.frame.text);
	sqlite3_bind_blob(st, 4, op->u.frame.blob, (int)op->u.frame.blob_n, SQLITE_STATIC);
	int err = apply_run(st);
	int64_t n = sqlite3_last_insert_rowid(a->db->h);
	if (err || n % 256 || n <= VD_MAX_QUARANTINE_ROWS)
		return err;
	integer(a->st[ST_QUARANTINE_PRUNE], 1, n - VD_MAX_QUARANTINE_ROWS);
	return apply_run(a->st[ST_QUARANTINE_PRUNE]);
}

static int op_heard(struct vd_apply *a, const struct vd_op_heard *h)
{
	sqlite3_stmt *st = a->st[ST_HEARD];
	const char *const words[] = {h->family, h->identity, h->name,    h->vendor,
				     h->model,  h->serial,   h->features};
	integer(st, 1, h->device);
	integer(st, 2, h->gateway);
	integer(st, 3, h->muni);
	for (int i = 0; i < 7; i++)
		text(st, 4 + i, words[i]);
	integer(st, 11, h->unsupported);
	integer(st, 12, h->at_ms);
	int err = apply_run(st);
	if (err == VD_EINVAL)
		return 0; /* no place in the list is no reason to refuse what the device said */
	return err ? err : vd_db_bump_directory(a->db, NULL);
}

static int op_seen(struct vd_apply *a, const struct vd_op_seen *s)
{
	sqlite3_stmt *st = a->st[ST_SEEN];
	integer(st, 1, s->device);
	integer(st, 2, s->at_ms);
	real_or_null(st, 3, s->battery < 0 ? NAN : s->battery);
	real_or_null(st, 4, s->link);
	int err = apply_run(st);
	if (err)
		return err;
	st = a->st[ST_DAY];
	integer(st, 1, s->device);
	integer(st, 2, vd_oslo_day(s->at_ms));
	integer(st, 3, s->heartbeats);
	integer(st, 4, s->gap_ms);
	return apply_run(st);
}

static int op_access(struct vd_apply *a, const struct vd_op_access *x)
{
	sqlite3_stmt *st = a->st[ST_ACCESS];
	integer(st, 1, x->at_ms);
	integer(st, 2, x->muni);
	integer(st, 3, x->staff);
	integer(st, 4, x->recipient);
	text(st, 5, x->what);
	text(st, 6, x->alarm);
	return apply_run(st);
}

static int op_count(struct vd_apply *a, const struct vd_op_count *x)
{
	sqlite3_stmt *st = a->st[ST_COUNT];
	integer(st, 1, x->device);
	integer(st, 2, x->day);
	text(st, 3, x->name);
	integer(st, 4, x->muni);
	integer(st, 5, x->n);
	integer(st, 6, VD_MAX_COUNTERS_DEVICE);
	return apply_run(st);
}

static int command_step(struct vd_apply *a, const struct vd_op *op)
{
	const struct vd_command *c = op->u.command.c;
	sqlite3_stmt *st = a->st[ST_COMMAND_STEP];
	text(st, 1, c->id);
	integer(st, 2, op->u.command.at_ms);
	text(st, 3, vd_command_state_name(c->state));
	integer(st, 4, c->attempts);
	text(st, 5, c->result);
	int err = apply_run(st);
	if (err || !op->u.command.reason)
		return err;
	st = a->st[ST_COMMAND_NOTE];
	text(st, 1, c->id);
	integer(st, 2, c->muni);
	text(st, 3, op->u.command.reason);
	return apply_run(st);
}

static int op_command(struct vd_apply *a, const struct vd_op *op)
{
	const struct vd_command *c = op->u.command.c;
	sqlite3_stmt *st = a->st[ST_COMMAND];
	const int64_t head[] = {c->muni, c->gateway, c->device, c->placement, c->recipient};
	const int64_t times[] = {c->created_ms, c->expires_ms, c->sent_ms, c->ended_ms};
	int i = 1;
	text(st, i++, c->id);
	for (size_t k = 0; k < sizeof(head) / sizeof(head[0]); k++)
		integer(st, i++, head[k]);
	text(st, i++, vd_verb_name(c->verb));
	integer(st, i++, c->minutes);
	integer(st, i++, c->staff);
	text(st, i++, c->alarm);
	text(st, i++, c->key);
	for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
		integer(st, i++, times[k]);
	text(st, i++, vd_command_state_name(c->state));
	integer(st, i++, c->attempts);
	text(st, i++, c->result);
	int err = apply_run(st);
	return err ? err : command_step(a, op);
}

static int op_watch(struct vd_apply *a, const struct vd_op_watch *w)
{
	sqlite3_stmt *st = a->st[ST_WATCH];
	const int64_t numbers[] = {w->limit_ms,  w->interval_ms, w->stated_ms, w->since_ms,
				   w->tested_ms, w->reminded_ms, w->troubles};
	integer(st, 1, w->device);
	integer(st, 2, w->at_ms);
	text(st, 3, w->class);
	text(st, 4, vd_limit_basis_name(w->basis));
	for (int i = 0; i < 7; i++)
		integer(st, 5 + i, numbers[i]);
	text(st, 12, w->learned);
	text(st, 13, w->shape);
	return apply_run(st);
}

static int apply_op(struct vd_apply *a, const struct vd_op *op)
{
	switch (op->type) {
	case VD_OP_EVENT: return op_event(a, &op->u.event);
	case VD_OP_DEDUP: return 0; /* taken first */
	case VD_OP_ALARM: return op_alarm(a, &op->u.alarm);
	case VD_OP_STEP: return op_step(a, op->u.step);
	case VD_OP_CURSOR:
		integer(a->st[ST_CURSOR], 1, op->u.cursor.seq);
		return apply_run(a->st[ST_CURSOR]);
	case VD_OP_REMEMBER: return op_remember(a, op);
	case VD_OP_QUARANTINE: return op_quarantine(a, op);
	case VD_OP_HEARD: return op_heard(a, op->u.heard);
	case VD_OP_SEEN: return op_seen(a, &op->u.seen);
	case VD_OP_ACCESS: return op_access(a, &op->u.access);
	case VD_OP_COUNT: return op_count(a, &op->u.count);
	case VD_OP_COMMAND: return op_command(a, op);
	case VD_OP_WATCH: return op_watch(a, op->u.watch);
	}
	return VD_EINVAL;
}

int vd_apply_batch(struct vd_apply *a, const struct vd_batch *b, int64_t *ret_first_seq)
{
	int64_t first = 0;
	int err = 0;
	for (size_t i = 0; !err && i < b->n; i++)
		if (b->ops[i].type == VD_OP_DEDUP)
			err = op_dedup(a, &b->ops[i]);
	for (size_t i = 0; !err && i < b->n; i++) {
		if (!first && b->ops[i].type == VD_OP_EVENT)
			first = a->next_seq;
		err = apply_op(a, &b->ops[i]);
	}
	if (!err)
		*ret_first_seq = first;
	return err;
}

/* -- around a commit ------------------------------------------------------------------------ */

void vd_apply_begin(struct vd_apply *a)
{
	a->saved_seq = a->next_seq;
	a->saved_n_logs = a->n_logs;
	memcpy(a->saved_logs, a->logs, a->n_logs * sizeof(a->logs[0]));
	forget_gathered(a);
}

void vd_apply_undo(struct vd_apply *a)
{
	a->next_seq = a->saved_seq;
	a->n_logs = a->saved_n_logs;
	memcpy(a->logs, a->saved_logs, a->n_logs * sizeof(a->logs[0]));
	forget_gathered(a);
	a->n_notes = 0;
}

/* Keys older than a week are past every sender's patience. */
static int prune_dedup(struct vd_apply *a)
{
	int64_t since = a->dedup_at_ms - a->pruned_at_ms;
	if (since > -VD_HOUR_MS && since < VD_HOUR_MS) /* a clock put back starts anew */
		return 0;
	a->pruned_at_ms = a->dedup_at_ms;
	integer(a->st[ST_DEDUP_PRUNE], 1, a->dedup_at_ms - 7 * VD_DAY_MS);
	return apply_run(a->st[ST_DEDUP_PRUNE]);
}

int vd_apply_finish(struct vd_apply *a, bool sign, int64_t wall_ms)
{
	int err = 0;
	for (size_t i = 0; !err && i < a->n_state; i++)
		err = put_state(a, a->state[a->state_used[i]]);
	for (size_t i = 0; !err && i < a->n_rollup; i++)
		err = put_rollup(a, &a->rollup[a->rollup_used[i]]);
	if (!err)
		err = prune_dedup(a);
	if (!err && sign)
		err = apply_sign(a, wall_ms);
	return err;
}

void vd_apply_committed(struct vd_apply *a)
{
	forget_gathered(a);
	apply_publish(a);
}

bool vd_apply_unsigned_rows(const struct vd_apply *a)
{
	for (size_t i = 0; i < a->n_logs; i++)
		if (a->logs[i].tree.size > a->logs[i].signed_size)
			return true;
	return false;
}

int64_t vd_apply_rows(const struct vd_apply *a)
{
	return a->next_seq - 1;
}

/* -- opening -------------------------------------------------------------------------------- */

int vd_apply_open(struct vd_db *db, const struct vd_signer *signer, const char *checkpoint_dir,
		  struct vd_apply **ret, struct vd_errtext *e)
{
	struct vd_apply *a = vd_calloc(1, sizeof(*a));
	if (!a)
		return VD_ENOMEM;
	a->db = db;
	a->signer = signer;
	snprintf(a->checkpoint_dir, sizeof(a->checkpoint_dir), "%s", checkpoint_dir);
	vd_buf_init(&a->body, 4096);
	int r = 0;
	for (int i = 0; !r && i < ST_MAX; i++) {
		a->st[i] = vd_db_prepare(db, sql[i], e);
		r = a->st[i] ? 0 : VD_EIO;
	}
	if (!r)
		r = apply_load(a, e);
	if (r) {
		vd_apply_close(a);
		return r;
	}
	*ret = a;
	return 0;
}

void vd_apply_close(struct vd_apply *a)
{
	if (!a)
		return;
	for (int i = 0; i < ST_MAX; i++)
		sqlite3_finalize(a->st[i]);
	vd_buf_fini(&a->body);
	vd_free(a);
}

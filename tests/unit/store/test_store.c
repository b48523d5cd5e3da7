/* SPDX-License-Identifier: EUPL-1.2 */
/* What every store promises, run over the memory store and SQLite in inline mode (the threaded mode
 * runs the same code and is exercised by the end-to-end tests), and what only SQLite promises:
 * reopening, migrations, checkpoints. */
#include "vdtest.h"
#include "base/mem.h"
#include "sim/runtime_sim.h"
#include "store/db.h"
#include "store/reader.h"
#include "store/store.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define NOW 1772500000000ll

struct box {
	struct vd_runtime *rt;
	struct vd_store *store;
	bool sqlite;
	char dir[64], path[96];
	int log[64], n_log; /* fates in the order told: batch number * 100 - err */
	int64_t first[64];
};

static struct vd_idgen ids;

static struct vd_event event(const char *state, int64_t device)
{
	struct vd_event e;
	uint8_t entropy[10] = {1, 2, 3};
	vd_event_init(&e);
	vd_id_make(&ids, NOW, entropy, e.id);
	e.muni = 3434;
	e.gateway = 1;
	e.device = device;
	e.kind = VD_KIND_DOOR;
	e.severity = 10;
	e.t_ms = e.t_recv_ms = NOW;
	snprintf(e.state, sizeof(e.state), "%s", state);
	return e;
}

static void open_store(struct box *b)
{
	struct vd_errtext e = {0};
	struct vd_store_config cfg = {.path = b->path, .origin = "test", .inline_mode = true};
	int r = b->sqlite ? vd_store_sqlite_open(b->rt, &cfg, &b->store, &e)
			  : vd_store_memory_open(b->rt, &b->store);
	if (r)
		fail_msg("%s: %s", e.fact, e.detail);
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void close_store(struct box *b)
{
	bool closed = false;
	b->store->close(b->store, on_closed, &closed);
	vd_runtime_sim_settle(b->rt);
	assert_true(closed);
	b->store->free(b->store);
}

static int begin(void **state, bool sqlite)
{
	struct box *b = calloc(1, sizeof(*b));
	b->sqlite = sqlite;
	b->rt = vd_runtime_sim_new(NOW, 1);
	snprintf(b->dir, sizeof(b->dir), "/tmp/vd-store-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/varde.db", b->dir);
	open_store(b);
	*state = b;
	return 0;
}

static int begin_memory(void **state)
{
	return begin(state, false);
}
static int begin_sqlite(void **state)
{
	return begin(state, true);
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static int end(void **state)
{
	struct box *b = *state;
	close_store(b);
	vd_runtime_sim_free(b->rt);
	assert_int_equal(nftw(b->dir, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(b);
	return 0;
}

struct tag {
	struct box *b;
	int n;
};

static void on_done(struct vd_batch *batch, int err, int64_t first_seq, void *arg)
{
	struct tag *t = arg;
	(void)batch;
	t->b->first[t->b->n_log] = first_seq;
	t->b->log[t->b->n_log++] = t->n * 100 - err;
	free(t);
}

static struct vd_batch *batch(struct box *b, int n)
{
	struct vd_batch *x = vd_batch_new();
	struct tag *t = malloc(sizeof(*t));
	*t = (struct tag){b, n};
	x->done = on_done;
	x->arg = t;
	return x;
}

static void submit(struct box *b, struct vd_batch *x)
{
	assert_int_equal(b->store->submit(b->store, x), 0);
}

static void told_in_order_in_a_later_turn_exactly_once(void **state)
{
	struct box *b = *state;
	for (int i = 0; i < 5; i++) {
		struct vd_batch *x = batch(b, i);
		struct vd_event e = event(i % 2 ? "open" : "closed", i);
		if (i != 3) /* number 3 is an empty barrier */
			assert_int_equal(vd_batch_event(x, &e), 0);
		submit(b, x);
	}
	assert_int_equal(b->n_log, 0);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->n_log, 5);
	static const int64_t first[] = {1, 2, 3, 0, 4};
	for (int i = 0; i < 5; i++) {
		assert_int_equal(b->log[i], i * 100);
		assert_int_equal(b->first[i], first[i]);
	}
}

static struct vd_batch *keyed(struct box *b, int n, uint64_t key)
{
	struct vd_batch *x = batch(b, n);
	struct vd_event e = event("open", n);
	struct vd_op *op = vd_batch_op(x, VD_OP_DEDUP);
	op->u.dedup.gateway = 1;
	op->u.dedup.key = key;
	op->u.dedup.at_ms = NOW;
	assert_int_equal(vd_batch_event(x, &e), 0);
	return x;
}

static void a_known_key_stops_its_batch_and_no_other(void **state)
{
	struct box *b = *state;
	submit(b, keyed(b, 0, 7));
	submit(b, keyed(b, 1, 7));
	submit(b, keyed(b, 2, 8));
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->log[0], 0);
	assert_int_equal(b->log[1], 100 - VD_EEXIST);
	assert_int_equal(b->log[2], 200);
	assert_int_equal(b->first[2], 2); /* nothing of the second was stored */
}

static struct vd_batch *renewed(struct box *b, int n, int64_t at_ms, int64_t renew_ms)
{
	struct vd_batch *x = keyed(b, n, 7);
	x->ops[0].u.dedup.at_ms = at_ms;
	x->ops[0].u.dedup.renew_ms = renew_ms;
	return x;
}

static void an_old_key_may_be_told_again(void **state)
{
	struct box *b = *state;
	static const struct {
		int64_t at_ms, renew_ms;
		int err;
	} told[] = {{NOW, 1000, 0},
		    {NOW + 999, 1000, VD_EEXIST},
		    {NOW + 1000, 0, VD_EEXIST},
		    {NOW + 1000, 1000, 0}, /* and its time is the newer one now */
		    {NOW + 1999, 1000, VD_EEXIST},
		    {NOW - 500, 1000, 0}, /* a clock that was put back */
		    {NOW - 501, 1000, VD_EEXIST}};
	for (int i = 0; i < 7; i++)
		submit(b, renewed(b, i, told[i].at_ms, told[i].renew_ms));
	vd_runtime_sim_settle(b->rt);
	for (int i = 0; i < 7; i++)
		assert_int_equal(b->log[i], i * 100 - told[i].err);
}

static void full_at_the_ceiling_but_alarms_still_pass(void **state)
{
	struct box *b = *state;
	int accepted = 0, lane = 0;
	for (;; accepted++) {
		struct vd_batch *x = vd_batch_new();
		if (b->store->submit(b->store, x)) {
			vd_batch_free(x);
			break;
		}
	}
	for (;; lane++) {
		struct vd_batch *x = vd_batch_new();
		x->alarm_lane = true;
		if (b->store->submit(b->store, x)) {
			vd_batch_free(x);
			break;
		}
	}
	assert_int_equal(accepted, VD_MAX_STORE_BATCHES - VD_ALARM_LANE_RESERVE);
	assert_int_equal(lane, VD_ALARM_LANE_RESERVE);
	vd_runtime_sim_settle(b->rt);
	submit(b, batch(b, 1));
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->log[0], 100);
}

static struct vd_alarm alarm_of(const struct vd_event *e)
{
	struct vd_alarm a = {.muni = e->muni,
			     .gateway = 1,
			     .device = e->device,
			     .placement = 4,
			     .recipient = 5,
			     .kind = VD_KIND_FALL,
			     .priority = 40,
			     .condition = VD_COND_RETURNED,
			     .handling = VD_H_EN_ROUTE,
			     .raised_at_ms = 11,
			     .received_at_ms = NOW - 12,
			     .last_at_ms = 13,
			     .returned_at_ms = 14,
			     .acked_at_ms = 15,
			     .first_ack_at_ms = 16,
			     .on_site_at_ms = 17,
			     .owner = 19,
			     .target = 20,
			     .handled_at_ms = 21,
			     .deadline_ms = 22,
			     .shelved_until_ms = 23,
			     .count = 24,
			     .repeat_24h = 25,
			     .level = 2,
			     .realerts = 26,
			     .outcome = VD_OUT_HELPED,
			     .flags = VD_F_FOUND,
			     .version = 27};
	memcpy(a.id, e->id, sizeof(a.id));
	memcpy(a.cause_event, e->id, sizeof(a.id));
	snprintf(a.state, sizeof(a.state), "confirmed");
	return a;
}

static struct vd_op_watch watched(void)
{
	struct vd_op_watch w;
	memset(&w, 0, sizeof(w)); /* compared whole */
	w.device = 9;
	w.at_ms = NOW;
	snprintf(w.class, sizeof(w.class), "sensor");
	w.basis = VD_LIMIT_LEARNED;
	w.limit_ms = 9900000;
	w.interval_ms = 3300000;
	w.stated_ms = 5;
	w.since_ms = NOW - 9;
	w.tested_ms = NOW - 8;
	w.reminded_ms = NOW - 7;
	w.troubles = 6;
	snprintf(w.learned, sizeof(w.learned), "12:26:85800");
	snprintf(w.shape, sizeof(w.shape), "7 0 20500 0 1 2 3 4 5 6");
	return w;
}

static void store_everything(struct box *b, struct vd_event *e, struct vd_alarm *a)
{
	struct vd_batch *x = batch(b, 1);
	*e = event("open", 9);
	*a = alarm_of(e);
	struct vd_alarm_step s = {
		.n = 1, .muni = 3434, .step = VD_STEP_NOTE, .at_ms = NOW, .staff = 3};
	memcpy(s.alarm, a->id, sizeof(s.alarm));
	snprintf(s.note, sizeof(s.note), "Hun sitter på gulvet");
	assert_int_equal(vd_batch_event(x, e), 0);
	assert_int_equal(vd_batch_alarm(x, a), 0);
	assert_int_equal(vd_batch_step(x, &s), 0);
	assert_int_equal(vd_batch_frame(x, VD_OP_REMEMBER, 1, 2, VD_SPAN_LIT("z/bridge/devices"),
					vd_span("[\0]", 3), NOW),
			 0);
	struct vd_op *op = vd_batch_op(x, VD_OP_SEEN);
	op->u.seen.device = 9;
	op->u.seen.at_ms = NOW;
	for (int i = 0; i < 2; i++) { /* the newest of a device counts */
		struct vd_op_watch w = watched();
		w.limit_ms = i ? w.limit_ms : 1;
		assert_int_equal(vd_batch_watch(x, &w), 0);
	}
	submit(b, x);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->log[0], 100);
}

/* Memory keeps its contents through a crash; SQLite through closing and opening the file. */
static void reopen(struct box *b)
{
	if (!b->sqlite) {
		vd_store_memory_crash(b->store);
		return;
	}
	close_store(b);
	open_store(b);
}

static void what_was_stored_comes_back_at_boot(void **state)
{
	struct box *b = *state;
	struct vd_event e;
	struct vd_alarm a;
	struct vd_boot boot;
	struct vd_errtext err = {0};
	store_everything(b, &e, &a);
	reopen(b);
	if (!b->sqlite)
		vd_store_memory_set_directory(b->store, vd_calloc(1, sizeof(struct vd_directory)));
	assert_int_equal(b->store->boot(b->store, &boot, &err), 0);
	assert_int_equal(boot.n_alarms, 1);
	assert_memory_equal(&boot.alarms[0], &a, sizeof(a));
	assert_int_equal(boot.n_cells, 1);
	assert_string_equal(boot.cells[0].state, "open");
	assert_int_equal(boot.n_events, 1); /* the cursor was never moved */
	assert_memory_equal(&boot.events[0], &e, sizeof(e));
	assert_int_equal(boot.event_seq[0], 1);
	assert_int_equal(boot.n_seen, 1);
	assert_int_equal(boot.n_watches, 1);
	struct vd_op_watch w = watched();
	assert_memory_equal(&boot.watches[0], &w, sizeof(w));
	assert_int_equal(boot.n_remembered, 1);
	assert_int_equal(boot.remembered[0].body_n, 3);
	vd_boot_free(&boot);
}

static void seen(struct box *b, int n, int64_t at_ms)
{
	struct vd_batch *x = batch(b, n);
	struct vd_op *op = vd_batch_op(x, VD_OP_SEEN);
	op->u.seen.device = 9;
	op->u.seen.at_ms = at_ms;
	submit(b, x);
	vd_runtime_sim_settle(b->rt);
}

/* Heard while the clock was years ahead, and again when it was right. */
static void last_heard_is_the_newest_word_not_the_highest(void **state)
{
	struct box *b = *state;
	struct vd_boot boot;
	struct vd_errtext err = {0};
	seen(b, 1, NOW + 300000000000ll);
	seen(b, 2, NOW);
	reopen(b);
	if (!b->sqlite)
		vd_store_memory_set_directory(b->store, vd_calloc(1, sizeof(struct vd_directory)));
	assert_int_equal(b->store->boot(b->store, &boot, &err), 0);
	assert_int_equal(boot.n_seen, 1);
	assert_int_equal(boot.seen[0].at_ms, NOW);
	vd_boot_free(&boot);
}

static void count(struct box *b, const char *name)
{
	struct vd_batch *x = batch(b, 1);
	struct vd_op *op = vd_batch_op(x, VD_OP_COUNT);
	op->u.count.device = 9;
	op->u.count.muni = 3434;
	op->u.count.day = 20783;
	op->u.count.n = 1;
	snprintf(op->u.count.name, sizeof(op->u.count.name), "%s", name);
	b->n_log = 0;
	submit(b, x);
	vd_runtime_sim_settle(b->rt);
}

/* A device that invents a name for every message fills a day's counters and no more; what has one
 * keeps it, and nothing is lost. */
static void counters_have_a_ceiling_and_lose_nothing(void **state)
{
	struct box *b = *state;
	struct vd_db *db;
	struct vd_errtext e = {0};
	for (int i = 0; i < 3 * VD_MAX_COUNTERS_DEVICE; i++) {
		char name[64];
		snprintf(name, sizeof(name), "unknown:field%d=text", i);
		count(b, name);
		count(b, "unknown:field0=text");
	}
	assert_int_equal(vd_db_open(b->path, VD_DB_READ, &db, &e), 0);
	sqlite3_stmt *st = vd_db_prepare(
		db,
		"SELECT count(*), sum(n), max(n * (name = 'unknown:field0=text')), max(n * (name = "
		"'unknown:=')) FROM device_count",
		NULL);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(st, 0), VD_MAX_COUNTERS_DEVICE + 1);
	assert_int_equal(sqlite3_column_int(st, 1), 6 * VD_MAX_COUNTERS_DEVICE);
	assert_int_equal(sqlite3_column_int(st, 2), 3 * VD_MAX_COUNTERS_DEVICE + 1);
	assert_int_equal(sqlite3_column_int(st, 3), 2 * VD_MAX_COUNTERS_DEVICE);
	sqlite3_finalize(st);
	vd_db_close(db);
}

static bool on_step(const struct vd_alarm_step *s, void *arg)
{
	snprintf(arg, 64, "%s by %lld: %.40s", vd_step_name(s->step), (long long)s->staff, s->note);
	return true;
}

static void steps_and_notes_are_read_within_the_scope_only(void **state)
{
	struct box *b = *state;
	struct vd_event e;
	struct vd_alarm a;
	char text[64] = "";
	struct vd_db *db;
	struct vd_errtext err = {0};
	store_everything(b, &e, &a);
	assert_int_equal(vd_db_open(b->path, VD_DB_READ, &db, &err), 0);
	struct vd_reader r = {.db = db};
	struct vd_scope lom = {.munis = {3434}}, lesja = {.munis = {3432}};
	assert_int_equal(vd_reader_steps(&r, &lesja, a.id, on_step, text), VD_ENOTFOUND);
	assert_string_equal(text, "");
	assert_int_equal(vd_reader_steps(&r, &lom, a.id, on_step, text), 0);
	assert_string_equal(text, "note by 3: Hun sitter på gulvet");
	vd_db_close(db);
}

static void on_directory(struct vd_directory *take_d, int err, void *arg)
{
	assert_int_equal(err, 0);
	*(struct vd_directory **)arg = take_d;
}

/* Whoever lives through the past must not find that its shifts ended long ago. */
static void a_directory_read_anew_has_the_shifts_of_the_runtimes_day(void **state)
{
	struct box *b = *state;
	struct vd_db *db;
	struct vd_errtext e = {0};
	struct vd_directory *d = NULL;
	char sql[200];
	snprintf(sql, sizeof(sql),
		 "INSERT INTO shift (muni, staff, from_t, to_t) VALUES (3434, 1, %lld, %lld)",
		 NOW - 3600000, NOW + 3600000);
	assert_int_equal(vd_db_open(b->path, VD_DB_WRITE, &db, &e), 0);
	assert_int_equal(
		vd_db_exec(db, "INSERT INTO municipality (number, name) VALUES (3434, 'Lom')", &e),
		0);
	assert_int_equal(vd_db_exec(db,
				    "INSERT INTO staff (id, muni, user, name, roles) VALUES (1, "
				    "3434, 'x', 'X', 1)",
				    &e),
			 0);
	assert_int_equal(vd_db_exec(db, sql, &e), 0);
	assert_int_equal(vd_db_bump_directory(db, &e), 0);
	vd_db_close(db);
	assert_int_equal(b->store->directory(b->store, 1, on_directory, &d), 0);
	vd_runtime_sim_settle(b->rt);
	assert_non_null(d);
	assert_int_equal(d->n_shifts, 1);
	vd_directory_free(d);
}

static void store_command(struct box *b, int n, const struct vd_command *c, const char *reason)
{
	struct vd_batch *x = batch(b, n);
	assert_int_equal(vd_batch_command(x, c, reason, NOW + n), 0);
	submit(b, x);
	vd_runtime_sim_settle(b->rt);
}

static const struct vd_command wish = {.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
				       .muni = 3434,
				       .gateway = 1,
				       .device = 9,
				       .placement = 4,
				       .recipient = 7,
				       .verb = VD_CMD_UNLOCK,
				       .staff = 3,
				       .alarm = "01ARZ3NDEKTSV4RRFFQ69G5FAA",
				       .key = "klikk",
				       .created_ms = NOW,
				       .expires_ms = NOW + 60000,
				       .state = VD_CS_QUEUED};

static void a_command_comes_back_as_it_was_last(void **state)
{
	struct box *b = *state;
	struct vd_command c = wish, old = wish;
	struct vd_boot boot;
	struct vd_errtext err = {0};
	store_command(b, 1, &c, "Svarer ikke");
	c.state = VD_CS_SENT;
	c.attempts = 1;
	c.sent_ms = NOW + 5;
	store_command(b, 2, &c, NULL);
	if (b->sqlite) { /* one that ended long ago need not be known */
		memcpy(old.id, "01ARZ3NDEKTSV4RRFFQ69G5FAX", sizeof(old.id));
		old.created_ms = old.ended_ms = NOW - 2 * 3600000;
		store_command(b, 3, &old, NULL);
	}
	reopen(b);
	if (!b->sqlite)
		vd_store_memory_set_directory(b->store, vd_calloc(1, sizeof(struct vd_directory)));
	assert_int_equal(b->store->boot(b->store, &boot, &err), 0);
	assert_int_equal(boot.n_commands, 1);
	assert_memory_equal(&boot.commands[0], &c, sizeof(c));
	vd_boot_free(&boot);
}

static bool on_command(const struct vd_command *c, const char *reason, void *arg)
{
	snprintf(arg, 64, "%s %s: %.40s", vd_verb_name(c->verb), vd_command_state_name(c->state),
		 reason);
	return true;
}

static void commands_are_read_within_the_scope_with_their_reason(void **state)
{
	struct box *b = *state;
	struct vd_db *db;
	struct vd_errtext err = {0};
	char text[64] = "";
	struct vd_command c = wish;
	store_command(b, 1, &c, "Svarer ikke");
	c.state = VD_CS_DONE;
	c.ended_ms = NOW + 9;
	store_command(b, 2, &c, NULL); /* the reason stays */
	assert_int_equal(vd_db_open(b->path, VD_DB_READ, &db, &err), 0);
	struct vd_reader r = {.db = db};
	struct vd_scope lom = {.munis = {3434}}, lesja = {.munis = {3432}};
	const struct vd_command_filter all = {0}, mine = {.alarm = wish.alarm, .device = 9},
				       other = {.alarm = wish.id};
	assert_int_equal(vd_reader_commands(&r, &lesja, &all, on_command, text), 0);
	assert_int_equal(vd_reader_commands(&r, &lom, &other, on_command, text), 0);
	assert_string_equal(text, "");
	assert_int_equal(vd_reader_commands(&r, &lom, &mine, on_command, text), 0);
	assert_string_equal(text, "unlock done: Svarer ikke");
	vd_db_close(db);
}

static void a_newer_database_is_refused(void **state)
{
	struct box *b = *state;
	struct vd_db *db;
	struct vd_errtext e = {0};
	assert_int_equal(vd_db_open(b->path, VD_DB_WRITE, &db, &e), 0);
	assert_int_equal(vd_db_exec(db, "PRAGMA user_version = 999", &e), 0);
	vd_db_close(db);
	assert_int_equal(vd_db_open(b->path, VD_DB_CREATE, &db, &e), VD_EVERSION);
	assert_non_null(strstr(e.detail, "999"));
	struct vd_db back = {0};
	assert_int_equal(sqlite3_open(b->path, &back.h), SQLITE_OK);
	sqlite3_exec(back.h, "PRAGMA user_version = 1", NULL, NULL, NULL);
	sqlite3_close(back.h);
}

#define BOTH(fn)                                                                                   \
	{#fn " (memory)", fn, begin_memory, end, NULL},                                            \
	{                                                                                          \
#fn " (sqlite)", fn, begin_sqlite, end, NULL                                       \
	}
#define SQLITE(fn)                                                                                 \
	{                                                                                          \
#fn, fn, begin_sqlite, end, NULL                                                   \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(told_in_order_in_a_later_turn_exactly_once),
		BOTH(a_known_key_stops_its_batch_and_no_other),
		BOTH(an_old_key_may_be_told_again),
		BOTH(full_at_the_ceiling_but_alarms_still_pass),
		BOTH(what_was_stored_comes_back_at_boot),
		BOTH(last_heard_is_the_newest_word_not_the_highest),
		SQLITE(steps_and_notes_are_read_within_the_scope_only),
		SQLITE(a_directory_read_anew_has_the_shifts_of_the_runtimes_day),
		BOTH(a_command_comes_back_as_it_was_last),
		SQLITE(commands_are_read_within_the_scope_with_their_reason),
		SQLITE(a_newer_database_is_refused),
		SQLITE(counters_have_a_ceiling_and_lose_nothing),
	};
	return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}

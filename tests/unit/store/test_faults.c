/* SPDX-License-Identifier: EUPL-1.2 */
/* The disk in the middle of a group of commits: whoever waits is told "busy", nothing in memory is
 * ahead of the journal, and what was told as stored is there afterwards and verifies. */
#include "faulty_vfs.h"
#include "vdtest.h"
#include "base/mem.h"
#include "sim/runtime_sim.h"
#include "store/db.h"
#include "store/store.h"
#include "store/verify.h"
#include <ftw.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW 1772500000000ll

struct box {
	struct vd_runtime *rt;
	struct vd_store *store;
	char dir[64], path[96];
	int stored, busy, other;
	int64_t first; /* of the newest batch told as stored */
};

static struct vd_idgen ids;

static struct vd_event event(void)
{
	struct vd_event e;
	uint8_t entropy[10] = {1, 2, 3};
	vd_event_init(&e);
	vd_id_make(&ids, NOW, entropy, e.id);
	e.muni = 3434;
	e.gateway = 1;
	e.device = 7;
	e.kind = VD_KIND_SOS;
	e.severity = 40;
	e.t_ms = e.t_recv_ms = NOW;
	snprintf(e.state, sizeof(e.state), "on");
	return e;
}

static void open_store(struct box *b)
{
	struct vd_errtext e = {0};
	struct vd_store_config cfg = {.path = b->path, .origin = "test", .inline_mode = true};
	if (vd_store_sqlite_open(b->rt, &cfg, &b->store, &e))
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

static int begin(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	memset(&faulty, 0, sizeof(faulty));
	b->rt = vd_runtime_sim_new(NOW, 1);
	snprintf(b->dir, sizeof(b->dir), "/tmp/vd-fault-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	snprintf(b->path, sizeof(b->path), "%s/varde.db", b->dir);
	open_store(b);
	*state = b;
	return 0;
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
	memset(&faulty, 0, sizeof(faulty));
	close_store(b);
	vd_runtime_sim_free(b->rt);
	assert_int_equal(nftw(b->dir, drop, 8, FTW_DEPTH | FTW_PHYS), 0);
	free(b);
	return 0;
}

static void on_done(struct vd_batch *batch, int err, int64_t first_seq, void *arg)
{
	struct box *b = arg;
	(void)batch;
	b->stored += err == 0;
	b->busy += err == VD_EBUSY;
	b->other += err && err != VD_EBUSY;
	if (!err)
		b->first = first_seq;
}

static void submit(struct box *b, struct vd_batch *x)
{
	x->done = on_done;
	x->arg = b;
	assert_int_equal(b->store->submit(b->store, x), 0);
}

static void submit_events(struct box *b, int n)
{
	for (int i = 0; i < n; i++) {
		struct vd_batch *x = vd_batch_new();
		struct vd_event e = event();
		assert_int_equal(vd_batch_event(x, &e), 0);
		submit(b, x);
	}
	vd_runtime_sim_settle(b->rt);
}

static enum vd_store_health health(struct box *b)
{
	struct vd_store_stats s;
	b->store->stats(b->store, &s);
	return s.health;
}

static struct vd_finding verify(struct box *b)
{
	struct vd_errtext e = {0};
	struct vd_finding list[4] = {{0}};
	struct vd_verifier *v;
	struct vd_db *db;
	size_t n = 0;
	char text[512] = "", dir[128], key[160];
	snprintf(dir, sizeof(dir), "%s/checkpoints", b->dir);
	snprintf(key, sizeof(key), "%s/key.pub", dir);
	FILE *f = fopen(key, "r");
	assert_non_null(f);
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	assert_int_equal(vd_verifier_open(vd_span_cstr(text), &v), 0);
	assert_int_equal(vd_db_open(b->path, VD_DB_READ, &db, &e), 0);
	assert_int_equal(vd_verify(db, v, dir, list, 4, &n, &e), 0);
	vd_db_close(db);
	vd_verifier_close(v);
	assert_int_equal(n, 1);
	return list[0];
}

static void recover(struct box *b, int rows)
{
	memset(&faulty, 0, sizeof(faulty));
	b->stored = b->busy = 0;
	submit_events(b, 2);
	assert_int_equal(b->stored, 2);
	assert_int_equal(b->first, rows + 2); /* no number was used by what failed */
	assert_int_equal(health(b), VD_STORE_OK);
	close_store(b);
	open_store(b);
	struct vd_finding f = verify(b);
	assert_int_equal(f.fault, VD_INTACT);
	assert_int_equal(f.rows, rows + 2);
	assert_int_equal(f.signed_rows, rows + 2);
}

static void a_sync_that_fails_is_busy_for_all_of_the_group(void **state)
{
	struct box *b = *state;
	submit_events(b, 3);
	faulty.sync_rc = SQLITE_IOERR_FSYNC;
	submit_events(b, 5);
	assert_int_equal(b->stored, 3);
	assert_int_equal(b->busy, 5);
	assert_int_equal(health(b), VD_STORE_ERROR);
	recover(b, 3);
}

static void a_full_disk_is_told_as_full(void **state)
{
	struct box *b = *state;
	submit_events(b, 3);
	faulty.write_rc = SQLITE_FULL;
	submit_events(b, 5);
	assert_int_equal(b->stored, 3);
	assert_int_equal(b->busy, 5);
	assert_int_equal(health(b), VD_STORE_FULL);
	recover(b, 3);
}

static void somebody_else_writing_is_busy(void **state)
{
	struct box *b = *state;
	submit_events(b, 1);
	faulty.locked = true;
	submit_events(b, 2);
	assert_int_equal(b->busy, 2);
	recover(b, 1);
}

/* The fault at every write in turn: the number of rows is the number that was told. */
static void wherever_it_fails_the_count_is_the_count_told(void **state)
{
	struct box *b = *state;
	int rows = 0;
	for (int after = 0; after < 24; after++) {
		b->stored = b->busy = b->other = 0;
		faulty = (struct faulty_vfs){.write_rc = SQLITE_IOERR_WRITE,
					     .sync_rc = SQLITE_IOERR_FSYNC,
					     .after = after};
		submit_events(b, 4);
		assert_int_equal(b->stored + b->busy, 4);
		rows += b->stored;
	}
	recover(b, rows);
}

/* A row that breaks a rule of the tables is no duplicate: that would be a false yes. */
static void a_broken_constraint_is_never_told_as_stored_before(void **state)
{
	struct box *b = *state;
	struct vd_batch *x = vd_batch_new();
	struct vd_event e = event();
	struct vd_op_heard h = {.muni = 3434, .gateway = 99, .device = 5, .family = "f"};
	assert_int_equal(vd_batch_event(x, &e), 0);
	assert_int_equal(vd_batch_heard(x, &h), 0); /* of a gateway that is not there */
	submit(b, x);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->stored, 1);
	assert_int_equal(b->first, 1);
	assert_int_equal(b->other, 0);
	recover(b, 1);
}

static void store_alarms(struct box *b, int n)
{
	for (int i = 0; i < n; i++) {
		struct vd_batch *x = vd_batch_new();
		struct vd_event e = event();
		struct vd_alarm a = {.muni = 3434,
				     .kind = VD_KIND_SOS,
				     .handling = VD_H_NEW,
				     .received_at_ms = NOW};
		memcpy(a.id, e.id, sizeof(a.id));
		memcpy(a.cause_event, e.id, sizeof(a.cause_event));
		assert_int_equal(vd_batch_event(x, &e), 0);
		assert_int_equal(vd_batch_alarm(x, &a), 0);
		submit(b, x);
	}
	vd_runtime_sim_settle(b->rt);
}

static void a_start_that_cannot_read_all_alarms_does_not_start_with_some(void **state)
{
	struct box *b = *state;
	struct vd_boot boot;
	struct vd_errtext e = {0};
	store_alarms(b, 2000);
	assert_int_equal(b->stored, 2000);
	close_store(b);
	open_store(b);
	faulty.read_rc = SQLITE_IOERR_READ;
	assert_int_not_equal(b->store->boot(b->store, &boot, &e), 0);
	faulty.read_rc = 0;
	assert_int_equal(b->store->boot(b->store, &boot, &e), 0);
	assert_int_equal(boot.n_alarms, 2000);
	vd_boot_free(&boot);
}

static void run_sql(struct box *b, const char *sql)
{
	sqlite3 *db;
	assert_int_equal(sqlite3_open(b->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void rows_cut_off_are_named_and_new_ones_are_still_assessed(void **state)
{
	struct box *b = *state;
	submit_events(b, 10);
	struct vd_batch *x = vd_batch_new();
	vd_batch_op(x, VD_OP_CURSOR)->u.cursor.seq = 10;
	submit(b, x);
	vd_runtime_sim_settle(b->rt);
	close_store(b);
	run_sql(b, "DELETE FROM journal WHERE seq > 6; DELETE FROM checkpoint; "
		   "DELETE FROM municipality");
	open_store(b);
	struct vd_finding f = verify(b);
	assert_int_equal(f.fault, VD_CUT);
	assert_int_equal(f.first_bad, 6);
	submit_events(b, 1);
	assert_int_equal(b->first, 11); /* past the cursor: a crash now loses nothing */
}

/* Another program has put a row where the next one belongs: busy, never "refused" or "known". */
static void a_row_that_is_not_ours_makes_us_busy(void **state)
{
	struct box *b = *state;
	submit_events(b, 2);
	run_sql(b, "INSERT INTO journal VALUES (3, 1, 3434, 2, 'x', x'00')");
	submit_events(b, 2);
	assert_int_equal(b->busy, 2);
	assert_int_equal(b->other, 0);
	assert_int_equal(health(b), VD_STORE_ERROR);
	run_sql(b, "DELETE FROM journal WHERE seq = 3");
	recover(b, 2);
}

static void a_second_hub_on_the_same_database_is_refused(void **state)
{
	struct box *b = *state;
	struct vd_store *second = NULL;
	struct vd_errtext e = {0};
	struct vd_store_config cfg = {.path = b->path, .origin = "test", .inline_mode = true};
	assert_int_equal(vd_store_sqlite_open(b->rt, &cfg, &second, &e), VD_EBUSY);
	assert_non_null(strstr(e.fact, "another varde"));
	submit_events(b, 1);
	assert_int_equal(b->stored, 1);
}

static void a_new_key_does_not_wipe_out_the_old_ones_word(void **state)
{
	struct box *b = *state;
	char path[160];
	submit_events(b, 2);
	close_store(b);
	snprintf(path, sizeof(path), "%s/checkpoint.key", b->dir);
	assert_int_equal(remove(path), 0);
	open_store(b);
	struct vd_finding f = verify(b);
	assert_int_equal(f.fault, VD_UNSIGNED); /* and not a silent "intact" */
	glob_t found = {0};
	snprintf(path, sizeof(path), "%s/checkpoints/key.*.pub", b->dir);
	assert_int_equal(glob(path, 0, NULL, &found), 0);
	assert_int_equal(found.gl_pathc, 1);
	globfree(&found);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	faulty_vfs_install();
	const struct CMUnitTest tests[] = {
		T(a_sync_that_fails_is_busy_for_all_of_the_group),
		T(a_full_disk_is_told_as_full),
		T(somebody_else_writing_is_busy),
		T(wherever_it_fails_the_count_is_the_count_told),
		T(a_broken_constraint_is_never_told_as_stored_before),
		T(a_start_that_cannot_read_all_alarms_does_not_start_with_some),
		T(rows_cut_off_are_named_and_new_ones_are_still_assessed),
		T(a_row_that_is_not_ours_makes_us_busy),
		T(a_second_hub_on_the_same_database_is_refused),
		T(a_new_key_does_not_wipe_out_the_old_ones_word),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

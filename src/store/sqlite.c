/* SPDX-License-Identifier: EUPL-1.2 */
/* The SQLite store: a writer thread that commits whole queues, a reader thread that serves read
 * jobs.
 *
 *   loop: submit -> queue -> writer: BEGIN, every batch, COMMIT (one fsync) -> done list -> waker
 * -> loop
 *
 * Group commit without a linger: the writer takes whatever waits the moment it is free, so an idle
 * hub pays one fsync of latency and a busy one spreads it over everything that arrived meanwhile.
 * A commit that fails is rolled back and tried again batch by batch, so that one batch that cannot
 * be stored does not take its neighbours with it. In inline mode the same code runs in a deferred
 * call of the loop, without threads. */
#include "store/apply.h"
#include "store/boot.h"
#include "store/reader.h"
#include "store/store.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define READ_JOBS_MAX        256
#define WAL_CHECKPOINT_PAGES 4000  /* 16 MB */
#define WAL_MAX_PAGES        65536 /* 256 MB: only a read that takes minutes lets it grow so far */
#define READ_LONG_NS         30000000000 /* a read job younger than this is not the reason */

struct read_job {
	struct vd_link link;
	vd_read_fn fn;
	void *arg;
	vd_read_done done;
	void *done_arg;
	int err;
};

struct store {
	struct vd_store port;
	struct vd_runtime *rt;
	struct vd_store_config cfg;
	char dir[512];
	int lock_fd; /* held while we serve this database; -1 = could not be made */
	struct vd_signer *signer;
	struct vd_db *db, *read_db; /* the writer's, the reader's */
	struct vd_apply *apply;
	struct vd_waker *waker;
	struct vd_deferred turn; /* inline mode */
	pthread_t writer, reader;
	bool writer_runs, reader_runs;

	pthread_mutex_t lock; /* everything below */
	pthread_cond_t work, read_work;
	struct vd_link queue, done, reads, reads_done;
	size_t queued, queued_bytes, n_reads;
	bool closing, writer_waits;
	int64_t job_since_ns; /* the reader's job, 0 = none */
	struct vd_store_stats stats;

	int64_t signed_mono_ms; /* writer's */
	int failed_rc;          /* writer's: SQLite's word on the newest failure */
	bool failed_full;
	void (*on_closed)(void *arg);
	void *on_closed_arg;
	bool writer_ended, reader_ended;
};

static void set_fate(struct vd_batch *b, int err, int64_t first_seq)
{
	b->fate = err;
	b->fate_seq = first_seq;
}

static int64_t mono_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t wall_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* -- the writer ----------------------------------------------------------------------------- */

static int64_t now_wall(struct store *s)
{
	return s->cfg.inline_mode ? s->rt->wall_ms(s->rt) : wall_ms();
}

static bool sign_due(struct store *s)
{
	int64_t every = s->cfg.checkpoint_ms ? s->cfg.checkpoint_ms : 1000;
	return mono_ns() / 1000000 - s->signed_mono_ms >= every;
}

/* What SQLite and the system said, before anything else is asked of them. */
static void note_failure(struct store *s)
{
	s->failed_rc = sqlite3_extended_errcode(s->db->h);
	s->failed_full =
		(s->failed_rc & 0xFF) == SQLITE_FULL ||
		((s->failed_rc & 0xFF) == SQLITE_IOERR && sqlite3_system_errno(s->db->h) == ENOSPC);
}

static void note_health(struct store *s, int err)
{
	pthread_mutex_lock(&s->lock);
	if (err)
		s->stats.failures++;
	s->stats.health = !err ? VD_STORE_OK : s->failed_full ? VD_STORE_FULL : VD_STORE_ERROR;
	pthread_mutex_unlock(&s->lock);
}

/* One transaction over `list`; on success the fates are set, on failure nothing has happened. */
static int commit(struct store *s, struct vd_link *list, bool sign)
{
	int64_t from = mono_ns();
	int err = vd_db_begin(s->db, NULL);
	if (err) {
		note_failure(s);
		return err;
	}
	vd_apply_begin(s->apply);
	int64_t events = 0, batches = 0;
	VD_LIST_EACH(it, list)
	{
		struct vd_batch *b = VD_CONTAINER(it, struct vd_batch, link);
		int64_t first = 0;
		err = vd_apply_batch(s->apply, b, &first);
		if (err && err != VD_EEXIST)
			break;
		set_fate(b, err, first);
		batches++;
		err = 0;
	}
	int64_t rows = vd_apply_rows(s->apply);
	if (!err)
		err = vd_apply_finish(s->apply, sign, now_wall(s));
	if (!err)
		err = vd_db_commit(s->db, NULL);
	if (err) {
		note_failure(s);
		vd_db_rollback(s->db);
		vd_apply_undo(s->apply);
		return err;
	}
	vd_apply_committed(s->apply);
	if (sign)
		s->signed_mono_ms = mono_ns() / 1000000;
	int64_t took = mono_ns() - from;
	pthread_mutex_lock(&s->lock);
	events = rows - s->stats.journal_rows;
	s->stats.journal_rows = rows;
	s->stats.commits++;
	s->stats.batches += batches;
	s->stats.events += events;
	s->stats.commit_ns_sum += took;
	if (took > s->stats.commit_ns_max)
		s->stats.commit_ns_max = took;
	pthread_mutex_unlock(&s->lock);
	return 0;
}

/* What the submitter hears: a batch that is wrong in itself, or a disk that will not. */
static int fate_of(int err)
{
	return err == VD_EINVAL || err == VD_EEXIST || err == VD_ELIMIT ? VD_EINVAL : VD_EBUSY;
}

static void commit_one_by_one(struct store *s, struct vd_link *list)
{
	struct vd_link rest, *l;
	bool disk = false;
	vd_list_init(&rest);
	while ((l = vd_list_pop(list))) {
		struct vd_batch *b = VD_CONTAINER(l, struct vd_batch, link);
		struct vd_link alone;
		vd_list_init(&alone);
		vd_list_push_back(&alone, l);
		int err = disk ? VD_EBUSY : commit(s, &alone, false);
		if (err) {
			set_fate(b, fate_of(err), 0);
			disk |= fate_of(err) == VD_EBUSY;
		}
		vd_list_remove(l);
		vd_list_push_back(&rest, l);
		note_health(s, disk ? VD_EIO : 0);
	}
	while ((l = vd_list_pop(&rest)))
		vd_list_push_back(list, l);
}

static void commit_all(struct store *s, struct vd_link *list)
{
	int err = commit(s, list, sign_due(s));
	if (!err)
		note_health(s, 0);
	else
		commit_one_by_one(s, list);
}

static void take_all(struct vd_link *from, struct vd_link *to)
{
	struct vd_link *l;
	vd_list_init(to);
	while ((l = vd_list_pop(from)))
		vd_list_push_back(to, l);
}

/* Waits for work; with rows not yet under a checkpoint, no longer than until that is due. */
static void wait_for_work(struct store *s)
{
	s->writer_waits = true;
	if (vd_apply_unsigned_rows(s->apply)) {
		struct timespec until;
		int64_t every = s->cfg.checkpoint_ms ? s->cfg.checkpoint_ms : 1000;
		clock_gettime(CLOCK_MONOTONIC, &until); /* a stepped clock delays no signature */
		until.tv_sec += every / 1000;
		until.tv_nsec += every % 1000 * 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_sec++;
			until.tv_nsec -= 1000000000;
		}
		pthread_cond_timedwait(&s->work, &s->lock, &until);
	} else {
		pthread_cond_wait(&s->work, &s->lock);
	}
	s->writer_waits = false;
}

static void sign_now(struct store *s)
{
	struct vd_link none;
	vd_list_init(&none);
	if (vd_apply_unsigned_rows(s->apply))
		(void)commit(s, &none, true); /* a full disk: signed with the next that works */
}

static void *writer_main(void *arg)
{
	struct store *s = arg;
	struct vd_link mine;
	pthread_mutex_lock(&s->lock);
	for (;;) {
		if (vd_list_empty(&s->queue)) {
			if (s->closing)
				break;
			wait_for_work(s);
			if (vd_list_empty(&s->queue) && sign_due(s)) {
				pthread_mutex_unlock(&s->lock);
				sign_now(s);
				pthread_mutex_lock(&s->lock);
			}
			continue;
		}
		take_all(&s->queue, &mine);
		s->queued = s->queued_bytes = 0;
		pthread_mutex_unlock(&s->lock);
		commit_all(s, &mine);
		pthread_mutex_lock(&s->lock);
		struct vd_link *l;
		while ((l = vd_list_pop(&mine)))
			vd_list_push_back(&s->done, l);
		s->rt->waker_wake(s->waker);
	}
	pthread_mutex_unlock(&s->lock);
	sign_now(s);
	pthread_mutex_lock(&s->lock);
	s->writer_ended = true;
	s->rt->waker_wake(s->waker);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* -- the reader ----------------------------------------------------------------------------- */

static void *reader_main(void *arg)
{
	struct store *s = arg;
	struct vd_reader r = {.db = s->read_db};
	pthread_mutex_lock(&s->lock);
	for (;;) {
		struct vd_link *l = vd_list_pop(&s->reads);
		if (!l) {
			if (s->closing)
				break;
			pthread_cond_wait(&s->read_work, &s->lock);
			continue;
		}
		struct read_job *j = VD_CONTAINER(l, struct read_job, link);
		s->job_since_ns = mono_ns();
		pthread_mutex_unlock(&s->lock);
		j->err = j->fn(&r, j->arg);
		pthread_mutex_lock(&s->lock);
		s->job_since_ns = 0;
		vd_list_push_back(&s->reads_done, l);
		s->rt->waker_wake(s->waker);
	}
	s->reader_ended = true;
	s->rt->waker_wake(s->waker);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* -- back on the loop ----------------------------------------------------------------------- */

static void tell_batches(struct vd_link *list)
{
	struct vd_link *l;
	while ((l = vd_list_pop(list))) {
		struct vd_batch *b = VD_CONTAINER(l, struct vd_batch, link);
		if (b->done)
			b->done(b, b->fate, b->fate_seq, b->arg);
		vd_batch_free(b);
	}
}

static void tell_reads(struct vd_link *list)
{
	struct vd_link *l;
	while ((l = vd_list_pop(list))) {
		struct read_job *j = VD_CONTAINER(l, struct read_job, link);
		j->done(j->err, j->done_arg);
		vd_free(j);
	}
}

static void check_closed(struct store *s)
{
	pthread_mutex_lock(&s->lock);
	bool ended = s->closing && (!s->writer_runs || s->writer_ended) &&
		     (!s->reader_runs || s->reader_ended) && vd_list_empty(&s->done) &&
		     vd_list_empty(&s->reads_done) && vd_list_empty(&s->queue) &&
		     vd_list_empty(&s->reads);
	pthread_mutex_unlock(&s->lock);
	if (!ended || !s->on_closed)
		return;
	if (s->writer_runs)
		pthread_join(s->writer, NULL);
	if (s->reader_runs)
		pthread_join(s->reader, NULL);
	s->writer_runs = s->reader_runs = false;
	s->rt->waker_close(s->waker);
	s->waker = NULL;
	void (*fn)(void *arg) = s->on_closed;
	s->on_closed = NULL;
	fn(s->on_closed_arg);
}

static void on_wake(void *arg)
{
	struct store *s = arg;
	struct vd_link done, reads;
	pthread_mutex_lock(&s->lock);
	take_all(&s->done, &done);
	take_all(&s->reads_done, &reads);
	pthread_mutex_unlock(&s->lock);
	tell_batches(&done);
	tell_reads(&reads);
	check_closed(s);
}

static void on_turn(void *arg)
{
	struct store *s = arg;
	struct vd_link mine, reads;
	take_all(&s->queue, &mine);
	take_all(&s->reads, &reads);
	s->queued = s->queued_bytes = s->n_reads = 0;
	if (!vd_list_empty(&mine))
		commit_all(s, &mine);
	tell_batches(&mine);
	struct vd_reader r = {.db = s->read_db, .now_ms = now_wall(s)};
	VD_LIST_EACH(it, &reads)
	{
		struct read_job *j = VD_CONTAINER(it, struct read_job, link);
		j->err = j->fn(&r, j->arg);
	}
	tell_reads(&reads);
	if (s->closing && vd_list_empty(&s->queue))
		sign_now(s);
	if (!vd_list_empty(&s->queue) || !vd_list_empty(&s->reads)) {
		if (!s->turn.pending)
			s->rt->defer(s->rt, &s->turn);
		return;
	}
	check_closed(s);
}

/* -- the port ------------------------------------------------------------------------------- */

static bool room_for(const struct store *s, const struct vd_batch *b)
{
	size_t max = VD_MAX_STORE_BATCHES, bytes = VD_MAX_STORE_BYTES;
	if (!b->alarm_lane) {
		max -= VD_ALARM_LANE_RESERVE;
		bytes -= bytes / 8;
	}
	return s->queued < max && s->queued_bytes + b->bytes <= bytes;
}

static void wake_writer(struct store *s)
{
	if (s->cfg.inline_mode) {
		if (!s->turn.pending)
			s->rt->defer(s->rt, &s->turn);
	} else if (s->writer_waits) {
		pthread_cond_signal(&s->work);
	}
}

static int submit(struct vd_store *port, struct vd_batch *take_b)
{
	struct store *s = port->impl;
	pthread_mutex_lock(&s->lock);
	if (s->closing || !room_for(s, take_b)) {
		pthread_mutex_unlock(&s->lock);
		return VD_EBUSY;
	}
	vd_list_push_back(&s->queue, &take_b->link);
	s->queued++;
	s->queued_bytes += take_b->bytes;
	wake_writer(s);
	pthread_mutex_unlock(&s->lock);
	return 0;
}

static int read_later(struct vd_store *port, vd_read_fn fn, void *arg, vd_read_done done,
		      void *done_arg)
{
	struct store *s = port->impl;
	struct read_job *j = vd_calloc(1, sizeof(*j));
	if (!j)
		return VD_ENOMEM;
	*j = (struct read_job){.fn = fn, .arg = arg, .done = done, .done_arg = done_arg};
	pthread_mutex_lock(&s->lock);
	size_t waiting = 0;
	VD_LIST_EACH(it, &s->reads)
	waiting++;
	if (s->closing || waiting >= READ_JOBS_MAX) {
		pthread_mutex_unlock(&s->lock);
		vd_free(j);
		return VD_EBUSY;
	}
	vd_list_push_back(&s->reads, &j->link);
	if (s->cfg.inline_mode) {
		if (!s->turn.pending)
			s->rt->defer(s->rt, &s->turn);
	} else {
		pthread_cond_signal(&s->read_work);
	}
	pthread_mutex_unlock(&s->lock);
	return 0;
}

struct directory_job {
	int64_t have;
	struct vd_directory *found;
	void (*done)(struct vd_directory *take_d, int err, void *arg);
	void *arg;
};

static int read_directory(struct vd_reader *r, void *arg)
{
	struct directory_job *j = arg;
	int64_t version = 0;
	int err = vd_reader_directory_version(r, &version);
	if (err || version == j->have)
		return err;
	return vd_reader_directory(r, &j->found);
}

static void on_directory(int err, void *arg)
{
	struct directory_job *j = arg;
	j->done(err ? NULL : j->found, err, j->arg);
	if (err)
		vd_directory_free(j->found);
	vd_free(j);
}

static int directory(struct vd_store *port, int64_t have_version,
		     void (*done)(struct vd_directory *take_d, int err, void *arg), void *arg)
{
	struct directory_job *j = vd_calloc(1, sizeof(*j));
	if (!j)
		return VD_ENOMEM;
	*j = (struct directory_job){.have = have_version, .done = done, .arg = arg};
	int err = read_later(port, read_directory, j, on_directory, j);
	if (err)
		vd_free(j);
	return err;
}

static int start_threads(struct store *s)
{
	if (s->cfg.inline_mode)
		return 0;
	if (pthread_create(&s->writer, NULL, writer_main, s))
		return VD_ENOMEM;
	s->writer_runs = true;
	if (pthread_create(&s->reader, NULL, reader_main, s))
		return VD_ENOMEM;
	s->reader_runs = true;
	return 0;
}

static int boot(struct vd_store *port, struct vd_boot *ret, struct vd_errtext *e)
{
	struct store *s = port->impl;
	int r = vd_boot_read(s->db, s->rt->wall_ms(s->rt), ret, e);
	if (r)
		return r;
	r = start_threads(s);
	if (r) {
		vd_boot_free(ret);
		return vd_errtext(e, r, "cannot start the store's threads", NULL, NULL);
	}
	return 0;
}

static void stats(struct vd_store *port, struct vd_store_stats *ret)
{
	struct store *s = port->impl;
	pthread_mutex_lock(&s->lock);
	*ret = s->stats;
	ret->queued = s->queued;
	ret->queued_bytes = s->queued_bytes;
	pthread_mutex_unlock(&s->lock);
}

static void close_store(struct vd_store *port, void (*on_closed)(void *arg), void *arg)
{
	struct store *s = port->impl;
	pthread_mutex_lock(&s->lock);
	s->closing = true;
	s->on_closed = on_closed;
	s->on_closed_arg = arg;
	pthread_cond_signal(&s->work);
	pthread_cond_signal(&s->read_work);
	if (!s->writer_runs && !s->turn.pending)
		s->rt->defer(s->rt, &s->turn);
	pthread_mutex_unlock(&s->lock);
}

static void free_store(struct vd_store *port)
{
	struct store *s = port->impl;
	vd_apply_close(s->apply);
	vd_db_close(s->read_db);
	vd_db_close(s->db);
	vd_signer_close(s->signer);
	if (s->lock_fd >= 0)
		close(s->lock_fd);
	if (s->waker)
		s->rt->waker_close(s->waker);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->work);
	pthread_cond_destroy(&s->read_work);
	vd_free(s);
}

/* -- opening -------------------------------------------------------------------------------- */

/* The key there before is kept beside the new one: what it signed is still to be verified. */
static void keep_old_key(const struct store *s, const char *path, const struct vd_buf *now)
{
	char was[512] = "", kept[600];
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(was, 1, sizeof(was) - 1, f) : 0;
	if (f)
		fclose(f);
	if (!n || (n == now->n && memcmp(was, now->p, n) == 0))
		return;
	const char *id = strchr(was, '+');
	snprintf(kept, sizeof(kept), "%s/checkpoints/key.%.8s.pub", s->dir, id ? id + 1 : "old");
	(void)rename(path, kept);
	vd_log(VD_LOG_WARN,
	       "checkpoints are signed by another key than before; the old one is in %s", kept);
}

static int publish_key(struct store *s)
{
	char path[560];
	struct vd_buf b;
	vd_buf_init(&b, 512);
	snprintf(path, sizeof(path), "%s/checkpoints/key.pub", s->dir);
	int err = vd_signer_public(s->signer, &b);
	if (!err)
		keep_old_key(s, path, &b);
	FILE *f = err ? NULL : fopen(path, "we");
	if (f) {
		fwrite(b.p, 1, b.n, f);
		fclose(f);
	}
	vd_buf_fini(&b);
	return f ? 0 : VD_EIO;
}

static int open_signer(struct store *s, const struct vd_store_config *cfg, struct vd_errtext *e)
{
	char path[560], key[560];
	snprintf(path, sizeof(path), "%s/checkpoints", s->dir);
	if (mkdir(path, 0755) && errno != EEXIST)
		return vd_errtext(e, VD_EIO, "cannot make the folder for checkpoints", NULL,
				  "%s: %m", path);
	snprintf(key, sizeof(key), "%s/checkpoint.key", s->dir);
	int r = vd_signer_open(cfg->key_file ? cfg->key_file : key,
			       cfg->origin && cfg->origin[0] ? cfg->origin : "varde", &s->signer,
			       e);
	if (r)
		return r;
	if (publish_key(s))
		vd_log(VD_LOG_WARN, "cannot write the public key to %s", path);
	return 0;
}

/* Called by SQLite after each commit, on the writer's thread. The log of a long read cannot be
 * worked off; past the ceiling that read is stopped, not the journal. */
static int on_wal(void *arg, sqlite3 *db, const char *name, int pages)
{
	struct store *s = arg;
	if (pages >= WAL_CHECKPOINT_PAGES)
		(void)sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	pthread_mutex_lock(&s->lock);
	if (pages >= WAL_MAX_PAGES && s->job_since_ns && mono_ns() - s->job_since_ns > READ_LONG_NS)
		sqlite3_interrupt(s->read_db->h);
	pthread_mutex_unlock(&s->lock);
	return SQLITE_OK;
}

static void dir_of(const char *path, char *ret, size_t cap)
{
	const char *slash = strrchr(path, '/');
	if (slash)
		vd_span_copy(ret, cap, vd_span(path, (size_t)(slash - path)));
	else
		snprintf(ret, cap, ".");
}

/* Two hubs on one database would each raise every alarm and number the same rows. The system lets
 * go of the lock when a process dies, however it dies. */
static int lock_database(struct store *s, const char *path, struct vd_errtext *e)
{
	char file[600];
	snprintf(file, sizeof(file), "%s.lock", path);
	s->lock_fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (s->lock_fd < 0) { /* a full disk is no reason not to start */
		vd_log(VD_LOG_WARN, "cannot make %s: nothing keeps a second hub away", file);
		return 0;
	}
	if (flock(s->lock_fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK)
		return vd_errtext(e, VD_EBUSY, "another varde serves this database",
				  "stop it first; one hub for each database", "%s", path);
	return 0;
}

static int open_db(struct store *s, const struct vd_store_config *cfg, struct vd_errtext *e)
{
	char checkpoints[560];
	int r = lock_database(s, cfg->path, e);
	if (!r)
		r = vd_db_open(cfg->path, VD_DB_CREATE, &s->db, e);
	if (!r)
		r = vd_db_open(cfg->path, VD_DB_READ, &s->read_db, e);
	/* Recycled WAL blocks are overwritten, not appended: 1.75 times cheaper to sync. 16 MB of
	 * lets most commits pass without a checkpoint and keeps a restart short. */
	if (!r)
		r = vd_db_exec(s->db,
			       "PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -32768",
			       e);
	if (!r)
		sqlite3_wal_hook(s->db->h, on_wal, s);
	if (!r && cfg->unsafe_fast)
		r = vd_db_exec(s->db, "PRAGMA synchronous = OFF", e);
	if (!r)
		r = open_signer(s, cfg, e);
	snprintf(checkpoints, sizeof(checkpoints), "%s/checkpoints", s->dir);
	if (!r)
		r = vd_apply_open(s->db, s->signer, checkpoints, &s->apply, e);
	if (!r)
		s->stats.journal_rows = vd_apply_rows(s->apply);
	return r;
}

static void init_conditions(struct store *s)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->work, &attr);
	pthread_cond_init(&s->read_work, &attr);
	pthread_condattr_destroy(&attr);
}

int vd_store_sqlite_open(struct vd_runtime *rt, const struct vd_store_config *cfg,
			 struct vd_store **ret, struct vd_errtext *e)
{
	struct store *s = vd_calloc(1, sizeof(*s));
	if (!s)
		return VD_ENOMEM;
	s->rt = rt;
	s->cfg = *cfg;
	s->lock_fd = -1;
	dir_of(cfg->path, s->dir, sizeof(s->dir));
	pthread_mutex_init(&s->lock, NULL);
	init_conditions(s);
	vd_list_init(&s->queue);
	vd_list_init(&s->done);
	vd_list_init(&s->reads);
	vd_list_init(&s->reads_done);
	s->turn = (struct vd_deferred){.fn = on_turn, .arg = s};
	s->port = (struct vd_store){.impl = s,
				    .submit = submit,
				    .read = read_later,
				    .boot = boot,
				    .directory = directory,
				    .stats = stats,
				    .close = close_store,
				    .free = free_store};
	s->waker = rt->waker_open(rt, on_wake, s);
	int r = s->waker ? open_db(s, cfg, e) : VD_ENOMEM;
	if (r) {
		free_store(&s->port);
		return r;
	}
	*ret = &s->port;
	return 0;
}

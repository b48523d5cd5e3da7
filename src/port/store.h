/* SPDX-License-Identifier: EUPL-1.2 */
/* The store: makes batches durable and reads them back. submit() is called on the loop and never
 * blocks; `done` comes on the loop, in submission order, in a later turn, exactly once.
 *
 * Glossary: a *batch* is the unit of durability, all or nothing; an *op* is one change in it; the
 * writer coalesces waiting batches into one commit (group commit). A commit that fails is retried
 * batch by batch once, so that one poisoned batch cannot fail its neighbours.
 *
 * Backends: sqlite (writer thread + reader thread, or inline for tools), memory (tests).
 */
#pragma once
#include "base/list.h"
#include "model/alarm.h"
#include "model/command.h"
#include "model/directory.h"
#include "model/event.h"
#include "model/rhythm.h"
#include "port/runtime.h"

enum vd_op_type {
	VD_OP_EVENT,    /* journal row, Merkle leaf, last state, day roll-up */
	VD_OP_DEDUP,    /* remember a platform key for the dedup window */
	VD_OP_ALARM,    /* upsert an alarm row (whole struct) */
	VD_OP_STEP,     /* append an alarm step (its note goes to the personal table) */
	VD_OP_CURSOR,   /* everything up to this journal row has been assessed */
	VD_OP_REMEMBER, /* adapter memory: upsert (text = topic, blob = body); empty blob deletes */
	VD_OP_QUARANTINE, /* an unreadable frame (text = topic + error, blob = first bytes) */
	VD_OP_HEARD,      /* a device heard of: insert in the waiting list or refresh its model */
	VD_OP_SEEN,       /* device last heard, battery, link; many per flush */
	VD_OP_ACCESS,     /* somebody looked at a person's data */
	VD_OP_COUNT,   /* add to a counter of a device and day (unknown keys, lost frames, ...) */
	VD_OP_COMMAND, /* upsert a command (whole struct), append its state; reason apart */
	VD_OP_WATCH    /* what is known of a device's rhythm: upsert */
};

struct vd_op_seen {
	int64_t device, at_ms;
	double battery, link; /* < 0 / NaN = unchanged */
	int64_t heartbeats;   /* since the last flush: one summary row per device and day */
	int64_t gap_ms;       /* longest silence since the last flush */
};
struct vd_op_heard {
	int muni;
	int64_t gateway;
	int64_t device; /* key the hub gave it: used when the row is new; an existing row keeps its
			   own */
	char family[32], identity[96], name[96], vendor[64], model[96], serial[64], features[160];
	bool unsupported;
	int64_t at_ms;
};
struct vd_op_access {
	int muni;
	int64_t staff, recipient, at_ms;
	char what[40]; /* "alarm.live" "alarm.detail" "recipient" ... */
	char alarm[VD_ID_LEN + 1];
};
#define VD_SHAPE_BYTES 160
struct vd_op_watch { /* one row of device_watch; wall times, 0 = never or none */
	int64_t device, at_ms;
	char class[16];
	enum vd_limit_basis basis;
	int64_t limit_ms, interval_ms, stated_ms, since_ms, tested_ms, reminded_ms;
	unsigned troubles;
	char learned[VD_LEARNED_BYTES], shape[VD_SHAPE_BYTES];
};
struct vd_op_count {
	int muni;
	int64_t device, day, n; /* Oslo day number */
	char name[64];          /* "unknown:" KEY "=" type, "too_many_fields" ... */
};

struct vd_op {
	enum vd_op_type type;
	union {
		struct vd_event event;
		struct {
			int64_t gateway, device;
			uint64_t key;
			int64_t at_ms;
			int64_t renew_ms; /* a row older (or newer) than this is no hindrance and
					   * gets at_ms; 0 = every row is */
		} dedup;
		struct vd_alarm alarm;
		struct vd_alarm_step *step; /* owned by the batch */
		struct {
			int64_t seq;
		} cursor;
		struct {
			int64_t gateway, binding, at_ms;
			char *text, *blob;
			size_t blob_n;
		} frame;
		struct vd_op_heard *heard; /* owned by the batch */
		struct vd_op_seen seen;
		struct vd_op_access access;
		struct vd_op_count count;
		struct {
			struct vd_command *c; /* owned by the batch */
			char *reason;         /* owned; NULL = as it was */
			int64_t at_ms;
		} command;
		struct vd_op_watch *watch; /* owned by the batch */
	} u;
};

/* A batch may be empty: then it is a barrier, done after everything submitted before it. */
struct vd_batch {
	struct vd_link link; /* the store's, while submitted */
	bool alarm_lane;     /* may use the reserved last places of the queue */
	size_t bytes;        /* for the queue's ceiling */
	size_t n, cap;
	struct vd_op *ops; /* owned */
	/* Called once with 0, VD_EBUSY (disk full, I/O error: nothing stored), VD_EINVAL (this
	 * batch itself is unusable) or VD_EEXIST (a dedup key in it was stored before: nothing
	 * stored). first_seq is the journal row number of the first event of this batch (0 when
	 * none); rows of one batch are consecutive. The batch is freed by the store after the call.
	 */
	void (*done)(struct vd_batch *b, int err, int64_t first_seq, void *arg);
	void *arg;
	int fate;         /* the store's, while submitted */
	int64_t fate_seq; /* the store's */
};

struct vd_batch *vd_batch_new(void);    /* NULL when out of memory */
void vd_batch_free(struct vd_batch *b); /* NULL allowed; only before submit */
/* Adds a zeroed op; NULL when out of memory or at VD_MAX_BATCH_OPS. */
struct vd_op *vd_batch_op(struct vd_batch *b, enum vd_op_type type);
int vd_batch_event(struct vd_batch *b, const struct vd_event *e);
int vd_batch_alarm(struct vd_batch *b, const struct vd_alarm *a);
int vd_batch_step(struct vd_batch *b, const struct vd_alarm_step *s);
int vd_batch_frame(struct vd_batch *b, enum vd_op_type type, int64_t gateway, int64_t binding,
		   struct vd_span text, struct vd_span blob, int64_t at_ms);
int vd_batch_heard(struct vd_batch *b, const struct vd_op_heard *h);
/* `reason` NULL or "" = none, or none new. */
int vd_batch_command(struct vd_batch *b, const struct vd_command *c, const char *reason,
		     int64_t at_ms);
int vd_batch_watch(struct vd_batch *b, const struct vd_op_watch *w);

/* What the hub needs at start, read in one go. Arrays owned by the struct. */
struct vd_state_cell { /* newest state of one (device, kind, zone) */
	int64_t device, gateway;
	enum vd_kind kind;
	char zone[16], state[24];
	double value;
	bool has_value;
	int64_t t_ms;
	int64_t episode;
};
struct vd_seen {
	int64_t device, at_ms;
};
struct vd_boot {
	struct vd_directory *directory; /* ownership passes to the hub */
	struct vd_alarm *alarms;
	size_t n_alarms; /* not closed, plus closed within 24 h */
	struct vd_state_cell *cells;
	size_t n_cells;
	struct vd_seen *seen;
	size_t n_seen;
	struct vd_op_watch *watches;
	size_t n_watches;
	struct {
		int64_t gateway, device;
		uint64_t key;
		int64_t at_ms;
	} * dedup;
	size_t n_dedup;
	struct {
		int64_t binding;
		char *topic;
		char *body;
		size_t body_n;
	} * remembered;
	size_t n_remembered;
	int64_t cursor; /* last assessed journal row */
	struct vd_event *events;
	int64_t *event_seq;
	size_t n_events;             /* journaled after the cursor */
	struct vd_command *commands; /* not ended, and those of the last hour */
	size_t n_commands;
	int64_t wall_ms_last; /* newest wall time in the journal: detects a clock stepped back */
};
void vd_boot_free(struct vd_boot *b); /* frees everything still in it; NULL allowed */

/* Read jobs run on the reader thread with a private read-only connection. */
struct vd_reader;
typedef int (*vd_read_fn)(struct vd_reader *r, void *arg);
typedef void (*vd_read_done)(int err, void *arg);

enum vd_store_health { VD_STORE_OK, VD_STORE_FULL, VD_STORE_ERROR };
struct vd_store_stats {
	size_t queued, queued_bytes;
	int64_t commits, batches, events, failures; /* since start */
	int64_t commit_ns_sum, commit_ns_max;
	enum vd_store_health health;
	int64_t journal_rows;
};

struct vd_store {
	void *impl;
	/* Loop. Takes the batch on success (0). VD_EBUSY: queue at its ceiling or closing; the
	 * batch stays the caller's. Never calls done before returning. */
	int (*submit)(struct vd_store *s, struct vd_batch *take_b);
	/* Loop. Runs fn on the reader thread, then done on the loop. VD_EBUSY at 256 waiting jobs.
	 */
	int (*read)(struct vd_store *s, vd_read_fn fn, void *arg, vd_read_done done,
		    void *done_arg);
	/* Before the loop runs, blocking: everything the hub needs. */
	int (*boot)(struct vd_store *s, struct vd_boot *ret, struct vd_errtext *e);
	/* Loop. Newest directory version seen by the writer or the reader; polls cheaply. When it
	 * differs from the hub's, the hub asks for a snapshot. */
	int (*directory)(struct vd_store *s, int64_t have_version,
			 void (*done)(struct vd_directory *take_d, int err, void *arg), void *arg);
	void (*stats)(struct vd_store *s, struct vd_store_stats *ret);
	/* Loop. Stops accepting, empties the queue, signs checkpoints, then on_closed on the loop.
	 */
	void (*close)(struct vd_store *s, void (*on_closed)(void *arg), void *arg);
	void (*free)(struct vd_store *s); /* after on_closed */
};

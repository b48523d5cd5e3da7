/* SPDX-License-Identifier: EUPL-1.2 */
/* Inside the writer: shared by apply.c and log.c. Writer thread only. */
#pragma once
#include "base/limits.h"
#include "store/apply.h"

#define GATHER_SLOTS 32768 /* hash slots; at most half are used */
#define GATHER_MAX                                                                                 \
	16000 /* distinct cells or roll-up rows gathered a commit; more: written at once */
#define APPLY_MAX_LOGS 1024 /* municipalities with a log of their own */

enum statement {
	ST_JOURNAL,
	ST_STATE,
	ST_ROLLUP,
	ST_DEDUP,
	ST_DEDUP_PRUNE,
	ST_ALARM,
	ST_STEP,
	ST_NOTE,
	ST_CURSOR,
	ST_REMEMBER,
	ST_FORGET,
	ST_QUARANTINE,
	ST_QUARANTINE_PRUNE,
	ST_HEARD,
	ST_SEEN,
	ST_DAY,
	ST_ACCESS,
	ST_COUNT,
	ST_COMMAND,
	ST_COMMAND_STEP,
	ST_COMMAND_NOTE,
	ST_WATCH,
	ST_CHECKPOINT,
	ST_FRONTIER,
	ST_MAX
};

struct log_state {
	int muni;
	struct vd_merkle tree;
	uint64_t signed_size; /* leaves under the newest checkpoint */
};

struct gathered_rollup {
	int muni;
	int64_t day, placement, device, first_ms, last_ms;
	enum vd_kind kind;
	char state[24];
	int64_t n, night; /* n = 0: slot free */
};

struct vd_apply {
	struct vd_db *db;               /* borrowed */
	const struct vd_signer *signer; /* borrowed, may be NULL */
	char checkpoint_dir[512];
	sqlite3_stmt *st[ST_MAX];
	struct vd_buf body; /* canonical JSON of the row being written */
	int64_t next_seq, saved_seq;
	struct log_state logs[APPLY_MAX_LOGS], saved_logs[APPLY_MAX_LOGS];
	size_t n_logs, saved_n_logs;
	int64_t dedup_at_ms, pruned_at_ms;
	const struct vd_event *state[GATHER_SLOTS]; /* newest event of each cell, borrowed */
	struct gathered_rollup rollup[GATHER_SLOTS];
	uint32_t state_used[GATHER_MAX], rollup_used[GATHER_MAX];
	size_t n_state, n_rollup;
	/* notes signed in the open transaction, appended to files once it is committed */
	struct {
		int muni;
		char note[VD_NOTE_BYTES];
	} notes[APPLY_MAX_LOGS];
	size_t n_notes;
};

int apply_run(sqlite3_stmt *st);
struct log_state *apply_log(struct vd_apply *a, int muni); /* NULL at the ceiling */
/* log.c */
int apply_load(struct vd_apply *a, struct vd_errtext *e);
int apply_sign(struct vd_apply *a, int64_t wall_ms);
void apply_publish(struct vd_apply *a);

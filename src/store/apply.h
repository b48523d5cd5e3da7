/* SPDX-License-Identifier: EUPL-1.2 */
/* Applying batches to an open transaction: every statement prepared once, last states and roll-ups
 * gathered in memory and written once a commit, the Merkle logs kept beside. Writer thread only.
 *
 *	vd_apply_begin -> vd_apply_batch ... -> vd_apply_finish -> COMMIT -> vd_apply_committed
 *	                                                    failed -> vd_apply_undo, ROLLBACK
 */
#pragma once
#include "port/store.h"
#include "store/checkpoint.h"
#include "store/db.h"

struct vd_apply;

/* Reads where the journal and its logs stand. The database is borrowed. signer may be NULL. */
int vd_apply_open(struct vd_db *db, const struct vd_signer *signer, const char *checkpoint_dir,
		  struct vd_apply **ret, struct vd_errtext *e);
void vd_apply_close(struct vd_apply *a);
void vd_apply_begin(struct vd_apply *a);
/* 0, VD_EEXIST (a dedup key was there: nothing of this batch is applied) or another VD_E* (the
 * transaction must be rolled back). *ret_first_seq: journal row of the first event, 0 when none. */
int vd_apply_batch(struct vd_apply *a, const struct vd_batch *b, int64_t *ret_first_seq);
/* Writes what was gathered; with `sign`, checkpoints of every log that grew. */
int vd_apply_finish(struct vd_apply *a, bool sign, int64_t wall_ms);
void vd_apply_committed(struct vd_apply *a);
void vd_apply_undo(struct vd_apply *a);
bool vd_apply_unsigned_rows(const struct vd_apply *a); /* grew since the last checkpoint? */
int64_t vd_apply_rows(const struct vd_apply *a);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Checking the journal against its leaves and its signed checkpoints, from the database and from
 * the files beside it. Blocking; a tool's thread. */
#pragma once
#include "store/checkpoint.h"
#include "store/db.h"

enum vd_fault {
	VD_INTACT,
	VD_ALTERED,   /* the row's text no longer gives its leaf */
	VD_REMOVED,   /* a leaf number is missing */
	VD_REORDERED, /* a leaf number comes twice or too early */
	VD_REWRITTEN, /* rows and leaves agree but not with a signed checkpoint */
	VD_CUT,       /* a signed checkpoint covers more rows than there are */
	VD_UNSIGNED   /* a checkpoint's signature or text is not right */
};

struct vd_finding { /* of one municipality */
	int muni;
	enum vd_fault fault;
	uint64_t rows, checkpoints, signed_rows;
	uint64_t first_bad; /* leaf number the fault begins at */
	uint64_t last_good; /* REWRITTEN: leaves under the newest checkpoint that still holds */
	int64_t seq;        /* journal row of the fault, 0 = none */
	char text[240];     /* what is wrong, for people */
};

#define VD_MAX_FINDINGS 1024

/* Checkpoint files are read from `dir` (<muni>.txt); missing ones are no fault. 0 when the work
 * could be done, whatever was found; list[*ret_n] by municipality. */
int vd_verify(struct vd_db *db, const struct vd_verifier *v, const char *dir,
	      struct vd_finding *list, size_t cap, size_t *ret_n, struct vd_errtext *e);
const char *vd_fault_name(enum vd_fault f);

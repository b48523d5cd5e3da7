/* SPDX-License-Identifier: EUPL-1.2 */
/* Inside store/facts: growing lists and the running hash. */
#pragma once
#include "store/facts.h"
#include <openssl/evp.h>

struct facts_read {
	struct vd_db *db;
	struct vd_facts *f;
	EVP_MD_CTX *md;
	size_t cap; /* of the list being read */
	struct vd_errtext *e;
};
/* One row of a statement into the next place of its list. */
typedef void (*facts_row_fn)(struct facts_read *r, sqlite3_stmt *s, void *item);
/* Runs sql (from and to day, and the same in ms, bound to ?1..?4 where used), hashing each row. */
int facts_list(struct facts_read *r, const char *sql, void **list, size_t *n, size_t item,
	       facts_row_fn fn);

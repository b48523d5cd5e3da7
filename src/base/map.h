/* SPDX-License-Identifier: EUPL-1.2 */
/* Hash map with a mandatory ceiling, in two flavours sharing one table: 64-bit keys and byte keys.
 * Values are borrowed pointers (never NULL). Byte keys are borrowed too: they must live as long as
 * the entry, normally inside the value. Seeded per map against chosen-key floods. One thread. */
#pragma once
#include "base/span.h"
#include <stdint.h>

struct vd_map_slot;
struct vd_map {
	struct vd_map_slot *slots; /* owned, power-of-two many */
	size_t n, cap, max;        /* entries, slots, ceiling in entries */
	uint64_t seed;
};

void vd_map_init(struct vd_map *m, size_t max, uint64_t seed);
void vd_map_fini(struct vd_map *m); /* frees the table, not the values */
/* 0, VD_EEXIST (nothing changed), VD_ELIMIT or VD_ENOMEM. */
int vd_map_put(struct vd_map *m, struct vd_span key, void *value);
void *vd_map_get(const struct vd_map *m, struct vd_span key);    /* NULL when absent */
void *vd_map_remove(struct vd_map *m, struct vd_span key);       /* the value, or NULL */
int vd_map_put_u64(struct vd_map *m, uint64_t key, void *value);
void *vd_map_get_u64(const struct vd_map *m, uint64_t key);
void *vd_map_remove_u64(struct vd_map *m, uint64_t key);
/* Iterates in table order: start with *it = 0; NULL at the end. No put/remove meanwhile. */
void *vd_map_each(const struct vd_map *m, size_t *it);
/* FNV-1a finished with an avalanche; also used for dedup hashes (stable across versions when
 * seed is 0). */
uint64_t vd_hash64(struct vd_span key, uint64_t seed);

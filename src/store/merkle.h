/* SPDX-License-Identifier: EUPL-1.2 */
/* A Merkle log as RFC 6962 section 2.1 hashes it, kept as a compact range: one hash per set bit of
 * the size, so an append costs about one hash and memory stays flat. One thread per tree. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#define VD_HASH_BYTES 32

struct vd_merkle {
	uint64_t size;                    /* leaves */
	uint8_t level[64][VD_HASH_BYTES]; /* level[i]: root of the perfect subtree of 2^i leaves,
					   * valid when bit i of size is set */
};

/* SHA-256(0x00 || muni (4 bytes, big endian) || idx (8 bytes) || body): the leaf of a journal row.
 */
void vd_merkle_leaf(int muni, uint64_t idx, const void *body, size_t n,
		    uint8_t ret_leaf[VD_HASH_BYTES]);
void vd_merkle_append(struct vd_merkle *m, const uint8_t leaf[VD_HASH_BYTES]);
/* Root of all leaves; of the empty tree SHA-256 of nothing. */
void vd_merkle_root(const struct vd_merkle *m, uint8_t ret_root[VD_HASH_BYTES]);

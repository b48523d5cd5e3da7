/* SPDX-License-Identifier: EUPL-1.2 */
#include "store/merkle.h"
#include "base/check.h"
#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

/* Fetched once: looking the algorithm up costs more than hashing a row. */
static EVP_MD *sha256;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static pthread_key_t at_end; /* frees a thread's context when the thread ends */

static void free_context(void *ctx)
{
	EVP_MD_CTX_free(ctx);
}

static void fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	VD_REQUIRE(sha256 && pthread_key_create(&at_end, free_context) == 0);
}

struct part {
	const void *p;
	size_t n;
};

static void hash(const struct part *parts, size_t n, uint8_t ret[VD_HASH_BYTES])
{
	static __thread EVP_MD_CTX *ctx; /* one a thread, for the thread's life */
	pthread_once(&once, fetch);
	if (!ctx) {
		ctx = EVP_MD_CTX_new();
		pthread_setspecific(at_end, ctx);
	}
	VD_REQUIRE(ctx && EVP_DigestInit_ex2(ctx, sha256, NULL));
	for (size_t i = 0; i < n; i++)
		VD_REQUIRE(EVP_DigestUpdate(ctx, parts[i].p, parts[i].n));
	VD_REQUIRE(EVP_DigestFinal_ex(ctx, ret, NULL));
}

void vd_merkle_leaf(int muni, uint64_t idx, const void *body, size_t n,
		    uint8_t ret_leaf[VD_HASH_BYTES])
{
	uint8_t head[13] = {0};
	for (int i = 0; i < 4; i++)
		head[1 + i] = (uint8_t)((uint32_t)muni >> (24 - 8 * i));
	for (int i = 0; i < 8; i++)
		head[5 + i] = (uint8_t)(idx >> (56 - 8 * i));
	const struct part parts[] = {{head, sizeof(head)}, {body, n}};
	hash(parts, 2, ret_leaf);
}

static void node(const uint8_t *left, const uint8_t *right, uint8_t ret[VD_HASH_BYTES])
{
	static const uint8_t prefix = 1;
	const struct part parts[] = {{&prefix, 1}, {left, VD_HASH_BYTES}, {right, VD_HASH_BYTES}};
	hash(parts, 3, ret);
}

void vd_merkle_append(struct vd_merkle *m, const uint8_t leaf[VD_HASH_BYTES])
{
	uint8_t h[VD_HASH_BYTES];
	int i = 0;
	memcpy(h, leaf, sizeof(h));
	for (; m->size >> i & 1; i++)
		node(m->level[i], h, h);
	memcpy(m->level[i], h, sizeof(h));
	m->size++;
}

void vd_merkle_root(const struct vd_merkle *m, uint8_t ret_root[VD_HASH_BYTES])
{
	bool have = false;
	if (!m->size) {
		hash(NULL, 0, ret_root);
		return;
	}
	for (int i = 0; i < 64; i++) {
		if (!(m->size >> i & 1))
			continue;
		if (have)
			node(m->level[i], ret_root, ret_root);
		else
			memcpy(ret_root, m->level[i], VD_HASH_BYTES);
		have = true;
	}
}

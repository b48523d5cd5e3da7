/* SPDX-License-Identifier: EUPL-1.2 */
/* Open addressing, linear probing, backward-shift deletion (no tombstones, so cost stays flat). */
#include "base/map.h"
#include "base/err.h"
#include "base/mem.h"

struct vd_map_slot {
	uint64_t hash;
	struct vd_span key; /* u64 keys: p = NULL, n = key */
	void *value;        /* NULL = free */
};

uint64_t vd_hash64(struct vd_span key, uint64_t seed)
{
	uint64_t h = 1469598103934665603ull ^ seed;
	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * 1099511628211ull;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdull;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ull;
	return h ^ (h >> 33);
}

static uint64_t mix(uint64_t k, uint64_t seed)
{
	k += seed + 0x9e3779b97f4a7c15ull;
	k = (k ^ (k >> 30)) * 0xbf58476d1ce4e5b9ull;
	k = (k ^ (k >> 27)) * 0x94d049bb133111ebull;
	return k ^ (k >> 31);
}

void vd_map_init(struct vd_map *m, size_t max, uint64_t seed)
{
	*m = (struct vd_map){.max = max, .seed = seed};
}

void vd_map_fini(struct vd_map *m)
{
	vd_free(m->slots);
	m->slots = NULL;
	m->n = m->cap = 0;
}

static bool same(const struct vd_map_slot *s, uint64_t h, struct vd_span key)
{
	if (s->hash != h || s->key.n != key.n)
		return false;
	if (!s->key.p || !key.p)
		return s->key.p == key.p;
	return memcmp(s->key.p, key.p, key.n) == 0;
}

static size_t find(const struct vd_map *m, uint64_t h, struct vd_span key)
{
	size_t i = h & (m->cap - 1);
	while (m->slots[i].value && !same(&m->slots[i], h, key))
		i = (i + 1) & (m->cap - 1);
	return i;
}

static int grow(struct vd_map *m)
{
	size_t cap = m->cap ? m->cap * 2 : 16;
	struct vd_map_slot *slots = vd_calloc(cap, sizeof(*slots));
	if (!slots)
		return VD_ENOMEM;
	for (size_t k = 0; k < m->cap; k++) {
		if (!m->slots[k].value)
			continue;
		size_t i = m->slots[k].hash & (cap - 1);
		while (slots[i].value)
			i = (i + 1) & (cap - 1);
		slots[i] = m->slots[k];
	}
	vd_free(m->slots);
	m->slots = slots;
	m->cap = cap;
	return 0;
}

static int put(struct vd_map *m, uint64_t h, struct vd_span key, void *value)
{
	if (m->cap) {
		size_t i = find(m, h, key);
		if (m->slots[i].value)
			return VD_EEXIST;
	}
	if (m->n >= m->max)
		return VD_ELIMIT;
	if ((m->n + 1) * 4 > m->cap * 3) {
		int r = grow(m);
		if (r)
			return r;
	}
	m->slots[find(m, h, key)] = (struct vd_map_slot){h, key, value};
	m->n++;
	return 0;
}

static void *drop(struct vd_map *m, uint64_t h, struct vd_span key)
{
	if (!m->cap)
		return NULL;
	size_t i = find(m, h, key);
	void *v = m->slots[i].value;
	if (!v)
		return NULL;
	size_t hole = i;
	for (size_t k = (i + 1) & (m->cap - 1); m->slots[k].value; k = (k + 1) & (m->cap - 1)) {
		size_t home = m->slots[k].hash & (m->cap - 1);
		if (((k - home) & (m->cap - 1)) >= ((k - hole) & (m->cap - 1))) {
			m->slots[hole] = m->slots[k];
			hole = k;
		}
	}
	m->slots[hole].value = NULL;
	m->n--;
	return v;
}

/* Byte keys must have a non-NULL pointer so that they never compare equal to a number. */
static struct vd_span bytes(struct vd_span k)
{
	return k.p ? k : vd_span("", 0);
}

static struct vd_span number(uint64_t k)
{
	return vd_span(NULL, (size_t)k);
}

int vd_map_put(struct vd_map *m, struct vd_span key, void *value)
{
	return put(m, vd_hash64(key, m->seed), bytes(key), value);
}

void *vd_map_get(const struct vd_map *m, struct vd_span key)
{
	if (!m->cap)
		return NULL;
	return m->slots[find(m, vd_hash64(key, m->seed), bytes(key))].value;
}

void *vd_map_remove(struct vd_map *m, struct vd_span key)
{
	return drop(m, vd_hash64(key, m->seed), bytes(key));
}

int vd_map_put_u64(struct vd_map *m, uint64_t key, void *value)
{
	return put(m, mix(key, m->seed), number(key), value);
}

void *vd_map_get_u64(const struct vd_map *m, uint64_t key)
{
	if (!m->cap)
		return NULL;
	return m->slots[find(m, mix(key, m->seed), number(key))].value;
}

void *vd_map_remove_u64(struct vd_map *m, uint64_t key)
{
	return drop(m, mix(key, m->seed), number(key));
}

void *vd_map_each(const struct vd_map *m, size_t *it)
{
	while (*it < m->cap) {
		void *v = m->slots[(*it)++].value;
		if (v)
			return v;
	}
	return NULL;
}

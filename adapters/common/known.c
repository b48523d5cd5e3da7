/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/known.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"

void vd_known_fini(struct vd_known *k)
{
	vd_free(k->list);
	*k = (struct vd_known){0};
}

static struct vd_known_device *find(const struct vd_known *k, uint64_t key)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->list[i].key == key)
			return &k->list[i];
	return NULL;
}

const struct vd_known_device *vd_known_find(const struct vd_known *k, struct vd_span identity)
{
	return k->n ? find(k, vd_hash64(identity, 0)) : NULL;
}

static int reserve(struct vd_known *k)
{
	size_t cap = k->cap ? k->cap * 2 : 16;
	if (k->n < k->cap)
		return 0;
	struct vd_known_device *list = vd_realloc(k->list, cap * sizeof(*list));
	if (!list)
		return VD_ENOMEM;
	k->list = list;
	k->cap = cap;
	return 0;
}

int vd_known_tell(struct vd_known *k, struct vd_span identity, struct vd_span vendor,
		  struct vd_span model, struct vd_span firmware)
{
	struct vd_known_device fresh = {.key = vd_hash64(identity, 0)};
	struct vd_known_device *have = find(k, fresh.key);
	vd_span_copy(fresh.vendor, sizeof(fresh.vendor), vendor);
	vd_span_copy(fresh.model, sizeof(fresh.model), model);
	vd_span_copy(fresh.firmware, sizeof(fresh.firmware), firmware);
	if (have && strcmp(have->vendor, fresh.vendor) == 0 &&
	    strcmp(have->model, fresh.model) == 0 && strcmp(have->firmware, fresh.firmware) == 0)
		return 0;
	if (!have && k->n >= VD_MAX_HEARD_GATEWAY)
		return 0;
	if (!have && reserve(k))
		return VD_ENOMEM;
	if (!have)
		have = &k->list[k->n++];
	*have = fresh;
	return 1;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The snapshot's arena is a list of blocks; every string of the directory lives there, so freeing a
 * snapshot is a handful of frees whatever its size. */
#include "model/directory.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include <stdio.h>

#define BLOCK_BYTES 65536

struct block {
	struct block *next;
	size_t used, size;
	char bytes[];
};

enum { BY_GATEWAY, BY_DEVICE, BY_PLACEMENT, BY_RECIPIENT, BY_STAFF, BY_MUNI };

static char *arena(struct vd_directory *d, size_t n)
{
	struct block *b = (struct block *)(void *)d->strings;
	if (!b || b->size - b->used < n) {
		size_t size = n > BLOCK_BYTES ? n : BLOCK_BYTES;
		struct block *fresh = vd_malloc(sizeof(*fresh) + size);
		if (!fresh)
			return NULL;
		*fresh = (struct block){.next = b, .size = size};
		d->strings = (char *)fresh;
		b = fresh;
	}
	char *p = b->bytes + b->used;
	b->used += n;
	return p;
}

const char *vd_directory_str(struct vd_directory *d, const char *s)
{
	if (!s || !*s)
		return "";
	size_t n = strlen(s) + 1;
	char *p = arena(d, n);
	if (p)
		memcpy(p, s, n);
	return p;
}

/* gateway key, family and identity as one byte string. */
static struct vd_span device_key(char *buf, size_t cap, int64_t gateway, const char *family,
				 struct vd_span identity)
{
	int n = snprintf(buf, cap, "%lld/%s/%.*s", (long long)gateway, family, (int)identity.n,
			 identity.n ? identity.p : "");
	if (n < 0)
		n = 0;
	return vd_span(buf, (size_t)n < cap ? (size_t)n : cap - 1);
}

static int index_device(struct vd_directory *d, struct vd_device *v)
{
	char buf[256];
	struct vd_span k =
		device_key(buf, sizeof(buf), v->gateway, v->family, vd_span_cstr(v->identity));
	char *own = arena(d, k.n + 1);
	if (!own)
		return VD_ENOMEM;
	memcpy(own, k.p, k.n);
	int r = vd_map_put(&d->device_key, vd_span(own, k.n), v);
	return r == VD_EEXIST ? 0 : r;
}

#define INDEX(which, array, count, key)                                                            \
	for (size_t i = 0; !r && i < d->count; i++)                                                \
	r = vd_map_put_u64(&d->by_id[which], (uint64_t)d->array[i].key, &d->array[i])

int vd_directory_index(struct vd_directory *d)
{
	int r = 0;
	for (int i = 0; i < 6; i++)
		vd_map_init(&d->by_id[i], VD_MAX_DEVICES * 2, 0);
	vd_map_init(&d->device_key, VD_MAX_DEVICES * 2, 0x76617264);
	vd_map_init(&d->gateway_user, VD_MAX_GATEWAYS, 0x67617465);
	INDEX(BY_MUNI, munis, n_munis, number);
	INDEX(BY_GATEWAY, gateways, n_gateways, id);
	INDEX(BY_DEVICE, devices, n_devices, id);
	INDEX(BY_PLACEMENT, placements, n_placements, id);
	INDEX(BY_RECIPIENT, recipients, n_recipients, id);
	INDEX(BY_STAFF, staff, n_staff, id);
	for (size_t i = 0; !r && i < d->n_devices; i++)
		r = index_device(d, &d->devices[i]);
	for (size_t i = 0; !r && i < d->n_gateways; i++) {
		r = vd_map_put(&d->gateway_user, vd_span_cstr(d->gateways[i].user),
			       &d->gateways[i]);
		if (r == VD_EEXIST)
			r = 0;
	}
	return r;
}

void vd_directory_free(struct vd_directory *d)
{
	if (!d)
		return;
	for (int i = 0; i < 6; i++)
		vd_map_fini(&d->by_id[i]);
	vd_map_fini(&d->device_key);
	vd_map_fini(&d->gateway_user);
	for (struct block *b = (struct block *)(void *)d->strings; b;) {
		struct block *next = b->next;
		vd_free(b);
		b = next;
	}
	vd_free(d->munis);
	vd_free(d->gateways);
	vd_free(d->bindings);
	vd_free(d->devices);
	vd_free(d->placements);
	vd_free(d->recipients);
	vd_free(d->staff);
	vd_free(d->shifts);
	vd_free(d->orders);
	vd_free(d);
}

struct vd_municipality *vd_dir_muni(const struct vd_directory *d, int number)
{
	return vd_map_get_u64(&d->by_id[BY_MUNI], (uint64_t)number);
}
struct vd_gateway *vd_dir_gateway(const struct vd_directory *d, int64_t id)
{
	return vd_map_get_u64(&d->by_id[BY_GATEWAY], (uint64_t)id);
}
struct vd_gateway *vd_dir_gateway_user(const struct vd_directory *d, struct vd_span user)
{
	return vd_map_get(&d->gateway_user, user);
}
struct vd_device *vd_dir_device(const struct vd_directory *d, int64_t id)
{
	return vd_map_get_u64(&d->by_id[BY_DEVICE], (uint64_t)id);
}
struct vd_device *vd_dir_device_key(const struct vd_directory *d, int64_t gateway,
				    const char *family, struct vd_span identity)
{
	char buf[256];
	return vd_map_get(&d->device_key, device_key(buf, sizeof(buf), gateway, family, identity));
}
struct vd_placement *vd_dir_placement(const struct vd_directory *d, int64_t id)
{
	return vd_map_get_u64(&d->by_id[BY_PLACEMENT], (uint64_t)id);
}
struct vd_recipient *vd_dir_recipient(const struct vd_directory *d, int64_t id)
{
	return vd_map_get_u64(&d->by_id[BY_RECIPIENT], (uint64_t)id);
}

static bool is_for(const struct vd_placement *p, int64_t recipient)
{
	bool is = recipient && p->recipient == recipient;
	for (int i = 0; i < VD_MAX_ALSO; i++)
		is |= recipient && p->also[i] == recipient;
	return is;
}

bool vd_dir_same_home(const struct vd_directory *d, int64_t recipient, int64_t placement,
		      int64_t there)
{
	const struct vd_placement *at = there ? vd_dir_placement(d, there) : NULL;
	const struct vd_placement *p = placement ? vd_dir_placement(d, placement) : NULL;
	bool same = at && is_for(at, recipient);
	for (int i = 0; at && recipient && p && i < VD_MAX_ALSO; i++)
		same |= is_for(at, p->also[i]);
	return same;
}
struct vd_staff *vd_dir_staff(const struct vd_directory *d, int64_t id)
{
	return vd_map_get_u64(&d->by_id[BY_STAFF], (uint64_t)id);
}
struct vd_staff *vd_dir_staff_user(const struct vd_directory *d, struct vd_span user)
{
	for (size_t i = 0; i < d->n_staff; i++)
		if (vd_span_is(user, d->staff[i].user))
			return &d->staff[i];
	return NULL;
}

int64_t vd_device_key(int64_t gateway, const char *family, struct vd_span identity)
{
	uint64_t f = vd_hash64(vd_span_cstr(family), (uint64_t)gateway);
	uint64_t k = vd_hash64(identity, f);
	return (int64_t)((k & ((1ull << 52) - 1)) | (1ull << 48));
}

static const char *const lives[] = {
	[VD_LIFE_HEARD] = "heard",       [VD_LIFE_STOCK] = "stock",
	[VD_LIFE_READY] = "ready",       [VD_LIFE_TEST] = "test",
	[VD_LIFE_IN_USE] = "in_use",     [VD_LIFE_OUT_OF_SERVICE] = "out_of_service",
	[VD_LIFE_RETURNED] = "returned", [VD_LIFE_SCRAPPED] = "scrapped"};

const char *vd_lifecycle_name(enum vd_lifecycle l)
{
	return lives[l];
}

int vd_lifecycle_parse(struct vd_span s)
{
	for (size_t i = 0; i < sizeof(lives) / sizeof(lives[0]); i++)
		if (vd_span_is(s, lives[i]))
			return (int)i;
	return -1;
}

bool vd_scope_sees(const struct vd_scope *s, int muni)
{
	if (s->all || muni == 0)
		return true;
	for (size_t i = 0; i < 16 && s->munis[i]; i++)
		if (s->munis[i] == muni)
			return true;
	return false;
}

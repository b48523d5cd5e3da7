/* SPDX-License-Identifier: EUPL-1.2 */
/* How far people are with what a device asked for. Loop thread. */
#include "core/hub_int.h"
#include "base/clock.h"

/* Of two, the one nobody has taken; else the newer. A unit must not be told that its fall is taken
 * because somebody closed the press that came after it. */
static bool before(const struct vd_alarm *a, const struct vd_alarm *b)
{
	bool waits = a->handling == VD_H_NEW;
	if (waits != (b->handling == VD_H_NEW))
		return waits;
	return a->received_at_ms > b->received_at_ms;
}

/* Whatever asks for a person: calls for help, and leaving an area or bed where that raises. */
static const struct vd_alarm *newest_call(struct vd_hub *h, int64_t device)
{
	const struct vd_alarm *newest = NULL;
	const struct person *its = vd_map_get_u64(&h->callers, (uint64_t)device);
	if (!its)
		return NULL;
	VD_LIST_EACH(it, &its->lives)
	{
		const struct vd_alarm *a = &VD_CONTAINER(it, struct live, of_device)->a;
		if (vd_kind_class(a->kind) != 'T' && (!newest || before(a, newest)))
			newest = a;
	}
	return newest;
}

enum vd_stand vd_hub_stand(struct vd_hub *h, int64_t gateway, const char *family,
			   struct vd_span identity)
{
	const struct vd_device *d = vd_dir_device_key(h->dir, gateway, family, identity);
	/* Nobody may have registered it: its alarm bears the key it will get. */
	int64_t id = d ? d->id : identity.n ? vd_device_key(gateway, family, identity) : 0;
	const struct vd_alarm *a = id ? newest_call(h, id) : NULL;
	if (!a)
		return VD_STAND_NONE;
	switch (a->handling) {
	case VD_H_CLOSED:
		return h->rt->wall_ms(h->rt) - a->closed_at_ms < VD_HOUR_MS ? VD_STAND_CLOSED
									    : VD_STAND_NONE;
	case VD_H_NEW: return VD_STAND_WAITS;
	default: return VD_STAND_TAKEN;
	}
}

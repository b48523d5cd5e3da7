/* SPDX-License-Identifier: EUPL-1.2 */
/* The answer a family's own protocol has for the sender of a frame. Loop thread. */
#include "core/hub_int.h"

#define ON_DUTY_LOOKED_AT 16 /* of those on duty at once: the first of them who has a telephone */

/* Whom a unit may call: the lowest key on the first list that has a telephone; NULL = nobody. */
static const char *duty_phone(struct vd_hub *h, int muni)
{
	int64_t staff[ON_DUTY_LOOKED_AT];
	size_t n = vd_roster_on_duty(h->dir, muni, 1, h->rt->wall_ms(h->rt), staff,
				     ON_DUTY_LOOKED_AT);
	for (size_t i = 0; i < n; i++) {
		const struct vd_staff *s = vd_dir_staff(h->dir, staff[i]);
		if (s && s->phone[0])
			return s->phone;
	}
	return NULL;
}

int vd_hub_reply(struct vd_hub *h, int64_t gateway, const char *family, const struct vd_frame *f,
		 enum vd_outcome_code outcome, const char *why, struct vd_buf *ret_body,
		 const char **ret_content_type)
{
	const struct vd_gateway *gw = vd_dir_gateway(h->dir, gateway);
	struct hub_binding *b = gw ? hub_binding_find(h, gateway, family, f->topic) : NULL;
	if (!b || !b->adapter->reply)
		return VD_ENOTFOUND;
	struct vd_answer a = {.outcome = outcome, .why = why, .call = duty_phone(h, gw->muni)};
	struct vd_buf scratch;
	vd_buf_init(&scratch, VD_MAX_FRAME_BYTES);
	if (b->adapter->speaker) {
		struct vd_span who = b->adapter->speaker(b->state, f, &scratch);
		if (who.n)
			a.stand = vd_hub_stand(h, gateway, family, who);
	}
	vd_buf_fini(&scratch);
	return b->adapter->reply(b->state, f, &a, ret_body, ret_content_type);
}

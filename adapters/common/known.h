/* SPDX-License-Identifier: EUPL-1.2 */
/* What a bridge has told of the devices behind it: whose make and model they are, so that rows of
 * the vendor tables can name them. Belongs to an adapter's state. Loop thread. */
#pragma once
#include "port/adapter.h"

struct vd_known_device {
	uint64_t key; /* of its identity */
	char vendor[48], model[64], firmware[16];
};
struct vd_known {                     /* zeroed */
	struct vd_known_device *list; /* owned; at most VD_MAX_HEARD_GATEWAY */
	size_t n, cap;
};

void vd_known_fini(struct vd_known *k);
/* NULL when nothing was told of it. */
const struct vd_known_device *vd_known_find(const struct vd_known *k, struct vd_span identity);
/* 1: news, 0: known already, or no room for more; VD_ENOMEM with nothing changed. */
int vd_known_tell(struct vd_known *k, struct vd_span identity, struct vd_span vendor,
		  struct vd_span model, struct vd_span firmware);

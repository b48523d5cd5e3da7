/* SPDX-License-Identifier: EUPL-1.2 */
/* What the bridge tells of itself and of its network. Pure. */
#pragma once
#include "port/adapter.h"

/* "online" or "offline", bare or as {"state":...}; "" when the body is empty, which only clears a
 * retained topic. Anything else, and half an object, is VD_EPARSE with d->error. */
int z2m_online(struct vd_decoded *d, struct vd_span body, const char *what, struct vd_span *ret);
/* bridge/event: joined, announced, interviewed, left. */
int z2m_bridge_event(struct vd_decoded *d, struct vd_span body);

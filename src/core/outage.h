/* SPDX-License-Identifier: EUPL-1.2 */
/* Shared by outage.c, outage_gateways.c and outage_state.c only. Loop thread.
 *
 * Glossary: an outage *stands* while its alarm is open and *blows* while its condition is active;
 * its *mark* is the hash of the alarm's id, kept with each member. */
#pragma once
#include "core/hub_int.h"

uint64_t outage_mark(const struct vd_alarm *a);
/* The open outage of a gateway's devices, or (gateway 0) of a municipality; NULL. */
struct live *outage_standing(struct vd_hub *h, int muni, int64_t gateway);
struct live *outage_blowing(struct vd_hub *h, int muni, int64_t gateway);
struct hub_fallen *outage_fallen(struct vd_hub *h, const struct vd_alarm *a); /* NULL: no memory */
/* How many of so many in use are an outage. */
size_t outage_needed(size_t in_use, size_t least);
bool outage_heard_since(const struct hub_fallen *f, const struct hub_device *d);
void outage_join(struct hub_fallen *f, struct live *outage, struct hub_device *d);
void outage_mark_quiet(struct vd_hub *h, const struct hub_fallen *f, const struct live *outage);
/* Half are back, or none is left: told, and the others have their own limit from now. */
void outage_over(struct vd_hub *h, struct hub_fallen *f, struct live *outage);
void outage_end_gateways(struct vd_hub *h, struct live *outage); /* if half of them are back */

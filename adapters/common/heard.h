/* SPDX-License-Identifier: EUPL-1.2 */
/* The device of a message for the waiting list. Loop thread. */
#pragma once
#include "adapters/common/reading.h"

#define VD_HEARD_BYTES 256 /* scratch that the kinds of one message may take */

/* Who spoke, with the kinds of the readings so far as what it can tell. Spans are borrowed like all
 * of vd_decoded. The scratch must have VD_HEARD_BYTES left; what does not fit is left out. NULL
 * without an identity, or at the ceiling. */
struct vd_heard *vd_heard_add(struct vd_decoded *d, struct vd_span identity);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Which states a kind may have (docs/vocabulary.md). A misspelt one must be refused, not stored as
 * a state nobody acts on. Pure. */
#pragma once
#include "model/event.h"

/* Space-separated; "" = no state; NULL = only the hub itself makes this kind. */
const char *vd_kind_states(enum vd_kind k);
/* "unknown" fits every kind that has states. */
bool vd_kind_takes(enum vd_kind k, struct vd_span state);

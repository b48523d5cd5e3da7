/* SPDX-License-Identifier: EUPL-1.2 */
/* ULIDs: 48 bits of milliseconds, 80 bits of entropy, 26 characters of Crockford base32; sorts by
 * time (github.com/ulid/spec). Monotonic within one generator. One thread per generator. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include "base/span.h"

#define VD_ID_LEN 26

struct vd_idgen {
	uint64_t last_ms;
	uint8_t last_random[10];
};

/* Writes VD_ID_LEN characters and a NUL. `entropy` are 10 fresh random bytes. Within one
 * millisecond, or when the clock steps back, the previous id is incremented instead. */
void vd_id_make(struct vd_idgen *g, int64_t wall_ms, const uint8_t entropy[10],
		char ret_id[VD_ID_LEN + 1]);
bool vd_id_valid(struct vd_span s);

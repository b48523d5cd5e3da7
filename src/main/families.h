/* SPDX-License-Identifier: EUPL-1.2 */
/* The device families built into this program, for the commands that take --family. Any thread. */
#pragma once
#include "port/adapter.h"

#define VD_FAMILIES_TEXT 400

static inline bool vd_family_known(struct vd_span family)
{
	return vd_adapter_find(family) != NULL;
}

/* "chirpstack, thethingsstack, ..." */
static inline void vd_families_text(char dst[VD_FAMILIES_TEXT])
{
	size_t at = 0;
	dst[0] = '\0';
	for (size_t i = 0; vd_adapters[i]; i++) {
		const char *f = vd_adapters[i]->family;
		size_t n = strlen(f);
		if (at + n + 3 > VD_FAMILIES_TEXT)
			break;
		if (at) {
			memcpy(dst + at, ", ", 2);
			at += 2;
		}
		memcpy(dst + at, f, n + 1);
		at += n;
	}
}

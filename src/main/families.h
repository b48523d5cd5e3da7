/* SPDX-License-Identifier: EUPL-1.2 */
/* The device families built into this program, for the commands that take --family. Any thread. */
#pragma once
#include "base/mem.h"
#include "port/adapter.h"

#define VD_FAMILIES_TEXT 400

static inline bool vd_family_known(struct vd_span family)
{
	return vd_adapter_find(family) != NULL;
}

/* Would a binding of this family take this configuration? The hub passes over one that does not. */
static inline bool vd_family_config_fits(struct vd_span family, struct vd_span config)
{
	const struct vd_adapter *a = vd_adapter_find(family);
	void *state = a ? vd_calloc(1, a->state_size) : NULL;
	bool fits = state && a->init(state, vd_span("", 0), config, NULL) == 0;
	if (fits && a->fini)
		a->fini(state);
	vd_free(state);
	return fits;
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

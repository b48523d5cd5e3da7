/* SPDX-License-Identifier: EUPL-1.2 */
/* A small region for tests, named by short words: builds the directory the hub runs on, and can be
 * changed and built again. One thread; names are borrowed until world_fini. */
#pragma once
#include "model/directory.h"

#define WORLD_MAX 600

struct world {
	struct vd_municipality munis[16];
	struct vd_gateway gateways[16];
	struct vd_binding bindings[32];
	struct vd_device devices[WORLD_MAX];
	struct vd_placement placements[WORLD_MAX];
	struct vd_recipient recipients[64];
	struct vd_staff staff[32];
	struct vd_shift shifts[64];
	size_t n_munis, n_gateways, n_bindings, n_devices, n_placements, n_recipients, n_staff,
		n_shifts;
	int64_t version;
	char *strings[8192];
	size_t n_strings;
};

void world_init(struct world *w);
void world_fini(struct world *w);
const char *world_str(struct world *w, const char *s); /* a copy that lives with the world */
struct vd_municipality *world_muni(struct world *w, int number, const char *name);
struct vd_gateway *world_gateway(struct world *w, int muni, const char *name, const char *family,
				 const char *prefix);
/* One more family or prefix the gateway speaks. */
void world_binding(struct world *w, const struct vd_gateway *g, const char *family,
		   const char *prefix);
struct vd_recipient *world_recipient(struct world *w, int muni, const char *name);
/* In use, placed with the recipient (NULL = not placed: waiting list). */
struct vd_device *world_device(struct world *w, struct vd_gateway *g, const char *family,
			       const char *identity, struct vd_recipient *r, const char *room);
struct vd_placement *world_placement(struct world *w, const struct vd_device *d);
struct vd_staff *world_staff(struct world *w, int muni, const char *name, unsigned roles);
void world_shift(struct world *w, struct vd_staff *s, int muni, int level, int64_t from_ms,
		 int64_t to_ms);
/* A fresh snapshot of the world as it is now, with the next version; NULL when out of memory. */
struct vd_directory *world_directory(struct world *w);

/* SPDX-License-Identifier: EUPL-1.2 */
#include "world.h"
#include "base/check.h"
#include "base/mem.h"

void world_init(struct world *w)
{
	memset(w, 0, sizeof(*w));
}

void world_fini(struct world *w)
{
	for (size_t i = 0; i < w->n_strings; i++)
		vd_free(w->strings[i]);
}

const char *world_str(struct world *w, const char *s)
{
	VD_REQUIRE(w->n_strings < sizeof(w->strings) / sizeof(w->strings[0]));
	char *p = vd_strdup(s);
	VD_REQUIRE(p);
	return w->strings[w->n_strings++] = p;
}

#define NEXT(array, count) (&(array)[next(&(count), sizeof(array) / sizeof((array)[0]))])

static size_t next(size_t *n, size_t cap)
{
	VD_REQUIRE(*n < cap);
	return (*n)++;
}

struct vd_municipality *world_muni(struct world *w, int number, const char *name)
{
	struct vd_municipality *m = NEXT(w->munis, w->n_munis);
	*m = (struct vd_municipality){.number = number,
				      .name = world_str(w, name),
				      .language = "nb",
				      .escalate1_ms = 60000,
				      .escalate2_ms = 60000,
				      .ack_timeout_ms = 600000,
				      .travel_remind_ms = 1800000,
				      .repeat_window_ms = 86400000,
				      .test_days = 30};
	return m;
}

struct vd_gateway *world_gateway(struct world *w, int muni, const char *name, const char *family,
				 const char *prefix)
{
	struct vd_gateway *g = NEXT(w->gateways, w->n_gateways);
	*g = (struct vd_gateway){.id = (int64_t)w->n_gateways,
				 .muni = muni,
				 .name = world_str(w, name),
				 .user = world_str(w, name),
				 .cert_sha256 = ""};
	world_binding(w, g, family, prefix);
	return g;
}

void world_binding(struct world *w, const struct vd_gateway *g, const char *family,
		   const char *prefix)
{
	struct vd_binding *b = NEXT(w->bindings, w->n_bindings);
	*b = (struct vd_binding){.id = (int64_t)w->n_bindings,
				 .gateway = g->id,
				 .family = world_str(w, family),
				 .prefix = world_str(w, prefix),
				 .config = ""};
}

struct vd_recipient *world_recipient(struct world *w, int muni, const char *name)
{
	struct vd_recipient *r = NEXT(w->recipients, w->n_recipients);
	*r = (struct vd_recipient){.id = (int64_t)w->n_recipients,
				   .muni = muni,
				   .name = world_str(w, name),
				   .address = "",
				   .floor = "",
				   .key_note = "",
				   .phone = "",
				   .alarm_limit = ""};
	return r;
}

struct vd_device *world_device(struct world *w, struct vd_gateway *g, const char *family,
			       const char *identity, struct vd_recipient *r, const char *room)
{
	struct vd_device *d = NEXT(w->devices, w->n_devices);
	*d = (struct vd_device){.id = (int64_t)w->n_devices,
				.gateway = g->id,
				.muni = g->muni,
				.family = world_str(w, family),
				.identity = world_str(w, identity),
				.name = world_str(w, identity),
				.vendor = "",
				.model = "",
				.serial = "",
				.lifecycle = r ? VD_LIFE_IN_USE : VD_LIFE_HEARD};
	if (!r)
		return d;
	struct vd_placement *p = NEXT(w->placements, w->n_placements);
	*p = (struct vd_placement){.id = (int64_t)w->n_placements,
				   .recipient = r->id,
				   .muni = g->muni,
				   .room = world_str(w, room),
				   .purpose = ""};
	d->placement = p->id;
	return d;
}

struct vd_placement *world_placement(struct world *w, const struct vd_device *d)
{
	return d->placement ? &w->placements[d->placement - 1] : NULL;
}

struct vd_staff *world_staff(struct world *w, int muni, const char *name, unsigned roles)
{
	struct vd_staff *s = NEXT(w->staff, w->n_staff);
	*s = (struct vd_staff){.id = (int64_t)w->n_staff,
			       .muni = muni,
			       .user = world_str(w, name),
			       .name = world_str(w, name),
			       .phone = "",
			       .language = "nb",
			       .roles = roles,
			       .scope = {muni},
			       .password = ""};
	return s;
}

void world_shift(struct world *w, struct vd_staff *s, int muni, int level, int64_t from_ms,
		 int64_t to_ms)
{
	struct vd_shift *x = NEXT(w->shifts, w->n_shifts);
	*x = (struct vd_shift){.id = (int64_t)w->n_shifts,
			       .staff = s->id,
			       .muni = muni,
			       .level = level,
			       .from_ms = from_ms,
			       .to_ms = to_ms};
}

/* Strings stay the world's: the world outlives every snapshot of it. */
#define COPY(to, from, count)                                                                      \
	do {                                                                                       \
		(to) = vd_malloc(((count) + 1) * sizeof(*(to)));                                   \
		VD_REQUIRE(to);                                                                    \
		memcpy((to), (from), (count) * sizeof(*(to)));                                     \
	} while (0)

struct vd_directory *world_directory(struct world *w)
{
	struct vd_directory *d = vd_calloc(1, sizeof(*d));
	VD_REQUIRE(d);
	d->version = ++w->version;
	COPY(d->munis, w->munis, d->n_munis = w->n_munis);
	COPY(d->gateways, w->gateways, d->n_gateways = w->n_gateways);
	COPY(d->bindings, w->bindings, d->n_bindings = w->n_bindings);
	COPY(d->devices, w->devices, d->n_devices = w->n_devices);
	COPY(d->placements, w->placements, d->n_placements = w->n_placements);
	COPY(d->recipients, w->recipients, d->n_recipients = w->n_recipients);
	COPY(d->staff, w->staff, d->n_staff = w->n_staff);
	COPY(d->shifts, w->shifts, d->n_shifts = w->n_shifts);
	VD_REQUIRE(vd_directory_index(d) == 0);
	return d;
}

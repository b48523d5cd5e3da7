/* SPDX-License-Identifier: EUPL-1.2 */
/* The facts a report rests on, read in one snapshot from roll-ups and alarms (never the journal),
 * and the cited assumptions. No names of people. Reader thread or a tool. */
#pragma once
#include "model/baseline.h"
#include "model/event.h"
#include "store/db.h"

struct vd_fact_muni {
	int number;
	char name[64];
	bool nynorsk;
};
struct vd_fact_alarm {
	int muni;
	int64_t device, placement, recipient;
	enum vd_kind kind;
	int64_t received_ms, first_ack_ms, on_site_ms; /* 0 = not */
	int repeat_24h, level;
	bool collapsed; /* stands inside a storm alarm */
};
/* A baseline with whom it concerns; recipient is a key, never a name. */
struct vd_fact_base {
	int muni;
	int64_t placement, recipient;
	enum vd_tech tech;
	struct vd_baseline b;
	int64_t measured_from, measured_to;
};
/* What a placement with a baseline did on a day. */
struct vd_fact_use {
	int64_t placement, day;
	int64_t doses, supervisions, doors, doors_night;
	int64_t any; /* rows of any kind: the device was alive */
};
struct vd_fact_device {
	int muni;
	int64_t id, placement, limit_ms; /* silence limit, 0 = default */
	int64_t seen_ms;                 /* 0 = never */
};
struct vd_fact_gap {
	int64_t device, day, gap_ms; /* longest silence that ended that day */
};
struct vd_fact_duty {
	int muni;
	int64_t day, n; /* times nobody was on duty */
};
struct vd_assumption {
	const char *id;
	int muni; /* 0 = all */
	struct vd_range value;
	const char *unit;
	int price_year; /* 0 = not money */
	const char *grade, *source;
	bool library; /* not from this installation's table */
};

#define VD_FACTS_LISTS(X)                                                                          \
	X(munis, struct vd_fact_muni)                                                              \
	X(alarms, struct vd_fact_alarm)                                                            \
	X(bases, struct vd_fact_base)                                                              \
	X(uses, struct vd_fact_use)                                                                \
	X(devices, struct vd_fact_device)                                                          \
	X(gaps, struct vd_fact_gap)                                                                \
	X(duties, struct vd_fact_duty)                                                             \
	X(assumptions, struct vd_assumption)

struct vd_facts {
	int64_t from_day, to_day; /* [from, to) */
#define X(name, type)                                                                              \
	type *name;                                                                                \
	size_t n_##name;
	VD_FACTS_LISTS(X)
#undef X
	char hash[65]; /* SHA-256 of every fact above, hex */
};
/* All lists sorted: municipalities by number, alarms by receipt, uses by placement and day. */
int vd_facts_load(struct vd_db *db, int64_t from_day, int64_t to_day, struct vd_facts **ret,
		  struct vd_errtext *e);
void vd_facts_free(struct vd_facts *f); /* NULL allowed */
/* The municipality's own assumption, else the installation's, else the library's; NULL = none. */
const struct vd_assumption *vd_facts_assumption(const struct vd_facts *f, int muni, const char *id);

/* schema/assumptions/library.csv; ends with id NULL. */
extern const struct vd_assumption vd_assumption_library[];
/* Puts the library's rows into the assumption table; rows that are there stay as they are. */
int vd_assumptions_seed(struct vd_db *db, struct vd_errtext *e);

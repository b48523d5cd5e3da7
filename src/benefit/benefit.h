/* SPDX-License-Identifier: EUPL-1.2 */
/* What a user-day with a technology frees, from a measured baseline and cited shares. Pure: no SQL,
 * clock or files. Any thread. The method and its sources: docs/report.md. */
#pragma once
#include "base/err.h"
#include "model/baseline.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vd_range vd_range_add(struct vd_range a, struct vd_range b);
/* Bounds of a product of two independent ranges, whatever their signs. */
struct vd_range vd_range_mul(struct vd_range a, struct vd_range b);

/* How sure we are, from cited assumptions. */
struct vd_shares {
	struct vd_range replaced; /* share of the baseline's visits published studies saw vanish */
	struct vd_range travel;   /* share of the travel that goes when a visit goes */
};
/* What the hub saw of one placement on one day. */
struct vd_usage {
	bool alive;  /* the device spoke */
	bool used;   /* and did what the technology is for */
	int created; /* visits it caused (somebody went there because of its alarm) */
};
struct vd_saving {
	struct vd_range visits, minutes, km; /* net of what the technology created */
	double potential_min;                /* had it been used all day, every visit gone */
	bool exposed;                        /* a day within [start, end) */
	bool counted;                        /* exposed, alive and used */
};

/* Is the technology in use by this day at all? */
bool vd_benefit_exposed(const struct vd_baseline *b, int64_t day);
/* Minutes of care a day before the technology: the ceiling of what a day can free. */
double vd_benefit_ceiling(const struct vd_baseline *b);
/* One user-day. Not alive or not used: nothing is freed; visits it created still cost. */
struct vd_saving vd_benefit_day(const struct vd_baseline *b, const struct vd_shares *s, int64_t day,
				const struct vd_usage *u);
/* 0, or VD_ECORRUPT with the reason: more freed than the baseline holds, anything freed on a day
 * that does not count, low above mode above high. */
int vd_benefit_check(const struct vd_baseline *b, const struct vd_saving *s, struct vd_errtext *e);
/* Value of freed capacity in kroner: never cash, never a saving. */
struct vd_range vd_benefit_value(struct vd_range minutes, struct vd_range hour_price);

/* The realisation ladder: never one number. Redeployed and budgeted need documents. */
struct vd_ladder {
	double potential_min;
	struct vd_range freed_min;
	bool has_redeployed, has_budgeted;
	double redeployed_min, budgeted_kr;
};
void vd_ladder_add(struct vd_ladder *l, const struct vd_saving *s);
/* 0, or VD_ECORRUPT when a step is larger than the one below it. */
int vd_ladder_check(const struct vd_ladder *l, struct vd_errtext *e);

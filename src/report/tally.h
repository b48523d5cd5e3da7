/* SPDX-License-Identifier: EUPL-1.2 */
/* The figures of one edition, counted from the facts; writers only read them. One thread. */
#pragma once
#include "benefit/answer.h"
#include "benefit/benefit.h"
#include "benefit/suppress.h"
#include "store/facts.h"

enum rep_period { REP_DAY, REP_MONTH, REP_YEAR, REP_PERIODS }; /* YEAR: 13 calendar months */
#define REP_MONTHS  13
#define REP_WORST   10
#define REP_PRESSES 3 /* presses by one person within 24 hours that make a repeat presser */

struct rep_tech {
	int64_t user_days, counted_days, dead_days; /* exposed; alive and used; not alive */
	int64_t events, events_night, created;
	struct vd_range visits, km;
	struct vd_ladder ladder;
};
struct rep_stats {
	int64_t by_kind[VD_KIND_MAX], alarms; /* all kinds */
	struct vd_answer answer;              /* care alarms only */
	int64_t escalated, nobody, pressers;
	struct rep_tech tech[VD_TECH_MAX];
};
struct rep_worst {
	int64_t device, placement, n; /* device 0: the placement stands for it */
};
struct rep_silent {
	int64_t device, silent_ms;
};
struct rep_muni {
	int number; /* 0 = region */
	const char *name;
	bool nynorsk;
	struct rep_stats p[REP_PERIODS];
	int64_t month_alarms[REP_MONTHS];
	double month_freed_min[REP_MONTHS];
	int64_t users[VD_TECH_MAX]; /* persons with a baseline in use at the day */
	bool hide[VD_TECH_MAX];     /* the technology's figures */
	bool hide_total;            /* the sum over technologies */
	bool hide_pressers[REP_PERIODS];
	struct rep_worst worst[REP_WORST]; /* of the 13 months' last month to date */
	size_t n_worst;
	struct rep_silent *silent; /* owned: devices silent on the day */
	size_t n_silent;
	int64_t silent_ms;
	size_t devices;
	bool has_price;
	struct vd_range hour_price;
};
struct rep_edition {
	const struct vd_facts *f;
	int64_t day, first[REP_PERIODS]; /* each period is [first, day] */
	int64_t month[REP_MONTHS + 1];   /* first day of each month; the last is day + 1 */
	struct rep_muni *muni;           /* owned; as f->munis */
	size_t n_muni;
	struct rep_muni region;
};
/* First day of the 13 months whose last one holds `day`. */
int64_t rep_first_day(int64_t day);
/* Care alarms: what a person must answer; technical ones are counted only. */
bool rep_care(enum vd_kind k);
int rep_tally(const struct vd_facts *f, int64_t day, struct rep_edition **ret,
	      struct vd_errtext *e);
void rep_free(struct rep_edition *r); /* NULL allowed */
/* The edition's parts, in tally order. */
int rep_tally_benefit(struct rep_edition *r, struct vd_errtext *e);
int rep_tally_alarms(struct rep_edition *r);
int rep_tally_silent(struct rep_edition *r);
int rep_tally_hide(struct rep_edition *r);
/* Sum of municipalities = region, before anything is hidden. */
int rep_check(const struct rep_edition *r, struct vd_errtext *e);
struct rep_muni *rep_find(struct rep_edition *r, int number); /* NULL = none */
/* Shares for a technology from the municipality's assumptions. */
void rep_shares(const struct vd_facts *f, int muni, enum vd_tech t, struct vd_shares *ret);
extern const char *const rep_share_id[VD_TECH_MAX];

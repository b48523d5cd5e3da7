/* SPDX-License-Identifier: EUPL-1.2 */
/* Between life.c, which plays the days, and life_day.c, which makes them up. */
#pragma once
#include "sim/life.h"
#include "sim/phrase.h"

#define DAY_MESSAGES_MAX 20000
#define PLANS_MAX        512

struct message {
	int64_t at_ms;
	int device;
	enum phrase_what what;
};

struct plan { /* somebody means to do something about an alarm */
	int64_t at_ms;
	char alarm[VD_ID_LEN + 1];
	int64_t staff, recipient_kind;
	int stage; /* 0 acknowledge, 1 en route, 2 on site, 3 close */
	bool used;
};

struct life {
	const struct life_config *cfg;
	uint64_t rng;
	struct message *day;
	size_t n;
	struct plan plans[PLANS_MAX];
	struct vd_watcher watcher;
	int64_t messages;
	struct vd_buf topic, body;
};

static inline double unit(struct life *l)
{
	return region_unit(&l->rng);
}

static inline bool chance(struct life *l, double p)
{
	return unit(l) < p;
}

/* Adds what every device says on an Oslo day to l->day, in no order. */
void life_day(struct life *l, int64_t day);

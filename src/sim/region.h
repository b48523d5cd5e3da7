/* SPDX-License-Identifier: EUPL-1.2 */
/* The invented region of varde simulate: who lives where with which devices, who works when. Names
 * are made of common Norwegian first names and invented farm names; national numbers are synthetic
 * (month + 80). Plain data. */
#pragma once
#include <stdint.h>

#define REGION_MUNIS      6
#define REGION_RECIPIENTS 41
#define REGION_DEVICES    160

enum role_of_device { /* how it behaves */
		      D_BUTTON,
		      D_DOOR,
		      D_FALL,
		      D_MOTION,
		      D_SMOKE,
		      D_LEAK,
		      D_BED,
		      D_DISPENSER,
		      D_CAMERA
};

struct region_device {
	int muni;      /* index */
	int recipient; /* index */
	enum role_of_device role;
	const char *family; /* "zigbee2mqtt" ... */
	char identity[40], name[48];
	const char *room, *vendor, *model;
	int64_t gateway, placement; /* row keys, once stored */
};

struct region_recipient {
	int muni;
	char name[48], address[48], phone[16], national_id[12];
	const char *floor, *key_note;
	int64_t id;
};

struct region {
	struct region_recipient recipients[REGION_RECIPIENTS];
	struct region_device devices[REGION_DEVICES];
	int n_devices;
};

struct region_muni {
	int number;
	const char *name, *language, *word; /* "skjaak": user names */
};
extern const struct region_muni region_munis[REGION_MUNIS];

void region_make(struct region *r, uint64_t seed);
/* A small generator, the same everywhere: splitmix64. */
uint64_t region_random(uint64_t *state);
/* 0 <= x < 1 */
double region_unit(uint64_t *state);

/* SPDX-License-Identifier: EUPL-1.2 */
/* The invented region of varde simulate: who lives where with which devices, who works when. Names
 * are made of common Norwegian first names and invented farm names; national numbers are synthetic
 * (month + 80). Plain data. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define REGION_MUNIS      6
#define REGION_RECIPIENTS 42
#define REGION_DEVICES    200

enum role_of_device { /* how it behaves */
		      D_BUTTON,
		      D_DOOR,
		      D_FALL,
		      D_MOTION,
		      D_SMOKE,
		      D_LEAK,
		      D_BED,
		      D_DISPENSER,
		      D_CAMERA,
		      D_RADAR,   /* presence and falls, without a camera */
		      D_WATCH,   /* GPS: calls, leaves an agreed area */
		      D_TRACKER, /* a telephone: where it is, leaves an agreed area */
		      D_PENDANT, /* falls */
		      D_LOCK,
		      D_VITAL /* scales, blood pressure, oxygen */
};

/* One kind of device as it is bought and put up. '#' in the identity are the device's number. */
struct region_kit {
	enum role_of_device role;
	const char *family, *room, *name, *vendor, *model, *identity, *features;
};

struct region_device {
	int muni;      /* index */
	int recipient; /* index; -1 = heard, and nobody has placed it yet */
	int number;    /* from 1 */
	enum role_of_device role;
	const char *family; /* "zigbee2mqtt" ... */
	char identity[40], name[48];
	const char *room, *vendor, *model, *features;
	double lat, lon;
	int64_t gateway, placement; /* row keys, once stored; placement 0 = none */
	long told;                  /* messages so far: its own counter */
	int battery;                /* per cent, as told last */
};

struct region_recipient {
	int muni;
	char name[48], address[48], phone[16], national_id[12];
	const char *floor, *key_note;
	int lives_with; /* index of the one whose home and devices it is; -1 = a home of its own */
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
	double lat, lon;                    /* its centre */
};
extern const struct region_muni region_munis[REGION_MUNIS];

/* A gateway a municipality may have: what speaks through it is what it has bought. */
enum region_door {
	REGION_MQTT,
	REGION_WEBHOOK,
	REGION_WEBHOOK_KEY, /* credential in the address */
	REGION_SIP
};
struct region_gateway {
	const char *word, *name; /* "base": in the user's name; in its title */
	enum region_door door;
};
/* How a family comes in: through which gateway, under which topic prefixes ("tele stat"). */
struct region_family {
	const char *family, *gateway, *prefixes, *config;
};
extern const struct region_gateway region_gateways[];
extern const int region_n_gateways;
extern const struct region_family region_families[];
extern const int region_n_families;
/* NULL when no municipality can hear that family. */
const struct region_family *region_family(const char *family);
/* Has this municipality something of that family, or does its base speak it anyway? */
bool region_has(const struct region *r, int muni, const struct region_family *f);

void region_make(struct region *r, uint64_t seed);
/* region_homes.c: the devices of every home, and those still in their boxes. */
void region_furnish(struct region *r);
/* A small generator, the same everywhere: splitmix64. */
uint64_t region_random(uint64_t *state);
/* 0 <= x < 1 */
double region_unit(uint64_t *state);

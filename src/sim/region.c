/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/region.h"
#include <stdio.h>
#include <string.h>

const struct region_muni region_munis[REGION_MUNIS] = {
	{3431, "Dovre", "nb", "dovre"},  {3432, "Lesja", "nb", "lesja"},
	{3433, "Skjåk", "nn", "skjaak"}, {3434, "Lom", "nn", "lom"},
	{3435, "Vågå", "nn", "vaagaa"},  {3437, "Sel", "nb", "sel"}};

uint64_t region_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

double region_unit(uint64_t *state)
{
	return (double)(region_random(state) >> 11) / 9007199254740992.0;
}

static const char *const first[] = {"Kari",   "Olav",    "Ingrid",   "Arne",     "Marit",
				    "Knut",   "Solveig", "Harald",   "Gudrun",   "Einar",
				    "Astrid", "Nils",    "Ragnhild", "Per",      "Torbjørg",
				    "Sverre", "Aslaug",  "Magne",    "Borghild", "Tor",
				    "Signe",  "Odd",     "Ragna",    "Leif",     "Åse"};
static const char *const farm[] = {"Prøvehaug", "Diktbakken", "Tenkmo",  "Lånegard",
				   "Oppsvoll",  "Skissedal",  "Fiktebø", "Modellien",
				   "Utkasteng", "Tomtesveen"};
static const char *const keys[] = {"Nøkkelboks ved kjellerdør, kode hos vakt", "E-lås",
				   "Nøkkel hos nabo i nr. 4", "Ulåst på dagtid"};
static const char *const floors[] = {"1. etasje", "2. etasje", "Sokkel", ""};

static void make_recipient(struct region_recipient *p, int i, uint64_t *rng)
{
	memset(p, 0, sizeof(*p));
	p->muni = i % REGION_MUNIS;
	snprintf(p->name, sizeof(p->name), "%s %s", first[(unsigned)(i * 7) % 25],
		 farm[region_random(rng) % 10]);
	snprintf(p->address, sizeof(p->address), "%svegen %d", region_munis[p->muni].name,
		 3 + i * 4);
	snprintf(p->phone, sizeof(p->phone), "000 00 %03d", i);
	/* day, month + 80, year, serial: never a real person's number */
	snprintf(p->national_id, sizeof(p->national_id), "%02d%02d%02d%05d", 1 + i % 28,
		 81 + i % 12, 30 + i % 20, 10000 + i);
	p->floor = floors[region_random(rng) % 4];
	p->key_note = keys[region_random(rng) % 4];
}

struct kit {
	enum role_of_device role;
	const char *family, *room, *name, *vendor, *model;
};

/* What a home gets; the second kit of each pair where LoRaWAN reaches further than Zigbee. */
static const struct kit button = {D_BUTTON,         "zigbee2mqtt", "bærbar",
				  "Trygghetsknapp", "TuYa",        "TS0215A_sos"};
static const struct kit kits[4][3] = {
	{{D_DISPENSER, "varde", "kjøkken", "Medisindispenser", "Demo", "dispenser"},
	 {D_DOOR, "zigbee2mqtt", "gang", "Ytterdør", "frient A/S", "WISZB-120"},
	 {D_SMOKE, "zigbee2mqtt", "stue", "Røykvarsler", "frient A/S", "SMSZB-120"}},
	{{D_CAMERA, "varde", "soverom", "Digitalt tilsyn", "Demo", "tilsyn"},
	 {D_FALL, "zigbee2mqtt", "bad", "Fallsensor", "Heiman", "HS2FD-EF1-3.0"},
	 {D_DOOR, "zigbee2mqtt", "gang", "Ytterdør", "frient A/S", "WISZB-120"}},
	{{D_DOOR, "thethingsstack", "gang", "Ytterdør", "milesight-iot", "ws301"},
	 {D_LEAK, "chirpstack", "bad", "Vannsensor", "Milesight", "EM300-SLD"},
	 {D_MOTION, "homeassistant", "stue", "Bevegelse", "Demo", "PIR"}},
	{{D_DISPENSER, "varde", "kjøkken", "Medisindispenser", "Demo", "dispenser"},
	 {D_BED, "varde", "soverom", "Sengematte", "Demo", "matte"},
	 {D_MOTION, "homeassistant", "stue", "Bevegelse", "Demo", "PIR"}}};

static void identity(struct region_device *d, int n)
{
	if (strcmp(d->family, "zigbee2mqtt") == 0)
		snprintf(d->identity, sizeof(d->identity), "0x00158d00%08x", 0x5a000000 + n);
	else if (strcmp(d->family, "thethingsstack") == 0)
		snprintf(d->identity, sizeof(d->identity), "24E124FF%08X", 0x0A000000 + n);
	else if (strcmp(d->family, "chirpstack") == 0)
		snprintf(d->identity, sizeof(d->identity), "24e124ff%08x", 0x0b000000 + n);
	else
		snprintf(d->identity, sizeof(d->identity), "%s-%03d",
			 strcmp(d->family, "homeassistant") == 0 ? "pir" : "demo", n);
}

static void add(struct region *r, int recipient, const struct kit *k)
{
	struct region_device *d = &r->devices[r->n_devices];
	*d = (struct region_device){.muni = r->recipients[recipient].muni,
				    .recipient = recipient,
				    .role = k->role,
				    .family = k->family,
				    .room = k->room,
				    .vendor = k->vendor,
				    .model = k->model};
	identity(d, ++r->n_devices);
	snprintf(d->name, sizeof(d->name), "%s %d", k->name, r->n_devices);
}

void region_make(struct region *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	for (int i = 0; i < REGION_RECIPIENTS; i++) {
		make_recipient(&r->recipients[i], i, &seed);
		const struct kit *k = kits[(i / REGION_MUNIS) % 4];
		add(r, i, &button);
		for (int n = 0; n < (i % 5 == 4 ? 1 : 2); n++)
			add(r, i, &k[n]);
		if (i % 7 == 0)
			add(r, i, &k[2]);
	}
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/region.h"
#include <stdio.h>
#include <string.h>

const struct region_muni region_munis[REGION_MUNIS] = {
	{3431, "Dovre", "nb", "dovre", 61.986, 9.251},
	{3432, "Lesja", "nb", "lesja", 62.118, 8.855},
	{3433, "Skjåk", "nn", "skjaak", 61.887, 8.286},
	{3434, "Lom", "nn", "lom", 61.838, 8.568},
	{3435, "Vågå", "nn", "vaagaa", 61.876, 9.099},
	{3437, "Sel", "nb", "sel", 61.773, 9.538}};

const struct region_gateway region_gateways[] = {
	{"base", "base", REGION_MQTT},
	{"lora", "lora", REGION_WEBHOOK},
	{"mobil", "mobil", REGION_MQTT},
	{"helse", "helse", REGION_WEBHOOK},
	{"elock", "e-lås", REGION_WEBHOOK_KEY},
	{"withings", "Withings", REGION_WEBHOOK_KEY},
	{"alarm", "trygghetsalarmer", REGION_SIP},
};
const int region_n_gateways = sizeof(region_gateways) / sizeof(region_gateways[0]);

#define SALT "{\"salt\":\"a demo's salt, as good as none\"}"

const struct region_family region_families[] = {
	{"zigbee2mqtt", "base", "zigbee2mqtt", ""},
	{"homeassistant", "base", "homeassistant", ""},
	{"varde", "base", "varde", ""},
	{"zwavejsui", "base", "zwave", ""},
	{"shelly", "base", "shelly", ""},
	{"tasmota", "base", "tele stat tasmota", ""},
	{"esphome", "base", "esphome", ""},
	{"mmwave", "base", "radar", ""},
	{"vayyar", "base", "/devices", ""},
	{"thethingsstack", "lora", "v3", ""},
	{"chirpstack", "lora", "application", ""},
	{"netlia", "lora", "", ""},
	{"traccar", "mobil", "traccar", ""},
	{"owntracks", "mobil", "owntracks", ""},
	{"carelink", "mobil", "wearable", ""},
	{"fhir", "helse", "", SALT},
	{"medicine", "helse", "", SALT},
	{"emfit", "helse", "", ""},
	{"elock", "elock", "", ""},
	{"withings", "withings", "", ""},
	{"scaip", "alarm", "", "{\"call\":\"duty\"}"},
};
const int region_n_families = sizeof(region_families) / sizeof(region_families[0]);

const struct region_family *region_family(const char *family)
{
	for (int i = 0; i < region_n_families; i++)
		if (strcmp(region_families[i].family, family) == 0)
			return &region_families[i];
	return NULL;
}

bool region_has(const struct region *r, int muni, const struct region_family *f)
{
	static const char *const everywhere[] = {"zigbee2mqtt", "homeassistant", "varde",
						 "thethingsstack", "chirpstack"};
	for (size_t i = 0; i < sizeof(everywhere) / sizeof(everywhere[0]); i++)
		if (strcmp(everywhere[i], f->family) == 0)
			return true;
	for (int i = 0; i < r->n_devices; i++)
		if (r->devices[i].muni == muni && strcmp(r->devices[i].family, f->family) == 0)
			return true;
	return false;
}

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
	p->lives_with = -1;
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

/* A couple: one home, one telephone, one alarm unit for both. */
static void move_in(struct region *r, int who, int with)
{
	struct region_recipient *p = &r->recipients[who], *q = &r->recipients[with];
	const char *family = strchr(q->name, ' ');
	snprintf(p->name, sizeof(p->name), "%s%s", first[(unsigned)(who * 7) % 25],
		 family ? family : "");
	memcpy(p->address, q->address, sizeof(p->address));
	memcpy(p->phone, q->phone, sizeof(p->phone));
	p->floor = q->floor;
	p->key_note = q->key_note;
	p->muni = q->muni;
	p->lives_with = with;
}

void region_make(struct region *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	for (int i = 0; i < REGION_RECIPIENTS; i++)
		make_recipient(&r->recipients[i], i, &seed);
	move_in(r, REGION_RECIPIENTS - 1, 29);
	region_furnish(r);
}

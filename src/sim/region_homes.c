/* SPDX-License-Identifier: EUPL-1.2 */
/* What stands in the homes. Most is Zigbee, as the municipalities began; beside it stands what each
 * of them has bought of other makes over the years. */
#include "sim/region.h"
#include <stdio.h>
#include <string.h>

#define NONE (-1)

enum kit_name {
	Z_BUTTON,
	Z_DOOR,
	Z_SMOKE,
	Z_FALL,
	OWN_DISPENSER,
	OWN_CAMERA,
	OWN_BED,
	TTS_DOOR,
	CHIRP_LEAK,
	HA_MOTION,
	ZW_SMOKE,
	ZW_LEAK,
	ZW_LOCK,
	SH_SMOKE,
	SH_LEAK,
	SH_DOOR,
	TAS_MOTION,
	TAS_DOOR,
	TAS_LEAK,
	ESP_RADAR,
	ESP_CORD,
	MM_RADAR,
	VY_RADAR,
	NETLIA_BUTTON,
	SOCIAL_ALARM,
	NETLIA_DOOR,
	TRAC_WATCH,
	OT_PHONE,
	CARE_PENDANT,
	EMFIT_BED,
	UNLOC_LOCK,
	LOQED_LOCK,
	WI_SCALE,
	WI_PRESSURE,
	FHIR_PRESSURE,
	FHIR_SCALE,
	FHIR_OXYGEN,
	VKP_DISPENSER,
	GILLIE_DISPENSER,
	TENOVI_DISPENSER,
	TUYA_DISPENSER,
	SMS_DISPENSER
};

static const struct region_kit kits[] = {
	[Z_BUTTON] = {D_BUTTON, "zigbee2mqtt", "bærbar", "Trygghetsknapp", "TuYa", "TS0215A_sos",
		      "0x00158d005a######", "sos"},
	[Z_DOOR] = {D_DOOR, "zigbee2mqtt", "gang", "Ytterdør", "frient A/S", "WISZB-120",
		    "0x00158d005a######", "door"},
	[Z_SMOKE] = {D_SMOKE, "zigbee2mqtt", "stue", "Røykvarsler", "frient A/S", "SMSZB-120",
		     "0x00158d005a######", "smoke"},
	[Z_FALL] = {D_FALL, "zigbee2mqtt", "bad", "Fallsensor", "Heiman", "HS2FD-EF1-3.0",
		    "0x00158d005a######", "fall motion"},
	[OWN_DISPENSER] = {D_DISPENSER, "varde", "kjøkken", "Medisindispenser", "Demo", "dispenser",
			   "demo-###", "medication"},
	[OWN_CAMERA] = {D_CAMERA, "varde", "soverom", "Digitalt tilsyn", "Demo", "tilsyn",
			"demo-###", "supervision"},
	[OWN_BED] = {D_BED, "varde", "soverom", "Sengematte", "Demo", "matte", "demo-###", "bed"},
	[TTS_DOOR] = {D_DOOR, "thethingsstack", "gang", "Ytterdør", "milesight-iot", "ws301",
		      "24E124FF0A######", "door"},
	[CHIRP_LEAK] = {D_LEAK, "chirpstack", "bad", "Vannsensor", "Milesight", "EM300-SLD",
			"24e124ff0b######", "water_leak"},
	[HA_MOTION] = {D_MOTION, "homeassistant", "stue", "Bevegelse", "Demo", "PIR", "pir-###",
		       "motion"},
	[ZW_SMOKE] = {D_SMOKE, "zwavejsui", "kjøkken", "Røykvarsler", "Fibargroup", "FGSD002",
		      "###", "smoke"},
	[ZW_LEAK] = {D_LEAK, "zwavejsui", "bad", "Vannsensor", "Fibargroup", "FGFS101", "###",
		     "water_leak"},
	[ZW_LOCK] = {D_LOCK, "zwavejsui", "gang", "E-lås", "ID Lock AS", "ID-150", "###", "lock"},
	[SH_SMOKE] = {D_SMOKE, "shelly", "stue", "Røykvarsler", "Shelly", "Plus Smoke",
		      "shellyplussmoke-0000de######", "smoke"},
	[SH_LEAK] = {D_LEAK, "shelly", "kjøkken", "Vannsensor", "Shelly", "Flood Gen4",
		     "shellyfloodsg4-0000de######", "water_leak"},
	[SH_DOOR] = {D_DOOR, "shelly", "gang", "Verandadør", "Shelly", "Door/Window 2",
		     "shellydw2-DE####", "door"},
	[TAS_MOTION] = {D_MOTION, "tasmota", "stue", "Bevegelse", "Sonoff", "Basic R2",
			"stue-pir-###", "motion"},
	[TAS_DOOR] = {D_DOOR, "tasmota", "gang", "Ytterdør", "Aqara", "lumi.sensor_magnet.aq2",
		      "bro/dor-###", "door"},
	[TAS_LEAK] = {D_LEAK, "tasmota", "bad", "Vannsensor", "Aqara", "lumi.sensor_wleak.aq1",
		      "bro/vann-###", "water_leak"},
	[ESP_RADAR] = {D_RADAR, "esphome", "soverom", "Fallradar", "Seeed", "MR60FDA2",
		       "soverom-radar-###", "fall presence"},
	[ESP_CORD] = {D_BUTTON, "esphome", "bad", "Trekksnor", "Demo", "Trekksnor", "bad-snor-###",
		      "sos"},
	[MM_RADAR] = {D_RADAR, "mmwave", "bad", "Fallradar", "Seeed", "MR60FDA1", "bad-###",
		      "fall presence"},
	[VY_RADAR] = {D_RADAR, "vayyar", "bad", "Fallradar", "Vayyar", "Care", "id_VD######",
		      "fall presence"},
	[NETLIA_BUTTON] = {D_BUTTON, "netlia", "bærbar", "Trygghetsknapp", "Netlia", "sos-button",
			   "nb-######", "sos"},
	[SOCIAL_ALARM] = {D_BUTTON, "scaip", "stue", "Trygghetsalarm", "Demo", "Alarmenhet",
			  "71####", "sos"},
	[NETLIA_DOOR] = {D_DOOR, "netlia", "gang", "Ytterdør", "Netlia", "magnetic-detector-simple",
			 "nb-######", "door"},
	[TRAC_WATCH] = {D_WATCH, "traccar", "bærbar", "GPS-klokke", "Demo", "Klokke 4G",
			"35600000000####", "sos geofence location"},
	[OT_PHONE] = {D_TRACKER, "owntracks", "bærbar", "Telefon med GPS", "Demo", "OwnTracks",
		      "bruker-###/tlf", "geofence location"},
	[CARE_PENDANT] = {D_PENDANT, "carelink", "bærbar", "Fallsmykke", "Demo", "Smykke", "ur-###",
			  "fall geofence location"},
	[EMFIT_BED] = {D_BED, "emfit", "soverom", "Sengesensor", "Emfit", "QS", "47####", "bed"},
	[UNLOC_LOCK] = {D_LOCK, "elock", "gang", "E-lås", "Demo", "Unloc",
			"c0f3aed0-0000-4000-8000-00000000####", "lock"},
	[LOQED_LOCK] = {D_LOCK, "elock", "gang", "E-lås", "Demo", "LOQED", "lq-####", "lock"},
	[WI_SCALE] = {D_VITAL, "withings", "bad", "Badevekt", "Withings", "Body", "40####",
		      "vital.pending"},
	[WI_PRESSURE] = {D_VITAL, "withings", "stue", "Blodtrykksmåler", "Withings", "BPM",
			 "40####", "vital.pending"},
	[FHIR_PRESSURE] = {D_VITAL, "fhir", "stue", "Blodtrykksmåler", "Demo", "Blodtrykk",
			   "bp-####", "vital.blood_pressure"},
	[FHIR_SCALE] = {D_VITAL, "fhir", "bad", "Badevekt", "Demo", "Vekt", "vekt-####",
			"vital.body_weight"},
	[FHIR_OXYGEN] = {D_VITAL, "fhir", "stue", "Oksygenmåler", "Demo", "Oksygen", "spo2-####",
			 "vital.spo2"},
	[VKP_DISPENSER] = {D_DISPENSER, "medicine", "kjøkken", "Medisindispenser", "Demo", "VKP",
			   "PP######", "medication"},
	[GILLIE_DISPENSER] = {D_DISPENSER, "medicine", "kjøkken", "Medisindispenser", "Demo",
			      "Gillie", "disp-###", "medication"},
	[TENOVI_DISPENSER] = {D_DISPENSER, "medicine", "kjøkken", "Pilleboks", "Tenovi", "Pillbox",
			      "4b1f-####", "medication"},
	[TUYA_DISPENSER] = {D_DISPENSER, "medicine", "kjøkken", "Pilleboks", "Tuya", "Pilleboks",
			    "vd-####", "medication"},
	[SMS_DISPENSER] = {D_DISPENSER, "medicine", "kjøkken", "Pilleboks", "Demo", "SMS",
			   "4700000###", "medication"},
};

/* What a home gets; the second of each pair where LoRaWAN reaches further than Zigbee. */
static const enum kit_name usual[4][3] = {{OWN_DISPENSER, Z_DOOR, Z_SMOKE},
					  {OWN_CAMERA, Z_FALL, Z_DOOR},
					  {TTS_DOOR, CHIRP_LEAK, HA_MOTION},
					  {OWN_DISPENSER, OWN_BED, HA_MOTION}};

/* recipient, what stands there too */
static const struct {
	int recipient;
	enum kit_name kit;
} also[] = {
	{1, ZW_SMOKE},          {7, ZW_LEAK},         {7, ZW_LOCK},        {22, ZW_SMOKE},
	{5, SH_LEAK},           {11, SH_SMOKE},       {17, SH_DOOR},       {24, SH_LEAK},
	{2, TAS_MOTION},        {8, TAS_DOOR},        {20, TAS_LEAK},      {3, ESP_RADAR},
	{14, ESP_CORD},         {4, MM_RADAR},        {33, MM_RADAR},      {6, VY_RADAR},
	{29, VY_RADAR},         {28, NETLIA_DOOR},    {21, OT_PHONE},      {18, EMFIT_BED},
	{25, EMFIT_BED},        {0, UNLOC_LOCK},      {30, UNLOC_LOCK},    {19, LOQED_LOCK},
	{5, WI_SCALE},          {11, WI_PRESSURE},    {27, FHIR_PRESSURE}, {9, FHIR_SCALE},
	{26, FHIR_OXYGEN},      {31, VKP_DISPENSER},  {12, VKP_DISPENSER}, {33, GILLIE_DISPENSER},
	{34, TENOVI_DISPENSER}, {17, TUYA_DISPENSER},
};

/* Who has something else than the usual button. */
static const struct {
	int recipient;
	enum kit_name kit;
} instead[] = {{9, TRAC_WATCH},    {15, TRAC_WATCH},    {23, TRAC_WATCH},   {13, CARE_PENDANT},
	       {35, CARE_PENDANT}, {16, NETLIA_BUTTON}, {10, SOCIAL_ALARM}, {14, SOCIAL_ALARM},
	       {18, SOCIAL_ALARM}, {25, SOCIAL_ALARM},  {27, SOCIAL_ALARM}, {29, SOCIAL_ALARM},
	       {39, SOCIAL_ALARM}};

/* municipality, what has been heard and nobody has put up yet */
static const struct {
	int muni;
	enum kit_name kit;
} boxed[] = {{5, Z_DOOR}, {4, NETLIA_BUTTON}, {3, SMS_DISPENSER}, {0, SH_SMOKE}, {1, ZW_LEAK}};

static void identity(struct region_device *d, const char *pattern)
{
	size_t at = strcspn(pattern, "#"), digits = strspn(pattern + at, "#");
	snprintf(d->identity, sizeof(d->identity), "%.*s%0*d%s", (int)at, pattern, (int)digits,
		 d->number, pattern + at + digits);
}

static void add(struct region *r, int muni, int recipient, enum kit_name name)
{
	const struct region_kit *k = &kits[name];
	const struct region_muni *m = &region_munis[muni];
	struct region_device *d = &r->devices[r->n_devices++];
	*d = (struct region_device){.muni = muni,
				    .recipient = recipient,
				    .number = r->n_devices,
				    .role = k->role,
				    .family = k->family,
				    .room = k->room,
				    .vendor = k->vendor,
				    .model = k->model,
				    .features = k->features,
				    .lat = m->lat + r->n_devices % 11 * 0.0013 - 0.0065,
				    .lon = m->lon + r->n_devices % 7 * 0.0021 - 0.0063};
	identity(d, k->identity);
	snprintf(d->name, sizeof(d->name), "%s %d", k->name, d->number);
}

static enum kit_name button_of(int recipient)
{
	for (size_t i = 0; i < sizeof(instead) / sizeof(instead[0]); i++)
		if (instead[i].recipient == recipient)
			return instead[i].kit;
	return Z_BUTTON;
}

void region_furnish(struct region *r)
{
	for (int i = 0; i < REGION_RECIPIENTS; i++) {
		int muni = r->recipients[i].muni;
		if (r->recipients[i].lives_with >= 0)
			continue;
		const enum kit_name *k = usual[(i / REGION_MUNIS) % 4];
		add(r, muni, i, button_of(i));
		for (int n = 0; n < (i % 3 == 2 ? 1 : 2); n++)
			add(r, muni, i, k[n]);
		if (i % 7 == 0)
			add(r, muni, i, k[2]);
	}
	for (size_t i = 0; i < sizeof(also) / sizeof(also[0]); i++)
		add(r, r->recipients[also[i].recipient].muni, also[i].recipient, also[i].kit);
	for (size_t i = 0; i < sizeof(boxed) / sizeof(boxed[0]); i++)
		add(r, boxed[i].muni, NONE, boxed[i].kit);
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "report/words.h"

static const char *const words[RW_WORDS][2] = {
#define X(id, nb, nn) [RW_##id] = {nb, nn},
	REP_WORDS(X)
#undef X
};

/* The same words as the console's. */
static const char *const kinds[VD_KIND_MAX][2] = {
	[VD_KIND_SOS] = {"Trygghetsalarm", "Tryggleiksalarm"},
	[VD_KIND_FALL] = {"Fall", "Fall"},
	[VD_KIND_SMOKE] = {"Røyk", "Røyk"},
	[VD_KIND_CO] = {"Kullos (CO)", "Kolos (CO)"},
	[VD_KIND_GAS] = {"Gass", "Gass"},
	[VD_KIND_HEAT] = {"Farlig varme", "Farleg varme"},
	[VD_KIND_WATER_LEAK] = {"Vannlekkasje", "Vasslekkasje"},
	[VD_KIND_STOVE] = {"Komfyr", "Komfyr"},
	[VD_KIND_EPILEPSY] = {"Mulig epileptisk anfall", "Mogleg epileptisk anfall"},
	[VD_KIND_ENURESIS] = {"Fukt i seng", "Fukt i seng"},
	[VD_KIND_SOUND] = {"Lyd eller rop", "Lyd eller rop"},
	[VD_KIND_DOOR] = {"Dør", "Dør"},
	[VD_KIND_MOTION] = {"Bevegelse", "Rørsle"},
	[VD_KIND_PRESENCE] = {"Tilstedeværelse", "Nærvær"},
	[VD_KIND_BED] = {"Seng", "Seng"},
	[VD_KIND_CHAIR] = {"Stol", "Stol"},
	[VD_KIND_INACTIVITY] = {"Ingen tegn til aktivitet", "Ingen teikn til aktivitet"},
	[VD_KIND_GEOFENCE] = {"Område", "Område"},
	[VD_KIND_BUTTON] = {"Knapp", "Knapp"},
	[VD_KIND_LOCK] = {"Lås", "Lås"},
	[VD_KIND_INPUT] = {"Inngang", "Inngang"},
	[VD_KIND_NETWORK_OUTAGE] = {"Mange enheter uten kontakt", "Mange einingar utan kontakt"},
	[VD_KIND_MEDICATION] = {"Medisin", "Medisin"},
	[VD_KIND_MEDICATION_SUPPLY] = {"Medisinbeholdning", "Medisinbehaldning"},
	[VD_KIND_MEDICATION_DEVICE] = {"Medisindispenser", "Medisindispensar"},
	[VD_KIND_SUPERVISION] = {"Digitalt tilsyn", "Digitalt tilsyn"},
	[VD_KIND_DEVICE_BATTERY_LOW] = {"Lavt batteri", "Lågt batteri"},
	[VD_KIND_DEVICE_POWER] = {"Strøm", "Straum"},
	[VD_KIND_DEVICE_CONNECTIVITY] = {"Kontakt med enheten", "Kontakt med eininga"},
	[VD_KIND_BRIDGE_CONNECTIVITY] = {"Kontakt med sentralen", "Kontakt med sentralen"},
	[VD_KIND_DEVICE_HEARTBEAT] = {"Livstegn", "Livsteikn"},
	[VD_KIND_DEVICE_TAMPER] = {"Enheten er åpnet eller flyttet",
				   "Eininga er opna eller flytta"},
	[VD_KIND_DEVICE_FAULT] = {"Feil på enheten", "Feil på eininga"},
	[VD_KIND_DEVICE_TEST] = {"Prøve av enheten", "Prøve av eininga"},
	[VD_KIND_DEVICE_WORN] = {"Bæres på kroppen", "Boren på kroppen"},
	[VD_KIND_DEVICE_CLOCK] = {"Enhetens klokke", "Klokka til eininga"},
	[VD_KIND_DEVICE_JOINED] = {"Enheten meldte seg", "Eininga melde seg"},
	[VD_KIND_DEVICE_LEFT] = {"Enheten forlot nettet", "Eininga forlét nettet"},
	[VD_KIND_DEVICE_RESTART] = {"Enheten startet på nytt", "Eininga starta på nytt"},
	[VD_KIND_DEVICE_COMMAND] = {"Kommando til enhet", "Kommando til eining"},
	[VD_KIND_DEVICE_ONBOARDING] = {"Innmelding av enhet", "Innmelding av eining"},
	[VD_KIND_GATEWAY_STORM] = {"Mange alarmer fra én sentral", "Mange alarmar frå éin sentral"},
	[VD_KIND_DUTY_NOBODY] = {"Ingen på vakt", "Ingen på vakt"},
	[VD_KIND_HUB_STORAGE] = {"varde får ikke lagret", "varde får ikkje lagra"},
	[VD_KIND_HUB_CLOCK] = {"Klokka på varde-serveren er feil",
			       "Klokka på varde-tenaren er feil"},
};

const char *rep_word(enum rep_word w, bool nynorsk)
{
	return words[w][nynorsk];
}

const char *rep_kind(enum vd_kind k, bool nynorsk)
{
	return kinds[k][nynorsk] ? kinds[k][nynorsk] : k ? vd_kind_name(k) : "?";
}

const char *rep_month(int month, bool nynorsk)
{
	static const char *const m[12] = {"jan.", "feb.", "mars",  "apr.", "mai",  "juni",
					  "juli", "aug.", "sept.", "okt.", "nov.", "des."};
	return m[(month + 11) % 12];
}

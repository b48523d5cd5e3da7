/* SPDX-License-Identifier: EUPL-1.2 */
/* What is worn or carried: watches and telephones that know where they are, pendants, and the
 * social alarm whose pendant is worn. */
#include "sim/phrase.h"

#define M VD_CARRIER_MQTT
#define S VD_CARRIER_SIP

/* Traccar tells an event with the position that belongs to it, and positions by themselves. */
#define TRAC_POSITION                                                                              \
	"\"position\":{\"id\":{n},\"attributes\":{\"batteryLevel\":{battery},\"motion\":false},"   \
	"\"deviceId\":{number},\"protocol\":\"watch\",\"serverTime\":\"{t}\","                     \
	"\"deviceTime\":\"{t}\",\"fixTime\":\"{t}\",\"valid\":true,\"latitude\":{lat},"            \
	"\"longitude\":{lon},\"altitude\":380.0,\"speed\":0.0,\"course\":0.0,\"address\":null,"    \
	"\"accuracy\":12.0,\"network\":null,\"geofenceIds\":null}"
#define TRAC_DEVICE                                                                                \
	"\"device\":{\"id\":{number},\"attributes\":{},\"groupId\":0,\"name\":\"{name}\","         \
	"\"uniqueId\":\"{id}\",\"status\":\"online\",\"lastUpdate\":\"{t}\","                      \
	"\"positionId\":{n},\"model\":\"{model}\",\"phone\":null,\"contact\":null,"                \
	"\"category\":\"person\",\"disabled\":false}"
#define TRAC_EVENT(type, attributes, more)                                                         \
	"{\"event\":{\"id\":{n},\"attributes\":{" attributes                                       \
	"},\"deviceId\":{number},\"type\":\"" type                                                 \
	"\",\"eventTime\":\"{t}\",\"positionId\":{n},\"geofenceId\":0,\"maintenanceId\":0}"        \
	"," TRAC_POSITION "," TRAC_DEVICE more "}"
#define TRAC_ZONE                                                                                   \
	",\"geofence\":{\"id\":1,\"attributes\":{},\"name\":\"Nærområdet\",\"description\":\"\"," \
	"\"area\":\"CIRCLE (61.8 8.5, 200)\",\"calendarId\":0}"

#define OT_PLACE                                                                                   \
	"{\"_type\":\"location\",\"acc\":14,\"alt\":380,\"batt\":{battery},\"bs\":1,"              \
	"\"conn\":\"m\",\"created_at\":{s},\"lat\":{lat},\"lon\":{lon},\"m\":1,\"t\":\"p\","       \
	"\"tid\":\"tl\",\"tst\":{s},\"vac\":4,\"vel\":0}"
#define OT_CROSSING(event)                                                                         \
	"{\"_type\":\"transition\",\"wtst\":1771617600,\"lat\":{lat},\"lon\":{lon},\"tst\":{s},"   \
	"\"acc\":20,\"tid\":\"tl\",\"event\":\"" event "\",\"desc\":\"Nærområdet\",\"t\":\"c\"}"

#define CARE_WHERE                                                                                 \
	"\"timestamp\":\"{t}\",\"location\":{\"lat\":{lat},\"lon\":{lon},\"alt\":380.0},"          \
	"\"batteryLevel\":{v}"
#define CARE(more)       "{" more CARE_WHERE "}"
#define CARE_TOPIC(what) "wearable/{id}/" what

/* A social alarm's request (SS 91100): the numbers are a type, a status, a part. */
#define MRQ(type, more)                                                                            \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?><mrq><ver>01.00</ver><ref>{n}</ref>"            \
	"<cid>{id}</cid><mty>" type "</mty>" more "</mrq>"

static const struct phrase phrases[] = {
	{"scaip", D_BUTTON, NULL, S, "{id}@alarm.example",
	 .say = {[SAY_OFF] = {MRQ("PI", "<dty>0002</dty>")},
		 [SAY_CALL] = {MRQ("ME", "<dty>0003</dty><did>01</did><dco>002</dco>"
					 "<stc>0010</stc><pri>9</pri>")}}},
	{"traccar", D_WATCH, NULL, M, "traccar/events",
	 .say = {[SAY_IDLE] = {"{" TRAC_POSITION "," TRAC_DEVICE "}", "traccar/positions"},
		 [SAY_ON] = {TRAC_EVENT("geofenceExit", "", TRAC_ZONE)},
		 [SAY_OFF] = {TRAC_EVENT("geofenceEnter", "", TRAC_ZONE)},
		 [SAY_CALL] = {TRAC_EVENT("alarm", "\"alarm\":\"sos\"", "")},
		 [SAY_CALM] = {"{" TRAC_POSITION "," TRAC_DEVICE "}", "traccar/positions"}}},
	{"owntracks", D_TRACKER, NULL, M, "owntracks/{id}/event",
	 .say = {[SAY_IDLE] = {OT_PLACE, "owntracks/{id}"},
		 [SAY_ON] = {OT_CROSSING("leave")},
		 [SAY_OFF] = {OT_CROSSING("enter")}}},
	{"carelink", D_PENDANT, NULL, M, CARE_TOPIC("status"),
	 .say = {[SAY_OFF] = {CARE("")},
		 [SAY_CALL] = {CARE(""), CARE_TOPIC("fall/detected")},
		 [SAY_CALM] = {CARE("\"status\":false,"), CARE_TOPIC("fall/confirmation")}},
	 .from = 210, .to = 390},
};

const struct phrase_group phrase_body = {phrases, sizeof(phrases) / sizeof(phrases[0])};

/* SPDX-License-Identifier: EUPL-1.2 */
/* What stands beside a bed or on a kitchen table: medicine, measurements, beds, and the locks staff
 * come in by. */
#include "sim/phrase.h"

#define H    VD_CARRIER_HTTP
#define FHIR "application/fhir+json"
#define FORM "application/x-www-form-urlencoded"

/* -- medicine: the platforms that come to one address --------------------------------------- */

#define VKP_SYSTEM(list) "\"system\":\"http://ehelse.no/fhir/CodeSystem/vkp-" list "-v090\""
#define VKP_DOSE                                                                                   \
	"{\"resourceType\":\"MedicationDispense\",\"status\":\"completed\",\"identifier\":["       \
	"{\"system\":\"urn:ietf:rfc:3986\",\"value\":\"{uuid}\"}],\"performer\":[{\"actor\":{"     \
	"\"identifier\":{\"system\":\"https://fhir.example.no/serialnumber\",\"value\":\"{id}\"}"  \
	"}}],\"whenHandedOver\":\"{t}\",\"medicationCodeableConcept\":{\"text\":\"Ukjent\"},"      \
	"\"category\":{\"coding\":[{" VKP_SYSTEM(                                                  \
		"medicationdispense-events") ",\"code\":\"1\"}]}}"
#define VKP_ISSUE(code)                                                                            \
	"{\"resourceType\":\"DetectedIssue\",\"status\":\"final\",\"identifier\":[{\"system\":"    \
	"\"urn:ietf:rfc:3986\",\"value\":\"{uuid}\"}],\"code\":{\"coding\":["                      \
	"{" VKP_SYSTEM("alert-code") ",\"code\":\"" code "\"}]},\"identifiedDateTime\":\"{t}\","   \
				     "\"author\":{\"identifier\":{\"system\":\"https://"           \
				     "fhir.example.no/serialnumber\","                             \
				     "\"value\":\"{id}\"}}}"
#define GILLIE(measurement)                                                                        \
	"{\"measurement\":\"" measurement "\",\"device_id\":\"{id}\",\"device_type\":"             \
	"\"dispenser\",\"transaction_id\":\"{uuid}\",\"at\":\"{t}\"}"
#define TENOVI(metric, v1, v2)                                                                     \
	"{\"metric\":\"" metric "\",\"device_name\":\"Tenovi Pillbox\",\"hwi_device_id\":"         \
	"\"{id}\",\"patient_id\":\"p-{number}\",\"hardware_uuid\":\"GW{number}\","                 \
	"\"sensor_code\":\"21\",\"value_1\":" v1 ",\"value_2\":" v2 ",\"timestamp\":\"{t}\"}"
#define TUYA(fields)                                                                               \
	"{\"dataId\":\"{uuid}\",\"devId\":\"{id}\",\"productKey\":\"znyh\",\"status\":["           \
	"{\"code\":" fields ",\"t\":{ms}}]}"

/* -- measurements ---------------------------------------------------------------------------- */

#define LOINC(code)                                                                                \
	"\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"" code "\"}]}"
#define QUANTITY(value, unit)                                                                      \
	"\"valueQuantity\":{\"value\":" value ",\"unit\":\"" unit "\",\"system\":"                 \
	"\"http://unitsofmeasure.org\",\"code\":\"" unit "\"}"
#define OBSERVATION(code, fields)                                                                  \
	"{\"resourceType\":\"Observation\",\"identifier\":[{\"system\":\"urn:ietf:rfc:3986\","     \
	"\"value\":\"{uuid}\"}],\"status\":\"final\"," LOINC(                                      \
		code) ",\"subject\":{\"reference\":"                                               \
		      "\"Patient/"                                                                 \
		      "p{number}\"},\"effectiveDateTime\":\"{t}\",\"device\":{\"reference\":"      \
		      "\"Device/{id}\"}," fields "}"
#define PRESSURE                                                                                   \
	"\"component\":[{" LOINC("8480-6") "," QUANTITY("{v}", "mm[Hg]") "},{" LOINC(              \
		"8462-4") "," QUANTITY("{w}", "mm[Hg]") "}]"
#define WITHINGS(appli) "userid={id}&appli=" appli "&startdate={s}&enddate={s}"

/* -- locks: whose key it was is in the real messages too, and never read --------------------- */

#define UNLOC(action)                                                                              \
	"{\"id\":\"{uuid}\",\"action\":\"" action "\",\"created\":\"{t}\",\"keyId\":\"{uuid}\","   \
	"\"lockId\":\"{id}\",\"lockName\":\"{name}\",\"appUserId\":\"+4700000000\","               \
	"\"userName\":\"Vakt Prøve\"}"
#define LOQED(state, event)                                                                        \
	"{\"requested_state\":\"" state "\",\"event_type\":\"" event "\",\"lock_id\":\"{id}\","    \
	"\"key_local_id\":2,\"key_name_user\":\"Vakt\"}"

#define EMFIT(word) "{\"device\":\"{id}\",\"status\":\"" word "\",\"timestamp\":{s}"

static const struct phrase phrases[] = {
	{"medicine", D_DISPENSER, "VKP", H, "/vkp", FHIR,
	 .say = {[SAY_OFF] = {VKP_DOSE}, [SAY_CALL] = {VKP_ISSUE("1.1")}}},
	{"medicine", D_DISPENSER, "Gillie", H, "/api/datapoints", NULL,
	 .say = {[SAY_OFF] = {GILLIE("medicine_taken")},
		 [SAY_CALL] = {GILLIE("medicine_not_taken")}}},
	{"medicine", D_DISPENSER, "Pillbox", H, "/tenovi", NULL,
	 .say = {[SAY_IDLE] = {TENOVI("battery_percentage", "{battery}", "null")},
		 [SAY_OFF] = {TENOVI("pillbox_opened", "\"3\"", "\"1\"")},
		 [SAY_CALL] = {""}}},
	{"medicine", D_DISPENSER, "Pilleboks", H, "/tuya", NULL,
	 .say = {[SAY_IDLE] = {TUYA("\"pill_remain\",\"value\":{v}")},
		 [SAY_OFF] = {TUYA("\"take_pill_state\",\"value\":\"taken\"")},
		 [SAY_CALL] = {TUYA("\"take_pill_state\",\"value\":\"not_taken\"")}},
	 .from = 12, .to = 28},
	{"medicine", D_DISPENSER, "SMS", H, "/sms?from={id}", "text/plain",
	 .say = {[SAY_OFF] = {"a0815#b{battery}#d{n}"}, [SAY_CALL] = {""}}},

	{"fhir", D_VITAL, "Blodtrykk", H, "/Observation", FHIR,
	 .say = {[SAY_OFF] = {OBSERVATION("85354-9", PRESSURE)}, [SAY_CALL] = {""}}, .from = 118,
	 .to = 154},
	{"fhir", D_VITAL, "Vekt", H, "/Observation", FHIR,
	 .say = {[SAY_OFF] = {OBSERVATION("29463-7", QUANTITY("{v}", "kg"))}, [SAY_CALL] = {""}},
	 .from = 56, .to = 84},
	{"fhir", D_VITAL, "Oksygen", H, "/Observation", FHIR,
	 .say = {[SAY_OFF] = {OBSERVATION("59408-5", QUANTITY("{v}", "%"))}, [SAY_CALL] = {""}},
	 .from = 92, .to = 98},
	{"withings", D_VITAL, "Body", H, "", FORM,
	 .say = {[SAY_OFF] = {WITHINGS("1")}, [SAY_CALL] = {""}}},
	{"withings", D_VITAL, "BPM", H, "", FORM,
	 .say = {[SAY_OFF] = {WITHINGS("4")}, [SAY_CALL] = {""}}},

	{"emfit", D_BED, NULL, H, "/live", NULL,
	 .say = {[SAY_IDLE] = {EMFIT("present") ",\"hr\":{v},\"rr\":14}"},
		 [SAY_ON] = {EMFIT("present") ",\"hr\":{v},\"rr\":14}"},
		 [SAY_OFF] = {EMFIT("absent") "}"},
		 [SAY_CALL] = {EMFIT("absent") "}"},
		 [SAY_CALM] = {EMFIT("present") ",\"hr\":{v},\"rr\":14}"}},
	 .from = 54, .to = 72},

	{"elock", D_LOCK, "Unloc", H, "/unloc", NULL,
	 .say = {[SAY_ON] = {UNLOC("unlocked")}, [SAY_OFF] = {UNLOC("locked")}, [SAY_CALL] = {""}}},
	{"elock", D_LOCK, "LOQED", H, "/loqed", NULL,
	 .say = {[SAY_ON] = {LOQED("OPEN", "STATE_CHANGED_OPEN")},
		 [SAY_OFF] = {LOQED("NIGHT_LOCK", "STATE_CHANGED_NIGHT_LOCK")},
		 [SAY_CALL] = {LOQED("UNKNOWN", "MOTOR_STALL")},
		 [SAY_CALM] = {LOQED("NIGHT_LOCK", "STATE_CHANGED_NIGHT_LOCK")}}},
};

const struct phrase_group phrase_care = {phrases, sizeof(phrases) / sizeof(phrases[0])};

/* SPDX-License-Identifier: EUPL-1.2 */
/* What hangs on walls and stands on floors: sensors behind bridges, firmware of one's own, radars,
 * LoRaWAN, and what an integrator tells in varde's own words. */
#include "sim/phrase.h"

#define M VD_CARRIER_MQTT
#define H VD_CARRIER_HTTP

/* Zigbee2MQTT repeats what it knows of a device in every message. */
#define Z(fields) "{" fields ",\"battery\":{battery},\"linkquality\":118}"
#define Z_TOPIC   "zigbee2mqtt/{id}"

#define HA_TOPIC(what) "homeassistant/binary_sensor/{id}/" what

/* Z-Wave JS UI: a topic for each value, the payload with its time; a node's number is the device.
 */
#define ZW(value) "{\"time\":{ms},\"value\":" value "}"
#define ZW_INFO                                                                                    \
	"{\"id\":{number},\"manufacturer\":\"{vendor}\",\"productLabel\":\"{model}\","             \
	"\"productDescription\":\"\",\"name\":\"{name}\",\"loc\":\"\",\"status\":\"Asleep\","      \
	"\"ready\":true}"
#define ZW_ALIVE                                                                                   \
	{                                                                                          \
		ZW("{ms}"), "zwave/{id}/lastActive"                                                \
	}
#define ZW_ANNOUNCE                                                                                \
	{                                                                                          \
		ZW_INFO, "zwave/{id}/nodeinfo"                                                     \
	}

/* Shelly's second generation: only the component that changed, or the whole state. */
#define SH(method, fields)                                                                         \
	"{\"src\":\"{id}\",\"dst\":\"{id}/events\",\"method\":\"" method "\",\"params\":{"         \
	"\"ts\":{s}.25," fields "}}"
#define SH_TOPIC "shelly/{id}/events/rpc"
#define SH_WHOLE(fields)                                                                           \
	SH("NotifyFullStatus",                                                                     \
	   fields ",\"devicepower:0\":{\"id\":0,\"battery\":{\"V\":2.9,\"percent\":{battery}},"    \
		  "\"external\":{\"present\":false}},\"sys\":{\"unixtime\":{s},"                   \
		  "\"wakeup_period\":86400},\"wifi\":{\"rssi\":-61}")

#define TASMOTA_ZB(fields)                                                                         \
	"{\"ZbReceived\":{\"{tail}\":{\"Device\":\"0x0{number}\"," fields                          \
	",\"BatteryPercentage\":{battery},\"Endpoint\":1,\"LinkQuality\":88}}}"
#define TASMOTA_PIR(state) "{\"Time\":\"{t}\",\"PIR\":\"" state "\"}"

#define ESP(entity) "esphome/{id}/binary_sensor/" entity "/state"

#define TTS(fields)                                                                                \
	"{\"end_device_ids\":{\"device_id\":\"eui-{id}\",\"dev_eui\":\"{id}\","                    \
	"\"dev_addr\":\"260B0D0D\"},\"received_at\":\"{t}\",\"uplink_message\":{\"f_cnt\":{n},"    \
	"\"f_port\":85,\"frm_payload\":\"AAAA\",\"decoded_payload\":{" fields "},"                 \
	"\"rx_metadata\":[{\"rssi\":-92}],\"version_ids\":{\"brand_id\":\"{vendor}\","             \
	"\"model_id\":\"{model}\"}}}"

#define CHIRP(fields)                                                                              \
	"{\"deduplicationId\":\"{id}-{n}\",\"time\":\"{t}\",\"deviceInfo\":{\"devEui\":\"{id}\","  \
	"\"deviceProfileName\":\"{vendor} {model}\"},\"devAddr\":\"010d0d0d\",\"fCnt\":{n},"       \
	"\"fPort\":85,\"data\":\"AAAA\",\"object\":{" fields "},\"rxInfo\":[{\"rssi\":-88}]}"

#define NETLIA(type, event)                                                                        \
	"{\"protocolVersion\":1,\"deviceId\":\"{id}\",\"deviceType\":\"" type                      \
	"\",\"eventId\":\"{uuid}\",\"eventTime\":\"{t}\",\"eventType\":\"" event "\"}"
#define NETLIA_TOPIC "/event/v1/{id}"

#define VAYYAR_FALL(status)                                                                        \
	"{\"type\":5,\"payload\":{\"status\":\"" status "\",\"timestamp\":{ms},"                   \
	"\"statusUpdateTimestamp\":{ms},\"endTimestamp\":0,\"type\":\"fall\","                     \
	"\"deviceId\":\"{id}\",\"isSimulated\":false,\"isLearning\":false,\"isSilent\":false,"     \
	"\"exitReason\":\"\"}}"
#define VAYYAR_HERE(yes)                                                                           \
	"{\"type\":4,\"payload\":{\"presenceDetected\":" yes ",\"timestamp\":{ms},"                \
	"\"eventId\":\"{uuid}\",\"presenceRegionMap\":{}}}"

#define OWN(kind, state)                                                                           \
	"{\"device\":\"{id}\",\"kind\":\"" kind "\",\"state\":\"" state "\",\"id\":\"{uuid}\"}"
#define OWN_BATTERY                                                                                \
	"{\"device\":\"{id}\",\"kind\":\"device.battery\",\"value\":{battery},\"unit\":\"%\","     \
	"\"id\":\"{uuid}\"}"
#define OWN_TOPIC "varde/{id}"

static const struct phrase phrases[] = {
	{"zigbee2mqtt", D_BUTTON, NULL, M, Z_TOPIC,
	 .say = {[SAY_OFF] = {Z("\"action\":null")}, [SAY_CALL] = {Z("\"action\":\"emergency\"")}}},
	{"zigbee2mqtt", D_DOOR, NULL, M, Z_TOPIC,
	 .say = {[SAY_ON] = {Z("\"contact\":false")}, [SAY_OFF] = {Z("\"contact\":true")}}},
	{"zigbee2mqtt", D_FALL, NULL, M, Z_TOPIC,
	 .say = {[SAY_ON] = {Z("\"fall_status\":\"normal\",\"occupancy\":true")},
		 [SAY_OFF] = {Z("\"fall_status\":\"normal\",\"occupancy\":false")},
		 [SAY_CALL] = {Z("\"fall_status\":\"fall_alarm\",\"occupancy\":true")}}},
	{"zigbee2mqtt", D_SMOKE, NULL, M, Z_TOPIC,
	 .say = {[SAY_ON] = {Z("\"smoke\":true")}, [SAY_OFF] = {Z("\"smoke\":false")}}},

	{"homeassistant", D_MOTION, NULL, M, HA_TOPIC("state"),
	 .say = {[SAY_ON] = {"ON"},
		 [SAY_OFF] = {"OFF"},
		 [SAY_ANNOUNCE] = {"{\"name\":\"{name}\",\"device_class\":\"motion\","
				   "\"unique_id\":\"{id}\",\"state_topic\":\"" HA_TOPIC(
					   "state") "\"}",
				   HA_TOPIC("config")}}},

	{"zwavejsui", D_SMOKE, NULL, M, "zwave/{id}/113/0/Smoke_Alarm/Sensor_status",
	 .say = {[SAY_IDLE] = ZW_ALIVE,
		 [SAY_ON] = {ZW("2")},
		 [SAY_OFF] = {ZW("0")},
		 [SAY_ANNOUNCE] = ZW_ANNOUNCE}},
	{"zwavejsui", D_LEAK, NULL, M, "zwave/{id}/113/0/Water_Alarm/Sensor_status",
	 .say = {[SAY_IDLE] = ZW_ALIVE,
		 [SAY_ON] = {ZW("2")},
		 [SAY_OFF] = {ZW("0")},
		 [SAY_ANNOUNCE] = ZW_ANNOUNCE}},
	{"zwavejsui", D_LOCK, NULL, M, "zwave/{id}/98/0/currentMode",
	 .say = {[SAY_IDLE] = ZW_ALIVE,
		 [SAY_ON] = {ZW("{\"userId\":4}"),
			     "zwave/{id}/113/0/Access_Control/Keypad_unlock_operation"},
		 [SAY_OFF] = {ZW("255")},
		 [SAY_CALL] = {""},
		 [SAY_ANNOUNCE] = ZW_ANNOUNCE}},

	{"shelly", D_SMOKE, NULL, M, SH_TOPIC,
	 .say = {[SAY_IDLE] = {SH_WHOLE("\"smoke:0\":{\"id\":0,\"alarm\":false,\"mute\":false}")},
		 [SAY_ON] = {SH("NotifyStatus",
				"\"smoke:0\":{\"id\":0,\"alarm\":true,\"mute\":false}")},
		 [SAY_OFF] = {SH("NotifyStatus",
				 "\"smoke:0\":{\"id\":0,\"alarm\":false,\"mute\":false}")}}},
	{"shelly", D_LEAK, NULL, M, SH_TOPIC,
	 .say = {[SAY_IDLE] = {SH_WHOLE("\"flood:0\":{\"id\":0,\"alarm\":false,\"mute\":false}")},
		 [SAY_ON] = {SH("NotifyStatus", "\"flood:0\":{\"id\":0,\"alarm\":true}")},
		 [SAY_OFF] = {SH("NotifyStatus", "\"flood:0\":{\"id\":0,\"alarm\":false}")}}},
	{"shelly", D_DOOR, NULL, M, "shelly/shellies/{id}/sensor/state",
	 .say = {[SAY_ON] = {"open"},
		 [SAY_OFF] = {"close"},
		 [SAY_IDLE] = {"{battery}", "shelly/shellies/{id}/sensor/battery"}}},

	{"tasmota", D_MOTION, NULL, M, "tele/{id}/SENSOR",
	 .say = {[SAY_ON] = {TASMOTA_PIR("ON")},
		 [SAY_OFF] = {TASMOTA_PIR("OFF")},
		 [SAY_ANNOUNCE] = {"Online", "tele/{id}/LWT"}}},
	{"tasmota", D_DOOR, NULL, M, "tele/bro/SENSOR",
	 .say = {[SAY_ON] = {TASMOTA_ZB("\"Contact\":1")},
		 [SAY_OFF] = {TASMOTA_ZB("\"Contact\":0")}}},
	{"tasmota", D_LEAK, NULL, M, "tele/bro/SENSOR",
	 .say = {[SAY_ON] = {TASMOTA_ZB("\"Water\":1")}, [SAY_OFF] = {TASMOTA_ZB("\"Water\":0")}}},

	{"esphome", D_RADAR, NULL, M, ESP("person_information"),
	 .say = {[SAY_ON] = {"ON"},
		 [SAY_OFF] = {"OFF"},
		 [SAY_CALL] = {"ON", ESP("falling_detected")},
		 [SAY_CALM] = {"OFF", ESP("falling_detected")},
		 [SAY_ANNOUNCE] = {"online", "esphome/{id}/status"}}},
	{"esphome", D_BUTTON, NULL, M, ESP("trekksnor"),
	 .say = {[SAY_OFF] = {"OFF"},
		 [SAY_CALL] = {"ON"},
		 [SAY_CALM] = {"OFF"},
		 [SAY_ANNOUNCE] = {"online", "esphome/{id}/status"}}},

	{"mmwave", D_RADAR, NULL, M, "radar/{id}",
	 .say = {[SAY_ON] = {"{\"status\":0,\"lux\":{v}}"},
		 [SAY_OFF] = {"{\"status\":1,\"lux\":{v}}"},
		 [SAY_CALL] = {"{\"status\":2,\"lux\":{v}}"},
		 [SAY_CALM] = {"{\"status\":0,\"lux\":{v}}"}},
	 .from = 20, .to = 180},

	{"vayyar", D_RADAR, NULL, M, "/devices/{id}/events",
	 .say = {[SAY_IDLE] = {"{\"status\":\"monitoring\",\"serialProduct\":\"VC-{number}\","
			       "\"model\":\"Care\",\"wifi\":{\"rssi\":-58}}",
			       "/devices/{id}/state"},
		 [SAY_ON] = {VAYYAR_HERE("true")},
		 [SAY_OFF] = {VAYYAR_HERE("false")},
		 [SAY_CALL] = {VAYYAR_FALL("fall_confirmed")},
		 [SAY_CALM] = {VAYYAR_HERE("true")}}},

	{"thethingsstack", D_DOOR, NULL, H, "/up",
	 .say = {[SAY_ON] = {TTS("\"door\":\"open\"")}, [SAY_OFF] = {TTS("\"door\":\"close\"")}}},
	{"chirpstack", D_LEAK, NULL, H, "?event=up",
	 .say = {[SAY_ON] = {CHIRP("\"leakage_status\":\"leak\"")},
		 [SAY_OFF] = {CHIRP("\"leakage_status\":\"normal\"")}}},
	{"netlia", D_BUTTON, NULL, H, NETLIA_TOPIC,
	 .say = {[SAY_OFF] = {NETLIA("sos-button", "alive")},
		 [SAY_CALL] = {NETLIA("sos-button", "event-start")}}},
	{"netlia", D_DOOR, NULL, H, NETLIA_TOPIC,
	 .say = {[SAY_IDLE] = {NETLIA("magnetic-detector-simple", "alive")},
		 [SAY_ON] = {NETLIA("magnetic-detector-simple", "event-start")},
		 [SAY_OFF] = {NETLIA("magnetic-detector-simple", "event-end")}}},

	{"varde", D_BED, NULL, M, OWN_TOPIC,
	 .say = {[SAY_IDLE] = {OWN("bed", "in")},
		 [SAY_ON] = {OWN("bed", "in")},
		 [SAY_OFF] = {OWN("bed", "out")},
		 [SAY_CALL] = {OWN("bed", "out")},
		 [SAY_CALM] = {OWN("bed", "in")}}},
	{"varde", D_DISPENSER, NULL, M, OWN_TOPIC,
	 .say = {[SAY_IDLE] = {OWN_BATTERY},
		 [SAY_ON] = {OWN("medication", "dispensed")},
		 [SAY_OFF] = {OWN("medication", "taken")},
		 [SAY_CALL] = {OWN("medication", "not_taken")}}},
	{"varde", D_CAMERA, NULL, M, OWN_TOPIC,
	 .say = {[SAY_IDLE] = {OWN("supervision", "planned")},
		 [SAY_ON] = {OWN("supervision", "started")},
		 [SAY_OFF] = {OWN("supervision", "ended")}}},
};

const struct phrase_group phrase_home = {phrases, sizeof(phrases) / sizeof(phrases[0])};

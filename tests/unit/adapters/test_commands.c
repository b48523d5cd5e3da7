/* SPDX-License-Identifier: EUPL-1.2 */
/* What each family makes of a command: from what its platform told, or its configuration, to the
 * very bytes. And what it does not offer. */
#include "vdtest.h"
#include "adapters/common/table.h"
#include "base/mem.h"
#include "port/adapter.h"
#include <stdio.h>
#include <stdlib.h>

static struct {
	const struct vd_adapter *a;
	void *state;
	struct vd_tables *tables;
	struct vd_decoded *d;
	char out[VD_MAX_DOWNLINK_BYTES + VD_MAX_TOPIC_BYTES + 64];
} T;

static void open_family(const char *family, const char *prefix, const char *config)
{
	T.a = vd_adapter_find(vd_span_cstr(family));
	assert_non_null(T.a);
	T.state = calloc(1, T.a->state_size);
	assert_int_equal(T.a->init(T.state, vd_span_cstr(prefix), vd_span_cstr(config), T.tables),
			 0);
}

static void close_family(void)
{
	if (T.a->fini)
		T.a->fini(T.state);
	free(T.state);
}

static void hears_as(struct vd_frame f, const char *topic, const char *body)
{
	f.topic = vd_span_cstr(topic);
	f.body = vd_span_cstr(body);
	f.received_at_ms = 1772500000000;
	T.d->n = T.d->n_heard = 0;
	T.d->remember = T.d->forget = false;
	T.d->alive = vd_span("", 0);
	vd_buf_clear(&T.d->scratch);
	assert_int_equal(T.a->decode(T.state, &f, T.d), 0);
}

static void hears(const char *topic, const char *body)
{
	hears_as((struct vd_frame){.carrier = VD_CARRIER_MQTT}, topic, body);
}

/* as core/hub.c gives remembered frames back at start */
static void recalls(const char *topic, const char *body)
{
	hears_as((struct vd_frame){.carrier = VD_CARRIER_LOCAL, .retained = true, .recall = true},
		 topic, body);
}

static struct vd_target target(const char *identity, const char *vendor, const char *model)
{
	return (struct vd_target){.identity = vd_span_cstr(identity),
				  .vendor = vd_span_cstr(vendor),
				  .model = vd_span_cstr(model),
				  .gateway = VD_SPAN_LIT("base")};
}

/* "ring locate", in the enum's order */
static const char *takes(struct vd_target who)
{
	static char words[80];
	unsigned set = T.a->commands(T.state, &who);
	words[0] = '\0';
	for (int v = 1; v < VD_CMD_MAX; v++)
		if (set & VD_CMD_BIT(v))
			snprintf(words + strlen(words), sizeof(words) - strlen(words), "%s%s",
				 words[0] ? " " : "", vd_verb_name((enum vd_command_verb)v));
	return words;
}

/* "mqtt topic body", or the error */
static const char *says(struct vd_target who, enum vd_command_verb verb, int minutes)
{
	struct vd_command c = {.id = "01ARZ3NDEKTSV4RRFFQ69G5FAV",
			       .verb = verb,
			       .minutes = minutes,
			       .created_ms = 1772500000000,
			       .expires_ms = 1772500060000};
	struct vd_downlink d = {.carrier = VD_CARRIER_MQTT};
	vd_buf_init(&d.body, VD_MAX_DOWNLINK_BYTES);
	int err = T.a->command(T.state, &who, &c, &d);
	if (err)
		snprintf(T.out, sizeof(T.out), "%d", err);
	else
		snprintf(T.out, sizeof(T.out), "%s %s %.*s",
			 d.carrier == VD_CARRIER_HTTP ? d.auth ? d.auth : "http" : "mqtt", d.topic,
			 (int)d.body.n, d.body.p);
	/* the same again is the same: nothing was changed by asking */
	assert_int_equal(T.a->command(T.state, &who, &c, &d), err);
	vd_buf_fini(&d.body);
	return T.out;
}

#define EINVAL_TEXT "-2"
#define ESTATE_TEXT "-11"

static void test_varde(void **state)
{
	(void)state;
	open_family(
		"varde", "varde",
		"{\"commands\":{\"*\":[\"ring\",\"dance\"],\"dor/1\":[\"unlock\",\"interval\"]}}");
	struct vd_target door = target("dor/1", "", "");
	assert_string_equal(takes(door), "ring interval unlock");
	assert_string_equal(takes(target("annen", "", "")), "ring");
	assert_string_equal(says(door, VD_CMD_UNLOCK, 0),
			    "mqtt varde/command/base {\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\","
			    "\"device\":\"dor/1\",\"command\":\"unlock\","
			    "\"asked\":\"2026-03-03T01:06:40.000Z\","
			    "\"expires\":\"2026-03-03T01:07:40.000Z\"}");
	assert_non_null(strstr(says(door, VD_CMD_INTERVAL, 30), "\"minutes\":30"));
	assert_string_equal(says(target("annen", "", ""), VD_CMD_UNLOCK, 0), EINVAL_TEXT);
	close_family();
	open_family("varde", "varde", "");
	assert_string_equal(takes(door), ""); /* nobody has said that it takes anything */
	close_family();
	open_family("varde", "varde",
		    "{\"commands\":{\"*\":[\"ring\"]},\"downlink\":{\"url\":\"https://x.no/c\"}}");
	assert_non_null(strstr(says(door, VD_CMD_RING, 0), "http  {\"id\""));
	close_family();
	open_family("varde", "varde", "[1,{"); /* no configuration at all, and messages are read */
	assert_string_equal(takes(door), "");
	hears("varde/x", "{\"device\":\"d\",\"kind\":\"sos\",\"state\":\"on\"}");
	close_family();
}

#define IEEE "0x00158d0001234567"
#define DEVICE(ieee, exposes)                                                                       \
	"[{\"ieee_address\":\"" ieee "\",\"friendly_name\":\"hjem/ytterdør\",\"type\":\"Router\"," \
	"\"supported\":true,\"definition\":{\"model\":\"M\",\"vendor\":\"V\",\"exposes\":"          \
	"[" exposes "]}}]"

static void test_zigbee2mqtt(void **state)
{
	static const struct {
		const char *devices, *takes;
		enum vd_command_verb verb;
		const char *body;
	} rows[] = {
		{DEVICE(IEEE,
			"{\"features\":[{\"access\":7,\"property\":\"state\",\"type\":\"binary\","
			"\"value_on\":\"LOCK\",\"value_off\":\"UNLOCK\"}],\"type\":\"lock\"}"),
		 "unlock lock", VD_CMD_UNLOCK, "{\"state\":\"UNLOCK\"}"},
		{DEVICE(IEEE, "{\"type\":\"lock\",\"features\":[{\"type\":\"binary\",\"property\":"
			      "\"state\",\"access\":7}]}"),
		 "unlock lock", VD_CMD_LOCK, "{\"state\":\"LOCK\"}"},
		/* a lock that only tells, and a switch with the same property */
		{DEVICE(IEEE, "{\"type\":\"lock\",\"features\":[{\"type\":\"binary\",\"property\":"
			      "\"state\",\"access\":1}]}"),
		 "", VD_CMD_UNLOCK, NULL},
		{DEVICE(IEEE,
			"{\"type\":\"switch\",\"features\":[{\"type\":\"binary\",\"property\":"
			"\"state\",\"access\":7}]}"),
		 "", VD_CMD_UNLOCK, NULL},
		{DEVICE(IEEE,
			"{\"type\":\"enum\",\"property\":\"identify\",\"access\":2,\"values\":["
			"\"identify\"]}"),
		 "locate", VD_CMD_LOCATE, "{\"identify\":\"identify\"}"},
		{DEVICE(IEEE, "{\"type\":\"composite\",\"property\":\"warning\",\"access\":2,"
			      "\"features\":[{\"property\":\"state\",\"type\":\"binary\","
			      "\"access\":2}]}"),
		 "cancel ring", VD_CMD_RING,
		 "{\"warning\":{\"mode\":\"emergency\",\"level\":\"medium\",\"strobe\":true,"
		 "\"duration\":30}}"},
		{DEVICE(IEEE, "{\"type\":\"binary\",\"property\":\"alarm\",\"access\":3,\"value_"
			      "on\":true}"),
		 "cancel ring", VD_CMD_CANCEL, "{\"alarm\":false}"},
		{DEVICE(IEEE, "{\"type\":\"binary\",\"property\":\"silence\",\"access\":3,"
			      "\"value_on\":true}"),
		 "cancel", VD_CMD_CANCEL, "{\"silence\":true}"},
		{DEVICE(IEEE, "{\"type\":\"binary\",\"property\":\"alarm\",\"access\":1,\"value_"
			      "on\":true}"),
		 "", VD_CMD_RING, NULL},
		{DEVICE(IEEE, "{\"type\":\"binary\",\"property\":\"alarm\",\"access\":1e12,\"value_"
			      "on\":true}"),
		 "", VD_CMD_RING, NULL},
		{"[]", "", VD_CMD_RING, NULL},
	};
	char want[300];
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_family("zigbee2mqtt", "z2m", "");
		hears("z2m/bridge/devices", rows[i].devices);
		assert_string_equal(takes(target(IEEE, "", "")), rows[i].takes);
		snprintf(want, sizeof(want), "mqtt z2m/hjem/ytterdør/set %s", rows[i].body);
		assert_string_equal(says(target(IEEE, "", ""), rows[i].verb, 0),
				    rows[i].body ? want : EINVAL_TEXT);
		close_family();
	}
}

#define EUI "70B3D57ED0000001"

static void test_thethingsstack(void **state)
{
	static const char uplink[] =
		"{\"end_device_ids\":{\"device_id\":\"dor-3\",\"dev_eui\":\"" EUI "\","
		"\"application_ids\":{\"application_id\":\"heim\"}},"
		"\"uplink_message\":{\"f_cnt\":1,\"decoded_payload\":{\"BAT_V\":3.1}}}";
	struct vd_target lds = target(EUI, "dragino", "LDS02");
	(void)state;
	open_family("thethingsstack", "v3", "");
	assert_string_equal(takes(lds), "interval");
	assert_string_equal(takes(target(EUI, "dragino", "lht65")), "");
	assert_string_equal(says(lds, VD_CMD_INTERVAL, 60), ESTATE_TEXT); /* not heard yet */
	hears("v3/heim@ttn/devices/dor-3/up", uplink);
	/* 3600 s = 0x000E10 */
	assert_string_equal(
		says(lds, VD_CMD_INTERVAL, 60),
		"mqtt v3/heim@ttn/devices/dor-3/down/push {\"downlinks\":[{\"f_port\":2,"
		"\"frm_payload\":\"AQAOEA==\",\"priority\":\"NORMAL\"}]}");
	close_family();
	open_family(
		"thethingsstack", "",
		"{\"downlink\":{\"url\":\"https://eu1.example/api/v3\"},\"application\":\"heim\","
		"\"downlinks\":[{\"vendor\":\"milesight-iot\",\"model\":\"ws303*\",\"verb\":"
		"\"locate\",\"f_port\":85,\"payload\":\"FF0102\"},{\"model\":\"*\",\"verb\":"
		"\"unlock\",\"f_port\":1,\"payload\":\"01\"},{\"model\":\"x\",\"verb\":\"ring\","
		"\"f_port\":500,\"payload\":\"01\"},{\"model\":\"y\",\"verb\":\"ring\","
		"\"f_port\":5,\"payload\":\"0g\"}]}");
	assert_string_equal(
		says(lds, VD_CMD_INTERVAL, 1),
		"http as/applications/heim/devices/eui-70b3d57ed0000001/down/push "
		"{\"downlinks\":[{\"f_port\":2,\"frm_payload\":\"AQAAPA==\",\"priority\":"
		"\"NORMAL\"}]}");
	struct vd_target leak = target(EUI, "milesight-iot", "WS303-868M");
	assert_string_equal(takes(leak), "locate"); /* nobody opens a door by LoRaWAN */
	assert_non_null(
		strstr(says(leak, VD_CMD_LOCATE, 0), "\"f_port\":85,\"frm_payload\":\"/wEC\""));
	assert_string_equal(takes(target(EUI, "", "x")), "");
	assert_string_equal(says(target(EUI, "", "y"), VD_CMD_RING, 0), EINVAL_TEXT);
	/* a name that would climb stays a name */
	assert_non_null(strstr(says(target("a/../b", "dragino", "lds02"), VD_CMD_INTERVAL, 1),
			       "devices/a%2F..%2Fb/down/push"));
	assert_string_equal(says(target("..", "dragino", "lds02"), VD_CMD_INTERVAL, 1),
			    EINVAL_TEXT);
	close_family();
}

static void test_chirpstack(void **state)
{
	struct vd_target em = target("24e124000000000a", "milesight-iot", "EM300-MCS");
	(void)state;
	open_family("chirpstack", "application", "");
	assert_string_equal(says(em, VD_CMD_INTERVAL, 10), ESTATE_TEXT);
	hears("application/a1b2/device/24e124000000000a/event/up",
	      "{\"deviceInfo\":{\"devEui\":\"24e124000000000a\",\"applicationId\":\"a1b2\"},"
	      "\"object\":{\"battery\":90}}");
	/* 600 s = 0x0258, little endian */
	assert_string_equal(says(em, VD_CMD_INTERVAL, 10),
			    "mqtt application/a1b2/device/24e124000000000a/command/down "
			    "{\"devEui\":\"24e124000000000a\",\"confirmed\":false,\"fPort\":85,"
			    "\"data\":\"/wNYAg==\"}");
	/* 1440 min are 86 400 s: more than its 16 bits hold */
	assert_string_equal(says(em, VD_CMD_INTERVAL, 1440), EINVAL_TEXT);
	assert_string_equal(says(target("x\\\"y", "milesight-iot", "em300"), VD_CMD_INTERVAL, 1),
			    EINVAL_TEXT);
	close_family();
	open_family("chirpstack", "", "{\"downlink\":{\"url\":\"https://ns.example\"}}");
	assert_string_equal(
		says(em, VD_CMD_INTERVAL, 10),
		"Grpc-Metadata-Authorization api/devices/24e124000000000a/queue "
		"{\"queueItem\":{\"confirmed\":false,\"fPort\":85,\"data\":\"/wNYAg==\"}}");
	close_family();
}

static void test_homeassistant(void **state)
{
	struct vd_target who = target("hus-1", "", "");
	(void)state;
	open_family("homeassistant", "homeassistant", "");
	hears("homeassistant/lock/las1/config",
	      "{\"~\":\"las/1\",\"cmd_t\":\"~/set\",\"stat_t\":\"~/state\",\"pl_unlk\":\"opp\","
	      "\"dev\":{\"ids\":[\"hus-1\"]}}");
	hears("homeassistant/button/blink/config",
	      "{\"command_topic\":\"las/1/blink\",\"device_class\":\"identify\",\"device\":{"
	      "\"identifiers\":\"hus-1\"}}");
	hears("homeassistant/button/omstart/config",
	      "{\"command_topic\":\"las/1/restart\",\"device_class\":\"restart\",\"device\":{"
	      "\"identifiers\":\"hus-1\"}}");
	hears("homeassistant/siren/ul/config",
	      "{\"command_topic\":\"ul\",\"device\":{\"identifiers\":[\"hus-1\"]}}");
	assert_string_equal(takes(who), "cancel locate ring unlock lock");
	assert_string_equal(says(who, VD_CMD_UNLOCK, 0), "mqtt las/1/set opp");
	assert_string_equal(says(who, VD_CMD_LOCK, 0), "mqtt las/1/set LOCK");
	assert_string_equal(says(who, VD_CMD_LOCATE, 0), "mqtt las/1/blink PRESS");
	assert_string_equal(says(who, VD_CMD_CANCEL, 0), "mqtt ul OFF");
	assert_string_equal(takes(target("hus-2", "", "")), "");
	/* one with a code is not offered; one that is removed neither */
	hears("homeassistant/lock/las1/config",
	      "{\"command_topic\":\"las/1/"
	      "set\",\"state_topic\":\"s\",\"code_format\":\"^\\\\d{4}$\","
	      "\"device\":{\"identifiers\":[\"hus-1\"]}}");
	hears("homeassistant/siren/ul/config", "");
	assert_string_equal(takes(who), "locate");
	assert_string_equal(says(who, VD_CMD_UNLOCK, 0), EINVAL_TEXT);
	close_family();
}

static void test_owntracks(void **state)
{
	(void)state;
	open_family("owntracks", "hjem/ot", "");
	assert_string_equal(takes(target("anna/tlf", "", "")), "locate");
	assert_string_equal(
		says(target("anna/tlf", "", ""), VD_CMD_LOCATE, 0),
		"mqtt hjem/ot/anna/tlf/cmd {\"_type\":\"cmd\",\"action\":\"reportLocation\"}");
	assert_string_equal(says(target("anna/tlf", "", ""), VD_CMD_RING, 0), EINVAL_TEXT);
	/* two letters, half a name, and names that would reach others */
	static const char *const deaf[] = {"an", "", "/tlf", "anna/", "anna/+", "#/tlf", "a/b/c"};
	for (size_t i = 0; i < sizeof(deaf) / sizeof(deaf[0]); i++) {
		assert_string_equal(takes(target(deaf[i], "", "")), "");
		assert_string_equal(says(target(deaf[i], "", ""), VD_CMD_LOCATE, 0), EINVAL_TEXT);
	}
	close_family();
}

static void test_esphome(void **state)
{
	struct vd_target who = target("gang", "", "");
	(void)state;
	open_family("esphome", "hus1", "");
	assert_string_equal(takes(who), "");
	hears("hus1/gang/binary_sensor/door_lock/state", "ON"); /* tells of one, is none */
	hears("hus1/gang/lock/xyzzy/state", "LOCKED");          /* nobody knows what it is */
	assert_string_equal(takes(who), "");
	hears("hus1/gang/lock/front_door/state", "LOCKED");
	assert_true(T.d->remember);
	hears("hus1/gang/lock/front_door/state", "UNLOCKED");
	assert_false(T.d->remember);
	assert_string_equal(takes(who), "unlock lock");
	assert_string_equal(says(who, VD_CMD_UNLOCK, 0),
			    "mqtt hus1/gang/lock/front_door/command UNLOCK");
	assert_string_equal(says(who, VD_CMD_LOCK, 0),
			    "mqtt hus1/gang/lock/front_door/command LOCK");
	assert_string_equal(says(who, VD_CMD_RING, 0), EINVAL_TEXT);
	assert_string_equal(takes(target("stue", "", "")), "");
	/* a second one: which is meant? */
	hears("hus1/gang/lock/back_door/state", "LOCKED");
	assert_true(T.d->remember);
	assert_string_equal(takes(who), "");
	assert_string_equal(says(who, VD_CMD_UNLOCK, 0), EINVAL_TEXT);
	close_family();
	open_family("esphome", "hus1/gang", ""); /* a binding of one node */
	hears("hus1/gang/lock/front_door/state", "LOCKED");
	assert_string_equal(says(who, VD_CMD_UNLOCK, 0),
			    "mqtt hus1/gang/lock/front_door/command UNLOCK");
	close_family();
	open_family("esphome", "", "");
	hears("gang/lock/front_door/state", "LOCKED");
	assert_string_equal(says(who, VD_CMD_LOCK, 0), "mqtt gang/lock/front_door/command LOCK");
	close_family();
}

static void test_shelly(void **state)
{
	static const char full[] =
		"{\"src\":\"shellyplussmoke-aa01\",\"method\":\"NotifyFullStatus\",\"params\":{"
		"\"ts\":1770091506,\"smoke:0\":{\"id\":0,\"alarm\":false,\"mute\":false}}}";
	struct vd_target who = target("shellyplussmoke-aa01", "Shelly", "shellyplussmoke");
	(void)state;
	open_family("shelly", "", "");
	assert_string_equal(takes(who), ""); /* the model alone is no proof */
	hears("shellies/shellysmoke-bb02/sensor/smoke", "false");
	assert_string_equal(takes(target("shellysmoke-bb02", "", "")), "");
	hears("shellyplus1-cc03/status/switch:0", "{\"id\":0,\"output\":false}");
	assert_string_equal(takes(target("shellyplus1-cc03", "", "")), "");
	hears("shellyplussmoke-aa01/events/rpc", full);
	assert_true(T.d->remember);
	hears("shellyplussmoke-aa01/events/rpc", full);
	assert_false(T.d->remember);
	assert_string_equal(takes(who), "cancel");
	assert_string_equal(says(who, VD_CMD_CANCEL, 0),
			    "mqtt shellyplussmoke-aa01/rpc {\"id\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\","
			    "\"src\":\"shellyplussmoke-aa01/varde\",\"method\":\"Smoke.Mute\","
			    "\"params\":{\"id\":0}}");
	assert_string_equal(says(who, VD_CMD_LOCATE, 0), EINVAL_TEXT);
	/* what it answers is no message of a device */
	hears("shellyplussmoke-aa01/varde/rpc", "{\"id\":\"01\",\"result\":null}");
	assert_int_equal(T.d->n + T.d->n_heard + T.d->alive.n, 0);
	close_family();
	open_family("shelly", "hjem/stue", ""); /* one device's own prefix, another component */
	hears("hjem/stue/status/smoke:2", "{\"id\":2,\"alarm\":true,\"mute\":false}");
	assert_non_null(strstr(says(target("hjem/stue", "", ""), VD_CMD_CANCEL, 0),
			       "mqtt hjem/stue/rpc {"));
	assert_non_null(strstr(T.out, "\"params\":{\"id\":2}}"));
	close_family();
}

#define TRACKER(protocol)                                                                          \
	"{\"position\":{\"id\":9,\"deviceId\":17,\"protocol\":\"" protocol                         \
	"\",\"valid\":false,\"attributes\":{}},\"device\":{\"id\":17,\"uniqueId\":\"3560017\"}}"

static void test_traccar(void **state)
{
	static const char config[] =
		"{\"old_fix_min\":30,\"downlink\":{\"url\":\"https://t.example/"
		"api\",\"secret\":\"t\"},\"commands\":{\"3560099\":["
		"\"locate\",\"unlock\"]}}";
	struct vd_target who = target("3560017", "watch", "");
	(void)state;
	open_family("traccar", "traccar", "{\"old_fix_min\":30}");
	hears("traccar/positions", TRACKER("watch"));
	assert_string_equal(takes(who), ""); /* nobody has said where Traccar's API is */
	assert_int_equal(T.a->configure(T.state, vd_span_cstr(config)), 0);
	assert_string_equal(says(who, VD_CMD_LOCATE, 0),
			    "http commands/send {\"deviceId\":17,\"type\":\"positionSingle\"}");
	close_family();
	open_family("traccar", "traccar", config);
	assert_string_equal(takes(who), "locate");
	assert_string_equal(says(who, VD_CMD_LOCATE, 0), ESTATE_TEXT); /* which number has it? */
	assert_string_equal(takes(target("3560018", "minifinder2", "")), "");
	assert_string_equal(takes(target("3560099", "minifinder2", "")), "locate");
	hears("traccar/positions", TRACKER("watch"));
	assert_string_equal(says(who, VD_CMD_LOCATE, 0),
			    "http commands/send {\"deviceId\":17,\"type\":\"positionSingle\"}");
	assert_string_equal(says(who, VD_CMD_RING, 0), EINVAL_TEXT);
	hears("traccar/positions", TRACKER("minifinder")); /* another tracker by that number */
	assert_string_equal(takes(who), "");
	assert_string_equal(says(who, VD_CMD_LOCATE, 0), EINVAL_TEXT);
	close_family();
}

static void test_zwavejsui(void **state)
{
	struct vd_target lock = target("12", "", ""), siren = target("stue/sirene", "", "");
	(void)state;
	open_family("zwavejsui", "zwave", "");
	hears("zwave/12/98/0/currentMode", "{\"time\":1770091506000,\"value\":255}");
	assert_string_equal(takes(lock), ""); /* tells, and was not said to take */
	hears("zwave/12/98/0/targetMode", "{}");
	assert_true(T.d->remember);
	hears("zwave/12/98/0/targetMode", "{\"time\":1770091506000,\"value\":255}");
	assert_false(T.d->remember);
	hears("zwave/12/135/0/identify", "{}");
	hears("zwave/12/135/0/80/3", "{\"value\":0}"); /* a part of an indicator */
	hears("zwave/12/121/0/defaultToneId", "{\"value\":3}");
	assert_string_equal(takes(lock), "locate unlock lock");
	assert_string_equal(says(lock, VD_CMD_UNLOCK, 0), "mqtt zwave/12/98/0/targetMode/set 0");
	assert_string_equal(says(lock, VD_CMD_LOCK, 0), "mqtt zwave/12/98/0/targetMode/set 255");
	assert_string_equal(says(lock, VD_CMD_LOCATE, 0), "mqtt zwave/12/135/0/identify/set true");
	assert_string_equal(says(lock, VD_CMD_RING, 0), EINVAL_TEXT);
	hears("zwave/12/98/1/targetMode", "{}"); /* a second door */
	assert_true(T.d->remember);
	assert_string_equal(takes(lock), "locate");
	assert_string_equal(says(lock, VD_CMD_UNLOCK, 0), EINVAL_TEXT);
	hears("zwave/_EVENTS/ZWAVE_GATEWAY-hus1/controller/node_removed",
	      "{\"data\":[{\"id\":12}]}");
	assert_string_equal(takes(lock), "");
	/* what sleeps takes it in an hour: no door for that */
	hears("zwave/13/98/0/targetMode", "{}");
	hears("zwave/13/status", "{\"value\":true,\"status\":\"Alive\"}");
	assert_string_equal(takes(target("13", "", "")), "unlock lock");
	hears("zwave/13/status", "{\"value\":true,\"status\":\"Awake\"}");
	assert_true(T.d->remember);
	assert_string_equal(takes(target("13", "", "")), "");
	assert_string_equal(says(target("13", "", ""), VD_CMD_UNLOCK, 0), EINVAL_TEXT);
	/* topics with names */
	hears("zwave/stue/sirene/sound_switch/endpoint_2/toneId", "{\"value\":0}");
	assert_string_equal(takes(siren), "cancel ring");
	assert_string_equal(says(siren, VD_CMD_RING, 0),
			    "mqtt zwave/stue/sirene/sound_switch/endpoint_2/toneId/set 255");
	assert_string_equal(says(siren, VD_CMD_CANCEL, 0),
			    "mqtt zwave/stue/sirene/sound_switch/endpoint_2/toneId/set 0");
	hears("zwave/stue/sirene/sound_switch/endpoint_1/toneId", "{\"value\":0}");
	assert_string_equal(takes(siren), "ring"); /* which one sounds? */
	assert_string_equal(says(siren, VD_CMD_RING, 0),
			    "mqtt zwave/stue/sirene/sound_switch/endpoint_1/toneId/set 255");
	hears("zwave/gang/dør/door_lock/targetMode", "255"); /* an old version */
	assert_string_equal(says(target("gang/dør", "", ""), VD_CMD_LOCK, 0),
			    "mqtt zwave/gang/dør/door_lock/targetMode/set 255");
	close_family();
}

/* A door must open for help also right after the hub was started. */
static void test_after_a_start(void **state)
{
	static const struct {
		const char *family, *topic, *body, *who, *takes;
	} rows[] = {
		{"zwavejsui", "zwave/12/98/0/targetMode", "{}", "12", "unlock lock"},
		{"esphome", "gang/lock/door/state", "LOCKED", "gang", "unlock lock"},
		{"shelly", "s-1/status/smoke:0", "{\"id\":0,\"alarm\":false}", "s-1", "cancel"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_family(rows[i].family, "", "");
		recalls(rows[i].topic, rows[i].body);
		assert_string_equal(takes(target(rows[i].who, "", "")), rows[i].takes);
		close_family();
	}
}

static int begin(void **state)
{
	struct vd_errtext e;
	(void)state;
	T.d = calloc(1, sizeof(*T.d));
	vd_buf_init(&T.d->scratch, VD_MAX_FRAME_BYTES);
	return vd_tables_load(NULL, &T.tables, &e);
}

static int end(void **state)
{
	(void)state;
	vd_buf_fini(&T.d->scratch);
	free(T.d);
	vd_tables_free(T.tables);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_varde),          cmocka_unit_test(test_zigbee2mqtt),
		cmocka_unit_test(test_thethingsstack), cmocka_unit_test(test_chirpstack),
		cmocka_unit_test(test_homeassistant),  cmocka_unit_test(test_owntracks),
		cmocka_unit_test(test_esphome),        cmocka_unit_test(test_shelly),
		cmocka_unit_test(test_traccar),        cmocka_unit_test(test_zwavejsui),
		cmocka_unit_test(test_after_a_start),
	};
	return cmocka_run_group_tests_name("commands", tests, begin, end);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* One normalised event: what a device message means, in varde's vocabulary (docs/vocabulary.md).
 * Plain data without pointers: copied freely, any thread. Never personal data: opaque ids only. */
#pragma once
#include "base/buf.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/span.h"
#include <stdint.h>

#define VD_EVENT_VERSION 1

/* X(enum, name, class, latched, default severity when active)
 * class: A care alarm, S state (rules may raise), T technical, M measurement.
 * latched: only a person closes it (rule 5 of the vocabulary).
 * severity: 0 not reported, 10 normal, 20 moderate, 30 serious, 40 critical
 * (VKP vkp-severity-level-v090, github.com/HL7Norway/Velferdsteknologi). */
#define VD_KINDS(X)                                                                                \
	X(SOS, "sos", 'A', 1, 40)                                                                  \
	X(FALL, "fall", 'A', 1, 40)                                                                \
	X(SMOKE, "smoke", 'A', 1, 40)                                                              \
	X(CO, "co", 'A', 1, 40)                                                                    \
	X(GAS, "gas", 'A', 1, 40)                                                                  \
	X(HEAT, "heat", 'A', 1, 40)                                                                \
	X(WATER_LEAK, "water_leak", 'A', 0, 30)                                                    \
	X(STOVE, "stove", 'A', 0, 30)                                                              \
	X(EPILEPSY, "epilepsy", 'A', 1, 30)                                                        \
	X(ENURESIS, "enuresis", 'A', 0, 20)                                                        \
	X(SOUND, "sound", 'A', 0, 20)                                                              \
	X(DOOR, "door", 'S', 0, 10)                                                                \
	X(MOTION, "motion", 'S', 0, 10)                                                            \
	X(PRESENCE, "presence", 'S', 0, 10)                                                        \
	X(BED, "bed", 'S', 0, 10)                                                                  \
	X(CHAIR, "chair", 'S', 0, 10)                                                              \
	X(INACTIVITY, "inactivity", 'S', 0, 20)                                                    \
	X(GEOFENCE, "geofence", 'S', 0, 30)                                                        \
	X(LOCATION, "location", 'M', 0, 0)                                                         \
	X(BUTTON, "button", 'S', 0, 0)                                                             \
	X(INPUT, "input", 'S', 0, 0)                                                               \
	X(LOCK, "lock", 'S', 0, 10)                                                                \
	X(MEDICATION, "medication", 'A', 0, 30)                                                    \
	X(MEDICATION_SUPPLY, "medication.supply", 'T', 0, 20)                                      \
	X(MEDICATION_DEVICE, "medication.device", 'T', 0, 30)                                      \
	X(VITAL_BLOOD_PRESSURE, "vital.blood_pressure", 'M', 0, 0)                                 \
	X(VITAL_HEART_RATE, "vital.heart_rate", 'M', 0, 0)                                         \
	X(VITAL_RESPIRATORY_RATE, "vital.respiratory_rate", 'M', 0, 0)                             \
	X(VITAL_SPO2, "vital.spo2", 'M', 0, 0)                                                     \
	X(VITAL_SPO2_QUALITY, "vital.spo2_quality", 'M', 0, 0)                                     \
	X(VITAL_GLUCOSE, "vital.glucose", 'M', 0, 0)                                               \
	X(VITAL_BODY_WEIGHT, "vital.body_weight", 'M', 0, 0)                                       \
	X(VITAL_BODY_TEMPERATURE, "vital.body_temperature", 'M', 0, 0)                             \
	X(VITAL_PENDING, "vital.pending", 'M', 0, 0)                                               \
	X(MEASURE_TEMPERATURE, "measure.temperature", 'M', 0, 0)                                   \
	X(MEASURE_HUMIDITY, "measure.humidity", 'M', 0, 0)                                         \
	X(MEASURE_ILLUMINANCE, "measure.illuminance", 'M', 0, 0)                                   \
	X(MEASURE_CO2, "measure.co2", 'M', 0, 0)                                                   \
	X(MEASURE_POWER, "measure.power", 'M', 0, 0)                                               \
	X(MEASURE_ENERGY, "measure.energy", 'M', 0, 0)                                             \
	X(MEASURE_PRESSURE, "measure.pressure", 'M', 0, 0)                                         \
	X(SUPERVISION, "supervision", 'S', 0, 0)                                                   \
	X(DEVICE_BATTERY, "device.battery", 'M', 0, 0)                                             \
	X(DEVICE_BATTERY_LOW, "device.battery_low", 'T', 0, 20)                                    \
	X(DEVICE_VOLTAGE, "device.voltage", 'M', 0, 0)                                             \
	X(DEVICE_POWER, "device.power", 'T', 0, 20)                                                \
	X(DEVICE_CONNECTIVITY, "device.connectivity", 'T', 0, 30)                                  \
	X(BRIDGE_CONNECTIVITY, "bridge.connectivity", 'T', 0, 30)                                  \
	X(DEVICE_HEARTBEAT, "device.heartbeat", 'T', 0, 0)                                         \
	X(DEVICE_TAMPER, "device.tamper", 'T', 0, 20)                                              \
	X(DEVICE_FAULT, "device.fault", 'T', 0, 20)                                                \
	X(DEVICE_TEST, "device.test", 'T', 0, 0)                                                   \
	X(DEVICE_WORN, "device.worn", 'T', 0, 20)                                                  \
	X(DEVICE_CLOCK, "device.clock", 'T', 0, 20)                                                \
	X(DEVICE_LINK, "device.link", 'M', 0, 0)                                                   \
	X(DEVICE_JOINED, "device.joined", 'T', 0, 0)                                               \
	X(DEVICE_LEFT, "device.left", 'T', 0, 20)                                                  \
	X(DEVICE_RESTART, "device.restart", 'T', 0, 0)                                             \
	X(DEVICE_ONBOARDING, "device.onboarding", 'T', 0, 0)                                       \
	/* made by the hub itself: */                                                              \
	X(DEVICE_COMMAND, "device.command", 'T', 0, 0)                                             \
	X(GATEWAY_STORM, "gateway.storm", 'T', 0, 30)                                              \
	X(NETWORK_OUTAGE, "network.outage", 'T', 0, 40)                                            \
	X(DUTY_NOBODY, "duty.nobody", 'T', 0, 40)                                                  \
	X(HUB_STORAGE, "hub.storage", 'T', 0, 40)                                                  \
	X(HUB_CLOCK, "hub.clock", 'T', 0, 30)

enum vd_kind {
	VD_KIND_NONE = 0,
#define X(e, n, c, l, s) VD_KIND_##e,
	VD_KINDS(X)
#undef X
		VD_KIND_MAX
};

enum vd_tsrc { VD_T_HUB, VD_T_DEVICE, VD_T_GATEWAY, VD_T_BRIDGE };

enum vd_event_flag {
	VD_F_REPLAY = 1 << 0,    /* history the device sent late: record only (rule 6) */
	VD_F_RETAINED = 1 << 1,  /* retained or start-up republication: no raise (rule 2) */
	VD_F_LATE = 1 << 2,      /* older than VD_LATE_MS when received */
	VD_F_TEST = 1 << 3,      /* a test, visible but no care alarm (rule 7) */
	VD_F_SIMULATED = 1 << 4, /* sent by a simulator: never a live alarm (rule 7) */
	VD_F_SUSPECT = 1 << 5,   /* value had to be guessed out of a string (rule 8) */
	VD_F_CLOCK = 1 << 6,     /* device time outside -24 h..+2 min: received time used instead */
	VD_F_EDGE = 1 << 7,  /* a happening, not a state: every one counts (button press, action) */
	VD_F_FOUND = 1 << 8, /* active state found at start (rule 2): raises, marked */
	VD_F_ATTENTION = 1 << 9, /* the adapter says a technician must look (wrong join keys ...) */
	VD_F_UPDATE =
		1 << 10,     /* more about what was told: joins an alarm that stands, else raises */
	VD_F_ALERT = 1 << 11 /* its sender calls it an alarm: raises whatever its kind tells */
};

struct vd_event {
	char id[VD_ID_LEN + 1];    /* ULID made by the hub at receipt */
	char alarm[VD_ID_LEN + 1]; /* reserved: empty in the journal */
	int muni;                  /* Statistics Norway municipality number, e.g. 3434 */
	int64_t gateway;           /* hub key, 0 = the hub itself */
	int64_t device;            /* hub key, 0 = the gateway itself or the hub */
	int64_t placement;         /* hub key at the time of the event, 0 = not placed */
	enum vd_kind kind;
	char state[24]; /* vocabulary word, "" when the kind has only a value */
	double value;   /* valid when has_value */
	bool has_value;
	char unit[12]; /* UCUM, or "lqi" */
	int severity;  /* 0 10 20 30 40 */
	int64_t t_ms;  /* best time of the happening, UTC ms */
	enum vd_tsrc t_src;
	int64_t t_recv_ms; /* hub's wall clock at receipt, UTC ms */
	int64_t seq;       /* device's own sequence (f_cnt), -1 when none */
	uint64_t dedup;    /* stable hash of the platform's key, 0 when none (rule 1) */
	int64_t episode;   /* 0 when none */
	char zone[16];     /* "" when none */
	unsigned flags;    /* VD_F_* */
	char attrs[VD_MAX_ATTRS_BYTES]; /* JSON members without braces: "method":"keypad", or "" */
};

const char *vd_kind_name(enum vd_kind k);
enum vd_kind vd_kind_parse(struct vd_span name); /* VD_KIND_NONE when unknown */
char vd_kind_class(enum vd_kind k);              /* 'A' 'S' 'T' 'M' */
bool vd_kind_latched(enum vd_kind k);
int vd_kind_severity(enum vd_kind k); /* default severity of an active state */
/* Does this state of this kind mean "active" (smoke on, fall detected, connectivity offline,
 * medication not_taken, lock jammed, battery_low on ...)? Unknown words are not active. */
bool vd_state_active(enum vd_kind k, const char *state);
/* Does this state end an active one (off, online, closed, taken ...)? "unknown" never does. */
bool vd_state_returned(enum vd_kind k, const char *state);
/* "device" "gateway" "bridge" "hub". */
const char *vd_tsrc_name(enum vd_tsrc s);

void vd_event_init(struct vd_event *e); /* zero, seq -1 */
/* Canonical JSON (fixed member order, absent members left out): the journal's row body, of which
 * the Merkle leaf is made; schema/event.schema.json. Same event, same bytes. */
int vd_event_json(const struct vd_event *e, struct vd_buf *b);
/* Reads what vd_event_json wrote. 0 or VD_EPARSE. */
int vd_event_parse(struct vd_span json, struct vd_event *ret);

/* SPDX-License-Identifier: EUPL-1.2 */
/* A device family: turns one frame into readings. Everything here runs on the loop thread and must
 * never block, look at a clock, open anything or keep pointers into the frame.
 *
 * Glossary: a *carrier* (MQTT, HTTP) makes a *frame*; an adapter *decodes* it into *readings*;
 * the hub turns readings into events (ids, device keys, time judgement, change detection).
 */
#pragma once
#include "base/buf.h"
#include "model/command.h"
#include "model/event.h"

enum vd_carrier { VD_CARRIER_MQTT, VD_CARRIER_HTTP, VD_CARRIER_LOCAL, VD_CARRIER_SIP };

enum vd_outcome_code {
	VD_STORED,    /* durable: acknowledge */
	VD_DUPLICATE, /* was durable already: acknowledge */
	VD_REFUSED,   /* can never be accepted: tell the sender why */
	VD_BUSY       /* not now: the sender must try again */
};

struct vd_frame {
	enum vd_carrier carrier;
	/* MQTT topic; HTTP: path after /hook/<family> plus ?query; SIP: the From address */
	struct vd_span topic;
	struct vd_span body;         /* at most VD_MAX_FRAME_BYTES */
	struct vd_span content_type; /* "" over MQTT 3.1.1 */
	bool retained;               /* MQTT retain flag as received */
	bool dup;                    /* MQTT DUP flag */
	bool recall;                 /* a remembered frame given back at start: state only */
	int64_t received_at_ms;      /* wall */
};

/* A field nobody could read: its name and what its value looked like, never the value itself. */
struct vd_unknown {
	char key[48];
	char type[8]; /* "bool" "number" "text" "object" "list", "" = nothing told */
};

/* What the adapter understood. Spans point into the frame, the adapter's state or `scratch`. */
struct vd_reading {
	struct vd_span identity; /* the device on its platform; empty = the gateway/bridge itself */
	enum vd_kind kind;
	char state[24];
	double value;
	bool has_value;
	char unit[12];
	int64_t t_ms;       /* time told by device/gateway/bridge; 0 = none told */
	enum vd_tsrc t_src; /* who told it */
	int64_t seq;        /* -1 none */
	int64_t episode;
	char zone[16];
	unsigned flags;                 /* VD_F_REPLAY, TEST, SIMULATED, SUSPECT, EDGE */
	char attrs[VD_MAX_ATTRS_BYTES]; /* JSON members without braces */
};

/* A device heard of (bridge/devices, discovery, first uplink): fills the waiting list. */
struct vd_heard {
	struct vd_span identity, name, vendor, model, serial;
	struct vd_span features; /* space-separated kinds it can report: "door device.tamper" */
	bool unsupported;
};

struct vd_decoded {
	struct vd_reading readings[VD_MAX_EVENTS_FRAME];
	size_t n;
	struct vd_heard heard[VD_MAX_HEARD_GATEWAY];
	size_t n_heard;
	struct vd_span alive; /* identity of the device this frame proves alive; may be empty */
	struct vd_span dedup_device; /* with dedup: whose key space; empty = the gateway */
	uint64_t dedup;              /* rule 1: platform key hash (vd_hash64, seed 0); 0 = none */
	int64_t dedup_ms;      /* a key older than this counts as new; 0 = as long as it is kept */
	bool remember;         /* keep this frame and give it back at start (topic is the key) */
	bool forget;           /* drop what was remembered under this topic */
	unsigned unknown_keys; /* fields nobody could read: counted, shown to the installer */
	char unknown_key[48];  /* one of them */
	struct vd_unknown unknown[VD_MAX_UNKNOWN_FRAME]; /* as many of them as there is room for */
	/* What a person must read beside the alarm this frame raises: UTF-8, personal, kept with
	 * the alarm's notes and never in an event. "" = nothing. */
	char said[VD_MAX_SAID_BYTES];
	char error[120]; /* with VD_EPARSE/VD_EINVAL: what is wrong and where, for the sender */
	struct vd_buf scratch; /* adapter may put resolved strings here */
};

/* How far people are with what a device asked for. */
enum vd_stand {
	VD_STAND_NONE,  /* nothing of it waits for a person */
	VD_STAND_WAITS, /* an alarm stands, nobody has taken it */
	VD_STAND_TAKEN, /* somebody has: acknowledged, en route, on site */
	VD_STAND_CLOSED /* closed within the last hour, nothing newer is open */
};

/* What can be told to the sender of a frame. */
struct vd_answer {
	enum vd_outcome_code outcome;
	const char *why;     /* REFUSED, BUSY: a sentence; else NULL */
	enum vd_stand stand; /* of the device the frame speaks for (vd_hub_stand) */
	const char
		*call; /* whom the unit may call: phone of the first on duty here; NULL = nobody */
};

/* Whom a command is for, as its platform knows it. Borrowed for the call; "" where not known. */
struct vd_target {
	struct vd_span identity, vendor, model;
	struct vd_span gateway; /* user the gateway signs in as */
};

/* A command as it goes out: over MQTT to the gateway's subscribers, or over HTTP to the platform
 * whose address stands in the binding's configuration (member "downlink"). Data only. */
struct vd_downlink {
	enum vd_carrier carrier; /* MQTT or HTTP */
	/* MQTT topic; HTTP: path below the configured address, without a leading slash */
	char topic[VD_MAX_TOPIC_BYTES + 1];
	const char *method; /* HTTP; static text, NULL = POST */
	const char *auth;   /* HTTP: header that carries "Bearer <secret>"; static text, NULL =
			       Authorization */
	const char *content_type; /* static text, NULL = application/json */
	struct vd_buf body;       /* the hub's; at most VD_MAX_DOWNLINK_BYTES */
};

struct vd_tables;

struct vd_adapter {
	const char *family; /* folder name, "zigbee2mqtt" */
	const char *title;  /* "Zigbee2MQTT" */
	size_t state_size;  /* the hub allocates this per binding, zeroed */
	/* Once per binding. `config` is the binding's JSON ("" = defaults), `prefix` its topic
	 * prefix, `tables` the loaded vendor tables (borrowed, outlives the state). 0 or VD_E*. */
	int (*init)(void *state, struct vd_span prefix, struct vd_span config,
		    const struct vd_tables *tables);
	void (*fini)(void *state);
	/* Optional: the binding's configuration was changed while it runs; what the state knows
	 * stays. 0, or VD_ENOMEM with nothing changed. Without it a change counts from the next
	 * start. */
	int (*configure)(void *state, struct vd_span config);
	/* Deterministic: same state and frame, same readings. 0; VD_EPARSE (unreadable: error[]
	 * says why, the frame is quarantined); VD_ENOMEM/VD_ELIMIT (the frame is answered BUSY). On
	 * error the state is unchanged. A frame that means nothing to us is 0 with no readings. */
	int (*decode)(void *state, const struct vd_frame *f, struct vd_decoded *ret);
	/* HTTP: the sender's platform takes nothing but 200 for success; false = 204. */
	bool answers_200;
	/* Optional: what the sender reads beside the carrier's own answer, for families whose
	 * protocol has an answer of its own (SCAIP's MRS). Called after the outcome is known, and
	 * again for a repeat. Deterministic like decode. 0 with *ret_body filled (may stay empty:
	 * nothing to say) and *ret_content_type static; or VD_E*: the carrier answers alone. */
	int (*reply)(void *state, const struct vd_frame *f, const struct vd_answer *a,
		     struct vd_buf *ret_body, const char **ret_content_type);
	/* Optional, with `reply`: the identity of the device a frame speaks for, so that the answer
	 * can say how far people are with it. "" = none. The span points into the frame, the state
	 * or `scratch`. Deterministic like decode. */
	struct vd_span (*speaker)(void *state, const struct vd_frame *f, struct vd_buf *scratch);
	/* Optional, both or neither: families whose devices can be told something
	 * (docs/commands.md). Deterministic, no input or output, state unchanged.
	 * Which verbs this device takes, VD_CMD_BIT each, by what the platform told or the tables
	 * know. What is not known to work is not offered. */
	unsigned (*commands)(const void *state, const struct vd_target *who);
	/* Renders one of them. 0; VD_EINVAL (this device does not take it); VD_ESTATE (not now:
	 * the platform has not told enough yet); VD_ELIMIT (does not fit). */
	int (*command)(const void *state, const struct vd_target *who, const struct vd_command *c,
		       struct vd_downlink *ret);
	/* Optional: the class of watching all devices of the family belong to ("alarm_unit",
	 * "lorawan": model/rhythm.h), when what they report does not tell. */
	const char *watch;
};

/* Vendor field tables (schema/maps/<family>.csv), loaded once, plus an integrator's override file:
 * adapters/common/table.h. */
struct vd_tables;

/* Generated from the folders under adapters/: sorted, NULL-terminated. */
extern const struct vd_adapter *const vd_adapters[];
const struct vd_adapter *vd_adapter_find(struct vd_span family); /* NULL when unknown */
/* What a family is called in the first column of vendor tables ("lorawan"); NULL = it has none. */
const char *vd_adapter_platform(struct vd_span family);

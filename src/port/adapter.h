/* SPDX-License-Identifier: EUPL-1.2 */
/* A device family: turns one frame into readings. Everything here runs on the loop thread and must
 * never block, look at a clock, open anything or keep pointers into the frame.
 *
 * Glossary: a *carrier* (MQTT, HTTP) makes a *frame*; an adapter *decodes* it into *readings*;
 * the hub turns readings into events (ids, device keys, time judgement, change detection).
 */
#pragma once
#include "base/buf.h"
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
	bool remember;         /* keep this frame and give it back at start (topic is the key) */
	bool forget;           /* drop what was remembered under this topic */
	unsigned unknown_keys; /* fields nobody could read: counted, shown to the installer */
	char unknown_key[48];  /* one of them */
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
	/* Deterministic: same state and frame, same readings. 0; VD_EPARSE (unreadable: error[]
	 * says why, the frame is quarantined); VD_ENOMEM/VD_ELIMIT (the frame is answered BUSY). On
	 * error the state is unchanged. A frame that means nothing to us is 0 with no readings. */
	int (*decode)(void *state, const struct vd_frame *f, struct vd_decoded *ret);
	/* Optional: what the sender reads beside the carrier's own answer, for families whose
	 * protocol has an answer of its own (SCAIP's MRS). Called after the outcome is known, and
	 * again for a repeat. Deterministic like decode. 0 with *ret_body filled (may stay empty:
	 * nothing to say) and *ret_content_type static; or VD_E*: the carrier answers alone. */
	int (*reply)(void *state, const struct vd_frame *f, const struct vd_answer *a,
		     struct vd_buf *ret_body, const char **ret_content_type);
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

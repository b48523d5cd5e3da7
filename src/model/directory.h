/* SPDX-License-Identifier: EUPL-1.2 */
/* The directory: who and what varde knows. A snapshot is loaded from the store, immutable, replaced
 * whole when it changes. Strings are owned by the snapshot. Loop thread reads; the reader thread
 * builds the next one. */
#pragma once
#include "base/id.h"
#include "base/limits.h"
#include "base/map.h"
#include <stdint.h>

struct vd_municipality {
	int number;           /* 3431 */
	const char *name;     /* "Dovre" */
	const char *language; /* default "nb" or "nn" */
	/* Alarm timing; ms. Defaults 60 s / 60 s / 10 min, docs/alarms.md. */
	int64_t escalate1_ms;     /* new without acknowledgement: next on the roster */
	int64_t escalate2_ms;     /* and after this much more: everyone */
	int64_t ack_timeout_ms;   /* acknowledged without a step: new again */
	int64_t travel_remind_ms; /* en route or on site without a step: reminder */
	int64_t repeat_window_ms; /* a second press within this raises priority */
	int test_days; /* devices that can call are tested this often; 0 = not asked for */
};

enum vd_lifecycle { /* nb: på lager, klar, på prøve, i drift, ute av drift, returnert, kassert */
		    VD_LIFE_HEARD, /* spoke to us, nobody registered it: the waiting list */
		    VD_LIFE_STOCK,
		    VD_LIFE_READY,
		    VD_LIFE_TEST,
		    VD_LIFE_IN_USE,
		    VD_LIFE_OUT_OF_SERVICE,
		    VD_LIFE_RETURNED,
		    VD_LIFE_SCRAPPED
};

struct vd_gateway {
	int64_t id;
	int muni;
	const char *name;
	const char *user;          /* MQTT user / webhook sender name, unique */
	uint8_t secret_sha256[32]; /* of the random 256-bit password or token */
	const char *cert_sha256;   /* hex fingerprint of the client certificate, or "" */
	bool disabled;
	const char *sip_realm; /* "" = not for the SIP door */
	uint8_t sip_ha1_md5[16], sip_ha1_sha256[32];
	bool sip_sha256;
};

#define VD_SIP_REALM "varde" /* unless told otherwise; a unit takes it from the challenge */

/* Which adapter reads which of a gateway's messages. */
struct vd_binding {
	int64_t id, gateway;
	const char *family; /* "zigbee2mqtt" */
	const char *prefix; /* MQTT: topic prefix ("zigbee2mqtt"); HTTP: "" */
	const char *config; /* JSON object for the adapter, "" = defaults */
};

struct vd_device {
	int64_t id, gateway;
	int muni;
	const char *family;
	const char *identity; /* on its platform: ieee address, DevEUI, unique id */
	const char *name, *vendor, *model, *serial;
	const char *features; /* kinds it says it reports, space-separated; NULL or "" unknown */
	enum vd_lifecycle lifecycle;
	int64_t placement;     /* 0 = not placed */
	int64_t supervise_ms;  /* silence limit, 0 = by kind default */
	bool alarm_button;     /* any press of this button is an sos */
	int64_t test_until_ms; /* on test until, 0 = not */
};

struct vd_placement {
	int64_t id, recipient;
	int64_t also[VD_MAX_ALSO]; /* who lives there too, in ascending order; 0 = no more */
	int muni;
	const char *room;    /* "soverom" */
	const char *purpose; /* "fall", "door", "medication", "sos", "supervision" ... */
	bool alarm_on_open;  /* door: opening between night_from and night_to raises */
	int night_from_min, night_to_min; /* minutes after midnight, Oslo; equal = always */
};

/* Personal data: stays in the hub and the console, never in events or metrics. */
struct vd_recipient {
	int64_t id;
	int muni;
	const char *name, *address, *floor, *key_note, *phone;
	const char *alarm_limit; /* JSON for later rules, "" */
};

enum vd_role { /* bit set */
	       VD_ROLE_CARE = 1,
	       VD_ROLE_LEADER = 2,
	       VD_ROLE_TECHNICIAN = 4,
	       VD_ROLE_CONTROLLER = 8,
	       VD_ROLE_ADMIN = 16
};

struct vd_staff {
	int64_t id;
	int muni; /* employer */
	const char *user, *name;
	const char *phone;
	const char *language; /* "nb" "nn" "en" */
	unsigned roles;       /* VD_ROLE_* */
	int scope[16];        /* municipalities this person may see, 0-terminated */
	const char *password; /* argon2id encoded, "" = cannot sign in */
	bool disabled;
};

struct vd_shift {
	int64_t id, staff;
	int muni;
	int level;              /* 1 first, 2 next */
	int64_t from_ms, to_ms; /* [from, to) wall time */
};

/* A command somebody wrote down with the command line; the hub takes it with the snapshot. */
struct vd_order {
	const char *id;
	int64_t device, staff, created_ms;
	const char *verb;
	int minutes;
};

struct vd_directory {
	int64_t version; /* grows with each change */
	struct vd_municipality *munis;
	size_t n_munis;
	struct vd_gateway *gateways;
	size_t n_gateways;
	struct vd_binding *bindings;
	size_t n_bindings;
	struct vd_device *devices;
	size_t n_devices;
	struct vd_placement *placements;
	size_t n_placements;
	struct vd_recipient *recipients;
	size_t n_recipients;
	struct vd_staff *staff;
	size_t n_staff;
	struct vd_shift *shifts;
	size_t n_shifts; /* those that end later than a day ago */
	struct vd_order *orders;
	size_t n_orders;
	struct vd_map by_id[6];   /* internal: gateway, device, placement, recipient, staff, muni */
	struct vd_map device_key; /* internal: gateway/family/identity -> device */
	struct vd_map gateway_user;
	char *strings; /* internal arena list */
};

/* Builds the lookup maps after the arrays are filled. 0 or VD_ENOMEM/VD_ELIMIT. */
int vd_directory_index(struct vd_directory *d);
void vd_directory_free(struct vd_directory *d); /* NULL allowed */
/* Copies a string into the snapshot's arena; "" on NULL; NULL when out of memory. */
const char *vd_directory_str(struct vd_directory *d, const char *s);

/* NULL when absent. */
struct vd_municipality *vd_dir_muni(const struct vd_directory *d, int number);
struct vd_gateway *vd_dir_gateway(const struct vd_directory *d, int64_t id);
struct vd_gateway *vd_dir_gateway_user(const struct vd_directory *d, struct vd_span user);
struct vd_device *vd_dir_device(const struct vd_directory *d, int64_t id);
struct vd_device *vd_dir_device_key(const struct vd_directory *d, int64_t gateway,
				    const char *family, struct vd_span identity);
struct vd_placement *vd_dir_placement(const struct vd_directory *d, int64_t id);
struct vd_recipient *vd_dir_recipient(const struct vd_directory *d, int64_t id);
/* Is what hangs at `there` in the home of `recipient`, or of one whom `placement` (0 = none) is
 * for, too? A home of two may have what is one's and what is both's. */
bool vd_dir_same_home(const struct vd_directory *d, int64_t recipient, int64_t placement,
		      int64_t there);
struct vd_staff *vd_dir_staff(const struct vd_directory *d, int64_t id);
struct vd_staff *vd_dir_staff_user(const struct vd_directory *d, struct vd_span user);
/* The key of a device nobody has given one yet, from its identity: hub and tools arrive at the same
 * one without asking each other. Below 2^53, so that it survives JavaScript. */
int64_t vd_device_key(int64_t gateway, const char *family, struct vd_span identity);
const char *
vd_lifecycle_name(enum vd_lifecycle l);   /* "heard" "stock" "ready" "test" "in_use" ... */
int vd_lifecycle_parse(struct vd_span s); /* -1 unknown */

/* Which municipalities a reader may see. Made from a signed-in session or a credential, never from
 * a request parameter. */
struct vd_scope {
	int munis[16]; /* 0-terminated; all = true sees every one (CLI on the machine itself) */
	bool all;
	int64_t staff; /* for the access log, 0 = the machine */
};
/* Municipality 0 is the installation itself (its storage, its clock): everybody sees it. */
bool vd_scope_sees(const struct vd_scope *s, int muni);

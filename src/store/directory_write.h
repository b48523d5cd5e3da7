/* SPDX-License-Identifier: EUPL-1.2 */
/* Changing the directory from a tool: devices, placements, people, gateways. One connection, one
 * thread that may block; the hub picks a change up by the directory version counted up with it.
 *
 * Every change runs inside vd_dirw_tx(): one transaction, committed with a higher directory version
 * when something changed, rolled back otherwise. Every change of a device leaves a row in
 * device_history. What cannot be done is told as a *refusal* (w->why), never as text: words are
 * made by src/onboard. A storage failure is told in w->err.
 *
 * A *placement* (person, room, purpose) owns history and rules; a device is put into it. */
#pragma once
#include "model/command.h"
#include "model/directory.h"
#include "store/db.h"

enum vd_refuse {
	VD_REF_NONE,
	VD_REF_DEVICE_UNKNOWN,    /* a = the code given */
	VD_REF_DEVICE_AMBIGUOUS,  /* a = the code given */
	VD_REF_OTHER_MUNI,        /* a = the municipality that has it */
	VD_REF_IN_USE,            /* since_ms, 0 = not known */
	VD_REF_GATEWAY_UNKNOWN,   /* a = user */
	VD_REF_GATEWAY_REVOKED,   /* a = user */
	VD_REF_RECIPIENT_UNKNOWN, /* a = number */
	VD_REF_RECIPIENT_ENDED,   /* a = number, since_ms */
	VD_REF_SERIAL_TAKEN,      /* a = serial, b = identity of the device that has it */
	VD_REF_IDENTITY_MISSING,  /* a = serial */
	VD_REF_SCRAPPED,          /* a = identity */
	VD_REF_SAME_DEVICE,
	VD_REF_NOT_PLACED,     /* a = identity */
	VD_REF_MUNI_UNKNOWN,   /* a = number */
	VD_REF_MUNI_EXISTS,    /* a = number */
	VD_REF_STAFF_UNKNOWN,  /* a = user */
	VD_REF_STAFF_EXISTS,   /* a = user */
	VD_REF_STAFF_SCOPE,    /* a = user, b = municipality: may not see it */
	VD_REF_STAFF_DISABLED, /* a = user */
	VD_REF_GATEWAY_EXISTS, /* a = user */
	VD_REF_SHIFT_TIMES,    /* ends before it begins, or longer than 14 days */
	VD_REF_TOO_MANY        /* a = the ceiling */
};

struct vd_refusal {
	enum vd_refuse what;
	char a[120], b[120];
	int64_t since_ms;
};

struct vd_dirw {
	struct vd_db *db;             /* borrowed */
	const struct vd_scope *scope; /* borrowed; what the caller may see and change */
	int64_t now_ms, staff;        /* staff 0 = somebody at the machine */
	const char *by;               /* who, for the history's note; borrowed, may be "" */
	bool dry;                     /* works on shadow tables: nothing is ever stored */
	struct vd_refusal why;
	struct vd_errtext err;
};

/* What a change did; bits. 0 = it was so already. */
enum vd_dir_change {
	VD_CH_NEW = 1,
	VD_CH_FIELDS = 2,     /* name, maker, model, serial, button or silence limit */
	VD_CH_REGISTERED = 4, /* heard, returned or out of service before */
	VD_CH_PLACED = 8,
	VD_CH_MOVED = 16, /* same person, other room or purpose */
	VD_CH_RULES = 32, /* of the placement */
	VD_CH_TEST = 64,
	VD_CH_RETURNED = 128,
	VD_CH_SWAPPED = 256,
	VD_CH_OTHER = 512
};

/* fn returns a negative VD_E* (rolled back), 0 (nothing changed, rolled back) or change bits
 * (committed). The same is returned, or the storage failure. */
typedef int (*vd_dirw_fn)(struct vd_dirw *w, void *arg);
int vd_dirw_tx(struct vd_dirw *w, vd_dirw_fn fn, void *arg);

/* A trial: shadows the directory tables with temporary copies in memory, on this connection only,
 * so that the same code shows what it would do while the file is not even locked for writing. */
int vd_dirw_shadow(struct vd_dirw *w);

/* -- devices; all of these inside a transaction ------------------------------------------- */
#define VD_UNSTATED (-1) /* leave as it is */
struct vd_dirw_device {
	const char *gateway;                                            /* user */
	const char *family, *identity, *name, *vendor, *model, *serial; /* "" = leave as it is */
	int alarm_button;                                               /* 0, 1 or VD_UNSTATED */
	int64_t supervise_ms;
};
/* Adds a device or brings an existing one up to date; the same again changes nothing. Without an
 * identity the serial must name one. Change bits or a refusal. */
int vd_dirw_device(struct vd_dirw *w, const struct vd_dirw_device *in, int64_t *ret_id);

struct vd_dirw_place {
	int64_t recipient;
	const char *room, *purpose;
	int alarm_on_open;                /* 0, 1 or VD_UNSTATED */
	int night_from_min, night_to_min; /* minutes, or VD_UNSTATED both */
	int alarm_button;
	int64_t supervise_ms;
	int64_t test_ms; /* on test for this long; 0 = not */
	/* Who lives there too: ends with 0, at most VD_MAX_ALSO before it; borrowed. NULL = leave
	 * as it is. */
	const int64_t *also;
};
int vd_dirw_place(struct vd_dirw *w, int64_t device, const struct vd_dirw_place *p);
/* `fresh` takes over the placement and its settings; `old` is out of service. */
int vd_dirw_swap(struct vd_dirw *w, int64_t old, int64_t fresh);
/* Unlinks the device from the person at once; 0 when it was returned already. */
int vd_dirw_return(struct vd_dirw *w, int64_t device);
/* On test until now + test_ms; 0 ends a test. */
int vd_dirw_test(struct vd_dirw *w, int64_t device, int64_t test_ms);

/* -- commands: taken by the running hub -------------------------------------------------------- */
/* Inside a transaction. */
int vd_dirw_order(struct vd_dirw *w, int64_t device, enum vd_command_verb verb, int minutes,
		  char ret_id[VD_ID_LEN + 1]);
/* Inside a transaction: 0 when the hub has it already. */
int vd_dirw_order_withdraw(struct vd_dirw *w, const char *id);
/* How far it is: state, result, ended_ms. */
int vd_dirw_order_state(struct vd_dirw *w, const char *id, struct vd_command *ret);

/* -- municipalities, recipients, gateways, staff; inside a transaction --------------------- */
struct vd_dirw_recipient {
	int muni;
	const char *name, *national_id, *address, *floor, *key_note, *phone;
};
int vd_dirw_municipality(struct vd_dirw *w, int number, const char *name, const char *language);
/* Alarm timing in ms; VD_UNSTATED leaves as it is. See vd_municipality. */
struct vd_dirw_times {
	int64_t escalate1_ms, escalate2_ms, ack_timeout_ms, travel_remind_ms, repeat_window_ms;
	int64_t test_days; /* between tests of a device that can call; 0 = no reminders */
};
int vd_dirw_municipality_times(struct vd_dirw *w, int number, const struct vd_dirw_times *t);
int vd_dirw_recipient(struct vd_dirw *w, const struct vd_dirw_recipient *in, int64_t *ret_id);
int vd_dirw_gateway(struct vd_dirw *w, int muni, const char *user, const char *name,
		    const uint8_t secret_sha256[32], const char *cert_sha256, int64_t *ret_id);
/* 0 when the gateway has this binding with this config already. */
int vd_dirw_binding(struct vd_dirw *w, const char *gateway, const char *family, const char *prefix,
		    const char *config);
int vd_dirw_gateway_secret(struct vd_dirw *w, const char *user, const uint8_t secret_sha256[32]);
/* Lets a gateway in at the SIP door, or changes with what: H(user:realm:secret) in MD5 and, unless
 * ha1_sha256 is NULL, in SHA-256. */
int vd_dirw_sip_account(struct vd_dirw *w, const char *user, const char *realm,
			const uint8_t ha1_md5[16], const uint8_t ha1_sha256[32]);
/* How it is let in now: 1 with the realm and whether SHA-256 is known, 0 = not at all. */
int vd_dirw_sip_account_get(struct vd_dirw *w, const char *user, char ret_realm[64],
			    bool *ret_sha256);
/* Disabled and its secret forgotten: the old one can never come back. */
int vd_dirw_gateway_revoke(struct vd_dirw *w, const char *user);

struct vd_dirw_staff {
	int muni;
	const char *user, *name, *phone, *language;
	unsigned roles;
	const char *password; /* argon2id encoded, "" = cannot sign in */
	int scope[16];        /* 0-terminated; the employer is always in it */
};
int vd_dirw_staff(struct vd_dirw *w, const struct vd_dirw_staff *in, int64_t *ret_id);
int vd_dirw_staff_scope(struct vd_dirw *w, const char *user, const int munis[16]);
int vd_dirw_staff_password(struct vd_dirw *w, const char *user, const char *encoded);
int vd_dirw_staff_disable(struct vd_dirw *w, const char *user, bool disabled);
int vd_dirw_shift(struct vd_dirw *w, const char *user, int muni, int level, int64_t from_ms,
		  int64_t to_ms, int64_t *ret_id);

/* Somebody looked at personal data. Durable before the data is shown. recipient 0 = staff data. */
struct vd_dirw_look {
	int muni;
	int64_t recipient;
};
int vd_dirw_looked(struct vd_dirw *w, const char *what, const struct vd_dirw_look *looks, size_t n);

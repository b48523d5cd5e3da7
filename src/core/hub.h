/* SPDX-License-Identifier: EUPL-1.2 */
/* The hub: carriers hand it frames, staff hand it actions; it journals, decides and tells. Knows no
 * socket, thread, clock or database: only the ports. Loop thread only.
 *
 * Glossary: an *exchange* is one question of a peer that gets exactly one answer; the *feed* is the
 * ordered stream of alarm changes that consoles follow; an *action* is a step a person takes.
 */
#pragma once
#include "core/trouble.h"
#include "model/alarm.h"
#include "model/directory.h"
#include "model/rhythm.h"
#include "port/adapter.h"
#include "port/runtime.h"
#include "port/store.h"

struct vd_hub;

struct vd_hub_config {
	struct vd_runtime *runtime;     /* borrowed, outlives the hub */
	struct vd_store *store;         /* borrowed */
	const struct vd_tables *tables; /* borrowed; NULL = none */
	const char *origin;             /* name of this installation, for ids in logs */
	int64_t silence_default_ms; /* limit of devices nothing is known of; 0 = their class's */
	int rate_per_device;        /* telemetry events a second per device; 0 = 50 (rule 14) */
	int64_t tick_ms;            /* how often the directory is looked at; 0 = 1 s */
	int rate_per_gateway;       /* telemetry messages a second per gateway; 0 = 20000 */
};

/* Takes over boot->directory, alarms and the rest; re-evaluates every condition and deadline: late,
 * never lost. 0 or VD_ENOMEM. */
int vd_hub_new(const struct vd_hub_config *cfg, struct vd_boot *boot, struct vd_hub **ret);
void vd_hub_free(struct vd_hub *h); /* after stop has called back; NULL allowed */
/* From now on every frame is BUSY; on_drained when the last exchange has been answered. */
void vd_hub_stop(struct vd_hub *h, void (*on_drained)(void *arg), void *arg);

/* -- carriers ------------------------------------------------------------------------------- */

/* Owned by the carrier, heap; alive until on_outcome, which is always called exactly once, in a
 * later turn, and may free it. A carrier whose peer has gone clears its own back pointer. `why` is
 * a sentence for the sender when REFUSED or BUSY, else NULL; valid during the call. */
struct vd_exchange {
	void (*on_outcome)(struct vd_exchange *x, enum vd_outcome_code o, const char *why);
	/* The hub's, from vd_hub_receive until on_outcome; zero before. */
	struct vd_link link;
	struct vd_deferred later;
	struct vd_hub *hub;
	const char *why; /* static text */
	enum vd_outcome_code outcome;
};
/* A frame from an authenticated gateway. The frame and what it points to are borrowed for the call.
 * `family` chooses the adapter for HTTP; NULL = by the gateway's binding whose prefix fits. */
void vd_hub_receive(struct vd_hub *h, int64_t gateway, const char *family, const struct vd_frame *f,
		    struct vd_exchange *x);
/* A gateway's connection came or went (MQTT CONNECT, keep-alive loss, will): bridge liveness. */
void vd_hub_gateway_connected(struct vd_hub *h, int64_t gateway, bool connected);
/* The directory in force; borrowed until the next turn. */
const struct vd_directory *vd_hub_directory(struct vd_hub *h);
/* The directory may have changed (after a write by this process). */
void vd_hub_directory_poll(struct vd_hub *h);

/* -- staff ---------------------------------------------------------------------------------- */

struct vd_action {
	char alarm[VD_ID_LEN + 1];
	enum vd_step step; /* ACKNOWLEDGED EN_ROUTE ON_SITE RELEASED TRANSFERRED RECEIVED NOTE
			    * CALL SHELVED UNSHELVED CLOSED REOPENED */
	int64_t staff, target;
	enum vd_outcome outcome; /* CLOSED: required */
	const char *note;        /* NULL or UTF-8, at most VD_MAX_NOTE_BYTES */
	int64_t version;         /* the alarm.version the person saw; -1 = do not check */
	int64_t shelve_ms;       /* SHELVED: how long, at most VD_MAX_SHELVE_MS */
};
#define VD_MAX_SHELVE_MS (8 * 3600000ll)

/* Scope and role are checked here: VD_ENOTFOUND outside the scope (an id is no oracle), VD_EDENIED
 * role, VD_ESTATE not in this state (already acknowledged by another, close without outcome...),
 * VD_ECONFLICT version differs, VD_EBUSY. When 0 is returned, done comes later, after the step is
 * durable (0, with the alarm) or could not be stored (VD_EBUSY). */
int vd_hub_act(struct vd_hub *h, const struct vd_scope *scope, const struct vd_action *a,
	       void (*done)(int err, const struct vd_alarm *now, void *arg), void *arg);

/* -- commands to devices: command.c --------------------------------------------------------- */

/* How sending one ended, as far as the sender knows. */
enum vd_sent {
	VD_SENT_ACCEPTED, /* PUBACK, 2xx */
	VD_SENT_LATER,    /* certainly not delivered: nobody there, refused the connection, 503 */
	VD_SENT_UNSURE,   /* may have been delivered: no answer in time, connection broke */
	VD_SENT_REFUSED   /* the platform says no, and would again */
};
/* The doors out, the composition root's. `send` starts sending and borrows all but `id` for the
 * call: 0 (then vd_hub_sent comes in a later turn, or never), 1 (gone out where nobody
 * acknowledges, MQTT QoS 0), VD_ENOTFOUND (nobody is there), VD_EBUSY, or VD_EINVAL (can never be
 * sent; *ret_why a word of docs/commands.md). `left_ms`: after that it must not happen any more. */
struct vd_sender {
	void *arg;
	int (*send)(void *arg, const struct vd_binding *b, const struct vd_downlink *d,
		    const char *id, int64_t left_ms, const char **ret_why);
};
void vd_hub_sender(struct vd_hub *h, const struct vd_sender *s);
/* `why`: a word, or "". An id nobody waits for is passed over. */
void vd_hub_sent(struct vd_hub *h, struct vd_span id, enum vd_sent how, const char *why);

struct vd_wish {
	int64_t device, staff;
	enum vd_command_verb verb;
	int minutes;        /* INTERVAL */
	const char *reason; /* UNLOCK: required; UTF-8, at most VD_MAX_NOTE_BYTES; personal data */
	const char *alarm;  /* id of an alarm of the same home, or "" */
	const char *key;    /* new for every wish, the same when it is sent again; "" = none */
};
/* Who may: confirm, cancel, ring: care staff and leaders; locate: technicians too; interval:
 * technicians; lock and unlock: care staff and leaders on duty there, who besides own an open care
 * alarm of that home or are leaders. Refusals reach the access log.
 * VD_ENOTFOUND outside the scope, VD_EDENIED role, duty or no alarm of one's own, VD_EINVAL the
 * device does not take it or something is missing, VD_ELIMIT too many, VD_ECONFLICT the key was
 * another wish's, VD_EBUSY. When 0 is returned, done comes later, once it is durable (0) or could
 * not be stored (VD_EBUSY); for a key that is known with the command as it is. */
int vd_hub_command(struct vd_hub *h, const struct vd_scope *scope, const struct vd_wish *w,
		   void (*done)(int err, const struct vd_command *c, void *arg), void *arg);
/* Verbs the device takes and this person may ask for, VD_CMD_BIT each. For lock and unlock whether
 * an alarm is hers is not looked at: the page says what is missing. */
unsigned vd_hub_verbs(struct vd_hub *h, int64_t device, int64_t staff);
/* One of the last hour's, or waiting; NULL. Borrowed until the next turn. */
const struct vd_command *vd_hub_command_find(struct vd_hub *h, const struct vd_scope *scope,
					     struct vd_span id);

/* -- looking -------------------------------------------------------------------------------- */

struct vd_change {
	int64_t seq;               /* 1.. within this epoch */
	struct vd_alarm alarm;     /* as it is after the change */
	struct vd_alarm_step step; /* what happened (note left empty) */
};
struct vd_watcher { /* caller's memory */
	struct vd_link link;
	void (*on_change)(struct vd_watcher *w, const struct vd_change *c);   /* NULL allowed */
	void (*on_event)(struct vd_watcher *w, const struct vd_event *e);     /* journaled; NULL */
	void (*on_command)(struct vd_watcher *w, const struct vd_command *c); /* NULL allowed */
};
void vd_hub_watch(struct vd_hub *h, struct vd_watcher *w);
void vd_hub_unwatch(struct vd_hub *h, struct vd_watcher *w);
/* Names this run of the feed; sequence numbers of another epoch mean nothing. */
const char *vd_hub_epoch(const struct vd_hub *h);
int64_t vd_hub_seq(const struct vd_hub *h);
/* Replays changes after `seq` in order; VD_ENOTFOUND when they are no longer in the ring. */
int vd_hub_catch_up(struct vd_hub *h, int64_t seq, void (*fn)(const struct vd_change *c, void *arg),
		    void *arg);
/* Every alarm that is not closed, and those closed within the last hour; highest priority first,
 * then oldest. Return false from fn to stop. */
void vd_hub_alarms(struct vd_hub *h, const struct vd_scope *scope,
		   bool (*fn)(const struct vd_alarm *a, void *arg), void *arg);
const struct vd_alarm *vd_hub_alarm(struct vd_hub *h, const struct vd_scope *scope,
				    struct vd_span id); /* NULL */
/* Steps open to this person now, as a bit set of (1u << enum vd_step). */
unsigned vd_hub_allowed(struct vd_hub *h, const struct vd_alarm *a, int64_t staff);
/* Whom an alarm has been escalated to so far (staff keys); returns how many were written. */
size_t vd_hub_receivers(struct vd_hub *h, const struct vd_alarm *a, int64_t *ret, size_t cap);

/* One person (recipient 0: a device placed with nobody) behind a gateway or network that is gone.
 */
struct vd_affected {
	int64_t recipient, placement;
	int64_t device; /* one of theirs that is affected, one to call for help with if there is one
			 */
	int devices;    /* how many of theirs are */
	bool calls;     /* one of them is to call for help with */
	bool only_way;  /* and they have no other that works */
	bool back;      /* all of them have been heard since */
};
/* Does an alarm of this kind have such a list? */
bool vd_alarm_affects(const struct vd_alarm *a);
/* Those without another way to call for help first, then those with one, then the others. The list
 * is the caller's (vd_free). Costs a walk over all devices: when somebody looks, not for lists.
 * 0 or VD_ENOMEM. */
int vd_hub_affected(struct vd_hub *h, const struct vd_alarm *a, struct vd_affected **ret,
		    size_t *ret_n);

/* How far people are with what a device asked for (all but technical kinds): an alarm nobody has
 * taken, else the newest; for carriers whose protocol tells the device. `family` and `identity` as
 * in the frame. */
enum vd_stand vd_hub_stand(struct vd_hub *h, int64_t gateway, const char *family,
			   struct vd_span identity);
/* What the sender of a frame reads beside the carrier's own answer, in the words of the family that
 * read it: its adapter's `reply`, told the outcome, how far people are with the device and the
 * telephone of the first on duty here. To be asked when the outcome is known, and again for a
 * repeat. 0 with *ret_body filled (empty: nothing to say) and *ret_content_type static;
 * VD_ENOTFOUND (the gateway has no binding of this family, or the family no answer of its own) or
 * the adapter's VD_E*. */
int vd_hub_reply(struct vd_hub *h, int64_t gateway, const char *family, const struct vd_frame *f,
		 enum vd_outcome_code outcome, const char *why, struct vd_buf *ret_body,
		 const char **ret_content_type);

struct vd_device_health {
	int64_t last_heard_ms; /* wall, 0 = never */
	double battery;        /* %, NaN unknown */
	double link;           /* dBm, lqi or dB, NaN unknown */
	bool silent, on_test;
	unsigned unknown_keys;
	/* Of a device in use: heard about every interval_ms (0 = not known), silent after limit_ms
	 * (0 = not watched), drawn from this; the class's name is static text. */
	int64_t limit_ms, interval_ms;
	enum vd_limit_basis basis;
	const char *watch_class;
	bool calls;        /* a person can call for help with it */
	int64_t tested_ms; /* newest test or call, wall; 0 = not known */
	unsigned troubles; /* bit set of enum vd_trouble that stand now */
};
bool vd_hub_device_health(struct vd_hub *h, int64_t device, struct vd_device_health *ret);

/* What every console shows at the edge of the screen, for one scope. */
struct vd_status {
	int open, unacknowledged, shelved, on_test, silent_devices, waiting_devices;
	struct {
		int muni;
		int64_t first, next;
	} duty[16]; /* staff on duty now, 0 = nobody */
	size_t n_duty;
	enum vd_store_health storage;
};
void vd_hub_status(struct vd_hub *h, const struct vd_scope *scope, struct vd_status *ret);
/* A console of this municipality is connected (delta +1) or gone (-1): silence watch. */
void vd_hub_console(struct vd_hub *h, int64_t staff, int delta);

struct vd_hub_stats { /* for /metrics; no personal data */
	int64_t frames, stored, duplicates, refused, busy, unreadable, events, raised;
	int64_t by_kind_raised[VD_KIND_MAX];
	int64_t ack_seconds[6]; /* acknowledged within 15 30 60 180 600 s, and later */
	int64_t silent_devices, open_alarms, inflight;
	int64_t commands[VD_CS_MAX]; /* ended, by the state they ended in */
	int64_t commands_refused;    /* wishes */
};
void vd_hub_stats(struct vd_hub *h, struct vd_hub_stats *ret);

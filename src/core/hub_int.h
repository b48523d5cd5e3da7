/* SPDX-License-Identifier: EUPL-1.2 */
/* Inside the hub: shared by the files of src/core only. Loop thread.
 *
 * Glossary: a *live* alarm is one in memory (open, or closed within a day); *dirty* means it holds
 * something the store has not; a *hub device* is a device that has spoken or is registered.
 *
 *   receive (ingest.c) -> journal -> outcome, then assess (assess.c) -> lives -> feed (watch.c)
 *                                                      act (act.c) ----^          persist.c ->
 * store supervise (supervise.c) -> own events ----> assess
 */
#pragma once
#include "base/map.h"
#include "core/devstate.h"
#include "core/hub.h"
#include "core/roster.h"

#define HUB_TICK_MS         1000ll  /* directory poll, cursor, retries */
#define HUB_SWEEP_MS        30000ll /* silence, clock, memory of closed alarms */
#define HUB_SEEN_MS         60000ll /* last-heard is flushed this often */
#define HUB_KEEP_CLOSED_MS  VD_DAY_MS
#define HUB_START_QUIET_MS  5000ll  /* rule 2: bridge start window ends after this much quiet */
#define HUB_START_MAX_MS    60000ll /* and after this anyway */
#define HUB_GATEWAY_LOST_MS 60000ll /* a gateway away this long is an alarm */
#define HUB_STORM_N         10      /* alarms from one gateway ... */
#define HUB_STORM_MS        60000ll /* ... within this: a storm */
/* (IEC 62682 practice: a flood is more than 10 in 10 min.) Quiet this long: no part of it any more.
 */
#define HUB_STORM_LAST_MS  (5 * VD_MINUTE_MS)
#define HUB_REALERT_MAX_MS 3600000ll
#define HUB_DEDUP_MAX      200000
#define HUB_SILENCE_MS     (24 * VD_HOUR_MS) /* EN 50134 allows 1..1440 min */
#define HUB_CLOCK_JUMP_MS  5000ll
#define HUB_TOKENS_FULL    1e9  /* cut to the rate at first use */
#define HUB_BAD_RATE       20.0 /* unreadable messages a second a gateway may have kept */
/* No screen for a municipality this long, and an alarm waits. */
#define HUB_CONSOLE_LOST_MS 60000ll
/* After our own start a gateway has this long: its waits between tries grow to a minute or two. */
#define HUB_GATEWAY_START_MS 180000ll
#define HUB_TELL_AGAIN_MS    VD_DAY_MS /* silence that somebody closed and that goes on */
#define HUB_LEAST_WAIT_MS    1000ll    /* no deadline is shorter, whatever the municipality wrote */

struct hub_device {
	struct vd_link link; /* hub.devices */
	int64_t id, gateway;
	struct hub_binding *binding; /* NULL until a binding of its family is there */
	char *family, *identity;     /* owned */
	const struct vd_device *dir; /* NULL = not in the directory (yet) */
	struct vd_devstate state;
	int64_t heard_mono; /* -1 = not since start */
	int64_t heard_wall; /* 0 = never */
	int64_t flushed_wall, gap_ms;
	int64_t heartbeats;
	double battery, link_quality; /* NaN unknown */
	double tokens, call_tokens;   /* rate limits: telemetry, calls for help */
	int64_t tokens_mono, call_tokens_mono;
	unsigned inflight; /* events on their way to the disk */
	unsigned failures; /* commits that failed: readings since must not be taken as known */
	unsigned unknown_keys;
	bool silent;       /* an offline of ours stands */
	int64_t told_mono; /* and was told then */
	bool seen_dirty;
	bool heard_told; /* the waiting list has been told */
	bool in_use;     /* as the directory said when last looked at */
};

struct hub_binding {
	struct vd_link link;       /* hub.bindings */
	struct vd_link of_gateway; /* hub_gateway.bindings */
	int64_t id, gateway;
	const struct vd_adapter *adapter;
	char *prefix;          /* owned */
	uint64_t config;       /* hash of the configuration in force */
	void *state;           /* adapter's, owned */
	struct vd_map devices; /* identity -> hub_device */
	int64_t online_mono;   /* bridge told "online" then; -1 = never */
	int64_t last_mono;     /* newest message */
	size_t remembered;     /* bytes */
	size_t heard;          /* devices it added to the waiting list */
	bool stale;            /* marking during a directory change */
};

struct hub_gateway {
	int64_t id;
	struct vd_link bindings; /* hub_binding.of_gateway */
	int connections;
	int64_t connected_mono, lost_mono; /* -1 = not */
	bool offline;                      /* our bridge.connectivity offline stands */
	int64_t told_mono;                 /* and was told then */
	bool ever;                         /* has been connected since start, or expected to be */
	double tokens, bad_tokens;         /* rate limits: telemetry, unreadable messages */
	int64_t tokens_mono, bad_mono;
	int64_t raised[HUB_STORM_N]; /* mono times of the newest alarms, ring */
	unsigned raised_at;
};

struct unsaved_step {
	struct unsaved_step *next;
	struct vd_alarm_step step;
};

struct live {
	struct vd_link link;       /* hub.lives */
	struct vd_link of_person;  /* person.lives, when it has a recipient */
	struct vd_link dirty_link; /* hub.dirty */
	struct vd_alarm a;
	struct vd_timer *timer;
	struct vd_event *own_event; /* the hub's own opening event, until stored */
	struct unsaved_step *steps, **steps_tail;
	unsigned inflight; /* batches with it on their way */
	bool dirty;
	bool own_sent; /* own_event is in a batch on its way */
	bool acting;   /* a staff action waits for the disk */
	bool repeated; /* since its owner's newest step */
	bool reminded; /* likewise */
	struct vd_hub *h;
};

struct person { /* alarms of one recipient: for the repeat count */
	int64_t recipient;
	struct vd_link lives;
};

struct dedup_entry {
	uint64_t key;  /* mixed with gateway and device */
	int64_t at_ms; /* when it was received, wall */
	bool committed;
};

struct vd_hub {
	struct vd_hub_config cfg;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_directory *dir;
	struct vd_link bindings, devices, lives, dirty, watchers, exchanges;
	struct vd_map gateways; /* id -> hub_gateway */
	struct vd_map device_by_id;
	struct vd_map live_by_id;  /* alarm id */
	struct vd_map live_by_key; /* (device or gateway, kind) -> newest open live */
	struct vd_map persons;
	struct vd_map dedup;
	struct dedup_entry *dedup_ring;
	size_t dedup_at, dedup_n;
	struct vd_decoded *decoded; /* scratch of ingest */
	struct vd_idgen ids;
	uint8_t pool[1024]; /* entropy, used from the front */
	size_t pool_at;
	struct vd_timer *tick, *sweep;
	struct vd_deferred flush, stop_turn;
	struct vd_change *ring; /* VD_FEED_RING, by seq */
	int64_t seq;
	char epoch[VD_ID_LEN + 1];
	int64_t cursor, cursor_saved; /* assessed rows; as told to the store */
	int64_t started_mono, wall_started;
	int64_t wall_seen, mono_seen; /* to notice a stepped clock */
	int64_t seen_flush_mono;
	size_t n_open, n_inflight;
	size_t n_flushing; /* batches of alarms on their way to the disk */
	bool stopping, directory_asked, storage_bad;
	bool overfull; /* an alarm found no place since start: said as trouble with the storage */
	void (*on_drained)(void *arg);
	void *on_drained_arg;
	struct vd_hub_stats stats;
	struct vd_map consoles; /* staff -> console_count */
	struct vd_map watched;  /* municipality -> watched_muni: had a screen open since start */
	struct vd_sender sender;
	struct vd_link commands; /* hub_command, oldest first */
	size_t n_commands;
	struct { /* refused wishes of the last minute, ring: who guesses is slowed down */
		int64_t staff, mono;
	} refused[64];
	unsigned refused_at;
};

/* hub.c */
void hub_id(struct vd_hub *h, int64_t wall_ms, char ret_id[VD_ID_LEN + 1]);
struct hub_gateway *hub_gateway(struct vd_hub *h, int64_t id); /* NULL: unknown or no memory */
/* NULL when it is new and the gateway's share of the waiting list is full (for a device that calls
 * for help there is as much room again), or out of memory. */
struct hub_device *hub_device_get(struct vd_hub *h, struct hub_binding *b, struct vd_span identity,
				  bool calls);
struct hub_device *hub_device_add(struct vd_hub *h, struct hub_binding *b, int64_t gateway,
				  const char *family, struct vd_span identity, int64_t id);
struct hub_binding *hub_binding_find(struct vd_hub *h, int64_t gateway, const char *family,
				     struct vd_span topic);
void hub_check_drained(struct vd_hub *h);

/* assess.c */
/* An event that is in the journal (or is the hub's own): alarms follow. `own` marks the latter: the
 * event still has to be stored together with what it causes. */
void hub_assess(struct vd_hub *h, const struct vd_event *e, bool own);
/* What the sender wrote for a person goes to the notes of the alarm this event touched; false when
 * it touched none. */
bool hub_said(struct vd_hub *h, const struct vd_event *e, const char *text);
/* Makes an event of the hub's own and assesses it. */
void hub_own_event(struct vd_hub *h, int muni, int64_t gateway, const struct hub_device *d,
		   enum vd_kind kind, const char *zone, const char *state, const char *attrs);
struct live *hub_live_add(struct vd_hub *h, const struct vd_alarm *a); /* NULL: no memory */
struct live *hub_live(struct vd_hub *h, struct vd_span id);
void hub_live_free(struct vd_hub *h, struct live *l);
/* Puts the key of an open alarm into live_by_key, or takes it out. */
void hub_live_index(struct vd_hub *h, struct live *l);
void hub_live_unindex(struct vd_hub *h, struct live *l);
/* After the state of a live was changed: records the step, feeds the watchers, marks it dirty. */
void hub_changed(struct vd_hub *h, struct live *l, enum vd_step step, int64_t staff, int64_t target,
		 const char *event);
bool hub_escalates(const struct vd_alarm *a);
/* The open alarm of this kind for the device, or for the gateway itself (device 0); NULL = none. */
const struct live *hub_stands(struct vd_hub *h, int muni, int64_t gateway, int64_t device,
			      enum vd_kind kind);
/* A storm alarm ended: its members stand on their own again. */
void hub_storm_release(struct vd_hub *h, const char *storm);

/* act.c */
/* Sets the deadline that belongs to the handling state entered now and starts the timer. */
void hub_enter(struct vd_hub *h, struct live *l, enum vd_handling to);
void hub_arm(struct vd_hub *h, struct live *l, int64_t delay_ms); /* < 0 = none */
/* A new alarm with nobody on the first list: an alarm of its own, and the next are asked. */
void hub_raised_check_duty(struct vd_hub *h, struct live *l);
/* A repeat while it is open: heard at once by whoever has it, and by all when nobody takes it. */
void hub_repeated(struct vd_hub *h, struct live *l);
void hub_rearm_at_start(struct vd_hub *h, struct live *l);
void hub_recheck(struct vd_hub *h, struct live *l); /* every sweep */
void hub_close_by_hub(struct vd_hub *h, struct live *l, enum vd_outcome o);

/* persist.c */
void hub_mark_dirty(struct vd_hub *h, struct live *l);
void hub_mark_dirty_later(struct vd_hub *h, struct live *l); /* sent by the tick */
void hub_flush(struct vd_hub *h); /* everything dirty goes to the store, or stays dirty */
/* One live's changes with a waiter told the outcome. 0 or VD_EBUSY / VD_ENOMEM. */
int hub_flush_one(struct vd_hub *h, struct live *l,
		  void (*done)(struct vd_hub *h, struct live *l, int err, void *arg), void *arg);
/* Stores one event, or the cursor alone; whether it worked nobody waits for. */
void hub_store_event(struct vd_hub *h, const struct vd_event *e);
void hub_store_cursor(struct vd_hub *h);
/* The events of a stored batch have been assessed. Batches are told in order, so all before, too.
 */
void hub_cursor_past(struct vd_hub *h, const struct vd_batch *b, int64_t first_seq);
int hub_step_add(struct vd_hub *h, struct live *l, const struct vd_alarm_step *s);
void hub_step_drop_last(struct live *l, int64_t n);

/* command.c, command_send.c */
int hub_commands_restore(struct vd_hub *h, const struct vd_boot *boot); /* 0 or VD_ENOMEM */
void hub_commands_orders(struct vd_hub *h); /* the new directory's orders are taken */
void hub_commands_saw(struct vd_hub *h, const struct vd_event *e); /* a device told its state */
void hub_commands_tick(struct vd_hub *h);  /* what could not be stored is tried again */
void hub_commands_sweep(struct vd_hub *h); /* old ones are let go */
void hub_commands_stop(struct vd_hub *h);  /* nothing is sent any more */
void hub_commands_free(struct vd_hub *h);

/* watch.c */
void hub_feed_command(struct vd_hub *h, const struct vd_command *c);
void hub_feed(struct vd_hub *h, const struct vd_alarm *a, const struct vd_alarm_step *s);
/* Nobody has had a screen open for this municipality for a minute, though somebody once had. */
bool hub_unwatched(struct vd_hub *h, int muni);
void hub_feed_event(struct vd_hub *h, const struct vd_event *e);

/* supervise.c */
void hub_heard(struct vd_hub *h, struct hub_device *d);
void hub_sweep(struct vd_hub *h);
void hub_seen_flush(struct vd_hub *h, bool all);
void hub_check_storage(struct vd_hub *h);
/* What was known about gateways, disk and clock before the start. */
void hub_supervise_restore(struct vd_hub *h, const struct vd_boot *boot);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Inside the hub: shared by the files of src/core only. Loop thread.
 *
 * Glossary: a *live* alarm is one in memory (open, or closed within a day); *dirty* means it holds
 * something the store has not; a *hub device* is a device that has spoken or is registered; its
 * *watch* is what is known of its rhythm and health while it is in use; the *wheel* holds the
 * watched by when they are to be looked at next.
 *
 *   receive (ingest.c) -> journal -> outcome, then assess (assess.c) -> lives -> feed (watch.c)
 *     | heard, readings                                act (act.c) ----^          persist.c ->
 * store v                                                                ^ silence.c, trouble*.c,
 * tested.c, outage.c, gateways.c, supervise.c -> own events -> assess
 */
#pragma once
#include "base/clock.h"
#include "base/map.h"
#include "core/devstate.h"
#include "core/hub.h"
#include "core/roster.h"
#include "core/trouble.h"
#include "model/rhythm.h"

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
#define HUB_RESENT_MS      (5 * VD_MINUTE_MS) /* who waits for an answer asks again before that */
#define HUB_CLOCK_JUMP_MS  5000ll
#define HUB_TOKENS_FULL    1e9  /* cut to the rate at first use */
#define HUB_BAD_RATE       20.0 /* unreadable messages a second a gateway may have kept */
/* No screen for a municipality this long, and an alarm waits. */
#define HUB_CONSOLE_LOST_MS 60000ll
/* After our own start a gateway has this long: its waits between tries grow to a minute or two. */
#define HUB_GATEWAY_START_MS 180000ll
#define HUB_TELL_AGAIN_MS    VD_DAY_MS /* silence that somebody closed and that goes on */
#define HUB_LEAST_WAIT_MS    1000ll    /* no deadline is shorter, whatever the municipality wrote */
#define HUB_WHEEL            1024      /* slots of a sweep each: eight hours and a half */
#define HUB_LOOK_MS          (6 * VD_HOUR_MS) /* every watched device is looked at this often */
#define HUB_FALLEN           10 /* newest silences remembered of a gateway or municipality */
#define HUB_OUTAGE_MS        VD_HOUR_MS          /* so many within this are one outage */
#define HUB_GATEWAYS_MS      (10 * VD_MINUTE_MS) /* gateways lost within this are one outage */
/* A last word this long after the others' is still from before an outage. */
#define HUB_BEFORE_MS    (10 * VD_MINUTE_MS)
#define HUB_TELL_TURN    500    /* silences told in one turn of the loop: about 5 ms */
#define HUB_SOON_MS      20ll   /* and the next of them */
#define HUB_COUNT_MS     5000ll /* a count of devices on test may be this old */
#define HUB_TROUBLES_DAY 3      /* technical troubles of one device told within a day */
#define HUB_FLIPS                                                                                  \
	6.0f /* times a gateway's connection goes: it flaps; three an hour are forgiven            \
	      */
#define HUB_TROUBLES_GATEWAY                                                                       \
	10 /* and of one gateway's devices within an hour; then it is the gateway's */
#define HUB_SAVE_MS VD_HOUR_MS /* what is learned goes to the store this often */

struct hub_watch { /* of a device in use */
	struct vd_rhythm rhythm;
	struct vd_limit limit;
	const struct vd_watch_class *class;
	int64_t stated_ms; /* the interval it promises; 0 = none */
	int64_t since_wall, tested_wall, reminded_wall;
	int64_t excused_mono; /* its network came back then: silence counts from there */
	uint64_t outage;      /* of the newest outage it was in: hash of the alarm's id */
	bool member;          /* counted as gone in it, and not as back yet */
	int64_t saved_mono;
	unsigned judged_cells; /* its class was judged when it had so many */
	uint64_t judged_by;    /* and by these words about it */
	bool calls;            /* a person can call for help with it */
	bool learned;          /* something since it was saved */
	bool save;             /* and not to wait with */
	struct vd_trouble_state trouble;
	int64_t told_mono[HUB_TROUBLES_DAY]; /* ring: troubles told */
	unsigned told_at;
};

struct hub_device {
	struct vd_link link;   /* hub.devices */
	struct vd_link due;    /* hub.wheel */
	struct vd_link unseen; /* hub.unseen: has something for the store */
	int64_t due_mono;
	struct hub_watch *watch; /* owned; NULL = not in use, or no memory */
	int64_t id, gateway;
	struct hub_binding *binding; /* NULL until a binding of its family is there */
	char *family, *identity;     /* owned */
	const struct vd_device *dir; /* NULL = not in the directory (yet) */
	struct vd_devstate state;
	int64_t heard_mono; /* -1 = not since start */
	int64_t heard_wall; /* 0 = never */
	int64_t heard_away; /* what hub_away was then */
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
	bool heard_told;   /* the waiting list has been told */
	bool in_use;       /* as the directory said when last looked at */
};

struct hub_binding {
	struct vd_link link;       /* hub.bindings */
	struct vd_link of_gateway; /* hub_gateway.bindings */
	int64_t id, gateway;
	const struct vd_adapter *adapter;
	char *prefix;               /* owned */
	uint64_t config;            /* hash of the configuration in force */
	void *state;                /* adapter's, owned */
	struct vd_map devices;      /* identity -> hub_device */
	int64_t online_mono;        /* bridge told "online" then; -1 = never */
	int64_t last_mono;          /* newest message */
	size_t remembered;          /* bytes of remembered frames */
	struct vd_map remembered_n; /* hash of a topic -> bytes kept under it, never 0 */
	size_t heard;               /* devices it added to the waiting list */
	bool down;                  /* the bridge has said that it is offline */
	int64_t down_mono;          /* since then */
	int64_t back_mono;          /* and was back then */
	int64_t away_ms;            /* all that, since our start */
	bool stale;                 /* marking during a directory change */
};

/* The newest silences among the devices of one gateway or municipality, and the outage they were.
 */
struct hub_fallen {
	int64_t at_mono[HUB_FALLEN];                 /* rings */
	const struct hub_device *device[HUB_FALLEN]; /* these live as long as the hub */
	unsigned at;
	int64_t from_mono; /* INT64_MIN/2: before this start */
	int64_t from_wall; /* the outage began then: who was heard later is no part of it */
	size_t gone, back; /* its members, and those heard again */
	size_t told;       /* members when its growth was last told */
	size_t in_use;     /* devices, as the directory says */
};

struct hub_muni {
	struct hub_fallen fallen;     /* devices of several gateways */
	size_t gateways;              /* in its outage of gateways; 0 = that is one of devices */
	int64_t lost_mono;            /* when that began, or the hub since */
	int silent, on_test, waiting; /* devices, as counted last */
	int64_t reminded_day;         /* tests asked for on this day ... */
	int reminded;                 /* ... so many */
};

struct hub_gateway {
	int64_t id;
	struct vd_link bindings; /* hub_binding.of_gateway */
	int connections;
	int64_t connected_mono, lost_mono; /* -1 = not */
	bool offline;                      /* our bridge.connectivity offline stands */
	int64_t told_mono;                 /* and was told then */
	int64_t back_mono; /* came back then; its devices' silence counts from there */
	int64_t away_ms;   /* all that was told as offline, since our start */
	uint64_t outage;   /* as hub_watch.outage */
	struct hub_fallen fallen;
	int64_t troubles_mono[HUB_TROUBLES_GATEWAY]; /* ring: told of its devices */
	unsigned troubles_at;
	bool crowd; /* more of its devices have troubles than are told one by one */
	int64_t crowd_mono;
	float flips; /* connections lost; leaks */
	int64_t flips_mono;
	bool flapping;
	bool ever;                 /* has been connected since start, or expected to be */
	double tokens, bad_tokens; /* rate limits: telemetry, unreadable messages */
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
	struct vd_link of_device;  /* callers' person.lives, when it has a device */
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

struct person { /* alarms of one recipient: for the repeat count; or of one device, for stand.c */
	int64_t id;
	struct vd_link lives;
};

struct dedup_entry {
	uint64_t key;       /* mixed with gateway and device */
	int64_t at_ms;      /* when it was received, wall */
	int64_t heard_mono; /* it, or the same again, or our start */
	bool committed;
};

struct vd_hub {
	struct vd_hub_config cfg;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_directory *dir;
	struct vd_link bindings, devices, lives, dirty, watchers, exchanges;
	struct vd_map gateways; /* id -> hub_gateway */
	struct vd_map munis;    /* number -> hub_muni */
	struct vd_link wheel[HUB_WHEEL];
	int64_t wheel_at;  /* slots up to this one have been looked at */
	size_t wheel_told; /* silences in this turn of the loop */
	bool wheel_behind; /* many fell silent at once: the rest in a moment */
	bool outage_grew;  /* by members that are not told yet */
	bool counts_stale; /* of hub_muni */
	int64_t counted_mono;
	struct vd_link unseen; /* devices with something for the store */
	struct vd_map device_by_id;
	struct vd_map live_by_id;  /* alarm id */
	struct vd_map live_by_key; /* (device or gateway, kind) -> newest open live */
	struct vd_map persons;
	struct vd_map callers; /* device -> struct person, while it has alarms */
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
	bool running;      /* the start is over */
	bool was_away;     /* before this start, for longer than a restart takes */
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

/* Makes room for a frame kept under this topic in place of the one before; n 0 = none is kept any
 * more. false: past what one gateway may have kept, the one before stays. */
bool hub_remember_room(struct hub_binding *b, struct vd_span topic, size_t n);

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
/* The same, of something that began earlier. */
void hub_own_event_at(struct vd_hub *h, int muni, int64_t gateway, const struct hub_device *d,
		      enum vd_kind kind, const char *zone, const char *state, const char *attrs,
		      int64_t t_ms);
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
/* Made by the hub itself? From the event alone; a sender's word to that effect is taken out. */
bool hub_by_hub(const struct vd_event *e);
/* The open alarm of this kind for the device, or for the gateway itself (device 0); NULL = none. */
const struct live *hub_stands(struct vd_hub *h, int muni, int64_t gateway, int64_t device,
			      enum vd_kind kind);
/* A storm or outage alarm ended: its members stand on their own again. Others: nothing. */
void hub_storm_release(struct vd_hub *h, const struct vd_alarm *storm);

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

/* Folds an open alarm under another, which counts it. */
void hub_fold(struct vd_hub *h, struct live *under, struct live *l);
void hub_unfold(struct vd_hub *h, struct live *l); /* stands on its own again */

/* silence.c */
/* A sign of life. `word`: it is the bridge's word that it is online, which is journaled itself. */
void hub_heard(struct vd_hub *h, struct hub_device *d, bool word);
/* It is in use (again), or what is told of it changed: limits are drawn anew. */
void hub_watch_device(struct vd_hub *h, struct hub_device *d);
void hub_watch_end(struct hub_device *d); /* no longer in use: what was learned is forgotten */
bool hub_in_use(const struct hub_device *d);
int64_t hub_limit(const struct vd_hub *h, const struct hub_device *d);
/* Its own silence is not told: the gateway's or the bridge's is. */
bool hub_covered(struct vd_hub *h, const struct hub_device *d);
/* Looks at those whose time has come. */
void hub_sweep_devices(struct vd_hub *h);
void hub_wheel_init(struct vd_hub *h);
/* One word about its connection, as an event of the hub's own. */
void hub_device_link(struct vd_hub *h, struct hub_device *d, const char *state, const char *attrs);
/* Somebody closed the alarm and the trouble goes on: a day later it is told again. */
bool hub_tell_again(struct vd_hub *h, int muni, int64_t gateway, int64_t device, enum vd_kind kind,
		    int64_t told_mono);
int hub_muni_of_gateway(const struct vd_hub *h, int64_t gateway); /* -1 unknown */
/* On the monotonic clock, when what stands since before this start was told (wall); never so long
 * ago that the hub would not listen first. */
int64_t hub_told_before(const struct vd_hub *h, int64_t told_wall);

/* The interval a heartbeat promises, if it does. */
void hub_stated(struct vd_hub *h, struct hub_device *d, const struct vd_reading *r);
/* Its gateway or bridge has been away since it was last heard, or the hub itself. */
bool hub_was_away(const struct vd_hub *h, const struct hub_device *d);

/* troubles.c */
/* After a live reading was judged. Returns frames that were lost before it. */
unsigned hub_trouble_reading(struct vd_hub *h, struct hub_device *d, const struct vd_reading *r,
			     const struct vd_judged *j, double battery_before);
/* So many devices of a gateway had troubles that it was told instead; is that over? */
void hub_troubles_crowd(struct vd_hub *h, struct hub_gateway *g);
/* Tells what has begun and what is over. */
void hub_trouble_judge(struct vd_hub *h, struct hub_device *d);
void hub_troubles_restore(struct hub_device *d, int64_t mono);
/* Found out by the hub where the device was last in use: it is judged anew where it goes. */
bool hub_made_cell(const struct vd_cell *c);

/* tested.c */
void hub_test_reading(struct vd_hub *h, struct hub_device *d, const struct vd_reading *r,
		      const struct vd_judged *j);
void hub_tested(struct vd_hub *h, struct hub_device *d); /* it has called, or been tried */
void hub_test_due(struct vd_hub *h, struct hub_device *d);

/* outage.c */
/* A device has just fallen silent. True: it belongs to an outage that stands, and is journaled as
 * that. False: its own alarm is due, and hub_outage_fell is called after it. */
bool hub_outage_takes(struct vd_hub *h, struct hub_device *d, const char *attrs);
void hub_outage_fell(struct vd_hub *h, struct hub_device *d);
void hub_outage_back(struct vd_hub *h, struct hub_device *d); /* a silent one was heard */
/* A bridge says that its device is offline. Would an outage that stands take it? */
bool hub_outage_waits(struct vd_hub *h, const struct vd_event *e);
/* It has an alarm now: folded under the outage, or perhaps the one that makes it one. */
void hub_outage_word(struct vd_hub *h, const struct vd_event *e, struct live *l);
/* The same for gateways. */
bool hub_outage_takes_gateway(struct vd_hub *h, struct hub_gateway *g);
void hub_outage_gateway_lost(struct vd_hub *h, struct hub_gateway *g);
void hub_outage_gateway_back(struct vd_hub *h, struct hub_gateway *g);
void hub_outage_restore(struct vd_hub *h);
/* Has a device been heard since this outage began? */
bool hub_outage_heard(struct vd_hub *h, const struct vd_alarm *outage, const struct hub_device *d);
void hub_outage_sweep(struct vd_hub *h); /* those without members are over */
void hub_outage_told(struct vd_hub *h);  /* once a sweep: how far they have grown */
/* Folded under an outage that is over: it stands on its own now. */
void hub_outage_left_behind(struct vd_hub *h, int muni, int64_t gateway, int64_t device,
			    enum vd_kind kind);
struct hub_muni *hub_muni(struct vd_hub *h, int number); /* NULL: no memory */

/* gateways.c */
void hub_sweep_gateways(struct vd_hub *h);
void hub_gateways_restore(struct vd_hub *h, const struct vd_boot *boot);
/* The bridge's own word about itself. */
void hub_bridge_word(struct vd_hub *h, struct hub_binding *b, bool online);
/* Says that a gateway is offline, with nothing but that. */
void hub_gateway_tell(struct vd_hub *h, struct hub_gateway *g, const char *more);

/* seen.c */
void hub_seen_flush(struct vd_hub *h, bool all);
void hub_unseen(struct vd_hub *h, struct hub_device *d); /* has something for the store */
void hub_watches_restore(struct vd_hub *h, const struct vd_boot *boot);

/* supervise.c */
void hub_sweep(struct vd_hub *h);
void hub_check_storage(struct vd_hub *h);
/* What was known about gateways, disk and clock before the start. */
void hub_supervise_restore(struct vd_hub *h, const struct vd_boot *boot);

/* SPDX-License-Identifier: EUPL-1.2 */
/* Traccar: GPS trackers and alarm watches of many makes, already decoded, forwarded as JSON over
 * HTTP or MQTT. Facts: traccar.org/forward, traccar.org/events; field names from
 * github.com/traccar/traccar (forward/EventData.java, model/Event.java, model/Position.java,
 * Apache-2.0). Loop thread. */
#include "adapters/common/downlink.h"
#include "adapters/common/heard.h"
#include "adapters/common/press.h"
#include "adapters/common/table.h"
#include "adapters/traccar/calls.h"
#include "adapters/traccar/command.h"
#include "adapters/traccar/message.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"
#include "base/mem.h"

#define KNOT_KMH 1.852

struct traccar {
	const struct vd_tables *tables;
	int64_t old_ms; /* fixes older than this are where somebody was */
	struct traccar_calls calls;
	struct vd_exits exits;
	struct traccar_peers peers;
	char *config; /* owned; NULL = none */
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct traccar *t = state;
	(void)prefix; /* the topic says nothing that the body does not */
	t->tables = tables;
	int err = vd_old_fix_config(config, &t->old_ms);
	return err ? err : vd_down_keep(&t->config, config);
}

static int configure(void *state, struct vd_span config)
{
	struct traccar *t = state;
	int err = vd_down_keep_new(&t->config, config);
	if (!err)
		(void)vd_old_fix_config(config, &t->old_ms); /* unusable: the limit stays */
	return err;
}

static void fini(void *state)
{
	vd_free(((struct traccar *)state)->config);
}

/* One message being read. */
struct reading_of {
	struct traccar *t;
	const struct traccar_message *m;
	struct vd_field_of who;
	struct vd_reading happened; /* time of what the event tells */
	struct vd_reading measured; /* time of what the position's attributes tell */
	struct vd_reading placed;   /* time of the fix */
	bool old;                   /* the fix tells where somebody was */
	int64_t now_ms;             /* when we got it */
	struct vd_decoded *d;
};

/* -- time ----------------------------------------------------------------------------------- */

/* Is it the device's clock that is wrong, rather than the message that is old? Then its fix is as
 * new as the message, unless it says itself that it is not. */
static bool clock_is_wrong(const struct traccar_position *p, int64_t now_ms)
{
	return p->device_ms &&
	       (now_ms - p->device_ms > VD_DAY_MS || p->device_ms - now_ms > 2 * VD_MINUTE_MS);
}

/* Traccar had it at server_ms, we have it now: the later of the two tells how old the fix is. */
static bool fix_is_old(const struct traccar *t, const struct traccar_position *p, int64_t now_ms)
{
	int64_t had_ms = p->server_ms ? p->server_ms : now_ms;
	if (!p->fix_ms)
		return p->outdated;
	if (clock_is_wrong(p, had_ms) && !p->outdated)
		return p->device_ms - p->fix_ms > t->old_ms;
	if (had_ms - p->fix_ms > VD_DAY_MS) /* an honest clock, a fix of another day */
		return true;
	return vd_fix_is_old(p->fix_ms, had_ms, t->old_ms) ||
	       vd_fix_is_old(p->fix_ms, now_ms, t->old_ms);
}

static void take_times(struct reading_of *r)
{
	const struct traccar_position *p = &r->m->at;
	r->old = p->told && fix_is_old(r->t, p, r->now_ms);
	/* An event of a position bears the device's time, one of a connection Traccar's own. */
	r->happened = (struct vd_reading){
		.t_ms = r->m->event.t_ms, .t_src = p->told ? VD_T_DEVICE : VD_T_BRIDGE, .seq = -1};
	r->measured = (struct vd_reading){.t_ms = p->device_ms, .t_src = VD_T_DEVICE, .seq = -1};
	if (p->archive) /* kept by the device while it had no network: history */
		r->measured.flags = VD_F_REPLAY;
	if (!r->happened.t_ms)
		r->happened.t_ms = p->device_ms;
	r->placed = (struct vd_reading){.t_ms = p->fix_ms ? p->fix_ms : p->device_ms,
					.t_src = VD_T_DEVICE,
					.flags = r->old || p->archive ? VD_F_REPLAY : 0,
					.seq = -1};
}

/* -- alarms --------------------------------------------------------------------------------- */

/* One word of a comma list. A word no row knows is kept as a press: its device may be placed as an
 * alarm button, and it is counted for the installer. */
static void alarm_word(struct reading_of *r, struct vd_span word, bool by_event)
{
	size_t n = r->d->n;
	r->who.like = &r->happened;
	enum vd_field f = vd_table_word(r->t->tables, &r->who, VD_SPAN_LIT("alarm"), word, r->d);
	if (f == VD_FIELD_IGNORED)
		return;
	if (f == VD_FIELD_UNKNOWN) {
		vd_unknown_field(r->d, word);
		struct vd_reading *x = vd_press_add(r->d, r->who.identity, word);
		if (x) {
			x->t_ms = r->happened.t_ms;
			x->t_src = r->happened.t_src;
		}
	}
	int64_t at_ms = r->happened.t_ms ? r->happened.t_ms : r->now_ms;
	if (r->d->n > n &&
	    !traccar_call_counts(&r->t->calls, r->who.identity, word, by_event, at_ms))
		r->d->readings[n].flags &= ~VD_F_EDGE;
}

static void alarms(struct reading_of *r, const struct vd_json_val *list, bool by_event)
{
	struct vd_span rest = list->raw, word;
	if (list->type == VD_JSON_STRING) {
		while (vd_span_next(&rest, ',', &word))
			if (vd_span_trim(word).n)
				alarm_word(r, vd_span_trim(word), by_event);
	} else if (list->type != VD_JSON_NONE && list->type != VD_JSON_NULL &&
		   list->type != VD_JSON_FALSE) { /* an alarm, whatever it is */
		alarm_word(r, VD_SPAN_LIT("general"), by_event);
	}
}

/* -- zones ---------------------------------------------------------------------------------- */

/* Where the fix lies inside, nobody owes an exit. */
static void inside(struct reading_of *r)
{
	struct vd_json j;
	struct vd_json_val v;
	int64_t id;
	vd_json_init(&j, r->m->at.zones);
	if (!r->m->at.zones.n || !vd_json_enter_array(&j))
		return;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v))
		if (vd_whole(&v, 1, VD_WHOLE_MAX, &id))
			vd_exit_is_settled(&r->t->exits, r->who.identity, "", id);
}

/* Crossing a border is a happening. By an old fix leaving is recorded, and owed until a fresh one
 * comes: whoever left may be home again, or still out. */
static void zone_crossed(struct reading_of *r, size_t from)
{
	char zone[VD_ZONE_BYTES];
	struct vd_spot spot = vd_spot_of(&r->m->at.lat, &r->m->at.lon, &r->m->at.accuracy);
	vd_zone_name(r->m->geofence.raw, zone);
	if (!zone[0] && r->m->event.geofence)
		snprintf(zone, sizeof(zone), "#%lld", (long long)r->m->event.geofence);
	for (size_t i = from; i < r->d->n; i++) {
		struct vd_reading *x = &r->d->readings[i];
		if (x->kind != VD_KIND_GEOFENCE)
			continue;
		memcpy(x->zone, zone, sizeof(x->zone));
		if (r->m->at.told && r->placed.t_ms)
			x->t_ms = r->placed.t_ms;
		if (r->m->at.valid)
			vd_spot_attrs(&spot, x);
		bool exit = strcmp(x->state, "exit") == 0;
		if (r->old)
			x->flags |= VD_F_REPLAY | VD_F_LATE;
		if (r->old && exit)
			vd_exit_was_late(&r->t->exits, r->who.identity, zone, r->m->event.geofence);
		else if (!exit || !r->old)
			vd_exit_is_settled(&r->t->exits, r->who.identity, zone,
					   r->m->event.geofence);
	}
}

/* -- the rest of the message ---------------------------------------------------------------- */

static bool is_alarm(const struct reading_of *r)
{
	enum vd_json_type told = r->m->event.alarm.type; /* however its type is spelt */
	return vd_span_is(r->m->event.type, "alarm") ||
	       (told != VD_JSON_NONE && told != VD_JSON_NULL);
}

static void event(struct reading_of *r)
{
	size_t n = r->d->n;
	if (is_alarm(r)) {
		alarms(r, r->m->event.alarm.raw.n ? &r->m->event.alarm : &r->m->at.alarm, true);
		if (!r->m->event.alarm.raw.n && !r->m->at.alarm.raw.n) /* nobody says of what */
			alarm_word(r, VD_SPAN_LIT("general"), true);
	} else {
		r->who.like = &r->happened;
		if (vd_table_word(r->t->tables, &r->who, VD_SPAN_LIT("event.type"),
				  r->m->event.type, r->d) == VD_FIELD_UNKNOWN)
			vd_unknown_field(r->d, r->m->event.type);
	}
	zone_crossed(r, n);
}

/* A number, or the digits of a text; -1 for anything else. */
static int mmhg(const struct vd_json_val *v)
{
	int n = v->raw.n && v->raw.n <= 3 ? 0 : -1;
	for (size_t i = 0; n >= 0 && i < v->raw.n; i++)
		n = v->raw.p[i] >= '0' && v->raw.p[i] <= '9' ? n * 10 + v->raw.p[i] - '0' : -1;
	return n;
}

static void blood_pressure(struct reading_of *r, const struct vd_json_val *high,
			   const struct vd_json_val *low)
{
	int over = mmhg(high), under = mmhg(low);
	if (over < 20 || over > 300 || under < 10 || under >= over)
		return; /* no blood pressure of a living person */
	struct vd_reading *x =
		vd_reading_add(r->d, r->who.identity, VD_KIND_VITAL_BLOOD_PRESSURE, "");
	if (!x)
		return;
	x->t_ms = r->measured.t_ms;
	x->t_src = r->measured.t_src;
	x->flags = r->measured.flags | VD_F_EDGE;
	snprintf(x->unit, sizeof(x->unit), "mm[Hg]");
	snprintf(x->attrs, sizeof(x->attrs), "\"value\":\"%d/%d\"", over, under);
}

static void attributes(struct reading_of *r)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val high = {0}, low = {0};
	vd_json_init(&j, r->m->at.attributes);
	r->who.like = &r->measured;
	if (!r->m->at.attributes.n || !vd_json_enter_object(&j))
		return;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			return;
		if (vd_span_is(key, "pressureHigh"))
			high = v;
		else if (vd_span_is(key, "pressureLow"))
			low = v;
		else if (!vd_span_is(key, "alarm") && !vd_span_is(key, "archive") &&
			 vd_table_read(r->t->tables, &r->who, key, &v, r->d) == VD_FIELD_UNKNOWN)
			vd_unknown_field(r->d, key);
	}
	blood_pressure(r, &high, &low);
}

static void place(struct reading_of *r)
{
	const struct traccar_position *p = &r->m->at;
	struct vd_spot s = vd_spot_of(&p->lat, &p->lon, &p->accuracy);
	if (!p->valid || !s.known)
		return;
	if (!r->old && !p->archive && !vd_span_starts(r->m->event.type, VD_SPAN_LIT("geofence"))) {
		inside(r);
		vd_exits_tell(&r->t->exits, r->d, r->who.identity, &r->placed, &s);
	}
	struct vd_reading *x = vd_spot_add(r->d, r->who.identity, &s, &r->placed);
	if (!x || p->speed.type != VD_JSON_NUMBER || !(p->speed.num > 0 && p->speed.num < 1000))
		return;
	size_t n = strlen(x->attrs);
	snprintf(x->attrs + n, sizeof(x->attrs) - n, ",\"speed_kmh\":%.1f",
		 p->speed.num * KNOT_KMH);
}

/* Rule 1: Traccar's event id, with what makes it this one: ids begin anew with a new database. */
static void dedup(const struct traccar_message *m, struct vd_span identity, struct vd_decoded *d)
{
	char text[128];
	if (!m->event.told || !m->event.id || !m->event.t_ms)
		return;
	int n = snprintf(
		text, sizeof(text), "%lld/%lld/%lld/%lld/%016llx", (long long)m->event.id,
		(long long)m->event.t_ms, (long long)m->event.geofence, (long long)m->at.fix_ms,
		(unsigned long long)vd_hash64(m->event.alarm.raw, vd_hash64(m->event.type, 0)));
	d->dedup = vd_hash64(vd_span(text, (size_t)n), 0) | 1;
	d->dedup_device = identity;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct traccar_message m;
	struct reading_of r = {.t = state, .m = &m, .now_ms = f->received_at_ms, .d = d};
	int err = traccar_message_read(f->body, &m, d);
	if (!err)
		err = vd_scratch_ready(d, m.unique_id.raw.n + m.name.raw.n + m.model.raw.n +
						  VD_HEARD_BYTES + 8);
	if (err)
		return err;
	struct vd_span model = vd_keep(d, &m.model);
	r.who = (struct vd_field_of){.platform = VD_SPAN_LIT("traccar"),
				     .vendor = m.at.protocol,
				     .model = model,
				     .identity = vd_keep(d, &m.unique_id)};
	traccar_learn(&r.t->peers, r.who.identity, m.device, m.at.protocol);
	take_times(&r);
	if (m.event.told)
		event(&r);
	if (m.at.told && !is_alarm(&r))
		alarms(&r, &m.at.alarm, false);
	if (m.at.told) {
		place(&r);
		attributes(&r);
	}
	vd_table_settle(d);
	dedup(&m, r.who.identity, d);
	/* What Traccar does by itself (a command queued, maintenance due) is not the tracker
	 * speaking. */
	if (m.at.told || d->n || vd_span_is(m.event.type, "commandResult"))
		d->alive = r.who.identity;
	struct vd_heard *w = vd_heard_add(d, r.who.identity);
	if (w) {
		w->name = vd_keep(d, &m.name);
		w->vendor = m.at.protocol;
		w->model = model;
		w->serial = r.who.identity;
	}
	return 0;
}

static unsigned commands(const void *state, const struct vd_target *who)
{
	const struct traccar *t = state;
	return traccar_verbs(&t->peers, t->config, who);
}

static int command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	const struct traccar *t = state;
	return traccar_render(&t->peers, t->config, who, c, ret);
}

const struct vd_adapter vd_adapter_traccar = {
	.family = "traccar",
	.title = "Traccar (GPS trackers and alarm watches)",
	.watch = "wearable",
	.state_size = sizeof(struct traccar),
	.init = init,
	.fini = fini,
	.configure = configure,
	.decode = decode,
	.commands = commands,
	.command = command,
};

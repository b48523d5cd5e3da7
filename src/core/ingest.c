/* SPDX-License-Identifier: EUPL-1.2 */
/* Stages 1 to 7: a frame comes in, is admitted, decoded, stamped, compared, journaled, answered.
 *
 * Happy path
 *   - admit: the hub is running, the gateway known, a binding fits, nobody is over a rate
 *   - decode into readings; each judged against the device's state; news become events
 *   - one batch with the events, the dedup key and what is to be remembered goes to the store
 *   - done(0): the exchange is answered STORED, then each event is assessed
 * What can go wrong
 *   - unreadable: kept in the quarantine, answered REFUSED with the reason once that is durable
 *   - the batch fails: the states it touched are forgotten (the same message sent again is news),
 *     the exchange is answered BUSY
 *   - nothing new: answered at once; but while an earlier event of the same device is on its way to
 *     the disk the answer waits behind it (a barrier), else "known already" could be a false yes
 *   - seen before (dedup key): likewise, DUPLICATE only when the first copy is known to be durable
 */
#include "core/hub_int.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>

struct inflight { /* one frame on its way to the disk */
	struct vd_hub *h;
	struct vd_exchange *x;
	uint64_t dedup; /* mixed key, 0 = none */
	bool duplicate; /* waiting to learn whether the first copy was stored */
	bool refused;
	char why[160];
	char *said; /* owned; for whoever gets the alarm, NULL = nothing */
	size_t n, cap;
	struct touched {
		struct hub_device *d; /* hub devices live as long as the hub */
		unsigned failures;    /* as they were when the frame came */
		unsigned events;      /* of this frame, on their way to the disk */
	} touched[];
};

static void inflight_free(struct inflight *f)
{
	if (f)
		vd_free(f->said);
	vd_free(f);
}

static void count_outcome(struct vd_hub *h, enum vd_outcome_code o)
{
	switch (o) {
	case VD_STORED: h->stats.stored++; break;
	case VD_DUPLICATE: h->stats.duplicates++; break;
	case VD_REFUSED: h->stats.refused++; break;
	case VD_BUSY: h->stats.busy++; break;
	}
}

static void finish(struct vd_hub *h, struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	count_outcome(h, o);
	h->n_inflight--;
	vd_list_remove(&x->link);
	x->on_outcome(x, o, why && *why ? why : NULL);
}

static void on_answer(void *arg)
{
	struct vd_exchange *x = arg;
	struct vd_hub *h = x->hub;
	finish(h, x, x->outcome, x->why);
	hub_check_drained(h);
}

/* Always in a later turn, never failing: the node is in the exchange. `why` is static text. */
static void answer_later(struct vd_hub *h, struct vd_exchange *x, enum vd_outcome_code o,
			 const char *why)
{
	x->hub = h;
	x->outcome = o;
	x->why = why;
	x->later = (struct vd_deferred){.fn = on_answer, .arg = x};
	h->rt->defer(h->rt, &x->later);
}

/* -- admit ---------------------------------------------------------------------------------- */

static bool take_token(double *tokens, int64_t *at_mono, int64_t now, double rate)
{
	*tokens += (double)(now - *at_mono) * rate / 1000.0;
	*at_mono = now;
	if (*tokens > rate)
		*tokens = rate; /* a burst of one second */
	if (*tokens < 1)
		return false;
	*tokens -= 1;
	return true;
}

/* Calls for help and what a rule may make an alarm of: telemetry's ceilings are not theirs. */
static bool urgent_reading(const struct vd_reading *r)
{
	if (r->flags & VD_F_ALERT)
		return true;
	switch (vd_kind_class(r->kind)) {
	case 'A': return vd_state_active(r->kind, r->state) || strcmp(r->state, "muted") == 0;
	case 'S': return vd_state_active(r->kind, r->state);
	default: return false;
	}
}

static bool urgent(const struct vd_decoded *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (urgent_reading(&d->readings[i]))
			return true;
	return false;
}

/* -- stamp and judge ------------------------------------------------------------------------ */

static struct touched *touch(struct inflight *f, struct hub_device *d)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->touched[i].d == d)
			return &f->touched[i];
	VD_REQUIRE(f->n < f->cap); /* at most one per reading, plus the one alive */
	f->touched[f->n] = (struct touched){.d = d, .failures = d->failures};
	return &f->touched[f->n++];
}

static bool in_start_window(const struct vd_hub *h, const struct hub_binding *b,
			    const struct hub_gateway *g, const struct vd_frame *f)
{
	int64_t now = h->rt->mono_ms(h->rt);
	bool young = !g || g->connected_mono < 0 || now - g->connected_mono < HUB_START_MAX_MS;
	if (f->retained && young)
		return true;
	return b->online_mono >= 0 && now - b->online_mono < HUB_START_MAX_MS &&
	       now - b->last_mono < HUB_START_QUIET_MS;
}

/* A button marked "this is an alarm button" when placed: any press of it is a call for help. */
static void apply_placement(const struct hub_device *d, struct vd_reading *r)
{
	if (!d || !d->dir || !d->dir->alarm_button || r->kind != VD_KIND_BUTTON ||
	    strcmp(r->state, "release") == 0)
		return;
	size_t n = strlen(r->attrs);
	if (!strstr(r->attrs, "\"via\":") && n + sizeof(",\"via\":\"button\"") <= sizeof(r->attrs))
		snprintf(r->attrs + n, sizeof(r->attrs) - n, "%s\"via\":\"button\"", n ? "," : "");
	r->kind = VD_KIND_SOS;
	snprintf(r->state, sizeof(r->state), "on");
	r->flags |= VD_F_EDGE;
}

static void stamp(struct vd_hub *h, const struct hub_gateway *g, int muni,
		  const struct hub_device *d, struct vd_event *e)
{
	hub_id(h, e->t_recv_ms, e->id);
	e->muni = muni;
	e->gateway = g->id;
	e->device = d ? d->id : 0;
	e->placement = d && d->dir ? d->dir->placement : 0;
}

/* Health that is shown but not journaled. */
static void note_health(struct hub_device *d, const struct vd_reading *r)
{
	if (!r->has_value)
		return;
	if (r->kind == VD_KIND_DEVICE_BATTERY)
		d->battery = r->value;
	if (r->kind == VD_KIND_DEVICE_LINK)
		d->link_quality = r->value;
}

/* The bridge's own word about itself opens and closes the start window. */
static void note_bridge(struct vd_hub *h, struct hub_binding *b, const struct vd_reading *r)
{
	if (r->kind != VD_KIND_BRIDGE_CONNECTIVITY || r->identity.n)
		return;
	if (strcmp(r->state, "online") == 0)
		b->online_mono = h->rt->mono_ms(h->rt);
	if (strcmp(r->state, "online") == 0 || strcmp(r->state, "offline") == 0)
		hub_bridge_word(h, b, r->state[1] == 'n');
}

struct intake {
	struct vd_hub *h;
	struct hub_binding *b;
	struct hub_gateway *g;
	const struct vd_frame *frame;
	struct inflight *fl;
	struct vd_batch *batch;
	int muni;
	bool window;
	bool stranger;    /* something of a device the waiting list has no room for was left out */
	const char *busy; /* set: the frame is answered BUSY for this reason */
};

/* Words about a device, kept by a broker or said by its bridge, are not the device speaking. */
static bool speaks_itself(const struct intake *in, const struct vd_reading *r)
{
	if (in->frame->retained)
		return false;
	return r->kind != VD_KIND_DEVICE_LEFT &&
	       (r->kind != VD_KIND_DEVICE_CONNECTIVITY || strcmp(r->state, "online") == 0);
}

/* Counted a device and day, for the installer; a name too long is cut within characters. */
static void count(struct intake *in, const struct hub_device *d, const char *name, int64_t n)
{
	struct vd_op *op = vd_batch_op(in->batch, VD_OP_COUNT);
	if (!op)
		return;
	op->u.count.muni = in->muni;
	op->u.count.device = d->id;
	op->u.count.day = vd_oslo_day(in->frame->received_at_ms);
	op->u.count.n = n;
	(void)vd_span_copy(op->u.count.name, sizeof(op->u.count.name), vd_span_cstr(name));
}

/* What a live reading tells about its device's health, and that it can call. */
static void live_word(struct intake *in, struct hub_device *d, const struct vd_reading *r,
		      const struct vd_judged *j, double battery_before)
{
	unsigned lost = hub_trouble_reading(in->h, d, r, j, battery_before);
	if (lost)
		count(in, d, "frames_lost", lost);
	hub_test_reading(in->h, d, r, j);
	hub_stated(in->h, d, r);
}

/* State of the bridge itself is kept on a device of its own with an empty identity. */
static int take_reading(struct intake *in, struct vd_reading *r)
{
	struct vd_hub *h = in->h;
	struct hub_device *d = hub_device_get(h, in->b, r->identity, urgent_reading(r));
	if (!d) { /* the others of this message are not to wait for it */
		in->stranger = true;
		return 0;
	}
	double battery = d->battery;
	if (strstr(r->attrs, "\"by\":\"hub\"") || strstr(r->attrs, "\"outage\":"))
		r->attrs[0] = '\0'; /* words of the hub's own about itself */
	note_health(d, r);
	note_bridge(h, in->b, r);
	struct vd_judged j;
	int err = vd_judge(&d->state, in->frame, r, in->window, &j);
	if (err == VD_ELIMIT) {
		count(in, d, "too_many_fields", 1);
		return 0;
	}
	if (err)
		return VD_EBUSY;
	/* What a starting bridge repeats is not the device speaking either. */
	if (r->identity.n && speaks_itself(in, r) && !(in->window && j.change == VD_SAME)) {
		live_word(in, d, r, &j, battery);
		hub_heard(h, d, r->kind == VD_KIND_DEVICE_CONNECTIVITY && j.change == VD_NEW);
	}
	struct touched *t = touch(in->fl, d);
	if (j.change != VD_NEW)
		return 0;
	stamp(h, in->g, in->muni, r->identity.n ? d : NULL, &j.event);
	if (vd_batch_event(in->batch, &j.event)) {
		vd_devstate_forget(&d->state, r->kind, r->zone);
		return VD_EBUSY;
	}
	t->events++;
	d->inflight++;
	return 0;
}

/* -- heard devices -------------------------------------------------------------------------- */

static void heard_op(struct intake *in, struct hub_device *d, const struct vd_heard *w)
{
	struct vd_op_heard op = {.muni = in->muni,
				 .gateway = in->b->gateway,
				 .device = d->id,
				 .at_ms = in->frame->received_at_ms};
	snprintf(op.family, sizeof(op.family), "%s", in->b->adapter->family);
	snprintf(op.identity, sizeof(op.identity), "%s", d->identity);
	if (w) {
		vd_span_copy(op.name, sizeof(op.name), w->name);
		vd_span_copy(op.vendor, sizeof(op.vendor), w->vendor);
		vd_span_copy(op.model, sizeof(op.model), w->model);
		vd_span_copy(op.serial, sizeof(op.serial), w->serial);
		vd_span_copy(op.features, sizeof(op.features), w->features);
		op.unsupported = w->unsupported;
	}
	(void)vd_batch_heard(in->batch, &op); /* heard again next time */
}

static bool heard_differs(const struct hub_device *d, const struct vd_heard *w)
{
	const struct vd_device *dir = d->dir;
	if (!dir)
		return true;
	/* Of a registered device only what nobody has written is news: a person's words stand. */
	bool waits = dir->lifecycle == VD_LIFE_HEARD;
	return (w->name.n && (waits || !*dir->name) && !vd_span_is(w->name, dir->name)) ||
	       (w->model.n && (waits || !*dir->model) && !vd_span_is(w->model, dir->model));
}

static void take_heard(struct intake *in, const struct vd_decoded *dec)
{
	for (size_t i = 0; i < dec->n_heard && in->batch->n < VD_MAX_BATCH_OPS / 2; i++) {
		const struct vd_heard *w = &dec->heard[i];
		struct hub_device *d = hub_device_get(in->h, in->b, w->identity, false);
		if (d && heard_differs(d, w))
			heard_op(in, d, w);
	}
}

/* Devices that spoke without being announced. */
static void take_spoken(struct intake *in)
{
	for (size_t i = 0; i < in->fl->n && in->batch->n < VD_MAX_BATCH_OPS; i++) {
		struct hub_device *d = in->fl->touched[i].d;
		if (!d->dir && d->identity[0] && !d->heard_told) {
			d->heard_told = true;
			heard_op(in, d, NULL);
		}
	}
}

/* -- dedup (rule 1) ------------------------------------------------------------------------- */

static uint64_t mixed_key(int64_t gateway, struct vd_span device, uint64_t key)
{
	return vd_hash64(device, key ^ ((uint64_t)gateway * 0x9e3779b97f4a7c15ull)) | 1;
}

static struct dedup_entry *dedup_add(struct vd_hub *h, uint64_t key, int64_t at_ms)
{
	struct dedup_entry *e = &h->dedup_ring[h->dedup_at];
	if (e->key)
		vd_map_remove_u64(&h->dedup, e->key);
	*e = (struct dedup_entry){.key = key, .at_ms = at_ms, .heard_mono = h->rt->mono_ms(h->rt)};
	if (vd_map_put_u64(&h->dedup, key, e)) {
		e->key = 0;
		return NULL;
	}
	h->dedup_at = (h->dedup_at + 1) % HUB_DEDUP_MAX;
	return e;
}

static void dedup_settle(struct vd_hub *h, uint64_t key, bool stored)
{
	struct dedup_entry *e = key ? vd_map_get_u64(&h->dedup, key) : NULL;
	if (!e)
		return;
	if (stored) {
		e->committed = true;
	} else {
		vd_map_remove_u64(&h->dedup, key);
		e->key = 0;
	}
}

/* -- the answer ----------------------------------------------------------------------------- */

/* Which hub device an event of this frame belongs to; the bridge's own has no device key. */
static struct hub_device *device_of(const struct inflight *f, const struct vd_event *e)
{
	for (size_t i = 0; i < f->n; i++) {
		struct hub_device *d = f->touched[i].d;
		if (e->device ? d->id == e->device : !d->identity[0])
			return d;
	}
	return NULL;
}

static void settle_devices(struct inflight *f, struct vd_batch *b, bool stored)
{
	for (size_t i = 0; !stored && i < b->n; i++) {
		const struct vd_event *e = &b->ops[i].u.event;
		struct hub_device *d = b->ops[i].type == VD_OP_EVENT ? device_of(f, e) : NULL;
		if (d)
			vd_devstate_forget(&d->state, e->kind, e->zone);
	}
	for (size_t i = 0; i < f->n; i++) {
		struct touched *t = &f->touched[i];
		t->d->inflight -= t->events;
		if (t->events && !stored) {
			t->d->failures++;
			t->d->heard_told = false;
		}
	}
}

static bool failed_meanwhile(const struct inflight *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->touched[i].d->failures != f->touched[i].failures)
			return true;
	return false;
}

static enum vd_outcome_code outcome_of(struct inflight *f, int err)
{
	if (f->refused)
		return err == VD_EBUSY ? VD_BUSY : VD_REFUSED;
	if (err == VD_EEXIST)
		return VD_DUPLICATE;
	if (err)
		return err == VD_EINVAL ? VD_REFUSED : VD_BUSY;
	if (f->duplicate) {
		struct dedup_entry *e = vd_map_get_u64(&f->h->dedup, f->dedup);
		return e && e->committed ? VD_DUPLICATE : VD_BUSY;
	}
	return failed_meanwhile(f) ? VD_BUSY : VD_STORED;
}

static const char *why_of(const struct inflight *f, enum vd_outcome_code o)
{
	if (o == VD_BUSY)
		return "The hub cannot store right now; send the message again later.";
	if (o == VD_REFUSED)
		return f->why[0] ? f->why : "The message cannot be stored as it is.";
	return NULL;
}

static void on_stored(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	struct inflight *f = arg;
	struct vd_hub *h = f->h;
	bool stored = err == 0;
	settle_devices(f, b, stored || err == VD_EEXIST);
	if (!f->duplicate)
		dedup_settle(h, f->dedup, stored || err == VD_EEXIST);
	enum vd_outcome_code o = outcome_of(f, err);
	struct vd_exchange *x = f->x;
	char why[160];
	snprintf(why, sizeof(why), "%s", why_of(f, o) ? why_of(f, o) : "");
	char *said = f->said;
	struct hub_device *first = f->n ? f->touched[0].d : NULL;
	vd_free(f);
	finish(h, x, o, why);
	for (size_t i = 0; stored && i < b->n; i++) {
		if (b->ops[i].type != VD_OP_EVENT)
			continue;
		h->stats.events++;
		hub_feed_event(h, &b->ops[i].u.event);
		hub_assess(h, &b->ops[i].u.event, false);
		if (said && hub_said(h, &b->ops[i].u.event, said)) {
			vd_free(said);
			said = NULL; /* with one alarm is enough */
		}
	}
	vd_free(said);
	if (stored)
		hub_cursor_past(h, b, first_seq);
	if (first && first->watch) /* after the care alarm, if it was one */
		hub_trouble_judge(h, first);
	if (err == VD_EBUSY)
		hub_check_storage(h);
	hub_check_drained(h);
}

static void submit(struct intake *in, bool alarm_lane)
{
	struct vd_hub *h = in->h;
	struct inflight *f = in->fl;
	in->batch->alarm_lane = alarm_lane;
	in->batch->done = on_stored;
	in->batch->arg = f;
	if (h->store->submit(h->store, in->batch) == 0)
		return;
	settle_devices(f, in->batch, false);
	if (!f->duplicate)
		dedup_settle(h, f->dedup, false);
	vd_batch_free(in->batch);
	answer_later(h, f->x, VD_BUSY, "The hub is full; send the message again later.");
	inflight_free(f);
}

/* -- receive -------------------------------------------------------------------------------- */

/* Rule 12: an unreadable message is counted and kept raw, size-capped. */
static void quarantine(struct intake *in, int err, const struct vd_decoded *dec)
{
	struct vd_hub *h = in->h;
	h->stats.unreadable++;
	if (!take_token(&in->g->bad_tokens, &in->g->bad_mono, h->rt->mono_ms(h->rt),
			HUB_BAD_RATE)) {
		vd_batch_free(in->batch);
		answer_later(h, in->fl->x, VD_REFUSED,
			     "Too many messages that cannot be read; this one is not kept.");
		inflight_free(in->fl);
		return;
	}
	in->fl->refused = true;
	snprintf(in->fl->why, sizeof(in->fl->why), "%s",
		 dec->error[0] ? dec->error : vd_strerror(err));
	char why[VD_MAX_TOPIC_BYTES + 200];
	snprintf(why, sizeof(why), "%.*s: %s", (int)in->frame->topic.n, in->frame->topic.p,
		 in->fl->why);
	struct vd_span body = in->frame->body;
	if (body.n > VD_MAX_QUARANTINE_BYTES)
		body.n = VD_MAX_QUARANTINE_BYTES;
	if (vd_batch_frame(in->batch, VD_OP_QUARANTINE, in->b->gateway, in->b->id,
			   vd_span_cstr(why), body, in->frame->received_at_ms) == 0) {
		submit(in, false);
		return;
	}
	in->busy = "The hub is out of memory; send again later.";
}

/* What the adapter wants back at start. */
static void remember(struct intake *in, const struct vd_decoded *dec)
{
	size_t n = in->frame->topic.n + in->frame->body.n;
	if (!dec->remember && !dec->forget)
		return;
	if (!hub_remember_room(in->b, in->frame->topic, dec->forget ? 0 : n))
		return;
	(void)vd_batch_frame(in->batch, VD_OP_REMEMBER, in->b->gateway, in->b->id, in->frame->topic,
			     dec->forget ? vd_span("", 0) : in->frame->body,
			     in->frame->received_at_ms);
}

/* A protocol that counts its references from the start again says how long a key means the same
 * message. Measured on the wall clock, since it must hold across a restart; a key from the future
 * (the clock was put back) is as good as none: shown twice rather than not at all. */
static bool outlived(const struct vd_decoded *dec, const struct dedup_entry *e, int64_t now)
{
	int64_t age = now - e->at_ms;
	return dec->dedup_ms && e->committed && (age < 0 ? -age : age) >= dec->dedup_ms;
}

/* Such a sender was quiet for longer than who waits for an answer, and what it called for is
 * closed: it has begun to count anew and calls again. */
static bool begun_anew(struct intake *in, const struct vd_decoded *dec, const struct dedup_entry *e)
{
	struct vd_hub *h = in->h;
	if (!dec->dedup_ms || !e->committed ||
	    h->rt->mono_ms(h->rt) - e->heard_mono < HUB_RESENT_MS)
		return false;
	enum vd_stand s =
		vd_hub_stand(h, in->b->gateway, in->b->adapter->family, dec->dedup_device);
	return s != VD_STAND_WAITS && s != VD_STAND_TAKEN;
}

/* false: the frame was answered. */
static bool dedup_check(struct intake *in, const struct vd_decoded *dec)
{
	struct vd_hub *h = in->h;
	if (!dec->dedup)
		return true;
	uint64_t key = mixed_key(in->b->gateway, dec->dedup_device, dec->dedup);
	struct dedup_entry *e = vd_map_get_u64(&h->dedup, key);
	bool anew = e && begun_anew(in, dec, e);
	if (e && (anew || outlived(dec, e, in->frame->received_at_ms))) {
		vd_map_remove_u64(&h->dedup, key);
		e->key = 0;
		e = NULL;
	}
	if (!e) {
		struct vd_op *op = vd_batch_op(in->batch, VD_OP_DEDUP);
		if (!op)
			return true; /* at least once, then */
		op->u.dedup.gateway = in->b->gateway;
		op->u.dedup.device = 0;
		op->u.dedup.key = key;
		op->u.dedup.at_ms = in->frame->received_at_ms;
		op->u.dedup.renew_ms = anew ? 1 : dec->dedup_ms;
		if (dedup_add(h, key, in->frame->received_at_ms))
			in->fl->dedup = key;
		return true;
	}
	e->heard_mono = h->rt->mono_ms(h->rt);
	struct hub_device *d = hub_device_get(h, in->b, dec->dedup_device, false);
	if (d && dec->dedup_device.n && !in->frame->retained)
		hub_heard(h, d, false);
	if (e->committed) {
		vd_batch_free(in->batch);
		answer_later(h, in->fl->x, VD_DUPLICATE, NULL);
		inflight_free(in->fl);
		return false;
	}
	in->fl->dedup = key;
	in->fl->duplicate = true;
	submit(in, false);
	return false;
}

/* The message as a whole is a sign of life. */
static bool spoke(const struct intake *in, const struct vd_decoded *dec)
{
	for (size_t i = 0; i < dec->n; i++)
		if (!speaks_itself(in, &dec->readings[i]))
			return false;
	return !in->frame->retained && (!in->window || !dec->n);
}

/* One counter a field and kind of value; what there was no room for by name shares one. */
static void count_fields(struct intake *in, const struct hub_device *d,
			 const struct vd_decoded *dec)
{
	char name[sizeof("unknown:=") + sizeof(struct vd_unknown)];
	unsigned told = dec->unknown_keys;
	if (told > VD_MAX_UNKNOWN_FRAME)
		told = VD_MAX_UNKNOWN_FRAME;
	for (unsigned i = 0; i < told; i++) {
		snprintf(name, sizeof(name), "unknown:%s=%s", dec->unknown[i].key,
			 dec->unknown[i].type);
		count(in, d, name, 1);
	}
	if (dec->unknown_keys > told)
		count(in, d, "unknown:=", dec->unknown_keys - told);
}

static void count_unknown(struct intake *in, const struct vd_decoded *dec)
{
	struct hub_device *d =
		dec->alive.n ? hub_device_get(in->h, in->b, dec->alive, false) : NULL;
	if (!d)
		return;
	if (spoke(in, dec))
		hub_heard(in->h, d, false);
	(void)touch(in->fl, d);
	if (!dec->unknown_keys)
		return;
	if (d->watch && spoke(in, dec))
		vd_trouble_unknown_key(&d->watch->trouble, vd_span_cstr(dec->unknown_key),
				       vd_oslo_day(in->frame->received_at_ms));
	d->unknown_keys += dec->unknown_keys;
	count_fields(in, d, dec);
}

/* What the placement makes of a reading must be known before anybody is slowed down. */
static void place_all(struct intake *in, struct vd_decoded *dec)
{
	for (size_t i = 0; i < dec->n; i++)
		apply_placement(vd_map_get(&in->b->devices, dec->readings[i].identity),
				&dec->readings[i]);
}

/* Telemetry has a rate a gateway and one a device. A call for help has one of its own, so that no
 * flood slows it down; a device that calls without end is asked to wait while its alarm stands. */
static bool over_rate(struct intake *in, const struct vd_decoded *dec)
{
	struct vd_hub *h = in->h;
	int64_t now = h->rt->mono_ms(h->rt);
	double gw = h->cfg.rate_per_gateway ? h->cfg.rate_per_gateway : 20000;
	double dev = h->cfg.rate_per_device ? h->cfg.rate_per_device : 50;
	bool calls = urgent(dec);
	if (!calls && !take_token(&in->g->tokens, &in->g->tokens_mono, now, gw))
		return true;
	struct vd_span who = dec->alive.n ? dec->alive
			     : dec->n     ? dec->readings[0].identity
					  : vd_span("", 0);
	struct hub_device *d = who.n ? hub_device_get(h, in->b, who, calls) : NULL;
	if (!d)
		return false;
	return calls ? !take_token(&d->call_tokens, &d->call_tokens_mono, now, dev)
		     : !take_token(&d->tokens, &d->tokens_mono, now, dev);
}

/* From readings to one batch. 0, or VD_EBUSY with nothing submitted. */
static int take_all(struct intake *in, struct vd_decoded *dec)
{
	for (size_t i = 0; i < dec->n; i++) {
		int err = take_reading(in, &dec->readings[i]);
		if (err)
			return err;
	}
	count_unknown(in, dec);
	take_heard(in, dec);
	take_spoken(in);
	remember(in, dec);
	return 0;
}

static bool must_wait(const struct inflight *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->touched[i].d->inflight)
			return true;
	return false;
}

#define STRANGER                                                                                   \
	"This gateway's waiting list is full: register its devices, or take away those that are "  \
	"not ours."

static void conclude(struct intake *in, struct vd_decoded *dec)
{
	struct vd_hub *h = in->h;
	if (in->stranger && !in->fl->n) {
		dedup_settle(h, in->fl->dedup, false);
		vd_batch_free(in->batch);
		answer_later(h, in->fl->x, VD_REFUSED, STRANGER);
		inflight_free(in->fl);
		return;
	}
	if (in->batch->n || must_wait(in->fl)) {
		submit(in, urgent(dec));
		return;
	}
	struct hub_device *first = in->fl->n ? in->fl->touched[0].d : NULL;
	vd_batch_free(in->batch);
	answer_later(h, in->fl->x, VD_STORED, NULL);
	inflight_free(in->fl);
	if (first && first->watch)
		hub_trouble_judge(h, first);
}

static struct inflight *inflight_new(struct vd_hub *h, struct vd_exchange *x, size_t readings)
{
	size_t cap = readings + 1;
	struct inflight *f = vd_calloc(1, sizeof(*f) + cap * sizeof(f->touched[0]));
	if (!f)
		return NULL;
	f->h = h;
	f->x = x;
	f->cap = cap;
	return f;
}

static void process(struct intake *in)
{
	struct vd_decoded *dec = in->h->decoded;
	place_all(in, dec);
	if (over_rate(in, dec)) {
		in->busy = "Too many messages from this sender; send again later.";
		return;
	}
	if (!dedup_check(in, dec))
		return;
	if (dec->said[0] && !(in->fl->said = vd_strdup(dec->said))) {
		in->busy = "The hub is out of memory; send again later.";
		return;
	}
	if (take_all(in, dec)) {
		in->busy = "The hub cannot take more from this device now; send again later.";
		return;
	}
	conclude(in, dec);
}

/* Undoes what a frame that is answered BUSY had begun. */
static void give_up(struct intake *in, struct vd_exchange *x)
{
	if (in->fl && in->batch) {
		settle_devices(in->fl, in->batch, false);
		dedup_settle(in->h, in->fl->dedup, false);
	}
	vd_batch_free(in->batch);
	inflight_free(in->fl);
	answer_later(in->h, x, VD_BUSY, in->busy);
}

static void decoded_reset(struct vd_decoded *d)
{
	d->n = d->n_heard = 0;
	d->alive = d->dedup_device = vd_span("", 0);
	d->dedup = 0;
	d->dedup_ms = 0;
	d->said[0] = '\0';
	d->remember = d->forget = false;
	d->unknown_keys = 0;
	d->unknown_key[0] = d->error[0] = '\0';
	vd_buf_clear(&d->scratch);
}

void vd_hub_receive(struct vd_hub *h, int64_t gateway, const char *family, const struct vd_frame *f,
		    struct vd_exchange *x)
{
	h->stats.frames++;
	h->n_inflight++;
	vd_list_push_back(&h->exchanges, &x->link);
	const struct vd_gateway *gw = vd_dir_gateway(h->dir, gateway);
	if (h->stopping) {
		answer_later(h, x, VD_BUSY, "The hub is stopping; send the message again later.");
		return;
	}
	if (!gw || gw->disabled || f->body.n > VD_MAX_FRAME_BYTES ||
	    f->topic.n > VD_MAX_TOPIC_BYTES) {
		answer_later(h, x, VD_REFUSED,
			     !gw || gw->disabled
				     ? "This gateway is not registered, or has been blocked."
				     : "The message is larger than the hub accepts.");
		return;
	}
	struct intake in = {.h = h, .frame = f, .muni = gw->muni};
	in.b = hub_binding_find(h, gateway, family, f->topic);
	in.g = hub_gateway(h, gateway);
	if (!in.b) {
		answer_later(h, x, VD_REFUSED,
			     "Nothing reads this topic: the gateway has no binding for it. "
			     "Add one with varde staff gateway.");
		return;
	}
	decoded_reset(h->decoded);
	int err = in.b->adapter->decode(in.b->state, f, h->decoded);
	in.window = in_start_window(h, in.b, in.g, f);
	in.b->last_mono = h->rt->mono_ms(h->rt);
	in.batch = vd_batch_new();
	in.fl = inflight_new(h, x, h->decoded->n);
	if (!in.g || !in.batch || !in.fl || (err && err != VD_EPARSE && err != VD_EINVAL))
		in.busy = "The hub is out of memory; send again later.";
	else if (err)
		quarantine(&in, err, h->decoded);
	else
		process(&in);
	if (in.busy)
		give_up(&in, x);
}

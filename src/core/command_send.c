/* SPDX-License-Identifier: EUPL-1.2 */
/* A command on its way: nothing is sent before its row is on the disk, everything that happens to
 * it is written after.
 *
 *   queued    sent at once; while nobody is there tried again after 2, 4, 8 ... 30 s until its time
 *             runs out: expired
 *   sent      15 s without an answer: sent again. Never an unlock: only the lock itself can say
 * then, and if it says nothing while the time lasts, it has failed as "unsure" accepted  the end,
 * but for a lock that has to tell: done when it does, "unconfirmed" if not
 *
 * A disk that refuses stops no command that is on its way: what could not be written is tried again
 * by the tick. */
#include "core/command_int.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

#define ANSWER_MS    15000ll
#define PAUSE_MS     2000ll
#define PAUSE_MAX_MS 30000ll

static void on_timer(void *arg);
static void store_state(struct hub_command *x, bool ended);

struct hub_command *command_new(struct vd_hub *h, const struct vd_command *c)
{
	struct hub_command *x = vd_calloc(1, sizeof(*x));
	if (!x)
		return NULL;
	x->h = h;
	x->c = *c;
	x->timer = h->rt->timer_open(h->rt, on_timer, x);
	if (!x->timer) {
		vd_free(x);
		return NULL;
	}
	vd_list_init(&x->link);
	vd_list_push_back(&h->commands, &x->link);
	h->n_commands++;
	return x;
}

void command_free(struct hub_command *x)
{
	while (x->waiters) {
		struct command_waiter *w = x->waiters;
		x->waiters = w->next;
		vd_free(w);
	}
	x->h->rt->timer_close(x->timer);
	vd_list_remove(&x->link);
	x->h->n_commands--;
	vd_free(x);
}

/* -- to the disk ---------------------------------------------------------------------------- */

static int add_event(struct hub_command *x, struct vd_batch *b, const char *state)
{
	struct vd_hub *h = x->h;
	const struct vd_command *c = &x->c;
	struct vd_event e;
	bool asked = strcmp(state, "asked") == 0;
	vd_event_init(&e);
	if (asked)
		memcpy(e.id, c->id, sizeof(e.id));
	else
		hub_id(h, h->rt->wall_ms(h->rt), e.id);
	e.muni = c->muni;
	e.gateway = c->gateway;
	e.device = c->device;
	e.placement = c->placement;
	e.kind = VD_KIND_DEVICE_COMMAND;
	snprintf(e.state, sizeof(e.state), "%s", state);
	snprintf(e.zone, sizeof(e.zone), "%s", vd_verb_name(c->verb));
	e.t_ms = e.t_recv_ms = h->rt->wall_ms(h->rt);
	e.flags = VD_F_EDGE;
	int n = snprintf(e.attrs, sizeof(e.attrs), "\"command\":\"%s\",\"staff\":%lld", c->id,
			 (long long)c->staff);
	if (!asked && c->result[0])
		snprintf(e.attrs + n, sizeof(e.attrs) - (size_t)n, ",\"result\":\"%s\"", c->result);
	return vd_batch_event(b, &e);
}

static void tell_waiters(struct hub_command *x, int err)
{
	while (x->waiters) {
		struct command_waiter *w = x->waiters;
		x->waiters = w->next;
		w->done(err, &x->c, w->arg);
		vd_free(w);
	}
}

/* Beside the alarm's other steps: who asked, and later how it ended. */
static void tell_alarm(struct hub_command *x, int64_t staff)
{
	struct live *l = x->c.alarm[0] ? hub_live(x->h, vd_span_cstr(x->c.alarm)) : NULL;
	if (l)
		hub_changed(x->h, l, VD_STEP_COMMAND, staff, 0, x->c.id);
}

static void settled(struct hub_command *x, struct vd_batch *b, int err, int64_t first_seq)
{
	x->saving--;
	x->h->n_inflight--;
	if (err) {
		hub_check_storage(x->h);
		return;
	}
	hub_cursor_past(x->h, b, first_seq);
	for (size_t i = 0; i < b->n; i++)
		if (b->ops[i].type == VD_OP_EVENT)
			hub_feed_event(x->h, &b->ops[i].u.event);
}

static void on_first(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	struct hub_command *x = arg;
	struct vd_hub *h = x->h;
	settled(x, b, err, first_seq);
	x->stored = !err;
	if (err) {
		tell_waiters(x, VD_EBUSY);
		command_free(x);
	} else {
		tell_alarm(x, x->c.staff);
		tell_waiters(x, 0);
		hub_feed_command(h, &x->c);
		command_arm(x, vd_verb_life_ms(x->c.verb), -1);
		command_attempt(x);
	}
	hub_check_drained(h);
}

static void on_saved(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	struct hub_command *x = arg;
	struct vd_hub *h = x->h;
	bool end = false;
	for (size_t i = 0; i < b->n; i++)
		end |= b->ops[i].type == VD_OP_EVENT;
	settled(x, b, err, first_seq);
	x->dirty |= err != 0;
	x->dirty_end |= err != 0 && end;
	hub_check_drained(h);
}

static int submit(struct hub_command *x, struct vd_batch *b,
		  void (*done)(struct vd_batch *b, int err, int64_t first_seq, void *arg))
{
	b->alarm_lane = true;
	b->done = done;
	b->arg = x;
	int err = x->h->store->submit(x->h->store, b);
	if (err)
		return err;
	x->saving++;
	x->h->n_inflight++;
	return 0;
}

int command_store_first(struct hub_command *x, const char *reason)
{
	struct vd_batch *b = vd_batch_new();
	const int64_t now = x->h->rt->wall_ms(x->h->rt);
	int err = b ? vd_batch_command(b, &x->c, reason, now) : VD_ENOMEM;
	if (!err)
		err = add_event(x, b, "asked");
	if (!err)
		err = command_look(b, &x->c, "", now);
	if (!err)
		err = submit(x, b, on_first);
	if (err)
		vd_batch_free(b);
	return err;
}

/* Its state as it is now, with the journal's event when it has ended. */
static void store_state(struct hub_command *x, bool ended)
{
	struct vd_batch *b = vd_batch_new();
	int err = b ? vd_batch_command(b, &x->c, NULL, x->h->rt->wall_ms(x->h->rt)) : VD_ENOMEM;
	if (!err && ended)
		err = add_event(x, b, vd_command_state_name(x->c.state));
	if (!err)
		err = submit(x, b, on_saved);
	if (!err)
		return;
	vd_batch_free(b);
	x->dirty = true;
	x->dirty_end |= ended;
}

void hub_commands_tick(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->commands)
	{
		struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		bool end = x->dirty_end;
		if (!x->dirty || x->saving)
			continue;
		x->dirty = x->dirty_end = false;
		store_state(x, end);
	}
}

/* -- its way -------------------------------------------------------------------------------- */

static void move(struct hub_command *x, enum vd_command_state to)
{
	VD_REQUIRE(vd_command_next(x->c.state, to));
	x->c.state = to;
	store_state(x, false);
	hub_feed_command(x->h, &x->c);
}

void command_end(struct hub_command *x, enum vd_command_state to, const char *result)
{
	struct vd_hub *h = x->h;
	VD_REQUIRE(to == x->c.state || vd_command_next(x->c.state, to));
	x->c.state = to;
	x->c.ended_ms = h->rt->wall_ms(h->rt);
	snprintf(x->c.result, sizeof(x->c.result), "%s", result);
	h->rt->timer_stop(x->timer);
	h->stats.commands[to]++;
	store_state(x, true);
	tell_alarm(x, 0);
	hub_feed_command(h, &x->c);
}

void command_arm(struct hub_command *x, int64_t left_ms, int64_t delay_ms)
{
	x->expire_mono = x->h->rt->mono_ms(x->h->rt) + left_ms;
	x->h->rt->timer_start(x->timer, delay_ms >= 0 && delay_ms < left_ms ? delay_ms : left_ms);
}

static int64_t left_ms(const struct hub_command *x)
{
	return x->expire_mono - x->h->rt->mono_ms(x->h->rt);
}

/* What the device says when it has done it. */
static const char *goal(enum vd_command_verb v)
{
	return v == VD_CMD_UNLOCK ? "unlocked" : v == VD_CMD_LOCK ? "locked" : NULL;
}

static void wait_for(struct hub_command *x, int64_t ms)
{
	int64_t left = left_ms(x);
	x->h->rt->timer_start(x->timer, ms < left ? ms : left > 0 ? left : 0);
}

static void try_later(struct hub_command *x, const char *why)
{
	int64_t pause = PAUSE_MS << (x->tries < 4 ? x->tries : 4);
	x->tries++;
	if (left_ms(x) <= 0) {
		command_end(x, VD_CS_EXPIRED, x->unsure ? "unconfirmed" : why);
		return;
	}
	snprintf(x->c.result, sizeof(x->c.result), "%s", why);
	if (x->c.state == VD_CS_SENT)
		move(x, VD_CS_QUEUED);
	else
		hub_feed_command(x->h, &x->c);
	wait_for(x, pause < PAUSE_MAX_MS ? pause : PAUSE_MAX_MS);
}

/* 0; 1 (blind); VD_ENOTFOUND, VD_EBUSY, VD_ESTATE: not now; else never, *ret_why says. */
static int hand_out(struct hub_command *x, const char **ret_why)
{
	struct vd_hub *h = x->h;
	struct vd_target who;
	struct hub_binding *b = command_binding(h, x->c.device, &who);
	struct vd_downlink d = {.carrier = VD_CARRIER_MQTT};
	const struct vd_binding *row = NULL;
	*ret_why = "unsupported";
	for (size_t i = 0; b && i < h->dir->n_bindings; i++)
		if (h->dir->bindings[i].id == b->id)
			row = &h->dir->bindings[i];
	if (!row)
		return VD_EINVAL;
	if (!command_still_may(h, &x->c)) {
		*ret_why = "denied";
		return VD_EDENIED;
	}
	vd_buf_init(&d.body, VD_MAX_DOWNLINK_BYTES);
	int err = b->adapter->command(b->state, &who, &x->c, &d);
	if (!err)
		err = d.body.err;
	if (!err)
		err = h->sender.send
			      ? h->sender.send(h->sender.arg, row, &d, x->c.id, left_ms(x), ret_why)
			      : VD_ENOTFOUND;
	vd_buf_fini(&d.body);
	return err;
}

void command_attempt(void *arg)
{
	struct hub_command *x = arg;
	const char *why;
	if (x->h->stopping)
		return;
	int err = hand_out(x, &why);
	if (err == VD_ENOTFOUND || err == VD_EBUSY || err == VD_ESTATE || err == VD_ENOMEM) {
		try_later(x, err == VD_ENOTFOUND ? "unreachable"
			     : err == VD_ESTATE  ? "unheard"
						 : "busy");
		return;
	}
	if (err < 0) {
		command_end(x, VD_CS_FAILED, why);
		return;
	}
	x->unsure = true;
	x->c.attempts++;
	x->c.sent_ms = x->h->rt->wall_ms(x->h->rt);
	x->c.result[0] = '\0';
	move(x, VD_CS_SENT);
	if (err == 1 && !goal(x->c.verb))
		command_end(x, VD_CS_SENT, "unconfirmed");
	else /* an unlock and what nobody acknowledges: the device has the word, while time lasts */
		wait_for(x, err == 1 || vd_verb_once(x->c.verb) ? left_ms(x) : ANSWER_MS);
}

static void time_over(struct hub_command *x)
{
	char last[sizeof(x->c.result)];
	snprintf(last, sizeof(last), "%s", x->c.result[0] ? x->c.result : "unreachable");
	switch (x->c.state) {
	case VD_CS_ACCEPTED: command_end(x, VD_CS_ACCEPTED, "unconfirmed"); break;
	case VD_CS_SENT:
		if (vd_verb_once(x->c.verb))
			command_end(x, VD_CS_FAILED, "unsure");
		else
			command_end(x, VD_CS_EXPIRED, "unconfirmed");
		break;
	default: command_end(x, VD_CS_EXPIRED, x->unsure ? "unconfirmed" : last);
	}
}

static void on_timer(void *arg)
{
	struct hub_command *x = arg;
	if (x->h->stopping || x->c.ended_ms)
		return;
	if (left_ms(x) <= 0)
		time_over(x);
	else if (x->c.state == VD_CS_QUEUED)
		command_attempt(x);
	else if (x->c.state == VD_CS_SENT && !vd_verb_once(x->c.verb))
		try_later(x, "unconfirmed");
}

/* -- what others say ------------------------------------------------------------------------ */

void vd_hub_sender(struct vd_hub *h, const struct vd_sender *s)
{
	h->sender = *s;
}

static void accepted(struct hub_command *x)
{
	if (!goal(x->c.verb)) {
		command_end(x, VD_CS_ACCEPTED, "");
		return;
	}
	move(x, VD_CS_ACCEPTED);
	wait_for(x, left_ms(x));
}

void vd_hub_sent(struct vd_hub *h, struct vd_span id, enum vd_sent how, const char *why)
{
	struct hub_command *x = NULL;
	VD_LIST_EACH(it, &h->commands)
	{
		struct hub_command *y = VD_CONTAINER(it, struct hub_command, link);
		if (vd_span_is(id, y->c.id))
			x = y;
	}
	if (!x || h->stopping || x->c.ended_ms || x->c.state != VD_CS_SENT)
		return;
	switch (how) {
	case VD_SENT_ACCEPTED: accepted(x); break;
	case VD_SENT_LATER:
		x->unsure = false;
		try_later(x, why[0] ? why : "unreachable");
		break;
	case VD_SENT_REFUSED: command_end(x, VD_CS_FAILED, why); break;
	case VD_SENT_UNSURE:
		if (!vd_verb_once(x->c.verb))
			try_later(x, "unconfirmed");
		break; /* an unlock: the lock has the word, as long as there is time */
	}
}

void hub_commands_saw(struct vd_hub *h, const struct vd_event *e)
{
	if (e->kind != VD_KIND_LOCK || vd_list_empty(&h->commands) ||
	    e->flags & (VD_F_REPLAY | VD_F_RETAINED | VD_F_TEST | VD_F_SIMULATED))
		return;
	VD_LIST_EACH(it, &h->commands)
	{
		struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		if (x->c.device != e->device || x->c.ended_ms || !x->unsure || !goal(x->c.verb))
			continue;
		if (strcmp(e->state, goal(x->c.verb)) == 0)
			command_end(x, VD_CS_DONE, "");
		else if (strcmp(e->state, "jammed") == 0)
			command_end(x, VD_CS_FAILED, "jammed");
	}
}

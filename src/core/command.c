/* SPDX-License-Identifier: EUPL-1.2 */
/* What people ask of devices: who may, what is kept, what a start makes of the rest.
 *
 * A wish that is the same as one before (the asker's key) is that one: a double click opens one
 * door. Every wish and every refusal is in the access log with its person; what was asked and how
 * it ended also in the journal. */
#include "core/command_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

#define CARE      (VD_ROLE_CARE | VD_ROLE_LEADER)
#define MINUTE_MS 60000ll

static const unsigned roles[VD_CMD_MAX] = {
	[VD_CMD_CONFIRM] = CARE,
	[VD_CMD_CANCEL] = CARE,
	[VD_CMD_RING] = CARE,
	[VD_CMD_LOCATE] = CARE | VD_ROLE_TECHNICIAN,
	[VD_CMD_INTERVAL] = VD_ROLE_TECHNICIAN,
	[VD_CMD_UNLOCK] = CARE,
	[VD_CMD_LOCK] = CARE,
};

/* -- who and what --------------------------------------------------------------------------- */

struct hub_binding *command_binding(struct vd_hub *h, int64_t device, struct vd_target *ret)
{
	const struct vd_device *row = vd_dir_device(h->dir, device);
	struct hub_device *d = vd_map_get_u64(&h->device_by_id, (uint64_t)device);
	const struct vd_gateway *g = row ? vd_dir_gateway(h->dir, row->gateway) : NULL;
	if (!row || !d || !d->binding || !g || g->disabled || !d->binding->adapter->command)
		return NULL;
	if (row->lifecycle == VD_LIFE_OUT_OF_SERVICE || row->lifecycle == VD_LIFE_RETURNED ||
	    row->lifecycle == VD_LIFE_SCRAPPED)
		return NULL;
	*ret = (struct vd_target){.identity = vd_span_cstr(row->identity),
				  .vendor = vd_span_cstr(row->vendor),
				  .model = vd_span_cstr(row->model),
				  .gateway = vd_span_cstr(g->user)};
	return d->binding;
}

static unsigned verbs_of(struct vd_hub *h, int64_t device)
{
	struct vd_target who;
	const struct hub_binding *b = command_binding(h, device, &who);
	return b ? b->adapter->commands(b->state, &who) : 0;
}

static bool on_duty(struct vd_hub *h, int64_t staff, int muni)
{
	const int64_t now = h->rt->wall_ms(h->rt);
	for (size_t i = 0; i < h->dir->n_shifts; i++) {
		const struct vd_shift *s = &h->dir->shifts[i];
		if (s->staff == staff && s->muni == muni && now >= s->from_ms && now < s->to_ms)
			return true;
	}
	return false;
}

static int64_t recipient_of(struct vd_hub *h, const struct vd_device *d)
{
	const struct vd_placement *p = d->placement ? vd_dir_placement(h->dir, d->placement) : NULL;
	return p ? p->recipient : 0;
}

/* An open call for help from this home that she has taken. A dead battery opens no door. */
static bool owns_alarm_of(struct vd_hub *h, int64_t staff, int64_t placement)
{
	VD_LIST_EACH(it, &h->lives)
	{
		const struct vd_alarm *a = &VD_CONTAINER(it, struct live, link)->a;
		if (a->owner == staff && vd_kind_class(a->kind) != 'T' &&
		    (a->handling == VD_H_ACKNOWLEDGED || a->handling == VD_H_EN_ROUTE ||
		     a->handling == VD_H_ON_SITE || a->handling == VD_H_TRANSFERRED) &&
		    vd_dir_same_home(h->dir, a->recipient, a->placement, placement))
			return true;
	}
	return false;
}

static bool of_door(enum vd_command_verb v)
{
	return v == VD_CMD_UNLOCK || v == VD_CMD_LOCK;
}

static bool role_may(struct vd_hub *h, const struct vd_staff *s, const struct vd_device *d,
		     enum vd_command_verb v)
{
	return s->roles & roles[v] && (!of_door(v) || on_duty(h, s->id, d->muni));
}

unsigned vd_hub_verbs(struct vd_hub *h, int64_t device, int64_t staff)
{
	const struct vd_device *d = vd_dir_device(h->dir, device);
	const struct vd_staff *s = vd_dir_staff(h->dir, staff);
	unsigned set =
		d && s && !s->disabled && vd_staff_sees(s, d->muni) ? verbs_of(h, device) : 0;
	for (int v = VD_CMD_NONE + 1; set && v < VD_CMD_MAX; v++)
		if (!role_may(h, s, d, (enum vd_command_verb)v))
			set &= ~VD_CMD_BIT(v);
	return set;
}

static bool alarm_of_home(struct vd_hub *h, const struct vd_device *d, const char *id)
{
	const struct live *l = hub_live(h, vd_span_cstr(id));
	return l && l->a.muni == d->muni &&
	       (l->a.device == d->id ||
		vd_dir_same_home(h->dir, l->a.recipient, l->a.placement, d->placement));
}

static int check_words(struct vd_hub *h, const struct vd_wish *w, const struct vd_device *d)
{
	bool said = w->reason && w->reason[0];
	if (said && strlen(w->reason) > VD_MAX_NOTE_BYTES)
		return VD_ELIMIT;
	if ((said && !vd_span_utf8(vd_span_cstr(w->reason))) || (w->verb == VD_CMD_UNLOCK && !said))
		return VD_EINVAL;
	if (w->verb == VD_CMD_INTERVAL &&
	    (w->minutes < VD_CMD_MINUTES_MIN || w->minutes > VD_CMD_MINUTES_MAX))
		return VD_EINVAL;
	if (w->key && strlen(w->key) >= sizeof(((struct vd_command *)0)->key))
		return VD_EINVAL;
	if (w->alarm && w->alarm[0] && !alarm_of_home(h, d, w->alarm))
		return VD_EINVAL;
	return verbs_of(h, d->id) & VD_CMD_BIT(w->verb) ? 0 : VD_EINVAL;
}

static int check_right(struct vd_hub *h, const struct vd_wish *w, const struct vd_device *d)
{
	const struct vd_staff *s = vd_dir_staff(h->dir, w->staff);
	if (!s || s->disabled || !role_may(h, s, d, w->verb))
		return VD_EDENIED;
	if (of_door(w->verb) && !(s->roles & VD_ROLE_LEADER) &&
	    !owns_alarm_of(h, w->staff, d->placement))
		return VD_EDENIED;
	return 0;
}

bool command_still_may(struct vd_hub *h, const struct vd_command *c)
{
	const struct vd_device *d = vd_dir_device(h->dir, c->device);
	const struct vd_wish w = {.device = c->device, .staff = c->staff, .verb = c->verb};
	if (!d || (c->placement && d->placement != c->placement))
		return false;
	return !of_door(c->verb) || check_right(h, &w, d) == 0;
}

static int check_rate(struct vd_hub *h, const struct vd_wish *w)
{
	const int64_t since = h->rt->mono_ms(h->rt) - MINUTE_MS;
	int hers = 0, its = 0;
	VD_LIST_EACH(it, &h->commands)
	{
		const struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		if (x->asked_mono <= since)
			continue;
		hers += x->c.staff == w->staff;
		its += x->c.device == w->device;
	}
	return hers >= VD_MAX_COMMANDS_STAFF || its >= VD_MAX_COMMANDS_DEVICE ? VD_ELIMIT : 0;
}

/* -- the record ----------------------------------------------------------------------------- */

int command_look(struct vd_batch *b, const struct vd_command *c, const char *tail, int64_t at_ms)
{
	struct vd_op *op = vd_batch_op(b, VD_OP_ACCESS);
	if (!op)
		return VD_ENOMEM;
	op->u.access = (struct vd_op_access){
		.muni = c->muni, .staff = c->staff, .recipient = c->recipient, .at_ms = at_ms};
	snprintf(op->u.access.what, sizeof(op->u.access.what), "command.%s%s",
		 vd_verb_name(c->verb), tail);
	memcpy(op->u.access.alarm, c->alarm, sizeof(op->u.access.alarm));
	return 0;
}

static void on_noted(struct vd_batch *b, int err, int64_t first_seq, void *arg)
{
	(void)b;
	(void)first_seq;
	if (err)
		hub_check_storage(arg);
}

static struct vd_command fill(struct vd_hub *h, const struct vd_wish *w, const struct vd_device *d)
{
	const int64_t now = h->rt->wall_ms(h->rt);
	struct vd_command c = {.muni = d->muni,
			       .gateway = d->gateway,
			       .device = d->id,
			       .placement = d->placement,
			       .recipient = recipient_of(h, d),
			       .verb = w->verb,
			       .minutes = w->verb == VD_CMD_INTERVAL ? w->minutes : 0,
			       .staff = w->staff,
			       .created_ms = now,
			       .expires_ms = now + vd_verb_life_ms(w->verb),
			       .state = VD_CS_QUEUED};
	vd_span_copy(c.alarm, sizeof(c.alarm), vd_span_cstr(w->alarm ? w->alarm : ""));
	vd_span_copy(c.key, sizeof(c.key), vd_span_cstr(w->key ? w->key : ""));
	return c;
}

/* Who is refused leaves a trace; who is refused again and again is only told to wait. */
static int refused(struct vd_hub *h, const struct vd_wish *w, const struct vd_device *d, int err)
{
	const int64_t mono = h->rt->mono_ms(h->rt);
	const size_t n = sizeof(h->refused) / sizeof(h->refused[0]);
	int before = 0;
	h->stats.commands_refused++;
	for (size_t i = 0; i < n; i++)
		before += h->refused[i].staff == w->staff && h->refused[i].mono > mono - MINUTE_MS;
	if (before >= VD_MAX_COMMANDS_STAFF)
		return err == VD_ENOTFOUND ? err : VD_ELIMIT;
	h->refused[h->refused_at].staff = w->staff;
	h->refused[h->refused_at].mono = mono;
	h->refused_at = (h->refused_at + 1) % n;
	struct vd_command c = fill(h, w, d);
	struct vd_batch *b = vd_batch_new();
	if (b) {
		b->done = on_noted;
		b->arg = h;
	}
	if (!b || command_look(b, &c, ".refused", c.created_ms) || h->store->submit(h->store, b))
		vd_batch_free(b);
	return err;
}

/* -- wishes --------------------------------------------------------------------------------- */

static void on_later(void *arg)
{
	struct command_waiter *w = arg;
	struct vd_hub *h = w->x->h;
	w->done(0, &w->x->c, w->arg);
	w->x->saving--;
	vd_free(w);
	h->n_inflight--;
	hub_check_drained(h);
}

/* One more who waits for this command; told in a later turn when it is durable already. */
static int join(struct hub_command *x, void (*done)(int err, const struct vd_command *c, void *arg),
		void *arg)
{
	struct command_waiter *w = vd_calloc(1, sizeof(*w));
	if (!w)
		return VD_EBUSY;
	*w = (struct command_waiter){
		.later = {.fn = on_later, .arg = w}, .x = x, .done = done, .arg = arg};
	if (!x->stored) {
		w->next = x->waiters;
		x->waiters = w;
		return 0;
	}
	x->saving++; /* it may not be let go meanwhile */
	x->h->n_inflight++;
	x->h->rt->defer(x->h->rt, &w->later);
	return 0;
}

static struct hub_command *same_wish(struct vd_hub *h, const struct vd_wish *w)
{
	VD_LIST_EACH(it, &h->commands)
	{
		struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		if (w->key && w->key[0] && x->c.staff == w->staff && strcmp(x->c.key, w->key) == 0)
			return x;
	}
	return NULL;
}

/* Room for one more: the oldest that has ended goes. */
static bool make_room(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->commands)
	{
		struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		if (h->n_commands < VD_MAX_COMMANDS)
			break;
		if (x->c.ended_ms && !x->saving && !x->dirty)
			command_free(x);
	}
	return h->n_commands < VD_MAX_COMMANDS;
}

static int take(struct vd_hub *h, const struct vd_wish *w, const struct vd_device *d,
		void (*done)(int err, const struct vd_command *c, void *arg), void *arg)
{
	struct vd_command c = fill(h, w, d);
	hub_id(h, c.created_ms, c.id);
	struct hub_command *x = make_room(h) ? command_new(h, &c) : NULL;
	if (!x)
		return VD_EBUSY;
	x->asked_mono = h->rt->mono_ms(h->rt);
	int err = join(x, done, arg);
	if (!err)
		err = command_store_first(x, w->reason);
	if (err)
		command_free(x);
	return err ? VD_EBUSY : 0;
}

int vd_hub_command(struct vd_hub *h, const struct vd_scope *scope, const struct vd_wish *w,
		   void (*done)(int err, const struct vd_command *c, void *arg), void *arg)
{
	const struct vd_device *d = vd_dir_device(h->dir, w->device);
	const struct vd_staff *s = vd_dir_staff(h->dir, w->staff);
	if (h->stopping)
		return VD_EBUSY;
	if (w->verb <= VD_CMD_NONE || w->verb >= VD_CMD_MAX)
		return VD_EINVAL;
	if (!d)
		return VD_ENOTFOUND;
	if (!vd_scope_sees(scope, d->muni) || (s && !vd_staff_sees(s, d->muni)))
		return refused(h, w, d, VD_ENOTFOUND);
	struct hub_command *x = same_wish(h, w);
	if (x && (x->c.device != w->device || x->c.verb != w->verb))
		return VD_ECONFLICT;
	if (x)
		return join(x, done, arg);
	int err = check_right(h, w, d);
	if (!err)
		err = check_words(h, w, d);
	if (!err)
		err = check_rate(h, w);
	return err ? refused(h, w, d, err) : take(h, w, d, done, arg);
}

const struct vd_command *vd_hub_command_find(struct vd_hub *h, const struct vd_scope *scope,
					     struct vd_span id)
{
	VD_LIST_EACH(it, &h->commands)
	{
		const struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		if (vd_span_is(id, x->c.id))
			return x->stored && vd_scope_sees(scope, x->c.muni) ? &x->c : NULL;
	}
	return NULL;
}

/* -- from the command line ------------------------------------------------------------------ */

/* Who sits at the machine's command line has proved nothing about themselves: no door opens. */
static const char *order_wrong(struct vd_hub *h, const struct vd_order *o, const struct vd_wish *w,
			       const struct vd_device *d)
{
	if (h->rt->wall_ms(h->rt) - o->created_ms > MINUTE_MS)
		return "late";
	if (of_door(w->verb) || !w->verb)
		return "denied";
	return check_words(h, w, d) ? "unsupported" : NULL;
}

static void take_order(struct vd_hub *h, const struct vd_order *o)
{
	const struct vd_device *d = vd_dir_device(h->dir, o->device);
	const struct vd_wish w = {.device = o->device,
				  .staff = o->staff,
				  .verb = vd_verb_parse(vd_span_cstr(o->verb)),
				  .minutes = o->minutes};
	static const struct vd_device nobody = {0};
	const char *wrong = d ? order_wrong(h, o, &w, d) : "unsupported";
	struct vd_command c = fill(h, &w, d ? d : &nobody);
	memcpy(c.id, o->id, sizeof(c.id));
	c.device = o->device;
	c.created_ms = o->created_ms;
	struct hub_command *x = make_room(h) ? command_new(h, &c) : NULL;
	if (!x)
		return; /* taken with the next directory, or too late by then */
	x->asked_mono = h->rt->mono_ms(h->rt);
	if (!wrong && command_store_first(x, NULL) == 0)
		return;
	x->stored = true; /* its row is there: the tool wrote it */
	command_end(x, VD_CS_FAILED, wrong ? wrong : "busy");
}

void hub_commands_orders(struct vd_hub *h)
{
	if (!h->epoch[0])
		return; /* still starting */
	for (size_t i = 0; i < h->dir->n_orders; i++) {
		const struct vd_order *o = &h->dir->orders[i];
		bool known = false;
		VD_LIST_EACH(it, &h->commands)
		known |= strcmp(VD_CONTAINER(it, struct hub_command, link)->c.id, o->id) == 0;
		if (!known && vd_id_valid(vd_span_cstr(o->id)))
			take_order(h, o);
	}
}

/* -- start, sweep, end ---------------------------------------------------------------------- */

/* What may be sent again goes on; an unlock that was under way is not repeated and not forgotten:
 * whether the door is open nobody here can know. */
static void resume(struct hub_command *x)
{
	struct vd_hub *h = x->h;
	int64_t life = vd_verb_life_ms(x->c.verb);
	int64_t left = x->c.expires_ms - h->rt->wall_ms(h->rt);
	if (vd_verb_once(x->c.verb) || left <= 0) {
		command_end(x,
			    x->c.state == VD_CS_ACCEPTED ? VD_CS_ACCEPTED
			    : vd_verb_once(x->c.verb)    ? VD_CS_FAILED
							 : VD_CS_EXPIRED,
			    "restart");
		return;
	}
	x->unsure = x->c.attempts > 0;
	if (x->c.state == VD_CS_SENT)
		x->c.state = VD_CS_QUEUED;
	/* Gateways need a moment to come back. A clock put back makes nothing live longer. */
	command_arm(x, left < life ? left : life, x->c.state == VD_CS_QUEUED ? 2000 : -1);
}

int hub_commands_restore(struct vd_hub *h, const struct vd_boot *boot)
{
	const int64_t now = h->rt->wall_ms(h->rt);
	for (size_t i = 0; i < boot->n_commands; i++) {
		const struct vd_command *c = &boot->commands[i];
		if (c->ended_ms && now - c->created_ms > VD_HOUR_MS)
			continue;
		struct hub_command *x = command_new(h, c);
		if (!x)
			return VD_ENOMEM;
		x->stored = true;
		x->asked_mono = INT64_MIN / 2;
		if (!c->ended_ms)
			resume(x);
	}
	hub_commands_orders(h);
	return 0;
}

void hub_commands_sweep(struct vd_hub *h)
{
	const int64_t now = h->rt->wall_ms(h->rt);
	VD_LIST_EACH(it, &h->commands)
	{
		struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		if (x->c.ended_ms && !x->saving && !x->dirty && now - x->c.ended_ms > VD_HOUR_MS)
			command_free(x);
	}
}

void hub_commands_stop(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->commands)
	{
		struct hub_command *x = VD_CONTAINER(it, struct hub_command, link);
		if (x->timer)
			h->rt->timer_stop(x->timer);
	}
}

void hub_commands_free(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->commands)
	command_free(VD_CONTAINER(it, struct hub_command, link));
}

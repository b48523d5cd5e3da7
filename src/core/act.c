/* SPDX-License-Identifier: EUPL-1.2 */
/* The handling axis: what people do, and what happens when they do not.
 *
 *   new           escalate1_ms without acknowledgement: next on the roster; escalate2_ms more:
 *                 everyone; then sounded again at growing intervals until somebody takes it
 *   acknowledged  ack_timeout_ms without a step: new again
 *   transferred   escalate1_ms without being received: new again
 *   en route      travel_remind_ms without a step: sounded again; as long once more, or the owner's
 *                 shift over: new again
 *   on site       the same, but reminded as long as the owner is on duty
 *   shelved       until its end: new again
 *   test          until the device's test ends: new (a test that does not end is an alarm, rule 7)
 *
 * A person's step is told as done only after it is durable; if it cannot be stored it is undone.
 * Deadlines are wall times in the store and monotonic timers in memory: a stepped clock moves
 * neither. At start a deadline that lies further away than its state allows (the clock was wrong
 * when it was set) is cut to what the state allows. */
#include "core/hub_int.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

static const struct vd_municipality *muni_of(struct vd_hub *h, const struct live *l)
{
	static const struct vd_municipality fallback = {.escalate1_ms = 60000,
							.escalate2_ms = 60000,
							.ack_timeout_ms = 600000,
							.travel_remind_ms = 1800000,
							.repeat_window_ms = VD_DAY_MS};
	const struct vd_municipality *m = vd_dir_muni(h->dir, l->a.muni);
	return m ? m : &fallback;
}

static void on_deadline(void *arg);

void hub_arm(struct vd_hub *h, struct live *l, int64_t delay_ms)
{
	if (delay_ms < 0) {
		l->a.deadline_ms = 0;
		if (l->timer)
			h->rt->timer_stop(l->timer);
		return;
	}
	l->a.deadline_ms = h->rt->wall_ms(h->rt) + delay_ms;
	if (!l->timer)
		l->timer = h->rt->timer_open(h->rt, on_deadline, l);
	if (l->timer)
		h->rt->timer_start(l->timer, delay_ms);
}

/* A municipality's own time where it makes sense, else the default: a zero in a table must neither
 * stop an alarm nor make it sound without pause. */
static int64_t told(int64_t ms, int64_t otherwise)
{
	return ms <= 0 ? otherwise : ms < HUB_LEAST_WAIT_MS ? HUB_LEAST_WAIT_MS : ms;
}

/* How long each state may last before something happens; -1 = for ever. */
static int64_t patience(struct vd_hub *h, const struct live *l)
{
	const struct vd_municipality *m = muni_of(h, l);
	const int64_t first = told(m->escalate1_ms, 60000), second = told(m->escalate2_ms, 60000);
	const struct vd_device *d = l->a.device ? vd_dir_device(h->dir, l->a.device) : NULL;
	int64_t now = h->rt->wall_ms(h->rt), left;
	switch (l->a.handling) {
	case VD_H_NEW:
		if (!hub_escalates(&l->a))
			return -1;
		if (l->a.level <= 1)
			return first;
		if (l->a.level == 2 || second >= HUB_REALERT_MAX_MS)
			return second < HUB_REALERT_MAX_MS ? second : HUB_REALERT_MAX_MS;
		left = second << (l->a.realerts < 6 ? l->a.realerts : 6);
		return left < HUB_REALERT_MAX_MS ? left : HUB_REALERT_MAX_MS;
	case VD_H_ACKNOWLEDGED: return told(m->ack_timeout_ms, 600000);
	case VD_H_EN_ROUTE:
	case VD_H_ON_SITE: return told(m->travel_remind_ms, 1800000);
	case VD_H_TRANSFERRED: return first;
	case VD_H_SHELVED:
		left = l->a.shelved_until_ms - now;
		return left < 0 ? 0 : left < VD_MAX_SHELVE_MS ? left : VD_MAX_SHELVE_MS;
	case VD_H_TEST:
		left = d ? d->test_until_ms - now : 0;
		return left < 0 ? 0 : left < VD_HOUR_MS ? left : VD_HOUR_MS;
	case VD_H_CLOSED:
	case VD_H_MAX: break;
	}
	return -1;
}

void hub_enter(struct vd_hub *h, struct live *l, enum vd_handling to)
{
	if (l->a.handling != to)
		l->a.handled_at_ms = h->rt->wall_ms(h->rt);
	l->a.handling = to;
	l->repeated = l->reminded = false;
	if (to == VD_H_NEW || to == VD_H_SHELVED) {
		l->a.owner = l->a.target = 0;
		l->a.acked_at_ms = 0;
	}
	if (to != VD_H_SHELVED)
		l->a.shelved_until_ms = 0;
	hub_arm(h, l, patience(h, l));
}

/* Never later than it was: pressing on puts nothing off. */
static void arm_soon(struct vd_hub *h, struct live *l)
{
	int64_t soon = told(muni_of(h, l)->escalate1_ms, 60000);
	int64_t left = l->a.deadline_ms - h->rt->wall_ms(h->rt);
	if (!l->a.deadline_ms || left > soon)
		hub_arm(h, l, soon);
}

void hub_repeated(struct vd_hub *h, struct live *l)
{
	switch (l->a.handling) {
	case VD_H_SHELVED:
		l->a.realerts++;
		hub_enter(h, l, VD_H_NEW);
		break;
	case VD_H_NEW: /* not left to a pause that has grown to an hour */
		if (hub_escalates(&l->a))
			arm_soon(h, l);
		break;
	case VD_H_ACKNOWLEDGED:
	case VD_H_EN_ROUTE:
	case VD_H_ON_SITE:
	case VD_H_TRANSFERRED:
		l->a.realerts++;
		arm_soon(h, l);
		l->repeated = true;
		break;
	case VD_H_TEST:
	case VD_H_CLOSED:
	case VD_H_MAX: break;
	}
}

static bool folded_under_nothing(struct vd_hub *h, const struct live *l)
{
	const struct live *storm = hub_live(h, vd_span_cstr(l->a.parent));
	return l->a.parent[0] && (!storm || storm->a.handling == VD_H_CLOSED);
}

void hub_rearm_at_start(struct vd_hub *h, struct live *l)
{
	if (l->a.handling == VD_H_CLOSED)
		return;
	l->repeated = l->a.last_at_ms > l->a.handled_at_ms;
	if (folded_under_nothing(h, l)) { /* killed between a storm's end and its members' */
		l->a.parent[0] = '\0';
		hub_enter(h, l, l->a.handling);
		hub_changed(h, l, VD_STEP_MERGED, 0, 0, NULL);
		return;
	}
	int64_t most = patience(h, l);
	int64_t left = l->a.deadline_ms ? l->a.deadline_ms - h->rt->wall_ms(h->rt) : most;
	if (most < 0 && !l->a.deadline_ms)
		return;
	if (left < 0)
		left = 0;
	if (most >= 0 && left > most)
		left = most;
	hub_arm(h, l, left);
}

void hub_close_by_hub(struct vd_hub *h, struct live *l, enum vd_outcome o)
{
	hub_live_unindex(h, l);
	l->a.outcome = o;
	l->a.closed_at_ms = h->rt->wall_ms(h->rt);
	hub_enter(h, l, VD_H_CLOSED);
	h->n_open--;
	hub_changed(h, l, VD_STEP_CLOSED, 0, 0, NULL);
	hub_storm_release(h, &l->a);
}

/* -- time passes ---------------------------------------------------------------------------- */

/* No one on the first list: that is an alarm in itself, and the next are asked at once. */
static void check_duty(struct vd_hub *h, int muni)
{
	int64_t who[4];
	if (vd_roster_on_duty(h->dir, muni, 1, h->rt->wall_ms(h->rt), who, 4) || !muni)
		return;
	hub_own_event(h, muni, 0, NULL, VD_KIND_DUTY_NOBODY, "", "on", "");
}

static bool duty_alarm_stands(struct vd_hub *h, int muni)
{
	const struct live *l = hub_stands(h, muni, 0, 0, VD_KIND_DUTY_NOBODY);
	return l && l->a.condition == VD_COND_ACTIVE;
}

/* The list may have run out since the alarm was raised: that is told once. */
static void recheck_duty(struct vd_hub *h, const struct live *l)
{
	if (l->a.kind != VD_KIND_DUTY_NOBODY && hub_escalates(&l->a) &&
	    !duty_alarm_stands(h, l->a.muni))
		check_duty(h, l->a.muni);
}

static void escalate(struct vd_hub *h, struct live *l)
{
	recheck_duty(h, l);
	if (l->a.level < 3)
		l->a.level++;
	else
		l->a.realerts++;
	hub_arm(h, l, patience(h, l));
	hub_changed(h, l, VD_STEP_ESCALATED, 0, 0, NULL);
}

static void owner_timeout(struct vd_hub *h, struct live *l)
{
	l->a.realerts++;
	if (l->a.level < 3)
		l->a.level++;
	hub_enter(h, l, VD_H_NEW);
	hub_changed(h, l, VD_STEP_ACK_TIMEOUT, 0, 0, NULL);
	recheck_duty(h, l);
}

static void remind(struct vd_hub *h, struct live *l)
{
	l->a.realerts++;
	l->reminded = true;
	hub_arm(h, l, patience(h, l));
	hub_changed(h, l, VD_STEP_ESCALATED, 0, 0, NULL);
}

static bool on_roster(struct vd_hub *h, int64_t staff, int muni, int64_t at_ms)
{
	int64_t who[64];
	for (int level = 1; level <= 2; level++) {
		size_t n = vd_roster_on_duty(h->dir, muni, level, at_ms, who, 64);
		for (size_t i = 0; i < n; i++)
			if (who[i] == staff)
				return true;
	}
	return false;
}

/* Somebody who may no longer act here. */
static bool owner_barred(struct vd_hub *h, const struct live *l)
{
	const struct vd_staff *s = l->a.owner ? vd_dir_staff(h->dir, l->a.owner) : NULL;
	return l->a.owner && (!s || s->disabled || !vd_staff_sees(s, l->a.muni));
}

/* Was on the roster when the state was entered, and no longer is: has gone home. Somebody who helps
 * without being on any list is not taken for that. */
static bool owner_went_home(struct vd_hub *h, const struct live *l)
{
	return on_roster(h, l->a.owner, l->a.muni, l->a.handled_at_ms) &&
	       !on_roster(h, l->a.owner, l->a.muni, h->rt->wall_ms(h->rt));
}

static bool owned(const struct live *l)
{
	switch (l->a.handling) {
	case VD_H_ACKNOWLEDGED:
	case VD_H_EN_ROUTE:
	case VD_H_ON_SITE:
	case VD_H_TRANSFERRED: return true;
	default: return false;
	}
}

void hub_recheck(struct vd_hub *h, struct live *l)
{
	const struct vd_device *d = l->a.device ? vd_dir_device(h->dir, l->a.device) : NULL;
	if (l->acting || l->a.handling == VD_H_CLOSED)
		return;
	if (!hub_stands(h, l->a.muni, l->a.gateway, l->a.device, l->a.kind))
		hub_live_index(h, l); /* there was no memory for it: its return would not find it */
	if (owned(l) && owner_barred(h, l))
		owner_timeout(h, l);
	else if (l->a.handling == VD_H_TEST && (!d || d->test_until_ms <= h->rt->wall_ms(h->rt)))
		on_deadline(l);
	else if (!l->timer && patience(h, l) >= 0)
		hub_arm(h, l, patience(h, l));
}

static void on_deadline(void *arg)
{
	struct live *l = arg;
	struct vd_hub *h = l->h;
	switch (l->a.handling) {
	case VD_H_NEW:
		if (hub_escalates(&l->a))
			escalate(h, l);
		break;
	case VD_H_ACKNOWLEDGED:
	case VD_H_TRANSFERRED: owner_timeout(h, l); break;
	case VD_H_EN_ROUTE:
	case VD_H_ON_SITE:
		/* a repeat nobody answered, nobody there to be reminded, or never arrived */
		if (l->repeated || owner_went_home(h, l) ||
		    (l->reminded && l->a.handling == VD_H_EN_ROUTE))
			owner_timeout(h, l);
		else
			remind(h, l);
		break;
	case VD_H_SHELVED:
		hub_enter(h, l, VD_H_NEW);
		hub_changed(h, l, VD_STEP_UNSHELVED, 0, 0, NULL);
		break;
	case VD_H_TEST:
		hub_enter(h, l, VD_H_NEW);
		hub_changed(h, l, VD_STEP_RAISED, 0, 0, NULL);
		break;
	case VD_H_CLOSED:
	case VD_H_MAX: break;
	}
}

void hub_raised_check_duty(struct vd_hub *h, struct live *l)
{
	if (!hub_escalates(&l->a) || l->a.kind == VD_KIND_DUTY_NOBODY || l->a.handling != VD_H_NEW)
		return;
	int64_t who[4];
	int64_t now = h->rt->wall_ms(h->rt);
	if (vd_roster_on_duty(h->dir, l->a.muni, 1, now, who, 4) || !l->a.muni)
		return;
	check_duty(h, l->a.muni);
	l->a.level = vd_roster_on_duty(h->dir, l->a.muni, 2, now, who, 4) ? 2 : 3;
	hub_arm(h, l, patience(h, l));
	hub_changed(h, l, VD_STEP_ESCALATED, 0, 0, NULL);
}

/* -- people act ----------------------------------------------------------------------------- */

/* Who may take which step: care and leaders handle alarms; technicians technical ones. */
static bool role_may(const struct vd_staff *s, const struct vd_alarm *a, enum vd_step step)
{
	if (s->roles & (VD_ROLE_CARE | VD_ROLE_LEADER))
		return step != VD_STEP_SHELVED || (s->roles & VD_ROLE_LEADER) ||
		       vd_kind_class(a->kind) == 'T';
	return (s->roles & VD_ROLE_TECHNICIAN) && vd_kind_class(a->kind) == 'T';
}

static bool owner_step(enum vd_step step)
{
	return step == VD_STEP_EN_ROUTE || step == VD_STEP_ON_SITE || step == VD_STEP_RELEASED ||
	       step == VD_STEP_TRANSFERRED;
}

static bool person_step(enum vd_step step)
{
	switch (step) {
	case VD_STEP_ACKNOWLEDGED:
	case VD_STEP_EN_ROUTE:
	case VD_STEP_ON_SITE:
	case VD_STEP_RELEASED:
	case VD_STEP_TRANSFERRED:
	case VD_STEP_RECEIVED:
	case VD_STEP_NOTE:
	case VD_STEP_CALL:
	case VD_STEP_SHELVED:
	case VD_STEP_UNSHELVED:
	case VD_STEP_CLOSED:
	case VD_STEP_REOPENED: return true;
	default: return false;
	}
}

/* The state table, plus who owns it now. Closing needs an owner: an alarm nobody has taken is not
 * closed with one tap. */
static bool step_open(struct vd_hub *h, const struct vd_alarm *a, int64_t staff, enum vd_step step)
{
	enum vd_handling to;
	if (!person_step(step) || !vd_handling_next(a->handling, step, &to))
		return false;
	if (owner_step(step) && a->owner != staff)
		return false;
	if (step == VD_STEP_RECEIVED && a->target != staff)
		return false;
	if (step == VD_STEP_CLOSED &&
	    (a->handling == VD_H_NEW || a->handling == VD_H_SHELVED || a->owner != staff) &&
	    a->handling != VD_H_TEST)
		return false;
	if (step == VD_STEP_REOPENED &&
	    h->rt->wall_ms(h->rt) - a->closed_at_ms > HUB_KEEP_CLOSED_MS)
		return false;
	return true;
}

unsigned vd_hub_allowed(struct vd_hub *h, const struct vd_alarm *a, int64_t staff)
{
	const struct vd_staff *s = vd_dir_staff(h->dir, staff);
	unsigned set = 0;
	if (!s || s->disabled || !vd_staff_sees(s, a->muni))
		return 0;
	for (int step = 0; step < VD_STEP_MAX; step++)
		if (role_may(s, a, (enum vd_step)step) &&
		    step_open(h, a, staff, (enum vd_step)step))
			set |= 1u << step;
	return set;
}

/* Words a person must give: closing needs an outcome; the second time the same person calls the
 * one-tap outcome is not enough (Sunndal 2016: four calls in a night, each read as fine). */
static int check_words(const struct vd_alarm *a, const struct vd_action *act)
{
	bool noted = act->note && act->note[0];
	if (noted && strlen(act->note) > VD_MAX_NOTE_BYTES)
		return VD_ELIMIT;
	if (noted && !vd_span_utf8(vd_span_cstr(act->note)))
		return VD_EINVAL;
	if (act->step == VD_STEP_NOTE && !noted)
		return VD_EINVAL;
	if (act->step == VD_STEP_SHELVED &&
	    (!noted || act->shelve_ms <= 0 || act->shelve_ms > VD_MAX_SHELVE_MS))
		return VD_EINVAL;
	if (act->step != VD_STEP_CLOSED)
		return 0;
	if (act->outcome <= VD_OUT_NONE || act->outcome >= VD_OUT_RETURNED)
		return VD_EINVAL;
	if (a->repeat_24h >= 2 && vd_kind_class(a->kind) != 'T' && !noted)
		return VD_EINVAL;
	return 0;
}

static int check(struct vd_hub *h, const struct vd_scope *scope, const struct vd_action *act,
		 struct live **ret)
{
	struct live *l = hub_live(h, vd_span_cstr(act->alarm));
	const struct vd_staff *s = vd_dir_staff(h->dir, act->staff);
	if (!l || !vd_scope_sees(scope, l->a.muni))
		return VD_ENOTFOUND;
	if (s && !vd_staff_sees(s, l->a.muni)) /* the session is older than the directory */
		return VD_ENOTFOUND;
	if (!s || s->disabled || !role_may(s, &l->a, act->step))
		return VD_EDENIED;
	if (act->version >= 0 && act->version != l->a.version)
		return VD_ECONFLICT;
	if (!step_open(h, &l->a, act->staff, act->step))
		return VD_ESTATE;
	if (act->step == VD_STEP_TRANSFERRED) {
		const struct vd_staff *t = vd_dir_staff(h->dir, act->target);
		if (!t || t->disabled || !vd_staff_sees(t, l->a.muni) ||
		    act->target == act->staff || !role_may(t, &l->a, VD_STEP_RECEIVED))
			return VD_EINVAL;
	}
	*ret = l;
	return check_words(&l->a, act);
}

static void apply(struct vd_hub *h, struct live *l, const struct vd_action *act)
{
	struct vd_alarm *a = &l->a;
	int64_t now = h->rt->wall_ms(h->rt);
	enum vd_handling to = a->handling;
	const enum vd_handling from = to;
	(void)vd_handling_next(a->handling, act->step, &to);
	switch (act->step) {
	case VD_STEP_ACKNOWLEDGED:
		a->acked_at_ms = now;
		if (!a->first_ack_at_ms)
			a->first_ack_at_ms = now;
		a->owner = act->staff;
		break;
	case VD_STEP_RECEIVED:
		a->owner = act->staff;
		a->target = 0;
		break;
	case VD_STEP_TRANSFERRED: a->target = act->target; break;
	case VD_STEP_ON_SITE: a->on_site_at_ms = now; break;
	case VD_STEP_SHELVED: a->shelved_until_ms = now + act->shelve_ms; break;
	case VD_STEP_CLOSED:
		a->outcome = act->outcome;
		a->closed_at_ms = now;
		if (!a->first_ack_at_ms)
			a->first_ack_at_ms = now;
		break;
	case VD_STEP_REOPENED:
		a->outcome = VD_OUT_NONE;
		a->closed_at_ms = 0;
		a->level = 1;
		a->parent[0] = '\0'; /* chased for itself, wherever it lay before */
		break;
	default: break;
	}
	/* Words alone move nobody's deadline but their own: a note is not an answer to an alarm. */
	if (to != from || (owned(l) && a->owner == act->staff))
		hub_enter(h, l, to);
}

struct acting {
	struct vd_alarm before;
	bool repeated;
	struct vd_alarm_step step;
	void (*done)(int err, const struct vd_alarm *now, void *arg);
	void *arg;
};

/* Puts the handling axis back as it was; what events did meanwhile stays. */
static void undo(struct vd_hub *h, struct live *l, const struct acting *t)
{
	const struct vd_alarm *b = &t->before;
	hub_step_drop_last(l, t->step.n);
	l->a.handling = b->handling;
	memcpy(l->a.parent, b->parent, sizeof(l->a.parent));
	l->a.owner = b->owner;
	l->a.target = b->target;
	l->a.acked_at_ms = b->acked_at_ms;
	l->a.first_ack_at_ms = b->first_ack_at_ms;
	l->a.on_site_at_ms = b->on_site_at_ms;
	l->a.closed_at_ms = b->closed_at_ms;
	l->a.handled_at_ms = b->handled_at_ms;
	l->a.shelved_until_ms = b->shelved_until_ms;
	l->a.outcome = b->outcome;
	l->repeated |= t->repeated;
	int64_t left = b->deadline_ms - h->rt->wall_ms(h->rt);
	hub_arm(h, l, b->deadline_ms ? (left < 0 ? 0 : left) : -1);
	/* Another batch may have carried the step that was not stored: it is told otherwise. */
	hub_mark_dirty_later(h, l);
}

static void count_ack(struct vd_hub *h, const struct vd_alarm *a)
{
	static const int64_t limits_s[] = {15, 30, 60, 180, 600};
	int64_t s = (a->acked_at_ms - a->received_at_ms + 999) / 1000;
	size_t i = 0;
	while (i < 5 && s > limits_s[i])
		i++;
	h->stats.ack_seconds[i]++;
}

/* Durable: now the others see it. */
static void settled(struct vd_hub *h, struct live *l, const struct acting *t)
{
	bool closed = l->a.handling == VD_H_CLOSED;
	bool was_closed = t->before.handling == VD_H_CLOSED;
	if (closed && !was_closed) {
		hub_live_unindex(h, l);
		h->n_open--;
		hub_storm_release(h, &l->a);
	}
	if (!closed && was_closed) {
		hub_live_index(h, l);
		h->n_open++;
	}
	if (t->step.step == VD_STEP_ACKNOWLEDGED)
		count_ack(h, &l->a);
	hub_feed(h, &l->a, &t->step);
	if (t->step.step == VD_STEP_ACKNOWLEDGED && l->a.condition == VD_COND_RETURNED &&
	    !vd_kind_latched(l->a.kind))
		hub_close_by_hub(h, l, VD_OUT_RETURNED);
}

static void on_acted(struct vd_hub *h, struct live *l, int err, void *arg)
{
	struct acting *t = arg;
	l->acting = false;
	if (err)
		undo(h, l, t);
	else
		settled(h, l, t);
	t->done(err ? VD_EBUSY : 0, &l->a, t->arg);
	vd_free(t);
}

int vd_hub_act(struct vd_hub *h, const struct vd_scope *scope, const struct vd_action *act,
	       void (*done)(int err, const struct vd_alarm *now, void *arg), void *arg)
{
	struct live *l;
	int err = h->stopping ? VD_EBUSY : check(h, scope, act, &l);
	if (err)
		return err;
	if (l->acting)
		return VD_EBUSY;
	struct acting *t = vd_calloc(1, sizeof(*t));
	if (!t)
		return VD_EBUSY;
	hub_flush(h); /* what waits goes first: the step is the last of its batch */
	t->before = l->a;
	t->repeated = l->repeated;
	t->done = done;
	t->arg = arg;
	apply(h, l, act);
	t->step = (struct vd_alarm_step){
		.n = ++l->a.version,
		.muni = l->a.muni,
		.step = act->step,
		.at_ms = h->rt->wall_ms(h->rt),
		.staff = act->staff,
		.target = act->step == VD_STEP_TRANSFERRED ? act->target : 0,
		.outcome = act->step == VD_STEP_CLOSED ? act->outcome : VD_OUT_NONE};
	memcpy(t->step.alarm, l->a.id, sizeof(t->step.alarm));
	snprintf(t->step.note, sizeof(t->step.note), "%s", act->note ? act->note : "");
	err = hub_step_add(h, l, &t->step);
	t->step.note[0] = '\0';
	l->acting = true;
	if (!err)
		err = hub_flush_one(h, l, on_acted, t);
	if (err) {
		l->acting = false;
		undo(h, l, t);
		vd_free(t);
		return VD_EBUSY;
	}
	return 0;
}

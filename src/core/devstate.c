/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/devstate.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include <math.h>

void vd_devstate_fini(struct vd_devstate *d)
{
	vd_free(d->cells);
	*d = (struct vd_devstate){0};
}

struct vd_cell *vd_devstate_find(struct vd_devstate *d, enum vd_kind kind, const char *zone)
{
	for (unsigned i = 0; i < d->n; i++)
		if (d->cells[i].kind == kind && strcmp(d->cells[i].zone, zone) == 0)
			return &d->cells[i];
	return NULL;
}

void vd_devstate_forget(struct vd_devstate *d, enum vd_kind kind, const char *zone)
{
	struct vd_cell *c = vd_devstate_find(d, kind, zone);
	if (c)
		c->stale = true;
}

static bool is_muted(enum vd_kind k, const char *state)
{
	return vd_kind_class(k) == 'A' && strcmp(state, "muted") == 0;
}

/* Smoke that was silenced is still smoke. */
static bool stands(enum vd_kind k, const char *state)
{
	return vd_state_active(k, state) || is_muted(k, state);
}

/* Which cell gives way to a call for help when all are taken: one that raises nothing. */
static struct vd_cell *least(struct vd_devstate *d)
{
	for (unsigned i = 0; i < d->n; i++)
		if (!stands(d->cells[i].kind, d->cells[i].state) &&
		    vd_kind_class(d->cells[i].kind) != 'A')
			return &d->cells[i];
	return &d->cells[0];
}

static int add_cell(struct vd_devstate *d, const struct vd_reading *r, struct vd_cell **ret)
{
	if (d->n >= VD_MAX_STATES_DEVICE && r && stands(r->kind, r->state)) {
		*ret = least(d);
		memset(*ret, 0, sizeof(**ret));
		return 0;
	}
	if (d->n >= VD_MAX_STATES_DEVICE)
		return VD_ELIMIT;
	if (d->n == d->cap) {
		unsigned cap = d->cap ? d->cap * 2 : 4;
		struct vd_cell *cells = vd_realloc(d->cells, cap * sizeof(*cells));
		if (!cells)
			return VD_ENOMEM;
		d->cells = cells;
		d->cap = cap;
	}
	*ret = &d->cells[d->n++];
	memset(*ret, 0, sizeof(**ret));
	return 0;
}

int vd_devstate_restore(struct vd_devstate *d, const struct vd_cell *c)
{
	struct vd_cell *have = vd_devstate_find(d, c->kind, c->zone);
	int r = have ? 0 : add_cell(d, NULL, &have);
	if (!r)
		*have = *c;
	return r;
}

/* Values that would fill the journal without telling anybody anything: kept in memory only. */
static bool minor(enum vd_kind k)
{
	return k == VD_KIND_DEVICE_LINK || k == VD_KIND_DEVICE_VOLTAGE;
}

/* A heartbeat says "alive" and nothing else (design: one summary row per device and day). */
static bool only_alive(enum vd_kind k)
{
	return k == VD_KIND_DEVICE_HEARTBEAT;
}

/* Best time of the happening: the told one when it lies within -24 h .. +2 min of receipt. */
static void judge_time(const struct vd_frame *f, const struct vd_reading *r, struct vd_event *e)
{
	int64_t now = f->received_at_ms;
	e->t_recv_ms = now;
	e->t_ms = now;
	e->t_src = VD_T_HUB;
	if (!r->t_ms)
		return;
	if (r->flags & VD_F_REPLAY) { /* history keeps its own time, it is only recorded */
		e->t_ms = r->t_ms < now ? r->t_ms : now;
		e->t_src = r->t_src;
		return;
	}
	if (r->t_ms < now - VD_CLOCK_PAST_MS || r->t_ms > now + VD_CLOCK_FUTURE_MS) {
		e->flags |= VD_F_CLOCK;
		return;
	}
	e->t_ms = r->t_ms;
	e->t_src = r->t_src;
	if (now - r->t_ms > VD_LATE_MS)
		e->flags |= VD_F_LATE;
}

/* VKP severity: the kind's own when active, a fall only detected one step lower, else normal. */
static int judge_severity(enum vd_kind k, const char *state)
{
	if (!vd_state_active(k, state))
		return vd_kind_severity(k) > 10 ? 10 : vd_kind_severity(k);
	if (k == VD_KIND_FALL && strcmp(state, "detected") == 0)
		return 30;
	return vd_kind_severity(k);
}

static void fill_event(const struct vd_frame *f, const struct vd_reading *r, struct vd_event *e)
{
	vd_event_init(e);
	e->kind = r->kind;
	memcpy(e->state, r->state, sizeof(e->state));
	memcpy(e->unit, r->unit, sizeof(e->unit));
	memcpy(e->zone, r->zone, sizeof(e->zone));
	memcpy(e->attrs, r->attrs, sizeof(e->attrs));
	e->value = r->value;
	e->has_value = r->has_value;
	e->seq = r->seq;
	e->episode = r->episode;
	e->flags = r->flags;
	e->severity = judge_severity(r->kind, r->state);
	if ((r->flags & VD_F_ALERT) && e->severity < VD_ALERT_SEVERITY)
		e->severity = VD_ALERT_SEVERITY;
	judge_time(f, r, e);
}

static bool is_unknown(const char *s)
{
	return strcmp(s, "unknown") == 0;
}

static bool changed(const struct vd_cell *c, const struct vd_reading *r)
{
	if (strcmp(c->state, r->state) != 0 || c->has_value != r->has_value)
		return true;
	if (r->has_value && c->value != r->value && !(isnan(c->value) && isnan(r->value)))
		return true;
	return r->episode && r->episode != c->episode;
}

static void set_cell(struct vd_cell *c, const struct vd_reading *r, int64_t t_ms)
{
	c->kind = r->kind;
	memcpy(c->zone, r->zone, sizeof(c->zone));
	memcpy(c->state, r->state, sizeof(c->state));
	c->value = r->value;
	c->has_value = r->has_value;
	c->episode = r->episode;
	c->t_ms = t_ms;
	c->stale = false;
}

/* Another stage of the same happening that is no worse than the one told before ("calling" after
 * "confirmed"): the alarm it raised stands, or a person has closed it. */
static bool later_stage(const struct vd_cell *c, const struct vd_reading *r)
{
	return r->episode && r->episode == c->episode && !c->stale && !(r->flags & VD_F_EDGE) &&
	       vd_state_active(c->kind, c->state) && vd_state_active(r->kind, r->state) &&
	       judge_severity(r->kind, r->state) <= judge_severity(c->kind, c->state);
}

/* "Battery low" beside a battery that reads well is a doubtful sensor, not an empty battery. */
static bool battery_contradicts(struct vd_devstate *d, const struct vd_reading *r)
{
	struct vd_cell *b = vd_devstate_find(d, VD_KIND_DEVICE_BATTERY, "");
	return r->kind == VD_KIND_DEVICE_BATTERY_LOW && strcmp(r->state, "on") == 0 && b &&
	       b->has_value && b->value >= 50;
}

int vd_judge(struct vd_devstate *d, const struct vd_frame *f, const struct vd_reading *r,
	     bool in_start_window, struct vd_judged *ret)
{
	bool edge = r->flags & VD_F_EDGE;
	bool record = r->flags & (VD_F_REPLAY | VD_F_SIMULATED | VD_F_TEST);
	struct vd_judged j = {.change = VD_SAME, .verdict = VD_V_NONE};
	fill_event(f, r, &j.event);
	if (only_alive(r->kind)) {
		*ret = j;
		return 0;
	}
	if (record) { /* rules 6 and 7: the present state is not touched */
		j.change = VD_NEW;
		*ret = j;
		return 0;
	}
	struct vd_cell *c = vd_devstate_find(d, r->kind, r->zone);
	bool was_active = c && stands(c->kind, c->state);
	int64_t was_ms = c ? c->t_ms : 0;
	bool fresh = !c;
	if (fresh) {
		int err = add_cell(d, r, &c);
		if (err)
			return err;
	}
	bool news = fresh || c->stale || changed(c, r);
	bool active = vd_state_active(r->kind, r->state);
	if (in_start_window) {
		/* A happening told again is not a new one, unless it was never heard of here, or
		 * its device says that it is a later one. */
		bool later = was_ms && r->t_ms > was_ms + VD_SECOND_MS;
		/* A state that only its sender calls an alarm stands as long as it is the same. */
		active |= (r->flags & VD_F_ALERT) && (news || later);
		if (edge && f->retained && !(active && (!was_active || later))) {
			news = false;
			edge = false;
		}
		/* Bridges keep states, not presses: one that is not retained happens now. */
		bool live = edge && !f->retained;
		if (!live && (f->retained || news))
			j.event.flags |= VD_F_RETAINED;
		if (!live && active && (edge || !was_active))
			j.event.flags |= VD_F_FOUND;
	}
	if (is_muted(r->kind, r->state) && !was_active) { /* we missed its beginning */
		j.event.flags |= VD_F_FOUND;
		j.event.severity = vd_kind_severity(r->kind);
	}
	if (battery_contradicts(d, r))
		j.event.flags |= VD_F_SUSPECT;
	if (later_stage(c, r))
		j.event.flags |= VD_F_RETAINED;
	if (news || edge)
		j.change = minor(r->kind) ? VD_MINOR : VD_NEW;
	if (fresh || news || edge)
		set_cell(c, r, j.event.t_ms);
	if (j.change == VD_NEW)
		j.verdict = vd_verdict(&j.event);
	if (j.verdict == VD_V_CLEAR && (!was_active || is_unknown(r->state)))
		j.verdict = VD_V_NONE;
	if (j.verdict == VD_V_CLEAR && vd_kind_latched(r->kind))
		j.verdict = VD_V_NONE; /* rule 5: only a person closes it */
	*ret = j;
	return 0;
}

/* Technical kinds that a technician must hear of; the rest are for lists and statistics. */
static bool technical_raises(const struct vd_event *e)
{
	switch (e->kind) {
	case VD_KIND_DEVICE_BATTERY_LOW: return !(e->flags & VD_F_SUSPECT);
	case VD_KIND_DEVICE_ONBOARDING: return e->flags & VD_F_ATTENTION;
	case VD_KIND_DEVICE_CLOCK: return e->flags & VD_F_ATTENTION;
	default: return true;
	}
}

enum vd_verdict vd_verdict(const struct vd_event *e)
{
	if (e->flags & (VD_F_REPLAY | VD_F_SIMULATED | VD_F_TEST))
		return VD_V_NONE;
	if (e->flags & VD_F_ALERT)
		return (e->flags & VD_F_RETAINED) && !(e->flags & VD_F_FOUND) ? VD_V_NONE
									      : VD_V_RAISE;
	if (vd_state_returned(e->kind, e->state))
		return VD_V_CLEAR;
	if (is_muted(e->kind, e->state) && (e->flags & VD_F_FOUND))
		return VD_V_RAISE;
	if (!vd_state_active(e->kind, e->state))
		return VD_V_NONE;
	if ((e->flags & VD_F_RETAINED) && !(e->flags & VD_F_FOUND))
		return VD_V_NONE;
	switch (vd_kind_class(e->kind)) {
	case 'A': return VD_V_RAISE;
	case 'S': return e->kind == VD_KIND_LOCK ? VD_V_TECHNICAL : VD_V_RAISE;
	case 'T': return technical_raises(e) ? VD_V_TECHNICAL : VD_V_NONE;
	default: return VD_V_NONE;
	}
}

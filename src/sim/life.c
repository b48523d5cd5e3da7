/* SPDX-License-Identifier: EUPL-1.2 */
/* A day is a list of messages with their times, made for every device, sorted and played. Between
 * them the staff's plans come due: an alarm seen is acknowledged after a while, followed up and
 * closed.
 *
 * Plausible, not measured: response times are log-normal around half a minute with a tail. */
#include "sim/life.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "sim/life_int.h"
#include "sim/runtime_sim.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* -- the staff ------------------------------------------------------------------------------ */

/* Box-Muller; median and spread of a log-normal. */
static int64_t delay_ms(struct life *l, double median_s, double spread)
{
	double u = unit(l), v = unit(l);
	double z = sqrt(-2 * log(u > 1e-12 ? u : 1e-12)) * cos(6.283185307179586 * v);
	double s = median_s * exp(spread * z);
	return (int64_t)((s < 7200 ? s : 7200) * 1000);
}

static void plan(struct life *l, const char *alarm, int stage, int64_t staff, int64_t delay)
{
	for (int i = 0; i < PLANS_MAX; i++) {
		struct plan *p = &l->plans[i];
		if (p->used)
			continue;
		*p = (struct plan){.used = true,
				   .at_ms = l->cfg->rt->wall_ms(l->cfg->rt) + delay,
				   .stage = stage,
				   .staff = staff};
		snprintf(p->alarm, sizeof(p->alarm), "%s", alarm);
		return;
	}
}

static bool planned(const struct life *l, const char *alarm)
{
	for (int i = 0; i < PLANS_MAX; i++)
		if (l->plans[i].used && strcmp(l->plans[i].alarm, alarm) == 0)
			return true;
	return false;
}

static void on_change(struct vd_watcher *w, const struct vd_change *c)
{
	struct life *l = VD_CONTAINER(w, struct life, watcher);
	const struct vd_alarm *a = &c->alarm;
	if (a->handling != VD_H_NEW || a->parent[0] || planned(l, a->id))
		return;
	bool care = vd_kind_class(a->kind) != 'T' || a->kind == VD_KIND_DUTY_NOBODY;
	plan(l, a->id, 0, 0, care ? delay_ms(l, 24, 0.75) : delay_ms(l, 1500, 0.8));
}

static void ignore(int err, const struct vd_alarm *now, void *arg)
{
	(void)err;
	(void)now;
	(void)arg;
}

static enum vd_outcome outcome_for(struct life *l, const struct vd_alarm *a)
{
	if (vd_kind_class(a->kind) == 'T')
		return VD_OUT_TECHNICAL;
	if (a->kind == VD_KIND_FALL)
		return chance(l, 0.3)   ? VD_OUT_HELPED
		       : chance(l, 0.1) ? VD_OUT_HOSPITAL
					: VD_OUT_FALSE_ALARM;
	if (a->kind == VD_KIND_SMOKE)
		return VD_OUT_FALSE_ALARM;
	return chance(l, 0.55)  ? VD_OUT_HELPED
	       : chance(l, 0.5) ? VD_OUT_NO_ACTION
				: VD_OUT_FALSE_ALARM;
}

static int64_t pick_staff(struct life *l, const struct vd_alarm *a)
{
	int64_t who[16];
	size_t n = vd_hub_receivers(l->cfg->hub, a, who, 16);
	return n ? who[region_random(&l->rng) % n] : 0;
}

static void take_step(struct life *l, struct plan *p)
{
	static const enum vd_step steps[] = {VD_STEP_ACKNOWLEDGED, VD_STEP_EN_ROUTE,
					     VD_STEP_ON_SITE, VD_STEP_CLOSED};
	struct vd_scope all = {.all = true};
	const struct vd_alarm *a = vd_hub_alarm(l->cfg->hub, &all, vd_span_cstr(p->alarm));
	p->used = false;
	if (!a || a->handling == VD_H_CLOSED)
		return;
	int64_t staff = p->stage ? p->staff : pick_staff(l, a);
	struct vd_action act = {.step = steps[p->stage], .staff = staff, .version = -1};
	memcpy(act.alarm, p->alarm, sizeof(act.alarm));
	bool care = vd_kind_class(a->kind) != 'T';
	if (p->stage == 3) {
		act.outcome = outcome_for(l, a);
		act.note = a->repeat_24h > 1 ? "Snakket med personen, avtalt tilsyn." : NULL;
	}
	bool visit = care && a->kind != VD_KIND_MEDICATION && chance(l, 0.45);
	if (vd_hub_act(l->cfg->hub, &all, &act, ignore, NULL)) { /* nobody there yet, say */
		plan(l, act.alarm, 0, 0, 600000);
		return;
	}
	if (p->stage == 0)
		plan(l, act.alarm, visit ? 1 : 3, staff, delay_ms(l, visit ? 60 : 240, 0.5));
	else if (p->stage == 1)
		plan(l, act.alarm, 2, staff, delay_ms(l, 420, 0.4));
	else if (p->stage == 2)
		plan(l, act.alarm, 3, staff, delay_ms(l, 900, 0.4));
}

/* Everything the staff meant to do up to a moment, in time order. */
static void work_until(struct life *l, int64_t at_ms)
{
	for (;;) {
		struct plan *next = NULL;
		for (int i = 0; i < PLANS_MAX; i++)
			if (l->plans[i].used && l->plans[i].at_ms <= at_ms &&
			    (!next || l->plans[i].at_ms < next->at_ms))
				next = &l->plans[i];
		if (!next)
			break;
		vd_runtime_sim_run_until(l->cfg->rt, next->at_ms);
		take_step(l, next);
	}
	vd_runtime_sim_run_until(l->cfg->rt, at_ms);
}

/* -- messages ------------------------------------------------------------------------------- */

struct exchange {
	struct vd_exchange x;
};

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	(void)o;
	(void)why;
	vd_free(VD_CONTAINER(x, struct exchange, x));
}

static void send(struct life *l, const struct region_device *d, const struct phrase *p,
		 const char *topic)
{
	struct exchange *e = vd_calloc(1, sizeof(*e));
	if (!e)
		return;
	e->x.on_outcome = on_outcome;
	struct vd_frame f = {.carrier = p->carrier,
			     .topic = vd_span_cstr(topic),
			     .body = vd_buf_span(&l->body),
			     .content_type = vd_span_cstr(p->content_type ? p->content_type : ""),
			     .received_at_ms = l->cfg->rt->wall_ms(l->cfg->rt)};
	vd_hub_receive(l->cfg->hub, d->gateway, p->carrier == VD_CARRIER_MQTT ? NULL : d->family,
		       &f, &e->x);
	vd_runtime_sim_settle(l->cfg->rt);
	l->messages++;
}

static int battery_of(const struct life *l, int device, int64_t day)
{
	return 100 - (int)((day - l->cfg->from_day) / 2 + device * 13) % 70;
}

static void speak(struct life *l, int i, enum phrase_what what)
{
	struct region_device *d = &l->cfg->region->devices[i];
	const struct phrase *p = phrase_find(d);
	VD_REQUIRE(p); /* a device that cannot speak: a mistake in region_homes.c */
	struct phrase_line say = phrase_words(p, what);
	if (!say.body[0])
		return;
	int64_t now = l->cfg->rt->wall_ms(l->cfg->rt);
	d->battery = battery_of(l, i, vd_oslo_day(now));
	struct phrase_of of = {.device = d, .now_ms = now, .n = ++d->told, .battery = d->battery};
	vd_buf_clear(&l->topic);
	vd_buf_clear(&l->body);
	phrase_fill(say.topic, p, &of, &l->topic);
	phrase_fill(say.body, p, &of, &l->body);
	if (!l->topic.err && !l->body.err)
		send(l, d, p, l->topic.p ? l->topic.p : "");
}

/* -- days ---------------------------------------------------------------------------------- */

static int by_time(const void *pa, const void *pb)
{
	const struct message *a = pa, *b = pb;
	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	return a->device - b->device;
}

/* One device went silent for good ten days before the end, and one base was away for three hours.
 */
static bool out_of_order(const struct life *l, const struct message *m)
{
	const struct life_config *c = l->cfg;
	const struct region_device *d = &c->region->devices[m->device];
	int64_t end = vd_oslo_day_start(c->to_day);
	if (m->device == 17 && m->at_ms > end - 10 * VD_DAY_MS)
		return true;
	return d->muni == 2 && strcmp(d->family, "zigbee2mqtt") == 0 &&
	       m->at_ms > end - 20 * VD_DAY_MS - 6 * VD_HOUR_MS &&
	       m->at_ms < end - 20 * VD_DAY_MS - 3 * VD_HOUR_MS;
}

static void live_day(struct life *l, int64_t day)
{
	life_day(l, day);
	qsort(l->day, l->n, sizeof(l->day[0]), by_time);
	for (size_t i = 0; i < l->n; i++) {
		if (out_of_order(l, &l->day[i]))
			continue;
		work_until(l, l->day[i].at_ms);
		speak(l, l->day[i].device, l->day[i].what);
	}
}

int life_run(const struct life_config *cfg, int64_t *ret_messages)
{
	struct life *l = vd_calloc(1, sizeof(*l));
	if (!l)
		return VD_ENOMEM;
	l->cfg = cfg;
	l->rng = cfg->seed;
	vd_buf_init(&l->topic, VD_MAX_TOPIC_BYTES);
	vd_buf_init(&l->body, VD_MAX_FRAME_BYTES);
	l->day = vd_calloc(DAY_MESSAGES_MAX, sizeof(*l->day));
	if (!l->day) {
		vd_free(l);
		return VD_ENOMEM;
	}
	l->watcher.on_change = on_change;
	vd_list_init(&l->watcher.link);
	vd_hub_watch(cfg->hub, &l->watcher);
	for (int i = 0; i < cfg->region->n_devices; i++)
		speak(l, i, SAY_ANNOUNCE);
	for (int64_t day = cfg->from_day; day < cfg->to_day; day++) {
		live_day(l, day);
		if (cfg->progress)
			cfg->progress((int)(day - cfg->from_day + 1),
				      (int)(cfg->to_day - cfg->from_day));
	}
	work_until(l, vd_oslo_day_start(cfg->to_day));
	vd_hub_unwatch(cfg->hub, &l->watcher);
	*ret_messages = l->messages;
	vd_buf_fini(&l->topic);
	vd_buf_fini(&l->body);
	vd_free(l->day);
	vd_free(l);
	return 0;
}

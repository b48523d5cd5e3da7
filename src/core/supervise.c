/* SPDX-License-Identifier: EUPL-1.2 */
/* Every half minute: devices whose time has come (silence.c), gateways (gateways.c), and what is
 * watched here: the disk, the clock, that somebody is on duty and has a screen, and the memory of
 * closed alarms. */
#include "core/hub_int.h"
#include "base/clock.h"
#include "base/mem.h"
#include <stdio.h>

void hub_supervise_restore(struct vd_hub *h, const struct vd_boot *boot)
{
	int64_t back_ms = boot->wall_ms_last - h->wall_started;
	char attrs[64];
	hub_gateways_restore(h, boot);
	hub_outage_restore(h);
	VD_LIST_EACH(it, &h->lives)
	{
		const struct vd_alarm *a = &VD_CONTAINER(it, struct live, link)->a;
		h->storage_bad |= a->kind == VD_KIND_HUB_STORAGE && a->handling != VD_H_CLOSED &&
				  a->condition == VD_COND_ACTIVE;
	}
	if (back_ms < HUB_CLOCK_JUMP_MS)
		return;
	snprintf(attrs, sizeof(attrs), "\"jump_s\":%lld", (long long)(-back_ms / 1000));
	hub_own_event(h, 0, 0, NULL, VD_KIND_HUB_CLOCK, "", "on", attrs);
}

/* -- the machine itself --------------------------------------------------------------------- */

/* The disk refuses: everybody must know, even if that alarm itself cannot be stored yet. */
void hub_check_storage(struct vd_hub *h)
{
	struct vd_store_stats s;
	h->store->stats(h->store, &s);
	bool bad = s.health != VD_STORE_OK || h->overfull;
	if (bad == h->storage_bad)
		return;
	h->storage_bad = bad;
	hub_own_event(h, 0, 0, NULL, VD_KIND_HUB_STORAGE, "", bad ? "on" : "off",
		      s.health == VD_STORE_FULL ? "\"why\":\"full\""
		      : h->overfull             ? "\"why\":\"too_many_alarms\""
						: "");
}

static void check_clock(struct vd_hub *h)
{
	int64_t mono = h->rt->mono_ms(h->rt), wall = h->rt->wall_ms(h->rt);
	int64_t jump = (wall - h->wall_seen) - (mono - h->mono_seen);
	h->wall_seen = wall;
	h->mono_seen = mono;
	if (jump < HUB_CLOCK_JUMP_MS && jump > -HUB_CLOCK_JUMP_MS)
		return;
	char attrs[64];
	snprintf(attrs, sizeof(attrs), "\"jump_s\":%lld", (long long)(jump / 1000));
	hub_own_event(h, 0, 0, NULL, VD_KIND_HUB_CLOCK, "", "on", attrs);
}

static void forget_closed(struct vd_hub *h)
{
	int64_t now = h->rt->wall_ms(h->rt);
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		if (l->a.handling == VD_H_CLOSED && !l->dirty && !l->inflight && !l->acting &&
		    (now - l->a.closed_at_ms > HUB_KEEP_CLOSED_MS ||
		     hub_live(h, vd_span_cstr(l->a.id)) != l))
			hub_live_free(h, l);
	}
}

/* A duty alarm ends when somebody is on duty again. */
static void sweep_duty(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->lives)
	{
		struct live *l = VD_CONTAINER(it, struct live, link);
		int64_t who[2];
		if (l->a.kind == VD_KIND_DUTY_NOBODY && l->a.handling != VD_H_CLOSED &&
		    l->a.condition == VD_COND_ACTIVE && l->a.muni &&
		    vd_roster_on_duty(h->dir, l->a.muni, 1, h->rt->wall_ms(h->rt), who, 2))
			hub_own_event(h, l->a.muni, 0, NULL, VD_KIND_DUTY_NOBODY, "", "off", "");
	}
}

/* An alarm waits and no screen shows it: those who have one are told, whatever municipality is
 * theirs. It says no more than that. */
static void sweep_consoles(struct vd_hub *h)
{
	int blind = 0;
	VD_LIST_EACH(it, &h->lives)
	{
		const struct vd_alarm *a = &VD_CONTAINER(it, struct live, link)->a;
		if (a->muni && a->handling == VD_H_NEW && a->level >= 2 && hub_escalates(a) &&
		    hub_unwatched(h, a->muni))
			blind = a->muni;
	}
	const struct live *told = hub_stands(h, 0, 0, 0, VD_KIND_DUTY_NOBODY);
	bool stands = told && told->a.condition == VD_COND_ACTIVE;
	char attrs[64];
	snprintf(attrs, sizeof(attrs), "\"why\":\"no_console\",\"municipality\":%d", blind);
	if (stands != (blind != 0))
		hub_own_event(h, 0, 0, NULL, VD_KIND_DUTY_NOBODY, "", blind ? "on" : "off",
			      blind ? attrs : "");
}

/* Alarms whose time has come by something else than their own timer: a test ended by hand, an owner
 * who may no longer act, a timer there was no memory for. */
static void sweep_alarms(struct vd_hub *h)
{
	VD_LIST_EACH(it, &h->lives)
	hub_recheck(h, VD_CONTAINER(it, struct live, link));
}

void hub_sweep(struct vd_hub *h)
{
	check_clock(h);
	hub_sweep_gateways(h);
	hub_sweep_devices(h);
	hub_outage_sweep(h);
	sweep_duty(h);
	sweep_consoles(h);
	sweep_alarms(h);
	forget_closed(h);
}

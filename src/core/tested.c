/* SPDX-License-Identifier: EUPL-1.2 */
/* A device that calls for help is tried now and then: when nobody has for as long as the
 * municipality says, a technician is told, once, in the daytime, and not of all devices at once. A
 * real call counts as a test, and so does one while the device is on test. */
#include "core/hub_int.h"
#include "base/clock.h"
#include <stdio.h>

#define DUE_ZONE   "due"
#define FIRST_HOUR 8  /* Oslo: when technicians are at work, */
#define LAST_HOUR  15 /* a window longer than HUB_LOOK_MS, so that every device is seen in it */
#define A_DAY      20 /* reminders of one municipality */

static void due_event(struct vd_hub *h, struct hub_device *d, const char *state, int64_t days)
{
	struct vd_cell c = {
		.kind = VD_KIND_DEVICE_TEST, .zone = DUE_ZONE, .t_ms = h->rt->wall_ms(h->rt)};
	char attrs[64];
	int muni = hub_muni_of_gateway(h, d->gateway);
	snprintf(c.state, sizeof(c.state), "%s", state);
	(void)vd_devstate_restore(&d->state, &c);
	snprintf(attrs, sizeof(attrs), "\"by\":\"hub\",\"days\":%lld", (long long)days);
	if (muni >= 0)
		hub_own_event(h, muni, d->gateway, d, VD_KIND_DEVICE_TEST, DUE_ZONE, state, attrs);
}

static bool is_due(const struct hub_device *d)
{
	for (unsigned i = 0; i < d->state.n; i++)
		if (d->state.cells[i].kind == VD_KIND_DEVICE_TEST &&
		    strcmp(d->state.cells[i].state, "due") == 0)
			return true;
	return false;
}

void hub_tested(struct vd_hub *h, struct hub_device *d)
{
	if (!d->watch || !d->watch->calls)
		return;
	d->watch->tested_wall = h->rt->wall_ms(h->rt);
	d->watch->save = true;
	hub_unseen(h, d);
	if (is_due(d))
		due_event(h, d, "off", 0);
}

/* Does this reading show that the device can call? */
void hub_test_reading(struct vd_hub *h, struct hub_device *d, const struct vd_reading *r,
		      const struct vd_judged *j)
{
	bool call = vd_kind_class(r->kind) == 'A' && vd_state_active(r->kind, r->state);
	bool test = r->kind == VD_KIND_DEVICE_TEST && strcmp(r->state, "due") != 0;
	if (j->change == VD_NEW && !(r->flags & (VD_F_REPLAY | VD_F_SIMULATED)) &&
	    (call || test || (r->flags & VD_F_TEST)))
		hub_tested(h, d);
}

static bool office_hours(int64_t wall)
{
	struct vd_civil c;
	vd_civil_oslo(wall, &c);
	return c.weekday < 5 && c.hour >= FIRST_HOUR && c.hour < LAST_HOUR;
}

static bool has_room(struct hub_muni *m, int64_t day)
{
	if (m->reminded_day != day)
		m->reminded = 0;
	m->reminded_day = day;
	if (m->reminded >= A_DAY)
		return false;
	m->reminded++;
	return true;
}

void hub_test_due(struct vd_hub *h, struct hub_device *d)
{
	struct hub_watch *w = d->watch;
	int muni = hub_muni_of_gateway(h, d->gateway);
	const struct vd_municipality *row = vd_dir_muni(h->dir, muni);
	struct hub_muni *m = hub_muni(h, muni);
	int64_t wall = h->rt->wall_ms(h->rt), last;
	if (!w || !w->calls || !row || !m || row->test_days <= 0 || d->silent)
		return;
	if (w->tested_wall > wall) /* a clock that was ahead must not put it off */
		w->tested_wall = wall;
	if (w->reminded_wall > wall)
		w->reminded_wall = wall;
	last = w->tested_wall > w->since_wall ? w->tested_wall : w->since_wall;
	last = w->reminded_wall > last ? w->reminded_wall : last;
	if (wall - last < row->test_days * VD_DAY_MS || !office_hours(wall) ||
	    hub_stands(h, muni, d->gateway, d->id, VD_KIND_DEVICE_TEST) ||
	    !has_room(m, vd_oslo_day(wall)))
		return;
	w->reminded_wall = wall;
	w->save = true;
	hub_unseen(h, d);
	due_event(h, d, "due", row->test_days);
}

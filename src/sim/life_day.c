/* SPDX-License-Identifier: EUPL-1.2 */
/* What each device says on a day. Plausible, not measured: presses peak between 8 and 11
 * (sintef.no/publikasjoner/publikasjon/1366282), and one person presses often
 * (helpdesk.tellu.no/knowledge/hyppig-alarmbruk). */
#include "base/clock.h"
#include "sim/life_int.h"

static void at(struct life *l, int64_t day, double hour, int device, enum phrase_what what)
{
	if (l->n == DAY_MESSAGES_MAX)
		return;
	l->day[l->n++] = (struct message){vd_oslo_day_start(day) + (int64_t)(hour * 3600000.0),
					  device, what};
}

/* It has happened; who has words for the end says them three minutes later. */
static void call(struct life *l, int64_t day, double hour, int i)
{
	at(l, day, hour, i, SAY_CALL);
	if (phrase_own(phrase_find(&l->cfg->region->devices[i]), SAY_CALM))
		at(l, day, hour + 0.05, i, SAY_CALM);
}

/* Most presses between 8 and 11, the rest over the waking hours, some at night. */
static double press_hour(struct life *l)
{
	if (chance(l, 0.45))
		return 8 + 3 * unit(l);
	return chance(l, 0.75) ? 11 + 11 * unit(l) : 22 + 2 * unit(l) - (chance(l, 0.7) ? 22 : 0);
}

static void alive(struct life *l, int64_t day, int i, int times)
{
	for (int k = 0; k < times; k++)
		at(l, day, 24.0 * k / times + (i % 60) / 60.0, i, SAY_IDLE);
}

static void button_day(struct life *l, int64_t day, int i)
{
	double often = i == 0 ? 1.1 : 0.045; /* one person presses more than thirty times a month */
	alive(l, day, i, 4);
	for (double p = often; chance(l, p > 1 ? 1 : p); p -= 1) {
		call(l, day, press_hour(l), i);
		if (p <= 1)
			break;
	}
}

static void in_and_out(struct life *l, int64_t day, int i, int times, double from, double to)
{
	for (int k = 0; k < times; k++) {
		double h = from + (to - from) * (k + unit(l)) / times;
		at(l, day, h, i, SAY_ON);
		at(l, day, h + 0.01 + unit(l) * 0.3 * (to - from) / times, i, SAY_OFF);
	}
}

static void door_day(struct life *l, int64_t day, int i)
{
	in_and_out(l, day, i, 2 + (int)(3 * unit(l)), 7.5, 20);
	at(l, day, 0.2, i, SAY_IDLE);
	if (chance(l, 0.03)) /* out at night: the watched doors raise */
		at(l, day, 2 + 3 * unit(l), i, SAY_ON), at(l, day, 5.5, i, SAY_OFF);
}

static void dispenser_day(struct life *l, int64_t day, int i)
{
	static const double hours[] = {8, 13, 17, 21};
	const struct phrase *p = phrase_find(&l->cfg->region->devices[i]);
	bool tells = phrase_own(p, SAY_CALL); /* a pill box knows nothing of what was not opened */
	if (phrase_own(p, SAY_IDLE))
		at(l, day, 3, i, SAY_IDLE);
	for (int k = 0; k < 4; k++) {
		double h = hours[k] + 0.05 * unit(l);
		at(l, day, h, i, SAY_ON);
		if (tells && chance(l, 0.012)) {
			at(l, day, h + 0.9, i, SAY_CALL);
			if (chance(l, 0.8))
				at(l, day, h + 1.2 + 0.5 * unit(l), i, SAY_OFF);
		} else {
			at(l, day, h + 0.03 + 0.4 * unit(l) * unit(l), i, SAY_OFF);
		}
	}
}

/* Worn out of doors: where it is, now and then beyond what was agreed, and it may call. */
static void wandering_day(struct life *l, int64_t day, int i, double leaves, double calls)
{
	alive(l, day, i, 4);
	if (chance(l, leaves)) {
		double h = 10 + 8 * unit(l);
		at(l, day, h, i, SAY_ON);
		at(l, day, h + 0.3 + 0.5 * unit(l), i, SAY_OFF);
	}
	if (calls > 0 && chance(l, calls))
		call(l, day, press_hour(l), i);
}

/* Home care comes by morning, noon and night; a motor stalls once in a long while. */
static void lock_day(struct life *l, int64_t day, int i)
{
	static const double hours[] = {7.8, 12.5, 21.2};
	const struct phrase *p = phrase_find(&l->cfg->region->devices[i]);
	for (int k = 0; k < 3; k++) {
		double h = hours[k] + 0.8 * unit(l);
		at(l, day, h, i, SAY_ON);
		at(l, day, h + 0.02 + 0.2 * unit(l), i, SAY_OFF);
	}
	if (phrase_own(p, SAY_IDLE))
		at(l, day, 3.1, i, SAY_IDLE);
	if (phrase_own(p, SAY_CALL) && chance(l, 0.012))
		call(l, day, 9 + 9 * unit(l), i);
}

static void vital_day(struct life *l, int64_t day, int i)
{
	at(l, day, 7.5 + 1.5 * unit(l), i, SAY_IDLE);
	if (chance(l, 0.4))
		at(l, day, 18 + 2 * unit(l), i, SAY_IDLE);
}

/* Watching for what hardly ever comes: alive twice a day. */
static void alert_day(struct life *l, int64_t day, int i, double happens, double hour, double lasts)
{
	at(l, day, 3 + i % 5 * 0.1, i, SAY_IDLE);
	at(l, day, 15 + i % 5 * 0.1, i, SAY_IDLE);
	if (!chance(l, happens))
		return;
	at(l, day, hour, i, SAY_CALL);
	at(l, day, hour + lasts, i, SAY_OFF);
}

static void camera_day(struct life *l, int64_t day, int i)
{
	for (int k = 0; k < 3; k++) {
		double h = (k == 0 ? 23.2 : 2.0 * k) + 0.3 * unit(l);
		at(l, day, h, i, SAY_ON);
		at(l, day, h + 0.02, i, SAY_OFF);
	}
}

static void radar_day(struct life *l, int64_t day, int i, int times, double falls)
{
	in_and_out(l, day, i, times, 6.5, 22);
	if (chance(l, falls))
		call(l, day, 6 + 16 * unit(l), i);
}

static void bed_day(struct life *l, int64_t day, int i)
{
	at(l, day, 7 + unit(l), i, SAY_OFF);
	at(l, day, 22 + unit(l), i, SAY_ON);
}

static void device_day(struct life *l, int64_t day, int i)
{
	const struct region_device *d = &l->cfg->region->devices[i];
	if (d->recipient < 0) { /* in its box: it lives, and that is all */
		at(l, day, 9 + i % 7 * 0.3, i, SAY_IDLE);
		return;
	}
	switch (d->role) {
	case D_BUTTON: button_day(l, day, i); break;
	case D_DOOR: door_day(l, day, i); break;
	case D_FALL: radar_day(l, day, i, 5, 0.008); break;
	case D_RADAR: radar_day(l, day, i, 3, 0.01); break;
	case D_MOTION: in_and_out(l, day, i, 6, 7, 22.5); break;
	case D_SMOKE: alert_day(l, day, i, 0.003, 17.2, 0.2); break;
	case D_LEAK: alert_day(l, day, i, 0.004, 9 + 8 * unit(l), 1.5); break;
	case D_BED: bed_day(l, day, i); break;
	case D_DISPENSER: dispenser_day(l, day, i); break;
	case D_CAMERA: camera_day(l, day, i); break;
	case D_WATCH: wandering_day(l, day, i, 0.02, 0.04); break;
	case D_TRACKER: wandering_day(l, day, i, 0.03, 0); break;
	case D_PENDANT: wandering_day(l, day, i, 0, 0.02); break;
	case D_LOCK: lock_day(l, day, i); break;
	case D_VITAL: vital_day(l, day, i); break;
	}
}

void life_day(struct life *l, int64_t day)
{
	l->n = 0;
	for (int i = 0; i < l->cfg->region->n_devices; i++)
		device_day(l, day, i);
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "core/trouble.h"
#include "base/clock.h"
#include "base/map.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Marks of beginning and end. The reasons are in docs/supervision.md. */
#define FLIPS_ON     6.0f /* times coming or going ... */
#define FLIPS_LEAK   3.0f /* ... of which so many an hour are ordinary */
#define TOGGLES_ON   30.0f
#define TOGGLES_LEAK 120.0f /* an hour */
#define RESETS_ON    3.0f
#define RESETS_LEAK  0.125f /* three a day */
#define OFF          1.0f
#define CLOCK_ON     5 /* messages in a row, and so many good ones end it: */
#define CLOCK_OFF    3
#define JUMP         25               /* per cent up */
#define FULL         90               /* what a new one says */
#define LOW          50               /* nobody changes one that has more */
#define RENEW_MS     (30 * VD_DAY_MS) /* nor again so soon */
#define FALL         30               /* per cent down within a day */
#define STUCK_MS     (180 * VD_DAY_MS)
#define ODD_MS       VD_DAY_MS
#define FAST_MS      (2 * VD_DAY_MS)
#define LOSS_MIN     40.0f /* frames that should have come, before it is judged */
#define LOSS_ON      0.25f
#define LOSS_OFF     0.10f
#define LOSS_MEMORY  200.0f
#define REORDERED    16 /* a frame this much late is only late */
#define SHAPE_DAYS   7  /* stable so long: it is known; another one so long: that is the new one */
#define SHAPE_MISSED 2  /* days */

static const char *const names[VD_TROUBLE_MAX] = {
	"flapping", "battery_odd", "battery_fast", "frames_lost", "restarts", "changed", "clock"};

const char *vd_trouble_name(enum vd_trouble t)
{
	return names[t];
}

enum vd_kind vd_trouble_kind(enum vd_trouble t)
{
	return t == VD_TR_CLOCK ? VD_KIND_DEVICE_CLOCK : VD_KIND_DEVICE_FAULT;
}

const char *vd_trouble_state_word(enum vd_trouble t)
{
	return t == VD_TR_CLOCK ? "fault" : names[t];
}

void vd_trouble_init(struct vd_trouble_state *t)
{
	*t = (struct vd_trouble_state){.seq = -1, .battery_ref = NAN};
}

static void leak(float *level, int64_t *at, int64_t mono, float an_hour)
{
	*level -= (float)(mono - *at) / (float)VD_HOUR_MS * an_hour;
	*at = mono;
	if (*level < 0)
		*level = 0;
}

void vd_trouble_flip(struct vd_trouble_state *t, int64_t mono)
{
	leak(&t->flips, &t->flips_mono, mono, FLIPS_LEAK);
	t->flips = fminf(t->flips + 1, 2 * FLIPS_ON);
}

/* -- state and link ------------------------------------------------------------------------- */

static bool may_toggle(enum vd_kind k)
{
	char c = vd_kind_class(k);
	return (c == 'A' || c == 'S') && k != VD_KIND_MOTION && k != VD_KIND_PRESENCE &&
	       k != VD_KIND_BUTTON;
}

static void state_changes(struct vd_trouble_state *t, const struct vd_trouble_in *in)
{
	const struct vd_reading *r = in->r;
	if (r->kind == VD_KIND_DEVICE_JOINED ||
	    (r->kind == VD_KIND_DEVICE_CONNECTIVITY && in->news && strcmp(r->state, "online") == 0))
		vd_trouble_flip(t, in->mono);
	if (!in->news || (r->flags & VD_F_EDGE) || !may_toggle(r->kind))
		return;
	leak(&t->toggles, &t->toggles_mono, in->mono, TOGGLES_LEAK);
	t->toggles = fminf(t->toggles + 1, 2 * TOGGLES_ON);
}

/* A message counts once, however many readings it has. */
static void clock_of(struct vd_trouble_state *t, const struct vd_trouble_in *in)
{
	if (!in->r->t_ms || in->wall == t->clock_wall)
		return;
	t->clock_wall = in->wall;
	if (in->bad_clock) {
		t->good_clock = 0;
		t->bad_clock += t->bad_clock < CLOCK_ON;
	} else if (++t->good_clock >= CLOCK_OFF) {
		t->bad_clock = 0;
	}
}

/* -- battery -------------------------------------------------------------------------------- */

/* From low to full, once: somebody has put a new one in, and told nobody. */
static bool renewed(struct vd_trouble_state *t, const struct vd_trouble_in *in)
{
	bool again = t->renewed_wall && in->wall - t->renewed_wall < RENEW_MS;
	if (in->r->value < FULL || in->battery > LOW || again)
		return false;
	t->renewed_wall = in->wall;
	return true;
}

static void battery_of(struct vd_trouble_state *t, const struct vd_trouble_in *in)
{
	double v = in->r->value;
	if (in->r->kind == VD_KIND_DEVICE_JOINED || in->r->kind == VD_KIND_DEVICE_RESTART)
		t->fresh_until = in->mono + VD_HOUR_MS;
	if (in->r->kind != VD_KIND_DEVICE_BATTERY || !in->r->has_value)
		return;
	if (isnan(v) || v < 0 || v > 100.5) {
		t->odd_until = in->mono + ODD_MS;
		return;
	}
	bool surprise = !in->recharged && !in->visited && in->mono >= t->fresh_until;
	if (surprise && v - in->battery >= JUMP &&
	    !renewed(t, in)) /* false when it was not known */
		t->odd_until = in->mono + ODD_MS;
	if (isnan(t->battery_ref) || in->wall - t->battery_ref_wall >= VD_DAY_MS ||
	    in->wall < t->battery_ref_wall || v > (double)t->battery_ref) {
		t->battery_ref = (float)v;
		t->battery_ref_wall = in->wall;
	}
	if (!in->recharged && (double)t->battery_ref - v >= FALL)
		t->fast_until = in->mono + FAST_MS;
}

/* -- frame counters ------------------------------------------------------------------------- */

static unsigned advance(struct vd_trouble_state *t, int64_t by, int64_t seq)
{
	t->seq = seq;
	t->expected += (float)by;
	t->lost += (float)(by - 1);
	if (t->expected > LOSS_MEMORY) {
		t->expected /= 2;
		t->lost /= 2;
	}
	return (unsigned)(by - 1);
}

static unsigned frames(struct vd_trouble_state *t, const struct vd_trouble_in *in)
{
	int64_t seq = in->r->seq;
	if (seq < 0 || (seq == t->seq && !in->broken))
		return 0;
	if (t->seq < 0 || in->broken) {
		t->seq = seq;
		return 0;
	}
	int64_t by = seq - t->seq;
	if (by < 0 && t->seq >= 65000 && seq < 1000) /* sixteen bits, all used */
		by += 65536;
	if (by > 0 && by < 10000)
		return advance(t, by, seq);
	if (by < 0 && by > -REORDERED && seq > 2) { /* late: it was not lost */
		t->lost = fmaxf(0, t->lost - 1);
		return 0;
	}
	leak(&t->resets, &t->resets_mono, in->mono, RESETS_LEAK);
	t->resets = fminf(t->resets + 1, 2 * RESETS_ON);
	t->seq = seq;
	return 0;
}

/* -- shape ---------------------------------------------------------------------------------- */

static void end_of_day(struct vd_trouble_state *t)
{
	bool missing = (t->always[0] & ~t->today[0]) || (t->always[1] & ~t->today[1]);
	for (int i = 0; i < 2; i++) {
		if (t->days == 0)
			t->always[i] = t->today[i];
		else if (t->days < SHAPE_DAYS)
			t->always[i] &= t->today[i];
		t->ever[i] |= t->today[i];
	}
	t->days += t->days < SHAPE_DAYS;
	t->days_missing = t->days == SHAPE_DAYS && missing ? t->days_missing + 1 : 0;
}

/* A new day: yesterday's shape is whole. One that has stayed changed for a week is the new one. */
static void turn_day(struct vd_trouble_state *t, int64_t day)
{
	if (day == t->day)
		return;
	if (t->today[0] | t->today[1])
		end_of_day(t);
	t->today[0] = t->today[1] = 0;
	t->day = day;
	if (t->days_missing >= SHAPE_MISSED && !t->changed_day)
		t->changed_day = day;
	if (!t->changed_day || day - t->changed_day < SHAPE_DAYS)
		return;
	t->changed_day = 0;
	t->days = t->days_missing = 0;
	t->ever[0] = t->ever[1] = 0;
}

struct bit {
	int word;
	uint64_t mask;
};

static struct bit bit_of(struct vd_span name, uint64_t salt)
{
	uint64_t h = vd_hash64(name, salt);
	return (struct bit){(int)(h >> 6 & 1), 1ull << (h & 63)};
}

static bool ever(const struct vd_trouble_state *t, struct bit b)
{
	return t->ever[b.word] & b.mask;
}

/* A kind tells a number or a word, surely or as a guess. Another way than ever before is a change.
 */
static void shape_of(struct vd_trouble_state *t, const struct vd_trouble_in *in)
{
	const struct vd_reading *r = in->r;
	struct vd_span zone = vd_span_cstr(r->zone);
	uint64_t salt = (uint64_t)r->kind << 2;
	unsigned way = (r->has_value ? 1u : 0u) | (r->flags & VD_F_SUSPECT ? 2u : 0u);
	struct bit now = bit_of(zone, salt | way);
	turn_day(t, in->day);
	t->today[now.word] |= now.mask;
	if (t->days < SHAPE_DAYS || ever(t, now) || t->changed_day)
		return;
	for (unsigned other = 0; other < 4; other++)
		if (other != way && ever(t, bit_of(zone, salt | other)))
			t->changed_day = in->day;
}

void vd_trouble_unknown_key(struct vd_trouble_state *t, struct vd_span name, int64_t day)
{
	struct bit b = bit_of(name, 0x9e3779b97f4a7c15ull);
	turn_day(t, day);
	t->today[b.word] |= b.mask;
	if (t->days == SHAPE_DAYS && !ever(t, b) && !t->changed_day)
		t->changed_day = day;
}

/* -- all together --------------------------------------------------------------------------- */

unsigned vd_trouble_reading(struct vd_trouble_state *t, const struct vd_trouble_in *in)
{
	state_changes(t, in);
	clock_of(t, in);
	battery_of(t, in);
	shape_of(t, in);
	return frames(t, in);
}

static bool stands(const struct vd_trouble_state *t, enum vd_trouble x)
{
	return t->standing >> x & 1;
}

/* Over its upper mark, or told and not under its lower one yet. */
static unsigned between(const struct vd_trouble_state *t, enum vd_trouble x, float level, float on,
			float off)
{
	return (level >= on || (stands(t, x) && level >= off) ? 1u : 0u) << x;
}

unsigned vd_trouble_now(struct vd_trouble_state *t, int64_t mono, int64_t wall, double battery,
			int64_t battery_since_wall)
{
	leak(&t->flips, &t->flips_mono, mono, FLIPS_LEAK);
	leak(&t->toggles, &t->toggles_mono, mono, TOGGLES_LEAK);
	leak(&t->resets, &t->resets_mono, mono, RESETS_LEAK);
	bool stuck = battery > 5 && battery < 95 && battery_since_wall &&
		     wall - battery_since_wall >= STUCK_MS;
	float loss = t->expected >= LOSS_MIN ? t->lost / t->expected : 0;
	unsigned set = between(t, VD_TR_FLAPPING, t->flips, FLIPS_ON, OFF) |
		       between(t, VD_TR_FLAPPING, t->toggles, TOGGLES_ON, OFF) |
		       between(t, VD_TR_RESTARTS, t->resets, RESETS_ON - 0.5f, OFF) |
		       between(t, VD_TR_FRAMES_LOST, loss, LOSS_ON, LOSS_OFF);
	set |= (stuck || mono < t->odd_until ? 1u : 0u) << VD_TR_BATTERY_ODD;
	set |= (mono < t->fast_until ? 1u : 0u) << VD_TR_BATTERY_FAST;
	set |= (t->changed_day ? 1u : 0u) << VD_TR_CHANGED;
	set |= (t->bad_clock >= CLOCK_ON || (stands(t, VD_TR_CLOCK) && t->bad_clock) ? 1u : 0u)
	       << VD_TR_CLOCK;
	return set;
}

void vd_trouble_restore(struct vd_trouble_state *t, unsigned standing, int64_t mono)
{
	t->standing = standing;
	if (stands(t, VD_TR_FLAPPING)) {
		t->flips = FLIPS_ON / 2;
		t->flips_mono = mono;
	}
	if (stands(t, VD_TR_RESTARTS)) {
		t->resets = RESETS_ON / 2;
		t->resets_mono = mono;
	}
	if (stands(t, VD_TR_FRAMES_LOST)) {
		t->expected = LOSS_MIN;
		t->lost = LOSS_MIN * (LOSS_ON + LOSS_OFF) / 2;
	}
	if (stands(t, VD_TR_BATTERY_ODD))
		t->odd_until = mono + ODD_MS;
	if (stands(t, VD_TR_BATTERY_FAST))
		t->fast_until = mono + FAST_MS;
	t->bad_clock = stands(t, VD_TR_CLOCK) ? 1 : 0;
}

void vd_trouble_write(const struct vd_trouble_state *t, char *buf)
{
	snprintf(buf, VD_TROUBLE_TEXT,
		 "%d %d %" PRId64 " %" PRId64 " %" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64
		 " %" PRIx64 " %" PRIx64,
		 t->days, t->days_missing, t->day, t->changed_day, t->always[0], t->always[1],
		 t->ever[0], t->ever[1], t->today[0], t->today[1]);
}

void vd_trouble_read(struct vd_trouble_state *t, struct vd_span text)
{
	char s[VD_TROUBLE_TEXT], *p = s;
	uint64_t *const masks[] = {&t->always[0], &t->always[1], &t->ever[0],
				   &t->ever[1],   &t->today[0],  &t->today[1]};
	if (!text.n || !vd_span_copy(s, sizeof(s), text))
		return;
	long days = strtol(p, &p, 10), missing = strtol(p, &p, 10);
	int64_t day = strtoll(p, &p, 10), changed = strtoll(p, &p, 10);
	for (int i = 0; i < 6; i++)
		*masks[i] = strtoull(p, &p, 16);
	t->days = days < 0 || days > SHAPE_DAYS ? 0 : (int)days;
	t->days_missing = missing < 0 || missing > 1000 ? 0 : (int)missing;
	t->day = day;
	t->changed_day = changed;
}

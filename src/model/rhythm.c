/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/rhythm.h"
#include "base/clock.h"
#include <stdio.h>
#include <stdlib.h>

#define MISSED       3 /* so many intervals without a word: silent */
#define SHARE        0.9
#define TRUST_S      (7 * 86400.0)
#define TRUST_N      6
#define MEMORY_S     (40 * 86400.0) /* then all weights are halved */
#define USUAL_MARGIN 1.25

/* Upper edges of the classes in seconds: 60 * 2^(i/2). The last takes all that is longer. */
static const float edges[VD_RHYTHM_GAPS - 1] = {
	60,     85,     120,    170,    240,    339,    480,    679,     960,    1358,  1920,
	2715,   3840,   5431,   7680,   10861,  15360,  21722,  30720,   43445,  61440, 86889,
	122880, 173778, 245760, 347557, 491520, 695114, 983040, 1390227, 1966080};

static int class_of(float s)
{
	int low = 0, high = VD_RHYTHM_GAPS - 1;
	while (low < high) {
		int mid = (low + high) / 2;
		if (s < edges[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static float total_s(const struct vd_rhythm *r)
{
	float t = 0;
	for (int i = 0; i < VD_RHYTHM_GAPS; i++)
		t += r->length_s[i];
	return t;
}

static void fade(struct vd_rhythm *r)
{
	for (int i = 0; i < VD_RHYTHM_GAPS; i++) {
		r->n[i] /= 2;
		r->length_s[i] /= 2;
	}
}

void vd_rhythm_add(struct vd_rhythm *r, int64_t gap_ms, int64_t cap_ms)
{
	if (gap_ms <= 0)
		return;
	float s = (float)(gap_ms < cap_ms ? gap_ms : cap_ms) / 1000.0f;
	int i = class_of(s);
	r->n[i]++;
	r->length_s[i] += s;
	if (total_s(r) > MEMORY_S)
		fade(r);
}

bool vd_rhythm_trusted(const struct vd_rhythm *r)
{
	float n = 0;
	for (int i = 0; i < VD_RHYTHM_GAPS; i++)
		n += r->n[i];
	return n >= TRUST_N && total_s(r) >= TRUST_S;
}

static int64_t mean_ms(const struct vd_rhythm *r, int i)
{
	return (int64_t)((double)r->length_s[i] / (double)r->n[i] * 1000);
}

int64_t vd_rhythm_interval_ms(const struct vd_rhythm *r)
{
	double sum = 0, all = (double)total_s(r);
	for (int i = 0; i < VD_RHYTHM_GAPS; i++) {
		sum += (double)r->length_s[i];
		if (r->n[i] > 0 && sum >= SHARE * all)
			return mean_ms(r, i);
	}
	return 0;
}

int64_t vd_rhythm_usual_ms(const struct vd_rhythm *r)
{
	for (int i = VD_RHYTHM_GAPS - 1; i >= 0; i--)
		if (r->n[i] >= 2)
			return mean_ms(r, i);
	return 0;
}

void vd_rhythm_write(const struct vd_rhythm *r, char *buf)
{
	size_t n = 0;
	buf[0] = '\0';
	for (int i = 0; i < VD_RHYTHM_GAPS && n < VD_LEARNED_BYTES - 24; i++)
		if (r->n[i] >= 0.5f)
			n += (size_t)snprintf(buf + n, VD_LEARNED_BYTES - n, "%s%d:%.1f:%.0f",
					      n ? " " : "", i, (double)r->n[i],
					      (double)r->length_s[i]);
}

/* "class:count:seconds" */
static void read_one(struct vd_rhythm *r, struct vd_span one)
{
	char text[48], *p;
	if (!vd_span_copy(text, sizeof(text), one))
		return;
	long i = strtol(text, &p, 10);
	if (*p != ':' || i < 0 || i >= VD_RHYTHM_GAPS)
		return;
	float n = strtof(p + 1, &p);
	float s = *p == ':' ? strtof(p + 1, NULL) : 0;
	if (!(n > 0 && n < 1e7f && s >= 0 && s <= (float)(2 * MEMORY_S)))
		return;
	r->n[i] = n;
	r->length_s[i] = s;
}

void vd_rhythm_read(struct vd_rhythm *r, struct vd_span text)
{
	struct vd_span one;
	*r = (struct vd_rhythm){0};
	while (text.n && vd_span_next(&text, ' ', &one))
		read_one(r, one);
}

/* -- classes -------------------------------------------------------------------------------- */

/* Kinds as a bit set, known when the program is built. */
#define B(w, k) ((int)(VD_KIND_##k) / 64 == (w) ? 1ull << ((unsigned)(VD_KIND_##k) % 64) : 0ull)
#define SET1(a)                                                                                    \
	{                                                                                          \
		B(0, a), B(1, a)                                                                   \
	}
#define SET2(a, b)                                                                                 \
	{                                                                                          \
		B(0, a) | B(0, b), B(1, a) | B(1, b)                                               \
	}
#define SET3(a, b, c)                                                                              \
	{                                                                                          \
		B(0, a) | B(0, b) | B(0, c), B(1, a) | B(1, b) | B(1, c)                           \
	}
#define SET6(a, b, c, d, e, f)                                                                     \
	{                                                                                          \
		B(0, a) | B(0, b) | B(0, c) | B(0, d) | B(0, e) | B(0, f),                         \
			B(1, a) | B(1, b) | B(1, c) | B(1, d) | B(1, e) | B(1, f)                  \
	}
_Static_assert(VD_KIND_MAX <= 128, "a set of kinds has two words");

/* In this order; the first that fits. A device fits when its adapter names the class, when it
 * reports one of the kinds, or by what it runs on. The reasons for each figure are in
 * docs/supervision.md. */
static const struct {
	struct vd_watch_class c;
	uint64_t kinds[2];
	bool mains, button;
} classes[] = {
	{{"alarm_unit", 3, 1500, 1500, false}, {0, 0}, false, false},
	{{"wearable", 30, 1500, 1500, true}, SET3(LOCATION, GEOFENCE, DEVICE_WORN), false, false},
	{{"dispenser", 30, 1500, 1500, false},
	 SET3(MEDICATION, MEDICATION_SUPPLY, MEDICATION_DEVICE),
	 false,
	 false},
	{{"mains", 5, 360, 720, false}, SET2(MEASURE_POWER, MEASURE_ENERGY), true, false},
	{{"lock", 60, 3000, 11520, false}, SET1(LOCK), false, false},
	{{"measuring", 1500, 11520, 46080, true},
	 SET6(VITAL_BLOOD_PRESSURE, VITAL_BODY_WEIGHT, VITAL_GLUCOSE, VITAL_SPO2,
	      VITAL_BODY_TEMPERATURE, VITAL_PENDING),
	 false,
	 false},
	{{"lorawan", 60, 1500, 4500, false}, {0, 0}, false, false},
	{{"button", 60, 3000, 3000, false}, SET2(BUTTON, SOS), false, true},
	{{"sensor", 60, 1500, 3000, false}, {0, 0}, false, false},
};
static const uint64_t calling[2] = SET2(SOS, FALL);
#define N_CLASSES (sizeof(classes) / sizeof(classes[0]))

void vd_watch_hint_kind(struct vd_watch_hints *h, enum vd_kind k)
{
	h->kinds[(unsigned)k / 64] |= 1ull << ((unsigned)k % 64);
}

void vd_watch_hint_features(struct vd_watch_hints *h, const char *features)
{
	struct vd_span rest = vd_span_cstr(features), one;
	while (rest.n && vd_span_next(&rest, ' ', &one))
		if (one.n)
			vd_watch_hint_kind(h, vd_kind_parse(one));
}

static bool reports_one_of(const struct vd_watch_hints *h, const uint64_t kinds[2])
{
	return (h->kinds[0] & kinds[0]) || (h->kinds[1] & kinds[1]);
}

static bool fits(size_t i, const struct vd_watch_hints *h)
{
	if (i == N_CLASSES - 1)
		return true;
	return (classes[i].mains && h->mains) || (classes[i].button && h->alarm_button) ||
	       (h->named && strcmp(h->named, classes[i].c.name) == 0) ||
	       reports_one_of(h, classes[i].kinds);
}

const struct vd_watch_class *vd_watch_class(const struct vd_watch_hints *h)
{
	size_t i = 0;
	while (!fits(i, h))
		i++;
	return &classes[i].c;
}

const struct vd_watch_class *vd_watch_class_named(struct vd_span name)
{
	for (size_t i = 0; i < N_CLASSES; i++)
		if (vd_span_is(name, classes[i].c.name))
			return &classes[i].c;
	return NULL;
}

bool vd_watch_calls(const struct vd_watch_hints *h)
{
	return h->alarm_button || (h->named && strcmp(h->named, classes[0].c.name) == 0) ||
	       reports_one_of(h, calling);
}

/* -- limits --------------------------------------------------------------------------------- */

static const char *const bases[] = {[VD_LIMIT_CLASS] = "class",
				    [VD_LIMIT_LEARNED] = "learned",
				    [VD_LIMIT_STATED] = "stated",
				    [VD_LIMIT_INSTALLER] = "installer"};

const char *vd_limit_basis_name(enum vd_limit_basis b)
{
	return bases[b];
}

enum vd_limit_basis vd_limit_basis_parse(struct vd_span s)
{
	for (int i = VD_LIMIT_LEARNED; i <= VD_LIMIT_INSTALLER; i++)
		if (vd_span_is(s, bases[i]))
			return (enum vd_limit_basis)i;
	return VD_LIMIT_CLASS;
}

static int64_t within(int64_t ms, int64_t least_ms, int64_t most_ms)
{
	return ms < least_ms ? least_ms : ms > most_ms ? most_ms : ms;
}

struct vd_limit vd_limit_of(const struct vd_watch_class *c, const struct vd_rhythm *r,
			    int64_t supervise_ms, int64_t stated_ms, int64_t until_ms)
{
	int64_t least = c->least_min * VD_MINUTE_MS, most = c->most_min * VD_MINUTE_MS;
	struct vd_limit l = {.interval_ms = r ? vd_rhythm_interval_ms(r) : 0};
	if (supervise_ms) {
		l.basis = VD_LIMIT_INSTALLER;
		l.limit_ms = supervise_ms;
	} else if (stated_ms > 0) {
		/* A promise longer than the class allows cannot be held to the class's limit. */
		int64_t room = stated_ms + stated_ms / 2;
		l.basis = VD_LIMIT_STATED;
		l.interval_ms = stated_ms;
		l.limit_ms = within(MISSED * stated_ms, least, most > room ? most : room);
	} else if (r && vd_rhythm_trusted(r)) {
		int64_t usual = (int64_t)((double)vd_rhythm_usual_ms(r) * USUAL_MARGIN);
		int64_t missed = MISSED * l.interval_ms;
		l.basis = VD_LIMIT_LEARNED;
		l.limit_ms = within(missed > usual ? missed : usual, least, most);
	} else {
		l.basis = VD_LIMIT_CLASS;
		l.limit_ms = until_ms ? until_ms : c->until_min * VD_MINUTE_MS;
	}
	return l;
}

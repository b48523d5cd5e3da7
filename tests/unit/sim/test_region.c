/* SPDX-License-Identifier: EUPL-1.2 */
/* The demo region: every family is there, and every line its devices can say is read by that family
 * as that device's, without a field nobody knows; what is there to call calls. */
#include "vdtest.h"
#include "adapters/common/table.h"
#include "base/mem.h"
#include "sim/phrase.h"
#include <stdio.h>
#include <string.h>

#define NOW 1772500000000ll

struct ear { /* one device's family, listening */
	const struct vd_adapter *a;
	void *state;
	struct vd_decoded *d;
	struct vd_buf topic, body;
};

static struct vd_tables *tables;
static struct region region;

static int load(void **state)
{
	struct vd_errtext e = {0};
	(void)state;
	region_make(&region, 1);
	return vd_tables_load(NULL, &tables, &e);
}

static int unload(void **state)
{
	(void)state;
	vd_tables_free(tables);
	return 0;
}

/* The binding the hub would choose: the prefix the topic lies under. */
static void open_ear(struct ear *e, const struct region_device *d, const char *topic)
{
	const struct region_family *f = region_family(d->family);
	struct vd_span rest = vd_span_cstr(f->prefixes), one, prefix = vd_span("", 0);
	memset(e, 0, sizeof(*e));
	while (vd_span_next(&rest, ' ', &one))
		if (!prefix.n || vd_span_starts(vd_span_cstr(topic), one))
			prefix = one;
	e->a = vd_adapter_find(vd_span_cstr(d->family));
	assert_non_null(e->a);
	e->state = vd_calloc(1, e->a->state_size);
	e->d = vd_calloc(1, sizeof(*e->d));
	assert_true(e->state && e->d);
	vd_buf_init(&e->d->scratch, VD_MAX_FRAME_BYTES);
	vd_buf_init(&e->topic, VD_MAX_TOPIC_BYTES);
	vd_buf_init(&e->body, VD_MAX_FRAME_BYTES);
	assert_int_equal(e->a->init(e->state, prefix, vd_span_cstr(f->config), tables), 0);
}

static void close_ear(struct ear *e)
{
	if (e->a->fini)
		e->a->fini(e->state);
	vd_buf_fini(&e->d->scratch);
	vd_buf_fini(&e->topic);
	vd_buf_fini(&e->body);
	vd_free(e->d);
	vd_free(e->state);
}

static bool tells_of(const struct vd_decoded *d, const char *identity)
{
	bool found = vd_span_is(d->alive, identity);
	for (size_t i = 0; i < d->n; i++)
		found |= vd_span_is(d->readings[i].identity, identity);
	for (size_t i = 0; i < d->n_heard; i++)
		found |= vd_span_is(d->heard[i].identity, identity);
	return found;
}

static void hear(struct ear *e, const struct region_device *dev, const struct phrase *p,
		 enum phrase_what what)
{
	struct phrase_line l = phrase_words(p, what);
	struct phrase_of of = {.device = dev, .now_ms = NOW, .n = 7, .battery = 61};
	vd_buf_clear(&e->topic);
	vd_buf_clear(&e->body);
	phrase_fill(l.topic, p, &of, &e->topic);
	phrase_fill(l.body, p, &of, &e->body);
	struct vd_span topic = vd_buf_span(&e->topic);
	if (p->carrier == VD_CARRIER_HTTP && topic.n && topic.p[0] == '/')
		topic = vd_span_skip(topic, 1); /* as the web door has it */
	struct vd_frame f = {.carrier = p->carrier,
			     .topic = topic,
			     .body = vd_buf_span(&e->body),
			     .content_type = vd_span_cstr(p->content_type ? p->content_type : ""),
			     .retained = what == SAY_ANNOUNCE,
			     .received_at_ms = NOW};
	struct vd_buf scratch = e->d->scratch;
	vd_buf_clear(&scratch);
	*e->d = (struct vd_decoded){.scratch = scratch};
	int err = e->a->decode(e->state, &f, e->d);
	if (err || e->d->unknown_keys)
		fail_msg("%s %s, %.*s: %d %s, unknown %s", dev->family, dev->name, (int)f.body.n,
			 f.body.p, err, e->d->error, e->d->unknown_key);
}

/* false: it has no such words, and the ear is not open. */
static bool say(const struct region_device *dev, enum phrase_what what, struct ear *e)
{
	const struct phrase *p = phrase_find(dev);
	if (!p)
		fail_msg("nobody has written what %s %s says", dev->family, dev->name);
	struct phrase_line l = phrase_words(p, what);
	if (!l.body[0])
		return false;
	open_ear(e, dev, l.topic);
	if (phrase_own(p, SAY_ANNOUNCE) && what != SAY_ANNOUNCE)
		hear(e, dev, p, SAY_ANNOUNCE);
	hear(e, dev, p, what);
	return true;
}

static void every_family_is_there(void **state)
{
	(void)state;
	for (size_t i = 0; vd_adapters[i]; i++) {
		const char *family = vd_adapters[i]->family;
		int n = 0;
		if (!region_family(family))
			fail_msg("no municipality can hear %s: give it a gateway in region.c",
				 family);
		for (int k = 0; k < region.n_devices; k++)
			n += region.devices[k].recipient >= 0 &&
			     strcmp(region.devices[k].family, family) == 0;
		if (!n)
			fail_msg("nobody has a device of %s: put one up in region_homes.c", family);
	}
}

static void every_line_is_read_as_its_devices_own(void **state)
{
	(void)state;
	for (int i = 0; i < region.n_devices; i++) {
		const struct region_device *d = &region.devices[i];
		assert_non_null(region_family(d->family));
		for (int what = 0; what < SAY_COUNT; what++) {
			struct ear e;
			bool said = say(d, what, &e);
			if (what == SAY_IDLE)
				assert_true(said);
			/* one nobody has placed may have a pseudonym: a text message's */
			bool told = said &&
				    (tells_of(e.d, d->identity) ||
				     (d->recipient < 0 && e.d->n && e.d->readings[0].identity.n));
			if (said && !told)
				fail_msg("%s %s says %.*s under %.*s, and it is not told of",
					 d->family, d->identity, (int)e.body.n, e.body.p,
					 (int)e.topic.n, e.topic.p);
			if (said)
				close_ear(&e);
		}
	}
}

static bool calls(const struct vd_decoded *d)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct vd_reading *r = &d->readings[i];
		if (vd_state_active(r->kind, r->state) &&
		    (vd_kind_class(r->kind) == 'A' || r->kind == VD_KIND_GEOFENCE))
			return true;
	}
	return false;
}

static void what_is_there_to_call_calls(void **state)
{
	(void)state;
	int n = 0;
	for (int i = 0; i < region.n_devices; i++) {
		const struct region_device *d = &region.devices[i];
		struct ear e;
		bool care = d->role == D_BUTTON || d->role == D_FALL || d->role == D_SMOKE ||
			    d->role == D_LEAK || d->role == D_RADAR || d->role == D_WATCH ||
			    d->role == D_TRACKER || d->role == D_PENDANT;
		if (!care)
			continue;
		assert_true(say(d, SAY_CALL, &e));
		if (!calls(e.d))
			fail_msg("%s %s calls with %.*s and nobody hears", d->family, d->name,
				 (int)e.body.n, e.body.p);
		close_ear(&e);
		assert_true(say(d, SAY_IDLE, &e));
		if (calls(e.d))
			fail_msg("%s %s calls by living", d->family, d->name);
		close_ear(&e);
		n++;
	}
	assert_true(n > 60);
}

static void a_couple_shares_one_home(void **state)
{
	(void)state;
	int couples = 0;
	for (int i = 0; i < REGION_RECIPIENTS; i++) {
		const struct region_recipient *p = &region.recipients[i];
		if (p->lives_with < 0)
			continue;
		const struct region_recipient *q = &region.recipients[p->lives_with];
		assert_string_equal(p->address, q->address);
		assert_string_not_equal(p->name, q->name);
		assert_int_equal(p->muni, q->muni);
		for (int k = 0; k < region.n_devices; k++)
			assert_int_not_equal(region.devices[k].recipient, i);
		couples++;
	}
	assert_int_equal(couples, 1);
}

static void no_two_devices_are_the_same(void **state)
{
	(void)state;
	for (int i = 0; i < region.n_devices; i++)
		for (int k = 0; k < i; k++) {
			const struct region_device *a = &region.devices[i], *b = &region.devices[k];
			if (strcmp(a->family, b->family) == 0)
				assert_string_not_equal(a->identity, b->identity);
			assert_string_not_equal(a->name, b->name);
		}
}

static int placed_of(const char *family)
{
	int n = 0;
	for (int i = 0; i < region.n_devices; i++)
		n += region.devices[i].recipient >= 0 &&
		     (!family || strcmp(region.devices[i].family, family) == 0);
	return n;
}

static void some_wait_to_be_placed_and_zigbee_is_the_largest(void **state)
{
	(void)state;
	int placed = placed_of(NULL), boxed = region.n_devices - placed;
	assert_true(boxed >= 3 && boxed <= 8);
	assert_true(placed >= 120 && placed <= 155);
	assert_true(placed_of("zigbee2mqtt") * 10 > placed * 3);
	for (int i = 0; i < region_n_families; i++)
		assert_true(placed_of(region_families[i].family) <= placed_of("zigbee2mqtt"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_family_is_there),
		cmocka_unit_test(every_line_is_read_as_its_devices_own),
		cmocka_unit_test(what_is_there_to_call_calls),
		cmocka_unit_test(a_couple_shares_one_home),
		cmocka_unit_test(no_two_devices_are_the_same),
		cmocka_unit_test(some_wait_to_be_placed_and_zigbee_is_the_largest),
	};
	return cmocka_run_group_tests_name("the demo region", tests, load, unload);
}

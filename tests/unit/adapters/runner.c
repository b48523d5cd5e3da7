/* SPDX-License-Identifier: EUPL-1.2 */
#include "vdtest.h"
#include "runner.h"
#include "base/clock.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void runner_open(struct runner *r, const char *family, const struct vd_tables *tables)
{
	memset(r, 0, sizeof(*r));
	r->adapter = vd_adapter_find(vd_span_cstr(family));
	assert_non_null(r->adapter);
	r->state = vd_calloc(1, r->adapter->state_size);
	r->d = vd_calloc(1, sizeof(*r->d));
	assert_true(r->state && r->d);
	vd_buf_init(&r->d->scratch, VD_MAX_FRAME_BYTES);
	assert_int_equal(r->adapter->init(r->state, vd_span("", 0), vd_span("", 0), tables), 0);
}

void runner_close(struct runner *r)
{
	for (size_t i = 0; i < r->n_devices; i++)
		vd_devstate_fini(&r->devices[i].state);
	if (r->adapter->fini)
		r->adapter->fini(r->state);
	vd_buf_fini(&r->d->scratch);
	vd_free(r->d);
	vd_free(r->state);
}

static struct vd_devstate *device_of(struct runner *r, struct vd_span identity)
{
	for (size_t i = 0; i < r->n_devices; i++)
		if (vd_span_is(identity, r->devices[i].identity))
			return &r->devices[i].state;
	assert_true(r->n_devices < RUNNER_DEVICES);
	vd_span_copy(r->devices[r->n_devices].identity, sizeof(r->devices[0].identity), identity);
	return &r->devices[r->n_devices++].state;
}

static void reset(struct vd_decoded *d)
{
	d->n = d->n_heard = 0;
	d->dedup = 0;
	d->alive = d->dedup_device = vd_span("", 0);
	d->remember = d->forget = false;
	d->unknown_keys = 0;
	d->error[0] = d->unknown_key[0] = '\0';
	vd_buf_clear(&d->scratch);
}

/* "Now" is the time a reading tells, so that samples mean the same in every year. */
int runner_frame(struct runner *r, struct vd_span topic, struct vd_span body, bool retained)
{
	static const int rank[] = {
		[VD_V_NONE] = 0, [VD_V_CLEAR] = 1, [VD_V_TECHNICAL] = 2, [VD_V_RAISE] = 3};
	struct vd_frame f = {
		.carrier = r->carrier, .topic = topic, .body = body, .retained = retained, .received_at_ms = r->at_ms};
	r->verdict = VD_V_NONE;
	reset(r->d);
	int err = r->adapter->decode(r->state, &f, r->d);
	for (size_t i = 0; !err && i < r->d->n; i++) {
		const struct vd_reading *x = &r->d->readings[i];
		struct vd_judged j;
		f.received_at_ms = x->t_ms ? x->t_ms : 1;
		assert_int_equal(vd_judge(device_of(r, x->identity), &f, x, retained, &j), 0);
		r->events[i] = j.event;
		if (rank[j.verdict] > rank[r->verdict])
			r->verdict = j.verdict;
	}
	return err;
}

/* -- samples -------------------------------------------------------------------------------- */

json_t *runner_samples(const char *family)
{
	const char *root = getenv("VARDE_ROOT");
	char path[512];
	snprintf(path, sizeof(path), "%s/adapters/%s/samples/%s.jsonl", root ? root : ".", family,
		 family);
	FILE *f = fopen(path, "re");
	if (!f)
		fail_msg("cannot open %s", path);
	json_t *all = json_array();
	char *line = NULL;
	size_t cap = 0;
	for (int n = 1; getline(&line, &cap, f) > 0; n++) {
		json_error_t e;
		json_t *one = json_loads(line, 0, &e);
		if (!one)
			fail_msg("%s line %d: %s", path, n, e.text);
		json_array_append_new(all, one);
	}
	free(line);
	fclose(f);
	assert_true(json_array_size(all) > 0);
	return all;
}

struct vd_span runner_text(const json_t *line, const char *key)
{
	const json_t *v = json_object_get(line, key);
	return v ? vd_span(json_string_value(v), json_string_length(v)) : vd_span("", 0);
}

/* -- comparing ------------------------------------------------------------------------------ */

static const struct {
	unsigned bit;
	const char *name;
} flags[] = {{VD_F_REPLAY, "replay"},       {VD_F_RETAINED, "retained"},  {VD_F_TEST, "test"},
	     {VD_F_SIMULATED, "simulated"}, {VD_F_SUSPECT, "suspect"},    {VD_F_EDGE, "edge"},
	     {VD_F_FOUND, "found"},         {VD_F_ATTENTION, "attention"},
	     {VD_F_UPDATE, "update"}};

/* A reading as the JSON a person would write of it. */
static json_t *told(const struct vd_reading *x, unsigned marks)
{
	char attrs[VD_MAX_ATTRS_BYTES + 2], iso[25];
	json_error_t e;
	snprintf(attrs, sizeof(attrs), "{%s}", x->attrs);
	json_t *o = json_loads(attrs, 0, &e);
	if (!o)
		fail_msg("attributes are not JSON: %s", x->attrs);
	if (x->identity.n)
		json_object_set_new(o, "device", json_stringn(x->identity.p, x->identity.n));
	json_object_set_new(o, "kind", json_string(vd_kind_name(x->kind)));
	if (x->state[0])
		json_object_set_new(o, "state", json_string(x->state));
	if (x->has_value)
		json_object_set_new(o, "value", json_real(x->value));
	if (x->unit[0])
		json_object_set_new(o, "unit", json_string(x->unit));
	if (x->zone[0])
		json_object_set_new(o, "zone", json_string(x->zone));
	if (x->seq >= 0)
		json_object_set_new(o, "seq", json_integer(x->seq));
	if (x->episode)
		json_object_set_new(o, "episode", json_integer(x->episode));
	if (x->t_ms) {
		vd_iso_format(x->t_ms, iso);
		json_object_set_new(o, "t", json_string(iso));
	}
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (marks & flags[i].bit)
			json_object_set_new(o, flags[i].name, json_true());
	return o;
}

static bool same(const json_t *want, const json_t *got)
{
	if (json_is_number(want) && json_is_number(got))
		return fabs(json_number_value(want) - json_number_value(got)) < 1e-9;
	return got && json_equal((json_t *)want, (json_t *)got);
}

static bool holds(json_t *got, json_t *want)
{
	const char *key;
	json_t *v;
	json_object_foreach(want, key, v) if (!same(v, json_object_get(got, key))) return false;
	return true;
}

static bool only_health(const char *kind)
{
	return strcmp(kind, "device.link") == 0 || strcmp(kind, "device.voltage") == 0 ||
	       strcmp(kind, "device.heartbeat") == 0;
}

static const char *match(json_t *left, json_t *want)
{
	static char why[1200];
	size_t i;
	json_t *w, *g;
	json_array_foreach(want, i, w)
	{
		size_t k, hit = SIZE_MAX;
		json_array_foreach(left, k, g) if (hit == SIZE_MAX && holds(g, w)) hit = k;
		if (hit != SIZE_MAX) {
			json_array_remove(left, hit);
			continue;
		}
		char *a = json_dumps(w, 0), *b = json_dumps(left, 0);
		snprintf(why, sizeof(why), "missing %s in %s", a, b);
		free(a);
		free(b);
		return why;
	}
	json_array_foreach(left, i, g)
	{
		if (only_health(json_string_value(json_object_get(g, "kind"))))
			continue;
		char *a = json_dumps(g, 0);
		snprintf(why, sizeof(why), "unexpected %s", a);
		free(a);
		return why;
	}
	return NULL;
}

static bool span_wanted(const json_t *want, const char *key, struct vd_span got)
{
	const char *text = json_string_value(json_object_get(want, key));
	return !text || vd_span_is(got, text);
}

/* Every device the line says was heard of. */
static const char *heard_differs(const struct vd_decoded *d, const json_t *want)
{
	static char why[300];
	size_t i;
	json_t *w;
	json_array_foreach(want, i, w)
	{
		bool hit = false;
		for (size_t k = 0; k < d->n_heard && !hit; k++)
			hit = span_wanted(w, "identity", d->heard[k].identity) &&
			      span_wanted(w, "name", d->heard[k].name) &&
			      span_wanted(w, "vendor", d->heard[k].vendor) &&
			      span_wanted(w, "model", d->heard[k].model) &&
			      span_wanted(w, "serial", d->heard[k].serial) &&
			      span_wanted(w, "features", d->heard[k].features);
		if (hit)
			continue;
		char *a = json_dumps(w, 0);
		snprintf(why, sizeof(why), "not heard of: %s", a);
		free(a);
		return why;
	}
	return NULL;
}

const char *runner_differs(const struct runner *r, const json_t *expect)
{
	static const char *const names[] = {[VD_V_NONE] = "none",
					    [VD_V_CLEAR] = "clear",
					    [VD_V_TECHNICAL] = "technical",
					    [VD_V_RAISE] = "raise"};
	static char why[80];
	const char *alarm = json_string_value(json_object_get(expect, "alarm"));
	json_t *left = json_array(), *want = json_object_get(expect, "events");
	for (size_t i = 0; i < r->d->n; i++)
		json_array_append_new(left, told(&r->d->readings[i], r->events[i].flags));
	const char *bad = match(left, want);
	json_decref(left);
	if (!bad)
		bad = heard_differs(r->d, json_object_get(expect, "heard"));
	if (!bad && (!alarm || strcmp(alarm, names[r->verdict]) != 0)) {
		snprintf(why, sizeof(why), "alarm %s, expected %s", names[r->verdict],
			 alarm ? alarm : "(nothing)");
		bad = why;
	}
	return bad;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Every family's own samples: what they mean, what is left of them when they are cut at any byte,
 * and what happens when any allocation fails. */
#include "vdtest.h"
#include "runner.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>

static struct vd_tables *tables;

/* When it is received, after the line before. */
static int64_t pause_of(const json_t *line)
{
	const json_t *after = json_object_get(line, "after_ms");
	return after ? json_integer_value(after) : 10000;
}

static enum vd_carrier carrier_of(const json_t *line)
{
	struct vd_span via = runner_text(line, "via");
	return vd_span_is(via, "http")  ? VD_CARRIER_HTTP
	       : vd_span_is(via, "sip") ? VD_CARRIER_SIP
					: VD_CARRIER_MQTT;
}

static int frame_of(struct runner *r, const json_t *line, size_t cut)
{
	struct vd_span body = runner_text(line, "payload");
	body.n = cut < body.n ? cut : body.n;
	r->at_ms += pause_of(line);
	r->carrier = carrier_of(line);
	return runner_frame(r, runner_text(line, "topic"), body,
			    json_is_true(json_object_get(line, "retain")));
}

/* Each line means what it says it means; "error" names the word of a refusal. */
static void means(const char *family)
{
	struct runner r;
	json_t *lines = runner_samples(family), *line;
	size_t i;
	int bad = 0;
	runner_open(&r, family, tables);
	json_array_foreach(lines, i, line)
	{
		const char *id = json_string_value(json_object_get(line, "id"));
		const json_t *expect = json_object_get(line, "expect");
		const char *error = json_string_value(json_object_get(expect, "error"));
		const char *why = NULL;
		int err = frame_of(&r, line, SIZE_MAX);
		if (error)
			why = !err ? "was accepted" : strstr(r.d->error, error) ? NULL : r.d->error;
		else
			why = err ? r.d->error : runner_differs(&r, expect);
		if (why) {
			print_message("%s: %s\n", id, why);
			bad++;
		}
	}
	runner_close(&r);
	json_decref(lines);
	assert_int_equal(bad, 0);
}

/* A message cut anywhere is read as what is left of it or refused with a reason, and the state is
 * as good as before: the whole message still means the same. */
static void survives_cutting(const char *family)
{
	json_t *lines = runner_samples(family), *line;
	size_t i;
	struct runner r;
	runner_open(&r, family, tables);
	json_array_foreach(lines, i, line)
	{
		size_t n = runner_text(line, "payload").n;
		bool object = n && runner_text(line, "payload").p[0] == '{';
		for (size_t cut = 1; cut < n; cut++) {
			/* in memory of its own, so that a read past the end is seen */
			struct vd_span whole = runner_text(line, "payload");
			char *part = vd_memdup_str(whole.p, cut);
			char *exact = vd_realloc(part, cut);
			assert_non_null(exact);
			r.carrier = carrier_of(line);
			int err = runner_frame(&r, runner_text(line, "topic"), vd_span(exact, cut),
					       false);
			vd_free(exact);
			assert_true(err == 0 || err == VD_EPARSE || err == VD_EINVAL);
			assert_true(err == 0 || r.d->error[0]);
			if (object && err == 0)
				assert_int_equal(r.d->n, 0); /* half an object is never half read */
		}
		(void)frame_of(&r, line, SIZE_MAX); /* so that what it announces is known */
	}
	runner_close(&r);
	json_decref(lines);
}

/* The n-th allocation fails: VD_ENOMEM and the same frame works afterwards. */
static void survives_allocation_failures(const char *family)
{
	json_t *lines = runner_samples(family), *line;
	size_t i;
	struct runner r, calm;
	int failures = 0;
	runner_open(&r, family, tables);
	runner_open(&calm, family, tables);
	json_array_foreach(lines, i, line)
	{
		struct vd_frame f = {.carrier = carrier_of(line),
				     .topic = runner_text(line, "topic"),
				     .body = runner_text(line, "payload"),
				     .retained = json_is_true(json_object_get(line, "retain")),
				     .received_at_ms = r.at_ms + pause_of(line)};
		for (long n = 0; n < 40; n++) {
			r.d->n = r.d->n_heard = 0;
			vd_buf_clear(&r.d->scratch);
			vd_buf_fini(&r.d->scratch);
			vd_mem_fault(n, 1);
			int err = r.adapter->decode(r.state, &f, r.d);
			long made = vd_mem_count();
			vd_mem_fault(-1, 0);
			failures += err == VD_ENOMEM;
			assert_true(err == 0 || err == VD_ENOMEM || err == VD_EPARSE ||
				    err == VD_EINVAL);
			if (made <= n)
				break; /* the fault was never reached */
			if (n == 39)
				fail_msg("more than 40 allocations for one frame");
		}
		int a = frame_of(&r, line, SIZE_MAX), b = frame_of(&calm, line, SIZE_MAX);
		assert_int_equal(a, b);
		assert_int_equal(r.d->n, calm.d->n);
		assert_int_equal(r.d->n_heard, calm.d->n_heard);
	}
	runner_close(&r);
	runner_close(&calm);
	json_decref(lines);
	print_message("%s: %d allocation failures answered\n", family, failures);
}

/* The same frames in the same order give the same readings: decode looks at nothing else. */
static void is_deterministic(const char *family)
{
	json_t *lines = runner_samples(family), *line;
	size_t i;
	struct runner a, b;
	runner_open(&a, family, tables);
	runner_open(&b, family, tables);
	json_array_foreach(lines, i, line)
	{
		assert_int_equal(frame_of(&a, line, SIZE_MAX), frame_of(&b, line, SIZE_MAX));
		assert_int_equal(a.d->n, b.d->n);
		assert_int_equal(a.d->dedup, b.d->dedup);
		for (size_t k = 0; k < a.d->n; k++) {
			const struct vd_reading *x = &a.d->readings[k], *y = &b.d->readings[k];
			assert_true(vd_span_eq(x->identity, y->identity));
			assert_int_equal(x->kind, y->kind);
			assert_string_equal(x->state, y->state);
			assert_string_equal(x->attrs, y->attrs);
			assert_true(x->t_ms == y->t_ms && x->seq == y->seq && x->flags == y->flags);
			assert_memory_equal(&x->value, &y->value, sizeof(x->value));
		}
	}
	runner_close(&a);
	runner_close(&b);
	json_decref(lines);
}

static void samples_mean_what_they_say(void **state)
{
	means(*state);
}

static void messages_cut_at_any_byte(void **state)
{
	survives_cutting(*state);
}

static void allocations_fail_in_turn(void **state)
{
	survives_allocation_failures(*state);
}

static void same_frames_same_readings(void **state)
{
	is_deterministic(*state);
}

/* Every family there is, so that a new one cannot be left out. */
int main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction fn;
	} each[] = {{"samples mean what they say", samples_mean_what_they_say},
		    {"messages cut at any byte", messages_cut_at_any_byte},
		    {"allocations fail in turn", allocations_fail_in_turn},
		    {"same frames, same readings", same_frames_same_readings}};
	static struct CMUnitTest tests[64 * 4];
	static char names[64 * 4][80];
	size_t n = 0;
	for (size_t i = 0; vd_adapters[i]; i++) {
		for (size_t k = 0; k < 4; k++, n++) {
			if (n == 64 * 4)
				return 2; /* more families than this has room for */
			snprintf(names[n], sizeof(names[n]), "%s: %s", vd_adapters[i]->family,
				 each[k].name);
			tests[n] = (struct CMUnitTest){.name = names[n],
						       .test_func = each[k].fn,
						       .initial_state = (void *)(uintptr_t)
							       vd_adapters[i]->family};
		}
	}
	if (vd_tables_load(NULL, &tables, NULL))
		return 2;
	int failed = _cmocka_run_group_tests("adapters", tests, n, NULL, NULL);
	vd_tables_free(tables);
	return failed;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Where units can be reached, and for how long. */
#include "bench.h"
#include "base/mem.h"
#include <stdio.h>

static struct bench b;

static int setup(void **state)
{
	(void)state;
	bench_open(&b);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_close(&b);
	return 0;
}

static const char *reg(const char *unit, const char *extra, int status)
{
	bench_signed(&b, 5062, &(struct say){.method = "REGISTER", .unit = unit, .extra = extra});
	return bench_status(&b, status);
}

#define AT(u) "Contact: <sip:" u "@192.0.2.1:5062>"

static void a_binding_lives_as_long_as_it_was_granted(void **state)
{
	(void)state;
	const char *text = reg("7001", AT("7001") "\r\nExpires: 600\r\n", 200);
	assert_non_null(strstr(text, "\r\nContact: <sip:7001@192.0.2.1:5062>;expires=600\r\n"));
	assert_non_null(sip_binding_of(&b.core, 1, "7001"));
	assert_null(sip_binding_of(&b.core, 1, "7002"));
	assert_null(sip_binding_of(&b.core, 2, "7001")); /* nobody reaches into another account */
	bench_pass(&b, 599000);
	text = reg("7001", NULL, 200); /* asks what stands */
	assert_non_null(strstr(text, ";expires=1\r\n"));
	bench_pass(&b, 1000);
	assert_null(sip_binding_of(&b.core, 1, "7001"));
	bench_pass(&b, 30000); /* and its memory is given back */
	assert_int_equal(b.core.stats.bindings, 0);
	assert_int_equal(b.core.aors.n, 0);
}

static void wishes_are_cut_and_lengthened(void **state)
{
	(void)state;
	assert_non_null(strstr(reg("7001", AT("a") ";expires=5\r\n", 200), ";expires=60\r\n"));
	assert_non_null(
		strstr(reg("7001", AT("a") ";expires=99999\r\n", 200), ";expires=3600\r\n"));
	assert_non_null(strstr(reg("7001", AT("a") "\r\nExpires: soon\r\n", 200), ";expires=3600"));
	assert_non_null(strstr(reg("7001", AT("a") ";expires=120\r\nExpires: 900\r\n", 200),
			       ";expires=120\r\n"));
	assert_int_equal(b.core.stats.bindings, 1);
}

static void it_ends_by_zero_and_by_star(void **state)
{
	(void)state;
	reg("7001", AT("a") "\r\n" AT("b") "\r\n", 200);
	assert_int_equal(b.core.stats.bindings, 2);
	assert_null(strstr(reg("7001", AT("a") ";expires=0\r\n", 200), "sip:a@"));
	assert_int_equal(b.core.stats.bindings, 1);
	reg("7001", "Contact: *\r\nExpires: 10\r\n", 400);
	reg("7001", "Contact: *\r\n" AT("c") "\r\nExpires: 0\r\n", 400);
	assert_int_equal(b.core.stats.bindings, 1);
	assert_null(strstr(reg("7001", "Contact: *\r\nExpires: 0\r\n", 200), "Contact"));
	assert_int_equal(b.core.stats.bindings, 0);
	reg("7009", "Contact: *\r\nExpires: 0\r\n", 200);
}

static void ceilings(void **state)
{
	char extra[100];
	(void)state;
	for (int i = 0; i < VD_MAX_SIP_BINDINGS_UNIT + 4; i++) {
		snprintf(extra, sizeof(extra), "Contact: <sip:7001@192.0.2.1:%d>\r\n", 6000 + i);
		reg("7001", extra, 200);
		bench_pass(&b, 50);
	}
	assert_int_equal(b.core.stats.bindings, VD_MAX_SIP_BINDINGS_UNIT);
	assert_string_equal(sip_binding_of(&b.core, 1, "7001")->uri, "<sip:7001@192.0.2.1:6011>");
	b.core.max_bindings = VD_MAX_SIP_BINDINGS_UNIT;
	assert_non_null(strstr(reg("7002", AT("x") "\r\n", 503), "Retry-After: "));
	assert_int_equal(b.core.aors.n, 1);
	reg("7001", AT("again") "\r\n", 200); /* who is in stays in */
}

static void nonsense_is_refused(void **state)
{
	(void)state;
	reg("7001", "Contact: <tel:+4799999999>\r\n", 400);
	bench_signed(
		&b, 5062,
		&(struct say){.method = "REGISTER", .to = "a%0d%0ab", .extra = AT("a") "\r\n"});
	bench_status(&b, 400);
	assert_int_equal(b.core.stats.bindings, 0);
}

static void the_nonce_count_guards_registrations_too(void **state)
{
	size_t n;
	(void)state;
	bench_hear(&b, 5062, &(struct say){.method = "REGISTER"});
	struct say s = {.method = "REGISTER", .user = "lom", .extra = AT("7001") "\r\n"};
	s.nonce = bench_nonce(bench_status(&b, 401));
	char *text = bench_text(&b, &s, &n);
	bench_raw(&b, 5062, text, n);
	bench_status(&b, 200);
	bench_raw(&b, 5062, text, n); /* resent: the same answer */
	bench_status(&b, 200);
	assert_int_equal(b.core.stats.registrations, 1);
	bench_pass(&b, 33000);
	bench_raw(&b, 5062, text, n); /* replayed: no */
	bench_status(&b, 401);
	vd_free(text);
}

/* -- the connection as proof --------------------------------------------------------------------
 */

static void a_connection_that_registered_is_known(void **state)
{
	(void)state;
	struct sip_stream st = bench_stream(&b, 1), other = bench_stream(&b, 2);
	bench_stream_hear(&b, &st, &(struct say){.method = "REGISTER"});
	struct say s = {.method = "REGISTER",
			.user = "lom",
			.extra = "Contact: <sip:7001@10.0.0.5;transport=tcp>\r\n"};
	s.nonce = bench_nonce(bench_status(&b, 401));
	assert_false(st.known);
	bench_stream_hear(&b, &st, &s);
	bench_status(&b, 200);
	assert_true(st.known);
	bench_stream_hear(&b, &st, &(struct say){0});
	assert_int_equal(b.n_frames, 1);
	bench_stream_hear(&b, &st, &(struct say){.unit = "7002"}); /* for itself only */
	bench_status(&b, 401);
	bench_stream_hear(&b, &other, &(struct say){0}); /* and on this connection only */
	bench_status(&b, 401);
	b.secret = "et-nytt";
	bench_stream_hear(&b, &st, &(struct say){0}); /* and while its secret holds */
	bench_status(&b, 401);
	b.secret = SECRET;
	b.blocked = true;
	bench_stream_hear(&b, &st, &(struct say){0});
	bench_status(&b, 401);
	b.blocked = false;
	bench_pass(&b, 3601000);
	bench_stream_hear(&b, &st, &(struct say){0}); /* and while the registration lasts */
	bench_status(&b, 401);
	assert_int_equal(b.n_frames, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_binding_lives_as_long_as_it_was_granted),
		TEST(wishes_are_cut_and_lengthened),
		TEST(it_ends_by_zero_and_by_star),
		TEST(ceilings),
		TEST(nonsense_is_refused),
		TEST(the_nonce_count_guards_registrations_too),
		TEST(a_connection_that_registered_is_known),
	};
	return cmocka_run_group_tests_name("sip/registrar", tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Who gets in: R15 of the receiver's list, and what keeps the others out. */
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

static void R15_a_challenge_then_in(void **state)
{
	(void)state;
	bench_hear(&b, 5062, &(struct say){0});
	const char *text = bench_status(&b, 401);
	assert_non_null(strstr(text, "realm=\"varde\""));
	assert_non_null(strstr(text, "algorithm=MD5, qop=\"auth\""));
	assert_null(strstr(text, "SHA-256"));
	assert_null(strstr(text, "Basic"));
	assert_non_null(strstr(text, "\r\nCall-ID: id-"));
	assert_non_null(strstr(text, ";rport=5062"));
	assert_int_equal(b.n_frames, 0);
	assert_int_equal(b.core.stats.servers, 0); /* strangers fill no table */
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = bench_nonce(text)});
	assert_int_equal(b.n_frames, 1);
	assert_int_equal(b.frames[0].gateway, 1);
	assert_string_equal(b.frames[0].topic, "7001@alarm.example");
	bench_silent(&b); /* nothing is said before the hub has spoken */
}

static void without_qop_too_but_once(void **state)
{
	(void)state;
	bench_hear(&b, 5062, &(struct say){0});
	const char *nonce = bench_nonce(bench_status(&b, 401));
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = nonce, .no_qop = true});
	assert_int_equal(b.n_frames, 1);
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = nonce, .no_qop = true});
	assert_non_null(strstr(bench_status(&b, 401), "stale=true"));
	assert_int_equal(b.n_frames, 1);
}

static void sha256_comes_first_where_the_account_has_it(void **state)
{
	(void)state;
	bench_hear(&b, 5062, &(struct say){.unit = "7100"});
	const char *text = bench_status(&b, 401);
	const char *sha = strstr(text, "algorithm=SHA-256"), *md5 = strstr(text, "algorithm=MD5");
	assert_true(sha && md5 && sha < md5);
	const char *nonce = bench_nonce(text);
	struct say s = {.unit = "7100", .user = "7100", .nonce = nonce, .algorithm = "SHA-256"};
	bench_hear(&b, 5062, &s);
	assert_int_equal(b.n_frames, 1);
	assert_int_equal(b.frames[0].gateway, 2);
	s.algorithm = "MD5";
	s.nc = 2;
	bench_hear(&b, 5062, &s);
	assert_int_equal(b.n_frames, 2);
	s = (struct say){.user = "lom", .nonce = nonce, .algorithm = "SHA-256", .nc = 3};
	bench_hear(&b, 5062, &s); /* an account without: zeros are no secret */
	assert_int_equal(b.n_frames, 2);
	bench_status(&b, 403);
}

static void what_was_sent_once_is_not_taken_twice(void **state)
{
	(void)state;
	bench_hear(&b, 5062, &(struct say){0});
	const char *nonce = bench_nonce(bench_status(&b, 401));
	for (int nc = 1; nc <= 3; nc++)
		bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = nonce, .nc = nc});
	assert_int_equal(b.n_frames, 3);
	for (int nc = 1; nc <= 3; nc++) {
		bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = nonce, .nc = nc});
		assert_non_null(strstr(bench_status(&b, 401), "stale=true"));
	}
	assert_int_equal(b.n_frames, 3);
	assert_int_equal(b.core.stats.auth_failures, 0);
}

static void a_nonce_grows_old_and_stays_where_it_is(void **state)
{
	struct sip_addr other;
	size_t n;
	(void)state;
	bench_hear(&b, 5062, &(struct say){0});
	char nonce[100];
	snprintf(nonce, sizeof(nonce), "%s", bench_nonce(bench_status(&b, 401)));
	char *text = bench_text(&b, &(struct say){.user = "lom", .nonce = nonce}, &n);
	assert_true(sip_addr_parse("192.0.2.200", 5062, &other));
	sip_core_datagram(&b.core, &other, vd_span(text, n));
	vd_free(text);
	assert_non_null(strstr(bench_status(&b, 401), "stale=true"));
	bench_hear(&b, 40999,
		   &(struct say){.user = "lom", .nonce = nonce}); /* a NAT's port may move */
	assert_int_equal(b.n_frames, 1);
	bench_pass(&b, 301000);
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = nonce, .nc = 2});
	assert_non_null(strstr(bench_status(&b, 401), "stale=true"));
	nonce[5] ^= 1; /* made younger by hand */
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = nonce, .nc = 2});
	assert_non_null(strstr(bench_status(&b, 401), "stale=true"));
	assert_int_equal(b.n_frames, 1);
}

static void when_the_table_forgets_it_forgets_to_the_safe_side(void **state)
{
	(void)state;
	bench_hear(&b, 5062, &(struct say){0});
	char first[100];
	snprintf(first, sizeof(first), "%s", bench_nonce(bench_status(&b, 401)));
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = first});
	assert_int_equal(b.n_frames, 1);
	b.core.nonce_at = 0; /* as after VD_MAX_SIP_NONCES others */
	bench_hear(&b, 5062, &(struct say){0});
	const char *second = bench_nonce(bench_status(&b, 401));
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = second});
	assert_int_equal(b.n_frames, 2);
	bench_hear(&b, 5062, &(struct say){.user = "lom", .nonce = first});
	assert_non_null(strstr(bench_status(&b, 401), "stale=true"));
	assert_int_equal(b.n_frames, 2);
}

static void R15_a_wrong_password_is_403_later_and_later(void **state)
{
	static const int64_t after[] = {0, 500, 1000, 2000, 4000, 8000, 8000};
	(void)state;
	for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++) {
		bench_hear(&b, 5062, &(struct say){0});
		const char *nonce = bench_nonce(bench_status(&b, 401));
		/* unknown, known and wrong, known in another realm: the same */
		const char *who = i % 2 ? "nobody" : "lom";
		size_t n;
		char *text = bench_text(
			&b, &(struct say){.user = who, .nonce = nonce, .secret = "feil"}, &n);
		bench_raw(&b, 5062, text, n);
		if (after[i]) {
			bench_pass(&b, after[i] - 1);
			bench_raw(&b, 5062, text, n); /* a resend meanwhile is not another try */
			bench_silent(&b);
			bench_pass(&b, 1);
		}
		bench_status(&b, 403);
		bench_silent(&b);
		vd_free(text);
	}
	assert_int_equal(b.n_frames, 0);
	assert_int_equal(b.core.stats.auth_failures, 7);
	bench_signed(&b, 5062, &(struct say){0}); /* the right one never waits for wrong ones */
	assert_int_equal(b.n_frames, 1);
}

static void a_guesser_is_not_answered_any_more(void **state)
{
	int answered = 0;
	(void)state;
	for (int i = 0; i < 60; i++) {
		bench_hear(&b, 5062, &(struct say){0});
		const struct bench_sent *c = bench_next(&b);
		while (c && !strstr(c->text, "nonce")) {
			answered++;
			c = bench_next(&b);
		}
		if (!c)
			break;
		bench_hear(
			&b, 5062,
			&(struct say){.user = "lom", .secret = "x", .nonce = bench_nonce(c->text)});
		bench_pass(&b, 50);
	}
	bench_pass(&b, 20000);
	while (bench_next(&b))
		answered++;
	assert_int_equal(answered, 30);
	assert_int_equal(b.core.stats.auth_failures, 60);
	assert_int_equal(b.core.n_late, 0);
}

static void R15_basic_is_refused(void **state)
{
	(void)state;
	bench_hear(&b, 5062,
		   &(struct say){
			   .extra = "Authorization: Basic bG9tOmtvcnJla3QtaGVzdC1iYXR0ZXJp\r\n"});
	assert_non_null(strstr(bench_status(&b, 401), "Digest"));
	assert_int_equal(b.n_frames, 0);
	bench_hear(&b, 5062, &(struct say){.extra = "Authorization: Digest username=\"lom\"\r\n"});
	bench_status(&b, 401);
	bench_hear(&b, 5062, &(struct say){.extra = "Authorization: Digest\r\n"});
	(void)bench_next(&b); /* a challenge, or not a message at all */
	assert_int_equal(b.n_frames, 0);
}

static void a_blocked_account_is_out(void **state)
{
	(void)state;
	b.blocked = true;
	bench_signed(&b, 5062, &(struct say){0});
	bench_status(&b, 403);
	assert_int_equal(b.n_frames, 0);
}

static void a_flood_is_not_heard_out(void **state)
{
	struct sip_addr other;
	size_t n;
	(void)state;
	char *text = bench_text(&b, &(struct say){0}, &n);
	for (int i = 0; i < 2000; i++)
		bench_raw(&b, 5062, text, n);
	assert_in_range(b.n_sent, 40, 60);
	assert_true(b.core.stats.over_rate > 1900);
	size_t before = b.n_sent;
	assert_true(sip_addr_parse("198.51.100.7", 5060, &other)); /* and nobody else notices */
	sip_core_datagram(&b.core, &other, vd_span(text, n));
	assert_int_equal(b.n_sent, before + 1);
	vd_free(text);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(R15_a_challenge_then_in),
		TEST(without_qop_too_but_once),
		TEST(sha256_comes_first_where_the_account_has_it),
		TEST(what_was_sent_once_is_not_taken_twice),
		TEST(a_nonce_grows_old_and_stays_where_it_is),
		TEST(when_the_table_forgets_it_forgets_to_the_safe_side),
		TEST(R15_a_wrong_password_is_403_later_and_later),
		TEST(a_guesser_is_not_answered_any_more),
		TEST(R15_basic_is_refused),
		TEST(a_blocked_account_is_out),
		TEST(a_flood_is_not_heard_out),
	};
	return cmocka_run_group_tests_name("sip/digest", tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests that come again, and ours that are not answered. */
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

static char *signed_text(const struct say *s, size_t *n)
{
	struct say again = *s;
	bench_hear(&b, 5062, &(struct say){0});
	again.nonce = bench_nonce(bench_status(&b, 401));
	again.user = "lom";
	return bench_text(&b, &again, n);
}

static void R5_the_same_packet_twice_is_one_alarm(void **state)
{
	size_t n;
	(void)state;
	char *text = signed_text(&(struct say){0}, &n);
	bench_raw(&b, 5062, text, n);
	bench_raw(&b, 5062, text, n); /* while the hub still has it: nothing to say yet */
	assert_int_equal(b.n_frames, 1);
	bench_silent(&b);
	bench_outcome(&b, 0, VD_STORED);
	char first[4096];
	snprintf(first, sizeof(first), "%s", bench_status(&b, 200));
	bench_reply(&b, bench_next(&b)->text, 200);
	for (int64_t at = 0; at < 31000; at += 4000) {
		bench_raw(&b, 5062, text, n);
		assert_string_equal(bench_status(&b, 200), first); /* to the letter */
		bench_silent(&b);                                  /* no second answer */
		bench_pass(&b, 4000);
	}
	assert_int_equal(b.n_frames, 1);
	assert_int_equal(b.core.stats.servers, 0); /* 32 s have passed */
	bench_raw(&b, 5062, text, n);
	assert_non_null(strstr(bench_status(&b, 401), "stale=true")); /* nor is it taken again */
	assert_int_equal(b.n_frames, 1);
	vd_free(text);
}

static void units_with_one_fixed_branch_stay_apart(void **state)
{
	(void)state;
	bench_signed(&b, 5062, &(struct say){.branch = "z9hG4bK-1", .id = "a@7001"});
	bench_signed(&b, 5062,
		     &(struct say){.branch = "z9hG4bK-1", .id = "b@7002", .unit = "7002"});
	bench_signed(&b, 5062, &(struct say){.branch = "z9hG4bK-1", .id = "a@7001", .cseq = 2});
	assert_int_equal(b.n_frames, 3);
}

/* A unit that begins its counters anew with each power-up, and one that never counts: what it says
 * is another thing, so it is no retransmission. */
static void another_document_under_the_same_numbers_is_heard(void **state)
{
	(void)state;
	struct say first = {
		.branch = "z9hG4bK-1", .id = "a@7001", .body = "<mrq><ref>1</ref></mrq>"};
	struct say next = first;
	next.body = "<mrq><ref>2</ref></mrq>";
	bench_signed(&b, 5062, &first);
	bench_outcome(&b, 0, VD_STORED);
	bench_status(&b, 200);
	bench_reply(&b, bench_next(&b)->text, 200);
	bench_signed(&b, 5062, &next);
	assert_int_equal(b.n_frames, 2);
}

static void R6_the_same_document_in_a_new_packet_goes_to_the_hub(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		bench_signed(&b, 5062, &(struct say){0});
		bench_outcome(&b, i, i ? VD_DUPLICATE : VD_STORED);
		bench_status(&b, 200);
		const struct bench_sent *mrs = bench_next(&b);
		assert_memory_equal(mrs->text, "MESSAGE ", 8);
		bench_reply(&b, mrs->text, 200);
	}
	assert_int_equal(b.core.stats.mrs_sent, 2);
}

static void when_it_is_full_the_oldest_answered_goes_then_503(void **state)
{
	(void)state;
	b.core.max_servers = 3;
	for (size_t i = 0; i < 3; i++)
		bench_signed(&b, 5062, &(struct say){0});
	while (bench_next(&b))
		;
	bench_signed(&b, 5062, &(struct say){0}); /* all three are at the hub */
	assert_non_null(strstr(bench_status(&b, 503), "Retry-After: "));
	assert_int_equal(b.n_frames, 3);
	bench_outcome(&b, 1, VD_STORED);
	while (bench_next(&b))
		;
	bench_signed(&b, 5062, &(struct say){0}); /* takes the place of the answered one */
	assert_int_equal(b.n_frames, 4);
	assert_int_equal(b.core.stats.servers, 3);
}

static void answers_kept_have_a_ceiling_in_bytes(void **state)
{
	(void)state;
	b.core.max_stored = 2000;
	for (size_t i = 0; i < 20; i++) {
		bench_signed(&b, 5062, &(struct say){0});
		bench_outcome(&b, i, VD_STORED);
		while (bench_next(&b))
			;
		assert_true(b.core.stored <= 2000);
		assert_in_range(b.core.stats.servers, 1, 8);
	}
}

/* -- ours ------------------------------------------------------------------------------------- */

/* A document is stored; the 200 is looked at, the answer returned. */
static const struct bench_sent *stored(const struct say *s, int port)
{
	bench_signed(&b, port, s);
	bench_outcome(&b, b.n_frames - 1, VD_STORED);
	bench_status(&b, 200);
	return bench_next(&b);
}

static void R17_a_unit_that_never_answers(void **state)
{
	static const int64_t at[] = {500,   1500,  3500,  7500,  11500,
				     15500, 19500, 23500, 27500, 31500};
	(void)state;
	const struct bench_sent *first = stored(&(struct say){0}, 5062);
	assert_memory_equal(first->text, "MESSAGE sip:7001@alarm.example SIP/2.0\r\n", 40);
	int64_t t0 = first->at_mono;
	char text[2000];
	snprintf(text, sizeof(text), "%s", first->text);
	bench_pass(&b, 31999);
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) { /* RFC 3261 17.1.2.2, timer E */
		const struct bench_sent *again = bench_next(&b);
		assert_non_null(again);
		assert_int_equal(again->at_mono - t0, at[i]);
		assert_string_equal(again->text, text);
	}
	bench_silent(&b);
	assert_int_equal(b.core.stats.clients, 1);
	bench_pass(&b, 1); /* F */
	assert_int_equal(b.core.stats.clients, 0);
	assert_int_equal(b.core.stats.mrs_failed, 1);
	bench_pass(&b, 60000);
	bench_silent(&b);
	const struct bench_sent *next = stored(&(struct say){0}, 5062); /* its next resend */
	bench_reply(&b, next->text, 200);
	assert_int_equal(b.core.stats.mrs_sent, 1);
	bench_reply(&b, text, 200); /* a late answer to the first is nobody's */
	assert_int_equal(b.core.stats.mrs_sent, 1);
}

static void a_provisional_answer_slows_it_down(void **state)
{
	(void)state;
	const struct bench_sent *first = stored(&(struct say){0}, 5062);
	bench_reply(&b, first->text, 100);
	bench_pass(&b, 600); /* the resend that was on its way */
	assert_non_null(bench_next(&b));
	bench_pass(&b, 3800);
	bench_silent(&b);
	bench_pass(&b, 200);
	assert_non_null(bench_next(&b));
	bench_reply(&b, first->text, 200);
	bench_pass(&b, 60000);
	bench_silent(&b);
	assert_int_equal(b.core.stats.mrs_sent, 1);
}

static void on_a_connection_nothing_is_resent(void **state)
{
	(void)state;
	struct sip_stream st = bench_stream(&b, 1);
	bench_stream_hear(&b, &st, &(struct say){0});
	struct say s = {.user = "lom"};
	s.nonce = bench_nonce(bench_status(&b, 401));
	bench_stream_hear(&b, &st, &s);
	bench_outcome(&b, 0, VD_STORED);
	bench_status(&b, 200);
	const struct bench_sent *first = bench_next(&b);
	bench_reply(&b, first->text, 100); /* at work, so no other way is tried either */
	bench_pass(&b, 31000);
	bench_silent(&b);
	bench_reply(&b, first->text, 200);
	assert_int_equal(b.core.stats.mrs_sent, 1);
}

static void an_answer_of_another_is_not_taken(void **state)
{
	(void)state;
	const struct bench_sent *first = stored(&(struct say){0}, 5062);
	char forged[2000];
	snprintf(forged, sizeof(forged), "%s", first->text);
	memcpy(strstr(forged, "branch=z9hG4bK") + 14, "00000000", 8);
	bench_reply(&b, forged, 200);
	assert_int_equal(b.core.stats.mrs_sent, 0);
	assert_int_equal(b.core.stats.clients, 1);
}

static void deliveries_to_one_unit_have_a_ceiling(void **state)
{
	(void)state;
	for (int i = 0; i < VD_MAX_SIP_CLIENTS_UNIT + 3; i++)
		stored(&(struct say){0}, 5062);
	assert_int_equal(b.core.stats.clients, VD_MAX_SIP_CLIENTS_UNIT);
	assert_int_equal(b.core.stats.mrs_failed, 3);
	stored(&(struct say){.unit = "7002"}, 5062);
	assert_int_equal(b.core.stats.clients, VD_MAX_SIP_CLIENTS_UNIT + 1);
	b.core.max_clients = VD_MAX_SIP_CLIENTS_UNIT + 1;
	stored(&(struct say){.unit = "7003"}, 5062); /* all together too: the oldest makes room */
	assert_int_equal(b.core.stats.clients, VD_MAX_SIP_CLIENTS_UNIT + 1);
	assert_int_equal(b.core.stats.mrs_failed, 4);
}

/* -- what needs no account --------------------------------------------------------------------- */

static void R25_options_and_what_we_do_not_do(void **state)
{
	static const char *const not_ours[] = {"INVITE", "SUBSCRIBE", "PUBLISH",
					       "REFER",  "BYE",       "FOO"};
	(void)state;
	bench_hear(&b, 5062, &(struct say){.method = "OPTIONS"});
	const char *text = bench_status(&b, 200);
	assert_non_null(strstr(text, "\r\nAllow: MESSAGE, OPTIONS, REGISTER\r\n"));
	assert_non_null(strstr(text, "\r\nAccept: application/scaip+xml"));
	assert_non_null(strstr(text, ";tag="));
	for (size_t i = 0; i < sizeof(not_ours) / sizeof(not_ours[0]); i++) {
		bench_hear(&b, 5062, &(struct say){.method = not_ours[i]});
		assert_non_null(strstr(bench_status(&b, 405), "\r\nAllow: "));
	}
	bench_hear(&b, 5062, &(struct say){.method = "ACK"});
	bench_silent(&b);
	bench_hear(&b, 5062, &(struct say){.method = "CANCEL"});
	bench_status(&b, 481);
	assert_int_equal(b.core.stats.servers, 0);
}

static void extensions_and_steps(void **state)
{
	(void)state;
	bench_hear(&b, 5062, &(struct say){.extra = "Require: 100rel, outbound\r\n"});
	assert_non_null(strstr(bench_status(&b, 420), "\r\nUnsupported: 100rel"));
	size_t n;
	char *text = bench_text(&b, &(struct say){.method = "OPTIONS"}, &n);
	char *at = strstr(text, "Max-Forwards: 70");
	memcpy(at, "Max-Forwards: 0 ", 16);
	bench_raw(&b, 5062, text, n);
	bench_status(&b, 483);
	vd_free(text);
	text = signed_text(&(struct say){0}, &n); /* but an alarm that has arrived has arrived */
	memcpy(strstr(text, "Max-Forwards: 70"), "Max-Forwards: 0 ", 16);
	bench_raw(&b, 5062, text, n);
	assert_int_equal(b.n_frames, 1);
	vd_free(text);
}

static void a_wrong_length_is_answered_not_lost(void **state)
{
	size_t n;
	(void)state;
	char *text = bench_text(&b, &(struct say){0}, &n);
	bench_raw(&b, 5062, text, n - 3);
	bench_status(&b, 400);
	assert_int_equal(b.core.stats.malformed, 1);
	bench_raw(&b, 5062, "garbage", 7);
	bench_raw(&b, 5062, "\r\n\r\n", 4);
	bench_raw(&b, 5062, "", 0);
	bench_silent(&b);
	vd_free(text);
}

/* The parser gives up a whole message over one header: its sender is told, and an alarm is heard
 * when the header is none it needs. */
static void a_header_that_cannot_be_read(void **state)
{
	static const char *const bad[] = {"Content-Type: nonsense\r\n", "Contact: <sip:7\r\n",
					  "Accept: ;;;\r\nContent-Disposition\r\n"};
	(void)state;
	int refused = 0;
	for (size_t i = 0; i < 3; i++) {
		bench_signed(&b, 5062, &(struct say){.extra = bad[i], .body = "", .cseq = 7});
		assert_int_equal(b.n_frames, i + 1);
		bench_hear(&b, 5062, &(struct say){.method = "OPTIONS", .extra = bad[i]});
		refused += strstr(bench_next(&b)->text, "400 A Header Cannot Be Read") != NULL;
	}
	assert_true(refused >= 2); /* some of it the parser reads after all */
	assert_int_equal(b.core.stats.malformed, refused);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(R5_the_same_packet_twice_is_one_alarm),
		TEST(units_with_one_fixed_branch_stay_apart),
		TEST(another_document_under_the_same_numbers_is_heard),
		TEST(R6_the_same_document_in_a_new_packet_goes_to_the_hub),
		TEST(when_it_is_full_the_oldest_answered_goes_then_503),
		TEST(answers_kept_have_a_ceiling_in_bytes),
		TEST(R17_a_unit_that_never_answers),
		TEST(a_provisional_answer_slows_it_down),
		TEST(on_a_connection_nothing_is_resent),
		TEST(an_answer_of_another_is_not_taken),
		TEST(deliveries_to_one_unit_have_a_ceiling),
		TEST(R25_options_and_what_we_do_not_do),
		TEST(extensions_and_steps),
		TEST(a_wrong_length_is_answered_not_lost),
		TEST(a_header_that_cannot_be_read),
	};
	return cmocka_run_group_tests_name("sip/trans", tests, NULL, NULL);
}

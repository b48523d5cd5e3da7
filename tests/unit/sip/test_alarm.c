/* SPDX-License-Identifier: EUPL-1.2 */
/* What becomes of a MESSAGE: nothing is said before the hub has spoken, the answer finds the unit.
 */
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

static void outcome(enum vd_outcome_code o)
{
	bench_outcome(&b, b.n_frames - 1, o);
}

static void reg(int port, const char *contact)
{
	char extra[200];
	snprintf(extra, sizeof(extra), "Contact: <%s>\r\nExpires: 600\r\n", contact);
	bench_signed(&b, port, &(struct say){.method = "REGISTER", .extra = extra});
	bench_status(&b, 200);
}

static void the_200_then_the_answer(void **state)
{
	(void)state;
	bench_signed(&b, 5062, &(struct say){0});
	assert_string_equal(b.frames[0].body, "<mrq>1</mrq>");
	assert_string_equal(b.frames[0].type, "application/scaip+xml");
	bench_pass(&b, 5000);
	bench_silent(&b);
	outcome(VD_STORED);
	const char *ok = bench_status(&b, 200);
	assert_non_null(strstr(ok, "Content-Length: 0\r\n\r\n"));
	const struct bench_sent *m = bench_next(&b);
	assert_non_null(strstr(m->text, "From: <sip:arc@alarm.example>;tag="));
	assert_non_null(strstr(m->text, "\r\nTo: <sip:7001@alarm.example>\r\n"));
	assert_non_null(strstr(m->text, "\r\nContent-Type: application/scaip+xml\r\n"));
	assert_non_null(strstr(m->text, "\r\n\r\n<mrs><ref>1</ref><snu>0</snu></mrs>"));
	assert_non_null(strstr(m->text, "Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bK"));
	bench_reply(&b, m->text, 200);
	assert_int_equal(b.core.stats.mrs_sent, 1);
}

static void the_outcome_decides(void **state)
{
	static const struct {
		enum vd_outcome_code o;
		const char *mrs;
		int status;
		const char *extra;
	} rows[] = {
		{VD_STORED, "<mrs/>", 200, NULL},    {VD_DUPLICATE, "<mrs/>", 200, NULL},
		{VD_REFUSED, "<mrs/>", 200, NULL},   {VD_BUSY, "<mrs/>", 200, NULL},
		{VD_STORED, NULL, 200, NULL},        {VD_REFUSED, NULL, 403, NULL},
		{VD_BUSY, NULL, 503, "Retry-After"}, {VD_BUSY, "", 503, "Retry-After"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		b.mrs = rows[i].mrs;
		bench_signed(&b, 5062, &(struct say){0});
		outcome(rows[i].o);
		const char *text = bench_status(&b, rows[i].status);
		assert_true(!rows[i].extra || strstr(text, rows[i].extra));
		const struct bench_sent *m = rows[i].mrs && *rows[i].mrs ? bench_next(&b) : NULL;
		if (m)
			bench_reply(&b, m->text, 200);
		bench_silent(&b);
	}
}

static void in_the_200_where_units_want_it(void **state)
{
	(void)state;
	b.config = "{\"units\":{\"7002\":{\"mrs\":\"in_200\"}}}";
	b.version = 1;
	bench_signed(&b, 5062, &(struct say){.unit = "7002"});
	outcome(VD_STORED);
	const char *text = bench_status(&b, 200);
	assert_non_null(strstr(
		text, "Content-Type: application/scaip+xml\r\nContent-Length: 35\r\n\r\n<mrs>"));
	bench_silent(&b);
	bench_signed(&b, 5062, &(struct say){0});
	outcome(VD_STORED);
	assert_null(strstr(bench_status(&b, 200), "<mrs>"));
	bench_reply(&b, bench_next(&b)->text, 200);
	b.config = "{\"mrs\":\"in_200\",\"units\":{\"7002\":{\"mrs\":\"message\"}}}";
	b.version = 2;
	bench_signed(&b, 5062, &(struct say){0});
	outcome(VD_STORED);
	assert_non_null(strstr(bench_status(&b, 200), "<mrs>"));
	bench_signed(&b, 5062, &(struct say){.unit = "7002"});
	outcome(VD_STORED);
	assert_null(strstr(bench_status(&b, 200), "<mrs>"));
	assert_non_null(bench_next(&b));
}

static void R3_foreign_types_and_encodings(void **state)
{
	static const struct {
		const char *type, *extra, *body;
		int status;
	} rows[] = {
		{"application/scaip+xml", NULL, NULL, 0},
		{"application/xml;charset=utf-8", NULL, NULL, 0},
		{"text/xml", NULL, NULL, 0},
		{"Text/Plain", NULL, NULL, 0},
		{"application/json", NULL, NULL, 415},
		{"multipart/mixed;boundary=x", NULL, NULL, 415},
		{NULL, "Content-Encoding: br\r\n", NULL, 415},
		{NULL, "Content-Encoding: gzip\r\n", "xx", 400},
		{NULL, "Content-Encoding: identity\r\n", NULL, 0},
		{NULL, "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", NULL, 415},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t before = b.n_frames;
		bench_signed(&b, 5062,
			     &(struct say){.type = rows[i].type,
					   .extra = rows[i].extra,
					   .body = rows[i].body});
		if (rows[i].status) {
			const char *text = bench_status(&b, rows[i].status);
			if (rows[i].status == 415) {
				assert_non_null(strstr(text, "\r\nAccept: application/scaip+xml"));
				assert_non_null(
					strstr(text, "\r\nAccept-Encoding: deflate, gzip\r\n"));
			}
		}
		bench_silent(&b);
		assert_int_equal(b.n_frames, before + !rows[i].status);
	}
	bench_signed(&b, 5062,
		     &(struct say){.body = "",
				   .type = "application/scaip+xml"}); /* empty: the family's */
	assert_int_equal(b.frames[b.n_frames - 1].body_n, 0);
}

static void R19_a_compressed_document_reaches_the_hub_as_it_was(void **state)
{
	/* gzip of "<mrq>gz</mrq>\n" */
	static const char gz[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xb3\xc9\x2d\x2a\xb4\x4b\xaf"
		"\xb2\xd1\x07\xd1\x5c\x00\xb2\x04\xbc\x50\x0e\x00\x00\x00";
	(void)state;
	bench_signed(&b, 5062,
		     &(struct say){.body = gz, .body_n = sizeof(gz) - 1, .extra = "e: gzip\r\n"});
	if (!b.n_frames)
		print_error("%s\n", bench_next(&b)->text);
	assert_int_equal(b.n_frames, 1);
	assert_string_equal(b.frames[0].body, "<mrq>gz</mrq>\n");
}

/* -- the way back: R16 --------------------------------------------------------------------------
 */

static void where(const struct bench_sent *s, const char *host, int port, enum sip_transport t)
{
	char text[48];
	assert_non_null(s);
	sip_addr_text(&s->to.peer, text);
	assert_string_equal(text, host);
	assert_int_equal(s->to.peer.port, port);
	assert_int_equal(s->to.transport, t);
}

static void R16_udp_goes_back_where_it_came_from(void **state)
{
	(void)state;
	reg(40001, "sip:7001@10.0.0.5:5062"); /* behind a NAT */
	bench_signed(&b, 40001, &(struct say){0});
	outcome(VD_STORED);
	bench_status(&b, 200);
	const struct bench_sent *m = bench_next(&b);
	where(m, "192.0.2.1", 40001, SIP_UDP);
	assert_memory_equal(m->text, "MESSAGE sip:7001@10.0.0.5:5062 SIP/2.0\r\n", 40);
	bench_reply(&b, m->text, 200);
	bench_signed(&b, 40777, &(struct say){0}); /* the NAT's port moved */
	outcome(VD_STORED);
	bench_status(&b, 200);
	where(bench_next(&b), "192.0.2.1", 40777, SIP_UDP);
}

static void R16_without_rport_the_contact_then_the_sent_by(void **state)
{
	(void)state;
	reg(5062, "sip:7001@192.0.2.1:5099");
	bench_signed(&b, 33333, &(struct say){.no_rport = true, .via_port = 5077});
	outcome(VD_STORED);
	where(&b.sent[b.seen], "192.0.2.1", 5077, SIP_UDP); /* the 200, RFC 3261 18.2.2 */
	bench_status(&b, 200);
	where(bench_next(&b), "192.0.2.1", 5099, SIP_UDP);
	bench_pass(&b, 3999);
	while (bench_next(&b))
		;
	bench_pass(&b, 1); /* silent for four seconds: the next way, as a request of its own */
	const struct bench_sent *m = bench_next(&b);
	where(m, "192.0.2.1", 5077, SIP_UDP);
	assert_non_null(strstr(m->text, "CSeq: 2 MESSAGE"));
	bench_reply(&b, m->text, 200);
	assert_int_equal(b.core.stats.mrs_sent, 1);
}

static void R16_a_contact_that_has_ended_is_not_used(void **state)
{
	(void)state;
	reg(5062, "sip:7001@192.0.2.1:5099");
	bench_pass(&b, 601000);
	bench_signed(&b, 33333, &(struct say){.no_rport = true, .via_port = 5077});
	outcome(VD_STORED);
	bench_status(&b, 200);
	const struct bench_sent *m = bench_next(&b);
	where(m, "192.0.2.1", 5077, SIP_UDP);
	assert_memory_equal(m->text, "MESSAGE sip:7001@alarm.example SIP/2.0\r\n", 40);
}

static void a_contact_elsewhere_is_never_sent_to(void **state)
{
	(void)state;
	reg(5062, "sip:7001@198.51.100.7:53");
	bench_signed(&b, 33333, &(struct say){.no_rport = true, .via_port = 5077});
	outcome(VD_STORED);
	bench_pass(&b, 60000);
	for (const struct bench_sent *m; (m = bench_next(&b));) {
		char text[48];
		sip_addr_text(&m->to.peer, text);
		assert_string_equal(text, "192.0.2.1");
	}
}

static void R16_the_connection_closed_between_200_and_answer(void **state)
{
	(void)state;
	struct sip_stream st = bench_stream(&b, 1);
	bench_stream_hear(&b, &st, &(struct say){.method = "REGISTER"});
	struct say s = {.method = "REGISTER",
			.user = "lom",
			.extra = "Contact: <sip:7001@192.0.2.1:5070;transport=tcp>\r\n"};
	s.nonce = bench_nonce(bench_status(&b, 401));
	bench_stream_hear(&b, &st, &s);
	bench_status(&b, 200);
	bench_stream_hear(&b, &st, &(struct say){0});
	outcome(VD_STORED); /* the live connection first */
	bench_status(&b, 200);
	const struct bench_sent *m = bench_next(&b);
	assert_int_equal(m->to.conn, 1);
	bench_pass(&b, 3900);
	bench_silent(&b); /* TCP does not resend */
	b.alive[1] = false;
	bench_pass(&b, 100);
	where(bench_next(&b), "192.0.2.1", 5070, SIP_TCP); /* then the contact */
	assert_int_equal(b.connected, 9);
	b.alive[9] = false;
	b.alive[1] = true;
	bench_stream_hear(&b, &st, &(struct say){.via_port = 5088});
	b.alive[1] = false; /* closed before the hub answered: even the 200 is lost */
	outcome(VD_STORED);
	m = bench_next(&b);
	where(m, "192.0.2.1", 5070, SIP_TCP);
	b.conn_refused = true; /* nobody there, then: it sends again, and the alarm stands */
	b.alive[9] = false;
	bench_pass(&b, 40000);
	assert_int_equal(b.core.stats.clients, 0);
	assert_int_equal(b.core.stats.mrs_failed, 2);
	assert_int_equal(b.n_frames, 2);
}

/* What was told under encryption is not answered without. */
static void over_tls_only_what_is_encrypted(void **state)
{
	(void)state;
	struct sip_stream plain = bench_stream(&b, 1), tls = bench_stream(&b, 2);
	tls.flow.transport = SIP_TLS;
	bench_stream_hear(&b, &plain, &(struct say){.method = "REGISTER"});
	struct say s = {.method = "REGISTER",
			.user = "lom",
			.extra = "Contact: <sip:7001@192.0.2.1:5070;transport=tcp>\r\n"};
	s.nonce = bench_nonce(bench_status(&b, 401));
	bench_stream_hear(&b, &plain, &s);
	bench_status(&b, 200);
	s = (struct say){.user = "lom", .nonce = s.nonce, .nc = 2};
	bench_stream_hear(&b, &tls, &s);
	b.alive[2] = false;
	outcome(VD_STORED);
	bench_pass(&b, 60000);
	bench_silent(&b);
	assert_int_equal(b.core.stats.mrs_failed, 1);
	b.alive[2] = true;
	s.nonce = NULL;
	bench_stream_hear(&b, &tls, &(struct say){0});
	s.nonce = bench_nonce(bench_status(&b, 401));
	bench_stream_hear(&b, &tls, &s);
	outcome(VD_DUPLICATE);
	bench_status(&b, 200);
	assert_int_equal(bench_next(&b)->to.conn, 2);
}

static void a_unit_that_refuses_is_tried_the_next_way(void **state)
{
	(void)state;
	reg(5062, "sip:7001@192.0.2.1:5099");
	bench_signed(&b, 33333, &(struct say){0}); /* rport: live flow, then contact */
	outcome(VD_STORED);
	bench_status(&b, 200);
	const struct bench_sent *m = bench_next(&b);
	where(m, "192.0.2.1", 33333, SIP_UDP);
	bench_reply(&b, m->text, 404);
	m = bench_next(&b);
	where(m, "192.0.2.1", 5099, SIP_UDP);
	bench_reply(&b, m->text, 404);
	bench_silent(&b);
	assert_int_equal(b.core.stats.mrs_failed, 1);
}

/* -- ends ------------------------------------------------------------------------------------- */

static void the_door_may_close_while_the_hub_works(void **state)
{
	(void)state;
	bench_signed(&b, 5062, &(struct say){0});
	bench_signed(&b, 5062, &(struct say){0});
	outcome(VD_STORED);
	/* teardown closes first and answers then */
}

static void keep_alives_on_a_connection(void **state)
{
	(void)state;
	size_t used;
	struct sip_stream st = bench_stream(&b, 1);
	assert_int_equal(sip_stream_input(&st, vd_span_cstr("\r\n\r\n"), 4, &used), SIP_NEED_BYTES);
	assert_int_equal(used, 4);
	assert_string_equal(bench_next(&b)->text, "\r\n");
	assert_int_equal(sip_stream_input(&st, vd_span_cstr("rubbish\r\n\r\n"), 4, &used),
			 SIP_FINISHED);
}

/* Every allocation of ours may fail: nothing is told stored that was not, nothing is left behind.
 */
static void out_of_memory_anywhere(void **state)
{
	(void)state;
	for (long i = 0;; i++) {
		struct bench o;
		bench_open(&o);
		bench_hear(&o, 5062, &(struct say){.method = "REGISTER"});
		struct say s = {.method = "REGISTER",
				.user = "lom",
				.nonce = bench_nonce(bench_status(&o, 401)),
				.extra = "Contact: <sip:7001@192.0.2.1:5099>\r\n"};
		size_t n[2];
		char *text[2] = {bench_text(&o, &s, &n[0]), NULL};
		s.method = NULL;
		s.nc = 2;
		text[1] = bench_text(&o, &s, &n[1]);
		struct sip_addr from;
		assert_true(sip_addr_parse("192.0.2.1", 5062, &from));
		vd_mem_fault(i, 1);
		for (int k = 0; k < 2; k++)
			sip_core_datagram(&o.core, &from, vd_span(text[k], n[k]));
		size_t before = o.n_sent;
		if (o.n_frames && o.frames[0].x)
			bench_outcome(&o, 0, VD_BUSY);
		bool reached = vd_mem_count() <= i;
		vd_mem_fault(-1, 0);
		for (size_t k = before; k < o.n_sent; k++)
			assert_true(o.replies > 0 ||
				    strncmp(o.sent[k].text, "SIP/2.0 200", 11) != 0);
		vd_free(text[0]);
		vd_free(text[1]);
		bench_close(&o);
		if (reached) {
			assert_true(i > 20);
			return;
		}
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_200_then_the_answer),
		TEST(the_outcome_decides),
		TEST(in_the_200_where_units_want_it),
		TEST(R3_foreign_types_and_encodings),
		TEST(R19_a_compressed_document_reaches_the_hub_as_it_was),
		TEST(R16_udp_goes_back_where_it_came_from),
		TEST(R16_without_rport_the_contact_then_the_sent_by),
		TEST(R16_a_contact_that_has_ended_is_not_used),
		TEST(a_contact_elsewhere_is_never_sent_to),
		TEST(R16_the_connection_closed_between_200_and_answer),
		TEST(over_tls_only_what_is_encrypted),
		TEST(a_unit_that_refuses_is_tried_the_next_way),
		TEST(the_door_may_close_while_the_hub_works),
		TEST(keep_alives_on_a_connection),
		TEST(out_of_memory_anywhere),
	};
	return cmocka_run_group_tests_name("sip/alarm", tests, NULL, NULL);
}

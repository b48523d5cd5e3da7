/* SPDX-License-Identifier: EUPL-1.2 */
/* Where messages end, what is refused before any parser sees it, and what a body was before it was
 * compressed. */
#include "vdtest.h"
#include "base/mem.h"
#include "io/sip_int.h"
#include <stdio.h>
#include <zlib.h>

#define HEAD                                                                                       \
	"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:7@a>\r\n"     \
	"To: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 MESSAGE\r\n"

static enum sip_cut_kind datagram(const char *text, struct sip_cut *c)
{
	return sip_cut_datagram(vd_span_cstr(text), c);
}

static void a_length_is_digits_and_fits(void **state)
{
	static const struct {
		const char *lines, *body;
		int status;
		size_t n;
	} rows[] = {
		{"Content-Length: 3\r\n", "abc", 0, 3},
		{"l:3\r\n", "abc", 0, 3},
		{"CONTENT-LENGTH\t:  3  \r\n", "abc\r\n", 0,
		 3}, /* line ends behind it are nobody's */
		{"", "abc", 0, 3},
		{"", "", 0, 0},
		{"Content-Length: 3\r\nl: 3\r\n", "abc", 0, 3},
		{"Content-Length: 4\r\n", "abc", 400, 0},
		{"Content-Length: 2\r\n", "abc", 400, 0},
		{"Content-Length: 3\r\nl: 2\r\n", "abc", 400, 0},
		{"Content-Length: -1\r\n", "abc", 400, 0},
		{"Content-Length: 0x3\r\n", "abc", 400, 0},
		{"Content-Length: \r\n", "abc", 400, 0},
		{"Content-Length:\r\n 3\r\n", "abc", 400, 0}, /* folded: two readers, two lengths */
		{"Content-Length: 99999999999\r\n", "abc", 400, 0}, /* wraps in 32 bits */
		{"Content-Length: 4294967299\r\n", "abc", 413, 0},
		{"Content-Length: 16385\r\n", "abc", 413, 0},
		{"X: a\rContent-Length: 1\r\n", "abc", 400, 0},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[1000];
		struct sip_cut c;
		snprintf(text, sizeof(text), HEAD "%s\r\n%s", rows[i].lines, rows[i].body);
		assert_int_equal(datagram(text, &c), SIP_CUT_MESSAGE);
		if (c.status != rows[i].status)
			print_error("row %zu\n", i);
		assert_int_equal(c.status, rows[i].status);
		if (!c.status)
			assert_int_equal(c.body.n, rows[i].n);
	}
}

static void a_stream_is_cut_message_by_message(void **state)
{
	static const char two[] =
		"\r\n" HEAD "Content-Length: 3\r\n\r\nabc" HEAD "l: 0\r\n\r\n\r\n\r\nREST";
	struct sip_cut c;
	size_t at = 0;
	(void)state;
	for (size_t n = 0; n < sizeof(HEAD) + 25; n++) { /* in any pieces: not before it is whole */
		enum sip_cut_kind k = sip_cut_stream(vd_span(two + 2, n), &c);
		assert_int_equal(k, n < sizeof(HEAD) - 1 + 24 ? SIP_CUT_MORE : SIP_CUT_MESSAGE);
	}
	assert_int_equal(sip_cut_stream(vd_span_cstr(two), &c), SIP_CUT_NOTHING);
	at += c.used;
	assert_int_equal(sip_cut_stream(vd_span_cstr(two + at), &c), SIP_CUT_MESSAGE);
	assert_true(vd_span_is(c.body, "abc"));
	at += c.used;
	assert_int_equal(sip_cut_stream(vd_span_cstr(two + at), &c), SIP_CUT_MESSAGE);
	assert_int_equal(c.body.n, 0);
	at += c.used;
	assert_int_equal(sip_cut_stream(vd_span_cstr(two + at), &c), SIP_CUT_PING);
	at += c.used;
	assert_string_equal(two + at, "REST");
}

static void what_cannot_be_framed_ends_the_stream(void **state)
{
	static const char *const bad[] = {HEAD "\r\n", HEAD "Content-Length: x\r\n\r\n",
					  HEAD "Content-Length: 70000\r\n\r\n",
					  HEAD "Content-Length: 1\r\nl: 2\r\n\r\nab"};
	struct sip_cut c;
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(sip_cut_stream(vd_span_cstr(bad[i]), &c), SIP_CUT_MESSAGE);
		assert_true(c.lost && c.status >= 400);
	}
	char *big = vd_malloc(VD_MAX_SIP_HEAD + 1);
	memset(big, 'a', VD_MAX_SIP_HEAD + 1);
	assert_int_equal(sip_cut_stream(vd_span(big, VD_MAX_SIP_HEAD), &c), SIP_CUT_MORE);
	assert_int_equal(sip_cut_stream(vd_span(big, VD_MAX_SIP_HEAD + 1), &c), SIP_CUT_MESSAGE);
	assert_true(c.lost && c.status == 513);
	vd_free(big);
}

static void many_headers_and_marks_are_refused(void **state)
{
	struct vd_buf b;
	struct sip_cut c;
	(void)state;
	for (int marks = 0; marks < 2; marks++) {
		vd_buf_init(&b, 1 << 17);
		vd_buf_add_cstr(&b, HEAD);
		for (int i = 0; i < VD_MAX_SIP_MARKS + 1; i++)
			vd_buf_add_cstr(&b, marks ? (i ? ",h;a" : "Route: x") : "X: 1\r\n");
		vd_buf_add_cstr(&b, "\r\n\r\n");
		assert_int_equal(datagram(b.p, &c), SIP_CUT_MESSAGE);
		assert_int_equal(c.status, 400);
		vd_buf_fini(&b);
	}
}

static int parse(const char *text, struct sip_msg *m)
{
	struct sip_cut c;
	struct sip_flow from = {.transport = SIP_UDP};
	assert_true(sip_addr_parse("192.0.2.1", 40001, &from.peer));
	if (datagram(text, &c) != SIP_CUT_MESSAGE || c.status)
		return VD_EPARSE;
	sip_parser_start();
	return sip_msg_parse(&c, &from, m);
}

/* Oddities of real units: LF alone, short names, line ends in front, no From tag, a branch that is
 * none. */
static void the_field_is_understood(void **state)
{
	struct sip_msg m;
	(void)state;
	assert_int_equal(
		parse("\r\n\r\nMESSAGE sip:a@b SIP/2.0\nv: SIP/2.0/UDP 192.0.2.1:5077;branch=1\n"
		      "f: sip:7001@a.example\nt: sip:arc@b\ni: x@y\nCSeq: 2023 MESSAGE\n"
		      "c: text/plain\nl: 2\n\nhi",
		      &m),
		0);
	assert_string_equal(m.o->from->url->username, "7001");
	assert_string_equal(m.branch, "1");
	assert_string_equal(m.o->content_type->subtype, "plain");
	assert_true(vd_span_is(m.body, "hi"));
	assert_int_equal(m.back.peer.port, 5077); /* no rport: where it says it listens */
	sip_msg_fini(&m);
	assert_int_equal(parse("MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1;rport\r\n"
			       "From: \"Å; <x>\" <sip:7001@[2001:db8::1]>\r\nTo: sip:arc@b\r\n"
			       "Call-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n",
			       &m),
			 0);
	assert_int_equal(m.back.peer.port, 40001);
	assert_string_equal(m.o->from->url->host, "2001:db8::1");
	sip_msg_fini(&m);
	/* Without rport behind a NAT: the port it names is not the one that leads back. */
	assert_int_equal(parse("MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 10.1.1.1:5060\r\n"
			       "From: <sip:7001@a>\r\nTo: sip:arc@b\r\n"
			       "Call-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n",
			       &m),
			 0);
	assert_int_equal(m.back.peer.port, 40001);
	sip_msg_fini(&m);
}

static void what_is_no_message_is_not_parsed(void **state)
{
	static const char *const bad[] = {
		"hello\r\n\r\n",
		"MESSAGE sip:a@b SIP/2.0\r\n\r\n",
		"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nTo: sip:a@b\r\nCall-ID: "
		"x\r\nCSeq: 1 "
		"MESSAGE\r\n\r\n",
		"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:a@b\r\nTo: "
		"sip:a@b\r\nCall-ID: "
		"x\r\nCSeq: 1 OPTIONS\r\n\r\n",
		"MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: sip:a@b\r\nTo: "
		"sip:a@b\r\nCall-ID: "
		"x\r\nCSeq: many MESSAGE\r\n\r\n",
	};
	struct sip_msg m;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(parse(bad[i], &m), VD_EPARSE);
}

static void nobody_writes_headers_by_an_address(void **state)
{
	struct sip_msg m;
	struct vd_buf b;
	(void)state;
	assert_int_equal(parse("MESSAGE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=x\r\n"
			       "From: <sip:7%0d%0aX-Evil:%201@a>\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\n"
			       "CSeq: 1 MESSAGE\r\n\r\n",
			       &m),
			 0);
	assert_false(sip_uri_usable(m.o->from->url));
	vd_buf_init(&b, 4096);
	(void)sip_write_answer(&b, &m, "t", &(struct sip_answer){.status = 400});
	assert_null(b.n ? strstr(b.p, "\nX-Evil") : NULL);
	vd_buf_fini(&b);
	sip_msg_fini(&m);
}

/* -- encodings -------------------------------------------------------------------------------- */

static size_t pack(int window, const char *text, size_t n, unsigned char *ret, size_t cap)
{
	z_stream z = {.next_in = (unsigned char *)text,
		      .avail_in = (unsigned)n,
		      .next_out = ret,
		      .avail_out = (unsigned)cap};
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return cap - z.avail_out;
}

static const char document[] = "<mrq><ref>1</ref><cid>7001</cid><dty>4</dty></mrq>";

static void decoded(const char *how, int window)
{
	unsigned char out[4096];
	struct vd_buf b;
	size_t n = pack(window, document, sizeof(document) - 1, out, sizeof(out));
	vd_buf_init(&b, VD_MAX_SIP_PLAIN);
	assert_int_equal(sip_body_decode(vd_span_cstr(how), vd_span((char *)out, n), &b), 0);
	assert_true(vd_span_is(vd_buf_span(&b), document));
	vd_buf_clear(&b);
	for (size_t cut = 0; cut < n; cut++)
		assert_int_not_equal(
			sip_body_decode(vd_span_cstr(how), vd_span((char *)out, cut), &b), 0);
	out[n] = 'x';
	assert_int_not_equal(sip_body_decode(vd_span_cstr(how), vd_span((char *)out, n + 1), &b),
			     0);
	vd_buf_fini(&b);
}

static void R19_compressed_bodies(void **state)
{
	struct vd_buf b;
	(void)state;
	decoded("deflate", MAX_WBITS);
	decoded("DEFLATE", -MAX_WBITS);
	decoded("gzip", MAX_WBITS + 16);
	decoded("x-gzip", MAX_WBITS + 16);
	vd_buf_init(&b, 100);
	assert_int_equal(sip_body_decode(vd_span_cstr(""), vd_span_cstr("as it is"), &b), 0);
	assert_true(vd_span_is(vd_buf_span(&b), "as it is"));
	assert_int_equal(sip_body_decode(vd_span_cstr("br"), vd_span_cstr("x"), &b), VD_EINVAL);
	assert_int_equal(sip_body_decode(vd_span_cstr("gzip"), vd_span_cstr("no gzip at all"), &b),
			 VD_EPARSE);
	vd_buf_fini(&b);
}

static void R19_a_bomb_goes_nowhere(void **state)
{
	size_t n = 8 * 1024 * 1024;
	char *zeros = vd_calloc(1, n);
	unsigned char *out = vd_malloc(65536);
	static const int windows[] = {MAX_WBITS, -MAX_WBITS, MAX_WBITS + 16};
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct vd_buf b;
		size_t packed = pack(windows[i], zeros, n, out, 65536);
		assert_true(packed < VD_MAX_SIP_BODY);
		vd_buf_init(&b, VD_MAX_SIP_PLAIN);
		assert_int_equal(sip_body_decode(vd_span_cstr(i == 2 ? "gzip" : "deflate"),
						 vd_span((char *)out, packed), &b),
				 VD_ELIMIT);
		assert_true(b.cap <= VD_MAX_SIP_PLAIN + 1);
		vd_buf_fini(&b);
	}
	vd_free(zeros);
	vd_free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_length_is_digits_and_fits),
		cmocka_unit_test(a_stream_is_cut_message_by_message),
		cmocka_unit_test(what_cannot_be_framed_ends_the_stream),
		cmocka_unit_test(many_headers_and_marks_are_refused),
		cmocka_unit_test(the_field_is_understood),
		cmocka_unit_test(what_is_no_message_is_not_parsed),
		cmocka_unit_test(nobody_writes_headers_by_an_address),
		cmocka_unit_test(R19_compressed_bodies),
		cmocka_unit_test(R19_a_bomb_goes_nowhere),
	};
	return cmocka_run_group_tests_name("sip/frame", tests, NULL, NULL);
}

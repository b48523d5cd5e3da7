/* SPDX-License-Identifier: EUPL-1.2 */
/* The door on a real loop and loopback sockets, time simulated: datagrams, streams, who is borne
 * how long, and the end with everything given back. */
#include "vdtest.h"
#include "base/mem.h"
#include "io/sip_conn.h"
#include "sim/runtime_sim.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static struct {
	uv_loop_t loop;
	struct vd_runtime *rt;
	struct vd_sip *door;
	struct vd_exchange *at_hub;
	bool closed;
} h;

/* -- the hub ---------------------------------------------------------------------------------- */

static bool account(void *arg, struct vd_span user, const char *realm, struct vd_sip_account *ret)
{
	unsigned n;
	(void)arg;
	(void)realm;
	*ret = (struct vd_sip_account){.gateway = 1};
	return vd_span_is(user, "u") &&
	       EVP_Digest("u:varde:p", 9, ret->ha1_md5, &n, EVP_md5(), NULL);
}

static bool account_of(void *arg, int64_t gateway, const char *realm, struct vd_sip_account *ret)
{
	(void)gateway;
	return account(arg, VD_SPAN_LIT("u"), realm, ret);
}

static void receive(void *arg, int64_t gateway, const struct vd_frame *f, struct vd_exchange *x)
{
	(void)arg;
	(void)gateway;
	(void)f;
	assert_null(h.at_hub);
	h.at_hub = x;
}

static int reply(void *arg, int64_t gateway, const struct vd_frame *f, enum vd_outcome_code o,
		 const char *why, struct vd_buf *body, const char **type)
{
	(void)arg;
	(void)gateway;
	(void)f;
	(void)o;
	(void)why;
	*type = "application/scaip+xml";
	return vd_buf_add_cstr(body, "<mrs/>");
}

static const char *config(void *arg, int64_t gateway, int64_t *ret_version)
{
	(void)arg;
	(void)gateway;
	*ret_version = 1;
	return "";
}

static const struct vd_sip_host host = {.account = account,
					.account_of = account_of,
					.receive = receive,
					.reply = reply,
					.config = config};

/* -- the house -------------------------------------------------------------------------------- */

static void settle(void)
{
	for (int i = 0; i < 20; i++) {
		uv_run(&h.loop, UV_RUN_NOWAIT);
		vd_runtime_sim_settle(h.rt);
	}
}

static void pass(int64_t ms)
{
	settle();
	vd_runtime_sim_advance(h.rt, ms);
	settle();
}

static int begin(void **state)
{
	struct vd_errtext e = {0};
	struct vd_sip_config cfg = {
		.bind = "127.0.0.1", .udp = true, .tcp = true, .realm = "varde"};
	(void)state;
	memset(&h, 0, sizeof(h));
	assert_int_equal(uv_loop_init(&h.loop), 0);
	h.rt = vd_runtime_sim_new(1767225600000, 3);
	if (vd_sip_open(&h.loop, h.rt, &cfg, &host, &h.door, &e))
		fail_msg("%s: %s", e.fact, e.detail);
	return 0;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static int end(void **state)
{
	(void)state;
	vd_sip_close(h.door, on_closed, &h.closed);
	assert_false(h.closed);
	settle();
	assert_true(h.closed);
	if (h.at_hub)
		h.at_hub->on_outcome(h.at_hub, VD_STORED, NULL); /* frees itself */
	assert_int_equal(vd_runtime_sim_open_timers(h.rt), 0);
	assert_int_equal(uv_loop_close(&h.loop), 0);
	vd_runtime_sim_free(h.rt);
	return 0;
}

/* -- a unit ----------------------------------------------------------------------------------- */

static int dial(int type)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)vd_sip_port(h.door))};
	int fd = socket(AF_INET, type, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	int one = 1; /* what is said is sent now, not with the next word */
	if (type == SOCK_STREAM)
		assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	settle();
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
	settle();
}

/* What has come; "" = nothing. Static buffer. */
static const char *hear(int fd)
{
	static char text[65536];
	size_t n = 0;
	ssize_t more;
	do {
		settle();
		more = recv(fd, text + n, sizeof(text) - 1 - n, MSG_DONTWAIT);
		n += more > 0 ? (size_t)more : 0;
	} while (more > 0);
	text[n] = '\0';
	return text;
}

static bool gone(int fd)
{
	char c;
	settle();
	ssize_t n = recv(fd, &c, 1, MSG_DONTWAIT | MSG_PEEK);
	return n == 0 || (n < 0 && errno != EAGAIN);
}

static void hexed(const char *text, char ret[33])
{
	unsigned char out[16];
	unsigned n;
	assert_int_equal(EVP_Digest(text, strlen(text), out, &n, EVP_md5(), NULL), 1);
	for (int i = 0; i < 16; i++)
		snprintf(ret + 2 * i, 3, "%02x", out[i]);
}

static int made;

static void request(char *ret, size_t cap, const char *method, const char *extra, size_t length)
{
	made++;
	snprintf(ret, cap,
		 "%s sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK%d;rport\r\nFrom: "
		 "<sip:7@h>;tag=1\r\nTo: <sip:7@h>\r\nCall-ID: %d\r\nCSeq: 1 "
		 "%s\r\n%sContent-Length: "
		 "%zu\r\n\r\n",
		 method, made, made, method, extra, length);
}

static void sign_in(int fd)
{
	char text[2000], extra[600], nonce[100], a1[33], a2[33], response[33];
	request(text, sizeof(text), "REGISTER", "", 0);
	say(fd, text);
	const char *p = strstr(hear(fd), "nonce=\"");
	assert_non_null(p);
	assert_int_equal(sscanf(p, "nonce=\"%99[^\"]", nonce), 1);
	hexed("u:varde:p", a1);
	hexed("REGISTER:sip:a@b", a2);
	snprintf(extra, sizeof(extra), "%s:%s:%s", a1, nonce, a2);
	hexed(extra, response);
	snprintf(extra, sizeof(extra),
		 "Authorization: Digest username=\"u\", realm=\"varde\", nonce=\"%s\", "
		 "uri=\"sip:a@b\", response=\"%s\"\r\nContact: "
		 "<sip:7@127.0.0.1:9;transport=tcp>\r\n",
		 nonce, response);
	request(text, sizeof(text), "REGISTER", extra, 0);
	say(fd, text);
	assert_non_null(strstr(hear(fd), "SIP/2.0 200"));
}

static int64_t connections(void)
{
	struct vd_sip_stats s;
	settle();
	vd_sip_stats(h.door, &s);
	return s.connections;
}

/* -- tests ------------------------------------------------------------------------------------ */

static void one_port_for_datagrams_and_streams(void **state)
{
	char text[2000];
	(void)state;
	int udp = dial(SOCK_DGRAM), tcp = dial(SOCK_STREAM);
	request(text, sizeof(text), "OPTIONS", "", 0);
	say(udp, text);
	assert_non_null(strstr(hear(udp), "SIP/2.0 200"));
	for (const char *p = text; *p; p++) { /* a byte at a time */
		char one[2] = {*p, '\0'};
		say(tcp, one);
	}
	assert_non_null(strstr(hear(tcp), "SIP/2.0 200"));
	close(udp);
	close(tcp);
	assert_int_equal(connections(), 0);
}

static void an_alarm_and_its_answer_on_one_connection(void **state)
{
	char text[2000];
	(void)state;
	int fd = dial(SOCK_STREAM);
	sign_in(fd);
	request(text, sizeof(text), "MESSAGE", "Content-Type: text/xml\r\n", 6);
	say(fd, text);
	assert_null(h.at_hub); /* not before it is whole */
	say(fd, "<mrq/>");
	assert_non_null(h.at_hub);
	assert_string_equal(hear(fd), "");
	struct vd_exchange *x = h.at_hub;
	h.at_hub = NULL;
	x->on_outcome(x, VD_STORED, NULL);
	const char *heard = hear(fd);
	assert_memory_equal(heard, "SIP/2.0 200", 11);
	assert_non_null(
		strstr(heard, "\r\n\r\nMESSAGE sip:7@127.0.0.1:9;transport=tcp SIP/2.0\r\n"));
	close(fd);
}

static void strangers_have_half_a_minute(void **state)
{
	(void)state;
	int stranger = dial(SOCK_STREAM), known = dial(SOCK_STREAM);
	sign_in(known);
	pass(29000);
	say(stranger, "\r\n\r\n"); /* keeping alive is no proof of who one is */
	pass(500);
	assert_false(gone(stranger) && connections() < 2);
	pass(3000);
	(void)hear(stranger);
	assert_true(gone(stranger));
	assert_false(gone(known));
	pass(3600 * 1000ll);
	assert_false(gone(known)); /* as long as a registration lasts */
	pass(90 * 1000ll);
	assert_true(gone(known));
	assert_int_equal(connections(), 0);
	close(stranger);
	close(known);
}

static void half_a_message_is_not_waited_for(void **state)
{
	(void)state;
	int slow = dial(SOCK_STREAM);
	sign_in(slow);
	say(slow, "\r\n"); /* half a keep-alive may take its time */
	pass(60000);
	assert_false(gone(slow));
	for (int i = 0; i < 12 && !gone(slow); i++) {
		(void)send(slow, "M", 1, MSG_NOSIGNAL);
		pass(1000);
	}
	assert_true(gone(slow));
	close(slow);
}

static void one_address_takes_not_all_the_room(void **state)
{
	int fd[VD_MAX_SIP_PREAUTH_SOURCE + 5];
	(void)state;
	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		fd[i] = dial(SOCK_STREAM);
	assert_int_equal(connections(), VD_MAX_SIP_PREAUTH_SOURCE);
	sign_in(fd[0]); /* who has signed in makes room for another */
	int more = dial(SOCK_STREAM);
	assert_false(gone(more));
	for (size_t i = 0; i < sizeof(fd) / sizeof(fd[0]); i++)
		close(fd[i]);
	close(more);
}

static void rubbish_ends_its_own_connection(void **state)
{
	char text[2000];
	(void)state;
	int bad = dial(SOCK_STREAM), good = dial(SOCK_STREAM);
	say(bad, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	assert_true(gone(bad));
	request(text, sizeof(text), "OPTIONS", "", 0);
	say(good, text);
	assert_non_null(strstr(hear(good), "SIP/2.0 200"));
	close(bad);
	close(good);
}

static void many_at_once_take_turns(void **state)
{
	static char text[400000];
	size_t n = 0;
	(void)state;
	int fd = dial(SOCK_STREAM);
	for (int i = 0; i < 45; i++) { /* below what an address may ask a second */
		request(text + n, sizeof(text) - n, "OPTIONS", "", 0);
		n += strlen(text + n);
	}
	say(fd, text);
	int answers = 0;
	for (const char *p = hear(fd); (p = strstr(p, "SIP/2.0 200")); p += 11)
		answers++;
	assert_int_equal(answers, 45);
	close(fd);
}

static void a_port_that_is_taken_is_told(void **state)
{
	struct vd_sip *second = NULL;
	struct vd_errtext e = {0};
	struct vd_sip_config cfg = {
		.bind = "127.0.0.1", .udp = true, .tcp = true, .port = vd_sip_port(h.door)};
	(void)state;
	assert_int_equal(vd_sip_open(&h.loop, h.rt, &cfg, &host, &second, &e), VD_EIO);
	assert_non_null(strstr(e.detail, "127.0.0.1 port"));
	cfg.bind = "somewhere";
	assert_int_equal(vd_sip_open(&h.loop, h.rt, &cfg, &host, &second, &e), VD_EINVAL);
	cfg = (struct vd_sip_config){.bind = "127.0.0.1"};
	assert_int_equal(vd_sip_open(&h.loop, h.rt, &cfg, &host, &second, &e), VD_EINVAL);
	assert_null(second);
	settle();
}

static void it_closes_with_everything_open(void **state)
{
	char text[2000];
	(void)state;
	int a = dial(SOCK_STREAM), b = dial(SOCK_STREAM), half = dial(SOCK_STREAM);
	sign_in(a);
	request(text, sizeof(text), "MESSAGE", "", 0);
	say(a, text);
	assert_non_null(h.at_hub);
	say(half, "MESSA");
	close(b);
	close(half);
	/* `a` and its exchange are still there when the door closes */
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(one_port_for_datagrams_and_streams),
		TEST(an_alarm_and_its_answer_on_one_connection),
		TEST(strangers_have_half_a_minute),
		TEST(half_a_message_is_not_waited_for),
		TEST(one_address_takes_not_all_the_room),
		TEST(rubbish_ends_its_own_connection),
		TEST(many_at_once_take_turns),
		TEST(a_port_that_is_taken_is_told),
		TEST(it_closes_with_everything_open),
	};
	return cmocka_run_group_tests_name("sip/door", tests, NULL, NULL);
}

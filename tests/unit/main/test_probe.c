/* SPDX-License-Identifier: EUPL-1.2 */
/* The question to our own web door, against a peer that answers in good and bad ways. */
#include "io/probe.h"
#include "vdtest.h"
#include <arpa/inet.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct peer {
	int fd, port;
	const char *answer; /* NULL = closes at once */
	char heard[256];
	pthread_t thread;
};

static void *serve_one(void *arg)
{
	struct peer *p = arg;
	int c = accept(p->fd, NULL, NULL);
	if (c < 0)
		return NULL;
	ssize_t n = recv(c, p->heard, sizeof(p->heard) - 1, 0);
	p->heard[n > 0 ? n : 0] = '\0';
	if (p->answer)
		n = send(c, p->answer, strlen(p->answer), MSG_NOSIGNAL);
	close(c);
	return NULL;
}

static void start(struct peer *p, const char *answer)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	memset(p, 0, sizeof(*p));
	p->answer = answer;
	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(p->fd >= 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(p->fd, 1), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &n), 0);
	p->port = ntohs(a.sin_port);
	assert_int_equal(pthread_create(&p->thread, NULL, serve_one, p), 0);
}

static void stop(struct peer *p)
{
	pthread_join(p->thread, NULL);
	close(p->fd);
}

static int ask(const char *answer, bool tls, struct vd_probe *r, struct vd_errtext *e)
{
	struct peer p;
	start(&p, answer);
	int err = vd_probe_get("127.0.0.1", p.port, tls, "/healthz", 2000, r, e);
	stop(&p);
	if (!tls)
		assert_memory_equal(p.heard, "GET /healthz HTTP/1.1\r\n", 23);
	return err;
}

static void test_answer(void **state)
{
	struct vd_probe r;
	struct vd_errtext e;
	(void)state;
	assert_int_equal(ask("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false, &r, &e), 0);
	assert_int_equal(r.status, 200);
	assert_string_equal(r.body, "{}");
	assert_string_equal(r.cert_sha256, "");
	assert_int_equal(ask("HTTP/1.0 503 Busy\r\n\r\n", false, &r, &e), 0);
	assert_int_equal(r.status, 503);
}

static void test_bad_answers(void **state)
{
	static const char *const bad[] = {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0\r\n\r\n",
					  "HTTP/1.1 200", "HTTP/1.1\r\n\r\n"};
	struct vd_probe r = {.status = 7};
	struct vd_errtext e;
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(ask(bad[i], false, &r, &e), VD_EPARSE);
	assert_int_equal(ask(NULL, false, &r, &e), VD_EIO);
	assert_int_equal(ask("not TLS at all", true, &r, &e), VD_EIO);
	assert_int_equal(r.status, 7); /* written only on success */
}

static void test_nobody(void **state)
{
	struct vd_probe r;
	struct vd_errtext e;
	struct peer p;
	(void)state;
	start(&p, NULL);
	int port = p.port;
	assert_int_equal(vd_probe_get("0.0.0.0", port, false, "/", 2000, &r, &e), VD_EIO);
	stop(&p);
	assert_int_equal(vd_probe_get("127.0.0.1", port, false, "/", 2000, &r, &e), VD_ENOTFOUND);
	assert_int_equal(vd_probe_get("localhost", port, false, "/", 2000, &r, &e), VD_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_answer),
					   cmocka_unit_test(test_bad_answers),
					   cmocka_unit_test(test_nobody)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests against a real server on loopback, over TLS and without: where they may go, what the
 * other side does to them, and that the loop is empty afterwards. */
#include "vdtest.h"
#include "io/fetch.h"
#include "io/runtime_uv.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
	uv_loop_t loop;
	struct vd_runtime *rt;
	struct vd_fetch *f;
	char dir[64];
	int http, https, pending, to_child;
	pid_t child;
	bool closing, closed;
	struct vd_fetch_result x;
	char why[24];
} T;

static void on_done(const struct vd_fetch_result *x, void *arg)
{
	(void)arg;
	T.x = *x;
	snprintf(T.why, sizeof(T.why), "%s", x->why);
	T.pending--;
}

static void on_closed(void *arg)
{
	*(bool *)arg = true;
}

static void run_all(void)
{
	while (T.pending)
		uv_run(&T.loop, UV_RUN_ONCE);
}

static int start(const char *base, const char *path, const char *secret, const char *ca,
		 const char **ret_why)
{
	const struct vd_fetch_request r = {.base = base,
					   .path = path,
					   .secret = secret,
					   .ca = ca,
					   .body = VD_SPAN_LIT("{\"a\":1}"),
					   .left_ms = 60000};
	int err = vd_fetch_start(T.f, &r, on_done, NULL, ret_why);
	T.pending += !err;
	return err;
}

/* The status, or a word. */
static const char *ask(const char *base, const char *path)
{
	static char got[40];
	const char *why = "";
	T.x.status = 0;
	T.why[0] = '\0';
	int err = start(base, path, "", "ca.pem", &why);
	if (err)
		return why;
	run_all();
	snprintf(got, sizeof(got), "%d%s%s", T.x.status, T.why, T.x.sent ? " sent" : "");
	return got;
}

static const char *here(const char *rest)
{
	static char url[128];
	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", T.http, rest);
	return url;
}

static const char *secure(const char *rest)
{
	static char url[128];
	snprintf(url, sizeof(url), "https://localhost:%d%s", T.https, rest);
	return url;
}

static void write_file(const char *name, const char *text, mode_t mode)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/%s", T.dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void platform_start(void)
{
	int in[2], out[2];
	assert_int_equal(pipe(in) | pipe(out), 0);
	T.child = fork();
	if (!T.child) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[1]);
		execlp("python3", "python3", PLATFORM, T.dir, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	T.to_child = in[1];
	FILE *f = fdopen(out[0], "r");
	assert_int_equal(fscanf(f, "%d %d", &T.http, &T.https), 2);
	fclose(f);
}

static int begin(void **state)
{
	char ca[128];
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	snprintf(T.dir, sizeof(T.dir), "/tmp/varde-fetch-XXXXXX");
	assert_non_null(mkdtemp(T.dir));
	platform_start();
	snprintf(ca, sizeof(ca), "%s/ca.pem", T.dir);
	assert_int_equal(chmod(ca, 0600), 0);
	write_file("token", "hemmelig-1\n", 0600);
	write_file("open", "alle-ser", 0644);
	write_file("twolines", "a\nX-Evil: 1\n", 0600);
	write_file(".hidden", "x", 0600);
	assert_int_equal(uv_loop_init(&T.loop), 0);
	assert_int_equal(vd_runtime_uv_open(&T.loop, &T.rt), 0);
	const struct vd_fetch_config c = {
		.secrets_dir = T.dir, .agent = "varde/test", .connect_ms = 700, .total_ms = 1500};
	struct vd_errtext e;
	assert_int_equal(vd_fetch_open(&T.loop, T.rt, &c, &T.f, &e), 0);
	return 0;
}

static int end(void **state)
{
	bool rt_closed = false;
	char line[128];
	(void)state;
	if (!T.closing)
		vd_fetch_close(T.f, on_closed, &T.closed);
	while (!T.closed)
		uv_run(&T.loop, UV_RUN_ONCE);
	vd_runtime_uv_close(T.rt, on_closed, &rt_closed);
	while (!rt_closed)
		uv_run(&T.loop, UV_RUN_ONCE);
	uv_run(&T.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&T.loop), 0); /* nothing of libcurl's is left on it */
	close(T.to_child);
	waitpid(T.child, NULL, 0);
	static const char *const made[] = {"ca.pem", "key.pem",  "requests.jsonl", "token",
					   "open",   "twolines", ".hidden",        "later"};
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		snprintf(line, sizeof(line), "%s/%s", T.dir, made[i]);
		unlink(line);
	}
	return rmdir(T.dir);
}

static char *requests(void)
{
	static char text[20000];
	char path[128];
	snprintf(path, sizeof(path), "%s/requests.jsonl", T.dir);
	FILE *f = fopen(path, "r");
	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void test_a_request_arrives_whole(void **state)
{
	const char *why = "";
	(void)state;
	assert_int_equal(start(secure("/api/v3/"), "down/push", "token", "ca.pem", &why), 0);
	run_all();
	assert_int_equal(T.x.status, 202);
	assert_non_null(strstr(requests(), "\"path\": \"/api/v3/down/push\""));
	assert_non_null(strstr(requests(), "\"Authorization\": \"Bearer hemmelig-1\""));
	assert_non_null(strstr(requests(), "{\\\"a\\\":1}"));
	assert_string_equal(ask(here(""), "x"), "202 sent");
}

static void test_where_requests_may_not_go(void **state)
{
	static const char *const bases[] = {"http://192.0.2.1/",
					    "http://example.org",
					    "ftp://localhost/x",
					    "file:///etc/passwd",
					    "https://user:pw@localhost/",
					    "https://localhost/?a=b",
					    "https://localhost/#x",
					    "",
					    "gopher://127.0.0.1/",
					    "http://127.evil.example@192.0.2.1/",
					    "http://localhost.example.org/"};
	static const char *const paths[] = {"../x",      "a/../../b", "/abs", "a b",
					    "a\r\nX: y", "a?b",       "a#b",  "a\\b"};
	(void)state;
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		assert_string_equal(ask(bases[i], "x"), "address");
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_string_equal(ask(here(""), paths[i]), "address");
	assert_null(strstr(requests(), "evil"));
}

static void test_certificates_are_judged(void **state)
{
	const char *why = "";
	char wrong[128];
	(void)state;
	assert_string_equal(ask(secure(""), "x"), "202 sent");
	assert_int_equal(start(secure(""), "x", "", "", &why), 0); /* the system does not know it */
	run_all();
	assert_string_equal(T.why, "tls");
	assert_false(T.x.sent);
	snprintf(wrong, sizeof(wrong), "https://127.0.0.1:%d", T.https); /* another name */
	assert_string_equal(ask(wrong, "x"), "0tls");
	snprintf(wrong, sizeof(wrong), "https://localhost:%d", T.http); /* no TLS there */
	assert_string_equal(ask(wrong, "x"), "0tls");
}

static void test_secrets_are_files_of_ours_alone(void **state)
{
	static const char *const names[] = {"open",     "twolines", ".hidden",
					    "../token", "nosuch",   "ca/pem"};
	const char *why = "";
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		assert_int_equal(start(here(""), "x", names[i], "", &why), VD_EINVAL);
		assert_string_equal(why, "secret");
	}
	write_file("later", "ny", 0600);
	assert_int_equal(start(here(""), "x", "later", "", &why), VD_EINVAL);
	vd_fetch_reload(T.f);
	assert_int_equal(start(here(""), "x", "later", "", &why), 0);
	run_all();
	assert_non_null(strstr(requests(), "Bearer ny"));
}

static void test_what_platforms_do(void **state)
{
	(void)state;
	assert_string_equal(ask(here(""), "status/404"), "404 sent");
	assert_string_equal(ask(here(""), "status/503"), "503 sent");
	assert_string_equal(ask(here(""), "status/302"), "302 sent");
	assert_null(strstr(requests(), "elsewhere"));
	assert_string_equal(ask(here(""), "cut"), "0unreachable sent");
	assert_string_equal(ask(here(""), "slow"), "0timeout sent");
	assert_string_equal(ask(here(""), "drip"),
			    "200 sent"); /* it was said; no need for the rest */
	assert_string_equal(ask(here(""), "big"), "200 sent");
	assert_string_equal(ask(here(""), "head"), "200 sent");
	assert_string_equal(ask("http://127.0.0.1:1", "x"), "0unreachable");
	assert_string_equal(ask("https://name.invalid", "x"), "0unreachable");
}

static void test_one_dead_platform_leaves_room(void **state)
{
	const char *why = "";
	(void)state;
	for (int i = 0; i < 12; i++)
		assert_int_equal(start(here("/a"), "slow", "", "", &why), 0);
	uint64_t t0 = uv_now(&T.loop);
	assert_int_equal(start(secure(""), "x", "", "ca.pem", &why), 0);
	while (T.pending > 12)
		uv_run(&T.loop, UV_RUN_ONCE);
	assert_true(uv_now(&T.loop) - t0 < 1000);
	assert_int_equal(T.x.status, 202);
	run_all();
}

static void test_a_ceiling_of_waiting_and_a_clean_end(void **state)
{
	const char *why = "";
	int n = 0;
	(void)state;
	while (start(here("/a"), "slow", "", "", &why) == 0)
		n++;
	assert_int_equal(n, 256);
	for (int i = 0; i < 20; i++)
		uv_run(&T.loop, UV_RUN_NOWAIT);
	T.closing = true;
	vd_fetch_close(T.f, on_closed, &T.closed);
	assert_int_equal(T.pending, 0); /* each has been told */
	assert_string_equal(T.why, "stopping");
	assert_int_equal(start(here(""), "x", "", "", &why), VD_EBUSY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_request_arrives_whole),
		cmocka_unit_test(test_where_requests_may_not_go),
		cmocka_unit_test(test_certificates_are_judged),
		cmocka_unit_test(test_secrets_are_files_of_ours_alone),
		cmocka_unit_test(test_what_platforms_do),
		cmocka_unit_test(test_one_dead_platform_leaves_room),
		cmocka_unit_test(test_a_ceiling_of_waiting_and_a_clean_end),
	};
	return cmocka_run_group_tests_name("fetch", tests, begin, end);
}

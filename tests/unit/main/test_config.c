/* SPDX-License-Identifier: EUPL-1.2 */
/* The configuration file: defaults, strictness with line numbers, every problem at once. */
#include "base/mem.h"
#include "main/config.h"
#include "vdtest.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/varde-config-XXXXXX";
static char file[64];

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	snprintf(file, sizeof(file), "%s/varde.yaml", folder);
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(folder);
}

static void write_file(const char *text)
{
	FILE *f = fopen(file, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct vd_config_report *check(const char *text, struct vd_config **ret)
{
	static struct vd_config_report r;
	struct vd_errtext e;
	write_file(text);
	assert_int_equal(vd_config_check(file, &r, ret, &e), 0);
	return &r;
}

static const struct vd_config_problem *problem_at(const struct vd_config_report *r, int line)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->list[i].line == line && !r->list[i].warning)
			return &r->list[i];
	fail_msg("no error on line %d", line);
	return NULL;
}

static void test_defaults(void **state)
{
	struct vd_config *c = NULL;
	(void)state;
	assert_int_equal(vd_config_default(NULL, &c), 0);
	assert_string_equal(c->state_dir, "/var/lib/varde");
	assert_string_equal(c->db_file, "/var/lib/varde/varde.db");
	assert_string_equal(c->mqtt.bind, "127.0.0.1");
	assert_int_equal(c->mqtt.port, 8883);
	assert_int_equal(c->mqtt.plain_port, -1);
	assert_int_equal(c->http.port, 8443);
	assert_true(c->mqtt.enabled && c->self_signed && !c->http.plain);
	assert_string_equal(c->http.cert, "/var/lib/varde/tls/cert.pem");
	assert_int_equal(c->report.hour, 2);
	assert_int_equal(c->report.minute, 0);
	assert_int_equal(c->log_level, VD_LOG_INFO);
	vd_config_free(c);
}

static void test_empty_file_is_the_defaults(void **state)
{
	struct vd_config *c = NULL;
	(void)state;
	assert_int_equal(check("# nothing\n\n", &c)->errors, 0);
	assert_non_null(c);
	assert_int_equal(c->http.port, 8443);
	vd_config_free(c);
}

static void test_values_and_paths(void **state)
{
	struct vd_config *c = NULL;
	char want[96];
	(void)state;
	const struct vd_config_report *r = check("state_dir: state\n"
						 "origin: varde.lom.example\n"
						 "log_level: debug\n"
						 "mqtt:\n"
						 "  bind: 0.0.0.0\n"
						 "  port: 0\n"
						 "  plain_port: 1883\n"
						 "report:\n"
						 "  time: \"03:45\"\n"
						 "  enabled: false\n"
						 "http: {port: 9443, plain: true}\n",
						 &c);
	assert_int_equal(r->errors, 0);
	assert_non_null(c);
	snprintf(want, sizeof(want), "%s/state", folder);
	assert_string_equal(c->state_dir, want);
	snprintf(want, sizeof(want), "%s/state/varde.db", folder);
	assert_string_equal(c->db_file, want);
	assert_int_equal(c->mqtt.port, 0);
	assert_int_equal(c->mqtt.plain_port, 1883);
	assert_int_equal(c->report.hour * 60 + c->report.minute, 225);
	assert_false(c->report.enabled);
	assert_int_equal(c->http.port, 9443);
	assert_null(c->http.cert);
	assert_int_equal(c->log_level, VD_LOG_DEBUG);
	vd_config_free(c);
}

static void test_every_problem_with_its_line(void **state)
{
	struct vd_config *c = NULL;
	(void)state;
	const struct vd_config_report *r = check("orgin: x\n"             /* 1 */
						 "mqtt:\n"                /* 2 */
						 "  prot: 1\n"            /* 3 */
						 "  port: 08\n"           /* 4 */
						 "  max_keepalive_s: 1\n" /* 5 */
						 "  enabled: off\n"       /* 6 */
						 "http: 3\n"              /* 7 */
						 "report:\n"              /* 8 */
						 "  dir:\n"               /* 9 */
						 "  time: x\n"            /* 10 */
						 "  time: y\n",           /* 11 */
						 &c);
	assert_null(c);
	assert_int_equal(r->errors, 8);
	assert_non_null(strstr(problem_at(r, 1)->hint, "\"origin\""));
	assert_non_null(strstr(problem_at(r, 3)->hint, "\"port\""));
	assert_string_equal(problem_at(r, 4)->key, "mqtt.port");
	assert_non_null(strstr(problem_at(r, 5)->hint, "10"));
	assert_non_null(strstr(problem_at(r, 6)->hint, "true or false"));
	assert_string_equal(problem_at(r, 7)->key, "http");
	assert_non_null(strstr(problem_at(r, 9)->fact, "no value"));
	assert_non_null(strstr(problem_at(r, 11)->fact, "line 10"));
}

static void test_meaning(void **state)
{
	struct vd_config *c = NULL;
	(void)state;
	const struct vd_config_report *r = check("origin: \"two words\"\n"
						 "tls:\n"
						 "  cert: /nonexistent/cert.pem\n"
						 "  key: /nonexistent/key.pem\n"
						 "mqtt:\n"
						 "  bind: localhost\n"
						 "  port: 8443\n"
						 "http:\n"
						 "  bind: 0.0.0.0\n"
						 "  plain: true\n"
						 "report:\n"
						 "  time: 25:00\n"
						 "state_dir: /nonexistent/a/b\n"
						 "log_level: loud\n",
						 &c);
	assert_null(c);
	problem_at(r, 1);
	problem_at(r, 3);
	problem_at(r, 4);
	assert_string_equal(problem_at(r, 6)->key, "mqtt.bind");
	assert_string_equal(problem_at(r, 7)->key, "mqtt.port");
	assert_string_equal(problem_at(r, 10)->key, "http.plain");
	assert_string_equal(problem_at(r, 12)->key, "report.time");
	problem_at(r, 13);
	problem_at(r, 14);
	assert_int_equal(r->errors, 9);
}

static bool told(const struct vd_config_report *r, const char *key, bool warning)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->list[i].key, key) == 0 && r->list[i].warning == warning)
			return true;
	return false;
}

static void test_the_sip_door(void **state)
{
	struct vd_config *c = NULL;
	(void)state;
	assert_int_equal(check("sip:\n  enabled: true\n", &c)->errors, 0);
	assert_true(c->sip.enabled && c->sip.udp && c->sip.tcp && c->sip.tls);
	assert_int_equal(c->sip.port, 5060);
	assert_int_equal(c->sip.tls_port, 5061);
	assert_string_equal(c->sip.bind, "127.0.0.1");
	assert_string_equal(c->sip.realm, "varde");
	assert_null(c->sip.name);
	vd_config_free(c);
	assert_int_equal(check("", &c)->errors, 0);
	assert_false(c->sip.enabled);
	vd_config_free(c);
	const struct vd_config_report *r =
		check("sip:\n  enabled: true\n  bind: 0.0.0.0\n  tls: false\n", &c);
	assert_int_equal(r->errors, 0);
	assert_true(told(r, "sip.bind", true)); /* in clear, for others to read */
	assert_true(told(r, "sip.name", true));
	vd_config_free(c);
	r = check("sip:\n  enabled: true\n  udp: false\n  tcp: false\n  tls: false\n", &c);
	assert_true(told(r, "sip.enabled", false));
	r = check("sip:\n  enabled: true\n  port: 5061\n", &c);
	assert_true(told(r, "sip.tls_port", false));
	r = check("sip:\n  realm: \"a b\"\n  bind: somewhere\n  cert: x.pem\n", &c);
	assert_true(told(r, "sip.realm", false) && told(r, "sip.bind", false) &&
		    told(r, "sip.cert", false));
}

static void test_certificate_needs_key(void **state)
{
	struct vd_config *c = NULL;
	(void)state;
	const struct vd_config_report *r = check("http:\n  cert: a.pem\n", &c);
	assert_null(c);
	assert_non_null(strstr(problem_at(r, 2)->fact, "key is missing"));
}

static void test_not_yaml(void **state)
{
	static const char *const broken[] = {"a: [1\n",
					     "mqtt:\n\tport: 1\n",
					     "- 1\n",
					     "plain text\n",
					     "log_level: info\n---\nlog: debug\n",
					     "x: &a 1\ny: *a\n",
					     "\"log_level: info\n",
					     "? [a]\n: b\n"};
	struct vd_config *c = NULL;
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
		const struct vd_config_report *r = check(broken[i], &c);
		assert_null(c);
		assert_true(r->errors > 0);
	}
}

static void test_load_tells_the_first(void **state)
{
	struct vd_config *c = (struct vd_config *)8;
	struct vd_errtext e;
	(void)state;
	write_file("mqtt:\n  prot: 1\n");
	assert_int_equal(vd_config_load(file, &c, &e), VD_EINVAL);
	assert_ptr_equal(c, (struct vd_config *)8);
	assert_non_null(strstr(e.detail, "varde.yaml:2:"));
	assert_non_null(strstr(e.hint, "port"));
	assert_int_equal(vd_config_load("/nonexistent/varde.yaml", &c, &e), VD_ENOTFOUND);
}

static void test_too_long(void **state)
{
	struct vd_config *c = NULL;
	struct vd_errtext e;
	(void)state;
	FILE *f = fopen(file, "w");
	assert_non_null(f);
	for (int i = 0; i < 7000; i++)
		fputs("# comment\n", f);
	fclose(f);
	assert_int_equal(vd_config_load(file, &c, &e), VD_ELIMIT);
}

static void test_out_of_memory(void **state)
{
	struct vd_config *c = NULL;
	struct vd_errtext e;
	int err = VD_ENOMEM;
	long n = 0;
	(void)state;
	write_file("state_dir: /tmp\nmqtt:\n  port: 1\n  bind: ::1\nadapters: {}\n");
	for (; n < 200 && err; n++) {
		vd_mem_fault(n, 1);
		err = vd_config_load(file, &c, &e);
		vd_mem_fault(-1, 0);
		assert_true(err == 0 || err == VD_ENOMEM);
		assert_true((err == 0) == (c != NULL));
	}
	assert_int_equal(err, 0);
	assert_true(n > 10); /* so many allocations were made to fail in turn */
	vd_config_free(c);
}

static void test_the_shipped_example(void **state)
{
	static char text[16384], live[16384];
	struct vd_config *c = NULL, *d = NULL;
	(void)state;
	FILE *f = fopen("deploy/config/varde.yaml", "r");
	assert_non_null(f);
	size_t n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	assert_int_equal(check(text, &c)->errors, 0);
	vd_config_free(c);
	/* With its keys in force it must still be known and typed right; the files it names are not
	 * here, so only those may be missed. */
	size_t o = 0;
	for (char *line = text; line && *line;) {
		char *end = strchr(line, '\n');
		if (line[0] == '#' && line[1] != ' ' && line[1] != '\t' && line[1] != '\n')
			line++;
		else if (line[0] == '#' && line[1] == ' ' && line[2] == ' ')
			line++;
		size_t len = end ? (size_t)(end - line) + 1 : strlen(line);
		assert_true(o + len < sizeof(live));
		memcpy(live + o, line, len);
		o += len;
		line = end ? end + 1 : NULL;
	}
	live[o] = '\0';
	const struct vd_config_report *r = check(live, &d);
	for (size_t i = 0; i < r->n; i++)
		if (!r->list[i].warning && !strstr(r->list[i].fact, "No such file") &&
		    !strstr(r->list[i].fact, "parent"))
			fail_msg("line %d: %s", r->list[i].line, r->list[i].fact);
	vd_config_free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_defaults),
					   cmocka_unit_test(test_empty_file_is_the_defaults),
					   cmocka_unit_test(test_values_and_paths),
					   cmocka_unit_test(test_every_problem_with_its_line),
					   cmocka_unit_test(test_meaning),
					   cmocka_unit_test(test_the_sip_door),
					   cmocka_unit_test(test_certificate_needs_key),
					   cmocka_unit_test(test_not_yaml),
					   cmocka_unit_test(test_load_tells_the_first),
					   cmocka_unit_test(test_too_long),
					   cmocka_unit_test(test_out_of_memory),
					   cmocka_unit_test(test_the_shipped_example)};
	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* MQTT over TLS: handshakes, client certificates, resumption, slices, and what is not TLS at all.
 */
#include "net.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct say_connect v4 = {.version = 4};
static struct vd_buf say;

static int make_say(void **state)
{
	vd_buf_init(&say, 1 << 22);
	return 0;
}

static int free_say(void **state)
{
	vd_buf_fini(&say);
	return 0;
}

static void sign_in(struct guest *g, const struct say_connect *how)
{
	say_connect(&say, how);
	guest_say(g, &say);
	guest_hears(g, "20 02 00 00");
}

static void test_publish_over_tls(void **state)
{
	struct house h;
	struct guest g;
	house_open_tls(&h, false);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, NULL, NULL));
	assert_int_equal(SSL_version(g.ssl), TLS1_3_VERSION);
	sign_in(&g, &v4);
	assert_string_equal(h.host->cert, "");
	for (unsigned i = 1; i <= 60; i++)
		say_publish(&say, 4, "a", "x", 1, i, false);
	guest_say(&g, &say);
	guest_hears(&g, "");
	assert_int_equal(h.host->n, 60);
	int64_t before = h.door->core.stats.bytes_out;
	fake_answer_all(h.host, VD_STORED);
	house_settle(&h);
	/* 60 acknowledgements in one record: 22 bytes of TLS around 240 */
	assert_int_equal(h.door->core.stats.bytes_out - before, 60 * 4 + 22);
	guest_close(&g);
	house_close(&h);
}

static void test_large_messages_over_tls(void **state)
{
	struct house h;
	struct guest g;
	static char body[VD_MAX_FRAME_BYTES + 1];
	house_open_tls(&h, false);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, NULL, NULL));
	sign_in(&g, &v4);
	memset(body, 'x', VD_MAX_FRAME_BYTES);
	for (unsigned i = 1; i <= 3; i++)
		say_publish(&say, 4, "a", body, 1, i, false);
	guest_say(&g, &say);
	house_settle(&h);
	assert_int_equal(h.host->n, 3);
	assert_int_equal(h.host->frames[2].body_n, VD_MAX_FRAME_BYTES);
	fake_answer_all(h.host, VD_STORED);
	guest_hears(&g, "40020001 40020002 40020003");
	guest_close(&g);
	house_close(&h);
}

static void fingerprint(struct house *h, const char *name, char ret[65])
{
	unsigned char hash[32];
	unsigned n;
	FILE *f = fopen(house_file(h, name), "r");
	assert_non_null(f);
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_true(X509_digest(x, EVP_sha256(), hash, &n));
	for (int i = 0; i < 32; i++)
		snprintf(ret + 2 * i, 3, "%02x", hash[i]);
	X509_free(x);
}

static void test_client_certificate(void **state)
{
	struct house h;
	struct guest g;
	char want[65];
	house_open_tls(&h, true);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, "good", NULL));
	sign_in(&g, &(struct say_connect){.no_user = true});
	fingerprint(&h, "good.pem", want);
	assert_string_equal(h.host->cert, want);
	say_publish(&say, 4, "a", "x", 0, 0, false);
	guest_say(&g, &say);
	house_settle(&h);
	assert_int_equal(h.host->frames[0].gateway, 5);
	guest_close(&g);
	guest_open(&h, &g); /* asked for, not demanded */
	assert_true(guest_tls(&g, NULL, NULL));
	sign_in(&g, &v4);
	guest_close(&g);
	house_close(&h);
}

static void turned_away(struct house *h, const char *cert)
{
	struct guest g, other;
	int logins = h->host->logins;
	guest_open(h, &other);
	assert_true(guest_tls(&other, NULL, NULL));
	sign_in(&other, &v4);
	guest_open(h, &g);
	/* TLS 1.3 tells the client after its side is done. */
	if (guest_tls(&g, cert, NULL)) {
		say_connect(&say, &(struct say_connect){.no_user = true});
		guest_say(&g, &say);
	}
	vd_buf_clear(&say);
	assert_true(guest_gone(&g));
	assert_int_equal(h->host->logins, logins + 1);
	assert_false(guest_gone(&other));
	guest_close(&g);
	guest_close(&other);
}

static void test_wrong_certificates(void **state)
{
	struct house h;
	house_open_tls(&h, true);
	turned_away(&h, "bad");   /* of nobody */
	turned_away(&h, "other"); /* of an authority that calls itself ours */
	turned_away(&h, "old");   /* has run out */
	house_close(&h);
}

/* Without an authority set, a certificate is not asked for, so none can sign in. */
static void test_certificates_not_asked_for(void **state)
{
	struct house h;
	struct guest g;
	house_open_tls(&h, false);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, "good", NULL));
	say_connect(&say, &(struct say_connect){.no_user = true});
	guest_say(&g, &say);
	guest_hears(&g, "20 02 00 04");
	guest_close(&g);
	house_close(&h);
}

static void test_resumption_keeps_the_certificate(void **state)
{
	struct house h;
	struct guest g;
	char want[65];
	house_open_tls(&h, true);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, "good", NULL));
	sign_in(&g, &(struct say_connect){.no_user = true});
	SSL_SESSION *s = SSL_get1_session(g.ssl);
	assert_true(SSL_SESSION_is_resumable(s));
	SSL_set_quiet_shutdown(g.ssl, 1);
	SSL_shutdown(g.ssl);
	guest_close(&g);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, NULL, s));
	assert_true(SSL_session_reused(g.ssl));
	sign_in(&g, &(struct say_connect){.no_user = true});
	fingerprint(&h, "good.pem", want);
	assert_string_equal(h.host->cert, want);
	SSL_SESSION_free(s);
	guest_close(&g);
	house_close(&h);
}

static void test_old_versions_are_refused(void **state)
{
	struct house h;
	struct guest g;
	house_open_tls(&h, false);
	static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};
	for (int i = 0; i < 3; i++) {
		guest_open(&h, &g);
		SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
		SSL_CTX_set_security_level(ctx, 0);
		SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
		SSL_CTX_set_max_proto_version(ctx, versions[i]);
		g.ssl = SSL_new(ctx);
		SSL_CTX_free(ctx);
		SSL_set_fd(g.ssl, g.fd);
		int r = -1;
		for (int k = 0; k < 20 && r != 1; k++) {
			r = SSL_connect(g.ssl);
			house_settle(&h);
		}
		assert_int_equal(r == 1, versions[i] == TLS1_2_VERSION);
		if (r == 1) {
			sign_in(&g, &v4);
			/* renegotiation is off: asking for it changes nothing but this connection
			 */
			SSL_renegotiate(g.ssl);
			SSL_do_handshake(g.ssl);
			house_settle(&h);
		}
		guest_close(&g);
	}
	house_close(&h);
}

static void test_what_is_not_tls(void **state)
{
	static const char *const hex[] = {
		"10 0D 0004 4D515454 04 02 003C 0001 61", /* MQTT in the clear */
		"47455420 2F20 48545450 2F312E31 0D0A0D0A",
		"16 03 01 FF FF 01 00 00 00",
		"00",
		"16 03 01 00 05 01 00 00 01 00",
	};
	for (size_t i = 0; i < sizeof(hex) / sizeof(hex[0]); i++) {
		struct house h;
		struct guest g, other;
		house_open_tls(&h, false);
		guest_open(&h, &other);
		assert_true(guest_tls(&other, NULL, NULL));
		sign_in(&other, &v4);
		guest_open(&h, &g);
		say_hex(&say, hex[i]);
		guest_say(&g, &say);
		house_settle(&h);
		vd_runtime_sim_advance(h.rt, 10000); /* at the latest with the connect timeout */
		assert_true(guest_gone(&g));
		assert_false(guest_gone(&other));
		guest_close(&g);
		guest_close(&other);
		house_close(&h);
	}
}

/* What libwebsockets or another connection leaves in the thread's queue of errors is not ours. */
static void test_errors_of_others(void **state)
{
	struct house h;
	struct guest g;
	house_open_tls(&h, false);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, NULL, NULL));
	sign_in(&g, &v4);
	for (unsigned i = 1; i <= 3; i++) {
		say_publish(&say, 4, "a", "x", 1, i, false);
		guest_say(&g, &say);
		ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
		house_settle(&h);
		assert_int_equal(h.host->n, i);
		fake_answer_all(h.host, VD_STORED);
		assert_int_equal(h.door->n_conns, 1);
	}
	guest_close(&g);
	house_close(&h);
}

/* Bytes flipped on the way end the connection, after it was signed in too. */
static void test_broken_record(void **state)
{
	struct house h;
	struct guest g;
	house_open_tls(&h, false);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, NULL, NULL));
	sign_in(&g, &(struct say_connect){.will_topic = "w", .will = "x"});
	say_hex(&say, "17 03 03 00 14 0102030405060708090A0B0C0D0E0F1011121314");
	SSL *ssl = g.ssl;
	g.ssl = NULL;
	guest_say(&g, &say);
	house_settle(&h);
	assert_int_equal(h.host->n, 1); /* its will */
	assert_int_equal(h.door->n_conns, 0);
	g.ssl = ssl;
	guest_close(&g);
	house_close(&h);
}

/* Twenty handshakes at once: four steps a turn, and a publish is not kept waiting. */
static void test_handshakes_come_in_slices(void **state)
{
	struct house h;
	struct guest crowd[20], g;
	house_open_tls_real(&h);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, NULL, NULL));
	sign_in(&g, &v4);
	for (int i = 0; i < 20; i++)
		guest_open(&h, &crowd[i]);
	house_settle(&h);
	for (int i = 0; i < 20; i++) {
		SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
		crowd[i].ssl = SSL_new(ctx);
		SSL_CTX_free(ctx);
		SSL_set_fd(crowd[i].ssl, crowd[i].fd);
		assert_int_equal(SSL_connect(crowd[i].ssl), -1);
	}
	uv_run(&h.loop, UV_RUN_NOWAIT);
	assert_int_equal(h.door->steps_taken, VD_MAX_TLS_TURN);
	int waiting = 0;
	VD_LIST_EACH(l, &h.door->steps)
	waiting++;
	assert_int_equal(waiting, 20 - VD_MAX_TLS_TURN);
	say_publish(&say, 4, "alarm", "on", 1, 1, false);
	guest_say(&g, &say);
	uv_run(&h.loop, UV_RUN_NOWAIT);
	assert_int_equal(h.host->n, 1);
	assert_false(vd_list_empty(&h.door->steps));
	house_settle(&h);
	for (int i = 0; i < 20; i++) {
		for (int k = 0; k < 10 && SSL_connect(crowd[i].ssl) != 1; k++)
			house_settle(&h);
		assert_true(SSL_is_init_finished(crowd[i].ssl));
	}
	for (int i = 0; i < 20; i++)
		guest_close(&crowd[i]);
	guest_close(&g);
	house_close(&h);
}

static void test_reload(void **state)
{
	struct house h;
	struct guest old, new;
	struct vd_errtext e = {0};
	house_open_tls(&h, false);
	guest_open(&h, &old);
	assert_true(guest_tls(&old, NULL, NULL));
	sign_in(&old, &v4);
	assert_int_equal(unlink(house_file(&h, "cert.pem")), 0);
	assert_int_not_equal(vd_tls_reload(h.tls, &e), 0); /* the old one stays */
	assert_non_null(strstr(e.detail, "cert.pem"));
	/* the key is there: a new certificate is made for it */
	char cert[128];
	snprintf(cert, sizeof(cert), "%s", house_file(&h, "cert.pem"));
	assert_int_equal(vd_tls_self_signed(cert, house_file(&h, "key.pem"), "other.example", &e),
			 0);
	guest_open(&h, &new);
	assert_false(guest_tls(&new, NULL, NULL)); /* served the old one still */
	guest_close(&new);
	assert_int_equal(vd_tls_reload(h.tls, &e), 0);
	guest_open(&h, &new);
	assert_true(guest_tls(&new, NULL, NULL));
	sign_in(&new, &(struct say_connect){.id = "new"});
	guest_hears(&old, "");
	assert_false(guest_gone(&old));
	guest_close(&old);
	guest_close(&new);
	house_close(&h);
}

static void test_self_signed_files(void **state)
{
	struct house h;
	struct stat st;
	struct vd_errtext e = {0};
	house_open_tls(&h, false);
	assert_int_equal(stat(house_file(&h, "key.pem"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	FILE *f = fopen(house_file(&h, "cert.pem"), "r");
	X509 *x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "varde.example", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "evil.example", 0, 0, NULL), 0);
	assert_int_equal(X509_check_ip_asc(x, "127.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(x, "::1", 0), 1);
	X509_free(x);
	/* there already: not touched */
	char cert[128];
	snprintf(cert, sizeof(cert), "%s", house_file(&h, "cert.pem"));
	assert_int_equal(stat(cert, &st), 0);
	struct timespec was = st.st_mtim;
	assert_int_equal(vd_tls_self_signed(cert, house_file(&h, "key.pem"), "x", &e), 0);
	assert_int_equal(stat(cert, &st), 0);
	assert_memory_equal(&st.st_mtim, &was, sizeof(was));
	/* a folder that is not there, and a name that would smuggle in another */
	assert_int_equal(vd_tls_self_signed("/nowhere/c.pem", "/nowhere/k.pem", "x", &e), VD_EIO);
	assert_non_null(strstr(e.detail, "/nowhere/k.pem"));
	unlink(cert);
	assert_int_equal(vd_tls_self_signed(cert, house_file(&h, "key.pem"),
					    "a.example,DNS:evil.example", &e),
			 0);
	f = fopen(cert, "r");
	x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	assert_int_equal(X509_check_host(x, "localhost", 0, 0, NULL), 1);
	assert_int_equal(X509_check_host(x, "evil.example", 0, 0, NULL), 0);
	X509_free(x);
	house_close(&h);
}

static void test_files_that_do_not_fit(void **state)
{
	struct house h;
	struct vd_tls *t = NULL;
	struct vd_errtext e = {0};
	house_open_tls(&h, false);
	struct vd_tls_config c = {.cert_file = house_file(&h, "cert.pem"),
				  .key_file = house_file(&h, "goodkey.pem")};
	assert_int_equal(vd_tls_new(&c, &t, &e), VD_EIO);
	assert_non_null(strstr(e.detail, "goodkey.pem"));
	c.key_file = "/nowhere/key.pem";
	assert_int_equal(vd_tls_new(&c, &t, &e), VD_EIO);
	c.key_file = house_file(&h, "key.pem");
	c.client_ca_file = "/nowhere/ca.pem";
	assert_int_equal(vd_tls_new(&c, &t, &e), VD_EIO);
	assert_non_null(strstr(e.detail, "ca.pem"));
	assert_int_equal(vd_tls_new(&(struct vd_tls_config){0}, &t, &e), VD_EINVAL);
	assert_null(t);
	house_close(&h);
}

static void on_closed(void *arg)
{
	((struct house *)arg)->closed = true;
}

static void test_closing_says_goodbye(void **state)
{
	struct house h;
	struct guest g, half;
	house_open_tls(&h, false);
	guest_open(&h, &g);
	assert_true(guest_tls(&g, NULL, NULL));
	say_connect(&say, &(struct say_connect){.version = 5, .keep_alive = 60});
	guest_say(&g, &say);
	guest_hears(&g, "20 0F 00 00 0C 21 0040 27 00040600 29 00 2A 00");
	guest_open(&h, &half);
	say_hex(&say, "16 03 01 02 00 01");
	guest_say(&half, &say);
	house_settle(&h);
	vd_mqtt_close(h.door, on_closed, &h);
	h.door = NULL;
	guest_hears(&g, "E0 01 8B");
	assert_int_equal(SSL_get_shutdown(g.ssl) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
	assert_true(guest_gone(&half));
	guest_close(&g);
	guest_close(&half);
	house_close(&h);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make_say, free_say)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_publish_over_tls),           T(test_large_messages_over_tls),
		T(test_client_certificate),         T(test_wrong_certificates),
		T(test_certificates_not_asked_for), T(test_resumption_keeps_the_certificate),
		T(test_old_versions_are_refused),   T(test_what_is_not_tls),
		T(test_errors_of_others),           T(test_broken_record),
		T(test_handshakes_come_in_slices),  T(test_reload),
		T(test_self_signed_files),          T(test_files_that_do_not_fit),
		T(test_closing_says_goodbye),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "net.h"
#include "base/mem.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static void base_open(struct house *h)
{
	*h = (struct house){0};
	assert_int_equal(uv_loop_init(&h->loop), 0);
	h->rt = vd_runtime_sim_new(1767225600000, 3);
	h->host = vd_calloc(1, sizeof(*h->host));
}

static void open_door(struct house *h, const struct vd_mqtt_config *cfg)
{
	struct vd_mqtt_host host = fake_host(h->host);
	struct vd_mqtt_config c = *cfg;
	struct vd_errtext e = {0};
	if (!c.bind)
		c.bind = "127.0.0.1";
	c.tls = h->tls;
	if (vd_mqtt_open(&h->loop, h->rt, &c, &host, &h->door, &e))
		fail_msg("%s: %s", e.fact, e.detail);
}

void house_open(struct house *h, const struct vd_mqtt_config *cfg)
{
	base_open(h);
	open_door(h, cfg);
}

static void make_real(struct house *h)
{
	vd_runtime_sim_free(h->rt);
	assert_int_equal(vd_runtime_uv_open(&h->loop, &h->rt), 0);
	h->real = true;
}

void house_open_real(struct house *h, const struct vd_mqtt_config *cfg)
{
	base_open(h);
	make_real(h);
	open_door(h, cfg);
}

const char *house_file(struct house *h, const char *name)
{
	static char path[4][128];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", h->dir, name);
	return path[turn];
}

static void save(struct house *h, const char *name, X509 *x, EVP_PKEY *key)
{
	char file[32];
	snprintf(file, sizeof(file), "%s.pem", name);
	FILE *f = fopen(house_file(h, file), "w");
	assert_non_null(f);
	if (x)
		assert_true(PEM_write_X509(f, x));
	else
		assert_true(PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL));
	fclose(f);
}

/* A client certificate: signed by `issuer` (its key in issuer_key), or by itself; valid from an
 * hour ago for so long. */
static X509 *issue(const char *name, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
		   long seconds)
{
	X509 *x = X509_new();
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1 + name[0]);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), seconds - 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	X509_set_pubkey(x, key);
	if (!issuer) {
		X509_EXTENSION *e =
			X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints, "critical,CA:TRUE");
		X509_add_ext(x, e, -1);
		X509_EXTENSION_free(e);
	}
	assert_true(X509_sign(x, issuer_key ? issuer_key : key, EVP_sha256()) > 0);
	return x;
}

/* ca.pem; of that authority good.pem and old.pem, which has run out; other.pem of another authority
 * of the same name; bad.pem of nobody. Each with its key, goodkey.pem ... */
static void make_clients(struct house *h)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *false_key = EVP_EC_gen("P-256"),
		 *key = EVP_EC_gen("P-256");
	X509 *ca = issue("ca", ca_key, NULL, NULL, 86400),
	     *false_ca = issue("ca", false_key, NULL, NULL, 86400);
	const struct {
		const char *name;
		X509 *x;
	} made[] = {{"good", issue("good", key, ca, ca_key, 86400)},
		    {"old", issue("old", key, ca, ca_key, 1800)},
		    {"other", issue("other", key, false_ca, false_key, 86400)},
		    {"bad", issue("bad", key, NULL, NULL, 86400)}};
	save(h, "ca", ca, NULL);
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		char name[16];
		snprintf(name, sizeof(name), "%skey", made[i].name);
		save(h, made[i].name, made[i].x, NULL);
		save(h, name, NULL, key);
		X509_free(made[i].x);
	}
	X509_free(ca);
	X509_free(false_ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(false_key);
	EVP_PKEY_free(key);
}

static void open_tls(struct house *h, bool client_certs, bool real)
{
	struct vd_errtext e = {0};
	base_open(h);
	if (real)
		make_real(h);
	snprintf(h->dir, sizeof(h->dir), "/tmp/vd-mqtt-XXXXXX");
	assert_non_null(mkdtemp(h->dir));
	char cert[128], key[128], ca[128];
	snprintf(cert, sizeof(cert), "%s/cert.pem", h->dir);
	snprintf(key, sizeof(key), "%s/key.pem", h->dir);
	snprintf(ca, sizeof(ca), "%s/ca.pem", h->dir);
	assert_int_equal(vd_tls_self_signed(cert, key, "varde.example", &e), 0);
	make_clients(h);
	struct vd_tls_config tc = {
		.cert_file = cert, .key_file = key, .client_ca_file = client_certs ? ca : NULL};
	if (vd_tls_new(&tc, &h->tls, &e))
		fail_msg("%s: %s", e.fact, e.detail);
	open_door(h, &(struct vd_mqtt_config){0});
}

void house_open_tls(struct house *h, bool client_certs)
{
	open_tls(h, client_certs, false);
}

void house_open_tls_real(struct house *h)
{
	open_tls(h, false, true);
}

void house_turn(struct house *h)
{
	uv_run(&h->loop, UV_RUN_NOWAIT);
	if (!h->real)
		vd_runtime_sim_settle(h->rt);
}

/* Loopback delivers at once, but the kernel may take its time under load: three quiet looks. */
void house_settle(struct house *h)
{
	for (int quiet = 0, i = 0; quiet < 3 && i < 2000; i++) {
		struct pollfd p = {.fd = uv_backend_fd(&h->loop), .events = POLLIN};
		quiet = poll(&p, 1, 1) > 0 ? 0 : quiet + 1;
		house_turn(h);
		house_turn(h); /* what became due goes out before the poll of the next turn */
	}
}

static void on_closed(void *arg)
{
	((struct house *)arg)->closed = true;
}

static void remove_files(struct house *h)
{
	static const char *const names[] = {"cert",   "key", "ca",     "good",  "goodkey", "old",
					    "oldkey", "bad", "badkey", "other", "otherkey"};
	char file[32];
	if (!h->dir[0])
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(file, sizeof(file), "%s.pem", names[i]);
		unlink(house_file(h, file));
	}
	rmdir(h->dir);
}

static void on_rt_closed(void *arg)
{
	((struct house *)arg)->rt_closed = true;
}

static void close_runtime(struct house *h)
{
	if (h->real) {
		vd_runtime_uv_close(h->rt, on_rt_closed, h);
		uv_run(&h->loop, UV_RUN_DEFAULT);
		assert_true(h->rt_closed);
	} else {
		assert_int_equal(vd_runtime_sim_open_timers(h->rt), 0);
		vd_runtime_sim_free(h->rt);
	}
}

void house_close(struct house *h)
{
	if (h->door) {
		vd_mqtt_close(h->door, on_closed, h);
		assert_false(h->closed);
		house_turn(h);
	}
	for (int i = 0; i < 500 && !h->closed; i++) {
		house_settle(h);
		if (!h->real)
			vd_runtime_sim_advance(h->rt, 100);
	}
	assert_true(h->closed);
	fake_answer_all(h->host, VD_STORED);
	close_runtime(h);
	assert_int_equal(uv_loop_close(&h->loop), 0);
	for (int i = 0; i < 16; i++)
		assert_int_equal(h->host->connected[i], 0);
	vd_tls_free(h->tls);
	vd_free(h->host);
	remove_files(h);
}

/* -- guests ----------------------------------------------------------------------------------- */

void guest_open(struct house *h, struct guest *g)
{
	*g = (struct guest){.h = h};
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)vd_mqtt_port(h->door)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	vd_buf_init(&g->in, 1 << 20);
	g->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(g->fd >= 0);
	assert_int_equal(connect(g->fd, (struct sockaddr *)&to, sizeof(to)), 0);
	fcntl(g->fd, F_SETFL, O_NONBLOCK);
}

bool guest_tls(struct guest *g, const char *cert, SSL_SESSION *resume)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char path[40];
	if (cert) {
		snprintf(path, sizeof(path), "%s.pem", cert);
		assert_int_equal(
			SSL_CTX_use_certificate_file(ctx, house_file(g->h, path), SSL_FILETYPE_PEM),
			1);
		snprintf(path, sizeof(path), "%skey.pem", cert);
		assert_int_equal(
			SSL_CTX_use_PrivateKey_file(ctx, house_file(g->h, path), SSL_FILETYPE_PEM),
			1);
	}
	assert_int_equal(SSL_CTX_load_verify_locations(ctx, house_file(g->h, "cert.pem"), NULL), 1);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	g->ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(g->ssl, g->fd);
	SSL_set_tlsext_host_name(g->ssl, "localhost");
	SSL_set1_host(g->ssl, "localhost");
	if (resume)
		SSL_set_session(g->ssl, resume);
	for (int i = 0; i < 50; i++) {
		ERR_clear_error();
		int r = SSL_connect(g->ssl);
		if (r == 1)
			return true;
		if (SSL_get_error(g->ssl, r) != SSL_ERROR_WANT_READ)
			return false;
		house_settle(g->h);
	}
	return false;
}

void guest_say(struct guest *g, struct vd_buf *b)
{
	while (b->n) {
		ssize_t n = g->ssl ? SSL_write(g->ssl, b->p, (int)b->n)
				   : send(g->fd, b->p, b->n, MSG_NOSIGNAL);
		if (n <= 0) {
			assert_true(g->ssl || errno == EAGAIN);
			house_settle(g->h);
			continue;
		}
		vd_buf_consume(b, (size_t)n);
	}
}

static void drain(struct guest *g)
{
	char buf[16384];
	for (;;) {
		ERR_clear_error();
		ssize_t n = g->ssl ? SSL_read(g->ssl, buf, sizeof(buf))
				   : recv(g->fd, buf, sizeof(buf), 0);
		if (n > 0) {
			vd_buf_add(&g->in, buf, (size_t)n);
			continue;
		}
		if (g->ssl)
			g->eof = SSL_get_error(g->ssl, (int)n) != SSL_ERROR_WANT_READ;
		else
			g->eof = n == 0 || errno != EAGAIN;
		return;
	}
}

void guest_hears(struct guest *g, const char *hex)
{
	house_settle(g->h);
	drain(g);
	expect_hex(&g->in, hex);
}

bool guest_gone(struct guest *g)
{
	house_settle(g->h);
	drain(g);
	return g->eof;
}

void guest_close(struct guest *g)
{
	SSL_free(g->ssl);
	close(g->fd);
	vd_buf_fini(&g->in);
}

void guest_join(struct house *h, struct guest *g, const struct say_connect *how)
{
	struct vd_buf b;
	guest_open(h, g);
	vd_buf_init(&b, 4096);
	say_connect(&b, how);
	guest_say(g, &b);
	vd_buf_fini(&b);
	house_settle(h);
	drain(g);
	assert_true(g->in.n >= 4);
	assert_int_equal(g->in.p[3], 0);
	vd_buf_clear(&g->in);
}

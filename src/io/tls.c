/* SPDX-License-Identifier: EUPL-1.2 */
/* OpenSSL reads from the span it is given and writes into the caller's buffer through a BIO of our
 * own: no bytes are copied twice, and an idle connection holds no buffer at all
 * (SSL_MODE_RELEASE_BUFFERS). */
#include "io/tls.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>

/* Decrypted at once; one TLS record holds at most 16 KiB. */
#define CHUNK 16384

struct vd_tls {
	SSL_CTX *ctx; /* owned; connections hold it too */
	BIO_METHOD *bio;
	char *cert_file, *key_file, *client_ca_file;
};

struct vd_tls_conn {
	SSL *ssl;
	struct vd_span net; /* not read yet; borrowed during a call */
	struct vd_buf *out; /* borrowed during a call */
	bool ready;
	char peer[65];
};

/* -- our BIO ---------------------------------------------------------------------------------- */

static int bio_read(BIO *b, char *p, size_t n, size_t *ret_n)
{
	struct vd_tls_conn *c = BIO_get_data(b);
	BIO_clear_retry_flags(b);
	if (!c->net.n) {
		BIO_set_retry_read(b);
		return 0;
	}
	if (n > c->net.n)
		n = c->net.n;
	memcpy(p, c->net.p, n);
	c->net = vd_span_skip(c->net, n);
	*ret_n = n;
	return 1;
}

static int bio_write(BIO *b, const char *p, size_t n, size_t *ret_n)
{
	struct vd_tls_conn *c = BIO_get_data(b);
	BIO_clear_retry_flags(b);
	if (!c->out || vd_buf_add(c->out, p, n))
		return 0;
	*ret_n = n;
	return 1;
}

static long bio_ctrl(BIO *b, int cmd, long number, void *p)
{
	return cmd == BIO_CTRL_FLUSH;
}

static BIO_METHOD *bio_method(void)
{
	BIO_METHOD *m = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "varde");
	if (!m)
		return NULL;
	BIO_meth_set_read_ex(m, bio_read);
	BIO_meth_set_write_ex(m, bio_write);
	BIO_meth_set_ctrl(m, bio_ctrl);
	return m;
}

/* -- settings --------------------------------------------------------------------------------- */

static int openssl_error(struct vd_errtext *e, const char *fact, const char *file)
{
	char text[160];
	ERR_error_string_n(ERR_peek_last_error(), text, sizeof(text));
	ERR_clear_error();
	return vd_errtext(e, VD_EIO, fact, "check that the file is PEM and that varde may read it",
			  "%s: %s", file ? file : "", text);
}

static int ask_clients(SSL_CTX *ctx, const char *ca_file, struct vd_errtext *e)
{
	if (!ca_file)
		return 0;
	STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(ca_file);
	if (!names || SSL_CTX_load_verify_locations(ctx, ca_file, NULL) != 1) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		return openssl_error(e, "cannot read the authority of client certificates",
				     ca_file);
	}
	SSL_CTX_set_client_CA_list(ctx, names);
	/* Asked for, not demanded: gateways with a password need none. A wrong one ends the
	 * handshake. */
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
	return 0;
}

static void set_policy(SSL_CTX *ctx)
{
	SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20");
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	/* Resumption by ticket only, nothing is kept here; one ticket: with a client certificate
	 * each costs 100 to 200 us. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"varde", 5);
	SSL_CTX_set_max_cert_list(ctx, 16384);
}

static int load(const struct vd_tls *t, SSL_CTX **ret, struct vd_errtext *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	int err = 0;
	if (!ctx)
		return vd_errtext(e, VD_ENOMEM, "cannot start TLS", NULL, NULL);
	set_policy(ctx);
	if (SSL_CTX_use_certificate_chain_file(ctx, t->cert_file) != 1)
		err = openssl_error(e, "cannot read the certificate", t->cert_file);
	else if (SSL_CTX_use_PrivateKey_file(ctx, t->key_file, SSL_FILETYPE_PEM) != 1)
		err = openssl_error(e, "cannot read the certificate's key", t->key_file);
	else if (SSL_CTX_check_private_key(ctx) != 1)
		err = openssl_error(e, "key and certificate do not belong together", t->key_file);
	else
		err = ask_clients(ctx, t->client_ca_file, e);
	if (err) {
		SSL_CTX_free(ctx);
		return err;
	}
	*ret = ctx;
	return 0;
}

static char *copy(const char *s)
{
	return s ? vd_strdup(s) : NULL;
}

int vd_tls_new(const struct vd_tls_config *cfg, struct vd_tls **ret, struct vd_errtext *e)
{
	if (!cfg->cert_file || !cfg->key_file)
		return vd_errtext(e, VD_EINVAL, "TLS needs a certificate and a key", NULL, NULL);
	struct vd_tls *t = vd_calloc(1, sizeof(*t));
	if (!t)
		return vd_errtext(e, VD_ENOMEM, "cannot start TLS", NULL, NULL);
	t->cert_file = copy(cfg->cert_file);
	t->key_file = copy(cfg->key_file);
	t->client_ca_file = copy(cfg->client_ca_file);
	t->bio = bio_method();
	int err = 0;
	if (!t->cert_file || !t->key_file || (cfg->client_ca_file && !t->client_ca_file) || !t->bio)
		err = vd_errtext(e, VD_ENOMEM, "cannot start TLS", NULL, NULL);
	else
		err = load(t, &t->ctx, e);
	if (err) {
		vd_tls_free(t);
		return err;
	}
	*ret = t;
	return 0;
}

int vd_tls_reload(struct vd_tls *t, struct vd_errtext *e)
{
	SSL_CTX *ctx = NULL;
	int err = load(t, &ctx, e);
	if (err)
		return err;
	SSL_CTX_free(t->ctx); /* connections keep theirs alive */
	t->ctx = ctx;
	return 0;
}

void vd_tls_free(struct vd_tls *t)
{
	if (!t)
		return;
	SSL_CTX_free(t->ctx);
	BIO_meth_free(t->bio);
	vd_free(t->cert_file);
	vd_free(t->key_file);
	vd_free(t->client_ca_file);
	vd_free(t);
}

/* -- connections ------------------------------------------------------------------------------ */

int vd_tls_accept(struct vd_tls *t, struct vd_tls_conn **ret)
{
	struct vd_tls_conn *c = vd_calloc(1, sizeof(*c));
	BIO *b = BIO_new(t->bio);
	SSL *ssl = SSL_new(t->ctx);
	if (!c || !b || !ssl) {
		vd_free(c);
		BIO_free(b);
		SSL_free(ssl);
		ERR_clear_error();
		return VD_ENOMEM;
	}
	BIO_set_data(b, c);
	BIO_set_init(b, 1);
	SSL_set_bio(ssl, b, b);
	SSL_set_accept_state(ssl);
	c->ssl = ssl;
	*ret = c;
	return 0;
}

void vd_tls_conn_free(struct vd_tls_conn *c)
{
	if (!c)
		return;
	c->out = NULL;
	SSL_free(c->ssl);
	vd_free(c);
}

static void remember_peer(struct vd_tls_conn *c)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	X509 *x = SSL_get0_peer_certificate(c->ssl);
	if (!x || SSL_get_verify_result(c->ssl) != X509_V_OK ||
	    !X509_digest(x, EVP_sha256(), hash, &n))
		return;
	for (unsigned i = 0; i < n && i < 32; i++)
		snprintf(c->peer + 2 * i, 3, "%02x", hash[i]);
}

/* OpenSSL judges a call by its thread's whole queue of errors: what another connection or
 * libwebsockets left there must not end this one. Before every call. */
static void forget_others(void)
{
	ERR_clear_error();
}

/* What an OpenSSL call that did not succeed means. 0: it waits for more bytes. */
static int why(struct vd_tls_conn *c, int r)
{
	int err = SSL_get_error(c->ssl, r);
	bool full = c->out->err != 0;
	ERR_clear_error();
	if (full)
		return c->out->err == VD_ENOMEM ? VD_ENOMEM : VD_ELIMIT;
	if (err == SSL_ERROR_WANT_READ)
		return 0;
	return err == SSL_ERROR_ZERO_RETURN ? VD_ESTATE : VD_EPARSE;
}

static int handshake(struct vd_tls_conn *c)
{
	forget_others();
	int r = SSL_do_handshake(c->ssl);
	if (r != 1)
		return why(c, r);
	c->ready = true;
	remember_peer(c);
	return 0;
}

static int decrypt(struct vd_tls_conn *c, struct vd_buf *plain)
{
	for (;;) {
		size_t n = 0;
		char *p = vd_buf_reserve(plain, CHUNK);
		if (!p)
			return plain->err;
		forget_others();
		int r = SSL_read_ex(c->ssl, p, CHUNK, &n);
		if (r != 1)
			return why(c, r);
		plain->n += n;
	}
}

int vd_tls_read(struct vd_tls_conn *c, struct vd_span net, struct vd_buf *plain, struct vd_buf *out)
{
	int err = 0;
	c->net = net;
	c->out = out;
	if (!c->ready)
		err = handshake(c);
	if (!err && c->ready)
		err = decrypt(c, plain);
	VD_REQUIRE(err || !c->net.n); /* OpenSSL asks for bytes until there are none */
	c->net = vd_span(NULL, 0);
	c->out = NULL;
	return err;
}

int vd_tls_write(struct vd_tls_conn *c, struct vd_span plain, struct vd_buf *out)
{
	int err = 0;
	if (!c->ready)
		return VD_ESTATE;
	c->out = out;
	while (plain.n && !err) {
		size_t n = 0;
		forget_others();
		int r = SSL_write_ex(c->ssl, plain.p, plain.n, &n);
		if (r == 1)
			plain = vd_span_skip(plain, n);
		else
			err = why(c, r);
		if (r != 1 && !err)
			err = VD_EPARSE; /* would have to read first: renegotiation, which is off */
	}
	c->out = NULL;
	return err;
}

void vd_tls_shutdown(struct vd_tls_conn *c, struct vd_buf *out)
{
	if (!c->ready)
		return;
	c->out = out;
	SSL_shutdown(c->ssl);
	ERR_clear_error();
	c->out = NULL;
}

bool vd_tls_ready(const struct vd_tls_conn *c)
{
	return c->ready;
}

const char *vd_tls_peer(const struct vd_tls_conn *c)
{
	return c->peer;
}

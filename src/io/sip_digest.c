/* SPDX-License-Identifier: EUPL-1.2 */
/* Digest access authentication (RFC 3261 22, RFC 7616, RFC 8760): MD5, because units in the field
 * know nothing else, and SHA-256 first for accounts that have it. Basic is never offered nor taken
 * (SS 91100 8).
 *
 * A nonce is the time, some entropy and a seal over both and the sender's address: nothing is kept
 * until one has been answered rightly, so strangers cannot fill a table. After that its highest nc
 * is kept: what was sent once is not taken twice. Without qop there is no nc, and a nonce is good
 * for one request. What the table no longer knows is stale by the horizon, never fresh. */
#include "base/mem.h"
#include "io/sip_int.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <strings.h>

#define NONCE_LIFE_S 300
#define VALUE_MAX    300 /* bytes of one quoted value */
#define HEADERS_MAX  8   /* Authorization lines looked at */
#define NO_QOP_NC    INT64_MAX

static void hex(const unsigned char *p, size_t n, char *ret)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < n; i++) {
		ret[2 * i] = digits[p[i] >> 4];
		ret[2 * i + 1] = digits[p[i] & 15];
	}
	ret[2 * n] = '\0';
}

/* -- nonces ----------------------------------------------------------------------------------- */

/* time (8 hex digits), entropy (16), seal (32) */
static void seal_nonce(const struct sip_core *c, const char *front, const struct sip_addr *from,
		       char ret[33])
{
	unsigned char sealed[32];
	struct vd_span parts[] = {vd_span(front, 24),
				  vd_span((const char *)from->ip, from->v6 ? 16 : 4)};
	sip_core_seal(c, "nonce", parts, 2, sealed);
	hex(sealed, 16, ret);
}

static void make_nonce(const struct sip_core *c, const struct sip_addr *from,
		       char ret[SIP_NONCE_CHARS + 1])
{
	uint64_t r;
	c->rt->entropy(c->rt, &r, sizeof(r));
	snprintf(ret, 25, "%08x%016llx", (unsigned)(sip_now(c) / 1000), (unsigned long long)r);
	seal_nonce(c, ret, from, ret + 24);
}

/* Ours, for this address, and young? */
static bool nonce_good(const struct sip_core *c, const char *nonce, const struct sip_addr *from,
		       uint64_t *ret_id, int64_t *ret_made_s)
{
	char sealed[33];
	unsigned made;
	unsigned long long id;
	if (strlen(nonce) != SIP_NONCE_CHARS || sscanf(nonce, "%8x%16llx", &made, &id) != 2)
		return false;
	seal_nonce(c, nonce, from, sealed);
	*ret_id = id;
	*ret_made_s = made;
	int64_t age = sip_now(c) / 1000 - made;
	return CRYPTO_memcmp(sealed, nonce + 24, 32) == 0 && age >= 0 && age <= NONCE_LIFE_S;
}

static struct sip_nonce *keep_nonce(struct sip_core *c, uint64_t id, int64_t made_s)
{
	struct sip_nonce *n = &c->nonce_ring[c->nonce_at];
	if (n->id) {
		vd_map_remove_u64(&c->nonces, n->id);
		if (n->made_s > c->nonce_horizon_s)
			c->nonce_horizon_s = n->made_s;
	}
	*n = (struct sip_nonce){.id = id, .made_s = made_s};
	if (vd_map_put_u64(&c->nonces, id, n)) {
		n->id = 0;
		return NULL;
	}
	c->nonce_at = (c->nonce_at + 1) % VD_MAX_SIP_NONCES;
	return n;
}

/* false: this count was used before, or nobody can say. */
static bool count_up(struct sip_core *c, uint64_t id, int64_t made_s, int64_t nc)
{
	struct sip_nonce *n = vd_map_get_u64(&c->nonces, id);
	if (!n && made_s <= c->nonce_horizon_s)
		return false;
	if (!n)
		n = keep_nonce(c, id, made_s);
	if (!n || nc <= n->nc)
		return false;
	n->nc = nc;
	return true;
}

/* -- one Authorization ------------------------------------------------------------------------ */

struct claim {
	char user[VALUE_MAX], realm[VALUE_MAX], nonce[VALUE_MAX], uri[VALUE_MAX],
		response[VALUE_MAX], cnonce[VALUE_MAX];
	const char *nc;
	bool sha256, qop;
};

/* A value without its quotes. false: absent or too long. */
static bool unquote(const char *s, char ret[VALUE_MAX])
{
	size_t n = 0;
	if (!s)
		return false;
	struct vd_span v = vd_span_trim(vd_span_cstr(s));
	bool quoted = v.n >= 2 && v.p[0] == '"' && v.p[v.n - 1] == '"';
	if (quoted)
		v = vd_span(v.p + 1, v.n - 2);
	for (size_t i = 0; i < v.n; i++) {
		if (quoted && v.p[i] == '\\' && i + 1 < v.n)
			i++;
		if (n + 1 >= VALUE_MAX)
			return false;
		ret[n++] = v.p[i];
	}
	ret[n] = '\0';
	return true;
}

static bool is_word(const char *s, const char *word)
{
	char v[VALUE_MAX];
	return unquote(s, v) && strcasecmp(v, word) == 0;
}

/* false: not one we can judge, or not for us. */
static bool read_claim(const struct sip_core *c, const osip_authorization_t *a, struct claim *r)
{
	if (!a->auth_type || strcasecmp(a->auth_type, "Digest") != 0)
		return false;
	r->sha256 = a->algorithm && is_word(a->algorithm, "SHA-256");
	if (a->algorithm && !r->sha256 && !is_word(a->algorithm, "MD5"))
		return false;
	r->qop = a->message_qop != NULL;
	r->nc = a->nonce_count;
	if (r->qop &&
	    (!is_word(a->message_qop, "auth") || !r->nc || strlen(r->nc) != 8 ||
	     strspn(r->nc, "0123456789abcdefABCDEF") != 8 || !unquote(a->cnonce, r->cnonce)))
		return false;
	return unquote(a->username, r->user) && unquote(a->realm, r->realm) &&
	       unquote(a->nonce, r->nonce) && unquote(a->uri, r->uri) &&
	       unquote(a->response, r->response) && strcmp(r->realm, c->realm) == 0;
}

/* Hash of parts with colons between, as hex. */
static bool hash(bool sha256, const char *const *parts, char ret[65])
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, sha256 ? EVP_sha256() : EVP_md5(), NULL);
	for (int i = 0; ok && parts[i]; i++)
		ok = (i == 0 || EVP_DigestUpdate(ctx, ":", 1)) &&
		     EVP_DigestUpdate(ctx, parts[i], strlen(parts[i]));
	ok = ok && EVP_DigestFinal_ex(ctx, out, &n) && n <= 32;
	EVP_MD_CTX_free(ctx);
	if (ok)
		hex(out, n, ret);
	return ok;
}

/* Takes the same time whether the account exists or not. */
static bool response_right(const struct claim *r, const struct vd_sip_account *a,
			   const char *method)
{
	char ha1[65], ha2[65], want[65];
	hex(r->sha256 ? a->ha1_sha256 : a->ha1_md5, r->sha256 ? 32 : 16, ha1);
	const char *const second[] = {method, r->uri, NULL};
	const char *const with_qop[] = {ha1, r->nonce, r->nc, r->cnonce, "auth", ha2, NULL};
	const char *const without[] = {ha1, r->nonce, ha2, NULL};
	if (!hash(r->sha256, second, ha2) || !hash(r->sha256, r->qop ? with_qop : without, want))
		return false;
	char got[65] = "";
	size_t n = strlen(want);
	if (strlen(r->response) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		got[i] = (char)(r->response[i] >= 'A' && r->response[i] <= 'F' ? r->response[i] | 32
									       : r->response[i]);
	return CRYPTO_memcmp(got, want, n) == 0;
}

static enum sip_auth judge(struct sip_core *c, const struct sip_msg *m, const struct claim *r,
			   struct vd_sip_account *ret)
{
	struct vd_sip_account a = {.gateway = 0};
	uint64_t id;
	int64_t made_s;
	bool there = c->host.account(c->host.arg, vd_span_cstr(r->user), c->realm, &a) &&
		     (!r->sha256 || a.has_sha256);
	bool right = response_right(r, &a, m->method);
	if (!there || !right)
		return SIP_AUTH_WRONG;
	*ret = a;
	if (!nonce_good(c, r->nonce, &m->flow.peer, &id, &made_s))
		return SIP_AUTH_STALE;
	int64_t nc = NO_QOP_NC;
	if (r->qop) {
		unsigned n = 0;
		(void)sscanf(r->nc, "%8x", &n);
		nc = n;
	}
	return count_up(c, id, made_s, nc) ? SIP_AUTH_OK : SIP_AUTH_STALE;
}

enum sip_auth sip_digest_check(struct sip_core *c, const struct sip_msg *m,
			       struct vd_sip_account *ret_account)
{
	enum sip_auth best = SIP_AUTH_NONE;
	for (int i = 0; i < HEADERS_MAX && i < osip_list_size(&m->o->authorizations); i++) {
		const osip_authorization_t *a = osip_list_get(&m->o->authorizations, i);
		struct claim r;
		if (!a || !read_claim(c, a, &r))
			continue;
		enum sip_auth now = judge(c, m, &r, ret_account);
		if (now == SIP_AUTH_OK)
			return now;
		if (best == SIP_AUTH_NONE || now == SIP_AUTH_STALE)
			best = now;
	}
	return best;
}

/* -- the challenge ---------------------------------------------------------------------------- */

static void add_line(struct vd_buf *b, const struct sip_core *c, const char *nonce, const char *how,
		     bool stale)
{
	vd_buf_printf(b,
		      "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\", algorithm=%s, "
		      "qop=\"auth\"%s\r\n",
		      c->realm, nonce, how, stale ? ", stale=true" : "");
}

/* SHA-256 is offered to those whose account has it, by the name they call themselves: a unit that
 * knows only MD5 often gives up at an algorithm it does not know, instead of reading on. */
static bool wants_sha256(struct sip_core *c, const struct sip_msg *m)
{
	struct vd_sip_account a;
	const osip_uri_t *u = m->o->from->url;
	return sip_uri_usable(u) &&
	       c->host.account(c->host.arg, vd_span_cstr(u->username), c->realm, &a) &&
	       a.has_sha256;
}

void sip_digest_challenge(struct sip_core *c, const struct sip_msg *m, bool stale)
{
	char nonce[SIP_NONCE_CHARS + 1];
	struct vd_buf extra;
	vd_buf_init(&extra, 1024);
	make_nonce(c, &m->flow.peer, nonce);
	if (wants_sha256(c, m))
		add_line(&extra, c, nonce, "SHA-256", stale);
	add_line(&extra, c, nonce, "MD5", stale);
	c->stats.challenged++;
	struct sip_answer a = {.status = 401, .extra = extra.err ? NULL : extra.p};
	if (!extra.err)
		sip_core_answer(c, m, &a);
	vd_buf_fini(&extra);
}

uint64_t sip_digest_proof(const struct vd_sip_account *a)
{
	uint64_t p;
	memcpy(&p, a->ha1_md5, sizeof(p)); /* compared within this program only, never told */
	return p;
}

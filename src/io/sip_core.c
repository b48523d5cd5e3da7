/* SPDX-License-Identifier: EUPL-1.2 */
/* What comes in, in order: how much from there, is it whole, is it known already, who is it, what
 * does it want. Refusals that cost no memory come first; only who has signed in gets a server. */
#include "base/log.h"
#include "base/mem.h"
#include "io/sip_int.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <strings.h>

const char sip_allow[] = "Allow: MESSAGE, OPTIONS, REGISTER\r\n";
static const char accepts[] = "Accept: application/scaip+xml, application/xml, text/xml\r\n"
			      "Accept-Encoding: deflate, gzip\r\n";
static const char retry[] = "Retry-After: 5\r\n"; /* a unit's own shortest wait, SS 91100 4.2 */

int64_t sip_now(const struct sip_core *c)
{
	return c->rt->mono_ms(c->rt);
}

/* -- life ------------------------------------------------------------------------------------- */

static void name_ourselves(struct sip_core *c, const struct vd_sip_config *cfg)
{
	const char *name = cfg->name ? cfg->name : cfg->bind ? cfg->bind : "127.0.0.1";
	bool v6 = strchr(name, ':') != NULL && name[0] != '[';
	snprintf(c->via_host, sizeof(c->via_host), v6 ? "[%s]" : "%s", name);
	snprintf(c->realm, sizeof(c->realm), "%s", cfg->realm ? cfg->realm : "varde");
}

int sip_core_init(struct sip_core *c, struct vd_runtime *rt, const struct vd_sip_config *cfg,
		  const struct vd_sip_host *host, const struct sip_net *net)
{
	uint64_t seeds[5];
	*c = (struct sip_core){.rt = rt,
			       .host = *host,
			       .net = *net,
			       .nonce_horizon_s = -1,
			       .max_servers = VD_MAX_SIP_SERVERS,
			       .max_clients = VD_MAX_SIP_CLIENTS,
			       .max_bindings = VD_MAX_SIP_BINDINGS,
			       .max_stored = VD_MAX_SIP_STORED};
	sip_parser_start();
	name_ourselves(c, cfg);
	rt->entropy(rt, c->secret, sizeof(c->secret));
	rt->entropy(rt, seeds, sizeof(seeds));
	struct vd_link *lists[] = {&c->trying, &c->completed, &c->client_list, &c->aor_list,
				   &c->late};
	for (size_t i = 0; i < 5; i++)
		vd_list_init(lists[i]);
	vd_map_init(&c->servers, VD_MAX_SIP_SERVERS, seeds[0]);
	vd_map_init(&c->clients, VD_MAX_SIP_CLIENTS, seeds[1]);
	vd_map_init(&c->client_units, VD_MAX_SIP_CLIENTS, seeds[1]);
	vd_map_init(&c->aors, VD_MAX_SIP_BINDINGS, seeds[2]);
	vd_map_init(&c->accounts, VD_MAX_GATEWAYS, seeds[3]);
	vd_map_init(&c->nonces, VD_MAX_SIP_NONCES, seeds[4]);
	c->told_mono = INT64_MIN / 2;
	c->nonce_ring = vd_calloc(VD_MAX_SIP_NONCES, sizeof(*c->nonce_ring));
	c->sources = vd_calloc(VD_MAX_SIP_SOURCES, sizeof(*c->sources));
	if (c->nonce_ring && c->sources)
		return 0;
	sip_core_fini(c);
	return VD_ENOMEM;
}

static void forget_servers(struct sip_core *c)
{
	struct vd_link *l;
	while ((l = vd_list_pop(&c->completed)))
		sip_server_free(VD_CONTAINER(l, struct sip_server, link));
	while ((l = vd_list_pop(&c->trying))) { /* the hub still has it */
		VD_CONTAINER(l, struct sip_server, link)->core = NULL;
		c->stats.servers--;
	}
}

void sip_core_fini(struct sip_core *c)
{
	c->closing = true;
	forget_servers(c);
	sip_client_fini(c);
	sip_registrar_fini(c);
	sip_guard_fini(c);
	c->rt->timer_close(c->reaper);
	c->reaper = NULL;
	struct vd_map *maps[] = {&c->servers, &c->clients,  &c->client_units,
				 &c->aors,    &c->accounts, &c->nonces};
	for (size_t i = 0; i < 6; i++)
		vd_map_fini(maps[i]);
	vd_free(c->nonce_ring);
	vd_free(c->sources);
	c->nonce_ring = NULL;
	c->sources = NULL;
}

/* -- seals and answers ------------------------------------------------------------------------ */

void sip_core_seal(const struct sip_core *c, const char *what, const struct vd_span *parts,
		   size_t n, unsigned char ret[32])
{
	unsigned len = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) &&
		  EVP_DigestUpdate(ctx, c->secret, sizeof(c->secret)) &&
		  EVP_DigestUpdate(ctx, what, strlen(what) + 1);
	/* Each part with its length, so that no two lists of parts look the same. A digest over the
	 * secret alone in front could be prolonged; ours is closed by the secret again. */
	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(ctx, &parts[i].n, sizeof(parts[i].n)) &&
		     EVP_DigestUpdate(ctx, parts[i].n ? parts[i].p : "", parts[i].n);
	ok = ok && EVP_DigestUpdate(ctx, c->secret, sizeof(c->secret)) &&
	     EVP_DigestFinal_ex(ctx, ret, &len);
	EVP_MD_CTX_free(ctx);
	if (!ok) /* out of memory: a seal nobody can match */
		c->rt->entropy(c->rt, ret, 32);
}

void sip_core_tag(const struct sip_core *c, const struct sip_msg *m, char ret[SIP_TAG_CHARS + 1])
{
	unsigned char sealed[32];
	const char *from = sip_param(&m->o->from->gen_params, "tag");
	struct vd_span parts[] = {vd_span_cstr(m->branch), vd_span_cstr(m->o->call_id->number),
				  vd_span_cstr(m->o->cseq->number), vd_span_cstr(from ? from : "")};
	sip_core_seal(c, "tag", parts, 4, sealed);
	for (int i = 0; i < SIP_TAG_CHARS / 2; i++)
		snprintf(ret + 2 * i, 3, "%02x", sealed[i]);
}

void sip_core_answer(struct sip_core *c, const struct sip_msg *m, const struct sip_answer *a)
{
	char tag[SIP_TAG_CHARS + 1];
	struct vd_buf b;
	vd_buf_init(&b, VD_MAX_SIP_HEAD * 2);
	sip_core_tag(c, m, tag);
	if (!sip_write_answer(&b, m, tag, a))
		(void)c->net.send(c->net.arg, &m->back, vd_buf_span(&b));
	vd_buf_fini(&b);
}

static void refuse(struct sip_core *c, const struct sip_msg *m, int status, const char *reason,
		   const char *extra)
{
	struct sip_answer a = {.status = status, .reason = reason, .extra = extra};
	c->stats.refused++;
	sip_core_answer(c, m, &a);
}

/* -- who -------------------------------------------------------------------------------------- */

/* The gateway; 0 = answered already. */
static int64_t who(struct sip_core *c, const struct sip_msg *m, const struct sip_stream *st,
		   struct vd_sip_account *ret)
{
	if (st && strcmp(m->method, "MESSAGE") == 0 &&
	    sip_binding_on(c, st, m->o->from->url->username)) {
		sip_guard_known(c, &m->flow.peer);
		return st->account;
	}
	switch (sip_digest_check(c, m, ret)) {
	case SIP_AUTH_OK: sip_guard_known(c, &m->flow.peer); return ret->gateway;
	case SIP_AUTH_WRONG:
		if (!sip_guard_waits(c, m))
			sip_guard_refuse(c, m, sip_guard_failed(c, &m->flow.peer));
		return 0;
	case SIP_AUTH_STALE: sip_digest_challenge(c, m, true); return 0;
	case SIP_AUTH_NONE: break;
	}
	sip_digest_challenge(c, m, false);
	return 0;
}

/* -- what ------------------------------------------------------------------------------------- */

/* RFC 3261 8.2.2.3. We support no extension. */
static bool requires_more(struct sip_core *c, const struct sip_msg *m)
{
	const char *wanted = sip_msg_header(m, "require");
	char extra[200];
	if (!wanted)
		return false;
	int n = snprintf(extra, sizeof(extra), "Unsupported: %.150s\r\n", wanted);
	bool safe = n > 0 && (size_t)n < sizeof(extra) && !strpbrk(wanted, "\r\n");
	refuse(c, m, 420, NULL, safe ? extra : NULL);
	return true;
}

static bool is_method(const struct sip_msg *m, const char *name)
{
	return strcmp(m->method, name) == 0;
}

/* Max-Forwards counts further steps, and we are the last one: what reaches its goal with 0 left is
 * heard (RFC 3261 16.3 is about forwarding). Whatever is not for us would have to go on. */
static bool no_step_left(const struct sip_msg *m)
{
	return sip_number(sip_msg_header(m, "max-forwards"), 255) == 0;
}

/* Everything that needs no account. true: done with. */
static bool simple(struct sip_core *c, const struct sip_msg *m)
{
	char both[sizeof(sip_allow) + sizeof(accepts)];
	if (is_method(m, "ACK")) /* of our refusal of an INVITE */
		return true;
	if (is_method(m, "CANCEL")) {
		refuse(c, m, 481, NULL, NULL);
		return true;
	}
	bool ours = is_method(m, "REGISTER") || is_method(m, "MESSAGE");
	if (!ours && no_step_left(m)) {
		refuse(c, m, 483, NULL, NULL);
		return true;
	}
	if (requires_more(c, m))
		return true;
	if (ours)
		return false;
	if (!is_method(m, "OPTIONS")) {
		refuse(c, m, 405, NULL, sip_allow);
		return true;
	}
	snprintf(both, sizeof(both), "%s%s", sip_allow, accepts);
	struct sip_answer a = {.status = 200, .extra = both};
	sip_core_answer(c, m, &a);
	return true;
}

/* The type of a document, without parameters: SCAIP's own, and what units send instead. */
static bool type_good(const struct sip_msg *m)
{
	static const char *const types[][2] = {{"application", "scaip+xml"},
					       {"application", "xml"},
					       {"text", "xml"},
					       {"text", "plain"}};
	const osip_content_type_t *t = m->o->content_type;
	if (!t || !t->type || !t->subtype)
		return !t;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcasecmp(t->type, types[i][0]) == 0 &&
		    strcasecmp(t->subtype, types[i][1]) == 0)
			return true;
	return false;
}

/* What the hub gets of a MESSAGE. 0, or it has been refused. */
static int unpack(struct sip_server *s, struct vd_span body)
{
	struct sip_answer a = {.status = 415, .extra = accepts};
	const osip_content_encoding_t *e = osip_list_get(&s->m.o->content_encodings, 0);
	struct vd_span how = vd_span_trim(vd_span_cstr(e && e->value ? e->value : ""));
	int err = VD_EINVAL;
	if (type_good(&s->m) && osip_list_size(&s->m.o->content_encodings) < 2)
		err = sip_body_decode(how, body, &s->body);
	if (!err)
		return 0;
	s->core->stats.refused++;
	if (err == VD_ELIMIT)
		a = (struct sip_answer){.status = 413};
	else if (err == VD_EPARSE)
		a = (struct sip_answer){.status = 400, .reason = "Body Cannot Be Decompressed"};
	else if (err == VD_ENOMEM)
		a = (struct sip_answer){.status = 503, .extra = retry};
	sip_server_answer(s, &a);
	return err;
}

static void request(struct sip_core *c, struct sip_msg *m, struct sip_stream *st)
{
	struct vd_sip_account account = {.gateway = 0};
	struct sip_server *s = sip_server_find(c, m);
	struct vd_span body = m->body;
	if (s) {
		sip_server_again(s, m);
		return;
	}
	if (simple(c, m))
		return;
	if (!sip_uri_usable(m->o->from->url) || !m->o->to->url->host) {
		refuse(c, m, 400, "From Names Nobody", NULL);
		return;
	}
	int64_t gateway = who(c, m, st, &account);
	if (!gateway)
		return;
	if (st) {
		st->known = true;
		st->account = is_method(m, "REGISTER") ? gateway : st->account;
	}
	if (sip_server_new(c, m, gateway, &s)) {
		refuse(c, m, 503, NULL, retry);
		return;
	}
	if (is_method(&s->m, "REGISTER"))
		sip_registrar(s, &account);
	else if (!unpack(s, body))
		sip_alarm(s);
}

/* -- coming in -------------------------------------------------------------------------------- */

void sip_core_message(struct sip_core *c, const struct sip_flow *from, const struct sip_cut *cut,
		      struct sip_stream *st)
{
	struct sip_msg m;
	if (!sip_guard_take(c, &from->peer))
		return;
	int err = cut->head.n ? sip_msg_parse(cut, from, &m) : VD_EPARSE;
	if (err) { /* nobody to answer to */
		c->stats.malformed += err == VD_EPARSE;
		return;
	}
	if (!m.o->sip_method) {
		sip_client_answered(c, &m);
	} else if (cut->status || m.broken) {
		c->stats.malformed++;
		if (!is_method(&m, "ACK"))
			refuse(c, &m, cut->status ? cut->status : 400,
			       cut->status ? cut->why : "A Header Cannot Be Read", NULL);
	} else {
		request(c, &m, st);
	}
	if (m.o)
		sip_msg_fini(&m);
}

void sip_core_datagram(struct sip_core *c, const struct sip_addr *from, struct vd_span bytes)
{
	struct sip_flow flow = {.transport = SIP_UDP, .peer = *from};
	struct sip_cut cut;
	c->stats.bytes_in += (int64_t)bytes.n;
	switch (sip_cut_datagram(bytes, &cut)) {
	case SIP_CUT_MESSAGE: sip_core_message(c, &flow, &cut, NULL); break;
	default: break; /* RFC 5626 keeps UDP open with STUN; line ends need no answer */
	}
}

enum sip_progress sip_stream_input(struct sip_stream *s, struct vd_span in, int messages,
				   size_t *ret_used)
{
	struct sip_core *c = s->core;
	struct sip_cut cut;
	*ret_used = 0;
	while (messages-- > 0) {
		struct vd_span rest = vd_span_skip(in, *ret_used);
		enum sip_cut_kind k = rest.n ? sip_cut_stream(rest, &cut) : SIP_CUT_MORE;
		if (k == SIP_CUT_MORE)
			return SIP_NEED_BYTES;
		*ret_used += cut.used;
		if (k == SIP_CUT_PING && c->net.send(c->net.arg, &s->flow, VD_SPAN_LIT("\r\n")))
			return SIP_FINISHED;
		if (k == SIP_CUT_MESSAGE)
			sip_core_message(c, &s->flow, &cut, s);
		if (k == SIP_CUT_MESSAGE && cut.lost)
			return SIP_FINISHED;
	}
	return SIP_NEED_TURN;
}

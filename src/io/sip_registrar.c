/* SPDX-License-Identifier: EUPL-1.2 */
/* Where units can be reached: REGISTER (RFC 3261 10.3). Each unit has its own list, also when many
 * share one account, and no account reaches another's.
 *
 * A binding remembers its flow, the way the REGISTER came: behind a NAT that is the only way back.
 * The contact's own address is used only when it is the host the REGISTER came from, so that nobody
 * has us send to a third. CSeq is not held against an earlier one: the digest's nc has seen to it
 * that nothing is taken twice, and units start over after a reset. In memory only: docs/sip.md. */
#include "base/mem.h"
#include "io/sip_int.h"
#include <jansson.h>
#include <stdio.h>
#include <strings.h>

#define SWEEP_MS 30000

/* -- tables ----------------------------------------------------------------------------------- */

struct sip_account_use *sip_account_use(struct sip_core *c, int64_t gateway)
{
	struct sip_account_use *u = vd_map_get_u64(&c->accounts, (uint64_t)gateway);
	if (u)
		return u;
	u = vd_calloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->gateway = gateway;
	u->config_version = -1;
	if (vd_map_put_u64(&c->accounts, (uint64_t)gateway, u)) {
		vd_free(u);
		return NULL;
	}
	return u;
}

static struct vd_span make_key(char *buf, size_t cap, int64_t gateway, const char *user)
{
	size_t n = strlen(user);
	if (n > cap - sizeof(gateway))
		n = cap - sizeof(gateway);
	memcpy(buf, &gateway, sizeof(gateway));
	memcpy(buf + sizeof(gateway), user, n);
	return vd_span(buf, sizeof(gateway) + n);
}

static struct sip_aor *find_aor(struct sip_core *c, int64_t gateway, const char *user)
{
	char buf[sizeof(gateway) + SIP_USER_MAX];
	return vd_map_get(&c->aors, make_key(buf, sizeof(buf), gateway, user));
}

static void drop_binding(struct sip_core *c, struct sip_aor *a, struct sip_binding *b)
{
	vd_list_remove(&b->link);
	vd_free(b->uri);
	vd_free(b);
	a->n--;
	a->account->bindings--;
	c->stats.bindings--;
}

static void drop_if_empty(struct sip_core *c, struct sip_aor *a)
{
	if (a->n)
		return;
	vd_map_remove(&c->aors, vd_span(a->key, a->key_n));
	vd_list_remove(&a->link);
	vd_free(a);
}

static void on_sweep(void *arg)
{
	struct sip_core *c = arg;
	int64_t now = sip_now(c);
	VD_LIST_EACH(it, &c->aor_list)
	{
		struct sip_aor *a = VD_CONTAINER(it, struct sip_aor, link);
		VD_LIST_EACH(bt, &a->bindings)
		{
			struct sip_binding *b = VD_CONTAINER(bt, struct sip_binding, link);
			if (b->ends_mono <= now)
				drop_binding(c, a, b);
		}
		drop_if_empty(c, a);
	}
	if (!vd_list_empty(&c->aor_list))
		c->rt->timer_start(c->sweeper, SWEEP_MS);
}

static struct sip_aor *make_aor(struct sip_core *c, int64_t gateway, const char *user)
{
	char buf[sizeof(gateway) + SIP_USER_MAX];
	struct vd_span key = make_key(buf, sizeof(buf), gateway, user);
	struct sip_account_use *use = sip_account_use(c, gateway);
	if (!c->sweeper)
		c->sweeper = c->rt->timer_open(c->rt, on_sweep, c);
	struct sip_aor *a = use && c->sweeper ? vd_calloc(1, sizeof(*a) + key.n) : NULL;
	if (!a)
		return NULL;
	memcpy(a->key, key.p, key.n);
	a->key_n = key.n;
	a->account = use;
	vd_list_init(&a->bindings);
	vd_list_init(&a->link);
	if (vd_map_put(&c->aors, vd_span(a->key, a->key_n), a)) {
		vd_free(a);
		return NULL;
	}
	if (vd_list_empty(&c->aor_list))
		c->rt->timer_start(c->sweeper, SWEEP_MS);
	vd_list_push_back(&c->aor_list, &a->link);
	return a;
}

void sip_registrar_fini(struct sip_core *c)
{
	size_t it = 0;
	struct sip_account_use *u;
	VD_LIST_EACH(l, &c->aor_list)
	{
		struct sip_aor *a = VD_CONTAINER(l, struct sip_aor, link);
		VD_LIST_EACH(bl, &a->bindings)
		drop_binding(c, a, VD_CONTAINER(bl, struct sip_binding, link));
		drop_if_empty(c, a);
	}
	while ((u = vd_map_each(&c->accounts, &it))) {
		json_decref(u->config);
		vd_free(u);
	}
	c->rt->timer_close(c->sweeper);
	c->sweeper = NULL;
}

/* -- looking ---------------------------------------------------------------------------------- */

struct sip_binding *sip_binding_of(struct sip_core *c, int64_t gateway, const char *user)
{
	struct sip_aor *a = find_aor(c, gateway, user);
	if (!a)
		return NULL;
	VD_LIST_EACH(it, &a->bindings)
	{
		struct sip_binding *b = VD_CONTAINER(it, struct sip_binding, link);
		if (b->ends_mono > sip_now(c))
			return b;
	}
	return NULL;
}

bool sip_binding_on(struct sip_core *c, const struct sip_stream *st, const char *user)
{
	struct vd_sip_account now;
	struct sip_aor *a = st->account ? find_aor(c, st->account, user) : NULL;
	if (!a || !c->host.account_of(c->host.arg, st->account, c->realm, &now))
		return false;
	VD_LIST_EACH(l, &a->bindings)
	{
		const struct sip_binding *b = VD_CONTAINER(l, struct sip_binding, link);
		if (b->flow.conn == st->flow.conn && b->ends_mono > sip_now(c) &&
		    b->proof == sip_digest_proof(&now))
			return true;
	}
	return false;
}

/* -- registering ------------------------------------------------------------------------------ */

struct wish {
	struct sip_server *s;
	const struct vd_sip_account *account;
	const char *user;
	int64_t expires_s; /* of the header, for contacts without their own; -1 = none */
	bool all;          /* "*" */
};

static int64_t granted(const struct wish *w, const osip_contact_t *k)
{
	int64_t s = sip_number(sip_param(&k->gen_params, "expires"), INT32_MAX);
	if (s < 0)
		s = w->expires_s;
	if (s < 0 || s > SIP_MAX_EXPIRES)
		return SIP_MAX_EXPIRES;
	return s && s < SIP_MIN_EXPIRES ? SIP_MIN_EXPIRES : s;
}

static bool is_star(const osip_contact_t *k)
{
	return k->displayname && strcmp(k->displayname, "*") == 0;
}

/* NULL, or why the request is refused. */
static const char *judge(struct wish *w)
{
	const osip_message_t *o = w->s->m.o;
	const char *header = sip_msg_header(&w->s->m, "expires");
	int n = osip_list_size(&o->contacts);
	w->expires_s = sip_number(header, INT32_MAX);
	if (!sip_uri_usable(o->to->url))
		return "To Names Nobody";
	if (n > VD_MAX_SIP_BINDINGS_UNIT)
		return "Too Many Contacts";
	for (int i = 0; i < n; i++) {
		const osip_contact_t *k = osip_list_get(&o->contacts, i);
		w->all |= is_star(k);
		if (is_star(k) && (n != 1 || w->expires_s != 0)) /* RFC 3261 10.3, step 6 */
			return "Contact * Wants Expires 0 And Nothing Else";
		if (!is_star(k) && (!k->url || !k->url->host))
			return "Contact Is No Address";
	}
	return NULL;
}

static void set_reach(struct sip_binding *b, const osip_uri_t *u)
{
	const char *how = sip_param(&u->url_params, "transport");
	enum sip_transport t = b->flow.transport;
	if (how && *how)
		t = strcasecmp(how, "udp") == 0   ? SIP_UDP
		    : strcasecmp(how, "tcp") == 0 ? SIP_TCP
						  : SIP_TLS;
	if (u->scheme && strcasecmp(u->scheme, "sips") == 0)
		t = SIP_TLS;
	int port = u->port        ? (int)sip_number(u->port, 65536)
		   : t == SIP_TLS ? SIP_TLS_PORT
				  : SIP_PORT;
	b->contact = (struct sip_flow){.transport = t};
	b->reachable = t != SIP_TLS && sip_addr_parse(u->host, port, &b->contact.peer) &&
		       sip_addr_same_host(&b->contact.peer, &b->flow.peer);
}

static struct sip_binding *find_binding(struct sip_aor *a, struct vd_span uri)
{
	VD_LIST_EACH(it, &a->bindings)
	{
		struct sip_binding *b = VD_CONTAINER(it, struct sip_binding, link);
		if (vd_span_is(uri, b->uri))
			return b;
	}
	return NULL;
}

/* 0, VD_ELIMIT or VD_ENOMEM. At a unit's own ceiling its oldest makes room: it is what a changing
 * NAT left behind. */
static int add_binding(struct sip_core *c, struct sip_aor *a, struct vd_span uri,
		       struct sip_binding **ret)
{
	if (a->n >= VD_MAX_SIP_BINDINGS_UNIT)
		drop_binding(c, a, VD_CONTAINER(a->bindings.prev, struct sip_binding, link));
	if ((size_t)c->stats.bindings >= c->max_bindings ||
	    a->account->bindings >= VD_MAX_SIP_BINDINGS_ACCOUNT)
		return VD_ELIMIT;
	struct sip_binding *b = vd_calloc(1, sizeof(*b));
	if (b)
		b->uri = vd_memdup_str(uri.p, uri.n);
	if (!b || !b->uri) {
		vd_free(b);
		return VD_ENOMEM;
	}
	vd_list_init(&b->link);
	a->n++;
	a->account->bindings++;
	c->stats.bindings++;
	*ret = b;
	return 0;
}

static int take_contact(struct wish *w, struct sip_aor *a, const osip_contact_t *k,
			struct vd_span uri)
{
	struct sip_core *c = w->s->core;
	struct sip_binding *b = find_binding(a, uri);
	int64_t s = granted(w, k);
	if (s == 0) {
		if (b)
			drop_binding(c, a, b);
		return 0;
	}
	int err = b ? 0 : add_binding(c, a, uri, &b);
	if (err)
		return err;
	b->flow = w->s->m.flow;
	b->proof = sip_digest_proof(w->account);
	b->ends_mono = sip_now(c) + s * 1000;
	set_reach(b, k->url);
	vd_list_remove(&b->link);
	vd_list_push_front(&a->bindings, &b->link);
	return 0;
}

static int apply(struct wish *w, struct sip_aor *a)
{
	const osip_message_t *o = w->s->m.o;
	int err = 0;
	if (w->all)
		VD_LIST_EACH(it, &a->bindings)
	drop_binding(w->s->core, a, VD_CONTAINER(it, struct sip_binding, link));
	for (int i = 0; !w->all && !err && i < osip_list_size(&o->contacts); i++) {
		const osip_contact_t *k = osip_list_get(&o->contacts, i);
		struct vd_buf uri;
		vd_buf_init(&uri, SIP_URI_MAX);
		err = sip_write_uri(&uri, k->url);
		if (!err)
			err = take_contact(w, a, k, vd_buf_span(&uri));
		vd_buf_fini(&uri);
	}
	return err;
}

static void list(struct sip_core *c, const struct sip_aor *a, struct vd_buf *b)
{
	if (!a)
		return;
	VD_LIST_EACH(it, &a->bindings)
	{
		const struct sip_binding *k = VD_CONTAINER(it, struct sip_binding, link);
		int64_t left = (k->ends_mono - sip_now(c) + 999) / 1000;
		if (left > 0)
			vd_buf_printf(b, "Contact: %s;expires=%lld\r\n", k->uri, (long long)left);
	}
}

static void answer(struct wish *w, int err)
{
	struct sip_core *c = w->s->core;
	struct sip_answer a = {.status = 200};
	struct vd_buf extra;
	vd_buf_init(&extra, 8192);
	if (err == VD_EPARSE)
		a.status = 400;
	else if (err)
		a = (struct sip_answer){.status = 503, .extra = "Retry-After: 30\r\n"};
	else
		list(c, find_aor(c, w->account->gateway, w->user), &extra);
	if (!err && extra.n)
		a.extra = extra.p;
	c->stats.registrations += !err;
	c->stats.refused += err != 0;
	sip_server_answer(w->s, &a);
	vd_buf_fini(&extra);
}

void sip_registrar(struct sip_server *s, const struct vd_sip_account *account)
{
	struct sip_core *c = s->core;
	struct wish w = {.s = s, .account = account, .expires_s = -1};
	const char *why = judge(&w);
	if (why) {
		c->stats.refused++;
		sip_server_answer(s, &(struct sip_answer){.status = 400, .reason = why});
		return;
	}
	char user[SIP_USER_MAX + 1];
	snprintf(user, sizeof(user), "%s", s->m.o->to->url->username);
	w.user = user;
	struct sip_aor *a = find_aor(c, account->gateway, user);
	int err = 0;
	if (!a && osip_list_size(&s->m.o->contacts) && !w.all &&
	    !(a = make_aor(c, account->gateway, user)))
		err = VD_ENOMEM;
	if (!err && a)
		err = apply(&w, a);
	if (a)
		drop_if_empty(c, a);
	answer(&w, err);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Our MESSAGE to a unit: the client transaction of RFC 3261 17.1.2, with several ways to one unit.
 *
 *	state       begins with                on UDP resent after      ends with
 *	trying      the request on a way       0.5 1 2 4 4 ... s (E)    a final answer; 32 s (F)
 *	proceeding  a provisional answer       every 4 s                likewise
 *
 * When a way is silent for four seconds, or refuses, the next one is tried as a transaction of its
 * own: the unit gives up waiting long before F. Hearing it twice does no harm, since the unit knows
 * the answer by its reference. A unit that never answers is counted; its next resend is answered
 * anew (17.1.2.4 leaves that to the one above, and the one above is the unit itself). */
#include "base/log.h"
#include "base/mem.h"
#include "io/sip_int.h"
#include <stdio.h>

#define BRANCH_CHARS 40
#define NEXT_WAY_MS  SIP_T2_MS
#define TELL_MS      60000

struct unit { /* deliveries to one unit */
	uint64_t key;
	struct vd_link list; /* oldest first */
	size_t n;
};

struct client {
	struct vd_link link, of_unit;
	struct sip_core *core;
	struct unit *unit;
	struct vd_timer *timer;
	char branch[BRANCH_CHARS];
	char call_id[40], tag[20];
	int cseq;
	struct {
		struct sip_flow flow;
		char *uri;
	} target[SIP_TARGETS];
	size_t n, at;
	char *from, *to;
	const char *type;
	struct vd_buf body;
	int64_t gateway;
	int64_t way_mono, wait_ms; /* when this way began; till the next resend */
	bool proceeding;
};

/* -- life ------------------------------------------------------------------------------------- */

static void unit_drop_if_empty(struct sip_core *c, struct unit *u)
{
	if (u->n)
		return;
	vd_map_remove_u64(&c->client_units, u->key);
	vd_free(u);
}

static void client_free(struct client *k)
{
	struct sip_core *c = k->core;
	if (k->unit) {
		vd_map_remove(&c->clients, vd_span_cstr(k->branch));
		vd_list_remove(&k->of_unit);
		k->unit->n--;
		unit_drop_if_empty(c, k->unit);
		c->stats.clients--;
	}
	vd_list_remove(&k->link);
	c->rt->timer_close(k->timer);
	for (size_t i = 0; i < k->n; i++)
		vd_free(k->target[i].uri);
	vd_free(k->from);
	vd_free(k->to);
	vd_buf_fini(&k->body);
	vd_free(k);
}

void sip_client_fini(struct sip_core *c)
{
	VD_LIST_EACH(it, &c->client_list)
	client_free(VD_CONTAINER(it, struct client, link));
}

/* One line a minute: a unit that does not listen is a matter for its technician. */
static void failed(struct client *k, const char *why)
{
	struct sip_core *c = k->core;
	int64_t now = sip_now(c);
	c->stats.mrs_failed++;
	c->untold++;
	if (now - c->told_mono >= TELL_MS) {
		vd_log(VD_LOG_WARN,
		       "%lld answers to alarm units could not be delivered, the last to a unit of "
		       "gateway %lld: %s",
		       (long long)c->untold, (long long)k->gateway, why);
		c->told_mono = now;
		c->untold = 0;
	}
	client_free(k);
}

/* -- sending ---------------------------------------------------------------------------------- */

static const char *transport_name(enum sip_transport t)
{
	return t == SIP_UDP ? "UDP" : t == SIP_TCP ? "TCP" : "TLS";
}

static int write_request(const struct client *k, struct vd_buf *b)
{
	const struct sip_core *c = k->core;
	enum sip_transport t = k->target[k->at].flow.transport;
	vd_buf_printf(b, "MESSAGE %s SIP/2.0\r\n", k->target[k->at].uri);
	vd_buf_printf(b, "Via: SIP/2.0/%s %s:%d;branch=%s;rport\r\nMax-Forwards: 70\r\n",
		      transport_name(t), c->via_host, c->via_port[t], k->branch);
	vd_buf_printf(b, "From: %s;tag=%s\r\nTo: %s\r\n", k->from, k->tag, k->to);
	vd_buf_printf(b, "Call-ID: %s\r\nCSeq: %d MESSAGE\r\n", k->call_id, k->cseq);
	vd_buf_printf(b, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n", k->type, k->body.n);
	return vd_buf_add_span(b, vd_buf_span(&k->body));
}

/* 0, or this way is none. */
static int transmit(struct client *k)
{
	struct sip_core *c = k->core;
	struct vd_buf b;
	vd_buf_init(&b, VD_MAX_SIP_HEAD + VD_MAX_SIP_BODY);
	int err = write_request(k, &b);
	if (!err)
		err = c->net.send(c->net.arg, &k->target[k->at].flow, vd_buf_span(&b));
	vd_buf_fini(&b);
	return err;
}

static void arm(struct client *k)
{
	struct sip_core *c = k->core;
	int64_t gone = sip_now(c) - k->way_mono;
	bool last = k->at + 1 >= k->n;
	int64_t left = (last || k->proceeding ? SIP_TIMER_F_MS : NEXT_WAY_MS) - gone;
	if (k->target[k->at].flow.transport == SIP_UDP && k->wait_ms < left)
		left = k->wait_ms;
	c->rt->timer_start(k->timer, left > 0 ? left : 0);
}

static int new_branch(struct client *k)
{
	struct sip_core *c = k->core;
	uint64_t r[2];
	vd_map_remove(&c->clients, vd_span_cstr(k->branch));
	c->rt->entropy(c->rt, r, sizeof(r));
	snprintf(k->branch, sizeof(k->branch), "z9hG4bK%016llx%08x", (unsigned long long)r[0],
		 (unsigned)r[1]);
	return vd_map_put(&c->clients, vd_span_cstr(k->branch), k);
}

static int begin_way(struct client *k)
{
	struct sip_core *c = k->core;
	struct sip_flow *f = &k->target[k->at].flow;
	int err = new_branch(k);
	if (err)
		return err;
	k->cseq++;
	k->proceeding = false;
	k->way_mono = sip_now(c);
	k->wait_ms = SIP_T1_MS;
	if (f->transport == SIP_TCP && !f->conn &&
	    (err = c->net.connect(c->net.arg, &f->peer, &f->conn)))
		return err;
	return transmit(k);
}

/* Tries ways until one takes it. false: there is none left, and k has been told off. */
static bool try_from(struct client *k, size_t at)
{
	for (k->at = at; k->at < k->n; k->at++)
		if (begin_way(k) == 0) {
			arm(k);
			return true;
		}
	return false;
}

static void next_way(struct client *k, const char *why)
{
	if (!try_from(k, k->at + 1))
		failed(k, why);
}

static void on_timer(void *arg)
{
	struct client *k = arg;
	int64_t gone = sip_now(k->core) - k->way_mono;
	bool last = k->at + 1 >= k->n;
	if (gone >= SIP_TIMER_F_MS || (!last && !k->proceeding && gone >= NEXT_WAY_MS)) {
		next_way(k, "no answer within 32 s");
		return;
	}
	if (k->target[k->at].flow.transport != SIP_UDP) { /* it has said that it is at work */
		arm(k);
		return;
	}
	k->wait_ms = k->proceeding || 2 * k->wait_ms > SIP_T2_MS ? SIP_T2_MS : 2 * k->wait_ms;
	if (transmit(k))
		next_way(k, "its address cannot be reached");
	else
		arm(k);
}

/* -- what comes back -------------------------------------------------------------------------- */

void sip_client_answered(struct sip_core *c, const struct sip_msg *m)
{
	struct client *k = vd_map_get(&c->clients, vd_span_cstr(m->branch));
	if (!k || strcmp(m->method, "MESSAGE") != 0)
		return; /* late, or nobody's */
	int status = m->o->status_code;
	if (status < 200) {
		k->proceeding = true;
		return;
	}
	if (status >= 300) {
		next_way(k, "it refuses the answer");
		return;
	}
	c->stats.mrs_sent++;
	client_free(k);
}

/* -- beginning -------------------------------------------------------------------------------- */

static struct unit *unit_get(struct sip_core *c, const struct sip_deliver *d)
{
	uint64_t key =
		vd_hash64(vd_span_cstr(d->user), (uint64_t)d->gateway ^ c->client_units.seed);
	struct unit *u = vd_map_get_u64(&c->client_units, key);
	if (u || !(u = vd_calloc(1, sizeof(*u))))
		return u;
	u->key = key;
	vd_list_init(&u->list);
	if (vd_map_put_u64(&c->client_units, key, u)) {
		vd_free(u);
		return NULL;
	}
	return u;
}

static bool copy(struct client *k, const struct sip_deliver *d)
{
	bool ok = (k->from = vd_strdup(d->from)) && (k->to = vd_strdup(d->to)) &&
		  vd_buf_add_span(&k->body, d->body) == 0;
	for (k->n = 0; ok && k->n < d->n; k->n++) {
		k->target[k->n].flow = d->target[k->n].flow;
		ok = (k->target[k->n].uri = vd_strdup(d->target[k->n].uri)) != NULL;
	}
	return ok;
}

static struct client *client_new(struct sip_core *c, const struct sip_deliver *d)
{
	struct client *k = vd_calloc(1, sizeof(*k));
	uint64_t r[3];
	if (!k)
		return NULL;
	vd_list_init(&k->link);
	vd_list_init(&k->of_unit);
	vd_buf_init(&k->body, VD_MAX_SIP_BODY);
	k->core = c;
	k->gateway = d->gateway;
	k->type = d->content_type;
	c->rt->entropy(c->rt, r, sizeof(r));
	snprintf(k->call_id, sizeof(k->call_id), "%016llx%016llx", (unsigned long long)r[0],
		 (unsigned long long)r[1]);
	snprintf(k->tag, sizeof(k->tag), "%016llx", (unsigned long long)r[2]);
	k->timer = c->rt->timer_open(c->rt, on_timer, k);
	if (k->timer && copy(k, d))
		return k;
	client_free(k);
	return NULL;
}

int sip_client_send(struct sip_core *c, const struct sip_deliver *d)
{
	if (!d->n)
		return VD_EINVAL;
	if ((size_t)c->stats.clients >= c->max_clients) /* the oldest is the one least waited for */
		failed(VD_CONTAINER(c->client_list.next, struct client, link), "too many at once");
	struct client *k = client_new(c, d);
	struct unit *u = k ? unit_get(c, d) : NULL;
	if (!u) {
		if (k)
			client_free(k);
		return VD_ENOMEM;
	}
	if (u->n >= VD_MAX_SIP_CLIENTS_UNIT) {
		u->n++; /* held while its oldest goes */
		failed(VD_CONTAINER(u->list.next, struct client, of_unit), "too many to one unit");
		u->n--;
	}
	k->unit = u;
	u->n++;
	c->stats.clients++;
	vd_list_push_back(&u->list, &k->of_unit);
	vd_list_push_back(&c->client_list, &k->link);
	if (try_from(k, 0))
		return 0;
	client_free(k);
	return VD_ENOTFOUND;
}

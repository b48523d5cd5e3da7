/* SPDX-License-Identifier: EUPL-1.2 */
/* Webhooks: a sender proves itself, its body becomes a frame, the answer waits for the commit. */
#include "io/secret.h"
#include "io/web_int.h"
#include "base/mem.h"
#include <openssl/evp.h>
#include <stdio.h>

struct hook {
	struct vd_exchange x;
	struct vd_link link;
	struct web_request *q;
	int64_t gateway;
	int ok_status;
};

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	struct hook *h = VD_CONTAINER(x, struct hook, x);
	struct web_request *q = h->q;
	switch (o) {
	case VD_STORED:
	case VD_DUPLICATE: q->status = h->ok_status; break;
	case VD_REFUSED:
		web_problem(q, 400, "parse", why ? why : "The message cannot be read.");
		break;
	case VD_BUSY:
		if (why && strstr(why, "Too many"))
			web_problem(q, 429, "busy", why);
		else
			web_problem(q, 503, "busy", why ? why : "The hub is full.");
		break;
	}
	vd_list_remove(&h->link);
	q->web->n_hooks--;
	vd_free(h);
	web_answer(q);
}

/* "/key/<user>/<secret>[/rest]", for platforms that call an address and can send no header. Taken
 * off the path, so that the adapter never sees it. */
static const struct vd_gateway *sender_in_path(struct web_request *q, struct vd_span *rest)
{
	struct vd_span left = vd_span_skip(*rest, 4), user, secret;
	if (!vd_span_next(&left, '/', &user))
		return NULL;
	if (!vd_span_next(&left, '/', &secret)) {
		secret = left;
		left = vd_span("", 0);
	}
	*rest = left.p ? left : vd_span("", 0);
	return vd_secret_gateway(vd_hub_directory(q->web->hub), user, secret);
}

/* "Bearer user:secret", or Basic in base64. */
static const struct vd_gateway *sender_in_header(struct web_request *q)
{
	unsigned char plain[400];
	struct vd_span all = vd_span_cstr(q->authorization), user;
	if (vd_span_starts(all, VD_SPAN_LIT("Bearer "))) {
		all = vd_span_skip(all, 7);
	} else if (vd_span_starts(all, VD_SPAN_LIT("Basic "))) {
		struct vd_span b64 = vd_span_trim(vd_span_skip(all, 6));
		if (b64.n > 500 || b64.n % 4)
			return NULL;
		int n = EVP_DecodeBlock(plain, (const unsigned char *)b64.p, (int)b64.n);
		if (n < 0)
			return NULL;
		size_t len = (size_t)n;
		for (size_t i = 0; i < 2 && b64.n > i && b64.p[b64.n - 1 - i] == '='; i++)
			len--;
		all = vd_span((char *)plain, len);
	} else {
		return NULL;
	}
	if (!vd_span_next(&all, ':', &user) || !all.p)
		return NULL;
	return vd_secret_gateway(vd_hub_directory(q->web->hub), user, all);
}

/* A family this gateway is bound to; a family nobody has is another kind of wrong. */
static bool bound(struct vd_web *w, int64_t gateway, struct vd_span family)
{
	const struct vd_directory *d = vd_hub_directory(w->hub);
	for (size_t i = 0; i < d->n_bindings; i++)
		if (d->bindings[i].gateway == gateway && vd_span_is(family, d->bindings[i].family))
			return true;
	return false;
}

/* Room among those that wait for the commit: one sender never takes it all. */
static bool room(struct web_request *q, int64_t gateway)
{
	struct vd_web *w = q->web;
	int mine = 0;
	VD_LIST_EACH(it, &w->hooks)
	{
		mine += VD_CONTAINER(it, struct hook, link)->gateway == gateway;
	}
	if (mine >= WEB_HOOKS_GATEWAY)
		web_problem(q, 429, "busy",
			    "Too many messages from this sender wait for an answer.");
	else if (w->n_hooks >= WEB_HOOKS)
		web_problem(q, 503, "busy", "The hub is full; send the message again later.");
	else
		return true;
	return false;
}

/* What comes after the family's name, as the adapter's topic. false: longer than topics are. */
static bool topic_of(const struct web_request *q, struct vd_span rest, char *ret, size_t cap)
{
	int n = snprintf(ret, cap, "%.*s%s%s", (int)rest.n, rest.n ? rest.p : "",
			 q->query[0] ? "?" : "", q->query);
	return n >= 0 && (size_t)n < cap;
}

static void receive(struct web_request *q, int64_t gateway, struct vd_span family,
		    struct vd_span rest)
{
	char name[40], topic[VD_MAX_TOPIC_BYTES + 1];
	if (!topic_of(q, rest, topic, sizeof(topic))) {
		web_problem(q, 400, "limit", "The address is longer than this hub reads.");
		return;
	}
	if (!room(q, gateway))
		return;
	struct hook *h = vd_calloc(1, sizeof(*h));
	if (!h) {
		web_problem(q, 503, "busy", "The hub is out of memory.");
		return;
	}
	h->q = q;
	h->gateway = gateway;
	h->ok_status = vd_adapter_find(family)->answers_200 ? 200 : 204;
	h->x.on_outcome = on_outcome;
	vd_list_push_back(&q->web->hooks, &h->link);
	q->web->n_hooks++;
	vd_span_copy(name, sizeof(name), family);
	struct vd_frame f = {.carrier = VD_CARRIER_HTTP,
			     .topic = vd_span_cstr(topic),
			     .body = vd_buf_span(&q->body),
			     .content_type = vd_span_cstr(q->content_type),
			     .received_at_ms = q->web->rt->wall_ms(q->web->rt)};
	q->pending = true;
	vd_hub_receive(q->web->hub, gateway, name, &f, &h->x);
}

/* Some platforms ask an address whether it is there before they send to it. */
static void answer_check(struct web_request *q, bool keyed, const struct vd_gateway *g)
{
	bool looks = strcmp(q->method, "GET") == 0 || strcmp(q->method, "HEAD") == 0;
	if (looks && keyed && g)
		q->status = 200;
	else
		web_problem(q, 405, "state", "Webhooks are sent with POST.");
}

void web_hook(struct web_request *q, struct vd_span rest)
{
	struct vd_span family = vd_span("", 0);
	(void)vd_span_next(&rest, '/', &family);
	if (!rest.p)
		rest = vd_span("", 0);
	bool keyed = vd_span_starts(rest, VD_SPAN_LIT("key/")) && !q->authorization[0];
	const struct vd_gateway *g = keyed ? sender_in_path(q, &rest) : sender_in_header(q);
	if (strcmp(q->method, "POST") != 0) {
		answer_check(q, keyed, g);
	} else if (!g) {
		q->ask_credential = true;
		web_problem(q, 401, "auth",
			    "Send this gateway's user and secret: HTTP Basic, or "
			    "\"Authorization: Bearer user:secret\"; a platform that can send "
			    "neither calls /hook/FAMILY/key/USER/SECRET.");
	} else if (!vd_adapter_find(family)) {
		web_problem(q, 404, "notfound", "No device family is called that.");
	} else if (!bound(q->web, g->id, family)) {
		web_problem(q, 403, "denied",
			    "This gateway may not speak for this family; add a binding.");
	} else {
		receive(q, g->id, family, rest);
	}
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What becomes of a MESSAGE: a frame for the hub, and, when its outcome is known, a 200 and the
 * family's answer to the unit.
 *
 * The 200 says that the packet came and the answer says what was done with it (SIS-TR 91102 7.3),
 * so nothing at all is said before the hub knows: a unit that hears neither sends again, and the
 * family sees to it that this is not a second alarm. The answer is a MESSAGE of its own (7.5), or
 * rides in the 200 for units so configured. Whatever becomes of the answer, the alarm stands. */
#include "base/mem.h"
#include "io/sip_int.h"
#include <jansson.h>
#include <stdio.h>
#include <strings.h>

static const char retry[] = "Retry-After: 5\r\n";

/* -- the binding's configuration -------------------------------------------------------------- */

static const json_t *config_of(struct sip_core *c, int64_t gateway)
{
	struct sip_account_use *u = sip_account_use(c, gateway);
	int64_t version = 0;
	const char *text = u ? c->host.config(c->host.arg, gateway, &version) : NULL;
	if (!text)
		return NULL;
	if (u->config_version != version) {
		json_decref(u->config);
		u->config = *text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
		u->config_version = version;
	}
	return u->config;
}

/* "mrs": the unit's own word before its account's. */
static bool rides_in_200(struct sip_core *c, int64_t gateway, const char *user)
{
	const json_t *all = config_of(c, gateway);
	const json_t *own = json_object_get(json_object_get(all, "units"), user);
	const char *how = json_string_value(json_object_get(own, "mrs"));
	if (!how)
		how = json_string_value(json_object_get(all, "mrs"));
	return how && strcmp(how, "in_200") == 0;
}

/* -- the answer ------------------------------------------------------------------------------- */

static struct vd_frame frame_of(const struct sip_server *s)
{
	return (struct vd_frame){.carrier = VD_CARRIER_SIP,
				 .topic = vd_span_cstr(s->topic),
				 .body = vd_buf_span(&s->body),
				 .content_type = vd_span_cstr(s->content_type),
				 .received_at_ms = s->received_at_ms};
}

/* The connection it came on, while it stands; on UDP the port it came from, when that is known to
 * be where it listens: it asked for answers there, or registered from there. */
static bool live(const struct sip_server *s, const struct sip_binding *b)
{
	const struct sip_flow *f = &s->m.flow;
	if (f->transport != SIP_UDP)
		return s->core->net.alive(s->core->net.arg, f->conn);
	return s->m.rport ||
	       (b && b->flow.transport == SIP_UDP && sip_addr_same(&b->flow.peer, &f->peer));
}

static void add_target(struct sip_deliver *d, const struct sip_flow *f, const char *uri)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->target[i].flow.transport == f->transport &&
		    d->target[i].flow.conn == f->conn &&
		    sip_addr_same(&d->target[i].flow.peer, &f->peer))
			return;
	if (d->n == SIP_TARGETS)
		return;
	d->target[d->n].flow = *f;
	d->target[d->n++].uri = uri;
}

/* Live flow, then contact, then where it came from. Over TLS only the first: what was told under
 * encryption is not answered without, and the unit's next resend brings a new connection. */
static void find_ways(const struct sip_server *s, struct sip_deliver *d, const char *aor,
		      char contact[SIP_URI_MAX + 1])
{
	struct sip_core *c = s->core;
	const struct sip_binding *b = sip_binding_of(c, s->gateway, d->user);
	const osip_via_t *v = osip_list_get(&s->m.o->vias, 0);
	const char *uri = aor;
	bool secret = s->m.flow.transport == SIP_TLS;
	if (b) {
		struct vd_span inside = vd_span(b->uri + 1, strlen(b->uri) - 2); /* without <> */
		(void)vd_span_copy(contact, SIP_URI_MAX + 1, inside);
		uri = contact;
	}
	if (live(s, b))
		add_target(d, &s->m.flow, uri);
	if (b && b->flow.conn && (!secret || b->flow.transport == SIP_TLS) &&
	    c->net.alive(c->net.arg, b->flow.conn))
		add_target(d, &b->flow, uri);
	if (b && b->reachable && !secret)
		add_target(d, &b->contact, uri);
	struct sip_flow source = s->m.back;
	if (source.transport == SIP_TCP) { /* RFC 3261 18.2.2: where it says it listens */
		int64_t port = v->port ? sip_number(v->port, 65535) : SIP_PORT;
		source.conn = 0;
		source.peer.port = (uint16_t)(port > 0 ? port : SIP_PORT);
	}
	if (source.transport != SIP_TLS)
		add_target(d, &source, uri);
}

static void send_mrs(struct sip_server *s, const struct vd_buf *body, const char *type)
{
	struct sip_core *c = s->core;
	char contact[SIP_URI_MAX + 1], user[SIP_USER_MAX + 1];
	struct vd_buf from, to, aor;
	vd_buf_init(&from, SIP_URI_MAX);
	vd_buf_init(&to, SIP_URI_MAX);
	vd_buf_init(&aor, SIP_URI_MAX);
	snprintf(user, sizeof(user), "%s", s->m.o->from->url->username);
	int err = sip_write_uri(&from, s->m.o->to->url);
	if (!err)
		err = sip_write_uri(&to, s->m.o->from->url);
	if (!err)
		err = vd_buf_add(&aor, to.p + 1, to.n - 2);
	struct sip_deliver d = {.gateway = s->gateway,
				.user = user,
				.from = from.p,
				.to = to.p,
				.content_type = type,
				.body = vd_buf_span(body)};
	if (!err)
		find_ways(s, &d, aor.p, contact);
	if (!err)
		err = sip_client_send(c, &d);
	c->stats.mrs_failed += err != 0;
	vd_buf_fini(&from);
	vd_buf_fini(&to);
	vd_buf_fini(&aor);
}

/* The family could not say it: then the status alone has to. */
static struct sip_answer bare(enum vd_outcome_code o)
{
	switch (o) {
	case VD_REFUSED: return (struct sip_answer){.status = 403};
	case VD_BUSY: return (struct sip_answer){.status = 503, .extra = retry};
	default: return (struct sip_answer){.status = 200};
	}
}

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	struct sip_server *s = VD_CONTAINER(x, struct sip_server, x);
	struct sip_core *c = s->core;
	if (!c) {
		sip_server_free(s);
		return;
	}
	struct vd_frame f = frame_of(s);
	struct sip_answer a = {.status = 200};
	const char *type = "application/scaip+xml";
	struct vd_buf body;
	vd_buf_init(&body, VD_MAX_SIP_BODY);
	int err = c->host.reply(c->host.arg, s->gateway, &f, o, why, &body, &type);
	if (err || !body.n) {
		a = bare(o);
		c->stats.mrs_failed++;
	} else if (s->in_200) {
		a.content_type = type;
		a.body = vd_buf_span(&body);
		c->stats.mrs_sent++;
	}
	sip_server_say(s, &a);
	if (!err && body.n && !s->in_200)
		send_mrs(s, &body, type);
	sip_server_end(s);
	vd_buf_fini(&body);
}

/* "112233@alarm.example" */
static char *topic_of(const struct sip_msg *m)
{
	const osip_uri_t *u = m->o->from->url;
	char text[VD_MAX_TOPIC_BYTES];
	int n = snprintf(text, sizeof(text), "%s@%s", u->username, u->host);
	return n > 0 && (size_t)n < sizeof(text) ? vd_strdup(text) : NULL;
}

static char *type_of(const struct sip_msg *m)
{
	const osip_content_type_t *t = m->o->content_type;
	char text[64];
	if (!t)
		return vd_strdup("");
	snprintf(text, sizeof(text), "%s/%s", t->type, t->subtype);
	return vd_strdup(text);
}

void sip_alarm(struct sip_server *s)
{
	struct sip_core *c = s->core;
	s->topic = topic_of(&s->m);
	s->content_type = type_of(&s->m);
	if (!s->topic || !s->content_type) {
		sip_server_answer(s, &(struct sip_answer){.status = 503, .extra = retry});
		return;
	}
	s->in_200 = rides_in_200(c, s->gateway, s->m.o->from->url->username);
	s->received_at_ms = c->rt->wall_ms(c->rt);
	s->x.on_outcome = on_outcome;
	c->stats.messages++;
	struct vd_frame f = frame_of(s);
	c->host.receive(c->host.arg, s->gateway, &f, &s->x);
}

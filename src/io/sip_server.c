/* SPDX-License-Identifier: EUPL-1.2 */
/* Requests being answered: the server transactions of RFC 3261 17.2.2.
 *
 *	state      entered by             the same request again      left when
 *	trying     sip_server_new         is not a second one         sip_server_answer
 *	completed  the answer, on UDP     gets the same answer        32 s (J), or room is needed
 *	(gone)     the answer, on TCP     cannot come
 *
 * Only who has proved who it is gets a place here, so no stranger can fill the table. A key is made
 * of branch, sent-by, method, Call-ID, CSeq, the address it came from and the body: units that send
 * one fixed branch stay apart, nobody is answered with another's words, and a press is not taken
 *for the one before it by who begins to count anew. */
#include "base/mem.h"
#include "io/sip_int.h"
#include <stdio.h>

void sip_server_key(const struct sip_core *c, const struct sip_msg *m, unsigned char ret[16])
{
	const osip_via_t *v = osip_list_get(&m->o->vias, 0);
	const osip_call_id_t *id = m->o->call_id;
	unsigned char sealed[32];
	struct vd_span parts[] = {
		vd_span_cstr(m->branch),
		vd_span_cstr(v->host),
		vd_span_cstr(v->port ? v->port : ""),
		vd_span_cstr(m->method),
		vd_span_cstr(id->number),
		vd_span_cstr(id->host ? id->host : ""),
		vd_span_cstr(m->o->cseq->number),
		vd_span((const char *)m->flow.peer.ip, m->flow.peer.v6 ? 16 : 4),
		m->body,
	};
	sip_core_seal(c, m->flow.transport == SIP_UDP ? "udp" : "stream", parts, 9, sealed);
	memcpy(ret, sealed, 16);
}

static struct vd_span key_of(const struct sip_server *s)
{
	return vd_span((const char *)s->key, sizeof(s->key));
}

struct sip_server *sip_server_find(struct sip_core *c, const struct sip_msg *m)
{
	unsigned char key[16];
	sip_server_key(c, m, key);
	return vd_map_get(&c->servers, vd_span((const char *)key, sizeof(key)));
}

void sip_server_again(struct sip_server *s, const struct sip_msg *m)
{
	s->core->stats.repeats++;
	if (s->answer)
		(void)s->core->net.send(s->core->net.arg, &m->back,
					vd_span(s->answer, s->answer_n));
}

void sip_server_free(struct sip_server *s)
{
	if (s->core) {
		vd_map_remove(&s->core->servers, key_of(s));
		s->core->stored -= s->answer_n;
		s->core->stats.servers--;
	}
	vd_list_remove(&s->link);
	if (s->m.o)
		sip_msg_fini(&s->m);
	vd_free(s->topic);
	vd_free(s->content_type);
	vd_buf_fini(&s->body);
	vd_free(s->answer);
	vd_free(s);
}

static bool drop_oldest(struct sip_core *c)
{
	if (vd_list_empty(&c->completed))
		return false;
	sip_server_free(VD_CONTAINER(c->completed.next, struct sip_server, link));
	return true;
}

static void arm(struct sip_core *c)
{
	if (vd_list_empty(&c->completed))
		return;
	const struct sip_server *s = VD_CONTAINER(c->completed.next, struct sip_server, link);
	int64_t left = s->done_mono + SIP_TIMER_F_MS - sip_now(c);
	c->rt->timer_start(c->reaper, left > 0 ? left : 0);
}

static void on_reaper(void *arg)
{
	struct sip_core *c = arg;
	while (!vd_list_empty(&c->completed)) {
		struct sip_server *s = VD_CONTAINER(c->completed.next, struct sip_server, link);
		if (s->done_mono + SIP_TIMER_F_MS > sip_now(c))
			break;
		sip_server_free(s);
	}
	arm(c);
}

int sip_server_new(struct sip_core *c, struct sip_msg *m, int64_t gateway, struct sip_server **ret)
{
	if (!c->reaper && !(c->reaper = c->rt->timer_open(c->rt, on_reaper, c)))
		return VD_ENOMEM;
	if ((size_t)c->stats.servers >= c->max_servers && !drop_oldest(c))
		return VD_ELIMIT;
	struct sip_server *s = vd_calloc(1, sizeof(*s));
	if (!s)
		return VD_ENOMEM;
	vd_list_init(&s->link);
	vd_buf_init(&s->body, VD_MAX_SIP_PLAIN);
	s->gateway = gateway;
	sip_server_key(c, m, s->key);
	int err = vd_map_put(&c->servers, key_of(s), s);
	if (err) {
		vd_free(s);
		return err;
	}
	s->core = c;
	s->m = *m;
	s->m.body = vd_span("", 0); /* the input is the caller's */
	m->o = NULL;
	c->stats.servers++;
	vd_list_push_back(&c->trying, &s->link);
	*ret = s;
	return 0;
}

static bool remember(struct sip_server *s, struct vd_span text)
{
	struct sip_core *c = s->core;
	while (c->stored + text.n > c->max_stored && drop_oldest(c))
		;
	s->answer = vd_memdup_str(text.p, text.n);
	if (!s->answer)
		return false;
	s->answer_n = text.n;
	c->stored += text.n;
	return true;
}

void sip_server_say(struct sip_server *s, const struct sip_answer *a)
{
	struct sip_core *c = s->core;
	char tag[SIP_TAG_CHARS + 1];
	struct vd_buf b;
	vd_buf_init(&b, VD_MAX_SIP_HEAD * 2 + VD_MAX_SIP_PLAIN);
	sip_core_tag(c, &s->m, tag);
	if (!sip_write_answer(&b, &s->m, tag, a)) {
		(void)c->net.send(c->net.arg, &s->m.back, vd_buf_span(&b));
		if (s->m.flow.transport ==
		    SIP_UDP) /* on the others nothing is lost, so nothing comes again */
			(void)remember(s, vd_buf_span(&b));
	}
	vd_buf_fini(&b);
}

void sip_server_end(struct sip_server *s)
{
	struct sip_core *c = s->core;
	if (!s->answer) {
		sip_server_free(s);
		return;
	}
	s->done_mono = sip_now(c);
	sip_msg_fini(&s->m);
	vd_buf_fini(&s->body);
	bool first = vd_list_empty(&c->completed);
	vd_list_remove(&s->link);
	vd_list_push_back(&c->completed, &s->link);
	if (first)
		arm(c);
}

void sip_server_answer(struct sip_server *s, const struct sip_answer *a)
{
	sip_server_say(s, a);
	sip_server_end(s);
}

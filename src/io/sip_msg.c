/* SPDX-License-Identifier: EUPL-1.2 */
/* From a head to what we need of it, through libosipparser2. It is given the head alone, without
 * Content-Length, with every line ending the same: bodies, multipart above all, are not its
 * business (CVE-2022-41550 lay there). */
#include "base/mem.h"
#include "io/sip_int.h"
#include <arpa/inet.h>
#include <strings.h>

/* -- addresses -------------------------------------------------------------------------------- */

bool sip_addr_same_host(const struct sip_addr *a, const struct sip_addr *b)
{
	return a->v6 == b->v6 && memcmp(a->ip, b->ip, a->v6 ? 16 : 4) == 0;
}

bool sip_addr_same(const struct sip_addr *a, const struct sip_addr *b)
{
	return a->port == b->port && sip_addr_same_host(a, b);
}

void sip_addr_text(const struct sip_addr *a, char ret[48])
{
	if (!inet_ntop(a->v6 ? AF_INET6 : AF_INET, a->ip, ret, 48))
		ret[0] = '\0';
}

bool sip_addr_parse(const char *host, int port, struct sip_addr *ret)
{
	struct sip_addr a = {.port = (uint16_t)port};
	char text[48];
	size_t n = host ? strlen(host) : 0;
	if (!n || n >= sizeof(text) || port < 1 || port > 65535)
		return false;
	if (host[0] == '[' && host[n - 1] == ']')
		(void)vd_span_copy(text, sizeof(text), vd_span(host + 1, n - 2));
	else
		(void)vd_span_copy(text, sizeof(text), vd_span(host, n));
	a.v6 = strchr(text, ':') != NULL;
	if (inet_pton(a.v6 ? AF_INET6 : AF_INET, text, a.ip) != 1)
		return false;
	*ret = a;
	return true;
}

/* -- pieces ----------------------------------------------------------------------------------- */

int64_t sip_number(const char *s, int64_t max)
{
	int64_t n = 0;
	if (!s || !*s)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return -1;
		n = n * 10 + (*s - '0');
		if (n > max)
			n = max + 1; /* and no further, however many digits come */
	}
	return n > max ? max : n;
}

const char *sip_param(const osip_list_t *params, const char *name)
{
	for (int i = 0; i < osip_list_size(params); i++) {
		const osip_generic_param_t *p = osip_list_get(params, i);
		if (p && p->gname && strcasecmp(p->gname, name) == 0)
			return p->gvalue ? p->gvalue : "";
	}
	return NULL;
}

const char *sip_msg_header(const struct sip_msg *m, const char *name)
{
	for (int i = 0; i < osip_list_size(&m->o->headers); i++) {
		const osip_header_t *h = osip_list_get(&m->o->headers, i);
		if (h && h->hname && strcasecmp(h->hname, name) == 0)
			return h->hvalue ? h->hvalue : "";
	}
	return NULL;
}

static bool printable(const char *s, size_t max)
{
	size_t n = strlen(s);
	if (!n || n > max || !vd_span_utf8(vd_span(s, n)))
		return false;
	for (; *s; s++)
		if ((unsigned char)*s <= ' ' || *s == 0x7f || *s == '@')
			return false;
	return true;
}

bool sip_uri_usable(const osip_uri_t *u)
{
	return u && u->scheme && u->username && u->host &&
	       (strcasecmp(u->scheme, "sip") == 0 || strcasecmp(u->scheme, "sips") == 0) &&
	       printable(u->username, SIP_USER_MAX) && printable(u->host, 255);
}

/* -- parsing ---------------------------------------------------------------------------------- */

void sip_parser_start(void)
{
	static bool started;
	if (started)
		return;
	started = true;
	parser_init();
	osip_trace_initialize(TRACE_LEVEL0, NULL); /* else a line on stdout per scanner's packet */
}

static bool is_name(struct vd_span name, const char *word, char letter)
{
	return (name.n == 1 && (name.p[0] | 32) == letter) ||
	       (name.n == strlen(word) && strncasecmp(name.p, word, name.n) == 0);
}

static struct vd_span name_of(struct vd_span line)
{
	const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
	return vd_span_trim(vd_span(line.p, colon ? (size_t)(colon - line.p) : 0));
}

static bool continues(struct vd_span line)
{
	return line.p[0] == ' ' || line.p[0] == '\t';
}

/* What an answer is made of. */
static bool is_bare(struct vd_span name)
{
	return is_name(name, "Via", 'v') || is_name(name, "From", 'f') ||
	       is_name(name, "To", 't') || is_name(name, "Call-ID", 'i') ||
	       is_name(name, "CSeq", '\0');
}

/* And what a document cannot do without. */
static bool is_needed(struct vd_span name)
{
	return is_bare(name) || is_name(name, "Authorization", '\0') ||
	       is_name(name, "Content-Encoding", 'e') || is_name(name, "Require", '\0');
}

enum much { ALL, NEEDED, BARE };

/* The head as the parser shall see it: without the length, and as much as it can stand. */
static int normalise(struct vd_span head, enum much much, struct vd_buf *b)
{
	struct vd_span line;
	bool first = true, kept = true;
	while (vd_span_next(&head, '\n', &line)) {
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (!line.n)
			break;
		struct vd_span name = name_of(line);
		if (!first && !continues(line))
			kept = much == ALL      ? !is_name(name, "Content-Length", 'l')
			       : much == NEEDED ? is_needed(name)
						: is_bare(name);
		first = false;
		if (!kept)
			continue;
		vd_buf_add_span(b, line);
		vd_buf_add(b, "\r\n", 2);
	}
	return vd_buf_add(b, "\r\n", 2);
}

static bool whole(const osip_message_t *o)
{
	const osip_via_t *v = osip_list_get(&o->vias, 0);
	bool request = o->sip_method != NULL;
	return v && v->host && v->protocol && o->from && o->from->url && o->to && o->to->url &&
	       o->call_id && o->call_id->number && o->cseq && o->cseq->method && o->cseq->number &&
	       sip_number(o->cseq->number, UINT32_MAX) >= 0 && (request || o->status_code >= 100) &&
	       (!request || (o->req_uri && strcmp(o->sip_method, o->cseq->method) == 0));
}

/* An address other than the one it came from is one behind a NAT: nothing sent to the port named
 * there would arrive. */
static bool behind_nat(const struct sip_msg *m, const osip_via_t *v)
{
	struct sip_addr named;
	return sip_addr_parse(v->host, SIP_PORT, &named) &&
	       !sip_addr_same_host(&named, &m->flow.peer);
}

/* RFC 3261 18.2.1 and 18.2.2, RFC 3581 4: the Via is told where the request came from, and that is
 * where its answer goes. maddr is not heard: it could name anybody. */
static int find_back(struct sip_msg *m)
{
	osip_via_t *v = osip_list_get(&m->o->vias, 0);
	char ip[48];
	int64_t port = v->port ? sip_number(v->port, 65535) : SIP_PORT;
	m->rport = sip_param(&v->via_params, "rport") != NULL || behind_nat(m, v);
	sip_addr_text(&m->flow.peer, ip);
	if (m->o->sip_method && osip_message_fix_last_via_header(m->o, ip, m->flow.peer.port))
		return VD_ENOMEM;
	m->back = m->flow;
	if (m->flow.transport == SIP_UDP && !m->rport && port > 0)
		m->back.peer.port = (uint16_t)port;
	return 0;
}

static int parse(struct vd_span head, enum much much, osip_message_t **ret)
{
	struct vd_buf b;
	osip_message_t *o = NULL;
	vd_buf_init(&b, VD_MAX_SIP_HEAD + 2 * VD_MAX_SIP_HEADERS + 4);
	int err = normalise(head, much, &b);
	if (!err && osip_message_init(&o))
		err = VD_ENOMEM;
	if (!err && (osip_message_parse(o, b.p, b.n) || !whole(o)))
		err = VD_EPARSE;
	vd_buf_fini(&b);
	if (err) {
		osip_message_free(o);
		return err == VD_ELIMIT ? VD_EPARSE : err;
	}
	*ret = o;
	return 0;
}

int sip_msg_parse(const struct sip_cut *cut, const struct sip_flow *from, struct sip_msg *ret)
{
	struct sip_msg m = {.body = cut->body, .flow = *from};
	int err = parse(cut->head, ALL, &m.o);
	/* One header it cannot read, and the parser gives up the whole. A broken Contact or
	 * Content-Type shall not hide a call for help; anything else is refused aloud. */
	if (err == VD_EPARSE) {
		err = parse(cut->head, NEEDED, &m.o);
		m.broken = !err && !(m.o->sip_method && strcmp(m.o->sip_method, "MESSAGE") == 0);
	}
	if (err == VD_EPARSE) {
		err = parse(cut->head, BARE, &m.o);
		m.broken = true;
	}
	if (err)
		return err;
	const osip_via_t *v = osip_list_get(&m.o->vias, 0);
	err = find_back(&m);
	if (err) {
		osip_message_free(m.o);
		return err;
	}
	const char *branch = sip_param(&v->via_params, "branch");
	m.branch = branch ? branch : "";
	m.method = m.o->sip_method ? m.o->sip_method : m.o->cseq->method;
	*ret = m;
	return 0;
}

void sip_msg_fini(struct sip_msg *m)
{
	osip_message_free(m->o);
	m->o = NULL;
}

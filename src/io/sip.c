/* SPDX-License-Identifier: EUPL-1.2 */
/* The door: listening, datagrams, closing. Shutdown: what listens goes first and with it every
 * connection, then the memory. */
#include "io/sip.h"
#include "base/check.h"
#include "base/mem.h"
#include "io/sip_conn.h"

#define BACKLOG    1024
#define SWEEP_MS   1000
#define UDP_RCVBUF (4 * 1024 * 1024) /* a second of 10 000 alarms while the loop is busy */
#define PORT_TRIES 20                /* UDP and TCP on one free port */

/* -- addresses -------------------------------------------------------------------------------- */

static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool sip_from_sockaddr(const struct sockaddr *sa, struct sip_addr *ret)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)sa;
	*ret = (struct sip_addr){.port = 0};
	if (sa->sa_family == AF_INET) {
		ret->port = ntohs(v4->sin_port);
		memcpy(ret->ip, &v4->sin_addr, 4);
		return true;
	}
	if (sa->sa_family != AF_INET6)
		return false;
	ret->port = ntohs(v6->sin6_port);
	ret->v6 = memcmp(&v6->sin6_addr, mapped, sizeof(mapped)) != 0;
	memcpy(ret->ip, (const char *)&v6->sin6_addr + (ret->v6 ? 0 : 12), ret->v6 ? 16 : 4);
	return true;
}

void sip_to_sockaddr(const struct vd_sip *s, const struct sip_addr *a, struct sockaddr_storage *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	memset(ret, 0, sizeof(*ret));
	if (!a->v6 && !s->v6) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(a->port);
		memcpy(&v4->sin_addr, a->ip, 4);
		return;
	}
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(a->port);
	memcpy(&v6->sin6_addr, mapped, sizeof(mapped));
	memcpy((char *)&v6->sin6_addr + (a->v6 ? 0 : 12), a->ip, a->v6 ? 16 : 4);
}

/* -- what the core asks ----------------------------------------------------------------------- */

/* A datagram the socket does not take is lost, as on any road: both sides send again. */
static int send_datagram(struct vd_sip *s, const struct sip_addr *to, struct vd_span bytes)
{
	struct sockaddr_storage ss;
	uv_buf_t b = uv_buf_init((char *)bytes.p, (unsigned)bytes.n);
	if (!s->udp_open)
		return VD_EIO;
	sip_to_sockaddr(s, to, &ss);
	int n = uv_udp_try_send(&s->udp, &b, 1, (struct sockaddr *)&ss);
	if (n >= 0)
		s->core.stats.bytes_out += n;
	return n >= 0 || n == UV_EAGAIN ? 0 : VD_EIO;
}

static int net_send(void *arg, const struct sip_flow *to, struct vd_span bytes)
{
	struct vd_sip *s = arg;
	if (s->closing)
		return VD_EIO;
	if (to->transport == SIP_UDP)
		return send_datagram(s, &to->peer, bytes);
	struct sip_conn *c = vd_map_get_u64(&s->by_number, to->conn);
	return c ? sip_conn_send(c, bytes) : VD_ENOTFOUND;
}

static bool net_alive(void *arg, uint64_t conn)
{
	struct vd_sip *s = arg;
	return vd_map_get_u64(&s->by_number, conn) != NULL;
}

static int net_connect(void *arg, const struct sip_addr *to, uint64_t *ret)
{
	struct vd_sip *s = arg;
	return sip_conn_open(s, to, ret);
}

/* -- coming in -------------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
	struct vd_sip *s = h->data;
	(void)suggested;
	*ret = uv_buf_init(s->chunk, SIP_READ_BYTES);
}

static void on_datagram(uv_udp_t *h, ssize_t n, const uv_buf_t *b, const struct sockaddr *sa,
			unsigned flags)
{
	struct vd_sip *s = h->data;
	struct sip_addr from;
	if (n <= 0 || !sa || s->closing || !sip_from_sockaddr(sa, &from))
		return;
	if (flags & UV_UDP_PARTIAL)
		s->core.stats.malformed++;
	else
		sip_core_datagram(&s->core, &from, vd_span(b->base, (size_t)n));
}

static void on_connection(uv_stream_t *h, int status)
{
	struct sip_listener *l = (struct sip_listener *)h;
	if (status == 0 && !l->s->closing)
		sip_conn_accept(l);
}

static void on_sweep(void *arg)
{
	struct vd_sip *s = arg;
	sip_conns_sweep(s);
	if (s->plain.held)
		sip_conn_accept(&s->plain);
	if (s->secure.held)
		sip_conn_accept(&s->secure);
	s->core.rt->timer_start(s->sweeper, SWEEP_MS);
}

static void on_later(void *arg)
{
	struct vd_sip *s = arg;
	if (!s->closing)
		sip_conns_continue(s);
	sip_check_closed(s);
}

/* -- opening ---------------------------------------------------------------------------------- */

static bool parse_address(const struct vd_sip_config *cfg, int port, struct sockaddr_storage *ret)
{
	return cfg->bind && port >= 0 && port <= 65535 &&
	       (uv_ip4_addr(cfg->bind, port, (struct sockaddr_in *)ret) == 0 ||
		uv_ip6_addr(cfg->bind, port, (struct sockaddr_in6 *)ret) == 0);
}

static int port_of(const struct sockaddr_storage *ss)
{
	return ntohs(ss->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)ss)->sin6_port
					       : ((const struct sockaddr_in *)ss)->sin_port);
}

static void on_handle_closed(uv_handle_t *h)
{
	struct vd_sip *s = h->data;
	s->handles--;
	sip_check_closed(s);
}

static int listen_udp(struct vd_sip *s, const struct sockaddr_storage *where, int *ret_port)
{
	struct sockaddr_storage bound;
	int n = sizeof(bound), size = UDP_RCVBUF;
	VD_REQUIRE(uv_udp_init(s->loop, &s->udp) == 0);
	s->udp.data = s;
	s->handles++;
	s->udp_open = true;
	int err = uv_udp_bind(&s->udp, (const struct sockaddr *)where, 0);
	if (!err)
		err = uv_udp_recv_start(&s->udp, on_alloc, on_datagram);
	if (!err)
		err = uv_udp_getsockname(&s->udp, (struct sockaddr *)&bound, &n);
	if (!err) {
		(void)uv_recv_buffer_size((uv_handle_t *)&s->udp, &size); /* as much as we may */
		*ret_port = port_of(&bound);
	}
	return err;
}

static int listen_tcp(struct sip_listener *l, const struct sockaddr_storage *where, int *ret_port)
{
	struct sockaddr_storage bound;
	int n = sizeof(bound);
	VD_REQUIRE(uv_tcp_init(l->s->loop, &l->tcp) == 0);
	l->tcp.data = l->s;
	l->s->handles++;
	l->open = true;
	int err = uv_tcp_bind(&l->tcp, (const struct sockaddr *)where, 0);
	if (!err)
		err = uv_listen((uv_stream_t *)&l->tcp, BACKLOG, on_connection);
	if (!err)
		err = uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&bound, &n);
	if (!err)
		*ret_port = port_of(&bound);
	return err;
}

static int listen_all(struct vd_sip *s, const struct vd_sip_config *cfg)
{
	struct sockaddr_storage where = {0};
	int err = 0;
	parse_address(cfg, cfg->port, &where);
	s->v6 = where.ss_family == AF_INET6;
	if (cfg->udp)
		err = listen_udp(s, &where, &s->port);
	if (!err && cfg->tcp) {
		parse_address(cfg, s->port ? s->port : cfg->port, &where); /* the same of both */
		err = listen_tcp(&s->plain, &where, &s->port);
	}
	if (!err && s->tls) {
		parse_address(cfg, cfg->tls_port, &where);
		err = listen_tcp(&s->secure, &where, &s->tls_port);
	}
	s->core.via_port[SIP_UDP] = s->core.via_port[SIP_TCP] = s->port;
	s->core.via_port[SIP_TLS] = s->tls_port;
	return err;
}

static void free_door(struct vd_sip *s)
{
	vd_buf_fini(&s->plain_bytes);
	vd_buf_fini(&s->wire);
	vd_map_fini(&s->by_number);
	vd_free(s->chunk);
	vd_free(s);
}

static struct vd_sip *new_door(uv_loop_t *loop, struct vd_runtime *rt,
			       const struct vd_sip_config *cfg, const struct vd_sip_host *host)
{
	struct vd_sip *s = vd_calloc(1, sizeof(*s));
	struct sip_net net = {
		.arg = s, .send = net_send, .alive = net_alive, .connect = net_connect};
	if (!s || sip_core_init(&s->core, rt, cfg, host, &net)) {
		vd_free(s);
		return NULL;
	}
	s->chunk = vd_malloc(SIP_READ_BYTES);
	s->sweeper = s->chunk ? rt->timer_open(rt, on_sweep, s) : NULL;
	if (!s->sweeper) {
		sip_core_fini(&s->core);
		free_door(s);
		return NULL;
	}
	s->loop = loop;
	s->tls = cfg->tls;
	s->max_conns = cfg->max_connections && cfg->max_connections < VD_MAX_SIP_CONNS
			       ? cfg->max_connections
			       : VD_MAX_SIP_CONNS;
	struct vd_link *lists[] = {&s->conns, &s->preauth, &s->ready, &s->steps};
	for (size_t i = 0; i < 4; i++)
		vd_list_init(lists[i]);
	vd_map_init(&s->by_number, VD_MAX_SIP_CONNS + 1, 0x636f6e6e);
	s->later = (struct vd_deferred){.fn = on_later, .arg = s};
	vd_buf_init(&s->plain_bytes, 2 * SIP_READ_BYTES);
	vd_buf_init(&s->wire, 2 * SIP_READ_BYTES + VD_MAX_SIP_OUT);
	s->plain = (struct sip_listener){.s = s};
	s->secure = (struct sip_listener){.s = s, .tls = true};
	rt->timer_start(s->sweeper, SWEEP_MS);
	return s;
}

int vd_sip_open(uv_loop_t *loop, struct vd_runtime *rt, const struct vd_sip_config *cfg,
		const struct vd_sip_host *host, struct vd_sip **ret, struct vd_errtext *e)
{
	struct sockaddr_storage where;
	int err = UV_EADDRINUSE;
	if (!parse_address(cfg, cfg->port, &where) || !parse_address(cfg, cfg->tls_port, &where))
		return vd_errtext(e, VD_EINVAL, "the SIP door has no usable address",
				  "write an address as 127.0.0.1, 0.0.0.0, ::1 or ::", "%s port %d",
				  cfg->bind ? cfg->bind : "(none)", cfg->port);
	if (!cfg->udp && !cfg->tcp && !cfg->tls)
		return vd_errtext(e, VD_EINVAL, "the SIP door has nothing to listen on",
				  "switch on udp, tcp or tls, or sip: enabled off", NULL);
	/* A port that is free for UDP may be taken for TCP: then another one, when any will do. */
	for (int i = 0; err == UV_EADDRINUSE && i < (cfg->port ? 1 : PORT_TRIES); i++) {
		struct vd_sip *s = new_door(loop, rt, cfg, host);
		if (!s)
			return vd_errtext(e, VD_ENOMEM, "cannot open the SIP door", NULL, NULL);
		err = listen_all(s, cfg);
		if (!err)
			*ret = s;
		else
			vd_sip_close(s, NULL, NULL);
	}
	if (!err)
		return 0;
	return vd_errtext(e, VD_EIO, "cannot listen for SIP",
			  "is another program on this port? (ss -lntup)", "%s port %d and %d: %s",
			  cfg->bind, cfg->port, cfg->tls_port, uv_strerror(err));
}

int vd_sip_port(const struct vd_sip *s)
{
	return s->port;
}

int vd_sip_tls_port(const struct vd_sip *s)
{
	return s->tls_port;
}

void vd_sip_stats(const struct vd_sip *s, struct vd_sip_stats *ret)
{
	*ret = s->core.stats;
	ret->connections = (int64_t)s->n_conns;
}

/* -- closing ---------------------------------------------------------------------------------- */

void sip_check_closed(struct vd_sip *s)
{
	if (!s->closing || s->n_conns || s->handles || s->later.pending)
		return;
	void (*done)(void *arg) = s->on_closed;
	void *arg = s->closed_arg;
	free_door(s);
	if (done)
		done(arg);
}

void vd_sip_close(struct vd_sip *s, void (*on_closed)(void *arg), void *arg)
{
	VD_REQUIRE(!s->closing);
	s->closing = true;
	s->on_closed = on_closed;
	s->closed_arg = arg;
	s->core.rt->timer_close(s->sweeper);
	sip_core_fini(&s->core);
	if (s->udp_open)
		uv_close((uv_handle_t *)&s->udp, on_handle_closed);
	if (s->plain.open)
		uv_close((uv_handle_t *)&s->plain.tcp, on_handle_closed);
	if (s->secure.open)
		uv_close((uv_handle_t *)&s->secure.tcp, on_handle_closed);
	VD_LIST_EACH(it, &s->conns)
	sip_conn_close(VD_CONTAINER(it, struct sip_conn, all));
	if (!s->later.pending)
		s->core.rt->defer(s->core.rt, &s->later); /* never before we return */
}

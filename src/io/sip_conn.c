/* SPDX-License-Identifier: EUPL-1.2 */
/* One TCP or TLS connection: bytes to its stream, messages out, and the end. Units keep theirs for
 * hours and behind NATs, so an idle one that has signed in is left alone as long as a registration
 * lasts; TCP's own keep-alive finds those whose other end is gone. */
#include "base/check.h"
#include "base/mem.h"
#include "io/sip_conn.h"

#define SIGN_IN_MS       30000           /* from the connection to the first proof of who it is */
#define SIGN_IN_CROWD_MS 2000            /* the same when there is no room for others */
#define PARTIAL_MS       10000           /* from a message's first byte to its last */
#define IDLE_MS          (3660ll * 1000) /* the longest registration, and a minute */
#define IDLE_OURS_MS     60000           /* one we opened for an answer */
#define KEEPALIVE_S      60
#define IN_MAX           (VD_MAX_SIP_HEAD + VD_MAX_SIP_BODY + SIP_READ_BYTES)

static void start_reading(struct sip_conn *c);

/* -- the end ---------------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *h)
{
	struct sip_conn *c = (struct sip_conn *)h;
	struct vd_sip *s = c->s;
	vd_tls_conn_free(c->tls);
	vd_buf_fini(&c->in);
	vd_buf_fini(&c->net);
	vd_buf_fini(&c->pending);
	vd_buf_fini(&c->waiting);
	vd_free(c);
	s->n_conns--;
	sip_check_closed(s);
}

static void leave_preauth(struct sip_conn *c)
{
	if (vd_list_empty(&c->preauth))
		return;
	vd_list_remove(&c->preauth);
	c->s->n_preauth--;
}

void sip_conn_close(struct sip_conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	leave_preauth(c);
	vd_map_remove_u64(&c->s->by_number, c->st.flow.conn);
	vd_list_remove(&c->all);
	vd_list_remove(&c->ready);
	vd_list_remove(&c->step);
	uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
}

/* -- writing ---------------------------------------------------------------------------------- */

static void on_written(uv_write_t *w, int status);

static bool write_pending(struct sip_conn *c)
{
	uv_buf_t b = uv_buf_init(c->pending.p, (unsigned)c->pending.n);
	c->writing = uv_write(&c->write, (uv_stream_t *)&c->tcp, &b, 1, on_written) == 0;
	return c->writing;
}

static void on_written(uv_write_t *w, int status)
{
	struct sip_conn *c = VD_CONTAINER(w, struct sip_conn, write);
	c->writing = false;
	vd_buf_fini(&c->pending);
	if (c->closing)
		return;
	if (status < 0) {
		sip_conn_close(c);
		return;
	}
	if (!c->waiting.n)
		return;
	struct vd_buf b = c->pending;
	c->pending = c->waiting;
	c->waiting = b;
	if (!write_pending(c))
		sip_conn_close(c);
}

/* Sends now what the socket takes, the rest when it can. false: broken, or it takes nothing. */
static bool send_raw(struct sip_conn *c, struct vd_span b)
{
	if (!b.n)
		return true;
	if (c->writing || c->connecting)
		return vd_buf_add_span(&c->waiting, b) == 0;
	uv_buf_t u = uv_buf_init((char *)b.p, (unsigned)b.n);
	int n = uv_try_write((uv_stream_t *)&c->tcp, &u, 1);
	if (n == UV_EAGAIN)
		n = 0;
	if (n < 0)
		return false;
	if ((size_t)n == b.n)
		return true;
	return vd_buf_add_span(&c->pending, vd_span_skip(b, (size_t)n)) == 0 && write_pending(c);
}

int sip_conn_send(struct sip_conn *c, struct vd_span b)
{
	struct vd_sip *s = c->s;
	bool ok = true;
	s->core.stats.bytes_out += (int64_t)b.n;
	if (c->tls) {
		vd_buf_clear(&s->wire);
		ok = vd_tls_write(c->tls, b, &s->wire) == 0;
		b = vd_buf_span(&s->wire);
	}
	if (ok && send_raw(c, b))
		return 0;
	sip_conn_close(c);
	return VD_ENOTFOUND;
}

/* -- reading ---------------------------------------------------------------------------------- */

static void stop_reading(struct sip_conn *c)
{
	if (c->reading)
		uv_read_stop((uv_stream_t *)&c->tcp);
	c->reading = false;
}

static void go_on_later(struct vd_sip *s)
{
	if (!s->later.pending)
		s->core.rt->defer(s->core.rt, &s->later);
}

static void progress(struct sip_conn *c, enum sip_progress p)
{
	if (c->closing)
		return;
	if (c->st.known)
		leave_preauth(c);
	if (p == SIP_FINISHED) {
		sip_conn_close(c);
	} else if (p == SIP_NEED_TURN) {
		stop_reading(c);
		if (vd_list_empty(&c->ready))
			vd_list_push_back(&c->s->ready, &c->ready);
		go_on_later(c->s);
	} else {
		start_reading(c);
	}
}

/* When did what lies in `in` begin? A line end alone is a keep-alive's first half. */
static void note_partial(struct sip_conn *c)
{
	bool begun = c->in.n && c->in.p[0] != '\r' && c->in.p[0] != '\n';
	if (!begun)
		c->partial_mono = -1;
	else if (c->partial_mono < 0)
		c->partial_mono = sip_now(&c->s->core);
}

static void feed(struct sip_conn *c, struct vd_span bytes)
{
	bool kept = c->in.n > 0;
	size_t used = 0;
	if (kept && vd_buf_add_span(&c->in, bytes)) {
		sip_conn_close(c);
		return;
	}
	struct vd_span in = kept ? vd_buf_span(&c->in) : bytes;
	enum sip_progress p = sip_stream_input(&c->st, in, VD_MAX_SIP_TURN, &used);
	if (used)
		c->partial_mono = -1;
	if (c->closing)
		return;
	if (kept)
		vd_buf_consume(&c->in, used);
	else if (p != SIP_FINISHED && used < in.n &&
		 vd_buf_add_span(&c->in, vd_span_skip(in, used)))
		p = SIP_FINISHED;
	if (!c->in.n)
		vd_buf_fini(&c->in); /* idle connections hold no memory for reading */
	note_partial(c);
	progress(c, p);
}

static void decrypt(struct sip_conn *c, struct vd_span net)
{
	struct vd_sip *s = c->s;
	vd_buf_clear(&s->plain_bytes);
	vd_buf_clear(&s->wire);
	int err = vd_tls_read(c->tls, net, &s->plain_bytes, &s->wire);
	if (!send_raw(c, vd_buf_span(&s->wire))) {
		sip_conn_close(c);
		return;
	}
	if (s->plain_bytes.n)
		feed(c, vd_buf_span(&s->plain_bytes));
	if (err)
		sip_conn_close(c);
}

/* A handshake step costs up to a millisecond and a half: only so many a turn. */
static void receive_tls(struct sip_conn *c, struct vd_span net)
{
	if (vd_tls_ready(c->tls) && !c->net.n) {
		decrypt(c, net);
		return;
	}
	if (vd_buf_add_span(&c->net, net)) {
		sip_conn_close(c);
		return;
	}
	stop_reading(c);
	if (vd_list_empty(&c->step))
		vd_list_push_back(&c->s->steps, &c->step);
	go_on_later(c->s);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
	struct sip_conn *c = (struct sip_conn *)h;
	(void)suggested;
	*ret = uv_buf_init(c->s->chunk, SIP_READ_BYTES);
}

static void on_read(uv_stream_t *h, ssize_t n, const uv_buf_t *buf)
{
	struct sip_conn *c = (struct sip_conn *)h;
	if (n == 0 || c->closing)
		return;
	if (n < 0) {
		sip_conn_close(c);
		return;
	}
	c->s->core.stats.bytes_in += n;
	c->heard_mono = sip_now(&c->s->core);
	struct vd_span bytes = vd_span(buf->base, (size_t)n);
	if (c->tls)
		receive_tls(c, bytes);
	else
		feed(c, bytes);
	if (n == SIP_READ_BYTES && c->reading && !c->closing)
		progress(c, SIP_NEED_TURN); /* libuv would read on, up to 32 times */
}

static void start_reading(struct sip_conn *c)
{
	if (c->reading)
		return;
	c->reading = uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) == 0;
	if (!c->reading)
		sip_conn_close(c);
}

/* -- turns ------------------------------------------------------------------------------------ */

static void take_steps(struct vd_sip *s)
{
	struct vd_link *l;
	for (int i = 0; i < VD_MAX_TLS_TURN && (l = vd_list_pop(&s->steps)); i++) {
		struct sip_conn *c = VD_CONTAINER(l, struct sip_conn, step);
		struct vd_buf net = c->net;
		vd_buf_init(&c->net, IN_MAX);
		start_reading(c); /* before, so that the stream may stop it again */
		if (!c->closing)
			decrypt(c, vd_buf_span(&net));
		vd_buf_fini(&net);
	}
	if (!vd_list_empty(&s->steps))
		go_on_later(s);
}

void sip_conns_continue(struct vd_sip *s)
{
	struct vd_link now, *l;
	vd_list_init(&now);
	while ((l = vd_list_pop(&s->ready)))
		vd_list_push_back(&now, l);
	while ((l = vd_list_pop(&now)))
		feed(VD_CONTAINER(l, struct sip_conn, ready), vd_span("", 0));
	take_steps(s);
}

static bool too_long(const struct sip_conn *c, int64_t now)
{
	if (c->partial_mono >= 0 && now - c->partial_mono > PARTIAL_MS)
		return true;
	if (c->ours)
		return now - c->heard_mono > IDLE_OURS_MS;
	return c->st.known ? now - c->heard_mono > IDLE_MS : now - c->since_mono > SIGN_IN_MS;
}

void sip_conns_sweep(struct vd_sip *s)
{
	int64_t now = sip_now(&s->core);
	VD_LIST_EACH(it, &s->conns)
	{
		struct sip_conn *c = VD_CONTAINER(it, struct sip_conn, all);
		if (too_long(c, now))
			sip_conn_close(c);
	}
}

/* -- the beginning ---------------------------------------------------------------------------- */

static struct sip_conn *conn_new(struct vd_sip *s, enum sip_transport t)
{
	struct sip_conn *c = vd_calloc(1, sizeof(*c));
	if (!c)
		return NULL;
	c->s = s;
	c->st = (struct sip_stream){.core = &s->core,
				    .flow = {.transport = t, .conn = ++s->last_number}};
	c->since_mono = c->heard_mono = sip_now(&s->core);
	c->partial_mono = -1;
	vd_buf_init(&c->in, IN_MAX);
	vd_buf_init(&c->net, IN_MAX);
	vd_buf_init(&c->pending, VD_MAX_SIP_OUT);
	vd_buf_init(&c->waiting, VD_MAX_SIP_OUT);
	struct vd_link *links[] = {&c->all, &c->preauth, &c->ready, &c->step};
	for (size_t i = 0; i < 4; i++)
		vd_list_init(links[i]);
	VD_REQUIRE(uv_tcp_init(s->loop, &c->tcp) == 0);
	s->n_conns++;
	vd_list_push_back(&s->conns, &c->all);
	return c;
}

/* Does one address have so many that others would find no place? Known or not. */
static bool crowds(const struct vd_sip *s, const struct sip_addr *from)
{
	size_t same = 0;
	if (s->n_conns <= VD_MAX_SIP_CONNS_SOURCE)
		return false;
	VD_LIST_EACH(it, &s->conns)
	same += sip_addr_same_host(&VD_CONTAINER(it, struct sip_conn, all)->st.flow.peer, from);
	return same > VD_MAX_SIP_CONNS_SOURCE;
}

/* Room for one more nobody knows yet? */
static bool room_for_stranger(struct vd_sip *s, const struct sip_addr *from)
{
	size_t same = 0;
	VD_LIST_EACH(it, &s->preauth)
	{
		const struct sip_conn *c = VD_CONTAINER(it, struct sip_conn, preauth);
		same += sip_addr_same_host(&c->st.flow.peer, from);
	}
	if (same >= VD_MAX_SIP_PREAUTH_SOURCE)
		return false;
	if (s->n_preauth < VD_MAX_SIP_PREAUTH)
		return true;
	struct sip_conn *oldest = VD_CONTAINER(s->preauth.next, struct sip_conn, preauth);
	if (sip_now(&s->core) - oldest->since_mono < SIGN_IN_CROWD_MS)
		return false;
	sip_conn_close(oldest);
	return true;
}

static bool take_in(struct sip_conn *c, struct sip_listener *l)
{
	struct vd_sip *s = c->s;
	struct sockaddr_storage ss;
	int n = sizeof(ss);
	if (uv_accept((uv_stream_t *)&l->tcp, (uv_stream_t *)&c->tcp) ||
	    uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&ss, &n) ||
	    !sip_from_sockaddr((struct sockaddr *)&ss, &c->st.flow.peer))
		return false;
	if (s->closing || s->n_conns > s->max_conns || crowds(s, &c->st.flow.peer) ||
	    !room_for_stranger(s, &c->st.flow.peer) ||
	    vd_map_put_u64(&s->by_number, c->st.flow.conn, c) ||
	    (l->tls && vd_tls_accept(s->tls, &c->tls)))
		return false;
	vd_list_push_back(&s->preauth, &c->preauth);
	s->n_preauth++;
	uv_tcp_nodelay(&c->tcp, 1);
	uv_tcp_keepalive(&c->tcp, 1, KEEPALIVE_S);
	start_reading(c);
	return true;
}

void sip_conn_accept(struct sip_listener *l)
{
	struct sip_conn *c = conn_new(l->s, l->tls ? SIP_TLS : SIP_TCP);
	l->held = !c; /* it stays in the listener; the sweep tries again */
	if (c && !take_in(c, l)) {
		l->s->core.stats.refused++;
		sip_conn_close(c);
	}
}

static void on_connected(uv_connect_t *r, int status)
{
	struct sip_conn *c = VD_CONTAINER(r, struct sip_conn, connect);
	c->connecting = false;
	if (c->closing)
		return;
	if (status < 0) {
		sip_conn_close(c);
		return;
	}
	start_reading(c);
	if (c->closing || !c->waiting.n)
		return;
	struct vd_buf b = c->pending;
	c->pending = c->waiting;
	c->waiting = b;
	if (!write_pending(c))
		sip_conn_close(c);
}

int sip_conn_open(struct vd_sip *s, const struct sip_addr *to, uint64_t *ret)
{
	struct sockaddr_storage ss;
	if (s->closing || s->n_conns >= s->max_conns)
		return VD_ELIMIT;
	struct sip_conn *c = conn_new(s, SIP_TCP);
	if (!c)
		return VD_ENOMEM;
	c->ours = true;
	c->st.flow.peer = *to;
	int err = vd_map_put_u64(&s->by_number, c->st.flow.conn, c);
	sip_to_sockaddr(s, to, &ss);
	if (!err && uv_tcp_connect(&c->connect, &c->tcp, (struct sockaddr *)&ss, on_connected))
		err = VD_EIO;
	if (err) {
		sip_conn_close(c);
		return err;
	}
	c->connecting = true;
	*ret = c->st.flow.conn;
	return 0;
}

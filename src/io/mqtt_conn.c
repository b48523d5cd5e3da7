/* SPDX-License-Identifier: EUPL-1.2 */
/* One TCP or TLS connection: bytes to its peer, the peer's bytes out, and the end.
 *
 * The end: what we have to say is written, the sending side shut, and what still arrives is read
 * and dropped for up to a second, because closing over unread bytes would reset the connection and
 * the client might never read why. */
#include "io/mqtt_conn.h"
#include "base/check.h"
#include "base/mem.h"

#define LINGER_MS         1000
#define LINGER_CLOSING_MS 200
#define NET_MAX           (VD_MAX_MQTT_READ + 32768)

static struct mqtt_conn *of_peer(struct mqtt_peer *p)
{
	return VD_CONTAINER(p, struct mqtt_conn, peer);
}

static void start_reading(struct mqtt_conn *c);

/* -- clock ------------------------------------------------------------------------------------ */

static void set_timer(struct mqtt_conn *c, int64_t due_mono)
{
	struct vd_runtime *rt = c->m->core.rt;
	int64_t left = due_mono - rt->mono_ms(rt);
	c->timer_due = due_mono;
	rt->timer_start(c->timer, left > 0 ? left : 0);
}

static void on_timer(void *arg)
{
	struct mqtt_conn *c = arg;
	if (c->lingering || c->last_call) {
		mqtt_conn_close(c);
		return;
	}
	mqtt_peer_tick(&c->peer);
	if (c->peer.state != MQTT_PEER_ENDED)
		set_timer(c, c->peer.deadline_mono);
}

/* -- writing ---------------------------------------------------------------------------------- */

static void put_on(struct vd_link *list, struct vd_link *l)
{
	if (vd_list_empty(l))
		vd_list_push_back(list, l);
}

static void on_written(uv_write_t *w, int status);

static bool write_pending(struct mqtt_conn *c)
{
	uv_buf_t b = uv_buf_init(c->pending.p, (unsigned)c->pending.n);
	c->writing = uv_write(&c->write, (uv_stream_t *)&c->tcp, &b, 1, on_written) == 0;
	return c->writing;
}

static void on_written(uv_write_t *w, int status)
{
	struct mqtt_conn *c = VD_CONTAINER(w, struct mqtt_conn, write);
	c->writing = false;
	vd_buf_fini(&c->pending);
	if (c->closing)
		return;
	if (status < 0) {
		mqtt_conn_close(c);
		return;
	}
	if (c->waiting.n) {
		struct vd_buf b = c->pending;
		c->pending = c->waiting;
		c->waiting = b;
		if (!write_pending(c))
			mqtt_conn_close(c);
		return;
	}
	put_on(&c->m->dirty, &c->dirty);
}

/* Sends now what the socket takes, the rest when it can. false: the connection is broken. */
static bool send_raw(struct mqtt_conn *c, struct vd_span s)
{
	c->m->core.stats.bytes_out += (int64_t)s.n;
	if (!s.n)
		return true;
	if (c->writing)
		return vd_buf_add_span(&c->waiting, s) == 0;
	uv_buf_t b = uv_buf_init((char *)s.p, (unsigned)s.n);
	int n = uv_try_write((uv_stream_t *)&c->tcp, &b, 1);
	if (n == UV_EAGAIN)
		n = 0;
	if (n < 0)
		return false;
	if ((size_t)n == s.n)
		return true;
	return vd_buf_add_span(&c->pending, vd_span_skip(s, (size_t)n)) == 0 && write_pending(c);
}

static bool send_out(struct mqtt_conn *c)
{
	struct vd_buf *out = &c->peer.out;
	struct vd_span s = vd_buf_span(out);
	if (!s.n || c->writing)
		return true;
	if (c->tls) {
		vd_buf_clear(&c->m->wire);
		if (vd_tls_write(c->tls, s, &c->m->wire))
			return false;
		s = vd_buf_span(&c->m->wire);
	}
	bool ok = send_raw(c, s);
	if (out->cap > 1024)
		vd_buf_fini(out);
	else
		vd_buf_clear(out);
	return ok;
}

/* -- the end ---------------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *h)
{
	struct mqtt_conn *c = (struct mqtt_conn *)h;
	struct vd_mqtt *m = c->m;
	mqtt_peer_fini(&c->peer);
	vd_tls_conn_free(c->tls);
	vd_buf_fini(&c->in);
	vd_buf_fini(&c->net);
	vd_buf_fini(&c->pending);
	vd_buf_fini(&c->waiting);
	vd_free(c);
	m->n_conns--;
	mqtt_room(m);
	mqtt_check_closed(m);
}

static void leave_preauth(struct mqtt_conn *c)
{
	if (vd_list_empty(&c->preauth))
		return;
	vd_list_remove(&c->preauth);
	c->m->n_preauth--;
}

void mqtt_conn_close(struct mqtt_conn *c)
{
	if (c->closing)
		return;
	c->closing = true;
	mqtt_peer_lost(&c->peer);
	leave_preauth(c);
	vd_list_remove(&c->all);
	vd_list_remove(&c->dirty);
	vd_list_remove(&c->ready);
	vd_list_remove(&c->step);
	c->m->core.rt->timer_close(c->timer);
	c->timer = NULL;
	uv_close((uv_handle_t *)&c->tcp, on_handle_closed);
}

static void on_shut(uv_shutdown_t *req, int status)
{
	(void)req;
	(void)status;
}

static void linger(struct mqtt_conn *c)
{
	struct vd_runtime *rt = c->m->core.rt;
	c->lingering = true;
	leave_preauth(c);
	vd_buf_fini(&c->in);
	if (c->tls) {
		vd_buf_clear(&c->m->wire);
		vd_tls_shutdown(c->tls, &c->m->wire);
		send_raw(c, vd_buf_span(&c->m->wire));
	}
	if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shut)) {
		mqtt_conn_close(c);
		return;
	}
	rt->timer_start(c->timer, c->m->closing ? LINGER_CLOSING_MS : LINGER_MS);
	start_reading(c);
}

/* -- reading ---------------------------------------------------------------------------------- */

static void stop_reading(struct mqtt_conn *c)
{
	if (c->reading)
		uv_read_stop((uv_stream_t *)&c->tcp);
	c->reading = false;
}

static void go_on_later(struct vd_mqtt *m)
{
	if (!m->later.pending)
		m->core.rt->defer(m->core.rt, &m->later);
}

static void progress(struct mqtt_conn *c, enum mqtt_progress p)
{
	if (p == MQTT_FINISHED || c->closing)
		return;
	if (p == MQTT_NEED_TURN) {
		stop_reading(c);
		put_on(&c->m->ready, &c->ready);
		go_on_later(c->m);
	} else if (p == MQTT_NEED_ROOM || mqtt_peer_paused(&c->peer)) {
		stop_reading(c);
	} else if (vd_list_empty(&c->ready)) {
		start_reading(c);
	}
}

/* Hands `bytes`, after what is left of earlier ones, to the peer. */
static void feed(struct mqtt_conn *c, struct vd_span bytes)
{
	bool kept = c->in.n > 0;
	size_t used = 0;
	if (kept && vd_buf_add_span(&c->in, bytes)) {
		mqtt_conn_close(c);
		return;
	}
	struct vd_span in = kept ? vd_buf_span(&c->in) : bytes;
	enum mqtt_progress p = mqtt_peer_input(&c->peer, in, VD_MAX_MQTT_PACKETS_TURN, &used);
	if (kept)
		vd_buf_consume(&c->in, used);
	else if (p != MQTT_FINISHED && used < in.n &&
		 vd_buf_add_span(&c->in, vd_span_skip(in, used)))
		mqtt_conn_close(c);
	if (!c->in.n)
		vd_buf_fini(&c->in); /* idle connections hold no memory for reading */
	progress(c, p);
}

static void decrypt(struct mqtt_conn *c, struct vd_span net)
{
	struct vd_mqtt *m = c->m;
	bool was_ready = vd_tls_ready(c->tls);
	vd_buf_clear(&m->plain);
	vd_buf_clear(&m->wire);
	int err = vd_tls_read(c->tls, net, &m->plain, &m->wire);
	if (!send_raw(c, vd_buf_span(&m->wire))) {
		mqtt_conn_close(c);
		return;
	}
	if (!was_ready && vd_tls_ready(c->tls))
		c->peer.cert = vd_tls_peer(c->tls);
	if (m->plain.n)
		feed(c, vd_buf_span(&m->plain));
	if (err)
		mqtt_conn_close(c);
}

/* A handshake step costs up to a millisecond and a half: only so many a turn. */
static void receive_tls(struct mqtt_conn *c, struct vd_span net)
{
	struct vd_mqtt *m = c->m;
	if (vd_tls_ready(c->tls) && !c->net.n) {
		decrypt(c, net);
		return;
	}
	if (!c->net.n && vd_list_empty(&m->steps) && m->steps_taken < VD_MAX_TLS_TURN) {
		m->steps_taken++;
		decrypt(c, net);
		return;
	}
	if (vd_buf_add_span(&c->net, net)) {
		mqtt_conn_close(c);
		return;
	}
	stop_reading(c);
	put_on(&m->steps, &c->step);
	go_on_later(m);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *ret)
{
	struct mqtt_conn *c = (struct mqtt_conn *)h;
	*ret = uv_buf_init(c->m->chunk, VD_MAX_MQTT_READ);
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
	struct mqtt_conn *c = (struct mqtt_conn *)s;
	if (n == 0 || c->closing)
		return;
	if (n < 0) {
		mqtt_conn_close(c);
		return;
	}
	if (c->lingering)
		return;
	c->m->core.stats.bytes_in += n;
	struct vd_span bytes = vd_span(buf->base, (size_t)n);
	if (c->tls)
		receive_tls(c, bytes);
	else
		feed(c, bytes);
	if (n == VD_MAX_MQTT_READ && c->reading && !c->closing)
		progress(c, MQTT_NEED_TURN); /* libuv would read on, up to 32 times */
}

static void start_reading(struct mqtt_conn *c)
{
	if (c->reading)
		return;
	c->reading = uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read) == 0;
	if (!c->reading)
		mqtt_conn_close(c);
}

/* -- turns ------------------------------------------------------------------------------------ */

static void take_steps(struct vd_mqtt *m)
{
	struct vd_link *l;
	while (m->steps_taken < VD_MAX_TLS_TURN && (l = vd_list_pop(&m->steps))) {
		struct mqtt_conn *c = VD_CONTAINER(l, struct mqtt_conn, step);
		struct vd_buf net = c->net;
		m->steps_taken++;
		vd_buf_init(&c->net, NET_MAX);
		start_reading(c); /* before, so that the peer may stop it again */
		if (!c->closing)
			decrypt(c, vd_buf_span(&net));
		vd_buf_fini(&net);
	}
	if (!vd_list_empty(&m->steps))
		go_on_later(m);
}

void mqtt_conns_continue(struct vd_mqtt *m)
{
	struct vd_link now, *l;
	vd_list_init(&now);
	while ((l = vd_list_pop(&m->ready)))
		vd_list_push_back(&now, l);
	while ((l = vd_list_pop(&now)))
		feed(VD_CONTAINER(l, struct mqtt_conn, ready), vd_span("", 0));
	take_steps(m);
}

static void service(struct mqtt_conn *c)
{
	if (c->lingering)
		return;
	bool ended = c->peer.state == MQTT_PEER_ENDED, speaks = c->peer.out.n > 0 || c->writing;
	bool encrypts = !c->tls || vd_tls_ready(c->tls);
	if (!encrypts && ended) {
		mqtt_conn_close(c);
		return;
	}
	if (c->peer.out.err ||
	    (encrypts && !send_out(c))) { /* an answer lost its place: start over */
		mqtt_conn_close(c);
		return;
	}
	if (ended && c->peer.out.n) { /* goes when the socket has taken what it holds, or never */
		if (!c->last_call)
			c->m->core.rt->timer_start(c->timer, LINGER_MS);
		c->last_call = true;
		return;
	}
	if (ended && speaks)
		linger(c);
	else if (ended)
		mqtt_conn_close(c);
	else
		mqtt_peer_sent(&c->peer);
}

/* Was reading stopped for want of room, and is there room again? */
static bool may_resume(const struct mqtt_conn *c)
{
	return !c->reading && !c->lingering && c->peer.state != MQTT_PEER_ENDED &&
	       vd_list_empty(&c->ready) && vd_list_empty(&c->step) && !mqtt_peer_paused(&c->peer);
}

static void resume(struct mqtt_conn *c)
{
	if (may_resume(c))
		feed(c, vd_span("", 0));
}

void mqtt_conns_flush(struct vd_mqtt *m)
{
	struct vd_link *l;
	m->steps_taken = 0;
	while ((l = vd_list_pop(&m->dirty))) {
		struct mqtt_conn *c = VD_CONTAINER(l, struct mqtt_conn, dirty);
		resume(c);
		if (c->closing)
			continue;
		vd_list_remove(&c->dirty); /* what resuming had to say goes out right now */
		service(c);
		if (c->closing)
			continue;
		if (may_resume(c))
			progress(c, MQTT_NEED_TURN); /* it was the output that had held it up */
	}
}

/* -- the beginning ------------------------------------------------------------------------------
 */

static void on_wake(struct mqtt_peer *p)
{
	struct mqtt_conn *c = of_peer(p);
	if (c->closing)
		return;
	put_on(&c->m->dirty, &c->dirty);
	if (p->state == MQTT_PEER_LIVE && !vd_list_empty(&c->preauth)) {
		leave_preauth(c);
		mqtt_room(c->m);
	}
	if (p->state != MQTT_PEER_ENDED && p->deadline_mono < c->timer_due)
		set_timer(c, p->deadline_mono);
}

/* Where a connection comes from: the IPv4 address, or the /64 of IPv6. */
static uint64_t address_of(struct mqtt_conn *c)
{
	struct sockaddr_storage ss;
	int n = sizeof(ss);
	if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&ss, &n))
		return 0;
	const char *p = (const char *)&((struct sockaddr_in *)&ss)->sin_addr;
	size_t len = 4;
	if (ss.ss_family == AF_INET6) {
		p = (const char *)&((struct sockaddr_in6 *)&ss)->sin6_addr;
		len = 8;
	}
	return vd_hash64(vd_span(p, len), c->m->seed);
}

static bool prepare_conn(struct mqtt_conn *c)
{
	struct vd_mqtt *m = c->m;
	struct vd_runtime *rt = m->core.rt;
	c->timer = rt->timer_open(rt, on_timer, c);
	if (!c->timer || m->n_conns > m->max_conns || (m->tls && vd_tls_accept(m->tls, &c->tls)))
		return false;
	uv_tcp_nodelay(&c->tcp, 1);
	c->peer.address = address_of(c);
	set_timer(c, c->peer.deadline_mono);
	start_reading(c);
	return true;
}

void mqtt_conn_accept(struct vd_mqtt *m)
{
	struct mqtt_conn *c = vd_calloc(1, sizeof(*c));
	if (!c) { /* the connection stays in the listener; tried again with the timer */
		m->held = true;
		m->core.rt->timer_start(m->accept_timer, 50);
		return;
	}
	c->m = m;
	VD_REQUIRE(uv_tcp_init(m->loop, &c->tcp) == 0);
	m->n_conns++;
	c->since_mono = m->core.rt->mono_ms(m->core.rt);
	mqtt_peer_init(&c->peer, &m->core, on_wake, 0);
	vd_buf_init(&c->in, VD_MAX_MQTT_PACKET + 2 * VD_MAX_MQTT_READ);
	vd_buf_init(&c->net, NET_MAX);
	vd_buf_init(&c->pending, 2 * VD_MAX_MQTT_OUT);
	vd_buf_init(&c->waiting, 2 * VD_MAX_MQTT_OUT);
	vd_list_init(&c->dirty);
	vd_list_init(&c->ready);
	vd_list_init(&c->step);
	vd_list_init(&c->preauth);
	vd_list_push_back(&m->conns, &c->all);
	vd_list_push_back(&m->preauth, &c->preauth);
	m->n_preauth++;
	bool accepted = uv_accept((uv_stream_t *)&m->listener, (uv_stream_t *)&c->tcp) == 0;
	m->core.stats.accepted += accepted;
	if (!accepted || !prepare_conn(c)) {
		m->core.stats.refused++;
		mqtt_conn_close(c);
	}
}

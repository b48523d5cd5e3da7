/* SPDX-License-Identifier: EUPL-1.2 */
/* The door: listening, admitting, commanding, closing. Shutdown: the listener goes first, then
 * every connection says goodbye, then the prepare handle, then the memory. */
#include "io/mqtt.h"
#include "base/check.h"
#include "base/mem.h"
#include "io/mqtt_conn.h"

#define BACKLOG 1024
/* With the hall full, who has not signed in after this long makes room. */
#define PREAUTH_PATIENCE_MS 2000
#define ACCEPT_RETRY_MS     50

/* -- admitting -------------------------------------------------------------------------------- */

static void on_accept_timer(void *arg)
{
	mqtt_room(arg);
}

static void drop_oldest(struct vd_mqtt *m)
{
	if (vd_list_empty(&m->preauth))
		return;
	struct mqtt_conn *c = VD_CONTAINER(m->preauth.next, struct mqtt_conn, preauth);
	if (m->core.rt->mono_ms(m->core.rt) - c->since_mono < PREAUTH_PATIENCE_MS)
		return;
	m->core.stats.refused++;
	mqtt_conn_close(c);
}

void mqtt_room(struct vd_mqtt *m)
{
	struct vd_runtime *rt = m->core.rt;
	if (!m->held || m->closing)
		return;
	if (m->n_preauth >= VD_MAX_MQTT_PREAUTH)
		drop_oldest(m);
	if (m->n_preauth >= VD_MAX_MQTT_PREAUTH) {
		rt->timer_start(m->accept_timer, ACCEPT_RETRY_MS);
		return;
	}
	m->held = false;
	mqtt_conn_accept(m);
}

/* While a connection is held, libuv accepts no further one: the kernel's queue holds the storm. */
static void on_connection(uv_stream_t *s, int status)
{
	struct vd_mqtt *m = s->data;
	if (status < 0 || m->closing)
		return;
	m->held = true;
	mqtt_room(m);
}

/* -- opening ---------------------------------------------------------------------------------- */

static int parse_address(const struct vd_mqtt_config *cfg, struct sockaddr_storage *ret,
			 bool *ret_loopback)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret;
	if (cfg->port < 0 || cfg->port > 65535 || !cfg->bind)
		return VD_EINVAL;
	if (uv_ip4_addr(cfg->bind, cfg->port, v4) == 0)
		*ret_loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	else if (uv_ip6_addr(cfg->bind, cfg->port, v6) == 0)
		*ret_loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	else
		return VD_EINVAL;
	return 0;
}

static int listen_on(struct vd_mqtt *m, const struct sockaddr_storage *where)
{
	struct sockaddr_storage bound;
	int n = sizeof(bound);
	int err = uv_tcp_bind(&m->listener, (const struct sockaddr *)where, 0);
	if (!err)
		err = uv_listen((uv_stream_t *)&m->listener, BACKLOG, on_connection);
	if (!err)
		err = uv_tcp_getsockname(&m->listener, (struct sockaddr *)&bound, &n);
	if (!err)
		m->port = ntohs(bound.ss_family == AF_INET6
					? ((struct sockaddr_in6 *)&bound)->sin6_port
					: ((struct sockaddr_in *)&bound)->sin_port);
	return err;
}

static void on_prepare(uv_prepare_t *p)
{
	struct vd_mqtt *m = p->data;
	mqtt_conns_flush(m);
}

static void on_later(void *arg)
{
	struct vd_mqtt *m = arg;
	mqtt_conns_continue(m);
	mqtt_check_closed(m);
}

static void free_door(struct vd_mqtt *m)
{
	mqtt_core_fini(&m->core);
	vd_buf_fini(&m->plain);
	vd_buf_fini(&m->wire);
	vd_free(m->chunk);
	vd_free(m);
}

static struct vd_mqtt *new_door(uv_loop_t *loop, struct vd_runtime *rt,
				const struct vd_mqtt_config *cfg, const struct vd_mqtt_host *host)
{
	struct vd_mqtt *m = vd_calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->chunk = vd_malloc(VD_MAX_MQTT_READ);
	m->accept_timer = m->chunk ? rt->timer_open(rt, on_accept_timer, m) : NULL;
	if (!m->accept_timer) {
		vd_free(m->chunk);
		vd_free(m);
		return NULL;
	}
	mqtt_core_init(&m->core, rt, cfg, host);
	m->loop = loop;
	m->tls = cfg->tls;
	m->max_conns = cfg->max_connections ? cfg->max_connections : VD_MAX_MQTT_CONNS;
	if (m->max_conns > VD_MAX_MQTT_CONNS)
		m->max_conns = VD_MAX_MQTT_CONNS;
	struct vd_link *lists[] = {&m->conns, &m->preauth, &m->dirty, &m->ready, &m->steps};
	for (size_t i = 0; i < 5; i++)
		vd_list_init(lists[i]);
	m->later = (struct vd_deferred){.fn = on_later, .arg = m};
	rt->entropy(rt, &m->seed, sizeof(m->seed));
	vd_buf_init(&m->plain, 2 * VD_MAX_MQTT_READ);
	vd_buf_init(&m->wire, 2 * VD_MAX_MQTT_OUT);
	m->handles = 2;
	VD_REQUIRE(uv_tcp_init(loop, &m->listener) == 0);
	VD_REQUIRE(uv_prepare_init(loop, &m->prepare) == 0);
	m->listener.data = m->prepare.data = m;
	uv_prepare_start(&m->prepare, on_prepare);
	uv_unref((uv_handle_t *)&m->prepare);
	return m;
}

int vd_mqtt_open(uv_loop_t *loop, struct vd_runtime *rt, const struct vd_mqtt_config *cfg,
		 const struct vd_mqtt_host *host, struct vd_mqtt **ret, struct vd_errtext *e)
{
	struct sockaddr_storage where = {0};
	bool loopback = false;
	if (parse_address(cfg, &where, &loopback))
		return vd_errtext(e, VD_EINVAL, "the MQTT door has no usable address",
				  "write an address as 127.0.0.1, 0.0.0.0, ::1 or ::", "%s port %d",
				  cfg->bind ? cfg->bind : "(none)", cfg->port);
	if (!cfg->tls && !loopback)
		return vd_errtext(e, VD_EINVAL, "MQTT without TLS is for this machine only",
				  "set a certificate, or bind to 127.0.0.1", "%s", cfg->bind);
	struct vd_mqtt *m = new_door(loop, rt, cfg, host);
	if (!m)
		return vd_errtext(e, VD_ENOMEM, "cannot open the MQTT door", NULL, NULL);
	int err = listen_on(m, &where);
	if (err) {
		vd_mqtt_close(m, NULL, NULL);
		return vd_errtext(e, VD_EIO, "cannot listen for MQTT",
				  "is another program on this port? (ss -ltn)", "%s port %d: %s",
				  cfg->bind, cfg->port, uv_strerror(err));
	}
	*ret = m;
	return 0;
}

int vd_mqtt_port(const struct vd_mqtt *m)
{
	return m->port;
}

void vd_mqtt_stats(const struct vd_mqtt *m, struct vd_mqtt_stats *ret)
{
	*ret = m->core.stats;
	ret->connections = (int64_t)m->n_conns;
}

/* -- commanding ------------------------------------------------------------------------------- */

int vd_mqtt_command(struct vd_mqtt *m, int64_t gateway, const char *topic, struct vd_span payload)
{
	struct mqtt_gateway *g = vd_map_get_u64(&m->core.gateways, (uint64_t)gateway);
	struct vd_span t = vd_span_cstr(topic);
	int result = VD_ENOTFOUND;
	if (!mqtt_topic_valid(t) || t.n > VD_MAX_TOPIC_BYTES || !vd_span_utf8(t))
		return VD_EINVAL;
	if (!g)
		return VD_ENOTFOUND;
	VD_LIST_EACH(l, &g->sessions)
	{
		struct mqtt_session *s = VD_CONTAINER(l, struct mqtt_session, in_gateway);
		int err = mqtt_session_command(s, t, payload);
		if (!err || result == VD_ENOTFOUND)
			result = err;
	}
	return result;
}

/* The best that any of its clients can do counts: acknowledged, blind, busy, nobody. */
int vd_mqtt_order(struct vd_mqtt *m, int64_t gateway, const char *topic, struct vd_span payload,
		  const char *tag, int64_t ttl_ms)
{
	struct mqtt_gateway *g = vd_map_get_u64(&m->core.gateways, (uint64_t)gateway);
	struct vd_span t = vd_span_cstr(topic);
	int result = VD_ENOTFOUND;
	if (!mqtt_topic_valid(t) || t.n > VD_MAX_TOPIC_BYTES || !vd_span_utf8(t))
		return VD_EINVAL;
	if (!g || m->closing)
		return VD_ENOTFOUND;
	VD_LIST_EACH(l, &g->sessions)
	{
		struct mqtt_session *s = VD_CONTAINER(l, struct mqtt_session, in_gateway);
		int err = mqtt_session_order(s, t, payload, tag, ttl_ms);
		if (!err || (err == 1 && result) || (err < 0 && result == VD_ENOTFOUND))
			result = err;
	}
	return result;
}

void vd_mqtt_kick(struct vd_mqtt *m, int64_t gateway)
{
	struct mqtt_gateway *g;
	while ((g = vd_map_get_u64(&m->core.gateways, (uint64_t)gateway))) {
		struct mqtt_session *s =
			VD_CONTAINER(g->sessions.next, struct mqtt_session, in_gateway);
		s->expiry_s = 0; /* it may not come back */
		if (s->peer) {
			mqtt_peer_end(s->peer, MQTT_ADMINISTRATIVE);
		} else {
			mqtt_session_will(s, NULL);
			mqtt_session_end(s);
		}
	}
}

/* -- closing ---------------------------------------------------------------------------------- */

static void on_handle_closed(uv_handle_t *h)
{
	struct vd_mqtt *m = h->data;
	m->handles--;
	mqtt_check_closed(m);
}

void mqtt_check_closed(struct vd_mqtt *m)
{
	if (!m->closing || m->n_conns || m->later.pending)
		return;
	if (!m->prepare_closing) {
		m->prepare_closing = true;
		uv_close((uv_handle_t *)&m->prepare, on_handle_closed);
		return;
	}
	if (m->handles)
		return;
	void (*done)(void *arg) = m->on_closed;
	void *arg = m->closed_arg;
	free_door(m);
	if (done)
		done(arg);
}

void vd_mqtt_close(struct vd_mqtt *m, void (*on_closed)(void *arg), void *arg)
{
	VD_REQUIRE(!m->closing);
	m->closing = true;
	m->on_closed = on_closed;
	m->closed_arg = arg;
	m->core.rt->timer_close(m->accept_timer);
	m->accept_timer = NULL;
	uv_close((uv_handle_t *)&m->listener, on_handle_closed);
	VD_LIST_EACH(l, &m->conns)
	mqtt_peer_end(&VD_CONTAINER(l, struct mqtt_conn, all)->peer, MQTT_SHUTTING_DOWN);
	mqtt_conns_flush(m);
	mqtt_check_closed(m);
}

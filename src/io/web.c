/* SPDX-License-Identifier: EUPL-1.2 */
/* libwebsockets, and nothing else of ours, lives here: it turns sockets into requests and clients.
 *
 * Duties towards 4.1.6 (it gets no security uploads in Debian 12): HTTP/1.1 only (it would take
 * an upgrade to h2c), no extensions, never a look at `in` while an upgrade is confirmed, no
 * WebSocket but ours (it would take one on the first protocol of the list), our own limits on
 * bodies before it counts, our own timeouts, no bytes behind an unanswered request (it would spin),
 * bound to exactly the address that was asked for, destroyed only at exit and in two steps. */
#include "io/web_int.h"
#include "base/log.h"
#include "base/mem.h"
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define HEAD_BYTES      4096
#define WEB_DRAIN_BYTES ((size_t)4 << 20) /* a body above the limit is heard out this far */
#define BODY_TIMEOUT    15                /* s between the head and the end of the body */
#define ANSWER_TIMEOUT  60                /* s for a reader to take its answer */
#define BYE_TIMEOUT     10                /* s for a console to take its goodbye */
#define LOG_LINES       20                /* of libwebsockets' own, a minute */

struct per_session { /* libwebsockets' memory, zeroed by it */
	struct web_request *q;
	struct web_client *c;
};

static struct vd_web *web_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* -- requests ------------------------------------------------------------------------------- */

static void request_free(struct web_request *q)
{
	if (!q)
		return;
	if (q->body.n)
		explicit_bzero(q->body.p, q->body.n); /* it may hold a password */
	vd_buf_fini(&q->body);
	vd_buf_fini(&q->out);
	vd_free(q);
}

/* The peer has gone or its request is over; a pending answer frees it later. */
static void request_detach(struct per_session *s)
{
	struct web_request *q = s->q;
	s->q = NULL;
	if (!q)
		return;
	q->wsi = NULL;
	if (!q->pending)
		request_free(q);
}

void web_answer(struct web_request *q)
{
	q->pending = false;
	q->answered = true;
	if (q->wsi)
		lws_callback_on_writable(q->wsi);
	else
		request_free(q);
}

static void header(struct lws *wsi, enum lws_token_indexes t, char *dst, size_t cap)
{
	if (lws_hdr_copy(wsi, dst, (int)cap, t) < 0)
		dst[0] = '\0';
}

static bool method_of(struct lws *wsi, struct web_request *q)
{
	static const struct {
		enum lws_token_indexes t;
		const char *name;
	} methods[] = {{WSI_TOKEN_GET_URI, "GET"},       {WSI_TOKEN_POST_URI, "POST"},
		       {WSI_TOKEN_PATCH_URI, "PATCH"},   {WSI_TOKEN_PUT_URI, "PUT"},
		       {WSI_TOKEN_DELETE_URI, "DELETE"}, {WSI_TOKEN_HEAD_URI, "HEAD"}};
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (lws_hdr_total_length(wsi, methods[i].t) <= 0)
			continue;
		snprintf(q->method, sizeof(q->method), "%s", methods[i].name);
		header(wsi, methods[i].t, q->path, sizeof(q->path));
		return q->path[0] == '/';
	}
	return false;
}

static void query_of(struct lws *wsi, struct web_request *q)
{
	char part[512];
	struct vd_buf b;
	vd_buf_init(&b, sizeof(q->query) - 1);
	for (int i = 0;
	     lws_hdr_copy_fragment(wsi, part, sizeof(part), WSI_TOKEN_HTTP_URI_ARGS, i) >= 0; i++) {
		if (i)
			vd_buf_add_char(&b, '&');
		vd_buf_add_cstr(&b, part);
	}
	if (!b.err && b.n)
		memcpy(q->query, b.p, b.n + 1);
	vd_buf_fini(&b);
}

static struct web_request *request_new(struct lws *wsi, struct vd_web *w)
{
	char forwarded[256];
	struct web_request *q = vd_calloc(1, sizeof(*q));
	if (!q)
		return NULL;
	q->web = w;
	q->wsi = wsi;
	vd_buf_init(&q->body, w->cfg.max_body);
	vd_buf_init(&q->out, WEB_RESPONSE_BYTES);
	if (!method_of(wsi, q)) {
		request_free(q);
		return NULL;
	}
	query_of(wsi, q);
	header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, q->content_type, sizeof(q->content_type));
	header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION, q->authorization, sizeof(q->authorization));
	header(wsi, WSI_TOKEN_HTTP_COOKIE, q->cookie, sizeof(q->cookie));
	header(wsi, WSI_TOKEN_ORIGIN, q->origin, sizeof(q->origin));
	header(wsi, WSI_TOKEN_HOST, q->host, sizeof(q->host));
	header(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, q->etag_seen, sizeof(q->etag_seen));
	if (lws_hdr_custom_copy(wsi, q->csrf, sizeof(q->csrf), "x-varde-csrf:", 13) < 0)
		q->csrf[0] = '\0';
	header(wsi, WSI_TOKEN_X_FORWARDED_FOR, forwarded, sizeof(forwarded));
	lws_get_peer_simple(wsi, q->address, sizeof(q->address));
	web_address(q->address, sizeof(q->address), forwarded);
	q->since_mono = w->rt->mono_ms(w->rt);
	return q;
}

static bool takes_body(const struct web_request *q)
{
	return strcmp(q->method, "POST") == 0 || strcmp(q->method, "PATCH") == 0 ||
	       strcmp(q->method, "PUT") == 0;
}

/* How long the body will be: a number we accept, or the status to refuse with. */
static int content_length(struct lws *wsi, const struct web_request *q, size_t *ret)
{
	char text[24];
	*ret = 0;
	/* Two lengths, or a length and chunks: whoever stands before us may read it differently. */
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		return 411;
	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0)
		return takes_body(q) ? 411 : 0;
	header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, text, sizeof(text));
	int status = web_length(text, q->web->cfg.max_body, ret);
	return *ret && !takes_body(q) ? 400 : status;
}

static void refuse_body(struct web_request *q, int status)
{
	static const struct {
		int status;
		const char *code, *detail;
	} rows[] = {{411, "parse", "Send the body with a Content-Length header."},
		    {400, "parse",
		     "Content-Length is not a number of bytes, or this method takes no body."},
		    {413, "limit", "The body is larger than this hub accepts."}};
	for (size_t i = 0; i < 3; i++)
		if (rows[i].status == status)
			web_problem(q, status, rows[i].code, rows[i].detail);
	web_answer(q);
}

static int on_head(struct lws *wsi, struct per_session *s)
{
	struct vd_web *w = web_of(wsi);
	size_t n;
	if (s->q || w->closing)
		return -1; /* a question behind one that waits for its answer */
	struct web_request *q = s->q = request_new(wsi, w);
	if (!q)
		return -1;
	w->requests++;
	int status = content_length(wsi, q, &n);
	/* A sender in the middle of its body reads no answer: hear it out, keeping nothing. */
	if (status == 413 && n <= WEB_DRAIN_BYTES)
		q->refused = status;
	else if (status) {
		refuse_body(q, status);
		return 0;
	}
	if (!n) {
		web_route(q);
		return 0;
	}
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, BODY_TIMEOUT);
	return 0;
}

static int on_body(struct per_session *s, const void *in, size_t len)
{
	struct web_request *q = s->q;
	if (!q || q->answered)
		return 0;
	/* libwebsockets begins its own time anew with every byte. */
	if (q->web->rt->mono_ms(q->web->rt) - q->since_mono > BODY_TIMEOUT * 1000)
		return -1;
	return !q->refused && vd_buf_add(&q->body, in, len) ? -1 : 0;
}

/* What a client sends before it has its answer is left unread: libwebsockets 4.1.6 would come back
 * here without end for the bytes behind the body, and the whole hub with it. */
static int on_body_end(struct lws *wsi, struct per_session *s)
{
	struct web_request *q = s->q;
	if (!q || q->heard)
		return -1;
	q->heard = true;
	lws_set_timeout(wsi, NO_PENDING_TIMEOUT, 0);
	if (!q->answered && q->refused)
		refuse_body(q, q->refused);
	else if (!q->answered && !q->pending)
		web_route(q);
	return 0;
}

/* -- answers -------------------------------------------------------------------------------- */

struct head {
	unsigned char buf[LWS_PRE + HEAD_BYTES], *p, *end;
	struct lws *wsi;
	bool bad;
};

static void add(struct head *h, const char *name, const char *value)
{
	if (value && *value &&
	    lws_add_http_header_by_name(h->wsi, (const unsigned char *)name,
					(const unsigned char *)value, (int)strlen(value), &h->p,
					h->end))
		h->bad = true;
}

static void add_security(struct head *h, const struct vd_web *w)
{
	add(h, "content-security-policy:",
	    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
	    "font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-ancestors 'none'; "
	    "base-uri 'none'; form-action 'self'");
	add(h, "x-content-type-options:", "nosniff");
	add(h, "referrer-policy:", "no-referrer");
	add(h, "cross-origin-opener-policy:", "same-origin");
	add(h, "cross-origin-resource-policy:", "same-origin");
	add(h, "permissions-policy:", "camera=(), microphone=(), geolocation=()");
	if (w->tls)
		add(h, "strict-transport-security:", "max-age=31536000");
}

static void add_rest(struct head *h, const struct web_request *q)
{
	char n[16];
	add(h, "cache-control:",
	    q->cacheable ? "public, max-age=31536000, immutable"
	    : q->etag[0] ? "no-cache"
			 : "no-store");
	add(h, "etag:", q->etag);
	add(h, "set-cookie:", q->set_cookie);
	add(h, "location:", q->location);
	if (q->ask_credential)
		add(h, "www-authenticate:", "Basic realm=\"varde\", charset=\"UTF-8\"");
	if (q->retry_after_s) {
		snprintf(n, sizeof(n), "%d", q->retry_after_s);
		add(h, "retry-after:", n);
	}
}

static int write_answer(struct lws *wsi, struct per_session *s)
{
	struct web_request *q = s->q;
	struct vd_span body = q->borrowed.n ? q->borrowed : vd_buf_span(&q->out);
	bool head_only = strcmp(q->method, "HEAD") == 0 || q->status == 204 || q->status == 304;
	struct head h = {.wsi = wsi};
	h.p = h.buf + LWS_PRE;
	h.end = h.buf + sizeof(h.buf);
	if (head_only)
		body.n = 0;
	/* A refused body may still be on its way: the connection cannot be used again. */
	bool close_after = q->status == 411 || q->status == 413 || q->status == 400;
	if (lws_add_http_common_headers(wsi, (unsigned)q->status,
					body.n ? (q->type ? q->type : "application/json") : NULL,
					(lws_filepos_t)body.n, &h.p, h.end))
		return -1;
	add_security(&h, q->web);
	add_rest(&h, q);
	if (h.bad || lws_finalize_write_http_header(wsi, h.buf + LWS_PRE, &h.p, h.end))
		return -1;
	int r = 0;
	if (body.n) {
		unsigned char *copy = vd_malloc(LWS_PRE + body.n);
		if (!copy)
			return -1;
		memcpy(copy + LWS_PRE, body.p, body.n);
		r = lws_write(wsi, copy + LWS_PRE, body.n, LWS_WRITE_HTTP_FINAL);
		vd_free(copy);
	}
	request_detach(s);
	if (r < 0 || close_after)
		return -1;
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, ANSWER_TIMEOUT);
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* `in` is not to be read here. */
static int confirm_upgrade(struct lws *wsi)
{
	char to[16];
	header(wsi, WSI_TOKEN_UPGRADE, to, sizeof(to));
	return strcasecmp(to, "websocket") == 0 ? 0 : -1;
}

static int http_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			 size_t len)
{
	struct per_session *s = user;
	switch (reason) {
	case LWS_CALLBACK_HTTP: return on_head(wsi, s);
	case LWS_CALLBACK_HTTP_BODY: return on_body(s, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION: return on_body_end(wsi, s);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return s && s->q && s->q->answered ? write_answer(wsi, s) : 0;
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (s)
			request_detach(s);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: return confirm_upgrade(wsi);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return -1; /* the consoles' has a name */
	default: return 0;
	}
}

/* -- WebSocket ------------------------------------------------------------------------------ */

void web_client_wants(struct web_client *c)
{
	if (!c->wsi)
		return;
	if (c->bye) /* also when it takes nothing any more */
		lws_set_timeout(c->wsi, PENDING_TIMEOUT_CLOSE_SEND, BYE_TIMEOUT);
	lws_callback_on_writable(c->wsi);
}

/* Only this page, only signed in. */
static bool may_upgrade(struct lws *wsi, struct vd_web *w)
{
	char path[64], cookie[1024], origin[256], host[256];
	header(wsi, WSI_TOKEN_GET_URI, path, sizeof(path));
	header(wsi, WSI_TOKEN_HTTP_COOKIE, cookie, sizeof(cookie));
	header(wsi, WSI_TOKEN_ORIGIN, origin, sizeof(origin));
	header(wsi, WSI_TOKEN_HOST, host, sizeof(host));
	const char *slashes = strstr(origin, "//");
	if (strcmp(path, "/api/v1/live") != 0 || !slashes || strcmp(slashes + 2, host) != 0)
		return false;
	const struct web_session *s = web_session_of(w, cookie);
	return s && s->clients < WEB_CLIENTS_SESSION && w->n_clients < VD_MAX_WS_CLIENTS &&
	       !w->closing;
}

static int client_new(struct lws *wsi, struct per_session *s)
{
	struct vd_web *w = web_of(wsi);
	char cookie[1024];
	header(wsi, WSI_TOKEN_HTTP_COOKIE, cookie, sizeof(cookie));
	struct web_session *who = web_session_of(w, cookie);
	struct web_client *c = who ? vd_calloc(1, sizeof(*c)) : NULL;
	if (!c)
		return -1;
	c->web = w;
	c->wsi = wsi;
	c->staff = who->staff;
	c->last = &c->first;
	memcpy(c->session_key, who->key, sizeof(c->session_key));
	s->c = c;
	web_client_open(c);
	return 0;
}

static int client_write(struct lws *wsi, struct web_client *c)
{
	struct vd_buf frame;
	vd_buf_init(&frame, WEB_MESSAGE_BYTES + LWS_PRE);
	while (!lws_send_pipe_choked(wsi)) {
		vd_buf_clear(&frame);
		(void)vd_buf_reserve(&frame, LWS_PRE);
		frame.n = frame.err ? 0 : LWS_PRE;
		if (frame.err || !web_client_next(c, &frame))
			break;
		if (lws_write(wsi, (unsigned char *)frame.p + LWS_PRE, frame.n - LWS_PRE,
			      LWS_WRITE_TEXT) < 0) {
			vd_buf_fini(&frame);
			return -1;
		}
	}
	vd_buf_fini(&frame);
	if (c->first)
		lws_callback_on_writable(wsi);
	else if (c->bye)
		return -1;
	return 0;
}

static int live_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			 size_t len)
{
	struct per_session *s = user;
	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return may_upgrade(wsi, web_of(wsi)) ? 0 : -1;
	case LWS_CALLBACK_ESTABLISHED: return client_new(wsi, s);
	case LWS_CALLBACK_RECEIVE:
		if (!lws_is_first_fragment(wsi) || !lws_is_final_fragment(wsi))
			return -1; /* clients of ours send one short frame at a time */
		if (s->c)
			web_client_message(s->c, vd_span(in, len));
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE: return s->c ? client_write(wsi, s->c) : -1;
	case LWS_CALLBACK_CLOSED:
		if (s->c) {
			s->c->wsi = NULL;
			web_client_close(s->c);
		}
		s->c = NULL;
		return 0;
	default: return 0;
	}
}

/* -- opening and closing -------------------------------------------------------------------- */

static const struct lws_protocols protocols[] = {
	{"http", http_callback, sizeof(struct per_session), 4096, 0, NULL, 0},
	{"varde.live.1", live_callback, sizeof(struct per_session), 4096, 0, NULL, 0},
	{NULL, NULL, 0, 0, 0, NULL, 0}};

/* Strangers decide how often it has something to say. */
static void on_lws_log(int level, const char *line)
{
	static lws_usec_t since;
	static int lines;
	if (lws_now_usecs() - since > 60 * LWS_USEC_PER_SEC) {
		since = lws_now_usecs();
		lines = 0;
	}
	if (lines++ >= LOG_LINES)
		return;
	vd_log(level & LLL_ERR ? VD_LOG_ERR : VD_LOG_WARN, "web: %s", line);
}

static bool loopback(const char *bind)
{
	return strncmp(bind, "127.", 4) == 0 || strcmp(bind, "::1") == 0;
}

static int create(struct vd_web *w, uv_loop_t *loop, struct vd_errtext *e)
{
	void *loops[] = {loop};
	struct lws_context_creation_info info = {0};
	lws_set_log_level(LLL_ERR, on_lws_log);
	info.port = w->cfg.port ? w->cfg.port : 0;
	info.iface = w->cfg.bind;
	info.protocols = protocols;
	info.foreign_loops = loops;
	info.user = w;
	info.alpn = "http/1.1";
	info.options = LWS_SERVER_OPTION_LIBUV;
	if (!strchr(w->cfg.bind, ':'))
		info.options |= LWS_SERVER_OPTION_DISABLE_IPV6; /* else it listens on [::] */
	if (w->tls) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = w->cfg.cert_file;
		info.ssl_private_key_filepath = w->cfg.key_file;
		info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 |
				       SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION;
	}
	info.gid = -1;
	info.uid = -1;
	info.timeout_secs = 10;
	info.keepalive_timeout = 60;
	info.max_http_header_data = 8192;
	info.max_http_header_pool = VD_MAX_HTTP_CONNS; /* one a request, from head to answer */
	info.fd_limit_per_thread = VD_MAX_HTTP_CONNS + VD_MAX_WS_CLIENTS;
	w->context = lws_create_context(&info);
	if (!w->context)
		return vd_errtext(e, VD_EIO, "cannot open the web door",
				  "is the port taken? is the package libwebsockets-evlib-uv "
				  "installed? are certificate and key readable?",
				  "%s port %d", w->cfg.bind, w->cfg.port);
	struct lws_vhost *v = lws_get_vhost_by_name(w->context, "default");
	w->port = v ? lws_get_vhost_listen_port(v) : 0;
	return 0;
}

int vd_web_open(uv_loop_t *loop, struct vd_runtime *rt, struct vd_hub *hub, struct vd_store *store,
		const struct vd_web_config *cfg, struct vd_web **ret, struct vd_errtext *e)
{
	if (!cfg->cert_file && !loopback(cfg->bind))
		return vd_errtext(e, VD_EINVAL, "the web door needs TLS",
				  "name a certificate and key, or bind to 127.0.0.1 behind a proxy",
				  "%s", cfg->bind);
	struct vd_web *w = vd_calloc(1, sizeof(*w));
	if (!w)
		return VD_ENOMEM;
	w->cfg = *cfg;
	w->cfg.max_body = cfg->max_body ? cfg->max_body : VD_MAX_HTTP_BODY;
	w->cfg.idle_minutes = cfg->idle_minutes ? cfg->idle_minutes : 30;
	w->cfg.hard_hours = cfg->hard_hours ? cfg->hard_hours : 12;
	w->rt = rt;
	w->hub = hub;
	w->store = store;
	w->tls = cfg->cert_file != NULL;
	w->started_wall = rt->wall_ms(rt);
	vd_list_init(&w->clients);
	vd_list_init(&w->sessions);
	vd_list_init(&w->hooks);
	int r = web_sessions_open(w);
	if (!r)
		r = web_static_open(w, e);
	if (!r)
		r = web_live_open(w);
	if (!r)
		r = create(w, loop, e);
	if (r) {
		web_live_close(w);
		vd_web_free(w);
		return r;
	}
	*ret = w;
	return 0;
}

int vd_web_port(const struct vd_web *w)
{
	return w->port;
}

void vd_web_metrics_hook(struct vd_web *w, void (*fn)(struct vd_buf *b, void *arg), void *arg)
{
	w->metrics_fn = fn;
	w->metrics_arg = arg;
}

static void on_let_go(void *arg)
{
	struct vd_web *w = arg;
	w->on_closed(w->on_closed_arg);
}

/* First step of two: libwebsockets closes its sockets on the running loop. It tells nobody when it
 * is done; uv_run ends when the last handle is gone, and the second step is in vd_web_free. */
void vd_web_close(struct vd_web *w, void (*on_closed)(void *arg), void *arg)
{
	w->closing = true;
	VD_LIST_EACH(it, &w->clients)
	web_client_bye(VD_CONTAINER(it, struct web_client, link), "stopping");
	web_live_close(w);
	web_passwords_close(w->passwords);
	w->passwords = NULL;
	lws_context_destroy(w->context);
	w->on_closed = on_closed;
	w->on_closed_arg = arg;
	w->later = (struct vd_deferred){.fn = on_let_go, .arg = w};
	w->rt->defer(w->rt, &w->later);
}

void vd_web_free(struct vd_web *w)
{
	if (!w)
		return;
	if (w->context)
		lws_context_destroy(w->context);
	web_passwords_close(w->passwords);
	web_static_close(w);
	web_sessions_close(w);
	vd_free(w);
}

/* SPDX-License-Identifier: EUPL-1.2 */
#include "bench.h"
#include "base/mem.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* -- the network ------------------------------------------------------------------------------ */

static int net_send(void *arg, const struct sip_flow *to, struct vd_span bytes)
{
	struct bench *b = arg;
	if (to->conn && !b->alive[to->conn])
		return VD_ENOTFOUND;
	assert_true(b->n_sent < BENCH_SENT);
	char *text = malloc(bytes.n + 1); /* not ours to make fail */
	memcpy(text, bytes.p, bytes.n);
	text[bytes.n] = '\0';
	b->sent[b->n_sent++] = (struct bench_sent){
		.to = *to, .at_mono = b->rt->mono_ms(b->rt), .text = text, .n = bytes.n};
	return 0;
}

static bool net_alive(void *arg, uint64_t conn)
{
	struct bench *b = arg;
	return conn && conn < 16 && b->alive[conn];
}

static int net_connect(void *arg, const struct sip_addr *to, uint64_t *ret)
{
	struct bench *b = arg;
	if (b->conn_refused)
		return VD_EIO;
	b->connected = 9;
	b->where = *to;
	b->alive[9] = true;
	*ret = 9;
	return 0;
}

/* -- the hub ---------------------------------------------------------------------------------- */

static size_t hash(const EVP_MD *md, const char *text, unsigned char *ret)
{
	unsigned n = 0;
	assert_int_equal(EVP_Digest(text, strlen(text), ret, &n, md, NULL), 1);
	return n;
}

static bool fill(struct bench *b, const char *user, const char *realm, struct vd_sip_account *ret)
{
	char text[200];
	if (b->blocked || strcmp(realm, "varde") != 0)
		return false;
	snprintf(text, sizeof(text), "%s:%s:%s", user, realm, b->secret);
	*ret = (struct vd_sip_account){.gateway = strcmp(user, "lom") == 0 ? 1 : 2};
	ret->has_sha256 = ret->gateway == 2;
	hash(EVP_md5(), text, ret->ha1_md5);
	if (ret->has_sha256)
		hash(EVP_sha256(), text, ret->ha1_sha256);
	return true;
}

static bool account(void *arg, struct vd_span user, const char *realm, struct vd_sip_account *ret)
{
	if (vd_span_is(user, "lom"))
		return fill(arg, "lom", realm, ret);
	return vd_span_is(user, "7100") && fill(arg, "7100", realm, ret);
}

static bool account_of(void *arg, int64_t gateway, const char *realm, struct vd_sip_account *ret)
{
	return fill(arg, gateway == 1 ? "lom" : "7100", realm, ret);
}

static void receive(void *arg, int64_t gateway, const struct vd_frame *f, struct vd_exchange *x)
{
	struct bench *b = arg;
	assert_true(b->n_frames < BENCH_FRAMES);
	assert_int_equal(f->carrier, VD_CARRIER_SIP);
	assert_true(f->received_at_ms > 0);
	struct bench_frame *r = &b->frames[b->n_frames++];
	*r = (struct bench_frame){.gateway = gateway, .x = x, .body_n = f->body.n};
	vd_span_copy(r->topic, sizeof(r->topic), f->topic);
	vd_span_copy(r->type, sizeof(r->type), f->content_type);
	vd_span_copy(r->body, sizeof(r->body), f->body);
}

static int reply(void *arg, int64_t gateway, const struct vd_frame *f, enum vd_outcome_code o,
		 const char *why, struct vd_buf *body, const char **type)
{
	struct bench *b = arg;
	(void)gateway;
	assert_true(f->topic.n > 0);
	assert_true((why != NULL) == (o == VD_REFUSED || o == VD_BUSY));
	snprintf(b->why, sizeof(b->why), "%s", why ? why : "");
	b->replies++;
	if (!b->mrs)
		return VD_ENOTFOUND;
	*type = "application/scaip+xml";
	return vd_buf_add_cstr(body, b->mrs);
}

static const char *config(void *arg, int64_t gateway, int64_t *ret_version)
{
	struct bench *b = arg;
	(void)gateway;
	*ret_version = b->version;
	return b->config;
}

/* -- life ------------------------------------------------------------------------------------- */

void bench_open(struct bench *b)
{
	struct vd_sip_config cfg = {.bind = "192.0.2.99", .realm = "varde"};
	memset(b, 0, sizeof(*b));
	b->rt = vd_runtime_sim_new(1767225600000, 11);
	b->secret = SECRET;
	b->config = "";
	b->mrs = "<mrs><ref>1</ref><snu>0</snu></mrs>";
	struct vd_sip_host host = {.arg = b,
				   .account = account,
				   .account_of = account_of,
				   .receive = receive,
				   .reply = reply,
				   .config = config};
	struct sip_net net = {
		.arg = b, .send = net_send, .alive = net_alive, .connect = net_connect};
	assert_int_equal(sip_core_init(&b->core, b->rt, &cfg, &host, &net), 0);
	b->core.via_port[SIP_UDP] = b->core.via_port[SIP_TCP] = 5060;
	b->core.via_port[SIP_TLS] = 5061;
}

void bench_outcome(struct bench *b, size_t i, enum vd_outcome_code o)
{
	assert_true(i < b->n_frames);
	struct vd_exchange *x = b->frames[i].x;
	assert_non_null(x);
	b->frames[i].x = NULL;
	x->on_outcome(x, o, o == VD_REFUSED ? "no" : o == VD_BUSY ? "the queue is full" : NULL);
}

void bench_close(struct bench *b)
{
	sip_core_fini(&b->core);
	for (size_t i = 0; i < b->n_frames; i++)
		if (b->frames[i].x)
			bench_outcome(b, i, VD_STORED); /* frees itself */
	assert_int_equal(b->core.stats.servers + b->core.stats.clients + b->core.stats.bindings, 0);
	assert_int_equal(vd_runtime_sim_open_timers(b->rt), 0);
	vd_runtime_sim_free(b->rt);
	for (size_t i = 0; i < b->n_sent; i++)
		free(b->sent[i].text);
}

void bench_pass(struct bench *b, int64_t ms)
{
	vd_runtime_sim_advance(b->rt, ms);
}

/* -- a unit's words --------------------------------------------------------------------------- */

static void hexed(const EVP_MD *md, const char *text, char ret[65])
{
	unsigned char out[EVP_MAX_MD_SIZE];
	size_t n = hash(md, text, out);
	for (size_t i = 0; i < n; i++)
		snprintf(ret + 2 * i, 3, "%02x", out[i]);
}

static void authorize(struct vd_buf *b, const struct say *s, const char *method, const char *uri)
{
	const EVP_MD *md =
		s->algorithm && strcmp(s->algorithm, "SHA-256") == 0 ? EVP_sha256() : EVP_md5();
	char text[400], ha1[65], ha2[65], response[65], nc[9];
	snprintf(text, sizeof(text), "%s:varde:%s", s->user, s->secret ? s->secret : SECRET);
	hexed(md, text, ha1);
	snprintf(text, sizeof(text), "%s:%s", method, uri);
	hexed(md, text, ha2);
	snprintf(nc, sizeof(nc), "%08x", s->nc ? s->nc : 1);
	if (s->no_qop)
		snprintf(text, sizeof(text), "%s:%s:%s", ha1, s->nonce, ha2);
	else
		snprintf(text, sizeof(text), "%s:%s:%s:abc:auth:%s", ha1, s->nonce, nc, ha2);
	hexed(md, text, response);
	vd_buf_printf(
		b,
		"Authorization: Digest username=\"%s\", realm=\"varde\", nonce=\"%s\", uri=\"%s\", "
		"response=\"%s\"",
		s->user, s->nonce, uri, response);
	if (s->algorithm)
		vd_buf_printf(b, ", algorithm=%s", s->algorithm);
	if (!s->no_qop)
		vd_buf_printf(b, ", qop=auth, nc=%s, cnonce=\"abc\"", nc);
	vd_buf_add_cstr(b, "\r\n");
}

char *bench_text(struct bench *b, const struct say *s, size_t *ret_n)
{
	static int made;
	const char *method = s->method ? s->method : "MESSAGE", *unit = s->unit ? s->unit : "7001";
	const char *to = s->to ? s->to : strcmp(method, "REGISTER") == 0 ? unit : "arc";
	const char *body = s->body ? s->body : strcmp(method, "MESSAGE") == 0 ? "<mrq>1</mrq>" : "";
	size_t n = s->body_n ? s->body_n : strlen(body);
	char branch[40], id[40];
	struct vd_buf t;
	(void)b;
	vd_buf_init(&t, 1 << 20);
	snprintf(branch, sizeof(branch), "z9hG4bK-%d", ++made);
	snprintf(id, sizeof(id), "id-%d@unit", made);
	vd_buf_printf(&t, "%s sip:arc@192.0.2.99 SIP/2.0\r\n", method);
	vd_buf_printf(&t, "Via: SIP/2.0/UDP 192.0.2.1:%d;branch=%s%s\r\n",
		      s->via_port ? s->via_port : 5062, s->branch ? s->branch : branch,
		      s->no_rport ? "" : ";rport");
	vd_buf_printf(&t, "Max-Forwards: 70\r\nFrom: <sip:%s@alarm.example>;tag=f1\r\n", unit);
	vd_buf_printf(&t, "To: <sip:%s@alarm.example>\r\nCall-ID: %s\r\nCSeq: %d %s\r\n", to,
		      s->id ? s->id : id, s->cseq ? s->cseq : 1, method);
	if (s->user)
		authorize(&t, s, method, "sip:arc@192.0.2.99");
	if (s->extra)
		vd_buf_add_cstr(&t, s->extra);
	if (n || s->type)
		vd_buf_printf(&t, "Content-Type: %s\r\n",
			      s->type ? s->type : "application/scaip+xml");
	if (!s->no_length)
		vd_buf_printf(&t, "Content-Length: %zu\r\n", n);
	vd_buf_add_cstr(&t, "\r\n");
	vd_buf_add(&t, body, n);
	*ret_n = t.n;
	assert_int_equal(t.err, 0);
	return t.p;
}

void bench_raw(struct bench *b, int port, const char *text, size_t n)
{
	struct sip_addr from;
	char *copy = vd_malloc(n ? n : 1); /* exactly as long: reading past it is seen */
	assert_true(sip_addr_parse("192.0.2.1", port, &from));
	memcpy(copy, text, n);
	sip_core_datagram(&b->core, &from, vd_span(copy, n));
	vd_free(copy);
	vd_runtime_sim_settle(b->rt);
}

void bench_hear(struct bench *b, int port, const struct say *s)
{
	size_t n;
	char *text = bench_text(b, s, &n);
	bench_raw(b, port, text, n);
	vd_free(text);
}

void bench_signed(struct bench *b, int port, const struct say *s)
{
	struct say ask = {.method = s->method, .unit = s->unit}, again = *s;
	bench_hear(b, port, &ask);
	const struct bench_sent *c = bench_next(b);
	assert_non_null(c);
	again.nonce = bench_nonce(c->text);
	again.user = s->user ? s->user : "lom";
	bench_hear(b, port, &again);
}

struct sip_stream bench_stream(struct bench *b, uint64_t conn)
{
	struct sip_stream st = {.core = &b->core, .flow = {.transport = SIP_TCP, .conn = conn}};
	assert_true(sip_addr_parse("192.0.2.1", 40000 + (int)conn, &st.flow.peer));
	b->alive[conn] = true;
	return st;
}

void bench_stream_hear(struct bench *b, struct sip_stream *st, const struct say *s)
{
	size_t n, used = 0;
	char *text = bench_text(b, s, &n);
	assert_int_equal(sip_stream_input(st, vd_span(text, n), 4, &used), SIP_NEED_BYTES);
	assert_int_equal(used, n);
	vd_free(text);
	vd_runtime_sim_settle(b->rt);
}

/* -- what came back --------------------------------------------------------------------------- */

const struct bench_sent *bench_next(struct bench *b)
{
	return b->seen < b->n_sent ? &b->sent[b->seen++] : NULL;
}

const char *bench_status(struct bench *b, int status)
{
	const struct bench_sent *s = bench_next(b);
	char line[20];
	snprintf(line, sizeof(line), "SIP/2.0 %d ", status);
	assert_non_null(s);
	if (strncmp(s->text, line, strlen(line)) != 0)
		print_error("wanted %d, got: %s\n", status, s->text);
	assert_memory_equal(s->text, line, strlen(line));
	return s->text;
}

void bench_silent(struct bench *b)
{
	if (b->seen != b->n_sent)
		print_error("unexpected: %s\n", b->sent[b->seen].text);
	assert_int_equal(b->seen, b->n_sent);
}

const char *bench_nonce(const char *text)
{
	static char nonce[100];
	const char *p = strstr(text, "nonce=\"");
	assert_non_null(p);
	assert_int_equal(sscanf(p, "nonce=\"%99[^\"]", nonce), 1);
	return nonce;
}

static void copy_line(struct vd_buf *b, const char *text, const char *name)
{
	const char *p = strstr(text, name), *end = p ? strstr(p, "\r\n") : NULL;
	assert_non_null(end);
	vd_buf_add(b, p, (size_t)(end + 2 - p));
}

void bench_reply(struct bench *b, const char *request, int status)
{
	struct vd_buf t;
	vd_buf_init(&t, 4096);
	vd_buf_printf(&t, "SIP/2.0 %d Something\r\n", status);
	static const char *const names[] = {"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "};
	for (size_t i = 0; i < 5; i++)
		copy_line(&t, request, names[i]);
	vd_buf_add_cstr(&t, "Content-Length: 0\r\n\r\n");
	bench_raw(b, 5062, t.p, t.n);
	vd_buf_fini(&t);
}

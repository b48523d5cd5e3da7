/* SPDX-License-Identifier: EUPL-1.2 */
/* What strangers and units can send to the SIP door: datagrams and a connection over one core,
 * without sockets, on a simulated clock, with a hub that answers when the input says so. The input
 * is a list of operations:
 *
 *	0 n bytes   a datagram of n bytes                5 o   the oldest frame is answered with o
 *	1 n bytes   n bytes on the connection            6 s   s seconds pass
 *	2 n bytes   a MESSAGE that has signed in,        7     the connection breaks
 *	            with these bytes between its headers 8 s   status s answers our last request
 *	3 n bytes   likewise a REGISTER                  9     the account is blocked, or back
 *	4 n bytes   a MESSAGE with this as a body, compressed as its first byte says
 *
 * Besides what the sanitizers see: no 200 to a MESSAGE before the hub has answered it, whole lines
 * in everything that leaves, no datagram to where nobody was, and nothing left over at the end. One
 * thread. */
#include "base/check.h"
#include "base/mem.h"
#include "io/sip_int.h"
#include "sim/runtime_sim.h"
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define FRAMES 256
#define SENT   20000

struct door {
	struct vd_runtime *rt;
	struct sip_core core;
	struct sip_stream st;
	struct vd_buf in;
	struct vd_exchange *frames[FRAMES];
	size_t first, n;
	long answered, accepted; /* by the hub; 200s to a MESSAGE, without repeats */
	bool alive, blocked;
	char nonce[SIP_NONCE_CHARS + 1], request[2000];
	int made;
	long sent;
};

static struct sip_addr unit;

/* -- what the core sees ------------------------------------------------------------------------ */

static void look(struct door *d, struct vd_span b)
{
	VD_REQUIRE(b.n >= 2 && memchr(b.p, '\0', b.n) == NULL);
	if (b.n == 2)
		return; /* a keep-alive's answer */
	const char *end = memmem(b.p, b.n, "\r\n\r\n", 4);
	VD_REQUIRE(end);
	for (const char *p = b.p; p < end; p++)
		VD_REQUIRE(*p != '\n' || p[-1] == '\r');
	struct vd_span head = vd_span(b.p, (size_t)(end + 2 - b.p));
	const char *nonce = memmem(head.p, head.n, "nonce=\"", 7);
	if (nonce && vd_span_starts(head, VD_SPAN_LIT("SIP/2.0 401")))
		snprintf(d->nonce, sizeof(d->nonce), "%.56s", nonce + 7);
	if (vd_span_starts(head, VD_SPAN_LIT("MESSAGE ")))
		(void)vd_span_copy(d->request, sizeof(d->request), head);
	const char *cseq = memmem(head.p, head.n, "\r\nCSeq: ", 8), *what = cseq;
	if (cseq)
		what = memchr(cseq + 8, ' ', (size_t)(end - cseq - 8));
	if (what && vd_span_starts(head, VD_SPAN_LIT("SIP/2.0 200")) &&
	    strncmp(what, " MESSAGE\r\n", 10) == 0)
		d->accepted++;
}

static int net_send(void *arg, const struct sip_flow *to, struct vd_span bytes)
{
	struct door *d = arg;
	VD_REQUIRE(++d->sent < SENT && sip_addr_same_host(&to->peer, &unit));
	if (to->conn && !d->alive)
		return VD_ENOTFOUND;
	look(d, bytes);
	return 0;
}

static bool net_alive(void *arg, uint64_t conn)
{
	return ((struct door *)arg)->alive && conn == 1;
}

static int net_connect(void *arg, const struct sip_addr *to, uint64_t *ret)
{
	(void)arg;
	(void)to;
	(void)ret;
	return VD_ELIMIT;
}

static bool fill(struct door *d, struct vd_sip_account *ret)
{
	unsigned n;
	*ret = (struct vd_sip_account){.gateway = 1, .has_sha256 = true};
	VD_REQUIRE(EVP_Digest("u:varde:p", 9, ret->ha1_md5, &n, EVP_md5(), NULL));
	VD_REQUIRE(EVP_Digest("u:varde:p", 9, ret->ha1_sha256, &n, EVP_sha256(), NULL));
	return !d->blocked;
}

static bool account(void *arg, struct vd_span user, const char *realm, struct vd_sip_account *ret)
{
	(void)realm;
	return vd_span_is(user, "u") && fill(arg, ret);
}

static bool account_of(void *arg, int64_t gateway, const char *realm, struct vd_sip_account *ret)
{
	(void)gateway;
	(void)realm;
	return fill(arg, ret);
}

static void receive(void *arg, int64_t gateway, const struct vd_frame *f, struct vd_exchange *x)
{
	struct door *d = arg;
	VD_REQUIRE(gateway == 1 && d->n < FRAMES && f->topic.n > 2 &&
		   f->body.n <= VD_MAX_SIP_PLAIN);
	d->frames[d->n++] = x;
}

static int reply(void *arg, int64_t gateway, const struct vd_frame *f, enum vd_outcome_code o,
		 const char *why, struct vd_buf *body, const char **type)
{
	(void)arg;
	(void)gateway;
	(void)why;
	*type = "application/scaip+xml";
	return f->body.n % 3 ? vd_buf_printf(body, "<mrs><snu>%d</snu></mrs>", (int)o)
			     : VD_ENOTFOUND;
}

static const char *config(void *arg, int64_t gateway, int64_t *ret_version)
{
	(void)gateway;
	*ret_version = ((struct door *)arg)->made / 4;
	return *ret_version % 2 ? "{\"mrs\":\"in_200\"}"
				: "{\"units\":{\"7\":{\"mrs\":\"in_200\"}}}";
}

/* -- what is done ------------------------------------------------------------------------------ */

static void answer(struct door *d, enum vd_outcome_code o)
{
	if (d->first == d->n)
		return;
	struct vd_exchange *x = d->frames[d->first++];
	d->answered++;
	x->on_outcome(x, o, o == VD_REFUSED || o == VD_BUSY ? "a reason" : NULL);
}

static void hexed(const char *text, char ret[33])
{
	unsigned char out[16];
	unsigned n;
	VD_REQUIRE(EVP_Digest(text, strlen(text), out, &n, EVP_md5(), NULL));
	for (int i = 0; i < 16; i++)
		snprintf(ret + 2 * i, 3, "%02x", out[i]);
}

static void datagram(struct door *d, const void *p, size_t n)
{
	char *copy = vd_malloc(n ? n : 1);
	memcpy(copy, p, n);
	sip_core_datagram(&d->core, &unit, vd_span(copy, n));
	vd_free(copy);
	vd_runtime_sim_settle(d->rt);
}

static void front(struct door *d, struct vd_buf *b, const char *method)
{
	vd_buf_printf(b,
		      "%s sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK%d\r\n"
		      "From: <sip:7@h>;tag=1\r\nTo: <sip:7@h>\r\nCall-ID: %d\r\nCSeq: 1 %s\r\n",
		      method, d->made, d->made, method);
}

/* A request that gets in: the challenge first. `extra` are bytes among its headers. */
static void sign_in(struct door *d, const char *method, struct vd_span extra, struct vd_span body)
{
	char a1[33], a2[33], response[33], text[200];
	struct vd_buf b;
	vd_buf_init(&b, 1 << 18);
	d->made++;
	front(d, &b, method);
	vd_buf_add_cstr(&b, "\r\n");
	datagram(d, b.p, b.n);
	vd_buf_clear(&b);
	d->made++;
	snprintf(text, sizeof(text), "%s:sip:a@b", method);
	hexed("u:varde:p", a1);
	hexed(text, a2);
	snprintf(text, sizeof(text), "%s:%s:%s", a1, d->nonce, a2);
	hexed(text, response);
	front(d, &b, method);
	vd_buf_printf(&b,
		      "Authorization: Digest username=\"u\", realm=\"varde\", nonce=\"%s\", "
		      "uri=\"sip:a@b\", response=\"%s\"\r\n",
		      d->nonce, response);
	vd_buf_add_span(&b, extra);
	vd_buf_printf(&b, "\r\nContent-Length: %zu\r\n\r\n", body.n);
	vd_buf_add_span(&b, body);
	datagram(d, b.p, b.n);
	vd_buf_fini(&b);
}

static void stream(struct door *d, struct vd_span bytes)
{
	enum sip_progress r;
	size_t used;
	if (!d->alive) {
		d->alive = true;
		d->st = (struct sip_stream){
			.core = &d->core, .flow = {.transport = SIP_TCP, .peer = unit, .conn = 1}};
		vd_buf_clear(&d->in);
	}
	vd_buf_add_span(&d->in, bytes);
	do {
		r = sip_stream_input(&d->st, vd_buf_span(&d->in), 4, &used);
		VD_REQUIRE(used <= d->in.n && (r != SIP_NEED_TURN || used));
		vd_buf_consume(&d->in, used);
	} while (r == SIP_NEED_TURN);
	d->alive = r == SIP_NEED_BYTES && !d->in.err;
	vd_runtime_sim_settle(d->rt);
}

static void copy_line(struct vd_buf *b, const char *text, const char *name)
{
	const char *p = strstr(text, name), *end = p ? strstr(p, "\r\n") : NULL;
	if (end)
		vd_buf_add(b, p, (size_t)(end + 2 - p));
}

static void respond(struct door *d, int status)
{
	static const char *const names[] = {"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "};
	struct vd_buf b;
	vd_buf_init(&b, 8192);
	vd_buf_printf(&b, "SIP/2.0 %d X\r\n", 100 + status * 3);
	for (size_t i = 0; i < 5; i++)
		copy_line(&b, d->request, names[i]);
	vd_buf_add_cstr(&b, "\r\n");
	datagram(d, b.p, b.n);
	vd_buf_fini(&b);
}

static const char *const encodings[] = {"Content-Encoding: gzip", "e: deflate", "e: identity", ""};

/* Runs one operation; how many bytes it used, 0 = the end. */
static size_t operate(struct door *d, const uint8_t *p, size_t n)
{
	struct vd_span none = vd_span("", 0);
	if (n < 3 || d->n > FRAMES - 8 || d->sent > SENT - 2000)
		return 0;
	size_t len = (size_t)(p[1] | (p[2] & 15) << 8);
	len = len < n - 3 ? len : n - 3;
	struct vd_span bytes = vd_span((const char *)p + 3, len);
	switch (p[0] % 10) {
	case 0: datagram(d, bytes.p, bytes.n); return 3 + len;
	case 1: stream(d, bytes); return 3 + len;
	case 2: sign_in(d, "MESSAGE", bytes, VD_SPAN_LIT("<mrq/>")); return 3 + len;
	case 3: sign_in(d, "REGISTER", bytes, none); return 3 + len;
	case 4: sign_in(d, "MESSAGE", vd_span_cstr(encodings[p[2] >> 6]), bytes); return 3 + len;
	case 5: answer(d, (enum vd_outcome_code)(p[1] % 4)); return 2;
	case 6: vd_runtime_sim_advance(d->rt, p[1] * 500ll); return 2;
	case 7: d->alive = false; return 1;
	case 8: respond(d, p[1]); return 2;
	default: d->blocked = !d->blocked; return 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct door d;
	struct vd_sip_config cfg = {.bind = "192.0.2.99", .realm = "varde"};
	if (size > 32768)
		return 0;
	memset(&d, 0, sizeof(d));
	d.rt = vd_runtime_sim_new(1767225600000, 7);
	vd_buf_init(&d.in, 1 << 20);
	VD_REQUIRE(sip_addr_parse("192.0.2.1", 5070, &unit));
	struct vd_sip_host host = {.arg = &d,
				   .account = account,
				   .account_of = account_of,
				   .receive = receive,
				   .reply = reply,
				   .config = config};
	struct sip_net net = {
		.arg = &d, .send = net_send, .alive = net_alive, .connect = net_connect};
	VD_REQUIRE(d.rt && sip_core_init(&d.core, d.rt, &cfg, &host, &net) == 0);
	for (size_t used; (used = operate(&d, data, size)); data += used, size -= used)
		VD_REQUIRE(d.accepted <= d.answered + d.core.stats.repeats);
	sip_core_fini(&d.core);
	while (d.first < d.n)
		answer(&d, VD_STORED);
	VD_REQUIRE(d.core.stats.servers == 0 && d.core.stats.clients == 0 &&
		   d.core.stats.bindings == 0);
	VD_REQUIRE(vd_runtime_sim_open_timers(d.rt) == 0);
	vd_buf_fini(&d.in);
	vd_runtime_sim_free(d.rt);
	return 0;
}

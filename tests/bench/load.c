/* SPDX-License-Identifier: EUPL-1.2 */
/* Open-loop load: sends door events on a fixed schedule through MQTT (QoS 1) or HTTP, follows them
 * on a WebSocket, and measures every latency from the intended send time, so a server that stalls
 * is charged for everything it kept waiting. One thread, epoll through libuv. Prints one JSON line.
 *
 * Each event carries its number as `seq`; the number leads back to its intended time. Devices are
 * used round robin and alternate open/closed, so every message is news and is journaled. */
#include "hist.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#define CONNS_MAX  1000
#define DEVICES    1000
#define READ_BYTES 65536

enum mode { MQTT, HTTP };

struct conn {
	uv_tcp_t tcp;
	int id;
	bool ready;
	char in[READ_BYTES * 2];
	size_t in_n;
	uint64_t waiting[65536]; /* MQTT: packet id -> event number + 1 */
	unsigned next_pid, inflight;
	uint64_t *queue; /* HTTP: numbers due but not sent */
	size_t queue_at, queue_n, queue_cap;
	uint64_t sent; /* HTTP: number on its way + 1 */
};

struct load {
	uv_loop_t loop;
	uv_timer_t timer;
	enum mode mode;
	int port, ws_port, n_conns, ready;
	double rate, seconds;
	const char *user, *password, *cookie, *origin;
	struct conn *conns;
	struct conn ws;
	bool ws_on, ws_upgraded;
	uint64_t start_ns, total, sent, acked, seen, refused, lost_ws;
	uint64_t end_ns;
	bool done;
	struct hist ack, live, late;
	uint8_t *seen_map;
};

static struct load L;

static uint64_t intended_ns(uint64_t n)
{
	return L.start_ns + (uint64_t)((double)n * 1e9 / L.rate);
}

static void die(const char *what)
{
	fprintf(stderr, "load: %s\n", what);
	exit(1);
}

/* -- sending -------------------------------------------------------------------------------- */

struct out {
	uv_write_t req;
	char bytes[];
};

static void on_written(uv_write_t *req, int status)
{
	if (status)
		die("the server closed a connection");
	free(req);
}

static void put(struct conn *c, const char *p, size_t n)
{
	uv_buf_t b = uv_buf_init((char *)p, (unsigned)n);
	int w = uv_try_write((uv_stream_t *)&c->tcp, &b, 1);
	if (w == (int)n)
		return;
	size_t gone = w > 0 ? (size_t)w : 0;
	struct out *o = malloc(sizeof(*o) + n - gone);
	if (!o)
		die("out of memory");
	memcpy(o->bytes, p + gone, n - gone);
	b = uv_buf_init(o->bytes, (unsigned)(n - gone));
	if (uv_write(&o->req, (uv_stream_t *)&c->tcp, &b, 1, on_written))
		die("cannot write");
}

static int body_of(uint64_t n, char *buf, size_t cap)
{
	uint64_t device = n % DEVICES;
	const char *state = (n / DEVICES) % 2 ? "closed" : "open";
	return snprintf(
		buf, cap,
		"{\"device\":\"bench-%04llu\",\"kind\":\"door\",\"state\":\"%s\",\"seq\":%llu,"
		"\"id\":\"b%llu-%llu\"}",
		(unsigned long long)device, state, (unsigned long long)n,
		(unsigned long long)(L.start_ns / 1000), (unsigned long long)n);
}

static size_t remaining_length(size_t n, unsigned char *out)
{
	size_t i = 0;
	do {
		out[i] = (unsigned char)(n % 128);
		n /= 128;
		if (n)
			out[i] |= 0x80;
		i++;
	} while (n);
	return i;
}

static size_t mqtt_publish(struct conn *c, uint64_t n, char *out)
{
	char body[256], topic[64];
	int bn = body_of(n, body, sizeof(body));
	int tn = snprintf(topic, sizeof(topic), "varde/bench-%04llu",
			  (unsigned long long)(n % DEVICES));
	size_t len = 2 + (size_t)tn + 2 + (size_t)bn, at = 0;
	do {
		c->next_pid = c->next_pid % 65535 + 1;
	} while (c->waiting[c->next_pid]);
	c->waiting[c->next_pid] = n + 1;
	c->inflight++;
	out[at++] = 0x32;
	at += remaining_length(len, (unsigned char *)out + at);
	out[at++] = (char)(tn >> 8);
	out[at++] = (char)tn;
	memcpy(out + at, topic, (size_t)tn);
	at += (size_t)tn;
	out[at++] = (char)(c->next_pid >> 8);
	out[at++] = (char)c->next_pid;
	memcpy(out + at, body, (size_t)bn);
	return at + (size_t)bn;
}

static void http_send(struct conn *c, uint64_t n)
{
	char body[256], req[700];
	int bn = body_of(n, body, sizeof(body));
	int rn = snprintf(
		req, sizeof(req),
		"POST /hook/varde HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s:%s\r\n"
		"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		L.user, L.password, bn, body);
	c->sent = n + 1;
	put(c, req, (size_t)rn);
}

static void http_queue(struct conn *c, uint64_t n)
{
	if (!c->sent) {
		http_send(c, n);
		return;
	}
	if (c->queue_at + c->queue_n == c->queue_cap) {
		memmove(c->queue, c->queue + c->queue_at, c->queue_n * sizeof(*c->queue));
		c->queue_at = 0;
		if (c->queue_n == c->queue_cap) {
			c->queue_cap = c->queue_cap ? c->queue_cap * 2 : 64;
			c->queue = realloc(c->queue, c->queue_cap * sizeof(*c->queue));
			if (!c->queue)
				die("out of memory");
		}
	}
	c->queue[c->queue_at + c->queue_n++] = n;
}

/* -- answers -------------------------------------------------------------------------------- */

static void acked(uint64_t n)
{
	hist_add(&L.ack, (uv_hrtime() - intended_ns(n)) / 1000);
	L.acked++;
	L.end_ns = uv_hrtime();
}

/* Packets are CONNACK and PUBACK only: two or four bytes after the fixed header. */
static void mqtt_input(struct conn *c)
{
	size_t at = 0;
	while (c->in_n - at >= 2) {
		unsigned char *p = (unsigned char *)c->in + at;
		size_t len = 2u + p[1];
		if (c->in_n - at < len)
			break;
		if (p[0] == 0x20) {
			if (p[3])
				die("the hub refused the sign-in");
			c->ready = true;
			L.ready++;
		} else if (p[0] == 0x40) {
			unsigned pid = (unsigned)p[2] << 8 | p[3];
			if (!c->waiting[pid])
				die("a PUBACK nobody waits for");
			acked(c->waiting[pid] - 1);
			c->waiting[pid] = 0;
			c->inflight--;
		}
		at += len;
	}
	memmove(c->in, c->in + at, c->in_n - at);
	c->in_n -= at;
}

static void http_input(struct conn *c)
{
	for (;;) {
		char *end = memmem(c->in, c->in_n, "\r\n\r\n", 4);
		if (!end)
			return;
		size_t head = (size_t)(end - c->in) + 4, len = 0;
		*end = '\0';
		char *cl = strcasestr(c->in, "content-length:");
		if (cl)
			len = strtoul(cl + 15, NULL, 10);
		if (c->in_n < head + len) {
			*end = '\r';
			return;
		}
		if (strncmp(c->in + 9, "204", 3) == 0 || strncmp(c->in + 9, "200", 3) == 0)
			acked(c->sent - 1);
		else
			L.refused++;
		c->sent = 0;
		memmove(c->in, c->in + head + len, c->in_n - head - len);
		c->in_n -= head + len;
		if (c->queue_n) {
			c->queue_n--;
			http_send(c, c->queue[c->queue_at++]);
		}
	}
}

static void ws_text(const char *p, size_t n)
{
	const char *end = p + n;
	for (const char *s = p; (s = memmem(s, (size_t)(end - s), "\"kind\":\"door\"", 13));
	     s += 13) {
		const char *q = memmem(s, (size_t)(end - s), "\"seq\":", 6);
		if (!q)
			return;
		uint64_t k = strtoull(q + 6, NULL, 10);
		if (k >= L.total || L.seen_map[k])
			continue;
		L.seen_map[k] = 1;
		L.seen++;
		hist_add(&L.live, (uv_hrtime() - intended_ns(k)) / 1000);
	}
}

static void ws_send(const char *text)
{
	size_t n = strlen(text);
	unsigned char f[512] = {0x81, (unsigned char)(0x80 | n), 0, 0, 0, 0};
	if (n > 125)
		die("ws message too long");
	memcpy(f + 6, text, n); /* mask of zeros */
	put(&L.ws, (char *)f, n + 6);
}

static void ws_input(struct conn *c)
{
	if (!L.ws_upgraded) {
		char *end = memmem(c->in, c->in_n, "\r\n\r\n", 4);
		if (!end)
			return;
		if (strncmp(c->in + 9, "101", 3) != 0)
			die("the hub refused the WebSocket");
		size_t head = (size_t)(end - c->in) + 4;
		memmove(c->in, c->in + head, c->in_n - head);
		c->in_n -= head;
		L.ws_upgraded = true;
		L.ready++;
		ws_send("{\"type\":\"hello\",\"epoch\":\"\",\"seq\":0}");
		ws_send("{\"type\":\"events\",\"on\":true}");
	}
	size_t at = 0;
	while (c->in_n - at >= 2) {
		unsigned char *p = (unsigned char *)c->in + at;
		uint64_t len = p[1] & 0x7F;
		size_t head = 2;
		if (len == 126) {
			if (c->in_n - at < 4)
				break;
			len = (uint64_t)p[2] << 8 | p[3];
			head = 4;
		} else if (len == 127) {
			if (c->in_n - at < 10)
				break;
			len = 0;
			for (int i = 2; i < 10; i++)
				len = len << 8 | p[i];
			head = 10;
		}
		if (head + len > sizeof(c->in))
			die("ws frame too large");
		if (c->in_n - at < head + len)
			break;
		const char *text = c->in + at + head;
		if (memmem(text, (size_t)(len < 40 ? len : 40), "\"beat\"", 6))
			ws_send("{\"type\":\"here\"}");
		else
			ws_text(text, (size_t)len);
		at += head + (size_t)len;
	}
	memmove(c->in, c->in + at, c->in_n - at);
	c->in_n -= at;
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *b)
{
	struct conn *c = h->data;
	(void)hint;
	*b = uv_buf_init(c->in + c->in_n, (unsigned)(sizeof(c->in) - c->in_n));
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *b)
{
	struct conn *c = s->data;
	(void)b;
	if (n < 0)
		die(L.done ? "closed at the end" : "the server closed a connection");
	c->in_n += (size_t)n;
	if (c == &L.ws)
		ws_input(c);
	else if (L.mode == MQTT)
		mqtt_input(c);
	else
		http_input(c);
}

/* -- connecting ----------------------------------------------------------------------------- */

static void on_connected(uv_connect_t *req, int status)
{
	struct conn *c = req->handle->data;
	char out[1024];
	free(req);
	if (status)
		die("cannot connect");
	uv_tcp_nodelay(&c->tcp, 1);
	uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
	if (c == &L.ws) {
		int n = snprintf(
			out, sizeof(out),
			"GET /api/v1/live HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nUpgrade: "
			"websocket\r\n"
			"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: varde.live.1\r\n"
			"Cookie: %s\r\n\r\n",
			strstr(L.origin, "//") + 2, L.origin, L.cookie);
		put(c, out, (size_t)n);
	} else if (L.mode == MQTT) {
		char id[32];
		size_t in = (size_t)snprintf(id, sizeof(id), "load-%d", c->id);
		size_t un = strlen(L.user), pn = strlen(L.password), at = 0;
		size_t len = 10 + 2 + in + 2 + un + 2 + pn;
		out[at++] = 0x10;
		at += remaining_length(len, (unsigned char *)out + at);
		memcpy(out + at, "\0\4MQTT\4\xC2\0\x3C", 10);
		at += 10;
		const struct {
			const char *p;
			size_t n;
		} f[] = {{id, in}, {L.user, un}, {L.password, pn}};
		for (int i = 0; i < 3; i++) {
			out[at++] = (char)(f[i].n >> 8);
			out[at++] = (char)f[i].n;
			memcpy(out + at, f[i].p, f[i].n);
			at += f[i].n;
		}
		put(c, out, at);
	} else {
		c->ready = true;
		L.ready++;
	}
}

static void open_conn(struct conn *c, int port)
{
	struct sockaddr_in a;
	uv_connect_t *req = malloc(sizeof(*req));
	if (!req)
		die("out of memory");
	uv_ip4_addr("127.0.0.1", port, &a);
	uv_tcp_init(&L.loop, &c->tcp);
	c->tcp.data = c;
	if (uv_tcp_connect(req, &c->tcp, (struct sockaddr *)&a, on_connected))
		die("cannot connect");
}

/* -- the schedule --------------------------------------------------------------------------- */

static void finish(void)
{
	L.done = true;
	uv_stop(&L.loop);
}

static void send_due(void)
{
	static char batch[CONNS_MAX][4096];
	static size_t batch_n[CONNS_MAX];
	uint64_t now = uv_hrtime();
	while (L.sent < L.total && intended_ns(L.sent) <= now) {
		uint64_t n = L.sent++;
		int i = (int)(n % (uint64_t)L.n_conns);
		hist_add(&L.late, (now - intended_ns(n)) / 1000);
		if (L.mode == HTTP) {
			http_queue(&L.conns[i], n);
			continue;
		}
		if (batch_n[i] > sizeof(batch[i]) - 512) {
			put(&L.conns[i], batch[i], batch_n[i]);
			batch_n[i] = 0;
		}
		batch_n[i] += mqtt_publish(&L.conns[i], n, batch[i] + batch_n[i]);
	}
	for (int i = 0; L.mode == MQTT && i < L.n_conns; i++) {
		if (batch_n[i])
			put(&L.conns[i], batch[i], batch_n[i]);
		batch_n[i] = 0;
	}
}

static void on_timer(uv_timer_t *t)
{
	(void)t;
	uint64_t now = uv_hrtime();
	if (!L.start_ns) {
		if (L.ready < L.n_conns + (L.ws_on ? 1 : 0))
			return;
		L.start_ns = now + 200000000;
		return;
	}
	send_due();
	bool all = L.acked + L.refused >= L.total && (!L.ws_on || L.seen >= L.total);
	if (all || now > L.start_ns + (uint64_t)((L.seconds + 10) * 1e9))
		finish();
}

/* Sub-millisecond schedule: libuv's timers are coarse, so a check handle looks each turn too. */
static void on_idle(uv_prepare_t *p)
{
	(void)p;
	if (L.start_ns && !L.done)
		send_due();
}

int main(int argc, char **argv)
{
	if (argc != 11) {
		fprintf(stderr, "usage: load mqtt|http PORT RATE SECONDS CONNECTIONS USER PASSWORD "
				"WS_PORT|0 COOKIE ORIGIN\n");
		return 64;
	}
	L.mode = strcmp(argv[1], "http") == 0 ? HTTP : MQTT;
	L.port = (int)strtol(argv[2], NULL, 10);
	L.rate = strtod(argv[3], NULL);
	L.seconds = strtod(argv[4], NULL);
	L.n_conns = (int)strtol(argv[5], NULL, 10);
	L.user = argv[6];
	L.password = argv[7];
	L.ws_port = (int)strtol(argv[8], NULL, 10);
	L.cookie = argv[9];
	L.origin = argv[10];
	L.ws_on = L.ws_port != 0;
	L.total = (uint64_t)(L.rate * L.seconds);
	if (L.n_conns < 1 || L.n_conns > CONNS_MAX || !L.total)
		die("connections 1..1000, rate and seconds above 0");
	L.seen_map = calloc(L.total, 1);
	L.conns = calloc((size_t)L.n_conns, sizeof(*L.conns));
	if (!L.seen_map || !L.conns)
		die("out of memory");
	uv_loop_init(&L.loop);
	for (int i = 0; i < L.n_conns; i++) {
		L.conns[i].id = i;
		open_conn(&L.conns[i], L.port);
	}
	if (L.ws_on)
		open_conn(&L.ws, L.ws_port);
	uv_timer_init(&L.loop, &L.timer);
	uv_timer_start(&L.timer, on_timer, 1, 1);
	uv_prepare_t prep;
	uv_prepare_init(&L.loop, &prep);
	uv_prepare_start(&prep, on_idle);
	uv_run(&L.loop, UV_RUN_DEFAULT);
	double took = L.end_ns > L.start_ns ? (double)(L.end_ns - L.start_ns) / 1e9 : 0;
	printf("{\"offered_per_s\":%.0f,\"sent\":%llu,\"acked\":%llu,\"refused\":%llu,\"seen_"
	       "live\":%llu,"
	       "\"seconds\":%.3f,\"carried_per_s\":%.0f,",
	       L.rate, (unsigned long long)L.sent, (unsigned long long)L.acked,
	       (unsigned long long)L.refused, (unsigned long long)L.seen, took,
	       took > 0 ? (double)L.acked / took : 0);
	hist_json(&L.ack, "ack");
	printf(",");
	hist_json(&L.live, "live");
	printf(",");
	hist_json(&L.late, "generator_late");
	printf("}\n");
	return L.acked == L.total ? 0 : 2;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What strangers and clients can send to the MQTT door: three connections over one core, without
 * sockets, on a simulated clock, with a hub that answers when the input says so. The input is a
 * list of operations:
 *
 *	0 n bytes   n bytes from the current peer        5 o   the oldest frame is answered with o
 *	1 i         peer i is the current one            6 s   s seconds pass
 *	2 v         a whole CONNECT of version 4 or 5    7     what the server wrote is taken
 *	3           the connection breaks                8     a command for the client
 *	4           all frames at the hub are stored
 *
 * Besides what the sanitizers see: no PUBACK without an answer of the hub that was not "busy", and
 * nothing left over at the end. One thread. */
#include "base/check.h"
#include "base/mem.h"
#include "io/mqtt_int.h"
#include "sim/runtime_sim.h"

#define PEERS  3
#define FRAMES 4096

struct peer {
	struct mqtt_peer p;
	struct vd_buf in;
	bool open;
};

struct door {
	struct vd_runtime *rt;
	struct mqtt_core core;
	struct peer peers[PEERS];
	struct vd_exchange *frames[FRAMES];
	size_t first, n;
	long answered, acked;
	int connected;
};

static int64_t login(void *arg, struct vd_span user, struct vd_span password, const char *cert)
{
	(void)arg;
	(void)cert;
	return vd_span_is(user, "gw") && vd_span_is(password, "pw") ? 1 : VD_EAUTH;
}

static void publish(void *arg, int64_t gateway, const struct vd_frame *f, struct vd_exchange *x)
{
	struct door *d = arg;
	VD_REQUIRE(gateway == 1 && d->n < FRAMES && f->topic.n > 0);
	d->frames[d->n++] = x;
}

static void connected(void *arg, int64_t gateway, bool yes)
{
	struct door *d = arg;
	(void)gateway;
	d->connected += yes ? 1 : -1;
	VD_REQUIRE(d->connected >= 0);
}

static void on_wake(struct mqtt_peer *p)
{
	(void)p;
}

static void answer(struct door *d, enum vd_outcome_code o)
{
	if (d->first == d->n)
		return;
	struct vd_exchange *x = d->frames[d->first++];
	d->answered += o != VD_BUSY;
	x->on_outcome(x, o, o == VD_REFUSED ? "not a message we know" : NULL);
}

/* Counts the PUBACKs; a server's own packets must be whole. */
static void take(struct door *d, struct peer *c)
{
	struct vd_span s = vd_buf_span(&c->p.out);
	while (s.n) {
		size_t len = 0, at = 1;
		int shift = 0;
		VD_REQUIRE(s.n >= 2);
		do {
			VD_REQUIRE(at < s.n && shift < 28);
			len |= (size_t)(s.p[at] & 127) << shift;
			shift += 7;
		} while (s.p[at++] & 128);
		VD_REQUIRE(at + len <= s.n);
		d->acked += ((unsigned char)s.p[0] >> 4) == MQTT_PUBACK;
		s = vd_span_skip(s, at + len);
	}
	VD_REQUIRE(d->acked <= d->answered);
	vd_buf_clear(&c->p.out);
	if (c->p.state != MQTT_PEER_ENDED)
		mqtt_peer_sent(&c->p);
}

static void lose(struct door *d, struct peer *c)
{
	if (!c->open)
		return;
	take(d, c);
	mqtt_peer_lost(&c->p);
	mqtt_peer_fini(&c->p);
	vd_buf_fini(&c->in);
	c->open = false;
}

static void feed(struct door *d, struct peer *c)
{
	enum mqtt_progress r;
	do {
		size_t used = 0;
		r = mqtt_peer_input(&c->p, vd_buf_span(&c->in), 8, &used);
		VD_REQUIRE(used <= c->in.n);
		vd_buf_consume(&c->in, used);
	} while (r == MQTT_NEED_TURN);
	if (c->p.state == MQTT_PEER_ENDED)
		lose(d, c);
}

static struct peer *opened(struct door *d, struct peer *c)
{
	if (!c->open) {
		mqtt_peer_init(&c->p, &d->core, on_wake, 1);
		vd_buf_init(&c->in, 1 << 20);
		c->open = true;
	}
	return c;
}

static void say_connect(struct vd_buf *b, int v)
{
	static const char v4[] = "\x10\x15\0\4MQTT\4\xc2\0\x3c\0\1a\0\2gw\0\2pw";
	static const char v5[] = "\x10\x16\0\4MQTT\5\xc0\0\x3c\0\0\1a\0\2gw\0\2pw";
	vd_buf_add(b, v & 1 ? v5 : v4, v & 1 ? sizeof(v5) - 1 : sizeof(v4) - 1);
}

/* Runs one operation; how many bytes it used, 0 = the end. */
static size_t operate(struct door *d, int *current, const uint8_t *p, size_t n)
{
	struct peer *c = &d->peers[*current];
	size_t len;
	if (n < 2)
		return 0;
	switch (p[0] % 9) {
	case 0:
		len = p[1] < n - 2 ? p[1] : n - 2;
		vd_buf_add(&opened(d, c)->in, p + 2, len);
		feed(d, c);
		return 2 + len;
	case 1: *current = p[1] % PEERS; return 2;
	case 2:
		say_connect(&opened(d, c)->in, p[1]);
		feed(d, c);
		return 2;
	case 3: lose(d, c); return 1;
	case 4:
		while (d->first < d->n)
			answer(d, VD_STORED);
		return 1;
	case 5: answer(d, (enum vd_outcome_code)(p[1] % 4)); return 2;
	case 6:
		vd_runtime_sim_advance(d->rt, p[1] * 1000ll);
		if (c->open) {
			mqtt_peer_tick(&c->p);
			feed(d, c);
		}
		return 2;
	case 7:
		if (c->open) {
			take(d, c);
			feed(d, c);
		}
		return 1;
	default:
		if (c->open && c->p.session && c->p.state == MQTT_PEER_LIVE)
			(void)(d->rt->mono_ms(d->rt) / 1000 & 1
				       ? mqtt_session_command(c->p.session, VD_SPAN_LIT("a/set"),
							      VD_SPAN_LIT("ON"))
				       : mqtt_session_order(c->p.session, VD_SPAN_LIT("a/set"),
							    VD_SPAN_LIT("ON"), "01J", 60000));
		return 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct door d;
	struct vd_mqtt_config cfg = {.session_expiry_max_s = 3600, .max_keepalive_s = 600};
	int current = 0;
	if (size > 16384)
		return 0;
	memset(&d, 0, sizeof(d));
	d.rt = vd_runtime_sim_new(1767225600000, 7);
	struct vd_mqtt_host host = {
		.arg = &d, .login = login, .publish = publish, .connected = connected};
	VD_REQUIRE(d.rt && mqtt_core_init(&d.core, d.rt, &cfg, &host) == 0);
	for (size_t used; (used = operate(&d, &current, data, size)); data += used, size -= used)
		if (d.n > FRAMES - 600)
			break;
	for (int i = 0; i < PEERS; i++)
		lose(&d, &d.peers[i]);
	mqtt_core_fini(&d.core);
	while (d.first < d.n)
		answer(&d, VD_STORED);
	vd_runtime_sim_settle(d.rt);
	VD_REQUIRE(d.connected == 0 && vd_runtime_sim_open_timers(d.rt) == 0);
	vd_runtime_sim_free(d.rt);
	return 0;
}

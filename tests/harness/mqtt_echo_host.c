/* SPDX-License-Identifier: EUPL-1.2 */
/* The MQTT door with a host that only pretends to store, for trying real clients against the door
 * alone. Every message is "committed" after a delay and printed on stdout as one line of JSON,
 *flushed; what its topic says decides the outcome:
 *	.../refuse   REFUSED          .../busyonce   BUSY the first time a body comes, then STORED
 *	.../echo     STORED, and the body goes back as the command varde/command/<user>/echo
 * Users gw1 and gw2, password "secret"; a client certificate signs in as gateway 9.
 *
 *	mqtt_echo_host [--port N] [--delay MS] [--quiet] [--make NAME] [--tls CERT KEY [CA]]
 * First line: {"port":N}. Ends at SIGTERM or SIGINT; exit 1 when something was left open. */
#include "base/json.h"
#include "base/mem.h"
#include "io/mqtt.h"
#include "io/runtime_uv.h"
#include "io/tls.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct later {
	struct vd_link link;
	struct vd_exchange *x;
	enum vd_outcome_code outcome;
	int64_t due_mono;
	char *line;
};

static struct {
	uv_loop_t loop;
	uv_signal_t term, intr;
	struct vd_runtime *rt;
	struct vd_mqtt *door;
	struct vd_tls *tls;
	struct vd_timer *timer;
	struct vd_link queue;
	char *busy_seen[64];
	size_t n_busy;
	int delay_ms;
	bool quiet;
	int64_t stored;
} H;

static void arm(void)
{
	if (vd_list_empty(&H.queue))
		return;
	struct later *l = VD_CONTAINER(H.queue.next, struct later, link);
	int64_t left = l->due_mono - H.rt->mono_ms(H.rt);
	H.rt->timer_start(H.timer, left > 0 ? left : 0);
}

static void on_timer(void *arg)
{
	(void)arg;
	int64_t now = H.rt->mono_ms(H.rt);
	while (!vd_list_empty(&H.queue)) {
		struct later *l = VD_CONTAINER(H.queue.next, struct later, link);
		if (l->due_mono > now)
			break;
		vd_list_remove(&l->link);
		if (l->line) {
			puts(l->line);
			fflush(stdout);
		}
		H.stored++;
		l->x->on_outcome(l->x, l->outcome,
				 l->outcome == VD_REFUSED ? "nobody can read this"
				 : l->outcome == VD_BUSY  ? "try later"
							  : NULL);
		vd_free(l->line);
		vd_free(l);
	}
	arm();
}

static bool ends(struct vd_span s, const char *tail)
{
	struct vd_span t = vd_span_cstr(tail);
	return s.n >= t.n && memcmp(s.p + s.n - t.n, t.p, t.n) == 0;
}

static bool first_time(struct vd_span body)
{
	for (size_t i = 0; i < H.n_busy; i++)
		if (vd_span_is(body, H.busy_seen[i]))
			return false;
	if (H.n_busy < 64)
		H.busy_seen[H.n_busy++] = vd_memdup_str(body.p, body.n);
	return true;
}

static char *describe(int64_t gateway, const struct vd_frame *f, enum vd_outcome_code o)
{
	static const char *const names[] = {"stored", "duplicate", "refused", "busy"};
	struct vd_buf b;
	struct vd_jw w;
	vd_buf_init(&b, 1 << 20);
	vd_jw_init(&w, &b);
	vd_jw_obj(&w);
	vd_jw_kv_str(&w, "outcome", names[o]);
	vd_jw_kv_int(&w, "gateway", gateway);
	vd_jw_key(&w, "topic");
	vd_jw_str(&w, f->topic);
	vd_jw_kv_int(&w, "bytes", (int64_t)f->body.n);
	if (f->body.n < 2000) {
		vd_jw_key(&w, "body");
		vd_jw_str(&w, f->body);
	}
	vd_jw_kv_bool(&w, "retained", f->retained);
	vd_jw_kv_bool(&w, "dup", f->dup);
	vd_jw_end_obj(&w);
	return b.p;
}

static void publish(void *arg, int64_t gateway, const struct vd_frame *f, struct vd_exchange *x)
{
	struct later *l = vd_calloc(1, sizeof(*l));
	(void)arg;
	if (!l)
		abort();
	l->x = x;
	l->outcome = VD_STORED;
	if (ends(f->topic, "/refuse"))
		l->outcome = VD_REFUSED;
	else if (ends(f->topic, "/busyonce") && first_time(f->body))
		l->outcome = VD_BUSY;
	if (ends(f->topic, "/echo")) {
		char topic[64];
		snprintf(topic, sizeof(topic), "varde/command/gw%lld/echo", (long long)gateway);
		vd_mqtt_command(H.door, gateway, topic, f->body);
	}
	l->due_mono = H.rt->mono_ms(H.rt) + H.delay_ms;
	l->line = H.quiet ? NULL : describe(gateway, f, l->outcome);
	vd_list_push_back(&H.queue, &l->link);
	arm();
}

static int64_t login(void *arg, struct vd_span user, struct vd_span password, const char *cert)
{
	(void)arg;
	if (cert[0] && !user.n)
		return 9;
	if (!vd_span_is(password, "secret"))
		return VD_EAUTH;
	return vd_span_is(user, "gw1") ? 1 : vd_span_is(user, "gw2") ? 2 : VD_EAUTH;
}

static void connected(void *arg, int64_t gateway, bool yes)
{
	(void)arg;
	if (H.quiet)
		return;
	printf("{\"connected\":%s,\"gateway\":%lld}\n", yes ? "true" : "false", (long long)gateway);
	fflush(stdout);
}

static void on_runtime_closed(void *arg)
{
	(void)arg;
}

static void on_door_closed(void *arg)
{
	(void)arg;
	H.rt->timer_close(H.timer);
	vd_runtime_uv_close(H.rt, on_runtime_closed, NULL);
}

static void stop(void)
{
	if (!H.door)
		return;
	struct vd_mqtt *d = H.door;
	H.door = NULL;
	uv_close((uv_handle_t *)&H.term, NULL);
	uv_close((uv_handle_t *)&H.intr, NULL);
	vd_mqtt_close(d, on_door_closed, NULL);
}

static void on_signal(uv_signal_t *s, int number)
{
	(void)s;
	(void)number;
	stop();
}

static int fail(const struct vd_errtext *e)
{
	fprintf(stderr, "%s: %s\n", e->fact, e->detail);
	return 1;
}

static int open_all(const struct vd_tls_config *tc, int port, struct vd_errtext *e)
{
	struct vd_mqtt_host host = {.login = login, .publish = publish, .connected = connected};
	int err = tc->cert_file ? vd_tls_new(tc, &H.tls, e) : 0;
	struct vd_mqtt_config cfg = {.bind = "127.0.0.1", .port = port, .tls = H.tls};
	if (!err)
		err = vd_mqtt_open(&H.loop, H.rt, &cfg, &host, &H.door, e);
	return err;
}

int main(int argc, char **argv)
{
	struct vd_tls_config tc = {0};
	struct vd_errtext e = {0};
	const char *make = NULL;
	int port = 0;
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--delay") == 0 && i + 1 < argc) {
			H.delay_ms = (int)strtol(argv[++i], NULL, 10);
		} else if (strcmp(argv[i], "--port") == 0 && i + 1 < argc) {
			port = (int)strtol(argv[++i], NULL, 10);
		} else if (strcmp(argv[i], "--quiet") == 0) {
			H.quiet = true;
		} else if (strcmp(argv[i], "--make") == 0 && i + 1 < argc) {
			make = argv[++i];
		} else if (strcmp(argv[i], "--tls") == 0 && i + 2 < argc) {
			tc.cert_file = argv[++i];
			tc.key_file = argv[++i];
			if (i + 1 < argc && argv[i + 1][0] != '-')
				tc.client_ca_file = argv[++i];
		} else {
			fprintf(stderr, "unknown: %s\n", argv[i]);
			return 64;
		}
	}
	if (make && vd_tls_self_signed(tc.cert_file, tc.key_file, make, &e))
		return fail(&e);
	signal(SIGPIPE, SIG_IGN);
	vd_list_init(&H.queue);
	uv_loop_init(&H.loop);
	if (vd_runtime_uv_open(&H.loop, &H.rt))
		return 1;
	H.timer = H.rt->timer_open(H.rt, on_timer, NULL);
	if (open_all(&tc, port, &e))
		return fail(&e);
	uv_signal_init(&H.loop, &H.term);
	uv_signal_init(&H.loop, &H.intr);
	uv_signal_start(&H.term, on_signal, SIGTERM);
	uv_signal_start(&H.intr, on_signal, SIGINT);
	printf("{\"port\":%d}\n", vd_mqtt_port(H.door));
	fflush(stdout);
	uv_run(&H.loop, UV_RUN_DEFAULT);
	vd_tls_free(H.tls);
	for (size_t i = 0; i < H.n_busy; i++)
		vd_free(H.busy_seen[i]);
	while (!vd_list_empty(&H.queue)) { /* what was pending when we were stopped */
		struct later *l = VD_CONTAINER(vd_list_pop(&H.queue), struct later, link);
		l->x->on_outcome(l->x, VD_BUSY, NULL);
		vd_free(l->line);
		vd_free(l);
	}
	int busy = uv_loop_close(&H.loop);
	fprintf(stderr, "answered %lld, loop %s\n", (long long)H.stored, busy ? "BUSY" : "closed");
	return busy ? 1 : 0;
}

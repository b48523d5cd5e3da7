/* SPDX-License-Identifier: EUPL-1.2 */
/* What can be asked of the web door, behind libwebsockets' own parser: a request is made of the
 * input, routed over a real hub on a simulated clock with the memory store, and answered. The first
 * byte chooses method and credentials; then a line "path?query"; the rest is the body, or with bit
 * 7 a text on the live socket. Besides what the sanitizers see: every request is answered once,
 * with a status, and what is said to be JSON is JSON. One thread. */
#include "adapters/common/table.h"
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "io/web_int.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include "world.h"
#include <openssl/evp.h>
#include <stdio.h>

/* -- instead of web.c and password.c: no socket, no argon2 ------------------------------------ */

struct web_passwords {
	struct vd_runtime *rt;
	struct vd_deferred later;
	void (*done)(bool right, void *arg);
	void *arg;
	bool right, busy;
};

static int answers;

void web_answer(struct web_request *q)
{
	VD_REQUIRE(!q->answered);
	q->answered = true;
	answers++;
}

void web_client_wants(struct web_client *c)
{
	(void)c;
}

int web_passwords_open(struct vd_runtime *rt, struct web_passwords **ret)
{
	*ret = vd_calloc(1, sizeof(**ret));
	VD_REQUIRE(*ret);
	(*ret)->rt = rt;
	return 0;
}

void web_passwords_close(struct web_passwords *p)
{
	vd_free(p);
}

static void on_later(void *arg)
{
	struct web_passwords *p = arg;
	p->busy = false;
	p->done(p->right, p->arg);
}

int web_password_check(struct web_passwords *p, const char *encoded, struct vd_span password,
		       void (*done)(bool right, void *arg), void *arg)
{
	if (p->busy)
		return VD_EBUSY;
	p->busy = true;
	p->right = encoded[0] && vd_span_is(password, "pw");
	p->done = done;
	p->arg = arg;
	p->later = (struct vd_deferred){.fn = on_later, .arg = p};
	p->rt->defer(p->rt, &p->later);
	return 0;
}

/* -- a house -------------------------------------------------------------------------------- */

static struct vd_runtime *rt;
static struct vd_store *store;
static struct vd_hub *hub;
static struct vd_web web;
static char cookie[256], csrf[80], alarm_id[VD_ID_LEN + 1];

static void request(struct web_request *q, const char *method, struct vd_span path,
		    struct vd_span query, struct vd_span body)
{
	memset(q, 0, sizeof(*q));
	q->web = &web;
	snprintf(q->method, sizeof(q->method), "%s", method);
	vd_span_copy(q->path, sizeof(q->path), path);
	vd_span_copy(q->query, sizeof(q->query), query);
	snprintf(q->content_type, sizeof(q->content_type), "application/json");
	snprintf(q->host, sizeof(q->host), "localhost:8443");
	snprintf(q->address, sizeof(q->address), "127.0.0.1");
	vd_buf_init(&q->body, VD_MAX_HTTP_BODY);
	vd_buf_init(&q->out, WEB_RESPONSE_BYTES);
	(void)vd_buf_add(&q->body, body.p, body.n);
}

/* Answered once; what calls itself JSON is. */
static void ask(struct web_request *q)
{
	answers = 0;
	web_route(q);
	for (int i = 0; i < 50 && !q->answered; i++)
		vd_runtime_sim_advance(rt, 100);
	VD_REQUIRE(q->answered && answers == 1 && q->status >= 200 && q->status < 600);
	if (q->out.n && q->type && strstr(q->type, "json")) {
		json_t *j = json_loadb(q->out.p, q->out.n, 0, NULL);
		VD_REQUIRE(j);
		json_decref(j);
	}
	vd_buf_fini(&q->body);
}

static void sign_in(void)
{
	struct web_request q;
	request(&q, "POST", VD_SPAN_LIT("/api/v1/session"), VD_SPAN_LIT(""),
		VD_SPAN_LIT("{\"user\":\"anne\",\"password\":\"pw\"}"));
	ask(&q);
	VD_REQUIRE(q.status == 200);
	snprintf(cookie, sizeof(cookie), "%.*s", (int)strcspn(q.set_cookie, ";"), q.set_cookie);
	json_t *j = json_loadb(q.out.p, q.out.n, 0, NULL);
	snprintf(csrf, sizeof(csrf), "%s", json_string_value(json_object_get(j, "csrf")));
	json_decref(j);
	vd_buf_fini(&q.out);
}

static bool first_alarm(const struct vd_alarm *a, void *arg)
{
	(void)arg;
	memcpy(alarm_id, a->id, sizeof(alarm_id));
	return false;
}

static void raise_alarm(void)
{
	struct vd_scope all = {.all = true};
	struct web_request q;
	request(&q, "POST", VD_SPAN_LIT("/hook/varde"), VD_SPAN_LIT(""),
		VD_SPAN_LIT("{\"device\":\"knapp\",\"kind\":\"sos\",\"state\":\"on\"}"));
	snprintf(q.authorization, sizeof(q.authorization), "Bearer base:secret");
	ask(&q);
	VD_REQUIRE(q.status == 204);
	vd_buf_fini(&q.out);
	vd_hub_alarms(hub, &all, first_alarm, NULL);
	VD_REQUIRE(alarm_id[0]);
}

static void build(void)
{
	static struct world w;
	struct vd_boot b = {0};
	struct vd_errtext e = {0};
	struct vd_tables *tables = NULL;
	world_init(&w);
	world_muni(&w, 3434, "Lom");
	struct vd_gateway *g = world_gateway(&w, 3434, "base", "varde", "varde");
	VD_REQUIRE(EVP_Digest("secret", 6, g->secret_sha256, NULL, EVP_sha256(), NULL) == 1);
	w.bindings[0].config = "{\"commands\":{\"*\":[\"ring\",\"interval\",\"unlock\",\"lock\"]}}";
	world_device(&w, g, "varde", "knapp", world_recipient(&w, 3434, "kari"), "stue");
	struct vd_staff *anne =
		world_staff(&w, 3434, "anne",
			    VD_ROLE_CARE | VD_ROLE_LEADER | VD_ROLE_TECHNICIAN | VD_ROLE_ADMIN);
	anne->password = "encoded";
	world_shift(&w, anne, 3434, 1, 0, INT64_MAX / 2);
	rt = vd_runtime_sim_new(1767225600000, 7);
	VD_REQUIRE(rt && vd_store_memory_open(rt, &store) == 0);
	vd_store_memory_set_directory(store, world_directory(&w));
	VD_REQUIRE(store->boot(store, &b, &e) == 0 && vd_tables_load(NULL, &tables, &e) == 0);
	struct vd_hub_config cfg = {.runtime = rt, .store = store, .tables = tables, .origin = "f"};
	VD_REQUIRE(vd_hub_new(&cfg, &b, &hub) == 0);
	vd_runtime_sim_settle(rt);
	web.cfg = (struct vd_web_config){.console_dir = "/nonexistent",
					 .report_dir = "/nonexistent",
					 .version = "fuzz",
					 .idle_minutes = 30,
					 .hard_hours = 12,
					 .max_body = VD_MAX_HTTP_BODY};
	web.rt = rt;
	web.hub = hub;
	web.store = store;
	vd_list_init(&web.clients);
	vd_list_init(&web.sessions);
	vd_list_init(&web.hooks);
	VD_REQUIRE(web_sessions_open(&web) == 0 && web_static_open(&web, &e) == 0 &&
		   web_live_open(&web) == 0);
}

/* -- one input ------------------------------------------------------------------------------ */

static void live(struct vd_span text)
{
	struct web_session *s = web_session_of(&web, cookie);
	struct web_client *c = vd_calloc(1, sizeof(*c));
	struct vd_buf frame;
	VD_REQUIRE(s && c);
	c->web = &web;
	c->last = &c->first;
	memcpy(c->session_key, s->key, sizeof(s->key));
	c->staff = s->staff;
	web_client_open(c);
	web_client_message(c, text);
	vd_buf_init(&frame, WEB_RESPONSE_BYTES);
	while (web_client_next(c, &frame))
		vd_buf_clear(&frame);
	vd_buf_fini(&frame);
	web_client_close(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const methods[8] = {"GET",  "POST", "PATCH", "DELETE",
					       "HEAD", "POST", "GET",   "POST"};
	static int n;
	struct web_request q;
	if (!rt)
		build();
	if (size < 2 || size > 20000)
		return 0;
	if (n++ % 2000 == 0) { /* sessions end, attempts are slowed down, alarms get closed */
		vd_runtime_sim_advance(rt, 20 * 60000);
		sign_in();
		raise_alarm();
	} else if (!web_session_of(&web, cookie)) {
		vd_runtime_sim_advance(rt, 20 * 60000);
		sign_in();
	}
	struct vd_span all = vd_span((const char *)data + 1, size - 1), line, path;
	(void)vd_span_next(&all, '\n', &line);
	struct vd_span body = all.p ? all : vd_span("", 0);
	if (data[0] & 0x80) {
		live(body);
		vd_runtime_sim_settle(rt);
		return 0;
	}
	(void)vd_span_next(&line, '?', &path);
	struct vd_span query = line.p ? line : vd_span("", 0);
	char text[1024];
	if (vd_span_is(path, "COMMAND")) { /* to the device that is there, within its rate */
		vd_runtime_sim_advance(rt, 11000);
		path = VD_SPAN_LIT("/api/v1/devices/1/commands");
	}
	if (vd_span_is(path, "STEP")) { /* of the alarm that stands */
		snprintf(text, sizeof(text), "/api/v1/alarms/%s/steps", alarm_id);
		path = vd_span_cstr(text);
	}
	request(&q, methods[data[0] & 7], path, query, body);
	if (data[0] & 8)
		snprintf(q.cookie, sizeof(q.cookie), "%s", cookie);
	if (data[0] & 16)
		snprintf(q.csrf, sizeof(q.csrf), "%s", csrf);
	if (data[0] & 32)
		snprintf(q.authorization, sizeof(q.authorization), "Bearer base:secret");
	if (data[0] & 64) /* the line's query as every header a peer writes */
		for (int i = 0; i < 3; i++)
			vd_span_copy(i == 0   ? q.cookie
				     : i == 1 ? q.authorization
					      : q.origin,
				     i == 0   ? sizeof(q.cookie)
				     : i == 1 ? sizeof(q.authorization)
					      : sizeof(q.origin),
				     query);
	ask(&q);
	vd_buf_fini(&q.out);
	return 0;
}

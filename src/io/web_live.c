/* SPDX-License-Identifier: EUPL-1.2 */
/* Consoles: what changes in the hub goes to everyone who may see it, in order. A client that reads
 * too slowly is told so and dropped; it comes back and takes a snapshot. What waits for one client
 * is merged into one frame. */
#include "io/web_int.h"
#include "base/mem.h"
#include <stdio.h>

#define MERGE_BYTES 65536 /* a frame of merged messages: a console draws it in one go */

/* -- the queue ------------------------------------------------------------------------------ */

static void queue(struct web_client *c, char kind, struct vd_span text)
{
	if (c->bye)
		return;
	struct out_message *m =
		c->queued_bytes + text.n > VD_MAX_WS_QUEUE ? NULL : vd_malloc(sizeof(*m) + text.n);
	if (!m) {
		web_client_bye(c, "slow");
		return;
	}
	m->next = NULL;
	m->kind = kind;
	m->n = text.n;
	memcpy(m->text, text.p, text.n);
	*c->last = m;
	c->last = &m->next;
	c->queued_bytes += text.n;
	web_client_wants(c);
}

static void clear(struct web_client *c)
{
	while (c->first) {
		struct out_message *m = c->first;
		c->first = m->next;
		vd_free(m);
	}
	c->last = &c->first;
	c->queued_bytes = 0;
}

void web_client_bye(struct web_client *c, const char *reason)
{
	char text[64];
	if (c->bye)
		return;
	clear(c);
	int n = snprintf(text, sizeof(text), "{\"type\":\"bye\",\"reason\":\"%s\"}", reason);
	queue(c, 'x', vd_span(text, (size_t)n));
	c->bye = true;
	web_client_wants(c);
}

static struct out_message *pop(struct web_client *c)
{
	struct out_message *m = c->first;
	if (!m)
		return NULL;
	c->first = m->next;
	if (!c->first)
		c->last = &c->first;
	c->queued_bytes -= m->n;
	return m;
}

bool web_client_next(struct web_client *c, struct vd_buf *frame)
{
	struct out_message *m = pop(c);
	if (!m)
		return false;
	bool merge = m->kind != 'x' && c->first && c->first->kind == m->kind;
	if (merge)
		vd_buf_printf(frame, "{\"type\":\"%s\",\"list\":[",
			      m->kind == 'c' ? "changes" : "events");
	for (;;) {
		char kind = m->kind;
		vd_buf_add(frame, m->text, m->n);
		vd_free(m);
		if (!merge || !c->first || c->first->kind != kind || frame->n > MERGE_BYTES)
			break;
		m = pop(c);
		vd_buf_add_char(frame, ',');
	}
	if (merge)
		vd_buf_add_cstr(frame, "]}");
	return !frame->err;
}

/* -- messages ------------------------------------------------------------------------------- */

static struct web_session *session_of(struct web_client *c)
{
	return web_session_by_key(c->web, c->session_key);
}

static void head(struct web_client *c, struct vd_jw *j, const char *type, int64_t seq)
{
	vd_jw_obj(j);
	vd_jw_kv_str(j, "type", type);
	vd_jw_kv_int(j, "seq", seq);
	vd_jw_kv_time(j, "now", c->web->rt->wall_ms(c->web->rt));
}

static bool sees(struct web_client *c, int muni)
{
	struct vd_scope s = web_scope(c->web, c->staff);
	return vd_scope_sees(&s, muni);
}

static void looked(struct web_client *c, const struct vd_alarm *a)
{
	struct web_session *s = session_of(c);
	if (s)
		web_alarm_looked(c->web, s, a, "alarm.live");
}

static void send_change(struct web_client *c, const struct vd_change *x)
{
	struct vd_buf b;
	struct vd_jw j;
	if (!sees(c, x->alarm.muni))
		return;
	vd_buf_init(&b, WEB_MESSAGE_BYTES);
	vd_jw_init(&j, &b);
	head(c, &j, "change", x->seq);
	vd_jw_key(&j, "alarm");
	web_alarm_write(c->web, &j, &x->alarm, c->staff);
	vd_jw_key(&j, "step");
	vd_jw_obj(&j);
	vd_jw_kv_str(&j, "step", vd_step_name(x->step.step));
	vd_jw_kv_time(&j, "at", x->step.at_ms);
	web_person(c->web, &j, "staff", x->step.staff);
	vd_jw_end_obj(&j);
	vd_jw_end_obj(&j);
	if (!b.err)
		queue(c, 'c', vd_buf_span(&b));
	vd_buf_fini(&b);
	looked(c, &x->alarm);
}

static void on_change(struct vd_watcher *watcher, const struct vd_change *x)
{
	struct vd_web *w = VD_CONTAINER(watcher, struct vd_web, watcher);
	VD_LIST_EACH(it, &w->clients)
	{
		struct web_client *c = VD_CONTAINER(it, struct web_client, link);
		if (c->hello)
			send_change(c, x);
	}
}

static void on_event(struct vd_watcher *watcher, const struct vd_event *e)
{
	struct vd_web *w = VD_CONTAINER(watcher, struct vd_web, watcher);
	struct vd_buf b = {0};
	VD_LIST_EACH(it, &w->clients)
	{
		struct web_client *c = VD_CONTAINER(it, struct web_client, link);
		if (!c->events || !sees(c, e->muni))
			continue;
		if (!b.max) { /* the same text for everybody */
			struct vd_jw j;
			vd_buf_init(&b, 8192);
			vd_jw_init(&j, &b);
			head(c, &j, "event", vd_hub_seq(w->hub));
			vd_jw_key(&j, "event");
			j.comma = false;
			(void)vd_event_json(e, &b);
			vd_buf_add_char(&b, '}');
		}
		if (!b.err)
			queue(c, 'e', vd_buf_span(&b));
	}
	vd_buf_fini(&b);
}

/* How a command goes, to every page that may be showing its home. Never why it was asked. */
static void on_command(struct vd_watcher *watcher, const struct vd_command *x)
{
	struct vd_web *w = VD_CONTAINER(watcher, struct vd_web, watcher);
	VD_LIST_EACH(it, &w->clients)
	{
		struct web_client *c = VD_CONTAINER(it, struct web_client, link);
		struct vd_buf b;
		struct vd_jw j;
		if (!c->hello || !sees(c, x->muni))
			continue;
		vd_buf_init(&b, 8192);
		vd_jw_init(&j, &b);
		head(c, &j, "command", vd_hub_seq(w->hub));
		vd_jw_key(&j, "command");
		web_command_write(w, &j, x, NULL);
		vd_jw_end_obj(&j);
		if (!b.err)
			queue(c, 'x', vd_buf_span(&b));
		vd_buf_fini(&b);
	}
}

struct snapshot {
	struct web_client *c;
	struct vd_jw j;
};

static bool snapshot_alarm(const struct vd_alarm *a, void *arg)
{
	struct snapshot *s = arg;
	web_alarm_write(s->c->web, &s->j, a, s->c->staff);
	looked(s->c, a);
	return !s->j.b->err;
}

static void send_snapshot(struct web_client *c)
{
	struct vd_web *w = c->web;
	struct vd_scope scope = web_scope(w, c->staff);
	struct snapshot s = {.c = c};
	struct vd_buf b;
	vd_buf_init(&b, VD_MAX_WS_QUEUE);
	vd_jw_init(&s.j, &b);
	head(c, &s.j, "snapshot", vd_hub_seq(w->hub));
	vd_jw_kv_str(&s.j, "epoch", vd_hub_epoch(w->hub));
	vd_jw_key(&s.j, "alarms");
	vd_jw_arr(&s.j);
	vd_hub_alarms(w->hub, &scope, snapshot_alarm, &s);
	vd_jw_end_arr(&s.j);
	vd_jw_key(&s.j, "status");
	web_status_write(w, &s.j, c->staff);
	vd_jw_end_obj(&s.j);
	if (b.err)
		web_client_bye(c,
			       "slow"); /* hundreds of open alarms: the list itself is the news */
	else
		queue(c, 'x', vd_buf_span(&b));
	vd_buf_fini(&b);
}

static void send_beat(struct web_client *c)
{
	struct web_session *s = session_of(c);
	struct vd_buf b;
	struct vd_jw j;
	vd_buf_init(&b, WEB_MESSAGE_BYTES);
	vd_jw_init(&j, &b);
	head(c, &j, "beat", vd_hub_seq(c->web->hub));
	vd_jw_key(&j, "status");
	web_status_write(c->web, &j, c->staff);
	vd_jw_kv_bool(&j, "locked", !s || web_session_idle(c->web, s));
	vd_jw_end_obj(&j);
	if (!b.err)
		queue(c, 'x', vd_buf_span(&b));
	vd_buf_fini(&b);
}

static void catch_up(const struct vd_change *x, void *arg)
{
	send_change(arg, x);
}

/* -- what a client says --------------------------------------------------------------------- */

static void on_hello(struct web_client *c, json_t *m)
{
	const char *epoch = json_string_value(json_object_get(m, "epoch"));
	int64_t seq = json_integer_value(json_object_get(m, "seq"));
	struct vd_hub *h = c->web->hub;
	c->hello = true;
	bool same = epoch && strcmp(epoch, vd_hub_epoch(h)) == 0;
	if (!same || vd_hub_catch_up(h, seq, catch_up, c))
		send_snapshot(c);
	send_beat(c);
}

static void count(struct web_client *c, bool here)
{
	if (c->counted == here)
		return;
	c->counted = here;
	vd_hub_console(c->web->hub, c->staff, here ? 1 : -1);
}

static bool technical(struct web_client *c)
{
	const struct vd_staff *p = vd_dir_staff(vd_hub_directory(c->web->hub), c->staff);
	return p && (p->roles & (VD_ROLE_TECHNICIAN | VD_ROLE_ADMIN));
}

void web_client_message(struct web_client *c, struct vd_span text)
{
	json_t *m = json_loadb(text.p ? text.p : "", text.n, 0, NULL);
	const char *type = json_string_value(json_object_get(m, "type"));
	if (type && strcmp(type, "hello") == 0 && !c->hello) {
		on_hello(c, m);
	} else if (type && strcmp(type, "here") == 0) {
		c->here_mono = c->web->rt->mono_ms(c->web->rt);
		count(c, true);
	} else if (type && strcmp(type, "events") == 0) {
		c->events = technical(c) && json_is_true(json_object_get(m, "on"));
	}
	json_decref(m); /* anything else is from a newer page: passed over */
}

/* -- coming and going ----------------------------------------------------------------------- */

void web_client_open(struct web_client *c)
{
	struct web_session *s = session_of(c);
	c->here_mono = c->web->rt->mono_ms(c->web->rt);
	vd_list_init(&c->link);
	vd_list_push_back(&c->web->clients, &c->link);
	c->web->n_clients++;
	if (s)
		s->clients++;
}

void web_client_close(struct web_client *c)
{
	struct web_session *s = session_of(c);
	if (s)
		s->clients--;
	count(c, false);
	clear(c);
	vd_list_remove(&c->link);
	c->web->n_clients--;
	vd_free(c);
}

static void on_beat(void *arg)
{
	struct vd_web *w = arg;
	int64_t now = w->rt->mono_ms(w->rt);
	web_sessions_sweep(w);
	web_looks_retry(w);
	VD_LIST_EACH(it, &w->clients)
	{
		struct web_client *c = VD_CONTAINER(it, struct web_client, link);
		if (!session_of(c))
			web_client_bye(c, "signed_out");
		else if (c->hello && !c->bye)
			send_beat(c);
		if (now - c->here_mono > WEB_HERE_MS)
			count(c, false);
		if (now - c->here_mono > WEB_GONE_MS)
			web_client_bye(c, "slow");
	}
	w->rt->timer_start(w->beat, WEB_BEAT_MS);
}

int web_live_open(struct vd_web *w)
{
	w->beat = w->rt->timer_open(w->rt, on_beat, w);
	if (!w->beat)
		return VD_ENOMEM;
	w->rt->timer_start(w->beat, WEB_BEAT_MS);
	w->watcher = (struct vd_watcher){
		.on_change = on_change, .on_event = on_event, .on_command = on_command};
	vd_list_init(&w->watcher.link);
	vd_hub_watch(w->hub, &w->watcher);
	return 0;
}

void web_live_close(struct vd_web *w)
{
	if (!w->beat)
		return;
	w->rt->timer_close(w->beat);
	w->beat = NULL;
	vd_hub_unwatch(w->hub, &w->watcher);
}

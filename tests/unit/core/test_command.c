/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands on a simulated clock: nothing is sent before it is on the disk, an unlock goes out once
 * whatever happens, who may not is told so and written down, and every end is the truth. */
#include "vdtest.h"
#include "../../harness/world.h"
#include "base/mem.h"
#include "core/hub.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>

#define NOW 1772500000000ll

static const char config[] = "{\"commands\":{\"*\":[\"ring\",\"locate\",\"cancel\",\"interval\"],"
			     "\"dor\":[\"unlock\",\"lock\"],\"dor2\":[\"unlock\"]}}";

struct box {
	struct world w;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_hub *hub;
	struct vd_gateway *gateway;
	struct vd_staff *anne, *leif, *tor, *vera, *berit;
	struct vd_device *knapp, *dor, *dor2;
	struct vd_exchange x;
	int answer, told, n_told, n_sent, send_err, n_fed;
	const char *send_why;
	int64_t left_ms;
	struct vd_command last; /* as told to who asked */
	enum vd_command_state fed;
	char sent_id[VD_ID_LEN + 1], topic[VD_MAX_TOPIC_BYTES + 1], body[512];
};

/* The row is there before anything leaves: the promise all else leans on. */
static int on_send(void *arg, const struct vd_binding *row, const struct vd_downlink *d,
		   const char *id, int64_t left_ms, const char **ret_why)
{
	struct box *b = arg;
	assert_string_equal(row->family, "varde");
	assert_non_null(vd_store_memory_command(b->store, id));
	b->n_sent++;
	b->left_ms = left_ms;
	snprintf(b->sent_id, sizeof(b->sent_id), "%s", id);
	snprintf(b->topic, sizeof(b->topic), "%s", d->topic);
	snprintf(b->body, sizeof(b->body), "%.*s", (int)d->body.n, d->body.p);
	if (b->send_err == VD_EINVAL)
		*ret_why = b->send_why;
	return b->send_err;
}

static void on_fed(struct vd_watcher *w, const struct vd_command *c);

static struct vd_watcher watcher = {.on_command = on_fed};
static struct box *fed_box;

static void on_fed(struct vd_watcher *w, const struct vd_command *c)
{
	(void)w;
	fed_box->n_fed++;
	fed_box->fed = c->state;
}

static void boot(struct box *b)
{
	struct vd_boot boot = {0};
	struct vd_errtext e = {0};
	struct vd_hub_config cfg = {.runtime = b->rt, .store = b->store, .origin = "test"};
	const struct vd_sender s = {.arg = b, .send = on_send};
	vd_store_memory_set_directory(b->store, world_directory(&b->w));
	assert_int_equal(b->store->boot(b->store, &boot, &e), 0);
	assert_int_equal(vd_hub_new(&cfg, &boot, &b->hub), 0);
	vd_hub_sender(b->hub, &s);
	vd_list_init(&watcher.link);
	vd_hub_watch(b->hub, &watcher);
	vd_runtime_sim_settle(b->rt);
}

static int begin(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	const int64_t end = NOW + 100 * VD_MAX_SHELVE_MS;
	fed_box = b;
	world_init(&b->w);
	world_muni(&b->w, 3434, "Lom");
	world_muni(&b->w, 3432, "Lesja");
	b->gateway = world_gateway(&b->w, 3434, "app", "varde", "varde");
	b->w.bindings[0].config = config;
	b->anne = world_staff(&b->w, 3434, "anne", VD_ROLE_CARE);
	b->leif = world_staff(&b->w, 3434, "leif", VD_ROLE_CARE | VD_ROLE_LEADER);
	b->tor = world_staff(&b->w, 3434, "tor", VD_ROLE_TECHNICIAN);
	b->vera = world_staff(&b->w, 3434, "vera", VD_ROLE_CARE | VD_ROLE_LEADER);
	b->berit = world_staff(&b->w, 3432, "berit", VD_ROLE_CARE | VD_ROLE_LEADER);
	world_shift(&b->w, b->anne, 3434, 1, NOW - VD_MAX_SHELVE_MS, end);
	world_shift(&b->w, b->leif, 3434, 2, NOW - VD_MAX_SHELVE_MS, end);
	world_shift(&b->w, b->berit, 3432, 1, NOW - VD_MAX_SHELVE_MS, end);
	struct vd_recipient *kari = world_recipient(&b->w, 3434, "kari");
	b->knapp = world_device(&b->w, b->gateway, "varde", "knapp", kari, "stue");
	b->dor = world_device(&b->w, b->gateway, "varde", "dor", kari, "gang");
	b->dor2 = world_device(&b->w, b->gateway, "varde", "dor2",
			       world_recipient(&b->w, 3434, "ola"), "gang");
	b->rt = vd_runtime_sim_new(NOW, 1);
	assert_int_equal(vd_store_memory_open(b->rt, &b->store), 0);
	boot(b);
	*state = b;
	return 0;
}

static void on_flag(void *arg)
{
	*(bool *)arg = true;
}

static int end(void **state)
{
	struct box *b = *state;
	bool drained = false, closed = false;
	vd_hub_stop(b->hub, on_flag, &drained);
	vd_runtime_sim_advance(b->rt, 1000);
	assert_true(drained);
	b->store->close(b->store, on_flag, &closed);
	vd_runtime_sim_advance(b->rt, 1000);
	assert_true(closed);
	vd_hub_free(b->hub);
	b->store->free(b->store);
	assert_int_equal(vd_runtime_sim_open_timers(b->rt), 0);
	vd_runtime_sim_free(b->rt);
	world_fini(&b->w);
	free(b);
	return 0;
}

static void crash(struct box *b)
{
	vd_store_memory_crash(b->store);
	vd_hub_free(b->hub);
	boot(b);
}

static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	(void)why;
	VD_CONTAINER(x, struct box, x)->answer = (int)o;
}

static void says(struct box *b, const char *body)
{
	b->x = (struct vd_exchange){.on_outcome = on_outcome};
	struct vd_frame f = {.carrier = VD_CARRIER_MQTT,
			     .topic = VD_SPAN_LIT("varde/events"),
			     .body = vd_span_cstr(body),
			     .received_at_ms = b->rt->wall_ms(b->rt)};
	vd_hub_receive(b->hub, b->gateway->id, NULL, &f, &b->x);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->answer, VD_STORED);
}

static void on_told(int err, const struct vd_command *c, void *arg)
{
	struct box *b = arg;
	b->told = err;
	b->n_told++;
	if (!err)
		b->last = *c;
}

static int ask(struct box *b, struct vd_wish w)
{
	const struct vd_staff *s = &b->w.staff[w.staff - 1];
	struct vd_scope scope = {.munis = {s->muni}, .staff = s->id};
	if (w.verb == VD_CMD_UNLOCK && !w.reason)
		w.reason = "Svarer ikke, ligger trolig på golvet";
	b->told = 99;
	int err = vd_hub_command(b->hub, &scope, &w, on_told, b);
	vd_runtime_sim_settle(b->rt);
	return err ? err : b->told;
}

#define ASK(box, dev, who, what, ...)                                                              \
	ask(box, (struct vd_wish){.device = (box)->dev->id,                                        \
				  .staff = (box)->who->id,                                         \
				  .verb = VD_CMD_##what,                                           \
				  ##__VA_ARGS__})

static bool first_sos(const struct vd_alarm *a, void *arg)
{
	if (a->kind == VD_KIND_SOS)
		memcpy(arg, a->id, VD_ID_LEN + 1);
	return true;
}

static char *sos(struct box *b)
{
	static char id[VD_ID_LEN + 1];
	struct vd_scope all = {.all = true};
	vd_hub_alarms(b->hub, &all, first_sos, id);
	return id;
}

static void on_acted(int err, const struct vd_alarm *now, void *arg)
{
	(void)now;
	*(int *)arg = err;
}

/* Kari presses, Anne takes it. */
static const char *anne_has_it(struct box *b)
{
	struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
	int err = 99;
	says(b, "{\"device\":\"knapp\",\"kind\":\"sos\",\"state\":\"on\"}");
	struct vd_action a = {.step = VD_STEP_ACKNOWLEDGED, .staff = b->anne->id, .version = -1};
	memcpy(a.alarm, sos(b), sizeof(a.alarm));
	assert_int_equal(vd_hub_act(b->hub, &scope, &a, on_acted, &err), 0);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(err, 0);
	return sos(b);
}

static void sent(struct box *b, enum vd_sent how)
{
	vd_hub_sent(b->hub, vd_span_cstr(b->sent_id), how,
		    how == VD_SENT_REFUSED ? "http_404" : "");
	vd_runtime_sim_settle(b->rt);
}

static const struct vd_command *row(struct box *b)
{
	return vd_store_memory_command(b->store, b->last.id);
}

static void expect(struct box *b, enum vd_command_state s, const char *result)
{
	assert_non_null(row(b));
	assert_string_equal(vd_command_state_name(row(b)->state), vd_command_state_name(s));
	assert_string_equal(row(b)->result, result);
	assert_true(row(b)->ended_ms > 0);
}

static size_t journaled(struct box *b, const char *state)
{
	size_t n = 0;
	for (size_t i = 0; i < vd_store_memory_events(b->store); i++) {
		const struct vd_event *e = vd_store_memory_event(b->store, i);
		n += e->kind == VD_KIND_DEVICE_COMMAND && strcmp(e->state, state) == 0;
	}
	return n;
}

static size_t looked(struct box *b, const char *what)
{
	const struct vd_op_access *first;
	size_t n = 0, all = vd_store_memory_looks(b->store, &first);
	for (size_t i = 0; i < all; i++)
		n += strcmp(first[i].what, what) == 0;
	return n;
}

/* -- the way out ---------------------------------------------------------------------------- */

static void accepted_when_the_gateway_has_it(void **state)
{
	struct box *b = *state;
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	assert_int_equal(b->n_sent, 1);
	assert_string_equal(b->topic, "varde/command/app");
	assert_non_null(strstr(b->body, "\"device\":\"knapp\",\"command\":\"ring\""));
	assert_null(strstr(b->body, "staff"));
	assert_int_equal(row(b)->state, VD_CS_SENT);
	sent(b, VD_SENT_ACCEPTED);
	expect(b, VD_CS_ACCEPTED, "");
	assert_int_equal(b->fed, VD_CS_ACCEPTED);
	assert_int_equal(journaled(b, "asked"), 1);
	assert_int_equal(journaled(b, "accepted"), 1);
	assert_int_equal(looked(b, "command.ring"), 1);
	sent(b, VD_SENT_REFUSED); /* a late word changes nothing */
	expect(b, VD_CS_ACCEPTED, "");
}

static void a_disk_that_refuses_sends_nothing(void **state)
{
	struct box *b = *state;
	vd_store_memory_faults(b->store)->full = true;
	assert_int_equal(ASK(b, knapp, anne, RING), VD_EBUSY);
	vd_store_memory_faults(b->store)->full = false;
	vd_runtime_sim_advance(b->rt, 300000);
	assert_int_equal(b->n_sent, 0);
	assert_int_equal(journaled(b, "asked"), 0);
}

static void a_disk_that_refuses_later_is_caught_up_with(void **state)
{
	struct box *b = *state;
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	vd_store_memory_faults(b->store)->full = true;
	sent(b, VD_SENT_ACCEPTED);
	vd_runtime_sim_advance(b->rt, 5000);
	assert_int_equal(row(b)->state, VD_CS_SENT);
	vd_store_memory_faults(b->store)->full = false;
	vd_runtime_sim_advance(b->rt, 5000);
	expect(b, VD_CS_ACCEPTED, "");
	assert_int_equal(journaled(b, "accepted"), 1);
}

static void harmless_ones_are_tried_until_their_time_is_over(void **state)
{
	struct box *b = *state;
	b->send_err = VD_ENOTFOUND;
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	vd_runtime_sim_advance(b->rt, 60000);
	assert_in_range(b->n_sent, 4, 8);
	b->send_err = 0;
	vd_runtime_sim_advance(b->rt, 31000);
	assert_int_equal(row(b)->state, VD_CS_SENT);
	b->n_sent = 0;
	vd_runtime_sim_advance(b->rt, 16000); /* no answer: once more */
	assert_true(b->n_sent == 1 || row(b)->state == VD_CS_QUEUED);
	vd_runtime_sim_advance(b->rt, 60000);
	expect(b, VD_CS_EXPIRED, "unconfirmed");
	b->send_err = VD_ENOTFOUND;
	assert_int_equal(ASK(b, knapp, anne, LOCATE), 0);
	vd_runtime_sim_advance(b->rt, 130000);
	expect(b, VD_CS_EXPIRED, "unreachable");
	assert_int_equal(journaled(b, "expired"), 2);
}

static void what_can_never_be_sent_says_why(void **state)
{
	struct box *b = *state;
	b->send_err = VD_EINVAL;
	b->send_why = "address";
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	expect(b, VD_CS_FAILED, "address");
	b->send_err = 0;
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	sent(b, VD_SENT_REFUSED);
	expect(b, VD_CS_FAILED, "http_404");
}

static void blind_is_not_called_accepted(void **state)
{
	struct box *b = *state;
	b->send_err = 1;
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	expect(b, VD_CS_SENT, "unconfirmed");
	anne_has_it(b); /* but a lock can still tell */
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	vd_runtime_sim_advance(b->rt, 40000);
	says(b, "{\"device\":\"dor\",\"kind\":\"lock\",\"state\":\"unlocked\"}");
	expect(b, VD_CS_DONE, "");
	assert_int_equal(b->n_sent, 2);
}

/* -- doors ---------------------------------------------------------------------------------- */

static void an_unlock_is_done_when_the_lock_says_so(void **state)
{
	struct box *b = *state;
	says(b, "{\"device\":\"dor\",\"kind\":\"lock\",\"state\":\"locked\"}");
	const char *alarm = anne_has_it(b);
	const struct vd_alarm_step *first = NULL;
	assert_int_equal(ASK(b, dor, anne, UNLOCK, .alarm = alarm), 0);
	assert_int_equal(b->left_ms, 60000);
	sent(b, VD_SENT_ACCEPTED);
	assert_int_equal(row(b)->state, VD_CS_ACCEPTED);
	assert_int_equal(row(b)->ended_ms, 0);
	says(b, "{\"device\":\"dor\",\"kind\":\"lock\",\"state\":\"unlocked\"}");
	expect(b, VD_CS_DONE, "");
	vd_runtime_sim_advance(b->rt, 2000);
	size_t n = vd_store_memory_steps(b->store, alarm, &first), asked = 0, ended = 0;
	for (size_t i = 0; i < n; i++) {
		asked += first[i].step == VD_STEP_COMMAND && first[i].staff == b->anne->id;
		ended += first[i].step == VD_STEP_COMMAND && !first[i].staff;
	}
	assert_int_equal(asked, 1);
	assert_int_equal(ended, 1);
	assert_int_equal(vd_store_memory_alarm(b->store, alarm)->handling, VD_H_ACKNOWLEDGED);
}

static void a_lock_that_jams_or_says_nothing_is_told_as_it_is(void **state)
{
	struct box *b = *state;
	anne_has_it(b);
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	says(b, "{\"device\":\"dor\",\"kind\":\"lock\",\"state\":\"jammed\"}");
	expect(b, VD_CS_FAILED, "jammed");
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	sent(b, VD_SENT_ACCEPTED);
	vd_runtime_sim_advance(b->rt, 61000);
	expect(b, VD_CS_ACCEPTED, "unconfirmed");
	assert_int_equal(b->n_sent, 2);
}

static void an_unlock_is_never_sent_twice(void **state)
{
	struct box *b = *state;
	anne_has_it(b);
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	sent(b, VD_SENT_UNSURE);
	vd_runtime_sim_advance(b->rt, 120000);
	assert_int_equal(b->n_sent, 1);
	expect(b, VD_CS_FAILED, "unsure");
	/* no word at all is the same */
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	vd_runtime_sim_advance(b->rt, 120000);
	assert_int_equal(b->n_sent, 2);
	expect(b, VD_CS_FAILED, "unsure");
}

static void an_unlock_that_certainly_did_not_go_may_be_tried(void **state)
{
	struct box *b = *state;
	anne_has_it(b);
	b->send_err = VD_ENOTFOUND;
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	b->send_err = 0;
	vd_runtime_sim_advance(b->rt, 3000);
	assert_int_equal(b->n_sent, 2);
	assert_int_equal(row(b)->state, VD_CS_SENT);
	vd_runtime_sim_advance(b->rt, 60000);
	assert_int_equal(b->n_sent, 2);
	b->send_err = VD_ENOTFOUND;
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	vd_runtime_sim_advance(b->rt, 60000);
	b->send_err = 0; /* its gateway is back after its minute: nobody stands there any more */
	b->n_sent = 0;
	vd_runtime_sim_advance(b->rt, 600000);
	assert_int_equal(b->n_sent, 0);
	expect(b, VD_CS_EXPIRED, "unreachable");
}

/* While it waits for the gateway, what gave the right to it may end. */
static void an_unlock_that_waits_is_judged_again(void **state)
{
	struct box *b = *state;
	struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
	struct vd_action a = {.step = VD_STEP_CLOSED,
			      .staff = b->anne->id,
			      .outcome = VD_OUT_HELPED,
			      .note = "Hun kom til døra selv",
			      .version = -1};
	int err = 99;
	memcpy(a.alarm, anne_has_it(b), sizeof(a.alarm));
	b->send_err = VD_ENOTFOUND;
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	assert_int_equal(vd_hub_act(b->hub, &scope, &a, on_acted, &err), 0);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(err, 0);
	b->send_err = b->n_sent = 0;
	vd_runtime_sim_advance(b->rt, 30000);
	assert_int_equal(b->n_sent, 0);
	expect(b, VD_CS_FAILED, "denied");
	assert_int_equal(journaled(b, "failed"), 1);
}

/* Nor does anything reach the home it was moved to. */
static void what_waits_does_not_follow_a_device_to_another_home(void **state)
{
	struct box *b = *state;
	b->send_err = VD_ENOTFOUND;
	assert_int_equal(ASK(b, knapp, anne, LOCATE), 0);
	b->knapp->placement = b->dor2->placement;
	vd_store_memory_set_directory(b->store, world_directory(&b->w));
	vd_hub_directory_poll(b->hub);
	b->send_err = b->n_sent = 0;
	vd_runtime_sim_advance(b->rt, 30000);
	assert_int_equal(b->n_sent, 0);
	expect(b, VD_CS_FAILED, "denied");
}

static void somebody_elses_key_is_not_our_success(void **state)
{
	struct box *b = *state;
	anne_has_it(b);
	b->send_err = VD_ENOTFOUND;
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	says(b, "{\"device\":\"dor\",\"kind\":\"lock\",\"state\":\"unlocked\"}");
	assert_int_equal(row(b)->ended_ms, 0);
}

/* -- restart -------------------------------------------------------------------------------- */

static void after_a_crash_an_unlock_is_not_repeated_and_not_hidden(void **state)
{
	struct box *b = *state;
	anne_has_it(b);
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0); /* on the disk as queued, and sent */
	vd_runtime_sim_advance(b->rt, 2000);
	assert_int_equal(b->n_sent, 1);
	crash(b);
	vd_runtime_sim_advance(b->rt, 120000);
	assert_int_equal(b->n_sent, 1);
	expect(b, VD_CS_FAILED, "restart");
	assert_int_equal(journaled(b, "failed"), 1);
}

static void killed_between_commit_and_send_an_unlock_stays_unsent(void **state)
{
	struct box *b = *state;
	struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
	anne_has_it(b);
	struct vd_wish w = {.device = b->dor->id,
			    .staff = b->anne->id,
			    .verb = VD_CMD_UNLOCK,
			    .reason = "Ingen svarer"};
	b->send_err = VD_ENOTFOUND; /* durable, not gone out: the same on the disk as gone out */
	assert_int_equal(vd_hub_command(b->hub, &scope, &w, on_told, b), 0);
	vd_runtime_sim_settle(b->rt);
	crash(b);
	b->send_err = 0;
	b->n_sent = 0;
	vd_runtime_sim_advance(b->rt, 120000);
	assert_int_equal(b->n_sent, 0);
	expect(b, VD_CS_FAILED, "restart");
}

static void after_a_crash_the_harmless_go_on_while_they_may(void **state)
{
	struct box *b = *state;
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	vd_runtime_sim_advance(b->rt, 1000);
	crash(b);
	vd_runtime_sim_advance(b->rt, 3000);
	assert_int_equal(b->n_sent, 2);
	sent(b, VD_SENT_ACCEPTED);
	expect(b, VD_CS_ACCEPTED, "");
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	vd_runtime_sim_step_wall(b->rt, 600000); /* ten minutes in the dark */
	crash(b);
	vd_runtime_sim_advance(b->rt, 120000);
	assert_int_equal(b->n_sent, 3);
	expect(b, VD_CS_EXPIRED, "restart");
}

/* -- who may -------------------------------------------------------------------------------- */

static void roles(void **state)
{
	struct box *b = *state;
	assert_int_equal(ASK(b, knapp, tor, RING), VD_EDENIED);
	assert_int_equal(ASK(b, knapp, anne, INTERVAL, .minutes = 30), VD_EDENIED);
	assert_int_equal(ASK(b, knapp, tor, INTERVAL, .minutes = 30), 0);
	assert_non_null(strstr(b->body, "\"minutes\":30"));
	assert_int_equal(ASK(b, knapp, tor, LOCATE), 0);
	assert_int_equal(ASK(b, knapp, berit, RING), VD_ENOTFOUND); /* another municipality */
	assert_int_equal(looked(b, "command.ring.refused"), 2);
	assert_int_equal(looked(b, "command.interval.refused"), 1);
	assert_int_equal(vd_hub_verbs(b->hub, b->knapp->id, b->berit->id), 0);
	assert_int_equal(vd_hub_verbs(b->hub, b->knapp->id, b->tor->id),
			 VD_CMD_BIT(VD_CMD_LOCATE) | VD_CMD_BIT(VD_CMD_INTERVAL));
	assert_true(vd_hub_verbs(b->hub, b->dor->id, b->anne->id) & VD_CMD_BIT(VD_CMD_UNLOCK));
	assert_false(vd_hub_verbs(b->hub, b->dor->id, b->vera->id) & VD_CMD_BIT(VD_CMD_UNLOCK));
}

static void a_door_opens_for_who_has_the_alarm_or_leads_and_is_on_duty(void **state)
{
	struct box *b = *state;
	assert_int_equal(ASK(b, dor, anne, UNLOCK), VD_EDENIED); /* no alarm */
	assert_int_equal(ASK(b, dor, leif, UNLOCK), 0);          /* leads, on duty */
	assert_int_equal(ASK(b, dor, vera, UNLOCK), VD_EDENIED); /* leads, at home */
	anne_has_it(b);
	assert_int_equal(ASK(b, dor, anne, UNLOCK), 0);
	assert_int_equal(ASK(b, dor2, anne, UNLOCK), VD_EDENIED); /* another home */
	assert_int_equal(ASK(b, dor2, anne, UNLOCK, .alarm = sos(b)), VD_EDENIED);
	assert_int_equal(ASK(b, dor, tor, UNLOCK), VD_EDENIED);
	assert_int_equal(looked(b, "command.unlock"), 2);
	assert_int_equal(looked(b, "command.unlock.refused"), 5);
}

/* A couple has one lock: it opens for whoever of them called. */
static void the_lock_of_a_home_of_two_opens_for_both(void **state)
{
	struct box *b = *state;
	struct vd_placement *lock = world_placement(&b->w, b->dor2); /* Ola's */
	anne_has_it(b); /* Kari called, with what is hers alone */
	assert_int_equal(ASK(b, dor2, anne, UNLOCK), VD_EDENIED);
	lock->also[0] = world_placement(&b->w, b->knapp)->recipient;
	vd_store_memory_set_directory(b->store, world_directory(&b->w));
	vd_hub_directory_poll(b->hub);
	vd_runtime_sim_advance(b->rt, 2000);
	assert_int_equal(ASK(b, dor2, anne, UNLOCK, .alarm = sos(b)), 0);
	assert_string_equal(b->last.alarm, sos(b));
	assert_int_equal(looked(b, "command.unlock"), 1);
}

static bool any_alarm(const struct vd_alarm *a, void *arg)
{
	memcpy(arg, a->id, VD_ID_LEN + 1);
	return true;
}

static void a_technical_alarm_opens_no_door(void **state)
{
	struct box *b = *state;
	struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
	int err = 99;
	says(b, "{\"device\":\"knapp\",\"kind\":\"device.battery_low\",\"state\":\"on\"}");
	struct vd_scope all = {.all = true};
	struct vd_action a = {.step = VD_STEP_ACKNOWLEDGED, .staff = b->anne->id, .version = -1};
	vd_hub_alarms(b->hub, &all, any_alarm, a.alarm);
	assert_int_equal(vd_hub_act(b->hub, &scope, &a, on_acted, &err), 0);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(err, 0);
	assert_int_equal(ASK(b, dor, anne, UNLOCK), VD_EDENIED);
}

static void words_and_limits(void **state)
{
	struct box *b = *state;
	char longer[VD_MAX_NOTE_BYTES + 2];
	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(ASK(b, dor, leif, UNLOCK, .reason = ""), VD_EINVAL);
	assert_int_equal(ASK(b, dor, leif, UNLOCK, .reason = longer), VD_ELIMIT);
	assert_int_equal(ASK(b, dor, leif, UNLOCK, .reason = "\xff"), VD_EINVAL);
	assert_int_equal(ASK(b, knapp, tor, INTERVAL, .minutes = 0), VD_EINVAL);
	assert_int_equal(ASK(b, knapp, tor, INTERVAL, .minutes = 1441), VD_EINVAL);
	assert_int_equal(ASK(b, knapp, anne, CONFIRM), VD_EINVAL); /* it does not take that */
	assert_int_equal(ASK(b, dor2, leif, LOCK), VD_EINVAL);
	assert_int_equal(ASK(b, knapp, anne, RING, .alarm = "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
			 VD_EINVAL);
	struct vd_wish nowhere = {.device = 4711, .staff = b->anne->id, .verb = VD_CMD_RING};
	assert_int_equal(ask(b, nowhere), VD_ENOTFOUND);
	assert_int_equal(b->n_sent, 0);
}

static void a_double_click_is_one_unlock_also_across_a_crash(void **state)
{
	struct box *b = *state;
	struct vd_scope scope = {.munis = {3434}, .staff = b->leif->id};
	struct vd_wish w = {.device = b->dor->id,
			    .staff = b->leif->id,
			    .verb = VD_CMD_UNLOCK,
			    .reason = "Svarer ikke",
			    .key = "klikk-1"};
	assert_int_equal(vd_hub_command(b->hub, &scope, &w, on_told, b), 0);
	assert_int_equal(vd_hub_command(b->hub, &scope, &w, on_told, b), 0);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->n_told, 2);
	assert_int_equal(b->n_sent, 1);
	char id[VD_ID_LEN + 1];
	memcpy(id, b->last.id, sizeof(id));
	assert_int_equal(ask(b, w), 0); /* and after it has been sent */
	assert_string_equal(b->last.id, id);
	crash(b);
	assert_int_equal(ask(b, w), 0);
	assert_string_equal(b->last.id, id);
	assert_int_equal(b->n_sent, 1);
	w.verb = VD_CMD_LOCK;
	assert_int_equal(ask(b, w), VD_ECONFLICT);
	w.key = "klikk-2";
	assert_int_equal(ask(b, w), 0);
	assert_int_equal(b->n_sent, 2);
}

static void hands_that_press_without_end_are_told_to_wait(void **state)
{
	struct box *b = *state;
	int ok = 0;
	for (int i = 0; i < 12; i++)
		ok += ASK(b, knapp, anne, RING) == 0;
	assert_int_equal(ok, VD_MAX_COMMANDS_DEVICE);
	vd_runtime_sim_advance(b->rt, 61000);
	assert_int_equal(ASK(b, knapp, anne, RING), 0);
	/* and who tries doors leaves twenty traces a minute, no more */
	size_t before = looked(b, "command.unlock.refused");
	for (int i = 0; i < 100; i++)
		assert_true(ASK(b, dor, vera, UNLOCK) < 0);
	assert_int_equal(looked(b, "command.unlock.refused") - before, VD_MAX_COMMANDS_STAFF);
}

/* -- the command line ----------------------------------------------------------------------- */

static struct vd_order orders[3];

static void give_orders(struct box *b, size_t n)
{
	struct vd_directory *d = world_directory(&b->w);
	d->orders = vd_malloc(sizeof(orders));
	memcpy(d->orders, orders, sizeof(orders));
	d->n_orders = n;
	vd_store_memory_set_directory(b->store, d);
	vd_runtime_sim_advance(b->rt, 3000);
}

static void orders_are_taken_once_and_open_no_door(void **state)
{
	struct box *b = *state;
	const int64_t now = b->rt->wall_ms(b->rt);
	orders[0] =
		(struct vd_order){"01ARZ3NDEKTSV4RRFFQ69G5FAA", b->knapp->id, 0, now, "ring", 0};
	orders[1] =
		(struct vd_order){"01ARZ3NDEKTSV4RRFFQ69G5FAB", b->dor->id, 0, now, "unlock", 0};
	orders[2] = (struct vd_order){
		"01ARZ3NDEKTSV4RRFFQ69G5FAC", b->knapp->id, 0, now - 3600000, "ring", 0};
	give_orders(b, 3);
	assert_int_equal(b->n_sent, 1);
	sent(b, VD_SENT_ACCEPTED);
	give_orders(b, 3);
	assert_int_equal(b->n_sent, 1);
	static const struct {
		const char *id, *state, *result;
	} want[] = {{"01ARZ3NDEKTSV4RRFFQ69G5FAA", "accepted", ""},
		    {"01ARZ3NDEKTSV4RRFFQ69G5FAB", "failed", "denied"},
		    {"01ARZ3NDEKTSV4RRFFQ69G5FAC", "failed", "late"}};
	for (size_t i = 0; i < 3; i++) {
		const struct vd_command *c = vd_store_memory_command(b->store, want[i].id);
		assert_non_null(c);
		assert_string_equal(vd_command_state_name(c->state), want[i].state);
		assert_string_equal(c->result, want[i].result);
	}
}

/* -- configuration -------------------------------------------------------------------------- */

static void a_changed_configuration_counts_at_once(void **state)
{
	struct box *b = *state;
	assert_int_equal(ASK(b, dor2, leif, LOCK), VD_EINVAL);
	b->w.bindings[0].config = "{\"commands\":{\"dor2\":[\"lock\"]}}";
	vd_store_memory_set_directory(b->store, world_directory(&b->w));
	vd_runtime_sim_advance(b->rt, 3000);
	assert_int_equal(ASK(b, dor2, leif, LOCK), 0);
	assert_int_equal(ASK(b, knapp, anne, RING), VD_EINVAL);
	b->w.bindings[0].config = config;
}

/* -- memory --------------------------------------------------------------------------------- */

static void whatever_allocation_fails_told_means_stored(void **state)
{
	struct box *b = *state;
	int taken = 0;
	for (long k = 0; k < 40; k++) {
		vd_runtime_sim_advance(b->rt, 61000);
		struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
		struct vd_wish w = {
			.device = b->knapp->id, .staff = b->anne->id, .verb = VD_CMD_RING};
		b->told = 99;
		vd_mem_fault(k, 1);
		int err = vd_hub_command(b->hub, &scope, &w, on_told, b);
		vd_runtime_sim_settle(b->rt);
		vd_mem_fault(-1, 0);
		if (err || b->told)
			continue;
		taken++;
		vd_runtime_sim_advance(b->rt, 200000);
		assert_true(row(b)->ended_ms > 0);
	}
	assert_true(taken > 10);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(accepted_when_the_gateway_has_it),
		T(a_disk_that_refuses_sends_nothing),
		T(a_disk_that_refuses_later_is_caught_up_with),
		T(harmless_ones_are_tried_until_their_time_is_over),
		T(what_can_never_be_sent_says_why),
		T(blind_is_not_called_accepted),
		T(an_unlock_is_done_when_the_lock_says_so),
		T(a_lock_that_jams_or_says_nothing_is_told_as_it_is),
		T(an_unlock_is_never_sent_twice),
		T(an_unlock_that_certainly_did_not_go_may_be_tried),
		T(an_unlock_that_waits_is_judged_again),
		T(what_waits_does_not_follow_a_device_to_another_home),
		T(somebody_elses_key_is_not_our_success),
		T(after_a_crash_an_unlock_is_not_repeated_and_not_hidden),
		T(killed_between_commit_and_send_an_unlock_stays_unsent),
		T(after_a_crash_the_harmless_go_on_while_they_may),
		T(roles),
		T(a_door_opens_for_who_has_the_alarm_or_leads_and_is_on_duty),
		T(the_lock_of_a_home_of_two_opens_for_both),
		T(a_technical_alarm_opens_no_door),
		T(words_and_limits),
		T(a_double_click_is_one_unlock_also_across_a_crash),
		T(hands_that_press_without_end_are_told_to_wait),
		T(orders_are_taken_once_and_open_no_door),
		T(a_changed_configuration_counts_at_once),
		T(whatever_allocation_fails_told_means_stored),
	};
	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}

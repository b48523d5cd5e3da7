/* SPDX-License-Identifier: EUPL-1.2 */
/* A unit that is not answered sends the same again, and one that is asked to hold does so for half
 * an hour: one alarm, each time answered by what is known. The same words long after are a new
 * call, also past a restart. And what the unit wrote for a person reaches the alarm, and no event.
 */
#include "vdtest.h"
#include "../../harness/world.h"
#include "adapters/common/table.h"
#include "base/clock.h"
#include "core/hub.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NOW 1772500000000ll

struct box {
	struct world w;
	struct vd_tables *tables;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_hub *hub;
	struct vd_gateway *gateway;
	struct vd_staff *anne;
	int answer[8], n_answers;
	int acted;
};

struct asked {
	struct vd_exchange x;
	struct box *b;
};

static void boot(struct box *b)
{
	struct vd_boot boot = {0};
	struct vd_errtext e = {0};
	struct vd_hub_config cfg = {
		.runtime = b->rt, .store = b->store, .tables = b->tables, .origin = "test"};
	vd_store_memory_set_directory(b->store, world_directory(&b->w));
	assert_int_equal(b->store->boot(b->store, &boot, &e), 0);
	assert_int_equal(vd_hub_new(&cfg, &boot, &b->hub), 0);
	vd_runtime_sim_settle(b->rt);
}

static int begin(void **state)
{
	struct box *b = calloc(1, sizeof(*b));
	world_init(&b->w);
	world_muni(&b->w, 3434, "Lom");
	b->gateway = world_gateway(&b->w, 3434, "alarmer", "scaip", "");
	b->anne = world_staff(&b->w, 3434, "anne", VD_ROLE_CARE);
	world_shift(&b->w, b->anne, 3434, 1, NOW - VD_DAY_MS, NOW + 30 * VD_DAY_MS);
	world_device(&b->w, b->gateway, "scaip", "112233", world_recipient(&b->w, 3434, "kari"),
		     "stue");
	b->rt = vd_runtime_sim_new(NOW, 1);
	if (vd_tables_load(NULL, &b->tables, NULL) || vd_store_memory_open(b->rt, &b->store))
		return -1;
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
	vd_runtime_sim_free(b->rt);
	vd_tables_free(b->tables);
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
	struct asked *a = VD_CONTAINER(x, struct asked, x);
	(void)why;
	a->b->answer[a->b->n_answers++] = (int)o;
	free(a);
}

/* Sent, not yet worked off. */
static void sends(struct box *b, const char *xml)
{
	struct asked *a = calloc(1, sizeof(*a));
	a->b = b;
	a->x.on_outcome = on_outcome;
	struct vd_frame f = {.carrier = VD_CARRIER_SIP,
			     .topic = VD_SPAN_LIT("112233@alarm.example"),
			     .body = vd_span_cstr(xml),
			     .received_at_ms = b->rt->wall_ms(b->rt)};
	vd_hub_receive(b->hub, b->gateway->id, "scaip", &f, &a->x);
}

static int says(struct box *b, const char *xml)
{
	b->n_answers = 0;
	sends(b, xml);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->n_answers, 1);
	return b->answer[0];
}

struct open {
	int n;
	struct vd_alarm a;
};

static bool on_alarm(const struct vd_alarm *a, void *arg)
{
	struct open *o = arg;
	if (a->handling != VD_H_CLOSED && vd_kind_class(a->kind) == 'A' && !o->n++)
		o->a = *a;
	return true;
}

static bool on_new_alarm(const struct vd_alarm *a, void *arg)
{
	((struct open *)arg)->n += a->handling == VD_H_NEW && vd_kind_class(a->kind) == 'A';
	return true;
}

static struct open open_calls(struct box *b)
{
	struct vd_scope all = {.all = true};
	struct open o = {.n = 0};
	vd_hub_alarms(b->hub, &all, on_alarm, &o);
	return o;
}

static void on_acted(int err, const struct vd_alarm *now, void *arg)
{
	(void)now;
	((struct box *)arg)->acted = err;
}

static void acts(struct box *b, enum vd_step step)
{
	struct vd_action a = {.step = step,
			      .staff = b->anne->id,
			      .version = -1,
			      .outcome = step == VD_STEP_CLOSED ? VD_OUT_HELPED : VD_OUT_NONE,
			      .note = "Snakket med henne"};
	struct vd_scope scope = {.munis = {3434}, .staff = b->anne->id};
	memcpy(a.alarm, open_calls(b).a.id, sizeof(a.alarm));
	b->acted = 99;
	assert_int_equal(vd_hub_act(b->hub, &scope, &a, on_acted, b), 0);
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->acted, 0);
}

#define CALL(ref)                                                                                  \
	"<mrq><ref>" ref "</ref><mty>ME</mty><cid>112233</cid><dty>3</dty><stc>10</stc></mrq>"

static enum vd_stand stand(struct box *b)
{
	return vd_hub_stand(b->hub, b->gateway->id, "scaip", VD_SPAN_LIT("112233"));
}

static void a_hold_of_half_an_hour_is_one_alarm(void **state)
{
	struct box *b = *state;
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	for (int s = 10; s <= 30 * 60; s += 10) {
		vd_runtime_sim_advance(b->rt, 10000);
		if (s == 600)
			crash(b);
		assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
		assert_int_equal(stand(b), s <= 1200 ? VD_STAND_WAITS : VD_STAND_TAKEN);
		if (s % 300 == 0 && s >= 1200) /* somebody has it, and goes on having it */
			acts(b, s == 1200 ? VD_STEP_ACKNOWLEDGED : VD_STEP_NOTE);
	}
	struct open o = open_calls(b);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.a.count, 1);
}

/* "Known already" before it is on disk would be a promise nobody can keep. */
static void a_repeat_waits_for_the_first_copys_disk(void **state)
{
	struct box *b = *state;
	vd_store_memory_faults(b->store)->delay_ms = 500;
	b->n_answers = 0;
	sends(b, CALL("1"));
	sends(b, CALL("1"));
	vd_runtime_sim_settle(b->rt);
	assert_int_equal(b->n_answers, 0);
	vd_runtime_sim_advance(b->rt, 2000);
	assert_int_equal(b->n_answers, 2);
	assert_int_equal(b->answer[0], VD_STORED);
	assert_int_equal(b->answer[1], VD_DUPLICATE);
	assert_int_equal(open_calls(b).a.count, 1);
}

static void what_was_not_stored_is_new_when_it_comes_again(void **state)
{
	struct box *b = *state;
	vd_store_memory_faults(b->store)->full = true;
	assert_int_equal(says(b, CALL("1")), VD_BUSY);
	assert_int_equal(open_calls(b).n, 0);
	vd_store_memory_faults(b->store)->full = false;
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	assert_int_equal(open_calls(b).n, 1);
}

static void a_later_press_is_a_repeat_that_sounds_again(void **state)
{
	struct box *b = *state;
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	acts(b, VD_STEP_ACKNOWLEDGED);
	vd_runtime_sim_advance(b->rt, 20000);
	assert_int_equal(says(b, CALL("2")), VD_STORED);
	struct open o = open_calls(b);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.a.count, 2);
	assert_int_equal(o.a.realerts, 1);
}

/* A unit that counts from the start after a power cut says the same words about another happening.
 */
static void the_same_words_after_the_window_are_a_new_call(void **state)
{
	struct box *b = *state;
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	acts(b, VD_STEP_ACKNOWLEDGED);
	acts(b, VD_STEP_CLOSED);
	vd_runtime_sim_advance(b->rt, 34 * VD_MINUTE_MS);
	crash(b);
	assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
	assert_int_equal(open_calls(b).n, 0);
	vd_runtime_sim_advance(b->rt, 2 * VD_MINUTE_MS);
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	assert_int_equal(open_calls(b).n, 1);
	/* and from then on it is known again, also past a restart */
	assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
	crash(b);
	assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
	vd_runtime_sim_advance(b->rt, 36 * VD_MINUTE_MS);
	crash(b);
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	assert_int_equal(open_calls(b).a.count, 2);
}

/* Who waits for an answer sends again within seconds. A unit that was silent for minutes, when the
 * call it made is closed, has begun to count anew and calls again. */
static void after_a_quiet_while_a_closed_call_hides_no_new_one(void **state)
{
	struct box *b = *state;
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	acts(b, VD_STEP_ACKNOWLEDGED);
	vd_runtime_sim_advance(b->rt, 8 * VD_MINUTE_MS); /* cut off: the call still stands */
	assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
	assert_int_equal(open_calls(b).a.count, 1);
	acts(b, VD_STEP_CLOSED);
	vd_runtime_sim_advance(b->rt, VD_MINUTE_MS); /* a late copy on the road */
	assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
	assert_int_equal(open_calls(b).n, 0);
	vd_runtime_sim_advance(b->rt, 6 * VD_MINUTE_MS);
	vd_runtime_sim_step_wall(b->rt, -16 * VD_MINUTE_MS);
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	assert_int_equal(open_calls(b).n, 1);
	assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
	crash(b);
	assert_int_equal(says(b, CALL("1")), VD_DUPLICATE);
	assert_int_equal(open_calls(b).n, 1);
}

static void a_clock_put_back_hides_no_call(void **state)
{
	struct box *b = *state;
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	vd_runtime_sim_step_wall(b->rt, -9 * VD_HOUR_MS);
	vd_runtime_sim_advance(b->rt, 3 * VD_HOUR_MS);
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	assert_int_equal(open_calls(b).a.count, 2);
}

static int lines_of(struct box *b, enum vd_step step, const char **ret_note)
{
	const struct vd_alarm_step *s = NULL;
	vd_runtime_sim_settle(b->rt);
	size_t n = vd_store_memory_steps(b->store, open_calls(b).a.id, &s);
	int hits = 0;
	for (size_t i = 0; i < n; i++)
		if (s[i].step == step) {
			hits++;
			if (ret_note)
				*ret_note = s[i].note;
		}
	return hits;
}

#define INFO(text)                                                                                 \
	"<mrq><ref>1</ref><mty>IN</mty><cid>112233</cid><dty>3</dty><stc>10</stc><lte>" text       \
	"</lte></mrq>"

static void information_is_a_line_and_no_press(void **state)
{
	struct box *b = *state;
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	acts(b, VD_STEP_ACKNOWLEDGED);
	assert_int_equal(says(b, INFO("Bad")), VD_STORED);
	assert_int_equal(says(b, INFO("Bad")), VD_DUPLICATE);
	assert_int_equal(says(b, INFO("Kjeller")), VD_STORED);
	struct open o = open_calls(b);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.a.count, 1);
	assert_int_equal(o.a.realerts, 0);
	assert_int_equal(o.a.repeat_24h, 1);
	const char *note = "";
	assert_int_equal(lines_of(b, VD_STEP_UPDATED, NULL), 2);
	assert_int_equal(lines_of(b, VD_STEP_NOTE, &note), 2);
	assert_string_equal(note, "Kjeller");
}

static void information_about_a_call_never_heard_raises(void **state)
{
	struct box *b = *state;
	assert_int_equal(says(b, INFO("Bad")), VD_STORED);
	assert_int_equal(open_calls(b).n, 1);
	/* and about one that was withdrawn: somebody is there again */
	(void)says(b, "<mrq><ref>1</ref><mty>RE</mty><cid>112233</cid><dty>3</dty></mrq>");
	assert_int_equal(open_calls(b).a.condition, VD_COND_RETURNED);
	(void)says(b, INFO("Gang"));
	struct open o = open_calls(b);
	assert_int_equal(o.a.condition, VD_COND_ACTIVE);
	assert_int_equal(o.a.count, 2);
}

static void reset_marks_the_alarm_and_leaves_it_open(void **state)
{
	struct box *b = *state;
	(void)says(b, CALL("1"));
	assert_int_equal(says(b, "<mrq><ref>1</ref><mty>RE</mty><cid>112233</cid><dty>3</dty>"
				 "<stc>10</stc></mrq>"),
			 VD_STORED);
	struct open o = open_calls(b);
	assert_int_equal(o.n, 1);
	assert_int_equal(o.a.condition, VD_COND_RETURNED);
	assert_int_equal(o.a.handling, VD_H_NEW);
	vd_runtime_sim_advance(b->rt, 61000); /* and goes on asking for somebody */
	assert_int_equal(open_calls(b).a.level, 2);
}

static void reset_of_a_fall_is_seen_on_it(void **state)
{
	struct box *b = *state;
	(void)says(b, "<mrq><ref>1</ref><cid>112233</cid><dty>5</dty><stc>9</stc></mrq>");
	(void)says(b,
		   "<mrq><ref>1</ref><mty>RE</mty><cid>112233</cid><dty>5</dty><stc>9</stc></mrq>");
	struct open o = open_calls(b);
	assert_int_equal(o.n, 1);
	assert_string_equal(o.a.state, "cancelled");
	assert_int_equal(lines_of(b, VD_STEP_UPDATED, NULL), 1);
}

static void a_taken_press_does_not_answer_for_a_fall_nobody_has(void **state)
{
	struct box *b = *state;
	(void)says(b, "<mrq><ref>1</ref><cid>112233</cid><dty>5</dty><stc>9</stc></mrq>");
	vd_runtime_sim_advance(b->rt, 1000);
	assert_int_equal(stand(b), VD_STAND_WAITS);
	(void)says(b, CALL("2"));
	/* the list is in order of gravity, then age: the fall is first */
	acts(b, VD_STEP_ACKNOWLEDGED);
	assert_int_equal(stand(b), VD_STAND_WAITS);
	struct vd_scope all = {.all = true};
	struct open o = {.n = 0};
	vd_hub_alarms(b->hub, &all, on_new_alarm, &o);
	assert_int_equal(o.n, 1);
}

static void somebody_who_left_is_held_as_a_call_is(void **state)
{
	struct box *b = *state;
	(void)says(b, "<mrq><ref>1</ref><cid>112233</cid><dty>15</dty><stc>9</stc></mrq>");
	assert_int_equal(stand(b), VD_STAND_WAITS);
	(void)says(b, "<mrq><ref>2</ref><cid>112233</cid><dty>3</dty><stc>16</stc></mrq>");
	assert_int_equal(stand(b), VD_STAND_WAITS);
}

static double asked_ms(struct box *b)
{
	clock_t from = clock();
	for (int i = 0; i < 20000; i++)
		assert_int_equal(stand(b), VD_STAND_WAITS);
	return (double)(clock() - from) * 1000 / CLOCKS_PER_SEC;
}

/* It is asked with every packet of every unit: others' alarms must not make it dearer. */
static void how_far_people_are_costs_the_same_on_a_busy_night(void **state)
{
	struct box *b = *state;
	char xml[160];
	assert_int_equal(says(b, CALL("1")), VD_STORED);
	double alone = asked_ms(b);
	for (int i = 0; i < 900; i++) {
		snprintf(xml, sizeof(xml),
			 "<mrq><ref>1</ref><mty>ME</mty><cid>%d</cid><dty>3</dty><stc>10</stc></"
			 "mrq>",
			 500000 + i);
		assert_int_equal(says(b, xml), VD_STORED);
	}
	assert_int_equal(open_calls(b).n, 901);
	assert_true(asked_ms(b) < 5 * alone + 50);
}

static void what_the_unit_wrote_is_a_note_and_in_no_event(void **state)
{
	struct box *b = *state;
	const char *note = "";
	assert_int_equal(says(b, "<mrq><ref>1</ref><cid>112233</cid><dty>3</dty>"
				 "<lte>Kari Lie, sov. 2</lte></mrq>"),
			 VD_STORED);
	assert_int_equal(lines_of(b, VD_STEP_NOTE, &note), 1);
	assert_string_equal(note, "Kari Lie, sov. 2");
	for (size_t i = 0; i < vd_store_memory_events(b->store); i++)
		assert_null(strstr(vd_store_memory_event(b->store, i)->attrs, "Kari"));
	/* also one nobody placed yet: who called is all there is to know */
	b->n_answers = 0;
	assert_int_equal(says(b, "<mrq><ref>1</ref><cid>445566</cid><dty>3</dty></mrq>"),
			 VD_STORED);
	assert_int_equal(open_calls(b).n, 2);
	assert_int_equal(vd_hub_stand(b->hub, b->gateway->id, "scaip", VD_SPAN_LIT("445566")),
			 VD_STAND_WAITS); /* so that it is held as any other */
	assert_int_equal(vd_hub_stand(b->hub, b->gateway->id, "scaip", VD_SPAN_LIT("778899")),
			 VD_STAND_NONE);
}

#define HUB_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		HUB_TEST(a_hold_of_half_an_hour_is_one_alarm),
		HUB_TEST(a_repeat_waits_for_the_first_copys_disk),
		HUB_TEST(what_was_not_stored_is_new_when_it_comes_again),
		HUB_TEST(a_later_press_is_a_repeat_that_sounds_again),
		HUB_TEST(the_same_words_after_the_window_are_a_new_call),
		HUB_TEST(after_a_quiet_while_a_closed_call_hides_no_new_one),
		HUB_TEST(a_clock_put_back_hides_no_call),
		HUB_TEST(information_is_a_line_and_no_press),
		HUB_TEST(information_about_a_call_never_heard_raises),
		HUB_TEST(reset_marks_the_alarm_and_leaves_it_open),
		HUB_TEST(reset_of_a_fall_is_seen_on_it),
		HUB_TEST(what_the_unit_wrote_is_a_note_and_in_no_event),
		HUB_TEST(a_taken_press_does_not_answer_for_a_fall_nobody_has),
		HUB_TEST(somebody_who_left_is_held_as_a_call_is),
		HUB_TEST(how_far_people_are_costs_the_same_on_a_busy_night)};
	return cmocka_run_group_tests_name("resent", tests, NULL, NULL);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* What a unit is told beside its carrier's own answer: how far people are, whom to call. */
#include "vdtest.h"
#include "../../harness/world.h"
#include "adapters/common/table.h"
#include "base/clock.h"
#include "core/hub.h"
#include "sim/runtime_sim.h"
#include "store/store.h"
#include <stdio.h>
#include <stdlib.h>

#define NOW 1772500000000ll

struct box {
	struct world w;
	struct vd_tables *tables;
	struct vd_runtime *rt;
	struct vd_store *store;
	struct vd_hub *hub;
	struct vd_gateway *units, *other;
	struct vd_staff *anne;
	struct vd_exchange x;
	int answer;
	char told[400];
};

static void boot(struct box *b, const char *config)
{
	struct vd_boot boot = {0};
	struct vd_errtext e = {0};
	struct vd_hub_config cfg = {
		.runtime = b->rt, .store = b->store, .tables = b->tables, .origin = "test"};
	b->w.bindings[0].config = config;
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
	b->units = world_gateway(&b->w, 3434, "alarmer", "scaip", "");
	b->other = world_gateway(&b->w, 3434, "app", "varde", "varde");
	b->anne = world_staff(&b->w, 3434, "anne", VD_ROLE_CARE);
	b->rt = vd_runtime_sim_new(NOW, 1);
	if (vd_tables_load(NULL, &b->tables, NULL) || vd_store_memory_open(b->rt, &b->store))
		return -1;
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
	b->store->close(b->store, on_flag, &closed);
	vd_runtime_sim_advance(b->rt, 1000);
	assert_true(drained && closed);
	vd_hub_free(b->hub);
	b->store->free(b->store);
	vd_runtime_sim_free(b->rt);
	vd_tables_free(b->tables);
	world_fini(&b->w);
	free(b);
	return 0;
}

static struct vd_frame frame(const struct box *b, const char *xml)
{
	return (struct vd_frame){.carrier = VD_CARRIER_SIP,
				 .topic = VD_SPAN_LIT("112233@alarm.example"),
				 .body = vd_span_cstr(xml),
				 .received_at_ms = b->rt->wall_ms(b->rt)};
}

/* As the door does: asked when the outcome is known, before the alarm has been raised. */
static void on_outcome(struct vd_exchange *x, enum vd_outcome_code o, const char *why)
{
	struct box *b = VD_CONTAINER(x, struct box, x);
	struct vd_frame f = frame(b, b->told);
	const char *type = NULL;
	struct vd_buf out;
	vd_buf_init(&out, 4096);
	b->answer = (int)o;
	assert_int_equal(vd_hub_reply(b->hub, b->units->id, "scaip", &f, o, why, &out, &type), 0);
	assert_string_equal(type, "application/scaip+xml");
	snprintf(b->told, sizeof(b->told), "%s", out.p);
	vd_buf_fini(&out);
}

static const char *says(struct box *b, const char *xml)
{
	struct vd_frame f = frame(b, xml);
	snprintf(b->told, sizeof(b->told), "%s", xml);
	b->x = (struct vd_exchange){.on_outcome = on_outcome};
	vd_hub_receive(b->hub, b->units->id, "scaip", &f, &b->x);
	vd_runtime_sim_settle(b->rt);
	return b->told;
}

static bool first_alarm(const struct vd_alarm *a, void *arg)
{
	*(struct vd_alarm *)arg = *a;
	return a->kind != VD_KIND_SOS;
}

static void ignore(int err, const struct vd_alarm *now, void *arg)
{
	(void)now;
	*(int *)arg = err;
}

#define CALL "<mrq><ref>1</ref><cid>112233</cid><dty>4</dty></mrq>"

/* Also for a unit that nobody has registered, in its first second. */
static void held_until_somebody_has_taken_it(void **state)
{
	struct box *b = *state;
	struct vd_scope all = {.all = true};
	struct vd_alarm a = {0};
	int err = -1;
	world_shift(&b->w, b->anne, 3434, 1, NOW - VD_DAY_MS, NOW + VD_DAY_MS);
	boot(b, "{\"hold\":true}");
	assert_non_null(strstr(says(b, CALL), "<snu>4</snu>"));
	assert_int_equal(b->answer, VD_STORED);
	assert_non_null(strstr(says(b, CALL), "<snu>4</snu>"));
	assert_int_equal(b->answer, VD_DUPLICATE);
	vd_hub_alarms(b->hub, &all, first_alarm, &a);
	assert_int_equal(a.kind, VD_KIND_SOS);
	struct vd_action act = {.step = VD_STEP_ACKNOWLEDGED, .staff = b->anne->id, .version = -1};
	snprintf(act.alarm, sizeof(act.alarm), "%s", a.id);
	assert_int_equal(vd_hub_act(b->hub, &all, &act, ignore, &err), 0);
	vd_runtime_sim_advance(b->rt, 100);
	assert_int_equal(err, 0);
	assert_non_null(strstr(says(b, CALL), "<snu>0</snu>"));
}

/* The answer is made before the fall has its alarm: what people have taken by then is the press. */
static void a_taken_press_does_not_answer_for_a_new_fall(void **state)
{
	struct box *b = *state;
	struct vd_scope all = {.all = true};
	struct vd_alarm a = {0};
	int err = -1;
	world_shift(&b->w, b->anne, 3434, 1, NOW - VD_DAY_MS, NOW + VD_DAY_MS);
	boot(b, "{\"hold\":true}");
	(void)says(b, CALL);
	vd_hub_alarms(b->hub, &all, first_alarm, &a);
	struct vd_action act = {.step = VD_STEP_ACKNOWLEDGED, .staff = b->anne->id, .version = -1};
	snprintf(act.alarm, sizeof(act.alarm), "%s", a.id);
	assert_int_equal(vd_hub_act(b->hub, &all, &act, ignore, &err), 0);
	vd_runtime_sim_advance(b->rt, 100);
	assert_int_equal(err, 0);
	const char *fall = "<mrq><ref>2</ref><cid>112233</cid><dty>5</dty><stc>9</stc></mrq>";
	assert_non_null(strstr(says(b, fall), "<snu>4</snu>"));
	assert_int_equal(b->answer, VD_STORED);
	assert_non_null(strstr(says(b, fall), "<snu>4</snu>"));
}

static void the_unit_calls_who_is_on_duty(void **state)
{
	struct box *b = *state;
	struct vd_staff *berit = world_staff(&b->w, 3434, "berit", VD_ROLE_CARE);
	b->anne->phone = ""; /* on duty first, but with no telephone */
	berit->phone = "+4790000001";
	world_shift(&b->w, b->anne, 3434, 1, NOW - VD_DAY_MS, NOW + VD_DAY_MS);
	world_shift(&b->w, berit, 3434, 1, NOW - VD_DAY_MS, NOW + VD_DAY_MS);
	boot(b, "{\"call\":\"duty\"}");
	assert_non_null(strstr(says(b, CALL), "<cre>62</cre>"));
	assert_non_null(strstr(b->told, "+4790000001"));
	vd_runtime_sim_advance(b->rt, 2 * VD_DAY_MS); /* nobody any more: its own receiver */
	assert_non_null(strstr(says(b, "<mrq><ref>2</ref><cid>112233</cid><dty>4</dty></mrq>"),
			       "<cre>61</cre>"));
}

static void families_without_a_word_of_their_own(void **state)
{
	struct box *b = *state;
	const char *type = NULL;
	struct vd_buf out;
	boot(b, "");
	vd_buf_init(&out, 4096);
	struct vd_frame f = frame(b, CALL);
	assert_int_equal(
		vd_hub_reply(b->hub, b->other->id, "varde", &f, VD_STORED, NULL, &out, &type),
		VD_ENOTFOUND);
	assert_int_equal(
		vd_hub_reply(b->hub, b->other->id, "scaip", &f, VD_STORED, NULL, &out, &type),
		VD_ENOTFOUND);
	assert_int_equal(vd_hub_reply(b->hub, 99, "scaip", &f, VD_STORED, NULL, &out, &type),
			 VD_ENOTFOUND);
	assert_int_equal(out.n, 0);
	vd_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(held_until_somebody_has_taken_it, begin, end),
		cmocka_unit_test_setup_teardown(a_taken_press_does_not_answer_for_a_new_fall, begin,
						end),
		cmocka_unit_test_setup_teardown(the_unit_calls_who_is_on_duty, begin, end),
		cmocka_unit_test_setup_teardown(families_without_a_word_of_their_own, begin, end),
	};
	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}

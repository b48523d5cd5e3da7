/* SPDX-License-Identifier: EUPL-1.2 */
/* A SCAIP receiver's cases, as far as the document decides them: what is made of a request, and
 * what its sender is told. Numbered as in adapters/scaip/README.md. */
#include "vdtest.h"
#include "adapters/common/table.h"
#include "base/mem.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#define FROM "112233@alarm.example"

static struct vd_tables *tables;
static const struct vd_adapter *scaip;
static struct vd_decoded *d;
static void *unit;
static struct vd_buf mrs;

static void open_with(const char *config)
{
	if (unit) {
		scaip->fini(unit);
		vd_free(unit);
	}
	unit = vd_calloc(1, scaip->state_size);
	assert_int_equal(scaip->init(unit, vd_span("", 0), vd_span_cstr(config), tables), 0);
}

static struct vd_frame frame_of(const char *xml)
{
	return (struct vd_frame){.carrier = VD_CARRIER_SIP,
				 .topic = VD_SPAN_LIT(FROM),
				 .body = vd_span_cstr(xml),
				 .content_type = VD_SPAN_LIT("application/scaip+xml"),
				 .received_at_ms = 1772500000000};
}

static int decode_frame(const struct vd_frame *f)
{
	d->n = d->n_heard = 0;
	d->dedup = 0;
	d->alive = d->dedup_device = vd_span("", 0);
	d->unknown_keys = 0;
	d->error[0] = d->unknown_key[0] = '\0';
	vd_buf_clear(&d->scratch);
	return scaip->decode(unit, f, d);
}

static int decode(const char *xml)
{
	struct vd_frame f = frame_of(xml);
	return decode_frame(&f);
}

static const char *answer(const char *xml, struct vd_answer a)
{
	struct vd_frame f = frame_of(xml);
	const char *type = NULL;
	vd_buf_clear(&mrs);
	assert_int_equal(scaip->reply(unit, &f, &a, &mrs, &type), 0);
	assert_string_equal(type, "application/scaip+xml");
	return mrs.p;
}

/* Stored, with nobody on it yet: the ordinary case. */
static const char *stored(const char *xml)
{
	return answer(xml, (struct vd_answer){.outcome = VD_STORED});
}

#define has(text, part)                                                                            \
	do {                                                                                       \
		if (!strstr(text, part))                                                           \
			fail_msg("%s is not in %s", part, text);                                   \
	} while (0)
#define lacks(text, part)                                                                          \
	do {                                                                                       \
		if (strstr(text, part))                                                            \
			fail_msg("%s is in %s", part, text);                                       \
	} while (0)

static bool tells(enum vd_kind kind, const char *state)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->readings[i].kind == kind && strcmp(d->readings[i].state, state) == 0)
			return true;
	return false;
}

static bool raises(void)
{
	for (size_t i = 0; i < d->n; i++)
		if (vd_kind_class(d->readings[i].kind) != 'T' &&
		    vd_state_active(d->readings[i].kind, d->readings[i].state))
			return true;
	return false;
}

#define MRQ(rest) "<mrq><ref>A1</ref><cid>112233</cid>" rest "</mrq>"
#define CALL      MRQ("<dty>3</dty>")

static void r1_minimal_request_is_a_call(void **state)
{
	(void)state;
	open_with("");
	assert_int_equal(decode(CALL), 0);
	assert_true(tells(VD_KIND_SOS, "on"));
	assert_true(vd_span_is(d->alive, "112233"));
	assert_null(strstr(d->readings[0].attrs, "priority"));
	const char *m = stored(CALL);
	has(m, "<mrs><ref>A1</ref><snu>0</snu>");
	has(m, "<mre>1</mre><cre>61</cre></mrs>");
	lacks(m, "<ste>");
}

static void r2_mandatory_tags_missing_or_empty(void **state)
{
	(void)state;
	open_with("");
	static const struct {
		const char *xml, *snu;
		bool shown;
	} cases[] = {
		{"<mrq><cid>112233</cid><dty>3</dty></mrq>", "<snu>10</snu>", true},
		{"<mrq><ref> </ref><cid>112233</cid><dty>3</dty></mrq>", "<snu>10</snu>", true},
		{"<mrq><ref>A1</ref><dty>3</dty></mrq>", "<ref>A1</ref><snu>7</snu>", true},
		{"<mrq><ref>A1</ref><cid/><dty>3</dty></mrq>", "<ref>A1</ref><snu>7</snu>", true},
		{"<mrq><ref>A1</ref><cid>112233</cid></mrq>", "<ref>A1</ref><snu>7</snu>", true},
		{"<mrq><ref>A1</ref><cid>112233</cid><dty></dty></mrq>", "<snu>7</snu>", true},
		{"<mrq><ref>A1</ref></mrq>", "<ref>A1</ref><snu>7</snu>", false},
		{"<mrq></mrq>", "<snu>10</snu>", false}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int err = decode(cases[i].xml);
		assert_int_equal(err == 0, cases[i].shown);
		assert_true(err || raises());
		assert_true(err || vd_span_is(d->alive, "112233"));
		const char *m = answer(cases[i].xml,
				       (struct vd_answer){.outcome = err ? VD_REFUSED : VD_STORED});
		has(m, cases[i].snu);
		has(m, "<ste>");
		lacks(m, "<mre>");
	}
}

static void r3_what_is_no_request(void **state)
{
	(void)state;
	open_with("");
	static const char *const bad[] = {"",
					  "hei",
					  "<mrq><ref>A1</ref><cid>112233</cid>",
					  "<mrs><ref>A1</ref><snu>0</snu></mrs>",
					  "<scaip><status>1</status></scaip>",
					  "<mrq><ref>A1</ref></mrq><mrq/>",
					  "<html><body/></html>",
					  "{\"ref\":\"A1\"}"};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(decode(bad[i]), VD_EPARSE);
		assert_true(d->error[0]);
		assert_int_equal(d->n, 0);
		has(answer(bad[i], (struct vd_answer){.outcome = VD_REFUSED, .why = d->error}),
		    "<snu>2</snu>");
	}
	/* the content type is the carrier's matter: the document decides */
	struct vd_frame f = frame_of(CALL);
	f.content_type = VD_SPAN_LIT("text/plain");
	assert_int_equal(decode_frame(&f), 0);
	assert_true(raises());
}

static void r3_a_call_told_whole_before_the_break_is_shown(void **state)
{
	(void)state;
	open_with("");
	const char *call = MRQ("<mty>ME</mty><dty>3</dty><stc>010</stc><lte>Bad & gang</lte>");
	assert_int_equal(decode(call), 0);
	assert_true(tells(VD_KIND_SOS, "on"));
	assert_true(d->readings[0].flags & VD_F_SUSPECT);
	has(stored(call), "<ref>A1</ref><snu>2</snu>");
	/* not when what is missing could make it something else */
	assert_int_equal(decode("<mrq><cid>112233</cid><dty>3</dty><stc>010</stc><"), VD_EPARSE);
	assert_int_equal(decode("<mrq><cid>112233</cid><dty>3</dty><mty>PI</mty><"), VD_EPARSE);
	assert_int_equal(decode("<mrq><cid>112233</cid><mty>ME</mty><dty>3</dty><stc>01"),
			 VD_EPARSE);
}

static const struct {
	const char *tag;
	unsigned max;
	char fill;
} lengths[] = {{"ref", 16, 'A'},  {"cid", 32, '1'}, {"dty", 4, '0'},  {"did", 16, '1'},
	       {"dco", 3, '0'},   {"dte", 32, 'x'}, {"stc", 4, '0'},  {"stt", 32, 'x'},
	       {"lco", 3, '0'},   {"lva", 2, '1'},  {"lte", 32, 'x'}, {"ico", 3, '0'},
	       {"ite", 128, 'x'}, {"ame", 4, '0'},  {"hbo", 3, '0'},  {"pri", 1, '1'},
	       {"sco", 1, '1'},   {"cha", 1, '0'},  {"crd", 256, 'x'}};

static const char *with_length(const char *tag, unsigned n, char fill)
{
	static char xml[1200];
	char value[400];
	memset(value, fill, n);
	value[n] = '\0';
	snprintf(xml, sizeof(xml), "<mrq>%s%s%s<%s>%s</%s></mrq>",
		 strcmp(tag, "ref") ? "<ref>A1</ref>" : "",
		 strcmp(tag, "cid") ? "<cid>112233</cid>" : "",
		 strcmp(tag, "dty") ? "<dty>3</dty>" : "", tag, value, tag);
	return xml;
}

static void r4_lengths_at_the_limit_and_over(void **state)
{
	(void)state;
	open_with("");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		const char *xml = with_length(lengths[i].tag, lengths[i].max, lengths[i].fill);
		assert_int_equal(decode(xml), 0);
		assert_true(raises());
		has(stored(xml), "<snu>0</snu>");
		xml = with_length(lengths[i].tag, lengths[i].max + 1, lengths[i].fill);
		assert_int_equal(decode(xml), 0);
		assert_true(raises()); /* too long is no reason to leave somebody lying */
		has(stored(xml), "<snu>1</snu>");
		has(mrs.p, lengths[i].tag);
	}
}

static void r4_wrong_data_and_codes_nobody_knows(void **state)
{
	(void)state;
	open_with("");
	static const struct {
		const char *xml, *snu;
	} cases[] = {{"<mrq><ref>A1</ref><cid>11A233</cid><dty>3</dty></mrq>", "<snu>3</snu>"},
		     {"<mrq><ref>A-1</ref><cid>112233</cid><dty>3</dty></mrq>", "<snu>3</snu>"},
		     {MRQ("<dty>x</dty>"), "<snu>3</snu>"},
		     {MRQ("<dty>3</dty><stc>x</stc>"), "<snu>3</snu>"},
		     {MRQ("<dty>3</dty><mty>XX</mty>"), "<snu>3</snu>"},
		     {MRQ("<dty>3</dty><dty>4</dty>"), "<snu>3</snu>"},
		     {MRQ("<dty>3</dty><sco>4</sco>"), "<snu>3</snu>"},
		     {MRQ("<dty>3</dty><cha>2</cha>"), "<snu>3</snu>"},
		     {MRQ("<dty>3</dty><ver>1.0</ver>"), "<snu>3</snu>"},
		     {MRQ("<dty>3</dty><stc>850</stc>"), "<snu>0</snu>"},
		     {MRQ("<dty>3</dty><stc>0950</stc>"), "<snu>0</snu>"},
		     {MRQ("<dty>950</dty>"), "<snu>0</snu>"},
		     {MRQ("<dty>1234</dty>"), "<snu>0</snu>"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(decode(cases[i].xml), 0);
		assert_true(raises());
		has(stored(cases[i].xml), cases[i].snu);
	}
	/* from what watches over nobody it is a fault, and counted for the installer */
	assert_int_equal(decode(MRQ("<dty>48</dty><stc>950</stc>")), 0);
	assert_true(tells(VD_KIND_DEVICE_FAULT, "on") && !raises());
	assert_int_equal(d->unknown_keys, 1);
	assert_string_equal(d->unknown_key, "stc 950 dty 48");
}

static void r4_private_codes_by_brand(void **state)
{
	(void)state;
	struct vd_tables *own = NULL;
	struct vd_errtext e = {0};
	assert_int_equal(
		vd_tables_add(&own,
			      VD_SPAN_LIT("platform,vendor,model,firmware,key,value,kind,state,"
					  "unit,scale,zone,flags\n"
					  "scaip,Nordlys,*,*,stc,950,stove,on,,,,\n"),
			      "own.csv", &e),
		0);
	struct vd_tables *built_in = tables;
	tables = own;
	open_with("{\"units\":{\"112233\":{\"brand\":\"nordlys\"}}}");
	assert_int_equal(decode(MRQ("<dty>48</dty><stc>0950</stc>")), 0);
	assert_true(tells(VD_KIND_STOVE, "on"));
	assert_int_equal(decode("<mrq><ref>A1</ref><cid>112234</cid><dty>48</dty><stc>0950</stc>"
				"</mrq>"),
			 0);
	assert_true(tells(VD_KIND_DEVICE_FAULT, "on"));
	tables = built_in;
	open_with("");
	vd_tables_free(own);
}

static uint64_t key_of(const char *xml)
{
	assert_int_equal(decode(xml), 0);
	return d->dedup;
}

static void r6_the_same_request_again_has_the_same_key(void **state)
{
	(void)state;
	open_with("");
	uint64_t key = key_of(MRQ("<dty>3</dty><mty>ME</mty><stc>10</stc>"));
	assert_true(key != 0);
	assert_true(d->dedup_ms >= 35 * 60000 && vd_span_is(d->dedup_device, "112233"));
	/* order, blanks and padding do not make another message of it */
	assert_true(key == key_of("<mrq><stc>0010</stc>\n<dty> 03 </dty><cid> 112233</cid>"
				  "<mty>ME</mty><ref>A1</ref></mrq>"));
	assert_true(key != key_of(MRQ("<dty>3</dty><mty>ME</mty><stc>9</stc>")));
	assert_true(key != key_of(MRQ("<dty>3</dty><mty>RE</mty><stc>10</stc>")));
	assert_true(key != key_of("<mrq><ref>A2</ref><cid>112233</cid><dty>3</dty><mty>ME</mty>"
				  "<stc>10</stc></mrq>"));
	/* without a ref the same words soon mean another press */
	(void)key_of("<mrq><cid>112233</cid><dty>3</dty></mrq>");
	assert_true(d->dedup_ms > 20000 && d->dedup_ms <= 60000);
}

static void r7_held_until_somebody_has_it(void **state)
{
	(void)state;
	static const struct {
		enum vd_outcome_code o;
		enum vd_stand s;
		const char *snu;
	} cases[] = {{VD_STORED, VD_STAND_NONE, "<snu>4</snu>"},
		     {VD_STORED, VD_STAND_WAITS, "<snu>4</snu>"},
		     {VD_STORED, VD_STAND_TAKEN, "<snu>4</snu>"},  /* likewise */
		     {VD_STORED, VD_STAND_CLOSED, "<snu>4</snu>"}, /* an earlier alarm's */
		     {VD_DUPLICATE, VD_STAND_WAITS, "<snu>4</snu>"},
		     {VD_DUPLICATE, VD_STAND_TAKEN, "<snu>0</snu>"},
		     {VD_DUPLICATE, VD_STAND_CLOSED, "<snu>0</snu>"},
		     {VD_DUPLICATE, VD_STAND_NONE, "<snu>0</snu>"}};
	open_with("{\"hold\":true}");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *m = answer(
			CALL, (struct vd_answer){.outcome = cases[i].o, .stand = cases[i].s});
		has(m, cases[i].snu);
		assert_int_equal(strstr(m, "<mre>") != NULL, strstr(m, "<snu>0") != NULL);
	}
	/* what calls for nobody is never held */
	has(stored(MRQ("<dty>3</dty><stc>16</stc>")), "<snu>0</snu>");
	has(stored(MRQ("<mty>PI</mty><dty>2</dty>")), "<snu>0</snu>");
	has(stored(MRQ("<mty>RE</mty><dty>3</dty>")), "<snu>0</snu>");
	/* one unit of a gateway may be held and the others not */
	open_with("{\"units\":{\"112233\":{\"hold\":true}}}");
	has(stored(CALL), "<snu>4</snu>");
	has(stored("<mrq><ref>A1</ref><cid>112234</cid><dty>3</dty></mrq>"), "<snu>0</snu>");
}

static void r8_reset_withdraws_and_closes_nothing(void **state)
{
	(void)state;
	open_with("");
	const char *re = MRQ("<mty>RE</mty><dty>3</dty><stc>10</stc>");
	assert_int_equal(decode(re), 0);
	assert_int_equal(d->n, 1);
	assert_true(tells(VD_KIND_SOS, "off"));
	assert_true(strstr(d->readings[0].attrs, "\"by\":\"reset\""));
	assert_int_equal(decode(MRQ("<dty>3</dty>")), 0);
	int64_t call = d->readings[0].episode;
	assert_int_equal(decode(re), 0);
	assert_true(call && call == d->readings[0].episode); /* the same happening */
	has(stored(re), "<snu>0</snu>");
	lacks(mrs.p, "<mre>");
	assert_int_equal(decode(MRQ("<mty>RE</mty><dty>5</dty><stc>9</stc>")), 0);
	assert_true(tells(VD_KIND_FALL, "cancelled"));
	assert_int_equal(decode(MRQ("<mty>RE</mty><dty>12</dty><stc>69</stc>")), 0);
	assert_int_equal(d->n, 0); /* nobody is back in bed because a unit was reset */
}

static void r9_information_joins_its_alarm(void **state)
{
	(void)state;
	open_with("");
	const char *one = MRQ("<mty>IN</mty><dty>3</dty><stc>9</stc><lte>Stove</lte>");
	const char *two = MRQ("<mty>IN</mty><dty>3</dty><stc>9</stc><lte>Bad</lte>");
	uint64_t a = key_of(one);
	assert_true(tells(VD_KIND_SOS, "on") && (d->readings[0].flags & VD_F_UPDATE));
	assert_string_equal(d->said, "Stove");
	assert_true(a != key_of(two));
	assert_int_equal(decode(CALL), 0);
	assert_false(d->readings[0].flags & VD_F_UPDATE);
}

static void r10_heartbeats_are_no_alarm(void **state)
{
	(void)state;
	open_with("{\"hold\":true,\"heartbeat_min\":1440}");
	static const char *const beats[] = {MRQ("<mty>PI</mty><dty>2</dty>"),
					    MRQ("<mty>PI</mty><dty>2</dty><stc>010</stc>"),
					    MRQ("<mty>PI</mty><dty>3</dty><stc>9</stc>"),
					    MRQ("<mty>PI</mty><dty>23</dty><stc>11</stc>"),
					    MRQ("<mty>PI</mty><dty>5</dty><stc>7</stc>"),
					    MRQ("<mty>PI</mty><dty>3</dty><stc>950</stc>"),
					    MRQ("<mty>PI</mty><dty>3</dty><stc>x</stc>")};
	for (size_t i = 0; i < sizeof(beats) / sizeof(beats[0]); i++) {
		assert_int_equal(decode(beats[i]), 0);
		assert_int_equal(d->n, 1);
		assert_true(tells(VD_KIND_DEVICE_HEARTBEAT, ""));
		assert_true(vd_span_is(d->alive, "112233") && !d->dedup);
		lacks(answer(beats[i],
			     (struct vd_answer){.outcome = VD_STORED, .stand = VD_STAND_WAITS}),
		      "<snu>4</snu>");
		lacks(mrs.p, "<mre>"); /* during a call it must not ask for a second one */
	}
	assert_int_equal(decode(MRQ("<mty>PI</mty><dty>2</dty><stc>16</stc>")), 0);
	assert_true(tells(VD_KIND_DEVICE_BATTERY_LOW, "on") && !raises());
}

static void r11_the_interval_is_told_to_those_who_can_set_it(void **state)
{
	(void)state;
	const char *can = MRQ("<mty>PI</mty><hbo>001</hbo><dty>2</dty>");
	const char *cannot = MRQ("<mty>PI</mty><hbo>0</hbo><dty>2</dty>");
	static const int minutes[] = {1, 60, 1440};
	for (size_t i = 0; i < 3; i++) {
		char config[64], hbi[32];
		snprintf(config, sizeof(config), "{\"heartbeat_min\":%d}", minutes[i]);
		snprintf(hbi, sizeof(hbi), "<hbi>%d</hbi>", minutes[i]);
		open_with(config);
		has(stored(can), hbi);
		lacks(stored(cannot), "<hbi>");
		lacks(stored(CALL), "<hbi>");
	}
	open_with("{\"heartbeat_min\":0}");
	lacks(stored(can), "<hbi>");
	lacks(answer(can, (struct vd_answer){.outcome = VD_BUSY, .why = "full"}), "<hbi>");
}

static void r12_whom_to_call(void **state)
{
	(void)state;
	static const struct {
		const char *config, *crd, *duty, *want;
	} cases[] = {
		{"{}", "", NULL, "<mre>1</mre><cre>61</cre></mrs>"},
		{"{\"media\":0}", "", NULL, "<snu>0</snu></mrs>"},
		{"{\"media\":2}", "", NULL, "<mre>2</mre><cre>61</cre>"},
		{"{\"call\":\"sip:vakt@lom.example\"}", "", NULL,
		 "<mre>1</mre><cre>62</cre><tnu>sip:vakt@lom.example</tnu></mrs>"},
		{"{\"call\":\"tel:+4700000061\"}", "<crd>gsm:</crd>", NULL,
		 "<cre>62</cre><tnu>gsm:+4700000061</tnu></mrs>"},
		{"{\"call\":\"duty\"}", "<crd>gsm:+4700000000</crd>", "+47 000 00 001",
		 "<cre>62</cre><tnu>gsm:+4700000001</tnu></mrs>"},
		{"{\"call\":\"duty\"}", "<crd>tel:+4700000000</crd>", NULL, "<cre>61</cre></mrs>"},
		{"{\"call\":\"duty\"}", "<crd>gsm:</crd><crd>sip:a@b</crd><crd>no-voice:</crd>",
		 "00000061", "<cre>62</cre><tnu>gsm:00000061</tnu></mrs>"},
		{"{\"call\":\"tel:+4700000061\"}", "<crd>no-voice:</crd>", NULL,
		 "<snu>0</snu></mrs>"},
		{"{\"call\":\"tel:+4700000061\"}", "<crd>sip:112233@a</crd>", NULL,
		 "<cre>61</cre></mrs>"},
		{"{\"call\":\"sip:vakt@lom.example\"}", "<crd>sip-pp:112233@a</crd>", NULL,
		 "<tnu>sip:vakt@lom.example</tnu></mrs>"},
		{"{\"call\":\"sip:vakt@lom.example\"}", "<crd>gsm:</crd>", NULL,
		 "<cre>61</cre></mrs>"}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char xml[300];
		open_with(cases[i].config);
		snprintf(xml, sizeof(xml), MRQ("<dty>3</dty>%s"), cases[i].crd);
		has(answer(xml, (struct vd_answer){.outcome = VD_STORED, .call = cases[i].duty}),
		    cases[i].want);
	}
	/* no alarm, no call */
	lacks(stored(MRQ("<dty>3</dty><stc>16</stc>")), "<mre>");
}

static void r13_a_call_back_is_never_promised(void **state)
{
	(void)state;
	const char *asks = MRQ("<cha>1</cha><dty>3</dty><crd>gsm:+4700000000</crd>");
	open_with("{}");
	assert_int_equal(decode(asks), 0);
	assert_true(strstr(d->readings[0].attrs, "\"asks\":\"callback\""));
	has(stored(asks), "<cre>61</cre>");
	open_with("{\"call\":\"tel:+4700000061\"}");
	has(stored(asks), "<cre>62</cre>");
}

static void r18_parts_are_each_kept_whole(void **state)
{
	(void)state;
	open_with("");
	uint64_t first = key_of(MRQ("<dty>3</dty><ame>1</ame><ite>del en</ite>"));
	assert_true(raises() && strstr(d->readings[0].attrs, "\"parts_to_come\":1"));
	assert_string_equal(d->said, "del en");
	assert_true(first != key_of(MRQ("<dty>3</dty><ame>0</ame><ite>del to</ite>")));
	assert_string_equal(d->said, "del to");
}

static void r20_positions(void **state)
{
	(void)state;
	open_with("");
	assert_int_equal(decode(MRQ("<dty>51</dty><lco>34</lco><lge><geo>-33.918861,-18.4233</geo>"
				    "<tim>2026-03-03T02:04:05+01</tim></lge>")),
			 0);
	assert_int_equal(d->n, 2);
	assert_string_equal(d->readings[1].attrs, "\"lat\":-33.918861,\"lon\":-18.423300");
	assert_true(d->readings[1].t_ms == 1772499845000 && d->readings[1].t_src == VD_T_DEVICE);
	assert_string_equal(d->said, "-33.91886, -18.42330");
	static const char *const none[] = {
		"<geo>0.0,0.0</geo>",
		"<geo>91,5</geo>",
		"<geo>61.7</geo>",
		"<geo>nan,inf</geo>",
		"<geo>0x3d,9</geo>",
		"<geo>61.7;9.5</geo>",
		"<geo>61.7,-180.5</geo>",
		"<gga>$GPGGA,041502.00,6146.36,N,00932.33,E,1,08,0.9,545.4,M,46.9,M,,*00</gga>",
		"<gga>$GPGGA,041502.00,,,,,0,00,,,M,,M,,*5E</gga>",
		"<gga>$GP</gga>"};
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		char xml[300];
		snprintf(xml, sizeof(xml), MRQ("<dty>51</dty><lge>%s</lge>"), none[i]);
		assert_int_equal(decode(xml), 0);
		assert_int_equal(d->n, 1);
		assert_true(raises() && d->said[0]); /* as it came, for a person's eyes */
	}
}

static void r21_texts_in_characters(void **state)
{
	(void)state;
	open_with("");
	const char *letters = "æøåæøåæøåæøåæøåæøåæøåæøåæøåæøåæø"; /* 32 characters, 64 bytes */
	char xml[400];
	snprintf(xml, sizeof(xml), MRQ("<dty>3</dty><lte>%s</lte>"), letters);
	assert_int_equal(decode(xml), 0);
	assert_string_equal(d->said, letters);
	has(stored(xml), "<snu>0</snu>");
	snprintf(xml, sizeof(xml), MRQ("<dty>3</dty><lte>%sø</lte>"), letters);
	has(stored(xml), "<snu>1</snu>");
	assert_int_equal(
		decode(MRQ("<dty>3</dty><!-- <lte>nei</lte> --><lte><![CDATA[Bad & <gang>]]>"
			   "</lte><dte>&#230;&amp;&lt;</dte>")),
		0);
	assert_string_equal(d->said, "æ&< · Bad & <gang>");
	/* Latin-1, told and not told */
	assert_int_equal(decode("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" MRQ(
				 "<dty>3</dty><lte>st\xf8l</lte>")),
			 0);
	assert_string_equal(d->said, "støl");
	assert_int_equal(decode(MRQ("<dty>3</dty><lte>st\xf8l</lte>")), 0);
	assert_string_equal(d->said, "støl");
	assert_int_equal(decode("<?xml version=\"1.0\" encoding=\"windows-1252\"?>" MRQ(
				 "<dty>3</dty><lte>st\xf8l</lte>")),
			 0);
	assert_string_equal(d->said, "støl");
	/* nothing that names a person is in an event */
	assert_int_equal(decode(MRQ("<dty>3</dty><crd>gsm:+4700000000</crd><ite>Kari Lie</ite>")),
			 0);
	assert_null(strstr(d->readings[0].attrs, "Kari"));
	assert_null(strstr(d->readings[0].attrs, "4700"));
}

static void r21_document_types_are_refused(void **state)
{
	(void)state;
	open_with("");
	static const char *const bad[] = {
		"<!DOCTYPE mrq>" CALL, "<!DOCTYPE mrq SYSTEM \"http://x/y.dtd\">" CALL,
		"<!DOCTYPE mrq [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>" MRQ(
			"<mty>ME</mty><dty>3</dty><stc>10</stc><lte>&b;</lte>"),
		"<!DOCTYPE mrq [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>" MRQ(
			"<dty>3</dty><lte>&x;</lte>")};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(decode(bad[i]), VD_EPARSE);
		has(d->error, "document type");
		has(answer(bad[i], (struct vd_answer){.outcome = VD_REFUSED}), "<snu>2</snu>");
	}
	assert_int_equal(decode(MRQ("<dty>3</dty><lte>&x;</lte>")), VD_EPARSE);
}

static void r24_a_newer_version_is_read(void **state)
{
	(void)state;
	open_with("");
	const char *newer = MRQ("<ver>02.00</ver><dty>3</dty>");
	assert_int_equal(decode(newer), 0);
	assert_true(raises());
	has(stored(newer), "<snu>0</snu><cve>01.00</cve>");
	lacks(stored(MRQ("<ver>01.00</ver><dty>3</dty>")), "<cve>");
}

static void r15_another_units_address(void **state)
{
	(void)state;
	const char *other = "<mrq><ref>A1</ref><cid>999</cid><dty>3</dty></mrq>";
	open_with("");
	assert_int_equal(decode(other), 0);
	assert_true(raises() && strstr(d->readings[0].attrs, "\"from\":\"other\""));
	assert_string_equal(d->unknown_key, "from is not cid");
	has(stored(other), "<snu>0</snu>");
	open_with("{\"from\":\"strict\"}");
	assert_int_equal(decode(other), VD_EINVAL);
	has(answer(other, (struct vd_answer){.outcome = VD_REFUSED}), "<snu>99</snu>");
	assert_int_equal(decode(CALL), 0);
	has(stored(CALL), "<snu>0</snu>");
}

static void r22_what_was_not_stored_is_never_handled(void **state)
{
	(void)state;
	open_with("{\"hold\":true}");
	has(answer(CALL,
		   (struct vd_answer){.outcome = VD_BUSY,
				      .why = "The hub cannot store right now; send the message "
					     "again later."}),
	    "<ref>A1</ref><snu>5</snu>");
	has(answer(CALL, (struct vd_answer){.outcome = VD_BUSY,
					    .why = "Too many messages from this sender; send "
						   "again later."}),
	    "<snu>6</snu>");
	has(answer(CALL, (struct vd_answer){.outcome = VD_BUSY}), "<snu>6</snu>");
	has(answer(CALL, (struct vd_answer){.outcome = VD_REFUSED, .why = "x"}), "<snu>5</snu>");
}

static void the_dialect_is_answered_in_its_own_root(void **state)
{
	(void)state;
	open_with("");
	has(stored("<scaip><ref>A1</ref><cid>112233</cid><dty>3</dty></scaip>"),
	    "<scaip><ref>A1</ref><snu>0</snu>");
	has(mrs.p, "</scaip>");
	/* what a sender wrote cannot end an element of ours */
	has(stored("<mrq><ref>&lt;/ref&gt;&amp;</ref><cid>112233</cid><dty>3</dty></mrq>"),
	    "<ref>&lt;/ref&gt;&amp;</ref><snu>3</snu>");
}

static void speaker_is_the_readings_device(void **state)
{
	(void)state;
	struct vd_buf scratch;
	vd_buf_init(&scratch, 1024);
	open_with("");
	struct vd_frame f = frame_of("<mrq><ref>A1</ref><cid> 0112233</cid><dty>3</dty></mrq>");
	assert_int_equal(decode_frame(&f), 0);
	assert_true(vd_span_eq(scaip->speaker(unit, &f, &scratch), d->alive));
	assert_true(vd_span_is(d->alive, "0112233"));
	f = frame_of("<mrs><ref>A1</ref></mrs>");
	assert_int_equal(scaip->speaker(unit, &f, &scratch).n, 0);
	vd_buf_fini(&scratch);
}

static void configurations(void **state)
{
	(void)state;
	static const char *const good[] = {
		"", "{}",
		"{\"hold\":false,\"mrs\":\"in_200\",\"call\":\"\",\"media\":3,\"heartbeat_min\":1,"
		"\"from\":\"warn\",\"brand\":\"x\",\"units\":{\"1\":{\"hold\":true},\"2\":{}}}"};
	static const char *const bad[] = {"[]",
					  "{",
					  "{\"hold\":1}",
					  "{\"holds\":true}",
					  "{\"mrs\":\"none\"}",
					  "{\"call\":\"61000000\"}",
					  "{\"call\":\"sip:<x>\\n\"}",
					  "{\"call\":\"tel:\"}",
					  "{\"media\":4}",
					  "{\"media\":1.5}",
					  "{\"heartbeat_min\":1441}",
					  "{\"heartbeat_min\":-1}",
					  "{\"from\":true}",
					  "{\"units\":[]}",
					  "{\"units\":{\"1\":{\"hold\":0}}}",
					  "{\"units\":{\"1\":{\"units\":{}}}}",
					  "{\"units\":{\"1\":true}}",
					  "{\"hold\":true} x"};
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		open_with(good[i]);
	void *s = vd_calloc(1, scaip->state_size);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (scaip->init(s, vd_span("", 0), vd_span_cstr(bad[i]), tables) != VD_EINVAL)
			fail_msg("accepted: %s", bad[i]);
	vd_free(s);
}

static void memory_runs_out(void **state)
{
	(void)state;
	open_with("");
	struct vd_frame f = frame_of(CALL);
	struct vd_answer a = {.outcome = VD_STORED};
	int failed = 0;
	for (long n = 0; n < 60; n++) {
		const char *type = NULL;
		vd_buf_clear(&mrs);
		vd_mem_fault(n, 1);
		int err = scaip->reply(unit, &f, &a, &mrs, &type);
		long made = vd_mem_count();
		vd_mem_fault(-1, 0);
		assert_true(err == 0 || err == VD_ENOMEM);
		failed += err != 0;
		if (!err)
			has(mrs.p, "<snu>0</snu>");
		if (made <= n)
			break;
	}
	assert_true(failed > 3);
}

/* -- recorded requests ---------------------------------------------------------------------- */

static const struct {
	const char *prefix, *kind, *snu;
} recorded[] = {{"001", "device.heartbeat", "<snu>0</snu>"},
		{"002", "device.heartbeat", "<snu>0</snu>"},
		{"003", "sos", "<snu>0</snu>"},
		{"004", "device.fault", "<snu>0</snu>"},
		{"005", "sos", "<snu>0</snu>"},
		{"006", "sos", "<snu>3</snu>"},
		{"007", NULL, "<snu>2</snu>"}};

static char *read_whole(const char *folder, const char *prefix)
{
	char path[600] = "";
	DIR *dir = opendir(folder);
	struct dirent *e;
	assert_non_null(dir);
	while ((e = readdir(dir)))
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
			snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
	closedir(dir);
	FILE *f = fopen(path, "re");
	char *text = calloc(1, 4096);
	if (!f || !text || !fread(text, 1, 4095, f))
		fail_msg("cannot read %s*", prefix);
	fclose(f);
	return text;
}

static void recorded_requests(void **state)
{
	(void)state;
	const char *root = getenv("VARDE_CORPUS");
	char folder[400];
	snprintf(folder, sizeof(folder), "%s/scaip", root ? root : "");
	DIR *there = root ? opendir(folder) : NULL;
	if (!there) {
		print_message("VARDE_CORPUS names no folder with recorded SCAIP requests\n");
		skip();
	}
	closedir(there);
	open_with("");
	for (size_t i = 0; i < sizeof(recorded) / sizeof(recorded[0]); i++) {
		char *xml = read_whole(folder, recorded[i].prefix);
		int err = decode(xml);
		assert_int_equal(err == 0, recorded[i].kind != NULL);
		if (!err)
			assert_string_equal(vd_kind_name(d->readings[0].kind), recorded[i].kind);
		has(answer(xml, (struct vd_answer){.outcome = err ? VD_REFUSED : VD_STORED}),
		    recorded[i].snu);
		free(xml);
	}
	/* the packets around them are the carrier's; they are no documents */
	static const char *const packets[] = {"008", "009", "010", "011"};
	for (size_t i = 0; i < 4; i++) {
		char *text = read_whole(folder, packets[i]);
		assert_int_equal(decode(text), VD_EPARSE);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(r1_minimal_request_is_a_call),
		cmocka_unit_test(r2_mandatory_tags_missing_or_empty),
		cmocka_unit_test(r3_what_is_no_request),
		cmocka_unit_test(r3_a_call_told_whole_before_the_break_is_shown),
		cmocka_unit_test(r4_lengths_at_the_limit_and_over),
		cmocka_unit_test(r4_wrong_data_and_codes_nobody_knows),
		cmocka_unit_test(r4_private_codes_by_brand),
		cmocka_unit_test(r6_the_same_request_again_has_the_same_key),
		cmocka_unit_test(r7_held_until_somebody_has_it),
		cmocka_unit_test(r8_reset_withdraws_and_closes_nothing),
		cmocka_unit_test(r9_information_joins_its_alarm),
		cmocka_unit_test(r10_heartbeats_are_no_alarm),
		cmocka_unit_test(r11_the_interval_is_told_to_those_who_can_set_it),
		cmocka_unit_test(r12_whom_to_call),
		cmocka_unit_test(r13_a_call_back_is_never_promised),
		cmocka_unit_test(r15_another_units_address),
		cmocka_unit_test(r18_parts_are_each_kept_whole),
		cmocka_unit_test(r20_positions),
		cmocka_unit_test(r21_texts_in_characters),
		cmocka_unit_test(r21_document_types_are_refused),
		cmocka_unit_test(r22_what_was_not_stored_is_never_handled),
		cmocka_unit_test(r24_a_newer_version_is_read),
		cmocka_unit_test(the_dialect_is_answered_in_its_own_root),
		cmocka_unit_test(speaker_is_the_readings_device),
		cmocka_unit_test(configurations),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(recorded_requests)};
	scaip = vd_adapter_find(VD_SPAN_LIT("scaip"));
	d = vd_calloc(1, sizeof(*d));
	if (!scaip || !d || vd_tables_load(NULL, &tables, NULL))
		return 2;
	vd_buf_init(&d->scratch, VD_MAX_FRAME_BYTES);
	vd_buf_init(&mrs, 4096);
	int failed = cmocka_run_group_tests_name("scaip", tests, NULL, NULL);
	scaip->fini(unit);
	vd_free(unit);
	vd_buf_fini(&mrs);
	vd_buf_fini(&d->scratch);
	vd_free(d);
	vd_tables_free(tables);
	return failed;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands to Z-Wave nodes: a bare value to <topic of the value>/set. The gateway listens there for
 * values it has published and that can be written, so that only what was told is offered. Facts:
 * zwave-js-ui api/lib/Gateway.ts (_onValueChanged) and api/lib/MqttClient.ts; the values and their
 * meaning in zwave-js, docs/api/CCs/DoorLock.md, SoundSwitch.md, Indicator.md
 * (github.com/zwave-js). Pure. */
#include "adapters/common/downlink.h"
#include "adapters/zwavejsui/value.h"
#include "base/err.h"
#include "base/map.h"

/* SLEEPS is no value: the node wakes up by itself, minutes or hours apart, and takes then what the
 * gateway has kept for it. No door is opened by that. */
enum what { DOOR_LOCK, SOUND_SWITCH, IDENTIFY, N_WHAT, SLEEPS = N_WHAT, N_KNOWN };

static const struct {
	int class;
	const char *name, *property;
} values[N_WHAT] = {
	[DOOR_LOCK] = {98, "door_lock", "targetMode"},
	[SOUND_SWITCH] = {121, "sound_switch", "toneId"},
	[IDENTIFY] = {135, "indicator", "identify"},
};

/* `alone`: only where one endpoint has it, for there is no saying which door was meant, and a
 * sound on another endpoint would go on. */
static const struct row {
	enum vd_command_verb verb;
	enum what what;
	const char *body;
	bool alone;
} rows[] = {
	{VD_CMD_LOCK, DOOR_LOCK, "255", true},     /* secured */
	{VD_CMD_UNLOCK, DOOR_LOCK, "0", true},     /* unsecured */
	{VD_CMD_RING, SOUND_SWITCH, "255", false}, /* the node's default tone, once */
	{VD_CMD_CANCEL, SOUND_SWITCH, "0", true},  /* off */
	{VD_CMD_LOCATE, IDENTIFY, "true", false},
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static struct zw_takes *find(const struct zw *z, struct vd_span node, enum what what)
{
	uint64_t key = vd_hash64(node, 0);
	for (size_t i = 0; i < z->n_takes; i++)
		if (z->takes[i].node == key && z->takes[i].what == what)
			return (struct zw_takes *)&z->takes[i];
	return NULL;
}

static int what_is(const struct zw_value *v)
{
	for (int i = 0; i < N_WHAT; i++)
		if (v->class == values[i].class && vd_span_is(v->property, values[i].property) &&
		    !v->key.n)
			return i;
	return -1;
}

bool zw_learn(struct zw *z, const struct zw_value *v)
{
	int what = what_is(v);
	if (what < 0)
		return false;
	struct zw_takes *t = find(z, v->node, (enum what)what);
	if (!t && z->n_takes == ZW_TAKES)
		return false;
	if (!t) {
		t = &z->takes[z->n_takes++];
		*t = (struct zw_takes){.node = vd_hash64(v->node, 0),
				       .what = (unsigned char)what,
				       .form = (unsigned char)v->form,
				       .endpoint = (unsigned char)v->endpoint};
		return true;
	}
	/* the owner has chosen other topics: the newest are those the gateway listens on */
	bool news = t->form != v->form;
	t->form = (unsigned char)v->form;
	if (v->endpoint == t->endpoint)
		return news;
	news |= !t->several || v->endpoint < t->endpoint;
	t->several = true;
	if (v->endpoint < t->endpoint)
		t->endpoint = (unsigned char)v->endpoint;
	return news;
}

bool zw_learn_sleep(struct zw *z, struct vd_span node)
{
	if (z->n_takes == ZW_TAKES || find(z, node, SLEEPS))
		return false;
	z->takes[z->n_takes++] = (struct zw_takes){.node = vd_hash64(node, 0), .what = SLEEPS};
	return true;
}

void zw_unlearn(struct zw *z, struct vd_span node)
{
	for (int i = 0; i < N_KNOWN; i++) {
		struct zw_takes *t = find(z, node, (enum what)i);
		if (t)
			*t = z->takes[--z->n_takes];
	}
}

static const struct zw_takes *usable(const struct zw *z, const struct row *r,
				     const struct vd_target *who)
{
	const struct zw_takes *t = find(z, who->identity, r->what);
	if (r->what == DOOR_LOCK && find(z, who->identity, SLEEPS))
		return NULL;
	return t && !(r->alone && t->several) ? t : NULL;
}

unsigned zw_commands(const void *state, const struct vd_target *who)
{
	unsigned set = 0;
	for (size_t i = 0; i < N_ROWS; i++)
		if (usable(state, &rows[i], who))
			set |= VD_CMD_BIT(rows[i].verb);
	return set;
}

static int topic(const struct zw *z, const struct zw_takes *t, struct vd_span node,
		 struct vd_downlink *ret)
{
	int err = vd_down_topic(ret, "%s/%.*s/", z->prefix, (int)node.n, node.p);
	if (!err && t->form == ZW_NUMBERED)
		err = vd_down_topic(ret, "%d/%d", values[t->what].class, t->endpoint);
	else if (!err && t->form == ZW_NAMED)
		err = vd_down_topic(ret, "%s/endpoint_%d", values[t->what].name, t->endpoint);
	else if (!err)
		err = vd_down_topic(ret, "%s", values[t->what].name);
	return err ? err : vd_down_topic(ret, "/%s/set", values[t->what].property);
}

int zw_command(const void *state, const struct vd_target *who, const struct vd_command *c,
	       struct vd_downlink *ret)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct zw_takes *t =
			rows[i].verb == c->verb ? usable(state, &rows[i], who) : NULL;
		if (!t)
			continue;
		vd_buf_add_cstr(&ret->body, rows[i].body);
		return topic(state, t, who->identity, ret);
	}
	return VD_EINVAL;
}

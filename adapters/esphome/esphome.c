/* SPDX-License-Identifier: EUPL-1.2 */
/* ESPHome nodes over MQTT: <prefix>/<component>/<id>/state with a bare value, <prefix>/status. What
 * an entity is only its id tells, by its words. Facts: esphome.io/components/mqtt (defaults, last
 * will, base configuration), mqtt_binary_sensor.cpp, mqtt_event.cpp, mqtt_lock.cpp. Loop thread. */
#include "adapters/common/downlink.h"
#include "adapters/common/flat.h"
#include "adapters/common/press.h"
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "adapters/common/topic.h"
#include "base/err.h"
#include "base/map.h"

#define WORDS_MAX 8   /* of an id: the last ones */
#define VALUES    512 /* entities whose last value is remembered; the oldest are forgotten first */
#define AGAIN_MS  (10 * 60000ll) /* a busy hub is asked again well within it */
#define LOCKS     128            /* of one gateway; more are read, but take no commands */
#define LOCK_ID   96 /* bytes; an object id is an entity's name, which has at most 120 */

struct esphome {
	char prefix[64];
	const struct vd_tables *tables;
	struct {
		uint64_t topic, value;
		int64_t since_ms;
		bool changed; /* seen to change, not the first we heard */
	} values[VALUES];
	unsigned next_value;
	struct lock {
		uint64_t node;
		char id[LOCK_ID];
		bool alone;   /* the binding is this one node's: its prefix is the whole of it */
		bool several; /* the node has more: nobody can say which one is meant */
	} locks[LOCKS];
	size_t n_locks;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct esphome *e = state;
	(void)config;
	vd_span_copy(e->prefix, sizeof(e->prefix), prefix);
	e->tables = tables;
	return 0;
}

/* -- what changed --------------------------------------------------------------------------- */

/* Nodes retain their states unless told otherwise, so that a live press looks like an old one. One
 * that was seen to change is live. *ret_since_ms is when. */
static bool changed(struct esphome *e, const struct vd_frame *f, struct vd_span value,
		    int64_t *ret_since_ms)
{
	uint64_t topic = vd_hash64(f->topic, 0) | 1, v = vd_hash64(value, 0);
	int64_t now = f->received_at_ms;
	size_t i = 0;
	while (i < VALUES && e->values[i].topic != topic)
		i++;
	bool known = i < VALUES;
	if (!known)
		i = e->next_value++ % VALUES;
	if (!known || e->values[i].value != v) {
		e->values[i].topic = topic;
		e->values[i].value = v;
		e->values[i].since_ms = now;
		e->values[i].changed = known;
	}
	*ret_since_ms = e->values[i].since_ms;
	int64_t ago = now - e->values[i].since_ms;
	return e->values[i].changed && ago >= 0 && ago < AGAIN_MS;
}

/* -- what it is ----------------------------------------------------------------------------- */

struct entity {
	struct vd_span node, component, id, value;
	bool alone; /* the node is the binding's prefix */
	struct vd_field_of who;
};

static bool is_break(char c)
{
	return c == '_' || c == '-';
}

static size_t split_words(struct vd_span id, struct vd_span *word)
{
	size_t n = 0;
	for (size_t i = 0; i < id.n;) {
		while (i < id.n && is_break(id.p[i]))
			i++;
		size_t from = i;
		while (i < id.n && !is_break(id.p[i]))
			i++;
		if (i == from)
			continue;
		if (n == WORDS_MAX)
			memmove(word, word + 1, --n * sizeof(*word));
		word[n++] = vd_span(id.p + from, i - from);
	}
	return n;
}

static enum vd_field look_up(struct esphome *e, const struct entity *x, struct vd_span words,
			     const struct vd_json_val *value, struct vd_decoded *d)
{
	char key[80];
	int n = snprintf(key, sizeof(key), "%.*s.%.*s", (int)x->component.n, x->component.p,
			 (int)words.n, words.p);
	if (n < 0 || (size_t)n >= sizeof(key))
		return VD_FIELD_UNKNOWN;
	for (char *p = key; *p; p++)
		if (*p == '-') /* one sign between words */
			*p = '_';
	return vd_table_read(e->tables, &x->who, vd_span_cstr(key), value, d);
}

/* The whole id, then ever fewer of its words; of as many words those that stand last, for there a
 * name says what it is: "smoke_detector_battery_low" is a battery. */
static enum vd_field by_words(struct esphome *e, const struct entity *x,
			      const struct vd_json_val *value, struct vd_decoded *d)
{
	struct vd_span word[WORDS_MAX];
	size_t n = split_words(x->id, word);
	enum vd_field f = look_up(e, x, x->id, value, d);
	for (size_t many = n; f == VD_FIELD_UNKNOWN && many > 0; many--)
		for (size_t at = n - many + 1; f == VD_FIELD_UNKNOWN && at-- > 0;) {
			const struct vd_span *last = &word[at + many - 1];
			size_t bytes = (size_t)(last->p + last->n - word[at].p);
			if (vd_digits(vd_span(word[at].p, bytes), 999999) < 0)
				f = look_up(e, x, vd_span(word[at].p, bytes), value, d);
		}
	return f;
}

/* A node has several of a kind: which one, by its id. */
static void name_zone(struct vd_reading *r, struct vd_span id)
{
	if (r->zone[0] || (vd_kind_class(r->kind) == 'T' && r->kind != VD_KIND_DEVICE_FAULT))
		return;
	if (id.n < sizeof(r->zone))
		vd_span_copy(r->zone, sizeof(r->zone), id);
	else
		snprintf(r->zone, sizeof(r->zone), "%.10s-%04x", id.p,
			 (unsigned)(vd_hash64(id, 0) & 0xFFFF));
}

/* -- messages ------------------------------------------------------------------------------- */

static void finish(struct esphome *e, const struct vd_frame *f, const struct entity *x, size_t from,
		   struct vd_decoded *d)
{
	int64_t since_ms;
	bool live = changed(e, f, x->value, &since_ms);
	for (size_t i = from; i < d->n; i++) {
		struct vd_reading *r = &d->readings[i];
		name_zone(r, x->id);
		if (!(r->flags & VD_F_EDGE) || !f->retained || f->recall || !live)
			continue;
		r->t_ms = f->received_at_ms;
		r->t_src = VD_T_HUB;
		d->dedup_device = x->node;
		d->dedup = vd_hash64(x->value, vd_hash64(f->topic, (uint64_t)since_ms)) | 1;
	}
}

/* {"event_type":"press"}: a happening. By its id and word in the table, else a press. */
static int event(struct esphome *e, const struct vd_frame *f, struct entity *x,
		 struct vd_decoded *d)
{
	size_t n = d->n;
	int err = vd_word_of(d, f->body, "event_type", "an event", &x->value);
	if (err)
		return err;
	struct vd_json_val v = {.type = VD_JSON_STRING, .raw = x->value};
	if (x->value.n > VD_BARE_MAX || !vd_span_utf8(x->value))
		return snprintf(d->error, sizeof(d->error), "an event's type is no short text"),
		       VD_EPARSE;
	if (vd_unknown_value(&v))
		return 0;
	enum vd_field read = vd_table_word(e->tables, &x->who, VD_SPAN_LIT("press"), x->value, d);
	if (read == VD_FIELD_UNKNOWN)
		read = by_words(e, x, &v, d);
	if (read == VD_FIELD_UNKNOWN)
		(void)vd_press_add(d, x->node, x->value);
	finish(e, f, x, n, d);
	return 0;
}

static struct lock *lock_of(const struct esphome *e, struct vd_span node)
{
	uint64_t key = vd_hash64(node, 0);
	for (size_t i = 0; i < e->n_locks; i++)
		if (e->locks[i].node == key)
			return (struct lock *)&e->locks[i];
	return NULL;
}

/* What has told the state of a lock takes commands. Remembered over restarts, for a node that is
 * connected does not tell it again until it changes. */
static void learn_lock(struct esphome *e, const struct entity *x, struct vd_decoded *d)
{
	struct lock *l = lock_of(e, x->node);
	if (l) {
		d->remember = !l->several && !vd_span_is(x->id, l->id);
		l->several |= d->remember;
		return;
	}
	if (e->n_locks == LOCKS || x->id.n >= LOCK_ID)
		return;
	l = &e->locks[e->n_locks++];
	*l = (struct lock){.node = vd_hash64(x->node, 0), .alone = x->alone};
	vd_span_copy(l->id, sizeof(l->id), x->id);
	d->remember = true;
}

static int state_of(struct esphome *e, const struct vd_frame *f, struct entity *x,
		    struct vd_decoded *d)
{
	char key[96];
	size_t n = d->n;
	struct vd_span body = vd_span_trim(f->body);
	if (vd_table_word(e->tables, &x->who, x->component, VD_SPAN_LIT("any"), d) ==
	    VD_FIELD_IGNORED)
		return 0; /* lights and the like */
	if (vd_span_is(x->component, "event"))
		return event(e, f, x, d);
	struct vd_json_val v;
	int err = vd_bare_value(d, body, "a state", &v);
	if (err)
		return err;
	x->value = body;
	if (vd_same_text(body, "nan"))
		return 0; /* nothing is known */
	if (by_words(e, x, &v, d) == VD_FIELD_UNKNOWN) {
		snprintf(key, sizeof(key), "%.*s.%.*s",
			 (int)(x->component.n < 32 ? x->component.n : 32), x->component.p,
			 (int)(x->id.n < 60 ? x->id.n : 60), x->id.p);
		vd_unknown_field(d, vd_span_cstr(key));
	}
	if (d->n > n && d->readings[n].kind == VD_KIND_LOCK && vd_span_is(x->component, "lock"))
		learn_lock(e, x, d);
	finish(e, f, x, n, d);
	return 0;
}

static int status(const struct vd_frame *f, struct vd_span node, struct vd_decoded *d)
{
	struct vd_span word = vd_span_trim(f->body);
	bool up = vd_same_text(word, "online");
	if (!word.n)
		return 0;
	if (!up && !vd_same_text(word, "offline"))
		return snprintf(d->error, sizeof(d->error),
				"status is online or offline, not this"),
		       VD_EPARSE;
	(void)vd_reading_add(d, node, VD_KIND_DEVICE_CONNECTIVITY, up ? "online" : "offline");
	return 0;
}

/* The node is what stands before; a binding of one node has nothing before. */
static struct vd_span node_of(const struct esphome *e, struct vd_span path)
{
	struct vd_span prefix = vd_span_cstr(e->prefix);
	return path.n ? path : vd_topic_last(&prefix);
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct esphome *e = state;
	struct vd_span path;
	struct entity x = {.who = {.platform = VD_SPAN_LIT("esphome")}};
	if (!vd_topic_under(e->prefix, f->topic, &path))
		return 0;
	struct vd_span last = vd_topic_last(&path);
	if (vd_span_is(last, "status")) {
		struct vd_span node = node_of(e, path);
		return node.n ? status(f, node, d) : 0;
	}
	if (!vd_span_is(last, "state"))
		return 0; /* discovery, logs, commands */
	x.id = vd_topic_last(&path);
	x.component = vd_topic_last(&path);
	x.alone = !path.n;
	x.node = node_of(e, path);
	if (!x.id.n || !x.component.n || x.component.n > 32 || !x.node.n)
		return 0;
	if (!vd_span_trim(f->body).n)
		return 0; /* clears a retained topic */
	x.who.identity = x.node;
	int err = state_of(e, f, &x, d);
	if (!err)
		d->alive = x.node;
	return err;
}

/* -- commands ------------------------------------------------------------------------------- */

static unsigned commands(const void *state, const struct vd_target *who)
{
	const struct lock *l = lock_of(state, who->identity);
	return l && !l->several ? VD_CMD_BIT(VD_CMD_LOCK) | VD_CMD_BIT(VD_CMD_UNLOCK) : 0;
}

/* <prefix>/<node>/lock/<id>/command, a plain word. "OPEN", which also draws the latch, is never
 * sent: nobody asked for it. */
static int command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	const struct esphome *e = state;
	const struct lock *l = lock_of(e, who->identity);
	if (!l || l->several || (c->verb != VD_CMD_LOCK && c->verb != VD_CMD_UNLOCK))
		return VD_EINVAL;
	vd_buf_add_cstr(&ret->body, c->verb == VD_CMD_LOCK ? "LOCK" : "UNLOCK");
	ret->content_type = "text/plain";
	if (l->alone)
		return vd_down_topic(ret, "%s/lock/%s/command", e->prefix, l->id);
	return vd_down_topic(ret, "%s%s%.*s/lock/%s/command", e->prefix, e->prefix[0] ? "/" : "",
			     (int)who->identity.n, who->identity.p, l->id);
}

const struct vd_adapter vd_adapter_esphome = {
	.family = "esphome",
	.title = "ESPHome",
	.state_size = sizeof(struct esphome),
	.init = init,
	.decode = decode,
	.commands = commands,
	.command = command,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* The second generation: notifications of partial and of whole states. Facts:
 * shelly-api-docs.shelly.cloud/gen2/General/Notifications, ComponentsAndServices/{Smoke, Flood,
 * DevicePower, Input, Sys, BTHome}; a recorded wake-up in
 * github.com/openhab/openhab-addons/issues/21289. */
#include "adapters/shelly/shelly.h"
#include "adapters/common/flat.h"
#include "adapters/common/topic.h"
#include "base/err.h"
#include "base/map.h"

#define YEAR_2001                                                                                  \
	1000000000.0 /* in seconds since 1970: smaller ones are since the device's start */

struct status {
	struct shelly *s;
	struct vd_field_of who;
	struct vd_span device; /* whose message it is; `who` may be somebody behind it */
	struct vd_decoded *d;
	struct vd_span component;
	double percent; /* of the battery, until it is known what feeds the device */
	bool has_percent, external, told_external, error;
};

int64_t shelly_time(double ts)
{
	return ts >= YEAR_2001 && ts < (double)VD_TIME_MAX_MS / 1000 ? (int64_t)(ts * 1000 + 0.5)
								     : 0;
}

struct vd_span shelly_beyond(struct vd_decoded *d, struct vd_span who, struct vd_span component)
{
	size_t n = who.n + component.n + 1;
	if (d->scratch.n + n >= d->scratch.cap)
		return vd_span("", 0);
	char *p = d->scratch.p + d->scratch.n;
	memcpy(p, who.p, who.n);
	p[who.n] = '/';
	memcpy(p + who.n + 1, component.p, component.n);
	d->scratch.n += n;
	return vd_span(p, n);
}

/* -- one component -------------------------------------------------------------------------- */

static bool ends_in(struct vd_span path, const char *tail)
{
	size_t n = strlen(tail);
	return path.n >= n && memcmp(path.p + path.n - n, tail, n) == 0;
}

/* What is wrong, in the device's own word: cable_unplugged, out_of_range:temperature ... */
static void fault(struct status *t, const struct vd_json_val *v)
{
	char word[40];
	bool none = v->type == VD_JSON_ARRAY;
	if (!none && (v->type != VD_JSON_STRING || !v->raw.n))
		return; /* null is unknown, never off */
	struct vd_reading *r =
		vd_reading_add(t->d, t->who.identity, VD_KIND_DEVICE_FAULT, none ? "off" : "on");
	if (!r)
		return;
	vd_span_copy(r->zone, sizeof(r->zone), t->component);
	if (none)
		return;
	t->error = true;
	vd_span_copy(word, sizeof(word), v->raw);
	for (char *p = word; *p; p++) /* a peer's text, into the journal's JSON */
		if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
			*p = '?';
	snprintf(r->attrs, sizeof(r->attrs), "\"error\":\"%s\"", word);
}

/* The promise to wake up: what the hub measures its silence by. */
static void wakes(struct status *t, const struct vd_json_val *v)
{
	int64_t period_s;
	if (!vd_whole(v, 0, 31536000, &period_s))
		return;
	shelly_device(t->s, t->device)->sleeps = period_s > 0;
	if (period_s)
		(void)vd_reading_value(t->d, t->device, VD_KIND_DEVICE_HEARTBEAT, (double)period_s,
				       "s");
}

static void leaf(void *arg, struct vd_span path, const struct vd_json_val *v)
{
	struct status *t = arg;
	if (vd_span_is(path, "sys.wakeup_period"))
		wakes(t, v);
	else if (ends_in(path, ".battery.percent") && v->type == VD_JSON_NUMBER) {
		t->percent = v->num;
		t->has_percent = true;
	} else if (ends_in(path, ".external.present")) {
		t->told_external |= v->type == VD_JSON_TRUE || v->type == VD_JSON_FALSE;
		t->external |= v->type == VD_JSON_TRUE;
	} else if (vd_table_read(t->s->tables, &t->who, path, v, t->d) == VD_FIELD_UNKNOWN) {
		if (ends_in(path, ".errors"))
			fault(t, v);
		else
			vd_unknown_field(t->d, path);
	}
}

/* Components of no interest have a row of their own: key, "object", "-". */
static bool enter(void *arg, struct vd_span path)
{
	struct status *t = arg;
	struct vd_span word = VD_SPAN_LIT("object");
	return vd_table_word(t->s->tables, &t->who, path, word, t->d) != VD_FIELD_IGNORED;
}

/* On outside power the battery reads 0 % or nonsense. "Not on outside power" is news only when it
 * was: a device made for batteries says so all its life. */
static void power(struct status *t)
{
	struct shelly_device *dev = shelly_device(t->s, t->device);
	bool empty_slot = t->external && t->percent <= 0;
	if (t->has_percent && !empty_slot)
		(void)vd_reading_value(t->d, t->who.identity, VD_KIND_DEVICE_BATTERY, t->percent,
				       "%");
	if (t->told_external && (t->external || dev->external))
		(void)vd_reading_add(t->d, t->who.identity, VD_KIND_DEVICE_POWER,
				     t->external ? "mains" : "battery");
	dev->external |= t->external;
}

/* Errors are told only while they last: a whole status without them ends them. */
static void settle_fault(struct status *t, bool whole)
{
	struct shelly_device *dev = shelly_device(t->s, t->device);
	uint64_t key = vd_hash64(t->component, 0) | 1;
	if (t->error)
		dev->fault = key;
	else if (whole && dev->fault == key) {
		struct vd_json_val none = {.type = VD_JSON_ARRAY};
		fault(t, &none);
	}
}

/* Sensors that the device only passes on (Bluetooth) are devices of their own. */
static bool is_beyond(struct vd_span component)
{
	return vd_span_starts(component, VD_SPAN_LIT("bthome")) &&
	       memchr(component.p, ':', component.n);
}

/* "smoke:0": a detector that can be silenced. */
static void note_smoke(struct shelly *s, struct vd_span who, struct vd_span component)
{
	struct shelly_device *dev = shelly_device(s, who);
	int id = vd_span_starts(component, VD_SPAN_LIT("smoke:"))
			 ? vd_digits(vd_span_skip(component, 6), 255)
			 : -1;
	if (id >= 0 && !dev->smoke)
		dev->smoke = id + 1;
}

static bool read_component(struct shelly *s, struct vd_json *j, struct vd_span who,
			   struct vd_span component, bool whole, struct vd_decoded *d)
{
	static const struct vd_flat flat = {.enter = enter, .leaf = leaf};
	struct status t = {.s = s,
			   .who = shelly_field_of(s, who),
			   .device = who,
			   .d = d,
			   .component = component};
	if (is_beyond(component)) {
		/* its number is the gateway's own: rows name the gateway in place of a model */
		t.who.model = who;
		t.who.identity = shelly_beyond(d, who, component);
		if (!t.who.identity.n)
			return vd_json_skip(j);
	}
	bool ok = vd_flat_walk(j, component, &flat, &t);
	if (!ok)
		return false;
	power(&t);
	settle_fault(&t, whole);
	note_smoke(s, who, component);
	return true;
}

/* -- notifications -------------------------------------------------------------------------- */

/* Seconds since the device's start: the clock was not set when it spoke. It is told when it is
 * not, and when it is again. */
static void judge_clock(struct shelly *s, struct vd_span who, const struct vd_json_val *ts,
			struct vd_decoded *d)
{
	struct shelly_device *dev = shelly_device(s, who);
	if (ts->type != VD_JSON_NUMBER)
		return;
	bool unset = !shelly_time(ts->num);
	if (unset || dev->unset)
		(void)vd_reading_add(d, who, VD_KIND_DEVICE_CLOCK, unset ? "unset" : "ok");
	dev->unset |= unset;
}

static void hear(struct shelly *s, struct vd_span who, struct vd_span src, struct vd_decoded *d)
{
	struct shelly_device *dev = shelly_device(s, who);
	if (!dev->model[0])
		vd_span_copy(dev->model, sizeof(dev->model), shelly_model(src));
	d->heard[d->n_heard++] =
		(struct vd_heard){.identity = who,
				  .name = src.n ? src : who,
				  .vendor = VD_SPAN_LIT("Shelly"),
				  .model = src.n ? shelly_model(src) : shelly_model(who)};
}

struct notice {
	struct vd_json_val src, method, ts;
	struct vd_span params, events;
	bool twice;
};

static void notice_member(struct notice *n, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "src"))
		n->src = *v;
	else if (vd_span_is(key, "method")) {
		n->twice |= n->method.type != VD_JSON_NONE;
		n->method = *v;
	} else if (vd_span_is(key, "params") && v->type == VD_JSON_OBJECT) {
		n->twice |= n->params.n > 0;
		n->params = v->raw;
	}
}

static int read_notice(struct vd_span body, struct notice *n, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "a notification");
	while (vd_json_next_key(&j, &key))
		if (vd_json_value(&j, &v))
			notice_member(n, key, &v);
	if (vd_json_finish(&j))
		return vd_bad_json(d, &j, "a notification");
	if (n->twice)
		return snprintf(d->error, sizeof(d->error),
				"a notification tells its method or params twice"),
		       VD_EPARSE;
	return 0;
}

/* NotifyStatus, NotifyFullStatus. The text was read whole already. */
static void states(struct shelly *s, struct vd_span who, struct notice *n, bool whole,
		   struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	size_t from = d->n;
	vd_json_init(&j, n->params);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key)) {
		if (vd_span_is(key, "ts"))
			(void)vd_json_value(&j, &n->ts);
		else
			(void)read_component(s, &j, who, key, whole, d);
	}
	int64_t t_ms = n->ts.type == VD_JSON_NUMBER ? shelly_time(n->ts.num) : 0;
	for (size_t i = from; t_ms && i < d->n; i++) {
		d->readings[i].t_ms = t_ms;
		d->readings[i].t_src = VD_T_DEVICE;
	}
	judge_clock(s, who, &n->ts, d);
	vd_table_settle(d);
}

/* The same press delivered twice bears the same time. Seconds since a start may come again. */
static void key_of(const struct vd_frame *f, struct vd_span who, double ts, struct vd_decoded *d)
{
	if (!shelly_time(ts))
		return;
	d->dedup_device = who;
	d->dedup = vd_hash64(vd_span_trim(f->body), 0);
}

static void events(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		   const struct notice *n, struct vd_decoded *d)
{
	struct vd_json_val list, ts = {0};
	struct vd_json j;
	if (!vd_json_find(n->params, "ts", &ts) || ts.type != VD_JSON_NUMBER)
		ts.num = 0;
	if (!vd_json_find(n->params, "events", &list) || list.type != VD_JSON_ARRAY)
		return;
	vd_json_init(&j, list.raw);
	(void)vd_json_enter_array(&j);
	while (vd_json_next_elem(&j)) {
		struct vd_json_val one;
		if (vd_json_value(&j, &one) && one.type == VD_JSON_OBJECT)
			shelly_event(s, f, who, one.raw, ts.num, d);
	}
	if (d->n)
		key_of(f, who, ts.num, d);
}

int shelly_rpc(struct shelly *s, const struct vd_frame *f, struct vd_span who, struct vd_decoded *d)
{
	struct notice n = {0};
	struct vd_span body = vd_span_trim(f->body);
	if (!body.n)
		return 0;
	int err = read_notice(body, &n, d);
	if (err)
		return err;
	if (vd_scratch_ready(d, vd_scratch_for(body.n + 4 * who.n)))
		return VD_ENOMEM;
	struct vd_span src =
		n.src.type == VD_JSON_STRING && !n.src.escaped ? n.src.raw : vd_span("", 0);
	bool full = vd_span_is(n.method.raw, "NotifyFullStatus");
	d->alive = who;
	if (full)
		hear(s, who, src, d);
	if (full || vd_span_is(n.method.raw, "NotifyStatus"))
		states(s, who, &n, full, d);
	else if (vd_span_is(n.method.raw, "NotifyEvent"))
		events(s, f, who, &n, d);
	else
		vd_unknown_field(d, n.method.raw);
	return 0;
}

int shelly_component(struct shelly *s, const struct vd_frame *f, struct vd_span who,
		     struct vd_span component, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span body = vd_span_trim(f->body);
	if (!body.n)
		return 0;
	vd_json_init(&j, body); /* whole first: half an object is never half read */
	if (vd_json_peek(&j) != VD_JSON_OBJECT || !vd_json_skip(&j) || vd_json_finish(&j))
		return vd_bad_json(d, &j, "a component's status");
	if (vd_scratch_ready(d, vd_scratch_for(body.n + 4 * who.n)))
		return VD_ENOMEM;
	vd_json_init(&j, body);
	(void)read_component(s, &j, who, component, true, d);
	vd_table_settle(d);
	d->alive = who;
	return 0;
}

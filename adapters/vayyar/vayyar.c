/* SPDX-License-Identifier: EUPL-1.2 */
/* Vayyar Care and radars that speak like it: falls and presence without a camera, over MQTT as
 * <base>/<device>/events and /state. There is no public vendor document; what is known is told in
 * README.md. Loop thread. */
#include "adapters/common/heard.h"
#include "adapters/common/standing.h"
#include "adapters/common/table.h"
#include "base/err.h"
#include "base/map.h"

#define WHAT "a radar's message"

struct vayyar {
	char prefix[208]; /* as the command line allows; without the slash before it */
	const struct vd_tables *tables;
	struct vd_standing blind; /* those that say they do not watch */
};

static struct vd_span unslashed(struct vd_span s)
{
	return s.n && s.p[0] == '/' ? vd_span_skip(s, 1) : s;
}

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct vayyar *v = state;
	(void)config;
	vd_span_copy(v->prefix, sizeof(v->prefix),
		     prefix.n ? unslashed(prefix) : VD_SPAN_LIT("devices"));
	v->tables = tables;
	return 0;
}

/* One message being read. */
struct message {
	struct vayyar *v;
	struct vd_field_of who;
	struct vd_json_val status, stamp, millis, updated, simulated, learning, kind;
	struct vd_json_val name, model, firmware, serial; /* of a state message */
	struct vd_span payload, wifi, regions;
	bool twice;
	struct vd_decoded *d;
};

/* -- reading -------------------------------------------------------------------------------- */

static void one_of_table(struct message *m, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_table_read(m->v->tables, &m->who, key, v, m->d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(m->d, key);
}

/* Where a member is kept that is read when all are known; NULL: it speaks for itself. */
static struct vd_json_val *slot(struct message *m, struct vd_span key)
{
	const struct {
		const char *name;
		struct vd_json_val *at;
	} slots[] = {{"status", &m->status},
		     {"timestamp", &m->stamp},
		     {"timestampMillis", &m->millis},
		     {"statusUpdateTimestamp", &m->updated},
		     {"isSimulated", &m->simulated},
		     {"isLearning", &m->learning},
		     {"model", &m->model},
		     {"versionName", &m->firmware},
		     {"serialProduct", &m->serial}};
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++)
		if (vd_span_is(key, slots[i].name))
			return slots[i].at;
	return NULL;
}

static void member(struct message *m, struct vd_span key, const struct vd_json_val *v)
{
	struct vd_json_val *at = slot(m, key);
	if (at)
		*at = *v;
	else if (vd_span_is(key, "payload") && v->type == VD_JSON_OBJECT) {
		m->twice |= m->payload.n > 0;
		m->payload = v->raw;
	} else if (vd_span_is(key, "type"))
		m->kind = *v;
	else if (vd_span_is(key, "presenceRegionMap") && v->type == VD_JSON_OBJECT)
		m->regions = v->raw;
	else if ((vd_span_is(key, "wifi") || vd_span_is(key, "wifiState")) &&
		 v->type == VD_JSON_OBJECT)
		m->wifi = v->raw;
	else
		one_of_table(m, key, v);
}

static int members(struct message *m, struct vd_span object)
{
	struct vd_json j;
	struct vd_span key;
	vd_json_init(&j, object);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(m->d, &j, WHAT);
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (vd_json_value(&j, &v))
			member(m, key, &v);
	}
	return vd_json_finish(&j) ? vd_bad_json(m->d, &j, WHAT) : 0;
}

static int read_body(struct message *m, struct vd_span body)
{
	int err = members(m, body);
	struct vd_span inner = m->payload;
	if (!err && inner.n) {
		m->payload = vd_span("", 0); /* one within it is a field like any other */
		err = members(m, inner);
	}
	if (!err && m->twice) {
		snprintf(m->d->error, sizeof(m->d->error), "payload is told twice");
		err = VD_EINVAL;
	}
	return err;
}

/* Milliseconds; some copies of the firmware tell seconds. */
static int64_t moment(const struct vd_json_val *v)
{
	int64_t n;
	if (!vd_whole(v, 1, VD_TIME_MAX_MS, &n))
		return 0;
	return n < 100000000000ll ? n * 1000 : n;
}

/* -- events --------------------------------------------------------------------------------- */

/* One fall is told several times with the same beginning: that is its episode. Without one every
 * stage counts. */
static void fall(struct message *m, int64_t t_ms)
{
	size_t n = m->d->n;
	if (m->status.type == VD_JSON_NONE)
		return;
	one_of_table(m, VD_SPAN_LIT("event.status"), &m->status);
	for (size_t i = n; i < m->d->n; i++) {
		struct vd_reading *r = &m->d->readings[i];
		if (r->kind != VD_KIND_FALL)
			continue;
		r->episode = t_ms;
		if (!t_ms && vd_state_active(r->kind, r->state))
			r->flags |= VD_F_EDGE;
		if (m->learning.type == VD_JSON_TRUE)
			snprintf(r->attrs, sizeof(r->attrs), "\"learning\":true");
	}
	if (!t_ms)
		return;
	m->d->dedup = vd_hash64(m->status.raw, (uint64_t)t_ms); /* rule 1 */
	m->d->dedup = vd_hash64(m->updated.raw, m->d->dedup) | 1;
	m->d->dedup_device = m->who.identity;
}

static void regions(struct message *m)
{
	struct vd_json j;
	struct vd_span key;
	char name[24];
	vd_json_init(&j, m->regions);
	if (!m->regions.n || !vd_json_enter_object(&j))
		return;
	while (vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		if (!vd_json_value(&j, &v))
			return;
		snprintf(name, sizeof(name), "region_%.*s", (int)(key.n < 8 ? key.n : 8), key.p);
		one_of_table(m, vd_span_cstr(name), &v);
	}
}

static void events(struct message *m)
{
	int64_t t_ms = moment(&m->stamp);
	if (!t_ms)
		t_ms = moment(&m->millis);
	fall(m, t_ms);
	regions(m);
	for (size_t i = 0; i < m->d->n; i++) {
		struct vd_reading *r = &m->d->readings[i];
		r->t_ms = t_ms;
		r->t_src = VD_T_DEVICE;
		if (m->simulated.type == VD_JSON_TRUE)
			r->flags |= VD_F_SIMULATED;
	}
	if (!m->d->n && m->kind.raw.n) { /* an event of a kind nobody knows */
		char name[40];
		snprintf(name, sizeof(name), "type %.*s",
			 (int)(m->kind.raw.n < 30 ? m->kind.raw.n : 30), m->kind.raw.p);
		if (!vd_span_is(m->kind.raw, "2")) /* it answers a command */
			vd_unknown_field(m->d, vd_span_cstr(name));
	}
	vd_table_settle(m->d);
}

/* -- state ---------------------------------------------------------------------------------- */

/* Every two minutes. A radar that says anything but that it is watching may be blind; that it is
 * watching ends it. */
static void state_of(struct message *m, const struct vd_frame *f)
{
	struct vd_json_val rssi = {0};
	size_t n = m->d->n;
	if (m->status.type != VD_JSON_NONE)
		one_of_table(m, VD_SPAN_LIT("state.status"), &m->status);
	bool blind =
		m->d->n > n && vd_state_active(m->d->readings[n].kind, m->d->readings[n].state);
	if (blind)
		vd_standing_begin(&m->v->blind, m->d, m->who.identity);
	else if (m->status.type == VD_JSON_STRING && !f->retained &&
		 vd_standing_over(&m->v->blind, m->d, m->who.identity))
		vd_reading_add(m->d, m->who.identity, VD_KIND_DEVICE_FAULT, "off");
	vd_reading_add(m->d, m->who.identity, VD_KIND_DEVICE_HEARTBEAT, "");
	if (m->wifi.n && vd_json_find(m->wifi, "rssi", &rssi) && rssi.type == VD_JSON_NUMBER)
		vd_reading_value(m->d, m->who.identity, VD_KIND_DEVICE_LINK, rssi.num, "dBm");
	if (!m->model.type && !m->serial.type)
		return;
	struct vd_heard *w = vd_heard_add(m->d, m->who.identity);
	if (!w)
		return;
	w->features = VD_SPAN_LIT("fall presence device.fault");
	w->model = vd_keep(m->d, &m->model);
	w->serial = vd_keep(m->d, &m->serial);
}

/* -- topics --------------------------------------------------------------------------------- */

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct message m = {.v = state, .d = d};
	struct vd_span topic = unslashed(f->topic), body = vd_span_trim(f->body), device;
	size_t n = strlen(m.v->prefix);
	if (!vd_span_starts(topic, vd_span(m.v->prefix, n)) || topic.n <= n || topic.p[n] != '/')
		return 0;
	topic = vd_span_skip(topic, n + 1);
	if (!vd_span_next(&topic, '/', &device) || !device.n)
		return 0;
	bool about_state = vd_span_is(topic, "state");
	if (!about_state && !vd_span_is(topic, "events"))
		return 0; /* commands and config are told to the radar */
	if (!body.n)
		return 0; /* clears a retained topic */
	m.who = (struct vd_field_of){.platform = VD_SPAN_LIT("vayyar"), .identity = device};
	int err = vd_scratch_ready(d, body.n + VD_HEARD_BYTES);
	if (!err)
		err = read_body(&m, body);
	if (err)
		return err;
	d->alive = device;
	if (about_state)
		state_of(&m, f);
	else
		events(&m);
	return 0;
}

const struct vd_adapter vd_adapter_vayyar = {
	.family = "vayyar",
	.title = "Vayyar Care fall radars",
	.watch = "mains",
	.state_size = sizeof(struct vayyar),
	.init = init,
	.decode = decode,
};

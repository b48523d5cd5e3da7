/* SPDX-License-Identifier: EUPL-1.2 */
/* Z-Wave JS UI over MQTT: values, node status, the gateway's own topics. A device is where it is
 * published: location and name, or number. Facts: zwave-js-ui docs/guide/mqtt.md (special topics),
 * api/lib/Gateway.ts, api/lib/MqttClient.ts. Loop thread. */
#include "adapters/common/topic.h"
#include "adapters/zwavejsui/value.h"
#include "base/err.h"

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct zw *z = state;
	(void)config;
	vd_span_copy(z->prefix, sizeof(z->prefix), prefix.n ? prefix : VD_SPAN_LIT("zwave"));
	z->tables = tables;
	return 0;
}

static void fini(void *state)
{
	vd_known_fini(&((struct zw *)state)->known);
}

/* -- the gateway ---------------------------------------------------------------------------- */

/* {"value":true,...} or the bare word; *ret 1, 0, or -1 when it is neither. */
static int read_bool(struct vd_decoded *d, struct vd_span body, const char *what, int *ret)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v = {0}, m;
	body = vd_span_trim(body);
	vd_json_init(&j, body);
	if (body.n && body.p[0] == '{') {
		(void)vd_json_enter_object(&j);
		while (vd_json_next_key(&j, &key))
			if (vd_json_value(&j, &m) && vd_span_is(key, "value"))
				v = m;
	} else if (body.n)
		(void)vd_json_value(&j, &v);
	if (body.n && vd_json_finish(&j))
		return vd_bad_json(d, &j, what);
	*ret = v.type == VD_JSON_TRUE ? 1 : v.type == VD_JSON_FALSE ? 0 : -1;
	return 0;
}

/* Two parts that fail apart: the connection ("") and the radio ("driver"). */
static int bridge(const struct vd_frame *f, const char *zone, struct vd_decoded *d)
{
	int up = -1;
	int err = read_bool(d, f->body, "the gateway's status", &up);
	if (err || up < 0)
		return err;
	struct vd_reading *r = vd_reading_add(d, vd_span("", 0), VD_KIND_BRIDGE_CONNECTIVITY,
					      up ? "online" : "offline");
	if (r)
		snprintf(r->zone, sizeof(r->zone), "%s", zone);
	return 0;
}

/* _EVENTS/<client>/<emitter>/<event>: only what no other topic tells. */
static int gateway_event(struct zw *z, const struct vd_frame *f, struct vd_span rest,
			 struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_json_val data, id;
	struct vd_span event = vd_topic_last(&rest), emitter = vd_topic_last(&rest);
	bool added = vd_span_is(event, "node_added"), removed = vd_span_is(event, "node_removed");
	if (!vd_span_is(emitter, "controller") || (!added && !removed))
		return 0;
	vd_json_init(&j, f->body);
	if (!vd_json_skip(&j) || vd_json_finish(&j))
		return vd_bad_json(d, &j, "an event's object");
	if (!vd_json_find(f->body, "data", &data) || data.type != VD_JSON_ARRAY)
		return 0;
	vd_json_init(&j, data.raw);
	if (!vd_json_enter_array(&j) || !vd_json_next_elem(&j) || !vd_json_value(&j, &data))
		return 0;
	bool found = data.type == VD_JSON_OBJECT &&
		     (vd_json_find(data.raw, "id", &id) || vd_json_find(data.raw, "nodeId", &id));
	if (!found)
		id = data;
	if (id.type != VD_JSON_NUMBER)
		return 0;
	struct vd_reading *r =
		vd_reading_add(d, id.raw, added ? VD_KIND_DEVICE_JOINED : VD_KIND_DEVICE_LEFT,
			       added ? "joined" : "left");
	if (r)
		r->flags |= VD_F_EDGE;
	zw_unlearn(z, id.raw);
	return 0;
}

/* -- nodes ---------------------------------------------------------------------------------- */

struct node {
	struct vd_json_val time, value, status, vendor, label, description, name, location,
		firmware;
};

static void node_member(struct node *n, struct vd_span key, const struct vd_json_val *v)
{
	static const struct {
		const char *key;
		size_t at;
	} members[] = {{"time", offsetof(struct node, time)},
		       {"value", offsetof(struct node, value)},
		       {"status", offsetof(struct node, status)},
		       {"manufacturer", offsetof(struct node, vendor)},
		       {"productLabel", offsetof(struct node, label)},
		       {"productDescription", offsetof(struct node, description)},
		       {"name", offsetof(struct node, name)},
		       {"loc", offsetof(struct node, location)},
		       {"firmwareVersion", offsetof(struct node, firmware)}};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (vd_span_is(key, members[i].key))
			memcpy((char *)n + members[i].at, v, sizeof(*v));
}

static int read_node(struct vd_decoded *d, struct vd_span body, const char *what, struct node *n)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	vd_json_init(&j, body);
	if (body.p[0] != '{') { /* "just value" */
		if (!vd_json_value(&j, &n->value) || vd_json_finish(&j))
			return vd_bad_json(d, &j, what);
		return 0;
	}
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key))
		if (vd_json_value(&j, &v))
			node_member(n, key, &v);
	return vd_json_finish(&j) ? vd_bad_json(d, &j, what) : 0;
}

/* A node that sleeps is well: its value is false all the same in old versions. */
static void node_status(const struct node *n, struct vd_span who, struct vd_decoded *d)
{
	bool dead = vd_span_is(n->status.raw, "Dead");
	bool well = vd_span_is(n->status.raw, "Alive") || vd_span_is(n->status.raw, "Awake") ||
		    vd_span_is(n->status.raw, "Asleep");
	bool told = n->status.type == VD_JSON_STRING && n->status.raw.n;
	if (!told) {
		dead = n->value.type == VD_JSON_FALSE;
		well = n->value.type == VD_JSON_TRUE;
	}
	if (!dead && !well)
		return; /* "Unknown" after the gateway's start */
	struct vd_reading *r =
		vd_reading_add(d, who, VD_KIND_DEVICE_CONNECTIVITY, dead ? "offline" : "online");
	if (r && vd_whole(&n->time, 1000000000000ll, VD_TIME_MAX_MS, &r->t_ms))
		r->t_src = VD_T_BRIDGE;
}

static void last_active(const struct node *n, struct vd_span who, struct vd_decoded *d)
{
	struct vd_reading *r = vd_reading_add(d, who, VD_KIND_DEVICE_HEARTBEAT, "");
	if (r && vd_whole(&n->value, 1000000000000ll, VD_TIME_MAX_MS, &r->t_ms))
		r->t_src = VD_T_BRIDGE;
}

static int node_info(struct zw *z, const struct node *n, struct vd_span who, struct vd_decoded *d)
{
	if (vd_scratch_ready(d, vd_scratch_for(n->vendor.raw.n + n->label.raw.n +
					       n->description.raw.n + n->name.raw.n)))
		return VD_ENOMEM;
	struct vd_span vendor = vd_keep(d, &n->vendor), model = vd_keep(d, &n->label),
		       name = vd_keep(d, &n->name), firmware = vd_keep(d, &n->firmware);
	if (!model.n)
		model = vd_keep(d, &n->description);
	int news = vd_known_tell(&z->known, who, vendor, model, firmware);
	if (news < 0)
		return news;
	d->remember = news > 0;
	d->heard[d->n_heard++] = (struct vd_heard){
		.identity = who, .name = name.n ? name : who, .vendor = vendor, .model = model};
	node_status(n, who, d);
	return 0;
}

/* <node>/status, /lastActive, /nodeinfo. false: another topic. */
static bool node(struct zw *z, const struct vd_frame *f, struct vd_span rest, struct vd_decoded *d,
		 int *ret_err)
{
	struct vd_span who = rest, last = vd_topic_last(&who), body = vd_span_trim(f->body);
	struct node n = {0};
	bool status = vd_span_is(last, "status"), active = vd_span_is(last, "lastActive"),
	     info = vd_span_is(last, "nodeinfo");
	*ret_err = 0;
	if (!who.n || (!status && !active && !info))
		return false;
	if (!body.n)
		return true;
	*ret_err = read_node(d, body, "what a node tells of itself", &n);
	if (*ret_err)
		return true;
	if (status)
		node_status(&n, who, d);
	else if (active)
		last_active(&n, who, d);
	else
		*ret_err = node_info(z, &n, who, d);
	if (!*ret_err && (vd_span_is(n.status.raw, "Asleep") || vd_span_is(n.status.raw, "Awake")))
		d->remember |= zw_learn_sleep(z, who);
	return true;
}

/* -- topics --------------------------------------------------------------------------------- */

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct zw *z = state;
	struct vd_span rest, path, last;
	struct zw_value v;
	int err;
	if (!vd_topic_under(z->prefix, f->topic, &rest))
		return 0;
	path = rest;
	last = vd_topic_last(&path);
	if (vd_span_starts(rest, VD_SPAN_LIT("_CLIENTS/"))) {
		(void)vd_topic_last(&path); /* the client's name */
		return vd_span_is(path, "_CLIENTS") && vd_span_is(last, "status")
			       ? bridge(f, "", d)
			       : 0; /* its version, requests and their answers */
	}
	if (vd_span_starts(rest, VD_SPAN_LIT("_EVENTS")))
		return gateway_event(z, f, rest, d);
	if (vd_span_is(rest, "driver/status"))
		return bridge(f, "driver", d);
	if (vd_span_is(last, "set"))
		return 0; /* a command on its way to the gateway */
	bool value = zw_value_topic(rest, &v);
	if (!value && node(z, f, rest, d, &err))
		return err;
	struct zw_value told = v; /* a whole value's payload may say otherwise */
	err = zw_value(z, f, &v, d);
	if (!err && value && (f->body.n || !f->retained))
		d->remember = zw_learn(z, &told);
	return err;
}

const struct vd_adapter vd_adapter_zwavejsui = {
	.family = "zwavejsui",
	.title = "Z-Wave JS UI",
	.state_size = sizeof(struct zw),
	.init = init,
	.fini = fini,
	.decode = decode,
	.commands = zw_commands,
	.command = zw_command,
};

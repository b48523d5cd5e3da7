/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts: tasmota.github.io/docs/Zigbee (SetOption83, 89, 112, 118, 119, 125), and the names and
 * bits of zone status in github.com/arendst/Tasmota
 * tasmota_xdrv_driver/xdrv_23_zigbee_2_devices.ino. */
#include "adapters/tasmota/tasmota.h"
#include "adapters/common/flat.h"
#include "adapters/common/topic.h"
#include "base/err.h"
#include <stdio.h>
#include <stdlib.h>

struct device { /* while its object is being read */
	struct vd_json_val name, address, model, vendor, endpoint;
	int64_t zone;     /* status bits, -1 = not told */
	bool named_alarm; /* the bridge has said what the alarm bit means */
};

struct vd_span tasmota_join(struct vd_decoded *d, struct vd_span a, struct vd_span b)
{
	if (!a.n || !b.n)
		return a.n ? a : b;
	if (d->scratch.n + a.n + b.n + 1 >= d->scratch.cap)
		return vd_span("", 0);
	char *p = d->scratch.p + d->scratch.n;
	memcpy(p, a.p, a.n);
	p[a.n] = '/';
	memcpy(p + a.n + 1, b.p, b.n);
	d->scratch.n += a.n + b.n + 1;
	return vd_span(p, a.n + b.n + 1);
}

/* -- whose it is ---------------------------------------------------------------------------- */

static bool is_hex(struct vd_span s, size_t n)
{
	for (size_t i = 0; i < s.n; i++)
		if (!memchr("0123456789abcdefABCDEF", s.p[i], 22))
			return false;
	return s.n == n;
}

static bool is_address(struct vd_span s)
{
	return vd_span_starts(s, VD_SPAN_LIT("0x")) && is_hex(vd_span_skip(s, 2), 4);
}

/* Topics of their own (SetOption89) end in the device: its name, or its address without 0x. */
static bool is_topics(struct vd_span part, struct vd_span name)
{
	return part.n && (vd_span_eq(part, name) || (is_address(name) && is_hex(part, 4)));
}

/* Name before address: an address is dealt anew when a device joins again. */
static struct vd_span identity_of(struct vd_decoded *d, struct vd_span path, struct vd_span key,
				  const struct device *dev)
{
	struct vd_span bridge = path, last = vd_topic_last(&bridge), name = vd_keep(d, &dev->name);
	struct vd_span address = key.n ? key : dev->address.raw;
	bool own = is_topics(last, name) || is_topics(last, address) || is_topics(last, key) ||
		   (dev->address.raw.n && is_topics(last, dev->address.raw));
	if (!name.n)
		name = address;
	if (!name.n) { /* the topic alone says whose it is */
		name = last;
		own = true;
	}
	return tasmota_join(d, own ? bridge : path, name);
}

/* -- attributes ----------------------------------------------------------------------------- */

static bool names_alarm(struct vd_span key)
{
	static const char *const names[] = {"Occupancy",     "Contact",  "Fire",  "Water",     "CO",
					    "PersonalAlarm", "Movement", "Panic", "GlassBreak"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i]);
		if (key.n >= n && key.n <= n + 1 && memcmp(key.p, names[i], n) == 0 &&
		    (key.n == n || (key.p[n] >= '0' && key.p[n] <= '9')))
			return true;
	}
	return false;
}

/* "0500<00":"010000FF0000": the status is the first two bytes, the low one first. */
static int64_t raw_zone(const struct vd_json_val *v)
{
	char hex[5] = "";
	if (v->type != VD_JSON_STRING || v->raw.n < 4 || !is_hex(vd_span(v->raw.p, 4), 4))
		return -1;
	snprintf(hex, sizeof(hex), "%.2s%.2s", v->raw.p + 2, v->raw.p);
	return strtol(hex, NULL, 16);
}

static bool is_raw_zone(struct vd_span key)
{
	return vd_span_is(key, "0500<00") || vd_span_is(key, "0500!00");
}

/* A command the device sent, such as "0006!02": somebody pressed something. */
static bool is_command(struct vd_span key)
{
	return key.n == 7 && key.p[4] == '!' && is_hex(vd_span(key.p, 4), 4) &&
	       is_hex(vd_span(key.p + 5, 2), 2) && !is_raw_zone(key);
}

static void look(struct device *dev, struct vd_span key, const struct vd_json_val *v)
{
	if (vd_span_is(key, "Name"))
		dev->name = *v;
	else if (vd_span_is(key, "Device") && v->type == VD_JSON_STRING)
		dev->address = *v;
	else if (vd_span_is(key, "ModelId"))
		dev->model = *v;
	else if (vd_span_is(key, "Manufacturer"))
		dev->vendor = *v;
	else if (vd_span_is(key, "Endpoint"))
		dev->endpoint = *v;
	else if (vd_span_is(key, "ZoneStatusChange") || vd_span_is(key, "ZoneStatus"))
		(void)vd_whole(v, 0, 65535, &dev->zone);
	else if (is_raw_zone(key) && dev->zone < 0)
		dev->zone = raw_zone(v);
	dev->named_alarm |= names_alarm(key);
}

struct read {
	struct tasmota *t;
	struct vd_field_of who;
	const struct device *dev;
	struct vd_decoded *d;
};

static void press(struct read *r, struct vd_span key, struct vd_span word)
{
	size_t n = r->d->n;
	int64_t endpoint;
	enum vd_field f = vd_table_word(r->t->tables, &r->who, key, word, r->d);
	if (f == VD_FIELD_UNKNOWN)
		(void)vd_press_add(r->d, r->who.identity, word);
	for (size_t i = n; i < r->d->n; i++)
		if (vd_whole(&r->dev->endpoint, 2, 240, &endpoint) && !r->d->readings[i].zone[0])
			snprintf(r->d->readings[i].zone, sizeof(r->d->readings[i].zone), "%d",
				 (int)endpoint);
}

static void attribute(void *arg, struct vd_span key, const struct vd_json_val *v)
{
	struct read *r = arg;
	if (is_command(key))
		press(r, VD_SPAN_LIT("command"), key);
	else if (vd_span_is(key, "Click") && !vd_unknown_value(v))
		press(r, key, v->raw);
	else if (!is_raw_zone(key) &&
		 vd_table_read(r->t->tables, &r->who, key, v, r->d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(r->d, key);
}

/* Of the bits the bridge names only those that are set; here both are told, so that what began can
 * end. The alarm's own bit has a meaning only when the bridge has not named it. */
static void zone_bits(struct read *r)
{
	static const struct {
		int bit;
		const char *key;
	} bits[] = {{0x01, "Zone.alarm1"}, {0x02, "Zone.alarm2"},
		    {0x04, "Zone.tamper"}, {0x08, "Zone.battery_low"},
		    {0x40, "Zone.fault"},  {0x80, "Zone.mains"},
		    {0x100, "Zone.test"},  {0x200, "Zone.battery_defect"}};
	for (size_t i = r->dev->named_alarm ? 2 : 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		bool on = r->dev->zone & bits[i].bit;
		(void)vd_table_word(r->t->tables, &r->who, vd_span_cstr(bits[i].key),
				    on ? VD_SPAN_LIT("on") : VD_SPAN_LIT("off"), r->d);
	}
	if (!r->dev->named_alarm && (r->dev->zone & 3))
		vd_unknown_field(r->d, VD_SPAN_LIT("ZoneStatusChange of an unknown zone type"));
}

static void look_at(struct device *dev, struct vd_span object)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	vd_json_init(&j, object);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key))
		if (vd_json_value(&j, &v))
			look(dev, key, &v);
}

/* One device's attributes; `key` is what the message calls it, "" = nothing. */
static void device(struct tasmota *t, struct vd_span path, struct vd_span key,
		   struct vd_span object, struct vd_decoded *d)
{
	static const struct vd_flat flat = {.leaf = attribute};
	struct device dev = {.zone = -1};
	struct vd_json j;
	look_at(&dev, object);
	struct vd_span who = identity_of(d, path, key, &dev);
	if (!who.n)
		return;
	struct vd_span model = vd_keep(d, &dev.model), vendor = vd_keep(d, &dev.vendor);
	const struct vd_known_device *known = vd_known_find(&t->known, who);
	struct read r = {.t = t,
			 .dev = &dev,
			 .d = d,
			 .who = {.platform = VD_SPAN_LIT("tasmota"),
				 .vendor = known ? vd_span_cstr(known->vendor) : vendor,
				 .model = known ? vd_span_cstr(known->model) : model,
				 .identity = who}};
	vd_json_init(&j, object);
	(void)vd_flat_walk(&j, vd_span("", 0), &flat, &r);
	if (dev.zone >= 0)
		zone_bits(&r);
	d->alive = who;
	if (model.n && d->n_heard < VD_MAX_HEARD_GATEWAY)
		d->heard[d->n_heard++] = (struct vd_heard){
			.identity = who, .name = who, .vendor = vendor, .model = model};
}

/* Attributes of one device, not devices by name: some of it is no object. */
static bool is_one(struct vd_span object)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	bool one = false;
	vd_json_init(&j, object);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v))
		one |= v.type != VD_JSON_OBJECT;
	return one;
}

void zb_received(struct tasmota *t, struct vd_span path, struct vd_span object,
		 struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	if (is_one(object)) {
		device(t, path, vd_span("", 0), object, d);
		return;
	}
	vd_json_init(&j, object);
	(void)vd_json_enter_object(&j);
	while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v))
		device(t, path, key, v.raw, d);
}

/* -- who is there --------------------------------------------------------------------------- */

static int tell(struct tasmota *t, struct vd_span path, struct vd_span key, struct vd_span object,
		struct vd_decoded *d)
{
	struct device dev = {.zone = -1};
	struct vd_json_val ieee = {0};
	look_at(&dev, object);
	struct vd_span who = identity_of(d, path, key, &dev);
	struct vd_span vendor = vd_keep(d, &dev.vendor), model = vd_keep(d, &dev.model);
	if (!who.n || d->n_heard == VD_MAX_HEARD_GATEWAY)
		return 0;
	int err = vd_known_tell(&t->known, who, vendor, model, vd_span("", 0));
	if (err < 0)
		return err;
	(void)vd_json_find(object, "IEEEAddr", &ieee);
	d->heard[d->n_heard++] =
		(struct vd_heard){.identity = who,
				  .name = dev.name.raw.n ? vd_keep(d, &dev.name) : who,
				  .vendor = vendor,
				  .model = model,
				  .serial = ieee.raw};
	return 0;
}

/* {"0x1234":{...}} or [{"Device":"0x1234",...}]. */
int zb_info(struct tasmota *t, struct vd_span path, const struct vd_json_val *v,
	    struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key = vd_span("", 0);
	struct vd_json_val one;
	int err = 0;
	vd_json_init(&j, v->raw);
	bool list = v->type == VD_JSON_ARRAY;
	if (list ? !vd_json_enter_array(&j) : !vd_json_enter_object(&j))
		return 0;
	while (!err && (list ? vd_json_next_elem(&j) : vd_json_next_key(&j, &key)))
		if (vd_json_value(&j, &one) && one.type == VD_JSON_OBJECT)
			err = tell(t, path, key, one.raw, d);
	return err;
}

void zb_state(struct vd_span path, struct vd_span object, struct vd_decoded *d)
{
	struct vd_json_val status, address, name = {0};
	if (!vd_json_find(object, "Status", &status) || status.num != 30 ||
	    !vd_json_find(object, "ShortAddr", &address) || address.type != VD_JSON_STRING)
		return;
	(void)vd_json_find(object, "Name", &name);
	struct vd_span who = vd_keep(d, &name);
	who = tasmota_join(d, path, who.n ? who : address.raw);
	struct vd_reading *r =
		who.n ? vd_reading_add(d, who, VD_KIND_DEVICE_JOINED, "announce") : NULL;
	if (r)
		r->flags |= VD_F_EDGE;
}

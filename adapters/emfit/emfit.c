/* SPDX-License-Identifier: EUPL-1.2 */
/* Emfit QS, a bed sensor: the cloud's status as JSON (pushed, or fetched by somebody for us), and
 * the text page the sensor itself serves in its network. Words and fields are rows of
 * schema/maps/emfit.csv. Facts and addresses: README.md. Loop thread. */
#include "adapters/common/pseudonym.h"
#include "adapters/common/told.h"
#include "base/err.h"
#include "base/map.h"

#define LOST_MAX 64 /* sensors of one account that are out of reach at a time */
#define KEY_MAX  32

struct emfit {
	const struct vd_tables *tables;
	struct vd_pseudonyms people;
	uint64_t lost[LOST_MAX]; /* were once out of reach or faulty: their words say they are back
				  */
	unsigned next;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct emfit *s = state;
	(void)prefix;
	s->tables = tables;
	return vd_pseudonyms_init(&s->people, config);
}

/* One field of either form, its key in small letters. */
struct field {
	char key[KEY_MAX];
	struct vd_json_val v;
};

/* What a message holds. More fields than anybody sends are counted, not read. */
struct message {
	struct field fields[48];
	size_t n;
	struct vd_json_val device, at;
};

static void add(struct message *m, struct vd_span key, const struct vd_json_val *v,
		struct vd_decoded *d)
{
	static const char *const devices[] = {"deviceindex", "device", "device_id",
					      "deviceid",    "serial", "ser"};
	static const char *const times[] = {"from", "time", "timestamp", "event_at"};
	struct field *f = &m->fields[m->n];
	if (key.n >= KEY_MAX || m->n == sizeof(m->fields) / sizeof(m->fields[0])) {
		vd_unknown_field(d, key);
		return;
	}
	for (size_t i = 0; i <= key.n; i++) {
		char c = i < key.n ? key.p[i] : '\0';
		f->key[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	f->v = *v;
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++)
		if (strcmp(f->key, devices[i]) == 0) {
			m->device = m->device.type ? m->device : *v;
			return;
		}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (strcmp(f->key, times[i]) == 0) {
			m->at = m->at.type ? m->at : *v;
			return;
		}
	m->n++;
}

static int read_json(struct vd_span body, struct message *m, struct vd_decoded *d)
{
	struct vd_json j;
	struct vd_span key;
	struct vd_json_val v;
	vd_json_init(&j, body);
	if (!vd_json_enter_object(&j))
		return vd_bad_json(d, &j, "an Emfit message");
	while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v))
		add(m, key, &v, d);
	return vd_json_finish(&j) ? vd_bad_json(d, &j, "an Emfit message") : 0;
}

/* "SER=0011A7<br>\r\nPRES=1<br>": a value is whole when something follows it, so that half a page
 * is never half a number. */
static void read_page(struct vd_span body, struct message *m, struct vd_decoded *d)
{
	while (body.n) {
		size_t end = 0;
		while (end < body.n && !memchr("<\r\n", body.p[end], 3))
			end++;
		if (end == body.n)
			return;
		struct vd_span value = vd_span(body.p, end), key;
		bool tag = body.p[end] == '<';
		while (tag && end < body.n && body.p[end] != '>')
			end++;
		body = vd_span_skip(body, end + 1);
		value = vd_span_trim(value);
		if (!memchr(value.p, '=', value.n) || !vd_span_next(&value, '=', &key))
			continue;
		struct vd_json_val v = {.type = VD_JSON_STRING, .raw = vd_span_trim(value)};
		(void)vd_digits_value(v.raw, &v);
		if (vd_span_trim(key).n)
			add(m, vd_span_trim(key), &v, d);
	}
}

/* The page's TS is 0 as long as the sensor knows no time. */
static bool clock_of(struct message *m, const struct vd_field_of *who, struct vd_reading *like,
		     struct vd_decoded *d)
{
	for (size_t i = 0; i < m->n; i++) {
		struct field *f = &m->fields[i];
		if (strcmp(f->key, "ts") != 0)
			continue;
		like->t_ms = like->t_ms ? like->t_ms : vd_instant_told(&f->v);
		if (f->v.type != VD_JSON_NUMBER)
			return false;
		struct vd_reading *r = vd_reading_add(d, who->identity, VD_KIND_DEVICE_CLOCK,
						      f->v.num > 0 ? "ok" : "unset");
		if (r)
			r->t_ms = like->t_ms;
		return true;
	}
	return false;
}

/* Nobody in bed: what stands there for heart and breath is of nobody. */
static void drop_vitals_of_nobody(struct vd_decoded *d)
{
	bool out = false;
	size_t keep = 0;
	for (size_t i = 0; i < d->n; i++)
		out |= d->readings[i].kind == VD_KIND_BED &&
		       strcmp(d->readings[i].state, "out") == 0;
	for (size_t i = 0; i < d->n; i++) {
		enum vd_kind k = d->readings[i].kind;
		if (!out || (k != VD_KIND_VITAL_HEART_RATE && k != VD_KIND_VITAL_RESPIRATORY_RATE))
			d->readings[keep++] = d->readings[i];
	}
	d->n = keep;
}

/* An error ends when the sensor tells of the bed again. It is said with every such message from
 * then on, and the hub's comparison makes one event of it. */
static void back_again(struct emfit *s, struct vd_span device, const struct vd_reading *like,
		       struct vd_decoded *d)
{
	uint64_t key = vd_hash64(device, 0) | 1;
	size_t at = 0, n = d->n;
	bool lost = false, bed = false;
	while (at < LOST_MAX && s->lost[at] != key)
		at++;
	for (size_t i = 0; i < n; i++) {
		enum vd_kind k = d->readings[i].kind;
		lost |= k == VD_KIND_DEVICE_CONNECTIVITY || k == VD_KIND_DEVICE_FAULT;
		bed |= k == VD_KIND_BED;
	}
	if (lost && at == LOST_MAX)
		s->lost[s->next++ % LOST_MAX] = key;
	if (lost || !bed || at == LOST_MAX)
		return;
	static const enum vd_kind kinds[] = {VD_KIND_DEVICE_CONNECTIVITY, VD_KIND_DEVICE_FAULT};
	static const char *const states[] = {"online", "off"};
	for (size_t i = 0; i < 2; i++) {
		struct vd_reading *r = vd_reading_add(d, device, kinds[i], states[i]);
		if (r) {
			r->t_ms = like->t_ms;
			r->t_src = like->t_src;
		}
	}
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct emfit *s = state;
	struct message m = {.n = 0};
	struct vd_span body = vd_span_trim(f->body);
	bool json = body.n && body.p[0] == '{';
	int err = vd_told_ready(d);
	if (!err && json)
		err = read_json(body, &m, d);
	if (err)
		return err;
	if (!json) /* untrimmed: the line break that ends the last value counts */
		read_page(f->body, &m, d);
	struct vd_span device = vd_device_named(d, &s->people, &m.device);
	if (!device.n) {
		snprintf(d->error, sizeof(d->error),
			 "no DeviceIndex, device or SER: neither Emfit's JSON nor its dvmstatus "
			 "page");
		return VD_EINVAL;
	}
	struct vd_reading like = {.t_ms = vd_instant_told(&m.at), .seq = -1};
	like.t_src = json ? VD_T_BRIDGE : VD_T_DEVICE;
	struct vd_field_of who = {.platform = VD_SPAN_LIT("emfit"),
				  .vendor = VD_SPAN_LIT("Emfit"),
				  .identity = device,
				  .like = &like};
	d->alive = device;
	bool clocked = clock_of(&m, &who, &like, d);
	for (size_t i = 0; i < m.n; i++) {
		struct vd_span key = vd_span_cstr(m.fields[i].key);
		if (clocked && vd_span_is(key, "ts"))
			continue;
		if (vd_table_read(s->tables, &who, key, &m.fields[i].v, d) == VD_FIELD_UNKNOWN)
			vd_unknown_field(d, key);
	}
	vd_table_settle(d);
	drop_vitals_of_nobody(d);
	back_again(s, device, &like, d);
	struct vd_heard *w = vd_told_heard(d, device);
	if (w)
		w->vendor = VD_SPAN_LIT("Emfit");
	vd_told_features(d);
	return 0;
}

const struct vd_adapter vd_adapter_emfit = {
	.family = "emfit",
	.title = "Emfit QS",
	.watch = "mains",
	.state_size = sizeof(struct emfit),
	.init = init,
	.decode = decode,
};

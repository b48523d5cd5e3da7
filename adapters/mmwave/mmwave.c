/* SPDX-License-Identifier: EUPL-1.2 */
/* 60 GHz radar modules (Seeed MR60FDA, DFRobot C1001, HLK-LD6002 and their like) on a controller
 * that publishes JSON or bare values as its maker saw fit. There is no standard: names and words
 * are rows of a table, where they stand is told by the binding's configuration. Loop thread. */
#include "adapters/common/reading.h"
#include "adapters/common/table.h"
#include "adapters/mmwave/config.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"
#include <math.h>

#define WHAT     "a radar's values"
#define NESTED   4   /* objects within objects that are looked into */
#define KEY      64  /* bytes of a dotted name, as the tables hold them */
#define FALLEN   128 /* radars of one gateway that tell of a fall at the same time */
#define TOLD     VD_MAX_EVENTS_FRAME /* fields of one message that said something */
#define VALUE    255                 /* bytes of a bare value */
#define IDENTITY 95                  /* bytes, as the hub keeps them */

struct mmwave {
	char prefix[208]; /* as the command line allows */
	struct mmwave_config config;
	const struct vd_tables *tables;
	/* Which field of which radar told of a fall last: one that says "people" or "nobody" next
	 * tells of the fall's end only by not telling of it any more. Ring; forgotten ones make the
	 * next report of the same fall count again. */
	uint64_t fallen[FALLEN];
	unsigned next;
};

static int init(void *state, struct vd_span prefix, struct vd_span config,
		const struct vd_tables *tables)
{
	struct mmwave *w = state;
	vd_span_copy(w->prefix, sizeof(w->prefix), prefix);
	w->tables = tables;
	return mmwave_config_read(config, &w->config);
}

/* One message being read. */
struct message {
	struct mmwave *w;
	struct vd_field_of who;
	struct vd_span device; /* named by a member */
	int64_t t_ms;
	unsigned named;
	struct {
		uint64_t key;
		bool fallen;
	} told[TOLD];
	size_t n_told;
	struct vd_decoded *d;
};

/* -- falls ---------------------------------------------------------------------------------- */

/* Remembers what a field said: whose fall it is, is known when all is read. */
static void note(struct message *m, struct vd_span key, size_t from)
{
	if (m->d->n == from || m->n_told == TOLD)
		return;
	const struct vd_reading *r = &m->d->readings[from];
	m->told[m->n_told].key = vd_hash64(key, 0);
	m->told[m->n_told++].fallen = r->kind == VD_KIND_FALL && vd_state_active(r->kind, r->state);
}

/* Has a fall begun? It counts even if the state of the one before was never taken back. */
static bool begun(struct message *m)
{
	struct mmwave *w = m->w;
	bool fresh = false;
	for (size_t i = 0; i < m->n_told; i++) {
		uint64_t what = vd_hash64(m->who.identity, m->told[i].key) | 1;
		unsigned k = 0;
		while (k < FALLEN && w->fallen[k] != what)
			k++;
		if (!m->told[i].fallen && k < FALLEN)
			w->fallen[k] = 0;
		if (!m->told[i].fallen || k < FALLEN)
			continue;
		w->fallen[w->next++ % FALLEN] = what;
		fresh = true;
	}
	return fresh;
}

/* -- fields --------------------------------------------------------------------------------- */

/* Seconds, milliseconds or a text with a zone; counters since power-on are too small to be one. */
static int64_t moment(const struct vd_json_val *v)
{
	int64_t n;
	bool zoned = false;
	if (v->type == VD_JSON_STRING)
		return vd_iso_parse(v->raw, &n, &zoned) == 0 && zoned ? n : 0;
	if (vd_whole(v, 1000000000, 9999999999, &n))
		return n * 1000;
	return vd_whole(v, 1000000000000, VD_TIME_MAX_MS, &n) ? n : 0;
}

static bool tells_time(const struct message *m, struct vd_span key)
{
	const char *own = m->w->config.time;
	if (own[0])
		return vd_span_is(key, own);
	return vd_span_is(key, "timestamp") || vd_span_is(key, "time") || vd_span_is(key, "ts");
}

/* "2.0" is 2: a row for a whole number fits however a controller prints it. */
static void plain(struct vd_json_val *v, char text[24])
{
	if (v->type != VD_JSON_NUMBER || v->num != floor(v->num) || fabs(v->num) > 1e9 ||
	    !memchr(v->raw.p, '.', v->raw.n))
		return;
	int n = snprintf(text, 24, "%.0f", v->num);
	v->raw = vd_span(text, (size_t)n);
}

static void field(struct message *m, struct vd_span key, const struct vd_json_val *value)
{
	char text[24];
	struct vd_json_val v = *value;
	size_t n = m->d->n;
	if (m->w->config.device[0] && vd_span_is(key, m->w->config.device)) {
		m->named++;
		m->device = v.type == VD_JSON_STRING   ? vd_keep(m->d, &v)
			    : v.type == VD_JSON_NUMBER ? v.raw
						       : m->device;
		return;
	}
	if (tells_time(m, key)) {
		m->t_ms = moment(&v);
		return;
	}
	plain(&v, text);
	if (vd_table_read(m->w->tables, &m->who, key, &v, m->d) == VD_FIELD_UNKNOWN)
		vd_unknown_field(m->d, key);
	note(m, key, n);
}

/* Members of members get dotted names: {"radar":{"fall":1}} is radar.fall. */
static void object(struct message *m, struct vd_json *j, struct vd_span path, int depth)
{
	struct vd_span key;
	char name[KEY];
	(void)vd_json_enter_object(j);
	while (vd_json_next_key(j, &key)) {
		struct vd_json_val v;
		size_t n = path.n + key.n + (path.n > 0);
		bool fits = n < sizeof(name);
		struct vd_span whole = key;
		if (path.n && fits) {
			memcpy(name, path.p, path.n);
			name[path.n] = '.';
			memcpy(name + path.n + 1, key.p, key.n);
			whole = vd_span(name, n);
		}
		if (fits && depth < NESTED && vd_json_peek(j) == VD_JSON_OBJECT)
			object(m, j, whole, depth + 1);
		else if (vd_json_value(j, &v))
			field(m, whole, &v);
	}
}

static int read_object(struct message *m, struct vd_span body)
{
	struct vd_json j;
	vd_json_init(&j, body);
	object(m, &j, vd_span("", 0), 1);
	if (vd_json_finish(&j))
		return vd_bad_json(m->d, &j, WHAT);
	if (m->named > 1) {
		snprintf(m->d->error, sizeof(m->d->error), "%s is told twice", m->w->config.device);
		return VD_EINVAL;
	}
	return 0;
}

/* A value alone: a number, true or a word without quotes. */
static int read_bare(struct message *m, struct vd_span body, struct vd_span key)
{
	struct vd_json j;
	struct vd_json_val v;
	vd_json_init(&j, body);
	if (!vd_json_value(&j, &v) || vd_json_finish(&j))
		v = (struct vd_json_val){.type = VD_JSON_STRING, .raw = body};
	if (body.n > VALUE || !vd_span_utf8(body) || v.type == VD_JSON_ARRAY) {
		snprintf(m->d->error, sizeof(m->d->error),
			 "neither an object of values nor one short value");
		return VD_EPARSE;
	}
	field(m, key.n ? key : VD_SPAN_LIT("value"), &v);
	return 0;
}

/* -- the message ---------------------------------------------------------------------------- */

static int conclude(struct message *m)
{
	if (m->w->config.device[0] && m->device.n)
		m->who.identity = m->device;
	if (!m->who.identity.n || m->who.identity.n > IDENTITY) {
		snprintf(m->d->error, sizeof(m->d->error),
			 "which radar is it? Its name is missing or longer than %d bytes",
			 IDENTITY);
		return VD_EINVAL;
	}
	bool fresh = begun(m);
	vd_table_settle(m->d);
	for (size_t i = 0; i < m->d->n; i++) {
		struct vd_reading *r = &m->d->readings[i];
		r->identity = m->who.identity;
		r->t_ms = m->t_ms;
		r->t_src = VD_T_DEVICE;
		if (fresh && r->kind == VD_KIND_FALL && vd_state_active(r->kind, r->state))
			r->flags |= VD_F_EDGE;
	}
	m->d->alive = m->who.identity;
	return 0;
}

static int decode(void *state, const struct vd_frame *f, struct vd_decoded *d)
{
	struct mmwave *w = state;
	struct message m = {.w = w, .d = d};
	struct vd_span rest = f->topic, body = vd_span_trim(f->body), key;
	size_t n = strlen(w->prefix);
	bool bare = body.n && body.p[0] != '{';
	if (n && (rest.n <= n || !vd_span_starts(rest, vd_span(w->prefix, n)) || rest.p[n] != '/'))
		return 0;
	rest = n ? vd_span_skip(rest, n + 1) : rest;
	if (!body.n || !mmwave_topic(&w->config, rest, bare, &m.who.identity, &key))
		return 0; /* clears a retained topic, or is not one of theirs */
	int err = vd_scratch_ready(d, body.n + 1);
	if (err)
		return err;
	m.who.platform = VD_SPAN_LIT("mmwave");
	m.who.vendor = vd_span_cstr(w->config.vendor);
	m.who.model = vd_span_cstr(w->config.model);
	m.who.firmware = vd_span_cstr(w->config.firmware);
	err = bare ? read_bare(&m, body, key) : read_object(&m, body);
	return err ? err : conclude(&m);
}

const struct vd_adapter vd_adapter_mmwave = {
	.family = "mmwave",
	.title = "60 GHz radar modules",
	.watch = "mains",
	.state_size = sizeof(struct mmwave),
	.init = init,
	.decode = decode,
};

/* SPDX-License-Identifier: EUPL-1.2 */
/* varde decode: what a device message means, without a hub. The same adapters and the same judge as
 * the hub's; state is kept over the lines of a corpus, so repeats and retained messages are judged.
 */
#include "adapters/common/table.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mem.h"
#include "core/devstate.h"
#include "main/cmd.h"
#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define DEVICES_MAX  20000
#define SEEN_MAX     200000
#define FAMILIES_MAX 64

static const char usage[] =
	"usage: varde decode --platform NAME --topic T [--via mqtt|http|sip] [--prefix P] "
	"[--retained]\n"
	"                    [--models FILE] [--config JSON] < payload\n"
	"       varde decode --corpus FILE.jsonl [--models FILE]\n"
	"\n"
	"Prints one JSON event per line; with --corpus one line per message:\n"
	"{\"id\":...,\"alarm\":\"raise|none|clear|technical\",\"events\":[...]}\n"
	"Exit 65: the payload (or a corpus line) could not be read.\n";

static void print_usage(FILE *f)
{
	fputs(usage, f);
	fputs("Platforms:", f);
	for (int i = 0; vd_adapters[i]; i++)
		fprintf(f, " %s", vd_adapters[i]->family);
	fputs(".\n", f);
}

struct device {
	struct vd_devstate state;
	char key[]; /* platform/identity */
};

struct decoder {
	struct vd_tables *tables;
	struct vd_decoded *d;
	void *states[FAMILIES_MAX]; /* by place in vd_adapters */
	struct vd_map devices, seen;
	int64_t at_ms; /* messages of a corpus are taken to come a second apart */
};

static int decoder_open(struct decoder *x, const char *models, struct vd_errtext *e)
{
	memset(x, 0, sizeof(*x));
	vd_map_init(&x->devices, DEVICES_MAX, 1);
	vd_map_init(&x->seen, SEEN_MAX, 2);
	x->d = vd_calloc(1, sizeof(*x->d));
	if (!x->d)
		return VD_ENOMEM;
	vd_buf_init(&x->d->scratch, VD_MAX_FRAME_BYTES);
	return vd_tables_load(models, &x->tables, e);
}

static void decoder_close(struct decoder *x)
{
	size_t it = 0;
	for (struct device *v; (v = vd_map_each(&x->devices, &it));) {
		vd_devstate_fini(&v->state);
		vd_free(v);
	}
	for (int i = 0; i < FAMILIES_MAX && vd_adapters[i]; i++) {
		if (!x->states[i])
			continue;
		if (vd_adapters[i]->fini)
			vd_adapters[i]->fini(x->states[i]);
		vd_free(x->states[i]);
	}
	vd_map_fini(&x->devices);
	vd_map_fini(&x->seen);
	vd_tables_free(x->tables);
	if (x->d)
		vd_buf_fini(&x->d->scratch);
	vd_free(x->d);
}

static int find_adapter(const char *family)
{
	for (int i = 0; i < FAMILIES_MAX && vd_adapters[i]; i++)
		if (strcmp(vd_adapters[i]->family, family) == 0)
			return i;
	return -1;
}

static void *state_of(struct decoder *x, int i, const char *prefix, const char *config)
{
	if (x->states[i])
		return x->states[i];
	void *s = vd_calloc(1, vd_adapters[i]->state_size);
	if (s && vd_adapters[i]->init(s, vd_span_cstr(prefix), vd_span_cstr(config), x->tables)) {
		vd_free(s);
		return NULL;
	}
	return x->states[i] = s;
}

static struct device *device_of(struct decoder *x, const char *family, struct vd_span identity)
{
	char key[192];
	int n = snprintf(key, sizeof(key), "%s/%.*s", family, (int)identity.n,
			 identity.n ? identity.p : "");
	struct vd_span k = vd_span(key, (size_t)n < sizeof(key) ? (size_t)n : sizeof(key) - 1);
	struct device *d = vd_map_get(&x->devices, k);
	if (d)
		return d;
	d = vd_calloc(1, sizeof(*d) + k.n + 1);
	if (!d)
		return NULL;
	memcpy(d->key, k.p, k.n);
	if (vd_map_put(&x->devices, vd_span(d->key, k.n), d)) {
		vd_free(d);
		return NULL;
	}
	return d;
}

/* -- writing -------------------------------------------------------------------------------- */

static const struct {
	unsigned bit;
	const char *name;
} flags[] = {{VD_F_REPLAY, "replay"}, {VD_F_RETAINED, "retained"},   {VD_F_LATE, "late"},
	     {VD_F_TEST, "test"},     {VD_F_SIMULATED, "simulated"}, {VD_F_SUSPECT, "suspect"},
	     {VD_F_CLOCK, "clock"},   {VD_F_FOUND, "found"}};

static void write_zone(struct vd_jw *w, const char *zone)
{
	char *end;
	long n = strtol(zone, &end, 10);
	if (!zone[0])
		return;
	if (*end)
		vd_jw_kv_str(w, "zone", zone);
	else
		vd_jw_kv_int(w, "zone", n);
}

/* A pressure is a pair without a value of its own: written as people say it. */
static void write_pair(struct vd_jw *w, const struct vd_reading *r)
{
	char attrs[VD_MAX_ATTRS_BYTES + 2], pair[64];
	struct vd_json_val over, under;
	int n = snprintf(attrs, sizeof(attrs), "{%s}", r->attrs);
	struct vd_span object = vd_span(attrs, (size_t)n);
	if (r->kind != VD_KIND_VITAL_BLOOD_PRESSURE || r->has_value ||
	    !vd_json_find(object, "systolic", &over) || !vd_json_find(object, "diastolic", &under))
		return;
	snprintf(pair, sizeof(pair), "%.*s/%.*s", (int)over.raw.n, over.raw.p, (int)under.raw.n,
		 under.raw.p);
	vd_jw_kv_str(w, "value", pair);
}

/* The reading as it was told: its own time, not what the hub's clock makes of it. */
static void write_event(struct vd_jw *w, const struct vd_reading *r, unsigned marks)
{
	vd_jw_obj(w);
	if (r->identity.n) {
		vd_jw_key(w, "device");
		vd_jw_str(w, r->identity);
	}
	vd_jw_kv_str(w, "kind", vd_kind_name(r->kind));
	vd_jw_kv_str(w, "state", r->state);
	if (r->has_value)
		vd_jw_kv_num(w, "value", r->value);
	write_pair(w, r);
	vd_jw_kv_str(w, "unit", r->unit);
	if (r->t_ms) {
		vd_jw_kv_time(w, "t", r->t_ms);
		vd_jw_kv_str(w, "t_src", vd_tsrc_name(r->t_src));
	}
	if (r->seq >= 0)
		vd_jw_kv_int(w, "seq", r->seq);
	if (r->episode)
		vd_jw_kv_int(w, "episode", r->episode);
	if (r->kind != VD_KIND_DEVICE_ONBOARDING)
		write_zone(w, r->zone);
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (marks & flags[i].bit)
			vd_jw_kv_bool(w, flags[i].name, true);
	if (r->attrs[0]) {
		vd_buf_add_char(w->b, ',');
		vd_buf_add_cstr(w->b, r->attrs);
	}
	vd_jw_end_obj(w);
}

/* -- one message ---------------------------------------------------------------------------- */

struct message {
	const char *family, *prefix, *config;
	enum vd_carrier carrier;
	struct vd_span topic, body, content_type;
	bool retained;
};

static bool seen_before(struct decoder *x, const char *family)
{
	if (!x->d->dedup)
		return false;
	uint64_t key =
		vd_hash64(x->d->dedup_device, x->d->dedup ^ vd_hash64(vd_span_cstr(family), 0));
	return vd_map_put_u64(&x->seen, key, x) == VD_EEXIST;
}

static void reset(struct vd_decoded *d)
{
	d->n = d->n_heard = 0;
	d->dedup = 0;
	d->alive = d->dedup_device = vd_span("", 0);
	d->remember = d->forget = false;
	d->unknown_keys = 0;
	d->error[0] = d->unknown_key[0] = '\0';
	vd_buf_clear(&d->scratch);
}

static enum vd_verdict stronger(enum vd_verdict a, enum vd_verdict b)
{
	static const int rank[] = {
		[VD_V_NONE] = 0, [VD_V_CLEAR] = 1, [VD_V_TECHNICAL] = 2, [VD_V_RAISE] = 3};
	return rank[b] > rank[a] ? b : a;
}

/* Readings go to `each`; the strongest verdict of the message to *ret. 0 or VD_E*. */
static int decode_one(struct decoder *x, const struct message *m, struct vd_jw *w, bool lines,
		      enum vd_verdict *ret)
{
	int i = find_adapter(m->family);
	void *state = i < 0 ? NULL : state_of(x, i, m->prefix, m->config);
	/* Without a hub's clock the newest time told is taken for "now", so old captures are judged
	 * as they were when they were sent. */
	struct vd_frame f = {.carrier = m->carrier,
			     .topic = m->topic,
			     .content_type = m->content_type,
			     .body = m->body,
			     .retained = m->retained,
			     .received_at_ms = x->at_ms += 1000};
	*ret = VD_V_NONE;
	reset(x->d);
	if (!state)
		return snprintf(x->d->error, sizeof(x->d->error),
				"--config is none that %s takes: see its README", m->family),
		       VD_EINVAL;
	int err = vd_adapters[i]->decode(state, &f, x->d);
	if (err)
		return err;
	if (seen_before(x, m->family))
		return 0;
	for (size_t k = 0; k < x->d->n; k++) {
		const struct vd_reading *r = &x->d->readings[k];
		struct device *dev = device_of(x, m->family, r->identity);
		struct vd_judged j;
		f.received_at_ms = r->t_ms ? r->t_ms : 1;
		if (!dev || vd_judge(&dev->state, &f, r, m->retained, &j))
			return VD_ENOMEM;
		*ret = stronger(*ret, j.verdict);
		write_event(w, r, r->flags | (j.event.flags & (VD_F_RETAINED | VD_F_FOUND)));
		if (lines) {
			vd_buf_add_char(w->b, '\n');
			w->comma = false;
		}
	}
	return 0;
}

static const char *verdict_name(enum vd_verdict v)
{
	switch (v) {
	case VD_V_RAISE: return "raise";
	case VD_V_TECHNICAL: return "technical";
	case VD_V_CLEAR: return "clear";
	case VD_V_NONE: break;
	}
	return "none";
}

/* -- standard input ------------------------------------------------------------------------- */

static int decode_stdin(struct decoder *x, struct message *m)
{
	struct vd_buf body, out;
	struct vd_jw w;
	enum vd_verdict v;
	vd_buf_init(&body, VD_MAX_FRAME_BYTES);
	vd_buf_init(&out, 4 * VD_MAX_FRAME_BYTES);
	char part[4096];
	size_t n;
	while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
		vd_buf_add(&body, part, n);
	vd_jw_init(&w, &out);
	m->body = vd_buf_span(&body);
	int err = body.err ? body.err : decode_one(x, m, &w, true, &v);
	if (err) {
		fprintf(stderr, "varde decode: the payload cannot be read: %s\n",
			x->d->error[0] ? x->d->error : vd_strerror(err));
		fprintf(stderr, "hint: is --platform %s right for this topic?\n", m->family);
	} else {
		fwrite(out.p ? out.p : "", 1, out.n, stdout);
		for (unsigned i = 0; i < x->d->unknown_keys && i < VD_MAX_UNKNOWN_FRAME; i++)
			fprintf(stderr, "varde decode: no table row knows \"%s\" (%s)\n",
				x->d->unknown[i].key,
				x->d->unknown[i].type[0] ? x->d->unknown[i].type : "no value");
	}
	vd_buf_fini(&body);
	vd_buf_fini(&out);
	return err ? VD_EXIT_DATA : VD_EXIT_OK;
}

/* -- a corpus ------------------------------------------------------------------------------- */

struct tally {
	long lines, unreadable, foreign, broken;
};

/* The platform is told by where the message came in; the id's first word helps for the rest. */
static const char *family_of(const char *id, const char *topic)
{
	static const char *const heads[][2] = {{"zigbee2mqtt/", "zigbee2mqtt"},
					       {"v3/", "thethingsstack"},
					       {"application/", "chirpstack"},
					       {"homeassistant/", "homeassistant"},
					       {"varde/", "varde"}};
	for (int i = 0; vd_adapters[i]; i++)
		if (strncmp(id, vd_adapters[i]->family, strlen(vd_adapters[i]->family)) == 0)
			return vd_adapters[i]->family;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (strncmp(topic, heads[i][0], strlen(heads[i][0])) == 0)
			return heads[i][1];
	return NULL;
}

/* Text messages come over HTTP from whoever receives them for us. */
static enum vd_carrier carrier_of(const char *via)
{
	return strcmp(via, "mqtt") == 0  ? VD_CARRIER_MQTT
	       : strcmp(via, "sip") == 0 ? VD_CARRIER_SIP
					 : VD_CARRIER_HTTP;
}

static void corpus_line(struct decoder *x, json_t *row, struct tally *t)
{
	const char *id = json_string_value(json_object_get(row, "id"));
	const char *topic = json_string_value(json_object_get(row, "topic"));
	const char *url = json_string_value(json_object_get(row, "url"));
	const char *via = json_string_value(json_object_get(row, "via"));
	const char *type = json_string_value(json_object_get(row, "content_type"));
	json_t *payload = json_object_get(row, "payload");
	struct vd_buf out;
	struct vd_jw w;
	enum vd_verdict v = VD_V_NONE;
	if (!topic)
		topic = url ? url : "";
	struct message m = {
		.family = family_of(id ? id : "", topic),
		.prefix = "",
		.config = "",
		.carrier = via ? carrier_of(via) : VD_CARRIER_MQTT,
		.topic = vd_span_cstr(topic),
		.content_type = vd_span_cstr(type ? type : ""),
		.body = vd_span(json_string_value(payload), json_string_length(payload)),
		.retained = json_is_true(json_object_get(row, "retain"))};
	vd_buf_init(&out, 4 * VD_MAX_FRAME_BYTES);
	vd_jw_init(&w, &out);
	int err = m.family ? decode_one(x, &m, &w, false, &v) : VD_ENOTFOUND;
	t->foreign += m.family == NULL;
	t->unreadable += m.family && err;
	json_t *idj = json_string(id ? id : "");
	char *quoted = json_dumps(idj, JSON_ENCODE_ANY);
	printf("{\"id\":%s,\"alarm\":\"%s\",\"events\":[%s]}\n", quoted,
	       verdict_name(err ? VD_V_NONE : v), err || !out.p ? "" : out.p);
	vd_foreign_free(quoted);
	json_decref(idj);
	vd_buf_fini(&out);
}

static int decode_corpus(struct decoder *x, const char *path)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t cap = 0;
	struct tally t = {0};
	if (!f) {
		fprintf(stderr, "varde decode: cannot open %s: %m\n", path);
		return VD_EXIT_NOINPUT;
	}
	while (getline(&line, &cap, f) > 0) {
		json_error_t e;
		t.lines++;
		if (line[0] == '\n')
			continue;
		json_t *row = json_loads(line, JSON_ALLOW_NUL, &e);
		if (row) {
			corpus_line(x, row, &t);
		} else {
			t.broken++;
			fprintf(stderr, "varde decode: %s line %ld is not JSON: %s\n", path,
				t.lines, e.text);
		}
		json_decref(row);
	}
	vd_foreign_free(line);
	fclose(f);
	fprintf(stderr,
		"varde decode: %ld lines, %ld unreadable payloads, %ld of no known platform\n",
		t.lines, t.unreadable, t.foreign);
	return t.broken ? VD_EXIT_DATA : VD_EXIT_OK;
}

int vd_cmd_decode(int argc, char **argv)
{
	static const struct option options[] = {{"platform", required_argument, NULL, 'p'},
						{"topic", required_argument, NULL, 't'},
						{"via", required_argument, NULL, 'v'},
						{"prefix", required_argument, NULL, 'x'},
						{"config", required_argument, NULL, 'j'},
						{"retained", no_argument, NULL, 'r'},
						{"corpus", required_argument, NULL, 'c'},
						{"models", required_argument, NULL, 'm'},
						{"help", no_argument, NULL, 'h'},
						{NULL, 0, NULL, 0}};
	const char *corpus = NULL, *models = NULL, *topic = NULL;
	struct message m = {.prefix = "", .config = ""};
	int c;
	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'p': m.family = optarg; break;
		case 't': topic = optarg; break;
		case 'x': m.prefix = optarg; break;
		case 'j': m.config = optarg; break;
		case 'v': m.carrier = carrier_of(optarg); break;
		case 'r': m.retained = true; break;
		case 'c': corpus = optarg; break;
		case 'm': models = optarg; break;
		case 'h': print_usage(stdout); return VD_EXIT_OK;
		default: print_usage(stderr); return VD_EXIT_USAGE;
		}
	}
	if (optind < argc || (corpus ? m.family || topic : !m.family || !topic)) {
		print_usage(stderr);
		return VD_EXIT_USAGE;
	}
	if (m.family && find_adapter(m.family) < 0) {
		fprintf(stderr, "varde decode: no platform is called \"%s\"\n", m.family);
		print_usage(stderr);
		return VD_EXIT_USAGE;
	}
	struct decoder x;
	struct vd_errtext e = {0};
	int code = VD_EXIT_DATA;
	m.topic = vd_span_cstr(topic);
	if (decoder_open(&x, models, &e))
		fprintf(stderr, "varde decode: %s: %s\nhint: %s\n", e.fact, e.detail, e.hint);
	else
		code = corpus ? decode_corpus(&x, corpus) : decode_stdin(&x, &m);
	decoder_close(&x);
	return code;
}

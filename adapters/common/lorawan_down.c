/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/lorawan_down.h"
#include "base/err.h"
#include "base/mem.h"
#include <ctype.h>
#include <stdio.h>

#define BYTES_MAX 48 /* the smallest data rate of EU868 carries 51 */

/* -- what models understand ----------------------------------------------------------------- */

/* `payload` is hexadecimal; {s24be} is the interval in seconds, {m16le} in minutes, with its width
 * in bits and its byte order. `model` may end in "*". */
struct rule {
	const char *vendor, *model;
	enum vd_command_verb verb;
	int port;
	const char *payload;
};

static const struct rule rules[] = {
	/* LDS02 user's manual 4.4: type code 01, keep-alive interval in seconds, any port
	 * (manualshelf.com/manual/dragino/lds02/user-s-manual-english/page-13.html) */
	{"dragino", "lds0*", VD_CMD_INTERVAL, 2, "01{s24be}"},
	/* report_interval of github.com/Milesight-IoT/SensorDecoders em-series/em300-*; their
	 * default port */
	{"milesight-iot", "em300*", VD_CMD_INTERVAL, 85, "FF03{s16le}"},
};

static bool same_word(struct vd_span s, const char *pattern)
{
	size_t n = strlen(pattern);
	bool open = n && pattern[n - 1] == '*';
	n -= open;
	if (open ? s.n < n : s.n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (tolower((unsigned char)s.p[i]) != tolower((unsigned char)pattern[i]))
			return false;
	return true;
}

static bool fits(const struct rule *r, const struct vd_target *who)
{
	return r->payload && (!r->vendor[0] || same_word(who->vendor, r->vendor)) &&
	       same_word(who->model, r->model);
}

struct own { /* a rule out of the configuration */
	struct rule r;
	char vendor[64], model[96], payload[128];
};

static void text(struct vd_span object, const char *key, char *ret, size_t cap)
{
	struct vd_json_val v;
	ret[0] = '\0';
	if (vd_json_find(object, key, &v) && v.type == VD_JSON_STRING && !v.escaped &&
	    v.raw.n < cap)
		vd_span_copy(ret, cap, v.raw);
}

static void read_own(struct vd_span object, struct own *o)
{
	char verb[16];
	struct vd_json_val port = {0};
	text(object, "vendor", o->vendor, sizeof(o->vendor));
	text(object, "model", o->model, sizeof(o->model));
	text(object, "payload", o->payload, sizeof(o->payload));
	text(object, "verb", verb, sizeof(verb));
	(void)vd_json_find(object, "f_port", &port);
	bool ok = port.type == VD_JSON_NUMBER && port.num >= 1 && port.num <= 223 && o->payload[0];
	o->r = (struct rule){.vendor = o->vendor,
			     .model = o->model,
			     .verb = vd_verb_parse(vd_span_cstr(verb)),
			     .port = ok ? (int)port.num : 0,
			     .payload = ok ? o->payload : NULL};
}

/* No door is opened by what may wait for hours. */
static bool may(enum vd_command_verb v)
{
	return v && v != VD_CMD_UNLOCK && v != VD_CMD_LOCK;
}

/* Calls fn with every rule that fits this device, the configuration's first, until it says stop. */
static void each_rule(const char *config, const struct vd_target *who,
		      bool (*fn)(const struct rule *r, void *arg), void *arg)
{
	struct vd_json j;
	struct vd_json_val all, v;
	struct own o;
	bool go = true;
	if (config && vd_json_find(vd_span_cstr(config), "downlinks", &all) &&
	    all.type == VD_JSON_ARRAY) {
		vd_json_init(&j, all.raw);
		(void)vd_json_enter_array(&j);
		while (go && vd_json_next_elem(&j) && vd_json_value(&j, &v)) {
			if (v.type != VD_JSON_OBJECT)
				continue;
			read_own(v.raw, &o);
			if (may(o.r.verb) && fits(&o.r, who))
				go = fn(&o.r, arg);
		}
	}
	for (size_t i = 0; go && i < sizeof(rules) / sizeof(rules[0]); i++)
		if (fits(&rules[i], who))
			go = fn(&rules[i], arg);
}

static bool add_verb(const struct rule *r, void *arg)
{
	*(unsigned *)arg |= VD_CMD_BIT(r->verb);
	return true;
}

unsigned vd_lora_verbs(const char *config, const struct vd_target *who)
{
	unsigned set = 0;
	each_rule(config, who, add_verb, &set);
	return set;
}

/* -- bytes ---------------------------------------------------------------------------------- */

static int hex(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

bool vd_lora_is_eui(struct vd_span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (hex(s.p[i]) < 0)
			return false;
	return s.n == 16;
}

/* "s24be" -> three bytes. false: not such a word, or the number is too large for it. */
static bool number(struct vd_span word, int minutes, unsigned char *bytes, size_t *n)
{
	int bits = 0;
	size_t i = 1;
	long v = word.n && word.p[0] == 's' ? minutes * 60l : minutes;
	if (word.n < 2 || (word.p[0] != 's' && word.p[0] != 'm'))
		return false;
	while (i < word.n && isdigit((unsigned char)word.p[i]) && bits < 100)
		bits = bits * 10 + (word.p[i++] - '0');
	struct vd_span order = vd_span_skip(word, i);
	bool little = vd_span_is(order, "le");
	if (bits % 8 || bits < 8 || bits > 32 || v >> bits ||
	    (bits > 8 && !little && !vd_span_is(order, "be")) || *n + (size_t)bits / 8 > BYTES_MAX)
		return false;
	for (int b = 0; b < bits / 8; b++)
		bytes[(*n)++] = (unsigned char)(v >> (little ? 8 * b : bits - 8 - 8 * b));
	return true;
}

static bool fill(const char *payload, int minutes, unsigned char bytes[BYTES_MAX], size_t *ret_n)
{
	*ret_n = 0;
	for (const char *p = payload; *p;) {
		const char *end = *p == '{' ? strchr(p, '}') : NULL;
		if (end) {
			if (!number(vd_span(p + 1, (size_t)(end - p - 1)), minutes, bytes, ret_n))
				return false;
			p = end + 1;
		} else {
			if (hex(p[0]) < 0 || hex(p[1]) < 0 || *ret_n == BYTES_MAX)
				return false;
			bytes[(*ret_n)++] = (unsigned char)(hex(p[0]) << 4 | hex(p[1]));
			p += 2;
		}
	}
	return *ret_n > 0;
}

static bool base64(const unsigned char *b, size_t n, char *ret, size_t cap)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at = 0;
	if ((n + 2) / 3 * 4 + 1 > cap)
		return false;
	for (size_t i = 0; i < n; i += 3) {
		unsigned v = (unsigned)b[i] << 16 | (i + 1 < n ? (unsigned)b[i + 1] << 8 : 0) |
			     (i + 2 < n ? b[i + 2] : 0);
		for (int k = 0; k < 4; k++)
			ret[at++] = (i + (size_t)k > n) ? '=' : digits[v >> (18 - 6 * k) & 63];
	}
	ret[at] = '\0';
	return true;
}

struct search {
	enum vd_command_verb verb;
	int port, minutes;
	unsigned char bytes[BYTES_MAX];
	size_t n;
};

static bool find(const struct rule *r, void *arg)
{
	struct search *s = arg;
	if (r->verb != s->verb)
		return true;
	if (!fill(r->payload, s->minutes, s->bytes, &s->n))
		s->n = 0;
	s->port = r->port;
	return false;
}

int vd_lora_render(const char *config, const struct vd_target *who, const struct vd_command *c,
		   int *ret_port, char *ret_base64, size_t cap)
{
	struct search s = {.verb = c->verb, .minutes = c->minutes};
	each_rule(config, who, find, &s);
	if (!s.n || !base64(s.bytes, s.n, ret_base64, cap))
		return VD_EINVAL;
	*ret_port = s.port;
	return 0;
}

/* -- names ---------------------------------------------------------------------------------- */

const struct vd_lora_peer *vd_lora_peer(const struct vd_lora_peers *p, struct vd_span eui)
{
	for (size_t i = 0; i < p->n; i++)
		if (vd_span_is(eui, p->list[i].eui))
			return &p->list[i];
	return NULL;
}

void vd_lora_learn(struct vd_lora_peers *p, struct vd_span eui, struct vd_span device,
		   struct vd_span application, struct vd_span topic)
{
	struct vd_lora_peer *x = (struct vd_lora_peer *)vd_lora_peer(p, eui);
	if (!eui.n || eui.n >= sizeof(x->eui) || device.n >= sizeof(x->device) ||
	    application.n >= sizeof(x->application) || topic.n >= sizeof(x->topic))
		return;
	if (!p->list)
		p->list = vd_calloc(VD_LORA_PEERS, sizeof(*p->list));
	if (!p->list)
		return;
	if (!x) {
		x = &p->list[p->at];
		p->at = (p->at + 1) % VD_LORA_PEERS;
		p->n += p->n < VD_LORA_PEERS;
	}
	vd_span_copy(x->eui, sizeof(x->eui), eui);
	vd_span_copy(x->device, sizeof(x->device), device);
	vd_span_copy(x->application, sizeof(x->application), application);
	vd_span_copy(x->topic, sizeof(x->topic), topic);
}

void vd_lora_peers_free(struct vd_lora_peers *p)
{
	vd_free(p->list);
	*p = (struct vd_lora_peers){0};
}

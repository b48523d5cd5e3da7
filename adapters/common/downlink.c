/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/downlink.h"
#include "base/err.h"
#include "base/mem.h"
#include <stdarg.h>
#include <stdio.h>

int vd_down_keep(char **ret, struct vd_span config)
{
	struct vd_json j;
	*ret = NULL;
	config = vd_span_trim(config);
	vd_json_init(&j, config);
	if (!config.n || vd_json_peek(&j) != VD_JSON_OBJECT || !vd_json_skip(&j) ||
	    vd_json_finish(&j))
		return 0;
	*ret = vd_memdup_str(config.p, config.n);
	return *ret ? 0 : VD_ENOMEM;
}

int vd_down_keep_new(char **config, struct vd_span fresh)
{
	char *text;
	int err = vd_down_keep(&text, fresh);
	if (err)
		return err;
	vd_free(*config);
	*config = text;
	return 0;
}

bool vd_down_http(const char *config)
{
	struct vd_json_val v;
	return config && vd_json_find(vd_span_cstr(config), "downlink.url", &v) &&
	       v.type == VD_JSON_STRING;
}

struct vd_span vd_down_text(const char *config, const char *key)
{
	struct vd_json_val v;
	if (!config || !vd_json_find(vd_span_cstr(config), key, &v) || v.type != VD_JSON_STRING ||
	    v.escaped)
		return vd_span("", 0);
	return v.raw;
}

static unsigned listed(struct vd_span array)
{
	struct vd_json j;
	struct vd_json_val v;
	unsigned set = 0;
	vd_json_init(&j, array);
	if (!vd_json_enter_array(&j))
		return 0;
	while (vd_json_next_elem(&j) && vd_json_value(&j, &v))
		if (v.type == VD_JSON_STRING && vd_verb_parse(v.raw))
			set |= VD_CMD_BIT(vd_verb_parse(v.raw));
	return set;
}

unsigned vd_down_verbs(const char *config, struct vd_span identity)
{
	struct vd_json j;
	struct vd_json_val all, v;
	struct vd_span key;
	unsigned set = 0;
	if (!config || !vd_json_find(vd_span_cstr(config), "commands", &all) ||
	    all.type != VD_JSON_OBJECT)
		return 0;
	vd_json_init(&j, all.raw);
	if (!vd_json_enter_object(&j))
		return 0;
	while (vd_json_next_key(&j, &key) && vd_json_value(&j, &v))
		if ((vd_span_eq(key, identity) || vd_span_is(key, "*")) && v.type == VD_JSON_ARRAY)
			set |= listed(v.raw);
	return set;
}

int vd_down_topic(struct vd_downlink *d, const char *fmt, ...)
{
	va_list ap;
	size_t at = strlen(d->topic);
	va_start(ap, fmt);
	int n = vsnprintf(d->topic + at, sizeof(d->topic) - at, fmt, ap);
	va_end(ap);
	return n >= 0 && (size_t)n < sizeof(d->topic) - at ? 0 : VD_ELIMIT;
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

int vd_down_segment(struct vd_downlink *d, struct vd_span name)
{
	/* "." and ".." would climb, whatever follows */
	if (!name.n || vd_span_is(name, ".") || vd_span_is(name, ".."))
		return VD_EINVAL;
	int err = 0;
	for (size_t i = 0; !err && i < name.n; i++)
		err = unreserved(name.p[i]) ? vd_down_topic(d, "%c", name.p[i])
					    : vd_down_topic(d, "%%%02X", (unsigned char)name.p[i]);
	return err;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* The YAML side of the configuration.
 *
 * The text is read twice on purpose. First our walk over libyaml's document checks every key and
 * value against libcyaml's own schema and names each problem with its line; libcyaml alone would
 * stop at the first, and it takes any word that is not one of its four for "no" as true, so that
 * `plain: off` would mean on. Then libcyaml fills the struct, which by then cannot fail. */
#include "main/config_int.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/mem.h"
#include "main/nearest.h"
#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#define F_OPT_PTR (CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL)
#define TEXT(key, type, member)                                                                    \
	CYAML_FIELD_STRING_PTR(key, F_OPT_PTR, type, member, 1, VD_MAX_CONFIG_BYTES)
#define INT(key, type, member)  CYAML_FIELD_INT_PTR(key, F_OPT_PTR, type, member)
#define BOOL(key, type, member) CYAML_FIELD_BOOL_PTR(key, F_OPT_PTR, type, member)
#define PART(name)              __typeof__(((struct vd_config_raw *)0)->name)

static const cyaml_schema_field_t tls_fields[] = {TEXT("cert", PART(tls), cert),
						  TEXT("key", PART(tls), key), CYAML_FIELD_END};
static const cyaml_schema_field_t mqtt_fields[] = {
	BOOL("enabled", PART(mqtt), enabled),
	TEXT("bind", PART(mqtt), bind),
	INT("port", PART(mqtt), port),
	INT("plain_port", PART(mqtt), plain_port),
	TEXT("cert", PART(mqtt), cert),
	TEXT("key", PART(mqtt), key),
	TEXT("client_ca", PART(mqtt), client_ca),
	INT("max_connections", PART(mqtt), max_connections),
	INT("max_keepalive_s", PART(mqtt), max_keepalive_s),
	INT("session_expiry_max_s", PART(mqtt), session_expiry_max_s),
	CYAML_FIELD_END};
static const cyaml_schema_field_t http_fields[] = {TEXT("bind", PART(http), bind),
						   INT("port", PART(http), port),
						   BOOL("plain", PART(http), plain),
						   TEXT("cert", PART(http), cert),
						   TEXT("key", PART(http), key),
						   TEXT("console_dir", PART(http), console_dir),
						   INT("idle_minutes", PART(http), idle_minutes),
						   INT("hard_hours", PART(http), hard_hours),
						   INT("max_body", PART(http), max_body),
						   CYAML_FIELD_END};
static const cyaml_schema_field_t sip_fields[] = {
	BOOL("enabled", PART(sip), enabled),
	TEXT("bind", PART(sip), bind),
	BOOL("udp", PART(sip), udp),
	BOOL("tcp", PART(sip), tcp),
	BOOL("tls", PART(sip), tls),
	INT("port", PART(sip), port),
	INT("tls_port", PART(sip), tls_port),
	TEXT("cert", PART(sip), cert),
	TEXT("key", PART(sip), key),
	TEXT("realm", PART(sip), realm),
	TEXT("name", PART(sip), name),
	INT("max_connections", PART(sip), max_connections),
	CYAML_FIELD_END};
static const cyaml_schema_field_t report_fields[] = {
	BOOL("enabled", PART(report), enabled), TEXT("dir", PART(report), dir),
	TEXT("time", PART(report), time), CYAML_FIELD_END};
static const cyaml_schema_field_t journal_fields[] = {
	INT("checkpoint_seconds", PART(journal), checkpoint_seconds), CYAML_FIELD_END};
static const cyaml_schema_field_t alarm_fields[] = {
	INT("silence_default_minutes", PART(alarm), silence_default_minutes), CYAML_FIELD_END};
static const cyaml_schema_field_t limits_fields[] = {
	INT("device_per_second", PART(limits), device_per_second),
	INT("gateway_per_second", PART(limits), gateway_per_second), CYAML_FIELD_END};
static const cyaml_schema_field_t adapters_fields[] = {TEXT("models", PART(adapters), models),
						       CYAML_FIELD_END};
#define SECTION(name)                                                                              \
	CYAML_FIELD_MAPPING(#name, CYAML_FLAG_OPTIONAL, struct vd_config_raw, name, name##_fields)
static const cyaml_schema_field_t root_fields[] = {
	TEXT("state_dir", struct vd_config_raw, state_dir),
	TEXT("origin", struct vd_config_raw, origin),
	TEXT("log_level", struct vd_config_raw, log),
	SECTION(tls),
	SECTION(mqtt),
	SECTION(http),
	SECTION(sip),
	SECTION(report),
	SECTION(journal),
	SECTION(alarm),
	SECTION(limits),
	SECTION(adapters),
	CYAML_FIELD_END};
static const cyaml_schema_value_t root_schema = {
	CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct vd_config_raw, root_fields)};

static void *cyaml_memory(void *ctx, void *ptr, size_t size)
{
	if (size == 0) {
		vd_free(ptr);
		return NULL;
	}
	return vd_realloc(ptr, size);
}

static const cyaml_config_t cyaml_settings = {
	.mem_fn = cyaml_memory, .log_level = CYAML_LOG_ERROR, .flags = CYAML_CFG_NO_ALIAS};

/* Whole numbers with their least and greatest value. Reasons: a day of seconds for sessions, a year
 * of minutes for silence, ceilings from base/limits.h elsewhere. */
static const struct range {
	const char *key;
	long least, greatest;
} ranges[] = {
	{"mqtt.port", 0, 65535},
	{"mqtt.plain_port", 0, 65535},
	{"mqtt.max_connections", 1, VD_MAX_MQTT_CONNS},
	{"mqtt.max_keepalive_s", 10, 65535},
	{"mqtt.session_expiry_max_s", 0, 30 * 86400},
	{"http.port", 0, 65535},
	{"http.idle_minutes", 1, 1440},
	{"http.hard_hours", 1, 24},
	{"http.max_body", 1024, VD_MAX_HTTP_BODY},
	{"sip.port", 0, 65535},
	{"sip.tls_port", 0, 65535},
	{"sip.max_connections", 1, VD_MAX_SIP_CONNS},
	{"journal.checkpoint_seconds", 1, 86400},
	{"alarm.silence_default_minutes", 1, 525600},
	{"limits.device_per_second", 1, 10000},
	{"limits.gateway_per_second", 1, 1000000},
};

struct walk {
	yaml_document_t *doc;
	struct vd_config_report *report;
	struct vd_config_lines *lines;
};

int vd_config_line(const struct vd_config_lines *l, const char *key)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->at[i].key, key) == 0)
			return l->at[i].line;
	return 0;
}

static int node_line(const yaml_node_t *n)
{
	return (int)n->start_mark.line + 1;
}

static const char *scalar(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

static void check_int(struct walk *w, const char *key, const yaml_node_t *v)
{
	const char *s = scalar(v);
	char *end = NULL, hint[120];
	long n = strtol(s, &end, 10);
	bool digits = s[0] && s[strspn(s, "0123456789")] == '\0' && strlen(s) < 10;
	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		if (strcmp(ranges[i].key, key) != 0)
			continue;
		snprintf(hint, sizeof(hint), "a whole number from %ld to %ld", ranges[i].least,
			 ranges[i].greatest);
		if (!digits || (s[0] == '0' && s[1]))
			vd_config_error(w->report, node_line(v), key, hint,
					"\"%.60s\" is not a whole number", s);
		else if (n < ranges[i].least || n > ranges[i].greatest)
			vd_config_error(w->report, node_line(v), key, hint, "%ld is out of range",
					n);
		return;
	}
	VD_UNREACHABLE("a whole number without a range");
}

static void check_value(struct walk *w, const char *key, const cyaml_schema_field_t *f,
			const yaml_node_t *v)
{
	int line = node_line(v);
	if (v->type != YAML_SCALAR_NODE) {
		vd_config_error(w->report, line, key, "write it as \"name: value\"",
				"a single value belongs here");
		return;
	}
	const char *s = scalar(v);
	if (!s[0] || strlen(s) != v->data.scalar.length) {
		vd_config_error(w->report, line, key, "leave the key out to get the default",
				"has no value");
		return;
	}
	if (f->value.type == CYAML_INT)
		check_int(w, key, v);
	else if (f->value.type == CYAML_BOOL && strcmp(s, "true") != 0 && strcmp(s, "false") != 0)
		vd_config_error(w->report, line, key, "write true or false",
				"\"%.60s\" is neither true nor false", s);
}

static void unknown_key(struct walk *w, const cyaml_schema_field_t *fields, const char *section,
			const yaml_node_t *k)
{
	const char *names[32], *near;
	char hint[160];
	size_t n = 0;
	for (const cyaml_schema_field_t *f = fields; f->key && n < 32; f++)
		names[n++] = f->key;
	near = vd_nearest(scalar(k), names, n);
	if (near) {
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", near);
	} else {
		int at = snprintf(hint, sizeof(hint), "known here:");
		for (size_t i = 0; i < n && at > 0 && (size_t)at < sizeof(hint); i++)
			at += snprintf(hint + at, sizeof(hint) - (size_t)at, " %s", names[i]);
	}
	vd_config_error(w->report, node_line(k), section, hint, "unknown key \"%.60s\"", scalar(k));
}

/* False when the key stood there before. */
static bool note_line(struct walk *w, const char *key, const yaml_node_t *k)
{
	int before = vd_config_line(w->lines, key);
	if (before) {
		vd_config_error(w->report, node_line(k), key, "keep one of the two",
				"stands here again; first on line %d", before);
		return false;
	}
	if (w->lines->n < sizeof(w->lines->at) / sizeof(w->lines->at[0])) {
		snprintf(w->lines->at[w->lines->n].key, sizeof(w->lines->at[0].key), "%s", key);
		w->lines->at[w->lines->n++].line = node_line(k);
	}
	return true;
}

/* The schema is two levels deep: a section's fields are values. */
static void check_mapping(struct walk *w, const cyaml_schema_field_t *fields, const char *section,
			  const yaml_node_t *map,
			  void (*on_section)(struct walk *w, const cyaml_schema_field_t *f,
					     const yaml_node_t *v))
{
	const yaml_node_pair_t *p = map->data.mapping.pairs.start;
	for (; p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = yaml_document_get_node(w->doc, p->key);
		const yaml_node_t *v = yaml_document_get_node(w->doc, p->value);
		if (!k || !v || k->type != YAML_SCALAR_NODE) {
			vd_config_error(w->report, k ? node_line(k) : 0, section, "",
					"a key must be a single word");
			continue;
		}
		const cyaml_schema_field_t *f = fields;
		while (f->key && strcmp(f->key, scalar(k)) != 0)
			f++;
		if (!f->key) {
			unknown_key(w, fields, section, k);
			continue;
		}
		char key[64];
		snprintf(key, sizeof(key), "%s%s%s", section, section[0] ? "." : "", f->key);
		if (!note_line(w, key, k))
			continue;
		if (f->value.type == CYAML_MAPPING)
			on_section(w, f, v);
		else
			check_value(w, key, f, v);
	}
}

static void check_section(struct walk *w, const cyaml_schema_field_t *f, const yaml_node_t *v)
{
	if (v->type != YAML_MAPPING_NODE) {
		vd_config_error(w->report, node_line(v), f->key,
				"put its keys below it, indented by two blanks",
				"a group of keys belongs here");
		return;
	}
	check_mapping(w, f->value.mapping.fields, f->key, v, NULL);
}

static void check_document(struct walk *w)
{
	const yaml_node_t *root = yaml_document_get_root_node(w->doc);
	if (!root)
		return; /* empty file: all defaults */
	if (root->type != YAML_MAPPING_NODE)
		vd_config_error(w->report, node_line(root), "", "see deploy/config/varde.yaml",
				"the file must hold \"name: value\" lines");
	else
		check_mapping(w, root_fields, "", root, check_section);
}

/* An alias could point anywhere; no configuration of ours needs one. */
static bool has_alias(struct vd_span text, int *ret_line)
{
	yaml_parser_t p;
	yaml_event_t ev;
	bool found = false, end = false;
	if (!yaml_parser_initialize(&p))
		return false;
	yaml_parser_set_input_string(&p, (const unsigned char *)text.p, text.n);
	while (!found && !end && yaml_parser_parse(&p, &ev)) {
		found = ev.type == YAML_ALIAS_EVENT;
		end = ev.type == YAML_STREAM_END_EVENT;
		*ret_line = (int)ev.start_mark.line + 1;
		yaml_event_delete(&ev);
	}
	yaml_parser_delete(&p);
	return found;
}

static void check_text(struct vd_span text, struct vd_config_report *report,
		       struct vd_config_lines *lines)
{
	yaml_parser_t p;
	yaml_document_t doc, more;
	int line = 0;
	if (has_alias(text, &line)) {
		vd_config_error(report, line, "", "write the value out", "aliases are not allowed");
		return;
	}
	if (!yaml_parser_initialize(&p)) {
		vd_config_error(report, 0, "", "", "out of memory");
		return;
	}
	yaml_parser_set_input_string(&p, (const unsigned char *)text.p, text.n);
	if (!yaml_parser_load(&p, &doc)) {
		vd_config_error(report, (int)p.problem_mark.line + 1, "",
				"YAML wants blanks, not tabs, for indentation, and a blank after "
				"each colon",
				"not readable as YAML: %s",
				p.problem ? p.problem : "unknown reason");
		yaml_parser_delete(&p);
		return;
	}
	struct walk w = {&doc, report, lines};
	check_document(&w);
	yaml_document_delete(&doc);
	if (yaml_parser_load(&p, &more)) {
		const yaml_node_t *root = yaml_document_get_root_node(&more);
		if (root)
			vd_config_error(report, node_line(root), "", "remove the line \"---\"",
					"a second document begins here");
		yaml_document_delete(&more);
	} else {
		vd_config_error(report, (int)p.problem_mark.line + 1, "", "",
				"not readable as YAML: %s",
				p.problem ? p.problem : "unknown reason");
	}
	yaml_parser_delete(&p);
}

static bool only_blank(struct vd_span text)
{
	struct vd_span line;
	while (vd_span_next(&text, '\n', &line)) {
		line = vd_span_trim(line);
		if (line.n && line.p[0] != '#' && !vd_span_is(line, "---"))
			return false;
	}
	return true;
}

int vd_config_parse(struct vd_span text, struct vd_config_report *report,
		    struct vd_config_lines *lines, struct vd_config_raw **ret)
{
	size_t before = report->errors;
	*ret = NULL;
	if (!text.n)
		text = VD_SPAN_LIT(""); /* libyaml wants a text, if an empty one */
	check_text(text, report, lines);
	if (report->errors != before)
		return VD_OK;
	if (only_blank(text)) {
		*ret = vd_calloc(1, sizeof(**ret));
		return *ret ? VD_OK : VD_ENOMEM;
	}
	cyaml_err_t err = cyaml_load_data((const uint8_t *)text.p, text.n, &cyaml_settings,
					  &root_schema, (cyaml_data_t **)ret, NULL);
	if (err == CYAML_ERR_OOM)
		return VD_ENOMEM;
	if (err != CYAML_OK)
		vd_config_error(report, 0, "", "see deploy/config/varde.yaml",
				"not readable as a configuration: %s", cyaml_strerror(err));
	return VD_OK;
}

void vd_config_raw_free(struct vd_config_raw *raw)
{
	if (raw)
		cyaml_free(&cyaml_settings, &root_schema, raw, 0);
}

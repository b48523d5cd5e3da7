/* SPDX-License-Identifier: EUPL-1.2 */
/* Rows are kept in one array in order of precedence and found through two chains in that order:
 * those of any model by their key, those of a model by its name. Strict loading: a row that cannot
 * be read stops it, naming file and line. */
#include "adapters/common/table.h"
#include "adapters/common/models.h"
#include "adapters/common/press.h"
#include "adapters/common/words.h"
#include "base/map.h"
#include "base/mem.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define COLUMNS    12
#define ROWS_MAX   20000 /* all of zigbee-herdsman-converters' properties are about 2 700 */
#define FILE_BYTES (4 * 1024 * 1024)
#define FLAG_WEAK  (1u << 30) /* of a reading while its message is being read */
#define MAINS_MIN  500        /* volts no mains reaches, millivolts no cell is so low as */

enum value_rule { VALUE_TRUE, VALUE_FALSE, VALUE_NUMBER, VALUE_ANY, VALUE_WORDS };

struct vd_table_row {
	struct vd_table_row *next; /* of its chain, lower precedence */
	unsigned order;            /* the first is 0 */
	struct vd_span platform, vendor, model, firmware, key, value, zone; /* into the text */
	enum value_rule rule;
	enum vd_kind kind; /* NONE = known and ignored */
	double scale;      /* 0 = millivolt */
	unsigned flags;
	char state[24], unit[12]; /* as readings hold them */
	bool anybodys;            /* of every vendor and firmware */
	bool states;              /* of a state: a number is no value */
	bool also;                /* the rows after it are looked at too */
};

struct chain { /* the rows of any model with one key */
	struct vd_table_row *first, *last;
};

struct text {
	struct text *next;
	char bytes[];
};

struct vd_tables {
	struct vd_table_row **rows;
	size_t n, cap;
	struct vd_map by_key; /* key -> chain; the key is its first row's */
	struct vd_models models;
	struct text *texts;
};

enum {
	C_PLATFORM,
	C_VENDOR,
	C_MODEL,
	C_FIRMWARE,
	C_KEY,
	C_VALUE,
	C_KIND,
	C_STATE,
	C_UNIT,
	C_SCALE,
	C_ZONE,
	C_FLAGS
};

extern const struct vd_builtin_table {
	const char *name, *csv;
} vd_builtin_tables[];

/* -- loading -------------------------------------------------------------------------------- */

static bool fits(struct vd_span pattern, struct vd_span value)
{
	return vd_span_is(pattern, "*") || vd_same_word(pattern, value);
}

/* A whole number text: "1abc" is none. The columns end with a comma, which strtod stops at. */
static bool read_scale(struct vd_span s, double *ret)
{
	char *end;
	*ret = 1;
	if (!s.n)
		return true;
	*ret = vd_span_is(s, "millivolt") ? 0 : strtod(s.p, &end);
	return *ret == 0 ? vd_span_is(s, "millivolt") : isfinite(*ret) && end == s.p + s.n;
}

static enum value_rule rule_of(struct vd_span v)
{
	return vd_span_is(v, "true")    ? VALUE_TRUE
	       : vd_span_is(v, "false") ? VALUE_FALSE
	       : vd_span_is(v, "num")   ? VALUE_NUMBER
	       : vd_span_is(v, "*")     ? VALUE_ANY
					: VALUE_WORDS;
}

static int read_row(const struct vd_span col[COLUMNS], struct vd_table_row *r, const char **ret_why)
{
	struct vd_span k = col[C_KIND], f = col[C_FLAGS];
	bool scaled = read_scale(col[C_SCALE], &r->scale);
	r->platform = col[C_PLATFORM];
	r->vendor = col[C_VENDOR];
	r->model = col[C_MODEL];
	r->firmware = col[C_FIRMWARE];
	r->key = col[C_KEY];
	r->value = col[C_VALUE];
	r->zone = col[C_ZONE];
	r->rule = rule_of(r->value);
	r->kind = vd_span_is(k, "-") ? VD_KIND_NONE : vd_kind_parse(k);
	r->anybodys = vd_span_is(r->vendor, "*") && vd_span_is(r->firmware, "*");
	r->states = col[C_STATE].n;
	r->flags = vd_span_is(f, "edge")    ? VD_F_EDGE
		   : vd_span_is(f, "alert") ? VD_F_ALERT | VD_F_EDGE
		   : vd_span_is(f, "weak")  ? FLAG_WEAK
					    : 0;
	r->also = vd_span_is(f, "also");
	*ret_why = !r->platform.n || !r->key.n       ? "platform and key are needed"
		   : !r->value.n                     ? "value is needed"
		   : !r->kind && !vd_span_is(k, "-") ? "no such kind (docs/vocabulary.md)"
		   : f.n && !r->flags && !r->also    ? "flags is edge, alert, weak or also"
		   : col[C_STATE].n > 23             ? "state is too long"
		   : r->kind && !vd_kind_takes(r->kind, col[C_STATE])
			   ? "this kind has no such state (docs/vocabulary.md)"
		   : col[C_UNIT].n > 11 ? "unit is too long"
		   : r->zone.n > 15     ? "zone is too long"
		   : !scaled            ? "scale is a number or millivolt"
					: NULL;
	vd_span_copy(r->state, sizeof(r->state), col[C_STATE]);
	vd_span_copy(r->unit, sizeof(r->unit), col[C_UNIT]);
	return *ret_why ? VD_EPARSE : 0;
}

/* How many cells; more than there is room for when the line has more. */
static int split(struct vd_span line, struct vd_span col[COLUMNS])
{
	int n = 0;
	struct vd_span f;
	while (n < COLUMNS && vd_span_next(&line, ',', &f))
		col[n++] = vd_span_trim(f);
	return line.p ? COLUMNS + 1 : n;
}

static int chain_row(struct vd_tables *t, struct vd_table_row *r)
{
	struct vd_models_name *name;
	if (!vd_span_is(r->model, "*")) {
		int err = vd_models_name(&t->models, r->platform, r->model, &name);
		if (err)
			return err;
		*(name->last ? &name->last->next : &name->rows) = r;
		name->last = r;
		return 0;
	}
	struct chain *c = vd_map_get(&t->by_key, r->key);
	if (!c) {
		c = vd_calloc(1, sizeof(*c));
		int err = c ? vd_map_put(&t->by_key, r->key, c) : VD_ENOMEM;
		if (err) {
			vd_free(c);
			return err;
		}
	}
	*(c->last ? &c->last->next : &c->first) = r;
	c->last = r;
	return 0;
}

static int push(struct vd_tables *t, const struct vd_table_row *r)
{
	if (t->n >= ROWS_MAX)
		return VD_ELIMIT;
	if (t->n == t->cap) {
		size_t cap = t->cap ? t->cap * 2 : 64;
		struct vd_table_row **rows = vd_realloc(t->rows, cap * sizeof(*rows));
		if (!rows)
			return VD_ENOMEM;
		t->rows = rows;
		t->cap = cap;
	}
	struct vd_table_row *own = vd_malloc(sizeof(*own));
	if (!own)
		return VD_ENOMEM;
	*own = *r;
	own->order = (unsigned)t->n;
	t->rows[t->n++] = own;
	return chain_row(t, own);
}

enum format { FORMAT_UNKNOWN, FORMAT_ROWS, FORMAT_KNOWN }; /* told by the first row */

static enum format format_of(const struct vd_span col[COLUMNS], int n)
{
	if (!vd_span_is(col[0], "platform"))
		return FORMAT_UNKNOWN;
	return n == COLUMNS && vd_span_is(col[C_KEY], "key") ? FORMAT_ROWS
	       : n == 4 && vd_span_is(col[3], "kinds")       ? FORMAT_KNOWN
							     : FORMAT_UNKNOWN;
}

static int add_line(struct vd_tables *t, struct vd_span line, enum format *format,
		    const char **ret_why)
{
	struct vd_span col[COLUMNS] = {{0}};
	struct vd_table_row r = {0};
	line = vd_span_trim(line);
	if (!line.n || line.p[0] == '#')
		return 0;
	int n = split(line, col);
	if (*format == FORMAT_UNKNOWN) {
		*format = format_of(col, n);
		*ret_why = *format ? NULL
				   : "the first row names the columns: platform,vendor,model,...";
		return *ret_why ? VD_EPARSE : 0;
	}
	int want = *format == FORMAT_ROWS ? COLUMNS : 4;
	*ret_why = n == want   ? NULL
		   : want == 4 ? "a row has four columns"
			       : "a row has twelve columns";
	if (*ret_why)
		return VD_EPARSE;
	if (want == 4)
		return vd_models_add(&t->models, col, ret_why);
	int err = read_row(col, &r, ret_why);
	return err ? err : push(t, &r);
}

static struct vd_tables *tables_new(void)
{
	struct vd_tables *t = vd_calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	vd_map_init(&t->by_key, ROWS_MAX, 0);
	vd_models_init(&t->models);
	return t;
}

/* The text stays: rows point into it. */
static int add_text(struct vd_tables *t, struct vd_span rest, const char *name,
		    struct vd_errtext *e)
{
	struct vd_span line;
	enum format format = FORMAT_UNKNOWN;
	const char *why = NULL;
	for (int n = 1; vd_span_next(&rest, '\n', &line); n++) {
		int err = add_line(t, line, &format, &why);
		if (err)
			return vd_errtext(e, err, "a vendor table cannot be read",
					  "the columns are explained in schema/maps/README.md",
					  "%s, line %d: %s", name, n, why ? why : vd_strerror(err));
	}
	return 0;
}

int vd_tables_add(struct vd_tables **tables, struct vd_span csv, const char *name,
		  struct vd_errtext *e)
{
	struct text *own = vd_malloc(sizeof(*own) + csv.n + 1);
	if (!own || (!*tables && !(*tables = tables_new()))) {
		vd_free(own);
		return VD_ENOMEM;
	}
	memcpy(own->bytes, csv.p, csv.n);
	own->bytes[csv.n] = '\0';
	own->next = (*tables)->texts;
	(*tables)->texts = own;
	return add_text(*tables, vd_span(own->bytes, csv.n), name, e);
}

static int add_file(struct vd_tables **t, const char *path, struct vd_errtext *e)
{
	FILE *f = fopen(path, "re");
	char *text = f ? vd_malloc(FILE_BYTES + 1) : NULL;
	size_t n = text ? fread(text, 1, FILE_BYTES + 1, f) : 0;
	int err = !f ? VD_ENOTFOUND : !text ? VD_ENOMEM : n > FILE_BYTES ? VD_ELIMIT : 0;
	if (err)
		(void)vd_errtext(e, err, "cannot read the table file",
				 "it is a CSV as schema/maps/README.md tells, at most 4 MB", "%s",
				 path);
	else
		err = vd_tables_add(t, vd_span(text, n), path, e);
	vd_free(text);
	if (f)
		fclose(f);
	return err;
}

int vd_tables_load(const char *override_file, struct vd_tables **ret, struct vd_errtext *e)
{
	struct vd_tables *t = tables_new();
	int err = !t                                ? VD_ENOMEM
		  : override_file && *override_file ? add_file(&t, override_file, e)
						    : 0;
	for (size_t i = 0; !err && vd_builtin_tables[i].name; i++)
		err = add_text(t, vd_span_cstr(vd_builtin_tables[i].csv), vd_builtin_tables[i].name,
			       e);
	if (err) {
		vd_tables_free(t);
		return err;
	}
	*ret = t;
	return 0;
}

void vd_tables_free(struct vd_tables *t)
{
	size_t it = 0;
	if (!t)
		return;
	for (struct chain *c; (c = vd_map_each(&t->by_key, &it));)
		vd_free(c);
	for (size_t i = 0; i < t->n; i++)
		vd_free(t->rows[i]);
	vd_free(t->rows);
	vd_map_fini(&t->by_key);
	vd_models_fini(&t->models);
	while (t->texts) {
		struct text *next = t->texts->next;
		vd_free(t->texts);
		t->texts = next;
	}
	vd_free(t);
}

/* -- reading -------------------------------------------------------------------------------- */

static bool word_in(struct vd_span list, struct vd_span word)
{
	struct vd_span w;
	while (vd_span_next(&list, '|', &w))
		if (vd_same_word(w, word))
			return true;
	return false;
}

/* A number, also one hidden at the front of a string ("2.3(low battery)"): then *ret_suspect. */
static bool number_of(const struct vd_json_val *v, double *ret, bool *ret_suspect)
{
	char buf[32], *end;
	*ret_suspect = false;
	if (v->type == VD_JSON_NUMBER) {
		*ret = v->num;
		return true;
	}
	if (v->type != VD_JSON_STRING || !v->raw.n || v->raw.n >= sizeof(buf))
		return false;
	vd_span_copy(buf, sizeof(buf), v->raw);
	if ((buf[0] < '0' || buf[0] > '9') && buf[0] != '-')
		return false;
	*ret = strtod(buf, &end);
	*ret_suspect = true;
	return end != buf;
}

static bool value_fits(const struct vd_table_row *r, const struct vd_json_val *v)
{
	double n;
	bool suspect;
	switch (r->rule) {
	case VALUE_TRUE: return v->type == VD_JSON_TRUE;
	case VALUE_FALSE: return v->type == VD_JSON_FALSE;
	case VALUE_NUMBER: return number_of(v, &n, &suspect);
	case VALUE_ANY: return true;
	case VALUE_WORDS:
		return (v->type == VD_JSON_STRING || v->type == VD_JSON_NUMBER ||
			v->type == VD_JSON_TRUE || v->type == VD_JSON_FALSE) &&
		       word_in(r->value, v->raw);
	}
	return false;
}

bool vd_unknown_value(const struct vd_json_val *v)
{
	static const char *const words[] = {"unknown", "unavailable", "Error", "None"};
	if (v->type != VD_JSON_STRING)
		return v->type == VD_JSON_NULL;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (vd_same_word(v->raw, vd_span_cstr(words[i])))
			return true;
	return !v->raw.n;
}

static void emit(const struct vd_table_row *r, const struct vd_field_of *who,
		 const struct vd_json_val *v, const char *number, struct vd_decoded *ret)
{
	if (ret->n == VD_MAX_EVENTS_FRAME)
		return;
	struct vd_reading *x = &ret->readings[ret->n++];
	bool suspect = false;
	if (who->like)
		*x = *who->like;
	else
		*x = (struct vd_reading){.seq = -1};
	x->identity = who->identity;
	x->kind = r->kind;
	x->flags |= r->flags;
	memcpy(x->state, r->state, sizeof(x->state));
	memcpy(x->unit, r->unit, sizeof(x->unit));
	if (r->zone.n)
		vd_span_copy(x->zone, sizeof(x->zone),
			     vd_span_is(r->zone, "#") ? vd_span_cstr(number) : r->zone);
	if (!r->states && number_of(v, &x->value, &suspect)) {
		x->has_value = true;
		if (r->scale == 0)
			x->value = x->value > MAINS_MIN ? x->value / 1000 : x->value;
		else
			x->value *= r->scale;
	}
	if (r->kind == VD_KIND_BUTTON && r->rule == VALUE_ANY && v->type == VD_JSON_STRING)
		vd_press_word(x, v->raw);
	if (suspect)
		x->flags |= VD_F_SUSPECT;
}

/* "region_12_occupancy" -> "region_#_occupancy" and "12"; false when it holds no digits. */
static bool with_hash(struct vd_span key, char *ret_key, size_t cap, char ret_number[8])
{
	size_t i = 0;
	while (i < key.n && (key.p[i] < '0' || key.p[i] > '9'))
		i++;
	size_t from = i;
	while (i < key.n && key.p[i] >= '0' && key.p[i] <= '9')
		i++;
	if (from == i || i - from > 7 || key.n + 2 > cap)
		return false;
	vd_span_copy(ret_number, 8, vd_span(key.p + from, i - from));
	snprintf(ret_key, cap, "%.*s#%.*s", (int)from, key.p, (int)(key.n - i), key.p + i);
	return true;
}

static bool is_theirs(const struct vd_table_row *r, const struct vd_field_of *who)
{
	return vd_span_eq(r->platform, who->platform) &&
	       (r->anybodys || (fits(r->vendor, who->vendor) && fits(r->firmware, who->firmware)));
}

/* What may be of somebody, and what the next row of each chain is. */
struct search {
	const struct vd_field_of *who;
	struct vd_span key;
	const struct vd_table_row *own, *any; /* of the model; of any model with this key */
};

static struct search search_begin(const struct vd_tables *t, const struct vd_field_of *who,
				  struct vd_span key)
{
	const struct vd_models_name *name =
		who->of ? who->of : vd_models_find(&t->models, who->platform, who->model);
	const struct chain *c = vd_map_get(&t->by_key, key);
	return (struct search){who, key, name ? name->rows : NULL, c ? c->first : NULL};
}

/* Of both chains the row that comes first; most devices have no rows of their own. */
static inline const struct vd_table_row *search_step(struct search *s)
{
	while (s->own && !vd_span_eq(s->own->key, s->key))
		s->own = s->own->next;
	const struct vd_table_row *r = s->any;
	if (s->own && (!r || s->own->order < r->order)) {
		r = s->own;
		s->own = r->next;
	} else if (r) {
		s->any = r->next;
	}
	return r;
}

/* Rows of this key that are theirs, in order of precedence; NULL at the end. */
static inline const struct vd_table_row *search_next(struct search *s)
{
	const struct vd_table_row *r;
	while ((r = search_step(s)) && !is_theirs(r, s->who))
		;
	return r;
}

/* Unknown is unknown, never off; but a row may name such a word ("none" is an empty bed). */
static enum vd_field read_rows(struct search s, const struct vd_json_val *v, const char *number,
			       struct vd_decoded *ret)
{
	enum vd_field found = VD_FIELD_UNKNOWN;
	bool unknown = vd_unknown_value(v);
	for (const struct vd_table_row *r; (r = search_next(&s));) {
		if (unknown && found == VD_FIELD_UNKNOWN)
			found = VD_FIELD_IGNORED;
		if ((unknown && r->rule != VALUE_WORDS) || !value_fits(r, v))
			continue;
		if (!r->kind)
			return found == VD_FIELD_READ ? found : VD_FIELD_IGNORED;
		emit(r, s.who, v, number, ret);
		if (!r->also)
			return VD_FIELD_READ;
		found = VD_FIELD_READ;
	}
	return found;
}

/* Rows whose key has a # where this one has a number. */
static __attribute__((noinline)) enum vd_field
read_numbered(const struct vd_tables *t, const struct vd_field_of *who, struct vd_span key,
	      const struct vd_json_val *val, struct vd_decoded *ret)
{
	char hashed[64], number[8];
	return with_hash(key, hashed, sizeof(hashed), number)
		       ? read_rows(search_begin(t, who, vd_span_cstr(hashed)), val, number, ret)
		       : VD_FIELD_UNKNOWN;
}

enum vd_field vd_table_read(const struct vd_tables *t, const struct vd_field_of *who,
			    struct vd_span key, const struct vd_json_val *val,
			    struct vd_decoded *ret)
{
	if (!t)
		return VD_FIELD_UNKNOWN;
	enum vd_field f = read_rows(search_begin(t, who, key), val, "", ret);
	return f == VD_FIELD_UNKNOWN ? read_numbered(t, who, key, val, ret) : f;
}

enum vd_field vd_table_word(const struct vd_tables *t, const struct vd_field_of *who,
			    struct vd_span key, struct vd_span word, struct vd_decoded *ret)
{
	struct vd_json_val v = {.type = VD_JSON_STRING, .raw = word};
	return vd_table_read(t, who, key, &v, ret);
}

/* Of two of one kind: the same state of the same device? */
static bool same_cell(const struct vd_reading *a, const struct vd_reading *b)
{
	return strcmp(a->zone, b->zone) == 0 && vd_span_eq(a->identity, b->identity);
}

/* Of two readings of one cell the weak one gives way to the other; else the one that is not active
 * to the active one, so that no alarm is taken back by the field beside it, or by the same field
 * told twice. Happenings and history stand for themselves. */
static bool gives_way(const struct vd_reading *a, const struct vd_reading *to)
{
	const unsigned alone = VD_F_EDGE | VD_F_REPLAY;
	bool weak = a->flags & FLAG_WEAK;
	if (!same_cell(a, to))
		return false;
	if (weak != !!(to->flags & FLAG_WEAK))
		return weak;
	return !((a->flags | to->flags) & alone) && a->episode == to->episode &&
	       vd_state_active(to->kind, to->state) && !vd_state_active(a->kind, a->state);
}

void vd_table_settle(struct vd_decoded *ret)
{
	size_t keep = 0;
	bool drop[VD_MAX_EVENTS_FRAME] = {false};
	for (size_t i = 0; i < ret->n; i++)
		for (size_t k = i + 1; k < ret->n; k++) {
			const struct vd_reading *x = &ret->readings[i], *y = &ret->readings[k];
			if (x->kind != y->kind)
				continue;
			drop[i] |= gives_way(x, y);
			drop[k] |= gives_way(y, x);
		}
	for (size_t i = 0; i < ret->n; i++) {
		if (drop[i])
			continue;
		if (keep != i)
			ret->readings[keep] = ret->readings[i];
		ret->readings[keep++].flags &= ~FLAG_WEAK;
	}
	ret->n = keep;
}

static const char *kind_of(struct search s, bool number)
{
	for (const struct vd_table_row *r; (r = search_next(&s));)
		if (number ? r->rule == VALUE_NUMBER || r->rule == VALUE_ANY
			   : r->rule != VALUE_NUMBER) {
			if (r->kind)
				return vd_kind_name(r->kind);
			if (r->rule == VALUE_NUMBER || r->rule == VALUE_ANY)
				return NULL; /* of no interest, whatever it says */
		}
	return NULL;
}

const char *vd_table_kind_of(const struct vd_tables *t, const struct vd_field_of *who,
			     struct vd_span key, bool number)
{
	char hashed[64], digits[8];
	const char *kind = t ? kind_of(search_begin(t, who, key), number) : NULL;
	if (kind || !t || !with_hash(key, hashed, sizeof(hashed), digits))
		return kind;
	return kind_of(search_begin(t, who, vd_span_cstr(hashed)), number);
}

const char *vd_table_kind(const struct vd_tables *t, struct vd_span platform, struct vd_span key,
			  bool number)
{
	const struct vd_field_of who = {.platform = platform};
	return vd_table_kind_of(t, &who, key, number);
}

const struct vd_models_name *vd_table_model(const struct vd_tables *t, struct vd_span platform,
					    struct vd_span model)
{
	return t ? vd_models_find(&t->models, platform, model) : NULL;
}

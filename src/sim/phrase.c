/* SPDX-License-Identifier: EUPL-1.2 */
#include "sim/phrase.h"
#include "base/clock.h"
#include "base/map.h"
#include <string.h>

const struct phrase *phrase_find(const struct region_device *d)
{
	const struct phrase_group *const groups[] = {&phrase_home, &phrase_body, &phrase_care};
	for (size_t g = 0; g < sizeof(groups) / sizeof(groups[0]); g++)
		for (size_t i = 0; i < groups[g]->n; i++) {
			const struct phrase *p = &groups[g]->p[i];
			if (p->role == d->role && strcmp(p->family, d->family) == 0 &&
			    (!p->model || strcmp(p->model, d->model) == 0))
				return p;
		}
	return NULL;
}

bool phrase_own(const struct phrase *p, enum phrase_what what)
{
	return p->say[what].body && p->say[what].body[0];
}

struct phrase_line phrase_words(const struct phrase *p, enum phrase_what what)
{
	const struct phrase_line *l = &p->say[what];
	if (!l->body && (what == SAY_IDLE || what == SAY_CALM))
		l = &p->say[SAY_OFF];
	else if (!l->body && what == SAY_CALL)
		l = &p->say[SAY_ON];
	return (struct phrase_line){.body = l->body ? l->body : "",
				    .topic = l->topic ? l->topic : p->topic};
}

/* One person's values lie close together: two thirds of the range are between people. */
static int value_of(const struct phrase *p, const struct phrase_of *o)
{
	uint64_t h = vd_hash64(vd_span_cstr(o->device->identity), 0);
	uint64_t span = (uint64_t)(p->to - p->from), people = span * 2 / 3 + 1;
	return p->from + (int)(h % people + (h / people + (uint64_t)o->n * 7919) % (span / 3 + 1));
}

static void fill_uuid(const struct phrase_of *o, struct vd_buf *b)
{
	uint64_t h = vd_hash64(vd_span_cstr(o->device->identity), (uint64_t)o->n);
	vd_buf_printf(b, "%08x-%04x-4000-8000-%012llx", (unsigned)(h >> 32),
		      (unsigned)(o->n & 0xffff), (unsigned long long)(h & 0xffffffffffff));
}

static bool fill_text(struct vd_span name, const struct phrase_of *o, struct vd_buf *b)
{
	const struct region_device *d = o->device;
	const char *slash = strrchr(d->identity, '/');
	if (vd_span_is(name, "id"))
		vd_buf_add_cstr(b, d->identity);
	else if (vd_span_is(name, "tail"))
		vd_buf_add_cstr(b, slash ? slash + 1 : d->identity);
	else if (vd_span_is(name, "name"))
		vd_buf_add_cstr(b, d->name);
	else if (vd_span_is(name, "vendor"))
		vd_buf_add_cstr(b, d->vendor);
	else if (vd_span_is(name, "model"))
		vd_buf_add_cstr(b, d->model);
	else if (vd_span_is(name, "lat"))
		vd_buf_printf(b, "%.5f", d->lat);
	else if (vd_span_is(name, "lon"))
		vd_buf_printf(b, "%.5f", d->lon);
	else if (vd_span_is(name, "uuid"))
		fill_uuid(o, b);
	else
		return false;
	return true;
}

static bool fill_number(struct vd_span name, const struct phrase *p, const struct phrase_of *o,
			struct vd_buf *b)
{
	char time_text[25];
	vd_iso_format(o->now_ms, time_text);
	if (vd_span_is(name, "t"))
		vd_buf_add_cstr(b, time_text);
	else if (vd_span_is(name, "s"))
		vd_buf_printf(b, "%lld", (long long)(o->now_ms / 1000));
	else if (vd_span_is(name, "ms"))
		vd_buf_printf(b, "%lld", (long long)o->now_ms);
	else if (vd_span_is(name, "n"))
		vd_buf_printf(b, "%ld", o->n);
	else if (vd_span_is(name, "number"))
		vd_buf_printf(b, "%d", o->device->number);
	else if (vd_span_is(name, "battery"))
		vd_buf_printf(b, "%d", o->battery);
	else if (vd_span_is(name, "v"))
		vd_buf_printf(b, "%d", value_of(p, o));
	else if (vd_span_is(name, "w"))
		vd_buf_printf(b, "%d", value_of(p, o) * 3 / 5);
	else
		return false;
	return true;
}

void phrase_fill(const char *text, const struct phrase *p, const struct phrase_of *o,
		 struct vd_buf *ret)
{
	for (const char *at = text; *at;) {
		const char *end = *at == '{' ? strchr(at, '}') : NULL;
		struct vd_span name =
			end ? vd_span(at + 1, (size_t)(end - at - 1)) : vd_span("", 0);
		if (end && (fill_text(name, o, ret) || fill_number(name, p, o, ret))) {
			at = end + 1;
			continue;
		}
		vd_buf_add_char(ret, *at++);
	}
}

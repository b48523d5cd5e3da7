/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/flat.h"
#include "adapters/common/reading.h"
#include "base/err.h"
#include <stdio.h>

struct walk {
	struct vd_json *j;
	const struct vd_flat *f;
	void *arg;
	char path[VD_FLAT_PATH];
};

static void walk_value(struct walk *w, size_t n);

static size_t append(struct walk *w, size_t n, struct vd_span key)
{
	size_t room = sizeof(w->path) - n;
	int made = snprintf(w->path + n, room, "%s%.*s", n ? "." : "", (int)(key.n & 0xFFFF),
			    key.n ? key.p : "");
	return (size_t)made < room ? n + (size_t)made : sizeof(w->path) - 1;
}

static void walk_array(struct walk *w, size_t n)
{
	bool any = false;
	(void)vd_json_enter_array(w->j);
	for (; vd_json_next_elem(w->j); any = true)
		walk_value(w, n);
	if (!any && !w->j->err) {
		struct vd_json_val empty = {.type = VD_JSON_ARRAY};
		w->f->leaf(w->arg, vd_span(w->path, n), &empty);
	}
}

/* As deep as the reader allows: VD_MAX_JSON_DEPTH. */
static void walk_value(struct walk *w, size_t n)
{
	struct vd_json_val v;
	struct vd_span key;
	w->path[n] = '\0';
	if (vd_json_peek(w->j) == VD_JSON_ARRAY) {
		walk_array(w, n);
		return;
	}
	if (vd_json_peek(w->j) != VD_JSON_OBJECT) {
		if (vd_json_value(w->j, &v))
			w->f->leaf(w->arg, vd_span(w->path, n), &v);
		return;
	}
	if (w->f->enter && !w->f->enter(w->arg, vd_span(w->path, n))) {
		(void)vd_json_skip(w->j);
		return;
	}
	(void)vd_json_enter_object(w->j);
	while (vd_json_next_key(w->j, &key))
		walk_value(w, append(w, n, key));
}

bool vd_flat_walk(struct vd_json *j, struct vd_span name, const struct vd_flat *f, void *arg)
{
	struct walk w = {.j = j, .f = f, .arg = arg};
	walk_value(&w, append(&w, 0, name));
	return !j->err;
}

int vd_bare_value(struct vd_decoded *d, struct vd_span body, const char *what,
		  struct vd_json_val *ret)
{
	struct vd_json j;
	body = vd_span_trim(body);
	vd_json_init(&j, body);
	bool json = vd_json_value(&j, ret) && !vd_json_finish(&j);
	if (!json && body.n && (body.p[0] == '{' || body.p[0] == '['))
		return vd_bad_json(d, &j, what);
	if (!json)
		*ret = (struct vd_json_val){.type = VD_JSON_STRING, .raw = body};
	bool holds = ret->type == VD_JSON_OBJECT || ret->type == VD_JSON_ARRAY;
	if (holds || (ret->raw.n <= VD_BARE_MAX && vd_span_utf8(ret->raw)))
		return 0;
	snprintf(d->error, sizeof(d->error), "%s is no short text", what);
	return VD_EPARSE;
}

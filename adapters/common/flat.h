/* SPDX-License-Identifier: EUPL-1.2 */
/* An object within objects as a list of paths: {"a":{"b":1}} is "a.b". One pass, nothing is kept.
 * Pure. */
#pragma once
#include "base/json.h"
#include "port/adapter.h"

#define VD_FLAT_PATH 64 /* bytes of a path; longer ones are cut, and no table row is as long */

struct vd_flat {
	/* Before an object is walked through: false leaves it out. NULL = all. */
	bool (*enter)(void *arg, struct vd_span path);
	/* Every value that is no object; the elements of an array one by one, an empty array as
	 * itself. The path is valid during the call. */
	void (*leaf)(void *arg, struct vd_span path, const struct vd_json_val *v);
};

/* Walks the value that comes next in j, which should be an object; what it is called in `name`
 * ("" = it has no name). false when the text is broken: j tells where. */
bool vd_flat_walk(struct vd_json *j, struct vd_span name, const struct vd_flat *f, void *arg);

#define VD_BARE_MAX 255 /* bytes of a value that has a topic of its own */

/* The value a body is, bare or in JSON: on, 21.5, "on", true. Words need no quotes there. `what`
 * names it in d->error. An object or array is a value too, checked whole. 0 or VD_EPARSE. */
int vd_bare_value(struct vd_decoded *d, struct vd_span body, const char *what,
		  struct vd_json_val *ret);

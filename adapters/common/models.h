/* SPDX-License-Identifier: EUPL-1.2 */
/* Models by name: which kinds each can report (schema/maps/<platform>-known.csv), and the table
 * rows that are its own. Part of the vendor tables: filled while they load, read-only afterwards,
 * any thread. */
#pragma once
#include "base/map.h"
#include "base/span.h"

struct vd_table_row;

/* All vendors' devices of one model name on one platform. */
struct vd_models_name {
	struct vd_models_name *next; /* of the same hash */
	struct vd_span platform, model;
	struct vd_table_row *rows, *last; /* in order of precedence; borrowed */
	struct vd_model *makers;          /* owned, in the order they were read */
};
/* A model somebody makes. Spans are borrowed from the text it was read from. */
struct vd_model {
	struct vd_model *next;
	struct vd_span vendor; /* "*" = any */
	struct vd_span model;
	struct vd_span kinds; /* space-separated; what matters most comes first */
};

struct vd_models {
	struct vd_map names; /* hash of platform and model, without regard to case */
	size_t n;            /* of makers */
};

void vd_models_init(struct vd_models *m);
void vd_models_fini(struct vd_models *m);
/* NULL when nothing is known of that name, or it is "". */
const struct vd_models_name *vd_models_find(const struct vd_models *m, struct vd_span platform,
					    struct vd_span model);
/* The same, made when it is not there. VD_ENOMEM or VD_ELIMIT. */
int vd_models_name(struct vd_models *m, struct vd_span platform, struct vd_span model,
		   struct vd_models_name **ret);
/* One line of a -known.csv, its cells trimmed. 0 with *ret_why NULL; VD_EPARSE with *ret_why;
 * VD_ENOMEM or VD_ELIMIT. */
int vd_models_add(struct vd_models *m, const struct vd_span cells[4], const char **ret_why);
/* Who makes it. vendor "" = nobody told: then only when there is but one. NULL = not known. */
const struct vd_model *vd_models_maker(const struct vd_models_name *n, struct vd_span vendor);
/* Equal without regard to ASCII case. */
bool vd_same_word(struct vd_span a, struct vd_span b);

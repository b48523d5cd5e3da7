/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/models.h"
#include "base/err.h"
#include "base/mem.h"
#include "model/event.h"
#include <strings.h>

#define MAKERS_MAX 20000 /* the package names about 2 200 that matter here */
#define NAME_BYTES 96    /* the longest of them has 48 */

bool vd_same_word(struct vd_span a, struct vd_span b)
{
	return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

void vd_models_init(struct vd_models *m)
{
	*m = (struct vd_models){0};
	vd_map_init(&m->names, MAKERS_MAX, 0);
}

void vd_models_fini(struct vd_models *m)
{
	size_t it = 0;
	for (struct vd_models_name *n; (n = vd_map_each(&m->names, &it));) {
		while (n) {
			struct vd_models_name *next = n->next;
			while (n->makers) {
				struct vd_model *after = n->makers->next;
				vd_free(n->makers);
				n->makers = after;
			}
			vd_free(n);
			n = next;
		}
	}
	vd_map_fini(&m->names);
}

/* 0 = a name longer than any we know. */
static uint64_t hash_of(struct vd_span platform, struct vd_span model)
{
	char low[NAME_BYTES];
	if (model.n > sizeof(low))
		return 0;
	for (size_t i = 0; i < model.n; i++)
		low[i] = (char)(model.p[i] >= 'A' && model.p[i] <= 'Z' ? model.p[i] + 32
								       : model.p[i]);
	return vd_hash64(vd_span(low, model.n), platform.n ? (unsigned char)platform.p[0] : 0) | 1;
}

static struct vd_models_name *find(const struct vd_models *m, uint64_t hash,
				   struct vd_span platform, struct vd_span model)
{
	struct vd_models_name *n = vd_map_get_u64(&m->names, hash);
	while (n && !(vd_span_eq(n->platform, platform) && vd_same_word(n->model, model)))
		n = n->next;
	return n;
}

const struct vd_models_name *vd_models_find(const struct vd_models *m, struct vd_span platform,
					    struct vd_span model)
{
	uint64_t hash = model.n ? hash_of(platform, model) : 0;
	return hash ? find(m, hash, platform, model) : NULL;
}

int vd_models_name(struct vd_models *m, struct vd_span platform, struct vd_span model,
		   struct vd_models_name **ret)
{
	uint64_t hash = hash_of(platform, model);
	if (!hash)
		return VD_ELIMIT;
	if ((*ret = find(m, hash, platform, model)))
		return 0;
	struct vd_models_name *own = vd_calloc(1, sizeof(*own));
	if (!own)
		return VD_ENOMEM;
	own->platform = platform;
	own->model = model;
	own->next = vd_map_remove_u64(&m->names, hash);
	int err = vd_map_put_u64(&m->names, hash, own);
	if (err) { /* a place has just been freed, unless there was none of this hash */
		vd_free(own);
		return err;
	}
	*ret = own;
	return 0;
}

static bool kinds_fit(struct vd_span list)
{
	struct vd_span word;
	while (vd_span_next(&list, ' ', &word))
		if (!word.n || !vd_kind_parse(word))
			return false;
	return true;
}

int vd_models_add(struct vd_models *m, const struct vd_span cells[4], const char **ret_why)
{
	struct vd_models_name *name = NULL;
	*ret_why = !cells[0].n || !cells[1].n || !cells[2].n || vd_span_is(cells[2], "*")
			   ? "platform, vendor and model are needed"
		   : !cells[3].n || !kinds_fit(cells[3])
			   ? "kinds are words of docs/vocabulary.md, with one blank between"
			   : NULL;
	if (*ret_why)
		return VD_EPARSE;
	if (m->n >= MAKERS_MAX)
		return VD_ELIMIT;
	int err = vd_models_name(m, cells[0], cells[2], &name);
	struct vd_model *own = err ? NULL : vd_malloc(sizeof(*own));
	if (!own)
		return err ? err : VD_ENOMEM;
	*own = (struct vd_model){.vendor = cells[1], .model = cells[2], .kinds = cells[3]};
	struct vd_model **last = &name->makers;
	while (*last)
		last = &(*last)->next;
	*last = own;
	m->n++;
	return 0;
}

const struct vd_model *vd_models_maker(const struct vd_models_name *n, struct vd_span vendor)
{
	const struct vd_model *m = n ? n->makers : NULL;
	if (m && !vendor.n)
		return m->next ? NULL : m;
	while (m && !vd_span_is(m->vendor, "*") && !vd_same_word(m->vendor, vendor))
		m = m->next;
	return m;
}

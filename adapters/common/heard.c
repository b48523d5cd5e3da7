/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/heard.h"

struct vd_heard *vd_heard_add(struct vd_decoded *d, struct vd_span identity)
{
	bool seen[VD_KIND_MAX] = {false};
	if (!identity.n || d->n_heard == VD_MAX_HEARD_GATEWAY)
		return NULL;
	struct vd_heard *w = &d->heard[d->n_heard++];
	*w = (struct vd_heard){.identity = identity};
	size_t from = d->scratch.n;
	for (size_t i = 0; i < d->n; i++) {
		enum vd_kind k = d->readings[i].kind;
		const char *name = vd_kind_name(k);
		size_t more = strlen(name) + 2;
		if (seen[k] || d->scratch.n - from + more > VD_HEARD_BYTES ||
		    d->scratch.n + more > d->scratch.cap)
			continue;
		seen[k] = true;
		if (d->scratch.n > from)
			vd_buf_add_char(&d->scratch, ' ');
		vd_buf_add_cstr(&d->scratch, name);
	}
	w->features = vd_span(d->scratch.p + from, d->scratch.n - from);
	return w;
}

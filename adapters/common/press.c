/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/press.h"
#include "adapters/common/reading.h"
#include "base/map.h"
#include <strings.h>

static bool part_is(struct vd_span part, const char *word)
{
	return part.n == strlen(word) && strncasecmp(part.p, word, part.n) == 0;
}

/* Cuts the next run of letters and digits off *rest. */
static bool next_part(struct vd_span *rest, struct vd_span *ret)
{
	static const char between[] = "_- ./:";
	while (rest->n && memchr(between, rest->p[0], sizeof(between) - 1))
		*rest = vd_span_skip(*rest, 1);
	size_t n = 0;
	while (n < rest->n && !memchr(between, rest->p[n], sizeof(between) - 1))
		n++;
	*ret = vd_span(rest->p, n);
	*rest = vd_span_skip(*rest, n);
	return n > 0;
}

const char *vd_press_state(struct vd_span word)
{
	static const struct {
		const char *word, *state;
	} parts[] = {{"double", "double"},   {"triple", "triple"}, {"hold", "hold"},
		     {"held", "hold"},       {"long", "hold"},     {"release", "release"},
		     {"released", "release"}};
	const char *state = "single";
	struct vd_span part;
	while (next_part(&word, &part))
		for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
			if (part_is(part, parts[i].word))
				state = parts[i].state; /* the last tells: hold_release */
	return state;
}

void vd_press_word(struct vd_reading *r, struct vd_span word)
{
	char plain[48];
	snprintf(r->state, sizeof(r->state), "%s", vd_press_state(word));
	vd_span_copy(plain, sizeof(plain), word);
	for (char *p = plain; *p; p++) /* a peer's text, into the journal's JSON */
		if (*p < ' ' || *p > '~' || *p == '"' || *p == '\\')
			*p = '?';
	snprintf(r->attrs, sizeof(r->attrs), "\"action\":\"%s\"", plain);
}

struct vd_reading *vd_press_add(struct vd_decoded *d, struct vd_span identity, struct vd_span word)
{
	struct vd_reading *r = vd_reading_add(d, identity, VD_KIND_BUTTON, "");
	if (!r)
		return NULL;
	r->flags |= VD_F_EDGE;
	vd_press_word(r, word);
	return r;
}

bool vd_press_echo(struct vd_presses *p, struct vd_span identity, struct vd_span word,
		   struct vd_span way, int64_t at_ms)
{
	uint64_t what = vd_hash64(word, vd_hash64(identity, 0)) | 1, w = vd_hash64(way, 0);
	size_t i = 0;
	while (i < VD_PRESSES && p->last[i].what != what)
		i++;
	if (i == VD_PRESSES)
		i = p->next++ % VD_PRESSES;
	else if (p->last[i].way != w && at_ms - p->last[i].at_ms <= VD_PRESS_ECHO_MS &&
		 p->last[i].at_ms - at_ms <= VD_PRESS_ECHO_MS)
		return true;
	p->last[i].what = what;
	p->last[i].way = w;
	p->last[i].at_ms = at_ms;
	return false;
}

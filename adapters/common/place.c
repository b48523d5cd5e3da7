/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/place.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/map.h"
#include <math.h>

struct vd_spot vd_spot_of(const struct vd_json_val *lat, const struct vd_json_val *lon,
			  const struct vd_json_val *accuracy_m)
{
	struct vd_spot s = {0};
	if (lat->type != VD_JSON_NUMBER || lon->type != VD_JSON_NUMBER ||
	    !(fabs(lat->num) <= 90 && fabs(lon->num) <= 180) || (lat->num == 0 && lon->num == 0))
		return s;
	s = (struct vd_spot){.lat = lat->num, .lon = lon->num, .known = true};
	if (accuracy_m->type == VD_JSON_NUMBER && accuracy_m->num > 0 && accuracy_m->num < 1e6)
		s.accuracy_m = accuracy_m->num;
	return s;
}

/* Seven decimals are a centimetre. Either all of it fits or nothing is written. */
void vd_spot_attrs(const struct vd_spot *s, struct vd_reading *r)
{
	char text[96];
	size_t n = strlen(r->attrs);
	if (!s->known)
		return;
	int k = snprintf(text, sizeof(text), "%s\"lat\":%.7f,\"lon\":%.7f", n ? "," : "", s->lat,
			 s->lon);
	if (s->accuracy_m > 0)
		k += snprintf(text + k, sizeof(text) - (size_t)k, ",\"accuracy_m\":%.0f",
			      s->accuracy_m);
	if (n + (size_t)k < sizeof(r->attrs))
		memcpy(r->attrs + n, text, (size_t)k + 1);
}

struct vd_reading *vd_spot_add(struct vd_decoded *d, struct vd_span identity,
			       const struct vd_spot *s, const struct vd_reading *like)
{
	struct vd_reading *r = s->known ? vd_reading_add(d, identity, VD_KIND_LOCATION, "") : NULL;
	if (!r)
		return NULL;
	r->t_ms = like->t_ms;
	r->t_src = like->t_src;
	r->seq = like->seq;
	r->flags = like->flags | VD_F_EDGE;
	vd_spot_attrs(s, r);
	return r;
}

void vd_zone_name(struct vd_span name, char ret_zone[VD_ZONE_BYTES])
{
	char text[256];
	size_t n = vd_json_unescape(name, text, sizeof(text));
	struct vd_span all = vd_span_trim(vd_span(text, n));
	if (vd_span_copy(ret_zone, VD_ZONE_BYTES, all))
		return;
	(void)vd_span_copy(ret_zone, VD_ZONE_BYTES - 5, all);
	size_t k = strlen(ret_zone);
	snprintf(ret_zone + k, VD_ZONE_BYTES - k, "~%04x", (unsigned)(vd_hash64(all, 0) & 0xffff));
}

/* -- leaving, told late --------------------------------------------------------------------- */

bool vd_fix_is_old(int64_t fix_ms, int64_t now_ms, int64_t limit_ms)
{
	return fix_ms && now_ms - fix_ms > limit_ms && now_ms - fix_ms <= VD_DAY_MS;
}

static uint64_t who_of(struct vd_span identity)
{
	return vd_hash64(identity, 0) | 1;
}

static bool is_exit(const struct vd_exits *x, unsigned i, uint64_t who, const char *zone,
		    int64_t id)
{
	return x->left[i].who == who &&
	       (id && x->left[i].id ? x->left[i].id == id : strcmp(x->left[i].zone, zone) == 0);
}

void vd_exit_is_settled(struct vd_exits *x, struct vd_span identity, const char *zone, int64_t id)
{
	uint64_t who = who_of(identity);
	for (unsigned i = 0; i < VD_EXITS; i++)
		if (is_exit(x, i, who, zone, id))
			x->left[i].who = 0;
}

/* The place it has already, else the next free one, else the oldest's. */
static unsigned place_for(struct vd_exits *x, uint64_t who, const char *zone, int64_t id)
{
	for (unsigned i = 0; i < VD_EXITS; i++)
		if (is_exit(x, i, who, zone, id))
			return i;
	unsigned at = x->next;
	for (unsigned i = 0; i < VD_EXITS && x->left[at].who; i++)
		at = (at + 1) % VD_EXITS;
	x->next = (at + 1) % VD_EXITS;
	return at;
}

void vd_exit_was_late(struct vd_exits *x, struct vd_span identity, const char *zone, int64_t id)
{
	uint64_t who = who_of(identity);
	unsigned at = place_for(x, who, zone, id);
	x->left[at].who = who;
	x->left[at].id = id;
	x->left[at].told = false;
	snprintf(x->left[at].zone, sizeof(x->left[at].zone), "%s", zone);
}

void vd_exits_tell(struct vd_exits *x, struct vd_decoded *d, struct vd_span identity,
		   const struct vd_reading *like, const struct vd_spot *s)
{
	uint64_t who = who_of(identity);
	for (size_t i = 0; i < VD_EXITS; i++) {
		if (x->left[i].who != who)
			continue;
		struct vd_reading *r = vd_reading_add(d, identity, VD_KIND_GEOFENCE, "exit");
		if (!r)
			return;
		r->t_ms = like->t_ms;
		r->t_src = like->t_src;
		r->flags = like->flags | (x->left[i].told ? 0 : VD_F_EDGE);
		memcpy(r->zone, x->left[i].zone, sizeof(r->zone));
		vd_spot_attrs(s, r);
		x->left[i].told = true;
	}
}

int vd_old_fix_config(struct vd_span config, int64_t *ret_ms)
{
	struct vd_json j;
	struct vd_span key;
	int64_t min = VD_OLD_FIX_MS / VD_MINUTE_MS;
	config = vd_span_trim(config);
	vd_json_init(&j, config);
	if (config.n && !vd_json_enter_object(&j))
		return VD_EINVAL;
	while (config.n && vd_json_next_key(&j, &key)) {
		struct vd_json_val v;
		bool others = vd_span_is(key, "downlink") || vd_span_is(key, "commands");
		if (others && vd_json_value(&j, &v))
			continue;
		if (!vd_json_value(&j, &v) || !vd_span_is(key, "old_fix_min") ||
		    !vd_whole(&v, 1, VD_OLD_FIX_MIN_MAX, &min))
			return VD_EINVAL;
	}
	if (config.n && vd_json_finish(&j))
		return VD_EINVAL;
	*ret_ms = min * VD_MINUTE_MS;
	return 0;
}

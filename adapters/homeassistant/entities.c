/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/homeassistant/entities.h"
#include "adapters/common/reading.h"
#include "adapters/homeassistant/discovery.h"
#include "base/err.h"
#include "base/mem.h"

void ha_entities_free(struct ha_entities *e)
{
	vd_free(e->list);
	*e = (struct ha_entities){0};
}

const struct ha_entity *ha_entities_by_config(const struct ha_entities *e, struct vd_span topic)
{
	for (size_t i = 0; i < e->n; i++)
		if (vd_span_is(topic, e->list[i].config_topic))
			return &e->list[i];
	return NULL;
}

void ha_entities_remove(struct ha_entities *e, struct vd_span topic)
{
	size_t keep = 0;
	for (size_t i = 0; i < e->n; i++) {
		if (vd_span_is(topic, e->list[i].config_topic))
			continue;
		if (keep != i)
			e->list[keep] = e->list[i];
		keep++;
	}
	e->n = keep;
}

static int reserve(struct ha_entities *e, size_t more)
{
	size_t cap = e->cap ? e->cap : 8;
	if (e->n + more > HA_ENTITIES_MAX)
		return VD_ELIMIT;
	while (cap < e->n + more)
		cap *= 2;
	if (cap == e->cap)
		return 0;
	struct ha_entity *list = vd_realloc(e->list, cap * sizeof(*list));
	if (!list)
		return VD_ENOMEM;
	e->list = list;
	e->cap = cap;
	return 0;
}

static size_t count_members(struct vd_span object)
{
	struct vd_json j;
	struct vd_span key;
	size_t n = 0;
	vd_json_init(&j, object);
	if (vd_json_enter_object(&j))
		while (vd_json_next_key(&j, &key) && vd_json_skip(&j))
			n++;
	return n;
}

/* Every member of "components" of a device's config that has somewhere to listen. */
static size_t read_components(struct ha_entities *e, const struct ha_entity *shared,
			      const struct ha_config *c, size_t room)
{
	struct vd_json j;
	struct vd_json_val v;
	struct vd_span key;
	size_t n = 0;
	vd_json_init(&j, c->components);
	if (!vd_json_enter_object(&j))
		return 0;
	while (n < room && vd_json_next_key(&j, &key) && vd_json_value(&j, &v)) {
		struct ha_entity *one = &e->list[e->n];
		struct ha_config own = *c;
		if (v.type != VD_JSON_OBJECT || count_members(v.raw) < 2)
			continue; /* a platform alone says that the part is gone */
		*one = *shared;
		ha_config_read(&own, one, v.raw);
		ha_config_finish(&own, one, key);
		if (!one->component[0] ||
		    (!one->state_topic[0] && !one->n_available && !one->command_topic[0]))
			continue;
		e->n++;
		n++;
	}
	return n;
}

int ha_entities_read(struct ha_entities *e, struct vd_span topic, struct vd_span component,
		     struct vd_span object, struct vd_span body, struct vd_decoded *d,
		     size_t *ret_n)
{
	struct ha_entity fresh = {0};
	struct ha_config c = {0};
	struct vd_json j;
	vd_json_init(&j, body);
	if (vd_json_peek(&j) != VD_JSON_OBJECT || !vd_json_skip(&j) || vd_json_finish(&j))
		return vd_bad_json(d, &j, "a discovery object");
	if (!vd_span_copy(fresh.config_topic, sizeof(fresh.config_topic), topic))
		return snprintf(d->error, sizeof(d->error), "the discovery topic is too long"),
		       VD_EINVAL;
	vd_span_copy(fresh.component, sizeof(fresh.component), component);
	ha_config_read(&c, &fresh, body);
	bool several = vd_span_is(component, "device");
	size_t room = several ? count_members(c.components) : 1;
	int err = reserve(e, room);
	if (err)
		return err;
	ha_entities_remove(e, topic);
	if (several) {
		fresh.component[0] = '\0';
		*ret_n = read_components(e, &fresh, &c, room);
		return 0;
	}
	ha_config_finish(&c, &fresh, object);
	e->list[e->n++] = fresh;
	*ret_n = 1;
	return 0;
}

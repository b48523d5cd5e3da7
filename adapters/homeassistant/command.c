/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands to what Home Assistant's discovery has announced: a plain word to an entity's command
 * topic. Facts: home-assistant.io lock.mqtt, button.mqtt, siren.mqtt. Pure.
 *
 * An entity whose command needs a template or a code is not offered: a door that only may open is
 * worse than one that is not offered. */
#include "adapters/common/downlink.h"
#include "adapters/homeassistant/states.h"
#include "base/err.h"

/* component, device class ("" = any), verb; which payload, and what it is when none was told. */
static const struct {
	const char *component, *class;
	enum vd_command_verb verb;
	size_t payload;
	const char *otherwise;
} rows[] = {
	{"lock", "", VD_CMD_UNLOCK, offsetof(struct ha_entity, payload_unlock), "UNLOCK"},
	{"lock", "", VD_CMD_LOCK, offsetof(struct ha_entity, payload_lock), "LOCK"},
	{"button", "identify", VD_CMD_LOCATE, offsetof(struct ha_entity, payload_press), "PRESS"},
	{"siren", "", VD_CMD_RING, offsetof(struct ha_entity, payload_on), "ON"},
	{"siren", "", VD_CMD_CANCEL, offsetof(struct ha_entity, payload_off), "OFF"},
};
#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static bool fits(size_t i, const struct ha_entity *e, const struct vd_target *who)
{
	return e->command_topic[0] && !e->needs_code && vd_span_is(who->identity, e->device) &&
	       strcmp(e->component, rows[i].component) == 0 &&
	       (!rows[i].class[0] || strcmp(e->class, rows[i].class) == 0);
}

unsigned ha_commands(const void *state, const struct vd_target *who)
{
	const struct ha *h = state;
	unsigned set = 0;
	for (size_t k = 0; k < h->entities.n; k++)
		for (size_t i = 0; i < N_ROWS; i++)
			if (fits(i, &h->entities.list[k], who))
				set |= VD_CMD_BIT(rows[i].verb);
	return set;
}

int ha_command(const void *state, const struct vd_target *who, const struct vd_command *c,
	       struct vd_downlink *ret)
{
	const struct ha *h = state;
	for (size_t k = 0; k < h->entities.n; k++)
		for (size_t i = 0; i < N_ROWS; i++) {
			const struct ha_entity *e = &h->entities.list[k];
			if (rows[i].verb != c->verb || !fits(i, e, who))
				continue;
			const char *told = (const char *)e + rows[i].payload;
			vd_buf_add_cstr(&ret->body, told[0] ? told : rows[i].otherwise);
			ret->content_type = "text/plain";
			return vd_down_topic(ret, "%s", e->command_topic);
		}
	return VD_EINVAL;
}

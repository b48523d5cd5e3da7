/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands to Zigbee2MQTT's devices: JSON to <prefix>/<friendly name>/set. What a device takes is
 * what its exposes say can be set (access bit 2). Facts: zigbee2mqtt.io guide/usage/exposes.html
 * and mqtt_topics_and_messages.html. Pure. */
#include "adapters/common/downlink.h"
#include "adapters/zigbee2mqtt/devices.h"
#include "base/err.h"

#define ACCESS_SET 2
#define RING_S     30 /* seconds a siren sounds: to find it or be heard, not to chase people out */

unsigned z2m_takes_of(struct vd_span type, struct vd_span property, int access, bool on_true,
		      bool in_lock)
{
	bool binary = vd_span_is(type, "binary");
	if (!(access & ACCESS_SET))
		return 0;
	if (in_lock)
		return binary && vd_span_is(property, "state") ? Z2M_TAKES_LOCK : 0;
	if (vd_span_is(property, "identify") && vd_span_is(type, "enum"))
		return Z2M_TAKES_IDENTIFY;
	if (vd_span_is(property, "warning") && vd_span_is(type, "composite"))
		return Z2M_TAKES_WARNING;
	if (vd_span_is(property, "alarm") && binary && on_true)
		return Z2M_TAKES_ALARM;
	if (vd_span_is(property, "silence") && binary && on_true)
		return Z2M_TAKES_SILENCE;
	return 0;
}

static const struct z2m_device *by_ieee(const struct z2m_devices *d, struct vd_span ieee)
{
	for (size_t i = 0; i < d->n; i++)
		if (vd_span_is(ieee, d->list[i].ieee))
			return &d->list[i];
	return NULL;
}

/* First the verb, then how; the first row that the device takes counts. */
static const struct {
	enum vd_command_verb verb;
	enum z2m_takes how;
	const char *body;
} rows[] = {
	{VD_CMD_LOCK, Z2M_TAKES_LOCK, "{\"state\":\"LOCK\"}"},
	{VD_CMD_UNLOCK, Z2M_TAKES_LOCK, "{\"state\":\"UNLOCK\"}"},
	{VD_CMD_LOCATE, Z2M_TAKES_IDENTIFY, "{\"identify\":\"identify\"}"},
	{VD_CMD_RING, Z2M_TAKES_WARNING,
	 "{\"warning\":{\"mode\":\"emergency\",\"level\":\"medium\",\"strobe\":true,\"duration\":%"
	 "d}}"},
	{VD_CMD_RING, Z2M_TAKES_ALARM, "{\"alarm\":true}"},
	{VD_CMD_CANCEL, Z2M_TAKES_SILENCE, "{\"silence\":true}"},
	{VD_CMD_CANCEL, Z2M_TAKES_WARNING, "{\"warning\":{\"mode\":\"stop\",\"duration\":0}}"},
	{VD_CMD_CANCEL, Z2M_TAKES_ALARM, "{\"alarm\":false}"},
};

unsigned z2m_commands(const struct z2m_devices *d, const struct vd_target *who)
{
	const struct z2m_device *x = by_ieee(d, who->identity);
	unsigned set = 0;
	for (size_t i = 0; x && i < sizeof(rows) / sizeof(rows[0]); i++)
		if (x->takes & rows[i].how)
			set |= VD_CMD_BIT(rows[i].verb);
	return set;
}

int z2m_command(const struct z2m_devices *d, const char *prefix, const struct vd_target *who,
		const struct vd_command *c, struct vd_downlink *ret)
{
	const struct z2m_device *x = by_ieee(d, who->identity);
	if (!x)
		return VD_EINVAL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].verb != c->verb || !(x->takes & rows[i].how))
			continue;
		if (rows[i].verb == VD_CMD_RING && rows[i].how == Z2M_TAKES_WARNING)
			vd_buf_printf(&ret->body, rows[i].body, RING_S);
		else
			vd_buf_add_cstr(&ret->body, rows[i].body);
		return vd_down_topic(ret, "%s/%s/set", prefix, x->name);
	}
	return VD_EINVAL;
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Commands to devices of the second generation and later: a remote call to <prefix>/rpc. Facts:
 * shelly-api-docs.shelly.cloud/gen2/ComponentsAndServices/Smoke (Smoke.Mute) and
 * /gen2/General/{RPCChannels, RPCProtocol}. Pure. */
#include "adapters/common/downlink.h"
#include "adapters/shelly/shelly.h"
#include "base/err.h"
#include "base/map.h"

bool shelly_learn(struct shelly *s, struct vd_span who, struct vd_span prefix)
{
	struct shelly_device *dev = shelly_device(s, who);
	if (!dev->smoke || dev->prefix[0] || !prefix.n || prefix.n >= sizeof(dev->prefix))
		return false;
	vd_span_copy(dev->prefix, sizeof(dev->prefix), prefix);
	return true;
}

/* Nothing is made up for a device that never spoke. */
static const struct shelly_device *told(const struct shelly *s, struct vd_span identity)
{
	uint64_t key = vd_hash64(identity, 0) | 1;
	for (size_t i = 0; i < SHELLY_DEVICES; i++)
		if (s->devices[i].key == key && s->devices[i].prefix[0])
			return &s->devices[i];
	return NULL;
}

unsigned shelly_commands(const void *state, const struct vd_target *who)
{
	return told(state, who->identity) ? VD_CMD_BIT(VD_CMD_CANCEL) : 0;
}

/* The answer goes to <src>/rpc: below the device's own topics, which its credential may write to,
 * and where it is passed over as a call. */
int shelly_command(const void *state, const struct vd_target *who, const struct vd_command *c,
		   struct vd_downlink *ret)
{
	char src[SHELLY_PREFIX + 8];
	struct vd_jw w;
	const struct shelly_device *dev = told(state, who->identity);
	if (!dev || c->verb != VD_CMD_CANCEL)
		return VD_EINVAL;
	snprintf(src, sizeof(src), "%s/varde", dev->prefix);
	vd_jw_init(&w, &ret->body);
	vd_jw_obj(&w);
	vd_jw_kv_str(&w, "id", c->id);
	vd_jw_kv_str(&w, "src", src);
	vd_jw_kv_str(&w, "method", "Smoke.Mute");
	vd_jw_key(&w, "params");
	vd_jw_obj(&w);
	vd_jw_kv_int(&w, "id", dev->smoke - 1);
	vd_jw_end_obj(&w);
	vd_jw_end_obj(&w);
	return vd_down_topic(ret, "%s/rpc", dev->prefix);
}

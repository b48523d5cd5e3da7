/* SPDX-License-Identifier: EUPL-1.2 */
/* POST <url>/commands/send of Traccar's API: traccar.org/api-reference (Commands), and
 * github.com/traccar/traccar, api/resource/CommandResource.java. Pure. */
#include "adapters/traccar/command.h"
#include "adapters/common/downlink.h"
#include "base/err.h"
#include "base/map.h"

static size_t find(const struct traccar_peers *p, struct vd_span identity)
{
	uint64_t key = vd_hash64(identity, 0) | 1;
	size_t i = 0;
	while (i < TRACCAR_PEERS && p->list[i].key != key)
		i++;
	return i;
}

void traccar_learn(struct traccar_peers *p, struct vd_span identity, int64_t id,
		   struct vd_span protocol)
{
	size_t i = find(p, identity);
	if (id <= 0)
		return;
	if (i == TRACCAR_PEERS) {
		i = p->next++ % TRACCAR_PEERS;
		p->list[i].key = vd_hash64(identity, 0) | 1;
		p->list[i].protocol[0] = '\0';
	}
	p->list[i].id = id;
	if (protocol.n)
		vd_span_copy(p->list[i].protocol, sizeof(p->list[i].protocol), protocol);
}

/* The protocols whose trackers can be asked for their place over their connection
 * (setSupportedDataCommands in protocol/<Name>Protocol.java there). MiniFinder's and GT06's are
 * not among them. */
static bool locates(struct vd_span protocol)
{
	static const char *const names[] = {"watch",    "eelink", "gps103",
					    "meitrack", "totem",  "wondex"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (vd_span_is(protocol, names[i]))
			return true;
	return false;
}

unsigned traccar_verbs(const struct traccar_peers *p, const char *config,
		       const struct vd_target *who)
{
	size_t i = find(p, who->identity);
	/* before its first message after a start: what was heard of it when it was put up */
	struct vd_span protocol = i < TRACCAR_PEERS && p->list[i].protocol[0]
					  ? vd_span_cstr(p->list[i].protocol)
					  : who->vendor;
	unsigned said = vd_down_verbs(config, who->identity) & VD_CMD_BIT(VD_CMD_LOCATE);
	if (!vd_down_http(config))
		return 0;
	return said | (locates(protocol) ? VD_CMD_BIT(VD_CMD_LOCATE) : 0);
}

int traccar_render(const struct traccar_peers *p, const char *config, const struct vd_target *who,
		   const struct vd_command *c, struct vd_downlink *ret)
{
	size_t i = find(p, who->identity);
	struct vd_jw w;
	if (c->verb != VD_CMD_LOCATE || !traccar_verbs(p, config, who))
		return VD_EINVAL;
	if (i == TRACCAR_PEERS)
		return VD_ESTATE; /* its next message tells Traccar's number of it */
	ret->carrier = VD_CARRIER_HTTP;
	vd_jw_init(&w, &ret->body);
	vd_jw_obj(&w);
	vd_jw_kv_int(&w, "deviceId", p->list[i].id);
	vd_jw_kv_str(&w, "type", "positionSingle");
	vd_jw_end_obj(&w);
	return vd_down_topic(ret, "commands/send");
}

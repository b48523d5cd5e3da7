/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/command.h"

static const struct {
	const char *name;
	int64_t life_ms;
	bool once;
} verbs[VD_CMD_MAX] = {
	[VD_CMD_NONE] = {"", 0, false},
	[VD_CMD_CONFIRM] = {"confirm", 120000, false},
	[VD_CMD_CANCEL] = {"cancel", 120000, false},
	[VD_CMD_LOCATE] = {"locate", 120000, false},
	[VD_CMD_RING] = {"ring", 120000, false},
	[VD_CMD_INTERVAL] = {"interval", 3600000, false},
	[VD_CMD_UNLOCK] = {"unlock", 60000, true},
	[VD_CMD_LOCK] = {"lock", 60000, false},
};

static const char *const states[VD_CS_MAX] = {
	[VD_CS_ASKED] = "asked",       [VD_CS_QUEUED] = "queued", [VD_CS_SENT] = "sent",
	[VD_CS_ACCEPTED] = "accepted", [VD_CS_DONE] = "done",     [VD_CS_FAILED] = "failed",
	[VD_CS_EXPIRED] = "expired",
};

#define BIT(s) (1u << (s))
#define ENDS   (BIT(VD_CS_DONE) | BIT(VD_CS_FAILED) | BIT(VD_CS_EXPIRED))

/* A device may tell that it is so before its gateway has acknowledged, or while a command that has
 * been sent waits to be sent again. */
static const unsigned moves[VD_CS_MAX] = {
	[VD_CS_ASKED] = BIT(VD_CS_QUEUED) | BIT(VD_CS_FAILED) | BIT(VD_CS_EXPIRED),
	[VD_CS_QUEUED] = BIT(VD_CS_SENT) | ENDS,
	[VD_CS_SENT] = BIT(VD_CS_QUEUED) | BIT(VD_CS_ACCEPTED) | ENDS,
	[VD_CS_ACCEPTED] = ENDS,
};

const char *vd_verb_name(enum vd_command_verb v)
{
	return v > VD_CMD_NONE && v < VD_CMD_MAX ? verbs[v].name : "";
}

enum vd_command_verb vd_verb_parse(struct vd_span s)
{
	for (int v = VD_CMD_NONE + 1; v < VD_CMD_MAX; v++)
		if (vd_span_is(s, verbs[v].name))
			return (enum vd_command_verb)v;
	return VD_CMD_NONE;
}

const char *vd_command_state_name(enum vd_command_state s)
{
	return states[s];
}

int vd_command_state_parse(struct vd_span s)
{
	for (int i = 0; i < VD_CS_MAX; i++)
		if (vd_span_is(s, states[i]))
			return i;
	return -1;
}

int64_t vd_verb_life_ms(enum vd_command_verb v)
{
	return verbs[v].life_ms;
}

bool vd_verb_once(enum vd_command_verb v)
{
	return verbs[v].once;
}

bool vd_command_next(enum vd_command_state from, enum vd_command_state to)
{
	return to < VD_CS_MAX && moves[from] & BIT(to);
}

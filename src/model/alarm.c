/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/alarm.h"

static const char *const handlings[VD_H_MAX] = {
	[VD_H_NEW] = "new",
	[VD_H_ACKNOWLEDGED] = "acknowledged",
	[VD_H_EN_ROUTE] = "en_route",
	[VD_H_ON_SITE] = "on_site",
	[VD_H_TRANSFERRED] = "transferred",
	[VD_H_SHELVED] = "shelved",
	[VD_H_TEST] = "test",
	[VD_H_CLOSED] = "closed",
};

static const char *const steps[VD_STEP_MAX] = {
	[VD_STEP_RAISED] = "raised",
	[VD_STEP_REPEATED] = "repeated",
	[VD_STEP_RETURNED] = "returned",
	[VD_STEP_REACTIVATED] = "reactivated",
	[VD_STEP_ACKNOWLEDGED] = "acknowledged",
	[VD_STEP_ACK_TIMEOUT] = "ack_timeout",
	[VD_STEP_RELEASED] = "released",
	[VD_STEP_EN_ROUTE] = "en_route",
	[VD_STEP_ON_SITE] = "on_site",
	[VD_STEP_TRANSFERRED] = "transferred",
	[VD_STEP_RECEIVED] = "received",
	[VD_STEP_NOTE] = "note",
	[VD_STEP_CALL] = "call",
	[VD_STEP_ESCALATED] = "escalated",
	[VD_STEP_SHELVED] = "shelved",
	[VD_STEP_UNSHELVED] = "unshelved",
	[VD_STEP_CLOSED] = "closed",
	[VD_STEP_REOPENED] = "reopened",
	[VD_STEP_MERGED] = "merged",
	[VD_STEP_UPDATED] = "updated",
	[VD_STEP_COMMAND] = "command",
};

static const char *const outcomes[VD_OUT_MAX] = {
	[VD_OUT_NONE] = "",
	[VD_OUT_HELPED] = "helped",
	[VD_OUT_FALSE_ALARM] = "false_alarm",
	[VD_OUT_TEST] = "test",
	[VD_OUT_TECHNICAL] = "technical",
	[VD_OUT_HOSPITAL] = "hospital",
	[VD_OUT_EMERGENCY] = "emergency",
	[VD_OUT_NO_ACTION] = "no_action",
	[VD_OUT_OTHER] = "other",
	[VD_OUT_RETURNED] = "returned",
};

static int index_of(const char *const *table, int n, struct vd_span s)
{
	for (int i = 0; i < n; i++)
		if (vd_span_is(s, table[i]))
			return i;
	return -1;
}

const char *vd_condition_name(enum vd_condition c)
{
	return c == VD_COND_ACTIVE ? "active" : "returned";
}
const char *vd_handling_name(enum vd_handling h)
{
	return handlings[h];
}
const char *vd_step_name(enum vd_step s)
{
	return steps[s];
}
const char *vd_outcome_name(enum vd_outcome o)
{
	return outcomes[o];
}
int vd_handling_parse(struct vd_span s)
{
	return index_of(handlings, VD_H_MAX, s);
}
int vd_step_parse(struct vd_span s)
{
	return index_of(steps, VD_STEP_MAX, s);
}
int vd_outcome_parse(struct vd_span s)
{
	return index_of(outcomes, VD_OUT_MAX, s);
}

/* The handling axis (ISA-18.2 states with the field's own steps between):
 *
 *            acknowledge      en_route        on_site
 *     new ---------------> acknowledged ---> en_route ---> on_site
 *      ^  <- ack_timeout/release -'  |          |             |
 *      |                             '-- transfer -> transferred -- receive -> acknowledged
 *      |-- shelve <-> unshelve       (every owned state)
 *      '------------------------------ close (owned states; hub: when returned) --> closed
 * STAY means: allowed, state unchanged. Rows not listed are refused. */
#define STAY   VD_H_MAX
#define BIT(h) (1u << (h))
#define OWNED                                                                                      \
	(BIT(VD_H_ACKNOWLEDGED) | BIT(VD_H_EN_ROUTE) | BIT(VD_H_ON_SITE) | BIT(VD_H_TRANSFERRED))
#define OPEN (OWNED | BIT(VD_H_NEW) | BIT(VD_H_SHELVED) | BIT(VD_H_TEST))

static const struct {
	unsigned from;
	enum vd_handling to;
} moves[VD_STEP_MAX] = {
	[VD_STEP_RAISED] = {BIT(VD_H_NEW) | BIT(VD_H_TEST), STAY},
	[VD_STEP_REPEATED] = {OPEN, STAY},
	[VD_STEP_RETURNED] = {OPEN, STAY},
	[VD_STEP_REACTIVATED] = {OPEN, STAY},
	[VD_STEP_ACKNOWLEDGED] = {BIT(VD_H_NEW) | BIT(VD_H_TEST) | BIT(VD_H_SHELVED),
				  VD_H_ACKNOWLEDGED},
	[VD_STEP_ACK_TIMEOUT] = {OWNED, VD_H_NEW},
	[VD_STEP_RELEASED] = {OWNED, VD_H_NEW},
	[VD_STEP_EN_ROUTE] = {BIT(VD_H_ACKNOWLEDGED), VD_H_EN_ROUTE},
	[VD_STEP_ON_SITE] = {BIT(VD_H_ACKNOWLEDGED) | BIT(VD_H_EN_ROUTE), VD_H_ON_SITE},
	[VD_STEP_TRANSFERRED] = {BIT(VD_H_ACKNOWLEDGED) | BIT(VD_H_EN_ROUTE) | BIT(VD_H_ON_SITE),
				 VD_H_TRANSFERRED},
	[VD_STEP_RECEIVED] = {BIT(VD_H_TRANSFERRED), VD_H_ACKNOWLEDGED},
	[VD_STEP_NOTE] = {OPEN | BIT(VD_H_CLOSED), STAY},
	[VD_STEP_CALL] = {OPEN, STAY},
	[VD_STEP_ESCALATED] = {OPEN, STAY},
	[VD_STEP_SHELVED] = {BIT(VD_H_NEW) | OWNED, VD_H_SHELVED},
	[VD_STEP_UNSHELVED] = {BIT(VD_H_SHELVED), VD_H_NEW},
	[VD_STEP_CLOSED] = {OPEN, VD_H_CLOSED},
	[VD_STEP_REOPENED] = {BIT(VD_H_CLOSED), VD_H_NEW},
	[VD_STEP_MERGED] = {OPEN, STAY},
	[VD_STEP_UPDATED] = {OPEN, STAY},
	[VD_STEP_COMMAND] = {OPEN | BIT(VD_H_CLOSED), STAY},
};

bool vd_handling_next(enum vd_handling from, enum vd_step step, enum vd_handling *ret_to)
{
	if (step >= VD_STEP_MAX || from >= VD_H_MAX || !(moves[step].from & BIT(from)))
		return false;
	*ret_to = moves[step].to == STAY ? from : moves[step].to;
	return true;
}

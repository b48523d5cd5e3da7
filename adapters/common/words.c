/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/common/words.h"

static const struct {
	enum vd_kind kind;
	const char *states;
} words[] = {
	{VD_KIND_FALL, "none suspected detected confirmed calling cancelled ended"},
	{VD_KIND_SMOKE, "on off muted"},
	{VD_KIND_CO, "on off muted"},
	{VD_KIND_GAS, "on off muted"},
	{VD_KIND_HEAT, "on off muted"},
	{VD_KIND_STOVE, "on cut_off off"},
	{VD_KIND_DOOR, "open closed"},
	{VD_KIND_MOTION, "detected clear"},
	{VD_KIND_PRESENCE, "present absent"},
	{VD_KIND_BED, "in out sit_up edge restless"},
	{VD_KIND_CHAIR, "in out sit_up edge restless"},
	{VD_KIND_GEOFENCE, "enter exit"},
	{VD_KIND_BUTTON, "single double triple hold release"},
	{VD_KIND_LOCK, "locked unlocked jammed denied"},
	{VD_KIND_MEDICATION, "due waiting dispensed dispensed_assisted dispensed_prn "
			     "dispensed_travel taken not_dispensed not_taken unconfirmed "
			     "message_ack message_unread"},
	{VD_KIND_MEDICATION_SUPPLY, "ok low empty travel_short refilled plan_missing plan_changed"},
	{VD_KIND_MEDICATION_DEVICE, "ok jammed unreadable drawer_full open break_in misplaced"},
	{VD_KIND_SUPERVISION, "planned event talk started ended"},
	{VD_KIND_DEVICE_POWER, "mains battery restored"},
	{VD_KIND_DEVICE_CONNECTIVITY, "online offline asleep"},
	{VD_KIND_BRIDGE_CONNECTIVITY, "online offline"},
	{VD_KIND_DEVICE_HEARTBEAT, ""},
	{VD_KIND_DEVICE_FAULT, "on off uncertain"},
	{VD_KIND_DEVICE_TEST, "on off due"},
	{VD_KIND_DEVICE_CLOCK, "ok unset fault"},
	{VD_KIND_DEVICE_JOINED, "joined join announce"},
	{VD_KIND_DEVICE_LEFT, "left removed"},
	{VD_KIND_DEVICE_RESTART, ""},
	{VD_KIND_DEVICE_ONBOARDING, "discovered started successful failed"},
	{VD_KIND_VITAL_SPO2_QUALITY, "good absent"},
	{VD_KIND_DEVICE_COMMAND, NULL},
	{VD_KIND_GATEWAY_STORM, NULL},
	{VD_KIND_NETWORK_OUTAGE, NULL},
	{VD_KIND_DUTY_NOBODY, NULL},
	{VD_KIND_HUB_STORAGE, NULL},
	{VD_KIND_HUB_CLOCK, NULL},
};

const char *vd_kind_states(enum vd_kind k)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].kind == k)
			return words[i].states;
	if (k == VD_KIND_NONE)
		return NULL;
	return vd_kind_class(k) == 'M' ? "" : "on off";
}

bool vd_kind_takes(enum vd_kind k, struct vd_span state)
{
	const char *states = vd_kind_states(k);
	struct vd_span rest = vd_span_cstr(states), w;
	if (!states)
		return false;
	if (!state.n)
		return true; /* a value alone, or nothing */
	if (vd_span_is(state, "unknown"))
		return states[0];
	while (vd_span_next(&rest, ' ', &w))
		if (w.n && vd_span_eq(w, state))
			return true;
	return false;
}

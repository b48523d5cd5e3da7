/* SPDX-License-Identifier: EUPL-1.2 */
#include "model/event.h"

struct kind_row {
	const char *name;
	char class;
	bool latched;
	int severity;
};

static const struct kind_row kinds[VD_KIND_MAX] = {[VD_KIND_NONE] = {"", 'T', false, 0},
#define X(e, n, c, l, s) [VD_KIND_##e] = {n, c, l, s},
						   VD_KINDS(X)
#undef X
};

static bool known(enum vd_kind k)
{
	return k > VD_KIND_NONE && k < VD_KIND_MAX;
}

const char *vd_kind_name(enum vd_kind k)
{
	return known(k) ? kinds[k].name : "";
}

enum vd_kind vd_kind_parse(struct vd_span name)
{
	for (int k = VD_KIND_NONE + 1; k < VD_KIND_MAX; k++)
		if (vd_span_is(name, kinds[k].name))
			return (enum vd_kind)k;
	return VD_KIND_NONE;
}

char vd_kind_class(enum vd_kind k)
{
	return known(k) ? kinds[k].class : 'T';
}

bool vd_kind_latched(enum vd_kind k)
{
	return known(k) && kinds[k].latched;
}

int vd_kind_severity(enum vd_kind k)
{
	return known(k) ? kinds[k].severity : 0;
}

/* Which words of a kind begin something and which end it. Space-separated, matched whole. Kinds
 * without a row use "on" and "off". */
static const struct {
	enum vd_kind kind;
	const char *active, *returned;
} words[] = {
	{VD_KIND_FALL, "detected confirmed calling", ""},
	{VD_KIND_SMOKE, "on", "off"},
	{VD_KIND_STOVE, "on cut_off", "off"},
	{VD_KIND_DOOR, "", ""},
	{VD_KIND_MOTION, "", ""},
	{VD_KIND_PRESENCE, "", ""},
	{VD_KIND_BED, "", ""},
	{VD_KIND_CHAIR, "", ""},
	{VD_KIND_BUTTON, "", ""},
	{VD_KIND_INPUT, "", ""}, /* nobody has said what it means */
	{VD_KIND_SUPERVISION, "", ""},
	{VD_KIND_INACTIVITY, "", "off"},
	{VD_KIND_GEOFENCE, "exit", "enter"},
	{VD_KIND_LOCK, "jammed", "locked unlocked"},
	{VD_KIND_MEDICATION, "not_dispensed not_taken unconfirmed message_unread",
	 "dispensed dispensed_assisted dispensed_prn dispensed_travel taken message_ack"},
	{VD_KIND_MEDICATION_SUPPLY, "low empty travel_short plan_missing", "ok refilled"},
	{VD_KIND_MEDICATION_DEVICE, "jammed unreadable drawer_full open break_in misplaced", "ok"},
	{VD_KIND_DEVICE_POWER, "battery", "mains restored"},
	{VD_KIND_DEVICE_CONNECTIVITY, "offline", "online"},
	{VD_KIND_BRIDGE_CONNECTIVITY, "offline", "online"},
	{VD_KIND_DEVICE_WORN, "off", "on"},
	{VD_KIND_DEVICE_CLOCK, "unset fault", "ok"},
	{VD_KIND_DEVICE_FAULT,
	 "on uncertain flapping battery_odd battery_fast frames_lost restarts changed", "off"},
	{VD_KIND_DEVICE_ONBOARDING, "failed", "successful"}, /* raises with VD_F_ATTENTION only */
	{VD_KIND_DEVICE_LEFT, "left", ""},
	{VD_KIND_DEVICE_TEST, "due", "off"},
	{VD_KIND_DEVICE_HEARTBEAT, "", ""},
	{VD_KIND_DEVICE_JOINED, "", ""},
	{VD_KIND_DEVICE_RESTART, "", ""},
	{VD_KIND_DEVICE_COMMAND, "", ""},
};

static bool has_word(const char *list, const char *word)
{
	struct vd_span rest = vd_span_cstr(list), w;
	while (vd_span_next(&rest, ' ', &w))
		if (w.n && vd_span_is(w, word))
			return true;
	return false;
}

static bool in_words(enum vd_kind k, const char *state, bool active)
{
	if (vd_kind_class(k) == 'M' || !state[0])
		return k == VD_KIND_DEVICE_LEFT && active;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].kind == k)
			return has_word(active ? words[i].active : words[i].returned, state);
	return strcmp(state, active ? "on" : "off") == 0;
}

bool vd_state_active(enum vd_kind k, const char *state)
{
	return in_words(k, state, true);
}

bool vd_state_returned(enum vd_kind k, const char *state)
{
	return in_words(k, state, false);
}

const char *vd_tsrc_name(enum vd_tsrc s)
{
	switch (s) {
	case VD_T_HUB: return "hub";
	case VD_T_DEVICE: return "device";
	case VD_T_GATEWAY: return "gateway";
	case VD_T_BRIDGE: return "bridge";
	}
	return "hub";
}

void vd_event_init(struct vd_event *e)
{
	memset(e, 0, sizeof(*e));
	e->seq = -1;
}

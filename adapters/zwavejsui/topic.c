/* SPDX-License-Identifier: EUPL-1.2 */
/* Facts: zwave-js-ui docs/usage/setup.md (gateway types), api/lib/Gateway.ts (valueTopic),
 * api/lib/Constants.ts (names of the command classes), github.com/zwave-js/zwave-js-ui, MIT. */
#include "adapters/zwavejsui/value.h"
#include "adapters/common/topic.h"

#define PARTS_MAX    12
#define CLASS_MIN    32 /* the first command class of an application */
#define ENDPOINT_MAX 31 /* more than any device has, less than any class: tells the two apart */

/* The names the named topics have for classes whose values can matter; others are
 * "unknownClass_<number>", or of no interest. */
static int class_named(struct vd_span name)
{
	static const struct {
		const char *name;
		int class;
	} names[] = {{"basic", 32},
		     {"switch_binary", 37},
		     {"switch_multilevel", 38},
		     {"scene_activation", 43},
		     {"sensor_binary", 48},
		     {"sensor_multilevel", 49},
		     {"meter", 50},
		     {"color", 51},
		     {"thermostat_mode", 64},
		     {"thermostat_operating_state", 66},
		     {"thermostat_setpoint", 67},
		     {"door_lock_logging", 76},
		     {"central_scene", 91},
		     {"zwave_plus_info", 94},
		     {"door_lock", 98},
		     {"user_code", 99},
		     {"barrier_operator", 102},
		     {"configuration", 112},
		     {"notification", 113},
		     {"manufacturer_specific", 114},
		     {"protection", 117},
		     {"lock", 118},
		     {"sound_switch", 121},
		     {"firmware_update_md", 122},
		     {"battery", 128},
		     {"clock", 129},
		     {"wake_up", 132},
		     {"version", 134},
		     {"indicator", 135},
		     {"sensor_alarm", 156}};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (vd_span_is(name, names[i].name))
			return names[i].class;
	return vd_span_starts(name, VD_SPAN_LIT("unknownClass_"))
		       ? vd_digits(vd_span_skip(name, 13), 255)
		       : -1;
}

static int endpoint_named(struct vd_span part)
{
	return vd_span_starts(part, VD_SPAN_LIT("endpoint_"))
		       ? vd_digits(vd_span_skip(part, 9), ENDPOINT_MAX)
		       : -1;
}

/* What a node says of itself stands beside its values. */
static bool is_nodes_own(struct vd_span last)
{
	return vd_span_is(last, "status") || vd_span_is(last, "lastActive") ||
	       vd_span_is(last, "nodeinfo");
}

/* Does the value begin at part i? *ret_at is where its property stands. */
static bool value_at(enum zw_form form, const struct vd_span *part, size_t n, size_t i,
		     struct zw_value *ret, size_t *ret_at)
{
	if (i + 1 >= n)
		return false;
	ret->class = form == ZW_NUMBERED ? vd_digits(part[i], 255) : class_named(part[i]);
	ret->endpoint = form == ZW_NUMBERED ? vd_digits(part[i + 1], ENDPOINT_MAX)
					    : endpoint_named(part[i + 1]);
	*ret_at = i + 2;
	if (form != ZW_NAMED_ALONE)
		return ret->class >= CLASS_MIN && ret->endpoint >= 0 && i + 2 < n;
	ret->endpoint = 0;
	*ret_at = i + 1;
	return ret->class >= CLASS_MIN && !(i + 2 == n && is_nodes_own(part[i + 1]));
}

bool zw_value_topic(struct vd_span rest, struct zw_value *ret)
{
	struct vd_span part[PARTS_MAX], whole = rest, p;
	size_t n = 0, at = 0;
	*ret = (struct zw_value){.class = -1};
	while (n < PARTS_MAX && vd_span_next(&rest, '/', &p))
		part[n++] = p;
	for (int form = ZW_NUMBERED; form <= ZW_NAMED_ALONE; form++)
		for (size_t i = 1; i < n; i++) {
			if (!value_at((enum zw_form)form, part, n, i, ret, &at))
				continue;
			ret->node = vd_span(whole.p, (size_t)(part[i].p - whole.p) - 1);
			ret->form = (enum zw_form)form;
			ret->property = part[at];
			ret->key = at + 1 < n ? part[at + 1] : vd_span("", 0);
			return ret->node.n > 0 && ret->property.n > 0;
		}
	*ret = (struct zw_value){.class = -1};
	return false;
}

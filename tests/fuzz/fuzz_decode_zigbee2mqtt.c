/* SPDX-License-Identifier: EUPL-1.2 */
/* Any bytes as Zigbee2MQTT messages, state carried from one to the next. */
#include "fuzz_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct vd_adapter vd_adapter_zigbee2mqtt;

static const char *const topics[8] = {
	"zigbee2mqtt/gang/dor",
	"zigbee2mqtt/bridge/state",
	"zigbee2mqtt/bridge/devices",
	"zigbee2mqtt/bridge/event",
	"zigbee2mqtt/gang/dor/availability",
	"zigbee2mqtt/stue/knapp/action",
	"zigbee2mqtt/stue/knapp",
	"zigbee2mqtt/gang/dor/contact",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_decode(&vd_adapter_zigbee2mqtt, topics, data, size);
}

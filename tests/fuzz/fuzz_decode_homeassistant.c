/* SPDX-License-Identifier: EUPL-1.2 */
/* Any bytes as Home Assistant discovery messages, state carried from one to the next. */
#include "fuzz_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct vd_adapter vd_adapter_homeassistant;

static const char *const topics[8] = {
	"homeassistant/binary_sensor/n/a/config",
	"bro/17",
	"homeassistant/sensor/b/config",
	"hus/dor/tilstand",
	"hus/dor/lever",
	"homeassistant/device_automation/c/config",
	"hus/temp",
	"homeassistant/device/d/config",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_decode(&vd_adapter_homeassistant, topics, data, size);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Any bytes as The Things Stack messages, state carried from one to the next. */
#include "fuzz_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct vd_adapter vd_adapter_thethingsstack;

static const char *const topics[8] = {
	"v3/a@t/devices/d/up",
	"v3/a@t/devices/d/join",
	"v3/a@t/devices/d/down/ack",
	"v3/a@t/devices/d/location/solved",
	"",
	"v3/a@t/devices/d/service/data",
	"v3/a/devices/d/up",
	"/",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_decode(&vd_adapter_thethingsstack, topics, data, size);
}

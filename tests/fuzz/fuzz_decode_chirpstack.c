/* SPDX-License-Identifier: EUPL-1.2 */
/* Any bytes as ChirpStack messages, state carried from one to the next. */
#include "fuzz_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct vd_adapter vd_adapter_chirpstack;

static const char *const topics[8] = {
	"application/a/device/d/event/up",
	"application/a/device/d/event/join",
	"application/a/device/d/event/status",
	"application/a/device/d/event/log",
	"?event=up",
	"application/a/device/d/event/location",
	"application/a/device/d/event/txack",
	"?event=",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_decode(&vd_adapter_chirpstack, topics, data, size);
}

/* SPDX-License-Identifier: EUPL-1.2 */
/* Any bytes as varde's own messages, state carried from one to the next. */
#include "fuzz_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct vd_adapter vd_adapter_varde;

static const char *const topics[8] = {
	"varde/hendelser", "varde/0", "varde/1", "varde/2",
	"varde/3",         "varde/4", "varde/5", "varde/6",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_decode(&vd_adapter_varde, topics, data, size);
}

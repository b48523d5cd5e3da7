#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes one family's fuzz target: decode_target.py OUT.c FAMILY adapter.json. Its eight topics are
the manifest's fuzz_topics, repeated when there are fewer."""
import json
import sys


def topics(manifest):
    with open(manifest, encoding="utf-8") as f:
        told = json.load(f)["fuzz_topics"]
    return [told[i % len(told)] for i in range(8)]


def main():
    out, family, manifest = sys.argv[1:]
    lines = "".join(f"\t{json.dumps(t)},\n" for t in topics(manifest))
    with open(out, "w", encoding="utf-8") as f:
        f.write(f"""/* Made by tests/fuzz/decode_target.py. */
#include "fuzz_decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
extern const struct vd_adapter vd_adapter_{family};

static const char *const topics[8] = {{
{lines}}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{{
	return fuzz_decode(&vd_adapter_{family}, topics, data, size);
}}
""")


if __name__ == "__main__":
    main()

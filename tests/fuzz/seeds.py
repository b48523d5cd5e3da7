#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes tests/fuzz/seeds/decode_<family>/ and seeds/json/ out of the adapters' samples. Run it when
samples change; what it writes is kept in the repository, so that fuzzing needs no step before it."""
import json
import os
import re

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def topics(family):
    with open(f"{ROOT}/tests/fuzz/fuzz_decode_{family}.c", encoding="utf-8") as f:
        return re.findall(r'^\t"(.*)",$', f.read(), re.M)


def nearest(topic, known):
    """The target's topic that ends most like this one."""
    def alike(a, b):
        n = 0
        while n < min(len(a), len(b)) and a[-1 - n] == b[-1 - n]:
            n += 1
        return n
    return max(range(8), key=lambda i: alike(topic, known[i]))


def write(folder, n, data):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{n:02d}", "wb") as f:
        f.write(data)


def main():
    seeds = f"{ROOT}/tests/fuzz/seeds"
    bodies = 0
    for family in sorted(os.listdir(f"{ROOT}/adapters")):
        path = f"{ROOT}/adapters/{family}/samples/{family}.jsonl"
        if not os.path.isfile(path):
            continue
        known, frames = topics(family), []
        with open(path, encoding="utf-8") as f:
            for line in map(json.loads, f):
                how = nearest(line["topic"], known) + (8 if line.get("retain") else 0)
                frames.append(bytes([48 + how]) + line["payload"].encode())
                if line["payload"].startswith("{") and bodies < 20:
                    write(f"{seeds}/json", bodies, line["payload"].encode())
                    bodies += 1
        for n in range(0, len(frames), 3):
            write(f"{seeds}/decode_{family}", n // 3, b"\x1e".join(frames[n:n + 3]))


main()

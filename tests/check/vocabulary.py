#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The vocabulary is written in four places; they must say the same: the kinds in src/model/event.h,
docs/vocabulary.md, the two event schemas and the vendor tables. And every adapter folder is whole."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

KIND = re.compile(r'X\((\w+), "([\w.]+)", \'(.)\', (\d), (\d+)\)')
HUB_ONLY = {"device.command", "gateway.storm", "network.outage", "duty.nobody", "hub.storage", "hub.clock"}

t = tap.Tap()
kinds = {name: (latched, severity) for _, name, _, latched, severity in KIND.findall(tap.read("src/model/event.h"))}
rows = {}
for line in tap.read("docs/vocabulary.md").split("\n"):
    cells = [c.strip() for c in line.split("|")]
    if len(cells) == 8 and cells[1].startswith("`"):
        rows[cells[1].strip("`")] = ("1" if cells[5] else "0", cells[4], cells[3].replace(",", "").split())
wrong = sorted(set(kinds) ^ set(rows)) + [k for k in kinds if k in rows and rows[k][:2] != kinds[k]]
t.result("docs/vocabulary.md tells every kind with its severity and who closes it", wrong)

journal = json.loads(tap.read("schema/event.schema.json"))["properties"]["kind"]["enum"]
outside = json.loads(tap.read("schema/event-in.schema.json"))["$defs"]["event"]["properties"]["kind"]["enum"]
t.result("schema/event.schema.json knows every kind", sorted(set(kinds) ^ set(journal)))
t.result("schema/event-in.schema.json knows every kind but the hub's own",
        sorted((set(kinds) - HUB_ONLY) ^ set(outside)))

bad = []
for path in tap.tracked(".csv"):
    if not path.startswith("schema/maps/"):
        continue
    for n, line in enumerate(tap.read(path).split("\n"), 1):
        cells = [c.strip() for c in line.split(",")]
        if line.startswith("#") or len(cells) != 12 or cells[0] == "platform" or cells[6] == "-":
            continue
        states = rows.get(cells[6], (0, 0, []))[2]
        known = states + ["unknown"] if states else states  # it fits every kind that has states
        if cells[6] not in rows or (cells[7] and cells[7] not in known):
            bad.append(f"{path}:{n}: {cells[6]} {cells[7]}")
t.result("the vendor tables use the vocabulary's kinds and states", bad)

lacking = []
for family in sorted(os.listdir("adapters")):
    folder = f"adapters/{family}"
    if not os.path.isfile(f"{folder}/{family}.c"):
        continue
    for name in ("adapter.json", "README.md", f"samples/{family}.jsonl"):
        if not os.path.isfile(f"{folder}/{name}"):
            lacking.append(f"{folder}/{name}")
    if os.path.isfile(f"{folder}/adapter.json"):
        manifest = json.loads(tap.read(f"{folder}/adapter.json"))
        if manifest["family"] != family or not manifest["limits"]:
            lacking.append(f"{folder}/adapter.json: family or limits")
t.result("every adapter has manifest, samples and README", lacking)
t.end()

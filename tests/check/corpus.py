#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Compares `varde decode --corpus` with what real messages are known to mean. TAP.

    corpus.py VARDE [FOLDER] [NAME...]

FOLDER, or else VARDE_CORPUS, names a folder of recorded messages; without one there is nothing to
compare and all is skipped. The folder holds <name>/messages.jsonl and expected-devices.jsonl. Every expected event must be there
with all its fields, the alarm word must be the same. Further events are allowed for what only tells
how the device is doing (link, voltage, heartbeat). A line that is argued in
adapters/<family>/disagreements.json ({"id": "reason"}) may differ, and must.
"""
import datetime
import json
import os
import subprocess
import sys

# Folders named otherwise than the family that reads them. Raw GPS frames are no family: the reason is
# told where GPS trackers are.
FAMILY_OF = {"homeassistant-mqtt": "homeassistant", "fhir-phd": "fhir", "gps-raw": "traccar"}
FREE = {"device.link", "device.voltage", "device.heartbeat"}
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def instant(s):
    return datetime.datetime.fromisoformat(s.replace("Z", "+00:00"))


def same(key, want, got):
    if key == "t":
        return isinstance(got, str) and abs((instant(want) - instant(got)).total_seconds()) < 0.002
    if isinstance(want, (int, float)) and isinstance(got, (int, float)) and not isinstance(want, bool):
        return abs(want - got) < 1e-9 * max(1, abs(want))
    return want == got


def differs(expected, got):
    """None, or what is wrong."""
    if expected["alarm"] != got["alarm"]:
        return f"alarm {got['alarm']}, expected {expected['alarm']}"
    left = list(got["events"])
    for want in expected["events"]:
        hit = next((e for e in left if all(k in e and same(k, v, e[k]) for k, v in want.items())), None)
        if hit is None:
            return f"missing {json.dumps(want)} in {json.dumps(got['events'])}"
        left.remove(hit)
    extra = [e for e in left if e["kind"] not in FREE]
    return f"unexpected {json.dumps(extra)}" if extra else None


def main():
    varde, names = sys.argv[1], sys.argv[2:]
    corpus = os.environ.get("VARDE_CORPUS", "")
    if names and os.path.isdir(names[0]):
        corpus, names = names[0], names[1:]
    if not os.path.isfile(f"{corpus}/expected-devices.jsonl"):
        print("ok 1 - recorded device messages # SKIP VARDE_CORPUS names no folder with them\n1..1")
        return
    with open(f"{corpus}/expected-devices.jsonl", encoding="utf-8") as f:
        expected = {e["id"]: e for e in map(json.loads, f)}
    n = bad = 0
    names = names or sorted(d for d in os.listdir(corpus) if os.path.isfile(f"{corpus}/{d}/messages.jsonl"))
    for name in names:
        family, folder = FAMILY_OF.get(name, name), f"{corpus}/{name}"
        argued = {}
        path = f"{ROOT}/adapters/{family}/disagreements.json"
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                argued = json.load(f)
        out = subprocess.run([varde, "decode", "--corpus", f"{folder}/messages.jsonl"],
                             capture_output=True, text=True, check=False)
        with open(f"{folder}/messages.jsonl", encoding="utf-8") as f:
            missing = {json.loads(line)["id"] for line in f if line.strip()}
        for got in map(json.loads, out.stdout.splitlines()):
            n += 1
            missing.discard(got["id"])
            why = differs(expected[got["id"]], got)
            if got["id"] in argued:
                ok, note = why is not None, f" # argued: {argued[got['id']]}"
            else:
                ok, note = why is None, ""
            bad += not ok
            print(f"{'ok' if ok else 'not ok'} {n} - {got['id']}{note}")
            if not ok:
                print(f"#   {why}")
        n += 1
        whole = not out.returncode and not missing
        bad += not whole
        print(f"{'ok' if whole else 'not ok'} {n} - {name}: a line for every message")
        if not whole:
            print(f"#   exit {out.returncode}, missing {sorted(missing)}: {out.stderr[-500:]}")
    print(f"1..{n}")
    sys.exit(1 if bad or not n else 0)


if __name__ == "__main__":
    main()

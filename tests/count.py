#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Counts what a suite's output says: tests/count.py LOG EXIT_CODE -> "passed failed skipped".

Understands cmocka, TAP and node's test runner (its closing "# pass N" lines). A suite that says
nothing countable is one test, judged by its exit code; one that exits badly although everything it
printed passed counts as a failure more. With --meson LOG.json: one line per meson test,
"name<TAB>passed<TAB>failed<TAB>skipped<TAB>seconds"."""
import json
import re
import sys

CMOCKA_OK = re.compile(r"^\[\s+OK \] ", re.M)
CMOCKA_BAD = re.compile(r"^\[  (?:FAILED|ERROR)\s+\] (?!\d)", re.M)
CMOCKA_BAD_N = re.compile(r"^\[  FAILED  \] (?:\S+: )?(\d+) test\(s\)", re.M)
CMOCKA_SKIP_N = re.compile(r"^\[  SKIPPED \] (?:\S+: )?(\d+) test\(s\)", re.M)
NODE = re.compile(r"^(?:# |ℹ )(pass|fail|skipped|todo|cancelled) (\d+)$", re.M)
TAP = re.compile(r"^(not )?ok\b[^\n]*", re.M)


def count(text, code):
    node = {k: int(v) for k, v in NODE.findall(text)}
    if "pass" in node:
        passed, failed = node["pass"], node.get("fail", 0) + node.get("cancelled", 0)
        skipped = node.get("skipped", 0) + node.get("todo", 0)
    elif CMOCKA_OK.search(text) or CMOCKA_BAD_N.search(text):
        passed = len(CMOCKA_OK.findall(text))
        failed = sum(map(int, CMOCKA_BAD_N.findall(text)))
        skipped = sum(map(int, CMOCKA_SKIP_N.findall(text)))
    else:
        passed = failed = skipped = 0
        for m in TAP.finditer(text):
            if re.search(r"# *(SKIP|TODO)", m.group(0), re.I):
                skipped += 1
            elif m.group(1):
                failed += 1
            else:
                passed += 1
    # The customary "cannot run here", when it says so: libFuzzer ends with 77 when it found something.
    if code == 77 and not passed and not failed and re.search(r"skip", text, re.I):
        return 0, 0, max(skipped, 1)
    if code and not failed:
        failed = 1
    if not passed and not failed and not skipped:
        passed = 1
    return passed, failed, skipped


def meson(path):
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            t = json.loads(line)
            text = (t.get("stdout") or "") + "\n" + (t.get("stderr") or "")
            good = t["result"] in ("OK", "EXPECTEDFAIL", "UNEXPECTEDPASS")
            code = 77 if t["result"] == "SKIP" else 0 if good else 1
            p, f_, s = count(text, code)
            yield t["name"], p, f_, s, t["duration"], t["result"]


if __name__ == "__main__":
    if sys.argv[1] == "--meson":
        for name, p, f_, s, took, result in meson(sys.argv[2]):
            print(f"{name}\t{p}\t{f_}\t{s}\t{took:.1f}\t{result}")
    else:
        with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
            print(*count(log.read(), int(sys.argv[2])))

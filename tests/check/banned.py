#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Calls and words that do not belong in our C, each with what to use instead."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

CALLS = {  # name: use instead
    "assert": "VD_REQUIRE, which stays on in production",
    "strcpy": "vd_span_copy or snprintf", "strcat": "vd_buf or snprintf",
    "strncpy": "vd_span_copy (strncpy may leave no NUL)", "strncat": "vd_buf",
    "sprintf": "snprintf or vd_buf_printf", "vsprintf": "vsnprintf",
    "gets": "fgets", "strtok": "vd_span_next", "strtok_r": "vd_span_next",
    "atoi": "strtol with its end checked", "atol": "strtol", "atof": "strtod",
    "gmtime": "vd_civil_utc", "localtime": "vd_civil_oslo", "gmtime_r": "vd_civil_utc",
    "localtime_r": "vd_civil_oslo", "mktime": "vd_oslo_to_utc", "asctime": "vd_iso_format",
    "ctime": "vd_iso_format", "alloca": "a fixed array or vd_malloc",
    "rand": "the runtime's entropy", "srand": "the runtime's entropy",
    "setlocale": "nothing: numbers are written with a point everywhere",
    "system": "posix_spawn with a fixed program", "popen": "posix_spawn with a fixed program",
}
HEAP = ("malloc", "calloc", "realloc", "free", "strdup", "strndup", "asprintf", "vasprintf")
SLEEPS = ("sleep", "usleep", "nanosleep", "clock_nanosleep")
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|not implemented", re.I)
SPDX = re.compile(r"^(/\*|//) SPDX-License-Identifier: EUPL-1\.2")


def calls(text, names):
    rx = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(names))
    for n, line in enumerate(text.split("\n"), 1):
        for m in rx.finditer(line):
            yield n, m.group(1)


t = tap.Tap()
banned, heap, slept, open_ends, unmarked, guards = [], [], [], [], [], []
for f in tap.c_files():
    whole = tap.read(f)
    code = tap.strip_c(whole)
    ours = not f.startswith("tests/")
    for n, name in calls(code, CALLS):
        banned.append(f"{f}:{n}: {name}(): use {CALLS[name]}")
    if ours and f != "src/base/mem.c":
        heap += [f"{f}:{n}: {name}(): use vd_{name} from base/mem.h" for n, name in calls(code, HEAP)]
    if ours or f.startswith(("tests/unit/", "tests/scenario/", "tests/harness/")):
        slept += [f"{f}:{n}: {name}(): time belongs to the runtime" for n, name in
                  calls(code, SLEEPS)]
    for n, line in enumerate(whole.split("\n"), 1):
        if LEFT_OPEN.search(line):
            open_ends.append(f"{f}:{n}: {line.strip()[:80]}")
    if not SPDX.match(whole):
        unmarked.append(f)
    if f.endswith(".h") and "#pragma once" not in whole:
        guards.append(f)
t.result("no banned call", banned)
t.result("the heap only through base/mem.h", heap)
t.result("no real sleep in the product, unit or scenario tests", slept)
t.result("nothing left open", open_ends)
t.result("licence line first in every C file", unmarked)
t.result("#pragma once in every header", guards)
t.end()

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Files over 1000 lines and functions over 80 fail unless tests/check/size-exceptions.txt names them
with a reason ("path[:function]  reason"). Prints how the code lies against the softer aims."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

FILE_MAX, FUNCTION_MAX = 1000, 80


def functions(text):
    """(name, first line, lines): by our layout a body opens with '{' and ends with '}' in column 0."""
    lines = tap.strip_c(text).split("\n")
    for i, line in enumerate(lines):
        if line.rstrip() != "{":
            continue
        first = i
        while first and lines[first - 1].strip() and not re.search(r"[;}]\s*$", lines[first - 1]) \
                and not lines[first - 1].startswith("#"):
            first -= 1
        end = next((j for j in range(i, len(lines)) if lines[j].startswith("}")), len(lines) - 1)
        head = " ".join(lines[first:i])
        m = re.search(r"(\w+)\s*\(", head)
        yield (m.group(1) if m else "?"), first + 1, end - first + 1


def quantile(values, q):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * q))] if values else 0


exceptions = {}
for line in tap.read("tests/check/size-exceptions.txt").split("\n"):
    if line.strip() and not line.startswith("#"):
        name, _, reason = line.partition(" ")
        exceptions[name] = reason.strip()

t = tap.Tap()
long_files, long_functions, file_lengths, function_lengths, used = [], [], [], [], set()
for f in tap.c_files():
    text = tap.read(f)
    n = text.count("\n")
    if not f.startswith("tests/"):
        file_lengths.append(n)
    if n > FILE_MAX:
        if exceptions.get(f):
            used.add(f)
        else:
            long_files.append(f"{f}: {n} lines")
    for name, first, size in functions(text):
        if not f.startswith("tests/"):
            function_lengths.append(size)
        if size > FUNCTION_MAX:
            if exceptions.get(f"{f}:{name}"):
                used.add(f"{f}:{name}")
            else:
                long_functions.append(f"{f}:{first}: {name}() has {size} lines")
t.result(f"no file over {FILE_MAX} lines", long_files)
t.result(f"no function over {FUNCTION_MAX} lines", long_functions)
t.result("every exception is still needed", [e for e in exceptions if e not in used])
print(f"# {len(file_lengths)} files: median {quantile(file_lengths, .5)}, p95 "
      f"{quantile(file_lengths, .95)} lines (aim: 250, 700)")
print(f"# {len(function_lengths)} functions: median {quantile(function_lengths, .5)}, p95 "
      f"{quantile(function_lengths, .95)} lines (aim: 18, 55)")
t.end()

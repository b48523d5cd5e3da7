#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Do the checks catch what they are for? Makes a small repository with one fault of each kind, runs
the checks there and expects each fault to be named; and feeds tests/count.py known outputs."""
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

sys.path.insert(0, os.path.join(tap.ROOT, "tests"))
import count

t = tap.Tap()


def number_of_a_person():
    """An 11-digit number with right check digits and an unmarked birth date; made here so that it
    stands in no file."""
    for serial in range(300, 500):
        d = [int(c) for c in f"010203{serial:03d}"]
        k1 = -sum(a * b for a, b in zip(d, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
        k2 = -sum(a * b for a, b in zip(d + [k1], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
        if k1 < 10 and k2 < 10:
            return "".join(map(str, d)) + f"{k1}{k2}"
    raise SystemExit("no number")


def synthetic(number):
    """The same person as the test population has it: month + 80, check digits anew."""
    d = [int(c) for c in number[:2] + f"{int(number[2:4]) + 80:02d}" + number[4:9]]
    k1 = -sum(a * b for a, b in zip(d, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
    k2 = -sum(a * b for a, b in zip(d + [k1], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
    return "".join(map(str, d)) + f"{k1 % 10}{k2 % 10}"


real = number_of_a_person()
HEAD = "/* SPDX-License-Identifier: EUPL-1.2 */\n"
FILES = {
    "src/core/bad.c": HEAD + '#include <uv.h>\n#include "io/door.h"\n#include "base/gone.h"\n',
    "src/io/door.h": HEAD + "#pragma once\n#include <uv.h>\n",
    "src/nowhere/x.c": HEAD,
    "src/base/calls.c": HEAD + "void f(char *a)\n{\n\tstrcpy(a, \"x\");\n\tmalloc(3);\n\tusleep(1);\n"
                        "\t/* strcat() in a comment is no call */\n\tx.free(a);\n}\n",
    "src/base/open.c": HEAD + "/* TO" + "DO: later */\n",
    "src/base/unmarked.c": "int x;\n",
    "src/base/unguarded.h": HEAD + "int y;\n",
    "src/base/long.c": HEAD + "int z;\n" * 1001,
    "src/base/function.c": HEAD + "int long_one(void)\n{\n" + "\tz++;\n" * 81 + "}\n",
    "README.md": "[gone](docs/gone.md) [head](#nothing)\n"
                 "see " + "/wo" + "rk/main and this " + "issue\n"
                 f"number {real} and {synthetic(real)}\n",
    "A.md": "`src/base/missing.c`\n",
    "key.pem": "-----BEGIN PRIVATE KEY-----\n" + "M" * 64 + "\n",
    "src/console/i18n/nb.json": '{"a": "Hei {n}", "b": "ja", "c": "x"}',
    "src/console/i18n/nn.json": '{"a": "Eg veit ikke", "b": ""}',
    "src/console/i18n/en.json": '{"a": "Hello {n}", "b": "yes", "c": "x"}',
}
EXPECTED = {  # check: faults that must be named, and none besides these lines' results
    "layers.py": ["src/nowhere/x.c: its folder", '"base/gone.h" is no file', "src/core may not use src/io",
                  "src/core/bad.c includes <uv.h>: only", "src/core/bad.c reaches <uv.h> through"],
    "banned.py": ["calls.c:4: strcpy()", "calls.c:5: malloc()", "calls.c:6: usleep()", "open.c:2:",
                  "src/base/unmarked.c", "src/base/unguarded.h"],
    "size.py": ["src/base/long.c: 1002 lines", "long_one() has 84 lines"],
    "words.py": ["README.md:2: see /wo", f"README.md:3: {real}", "key.pem", "not ok 5"],
    "links.py": ["docs/gone.md", "#nothing (no such heading)", "`src/base/missing.c`"],
    "i18n.py": ["nn.json: c is missing", "nn.json: b", "not ok 5", '"ikke" (nynorsk: ikkje)'],
}
UNEXPECTED = {"banned.py": ["strcat", "calls.c:8"], "words.py": [synthetic(real)]}

with tempfile.TemporaryDirectory(prefix="varde-checks-") as repo:
    for path, text in FILES.items():
        os.makedirs(os.path.dirname(os.path.join(repo, path)) or repo, exist_ok=True)
        with open(os.path.join(repo, path), "w", encoding="utf-8") as f:
            f.write(text)
    shutil.copytree(os.path.join(tap.ROOT, "tests/check"), os.path.join(repo, "tests/check"),
                    ignore=shutil.ignore_patterns("__pycache__", "corpus*"))
    shutil.copy(os.path.join(tap.ROOT, "ARCHITECTURE.md"), repo)
    git = ["git", "-C", repo, "-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(git + ["init", "-q"], check=True)
    subprocess.run(git + ["add", "-A"], check=True)
    subprocess.run(git + ["commit", "-q", "-m", "x: as the " + "issue says"], check=True)
    for check, faults in EXPECTED.items():
        r = subprocess.run([os.path.join(repo, "tests/check", check)], capture_output=True, text=True)
        problems = [f"not named: {f}" for f in faults if f not in r.stdout]
        problems += [f"named wrongly: {f}" for f in UNEXPECTED.get(check, []) if f in r.stdout]
        if r.returncode != 1:
            problems.append(f"exit code {r.returncode} {r.stderr[-300:]}")
        t.result(f"{check} names each fault", problems)

CMOCKA = ("[==========] Running 3 test(s).\n[ RUN      ] a\n[       OK ] a\n[ RUN      ] b\n"
          "[  FAILED  ] b\n[ RUN      ] c\n[  SKIPPED ] c\n[==========] 3 test(s) run.\n"
          "[  PASSED  ] 1 test(s).\n[  SKIPPED ] 1 test(s), listed below:\n"
          "[  FAILED  ] 1 test(s), listed below:\n[  FAILED  ] b\n")
CASES = [
    ("cmocka", CMOCKA, 1, (1, 1, 1)),
    ("TAP", "ok 1 - a\nnot ok 2 - b\nok 3 - c # SKIP no\n1..3\n", 1, (1, 1, 1)),
    ("node", "TAP version 13\n# Subtest: x\nok 1 - x\n# tests 5\n# pass 4\n# fail 0\n# skipped 1\n", 0,
     (4, 0, 1)),
    ("silent success", "", 0, (1, 0, 0)),
    ("silent failure", "", 3, (0, 1, 0)),
    ("dies after passing", "ok 1 - a\n", 139, (1, 1, 0)),
    ("cannot run here", "skipped: no browser here\n", 77, (0, 0, 1)),
    ("a fuzzer that found something", "== ERROR: libFuzzer: deadly signal\n", 77, (0, 1, 0)),
]
t.result("tests/count.py counts", [f"{name}: {count.count(text, code)} instead of {want}"
                                   for name, text, code, want in CASES
                                   if count.count(text, code) != want])
t.end()

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The repository must make sense to somebody who has nothing else, and hold no real person's data:
no path or name of a workplace in files or commit messages, no valid national identity number that is
not synthetic (month + 80, or + 65 as the tax office's test population), no trace of a key."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

ME = "tests/check/words.py"
WORKPLACE = re.compile(
    r"/work/|/tmp/x/|\.\./shared|\bshared/(design|craft|facts|corpus|README|hooks)"
    r"|\b(design|craft)\.md\b|\bfacts/\w+\.md|DEVELOPERS\.md|COMPASS"
    r"|\bissues? show\b|\b(AI|coding) (agent|assistant|session)|\bsubagent|\bthe brief\b"
    r"|\b(Claude|Anthropic|ChatGPT|OpenAI)\b")
THE_ISSUE = re.compile(r"\b(this|the) issue('s)?\b(?! (tracker|is|was|of))", re.I)
# The one agreed place: the sibling folder with field recordings that tests use when it is there.
ALLOWED = {"tests/run": re.compile(r"\.\./shared/corpus")}
KEY = re.compile(r"-----BEGIN (EC |RSA |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{60}")
DIGITS = re.compile(r"(?<![\d.])(\d{11})(?![\d.])")
BINARY = (".png", ".jpg", ".ico", ".woff2", ".gz", ".der", ".bin", ".sqlite", ".db")


def real_national_number(s):
    """Both check digits right and a birth date that is not marked synthetic."""
    d = [int(c) for c in s]
    k1 = -sum(a * b for a, b in zip(d, (3, 7, 6, 1, 8, 9, 4, 5, 2))) % 11
    k2 = -sum(a * b for a, b in zip(d, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))) % 11
    day, month = int(s[:2]), int(s[2:4])
    day -= 40 if day > 40 else 0  # D number
    return (k1, k2) == (d[9], d[10]) and 1 <= day <= 31 and 1 <= month <= 12


t = tap.Tap()
places, people, keys, issue = [], [], [], []
for f in tap.tracked():
    if f.endswith(BINARY) or f == ME or os.path.getsize(f) > 4_000_000:
        continue
    text = tap.read(f)
    for n, line in enumerate(text.split("\n"), 1):
        rest = ALLOWED[f].sub("", line) if f in ALLOWED else line
        if WORKPLACE.search(rest):
            places.append(f"{f}:{n}: {line.strip()[:90]}")
        if THE_ISSUE.search(line) and not f.startswith("LICENSE"):
            issue.append(f"{f}:{n}: {line.strip()[:90]}")
        if not f.endswith("package-lock.json"):
            people += [f"{f}:{n}: {m}" for m in DIGITS.findall(line) if real_national_number(m)]
    if KEY.search(text):
        keys.append(f)
t.result("no file speaks of a workplace", places)
t.result("no file leans on an issue nobody can read", issue)
t.result("no national identity number that could be a real person's", people)
t.result("no private key", keys)

log = subprocess.run(["git", "log", "--format=%h %B%x00"], capture_output=True, text=True)
if log.returncode:
    t.skip("commit messages", "no history here")
else:
    t.result("no commit message speaks of a workplace",
             [" ".join(m.split())[:100] for m in log.stdout.split("\0")
              if WORKPLACE.search(m) or THE_ISSUE.search(m)])
t.end()

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Markdown that points at something: relative links and their anchors resolve, and a path in back
quotes that looks like one of ours exists."""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
OURS = re.compile(r"`((?:src|tests|deploy|docs|schema|adapters)/[\w./-]*[\w/])`")
BUILT = ("build/",)


def prose(text):
    """The text without fenced blocks, so that an example is not taken for a link."""
    return re.sub(r"^```.*?^```", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.M | re.S)


def anchors(path):
    out = set()
    for head in re.findall(r"^#+\s+(.*)$", prose(tap.read(path)), re.M):
        head = re.sub(r"[`*_]|\[|\]\([^)]*\)", "", head.strip().lower())
        out.add(re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", head)))
    return out


t = tap.Tap()
dead, absent = [], []
for f in tap.tracked(".md"):
    text = prose(tap.read(f))
    here = os.path.dirname(f)
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:|//", target):
            continue
        path, _, anchor = target.partition("#")
        full = os.path.normpath(os.path.join(here, path)) if path else f
        if not os.path.exists(full):
            dead.append(f"{f}: {target}")
        elif anchor and full.endswith(".md") and anchor not in anchors(full):
            dead.append(f"{f}: {target} (no such heading)")
    for path in OURS.findall(text):
        if not os.path.exists(path) and not path.startswith(BUILT) and "<" not in path:
            absent.append(f"{f}: `{path}`")
t.result("relative links resolve", dead)
t.result("paths in back quotes exist", absent)
t.end()

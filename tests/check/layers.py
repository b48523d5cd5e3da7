#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Who may use whom: reads the two tables of ARCHITECTURE.md and holds every #include against them."""
import fnmatch
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def table(text, heading):
    """Rows (lists of cells without back quotes) of the first table under a heading."""
    part = text.split(f"\n{heading}\n", 1)
    if len(part) < 2:
        sys.exit(f"ARCHITECTURE.md: no heading {heading!r}")
    rows = []
    for line in part[1].split("\n"):
        if line.startswith("#"):
            break
        if line.startswith("|"):
            rows.append([c.strip() for c in line.strip().strip("|").split("|")])
        elif rows:
            break
    return rows[2:]


def names(cell):
    return re.findall(r"`([^`]+)`", cell)


def folder_of(path, folders):
    fits = [f for f in folders if path.startswith(f + "/")]
    return max(fits, key=len) if fits else None


def resolve(including, quoted, known):
    """An include as a path in the repository, or None."""
    for base in ("src", ".", os.path.dirname(including), "tests/harness"):
        path = os.path.normpath(os.path.join(base, quoted))
        if path in known:
            return path
    return None


text = tap.read("ARCHITECTURE.md")
allowed = {}
for row in table(text, "### Who may include whom"):
    for folder in names(row[0]):
        allowed[folder] = set(names(row[1])) | {folder}
foreign = {}  # header pattern -> file patterns
for row in table(text, "### Foreign headers"):
    for header in names(row[0]):
        foreign[header] = names(row[1])

files = [f for f in tap.c_files() if not f.startswith("tests/")]
known = set(tap.c_files())
includes = {f: INCLUDE.findall(tap.read(f)) for f in known}
t = tap.Tap()

unknown, upward, strange = [], [], []
for f in files:
    me = folder_of(f, allowed)
    if not me:
        unknown.append(f"{f}: its folder has no row in ARCHITECTURE.md")
        continue
    for mark, name in includes[f]:
        path = resolve(f, name, known) if mark == '"' else None
        if mark == '"' and not path:
            if not re.match(r"(schema|adapters)/|.*_generated\.h$", name):
                strange.append(f"{f}: \"{name}\" is no file of this repository")
            continue
        if not path:
            continue
        other = folder_of(path, allowed)
        if other not in allowed[me]:
            upward.append(f"{f} includes {path}: {me} may not use {other or 'tests'}")
t.result("every folder has a row in the table", unknown)
t.result("every quoted include is a file of ours", strange)
t.result("includes follow the table", upward)

wrong = []
for f in files:
    for mark, name in includes[f]:
        for header, where in foreign.items():
            if mark == "<" and fnmatch.fnmatch(name, header):
                if not any(fnmatch.fnmatch(f, w) for w in where):
                    wrong.append(f"{f} includes <{name}>: only {', '.join(where)} may")
                break
t.result("foreign headers stay in their rooms", wrong)


def reach(start):
    """Foreign headers reachable from a file through our own headers."""
    seen, todo, found = set(), [start], {}
    while todo:
        f = todo.pop()
        if f in seen:
            continue
        seen.add(f)
        for mark, name in includes[f]:
            path = resolve(f, name, known) if mark == '"' else None
            if path:
                todo.append(path)
            elif mark == "<" and any(fnmatch.fnmatch(name, h) for h in foreign):
                found[name] = f
    return found


tainted = []
for f in files:
    if f.startswith(("src/base/", "src/model/", "src/port/", "src/core/", "src/benefit/")):
        tainted += [f"{f} reaches <{h}> through {via}" for h, via in reach(f).items()]
t.result("base, model, port, core and benefit reach no foreign header", tainted)

graph = {k: {x for x in v if x != k} for k, v in allowed.items()}
done, trail, cycles = set(), [], []


def visit(node):
    if node in trail:
        cycles.append(" -> ".join(trail[trail.index(node):] + [node]))
        return
    if node in done:
        return
    trail.append(node)
    for other in sorted(graph.get(node, ())):
        visit(other)
    trail.pop()
    done.add(node)


for k in sorted(graph):
    visit(k)
t.result("the table itself has no circle", cycles)
t.end()

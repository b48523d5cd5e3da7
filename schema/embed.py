#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Embeds schema/sql/NNNN_name.sql as C: embed.py OUT.c FILE.sql..."""
import os
import sys

out, files = sys.argv[1], sys.argv[2:]
rows = []
for path in files:
    number = int(os.path.basename(path)[:4])
    with open(path, encoding="utf-8") as f:
        text = f.read()
    lines = "\n".join('\t"' + l.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for l in text.splitlines())
    rows.append((number, os.path.basename(path), lines))
rows.sort()
if [r[0] for r in rows] != list(range(1, len(rows) + 1)):
    sys.exit("embed.py: migrations must be numbered 0001, 0002, ... without gaps")
with open(out, "w", encoding="utf-8") as f:
    f.write("/* Made from schema/sql by schema/embed.py. */\n#include \"store/migrate.h\"\n")
    f.write("const struct vd_migration vd_migrations[] = {\n")
    for number, name, lines in rows:
        f.write(f"\t{{{number}, \"{name}\",\n{lines}}},\n")
    f.write("\t{0, NULL, NULL}};\n")

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Embeds the cited benefit library as C: embed.py OUT.c library.csv"""
import csv
import json
import sys

rows = []
with open(sys.argv[2], encoding="utf-8", newline="") as f:
    for r in csv.DictReader(f):
        low, value, high = float(r["low"]), float(r["value"]), float(r["high"])
        if not low <= value <= high:
            sys.exit(f"library.csv: {r['id']}: low <= value <= high does not hold")
        if not r["source"] or not r["grade"] or (r["unit"].startswith("kr") and not int(r["price_year"])):
            sys.exit(f"library.csv: {r['id']}: needs source, grade, and a price year for money")
        rows.append(f'\t{{{json.dumps(r["id"])}, 0, {{{low!r}, {value!r}, {high!r}}}, {json.dumps(r["unit"])}, '
                    f'{int(r["price_year"])}, {json.dumps(r["grade"])}, {json.dumps(r["source"])}, true}},\n')
if rows != sorted(rows):
    sys.exit("library.csv: rows must be sorted by id")
with open(sys.argv[1], "w", encoding="utf-8") as f:
    f.write('/* Made from library.csv by embed.py. */\n#include "store/facts.h"\n'
            "const struct vd_assumption vd_assumption_library[] = {\n" + "".join(rows) + "\t{0}};\n")

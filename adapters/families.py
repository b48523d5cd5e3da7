#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Prints what the build compiles: "<family> <source>,<source>..." for each family's folder; with
--maps the vendor tables, as seen from this folder; with --common what families share."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main():
    if sys.argv[1:] == ["--maps"]:
        for name in sorted(os.listdir(os.path.join(HERE, "..", "schema", "maps"))):
            if name.endswith(".csv"):
                print(f"../schema/maps/{name}")
        return
    if sys.argv[1:] == ["--common"]:
        print("\n".join(sorted(f for f in os.listdir(os.path.join(HERE, "common")) if f.endswith(".c"))))
        return
    for family in sorted(os.listdir(HERE)):
        folder = os.path.join(HERE, family)
        if os.path.isfile(os.path.join(folder, "adapter.json")):
            print(family, ",".join(sorted(f for f in os.listdir(folder) if f.endswith(".c"))))


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Makes the registry of adapters and the built-in tables: registry.py OUT.c FAMILY... -- TABLE.csv..."""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def platform(family):
    """The word its rows have in the first column: the name of its table; None = it has none."""
    with open(os.path.join(HERE, family, "adapter.json"), encoding="utf-8") as f:
        table = json.load(f).get("table")
    return table and table.removesuffix(".csv")


args = sys.argv[2:]
cut = args.index("--")
families, tables = sorted(args[:cut]), args[cut + 1:]
with open(sys.argv[1], "w", encoding="utf-8") as f:
    f.write('/* Made by adapters/registry.py. */\n#include "port/adapter.h"\n')
    for name in families:
        f.write(f"extern const struct vd_adapter vd_adapter_{name};\n")
    f.write("const struct vd_adapter *const vd_adapters[] = {\n")
    for name in families:
        f.write(f"\t&vd_adapter_{name},\n")
    f.write("\tNULL};\n")
    f.write("const struct vd_adapter *vd_adapter_find(struct vd_span family)\n{\n"
            "\tfor (int i = 0; vd_adapters[i]; i++)\n"
            "\t\tif (vd_span_is(family, vd_adapters[i]->family))\n\t\t\treturn vd_adapters[i];\n"
            "\treturn NULL;\n}\n")
    f.write("const char *vd_adapter_platform(struct vd_span family)\n{\n")
    for name in families:
        if platform(name):
            f.write(f'\tif (vd_span_is(family, "{name}"))\n\t\treturn "{platform(name)}";\n')
    f.write("\treturn NULL;\n}\n")
    f.write("struct vd_builtin_table {\n\tconst char *name, *csv;\n};\n"
            "extern const struct vd_builtin_table vd_builtin_tables[];\n"
            "const struct vd_builtin_table vd_builtin_tables[] = {\n")
    for path in tables:
        with open(path, encoding="utf-8") as t:
            lines = [l.replace("\\", "\\\\").replace('"', '\\"') for l in t.read().splitlines()]
        f.write(f'\t{{"{os.path.basename(path)}",\n')
        f.writelines(f'\t "{l}\\n"\n' for l in lines)
        f.write("\t},\n")
    f.write("\t{NULL, NULL}};\n")

#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# See run.py. VARDE_BIN names the program.
here=$(dirname "$0")
exec python3 "$here/run.py" "${VARDE_BIN:-$here/../../../build/test/varde}"

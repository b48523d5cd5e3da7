#!/bin/sh
# SPDX-License-Identifier: EUPL-1.2
# See run.py. Builds build/release when it is not there.
exec python3 "$(dirname "$0")/run.py"

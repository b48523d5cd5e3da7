#!/bin/bash
# SPDX-License-Identifier: EUPL-1.2
# See run.py. A promise in seconds is measured on what people install, so on the release build.
cd "$(dirname "$0")/../../.." || exit 1
# shellcheck source=deploy/lib.sh
. deploy/lib.sh
meson_build build/release --buildtype=release -Dtests=false >build/release.log 2>&1 || {
	tail -20 build/release.log
	exit 1
}
exec python3 tests/e2e/flood/run.py build/release/varde

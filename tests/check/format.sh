#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# How many C files clang-format would change. Told, never failed: versions differ in small things.
set -u
cd "$(dirname "$0")/../.." || exit 1
if ! command -v clang-format >/dev/null 2>&1; then
	echo "ok 1 - clang-format # SKIP not installed"
	echo "1..1"
	exit 0
fi
count=0 total=0
while read -r f; do
	[ -f "$f" ] || continue
	total=$((total + 1))
	if ! clang-format --dry-run -Werror "$f" >/dev/null 2>&1; then
		count=$((count + 1))
		echo "# would change: $f"
	fi
done < <(git ls-files -co --exclude-standard 'src/*.[ch]' 'adapters/*.[ch]' 'tests/*.[ch]')
echo "# clang-format would change $count of $total files"
[ "$total" -gt 0 ] && echo "ok 1 - clang-format looked at $total files" || echo "not ok 1 - no C files found"
echo "1..1"
[ "$total" -gt 0 ]

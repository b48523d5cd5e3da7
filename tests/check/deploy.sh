#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# What goes onto a machine: the systemd unit and its sandbox, the man page, the shell scripts, the
# package list. TAP on stdout.
set -u
cd "$(dirname "$0")/../.." || exit 1
n=0 failed=0
result() { # NAME STATUS [TEXT]
	n=$((n + 1))
	if [ "$2" = 0 ]; then echo "ok $n - $1"; else
		echo "not ok $n - $1"
		failed=1
		[ -n "${3:-}" ] && printf '%s\n' "$3" | head -30 | sed 's/^/#   /'
	fi
}
skip() { n=$((n + 1)); echo "ok $n - $1 # SKIP $2"; }
have() { command -v "$1" >/dev/null 2>&1; }

unit=deploy/systemd/varde.service
if have systemd-analyze; then
	# The score is printed times ten: 15 is 1.5, our own ceiling.
	out=$(systemd-analyze security --offline=true --no-pager --threshold=15 "$unit" 2>&1)
	result "sandbox of varde.service scores 1.5 or better" $? "$out"
	out=$(systemd-analyze security --offline=true --no-pager "$unit" 2>&1 | tail -1)
	echo "# $out"
	# verify wants the program itself; everything else it says is ours.
	out=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F varde | grep -v 'is not executable\|ExecStart')
	[ -z "$out" ]
	result "systemd finds nothing to say about varde.service" $? "$out"
else
	skip "sandbox of varde.service" "no systemd-analyze here"
	skip "systemd-analyze verify" "no systemd-analyze here"
fi
for key in Type=notify WatchdogSec=30 Restart=always; do
	grep -qx "$key" "$unit"
	result "varde.service has $key" $?
done

if have mandoc; then
	out=$(mandoc -Tlint -Wwarning deploy/man/varde.1 2>&1)
	result "man page without warnings" $? "$out"
else
	skip "man page without warnings" "no mandoc here"
fi
missing=
for c in $(sed -n 's/^\tX([a-z_]*, "\([a-z-]*\)".*/\1/p' src/main/cmd.h); do
	grep -q "^\.It Cm $c\b" deploy/man/varde.1 || missing="$missing $c"
done
[ -z "$missing" ]
result "man page tells of every command" $? "missing:$missing"

if have shellcheck; then
	scripts=$(git ls-files -co --exclude-standard | while read -r f; do
		[ -f "$f" ] && head -c 64 "$f" | head -1 | grep -qa '^#!.*\(bash\|/sh\)' && echo "$f"
	done)
	# shellcheck disable=SC2086 # one word per file, and our paths hold no blanks
	out=$(shellcheck -S warning $scripts 2>&1)
	result "shellcheck: no warning" $? "$out"
else
	skip "shellcheck" "no shellcheck here"
fi

bad=$(grep -vE '^(#|$)' deploy/packages | grep -vE '^(build|run|test) [a-z0-9][a-z0-9.+-]+$')
[ -z "$bad" ]
result "deploy/packages is readable" $? "$bad"
twice=$(grep -E '^(build|run|test) ' deploy/packages | cut -d' ' -f2 | sort | uniq -d)
[ -z "$twice" ]
result "deploy/packages names nothing twice" $? "$twice"
echo "1..$n"
exit $failed

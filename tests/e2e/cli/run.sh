#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# The program from outside: help, versions, unknown words, check-config and doctor, with and without a
# running hub. VARDE_BIN names the program. TAP on stdout.
set -u
cd "$(dirname "$0")/../../.." || exit 1
varde=${VARDE_BIN:-$PWD/build/test/varde}
work=$(mktemp -d /tmp/varde-cli-XXXXXX)
n=0 failed=0 hub=''
trap '[ -n "$hub" ] && kill "$hub" 2>/dev/null; rm -rf "$work"' EXIT
result() { # NAME STATUS
	n=$((n + 1))
	if [ "$2" = 0 ]; then echo "ok $n - $1"; else
		echo "not ok $n - $1"
		failed=1
		tail -5 "$work/out" "$work/err" 2>/dev/null | cut -c1-200 | sed 's/^/#   /'
	fi
}
run() { # EXPECTED_CODE ARGUMENTS...
	local want=$1
	shift
	"$varde" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
	[ $code = "$want" ] || { echo "# exit $code instead of $want: $*"; return 1; }
}

run 0 --version && grep -qE '^varde [0-9]+\.[0-9]+\.[0-9]+' "$work/out"
result "--version" $?
run 0 --help && grep -q '^  check-config' "$work/out" && [ ! -s "$work/err" ]
result "--help on standard output" $?
run 64 && grep -q '^Usage' "$work/err" && [ ! -s "$work/out" ]
result "no command: usage on standard error" $?
run 64 sevre && grep -q 'did you mean "serve"' "$work/err"
result "unknown command with the nearest name" $?
for c in $(sed -n 's/^\tX([a-z_]*, "\([a-z-]*\)".*/\1/p' src/main/cmd.h); do
	run 0 "$c" --help && [ -s "$work/out" ]
	result "$c --help" $?
done

run 0 check-config deploy/config/varde.yaml
result "the shipped example is in order" $?
printf 'mqtt:\n  prot: 1\nhttp:\n  port: x\n' >"$work/bad.yaml"
run 78 check-config "$work/bad.yaml" && grep -q 'bad.yaml:2: error: mqtt: unknown key "prot"' "$work/out" &&
	grep -q 'did you mean "port"' "$work/out" && grep -q 'bad.yaml:4: error: http.port' "$work/out"
result "check-config tells every problem with its line" $?
run 78 check-config --json "$work/bad.yaml" && python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
assert d["ok"] is False and d["errors"] == 2 and [p["line"] for p in d["problems"] if p["level"] == "error"] == [2, 4]
' "$work/out"
result "check-config --json" $?
run 66 check-config "$work/none.yaml"
result "check-config of a missing file" $?
run 78 serve --config "$work/bad.yaml" && grep -q 'bad.yaml:2' "$work/err"
result "serve refuses the same file" $?
run 78 doctor --config "$work/bad.yaml" && grep -q '^error ' "$work/out"
result "doctor refuses the same file" $?

pressure='{"resourceType":"Observation","device":{"reference":"Device/bp-1"},
 "code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"component":[
 {"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":131,"code":"mm[Hg]"}},
 {"code":{"coding":[{"system":"http://loinc.org","code":"8462-4"}]},"valueQuantity":{"value":84,"code":"mm[Hg]"}}]}'
printf '%s' "$pressure" | "$varde" decode --platform fhir --topic Observation --via http >"$work/out" 2>"$work/err" &&
	grep -q '"value":"131/84","unit":"mm\[Hg\]"' "$work/out" && grep -q '"systolic":131,"diastolic":84' "$work/out"
result "decode writes a blood pressure as people say it" $?
printf '%s' '{"measurement":"medicine_not_taken","person_id":"01925012390","device_type":"x"}' |
	"$varde" decode --platform medicine --topic api/datapoints --via http >"$work/out" 2>"$work/err" &&
	grep -q '"state":"not_dispensed"' "$work/out" && ! grep -q 01925012390 "$work/out" "$work/err"
result "decode of a missed dose, without the number of whose it was" $?
printf '%s\n' 'platform,vendor,model,firmware,key,value,kind,state,unit,scale,zone,flags' \
	'gillie,*,*,*,medicine_not_taken,*,medication,unconfirmed,,,,edge' >"$work/own.csv"
printf '%s' '{"measurement":"medicine_not_taken","person_id":"1","device_type":"x"}' |
	"$varde" decode --platform medicine --topic x --via http --models "$work/own.csv" >"$work/out" 2>"$work/err" &&
	grep -q '"state":"unconfirmed"' "$work/out"
result "decode with rows of an integrator's own" $?

mkdir "$work/state"
printf 'state_dir: state\nhttp: {port: 0}\nmqtt: {port: 0}\nreport: {enabled: false}\n' >"$work/good.yaml"
run 1 doctor --config "$work/good.yaml" && grep -q '^error *database.open' "$work/out" &&
	grep -q '^error *server.alive' "$work/out" && grep -q 'disk.sync' "$work/out"
result "doctor before the first start: no database, no server" $?
"$varde" serve --config "$work/good.yaml" >"$work/serve.log" 2>&1 &
hub=$!
for _ in $(seq 200); do
	[ -s "$work/state/run.json" ] && break
	sleep 0.05
done
[ -s "$work/state/run.json" ]
result "serve tells its ports" $?
run 0 doctor --config "$work/good.yaml" --json && python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
f = {x["what"]: x for x in d["findings"]}
assert d["errors"] == 0, [x for x in d["findings"] if x["level"] == "error"]
for what in ("server.alive", "server.ready", "database.integrity", "database.schema", "library.evlib", "disk.space"):
    assert f[what]["level"] in ("ok", "warn") and f[what]["fact"], what
assert f["tls.self_signed"]["level"] == "warn" and f["tls.self_signed"]["hint"]
' "$work/out"
result "doctor of a running hub finds no error" $?
kill -TERM $hub
wait $hub
code=$?
hub=''
[ $code = 0 ] || tail -5 "$work/serve.log" | sed 's/^/#   /'
result "serve stops cleanly on SIGTERM (exit $code)" $code
[ ! -e "$work/state/run.json" ]
result "run.json is gone after the stop" $?
echo "1..$n"
exit $failed

#!/usr/bin/env bash
# SPDX-License-Identifier: EUPL-1.2
# Onboarding from outside, with the real program and a running hub: from an empty machine to a device
# that is heard, placed, tested, swapped and returned. VARDE_BIN names the program. TAP on stdout.
set -u
cd "$(dirname "$0")/../../.." || exit 1
varde=${VARDE_BIN:-$PWD/build/test/varde}
work=$(mktemp -d /tmp/varde-onboard-XXXXXX)
export VARDE_DB=$work/state/varde.db VARDE_LANG=nb
unset LANG LC_ALL
export LC_ALL=C.UTF-8
n=0 failed=0 hub=''
trap '[ -n "$hub" ] && kill "$hub" 2>/dev/null; rm -rf "$work"' EXIT
result() { # NAME STATUS
	n=$((n + 1))
	if [ "$2" = 0 ]; then echo "ok $n - $1"; else
		echo "not ok $n - $1"
		failed=1
		tail -5 "$work/out" "$work/err" "$work/serve.log" 2>/dev/null | cut -c1-200 | sed 's/^/#   /'
	fi
}
run() { # EXPECTED_CODE ARGUMENTS...
	local want=$1
	shift
	"$varde" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
	[ $code = "$want" ] || { echo "# exit $code instead of $want: $*"; return 1; }
}
sql() { python3 -c 'import sqlite3, sys; [print(*r, sep="|") for r in sqlite3.connect(sys.argv[1], timeout=10).execute(sys.argv[2])]' "$VARDE_DB" "$1"; }
# wait_for COMMAND... : until it succeeds, 10 s at most
wait_for() {
	for _ in $(seq 200); do
		"$@" >/dev/null 2>&1 && return 0
		sleep 0.05
	done
	return 1
}

mkdir "$work/state"
run 66 device list && grep -q 'Finner ikke databasen' "$work/err"
result "no database: told, exit 66" $?
run 0 staff municipality add --number 3434 --name Lom --language nn &&
	run 0 staff municipality add --number 3432 --name Lesja --language nn &&
	run 0 staff municipality list --json && grep -q '"name":"Lom"' "$work/out"
result "the first municipality makes the database" $?
run 0 staff gateway add --user lom-01 --name 'Lom 1' --municipality 3434 --family zigbee2mqtt --prefix zigbee2mqtt
secret=$(cat "$work/out")
[ ${#secret} = 43 ] && ! grep -qF -- "$secret" "$work/err"
result "a gateway's secret stands alone on standard output" $?
run 64 staff gateway bind lom-01 --family scaip --config '{"holdd":true}' &&
	grep -q 'tar ikke imot oppsettet «{"holdd":true}»' "$work/err" &&
	run 0 staff gateway bind lom-01 --family scaip --config '{"hold":true,"units":{"112233":{"call":"duty"}}}'
result "what a family does not take is refused before a hub passes over it" $?
run 0 staff recipient add --name 'Ola Prøve' --municipality 3434 &&
	run 0 staff recipient add --name 'Kari Prøve' --municipality 3434 &&
	printf 'fjell og fjord 1\n' >"$work/pw" &&
	run 0 staff add --user tone --name 'Tone Prøve' --municipality 3434 --roles technician --password-file "$work/pw"
result "recipients and a technician" $?

# -- while nothing runs: the file ----------------------------------------------------------------
{
	printf '\xef\xbb\xbfgateway;familie;identitet;serienummer;navn\r\n'
	for i in $(seq 10 59); do printf 'lom-01;zigbee2mqtt;0x00158d00000000%s;A12-00%s;\r\n' "$i" "$i"; done
} >"$work/in.csv"
before=$(sql 'SELECT count(*) FROM device')
run 0 device import "$work/in.csv" --dry-run && grep -q '^50 rader lest: 50 nye, 0 uendret.$' "$work/out" &&
	[ "$(sql 'SELECT count(*) FROM device')" = "$before" ]
result "a dry run of the import stores nothing" $?
run 0 device import "$work/in.csv" && grep -q '^50 rader lest: 50 nye, 0 uendret.$' "$work/out"
result "the import" $?

# -- with the hub running ------------------------------------------------------------------------
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
printf 'state_dir: state\nhttp: {port: 0}\nmqtt: {port: 0, plain_port: %s}\nreport: {enabled: false}\n' "$port" \
	>"$work/varde.yaml"
"$varde" serve --config "$work/varde.yaml" >"$work/serve.log" 2>&1 &
hub=$!
wait_for test -s "$work/state/run.json"
started=$?
result "the hub starts on the same database" $started
[ $started = 0 ] || { echo 'Bail out! without a hub there is nothing more to see'; exit 1; }
run 0 device import "$work/in.csv" && [ "$(cat "$work/out")" = '50 rader lest: 0 nye, 50 uendret.' ]
result "the same file again changes nothing" $?
sed 's/A12-00\([1-5]\)/B12-00\1/;s/0x00158d00/0x00158d01/' "$work/in.csv" >"$work/more.csv"
"$varde" device import "$work/more.csv" >"$work/one" 2>&1 &
first=$!
"$varde" device import "$work/more.csv" >"$work/two" 2>&1
second=$?
wait $first && [ $second = 0 ] && [ "$(sql 'SELECT count(*) FROM device')" = 100 ] &&
	[ "$(sql "SELECT count(*) FROM device_history WHERE what='registered'")" = 100 ]
result "two imports at once beside the hub: every device once" $?

publish() { # TOPIC PAYLOAD [MORE]
	mosquitto_pub -h 127.0.0.1 -p "$port" -V 311 -i lom-01 -u lom-01 -P "$secret" -q 1 -t "$1" -m "$2" "${@:3}" \
		2>>"$work/err"
}
devices='[{"ieee_address":"0x00124b0000000001","friendly_name":"dor","type":"EndDevice","supported":true,"disabled":false,"power_source":"Battery","model_id":"lumi.sensor_magnet.aq2","interview_completed":true,"definition":{"model":"MCCGQ11LM","vendor":"Aqara","description":"Door and window contact sensor","exposes":[{"type":"binary","name":"contact","property":"contact","value_on":false,"value_off":true,"access":1}]}}]'
publish zigbee2mqtt/bridge/devices "$devices" -r
result "a gateway signs in with its secret and announces a device" $?
waiting() { run 0 device list --waiting --municipality 3434 && grep -q 0x00124b0000000001 "$work/out"; }
wait_for waiting && grep -q MCCGQ11LM "$work/out"
result "the device stands in the waiting list, with its model" $?
run 0 device place 0x00124b0000000001 --recipient 1 --room Gang --purpose dør --alarm-on-open --night 22:00-07:00 \
	--test-minutes 15 --staff tone && grep -q 'på prøve til' "$work/out"
result "it is placed, on test" $?
run 0 device list --waiting && grep -q '^Ingen' "$work/out"
result "the waiting list is empty again" $?
publish zigbee2mqtt/dor '{"contact":true,"battery":91,"linkquality":120}'
heard() {
	run 0 device list --json && python3 -c '
import json, sys
d = [x for x in json.load(open(sys.argv[1]))["devices"] if x["identity"] == "0x00124b0000000001"][0]
assert d["last_heard"] and d["on_test"] and not d["silent"] and d["recipient"]["name"] == "Ola Prøve", d
assert d["lifecycle"] == "in_use" and d["place"]["room"] == "Gang", d' "$work/out"
}
wait_for heard
result "its first message shows in the list" $?
[ "$(sql "SELECT count(*) FROM access_log WHERE what='cli.device.list' AND recipient=1 AND staff=0")" -ge 1 ]
result "looking at the list is in the access log" $?
run 77 device place A12-0010 --recipient 1 --room Bad --purpose sos --lang nn --municipality 3432
grep -q 'Eininga er registrert i ein annan kommune.' "$work/err"
result "another municipality's device is refused" $?
run 0 device swap 0x00124b0000000001 A12-0010 && grep -q 'A12-0010 har overtatt plasseringen' "$work/out" &&
	[ "$(sql "SELECT lifecycle FROM device WHERE identity='0x00124b0000000001'")" = out_of_service ] &&
	[ "$(sql "SELECT count(*) FROM placement WHERE ended_at=0")" = 1 ]
result "a swap keeps the placement" $?
run 0 device return A12-0010 --staff tone && grep -q 'KVITTERING FOR RETUR' "$work/out" &&
	grep -q 'Av: *tone' "$work/out" && ! grep -q 'Ola' "$work/out" &&
	[ "$(sql "SELECT lifecycle, placement FROM device WHERE serial='A12-0010'")" = 'returned|0' ]
result "a return unlinks at once, with a receipt" $?
version=$(sql "SELECT value FROM meta WHERE name='directory_version'")
run 0 staff gateway revoke lom-01 && [ "$(sql "SELECT value FROM meta WHERE name='directory_version'")" -gt "$version" ]
result "the gateway is revoked" $?
refused() { ! publish zigbee2mqtt/dor '{"contact":true}'; }
wait_for refused
result "and can no longer sign in" $?
kill -TERM $hub
wait $hub
code=$?
hub=''
result "the hub stops cleanly (exit $code)" $code
echo "1..$n"
exit $failed

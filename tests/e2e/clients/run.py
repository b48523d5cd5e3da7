#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Real clients through TLS into a real hub, and every alarm handled in Chromium by two people in two
languages. TAP.

A Mosquitto broker bridging in (QoS 1, persistent), mosquitto_pub at QoS 0, 1 and 2, mqtt.js as 3.1.1
and 5.0, curl as The Things Stack, ChirpStack and a plain webhook. VARDE_CONSOLE names a built console;
without it one is built.
"""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "harness"))
from hub import PASSWORD, ROOT, Hub, Tap, free_port  # noqa: E402

LOM = ("gw-lom", "secret-lom")


def console_dir():
    given = os.environ.get("VARDE_CONSOLE")
    if given:
        return given
    out = os.path.join(tempfile.mkdtemp(), "console")
    subprocess.run(["node", "build.mjs", out], cwd=f"{ROOT}/src/console", check=True, stdout=subprocess.DEVNULL)
    return out


def mosquitto_pub(hub, qos, topic, payload, version="mqttv311"):
    r = subprocess.run(["mosquitto_pub", "-h", "localhost", "-p", str(hub.mqtt), "--cafile", f"{hub.state}/tls/cert.pem",
                        "-u", LOM[0], "-P", LOM[1], "-q", str(qos), "-V", version, "-t", topic, "-m", payload],
                       capture_output=True, text=True, timeout=20, check=False)
    return r.returncode == 0, r.stderr


def bridge(hub, topic, payload):
    """A broker of its own, bridged in as deploy/mosquitto shows; a client publishes to that broker."""
    port, folder = free_port(), tempfile.mkdtemp(prefix="varde-bridge-")
    os.chmod(folder, 0o755)  # the broker gives up root before it reads
    cert, conf = os.path.join(folder, "hub.pem"), os.path.join(folder, "bridge.conf")
    shutil.copy(f"{hub.state}/tls/cert.pem", cert)
    os.chmod(cert, 0o644)
    with open(conf, "w", encoding="utf-8") as f:
        f.write(f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n"
                f"connection varde\naddress localhost:{hub.mqtt}\ntopic zigbee2mqtt/# out 1\nremote_username {LOM[0]}\n"
                f"remote_password {LOM[1]}\nremote_clientid bridge-lom\ncleansession false\nnotifications false\nbridge_attempt_unsubscribe false\n"
                f"bridge_protocol_version mqttv311\nbridge_cafile {cert}\ntry_private false\n")
    log_path = os.path.join(hub.state, "bridge.log")
    with open(log_path, "wb") as log:
        broker = subprocess.Popen(["mosquitto", "-v", "-c", conf], stdout=log, stderr=log)

    def said(words):
        with open(log_path, encoding="utf-8", errors="replace") as f:
            return words in f.read()

    def published():
        return subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-q", "1", "-t", topic, "-m", payload],
                              capture_output=True, timeout=10, check=False).returncode == 0

    try:
        good = hub.wait(lambda: said("Received CONNACK"), 10) and hub.wait(published, 10)
        good = good and hub.wait(lambda: said("Received PUBACK from local.bridge-lom"), 10)
        with open(log_path, encoding="utf-8", errors="replace") as f:
            return good, f.read()[-600:]
    finally:
        broker.terminate()
        broker.wait()
        shutil.rmtree(folder)


def mqtt_js(hub, version, topic, payload):
    code = ("import mqtt from 'mqtt'; const [p,v,u,w,t,m]=process.argv.slice(1);"
            "const c=mqtt.connect(`mqtts://127.0.0.1:${p}`,{protocolVersion:+v,username:u,password:w,rejectUnauthorized:false,"
            "clientId:'js'+v});c.on('connect',()=>c.publish(t,m,{qos:1},(e,k)=>{console.log(e?e.message:'acked '+(k?.reasonCode??0));"
            "c.end()}));c.on('error',e=>{console.log(e.message);process.exit(1)})")
    r = subprocess.run(["node", "--input-type=module", "-e", code, str(hub.mqtt), str(version), *LOM, topic, payload],
                       cwd=f"{ROOT}/tests", capture_output=True, text=True, timeout=30, check=False)
    return "acked 0" in r.stdout, r.stdout + r.stderr


def curl(hub, path, payload):
    r = subprocess.run(["curl", "-s", "--cacert", f"{hub.state}/tls/cert.pem", "-u", ":".join(LOM), "-o", "/dev/null", "-w", "%{http_code}",
                        "-H", "Content-Type: application/json", "-d", payload, f"https://localhost:{hub.http}{path}"],
                       capture_output=True, text=True, timeout=20, check=False)
    return r.stdout == "204", r.stdout + r.stderr


def send_all(hub, tap):
    """Each client one alarm of its own kind of device; returns how many alarms must stand."""
    tts = {"end_device_ids": {"device_id": "eui-24e124ff0a00000a", "dev_eui": "24E124FF0A00000A", "dev_addr": "260B1234"},
           "received_at": "2026-11-24T12:00:00.123456789Z",
           "uplink_message": {"f_cnt": 7, "f_port": 85, "frm_payload": "BQAB", "decoded_payload": {"leakage_status": "leak"},
                              "rx_metadata": [{"rssi": -97}], "version_ids": {"brand_id": "milesight-iot", "model_id": "em300-sld"}}}
    chirp = {"deduplicationId": "d1", "time": "2026-11-24T12:00:01+00:00", "devAddr": "01020304", "fCnt": 3, "fPort": 85, "data": "BQAB",
             "deviceInfo": {"devEui": "24e124ff0b00000b", "deviceProfileName": "Milesight SD"}, "object": {"smoke": 1}, "rxInfo": [{"rssi": -80}]}
    own = {"device": "sos-9", "kind": "sos", "state": "on", "id": "curl-1"}
    sos = '{"action":"emergency","battery":80,"linkquality":120}'
    sent = [("mosquitto_pub QoS 0", mosquitto_pub(hub, 0, "zigbee2mqtt/knapp0", sos)),
            ("mosquitto_pub QoS 1", mosquitto_pub(hub, 1, "zigbee2mqtt/knapp1", sos)),
            ("mosquitto_pub QoS 2, MQTT 5.0", mosquitto_pub(hub, 2, "zigbee2mqtt/knapp2", sos, "mqttv5")),
            ("a Mosquitto bridge", bridge(hub, "zigbee2mqtt/broknapp", sos)),
            ("mqtt.js 3.1.1", mqtt_js(hub, 4, "zigbee2mqtt/fall", '{"fall_status":"fall_alarm","occupancy":true}')),
            ("mqtt.js 5.0", mqtt_js(hub, 5, "varde/sos-8", json.dumps({"device": "sos-8", "kind": "sos", "state": "on", "id": "js-1"}))),
            ("curl as The Things Stack", curl(hub, "/hook/thethingsstack/up", json.dumps(tts))),
            ("curl as ChirpStack", curl(hub, "/hook/chirpstack?event=up", json.dumps(chirp))),
            ("curl with varde's own event", curl(hub, "/hook/varde", json.dumps(own)))]
    for name, (good, why) in sent:
        tap.ok(good, f"{name} delivered through TLS", why)
    return len(sent)


def main():
    tap = Tap()
    hub = Hub(sys.argv[1], extra="")
    with open(hub.config, "r+", encoding="utf-8") as f:
        text = f.read().replace("http:\n", f"http:\n  console_dir: {console_dir()}\n")
        f.seek(0)
        f.write(text)
    hub.start().region()
    with sqlite3.connect(hub.db) as db:
        db.execute("UPDATE staff SET language='nb' WHERE user='anne-lom'")
        db.execute("UPDATE staff SET language='nn' WHERE user='berit-lom'")
        db.execute("UPDATE meta SET value=value+1 WHERE name='directory_version'")
    expected = send_all(hub, tap)
    anne, _ = hub.sign_in("anne-lom")
    hub.wait(lambda: len(hub.ask("GET", "/api/v1/alarms", headers=anne)[1]["alarms"]) >= expected, 10)
    alarms = [a for a in hub.ask("GET", "/api/v1/alarms", headers=anne)[1]["alarms"] if a["handling"] == "new"]
    tap.ok(len(alarms) == expected, f"{expected} alarms stand on the console", [(a["kind"], a["device"]["name"]) for a in alarms])
    r = subprocess.run(["node", os.path.join(HERE, "browser.mjs"), f"https://localhost:{hub.http}/", PASSWORD, "anne-lom", "berit-lom", str(expected)],
                       capture_output=True, text=True, timeout=200, check=False, cwd=f"{ROOT}/tests")
    for line in r.stdout.splitlines():
        if line.startswith(("ok ", "not ok ")):
            good, _, name = line.partition(" - ")
            tap.ok(good.startswith("ok"), name, r.stderr[-1500:])
        else:
            print(f"# {line}")
    tap.ok(r.returncode == 0, "the browsers came to their end", r.stderr[-2000:])
    closed = [a for a in hub.ask("GET", "/api/v1/alarms", headers=anne)[1]["alarms"] if a["handling"] == "closed"]
    tap.ok(len(closed) == expected and all(a["outcome"] for a in closed), "every one was acknowledged and closed with an outcome", len(closed))
    tap.ok(hub.stop() == 0, "it stops in order with consoles connected", hub.log()[-1500:])
    hub.remove()
    tap.end()


if __name__ == "__main__":
    main()

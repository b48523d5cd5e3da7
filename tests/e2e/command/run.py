#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Commands of a real hub, end to end: a nurse asks over the API, mosquitto_sub as the home's gateway
receives over TLS, a platform of straw receives over HTTPS, and the hub is killed in between. TAP."""
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "harness"), os.path.join(HERE, "..", "mqtt")]
from hub import Hub, Tap  # noqa: E402
from wire import Client, packet, text  # noqa: E402

DOOR, CALL, OTHER = 100001, 100000, 100002  # devices sos-1, sos-0, sos-2 of the small region
SENSOR, EUI = 100900, "70B3D57ED0000001"


class Gateway:
    """mosquitto_sub, as a home's gateway: what it was told, line by line."""

    def __init__(self, hub):
        self.told = []
        self.p = subprocess.Popen(
            ["mosquitto_sub", "-h", "localhost", "-p", str(hub.mqtt), "--cafile", f"{hub.state}/tls/cert.pem", "--insecure",
             "-u", "gw-lom", "-P", "secret-lom", "-V", "mqttv5", "-q", "1", "-t", "varde/command/gw-lom/#", "-F", "%t %p"],
            stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.p.stdout:
            topic, _, body = line.strip().partition(" ")
            self.told.append((topic, json.loads(body)))

    def heard(self, hub, verb, n=1):
        return hub.wait(lambda: sum(b["command"] == verb for _, b in self.told) >= n, 8)

    def close(self):
        self.p.terminate()
        self.p.wait()


class Platform:
    def __init__(self, folder):
        self.folder = folder
        self.p = subprocess.Popen([sys.executable, os.path.join(HERE, "..", "..", "harness", "platform.py"), folder],
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.http, self.https = map(int, self.p.stdout.readline().split())

    def requests(self):
        with open(f"{self.folder}/requests.jsonl", encoding="utf-8") as f:
            return [json.loads(line) for line in f]

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def change(hub, *statements):
    with sqlite3.connect(hub.db, timeout=10) as db:
        for s, args in statements:
            db.execute(s, args)
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'directory_version'")


def row(hub, command):
    with sqlite3.connect(hub.db, timeout=10) as db:
        return db.execute("SELECT state, result, attempts FROM command WHERE id = ?", (command,)).fetchone()


def prepare(hub):
    """Anne is care staff and no leader, Berit technician besides; sos-0 and the lock sos-1 are one home's."""
    commands = {"commands": {"*": ["ring", "cancel", "locate"], "sos-1": ["unlock", "lock"]}}
    change(hub, ("UPDATE binding SET config = ? WHERE family = 'varde'", (json.dumps(commands),)),
           ("UPDATE staff SET roles = 1 WHERE user = 'anne-lom'", ()),
           ("UPDATE staff SET roles = 7 WHERE user = 'berit-lom'", ()),
           ("UPDATE placement SET recipient = ? WHERE id = ?", (CALL, DOOR)),
           ("INSERT INTO device (id, gateway, muni, family, identity, name, vendor, model, lifecycle)"
            " VALUES (?,1,3434,'thethingsstack',?,'Dørføler','dragino','lds02','in_use')", (SENSOR, EUI)))


def asker(hub, who):
    def ask(device, verb, key, **more):
        return hub.ask("POST", f"/api/v1/devices/{device}/commands", {"verb": verb, "key": key, **more}, who)[:2]
    return ask


def ended(hub, who, command, seconds=10):
    path = f"/api/v1/commands/{command}"
    hub.wait(lambda: hub.ask("GET", path, headers=who)[1].get("ended_at"), seconds)
    return hub.ask("GET", path, headers=who)[1]


def alarm_of(hub, who):
    hub.hook("gw-lom", "secret-lom", {"device": "sos-0", "kind": "sos", "state": "on", "id": "c1"})
    find = lambda: [a for a in hub.ask("GET", "/api/v1/alarms", headers=who)[1]["alarms"] if a["kind"] == "sos"]  # noqa: E731
    hub.wait(find)
    return find()[0]["id"]


def a_door(hub, tap, anne, gateway):
    ask = asker(hub, anne)
    hub.hook("gw-lom", "secret-lom", {"device": "sos-1", "kind": "lock", "state": "locked"})
    status, body = ask(DOOR, "unlock", "k0", reason="Svarer ikke")
    tap.ok(status == 403 and "alarm" in body["detail"], "without an alarm of that home no door opens", (status, body))
    alarm = alarm_of(hub, anne)
    path = f"/api/v1/alarms/{alarm}"
    hub.ask("POST", f"{path}/steps", {"step": "acknowledge"}, anne)
    _, detail, _ = hub.ask("GET", path, headers=anne)
    offers = {d["name"]: d["verbs"] for d in detail["commands"]["devices"]}
    tap.ok(offers == {"Knapp 0": ["cancel", "locate", "ring"], "Knapp 1": ["cancel", "locate", "ring", "unlock", "lock"]},
           "the alarm's page offers what this home's devices take", detail["commands"])
    tap.ok(ask(DOOR, "unlock", "k1", alarm=alarm)[0] == 400, "an unlock needs a reason")
    status, body = ask(DOOR, "unlock", "k1", alarm=alarm, reason="Svarer ikke på anrop")
    tap.ok(status == 202 and body["verb"] == "unlock" and "reason" not in body, "with reason and alarm it is taken: 202", (status, body))
    again = ask(DOOR, "unlock", "k1", alarm=alarm, reason="Svarer ikke på anrop")
    tap.ok(again[0] == 202 and again[1]["id"] == body["id"], "a double click is the same command", again)
    tap.ok(gateway.heard(hub, "unlock"), "the gateway is told over TLS")
    topic, order = gateway.told[-1]
    tap.ok(topic == "varde/command/gw-lom" and order["device"] == "sos-1" and order["id"] == body["id"]
           and set(order) == {"id", "device", "command", "asked", "expires"}, "what, which device and until when; not who or why", order)
    hub.wait(lambda: row(hub, body["id"])[0] == "accepted")
    tap.ok(row(hub, body["id"])[0] == "accepted", "the gateway's PUBACK makes it accepted, not done", row(hub, body["id"]))
    hub.hook("gw-lom", "secret-lom", {"device": "sos-1", "kind": "lock", "state": "unlocked"})
    now = ended(hub, anne, body["id"])
    tap.ok(now["state"] == "done", "the lock's own word makes it done", now)
    tap.ok(sum(b["command"] == "unlock" for _, b in gateway.told) == 1, "and it went out once", gateway.told)
    _, detail, _ = hub.ask("GET", path, headers=anne)
    steps = [(s["step"], s["staff"] and s["staff"]["name"]) for s in detail["steps"] if s["step"] == "command"]
    tap.ok(steps == [("command", "Anne Lom"), ("command", None)], "the alarm's record has who asked, and that it ended", steps)
    tap.ok(detail["commands"]["list"][0]["reason"] == "Svarer ikke på anrop", "the reason stands where care staff look", detail["commands"])
    return alarm


def who_may(hub, tap, anne, berit):
    ask, tech = asker(hub, anne), asker(hub, berit)
    lesja, _ = hub.sign_in("anne-lesja")
    tap.ok(asker(hub, lesja)(CALL, "ring", "x1")[0] == 404, "another municipality's device is 404")
    tap.ok(ask(CALL, "interval", "x2", minutes=30)[0] == 403, "an interval is for technicians: 403")
    tap.ok(ask(CALL, "confirm", "x3")[0] == 400, "what the device does not take is 400")
    tap.ok(ask(CALL, "dance", "x4")[0] == 400 and ask(CALL, "ring", "")[0] == 400, "an unknown verb or no key is 400")
    tap.ok(hub.ask("GET", f"/api/v1/devices/{CALL}/commands", headers=lesja)[0] == 404, "nor can she look")
    status, body, _ = hub.ask("GET", f"/api/v1/devices/{DOOR}/commands", headers=anne)
    tap.ok(status == 200 and "unlock" in body["verbs"] and body["list"][0]["verb"] == "unlock", "a device's own list", body)
    with sqlite3.connect(hub.db) as db:
        what = [r[0] for r in db.execute("SELECT what FROM access_log WHERE what LIKE 'command.%' ORDER BY n")]
        notes = db.execute("SELECT note FROM command_note").fetchall()
        journal = " ".join(r[0] for r in db.execute("SELECT body FROM journal WHERE body LIKE '%device.command%'"))
    tap.ok(what.count("command.unlock") == 1 and "command.unlock.refused" in what and "command.ring.refused" in what
           and "command.interval.refused" in what, "every wish and every refusal is in the access log", what)
    tap.ok(notes == [("Svarer ikke på anrop",)] and "Svarer" not in journal and '"asked"' in journal and '"done"' in journal,
           "the journal has what happened, the words lie apart", (notes, journal[:300]))
    codes = [tech(CALL, "locate", f"r{i}")[0] for i in range(9)]
    tap.ok(codes.count(202) <= 6 and 429 in codes, "who presses without end is told to wait: 429", codes)


def over_http(hub, tap, berit, platform):
    tech = asker(hub, berit)

    def use(base, **more):
        config = {"application": "heim", "downlink": {"url": base, "secret": "tts", "ca": "ca.pem", **more}}
        change(hub, ("UPDATE binding SET config = ? WHERE family = 'thethingsstack'", (json.dumps(config),)))
        time.sleep(2.2)  # two looks at the directory
    use(f"https://localhost:{platform.https}/api/v3")
    status, body = tech(SENSOR, "interval", "h1", minutes=60)
    now = ended(hub, berit, body.get("id", "x"))
    tap.ok(status == 202 and now.get("state") == "accepted", "a platform's 2xx makes it accepted", (status, body, now))
    r = platform.requests()[-1]
    tap.ok(r["path"] == "/api/v3/as/applications/heim/devices/eui-70b3d57ed0000001/down/push"
           and r["headers"].get("Authorization") == "Bearer nokkel-1"
           and json.loads(r["body"])["downlinks"][0]["frm_payload"] == "AQAOEA==", "with the secret from its file, at the platform's own path", r)
    use(f"https://localhost:{platform.https}/status/404")
    _, body = tech(SENSOR, "interval", "h2", minutes=60)
    now = ended(hub, berit, body["id"])
    tap.ok((now["state"], now.get("result")) == ("failed", "http_404"), "a platform's no is told as it is", now)
    use("http://10.255.255.1/api")
    _, body = tech(SENSOR, "interval", "h3", minutes=60)
    tap.ok(ended(hub, berit, body["id"])["result"] == "address", "an address without TLS elsewhere is not asked")
    use(f"https://localhost:{platform.https}", secret="nosuch")
    _, body = tech(SENSOR, "interval", "h4", minutes=60)
    tap.ok(ended(hub, berit, body["id"])["result"] == "secret", "a secret that is not there is told as that")
    use(f"https://localhost:{platform.https}", ca="")
    _, body = tech(SENSOR, "interval", "h5", minutes=60)
    hub.wait(lambda: hub.ask("GET", f"/api/v1/commands/{body['id']}", headers=berit)[1].get("result") == "tls")
    now = hub.ask("GET", f"/api/v1/commands/{body['id']}", headers=berit)[1]
    tap.ok(now["state"] == "queued" and now["result"] == "tls", "a certificate nobody vouches for gets nothing; it is tried again", now)


def command_line(hub, tap, gateway):
    def run(*args, running=True):
        r = subprocess.run([sys.argv[1], "device", "command", *args, "--db", hub.db, "--lang", "en", "--json"],
                           capture_output=True, text=True, check=False)
        return r.returncode, json.loads(r.stdout) if r.stdout.startswith("{") else r.stderr
    before = len(gateway.told)
    code, said = run(str(OTHER), "locate")
    tap.ok(code == 0 and said["state"] == "accepted" and gateway.told[before:][0][1]["command"] == "locate",
           "the command line asks through the running hub and tells what came of it", (code, said))
    code, said = run(str(DOOR), "unlock")
    tap.ok(code == 1 and "console" in said, "but opens no door", (code, said))
    code, said = run(str(OTHER), "confirm")
    tap.ok(code == 1 and said["state"] == "failed" and said["result"] == "unsupported", "what a device does not take is told", (code, said))
    tap.ok(run(str(OTHER), "interval")[0] == 64 and run(str(OTHER), "dance")[0] == 64 and run("nosuch", "ring")[0] != 0,
           "wrong words are told as wrong words")
    hub.stop()
    code, said = run(str(OTHER), "ring")
    tap.ok(code == 75 and said["result"] == "nohub", "without a hub it is withdrawn, and says so", (code, said))
    before = len(gateway.told)
    hub.start()
    time.sleep(3)
    tap.ok(len(gateway.told) == before, "and a hub that starts later does not send it")


def silent(hub, client):
    """A gateway that subscribes at QoS 1 and never acknowledges."""
    c = Client(hub.mqtt, user="gw-lom", password="secret-lom", client=client, clean=False, expiry=3600)
    c.say(packet(0x82, b"\0\1\0" + text("varde/command/gw-lom/#") + b"\1"))
    c.hear()
    return c


def orders(client, wait=4.0):
    end, found = time.time() + wait, []
    while time.time() < end:
        name, body = client.hear(0.5)
        if name == "PUBLISH":
            found.append(json.loads(body[body.index(b"{"):]))
    return found


def killed(hub, tap, anne, alarm):
    ask = asker(hub, anne)
    c = silent(hub, "stille")
    _, door = ask(DOOR, "unlock", "z1", alarm=alarm, reason="Svarer ikke")
    ask(OTHER, "ring", "z2")
    first = orders(c, 3)
    tap.ok({o["command"] for o in first} == {"unlock", "ring"}, "both orders are out, neither acknowledged", first)
    hub.kill()
    c.close(False)
    hub.start()
    c = silent(hub, "stille")
    anne, _ = hub.sign_in("anne-lom")
    later = orders(c, 6)
    tap.ok([o["command"] for o in later] == ["ring"], "after kill -9 the ring goes out again, the unlock does not", later)
    tap.ok(row(hub, door["id"])[:2] == ("failed", "restart"), "and the record says that nobody can tell whether the door is open",
           row(hub, door["id"]))
    again = asker(hub, anne)(DOOR, "unlock", "z1", alarm=alarm, reason="Svarer ikke")
    tap.ok(again[0] == 202 and again[1]["id"] == door["id"] and again[1]["state"] == "failed",
           "the same click after the crash is still the same command", again)
    c.say(packet(0xE0))
    return anne


def main():
    hub = Hub(sys.argv[1])
    folder = tempfile.mkdtemp(prefix="varde-platform-")
    platform, tap = Platform(folder), Tap()
    os.makedirs(f"{hub.state}/secrets", mode=0o700, exist_ok=True)
    for name, words in (("tts", "nokkel-1\n"), ("ca.pem", open(f"{folder}/ca.pem", encoding="utf-8").read())):
        with open(os.open(f"{hub.state}/secrets/{name}", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as f:
            f.write(words)
    try:
        hub.start().region(5)
        prepare(hub)
        anne, _ = hub.sign_in("anne-lom")
        berit, _ = hub.sign_in("berit-lom")
        hub.wait(lambda: hub.ask("GET", f"/api/v1/devices/{DOOR}/commands", headers=anne)[1].get("verbs"))
        gateway = Gateway(hub)
        time.sleep(0.5)
        alarm = a_door(hub, tap, anne, gateway)
        who_may(hub, tap, anne, berit)
        command_line(hub, tap, gateway)
        anne, _ = hub.sign_in("anne-lom")
        berit, _ = hub.sign_in("berit-lom")
        gateway.close()
        over_http(hub, tap, berit, platform)
        killed(hub, tap, anne, alarm)
        text = hub.ask("GET", "/metrics")[1].decode()
        tap.ok('varde_commands_total{end="failed"} 1' in text and "varde_commands_refused_total" in text,
               "metrics count how commands ended, and name nobody", text[:300])
        tap.ok(hub.stop() == 0, "the hub ends cleanly with requests under way")
        r = subprocess.run([sys.argv[1], "verify", "--db", hub.db], capture_output=True, text=True, check=False)
        tap.ok(r.returncode == 0, "and its journal is whole", r.stdout + r.stderr)
        tap.ok("Sanitizer" not in hub.log() and "runtime error" not in hub.log(), "without a word from the sanitizers", hub.log()[-400:])
    finally:
        platform.close()
        subprocess.run(["rm", "-r", folder], check=False)
        hub.remove()
    tap.end()


main()

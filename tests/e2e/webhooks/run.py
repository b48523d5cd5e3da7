#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The clouds' webhooks into a real hub: every sample of their families is sent as its platform sends
it, what must raise stands on the console, a message sent again is one, and no name, national number
or telephone number of the samples is anywhere on the disk. TAP."""
import json
import os
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "harness"))
from hub import ROOT, Hub, Tap  # noqa: E402

FAMILIES = {"elock": {}, "emfit": {}, "fhir": {"salt": "a salt of this test"}, "medicine": {"salt": "a salt of this test"},
            "netlia": {}, "withings": {}}
PERSONAL = ["01925012390", "99999999", "99 999 999", "Kari", "Ola Prøve", "trøtt", "op1@kommune"]
LOM = ("gw-lom", "secret-lom")


def samples(family):
    with open(f"{ROOT}/adapters/{family}/samples/{family}.jsonl", encoding="utf-8") as f:
        return [s for s in map(json.loads, f) if s["via"] == "http" and "error" not in s["expect"]]


def send(hub, family, sample):
    kind = sample.get("content_type") or ("application/json" if sample["payload"][:1] in "{[" else "text/plain")
    return hub.ask("POST", f"/hook/{family}/{sample['topic'].lstrip('/')}", raw=sample["payload"].encode(),
                   headers={"Authorization": "Bearer " + ":".join(LOM), "Content-Type": kind})[0]


def counts(hub):
    with sqlite3.connect(hub.db) as db:
        return db.execute("SELECT count(*) FROM journal").fetchone()[0]


def on_disk(hub, text):
    found = []
    for folder, _, names in os.walk(hub.state):
        for name in names:
            with open(os.path.join(folder, name), "rb") as f:
                if text.encode() in f.read():
                    found.append(name)
    return found


def main():
    tap = Tap()
    hub = Hub(sys.argv[1]).start().region()
    for family, config in FAMILIES.items():
        more = ["--config", json.dumps(config)] if config else []
        r = subprocess.run([hub.binary, "staff", "gateway", "bind", LOM[0], "--family", family, *more, "--db", hub.db],
                           capture_output=True, text=True, check=False)
        tap.ok(r.returncode == 0, f"{family} is bound", r.stderr)
    for family in FAMILIES:
        first = samples(family)[0]
        hub.wait(lambda f=family, s=first: send(hub, f, s) in (200, 204))
        done = 200 if family == "withings" else 204
        wrong = [(s["id"], code) for s in samples(family) if (code := send(hub, family, s)) != done]
        tap.ok(not wrong, f"{family}: every sample is stored", wrong)
    dose = {"topic": "api/datapoints", "payload": json.dumps({
        "measurement": "medicine_not_taken", "person_id": "01925012390", "device_type": "x", "transaction_id": "e2e-1"})}
    send(hub, "medicine", dose)
    before = counts(hub)
    tap.ok(send(hub, "medicine", dose) == 204 and counts(hub) == before, "a datapoint sent again is the same one")
    sample = samples("elock")[0]
    keyed = "/hook/elock/key/" + "/".join(LOM)
    before = counts(hub)
    for name, path, want in (("a credential in the address", keyed, 204), ("with something behind it", keyed + "/lock1", 204),
                             ("a wrong one", keyed + "x", 401), ("half of one", "/hook/elock/key/gw-lom", 401),
                             ("none", "/hook/elock/key/", 401), ("another family's", keyed.replace("elock", "owntracks"), 403)):
        body = sample["payload"].replace("-0000-", f"-{len(path) + 1000:04}-")
        code = hub.ask("POST", path, raw=body.encode(), headers={"Content-Type": "application/json"})[0]
        tap.ok(code == want, f"{name}: {want}", code)
    tap.ok(counts(hub) > before, "what came by such an address is in the journal")
    tap.ok(hub.ask("GET", keyed)[0] == 200 and hub.ask("GET", keyed + "x")[0] == 405, "such an address says that it is there")
    code, body, _ = hub.ask("POST", "/hook/fhir", raw=b"<Bundle/>", headers={"Authorization": "Bearer " + ":".join(LOM)})
    tap.ok(code == 400 and "application/fhir+json" in json.dumps(body), "XML is refused with what to do", body)
    anne, _ = hub.sign_in("anne-lom")
    waiting = hub.ask("GET", "/api/v1/devices?filter=waiting", headers=anne)[1]["devices"]
    bell = [d for d in waiting if d["family"] == "netlia" and d["features"]]
    tap.ok(bell, "who waits to be placed says what it can report", waiting[:3])
    for kind in ("sos", "fall", "smoke", "medication", "water_leak", "epilepsy"):
        raised = hub.wait(lambda k=kind: any(a["kind"] == k for a in hub.ask("GET", "/api/v1/alarms", headers=anne)[1]["alarms"]))
        tap.ok(raised, f"{kind} stands on the console")
    hub.stop()
    tap.ok(on_disk(hub, "PP000901"), "a dispenser's serial number is on the disk: the search finds what is there")
    for text in PERSONAL:
        tap.ok(not on_disk(hub, text), f"\"{text[:4]}...\" is nowhere on the disk", on_disk(hub, text))
    hub.remove()
    tap.end()


main()

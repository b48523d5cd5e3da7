#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A disk that is full, fails, or does not sync: busy instead of success, and recovery. TAP.

The faults are made between the hub and the kernel by a preloaded shim (nospace.c), on the real
database file."""
import os
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "harness"))
from hub import Hub, Tap  # noqa: E402


def main():
    tap = Tap()
    shim = os.path.join(tempfile.mkdtemp(), "nospace.so")
    subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-D_GNU_SOURCE", "-D_LARGEFILE64_SOURCE", f"{HERE}/nospace.c", "-o", shim, "-ldl"], check=True)
    flag = os.path.join(os.path.dirname(shim), "flag")
    env = {"LD_PRELOAD": shim, "VARDE_NOSPACE": flag,
           "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
    hub = Hub(sys.argv[1], env=env).start().region()
    n, acked = 0, []

    def send(kind="measure.temperature"):
        nonlocal n
        n += 1
        event = {"device": "sos-3", "kind": kind, "id": f"d{n}", "seq": n}
        event.update({"state": "on"} if kind == "sos" else {"value": n})
        status, body, head = hub.hook("gw-lom", "secret-lom", event)
        if status == 204:
            acked.append(n)
        return status, body, head

    anne, _ = hub.sign_in("anne-lom")
    berit, _ = hub.sign_in("berit-lom")
    for fault, name in (("f", "a full disk"), ("e", "a disk that fails"), ("s", "a disk that does not sync")):
        tap.ok(send()[0] == 204, f"before {name}: stored")
        with open(flag, "w", encoding="ascii") as f:
            f.write(fault)
        status, body, head = send()
        tap.ok(status == 503 and int(head["Retry-After"]) > 0, f"{name}: 503 busy with Retry-After, not success", (status, body))
        status, body, _ = send("sos")
        tap.ok(status == 503, f"{name}: also a call for help is told busy, so that its sender sends again", (status, body))
        tap.ok(hub.ask("GET", "/readyz")[0] == 503, f"{name}: not ready")
        seen = hub.wait(lambda: any(a["kind"] == "hub.storage" for a in hub.ask("GET", "/api/v1/alarms", headers=anne)[1]["alarms"]), 5)
        tap.ok(seen, f"{name}: everybody sees the alarm about it")
        shown = hub.ask("GET", "/api/v1/alarms", headers=berit)[1]["alarms"]  # she looks while nothing can be stored
        os.unlink(flag)
        again = hub.wait(lambda: send()[0] == 204, 10)
        tap.ok(again, f"after {name}: stores again by itself")
        tap.ok(send("sos")[0] == 204, f"after {name}: the call for help is stored")
        time.sleep(1.2)
    tap.ok(hub.stop() == 0, "it stops in order", hub.log()[-1500:])
    db = sqlite3.connect(hub.db)
    tap.ok(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", "the database is whole")
    import json
    rows = [json.loads(b)["seq"] for (b,) in db.execute("SELECT body FROM journal") if '"seq":' in b]
    tap.ok(set(acked) <= set(rows), "everything acknowledged is there", set(acked) - set(rows))
    tap.ok(len(rows) == len(set(rows)), "and once")
    looked = db.execute("SELECT count(*) FROM access_log WHERE staff = 12 AND recipient != 0").fetchone()[0]
    tap.ok(any(a["recipient"] for a in shown) and looked > 0, "who looked at a person while the disk was full is in the access log", looked)
    db.close()
    code = subprocess.run([os.path.abspath(sys.argv[1]), "verify", "--db", hub.db], capture_output=True, text=True, check=False)
    tap.ok(code.returncode == 0, "the journal agrees with its checkpoints", code.stdout)
    hub.remove()
    tap.end()


if __name__ == "__main__":
    main()

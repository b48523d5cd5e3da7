#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""varde verify on a real journal that was tampered with in every way it must notice. TAP."""
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))
from hub import Hub, Tap  # noqa: E402


def make(binary):
    """A stopped hub's folder with some hundred rows of Lom under several checkpoints."""
    hub = Hub(binary, extra="journal:\n  checkpoint_seconds: 1\n").start().region()
    for n in range(120):
        hub.hook("gw-lom", "secret-lom", [{"device": f"sos-{n % 9}", "kind": "measure.temperature", "value": n, "id": f"v{n}"}])
        if n % 40 == 39:
            time.sleep(1.2)
    code = hub.stop()
    if code:
        sys.exit(f"Bail out! the hub ended with {code}: {hub.log()}")
    return hub


def verify(binary, folder, *more):
    r = subprocess.run([binary, "verify", "--db", f"{folder}/varde.db", "--json", *more], capture_output=True, text=True, check=False)
    found = {f["municipality"]: f for f in json.loads(r.stdout)} if r.returncode in (0, 1) else {}
    return r.returncode, found.get(3434, {}), r.stderr


def tampered(hub, name, *sql):
    folder = f"{hub.state}-{name}"
    shutil.copytree(hub.state, folder)
    db = sqlite3.connect(f"{folder}/varde.db")
    with db:
        for s in sql:
            db.execute(*s) if isinstance(s, tuple) else db.execute(s)
    db.close()
    return folder


def main():
    binary, tap = os.path.abspath(sys.argv[1]), Tap()
    hub = make(binary)
    code, found, err = verify(binary, hub.state)
    rows = found.get("rows", 0)
    tap.ok(code == 0 and found["result"] == "intact" and rows >= 120 and found["signed_rows"] == rows and found["checkpoints"] >= 3,
           "an untouched journal is intact, every row under a signed checkpoint", (code, found, err))
    lom = "muni = 3434 AND idx = "
    cases = [
        ("altered", "altered", 50, [f"UPDATE journal SET body = replace(body, '\"severity\":0', '\"severity\":1') WHERE {lom}50"]),
        ("removed", "removed", 60, [f"DELETE FROM journal WHERE {lom}60"]),
        ("reordered", "reordered", 31, [f"UPDATE journal SET idx = -1 WHERE {lom}30", f"UPDATE journal SET idx = 30 WHERE {lom}31",
                                        f"UPDATE journal SET idx = 31 WHERE {lom}-1"]),
        ("cut", "cut", rows - 7, [f"DELETE FROM journal WHERE muni = 3434 AND idx >= {rows - 7}"]),
    ]
    for name, result, row, sql in cases:
        folder = tampered(hub, name, *sql)
        code, found, err = verify(binary, folder)
        good = code == 1 and found.get("result") in (result, "removed" if result == "reordered" else result)
        tap.ok(good, f"{name}: noticed as {result}", (code, found, err))
        want = 30 if result == "reordered" and found.get("result") == "removed" else row
        tap.ok(found.get("first_bad_row") == want, f"{name}: row {row} is named", found)
        shutil.rmtree(folder)
    folder = tampered(hub, "cut-both", f"DELETE FROM journal WHERE muni = 3434 AND idx >= {rows - 7}",
                      f"DELETE FROM checkpoint WHERE muni = 3434 AND size > {rows - 7}")
    code, found, _ = verify(binary, folder)
    tap.ok(code == 1 and found["result"] == "cut", "cut off with its checkpoint: the file beside the database still tells", found)
    shutil.rmtree(folder)
    # Rewritten so that row and leaf agree: only the signature can tell.
    db = sqlite3.connect(hub.db)
    idx, body = db.execute("SELECT idx, body FROM journal WHERE muni = 3434 AND idx = 70").fetchone()
    db.close()
    import hashlib
    new = body.replace('"value":', '"value":9')
    leaf = hashlib.sha256(b"\0" + (3434).to_bytes(4, "big") + idx.to_bytes(8, "big") + new.encode()).digest()
    folder = tampered(hub, "rewritten", ("UPDATE journal SET body = ?, leaf = ? WHERE muni = 3434 AND idx = 70", (new, leaf)))
    code, found, _ = verify(binary, folder)
    tap.ok(code == 1 and found["result"] == "rewritten" and found["first_bad_row"] <= 70,
           "a row rewritten together with its leaf disagrees with the signature; the range is named", found)
    shutil.rmtree(folder)
    folder = tampered(hub, "forged", "UPDATE checkpoint SET note = replace(note, char(10) || size, char(10) || (size + 1)) WHERE muni = 3434")
    code, found, _ = verify(binary, folder)
    tap.ok(code == 1 and found["result"] == "unsigned", "an altered checkpoint is not believed", found)
    shutil.rmtree(folder)
    code, _, err = verify(binary, hub.state, "--key", "/nonexistent")
    tap.ok(code == 66 and "hint" in err, "without the key it says what it needs", (code, err))
    hub.remove()
    tap.end()


if __name__ == "__main__":
    main()

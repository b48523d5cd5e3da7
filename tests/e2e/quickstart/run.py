#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""What a newcomer does: deploy/quickstart --check, again, and then for real with Ctrl-C. TAP."""
import glob
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "harness"))
from hub import ROOT, Tap, free_port  # noqa: E402

QUICKSTART = f"{ROOT}/deploy/quickstart"


def three():
    """A port whose next two are free too."""
    import socket
    while True:
        p = free_port()
        try:
            for next_one in (p + 1, p + 2):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", next_one))
            return p
        except (OSError, OverflowError):
            continue


def check(tap, name, state, port):
    began = time.monotonic()
    r = subprocess.run([QUICKSTART, "--check", "--state", state, "--port", str(port)], capture_output=True, text=True,
                       timeout=240, check=False)
    took = time.monotonic() - began
    try:
        j = json.loads(r.stdout)
    except ValueError:
        j = {}
    tap.ok(r.returncode == 0 and j.get("ok") is True, f"{name}: exit 0 and ok in one JSON summary ({took:.1f} s)", r.stderr[-400:])
    seen = next((s["detail"] for s in j.get("steps", []) if s["name"] == "alarm"), "")
    tap.ok(re.search(r"on both consoles after \d+ ms.*\d+ call", seen) is not None, f"{name}: message, alarm, two people, report", seen)
    heard = j.get("families", {})
    tap.ok(set(heard) == families() and all(heard.values()), f"{name}: devices of every family were heard", heard)
    return took


def families():
    """One folder each."""
    return {os.path.basename(os.path.dirname(f)) for f in glob.glob(f"{ROOT}/adapters/*/adapter.json")}


def devices(state):
    with open(os.path.join(state, "demo-credentials.json"), encoding="utf-8") as f:
        return json.load(f)


def silent_family(tap, state, port):
    """A family nobody speaks for is named, and the check fails."""
    path, all_of_them = os.path.join(state, "demo-credentials.json"), devices(state)
    with open(path, "w", encoding="utf-8") as f:
        json.dump({**all_of_them, "devices": [d for d in all_of_them["devices"] if d["family"] != "emfit"]}, f)
    r = subprocess.run([QUICKSTART, "--check", "--state", state, "--port", str(port)], capture_output=True, text=True,
                       timeout=120, check=False)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(all_of_them, f)
    tap.ok(r.returncode == 1 and "no device was heard of: emfit" in r.stderr and json.loads(r.stdout)["families"]["emfit"] == 0,
           "a family nobody speaks for fails the check, by its name", r.stderr[-300:])


def reachable(port, path):
    ctx = ssl.create_default_context()
    ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"https://127.0.0.1:{port}{path}", timeout=2, context=ctx) as r:
            return r.status == 200
    except OSError:
        return False


def live(tap, state, port):
    log = os.path.join(state, "out")
    began = time.monotonic()
    with open(log, "wb") as out:
        p = subprocess.Popen([QUICKSTART, "--state", state, "--port", str(port)], stdout=out, stderr=out, start_new_session=True)
    while time.monotonic() - began < 60 and not reachable(port, "/"):
        time.sleep(0.1)
    took = time.monotonic() - began
    tap.ok(reachable(port, "/") and took < 15, f"a later start: a live console after {took:.1f} s, under 15")
    demo = os.path.join(state, "log", "demo.log")
    end = time.monotonic() + 40
    heard = False
    while time.monotonic() < end and not heard:
        time.sleep(0.2)
        if os.path.exists(demo):
            with open(demo, encoding="utf-8") as f:
                heard = f"{len(devices(state)['devices'])} devices heard" in f.read()
    tap.ok(heard, "real clients talk to it: every device of the demo was heard")
    with open(log, encoding="utf-8", errors="replace") as f:
        text = f.read()
    tap.ok(f"https://localhost:{port}/" in text and "nattevakt1" in text, "it tells the address and the sign-ins", text[-400:])
    os.kill(p.pid, signal.SIGINT)
    p.wait(30)
    left = subprocess.run(["pgrep", "-f", state], capture_output=True, text=True, check=False).stdout.split()
    tap.ok(not left and not reachable(port, "/healthz"), "Ctrl-C ends everything it started", left)


def taken(tap, state, port):
    import socket
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", port))
        s.listen()
        r = subprocess.run([QUICKSTART, "--check", "--state", state, "--port", str(port)], capture_output=True, text=True,
                           timeout=60, check=False)
    tap.ok(r.returncode == 1 and f"port {port} is taken" in r.stderr, "a taken port is said, with one that is free", r.stderr[-300:])


def main():
    tap = Tap()
    state = tempfile.mkdtemp(prefix="varde-quickstart-")
    port = three()
    check(tap, "the first time", state, port)
    tap.ok(check(tap, "the second time", state, port) < 15, "the second time takes under 15 s")
    silent_family(tap, state, port)
    live(tap, state, port)
    taken(tap, state, port)
    shutil.rmtree(state, ignore_errors=True)
    tap.end()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The console when the hub does not answer: frozen (SIGSTOP), back, killed and started again, watched in
Chromium. VARDE_CONSOLE names a built console; without it one is built. TAP.

    run.py VARDE_BINARY
"""
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "harness"))
from hub import PASSWORD, ROOT, Hub, Tap  # noqa: E402


def console_dir():
    given = os.environ.get("VARDE_CONSOLE")
    if given:
        return given
    out = os.path.join(tempfile.mkdtemp(), "console")
    subprocess.run(["node", "build.mjs", out], cwd=f"{ROOT}/src/console", check=True, stdout=subprocess.DEVNULL)
    return out


def main():
    tap = Tap()
    hub = Hub(sys.argv[1])
    with open(hub.config, "r+", encoding="utf-8") as f:
        text = f.read().replace("http:\n", f"http:\n  console_dir: {console_dir()}\n")
        f.seek(0)
        f.write(text)
    hub.start().region()
    with sqlite3.connect(hub.db, timeout=10) as db:
        db.execute("UPDATE staff SET phone = '000 11 0' || id")
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'directory_version'")
    time.sleep(2)  # the directory is looked at every second
    hub.hook("gw-lom", "secret-lom", {"device": "sos-1", "kind": "sos", "state": "on", "id": "l1"})
    browser = subprocess.Popen(["node", os.path.join(HERE, "browser.mjs"), f"https://localhost:{hub.http}/", PASSWORD, "anne-lom"],
                               stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=f"{ROOT}/tests")
    for line in browser.stdout:  # it asks for what only we can do, and tells what it saw
        word = line.split()
        if word[0] == "freeze":
            hub.process.send_signal(signal.SIGSTOP)
        elif word[0] == "thaw":
            hub.process.send_signal(signal.SIGCONT)
        elif word[0] == "call":
            good = hub.hook("gw-lom", "secret-lom", {"device": f"sos-{word[1]}", "kind": "sos", "state": "on", "id": f"l{word[1]}"})[0] == 204
            tap.ok(good, f"a call is taken in ({line.strip()})")
        elif word[0] == "kill":
            hub.kill()
        elif word[0] == "start":
            hub.start()
        elif line.startswith(("ok ", "not ok ")):
            good, _, name = line.strip().partition(" - ")
            tap.ok(good.startswith("ok"), name)
            continue
        else:
            print(f"# {line.strip()}")
            continue
        browser.stdin.write("done\n")
        browser.stdin.flush()
    errors = browser.stderr.read()
    tap.ok(browser.wait() == 0, "the browser came to its end", errors[-1500:])
    tap.ok(hub.stop() == 0, "the hub stops in order", hub.log()[-1500:])
    hub.remove()
    tap.end()


if __name__ == "__main__":
    main()

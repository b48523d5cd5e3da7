#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A call for help among 10 000 telemetry messages a second: it must be on the console within a second,
from a gateway of its own and from the flooding one. Then one sender far over its limits, whose clock is
wrong: the others notice nothing. The load is the bench's (tests/bench/load.c). TAP.

    run.py VARDE_BINARY
"""
import importlib.machinery
import importlib.util
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
from hub import ROOT, Tap  # noqa: E402

loader = importlib.machinery.SourceFileLoader("bench", f"{ROOT}/tests/bench/run")
bench = importlib.util.module_from_spec(importlib.util.spec_from_loader("bench", loader))
loader.exec_module(bench)
RATE = 10000


class Hub(bench.Hub):
    """The bench's hub, and a second gateway `calm` with call buttons; `limits` False: the defaults."""

    def __init__(self, varde, tools, limits=True):
        self.limits = limits
        super().__init__(varde, tools)

    def _fill(self):
        super()._fill()
        import hashlib
        with sqlite3.connect(f"{self.state}/varde.db", timeout=10) as db:
            db.execute("INSERT INTO gateway (id, muni, name, user, secret_sha256) VALUES (2, 3434, 'Calm', 'calm', ?)",
                       (hashlib.sha256(b"calm").digest(),))
            db.execute("INSERT INTO binding (gateway, family, prefix) VALUES (2, 'varde', 'varde')")
            for i in range(40):
                for gateway, name in ((1, "loud"), (2, "calm")):
                    key = 50000 + i * 2 + gateway
                    db.execute("INSERT INTO placement (id, recipient, muni, room) VALUES (?, 1, 3434, 'stue')", (key,))
                    db.execute("INSERT INTO device (id, gateway, muni, family, identity, name, lifecycle, placement)"
                               " VALUES (?, ?, 3434, 'varde', ?, ?, 'in_use', ?)", (key, gateway, f"{name}-{i}", f"{name}-{i}", key))
            db.execute("UPDATE meta SET value = value + 1 WHERE name = 'directory_version'")
        if not self.limits:
            with open(self.config, encoding="utf-8") as f:
                text = f.read()
            with open(self.config, "w", encoding="utf-8") as f:
                f.write(text.replace("limits:\n  device_per_second: 10000\n  gateway_per_second: 100000\n", ""))

    def calls(self, user, how_many):
        """Presses buttons one after another; milliseconds from press to the live feed."""
        r = subprocess.run(["node", os.path.join(HERE, "calls.mjs"), str(self.plain), self.base, self.cookie, user, str(how_many)],
                           cwd=f"{ROOT}/tests", capture_output=True, text=True, timeout=90, check=False)
        try:
            return json.loads(r.stdout)
        except ValueError:
            return {"error": r.stderr[-600:]}

    def flood(self, rate, seconds):
        return subprocess.Popen([f"{self.tools}/load", "mqtt", str(self.plain), str(rate), str(seconds), "50", "bench", "bench", "0", "",
                                 self.base], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def under_load(tap, tools, varde):
    hub = Hub(varde, tools)
    load = hub.flood(RATE, 20)
    time.sleep(2)
    for user in ("calm", "bench"):
        r = hub.calls(user, 10)
        slowest = max(r.get("ms", [1e9]))
        tap.ok(len(r.get("ms", [])) == 10 and slowest < 1000,
               f"{RATE} a second, calls of {'another' if user == 'calm' else 'the same'} gateway: on the console within a second (slowest {slowest} ms)", r)
    out, err = load.communicate(timeout=90)
    j = json.loads(out) if out else {}
    tap.ok(j.get("sent", 0) >= RATE * 19, f"the load was real: {j.get('sent')} sent, {j.get('acked')} acknowledged", err)
    hub.stop()


def over_limits(tap, tools, varde):
    hub = Hub(varde, tools, limits=False)
    load = hub.flood(40000, 8)
    time.sleep(1)
    r = hub.calls("calm", 8)
    slowest = max(r.get("ms", [1e9]))
    tap.ok(len(r.get("ms", [])) == 8 and slowest < 1000, f"one sender floods over every limit: another's calls take {slowest} ms at most", r)
    load.kill()
    load.wait()
    wrong = hub.calls("clock", 3)  # the same gateway as calm, its devices' clocks three days off
    tap.ok(len(wrong.get("ms", [])) == 3 and max(wrong["ms"]) < 1000, "a device whose clock is three days off is heard at once", wrong)
    tap.ok(wrong.get("flags") == ["clock"], "and its alarm says that the clock was not believed", wrong)
    hub.stop()


def main():
    tap = Tap()
    tools = tempfile.mkdtemp(prefix="varde-flood-")
    bench.build_tools(tools)
    varde = os.path.abspath(sys.argv[1])
    under_load(tap, tools, varde)
    over_limits(tap, tools, varde)
    shutil.rmtree(tools)
    tap.end()


if __name__ == "__main__":
    main()

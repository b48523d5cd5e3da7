#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""kill -9 at random moments, VARDE_KILLS times (default 100): nothing acknowledged may be lost,
nothing stored twice, every alarm that should stand stands. Prints TAP.

    run.py VARDE_BINARY
"""
import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", "..", ".."))
KILLS = int(os.environ.get("VARDE_KILLS", "100"))
SEED = int(os.environ.get("VARDE_SEED", str(int(time.time()))))


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    return port


class Hub:
    def __init__(self, binary, state):
        self.binary, self.state = binary, state
        self.mqtt, self.http = free_port(), free_port()
        self.config = os.path.join(state, "varde.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"state_dir: {state}\norigin: kill.test\nlog_level: warning\n"
                    f"mqtt:\n  bind: 127.0.0.1\n  port: {self.mqtt}\n"
                    f"http:\n  bind: 127.0.0.1\n  port: {self.http}\n"
                    f"report:\n  enabled: false\n")
        self.log = open(os.path.join(state, "hub.log"), "ab")
        self.process = None

    def start(self):
        self.process = subprocess.Popen([self.binary, "serve", "--config", self.config],
                                        stdout=self.log, stderr=self.log)
        deadline = time.time() + 30
        while time.time() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"Bail out! the hub ended with {self.process.returncode}; see {self.log.name}")
            try:
                socket.create_connection(("127.0.0.1", self.http), 0.2).close()
                socket.create_connection(("127.0.0.1", self.mqtt), 0.2).close()
                return
            except OSError:
                time.sleep(0.02)
        raise SystemExit("Bail out! the hub did not open its doors")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)


def read_acked(path):
    with open(path, encoding="utf-8") as f:
        return [line.split() for line in f.read().split("\n")[:-1]]


def check(db, acked):
    """The promises, each as (name, list of what breaks it)."""
    names = {k: (g, i) for k, g, i in db.execute(
        "SELECT d.id, g.user, d.identity FROM device d JOIN gateway g ON g.id = d.gateway")}
    rows, calls = {}, {}
    for (body,) in db.execute("SELECT body FROM journal ORDER BY seq"):
        e = json.loads(body)
        name = names.get(e.get("device"))
        if not name or e.get("seq", -1) < 0:
            continue
        key = (*name, e["seq"])
        rows[key] = rows.get(key, 0) + 1
        if e["kind"] == "sos":
            calls[name] = calls.get(name, 0) + 1
    lost = [" ".join(a) for a in acked if (a[0], a[1], int(a[2])) not in rows]
    twice = [f"{k}: {n} times" for k, n in rows.items() if n > 1]
    alarms = {(u, i): n for u, i, n in db.execute(
        "SELECT g.user, d.identity, sum(a.count) FROM alarm a JOIN device d ON d.id = a.device"
        " JOIN gateway g ON g.id = d.gateway WHERE a.kind = 'sos' AND a.handling != 'closed'"
        " GROUP BY 1, 2")}
    wrong = [f"{k}: {n} calls, alarm counts {alarms.get(k)}" for k, n in calls.items() if alarms.get(k) != n]
    return [("every acknowledged message is in the journal", lost),
            ("nothing is in the journal twice", twice),
            ("every alarm that should stand stands, counting every call", wrong),
            (f"there were calls for help: {sum(calls.values())}", [] if calls else ["none"])]


def main():
    binary = os.path.abspath(sys.argv[1])
    random.seed(SEED)
    state = tempfile.mkdtemp(prefix="varde-kill-")
    hub = Hub(binary, state)
    hub.start()
    subprocess.run([sys.executable, os.path.join(ROOT, "tests/harness/region.py"),
                    os.path.join(state, "varde.db")], check=True)
    acked_file = os.path.join(state, "acked")
    time.sleep(1.5)
    load = subprocess.Popen(["node", os.path.join(HERE, "load.mjs"), acked_file, str(hub.mqtt), str(hub.http)],
                            stdout=subprocess.PIPE, text=True, cwd=os.path.join(ROOT, "tests"))
    print(f"# {KILLS} kills, seed {SEED}, state {state}", flush=True)
    for n in range(KILLS):
        time.sleep(random.uniform(0.05, 0.9))
        hub.kill()
        hub.start()
        if n % 20 == 19:
            print(f"# {n + 1} kills, {len(read_acked(acked_file))} acknowledged", flush=True)
    time.sleep(1)
    load.terminate()
    summary = load.communicate(timeout=60)[0].strip()
    time.sleep(1)
    ended = hub.stop()
    acked = read_acked(acked_file)
    db = sqlite3.connect(os.path.join(state, "varde.db"))
    tests = check(db, acked)
    verify = subprocess.run([binary, "verify", "--db", os.path.join(state, "varde.db")],
                            capture_output=True, text=True, check=False)
    tests += [("the journal agrees with its signed checkpoints", [] if verify.returncode == 0 else [verify.stdout + verify.stderr]),
              ("the sender got an answer for everything", [] if load.returncode == 0 else [summary]),
              ("the hub stopped in order", [] if ended == 0 else [f"exit {ended}"]),
              (f"the load was real: {len(acked)} acknowledged", [] if len(acked) > 20 * KILLS else [summary])]
    print(f"# {summary}")
    for i, (name, broken) in enumerate(tests, 1):
        print(f"{'not ok' if broken else 'ok'} {i} - {name}")
        for b in broken[:5]:
            print(f"#   {b}")
    print(f"1..{len(tests)}")
    sys.exit(1 if any(b for _, b in tests) else 0)


if __name__ == "__main__":
    main()

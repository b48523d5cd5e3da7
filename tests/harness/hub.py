# SPDX-License-Identifier: EUPL-1.2
"""A real varde serve for end-to-end tests: start, kill, stop, ask; and TAP."""
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PASSWORD = "korrekt hest batteri"


def free_port():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
    s.close()
    return port


class Hub:
    """State in a folder of its own; `extra` is further YAML."""

    def __init__(self, binary, extra="", env=None, mqtt_plain=False):
        self.binary, self.env = os.path.abspath(binary), env or {}
        self.state = tempfile.mkdtemp(prefix="varde-e2e-")
        self.db = os.path.join(self.state, "varde.db")
        self.mqtt, self.http, self.plain = free_port(), free_port(), free_port()
        self.config = os.path.join(self.state, "varde.yaml")
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(f"state_dir: {self.state}\norigin: e2e.test\nlog_level: warning\n"
                    f"mqtt:\n  bind: 127.0.0.1\n  port: {self.mqtt}\n"
                    + (f"  plain_port: {self.plain}\n" if mqtt_plain else "") +
                    f"http:\n  bind: 127.0.0.1\n  port: {self.http}\nreport:\n  enabled: false\n{extra}")
        self.log_path = os.path.join(self.state, "hub.log")
        self.process = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([self.binary, "serve", "--config", self.config], stdout=log,
                                            stderr=log, env=dict(os.environ, **self.env))
        end = time.time() + 30
        while time.time() < end:
            if self.process.poll() is not None:
                sys.exit(f"Bail out! the hub ended with {self.process.returncode}: {self.log()}")
            try:
                for port in (self.http, self.mqtt):
                    socket.create_connection(("127.0.0.1", port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.02)
        sys.exit("Bail out! the hub did not open its doors")

    def region(self, devices=50):
        """The small region of region.py, with everybody able to sign in; known to the hub on return."""
        subprocess.run([sys.executable, f"{ROOT}/tests/harness/region.py", self.db, str(devices)], check=True)
        for who in ("anne-lom", "berit-lom", "anne-lesja"):
            subprocess.run([self.binary, "staff", "password", who, "--db", self.db], input=PASSWORD + "\n", text=True,
                           check=True, stdout=subprocess.DEVNULL)
        self.wait(lambda: self.hook("gw-lom", "secret-lom", {"device": "probe", "kind": "device.heartbeat"})[0] == 204)
        return self

    def wait(self, true, seconds=15):
        end = time.time() + seconds
        while time.time() < end:
            if true():
                return True
            time.sleep(0.1)
        return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(30)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as f:
            return f.read()

    def remove(self):
        shutil.rmtree(self.state, ignore_errors=True)

    def ask(self, method, path, body=None, headers=None, raw=None):
        """Status, body (parsed when JSON) and headers."""
        data = raw if raw is not None else json.dumps(body).encode() if body is not None else None
        req = urllib.request.Request(f"https://127.0.0.1:{self.http}{path}", method=method, data=data,
                                     headers=headers or {})
        ctx = ssl.create_default_context()
        ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
        try:
            with urllib.request.urlopen(req, timeout=20, context=ctx) as r:
                status, text, head = r.status, r.read(), r.headers
        except urllib.error.HTTPError as e:
            status, text, head = e.code, e.read(), e.headers
        try:
            return status, json.loads(text), head
        except ValueError:
            return status, text, head

    def hook(self, user, secret, event, family="varde"):
        return self.ask("POST", f"/hook/{family}", event, {"Authorization": f"Bearer {user}:{secret}",
                                                           "Content-Type": "application/json"})

    def sign_in(self, user):
        """Headers that speak for this person, and the session."""
        status, session, head = self.ask("POST", "/api/v1/session", {"user": user, "password": PASSWORD})
        if status != 200:
            return None, session
        return {"Cookie": head["Set-Cookie"].split(";")[0], "X-Varde-CSRF": session["csrf"]}, session


class Tap:
    def __init__(self):
        self.n = self.bad = 0

    def ok(self, good, name, why=""):
        self.n += 1
        self.bad += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}", flush=True)
        if not good and why != "":
            print(f"#   {str(why)[:400]}")
        return good

    def end(self):
        print(f"1..{self.n}")
        sys.exit(1 if self.bad or not self.n else 0)

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""A platform of straw, over HTTP and HTTPS on loopback: answers as its paths say, and notes every
request as a line of JSON in FOLDER/requests.jsonl. Ends when its standard input does.

    platform.py FOLDER

Makes FOLDER/ca.pem, the authority of its certificate (for localhost), and writes one line: the ports
of http and https. Paths: /status/NNN... answers so; /slow never; /drip a byte a second; /big a
megabyte; /cut closes without an answer; /head sends a head without end; all else 202."""
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time

folder = sys.argv[1]
notes = threading.Lock()


class Platform(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, body):
        with notes, open(f"{folder}/requests.jsonl", "a", encoding="utf-8") as f:
            f.write(json.dumps({"method": self.command, "path": self.path, "headers": dict(self.headers),
                                "body": body.decode(errors="replace")}) + "\n")

    def answer(self, status, body=b"{}", length=None):
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def handle_any(self):
        self.note(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        parts = self.path.strip("/").split("/")
        last = parts[1] if parts[0] == "status" else parts[-1]
        self.close_connection = last in ("slow", "drip", "big", "cut", "head")
        try:
            if last == "slow":
                time.sleep(30)
            elif last == "drip":
                self.answer(200, b"{", 60)
                for _ in range(60):
                    time.sleep(1)
                    self.wfile.write(b" ")
            elif last == "big":
                self.answer(200, b" " * (1 << 20))
            elif last == "head":
                self.send_response(200)
                self.flush_headers()
                for i in range(100000):
                    self.wfile.write(b"X-%d: %s\r\n" % (i, b"a" * 1000))
            elif last == "cut":
                self.connection.close()
            elif last.isdigit():
                self.answer(int(last))
            else:
                self.answer(202)
        except (OSError, ValueError):
            pass

    do_POST = do_PUT = do_GET = handle_any


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # clients that go away are what is being tried


def serve(tls):
    server = Quiet(("127.0.0.1", 0), Platform)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


os.makedirs(folder, exist_ok=True)
subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", f"{folder}/key.pem",
                "-out", f"{folder}/ca.pem"], check=True, capture_output=True)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/ca.pem", f"{folder}/key.pem")
open(f"{folder}/requests.jsonl", "w", encoding="utf-8").close()
print(serve(None), serve(context), flush=True)
sys.stdin.read()

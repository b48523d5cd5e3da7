# SPDX-License-Identifier: EUPL-1.2
"""A console's WebSocket (RFC 6455) over TLS, as small as the tests need it."""
import base64
import json
import os
import select
import socket
import ssl
import struct
import time


def tls(port, **how):
    ctx = ssl.create_default_context()
    ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
    for name, value in how.items():
        setattr(ctx, name, value)
    return ctx.wrap_socket(socket.create_connection(("127.0.0.1", port), 5))


def upgrade(port, cookie="", protocol="varde.live.1", origin="https://hub", to="websocket"):
    """Asks for an upgrade; the socket and the answer's first line ("" when it was closed)."""
    s = tls(port)
    lines = ["GET /api/v1/live HTTP/1.1", "Host: hub", f"Upgrade: {to}", "Connection: Upgrade, HTTP2-Settings",
             "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA", "Sec-WebSocket-Version: 13",
             "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
    lines += [f"Sec-WebSocket-Protocol: {protocol}"] if protocol else []
    lines += [f"Origin: {origin}"] if origin else []
    lines += [f"Cookie: {cookie}"] if cookie else []
    s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    s.settimeout(5)
    head = b""
    try:
        while b"\r\n\r\n" not in head:
            part = s.recv(1)
            if not part:
                break
            head += part
    except OSError:
        pass
    return s, head.decode(errors="replace").split("\r\n")[0]


class Live:
    """Signed in with the headers of Hub.sign_in; every message with the time it came."""

    def __init__(self, port, who):
        self.s, answer = upgrade(port, who["Cookie"])
        if " 101 " not in answer:
            raise OSError(f"no upgrade: {answer!r}")
        self.s.setblocking(False)
        self.data, self.seen = b"", []
        self.say({"type": "hello", "epoch": "", "seq": 0})

    def frame(self, payload, opcode=1, last=True):
        mask, n = os.urandom(4), len(payload)
        size = struct.pack("!B", 0x80 | n) if n < 126 else struct.pack("!BH", 0x80 | 126, n)
        body = bytes(b ^ mask[i % 4] for i, b in enumerate(payload))
        self.s.setblocking(True)
        self.s.sendall(bytes([(0x80 if last else 0) | opcode]) + size + mask + body)
        self.s.setblocking(False)

    def say(self, message):
        self.frame(json.dumps(message).encode())

    def _take(self):
        while len(self.data) >= 2:
            n, at = self.data[1] & 127, 2
            if n == 126:
                n, at = struct.unpack("!H", self.data[2:4].ljust(2, b"\0"))[0], 4
            elif n == 127:
                n, at = struct.unpack("!Q", self.data[2:10].ljust(8, b"\0"))[0], 10
            if len(self.data) < at + n:
                return
            opcode, text, self.data = self.data[0] & 15, self.data[at:at + n], self.data[at + n:]
            if opcode == 1:
                m = json.loads(text)
                if m["type"] == "beat":
                    self.say({"type": "here"})
                for one in m.get("list", [m]):
                    self.seen.append((time.time(), one))

    def read(self, seconds):
        """Takes what comes for so long; false when the hub has closed it."""
        end = time.time() + seconds
        while (left := end - time.time()) > 0:
            if not self.s.pending():
                select.select([self.s], [], [], left)
            try:
                part = self.s.recv(65536)
            except ssl.SSLWantReadError:
                continue
            except OSError:
                return False
            if not part:
                return False
            self.data += part
            self._take()
        return True

    def until(self, match, seconds):
        """The time a message came for which match(message) is true; None when none came."""
        end, at = time.time() + seconds, 0
        while True:
            for when, m in self.seen[at:]:
                if match(m):
                    return when
            at = len(self.seen)
            if time.time() >= end or not self.read(0.02):
                return None

    def close(self):
        self.s.close()

# SPDX-License-Identifier: EUPL-1.2
"""MQTT as bytes: what a well-behaved client library would never send."""
import json
import socket
import ssl
import struct

TYPES = {1: "CONNECT", 2: "CONNACK", 3: "PUBLISH", 4: "PUBACK", 5: "PUBREC", 6: "PUBREL", 7: "PUBCOMP", 9: "SUBACK",
         11: "UNSUBACK", 13: "PINGRESP", 14: "DISCONNECT"}


def text(s):
    b = s if isinstance(s, bytes) else s.encode()
    return struct.pack("!H", len(b)) + b


def packet(first, body=b""):
    n, size = len(body), b""
    while True:
        size += bytes([n & 127 | (128 if n > 127 else 0)])
        n >>= 7
        if not n:
            return bytes([first]) + size + body


def connect(version=5, user="gw-lom", password="secret-lom", client="raw", clean=True, keep_alive=60, expiry=0, will=None,
            props=b"", flags=0):
    flags |= (2 if clean else 0) | (0x80 if user is not None else 0) | (0x40 if password is not None else 0)
    if version == 5 and expiry:
        props = b"\x11" + struct.pack("!I", expiry) + props
    body = text("MQTT") + bytes([version, flags | (0x0C if will else 0)]) + struct.pack("!H", keep_alive)
    body += bytes([len(props)]) + props if version == 5 else b""
    body += text(client)
    if will:
        topic, payload, delay = will
        body += (b"\x05\x18" + struct.pack("!I", delay) if version == 5 else b"") + text(topic) + text(payload)
    for part in (user, password):
        body += text(part) if part is not None else b""
    return packet(0x10, body)


def publish(topic, payload, qos=1, number=1, version=5, dup=False):
    body = text(topic) + (struct.pack("!H", number) if qos else b"") + (b"\0" if version == 5 else b"")
    payload = json.dumps(payload).encode() if isinstance(payload, dict) else payload
    return packet(0x30 | qos << 1 | (8 if dup else 0), body + payload)


class Client:
    made = 0  # each comes from an address of its own: wrong sign-ins from one are answered late

    def __init__(self, port, cert=None, tls=True, **how):
        self.data, self.version = b"", how.get("version", 5)
        self.s = socket.create_connection(("127.0.0.1", port), 5, (f"127.0.1.{Client.made % 250 + 1}", 0))
        Client.made += 1
        self.s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            ctx = ssl.create_default_context()
            ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
            if cert:
                ctx.load_cert_chain(*cert)
            self.s = ctx.wrap_socket(self.s)
        self.connack = None
        if how:
            self.say(connect(**how))
            self.connack = self.hear()

    def say(self, *packets):
        self.s.sendall(b"".join(packets))

    def hear(self, wait=5):
        """The next packet as (name, body); ("closed", b"") at the end, ("silence", b"") when none comes."""
        self.s.settimeout(wait)
        while True:
            size, at = 0, 1
            while at < len(self.data):
                size |= (self.data[at] & 127) << 7 * (at - 1)
                at += 1
                if not self.data[at - 1] & 128:
                    break
            if at > 1 and not self.data[at - 1] & 128 and len(self.data) >= at + size:
                name, body = TYPES.get(self.data[0] >> 4, "?"), self.data[at:at + size]
                self.data = self.data[at + size:]
                return name, body
            try:
                part = self.s.recv(65536)
            except TimeoutError:
                return "silence", b""
            except OSError:
                part = b""
            if not part:
                return "closed", b""
            self.data += part

    def present(self):
        return bool(self.connack[1][0] & 1)

    def reason(self):
        """Of its sign-in."""
        return self.connack[1][1] if self.connack[0] == "CONNACK" else self.connack[0]

    def end(self, reason=None):
        """How the hub ends it: its DISCONNECT's reason code, or "closed"."""
        while True:
            name, body = self.hear()
            if name == "DISCONNECT":
                reason = body[0] if body else 0
            elif name == "closed":
                return "closed" if reason is None else reason
            elif name == "silence":
                return "still open"

    def close(self, politely=True):
        try:
            if politely:
                self.say(packet(0xE0))
            self.s.close()
        except OSError:
            pass


def main():
    raise SystemExit("a module of run.py")


if __name__ == "__main__":
    main()

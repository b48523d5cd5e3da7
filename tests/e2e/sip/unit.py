# SPDX-License-Identifier: EUPL-1.2
"""An alarm unit in Python: SIP over UDP, TCP or TLS with digest, raw packets where a test wants them."""
import hashlib
import re
import secrets
import select
import socket
import ssl
import threading
import time


def value(text, name):
    """A header's first value."""
    m = re.search(rf"^{name}\s*:\s*(.*?)\r?$", text, re.I | re.M)
    return m.group(1) if m else ""


def status(text):
    return int(text.split()[1]) if text and text.startswith("SIP/2.0 ") else 0


class Unit:
    """`unit` is its own name, `user` and `secret` its account; `answers`: whether it answers what it is sent."""

    def __init__(self, hub, unit, user="", secret="", how="udp", source="127.0.0.1", answers=True, sock=None):
        self.hub, self.unit, self.user, self.secret, self.how = hub, unit, user, secret, how
        self.answers, self.cseq, self.nonce, self.nc = answers, 0, None, 0
        self.responses, self.requests, self.pongs, self.times = [], [], 0, []
        self.cond, self.tls_lock = threading.Condition(), threading.Lock()
        self.open = True
        if sock:
            self.sock = sock
        elif how == "udp":
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sock.bind((source, 0))
            self.sock.connect(("127.0.0.1", hub.sip))
        else:
            self.sock = socket.create_connection(("127.0.0.1", hub.sips if how == "tls" else hub.sip), 5)
            if how == "tls":
                ctx = ssl.create_default_context()
                ctx.check_hostname, ctx.verify_mode = False, ssl.CERT_NONE
                self.sock = ctx.wrap_socket(self.sock)
        self.sock.settimeout(0.2)
        self.port = self.sock.getsockname()[1]
        self.ear = threading.Thread(target=self.listen, daemon=True)
        self.ear.start()

    # -- bytes

    def listen(self):
        rest = b""
        while self.open:
            try:
                data = self.receive()
            except TimeoutError:
                continue
            except OSError:
                return
            if not data and self.how != "udp":
                return
            if self.how == "udp":
                self.heard(data.decode(errors="replace"))
                continue
            rest += data
            while rest:
                if rest.startswith(b"\r\n"):
                    self.pongs, rest = self.pongs + 1, rest[2:]
                    continue
                head, mark, body = rest.partition(b"\r\n\r\n")
                n = int(value(head.decode(errors="replace"), "Content-Length") or 0)
                if not mark or len(body) < n:
                    break
                self.heard((head + mark + body[:n]).decode(errors="replace"))
                rest = body[n:]

    def receive(self):
        if self.how != "tls":
            return self.sock.recv(65536)
        if not self.sock.pending() and not select.select([self.sock], [], [], 0.2)[0]:
            raise TimeoutError
        with self.tls_lock:  # a TLS connection is one thread's at a time
            return self.sock.recv(65536)

    def heard(self, text):
        with self.cond:
            (self.responses if status(text) else self.requests).append(text)
            self.times.append(time.time())
            self.cond.notify_all()
        if not status(text) and self.answers:
            lines = [f"{n}: {value(text, n)}" for n in ("Via", "From", "To", "Call-ID", "CSeq")]  # To without a tag, as seen
            self.send("\r\n".join(["SIP/2.0 200 OK"] + lines + ["Content-Length: 0", "", ""]))

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        if self.how != "tls":
            self.sock.send(data)
            return
        with self.tls_lock:
            self.sock.sendall(data)

    def wait(self, box, true, seconds=6):
        end = time.time() + seconds
        with self.cond:
            while True:
                for text in box:
                    if true(text):
                        return text
                if time.time() >= end or not self.cond.wait(max(0.01, end - time.time())):
                    return next((t for t in box if true(t)), "")

    # -- messages

    def text(self, method, body=b"", extra="", branch=None, call=None, cseq=None, rport=True, kind="application/scaip+xml", via_port=None,
             uri=None):
        self.cseq += 1
        proto = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}[self.how]
        body = body.encode() if isinstance(body, str) else body
        to = self.unit if method == "REGISTER" else "arc"
        head = (f"{method} {uri or 'sip:arc@127.0.0.1'} SIP/2.0\r\n"
                f"Via: SIP/2.0/{proto} 127.0.0.1:{via_port or self.port};branch={branch or 'z9hG4bK' + secrets.token_hex(8)}"
                f"{';rport' if rport else ''}\r\nMax-Forwards: 70\r\nFrom: <sip:{self.unit}@alarm.example>;tag=x\r\n"
                f"To: <sip:{to}@alarm.example>\r\nCall-ID: {call or secrets.token_hex(8)}\r\nCSeq: {cseq or self.cseq} {method}\r\n{extra}")
        if body or method == "MESSAGE":
            head += f"Content-Type: {kind}\r\n"
        return (head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body

    def ask(self, packet, seconds=6):
        """Its final response; on UDP, where packets may be lost, sent again every other second."""
        text = packet.decode(errors="replace")
        mine = (value(text, "Call-ID"), value(text, "CSeq"))
        end = time.time() + seconds
        while True:
            self.send(packet)
            left = end - time.time()
            r = self.wait(self.responses, lambda r: (value(r, "Call-ID"), value(r, "CSeq")) == mine,
                          min(left, 2) if self.how == "udp" else left)
            if r or time.time() >= end - 0.01:
                return r

    def authorization(self, method, challenge, uri="sip:arc@127.0.0.1", secret=None):
        nonce = re.search(r'nonce="([^"]+)"', challenge).group(1)
        self.nc = self.nc + 1 if nonce == self.nonce else 1
        self.nonce = nonce

        def h(s):
            return hashlib.md5(s.encode()).hexdigest()
        secret = self.secret if secret is None else secret
        good = h(f"{h(f'{self.user}:varde:{secret}')}:{nonce}:{self.nc:08x}:cc:auth:{h(f'{method}:{uri}')}")
        return (f'Authorization: Digest username="{self.user}", realm="varde", nonce="{nonce}", uri="{uri}", response="{good}", '
                f'algorithm=MD5, qop=auth, nc={self.nc:08x}, cnonce="cc"\r\n')

    def signed(self, method, body=b"", extra="", secret=None, **how):
        """The request as it goes out signed in: the challenge is fetched first."""
        challenge = self.ask(self.text(method))
        return self.text(method, body, self.authorization(method, challenge, secret=secret) + extra, **how)

    def register(self, contact=None, expires=600):
        how = "" if self.how == "udp" else f";transport={self.how}"
        contact = contact or f"<sip:{self.unit}@127.0.0.1:{self.port}{how}>"
        return self.ask(self.signed("REGISTER", extra=f"Contact: {contact}\r\nExpires: {expires}\r\n"))

    def message(self, xml, **how):
        """A document; status of the 200, and the answer that came as a MESSAGE of its own."""
        before = len(self.requests)
        code = status(self.ask(self.signed("MESSAGE", xml, **how)))
        return code, self.answer(before) if code == 200 else ""

    def answer(self, after=0, seconds=6):
        end = time.time() + seconds
        with self.cond:
            while len(self.requests) <= after and time.time() < end:
                self.cond.wait(max(0.01, end - time.time()))
            return self.requests[after] if len(self.requests) > after else ""

    def close(self):
        """At once for the hub; the descriptor is given back when nobody listens on it any more."""
        self.open = False
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.ear.join()
        self.sock.close()


def snu(text):
    m = re.search(r"<snu>(\d+)</snu>", text)
    return int(m.group(1)) if m else -1

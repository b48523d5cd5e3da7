#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes tests/fuzz/seeds/: decode_<family>/, scaip_reply/ and json/ out of the adapters' samples, mqtt/ and http/
(the operations of fuzz_mqtt.c, the requests of fuzz_http.c) from here. Run it when they change; what it writes is kept in the repository, so that fuzzing needs no step before it."""
import gzip
import json
import os
import sys
import zlib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import decode_target  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def topics(family):
    return decode_target.topics(f"{ROOT}/adapters/{family}/adapter.json")


def nearest(topic, known):
    """The target's topic that ends most like this one."""
    def alike(a, b):
        n = 0
        while n < min(len(a), len(b)) and a[-1 - n] == b[-1 - n]:
            n += 1
        return n
    return max(range(len(known)), key=lambda i: alike(topic, known[i]))


def write(folder, n, data):
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/{n:02d}", "wb") as f:
        f.write(data)


def main():
    seeds = f"{ROOT}/tests/fuzz/seeds"
    bodies = 0
    for family in sorted(os.listdir(f"{ROOT}/adapters")):
        path = f"{ROOT}/adapters/{family}/samples/{family}.jsonl"
        if not os.path.isfile(path):
            continue
        known, frames = topics(family), []
        with open(path, encoding="utf-8") as f:
            for line in map(json.loads, f):
                how = nearest(line["topic"], known) + (8 if line.get("retain") else 0)
                frames.append(bytes([48 + how]) + line["payload"].encode())
                if line["payload"].startswith("{") and bodies < 20:
                    write(f"{seeds}/json", bodies, line["payload"].encode())
                    bodies += 1
        for n in range(0, len(frames), 3):
            write(f"{seeds}/decode_{family}", n // 3, b"\x1e".join(frames[n:n + 3]))
        for n, frame in enumerate(frames if family == "scaip" else []):  # outcome and configuration, then the request
            write(f"{seeds}/scaip_reply", n, bytes([n * 37 % 256]) + frame[1:])
    doors(seeds)
    sip(seeds)


def sip(seeds):
    """Operations of fuzz_sip.c."""
    def op(kind, body, flags=0):
        return bytes([kind, len(body) & 255, len(body) >> 8 | flags << 6]) + body

    def text(method="MESSAGE", lines="", body="", via="SIP/2.0/UDP 10.0.0.5:5062;branch=z9hG4bK-1;rport"):
        return (f"{method} sip:arc@hub.example SIP/2.0\r\nVia: {via}\r\nFrom: <sip:7001@h>;tag=a\r\nTo: <sip:arc@h>\r\n"
                f"Call-ID: 1@u\r\nCSeq: 1 {method}\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}").encode()
    auth = ('Authorization: Digest username="u", realm="varde", nonce="n", uri="sip:h", response="0", algorithm=SHA-256, qop=auth,'
            ' nc=00000001, cnonce="c"\r\n')
    ok = op(2, b"Content-Type: application/scaip+xml")
    packs = [zlib.compress(b"<mrq>1</mrq>"), zlib.compress(b"<mrq>1</mrq>")[2:-4], gzip.compress(b"<mrq>1</mrq>", mtime=0)]
    inputs = [op(0, text()), op(0, text("OPTIONS")), op(0, text("REGISTER", auth)), op(0, text(lines=auth, body="<mrq/>")),
              op(0, text("INVITE") + b"v=0"), op(1, text() + b"\r\n\r\n" + text("OPTIONS")), op(1, text(body="abc")[:-2]) + op(1, b"bc"),
              ok + b"\x05\x00" + b"\x08\x22", ok + ok + b"\x05\x01" + b"\x06\x09" + b"\x08\x65" + b"\x06\x50",
              op(3, b"Contact: <sip:7@192.0.2.1:5060;transport=tcp>;expires=60, <sip:7@[2001:db8::1]>") + ok + b"\x05\x02\x06\xff",
              op(3, b"Contact: *\r\nExpires: 0"), op(3, b"Require: path\r\nMax-Forwards: 0"), ok + b"\x09" + ok + b"\x05\x03",
              op(4, packs[0], 1) + b"\x05\x00", op(4, packs[1], 1) + b"\x07", op(4, packs[2]) + b"\x05\x00\x08\x21",
              op(0, b"MESSAGE sip:a@b SIP/2.0\nv: SIP/2.0/UDP h\nf: \"A\" <sip:7%40@[::1]>\nt: sip:b\ni: 1\nCSeq: 1 MESSAGE\nl: -1\n\nx")]
    for n, data in enumerate(inputs):
        write(f"{seeds}/sip", n, data)


def packet(kind, body):
    n, length = len(body), b""
    while True:
        length += bytes([n % 128 | (128 if n > 127 else 0)])
        n //= 128
        if not n:
            return bytes([kind]) + length + body


def text(s):
    return len(s).to_bytes(2, "big") + s.encode()


def send(data):
    return b"".join(b"\0" + bytes([len(data[i:i + 255])]) + data[i:i + 255] for i in range(0, len(data), 255))


def doors(seeds):
    say = lambda v, qos, pid, topic, body: packet(  # noqa: E731
        0x30 | qos << 1, text(topic) + (pid.to_bytes(2, "big") if qos else b"") + (b"\0" if v == 5 else b"") + body)
    n = 0
    for v in (4, 5):
        join = bytes([2, v])
        props = b"\0" if v == 5 else b""
        will = packet(0x10, text("MQTT") + bytes([v, 0xEE]) + b"\0\x0a" + (b"\x05\x11\0\0\0\x3c" if v == 5 else b"") + text("w") +
                      (b"\x05\x18\0\0\0\5" if v == 5 else b"") + text("state") + text("offline") + text("gw") + text("pw"))
        for ops in (
                join + send(say(v, 0, 0, "z/a", b"{}")) + b"\4\7",
                join + send(say(v, 1, 1, "z/a", b"{}") + say(v, 1, 2, "z/b", b"{}")) + b"\5\3\5\0\7" + send(packet(0xC0, b"")) + b"\7",
                join + send(say(v, 2, 7, "z/a", b"x")) + b"\4\7" + send(packet(0x62, b"\0\7")) + b"\7" + send(say(v, 2, 7, "z/a", b"x")) + b"\4",
                join + send(packet(0x82, b"\0\1" + props + text("a/#") + b"\1")) + b"\x08\7" + send(packet(0x40, b"\0\1")) + send(packet(0xA2, b"\0\2" + props + text("a/#"))) + b"\7",
                send(will) + b"\7\6\x3c\4" + send(will) + b"\7\3\6\x0a\4",
                join + send(say(v, 1, 9, "z/a", b"late")) + b"\3" + join + b"\4\7" + send(say(v, 1, 9, "z/a", b"late")) + b"\1\1" + join + b"\1\0\7",
                join + send(packet(0xE0, b"\4" + b"\0" if v == 5 else b""))):
            write(f"{seeds}/mqtt", n, ops)
            n += 1
    requests = (
        b"\x00/healthz\n", b"\x08/api/v1/alarms\n", b"\x08/api/v1/alarms?closed=1&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&limit=5\n",
        b"\x08/api/v1/devices?filter=silent\n", b"\x08/api/v1/staff\n", b"\x08/api/v1/status\n", b"\x08/api/v1/reports\n",
        b"\x08/reports/2026-11-23/3434.html\n", b"\x00/metrics\n", b"\x00/assets/main.js\n", b"\x08/api/v1/session\n",
        b'\x01/api/v1/session\n{"user":"anne","password":"pw"}', b'\x1a/api/v1/session\n{"language":"nn"}', b"\x1b/api/v1/session\n",
        b'\x19STEP\n{"step":"acknowledge","version":1}', b'\x19STEP\n{"step":"close","outcome":"helped","note":"Alt vel"}',
        b'\x19STEP\n{"step":"shelve","shelve_minutes":30,"note":"x"}', b'\x19STEP\n{"step":"transfer","target":1}', b'\x19STEP\n{"step":"note","note":"x"}',
        b'!/hook/varde/x?event=up\n{"device":"knapp","kind":"sos","state":"on","id":"1"}', b"!/hook/zigbee2mqtt/x\n{}",
        b"A/hook/varde?Basic YmFzZTpzZWNyZXQ=\n[]", b"\x48/api/v1/alarms?__Host-varde=abc; varde=def\n",
        b'\x80x\n{"type":"hello","epoch":"","seq":0}', b'\x80x\n{"type":"hello","epoch":"01J","seq":99}', b'\x80x\n{"type":"events","on":true}',
        b'\x80x\n{"type":"here"}', b'\x19COMMAND\n{"verb":"ring","key":"k1"}', b'\x19COMMAND\n{"verb":"unlock","key":"k2","reason":"Svarer ikke"}',
        b'\x19COMMAND\n{"verb":"interval","minutes":1440,"key":"k3","alarm":"01ARZ3NDEKTSV4RRFFQ69G5FAV"}', b"\x08COMMAND\n",
        b"\x08/api/v1/commands/01ARZ3NDEKTSV4RRFFQ69G5FAV\n", b'\x19/api/v1/devices/99999999999999999999/commands\n{"verb":"lock","key":""}')
    for i, r in enumerate(requests):
        write(f"{seeds}/http", i, r)


main()

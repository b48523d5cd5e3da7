#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The MQTT door of a real hub: broken packets, too large ones, credentials, certificates, wills, sessions,
a wrong clock and a flood, each while others go on undisturbed. TAP.

VARDE_FLOOD_RATE: telemetry messages a second that one sender offers (10000).
"""
import hashlib
import json
import os
import sqlite3
import ssl
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "..", "harness"), os.path.join(HERE, "..", "web"), HERE]
from hub import Hub, Tap  # noqa: E402
from live import Live  # noqa: E402
from wire import Client, connect, packet, publish, text  # noqa: E402

LOM = {"user": "gw-lom", "password": "secret-lom"}
LESJA = {"user": "gw-lesja", "password": "secret-lesja"}
ID = b"\0\1"


def sos(device, key, **more):
    return {"device": device, "kind": "sos", "state": "on", "id": key, **more}


class Other:
    """Another gateway's connection that must not notice anything."""

    def __init__(self, hub):
        self.c, self.n = Client(hub.mqtt, client="other", **LESJA), 0

    def well(self):
        self.n += 1
        self.c.say(publish("varde/x", {"device": "sos-40", "kind": "measure.temperature", "value": self.n}, 1, self.n))
        return self.c.hear() == ("PUBACK", struct.pack("!H", self.n))


def broken_connects(hub, tap, other):
    base = connect(client="b")
    for name, data, want in (
            ("no CONNECT at first", packet(0xC0), "closed"),
            ("a version nobody knows", connect(version=5).replace(b"MQTT\x05", b"MQTT\x09"), 0x84),
            ("another protocol's name", base.replace(b"MQTT", b"MQTX"), 0x84),
            ("CONNECT with the reserved flag", connect(flags=1), 0x81),
            ("a will's QoS without a will", connect(flags=8), 0x81),
            ("CONNECT that ends too early", packet(0x10, base[2:12]), 0x81),
            ("CONNECT with bytes left over", packet(0x10, base[2:] + b"\0"), 0x81),
            ("a property twice", connect(props=b"\x21\0\5\x21\0\5"), 0x82),
            ("a property CONNECT has not", connect(props=b"\x23\0\5"), 0x81),
            ("receive maximum zero", connect(props=b"\x21\0\0"), 0x82),
            ("an authentication method", connect(props=b"\x15" + text("SCRAM")), 0x8C),
            ("a client id that is not UTF-8", connect(client=b"\xff\xfe"), 0x81),
            ("a client id beyond the limit", connect(client="x" * 500), 0x85),
            ("a wrong password", connect(password="wrong"), 0x86),
            ("no credential at all", connect(user=None, password=None), 0x86)):
        c = Client(hub.mqtt)
        c.say(data)
        c.connack = c.hear()
        got = c.reason()
        tap.ok(got == want and c.end() == "closed" and other.well(), f"{name}: {want if want == 'closed' else hex(want)}, that connection only", got)
    for name, how, want in (("a wrong password", {"password": "wrong"}, 4), ("an empty id for a lasting session", {"client": "", "clean": False}, 2)):
        c = Client(hub.mqtt, version=4, **{**LOM, **how})
        tap.ok(c.reason() == want and c.end() == "closed", f"3.1.1, {name}: return code {want}", c.connack)


def broken_packets(hub, tap, other):
    p = {"device": "sos-41", "kind": "measure.temperature", "value": 1}
    good = publish("varde/x", p)
    for name, data, want in (
            ("reserved bits set", b"\xc1\0", 0x81),
            ("packet type 0", b"\0\0", 0x81),
            ("a server's packet", b"\x20\3\0\0\0", 0x82),
            ("a second CONNECT", connect(), 0x82),
            ("AUTH without a method", b"\xf0\0", 0x82),
            ("QoS 3", b"\x36" + good[1:], 0x81),
            ("DUP at QoS 0", b"\x38" + publish("varde/x", p, 0)[1:], 0x81),
            ("packet id 0", publish("varde/x", p, 1, 0), 0x82),
            ("a wildcard in a topic", publish("varde/#", p), 0x81),
            ("a topic that is not UTF-8", publish(b"varde/\xc0\x80", p), 0x81),
            ("a topic with a NUL", publish(b"varde/\0", p), 0x81),
            ("a topic longer than its packet", packet(0x30, b"\xff\xffab"), 0x81),
            ("a topic alias, though none was offered", packet(0x30, text("varde/x") + b"\3\x23\0\1{}"), 0x94),
            ("properties longer than their packet", packet(0x30, text("varde/x") + b"\x7f"), 0x81),
            ("an unknown property", packet(0x30, text("varde/x") + b"\2\x7e\0"), 0x81),
            ("a length of five bytes", b"\x30\xff\xff\xff\xff\1", 0x81),
            ("a length written longer than needed", b"\xc0\x80\0", 0x81),
            ("SUBSCRIBE without a filter", packet(0x82, ID + b"\0"), 0x82),
            ("SUBSCRIBE with a filter that is none", packet(0x82, ID + b"\0" + text("a/#/b") + b"\0"), 0x81),
            ("SUBSCRIBE with reserved options", packet(0x82, ID + b"\0" + text("a") + b"\xc0"), 0x81),
            ("a subscription identifier", packet(0x82, ID + b"\2\x0b\1" + text("a") + b"\0"), 0xA1),
            ("PUBREL without its bit", packet(0x60, ID), 0x81),
            ("PUBACK with a code it has not", packet(0x40, ID + b"\x77"), 0x81),
            ("DISCONNECT with a server's code", packet(0xE0, b"\x8e"), 0x81),
            ("a packet over the limit", b"\x30\xff\xff\xff\x7f", 0x95),
            ("SUBSCRIBE over its limit", packet(0x82, ID + b"\0" + (text("a/b/c/d") + b"\0") * 2000), 0x95),
            ("an id in use at another QoS", publish("varde/x", p, 1, 9) + publish("varde/x", p, 2, 9), 0x82),
            ("more at once than was granted", b"".join(publish("varde/x", {**p, "device": f"sos-{i}"}, 2, i) for i in range(100, 200)), 0x93)):
        c = Client(hub.mqtt, client="broken", **LOM)
        c.say(data)
        got = c.end()
        tap.ok(got == want and other.well(), f"{name}: {hex(want)}, that connection only", got if isinstance(got, str) else hex(got))
    c = Client(hub.mqtt, client="broken", version=4, **LOM)
    c.say(b"\xc1\0")
    tap.ok(c.end() == "closed" and other.well(), "3.1.1 knows no reason: it is closed")


def large(hub, tap, other):
    c = Client(hub.mqtt, client="large", **LOM)
    c.say(publish("varde/x", b'{"device":"sos-41","kind":"sos","state":"on","attrs":"' + b"x" * 262144 + b'"}', 1, 1))
    name, body = c.hear()
    tap.ok((name, body[:3]) == ("PUBACK", b"\0\1\x99") and b"larger" in body, "a message over the limit is refused with its reason", (name, body[:60]))
    c.say(publish("varde/x", b"{oops", 1, 2))
    name, body = c.hear()
    tap.ok((name, body[:3]) == ("PUBACK", b"\0\2\x99") and len(body) > 10, "one that nobody can read too", (name, body[:60]))
    c.say(publish("elsewhere/x", b"{}", 1, 3))
    tap.ok(c.hear()[1][:3] == b"\0\3\x99", "and one on a topic nobody reads")
    c.say(publish("varde/x", {"device": "sos-41", "kind": "measure.temperature", "value": 3}, 1, 4))
    tap.ok(c.hear() == ("PUBACK", b"\0\4") and other.well(), "the next one is taken")
    c.close()


def alarms(hub, who):
    return hub.ask("GET", "/api/v1/alarms", headers=who)[1]["alarms"]


def standing(hub, who, device, seconds=5):
    """The alarm of this device, when one comes."""
    found = []

    def look():
        found[:] = [a for a in alarms(hub, who) if a["device"] and a["device"]["name"] == device]
        return found
    hub.wait(look, seconds)
    return found[0] if found else None


def borders(hub, tap, lom, lesja):
    """A credential speaks for its own gateway's devices in its own municipality."""
    with sqlite3.connect(hub.db, timeout=10) as db:
        db.execute("INSERT INTO device (id, gateway, muni, family, identity, name, lifecycle, placement)"
                   " VALUES (199999, 1, 3434, 'varde', 'only-lom', 'Berre Lom', 'in_use', 100049)")
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'directory_version'")
    hub.wait(lambda: any(d["name"] == "Berre Lom" for d in hub.ask("GET", "/api/v1/devices", headers=lom)[1]["devices"]))
    own = Client(hub.mqtt, client="own", **LOM)
    own.say(publish("varde/x", sos("only-lom", "o1"), 1, 1))
    own.hear()
    before = standing(hub, lom, "Berre Lom")
    stranger = Client(hub.mqtt, client="own", **LESJA)
    own.say(b"\xc0\0")
    tap.ok(own.hear()[0] == "PINGRESP", "another gateway's client id is another's: nobody is thrown out")
    stranger.say(publish("varde/x", sos("only-lom", "o2"), 1, 1))
    tap.ok(stranger.hear() == ("PUBACK", b"\0\1"), "a device of another municipality is told to the hub as one's own")
    time.sleep(0.5)
    after = standing(hub, lom, "Berre Lom")
    tap.ok(before and after["count"] == before["count"] and after["last_at"] == before["last_at"], "there it touches nothing", (before, after))
    def waiting():
        return [(d["identity"], d["municipality"]) for d in hub.ask("GET", "/api/v1/devices?filter=waiting", headers=lesja)[1]["devices"]]
    tap.ok(hub.wait(lambda: ("only-lom", 3432) in waiting()), "here it waits in the list, as what it claims to be", waiting())
    stranger.say(packet(0x82, ID + b"\0" + text("varde/command/gw-lom/#") + b"\1"))
    tap.ok(stranger.hear()[1][-1] == 0x87, "others' commands cannot be subscribed to")
    stranger.say(packet(0x82, ID + b"\0" + text("#") + b"\1"))
    stranger.hear()
    own.say(publish("varde/x", {"device": "sos-42", "kind": "measure.temperature", "value": 3}, 1, 2))
    own.hear()
    tap.ok(stranger.hear(0.5)[0] == "silence", "and what others publish is never passed on")
    own.close()
    stranger.close()


def make_certificates(hub):
    """ca, and of it: lom, nobody, old (run out); false: of another authority of the same name."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=hub.state, check=True, capture_output=True)
    for ca in ("ca", "falseca"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=ca",
                "-keyout", f"{ca}.key", "-out", f"{ca}.pem")
    for name, ca, days in (("lom", "ca", "2"), ("nobody", "ca", "2"), ("old", "ca", "-1"), ("false", "falseca", "2")):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-days", days, "-out", f"{name}.pem")


def register(hub, name):
    """Gateway gw-lom signs in with this certificate from now on."""
    with open(f"{hub.state}/{name}.pem", encoding="ascii") as f:
        print_ = hashlib.sha256(ssl.PEM_cert_to_DER_cert(f.read())).hexdigest()
    with sqlite3.connect(hub.db, timeout=10) as db:
        db.execute("UPDATE gateway SET cert_sha256 = ? WHERE user = 'gw-lom'", (print_,))
        db.execute("UPDATE meta SET value = value + 1 WHERE name = 'directory_version'")


def certificates(hub, tap, other):
    def join(name, **how):
        try:
            return Client(hub.mqtt, cert=(f"{hub.state}/{name}.pem", f"{hub.state}/{name}.key"), client="cert",
                          **{"user": None, "password": None, **how}).reason()
        except OSError:
            return "closed"
    register(hub, "lom")
    tap.ok(hub.wait(lambda: join("lom") == 0), "a gateway signs in with its certificate and no password")
    c = Client(hub.mqtt, cert=(f"{hub.state}/lom.pem", f"{hub.state}/lom.key"), client="cert", user=None, password=None)
    c.say(publish("varde/x", {"device": "sos-43", "kind": "measure.temperature", "value": 3}, 1, 4))
    tap.ok(c.hear() == ("PUBACK", b"\0\4"), "and is heard")
    c.close()
    tap.ok(join("nobody") == 0x86, "a certificate of the authority that no gateway is registered with: 0x86")
    tap.ok(join("lom", user="gw-lesja", password="wrong") == 0x86, "a certificate does not open another gateway: 0x86")
    for name, what in (("false", "another authority"), ("old", "one that has run out")):
        tap.ok(join(name) == "closed" and other.well(), f"a certificate of {what} does not get that far")
    register(hub, "nobody")
    tap.ok(hub.wait(lambda: join("nobody") == 0) and join("lom") == 0x86, "changed for a new one, the old one is worth nothing")
    tap.ok(Client(hub.mqtt, client="pw", **LOM).reason() == 0, "the password still counts")


def sessions(hub, tap, lom):
    how = {"client": "lasting", "clean": False, "expiry": 3600, **LOM}
    c = Client(hub.mqtt, **how)
    tap.ok(not c.present(), "a session begins")
    c.say(publish("varde/x", sos("sos-44", "q2"), 2, 7))
    tap.ok(c.hear() == ("PUBREC", b"\0\7"), "QoS 2: received, stored")
    c.close(politely=False)
    c = Client(hub.mqtt, **how)
    tap.ok(c.present(), "it is still there after the connection broke")
    c.say(publish("varde/x", sos("sos-44", "q2-other"), 2, 7, dup=True))
    tap.ok(c.hear() == ("PUBREC", b"\0\7"), "the message again is known by its id")
    c.say(packet(0x62, b"\0\7"))
    tap.ok(c.hear() == ("PUBCOMP", b"\0\7"), "and released")
    a = standing(hub, lom, "Knapp 44")
    tap.ok(a and a["count"] == 1, "it counted once", a and a["count"])
    c.close()
    four = {"client": "old-kind", "clean": False, "version": 4, **LOM}
    Client(hub.mqtt, **four).close(politely=False)
    tap.ok(Client(hub.mqtt, **four).present(), "3.1.1 keeps its session too")
    first = Client(hub.mqtt, client="twice", **LOM)
    Client(hub.mqtt, client="twice", **LOM)
    tap.ok(first.end() == 0x8E, "who comes with the same client id takes over: 0x8e")


def wills(hub, tap, lom):
    def will(device, delay=0):
        return ("varde/x", json.dumps(sos(device, f"will-{device}")), delay)
    quick = Client(hub.mqtt, client="silent", keep_alive=1, will=will("sos-47"), **LOM)
    t0 = time.time()
    Client(hub.mqtt, client="w1", will=will("sos-45"), **LOM).close(politely=False)
    Client(hub.mqtt, client="w2", will=will("sos-46"), **LOM).close()
    Client(hub.mqtt, client="w3", expiry=60, will=will("sos-48", 2), **LOM).close(politely=False)
    back = Client(hub.mqtt, client="w3", clean=False, expiry=60, **LOM)
    tap.ok(standing(hub, lom, "Knapp 45") is not None, "a connection that breaks leaves its will")
    tap.ok(quick.end() == 0x8D and time.time() - t0 < 4, "silence beyond one and a half keep-alive: 0x8d", time.time() - t0)
    tap.ok(standing(hub, lom, "Knapp 47") is not None, "and its will as well")
    time.sleep(max(0, t0 + 2.5 - time.time()))
    tap.ok(back.present() and not standing(hub, lom, "Knapp 48", 0.2), "who is back before the will's delay has none")
    tap.ok(not standing(hub, lom, "Knapp 46", 0.1), "nor who said goodbye")
    back.close()


def clocks(hub, tap, lom, lesja):
    wrong, right = Client(hub.mqtt, client="wrong", **LOM), Client(hub.mqtt, client="right", **LESJA)
    now = time.time()
    for n, (device, when) in enumerate((("sos-31", "2031-01-01T00:00:00Z"), ("sos-32", "1970-01-01T00:00:09Z")), 1):
        wrong.say(publish("varde/x", sos(device, f"clock{n}", time=when), 1, n))
        tap.ok(wrong.hear() == ("PUBACK", struct.pack("!H", n)), f"a press of {when[:4]} is stored")
    right.say(publish("varde/x", sos("sos-31", "clock", time=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 5))), 1, 1))
    right.hear()
    def at(a):
        return time.mktime(time.strptime(a["raised_at"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone - now
    for device in ("Knapp 31", "Knapp 32"):
        a = standing(hub, lom, device)
        tap.ok(a and "clock" in a["flags"] and abs(at(a)) < 5, "it stands at once, by the hub's clock, and says so", a)
    a = standing(hub, lesja, "Knapp 31")
    tap.ok(a and not a["flags"] and -8 < at(a) < -2, "another's press keeps its own time", a)
    db = sqlite3.connect(hub.db)
    rows = db.execute("SELECT count(*) FROM alarm WHERE kind = 'hub.clock'").fetchone()[0]
    db.close()
    tap.ok(rows == 0, "and the hub does not doubt its own clock")
    wrong.close()
    right.close()


def flood(hub, tap, lesja, what, rate, devices, first):
    """One gateway offers telemetry without measure; another's alarms reach its console all the same."""
    seconds, presses = 7, 20
    screen = Live(hub.http, lesja)
    screen.until(lambda m: m["type"] == "snapshot", 5)
    sender = Client(hub.mqtt, client="calm", **LESJA)
    took, acks = [], []
    with subprocess.Popen([sys.executable, os.path.join(HERE, "flood.py"), str(hub.mqtt), str(devices), str(rate), str(seconds)],
                          stdout=subprocess.PIPE, text=True) as mad:
        screen.read(1)
        for n in range(first, first + presses):
            t0 = time.time()
            sender.say(publish("varde/x", sos(f"sos-{n}", f"flood{n}"), 1, n))
            name = f"Knapp {n}"
            came = screen.until(lambda m: m["type"] == "change" and m["alarm"]["device"]["name"] == name, 5)  # pylint: disable=cell-var-from-loop
            took.append(came - t0 if came else 99)
            acks.append(sender.hear(5) == ("PUBACK", struct.pack("!H", n)))
            screen.read(0.2)
        beats = sum(m["type"] == "beat" for _, m in screen.seen)
        running = mad.poll() is None
        sent, acked, joined = (int(x) for x in mad.communicate(timeout=60)[0].split())
    took.sort()
    print(f"# {what}: {sent // seconds}/s written, {acked // seconds}/s stored, {joined} connections; an alarm on the console after "
          f"{took[presses // 2] * 1000:.0f} ms, at most {took[-1] * 1000:.0f} ms")
    tap.ok(running and sent > 1000 and acked > 0 and all(acks), f"{what}: every press is acknowledged meanwhile", (running, sent, acked, acks))
    tap.ok(took[-1] < 1, "and on the other municipality's console within a second", took)
    tap.ok(beats >= 1, "whose beat goes on")
    screen.close()
    sender.close()


def timed(part, *args):
    t0 = time.time()
    part(*args)
    print(f"# {part.__name__}: {time.time() - t0:.1f} s", flush=True)


def main():
    tap = Tap()
    hub = Hub(sys.argv[1])
    make_certificates(hub)
    with open(hub.config, "r+", encoding="utf-8") as f:
        config = f.read().replace("mqtt:\n", f"mqtt:\n  client_ca: {hub.state}/ca.pem\n")
        f.seek(0)
        f.write(config)
    hub.start().region(300)
    lom, lesja = hub.sign_in("anne-lom")[0], hub.sign_in("anne-lesja")[0]
    other = Other(hub)
    timed(broken_connects, hub, tap, other)
    timed(broken_packets, hub, tap, other)
    timed(large, hub, tap, other)
    timed(borders, hub, tap, lom, lesja)
    timed(certificates, hub, tap, other)
    timed(sessions, hub, tap, lom)
    timed(wills, hub, tap, lom)
    timed(clocks, hub, tap, lom, lesja)
    rate = int(os.environ.get("VARDE_FLOOD_RATE", "10000"))
    timed(flood, hub, tap, lesja, f"{rate} messages a second from one gateway", rate, 290, 60)
    timed(flood, hub, tap, lesja, "one device sending as fast as it can", 100000, 1, 90)
    tap.ok(other.well(), "the other connection has noticed nothing of all this")
    tap.ok(hub.stop() == 0, "it stops in order, without a leak", hub.log()[-1500:])
    hub.remove()
    tap.end()


if __name__ == "__main__":
    main()

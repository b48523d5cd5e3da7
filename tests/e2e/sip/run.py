#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Social alarms over SIP, the carrier's half of the receiver tests (docs/sip.md): a real hub, real packets over UDP, TCP and
TLS, SIPp, people who take the alarm, a disk that is full, kill -9. TAP."""
import gzip
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "harness"))
sys.path.insert(0, HERE)
from hub import Hub, Tap, free_port  # noqa: E402
from unit import Unit, snu, status, value  # noqa: E402

GROUP = {"hold": False, "units": {"700002": {"hold": True}, "700003": {"mrs": "in_200"}, "700004": {"from": "strict"},
                            "700064": {"call": "tel:+4700000000"}}}


def mrq(cid, ref, **more):
    tags = {"ref": ref, "cid": cid, "dty": "0004", **more}
    return "<mrq>" + "".join(f"<{k}>{v}</{k}>" for k, v in tags.items()) + "</mrq>"


class House:
    def __init__(self, binary):
        self.shim = os.path.join(tempfile.mkdtemp(), "nospace.so")
        subprocess.run(["gcc", "-O1", "-shared", "-fPIC", "-D_GNU_SOURCE", "-D_LARGEFILE64_SOURCE", f"{HERE}/../disk/nospace.c", "-o", self.shim,
                        "-ldl"], check=True)
        self.flag = self.shim + ".flag"
        env = {"LD_PRELOAD": self.shim, "VARDE_NOSPACE": self.flag,
               "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        sip, sips = free_port(), free_port()
        self.hub = Hub(binary, env=env, extra=f"sip:\n  enabled: true\n  port: {sip}\n  tls_port: {sips}\n").start().region()
        self.hub.sip, self.hub.sips = sip, sips
        self.secret = self.account("units-lom", GROUP)
        self.solo = self.account("700100", {}, "--sip-sha256")
        self.anne, _ = self.hub.sign_in("anne-lom")
        self.hub.wait(lambda: status(Unit(self.hub, "700001", "units-lom", self.secret).register()) == 200)

    def account(self, user, config, how="--sip"):
        r = subprocess.run([self.hub.binary, "staff", "gateway", "add", "--user", user, "--name", user, "--municipality", "3434", "--family",
                            "scaip", "--config", json.dumps(config), how, "--db", self.hub.db], capture_output=True, text=True, check=True)
        return r.stdout.strip()

    def unit(self, unit="700001", how="udp", **more):
        return Unit(self.hub, unit, "units-lom", self.secret, how, **more)

    def alarms(self, cid):
        """Alarms of a device, newest first, with the closed of the last hour."""
        db = sqlite3.connect(self.hub.db, timeout=10)
        rows = db.execute("SELECT a.id FROM alarm a JOIN device d ON d.id = a.device WHERE d.identity = ? AND d.family = 'scaip'",
                          (cid,)).fetchall()
        db.close()
        return [r[0] for r in rows]

    def raised(self, cid, n=1):
        """Its alarms, when they are on the disk as well: that many and no more."""
        self.hub.wait(lambda: len(self.alarms(cid)) >= n, 5)
        time.sleep(0.2)
        return len(self.alarms(cid)) == n

    def metric(self, name):
        text = self.hub.ask("GET", "/metrics")[1]
        text = text.decode() if isinstance(text, bytes) else str(text)
        m = re.search(rf"^{name} (\d+)$", text, re.M)
        return int(m.group(1)) if m else -1


def what_needs_no_account(house, tap):
    u = house.unit()
    r = u.ask(u.text("OPTIONS"))
    tap.ok(status(r) == 200 and "MESSAGE" in value(r, "Allow") and "scaip+xml" in value(r, "Accept"), "R25 OPTIONS is 200, with what we take", r)
    for method in ("INVITE", "SUBSCRIBE", "FOO"):
        r = u.ask(u.text(method))
        tap.ok(status(r) == 405 and "MESSAGE" in value(r, "Allow"), f"R25 {method} is 405 with Allow", r)
    tap.ok(status(u.ask(u.text("OPTIONS", extra="Require: 100rel\r\n"))) == 420, "an extension we do not have is 420")
    whole = u.text("MESSAGE", "<mrq>cut off")
    r = u.ask(whole[:-3])
    tap.ok(status(r) == 400, "a body shorter than its length is 400, not lost", r)
    u.send(b"\x00\x01\x02")
    u.send("MESSAGE sip:x SIP/2.0\r\nContent-Length: -5\r\n\r\n")
    tap.ok(status(u.ask(u.text("OPTIONS"))) == 200, "rubbish disturbs nobody")


def who_gets_in(house, tap):
    u = house.unit("700010")
    r = u.ask(u.text("MESSAGE", mrq("700010", "A1")))
    tap.ok(status(r) == 401 and "Digest" in value(r, "WWW-Authenticate") and "Basic" not in r, "R15 a stranger is challenged with a digest", r)
    r = u.ask(u.text("MESSAGE", mrq("700010", "A1"), "Authorization: Basic dW5pdHMtbG9tOng=\r\n"))
    tap.ok(status(r) == 401, "R15 Basic is refused", r)
    r = u.ask(u.signed("MESSAGE", mrq("700010", "A1"), secret="feil"))
    tap.ok(status(r) == 403, "R15 a wrong password is 403", r)
    time.sleep(0.3)
    tap.ok(not house.alarms("700010"), "R15 and neither is an alarm")
    code, answer = u.message(mrq("700010", "A1"))
    tap.ok((code, snu(answer)) == (200, 0), "R15 the right one is in", (code, answer))
    code, answer = house.unit("700011").message(mrq("700011", "A1"))
    tap.ok(snu(answer) == 0 and house.raised("700011"), "R15 another unit of the same group account too")
    code, answer = house.unit("900000").message(mrq("700012", "A1"))
    tap.ok(snu(answer) == 0 and house.raised("700012"), "R15 From is not the cid: heard and flagged", answer)
    code, answer = house.unit("900001").message(mrq("700004", "A1"))
    tap.ok(snu(answer) == 99, "R15 From is not the cid, where that is strict: snu 99", answer)
    solo = Unit(house.hub, "700100", "700100", house.solo)
    r = solo.ask(solo.text("MESSAGE"))
    tap.ok(r.find("SHA-256") in range(r.find("MD5")), "SHA-256 is offered first where the account has it", r)
    stranger = Unit(house.hub, "1", "nobody", "x")
    tap.ok(status(stranger.ask(stranger.signed("REGISTER"))) == 403 and house.metric("varde_sip_auth_failures_total") >= 2,
           "an account nobody has is 403, and counted")


def documents(house, tap):
    u = house.unit()
    tap.ok(status(u.register()) == 200, "R25 REGISTER is 200")
    code, answer = u.message(mrq("700001", "B1"))
    tap.ok(code == 200 and snu(answer) == 0 and "<ref>B1</ref>" in answer, "R1 the smallest request: 200, then snu 0 in a MESSAGE of its own",
           answer)
    tap.ok(value(answer, "Content-Type") == "application/scaip+xml" and answer.startswith(f"MESSAGE sip:700001@127.0.0.1:{u.port}"),
           "R1 it goes to the registered contact", answer)
    tap.ok(house.raised("700001"), "R1 and is an alarm")
    waiting = subprocess.run([house.hub.binary, "device", "list", "--waiting", "--json", "--db", house.hub.db], capture_output=True, text=True,
                             check=False).stdout
    tap.ok('"700001"' in waiting, "a unit nobody has placed stands in the waiting list, and its call was heard", waiting[:300])
    house.metric("varde_sip_messages_total")
    for name, xml, want in (("R2 without cid", "<mrq><ref>B2</ref><dty>4</dty></mrq>", 7), ("R2 without ref", "<mrq><cid>700020</cid><dty>4</dty></mrq>", 10),
                            ("R3 not closed", "<mrq><ref>B3</ref>", 2), ("R3 empty", "", 2)):
        code, answer = u.message(xml)
        tap.ok((code, snu(answer)) == (200, want), f"{name}: 200, then snu {want}", (code, answer))
    r = u.ask(u.signed("MESSAGE", mrq("700001", "B4"), kind="application/json"))
    tap.ok(status(r) == 415 and "scaip+xml" in value(r, "Accept"), "R3 a foreign type is 415 with Accept", r)
    code, answer = u.message(mrq("700021", "B5", ver="02.00"))
    tap.ok(snu(answer) == 0 and "<cve>01.00</cve>" in answer, "R24 a newer version is told ours, and heard", answer)
    three = house.unit("700003")
    r = three.ask(three.signed("MESSAGE", mrq("700003", "B6")))
    time.sleep(0.3)
    tap.ok(snu(r) == 0 and not three.requests, "the answer in the 200, for units that want it there", r)


def again(house, tap):
    u = house.unit("700030")
    packet = u.signed("MESSAGE", mrq("700030", "C1"), branch="z9hG4bK-fixed")
    first, before = u.ask(packet), len(u.responses)
    u.answer()
    u.send(packet)
    u.wait(u.responses[before:], lambda r: False, 0.7)
    same = [r for r in u.responses if value(r, "CSeq") == value(first, "CSeq")]
    tap.ok(len(same) == 2 and same[0] == same[1], "R5 the same packet twice: the second 200 is the first", same)
    tap.ok(house.raised("700030") and len(u.requests) == 1, "R5 one alarm, one answer", (house.alarms("700030"), u.requests))
    code, answer = u.message(mrq("700030", "C1"))
    tap.ok(snu(answer) == 0 and house.raised("700030"), "R6 the same request in a new packet: one alarm, answered again", answer)
    two = house.unit("700031")
    two.ask(two.signed("MESSAGE", mrq("700031", "C1"), branch="z9hG4bK-fixed"))
    tap.ok(house.raised("700031"), "units that share one fixed branch stay apart")


def held(house, tap):
    u = house.unit("700002")
    u.register()
    said = [snu(u.message(mrq("700002", "D1"))[1]) for _ in range(3)]
    tap.ok(said == [4, 4, 4], "R7 held: every resend is told snu 4", said)
    house.raised("700002")
    ids = house.alarms("700002")
    tap.ok(len(ids) == 1, "R7 and is one alarm", ids)
    code, body, _ = house.hub.ask("POST", f"/api/v1/alarms/{ids[0]}/steps", {"step": "acknowledge"}, house.anne)
    tap.ok(code == 200, "a person takes it", body)
    tap.ok(snu(u.message(mrq("700002", "D1"))[1]) == 0, "R7 the next resend is told snu 0")
    tap.ok(house.raised("700002"), "R7 still one alarm")


def sessions(house, tap):
    u = house.unit("700040")
    u.message(mrq("700040", "E1", stc="10"))
    _, answer = u.message(mrq("700040", "E1", stc="10", lte="Stua", mty="IN"))
    _, other = u.message(mrq("700040", "E1", stc="10", lte="Badet", mty="IN"))
    house.raised("700040")
    ids = house.alarms("700040")
    tap.ok(snu(answer) == snu(other) == 0 and len(ids) == 1, "R9 an update is the same alarm", ids)
    steps = house.hub.ask("GET", f"/api/v1/alarms/{ids[0]}", headers=house.anne)[1]["steps"]
    notes = " ".join(s.get("note") or "" for s in steps)
    tap.ok("Stua" in notes and "Badet" in notes, "R9 both updates are in its history", steps)
    _, answer = u.message(mrq("700040", "E1", mty="RE"))
    time.sleep(0.3)
    alarm = house.hub.ask("GET", f"/api/v1/alarms/{ids[0]}", headers=house.anne)[1]
    tap.ok(snu(answer) == 0 and alarm["handling"] != "closed", "R8 a reset withdraws, a person closes", alarm)
    before = house.alarms("700041")
    for n in range(3):
        _, answer = house.unit("700041").message(mrq("700041", f"F{n}", mty="PI", stc="10"))
        tap.ok(snu(answer) == 0, "R10 a heartbeat is told snu 0", answer)
    time.sleep(0.3)
    tap.ok(house.alarms("700041") == before == [], "R10 a heartbeat is never an alarm, whatever status it carries")


def notes_of(house, cid):
    """What people read beside the unit's newest alarm."""
    found = house.alarms(cid)
    if not found:
        return ""
    steps = house.hub.ask("GET", f"/api/v1/alarms/{found[-1]}", headers=house.anne)[1]["steps"]
    return " ".join(x.get("note") or "" for x in steps)


def by_the_book(house, tap):
    """What the documents say, from the packet to the person: adapters/scaip's unit tests have every border of it."""
    u = house.unit("700060")
    for name, cid, xml, want in (
            ("R4 a text of 32 characters", "700060", mrq("700060", "K1", lte="å" * 32), 0),
            ("R4 a text of 33", "700061", mrq("700061", "K2", lte="å" * 33), 1),
            ("R4 a word for a code", "700062", mrq("700062", "K3", stc="x"), 3),
            ("R4 a code nobody knows", "700063", mrq("700063", "K4", stc="0950"), 0)):
        _, answer = u.message(xml)
        tap.ok(snu(answer) == want and house.raised(cid), f"{name}: snu {want}, and somebody is called", answer)
    for name, xml, has in (("R11 a unit that can be told how often", mrq("700060", "K5", mty="PI", hbo="001"), "<hbi>60</hbi>"),
                           ("R12 no number of ours: the unit calls its own", mrq("700060", "K7", stc="10"), "<mre>1</mre><cre>61</cre>"),
                           ("R13 a call back is not promised", mrq("700060", "K8", stc="10", cha="1"), "<cre>61</cre>"),
                           ("R12 a number for a mobile unit", mrq("700064", "K9", crd="gsm:"), "<cre>62</cre><tnu>gsm:+4700000000</tnu>")):
        _, answer = u.message(xml)
        tap.ok(snu(answer) == 0 and has in answer, f"{name}: {has}", answer)
    for name, xml, lacks in (("R11 a unit that cannot", mrq("700060", "K6", mty="PI", hbo="0"), "<hbi>"),
                             ("R12 one without a voice", mrq("700064", "K10", crd="no-voice:"), "<mre>")):
        _, answer = u.message(xml)
        tap.ok(snu(answer) == 0 and lacks not in answer, f"{name}: no {lacks}", answer)
    u.message(mrq("700065", "K11", ame="1", ite="del en"))
    u.message(mrq("700065", "K11", ame="0", ite="del to"))
    tap.ok(house.hub.wait(lambda: "del en" in notes_of(house, "700065") and "del to" in notes_of(house, "700065"), 5) and house.raised("700065"),
           "R18 both parts are kept, on one alarm", notes_of(house, "700065"))
    for cid, where, shown in (("700066", "<lco>034</lco><lge><geo>-33.918861,-18.4233</geo></lge>", "-33.91886, -18.42330"),
                              ("700067", "<lco>035</lco><lge><gga>$GPGGA,041502.00,6146.36,N,00932.33,E,1,08,0.9,545.4,M,46.9,M,,*00</gga></lge>", "$GPGGA")):
        u.message(mrq(cid, "K12").replace("</mrq>", f"{where}</mrq>"))
        tap.ok(house.hub.wait(lambda c=cid, w=shown: w in notes_of(house, c), 5), f"R20 a place is shown: {shown}", notes_of(house, cid))
    _, answer = u.message(mrq("700068", "K13").replace("</mrq>", "<lte><![CDATA[Bad & <gang>]]></lte><dte>&#230;&amp;ø</dte></mrq>"))
    tap.ok(snu(answer) == 0 and house.hub.wait(lambda: "Bad & <gang>" in notes_of(house, "700068") and "æ&ø" in notes_of(house, "700068"), 5),
           "R21 letters, entities and CDATA are shown right", notes_of(house, "700068"))
    _, answer = u.message('<!DOCTYPE mrq [<!ENTITY a "aaaa">]>' + mrq("700069", "K14", lte="&a;"))
    time.sleep(0.3)
    tap.ok(snu(answer) == 2 and not house.alarms("700069"), "R21 a document type is refused with snu 2", answer)


def ways_back(house, tap):
    old, new = house.unit("700050"), house.unit("700050")
    old.register()
    _, answer = new.message(mrq("700050", "G1"))
    tap.ok(snu(answer) == 0, "R16 the NAT's port has moved: the answer goes where the alarm came from", answer)
    listener = socket.create_server(("127.0.0.1", 0))
    t = house.unit("700051", "tcp")
    t.register(f"<sip:700051@127.0.0.1:{listener.getsockname()[1]};transport=tcp>")
    t.send(t.text("MESSAGE", mrq("700051", "G2")))
    t.close()
    listener.settimeout(8)
    try:
        back = Unit(house.hub, "700051", how="tcp", sock=listener.accept()[0])
        answer = back.answer()
    except TimeoutError:
        answer = ""
    tap.ok(snu(answer) == 0 and house.raised("700051"), "R16 the connection closed after the request: the answer goes to the contact", answer)
    bare = house.unit("700052")
    _, answer = bare.message(mrq("700052", "G3"))
    tap.ok(snu(answer) == 0 and f"sip:700052@alarm.example" in answer.split("\r\n")[0], "R16 no contact: the answer goes to the source address", answer)
    deaf = house.unit("700053", answers=False)
    code, answer = deaf.message(mrq("700053", "G4"))
    time.sleep(2)
    same = [r for r in deaf.requests if r == answer]
    tap.ok(code == 200 and len(same) >= 3, "R17 a unit that does not answer is told again, the same", len(same))
    tap.ok(house.metric("varde_sip_client_transactions") >= 1, "R17 and is seen to wait")
    code, answer = deaf.message(mrq("700053", "G4"))
    branches = {re.search(r"branch=(\w+)", r).group(1) for r in deaf.requests}
    tap.ok(len(branches) == 2 and house.raised("700053"), "R17 its next resend is answered anew: one alarm", branches)


def compressed(house, tap):
    u, xml = house.unit("700060"), mrq("700060", "H{}", lte="å" * 32)
    raw = zlib.compressobj(9, zlib.DEFLATED, -15)
    packs = (("deflate with zlib's head", "deflate", zlib.compress(xml.format(1).encode())),
             ("deflate without", "deflate", raw.compress(xml.format(2).encode()) + raw.flush()), ("gzip", "gzip", gzip.compress(xml.format(3).encode())))
    for name, how, body in packs:
        code, answer = u.message(body, extra=f"Content-Encoding: {how}\r\n")
        tap.ok((code, snu(answer)) == (200, 0), f"R19 {name}", (code, answer))
    r = u.ask(u.signed("MESSAGE", zlib.compress(b"\0" * 8000000), extra="Content-Encoding: deflate\r\n"))
    tap.ok(status(r) == 413, "R19 a bomb is 413", r)
    r = u.ask(u.signed("MESSAGE", b"x", extra="Content-Encoding: br\r\n"))
    tap.ok(status(r) == 415 and "gzip" in value(r, "Accept-Encoding"), "R19 another encoding is 415 with Accept-Encoding", r)


def streams(house, tap):
    for how in ("tcp", "tls"):
        cid = "700070" if how == "tcp" else "700071"
        u = house.unit(cid, how)
        tap.ok(status(u.register()) == 200, f"REGISTER over {how}")
        r = u.ask(u.text("MESSAGE", mrq(cid, "I1")))
        tap.ok(status(r) == 200 and snu(u.answer()) == 0, f"an alarm over {how}: the connection that registered is known, the answer comes on it", r)
        u.send("\r\n\r\n")
        packet = u.text("OPTIONS") + u.text("OPTIONS")
        before = len(u.responses)
        for i in range(0, len(packet), 7):
            u.send(packet[i:i + 7])
        u.wait(u.responses, lambda r: len(u.responses) >= before + 2)
        tap.ok(len(u.responses) == before + 2 and u.pongs == 1, f"{how} in pieces, two in one, and a keep-alive", (len(u.responses) - before, u.pongs))
        u.send("MESSAGE sip:x SIP/2.0\r\nContent-Length: many\r\n\r\n")
        u.close()
    held = [socket.create_connection(("127.0.0.1", house.hub.sip)) for _ in range(70)]
    time.sleep(0.3)
    gone = 0
    for s in held:
        s.settimeout(0.02)
        try:
            gone += s.recv(1) == b""
        except TimeoutError:
            pass
        except OSError:
            gone += 1
    tap.ok(gone >= 5, "strangers' connections from one address have a ceiling", gone)
    other = Unit(house.hub, "700072", "units-lom", house.secret)
    tap.ok(snu(other.message(mrq("700072", "I2"))[1]) == 0, "and do not keep out who is known")
    for s in held:
        s.close()


def flooded(house, tap):
    stop, sent = threading.Event(), 0

    def flood():
        nonlocal sent
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind(("127.0.0.2", 0))
        s.connect(("127.0.0.1", house.hub.sip))
        stranger = Unit(house.hub, "1", sock=s)
        packet = stranger.text("MESSAGE", mrq("1", "X"))
        while not stop.is_set():
            for _ in range(200):
                try:
                    s.send(packet)
                    sent += 1
                except OSError:
                    pass
            time.sleep(0.02)
    began = time.time()
    threading.Thread(target=flood, daemon=True).start()
    u, took = house.unit("700080"), []
    for n in range(10):
        t0 = time.time()
        packet = u.signed("MESSAGE", mrq("700080", f"J{n}"))
        while not u.ask(packet, 0.5) and time.time() - t0 < 10:
            pass
        took.append(time.time() - t0)
        time.sleep(0.2)
    stop.set()
    rate = sent / (time.time() - began)
    tap.ok(rate > 500 and max(took) < 3 and house.raised("700080"), "a stranger's flood holds up nobody's alarm", (rate, took))
    print(f"# {rate:.0f} packets a second; the slowest alarm took {max(took):.2f} s")
    tap.ok(house.metric("varde_sip_over_rate_total") > 1000, "they are dropped unheard", house.metric("varde_sip_over_rate_total"))


def storage(house, tap):
    u = house.unit("700090")
    u.register()
    with open(house.flag, "w", encoding="ascii") as f:
        f.write("f")
    code, answer = u.message(mrq("700090", "K1"))
    tap.ok(code == 200 and snu(answer) in (5, 6), "R22 the disk is full: snu 5 or 6, never 0", (code, answer))
    os.unlink(house.flag)
    good = house.hub.wait(lambda: snu(u.message(mrq("700090", "K1"))[1]) == 0, 10)
    tap.ok(good and house.raised("700090"), "R22 and its resend is stored when the disk is back")


def killed(house, tap):
    u = house.unit("700095")
    u.register()
    code, answer = u.message(mrq("700095", "L1"))
    tap.ok(snu(answer) == 0, "an alarm, told snu 0")
    house.hub.kill()
    house.hub.start()
    code, answer = u.message(mrq("700095", "L1"))
    tap.ok(snu(answer) == 0 and house.raised("700095"), "kill -9 and the same again: one alarm, though nobody has registered since",
           (code, answer))
    house.anne, _ = house.hub.sign_in("anne-lom")


# -- SIPp -----------------------------------------------------------------------------------------

def sipp(house, tap, name, scenario, transport, port, cid):
    sent = house.metric("varde_sip_mrs_sent_total")
    work = tempfile.mkdtemp()
    keys = {"cid": cid, "user": "units-lom", "pass": house.secret, "ref": f"S{cid}"}
    text = open(f"{HERE}/{scenario}", encoding="utf-8").read()
    for k, v in keys.items():
        text = text.replace(f"@{k}@", v)
    path = os.path.join(work, scenario)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    r = subprocess.run(["sipp", f"127.0.0.1:{port}", "-sf", path, "-oocsf", f"{HERE}/mrs.xml", "-t", transport, "-i", "127.0.0.1", "-p",
                        str(free_port()), "-m", "1", "-timeout", "20", "-timeout_error", "-nostdin", "-trace_err"], cwd=work, capture_output=True, text=True, check=False,
                       timeout=60)
    errors = "".join(open(os.path.join(work, f), encoding="utf-8", errors="replace").read() for f in os.listdir(work) if "error" in f)
    tap.ok(r.returncode == 0, f"SIPp over {name}: REGISTER with digest, then an alarm", (r.returncode, errors[-300:], r.stdout[-300:]))
    got = house.hub.wait(lambda: house.metric("varde_sip_mrs_sent_total") == sent + 1, 5)
    tap.ok(got and house.raised(cid), f"SIPp over {name}: it took the answer, and it is one alarm", (sent, house.metric("varde_sip_mrs_sent_total")))


def with_sipp(house, tap):
    if subprocess.run(["which", "sipp", "stunnel"], capture_output=True, check=False).returncode:
        tap.ok(True, "SIPp # SKIP sipp or stunnel is not installed")
        return
    sipp(house, tap, "UDP", "alarm_udp.xml", "u1", house.hub.sip, "710001")
    sipp(house, tap, "TCP", "alarm_stream.xml", "t1", house.hub.sip, "710002")
    port = free_port()
    conf = os.path.join(tempfile.mkdtemp(), "stunnel.conf")
    with open(conf, "w", encoding="ascii") as f:  # Debian's SIPp has no TLS
        f.write(f"foreground = yes\npid =\n[sips]\nclient = yes\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{house.hub.sips}\n")
    s = subprocess.Popen(["stunnel", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    sipp(house, tap, "TLS", "alarm_stream.xml", "t1", port, "710003")
    s.send_signal(signal.SIGTERM)
    s.wait(10)


def leaving(house, tap):
    u = house.unit("700099", "tcp")
    u.register()
    text = str(house.hub.ask("GET", "/metrics")[1])
    tap.ok("varde_sip_bindings" in text and "7000" not in text, "the metrics name no unit")
    log = house.hub.log()
    tap.ok("7000" not in log and house.secret not in log and "alarm.example" not in log, "nor does the log, nor any secret", log[-500:])
    r = subprocess.run([house.hub.binary, "doctor", "--config", house.hub.config, "--json"], capture_output=True, text=True, check=False)
    found = {f.get("what"): f for f in json.loads(r.stdout).get("findings", [])}
    levels = [found.get(w, {}).get("level") for w in ("server.sip", "sip.accounts")]
    tap.ok(levels == ["ok", "ok"] and "sip.realm" not in found, "the doctor finds the door open and accounts for it", found.get("server.sip"))
    r = subprocess.run([house.hub.binary, "staff", "gateway", "revoke", "units-lom", "--db", house.hub.db], capture_output=True, text=True, check=False)
    out = house.hub.wait(lambda: status(u.ask(u.text("MESSAGE", mrq("700099", "M1", mty="PI")))) in (401, 403), 5)
    tap.ok(r.returncode == 0 and out, "a revoked account is out, also on the connection it had")
    tap.ok(house.hub.stop() == 0, "it stops in order with connections open", house.hub.log()[-1500:])
    code = subprocess.run([house.hub.binary, "verify", "--db", house.hub.db], capture_output=True, text=True, check=False)
    tap.ok(code.returncode == 0, "the journal agrees with its checkpoints", code.stdout)


def main():
    tap, house = Tap(), House(sys.argv[1])
    try:
        everything(house, tap)
    finally:
        if house.hub.process.poll() is None:
            house.hub.kill()
    house.hub.remove()
    tap.end()


def everything(house, tap):
    for part in (what_needs_no_account, who_gets_in, documents, again, held, sessions, by_the_book, ways_back, compressed, streams, flooded, storage, killed,
                 with_sipp, leaving):
        part(house, tap)


if __name__ == "__main__":
    main()

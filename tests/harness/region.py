#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Fills an empty varde database with a small invented region for end-to-end tests.

    region.py DB [DEVICES]

Two municipalities (Lom, Lesja), one gateway each with a binding for every family, recipients, and
DEVICES (default 50) devices of varde's own family per gateway, placed and in use. Gateway users and
passwords: gw-lom / secret-lom, gw-lesja / secret-lesja. The first device of each gateway is sos-0; it is
for two people, its own recipient and that of sos-1.
"""
import hashlib
import sqlite3
import sys
import time

FAMILIES = [("zigbee2mqtt", "zigbee2mqtt"), ("thethingsstack", "v3"), ("chirpstack", "application"),
            ("homeassistant", "homeassistant"), ("varde", "varde")]


def fill(db, devices):
    munis = [(3434, "Lom", "nn", "lom"), (3432, "Lesja", "nb", "lesja")]
    now = int(time.time() * 1000)
    for n, (number, name, lang, word) in enumerate(munis, 1):
        db.execute("INSERT INTO municipality (number, name, language) VALUES (?,?,?)", (number, name, lang))
        secret = hashlib.sha256(f"secret-{word}".encode()).digest()
        db.execute("INSERT INTO gateway (id, muni, name, user, secret_sha256) VALUES (?,?,?,?,?)",
                   (n, number, f"Base {name}", f"gw-{word}", secret))
        for family, prefix in FAMILIES:
            db.execute("INSERT INTO binding (gateway, family, prefix) VALUES (?,?,?)", (n, family, prefix))
        for i in range(devices):
            key = n * 100000 + i
            db.execute("INSERT INTO recipient (id, muni, name, address) VALUES (?,?,?,?)",
                       (key, number, f"Prøve {name} {i}", f"Prøvevegen {i}"))
            db.execute("INSERT INTO placement (id, recipient, muni, room, purpose) VALUES (?,?,?,?,?)",
                       (key, key, number, "stue", "sos"))
            db.execute("INSERT INTO device (id, gateway, muni, family, identity, name, lifecycle, placement)"
                       " VALUES (?,?,?,'varde',?,?,'in_use',?)", (key, n, number, f"sos-{i}", f"Knapp {i}", key))
        if devices > 1:
            db.execute("INSERT INTO placement_recipient VALUES (?,?)", (n * 100000, n * 100000 + 1))
        for level, who in ((1, "anne"), (2, "berit")):
            db.execute("INSERT INTO staff (id, muni, user, name, language, roles) VALUES (?,?,?,?,?,3)",
                       (n * 10 + level, number, f"{who}-{word}", f"{who.title()} {name}", lang))
            db.execute("INSERT INTO staff_scope VALUES (?,?)", (n * 10 + level, number))
            db.execute("INSERT INTO shift (muni, staff, level, from_t, to_t) VALUES (?,?,?,?,?)",
                       (number, n * 10 + level, level, now - 86400000, now + 30 * 86400000))
    db.execute("UPDATE meta SET value = value + 1 WHERE name = 'directory_version'")


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    db = sqlite3.connect(sys.argv[1], timeout=10)
    with db:
        fill(db, int(sys.argv[2]) if len(sys.argv) > 2 else 50)
    db.close()


if __name__ == "__main__":
    main()

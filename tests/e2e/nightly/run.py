#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""The nightly report of a running hub: at its time, of the day before, the same bytes as by hand; and the
nights a hub was away are made up for. TAP."""
import datetime
import os
import shutil
import subprocess
import sys
import zoneinfo

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "harness"))
from hub import Hub, Tap  # noqa: E402

OSLO = zoneinfo.ZoneInfo("Europe/Oslo")


def edition(hub, day):
    """File names to bytes; empty when the edition is not whole (region.html comes last)."""
    folder = f"{hub.state}/reports/{day}"
    if not os.path.exists(f"{folder}/region.html"):
        return {}
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(f"{folder}/{name}", "rb") as f:
            found[name] = f.read()
    return found


def at(hub, minutes):
    """The report is due that many minutes from now (before now: it was due today)."""
    due = datetime.datetime.now(OSLO) + datetime.timedelta(minutes=minutes)
    with open(hub.config, encoding="utf-8") as f:
        head = f.read().split("report:")[0]
    with open(hub.config, "w", encoding="utf-8") as f:
        f.write(f'{head}report:\n  enabled: true\n  time: "{due:%H:%M}"\n  dir: {hub.state}/reports\n')
    return due


def main():
    binary, tap = os.path.abspath(sys.argv[1]), Tap()
    hub = Hub(binary)
    subprocess.run([binary, "simulate", "--db", hub.db, "--days", "9"], check=True, capture_output=True)
    # Near midnight "a minute ago" was yesterday: then the edition before is the one that is due.
    due = at(hub, -1)
    newest = due.date() - datetime.timedelta(days=1)
    hub.start()
    tap.ok(hub.wait(lambda: edition(hub, newest), 20), f"past its time the edition of {newest} is there", hub.log()[-500:])
    tap.ok(os.listdir(f"{hub.state}/reports") == [str(newest)], "a new hub builds the newest and no other")
    made = edition(hub, newest)
    tap.ok(sum(n.endswith(".html") for n in made) == 7 and any(n.endswith(".csv") for n in made), "six municipalities and the region", sorted(made))
    by_hand = f"{hub.state}/by-hand"
    subprocess.run([binary, "report", "build", "--date", str(newest), "--db", hub.db, "--out", by_hand], check=True, capture_output=True)
    again = {}
    for name in os.listdir(f"{by_hand}/{newest}"):
        with open(f"{by_hand}/{newest}/{name}", "rb") as f:
            again[name] = f.read()
    tap.ok(again == made, "by hand it is the same, byte for byte", sorted(n for n in set(again) | set(made) if again.get(n) != made.get(n)))
    hub.stop()
    before = newest - datetime.timedelta(days=4)
    shutil.move(f"{hub.state}/reports/{newest}", f"{hub.state}/reports/{before}")
    hub.start()
    days = [newest - datetime.timedelta(days=n) for n in range(4)]
    tap.ok(hub.wait(lambda: all(edition(hub, d) for d in days), 30), "four nights away: all four editions are made up for",
           sorted(os.listdir(f"{hub.state}/reports")))
    tap.ok(edition(hub, newest) == made, "the newest as it was")
    hub.stop()
    shutil.rmtree(f"{hub.state}/reports")
    due = at(hub, 30)
    hub.start()
    day_before = due.date() - datetime.timedelta(days=2)
    tap.ok(hub.wait(lambda: edition(hub, day_before), 20) and not edition(hub, day_before + datetime.timedelta(days=1)),
           "before its time the newest edition is that of the night before", sorted(os.listdir(f"{hub.state}/reports")))
    tap.ok(hub.stop() == 0, "it stops in order, without a leak", hub.log()[-1000:])
    hub.remove()
    tap.end()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Writes docs/performance.md out of what tests/bench/run printed.

    tests/bench/run --out FILE && tests/bench/page.py FILE
"""
import json
import os
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def ms(us):
    return f"{us / 1000:.2f}"


def latency(rows, live=True):
    out = ["| a second | acknowledged p50 | p99 | p99.9 |" + (" on the live feed p50 | p99 |" if live else "") + " CPU s per million |",
           "|---|---|---|---|" + ("---|---|" if live else "") + "---|"]
    for rate, r in rows:
        a, l = r["ack"], r["live"]
        late = "*" if r["void"] else ""
        out.append(f"| {int(rate):,}{late} | {ms(a['p50_us'])} ms | {ms(a['p99_us'])} ms | {ms(a['p999_us'])} ms |".replace(",", " ") +
                   (f" {ms(l['p50_us'])} ms | {ms(l['p99_us'])} ms |" if live else "") + f" {r['cpu_s_per_million']:.0f} |")
    if any(r["void"] for _, r in rows):
        out += ["", "\\* The load's own sender woke late by more than a tenth of this p99; since latency counts from when a",
                "message should have gone, these are upper bounds."]
    return out


def rates(group):
    return [(k, group[k]) for k in sorted((k for k in group if k.isdigit()), key=int)]


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    j = json.loads(text)
    disk, m = j["disk"], j["machine"]
    carried = {k: j[k]["carried"]["carried_per_s"] for k in ("mqtt", "http", "slow_fsync_5ms")}
    number = lambda n: f"{n:,}".replace(",", " ")  # noqa: E731
    out = f"""# How fast, on what

Written by `tests/bench/page.py` out of one run of `tests/bench/run`, {j['date']}, {j['version']}. The machine: {m['cores']} cores
({m['cpu']}), {m['memory_gib']} GiB, Linux {m['kernel']}, a virtual one. The load runs on the same two cores as
the hub, so read ratios and shapes rather than records, and measure on your own.

Open loop: messages go out on a fixed schedule whether answers come or not, over 50 connections, and a latency counts
from the moment a message *should* have gone. Every acknowledgement comes after its commit with `synchronous=FULL`; every
event is a leaf of the Merkle log. 1 000 door sensors open and close by turns, each message an event in the journal; a WebSocket client follows them
all where the table has a live feed.

## Marks

| | mark | seen |
|---|---|---|
| durable events a second through MQTT | 20 000 | {number(carried['mqtt'])} |
| PUBACK p50 at 5 000 a second | under 1 ms | {ms(j['mqtt']['5000']['ack']['p50_us'])} ms |
| PUBACK p99 at 5 000 a second | under 6 ms | {ms(j['mqtt']['5000']['ack']['p99_us'])} ms |

*Carried* is the highest rate at which everything was acknowledged and the backlog at the end was under 100 ms of load.
Through HTTP webhooks: {number(carried['http'])} a second.

## MQTT, QoS 1

""" + "\n".join(latency(rates(j["mqtt"]))) + """

## HTTP webhooks

""" + "\n".join(latency(rates(j["http"]))) + f"""

## With 5 ms added to every fsync

A disk that is slow to sync costs latency more than throughput: commits grow. Carried through MQTT:
{number(carried['slow_fsync_5ms'])} a second, {j['ratios']['carried_slow_to_fast_disk'] * 100:.0f} % of what the fast disk carries.

""" + "\n".join(latency(rates(j["slow_fsync_5ms"]))) + f"""

## Beside the disk itself

| | p50 | p99 |
|---|---|---|
| 4 KiB appended and fdatasync | {disk['append_4k_fdatasync']['p50_us']} µs | {disk['append_4k_fdatasync']['p99_us']} µs |
| 4 KiB overwritten and fdatasync | {disk['overwrite_4k_fdatasync']['p50_us']} µs | {disk['overwrite_4k_fdatasync']['p99_us']} µs |

A PUBACK at 5 000 a second takes {j['ratios']['puback_p50_to_disk_p50_at_5000']} times one fdatasync of an overwritten page (p50 to p50), at 1 000 a second
{j['ratios']['puback_p50_to_disk_p50_at_1000']} times: with fewer messages a core sleeps between them and has to be woken, twice a message.

## Counts

| | |
|---|---|
""" + "\n".join(f"| system calls an event at {number(int(k))} a second | {v['per_event']} |" if isinstance(v, dict) else f"| system calls at {k} | {v} |"
                for k, v in j["syscalls"].items()) + "\n" + \
        "\n".join(f"| instructions an event at {number(int(k))} a second (callgrind) | {number(v['per_event'])} |" if isinstance(v, dict) else
                  f"| instructions at {k} | {v} |" for k, v in j["instructions"].items()) + f"""
| resident memory of an idle MQTT connection over TLS | {j['idle_tls']['kib_each']} KiB ({j['idle_tls']['connections']} of them) |

## The run

```json
""" + text.strip() + "\n```\n"
    with open(os.path.join(ROOT, "docs", "performance.md"), "w", encoding="utf-8") as f:
        f.write(out)


main()

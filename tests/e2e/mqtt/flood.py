# SPDX-License-Identifier: EUPL-1.2
"""One sender out of control: telemetry of many devices at a rate, QoS 1, never waiting for an answer.

    flood.py PORT DEVICES RATE SECONDS

Its last line: messages written, acknowledged, connections it took.
"""
import select
import ssl
import sys
import time

from wire import Client, publish


def drain(client):
    """Counts the PUBACKs of MQTT 3.1.1 that have come: four bytes each."""
    n = 0
    while client.s.pending() or select.select([client.s], [], [], 0)[0]:
        try:
            part = client.s.recv(65536)
        except ssl.SSLWantReadError:
            break
        if not part:
            raise OSError("ended")
        n += len(part)
    return n // 4


def main():
    port, devices, rate, seconds = (int(a) for a in sys.argv[1:5])
    begun, sent, acked, joined, client, left = time.time(), 0, 0, 0, None, b""
    number = 0
    while (now := time.time()) - begun < seconds:
        due = int((now - begun) * rate)
        try:
            if client is None:
                client = Client(port, version=4, client="flood")
                joined, left = joined + 1, b""
                if joined == 1:  # heard and stored before it runs wild
                    client.say(publish("varde/x", b'{"device":"sos-1","kind":"measure.temperature","value":1,"id":"first"}', 1, 65001, 4))
                    acked += client.hear(5) is not None
                client.s.setblocking(False)
            if not left and sent < due:
                part = []
                for _ in range(min(due - sent, 500)):
                    number += 1
                    body = b'{"device":"sos-%d","kind":"measure.temperature","value":%d.%d,"id":"f%d"}' % (
                        number % devices, number % 30, number % 10, number)
                    part.append(publish("varde/x", body, 1, number % 65000 + 1, 4))
                left = b"".join(part)
                sent += len(part)
            if left:
                try:
                    left = left[client.s.send(left):]
                except ssl.SSLWantWriteError:
                    time.sleep(0.001)
            else:
                time.sleep(0.001)
            acked += drain(client)
        except OSError:
            client = None
    print(sent, acked, joined)


if __name__ == "__main__":
    main()

"""slowhttptest: slow heads, slow bodies and slow reading end by their timeouts, and the service
stays available meanwhile.

`make test` shortens the limits; `make soak` runs a thousand attackers against the defaults.
"""

import contextlib
import os
import re
import subprocess

import pytest

from harness.crowd import raise_descriptor_limit
from harness.scripted import HELLO
from harness.waiting import eventually
from harness.wire import request

SOAK = bool(os.environ.get("SOAK"))
ATTACKERS = 1000 if SOAK else 200
SECONDS = 60 if SOAK else 8
QUICK = {} if SOAK else {
    "headerReadTimeout": "2s", "bodyIdle": "2s", "writeStall": "2s", "keepAliveIdle": "2s"}
ALL_GONE = "No open connections left"
BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + b"s" * 3_000_000

# Each sends or reads a few bytes a second, for longer than the limits allow.
ATTACKS = {
    "heads": ["-H", "-i", "1", "-r", "400", "-p", "2"],
    "bodies": ["-B", "-i", "1", "-r", "400", "-s", "8192", "-x", "10", "-p", "2"],
    "reading": ["-X", "-r", "400", "-w", "1", "-y", "10", "-n", "1", "-z", "5", "-k", "3",
                "-p", "2"],
}


def serve(peer):
    while (head := peer.read_request()[0]) is not None:
        peer.send(BODY if b" /big " in head else HELLO)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("attack", ATTACKS)
def test_every_attacker_is_gone_by_its_timeout(world, scripted, tmp_path, attack):
    raise_descriptor_limit()
    host = world(scripted(serve), limits=QUICK)
    path = "big" if attack == "reading" else "x"
    report = tmp_path / "report"
    output = tmp_path / "output"
    with open(output, "wb") as file:
        run = subprocess.Popen(
            ["slowhttptest", "-c", str(ATTACKERS), "-l", str(SECONDS), *ATTACKS[attack],
             "-g", "-o", str(report), "-u", f"http://127.0.0.1:{host.port}/{path}"],
            stdout=file, stderr=file)
    try:
        while run.poll() is None:
            assert request(host.port).status == 200
            wait_a_moment(run)
    finally:
        if run.poll() is None:
            run.kill()
        run.wait()
    rows = read_report(report)
    assert max(row["connected"] for row in rows) >= ATTACKERS * 0.5, rows
    assert [row for row in rows if row["connected"] and not row["available"]] == []
    # A slow reader learns that it was cut off only when it has read what it has got.
    if attack != "reading":
        assert ALL_GONE in output.read_text(errors="replace"), f"attackers are left: {rows[-1]}"
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "all are closed", 5)


def wait_a_moment(process, seconds=0.1):
    """Waits for the end of the attack, but not for long."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def read_report(report):
    """The rows of slowhttptest's CSV: seconds, closed, pending, connected, available."""
    rows = []
    for line in report.with_suffix(".csv").read_text().splitlines():
        columns = line.split(",")
        if re.fullmatch(r"\d+", columns[0]):
            rows.append({"second": int(columns[0]), "connected": int(columns[3]),
                         "available": int(columns[4]) > 0})
    return rows

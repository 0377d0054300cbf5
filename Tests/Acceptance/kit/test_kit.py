"""Swift plugins on the kit: tasks on the lane, bodies both ways, and an end in order."""

import json
import os

import pytest

from harness.host import RELEASE
from harness.waiting import eventually, free_port
from harness.wire import Connection, request, talk

LIBRARY = RELEASE / "libkit-probe.so"


@pytest.fixture
def probe(hosts):
    """A ready host whose listener goes to the probe."""
    port = free_port()
    listener = f'{{name: probe, address: "127.0.0.1:{port}", services: [probe]}}'
    plugin = f"{{name: probe, library: {LIBRARY}, inline: true}}"
    host = hosts(plugins=[plugin], listeners=[listener]).start().wait_ready()
    host.port = port
    return host


def threads(host):
    """The names of the process's threads but those of the host's pool, which come when needed."""
    found = []
    for task in os.listdir(f"/proc/{host.process.pid}/task"):
        with open(f"/proc/{host.process.pid}/task/{task}/comm", encoding="utf-8") as name:
            found.append(name.read().strip())
    return sorted(name for name in found if name != "plugin-pool")


def test_a_plugin_brings_no_thread(probe):
    assert request(probe.port, path="/sync").text == "hello\n"
    assert request(probe.port, path="/everything").text == "on the lane 20 true\n"
    before = threads(probe)
    answers = [request(probe.port, path="/everything").text for _ in range(3)]
    assert answers == [f"on the lane {count} true\n" for count in (40, 60, 80)]
    assert request(probe.port, "POST", "/pieces", body=b"x" * 100_000).text == "100000 -\n"
    assert request(probe.port, path="/inline").text == "inline\n"
    assert threads(probe) == before
    own = [name for name in before if name.startswith("lane-probe")]
    assert len(own) == 1
    # Threads of the Swift runtime or of libdispatch would have the program's name.
    assert before.count("sluice") == 1, before


def test_bodies_come_whole_and_in_pieces_with_their_trailers(probe):
    chunked = (b"5\r\nhello\r\n0\r\nX-Sum: 9\r\n\r\n")
    for path in ("/whole", "/pieces"):
        answer = request(probe.port, "POST", path, body=b"abc")
        assert answer.text == "3 -\n"
        head = (f"POST {path} HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n"
                "Trailer: X-Sum\r\nConnection: close\r\n\r\n").encode()
        assert talk(probe.port, head + chunked).endswith(b"\r\n\r\n5 9\n")


def test_an_answer_has_interim_heads_and_trailers(probe):
    data = talk(probe.port, b"GET /trailers HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\n"
                            b"Connection: close, te\r\n\r\n")
    assert data.startswith(b"HTTP/1.1 103 ")
    assert b"HTTP/1.1 200 " in data
    assert data.lower().endswith(b"4\r\nbody\r\n0\r\nx-sum: 4\r\n\r\n")


def test_after_an_upgrade_bytes_are_raw_both_ways(probe):
    with Connection(probe.port) as client:
        client.send(path="/upgrade", headers=["Connection: upgrade", "Upgrade: echo"])
        head = client.receive_head()
        assert head.startswith(b"HTTP/1.1 101 ")
        for piece in (b"one", b"two \x00\xff"):
            client.socket.sendall(piece)
            assert client.receive_bytes(len(piece)) == piece


def test_header_values_are_octets(probe):
    data = talk(probe.port, b"GET /octets HTTP/1.1\r\nHost: a.test\r\nX-Name: j\xfcrg\r\n"
                            b"Connection: close\r\n\r\n")
    assert b"x-count: 4\r\n" in data.lower()
    assert b"x-name: j\xfcrg\r\n" in data


@pytest.mark.parametrize("path, error", [("/sleep", "CancellationError"),
                                         ("/endless", "PluginError")])
def test_a_client_that_goes_ends_the_task(probe, path, error):
    with Connection(probe.port) as client:
        client.send(path=path)
        eventually(lambda: f"{path} begun" in request(probe.port, path="/ends").text,
                   "the task has begun")
    eventually(lambda: f"{path} begun" not in request(probe.port, path="/ends").text,
               "the task has ended")
    ends = request(probe.port, path="/ends").text
    assert ends in (f"{path} {error}\n", f"{path} CancellationError\n")


def test_a_stop_waits_for_the_plugin(probe):
    assert request(probe.port, path="/sync").status == 200
    probe.stop()
    assert "the probe has stopped" in probe.log


def operate(host, method, operation, **arguments):
    body = json.dumps(arguments).encode() if method == "POST" else b""
    return request(host.admin_port, method, f"/plugins/probe/{operation}", body=body,
                   host=f"127.0.0.1:{host.admin_port}")


def test_operations_are_closures_of_the_plugin(probe):
    answer = operate(probe, "POST", "add", by=4, loud=True, name="ann")
    assert answer.status == 200, answer.text
    assert answer.json == {"sum": 12.0, "loud": True, "name": "ann", "lane": True}
    answer = operate(probe, "POST", "add", by=-3, times=1, scale=2)
    assert answer.json == {"sum": -6.0, "loud": False, "name": "nobody", "lane": True}
    assert operate(probe, "POST", "add").status == 400
    assert operate(probe, "POST", "add", by="4").status == 400
    refused = operate(probe, "POST", "add", by=1, name='"')
    assert (refused.status, refused.json["error"]) == (403, "not to a quote")
    missing = operate(probe, "GET", "fail")
    assert (missing.status, missing.json["error"]) == (404, "there is none")

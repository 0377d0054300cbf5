"""Every entry of every table of the host, called from C, Swift, Rust and Go."""

import json
import pathlib

import pytest

from harness import header, installed
from harness.origin import Origin
from harness.waiting import eventually, free_port
from harness.wire import Connection, request

# The first test of a language builds its plugin.
pytestmark = pytest.mark.timeout(installed.BUILD_SECONDS)

SOURCES = pathlib.Path(__file__).parent / "every"
LANGUAGES = ["c", "swift", "rust", "go"]

# What this host does not have yet. A table that comes leaves the first list, a member the second.
MISSING = []
NULL = []
# Entries that answer something else than 0: SLUICE_E_NOTFOUND, as the document is not there.
ANSWERS = {"routing.keep": -12}


def expected():
    """The whole report, from the header's text and the lists above."""
    found = {name: ANSWERS.get(name, 0) for name in header.entries()
             if name.split(".")[0] not in MISSING}
    assert set(NULL) <= set(found), "a member that is missing is not in the header"
    return {"missing": [header.interfaces()[word] for word in MISSING],
            "entries": found | dict.fromkeys(NULL)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_answers_as_expected(hosts, built, language):
    with Origin() as origin:
        host, port, gateway = start(hosts, built(SOURCES / language), origin)
        drive(host, port, gateway)
        host.stop()
    report = json.loads((host.folder / "state" / "plugins" / "every" / "report.json").read_text())
    assert report["missing"] == expected()["missing"]
    assert dict(sorted(report["entries"].items())) == dict(sorted(expected()["entries"].items()))


def start(hosts, library, origin):
    """A ready host with the plugin, its listener's port and that of its own document."""
    port, gateway = free_port(), free_port()
    host = hosts(
        plugins=[f'{{name: every, library: {library}, expose: {{namespaces: ["*"]}}}}'],
        listeners=[f'{{name: local, address: "127.0.0.1:{port}", services: [every]}}'])
    publish(host.folder / "every", origin, gateway)
    host.start().wait_ready()
    return host, port, gateway


def publish(folder, origin, gateway):
    """The documents of the plugin; the route has the filter once the host has filters."""
    folder.mkdir()
    rule = {"matches": [{"path": {"prefix": "/"}}], "backends": [{"pool": "every"}]}
    if "http.header_set" not in NULL:
        rule["filters"] = [{"plugin": "every", "config": {}}]
    documents = {
        "listener": {"address": "127.0.0.1", "port": gateway, "protocol": "HTTP"},
        "pool": {"endpoints": [{"address": "127.0.0.1", "port": origin.port}]},
        "route": {"listeners": ["every"], "rules": [rule]},
    }
    for kind, document in documents.items():
        (folder / f"{kind}.json").write_text(json.dumps(document))
    (folder / "origin").write_text(f"http://127.0.0.1:{origin.port}/client")


def drive(host, port, gateway):
    """Makes requests that lead the plugin to all entries that need one."""
    assert request(port, path="/every/whole", headers=["X-Every: yes"]).body == b"whole"
    assert request(port, path="/every/abort").status == 502
    assert request(port, path="/every/forward").status == (501 if "http.forward" in NULL else 200)
    pieces(port)
    eventually(lambda: request(gateway, "POST", "/", body=b"body").status in (200, 201),
               "the plugin's own route serves")
    if "reply" not in MISSING:
        assert host.admin("/plugins/every/every")[0] == 200
        assert host.admin("/plugins/every/fails")[0] == 409
    late = {"exec.drained", "exec.stopped"}
    wanted = set(expected()["entries"]) - late
    eventually(lambda: set(request(port, path="/every/report").json["entries"]) >= wanted,
               f"the plugin has called {sorted(wanted)}")


def pieces(port):
    """A body in two pieces: the second is sent when the first was answered."""
    with Connection(port) as connection:
        connection.socket.sendall(
            b"POST /every/pieces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\none\r\n")
        seen = read_until(connection, b"5\r\npiece\r\n")
        connection.socket.sendall(b"3\r\ntwo\r\n0\r\n\r\n")
        seen += read_until(connection, b"0\r\n\r\n")
    assert b"HTTP/1.1 200" in seen


def read_until(connection, end):
    """What arrives up to and with `end`."""
    seen = b""
    while end not in seen:
        piece = connection.socket.recv(4096)
        assert piece, f"the connection ended after {seen}"
        seen += piece
    return seen

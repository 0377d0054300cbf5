"""A host with a plugin that calls other servers as it is told."""

import http.client

import pytest

from harness import native
from harness.authority import Authority
from harness.waiting import free_port

CALL_SECONDS = 60


class Caller:
    """The host of the plugin; `call` makes it call."""

    def __init__(self, host, port):
        self.host = host
        self.port = port

    def call(self, url, body=b"", path="/call", **fields):
        """What the plugin was told: a dictionary of its lines, with lists of fields and `body`."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=CALL_SECONDS)
        headers = {f"x-{name}": str(value) for name, value in fields.items()}
        connection.request("POST", path, body, {"x-url": url, **headers})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        assert answer.status == 200, content
        lines, _, shown = content.partition(b"\nbody\n")
        told = {"body": shown, "header": [], "trailer": []}
        for line in lines.decode().splitlines():
            name, _, value = line.partition("=")
            if name in ("header", "trailer"):
                told[name].append(value)
            else:
                told[name] = value
        return told


@pytest.fixture
def caller(hosts, tmp_path):
    """Makes the host; `outbound` is the YAML text of the section."""
    library = native.library("caller.c", tmp_path / "libcaller.so")

    def make(outbound="{}", **rest):
        port = free_port()
        host = hosts(
            plugins=[f"{{name: caller, library: {library}, outbound: {outbound}}}"],
            listeners=[f'{{name: web, address: "127.0.0.1:{port}", services: [caller]}}'], **rest)
        host.start().wait_ready()
        return Caller(host, port)

    return make


@pytest.fixture
def authority(tmp_path):
    folder = tmp_path / "authority"
    folder.mkdir()
    return Authority(folder)

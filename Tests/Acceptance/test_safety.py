"""A plugin that holds its thread, floods the log or crashes is named, and costs nobody else."""

import json
import os
import shutil

import pytest

from harness import native
from harness.host import ECHO
from harness.waiting import eventually, free_port
from harness.wire import Connection, request


@pytest.fixture
def house(hosts, tmp_path):
    """A ready host with the plugin and echo on listeners of their own."""
    def make(limits, inline):
        library = native.library("safety.c", tmp_path / "libsafety.so")
        go = tmp_path / "go"
        ports = free_port(), free_port()
        config = json.dumps({"go": str(go)}).replace(" ", "")
        host = hosts(
            plugins=[f"{{name: safety, library: {library}, inline: {inline}, config: {config}}}",
                     ECHO],
            listeners=[f'{{name: safety, address: "127.0.0.1:{ports[0]}", services: [safety]}}',
                       f'{{name: echo, address: "127.0.0.1:{ports[1]}", services: [echo]}}'],
            extra=f"limits: {{{limits}}}\n", workers=1)
        host.go = go
        host.port, host.other_port = ports
        host.start().wait_ready()
        return host

    return make


def test_a_plugin_that_holds_a_worker_ends_the_process_and_is_named(house):
    host = house("stuckWorker: 300ms", "true")
    with Connection(host.port) as client:
        client.send(path="/hold")
        host.wait()
    assert host.process.returncode == -6
    assert "plugin safety has held worker 0 for" in host.log
    assert "ended by SIGABRT in code of plugin safety, in request" in host.log
    record = (host.folder / "state" / "crashes").read_text().split()
    assert record[1:] == ["SIGABRT", "safety", "request"]
    host.go.touch()
    host.start().wait_ready()
    assert request(host.port, path="/plain").body == b"1", "it knows that it has crashed"
    rows = host.admin_json("/plugins")
    rows = rows["plugins"] if isinstance(rows, dict) else rows
    assert {row["name"]: row["restarts"] for row in rows} == {"safety": 1, "echo": 0}


def test_a_plugin_that_holds_its_lane_is_named_and_holds_up_nobody_else(house):
    host = house("laneBudget: 100ms", "false")
    with Connection(host.port) as client:
        client.send(path="/hold")
        eventually(lambda: "plugin safety has held its lane for" in host.log, "its name", 10)
        assert "in request: its other calls wait" in host.log
        assert request(host.other_port, path="/x").status == 200
        assert host.admin("/readyz")[0] == 200
        host.go.touch()
        assert client.receive().body == b"held"


def test_a_plugin_that_is_stuck_for_ever_does_not_keep_the_process(house):
    host = house("pluginStopTimeout: 300ms, drain: 300ms", "false")
    with Connection(host.port) as client:
        client.send(path="/hold")
        eventually(lambda: host.admin("/readyz")[0] == 200, "the admin API answers", 10)
        host.stop()
    assert "plugin safety" in host.log


def test_a_million_log_lines_are_bounded_and_counted(house):
    host = house("pluginLogLines: 50", "false")
    assert request(host.port, path="/flood").body == b"flooded"
    assert request(host.other_port, path="/x").status == 200
    eventually(lambda: "plugin safety logs too much" in host.log, "the count", 10)
    assert host.log.count("flood") < 2_000
    assert "limits.pluginLogLines is 50 a second" in host.log


def test_no_memory_is_writable_and_executable_and_children_are_free(house):
    host = house("drain: 1s", "false")
    assert request(host.port, path="/maps").body == b"0"
    if os.uname().release.split(".") >= ["6"]:
        assert "PR_SET_MDWE" not in host.log
    if shutil.which("node"):
        assert request(host.port, path="/child").body == b"0"

"""Plugins/Examples: one service in four languages, built against the installed header alone."""

import json
import pathlib

import pytest

from harness import installed, native
from harness.host import ROOT, command
from harness.waiting import eventually, free_port
from harness.wire import request

LANGUAGES = ["c", "swift", "rust", "go"]
# The first test of a language builds its example.
pytestmark = pytest.mark.timeout(installed.BUILD_SECONDS)


@pytest.fixture(params=LANGUAGES)
def library(request, built):
    """The example of each language in turn."""
    return built(installed.EXAMPLES / request.param)


@pytest.fixture
def greeter(hosts, library):
    """Makes a ready host with one instance `greeter`; answers the host and its port."""

    def make(config):
        port = free_port()
        host = hosts(
            plugins=[f"{{name: greeter, library: {library}, config: {config}}}"],
            listeners=[f'{{name: local, address: "127.0.0.1:{port}", services: [greeter]}}'])
        host.start().wait_ready()
        return host, port

    return make


def test_it_exports_its_entry_alone(library):
    assert native.exported_symbols(library) == ["sluice_plugin_entry"]


def test_it_greets_and_counts(greeter):
    host, port = greeter("{greeting: good day}")
    for count, name in enumerate(["ann", "bob", "a%22b"], 1):
        answer = request(port, path=f"/greet/{name}")
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert json.loads(answer.body) == {"greeting": "good day", "name": name, "count": count}
    assert host.metric("sluice_greeter_greetings_total") == 3
    assert request(port, path="/greet/").status == 404
    assert request(port, path="/greet/ann/bob").status == 404
    assert request(port, "POST", "/greet/ann").status == 405
    host.stop()


def test_it_tells_what_it_does(greeter):
    host, port = greeter("{everySeconds: 1}")
    assert json.loads(request(port, path="/greet/ann").body)["greeting"] == "hello"
    eventually(lambda: said(host, "so far", greeted="1"), "the timer writes a line")
    assert said(host, "ready to greet", greeted="0")
    plugin = host.admin_json("/plugins")["plugins"][0]
    assert "greets who asks" in json.dumps(plugin)
    host.stop()


def test_a_process_has_room_for_one_go_runtime(hosts, built):
    greeter = built(installed.EXAMPLES / "go")
    other = built(ROOT / "Tests" / "Acceptance" / "plugins" / "every" / "go")
    host = hosts(plugins=[f"{{name: greeter, library: {greeter}}}",
                          f"{{name: again, library: {greeter}}}",
                          f"{{name: other, library: {other}, required: false}}"])
    host.start()
    eventually(lambda: "plugin other: load:" in host.log, "the second runtime is refused")
    assert f"{greeter} has brought a Go runtime; there can be one" in host.log
    assert "plugin again" not in host.log
    maps = pathlib.Path(f"/proc/{host.process.pid}/maps").read_text()
    assert str(greeter) in maps and str(other) not in maps
    host.stop()


def said(host, message, **fields):
    """Whether a line of the plugin has this message and these fields."""
    lines = [line for line in host.log.splitlines() if message in line and "greeter" in line]
    return any(all(f"{key}={value}" in line for key, value in fields.items()) for line in lines)


def test_a_wrong_setting_is_refused_by_name(hosts, library):
    host = hosts(plugins=[f"{{name: greeter, library: {library}, config: {{everySeconds: 0}}}}"])
    done = command("check", "--config", host.config)
    assert done.returncode == 1
    assert "plugin greeter: create: config/everySeconds" in done.stdout + done.stderr

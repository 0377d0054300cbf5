"""The plugin boundary: a service in C answers, and what is broken is refused by name."""

import pytest

from harness import native
from harness.host import BINARY, ECHO, FILE_SOURCE
from harness.manifests import gateway, join, route, service, to_plugin, to_service
from harness.waiting import eventually, free_port
from harness.wire import Connection, request


def plugins(host):
    """The instances of /plugins by name."""
    answer = host.admin_json("/plugins")
    rows = answer["plugins"] if isinstance(answer, dict) else answer
    return {row["name"]: row for row in rows}


def test_echo_answers_a_route(site, origin):
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port),
        route("web", [to_plugin("echo", prefix="/echo"), to_service("web")]))})
    with Connection(host.port) as connection:
        for number in range(20):
            answer = connection.request("POST", "/echo/x", body=b"hello %d" % number)
            assert answer.status == 200
            assert b"hello %d" % number in answer.body
            assert connection.request(path="/other").headers["x-origin"] == "origin"


def test_echo_answers_a_listener_of_the_host(hosts):
    port = free_port()
    host = hosts(
        plugins=[ECHO],
        listeners=[f'{{name: local, address: "127.0.0.1:{port}", services: [echo]}}'])
    host.start().wait_ready()
    with Connection(port) as connection:
        for _ in range(20):
            answer = connection.request("POST", "/x", body=b"hello")
            assert answer.status == 200
            assert b"hello" in answer.body


def test_a_plugin_not_exposed_to_the_namespace_is_refused(site, origin):
    host = site(
        lambda port: {"all.yaml": join(
            gateway(port), service("web", origin.port),
            route("web", [to_plugin("echo", prefix="/echo"), to_service("web")]))},
        plugins=(FILE_SOURCE, "{name: echo, library: echo, expose: {namespaces: [other]}}"))
    assert request(host.port, path="/echo").status == 500
    assert request(host.port, path="/other").status == 200
    assert "echo" in str(host.admin_json("/config")["problems"])


@pytest.mark.parametrize("flag, said", [
    ("-DDIE_IN_CONSTRUCTOR", "SIGSEGV"),
    ("-DDIE_IN_ENTRY", "SIGABRT"),
    ("-DEXIT_IN_CONSTRUCTOR", "code 7"),
    ("-DWRONG_STAMP", "major"),
    ("-DNO_ENTRY", "sluice_plugin_entry"),
    ("-DMISSING_SYMBOL", "symbol"),
])
def test_a_broken_library_is_refused_by_name_and_the_rest_serves(
        site, origin, tmp_path, flag, said):
    bad = native.library("dies.c", tmp_path / "libbad.so", flag)
    host = site(
        lambda port: {"all.yaml": join(
            gateway(port), service("web", origin.port), route("web", [to_service("web")]))},
        plugins=(f"{{name: bad, library: {bad}, required: false}}", FILE_SOURCE, ECHO))
    assert request(host.port).status == 200
    refusals = [line for line in host.log.splitlines() if "plugin bad" in line]
    assert len(refusals) == 1 and said in refusals[0] and str(bad) in refusals[0], host.log
    assert said in str(plugins(host)["bad"])


def test_a_missing_library_is_refused_by_name(site, origin):
    host = site(
        lambda port: {"all.yaml": join(
            gateway(port), service("web", origin.port), route("web", [to_service("web")]))},
        plugins=("{name: gone, library: no-such-plugin, required: false}", FILE_SOURCE))
    assert request(host.port).status == 200
    assert "no-such-plugin" in host.log


def test_a_required_plugin_that_is_refused_keeps_readiness_away(hosts, tmp_path):
    bad = native.library("dies.c", tmp_path / "libbad.so", "-DDIE_IN_CONSTRUCTOR")
    port = free_port()
    host = hosts(
        plugins=(f"{{name: bad, library: {bad}}}", ECHO),
        listeners=[f'{{name: local, address: "127.0.0.1:{port}", services: [echo]}}'])
    host.start()
    eventually(lambda: request(port, "POST", "/", body=b"a").status == 200, "echo answers")
    status, text = host.admin("/readyz")
    assert status == 503
    assert "bad" in text
    assert host.admin("/healthz")[0] == 200


def test_plugins_are_listed_with_their_state(site, origin):
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port), route("web", [to_service("web")]))})
    listed = plugins(host)
    assert set(listed) == {"routes", "echo"}


def test_plugins_and_host_export_what_they_must():
    assert native.exported_symbols(BINARY) == []
    for name in ("libecho.so", "libfile-source.so"):
        assert native.exported_symbols(BINARY.parent / name) == ["sluice_plugin_entry"]

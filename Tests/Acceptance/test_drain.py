"""SIGTERM and SIGINT: what is under way ends well, nothing new begins, the exit code is 0."""

import signal

import pytest

from harness.manifests import gateway, join, route, service, to_service
from harness.waiting import eventually
from harness.wire import Connection


@pytest.fixture
def host(site, origin):
    return site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port), route("web", [to_service("web")]))})


def refuses(port):
    try:
        with Connection(port, timeout=1.0) as connection:
            connection.send()
            return connection.is_closed()
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_end(host, origin, number):
    with Connection(host.port) as busy, Connection(host.port) as idle:
        assert idle.request().status == 200
        busy.send(path="/slow")
        origin.wait_until_asked()
        host.signal(number)
        assert idle.is_closed()
        eventually(lambda: refuses(host.port), "new connections are refused")
        assert host.is_alive()
        origin.release.set()
        answer = busy.receive()
        assert answer.status == 200
        assert answer.json["path"] == "/slow"
        assert answer.headers.get("connection", "").lower() == "close"
        assert busy.is_closed()
    assert host.wait() == 0


def test_an_idle_host_ends_at_once(host):
    with Connection(host.port) as connection:
        assert connection.request().status == 200
        host.signal(signal.SIGTERM)
        assert connection.is_closed()
        assert host.wait(5) == 0


def test_a_second_host_serves_the_same_routes_after_the_first(host):
    host.stop()
    host.start().wait_ready()
    with Connection(host.port) as connection:
        assert connection.request().status == 200

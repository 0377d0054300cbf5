"""The two kernels: the same service by io_uring and by epoll, and what decides between them."""

import pathlib
import signal
import socket
import sys
import threading

import pytest

from harness.manifests import gateway, join, route, service, to_service
from harness.scripted import keep_alive
from harness.waiting import eventually
from harness.wire import Connection, request

LARGE = 8 << 20
KERNELS = ["uring", "epoll"]
FORBID = (sys.executable, str(pathlib.Path(__file__).parent / "harness" / "forbid.py"))


def to(port):
    """Manifests that send everything to an origin on a port."""
    return lambda listener: {"all.yaml": join(
        gateway(listener), service("web", port), route("web", [to_service("web")]))}


@pytest.fixture(params=KERNELS)
def host(request, site, origin):
    """A host by each kernel in turn."""
    return site(to(origin.port), extra=f"io: {request.param}\n")


def test_the_configured_kernel_serves(site, origin):
    for kernel, word in [("uring", "io_uring"), ("epoll", "epoll")]:
        host = site(to(origin.port), extra=f"io: {kernel}\n")
        assert request(host.port).status == 200
        assert f"io={word}" in host.log or f'io="{word}' in host.log


def test_a_large_body_goes_to_the_origin_and_comes_back(host):
    body = bytes(range(48, 112)) * (LARGE // 64)
    with Connection(host.port) as connection:
        sender = threading.Thread(
            target=connection.send, args=("POST", "/form"), kwargs={"body": body})
        sender.start()
        answer = connection.receive()
        sender.join()
        assert answer.status == 200
        assert answer.json["body"].encode() == body
        assert connection.request(path="/after").json["path"] == "/after"


def test_a_slow_reader_gets_all_of_a_large_answer(host):
    body = b"0123456789abcdef" * (LARGE // 16)
    with Connection(host.port) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.send("POST", "/form", body=body)
        answer = connection.receive()
        assert answer.json["body"].encode() == body


def test_pipelined_requests_are_answered_in_order(host):
    with Connection(host.port) as connection:
        for number in range(20):
            connection.send(path=f"/{number}")
        paths = [connection.receive().json["path"] for _ in range(20)]
    assert paths == [f"/{number}" for number in range(20)]


def test_a_client_that_ends_its_half_is_still_answered(host, origin):
    with Connection(host.port) as connection:
        connection.send(path="/slow")
        origin.wait_until_asked()
        connection.socket.shutdown(socket.SHUT_WR)
        origin.release.set()
        assert connection.receive().json["path"] == "/slow"
        assert connection.is_closed()


def test_many_connections_at_once(host, origin):
    connections = [Connection(host.port) for _ in range(100)]
    try:
        for turn in range(3):
            for connection in connections:
                connection.send(path=f"/{turn}")
            for connection in connections:
                assert connection.receive().json["path"] == f"/{turn}"
    finally:
        for connection in connections:
            connection.socket.close()
    eventually(
        lambda: host.metrics()["sluice_connections_active"] == 0, "all connections are closed")


def test_an_origin_that_is_gone_is_a_502(site, origin):
    for kernel in KERNELS:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            host = site(to(taken.getsockname()[1]), extra=f"io: {kernel}\n")
            assert request(host.port).status == 502


def test_a_drain_answers_what_is_under_way(host, origin):
    with Connection(host.port) as busy:
        busy.send(path="/slow")
        origin.wait_until_asked()
        host.signal(signal.SIGTERM)
        origin.release.set()
        assert busy.receive().status == 200
    assert host.wait() == 0


def test_where_io_uring_is_forbidden_epoll_serves_and_one_line_says_why(site, origin):
    host = site(to(origin.port), prefix=FORBID)
    assert request(host.port).status == 200
    lines = [line for line in host.log.splitlines() if "io_uring" in line]
    assert len(lines) == 1, host.log
    assert "serve by epoll" in lines[0] and "seccomp" in lines[0]


def test_a_machine_without_ipv6_serves_by_ipv4(world, scripted):
    host = world(scripted(keep_alive()), prefix=(*FORBID, "--ipv6"))
    assert request(host.port).status == 200


def test_a_host_that_insists_on_io_uring_ends_where_it_is_forbidden(hosts):
    host = hosts(extra="io: uring\n", prefix=FORBID).start()
    assert host.wait() != 0
    assert "io: auto" in host.log and "io_uring is forbidden here" in host.log
    host.process = None

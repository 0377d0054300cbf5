"""Which endpoint is asked, whose fault it was, and what is tried next."""

import collections
import concurrent.futures
import socket

import pytest

from harness.scripted import Scripted, all_fields, keep_alive
from harness.waiting import eventually, free_port
from harness.wire import Connection, request
from harness.world import pool, rule

RECOVERY_SECONDS = 30.0


def named(name):
    """An origin's answers that say who gave them."""
    return keep_alive(
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Origin: %s\r\n\r\n" % name.encode())


def refusing(count):
    """Ports of 127.0.0.1 that refuse, held so that nothing else listens there."""
    held = []
    for _ in range(count):
        one = socket.socket()
        one.bind(("127.0.0.1", 0))
        held.append(one)
    return held


def shares(port, count):
    """How many answers came from whom."""
    return collections.Counter(
        request(port).headers.get("x-origin", "none") for _ in range(count))


def test_an_endpoint_that_was_down_is_asked_again(world, scripted):
    """Fault 2: one failure excluded an endpoint for ever."""
    steady = scripted(named("steady"))
    port = free_port()
    host = world({"both": [steady.port, port]})
    first = [request(host.port).status for _ in range(60)]
    assert set(first) == {200}, collections.Counter(first)
    with Scripted(named("back"), port=port):
        eventually(
            lambda: request(host.port).headers.get("x-origin") == "back",
            "a request to the endpoint that is back", RECOVERY_SECONDS)
        eventually(
            lambda: shares(host.port, 40)["back"] >= 8, "its share again", RECOVERY_SECONDS)


@pytest.mark.parametrize("fault", ["bad chunk", "abort", "slow reading"])
def test_the_faults_of_clients_count_against_no_endpoint(world, scripted, fault):
    """Fault 2: a client's bad chunk or slow reading counted against the origin."""
    big = b"HTTP/1.1 200 OK\r\nContent-Length: 4000000\r\nX-Origin: %s\r\n\r\n" + b"y" * 4_000_000
    origins = {name: scripted(by_path(name, big % name)) for name in (b"one", b"two")}
    host = world(
        {"both": [one.port for one in origins.values()]}, limits={"writeStall": "200ms"})
    clients = []
    for _ in range(16):
        client = Connection(host.port, receive_buffer=4096)
        clients.append(client)
        if fault == "bad chunk":
            client.socket.sendall(
                b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"5\r\nhello\r\nZZ\r\n")
            assert client.is_ended_within(5)
        elif fault == "abort":
            client.socket.sendall(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 9\r\n\r\na")
            client.reset()
        else:
            client.socket.sendall(b"GET /big HTTP/1.1\r\nHost: a.test\r\n\r\n")
    if fault == "slow reading":
        eventually(
            lambda: host.host.metric("sluice_timeouts_total", wait="write") >= 16,
            "the slow readers are cut")
    counts = shares(host.port, 60)
    assert set(counts) == {"one", "two"} and min(counts.values()) >= 10, counts
    for client in clients:
        client.socket.close()


def by_path(name, big):
    small = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Origin: %s\r\n\r\n" % name

    def serve(peer):
        while (head := peer.read_request()[0]) is not None:
            peer.send(big if b" /big " in head else small)
    return serve


@pytest.mark.parametrize("dead, requests", [(2, 300), (6, 120)])
def test_an_attempt_goes_to_an_endpoint_that_was_not_tried(world, scripted, dead, requests):
    """Fault 12: the second try picked the same dead endpoint."""
    live = scripted(named("live"))
    held = refusing(dead)
    ports = [one.getsockname()[1] for one in held]
    wrong = 0
    for turn in range(3):
        # Each world is new, so no health is remembered from the one before.
        host = world({"pool": [live.port, *ports] if turn % 2 else [*ports, live.port]})
        with Connection(host.port) as client:
            wrong += sum(client.request().status != 200 for _ in range(requests // 3))
    assert wrong == 0, f"{wrong} of {requests} requests failed with {dead} dead endpoints"
    for one in held:
        one.close()


@pytest.mark.parametrize("change", ["route", "pool"])
def test_a_retry_goes_on_though_routes_have_changed(world, scripted, change):
    """Fault 9: the connect fails after the change; the retry must still find an endpoint."""
    live = scripted(named("live"))
    other = scripted(named("other"))
    with full_backlog() as black_hole:
        ports = [black_hole.port, live.port]
        host = world({"p": pool(*ports, connectTimeout="700ms")})

        def ask():
            return request(host.port).status

        with concurrent.futures.ThreadPoolExecutor(12) as threads:
            asking = [threads.submit(ask) for _ in range(12)]
            eventually(
                lambda: host.host.metric("sluice_upstream_connections_active") >= 2
                or host.host.metric("sluice_requests_total") >= 12, "the requests are under way")
            if change == "route":
                host.publish({"p": pool(*ports, connectTimeout="700ms"), "q": [other.port]},
                             [rule("q", "/new"), rule("p")])
            else:
                host.publish({"p": pool(*ports, other.port, connectTimeout="700ms")})
            statuses = [one.result() for one in asking]
    assert statuses == [200] * 12, statuses


class full_backlog:
    """A port where a connect is neither accepted nor refused: its queue of connections is full."""

    def __enter__(self):
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(0)
        self.port = self.listener.getsockname()[1]
        self.fillers = [socket.socket() for _ in range(4)]
        for filler in self.fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
        return self

    def __exit__(self, *_):
        for one in (*self.fillers, self.listener):
            one.close()


def test_a_request_body_is_sent_again_on_another_endpoint(world, scripted):
    """A small body is kept for the second attempt (`retryBodyBytesMax`)."""
    bodies = []

    def serve(peer):
        while True:
            head, body = peer.read_request()
            if head is None:
                return
            bodies.append(body)
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    live = scripted(serve)
    held = refusing(1)
    host = world({"pool": [held[0].getsockname()[1], live.port]})
    for number in range(20):
        assert request(host.port, "POST", "/x", body=b"body %d" % number).status == 200
    assert bodies == [b"body %d" % number for number in range(20)]
    assert all(all_fields(head, "content-length") for head in live.heads)
    held[0].close()

"""Whose connection ends, when, and that it is nobody else's."""

import concurrent.futures
import threading
import time

import pytest

from harness.scripted import HELLO, keep_alive, silent
from harness.waiting import eventually, free_port
from harness.wire import Connection, request, talk
from harness.world import rule

GET = b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"
CLOSING = b"GET /c HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"
ROUNDS = 400


def test_the_end_of_one_connection_never_hits_the_next(world, scripted):
    """Fault 1: a shutdown that ran late hit the connection that got the same number."""
    host = world(scripted(keep_alive()))
    lost = []
    for turn in range(ROUNDS):
        kept = turn % 4 == 3
        with Connection(host.port) as client:
            # A client that closes leaves on the reply, before the host has ended its own half.
            client.socket.sendall(GET if kept else CLOSING)
            try:
                assert client.receive().status == 200
            except (EOFError, ConnectionError):
                lost.append(("kept" if kept else "closing", turn))
    assert not lost, f"{len(lost)} of {ROUNDS} requests without an answer: {lost[:5]}"


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("size", [5, 30_000, 300_000])
def test_a_client_that_has_sent_all_and_shut_its_side_is_answered(world, scripted, framing, size):
    """Fault 4."""
    host = world(scripted(keep_alive()))
    head = b"POST /x HTTP/1.1\r\nHost: a.test\r\n"
    body = b"b" * size
    if framing == "length":
        data = head + b"Content-Length: %d\r\n\r\n" % size + body
    else:
        data = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (size, body)
    answer = talk(host.port, data, half_close=True)
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"hello"), answer


def test_a_half_closed_client_waits_for_a_slow_origin_up_to_its_limit(world, scripted):
    """Fault 4: the exchange has `halfClosed` to answer; then it ends."""
    origin = scripted(silent)
    host = world(origin, limits={"halfClosed": "300ms"})
    answer = talk(host.port, GET, half_close=True, timeout=5)
    assert answer == b"" or answer.startswith(b"HTTP/1.1 504"), answer
    origin.wait_until_ended(seconds=5)
    assert host.host.metric("sluice_timeouts_total", wait="half_closed") == 1


def test_a_listener_may_end_a_half_closed_exchange_at_once(world, scripted):
    """Fault 4: `halfClosed: 0s` of a listener."""
    origin = scripted(silent)
    host = world(origin, listener={"halfClosed": "0s"})
    with Connection(host.port) as client:
        client.socket.sendall(GET)
        origin.wait_until_asked()
        client.socket.shutdown(1)
        assert client.is_ended_within(5)
    origin.wait_until_ended(seconds=5)


@pytest.mark.parametrize("ending", ["fin", "reset"])
def test_an_end_inside_a_request_ends_the_exchange_at_once(world, scripted, ending):
    """Fault 4: the origin must not wait for a body that will never come."""
    origin = scripted(silent)
    host = world(origin)
    with Connection(host.port) as client:
        client.socket.sendall(
            b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\nabc")
        origin.wait_until_asked()
        if ending == "reset":
            client.reset()
        else:
            client.socket.shutdown(1)
        origin.wait_until_ended(seconds=5)
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the client's slot", 5)


@pytest.mark.parametrize("data", [
    b"GET / HTTP/1.1\r\n\r\n", CLOSING, b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n"])
def test_no_linger_closes_at_once(world, scripted, data):
    """Fault 6: zero and never were one value, and such connections stayed for ever."""
    host = world(scripted(keep_alive()), limits={"linger": "0s"})
    with Connection(host.port) as client:
        client.socket.sendall(data)
        client.receive_rest()
        eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the close", 5)


def test_an_origin_that_answers_and_then_closes_costs_no_answer(world, scripted):
    """Fault 10: the end of the stream may come before the send's completion."""
    def serve(peer):
        peer.read_request()
        peer.send(HELLO)
        # The end comes at every moment around the host's next use of the connection.
        end = time.perf_counter() + peer.number % 8 * 25e-6
        while time.perf_counter() < end:
            pass

    host = world(scripted(serve))
    with Connection(host.port) as client:
        wrong = [turn for turn in range(ROUNDS) if client.request().status != 200]
    assert not wrong, f"{len(wrong)} of {ROUNDS} answers are not 200"


SINGLE = {
    "a method that is not idempotent":
        b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\n\r\nb",
    "content that is not kept":
        b"PUT /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\nb\r\n0\r\nX-Sum: 1\r\n\r\n",
}


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("kept", [1, 3, 12])
@pytest.mark.parametrize("last", ["end", "bytes"])
def test_what_is_sent_once_takes_no_kept_connection_that_has_ended(
        world, scripted, name, kept, last):
    """The host meets the request first, and the ends that came before it was sent behind it."""
    def serve(peer):
        while peer.read_request()[0] is not None:
            # As many connections as requests: none is answered before all have come.
            if peer.number < kept:
                peer.origin.gate.wait(10)
            peer.send(HELLO)

    origin = scripted(serve)
    host = world(origin)
    clients = [Connection(host.port) for _ in range(kept)]
    for client in clients:
        client.socket.sendall(GET)
    origin.wait_until_asked(kept)
    origin.gate.set()
    assert [client.receive().status for client in clients] == [200] * kept
    with host.host.paused():
        clients[0].socket.sendall(SINGLE[name])
        if last == "bytes":
            origin.send_to_all(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n")
        origin.end_all()
    with clients[0] as client:
        assert client.receive().status == 200
        client.socket.sendall(SINGLE[name])
        assert client.receive().status == 200
    assert origin.connections == kept + 1
    for client in clients[1:]:
        client.socket.close()


def test_a_request_timeout_is_answered_504(world, scripted):
    """Fault 10: on epoll the clients saw the end of the stream instead."""
    host = world(scripted(silent), limits={"requestTimeout": "300ms"})
    clients = [Connection(host.port) for _ in range(10)]
    try:
        for client in clients:
            client.socket.sendall(GET)
        assert [client.receive().status for client in clients] == [504] * 10
    finally:
        for client in clients:
            client.socket.close()


def test_clients_that_are_gone_hold_nothing(world, scripted):
    """Fault 11: with default settings both connections stayed for ever."""
    origin = scripted(silent)
    good = scripted(keep_alive())
    host = world(
        {"silent": [origin.port], "good": [good.port]},
        [rule("good", "/good"), rule("silent")],
        limits={"upstreamConnectionsPerWorkerMax": 32, "connectionsPerWorkerMax": 32})
    for _ in range(4):
        clients = [Connection(host.port) for _ in range(24)]
        for client in clients:
            client.socket.sendall(GET)
        origin.wait_until_asked(24)
        for client in clients:
            client.reset()
        origin.wait_until_ended(24, seconds=5)
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the slots", 5)
    assert request(host.port, path="/good").status == 200
    assert host.host.metric("sluice_clients_gone_total") == 96


def test_a_client_that_leaves_before_the_answer_frees_its_slot(world, scripted):
    """Fault 11, the client closing both ways without a reset: noticed when it is written to."""
    origin = scripted(silent)
    host = world(origin, limits={"halfClosed": "200ms"})
    with Connection(host.port) as client:
        client.socket.sendall(GET)
        origin.wait_until_asked()
    origin.wait_until_ended(seconds=5)
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the slot", 5)


def test_kept_connections_survive_their_listener_rebinding(world, scripted):
    """Fault 13: a listener gains an address and the port goes on."""
    origin = scripted(keep_alive())
    host = world(origin)
    pools = {"origin": [origin.port]}
    stop = threading.Event()

    def ask():
        counts = {}
        with Connection(host.port) as client:
            while not stop.is_set():
                status = client.request().status
                counts[status] = counts.get(status, 0) + 1
        return counts

    with concurrent.futures.ThreadPoolExecutor(16) as threads:
        asking = [threads.submit(ask) for _ in range(16)]
        try:
            for address in ({"address": "127.0.0.1"}, {}, {"address": "127.0.0.1"}, {}):
                host.publish(pools, listener=address)
                for _ in range(20):
                    assert request(host.port).status == 200
        finally:
            stop.set()
        counts = [one.result() for one in asking]
    assert {status for one in counts for status in one} == {200}, counts


def test_a_removed_listener_ends_after_its_answers(world, scripted):
    """Fault 13: what is under way on a port that goes is still answered."""
    def serve(peer):
        while peer.read_head() is not None:
            peer.origin.gate.wait(10)
            peer.send(HELLO)

    origin = scripted(serve)
    host = world(origin)
    with Connection(host.port) as busy, Connection(host.port) as idle:
        busy.socket.sendall(GET)
        origin.wait_until_asked()
        old, host.port = host.port, free_port()
        host.publish({"origin": [origin.port]})
        assert idle.is_ended_within(5)
        origin.gate.set()
        assert busy.receive().status == 200
        assert busy.is_ended_within(5)
        with pytest.raises(ConnectionError):
            Connection(old)
    assert request(host.port).status == 200

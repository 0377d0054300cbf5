"""One connection, or one plugin, never takes what the others of a worker need."""

import contextlib
import socket
import threading
import time

import pytest

from harness.scripted import keep_alive, silent
from harness.waiting import eventually
from harness.wire import Connection, request
from harness.world import rule, service

ONE_BYTE_SEGMENTS = 24_000
PROBE_SECONDS = 2.0


def probes(port, path="/good", count=5):
    """Requests on new connections, each answered in time."""
    for _ in range(count):
        with Connection(port, timeout=PROBE_SECONDS) as client:
            assert client.request(path=path).status == 200


@pytest.fixture
def two(world, scripted):
    """A host with an origin that stops reading and a good one."""
    def make(stopped=silent, receive_buffer=4096, **rest):
        bad, good = scripted(stopped, receive_buffer=receive_buffer), scripted(keep_alive())
        rules = [rule("good", "/good"), *rest.pop("rules", []), rule("bad")]
        host = world({"bad": [bad.port], "good": [good.port]}, rules, **rest)
        host.bad = bad
        return host

    return make


def stops_reading(peer):
    peer.read_head()
    peer.origin.gate.wait(60)


def fill(client, limit=64 << 20):
    """Sends until the host takes no more for a moment; answers how much it took."""
    client.socket.settimeout(0.3)
    sent = 0
    with contextlib.suppress(TimeoutError):
        while sent < limit:
            sent += client.socket.send(b"f" * 65536)
    client.socket.settimeout(10)
    return sent


def test_one_byte_segments_to_an_origin_that_stops_reading_stop_nobody(two):
    """Fault 3: each byte held a whole buffer, and after about 16,000 everybody else waited."""
    host = two(stops_reading)
    with Connection(host.port) as client:
        client.socket.sendall(
            b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000000\r\n\r\n")
        host.bad.wait_until_asked()
        fill_upstream(host.host, client)
        client.socket.settimeout(5)
        with contextlib.suppress(OSError):
            for index in range(ONE_BYTE_SEGMENTS):
                send_alone(client.socket, b"b")
                if index % 1000 == 0:
                    probes(host.port, count=1)
        probes(host.port)


def fill_upstream(host, client):
    """Sends until the kernel takes no more for the origin; the host holds less than 64 KiB then."""
    def is_taken():
        return host.metric("sluice_bytes_total", side="upstream", direction="sent") >= sent

    sent = 0
    with contextlib.suppress(AssertionError):
        while sent < 64 << 20:
            client.socket.sendall(b"f" * 65536)
            sent += 65536
            eventually(is_taken, "the origin's kernel takes it", 0.4)
    assert sent < 64 << 20


def send_alone(socket, data):
    """Sends a segment that the host can read before the next one is there."""
    end = time.perf_counter() + 50e-6
    socket.send(data)
    while time.perf_counter() < end:
        pass


def test_a_fast_upload_to_an_origin_that_stops_reading_is_paused(two):
    """Fault 3: backpressure reaches the client, and the others are served."""
    host = two(stops_reading)
    before = host.host.resident_kilobytes()
    with Connection(host.port) as client:
        client.socket.sendall(
            b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000000\r\n\r\n")
        assert fill(client) < 32 << 20
        probes(host.port)
        assert host.host.resident_kilobytes() - before < 8192
        host.bad.gate.set()


def test_who_holds_the_memory_is_cut_and_not_who_comes_next(two):
    """Fault 3: at three quarters lent, whoever came next was cut."""
    big = b"HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n" + b"w" * 8_000_000

    def floods(peer):
        while peer.read_head() is not None:
            peer.send(big)

    host = two(floods, receive_buffer=None,
               limits={"receiveBuffersPerWorker": 16, "largeBuffersPerWorker": 16})
    slow = [Connection(host.port, receive_buffer=4096) for _ in range(60)]
    try:
        for client in slow:
            client.socket.sendall(b"GET /big HTTP/1.1\r\nHost: a.test\r\n\r\n")
        eventually(lambda: host.bad.connections >= 1, "the replies are under way")
        probes(host.port, count=20)
    finally:
        for client in slow:
            client.socket.close()


def test_a_slow_reader_that_makes_progress_is_not_cut(world, scripted):
    """Fault 7: the stall counts bytes that the client has read, not finished writes."""
    size = 24_000_000
    body = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + b"p" * size
    host = world(scripted(keep_alive(body)), limits={"writeStall": "1s"})
    with Connection(host.port, receive_buffer=4096) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        # 20 KiB a second for 4 s: several stalls long, and never without progress.
        pace = threading.Event()
        for _ in range(40):
            client.buffer += client.socket.recv(2048)
            pace.wait(0.1)
        client.receive_head()
        assert len(client.receive_bytes(size)) == size


def test_a_client_that_trickles_its_body_is_cut(two):
    """Fault 7 and `dataRateMin`: 20 bytes a second are no progress."""
    host = two(limits={"bodyIdle": "1s", "dataRateMin": 500})
    with Connection(host.port) as client:
        client.socket.sendall(b"POST /x HTTP/1.1\r\nHost: a.test\r\nContent-Length: 100000\r\n\r\n")
        ends = time.monotonic() + 6
        with contextlib.suppress(OSError):
            while client.is_quiet(0.05):
                assert time.monotonic() < ends, "a trickled body is read for ever"
                client.socket.send(b"t")
        assert client.receive_rest()[:12] in (b"HTTP/1.1 408", b"")
    eventually(lambda: host.host.metric("sluice_timeouts_total", wait="data_rate") == 1, "count", 5)


def test_an_origin_that_never_answers_is_a_504(two):
    """Fault 7: the first byte has a deadline."""
    host = two(limits={"firstByteTimeout": "400ms"})
    with Connection(host.port, timeout=5) as client:
        assert client.request(path="/x").status == 504
    assert host.host.metric("sluice_timeouts_total", wait="first_byte") == 1
    host.bad.wait_until_ended(seconds=5)


def test_an_origin_that_stops_in_its_reply_is_given_up(two):
    """Faults 7 and 11: the idle time of a reply has a deadline, and its client learns of it."""
    def half(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        peer.wait_for_end()

    host = two(half, limits={"replyIdle": "400ms"})
    with Connection(host.port, timeout=5) as client:
        client.send(path="/x")
        head = client.receive_head()
        assert head.startswith(b"HTTP/1.1 200")
        assert client.receive_rest() == b"half"
    assert host.host.metric("sluice_timeouts_total", wait="reply_idle") == 1
    assert host.host.metric("sluice_broken_replies_total", source="origin") == 1


def test_idle_upstream_connections_make_room(world, scripted):
    """Fault 7: connections kept for one endpoint could refuse the clients of another."""
    def together(peer):
        while peer.read_head() is not None:
            peer.origin.gate.wait(10)
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    first, second = scripted(together), scripted(keep_alive())
    host = world({"first": [first.port], "second": [second.port]},
                 [rule("second", "/second"), rule("first")],
                 limits={"upstreamConnectionsPerWorkerMax": 16})
    clients = [Connection(host.port) for _ in range(16)]
    try:
        for client in clients:
            client.send()
        first.wait_until_asked(16)
        first.gate.set()
        assert [client.receive().status for client in clients] == [200] * 16
        assert host.host.metric("sluice_upstream_connections_idle") == 16
        assert request(host.port, path="/second").status == 200
        assert host.host.metric("sluice_evicted_idle_total") == 1
    finally:
        for client in clients:
            client.socket.close()


def test_large_answers_of_a_plugin_take_no_buffers_of_the_others(world, scripted, tmp_path):
    """Fault 7: four answers of 16 MiB took every buffer of a worker."""
    plugin, _ = service(tmp_path)
    host = world({"good": [scripted(keep_alive()).port]},
                 [rule("plugin:service", "/big"), rule("good", "/good")], plugins=[plugin])
    slow = [Connection(host.port, receive_buffer=4096) for _ in range(8)]
    try:
        for client in slow:
            client.socket.sendall(b"GET /big HTTP/1.1\r\nHost: a.test\r\n\r\n")
        for client in slow:
            assert client.socket.recv(1) == b"H"
        probes(host.port, count=10)
    finally:
        for client in slow:
            client.socket.close()
    with Connection(host.port) as client:
        assert len(client.request(path="/big").body) == 16 << 20


def test_a_client_that_does_not_read_is_cut_by_the_stall(world, scripted):
    """A reader that makes no progress is cut, and its origin's connection with it."""
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"n" * 9_000_000
    origin = scripted(keep_alive(body))
    host = world(origin, limits={"writeStall": "500ms"})
    with Connection(host.port, receive_buffer=4096) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
        eventually(lambda: host.host.metric("sluice_timeouts_total", wait="write") == 1, "a cut", 6)
        eventually(lambda: origin.open_connections == 0, "the origin is let go", 5)
        assert client.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) in (0, 104)

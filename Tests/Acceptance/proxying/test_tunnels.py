"""Upgrades: WebSocket end to end, half-close, route changes, limits; what is refused."""

import base64
import hashlib
import socket
import threading

import pytest
from websockets.sync.client import connect
from websockets.sync.server import serve

from harness.scripted import all_fields, keep_alive, once
from harness.waiting import eventually
from harness.wire import Connection

KEY = base64.b64encode(b"0123456789abcdef")
ACCEPT = base64.b64encode(
    hashlib.sha1(KEY + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
ASK = (b"GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
       b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + b"\r\n\r\n")
SWITCH = (b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
          b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n")


@pytest.fixture
def websocket_origin():
    """A WebSocket server that sends back what it gets."""
    def echo(socket):
        for message in socket:
            socket.send(message)

    with serve(echo, "127.0.0.1", 0, compression=None, max_size=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        server.port = server.socket.getsockname()[1]
        yield server
        server.shutdown()
        thread.join()


def raw_echo(peer):
    """Switches and sends every byte back; ends its own half when the other side has."""
    if peer.read_head() is None:
        return
    peer.send(SWITCH + peer.buffer)
    while data := peer.socket.recv(65536):
        peer.send(data)
    peer.send(b"bye")


def tunnel(port, **rest):
    client = Connection(port, **rest)
    client.socket.sendall(ASK)
    head = client.receive_head()
    assert head.startswith(b"HTTP/1.1 101"), head
    return client, head


def test_a_websocket_works_end_to_end(world, websocket_origin):
    host = world({"ws": [websocket_origin.port]})
    with connect(f"ws://127.0.0.1:{host.port}/ws", compression=None, max_size=None) as client:
        for size in (0, 1, 125, 126, 65_535, 65_536, 3_000_000):
            client.send(b"w" * size)
            assert client.recv(timeout=10) == b"w" * size
        client.send("text ü")
        assert client.recv(timeout=10) == "text ü"
        assert client.ping().wait(5)
        assert host.host.metric("sluice_tunnels_total") == 1
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the tunnel's end", 5)


def test_the_upgrade_fields_pass_both_ways(world, scripted):
    origin = scripted(raw_echo)
    host = world(origin)
    client, head = tunnel(host.port)
    with client:
        assert all_fields(head, "upgrade") == ["websocket"]
        assert [value.lower() for value in all_fields(head, "connection")] == ["upgrade"]
        assert all_fields(head, "sec-websocket-accept") == [ACCEPT.decode()]
    asked = origin.heads[0]
    assert all_fields(asked, "upgrade") == ["websocket"]
    assert [value.lower() for value in all_fields(asked, "connection")] == ["upgrade"]
    assert all_fields(asked, "sec-websocket-key") == [KEY.decode()]


def test_bytes_that_come_with_either_head_are_not_lost(world, scripted):
    host = world(scripted(raw_echo))
    with Connection(host.port) as client:
        client.socket.sendall(ASK)
        assert client.receive_head().startswith(b"HTTP/1.1 101")
        client.socket.sendall(b"after")
        assert client.receive_bytes(5) == b"after"

    def greets(peer):
        peer.read_head()
        peer.send(SWITCH + b"greeting")
        peer.wait_for_end()

    host = world(scripted(greets))
    client, _ = tunnel(host.port)
    with client:
        assert client.receive_bytes(8) == b"greeting"


def test_a_client_may_end_its_half_first(world, scripted):
    host = world(scripted(raw_echo))
    client, _ = tunnel(host.port)
    with client:
        client.socket.sendall(b"last words")
        client.socket.shutdown(socket.SHUT_WR)
        assert client.receive_rest() == b"last wordsbye"


def test_an_origin_may_end_its_half_first(world, scripted):
    got = []

    def ends_first(peer):
        peer.read_head()
        peer.send(SWITCH + b"all I say")
        peer.socket.shutdown(socket.SHUT_WR)
        while data := peer.socket.recv(65536):
            got.append(data)
        peer.origin.ended.release()

    origin = scripted(ends_first)
    host = world(origin)
    client, _ = tunnel(host.port)
    with client:
        assert client.receive_rest() == b"all I say"
        client.socket.sendall(b"still here")
        client.socket.shutdown(socket.SHUT_WR)
        origin.wait_until_ended()
    assert b"".join(got) == b"still here"


@pytest.mark.parametrize("side", ["client", "origin"])
def test_a_reset_of_either_side_ends_the_other(world, scripted, side):
    def serve(peer):
        peer.read_head()
        peer.send(SWITCH)
        if side == "origin":
            peer.origin.gate.wait(10)
            peer.reset()
        else:
            peer.wait_for_end()

    origin = scripted(serve)
    host = world(origin)
    client, _ = tunnel(host.port)
    if side == "client":
        client.reset()
        origin.wait_until_ended(seconds=5)
    else:
        origin.gate.set()
        assert client.is_ended_within(5)
        client.socket.close()
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the slots", 5)


def test_route_changes_leave_a_tunnel_alone(world, scripted):
    origin, other = scripted(raw_echo), scripted(keep_alive())
    host = world(origin)
    client, _ = tunnel(host.port)
    with client:
        for port in (other.port, origin.port, other.port):
            host.publish({"new": [port]})
            client.socket.sendall(b"ping")
            assert client.receive_bytes(4) == b"ping"


def test_a_tunnel_without_a_byte_ends_by_its_own_limit(world, scripted):
    """Not by those of messages, which are shorter here."""
    origin = scripted(raw_echo)
    host = world(origin, limits={
        "tunnelIdle": "1s", "keepAliveIdle": "1s", "bodyIdle": "200ms", "replyIdle": "200ms",
        "firstByteTimeout": "200ms", "headerReadTimeout": "200ms"})
    client, _ = tunnel(host.port)
    with client:
        for _ in range(3):
            assert client.is_quiet(0.6)
            client.socket.sendall(b"ping")
            assert client.receive_bytes(4) == b"ping"
        assert client.is_ended_within(4)
    assert host.host.metric("sluice_timeouts_total", wait="tunnel_idle") == 1


def test_the_least_data_rate_does_not_count_in_a_tunnel(world, scripted):
    host = world(scripted(raw_echo), limits={
        "dataRateMin": 10_000, "bodyIdle": "200ms", "writeStall": "200ms"})
    client, _ = tunnel(host.port)
    with client:
        for _ in range(4):
            assert client.is_quiet(0.4)
            client.socket.sendall(b"p")
            assert client.receive_bytes(1) == b"p"


def test_a_tunnel_is_paused_by_a_side_that_does_not_read(world, scripted):
    def stops(peer):
        peer.read_head()
        peer.send(SWITCH)
        peer.origin.gate.wait(20)
        left = size
        while left > 0:
            left -= len(peer.socket.recv(1 << 20))
        peer.send(b"all")

    size = 24 << 20
    origin = scripted(stops, receive_buffer=65536)
    host = world(origin)
    before = host.host.resident_kilobytes()
    client, _ = tunnel(host.port, timeout=30)
    with client:
        sender = threading.Thread(target=client.socket.sendall, args=(b"t" * size,))
        sender.start()
        sender.join(1)
        assert sender.is_alive(), "the host took everything"
        assert host.host.resident_kilobytes() - before < 8192
        origin.gate.set()
        sender.join()
        assert client.receive_bytes(3) == b"all"


def test_connect_is_refused(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin)
    with Connection(host.port) as client:
        client.socket.sendall(b"CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\n\r\n")
        assert client.receive().status in (405, 501)
        assert client.is_ended_within(5)
    assert origin.heads == []


@pytest.mark.parametrize("protocol", ["h2c", "TLS/1.0", "foo, websocket"])
def test_an_upgrade_to_anything_else_is_not_forwarded(world, scripted, protocol):
    origin = scripted(keep_alive())
    host = world(origin)
    with Connection(host.port) as client:
        answer = client.request(headers=[
            "Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}", "HTTP2-Settings: AAMA"])
        assert answer.status == 200
    assert all_fields(origin.heads[0], "upgrade") == []
    assert all_fields(origin.heads[0], "http2-settings") == []


def test_a_101_that_nobody_asked_for_is_a_502(world, scripted):
    host = world(scripted(once(SWITCH + b"evil")))
    with Connection(host.port) as client:
        assert client.request().status == 502


def test_an_origin_that_does_not_switch_answers_as_usual(world, scripted):
    """The client's next request on the connection is a request."""
    origin = scripted(keep_alive(b"HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\n\r\nno"))
    host = world(origin)
    with Connection(host.port) as client:
        client.socket.sendall(ASK)
        assert client.receive().status == 426
        assert client.request().status == 426
    assert all_fields(origin.heads[1], "upgrade") == []


def test_a_drain_ends_tunnels_at_its_deadline(world, scripted):
    host = world(scripted(raw_echo), limits={"drain": "500ms"})
    client, _ = tunnel(host.port)
    with client:
        client.socket.sendall(b"ping")
        assert client.receive_bytes(4) == b"ping"
        host.host.stop()
        assert client.is_ended_within(1)

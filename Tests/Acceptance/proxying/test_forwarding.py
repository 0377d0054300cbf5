"""What the origin is told about the client: forwarded fields, request ids and PROXY protocol."""

import re
import socket
import struct

import pytest

from harness.scripted import Peer, all_fields, keep_alive
from harness.wire import Connection
from harness.world import pool

SPOOFED = ["X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.test",
           "X-Forwarded-Port: 666", "Forwarded: for=6.6.6.6"]
TRUSTED = 'trustedProxies: ["127.0.0.0/8"]\n'


@pytest.fixture
def seen(world, scripted):
    """The head that the origin gets when a client sends these fields."""
    def make(headers=(), **rest):
        origin = scripted(keep_alive())
        host = world(origin, **rest)
        with Connection(host.port) as client:
            assert client.request(host="a.test:8080", headers=headers).status == 200
        return Seen(origin.heads[0], host.port)

    return make


class Seen:
    """The fields of a forwarded head."""

    def __init__(self, head, port):
        self.head, self.port = head, port

    def __getitem__(self, name):
        return all_fields(self.head, name)


def test_forwarded_fields_are_added(seen):
    head = seen()
    assert head["x-forwarded-for"] == ["127.0.0.1"]
    assert head["x-forwarded-proto"] == ["http"]
    assert head["x-forwarded-host"] == ["a.test:8080"]
    assert head["x-forwarded-port"] == [str(head.port)]
    assert head["via"] == ["1.1 sluice"]
    assert head["forwarded"] == []


def test_what_an_untrusted_client_says_of_them_is_replaced(seen):
    head = seen(SPOOFED)
    assert head["x-forwarded-for"] == ["127.0.0.1"]
    assert head["x-forwarded-proto"] == ["http"]
    assert head["x-forwarded-host"] == ["a.test:8080"]
    assert head["x-forwarded-port"] == [str(head.port)]
    assert head["forwarded"] == []
    assert b"6.6.6.6" not in head.head and b"evil.test" not in head.head


def test_what_a_trusted_proxy_says_of_them_is_kept_and_appended_to(seen):
    head = seen(SPOOFED + ["X-Forwarded-For: 7.7.7.7"], extra=TRUSTED)
    values = [part.strip() for line in head["x-forwarded-for"] for part in line.split(",")]
    assert values == ["6.6.6.6", "7.7.7.7", "127.0.0.1"]
    assert head["x-forwarded-proto"] == ["https"]
    assert head["x-forwarded-host"] == ["evil.test"]
    assert head["x-forwarded-port"] == ["666"]


def test_a_connection_option_does_not_take_them_away(seen):
    """RFC 9110 7.6.1 names fields for one hop; these are the host's own."""
    head = seen(["Connection: X-Forwarded-For, X-Request-Id, Via, X-Other", "X-Other: 1"])
    assert head["x-forwarded-for"] == ["127.0.0.1"]
    assert head["via"] == ["1.1 sluice"]
    assert len(head["x-request-id"]) == 1
    assert head["x-other"] == []


def test_forwarded_and_via_are_settings(seen):
    head = seen(extra="forwarding: {forwarded: true, via: false}\n")
    assert head["via"] == []
    value = head["forwarded"][0].lower()
    assert "for=127.0.0.1" in value and "proto=http" in value and "a.test:8080" in value


@pytest.mark.parametrize("value", ["a", "A-b_c.d:e-9", "0" * 128])
def test_a_valid_request_id_is_kept(seen, value):
    assert seen([f"X-Request-Id: {value}"])["x-request-id"] == [value]


@pytest.mark.parametrize("fields", [
    [], ["X-Request-Id: "], ["X-Request-Id: a b"], ["X-Request-Id: " + "0" * 129],
    ["X-Request-Id: <script>"], ["X-Request-Id: one", "X-Request-Id: two"],
])
def test_a_request_id_is_made_where_none_is_valid(seen, fields):
    made = seen(fields)["x-request-id"]
    assert len(made) == 1
    assert made == ["one"] or re.fullmatch(r"[0-9a-f]{32}", made[0]), made


def test_request_ids_differ(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin)
    with Connection(host.port) as client:
        for _ in range(50):
            client.request()
    assert len({all_fields(head, "x-request-id")[0] for head in origin.heads}) == 50


def test_the_trace_is_kept_unless_the_listener_restarts_it(seen):
    trace = ["traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
             "tracestate: a=b"]
    head = seen(trace)
    assert head["traceparent"] == [trace[0].partition(": ")[2]]
    assert head["tracestate"] == ["a=b"]
    head = seen(trace, listener={"restartTrace": True})
    assert b"4bf92f3577b34da6a3ce929d0e0e4736" not in head.head
    assert head["tracestate"] == []


# PROXY protocol

V2 = b"\r\n\r\n\0\r\nQUIT\n"
FROM_V1 = b"PROXY TCP4 192.0.2.7 198.51.100.1 4000 443\r\n"
FROM_V1_6 = b"PROXY TCP6 2001:db8::7 2001:db8::1 4000 443\r\n"
FROM_V2 = V2 + b"\x21\x11" + struct.pack(
    "!H4s4sHH", 12, bytes([192, 0, 2, 7]), bytes([198, 51, 100, 1]), 4000, 443)
FROM_V2_6 = V2 + b"\x21\x21" + struct.pack(
    "!H16s16sHH", 36, socket.inet_pton(socket.AF_INET6, "2001:db8::7"),
    socket.inet_pton(socket.AF_INET6, "2001:db8::1"), 4000, 443)
FROM_MAPPED = V2 + b"\x21\x21" + struct.pack(
    "!H16s16sHH", 36, socket.inet_pton(socket.AF_INET6, "::ffff:192.0.2.7"),
    socket.inet_pton(socket.AF_INET6, "::ffff:198.51.100.1"), 4000, 443)
LOCAL_V2 = V2 + b"\x20\x00\0\0"
WITH_TLV = V2 + b"\x21\x11" + struct.pack("!H", 12 + 7) + FROM_V2[16:] + b"\x04\0\x04abcd"
GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


@pytest.mark.parametrize("header, peer", [
    (FROM_V1, "192.0.2.7"), (FROM_V1_6, "2001:db8::7"), (FROM_V2, "192.0.2.7"),
    (FROM_V2_6, "2001:db8::7"), (FROM_MAPPED, "192.0.2.7"), (WITH_TLV, "192.0.2.7"),
    (LOCAL_V2, "127.0.0.1"), (b"PROXY UNKNOWN\r\n", "127.0.0.1"),
])
@pytest.mark.parametrize("pieces", ["whole", "bytes"])
def test_the_clients_address_comes_from_the_proxy_header(world, scripted, header, peer, pieces):
    origin = scripted(keep_alive())
    host = world(origin, listener={"proxyProtocol": {}})
    with Connection(host.port) as client:
        if pieces == "whole":
            client.socket.sendall(header + GET)
        else:
            for byte in header:
                client.socket.sendall(bytes([byte]))
            client.socket.sendall(GET)
        assert client.receive().status == 200
        assert client.request().status == 200
    for head in origin.heads:
        assert all_fields(head, "x-forwarded-for") == [peer]


@pytest.mark.parametrize("header", [
    GET, b"PROXY TCP4 1.2.3.4\r\n" + GET, b"PROXY TCP4 999.1.1.1 1.1.1.1 1 2\r\n" + GET,
    b"PROXY " + b"x" * 200, V2 + b"\x31\x11\0\x0c" + b"\0" * 12 + GET,
    V2 + b"\x21\x11\0\x04abcd" + GET,
])
def test_a_connection_without_a_valid_header_is_closed(world, scripted, header):
    origin = scripted(keep_alive())
    host = world(origin, listener={"proxyProtocol": {}})
    with Connection(host.port) as client:
        client.socket.sendall(header)
        assert client.is_ended_within(5)
    assert origin.heads == []


def test_a_proxy_header_that_does_not_come_is_not_waited_for(world, scripted):
    host = world(scripted(keep_alive()), listener={"proxyProtocol": {}},
                 limits={"proxyHeaderTimeout": "300ms"})
    with Connection(host.port) as client:
        client.socket.sendall(FROM_V1[:10])
        assert client.is_ended_within(5)
    assert host.host.metric("sluice_timeouts_total", wait="proxy_header") == 1


def test_a_header_is_optional_or_of_one_version_where_the_listener_says_so(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin, listener={"proxyProtocol": {"required": False, "versions": [2]}})
    for data, peer in ((GET, "127.0.0.1"), (FROM_V2 + GET, "192.0.2.7")):
        with Connection(host.port) as client:
            client.socket.sendall(data)
            assert client.receive().status == 200
        assert all_fields(origin.heads[-1], "x-forwarded-for") == [peer]
    with Connection(host.port) as client:
        client.socket.sendall(FROM_V1 + GET)
        assert client.receive().status == 400 or client.is_ended_within(5)
    assert len(origin.heads) == 2


def test_a_header_from_a_peer_that_is_not_trusted_is_not_believed(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin, listener={"proxyProtocol": {"trusted": ["10.0.0.0/8"],
                                                     "required": False}})
    with Connection(host.port) as client:
        client.socket.sendall(GET)
        assert client.receive().status == 200
    assert all_fields(origin.heads[0], "x-forwarded-for") == ["127.0.0.1"]
    with Connection(host.port) as client:
        client.socket.sendall(FROM_V1 + GET)
        client.is_ended_within(5)
    assert len(origin.heads) == 1


@pytest.mark.parametrize("version", [1, 2])
def test_a_pool_gets_the_proxy_header(world, scripted, version):
    headers = []

    def serve(peer: Peer):
        if version == 1:
            headers.append(peer.read_line())
        else:
            start = peer.read(16)
            headers.append(start + peer.read(struct.unpack("!H", start[14:])[0]))
        keep_alive()(peer)

    origin = scripted(serve)
    host = world({"origin": pool(origin.port, proxyProtocol={"version": version})})
    with Connection(host.port) as client:
        mine = client.socket.getsockname()[1]
        assert client.request().status == 200
    if version == 1:
        assert headers[0] == b"PROXY TCP4 127.0.0.1 127.0.0.1 %d %d" % (mine, host.port)
    else:
        assert headers[0] == V2 + b"\x21\x11" + struct.pack(
            "!H4s4sHH", 12, bytes([127, 0, 0, 1]), bytes([127, 0, 0, 1]), mine, host.port)


@pytest.mark.parametrize("version", [1, 2])
def test_an_upstream_connection_is_not_shared_between_clients(world, scripted, version):
    """Its PROXY header names one client; another client's request needs another connection."""
    ports = []

    def serve(peer):
        if version == 1:
            ports.append(int(peer.read_line().split(b" ")[4]))
        else:
            start = peer.read(16)
            ports.append(struct.unpack("!HH", peer.read(struct.unpack("!H", start[14:])[0])[8:])[0])
        keep_alive()(peer)

    origin = scripted(serve)
    host = world({"origin": pool(origin.port, proxyProtocol={"version": version})})
    mine = []
    for _ in range(4):
        with Connection(host.port) as client:
            mine.append(client.socket.getsockname()[1])
            assert client.request().status == 200
    assert ports == mine

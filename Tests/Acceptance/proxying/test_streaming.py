"""Bodies of any length in bounded memory, and every form in which a message may come."""

import os
import socket
import threading

import pytest

from harness.bulk import GROWTH_KILOBYTES, Watch, drain
from harness.scripted import HELLO, all_fields, keep_alive, parse_fields
from harness.wire import Connection, talk

SOAK = bool(os.environ.get("SOAK"))
BODY_BYTES = (2 << 30) if SOAK else (2 << 30) // 10
PIECE = b"0123456789abcdef" * 4096


def counts_upload(peer):
    """Answers the number of bytes that a body had."""
    while (head := peer.read_head()) is not None:
        left = int(parse_fields(head)["content-length"]) - len(peer.buffer)
        peer.buffer = b""
        room = memoryview(bytearray(1 << 20))
        while left > 0:
            left -= (got := peer.socket.recv_into(room, min(left, len(room))))
            assert got
        peer.send(HELLO)


def download(chunked):
    """Answers BODY_BYTES in pieces."""
    def serve(peer):
        while peer.read_head() is not None:
            if chunked:
                peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                piece = b"%x\r\n%s\r\n" % (len(PIECE), PIECE)
            else:
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BODY_BYTES)
                piece = PIECE
            for _ in range(BODY_BYTES // len(PIECE)):
                peer.send(piece)
            rest = PIECE[:BODY_BYTES % len(PIECE)]
            peer.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(rest), rest) if chunked else rest)
    return serve


@pytest.mark.timeout(300)
def test_a_body_of_any_length_goes_up_in_bounded_memory(world, scripted):
    host = world(scripted(counts_upload))
    with Connection(host.port, timeout=60) as client, Watch(host.host) as watch:
        client.socket.sendall(
            b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % BODY_BYTES)
        for _ in range(BODY_BYTES // len(PIECE)):
            client.socket.sendall(PIECE)
        client.socket.sendall(PIECE[:BODY_BYTES % len(PIECE)])
        assert client.receive().status == 200
        assert client.request("POST", "/after", body=b"x").status == 200
    assert watch.grown <= GROWTH_KILOBYTES


@pytest.mark.timeout(300)
def test_a_body_of_any_length_comes_down_in_bounded_memory(world, scripted):
    host = world(scripted(download(chunked=False)))
    with Connection(host.port, timeout=60) as client, Watch(host.host) as watch:
        client.send()
        assert client.receive_head().startswith(b"HTTP/1.1 200")
        drain(client, BODY_BYTES)
    assert watch.grown <= GROWTH_KILOBYTES


@pytest.mark.timeout(300)
def test_chunks_come_down_in_bounded_memory(world, scripted):
    host = world(scripted(download(chunked=True)))
    with Connection(host.port, timeout=60) as client, Watch(host.host) as watch:
        client.send()
        assert client.receive_head().startswith(b"HTTP/1.1 200")
        got, tail = 0, client.buffer
        while not tail.endswith(b"\r\n0\r\n\r\n"):
            data = client.socket.recv(1 << 20)
            assert data
            got, tail = got + len(data), (tail + data)[-16:]
    assert got > BODY_BYTES * 0.99
    assert watch.grown <= GROWTH_KILOBYTES


def test_both_directions_flow_at_once(world, scripted):
    """An origin that answers while it still reads: a reply does not end an upload."""
    def echo(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        left = size
        while left:
            data = peer.buffer or peer.socket.recv(65536)
            peer.buffer = b""
            peer.send(data)
            left -= len(data)
        peer.wait_for_end()

    size = 16 << 20
    host = world(scripted(echo))
    with Connection(host.port, timeout=30) as client:
        client.socket.sendall(
            b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n" % size)
        sender = threading.Thread(
            target=lambda: [client.socket.sendall(PIECE) for _ in range(size // len(PIECE))])
        sender.start()
        assert client.receive_head().startswith(b"HTTP/1.1 200")
        assert client.receive_bytes(size) == PIECE * (size // len(PIECE))
        sender.join()


def test_an_answer_before_the_end_of_the_body_reaches_the_client(world, scripted):
    def early(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        peer.wait_for_end()

    host = world(scripted(early))
    with Connection(host.port) as client:
        client.socket.sendall(
            b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000)
        answer = client.receive()
        assert (answer.status, answer.body) == (403, b"no")


@pytest.mark.parametrize("status, reply", [
    (200, b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"),
    (200, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
    (304, b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\nETag: \"a\"\r\n\r\n"),
])
def test_head_has_the_fields_of_get_and_no_body(world, scripted, status, reply):
    host = world(scripted(keep_alive(reply)))
    with Connection(host.port) as client:
        for _ in range(3):
            answer = client.request("HEAD")
            assert answer.status == status
            if b"1234" in reply:
                assert answer.headers["content-length"] == "1234"


@pytest.mark.parametrize("status", [204, 304])
def test_replies_that_have_no_body_keep_the_connection(world, scripted, status):
    host = world(scripted(keep_alive(b"HTTP/1.1 %d X\r\nETag: \"a\"\r\n\r\n" % status)))
    with Connection(host.port) as client:
        for _ in range(3):
            answer = client.request()
            assert answer.status == status and answer.headers["etag"] == '"a"'
            assert "transfer-encoding" not in answer.headers


def test_interim_replies_come_before_the_final_one(world, scripted):
    host = world(scripted(keep_alive(
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + HELLO)))
    with Connection(host.port) as client:
        client.send()
        assert [client.receive().status for _ in range(3)] == [102, 103, 200]
    assert talk(host.port, b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n").startswith(b"HTTP/1.1 200")


def test_absolute_form_names_the_host(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin)
    with Connection(host.port) as client:
        client.socket.sendall(
            b"GET http://b.test:81/x?q=1 HTTP/1.1\r\nHost: b.test:81\r\n\r\n")
        assert client.receive().status == 200
    assert origin.heads[0].startswith(b"GET /x?q=1 HTTP/1.1\r\n")
    assert all_fields(origin.heads[0], "host") == ["b.test:81"]


def test_asterisk_form_is_passed_for_options_alone(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin)
    with Connection(host.port) as client:
        assert client.request("OPTIONS", "*").status == 200
    assert origin.heads[0].startswith(b"OPTIONS * HTTP/1.1\r\n")
    with Connection(host.port) as client:
        assert client.request("GET", "*").status == 400


def test_clients_of_http_1_0_are_served(world, scripted):
    host = world(scripted(keep_alive()))
    answer = talk(host.port, b"GET / HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 ") and b"hello" in answer or b" 400 " in answer
    answer = talk(host.port, b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"hello")
    with Connection(host.port) as client:
        for _ in range(2):
            client.socket.sendall(
                b"GET / HTTP/1.0\r\nHost: a.test\r\nConnection: keep-alive\r\n\r\n")
            answer = client.receive()
            assert answer.status == 200 and answer.headers["connection"].lower() == "keep-alive"


@pytest.mark.parametrize("version", [b"1.0", b"1.1"])
def test_a_reply_without_a_length_is_framed_for_its_client(world, scripted, version):
    """Chunks for a client of HTTP/1.1, whose connection goes on; the close for one of 1.0."""
    def serve(peer):
        peer.read_request()
        peer.send(b"HTTP/%s 200 OK\r\nX-A: b\r\n\r\nfirst " % version)
        peer.origin.gate.wait(10)
        peer.send(b"second")

    origin = scripted(serve)
    host = world(origin)
    origin.gate.set()
    with Connection(host.port) as client:
        for _ in range(2):
            answer = client.request()
            assert (answer.status, answer.body) == (200, b"first second")
            assert answer.headers["transfer-encoding"] == "chunked"
            assert "content-length" not in answer.headers
    answer = talk(host.port, b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
    assert answer.endswith(b"\r\n\r\nfirst second")
    assert b"chunked" not in answer.lower()


def test_an_origin_of_http_1_0_may_keep_its_connection(world, scripted):
    origin = scripted(keep_alive(
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello"))
    host = world(origin)
    with Connection(host.port) as client:
        for _ in range(3):
            assert client.request().body == b"hello"
    assert origin.connections <= 3


def test_pipelined_requests_of_every_kind_are_answered_in_order(world, scripted):
    def by_path(peer):
        while (head := peer.read_request()[0]) is not None:
            path = head.split(b" ")[1]
            if b"/chunked" in path:
                peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n"
                          b"0\r\n\r\n" % (len(path), path))
            elif b"/none" in path:
                peer.send(b"HTTP/1.1 204 No Content\r\n\r\n")
            else:
                peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(path), path))

    host = world(scripted(by_path))
    paths = [f"/{kind}/{number}" for number in range(30) for kind in ("a", "chunked", "none")]
    with Connection(host.port) as client:
        client.socket.sendall(
            b"".join(f"GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n".encode() for path in paths))
        client.socket.shutdown(socket.SHUT_WR)
        for path in paths:
            answer = client.receive()
            assert answer.body == (b"" if "none" in path else path.encode())
        assert client.is_closed()


def test_surplus_bytes_of_a_reply_reach_nobody(world, scripted):
    """RFC 9112 9.2: the connection is not used again."""
    origin = scripted(keep_alive(HELLO + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"))
    host = world(origin)
    with Connection(host.port) as client:
        for _ in range(5):
            assert client.request().body == b"hello"
    assert origin.connections == 5

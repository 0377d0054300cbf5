"""What a client or an origin may do to hurt others, and does not manage to."""

import contextlib
import socket
import threading

import pytest

from harness.manifests import gateway, join, route, service, to_plugin, to_service
from harness.waiting import eventually
from harness.wire import request


class RawOrigin:
    """Answers each connection's first request with pieces of bytes; `gates` hold the later ones."""

    def __init__(self, *pieces):
        self.pieces = pieces
        self.gate = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(peer,), daemon=True).start()

    def _answer(self, peer):
        # The host ends connections whose exchange is given up; that is what some tests are about.
        with contextlib.suppress(OSError), peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            head = b""
            while b"\r\n\r\n" not in head:
                head += peer.recv(65536)
            for index, piece in enumerate(self.pieces):
                if index:
                    self.gate.wait(20)
                peer.sendall(piece)
            while peer.recv(65536):
                pass

    def close(self):
        self.listener.close()


@pytest.fixture
def behind(site):
    """A host before an origin of raw bytes."""
    made = []

    def make(*pieces, **rest):
        origin = RawOrigin(*pieces)
        made.append(origin)
        host = site(lambda port: {"all.yaml": join(
            gateway(port), service("web", origin.port), route("web", [to_service("web")]))},
            **rest)
        return host, origin

    yield make
    for origin in made:
        origin.close()


def read_all(peer):
    peer.settimeout(20)
    answer = b""
    while True:
        piece = peer.recv(65536)
        if not piece:
            return answer
        answer += piece


def test_bytes_behind_a_pending_call_do_not_repeat_it(site):
    host = site(lambda port: {"all.yaml": join(gateway(port), route("web", [to_plugin("echo")]))})
    for turn in range(50):
        with socket.create_connection(("127.0.0.1", host.port)) as peer:
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in (b"GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n", b"G", b"E",
                          b"T /b HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"):
                peer.sendall(piece)
            answer = read_all(peer)
        assert answer.count(b"HTTP/1.1 200") == 2, (turn, answer)
    assert request(host.port).status == 200


def test_a_reply_head_in_pieces_before_a_large_body_goes_on(behind):
    body = b"y" * 1_000_000
    host, origin = behind(
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n",
        b"Content-Length: %d\r\n\r\n" % len(body) + body)
    origin.gate.set()
    for turn in range(5):
        assert len(request(host.port).body) == len(body)


def test_a_pause_in_a_reply_is_not_a_client_that_does_not_read(behind):
    body = b"z" * 500_000
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(body) + 3)
    host, origin = behind(head + body, b"end", extra="limits: {writeStall: 300ms}\n")
    timer = threading.Timer(1.2, origin.gate.set)
    timer.start()
    answer = request(host.port)
    timer.join()
    assert answer.body.endswith(b"end") and len(answer.body) == len(body) + 3


def test_chunks_do_not_reach_a_client_of_http_1_0(behind):
    host, origin = behind(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"4\r\ndefg\r\n0\r\n\r\n")
    origin.gate.set()
    with socket.create_connection(("127.0.0.1", host.port)) as peer:
        peer.sendall(b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
        answer = read_all(peer)
    assert b"chunked" not in answer.lower()
    assert answer.endswith(b"\r\n\r\nabcdefg")


def test_a_client_that_has_said_all_is_answered_all(site, origin):
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port), route("web", [to_service("web")]))})
    with socket.create_connection(("127.0.0.1", host.port)) as peer:
        peer.sendall(b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n" * 3)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer).count(b"HTTP/1.1 200") == 3


def test_interim_replies_without_end_are_an_invalid_answer(behind):
    host, origin = behind(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5_000)
    with socket.create_connection(("127.0.0.1", host.port)) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n")
        answer = read_all(peer)
    assert answer.count(b"HTTP/1.1 103") <= 1_000
    assert answer.count(b"HTTP/1.1 502") == 1


def test_a_port_that_comes_free_is_taken(site, origin):
    with socket.create_server(("127.0.0.1", 0)) as holder:
        taken = holder.getsockname()[1]
        # Another listener on every address of the same port cannot be had while this one is there.
        host = site(lambda port: {"all.yaml": join(
            gateway(port, listeners=[
                "{name: a, port: %d, protocol: HTTP}" % port,
                "{name: b, port: %d, protocol: HTTP}" % taken]), service("web", origin.port),
            route("web", [to_service("web")]))}, ready=False)
        eventually(lambda: request(host.port).status == 200, "the other port serves")
        assert "port-in-use" in str(host.admin_json("/config"))
        status, text = host.admin("/readyz")
        assert status == 503 and str(taken) in text

    eventually(lambda: request(taken).status == 200, "the port is taken")
    eventually(lambda: host.admin("/readyz")[0] == 200, "the host is ready")


def test_clients_that_do_not_read_hold_up_nobody_else(behind):
    """Their replies would fill every buffer of the worker many times."""
    body = b"w" * 8_000_000
    host, _ = behind(
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body,
        extra="limits: {receiveBuffersPerWorker: 16, largeBuffersPerWorker: 16}\n")
    slow = [socket.create_connection(("127.0.0.1", host.port)) for _ in range(100)]
    try:
        for peer in slow:
            peer.sendall(b"GET /big HTTP/1.1\r\nHost: a.test\r\n\r\n")
        for peer in slow[::10]:
            peer.settimeout(20)
            peer.recv(1)
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", host.port)) as peer:
                peer.sendall(b"GET / HTTP/1.1\r\n\r\n")
                assert read_all(peer).startswith(b"HTTP/1.1 400")
    finally:
        for peer in slow:
            peer.close()

"""HTTP/1.1 under TLS: bodies, pipelines, tunnels, and how each side ends its stream."""

import signal
import socket
import ssl
import threading

import pytest
from websockets.sync.client import connect
from websockets.sync.server import serve

from harness.scripted import HELLO, keep_alive
from harness.secure import TLS12, TLS13, SecureConnection, client_context, curl, s_client
from harness.waiting import eventually
from harness.wire import Connection

BODY = bytes(range(256)) * (5 << 12)
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + BODY
both_versions = pytest.mark.parametrize("version", [TLS12, TLS13])


def echo(peer):
    """Sends every body back; `/rest` ends its body with the connection."""
    while True:
        head, body = peer.read_request()
        if head is None:
            return
        if b" /rest " in head:
            return peer.send(UNTIL_CLOSE)
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.fixture
def echoing(secured, scripted):
    return secured(scripted(echo))


@both_versions
def test_five_mebibytes_pass_both_ways(echoing, version):
    with SecureConnection(echoing.port, client_context(version=version)) as client:
        for _ in range(2):
            answer = client.request("POST", body=BODY)
            assert answer.status == 200 and answer.body == BODY


def test_curl_gets_back_what_it_sends(echoing, tmp_path):
    file, copy = tmp_path / "body", tmp_path / "copy"
    file.write_bytes(BODY)
    for version in ("--tlsv1.3", "--tls-max 1.2"):
        code, text = curl(
            echoing.port, "/", "--cacert", echoing.authority.file, *version.split(),
            "--data-binary", f"@{file}", "--output", copy, "--header", "Expect:")
        assert code == 0, text
        assert copy.read_bytes() == BODY


@both_versions
def test_a_reply_that_ends_with_the_connection_ends_with_close_notify(echoing, version):
    with SecureConnection(echoing.port, client_context(version=version)) as client:
        client.socket.sendall(b"GET /rest HTTP/1.0\r\nHost: a.test\r\n\r\n")
        assert b"200" in client.receive_head()
        assert client.receive_rest() == BODY


@both_versions
def test_close_is_said_behind_the_last_reply(secured, version):
    host = secured()
    with SecureConnection(host.port, client_context(version=version)) as client:
        assert client.request(headers=["Connection: close"]).status == 200
        assert client.end_of_stream() == "close_notify"
    text = s_client(host.port, "-ign_eof", "-servername", "a.test", data=(
        b"GET / HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n"))
    assert "hello" in text and "closed" in text


@both_versions
def test_an_idle_connection_ends_with_close_notify(secured, version):
    host = secured(limits={"keepAliveIdle": "1s"})
    with SecureConnection(host.port, client_context(version=version)) as client:
        assert client.request().status == 200
        assert client.end_of_stream() == "close_notify"
        assert client.socket.unwrap() is not None


@both_versions
def test_a_client_that_says_close_behind_its_request_is_answered(secured, scripted, version):
    def gated(peer):
        while peer.read_head() is not None:
            peer.origin.gate.wait(10)
            peer.send(HELLO)

    origin = scripted(gated)
    host = secured(origin)
    with SecureConnection(host.port, client_context(version=version)) as client:
        client.send()
        origin.wait_until_asked()
        client.send_end()
        origin.gate.set()
        assert client.receive().body == b"hello"
        assert client.end_of_stream() == "close_notify"


def test_an_end_without_close_notify_abandons_the_exchange(secured, scripted):
    """Who cuts the connection may be another than who has sent the request."""
    origin = scripted(lambda peer: (peer.read_head(), peer.wait_for_end()))
    host = secured(origin)
    with SecureConnection(host.port) as client:
        client.send()
        origin.wait_until_asked()
        with socket.socket(fileno=client.socket.detach()) as raw:
            raw.shutdown(socket.SHUT_WR)
            origin.wait_until_ended(seconds=3)
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "its end", 3)


@pytest.mark.parametrize("kind", ["length", "chunks"])
def test_a_body_that_ends_too_early_never_reaches_the_origin_as_whole(secured, scripted, kind):
    whole = []

    def serve_once(peer):
        head, _ = peer.read_request()
        whole.append(head)

    origin = scripted(serve_once)
    host = secured(origin)
    framing = "Content-Length: 100" if kind == "length" else "Transfer-Encoding: chunked"
    for ends_well in (True, False):
        with SecureConnection(host.port) as client:
            client.socket.sendall(
                f"POST / HTTP/1.1\r\nHost: a.test\r\n{framing}\r\n\r\n5\r\nhello\r\n".encode())
            origin.wait_until_asked()
            if ends_well:
                client.send_end()
            else:
                with socket.socket(fileno=client.socket.detach()) as raw:
                    raw.shutdown(socket.SHUT_WR)
            eventually(lambda: origin.open_connections == 0, "the origin's connection ends", 5)
    assert whole == []


def test_pipelined_requests_are_answered_in_order(echoing):
    with SecureConnection(echoing.port) as client:
        requests = [b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 4\r\n\r\n%04d" % number
                    for number in range(100)]
        client.socket.sendall(b"".join(requests))
        assert [client.receive().body for _ in requests] == [b"%04d" % n for n in range(100)]


def test_each_byte_in_a_record_of_its_own(echoing):
    with SecureConnection(echoing.port) as client:
        for byte in b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc":
            client.socket.sendall(bytes([byte]))
        assert client.receive().body == b"abc"


def test_an_old_client_is_answered_and_closed(secured):
    host = secured()
    with SecureConnection(host.port) as client:
        client.socket.sendall(b"GET / HTTP/1.0\r\nHost: a.test\r\n\r\n")
        assert client.receive().body == b"hello"
        assert client.end_of_stream() == "close_notify"
    assert curl(host.port, "/", "--http1.0", "--insecure") == (0, "hello")


def test_a_refused_request_is_answered_before_the_end(secured):
    host = secured()
    with SecureConnection(host.port) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\nHost: a.test\r\nA b: c\r\n\r\n")
        assert client.receive().status == 400
        assert client.end_of_stream() == "close_notify"


def test_a_websocket_works_under_tls(secured):
    def send_back(peer):
        for message in peer:
            peer.send(message)

    with serve(send_back, "127.0.0.1", 0, compression=None, max_size=None) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host = secured({"origin": [server.socket.getsockname()[1]]})
        address = f"wss://127.0.0.1:{host.port}/ws"
        with connect(address, ssl=host.context, server_hostname="a.test", compression=None,
                     max_size=None) as client:
            for size in (0, 1, 125, 126, 65_535, 65_536, 3_000_000):
                client.send(b"w" * size)
                assert client.recv(timeout=10) == b"w" * size
        server.shutdown()
        thread.join()
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the tunnel's end", 5)


@both_versions
def test_a_drain_says_close_notify_and_loses_no_request(secured, scripted, version):
    def gated(peer):
        while (head := peer.read_head()) is not None:
            if b" /slow " in head:
                peer.origin.gate.wait(10)
            peer.send(HELLO)

    origin = scripted(gated)
    host = secured(origin, limits={"drainNotice": "300ms"})
    context = client_context(version=version)
    with SecureConnection(host.port, context) as idle, \
            SecureConnection(host.port, context) as busy, Connection(host.port) as silent:
        assert idle.request().status == 200
        busy.send(path="/slow")
        origin.wait_until_asked(2)
        host.host.signal(signal.SIGTERM)
        assert idle.end_of_stream() == "close_notify"
        assert silent.is_ended_within(5)
        origin.gate.set()
        answer = busy.receive()
        assert answer.status == 200 and answer.headers["connection"].lower() == "close"
        assert busy.end_of_stream() == "close_notify"
    assert host.host.wait(10) == 0


def test_no_client_loses_a_request_by_a_drain(secured, scripted):
    host = secured(scripted(keep_alive()), limits={"drainNotice": "1s"})
    lost, told, asked = [], threading.Event(), []

    def ask():
        with SecureConnection(host.port) as client:
            try:
                while (answer := client.request()).headers.get("connection") != "close":
                    assert answer.status == 200
                    asked.append(1)
            except (OSError, EOFError, ssl.SSLError) as problem:
                lost.append(repr(problem))
        if not told.is_set():
            lost.append("closed before the drain")

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(asked) > 300, "traffic")
    told.set()
    host.host.signal(signal.SIGTERM)
    assert host.host.wait() == 0
    for thread in threads:
        thread.join()
    assert lost == []

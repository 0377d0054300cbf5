"""The steady state of a worker: no heap allocation and no reference counting at all.

Under TLS OpenSSL makes allocations of its own, which are few.
"""

import os

import pytest

from harness.authority import Authority
from harness.counting import WARM_UP_CONNECTIONS, Counters, FastOrigin
from harness.secure import TLS13, SecureConnection, certificate, client_context, https
from harness.waiting import eventually
from harness.wire import Connection
from harness.world import rule

CONNECTIONS = 16
SOAK = bool(os.environ.get("SOAK"))
REQUESTS = 100_000
QUICK_REQUESTS = REQUESTS if SOAK else 30_000
# What OpenSSL may allocate for a request and its answer: by OpenSSL 3.0 it is 6, a buffer to read,
# one to write, and four small ones of the record that it writes.
FOREIGN_MAX = 8

PROXIED = b"GET /a/b?c=d HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\nUser-Agent: test\r\n\r\n"
ANSWERED = PROXIED.replace(b"GET /a/b?c=d", b"GET /plugin/hello")
UPGRADE = (b"GET /ws HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
INLINE_ECHO = '{name: echo, library: echo, inline: true, expose: {namespaces: ["*"]}}'


@pytest.mark.parametrize("kind", ["proxied", "plugin-answered", "tunnelled"])
def test_requests_allocate_and_retain_nothing(world, scripted, tmp_path, kernel, kind):
    """In 100,000 requests; of the rarer combinations fewer, but in `make soak`."""
    counters = Counters(tmp_path)
    requests = REQUESTS if (kernel, kind) == ("uring", "proxied") else QUICK_REQUESTS
    with FastOrigin() as origin:
        host = world(
            {"fast": [origin.port], "tunnel": [scripted(tunnels).port]},
            [rule("plugin:echo", "/plugin"), rule("tunnel", "/ws"), rule("fast")],
            plugins=[INLINE_ECHO], environment=counters.environment,
            limits={"handlerBudget": "10s"})  # a line about a slow call would allocate
        clients = [Connection(host.port, timeout=30) for _ in range(WARM_UP_CONNECTIONS)]
        try:
            sockets = [client.socket for client in clients]
            head, mark = prepare(clients, kind)
            counts, before = counters.of_load(
                host.host.process.pid, sockets, CONNECTIONS, requests, head, mark)
        finally:
            for client in clients:
                client.socket.close()
        prove_that_counting_works(before, host.host)
        assert counts == (0, 0, 0, 0), f"in {requests} requests"
        eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the end of all")


def test_under_tls_only_openssl_allocates(world, tmp_path, kernel):
    counters = Counters(tmp_path)
    requests = REQUESTS if SOAK else QUICK_REQUESTS
    pair = Authority(tmp_path).issue("a.test")
    context = client_context(version=TLS13)
    with FastOrigin() as origin:
        host = world({"fast": [origin.port]}, listener=https("pair"),
                     beside=[certificate("pair", pair)], environment=counters.environment)
        clients = [SecureConnection(host.port, context, timeout=30)
                   for _ in range(WARM_UP_CONNECTIONS)]
        try:
            counts, before = counters.of_load(
                host.host.process.pid, [client.socket for client in clients], CONNECTIONS,
                requests, PROXIED)
        finally:
            for client in clients:
                client.socket.close()
        prove_that_counting_works(before, host.host)
        # Each handshake makes some.
        assert before["worker-0"].foreign > 100 * WARM_UP_CONNECTIONS, before
        assert counts[:3] == (0, 0, 0), f"{counts} in {requests} requests"
        each = counts.foreign / requests
        assert each <= FOREIGN_MAX, f"OpenSSL makes {each:.2f} allocations for a request"


def prepare(clients, kind):
    """What each turn sends and how its answer ends; opens the tunnels."""
    if kind == "proxied":
        return PROXIED, b"hello"
    if kind == "plugin-answered":
        clients[0].socket.sendall(ANSWERED)
        body = clients[0].receive().body
        return ANSWERED, body[-8:]
    for client in clients:
        client.socket.sendall(UPGRADE)
        assert client.receive_head().startswith(b"HTTP/1.1 101")
    return b"\x81\x05hello", b"hello"


def tunnels(peer):
    """Switches and sends every byte back."""
    if peer.read_head() is None:
        return
    peer.send(SWITCH)
    while data := peer.socket.recv(65536):
        peer.send(data)


def prove_that_counting_works(before, host):
    """A count of nothing says something only where counting is seen to work."""
    sums = [sum(column) for column in zip(*before.values())][:3]
    assert all(count > 100 for count in sums), f"{dict(before)} {host.log}"

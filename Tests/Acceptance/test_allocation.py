"""The steady state of a worker: no heap allocation and no reference counting at all."""

import os

import pytest

from harness.counting import Counters, FastOrigin, load
from harness.waiting import eventually
from harness.wire import Connection
from harness.world import rule

CONNECTIONS = 16
SOAK = bool(os.environ.get("SOAK"))
# More than CONNECTIONS, so that the warm-up has as many requests under way at once as the count.
WARM_UP_CONNECTIONS = 128
WARM_UP_REQUESTS = 20_000
REQUESTS = 100_000
QUICK_REQUESTS = REQUESTS if SOAK else 30_000

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
            plugins=[INLINE_ECHO], environment=counters.environment)
        clients = [Connection(host.port, timeout=30) for _ in range(WARM_UP_CONNECTIONS)]
        try:
            sockets = [client.socket for client in clients]
            head, mark = prepare(clients, kind)
            load(sockets, WARM_UP_REQUESTS, head, mark)
            before = counters.by_thread(host.host.process.pid)
            load(sockets[:CONNECTIONS], requests, head, mark)
            after = counters.by_thread(host.host.process.pid)
        finally:
            for client in clients:
                client.socket.close()
        assert "worker-0" in before, f"no thread is called worker-0: {sorted(before)}"
        prove_that_counting_works(before, host.host)
        counts = tuple(new - old for new, old in zip(after["worker-0"], before["worker-0"]))
        assert counts == (0, 0, 0), f"allocations, retains, releases in {requests} requests"
        eventually(lambda: host.host.metric("sluice_connections_active") == 0, "the end of all")


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
    sums = [sum(column) for column in zip(*before.values())]
    assert all(count > 100 for count in sums), f"{dict(before)} {host.log}"

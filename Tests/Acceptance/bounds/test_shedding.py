"""Too many: new work is shed first, each shedding is counted, and the operator is answered."""

import contextlib
import pathlib

from harness.scripted import keep_alive, silent
from harness.waiting import eventually
from harness.wire import Connection, request

DESCRIPTORS = 160


def open_many(port, count):
    """Connections, as many of them as are accepted by the kernel."""
    made = []
    with contextlib.suppress(OSError):
        for _ in range(count):
            made.append(Connection(port, timeout=5))
    return made


def close_all(clients):
    for client in clients:
        with contextlib.suppress(OSError):
            client.socket.close()


def descriptors(host):
    return len(list(pathlib.Path(f"/proc/{host.process.pid}/fd").iterdir()))


def test_without_descriptors_the_admin_api_answers_and_new_connections_are_shed(world, scripted):
    """Fault 15: the admin API answered nobody."""
    host = world(scripted(keep_alive()), descriptors=DESCRIPTORS)
    clients = open_many(host.port, 2 * DESCRIPTORS)
    try:
        eventually(lambda: host.host.metric("sluice_shed_total") > 0, "new connections are shed")
        for path in ("/healthz", "/readyz", "/metrics", "/config"):
            assert host.host.admin(path)[0] == 200
        served = [client for client in clients if not client.is_ended_within(0.005)]
        assert len(served) >= 16, "those that were accepted first are still there"
        assert served[0].request().status in (200, 503)
    finally:
        close_all(clients)
    eventually(lambda: request(host.port).status == 200, "it recovers")


def assert_next_is_shed(host, clients, cause):
    """All clients are served; one more is closed at once, and counted."""
    assert {client.request().status for client in clients} == {200}
    with Connection(host.port) as more:
        assert more.is_ended_within(5)
    assert host.host.metric("sluice_shed_total", cause=cause) == 1


def test_the_connections_of_a_worker_have_a_limit_that_is_counted(world, scripted):
    """The oldest connections are served; one more is closed at once."""
    host = world(scripted(keep_alive()), limits={"connectionsPerWorkerMax": 32})
    clients = open_many(host.port, 32)
    try:
        assert_next_is_shed(host, clients, "connections")
        assert clients[0].request().status == 200
        assert host.host.admin("/readyz")[0] == 200
    finally:
        close_all(clients)
    eventually(lambda: request(host.port).status == 200, "it recovers")


def test_the_connections_of_one_client_have_a_limit(world, scripted):
    """By address, off by default; another address is served."""
    host = world(scripted(keep_alive()), limits={"connectionsPerClientMax": 8})
    clients = open_many(host.port, 8)
    try:
        assert_next_is_shed(host, clients, "client")
        with Connection(host.port, source="127.0.0.2") as other:
            assert other.request().status == 200
        clients.pop().socket.close()
        eventually(lambda: request(host.port).status == 200, "a place is free again")
    finally:
        close_all(clients)


def test_a_worker_without_upstream_connections_answers_503(world, scripted):
    origin = scripted(silent)
    host = world(origin, limits={"upstreamConnectionsPerWorkerMax": 16})
    clients = open_many(host.port, 16)
    try:
        for client in clients:
            client.send()
        origin.wait_until_asked(16)
        answer = request(host.port)
        assert answer.status == 503
    finally:
        close_all(clients)


def test_each_fault_is_one_log_line_and_many_are_summed(world, scripted):
    """A 502 left no trace."""
    def broken(peer):
        peer.read_request()
        peer.send(b"nonsense\r\n\r\n")

    origin = scripted(broken)
    host = world(origin, limits={"faultLinesPerSecond": 5})

    def lines():
        return [line for line in host.host.log.splitlines() if "test/route" in line]

    assert request(host.port, path="/x").status == 502
    eventually(lambda: len(lines()) == 1, "a line about the 502", 5)
    for word in ("502", "origin", f"127.0.0.1:{origin.port}"):
        assert word in lines()[0], lines()[0]
    with Connection(host.port) as client:
        for _ in range(200):
            assert client.request().status == 502
    eventually(lambda: "more" in host.host.log, "a sum of the rest", 5)
    assert len(lines()) <= 40, f"{len(lines())} lines for 201 faults"


def test_the_log_line_names_cause_source_route_pool_and_endpoint(world, scripted):
    origin = scripted(silent)
    host = world({"test/silent": [origin.port]}, limits={"firstByteTimeout": "200ms"})
    assert request(host.port).status == 504
    line = eventually(
        lambda: [row for row in host.host.log.splitlines() if "504" in row], "a line", 5)[0]
    for word in ("origin", "test/route", "test/silent", f"127.0.0.1:{origin.port}"):
        assert word in line, line


def test_a_good_reply_leaves_no_log_line(world, scripted):
    host = world(scripted(keep_alive(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")))
    before = len(host.host.log.splitlines())
    for _ in range(20):
        assert request(host.port).status == 500
    with Connection(host.port) as client:
        client.socket.sendall(b"GARBAGE\r\n\r\n")
        assert client.receive_rest().startswith(b"HTTP/1.1 400")
    assert not [line for line in host.host.log.splitlines()[before:] if "test/route" in line]

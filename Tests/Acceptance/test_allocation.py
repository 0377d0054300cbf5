"""The steady state of a worker: no heap allocation and no reference counting at all."""

import socket

from harness.counting import Counters, FastOrigin, load
from harness.manifests import gateway, join, route, service, to_plugin, to_service
from harness.wire import Connection

CONNECTIONS = 16
WARM_UP_REQUESTS = 20_000
REQUESTS = 100_000


def test_a_hundred_thousand_requests_allocate_and_retain_nothing(site, tmp_path):
    counters = Counters(tmp_path)
    with FastOrigin() as origin:
        host = site(
            lambda port: {"all.yaml": join(
                gateway(port), service("web", origin.port),
                route("web", [to_plugin("echo", prefix="/echo"), to_service("web")]))},
            environment=counters.environment)
        head = b"GET /a/b?c=d HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\nUser-Agent: test\r\n\r\n"
        sockets = [
            socket.create_connection(("127.0.0.1", host.port)) for _ in range(CONNECTIONS)]
        try:
            load(sockets, WARM_UP_REQUESTS, head)
            before = counters.by_thread(host.process.pid)
            load(sockets, REQUESTS, head)
            after = counters.by_thread(host.process.pid)
        finally:
            for one in sockets:
                one.close()
        assert "worker-0" in before, f"no thread is called worker-0: {sorted(before)}"
        prove_that_counting_works(before, host)
        allocations, retains, releases = (
            new - old for new, old in zip(after["worker-0"], before["worker-0"]))
        assert (allocations, retains, releases) == (0, 0, 0), f"in {REQUESTS} requests"
        with Connection(host.port) as connection:
            assert connection.request("POST", "/echo", body=b"still here").status == 200


def prove_that_counting_works(before, host):
    """A count of nothing says something only where counting is seen to work."""
    sums = [sum(column) for column in zip(*before.values())]
    assert all(count > 100 for count in sums), f"{dict(before)} {host.log}"

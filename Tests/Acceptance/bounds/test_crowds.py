"""Idle connections cost little, and connections that hold what they can cost the others nothing."""

import pytest

from harness.authority import Authority
from harness.crowd import (
    IDLE_GROWTH_KILOBYTES, SECURED_IDLE_KILOBYTES, HostileCrowd, SelectOrigin, hostile,
    idle_connections, percentile, probe, raise_descriptor_limit, secured_idle_connections, summary)
from harness.secure import certificate, client_context, https, secure_request
from harness.waiting import eventually

IDLE_CONNECTIONS = 10_000
SECURED_CONNECTIONS = 500
# What the first connections make once for all, as the arenas of the heap.
SECURED_SLACK_KILOBYTES = 2 << 10
HOLDERS = 1_000
PROBES = 1_000
P99_MILLISECONDS = 50
# The bound that README.md states for a worker with default settings.
HELD_KILOBYTES = 192 << 10


@pytest.fixture(autouse=True)
def descriptors():
    raise_descriptor_limit()


def test_ten_thousand_idle_connections_take_five_mebibytes(world):
    with SelectOrigin() as origin:
        # One descriptor a connection: the clients need most of what the process may open.
        host = world({"origin": [origin.port]},
                     limits={"upstreamConnectionsPerWorkerMax": 1_000})
        before = host.host.resident_kilobytes()
        clients = idle_connections(host.port, IDLE_CONNECTIONS)
        try:
            assert host.host.metric("sluice_connections_active") == IDLE_CONNECTIONS
            # Within two seconds what the requests used is given back to the system.
            eventually(
                lambda: host.host.resident_kilobytes() - before <= IDLE_GROWTH_KILOBYTES,
                f"{IDLE_CONNECTIONS} connections in {IDLE_GROWTH_KILOBYTES} kB", 3)
            assert probe(host.port, 10)
        finally:
            for client in clients:
                client.socket.close()
        eventually(lambda: host.host.metric("sluice_connections_active") == 0, "all are closed")


def test_idle_connections_under_tls_take_twenty_kibibytes_each(world, tmp_path):
    pair = Authority(tmp_path).issue("a.test")
    most = SECURED_CONNECTIONS * SECURED_IDLE_KILOBYTES + SECURED_SLACK_KILOBYTES
    with SelectOrigin() as origin:
        host = world({"origin": [origin.port]}, listener=https("pair"),
                     beside=[certificate("pair", pair)])
        before = host.host.resident_kilobytes()
        clients = secured_idle_connections(host.port, SECURED_CONNECTIONS, client_context())
        try:
            assert host.host.metric("sluice_connections_active") == SECURED_CONNECTIONS
            eventually(lambda: host.host.resident_kilobytes() - before <= most,
                       f"{SECURED_CONNECTIONS} connections in {most} kB", 3)
            assert secure_request(host.port).status == 200
        finally:
            for client in clients:
                client.close()
        eventually(lambda: host.host.metric("sluice_connections_active") == 0, "all are closed")


def test_a_thousand_connections_that_hold_what_they_can_slow_nobody(world, scripted):
    origin = scripted(hostile, receive_buffer=4096)
    host = world(origin)
    with HostileCrowd(host.port, HOLDERS):
        eventually(lambda: len(origin.heads) >= HOLDERS * 0.95, "the crowd is served", 30)
        times = probe(host.port, PROBES)
        held = host.host.resident_kilobytes()
    assert percentile(times, 0.99) <= P99_MILLISECONDS, summary(times)
    assert held <= HELD_KILOBYTES, f"{held} kB resident"
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "all are closed", 30)

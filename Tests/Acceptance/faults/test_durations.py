"""Zero and never are two values of a duration, wherever one is given."""

import threading

import pytest

from harness.scripted import HELLO
from harness.wire import Connection
from harness.world import pool, rule

LATE_SECONDS = 0.3


def late(peer):
    """Answers after a while that is longer than the other limits of these tests."""
    while peer.read_head() is not None:
        threading.Event().wait(LATE_SECONDS)
        peer.send(HELLO)


@pytest.mark.parametrize("value", ["never", "1h"])
def test_a_limit_may_be_never(world, scripted, value):
    host = world(scripted(late), limits={"requestTimeout": value})
    with Connection(host.port) as client:
        assert [client.request().status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("timeouts", [
    {"request": "0s"}, {"backend": "0s"}, {"request": "0s", "backend": "0s"}])
def test_zero_in_a_route_means_none_as_in_the_gateway_api(world, scripted, timeouts):
    """It also lifts the host's own setting."""
    host = world(scripted(late), [rule("origin", timeouts=timeouts)],
                 limits={"requestTimeout": "100ms"} if "request" in timeouts else None)
    with Connection(host.port) as client:
        assert client.request().status == 200


def test_the_longest_durations_do_not_overflow(world, scripted):
    """99999h is the longest number of a Gateway API duration."""
    longest = "99999h99999h99999h99999h"
    origin = scripted(late)
    host = world({"origin": pool(origin.port, connectTimeout=longest, idleTimeout=longest)},
                 [rule("origin", timeouts={"request": longest, "backend": longest})])
    with Connection(host.port) as client:
        assert [client.request().status for _ in range(2)] == [200, 200]


def test_a_pool_without_an_idle_time_keeps_its_connections(world, scripted):
    """`0s` of an idle time means none."""
    origin = scripted(late)
    host = world({"origin": pool(origin.port, idleTimeout="0s")})
    with Connection(host.port) as client:
        assert [client.request().status for _ in range(3)] == [200, 200, 200]
    assert origin.connections == 1


def test_a_drain_of_zero_ends_at_once(world, scripted):
    origin = scripted(lambda peer: (peer.read_head(), peer.wait_for_end()))
    host = world(origin, limits={"drain": "0s"})
    with Connection(host.port) as client:
        client.send()
        origin.wait_until_asked()
        host.host.signal(15)
        assert host.host.wait(5) == 0
        assert client.is_ended_within(1)

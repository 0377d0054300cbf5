"""A plugin's call: what it is told when it ends, and that its time is what it asked for."""

import socket

import pytest

from harness.scripted import keep_alive
from harness.waiting import eventually
from harness.wire import Connection, request, talk
from harness.world import events, rule, service


@pytest.fixture
def served(world, scripted, tmp_path):
    """A host whose every path but `/good` goes to the test service."""
    def make(**rest):
        plugin, file = service(tmp_path)
        host = world({"good": [scripted(keep_alive()).port]},
                     [rule("good", "/good"), rule("plugin:service")], plugins=[plugin], **rest)
        host.events = file
        return host

    return make


def get(path):
    return b"GET %s HTTP/1.1\r\nHost: a.test\r\n\r\n" % path


def one(host, call, kind):
    """The only event of this kind, once it is there."""
    found = eventually(lambda: events(host.events, call, kind), f"{kind} of {call}", 5)
    assert len(found) == 1, found
    return found[0]


def test_a_mount_without_a_time_limit_is_not_answered_504(served):
    """Fault 6: SLUICE_NEVER overflowed to a deadline in the past."""
    answer = request(served().port, path="/never")
    assert (answer.status, answer.body) == (200, b"late")


def test_the_end_of_a_call_tells_its_status_and_bytes(served):
    """Fault 9: it came before the reply was written, with status 0 and no bytes."""
    host = served()
    assert request(host.port, path="/plain").status == 200
    done = one(host, "plain", "done")
    assert done["status"] == 200 and done["why"] == 0 and done["bytes"] >= 5
    with Connection(host.port) as client:
        assert len(client.request(path="/big").body) == 16 << 20
    done = one(host, "big", "done")
    assert done["status"] == 200 and done["bytes"] >= 16 << 20
    assert events(host.events, "big", "cancel") == []


def test_the_end_of_a_call_comes_after_the_last_byte(served):
    """Fault 9: a client that has not read everything is still being answered."""
    host = served()
    with Connection(host.port, receive_buffer=4096) as client:
        client.socket.sendall(get(b"/big"))
        assert client.socket.recv(1) == b"H"
        assert request(host.port, path="/plain").status == 200
        one(host, "plain", "done")
        assert events(host.events, "big", "done") == []
        client.reset()
    done = one(host, "big", "done")
    assert done["why"] == 1 and 0 < done["bytes"] < 16 << 20


def test_a_call_is_cancelled_by_its_timeout(served):
    """Fault 9."""
    host = served()
    assert request(host.port, path="/hold").status == 504
    assert one(host, "hold", "cancel")["why"] == 2
    done = one(host, "hold", "done")
    assert done["status"] == 504 and done["why"] == 2
    assert [row["event"] for row in events(host.events, "hold")] == ["cancel", "done"]


@pytest.mark.parametrize("ending", ["close", "reset", "half-close"])
def test_a_call_is_cancelled_when_its_client_leaves(served, ending):
    """Faults 4 and 9: also by the end of the client's side, where the mount does not allow it."""
    host = served()
    with Connection(host.port) as client:
        client.socket.sendall(get(b"/open"))
        assert client.is_quiet(0.1)
        if ending == "half-close":
            client.socket.shutdown(socket.SHUT_WR)
        elif ending == "reset":
            client.reset()
        else:
            client.socket.close()
        assert one(host, "open", "cancel")["why"] == 1
        assert one(host, "open", "done")["why"] == 1
    assert [row["event"] for row in events(host.events, "open")] == ["cancel", "done"]


def test_a_mount_may_allow_clients_that_have_shut_their_side(served):
    """Fault 4."""
    host = served()
    answer = talk(host.port, get(b"/half"), half_close=True)
    assert answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"late"), answer
    assert one(host, "half", "done")["status"] == 200
    assert events(host.events, "half", "cancel") == []


def test_a_worker_that_is_stuck_stops_neither_the_admin_api_nor_new_routes(served, tmp_path):
    """One stuck worker does not stop publishing to the others."""
    host = served(workers=2)
    go = tmp_path / "go"
    pools = {"good": [9]}
    with Connection(host.port) as client:
        try:
            client.socket.sendall(get(b"/spin"))
            assert client.is_quiet(0.2)
            before = host.host.generation()
            host.write(pools, [rule(501, "/new"), rule(502)])
            eventually(lambda: host.host.generation() > before, "a generation", 5)
            eventually(lambda: asks_the_other_worker(host), "the new route", 10)
        finally:
            go.write_text("")
        assert client.receive().status == 200


def asks_the_other_worker(host):
    """Connections that the stuck worker's socket takes are not answered; the others are."""
    with Connection(host.port, timeout=0.3) as client:
        return client.request(path="/new").status == 501

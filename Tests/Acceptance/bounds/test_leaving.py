"""Drain: a notice period, then the end, and no client loses a request by it."""

import concurrent.futures
import os
import signal
import threading

from harness.scripted import HELLO, keep_alive
from harness.waiting import eventually
from harness.wire import Connection, request

CLIENTS = 48
NOTICE_SECONDS = 10 if os.environ.get("SOAK") else 2


def closes(answer):
    return answer.headers.get("connection", "").lower() == "close"


def test_the_notice_says_close_while_new_connections_are_served(world, scripted):
    host = world(scripted(keep_alive()), limits={"drainNotice": "2s"})
    with Connection(host.port) as kept, Connection(host.port) as idle:
        assert not closes(kept.request())
        assert not closes(idle.request())
        host.host.signal(signal.SIGTERM)
        eventually(lambda: host.host.admin("/readyz")[0] == 503, "readyz tells it at once", 1)
        answer = kept.request()
        assert answer.status == 200 and closes(answer)
        assert kept.is_ended_within(5)
        answer = request(host.port)
        assert answer.status == 200 and closes(answer)
        assert idle.is_quiet(0.3), "an idle connection was ended in the notice period"
        assert idle.is_ended_within(5)
    assert host.host.wait() == 0


def test_no_client_loses_a_request_by_a_drain(world, scripted):
    """Today 4-10 of 48 clients lose one."""
    host = world(scripted(keep_alive()), limits={"drainNotice": f"{NOTICE_SECONDS}s"})
    told = threading.Event()

    def ask():
        """A client that obeys `Connection: close`; answers what it has lost.

        It stops when it was told to close during the notice, as one does that a load balancer has
        sent elsewhere by then.
        """
        with Connection(host.port) as client:
            try:
                while not closes(answer := client.request()):
                    assert answer.status == 200
            except (OSError, EOFError) as problem:
                return problem
        return None if told.is_set() else "closed before the drain"

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as threads:
        asking = [threads.submit(ask) for _ in range(CLIENTS)]
        eventually(lambda: host.host.metric("sluice_requests_total") > 20 * CLIENTS, "traffic")
        told.set()
        host.host.signal(signal.SIGTERM)
        assert host.host.wait() == 0
        lost = [str(problem) for problem in map(lambda one: one.result(), asking) if problem]
    assert not lost, f"{len(lost)} of {CLIENTS} clients lost a request: {lost[:3]}"


def test_idle_clients_that_wake_during_the_notice_lose_nothing(world, scripted):
    """48 idle connections: each sends at a moment of its own around the end of the notice."""
    host = world(scripted(keep_alive()), limits={"drainNotice": "1s"})
    clients = [Connection(host.port) for _ in range(CLIENTS)]
    try:
        assert {client.request().status for client in clients} == {200}
        host.host.signal(signal.SIGTERM)
        for client in clients:
            if not client.is_quiet(0.015):
                continue
            answer = client.request()
            assert answer.status == 200 and closes(answer)
        assert host.host.wait() == 0
    finally:
        for client in clients:
            client.socket.close()


def test_a_request_on_its_way_when_idle_connections_close_is_answered(world, scripted):
    """After the notice a close waits for what the client has sent."""
    def slow(peer):
        while peer.read_head() is not None:
            peer.origin.gate.wait(10)
            peer.send(HELLO)

    origin = scripted(slow)
    host = world(origin, limits={"drainNotice": "300ms"})
    with Connection(host.port) as busy, Connection(host.port) as part:
        busy.send()
        origin.wait_until_asked()
        part.socket.sendall(b"GET /part HTTP/1.1\r\n")
        host.host.signal(signal.SIGTERM)
        assert part.is_quiet(0.6)
        part.socket.sendall(b"Host: a.test\r\n\r\n")
        origin.wait_until_asked()
        origin.gate.set()
        for client in (busy, part):
            answer = client.receive()
            assert answer.status == 200 and closes(answer)
    assert host.host.wait() == 0


def test_a_second_signal_ends_the_notice_at_once(world, scripted):
    host = world(scripted(keep_alive()), limits={"drainNotice": "60s"})
    with Connection(host.port) as client:
        assert client.request().status == 200
        host.host.signal(signal.SIGTERM)
        eventually(lambda: host.host.admin("/readyz")[0] == 503, "the drain has begun")
        host.host.signal(signal.SIGTERM)
        assert host.host.wait(5) == 0


def test_the_admin_api_starts_the_same_drain(world, scripted):
    host = world(scripted(keep_alive()), limits={"drainNotice": "500ms"})
    admin = host.host.admin_port
    with Connection(host.port) as kept:
        assert not closes(kept.request())
        assert request(admin, "POST", "/drain", host=f"127.0.0.1:{admin}").status in (200, 202, 204)
        eventually(lambda: host.host.admin("/readyz")[0] == 503, "the drain has begun", 1)
        assert closes(kept.request())
    assert host.host.wait() == 0


def test_a_terminal_does_not_wait_for_the_notice(world, scripted):
    host = world(scripted(keep_alive()), limits={"drainNotice": "60s"})
    host.host.signal(signal.SIGINT)
    assert host.host.wait(5) == 0


def test_the_deadline_ends_what_does_not_finish(world, scripted):
    def never(peer):
        peer.read_head()
        peer.wait_for_end()

    origin = scripted(never)
    host = world(origin, limits={"drain": "500ms"})
    with Connection(host.port) as client:
        client.send()
        origin.wait_until_asked()
        host.host.signal(signal.SIGTERM)
        assert client.is_ended_within(5)
        assert host.host.wait(5) == 0

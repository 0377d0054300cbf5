"""What a filter cannot do to its exchange, its worker and its host."""

import pytest

from harness.filtering import filtered, step
from harness.scripted import keep_alive
from harness.waiting import eventually
from harness.wire import Connection, request

LIMITS = {"filterHeldBytesMax": "64KiB", "filterHold": "300ms"}


def test_a_request_that_is_held_beyond_the_limit_is_413(filters):
    host = filters([filtered("/", step("open:hold;reqbody:hold"))], limits=LIMITS)
    answer = request(host.port, method="POST", body=b"x" * 100_000)
    assert answer.status == 413
    assert host.origin.heads == []


def test_a_response_that_is_held_beyond_the_limit_is_502(filters):
    host = filters([filtered("/", step("response:hold;resbody:hold"))], limits=LIMITS)
    host.origin.serve = keep_alive(
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
    assert request(host.port).status == 502


def test_stop_holds_the_sender_back(filters):
    host = filters([filtered("/", step("open:stop,later,resume"))])
    answer = request(host.port, method="POST", body=b"x" * (4 << 20))
    assert answer.status == 200


@pytest.mark.parametrize("script", ["open:hold", "open:stop", "response:hold"])
def test_a_hold_ends_by_its_limit(filters, script):
    host = filters([filtered("/", step(script))], limits=LIMITS)
    assert request(host.port, headers=["X-Name: late"]).status == 504
    assert host.wait(name="late", event="close")[0]["why"] == 2


def test_a_hold_of_a_reply_that_has_begun_breaks_it_off(filters):
    host = filters([filtered("/", step("resbody:hold"))], limits=LIMITS)
    with Connection(host.port) as client:
        client.send()
        assert client.receive_head().startswith(b"HTTP/1.1 200")
        assert client.is_closed()


def test_a_client_that_leaves_ends_a_hold(filters):
    host = filters([filtered("/", step("open:hold"))])
    with Connection(host.port) as client:
        client.send(headers=["X-Name: gone"])
        host.wait(name="gone", event="open")
        client.reset()
    assert host.wait(name="gone", event="close")[0]["why"] == 1
    assert host.origin.heads == []


@pytest.mark.parametrize("script", ["open:bad", "response:bad", "open:answered"])
def test_a_filter_that_answers_wrongly_is_500_and_named(filters, script):
    host = filters([filtered("/", step(script)), ])
    assert request(host.port).status == 500
    eventually(lambda: "plugin filter " in host.host.log, "the plugin's name in the log", 5)


def test_a_head_that_cannot_be_sent_is_500(filters):
    many = ",".join(f"add=x-{number}=1" for number in range(40))
    host = filters([filtered("/", *[step("open:" + many)] * 3)])
    assert request(host.port).status == 500
    assert host.origin.heads == []


def test_a_callback_that_takes_long_is_reported_by_name(filters):
    host = filters([filtered("/", step("open:spin=5"))])
    assert request(host.port).status == 200
    eventually(lambda: "plugin filter held a worker for" in host.host.log, "a report", 5)
    assert "filter open" in host.host.log


def test_a_late_thread_is_told_that_the_exchange_is_gone(filters):
    host = filters([filtered("/", step("open:later,resume,set=x-a=1"))])
    assert request(host.port, headers=["X-Name: late"]).status == 200
    found = host.wait(2, name="late", event="status")
    assert {row["status"] for row in found} <= {-3, -8}


def test_held_exchanges_are_answered_when_the_host_stops(filters):
    host = filters([filtered("/", step("open:hold"))], limits={"drain": "200ms"})
    with Connection(host.port) as client:
        client.send(headers=["X-Name: stopped"])
        host.wait(name="stopped", event="open")
        host.host.stop()
    events = [row["event"] for row in host.rows()]
    assert events.index("close") < events.index("stop") < events.index("destroy")
    assert "route_free" in events

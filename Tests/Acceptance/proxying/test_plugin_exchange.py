"""What a plugin may do with an exchange beside a plain answer, on the worker and on its lane."""

import json
import re
import time

import pytest

from harness import native
from harness.scripted import all_fields
from harness.waiting import eventually, free_port
from harness.wire import Connection
from harness.world import rule

TIMEOUT, CLIENT, UPSTREAM = 2, 1, 4


@pytest.fixture(params=[True, False], ids=["inline", "lane"])
def exchange(world, tmp_path, request, scripted):
    """A host whose every path goes to the plugin; the pool `origin` answers, `nobody` cannot."""
    library = native.library("exchange.c", tmp_path / "libexchange.so")
    events = tmp_path / "events"
    config = json.dumps({"events": str(events)}).replace(" ", "")
    plugin = (f"{{name: exchange, library: {library}, inline: {str(request.param).lower()}, "
              f"config: {config}, expose: {{namespaces: [\"*\"]}}}}")
    origin = scripted(answer)
    pools = {"origin": [origin.port], "nobody": [free_port()]}
    host = world(pools, [rule("plugin:exchange")], plugins=[plugin])
    host.events, host.origin = events, origin
    return host


def answer(peer):
    """Gives back the body of each request; one with x-wait waits for the test."""
    while (taken := peer.read_request())[0] is not None:
        head, body = taken
        if b"x-wait" in head.lower():
            peer.wait_for_end()
            return
        peer.send(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


def events(host, call, kind):
    """The events of this kind, once there is one."""
    def look():
        rows = host.events.read_text().splitlines() if host.events.exists() else []
        return [row for row in map(json.loads, rows)
                if row["call"] == call and row["event"] == kind]

    return eventually(look, f"{kind} of {call}", 10)


def told(answer):
    return dict(line.split("=", 1) for line in answer.text.splitlines())


def test_a_request_says_all_that_the_host_knows(exchange):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    with Connection(exchange.port) as client:
        said = told(client.request(path="/told/%61/b", headers=(
            "X-Seen: one", "x-seen: two", f"Traceparent: {trace}", "X-Request-Id: abc.1",
            "X-Forwarded-Client-Cert: Hash=forged")))
    assert said["scheme"] == "http" and said["sni"] == "-" and said["client_cert"] == "-"
    assert said["request_id"] == "abc.1" and said["trace_parent"] == trace
    assert said["path"] == "/told/a/b" and said["suffix"] == "/a/b"
    assert said["x"] == "one" and said["x2"] == "two"
    assert said["forwarded"] == "-", "what an untrusted client says of itself is kept back"
    assert said["flags"] == "2", "no body follows"


def test_a_request_without_an_identifier_gets_one(exchange):
    with Connection(exchange.port) as client:
        first, second = (told(client.request(path="/told"))["request_id"] for _ in range(2))
    assert re.fullmatch("[0-9a-f]{32}", first) and first != second


def test_get_includes_head(exchange):
    with Connection(exchange.port) as client:
        head = client.request("HEAD", path="/told")
        assert head.status == 200 and int(head.headers["content-length"]) > 0
        assert client.request("POST", path="/told").status == 405
        assert client.request(path="/told").status == 200


def test_interim_answers_come_before_the_answer(exchange):
    with Connection(exchange.port) as client:
        client.send(path="/inform")
        early, progress, answer = (client.receive() for _ in range(3))
        assert (early.status, progress.status, answer.status) == (103, 102, 200)
        assert early.headers["link"] == "</a.css>; rel=preload"
        client.socket.sendall(b"GET /inform HTTP/1.0\r\n\r\n")
        assert client.receive().status == 200, "HTTP/1.0 knows no interim answers"


def test_trailers_pass_in_both_directions(exchange):
    with Connection(exchange.port) as client:
        client.socket.sendall(
            b"POST /trailers HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n")
        assert client.receive_head().startswith(b"HTTP/1.1 200")
        rest = client.receive_bytes(len(b"3\r\nabc\r\n0\r\nx-sum: x-sum:7\r\n\r\n"))
        assert rest == b"3\r\nabc\r\n0\r\nx-sum: x-sum:7\r\n\r\n"
        client.send(path="/trailers")
        client.receive_head()
        rest = client.receive_bytes(len(b"5\r\nhello\r\n0\r\ngrpc-status: 0\r\n\r\n"))
        assert rest == b"5\r\nhello\r\n0\r\ngrpc-status: 0\r\n\r\n"
        client.socket.sendall(
            b"POST /buffered HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3\r\nabc\r\n0\r\nX-Sum:  7 \r\nx-other: 8\r\n\r\n")
        assert client.receive().text == "trailer=7\ntrailer=8\nby name=7\n"


def upgraded(port):
    client = Connection(port)
    client.send(path="/upgrade", headers=("Connection: Upgrade", "Upgrade: raw"))
    head = client.receive_head()
    assert head.startswith(b"HTTP/1.1 101 "), head
    assert b"upgrade: raw" in head.lower() and b"connection: upgrade" in head.lower()
    assert client.receive_bytes(5) == b"hello"
    return client


def test_an_upgraded_exchange_is_raw_both_ways(exchange):
    with upgraded(exchange.port) as client:
        for piece in (b"one", b"two" * 50_000):
            client.socket.sendall(piece)
            assert client.receive_bytes(len(piece)) == piece
        client.socket.shutdown(1)
        assert client.receive_rest() == b""
    done = events(exchange, "upgrade", "done")[0]
    assert done["status"] == 101 and done["why"] == 0
    assert done["bytes"] > 150_000


def test_bytes_behind_the_head_belong_to_the_upgrade(exchange):
    with Connection(exchange.port) as client:
        client.socket.sendall(b"GET /upgrade HTTP/1.1\r\nHost: a.test\r\nConnection: upgrade\r\n"
                              b"Upgrade: raw\r\n\r\nGET /told HTTP/1.1\r\n\r\n")
        assert client.receive_head().startswith(b"HTTP/1.1 101 ")
        echoed = b"helloGET /told HTTP/1.1\r\n\r\n"
        assert client.receive_bytes(len(echoed)) == echoed


def test_a_client_that_cuts_an_upgrade_cancels_it(exchange):
    upgraded(exchange.port).reset()
    assert events(exchange, "upgrade", "cancel")[0]["why"] == CLIENT
    assert events(exchange, "upgrade", "done")[0]["why"] == CLIENT


def test_a_plugin_may_shorten_the_time_of_an_exchange(exchange):
    with Connection(exchange.port) as client:
        began = time.monotonic()
        assert client.request(path="/deadline").status == 504
        assert time.monotonic() - began < 5
    assert events(exchange, "deadline", "cancel")[0]["why"] == TIMEOUT


@pytest.mark.parametrize("path", ["idle", "total"])
def test_an_answer_that_takes_too_long_is_broken_off(exchange, path):
    with Connection(exchange.port) as client:
        client.send(path=f"/{path}")
        assert client.receive_head().startswith(b"HTTP/1.1 200")
        assert client.receive_rest() == b"5\r\nhello\r\n", "without an end"
    assert events(exchange, path, "cancel")[0]["why"] == TIMEOUT
    assert events(exchange, path, "done")[0]["status"] == 200


def test_what_is_wrong_with_an_answer_is_said_and_a_right_one_may_follow(exchange):
    with Connection(exchange.port) as client:
        text = client.request(path="/wrong").text
    assert text.count("x-a has CR, LF or NUL in its value") == 2
    assert text.count('"x a" is no field name') == 2
    assert "respond=the status is 99, expected 200 to 599" in text
    assert "begin=the status is 600, expected 200 to 599" in text
    assert "101=the client has not asked for an upgrade" in text
    assert "inform=the status is 200, expected 102 to 199" in text


def test_a_failed_request_is_logged_with_its_reason(exchange):
    with Connection(exchange.port) as client:
        assert client.request(path="/reason").status == 500
    eventually(lambda: "the paper is out" in exchange.host.log, "the reason in the log", 10)


FORWARDS = pytest.mark.parametrize("path", ["forward", "handed"], ids=["streamed", "whole"])


@FORWARDS
def test_a_request_is_passed_on_to_a_pool(exchange, path):
    body = bytes(range(256)) * 1000
    with Connection(exchange.port) as client:
        for _ in range(2):
            client.socket.sendall(
                b"POST /%s/a HTTP/1.1\r\nHost: a.test\r\nX-Pool: origin\r\nX-Drop: 1\r\n"
                b"X-By: client\r\nTransfer-Encoding: chunked\r\n\r\n" % path.encode())
            client.socket.sendall(b"%x\r\n%s\r\n0\r\nX-Sum: 7\r\n\r\n" % (len(body), body))
            reply = client.receive()
            assert reply.status == 201 and reply.body == body
    first, second = exchange.origin.heads
    assert first.startswith(b"POST /origin?by=plugin HTTP/1.1\r\n")
    assert all_fields(first, "x-by") == ["plugin"] and all_fields(first, "x-drop") == []
    assert second.startswith(b"POST /origin?by=plugin HTTP/1.1\r\n")
    assert [line.lower() for line in exchange.origin.trailers] == [b"x-sum: 7"] * 2
    done = eventually(lambda: (rows := events(exchange, path, "done"))[1:] and rows, "both", 10)
    assert [(row["status"], row["why"], row["bytes"] > len(body)) for row in done] == [
        (201, 0, True)] * 2


@FORWARDS
@pytest.mark.parametrize("pool", ["nobody", "unknown"])
def test_a_pool_that_cannot_answer_is_told_to_both(exchange, path, pool):
    with Connection(exchange.port) as client:
        reply = client.request(path=f"/{path}", headers=(f"X-Pool: {pool}",))
        assert reply.status == {"nobody": 502, "unknown": 500}[pool]
        assert client.request(path="/told").status == 200
    done = events(exchange, path, "done")[0]
    assert (done["status"], done["why"]) == (reply.status, UPSTREAM)
    assert events(exchange, path, "cancel")[0]["why"] == UPSTREAM


@FORWARDS
def test_a_client_that_leaves_cancels_what_was_passed_on(exchange, path):
    with Connection(exchange.port) as client:
        client.send(path=f"/{path}", headers=("X-Pool: origin", "X-Wait: 1"))
        exchange.origin.wait_until_asked()
        client.reset()
    assert events(exchange, path, "cancel")[0]["why"] == CLIENT
    assert events(exchange, path, "done")[0]["why"] == CLIENT
    exchange.origin.wait_until_ended()

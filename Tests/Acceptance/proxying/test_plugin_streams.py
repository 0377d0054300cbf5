"""Plugins answer and are asked piece by piece, in bounded memory, from any thread."""

import json
import os
import threading

import pytest

from harness import native
from harness.bulk import GROWTH_KILOBYTES, Watch, drain
from harness.scripted import keep_alive
from harness.waiting import eventually
from harness.wire import Connection, request
from harness.world import rule

SOAK = bool(os.environ.get("SOAK"))
BODY_BYTES = (2 << 30) - (1 << 20) if SOAK else 200 << 20
PIECE = b"0123456789abcdef" * 4096


@pytest.fixture(params=[True, False], ids=["inline", "lane"])
def streams(world, scripted, tmp_path, request):
    """A host whose every path but `/good` goes to the plugin, on the worker or on its lane."""
    def make(**rest):
        library = native.library("streams.c", tmp_path / "libstreams.so")
        events = tmp_path / "events"
        config = json.dumps({"events": str(events), "bytes": BODY_BYTES}).replace(" ", "")
        plugin = (f"{{name: streams, library: {library}, inline: {str(request.param).lower()}, "
                  f"config: {config}, expose: {{namespaces: [\"*\"]}}}}")
        host = world({"good": [scripted(keep_alive()).port]},
                     [rule("good", "/good"), rule("plugin:streams")], plugins=[plugin], **rest)
        host.events = events
        return host

    return make


def event(host, call, kind):
    """The first event of this kind, once it is there."""
    def look():
        rows = host.events.read_text().splitlines() if host.events.exists() else []
        return [row for row in map(json.loads, rows)
                if row["call"] == call and row["event"] == kind]

    return eventually(look, f"{kind} of {call}", 10)[0]


def read_chunks(client):
    """Reads a chunked body and drops it; answers its length."""
    total = 0
    while length := int(client.receive_line(), 16):
        drain(client, length)
        assert client.receive_line() == b""
        total += length
    assert client.receive_line() == b""
    return total


@pytest.mark.parametrize("path", ["down", "owned"])
def test_an_answer_comes_in_pieces_at_the_pace_of_its_reader(streams, path):
    host = streams()
    with Connection(host.port, receive_buffer=65536) as client, Watch(host.host) as watch:
        client.send(path=f"/{path}")
        head = client.receive_head()
        assert b"\r\nx-kind: stream\r\nTransfer-Encoding: chunked\r\n" in head
        assert read_chunks(client) == BODY_BYTES
        assert client.request(path="/good").status == 200
    assert watch.grown < GROWTH_KILOBYTES, watch.grown
    done = event(host, path, "done")
    assert done["status"] == 200 and done["why"] == 0
    assert done["waits"] > BODY_BYTES >> 22, "the plugin was asked to wait"
    assert done["held"] == 0, "every piece was given back"


def test_a_request_goes_to_the_plugin_in_pieces(streams):
    host = streams()
    with Connection(host.port) as client, Watch(host.host) as watch:
        client.socket.sendall(b"POST /up HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n"
                              % BODY_BYTES)
        for _ in range(BODY_BYTES // len(PIECE)):
            client.socket.sendall(PIECE)
        assert client.receive().body == b"%d" % BODY_BYTES
        assert client.request(path="/good").status == 200
    assert watch.grown < GROWTH_KILOBYTES, watch.grown
    assert event(host, "up", "done")["pieces"] > BODY_BYTES >> 17


def test_a_plugin_that_pauses_holds_its_client_back(streams):
    host = streams()
    body = PIECE * 64
    with Connection(host.port) as client, Watch(host.host) as watch:
        answer = client.request("POST", "/slow", body=body)
    assert answer.body == b"%d" % len(body)
    assert watch.grown < GROWTH_KILOBYTES, watch.grown


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_bytes_pass_through_a_plugin_both_ways_at_once(streams, framing):
    host = streams()
    count = 20 << 20
    pieces = count // len(PIECE)
    with Connection(host.port) as client:
        fields = b"Content-Length: %d" % count if framing == "length" \
            else b"Transfer-Encoding: chunked"

        def upload():
            for _ in range(pieces):
                client.socket.sendall(
                    PIECE if framing == "length" else b"%x\r\n%s\r\n" % (len(PIECE), PIECE))
            if framing == "chunked":
                client.socket.sendall(b"0\r\n\r\n")

        client.socket.sendall(b"POST /echo HTTP/1.1\r\nHost: a.test\r\n%s\r\n\r\n" % fields)
        sender = threading.Thread(target=upload)
        sender.start()
        answer = client.receive()
        sender.join()
    assert answer.body == PIECE * pieces


def test_small_bodies_and_none(streams):
    host = streams()
    with Connection(host.port) as client:
        for body in [b"", b"x", b"0123456789" * 500]:
            assert client.request("POST", "/echo", body=body).body == body
            if body:
                assert client.request("POST", "/up", body=body).body == b"%d" % len(body)


def test_an_answer_may_come_from_a_thread_of_the_plugin(streams):
    host = streams()
    with Connection(host.port) as client:
        for _ in range(50):
            answer = client.request(path="/late")
            assert (answer.status, answer.body) == (200, b"hello world")


def test_head_and_http_1_0_get_their_framing(streams):
    host = streams()
    with Connection(host.port) as client:
        client.send("HEAD", "/late")
        assert client.receive(is_head=True).status == 200
        assert client.request(path="/good").status == 200
    with Connection(host.port) as client:
        client.socket.sendall(b"GET /late HTTP/1.0\r\n\r\n")
        head = client.receive_head()
        assert b"Transfer-Encoding" not in head and b"Connection: close" in head
        assert client.receive_rest() == b"hello world"


def test_an_answer_that_is_broken_off_is_not_taken_for_whole(streams):
    host = streams()
    with Connection(host.port) as client:
        client.send(path="/break")
        with pytest.raises((EOFError, ConnectionResetError)):
            client.receive()
    assert event(host, "break", "done")["why"] != 0
    assert host.host.metric("sluice_broken_replies_total", source="plugin") == 1


def test_a_plugin_that_fails_in_the_middle_of_a_request_is_a_500(streams):
    host = streams()
    for _ in range(3):
        with Connection(host.port) as client:
            client.socket.sendall(b"POST /fail HTTP/1.1\r\nHost: a.test\r\n"
                                  b"Content-Length: 1000000\r\n\r\n" + PIECE)
            assert client.receive().status == 500
    assert host.host.log.count("failed a piece of a request") == 3
    assert event(host, "fail", "done")["why"] == 5


def test_a_plugin_that_fails_behind_the_head_breaks_its_answer_off(streams):
    host = streams()
    with Connection(host.port) as client:
        client.send(path="/half")
        with pytest.raises((EOFError, ConnectionResetError)):
            client.receive()
    assert host.host.metric("sluice_broken_replies_total", source="plugin") == 1
    assert host.host.metric("sluice_service_calls_active") == 0


def test_a_plugin_may_resume_before_it_has_paused(streams):
    host = streams()
    body = PIECE * 40
    assert request(host.port, "POST", "/eager", body=body).body == b"%d" % len(body)


def test_pieces_that_name_no_bytes_are_refused(streams):
    host = streams()
    assert request(host.port, path="/wrong").body == b""
    assert event(host, "wrong", "done")["seen"] == 2


def test_a_client_that_leaves_cancels_its_call(streams):
    host = streams()
    with Connection(host.port) as client:
        client.send(path="/open")
        client.receive_head()
        client.reset()
    assert event(host, "open", "cancel")["why"] == 1
    assert event(host, "open", "done")["why"] == 1
    assert request(host.port, path="/good").status == 200


def test_a_client_that_leaves_behind_a_request_ahead_of_its_turn_is_seen(streams):
    """The body and the byte behind it share a buffer, which was counted twice."""
    host = streams()
    with Connection(host.port) as client:
        client.socket.sendall(b"POST /open HTTP/1.1\r\nHost: a.test\r\n"
                              b"Content-Length: 5\r\n\r\nabcdeG")
        client.receive_head()
    assert event(host, "open", "cancel")["why"] == 1
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "it is closed")


def test_leave_to_send_a_body_comes_when_the_plugin_has_seen_the_head(streams):
    host = streams()
    head = b"POST %s HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"
    with Connection(host.port) as client:
        client.socket.sendall(head % b"/up")
        assert client.receive_head().startswith(b"HTTP/1.1 100 ")
        client.socket.sendall(b"abc")
        assert client.receive().body == b"3"
    with Connection(host.port) as client:
        client.socket.sendall(head % b"/deny")
        assert client.receive().status == 403


def test_an_answer_until_close_that_a_drain_cuts_off_is_not_taken_for_whole(streams):
    host = streams(extra="", limits={"drain": "300ms"})
    with Connection(host.port) as client:
        client.socket.sendall(b"GET /open HTTP/1.0\r\n\r\n")
        client.receive_head()
        host.host.stop()
        with pytest.raises(ConnectionResetError):
            client.receive_rest()


def test_a_plugin_that_takes_no_notice_of_its_credit_is_refused(streams):
    host = streams()
    with Connection(host.port, receive_buffer=65536) as client, Watch(host.host) as watch:
        client.send(path="/flood")
        client.receive_head()
        total = read_chunks(client)
    pieces = event(host, "flood", "done")["pieces"]
    assert total == pieces << 20 and 8 <= pieces
    assert watch.grown < (48 << 10) + GROWTH_KILOBYTES, watch.grown


def test_a_body_beyond_the_limit_of_the_mount_is_refused(streams):
    host = streams()
    with Connection(host.port) as client:
        client.socket.sendall(b"POST /up HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n"
                              % ((1 << 31) + 1))
        assert client.receive().status == 413

"""Each answer of a filter, on requests and responses, and what may be changed meanwhile."""

import pytest

from harness.filtering import ALL, REQUEST_BODY, RESPONSE, RESPONSE_BODY, TRAILERS, filtered, step
from harness.scripted import HELLO, all_fields, keep_alive, parse_fields
from harness.wire import Connection, request, talk


def echoing(peer):
    """Answers with the body that came."""
    while (found := peer.read_request())[0] is not None:
        body = found[1]
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def test_heads_are_changed_on_both_sides(filters):
    host = filters([filtered(
        "/", step("open:set=x-a=1,add=x-b=2,add=x-b=3,remove=x-gone,path=/new/path?q=1,header=x-a;"
                  "response:set=x-c=4,remove=x-drop,status=418"))])
    host.origin.serve = keep_alive(
        b"HTTP/1.1 200 OK\r\nX-Drop: 1\r\nContent-Length: 2\r\n\r\nok")
    answer = request(host.port, path="/old?x=1", headers=["X-Gone: 1", "X-Name: both"])
    assert (answer.status, answer.headers["x-c"], answer.body) == (418, "4", b"ok")
    assert "x-drop" not in answer.headers
    head = host.origin.heads[0]
    assert head.startswith(b"GET /new/path?q=1 HTTP/1.1\r\n")
    fields = parse_fields(head)
    assert fields["x-a"] == "1" and "x-gone" not in fields
    assert all_fields(head, "x-b") == ["2", "3"]
    assert host.wait(name="both", event="header")[0]["value"] == "1"
    assert host.wait(name="both", event="close")[0] == {
        "name": "both", "event": "close", "status": 418, "why": 0}


def test_the_identity_of_a_request_is_the_one_that_its_origin_sees(filters):
    host = filters([filtered("/", step("open:go"))])
    request(host.port, headers=["X-Name: id"])
    found = host.wait(name="id", event="open")[0]
    assert found["id"] == parse_fields(host.origin.heads[0])["x-request-id"]
    assert found["route"] == "test/route"
    request(host.port, headers=["X-Name: own", "X-Request-Id: mine"])
    assert host.wait(name="own", event="open")[0]["id"] == "mine"


@pytest.mark.parametrize("name", ["content-length", "transfer-encoding", "connection", "upgrade"])
def test_framing_belongs_to_the_host(filters, name):
    host = filters([filtered("/", step(f"open:set={name}=5"))])
    assert request(host.port, headers=["X-Name: framing"]).status == 200
    assert host.wait(name="framing", event="status")[0]["status"] == -1


@pytest.mark.parametrize("flow", ["hold", "stop"])
@pytest.mark.parametrize("side", ["open", "response"])
def test_a_head_is_held_until_another_thread_resumes_it(filters, flow, side):
    host = filters([filtered("/", step(f"{side}:{flow},later,set=x-late=1,resume"))])
    host.origin.serve = keep_alive(HELLO)
    answer = request(host.port, headers=["X-Name: held"])
    assert (answer.status, answer.body) == (200, b"hello")
    late = answer.headers if side == "response" else parse_fields(host.origin.heads[0])
    assert late["x-late"] == "1"
    assert host.rows(event="status") == []


def test_a_hold_that_ends_inside_the_callback_is_none(filters):
    host = filters([filtered("/", step("open:hold,resume;response:resume,stop"))])
    assert request(host.port).status == 200


def test_a_body_is_held_whole_and_replaced(filters):
    script = "open:hold;reqbody:hold;reqend:hold,held,resume;response:hold;resend:held,resume"
    host = filters([filtered("/", step(script))])
    host.origin.serve = echoing
    with Connection(host.port) as client:
        client.socket.sendall(
            b"POST / HTTP/1.1\r\nHost: a.test\r\nX-Name: whole\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        host.wait(name="whole", event="reqbody")
        assert host.origin.heads == []
        client.socket.sendall(b"3\r\ndef\r\n0\r\n\r\n")
        # The head of the request waits for one resume, its body for the same.
        answer = client.receive()
    assert answer.body == b"ABCDEF"
    fields = parse_fields(host.origin.heads[0])
    assert fields["content-length"] == "6" and "transfer-encoding" not in fields
    assert answer.headers["content-length"] == "6"


def test_pieces_are_changed_as_they_pass(filters):
    script = "open:remove=content-length;reqbody:upper;response:remove=content-length;resbody:upper"
    host = filters([filtered("/", step(script))])
    host.origin.serve = echoing
    answer = request(host.port, method="POST", body=b"some text", headers=["X-Name: pieces"])
    assert answer.body == b"SOME TEXT"
    assert parse_fields(host.origin.heads[0])["content-length"] == "9"
    assert host.rows(event="status") == []


def test_content_of_a_fixed_length_that_has_begun_keeps_it(filters):
    host = filters([filtered("/", step("reqbody:body=longer"))])
    host.origin.serve = echoing
    with Connection(host.port) as client:
        client.socket.sendall(
            b"POST / HTTP/1.1\r\nHost: a.test\r\nX-Name: fixed\r\nContent-Length: 4\r\n\r\n")
        host.origin.wait_until_asked()
        client.socket.sendall(b"abcd")
        assert client.receive().body == b"abcd"
    assert host.wait(name="fixed", event="status")[0]["status"] == -8


@pytest.mark.parametrize("event", ["open", "response"])
@pytest.mark.parametrize("answer, status, body", [
    ("respond=403", 403, b"filter"), ("stream", 203, b"first second")])
def test_a_filter_answers_itself(filters, event, answer, status, body):
    host = filters([filtered("/", step("response:set=x-outer=1"),
                             step(f"{event}:{answer},answered;response:set=x-inner=1")
                             if event == "open" else step(f"{event}:{answer},answered"))])
    found = request(host.port, headers=["X-Name: answers"])
    assert (found.status, found.body) == (status, body)
    # Filters before it see its response, it does not.
    assert found.headers["x-outer"] == "1" and "x-inner" not in found.headers
    assert len(host.origin.heads) == (0 if event == "open" else 1)
    assert len(host.wait(2, name="answers", event="close")) == 2


def test_a_filter_answers_from_a_thread_while_it_holds(filters):
    host = filters([filtered("/", step("open:hold,later,respond=401"))])
    answer = request(host.port, method="POST", body=b"x" * 100)
    assert (answer.status, answer.body) == (401, b"filter")
    assert host.origin.heads == []


def test_abort_is_502(filters):
    host = filters([filtered("/", step("open:hold,later,abort"))])
    assert request(host.port).status == 502


def test_skip_ends_the_calls_but_the_last(filters):
    host = filters([filtered("/", step("open:skip"))])
    host.origin.serve = echoing
    assert request(host.port, method="POST", body=b"abc", headers=["X-Name: skip"]).body == b"abc"
    host.wait(name="skip", event="close")
    assert [row["event"] for row in host.rows(name="skip")] == ["open", "close"]


@pytest.mark.parametrize("wants", range(16))
def test_a_filter_sees_what_it_wants(filters, wants):
    trailing = (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"2\r\nok\r\n0\r\nX-Trail: 1\r\n\r\n")
    host = filters([filtered("/", step())], instances={"filter": wants})
    host.origin.serve = keep_alive(trailing)
    talk(host.port, b"POST / HTTP/1.1\r\nHost: a.test\r\nX-Name: wants\r\nConnection: close\r\n"
         b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Sent: 1\r\n\r\n")
    host.wait(name="wants", event="close")
    seen = {row["event"] for row in host.rows(name="wants")}
    expected = {"open", "close"}
    expected |= {"reqbody"} if wants & REQUEST_BODY else set()
    expected |= {"response"} if wants & RESPONSE else set()
    expected |= {"resbody"} if wants & RESPONSE_BODY else set()
    expected |= {"reqtrailers", "restrailers"} if wants & TRAILERS else set()
    assert seen == expected
    assert [b"X-Sent: 1"] == host.origin.trailers


def test_the_end_of_content_comes_once(filters):
    host = filters([filtered("/", step("open:go"))])
    request(host.port, method="POST", body=b"abc", headers=["X-Name: ends"])
    request(host.port, headers=["X-Name: empty"])
    host.wait(name="empty", event="close")
    assert [row["end"] for row in host.rows(name="ends", event="reqbody")][-1] == 1
    assert sum(row["end"] for row in host.rows(name="ends", event="reqbody")) == 1
    assert sum(row["end"] for row in host.rows(name="ends", event="resbody")) == 1
    assert host.rows(name="empty", event="reqbody") == []
    assert host.rows(name="empty", event="open")[0]["flags"] & 2


def test_responses_pass_in_reverse(filters):
    host = filters([filtered("/", step("open:add=x-way=1;response:add=x-way=1"),
                             step("open:add=x-way=2;response:add=x-way=2"))])
    with Connection(host.port) as client:
        client.send()
        answer = client.receive()
    assert all_fields(host.origin.heads[0], "x-way") == ["1", "2"]
    assert all_fields(answer.head, "x-way") == ["2", "1"]


def test_filters_of_a_backend_come_behind_those_of_its_rule(filters):
    one = filtered("/", step("open:add=x-way=rule"))
    one["backends"][0]["filters"] = [step("open:add=x-way=backend")]
    host = filters([one])
    request(host.port)
    assert all_fields(host.origin.heads[0], "x-way") == ["rule", "backend"]


def test_answers_of_the_host_pass_the_filters_of_their_route(filters):
    host = filters([filtered("/", step("response:set=x-seen=1"), backend=503)])
    answer = request(host.port)
    assert (answer.status, answer.headers["x-seen"]) == (503, "1")
    assert answer.body.startswith(b"Service Unavailable: ")
    with Connection(host.port) as client:
        assert client.request(method="HEAD").status == 503
        assert client.request().headers["x-seen"] == "1"


def test_answers_of_services_pass_filters(filters, tmp_path):
    host = filters([filtered("/", step("response:set=x-seen=1,remove=content-length;resbody:upper"),
                             backend="plugin:echo")],
                   plugins=['{name: echo, library: echo, expose: {namespaces: ["*"]}}'])
    answer = request(host.port, method="POST", path="/x", body=b"abc")
    assert answer.status == 200 and answer.headers["x-seen"] == "1"
    assert answer.body == answer.body.upper() and b"ABC" in answer.body


def test_a_tunnel_is_filtered_by_its_heads(filters):
    def switching(peer):
        peer.read_head()
        peer.send(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                  b"Upgrade: websocket\r\n\r\nraw")
        peer.send(peer.socket.recv(100))
        peer.wait_for_end()

    host = filters([filtered("/", step("response:hold,later,set=x-seen=1,resume"))])
    host.origin.serve = switching
    with Connection(host.port) as client:
        client.socket.sendall(
            b"GET / HTTP/1.1\r\nHost: a.test\r\nX-Name: tunnel\r\nConnection: Upgrade\r\n"
            b"Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\n\r\n")
        head = client.receive_head()
        assert head.startswith(b"HTTP/1.1 101 ") and b"x-seen: 1" in head
        assert client.receive_bytes(3) == b"raw"
        client.socket.sendall(b"bytes")
        assert client.receive_bytes(5) == b"bytes"
        # Closed at the head: a tunnel keeps no filter.
        assert host.wait(name="tunnel", event="close")[0]["status"] == 101
    assert host.rows(name="tunnel", event="resbody") == []

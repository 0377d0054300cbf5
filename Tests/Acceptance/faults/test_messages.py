"""What of a message is understood, passed on, refused and counted."""

import contextlib

import pytest

from harness.scripted import HELLO, all_fields, keep_alive, once, parse_fields
from harness.wire import Answer, Connection, talk
from harness.world import rule

GET = b"GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n"
END = b"Connection: close\r\n\r\n"

ADMIN_PATHS = [
    "/admin", "/%61dmin", "/%61%64%6D%69%6e", "//admin", "///admin", "/./admin", "/x/../admin",
    "/x/%2e%2e/admin", "/x/%2E./admin", "/%2e/admin", "/admin/", "/admin/x", "/admin//x",
    "//x/..//admin", "/admin?x=1", "/x/y/../../admin", "/admin/./..//admin",
]
WRITTEN_PATHS = ["/%61dmin", "//admin", "/x/%2e%2E/admin", "/%2e/%61%64min", "/%61dmin//"]
REFUSED_PATHS = [
    "/..", "/../admin", "/x/../../admin", "/x/..%2fadmin", "/x/..;/admin", "/x/..%5cadmin",
    "/x\\..\\admin", "/%00admin", "/%zzadmin", "/%2", "/x/;/../admin", "/x/%2f../admin",
]


@pytest.fixture
def guarded(world, scripted):
    """`/admin` answers 500 and everything else goes to the origin."""
    origin = scripted(keep_alive())
    host = world(origin, [rule(500, "/admin"), rule("origin")])
    host.origin = origin
    return host


def assert_statuses(guarded, paths, status):
    """Each path is answered with `status`, and the origin gets none of them."""
    statuses = {}
    for path in paths:
        with Connection(guarded.port) as client:
            statuses[path] = client.request(path=path).status
    assert statuses == {path: status for path in paths}
    assert guarded.origin.heads == []


@pytest.mark.parametrize("written", WRITTEN_PATHS)
def test_the_path_of_a_route_may_be_written_in_any_way(world, scripted, written):
    """Only the canonical form of a route's path was ever met."""
    origin = scripted(keep_alive())
    host = world(origin, [rule(500, written), rule("origin")])
    for path in ADMIN_PATHS:
        with Connection(host.port) as client:
            assert client.request(path=path).status == 500, path
    assert origin.heads == [] and host.host.admin_json("/config")["problems"] == []


def test_a_path_of_a_route_that_no_request_has_is_reported(world, scripted):
    host = world(scripted(keep_alive()), [
        rule(500, "/%2e%2e/admin"), rule(500, "/a/..;x"), rule(500, "/b%2Fc"), rule("origin")],
        listener={"escapedSlashes": "reject"})
    with Connection(host.port) as client:
        assert client.request(path="/admin").status == 200
    found = host.host.admin_json("/config")["problems"]
    assert [(one["code"], one["severity"], one["pointer"]) for one in found] == [
        ("bad-path", "warning", f"/rules/{number}/matches/0/path") for number in range(3)]
    assert '"/%2e%2e/admin"' in found[0]["text"]


def test_no_spelling_of_a_path_passes_its_route_by(guarded):
    """Fault 5: `/%61dmin` and `//admin` reached the origin."""
    assert_statuses(guarded, ADMIN_PATHS, 500)


def test_paths_that_others_read_differently_are_refused(guarded):
    """Fault 5: dot segments beside an escaped slash or `;`, and what climbs above the root."""
    assert_statuses(guarded, REFUSED_PATHS, 400)


@pytest.mark.parametrize("sent, seen", [
    ("/a//b", "/a/b"), ("/%7euser", "/~user"), ("/a%2fb", "/a%2Fb"), ("/a/./b/../c", "/a/c"),
    ("/a%c3%bc?q=%61//b", "/a%C3%BC?q=%61//b"), ("/a/", "/a/"), ("/a/..", "/"),
])
def test_the_canonical_path_is_what_the_origin_sees(guarded, sent, seen):
    """Fault 5: the same bytes are matched and forwarded."""
    with Connection(guarded.port) as client:
        assert client.request(path=sent).status == 200
    assert guarded.origin.heads[0].split(b" ")[1].decode() == seen


def test_a_listener_may_keep_slashes_and_refuse_escaped_ones(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin, listener={"mergeSlashes": False, "escapedSlashes": "reject"})
    with Connection(host.port) as client:
        assert client.request(path="/a//b").status == 200
    with Connection(host.port) as client:
        assert client.request(path="/a%2Fb").status == 400
    assert [head.split(b" ")[1] for head in origin.heads] == [b"/a//b"]


FORBIDDEN_TRAILERS = [
    "Content-Length: 50", "Transfer-Encoding: chunked", "Host: b.test", "Connection: close",
    "Authorization: Basic eDp5", "Cookie: a=b", "X-Forwarded-For: 1.2.3.4",
    "X-Forwarded-Proto: https", "Forwarded: for=1.2.3.4", "Expect: 100-continue",
    "Content-Type: text/html", "Content-Encoding: gzip", "Upgrade: websocket", "TE: trailers",
    "Max-Forwards: 0", "Via: 1.1 x", "Cache-Control: no-store", "Range: bytes=0-1",
    "Proxy-Authorization: x", "X-Request-Id: forged",
]


def test_trailers_of_a_request_are_refused_or_dropped(world, scripted):
    """Fault 8: a trailer `Content-Length: 50` reached the origin."""
    origin = scripted(keep_alive())
    host = world(origin)
    for trailer in FORBIDDEN_TRAILERS:
        talk(host.port, b"POST /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n" + END
             + b"3\r\nabc\r\n0\r\n" + trailer.encode() + b"\r\nX-Sum: 1\r\n\r\n")
    seen = {line.split(b":")[0].lower() for line in origin.trailers}
    assert seen <= {b"x-sum"}, seen


def test_a_trailer_that_means_nothing_to_a_proxy_passes(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin)
    answer = talk(host.port, b"POST /x HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n"
                  b"Trailer: X-Sum\r\n" + END + b"3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert origin.trailers == [b"X-Sum: 1"]


def test_trailers_of_a_reply_are_filtered(world, scripted):
    """Fault 8, the other direction."""
    host = world(scripted(once(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"
        b"Set-Cookie: a=b\r\nContent-Length: 9\r\nGrpc-Status: 0\r\n\r\n")))
    answer = talk(host.port, b"GET / HTTP/1.1\r\nHost: a.test\r\nTE: trailers\r\n" + END)
    _, _, trailers = answer.lower().partition(b"\r\n0\r\n")
    assert b"grpc-status: 0" in trailers
    assert b"set-cookie" not in trailers and b"content-length" not in trailers


BROKEN_FIRST = {
    "a bad first chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nabc\r\n",
    "an endless chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 40,
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "an end instead of a head": b"",
    "an end inside the head": b"HTTP/1.1 200 OK\r\nContent-",
}


@pytest.mark.parametrize("name", BROKEN_FIRST)
def test_a_reply_that_is_broken_before_its_first_byte_left_is_a_502(world, scripted, name):
    """Fault 14: a bad first chunk was an empty answer, counted as 2xx."""
    def serve(peer):
        peer.read_request()
        peer.send(BROKEN_FIRST[name])

    host = world(scripted(serve))
    with Connection(host.port) as client:
        client.send(method="POST", body=b"x")
        assert client.receive_head().startswith(b"HTTP/1.1 502")
    assert host.host.metric("sluice_responses_total", **{"class": "2xx"}) == 0
    assert host.host.metric("sluice_responses_total", **{"class": "5xx"}) == 1


@pytest.mark.parametrize("reply", [
    b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nshort\r\nZZ\r\n",
])
def test_a_reply_cut_short_is_seen_by_its_client_and_counted(world, scripted, reply):
    """Fault 14: a length cut short moved no counter."""
    def serve(peer):
        peer.read_request()
        head, _, body = reply.partition(b"\r\n\r\n")
        peer.send(head + b"\r\n\r\n" + body[:8])
        peer.origin.gate.wait(10)
        peer.send(body[8:])

    origin = scripted(serve)
    host = world(origin)
    with Connection(host.port) as client:
        client.send()
        assert client.receive_head().startswith(b"HTTP/1.1 200")
        origin.gate.set()
        rest = client.receive_rest()
    assert b"short" in rest and not rest.endswith(b"0\r\n\r\n")
    assert host.host.metric("sluice_broken_replies_total", source="origin") == 1


def test_chunk_extensions_of_a_long_reply_are_bounded_by_chunk(world, scripted):
    """Fault 14: their sum over the body ended it after 16 KiB."""
    chunk = b"100;ext=%s\r\n%s\r\n" % (b"e" * 20, b"c" * 256)
    count = 2_000
    host = world(scripted(once(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * count + b"0\r\n\r\n")))
    with Connection(host.port) as client:
        assert client.request().body == b"c" * 256 * count


def test_white_space_before_a_chunk_extension_is_accepted_in_a_reply(world, scripted):
    """Fault 14: RFC 9112 7.1.1 lets recipients accept it."""
    host = world(scripted(once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                               b"2 ; a=b\r\nok\r\n0\r\n\r\n")))
    with Connection(host.port) as client:
        assert client.request().body == b"ok"


def test_trace_and_options_are_answered_where_max_forwards_ends(world, scripted):
    """Fault 15, RFC 9110 7.6.2."""
    origin = scripted(keep_alive())
    host = world(origin)
    with Connection(host.port) as client:
        trace = client.request("TRACE", "/t", headers=[
            "Max-Forwards: 0", "X-Seen: yes", "Authorization: Basic c2VjcmV0", "Cookie: a=b"])
        assert trace.status == 200 and trace.headers["content-type"] == "message/http"
        assert trace.body.startswith(b"TRACE /t HTTP/1.1\r\n") and b"X-Seen: yes" in trace.body
        assert b"c2VjcmV0" not in trace.body and b"cookie" not in trace.body.lower()
        options = client.request("OPTIONS", "/o", headers=["Max-Forwards: 0"])
        assert options.status in (200, 204)
        assert origin.heads == []
        assert client.request("OPTIONS", "/o", headers=["Max-Forwards: 5"]).status == 200
        assert client.request("GET", "/g", headers=["Max-Forwards: 0"]).status == 200
    assert parse_fields(origin.heads[0])["max-forwards"] == "4"


def test_an_empty_line_after_a_body_is_no_request(world, scripted):
    """Fault 15: it ended in a 408 (RFC 9112 2.2)."""
    host = world(scripted(keep_alive()), limits={"headerReadTimeout": "300ms"})
    with Connection(host.port) as client:
        client.socket.sendall(
            b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc\r\n")
        assert client.receive().status == 200
        assert client.is_quiet(0.8)
        assert client.request().status == 200


def test_via_is_added_both_ways(world, scripted):
    """Fault 15, RFC 9110 7.6.3."""
    origin = scripted(keep_alive(HELLO.replace(b"\r\n\r\n", b"\r\nVia: 1.0 inner\r\n\r\n")))
    host = world(origin)
    with Connection(host.port) as client:
        answer = client.request(headers=["Via: 1.0 outer"])
    assert all_fields(origin.heads[0], "via") == ["1.0 outer", "1.1 sluice"]
    assert all_fields(answer.head, "via") == ["1.0 inner", "1.1 sluice"]


def test_interim_replies_are_counted_and_passed(world, scripted):
    """Fault 15: they were not counted."""
    host = world(scripted(keep_alive(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 2 + HELLO)))
    with Connection(host.port) as client:
        client.send()
        hints = [client.receive() for _ in range(2)]
        assert [hint.status for hint in hints] == [103, 103]
        assert hints[0].headers["link"] == "</a.css>; rel=preload"
        assert client.receive().status == 200
    assert host.host.metric("sluice_responses_total", **{"class": "1xx"}) == 2
    assert host.host.metric("sluice_responses_total", **{"class": "2xx"}) == 1


def test_the_origin_decides_about_a_100_continue(world, scripted):
    """Fault 15: `Expect` was answered before the origin was asked."""
    def serve(peer):
        while (head := peer.read_head()) is not None:
            length = int(parse_fields(head)["content-length"])
            if b" /no " in head:
                peer.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n"
                          b"Connection: close\r\n\r\n")
                return
            peer.origin.gate.wait(10)
            peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            peer.read(length)
            peer.send(HELLO)

    origin = scripted(serve)
    host = world(origin)
    with Connection(host.port) as client:
        client.socket.sendall(b"POST /yes HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n"
                              b"Expect: 100-continue\r\n\r\n")
        origin.wait_until_asked()
        assert parse_fields(origin.heads[0])["expect"] == "100-continue"
        assert client.is_quiet(0.2), "100 came before the origin had said it"
        origin.gate.set()
        assert client.receive().status == 100
        client.socket.sendall(b"abc")
        assert client.receive().status == 200
    with Connection(host.port) as client:
        client.socket.sendall(b"POST /no HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n"
                              b"Expect: 100-continue\r\n\r\n")
        assert client.receive().status == 413


def test_an_unknown_expectation_is_a_417(world, scripted):
    origin = scripted(keep_alive())
    host = world(origin)
    with Connection(host.port) as client:
        assert client.request(headers=["Expect: a-miracle"]).status == 417
    assert origin.heads == []


def test_a_refusal_reaches_a_client_that_goes_on_sending(world, scripted):
    """What follows a broken chunk is dropped; it used to break off the answer."""
    host = world(scripted(keep_alive()))
    for _ in range(10):
        with Connection(host.port) as client:
            client.socket.sendall(
                b"POST / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n")
            with contextlib.suppress(OSError):
                for _ in range(8):
                    client.socket.sendall(b"z" * 8192)
            assert client.receive().status == 400


UNREADABLE = {
    400: b" / HTTP/1.1\r\nHost: a.test\r\nX : 1\r\n\r\n",
    414: b" /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: a.test\r\n\r\n",
    431: b" / HTTP/1.1\r\nHost: a.test\r\nX-Long: " + b"x" * 80_000 + b"\r\n\r\n",
    501: b" / HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    505: b" / HTTP/2.0\r\nHost: a.test\r\n\r\n",
}


@pytest.mark.parametrize("before", [b"", GET], ids=["first", "second"])
@pytest.mark.parametrize("status", UNREADABLE)
def test_a_refused_head_request_has_no_body(world, scripted, status, before):
    """RFC 9110 9.3.2, though the head behind the method is not understood."""
    host = world(scripted(keep_alive(b"HTTP/1.1 204 No Content\r\n\r\n")))
    methods = ((b"HEAD", False), (b"\r\nHEAD", False), (b"GET", True), (b"HEADS", True))
    for method, has_body in methods:
        with Connection(host.port) as client:
            client.socket.sendall(before + method + UNREADABLE[status])
            if before:
                assert client.receive().status == 204
            answer = Answer(client.receive_head())
            assert answer.status == status and int(answer.headers["content-length"]) > 0
            assert (client.receive_rest() != b"") == has_body, method


def test_a_head_request_whose_head_does_not_come_is_refused_without_a_body(world, scripted):
    host = world(scripted(keep_alive()), limits={"headerReadTimeout": "200ms"})
    for method, has_body in ((b"HEAD", False), (b"GET", True)):
        with Connection(host.port) as client:
            client.socket.sendall(method + b" / HTTP/1.1\r\nHost: a.test\r\n")
            assert Answer(client.receive_head()).status == 408
            assert (client.receive_rest() != b"") == has_body, method

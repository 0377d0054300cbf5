"""One request: HTTP/1.1 through a route that the file source published."""

import pytest

from harness.manifests import gateway, join, route, service, to_plugin, to_service
from harness.origin import Origin
from harness.waiting import eventually
from harness.wire import Connection, request


@pytest.fixture
def plain(site, origin):
    """A host that sends everything of one Gateway to the origin."""
    return site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port), route("web", [to_service("web")]))})


def test_a_get_reaches_the_origin_and_its_answer_comes_back(plain, origin):
    answer = request(plain.port, path="/a/b?c=d&e", headers=["X-One: 1", "Accept: */*"])
    assert answer.status == 200
    assert answer.headers["x-origin"] == "origin"
    seen = answer.json
    assert (seen["method"], seen["path"]) == ("GET", "/a/b?c=d&e")
    assert seen["headers"]["host"] == "a.test"
    assert seen["headers"]["x-one"] == "1"
    assert len(origin.requests) == 1


@pytest.mark.parametrize("size", [0, 1, 1000, 70_000])
def test_a_post_carries_its_body(plain, size):
    body = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    answer = request(plain.port, "POST", "/form", body=body)
    assert answer.status == 200
    assert answer.json["headers"]["content-length"] == str(size)
    assert answer.json["body"].encode() == body


def test_head_answers_without_a_body(plain):
    with Connection(plain.port) as connection:
        head = connection.request("HEAD", "/x")
        assert head.status == 200
        assert int(head.headers["content-length"]) > 0
        assert connection.request("GET", "/y").json["path"] == "/y"


def test_connections_are_kept_on_both_sides(plain, origin):
    with Connection(plain.port) as connection:
        for number in range(50):
            assert connection.request(path=f"/{number}").json["path"] == f"/{number}"
    assert len(origin.requests) == 50
    assert origin.connections == 1
    with Connection(plain.port) as connection:
        assert connection.request(path="/again").status == 200
    assert origin.connections == 1


def test_pipelined_requests_are_answered_in_order(plain):
    with Connection(plain.port) as connection:
        for number in range(5):
            connection.send(path=f"/{number}")
        paths = [connection.receive().json["path"] for _ in range(5)]
    assert paths == [f"/{number}" for number in range(5)]


def test_connection_close_is_obeyed(plain):
    with Connection(plain.port) as connection:
        answer = connection.request(headers=["Connection: close"])
        assert answer.status == 200
        assert answer.headers["connection"].lower() == "close"
        assert connection.is_closed()


def test_a_head_in_single_bytes_is_read_whole(plain):
    with Connection(plain.port) as connection:
        for byte in b"GET /slowly HTTP/1.1\r\nHost: a.test\r\n\r\n":
            connection.socket.sendall(bytes([byte]))
        assert connection.receive().json["path"] == "/slowly"


@pytest.mark.parametrize("bytes_sent", [
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a.test\r\nHost: b.test\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: +1\r\n\r\na",
    b"GET / HTTP/1.1\r\nHost: a.test\r\nA b: c\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\nHost: a.test\r\n\r\n",
], ids=["no host", "two hosts", "two lengths", "signed length", "space in a name", "NUL in a path"])
def test_ambiguous_requests_are_refused_and_the_connection_ends(plain, origin, bytes_sent):
    with Connection(plain.port) as connection:
        connection.socket.sendall(bytes_sent)
        assert connection.receive().status == 400
        assert connection.is_closed()
    assert origin.requests == []


def test_an_origin_that_closes_its_kept_connections_costs_no_request(plain, origin):
    with Connection(plain.port) as connection:
        for number in range(20):
            assert connection.request(path="/closing").status == 200
            assert connection.request(path=f"/{number}").status == 200
    assert len(origin.requests) == 40
    assert origin.connections >= 20


def test_an_endpoint_that_is_down_costs_no_request(site, origin):
    """127.0.0.2 listens nowhere on the origin's port; each request finds the other endpoint."""
    both = service("web", origin.port).replace(
        "endpoints: [", "endpoints: [{addresses: [127.0.0.2], conditions: {ready: true}}, ")
    host = site(lambda port: {"all.yaml": join(
        gateway(port), both, route("web", [to_service("web")]))})
    for number in range(40):
        with Connection(host.port) as connection:
            assert connection.request("POST", f"/{number}", body=b"x" * 100).status == 200
    assert len(origin.requests) == 40


def test_a_plugin_learns_who_asks(site):
    host = site(lambda port: {"all.yaml": join(gateway(port), route("web", [to_plugin("echo")]))})
    with Connection(host.port) as connection:
        peer = connection.request().json["peer"]
        assert peer == "127.0.0.1:%d" % connection.socket.getsockname()[1]


def test_an_origin_that_is_down_is_a_502(site):
    with Origin() as gone:
        dead_port = gone.port
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("web", dead_port), route("web", [to_service("web")]))})
    with Connection(host.port) as connection:
        assert connection.request().status == 502
        assert connection.request().status == 502


def test_prefixes_hosts_and_exact_paths_choose_the_route(site):
    with Origin("one") as one, Origin("two") as two, Origin("three") as three:
        host = site(lambda port: {
            "web.yaml": gateway(port),
            "services.yaml": join(
                service("one", one.port), service("two", two.port), service("three", three.port)),
            "a.yaml": route("a", [
                to_service("one"), to_service("two", prefix="/v2"),
                to_service("three", exact="/v2/exact")], hosts=["a.test"]),
            "wild.yaml": route("wild", [to_service("three")], hosts=["*.b.test"]),
        })
        chosen = {
            ("a.test", "/"): "one", ("a.test", "/v2"): "two", ("a.test", "/v2/"): "two",
            ("a.test", "/v2/x?y=1"): "two", ("a.test", "/v22"): "one",
            ("a.test", "/v2/exact"): "three", ("a.test", "/v2/exact/"): "two",
            ("A.TEST", "/v2/x"): "two", (f"a.test:{host.port}", "/v2/x"): "two",
            ("x.b.test", "/"): "three", ("x.y.b.test", "/"): "three",
        }
        with Connection(host.port) as connection:
            for (name, path), expected in chosen.items():
                answer = connection.request(path=path, host=name)
                assert (name, path, answer.headers.get("x-origin")) == (name, path, expected)
            for name in ("b.test", "c.test"):
                assert connection.request(host=name).status == 404


def test_paths_are_resolved_before_they_are_matched(site):
    with Origin("one") as one, Origin("two") as two:
        host = site(lambda port: {"all.yaml": join(
            gateway(port), service("one", one.port), service("two", two.port),
            route("a", [to_service("one", prefix="/open"), to_service("two", prefix="/shut")]))})
        with Connection(host.port) as connection:
            answer = connection.request(path="/open/../shut/%2e%2E/shut/x")
            assert (answer.headers["x-origin"], answer.json["path"]) == ("two", "/shut/x")
            answer = connection.request(path="/open/a%2Fb//c")
            assert answer.json["path"] == "/open/a%2Fb/c"


def test_a_route_without_a_match_answers_404(site, origin):
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port),
        route("web", [to_service("web", prefix="/only")]))})
    with Connection(host.port) as connection:
        assert connection.request(path="/other").status == 404
        assert connection.request(path="/onlyx").status == 404
        assert connection.request(path="/only/x").status == 200


def test_a_backend_that_does_not_exist_answers_500(site, origin):
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port),
        route("web", [to_service("nobody", prefix="/bad"), to_service("web", prefix="/good")]))})
    assert request(host.port, path="/bad").status == 500
    assert request(host.port, path="/good").status == 200


def test_a_listener_with_a_hostname_serves_that_host_alone(site, origin):
    host = site(lambda port: {"all.yaml": join(
        gateway(port, listeners=[
            f"{{name: http, port: {port}, protocol: HTTP, hostname: a.test}}"]),
        service("web", origin.port), route("web", [to_service("web")]))})
    assert request(host.port, host="a.test").status == 200
    assert request(host.port, host="b.test").status == 404


def test_requests_are_counted(plain):
    before = plain.metrics()["sluice_requests_total"]
    for _ in range(3):
        request(plain.port)
    eventually(
        lambda: plain.metrics()["sluice_requests_total"] == before + 3,
        "three requests are counted")

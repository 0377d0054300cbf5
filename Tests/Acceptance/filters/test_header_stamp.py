"""The filter in Swift, which stamps headers as each route says."""

import pytest

from harness.filtering import filtered
from harness.scripted import all_fields, keep_alive, parse_fields
from harness.wire import Connection, request

STAMP = '{name: stamp, library: header-stamp, expose: {namespaces: ["*"]}}'


@pytest.fixture
def stamped(world, scripted):
    def make(config):
        origin = scripted(keep_alive(
            b"HTTP/1.1 200 OK\r\nX-Old: 1\r\nVary: a\r\nContent-Length: 2\r\n\r\nok"))
        rules = [filtered("/", {"plugin": "stamp", "config": config})]
        made = world({"origin": [origin.port]}, rules, plugins=[STAMP])
        made.origin = origin
        return made

    return make


def test_requests_and_responses_are_stamped(stamped):
    host = stamped({
        "request": {"set": {"x-route": "${route}", "x-peer": "<${peer}>"}, "remove": ["x-gone"]},
        "response": {"set": {"x-request-id": "${request_id}"}, "add": {"vary": "b"},
                     "remove": ["x-old"]}})
    with Connection(host.port) as client:
        own = client.socket.getsockname()
        answer = client.request(headers=["X-Gone: 1", "X-Route: forged"])
    fields = parse_fields(host.origin.heads[0])
    assert fields["x-route"] == "test/route" and "x-gone" not in fields
    assert all_fields(host.origin.heads[0], "x-route") == ["test/route"]
    assert fields["x-peer"] == f"<{own[0]}:{own[1]}>"
    assert answer.headers["x-request-id"] == fields["x-request-id"]
    assert all_fields(answer.head, "vary") == ["a", "b"]
    assert "x-old" not in answer.headers and answer.body == b"ok"


def test_a_stamp_of_one_side_leaves_the_other(stamped):
    host = stamped({"request": {"set": {"x-a": "1"}}})
    answer = request(host.port)
    assert parse_fields(host.origin.heads[0])["x-a"] == "1"
    assert answer.headers["x-old"] == "1"


@pytest.mark.parametrize("config, place", [
    ({"request": {"set": {"x": "${host}"}}}, "/request/set/x"),
    ({"response": {"remove": ["connection"]}}, "/response/remove/0"),
    ({"response": {"sett": {}}}, "/response")])
def test_what_cannot_be_stamped_is_500_and_an_issue_at_its_place(stamped, config, place):
    host = stamped(config)
    assert request(host.port).status == 500
    found = [one for one in host.host.admin_json("/config")["problems"]
             if one["code"] == "bad-filter"]
    assert found[0]["pointer"].startswith("/rules/0/filters/0/config" + place)

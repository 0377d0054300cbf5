"""What filters are configured with for a route: made once, shared, freed, refused."""

import threading

from harness.filtering import filtered, step
from harness.scripted import parse_fields
from harness.waiting import eventually
from harness.wire import Connection, request


def problems(host):
    return host.host.admin_json("/config")["problems"]


def test_equal_texts_are_one_configuration(filters):
    host = filters([filtered("/a", step("open:set=x-a=1")), filtered("/b", step("open:set=x-a=1")),
                    filtered("/c", step("open:set=x-a=2"))])
    for path, value in [("/a", "1"), ("/b", "1"), ("/c", "2")]:
        request(host.port, path=path)
        assert parse_fields(host.origin.heads[-1])["x-a"] == value
    assert len(host.rows(event="route_new")) == 2
    assert host.rows(event="route_free") == []


def test_a_configuration_is_freed_behind_the_last_exchange_that_has_it(filters):
    host = filters([filtered("/", step("open:hold"))], limits={"filterHold": "60s"})
    with Connection(host.port) as client:
        client.send(headers=["X-Name: holder"])
        host.wait(name="holder", event="open")
        host.world.publish({"origin": [host.origin.port]}, [filtered("/", step("open:set=x-a=1"))])
        assert request(host.port).status == 200
        assert host.rows(event="route_free") == []
        client.reset()
    assert host.wait(event="route_free")[0]["name"] == "open:hold"
    names = [row["event"] for row in host.rows() if row["name"] in ("holder", "open:hold")]
    assert names.index("close") < names.index("route_free")


def test_a_refused_configuration_is_500_and_an_issue(filters):
    host = filters([filtered("/bad", step("refuse")), filtered("/good", step("open:go"))])
    assert request(host.port, path="/bad").status == 500
    assert request(host.port, path="/good").status == 200
    found = [one for one in problems(host) if one["code"] == "bad-filter"]
    assert found and found[0]["pointer"] == "/rules/0/filters/0/config/script"
    assert "expected no refuse" in found[0]["text"]


def test_a_configuration_against_the_schema_of_the_plugin_is_refused(filters):
    one = filtered("/", {"plugin": "filter", "config": {"scrip": ""}})
    host = filters([one])
    assert request(host.port).status == 500
    found = [one for one in problems(host) if one["code"] == "bad-filter"]
    assert found and found[0]["pointer"].startswith("/rules/0/filters/0/config")


def test_a_filter_that_nobody_has_is_500_and_an_issue(filters):
    host = filters([filtered("/", {"plugin": "nobody"}), filtered("/ok")])
    assert request(host.port, path="/x").status == 500
    assert request(host.port, path="/ok").status == 200
    assert [one["code"] for one in problems(host)] == ["unknown-plugin"]


def test_a_filter_of_another_kind_still_leaves_the_route_out(filters):
    host = filters([filtered("/", {"setHeaders": {"x": "1"}})])
    assert request(host.port).status == 404
    assert "not-supported" in [one["code"] for one in problems(host)]


def test_a_plugin_that_takes_long_is_waited_for_and_told_of(filters):
    host = filters([filtered("/", step("open:go"))], limits={"filterConfig": "100ms"})
    host.world.write({"origin": [host.origin.port]},
                     [filtered("/", step("open:set=slow=1")), filtered("/fast")])
    eventually(lambda: "filter-pending" in [one["code"] for one in problems(host)], "an issue", 10)
    assert request(host.port, path="/fast").status == 200
    assert request(host.port).status == 500
    eventually(lambda: request(host.port).status == 200, "the late configuration", 10)
    assert problems(host) == []


def test_routes_change_under_load_without_a_failed_request(filters):
    host = filters([filtered("/", step("open:set=x-a=0;response:set=x-a=0"))])
    failures, done = [], threading.Event()

    def ask():
        with Connection(host.port) as client:
            while not done.is_set():
                answer = client.request(method="POST", body=b"x" * 1000)
                if answer.status != 200 or "x-a" not in answer.headers:
                    failures.append(answer.head)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 30):
        script = f"open:set=x-a={number};response:set=x-a={number}"
        host.world.publish({"origin": [host.origin.port]}, [filtered("/", step(script))])
    done.set()
    for thread in threads:
        thread.join()
    assert failures == []
    eventually(lambda: len(host.rows(event="route_free")) == 29, "all old ones freed", 10)
    assert len(host.rows(event="route_new")) == 30

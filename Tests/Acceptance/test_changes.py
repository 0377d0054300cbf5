"""Routes change while traffic flows; what is wrong is reported and the rest serves."""

import pytest

from harness.manifests import endpoints, gateway, join, route, service, to_service, write
from harness.origin import Origin
from harness.waiting import eventually
from harness.wire import Connection, request


@pytest.fixture
def pair():
    with Origin("one") as one, Origin("two") as two:
        yield one, two


@pytest.fixture
def changing(site, pair):
    """A host whose route `web` leads to `one`; both Services are there."""
    one, two = pair
    return site(lambda port: {
        "base.yaml": join(gateway(port), service("one", one.port), service("two", two.port)),
        "web.yaml": route("web", [to_service("one")]),
    })


def answers(host, name, path="/"):
    return lambda: request(host.port, path=path).headers.get("x-origin") == name


def problems(host):
    return host.admin_json("/config")["problems"]


def test_a_renamed_file_changes_the_route_and_no_connection_ends(changing):
    with Connection(changing.port) as connection:
        assert connection.request().headers["x-origin"] == "one"
        write(changing.routes, "web.yaml", route("web", [to_service("two")]))
        eventually(lambda: connection.request().headers["x-origin"] == "two", "the new route")


def test_a_file_written_in_place_changes_the_route(changing):
    (changing.routes / "web.yaml").write_text(route("web", [to_service("two")]))
    eventually(answers(changing, "two"), "the new route")


def test_files_come_and_go(changing):
    write(changing.routes, "more.yaml", route("more", [to_service("two", prefix="/more")]))
    eventually(answers(changing, "two", "/more/x"), "the route of the new file")
    (changing.routes / "more.yaml").unlink()
    eventually(answers(changing, "one", "/more/x"), "the old route again")
    inner = changing.routes / "inner"
    write(inner, "more.yaml", route("more", [to_service("two", prefix="/more")]))
    eventually(answers(changing, "two", "/more/x"), "the route of a file in a new folder")


def test_an_endpoint_moves(changing, pair):
    moved = join(endpoints("two", pair[1].port), endpoints("one", pair[1].port))
    base = (changing.routes / "base.yaml").read_text().replace(
        endpoints("one", pair[0].port), endpoints("one", pair[1].port))
    assert endpoints("one", pair[1].port) in base and moved
    write(changing.routes, "base.yaml", base)
    eventually(answers(changing, "two"), "the endpoint's new port")


def test_a_file_that_does_not_parse_leaves_its_routes_in_force(changing):
    before = changing.generation()
    write(changing.routes, "web.yaml", "kind: HTTPRoute\nmetadata: {name: [\n")
    eventually(lambda: any("web.yaml:" in str(one) for one in problems(changing)), "a report")
    assert answers(changing, "one")()
    assert changing.generation() == before
    write(changing.routes, "web.yaml", route("web", [to_service("two")]))
    eventually(answers(changing, "two"), "the mended file")
    eventually(lambda: not problems(changing), "the report is gone")


def test_a_bad_object_is_reported_alone_and_keeps_its_last_form(changing):
    bad = route("bad", ["{backendRefs: [{name: two, port: eighty}]}"])
    good = route("good", [to_service("two", prefix="/good")])
    write(changing.routes, "more.yaml", join(bad, good))
    eventually(answers(changing, "two", "/good"), "the good object of the file")
    report = eventually(
        lambda: [one for one in problems(changing) if "bad" in str(one)], "a report")
    assert len(problems(changing)) == len(report)
    text = str(report)
    assert "more.yaml:" in text and "port" in text
    assert answers(changing, "one")()


def test_an_unknown_kind_or_field_is_reported_with_its_place(changing):
    text = route("web", [to_service("one")]).replace("parentRefs", "parentRef")
    write(changing.routes, "extra.yaml", text.replace("name: web,", "name: extra,"))
    report = str(eventually(lambda: problems(changing), "a report"))
    assert "extra.yaml:" in report and "parentRef" in report
    assert answers(changing, "one")()


def test_what_is_not_carried_yet_is_reported_and_the_rest_serves(site, origin):
    secure = "{name: https, port: 8443, protocol: HTTPS, tls: {certificateRefs: [{name: a}]}}"
    raw = "{name: raw, port: 8444, protocol: TCP}"
    filtered = (
        "{matches: [{path: {type: PathPrefix, value: /filtered}}], "
        "filters: [{type: RequestHeaderModifier, requestHeaderModifier: "
        "{set: [{name: x-a, value: b}]}}], backendRefs: [{name: web, port: 80}]}")
    host = site(lambda port: {"all.yaml": join(
        gateway(port, listeners=[f"{{name: http, port: {port}, protocol: HTTP}}", secure, raw]),
        service("web", origin.port), route("web", [to_service("web")]),
        route("filtered", [filtered]))})
    assert request(host.port).status == 200
    texts = [str(one) for one in eventually(lambda: problems(host), "reports")]
    assert any("/listeners/1" in text or "https" in text for text in texts), texts
    assert any("raw" in text for text in texts), texts
    assert any("filter" in text for text in texts), texts
    assert host.admin("/readyz")[0] == 200


def test_routes_survive_a_restart_with_a_bad_file_and_the_rest_serves(changing):
    changing.stop()
    write(changing.routes, "bad.yaml", "a: [")
    changing.start().wait_ready()
    assert answers(changing, "one")()
    assert any("bad.yaml:" in str(one) for one in problems(changing))


def test_a_storm_of_changes_answers_every_request(changing):
    with Connection(changing.port) as connection:
        for number in range(200):
            name = ("one", "two")[number % 2]
            write(changing.routes, "web.yaml", route("web", [to_service(name)]))
            answer = connection.request()
            assert answer.status == 200, answer.text
        eventually(lambda: connection.request().headers["x-origin"] == "two", "the last route")

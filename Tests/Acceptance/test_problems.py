"""What is wrong is told where a person looks: file, line, and a pointer into what they wrote."""

import pytest

from harness.host import command
from harness.manifests import endpoints, gateway, join, service, write
from harness.origin import Origin
from harness.waiting import eventually
from harness.wire import request

# The second reference stands in line 11 and names no plugin that is there.
ROUTE = """apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: shop}
spec:
  parentRefs: [{name: web}]
  rules:
  - matches:
    - path: {type: PathPrefix, value: /shop}
    backendRefs:
    - {name: web, port: 80}
    - {group: sluice.dev, kind: Plugin, name: %s}
"""
PLACE, POINTER = "shop.yaml:11", "/spec/rules/0/backendRefs/1"


@pytest.fixture
def shop(site, origin):
    return site(lambda port: {
        "base.yaml": join(gateway(port), service("web", origin.port)),
        "shop.yaml": ROUTE % "none",
    })


def problems(host):
    return host.admin_json("/config")["problems"]


def test_a_problem_of_the_host_points_into_the_file_until_it_is_mended(shop):
    (problem,) = problems(shop)
    assert problem["code"] == "unknown-plugin" and problem["name"] == "default/shop"
    assert problem["where"].endswith("routes/" + PLACE)
    assert problem["source"] == POINTER
    assert problem["pointer"] == "/rules/0/backends/1/plugin"
    assert f"{PLACE}: HTTPRoute default/shop: route default/shop {POINTER}: " in shop.log
    write(shop.routes, "shop.yaml", "# A line more.\n" + ROUTE % "none")
    eventually(lambda: problems(shop)[0]["where"].endswith("shop.yaml:12"), "the new line")
    write(shop.routes, "shop.yaml", ROUTE % "echo")
    eventually(lambda: problems(shop) == [], "the problem is cleared")
    eventually(lambda: "all problems are gone" in shop.log, "the source has heard")


def test_an_object_of_a_file_points_into_it(shop):
    write(shop.routes, "more.yaml", (ROUTE % "echo").replace("name: shop", "name: more").replace(
        "port: 80", "port: eighty"))
    (problem,) = eventually(
        lambda: [one for one in problems(shop) if one["name"] == "default/more"], "a note")
    assert problem["where"].endswith("more.yaml:10")
    assert problem["source"] == "/spec/rules/0/backendRefs/0/port"
    write(shop.routes, "more.yaml", (ROUTE % "echo").replace("name: shop", "name: more"))
    eventually(lambda: {one["name"] for one in problems(shop)} == {"default/shop"}, "mended")


def test_a_check_prints_file_line_and_pointer(tmp_path):
    config = tmp_path / "sluice.yaml"
    config.write_text(
        "apiVersion: sluice.dev/v1\nkind: HostConfig\nstateDir: state\n"
        "plugins:\n- {name: routes, library: file-source, config: {paths: [routes]}}\n")
    write(tmp_path / "routes", "base.yaml", join(gateway(1), service("web", 1)))
    write(tmp_path / "routes", "shop.yaml", ROUTE % "none")
    done = command("check", "--config", config)
    assert done.returncode == 1
    assert f"routes/{PLACE}: route default/shop {POINTER}: there is no plugin" in done.stdout
    assert "(unknown-plugin)" in done.stdout


def test_a_change_of_a_slice_changes_one_document(site):
    with Origin("one") as one, Origin("two") as two:
        host = site(lambda port: {
            "base.yaml": join(gateway(port), "\n".join([
                "apiVersion: v1", "kind: Service", "metadata: {name: web}",
                "spec: {ports: [{name: http, port: 80}]}", ""]), ROUTE.replace(
                    "    - {group: sluice.dev, kind: Plugin, name: %s}\n", "")),
            "slice.yaml": endpoints("web", one.port),
        })
        before = host.admin_json("/config")
        assert request(host.port, path="/shop").headers["x-origin"] == "one"
        write(host.routes, "slice.yaml", endpoints("web", two.port))
        eventually(
            lambda: request(host.port, path="/shop").headers["x-origin"] == "two", "the new slice")
        after = host.admin_json("/config")
        changed, name = after["documents"]["routes"], "default/web/80/web-1"
        assert changed["endpoints"][name]["endpoints"][0]["port"] == two.port
        changed["endpoints"][name] = before["documents"]["routes"]["endpoints"][name]
        assert after["documents"] == before["documents"]
        assert after["generation"] == before["generation"] + 1
        generation = after["generation"]
        write(host.routes, "slice.yaml", "# The same.\n" + endpoints("web", two.port))
        write(host.routes, "last.yaml", ROUTE.replace("shop", "last") % "none")
        eventually(lambda: problems(host), "the file after it")
        assert host.generation() == generation + 1

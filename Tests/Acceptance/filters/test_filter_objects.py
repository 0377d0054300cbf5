"""Filters of Gateway API routes: Filter objects, named by an ExtensionRef."""

import pytest

from harness import manifests, native
from harness.host import FILE_SOURCE
from harness.waiting import eventually
from harness.wire import request


def filter_object(script, name="script", plugin="filter", namespace="default"):
    return f"""apiVersion: sluice.dev/v1alpha1
kind: Filter
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{plugin: {plugin}, config: {{script: "{script}"}}}}
"""


REFERENCE = "{type: ExtensionRef, extensionRef: {group: sluice.dev, kind: Filter, name: %s}}"


@pytest.fixture
def gateway(site, origin, tmp_path):
    library = native.library("filter.c", tmp_path / "libfilter.so")
    plugin = (f'{{name: filter, library: {library}, config: {{"events": "{tmp_path}/events", '
              '"wants": 2}, expose: {namespaces: [default]}}')

    def make(*objects, rule_filters=(), backend_filters=(), namespace="default"):
        backend = "{name: app, port: 80, filters: [%s]}" % ", ".join(backend_filters)
        rule = "{filters: [%s], backendRefs: [%s]}" % (", ".join(rule_filters), backend)
        return site(lambda port: {"all.yaml": manifests.join(
            manifests.gateway(port), manifests.route("r", [rule]),
            manifests.service("app", origin.port), *objects)}, plugins=(FILE_SOURCE, plugin))

    return make


@pytest.mark.parametrize("place", ["rule_filters", "backend_filters"])
def test_a_filter_object_configures_a_filter(gateway, origin, place):
    host = gateway(filter_object("open:set=x-a=1;response:set=x-b=2"),
                   **{place: [REFERENCE % "script"]})
    answer = request(host.port)
    assert (answer.status, answer.headers["x-b"]) == (200, "2")
    assert origin.requests[0]["headers"]["x-a"] == "1"


def test_a_changed_object_takes_effect(gateway, origin):
    host = gateway(filter_object("response:set=x-b=2"), rule_filters=[REFERENCE % "script"])
    text = (host.routes / "all.yaml").read_text().replace("x-b=2", "x-b=3")
    manifests.write(host.routes, "all.yaml", text)
    eventually(lambda: request(host.port).headers.get("x-b") == "3", "the new configuration", 10)


@pytest.mark.parametrize("objects", [
    [], [filter_object("open:go", namespace="elsewhere")]])
def test_an_object_that_is_not_there_is_500_and_never_skipped(gateway, origin, objects):
    host = gateway(*objects, rule_filters=[REFERENCE % "script"])
    assert request(host.port).status == 500
    assert origin.requests == []
    assert "there is no Filter default/script" in host.admin("/config")[1]


def test_an_object_of_a_plugin_that_is_not_there_is_500(gateway, origin):
    host = gateway(filter_object("open:go", plugin="nobody"), rule_filters=[REFERENCE % "script"])
    assert request(host.port).status == 500
    assert origin.requests == []

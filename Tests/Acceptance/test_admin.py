"""The admin listener: health, readiness, configuration, metrics and plugins."""

import pytest

from harness.manifests import gateway, join, route, service, to_service, write
from harness.waiting import eventually
from harness.wire import Connection, request


@pytest.fixture
def host(site, origin):
    return site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin.port), route("web", [to_service("web")]))})


def test_every_page_answers(host):
    for path in ("/healthz", "/readyz", "/config", "/metrics", "/plugins"):
        status, text = host.admin(path)
        assert (path, status) == (path, 200)
        assert text
    assert host.admin("/nothing")[0] == 404


def test_a_method_that_a_page_does_not_have_is_a_405(host):
    answer = request(host.admin_port, "POST", "/healthz", host=f"127.0.0.1:{host.admin_port}")
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]


def test_the_configuration_shows_generation_documents_and_problems(host):
    page = host.admin_json("/config")
    assert page["generation"] >= 1
    assert page["problems"] == []
    documents = str(page["documents"])
    assert "routes" in page["documents"]
    assert "default/web" in documents


def test_a_foreign_host_or_origin_is_refused(host):
    assert host.admin("/config", host="evil.test")[0] in (403, 421)
    foreign = {"Origin": "http://evil.test"}
    assert host.admin("/config", headers=foreign)[0] == 403
    for name in ("localhost", "127.0.0.1", "[::1]"):
        assert host.admin("/healthz", host=f"{name}:{host.admin_port}")[0] == 200


def test_metrics_are_exposition_text(host):
    request(host.port)
    text = host.admin("/metrics")[1]
    for name in ("sluice_requests_total", "sluice_worker_config_generation"):
        assert f"# TYPE {name} " in text
        assert f"# HELP {name} " in text
    for line in text.splitlines():
        assert line.startswith("# ") or len(line.rsplit(" ", 1)) == 2


def test_a_slow_admin_client_holds_up_nobody(host):
    with Connection(host.admin_port) as slow:
        slow.socket.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        assert host.admin("/healthz")[0] == 200
        assert request(host.port).status == 200


def test_a_host_with_nothing_to_serve_is_not_ready(site, origin):
    host = site(lambda port: {"none.yaml": ""}, ready=False)
    eventually(lambda: host.admin("/healthz")[0] == 200, "the admin API answers")
    eventually(lambda: "listener" in host.admin("/readyz")[1], "the reason")
    assert host.admin("/readyz")[0] == 503
    write(host.routes, "all.yaml", join(
        gateway(host.port), service("web", origin.port), route("web", [to_service("web")])))
    eventually(lambda: host.admin("/readyz")[0] == 200, "the host is ready")
    assert request(host.port).status == 200

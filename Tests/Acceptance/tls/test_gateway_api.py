"""The Gateway API's conformance tests about TLS, told by files and with the status of /config.

Each is named by its ShortName (conformance/tests of kubernetes-sigs/gateway-api v1.6.1).
"""

import socket

import pytest

from harness.manifests import join, route, service, to_service, write
from harness.origin import Origin
from harness.secure import TLS12, TLS13, client_context, refusal, secure_request
from harness.tlsmanifests import (
    config_map, config_map_reference, grant, http_listener, https_gateway, https_listener, secret,
    validation)
from harness.waiting import eventually, free_port
from harness.wire import request


def problems(host, code=None):
    """What the admin API says is wrong, as (code, name of the object, text)."""
    found = host.admin_json("/config")["problems"]
    return [(one["code"], one["name"], one["text"]) for one in found
            if code in (None, one["code"])]


def served(host):
    """The names of the listeners in force."""
    return set(host.admin_json("/config")["documents"]["routes"].get("listener", {}))


def refuses(port):
    """Whether nothing listens on a port."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def web(authority):
    """A server certificate for the names of these tests."""
    return authority.issue("example.org", "*.example.org", "*.wildcard.org", "second-example.org")


# Listeners and their certificates.

def test_HTTPRouteHTTPSListener(kernel_site, authority, web):
    with Origin("one") as one, Origin("two") as two:
        host = kernel_site(lambda port: {"all.yaml": join(
            https_gateway([https_listener("https", port, "web")]), secret("web", web),
            service("one", one.port), service("two", two.port),
            route("first", [to_service("one")], hosts=["example.org"]),
            route("second", [to_service("two")], hosts=["second-example.org"]))})
        context = client_context(authority)
        context.check_hostname = True
        for name, expected in [("example.org", "one"), ("second-example.org", "two")]:
            answer = secure_request(host.port, context, name)
            assert (answer.status, answer.headers["x-origin"]) == (200, expected)
            assert answer.json["headers"]["x-forwarded-proto"] == "https"
        assert secure_request(host.port, client_context(), "unknown.test").status == 404
        assert problems(host) == []


def test_GatewayInvalidTLSConfiguration(kernel_site, origin, web):
    ports = {name: free_port() for name in ("missing", "group", "kind", "malformed")}
    references = {
        "missing": {"group": "", "kind": "Secret", "name": "missing"},
        "group": {"group": "wrong.example.com", "kind": "Secret", "name": "web"},
        "kind": {"group": "", "kind": "WrongKind", "name": "web"},
        "malformed": {"group": "", "kind": "Secret", "name": "malformed"},
    }
    gateways = [https_gateway([https_listener("https", ports[name], reference)], name=name)
                for name, reference in references.items()]
    malformed = secret("malformed", web).replace("BEGIN CERTIFICATE", "Hello world")
    host = kernel_site(lambda port: {"all.yaml": join(
        *gateways, https_gateway([https_listener("https", port, "web")]), secret("web", web),
        malformed, service("one", origin.port), route("r", [to_service("one")]))})
    found = {name for _, name, _ in problems(host, "InvalidCertificateRef")}
    assert found == {f"default/{name}" for name in references}
    assert served(host) == {"default/web/https"}
    assert all(refuses(port) for port in ports.values())
    assert secure_request(host.port, name="example.org").status == 200


def granted(kernel_site, origin, web, *grants):
    """A Gateway whose certificate is in another namespace, with these grants.

    A host that serves nothing at all is not ready, so there is a plain listener too.
    """
    reference = {"name": "web", "namespace": "certificates"}
    return kernel_site(lambda port: {
        "all.yaml": join(
            https_gateway([http_listener("http", free_port()),
                           https_listener("https", port, reference)]),
            secret("web", web, "certificates"), service("one", origin.port),
            route("r", [to_service("one")])),
        "grant.yaml": join(*grants)})


def is_not_permitted(host):
    found = {code for code, _, _ in problems(host)}
    return (found == {"RefNotPermitted"} and served(host) == {"default/web/http"}
            and refuses(host.port))


def test_GatewaySecretInvalidReferenceGrant(kernel_site, origin, web):
    """Grants of other names, for other kinds, for others, and in another namespace."""
    host = granted(kernel_site, origin, web, grant("certificates", ["other"]))
    assert is_not_permitted(host)
    for number, other in enumerate((
            grant("certificates", kind="ConfigMap"), grant("elsewhere"),
            grant("certificates", granted_from="elsewhere"),
            grant("certificates").replace('"Gateway"', '"HTTPRoute"'))):
        # The path of the mark tells when the files have been taken up.
        mark = route("mark", [to_service("one", prefix=f"/{number}")])
        write(host.routes, "grant.yaml", join(other, mark))
        eventually(lambda: f'"/{number}"' in host.admin("/config")[1], "the other grant")
        assert is_not_permitted(host)


def test_GatewaySecretMissingReferenceGrant(kernel_site, origin, web):
    """A grant that comes later opens the way, and one that goes closes it."""
    host = granted(kernel_site, origin, web)
    assert is_not_permitted(host)
    write(host.routes, "grant.yaml", grant("certificates"))
    eventually(lambda: secure_request(host.port, name="example.org").status == 200, "the grant")
    assert problems(host) == []
    (host.routes / "grant.yaml").unlink()
    eventually(lambda: is_not_permitted(host), "the grant is gone")


def test_GatewaySecretReferenceGrantAllInNamespace(kernel_site, origin, web):
    host = granted(kernel_site, origin, web, grant("certificates"))
    assert secure_request(host.port, name="example.org").status == 200
    assert problems(host) == []


def test_GatewaySecretReferenceGrantSpecific(kernel_site, origin, web):
    host = granted(kernel_site, origin, web, grant("certificates", ["other", "web"]))
    assert secure_request(host.port, name="example.org").status == 200
    assert problems(host) == []


MISDIRECTED = [
    ("example.org", "example.org", 200), ("example.org", "second-example.org", 421),
    ("example.org", "unknown.org", 404),
    ("second-example.org", "second-example.org", 200), ("second-example.org", "example.org", 421),
    ("second-example.org", "unknown.org", 421),
    ("third.wildcard.org", "third.wildcard.org", 200),
    ("third.wildcard.org", "fifth.wildcard.org", 200),
    ("third.wildcard.org", "fourth.wildcard.org", 421),
    ("third.wildcard.org", "second-example.org", 421), ("third.wildcard.org", "unknown.org", 421),
    ("fourth.wildcard.org", "fourth.wildcard.org", 200),
    ("fourth.wildcard.org", "fifth.wildcard.org", 421),
    ("unknown.org", "example.org", 200), ("unknown.org", "unknown.org", 404),
]


def test_HTTPRouteHTTPSListenerDetectMisdirectedRequests(kernel_site, origin, web):
    names = {"any": None, "second": "second-example.org", "wild": "*.wildcard.org",
             "fourth": "fourth.wildcard.org"}
    host = kernel_site(lambda port: {"all.yaml": join(
        https_gateway([https_listener(key, port, "web", hostname=name)
                       for key, name in names.items()]),
        secret("web", web), service("one", origin.port),
        *[route(f"r{number}", [to_service("one")], hosts=[name or "example.org"])
          .replace("{name: web}]", f"{{name: web, sectionName: {key}}}]")
          for number, (key, name) in enumerate(names.items())])})
    found = [(sni, name, secure_request(host.port, name=sni, host=name).status)
             for sni, name, _ in MISDIRECTED]
    assert found == MISDIRECTED
    assert secure_request(host.port, name=None, host="example.org").status == 200
    assert secure_request(host.port, name=None, host="second-example.org").status == 421
    assert host.metric("sluice_local_replies_total", reason="misdirected") == 8


# Clients that are checked.

def checking(kernel_site, origin, web, tls, listeners, *more):
    """A Gateway with a plain listener `http` and these HTTPS listeners, by name and port."""
    return kernel_site(lambda port: {"all.yaml": join(
        https_gateway([http_listener("http", port)] + [
            https_listener(name, number, "web") for name, number in listeners.items()], tls),
        secret("web", web), service("one", origin.port), route("r", [to_service("one")]), *more)})


def ask(port, pair=None, version=None):
    """The status that a client with this certificate gets, or what its TLS says instead."""
    context = client_context(pair=pair, version=version)
    answer = refusal(port, context, "example.org")
    return secure_request(port, context, "example.org").status if answer is None else answer


def test_GatewayFrontendClientCertificateValidation(
        kernel_site, origin, web, authority, authorities):
    other = authorities("other")
    ports = {"default": free_port(), "own": free_port(), "free": free_port()}
    mine, theirs = authority.issue("client.test"), other.issue("client.test")
    host = checking(
        kernel_site, origin, web, {"frontend": {
            "default": validation(config_map_reference("ca")),
            "perPort": [{"port": ports["own"], "tls": validation(config_map_reference("other"))},
                        {"port": ports["free"], "tls": {}}]}},
        ports, config_map("ca", authority), config_map("other", other))
    assert problems(host) == []
    for version in (TLS12, TLS13):
        for port, right, wrong in [
                (ports["default"], mine, theirs), (ports["own"], theirs, mine)]:
            assert ask(port, right, version) == 200
            assert "ALERT" in ask(port, None, version)
            assert "ALERT" in ask(port, wrong, version)
        assert ask(ports["free"], None, version) == 200
    assert request(host.port).status == 200


def test_GatewayFrontendInvalidDefaultClientCertificateValidation(
        kernel_site, origin, web, authority):
    ports = {"default": free_port(), "own": free_port()}
    host = checking(
        kernel_site, origin, web, {"frontend": {
            "default": validation(config_map_reference("none")),
            "perPort": [{"port": ports["own"], "tls": validation(config_map_reference("ca"))}]}},
        ports, config_map("ca", authority))
    assert [name for _, name, _ in problems(host, "InvalidCACertificateRef")] == ["default/web"]
    assert served(host) == {"default/web/http", "default/web/own"}
    assert refuses(ports["default"])
    assert ask(ports["own"], authority.issue("client.test")) == 200
    assert "ALERT" in ask(ports["own"])
    assert request(host.port).status == 200


def test_GatewayInvalidFrontendClientCertificateValidation(kernel_site, origin, web, authority):
    ports = {name: free_port() for name in ("missing", "kind", "grant", "good")}
    wrong = {
        "missing": config_map_reference("none"),
        "kind": {"group": "", "kind": "Secret", "name": "web"},
        "grant": config_map_reference("ca", "certificates"),
    }
    host = checking(
        kernel_site, origin, web, {"frontend": {
            "default": validation(config_map_reference("ca")),
            "perPort": [{"port": ports[name], "tls": validation(reference)}
                        for name, reference in wrong.items()]}},
        ports, config_map("ca", authority), config_map("ca", authority, "certificates"))
    assert {code for code, _, _ in problems(host)} == {
        "InvalidCACertificateRef", "InvalidCACertificateKind", "RefNotPermitted"}
    assert served(host) == {"default/web/http", "default/web/good"}
    assert all(refuses(ports[name]) for name in wrong)
    assert ask(ports["good"], authority.issue("client.test")) == 200
    assert request(host.port).status == 200


def test_GatewayFrontendClientCertificateValidationInsecureFallback(
        kernel_site, origin, web, authority, authorities):
    ports = {"strict": free_port(), "loose": free_port()}
    loose = validation(config_map_reference("ca"), mode="AllowInsecureFallback")
    host = checking(
        kernel_site, origin, web, {"frontend": {
            "default": validation(config_map_reference("ca")),
            "perPort": [{"port": ports["loose"], "tls": loose}]}},
        ports, config_map("ca", authority))
    clients = [authority.issue("client.test"), authorities("other").issue("client.test"), None,
               authority.issue("client.test", begin=-3, end=-1)]
    for version in (TLS12, TLS13):
        assert [ask(ports["loose"], pair, version) for pair in clients] == [200] * 4
        assert ask(ports["strict"], clients[0], version) == 200
        assert all("ALERT" in ask(ports["strict"], pair, version) for pair in clients[1:])
    documents = host.admin_json("/config")["documents"]["routes"]["listener"]
    mode = documents["default/web/loose"]["tls"]["clientValidation"]["mode"]
    assert mode == "AllowInsecureFallback"

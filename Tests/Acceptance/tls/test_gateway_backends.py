"""The Gateway API's conformance tests about TLS towards backends, as in test_gateway_api.py."""

import pytest

from harness.manifests import gateway, join, route, service, to_service, write
from harness.scripted import keep_alive
from harness.tlsmanifests import (
    config_map, config_map_reference, grant, http_listener, https_gateway, policy, secret)
from harness.waiting import eventually, free_port
from harness.wire import request

NAMED = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Origin: %s\r\n\r\n"
CA = [config_map_reference("ca")]


def problems(host, code=None):
    """What the admin API says is wrong, as (code, name of the object)."""
    found = host.admin_json("/config")["problems"]
    return [(one["code"], one["name"]) for one in found if code in (None, one["code"])]


@pytest.fixture
def shop(secure_origins, authority):
    """An origin under TLS whose certificate is for shop.test."""
    pair = authority.issue("shop.test", "spiffe://shop.test/web")
    return secure_origins(keep_alive(NAMED % b"shop"), pair)


@pytest.fixture
def backed(kernel_site, authority, shop):
    """Makes hosts that send everything to the Service `shop`, with these policies."""

    def make(*policies, more=()):
        return kernel_site(lambda port: {
            "all.yaml": join(
                gateway(port), service("shop", shop.port), route("r", [to_service("shop")]),
                config_map("ca", authority), *more),
            "policies.yaml": join(*policies)})

    return make


def status(host):
    return request(host.port).status


def test_BackendTLSPolicy(backed, shop, authorities):
    host = backed(policy("p", "shop", "shop.test", CA))
    assert request(host.port).headers["x-origin"] == "shop"
    assert problems(host) == [] and shop.names == ["shop.test"]
    write(host.routes, "policies.yaml", policy("p", "shop", "other.test", CA))
    eventually(lambda: status(host) == 502, "a certificate for another name")
    assert b"for another name" in request(host.port).body
    wrong = join(config_map("wrong", authorities("wrong")),
                 policy("p", "shop", "shop.test", [config_map_reference("wrong")]))
    write(host.routes, "policies.yaml", wrong)
    eventually(lambda: b"no trusted authority" in request(host.port).body, "another authority")
    write(host.routes, "policies.yaml", policy("p", "shop", "shop.test", CA))
    eventually(lambda: status(host) == 200, "the first one again")


def test_BackendTLSPolicy_a_change_of_the_authority_is_taken_up(
        backed, shop, authority, authorities):
    host = backed(join(config_map("own", authorities("other")),
                       policy("p", "shop", "shop.test", [config_map_reference("own")])))
    assert status(host) == 502
    write(host.routes, "policies.yaml", join(
        config_map("own", authority),
        policy("p", "shop", "shop.test", [config_map_reference("own")])))
    eventually(lambda: status(host) == 200, "the new authority")


def test_BackendTLSPolicyConflictResolution(backed, shop):
    """The older of two for one target; the first by name; that of a port before its Service's."""
    old = {"created": "2026-01-01T00:00:00Z"}
    new = {"created": "2026-02-01T00:00:00Z"}
    right, wrong = ("shop.test", CA), ("other.test", CA)
    cases = [
        ([policy("a", "shop", *wrong, **new), policy("b", "shop", *right, **old)], "default/a"),
        ([policy("a", "shop", *right, **old), policy("b", "shop", *wrong, **old)], "default/b"),
        ([policy("a", "shop", *wrong, **old),
          policy("b", "shop", *right, section="http", **new)], None),
    ]
    host = backed(*cases[0][0])
    for policies, loser in cases:
        write(host.routes, "policies.yaml", join(*policies))
        expected = [("Conflicted", loser)] if loser else []
        eventually(lambda: problems(host) == expected, "the loser alone is reported")
        assert status(host) == 200
    assert set(shop.names) == {"shop.test"}


@pytest.mark.parametrize("reference, code", [
    ({"group": "", "kind": "ConfigMap", "name": "none"}, "InvalidCACertificateRef"),
    ({"group": "", "kind": "ConfigMap", "name": "malformed"}, "InvalidCACertificateRef"),
])
def test_BackendTLSPolicyInvalidCACertificateRef(backed, shop, authority, reference, code):
    malformed = config_map("malformed", authority).replace("BEGIN CERTIFICATE", "Hello world")
    host = backed(policy("p", "shop", "shop.test", [reference]), more=[malformed])
    check_invalid(host, shop, code)
    write(host.routes, "policies.yaml", policy("p", "shop", "shop.test", [reference, *CA]))
    eventually(lambda: status(host) == 200, "one good reference is enough")
    assert problems(host) == [(code, "default/p")]


def test_BackendTLSPolicyInvalidKind(backed, shop):
    reference = {"group": "example.com", "kind": "Bundle", "name": "ca"}
    host = backed(policy("p", "shop", "shop.test", [reference]))
    check_invalid(host, shop, "InvalidKind")


def check_invalid(host, shop, code):
    """Nothing is sent to what cannot be checked, least of all in the clear."""
    assert status(host) == 500
    assert set(problems(host)) == {(code, "default/p"), ("NoValidCACertificate", "default/r")}
    assert shop.connections == 0


FAULTS = {
    "a hostname in capitals": ("shop.test", "API.test"),
    "a port in the hostname": ("shop.test", "api.test:443"),
    "a misspelt field": ('"hostname"', '"hostnam"'),
    "no hostname": ('"hostname": "shop.test", ', ""),
    "no authority": ('"wellKnownCACertificates"', '"options"'),
    "system in lower case": ('"System"', '"system"'),
    "a port that is none": ('"name": "shop"}', '"name": "shop", "sectionName": "https"}'),
    "a name of type IP": ('"System"', '"System", "subjectAltNames": [{"type": "IP"}]'),
    "an old version": ("k8s.io/v1", "k8s.io/v1alpha2"),
    "a target that is no list": ("[", ""),
    "a target without a name": ('"name": "shop"}', '"nam": "shop"}'),
    "no target": ('"targetRefs"', '"targets"'),
    "a kind that is none": ('"Service"', '"Servce"'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_policy_sends_nothing_in_the_clear(site, scripted, fault):
    """At a fresh start there is no older version; what the policy names is sent nothing."""
    right, wrong = FAULTS[fault]
    faulty = policy("p", "shop", "shop.test").replace(right, wrong)
    if right == "[":
        faulty = faulty.replace("]", "")
    origin = scripted(keep_alive(NAMED % b"clear"))
    host = site(lambda port: {
        "all.yaml": join(
            gateway(port), service("shop", origin.port), route("r", [to_service("shop")])),
        "policies.yaml": faulty})
    assert [status(host) for _ in range(3)] == [500] * 3
    assert ("InvalidBackendTLSPolicy", "default/r") in problems(host)
    assert {name for _, name in problems(host)} == {"default/p", "default/r"}
    assert origin.connections == 0
    write(host.routes, "policies.yaml", "")
    eventually(lambda: status(host) == 200, "no policy")


def test_a_policy_that_the_host_refuses_leaves_nothing_in_the_clear(site, scripted):
    """The host keeps the older version of a refused document, but none that is in the clear."""
    origin = scripted(keep_alive(NAMED % b"clear"))
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("shop", origin.port), route("r", [to_service("shop")]))})
    assert status(host) == 200
    refused = policy("p", "shop", "shop.test").replace(
        '"validation"', '"options": {"sluice.dev/ciphersuites": "none"}, "validation"')
    write(host.routes, "policies.yaml", refused)
    eventually(lambda: problems(host), "the policy")
    assert status(host) == 500 and len(origin.heads) == 1
    write(host.routes, "policies.yaml", "")
    eventually(lambda: status(host) == 200, "no policy")


def test_a_faulty_edit_of_a_policy_leaves_it_in_force(backed, shop):
    host = backed(policy("p", "shop", "shop.test", CA))
    write(host.routes, "policies.yaml", policy("p", "shop", "SHOP.test", CA))
    eventually(lambda: problems(host), "the edit")
    assert status(host) == 200 and set(shop.names) == {"shop.test"}
    write(host.routes, "policies.yaml", policy("p", "shop", "other.test", CA))
    eventually(lambda: status(host) == 502, "a right one")


def test_BackendTLSPolicyObservedGenerationBump(backed, shop):
    """An edit is taken up: files have no generation but that of /config."""
    host = backed(policy("p", "shop", "shop.test", CA, subjectAltNames=[
        {"type": "Hostname", "hostname": "shop.test"}]))
    assert status(host) == 200
    before = host.generation()
    write(host.routes, "policies.yaml", policy("p", "shop", "new.test", CA, subjectAltNames=[
        {"type": "Hostname", "hostname": "shop.test"}]))
    eventually(lambda: host.generation() > before, "the edit")
    assert status(host) == 200
    assert shop.names == ["shop.test", "new.test"]


def test_BackendTLSPolicySANValidation(backed, shop):
    """With names to accept, `hostname` is the server name alone."""
    host = backed(policy("p", "shop", "shop.test", CA))
    accepted = {"type": "Hostname", "hostname": "shop.test"}
    spiffe = {"type": "URI", "uri": "spiffe://shop.test/web"}
    refused = {"type": "Hostname", "hostname": "other.test"}
    foreign = {"type": "URI", "uri": "spiffe://shop.test/api"}
    cases = [([accepted], 200), ([spiffe], 200), ([refused, accepted], 200), ([refused], 502),
             ([foreign, spiffe], 200), ([foreign], 502), ([refused, foreign], 502)]
    for number, (names, expected) in enumerate(cases):
        name = f"{number}.test"
        write(host.routes, "policies.yaml", policy(
            "p", "shop", name, CA, subjectAltNames=names))
        documents = eventually(lambda: pool_with(host, name), "the new policy")
        assert documents["tls"]["sni"] == name
        assert status(host) == expected, names
        assert shop.names[-1] == name


def pool_with(host, name):
    pool = host.admin_json("/config")["documents"]["routes"]["pool"]["default/shop/80"]
    return pool if pool["tls"]["sni"] == name else None


def gateways(ports, reference):
    """A Gateway with a client certificate and one without."""
    return join(
        https_gateway([http_listener("http", ports[0])],
                      {"backend": {"clientCertificateRef": reference}}),
        https_gateway([http_listener("http", ports[1])], name="bare"))


@pytest.mark.parametrize("reference, code", [
    ({"name": "none"}, "InvalidClientCertificateRef"),
    ({"name": "malformed"}, "InvalidClientCertificateRef"),
    ({"kind": "ConfigMap", "name": "ca"}, "InvalidClientCertificateRef"),
    ({"name": "client", "namespace": "certificates"}, "RefNotPermitted"),
])
def test_GatewayInvalidTLSBackendConfiguration(kernel_site, authority, shop, reference, code):
    """The Gateway is served all the same; its backends under TLS are sent nothing."""
    client = authority.issue("client.test")
    malformed = secret("malformed", client).replace("BEGIN CERTIFICATE", "Hello world")
    bare = free_port()
    both = route("r", [to_service("shop")]).replace("[{name: web}]", "[{name: web}, {name: bare}]")
    host = kernel_site(lambda port: {"all.yaml": join(
        gateways([port, bare], reference), service("shop", shop.port), both,
        policy("p", "shop", "shop.test", CA),
        config_map("ca", authority), malformed, secret("client", client, "certificates"))})
    assert problems(host, code) == [(code, "default/web")]
    assert status(host) == 500 and shop.connections == 0
    assert request(bare).status == 200
    assert shop.peers == [None]


def test_GatewayTLSBackendClientCertificate(kernel_site, authority, secure_origins):
    client = authority.issue("client.test", common_name="gateway")
    strict = secure_origins(
        keep_alive(NAMED % b"strict"), authority.issue("shop.test"), clients=authority)
    ports = [free_port(), free_port()]
    both = route("r", [to_service("shop")]).replace("[{name: web}]", "[{name: web}, {name: bare}]")
    host = kernel_site(lambda port: {
        "all.yaml": join(
            gateways(ports, {"name": "client", "namespace": "certificates"}),
            service("shop", strict.port), both, policy("p", "shop", "shop.test", CA),
            config_map("ca", authority), grant("certificates")),
        "client.yaml": secret("client", client, "certificates")})
    assert [request(ports[0]).status for _ in range(3)] == [200] * 3
    assert strict.connections == 1
    assert strict.peers[0]["subject"] == ((("commonName", "gateway"),),)
    assert request(ports[1]).status == 502
    renewed = authority.issue("client.test", common_name="renewed")
    write(host.routes, "client.yaml", secret("client", renewed, "certificates"))
    eventually(lambda: request(ports[0]).status == 200 and len(strict.peers) == 2, "the new one")
    assert strict.peers[1]["subject"] == ((("commonName", "renewed"),),)

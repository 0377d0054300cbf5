"""Which certificate a client is shown, and what a change of certificates costs: nothing."""

import os
import threading

import pytest
from cryptography import x509

from harness.manifests import join, route, service, to_service, write
from harness.secure import (
    TLS12, TLS13, SecureConnection, certificate, client_context, https, s_client, secure_request)
from harness.tlsmanifests import https_gateway, https_listener, secret
from harness.waiting import eventually
from harness.world import rule

SOAK = bool(os.environ.get("SOAK"))
NAMES = 10_000 if SOAK else 500
# With its own a listener has 64 certificates, the most that it may have.
SHARED = 63
CLIENTS = 8
SWAPS = 20 if SOAK else 4
SEEN_SECONDS = 1.0
CHANGES = 2_000 if SOAK else 200
SETTLED_CHANGES = 100
GROWTH_KILOBYTES = 512


class Load:
    """Clients that ask without a pause: on one connection each, or on new ones."""

    def __init__(self, host):
        self.host = host
        self.over = threading.Event()
        self.failures = []
        self.serials = set()
        self.answered = 0
        self.kept = [SecureConnection(host.port, host.context) for _ in range(CLIENTS)]
        self.threads = [threading.Thread(target=self._run, args=(self._again, one))
                        for one in self.kept]
        self.threads += [threading.Thread(target=self._run, args=(self._fresh, None))
                         for _ in range(CLIENTS // 2)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
        for one in self.kept:
            one.socket.close()

    def _run(self, ask, client):
        try:
            while not self.over.wait(0.001):
                assert ask(client).status == 200
                self.answered += 1
        except (OSError, EOFError, AssertionError) as problem:
            self.failures.append(repr(problem))

    def _again(self, client):
        return client.request()

    def _fresh(self, _):
        with SecureConnection(self.host.port, client_context(self.host.authority)) as client:
            self.serials.add(client.serial)
            return client.request()


def serial(port, name="a.test", **rest):
    with SecureConnection(port, client_context(**rest), name) as client:
        return client.serial


def test_a_certificate_is_replaced_under_load_and_no_request_fails(secured):
    host = secured()
    expected = {host.pair.serial}
    with Load(host) as load:
        before = [one.socket.getpeercert(True) for one in load.kept]
        for _ in range(SWAPS):
            asked = load.answered
            eventually(lambda: load.answered > asked + 50, "traffic")
            pair = host.authority.issue("a.test")
            expected.add(pair.serial)
            host.publish(certificate("pair", pair))
            eventually(lambda: serial(host.port) == pair.serial, "the new one", SEEN_SECONDS)
        asked = load.answered
        eventually(lambda: load.answered > asked + 50, "traffic")
        assert [one.socket.getpeercert(True) for one in load.kept] == before
    assert load.failures == []
    assert load.serials <= expected and pair.serial in load.serials


@pytest.mark.timeout(300)
def test_replaced_certificates_leave_no_memory_behind(secured):
    """A client that stays keeps one that was replaced in use."""
    host = secured()
    with SecureConnection(host.port, host.context) as kept:
        for number in range(CHANGES):
            pair = host.authority.issue("a.test")
            host.publish(certificate("pair", pair))
            assert secure_request(host.port).status == 200
            if number == SETTLED_CHANGES:
                settled = host.host.resident_kilobytes()
        assert serial(host.port) == pair.serial
        assert kept.request().status == 200
    grown = host.host.resident_kilobytes() - settled
    assert grown <= GROWTH_KILOBYTES, f"{grown} kB grown"


def test_a_connection_outlives_its_certificate(secured):
    host = secured()
    with SecureConnection(host.port, host.context) as client:
        assert client.request().status == 200
        host.publish(certificate("pair", host.authority.issue("a.test")))
        assert [client.request().status for _ in range(3)] == [200] * 3
        with SecureConnection(host.port, host.context) as other:
            assert other.request().status == 200 and other.serial != client.serial


@pytest.mark.parametrize("fault", ["key of another", "key cut off", "chain cut off", "no PEM"])
def test_a_broken_secret_leaves_the_old_certificate_in_force(
        kernel_site, authority, origin, fault):
    pair, broken = authority.issue("a.test"), authority.issue("a.test")
    if fault == "key of another":
        broken.key = pair.key
    elif fault == "key cut off":
        broken.key = broken.key[:100] + "\n-----END PRIVATE KEY-----\n"
    elif fault == "chain cut off":
        broken.certificate = broken.certificate[:100] + "\n-----END CERTIFICATE-----\n"
    else:
        broken.certificate = broken.key = "Hello world"
    host = kernel_site(lambda port: {
        "all.yaml": join(https_gateway([https_listener("https", port, "pair")]),
                         service("web", origin.port), route("web", [to_service("web")])),
        "secret.yaml": secret("pair", pair)})
    write(host.routes, "secret.yaml", secret("pair", broken))
    problem = eventually(lambda: host.admin_json("/config")["problems"], "a report")[0]
    assert broken.key[28:90] not in str(problem) or fault == "no PEM", "the key is shown"
    assert "Hello" not in str(problem)
    assert serial(host.port) == pair.serial
    assert secure_request(host.port).status == 200
    good = authority.issue("a.test")
    write(host.routes, "secret.yaml", secret("pair", good))
    eventually(lambda: serial(host.port) == good.serial, "the mended one", SEEN_SECONDS)
    assert host.admin_json("/config")["problems"] == []


def test_an_expired_certificate_is_shown_and_reported(secured):
    """A client that does not check the time is served; better than nothing at all."""
    host = secured()
    host.world.beside = [certificate("pair", host.authority.issue("a.test", begin=-3, end=-1))]
    host.world.publish(host.pools, listener=host.tls)
    assert host.host.admin_json("/config")["problems"][0]["code"] == "certificate-expired"
    assert secure_request(host.port).status == 200


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_the_kind_of_key_that_a_client_allows_decides(secured, authority, version):
    pairs = {kind: authority.issue("a.test", key=kind) for kind in ("rsa", "ecdsa")}
    host = secured(pair=pairs["ecdsa"])
    host.publish(certificate("pair", pairs["ecdsa"]), certificate("rsa", pairs["rsa"]))
    host.world.publish(host.pools, listener=https("pair", "rsa"))
    allowed = {"rsa": "rsa_pss_rsae_sha256", "ecdsa": "ecdsa_secp256r1_sha256"}
    for kind, algorithms in allowed.items():
        assert shown(host.port, version, algorithms) == pairs[kind].serial
    if version == TLS12:
        for kind in allowed:
            ciphers = f"ECDHE-{kind.upper()}-AES128-GCM-SHA256"
            assert serial(host.port, version=version, ciphers=ciphers) == pairs[kind].serial
    assert serial(host.port, version=version) == pairs["ecdsa"].serial


def shown(port, version, algorithms):
    """The serial number of what is shown to `openssl s_client` with these signature algorithms."""
    flag = "-tls1_2" if version == TLS12 else "-tls1_3"
    text = s_client(port, flag, "-servername", "a.test", "-sigalgs", algorithms)
    assert "-----END CERTIFICATE-----" in text, text
    start = text.index("-----BEGIN CERTIFICATE-----")
    end = text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----\n")
    return x509.load_pem_x509_certificate(text[start:end].encode()).serial_number


def test_names_choose_the_certificate(secured, authority):
    """An exact name before a wildcard, which covers one label; the first where none fits."""
    names = {"pair": ["a.test"], "wild": ["*.a.test"], "x": ["x.a.test"], "y": ["*.y.a.test"]}
    pairs = {key: authority.issue(*value) for key, value in names.items()}
    host = secured(pair=pairs["pair"])
    host.world.beside = [certificate(key, pair) for key, pair in pairs.items()]
    host.world.publish(host.pools, listener=https(*names))
    chosen = {
        "a.test": "pair", "A.TEST": "pair", "x.a.test": "x", "z.a.test": "wild",
        "X.a.test": "x", "y.a.test": "wild", "1.y.a.test": "y", "1.z.a.test": "pair",
        "2.1.y.a.test": "pair", "b.test": "pair", "test": "pair", None: "pair",
    }
    found = {name: serial(host.port, name) for name in chosen}
    assert found == {name: pairs[key].serial for name, key in chosen.items()}


@pytest.mark.timeout(300)
def test_each_of_many_names_is_shown_its_own_certificate(secured, authority):
    """Some are certificates of one listener, the others have listeners of their own."""
    pairs = {f"{number}.many.test": authority.issue(f"{number}.many.test")
             for number in range(NAMES)}
    host = secured()
    names = list(pairs)
    shared, own = names[:SHARED], names[SHARED:]
    documents = [certificate(name, pair) for name, pair in pairs.items()]
    documents += [("listener", f"many/{name}", {"port": host.port, "hostname": name, **https(name)})
                  for name in own]
    documents += [("route", f"many/{name}", {
        "listeners": [f"many/{name}"], "rules": [rule("origin")]}) for name in own]
    host.world.beside = [certificate("pair", host.pair), *documents]
    host.world.publish(host.pools, listener=https("pair", *shared), seconds=100)
    assert host.host.admin_json("/config")["problems"] == []
    context = client_context(authority)
    context.check_hostname = True
    for name, pair in pairs.items():
        with SecureConnection(host.port, context, name) as client:
            assert client.serial == pair.serial
            if pair.serial % 50 == 0:
                assert client.request(host=name).status == 200

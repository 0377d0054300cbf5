"""Origins under TLS: what is checked of them, what they are shown, and which connections serve."""

import pytest

from harness.scripted import HELLO, keep_alive
from harness.secure import TLS12, TLS13, certificate, trust
from harness.waiting import eventually
from harness.wire import Connection, request
from harness.world import pool, rule

SENTENCES = {
    "origin_misnamed": "the backend's certificate is for another name",
    "origin_untrusted": "the backend's certificate chains to no trusted authority",
    "origin_expired": "the backend's certificate is expired or not yet valid",
    "handshake_failed": "the TLS handshake with the backend failed",
}


def tls_pool(port, sni="shop.test", authority="ca", **rest):
    """A pool document under TLS."""
    return pool(port, tls={"sni": sni, "trust": [authority], **rest})


@pytest.fixture
def leading(world, authority):
    """Makes worlds that trust `authority` and lead to a pool of these TLS settings."""

    def make(origin, *beside, limits=None, **rest):
        return world({"origin": tls_pool(origin.port, **rest)},
                     beside=[trust("ca", authority), *beside], limits=limits)

    return make


def check_refused(host, origin, reason):
    """A request is answered 502 and says why: to the client, in the log and in the metrics."""
    answer = request(host.port)
    assert (answer.status, answer.text) == (502, f"Bad Gateway: {SENTENCES[reason]}\n")
    assert host.host.metric("sluice_local_replies_total", reason=reason) == 1
    line = eventually(
        lambda: [one for one in host.host.log.splitlines() if f"cause={reason} " in one],
        "a line in the log", 3)[0]
    assert f"127.0.0.1:{origin.port}" in line, line
    assert origin.heads == []


@pytest.mark.parametrize("case, reason", [
    ("another name", "origin_misnamed"), ("no name", "origin_misnamed"),
    ("zero byte", "origin_misnamed"), ("two labels", "origin_misnamed"),
    ("unknown authority", "origin_untrusted"), ("expired", "origin_expired"),
    ("not valid yet", "origin_expired"),
])
def test_what_an_origin_presents_is_checked(
        leading, secure_origins, authority, authorities, case, reason):
    pair = {
        "another name": lambda: authority.issue("other.test"),
        "no name": lambda: authority.issue(common_name="other.test"),
        "zero byte": lambda: authority.issue("shop.test\0.evil.test"),
        "two labels": lambda: authority.issue("*.shop.test"),
        "unknown authority": lambda: authorities("other").issue("shop.test"),
        "expired": lambda: authority.issue("shop.test", begin=-3, end=-1),
        "not valid yet": lambda: authority.issue("shop.test", begin=1, end=3),
    }[case]()
    origin = secure_origins(keep_alive(), pair)
    name = "a.b.shop.test" if case == "two labels" else "shop.test"
    check_refused(leading(origin, sni=name), origin, reason)


def says_hello(peer):
    """Answers whatever comes in the clear."""
    while peer.socket.recv(65536):
        peer.send(HELLO)


def test_an_origin_in_the_clear_is_no_origin_under_tls(leading, scripted):
    origin = scripted(says_hello)
    check_refused(leading(origin), origin, "handshake_failed")


def test_an_origin_that_refuses_the_handshake_is_given_up_at_once(leading, scripted):
    """It keeps its connection open behind the alert."""
    def refuses(peer):
        peer.socket.recv(65536)
        peer.send(b"\x15\x03\x03\x00\x02\x02\x28")
        peer.wait_for_end()

    origin = scripted(refuses)
    check_refused(leading(origin), origin, "handshake_failed")
    origin.wait_until_ended(seconds=2)


def test_an_origin_of_an_old_version_is_refused(leading, secure_origins, authority):
    origin = secure_origins(keep_alive(), authority.issue("shop.test"), version=TLS12)
    check_refused(leading(origin, minVersion="1.3"), origin, "handshake_failed")
    assert request(leading(origin).port).status == 200


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_an_origin_of_each_version_is_spoken_to(leading, secure_origins, authority, version):
    origin = secure_origins(keep_alive(), authority.issue("*.shop.test"), version=version)
    host = leading(origin, sni="web.shop.test")
    with Connection(host.port) as client:
        assert [client.request().status for _ in range(20)] == [200] * 20
    assert request(host.port).status == 200
    assert origin.connections == 1 and origin.names == ["web.shop.test"]
    assert origin.versions == [version.name.replace("_", ".")]


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_certificate_is_presented_to_who_requires_one(
        leading, secure_origins, authority, version):
    mine = authority.issue("client.test", common_name="gateway")
    origin = secure_origins(
        keep_alive(), authority.issue("shop.test"), clients=authority, version=version)
    host = leading(origin, certificate("mine", mine), clientCertificate="mine")
    assert request(host.port).status == 200
    assert origin.peers[0]["subject"] == ((("commonName", "gateway"),),)


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_an_origin_that_requires_a_certificate_gets_none(
        leading, secure_origins, authority, version):
    """Under TLS 1.3 its refusal comes when the handshake is complete on this side."""
    origin = secure_origins(
        keep_alive(), authority.issue("shop.test"), clients=authority, version=version)
    host = leading(origin)
    assert request(host.port).status == 502
    assert request(host.port, "POST", body=b"x" * 100).status == 502
    assert origin.heads == []


@pytest.mark.parametrize("version", [TLS12, TLS13])
@pytest.mark.parametrize("ends_well", [True, False])
def test_only_close_notify_ends_a_reply_that_ends_with_the_connection(
        leading, secure_origins, authority, version, ends_well):
    def serve(peer):
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npart")
        peer.origin.gate.wait(10)
        if ends_well:
            peer.socket.unwrap()

    origin = secure_origins(serve, authority.issue("shop.test"), version=version)
    host = leading(origin)
    with Connection(host.port) as client:
        client.send()
        answer = client.receive_head()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert client.receive_line() + client.receive_line() == b"4part"
        origin.gate.set()
        if ends_well:
            assert client.receive_line() + client.receive_line() == b"0"
        else:
            with pytest.raises((EOFError, ConnectionError)):
                client.receive_line()
    broken = host.host.metric("sluice_broken_replies_total")
    assert broken == (0 if ends_well else 1)


def test_an_origin_that_closes_between_requests_costs_none(leading, secure_origins, authority):
    """With and without close_notify."""
    def once(peer):
        if peer.read_request()[0] is None:
            return
        peer.send(HELLO)
        if peer.number % 2:
            peer.socket.unwrap()

    origin = secure_origins(once, authority.issue("shop.test"))
    host = leading(origin)
    with Connection(host.port) as client:
        assert [client.request().status for _ in range(40)] == [200] * 40
    assert len(origin.heads) == 40


def test_bodies_pass_both_ways(leading, secure_origins, authority):
    def echo(peer):
        while True:
            head, body = peer.read_request()
            if head is None:
                return
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    body = bytes(range(256)) * (5 << 12)
    for version in (TLS12, TLS13):
        origin = secure_origins(echo, authority.issue("shop.test"), version=version)
        host = leading(origin)
        assert request(host.port, "POST", body=body).body == body


def test_an_origin_that_does_not_shake_hands_is_given_up(leading, scripted):
    origin = scripted(lambda peer: peer.wait_for_end())
    host = leading(origin)
    host.publish({"origin": {**tls_pool(origin.port), "connectTimeout": "300ms"}})
    answer = request(host.port)
    assert answer.status == 504, answer.text
    assert host.host.metric("sluice_timeouts_total", wait="connect") >= 1


def test_connections_of_different_settings_are_never_shared(
        world, secure_origins, authority, authorities):
    """One address: another server name, authority, certificate or version is another peer."""
    mine = authority.issue("client.test")
    origin = secure_origins(keep_alive(), authority.issue("shop.test", "other.test"))
    settings = {
        "a": {}, "name": {"sni": "other.test"}, "names": {"subjectAltNames": [
            {"hostname": "shop.test"}]},
        "mine": {"clientCertificate": "mine"}, "version": {"minVersion": "1.3"},
        "authority": {"authority": "both"}, "same": {},
    }
    pools = {name: tls_pool(origin.port, **one) for name, one in settings.items()}
    pools["wrong"] = tls_pool(origin.port, authority="wrong")
    pools["clear"] = pool(origin.port)
    other = authorities("other")
    host = world(pools, [rule(name, f"/{name}") for name in pools], beside=[
        trust("ca", authority), trust("both", authority, other), trust("wrong", other),
        certificate("mine", mine)])
    for _ in range(3):
        for name in settings:
            assert request(host.port, path=f"/{name}").status == 200
        assert request(host.port, path="/wrong").status == 502
        assert request(host.port, path="/clear").status == 502
    good = len(settings) - 1
    assert len(origin.versions) == good, "the pools `a` and `same` share, no others do"
    assert origin.names.count("other.test") == 1
    # Those that are refused, or are in the clear, are new each time.
    assert origin.connections >= good + 6
    assert len(origin.heads) == 3 * len(settings)


def test_a_pool_that_leaves_tls_has_connections_of_its_own(
        world, scripted, secure_origins, authority):
    origin = secure_origins(keep_alive(), authority.issue("shop.test"))
    plain = scripted(says_hello)
    host = world({"origin": tls_pool(origin.port)}, beside=[trust("ca", authority)])
    assert request(host.port).status == 200
    for leads_to, expected in [(pool(origin.port), 502), (pool(plain.port), 200),
                               (tls_pool(plain.port), 502), (tls_pool(origin.port), 200)]:
        host.publish({"origin": leads_to})
        assert request(host.port).status == expected
    assert len(origin.heads) == 2

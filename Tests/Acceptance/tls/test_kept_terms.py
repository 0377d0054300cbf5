"""What a connection keeps of its handshake: its server name, and the check that let it in."""

import pytest

from harness.secure import (
    TLS12, TLS13, SecureConnection, certificate, client_context, https, trust)
from harness.waiting import eventually
from harness.world import rule


def documents(host, pair, changes):
    """Two listeners of one port by name, and a route that tells one publication from another."""
    names = ("a.test", "b.test")
    found = [certificate("pair", pair)]
    for name in names:
        found.append(("listener", name, {
            "port": host.port, "hostname": name, **https("pair")}))
        found.append(("route", name, {"listeners": [name], "rules": [rule("origin")]}))
    for number in range(changes):
        found.append(("route", f"more-{number}", {
            "listeners": ["a.test"], "rules": [rule("origin", f"/more/{number}")]}))
    return found


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_resumed_session_keeps_its_name_over_a_change_of_routes(secured, authority, version):
    pair = authority.issue("a.test", "b.test")
    host = secured(pair=pair)
    host.publish(*documents(host, pair, 0))
    context = client_context(authority, version=version)
    with SecureConnection(host.port, context, "a.test") as first:
        assert first.request(host="a.test").status == 200
        session = first.socket.session
    with SecureConnection(host.port, context, "a.test", session=session) as client:
        assert client.socket.session_reused
        for changes in range(1, 4):
            assert client.request(host="a.test").status == 200
            assert client.request(host="b.test").status == 421
            host.publish(*documents(host, pair, changes))


def test_a_change_of_the_check_ends_what_was_let_in_by_the_old_one(secured, authority):
    """A connection without a certificate has no request once the listener wants one."""
    host = secured()
    mine = client_context(authority, pair=authority.issue("client.test"))
    with SecureConnection(host.port, host.context) as client:
        assert client.request().status == 200
        host.publish(certificate("pair", host.pair), trust("clients", authority),
                     clientValidation={"trust": ["clients"]})
        reply = client.request()
        assert (reply.status, reply.headers["connection"]) == (421, "close")
        assert client.is_closed()
    with SecureConnection(host.port, mine) as client:
        assert client.request().status == 200
        # A renewed certificate of the listener is no reason to end anything.
        host.pair = authority.issue("a.test")
        host.publish(trust("clients", authority), certificate("pair", host.pair),
                     clientValidation={"trust": ["clients"]})
        assert client.request().status == 200


def test_no_private_key_is_shown_wherever_it_stands(secured, authority):
    """A key within the chain is a mistake of its owner, not a reason to show it."""
    pair = authority.issue("b.test")
    host = secured()
    both = {"chain": pair.certificate + pair.key, "key": pair.key}
    host.publish(certificate("pair", host.pair), ("certificate", "both", both),
                 ("trust", "mixed", {"certificates": [authority.certificate + pair.key]}))

    def shown():
        return host.host.admin("/config")[1]

    eventually(lambda: "both" in shown(), "the documents are shown")
    assert "PRIVATE KEY" not in shown()

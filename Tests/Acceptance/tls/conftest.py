"""Fixtures of the TLS tests: authorities, origins under TLS, and hosts that end TLS."""

import pytest

from harness.authority import Authority
from harness.scripted import Scripted, keep_alive
from harness.secure import SecureOrigin, certificate, client_context, https


@pytest.fixture
def authorities(tmp_path):
    """Makes authorities."""
    folder = tmp_path / "certificates"
    folder.mkdir()

    def make(name):
        return Authority(folder, name)

    return make


@pytest.fixture
def authority(authorities):
    """The authority that clients and hosts trust where a test does not say otherwise."""
    return authorities("authority")


@pytest.fixture
def secure_origins():
    """Makes origins under TLS from functions and certificates; they are closed at the end."""
    made = []

    def make(serve, pair, **rest):
        made.append(SecureOrigin(serve, pair, **rest))
        return made[-1]

    yield make
    for one in made:
        one.close()


class Secured:
    """A world whose listener has one certificate, for `a.test`, and a client that trusts it.

    `pools` is a Scripted or a dict of pools by name.
    """

    def __init__(self, make_world, authority, pools, pair=None, tls=None, beside=(), **rest):
        self.authority = authority
        self.pair = pair or authority.issue("a.test")
        self.origin = pools
        self.pools = {"origin": [pools.port]} if isinstance(pools, Scripted) else pools
        self.tls = https("pair", **(tls or {}))
        self.world = make_world(
            self.pools, listener=self.tls, beside=[certificate("pair", self.pair), *beside], **rest)
        self.host, self.port = self.world.host, self.world.port
        self.context = client_context(authority)

    def publish(self, *documents, **tls):
        """Publishes these documents beside the pools, and other settings of the listener."""
        self.world.beside = list(documents)
        self.world.publish(self.pools, listener=https("pair", **tls) if tls else self.tls)


@pytest.fixture
def secured(world, scripted, authority):
    """Makes hosts that serve `a.test` under TLS; without pools an origin that says hello."""

    def make(pools=None, **rest):
        return Secured(world, authority, pools or scripted(keep_alive()), **rest)

    return make


@pytest.fixture
def kernel_site(site, kernel):
    """Makes hosts that route by Gateway API files, with each kernel in turn."""

    def make(manifests, **rest):
        return site(manifests, extra=f"io: {kernel}\n", **rest)

    return make

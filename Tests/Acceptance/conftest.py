"""Fixtures of the acceptance tests: each test has hosts and origins of its own."""

import pytest

from harness.host import ECHO, FILE_SOURCE, Host
from harness.manifests import write
from harness.origin import Origin
from harness.waiting import free_port
from harness.scripted import Scripted
from harness.world import World


@pytest.fixture
def origin():
    with Origin() as one:
        yield one


@pytest.fixture
def hosts(tmp_path):
    """Makes hosts; those still running are stopped at the end and must end well."""
    made = []

    def make(plugins=(FILE_SOURCE, ECHO), **rest):
        folder = tmp_path / f"host-{len(made)}"
        folder.mkdir()
        host = Host(folder, plugins=plugins, **rest)
        made.append(host)
        return host

    yield make
    try:
        for host in made:
            host.stop()
    finally:
        for host in made:
            host.kill()
            if host.process is not None:
                print(f"--- log of {host.folder.name}\n{host.log}")


@pytest.fixture
def site(hosts):
    """Makes a ready host with a port for Gateways and these manifests in its folder."""

    def make(manifests, ready=True, **rest):
        host = hosts(**rest)
        host.routes = host.folder / "routes"
        host.port = free_port()
        files = manifests(host.port)
        for name, text in files.items():
            write(host.routes, name, text)
        host.start()
        return host.wait_ready() if ready else host

    return make


@pytest.fixture(params=["uring", "epoll"])
def kernel(request):
    """Each kernel in turn."""
    return request.param


@pytest.fixture
def scripted():
    """Makes origins from functions; they are closed at the end."""
    made = []

    def make(serve, **rest):
        made.append(Scripted(serve, **rest))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def world(tmp_path, kernel, scripted):
    """Makes ready hosts that route by documents; they must end well.

    `pools` is a Scripted or a dict of pools by name.
    """
    made = []

    def make(pools, rules=None, listener=None, **rest):
        folder = tmp_path / f"world-{len(made)}"
        folder.mkdir()
        one = World(folder, kernel, **rest)
        made.append(one)
        if isinstance(pools, Scripted):
            pools = {"origin": [pools.port]}
        return one.start(pools, rules, listener)

    yield make
    try:
        for one in made:
            one.host.stop()
    finally:
        for one in made:
            one.host.kill()
            if one.host.process is not None:
                print(f"--- log of {one.folder.name}\n{one.host.log}")

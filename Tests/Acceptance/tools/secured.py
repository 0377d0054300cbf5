"""Figures under TLS; bars.py prints them.

`secured-allocations`: what OpenSSL allocates for a request, the host nothing.
`secured-idle`: memory of connections that wait for their next request; bar: 20 KiB each.
`secured-changes`: certificates are replaced in the manifest folder while wrk loads the host on
connections that stay, a second wrk on new ones, and clients ask once a change; bar: no request
fails, no connection ends early, and memory is flat.
`secured-flood`: requests on open connections, plain ones and TLS ones, beside handshakes that stop
half way and a flood of whole ones; bar: p99 of 100 ms.
"""

import contextlib
import pathlib
import tempfile

from harness.authority import Authority
from harness.counting import WARM_UP_CONNECTIONS, Counters, FastOrigin
from harness.crowd import (
    SECURED_IDLE_KILOBYTES, HalfOpen, SelectOrigin, probe_open, secured_idle_connections, summary)
from harness.host import FILE_SOURCE, Host
from harness.manifests import join, route, service, to_service, write
from harness.secure import (
    TLS13, SecureConnection, certificate, client_context, client_hello, https, secure_request)
from harness.tlsmanifests import https_gateway, https_listener, secret
from harness.waiting import eventually, free_port
from harness.wire import Connection
from harness.world import rule
from loads import Backend, Wrk, new_world, pinned

COUNTED_CONNECTIONS = 16
KEPT_CONNECTIONS = 64
FRESH_CONNECTIONS = 16
HELD_CONNECTIONS = 50
SETTLED_CHANGES = 100
PROBED_CONNECTIONS = 20
HEAD = b"GET / HTTP/1.1\r\nHost: a.test\r\nAccept: */*\r\nUser-Agent: test\r\n\r\n"
CLOSE = ["Connection: close"]


def new_pair(folder):
    return Authority(pathlib.Path(tempfile.mkdtemp(dir=folder))).issue("a.test")


def secured_world(folder, kernel, port, beside=(), **rest):
    documents = [certificate("pair", new_pair(folder)), *beside]
    return new_world(folder, kernel, {"origin": [port]}, listener=https("pair"), beside=documents,
                     **rest)


def allocations(arguments, folder, kernel):
    """Allocations of a request on a connection that stays."""
    counters = Counters(pathlib.Path(tempfile.mkdtemp(dir=folder)))
    with FastOrigin() as origin:
        world = secured_world(folder, kernel, origin.port, environment=counters.environment)
        context = client_context(version=TLS13)
        clients = [SecureConnection(world.port, context, timeout=30).socket
                   for _ in range(WARM_UP_CONNECTIONS)]
        counts, _ = counters.of_load(world.host.process.pid, clients, COUNTED_CONNECTIONS,
                                     arguments.requests, HEAD)
        for client in clients:
            client.close()
        world.host.stop()
    print(f"secured-allocations {kernel:6s} {arguments.requests} requests: "
          f"{counts.foreign / arguments.requests:.3f} of OpenSSL for each, {counts.allocations} "
          f"of the host, {counts.retains} retains, {counts.releases} releases", flush=True)


def idle(arguments, folder, kernel):
    """Resident memory of many connections under TLS that wait for their next request."""
    with SelectOrigin() as origin:
        world = secured_world(folder, kernel, origin.port,
                              limits={"upstreamConnectionsPerWorkerMax": 1_000})
        before = world.host.resident_kilobytes()
        clients = secured_idle_connections(world.port, arguments.idle, client_context())
        assert world.host.metric("sluice_connections_active") == arguments.idle

        def each():
            return (world.host.resident_kilobytes() - before) / arguments.idle

        with contextlib.suppress(AssertionError):
            eventually(lambda: each() <= SECURED_IDLE_KILOBYTES, "unused memory goes back", 3)
        print(f"secured-idle {kernel:6s} {arguments.idle} connections: "
              f"{each() * arguments.idle / 1024:.1f} MiB above {before / 1024:.1f} MiB, "
              f"{each():.2f} KiB each", flush=True)
        for client in clients:
            client.close()
        world.host.stop()


class Site:
    """A host with a folder of manifests, one Secret among them, that can be replaced."""

    def __init__(self, folder, kernel, origin_port):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        self.authority = Authority(self.folder)
        self.port = free_port()
        self.host = Host(self.folder, plugins=(FILE_SOURCE,), extra=f"io: {kernel}\n",
                         prefix=pinned(0))
        self.write_secret()
        write(self.folder / "routes", "routes.yaml", join(
            https_gateway([https_listener("https", self.port, "web")]),
            service("origin", origin_port), route("all", [to_service("origin")])))
        self.host.start().wait_ready()

    def write_secret(self):
        """Puts another certificate in place; answers its serial number."""
        pair = self.authority.issue("a.test")
        write(self.folder / "routes", "secret.yaml", secret("web", pair))
        return pair.serial

    def change(self):
        """The same, and returns when a new client is shown it."""
        serial = self.write_secret()
        context = client_context()

        def is_shown():
            with SecureConnection(self.port, context) as client:
                return client.serial == serial

        eventually(is_shown, "the new certificate")


class Held:
    """Clients that stay; a client that cannot ask again counts as ended early."""

    def __init__(self, port, count):
        context = client_context()
        self.clients = [SecureConnection(port, context) for _ in range(count)]
        self.failed = 0
        self.ended = 0

    def ask(self):
        """One request on each."""
        for client in list(self.clients):
            try:
                self.failed += client.request().status != 200
            except (OSError, EOFError):
                self.ended += 1
                self.clients.remove(client)
                client.socket.close()

    def close(self):
        for client in self.clients:
            client.socket.close()


def changes(arguments, folder, kernel):
    """What replaced certificates cost those who are being served."""
    backend = Backend(folder, pinned(1))
    site = Site(folder, kernel, backend.port)
    eventually(lambda: secure_request(site.port).status == 200, "the backend answers")
    held = Held(site.port, HELD_CONNECTIONS)
    kept = Wrk(site.port, KEPT_CONNECTIONS, prefix=pinned(1))
    fresh = Wrk(site.port, FRESH_CONNECTIONS, CLOSE, prefix=pinned(1))
    try:
        made = site.host.metric("sluice_tls_handshakes_total")
        eventually(lambda: site.host.metric("sluice_tls_handshakes_total") > made + 1_000, "load")
        sizes = [f"{site.host.resident_kilobytes() / 1024:.1f} MiB resident before"]
        for number in range(1, arguments.changes + 1):
            site.change()
            held.ask()
            if number in (SETTLED_CHANGES, arguments.changes):
                sizes.append(f"{site.host.resident_kilobytes() / 1024:.1f} after {number}")
    finally:
        results = [one.end() for one in (kept, fresh)]
        held.close()
        site.host.kill()
        backend.stop()
    (count, bad, errors), (fresh_count, fresh_bad, fresh_errors) = results
    lost = sum(errors.values()) + held.ended
    print(f"secured-changes {kernel:6s} {arguments.changes} changes: {bad + held.failed} of "
          f"{count} requests failed on connections that stay, {lost} of these ended early {errors};"
          f" {fresh_bad} of {fresh_count} failed on new ones, {fresh_errors['connect']} not "
          f"connected, {fresh_errors['timeout']} timed out; "
          f"{', '.join(sizes)}", flush=True)


def flood(arguments, folder, kernel):
    """Latency of open connections beside handshakes without end and handshakes without number."""
    backend = Backend(folder, pinned(1))
    plain = free_port()
    beside = [("listener", "test/plain", {"port": plain, "protocol": "HTTP"}),
              ("route", "test/plain", {"listeners": ["test/plain"], "rules": [rule("origin")]})]
    world = secured_world(
        folder, kernel, backend.port, beside, prefix=pinned(0),
        limits={"handshakeTimeout": "10m", "upstreamConnectionsPerWorkerMax": 1_000})
    eventually(lambda: secure_request(world.port).status == 200, "the backend answers")
    context = client_context()
    groups = {"plain": [Connection(plain) for _ in range(PROBED_CONNECTIONS)],
              "TLS": [SecureConnection(world.port, context) for _ in range(PROBED_CONNECTIONS)]}
    quiet = {name: probe_open(clients, arguments.probes) for name, clients in groups.items()}
    with HalfOpen(world.port, arguments.half_open, client_hello("a.test")) as crowd:
        press = Wrk(world.port, KEPT_CONNECTIONS, CLOSE, prefix=pinned(1))
        try:
            made = world.host.metric("sluice_tls_handshakes_total")
            eventually(
                lambda: world.host.metric("sluice_tls_handshakes_total") > made + 1_000, "load")
            times = {name: probe_open(clients, arguments.probes, arguments.seconds)
                     for name, clients in groups.items()}
            held = world.host.resident_kilobytes()
        finally:
            count, bad, errors = press.end()
            ended = crowd.count_ended()
            for client in (*groups["plain"], *groups["TLS"]):
                client.socket.close()
            world.host.kill()
            backend.stop()
    for name, values in times.items():
        print(f"secured-flood {kernel:6s} {name}: {summary(values)}; alone: "
              f"{summary(quiet[name])}", flush=True)
    print(f"secured-flood {kernel:6s} beside {arguments.half_open} half-open handshakes, {ended} "
          f"of them ended, and {count} whole ones, {bad} answered badly, {errors['connect']} not "
          f"connected, {errors['timeout']} timed out; {held / 1024:.1f} MiB resident", flush=True)


BARS = {"secured-allocations": allocations, "secured-idle": idle, "secured-changes": changes,
        "secured-flood": flood}

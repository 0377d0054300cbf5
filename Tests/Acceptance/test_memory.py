"""Memory stays flat while a connection is held and routes change ten thousand times."""

from harness import native
from harness.wire import Connection, request
from harness.waiting import eventually, free_port

CHANGES = 10_000
SETTLED_CHANGES = 1_000
GROWTH_KILOBYTES = 1_024
CHANGES_SECONDS = 60.0


def test_ten_thousand_route_changes_under_a_held_connection_keep_memory_flat(
        hosts, origin, tmp_path):
    library = native.library("churn.c", tmp_path / "libchurn.so")
    port, go = free_port(), tmp_path / "go"
    config = f'{{"port":{port},"origin":{origin.port},"go":"{go}"}}'
    host = hosts(plugins=(f"{{name: churn, library: {library}, config: {config}}}",))
    host.start().wait_ready()
    with Connection(port) as held:
        held.send(path="/held")
        held.receive_head()
        assert held.receive_bytes(1) == b"x"
        first = host.generation()
        go.write_text("")
        settled = eventually(
            lambda: host.generation() >= first + SETTLED_CHANGES and host.resident_kilobytes(),
            "the first changes", CHANGES_SECONDS)
        eventually(
            lambda: host.generation() >= first + CHANGES, "all changes", CHANGES_SECONDS)
        grown = host.resident_kilobytes() - settled
        assert grown <= GROWTH_KILOBYTES, f"{grown} kB grown in {CHANGES} changes"
        last = f"/p{CHANGES}/x"
        host_name = f"h{CHANGES % 97}.test"
        assert request(port, path=last, host=host_name).json["path"] == last
        assert origin.open_connections >= 1
        origin.release.set()
        assert held.is_closed()

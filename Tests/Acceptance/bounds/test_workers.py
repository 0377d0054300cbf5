"""How many workers there are, where they run, and that they share the connections."""

import os
import pathlib
import re

import pytest

from harness.scripted import keep_alive
from harness.waiting import eventually
from harness.wire import Connection

PROCESSORS = sorted(os.sched_getaffinity(0))


def workers(host):
    """The processors that each worker may use, by the worker's name."""
    found = {}
    for task in pathlib.Path(f"/proc/{host.process.pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        if name.startswith("worker-"):
            allowed = re.search(r"Cpus_allowed_list:\s*(\S+)", (task / "status").read_text())
            found[name] = allowed[1]
    return found


def test_auto_is_one_worker_for_each_processor_of_the_affinity(world, scripted):
    host = world(scripted(keep_alive()), workers="auto",
                 prefix=("taskset", "-c", str(PROCESSORS[0])))
    assert workers(host.host) == {"worker-0": str(PROCESSORS[0])}
    host = world(scripted(keep_alive()), workers="auto")
    assert len(workers(host.host)) <= len(PROCESSORS)


@pytest.mark.skipif(len(PROCESSORS) < 2, reason="one processor: nothing to share out")
def test_each_worker_is_pinned_to_a_processor_of_its_own(world, scripted):
    host = world(scripted(keep_alive()), workers=2)
    pinned = workers(host.host)
    assert len(pinned) == 2 and len(set(pinned.values())) == 2, pinned
    assert all(value.isdigit() for value in pinned.values()), pinned


def test_more_workers_than_processors_serve_all_the_same(world, scripted):
    host = world(scripted(keep_alive()), workers=len(PROCESSORS) + 1)
    clients = [Connection(host.port) for _ in range(64)]
    for client in clients:
        assert client.request().status == 200
    assert host.host.metric("sluice_connections_active") == 64
    for client in clients:
        client.socket.close()
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "all are closed")

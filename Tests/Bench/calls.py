#!/usr/bin/env python3
"""What a call of the host costs a plugin, in nanoseconds by entry, on its lane and on a worker.

A small plugin in C (calls/calls.c) runs in the built host and calls each entry a million times;
the best of three rounds counts. What does no work has a bar: 10 ns. The rest is there to compare:
`plain-call` is a call inside the plugin, `clock_gettime` the clock that `exec.now_ns` reads,
`cell-add` and `log-threshold` need no call at all. Exit status 1: a bar is not met.

usage: calls.py
needs: cc; the project built in release (SLUICE_RELEASE=folder of the host binary).
"""

import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Acceptance"))

from harness import native  # noqa: E402
from harness.host import Host  # noqa: E402
from harness.waiting import free_port  # noqa: E402
from harness.wire import Connection  # noqa: E402

BAR_NANOSECONDS = 10.0
# Entries that only look or count, and are for every request; the pair is two calls.
BARRED = {"log.write-below-threshold": 1, "exec.here": 1, "bytes.retain+release": 2,
          "bytes.view": 1, "http.header": 1, "http.header-absent": 1}
SECONDS_MAX = 60.0


def build(folder):
    """Compiles the plugin; answers its library."""
    library = folder / "libcalls.so"
    subprocess.run(
        ["cc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-O2", "-fPIC", "-shared",
         "-fvisibility=hidden", f"-I{native.HEADER}", "-o", str(library),
         str(HERE / "calls" / "calls.c")], check=True)
    return library


def measure(port, path):
    """The cost of each entry by its name."""
    with Connection(port, timeout=SECONDS_MAX) as connection:
        text = connection.request(path=path, headers=["x-calls: yes"]).text
    return {name: float(cost) for name, cost in (line.split() for line in text.splitlines())}


def measured():
    """Both tables, from a host of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        port = free_port()
        host = Host(
            folder, plugins=[f"{{name: calls, library: {build(folder)}, inline: true}}"],
            listeners=[f'{{name: local, address: "127.0.0.1:{port}", services: [calls]}}'])
        try:
            host.start().wait_ready()
            costs = measure(port, "/lane"), measure(port, "/worker")
            host.stop()
        finally:
            host.kill()
        return costs


def main():
    lane, worker = measured()
    print(f"{'entry':28}{'lane ns':>10}{'worker ns':>11}{'bar':>7}")
    over = False
    for name, cost in lane.items():
        bar = BARRED.get(name, 0) * BAR_NANOSECONDS
        is_over = bar and max(cost, worker[name]) > bar
        over |= bool(is_over)
        print(f"{name:28}{cost:10.1f}{worker[name]:11.1f}"
              f"{bar or '':>7}{'  over' if is_over else ''}")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())

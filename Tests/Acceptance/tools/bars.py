#!/usr/bin/env python3
"""Figures of a release build: memory of idle connections, latency beside a hostile crowd, the cost
of a second worker, and the same sort of figures under TLS.

usage: bars.py [--only idle,hostile,workers,secured-allocations,secured-idle,secured-changes,
               secured-flood] [--kernel uring,epoll] [--rounds N] [--seconds S] [--rate RPS]
               [--idle N] [--holders N] [--probes N] [--requests N] [--changes N] [--half-open N]
needs: apt: gcc nginx nghttp2-client (`workers`), nginx wrk (`secured-changes`, `secured-flood`);
       pip: Tests/Acceptance/requirements.txt; the project built in release (SLUICE_RELEASE).

`workers` loads two hosts, with one worker and with two, at the same fixed rate, in turns; the
figure is the median over rounds of the ratio of their processor time per request within a round.
It is taken twice: with the host on one processor and the load on another, as in peers.py, and with
a processor for each worker, which the load then shares. What begins with `secured` is described in
secured.py.
"""

import argparse
import contextlib
import pathlib
import statistics
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.crowd import (  # noqa: E402
    IDLE_GROWTH_KILOBYTES, HostileCrowd, SelectOrigin, hostile,
    idle_connections, probe, raise_descriptor_limit, summary)
from harness.scripted import Scripted  # noqa: E402
from harness.waiting import eventually  # noqa: E402
from harness.wire import request  # noqa: E402
import secured  # noqa: E402
from loads import Backend, load, new_world, pinned  # noqa: E402


def idle(arguments, folder, kernel):
    """Resident memory of many connections that wait for their next request."""
    with SelectOrigin() as origin:
        # Descriptors for the crowd: the limit of the process is shared by both sides.
        world = new_world(folder, kernel, {"origin": [origin.port]},
                          limits={"upstreamConnectionsPerWorkerMax": 1_000})
        before = world.host.resident_kilobytes()
        clients = idle_connections(world.port, arguments.idle)

        def grown():
            return world.host.resident_kilobytes() - before

        # What the requests used is given back to the system within two seconds; the figure is
        # printed whether it comes below the bar or not.
        with contextlib.suppress(AssertionError):
            eventually(lambda: grown() <= IDLE_GROWTH_KILOBYTES, "unused memory goes back", 3)
        kilobytes = grown()
        for client in clients:
            client.socket.close()
        world.host.stop()
    print(f"idle     {kernel:6s} {arguments.idle} connections: "
          f"{kilobytes / 1024:.2f} MiB above {before / 1024:.1f} MiB, "
          f"{kilobytes * 1024 / arguments.idle:.0f} bytes each", flush=True)


def beside_hostile(arguments, folder, kernel):
    """Latency of new connections, and memory, while a crowd holds what it can."""
    with Scripted(hostile, receive_buffer=4096) as origin:
        world = new_world(folder, kernel, {"origin": [origin.port]})
        quiet = probe(world.port, arguments.probes)
        with HostileCrowd(world.port, arguments.holders):
            eventually(lambda: len(origin.heads) >= arguments.holders * 0.95 + arguments.probes,
                       "the crowd is served", 60)
            times = probe(world.port, arguments.probes)
            held = world.host.resident_kilobytes()
        world.host.kill()
    print(f"hostile  {kernel:6s} {arguments.holders} holders, {arguments.probes} probes: "
          f"{summary(times)}; alone: {summary(quiet)}; {held / 1024:.1f} MiB resident", flush=True)


def microseconds(world, arguments, prefix):
    before = world.host.processor_seconds()
    count = load(world.port, arguments.rate, arguments.seconds, prefix)
    return (world.host.processor_seconds() - before) * 1e6 / count


def workers(arguments, folder, kernel):
    """Processor time of a request with two workers, beside one."""
    compare_workers(arguments, folder, kernel, "on one processor", pinned(0), pinned(1))
    compare_workers(arguments, folder, kernel, "on one each", (), ())


def compare_workers(arguments, folder, kernel, where, host_prefix, load_prefix):
    worlds = []
    backend = Backend(folder, load_prefix)
    try:
        worlds = [new_world(folder, kernel, {"origin": [backend.port]}, workers=count,
                            prefix=host_prefix) for count in (1, 2)]
        for world in worlds:
            eventually(lambda: request(world.port).status == 200, "the backend answers")
            load(world.port, arguments.rate, 1, load_prefix)
        rounds = [[microseconds(world, arguments, load_prefix) for world in worlds]
                  for _ in range(arguments.rounds)]
    finally:
        backend.stop()
        for world in worlds:
            world.host.kill()
    ratio = statistics.median(two / one for one, two in rounds)
    text = " ".join(f"{one:.1f}/{two:.1f}" for one, two in rounds)
    print(f"workers  {kernel:6s} {where}, {arguments.rate} requests a second: ratio {ratio:.2f}; "
          f"µs with one/two workers by round {text}", flush=True)


BARS = {"idle": idle, "hostile": beside_hostile, "workers": workers, **secured.BARS}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(BARS))
    parser.add_argument("--kernel", default="uring,epoll")
    for name, value in [("rounds", 9), ("seconds", 3), ("rate", 12_000), ("idle", 10_000),
                        ("holders", 1_000), ("probes", 1_000), ("requests", 100_000),
                        ("changes", 500), ("half-open", 10_000)]:
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    raise_descriptor_limit()
    with tempfile.TemporaryDirectory() as folder:
        for bar in arguments.only.split(","):
            for kernel in arguments.kernel.split(","):
                BARS[bar](arguments, pathlib.Path(folder), kernel)


if __name__ == "__main__":
    main()

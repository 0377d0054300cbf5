#!/usr/bin/env python3
"""Figures of a release build: memory of idle connections, latency beside a hostile crowd, and the
cost of a second worker.

usage: bars.py [--only idle,hostile,workers] [--kernel uring,epoll] [--rounds N] [--seconds S]
               [--rate RPS] [--idle N] [--holders N] [--probes N]
needs: apt: nginx nghttp2-client (for `workers`); the project built in release (SLUICE_RELEASE).

`workers` loads two hosts, with one worker and with two, at the same fixed rate, in turns; the
figure is the median over rounds of the ratio of their processor time per request within a round.
It is taken twice: with the host on one processor and the load on another, as in peers.py, and with
a processor for each worker, which the load then shares.
"""

import argparse
import contextlib
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.crowd import (  # noqa: E402
    IDLE_GROWTH_KILOBYTES, HostileCrowd, SelectOrigin, hostile,
    idle_connections, probe, raise_descriptor_limit, summary)
from harness.scripted import Scripted  # noqa: E402
from harness.waiting import eventually, free_port  # noqa: E402
from harness.wire import request  # noqa: E402
from harness.world import World  # noqa: E402

LOAD_CONNECTIONS = 32


def new_world(folder, kernel, pools, **rest):
    inner = pathlib.Path(tempfile.mkdtemp(dir=folder))
    return World(inner, kernel, **rest).start(pools)


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


def pinned(processor):
    """What goes before a command that stays on one processor."""
    return ["taskset", "-c", str(processor)]


def start_backend(folder, port, prefix):
    """nginx that answers 98 bytes, as in Tests/Bench/peers.py."""
    text = f"""worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error;
events {{ worker_connections 8192; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
 server {{ listen 127.0.0.1:{port}; location / {{ return 200 "{'x' * 98}"; }} }} }}
"""
    (folder / "backend.conf").write_text(text)
    return subprocess.Popen([*prefix, "nginx", "-c", str(folder / "backend.conf")],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def load(port, rate, seconds, prefix):
    """Answers the number of requests that a fixed rate made."""
    done = subprocess.run(
        [*prefix, "h2load", "-t1", f"-c{LOAD_CONNECTIONS}", "-m1", "--h1",
         f"--rps={rate / LOAD_CONNECTIONS}", f"-D{seconds}", f"http://127.0.0.1:{port}/"],
        capture_output=True, text=True, check=True)
    counts = re.search(r"(\d+) succeeded, (\d+) failed", done.stdout)
    assert counts and counts[2] == "0", done.stdout
    return int(counts[1])


def microseconds(world, arguments, prefix):
    before = world.host.processor_seconds()
    count = load(world.port, arguments.rate, arguments.seconds, prefix)
    return (world.host.processor_seconds() - before) * 1e6 / count


def workers(arguments, folder, kernel):
    """Processor time of a request with two workers, beside one."""
    compare_workers(arguments, folder, kernel, "on one processor", pinned(0), pinned(1))
    compare_workers(arguments, folder, kernel, "on one each", (), ())


def compare_workers(arguments, folder, kernel, where, host_prefix, load_prefix):
    port = free_port()
    backend = start_backend(folder, port, load_prefix)
    worlds = []
    try:
        worlds = [new_world(folder, kernel, {"origin": [port]}, workers=count, prefix=host_prefix)
                  for count in (1, 2)]
        for world in worlds:
            eventually(lambda: request(world.port).status == 200, "the backend answers")
            load(world.port, arguments.rate, 1, load_prefix)
        rounds = [[microseconds(world, arguments, load_prefix) for world in worlds]
                  for _ in range(arguments.rounds)]
    finally:
        backend.terminate()
        backend.wait()
        for world in worlds:
            world.host.kill()
    ratio = statistics.median(two / one for one, two in rounds)
    text = " ".join(f"{one:.1f}/{two:.1f}" for one, two in rounds)
    print(f"workers  {kernel:6s} {where}, {arguments.rate} requests a second: ratio {ratio:.2f}; "
          f"µs with one/two workers by round {text}", flush=True)


BARS = {"idle": idle, "hostile": beside_hostile, "workers": workers}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(BARS))
    parser.add_argument("--kernel", default="uring,epoll")
    for name, value in [("rounds", 9), ("seconds", 3), ("rate", 12_000), ("idle", 10_000),
                        ("holders", 1_000), ("probes", 1_000)]:
        parser.add_argument(f"--{name}", type=int, default=value)
    arguments = parser.parse_args()
    raise_descriptor_limit()
    with tempfile.TemporaryDirectory() as folder:
        for bar in arguments.only.split(","):
            for kernel in arguments.kernel.split(","):
                BARS[bar](arguments, pathlib.Path(folder), kernel)


if __name__ == "__main__":
    main()

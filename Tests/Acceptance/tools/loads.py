"""What the figures are taken with: hosts, an origin that is nginx, h2load and wrk."""

import pathlib
import re
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from harness.waiting import free_port  # noqa: E402
from harness.world import World  # noqa: E402

LOAD_CONNECTIONS = 32
WRK_END_SECONDS = 30


def new_world(folder, kernel, pools, rules=None, listener=None, **rest):
    inner = pathlib.Path(tempfile.mkdtemp(dir=folder))
    return World(inner, kernel, **rest).start(pools, rules, listener)


def pinned(processor):
    """What goes before a command that stays on one processor."""
    return ["taskset", "-c", str(processor)]


class Backend:
    """nginx that answers 98 bytes, as in Tests/Bench/peers.py."""

    def __init__(self, folder, prefix=()):
        self.port = free_port()
        text = f"""worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/error;
events {{ worker_connections 8192; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {folder}/body;
 server {{ listen 127.0.0.1:{self.port} backlog=4096; location / {{ return 200 "{'x' * 98}"; }} }}
}}
"""
        (folder / "backend.conf").write_text(text)
        self.process = subprocess.Popen(
            [*prefix, "nginx", "-c", str(folder / "backend.conf")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def load(port, rate, seconds, prefix):
    """Answers the number of requests that a fixed rate made."""
    done = subprocess.run(
        [*prefix, "h2load", "-t1", f"-c{LOAD_CONNECTIONS}", "-m1", "--h1",
         f"--rps={rate / LOAD_CONNECTIONS}", f"-D{seconds}", f"http://127.0.0.1:{port}/"],
        capture_output=True, text=True, check=True)
    counts = re.search(r"(\d+) succeeded, (\d+) failed", done.stdout)
    assert counts and counts[2] == "0", done.stdout
    return int(counts[1])


class Wrk:
    """wrk over TLS, from now until `end`."""

    def __init__(self, port, connections, headers=(), prefix=()):
        fields = [part for one in headers for part in ("-H", one)]
        self.process = subprocess.Popen(
            [*prefix, "wrk", "-t1", f"-c{connections}", "-d1h", "--timeout", "10s", *fields,
             f"https://127.0.0.1:{port}/"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def end(self):
        """Stops it; the numbers of requests, of bad answers and of socket errors by their kind."""
        self.process.send_signal(signal.SIGINT)
        text, _ = self.process.communicate(timeout=WRK_END_SECONDS)
        count = re.search(r"(\d+) requests in", text)
        assert count, text
        bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
        errors = re.search(
            r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
        numbers = map(int, errors.groups()) if errors else (0, 0, 0, 0)
        kinds = dict(zip(("connect", "read", "write", "timeout"), numbers))
        return int(count[1]), int(bad[1]) if bad else 0, kinds

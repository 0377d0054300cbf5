"""The corpus of HTTP/1 cases: what RFC 9110 and 9112 forbid, and what they demand of a proxy.

The runner is the origin as well: it records each byte that the host sends it.
"""

import json
import pathlib
import subprocess
import sys

import pytest

from harness.manifests import gateway, join, route, service, to_service
from harness.waiting import free_port

CORPUS = pathlib.Path(__file__).resolve().parents[2] / "Corpus"


KERNELS = ["uring", "epoll"]


@pytest.mark.timeout(300)
def test_every_case_of_the_corpus_ends_as_it_must(site, tmp_path):
    """By both kernels, at the same time: the runner waits far more than it works."""
    runs = {}
    for kernel in KERNELS:
        origin_port = free_port()
        host = site(lambda port: {"all.yaml": join(
            gateway(port), service("web", origin_port), route("web", [to_service("web")]))},
            extra=f"io: {kernel}\n")
        runs[kernel] = subprocess.Popen(
            [sys.executable, CORPUS / "h1run.py", "127.0.0.1", str(host.port), str(origin_port),
             "--json", tmp_path / kernel],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    asked = json.loads((CORPUS / "h1-cases.json").read_text())["cases"]
    for kernel, runner in runs.items():
        _, problems = runner.communicate(timeout=280)
        assert runner.returncode == 0, problems
        cases = json.loads((tmp_path / kernel).read_text())
        assert len(cases) == len(asked)
        failed = [(case["name"], case["why"]) for case in cases if not case["pass"]]
        assert failed == [], kernel

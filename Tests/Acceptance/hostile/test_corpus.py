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


@pytest.mark.timeout(300)
def test_every_case_of_the_corpus_ends_as_it_must(site, tmp_path):
    origin_port = free_port()
    host = site(lambda port: {"all.yaml": join(
        gateway(port), service("web", origin_port), route("web", [to_service("web")]))})
    verdicts = tmp_path / "verdicts.json"
    runner = subprocess.run(
        [sys.executable, CORPUS / "h1run.py", "127.0.0.1", str(host.port), str(origin_port),
         "--json", verdicts],
        capture_output=True, text=True, timeout=280)
    assert runner.returncode == 0, runner.stderr
    cases = json.loads(verdicts.read_text())
    asked = json.loads((CORPUS / "h1-cases.json").read_text())["cases"]
    assert len(cases) == len(asked)
    assert [(case["name"], case["why"]) for case in cases if not case["pass"]] == []

"""A host with one kernel that routes by documents of the test, without Gateway API manifests."""

import json
import os

from . import native
from .host import Host
from .waiting import DEADLINE_SECONDS, eventually, free_port

LISTENER = "test/web/http"


def pool(*ports, **rest):
    """A pool document with endpoints on 127.0.0.1."""
    return {"endpoints": [{"address": "127.0.0.1", "port": port} for port in ports], **rest}


def rule(backend, prefix=None, **rest):
    """A rule that sends a prefix, or everything, to a pool, a plugin or a status."""
    kind = "status" if isinstance(backend, int) else "pool"
    kind, backend = backend.split(":") if ":" in str(backend) else (kind, backend)
    matches = {"matches": [{"path": {"prefix": prefix}}]} if prefix else {}
    return {**matches, "backends": [{kind: backend}], **rest}


class World:
    """One host, the port of its listener and the documents that it routes by.

    `beside` holds further documents, as kind, name and content; tests may change it.
    """

    def __init__(self, folder, kernel, limits=None, plugins=(), extra="", beside=(), **rest):
        self.folder = folder
        self.beside = list(beside)
        self.port = free_port()
        self.file = folder / "documents"
        library = native.library("documents.c", folder / "libdocuments.so")
        source = f'{{name: documents, library: {library}, config: {{"file": "{self.file}"}}}}'
        limits = ", ".join(f"{name}: {value}" for name, value in (limits or {}).items())
        extra = f"io: {kernel}\n" + (f"limits: {{{limits}}}\n" if limits else "") + extra
        self.host = Host(folder, plugins=(source, *plugins), extra=extra, **rest)

    def start(self, pools, rules=None, listener=None):
        """Publishes a first world and returns when the host is ready."""
        self.write(pools, rules, listener)
        self.host.start().wait_ready()
        return self

    def publish(self, pools, rules=None, listener=None, seconds=DEADLINE_SECONDS):
        """Publishes another world and returns when the host routes by it."""
        before = self.host.generation()
        self.write(pools, rules, listener)
        eventually(lambda: self.host.generation() > before, "the new routes", seconds)

    def write(self, pools, rules=None, listener=None):
        """Puts the documents in place; the host takes them up in its own time."""
        rules = rules or [rule(next(iter(pools)))]
        documents = [("listener", LISTENER, {"port": self.port, "protocol": "HTTP",
                                             **(listener or {})})]
        documents += [("pool", name, one if isinstance(one, dict) else pool(*one))
                      for name, one in pools.items()]
        documents += self.beside
        documents += [("route", "test/route", {"listeners": [LISTENER], "rules": rules})]
        beside = self.folder / "documents.new"
        beside.write_text("".join(
            f"{kind}\t{name}\t{json.dumps(body)}\n" for kind, name, body in documents))
        os.replace(beside, self.file)


def service(folder):
    """The test service as a plugin line, and the file with its events."""
    library = native.library("service.c", folder / "libservice.so")
    events, go = folder / "events", folder / "go"
    config = f'{{"events": "{events}", "go": "{go}"}}'
    return (f'{{name: service, library: {library}, inline: true, config: {config}, '
            f'expose: {{namespaces: ["*"]}}}}'), events


def events(file, call, kind=None):
    """What the test service has written about one of its mounts."""
    if not file.exists():
        return []
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    return [row for row in rows if row["call"] == call and kind in (None, row["event"])]

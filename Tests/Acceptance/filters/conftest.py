"""A host whose rules pass a scripted filter (native/filter.c)."""

import json

import pytest

from harness import native
from harness.scripted import keep_alive
from harness.waiting import eventually
from harness.world import rule

REQUEST_BODY, RESPONSE, RESPONSE_BODY, TRAILERS = 1, 2, 4, 8
ALL = 15


def step(script="", plugin="filter"):
    """One entry of a rule's filters."""
    return {"plugin": plugin, "config": {"script": script}} if script else {"plugin": plugin}


def filtered(prefix, *filters, backend="origin", **rest):
    """A rule that sends a prefix through filters to a backend."""
    return rule(backend, prefix, filters=list(filters), **rest)


class Filtered:
    """A running host, its documents and what its filters have written down."""

    def __init__(self, world, file):
        self.world = world
        self.port = world.port
        self.host = world.host
        self.file = file

    def rows(self, **wanted):
        """The events with these members, as they stand."""
        if not self.file.exists():
            return []
        rows = [json.loads(line) for line in self.file.read_text().splitlines()]
        return [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]

    def wait(self, count=1, **wanted):
        """The events with these members, once there are so many."""
        return eventually(
            lambda: found if len(found := self.rows(**wanted)) >= count else None,
            f"{count} of {wanted}", 10)


@pytest.fixture
def filters(world, scripted, tmp_path):
    """Makes hosts with rules and instances of the scripted filter: names and what they want."""
    library = native.library("filter.c", tmp_path / "libfilter.so")

    def make(rules, origin=None, instances=None, pools=None, plugins=(), **rest):
        file = tmp_path / "filter-events"
        lines = [
            (f'{{name: {name}, library: {library}, '
             f'config: {{"events": "{file}", "wants": {wants}}}, expose: {{namespaces: ["*"]}}}}')
            for name, wants in (instances or {"filter": ALL}).items()]
        origin = origin or scripted(keep_alive())
        pools = {"origin": [origin.port], **(pools or {})}
        made = Filtered(world(pools, rules, plugins=[*lines, *plugins], **rest), file)
        made.origin = origin
        made.lines = lines
        return made

    return make

"""Rules that pass the scripted filter (native/filter.c), and what it writes down."""

import json

from .waiting import eventually
from .world import rule

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

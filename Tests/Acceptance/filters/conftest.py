"""A host whose rules pass a scripted filter."""

import pytest

from harness import native
from harness.filtering import ALL, Filtered
from harness.scripted import keep_alive


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

"""Fixtures for plugins that are built outside the repository."""

import pytest

from harness import installed


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """The environment for builds against an installed Sluice."""
    return installed.install(tmp_path_factory.mktemp("prefix"))


@pytest.fixture(scope="session")
def built(environment, tmp_path_factory):
    """Builds a folder of plugin sources, each once; answers the library."""
    libraries = {}

    def build(source):
        if source not in libraries:
            folder = tmp_path_factory.mktemp("plugin") / source.name
            libraries[source] = installed.build(source, folder, environment)
        return libraries[source]

    return build

"""The command line: run, check, version and help."""

import re

import pytest

from harness.host import ECHO, FILE_SOURCE, ROOT, command, configuration
from harness.manifests import gateway, join, route, service, to_service, write
from harness.waiting import free_port


@pytest.fixture
def checked(tmp_path):
    """Runs `sluice check` on a configuration with these manifests and plugins."""

    def run(manifests, plugins=(FILE_SOURCE, ECHO), extra=""):
        for name, text in manifests.items():
            write(tmp_path / "routes", name, text)
        config = tmp_path / "sluice.yaml"
        config.write_text(configuration(free_port(), plugins=plugins, extra=extra))
        return command("check", "--config", config)

    return run


def good():
    return join(gateway(8080), service("web", 9), route("web", [to_service("web")]))


def test_help_names_every_command_and_the_version_is_one_line():
    shown = command("--help")
    assert shown.returncode == 0
    for word in ("run", "check", "version", "--config", "--features"):
        assert word in shown.stdout
    version = command("version")
    assert version.returncode == 0
    assert re.fullmatch(r"sluice \d+\.\d+\.\d+\S*\n", version.stdout)


def test_features_are_listed():
    features = command("version", "--features")
    assert features.returncode == 0
    assert "sluice.routing/1" in features.stdout or "uring" in features.stdout


@pytest.mark.parametrize("arguments", [["fly"], ["run", "--cofnig", "x"], ["check"], []])
def test_a_wrong_command_line_says_what_was_expected(arguments):
    done = command(*arguments)
    assert done.returncode != 0
    assert "sluice" in done.stderr + done.stdout
    if arguments == ["fly"]:
        assert "fly" in done.stderr + done.stdout


def test_check_passes_what_is_right(checked):
    done = checked({"all.yaml": good()})
    assert done.returncode == 0, done.stdout + done.stderr


def test_check_names_file_line_and_object_of_what_is_wrong(checked):
    bad = route("web", ["{backendRefs: [{name: web, port: eighty}]}"])
    done = checked({"all.yaml": good(), "bad.yaml": bad.replace("name: web,", "name: bad,")})
    assert done.returncode != 0
    text = done.stdout + done.stderr
    assert re.search(r"bad\.yaml:\d+", text), text
    assert "default/bad" in text and "port" in text


def test_check_reports_a_missing_library(checked):
    done = checked({}, plugins=("{name: gone, library: no-such-plugin}",))
    assert done.returncode != 0
    assert "no-such-plugin" in done.stdout + done.stderr


@pytest.mark.parametrize("verb", ["check", "run"])
def test_an_unknown_key_is_an_error_with_its_line_and_the_nearest_name(tmp_path, verb):
    config = tmp_path / "sluice.yaml"
    text = configuration(free_port()).replace("workers: 1", "wrokers: 1")
    config.write_text(text)
    done = command(verb, "--config", config)
    assert done.returncode != 0
    said = done.stdout + done.stderr
    line = 1 + text.splitlines().index("wrokers: 1")
    assert f"sluice.yaml:{line}" in said
    assert "wrokers" in said and '"workers"' in said


@pytest.mark.parametrize("text, said", [
    ("workers: [", "sluice.yaml:"),
    ("workers: many", "workers"),
    ("workers: 1\nworkers: 2", "duplicate key"),
    ('admin: {address: "127.0.0.1:99999"}', "99999"),
    ("plugins: [{library: echo}]", "name"),
    ("plugins: [{name: a, library: echo}, {name: a, library: echo}]", "a"),
    ('listeners: [{name: l, address: "127.0.0.1:1", services: [ecko]}]', "ecko"),
])
def test_a_bad_configuration_is_refused_with_a_sentence(tmp_path, text, said):
    config = tmp_path / "sluice.yaml"
    config.write_text(f"apiVersion: sluice.dev/v1\nkind: HostConfig\n{text}\n")
    done = command("run", "--config", config)
    assert done.returncode != 0
    shown = done.stdout + done.stderr
    assert said in shown and "sluice.yaml" in shown, shown


def test_a_configuration_that_is_not_there_is_named(tmp_path):
    done = command("run", "--config", tmp_path / "none.yaml")
    assert done.returncode != 0
    assert "none.yaml" in done.stdout + done.stderr


def test_the_shipped_configuration_is_right():
    done = command("check", "--config", ROOT / "conf" / "standalone.yaml")
    assert done.returncode == 0, done.stdout + done.stderr

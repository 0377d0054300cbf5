"""`sluice plugin inspect` and `sluice plugin new`."""

import hashlib
import json
import re
import subprocess

import pytest

from harness import installed, native
from harness.host import RELEASE, command
from harness.installed import EXAMPLES
from harness.waiting import free_port
from harness.wire import request

NAME = "parrot"
LEFT_OUT = {"README.md", "rustfmt.toml"}


def inspect(path, *flags):
    return command("plugin", "inspect", path, *flags)


def test_inspect_says_what_a_library_is():
    path = RELEASE / "libecho.so"
    facts = json.loads(inspect(path, "--json").stdout)
    assert facts["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert facts["exported"] == ["sluice_plugin_entry"]
    assert (facts["id"], facts["version"]) == ("dev.sluice.echo", "0.1.0")
    assert "sluice.http/0" in facts["requires"]
    assert facts["configSchema"]["type"] == "object"
    assert facts["abi"].startswith("1.0")
    notes = subprocess.run(["readelf", "-dn", str(path)], capture_output=True, text=True,
                           check=True).stdout
    assert facts["buildId"] == re.search(r"Build ID: (\w+)", notes)[1]
    assert facts["needed"] == re.findall(r"NEEDED.*\[(.*)\]", notes)
    lines = inspect(path).stdout
    assert re.search(r"^id +dev\.sluice\.echo$", lines, re.M)
    assert re.search(r"^exports +sluice_plugin_entry$", lines, re.M)


@pytest.mark.parametrize("flags, said", [
    (("-DDIE_IN_CONSTRUCTOR",), "SIGSEGV"), (("-DWRONG_STAMP",), "major"),
    (("-DNO_ENTRY",), "sluice_plugin_entry"),
])
def test_inspect_survives_a_library_that_is_broken(tmp_path, flags, said):
    path = native.library("dies.c", tmp_path / "libdies.so", *flags)
    done = inspect(path, "--json")
    assert done.returncode == 1
    assert str(path) in done.stderr and said in done.stderr
    facts = json.loads(done.stdout)
    assert len(facts["sha256"]) == 64 and facts["buildId"] and "id" not in facts


def test_inspect_names_what_is_exported_besides_the_entry(tmp_path):
    (tmp_path / "loud.h").write_text(
        '__attribute__((visibility("default"))) int loud(void);\nint loud(void) { return 1; }\n')
    path = native.library(
        "service.c", tmp_path / "libloud.so", "-include", str(tmp_path / "loud.h"))
    done = inspect(path)
    assert done.returncode == 1
    assert "exports loud besides sluice_plugin_entry" in done.stderr


@pytest.mark.parametrize("text, said", [(b"no library", "ELF"), (b"\x7fELF\x02\x01" + b"\0" * 99,
                                                                  "type 0")])
def test_inspect_refuses_what_is_no_library(tmp_path, text, said):
    path = tmp_path / "libx.so"
    path.write_bytes(text)
    done = inspect(path)
    assert done.returncode == 1 and said in done.stderr


def new(folder, name, language):
    return command("plugin", "new", name, "--lang", language, cwd=folder)


def renamed(text):
    for old, now in (("greeter", NAME), ("Greeter", NAME.title()), ("GREETER", NAME.upper())):
        text = text.replace(old, now)
    return text


@pytest.mark.parametrize("language", ["c", "swift", "rust"])
def test_a_new_plugin_is_the_example_under_its_own_name(tmp_path, language):
    """What the binary has is what is in Plugins/Examples: else run `make templates`."""
    done = new(tmp_path, NAME, language)
    assert done.returncode == 0, done.stderr
    made = {path.relative_to(tmp_path / NAME).as_posix(): path.read_text()
            for path in (tmp_path / NAME).rglob("*") if path.is_file()}
    listed = subprocess.run(["git", "ls-files", "."], cwd=EXAMPLES / language, check=True,
                            capture_output=True, text=True).stdout.split()
    expected = {renamed(path): renamed((EXAMPLES / language / path).read_text())
                for path in listed if path not in LEFT_OUT}
    assert {path: made[path] for path in expected} == expected
    assert set(made) - set(expected) == {"README.md", "sluice.yaml"}
    assert "greeter" not in "".join(made.values()).lower()
    assert "plugin inspect" in made["Makefile"]


@pytest.mark.parametrize("language", ["c", "swift", "rust"])
def test_a_new_plugin_builds_and_serves(tmp_path, hosts, environment, language):
    new(tmp_path, NAME, language)
    folder = tmp_path / NAME
    kit = {key: value for key, value in environment.items() if key != "SLUICE"}
    installed.run(["make", "-s"], folder, kit)
    library = folder / f"lib{NAME}.so"
    assert inspect(library).returncode == 0
    assert command("check", "--config", folder / "sluice.yaml").returncode == 0
    port = free_port()
    host = hosts(
        plugins=[f"{{name: {NAME}, library: {library}}}"],
        listeners=[f'{{name: local, address: "127.0.0.1:{port}", services: [{NAME}]}}'])
    host.start().wait_ready()
    assert request(port, path="/greet/ann").json["name"] == "ann"


@pytest.mark.parametrize("name, language, said", [
    ("Parrot", "c", "lower-case letter"), ("a-b", "c", "lower-case letter"),
    ("7up", "c", "lower-case letter"), ("struct", "c", "lower-case letter"), ("a" * 33, "c", "32"),
    ("parrot", "cobol", "c, rust, swift"),
])
def test_what_cannot_be_made_is_refused(tmp_path, name, language, said):
    done = new(tmp_path, name, language)
    assert done.returncode == 1
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / NAME).mkdir()
    assert new(tmp_path, NAME, "c").returncode == 0
    before = sorted((tmp_path / NAME).rglob("*"))
    done = new(tmp_path, NAME, "c")
    assert done.returncode == 1 and "not an empty folder" in done.stderr
    assert sorted((tmp_path / NAME).rglob("*")) == before

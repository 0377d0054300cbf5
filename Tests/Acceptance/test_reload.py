"""Reload: what a new configuration file, or a new library, changes while the host serves."""

import json
import os
import pathlib
import threading

import pytest

from harness import native
from harness.host import ECHO, FILE_SOURCE
from harness.manifests import gateway, join, route, service, to_plugin, to_service, write
from harness.waiting import eventually, free_port
from harness.wire import Connection, request

SOAK = bool(os.environ.get("SOAK"))
RELOADS = 100 if SOAK else 10
CLIENTS = 4
# Before the growth of memory is measured: allocators and caches have settled by then.
WARM_RELOADS = 10 if SOAK else 3
GROWTH_KILOBYTES = 512


class Service:
    """A host with one listener and the instance `r`, whose settings and library can change."""

    def __init__(self, hosts, folder, names=("r",), **rest):
        self.folder = folder
        self.library = native.library("reloads.c", folder / "libr.so")
        self.port = free_port()
        self.events_path = folder / "events"
        self.go = folder / "go"
        self.names = names
        listener = f'{{name: l, address: "127.0.0.1:{self.port}", services: [{", ".join(names)}]}}'
        self.host = hosts(plugins=[self.plugin(name) for name in names], listeners=[listener],
                          **rest)
        self.text = self.host.config.read_text()

    def plugin(self, name, inline=False, **settings):
        config = json.dumps(dict(
            {"answer": "a", "events": str(self.events_path), "go": str(self.go)}, **settings))
        flag = ", inline: true" if inline else ""
        return f"{{name: {name}, library: {self.library}{flag}, config: {config}}}"

    def configure(self, name="r", **settings):
        """Writes other settings of an instance into the file of the host."""
        lines = self.host.config.read_text().splitlines()
        self.host.config.write_text("\n".join(
            f"- {self.plugin(name, **settings)}" if line.startswith(f"- {{name: {name},")
            else line for line in lines) + "\n")

    def replace_library(self, *flags):
        """Puts another library at the path, as a linker or `install` does."""
        native.library("reloads.c", self.folder / "new.so", *flags)
        (self.folder / "new.so").rename(self.library)

    def reload(self):
        answer = request(self.host.admin_port, "POST", "/reload",
                         host=f"127.0.0.1:{self.host.admin_port}")
        return answer.status, answer.json

    def wait_for_a_call(self):
        eventually(lambda: self.host.metric("sluice_service_calls_active") == 1, "a call")

    def ask(self, path="/r"):
        answer = request(self.port, path=path)
        return answer.text if answer.status == 200 else answer.status

    @property
    def events(self):
        return self.events_path.read_text().splitlines()

    def shown(self, name="r"):
        return self.host.admin_json(f"/plugins/{name}")

    def place(self, name="r"):
        """`file:line` of the instance in the configuration."""
        lines = self.host.config.read_text().splitlines()
        line = next(k for k, text in enumerate(lines, 1) if text.startswith(f"- {{name: {name},"))
        return f"sluice.yaml:{line}"


@pytest.fixture
def served(hosts, tmp_path):
    def make(start=True, **rest):
        one = Service(hosts, tmp_path, **rest)
        if start:
            one.host.start().wait_ready()
        return one

    return make


def test_a_changed_configuration_is_given_to_the_instance(served):
    one = served()
    assert one.ask() == "1:a"
    one.configure(answer="b")
    status, report = one.reload()
    assert (status, report["plugins"], report["problems"]) == (200, {"r": "reconfigured"}, [])
    assert one.ask() == "1:b"
    assert one.events == ["create a", "start a", "reconfigure b"]
    status, report = one.reload()
    assert (status, report["plugins"]) == (200, {})


@pytest.mark.parametrize("settings, said", [
    ({"reconfigure": "refuse"}, "reconfigure: config/answer: not this"),
    ({"answer": 7}, "answer"),
])
def test_a_configuration_that_is_refused_leaves_the_old_one_in_force(served, settings, said):
    one = served()
    one.configure(**dict({"answer": "b"}, **settings))
    status, report = one.reload()
    assert status == 422
    assert one.place() in report["problems"][0] and said in report["problems"][0]
    assert said in one.shown()["lastError"] and said in one.host.log
    assert (one.ask(), one.shown()["state"]) == ("1:a", "started")
    assert one.host.admin("/readyz")[0] == 200
    one.configure(answer="c")
    assert one.reload()[0] == 200
    assert (one.ask(), one.shown()["lastError"]) == ("1:c", "")


def test_an_instance_that_cannot_be_reconfigured_is_replaced_and_finishes_its_calls(served):
    one = served()
    with Connection(one.port) as slow:
        slow.send(path="/r/slow")
        one.wait_for_a_call()
        one.configure(answer="b", reconfigure="cannot")
        status, report = one.reload()
        assert (status, report["plugins"]) == (200, {"r": "replaced"})
        assert one.ask() == "1:b"
        assert "destroy a" not in one.events
        one.go.touch()
        assert slow.receive().text == "1:a"
    eventually(lambda: one.events == ["create a", "start a", "create b", "start b", "stop a",
                                      "destroy a"], "the old instance has ended")


@pytest.mark.parametrize("flags", [("-DNO_RECONFIGURE",), ()])
def test_a_new_file_at_the_path_is_loaded_beside_the_old_one(served, flags):
    one = served()
    one.replace_library('-DVERSION="2"', *flags)
    status, report = one.reload()
    assert (status, report["plugins"]) == (200, {"r": "replaced"})
    assert one.ask() == "2:a"
    assert one.shown()["version"] == "2"
    one.configure(answer="b")
    assert one.reload()[1]["plugins"] == {"r": "replaced" if flags else "reconfigured"}
    assert one.ask() == "2:b"


def test_a_file_that_is_changed_in_place_is_refused(served):
    one = served()
    native.library("reloads.c", one.folder / "new.so", '-DVERSION="2"')
    data = (one.folder / "new.so").read_bytes()
    with open(one.library, "r+b") as file:
        file.seek(len(data) - 1)
        file.write(data[-1:])
    os.utime(one.library, (1, 1))
    status, report = one.reload()
    assert status == 422 and "rename" in report["problems"][0]
    assert one.ask() == "1:a"


def test_a_new_library_that_is_none_leaves_the_old_one_in_force(served):
    one = served()
    (one.folder / "new.so").write_text("no library")
    (one.folder / "new.so").rename(one.library)
    status, report = one.reload()
    assert status == 422 and "ELF" in report["problems"][0]
    assert one.ask() == "1:a"
    one.replace_library('-DVERSION="3"')
    assert one.reload()[1]["plugins"] == {"r": "replaced"}
    assert one.ask() == "3:a"


def test_a_new_instance_that_does_not_start_leaves_the_old_one_in_force(served):
    one = served()
    one.configure(answer="b", reconfigure="cannot", start="fail")
    status, report = one.reload()
    assert status == 422 and "start: config/start: it must not" in report["problems"][0]
    assert one.ask() == "1:a"
    assert one.host.admin("/readyz")[0] == 200
    assert one.events[-1] == "destroy b"


def test_exclusive_instances_never_run_together(served):
    one = served(start=False)
    one.configure(exclusive=True)
    one.host.start().wait_ready()
    one.configure(answer="b", exclusive=True, reconfigure="cannot", start="wait")
    reports = []
    reloading = threading.Thread(target=lambda: reports.append(one.reload()))
    reloading.start()
    eventually(lambda: one.events[-1] == "start b", "the new one starts")
    answer = request(one.port, path="/r")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    one.go.touch()
    reloading.join()
    assert reports[0][0] == 200
    assert one.ask() == "1:b"
    assert one.events == ["create a", "start a", "create b", "stop a", "destroy a", "start b"]


def test_a_singleton_is_ended_before_another_is_made(served):
    one = served(start=False)
    one.replace_library("-DFLAGS=2u")
    one.host.start().wait_ready()
    one.configure(answer="b", reconfigure="cannot")
    assert one.reload()[1]["plugins"] == {"r": "replaced"}
    assert one.ask() == "1:b"
    assert one.events == ["create a", "start a", "stop a", "destroy a", "create b", "start b"]


def test_instances_are_added_and_removed(served):
    one = served(names=("r", "s"))
    one.configure("s", mount="/s")
    assert one.reload()[1]["plugins"] == {"s": "reconfigured"}
    assert (one.ask("/r"), one.ask("/s")) == ("1:a", "1:a")
    whole = one.host.config.read_text()
    kept = [line for line in whole.splitlines() if not line.startswith("- {name: s,")]
    one.host.config.write_text("\n".join(kept).replace("services: [r, s]", "services: [r]") + "\n")
    status, report = one.reload()
    assert (status, report["plugins"]) == (200, {"s": "removed"})
    assert report["restart"] == ["listeners"]
    assert (one.ask("/r"), one.ask("/s")) == ("1:a", 404)
    eventually(lambda: one.events[-1] == "destroy a", "the removed one has ended")
    assert [plugin["name"] for plugin in one.host.admin_json("/plugins")["plugins"]] == ["r"]
    one.host.config.write_text(whole)
    assert one.reload()[1]["plugins"] == {"s": "added"}
    assert one.ask("/s") == "1:a"


def test_mounts_follow_the_configuration(served):
    one = served()
    with Connection(one.port) as slow:
        slow.send(path="/r/slow")
        one.wait_for_a_call()
        one.configure(mount="/other")
        assert one.reload()[1]["plugins"] == {"r": "reconfigured"}
        assert (one.ask("/other"), one.ask("/r")) == ("1:a", 404)
        one.go.touch()
        assert slow.receive().text == "1:a"


def test_a_file_with_a_problem_changes_nothing(served):
    one = served()
    one.configure(answer="b")
    text = one.host.config.read_text()
    one.host.config.write_text(text.replace("workers: 1", "wrokers: 1"))
    status, report = one.reload()
    assert status == 422 and "wrokers" in report["problems"][0]
    assert (one.ask(), one.events) == ("1:a", ["create a", "start a"])
    one.host.config.write_text(text.replace("stateDir: state", "stateDir: other"))
    status, report = one.reload()
    assert (status, report["restart"], report["plugins"]) == (
        200, ["stateDir"], {"r": "reconfigured"})


def test_a_source_is_replaced_without_a_failed_request(site, origin):
    def manifests(port):
        return {"all.yaml": join(gateway(port), service("web", origin.port), route("web", [
            to_plugin("echo", prefix="/echo"), to_service("web")]))}

    host = site(manifests, plugins=(FILE_SOURCE, ECHO))
    other = host.folder / "others"
    write(other, "all.yaml", manifests(host.port)["all.yaml"].replace("/echo", "/echoes"))
    failures = []
    stop = threading.Event()

    def load():
        with Connection(host.port) as client:
            while not stop.is_set():
                answer = client.request(path="/")
                if answer.status != 200:
                    failures.append(answer.status)

    loading = threading.Thread(target=load)
    loading.start()
    text = host.config.read_text()
    host.config.write_text(text.replace("paths: [routes]", "paths: [others]"))
    answer = request(host.admin_port, "POST", "/reload", host=f"127.0.0.1:{host.admin_port}")
    assert answer.json["problems"] == []
    eventually(lambda: request(host.port, path="/echoes").headers.get("x-origin") is None,
               "the new routes")
    stop.set()
    loading.join()
    assert failures == []
    assert request(host.port, path="/echo").headers["x-origin"] == "origin"


def descriptors(host):
    return len(list(pathlib.Path(f"/proc/{host.process.pid}/fd").iterdir()))


def test_reloads_under_load_fail_no_request(served, record_property):
    """Each reload replaces the instance; every other one also its library."""
    one = served()
    failures, answered, stop = [], [0] * CLIENTS, threading.Event()

    def load(number):
        with Connection(one.port) as client:
            while not stop.is_set():
                answer = client.request(path="/r")
                if answer.status == 200:
                    answered[number] += 1
                else:
                    failures.append((answer.status, answer.text))

    clients = [threading.Thread(target=load, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        for number in range(WARM_RELOADS + RELOADS):
            if number == WARM_RELOADS:
                quiet(one)
                before = one.host.resident_kilobytes(), descriptors(one.host)
            if number % 2:
                one.replace_library(f'-DVERSION="{number}"')
            one.configure(answer=f"n{number}", reconfigure="cannot")
            seen = sum(answered)
            assert one.reload()[1]["plugins"] == {"r": "replaced"}
            assert one.ask().endswith(f":n{number}")
            eventually(lambda seen=seen: sum(answered) > seen + CLIENTS, "load goes on")
    finally:
        stop.set()
        for client in clients:
            client.join()
    quiet(one)
    growth = (one.host.resident_kilobytes() - before[0]) / RELOADS
    print(f"{RELOADS} reloads, {sum(answered)} requests, {len(failures)} failed,"
          f" {growth:.0f} KiB a reload")
    record_property("kibibytes a reload", growth)
    assert failures == []
    assert growth < GROWTH_KILOBYTES
    # A library that was loaded stays open: half of the reloads bring one.
    assert descriptors(one.host) - before[1] <= RELOADS // 2 + CLIENTS


def quiet(one):
    """Waits until every replaced instance has ended."""
    eventually(lambda: sum(line.startswith("destroy") for line in one.events)
               == sum(line.startswith("create") for line in one.events) - 1, "one instance is left")

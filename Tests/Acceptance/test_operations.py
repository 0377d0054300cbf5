"""Operations of plugins: declared, called by the admin API and by `sluice ctl`, and described."""

import json
import subprocess
import threading
import urllib.parse

import pytest
from openapi_spec_validator import validate

from harness import native
from harness.host import BINARY, command
from harness.waiting import eventually
from harness.wire import request

LARGEST = 2 ** 64 - 1
VALUES = {"b": True, "i": -2 ** 31, "u": 2 ** 32 - 1, "I": -2 ** 63, "U": LARGEST, "d": 0.5}


@pytest.fixture
def library(tmp_path):
    return native.library("operations.c", tmp_path / "liboperations.so")


@pytest.fixture
def host(hosts, library, tmp_path):
    """A ready host with the instance `ops`; the file `go` ends its operation `hang`."""

    def make(config=None, extra="", others=()):
        settings = json.dumps(dict({"go": str(tmp_path / "go")}, **(config or {})))
        plugin = f"{{name: ops, library: {library}, required: false, config: {settings}}}"
        one = hosts(plugins=(plugin, *others), extra=extra)
        one.start()
        eventually(lambda: one.admin("/healthz")[0] == 200, "the admin API answers")
        return one

    return make


@pytest.fixture
def ops(host):
    return host().wait_ready()


def ask(host, method, path, body=b""):
    return request(host.admin_port, method, path, body=body, host=f"127.0.0.1:{host.admin_port}")


def post(host, name, **arguments):
    return ask(host, "POST", f"/plugins/ops/{name}", json.dumps(arguments).encode())


def query(**arguments):
    return urllib.parse.urlencode(
        {key: str(value).lower() if isinstance(value, bool) else value
         for key, value in arguments.items()})


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_each_type_arrives_as_it_was_sent(ops, method):
    values = dict(VALUES, s="ä & b=c")
    answer = (ask(ops, "GET", "/plugins/ops/every?" + query(**values)) if method == "GET"
              else post(ops, "write", **values))
    assert (answer.status, answer.json) == (200, values)


def test_an_optional_parameter_may_be_missing_or_empty(ops):
    assert "s" not in post(ops, "write", **VALUES).json
    assert post(ops, "write", **VALUES, s="").json["s"] == ""
    assert post(ops, "answer", status=-1).json["error"] == "no reason"


@pytest.mark.parametrize("name, value, said", [
    ("b", 1, "true or false"), ("b", None, "true or false"),
    ("i", 2 ** 31, "2147483647"), ("i", -2 ** 31 - 1, "-2147483648"), ("i", 1.5, "integer"),
    ("i", "1", "integer"), ("u", -1, "from 0"), ("u", 2 ** 32, "4294967295"),
    ("I", 2 ** 63, "9223372036854775807"), ("U", -1, "from 0"), ("U", LARGEST + 1, str(LARGEST)),
    ("d", "x", "a number"), ("s", 1, "a text"), ("s", ["x"], "a text"),
])
def test_a_value_out_of_range_or_of_another_type_is_a_400(ops, name, value, said):
    answer = post(ops, "write", **dict(VALUES, **{name: value}))
    assert answer.status == 400
    assert answer.json["error"].startswith(f"{name} is ") and said in answer.json["error"]
    if value is None or isinstance(value, (str, list)) or name == "s":
        return
    text = query(**dict(VALUES, **{name: value}))
    assert ask(ops, "GET", f"/plugins/ops/every?{text}").status == 400


@pytest.mark.parametrize("method, path, body, status, said", [
    ("GET", "/plugins/ops/answer?status=1", b"", 405, "POST"),
    ("POST", "/plugins/ops/where", b"", 405, "GET"),
    ("POST", "/plugins/ops/answer", b"", 400, "status is missing"),
    ("POST", "/plugins/ops/answer?status=1", b"", 400, "body"),
    ("POST", "/plugins/ops/answer", b"[1]", 400, "object"),
    ("POST", "/plugins/ops/answer", b"{", 400, "not JSON"),
    ("POST", "/plugins/ops/answer", b'{"status":0,"status":1}', 400, "duplicate"),
    ("POST", "/plugins/ops/answer", b'{"staus":0}', 400, 'did you mean "status"?'),
    ("GET", "/plugins/ops/misuse?how=a&how=b", b"", 400, "twice"),
    ("GET", "/plugins/ops/misuse?how=%zz", b"", 400, "escape"),
    ("GET", "/plugins/ops/misuse?how=%ff", b"", 400, "escape"),
    ("GET", "/plugins/ops/nestde", b"", 404, 'did you mean "nested"?'),
    ("GET", "/plugins/opps/nested", b"", 404, 'did you mean "ops"?'),
])
def test_a_wrong_call_is_refused_with_a_sentence(ops, method, path, body, status, said):
    answer = ask(ops, method, path, body)
    assert answer.status == status, answer.text
    assert said in answer.json["error"]


@pytest.mark.parametrize("status, expected", [
    (0, 200), (1, 202), (2, 500), (-1, 400), (-15, 400), (-6, 403), (-12, 404), (-11, 409),
    (-8, 409), (-5, 429), (-17, 429), (-9, 504), (-2, 501), (-16, 500), (-99, 500),
])
def test_a_status_of_the_plugin_is_one_of_http(ops, status, expected):
    answer = post(ops, "answer", status=status, why="so it is")
    assert answer.status == expected
    if expected >= 400:
        assert answer.json["error"] == "so it is"


def test_an_operation_runs_on_the_lane_or_on_the_pool(ops):
    assert ask(ops, "GET", "/plugins/ops/where").json == {"thread": "lane-ops"}
    pool = post(ops, "pool")
    assert (pool.status, pool.json) == (202, {"thread": "plugin-pool"})
    assert post(ops, "nothing").json == {}


def test_a_reply_is_valid_json_whatever_is_in_it(ops):
    assert ask(ops, "GET", "/plugins/ops/nested").json == {
        "list": [1, {'a "key"': "a\nvalue \ufffd"}, {"b": [1, 2.5, None]}, None, None], "": ""}


@pytest.mark.parametrize("how, said", [
    ("pop", "pop() without push()"), ("push", "push() without pop()"), ("json", "json()"),
    ("twice", "twice"), ("keyless", "without a key"), ("keyed", "in an array"),
    ("deep", "inside each other"), ("long", "operationReplyBytesMax"),
    ("huge", "names no memory"), ("thread", "another thread"),
])
def test_a_reply_that_is_built_wrongly_is_a_500_that_says_how(ops, how, said):
    answer = ask(ops, "GET", f"/plugins/ops/misuse?how={how}")
    assert answer.status == 500
    assert "ops/misuse" in answer.json["error"] and said in answer.json["error"]
    assert ask(ops, "GET", "/plugins/ops/misuse?how=well").json == {
        "before": "yes", "after": "yes"}


def test_a_late_answer_is_dropped_and_holds_up_nobody(host, tmp_path):
    ops = host(extra="limits: {operationTimeout: 200ms, operationsWaitingMax: 2}\n").wait_ready()
    late = ask(ops, "GET", "/plugins/ops/hang")
    assert late.status == 504 and "ops/hang" in late.json["error"]
    # The lane is busy: the next one does not even begin, and a third finds no place.
    waiting = threading.Thread(target=ask, args=(ops, "GET", "/plugins/ops/hang"))
    waiting.start()
    eventually(lambda: ask(ops, "GET", "/plugins/ops/where").status == 429, "a full queue")
    assert ops.admin("/healthz")[0] == 200
    assert post(ops, "pool").status == 429
    waiting.join()
    (tmp_path / "go").touch()
    eventually(lambda: ask(ops, "GET", "/plugins/ops/where").status == 202, "the lane is free")


def test_a_client_that_leaves_before_its_answer_leaves_nothing_behind(host, tmp_path):
    ops = host().wait_ready()
    done = subprocess.run(
        ["curl", "-s", "-m", "0.2", f"http://127.0.0.1:{ops.admin_port}/plugins/ops/hang"],
        check=False)
    assert done.returncode == 28
    (tmp_path / "go").touch()
    assert ask(ops, "GET", "/plugins/ops/where").status == 202


@pytest.mark.parametrize("wrong, said", [
    ("signature", '"x"'), ("reply", "J stands once and last"), ("result", "expected i(ARGS)"),
    ("none", "no signature"), ("params", "6 params"), ("name", '"a b"'), ("twice", "every"),
    ("parameter", "called b"), ("fallback", "fallback"), ("required", "not optional"),
    ("access", "access"), ("flags", "flags"), ("function", "no function"),
])
def test_a_wrong_declaration_refuses_the_instance(host, wrong, said):
    ops = host({"wrong": wrong})
    eventually(lambda: ops.admin_json("/plugins/ops")["lastError"], "it was looked at")
    plugin = ops.admin_json("/plugins/ops")
    assert plugin["state"] == "failed"
    assert "operation" in plugin["lastError"] and said in plugin["lastError"]
    assert ask(ops, "GET", "/plugins/ops/where").status == 503


def test_the_dump_is_in_the_configuration_page(host, tmp_path):
    ops = host(extra="limits: {dumpTimeout: 100ms}\n").wait_ready()
    assert ops.admin_json("/config")["dumps"] == {"ops": {"mood": "good"}}
    stuck = threading.Thread(target=ask, args=(ops, "GET", "/plugins/ops/hang"))
    stuck.start()
    eventually(
        lambda: "in time" in str(ops.admin_json("/config")["dumps"]["ops"]), "a page without it")
    (tmp_path / "go").touch()
    stuck.join()


def test_operations_are_listed_and_described(ops):
    plugin = ops.admin_json("/plugins/ops")
    assert plugin["state"] == "started"
    every = next(each for each in plugin["operations"] if each["name"] == "every")
    assert (every["method"], every["path"]) == ("GET", "/plugins/ops/every")
    assert every["parameters"][1]["schema"] == {
        "type": "integer", "minimum": -2 ** 31, "maximum": 2 ** 31 - 1}
    assert "GET /plugins/ops/every" in ops.admin("/")[1]
    document = ops.admin_json("/openapi.json")
    validate(document)
    assert document["openapi"].startswith("3.1.")
    listed = {line.split()[1] for line in ops.admin("/")[1].splitlines()}
    assert set(document["paths"]) == listed
    body = document["paths"]["/plugins/ops/answer"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert schema["required"] == ["status"]
    assert schema["properties"]["why"]["default"] == "no reason"


def ctl(host, *words):
    return command("ctl", "plugin", "--admin", f"127.0.0.1:{host.admin_port}", *words)


def test_ctl_lists_and_calls(ops):
    assert ctl(ops).stdout.split() == ["ops", "started"]
    listed = ctl(ops, "ops").stdout
    assert "answer  (changes something)" in listed and "status=INTEGER" in listed
    assert '[why=STRING]  What to say. (default "no reason")' in listed
    words = [f"{key}={str(value).lower()}" for key, value in VALUES.items()]
    for operation in ("every", "write"):
        called = ctl(ops, "ops", operation, *words, "s=1 & 2")
        assert called.returncode == 0, called.stderr
        assert json.loads(called.stdout) == dict(VALUES, s="1 & 2")
    by_file = command("ctl", "plugin", "--config", ops.config, "ops", "where")
    assert json.loads(by_file.stdout) == {"thread": "lane-ops"}


@pytest.mark.parametrize("words, said", [
    (["ops", "answer", "status=-12", "why=gone"], "ops/answer: gone"),
    (["ops", "answer", "status=x"], "status is"),
    (["ops", "answer", "status"], "key=value"),
    (["ops", "anser"], 'did you mean "answer"?'),
    (["opps"], 'did you mean "ops"?'),
])
def test_ctl_says_what_went_wrong(ops, words, said):
    done = ctl(ops, *words)
    assert done.returncode == 1
    assert said in done.stderr


def test_ctl_names_the_host_that_does_not_answer(ops):
    done = command("ctl", "plugin", "--admin", "127.0.0.1:1", "ops")
    assert done.returncode == 1
    assert "127.0.0.1:1" in done.stderr and "ECONNREFUSED" in done.stderr


def completed(line, environment=None):
    """What bash offers at the end of a line, by the script that the binary prints."""
    words = line.split(" ")
    script = f"""
source <({BINARY} completion bash)
COMP_LINE={json.dumps(line)} COMP_POINT={len(line)}
COMP_WORDS=({" ".join(json.dumps(word) for word in words)}) COMP_CWORD={len(words) - 1}
_sluice 2>/dev/null
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True,
                          env=environment)
    return done.stdout.split()


def test_bash_completes_commands_and_asks_the_host_for_names(ops):
    assert completed(f"{BINARY} ct") == ["ctl"]
    assert completed(f"{BINARY} ctl ") == ["plugin"]
    assert completed(f"{BINARY} run --") == ["--config"]
    here = f"{BINARY} ctl plugin --admin 127.0.0.1:{ops.admin_port}"
    assert completed(f"{here} o") == ["ops"]
    assert completed(f"{here} ops n") == ["nothing", "nested"]
    assert completed(f"{here} ops answer ") == ["status=", "why="]
    assert completed(f"{here} ops answer status=1 ") == ["why="]
    assert completed(f"{here} ops every b=") == ["true", "false"]
    assert completed(f"{BINARY} ctl plugin --admin 127.0.0.1:1 o") == []

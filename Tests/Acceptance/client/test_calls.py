"""Outbound calls of a plugin, against servers that others have written."""

import http.client
import struct
import threading
import urllib.parse

import pytest

from harness import servers
from harness.scripted import silent
from harness.waiting import eventually

STREAM, FOLLOW, H2, UPGRADE, H2C = 1, 2, 4, 8, 16
CANCELED, TLS, RESET, LIMIT, DENIED, TIMEOUT_HEAD, FILE = 1, 4, 5, 7, 8, 10, 13
E_CANCELED, E_DENIED, E_INVALID = "-14", "-6", "-1"


@pytest.fixture
def web(tmp_path, authority):
    """nginx with a certificate for 127.0.0.1: both ports."""
    (tmp_path / "big").mkdir()
    (tmp_path / "big" / "file").write_bytes(b"0123456789abcdef" * (1 << 18))
    with servers.nginx(tmp_path, authority.issue("127.0.0.1")) as ports:
        yield ports


GRPC = "content-type:application/grpc|te:trailers"


def grpc_message(text):
    return b"\0" + struct.pack(">I", len(text)) + text


def test_a_call_has_a_head_a_body_and_an_end(caller, web):
    told = caller().call(f"http://127.0.0.1:{web[0]}/a?b", header="x-one:1", method="GET")
    assert told["head"] == told["status"] == "200" and told["body"] == b"GET /a?b  1"
    assert (told["outcome"], told["failed"], told["maybe_sent"]) == ("0", "0", "1")
    assert told["attempts"] == "1" and told["detail"] == ""


def test_redirects_are_followed_where_it_was_asked_for(caller, web):
    plugin = caller()
    url = f"http://127.0.0.1:{web[0]}/moved"
    assert plugin.call(url)["status"] == "302"
    assert plugin.call(url, flags=FOLLOW)["body"].startswith(b"GET /there")


def test_a_bearer_file_is_read_again(caller, web, tmp_path):
    plugin = caller()
    url = f"http://127.0.0.1:{web[0]}/"
    token = tmp_path / "token"
    lost = plugin.call(url, bearer=token)
    assert lost["failed"] == str(FILE) and str(token) in lost["detail"]
    for text in ("one", "second"):
        token.write_text(text)
        assert f"Bearer {text}".encode() in plugin.call(url, bearer=token)["body"]


def test_a_large_response_passes_with_pauses(caller, web, authority):
    plugin = caller(f"{{tls: [{{name: web, ca: {authority.file}}}]}}")
    clear, secured = (f"http://127.0.0.1:{web[0]}/big/file", f"https://127.0.0.1:{web[1]}/big/file")
    for url, flags in ((clear, 0), (secured, 0), (secured, H2)):
        told = plugin.call(url, pauses=40, flags=flags, profile="web" if url == secured else "")
        assert told["received"] == str(16 << 18) and told["outcome"] == "0", url


def test_limits_cancels_and_refusals_are_told(caller, web):
    plugin = caller("{deny: [169.254.0.0/16, 127.0.0.2]}")
    url = f"http://127.0.0.1:{web[0]}/big/file"
    assert plugin.call(url, max=100_000)["failed"] == str(LIMIT)
    for event in ("send", "head", "body"):
        told = plugin.call(url, cancel=event)
        assert (told["failed"], told["outcome"]) == (str(CANCELED), E_CANCELED), event
    denied = plugin.call("http://127.0.0.2:1/")
    assert (denied["failed"], denied["outcome"]) == (str(DENIED), E_DENIED)
    assert denied["detail"] == "refused: the address policy denies 127.0.0.2"
    assert denied["maybe_sent"] == "0"
    wrong = plugin.call("gopher://a/")
    assert wrong["refused"] == E_INVALID and wrong["why"].startswith("url: scheme gopher")
    metric = plugin.host.metric
    assert metric("sluice_outbound_failures_total", plugin="caller", failed="cancelled") == 3
    assert metric("sluice_outbound_failures_total", plugin="caller", failed="refused") == 1
    assert metric("sluice_outbound_calls_active", plugin="caller") == 0
    assert metric("sluice_outbound_calls_total", plugin="caller") == 5


def test_profiles_of_the_configuration_and_their_files(caller, tmp_path, authority):
    client = authority.issue("client.test")
    folder = tmp_path / "nginx"
    folder.mkdir()
    pair = authority.issue("web.test")
    trusted = tmp_path / "trusted.crt"
    trusted.write_text(authority.certificate)
    with servers.nginx(folder, pair, client_authority=authority.file) as (_, port):
        plugin = caller(
            f"{{tls: [{{name: good, ca: {trusted}, certificate: {client.certificate_file},"
            f" key: {client.key_file}, serverName: web.test}},"
            f" {{name: nameless, ca: {trusted}}}, {{name: open, insecure: true}}]}}")
        url = f"https://127.0.0.1:{port}/"
        unknown = plugin.call(url)
        assert unknown["failed"] == str(TLS) and "certificate verify failed" in unknown["detail"]
        nameless = plugin.call(url, profile="nameless")
        assert "no name that matches host 127.0.0.1" in nameless["detail"]
        assert b"HTTP/1.1" in plugin.call(url, profile="good")["body"]
        assert b"HTTP/2.0" in plugin.call(url, profile="good", flags=H2)["body"]
        assert plugin.call(url, profile="open")["status"] == "400", "no client certificate"
        trusted.write_text(client.certificate)
        assert plugin.call(url, profile="good")["failed"] == str(TLS)
        eventually(lambda: "verifies nothing" in plugin.host.log, "the warning")


def test_http2_by_alpn_and_by_prior_knowledge(caller, authority):
    pair = authority.issue("127.0.0.1")
    plugin = caller(f"{{tls: [{{name: web, ca: {authority.file}}}]}}")
    body = bytes(range(256)) * 8
    for secured, flags in ((pair, H2), (None, H2C)):
        with servers.echo_over_http2(secured) as port:
            url = f"{'https' if secured else 'http'}://127.0.0.1:{port}/"
            for streamed in (0, STREAM):
                told = plugin.call(url, body, method="POST", flags=flags | streamed, part=100,
                                   **({"profile": "web"} if secured else {}))
                assert told["header"] == ["x-version:2"], told
                assert told["body"] == body and told["outcome"] == "0"


def test_a_streamed_body_waits_for_its_peer(caller):
    plugin = caller()
    with servers.echo_over_http2() as port:
        told = plugin.call(f"http://127.0.0.1:{port}/", b"x" * (4 << 20), method="POST",
                           flags=H2C | STREAM, part=100_000)
    assert told["received"] == str(4 << 20) and told["outcome"] == "0"
    assert int(told["waits"]) > 0


def test_grpc_with_trailers_over_a_port_and_a_unix_socket(caller, tmp_path):
    plugin = caller()
    with servers.grpc_server(tmp_path) as (port, path):
        socket = urllib.parse.quote(str(path), safe="")
        for base in (f"http://127.0.0.1:{port}", f"http+unix://{socket}"):
            for _ in range(3):
                told = plugin.call(f"{base}/test.Echo/Say", grpc_message(b"hello"), method="POST",
                                   flags=H2C, header=GRPC)
                assert told["body"] == grpc_message(b"hellohello"), told
                assert "grpc-status:0" in told["trailer"] and "x-seen:5" in told["trailer"]
            failed = plugin.call(f"{base}/test.Echo/Fail", grpc_message(b""), method="POST",
                                 flags=H2C, header=GRPC)
            assert failed["outcome"] == "0" and failed["status"] == "200"


def test_an_upgrade_to_a_websocket(caller):
    plugin = caller()
    frame = b"\x81\x85\0\0\0\0hello"
    fields = "upgrade:websocket|sec-websocket-version:13"
    with servers.websocket_echo() as port:
        url = f"http://127.0.0.1:{port}/"
        refused = plugin.call(url, frame, flags=UPGRADE, header=fields)
        assert refused["status"] == "400" and refused["outcome"] == "0", "there is no key"
        told = plugin.call(url, frame, flags=UPGRADE, expected=7,
                           header=f"{fields}|sec-websocket-key:dGhlIHNhbXBsZSBub25jZQ==")
        assert told["status"] == "101" and told["body"] == b"\x81\x05hello"
        assert told["failed"] == str(CANCELED)


def test_a_peer_that_is_silent(caller, scripted):
    told = caller().call(f"http://127.0.0.1:{scripted(silent).port}/", head=300)
    assert told["failed"] == str(TIMEOUT_HEAD)
    assert told["detail"] == "timeout_head: no response from 127.0.0.1 after 300 ms"
    assert told["maybe_sent"] == "1"


def test_calls_end_with_their_instance(caller, scripted):
    plugin = caller(extra="limits: {drain: 1s}\n")
    url = f"http://127.0.0.1:{scripted(silent).port}/"

    def hang():
        try:
            plugin.call(url)
        except (OSError, http.client.HTTPException, AssertionError):
            pass  # The host ends meanwhile.

    thread = threading.Thread(target=hang)
    thread.start()
    eventually(lambda: plugin.host.metric("sluice_outbound_calls_active") == 1, "the call")
    plugin.host.stop()
    thread.join()
    assert "stays in memory" not in plugin.host.log


def test_a_thousand_streams_are_held(caller):
    plugin = caller()
    with servers.echo_over_http2() as port:
        told = plugin.call(f"http://127.0.0.1:{port}/", path="/held", count=1_000, ticks=10)
    assert told["whole"] == "1000" and told["received"] == str(1_000 * 10 * 16)

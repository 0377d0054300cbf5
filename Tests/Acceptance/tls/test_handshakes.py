"""How clients shake hands, resume a session, are refused and are timed out."""

import contextlib
import os
import socket
import ssl
import subprocess
import threading
import time

import pytest

from harness.crowd import percentile, raise_descriptor_limit, summary
from harness.scripted import keep_alive
from harness.secure import (
    TLS12, TLS13, SecureConnection, certificate, client_context, client_hello, curl, https,
    read_alert, refusal, s_client, secure_request, trust)
from harness.waiting import eventually
from harness.wire import Connection, talk
from harness.world import rule

SOAK = bool(os.environ.get("SOAK"))
HALF_OPEN = 10_000 if SOAK else 1_000
PROBES = 2_000 if SOAK else 400
P99_MILLISECONDS = 100
FATAL, BAD_RECORD_MAC, UNRECOGNIZED_NAME = 2, 20, 112
GET = b"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
GARBAGE = b"\x17\x03\x03\x00\x30" + bytes(range(48))


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_client_of_each_version_is_served(secured, version):
    host = secured()
    context = client_context(host.authority, version=version)
    context.check_hostname = True
    with SecureConnection(host.port, context) as client:
        assert client.request().status == 200
        assert client.socket.version() == version.name.replace("_", ".")
        assert client.serial == host.pair.serial
    code, text = curl(host.port, "/", "--cacert", host.authority.file)
    assert (code, text) == (0, "hello")


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_old_versions_are_refused(secured, version):
    host = secured()
    text = s_client(host.port, version, "-cipher", "DEFAULT@SECLEVEL=0", "-servername", "a.test")
    assert "alert protocol version" in text, text
    assert secure_request(host.port).status == 200


def test_protocols_are_negotiated_and_others_alone_are_refused(secured):
    host = secured()
    for offered, chosen in [(["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1")]:
        context = client_context()
        context.set_alpn_protocols(offered)
        with SecureConnection(host.port, context) as client:
            assert client.socket.selected_alpn_protocol() == chosen
            assert client.request().status == 200
    context.set_alpn_protocols(["h2"])
    assert "no application protocol" in refusal(host.port, context)
    assert curl(host.port, "/", "--http2", "--insecure") == (0, "hello")


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_session_is_resumed(secured, version):
    host = secured()
    context = client_context(host.authority, version=version)
    session = None
    for turn in range(3):
        with SecureConnection(host.port, context, session=session) as client:
            assert client.socket.session_reused == (turn > 0)
            assert client.request().status == 200
            session = client.socket.session
    eventually(
        lambda: host.host.metric("sluice_tls_handshakes_total", result="resumed") == 2, "metrics")


def two_hosts(secured, authority, listener):
    """A host of `open.test`, which is for all, and `closed.test`, whose TLS settings are given."""
    pair = authority.issue("open.test", "closed.test")
    host = secured(pair=pair)
    closed = {"port": host.port, "hostname": "closed.test", **https("pair", **listener)}
    host.publish(
        certificate("pair", pair), trust("clients", authority), ("listener", "test/closed", closed),
        ("route", "test/closed", {"listeners": ["test/closed"], "rules": [rule("origin")]}))
    return host


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_session_of_one_name_is_no_way_past_the_check_of_another(
        secured, authority, tmp_path, version):
    """CVE-2025-23419."""
    host = two_hosts(secured, authority, {"clientValidation": {"trust": ["clients"]}})
    pair = authority.issue("client.test")
    mine = ["-cert", pair.certificate_file, "-key", pair.key_file]
    session = tmp_path / "session"

    def ask(name, *arguments):
        return s_client(host.port, version, "-ign_eof", "-servername", name, *arguments,
                        data=GET % name.encode())

    assert "hello" in ask("open.test", "-sess_out", session)
    assert "Reused, TLS" in ask("open.test", "-sess_in", session)
    text = ask("closed.test", "-sess_in", session)
    assert "hello" not in text
    assert "certificate required" in text or "handshake failure" in text, text
    assert "hello" in ask("closed.test", "-sess_in", session, *mine)
    # Nor is a request on a connection of the other name.
    for arguments in ([], ["-sess_in", session]):
        text = s_client(host.port, version, "-ign_eof", "-servername", "open.test", *arguments,
                        data=GET % b"closed.test")
        assert "421 Misdirected Request" in text and "hello" not in text


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_a_session_ends_with_the_authority_that_it_was_checked_by(
        secured, authority, authorities, tmp_path, version):
    other = authorities("other")
    checked = {"clientValidation": {"trust": ["clients"]}}
    pair = authority.issue("client.test")
    server = authority.issue("a.test")
    host = secured(pair=server, tls=checked, beside=[trust("clients", authority)])
    session = tmp_path / "session"

    def ask(*arguments):
        return s_client(host.port, version, "-ign_eof", "-servername", "a.test", *arguments,
                        data=GET % b"a.test")

    mine = ["-cert", pair.certificate_file, "-key", pair.key_file]
    assert "hello" in ask(*mine, "-sess_out", session)
    assert "hello" in ask("-sess_in", session)
    host.publish(certificate("pair", server), trust("clients", other))
    for arguments in ([], mine):
        assert "hello" not in ask("-sess_in", session, *arguments)


def test_early_data_is_not_taken(secured, tmp_path):
    host = secured()
    session, early = tmp_path / "session", tmp_path / "early"
    early.write_bytes(GET % b"a.test")
    arguments = ["-tls1_3", "-ign_eof", "-servername", "a.test"]
    text = s_client(host.port, *arguments, "-sess_out", session, data=GET % b"a.test")
    assert "Max Early Data: 0" in text and "hello" in text
    text = s_client(host.port, *arguments, "-sess_in", session, "-early_data", early,
                    data=GET % b"a.test")
    assert "Early data was accepted" not in text and text.count("hello") == 1


def test_no_handshake_begins_again_on_a_connection(secured):
    host = secured()
    run = subprocess.Popen(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{host.port}", "-tls1_2", "-servername",
         "a.test"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        run.stdin.write(b"R\n")
        run.stdin.flush()
        text, _ = run.communicate(timeout=10)
    finally:
        run.kill()
    assert b"RENEGOTIATING" in text and b"no renegotiation" in text, text
    assert secure_request(host.port).status == 200


def test_what_a_client_presents_is_checked(secured, authority, authorities):
    checked = {"clientValidation": {"trust": ["clients"]}}
    host = secured(tls=checked, beside=[trust("clients", authority)])
    refused = {
        "none": None, "expired": authority.issue("client.test", begin=-3, end=-1),
        "not valid yet": authority.issue("client.test", begin=1, end=3),
        "of another authority": authorities("other").issue("client.test"),
    }
    for version in (TLS12, TLS13):
        for name, pair in refused.items():
            answer = refusal(host.port, client_context(authority, pair, version))
            assert answer is not None and "ALERT" in answer, (version, name, answer)
        context = client_context(authority, authority.issue("client.test"), version)
        assert secure_request(host.port, context).status == 200
    assert len(host.origin.heads) == 2


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_certificate_may_be_missing_but_not_wrong(
        secured, authority, authorities, version):
    checked = {"clientValidation": {
        "trust": ["clients"], "mode": "AllowMissing", "forward": True}}
    host = secured(tls=checked, beside=[trust("clients", authority)])
    other = authorities("other").issue("client.test")
    answer = refusal(host.port, client_context(authority, other, version))
    assert answer is not None and "ALERT" in answer
    for pair in (None, authority.issue("client.test")):
        assert secure_request(host.port, client_context(authority, pair, version)).status == 200
    without, with_one = (head.lower() for head in host.origin.heads)
    assert b"x-forwarded-client-cert" not in without
    assert b"x-forwarded-client-cert: hash=" in with_one and b"dns=client.test" in with_one


def test_a_client_certificate_with_a_zero_byte_in_a_name_is_refused(secured, authority):
    checked = {"clientValidation": {"trust": ["clients"]}}
    host = secured(tls=checked, beside=[trust("clients", authority)])
    pair = authority.issue("a.test\0.b.test")
    for version in (TLS12, TLS13):
        assert refusal(host.port, client_context(authority, pair, version)) is not None
    assert host.origin.heads == []


@pytest.mark.parametrize("kind", ["silent", "part of a hello", "a hello"])
def test_a_handshake_has_a_time_to_end_in(secured, kind):
    host = secured(limits={"handshakeTimeout": "500ms"})
    hello = client_hello("a.test")
    data = {"silent": b"", "part of a hello": hello[:50], "a hello": hello}[kind]
    begun = time.monotonic()
    with Connection(host.port) as client:
        client.socket.sendall(data)
        assert client.is_ended_within(5)
    assert 0.4 <= time.monotonic() - begun <= 2
    assert host.host.metric("sluice_timeouts_total", wait="handshake") == 1


@pytest.mark.parametrize("kind", ["another version", "no common suite", "an alert"])
def test_a_handshake_that_fails_ends_at_once(secured, kind):
    """Whether or not the client ends the connection then."""
    host = secured()
    hello = {"another version": bytearray(client_hello("a.test", TLS12)),
             "no common suite": client_hello("a.test", TLS12, "AES128-SHA"),
             "an alert": client_hello("a.test")}[kind]
    if kind == "another version":
        hello[9:11] = b"\x03\x01"
    with Connection(host.port) as client:
        client.socket.sendall(hello)
        if kind == "an alert":
            assert client.socket.recv(1) == b"\x16"
            client.socket.sendall(b"\x15\x03\x03\x00\x02\x02\x28")
        else:
            assert read_alert(client.socket)[0] == FATAL
        assert client.is_ended_within(2)
    assert host.host.metric("sluice_tls_handshakes_total", result="failed") == 1


def test_a_hello_in_single_bytes_is_read_whole(secured):
    host = secured()
    with Connection(host.port) as client:
        for byte in client_hello("a.test"):
            client.socket.sendall(bytes([byte]))
        assert client.socket.recv(1) == b"\x16"


def test_plain_http_on_the_tls_port_is_told_so(secured):
    host = secured()
    text = talk(host.port, b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n")
    head, body = text.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"Content-Type: text/plain" in head
    assert b"Connection: close" in head and b"this port speaks TLS" in body
    code, text = curl(host.port, "/", scheme="http")
    assert code == 0 and "use https" in text
    assert host.host.metric("sluice_local_replies_total", reason="plain_request") == 2


def test_tls_on_a_plain_port_is_answered_400(world, scripted):
    host = world(scripted(keep_alive()))
    assert talk(host.port, client_hello("a.test")).startswith(b"HTTP/1.1 400 ")
    code, text = curl(host.port, "/")
    assert code == 35, text


def test_a_name_that_no_listener_has_is_told_so(secured):
    host = secured()
    host.world.publish(host.pools, listener={**host.tls, "hostname": "a.test"})
    assert refusal(host.port, name="b.test") == "TLSV1_UNRECOGNIZED_NAME"
    assert refusal(host.port, name=None) == "TLSV1_UNRECOGNIZED_NAME"
    with Connection(host.port) as client:
        client.socket.sendall(client_hello("b.test"))
        assert read_alert(client.socket) == (FATAL, UNRECOGNIZED_NAME)
        assert client.is_closed()
    assert secure_request(host.port).status == 200


@pytest.mark.parametrize("version", [TLS12, TLS13])
def test_a_forged_record_ends_its_connection_alone(secured, version):
    host = secured()
    context = client_context(version=version)
    with SecureConnection(host.port, context) as bad, SecureConnection(host.port) as good:
        assert bad.request().status == 200
        with socket.socket(fileno=os.dup(bad.socket.fileno())) as raw:
            raw.sendall(GARBAGE)
        with pytest.raises(ssl.SSLError, match="(?i)bad.record.mac"):
            bad.receive()
        assert good.request().status == 200
        assert good.request().status == 200


def test_handshakes_that_stop_half_way_slow_nobody(secured):
    raise_descriptor_limit()
    # One descriptor a connection: the clients need most of what the process may open.
    host = secured(limits={
        "handshakeTimeout": "60s", "upstreamConnectionsPerWorkerMax": 1_000})
    hello = client_hello("a.test")
    half_open = []
    with contextlib.ExitStack() as stack, SecureConnection(host.port) as client:
        assert client.request().status == 200
        times = []
        adding = threading.Thread(target=add, args=(half_open, host.port, hello, stack))
        adding.start()
        while adding.is_alive() or len(times) < PROBES:
            begun = time.monotonic()
            assert client.request().status == 200
            times.append((time.monotonic() - begun) * 1000)
        adding.join()
        assert len(half_open) == HALF_OPEN
        eventually(
            lambda: host.host.metric("sluice_connections_active") == HALF_OPEN + 1, "all are open")
        assert secure_request(host.port).status == 200
    assert percentile(times, 0.99) <= P99_MILLISECONDS, summary(times)
    eventually(lambda: host.host.metric("sluice_connections_active") == 0, "all are closed")


def add(half_open, port, hello, stack):
    """Connections that have sent nothing, part of a ClientHello, or all of it."""
    for number in range(HALF_OPEN):
        one = stack.enter_context(Connection(port))
        one.socket.sendall([b"", hello[:50], hello][number % 3])
        half_open.append(one)

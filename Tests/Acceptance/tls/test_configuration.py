"""TLS of the host's own configuration: files, their replacement, the self-signed certificate."""

import os
import re
import ssl
import threading

import pytest

from harness.host import ECHO, FILE_SOURCE, command
from harness.manifests import gateway, route, to_plugin, write
from harness.pem import Pair, Secure, openssl, response, serial, trusting
from harness.waiting import eventually, free_port
from harness.wire import request

# The host looks once a second; what is above is for a machine that is busy.
NOTICED_SECONDS = 3.0
FILES = "certificate: web.pem, key: web.key"


@pytest.fixture
def pairs(tmp_path):
    """Makes pairs by serial number."""
    return lambda number, **rest: Pair(tmp_path, number, **rest)


@pytest.fixture
def secure(hosts):
    """Makes a host with one HTTPS listener, `web`, which answers by `echo`; not started yet."""

    def make(tls=FILES, more=(), **rest):
        port = free_port()
        host = hosts(plugins=(ECHO,), listeners=(listener("web", port, tls), *more), **rest)
        host.port = port
        return host

    return make


def listener(name, port, tls=None):
    ending = f", tls: {{{tls}}}" if tls else ""
    return f'{{name: {name}, address: "127.0.0.1:{port}", services: [echo]{ending}}}'


class Traffic:
    """One new connection after the other until the end; failures are kept."""

    def __init__(self, port, context):
        self.serials, self.failures = [], []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(port, context))

    def _run(self, port, context):
        while not self._end.is_set():
            try:
                self.serials.append(serial(port, context))
            except (OSError, EOFError, AssertionError) as problem:
                self.failures.append(repr(problem))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()


def test_a_listener_with_files_speaks_https(secure, pairs):
    host, pair = secure(f"{FILES}, minVersion: 1.3"), pairs(1)
    pair.write(host.folder)
    host.start().wait_ready()
    context = trusting(pair.chain)
    with Secure(host.port, context) as one:
        assert one.socket.version() == "TLSv1.3"
        one.send(path="/a")
        assert one.receive().json["path"] == "/a"
    with pytest.raises(ssl.SSLCertVerificationError):
        serial(host.port, trusting(pairs(2).chain))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        serial(host.port, context)


def link(folder, pair, version):
    """As kubelet mounts a Secret: the files are links through a link, which is swapped."""
    pair.write(folder / version)
    os.symlink(version, folder / "..new")
    os.replace(folder / "..new", folder / "..data")
    for name in ("web.pem", "web.key"):
        if not (folder / name).exists():
            os.symlink(f"..data/{name}", folder / name)


def overwrite(folder, pair, _):
    (folder / "web.pem").write_text(pair.chain)
    (folder / "web.key").write_text(pair.key)


@pytest.mark.parametrize("place", [
    lambda folder, pair, version: pair.write(folder), link, overwrite,
], ids=["renamed", "linked", "written"])
def test_a_replaced_pair_is_in_force_and_no_connection_fails(secure, pairs, place):
    host, old, new = secure(), pairs(1), pairs(2)
    place(host.folder, old, "one")
    host.start().wait_ready()
    context = trusting(old.chain, new.chain)
    with Secure(host.port, context) as kept, Traffic(host.port, context) as traffic:
        assert kept.get() == 200
        eventually(lambda: traffic.serials, "traffic")
        place(host.folder, new, "two")
        eventually(lambda: traffic.serials[-1] == new.serial, "the new one", NOTICED_SECONDS)
        assert kept.get() == 200
    assert traffic.failures == []
    assert set(traffic.serials) == {old.serial, new.serial}
    assert "a replaced file is in force" in host.log


def test_what_cannot_be_used_does_not_replace_what_is_good(secure, pairs):
    host, old, new = secure(), pairs(1), pairs(2)
    old.write(host.folder)
    host.start().wait_ready()
    context = trusting(old.chain, new.chain)
    (host.folder / "web.key").write_text(new.key)
    said = "what was read before stays in force"
    eventually(lambda: said in host.log, "a line in the log")
    line = next(line for line in host.log.splitlines() if said in line)
    assert f"file={host.folder / 'web.key'}" in line and 'listener \\"web\\"' in line
    assert "the private key is not that of the certificate" in line
    assert serial(host.port, context) == old.serial
    readiness = host.admin_json("/readyz")
    assert readiness["ready"] and str(host.folder / "web.key") in readiness["warnings"][0]
    new.write(host.folder)
    eventually(lambda: serial(host.port, context) == new.serial, "the new pair")
    assert host.log.count(said) == 1
    assert host.admin_json("/readyz")["warnings"] == []


@pytest.mark.parametrize("label", ["X509 CERTIFICATE", "TRUSTED CERTIFICATE"])
def test_a_label_that_documents_do_not_know_changes_nothing(secure, pairs, label):
    clients = "clientCertificates: {authorities: ca.pem, mode: AllowInsecureFallback}"
    host, pair = secure(f"{FILES}, {clients}"), pairs(1)
    pair.write(host.folder)
    (host.folder / "ca.pem").write_text(pair.chain)
    host.start().wait_ready()
    context = trusting(pair.chain)
    with Secure(host.port, context) as kept:
        for name in ("web.pem", "ca.pem"):
            file = host.folder / name
            file.write_text(pair.chain.replace(" CERTIFICATE", f" {label}"))
            said = f"stays in force file={file}"
            eventually(lambda: said in host.log, f"a line in the log about {name}")
            assert str(file) in "".join(host.admin_json("/readyz")["warnings"])
            assert serial(host.port, context) == pair.serial
        assert kept.get() == 200


STAPLED = "certificates: [{certificate: web.pem, key: web.key, ocsp: web.ocsp}]"


def staple(host):
    """What a client hears of the certificate's status."""
    shown = openssl("s_client", "-connect", f"127.0.0.1:{host.port}", "-status")
    return "good" if "Cert Status: good" in shown else "none"


@pytest.mark.parametrize("other", ["empty", "garbage", "missing", "late"])
def test_a_response_that_cannot_be_used_does_not_replace_a_good_one(
        secure, pairs, tmp_path, other):
    host, pair = secure(STAPLED), pairs(1)
    file = host.folder / "web.ocsp"
    pair.write(host.folder)
    good = response(tmp_path, pair)
    file.write_bytes(good)
    host.start().wait_ready()
    assert staple(host) == "good"
    if other == "missing":
        file.unlink()
    else:
        file.write_bytes({"empty": b"", "garbage": b"garbage", "late": b"0\x03\n\x01\x03"}[other])
    eventually(lambda: f"stays in force file={file}" in host.log, "a line in the log")
    assert str(file) in host.admin_json("/readyz")["warnings"][0]
    assert (staple(host), serial(host.port, trusting(pair.chain))) == ("good", pair.serial)
    file.write_bytes(good)
    eventually(lambda: host.admin_json("/readyz")["warnings"] == [], "no warning")


def test_a_renewed_certificate_does_not_wait_for_its_response(secure, pairs, tmp_path):
    host, old, new = secure(STAPLED), pairs(1), pairs(2)
    file = host.folder / "web.ocsp"
    old.write(host.folder)
    file.write_bytes(response(tmp_path, old))
    host.start().wait_ready()
    new.write(host.folder)
    context = trusting(old.chain, new.chain)
    eventually(lambda: serial(host.port, context) == new.serial, "the new pair")
    assert staple(host) == "none"
    eventually(lambda: f"where={file}" in host.log, "a line in the log")
    assert host.admin_json("/readyz")["warnings"][0].startswith(f"{file}: certificate web/1: ")
    file.write_bytes(response(tmp_path, new))
    eventually(lambda: staple(host) == "good", "the new response")
    assert host.admin_json("/readyz")["warnings"] == []


@pytest.mark.parametrize("content", [None, b"", b"garbage"])
def test_a_host_starts_without_a_response_that_can_be_used(secure, pairs, content):
    host, pair = secure(STAPLED), pairs(1)
    file = host.folder / "web.ocsp"
    pair.write(host.folder)
    if content is not None:
        file.write_bytes(content)
    host.start().wait_ready()
    assert (staple(host), serial(host.port, trusting(pair.chain))) == ("none", pair.serial)
    assert host.admin_json("/readyz")["warnings"][0].startswith(f"{file}: certificate web/1: ")


def test_readyz_warns_of_a_listener_that_was_refused(secure, pairs):
    port = free_port()
    host, pair = secure(more=(listener("more", port, f"{FILES}, groups: [P-257]"),)), pairs(1)
    pair.write(host.folder)
    host.start().wait_ready()
    assert serial(host.port, trusting(pair.chain)) == pair.serial
    warnings = host.admin_json("/readyz")["warnings"]
    assert len(warnings) == 1 and "listener (host)/more: " in warnings[0]


def test_without_good_files_one_listener_is_left_out_until_they_are_good(secure, pairs):
    plain = free_port()
    host, pair = secure(more=(listener("plain", plain),)), pairs(1)
    host.start().wait_ready()
    assert request(plain).status == 200
    lines = [line for line in host.log.splitlines() if "left out" in line]
    assert len(lines) == 1 and f"file={host.folder / 'web.pem'}" in lines[0]
    assert "ENOENT" in lines[0]
    pair.write(host.folder)
    eventually(lambda: serial(host.port, trusting(pair.chain)) == pair.serial, "the listener")
    assert request(plain).status == 200


def test_a_reload_reads_files_that_seem_the_same(secure, pairs):
    host, old, new = secure(), pairs(1), pairs(2)
    files = [host.folder / "web.pem", host.folder / "web.key"]

    def fill(pair):
        for file, text in zip(files, pair.padded()):
            file.write_text(text)
            os.utime(file, (1, 1))

    fill(old)
    host.start().wait_ready()
    context = trusting(old.chain, new.chain)
    assert serial(host.port, context) == old.serial
    fill(new)
    status = request(host.admin_port, "POST", "/reload", host=f"127.0.0.1:{host.admin_port}").status
    assert status == 200
    eventually(lambda: serial(host.port, context) == new.serial, "the new one", NOTICED_SECONDS)


def test_clients_are_checked_against_a_file_of_authorities(secure, pairs):
    clients = "clientCertificates: {authorities: ca.pem, forward: true}"
    host, pair, client, stranger = secure(f"{FILES}, {clients}"), pairs(1), pairs(2), pairs(3)
    pair.write(host.folder)
    (host.folder / "ca.pem").write_text(client.chain)
    host.start().wait_ready()

    def presenting(one):
        one.write(host.folder / "client", one.serial)
        context = trusting(pair.chain)
        name = host.folder / "client" / one.serial
        context.load_cert_chain(f"{name}.pem", f"{name}.key")
        return context

    assert serial(host.port, presenting(client)) == pair.serial
    for context in (trusting(pair.chain), presenting(stranger)):
        with pytest.raises((OSError, EOFError)):
            serial(host.port, context)
    (host.folder / "ca.pem").write_text(stranger.chain)
    eventually(lambda: serial(host.port, presenting(stranger)), "the new authority")


def fingerprints(host):
    return re.findall(r"self-signed certificate.* sha256=(\S+)", host.log)


def test_the_self_signed_certificate_is_made_once_and_used_again(secure):
    host = secure("selfSigned: true")
    host.start().wait_ready()
    folder = host.folder / "state" / "tls"
    context = trusting(folder / "self-signed.pem")
    first = serial(host.port, context)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "self-signed.key").stat().st_mode & 0o777 == 0o600
    host.stop()
    host.start().wait_ready()
    assert serial(host.port, context) == first
    shown = openssl("x509", "-in", folder / "self-signed.pem", "-noout", "-fingerprint", "-sha256")
    assert fingerprints(host) == [shown.strip().split("=")[1]] * 2
    assert "has made a self-signed" in host.log and "uses a self-signed" in host.log


@pytest.mark.parametrize("days, isKept", [(29, False), (31, True)])
def test_the_self_signed_certificate_is_renewed_in_time(secure, pairs, days, isKept):
    host, old = secure("selfSigned: true"), pairs(1, days=days)
    folder = host.folder / "state" / "tls"
    old.write(folder, "self-signed")
    host.start().wait_ready()
    context = trusting(folder / "self-signed.pem")
    assert (serial(host.port, context) == old.serial) == isKept


def test_a_gateway_serves_with_the_certificate_that_the_host_makes(site):
    options = "options: {sluice.dev/certificate: self-signed}"
    line = "{{name: https, port: {}, protocol: HTTPS, tls: {{mode: Terminate, {}}}}}"
    host = site(lambda port: {
        "gateway.yaml": gateway(port, listeners=[line.format(port, options)]),
        "route.yaml": route("echo", [to_plugin("echo")]),
    }, extra="tls: {selfSigned: true}\n")
    assert serial(host.port, trusting(host.folder / "state" / "tls" / "self-signed.pem"))


def resumes(port, session, chain, isFirst=False):
    """Whether a session of the file resumes; the first connection writes the file."""
    flag = "-sess_out" if isFirst else "-sess_in"
    shown = openssl("s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
                    "-CAfile", chain, flag, session, "-ign_eof",
                    given="GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert "200 OK" in shown
    return "\nReused, TLSv1.3" in shown


@pytest.mark.parametrize("isShared", [True, False])
def test_hosts_with_one_file_of_ticket_keys_resume_each_others_sessions(
        secure, pairs, tmp_path, isShared):
    pair, keys, session = pairs(1), tmp_path / "tickets", tmp_path / "session"
    keys.write_text(openssl("rand", "-base64", "80").replace("\n", "") + "\n")
    extra = f"tls: {{ticketKeys: {keys}}}\n" if isShared else ""
    one, other = secure(extra=extra), secure(extra=extra)
    for host in (one, other):
        pair.write(host.folder)
        host.start().wait_ready()
    chain = one.folder / "web.pem"
    assert not resumes(one.port, session, chain, isFirst=True)
    assert resumes(one.port, session, chain)
    assert resumes(other.port, session, chain) == isShared
    if isShared:
        keys.write_text(openssl("rand", "-base64", "80").replace("\n", "") + "\n")
        eventually(lambda: not resumes(other.port, session, chain), "the other keys")


@pytest.fixture
def checked(tmp_path):
    """Runs `sluice check` with files of the test's own; answers the status and what was said."""

    def run(tls, chain=None, key=None, extra="", mode=0o600):
        for name, text in (("web.pem", chain), ("web.key", key)):
            if text is not None:
                (tmp_path / name).write_text(text)
                (tmp_path / name).chmod(mode)
        config = tmp_path / "sluice.yaml"
        config.write_text(
            "apiVersion: sluice.dev/v1\nkind: HostConfig\nstateDir: state\n"
            f"plugins:\n- {ECHO}\n- {FILE_SOURCE}\n"
            f"listeners:\n- {listener('web', 4, tls)}\n{extra}")
        write(tmp_path / "routes", "empty.yaml", "")
        done = command("check", "--config", config)
        return done.returncode, done.stdout

    return run


def test_check_passes_what_is_right_and_writes_nothing(checked, pairs, tmp_path):
    pair = pairs(1)
    assert checked(FILES, pair.chain, pair.key) == (0, f"{tmp_path / 'sluice.yaml'}: no problems\n")
    assert checked("selfSigned: true")[0] == 0
    assert not (tmp_path / "state").exists()


def test_check_names_each_file_that_cannot_be_used(checked, pairs, tmp_path):
    one, other, old = pairs(1), pairs(2), pairs(3, days=-1)
    web = 'listener "web": '
    for chain, key, name, said in [
        (None, None, "web.pem", f"{web}the file cannot be read: ENOENT"),
        (one.chain, other.key, "web.key", f"{web}the private key is not that of the certificate"),
        (one.chain[:200], one.key, "web.pem", web),
        (one.chain, "", "web.key", f"{web}there is no private key"),
        (old.chain, old.key, "web.pem", "certificate web/1 /chain: expired at"),
    ]:
        status, text = checked(FILES, chain, key)
        assert status == 1
        assert text.startswith(f"{tmp_path / name}: {said}") and text.count("\n") == 1, text


def test_check_names_what_has_expired_and_is_not_the_leaf(checked, pairs, tmp_path):
    pair, old = pairs(1), pairs(2, days=-1)
    (tmp_path / "ca.pem").write_text(old.chain)
    (tmp_path / "web.ocsp").write_bytes(b"")
    clients = "clientCertificates: {authorities: ca.pem}"
    status, text = checked(f"{STAPLED}, {clients}", pair.chain + old.chain, pair.key)
    assert status == 1
    assert text.splitlines() == [
        line for line in text.splitlines() if line.startswith(str(tmp_path))]
    for name, said in [
        ("web.pem", 'certificate web/1 /chain: its intermediate "CN=test 2" expired at'),
        ("web.ocsp", "certificate web/1 /ocsp: there is no OCSP response"),
        ("ca.pem", "trust web /certificates: all authorities have expired"),
    ]:
        assert f"{tmp_path / name}: {said}" in text


def test_check_reads_ticket_keys_and_authorities_too(checked, pairs, tmp_path):
    pair = pairs(1)
    (tmp_path / "keys").write_text("short\n")
    (tmp_path / "keys").chmod(0o600)
    clients = "clientCertificates: {authorities: ca.pem}"
    status, text = checked(
        f"{FILES}, {clients}", pair.chain, pair.key, extra="tls: {ticketKeys: keys}\n")
    assert status == 1
    assert f"{tmp_path / 'ca.pem'}: listener \"web\": the file cannot be read" in text
    assert f"{tmp_path / 'keys'}: tls.ticketKeys: line 1 " in text


def test_check_warns_of_a_key_that_everybody_may_read(checked, pairs, tmp_path):
    pair = pairs(1)
    status, text = checked(FILES, pair.chain, pair.key, mode=0o644)
    assert status == 0
    assert text.startswith(f"{tmp_path / 'web.key'}: warning: every user may read this secret")

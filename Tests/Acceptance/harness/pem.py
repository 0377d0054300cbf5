"""Certificates that openssl makes, in files, and clients that trust them."""

import os
import pathlib
import ssl
import subprocess

from .wire import Connection


class Pair:
    """A self-signed certificate and its key as texts, told from others by its serial number."""

    def __init__(self, folder, serial, days=90):
        key, request = folder / f"{serial}.key", folder / f"{serial}.csr"
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", key, "-out", request, "-subj", f"/CN=test {serial}")
        names = folder / f"{serial}.ext"
        names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        self.serial = f"{serial:02X}"
        self.chain = openssl("x509", "-req", "-in", request, "-signkey", key, "-days", days,
                             "-set_serial", serial, "-extfile", names)
        self.key = key.read_text()

    def padded(self, size=2000):
        """The same with comments: two pairs of one size."""
        texts = (self.chain + "#", self.key + "#")
        return tuple(text.ljust(size - 1, "#") + "\n" for text in texts)

    def write(self, folder, name="web"):
        """Puts both files in place, each by renaming; there is a moment between the two."""
        folder.mkdir(parents=True, exist_ok=True)
        for text, ending in ((self.chain, "pem"), (self.key, "key")):
            beside = folder / f".{name}.{ending}"
            beside.touch(0o600)
            beside.write_text(text)
            os.replace(beside, folder / f"{name}.{ending}")


def response(folder, pair, days=5):
    """An OCSP response about a pair, signed by itself, that it is good; in DER."""
    pair.write(folder, "subject")
    chain, key, index = folder / "subject.pem", folder / "subject.key", folder / "index.txt"
    index.write_text(f"V\t301231000000Z\t\t{pair.serial}\tunknown\t/CN=test\n")
    request, made = folder / "subject.req", folder / "subject.ocsp"
    openssl("ocsp", "-issuer", chain, "-cert", chain, "-reqout", request)
    openssl("ocsp", "-index", index, "-CA", chain, "-rsigner", chain, "-rkey", key,
            "-reqin", request, "-respout", made, "-ndays", days)
    return made.read_bytes()


def openssl(*arguments, given=""):
    """Runs openssl and answers what it prints."""
    done = subprocess.run(["openssl", *map(str, arguments)], input=given, capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode == 0, f"openssl {arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def trusting(*chains):
    """A client's context that trusts these PEM texts or files and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for chain in chains:
        text = chain.read_text() if isinstance(chain, pathlib.Path) else chain
        context.load_verify_locations(cadata=text)
    return context


class Secure(Connection):
    """A client connection under TLS, to localhost by name."""

    def __init__(self, port, context, **rest):
        super().__init__(port, **rest)
        try:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        except BaseException:
            self.socket.close()
            raise

    @property
    def serial(self):
        """The serial number of the certificate that the host presented."""
        return self.socket.getpeercert()["serialNumber"]

    def get(self):
        """The status of one more request."""
        self.send()
        return self.receive().status


def serial(port, context):
    """The serial number that a new connection is presented, after one request."""
    with Secure(port, context) as one:
        assert one.get() == 200
        return one.serial

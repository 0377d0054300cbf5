"""TLS from both ends: clients and origins of Python's ssl module, and the documents for them."""

import contextlib
import ssl
import subprocess

from cryptography import x509

from .scripted import Scripted
from .wire import READ_BYTES, Connection

COMMAND_SECONDS = 20.0
TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def client_context(authority=None, pair=None, version=None, ciphers=None):
    """What a client checks and presents; without an authority it accepts every certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    if authority is None:
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_verify_locations(authority.file)
    if pair is not None:
        context.load_cert_chain(pair.certificate_file, pair.key_file)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if ciphers is not None:
        context.set_ciphers(ciphers)
    return context


class SecureConnection(Connection):
    """A client connection under TLS; an end without close_notify is an ssl.SSLEOFError."""

    def __init__(self, port, context=None, name="a.test", session=None, **rest):
        super().__init__(port, **rest)
        self.socket = (context or client_context()).wrap_socket(
            self.socket, server_hostname=name, suppress_ragged_eofs=False, session=session)

    @property
    def serial(self):
        """The serial number of the certificate that the host presented."""
        return x509.load_der_x509_certificate(self.socket.getpeercert(True)).serial_number

    def end_of_stream(self):
        """How the other side ends: `close_notify`, `torn` or `reset`; `data` when it does not."""
        try:
            return "data" if self.socket.recv(1) else "close_notify"
        except ssl.SSLZeroReturnError:
            # The same, when the close_notify of this side has been sent.
            return "close_notify"
        except ssl.SSLEOFError:
            return "torn"
        except ConnectionError:
            return "reset"

    def is_closed(self):
        return self.end_of_stream() != "data"

    def send_end(self):
        """Sends a close_notify; what comes is still read."""
        outgoing = self.socket
        outgoing.setblocking(False)
        # It waits for the other side's, or meets its reset: both come when this side reads.
        with contextlib.suppress(ssl.SSLError, ConnectionError):
            outgoing._sslobj.shutdown()
        outgoing.settimeout(10)


def secure_request(port, context=None, name="a.test", method="GET", path="/", host=None, **rest):
    """One request on a TLS connection of its own; its Host is the server name unless given."""
    with SecureConnection(port, context, name) as connection:
        return connection.request(method, path, host or name or "a.test", **rest)


def refusal(port, context=None, name="a.test"):
    """What a client reads when it is refused in the handshake or at its first request."""
    try:
        with SecureConnection(port, context, name) as connection:
            connection.request()
    except ssl.SSLError as problem:
        return problem.reason or str(problem)
    except (EOFError, ConnectionError) as problem:
        return type(problem).__name__
    return None


class SecureOrigin(Scripted):
    """An origin under TLS; `connections` counts what was accepted, `names` the server names.

    `peers` holds the certificates that the host presented, `versions` what was negotiated.
    """

    def __init__(self, serve, pair, clients=None, version=None):
        self.answer = serve
        self.names, self.peers, self.versions, self.failures = [], [], [], []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pair.certificate_file, pair.key_file)
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        if clients is not None:
            self.context.load_verify_locations(clients.file)
            self.context.verify_mode = ssl.CERT_REQUIRED
        if version is not None:
            self.context.maximum_version = version
        super().__init__(self._secured)

    def _secured(self, peer):
        try:
            peer.socket = self.context.wrap_socket(peer.socket, server_side=True)
        except OSError as problem:
            self.failures.append(str(problem))
            raise
        self.versions.append(peer.socket.version())
        self.peers.append(peer.socket.getpeercert())
        self.answer(peer)


def certificate(name, pair):
    """A certificate document."""
    return "certificate", name, {"chain": pair.certificate, "key": pair.key}


def trust(name, *authorities):
    """A trust document."""
    return "trust", name, {"certificates": [one.certificate for one in authorities]}


def https(*certificates, **tls):
    """What makes a listener document one under TLS."""
    return {"protocol": "HTTPS", "tls": {"certificates": list(certificates), **tls}}


def s_client(port, *arguments, data=b""):
    """Runs `openssl s_client` to its end; both its outputs as one text."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *map(str, arguments)],
        input=data, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS,
        check=False)
    return done.stdout.decode(errors="replace")


def curl(port, path="/", *arguments, name="a.test", scheme="https"):
    """Runs curl against a name that is at 127.0.0.1; answers its exit code and output."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "15",
         "--connect-to", f"{name}:{port}:127.0.0.1:{port}", *map(str, arguments),
         f"{scheme}://{name}:{port}{path}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def read_alert(sock):
    """Reads records until an alert; its level and description, None at the end of the stream."""
    data = b""
    while True:
        while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
            length = int.from_bytes(data[3:5], "big")
            if data[0] == 21:
                return data[5], data[6]
            data = data[5 + length:]
        more = sock.recv(READ_BYTES)
        if not more:
            return None
        data += more


def client_hello(name, version=None, ciphers=None):
    """The bytes of a ClientHello."""
    outgoing = ssl.MemoryBIO()
    session = client_context(version=version, ciphers=ciphers).wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname=name)
    with contextlib.suppress(ssl.SSLWantReadError):
        session.do_handshake()
    return outgoing.read()

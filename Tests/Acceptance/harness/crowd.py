"""Many clients at once: idle ones, and ones that each hold what they can of a host."""

import contextlib
import resource
import selectors
import socket
import statistics
import threading
import time

from .scripted import HELLO, parse_fields
from .secure import SecureConnection
from .wire import Connection

GET = b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
BIG_BYTES = 8_000_000
BIG = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % BIG_BYTES + b"w" * BIG_BYTES
UPLOAD = b"POST %s HTTP/1.1\r\nHost: a.test\r\nContent-Length: 1000000000\r\n\r\n"
TRICKLE_SECONDS = 0.1
# What ten thousand idle connections may add to a host.
IDLE_GROWTH_KILOBYTES = 5 << 10
# What each idle connection under TLS may add.
SECURED_IDLE_KILOBYTES = 20


def raise_descriptor_limit():
    """As many descriptors as the system lets this process have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def idle_connections(port, count, batch=500):
    """Connections that have each had one answer."""
    made = []
    while len(made) < count:
        group = [Connection(port) for _ in range(min(batch, count - len(made)))]
        for one in group:
            one.socket.sendall(GET)
        for one in group:
            assert one.receive().status == 200
        made += group
    return made


def secured_idle_connections(port, count, context):
    """Connections under TLS that have each had one answer, as plain sockets.

    The clients drop their TLS state, so that they cost little; the host cannot see that.
    """
    made = []
    for _ in range(count):
        client = SecureConnection(port, context)
        assert client.request().status == 200
        made.append(socket.socket(fileno=client.socket.detach()))
    return made


class HalfOpen:
    """Clients that send part of a ClientHello and stay."""

    def __init__(self, port, count, hello):
        self.clients = []
        for number in range(count):
            one = Connection(port)
            one.socket.sendall(hello[:1 + number % (len(hello) - 1)])
            self.clients.append(one)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.clients:
            one.socket.close()

    def count_ended(self):
        """How many the host has closed."""
        ended = 0
        for one in self.clients:
            one.socket.setblocking(False)
            try:
                ended += one.socket.recv(1) == b""
            except BlockingIOError:
                pass
            except ConnectionError:
                ended += 1
        return ended


class SelectOrigin:
    """An origin in one thread for any number of connections; it answers HELLO to every head."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.over = False
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.thread.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()

    def _run(self):
        while not self.over:
            for key, _ in self.selector.select(0.1):
                if key.fileobj is self.listener:
                    peer, _ = self.listener.accept()
                    self.selector.register(peer, selectors.EVENT_READ)
                else:
                    self._serve(key.fileobj)

    def _serve(self, peer):
        data = b""
        with contextlib.suppress(OSError):
            data = peer.recv(65536)
            peer.sendall(HELLO * data.count(b"\r\n\r\n"))
        if not data:
            self.selector.unregister(peer)
            peer.close()


def hostile(peer):
    """What the origin of the hostile crowd does: floods, never reads a body, or answers."""
    while (head := peer.read_head()) is not None:
        path = head.split(b" ")[1]
        if path == b"/big":
            peer.send(BIG)
        elif path == b"/stopped":
            peer.origin.gate.wait()
            return
        elif "content-length" in parse_fields(head):
            peer.wait_for_end()
            return
        else:
            peer.send(HELLO)


class HostileCrowd:
    """Clients of which a third does not read, a third trickles a body, and a third sends all it
    can to origins that have stopped reading."""

    def __init__(self, port, count):
        self.clients = []
        self.over = threading.Event()
        third = count // 3
        self.readers = [self._connect(port, b"GET /big HTTP/1.1\r\nHost: a.test\r\n\r\n", 4096)
                        for _ in range(third)]
        self.tricklers = [self._connect(port, UPLOAD % b"/trickle") for _ in range(third)]
        self.senders = [
            self._connect(port, UPLOAD % b"/stopped") for _ in range(count - 2 * third)]
        self.thread = threading.Thread(target=self._press)

    def _connect(self, port, data, receive_buffer=None):
        one = Connection(port, receive_buffer=receive_buffer)
        one.socket.sendall(data)
        one.socket.setblocking(False)
        self.clients.append(one)
        return one

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for one in self.clients:
            one.socket.close()

    def _press(self):
        piece = b"s" * 65536
        while not self.over.wait(TRICKLE_SECONDS):
            for one in self.tricklers:
                with contextlib.suppress(OSError):
                    one.socket.send(b"t")
            for one in self.senders:
                with contextlib.suppress(OSError):
                    one.socket.send(piece)


def probe(port, count):
    """Milliseconds of each of `count` requests on connections of their own."""
    times = []
    for _ in range(count):
        begun = time.monotonic()
        with Connection(port, timeout=10) as client:
            assert client.request().status == 200
        times.append((time.monotonic() - begun) * 1000)
    return times


def probe_open(clients, count, seconds=0):
    """Milliseconds of each request on open connections, which take turns.

    There are `count` of them or more, as many as `seconds` have.
    """
    times = []
    end = time.monotonic() + seconds
    while len(times) < count or time.monotonic() < end:
        begun = time.monotonic()
        assert clients[len(times) % len(clients)].request().status == 200
        times.append((time.monotonic() - begun) * 1000)
    return times


def percentile(values, share):
    """The nearest-rank percentile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def summary(values):
    return (f"median {statistics.median(values):.2f} ms, p99 {percentile(values, 0.99):.2f} ms, "
            f"longest {max(values):.2f} ms")

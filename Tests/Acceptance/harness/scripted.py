"""An origin whose every connection is served by a function of the test, byte by byte."""

import contextlib
import socket
import struct
import threading

READ_BYTES = 65536
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Peer:
    """The origin's end of one connection from the host."""

    def __init__(self, connection, number, origin):
        self.socket = connection
        self.number = number
        self.origin = origin
        self.buffer = b""

    def read_head(self):
        """The next request's head without its empty line; None at the end of the stream."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.socket.recv(READ_BYTES)
            if not data:
                return None
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.origin.record(head)
        return head

    def read_request(self):
        """The next whole request: head and body; (None, b"") at the end of the stream."""
        head = self.read_head()
        if head is None:
            return None, b""
        fields = parse_fields(head)
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return head, self._read_chunks()
        return head, self.read(int(fields.get("content-length", "0")))

    def read(self, count):
        while len(self.buffer) < count:
            self._fill()
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def read_line(self):
        while b"\r\n" not in self.buffer:
            self._fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def _read_chunks(self):
        body = b""
        while size := int(self.read_line().split(b";")[0], 16):
            body += self.read(size)
            self.read_line()
        while line := self.read_line():
            self.origin.trailers.append(line)
        return body

    def _fill(self):
        data = self.socket.recv(READ_BYTES)
        if not data:
            raise EOFError("the host ended the connection inside a request")
        self.buffer += data

    def send(self, data):
        self.socket.sendall(data)

    def wait_for_end(self):
        """Reads and drops until the host ends the connection."""
        with contextlib.suppress(OSError):
            while self.socket.recv(READ_BYTES):
                pass
        self.origin.ended.release()

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Scripted:
    """An origin on a free port of 127.0.0.1; `serve` gets a Peer for each connection.

    `heads` and `trailers` hold what came, `gate` is for the test to open, `asked` counts heads.
    """

    def __init__(self, serve, receive_buffer=None, port=0):
        self.serve = serve
        self.heads = []
        self.trailers = []
        self.connections = 0
        self.open_connections = 0
        self.gate = threading.Event()
        self.asked = threading.Semaphore(0)
        self.ended = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._peers = []
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if receive_buffer:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.listener.bind(("127.0.0.1", port))
        self.listener.listen(1024)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the listener and every connection."""
        self.gate.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self._lock:
            for peer in self._peers:
                with contextlib.suppress(OSError):
                    peer.socket.shutdown(socket.SHUT_RDWR)

    def send_to_all(self, data):
        """Sends on every connection, whatever its function does."""
        with self._lock:
            for peer in self._peers:
                peer.send(data)

    def end_all(self):
        """Ends the origin's half of every connection, and the functions that read on it."""
        with self._lock:
            for peer in self._peers:
                peer.socket.shutdown(socket.SHUT_RDWR)

    def record(self, head):
        self.heads.append(head)
        self.asked.release()

    def wait_until_asked(self, count=1, seconds=10.0):
        for _ in range(count):
            assert self.asked.acquire(timeout=seconds), "no request reached the origin"

    def wait_until_ended(self, count=1, seconds=10.0):
        """Returns when `count` peers in wait_for_end() have seen their end."""
        for _ in range(count):
            assert self.ended.acquire(timeout=seconds), "the host keeps a connection to the origin"

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                peer = Peer(connection, self.connections, self)
                self.connections += 1
                self.open_connections += 1
                self._peers.append(peer)
            threading.Thread(target=self._run, args=(peer,), daemon=True).start()

    def _run(self, peer):
        # The host may end a connection at any moment; many tests are about that.
        with contextlib.suppress(OSError, EOFError):
            self.serve(peer)
        with self._lock:
            peer.socket.close()
            self.open_connections -= 1
            self._peers.remove(peer)


def parse_fields(head):
    """The fields of a head by lower-case name; of several equal names the last."""
    fields = {}
    for line in head.decode("latin1").split("\r\n")[1:]:
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    return fields


def all_fields(head, name):
    """Every value of a field, in order."""
    lines = [line.partition(":") for line in head.decode("latin1").split("\r\n")[1:]]
    return [value.strip() for found, _, value in lines if found.strip().lower() == name]


def keep_alive(answer=HELLO):
    """Answers every request of a connection with the same bytes."""
    def serve(peer):
        while peer.read_request()[0] is not None:
            peer.send(answer)
    return serve


def once(answer):
    """Answers the first request of a connection and then only reads."""
    def serve(peer):
        peer.read_request()
        peer.send(answer)
        peer.wait_for_end()
    return serve


def silent(peer):
    """Reads and never answers."""
    peer.read_head()
    peer.wait_for_end()

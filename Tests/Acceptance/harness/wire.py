"""HTTP/1.1 on a plain socket: tests look at the bytes, and at which connection carries them."""

import json
import socket
import struct
import time

READ_BYTES = 65536


class Answer:
    """One response: status, headers with lower-case names, body."""

    def __init__(self, head, body=b""):
        first, *rest = head.decode("latin1").split("\r\n")
        self.head = head
        self.version, status, _, = (first.split(" ", 2) + [""])[:3]
        self.status = int(status)
        self.headers = {}
        for line in rest:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()
        self.body = body

    @property
    def text(self):
        return self.body.decode()

    @property
    def json(self):
        return json.loads(self.body)


class Connection:
    """A client connection that stays open until it is closed, by either side."""

    def __init__(self, port, timeout=10.0, receive_buffer=None, source=None):
        self.socket = socket.socket()
        if source:
            self.socket.bind((source, 0))
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(timeout)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, method="GET", path="/", host="a.test", body=b"", headers=()):
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers]
        if body or method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(body)}")
        self.socket.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def receive(self, is_head=False):
        """Reads one whole answer; EOFError when the connection ends before it."""
        answer = Answer(self.receive_head())
        if is_head or answer.status < 200 or answer.status in (204, 304):
            return answer
        if answer.headers.get("transfer-encoding", "").lower() == "chunked":
            answer.body = self._receive_chunks()
        elif "content-length" in answer.headers:
            answer.body = self.receive_bytes(int(answer.headers["content-length"]))
        elif answer.headers.get("connection", "").lower() == "close":
            answer.body = self.receive_rest()
        return answer

    def receive_line(self):
        """The next line, without its CRLF."""
        while b"\r\n" not in self.buffer:
            self._fill()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def receive_rest(self):
        """Everything until the other side ends the connection."""
        try:
            while True:
                self._fill()
        except EOFError:
            rest, self.buffer = self.buffer, b""
            return rest

    def _receive_chunks(self):
        body = b""
        while size := int(self.receive_line().split(b";")[0], 16):
            body += self.receive_bytes(size)
            assert self.receive_line() == b"", "a chunk that does not end in CRLF"
        while self.receive_line():
            pass
        return body

    def receive_head(self):
        while b"\r\n\r\n" not in self.buffer:
            self._fill()
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head

    def receive_bytes(self, count):
        while len(self.buffer) < count:
            self._fill()
        body, self.buffer = self.buffer[:count], self.buffer[count:]
        return body

    def request(self, method="GET", path="/", host="a.test", body=b"", headers=()):
        self.send(method, path, host, body, headers)
        return self.receive(is_head=method == "HEAD")

    def is_quiet(self, seconds):
        """Whether nothing comes, no end either, for this long."""
        before = self.socket.gettimeout()
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
            return False
        except TimeoutError:
            return True
        except ConnectionError:
            return False
        finally:
            self.socket.settimeout(before)

    def is_closed(self):
        """Whether the other side has ended the connection; waits for it or for data."""
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except ConnectionError:
            return True

    def is_ended_within(self, seconds):
        """Whether the other side ends the connection in this time; drops what comes before."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                if not self.socket.recv(READ_BYTES):
                    return True
            except TimeoutError:
                return False
            except ConnectionError:
                return True
        return False

    def reset(self):
        """Ends the connection with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def _fill(self):
        data = self.socket.recv(READ_BYTES)
        if not data:
            raise EOFError(f"connection ended after {self.buffer!r}")
        self.buffer += data


def request(port, method="GET", path="/", host="a.test", body=b"", headers=()):
    """One request on a connection of its own."""
    with Connection(port) as connection:
        return connection.request(method, path, host, body, headers)


def talk(port, data, half_close=False, timeout=10.0):
    """Sends bytes on a connection of its own; all bytes that come until the other side ends."""
    with Connection(port, timeout) as connection:
        connection.socket.sendall(data)
        if half_close:
            connection.socket.shutdown(socket.SHUT_WR)
        return connection.receive_rest()

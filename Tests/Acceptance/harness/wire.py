"""HTTP/1.1 on a plain socket: tests look at the bytes, and at which connection carries them."""

import json
import socket

READ_BYTES = 65536


class Answer:
    """One response: status, headers with lower-case names, body."""

    def __init__(self, head, body):
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

    def __init__(self, port, timeout=10.0):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
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
        head = self.receive_head()
        answer = Answer(head, b"")
        if not is_head and answer.status not in (204, 304):
            answer.body = self.receive_bytes(int(answer.headers.get("content-length", "0")))
        return answer

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

    def is_closed(self):
        """Whether the other side has ended the connection; waits for it or for data."""
        try:
            return self.socket.recv(1, socket.MSG_PEEK) == b""
        except ConnectionError:
            return True

    def _fill(self):
        data = self.socket.recv(READ_BYTES)
        if not data:
            raise EOFError(f"connection ended after {self.buffer!r}")
        self.buffer += data


def request(port, method="GET", path="/", host="a.test", body=b"", headers=()):
    """One request on a connection of its own."""
    with Connection(port) as connection:
        return connection.request(method, path, host, body, headers)

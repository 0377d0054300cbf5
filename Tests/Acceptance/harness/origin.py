"""An HTTP/1.1 origin in a thread: it remembers what it saw and answers by the path."""

import json
import socketserver
import threading


class Origin:
    """An origin on a free port of 127.0.0.1.

    `/slow` answers when `release` is set; `/held` sends a head and one byte and then nothing
    until `release`; `/closing` answers and then ends the connection unannounced; every other
    path answers 200 with a JSON account of the request.
    """

    def __init__(self, name="origin"):
        self.name = name
        self.requests = []
        self.connections = 0
        self.open_connections = 0
        self.release = threading.Event()
        self.waiting = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.origin = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self, connections):
        with self._lock:
            self.connections += max(connections, 0)
            self.open_connections += connections

    def record(self, entry):
        with self._lock:
            self.requests.append(entry)

    def wait_until_asked(self, seconds=10.0):
        """Returns when a `/slow` or `/held` request has arrived."""
        assert self.waiting.acquire(timeout=seconds), "no slow request reached the origin"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


class _Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        self.server.origin.count(1)
        try:
            while self._serve_one():
                pass
        except (ConnectionError, ValueError):
            pass
        finally:
            self.server.origin.count(-1)

    def _serve_one(self):
        line = self.rfile.readline().decode("latin1").rstrip("\r\n")
        if not line:
            return False
        method, path, version = line.split(" ")
        headers = {}
        while header := self.rfile.readline().decode("latin1").rstrip("\r\n"):
            name, _, value = header.partition(":")
            headers[name.lower()] = value.strip()
        body = self.rfile.read(int(headers.get("content-length", "0")))
        origin = self.server.origin
        account = {
            "origin": origin.name, "method": method, "path": path, "version": version,
            "headers": headers, "body": body.decode("latin1"),
        }
        origin.record(account)
        if path.endswith("/slow"):
            origin.waiting.release()
            origin.release.wait(30)
        if path.endswith("/held"):
            self._answer(b"x", length=1 << 20)
            origin.waiting.release()
            origin.release.wait(120)
            return False
        text = json.dumps(account).encode()
        self._answer(b"" if method == "HEAD" else text, length=len(text))
        return headers.get("connection", "").lower() != "close" and path != "/closing"

    def _answer(self, body, length):
        name = self.server.origin.name
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nX-Origin: {name}\r\n\r\n"
        self.wfile.write(head.encode() + body)

"""Bodies that are larger than a host may keep."""

import threading

# The receive buffers of a worker and what one message may hold beside them.
GROWTH_KILOBYTES = 24 << 10


class Watch:
    """The highest resident memory of a host while a block runs."""

    def __init__(self, host):
        self.host = host
        self.first = self.highest = host.resident_kilobytes()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._look)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def _look(self):
        while not self.over.wait(0.02):
            self.highest = max(self.highest, self.host.resident_kilobytes())

    @property
    def grown(self):
        return self.highest - self.first


def drain(connection, count):
    """Reads and drops `count` bytes after those already buffered."""
    left = count - len(connection.buffer)
    connection.buffer = b""
    room = memoryview(bytearray(1 << 20))
    while left > 0:
        got = connection.socket.recv_into(room, min(left, len(room)))
        assert got, f"the connection ended {left} bytes early"
        left -= got

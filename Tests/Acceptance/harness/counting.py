"""Reads the counters of native/counts.c, and makes requests by the ten thousand."""

import collections
import mmap
import pathlib
import socket
import struct
import threading

from . import native

SLOTS = 256
SLOT = struct.Struct("<QQQQQ")
ANSWER_BYTES = 1 << 16
# More than a count has, so that the warm-up has as many requests under way at once as the count.
WARM_UP_CONNECTIONS = 128
WARM_UP_REQUESTS = 20_000
WORKER = "worker-0"

# `foreign` is what OpenSSL has allocated for itself.
Counts = collections.namedtuple("Counts", "allocations retains releases foreign")


class Counters:
    """What each thread of a host has allocated, retained and released so far."""

    def __init__(self, folder):
        self.library = native.library("counts.c", folder / "libcounts.so")
        self.path = folder / "counters"
        self.path.write_bytes(bytes(SLOT.size * (SLOTS + 1)))

    @property
    def environment(self):
        return {"LD_PRELOAD": str(self.library), "SLUICE_COUNTERS": str(self.path)}

    def by_thread(self, pid):
        """Sums of Counts by the thread's name."""
        sums = {}
        with open(self.path, "rb") as file, mmap.mmap(
                file.fileno(), 0, access=mmap.ACCESS_READ) as table:
            for index in range(1, SLOTS + 1):
                thread, *counts = SLOT.unpack_from(table, index * SLOT.size)
                try:
                    name = pathlib.Path(f"/proc/{pid}/task/{thread}/comm").read_text().strip()
                except OSError:
                    continue
                old = sums.get(name, Counts(0, 0, 0, 0))
                sums[name] = Counts(*(a + b for a, b in zip(old, counts)))
        return sums

    def of_load(self, pid, sockets, connections, requests, head, mark=b"hello"):
        """What the worker counts in `requests` on some of the sockets, and what all threads have
        counted before, by their names; all the sockets take part in the warm-up."""
        load(sockets, WARM_UP_REQUESTS, head, mark)
        before = self.by_thread(pid)
        assert WORKER in before, f"no thread is called {WORKER}: {sorted(before)}"
        load(sockets[:connections], requests, head, mark)
        after = self.by_thread(pid)
        counts = Counts(*(new - old for new, old in zip(after[WORKER], before[WORKER])))
        return counts, before


class FastOrigin:
    """An origin that answers every head at once with the same bytes."""

    ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Origin: fast\r\n\r\nhello"

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        while data := connection.recv(ANSWER_BYTES):
            connection.sendall(self.ANSWER * data.count(b"\r\n\r\n"))


def load(connections, requests, head, mark=b"hello"):
    """Sends `requests` GETs over open sockets, one under way on each, each answered up to `mark`.

    An answer that is HTTP has status 200.
    """
    answered = 0
    while answered < requests:
        for connection in connections:
            connection.sendall(head)
        for connection in connections:
            data = b""
            while not data.endswith(mark):
                more = connection.recv(ANSWER_BYTES)
                assert more, "the host ended a connection under load"
                data += more
            assert data.startswith(b"HTTP/1.1 200 ") or not data.startswith(b"HTTP/"), data
        answered += len(connections)

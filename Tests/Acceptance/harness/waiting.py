"""Waiting for a condition with a deadline, and ports that are free."""

import socket
import time

DEADLINE_SECONDS = 15.0
STEP_SECONDS = 0.01


def eventually(condition, what, seconds=DEADLINE_SECONDS):
    """Returns the first true answer of `condition`; fails by `what` after the deadline.

    An OSError or AssertionError inside the condition counts as "not yet".
    """
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except (OSError, AssertionError) as problem:
            last = problem
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}; last answer: {last!r}")
        time.sleep(STEP_SECONDS)


def free_port():
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]

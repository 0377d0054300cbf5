"""Runs a command that the kernel answers EPERM when it asks for an io_uring.

As a container's seccomp profile does: python -m harness.forbid COMMAND ARGUMENT...
"""

import ctypes
import os
import struct
import sys

IO_URING_SETUP = 425
EPERM = 1
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


def forbid():
    """Refuses io_uring_setup(2) to this process and all it becomes."""
    filters = [
        (LOAD_WORD, 0, 0, 0),  # the number of the system call
        (JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP),
        (RETURN, 0, 0, ERRNO | EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
    text = b"".join(struct.pack("=HBBI", *entry) for entry in filters)
    program = Program(len(filters), text)
    libc = ctypes.CDLL(None, use_errno=True)
    for call in [(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                 (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)]:
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({call[0]})")


if __name__ == "__main__":
    forbid()
    os.execv(sys.argv[1], sys.argv[1:])

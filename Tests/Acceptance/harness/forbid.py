"""Runs a command that the kernel refuses an io_uring, or sockets of IPv6.

As a container's seccomp profile and a kernel without IPv6 do:
python -m harness.forbid [--ipv6] COMMAND ARGUMENT...
"""

import ctypes
import os
import struct
import sys

IO_URING_SETUP = 425
SOCKET = {"x86_64": 41, "aarch64": 198}[os.uname().machine]
AF_INET6 = 10
EPERM, EAFNOSUPPORT = 1, 97
NUMBER_OFFSET, FIRST_ARGUMENT_OFFSET = 0, 16
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_char_p)]


WITHOUT_IO_URING = [
    (LOAD_WORD, 0, 0, NUMBER_OFFSET),
    (JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP),
    (RETURN, 0, 0, ERRNO | EPERM),
    (RETURN, 0, 0, ALLOW),
]
WITHOUT_IPV6 = [
    (LOAD_WORD, 0, 0, NUMBER_OFFSET),
    (JUMP_IF_EQUAL, 0, 3, SOCKET),
    (LOAD_WORD, 0, 0, FIRST_ARGUMENT_OFFSET),
    (JUMP_IF_EQUAL, 0, 1, AF_INET6),
    (RETURN, 0, 0, ERRNO | EAFNOSUPPORT),
    (RETURN, 0, 0, ALLOW),
]


def forbid(filters):
    """Holds this process, and all it becomes, to a filter of system calls."""
    text = b"".join(struct.pack("=HBBI", *entry) for entry in filters)
    program = Program(len(filters), text)
    libc = ctypes.CDLL(None, use_errno=True)
    for call in [(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                 (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0)]:
        if libc.prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({call[0]})")


if __name__ == "__main__":
    command = sys.argv[1:]
    if command[0] == "--ipv6":
        forbid(WITHOUT_IPV6)
        command = command[1:]
    else:
        forbid(WITHOUT_IO_URING)
    os.execv(command[0], command)

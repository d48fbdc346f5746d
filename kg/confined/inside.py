"""What a confined process does to itself, before it looks at anything.

It imports little, since what a process imports decides how fast it is ready.
"""

from __future__ import annotations

import math
import os
import resource
import select
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Final

__all__ = ["connect", "leave_network", "limit_memory", "limit_processor_time"]

_NEW_USER_AND_NETWORK: Final = 0x10000000 | 0x40000000


def connect(descriptor: int) -> Connection:
    """Take up the connection to the owner: from now on this process ends with it, and ignores the keyboard.

    Args:
        descriptor: this process's end of the connection.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(descriptor,), daemon=True).start()
    return Connection(descriptor)


def leave_network() -> None:
    """Give up the network, where the kernel allows it; call it before there are other threads.

    This is the second barrier. The first is that a text which asks other servers is refused.
    """
    if sys.platform != "linux":
        return
    import ctypes

    # Containers often forbid this; the call then fails and changes nothing.
    ctypes.CDLL(None).unshare(_NEW_USER_AND_NETWORK)


def limit_memory(allowed: int, *, file_bytes: int = 0) -> None:
    """Limit the address space to what is in use now and so many bytes more, and what is written.

    Args:
        allowed: bytes of address space.
        file_bytes: longest file that may be written; none at all by default. There never is a core dump.
    """
    if sys.platform == "linux":
        with open("/proc/self/statm", encoding="ascii") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + allowed, used + allowed))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))


def limit_processor_time(seconds: float) -> None:
    """Let the kernel end this process when it computes for so many seconds from now, rounded up.

    The owner's deadline comes first. This is for a process whose owner was killed while a regular expression held
    the interpreter, which then never notices.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(usage.ru_utime + usage.ru_stime + seconds), hard))


def _end_with(descriptor: int) -> None:
    """End this process when the other end of the connection is closed, even in the middle of its work.

    A signal on the parent's death would be tied to the thread that started this process, which may end long before.
    """
    poll = select.poll()
    poll.register(descriptor, 0)
    poll.poll()
    os._exit(0)

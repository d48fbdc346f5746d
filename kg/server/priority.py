"""Who comes first where processors are short: the server itself, then quick queries, then long ones."""

from __future__ import annotations

import os
from enum import IntEnum

__all__ = ["Priority", "set_priority"]

_LOWEST = 19


class Priority(IntEnum):
    """How much nicer a process is than the server."""

    QUICK = 5
    LONG = 15


def set_priority(process: int, priority: Priority) -> bool:
    """Set the priority of a process; whether that was possible. Raising it again mostly is not.

    Args:
        process: its id.
        priority: its place behind this process, which passes on the requests and answers of all of them.
    """
    niceness = min(_LOWEST, os.getpriority(os.PRIO_PROCESS, 0) + priority)
    try:
        os.setpriority(os.PRIO_PROCESS, process, niceness)
    except (PermissionError, ProcessLookupError):
        return False
    return True

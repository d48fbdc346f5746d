"""A mark on a generation in use, so that it is not swept away under a reader that opens its files lazily.

The mark is a shared lock on the generation's report. The kernel takes it back when the process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os

__all__ = ["REPORT", "in_use", "pin"]

REPORT = "report.json"
"""Name of the report beside each generation's store."""


def pin(store: str) -> int | None:
    """Mark the generation of a store folder as in use, until the returned descriptor is closed.

    Returns:
        None when the folder is in no generation, as with a plain store.
    """
    try:
        descriptor = os.open(os.path.join(os.path.dirname(store), REPORT), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    return descriptor


def in_use(generation: str) -> bool:
    """Whether a process has marked the generation in this folder."""
    try:
        descriptor = os.open(os.path.join(generation, REPORT), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False

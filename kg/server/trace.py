"""What is known of a request when it has ended: for the metrics and the query log.

Each request has a trace of its own, which follows it into every task that works for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Killed", "Trace", "current", "tracing"]


class Killed(StrEnum):
    """Why a process was ended, or ended, before its work was done."""

    DEADLINE = "deadline"
    MEMORY = "memory"
    CLIENT = "client"
    """The client has gone, or does not read."""
    BUSY = "busy"
    """Others waited, and as many long queries ran as may while they do."""
    CRASH = "crash"
    OUTSIDE = "outside"
    """Something else ended it, such as the system when memory ran out."""
    UNNEEDED = "unneeded"
    """Nobody needs the rest: it is too long for a page, or only the head was asked for."""
    STOPPING = "stopping"
    """The server stops."""


@dataclass(slots=True)
class Trace:
    """What is known of a request.

    Attributes:
        method: its method.
        route: the pattern of its path; ``other`` where no route takes it.
        client: the client's address.
        query: the query's text; empty when it asked none.
        process: ``query``, ``validation`` or ``change``; empty when it asked for no process.
        waited: seconds that it waited for a process.
        killed: why its process ended early; None when it did not.
        generation: the generation it was answered from.
        rows: rows of the answer, or statements; None where they are not counted.
        status: status of the answer.
        cut: whether the answer was broken off.
        size: bytes of the answer's body, as sent.
        seconds: how long it took.
    """

    method: str = ""
    route: str = "other"
    client: str = ""
    query: str = ""
    process: str = ""
    waited: float = 0.0
    killed: Killed | None = None
    generation: int | None = None
    rows: int | None = None
    status: int = 0
    cut: bool = False
    size: int = 0
    seconds: float = 0.0

    @contextmanager
    def waiting(self, process: str) -> Iterator[None]:
        """Count the time inside as time that the request waits for a process of this kind."""
        self.process = process
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.waited += time.perf_counter() - begin


_CURRENT: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace:
    """The trace of the request that is worked for; outside of one, a trace that nobody reads."""
    return _CURRENT.get() or Trace()


@contextmanager
def tracing(trace: Trace) -> Iterator[None]:
    """Make this the trace of the request that is worked for inside."""
    token = _CURRENT.set(trace)
    try:
        yield
    finally:
        _CURRENT.reset(token)

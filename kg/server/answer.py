"""The answer to one query, while it comes from the process that has the query."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Final, NamedTuple, Protocol

from kg.server.priority import Priority, set_priority
from kg.server.problems import Problem
from kg.server.rows import RowCounter
from kg.server.talk import Talk
from kg.server.trace import Killed, current
from kg.store.generations import Generation
from kg.store.reader import Chunk, Done, Failed, QueryRequest, Reader, Started

__all__ = ["KILLED", "STATUS", "Answer", "CutOff", "Host", "Seat"]

logger = logging.getLogger("kg.server")

STATUS: Final = {
    "syntax": 400,
    "request": 400,
    "refused": 403,
    "deep": 403,
    "unacceptable": 406,
    "evaluation": 500,
    "remote": 502,
    "late": 504,
    "memory": 503,
    "length": 503,
    "stopped": 503,
    "killed": 503,
    "crashed": 503,
    "store": 503,
    "away": 503,
}
"""HTTP status of each kind of failure of a process."""
KILLED: Final = {"memory": Killed.MEMORY, "crashed": Killed.CRASH, "deep": Killed.CRASH, "killed": Killed.OUTSIDE}
"""Why a process ended, by the kind of its failure; other kinds leave it running."""
_CURED_BY_WAITING: Final = ("killed", "store", "away")


class CutOff(Exception):
    """An answer that ends before it is complete, after its first bytes have gone out."""


class Seat(NamedTuple):
    """A reader in service."""

    reader: Reader
    talk: Talk
    generation: Generation


class Host(Protocol):
    """Who has the seats."""

    young_seconds: float
    quick_seconds: float

    @property
    def closed(self) -> bool:
        """Whether no more is answered."""

    def give_back(self, answer: Answer, seat: Seat) -> None:
        """Take a seat back from an answer, with its process or for a new one."""

    def outgrow(self) -> None:
        """One of the queries that run is no longer young."""

    def relieve(self) -> None:
        """See to queries that are long."""


def _problem(failed: Failed) -> Problem:
    """What a reader's failure is for a client."""
    if failed.kind == "store":
        # The message names a path of this machine: it is for the log.
        logger.error("%s", failed.error())
        return Problem(503, "the data cannot be read at the moment", retry=True)
    if failed.kind in ("crashed", "deep", "killed"):
        logger.warning("query process ended: %s", failed.error())
    if failed.kind in ("remote", "away"):
        logger.warning("no answer from the endpoint: %s", failed.error())
    detail = str(failed.error())
    members = {name: value for name in ("line", "column") if (value := getattr(failed, name)) is not None}
    return Problem(STATUS[failed.kind], detail, members=members, retry=failed.kind in _CURED_BY_WAITING)


class Answer:
    """The answer to one query, whole or still coming.

    ``head`` is its first bytes, and everything when ``complete``. Otherwise :meth:`rest` gives what follows.
    Whoever holds an answer calls :meth:`close`, which frees the process; one that is not done yet is killed.
    """

    def __init__(self, host: Host, seat: Seat, request: QueryRequest, client: str) -> None:
        self.media_type = ""
        self.kind = ""
        self.cut_at: int | None = None
        self.client = client
        self.young = True
        self.long = False
        self.lowered = False
        self.generation = seat.generation.number
        self.head = b""
        self.complete = False
        self._host = host
        self._talk = seat.talk
        self._seat: Seat | None = seat
        self._unsent: QueryRequest | None = replace(request, store=str(seat.generation.path))
        self._timeout = request.timeout
        self._stopped: Problem | None = None
        self._trace = current()
        self._trace.generation = seat.generation.number or None
        self._counter = RowCounter("")
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(request.timeout, self._expire)
        self._growing = loop.call_later(host.young_seconds, self._outgrow)

    def close(self, reason: Killed = Killed.CLIENT) -> None:
        """Give the process back, if it is done, or kill it for a reason. May be called at any time, and again."""
        self._deadline.cancel()
        self._growing.cancel()
        seat, self._seat = self._seat, None
        if seat:
            if not self.complete:
                self._trace.killed = reason
            self._host.give_back(self, seat)

    async def receive(self) -> bytes:
        """The next bytes; sets ``media_type`` and ``kind``, and ``complete`` when they are the last.

        Raises:
            Problem: the query failed or was stopped, or its process died.
        """
        if not self._seat:
            # The process may work for somebody else already.
            raise self._stopped or Problem(503, "the query was stopped", retry=True)
        data: list[bytes] = []
        request, self._unsent = self._unsent, None
        for message in await self._talk.exchange(request):
            match message:
                case Started():
                    self.media_type, self.kind, self.cut_at = message
                    self._counter = RowCounter(self.media_type)
                case Chunk():
                    data.append(message.data)
                    self._counter.add(message.data)
                case Done():
                    self.complete = True
                    self.close()
                case Failed():
                    # Whether the process is still good shows when the seat is taken next.
                    self.complete, ours = True, not self._seat
                    self.close()
                    if not ours and message.kind in KILLED:
                        ended = KILLED[message.kind]
                        self._trace.killed = Killed.STOPPING if self._host.closed else ended
                    raise self._stopped or _problem(message)
        self._trace.rows = self._counter.rows
        return b"".join(data)

    async def rest(self) -> AsyncIterator[bytes]:
        """What comes after ``head``.

        Raises:
            CutOff: the answer ends here and is not complete.
        """
        while not self.complete:
            try:
                data = await self.receive()
            except Problem as problem:
                raise CutOff(problem.detail) from None
            yield data

    def lower(self) -> None:
        """Leave the processor to others, from now on."""
        if not self.lowered and self._seat and self._seat.reader.pid:
            self.lowered = set_priority(self._seat.reader.pid, Priority.LONG)

    def give_way(self) -> None:
        """Stop it, since others wait."""
        seconds = self._host.quick_seconds
        self._stopped = Problem(
            503,
            f"the query ran for more than {seconds:g} seconds, others wait, and enough such queries run; try later",
            retry=True,
        )
        self.close(Killed.BUSY)

    def _expire(self) -> None:
        # The place is given back even if nobody is reading: a client that stands still must not hold it.
        detail = f"the query was stopped after {self._timeout:g} seconds; narrow it, or add a LIMIT"
        self._stopped = Problem(504, detail)
        self.close(Killed.DEADLINE)

    def _outgrow(self) -> None:
        self.young = False
        left = max(0.0, self._host.quick_seconds - self._host.young_seconds)
        self._growing = asyncio.get_running_loop().call_later(left, self._grow_long)
        self._host.outgrow()

    def _grow_long(self) -> None:
        self.long = True
        self._host.relieve()

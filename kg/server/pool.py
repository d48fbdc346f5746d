"""Query processes: a fixed number, kept warm on the newest generation, one request each at a time.

The event loop never waits for a process: whatever can block runs in a thread. There are as many seats as workers,
and each has a reader that runs or is being started. A reader is killed, and its seat filled anew in the
background, when its query reaches the deadline, when the client has gone, and when its generation is no longer the
newest.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from kg.errors import StoreError
from kg.server.lookup import Newest
from kg.server.places import Places
from kg.server.problems import Problem
from kg.server.rows import RowCounter
from kg.server.settings import ServerSettings
from kg.server.trace import Killed, current
from kg.store.generations import Generation
from kg.store.reader import Chunk, Done, Failed, Message, QueryRequest, Reader, Started

__all__ = ["KILLED", "STATUS", "Answer", "CutOff", "Pool"]

logger = logging.getLogger("kg.server")

T = TypeVar("T")

_BATCH_BYTES: Final = 256 * 1024
"""Messages that lie in the pipe already are taken together up to this size: the way to a thread and back costs more."""

STATUS: Final = {
    "syntax": 400,
    "request": 400,
    "refused": 403,
    "unacceptable": 406,
    "evaluation": 500,
    "memory": 503,
    "killed": 503,
    "crashed": 503,
    "store": 503,
    "remote": 502,
    "away": 503,
    "late": 504,
}
"""HTTP status of each kind of failure of a process."""
KILLED: Final = {"memory": Killed.MEMORY, "crashed": Killed.CRASH, "killed": Killed.OUTSIDE}
"""Why a process ended, by the kind of its failure; other kinds leave it running."""
_CURED_BY_WAITING: Final = ("killed", "store", "away")


class CutOff(Exception):
    """An answer that ends before it is complete, after its first bytes have gone out."""


class _Seat(NamedTuple):
    """A reader in service."""

    reader: Reader
    generation: int


def _exchange(reader: Reader, request: QueryRequest | None) -> list[Message]:
    """Send a request, if there is one; then the next message, which may take long, and those that lie behind it."""
    if request:
        reader.send(request)
    messages = [reader.receive()]
    size = 0
    while not isinstance(last := messages[-1], Done | Failed):
        size += len(last.data) if isinstance(last, Chunk) else 0
        if size >= _BATCH_BYTES or not reader.poll():
            break
        messages.append(reader.receive())
    return messages


def _problem(failed: Failed) -> Problem:
    """What a reader's failure is for a client."""
    if failed.kind == "store":
        # The message names a path of this machine: it is for the log.
        logger.error("%s", failed.error())
        return Problem(503, "the data cannot be read at the moment", retry=True)
    if failed.kind in ("crashed", "killed"):
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

    def __init__(self, pool: Pool, seat: _Seat, request: QueryRequest) -> None:
        self.media_type = ""
        self.kind = ""
        self.cut_at: int | None = None
        self.generation = seat.generation
        self.head = b""
        self.complete = False
        self._pool = pool
        self._reader = seat.reader
        self._seat: _Seat | None = seat
        self._unsent: QueryRequest | None = request
        self._timeout = request.timeout
        self._expired = False
        self._trace = current()
        self._trace.generation = seat.generation or None
        self._counter = RowCounter("")
        self._timer = asyncio.get_running_loop().call_later(request.timeout, self._expire)

    def close(self, reason: Killed = Killed.CLIENT) -> None:
        """Give the process back, if it is done, or kill it for a reason. May be called at any time, and again."""
        self._timer.cancel()
        seat, self._seat = self._seat, None
        if seat:
            if not self.complete:
                self._trace.killed = reason
            self._pool.give_back(seat, reusable=self.complete)

    async def receive(self) -> bytes:
        """The next bytes; sets ``media_type`` and ``kind``, and ``complete`` when they are the last.

        Raises:
            Problem: the query failed or was stopped, or its process died.
        """
        data: list[bytes] = []
        request, self._unsent = self._unsent, None
        for message in await self._pool.in_thread(_exchange, self._reader, request):
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
                    self.complete = True
                    self.close()
                    if not self._expired and message.kind in KILLED:
                        ended = KILLED[message.kind]
                        self._trace.killed = Killed.STOPPING if self._pool.closed else ended
                    raise self._stopped() if self._expired else _problem(message)
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

    def _expire(self) -> None:
        # The place is given back even if nobody is reading: a client that stands still must not hold it.
        self._expired = True
        self.close(Killed.DEADLINE)

    def _stopped(self) -> Problem:
        return Problem(504, f"the query was stopped after {self._timeout:g} seconds; narrow it, or add a LIMIT")


class Pool:
    """The query processes of one server.

    Args:
        newest: gives the newest generation.
        settings: number of processes, limits.
        reader: makes a reader of a store folder; by default one with the limits of the settings.
    """

    def __init__(
        self, newest: Newest, settings: ServerSettings, *, reader: Callable[[Path], Reader] | None = None
    ) -> None:
        self._newest = newest
        self._settings = settings
        self._make = reader or self._reader
        self._places = Places(settings.workers, settings, "query")
        self._free: deque[asyncio.Future[_Seat]] = deque()
        self._readers: set[Reader] = set()
        self._closed = False
        # A thread for every answer under way, and others to start and kill processes while all of those wait.
        self._threads = ThreadPoolExecutor(2 * settings.workers + 2, thread_name_prefix="pool")

    async def start(self) -> None:
        """Start every process.

        Raises:
            StoreError: there is nothing to serve.
        """
        self._free.extend(self._open() for _ in range(self._settings.workers))
        await asyncio.gather(*self._free)

    async def interrupt(self) -> None:
        """Kill every process, busy or not; from now on every request is answered 503."""
        self._closed = True
        await asyncio.gather(*(asyncio.to_thread(reader.kill) for reader in list(self._readers)))

    async def stop(self) -> None:
        """Kill every process, and let go of the threads."""
        await self.interrupt()
        await asyncio.to_thread(self._threads.shutdown)

    @property
    def closed(self) -> bool:
        """Whether the server stops."""
        return self._closed

    @property
    def alive(self) -> int:
        """How many processes run."""
        return sum(reader.alive for reader in list(self._readers))

    @property
    def busy(self) -> int:
        """How many queries run."""
        return self._settings.workers - len(self._free)

    @property
    def waiting(self) -> int:
        """How many requests wait for a process."""
        return self._places.waiting

    async def newest(self) -> Generation:
        """The newest generation.

        Raises:
            StoreError: nothing is published any more.
        """
        known = self._newest.known()
        return known if known else await self.in_thread(self._newest)

    async def ask(self, request: QueryRequest, *, held: int | None = None) -> Answer:
        """Run a query, and wait until its answer is whole or longer than ``held`` bytes.

        Raises:
            Problem: by the query 400, 403, 406; by the state of the server 429, 500, 503; at the deadline 504.
            StoreError: nothing is published any more.
        """
        held = self._settings.held_bytes if held is None else held
        await self._places.enter()
        try:
            with current().waiting("query"):
                seat = await self._take()
        except BaseException:
            self._places.leave()
            raise
        answer = Answer(self, seat, request)
        try:
            while not answer.complete and len(answer.head) <= held:
                answer.head += await answer.receive()
        except BaseException:
            answer.close()
            raise
        return answer

    async def in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        """Run what may block in a thread of the pool."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def give_back(self, seat: _Seat, *, reusable: bool) -> None:
        """Take a seat back from an answer, with its process or for a new one."""
        if reusable and seat.reader.alive:
            ready: asyncio.Future[_Seat] = asyncio.get_running_loop().create_future()
            ready.set_result(seat)
            # At the front: the process used last has the warmest memory.
            self._free.appendleft(ready)
        else:
            self._replace(seat)
        self._places.leave()

    async def _take(self) -> _Seat:
        """A seat whose process runs on the newest generation; the caller has a place, so there is one."""
        newest = (await self.newest()).number
        while True:
            if self._closed:
                raise Problem(503, "the server is stopping", retry=True)
            opening = self._free.popleft()
            try:
                seat = await asyncio.shield(opening)
            except BaseException as error:
                # A start that failed is tried anew by the next; one that is under way is left to it.
                self._free.append(opening if isinstance(error, asyncio.CancelledError) else self._open())
                raise
            if seat.reader.alive and seat.generation >= newest:
                return seat
            self._replace(seat)

    def _open(self) -> asyncio.Future[_Seat]:
        """A seat to be: its process is started in a thread."""
        opening = asyncio.ensure_future(self.in_thread(self._start))
        # Whoever takes the seat hears of a failure; without this, asyncio complains when nobody does.
        opening.add_done_callback(lambda done: done.cancelled() or done.exception())
        return opening

    def _reader(self, store: Path) -> Reader:
        limits = self._settings
        return Reader(store, memory=limits.query_memory, longest=limits.query_bytes, deepest=limits.query_depth)

    def _start(self) -> _Seat:
        generation = self._newest()
        reader = self._make(generation.path)
        reader.start()
        self._readers.add(reader)
        if self._closed:
            reader.kill()
        # Opening the store takes a while, which must not count against the first query.
        last = _exchange(reader, QueryRequest("ASK {}"))[-1]
        while not isinstance(last, Done | Failed):
            last = reader.receive()
        if isinstance(last, Failed):
            reader.kill()
            self._readers.discard(reader)
            raise StoreError(last.message, place=str(generation.path), remedy=last.remedy)
        return _Seat(reader, generation.number)

    def _replace(self, seat: _Seat) -> None:
        self._readers.discard(seat.reader)
        if self._closed:
            return
        self._threads.submit(seat.reader.kill)
        self._free.append(self._open())

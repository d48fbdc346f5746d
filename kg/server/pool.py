"""Query processes: a fixed number, kept warm on the newest generation, one request each at a time.

There are as many seats as workers, and some to spare, and each has a reader that runs or is being started. Where a
query reaches the deadline or the client has gone, a reader that writes an answer is asked to stop; one that still
computes, or does not stop, is killed, and its seat filled anew in the background. Starting and killing runs in threads.

A query that is no longer young gives way to others: it has the processor when nobody else wants it, and once it is
long, only some of the seats while requests wait for one. Where all that run are young, only as many run as there are
processors: where more share them, each finds the caches full of what the others read, and all together take longer.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

from kg.errors import StoreError
from kg.server.answer import Answer, Seat
from kg.server.lookup import Newest
from kg.server.places import Places
from kg.server.priority import Priority, set_priority
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.server.talk import Talk, is_last
from kg.server.trace import current
from kg.store.generations import Generation
from kg.store.reader import Failed, QueryRequest, Reader

__all__ = ["Pool"]

_SECONDS_TO_TEND: Final = 0.5

T = TypeVar("T")


def _is_ready(opening: asyncio.Future[Seat]) -> bool:
    """Whether a seat can be had at once."""
    return opening.done() and not opening.cancelled() and not opening.exception()


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
        self.young_seconds = settings.young_seconds
        self.quick_seconds = settings.quick_seconds
        share, young = settings.workers_of_client, settings.young_at_once
        self._places = Places(settings.workers, settings, "query", share=share, young=young, crowded=self.relieve)
        # Those that run, the oldest first.
        self._answers: dict[Answer, None] = {}
        self._free: deque[asyncio.Future[Seat]] = deque()
        self._changed = asyncio.Event()
        self._readers: set[Reader] = set()
        # Of priorities; found out with the first process that was lowered.
        self._can_raise = True
        self._closed = False
        self._tending: asyncio.Task[None] | None = None
        # To start and kill processes, and to look for the newest generation while they all do.
        self._threads = ThreadPoolExecutor(settings.processes + 2, thread_name_prefix="pool")

    async def start(self) -> None:
        """Start every process.

        Raises:
            StoreError: there is nothing to serve.
        """
        self._free.extend(self._open() for _ in range(self._settings.processes))
        await asyncio.gather(*self._free)
        self._tending = asyncio.ensure_future(self._tend())

    async def interrupt(self) -> None:
        """Kill every process, busy or not; from now on every request is answered 503."""
        self._closed = True
        self._changed.set()
        await asyncio.gather(*(asyncio.to_thread(reader.kill) for reader in list(self._readers)))

    async def stop(self) -> None:
        """Kill every process, and let go of the threads."""
        if self._tending:
            self._tending.cancel()
            await asyncio.wait({self._tending})
        await self.interrupt()
        for seat in await asyncio.gather(*self._free, return_exceptions=True):
            if not isinstance(seat, BaseException):
                seat.talk.close()
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
        return self._settings.processes - len(self._free)

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
            StoreError: nothing is published any more, or it cannot be opened.
        """
        held = self._settings.held_bytes if held is None else held
        client = await self._places.enter()
        try:
            with current().waiting("query"):
                seat = await self._take()
        except BaseException:
            self._places.leave(client)
            raise
        answer = Answer(self, seat, request, client)
        self._answers[answer] = None
        self.relieve()
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

    def give_back(self, answer: Answer, seat: Seat) -> None:
        """Take a seat back from an answer, with its process or for a new one."""
        del self._answers[answer]
        if not answer.complete:
            # What has not begun to answer would not hear.
            self._free.append(self._to_be(self._end(seat, lowered=answer.lowered)) if answer.kind else self._open(seat))
        elif self._usable(seat, lowered=answer.lowered):
            ready: asyncio.Future[Seat] = asyncio.get_running_loop().create_future()
            ready.set_result(seat)
            # At the front: the process used last has the warmest memory.
            self._free.appendleft(ready)
            self._changed.set()
        else:
            self._free.append(self._open(seat))
        self._places.leave(answer.client, young=answer.young)

    def outgrow(self) -> None:
        """One of the queries that run is no longer young."""
        self._places.outgrow()
        self.relieve()

    async def _end(self, seat: Seat, *, lowered: bool) -> Seat:
        """A seat whose process has stopped to write an answer, or a new one."""
        if await seat.talk.stop() and self._usable(seat, lowered=lowered):
            return seat
        return await self._open(seat)

    def _usable(self, seat: Seat, *, lowered: bool) -> bool:
        """Whether another query may have the process of one that has ended."""
        if lowered and seat.reader.pid and not set_priority(seat.reader.pid, Priority.QUICK):
            # The system forbids to raise the priority again, so the process is of no more use; and from now on one is
            # only lowered for what costs more than another process.
            self._can_raise = False
            return False
        return seat.reader.alive

    def relieve(self) -> None:
        """Let old queries leave the processor to young ones, and stop a long one when somebody waits and too many run.

        It is one of the client that runs most of them, and of those the youngest, so that others come to their end.
        """
        long = [answer for answer in self._answers if answer.long]
        nice = [answer for answer in self._answers if not answer.young] if self._can_raise else long
        if len(self._answers) > len(nice):
            for answer in nice:
                answer.lower()
        if self._places.wanted and len(long) > self._settings.long_at_once:
            of_client = Counter(answer.client for answer in long)
            max(reversed(long), key=lambda answer: of_client[answer.client]).give_way()

    async def _tend(self) -> None:
        """See to the seats that nobody uses: a process may have died, or keep an old generation from being removed."""
        while not self._closed:
            await asyncio.sleep(_SECONDS_TO_TEND)
            try:
                newest = await self.newest()
            except StoreError:
                continue
            # One at a time: where no process can be started, few are tried.
            failed = next((opening for opening in self._free if opening.done() and not _is_ready(opening)), None)
            if failed:
                self._free[self._free.index(failed)] = self._open()
            for opening in list(self._free):
                if opening not in self._free or not _is_ready(opening):
                    continue
                seat = opening.result()
                if not seat.reader.alive:
                    self._free[self._free.index(opening)] = self._open(seat)
                elif seat.generation.path != newest.path:
                    renewing = self._to_be(self._renew(seat, newest))
                    self._free[self._free.index(opening)] = renewing
                    # One after the other, since requests come first.
                    await asyncio.wait({renewing})

    async def _renew(self, seat: Seat, newest: Generation) -> Seat:
        """A seat whose process has opened the newest generation, or another process where that one cannot.

        A process that has answered much may have too little memory left to open it, and ends; never with a client's
        query in its hands.
        """
        messages = await seat.talk.exchange(QueryRequest("ASK {}", store=str(newest.path)))
        while not is_last(messages[-1]):
            messages = await seat.talk.exchange(None)
        if isinstance(messages[-1], Failed):
            return await self._open(seat)
        return seat._replace(generation=newest)

    async def _take(self) -> Seat:
        """A seat for the newest generation; the caller has a place, so there is one, or will be soon."""
        while True:
            # Looked for again after each wait: one that was the newest may be removed by then.
            newest = await self.newest()
            if self._closed:
                raise Problem(503, "the server is stopping", retry=True)
            opening = next(filter(_is_ready, self._free), None)
            if opening is None:
                # Whichever comes first: one that is being started, or one that another query leaves.
                self._try_again()
                self._changed.clear()
                await self._changed.wait()
                continue
            self._free.remove(opening)
            seat = opening.result()
            if seat.reader.alive and seat.generation == newest:
                return seat
            if seat.reader.alive and seat.generation.path != newest.path:
                self._free.append(self._to_be(self._renew(seat, newest)))
            else:
                self._free.append(self._open(seat))

    def _try_again(self) -> None:
        """Start processes anew whose start failed.

        Raises:
            StoreError: no start is under way, and this is why.
        """
        failed = [opening for opening in self._free if opening.done() and not _is_ready(opening)]
        for opening in failed:
            self._free.remove(opening)
        under_way = len(self._free)
        self._free.extend(self._open() for _ in failed)
        if failed and not under_way and (error := failed[0].exception()):
            raise error

    def _to_be(self, work: Coroutine[Any, Any, Seat]) -> asyncio.Future[Seat]:
        """A seat to be; those who wait for one hear of it."""

        def tell(done: asyncio.Future[Seat]) -> None:
            # Asyncio complains of a failure at which nobody has looked.
            if not done.cancelled():
                done.exception()
            self._changed.set()

        opening = asyncio.ensure_future(work)
        opening.add_done_callback(tell)
        return opening

    def _open(self, old: Seat | None = None) -> asyncio.Future[Seat]:
        """A seat to be: its process is started in a thread, and the one before ended."""
        if old:
            self._readers.discard(old.reader)
            old.talk.close()

        async def start() -> Seat:
            if old:
                await self.in_thread(old.reader.kill)
            reader, generation = await self.in_thread(self._start)
            return Seat(reader, Talk(reader), generation)

        return self._to_be(start())

    def _reader(self, store: Path) -> Reader:
        limits = self._settings
        return Reader(
            store,
            memory=limits.query_memory,
            longest=limits.query_bytes,
            deepest=limits.query_depth,
            services=limits.services,
        )

    def _start(self) -> tuple[Reader, Generation]:
        generation = self._newest()
        reader = self._make(generation.path)
        reader.start()
        if reader.pid:
            set_priority(reader.pid, Priority.QUICK)
        self._readers.add(reader)
        if self._closed:
            reader.kill()
        # Opening the store takes a while, which must not count against the first query.
        reader.send(QueryRequest("ASK {}"))
        while not is_last(last := reader.receive()):
            pass
        if isinstance(last, Failed):
            reader.kill()
            self._readers.discard(reader)
            raise StoreError(last.message, place=str(generation.path), remedy=last.remedy)
        return reader, generation

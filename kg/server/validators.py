"""Validation processes: one for each validation, so that nothing of one request is left for the next."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from kg.confined.owner import How
from kg.errors import InputError, ShapesError, TrialkgError, ValidationStopped, ValidationTimeout
from kg.server.places import Places
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.server.trace import Killed, current
from kg.validation import LimitedValidator, ShapesDocument

__all__ = ["Validation", "Validators"]

logger = logging.getLogger("kg.server")

_KILLED: Final = {
    How.MEMORY: Killed.MEMORY,
    How.KILLED: Killed.OUTSIDE,
    How.STACK: Killed.CRASH,
    How.CRASHED: Killed.CRASH,
}
_LINE: Final = re.compile(r":([0-9]+)$")


class Validation(NamedTuple):
    """What is to be validated, and how its report is wanted.

    ``shapes`` is None for the bundled ones. ``base`` is what relative IRIs of the data are relative to.
    """

    data: bytes
    media_type: str
    shapes: ShapesDocument | None
    base: str
    form: str
    seconds: float


class Validators:
    """The validations of one server.

    Args:
        settings: how many at once, limits.
    """

    def __init__(self, settings: ServerSettings) -> None:
        self._places = Places(settings.validations, settings, "validation")
        self._settings = settings
        self._running: set[LimitedValidator] = set()
        self._closed = False
        # One that works and one that ends it, for each.
        self._threads = ThreadPoolExecutor(2 * settings.validations, thread_name_prefix="validation")

    @property
    def alive(self) -> int:
        """How many processes run."""
        return len(self._running)

    @property
    def busy(self) -> int:
        """How many places are taken."""
        return self._places.taken

    @property
    def waiting(self) -> int:
        """How many requests wait for a place."""
        return self._places.waiting

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for one validation; to be had before the body is read, so that few bodies are held at once.

        Raises:
            Problem: 429, 503.
        """
        client = await self._places.enter()
        try:
            yield
        finally:
            self._places.leave(client)

    async def report(self, asked: Validation) -> bytes:
        """Validate, in a process that has ended when this returns; the caller has a place.

        Raises:
            Problem: 400 by the data or shapes; 503 by the limit of memory, or when the server stops; 504 at the
                deadline.
        """
        if self._closed:
            raise _stopping()
        shapes = None if asked.shapes is None else [asked.shapes]
        limits = self._settings
        validator = LimitedValidator(
            shapes,
            seconds=asked.seconds,
            memory=limits.validation_memory,
            statements=limits.shapes_statements,
            results=limits.validation_results,
            longest=limits.report_bytes,
        )
        self._running.add(validator)
        working = asyncio.get_running_loop().run_in_executor(self._threads, _work, validator, asked)
        try:
            # Cancelling does not end the work in the thread; the end of its process, below, does.
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            current().killed = Killed.CLIENT
            raise
        except TrialkgError as error:
            current().killed = self._killed(error, validator.ending)
            raise _stopping() if self._closed else _problem(error) from None
        finally:
            self._running.discard(validator)
            working.add_done_callback(lambda done: done.cancelled() or done.exception())
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._threads, validator.close))

    def _killed(self, error: TrialkgError, ending: How | None) -> Killed | None:
        if isinstance(error, ValidationTimeout):
            return Killed.DEADLINE
        if ending is None:
            return Killed.STOPPING if self._closed else None
        return Killed.STOPPING if self._closed else _KILLED[ending]

    async def interrupt(self) -> None:
        """End every process; from now on every request is answered 503."""
        self._closed = True
        await asyncio.gather(*(asyncio.to_thread(validator.close) for validator in list(self._running)))

    async def stop(self) -> None:
        """End every process, and let go of the threads."""
        await self.interrupt()
        await asyncio.to_thread(self._threads.shutdown)


def _work(validator: LimitedValidator, asked: Validation) -> bytes:
    with validator:
        return validator.written(asked.data, asked.media_type, asked.form, place="data", base=asked.base)


def _stopping() -> Problem:
    return Problem(503, "the server is stopping", retry=True)


def _problem(error: TrialkgError) -> Problem:
    """What a validator's failure is for a client."""
    line = _LINE.search(error.place)
    members = {"line": int(line[1])} if line else {}
    if isinstance(error, ValidationTimeout):
        return Problem(504, str(error))
    if isinstance(error, ValidationStopped):
        logger.warning("validation ended: %s", error)
        return Problem(503, str(error))
    if isinstance(error, InputError | ShapesError):
        return Problem(400, str(error), members=members)
    raise error

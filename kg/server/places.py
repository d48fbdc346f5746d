"""A bounded number of places for work, and a bounded queue for them."""

from __future__ import annotations

import asyncio

from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.server.trace import current

__all__ = ["Places"]


class Places:
    """Places for work of one kind.

    Args:
        number: how many.
        settings: how many requests may wait for one, and how long.
        kind: what the processes are for, in messages.
    """

    def __init__(self, number: int, settings: ServerSettings, kind: str) -> None:
        self.number = number
        self._free = asyncio.Semaphore(number)
        self._settings = settings
        self._kind = kind
        self._taken = 0
        self._waiting = 0

    @property
    def taken(self) -> int:
        """How many places are taken."""
        return self._taken

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._waiting

    async def enter(self) -> None:
        """Wait for a place; whoever got it calls :meth:`leave`.

        Raises:
            Problem: 429 when too many wait already, 503 when none became free in time.
        """
        if self._free.locked() and self._waiting >= self._settings.waiting:
            detail = f"{self._waiting} requests wait for a {self._kind} process already; try again soon"
            raise Problem(429, detail, retry=True)
        self._waiting += 1
        try:
            with current().waiting(self._kind):
                await self._wait()
        finally:
            self._waiting -= 1
        self._taken += 1

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._settings.waiting_seconds):
                await self._free.acquire()
        except TimeoutError:
            seconds = self._settings.waiting_seconds
            detail = f"no {self._kind} process became free within {seconds:g} seconds"
            raise Problem(503, detail, retry=True) from None

    def leave(self) -> None:
        """Give a place back."""
        self._taken -= 1
        self._free.release()

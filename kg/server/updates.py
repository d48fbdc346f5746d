"""Changes of the store over HTTP: who may, one after another, within limits, each with a line in the audit log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from kg.server.answer import KILLED, STATUS
from kg.server.bearer import Token
from kg.server.logs import AUDIT, Clients, json_line
from kg.server.places import Places
from kg.server.problems import Problem
from kg.server.protocol import Parameters
from kg.server.respond import while_connected
from kg.server.settings import ServerSettings
from kg.server.trace import Killed, current
from kg.store.change import Change, Changer, Published
from kg.store.generations import StoreDirectory
from kg.store.messages import Failed

__all__ = ["CHANGE_STATUS", "Audited", "Updates", "audit_logger", "done", "read_only"]

logger = logging.getLogger("kg.server")
audit_logger = logging.getLogger(AUDIT)

CHANGE_STATUS: Final = {**STATUS, "data": 400, "absent": 404, "scope": 422, "busy": 503}
_CURED_BY_WAITING: Final = ("busy", "killed", "store")
_TOKENS_IN_URL: Final = ("access_token", "token")


@dataclass(slots=True)
class Audited:
    """What the audit log will say of one request. ``generation`` is None when nothing was published."""

    operation: str
    size: int = 0
    generation: int | None = None


class Updates:
    """The changes of one server.

    Args:
        store: the store directory.
        settings: limits.
        token: who has it may change the store; None when nobody may.
        clients: gives the clients their names in the audit log.
    """

    def __init__(self, store: StoreDirectory, settings: ServerSettings, token: Token | None, clients: Clients) -> None:
        self._store = store
        self._settings = settings
        self._token = token
        self._clients = clients
        # The store has one writer at a time, and waiting here is kinder than being refused by its lock.
        self._places = Places(1, settings, "change")
        self._running: set[Changer] = set()
        self._closed = False
        # One that works, and others that end it.
        self._threads = ThreadPoolExecutor(3, thread_name_prefix="update")

    @property
    def allowed(self) -> bool:
        """Whether changes are switched on."""
        return self._token is not None

    @property
    def alive(self) -> int:
        """How many processes run."""
        return len(self._running)

    @property
    def busy(self) -> int:
        """How many changes run."""
        return self._places.taken

    @property
    def waiting(self) -> int:
        """How many requests wait."""
        return self._places.waiting

    def check(self, request: Request) -> None:
        """Let a request pass that may change the store.

        Raises:
            Problem: 403 when changes are switched off, 401 without the token, 400 with a token in the URL.
        """
        if self._token is None:
            raise read_only(request)
        parameters = Parameters(request.scope["query_string"])
        if parameters.names() & set(_TOKENS_IN_URL):
            raise Problem(400, "a token in the URL is not taken, since URLs are logged; send it in Authorization")
        self._token.check(request.headers.getlist("authorization"))

    @asynccontextmanager
    async def audited(self, request: Request, operation: str) -> AsyncIterator[Audited]:
        """Check a request, and write one line to the audit log whatever becomes of it.

        Raises:
            Problem: as :meth:`check`.
        """
        entry = Audited(operation)
        outcome = "failed"
        began = asyncio.get_running_loop().time()
        try:
            self.check(request)
            yield entry
            outcome = "published"
        except Problem as problem:
            outcome = str(problem.status)
            raise
        except ClientDisconnect:
            outcome = "published" if entry.generation else "disconnected"
            raise
        finally:
            if self._token is not None:
                self._write(request, entry, outcome, asyncio.get_running_loop().time() - began)

    async def make(self, request: Request, entry: Audited, change: Change, seconds: float) -> Published:
        """Make a change, and wait until it is published.

        Args:
            request: the HTTP request; should its client go away before, the change is given up.
            entry: what the audit log will say of it.
            change: the change.
            seconds: its deadline.

        Raises:
            Problem: by the change 400, 403, 404, 422; by the state of the server 429, 500, 503; at the deadline 504.
            StoreError: the store cannot be written.
            ClientDisconnect: the client went away.
        """
        return await while_connected(request, self._make(entry, change, seconds))

    async def interrupt(self) -> None:
        """Give up every change; from now on every request is answered 503."""
        self._closed = True
        await asyncio.gather(*(asyncio.to_thread(changer.stop) for changer in list(self._running)))

    async def stop(self) -> None:
        """Give up every change, and let go of the threads."""
        await self.interrupt()
        await asyncio.to_thread(self._threads.shutdown)

    async def _make(self, entry: Audited, change: Change, seconds: float) -> Published:
        client = await self._places.enter()
        try:
            if self._closed:
                raise _stopping()
            limits = self._settings
            changer = Changer(
                self._store,
                change,
                memory=limits.update_memory,
                longest=limits.update_bytes,
                deepest=limits.query_depth,
            )
            made = await self._run(entry, changer, seconds)
        finally:
            self._places.leave(client)
        if isinstance(made, Published):
            return made
        if made.kind == "killed" and self._closed:
            raise _stopping()
        raise _problem(made)

    async def _run(self, entry: Audited, changer: Changer, seconds: float) -> Published | Failed:
        loop = asyncio.get_running_loop()
        self._running.add(changer)
        working = loop.run_in_executor(self._threads, changer.run)
        expired = False
        given_up: Killed | None = None
        left: asyncio.CancelledError | None = None
        try:
            done_in_time, _ = await asyncio.wait({working}, timeout=seconds)
            expired = not done_in_time
        finally:
            # By the deadline or because the client has gone: it is given up, or published already.
            if not working.done():
                given_up = Killed.DEADLINE if expired else Killed.CLIENT
                loop.run_in_executor(self._threads, changer.stop)
                left = await _end_of(working)
            self._running.discard(changer)
            if not working.cancelled() and not working.exception():
                self._note(entry, working.result(), given_up)
        if left:
            raise left
        made = working.result()
        if expired and isinstance(made, Failed) and made.kind == "killed" and not self._closed:
            raise Problem(504, f"the change was stopped after {seconds:g} seconds, and nothing is changed")
        return made

    def _note(self, entry: Audited, made: Published | Failed, given_up: Killed | None) -> None:
        """Note for the logs and metrics what became of a change, and why it was given up, if it was."""
        trace = current()
        if isinstance(made, Published):
            entry.generation = trace.generation = made.generation
        elif made.kind == "killed" and self._closed:
            trace.killed = Killed.STOPPING
        elif made.kind == "killed" and given_up:
            trace.killed = given_up
        else:
            trace.killed = KILLED.get(made.kind)

    def _write(self, request: Request, entry: Audited, outcome: str, seconds: float) -> None:
        members = {
            "client": self._clients.name(request.client.host if request.client else ""),
            "operation": entry.operation,
            "bytes": entry.size,
            "seconds": round(seconds, 3),
            "outcome": outcome,
            "generation": entry.generation,
        }
        audit_logger.info("%s", json_line("audit", members))


async def _end_of(working: asyncio.Future[Published | Failed]) -> asyncio.CancelledError | None:
    """Wait for the end of some work, whatever happens; gives what asked to leave meanwhile."""
    asked: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.wait({working})
        except asyncio.CancelledError as error:
            asked = error
    return asked


def done(published: Published, status: int, headers: dict[str, str] | None = None) -> Response:
    """The answer to a change that is published."""
    return Response(
        status_code=status,
        headers={**(headers or {}), "Cache-Control": "no-store", "Trialkg-Generation": str(published.generation)},
    )


def read_only(request: Request) -> Problem:
    """What a change is answered where changes are switched off."""
    return Problem(403, f"{request.url.path} takes no changes: this server is read-only")


def _stopping() -> Problem:
    return Problem(503, "the server is stopping, and nothing is changed", retry=True)


def _problem(failed: Failed) -> Problem:
    """What a change that failed is for a client."""
    if failed.kind == "store":
        # The message names a path of this machine: it is for the log.
        logger.error("%s", failed.error())
        return Problem(503, "the data cannot be read at the moment", retry=True)
    if failed.kind in ("crashed", "deep", "killed", "evaluation"):
        logger.warning("a change failed: %s", failed.error())
    members = {name: value for name in ("line", "column") if (value := getattr(failed, name)) is not None}
    detail = str(failed.error())
    return Problem(CHANGE_STATUS[failed.kind], detail, members=members, retry=failed.kind in _CURED_BY_WAITING)

"""Answers of the query processes as HTTP responses, and clients that go away."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from kg.server.answer import Answer, CutOff
from kg.server.trace import Killed

__all__ = ["AnswerResponse", "while_connected"]

T = TypeVar("T")

_UNWATCHED_SECONDS: Final = 0.02


async def _gone(receive: Receive) -> None:
    """Wait until the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def while_connected(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The result of some work, which is cancelled when the client goes away before it is done.

    Raises:
        ClientDisconnect: the client has gone.
    """
    # The work is not given a task of its own, and the client is watched only after a while: most work is done
    # before either would pay.
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  (a coroutine runs in one)
    watching: list[asyncio.Future[None]] = []

    def leave(gone: asyncio.Future[None]) -> None:
        if not gone.cancelled():
            task.cancel()

    def watch() -> None:
        watching.append(asyncio.ensure_future(_gone(request.receive)))
        watching[0].add_done_callback(leave)

    timer = asyncio.get_running_loop().call_later(_UNWATCHED_SECONDS, watch)
    try:
        return await work
    except asyncio.CancelledError:
        # Whoever stops the server cancels too.
        if watching and watching[0].done() and not task.uncancel():
            raise ClientDisconnect from None
        raise
    finally:
        timer.cancel()
        for one in watching:
            one.remove_done_callback(leave)
            one.cancel()


class AnswerResponse(Response):
    """An answer, sent as it comes.

    One that ends before it is complete raises in the middle of the body, so that the server closes the connection
    without the mark of a complete response, and the client knows.

    Args:
        answer: the answer; closed at the end, whatever happens.
        headers: headers, Content-Type among them.
        stall_seconds: how long a client may leave what it was sent unread.
    """

    def __init__(self, answer: Answer, headers: dict[str, str], *, stall_seconds: float) -> None:
        super().__init__(answer.head if answer.complete else None, headers=headers)
        if not answer.complete:
            del self.headers["content-length"]
        self._answer = answer
        self._stall_seconds = stall_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        answer = self._answer
        try:
            if answer.complete:
                await super().__call__(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            if scope["method"] == "HEAD":
                answer.close(Killed.UNNEEDED)
                await send({"type": "http.response.body", "body": b""})
                return
            await self._send_rest(receive, send)
        finally:
            answer.close()

    async def _send_rest(self, receive: Receive, send: Send) -> None:
        answer = self._answer
        watching = asyncio.ensure_future(_gone(receive))
        # The process is killed as soon as nobody wants its answer, which also ends the wait for its next bytes.
        watching.add_done_callback(lambda _: answer.close())
        try:
            await self._send_part(send, answer.head)
            async for data in answer.rest():
                await self._send_part(send, data)
            await send({"type": "http.response.body", "body": b""})
        except CutOff:
            if not watching.done():
                raise
        finally:
            watching.cancel()

    async def _send_part(self, send: Send, data: bytes) -> None:
        try:
            async with asyncio.timeout(self._stall_seconds):
                await send({"type": "http.response.body", "body": data, "more_body": True})
        except TimeoutError:
            raise CutOff("the client does not read") from None

"""The event loop's talk with a query process: it waits for messages without a thread."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Final

from kg.confined.frames import Frames, framed
from kg.store.messages import STOP, Done, Failed, Message, decode
from kg.store.reader import QueryRequest, Reader

__all__ = ["Talk", "is_last"]

_PIECE: Final = 256 * 1024
_SECONDS_TO_STOP: Final = 0.1


class Talk:
    """A talk with a reader that is started and answered before; from now on nobody else talks with it.

    Args:
        reader: the reader.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._socket = socket.socket(fileno=os.dup(reader.fileno()))
        self._socket.settimeout(0)
        self._frames = Frames()
        self._waits = False
        self._quiet = asyncio.Event()
        self._stops = False
        self._answered = True
        self._closed = False

    async def exchange(self, request: QueryRequest | None) -> list[Message]:
        """Send a request, if there is one; then the next messages. After the last one nothing may be asked for.

        When the process has ended, ``Failed`` with the reason.
        """
        messages: list[Message] = []
        if not self._is_closed():
            self._waits = True
            self._quiet.clear()
            try:
                messages = await self._receive(request)
                while self._stops and messages and not self._answered:
                    messages = await self._receive(None)
                if self._stops and messages:
                    # Some were left out, so the last of them must not look like the end of a whole answer.
                    messages = [Failed("stopped", "the query was stopped")]
            finally:
                self._waits = False
                self._quiet.set()
                if self._is_closed():
                    self._socket.close()
        return messages or [await asyncio.to_thread(self._reader.ended)]

    async def stop(self) -> bool:
        """Ask the process to write no more of its answer; whether it does so soon, and can be asked again."""
        self._stops = True
        try:
            self._socket.send(framed(STOP))
            async with asyncio.timeout(_SECONDS_TO_STOP):
                while not self._answered:
                    if self._waits:
                        await self._quiet.wait()
                    if not self._answered and not await self._receive(None):
                        return False
        except (OSError, TimeoutError):
            return False
        self._stops = False
        return not self._closed

    async def _receive(self, request: QueryRequest | None) -> list[Message]:
        """The next messages; none when the process has ended."""
        loop = asyncio.get_running_loop()
        try:
            if request:
                self._answered = False
                await loop.sock_sendall(self._socket, framed(request.frame()))
            while data := await loop.sock_recv(self._socket, _PIECE):
                if frames := self._frames.add(data):
                    messages = [decode(frame) for frame in frames]
                    self._answered = is_last(messages[-1])
                    return messages
        except (ConnectionError, ValueError):
            # It has ended, or what it says makes no sense, which ends it.
            pass
        return []

    def _is_closed(self) -> bool:
        # Asked for again after each wait, in which it may have changed.
        return self._closed

    def close(self) -> None:
        """End the talk; whoever waits for a message gets it, or the end of the process."""
        self._closed = True
        if not self._waits:
            self._socket.close()


def is_last(message: Message) -> bool:
    """Whether nothing comes after this message until there is another request."""
    return isinstance(message, Done | Failed)

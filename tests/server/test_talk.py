"""The event loop's end of the talk with a query process, which here is played by the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from kg.confined.frames import Frames, framed
from kg.server.talk import Talk
from kg.store.messages import STOP, Chunk, Done, Failed, Message, Started, encode
from kg.store.reader import QueryRequest, Reader


class Played(Reader):
    """A process that says what the test says."""

    def __init__(self) -> None:
        super().__init__(Path("none"))
        self._ours, self.theirs = socket.socketpair()
        self.theirs.settimeout(5)

    def fileno(self) -> int:
        return self._ours.fileno()

    def ended(self) -> Failed:
        return Failed("killed", "the query was stopped")

    def say(self, *messages: Message) -> None:
        self.theirs.sendall(b"".join(framed(encode(message)) for message in messages))

    def heard(self) -> list[bytes]:
        return Frames().add(self.theirs.recv(100_000))

    def close(self) -> None:
        self._ours.close()
        self.theirs.close()


BEGUN = (Started("text/csv", "solutions"), Chunk(b"1"))


def run(test: Callable[[Talk, Played], Awaitable[None]]) -> None:
    async def body() -> None:
        played = Played()
        talk = Talk(played)
        try:
            begun = asyncio.ensure_future(talk.exchange(QueryRequest("ASK {}")))
            await asyncio.sleep(0)
            assert len(played.heard()) == 1
            played.say(*BEGUN)
            assert await begun == list(BEGUN)
            await test(talk, played)
        finally:
            talk.close()
            played.close()

    asyncio.run(body())


def test_an_answer_that_ends_while_it_is_stopped_is_not_taken_for_a_whole_one() -> None:
    async def test(talk: Talk, played: Played) -> None:
        waiting = asyncio.ensure_future(talk.exchange(None))
        await asyncio.sleep(0)
        stopping = asyncio.ensure_future(talk.stop())
        await asyncio.sleep(0)
        assert played.heard() == [STOP]
        # It did not hear yet, and says the rest in two pieces, the first of which nobody gets.
        played.say(Chunk(b"2"))
        await asyncio.sleep(0.01)
        played.say(Chunk(b"3"), Done(3))
        assert [message.kind for message in await waiting if isinstance(message, Failed)] == ["stopped"]
        assert await stopping
        # It is good for another request.
        again = asyncio.ensure_future(talk.exchange(QueryRequest("ASK {}")))
        await asyncio.sleep(0)
        played.say(*BEGUN, Done(1))
        assert await again == [*BEGUN, Done(1)]

    run(test)


def test_an_answer_is_stopped_that_nobody_waits_for() -> None:
    async def test(talk: Talk, played: Played) -> None:
        stopping = asyncio.ensure_future(talk.stop())
        await asyncio.sleep(0)
        assert played.heard() == [STOP]
        played.say(Chunk(b"2"), Failed("stopped", ""))
        assert await stopping

    run(test)


@pytest.mark.parametrize("words", [b"", framed(b"nonsense"), framed(encode(Chunk(b"2")))])
def test_one_that_does_not_stop_is_of_no_use(words: bytes) -> None:
    async def test(talk: Talk, played: Played) -> None:
        stopping = asyncio.ensure_future(talk.stop())
        await asyncio.sleep(0)
        played.theirs.sendall(words)
        assert not await stopping

    run(test)


def test_the_end_of_the_process_is_heard() -> None:
    async def test(talk: Talk, played: Played) -> None:
        waiting = asyncio.ensure_future(talk.exchange(None))
        await asyncio.sleep(0)
        # In the middle of a frame.
        played.theirs.sendall(framed(encode(Chunk(b"2222")))[:-2])
        await asyncio.sleep(0)
        played.theirs.close()
        assert await waiting == [played.ended()]

    run(test)

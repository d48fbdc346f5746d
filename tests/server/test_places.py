"""Places and the queue for them, shared out by client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from kg.server.places import Places, client_of
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.server.trace import Trace, tracing

ALICE, BOB, CAROL = "192.0.2.1", "192.0.2.2", "2001:db8::1"


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(test())  # type: ignore[arg-type]


def places(number: int = 1, *, young: int | None = None, **limits: float) -> Places:
    share = limits.pop("share", None)
    settings = ServerSettings(workers=1, **limits)  # type: ignore[arg-type]
    return Places(number, settings, "query", share=None if share is None else int(share), young=young)


async def enter(places: Places, client: str) -> str:
    with tracing(Trace(client=client)):
        return await places.enter()


async def queued(places: Places, client: str) -> asyncio.Task[str]:
    """A request that waits."""
    had = places.waiting
    task = asyncio.ensure_future(enter(places, client))
    while places.waiting == had:
        await asyncio.sleep(0)
        assert not task.done()
    return task


def test_one_client_has_a_share() -> None:
    async def test() -> None:
        some = places(3, share=2)
        for _ in range(2):
            await enter(some, ALICE)
        third = await queued(some, ALICE)
        # There is a place, and it is not hers.
        assert not some.wanted
        await enter(some, BOB)
        assert some.taken == 3
        some.leave(BOB)
        await asyncio.sleep(0.01)
        assert not third.done()
        some.leave(ALICE)
        assert await third == ALICE
        assert (some.taken, some.taken_by(ALICE), some.waiting) == (2, 2, 0)

    run(test)


def test_clients_take_turns() -> None:
    async def test() -> None:
        some = places()
        await enter(some, ALICE)
        order: list[str] = []

        async def use(client: str) -> None:
            await enter(some, client)
            order.append(client)
            some.leave(client)

        waiting = []
        for client in (ALICE, ALICE, ALICE, BOB, BOB, CAROL):
            waiting.append(asyncio.ensure_future(use(client)))
            await asyncio.sleep(0)
        some.leave(ALICE)
        await asyncio.gather(*waiting)
        assert order == [ALICE, BOB, client_of(CAROL), ALICE, BOB, ALICE] or order == [
            ALICE, BOB, CAROL, ALICE, BOB, ALICE
        ]  # fmt: skip
        assert some.taken == some.waiting == 0

    run(test)


def test_nobody_fills_the_queue_alone() -> None:
    async def test() -> None:
        some = places(waiting=3, client_waiting=2)
        await enter(some, ALICE)
        waiting = [await queued(some, ALICE) for _ in range(2)]
        with pytest.raises(Problem, match="of yours") as refused:
            await enter(some, ALICE)
        assert (refused.value.status, "Retry-After" in refused.value.headers) == (429, True)
        waiting.append(await queued(some, BOB))
        with pytest.raises(Problem, match="wait for a query process already") as refused:
            await enter(some, CAROL)
        assert (refused.value.status, "Retry-After" in refused.value.headers) == (429, True)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        assert some.waiting == 0
        some.leave(ALICE)
        assert some.taken == 0
        assert await enter(some, CAROL) == client_of(CAROL)

    run(test)


def test_a_place_for_one_who_just_gave_up_is_for_the_next() -> None:
    async def test() -> None:
        some = places()
        await enter(some, ALICE)
        first, second = await queued(some, ALICE), await queued(some, BOB)
        # Passed on and cancelled before the task hears of either.
        some.leave(ALICE)
        first.cancel()
        assert await second == BOB
        some.leave(BOB)
        third = await queued_after_taking(some)
        third.cancel()
        some.leave(CAROL_KEY)
        with pytest.raises(asyncio.CancelledError):
            await third
        assert some.taken == some.waiting == 0

    run(test)


CAROL_KEY = client_of(CAROL)


async def queued_after_taking(some: Places) -> asyncio.Task[str]:
    await enter(some, CAROL)
    return await queued(some, BOB)


def test_waiting_ends() -> None:
    async def test() -> None:
        some = places(waiting_seconds=0.01)
        await enter(some, ALICE)
        with pytest.raises(Problem) as refused:
            await enter(some, BOB)
        assert refused.value.status == 503
        assert some.waiting == 0
        some.leave(ALICE)
        assert await enter(some, BOB) == BOB

    run(test)


def test_young_work_waits_for_other_young_work_and_never_beside_old() -> None:
    async def test() -> None:
        some = places(3, young=1)
        await enter(some, ALICE)
        second = await queued(some, BOB)
        # There are places, so nothing has to end for those who wait.
        assert (some.taken, some.wanted) == (1, False)
        some.outgrow()
        assert await second == BOB
        # As long as there is old work, the limit does not count.
        await enter(some, CAROL)
        fourth = await queued(some, ALICE)
        assert (some.taken, some.wanted) == (3, True)
        some.leave(ALICE, young=False)
        await asyncio.sleep(0)
        # Now all are young, and too many.
        assert not fourth.done()
        some.leave(BOB)
        some.leave(CAROL)
        assert await fourth == ALICE
        assert (some.taken, some.waiting) == (1, 0)

    run(test)


def test_the_crowded_are_told() -> None:
    async def test() -> None:
        told: list[int] = []
        some = Places(1, ServerSettings(workers=1), "query", crowded=lambda: told.append(1))
        await enter(some, ALICE)
        assert not told
        waiting = [await queued(some, BOB), await queued(some, CAROL)]
        assert len(told) == 2
        some.leave(ALICE)
        await waiting[0]
        # One still waits.
        assert len(told) == 3
        some.leave(BOB)
        await waiting[1]
        assert len(told) == 3

    run(test)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("", "", True),
        ("a:b", "a:c", False),
    ],
)
def test_who_counts_as_one(one: str, other: str, same: bool) -> None:
    assert (client_of(one) == client_of(other)) is same

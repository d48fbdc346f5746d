"""The pool of query processes, without a server around it."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from kg.errors import StoreError
from kg.server.answer import CutOff
from kg.server.lookup import Lookup, Newest
from kg.server.pool import Pool
from kg.server.priority import Priority
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.store.generations import StoreDirectory
from kg.store.pin import in_use
from kg.store.reader import QueryRequest, Reader
from tests.server.server_process import damage, fill

ASK = QueryRequest("ASK {}")
ENDLESS = QueryRequest("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }", media_type="text/csv")
NEVER = QueryRequest("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?p ?q ?r }")
MADE: list[Reader] = []


def make(store: Path) -> Reader:
    MADE.append(Reader(store))
    return MADE[-1]


@asynccontextmanager
async def pool_over(store: Path, settings: ServerSettings) -> AsyncIterator[Pool]:
    MADE.clear()
    pool = Pool(Newest(StoreDirectory(store)), settings, reader=make)
    try:
        await pool.start()
        yield pool
    finally:
        await pool.stop()


async def eventually(true: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.01)


async def collect(chunks: AsyncIterator[bytes]) -> bytes:
    return b"".join([chunk async for chunk in chunks])


def run(store: Path, test: Callable[[Pool], object], **limits: float) -> None:
    """Run a coroutine function with a pool of one process."""

    async def body() -> None:
        settings = ServerSettings(**{"workers": 1, "spare_workers": 0, **limits})  # type: ignore[arg-type]
        async with pool_over(store, settings) as pool:
            await test(pool)  # type: ignore[misc]

    asyncio.run(body())


def test_one_process_answers_many(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        for _ in range(3):
            answer = await pool.ask(ASK)
            assert answer.complete
            assert answer.kind == "boolean"
            assert b"true" in answer.head
        assert len(MADE) == 1
        assert pool.alive == 1
        assert pool.busy == 0

    run(served_store, test)


def test_the_queue_is_bounded(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        running = asyncio.ensure_future(pool.ask(NEVER))
        await eventually(lambda: pool.busy == 1)
        waiting = asyncio.ensure_future(pool.ask(ASK))
        await eventually(lambda: pool.waiting == 1)
        with pytest.raises(Problem) as refused:
            await pool.ask(ASK)
        assert refused.value.status == 429
        assert int(refused.value.headers["Retry-After"]) > 0
        running.cancel()
        assert (await waiting).complete
        assert pool.waiting == 0

    run(served_store, test, waiting=1)


def test_waiting_ends(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        running = asyncio.ensure_future(pool.ask(NEVER))
        await eventually(lambda: pool.busy == 1)
        with pytest.raises(Problem) as refused:
            await pool.ask(ASK)
        assert refused.value.status == 503
        running.cancel()
        await eventually(lambda: pool.busy == 0)
        assert (await pool.ask(ASK)).complete

    run(served_store, test, waiting_seconds=0.05)


def test_a_cancelled_request_kills_its_process(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        running = asyncio.ensure_future(pool.ask(NEVER))
        await eventually(lambda: pool.busy == 1)
        first = MADE[0]
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await eventually(lambda: not first.alive)
        assert (await pool.ask(ASK)).complete

    run(served_store, test)


def test_an_answer_left_early_is_stopped(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        for _ in range(3):
            answer = await pool.ask(ENDLESS)
            assert not answer.complete
            assert len(answer.head) > 64 * 1024
            rest = answer.rest()
            assert await anext(rest)
            answer.close()
            answer.close()
            with pytest.raises(CutOff):
                await collect(rest)
            assert b"true" in (await pool.ask(ASK)).head
            assert pool.busy == 0
        # The process heard that nobody wants the rest.
        assert len(MADE) == 1

    run(served_store, test)


def test_an_answer_left_while_its_next_bytes_are_waited_for(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        answer = await pool.ask(ENDLESS)
        waiting = asyncio.ensure_future(collect(answer.rest()))
        await asyncio.sleep(0.05)
        answer.close()
        with pytest.raises(CutOff):
            await waiting
        assert b"true" in (await pool.ask(ASK)).head
        assert len(MADE) == 1

    run(served_store, test)


def test_one_that_does_not_hear_is_killed(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        answer = await pool.ask(ENDLESS)
        assert MADE[0].pid
        os.kill(MADE[0].pid, signal.SIGSTOP)
        answer.close()
        assert (await pool.ask(ASK)).complete
        await eventually(lambda: not MADE[0].alive)
        assert len(MADE) == 2

    run(served_store, test)


def test_the_deadline_frees_a_place_that_nobody_reads(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        unread = await pool.ask(QueryRequest(ENDLESS.text, timeout=1.5, media_type="text/csv"))
        assert (await pool.ask(ASK)).complete
        with pytest.raises(CutOff, match=r"1\.5 seconds"):
            await collect(unread.rest())

    run(served_store, test)


def test_errors_have_their_status(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        for query, status in (
            (QueryRequest("ASK {"), 400),
            (QueryRequest("ASK { SERVICE <http://127.0.0.1:9/> {} }"), 403),
            (QueryRequest("ASK {}", media_type="", graph_media_type="text/turtle"), 406),
            (QueryRequest(NEVER.text, timeout=0.2), 504),
        ):
            with pytest.raises(Problem) as found:
                await pool.ask(query)
            assert found.value.status == status
        # Only the one that was stopped cost a process.
        assert (await pool.ask(ASK)).complete
        assert len(MADE) == 2

    run(served_store, test)


def test_a_dead_process_is_noticed_before_it_is_used(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        await pool.ask(ASK)
        MADE[0].kill()
        assert (await pool.ask(ASK)).complete
        assert len(MADE) == 2
        assert pool.alive == 1

    run(served_store, test)


def test_a_start_that_failed_is_tried_again(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)
    (manifest,) = StoreDirectory(tmp_path / "store").newest().path.glob("MANIFEST*")
    whole = manifest.read_bytes()

    async def test(pool: Pool) -> None:
        damage(tmp_path / "store")
        MADE[0].kill()
        with pytest.raises(StoreError, match="MANIFEST"):
            await pool.ask(ASK)
        manifest.write_bytes(whole)
        await eventually(lambda: pool.alive == 1)
        assert (await pool.ask(ASK)).complete

    run(tmp_path / "store", test)


def test_what_nobody_uses_is_tended(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)

    async def test(pool: Pool) -> None:
        MADE[0].kill()
        await eventually(lambda: len(MADE) == 2 and MADE[1].alive)
        await asyncio.to_thread(fill, tmp_path / "store", "<http://x/> <http://y/> <http://z/> .")
        # Nobody asked, and nothing keeps the old one from being removed.
        await eventually(lambda: not in_use(str(tmp_path / "store" / "generations" / "000001")))
        assert MADE[1].alive
        assert (await pool.ask(ASK)).generation == 2
        assert len(MADE) == 2

    run(tmp_path / "store", test)


def test_a_new_generation_is_opened_by_the_same_process(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)
    new = QueryRequest("ASK { <http://x/> <http://y/> <http://z/> }")

    async def test(pool: Pool) -> None:
        first = await pool.ask(new)
        assert (first.generation, b"false" in first.head) == (1, True)
        await asyncio.to_thread(fill, tmp_path / "store", "<http://x/> <http://y/> <http://z/> .")
        second = await pool.ask(new)
        assert (second.generation, b"true" in second.head) == (2, True)
        assert len(MADE) == 1
        # Nothing keeps the old one from being swept away.
        assert not in_use(str(tmp_path / "store" / "generations" / "000001"))

    run(tmp_path / "store", test)


def test_a_new_generation_that_cannot_be_opened(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)

    async def test(pool: Pool) -> None:
        await asyncio.to_thread(fill, tmp_path / "store", "<http://x/> <http://y/> <http://z/> .")
        (manifest,) = StoreDirectory(tmp_path / "store").newest().path.glob("MANIFEST*")
        whole = manifest.read_bytes()
        damage(tmp_path / "store")
        with pytest.raises(StoreError, match="cannot be opened"):
            await pool.ask(ASK)
        manifest.write_bytes(whole)
        assert (await pool.ask(ASK)).generation == 2

    run(tmp_path / "store", test)


def test_a_process_without_memory_to_open_a_new_generation_costs_no_query(tmp_path: Path, studies: str) -> None:
    store = tmp_path / "store"
    fill(store, studies)
    made: list[Reader] = []

    def tight(path: Path) -> Reader:
        made.append(Reader(path, memory=2**25))
        return made[-1]

    async def test() -> None:
        pool = Pool(Newest(StoreDirectory(store)), ServerSettings(workers=1, spare_workers=0), reader=tight)
        try:
            await pool.start()
            assert (await pool.ask(ASK)).generation == 1
            await asyncio.to_thread(fill, store, "<http://x/> <http://y/> <http://z/> .")
            assert (await pool.ask(ASK)).generation == 2
            assert [reader.alive for reader in made] == [False, True]
        finally:
            await pool.stop()

    asyncio.run(test())


def test_the_server_comes_before_its_processes(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        assert (await pool.ask(ASK)).complete
        assert MADE[0].pid
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, MADE[0].pid) == min(19, own + Priority.QUICK)

    run(served_store, test)


@pytest.mark.parametrize("may_raise", [True, False])
def test_a_process_that_was_lowered_is_raised_or_replaced(
    served_store: Path, monkeypatch: pytest.MonkeyPatch, may_raise: bool
) -> None:
    # Whether these tests may raise a priority depends on who runs them.
    given: dict[int, Priority] = {}

    def set_priority(process: int, priority: Priority) -> bool:
        if priority < given.get(process, priority) and not may_raise:
            return False
        given[process] = priority
        return True

    monkeypatch.setattr("kg.server.pool.set_priority", set_priority)
    monkeypatch.setattr("kg.server.answer.set_priority", set_priority)

    def lowered() -> bool:
        return Priority.LONG in {given[reader.pid] for reader in MADE if reader.alive and reader.pid}

    async def test(pool: Pool) -> None:
        slow = await pool.ask(ENDLESS, held=0)
        await asyncio.sleep(0.1)
        # Nobody else wants the processor yet.
        assert not lowered()
        other = asyncio.ensure_future(pool.ask(NEVER))
        await eventually(lowered)
        slow.close()
        await eventually(lambda: pool.busy == 1 and not lowered() and pool.alive == 2)
        assert (len(MADE) == 2) is may_raise
        other.cancel()
        with pytest.raises(asyncio.CancelledError):
            await other

    run(served_store, test, workers=2, client_workers=2, young_seconds=0.05)


def test_a_process_to_spare_takes_the_place_of_one_that_is_killed(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        assert (pool.alive, pool.busy) == (2, 0)
        answer = asyncio.ensure_future(pool.ask(NEVER))
        await eventually(lambda: pool.busy == 1)
        # Until the end of the test no other process is ready.
        ready, first = asyncio.Event(), set(MADE)
        in_thread = pool.in_thread

        async def held(work: Callable[..., object], *arguments: object) -> object:
            await ready.wait()
            return await in_thread(work, *arguments)

        pool.in_thread = held  # type: ignore[method-assign, assignment]
        answer.cancel()
        assert (await pool.ask(ASK)).complete
        assert set(MADE) == first
        ready.set()
        await eventually(lambda: len(MADE) == 3 and pool.alive == 2)

    run(served_store, test, spare_workers=1)


def test_nothing_published(tmp_path: Path) -> None:
    async def test(_: Pool) -> None:
        raise AssertionError("the pool must not start")

    with pytest.raises(StoreError, match="no store"):
        run(tmp_path / "none", test)


def test_a_store_that_cannot_be_opened(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)
    damage(tmp_path / "store")

    async def test(_: Pool) -> None:
        raise AssertionError("the pool must not start")

    with pytest.raises(StoreError, match="MANIFEST"):
        run(tmp_path / "store", test)


def test_after_the_end_requests_are_refused(served_store: Path) -> None:
    async def test(pool: Pool) -> None:
        await pool.interrupt()
        with pytest.raises(Problem) as refused:
            await pool.ask(ASK)
        assert refused.value.status == 503
        assert pool.alive == 0

    run(served_store, test)


def test_newest_is_read_again_only_when_it_changed(tmp_path: Path, studies: str) -> None:
    directory = StoreDirectory(tmp_path / "store")
    fill(directory.directory, studies)
    newest = Newest(directory)
    first = newest()
    assert newest() is first
    fill(directory.directory, "<http://x/> <http://y/> <http://z/> .")
    assert newest().number == 2


def test_facts_of_a_build_are_not_counted_again(tmp_path: Path) -> None:
    with StoreDirectory(tmp_path / "store").writing() as draft:
        draft.report = {"triples": 173_000_000, "storeStudies": 560_000, "dataDate": "2026-11-20"}
    facts = Lookup(Newest(StoreDirectory(tmp_path / "store"))).facts()
    assert facts == (1, 173_000_000, 560_000, "2026-11-20")


def test_lookup_follows_generations(tmp_path: Path, studies: str) -> None:
    directory = StoreDirectory(tmp_path / "store")
    fill(directory.directory, studies)
    lookup = Lookup(Newest(directory))
    facts = lookup.facts()
    assert (facts.generation, facts.studies, facts.data_date) == (1, 2, "2026-11-20")
    study = lookup.study("NCT99999901")
    assert study
    assert study.labels["https://w3id.org/trialkg/agent/pembrolizumab"] == "pembrolizumab"
    assert lookup.study("NCT99999903") is None
    fill(directory.directory, "<https://w3id.org/trialkg/trial/NCT99999903> <http://purl.org/dc/terms/title> 'new' .")
    assert lookup.study("NCT99999903")
    assert lookup.facts().triples == facts.triples + 1
    lookup.close()


def test_limits_of_queries_are_those_of_the_settings(served_store: Path) -> None:
    async def body() -> None:
        settings = ServerSettings(workers=1, query_depth=3, query_bytes=300_000)
        pool = Pool(Newest(StoreDirectory(served_store)), settings)
        try:
            await pool.start()
            with pytest.raises(Problem, match="nests"):
                await pool.ask(QueryRequest("ASK {{{{}}}}"))
            # More than the engine takes where nothing else is said.
            answer = await pool.ask(QueryRequest("ASK {} #" + "x" * 250_000))
            assert answer.complete
        finally:
            await pool.stop()

    asyncio.run(body())

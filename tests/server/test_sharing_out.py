"""No client takes what is everybody's, and long queries give way, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.server.server_process import Server, running
from tests.server.test_metrics import measured, value
from tests.server.test_server_resilience import ENDLESS, POINT, RUNAWAY, busy, eventually

pytestmark = pytest.mark.server


def client_at(server: Server, address: str, **headers: str) -> httpx.Client:
    """A client that comes from an address of the loopback."""
    transport = httpx.HTTPTransport(local_address=address)
    return httpx.Client(base_url=server.url, transport=transport, timeout=30, trust_env=False, headers=headers)


def ask(client: httpx.Client, query: str) -> httpx.Response:
    return client.get("/sparql", params={"query": query})


@contextmanager
def greedy(server: Server, client: httpx.Client, requests: int, running_then: int) -> Iterator[list[httpx.Response]]:
    """Runaway queries of one client; their answers are there in the end."""
    answers: list[httpx.Response] = []
    with ThreadPoolExecutor(requests) as others:
        asking = [others.submit(ask, client, RUNAWAY) for _ in range(requests)]
        eventually(lambda: busy(server) == running_then)
        yield answers
        answers += [one.result(30) for one in asking]


def test_one_client_cannot_take_every_process_nor_the_queue(served_store: Path) -> None:
    with (
        running(served_store, workers=2, timeout=2, client_waiting=2, quick_seconds=30) as server,
        client_at(server, "127.0.0.2") as greedy_one,
        client_at(server, "127.0.0.3") as other,
    ):
        with greedy(server, greedy_one, 6, 1) as answers:
            for _ in range(5):
                began = time.monotonic()
                assert ask(other, POINT).status_code == 200
                assert time.monotonic() - began < 1.5
        statuses = sorted(one.status_code for one in answers)
    # One ran, two waited, and no more of them were let in.
    assert statuses == [429] * 3 + [504] * 3 or statuses == [429] * 4 + [504] * 2
    assert all("retry-after" in one.headers for one in answers if one.status_code == 429)


def test_behind_a_trusted_proxy_it_is_the_forwarded_address_that_counts(served_store: Path) -> None:
    limits = {"workers": 2, "timeout": 2, "client_waiting": 1, "quick_seconds": 30}
    with (
        running(served_store, trusted_proxies=["127.0.0.1"], **limits) as server,
        server.client(headers={"X-Forwarded-For": "192.0.2.1"}) as one,
        server.client(headers={"X-Forwarded-For": "192.0.2.2"}) as other,
        greedy(server, one, 2, 1),
    ):
        assert ask(other, POINT).status_code == 200
        eventually(lambda: ask(one, POINT).status_code == 429)


def test_a_young_query_waits_until_another_is_young_no_more(served_store: Path) -> None:
    limits = {"workers": 3, "timeout": 5, "young_queries": 1, "young_seconds": 1, "quick_seconds": 30}
    with (
        running(served_store, **limits) as server,
        client_at(server, "127.0.0.2") as one,
        client_at(server, "127.0.0.3") as other,
    ):
        with greedy(server, one, 1, 1):
            began = time.monotonic()
            assert ask(other, POINT).status_code == 200
            waited = time.monotonic() - began
            # There were free processes; the other query still ran.
            assert busy(server) == 1
        assert 0.3 < waited < 4


def test_a_long_query_gives_way_when_others_wait(served_store: Path) -> None:
    with (
        running(served_store, workers=2, client_workers=2, quick_seconds=0.2, long_queries=1) as server,
        client_at(server, "127.0.0.2") as one,
        client_at(server, "127.0.0.3") as other,
    ):
        with greedy(server, one, 2, 2) as answers:
            time.sleep(0.4)
            # Nobody waits, so both go on.
            assert busy(server) == 2
            assert ask(other, POINT).status_code == 200
            # One may go on while others wait; the test does not wait for its end.
            eventually(lambda: busy(server) == 1)
            assert ask(other, POINT).status_code == 200
            for _ in range(2):
                assert busy(server) == 1
            server.process.terminate()
        stopped = [one for one in answers if "others wait" in one.json()["detail"]]
        assert [one.status_code for one in answers] == [503, 503]
        assert len(stopped) == 1
        assert stopped[0].headers["retry-after"]


def test_an_answer_that_gives_way_is_broken_off(served_store: Path) -> None:
    with (
        running(served_store, workers=1, quick_seconds=0.2, long_queries=1) as server,
        client_at(server, "127.0.0.2") as slow,
        client_at(server, "127.0.0.3") as other,
    ):
        # One long query may go on, and there is one process: it has to end by itself.
        with slow.stream("GET", "/sparql", params={"query": ENDLESS, "format": "csv", "timeout": "1"}) as answer:
            assert answer.status_code == 200
            assert ask(other, POINT).status_code == 200
            with pytest.raises(httpx.RemoteProtocolError):
                answer.read()
        assert value(measured(server), "kills_total", process="query", reason="deadline") == 1
    with (
        running(served_store, workers=2, client_workers=2, quick_seconds=0.2, long_queries=1) as server,
        client_at(server, "127.0.0.2") as slow,
        client_at(server, "127.0.0.3") as other,
        slow.stream("GET", "/sparql", params={"query": ENDLESS, "format": "csv"}) as first,
        slow.stream("GET", "/sparql", params={"query": ENDLESS, "format": "csv"}) as second,
    ):
        assert ask(other, POINT).status_code == 200
        # Of the two the younger one.
        with pytest.raises(httpx.RemoteProtocolError):
            second.read()
        assert next(first.iter_raw())
        assert value(measured(server), "kills_total", process="query", reason="busy") == 1

"""A server under attack and in everyday trouble: runaway queries, killed processes, clients that go, new data."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from kg.errors import StoreError, UsageError
from kg.server import serve
from tests.server.server_process import Server, damage, fill, running

pytestmark = pytest.mark.server

POINT = "SELECT ?t { <https://w3id.org/trialkg/trial/NCT99999902> <http://purl.org/dc/terms/title> ?t }"
# A cross join of 155 statements with itself, seven times over: the count never comes.
RUNAWAY = "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(7)) + " }"
# The same, but its rows come, without end.
ENDLESS = RUNAWAY.replace("(COUNT(*) AS ?n)", "*")
WAIT = 15.0


def eventually(true: Callable[[], object]) -> None:
    """Wait until something is so; fail when it does not become so."""
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def states(processes: set[int]) -> list[str]:
    """Whether processes run (R), wait (S) or have ended (nothing)."""
    found = []
    for process in processes:
        try:
            found.append(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def busy(server: Server) -> int:
    with server.client() as client:
        return int(client.get("/health").json()["workers"]["busy"])


def test_a_runaway_query_is_stopped_and_nobody_else_notices(served_store: Path) -> None:
    with running(served_store, timeout=2) as server:
        before = server.children()
        assert len(before) == 2
        statuses: list[int] = []
        stop = threading.Event()

        def keep_asking() -> None:
            with server.client() as client:
                while not stop.is_set():
                    statuses.append(client.get("/sparql", params={"query": POINT}).status_code)

        with ThreadPoolExecutor(10) as others, server.client() as client:
            asking = [others.submit(keep_asking) for _ in range(10)]
            started = time.monotonic()
            # The clients of the acceptance test allow three seconds for a limit of two.
            stopped = client.get("/sparql", params={"query": RUNAWAY}, timeout=3)
            seconds = time.monotonic() - started
            stop.set()
            for one in asking:
                one.result(WAIT)
        assert stopped.status_code == 504
        assert stopped.json()["status"] == 504
        assert seconds < 3
        assert len(statuses) >= 10
        assert set(statuses) == {200}
        # One process has gone and another taken its place; none computes.
        eventually(lambda: len(server.children()) == 2 and len(before & server.children()) == 1)
        eventually(lambda: "R" not in states(server.children()))


def test_a_request_may_ask_for_less_time(client: httpx.Client) -> None:
    stopped = client.get("/sparql", params={"query": RUNAWAY, "timeout": "0.2"})
    assert stopped.status_code == 504
    assert "0.2 seconds" in stopped.json()["detail"]


def test_a_result_cut_off_is_no_complete_answer(served_store: Path) -> None:
    with running(served_store, timeout=1) as server, server.client() as client:
        with client.stream("GET", "/sparql", params={"query": ENDLESS, "format": "csv"}) as answer:
            assert answer.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
                answer.read()
        assert client.get("/sparql", params={"query": POINT}).status_code == 200
    assert "broken off" in "".join(server.log)
    assert "Traceback" not in "".join(server.log)


@pytest.mark.parametrize("query", [RUNAWAY, ENDLESS], ids=["before the first byte", "after it"])
def test_a_client_that_goes_stops_its_query(server: Server, query: str) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        body = query.encode()
        head = (
            f"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\nContent-Length: {len(body)}"
        )
        connection.sendall(f"{head}\r\n\r\n".encode() + body)
        eventually(lambda: busy(server) == 1)
    eventually(lambda: busy(server) == 0)
    eventually(lambda: "R" not in states(server.children()))


def test_a_client_that_reads_nothing_holds_no_process(served_store: Path) -> None:
    with running(served_store, workers=1, timeout=1) as server:
        host, port = server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection, server.client() as client:
            connection.sendall(
                f"GET /sparql?format=csv&query={httpx.QueryParams(q=ENDLESS)['q'].replace(' ', '+')} HTTP/1.1\r\n"
                "Host: x\r\n\r\n".encode()
            )
            eventually(lambda: busy(server) == 1)
            assert client.get("/sparql", params={"query": POINT}).status_code == 200


def test_a_killed_process_is_replaced(served_store: Path) -> None:
    with running(served_store, workers=2) as server, server.client() as client:
        first = server.children()
        for process in first:
            os.kill(process, signal.SIGKILL)
        # A signal takes its time; a request that a dying process gets is another test.
        eventually(lambda: set(states(first)) <= {"Z"})
        # Where new processes take their time too, a request may have to come again; that it says.
        answers = [client.get("/sparql", params={"query": POINT}) for _ in range(4)]
        assert all(answer.status_code == 200 or "retry-after" in answer.headers for answer in answers)
        eventually(lambda: client.get("/sparql", params={"query": POINT}).status_code == 200)
        eventually(lambda: len(server.children() - first) == 2)


def test_a_query_whose_process_is_killed_is_answered(served_store: Path) -> None:
    with running(served_store, workers=1) as server, ThreadPoolExecutor(1) as other:

        def ask() -> httpx.Response:
            with server.client() as client:
                return client.get("/sparql", params={"query": RUNAWAY})

        asking = other.submit(ask)
        eventually(lambda: busy(server) == 1)
        for process in server.children():
            os.kill(process, signal.SIGKILL)
        answer = asking.result(WAIT)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]


def test_a_query_that_needs_too_much_depth_is_refused(client: httpx.Client) -> None:
    query = "SELECT * " + "{" * 10_000 + "}" * 10_000
    answer = client.post("/sparql", content=query, headers={"Content-Type": "application/sparql-query"})
    assert answer.status_code == 403
    assert client.get("/sparql", params={"query": POINT}).status_code == 200


def test_a_new_generation_is_served_and_no_request_lost(tmp_path: Path, studies: str) -> None:
    store = tmp_path / "store"
    fill(store, studies)
    counting = "SELECT (COUNT(?s) AS ?n) { ?s a <https://w3id.org/trialkg/vocab#Study> }"
    with running(store, workers=2) as server:
        stop = threading.Event()

        def keep_asking() -> list[tuple[int, str]]:
            seen = []
            with server.client() as client:
                while not stop.is_set():
                    answer = client.get("/sparql", params={"query": counting, "format": "csv"})
                    seen.append((answer.status_code, answer.text.split()[-1]))
            return seen

        with ThreadPoolExecutor(4) as others, server.client() as client:
            asking = [others.submit(keep_asking) for _ in range(4)]
            assert client.get("/trial/NCT99999903").status_code == 404
            fill(store, "<https://w3id.org/trialkg/trial/NCT99999903> a <https://w3id.org/trialkg/vocab#Study> .")
            # What is asked after the publication sees it.
            assert client.get("/sparql", params={"query": counting, "format": "csv"}).text.split()[-1] == "3"
            assert client.get("/trial/NCT99999903.ttl").status_code == 200
            assert client.get("/health").json()["generation"] == 2
            stop.set()
            seen = [one for future in asking for one in future.result(WAIT)]
        assert {status for status, _ in seen} == {200}
        assert {count for _, count in seen} <= {"2", "3"}
        assert len(server.children()) == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_stopping(served_store: Path, number: int, code: int) -> None:
    with running(served_store) as server, ThreadPoolExecutor(1) as other, server.client() as client:
        children = server.children()
        asking = other.submit(client.get, "/sparql", params={"query": RUNAWAY})
        eventually(lambda: busy(server) == 1)
        server.process.send_signal(number)
        assert server.process.wait(WAIT) == code
        assert asking.result(WAIT).status_code == 503
    eventually(lambda: not states(children))
    assert "Traceback" not in "".join(server.log)


def test_processes_end_with_a_server_that_is_killed(served_store: Path) -> None:
    with running(served_store) as server, ThreadPoolExecutor(1) as other, server.client() as client:
        children = server.children()
        asking = other.submit(client.get, "/sparql", params={"query": RUNAWAY})
        eventually(lambda: busy(server) == 1)
        server.process.kill()
        with pytest.raises(httpx.HTTPError):
            asking.result(WAIT)
    eventually(lambda: not states(children))


def test_nothing_to_serve(tmp_path: Path, served_store: Path) -> None:
    with pytest.raises(StoreError):
        serve(tmp_path / "none", port=0)
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="cannot listen"):
        serve(served_store, port=taken.getsockname()[1])
    with pytest.raises(UsageError, match="workers"):
        serve(served_store, port=0, workers=0)


def test_a_damaged_store_is_an_error_without_traceback(
    tmp_path: Path, studies: str, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(tmp_path / "store", studies)
    damage(tmp_path / "store")
    with pytest.raises(StoreError, match="MANIFEST"):
        serve(tmp_path / "store", port=0)
    assert "Traceback" not in capfd.readouterr().err


def test_starting_is_light() -> None:
    code = "import kg.server, sys; sys.exit(bool({'fastapi', 'uvicorn', 'rdflib', 'jinja2'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""A server whose queries may ask another, over HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest

from tests.federation.sparql_peer import Peer, peer
from tests.server.server_process import Server, running
from tests.server.test_server_resilience import eventually

pytestmark = pytest.mark.server

TRIAL = "<https://w3id.org/trialkg/trial/NCT99999901>"


@pytest.fixture(scope="module")
def other() -> Iterator[Peer]:
    with peer() as made:
        made.store.load(f"{TRIAL} <urn:label> 'from elsewhere' .", format=ox.RdfFormat.TURTLE)
        yield made


@pytest.fixture(scope="module")
def federated(served_store: Path, other: Peer) -> Iterator[Server]:
    with running(served_store, workers=1, allow_service=[other.authority], service_seconds=1.5) as server:
        yield server


def ask(server: Server, other: Peer, timeout: str = "10", service: str = "SERVICE", **headers: str) -> httpx.Response:
    query = f"SELECT * {{ {TRIAL} a ?type {service} <{other.url}> {{ {TRIAL} <urn:label> ?label }} }}"
    with server.client() as client:
        return client.get("/sparql", params={"query": query, "timeout": timeout}, headers=headers)


def test_rows_of_both(federated: Server, other: Peer) -> None:
    answer = ask(federated, other)
    row, *_ = answer.json()["results"]["bindings"]
    assert row["label"]["value"] == "from elsewhere"
    # Nobody knows when the other server's data changes.
    assert "etag" not in answer.headers
    with federated.client() as client:
        assert "BasicFederatedQuery" in client.get("/sparql", headers={"Accept": "text/turtle"}).text
        plain = client.get("/sparql", params={"query": "ASK {}"})
        assert "etag" in plain.headers


def test_a_server_that_fails_is_a_502_and_one_that_takes_too_long_a_504(federated: Server, other: Peer) -> None:
    try:
        other.behaviour = lambda handler, _: handler.reply(b"<h1>&'\"</h1>", "text/html")
        failed = ask(federated, other)
        assert (failed.status_code, failed.headers["content-type"]) == (502, "application/problem+json")
        assert failed.json()["detail"] == f"{other.url}: the server answered an HTML page, no SPARQL results"
        assert ask(federated, other, service="SERVICE SILENT").json()["results"]["bindings"]
        page = ask(federated, other, Accept="text/html")
        assert page.status_code == 502
        other.behaviour = lambda handler, _: handler.reply(b"<script>\r\nX: y", "text/plain", 503)
        page = ask(federated, other, Accept="text/html")
        assert (page.status_code, "x" in page.headers, "<script" in page.text) == (502, False, False)
        other.behaviour = other.drip
        late = ask(federated, other)
        assert late.status_code == 504
        assert late.json()["detail"].startswith("127.0.0.1 gave no whole answer within 1.5 s")
    finally:
        other.behaviour = other.answer
    assert ask(federated, other).status_code == 200


def test_the_deadline_ends_the_call_too(federated: Server, other: Peer) -> None:
    broken: list[float] = []

    def watch(handler: object, query: str) -> None:
        try:
            other.drip(handler, query)  # type: ignore[arg-type]
        except OSError:
            broken.append(time.monotonic())
            raise

    other.behaviour = watch
    try:
        started = time.monotonic()
        assert ask(federated, other, timeout="0.5").status_code == 504
        assert time.monotonic() - started < 1.5
        eventually(lambda: broken)
        # A client that goes takes the call with it.
        before = federated.children()
        query = f"ASK {{ SERVICE <{other.url}> {{ ?s ?p ?o }} }}"
        with federated.client() as client, pytest.raises(httpx.ReadTimeout):
            client.get("/sparql", params={"query": query}, timeout=0.3)
        eventually(lambda: len(broken) == 2)
        eventually(lambda: not before & federated.children())
    finally:
        other.behaviour = other.answer
    assert ask(federated, other).status_code == 200


def test_no_other_host_and_no_change(served_store: Path, federated: Server, other: Peer) -> None:
    with federated.client() as client, peer() as victim:
        for text in (
            f"SELECT * {{ SERVICE SILENT <{victim.url}> {{ ?s ?p ?o }} }}",
            f"SELECT * {{ SERVICE <{other.url}> {{ SERVICE <{victim.url}> {{ ?s ?p ?o }} }} }}",
            f"SELECT * {{ VALUES ?w {{ <{victim.url}> }} SERVICE ?w {{ ?s ?p ?o }} }}",
        ):
            answer = client.get("/sparql", params={"query": text})
            assert (answer.status_code, "is not allowed" in answer.json()["detail"]) == (403, True)
        other.behaviour = lambda handler, _: handler.reply(b"", status=307, Location=victim.url)
        try:
            assert ask(federated, other).status_code == 502
        finally:
            other.behaviour = other.answer
        assert not victim.queries


def test_what_calls_is_replaced_with_its_query_process(federated: Server, other: Peer) -> None:
    eventually(lambda: len(federated.children()) == 2)
    command = {child: Path(f"/proc/{child}/cmdline").read_bytes().decode() for child in federated.children()}
    [caller] = [child for child, line in command.items() if "kg.federation.caller" in line]
    [reader] = command.keys() - {caller}
    here, there = (os.readlink(f"/proc/{process}/ns/net") for process in (caller, reader))
    assert here == os.readlink("/proc/self/ns/net")
    # Only where the kernel lets it: then the process with the query has no network at all.
    assert there != here or not _may_leave()
    # In the middle of a call, as where it needs too much memory.
    other.behaviour = lambda *_: os.kill(caller, signal.SIGKILL)
    assert ask(federated, other).status_code == 502
    other.behaviour = other.answer
    assert ask(federated, other).status_code == 200
    eventually(lambda: len(federated.children()) == 2 and not command.keys() & federated.children())


def _may_leave() -> bool:
    tried = "import ctypes, sys; sys.exit(ctypes.CDLL(None).unshare(0x50000000))"
    return subprocess.run([sys.executable, "-c", tried], check=False).returncode == 0

"""One endpoint of each make for all tests that only read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from kg.graph import Graph
from kg.graph import open as open_graph
from kg.store.generations import StoreDirectory
from tests.remote.backends import DBA, QUERIES, Running, fixture_files, running


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return fixture_files(tmp_path_factory.mktemp("fixture"))


@pytest.fixture(scope="session")
def endpoint(
    request: pytest.FixtureRequest, files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """An endpoint with the fixture, by the make that is the parameter."""
    make: str = request.param
    plain, whole = files
    with running(make, tmp_path_factory.mktemp(make), whole if make == "oxigraph" else plain) as started:
        if make == "virtuoso":
            name, _, password = DBA.partition(":")
            answer = httpx.post(
                started.graphs,
                params={"graph": started.graph},
                content=plain.read_bytes(),
                headers={"Content-Type": "application/n-triples"},
                auth=httpx.DigestAuth(name, password),
                timeout=60,
            )
            assert answer.is_success, answer.text
        yield started


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """The embedded store with the fixture."""
    directory = tmp_path_factory.mktemp("embedded") / "trials.kg"
    with StoreDirectory(directory).writing() as draft:
        draft.store.load(path=QUERIES / "fixture.ttl")
        draft.store.load(path=QUERIES / "history.trig")
    with open_graph(directory) as graph:
        yield graph

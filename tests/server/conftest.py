"""A store with invented studies, and a server over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.server_process import TOKEN, Server, fill, running, running_with_token


@pytest.fixture(scope="session")
def studies() -> str:
    """The Turtle of the invented studies."""
    return (Path(__file__).parent / "studies.ttl").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def served_store(tmp_path_factory: pytest.TempPathFactory, studies: str) -> Path:
    """A store with the invented studies; nobody writes to it."""
    directory = tmp_path_factory.mktemp("served") / "store"
    fill(directory, studies)
    return directory


@pytest.fixture(scope="session")
def server(served_store: Path) -> Iterator[Server]:
    """A server over that store, for tests that leave it as it is."""
    with running(served_store) as server:
        yield server


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """A client of that server."""
    with server.client() as client:
        yield client


@pytest.fixture(scope="module")
def open_server(store: Path) -> Iterator[Server]:
    """A server whose store may be changed; the module has the store, and changes it."""
    with running_with_token(store) as server:
        yield server


@pytest.fixture(scope="module")
def writer(open_server: Server) -> Iterator[httpx.Client]:
    """A client with the token of that server."""
    with open_server.client(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        yield client

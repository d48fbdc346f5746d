"""Small real stores."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.store.generations import StoreDirectory

NUMBERS = 3000


def numbers(count: int) -> bytes:
    """So many statements in N-Triples."""
    return "".join(f'<http://x/{n}> <http://p/{n % 7}> "{n}" .\n' for n in range(count)).encode()


@pytest.fixture(scope="session")
def number_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store directory with one generation of 3,000 statements; only to be read."""
    directory = tmp_path_factory.mktemp("numbers") / "trials.kg"
    with StoreDirectory(directory).writing() as draft:
        draft.store.bulk_load(numbers(NUMBERS), format=ox.RdfFormat.N_TRIPLES)
    return directory


@pytest.fixture
def directory(tmp_path: Path) -> StoreDirectory:
    """A store directory that does not exist yet."""
    return StoreDirectory(tmp_path / "trials.kg")

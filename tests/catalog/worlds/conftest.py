"""The bundled studies in a store, and that store in the forms of other worlds."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Store

from kg.catalog import data
from kg.catalog.publication import Publication
from kg.catalog.writers import WRITERS
from kg.catalog.writing import Setting
from kg.cli import main
from kg.store.embedded import open_generation
from kg.store.generations import StoreDirectory

ROOT = Path(__file__).parents[3]

Write = Callable[[Store, str, Path], list[str]]


@pytest.fixture(scope="session")
def examples(vocabulary_store: Path, tmp_path_factory: pytest.TempPathFactory) -> StoreDirectory:
    """A store of the bundled studies."""
    directory = tmp_path_factory.mktemp("examples") / "store"
    shutil.copytree(vocabulary_store, directory)
    assert main(["build", str(ROOT / "kg/examples/studies"), "--store", str(directory), "--no-validate"]) == 0
    return StoreDirectory(directory)


@pytest.fixture(scope="session")
def example_store(examples: StoreDirectory) -> Store:
    """The same, opened."""
    return open_generation(examples.newest())


@pytest.fixture(scope="session")
def golden_store(invented: Store) -> Store:
    """The golden studies, which have every field, and the invented ones; with code lists and agents."""
    store = Store()
    store.extend(invented)
    for number, path in enumerate(sorted((ROOT / "tests/golden").glob("*/expected.ttl")), 1):
        text = path.read_text(encoding="utf-8")
        # Several have the same id.
        [(nct_id, _)] = Counter(re.findall(r"<(NCT\d{8})", text)).most_common(1)
        store.load(text.replace(nct_id, f"NCT{88_888_800 + number}"), format=RdfFormat.TURTLE)
    return store


def _write(store: Store, form: str, folder: Path) -> list[str]:
    folder.mkdir()
    writer = WRITERS[form](Setting(folder, store, Publication()))
    try:
        for nct_id in data.chosen_studies(store):
            writer.write(data.study_part(store, nct_id))
        return [written.name for written in writer.finish()]
    finally:
        writer.close()


@pytest.fixture(scope="session")
def write() -> Write:
    """Writes all studies of a store in one form into a new folder, and gives the names of the files."""
    return _write

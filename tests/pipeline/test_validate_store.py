"""Every study of a store is validated, in this process or in several, with what it shares with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg.errors import StoreError
from kg.pipeline.build import build
from kg.pipeline.validate_store import validate_store
from kg.store.generations import StoreDirectory
from kg.store.pin import in_use
from kg.validation import Engine
from tests.records import combination, record


@pytest.fixture
def built(store: Path, tmp_path: Path) -> Path:
    """A store with two studies of one organization, of which one says little."""
    file = tmp_path / "records.ndjson"
    text = record("NCT99999901", sponsorCollaboratorsModule={"leadSponsor": {"name": "Acme"}})
    text = text.replace('"briefTitle"', '"organization": {"fullName": "Acme", "class": "INDUSTRY"}, "briefTitle"')
    file.write_text(f"{text}\n{combination('NCT99999902')}\n", encoding="utf-8")
    build([file], store, checking=None)
    return store


def test_organizations_that_studies_share_are_validated_with_each_of_them(built: Path) -> None:
    report = validate_store(built, jobs=1)
    assert report.conforms, report.text()
    assert report.studies == 2
    assert report.results


def test_processes_and_engines_give_one_report(built: Path) -> None:
    told: list[tuple[int, int]] = []
    expected = validate_store(built, jobs=1, progress=lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)]
    assert validate_store(built, jobs=2) == expected
    assert validate_store(built, jobs=1, engine=Engine.PYSHACL) == expected


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_generation_is_marked_meanwhile(built: Path, jobs: int) -> None:
    generation = str(StoreDirectory(built).newest().path.parent)
    marked: list[bool] = []
    validate_store(built, jobs=jobs, progress=lambda *_: marked.append(in_use(generation)))
    assert set(marked) == {True}
    assert not in_use(generation)


def test_no_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        validate_store(tmp_path / "nothing")

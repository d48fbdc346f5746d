"""One pass over a store finds what walking the links of each study does, whatever else the store holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.catalog import data, scan
from kg.catalog.scan import scanned
from kg.errors import StoreError
from kg.namespaces import PREFIXES, study_iri

Statements = Callable[..., list[Quad]]
P = NamedNode("https://example.org/p")


def node(nct_id: str, tail: str = "") -> NamedNode:
    return NamedNode(study_iri(nct_id) + tail)


@pytest.fixture
def store(statements: Statements) -> Store:
    """Studies with what nobody leads to, what leads elsewhere, and text that looks like statements."""
    found = Store()
    found.extend(statements(1, 2, 12))
    a, b = "NCT99999901", "NCT99999902"
    looks = f"<{study_iri(a)}> <x:p> <{study_iri(a)}/lost/1> .\n"
    more: list[tuple[NamedNode, NamedNode | Literal]] = [
        (node(a, "/lost/1"), node(a, "/lost/2")),
        (node(a, "/lost/2"), node(a, "/lost/1")),
        (node(a), node(b, "/arm/1")),
        (node(b, "/other"), Literal("led to by the first study only")),
        (node(a), node(b, "/other")),
        (node(a), Literal(looks)),
        (node(b), Literal(f" <{study_iri(b)}/lost/1> .")),
        (node(b, "/lost/1"), Literal("lost")),
        (node(b), node(b, "/found/1")),
        (node(b, "/found/1"), node(b, "/found/2")),
        (node(b, "/found/2"), node(b)),
        (node("NCT99999999"), Literal("no study")),
        (NamedNode(PREFIXES["trial"] + "NCT999999010"), Literal("no study")),
        (NamedNode(PREFIXES["trial"] + "NCT9999990"), Literal("no study")),
    ]
    found.extend(Quad(subject, P, value, DefaultGraph()) for subject, value in more)
    found.add(Quad(node(a), P, Literal("in another graph"), NamedNode("x:g")))
    return found


def test_one_pass_finds_what_walking_does(store: Store, tmp_path: Path) -> None:
    ids = data.chosen_studies(store)
    walked = [(nct_id, data.study_part(store, nct_id).text) for nct_id in ids]
    assert list(scanned(store, tmp_path, set(ids))) == walked
    assert list(tmp_path.iterdir()) == []
    assert b"/lost/" not in walked[0][1].replace(b"/lost/1> .\\n", b"")
    assert b"/found/2" in walked[1][1]


@pytest.mark.parametrize("limit", [0, 5_000])
def test_files_that_are_too_large_are_parted(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    ids = data.chosen_studies(store)
    wanted = list(scanned(store, tmp_path, set(ids)))
    monkeypatch.setattr(scan, "_SORTED", limit)
    monkeypatch.setattr(scan, "_BUFFERED", 1_000)
    monkeypatch.setattr(scan, "_CHUNK", 777)
    assert list(scanned(store, tmp_path, set(ids))) == wanted
    assert list(tmp_path.iterdir()) == []


def test_few_studies_are_walked_and_many_scanned(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError

    ids = data.chosen_studies(store)
    monkeypatch.setattr(data, "_FEW", 2)
    both = [part.text for part in data.studies(store, ids, tmp_path)]
    with monkeypatch.context() as patch:
        patch.setattr(data, "scanned", forbidden)
        monkeypatch.setattr(data, "_WALKED_OF_SCANNED", 1)
        assert [part.text for part in data.studies(store, ids[:2], tmp_path)] == both[:2]
    monkeypatch.setattr(data, "study_part", forbidden)
    assert [part.text for part in data.studies(store, ids, tmp_path)] == both


def test_a_folder_that_cannot_be_written(store: Store, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        list(scanned(store, tmp_path / "absent", {"NCT99999901"}))


def test_a_store_that_cannot_be_read(tmp_path: Path) -> None:
    class Damaged:
        def dump(self, *_: object, **__: object) -> None:
            raise RuntimeError("block checksum mismatch")

    with pytest.raises(StoreError, match="the store cannot be read: block checksum mismatch"):
        list(scanned(Damaged(), tmp_path, {"NCT99999901"}))  # type: ignore[arg-type]

"""Vocabularies of a store: added, replaced, removed, and what that does to its studies."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import UsageError, VocabularyError
from kg.namespaces import PREFIXES, mesh_iri
from kg.pipeline.additions import opened
from kg.pipeline.build import build
from kg.pipeline.report import RunReport
from kg.pipeline.vocabularies import used_by
from kg.store.embedded import open_generation
from kg.store.generations import KEPT_GENERATIONS, StoreDirectory
from tests.records import combination, record

HEAD = "ui\tlabel\ttree_numbers\tsynonyms\n"
MESH_2030 = (
    HEAD + "D008545\tMelanoma\tC04.557.465\tmalignant melanoma\nD009369\tNeoplasms\tC04\ttumors\n"
    "D004194\tDisease\tC23\t\nD990099\tOld Newtownosis\tC17.800\tnewtownosis\n"
)
MESH_2031 = (
    HEAD + "D008545\tMelanoma\tC04.600\tmalignant melanoma\nD009369\tNeoplasms\tC04\ttumors\n"
    "D990100\tExanthema\tC17.900\tnewtownosis|Old Newtownosis\n"
)


def table(path: Path, text: str) -> Path:
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write(text)
    return path


def add(store: Path, path: Path, year: str) -> RunReport:
    with opened([str(path)], name="mesh", version=year) as addition:
        return build((), store, add=[addition])


@pytest.fixture
def filled(store: Path, tmp_path: Path) -> Path:
    rash = record("NCT99999903", conditionsModule={"conditions": ["Newtownosis", "Asthma"]})
    source = tmp_path / "in.ndjson"
    source.write_text("\n".join([combination(), rash]) + "\n")
    build([source], store)
    return store


def triples(store: Path) -> set[str]:
    return {str(quad) for quad in open_generation(StoreDirectory(store).newest())}


def conditions(store: Path) -> set[tuple[str, str]]:
    answer = open_generation(StoreDirectory(store).newest()).query(
        f"SELECT ?id ?concept {{ ?s <{PREFIXES['dcterms']}identifier> ?id ; "
        f"<{PREFIXES['tkg']}conditionConcept> ?concept }}"
    )
    assert isinstance(answer, ox.QuerySolutions)
    return {(str(row["id"].value), str(row["concept"].value)) for row in answer}


def test_another_mesh_links_the_studies_anew(filled: Path, tmp_path: Path) -> None:
    assert ("NCT99999903", mesh_iri("D001249")) in conditions(filled)
    report = add(filled, table(tmp_path / "mesh.tsv.gz", MESH_2030), "2030")
    assert report.relinked == 2
    assert conditions(filled) == {("NCT99999902", mesh_iri("D008545")), ("NCT99999903", mesh_iri("D990099"))}
    [changes] = report.vocabulary_changes
    assert (changes.was, changes.now, changes.new) == ("2024", "2030", 1)
    assert len(changes.gone) + len(changes.merged) > 40_000
    links = report.link_changes
    assert links is not None
    assert (links.added, links.removed, links.studies) == (1, 1, 1)
    assert {(row.text, row.was, row.now) for row in links.rows} == {
        ("Asthma", mesh_iri("D001249"), ""),
        ("Newtownosis", "", mesh_iri("D990099")),
    }
    stored = json.loads((filled / "report.json").read_text())
    assert stored["linkChanges"]["added"] == 1
    assert stored["vocabularies"]["mesh"] == "2030"


def test_linking_anew_gives_what_building_anew_gives(filled: Path, tmp_path: Path) -> None:
    path = table(tmp_path / "mesh.tsv.gz", MESH_2030)
    add(filled, path, "2030")
    afresh = tmp_path / "afresh"
    with opened([str(path)], name="mesh", version="2030") as addition:
        build([tmp_path / "in.ndjson"], afresh, add=[addition])
    assert triples(filled) == triples(afresh)


def test_terms_gone_merged_and_moved_are_told(filled: Path, tmp_path: Path) -> None:
    add(filled, table(tmp_path / "1.tsv.gz", MESH_2030), "2030")
    report = add(filled, table(tmp_path / "2.tsv.gz", MESH_2031), "2031")
    [changes] = report.vocabulary_changes
    assert [(change.label, change.now) for change in changes.merged] == [("Old Newtownosis", mesh_iri("D990100"))]
    assert [change.label for change in changes.gone] == ["Disease"]
    assert [(change.label, change.was, change.now) for change in changes.moved] == [
        ("Melanoma", "C04.557.465", "C04.600")
    ]
    assert ("NCT99999903", mesh_iri("D990100")) in conditions(filled)
    assert "mesh 2030 → 2031: 1 new, 1 gone, 1 merged, 0 renamed, 1 moved" in report.text()


@pytest.mark.slow
def test_removing_brings_the_bundled_one_back(filled: Path, tmp_path: Path) -> None:
    before = triples(filled)
    add(filled, table(tmp_path / "mesh.tsv.gz", MESH_2030), "2030")
    assert triples(filled) != before
    build((), filled, remove=["mesh"])
    assert triples(filled) == before
    with pytest.raises(UsageError, match="no vocabulary 'mesh' was added"):
        build((), filled, remove=["mesh"])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (gzip.compress(MESH_2030.encode(), mtime=0)[:-20], "cut off"),
        (b"<html>not found</html>", "is not MeSH"),
        (b"", "is empty"),
        (gzip.compress((MESH_2030 + "D008545\tGout\tC05\t\n").encode(), mtime=0), "D008545"),
        (gzip.compress((MESH_2030 + "D000007\ttoo\tfew\n").encode(), mtime=0), "."),
        (gzip.compress(HEAD.encode(), mtime=0), "no MeSH record"),
    ],
    ids=["cut off", "a web page", "empty", "contradiction", "cells missing", "no record"],
)
def test_a_bad_file_leaves_the_store_as_it_was(filled: Path, tmp_path: Path, content: bytes, problem: str) -> None:
    bad = tmp_path / "mesh.nt.gz"
    bad.write_bytes(content)
    before = {path: path.read_bytes() for path in filled.rglob("*") if path.is_file() and path.name != "lock"}
    with pytest.raises(VocabularyError, match=problem):
        add(filled, bad, "2030")
    after = {path: path.read_bytes() for path in filled.rglob("*") if path.is_file() and path.name != "lock"}
    assert after == before


def test_later_builds_use_what_was_added(filled: Path, tmp_path: Path) -> None:
    add(filled, table(tmp_path / "mesh.tsv.gz", MESH_2030), "2030")
    more = tmp_path / "more.ndjson"
    more.write_text(record("NCT99999904", conditionsModule={"conditions": ["newtownosis"]}) + "\n")
    report = build([more], filled)
    assert report.relinked == 0
    assert ("NCT99999904", mesh_iri("D990099")) in conditions(filled)
    assert [vocabulary.version for vocabulary in used_by(filled)][1] == "2030"
    # And the records of both builds are there for the next change.
    build((), filled, remove=["mesh"])
    assert {nct_id for nct_id, _ in conditions(filled)} >= {"NCT99999902", "NCT99999903"}
    assert StoreDirectory(filled).newest().report["storeStudies"] == 3


def test_a_replaced_study_is_linked_anew_from_its_last_record(filled: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.ndjson"
    newer.write_text(record("NCT99999903", conditionsModule={"conditions": ["Melanoma"]}) + "\n")
    build([newer], filled)
    add(filled, table(tmp_path / "mesh.tsv.gz", MESH_2030), "2030")
    assert conditions(filled) == {("NCT99999902", mesh_iri("D008545")), ("NCT99999903", mesh_iri("D008545"))}


def test_records_and_vocabularies_that_nothing_uses_are_swept(filled: Path, tmp_path: Path) -> None:
    add(filled, table(tmp_path / "mesh.tsv.gz", MESH_2030), "2030")
    assert len(list((filled / "vocabularies").iterdir())) == 2
    build((), filled, remove=["mesh"])
    for _ in range(KEPT_GENERATIONS):
        build([tmp_path / "in.ndjson"], filled)
    assert list((filled / "vocabularies").iterdir()) == []
    assert {f"records/{path.name}" for path in (filled / "records").iterdir()} == set(
        StoreDirectory(filled).newest().report["records"]
    )


def test_the_store_can_be_moved(filled: Path, tmp_path: Path) -> None:
    add(filled, table(tmp_path / "mesh.tsv.gz", MESH_2030), "2030")
    moved = tmp_path / "moved"
    filled.rename(moved)
    more = tmp_path / "more.ndjson"
    more.write_text(record("NCT99999904", conditionsModule={"conditions": ["newtownosis"]}) + "\n")
    build([more], moved)
    assert ("NCT99999904", mesh_iri("D990099")) in conditions(moved)


def test_a_vocabulary_may_come_before_the_first_record(tmp_path: Path) -> None:
    store = tmp_path / "store"
    add(store, table(tmp_path / "mesh.tsv.gz", MESH_2030), "2030")
    assert StoreDirectory(store).newest().report["storeStudies"] == 0
    source = tmp_path / "in.ndjson"
    source.write_text(record(conditionsModule={"conditions": ["newtownosis"]}) + "\n")
    build([source], store)
    assert conditions(store) == {("NCT99999901", mesh_iri("D990099"))}


@pytest.mark.parametrize("name", ["Mesh", "../x", "", "a b", "agents", "x" * 50])
def test_names_that_cannot_be(name: str, tmp_path: Path) -> None:
    path = table(tmp_path / "mesh.tsv.gz", MESH_2030)
    if not name:
        with opened([str(path)], version="2030") as addition:
            folder = tmp_path / "folder"
            folder.mkdir()
            assert addition(folder).name == "mesh"
        return
    with pytest.raises(UsageError), opened([str(path)], name=name):
        pass

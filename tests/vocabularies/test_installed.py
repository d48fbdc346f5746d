"""Vocabularies as they ship and as they are installed; what a store gets of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import VocabularyError
from kg.namespaces import PREFIXES, expand, mesh_category_iri, mesh_iri
from kg.vocabularies import installed
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.hierarchy import Hierarchy
from kg.vocabularies.installed import MESH, Vocabulary, bundled, digest, entries, install, overlay, statements


def small(*concepts: Entry, version: str = "2030") -> Source:
    return Source("MeSH", PREFIXES["mesh"], version, "courtesy", iter(concepts))


ASTHMA = Entry(mesh_iri("D001249"), "Asthma", ("Asthmas",), ("wheeze",), trees=("C08.1",), kind="descriptor")
DRUG = Entry(
    mesh_iri("C000001"),
    "examplol",
    parents=(mesh_iri("D001249"),),
    mapped=(mesh_iri("D000002"),),
    actions=(mesh_iri("D000003"),),
    kind="supplementary",
)


def test_bundled_mesh_has_all_descriptors_and_well_formed_records() -> None:
    mesh = next(vocabulary for vocabulary in bundled() if vocabulary.name == MESH)
    found = list(entries(mesh))
    kinds = [entry.kind for entry in found]
    assert kinds.count("descriptor") == 30_764
    assert kinds.count("supplementary") > 10_000
    assert mesh.concepts == len(found) == len({entry.iri for entry in found})
    trees = {tree for entry in found for tree in entry.trees}
    assert len(trees) == sum(len(entry.trees) for entry in found)
    assert {tree for tree in trees if "." in tree and tree.rpartition(".")[0] not in trees} == set()
    known = {entry.iri for entry in found}
    for entry in found:
        ui = entry.iri.removeprefix(PREFIXES["mesh"])
        assert mesh_iri(ui) == entry.iri
        assert entry.label == entry.label.strip() != ""
        assert all(re.fullmatch(r"[A-Z][0-9]{2}(\.[0-9]{3})*", tree) for tree in entry.trees), ui
        assert (entry.kind == "supplementary") == bool(entry.parents), ui
        assert set(entry.parents) <= known, ui
        assert not {name.casefold() for name in entry.synonyms} & set(entry.loose), ui


@pytest.mark.parametrize(
    ("ui", "above"),
    [
        ("D000077195", ["D002294", "D002277", "D006258", "D009371", "D009369"]),
        ("D008545", ["D018326", "D009369"]),
        ("D009303", ["D006258"]),
        ("D003924", ["D003920", "D004700"]),
    ],
)
def test_the_hierarchy_of_the_bundled_mesh(ui: str, above: list[str]) -> None:
    within = Hierarchy(entries(bundled()[1])).within(mesh_iri(ui))
    assert set(map(mesh_iri, above)) <= set(within)
    assert mesh_category_iri("C") in within


def triples(vocabularies: tuple[Vocabulary, ...]) -> list[ox.Triple]:
    return [
        quad.triple for piece in statements(vocabularies) for quad in ox.parse(piece, format=ox.RdfFormat.N_TRIPLES)
    ]


def test_bundled_statements_have_labels_and_places_and_no_blank_nodes() -> None:
    found = triples(())
    assert len(found) == len(set(found))
    assert all(isinstance(triple.subject, ox.NamedNode) for triple in found)
    label = ox.NamedNode(expand("rdfs:label"))
    labelled = {str(triple.subject) for triple in found if triple.predicate == label}
    mesh = {f"<{entry.iri}>" for entry in entries(bundled()[1])}
    assert mesh <= labelled


def test_an_installed_vocabulary_comes_back_as_it_was(tmp_path: Path) -> None:
    vocabulary = install(small(ASTHMA, DRUG), "mesh", tmp_path)
    assert list(entries(vocabulary)) == [ASTHMA, DRUG]
    assert (vocabulary.concepts, vocabulary.version) == (2, "2030")
    again = tmp_path / "again"
    again.mkdir()
    assert install(small(ASTHMA, DRUG), "mesh", again).sha256 == vocabulary.sha256
    other = tmp_path / "other"
    other.mkdir()
    assert install(small(ASTHMA), "mesh", other).sha256 != vocabulary.sha256


def test_everything_of_an_installed_mesh_is_in_the_store_in_its_own_terms(tmp_path: Path) -> None:
    used = overlay([install(small(ASTHMA, DRUG), "mesh", tmp_path)])
    assert [vocabulary.name for vocabulary in used] == ["agents", "mesh"]
    about = {
        (triple.predicate.value, getattr(triple.object, "value", ""))
        for triple in triples(used)
        if isinstance(triple.subject, ox.NamedNode) and triple.subject.value in (ASTHMA.iri, DRUG.iri)
    }
    for predicate, value in (
        ("rdf:type", expand("meshv:Descriptor")),
        ("rdf:type", expand("meshv:SupplementaryConceptRecord")),
        ("rdfs:label", "Asthma"),
        ("skos:altLabel", "Asthmas"),
        ("skos:hiddenLabel", "wheeze"),
        ("meshv:treeNumber", PREFIXES["mesh"] + "C08.1"),
        ("meshv:mappedTo", mesh_iri("D001249")),
        ("meshv:preferredMappedTo", mesh_iri("D001249")),
        ("meshv:mappedTo", mesh_iri("D000002")),
        ("meshv:pharmacologicalAction", mesh_iri("D000003")),
        ("tkg:within", mesh_category_iri("C")),
    ):
        assert (expand(predicate), value) in about


def test_a_deprecated_concept_stays_in_the_graph(tmp_path: Path) -> None:
    source = small(Entry("http://a.example/1", "old", deprecated=True, replaced_by="http://a.example/2"))
    found = triples((install(source._replace(iri="http://a.example/"), "example", tmp_path),))
    about = {triple.predicate.value: triple.object for triple in found if "a.example/1" in str(triple.subject)}
    assert str(about[expand("owl:deprecated")]) == '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'
    assert about[expand("dcterms:isReplacedBy")] == ox.NamedNode("http://a.example/2")


def test_a_contradiction_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match="'Asthma' and 'Gout'"):
        install(small(ASTHMA, ASTHMA._replace(label="Gout")), "mesh", tmp_path)
    with pytest.raises(VocabularyError, match="no concept"):
        install(small(), "mesh", tmp_path)


def test_an_error_while_reading_comes_through(tmp_path: Path) -> None:
    def broken() -> Iterator[Entry]:
        yield ASTHMA
        raise VocabularyError("is cut off", place="mesh.nt")

    with pytest.raises(VocabularyError, match="cut off"):
        install(small()._replace(entries=broken()), "mesh", tmp_path)


def test_a_damaged_folder_says_so(tmp_path: Path) -> None:
    vocabulary = install(small(ASTHMA, DRUG), "mesh", tmp_path)
    packed = tmp_path / "entries.msgpack.zst"
    packed.write_bytes(packed.read_bytes()[:-10])
    with pytest.raises(VocabularyError, match="add the vocabulary again"):
        list(entries(vocabulary))
    packed.unlink()
    with pytest.raises(VocabularyError, match="add the vocabulary again"):
        list(entries(vocabulary))


def test_the_digest_follows_content_and_software(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used = overlay([install(small(ASTHMA), "mesh", tmp_path)])
    assert digest(used) != digest(bundled())
    assert digest(used) == digest(tuple(one._replace(folder="/elsewhere") for one in used))
    before = digest(used)
    monkeypatch.setattr(installed, "VERSION", "99")
    assert digest(used) != before

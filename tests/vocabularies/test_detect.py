"""What a vocabulary file is taken for: by what it holds, whatever it is called."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kg.errors import VocabularyError
from kg.vocabularies.readers.detect import open_bundled, open_vocabulary

TABLE = "ui\tlabel\ttree_numbers\tsynonyms\nD000001\tFever\tC01\tPyrexia\n"
TRIPLES = (
    "<http://id.nlm.nih.gov/mesh/D000001> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
    "<http://id.nlm.nih.gov/mesh/vocab#TopicalDescriptor> .\n"
    '<http://id.nlm.nih.gov/mesh/D000001> <http://www.w3.org/2000/01/rdf-schema#label> "Fever"@en .\n'
)
OBO = "format-version: 1.2\nontology: example\n\n[Term]\nid: EX:1\nname: examplol\n"
SKOS = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<http://a.example/s> a skos:ConceptScheme .
<http://a.example/1> a skos:Concept ; skos:prefLabel "examplol"@en ; skos:inScheme <http://a.example/s> .
"""
OWL = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#"
 xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"><owl:Ontology rdf:about="http://a.example/o"/>
<owl:Class rdf:about="http://a.example/1"><rdfs:label>examplol</rdfs:label></owl:Class></rdf:RDF>
"""


@pytest.mark.parametrize(
    ("text", "name", "label"),
    [
        (TABLE, "mesh", "Fever"),
        (TRIPLES, "mesh", "Fever"),
        (OBO, "misnamed", "examplol"),
        (SKOS, "misnamed", "examplol"),
        (OWL, "misnamed", "examplol"),
    ],
    ids=["table", "triples", "obo", "skos", "owl"],
)
@pytest.mark.parametrize("ending", ["xml", "owl", "tsv.gz", "txt"])
def test_content_decides(tmp_path: Path, text: str, name: str, label: str, ending: str) -> None:
    path = tmp_path / f"misnamed.{ending}"
    path.write_bytes(gzip.compress(text.encode()) if ending.endswith("gz") else text.encode())
    opened = open_vocabulary([path])
    assert opened.name == name
    assert [entry.label for entry in opened.source.entries] == [label]


@pytest.mark.parametrize("content", [b"hello", b"{}", b"\x00\x01", b"<html><body>404</body></html>", b"a,b\n1,2\n"])
def test_what_is_no_vocabulary(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "chebi.owl"
    path.write_bytes(content)
    with pytest.raises(VocabularyError):
        list(open_vocabulary([path], name="chebi").source.entries)


def test_a_name_binds(tmp_path: Path) -> None:
    path = tmp_path / "mesh.nt"
    path.write_text(OBO)
    with pytest.raises(VocabularyError, match="is not MeSH"):
        open_vocabulary([path], name="mesh")


def test_only_mesh_comes_in_several_files(tmp_path: Path) -> None:
    for name in ("a.obo", "b.obo"):
        (tmp_path / name).write_text(OBO)
    with pytest.raises(VocabularyError, match="more than one file"):
        open_vocabulary([tmp_path / "a.obo", tmp_path / "b.obo"])


def test_a_folder_is_one_of_mesh(tmp_path: Path) -> None:
    (tmp_path / "descriptors.tsv").write_text(TABLE)
    (tmp_path / "readme.txt").write_text("no vocabulary\n")
    opened = open_vocabulary([tmp_path], year="2030")
    assert (opened.name, opened.source.version) == ("mesh", "2030")


def test_what_ships() -> None:
    assert open_bundled("mesh").source.version == "2024"
    with pytest.raises(VocabularyError, match="does not ship"):
        open_bundled("chebi")

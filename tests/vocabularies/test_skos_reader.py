"""SKOS vocabularies, and files that are not what they should be."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.errors import VocabularyError
from kg.vocabularies.entry import Entry, Source
from kg.vocabularies.hierarchy import Hierarchy
from kg.vocabularies.readers import owl, skos
from kg.vocabularies.readers.reading import Reading

THESAURUS = Path(__file__).parent / "files" / "thesaurus.ttl"
EX = "https://example.org/thesaurus/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
PREFIX = f"@prefix skos: <{SKOS}> . @prefix : <https://example.org/a#> .\n"


def entries(source: Source) -> dict[str, Entry]:
    found = list(source.entries)
    assert len({entry.iri for entry in found}) == len(found)
    return {entry.iri: entry for entry in found}


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "a.ttl"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_thesaurus() -> None:
    source = skos.read(THESAURUS, name="small")
    assert source[:4] == (
        "A small thesaurus",
        EX,
        "2024-02-03",
        "https://creativecommons.org/publicdomain/zero/1.0/",
    )
    found = entries(source)
    assert found[f"{EX}melanoma"] == Entry(
        f"{EX}melanoma",
        "melanoma",
        synonyms=("Melanoma", "malignant melanoma"),
        loose=("melanomma",),
        # Only the other one says so, by skos:narrower.
        parents=(f"{EX}disease",),
        matches=(
            (f"{SKOS}exactMatch", "http://id.nlm.nih.gov/mesh/D008545"),
            (f"{SKOS}broadMatch", "http://purl.obolibrary.org/obo/DOID_4"),
        ),
    )
    assert found[f"{EX}skin"].label == "Haut", "nothing else is there"
    assert found[f"{EX}skin"].parents == (f"{EX}body",), "a blank node is no concept"
    assert found[f"{EX}old"].deprecated
    assert found[f"{EX}old"].replaced_by == f"{EX}melanoma"
    assert cast(Reading, source.entries).notes == {"name in another language": 1}


def test_a_circle_puts_each_within_the_other() -> None:
    hierarchy = Hierarchy(skos.read(THESAURUS, name="small").entries)
    assert hierarchy.within(f"{EX}round") == (f"{EX}round", f"{EX}about")
    assert hierarchy.within(f"{EX}about") == (f"{EX}about", f"{EX}round")


@pytest.mark.parametrize(
    "form", [ox.RdfFormat.RDF_XML, ox.RdfFormat.N_TRIPLES, ox.RdfFormat.JSON_LD, ox.RdfFormat.TURTLE]
)
def test_forms_agree(tmp_path: Path, form: ox.RdfFormat) -> None:
    triples = [quad.triple for quad in ox.parse(path=THESAURUS, format=ox.RdfFormat.TURTLE)]
    path = written(tmp_path, ox.serialize(triples, format=form) or b"")
    assert skos.recognises(path.read_bytes())
    assert not owl.recognises(path.read_bytes())
    assert entries(skos.read(path, name="small")) == entries(skos.read(THESAURUS, name="small"))


def test_generic_and_instance_relations_of_iso_25964_are_broader(tmp_path: Path) -> None:
    text = (
        "@prefix iso: <http://purl.org/iso25964/skos-thes#> . :a a skos:Concept ; skos:prefLabel 'a' ;"
        " iso:broaderGeneric :b ; iso:broaderInstantial :c ; iso:broaderPartitive :d ; skos:related :e .\n"
    )
    found = entries(skos.read(written(tmp_path, PREFIX + text), name="a"))
    assert found["https://example.org/a#a"].parents == ("https://example.org/a#b", "https://example.org/a#c")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (PREFIX + ":a skos:prefLabel 'a' .", "has no concept .expected a SKOS vocabulary"),
        (PREFIX + ":a a skos:ConceptScheme .", "has no concept"),
        (PREFIX + ":a a skos:Concept ; skos:prefLabel 'a", "is not Turtle"),
        (PREFIX + "<a> a skos:Concept .", "names a concept by the relative IRI 'a'"),
        (PREFIX.encode() + b":a a skos:Concept ; skos:prefLabel '\xe4' .", "UTF-8"),
        ("", "is empty"),
        ("hello", "in a form that is known"),
    ],
)
def test_what_is_no_vocabulary_is_a_one_line_error(tmp_path: Path, text: str | bytes, complaint: str) -> None:
    with pytest.raises(VocabularyError, match=complaint) as caught:
        skos.read(written(tmp_path, text), name="a")
    assert "\n" not in str(caught.value)


def test_it_cannot_be_reasoned_over() -> None:
    with pytest.raises(VocabularyError, match="SKOS cannot be reasoned over"):
        skos.read(THESAURUS, name="small", reason=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20), max_size=5))
def test_any_names_survive(tmp_path: Path, names: list[str]) -> None:
    subject = ox.NamedNode("https://example.org/a#b")
    triples = [
        ox.Triple(
            subject, ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"), ox.NamedNode(f"{SKOS}Concept")
        ),
        *(ox.Triple(subject, ox.NamedNode(f"{SKOS}altLabel"), ox.Literal(name, language="en")) for name in names),
    ]
    path = written(tmp_path, ox.serialize(triples, format=ox.RdfFormat.TURTLE) or b"")
    (entry,) = skos.read(path, name="a").entries
    assert entry.label == ""
    assert len(entry.synonyms) == len(set(entry.synonyms)) <= len(names)
    assert all(name and name == name.strip() for name in entry.synonyms)

"""docs/mapping.md says what the code does: every field, every property."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.config import resource
from kg.mapping import document
from kg.mapping.document import mapping_table
from kg.mapping.fields import rows
from kg.namespaces import PREFIXES, compress, expand

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "mapping.md"
GOLDENS = sorted((ROOT / "tests" / "golden").glob("*/expected.ttl"))
STANDARD = {
    "dcterms:abstract", "dcterms:bibliographicCitation", "dcterms:description", "dcterms:identifier", "dcterms:source",
    "dcterms:title", "rdf:type", "rdfs:label", "rdfs:seeAlso", "schema:addressCountry", "schema:addressLocality",
    "schema:addressRegion", "schema:postalCode", "schema:sameAs", "skos:altLabel", "wgs:lat", "wgs:long",
}  # fmt: skip


def declared() -> set[str]:
    with resource("ontology", "trialkg.ttl").open("rb") as file:
        subjects = {quad.subject for quad in ox.parse(file, format=ox.RdfFormat.TURTLE)}
    return {compress(subject.value) for subject in subjects if isinstance(subject, ox.NamedNode)}


def test_the_page_is_what_the_code_gives() -> None:
    assert PAGE.read_text(encoding="utf-8") == mapping_table()


def test_every_property_exists() -> None:
    known = declared() | STANDARD
    assert {name for row in rows() for name in row.properties if name not in known} == set()
    assert all(expand(name) for name in STANDARD)


def test_every_property_of_the_goldens_is_on_the_page() -> None:
    used = {
        compress(quad.predicate.value)
        for golden in GOLDENS
        for quad in ox.parse(golden.read_bytes(), format=ox.RdfFormat.TURTLE)
    }
    assert len(used) > 80
    named = set(re.findall(r"`([a-z]+:\w+)`", PAGE.read_text(encoding="utf-8")))
    assert used - named == set()


def test_every_property_on_the_page_is_in_a_golden() -> None:
    made = {
        compress(quad.predicate.value)
        for golden in GOLDENS
        for quad in ox.parse(golden.read_bytes(), format=ox.RdfFormat.TURTLE)
    }
    assert {name for row in rows() for name in row.properties} - made == set()


def test_every_name_on_the_page_has_a_known_prefix() -> None:
    names = re.findall(r"`([a-z-]+):[\w-]+`", PAGE.read_text(encoding="utf-8"))
    assert set(names) <= PREFIXES.keys()


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    document.main()
    assert capsys.readouterr().out == mapping_table()

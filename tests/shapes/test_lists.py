"""The lists of codes and countries are those of ontology and ISO 3166-1, and every coded property has its own."""

from __future__ import annotations

from functools import cache

import pycountry
import pytest
from rdflib import OWL, RDF, RDFS, SH, SKOS, Graph, URIRef
from rdflib.term import Node

from kg.mapping.sites import _REGISTRY_NAMES
from kg.sources import Form
from kg.validation import Validator, load_shapes
from kg.validation.lists import FILE, render
from kg.validation.shapes import SHAPES_BASE
from kg.vocabularies.codes import load_codes
from tests.shapes.rules import local

VOCABULARY = FILE.parents[1] / "ontology" / "trialkg.ttl"


@cache
def shapes() -> Graph:
    return load_shapes(vocabulary=True)


def members(name: str) -> list[str]:
    return [str(item) for item in shapes().items(URIRef(SHAPES_BASE + name))]


def test_the_file_is_made_from_the_code_lists() -> None:
    assert FILE.read_text(encoding="utf-8") == render(), "run: python -m kg.validation.lists"


def test_every_list_is_used() -> None:
    made = {node for node in Graph().parse(FILE).subjects(RDF.first) if isinstance(node, URIRef)}
    assert len(made) > 45
    assert made - set(shapes().objects(None, SH["in"])) == set()


def test_a_rule_has_the_list_that_the_vocabulary_names() -> None:
    """The comment on a property with codes says which list they are of, and so do all its rules."""
    vocabulary = Graph().parse(VOCABULARY)
    coded = set(vocabulary.subjects(RDFS.range, SKOS.Concept)) & set(vocabulary.subjects(RDF.type, OWL.ObjectProperty))
    assert len(coded) > 45
    for term in coded:
        rules = list(shapes().subjects(SH.path, term))
        lists = {local(found) for rule in rules for found in shapes().objects(rule, SH["in"])}
        lists = {name for name in lists if name.endswith("Codes")}
        assert len(lists) == 1, term
        [name] = lists
        folders = {code.split("/code/")[1].split("/")[0] for code in members(name)}
        assert len(folders) == 1
        assert folders <= set(load_codes())


def test_no_code_is_taken_on_its_form_alone() -> None:
    for pattern in shapes().objects(None, SH.pattern):
        assert "/code/" not in str(pattern) or "mesh-category" in str(pattern)


def test_countries_are_those_of_iso_3166_1_and_kosovo() -> None:
    countries = set(members("Countries"))
    assert countries == {country.alpha_2 for country in pycountry.countries} | {"XK"}
    assert countries.issuperset(_REGISTRY_NAMES.values()), "the mapping writes no code that its rule refuses"


def test_forms_are_those_that_sources_have() -> None:
    [rule] = [node for node in shapes().subjects(RDF.type, SH.PropertyShape) if local(node) == "RecordSourceForm"]
    head: Node | None = shapes().value(rule, SH["in"])
    assert head is not None
    assert {str(form) for form in shapes().items(head)} == {str(form) for form in Form}


@pytest.mark.parametrize("code", ["phase/phase-9", "phase/Phase-2", "status/completed", "phase/"])
def test_a_code_that_does_not_exist_is_found(code: str) -> None:
    study = "<https://w3id.org/trialkg/trial/NCT99999901>"
    report = Validator().statements(
        [
            (study, "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>", "<https://w3id.org/trialkg/vocab#Study>"),
            (study, "<https://w3id.org/trialkg/vocab#phase>", f"<https://w3id.org/trialkg/code/{code}>"),
        ]
    )
    assert "StudyPhase" in {result.rule_name for result in report.results}

"""Each rule of the bundled shapes has a file that breaks it, and each node shape a file that fits.

A case is ``cases/SHAPE/RULE.ttl`` (breaks RULE) or ``cases/SHAPE/pass.ttl``. Files are small, so only the folder's own
shape is asked; tests/validation has a complete study that fits everything.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.plugins.sparql import prepareQuery

from kg.namespaces import PREFIXES
from kg.terms import RDF_TYPE
from kg.validation import Validator, load_shapes
from kg.validation.shapes import SHAPES_BASE, STUDY_SHAPES, VOCABULARY_SHAPES
from kg.validation.values import text_of
from tests.shapes.rules import OWN, TARGETS, local, targeted
from tests.validation.differential import real_records, statements_of

CASES = Path(__file__).parent / "cases"
SHAPES = CASES.parents[2] / "shapes"
FILES = sorted(CASES.glob("*/*.ttl"))


@cache
def shapes() -> Graph:
    return load_shapes(vocabulary=True)


@cache
def validator(shape: str) -> Validator:
    """All shapes, of which one has a target: the rules for the nodes around a case are not asked."""
    graph = Graph() + shapes()
    for target in TARGETS:
        for node in targeted(shapes()) - {URIRef(SHAPES_BASE + shape)}:
            graph.remove((node, target, None))
    return Validator(graph)


def owners() -> dict[str, str]:
    """Rule → node shape whose folder has its case."""
    rules = {}
    for shape in targeted(shapes()):
        rules.update({local(rule): local(shape) for rule in shapes().objects(shape, SH.property)})
        if any((shape, predicate, None) in shapes() for predicate in OWN):
            rules[local(shape)] = local(shape)
    return rules


def expected_rules(case: Path) -> set[str]:
    if case.stem == "pass":
        return set()
    first = case.read_text(encoding="utf-8").splitlines()[0]
    match = re.match(r"# Breaks ([A-Za-z, ]+)[.:]", first)
    assert match, f"{case}: the first line must name the rules it breaks"
    return set(match[1].split(", "))


@pytest.mark.parametrize("case", FILES, ids=lambda case: f"{case.parent.name}-{case.stem}")
def test_case(case: Path) -> None:
    statements = [(text_of(s), text_of(p), text_of(o)) for s, p, o in Graph().parse(case)]
    report = validator(case.parent.name).statements(statements)
    # What the compiled rules find, pySHACL finds.
    assert validator(case.parent.name).audit(statements, report) == []
    found = {result.rule_name for result in report.results}
    expected = expected_rules(case)
    assert found == expected, report.text()
    assert case.stem == "pass" or case.stem in expected


def test_every_rule_has_a_case_that_breaks_it() -> None:
    assert {case.stem: case.parent.name for case in FILES if case.stem != "pass"} == owners()


def test_every_node_shape_has_a_case_that_fits() -> None:
    assert {case.parent.name for case in FILES if case.stem == "pass"} == {local(shape) for shape in targeted(shapes())}


def test_every_shape_describes_itself() -> None:
    graph = shapes()
    everything = set(graph.subjects(RDF.type, SH.NodeShape)) | set(graph.subjects(RDF.type, SH.PropertyShape))
    assert len(everything) > 150
    for shape in everything:
        assert isinstance(shape, URIRef), "every shape has an IRI"
        assert shape.startswith(SHAPES_BASE), shape
        for predicate in (SH.name, SH.message, SH.severity, RDFS.comment):
            values = list(graph.objects(shape, predicate))
            assert len(values) == 1, f"{local(shape)} needs exactly one {predicate}"
        message = graph.value(shape, SH.message)
        assert isinstance(message, Literal)
        assert not re.search(r"[{}]|\?\w", message), f"{local(shape)}: messages are static; the value is in sh:value"
        assert message.endswith("."), local(shape)
        assert graph.value(shape, SH.severity) in (SH.Violation, SH.Warning, SH.Info)


def test_a_name_says_whether_the_registrant_is_asked() -> None:
    # What the registry leaves out is never a Violation.
    for shape in shapes().subjects(SH.severity, SH.Violation):
        assert not local(shape).endswith("Expected"), local(shape)


def test_names_are_unique_over_all_files() -> None:
    seen: dict[str, str] = {}
    for file in sorted(SHAPES.glob("*.ttl")):
        graph = Graph().parse(file)
        for kind in (SH.NodeShape, SH.PropertyShape):
            for shape in graph.subjects(RDF.type, kind):
                assert str(shape) not in seen, f"{shape} is in {seen.get(str(shape))} and {file.name}"
                seen[str(shape)] = file.name


def test_no_blank_shapes_and_no_dangling_references() -> None:
    graph = shapes()
    for predicate in (SH.property, SH.node, SH["not"], SH.qualifiedValueShape, SH.sparql, SH.declare):
        for value in graph.objects(None, predicate):
            assert isinstance(value, URIRef)
            assert (value, RDF.type, None) in graph, value
    for items in graph.objects(None, SH["or"]):
        for item in graph.items(items):
            assert (item, RDF.type, None) in graph, item


def test_helpers_are_used() -> None:
    graph = shapes()
    used = targeted(shapes()) | {item for items in graph.objects(None, SH["or"]) for item in graph.items(items)}
    for predicate in (SH.property, SH["not"], SH.qualifiedValueShape):
        used |= set(graph.objects(None, predicate))
    everything = set(graph.subjects(RDF.type, SH.NodeShape)) | set(graph.subjects(RDF.type, SH.PropertyShape))
    assert everything == used


def test_helpers_within_conditions_are_violations() -> None:
    # Some processors let a value conform to a nested shape whose severity is lower.
    graph = shapes()
    nested = set(graph.objects(None, SH["not"])) | set(graph.objects(None, SH.qualifiedValueShape))
    nested |= {item for items in graph.objects(None, SH["or"]) for item in graph.items(items)}
    assert nested
    assert all((shape, SH.severity, SH.Violation) in graph for shape in nested)


def test_queries_parse_with_the_declared_prefixes() -> None:
    graph = shapes()
    prefixes = {
        str(graph.value(node, SH.prefix)): str(graph.value(node, SH.namespace))
        for node in graph.objects(None, SH.declare)
    }
    queries = list(graph.objects(None, SH.select))
    assert len(queries) > 20
    for query in queries:
        prepareQuery(str(query), initNs=prefixes)
        # Each row is a result of its own for a processor that goes by the letter; pySHACL drops repeated ones.
        assert re.search(r"SELECT DISTINCT \$this( \?value)? WHERE", str(query))


def test_properties_of_the_shapes_are_in_the_vocabulary() -> None:
    # A misspelt property would never match anything, so no rule on it could ever fail.
    vocabulary = Graph().parse(SHAPES.parent / "ontology" / "trialkg.ttl")
    tkg = "https://w3id.org/trialkg/vocab#"
    used = {term for triple in shapes() for term in triple if str(term).startswith(tkg) and isinstance(term, URIRef)}
    known = {term for term in vocabulary.subjects() if str(term).startswith(tkg)}
    assert len(used) > 60
    assert used - known == set()


def test_every_term_of_a_study_has_a_rule() -> None:
    vocabulary = Graph().parse(SHAPES.parent / "ontology" / "trialkg.ttl")
    properties = set(vocabulary.subjects(RDF.type, OWL.ObjectProperty))
    properties |= set(vocabulary.subjects(RDF.type, OWL.DatatypeProperty))
    unchecked = {
        str(term).partition("#")[2]
        for term in properties - set(shapes().objects(None, SH.path))
        if str(term).startswith("https://w3id.org/trialkg/vocab#")
    }
    # Concepts of vocabularies, and what is only said in tables of links.
    assert unchecked == {"within", "candidate"}


def test_every_class_of_the_vocabulary_has_a_shape() -> None:
    vocabulary = Graph().parse(SHAPES.parent / "ontology" / "trialkg.ttl")
    classes = {term for term in vocabulary.subjects(RDF.type, OWL.Class) if str(term).startswith(PREFIXES["tkg"])}
    assert len(classes) > 35
    assert classes - set(shapes().objects(None, SH.targetClass)) == set()


@pytest.mark.shared_data
def test_what_a_class_has_in_studies_has_a_rule_in_its_shape() -> None:
    """Also where a property of another vocabulary, which no list of ours names, is put on a class."""
    ruled = {
        (f"<{kind}>", f"<{path}>")
        for shape, kind in shapes().subject_objects(SH.targetClass)
        for rule in shapes().objects(shape, SH.property)
        for path in shapes().objects(rule, SH.path)
    }
    record = {
        f"<{path}>"
        for rule in shapes().objects(URIRef(f"{SHAPES_BASE}Record"), SH.property)
        for path in shapes().objects(rule, SH.path)
    }
    ruled |= {(f"<{PREFIXES['prov']}Entity>", path) for path in record}
    unruled = set()
    for study in map(statements_of, real_records()[::25]):
        classes: dict[str, set[str]] = {}
        for subject, predicate, value in study:
            if predicate == RDF_TYPE and "trialkg" in value:
                classes.setdefault(subject, set()).add(value)
        unruled |= {
            (kind, predicate)
            for subject, predicate, _ in study
            for kind in classes.get(subject, ())
            if predicate != RDF_TYPE and "ExpandedAccess" not in kind
        } - ruled
    assert unruled == set()


def test_the_loader_names_every_file_that_ships() -> None:
    # Those of descriptions of an export; kg.catalog loads them.
    others = {"bioschemas.ttl", "catalog.ttl", "croissant.ttl", "dataset.ttl", "hcls.ttl", "healthdcat.ttl"}
    assert {file.name for file in SHAPES.glob("*.ttl")} == {*STUDY_SHAPES, *VOCABULARY_SHAPES} | others

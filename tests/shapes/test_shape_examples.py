"""A passing example proves something only where it has what its rule looks at: each rule is looked at, in ``pass.ttl``.

A rule on a property needs a value of it. A condition ("if …, then …") needs a node that the condition is true of. A
query needs a node that it would find, were it not for what it filters.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from kg.validation import load_shapes
from kg.validation.paths import read_path
from kg.validation.shapes import SHAPES_BASE
from tests.shapes.rules import TARGETS, breakable, local, targeted

CASES = Path(__file__).parent / "cases"
FORBIDDEN = {"NoSameAs", "StudyNoExactMatch"}
"""These fit where there is no value; what breaks them shows that they look."""


@cache
def shapes() -> Graph:
    return load_shapes(vocabulary=True)


@cache
def example(shape: str) -> Graph:
    return Graph().parse(CASES / shape / "pass.ttl")


def focus_nodes(shape: Node, data: Graph) -> set[Node]:
    found: set[Node] = set()
    for kind in shapes().objects(shape, SH.targetClass):
        found |= set(data.subjects(RDF.type, kind))
    for predicate in shapes().objects(shape, SH.targetSubjectsOf):
        found |= set(data.subjects(predicate, None))
    for predicate in shapes().objects(shape, SH.targetObjectsOf):
        found |= set(data.objects(None, predicate))
    return found


def the(node: Node, predicate: Node) -> Node:
    [value] = shapes().objects(node, predicate)
    return value


def values(node: Node, rule: Node, data: Graph) -> list[Node]:
    path = read_path(shapes(), the(rule, SH.path))
    return list(data.objects(node, path))


def fails(node: Node, condition: Node, data: Graph) -> bool:
    """Whether a node is one that the exception, which is the first of a condition's alternatives, is not true of."""
    from kg.validation.compiled import Compiled

    alone = Graph() + shapes()
    for target in TARGETS:
        alone.remove((None, target, None))
    alone.add((condition, SH.targetNode, node))
    compiled = Compiled(alone)
    return bool(compiled.results(compiled.data([(s.n3(), p.n3(), o.n3()) for s, p, o in data])))


def owned() -> list[tuple[str, Node]]:
    return sorted(
        ((local(shape), rule) for shape in targeted(shapes()) for rule in shapes().objects(shape, SH.property)),
        key=lambda pair: local(pair[1]),
    )


@pytest.mark.parametrize(("shape", "rule"), owned(), ids=lambda part: part if isinstance(part, str) else local(part))
def test_a_passing_example_has_a_value_that_the_rule_looks_at(shape: str, rule: Node) -> None:
    data = example(shape)
    found = [value for node in focus_nodes(URIRef(SHAPES_BASE + shape), data) for value in values(node, rule, data)]
    assert bool(found) != (local(rule) in FORBIDDEN)


@pytest.mark.parametrize("shape", sorted(map(local, targeted(shapes()))))
def test_a_passing_example_has_a_node_that_the_shape_looks_at(shape: str) -> None:
    assert focus_nodes(URIRef(SHAPES_BASE + shape), example(shape)) or shape == "SameAs"


CONDITIONS = sorted(local(shape) for shape in targeted(shapes()) if (shape, SH["or"], None) in shapes())


@pytest.mark.parametrize("shape", CONDITIONS)
def test_a_passing_example_meets_the_condition_and_one_is_excepted(shape: str) -> None:
    node = URIRef(SHAPES_BASE + shape)
    data = example(shape)
    alternatives = list(shapes().items(the(node, SH["or"])))
    assert len(alternatives) > 1
    for alternative in alternatives:
        assert any(fails(focus, alternative, data) for focus in focus_nodes(node, data)), local(alternative)


QUERIES = {
    local(shape): shapes().value(query, SH.select)
    for shape in targeted(shapes())
    for query in shapes().objects(shape, SH.sparql)
}


@pytest.mark.parametrize("shape", sorted(name for name, query in QUERIES.items() if "FILTER" in str(query)))
def test_a_passing_example_has_what_a_query_looks_at(shape: str) -> None:
    """Without its filters the query finds something in the example that fits."""
    declared = {
        str(shapes().value(node, SH.prefix)): str(shapes().value(node, SH.namespace))
        for node in shapes().objects(None, SH.declare)
    }
    loose = without_filters(str(QUERIES[shape]))
    data = example(shape)
    rows = [
        row
        for focus in focus_nodes(URIRef(SHAPES_BASE + shape), data)
        for row in data.query(
            loose.replace("$this", focus.n3()).replace(f"DISTINCT {focus.n3()}", "DISTINCT *").replace("* ?value", "*"),
            initNs=declared,
        )
    ]
    assert rows, loose


def without_filters(query: str) -> str:
    """A query without its filters.

    >>> without_filters("{ ?a ?b ?c . FILTER (isIRI(?c) && ?c > 1) FILTER NOT EXISTS { ?c ?d ?e } FILTER isIRI(?a) }")
    '{ ?a ?b ?c .    }'
    """
    while match := re.search(r"FILTER\s*(?:NOT EXISTS\s*)?(\w*)\s*([({])", query):
        depth, place = 1, match.end()
        while depth:
            depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(query[place], 0)
            place += 1
        query = query[: match.start()] + query[place:]
    return query


def test_every_rule_is_in_one_of_these() -> None:
    asked = {local(rule) for _, rule in owned()} | set(map(local, targeted(shapes())))
    assert set(breakable(shapes())) <= asked

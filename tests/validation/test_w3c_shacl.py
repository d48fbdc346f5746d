"""The runner of the W3C's suite tells what passes from what does not; its files are invented here."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from msgspec import structs
from rdflib import Graph

from kg.errors import ShapesError
from kg.validation import Result, load_shapes, validate
from tests.validation.engines import pyshacl_engine, results_of
from tests.validation.test_mutations import MUTATIONS, changed
from tests.validation.w3c_shacl import Case, cases, passes, table

PREFIXES: Final = """
@prefix mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#> .
@prefix sht: <http://www.w3.org/ns/shacl-test#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <https://example.org/> .
"""
FILES: Final = {
    "manifest.ttl": "<> mf:include <core/manifest.ttl> , <sparql/manifest.ttl> .",
    "core/manifest.ttl": "<> mf:include <counted.ttl> .",
    "core/counted.ttl": """
        <> a mf:Manifest ; mf:entries ( <counted> ) .
        <counted> a sht:Validate ;
            mf:action [ sht:dataGraph <counted.ttl> ; sht:shapesGraph <counted.ttl> ] ;
            mf:result [ a sh:ValidationReport ; sh:conforms false ; sh:result
                [ sh:focusNode ex:a ; sh:resultPath ex:p ; sh:resultSeverity sh:Violation ;
                  sh:sourceShape _:named ; sh:sourceConstraintComponent sh:MinCountConstraintComponent ] ,
                [ sh:focusNode ex:a ; sh:value ex:a ; sh:resultSeverity sh:Violation ;
                  sh:sourceShape ex:S ; sh:sourceConstraintComponent sh:ClassConstraintComponent ] ] .
        ex:S a sh:NodeShape ; sh:targetNode ex:a ; sh:class ex:C ; sh:property _:named .
        _:named sh:path ex:p ; sh:minCount 1 .
        """,
    "sparql/manifest.ttl": "<> mf:include <refused.ttl> .",
    "sparql/refused.ttl": """
        <> a mf:Manifest ; mf:entries ( <refused> ) .
        <refused> a sht:Validate ;
            mf:action [ sht:dataGraph <refused.ttl> ; sht:shapesGraph <refused.ttl> ] ; mf:result sht:Failure .
        ex:S a sh:NodeShape ; sh:targetNode ex:a ;
            sh:sparql [ sh:select "SELECT $this WHERE { $this ?p ?o MINUS { $this ex:p ?o } }" ] .
        """,
}


@pytest.fixture
def suite(tmp_path: Path) -> list[Case]:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(PREFIXES + text, encoding="utf-8")
    return list(cases(tmp_path))


def test_pyshacl_passes(suite: list[Case]) -> None:
    assert [(case.part, case.name) for case in suite] == [("core", "core/counted"), ("sparql", "sparql/refused")]
    assert [passes(case, pyshacl_engine) for case in suite] == [True, True]


def test_whatever_is_reported_otherwise_fails(suite: list[Case]) -> None:
    counted, refused = suite
    right = pyshacl_engine(counted.data, counted.shapes)
    by_node = next(result for result in right if not result.path)
    rest = [result for result in right if result.path]
    assert passes(counted, lambda _, __: [by_node, *rest])
    # Whether the source shape is told by its blank node or by the shape around it is the engine's choice.
    assert passes(counted, lambda _, __: [by_node, *(structs.replace(one, source_shape="around") for one in rest)])
    changes = ({"focus": "b"}, {"path": "p"}, {"value": None}, {"severity": "Info"}, {"source_shape": "around"})
    wrong = [[], right[:1], [*right, by_node], *([structs.replace(by_node, **change), *rest] for change in changes)]
    for results in wrong:
        assert not passes(counted, lambda _, __, results=results: results)  # type: ignore[misc]
        assert not passes(refused, lambda _, __, results=results: results)  # type: ignore[misc]


def test_refusing_is_right_only_where_it_is_expected(suite: list[Case]) -> None:
    def refuse(_: Graph, __: Graph) -> list[Result]:
        raise ShapesError("not today", remedy="none")

    outcomes = [(case, passes(case, refuse)) for case in suite]
    assert table(outcomes).splitlines() == [
        "| part | tests | passed |",
        "|---|--:|--:|",
        "| core | 1 | 0 |",
        "| sparql | 1 | 1 |",
        "| all | 2 | 1 |",
        "",
        "failed: core/counted",
    ]


@pytest.mark.parametrize("name", ["age as text", "class as drug", "condition without link"])
def test_our_report_is_what_pyshacl_says(name: str) -> None:
    data = changed(MUTATIONS[name][0])
    assert set(results_of(validate(data))) == set(pyshacl_engine(data, load_shapes()))

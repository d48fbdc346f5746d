from __future__ import annotations

from pathlib import Path

import pytest
import rdflib

import kg
from kg.errors import InputError, QueryError, StoreError, UsageError
from kg.namespaces import expand
from kg.pipeline.build import build
from tests.records import combination, record


def test_names_are_the_documented_ones() -> None:
    assert kg.__all__ == sorted(kg.__all__)
    assert {name: getattr(kg, name) for name in kg.__all__}.keys() == set(kg.__all__)
    with pytest.raises(AttributeError, match="colour"):
        getattr(kg, "colour")  # noqa: B009 - mypy knows that it is not there


def test_convert_gives_a_graph(tmp_path: Path) -> None:
    (tmp_path / "in.ndjson").write_text(f"{combination()}\n{{\n{record()}\n")
    graph = kg.convert(tmp_path / "in.ndjson")
    studies = set(graph.subjects(rdflib.RDF.type, rdflib.URIRef(expand("tkg:Study"))))
    assert len(studies) == 2
    assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple)
    with pytest.raises(InputError, match="no such file"):
        kg.convert(tmp_path / "absent.json")


def test_validate_takes_a_graph_or_a_path(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(combination())
    assert kg.validate(tmp_path / "in.json").conforms
    graph = kg.convert(tmp_path / "in.json")
    study = rdflib.URIRef(expand("trial:NCT99999902"))
    graph.set((study, rdflib.URIRef(expand("tkg:enrollment")), rdflib.Literal(-1)))
    assert not kg.validate(graph).conforms


def test_open_and_query(store: Path, tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(combination())
    build([tmp_path / "in.json"], store)
    with kg.open(store) as graph:
        answer = graph.query("il2-pd1-same-arm")
        assert [row[0] for row in answer.rows] == ["NCT99999902"]
        assert list(answer.to_pandas()["study"]) == ["NCT99999902"]
        assert answer.to_polars()["study"].to_list() == ["NCT99999902"]
        count = graph.query("SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s a tkg:Study }", prefixes=True)
        assert count.rows == [(1,)]
        with pytest.raises(QueryError):
            graph.query("SELECT {")
        with pytest.raises(UsageError):
            graph.query("il2-pd1-same-arm", colour="blue")
    with pytest.raises(StoreError, match="there is no store"), kg.open(tmp_path / "absent") as graph:
        graph.query("ASK {}")


def test_link_kinds() -> None:
    assert kg.link("Melanoma")[0].concept.iri == expand("mesh:D008545")
    assert kg.link("MK-3475", kind="intervention")[0].concept.label == "pembrolizumab"
    with pytest.raises(UsageError, match="colour"):
        kg.link("x", kind="colour")

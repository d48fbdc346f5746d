"""Graphs: a store or an endpoint with the query library."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import kg
from kg.config import LIMITS
from kg.errors import QueryError, QueryTimeout, StoreError, UsageError
from kg.graph import Graph
from kg.library import parse_query
from kg.store.generations import StoreDirectory
from kg.store.reader import RESULTS_TYPE, QueryRequest
from kg.store.remote import RemoteBackend, RemoteResult
from kg.store.result import IRI

FIXTURE = Path(__file__).parent / "queries" / "fixture.ttl"


class Recorder:
    """A backend that notes what it is asked, and answers no rows."""

    def __init__(self) -> None:
        self.requests: list[QueryRequest] = []
        self.closed = False

    def run(self, request: QueryRequest) -> RemoteResult:
        self.requests.append(request)
        return RemoteResult(b'{"head":{"vars":["x"]},"results":{"bindings":[]}}', RESULTS_TYPE, "solutions")

    def close(self) -> None:
        self.closed = True


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / "trials.kg"
    with StoreDirectory(path).writing() as draft:
        draft.store.bulk_load(path=FIXTURE)
    return path


@pytest.fixture(scope="module")
def graph(directory: Path) -> Iterator[Graph]:
    with kg.open(directory) as opened:
        yield opened


def test_a_query_of_the_library_gives_typed_rows(graph: Graph) -> None:
    result = graph.query("studies-in-phase", condition="mesh:D006258")
    assert result.columns == ("study", "title", "status", "phases")
    assert [row[0] for row in result.rows] == ["NCT99999901", "NCT99999909"]
    assert isinstance(result.rows[0][2], IRI)
    assert graph.query("eligibility-by-age", youngest=65, oldest=75).rows[0][2:] == (Decimal(18), Decimal(75))


def test_any_text_can_be_asked_with_and_without_prefixes(graph: Graph) -> None:
    text = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a tkg:Study }"
    assert graph.query(text, prefixes=True).rows == [(11,)]
    with pytest.raises(QueryError):
        graph.query(text)


def test_text_can_have_parameters(graph: Graph) -> None:
    text = "SELECT ?t WHERE { ?s dcterms:identifier ?_nct ; dcterms:title ?t }"
    assert graph.query(text, prefixes=True, nct="NCT99999903").rows == [("A doublet in melanoma",)]
    assert graph.query(text, prefixes=True, nct='NCT99999903" } #').rows == []
    with pytest.raises(UsageError, match="no such parameter: study"):
        graph.query(text, prefixes=True, study="NCT99999903")


def test_text_without_values_is_asked_as_it_is() -> None:
    # Whoever writes a query may call a variable what they like.
    recorder = Recorder()
    Graph(recorder).query("SELECT ?_x WHERE { ?_x ?p 'it''s' }")
    assert recorder.requests[0].text == "SELECT ?_x WHERE { ?_x ?p 'it''s' }"


def test_a_wrong_name_is_no_query_and_says_what_is_near(graph: Graph) -> None:
    with pytest.raises(UsageError, match="did you mean il2-pd1-same-arm"):
        graph.query("il2-pd1-samearm")
    with pytest.raises(UsageError, match="trialkg queries"):
        graph.query("zzz")


def test_a_wrong_parameter_is_named(graph: Graph) -> None:
    with pytest.raises(UsageError, match="no such parameter: phases"):
        graph.query("studies-in-phase", phases="phase:phase-2")
    with pytest.raises(UsageError, match="no value for as_of"):
        graph.query("results-overdue")


def test_a_query_is_stopped_at_its_deadline(graph: Graph) -> None:
    endless = "SELECT (COUNT(DISTINCT *) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(QueryTimeout):
        graph.query(endless, timeout=0.5)
    assert graph.query("ASK {}").boolean is True


def test_what_is_asked_reaches_the_backend() -> None:
    recorder = Recorder()
    library = {"mine": parse_query("SELECT ?x WHERE { ?x ?p ?_what }", name="mine")}
    with Graph(recorder, library) as graph:
        assert graph.query("mine", what="it", timeout=3, prefixes=True).rows == []
        graph.query("mine", what="it")
    first, second = recorder.requests
    assert (first.text, first.timeout, first.prefixes) == ('SELECT ?x WHERE { ?x ?p "it" }\n', 3, True)
    assert (second.timeout, second.prefixes) == (LIMITS.query_seconds, False)
    assert recorder.closed


def test_a_place_is_a_directory_or_a_url(directory: Path, tmp_path: Path) -> None:
    with kg.open(str(directory)) as graph:
        assert graph.query("class-counts")
    assert isinstance(kg.open("HTTPS://example.org/sparql").backend, RemoteBackend)
    with pytest.raises(StoreError):
        kg.open(tmp_path / "nothing.kg")
    with pytest.raises(UsageError):
        kg.open("https://user:secret@example.org/sparql")

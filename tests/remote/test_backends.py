"""The same questions have the same answers at an endpoint of each make as in the embedded store."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pyoxigraph as ox
import pytest

from kg.cli import main
from kg.errors import QueryError, QueryTimeout
from kg.graph import Graph
from kg.graph import open as open_graph
from kg.library import bind
from kg.store.remote_reader import Endpoint
from kg.store.result import Cell, Result
from tests.queries.test_queries import CASES, LIBRARY
from tests.remote.backends import DBA, MAKES, Running, on
from tests.server.server_process import Server
from tests.server.server_process import running as serving

# Of different kinds: several patterns, closures, counts, optional parts, sums by year, ages, subqueries.
ASKED = (
    "active-conditions",
    "class-counts",
    "eligibility-by-age",
    "enrollment-by-year-and-phase",
    "everything-about-one-study",
    "il2-pd1-same-arm",
    "publications-of-study",
    "studies-in-phase",
)
FLAGSHIP = "il2-pd1-same-arm"
LITERALS = "SELECT ?s ?p ?o WHERE { ?s ?p ?o FILTER (isLiteral(?o)) }"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH <%s> { ?s ?p ?o } }"
DURATIONS = "SELECT DISTINCT ?p WHERE { ?s ?p ?o FILTER (DATATYPE(?o) = xsd:duration) }"


@pytest.fixture(scope="session")
def graph(endpoint: Running) -> Iterator[Graph]:
    with open_graph(endpoint.query, graph=endpoint.graph) as opened:
        yield opened


def rows(result: Iterable[tuple[Cell, ...]]) -> list[list[tuple[str, Cell]]]:
    """The rows with the type of each cell, in an order of their own: not every engine sorts alike."""
    found = [[(type(cell).__name__, cell) for cell in row] for row in result]
    return sorted(found, key=repr)


@on(*MAKES)
@pytest.mark.parametrize("name", ASKED)
def test_a_question_of_the_library_has_the_same_answer(graph: Graph, embedded: Graph, name: str) -> None:
    case = next(case for case in CASES if case["query"] == name)
    found, expected = (one.query(name, timeout=60, **case["parameters"]) for one in (graph, embedded))
    assert found.columns == expected.columns
    assert rows(found) == rows(expected)
    assert found.rows
    assert not found.notice


@on("oxigraph")
def test_every_question_has_the_same_answer_at_oxigraph(graph: Graph, embedded: Graph) -> None:
    for case in CASES:
        text = bind(LIBRARY[case["query"]], case["parameters"])
        found, expected = (one.query(text) for one in (graph, embedded))
        assert (found.columns, found.rows) == (expected.columns, expected.rows), case["query"]


@on(*MAKES)
def test_values_of_every_kind_come_back_as_they_are(endpoint: Running, graph: Graph, embedded: Graph) -> None:
    # Virtuoso makes months of durations when it loads them.
    lost: set[object] = set()
    if endpoint.make == "virtuoso":
        lost.update(row[0] for row in embedded.query(DURATIONS, prefixes=True))
    found, expected = ([row for row in one.query(LITERALS) if row[1] not in lost] for one in (graph, embedded))
    assert rows(found) == rows(expected)
    assert {type(row[2]).__name__ for row in found} >= {"str", "int", "Decimal", "bool", "date"}


@on(*MAKES)
def test_the_other_forms_of_queries(graph: Graph, embedded: Graph) -> None:
    ask = "ASK { ?study a tkg:Study ; dcterms:identifier ?_nct }"
    for nct_id in ("NCT99999901", "NCT00000000"):
        assert [one.query(ask, prefixes=True, nct=nct_id).boolean for one in (graph, embedded)] == [
            nct_id == "NCT99999901"
        ] * 2
    # A word in a comment does not make it another query.
    construct = "# SELECT\nCONSTRUCT { ?s a ?type } WHERE { ?s a ?type . FILTER (?type = tkg:Study) }"
    found, expected = (one.query(construct, prefixes=True) for one in (graph, embedded))
    assert rows(found) == rows(expected)
    assert found.graph_text.count("tkg:Study") == len(found) == 11


@on(*MAKES)
def test_related_studies_are_the_same(graph: Graph, embedded: Graph) -> None:
    found, expected = (one.related("NCT99999901") for one in (graph, embedded))
    assert [(one.nct_id, one.score) for one in found] == [(one.nct_id, one.score) for one in expected]
    assert len(found) == 9


@on(*MAKES)
def test_a_query_with_a_mistake_is_refused_in_one_line(graph: Graph) -> None:
    with pytest.raises(QueryError, match="the endpoint refuses the query: ") as caught:
        graph.query("SELECT * WHERE { ?s ?p }")
    assert "\n" not in str(caught.value)


@on("oxigraph", "virtuoso")
def test_a_query_that_runs_for_long_is_left_at_the_deadline(graph: Graph) -> None:
    endless = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER (?a != ?i || ?c != ?f) }"
    with pytest.raises(QueryTimeout, match=r"within 0\.7 s"):
        graph.query(endless, timeout=0.7)


@on("virtuoso")
def test_virtuoso_tells_that_it_cuts_rows_and_not_that_it_cuts_graphs(graph: Graph) -> None:
    result = graph.query("SELECT * WHERE { ?s ?p ?o }")
    assert (len(result), result.cut_at) == (1000, 1000)
    assert result.notice == "the endpoint cut the answer off at 1,000 rows"
    result = graph.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert (len(result), result.cut_at, result.suspect_at) == (1001, None, 1001)
    assert result.notice == "the answer has exactly 1,001 rows, at which the endpoint may have cut it off"
    assert not graph.query("SELECT * WHERE { ?s ?p ?o } LIMIT 1000").suspect_at


@on("virtuoso")
def test_virtuoso_still_hangs_on_what_is_never_sent_to_it(endpoint: Running) -> None:
    parts = urlsplit(endpoint.query)
    query = b"ASK {}"
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/sparql-query\r\n"
    with socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=1) as connection:
        connection.sendall(head.encode() + b"Content-Length: %d\r\n\r\n%s" % (len(query), query))
        with pytest.raises(TimeoutError):
            connection.recv(1)


COUNTS = """\
SELECT ?triples ?studies {
  { SELECT (COUNT(*) AS ?triples) { ?s ?p ?o } } { SELECT (COUNT(DISTINCT ?s) AS ?studies) { ?s a tkg:Study } }
}"""


@pytest.fixture(scope="session")
def server(endpoint: Running) -> Iterator[Server]:
    with serving(Endpoint(endpoint.query, endpoint.graph), timeout=60) as started:
        yield started


@on(*MAKES)
def test_a_server_over_it_answers_as_over_a_store(server: Server, embedded: Graph) -> None:
    with server.client() as client:
        health = client.get("/health").raise_for_status().json()
        [(triples, studies)] = embedded.query(COUNTS, prefixes=True).rows
        assert (health["studies"], health["triples"], health["generation"]) == (studies, triples, None)
        answer = client.get(f"/queries/{FLAGSHIP}", headers={"Accept": "application/sparql-results+json"})
        assert answer.status_code == 200
        assert not {"etag", "trialkg-generation", "trialkg-truncated"} & answer.headers.keys()
        found = Result(answer.content, "application/sparql-results+json")
        assert rows(found) == rows(embedded.query(FLAGSHIP))
        about = client.get("/trial/NCT99999901.nt").raise_for_status().content
        study = embedded.query("DESCRIBE trial:NCT99999901", prefixes=True)
        assert {str(quad.triple) for quad in ox.parse(study.serialise("nt"), format=ox.RdfFormat.N_TRIPLES)} <= {
            str(quad.triple) for quad in ox.parse(about, format=ox.RdfFormat.N_TRIPLES)
        }
        assert client.get("/trial/NCT00000000.nt").status_code == 404
        assert "Alphakin with pedoxumab" in client.get("/trial/NCT99999901", headers={"Accept": "text/html"}).text
        graph_text = client.post("/sparql", data={"query": "CONSTRUCT WHERE { ?s a <urn:nothing> }", "format": "ttl"})
        assert (graph_text.status_code, graph_text.headers["content-type"]) == (200, "text/turtle; charset=utf-8")


@on("oxigraph")
def test_what_a_server_over_an_endpoint_does_not_do(server: Server) -> None:
    with server.client() as client:
        described = client.get("/sparql", headers={"Accept": "text/turtle"}).text
        assert "extensionFunction" not in described
        put = client.put("/graphs?default", content=b"", headers={"Content-Type": "text/turtle"})
        assert (put.status_code, put.headers["content-type"]) == (403, "application/problem+json")
        assert client.post("/update", data={"update": "DROP ALL"}).status_code == 403
        parsed = client.post("/sparql", data={"query": "SELECT * WHERE { ?s ?p }"})
        assert (parsed.status_code, parsed.json()["line"]) == (400, 1)
        assert client.get("/queries/studies-in-phase", params={"phase": "> } #"}).status_code == 400
        assert "trialkg_store_readable 1.0" in client.get("/metrics").text
        assert httpx.codes.is_success(client.get("/").status_code)


@on("virtuoso")
def test_virtuoso_takes_statements_from_who_knows_the_password(endpoint: Running, tmp_path: Path) -> None:
    file, credentials = tmp_path / "some.nq", tmp_path / "credentials"
    lines = [f'<http://e/{n}> <http://e/p> "x\\\\u0041 é" <http://e/named> .\n' for n in range(30)]
    file.write_text("".join(lines).replace("<http://e/named> .", ".", 20))
    credentials.write_text(DBA + "\n")
    for by, options in ((endpoint.graphs, ["--graph-store"]), (endpoint.update, [])):
        graph = f"http://e/{len(options)}"
        command = ["load", str(file), "--endpoint", by, "--graph", graph, "--batch", "7", *options]
        command += ["--journal", str(tmp_path / "journal.json")]
        assert main(command) == 3
        assert main([*command, "--credentials-file", str(credentials)]) == 0
        for name, count in ((graph, 20), ("http://e/named", 10)):
            answer = httpx.get(endpoint.query, params={"query": COUNT % name}, headers={"Accept": "text/csv"})
            assert answer.text.split() == ['"n"', str(count)]
    text = httpx.get(
        endpoint.query,
        params={"query": "SELECT DISTINCT ?o WHERE { GRAPH <http://e/0> { ?s ?p ?o } }"},
        headers={"Accept": "application/sparql-results+json"},
    ).json()
    assert [row["o"]["value"] for row in text["results"]["bindings"]] == ["x\\u0041 é"]

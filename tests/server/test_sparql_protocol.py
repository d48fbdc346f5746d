"""The endpoint as a table of requests, and the formats of its answers."""

from __future__ import annotations

import asyncio
import re
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from fastapi import Request
from SPARQLWrapper import SPARQLWrapper
from starlette.types import Message

from kg.config import LIMITS
from kg.server.problems import Problem
from kg.server.protocol import Parameters, read_operation
from kg.server.settings import ServerSettings
from tests.server.server_process import Server

pytestmark = pytest.mark.server

WAIT = 15
ASK, FORM, DIRECT = "ASK {}", "application/x-www-form-urlencoded", "application/sparql-query"
SELECT = "SELECT ?s WHERE { ?s a <https://w3id.org/trialkg/vocab#Study> } ORDER BY ?s"
CONSTRUCT = "CONSTRUCT WHERE { ?s <http://purl.org/dc/terms/identifier> ?id }"
DESCRIBE = "DESCRIBE <https://w3id.org/trialkg/trial/NCT99999902>"


@pytest.mark.parametrize(
    ("method", "target", "content_type", "body", "status"),
    [
        ("GET", "/sparql?query=ASK%7B%7D", None, None, 200),
        ("GET", "/sparql/?query=ASK%7B%7D", None, None, 200),
        ("HEAD", "/sparql?query=ASK%7B%7D", None, None, 200),
        ("OPTIONS", "/sparql", None, None, 204),
        ("POST", "/sparql", FORM, b"query=ASK+%7B%7D", 200),
        ("POST", "/sparql", f"{FORM}; charset=UTF-8", b"query=ASK+%7B%7D", 200),
        ("POST", "/sparql?default-graph-uri=http%3A%2F%2Fexample.org%2Fg", FORM, b"query=ASK+%7B%7D", 200),
        ("POST", "/sparql", DIRECT, b"ASK {}", 200),
        ("POST", "/sparql", f'{DIRECT}; charset="utf-8"', "ASK { ?s ?p 'é' }".encode(), 200),
        ("POST", "/sparql?timeout=5&format=xml", DIRECT, b"ASK {}", 200),
        # wrong
        ("GET", "/sparql?query=ASK%7B", None, None, 400),
        ("GET", "/sparql?query=", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&query=SELECT+*%7B%7D", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&format=pdf", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=soon", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=-1", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=inf", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=1&timeout=2", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=relative", None, None, 400),
        ("GET", "/sparql?query=ASK%7B%7D&named-graph-uri=http://x/%3Ey", None, None, 400),
        ("GET", "/sparql?query=%FF", None, None, 400),
        ("GET", "/sparql?" + "&".join(["x=1"] * 1001), None, None, 400),
        ("POST", "/sparql", FORM, b"qury=ASK", 400),
        ("POST", "/sparql", FORM, b"query=ASK%7B%7D&query=ASK%7B%7D", 400),
        ("POST", "/sparql?query=ASK%7B%7D", FORM, b"query=ASK%7B%7D", 400),
        ("POST", "/sparql?query=ASK%7B%7D", DIRECT, b"ASK {}", 400),
        ("POST", "/sparql", DIRECT, b"", 400),
        ("POST", "/sparql", DIRECT, b"ASK { ?s ?p '\xff' }", 400),
        ("PUT", "/sparql?query=ASK%7B%7D", None, None, 405),
        ("DELETE", "/sparql", None, None, 405),
        ("POST", "/sparql", DIRECT, b"ASK { # " + b"x" * LIMITS.query_bytes, 413),
        ("POST", "/sparql", FORM, b"query=" + b"%41" * LIMITS.query_bytes + b"x" * 20_000, 413),
        ("POST", "/sparql", None, b"ASK {}", 415),
        ("POST", "/sparql", "text/plain", b"ASK {}", 415),
        ("POST", "/sparql", f"{DIRECT}; charset=UTF-16", ASK.encode("utf-16"), 415),
        ("POST", "/sparql", "nonsense", b"ASK {}", 415),
        # read-only
        ("GET", "/sparql?update=CLEAR+ALL", None, None, 403),
        ("POST", "/sparql", FORM, b"update=CLEAR+ALL", 403),
        ("POST", "/sparql", "application/sparql-update", b"CLEAR ALL", 403),
        ("POST", "/sparql", DIRECT, b"CLEAR ALL", 400),
        ("POST", "/update", "application/sparql-update", b"CLEAR ALL", 403),
        ("GET", "/update", None, None, 403),
        ("PUT", "/graphs?default", "text/turtle", b"", 403),
        ("PATCH", "/graphs?default", "application/sparql-update", b"CLEAR ALL", 403),
        ("GET", "/graphs?default", None, None, 200),
        ("HEAD", "/graphs?default", None, None, 200),
        ("OPTIONS", "/graphs", None, None, 204),
        ("GET", "/graphs?default&format=html", None, None, 200),
        ("GET", "/graphs", None, None, 400),
        ("GET", "/graphs?default=yes", None, None, 400),
        ("GET", "/graphs?default&graph=urn:x", None, None, 400),
        ("GET", "/graphs?graph=urn:x&graph=urn:y", None, None, 400),
        ("GET", "/graphs?graph=relative", None, None, 400),
        ("GET", "/graphs?grahp=urn:x", None, None, 400),
        ("GET", "/graphs?graph=urn:x", None, None, 404),
        ("GET", "/graphs/x?default", None, None, 400),
        ("GET", "/graphs/x", None, None, 404),
        ("QUERY", "/sparql", DIRECT, b"ASK {}", 200),
        ("QUERY", "/sparql?format=xml", FORM, b"query=ASK+%7B%7D", 200),
        ("QUERY", "/sparql", None, b"ASK {}", 415),
        ("QUERY", "/sparql", "application/sparql-update", b"CLEAR ALL", 415),
        ("QUERY", "/sparql", DIRECT, b"ASK {", 400),
        ("DELETE", "/graphs", None, None, 403),
        # elsewhere
        ("GET", "/nothing", None, None, 404),
        ("POST", "/health", None, None, 405),
        ("GET", "/queries/no-such-query", None, None, 404),
        ("GET", "/queries/il2-pd1-same-arm?nonsense=1", None, None, 400),
        ("GET", "/queries/il2-pd1-same-arm?first=no+iri", None, None, 400),
        ("GET", "/queries/il2-pd1-same-arm?first=agent:x&first=agent:y", None, None, 400),
        ("GET", "/trial/NCT00000000", None, None, 404),
        ("GET", "/trial/nonsense", None, None, 404),
        ("GET", "/trial/NCT99999901.pdf", None, None, 404),
        ("GET", "/trial?id=nonsense", None, None, 400),
    ],
)  # fmt: skip
def test_status(
    client: httpx.Client, method: str, target: str, content_type: str | None, body: bytes | None, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.request(method, target, headers=headers, content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    if status >= 400:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == status
        assert problem["title"]
        assert problem["detail"]
        assert "Traceback" not in answer.text
    if status == 405:
        assert "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("query", "accept", "status", "media_type"),
    [
        (SELECT, "*/*", 200, "application/sparql-results+json"),
        (SELECT, "application/json", 200, "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", 200, "application/sparql-results+xml"),
        (SELECT, "text/csv;q=0.9, application/sparql-results+json;q=0.1", 200, "text/csv"),
        (SELECT, "text/csv;q=wrong, text/tab-separated-values", 200, "text/tab-separated-values"),
        (SELECT, "text/html,application/xml;q=0.9,*/*;q=0.8", 200, "text/html"),
        (SELECT, "image/png", 406, "application/problem+json"),
        (SELECT, "text/turtle", 406, "application/problem+json"),
        (ASK, "application/sparql-results+xml", 200, "application/sparql-results+xml"),
        (CONSTRUCT, "*/*", 200, "text/turtle"),
        (CONSTRUCT, "application/n-triples", 200, "application/n-triples"),
        (CONSTRUCT, "application/ld+json", 200, "application/ld+json"),
        (CONSTRUCT, "application/rdf+xml", 200, "application/rdf+xml"),
        (CONSTRUCT, "text/csv", 406, "application/problem+json"),
        ("DESCRIBE <https://w3id.org/trialkg/trial/NCT99999902>", "text/turtle", 200, "text/turtle"),
    ],
)
def test_content_negotiation(client: httpx.Client, query: str, accept: str, status: int, media_type: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert "Accept" in answer.headers["vary"]


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_format_beats_accept_for_results(client: httpx.Client, name: str) -> None:
    answer = client.get("/sparql", params={"query": SELECT, "format": name}, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200
    assert "NCT99999901" in answer.text
    wrong = client.get("/sparql", params={"query": CONSTRUCT, "format": "csv"})
    assert wrong.status_code == 406


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own JSON-LD reader
@pytest.mark.parametrize(
    ("name", "parser"), [("ttl", "turtle"), ("nt", "nt"), ("jsonld", "json-ld"), ("rdf", "xml"), ("json", "json-ld")]
)
def test_graphs_say_the_same_in_every_format(client: httpx.Client, name: str, parser: str) -> None:
    answer = client.get("/sparql", params={"query": CONSTRUCT, "format": name})
    graph = rdflib.Graph().parse(data=answer.text, format=parser)
    assert {str(value) for value in graph.objects()} == {"NCT99999901", "NCT99999902", "INV-01"}


def test_typed_results(client: httpx.Client) -> None:
    bindings = client.get("/sparql", params={"query": SELECT}).json()["results"]["bindings"]
    found = [row["s"]["value"].rsplit("/", 1)[1] for row in bindings]
    assert found == ["NCT99999901", "NCT99999902"]


TABLES = {
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
DOCUMENTS = {
    "json": "application/ld+json",
    "xml": "application/rdf+xml",
    "rdf+xml": "application/rdf+xml",
    "turtle": "text/turtle",
    "n3": "text/turtle",
    "json-ld": "application/ld+json",
}


@pytest.mark.parametrize("query", [SELECT, ASK, CONSTRUCT, DESCRIBE], ids=["select", "ask", "construct", "describe"])
@pytest.mark.parametrize("name", sorted(TABLES | DOCUMENTS))
@pytest.mark.parametrize("how", [("GET", "urlencoded"), ("POST", "urlencoded"), ("POST", "postdirectly")])
# A format that cannot hold the result it finds odd itself, before it asks for it.
@pytest.mark.filterwarnings("ignore:Sending Accept header:RuntimeWarning")
def test_sparqlwrapper_is_served(server: Server, query: str, name: str, how: tuple[str, str]) -> None:
    wrapper = SPARQLWrapper(f"{server.url}/sparql", returnFormat=name)
    wrapper.setMethod(how[0])
    wrapper.setRequestMethod(how[1])
    wrapper.setQuery(query)
    formats = TABLES if query in (SELECT, ASK) else DOCUMENTS
    if name not in formats:
        with pytest.raises(HTTPError, match="406") as refused:
            wrapper.query()
        assert "no format of" in refused.value.read().decode()
        return
    answer = wrapper.query()
    body: bytes = answer.response.read()
    assert answer.response.headers.get_content_type() == formats[name]
    if query == ASK:
        assert b"true" in body
    elif query == SELECT:
        assert re.findall(rb"NCT\d{8}", body) == [b"NCT99999901", b"NCT99999902"]
    else:
        graph = ox.parse(body, format=ox.RdfFormat.from_media_type(formats[name]))
        values = {str(quad.object) for quad in graph if "NCT" in str(quad.subject)}
        assert '"NCT99999902"' in values


def test_a_function_that_is_not_there_is_the_clients_mistake(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT (<urn:f>(1) AS ?x) {}"})
    assert answer.status_code == 400
    assert "urn:f" in answer.json()["detail"]


def test_a_syntax_error_has_line_and_column(client: httpx.Client) -> None:
    problem = client.get("/sparql", params={"query": "SELECT * {\n  ?s ?p\n}"}).json()
    assert problem["line"] == 3
    assert problem["column"] in (1, 2)


def test_protocol_dataset_is_passed_on(client: httpx.Client) -> None:
    def count(**dataset: Any) -> int:
        query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
        rows = client.get("/sparql", params={"query": query, **dataset}).json()["results"]["bindings"]
        return int(rows[0]["n"]["value"])

    assert count() > 100
    assert count(**{"default-graph-uri": "http://example.org/none"}) == 0
    assert count(**{"named-graph-uri": "http://example.org/none"}) == 0


def test_service_description(client: httpx.Client, server: Server) -> None:
    answer = client.get("/sparql", headers={"Accept": "text/turtle"})
    graph = rdflib.Graph().parse(data=answer.text, format="turtle")
    sd = rdflib.Namespace("http://www.w3.org/ns/sparql-service-description#")
    service = graph.value(predicate=rdflib.RDF.type, object=sd.Service)
    assert graph.value(service, sd.endpoint) == rdflib.URIRef(f"{server.url}/sparql")
    held = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"}).text
    graph_node = graph.value(predicate=rdflib.RDF.type, object=sd.Graph)
    assert str(graph.value(graph_node, rdflib.URIRef("http://rdfs.org/ns/void#triples"))) == held.split()[1]
    assert client.get("/sparql", headers={"Accept": "text/csv"}).status_code == 406
    assert "<textarea" in client.get("/sparql", headers={"Accept": "text/html"}).text


def test_cors(client: httpx.Client) -> None:
    origin = {"Origin": "https://example.org"}
    assert client.get("/sparql?query=ASK%7B%7D", headers=origin).headers["access-control-allow-origin"] == "*"
    assert client.get("/sparql?query=ASK%7B", headers=origin).headers["access-control-allow-origin"] == "*"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    preflight = client.options("/sparql", headers={**origin, **asked})
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert "content-type" in preflight.headers["access-control-allow-headers"]


def test_data_cannot_run_in_a_browser(client: httpx.Client) -> None:
    for target in ("/sparql?query=ASK%7B%7D", "/trial/NCT99999901.rdf", "/nothing", "/openapi.json"):
        assert client.get(target).headers["content-security-policy"] == "default-src 'none'; sandbox"
    for target in ("/", "/static/style.css"):
        assert client.get(target).headers["content-security-policy"].startswith("default-src 'self';")


def test_html_shows_results_escaped(client: httpx.Client) -> None:
    query = "SELECT (IRI('javascript:alert(1)') AS ?x) ('<script>' AS ?y) { }"
    shown = client.get("/sparql", params={"query": query, "format": "html"}).text
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
    assert 'href="javascript:' not in shown
    yes = client.get("/sparql", params={"query": ASK, "format": "html"}).text
    assert "<strong>yes</strong>" in yes
    graph = client.get("/sparql", params={"query": CONSTRUCT, "format": "html"}).text
    assert '<a href="/trial/NCT99999901">trial:NCT99999901</a>' in graph


def test_accept_may_be_on_several_lines(client: httpx.Client) -> None:
    lines = [("Accept", "text/csv;q=0.1"), ("Accept", "text/tab-separated-values")]
    answer = client.get("/sparql", params={"query": SELECT}, headers=lines)
    assert answer.headers["content-type"].startswith("text/tab-separated-values")


def test_a_body_that_does_not_arrive_is_not_waited_for() -> None:
    async def receive() -> Message:
        await asyncio.sleep(WAIT)
        raise AssertionError("waited for the body")

    scope = {
        "type": "http",
        "method": "POST",
        "query_string": b"",
        "headers": [(b"content-type", DIRECT.encode()), (b"content-length", b"10")],
    }
    with pytest.raises(Problem) as late:
        asyncio.run(read_operation(Request(scope, receive), ServerSettings(workers=1, body_seconds=0.05)))
    assert late.value.status == 408


def test_parameters_keep_what_was_sent() -> None:
    text = "é ☃ a=b&c;d+e"
    encoded = f"query={quote(text)}&x=1&x=2&empty=".encode()
    parameters = Parameters(encoded)
    assert parameters.one("query") == text
    assert parameters.all("x") == ("1", "2")
    assert parameters.one("empty") == ""
    assert parameters.one("absent") is None
    assert Parameters("query=é".encode()).one("query") == "é"

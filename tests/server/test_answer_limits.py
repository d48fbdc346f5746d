"""Rows and bytes of an answer have limits, and an answer that is cut off says so."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from lxml import etree
from rdflib import Graph

from tests.server.server_process import running
from tests.server.test_server_resilience import ENDLESS, eventually

pytestmark = pytest.mark.server

MOST = 7
SELECT = "SELECT ?s ?o { ?s ?p ?o }"


@pytest.fixture(scope="module")
def limited(served_store: Path) -> Iterator[httpx.Client]:
    with running(served_store, result_rows=MOST, result_bytes=150_000) as server, server.client() as client:
        yield client


def rows(answer: httpx.Response) -> int:
    match answer.headers["content-type"].partition(";")[0]:
        case "application/sparql-results+json":
            return len(answer.json()["results"]["bindings"])
        case "application/sparql-results+xml":
            return len(etree.fromstring(answer.content).findall(".//{*}result"))
        case "text/csv":
            return len(list(csv.reader(io.StringIO(answer.text, newline="")))) - 1
        case "text/tab-separated-values":
            return answer.text.count("\n") - 1
        case "application/n-triples" | "text/turtle" as kind:
            return len(Graph().parse(data=answer.text, format=kind.rpartition("/")[2].replace("n-triples", "nt")))
    raise AssertionError(answer.headers["content-type"])


@pytest.mark.parametrize(
    ("query", "format_name"),
    [(SELECT, "json"), (SELECT, "xml"), (SELECT, "csv"), (SELECT, "tsv")]
    + [
        (query, name)
        for query in ("CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE ?s { ?s ?p ?o }")
        for name in ("nt", "ttl")
    ],
)
def test_more_rows_are_cut_off_and_it_is_said(limited: httpx.Client, query: str, format_name: str) -> None:
    answer = limited.get("/sparql", params={"query": query, "format": format_name})
    assert answer.status_code == 200
    assert rows(answer) == MOST
    assert answer.headers["Trialkg-Truncated"] == str(MOST)
    link = f"{limited.base_url.copy_with(path='/sparql')}#cut-off-after-{MOST}-rows"
    assert answer.headers["Link"].startswith(f"<{link}>;")
    if format_name == "json":
        assert answer.json()["head"]["link"] == [link]
    if format_name == "xml":
        assert etree.fromstring(answer.content).xpath("string(//*[local-name() = 'link']/@href)") == link


@pytest.mark.parametrize("query", [f"{SELECT} LIMIT {MOST}", "ASK {}", f"CONSTRUCT WHERE {{ ?s ?p ?o }} LIMIT {MOST}"])
def test_no_more_rows_are_whole(limited: httpx.Client, query: str) -> None:
    answer = limited.get("/sparql", params={"query": query})
    assert answer.status_code == 200
    assert "Trialkg-Truncated" not in answer.headers
    assert "Link" not in answer.headers
    assert "cut-off" not in answer.text


def test_an_endless_query_ends_with_its_rows(limited: httpx.Client) -> None:
    answer = limited.get("/sparql", params={"query": ENDLESS, "format": "json"})
    assert rows(answer) == MOST


def test_a_page_says_it_too(limited: httpx.Client) -> None:
    page = limited.get("/sparql", params={"query": SELECT}, headers={"Accept": "text/html"})
    assert "cut off" in page.text
    assert "cut off" not in limited.get("/sparql", params={"query": "ASK {}"}, headers={"Accept": "text/html"}).text


def test_too_many_bytes_before_the_first_are_an_error(limited: httpx.Client) -> None:
    long = f"SELECT ?a {{ BIND('{'x' * 90_000}' AS ?x) BIND(CONCAT(?x, ?x) AS ?a) }}"
    answer = limited.post("/sparql", data={"query": long})
    assert answer.status_code == 503
    assert "150,000 bytes" in answer.json()["detail"]
    # The process lives on.
    assert limited.get("/sparql", params={"query": "ASK {}"}).status_code == 200


def test_too_many_bytes_later_break_it_off(served_store: Path) -> None:
    with running(served_store, result_bytes=300_000, workers=1) as server, server.client() as client:
        before = server.children()
        with client.stream("GET", "/sparql", params={"query": ENDLESS, "format": "csv"}) as answer:
            assert answer.status_code == 200
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
                answer.read()
        assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
        assert server.children() == before
        eventually(lambda: "broken off" in "".join(server.log))

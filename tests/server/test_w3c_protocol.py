"""The W3C's tests of the SPARQL Protocol: all of them on a server that takes updates; one that does not refuses those.

Source: https://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from rdflib import RDF, Namespace
from rdflib.collection import Collection
from rdflib.term import Node

from kg.store.generations import StoreDirectory
from tests.server.server_process import TOKEN, running, running_with_token

pytestmark = [pytest.mark.server, pytest.mark.shared_data]

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
TESTS = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/protocol/manifest#"


@pytest.fixture(scope="module")
def manifest(shared_data: Path) -> rdflib.Graph:
    return rdflib.Graph().parse(shared_data / "w3c-sparql11" / "protocol" / "manifest.ttl", publicID="http://x/")


def _fill(directory: Path, data: Path) -> None:
    """A store of the three graphs that the tests expect."""
    with StoreDirectory(directory).writing() as draft:
        for name in ("data1", "data2", "data3"):
            graph = ox.NamedNode(f"http://kasei.us/2009/09/sparql/data/{name}.rdf")
            draft.store.load((data / f"{name}.nt").read_bytes(), format=ox.RdfFormat.N_TRIPLES, to_graph=graph)


@pytest.fixture(scope="module")
def tested(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server that takes no updates."""
    directory = tmp_path_factory.mktemp("w3c") / "store"
    _fill(directory, shared_data / "w3c-sparql11" / "protocol")
    with running(directory) as server, server.client() as client:
        yield client


@pytest.fixture(scope="module")
def writable(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client, with the token, of a server that takes updates."""
    directory = tmp_path_factory.mktemp("w3c-updates") / "store"
    _fill(directory, shared_data / "w3c-sparql11" / "protocol")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with running_with_token(directory) as server, server.client(headers=headers) as client:
        yield client


def _text(graph: rdflib.Graph, node: Node | None, name: rdflib.URIRef) -> str:
    value = graph.value(node, name)
    return "" if value is None else str(value)


def _send(client: httpx.Client, graph: rdflib.Graph, request: Node) -> tuple[httpx.Response, Node]:
    """Send a request of the manifest; the answer, and the node that says what is expected."""
    headers = {}
    listed = graph.value(request, HT.headers)
    for header in Collection(graph, listed) if listed else ():
        headers[_text(graph, header, HT.fieldName)] = _text(graph, header, HT.fieldValue)
    body = graph.value(request, HT.body)
    encoding = _text(graph, body, CNT.characterEncoding) or "utf-8"
    content = _text(graph, body, CNT.chars).encode(encoding) if body else None
    target = _text(graph, request, HT.absolutePath)
    assert target.startswith("/sparql")
    answer = client.request(_text(graph, request, HT.methodName), target, headers=headers, content=content)
    expected = graph.value(request, HT.resp)
    assert expected
    return answer, expected


def _names(kind: str) -> list[str]:
    """The tests by name, which are fixed; a test checks that the manifest has no other."""
    queries = (
        "query_post_form query_dataset_default_graphs_get query_dataset_default_graphs_post "
        "query_dataset_named_graphs_post query_dataset_named_graphs_get query_dataset_full query_multiple_dataset "
        "query_get query_content_type_select query_content_type_ask query_content_type_describe "
        "query_content_type_construct query_post_direct bad_query_method bad_multiple_queries "
        "bad_query_wrong_media_type bad_query_missing_form_type bad_query_missing_direct_type bad_query_non_utf8 "
        "bad_query_syntax"
    )
    updates = (
        "update_dataset_default_graph update_dataset_default_graphs update_dataset_named_graphs update_dataset_full "
        "update_post_form update_post_direct update_base_uri bad_update_get bad_multiple_updates "
        "bad_update_wrong_media_type bad_update_missing_form_type bad_update_non_utf8 bad_update_syntax "
        "bad_update_dataset_conflict"
    )
    return (queries if kind == "query" else updates).split()


def test_every_test_is_here(manifest: rdflib.Graph) -> None:
    found = {str(test).removeprefix(TESTS) for test in manifest.subjects(RDF.type, MF.ProtocolTest)}
    assert found == {*_names("query"), *_names("update")}
    assert len(found) == 34


def _run(client: httpx.Client, manifest: rdflib.Graph, name: str) -> None:
    action = manifest.value(rdflib.URIRef(TESTS + name), MF.action)
    requests = manifest.value(action, HT.requests)
    assert requests
    for request in Collection(manifest, requests):
        answer, expected = _send(client, manifest, request)
        allowed = {str(status)[-3] for status in manifest.objects(expected, MF.expectedStatus)}
        assert str(answer.status_code)[0] in allowed, answer.text
        truth = manifest.value(expected, MF.expectedBoolean)
        if truth is not None:
            assert answer.json()["boolean"] == truth.toPython()  # type: ignore[attr-defined]
        kind = _text(manifest, expected, MF.expectedFormat)
        media_type = answer.headers.get("content-type", "")
        assert media_type.startswith({"RDF": "text/turtle", "": ""}.get(kind, "application/sparql-results+"))


@pytest.mark.parametrize("name", _names("query"))
def test_query_operation(tested: httpx.Client, manifest: rdflib.Graph, name: str) -> None:
    _run(tested, manifest, name)


@pytest.mark.parametrize("name", [*_names("query"), *_names("update")])
def test_operation_where_updates_are_taken(writable: httpx.Client, manifest: rdflib.Graph, name: str) -> None:
    _run(writable, manifest, name)


@pytest.mark.parametrize("name", _names("update"))
def test_update_operation_is_refused(tested: httpx.Client, manifest: rdflib.Graph, name: str) -> None:
    action = manifest.value(rdflib.URIRef(TESTS + name), MF.action)
    requests = manifest.value(action, HT.requests)
    assert requests
    for request in Collection(manifest, requests):
        if "update" in _text(manifest, request, HT.absolutePath) + _text(manifest, request, HT.body):
            answer, _ = _send(tested, manifest, request)
            assert 400 <= answer.status_code < 500
    count = tested.get(
        "/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", "format": "csv"}
    )
    assert count.text.split() == ["n", "3"]

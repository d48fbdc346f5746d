"""The W3C's tests of the Graph Store Protocol: status, Location, Content-Type, and the graphs themselves.

Source: https://github.com/w3c/rdf-tests/tree/main/sparql/sparql11/graph-store-protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import rdflib
from rdflib import RDF, Namespace
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from rdflib.term import Node

from kg.store.generations import StoreDirectory
from tests.server.server_process import TOKEN, running_with_token

pytestmark = [pytest.mark.server, pytest.mark.shared_data]

HT = Namespace("http://www.w3.org/2011/http#")
HTS = "http://www.w3.org/2011/http-statusCodes#"
CNT = Namespace("http://www.w3.org/2011/content#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
TESTS = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/http-rdf-update/manifest#"
STATUS = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}

NAMES = (
    "put_get_repeat_direct put_delete_get_delete_direct post_get_post_get_direct head_existing_direct "
    "head_non_existing_direct put_get_repeat_indirect put_get_default put_delete_get_delete_indirect "
    "post_get_post_get_indirect post_get_new_graph head_existing_indirect head_non_existing_indirect "
    "put_get_uri_pct_encoded_indirect put_get_uri_pct_encoded_twice"
).split()


@pytest.fixture(scope="module")
def manifest(shared_data: Path) -> rdflib.Graph:
    graph = rdflib.Graph()
    for name in ("direct", "indirect"):
        file = shared_data / "w3c-sparql11" / "graph-store-protocol" / f"manifest-{name}.ttl"
        graph.parse(file, publicID="http://x/")
    return graph


@pytest.fixture(scope="module")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    directory = tmp_path_factory.mktemp("w3c-graphs") / "store"
    with StoreDirectory(directory).writing():
        pass
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with running_with_token(directory) as server, server.client(headers=headers) as client:
        yield client


def _headers(graph: rdflib.Graph, node: Node) -> dict[str, str]:
    listed = graph.value(node, HT.headers)
    return {
        str(graph.value(header, HT.fieldName)): str(graph.value(header, HT.fieldValue))
        for header in (Collection(graph, listed) if listed else ())
    }


def _text(graph: rdflib.Graph, node: Node) -> str:
    return str(graph.value(graph.value(node, HT.body), CNT.chars) or "")


def test_every_test_is_here(manifest: rdflib.Graph) -> None:
    found = {str(test).removeprefix(TESTS) for test in manifest.subjects(RDF.type, MF.GraphStoreProtocolTest)}
    assert found == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_graph_store(writable: httpx.Client, manifest: rdflib.Graph, name: str) -> None:
    # Each test expects that the graphs it makes are not there.
    emptied = writable.post("/update", content="DROP ALL", headers={"Content-Type": "application/sparql-update"})
    assert emptied.status_code == 204
    requests = manifest.value(manifest.value(rdflib.URIRef(TESTS + name), MF.action), HT.requests)
    assert requests
    location = ""
    for request in Collection(manifest, requests):
        target = str(manifest.value(request, HT.absolutePath)).replace("$LOCATION$", location)
        assert target.startswith("/gsp")
        answer = writable.request(
            str(manifest.value(request, HT.methodName)),
            "/graphs" + target.removeprefix("/gsp"),
            headers=_headers(manifest, request),
            content=_text(manifest, request).encode() or None,
        )
        expected = manifest.value(request, HT.resp)
        assert expected
        wanted = {STATUS[str(one).removeprefix(HTS)] for one in manifest.objects(expected, MF.expectedStatus)}
        assert answer.status_code in wanted, answer.text
        for field, value in _headers(manifest, expected).items():
            assert answer.headers[field] == value
        if manifest.value(expected, MF.expectedLocation):
            location = answer.headers["location"]
        if body := _text(manifest, expected):
            assert isomorphic(rdflib.Graph().parse(data=answer.text), rdflib.Graph().parse(data=body))

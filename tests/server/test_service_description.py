"""What the endpoint says of itself: the W3C's three tests, and that it is true.

Source: https://www.w3.org/TR/sparql11-service-description/.
"""

from __future__ import annotations

from pathlib import Path

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from pyshacl import validate
from rdflib import RDF, Namespace
from rdflib.compare import isomorphic

from kg.server.description import EXTENSION_FUNCTIONS, FORMAT_IRIS, MOST_GRAPHS
from kg.server.graphs import TAKEN
from kg.server.negotiation import GRAPHS, RESULTS
from tests.server.server_process import Server, fill

pytestmark = pytest.mark.server

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
VOID = Namespace("http://rdfs.org/ns/void#")
MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")

# The vocabulary's classes, domains and ranges.
SCHEMA = """
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX sh: <http://www.w3.org/ns/shacl#>

[] a sh:NodeShape ; sh:targetClass sd:Service ;
  sh:property [ sh:path sd:endpoint ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path sd:supportedLanguage ; sh:minCount 1 ;
                sh:in ( sd:SPARQL10Query sd:SPARQL11Query sd:SPARQL11Update ) ] ;
  sh:property [ sh:path sd:feature ; sh:in ( sd:DereferencesURIs sd:UnionDefaultGraph sd:RequiresDataset
                                             sd:EmptyGraphs sd:BasicFederatedQuery ) ] ;
  sh:property [ sh:path sd:resultFormat ; sh:minCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path sd:inputFormat ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path sd:defaultEntailmentRegime ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ;
  sh:property [ sh:path sd:extensionFunction ; sh:class sd:Function ] ;
  sh:property [ sh:path sd:defaultDataset ; sh:minCount 1 ; sh:maxCount 1 ; sh:class sd:Dataset ] .
[] a sh:NodeShape ; sh:targetClass sd:Dataset ;
  sh:property [ sh:path sd:defaultGraph ; sh:minCount 1 ; sh:maxCount 1 ; sh:class sd:Graph ] ;
  sh:property [ sh:path sd:namedGraph ; sh:class sd:NamedGraph ] .
[] a sh:NodeShape ; sh:targetClass sd:NamedGraph ;
  sh:property [ sh:path sd:name ; sh:minCount 1 ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] .
[] a sh:NodeShape ; sh:targetSubjectsOf sd:endpoint, sd:resultFormat, sd:supportedLanguage, sd:feature, sd:inputFormat ;
  sh:class sd:Service .
[] a sh:NodeShape ; sh:targetSubjectsOf sd:defaultGraph, sd:namedGraph ; sh:class sd:Dataset .
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, studies: str) -> Path:
    directory = tmp_path_factory.mktemp("described") / "store"
    fill(directory, studies)
    return directory


def described(client: httpx.Client, media_type: str = "text/turtle") -> rdflib.Graph:
    answer = client.get("/sparql", headers={"Accept": media_type}).raise_for_status()
    # Not by rdflib, whose parser of JSON-LD warns.
    found = ox.parse(answer.content, format=ox.RdfFormat.from_media_type(answer.headers["content-type"]))
    plain = ox.serialize((quad.triple for quad in found), format=ox.RdfFormat.N_TRIPLES) or b""
    return rdflib.Graph().parse(data=plain, format="nt")


@pytest.mark.shared_data
def test_every_test_is_here(shared_data: Path) -> None:
    manifest = rdflib.Graph().parse(shared_data / "w3c-sparql11" / "service-description" / "manifest.ttl")
    names = {str(test).rpartition("#")[2] for test in manifest.subjects(RDF.type, MF.ServiceDescriptionTest)}
    assert names == {"returns-rdf", "has-endpoint-triple", "conforms-to-schema"}


@pytest.mark.parametrize("media_type", [format_.media_type for format_ in GRAPHS[:4]])
def test_returns_rdf(client: httpx.Client, media_type: str) -> None:
    assert isomorphic(described(client, media_type), described(client))


def test_has_endpoint_triple(client: httpx.Client, server: Server) -> None:
    assert set(described(client).objects(None, SD.endpoint)) == {rdflib.URIRef(f"{server.url}/sparql")}


@pytest.mark.parametrize("which", ["client", "writer"])
def test_conforms_to_schema(request: pytest.FixtureRequest, which: str) -> None:
    graph = described(request.getfixturevalue(which))
    assert (None, RDF.type, SD.Service) in graph
    conforms, _, text = validate(graph, shacl_graph=rdflib.Graph().parse(data=SCHEMA))
    assert conforms, text


def test_the_schema_is_one_that_can_be_broken(client: httpx.Client) -> None:
    graph = described(client)
    graph.remove((None, SD.defaultGraph, None))
    conforms, _, _ = validate(graph, shacl_graph=rdflib.Graph().parse(data=SCHEMA))
    assert not conforms


def test_every_format_is_named(client: httpx.Client, writer: httpx.Client) -> None:
    assert {format_.media_type for format_ in (*RESULTS, *GRAPHS)} == FORMAT_IRIS.keys()
    assert len(list(described(client).objects(None, SD.resultFormat))) == len(FORMAT_IRIS)
    assert not list(described(client).objects(None, SD.inputFormat))
    assert len(list(described(writer).objects(None, SD.inputFormat))) == len(TAKEN)


def test_languages_are_those_that_are_taken(client: httpx.Client, writer: httpx.Client) -> None:
    assert set(described(client).objects(None, SD.supportedLanguage)) == {SD.SPARQL11Query}
    assert set(described(writer).objects(None, SD.supportedLanguage)) == {SD.SPARQL11Query, SD.SPARQL11Update}


def test_counts_and_graphs_are_those_of_now(writer: httpx.Client) -> None:
    before = described(writer)
    [triples] = before.objects(None, VOID.triples)
    counted = writer.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "format": "csv"})
    assert int(str(triples)) == int(counted.text.split()[1])
    text = "INSERT DATA { <urn:a> <urn:b> 1 GRAPH <urn:named> { <urn:a> <urn:b> 1 } }"
    assert writer.post("/update", data={"update": text}).status_code == 204
    after = described(writer)
    assert [str(found) for found in after.objects(None, VOID.triples)] == [str(int(str(triples)) + 1)]
    assert set(after.objects(None, SD.name)) == {rdflib.URIRef("urn:named")}
    many = " ".join(f"GRAPH <urn:g{which}> {{ <urn:a> <urn:b> 1 }}" for which in range(MOST_GRAPHS))
    assert writer.post("/update", data={"update": f"INSERT DATA {{ {many} }}"}).status_code == 204
    assert not list(described(writer).objects(None, SD.name))


def test_extension_functions_are_those_of_the_engine() -> None:
    def is_known(function: str) -> bool:
        try:
            list(ox.Store().query(f"SELECT (<{function}>(1) AS ?x) {{}}"))  # type: ignore[arg-type]
        except RuntimeError:
            return False
        return True

    assert len(EXTENSION_FUNCTIONS) > 40
    assert all(is_known(function) for function in EXTENSION_FUNCTIONS)
    assert not is_known("http://www.opengis.net/def/function/geosparql/buffer")

"""What the server says of its data: VoID, examples, the catalog; and the queries by which editors ask for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
import rdflib
from rdflib import DCAT, DCTERMS, RDF, RDFS, SH, VOID
from rdflib.compare import isomorphic

from kg.catalog.served import COUNTS, Row, served
from kg.catalog.void import Counts
from kg.errors import QueryError
from kg.library import load_library
from kg.namespaces import PREFIXES
from kg.server.describing import Describing
from kg.server.lookup import Lookup, Newest
from kg.server.negotiation import GRAPHS
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.store.description import COUNTED, is_on_description, may_name
from kg.store.generations import StoreDirectory
from tests.server.server_process import TOKEN, Server, fill, running_with_token

pytestmark = pytest.mark.server

LIBRARY = load_library()
HERE = Path(__file__).parent
# What SIB's sparql-editor asks an endpoint for, in other words: github.com/sib-swiss/sparql-editor, README.
PARTITIONS = """PREFIX void: <http://rdfs.org/ns/void#> PREFIX void-ext: <http://ldf.fi/void-ext#>
SELECT DISTINCT ?class ?p ?kind ?datatype {
  { ?part void:class ?class ; void:propertyPartition ?pair . ?pair void:property ?p
    OPTIONAL { { ?pair void:classPartition [ void:class ?kind ] }
               UNION { ?pair void-ext:datatypePartition [ void-ext:datatype ?datatype ] } } }
  UNION { ?links void:subjectsTarget [ void:class ?class ] ; void:linkPredicate ?p ;
                 void:objectsTarget [ void:class ?kind ] }
}"""
EXAMPLES = """PREFIX sh: <http://www.w3.org/ns/shacl#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?example ?comment ?query {
  ?example a sh:SPARQLExecutable ; rdfs:comment ?comment ; sh:select|sh:ask|sh:construct|sh:describe ?query .
} ORDER BY ?example"""
DECLARED = """PREFIX sh: <http://www.w3.org/ns/shacl#>
SELECT DISTINCT ?prefix ?namespace { [] sh:namespace ?namespace ; sh:prefix ?prefix } ORDER BY ?prefix"""
PATHS = ["/.well-known/void", "/.well-known/sparql-examples", "/catalog"]


def rows(client: httpx.Client, query: str) -> list[dict[str, str]]:
    # The editor adds a parameter of its own.
    answer = client.get("/sparql", params={"ac": "1", "query": query}, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    bindings: list[dict[str, Any]] = answer.json()["results"]["bindings"]
    return [{name: term["value"] for name, term in row.items()} for row in bindings]


def graph(client: httpx.Client, path: str, media_type: str = "text/turtle") -> rdflib.Graph:
    answer = client.get(path, headers={"Accept": media_type}).raise_for_status()
    assert answer.headers["content-type"].partition(";")[0] == media_type
    # Not by rdflib, whose parser of JSON-LD warns.
    found = ox.parse(answer.content, format=ox.RdfFormat.from_media_type(media_type))
    plain = ox.serialize((quad.triple for quad in found), format=ox.RdfFormat.N_TRIPLES) or b""
    return rdflib.Graph().parse(data=plain, format="nt")


@pytest.fixture(scope="module")
def data(studies: str) -> ox.Store:
    store = ox.Store()
    store.load(studies, format=ox.RdfFormat.TURTLE)
    return store


def counted(store: ox.Store) -> Counts:
    classes: dict[str, list[str]] = {}
    for quad in store.quads_for_pattern(None, ox.NamedNode(str(RDF.type)), None):
        classes.setdefault(str(quad.subject)[1:-1], []).append(str(quad.object)[1:-1])
    counts = Counts()
    counts.add([quad.triple for quad in store], lambda iri: classes.get(iri, ()))
    return counts


# --- The documents ------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_they_are_there_in_every_format(client: httpx.Client, path: str) -> None:
    wanted = graph(client, path)
    assert len(wanted) > 20
    for format_ in GRAPHS[:4]:
        assert isomorphic(graph(client, path, format_.media_type), wanted)
    answer = client.get(path, headers={"Accept": "text/turtle"})
    again = client.get(path, headers={"Accept": "text/turtle", "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 406


def test_they_are_linked(client: httpx.Client, server: Server) -> None:
    described = graph(client, "/sparql")
    assert set(described.objects(None, RDFS.seeAlso)) == {rdflib.URIRef(server.url + path) for path in PATHS}
    html = client.get("/catalog", headers={"Accept": "text/html"}).text
    assert 'href="/.well-known/void"' in html
    assert 'href="/.well-known/sparql-examples"' in html
    assert 'href="/catalog"' in client.get("/", headers={"Accept": "text/html"}).text


def test_counts_are_those_of_the_data(client: httpx.Client, server: Server, data: ox.Store) -> None:
    void, wanted = graph(client, "/.well-known/void"), counted(data)
    document = rdflib.URIRef(f"{server.url}/.well-known/void")
    assert (document, RDF.type, VOID.DatasetDescription) in void
    [dataset] = void.objects(document, rdflib.FOAF.primaryTopic)
    assert void.value(dataset, VOID.triples) == rdflib.Literal(wanted.triples)
    assert void.value(dataset, VOID.sparqlEndpoint) == rdflib.URIRef(f"{server.url}/sparql")
    found = {str(void.value(part, VOID["class"])): int(str(void.value(part, VOID.entities))) for part in
             void.objects(None, VOID.classPartition) if (part, VOID.entities, None) in void}  # fmt: skip
    assert found == dict(wanted.instances)


def test_the_engine_counts_as_an_export_does(data: ox.Store) -> None:
    answers = {}
    for name, query in COUNTS.items():
        solutions = data.query(query)
        assert isinstance(solutions, ox.QuerySolutions)
        names = [variable.value for variable in solutions.variables]
        answers[name] = [
            {one: str(getattr(term, "value", "")) for one, term in zip(names, row, strict=True) if term is not None}
            for row in solutions
        ]
    wanted = counted(data)
    # An export alone tells its links by where they lead.
    wanted.links.clear()
    assert served(answers, "").counts == wanted


def test_every_example_runs_as_it_stands(client: httpx.Client, server: Server) -> None:
    examples = graph(client, "/.well-known/sparql-examples")
    found = {str(example).rpartition("#")[2]: example for example in examples.subjects(RDF.type, SH.SPARQLExecutable)}
    assert found.keys() == LIBRARY.keys()
    for name, example in found.items():
        assert str(examples.value(example, RDFS.comment)) == LIBRARY[name].summary
        assert {str(tag) for tag in examples.objects(example, rdflib.SDO.keywords)} == set(LIBRARY[name].tags)
        assert examples.value(example, rdflib.SDO.target) == rdflib.URIRef(f"{server.url}/sparql")
        ox.Store().query(str(examples.value(example, SH.select)))
    answer = client.post("/sparql", data={"query": str(examples.value(found["stale-records"], SH.select))})
    assert answer.status_code == 200


def test_the_catalog_has_the_dataset_and_its_endpoint(client: httpx.Client, server: Server, data: ox.Store) -> None:
    catalog = graph(client, "/catalog")
    [dataset] = catalog.subjects(RDF.type, DCAT.Dataset)
    [service] = catalog.subjects(RDF.type, DCAT.DataService)
    assert catalog.value(service, DCAT.endpointURL) == rdflib.URIRef(f"{server.url}/sparql")
    assert (service, DCAT.servesDataset, dataset) in catalog
    assert "2 studies." in str(catalog.value(dataset, DCTERMS.description))
    assert (dataset, VOID.triples, None) in graph(client, "/.well-known/void")


# --- Asked of the endpoint ----------------------------------------------------


def test_an_editor_finds_the_counts(client: httpx.Client, data: ox.Store) -> None:
    wanted = counted(data)
    found = rows(client, PARTITIONS)
    assert {(row["class"], row["p"]) for row in found} == wanted.class_property.keys()
    assert {(row["class"], row["p"], row["kind"]) for row in found if "kind" in row} == wanted.object_class.keys()
    assert {(row["class"], row["p"], row["datatype"]) for row in found if "datatype" in row} == wanted.datatype.keys()


def test_an_editor_finds_the_examples(client: httpx.Client) -> None:
    found = {row["example"].rpartition("#")[2]: row for row in rows(client, EXAMPLES)}
    assert found.keys() == LIBRARY.keys()
    assert all(found[name]["comment"] == query.summary for name, query in LIBRARY.items())


def test_an_editor_finds_the_prefixes(client: httpx.Client) -> None:
    assert {row["prefix"]: row["namespace"] for row in rows(client, DECLARED)} == PREFIXES


def test_answers_about_the_data_have_nothing_of_it(client: httpx.Client, data: ox.Store) -> None:
    [row] = rows(client, f"PREFIX void: <{PREFIXES['void']}> SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o }}")
    assert row["n"] == str(len(data))
    described = f"PREFIX sh: <{PREFIXES['sh']}> SELECT * {{ ?s a sh:SPARQLExecutable . ?study a <urn:x> }}"
    assert rows(client, described) == []
    named = {"query": EXAMPLES, "default-graph-uri": "urn:none", "format": "json"}
    assert client.get("/sparql", params=named).json()["results"]["bindings"] == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text, True),
        (lambda text: text.replace("SELECT DISTINCT", "SELECT"), True),
        (lambda text: text.replace("{", "FROM <urn:x> {", 1), False),
        (lambda text: text.replace("?example a", "?example <urn:x> ?y . ?example a"), False),
        (lambda text: text.replace("?example a", "GRAPH <urn:x> { ?y ?z 1 } ?example a"), False),
        (lambda text: text.replace("} ORDER", "ORDER"), False),
    ],
)
def test_which_queries_are_on_the_description(change: Callable[[str], str], expected: bool) -> None:
    assert is_on_description(change(EXAMPLES)) is expected


def test_no_query_of_the_library_is_on_the_description() -> None:
    assert not [query.name for query in LIBRARY.values() if is_on_description(query.text)]


def test_a_query_with_a_prefix_only_waits_for_no_count() -> None:
    declared = f"PREFIX void: <{PREFIXES['void']}>\nPREFIX sh: <{PREFIXES['sh']}>\n"
    assert not may_name(declared + "SELECT * { ?void ?sh 'void #' }", COUNTED)
    assert may_name(declared + "SELECT * { ?s void:class ?o }", COUNTED)
    assert may_name(f"SELECT * {{ ?s <{PREFIXES['void']}class> ?o }}", COUNTED)
    assert may_name(f"prefix : <{PREFIXES['void']}> SELECT * {{ ?s :class ?o }}", COUNTED)


def test_what_cannot_be_counted_is_not_tried_again(served_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def fails(_: object, text: str) -> list[Row]:
        tried.append(text)
        raise QueryError("it needs more memory than it may use")

    monkeypatch.setattr("kg.server.describing._rows", fails)
    newest = Newest(StoreDirectory(served_store))

    async def ask_twice() -> None:
        describing = Describing(newest, Lookup(newest), LIBRARY, ServerSettings())
        for _ in range(2):
            with pytest.raises(Problem, match="could not be counted: it needs"):
                await describing.void("http://localhost/")
        assert await describing.examples("http://localhost/")

    asyncio.run(ask_twice())
    assert len(tried) == 1


def test_counts_follow_a_change(tmp_path: Path, studies: str) -> None:
    fill(tmp_path / "store", studies)
    text = "INSERT DATA { <urn:a> a <urn:Kind> ; <urn:p> 1 }"
    with running_with_token(tmp_path / "store", workers=1) as server, server.client() as client:
        before = {(row["class"], row["p"]) for row in rows(client, PARTITIONS)}
        changed = client.post("/update", data={"update": text}, headers={"Authorization": f"Bearer {TOKEN}"})
        assert changed.status_code == 204
        after = {(row["class"], row["p"]) for row in rows(client, PARTITIONS)}
    assert after - before == {("urn:Kind", str(RDF.type)), ("urn:Kind", "urn:p")}

"""Queries with SERVICE through a query process: what is sent, and that the result is that of the specification.

The engine itself, which asks for each SERVICE as it stands, is the authority for what a query means.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from kg.confined.owner import Confined
from kg.errors import QueryError, QueryRefused, QueryTimeout, RemoteError
from kg.federation import ServiceLimits
from kg.federation.resolve import Federation, Resolved
from kg.store.generations import StoreDirectory
from kg.store.reader import QueryRequest, Reader, ResultStream
from tests.federation.sparql_peer import Peer, peer
from tests.server.server_process import fill

LOCAL = """
@prefix : <urn:> .
:a :for :m1 ; :title "A" . :b :for :m2 ; :title "one" . :c :for :m3 , :m1 . :d :title "D" ; :in :g .
:a :rank 1 . :b :rank 2 . _:x :for :m2 .
"""
REMOTE = """
@prefix : <urn:> .
:m1 :label "one" , "eins"@de ; :part [ :q 1 ] , [ :q 2 ] . :m2 :label "t\\"w}o { SERVICE \\\\u0041 ?x"@en .
:m9 :label "nine" .
:m1 :rank 1 . :m2 :rank 5 . :m3 :other :m1 .
"""
P = "PREFIX : <urn:> "
QUERIES = [
    "SELECT * { ?s :for ?m . SERVICE $ { ?m :label ?l } }",
    "SELECT * { SERVICE $ { ?m :label ?l } ?s :for ?m }",
    "SELECT * { ?s :for ?m OPTIONAL { SERVICE $ { ?m :label ?l } } }",
    "SELECT * { ?s :for ?m OPTIONAL { ?s :title ?t SERVICE $ { ?m :label ?l } FILTER(?l != ?t) } }",
    "SELECT * { ?s :for ?m OPTIONAL { FILTER(?rank > 1) SERVICE $ { ?m :rank ?rank } } }",
    "SELECT * { ?s :for ?m FILTER(?l != 'one') FILTER(?s != :c) SERVICE $ { ?m :label ?l } }",
    "SELECT * { ?s :for ?m OPTIONAL { ?s :title ?l } FILTER(BOUND(?l)) SERVICE $ { ?m :label ?l } }",
    "SELECT * { ?s :for ?m OPTIONAL { ?s :rank ?r } SERVICE $ { ?m :rank ?r } }",
    "SELECT * { ?s :for ?m SERVICE $ { OPTIONAL { ?m :label ?l } OPTIONAL { ?m :rank ?r } } }",
    "SELECT * { ?s :for ?m SERVICE $ { ?m :label ?l OPTIONAL { ?m :rank ?r FILTER(?r > 1) } } }",
    "SELECT * { ?s :for ?m SERVICE $ { ?m :label ?l FILTER(LANG(?l) = 'en' || ?s = :a) } }",
    "SELECT * { ?s :for ?m SERVICE $ { ?m :label ?l MINUS { ?m :rank 1 } } }",
    "SELECT * { ?s :for ?m SERVICE $ { { ?m :label ?l } UNION { ?m :rank ?l } BIND(?l AS ?same) } }",
    "SELECT * { ?s :for ?m { SERVICE $ { ?m :label ?l } } UNION { ?s :title ?l } }",
    "SELECT * { ?s :for ?m { ?s :title ?t } UNION { ?m :none ?z SERVICE $ { ?m ?p ?o } } }",
    "SELECT * { ?s :for ?m MINUS { SERVICE $ { ?m :rank 1 } } }",
    "SELECT * { ?s :for ?m FILTER EXISTS { SERVICE $ { ?m :label ?l } } }",
    "SELECT * { ?s :for ?m FILTER NOT EXISTS { SERVICE $ { ?m :rank 1 } } ?s :title ?t }",
    "SELECT * { ?s :for ?m FILTER(1<2&&?m!=:m3&&3>2) SERVICE $ { ?m :label ?l } }",
    "SELECT ?l (COUNT(*) AS ?n) { ?s :for ?m . SERVICE $ { ?m :label ?l } } GROUP BY ?l HAVING(COUNT(*) > 1)",
    "SELECT * { { SELECT ?m (COUNT(*) AS ?n) { ?s :for ?m } GROUP BY ?m } SERVICE $ { ?m :label ?l } }",
    "SELECT * { ?s :for ?m { SELECT ?m ?l { SERVICE $ { ?m :label ?l } } ORDER BY ?l LIMIT 3 } }",
    "SELECT * { ?s :for ?m SERVICE $ { SELECT ?m (MAX(?o) AS ?most) { ?m :rank ?o } GROUP BY ?m } }",
    "SELECT * { ?s :for ?m . SERVICE $ { ?m :label ?l } SERVICE $ { ?m :rank ?r } ?s :title ?t }",
    "SELECT * { VALUES ?m { :m1 :m2 UNDEF } SERVICE $ { ?m :rank ?r } }",
    "SELECT * { BIND(:m1 AS ?m) SERVICE $ { ?m :label ?l } } VALUES ?l { 'one' }",
    "SELECT * { ?s :for ?m # a comment with SERVICE {\n SERVICE # and }\n SILENT $ { ?m :label ?l # ends\n } }",
    "SELECT * { ?s :for ?m SERVICE $ { ?m :part ?b . ?b :q ?q } FILTER(isBlank(?b)) }",
    "SELECT (COUNT(DISTINCT ?b) AS ?n) { SERVICE $ { ?m :part ?b OPTIONAL { ?b :none ?z } } ?s :for ?m }",
    "SELECT * { ?s :for ?m SERVICE $ { ?m :part [ :q ?q ] ; :label ?l } }",
    "SELECT * { ?s :in/:none? ?g SERVICE $ { ?m :other|:label ?o } }",
    "SELECT * { SERVICE $ { } ?s :title ?t }",
    "SELECT * { SERVICE $ { :m1 :label 'one' } ?s :title ?t }",
    "SELECT * { SERVICE $ { :m1 :label 'no' } ?s :title ?t }",
    "SELECT * { VALUES ?where { $ } ?s :for ?m SERVICE ?where { ?m :label ?l } }",
    "SELECT * { ?s :for ?m BIND(IRI(STR($)) AS ?where) OPTIONAL { SERVICE ?where { ?m :label ?l } } }",
    "ASK { ?s :for ?m SERVICE $ { ?m :rank 5 } }",
    "CONSTRUCT { ?s :named ?l } WHERE { ?s :for ?m SERVICE $ { ?m :label ?l } }",
    "SELECT * {?s :for ?m.SERVICE $ {?m :label ?l}.FILTER(?l<'p'&&'q'>?l)}",
    "SELECT * { ?s :rank 1.SERVICE $ { ?m :rank 1.FILTER(true) } }",
]


class Asked:
    """A query process over a store, and a server that it may ask."""

    def __init__(self, store: Path, other: Peer, limits: ServiceLimits) -> None:
        self.peer = other
        self.reader = Reader(store, services=limits)
        self.reader.start()
        self.local = ox.Store.read_only(str(store))

    def bytes(self, query: str, timeout: float = 10, **options: Any) -> bytes:
        self.peer.queries.clear()
        text = P + query.replace("$", f"<{self.peer.url}>")
        request = QueryRequest(text, timeout, graph_media_type="application/n-triples", **options)
        return ResultStream(self.reader, request, finished=lambda _: None).read()

    def rows(self, query: str, **options: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.bytes(query, **options))["results"]["bindings"]
        return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    directory = tmp_path_factory.mktemp("federated") / "store"
    fill(directory, LOCAL)
    with peer() as other:
        other.store.load(REMOTE.encode(), format=ox.RdfFormat.TURTLE)
        made = Asked(StoreDirectory(directory).newest().path, other, ServiceLimits((other.authority,), calls=3))
        yield made
        made.reader.kill()


def plain(rows: list[dict[str, Any]]) -> Counter[str]:
    """Rows without the names of blank nodes."""
    return Counter(re.sub(r'"bnode", "value": "\w+"', '"bnode"', json.dumps(row, sort_keys=True)) for row in rows)


@pytest.mark.parametrize("query", QUERIES)
def test_the_result_is_that_of_the_engine(asked: Asked, query: str) -> None:
    # A variable that the pattern of a SERVICE does not itself bind is beyond it.
    constant = query.replace("SERVICE ?where", "SERVICE $")
    expected: Any = asked.local.query(P + constant.replace("$", f"<{asked.peer.url}>"))
    if isinstance(expected, ox.QueryTriples):
        assert Counter(asked.bytes(query).decode().splitlines(keepends=True)) == Counter(
            f"{triple} .\n" for triple in expected
        )
        return
    whole = json.loads(expected.serialize(format=ox.QueryResultsFormat.JSON))
    found = json.loads(asked.bytes(query))
    if "boolean" in whole:
        assert found == whole
    else:
        assert plain(found["results"]["bindings"]) == plain(whole["results"]["bindings"])


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("SELECT * { ?s :for ?m FILTER(?s = :a) SERVICE $ { ?m :label ?l } }",
         "{ VALUES (?m) { (<urn:m1>) }  ?m :label ?l  }"),
        ("SELECT * { ?s :title 'A' ; :for ?m OPTIONAL { SERVICE $ { ?m :label ?l OPTIONAL { ?m :rank ?r } } } }",
         "{ VALUES (?m) { (<urn:m1>) } {  ?m :label ?l OPTIONAL { ?m :rank ?r }  } }"),
        ("SELECT * { GRAPH ?g { ?s :for ?m SERVICE $ { ?m :label ?l } } }", None),
        ("SELECT * { ?s :none ?m SERVICE $ { ?m :label ?l } }", None),
        ("SELECT * { ?s :none ?t SERVICE $ { ?m :label ?l } }", "{  ?m :label ?l  }"),
        ("SELECT * { ?s :in ?g { SELECT ?m { SERVICE $ { ?m :label ?l } } } }", "{  ?m :label ?l  }"),
        ("SELECT * { _:x :none ?z OPTIONAL { ?y :for ?m } SERVICE $ { ?m :rank ?r } }", None),
        ("SELECT * { ?m :for ?z FILTER(!isIRI(?m)) SERVICE $ { ?m :label ?l } }", "{  ?m :label ?l  }"),
    ],
)  # fmt: skip
def test_values_are_sent_along(asked: Asked, query: str, sent: str | None) -> None:
    asked.bytes(query)
    assert asked.peer.queries == ([] if sent is None else [f"{P}SELECT * WHERE {sent}"])


def test_what_a_part_needs_goes_with_it(asked: Asked) -> None:
    query = "SELECT * { VALUES ?m { :m1 } SERVICE <x> { ?m rdfs:label <y> } }"
    with pytest.raises(QueryRefused, match=r"http://127\.0\.0\.1:9/x"):
        asked.bytes(query, base_iri="http://127.0.0.1:9/sparql")
    base = asked.peer.url.replace("/sparql", "/")
    prefixed = "PREFIX there: <%s> SELECT * { SERVICE there:sparql { ?m rdfs:label <y> } }" % base  # noqa: UP031
    asked.bytes(prefixed, base_iri="http://127.0.0.1:9/sparql", prefixes=True)
    [sent] = asked.peer.queries
    assert sent.startswith("BASE <http://127.0.0.1:9/sparql> PREFIX ")
    assert "PREFIX rdfs: <" in sent
    assert sent.endswith("SELECT * WHERE {  ?m rdfs:label <y>  }")


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE $ { ?s ?p ?o SERVICE <http://127.0.0.1:9/> { ?s ?p ?z } } }",
        "SELECT * { SERVICE $ { ?s ?p ?o SERVICE ?o { ?s ?p ?z } } }",
        "SELECT * { SERVICE $ { ?s ?p ?o } SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "SELECT * { SERVICE $ { } { SELECT * { FILTER EXISTS { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } } } }",
        "SELECT * { VALUES ?w { $ <http://127.0.0.1:9/> } SERVICE ?w { ?s ?p ?o } }",
        "SELECT * { VALUES ?w { $ UNDEF } SERVICE ?w { ?s ?p ?o } }",
        "SELECT * { VALUES ?w { 'http://127.0.0.1:9/' } SERVICE SILENT ?w { ?s ?p ?o } }",
        "SELECT * { ?s :for ?w SERVICE ?w { ?s ?p ?o } }",
        "SELECT * { SERVICE ?w { ?s ?p ?o } VALUES ?w { $ } }",
        "SELECT * { SERVICE ?w { ?s ?p ?o } } VALUES ?w { $ }",
        "SELECT * { \\u0053ERVICE $ { ?s ?p ?o } }",
        "SELECT * { SERVICE $ { } SERVICE $ { } SERVICE $ { } SERVICE $ { } }",
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_before_anybody_is_asked(asked: Asked, query: str) -> None:
    with pytest.raises(QueryRefused):
        asked.bytes(query)
    assert len(asked.peer.queries) in (0, 3)
    assert not asked.peer.queries or query.count("$") > 3
    assert asked.reader.alive


def test_a_prefix_that_is_not_declared(asked: Asked) -> None:
    with pytest.raises(QueryError, match=r"prefix there:.*not declared"):
        asked.bytes("SELECT * { SERVICE there:sparql { ?s ?p ?o } }")
    with pytest.raises(QueryError, match=r"line 3"):
        asked.bytes("SELECT * {\n SERVICE $ {\n } nonsense:x ?y ?z }")


def test_a_label_service_goes_to_the_server_that_has_it(asked: Asked) -> None:
    # The peer knows no such thing; what matters is that it is asked.
    asked.peer.behaviour = lambda handler, _: handler.reply(b'{"head":{"vars":[]},"results":{"bindings":[{}]}}')
    label = 'SERVICE <http://wikiba.se/ontology#label> { <urn:x> <urn:language> "en" }'
    try:
        assert asked.rows(f"SELECT * {{ SERVICE $ {{ ?s ?p ?o {label} }} }}") == [{}]
    finally:
        asked.peer.behaviour = asked.peer.answer
    assert label in asked.peer.queries[0]
    with pytest.raises(QueryRefused):
        asked.bytes(f"SELECT * {{ {label} }}")


def test_batches(asked: Asked, tmp_path: Path) -> None:
    many = tmp_path / "many"
    fill(many, "@prefix : <urn:> . :s :for " + ", ".join(f":m{number}" for number in range(1100)) + " .")
    wide = Asked(StoreDirectory(many).newest().path, asked.peer, ServiceLimits((asked.peer.authority,), calls=3))
    try:
        query = "SELECT * { ?s :for ?m SERVICE $ { ?m :rank ?r } }"
        assert len(wide.rows(query)) == 2
        assert [sent.count("(<urn:m") for sent in asked.peer.queries] == [500, 500, 100]
        # What does not fit into the calls is not sent; the answer is then whole.
        assert len(wide.rows(query.replace("{ ?s", "{ SERVICE $ { } ?s"))) == 2
        assert [sent.count("(<urn:m") for sent in asked.peer.queries] == [0, 0]
    finally:
        wide.reader.kill()


def test_a_server_that_fails(asked: Asked) -> None:
    failing = "SELECT * { ?s :for ?m SERVICE $ { ?m :label ?l } }"
    silent = failing.replace("SERVICE", "SERVICE SILENT")
    asked.peer.behaviour = lambda handler, _: handler.reply(b"<p>down</p>", "text/html")
    try:
        with pytest.raises(RemoteError, match="HTML page"):
            asked.bytes(failing)
        assert len(asked.rows(silent)) == 5
        # Our own limits are nobody's failure.
        asked.peer.behaviour = lambda handler, _: handler.reply(b" " * (17 * 2**20))
        for query in (failing, silent):
            with pytest.raises(RemoteError, match=r"more than 16,777,216 bytes"):
                asked.bytes(query)
        asked.peer.behaviour = asked.peer.drip
        with pytest.raises(QueryTimeout, match=r"gave no whole answer within 0\.\d"):
            asked.bytes(failing, timeout=0.8)
        assert len(asked.rows(silent, timeout=0.8)) == 5
    finally:
        asked.peer.behaviour = asked.peer.answer
    assert asked.rows(failing)


def test_compressed_xml_is_read(asked: Asked) -> None:
    query = "SELECT * { SERVICE $ { ?m :label ?l OPTIONAL { ?m :part ?b } } }"
    expected = plain(asked.rows(query))
    asked.peer.behaviour = asked.peer.packed
    try:
        assert plain(asked.rows(query)) == expected
    finally:
        asked.peer.behaviour = asked.peer.answer


SUITE = {
    "service01": ("data01", {"example": "data01endpoint"}),
    "service02": ("", {"example1": "data02endpoint1", "example2": "data02endpoint2"}),
    "service03": ("", {"example1": "data03endpoint1", "example2": "data03endpoint2"}),
    "service04a": ("data04", {"example": "data04endpoint"}),
    "service05": ("data05", {"example1": "data05endpoint1", "example2": "data05endpoint2"}),
    "service06": ("", {"example1": "data06endpoint1"}),
    "service07": ("data07", {}),
}


@pytest.fixture(scope="module")
def suite() -> Iterator[tuple[Federation, list[Peer]]]:
    """Two servers, and what asks them."""
    with peer() as one, peer() as two:
        limits = ServiceLimits(("127.0.0.1:9", one.authority, two.authority))
        caller = Confined("kg.federation.caller", [limits.encode()])
        with Connection(os.dup(caller.fileno())) as connection:
            yield Federation(limits, connection), [one, two]
        caller.kill()


@pytest.mark.shared_data
@pytest.mark.parametrize("name", SUITE)
def test_w3c_suite(name: str, shared_data: Path, suite: tuple[Federation, list[Peer]]) -> None:
    folder = shared_data / "w3c-sparql11" / "service"
    data, servers = SUITE[name]
    federation, peers = suite
    addresses = {"http://invalid.endpoint.org/sparql": "http://127.0.0.1:9/sparql"}
    for other, (host, file) in zip(peers, servers.items(), strict=False):
        addresses[f"http://{host}.org/sparql"] = other.url
        other.store.clear()
        other.store.load((folder / f"{file}.ttl").read_bytes(), format=ox.RdfFormat.TURTLE)

    def local(file: str) -> str:
        text = (folder / file).read_text(encoding="utf-8")
        for iri, address in addresses.items():
            text = text.replace(iri, address)
        return text

    store = ox.Store()
    if data:
        store.load(local(f"{data}.ttl"), format=ox.RdfFormat.TURTLE)
    resolved = federation.resolve(store, json.loads(QueryRequest(local(f"{name}.rq")).frame()), {})
    assert plain(answered(store, resolved)) == plain(expected(local(f"{name[:9]}.srx")))


def answered(store: ox.Store, resolved: Resolved) -> list[dict[str, Any]]:
    return rows_of(store.query(resolved.text, custom_functions=resolved.functions))


def expected(text: str) -> list[dict[str, Any]]:
    return rows_of(ox.parse_query_results(text, format=ox.QueryResultsFormat.XML))


def rows_of(results: Any) -> list[dict[str, Any]]:
    written = results.serialize(format=ox.QueryResultsFormat.JSON)
    found: list[dict[str, Any]] = json.loads(written)["results"]["bindings"]
    return found

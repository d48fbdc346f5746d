"""Endpoints elsewhere, friendly and hostile, all on the loopback."""

from __future__ import annotations

import gc
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import (
    QueryError,
    QueryRefused,
    QueryTimeout,
    RemoteError,
    RemoteUnavailable,
    TermError,
    TrialkgError,
    UsageError,
)
from kg.store.backend import Backend, EmbeddedBackend
from kg.store.reader import QueryRequest
from kg.store.remote import RemoteBackend
from kg.store.result import Result
from tests.fake_endpoint import JSON, fake_endpoint
from tests.fake_endpoint import FakeEndpoint as Endpoint

SELECT = "SELECT ?s ?o { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { ?s ?p ?o }"
ROWS = b'{"head":{"vars":["s","o"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://s"}}]}}'
OLD = b"""{ "head": { "link": [], "vars": ["s", "o"] }, "results": { "distinct": false, "ordered": true, "bindings": [
 { "s": { "type": "uri", "value": "http://s" }, "o": { "type": "typed-literal",
   "datatype": "http://www.w3.org/2001/XMLSchema#integer", "value": "3" } } ] } }"""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with fake_endpoint() as server:
        yield server


def failure(backend: RemoteBackend, text: str = SELECT, **options: object) -> TrialkgError:
    """The error that a query ends in: always one line, always with the URL."""
    with pytest.raises(TrialkgError) as caught:
        backend.run(QueryRequest(text, **options))  # type: ignore[arg-type]
    message = str(caught.value)
    assert message.startswith(f"{backend.url}: ")
    assert "\n" not in message
    assert message.isprintable()
    return caught.value


def test_select_is_a_form_post_for_json(endpoint: Endpoint) -> None:
    backend = endpoint.answers(ROWS)
    request = QueryRequest(SELECT, default_graphs=("http://g/a", "http://g/b"), named_graphs=("http://g/c",))
    result = Result.of(backend.run(request))
    assert (result.columns, result.rows) == (("s", "o"), [("http://s", None)])
    assert endpoint.asked == [
        {"query": [SELECT], "default-graph-uri": ["http://g/a", "http://g/b"], "named-graph-uri": ["http://g/c"]}
    ]
    (headers,) = endpoint.headers
    assert headers["accept"] == JSON
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert headers["user-agent"].startswith("trialkg/")


def test_prefixes_and_base_leave_lines_as_they_are(endpoint: Endpoint) -> None:
    endpoint.answers(ROWS).run(QueryRequest("SELECT *\n{ ?s a tkg:Study }", prefixes=True, base_iri="http://b/"))
    (text,) = endpoint.asked[0]["query"]
    assert text.startswith("BASE <http://b/> PREFIX ")
    assert text.count("\n") == 1
    with pytest.raises(TermError):
        endpoint.answers(ROWS).run(QueryRequest(SELECT, base_iri="http://b/> } #"))


@pytest.mark.parametrize("media_type", [JSON, "application/json", f"{JSON}; charset=utf-8", "Application/JSON"])
@pytest.mark.parametrize("data", [ROWS, OLD])
def test_json_old_and_new(endpoint: Endpoint, data: bytes, media_type: str) -> None:
    result = Result.of(endpoint.answers(data, media_type).run(QueryRequest(SELECT)))
    assert result.rows == [("http://s", 3 if data is OLD else None)]


def test_results_come_in_the_format_that_was_asked_for(endpoint: Endpoint) -> None:
    backend = endpoint.answers(OLD, X_SPARQL_MaxRows="10000")
    raw = backend.run(QueryRequest(SELECT, media_type="text/csv"))
    assert (raw.media_type, raw.kind, raw.cut_at) == ("text/csv; charset=utf-8", "solutions", 10000)
    assert Result.of(backend.run(QueryRequest(SELECT))).cut_at == 10000
    assert b"".join(raw) == raw.read() == b"s,o\r\nhttp://s,3\r\n"
    with pytest.raises(QueryError, match="more than 5 bytes"):
        raw.read(5)
    raw.close()
    backend.close()
    assert "no format of its result" in failure(backend, media_type="text/turtle").problem


def test_both_backends_are_asked_alike(endpoint: Endpoint, number_store: Path) -> None:
    backends: list[Backend] = [endpoint.answers(OLD), EmbeddedBackend(number_store)]
    for backend in backends:
        result = Result.of(backend.run(QueryRequest("SELECT ?s (3 AS ?o) { BIND(<http://s> AS ?s) }")))
        assert (result.columns, result.rows) == (("s", "o"), [("http://s", 3)])
        backend.close()


def test_ask(endpoint: Endpoint) -> None:
    raw = endpoint.answers(b'{"head":{},"boolean":true}').run(QueryRequest("ASK {}"))
    assert (raw.kind, Result.of(raw).boolean) == ("boolean", True)


@pytest.mark.parametrize("media_type", ["application/n-triples", "text/turtle", "text/plain"])
def test_construct(endpoint: Endpoint, media_type: str) -> None:
    backend = endpoint.answers(b"<http://s> <https://w3id.org/trialkg/vocab#p> <http://o> .\n", media_type)
    raw = backend.run(QueryRequest(CONSTRUCT))
    assert (raw.media_type, raw.kind) == ("text/turtle", "graph")
    assert "<http://s> tkg:p <http://o> ." in Result.of(raw).graph_text
    assert endpoint.headers[0]["accept"] == "application/n-triples, text/turtle;q=0.9"
    assert (
        len(
            list(
                ox.parse(
                    backend.run(QueryRequest(CONSTRUCT, graph_media_type="application/ld+json")).read(),
                    format=ox.RdfFormat.JSON_LD,
                )
            )
        )
        == 1
    )
    assert "is no format of one" in failure(backend, CONSTRUCT, media_type="text/csv", graph_media_type="").problem


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://h/", "trials.kg", "http://", "javascript:alert(1)"])
def test_only_web_addresses(url: str) -> None:
    with pytest.raises(UsageError, match="is not the URL of an endpoint"):
        RemoteBackend(url)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError, match="may hold no password") as caught:
        RemoteBackend("https://me:secret@example.org/sparql")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["DROP ALL", "PREFIX x: <http://x>\n# SELECT\ninsert data { x:a x:a x:a }"])
def test_updates_are_not_sent(endpoint: Endpoint, text: str) -> None:
    assert isinstance(failure(endpoint.answers(ROWS), text), QueryRefused)
    assert endpoint.asked == []


def test_an_update_that_looks_like_none_is_still_sent_as_a_query(endpoint: Endpoint) -> None:
    endpoint.answers(ROWS).run(QueryRequest("SELECT * {} ; DROP ALL"))
    assert set(endpoint.asked[0]) == {"query"}


def test_a_deep_query_is_not_sent(endpoint: Endpoint) -> None:
    with pytest.raises(QueryRefused, match="5,000 deep"):
        endpoint.answers(ROWS).run(QueryRequest("{" * 5000))
    assert endpoint.asked == []


NAME = b'{"type":"uri","value":"a:b"}'
NESTED = b'{"type":"triple","value":{"subject":%s,"predicate":%s,"object":' % (NAME, NAME)
WRONG = [
    (b"<html><body>Welcome</body></html>", "text/html; charset=utf-8", "HTML page"),
    (b'[{"s":"http://s"}]', "application/json", "a bare list, not SPARQL results"),
    (b"true", "application/json", "not SPARQL results in JSON"),
    (b"{}", JSON, "neither results nor a boolean"),
    (b'{"error":"overload"}', JSON, "neither results nor a boolean"),
    (ROWS[:-20], JSON, "not SPARQL results in JSON"),
    (b"\xff\xfe" + ROWS, JSON, "not SPARQL results in JSON"),
    (b"", JSON, "not SPARQL results in JSON"),
    (ROWS, "", "answered no media type"),
    (b"s,o\r\n", "text/csv", "answered text/csv, beginning 's,o"),
    (b"\x1b[31mred\x00", "application/octet-stream", "answered application/octet-stream"),
    (b"<sparql/>", "application/sparql-results+xml", "answered application/sparql-results"),
    (b"[" * 200_000 + b"]" * 200_000, JSON, "bare list"),
    (b'{"x":' * 100_000 + b"1" + b"}" * 100_000, JSON, "not SPARQL results in JSON"),
    (b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":' + NESTED * 5000, JSON, "not SPARQL results in JSON"),
    (b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"a b"}}]}}', JSON, "is no application"),
    (b'"' + b"x" * 1_000_001 + b'"', JSON, "more than 1,000,000 bytes"),
]


@pytest.mark.parametrize(("data", "media_type", "problem"), WRONG, ids=range(len(WRONG)))
def test_what_is_no_answer_is_said_in_a_line(endpoint: Endpoint, data: bytes, media_type: str, problem: str) -> None:
    error = failure(endpoint.answers(data, media_type))
    assert isinstance(error, RemoteError)
    assert problem in error.problem


@pytest.mark.parametrize(
    ("data", "media_type", "problem"),
    [
        (b"<http://s> <http://p> ", "text/turtle", "is no text/turtle"),
        (b"<a:b> <a:b> " + b"<<( <a:b> <a:b> " * 30_000, "application/n-triples", "more than 5,000 '<<'"),
        (b"[]", "application/ld+json", "answered application/ld"),
        (b"<rdf/>", "application/rdf+xml", "answered application/rdf"),
        (ROWS, JSON, "answered application/sparql-results"),
    ],
)
def test_what_is_no_graph_is_said_in_a_line(endpoint: Endpoint, data: bytes, media_type: str, problem: str) -> None:
    error = failure(endpoint.answers(data, media_type), CONSTRUCT)
    assert isinstance(error, RemoteError)
    assert problem in error.problem


@pytest.mark.parametrize(
    ("status", "kind", "problem"),
    [
        (400, QueryError, "the endpoint refuses the query: Line 3: what? is this"),
        (401, RemoteError, "answered 401 Unauthorized: Line 3"),
        (404, RemoteError, "answered 404 Not Found"),
        (429, RemoteUnavailable, "answered 429"),
        (500, RemoteError, "answered 500"),
        (503, RemoteUnavailable, "answered 503"),
        (504, QueryTimeout, "no complete answer"),
    ],
)
def test_error_statuses(endpoint: Endpoint, status: int, kind: type[TrialkgError], problem: str) -> None:
    said = b"Line 3: what?\r\n\tis this\x1b[0m" + b"x" * 300_000
    error = failure(endpoint.answers(said, "text/plain", status))
    assert type(error) is kind
    assert problem in error.problem
    assert len(error.problem) < 300


def test_an_error_page_is_not_quoted(endpoint: Endpoint) -> None:
    assert failure(endpoint.answers(b"<html>", "text/html", 500)).problem.endswith("500 Internal Server Error")
    assert failure(endpoint.answers(b"<html>", "text/html", 400)).problem.endswith("it says no more")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_told_and_not_followed(endpoint: Endpoint, status: int) -> None:
    error = failure(endpoint.answers(b"", "", status, Location=endpoint.url + "2"))
    assert isinstance(error, RemoteError)
    assert error.problem == "the endpoint has moved"
    assert error.remedy == f"it names {endpoint.url}2"
    assert len(endpoint.asked) == 1


def test_nobody_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    error = failure(RemoteBackend(f"http://127.0.0.1:{port}/sparql"))
    assert isinstance(error, RemoteError)
    assert "cannot be reached" in error.problem
    assert error.exit_code == 3


def test_a_server_that_never_answers(endpoint: Endpoint) -> None:
    released = threading.Event()
    error = failure(endpoint.does(lambda _: released.wait(10)), timeout=0.3)
    released.set()
    assert isinstance(error, QueryTimeout)


def test_a_server_that_drips_is_bound_by_the_deadline(endpoint: Endpoint) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.end_headers()
        for _ in range(200):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)

    assert isinstance(failure(endpoint.does(drip), timeout=0.5), QueryTimeout)


def test_a_head_that_drips_is_bound_by_the_deadline_too(endpoint: Endpoint) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    began = time.monotonic()
    assert isinstance(failure(endpoint.does(drip), timeout=0.4), QueryTimeout)
    assert time.monotonic() - began < 2


def test_an_error_page_that_drips_is_bound_by_the_deadline_too(endpoint: Endpoint) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 500 Oh\r\nContent-Type: text/plain\r\n\r\n")
        for _ in range(100):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)

    assert isinstance(failure(endpoint.does(drip), timeout=0.4), QueryTimeout)


def test_a_chunk_that_breaks_off(endpoint: Endpoint) -> None:
    def half(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n" % JSON.encode())
        handler.wfile.write(b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s" % (len(ROWS) + 9, ROWS))

    error = failure(endpoint.does(half))
    assert isinstance(error, RemoteUnavailable)
    assert "the connection broke" in error.problem


def test_a_chunked_answer_without_its_end_is_none(endpoint: Endpoint) -> None:
    def unended(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\n")
        line = b"<a:b> <a:b> <a:b> .\n"
        handler.wfile.write(b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(line), line))

    # What came is whole statements; only the end of the transfer says that there are no more.
    assert isinstance(failure(endpoint.does(unended), CONSTRUCT), RemoteUnavailable)


def test_an_answer_in_an_encoding_that_was_not_asked_for(endpoint: Endpoint) -> None:
    bomb = gzip.compress(b" " * 10_000_000)
    assert "compressed with gzip" in failure(endpoint.answers(bomb, Content_Encoding="gzip")).problem


def test_an_answer_up_to_the_servers_own_deadline_is_none(endpoint: Endpoint) -> None:
    backend = endpoint.answers(ROWS, X_SQL_State="S1TAT", X_SQL_Message="RC...: Returning incomplete results")
    assert "a part of the answer: S1TAT RC...: Returning" in failure(backend).problem


def test_members_beside_those_of_the_format_do_no_harm(endpoint: Endpoint) -> None:
    backend = endpoint.answers(ROWS[:-1] + b',"metadata":{"httpRequests":0}}')
    assert Result.of(backend.run(QueryRequest(SELECT))).rows == [("http://s", None)]


def test_what_a_server_says_when_it_fails_half_way_is_repeated(endpoint: Endpoint) -> None:
    error = failure(endpoint.answers(ROWS[:-4] + b"\nAn internal server error occurred.\n"))
    assert "it ends" in error.problem
    assert "An internal server error occurred." in error.problem


def many(rows: int) -> bytes:
    binding = b'{"s":{"type":"uri","value":"http://s"}}'
    return b'{"head":{"vars":["s"]},"results":{"bindings":[%s]}}' % b",".join([binding] * rows)


@pytest.mark.parametrize(
    ("rows", "text", "suspect"),
    [(1000, SELECT, 1000), (999, SELECT, None), (1000, SELECT + " LIMIT 1000", None), (1024, SELECT, 1024)],
)
def test_a_number_of_rows_where_servers_often_cut(
    endpoint: Endpoint, rows: int, text: str, suspect: int | None
) -> None:
    result = Result.of(endpoint.answers(many(rows)).run(QueryRequest(text)))
    assert (len(result), result.cut_at, result.suspect_at) == (rows, None, suspect)
    assert bool(result.notice) is bool(suspect)


def test_more_rows_than_are_wanted_are_cut_off_and_it_is_said(endpoint: Endpoint) -> None:
    endpoint.answers(many(7))
    for most, cut_at in ((5, 5), (7, None)):
        result = Result.of(RemoteBackend(endpoint.url, rows=most).run(QueryRequest(SELECT)))
        assert (len(result), result.cut_at) == (most, cut_at)
    endpoint.answers(b"<a:b> <a:b> 'x' .\n<a:b> <a:b> 'y' .\n", "text/turtle")
    graph = Result.of(RemoteBackend(endpoint.url, rows=1).run(QueryRequest(CONSTRUCT)))
    assert (len(graph), graph.cut_at) == (1, 1)


def test_the_graph_of_an_endpoint_is_that_of_queries_that_name_none(endpoint: Endpoint) -> None:
    endpoint.answers(ROWS)
    backend = RemoteBackend(endpoint.url, graph="http://g/own")
    backend.run(QueryRequest(SELECT))
    backend.run(QueryRequest(SELECT, default_graphs=("http://g/a",)))
    backend.run(QueryRequest(SELECT, named_graphs=("http://g/b",)))
    assert [asked.get("default-graph-uri") for asked in endpoint.asked] == [["http://g/own"], ["http://g/a"], None]
    with pytest.raises(UsageError, match="is not an absolute IRI"):
        RemoteBackend(endpoint.url, graph="own")


@pytest.mark.parametrize("text", ["# ASK\nCONSTRUCT WHERE {}", "PREFIX ask: <u:#select> BASE <u:x> describe <a>"])
def test_words_beside_the_query_do_not_make_it_another(endpoint: Endpoint, text: str) -> None:
    endpoint.answers(b"", "text/turtle").run(QueryRequest(text))
    assert endpoint.headers[0]["accept"].startswith("application/n-triples")


def test_values_that_are_more_than_terms_are_not_sent(endpoint: Endpoint) -> None:
    backend = endpoint.answers(ROWS)
    marked, terms = "SELECT * { ?s ?p <urn:m> }", (("<urn:m>", '"x"'),)
    backend.run(QueryRequest('SELECT * { ?s ?p "x" }', marked=marked, terms=terms))
    with pytest.raises(QueryRefused, match="more than a term"):
        backend.run(QueryRequest('SELECT * { ?s ?p "x" ; ?q ?r }', marked=marked, terms=terms))
    assert len(endpoint.asked) == 1


def test_a_connection_that_breaks(endpoint: Endpoint) -> None:
    def short(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.send_header("Content-Length", str(len(ROWS) + 5))
        handler.end_headers()
        handler.wfile.write(ROWS)

    error = failure(endpoint.does(short))
    assert isinstance(error, RemoteError)
    assert error.problem == "the answer is 5 bytes short"
    nothing = failure(endpoint.does(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR)))
    assert isinstance(nothing, RemoteError)
    garbage = failure(endpoint.does(lambda handler: handler.wfile.write(b"\x00nonsense\r\n\r\n")))
    assert isinstance(garbage, RemoteError)


def test_an_error_holds_on_to_nothing_of_the_engine(endpoint: Endpoint) -> None:
    # What does is freed by whichever thread comes along, and the engine forbids that; it shows as a warning.
    broken = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"a b"}}]}}'
    errors: list[BaseException] = [failure(endpoint.answers(broken))]
    errors.append(failure(endpoint.answers(b"<http://s> <http://p> ", "text/turtle"), CONSTRUCT))
    for data, media_type in ((broken, JSON), (b"<http://s> <http://p> ", "text/turtle")):
        with pytest.raises(QueryError) as caught:
            Result(data, media_type)
        errors.append(caught.value)
        del caught
    thread = threading.Thread(target=errors.clear)
    thread.start()
    thread.join()
    gc.collect()


def test_the_bodies_here_are_what_they_claim() -> None:
    assert json.loads(ROWS)["head"] == {"vars": ["s", "o"]}
    assert json.loads(OLD)["results"]["bindings"][0]["o"]["type"] == "typed-literal"

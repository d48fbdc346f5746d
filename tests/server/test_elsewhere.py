"""A server over an endpoint that misbehaves: what its clients get, and what the endpoint is never sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from kg.cli import main
from kg.errors import QueryTimeout, RemoteError, RemoteUnavailable, UsageError
from kg.server import create_app, serve
from kg.server.elsewhere import RemoteLookup
from kg.server.problems import Problem
from kg.server.settings import ServerSettings
from kg.store.remote_reader import Endpoint
from tests.fake_endpoint import JSON, FakeEndpoint, fake_endpoint
from tests.server.server_process import Server, running

ROWS = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://s"}}]}}'
SELECT = "SELECT ?s WHERE { ?s ?p ?o }"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[FakeEndpoint]:
    with fake_endpoint() as fake:
        fake.answers(b'{"head":{},"boolean":true}')
        yield fake


@pytest.fixture(scope="module")
def server(endpoint: FakeEndpoint) -> Iterator[Server]:
    with running(Endpoint(endpoint.url), timeout=3, endpoint_bytes=100_000) as started:
        yield started


@pytest.fixture
def client(server: Server, endpoint: FakeEndpoint) -> Iterator[httpx.Client]:
    endpoint.answers(ROWS)
    endpoint.asked.clear()
    with server.client() as client:
        yield client


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n" % JSON.encode())
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def broken(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: 500\r\n\r\n" % JSON.encode())
    handler.wfile.write(ROWS)


def answering(
    data: bytes, media_type: str = JSON, status: int = 200, **headers: str
) -> Callable[[FakeEndpoint], object]:
    return lambda endpoint: endpoint.answers(data, media_type, status, **headers)


@pytest.mark.server
@pytest.mark.parametrize(
    ("behaviour", "status", "detail"),
    [
        (answering(b"<html>Welcome", "text/html"), 502, "the endpoint answered an HTML page"),
        (answering(b'[{"s":"http://s"}]', "application/json"), 502, "the answer is a bare list"),
        (answering(ROWS[:-9]), 502, "the answer is not SPARQL results in JSON"),
        (answering(b"s\r\n", "text/csv"), 502, "the endpoint answered text/csv"),
        (answering(b" " * 100_001), 502, "the answer has more than 100,000 bytes"),
        (answering(b"", status=302, Location="http://127.0.0.1:1/"), 502, "the endpoint has moved"),
        (answering(b"", "text/plain", 500), 502, "the endpoint answered 500"),
        (answering(b"busy", "text/plain", 503), 503, "the endpoint answered 503"),
        (answering(b"no bif:x here", "text/plain", 400), 400, "the endpoint refuses the query: no bif:x here"),
        (answering(b"", "text/plain", 504), 504, "no complete answer within"),
        (lambda endpoint: endpoint.does(broken), 502, "bytes short"),
    ],
)
def test_what_is_no_answer_is_a_problem_for_the_client(
    client: httpx.Client,
    endpoint: FakeEndpoint,
    behaviour: Callable[[FakeEndpoint], object],
    status: int,
    detail: str,
) -> None:
    behaviour(endpoint)
    answer = client.post("/sparql", data={"query": SELECT})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert detail in answer.json()["detail"]
    # Where the endpoint is, is nobody's business.
    assert str(endpoint.server_address[1]) not in answer.text
    assert ("retry-after" in answer.headers) is (status == 503)


@pytest.mark.server
def test_slow_drip_ends_at_the_deadline_and_holds_nobody_up(client: httpx.Client, endpoint: FakeEndpoint) -> None:
    endpoint.does(drip)
    began = time.monotonic()
    answer = client.post("/sparql", data={"query": SELECT, "timeout": "0.5"})
    assert answer.status_code == 504
    assert time.monotonic() - began < 3
    endpoint.answers(ROWS)
    assert client.post("/sparql", data={"query": SELECT}).json()["results"]["bindings"]


@pytest.mark.server
def test_a_client_that_leaves_ends_the_request_to_the_endpoint(client: httpx.Client, endpoint: FakeEndpoint) -> None:
    gone: list[float] = []

    def wait(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.settimeout(10)
        # Nothing more comes from who waits for an answer, until the connection is closed.
        if handler.connection.recv(1) == b"":
            gone.append(time.monotonic())

    endpoint.does(wait)
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        client.post("/sparql", data={"query": SELECT}, timeout=0.3)
    while not gone and time.monotonic() < began + 2.5:
        time.sleep(0.02)
    assert gone


@pytest.mark.server
def test_cut_answers_are_announced(client: httpx.Client, endpoint: FakeEndpoint) -> None:
    endpoint.answers(ROWS, X_SPARQL_MaxRows="1")
    answer = client.post("/sparql", data={"query": SELECT})
    assert (answer.status_code, answer.headers["trialkg-truncated"]) == (200, "1")
    assert "cut off at 1" in client.get("/sparql", params={"query": SELECT, "format": "html"}).text
    thousand = b"[%s]" % b",".join([b'{"s":{"type":"uri","value":"http://s"}}'] * 1000)
    endpoint.answers(b'{"head":{"vars":["s"]},"results":{"bindings":%s}}' % thousand)
    assert client.post("/sparql", data={"query": SELECT}).headers["trialkg-truncated"] == "1000"
    assert "trialkg-truncated" not in client.post("/sparql", data={"query": SELECT + " LIMIT 1000"}).headers


@pytest.mark.server
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ('DEFINE get:soft "replace" SELECT ?s FROM <http://127.0.0.1:1/> { ?s ?p ?o }', 400),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", 403),
        ("SELECT * { ?s ?p ?o } ; DROP ALL", 400),
        ("INSERT DATA { <urn:a> <urn:b> 1 }", 400),
        ("SELECT * { " + "{" * 300 + "}" * 300 + " }", 403),
    ],
)
def test_what_is_no_query_never_reaches_the_endpoint(
    client: httpx.Client, endpoint: FakeEndpoint, query: str, status: int
) -> None:
    assert client.post("/sparql", data={"query": query}).status_code == status
    assert endpoint.asked == []


@pytest.mark.server
def test_values_reach_the_endpoint_as_terms(client: httpx.Client, endpoint: FakeEndpoint) -> None:
    hostile = 'x") } ; DROP ALL #'
    assert client.get("/queries/criteria-mentioning", params={"text": hostile, "format": "json"}).status_code == 200
    [asked] = endpoint.asked
    assert r'"x\") } ; DROP ALL #"' in asked["query"][0]


@pytest.mark.server
def test_pages_say_what_is_wrong_with_the_endpoint(client: httpx.Client, endpoint: FakeEndpoint) -> None:
    for data, media_type, status in ((b"<html>", "text/html", 502), (b"", JSON, 502)):
        endpoint.answers(data, media_type)
        for path in ("/health", "/trial/NCT99999901.nt"):
            assert client.get(path).status_code == status
    endpoint.answers(b"", "text/plain", 503)
    assert client.get("/health").status_code == 503
    assert "trialkg_store_readable 0.0" in client.get("/metrics").text
    # What is only here is there all the same.
    assert client.get("/queries").status_code == 200


def test_a_server_does_not_start_over_what_does_not_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with fake_endpoint() as fake:
        url = fake.url
        fake.answers(b"<html>", "text/html")
        with pytest.raises(RemoteError, match="an HTML page"):
            serve(Endpoint(url))
    with pytest.raises(RemoteUnavailable, match="cannot be reached"):
        serve(Endpoint(url))
    assert main(["serve", "--endpoint", url]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_what_does_not_go_together_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    token = tmp_path / "token"
    token.write_text("t" * 40)
    with pytest.raises(UsageError, match="no changes are taken"):
        serve(Endpoint("http://127.0.0.1:1/"), settings=ServerSettings(allow_update=True, token_file=str(token)))
    for given in (["--store", str(tmp_path), "--endpoint", "http://x/"], ["--graph", "http://g/"]):
        assert main(["serve", *given]) == 2
    assert main(["query", "-q", "ASK {}", "--store", str(tmp_path), "--graph", "http://g/"]) == 2
    assert capsys.readouterr().err.count("\n") == 3
    with pytest.raises(UsageError):
        create_app(Endpoint("file:///etc/passwd"))


def test_a_study_that_always_has_another_part_is_given_up() -> None:
    def another(handler: BaseHTTPRequestHandler) -> None:
        home = "https://w3id.org/trialkg/trial/NCT99999901"
        asked = len(fake.asked)
        data = f"<{home}/{asked}> <http://e/has> <{home}/{asked + 1}> .\n".encode()
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\n")
        handler.wfile.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))

    with fake_endpoint() as fake:
        fake.does(another)
        lookup = RemoteLookup(Endpoint(fake.url), ServerSettings(timeout=0.5))
        with pytest.raises(QueryTimeout):
            lookup.study("NCT99999901")
        assert len(fake.asked) > 3


def test_what_only_a_store_has_is_not_there() -> None:
    with pytest.raises(Problem) as caught:
        RemoteLookup(Endpoint("http://127.0.0.1:1/"), ServerSettings())._current()
    assert caught.value.status == 501


def test_a_query_at_an_endpoint_says_that_its_answer_is_cut(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    with fake_endpoint() as fake:
        fake.answers(ROWS, X_SPARQL_MaxRows="1")
        assert main(["query", "-q", SELECT, "--endpoint", fake.url, "--graph", "http://g/", "--format", "csv"]) == 0
        out, err = capsysbinary.readouterr()
        assert out == b"s\r\nhttp://s\r\n"
        assert err == b"trialkg: the endpoint cut the answer off at 1 rows\n"
        assert fake.asked[0]["default-graph-uri"] == ["http://g/"]
        fake.answers(b"<html>", "text/html")
        assert main(["query", "-q", SELECT, "--endpoint", fake.url]) == 3
    assert capsysbinary.readouterr().err.count(b"\n") == 1
